// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns what others are told about a VM.  Whoever waits inside the driver is woken, a
 * change is counted for poll() and GET_INFO, and the audience gets the news.
 *
 * Events come from the RM's notifications, under a spinlock, from the task that starts
 * the VM and from the one that ends it.  They are only recorded here, as bits, so that
 * none is lost for want of memory; a work item tells the audience, always in the order
 * of a VM's life.
 */
#include <linux/lockdep.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "rm.h"
#include "vm.h"

/* How the VM ended, as in a vCPU's run page; 0 as long as it has not */
static u32 vm_status(struct gunyah_vm *vm, enum gunyah_vm_life life)
{
	switch (life) {
	case GUNYAH_VM_LOAD_FAILED:
		return GUNYAH_VM_STATUS_LOAD_FAILED;
	case GUNYAH_VM_EXITED:
		return vm->exit.known ? GUNYAH_VM_STATUS_EXITED : GUNYAH_VM_STATUS_CRASHED;
	case GUNYAH_VM_CRASHED:
		return GUNYAH_VM_STATUS_CRASHED;
	default:
		return 0;
	}
}

static void vm_count_change(struct gunyah_vm *vm)
{
	struct gunyah_vm_events *ev = &vm->events;
	u8 status = vm_status(vm, gunyah_vm_life(vm));

	if (ev->state == vm->state && ev->status == status && ev->exit_known == vm->exit.known)
		return;
	ev->state = vm->state;
	ev->status = status;
	ev->exit_known = vm->exit.known;
	ev->changes++;
}

/**
 * gunyah_vm_changed() - something about the VM's life may have changed
 * @vm: event_lock is held
 */
void gunyah_vm_changed(struct gunyah_vm *vm)
{
	struct gunyah_vm_listener *listener;

	lockdep_assert_held(&vm->event_lock);

	vm_count_change(vm);
	list_for_each_entry(listener, &vm->listeners, node)
		listener->notify(listener);
	wake_up_all(&vm->event_wq);
}

/**
 * gunyah_vm_news() - something has happened that the audience is to know
 * @vm: event_lock is held
 * @news: what; only its first time counts, and nothing is told after DESTROY
 */
void gunyah_vm_news(struct gunyah_vm *vm, enum gunyah_vm_news news)
{
	struct gunyah_vm_events *ev = &vm->events;

	lockdep_assert_held(&vm->event_lock);

	if (ev->happened & (BIT(news) | BIT(GUNYAH_VM_NEWS_DESTROY)))
		return;
	if (news == GUNYAH_VM_NEWS_CREATE)
		ev->vmid = vm->vmid;
	ev->happened |= BIT(news);
	if (!ev->audience)
		return;
	ev->due |= BIT(news);
	queue_work(ev->audience->wq, &ev->work);
}

/* Whatever the RM has not said about an exit will not be told any more */
void gunyah_vm_news_end(struct gunyah_vm *vm)
{
	lockdep_assert_held(&vm->event_lock);

	if (vm->events.happened & BIT(GUNYAH_VM_NEWS_START))
		gunyah_vm_news(vm, GUNYAH_VM_NEWS_EXIT);
	if (vm->events.happened & BIT(GUNYAH_VM_NEWS_CREATE))
		gunyah_vm_news(vm, GUNYAH_VM_NEWS_DESTROY);
}

/* The earliest of the news that are due; GUNYAH_VM_NR_NEWS: none */
static enum gunyah_vm_news vm_next_news(struct gunyah_vm *vm, int *exit_type)
{
	unsigned long news;

	spin_lock(&vm->event_lock);
	news = find_first_bit(&vm->events.due, GUNYAH_VM_NR_NEWS);
	if (news < GUNYAH_VM_NR_NEWS)
		__clear_bit(news, &vm->events.due);
	*exit_type = vm->exit.known ? vm->exit.info.type : -1;
	spin_unlock(&vm->event_lock);
	return news;
}

static void vm_events_work(struct work_struct *work)
{
	struct gunyah_vm *vm = container_of(work, struct gunyah_vm, events.work);
	struct gunyah_vm_audience *audience = vm->events.audience;
	enum gunyah_vm_news news;
	int exit_type;

	for (;;) {
		news = vm_next_news(vm, &exit_type);
		if (news == GUNYAH_VM_NR_NEWS)
			return;
		audience->tell(audience, news, vm->events.vmid, exit_type);
	}
}

void gunyah_vm_events_init(struct gunyah_vm *vm)
{
	INIT_WORK(&vm->events.work, vm_events_work);
}

/* Before anybody else knows the VM */
void gunyah_vm_set_audience(struct gunyah_vm *vm, struct gunyah_vm_audience *audience)
{
	kref_get(&audience->ref);
	vm->events.audience = audience;
}

/* Nothing can happen to the VM any more: all news are told when this returns */
void gunyah_vm_events_end(struct gunyah_vm *vm)
{
	struct gunyah_vm_audience *audience = vm->events.audience;

	flush_work(&vm->events.work);
	if (audience)
		kref_put(&audience->ref, audience->release);
}

static void vm_info_memory(struct gunyah_vm *vm, struct gunyah_vm_info *info)
{
	struct gunyah_mem *mem = &vm->mem;

	mutex_lock(&mem->pages_lock);
	info->private_pages = mem->nr_private;
	info->shared_pages = mem->nr_shared;
	info->lost_pages = mem->nr_lost;
	mutex_unlock(&mem->pages_lock);
}

static void vm_info_life(struct gunyah_vm *vm, struct gunyah_vm_info *info)
{
	spin_lock(&vm->event_lock);
	info->changes = vm->events.changes;
	info->state = vm->state;
	info->status = vm_status(vm, gunyah_vm_life(vm));
	info->vmid = vm->vmid;
	/* Zero until it is known; only its first bytes are kept */
	if (info->status == GUNYAH_VM_STATUS_EXITED)
		info->exit_info = vm->exit.info;
	spin_unlock(&vm->event_lock);
}

/**
 * gunyah_vm_get_info() - VM_GET_INFO
 * @vm: the VM
 * @info: out
 *
 * The RM says in two messages that and why a VM has exited, so this may have to wait for
 * the second one, as VCPU_RUN does.
 *
 * Returns: 0, or ERESTARTSYS if a signal came first.
 */
int gunyah_vm_get_info(struct gunyah_vm *vm, struct gunyah_vm_info *info)
{
	struct gunyah_vm_exit exit;
	int err;

	if (gunyah_vm_life(vm) == GUNYAH_VM_EXITED) {
		err = gunyah_vm_exit_get(vm, &exit);
		if (err)
			return err;
	}
	memset(info, 0, sizeof(*info));
	vm_info_memory(vm, info);
	vm_info_life(vm, info);
	return 0;
}

/* User space has got @info: poll() is silent until there is more */
void gunyah_vm_info_seen(struct gunyah_vm *vm, const struct gunyah_vm_info *info)
{
	spin_lock(&vm->event_lock);
	vm->events.seen = max(vm->events.seen, info->changes);
	spin_unlock(&vm->event_lock);
}

/**
 * gunyah_vm_poll() - poll of a VM's descriptor
 * @vm: the VM
 * @file: the descriptor's file
 * @wait: as the file operation got it
 *
 * Returns: EPOLLIN for changes since the last GET_INFO, EPOLLHUP when the VM has ended.
 */
__poll_t gunyah_vm_poll(struct gunyah_vm *vm, struct file *file, poll_table *wait)
{
	__poll_t mask = 0;

	poll_wait(file, &vm->event_wq, wait);
	spin_lock(&vm->event_lock);
	if (vm->events.changes != vm->events.seen)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (vm_status(vm, gunyah_vm_life(vm)))
		mask |= EPOLLHUP;
	spin_unlock(&vm->event_lock);
	return mask;
}
