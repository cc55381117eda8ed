// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* A CPU's own start, and the console (PL011). */
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/gic_guard.h"
#include "arch/aarch64/machine.h"
#include "arch/aarch64/sysreg.h"
#include "lib/printk.h"

#define UART_DR		0x00
#define UART_FR		0x18
#define UART_FR_TXFF	BIT(5)

static u64 uart_base;

void arch_console_putc(char c)
{
	volatile u32 *uart = (volatile u32 *)uart_base;

	if (!uart)
		return;
	while (uart[UART_FR / 4] & UART_FR_TXFF)
		;
	uart[UART_DR / 4] = (u8)c;
}

void cpu_init(void)
{
	cpu_enable_features();
	gic_init_cpu();
	timer_init_cpu();
}

void machine_early_init(u64 uart)
{
	uart_base = uart;
	cpus[0].mpidr = read_sysreg(mpidr_el1) & 0xff00ffffffULL;
	cpus[0].online = true;
	cpus[0].stack_top = (u64)(cpus[0].stack + CPU_STACK_SIZE);
	nr_cpus = 1;
}

void machine_add_cpu(u64 mpidr)
{
	struct percpu *cpu = &cpus[nr_cpus];

	if (mpidr == cpus[0].mpidr || nr_cpus == MAX_CPUS)
		return;
	cpu->id = nr_cpus++;
	cpu->mpidr = mpidr;
	cpu->stack_top = (u64)(cpu->stack + CPU_STACK_SIZE);
}

unsigned int machine_nr_cpus(void)
{
	return nr_cpus;
}

void machine_init(const struct machine *m)
{
	mmu_init(m->ram_base, m->ram_size);
	gic_init(m->gicd, m->gicr, m->gicr_size);
	cpu_init();
}

void machine_guard_tables(const struct machine *m)
{
	gic_guard_init(m);
}

void machine_start_host(u64 pc, u64 dtb)
{
	host_start(pc, dtb);
}

void __noreturn secondary_main(struct percpu *cpu)
{
	cpu->nr_host_pending = 0;
	cpu->nr_host_lpis = 0;
	cpu->loaded = NULL;
	cpu_init();
	host_start(cpu->entry, cpu->context);
}

u64 machine_stub_start(void)
{
	return (u64)__stub_start;
}

u64 machine_stub_end(void)
{
	return (u64)__stub_end;
}

const char *machine_features(void)
{
	if (cpu_has_sme())
		return "SVE, SME";
	return cpu_has_sve() ? "SVE" : "FP";
}
