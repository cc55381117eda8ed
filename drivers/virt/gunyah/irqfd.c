// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns irqfds: the hook on an eventfd, the doorbell it rings, and signals that come
 * before the doorbell.
 *
 * When the last reference of user space to an eventfd goes, its irqfd is as good as
 * removed: nothing finds it any more, and the next one that is added sweeps it out.
 *
 * A hook runs in the context of whoever signals, with interrupts off; sending to a
 * doorbell is a hypercall that never waits, so it is done there and then.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/lockdep.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "compat.h"
#include "hypercall.h"
#include "irqfd.h"
#include "vm.h"

/* The flag of the doorbell that is sent; the guest only sees the interrupt */
#define IRQFD_BELL	1

/**
 * struct gunyah_irqfd - one of them
 * @fn: its place in the VM
 * @ticket: its claim on the doorbell
 * @level: acknowledged by the guest; constant
 * @ctx: the eventfd; constant
 * @wait: the hook in the eventfd's wait queue
 * @poll: where the hook is put
 * @hung_up: user space has closed the eventfd; never cleared
 * @lock: protects what follows; any context
 * @capid: the doorbell; GUNYAH_CAPID_INVALID before it is known
 * @pending: a signal came before the doorbell
 */
struct gunyah_irqfd {
	struct gunyah_vm_function fn;
	struct gunyah_resource_ticket ticket;
	bool level;
	struct eventfd_ctx *ctx;
	wait_queue_entry_t wait;
	poll_table poll;
	bool hung_up;

	spinlock_t lock; /* capid, pending */
	u64 capid;
	bool pending;
};

static void irqfd_send(struct gunyah_irqfd *irqfd)
{
	u64 old;
	int err;

	lockdep_assert_held(&irqfd->lock);

	err = gunyah_hypercall_doorbell_send(irqfd->capid, IRQFD_BELL, &old);
	if (err)
		pr_warn_ratelimited("gunyah: interrupt %u of a guest cannot be raised: %s\n",
				    irqfd->ticket.label, gunyah_error_name(err));
}

static void irqfd_signal(struct gunyah_irqfd *irqfd)
{
	unsigned long flags;

	spin_lock_irqsave(&irqfd->lock, flags);
	if (irqfd->capid == GUNYAH_CAPID_INVALID)
		irqfd->pending = true;
	else
		irqfd_send(irqfd);
	spin_unlock_irqrestore(&irqfd->lock, flags);
}

/* The hook; under the lock of the eventfd's wait queue */
static int irqfd_wakeup(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct gunyah_irqfd *irqfd = container_of(wait, struct gunyah_irqfd, wait);
	__poll_t events = key_to_poll(key);
	u64 count;

	if (events & EPOLLIN) {
		eventfd_ctx_do_read(irqfd->ctx, &count);
		irqfd_signal(irqfd);
	}
	if (events & EPOLLHUP)
		WRITE_ONCE(irqfd->hung_up, true);
	return 0;
}

static void irqfd_queue_proc(struct file *file, wait_queue_head_t *wqh, poll_table *poll)
{
	struct gunyah_irqfd *irqfd = container_of(poll, struct gunyah_irqfd, poll);

	add_wait_queue_priority(wqh, &irqfd->wait);
}

/*
 * Level interrupts stay raised until the guest clears the doorbell; with the ack
 * mask the hypervisor clears the flag when it raises the interrupt, so that the next
 * send raises it again (ABI tables, hypercall 5).
 */
static int irqfd_populate(struct gunyah_resource_ticket *ticket,
			  const struct gunyah_resource *res)
{
	struct gunyah_irqfd *irqfd = container_of(ticket, struct gunyah_irqfd, ticket);
	unsigned long flags;
	int err;

	if (irqfd->level) {
		err = gunyah_hypercall_doorbell_mask(res->capid, IRQFD_BELL, IRQFD_BELL);
		if (err)
			pr_warn_ratelimited("gunyah: no level interrupt %u, is source-can-clear missing? %s\n",
					    ticket->label, gunyah_error_name(err));
	}
	spin_lock_irqsave(&irqfd->lock, flags);
	irqfd->capid = res->capid;
	if (irqfd->pending)
		irqfd_send(irqfd);
	irqfd->pending = false;
	spin_unlock_irqrestore(&irqfd->lock, flags);
	return 0;
}

static void irqfd_unpopulate(struct gunyah_resource_ticket *ticket)
{
	struct gunyah_irqfd *irqfd = container_of(ticket, struct gunyah_irqfd, ticket);
	unsigned long flags;

	spin_lock_irqsave(&irqfd->lock, flags);
	irqfd->capid = GUNYAH_CAPID_INVALID;
	spin_unlock_irqrestore(&irqfd->lock, flags);
}

/*
 * 1. Unhook: when this returns, no signal is under way and none will come.
 * 2. The ticket: the doorbell is somebody else's to claim.
 * 3. The eventfd, which the hook was in.
 */
static void irqfd_unbind(struct gunyah_vm_function *fn)
{
	struct gunyah_irqfd *irqfd = container_of(fn, struct gunyah_irqfd, fn);
	u64 count;

	eventfd_ctx_remove_wait_queue(irqfd->ctx, &irqfd->wait, &count);
	gunyah_resource_ticket_remove(&fn->vm->resources, &irqfd->ticket);
	eventfd_ctx_put(irqfd->ctx);
	kfree(irqfd);
}

/* By label alone (ABI tables, uapi 3.6) */
static bool irqfd_match(const struct gunyah_vm_function *fn, const void *data, bool exact)
{
	const struct gunyah_irqfd *irqfd = container_of(fn, struct gunyah_irqfd, fn);
	const struct gunyah_fn_irqfd_arg *arg = data;

	return arg->label == irqfd->ticket.label && !READ_ONCE(irqfd->hung_up);
}

static void irqfd_sweep(struct gunyah_vm *vm)
{
	struct gunyah_vm_function *fn, *next;

	list_for_each_entry_safe(fn, next, &vm->functions, node) {
		if (fn->type != GUNYAH_FN_IRQFD ||
		    !READ_ONCE(container_of(fn, struct gunyah_irqfd, fn)->hung_up))
			continue;
		list_del_init(&fn->node);
		irqfd_unbind(fn);
	}
}

static struct gunyah_irqfd *irqfd_alloc(struct gunyah_vm *vm,
					const struct gunyah_fn_irqfd_arg *arg)
{
	struct gunyah_irqfd *irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);

	if (!irqfd)
		return NULL;
	irqfd->fn.vm = vm;
	irqfd->fn.type = GUNYAH_FN_IRQFD;
	irqfd->fn.unbind = irqfd_unbind;
	irqfd->fn.match = irqfd_match;
	irqfd->ticket.type = GUNYAH_RESOURCE_BELL_TX;
	irqfd->ticket.label = arg->label;
	irqfd->ticket.populate = irqfd_populate;
	irqfd->ticket.unpopulate = irqfd_unpopulate;
	irqfd->level = arg->flags & GUNYAH_IRQFD_FLAGS_LEVEL;
	irqfd->capid = GUNYAH_CAPID_INVALID;
	spin_lock_init(&irqfd->lock);
	init_waitqueue_func_entry(&irqfd->wait, irqfd_wakeup);
	init_poll_funcptr(&irqfd->poll, irqfd_queue_proc);
	return irqfd;
}

/*
 * From the moment of the hook on signals arrive.  One that was there before, or whose
 * irqfd was removed, is still in the eventfd's counter.
 */
static void irqfd_hook(struct gunyah_irqfd *irqfd, struct file *file)
{
	__poll_t events = vfs_poll(file, &irqfd->poll);

	if (events & EPOLLIN)
		irqfd_signal(irqfd);
}

static int irqfd_bind_file(struct gunyah_vm *vm, const struct gunyah_fn_irqfd_arg *arg,
			   struct file *file)
{
	struct gunyah_irqfd *irqfd = irqfd_alloc(vm, arg);
	int err;

	if (!irqfd)
		return -ENOMEM;
	irqfd->ctx = eventfd_ctx_fileget(file);
	if (IS_ERR(irqfd->ctx)) {
		err = PTR_ERR(irqfd->ctx);
		goto free;
	}
	err = gunyah_resource_ticket_add(&vm->resources, &irqfd->ticket);
	if (err)
		goto put_ctx;
	list_add_tail(&irqfd->fn.node, &vm->functions);
	irqfd_hook(irqfd, file);
	return 0;

put_ctx:
	eventfd_ctx_put(irqfd->ctx);
free:
	kfree(irqfd);
	return err;
}

/**
 * gunyah_irqfd_bind() - adds an irqfd
 * @vm: the VM, fn_lock held
 * @data: struct gunyah_fn_irqfd_arg; its padding is not looked at
 *
 * Returns: 0 or an error, see &struct gunyah_fn_irqfd_arg.
 */
long gunyah_irqfd_bind(struct gunyah_vm *vm, const void *data)
{
	const struct gunyah_fn_irqfd_arg *arg = data;
	struct file *file;
	int err;

	lockdep_assert_held(&vm->fn_lock);

	if (arg->flags & ~(u32)GUNYAH_IRQFD_FLAGS_LEVEL)
		return -EINVAL;
	file = eventfd_fget(arg->fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	irqfd_sweep(vm);
	err = irqfd_bind_file(vm, arg, file);
	fput(file);
	return err;
}
