// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns ADD_FUNCTION and REMOVE_FUNCTION: the table of types, the copy of the
 * argument, and finding what is to be removed.  What a function does is its own
 * file's business.
 */
#include <linux/cleanup.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "ioeventfd.h"
#include "irqfd.h"
#include "vcpu.h"
#include "vm.h"
#include "vm_fn.h"

/**
 * struct gunyah_fn_ops - a type of functions
 * @arg_size: of the argument, exactly
 * @bind: makes a function and adds it to the VM, under fn_lock; returns what the
 *	ioctl returns.  Nothing that can fail follows
 */
struct gunyah_fn_ops {
	u32 arg_size;
	long (*bind)(struct gunyah_vm *vm, const void *arg);
};

static const struct gunyah_fn_ops fn_types[] = {
	[GUNYAH_FN_VCPU] = {
		.arg_size = sizeof(struct gunyah_fn_vcpu_arg),
		.bind = gunyah_vcpu_bind,
	},
	[GUNYAH_FN_IRQFD] = {
		.arg_size = sizeof(struct gunyah_fn_irqfd_arg),
		.bind = gunyah_irqfd_bind,
	},
	[GUNYAH_FN_IOEVENTFD] = {
		.arg_size = sizeof(struct gunyah_fn_ioeventfd_arg),
		.bind = gunyah_ioeventfd_bind,
	},
};

/* The largest argument there is; aligned for all of them */
union gunyah_fn_arg {
	u8 bytes[GUNYAH_FN_MAX_ARG_SIZE];
	struct gunyah_fn_vcpu_arg vcpu;
	struct gunyah_fn_irqfd_arg irqfd;
	struct gunyah_fn_ioeventfd_arg ioeventfd;
};

static const struct gunyah_fn_ops *fn_type(u32 type)
{
	if (type >= ARRAY_SIZE(fn_types) || !fn_types[type].bind)
		return NULL;
	return &fn_types[type];
}

static union gunyah_fn_arg *fn_copy_arg(const struct gunyah_fn_desc *desc)
{
	union gunyah_fn_arg *arg = kzalloc(sizeof(*arg), GFP_KERNEL);

	if (!arg)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(arg, u64_to_user_ptr(desc->arg), desc->arg_size)) {
		kfree(arg);
		return ERR_PTR(-EFAULT);
	}
	return arg;
}

static long fn_bind(struct gunyah_vm *vm, const struct gunyah_fn_ops *type, const void *arg)
{
	long ret = mutex_lock_interruptible(&vm->fn_lock);

	if (ret)
		return ret;
	ret = type->bind(vm, arg);
	mutex_unlock(&vm->fn_lock);
	return ret;
}

/**
 * gunyah_vm_fn_add() - GUNYAH_VM_ADD_FUNCTION
 * @vm: the VM
 * @desc: from the user, the argument still in user memory
 *
 * Returns: what the function's bind returns, or an error of the ioctl.
 */
long gunyah_vm_fn_add(struct gunyah_vm *vm, const struct gunyah_fn_desc *desc)
{
	const struct gunyah_fn_ops *type = fn_type(desc->type);
	union gunyah_fn_arg *arg;
	long ret;

	if (desc->arg_size > GUNYAH_FN_MAX_ARG_SIZE)
		return -EINVAL;
	arg = fn_copy_arg(desc);
	if (IS_ERR(arg))
		return PTR_ERR(arg);
	if (!type)
		ret = -ENOENT;
	else if (desc->arg_size != type->arg_size)
		ret = -EINVAL;
	else
		ret = fn_bind(vm, type, arg);
	kfree(arg);
	return ret;
}

static struct gunyah_vm_function *fn_find(struct gunyah_vm *vm, u32 type, const void *arg,
					  bool exact)
{
	struct gunyah_vm_function *fn;

	list_for_each_entry(fn, &vm->functions, node) {
		if (fn->type == type && fn->match(fn, arg, exact))
			return fn;
	}
	return NULL;
}

static long fn_unbind(struct gunyah_vm *vm, u32 type, const void *arg)
{
	struct gunyah_vm_function *fn;
	long ret = mutex_lock_interruptible(&vm->fn_lock);

	if (ret)
		return ret;
	fn = fn_find(vm, type, arg, true) ?: fn_find(vm, type, arg, false);
	if (fn) {
		list_del_init(&fn->node);
		fn->unbind(fn);
	}
	mutex_unlock(&vm->fn_lock);
	return fn ? 0 : -ENOENT;
}

/**
 * gunyah_vm_fn_remove() - GUNYAH_VM_REMOVE_FUNCTION
 * @vm: the VM
 * @desc: from the user, the argument still in user memory
 *
 * An argument that no function can have been added with matches nothing, and is not
 * even copied if it is too large.
 *
 * Returns: 0 or an error of the ioctl.
 */
long gunyah_vm_fn_remove(struct gunyah_vm *vm, const struct gunyah_fn_desc *desc)
{
	const struct gunyah_fn_ops *type = fn_type(desc->type);
	union gunyah_fn_arg *arg;
	long ret = -ENOENT;

	if (desc->arg_size > GUNYAH_FN_MAX_ARG_SIZE)
		return -ENOENT;
	arg = fn_copy_arg(desc);
	if (IS_ERR(arg))
		return PTR_ERR(arg);
	if (type && desc->arg_size == type->arg_size)
		ret = fn_unbind(vm, desc->type, arg);
	kfree(arg);
	return ret;
}
