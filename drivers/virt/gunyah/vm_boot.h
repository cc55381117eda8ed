/* SPDX-License-Identifier: GPL-2.0-only */
/* A start in progress: shared by the files vm_boot*.c.  Layer 6. */
#ifndef _GUNYAH_VM_BOOT_H
#define _GUNYAH_VM_BOOT_H

#include <linux/types.h>

#include "rm.h"

struct gunyah_mem_range;
struct gunyah_parcel;
struct gunyah_vm;

/**
 * struct gunyah_boot - a start in progress
 * @vm: the VM
 * @image: the range that holds the device tree
 * @config: for CONFIG_IMAGE, but for the handle
 * @parcel: the parcel that holds the device tree
 * @paged: the rest of the memory comes on demand
 */
struct gunyah_boot {
	struct gunyah_vm *vm;
	struct gunyah_mem_range *image;
	struct gunyah_rm_config_image config;
	struct gunyah_parcel *parcel;
	bool paged;
};

/* vm_boot_plan.c; all under mem.lock */
int gunyah_boot_find_image(struct gunyah_vm *vm, struct gunyah_mem_range **image);
int gunyah_boot_gather(struct gunyah_boot *boot);
u32 gunyah_boot_paging_list(struct gunyah_boot *boot, struct gunyah_rm_range *list);

/* vm_boot_context.c; all under mem.lock */
int gunyah_boot_check_context(struct gunyah_vm *vm);
int gunyah_boot_send_context(struct gunyah_boot *boot);

#endif
