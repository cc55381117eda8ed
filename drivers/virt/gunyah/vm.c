// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the VM object: references, what is known about its state, and the settings
 * that precede the start.  Starting is vm_boot.c, ending vm_teardown.c, and what others
 * are told about all that vm_event.c.
 *
 * A VM's state is the RM's.  It is learnt twice, from the replies to our requests
 * and from notifications, which may overtake each other; a table says which change
 * makes sense, everything else is old news.
 */
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "rm.h"
#include "vm.h"

#define CREATE_TRACE_POINTS
#include "vm_trace.h"

#define STATE(name)	BIT(GUNYAH_RM_VM_STATE_##name)

/* A guest stops and is taken apart in milliseconds, unless the machine is very busy */
#define VM_PATIENCE_MSECS 10000

/* After the VM has exited, the RM says why: a second message, right behind */
#define EXIT_INFO_MSECS	2000

/*
 * From which states each state can be reached (ABI tables, rm-rpc 3).  RESET and
 * RESET_FAILED may come without RESETTING, whose notification can be lost; that a
 * VM is in INIT_FAILED can have been a wrong guess, see leave_by_pushing().
 */
static const u32 state_from[] = {
	[GUNYAH_RM_VM_STATE_LOAD] = STATE(NONE),
	[GUNYAH_RM_VM_STATE_AUTH] = STATE(LOAD) | STATE(INIT_FAILED),
	[GUNYAH_RM_VM_STATE_INIT] = STATE(LOAD) | STATE(AUTH) | STATE(INIT_FAILED),
	[GUNYAH_RM_VM_STATE_READY] = STATE(INIT),
	[GUNYAH_RM_VM_STATE_RUNNING] = STATE(READY) | STATE(PAUSED),
	[GUNYAH_RM_VM_STATE_PAUSED] = STATE(RUNNING),
	[GUNYAH_RM_VM_STATE_EXITED] = STATE(RUNNING) | STATE(PAUSED),
	[GUNYAH_RM_VM_STATE_INIT_FAILED] = STATE(INIT) | STATE(READY) | STATE(LOAD) |
					   STATE(AUTH),
	[GUNYAH_RM_VM_STATE_RESETTING] = STATE(EXITED) | STATE(READY) | STATE(INIT_FAILED),
	[GUNYAH_RM_VM_STATE_RESET] = STATE(RESETTING) | STATE(EXITED) | STATE(READY) |
				     STATE(INIT_FAILED),
	[GUNYAH_RM_VM_STATE_RESET_FAILED] = STATE(RESETTING) | STATE(EXITED) |
					    STATE(READY) | STATE(INIT_FAILED),
};

/* Whether the RM's state @to can come after @from */
bool gunyah_vm_state_follows(u8 from, u8 to)
{
	if (to >= ARRAY_SIZE(state_from) || from >= ARRAY_SIZE(state_from))
		return false;
	return state_from[to] & BIT(from);
}

static bool vm_state_step(struct gunyah_vm *vm, u8 to)
{
	bool taken = gunyah_vm_state_follows(vm->state, to);

	lockdep_assert_held(&vm->event_lock);

	trace_gunyah_vm_state(vm->vmid, vm->state, to, taken);
	if (!taken)
		return false;
	vm->state = to;
	if (BIT(to) & (STATE(AUTH) | STATE(INIT)))
		vm->configured = true;
	if (to == GUNYAH_RM_VM_STATE_RUNNING)
		gunyah_vm_news(vm, GUNYAH_VM_NEWS_START);
	gunyah_vm_changed(vm);
	return true;
}

/**
 * gunyah_vm_state_step() - takes note of a new state
 * @vm: the VM
 * @to: GUNYAH_RM_VM_STATE_*
 *
 * Returns: false if @to is old news and was ignored.
 */
bool gunyah_vm_state_step(struct gunyah_vm *vm, u8 to)
{
	bool taken;

	spin_lock(&vm->event_lock);
	taken = vm_state_step(vm, to);
	spin_unlock(&vm->event_lock);
	return taken;
}

u8 gunyah_vm_state(struct gunyah_vm *vm)
{
	return READ_ONCE(vm->state);
}

/* Waits, uninterruptibly, until the state is one of @states (bits); false: too long */
bool gunyah_vm_wait_state(struct gunyah_vm *vm, unsigned long states, unsigned int msecs)
{
	return wait_event_timeout(vm->event_wq, BIT(gunyah_vm_state(vm)) & states,
				  msecs_to_jiffies(msecs));
}

/* A VMID begins in LOAD; without one the RM has no state for us */
void gunyah_vm_set_vmid(struct gunyah_vm *vm, u16 vmid)
{
	lockdep_assert_held(&vm->mem.lock);

	spin_lock(&vm->event_lock);
	vm->vmid = vmid;
	vm->state = vmid == GUNYAH_VMID_INVALID ? GUNYAH_RM_VM_STATE_NONE :
						  GUNYAH_RM_VM_STATE_LOAD;
	trace_gunyah_vm_state(vmid, GUNYAH_RM_VM_STATE_NONE, vm->state, true);
	if (vmid != GUNYAH_VMID_INVALID)
		gunyah_vm_news(vm, GUNYAH_VM_NEWS_CREATE);
	gunyah_vm_changed(vm);
	spin_unlock(&vm->event_lock);
}

void gunyah_vm_set_start_failed(struct gunyah_vm *vm)
{
	spin_lock(&vm->event_lock);
	vm->start_failed = true;
	gunyah_vm_changed(vm);
	spin_unlock(&vm->event_lock);
}

static const u8 state_life[] = {
	[GUNYAH_RM_VM_STATE_NONE] = GUNYAH_VM_NOT_STARTED,
	[GUNYAH_RM_VM_STATE_LOAD] = GUNYAH_VM_NOT_STARTED,
	[GUNYAH_RM_VM_STATE_AUTH] = GUNYAH_VM_NOT_STARTED,
	[GUNYAH_RM_VM_STATE_INIT] = GUNYAH_VM_NOT_STARTED,
	[GUNYAH_RM_VM_STATE_READY] = GUNYAH_VM_NOT_STARTED,
	[GUNYAH_RM_VM_STATE_RUNNING] = GUNYAH_VM_RUNNING,
	[GUNYAH_RM_VM_STATE_PAUSED] = GUNYAH_VM_RUNNING,
	[7] = GUNYAH_VM_CRASHED,
	[GUNYAH_RM_VM_STATE_INIT_FAILED] = GUNYAH_VM_LOAD_FAILED,
	[GUNYAH_RM_VM_STATE_EXITED] = GUNYAH_VM_EXITED,
	[GUNYAH_RM_VM_STATE_RESETTING] = GUNYAH_VM_CRASHED,
	[GUNYAH_RM_VM_STATE_RESET] = GUNYAH_VM_CRASHED,
	[GUNYAH_RM_VM_STATE_RESET_FAILED] = GUNYAH_VM_CRASHED,
};

/* What the VM's state means for its vCPUs (ABI tables, uapi 2.9) */
enum gunyah_vm_life gunyah_vm_life(struct gunyah_vm *vm)
{
	enum gunyah_vm_life life = state_life[gunyah_vm_state(vm)];

	if (READ_ONCE(vm->start_failed))
		return GUNYAH_VM_LOAD_FAILED;
	/* It has memory that the host is about to use for something else */
	if (life == GUNYAH_VM_RUNNING && READ_ONCE(vm->mem.failed))
		return GUNYAH_VM_CRASHED;
	return life;
}

static void vm_mem_failed(struct gunyah_mem *mem)
{
	struct gunyah_vm *vm = container_of(mem, struct gunyah_vm, mem);

	spin_lock(&vm->event_lock);
	gunyah_vm_changed(vm);
	spin_unlock(&vm->event_lock);
}

/**
 * gunyah_vm_exit_get() - why the VM exited
 * @vm: a VM that has
 * @exit: out; &gunyah_vm_exit.known is false if the RM never said
 *
 * Returns: 0, or ERESTARTSYS if a signal came before the RM's word.
 */
int gunyah_vm_exit_get(struct gunyah_vm *vm, struct gunyah_vm_exit *exit)
{
	long left;

	left = wait_event_interruptible_timeout(vm->event_wq, READ_ONCE(vm->exit.known),
						msecs_to_jiffies(EXIT_INFO_MSECS));
	if (left < 0)
		return left;
	spin_lock(&vm->event_lock);
	*exit = vm->exit;
	spin_unlock(&vm->event_lock);
	return 0;
}

void gunyah_vm_listen(struct gunyah_vm *vm, struct gunyah_vm_listener *listener)
{
	spin_lock(&vm->event_lock);
	list_add_tail(&listener->node, &vm->listeners);
	spin_unlock(&vm->event_lock);
}

void gunyah_vm_unlisten(struct gunyah_vm *vm, struct gunyah_vm_listener *listener)
{
	spin_lock(&vm->event_lock);
	list_del(&listener->node);
	spin_unlock(&vm->event_lock);
}

static void vm_on_status(struct gunyah_vm *vm, const struct gunyah_rm_vm_status_event *event)
{
	spin_lock(&vm->event_lock);
	if (event->vmid == vm->vmid)
		vm_state_step(vm, event->vm_state);
	spin_unlock(&vm->event_lock);
}

static void vm_exit_record(struct gunyah_vm *vm, const struct gunyah_rm_vm_exited_event *event)
{
	struct gunyah_vm_exit_info *info = &vm->exit.info;

	lockdep_assert_held(&vm->event_lock);

	info->type = event->exit_type;
	info->reason_size = event->reason_size;
	memcpy(info->reason, event->reason,
	       min_t(u32, event->reason_len, sizeof(info->reason)));
	vm->exit.known = true;
	gunyah_vm_news(vm, GUNYAH_VM_NEWS_EXIT);
}

/*
 * Usually the state is EXITED already, or even RESETTING, for who is in a hurry.  Only
 * the first word about an exit counts.
 */
static void vm_on_exited(struct gunyah_vm *vm, const struct gunyah_rm_vm_exited_event *event)
{
	spin_lock(&vm->event_lock);
	if (event->vmid == vm->vmid && !vm->exit.known &&
	    vm->events.happened & BIT(GUNYAH_VM_NEWS_START)) {
		trace_gunyah_vm_exited(vm->vmid, event->exit_type, event->reason_size);
		vm_exit_record(vm, event);
		if (!vm_state_step(vm, GUNYAH_RM_VM_STATE_EXITED))
			gunyah_vm_changed(vm);
	}
	spin_unlock(&vm->event_lock);
}

static int vm_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct gunyah_vm *vm = container_of(nb, struct gunyah_vm, nb);

	switch (action) {
	case GUNYAH_RM_NOTIF_VM_STATUS:
		vm_on_status(vm, data);
		break;
	case GUNYAH_RM_NOTIF_VM_EXITED:
		vm_on_exited(vm, data);
		break;
	}
	return NOTIFY_DONE;
}

/**
 * gunyah_vm_create() - a VM that the RM does not know yet
 * @rm: the Resource Manager
 * @mm: memory of the task that creates it
 *
 * Returns: the VM with one reference, or an error pointer.
 */
struct gunyah_vm *gunyah_vm_create(struct gunyah_rm *rm, struct mm_struct *mm)
{
	struct gunyah_vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	int err;

	if (!vm)
		return ERR_PTR(-ENOMEM);
	refcount_set(&vm->refs, 1);
	mutex_init(&vm->fn_lock);
	INIT_LIST_HEAD(&vm->functions);
	gunyah_resources_init(&vm->resources, &vm->fn_lock);
	init_rwsem(&vm->io_lock);
	INIT_LIST_HEAD(&vm->io_handlers);
	gunyah_mem_init(&vm->mem);
	vm->mem.on_failed = vm_mem_failed;
	INIT_LIST_HEAD(&vm->parcels);
	gunyah_windows_init(&vm->windows);
	vm->vmid = GUNYAH_VMID_INVALID;
	spin_lock_init(&vm->event_lock);
	INIT_LIST_HEAD(&vm->listeners);
	gunyah_vm_events_init(vm);
	init_waitqueue_head(&vm->event_wq);
	vm->nb.notifier_call = vm_notify;

	err = gunyah_rm_notifier_register(rm, &vm->nb);
	if (err) {
		kfree(vm);
		return ERR_PTR(err);
	}
	vm->rm = gunyah_rm_get(rm);
	vm->patience = VM_PATIENCE_MSECS;
	vm->mm = mm;
	mmgrab(mm);
	return vm;
}

bool gunyah_vm_get(struct gunyah_vm *vm)
{
	return refcount_inc_not_zero(&vm->refs);
}

/* The last one takes the VM down, in the caller's context, before it returns */
void gunyah_vm_put(struct gunyah_vm *vm)
{
	if (refcount_dec_and_test(&vm->refs))
		gunyah_vm_destroy(vm);
}

/* Rounding up must not wrap either; whether it makes sense is for the start to say */
int gunyah_vm_set_dtb(struct gunyah_vm *vm, const struct gunyah_vm_dtb_config *dtb)
{
	struct gunyah_gfns gfns;
	int err;

	err = dtb->size ? gunyah_gfns_around_bytes(dtb->guest_phys_addr, dtb->size, &gfns) : 0;
	if (err)
		return err;
	if (dtb->size > U64_MAX - PAGE_SIZE)
		return -EOVERFLOW;
	err = mutex_lock_interruptible(&vm->mem.lock);
	if (err)
		return err;
	vm->dtb = *dtb;
	mutex_unlock(&vm->mem.lock);
	return 0;
}
