// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the end of a VM: the way from any state to one in which the RM returns
 * memory and VMID, and the order in which everything else goes.  Used by the last
 * close and by a start that failed half-way.
 *
 * All waits are bounded and none can be interrupted: this runs in tasks that were
 * killed.  What the RM does not return in time is given up and reported.
 */
#include <linux/delay.h>
#include <linux/lockdep.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "rm.h"
#include "vm.h"
#include "vm_trace.h"

#define STATE(name)	BIT(GUNYAH_RM_VM_STATE_##name)

/* From these states the RM returns parcels and takes the VMID back */
#define STATES_DONE	(STATE(NONE) | STATE(LOAD) | STATE(RESET) | STATE(RESET_FAILED))

/* A notification precedes the reply, but is handled by somebody else */
#define NOTIFICATION_MSECS 200

/* How often, and after which pause, to ask again an RM that has no time or memory */
#define BUSY_TRIES	20
#define BUSY_INTERVAL_MS 50

/* No way from a state to STATES_DONE has more steps: AUTH, INIT, READY, RESETTING */
#define MAX_STEPS	4

/* The RM may have done what it was asked for, or will */
static bool answer_missing(int err)
{
	return err == -ETIMEDOUT || err == -EINTR;
}

/* An RM that is short of something now may have it soon; all of this is worth waiting for */
static int ask_patiently(struct gunyah_vm *vm, int (*ask)(struct gunyah_rm *rm, u16 vmid))
{
	unsigned int tries;
	int err;

	for (tries = 0; tries < BUSY_TRIES; tries++) {
		err = ask(vm->rm, vm->vmid);
		if (err != -EBUSY && err != -ENOMEM)
			break;
		msleep(BUSY_INTERVAL_MS);
	}
	return err;
}

/*
 * The reply says that the RM tries, the notification that it has.  A VM that has
 * just exited by itself refuses to be stopped (VM_STATE, an errno of its own); its
 * notification comes as well.
 */
static int leave_running(struct gunyah_vm *vm)
{
	int err = ask_patiently(vm, gunyah_rm_vm_stop);

	if (err && err != -EBADMSG && !answer_missing(err))
		return err;
	if (gunyah_vm_wait_state(vm, ~(STATE(RUNNING) | STATE(PAUSED)), vm->patience))
		return 0;
	return err ?: -ETIMEDOUT;
}

/*
 * Memory comes back when the second notification has come, not with the reply.  A
 * second RESET kills the open RM, so only a definite refusal allows another one.
 */
static int leave_for_reset(struct gunyah_vm *vm)
{
	int err = 0;

	if (!vm->reset_sent) {
		vm->reset_sent = true;
		err = ask_patiently(vm, gunyah_rm_vm_reset);
	}
	if (err && !answer_missing(err)) {
		vm->reset_sent = false;
		return err;
	}
	if (gunyah_vm_wait_state(vm, STATES_DONE, vm->patience))
		return 0;
	return err ?: -ETIMEDOUT;
}

/*
 * A VM in AUTH or INIT cannot be reset, it has to be pushed on.  It does not matter
 * where to: the RM answers success with the state @next and failure with INIT_FAILED.  If
 * it fails and no notification says so, it may have failed on the way: then RESET is
 * refused and the VM is still in state @from, for the next attempt.
 *
 * A start that failed may have left @from without our knowing yet, so listen first.
 */
static int leave_by_pushing(struct gunyah_vm *vm, u8 from, u8 next,
			    int (*push)(struct gunyah_vm *vm))
{
	int err;

	if (gunyah_vm_wait_state(vm, ~BIT(from), NOTIFICATION_MSECS))
		return 0;
	err = push(vm);
	if (!err) {
		gunyah_vm_state_step(vm, next);
		return 0;
	}
	if (gunyah_vm_wait_state(vm, ~BIT(from), NOTIFICATION_MSECS))
		return 0;
	if (answer_missing(err))
		return err;
	gunyah_vm_state_step(vm, GUNYAH_RM_VM_STATE_INIT_FAILED);
	err = leave_for_reset(vm);
	if (err && !vm->reset_sent)
		gunyah_vm_state_step(vm, from);
	return err;
}

static int push_auth(struct gunyah_vm *vm)
{
	return gunyah_rm_vm_authenticate(vm->rm, vm->vmid, vm->auth.params,
					 vm->auth.nr_params);
}

static int leave_auth(struct gunyah_vm *vm)
{
	return leave_by_pushing(vm, GUNYAH_RM_VM_STATE_AUTH, GUNYAH_RM_VM_STATE_INIT, push_auth);
}

static int push_init(struct gunyah_vm *vm)
{
	return gunyah_rm_vm_init(vm->rm, vm->vmid);
}

static int leave_init(struct gunyah_vm *vm)
{
	return leave_by_pushing(vm, GUNYAH_RM_VM_STATE_INIT, GUNYAH_RM_VM_STATE_READY, push_init);
}

/* RESET of a VM that never was configured kills the open RM */
static int leave_init_failed(struct gunyah_vm *vm)
{
	return vm->configured ? leave_for_reset(vm) : -ENODEV;
}

static const struct {
	const char *step;
	int (*leave)(struct gunyah_vm *vm);
} leave_state[] = {
	[GUNYAH_RM_VM_STATE_AUTH] = { "AUTH_IMAGE", leave_auth },
	[GUNYAH_RM_VM_STATE_INIT] = { "INIT", leave_init },
	[GUNYAH_RM_VM_STATE_READY] = { "RESET", leave_for_reset },
	[GUNYAH_RM_VM_STATE_RUNNING] = { "STOP", leave_running },
	[GUNYAH_RM_VM_STATE_PAUSED] = { "STOP", leave_running },
	[GUNYAH_RM_VM_STATE_INIT_FAILED] = { "RESET", leave_init_failed },
	[GUNYAH_RM_VM_STATE_EXITED] = { "RESET", leave_for_reset },
	[GUNYAH_RM_VM_STATE_RESETTING] = { "RESET", leave_for_reset },
};

static int vm_leave(struct gunyah_vm *vm, u8 state)
{
	int err;

	if (state >= ARRAY_SIZE(leave_state) || !leave_state[state].leave)
		return -EINVAL;
	err = leave_state[state].leave(vm);
	trace_gunyah_vm_step(vm->vmid, leave_state[state].step, err);
	if (err)
		dev_warn(gunyah_rm_device(vm->rm), "VM %u: %s in state %u failed: %pe\n",
			 vm->vmid, leave_state[state].step, state, ERR_PTR(err));
	return err;
}

/* Brings the VM to a state in which the RM returns everything; best effort */
static void vm_drive_to_reset(struct gunyah_vm *vm)
{
	unsigned int steps;
	int err = 0;
	u8 state;

	for (steps = 0; !err && steps < MAX_STEPS; steps++) {
		state = gunyah_vm_state(vm);
		if (BIT(state) & STATES_DONE)
			return;
		err = vm_leave(vm, state);
	}
}

/*
 * DEALLOCATE of a VMID that the RM does not know kills the open RM: without an
 * answer it is not asked again.  The audience hears of it first: afterwards another VM
 * can have the id.
 */
static void vm_dealloc_vmid(struct gunyah_vm *vm)
{
	int err;

	spin_lock(&vm->event_lock);
	gunyah_vm_news_end(vm);
	spin_unlock(&vm->event_lock);
	err = ask_patiently(vm, gunyah_rm_dealloc_vmid);
	trace_gunyah_vm_step(vm->vmid, "DEALLOCATE", err);
	if (err)
		dev_warn(gunyah_rm_device(vm->rm), "VM %u: VM id was not returned: %pe\n",
			 vm->vmid, ERR_PTR(err));
	if (!err || answer_missing(err))
		gunyah_vm_set_vmid(vm, GUNYAH_VMID_INVALID);
}

/* A guest that runs would get pages back as fast as they are taken */
static void vm_stop(struct gunyah_vm *vm)
{
	u8 state = gunyah_vm_state(vm);

	if (BIT(state) & (STATE(RUNNING) | STATE(PAUSED)))
		vm_leave(vm, state);
}

/**
 * gunyah_vm_rm_teardown() - takes everything back from hypervisor and RM
 * @vm: both locks held
 *
 * Does nothing if they have nothing of us.  May be called again: what failed is
 * tried again.  The order, and why (ABI tables, rm-rpc 7.4):
 *
 * 1. Stop the guest: before, private pages do not come back.
 * 2. Take back the pages that came by extents, as long as there are extents.
 * 3. Resources: nobody uses them any more; their interrupts are unmapped.
 * 4. Reset the VM: before, the RM refuses to return parcels.
 * 5. Reclaim the parcels, also of windows, while the RM still knows who had them.
 * 6. Give the VMID back, last: it is what all the rest hangs on.
 */
void gunyah_vm_rm_teardown(struct gunyah_vm *vm)
{
	lockdep_assert_held(&vm->fn_lock);
	lockdep_assert_held(&vm->mem.lock);

	if (vm->vmid == GUNYAH_VMID_INVALID)
		return;
	vm_stop(vm);
	gunyah_mem_take_all(&vm->mem);
	gunyah_resources_drop(&vm->resources, vm->rm);
	vm_drive_to_reset(vm);
	gunyah_parcels_reclaim(&vm->parcels, vm->rm);
	gunyah_vm_windows_end(vm);
	vm_dealloc_vmid(vm);
}

static void vm_remove_functions(struct gunyah_vm *vm)
{
	struct gunyah_vm_function *fn, *next;

	lockdep_assert_held(&vm->fn_lock);

	list_for_each_entry_safe(fn, next, &vm->functions, node) {
		list_del_init(&fn->node);
		fn->unbind(fn);
	}
}

/**
 * gunyah_vm_destroy() - the end of a VM
 * @vm: nobody has a reference; gone afterwards
 *
 * The order, and why:
 *
 * 1. Functions: eventfds are unhooked, interrupts freed, vCPUs forget their
 *    capabilities.  No vCPU is in VCPU_RUN, as their files are closed.  After this
 *    nothing but this task acts for the VM.
 * 2. The guest is stopped, memory, resources and VMID come back.  This needs the
 *    notifications, so they are still on.
 * 3. Pages of parcels that the RM kept are leaked.
 * 4. Notifications off, the audience has heard of everything; from here on no other
 *    context knows the VM.  Pages go back to where they came from.
 * 5. References and the VM itself.
 */
void gunyah_vm_destroy(struct gunyah_vm *vm)
{
	mutex_lock(&vm->fn_lock);
	vm_remove_functions(vm);
	mutex_lock(&vm->mem.lock);
	gunyah_vm_rm_teardown(vm);
	gunyah_parcels_free(&vm->parcels);
	mutex_unlock(&vm->mem.lock);
	mutex_unlock(&vm->fn_lock);

	gunyah_rm_notifier_unregister(vm->rm, &vm->nb);
	gunyah_vm_events_end(vm);
	gunyah_mem_destroy(&vm->mem);

	mmdrop(vm->mm);
	gunyah_rm_put(vm->rm);
	mutex_destroy(&vm->fn_lock);
	kfree(vm);
}
