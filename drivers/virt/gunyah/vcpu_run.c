// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the loop that runs the guest on the calling thread: when to enter it, and what to
 * do about each exit.  What an exit means is vcpu_exit.c's, how to wait vcpu_sleep.c's.
 */
#include <linux/delay.h>
#include <linux/lockdep.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#ifdef CONFIG_ARM64
#include <linux/cpufeature.h>
#endif

#include "compat.h"
#include "hypercall.h"
#include "io_bus.h"
#include "rm.h"
#include "vcpu_exit.h"
#include "vcpu_priv.h"
#include "vm.h"
#include "vm_trace.h"

/* So often a vCPU may be blocked by the hypervisor before its thread sleeps a little */
#define YIELDS_BEFORE_SLEEP	8
#define YIELD_SLEEP_US		100

/*
 * Functions return 1 to go on, 0 to return to user space with data in the
 * run page, or a negative errno.
 */

/* The VM does not run any more: say so once */
static int vcpu_tell_end(struct gunyah_vcpu *vcpu, enum gunyah_vm_life life)
{
	struct gunyah_vm_exit exit;
	int err;

	if (vcpu->down)
		return 0;
	if (life == GUNYAH_VM_LOAD_FAILED) {
		gunyah_vcpu_tell_status(vcpu->run, GUNYAH_VM_STATUS_LOAD_FAILED, NULL);
	} else if (life == GUNYAH_VM_EXITED) {
		err = gunyah_vm_exit_get(vcpu->vm, &exit);
		if (err)
			return err;
		gunyah_vcpu_tell_status(vcpu->run, exit.known ? GUNYAH_VM_STATUS_EXITED :
								GUNYAH_VM_STATUS_CRASHED,
					exit.known ? &exit.info : NULL);
	} else {
		gunyah_vcpu_tell_status(vcpu->run, GUNYAH_VM_STATUS_CRASHED, NULL);
	}
	vcpu->down = true;
	return 0;
}

/* Whether there is a guest to enter (ABI tables, uapi 3.7) */
static int vcpu_check(struct gunyah_vcpu *vcpu)
{
	enum gunyah_vm_life life = gunyah_vm_life(vcpu->vm);

	lockdep_assert_held(&vcpu->run_lock);

	if (READ_ONCE(vcpu->removed) || !vcpu->known || life == GUNYAH_VM_NOT_STARTED)
		return -ENODEV;
	if (life != GUNYAH_VM_RUNNING)
		return vcpu_tell_end(vcpu, life);
	if (READ_ONCE(vcpu->stop) || !vcpu->irq)
		return -ENODEV;
	return 1;
}

/* Why not to enter the guest; signals are looked at last, user space asks twice */
static int vcpu_why_not(struct gunyah_vcpu *vcpu)
{
	if (READ_ONCE(vcpu->run->immediate_exit))
		return -EINTR;
	if (signal_pending(current))
		return -ERESTARTSYS;
	if (READ_ONCE(vcpu->stop) || need_resched())
		return -EAGAIN;
	return 0;
}

static int vcpu_hypercall(struct gunyah_vcpu *vcpu, struct gunyah_vcpu_run_result *result)
{
	int err;

	WRITE_ONCE(vcpu->woken, false);
	trace_gunyah_vcpu_enter(vcpu->vm->vmid, vcpu->ticket.label, vcpu->resume);
	err = gunyah_hypercall_vcpu_run(vcpu->capid, vcpu->resume, result);
	trace_gunyah_vcpu_exit(vcpu->vm->vmid, vcpu->ticket.label, err, result->state,
			       result->data);
	if (err == GUNYAH_ERR_OK)
		memset(vcpu->resume, 0, sizeof(vcpu->resume));
	return err == GUNYAH_ERR_RETRY ? -EAGAIN : gunyah_error_to_errno(err);
}

/*
 * With priority masking (pseudo-NMI), interrupts that are "off" would be hidden from
 * the hypervisor as well
 */
static bool vcpu_may_mask_irqs(void)
{
#ifdef CONFIG_ARM64
	return !system_uses_irq_prio_masking();
#else
	return true;
#endif
}

/*
 * Enters the guest, unless there is a reason not to.  Interrupts are off from the
 * check to the call: a signal or a kick that comes in between is an interrupt that is
 * pending then, and a pending interrupt makes vcpu_run return (READY).  Where that is
 * not possible, the host's next tick ends the guest's turn.
 */
static int vcpu_enter(struct gunyah_vcpu *vcpu, struct gunyah_vcpu_run_result *result)
{
	bool mask = vcpu_may_mask_irqs();
	int err;

	if (mask)
		local_irq_disable();
	err = vcpu_why_not(vcpu);
	if (!err)
		err = vcpu_hypercall(vcpu, result);
	if (mask)
		local_irq_enable();
	return err;
}

static int vcpu_again(struct gunyah_vcpu *vcpu)
{
	return 1;
}

static int vcpu_yield(struct gunyah_vcpu *vcpu)
{
	if (++vcpu->yields > YIELDS_BEFORE_SLEEP)
		fsleep(YIELD_SLEEP_US);
	return 1;
}

/*
 * What the VM's memory says about a fault.  Returns true if the guest is to try again: it
 * has the page, or somebody was faster, or a signal came, which is looked at before the
 * guest is entered.
 */
static bool vcpu_page_in(struct gunyah_vcpu *vcpu, u64 addr, bool write, int *err)
{
	*err = gunyah_mem_fault(&vcpu->vm->mem, addr, write);
	return !*err || *err == -EAGAIN || *err == -EINTR;
}

static int vcpu_mmio(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_run_result *result)
{
	struct gunyah_mmio *mmio = &vcpu->mmio;
	bool in_kernel;
	int err;

	if (gunyah_mmio_decode(result, mmio)) {
		pr_err_ratelimited("gunyah: %s: access of %llu bytes\n", vcpu->name,
				   result->data[1]);
		return -EINVAL;
	}
	/* Addresses of both kinds: memory comes first (ABI tables, uapi 3.7) */
	if (gunyah_mem_may_fault(&vcpu->vm->mem, mmio->addr) &&
	    vcpu_page_in(vcpu, mmio->addr, mmio->write, &err)) {
		vcpu->resume[1] = GUNYAH_RESUME_RETRY;
		return 1;
	}
	in_kernel = mmio->write &&
		    gunyah_io_bus_write(vcpu->vm, mmio->addr, mmio->len, mmio->data);
	trace_gunyah_mmio(vcpu->vm->vmid, vcpu->ticket.label, mmio->write, mmio->addr,
			  mmio->len, mmio->data, in_kernel);
	if (in_kernel)
		return 1;
	gunyah_vcpu_tell_mmio(vcpu->run, mmio);
	vcpu->question = VCPU_ASKED_MMIO;
	return 0;
}

/* Programs may not know this exit: they get it only if nobody can provide the page */
static int vcpu_page_fault(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_run_result *result)
{
	u64 addr = result->data[0];
	int err;

	if (vcpu_page_in(vcpu, addr, result->data[1], &err))
		return 1;
	gunyah_vcpu_tell_page_fault(vcpu->run, addr, err);
	vcpu->question = VCPU_ASKED_PAGE_FAULT;
	return 0;
}

static int vcpu_unknown(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_run_result *result)
{
	pr_err_ratelimited("gunyah: %s: the hypervisor returned unknown state 0x%llx\n",
			   vcpu->name, result->state);
	return -EINVAL;
}

static int vcpu_handle(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_run_result *result)
{
	u64 extensions = gunyah_rm_caps(vcpu->vm->rm)->extensions;
	enum gunyah_vcpu_action action = gunyah_vcpu_decode(result, extensions);

	if (action != GUNYAH_VCPU_ACT_YIELD)
		vcpu->yields = 0;
	switch (action) {
	case GUNYAH_VCPU_ACT_AGAIN:
		return vcpu_again(vcpu);
	case GUNYAH_VCPU_ACT_YIELD:
		return vcpu_yield(vcpu);
	case GUNYAH_VCPU_ACT_SLEEP:
		return gunyah_vcpu_sleep(vcpu);
	case GUNYAH_VCPU_ACT_SLEEP_UNTIL:
		return gunyah_vcpu_sleep_until(vcpu, result->data[2]);
	case GUNYAH_VCPU_ACT_WAIT_EXIT:
		return gunyah_vcpu_wait_exit(vcpu);
	case GUNYAH_VCPU_ACT_MMIO_READ:
	case GUNYAH_VCPU_ACT_MMIO_WRITE:
		return vcpu_mmio(vcpu, result);
	case GUNYAH_VCPU_ACT_PAGE_FAULT:
		return vcpu_page_fault(vcpu, result);
	default:
		return vcpu_unknown(vcpu, result);
	}
}

static int vcpu_turn(struct gunyah_vcpu *vcpu)
{
	struct gunyah_vcpu_run_result result = {};
	int err = vcpu_enter(vcpu, &result);

	if (err == -EAGAIN)
		return 1;
	/* The hypervisor refuses to run a VM that has just gone: that has a better word */
	if (err && err != -EINTR && gunyah_vm_life(vcpu->vm) != GUNYAH_VM_RUNNING)
		return 1;
	if (err)
		return err;
	return vcpu_handle(vcpu, &result);
}

/* The answer of user space becomes resume words; it is read once, and only once */
static int vcpu_take_answer(struct gunyah_vcpu *vcpu)
{
	int err = 0;

	if (vcpu->question == VCPU_ASKED_MMIO)
		err = gunyah_vcpu_resume_mmio(vcpu->run, &vcpu->mmio, vcpu->resume);
	else if (vcpu->question == VCPU_ASKED_PAGE_FAULT)
		err = gunyah_vcpu_resume_page_fault(vcpu->run, vcpu->resume);
	if (!err)
		vcpu->question = VCPU_NO_QUESTION;
	return err;
}

static void vcpu_set_runner(struct gunyah_vcpu *vcpu, struct task_struct *runner)
{
	spin_lock(&vcpu->runner_lock);
	WRITE_ONCE(vcpu->runner, runner);
	spin_unlock(&vcpu->runner_lock);
	if (!runner)
		wake_up_all(&vcpu->wq);
}

static int vcpu_run_locked(struct gunyah_vcpu *vcpu)
{
	int ret = vcpu_check(vcpu);

	if (ret <= 0)
		return ret;
	if (READ_ONCE(vcpu->vm->has_user_mem) && current->mm != vcpu->vm->mm)
		return -EPERM;
	ret = vcpu_take_answer(vcpu);
	if (ret)
		return ret;

	vcpu_set_runner(vcpu, current);
	do {
		cond_resched();
		ret = vcpu_turn(vcpu);
		if (ret > 0)
			ret = vcpu_check(vcpu);
	} while (ret > 0);
	vcpu_set_runner(vcpu, NULL);
	return ret;
}

/**
 * gunyah_vcpu_run() - GUNYAH_VCPU_RUN
 * @vcpu: the vCPU; its run_lock is taken
 *
 * Returns: 0 with data in the run page, or the errors of GUNYAH_VCPU_RUN.
 */
long gunyah_vcpu_run(struct gunyah_vcpu *vcpu)
{
	long ret = mutex_lock_interruptible(&vcpu->run_lock);

	if (ret)
		return ret;
	ret = vcpu_run_locked(vcpu);
	mutex_unlock(&vcpu->run_lock);
	return ret;
}
