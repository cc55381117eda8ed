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

void vcpu_sleep_result(struct vcpu *vcpu, u64 now, struct vcpu_run_result *result)
{
	u64 deadline = vcpu->vm->timers_by_host ? arch_vcpu_deadline(vcpu, now) : ~0ULL;
	bool timeout = deadline != ~0ULL;

	*result = (struct vcpu_run_result){
		.state = timeout ? GUNYAH_VCPU_STATE_EXPECTS_WAKEUP_OR_TIMEOUT :
				   GUNYAH_VCPU_STATE_EXPECTS_WAKEUP,
		.data = { vcpu->suspend_state, vcpu->sleep, timeout ? deadline : 0 },
	};
}

bool vcpu_sleeps_on(struct vcpu *vcpu, struct vcpu_run_result *result)
{
	u64 now = arch_counter();
	bool awake;

	assert_locked();
	/* In the hands of this CPU: a timer that is found expired is news for nobody else */
	vcpu->running = true;
	awake = vcpu_has_interrupt(vcpu);
	vcpu->running = false;
	if (awake) {
		vcpu->power = VCPU_ON;
		return false;
	}
	vcpu_sleep_result(vcpu, now, result);
	return true;
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

/* What the host wakes in time is no concern of this CPU's timer */
static bool is_watched(const struct vcpu *vcpu, unsigned int cpu)
{
	return vcpu->power == VCPU_SLEEPING && !vcpu->running && vcpu->cpu == cpu &&
	       !vcpu->vm->timers_by_host;
}

/* Calls @fn for each vCPU that sleeps under this CPU's timer */
static void for_each_sleeper(void (*fn)(struct vcpu *vcpu, void *arg), void *arg)
{
	unsigned int cpu = arch_cpu_id(), i, j;

	assert_locked();
	for (i = 0; i < VM_MAX; i++)
		for (j = 0; vm_table[i] && j < vm_table[i]->nr_vcpus; j++)
			if (is_watched(vm_table[i]->vcpus[j], cpu))
				fn(vm_table[i]->vcpus[j], arg);
}

/*
 * A deadline that has passed since somebody looked wakes here: no timer fires for it.
 * One that has passed without waking (masked) does not count any more.
 */
static void earlier(struct vcpu *vcpu, void *arg)
{
	u64 *next = arg, now = arch_counter();

	if (vcpu_has_interrupt(vcpu))
		vcpu_wake(vcpu);
	else
		*next = min(*next, arch_vcpu_deadline(vcpu, now));
}

void vcpu_timers_set(void)
{
	u64 next = ~0ULL;

	for_each_sleeper(earlier, &next);
	arch_stub_timer_set(next);
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
