// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns what a VM accepts as CMA memory.  The memory itself is mem_cma.c's.
 */
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <linux/gunyah/abi/rm.h>

#include "mem_cma.h"
#include "vm.h"
#include "vm_mem.h"

/* It is part of the start or nothing: the RM knows it as memory that is never paged */
static int vm_check_cma_open(struct gunyah_vm *vm, struct gunyah_gfns gfns)
{
	lockdep_assert_held(&vm->mem.lock);

	if (vm->start_failed || gunyah_vm_state(vm) != GUNYAH_RM_VM_STATE_NONE)
		return -EINVAL;
	return gunyah_mem_is_free(&vm->mem, gfns) ? 0 : -EEXIST;
}

static int vm_insert_cma(struct gunyah_vm *vm, const struct gunyah_cma_map *map,
			 struct gunyah_mem_range *range)
{
	int err;

	lockdep_assert_held(&vm->mem.lock);

	err = vm_check_cma_open(vm, range->gfns);
	if (err)
		return err;
	err = gunyah_cma_mem_bind(range, map->fd, map->offset);
	if (err)
		return err;
	return gunyah_mem_insert(&vm->mem, range);
}

static int vm_insert_cma_locked(struct gunyah_vm *vm, const struct gunyah_cma_map *map,
				struct gunyah_mem_range *range)
{
	int err = mutex_lock_interruptible(&vm->mem.lock);

	if (err)
		return err;
	err = vm_insert_cma(vm, map, range);
	mutex_unlock(&vm->mem.lock);
	return err;
}

/**
 * gunyah_vm_map_cma() - part of a file of CMA memory becomes the guest's
 * @vm: the VM
 * @map: which, where
 *
 * Returns: 0 or the errors of GUNYAH_VM_ANDROID_MAP_CMA_MEM.
 */
int gunyah_vm_map_cma(struct gunyah_vm *vm, const struct gunyah_cma_map *map)
{
	struct gunyah_mem_range *range;
	struct gunyah_gfns gfns;
	int err;

	if (current->mm != vm->mm)
		return -EPERM;
	if (!PAGE_ALIGNED(map->offset))
		return -EINVAL;
	err = gunyah_gfns_from_bytes(map->gpa, map->size, &gfns);
	if (err)
		return err;
	range = kzalloc(sizeof(*range), GFP_KERNEL_ACCOUNT);
	if (!range)
		return -ENOMEM;
	range->mem = &vm->mem;
	range->gfns = gfns;
	range->label = map->label;
	range->kind = map->kind;
	range->access = gunyah_user_access(map->access);
	range->rights = gunyah_user_rights(map->access);
	err = vm_insert_cma_locked(vm, map, range);
	if (err)
		kfree(range);
	return err;
}
