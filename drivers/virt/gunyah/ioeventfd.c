// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns ioeventfds: an eventfd and the place on the I/O bus that signals it.
 */
#include <linux/eventfd.h>
#include <linux/lockdep.h>
#include <linux/slab.h>

#include "compat.h"
#include "io_bus.h"
#include "ioeventfd.h"
#include "vm.h"

/**
 * struct gunyah_ioeventfd - one of them
 * @fn: its place in the VM
 * @handler: its place on the bus; constant
 * @len: as the user said; constant
 * @flags: as the user said; constant
 * @ctx: the eventfd; constant
 */
struct gunyah_ioeventfd {
	struct gunyah_vm_function fn;
	struct gunyah_io_handler handler;
	u32 len;
	u32 flags;
	struct eventfd_ctx *ctx;
};

static void ioeventfd_write(struct gunyah_io_handler *handler)
{
	struct gunyah_ioeventfd *p = container_of(handler, struct gunyah_ioeventfd, handler);

	gunyah_eventfd_signal(p->ctx);
}

/* Off the bus first: then no vCPU can be about to signal */
static void ioeventfd_unbind(struct gunyah_vm_function *fn)
{
	struct gunyah_ioeventfd *p = container_of(fn, struct gunyah_ioeventfd, fn);

	gunyah_io_bus_remove(fn->vm, &p->handler);
	eventfd_ctx_put(p->ctx);
	kfree(p);
}

/*
 * There are programs that only fill in the address when they remove one (ABI
 * tables, uapi 6 #21): they get the first at that address, if no exact one is there.
 */
static bool ioeventfd_match(const struct gunyah_vm_function *fn, const void *data, bool exact)
{
	const struct gunyah_ioeventfd *p = container_of(fn, struct gunyah_ioeventfd, fn);
	const struct gunyah_fn_ioeventfd_arg *arg = data;

	if (arg->addr != p->handler.addr)
		return false;
	if (!exact)
		return !arg->len && !arg->flags && !arg->datamatch;
	return arg->len == p->len && arg->flags == p->flags &&
	       (!p->handler.match_data || arg->datamatch == p->handler.data);
}

static int ioeventfd_check(const struct gunyah_fn_ioeventfd_arg *arg)
{
	if (arg->flags & ~(u32)GUNYAH_IOEVENTFD_FLAGS_DATAMATCH)
		return -EINVAL;
	switch (arg->len) {
	case 0:
		return arg->flags & GUNYAH_IOEVENTFD_FLAGS_DATAMATCH ? -EINVAL : 0;
	case 1:
	case 2:
	case 4:
	case 8:
		return 0;
	default:
		return -EINVAL;
	}
}

static struct gunyah_ioeventfd *ioeventfd_alloc(const struct gunyah_fn_ioeventfd_arg *arg)
{
	struct gunyah_ioeventfd *p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);

	if (!p)
		return NULL;
	p->fn.type = GUNYAH_FN_IOEVENTFD;
	p->fn.unbind = ioeventfd_unbind;
	p->fn.match = ioeventfd_match;
	p->len = arg->len;
	p->flags = arg->flags;
	p->handler.addr = arg->addr;
	p->handler.match_data = arg->flags & GUNYAH_IOEVENTFD_FLAGS_DATAMATCH;
	p->handler.len = arg->len;
	p->handler.data = arg->datamatch;
	p->handler.write = ioeventfd_write;
	return p;
}

/**
 * gunyah_ioeventfd_bind() - adds an ioeventfd
 * @vm: the VM, fn_lock held
 * @data: struct gunyah_fn_ioeventfd_arg
 *
 * Returns: 0 or an error, see &struct gunyah_fn_ioeventfd_arg.
 */
long gunyah_ioeventfd_bind(struct gunyah_vm *vm, const void *data)
{
	const struct gunyah_fn_ioeventfd_arg *arg = data;
	struct gunyah_ioeventfd *p;
	int err;

	lockdep_assert_held(&vm->fn_lock);

	err = ioeventfd_check(arg);
	if (err)
		return err;
	p = ioeventfd_alloc(arg);
	if (!p)
		return -ENOMEM;
	p->ctx = eventfd_ctx_fdget(arg->fd);
	if (IS_ERR(p->ctx)) {
		err = PTR_ERR(p->ctx);
		goto free;
	}
	p->fn.vm = vm;
	err = gunyah_io_bus_add(vm, &p->handler);
	if (err)
		goto put_ctx;
	list_add_tail(&p->fn.node, &vm->functions);
	return 0;

put_ctx:
	eventfd_ctx_put(p->ctx);
free:
	kfree(p);
	return err;
}
