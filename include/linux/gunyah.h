/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What other modules may use of the Gunyah driver: authentication managers, for
 * platforms whose firmware checks the images of virtual machines.
 */
#ifndef _LINUX_GUNYAH_H
#define _LINUX_GUNYAH_H

#include <linux/module.h>
#include <linux/types.h>

/**
 * struct gunyah_auth_param - a parameter of AUTH_IMAGE
 * @type: GUNYAH_RM_AUTH_PARAM_*
 * @value: its value
 */
struct gunyah_auth_param {
	u32 type;
	u32 value;
};

#define GUNYAH_AUTH_MAX_PARAMS	4

/**
 * struct gunyah_auth_plan - how a VM is to be authenticated when it starts
 * @vmid: the fixed VMID that it has; 0: any
 * @rm_auth: GUNYAH_RM_AUTH_*: for CONFIG_IMAGE
 * @image_gpa: where its image begins, page aligned
 * @image_size: bytes; 0: there is none but the device tree
 * @metadata_size: bytes at the beginning of the image that CONFIG_IMAGE names
 * @nr_params: entries of @params; 0: no AUTH_IMAGE is sent
 * @params: for AUTH_IMAGE
 */
struct gunyah_auth_plan {
	u16 vmid;
	u16 rm_auth;
	u64 image_gpa;
	u64 image_size;
	u64 metadata_size;
	u32 nr_params;
	struct gunyah_auth_param params[GUNYAH_AUTH_MAX_PARAMS];
};

/**
 * struct gunyah_auth_manager - a type of GUNYAH_VM_ANDROID_SET_AUTH_TYPE
 * @type: enum gunyah_auth_type
 * @arg_size: bytes of its argument, exactly; at most GUNYAH_AUTH_MAX_ARG_SIZE
 * @owner: module that has it; kept while @plan runs
 * @plan: checks @arg, a kernel copy, and fills @plan, which is zero before.  Process
 *	context, no lock is held; an error is that of the ioctl
 *
 * A plan says all that there is to know, so a VM does not keep the module.
 */
struct gunyah_auth_manager {
	u32 type;
	size_t arg_size;
	struct module *owner;
	int (*plan)(const void *arg, struct gunyah_auth_plan *plan);
};

int gunyah_auth_manager_register(const struct gunyah_auth_manager *manager);
void gunyah_auth_manager_unregister(const struct gunyah_auth_manager *manager);

/* Of modules that are to be loaded when a program asks for type @_type */
#define MODULE_ALIAS_GUNYAH_AUTH(_type) MODULE_ALIAS("gunyah-auth-" __stringify(_type))

#endif
