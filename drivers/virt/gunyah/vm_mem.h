/* SPDX-License-Identifier: GPL-2.0-only */
/* What a VM accepts as memory, beside what vm.h says.  Layer 6. */
#ifndef _GUNYAH_VM_MEM_H
#define _GUNYAH_VM_MEM_H

#include <linux/types.h>

#include <linux/gunyah/abi/rm.h>
#include <uapi/linux/gunyah.h>

#include "mem.h"

struct gunyah_vm;

/*
 * The guest may execute all memory that it gets from a process: VMMs announce
 * their RAM this way, and firmware of the production RM insists on it.  Only
 * writing is optional (ABI tables, uapi 4.2, 6 #16).  The same for CMA memory.
 */
static inline u8 gunyah_user_rights(u32 flags)
{
	return GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_X |
	       (flags & GUNYAH_MEM_ALLOW_WRITE ? GUNYAH_RM_ACL_W : 0);
}

static inline u8 gunyah_user_access(u32 flags)
{
	return (flags & GUNYAH_MEM_ALLOW_READ ? GUNYAH_RM_ACL_R : 0) |
	       (flags & GUNYAH_MEM_ALLOW_WRITE ? GUNYAH_RM_ACL_W : 0) |
	       (flags & GUNYAH_MEM_ALLOW_EXEC ? GUNYAH_RM_ACL_X : 0);
}

/**
 * struct gunyah_cma_map - CMA memory for a VM
 * @label: the user's name for it
 * @access: GUNYAH_MEM_ALLOW_*, at least one
 * @kind: lend or share
 * @fd: the file
 * @gpa: where the guest sees it
 * @offset: first byte of the file
 * @size: bytes
 */
struct gunyah_cma_map {
	u32 label;
	u32 access;
	enum gunyah_mem_kind kind;
	unsigned int fd;
	u64 gpa;
	u64 offset;
	u64 size;
};

/* vm_mem_cma.c */
int gunyah_vm_map_cma(struct gunyah_vm *vm, const struct gunyah_cma_map *map);

#endif
