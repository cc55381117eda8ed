/* SPDX-License-Identifier: GPL-2.0-only */
/* A start in progress: shared by the files vm_boot*.c.  Layer 6. */
#ifndef _GUNYAH_VM_BOOT_H
#define _GUNYAH_VM_BOOT_H

#include <linux/gunyah.h>
#include <linux/types.h>

#include "rm.h"

struct gunyah_mem_range;
struct gunyah_parcel;
struct gunyah_vm;

/**
 * struct gunyah_boot - a start in progress
 * @vm: the VM
 * @paged: the rest of the memory comes on demand
 * @auth: how the VM is authenticated; all zero: not at all
 * @image: the range that holds the device tree
 * @firmware: the range that holds the place for the firmware; NULL: there is none
 * @config: for CONFIG_IMAGE, but for the handle
 * @parcel: the parcel that holds the device tree
 * @firmware_parcel: the one that holds the place for the firmware, maybe the same
 * @why: what is wrong, in words, if the errno is not enough; else NULL
 * @hyp_error: what the hypervisor said to the step that failed; 0: nothing
 * @witness: what the RM says to this task
 */
struct gunyah_boot {
	struct gunyah_vm *vm;
	bool paged;
	struct gunyah_auth_plan auth;
	struct gunyah_mem_range *image;
	struct gunyah_mem_range *firmware;
	struct gunyah_rm_config_image config;
	struct gunyah_parcel *parcel;
	struct gunyah_parcel *firmware_parcel;
	const char *why;
	int hyp_error;
	struct gunyah_rm_witness witness;
};

/* vm_boot_plan.c; all under mem.lock */
int gunyah_boot_find_image(struct gunyah_vm *vm, struct gunyah_mem_range **image);
int gunyah_boot_gather(struct gunyah_boot *boot);
u32 gunyah_boot_paging_room(struct gunyah_boot *boot);
u32 gunyah_boot_paging_list(struct gunyah_boot *boot, struct gunyah_rm_range *list);

/* vm_boot_auth.c; all under mem.lock */
void gunyah_boot_auth(const struct gunyah_vm *vm, struct gunyah_auth_plan *plan);
bool gunyah_boot_has_context(const struct gunyah_vm *vm);

/* vm_boot_context.c; all under mem.lock */
int gunyah_boot_check_context(struct gunyah_vm *vm);
int gunyah_boot_send_context(struct gunyah_boot *boot);

/* vm_boot_say.c */
void gunyah_boot_reason(const struct gunyah_boot *boot, char *text, size_t size);
void gunyah_boot_say(struct gunyah_boot *boot, const char *step, int err);

#endif
