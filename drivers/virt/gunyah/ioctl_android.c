// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the ioctls of type 'A': what programs for the Android common kernels (family B
 * of the ABI tables) say, in the words of the one model behind it.  Everything that
 * this family encodes in its own way, as the flags of CMA memory, is decoded here and
 * nowhere else; what a command does is below.
 */
#include <linux/errno.h>

#include <linux/gunyah/abi/hypercall.h>

#include "ioctl.h"
#include "ioctl_table.h"
#include "rm.h"
#include "vm.h"
#include "vm_mem.h"

/*
 * /dev/gunyah
 */

/* Old programs ask for two things, which are both there; 0 means yes (uapi 1) */
static long dev_tentative_uapi(void *obj, unsigned long value)
{
	switch (value) {
	case GUNYAH_TENTATIVE_CAP_UAPI:
	case GUNYAH_TENTATIVE_CAP_USER_MEM_LEND:
		return 0;
	default:
		return -EINVAL;
	}
}

static const struct gunyah_ioctl dev_ioctls[] = {
	GUNYAH_IOCTL_PLAIN(GUNYAH_ANDROID_TENTATIVE_UAPI, dev_tentative_uapi),
};

/**
 * gunyah_android_dev_ioctl() - an ioctl of type 'A' on /dev/gunyah
 * @cmd: all 32 bits of the command
 * @arg: as the program gave it
 *
 * Returns: what the program gets; ENOTTY if there is no such command.
 */
long gunyah_android_dev_ioctl(unsigned int cmd, unsigned long arg)
{
	return gunyah_ioctl_dispatch(dev_ioctls, ARRAY_SIZE(dev_ioctls), NULL, cmd, arg);
}

/*
 * VM descriptors
 */

static long vm_lend_user_mem(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vm_add_user_mem(obj, &arg->region, GUNYAH_MEM_LEND);
}

static long vm_reclaim_region(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vm_reclaim_region(obj, &arg->range);
}

#define CMA_WAYS	(GUNYAH_CMA_MEM_LEND | GUNYAH_CMA_MEM_SHARE)

/* The places of access and way are swapped against GUNYAH_VM_MAP_MEM (uapi 2.6, 6.1) */
static long vm_map_cma(void *obj, const union gunyah_ioctl_arg *arg)
{
	const struct gunyah_map_cma_mem_args *args = &arg->map_cma_mem;
	u32 way = args->flags & CMA_WAYS;
	struct gunyah_cma_map map = {
		.label = args->label,
		.access = args->flags & GUNYAH_MEM_ALLOW_RWX,
		.kind = way == GUNYAH_CMA_MEM_SHARE ? GUNYAH_MEM_SHARE : GUNYAH_MEM_LEND,
		.fd = args->guest_mem_fd,
		.gpa = args->guest_addr,
		.offset = args->offset,
		.size = args->size,
	};

	if (args->flags & ~(u32)(CMA_WAYS | GUNYAH_MEM_ALLOW_RWX))
		return -EINVAL;
	if (!map.access || way == CMA_WAYS)
		return -EINVAL;
	return gunyah_vm_map_cma(obj, &map);
}

static long vm_set_firmware(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vm_set_firmware(obj, &arg->firmware);
}

/* Arguments of authentication managers are copied here: they get no user pointers */
static long vm_set_auth(void *obj, const union gunyah_ioctl_arg *arg)
{
	u64 copy[DIV_ROUND_UP(GUNYAH_AUTH_MAX_ARG_SIZE, sizeof(u64))] = {};
	const struct gunyah_auth_desc *desc = &arg->auth;

	if (desc->arg_size > GUNYAH_AUTH_MAX_ARG_SIZE)
		return -EINVAL;
	if (copy_from_user(copy, u64_to_user_ptr(desc->arg), desc->arg_size))
		return -EFAULT;
	return gunyah_vm_set_auth(obj, desc->type, copy, desc->arg_size);
}

/* 1 makes crosvm take the timers away from the RM, so it has to be true (uapi 6.24) */
static long vm_check_extension(void *obj, unsigned long value)
{
	struct gunyah_vm *vm = obj;

	return value == GUNYAH_EXTENSION_VCPU_TIMER_WAKEUP &&
	       gunyah_rm_caps(vm->rm)->extensions & GUNYAH_EXT_TIMEOUT_STATE;
}

static const struct gunyah_ioctl vm_ioctls[] = {
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_ANDROID_LEND_USER_MEM, vm_lend_user_mem),
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_ANDROID_SET_FW_CONFIG, vm_set_firmware),
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_RECLAIM_REGION, vm_reclaim_region),
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_ANDROID_MAP_CMA_MEM, vm_map_cma),
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_ANDROID_SET_AUTH_TYPE, vm_set_auth),
	GUNYAH_IOCTL_PLAIN(GUNYAH_VM_CHECK_EXTENSION, vm_check_extension),
};

/**
 * gunyah_android_vm_ioctl() - an ioctl of type 'A' on a VM
 * @vm: the VM
 * @cmd: all 32 bits of the command
 * @arg: as the program gave it
 *
 * Returns: what the program gets; ENOTTY if there is no such command.
 */
long gunyah_android_vm_ioctl(struct gunyah_vm *vm, unsigned int cmd, unsigned long arg)
{
	return gunyah_ioctl_dispatch(vm_ioctls, ARRAY_SIZE(vm_ioctls), vm, cmd, arg);
}
