// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The machine of the tests on the host: see fake.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "arch/fake/fake.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "obj/vm.h"

struct fake fake;
struct arch_host_ops arch_host_ops;

static void __attribute__((format(printf, 1, 2), noreturn)) die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

void fake_reset(u64 ram_size)
{
	if (fake.ram)
		munmap(fake.ram, fake.ram_size);
	memset(&fake, 0, sizeof(fake));
	fake.ram = mmap(NULL, ram_size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (fake.ram == MAP_FAILED)
		die("no memory for %lu bytes of RAM", ram_size);
	fake.ram_size = ram_size;
	fake.locked = true;
	fake.nr_lrs = 4;
	fake.timer = ~0ULL;
}

void hyp_lock(void)
{
	if (fake.locked)
		die("lock taken twice");
	fake.locked = true;
}

void hyp_unlock(void)
{
	if (!fake.locked)
		die("lock given back twice");
	fake.locked = false;
}

bool hyp_locked(void)
{
	return fake.locked;
}

unsigned int arch_cpu_id(void)
{
	return fake.cpu;
}

unsigned int arch_other_cpu(void)
{
	return fake.cpu ? 0 : 1;
}

void *arch_pa_to_va(u64 pa)
{
	if (pa < FAKE_RAM_BASE || pa - FAKE_RAM_BASE >= fake.ram_size)
		die("no memory at %lx", pa);
	return fake.ram + (pa - FAKE_RAM_BASE);
}

u64 arch_va_to_pa(const void *va)
{
	size_t offset = (const u8 *)va - fake.ram;

	if (offset >= fake.ram_size)
		die("%p is no memory of the machine", va);
	return FAKE_RAM_BASE + offset;
}

/* -- Host interrupts, CPUs ------------------------------------------------ */

void arch_host_irq_assert(u32 intid)
{
	if (intid < FAKE_VIRQ_FIRST || intid > FAKE_VIRQ_LAST)
		die("interrupt %u is not for the stub to raise", intid);
	fake.irqs[intid]++;
}

u32 arch_host_virq_first(void)
{
	return FAKE_VIRQ_FIRST;
}

u32 arch_host_virq_last(void)
{
	return FAKE_VIRQ_LAST;
}

void arch_kick_cpu(unsigned int cpu)
{
	if (cpu >= MAX_CPUS)
		die("no CPU %u", cpu);
	fake.kicks[cpu]++;
}

bool arch_host_irq_pending(void)
{
	return fake.host_irq;
}

u64 arch_counter(void)
{
	return fake.counter;
}

void arch_stub_timer_set(u64 deadline)
{
	fake.timer = deadline;
}

/* -- Stage 2, caches, callers' addresses ---------------------------------- */

static void record_flush(u16 vmid, bool all, u64 ipa, u64 size)
{
	struct fake_flush flush = { .vmid = vmid, .all = all, .ipa = ipa, .size = size };

	if (fake.nr_flushes < FAKE_MAX_FLUSHES)
		fake.flushes[fake.nr_flushes] = flush;
	fake.nr_flushes++;
	if (fake.flushed)
		fake.flushed(&flush);
}

void arch_s2_flush_range(u16 vmid, u64 ipa, u64 size)
{
	record_flush(vmid, false, ipa, size);
}

void arch_s2_flush_all(u16 vmid)
{
	record_flush(vmid, true, 0, 0);
}

void arch_s2_sync(void)
{
}

void arch_cache_flush(u64 pa, u64 size)
{
	arch_pa_to_va(pa);
	arch_pa_to_va(pa + size - 1);
	fake.nr_cache_flushes++;
	fake.cache_pa = pa;
	fake.cache_size = size;
}

bool arch_caller_va_to_pa(u64 va, bool write, u64 *pa)
{
	if (fake.va_to_pa)
		return fake.va_to_pa(va, write, pa);
	*pa = va;
	return va >= FAKE_RAM_BASE && va - FAKE_RAM_BASE < fake.ram_size;
}

/* -- Console, end --------------------------------------------------------- */

void arch_console_putc(char c)
{
	if (fake.console_len + 1 < sizeof(fake.console))
		fake.console[fake.console_len++] = c;
}

void arch_stop(void)
{
	if (fake.panic_armed)
		longjmp(fake.panic_jmp, 1);
	die("stub stopped; console:\n%s", fake.console);
}

/* -- vCPUs ---------------------------------------------------------------- */

size_t arch_vcpu_size(void)
{
	return sizeof(struct arch_vcpu);
}

u32 arch_nr_lrs(void)
{
	return fake.nr_lrs;
}

void arch_vcpu_init(struct vcpu *vcpu, u64 entry, u64 context)
{
	memset(&vcpu->regs, 0, sizeof(vcpu->regs));
	vcpu->regs.pc = entry;
	vcpu->regs.x[0] = context;
	vcpu->regs.pstate = 0x3c5;	/* EL1h, DAIF masked */
	vcpu->arch->pmr = 0;
	vcpu->arch->grpen1 = false;
	vcpu->arch->deadline = ~0ULL;
	vcpu->arch->inits++;
}

void arch_vcpu_set_sp(struct vcpu *vcpu, unsigned int el, u64 value)
{
	vcpu->arch->sp[el] = value;
}

void arch_vcpu_load(struct vcpu *vcpu)
{
	if (vcpu->arch->loaded)
		die("vCPU loaded twice");
	vcpu->arch->loaded = true;
}

void arch_vcpu_put(struct vcpu *vcpu)
{
	if (!vcpu->arch->loaded)
		die("vCPU put without load");
	vcpu->arch->loaded = false;
	if (fake.put)
		fake.put(vcpu);
}

void arch_vcpu_enter(struct vcpu *vcpu, struct vcpu_trap *trap)
{
	if (!vcpu->arch->loaded)
		die("vCPU entered without load");
	*trap = (struct vcpu_trap){ .kind = TRAP_HOST_IRQ };
	if (!fake.enter)
		return;
	hyp_unlock();
	fake.enter(vcpu, trap);
	hyp_lock();
}

void arch_vcpu_skip(struct vcpu *vcpu)
{
	vcpu->regs.pc += 4;
	fake.skipped++;
}

void arch_vcpu_inject_abort(struct vcpu *vcpu)
{
	fake.injected++;
}

void arch_vcpu_update_timers(struct vcpu *vcpu)
{
	if (vcpu->arch->timer_ppi)
		vgic_set_line(&vcpu->vm->vgic, vcpu->index, vcpu->arch->timer_ppi,
			      vcpu->arch->deadline <= fake.counter);
	if (fake.looked)
		fake.looked(vcpu);
}

u64 arch_vcpu_deadline(struct vcpu *vcpu, u64 now)
{
	return vcpu->arch->deadline > now ? vcpu->arch->deadline : ~0ULL;
}

void arch_vcpu_cpuif(struct vcpu *vcpu, u8 *pmr, bool *grpen1)
{
	*pmr = vcpu->arch->pmr;
	*grpen1 = vcpu->arch->grpen1;
}

u64 arch_host_aborts(void)
{
	return 0;
}

u64 arch_gic_refused(void)
{
	return 0;
}
