// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the sleep of a vCPU that has nothing to run: until its wake-up interrupt, until a
 * timer of the guest expires, until the VM ends.  Functions return 1 to go on, or
 * ERESTARTSYS.
 */
#include <linux/hrtimer.h>
#include <linux/sched/signal.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>

#ifdef CONFIG_ARM64
#include <asm/arch_timer.h>
#endif

#include "vcpu_priv.h"
#include "vm.h"

static bool vcpu_ended(struct gunyah_vcpu *vcpu)
{
	return READ_ONCE(vcpu->stop) || gunyah_vm_life(vcpu->vm) != GUNYAH_VM_RUNNING;
}

static bool vcpu_awake(struct gunyah_vcpu *vcpu)
{
	return READ_ONCE(vcpu->woken) || vcpu_ended(vcpu);
}

/* Until the wake-up interrupt, or something else that the loop has to look at */
int gunyah_vcpu_sleep(struct gunyah_vcpu *vcpu)
{
	return wait_event_interruptible(vcpu->wq, vcpu_awake(vcpu)) ?: 1;
}

#ifdef CONFIG_ARM64

/*
 * The physical counter: the same for all worlds.  Kernels may read it, also where they
 * are entered at EL1 (Documentation/arch/arm64/booting.rst).
 */
static u64 counter_now(void)
{
	return __arch_counter_get_cntpct_stable();
}

/* None is faster than 1 GHz: where firmware did not say, vCPUs wake early, not late */
static u32 counter_rate(void)
{
	return arch_timer_get_cntfrq() ?: NSEC_PER_SEC;
}

#else /* for unit tests */

static u64 counter_now(void)
{
	return ktime_get_boottime_ns();
}

static u32 counter_rate(void)
{
	return NSEC_PER_SEC;
}

#endif

/**
 * gunyah_vcpu_sleep_until() - as gunyah_vcpu_sleep(), but for a timer of the guest at most
 * @vcpu: the vCPU, which the hypervisor will not wake when the timer expires
 * @deadline: value of the physical counter
 *
 * The counter goes on while the host is suspended, and so does the clock of this sleep: a
 * deadline that passes meanwhile wakes the vCPU when the host resumes.  It does not wake
 * the host.
 *
 * Returns: 1 to go on, or ERESTARTSYS.
 */
int gunyah_vcpu_sleep_until(struct gunyah_vcpu *vcpu, u64 deadline)
{
	u64 ns = gunyah_vcpu_sleep_ns(counter_now(), deadline, counter_rate());
	ktime_t end = ktime_add_ns(ktime_get_boottime(), ns);
	DEFINE_WAIT(wait);
	bool over = !ns;
	int ret = 1;

	for (;;) {
		prepare_to_wait(&vcpu->wq, &wait, TASK_INTERRUPTIBLE);
		if (over || vcpu_awake(vcpu))
			break;
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		over = !schedule_hrtimeout_range_clock(&end, 0, HRTIMER_MODE_ABS, CLOCK_BOOTTIME);
	}
	finish_wait(&vcpu->wq, &wait);
	return ret;
}

/* Nothing but the end of the VM makes this vCPU go on */
int gunyah_vcpu_wait_exit(struct gunyah_vcpu *vcpu)
{
	return wait_event_interruptible(vcpu->wq, vcpu_ended(vcpu)) ?: 1;
}
