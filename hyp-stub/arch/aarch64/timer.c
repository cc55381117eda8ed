// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The stub's timer, CNTHP: the earlier of what the stub asked for (sleeping
 * vCPUs) and what has to end a guest's run (the host's virtual timer, the
 * guest's physical timer).
 */
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/sysreg.h"
#include "obj/vm.h"

u64 arch_counter(void)
{
	isb();
	return read_sysreg(cntpct_el0);
}

void timer_init_cpu(void)
{
	struct percpu *cpu = this_cpu();

	cpu->stub_deadline = ~0ULL;
	cpu->guest_deadline = ~0ULL;
	write_sysreg(0, cnthp_ctl_el2);
	isb();
}

void timer_program(void)
{
	struct percpu *cpu = this_cpu();
	u64 deadline = min(cpu->stub_deadline, cpu->guest_deadline);

	if (deadline == ~0ULL) {
		write_sysreg(0, cnthp_ctl_el2);
	} else {
		write_sysreg(deadline, cnthp_cval_el2);
		write_sysreg(CNT_CTL_ENABLE, cnthp_ctl_el2);
	}
	isb();
}

void arch_stub_timer_set(u64 deadline)
{
	struct percpu *cpu = this_cpu();

	if (cpu->stub_deadline == deadline)
		return;
	cpu->stub_deadline = deadline;
	timer_program();
}

/* Level triggered: switch it off, whoever needs it again programs it */
void timer_irq(void)
{
	struct percpu *cpu = this_cpu();
	u64 now = arch_counter();

	write_sysreg(0, cnthp_ctl_el2);
	isb();
	if (cpu->guest_deadline <= now)
		cpu->guest_deadline = ~0ULL;
	if (cpu->stub_deadline <= now) {
		cpu->stub_deadline = ~0ULL;
		vcpu_timers_set();
	}
	timer_program();
}
