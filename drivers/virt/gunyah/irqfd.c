// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns irqfds: the hook on an eventfd, the doorbell it rings, signals that come before
 * the doorbell, and with resample the way back: the end of the guest's handling.
 *
 * When the last reference of user space to an eventfd goes, its irqfd is as good as
 * removed: nothing finds it any more, and the next one that is added sweeps it out.
 *
 * A hook runs in the context of whoever signals, with interrupts off; sending to a
 * doorbell is a hypercall that never waits, so it is done there and then.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/interrupt.h>
#include <linux/lockdep.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "compat.h"
#include "hypercall.h"
#include "irqfd.h"
#include "rm.h"
#include "vm.h"

/* The flag of the doorbell that is sent; the guest only sees the interrupt */
#define IRQFD_BELL	1

/**
 * struct gunyah_irqfd - one of them
 * @fn: its place in the VM
 * @ticket: its claim on the doorbell
 * @level: acknowledged by the guest; constant
 * @ctx: the eventfd; constant
 * @resample: the eventfd for EOIs, NULL if nobody asked for them; constant
 * @name: of the interrupt that tells of EOIs; constant
 * @irq: that interrupt, while the doorbell is there, or 0; under fn_lock
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
	struct eventfd_ctx *resample;
	char name[24];
	int irq;
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
static void irqfd_set_level(struct gunyah_irqfd *irqfd, u64 capid)
{
	int err = gunyah_hypercall_doorbell_mask(capid, IRQFD_BELL, IRQFD_BELL);

	if (err)
		pr_warn_ratelimited("gunyah: no level interrupt %u, is source-can-clear missing? %s\n",
				    irqfd->ticket.label, gunyah_error_name(err));
}

/* The interrupt goes down; nobody is left to be told of an error */
static void irqfd_lower(struct gunyah_irqfd *irqfd)
{
	lockdep_assert_held(&irqfd->lock);

	if (irqfd->capid != GUNYAH_CAPID_INVALID)
		gunyah_hypercall_doorbell_receive(irqfd->capid, IRQFD_BELL, NULL);
}

/*
 * The guest has ended its handling.  First down, then the word to whoever raised it: the
 * other way round, an answer that comes at once would be lost.  Not under the lock: both
 * eventfds may be the same one.
 */
static irqreturn_t irqfd_eoi(int irq, void *data)
{
	struct gunyah_irqfd *irqfd = data;
	unsigned long flags;

	spin_lock_irqsave(&irqfd->lock, flags);
	irqfd_lower(irqfd);
	spin_unlock_irqrestore(&irqfd->lock, flags);
	gunyah_eventfd_signal(irqfd->resample);
	return IRQ_HANDLED;
}

/*
 * Without an ack mask the interrupt stays raised until irqfd_eoi().  Whoever asked for
 * that cannot do without: a doorbell that does not tell of EOIs is refused.
 */
static int irqfd_set_resample(struct gunyah_irqfd *irqfd, const struct gunyah_resource *res)
{
	int err;

	if (!res->irq) {
		pr_err("gunyah: interrupt %u of a guest: no resample, its doorbell tells of no EOI: not level, or source-can-clear or eoi-virq is missing\n",
		       irqfd->ticket.label);
		return -EOPNOTSUPP;
	}
	err = gunyah_hypercall_doorbell_mask(res->capid, IRQFD_BELL, 0);
	if (err) {
		pr_err("gunyah: interrupt %u of a guest: no resample: %s\n",
		       irqfd->ticket.label, gunyah_error_name(err));
		return gunyah_error_to_errno(err);
	}
	err = request_irq(res->irq, irqfd_eoi, IRQF_TRIGGER_RISING, irqfd->name, irqfd);
	if (!err)
		irqfd->irq = res->irq;
	return err;
}

static int irqfd_populate(struct gunyah_resource_ticket *ticket,
			  const struct gunyah_resource *res)
{
	struct gunyah_irqfd *irqfd = container_of(ticket, struct gunyah_irqfd, ticket);
	unsigned long flags;
	int err = 0;

	if (irqfd->resample)
		err = irqfd_set_resample(irqfd, res);
	else if (irqfd->level)
		irqfd_set_level(irqfd, res->capid);
	if (err)
		return err;
	spin_lock_irqsave(&irqfd->lock, flags);
	irqfd->capid = res->capid;
	if (irqfd->pending)
		irqfd_send(irqfd);
	irqfd->pending = false;
	spin_unlock_irqrestore(&irqfd->lock, flags);
	return 0;
}

/* Nobody lowers the interrupt of a resample irqfd any more: it does not stay raised */
static void irqfd_unpopulate(struct gunyah_resource_ticket *ticket)
{
	struct gunyah_irqfd *irqfd = container_of(ticket, struct gunyah_irqfd, ticket);
	unsigned long flags;

	spin_lock_irqsave(&irqfd->lock, flags);
	if (irqfd->resample)
		irqfd_lower(irqfd);
	irqfd->capid = GUNYAH_CAPID_INVALID;
	spin_unlock_irqrestore(&irqfd->lock, flags);
	if (irqfd->irq)
		free_irq(irqfd->irq, irqfd);
	irqfd->irq = 0;
}

static void irqfd_free(struct gunyah_irqfd *irqfd)
{
	if (irqfd->resample)
		eventfd_ctx_put(irqfd->resample);
	if (irqfd->ctx)
		eventfd_ctx_put(irqfd->ctx);
	kfree(irqfd);
}

/*
 * 1. Unhook: when this returns, no signal is under way and none will come.
 * 2. The ticket: the doorbell is somebody else's to claim, no EOI is under way.
 * 3. The eventfds, which the hook was in and EOIs went to.
 */
static void irqfd_unbind(struct gunyah_vm_function *fn)
{
	struct gunyah_irqfd *irqfd = container_of(fn, struct gunyah_irqfd, fn);
	u64 count;

	eventfd_ctx_remove_wait_queue(irqfd->ctx, &irqfd->wait, &count);
	gunyah_resource_ticket_remove(&fn->vm->resources, &irqfd->ticket);
	irqfd_free(irqfd);
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
	scnprintf(irqfd->name, sizeof(irqfd->name), "gh-irqfd:%u", arg->label);
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

/* Keeps what it has got so far also if it fails */
static int irqfd_get_ctx(struct gunyah_irqfd *irqfd, const struct gunyah_fn_irqfd_arg *arg,
			 struct file *file)
{
	struct eventfd_ctx *ctx = eventfd_ctx_fileget(file);

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	irqfd->ctx = ctx;
	if (!(arg->flags & GUNYAH_IRQFD_FLAGS_RESAMPLE))
		return 0;
	ctx = eventfd_ctx_fdget(arg->resample_fd);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	irqfd->resample = ctx;
	return 0;
}

static int irqfd_bind_file(struct gunyah_vm *vm, const struct gunyah_fn_irqfd_arg *arg,
			   struct file *file)
{
	struct gunyah_irqfd *irqfd = irqfd_alloc(vm, arg);
	int err;

	if (!irqfd)
		return -ENOMEM;
	err = irqfd_get_ctx(irqfd, arg, file);
	if (!err)
		err = gunyah_resource_ticket_add(&vm->resources, &irqfd->ticket);
	if (err) {
		irqfd_free(irqfd);
		return err;
	}
	list_add_tail(&irqfd->fn.node, &vm->functions);
	irqfd_hook(irqfd, file);
	return 0;
}

static int irqfd_check(struct gunyah_vm *vm, const struct gunyah_fn_irqfd_arg *arg)
{
	const u32 resample = GUNYAH_IRQFD_FLAGS_RESAMPLE, level = GUNYAH_IRQFD_FLAGS_LEVEL;

	if (arg->flags & ~(level | resample))
		return -EINVAL;
	if (!(arg->flags & resample))
		return 0;
	if (!(arg->flags & level))
		return -EINVAL;
	return gunyah_rm_caps(vm->rm)->extensions & GUNYAH_EXT_BELL_EOI ? 0 : -EOPNOTSUPP;
}

/**
 * gunyah_irqfd_bind() - adds an irqfd
 * @vm: the VM, fn_lock held
 * @data: struct gunyah_fn_irqfd_arg; without RESAMPLE its padding is not looked at
 *
 * Returns: 0 or an error, see &struct gunyah_fn_irqfd_arg.
 */
long gunyah_irqfd_bind(struct gunyah_vm *vm, const void *data)
{
	const struct gunyah_fn_irqfd_arg *arg = data;
	struct file *file;
	int err;

	lockdep_assert_held(&vm->fn_lock);

	err = irqfd_check(vm, arg);
	if (err)
		return err;
	file = eventfd_fget(arg->fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	irqfd_sweep(vm);
	err = irqfd_bind_file(vm, arg, file);
	fput(file);
	return err;
}
