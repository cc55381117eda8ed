// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Sleeping and waking of vCPUs.  A vCPU sleeps while its last run returned
 * EXPECTS_WAKEUP; what makes it runnable again raises its RUN_WAKEUP interrupt
 * in the host (hypercall 7.4).  The timer of the physical CPU that ran it last
 * watches its deadline meanwhile.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "obj/vm.h"
#include <linux/gunyah/abi/hypercall.h>

bool vcpu_has_interrupt(struct vcpu *vcpu)
{
	bool grpen1;
	u8 pmr;

	arch_vcpu_update_timers(vcpu);
	arch_vcpu_cpuif(vcpu, &pmr, &grpen1);
	return vgic_deliverable(&vcpu->vm->vgic, vcpu->index, pmr, grpen1);
}

void vcpu_wake(struct vcpu *vcpu)
{
	assert_locked();
	vcpu->power = VCPU_ON;
	if (!vcpu->running)
		virq_assert(&vcpu->wakeup);
}

void vcpu_sleep(struct vcpu *vcpu, u8 why, u64 power_state)
{
	assert_locked();
	vcpu->power = VCPU_SLEEPING;
	vcpu->sleep = why;
	vcpu->suspend_state = power_state;
}

void vcpu_notify(struct vcpu *vcpu)
{
	if (vcpu->running) {
		if (vcpu->cpu != arch_cpu_id())
			arch_kick_cpu(vcpu->cpu);
	} else if (vcpu->power == VCPU_SLEEPING && vcpu_has_interrupt(vcpu)) {
		vcpu_wake(vcpu);
	}
}

/* Calls @fn for each vCPU that sleeps under this CPU's timer */
static void for_each_sleeper(void (*fn)(struct vcpu *vcpu, void *arg), void *arg)
{
	unsigned int cpu = arch_cpu_id(), i, j;

	assert_locked();
	for (i = 0; i < VM_MAX; i++)
		for (j = 0; vm_table[i] && j < vm_table[i]->nr_vcpus; j++)
			if (vm_table[i]->vcpus[j]->power == VCPU_SLEEPING &&
			    !vm_table[i]->vcpus[j]->running && vm_table[i]->vcpus[j]->cpu == cpu)
				fn(vm_table[i]->vcpus[j], arg);
}

/*
 * A deadline that has passed since somebody looked wakes here: no timer fires for it.
 * One that has passed without waking (masked) does not count any more.
 */
static void earlier(struct vcpu *vcpu, void *arg)
{
	u64 *next = arg, deadline = arch_vcpu_deadline(vcpu);

	if (deadline > arch_counter())
		*next = min(*next, deadline);
	else if (vcpu_has_interrupt(vcpu))
		vcpu_wake(vcpu);
}

void vcpu_timers_set(void)
{
	u64 next = ~0ULL;

	for_each_sleeper(earlier, &next);
	arch_stub_timer_set(next);
}

static void wake_if_due(struct vcpu *vcpu, void *arg)
{
	const u64 *now = arg;

	if (arch_vcpu_deadline(vcpu) <= *now && vcpu_has_interrupt(vcpu))
		vcpu_wake(vcpu);
}

void vcpu_timers_expired(u64 now)
{
	for_each_sleeper(wake_if_due, &now);
	vcpu_timers_set();
}

static void move_to(struct vcpu *vcpu, void *arg)
{
	vcpu->cpu = *(unsigned int *)arg;
	/* that CPU's timer does not know the deadline: the host runs the vCPU again */
	vcpu_wake(vcpu);
}

void vcpu_timers_move(void)
{
	unsigned int other = arch_other_cpu();

	for_each_sleeper(move_to, &other);
}
