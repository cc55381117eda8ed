/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of ioctls: a command, and who handles it.  The command says how much there
 * is to copy; it is copied once, here.  No layer of its own: each descriptor's file
 * has its table.
 */
#ifndef _GUNYAH_IOCTL_TABLE_H
#define _GUNYAH_IOCTL_TABLE_H

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/ioctl.h>
#include <linux/uaccess.h>

#include <uapi/linux/gunyah.h>

/* Every argument that an ioctl of ours points to */
union gunyah_ioctl_arg {
	struct gunyah_userspace_memory_region region;
	struct gunyah_vm_dtb_config dtb;
	struct gunyah_fn_desc fn;
	struct gunyah_vm_boot_context boot;
	struct gunyah_unshare_window unshare_window;
	struct gunyah_create_mem_args create_mem;
	struct gunyah_map_mem_args map_mem;
	struct gunyah_address_range range;
	struct gunyah_vcpu_reg vcpu_reg;
	struct gunyah_map_cma_mem_args map_cma_mem;
	struct gunyah_vm_firmware_config firmware;
	struct gunyah_auth_desc auth;
};

/**
 * struct gunyah_ioctl - an ioctl
 * @cmd: all 32 bits of the command
 * @plain: handler of one without a structure; gets the argument itself
 * @copied: handler of one with a structure of _IOC_SIZE(@cmd) bytes
 */
struct gunyah_ioctl {
	unsigned int cmd;
	long (*plain)(void *obj, unsigned long value);
	long (*copied)(void *obj, const union gunyah_ioctl_arg *arg);
};

#define GUNYAH_IOCTL_PLAIN(_cmd, _handler) { .cmd = (_cmd), .plain = (_handler) }

#define GUNYAH_IOCTL_COPIED(_cmd, _handler)						\
	{										\
		.cmd = (_cmd) +								\
		       BUILD_BUG_ON_ZERO(_IOC_SIZE(_cmd) > sizeof(union gunyah_ioctl_arg)), \
		.copied = (_handler),							\
	}

static inline long gunyah_ioctl_copied(const struct gunyah_ioctl *entry, void *obj,
				       unsigned long uaddr)
{
	union gunyah_ioctl_arg arg;

	if (copy_from_user(&arg, (void __user *)uaddr, _IOC_SIZE(entry->cmd)))
		return -EFAULT;
	return entry->copied(obj, &arg);
}

static inline long gunyah_ioctl_dispatch(const struct gunyah_ioctl *table, size_t n, void *obj,
					 unsigned int cmd, unsigned long arg)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (table[i].cmd != cmd)
			continue;
		if (table[i].plain)
			return table[i].plain(obj, arg);
		return gunyah_ioctl_copied(&table[i], obj, arg);
	}
	return -ENOTTY;
}

#endif
