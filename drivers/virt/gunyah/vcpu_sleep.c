// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the sleep of a vCPU that has nothing to run.  Functions return 1 to go on, or
 * ERESTARTSYS.
 */
#include <linux/wait.h>

#include "vcpu_priv.h"
#include "vm.h"

static bool vcpu_awake(struct gunyah_vcpu *vcpu)
{
	return READ_ONCE(vcpu->stop) || gunyah_vm_life(vcpu->vm) != GUNYAH_VM_RUNNING;
}

/* Until the wake-up interrupt, or something else that the loop has to look at */
int gunyah_vcpu_sleep(struct gunyah_vcpu *vcpu)
{
	return wait_event_interruptible(vcpu->wq, READ_ONCE(vcpu->woken) ||
					vcpu_awake(vcpu)) ?: 1;
}

/* Nothing but the end of the VM makes this vCPU go on */
int gunyah_vcpu_wait_exit(struct gunyah_vcpu *vcpu)
{
	return wait_event_interruptible(vcpu->wq, vcpu_awake(vcpu)) ?: 1;
}
