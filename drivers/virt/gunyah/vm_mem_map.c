// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns what user space says about guest memory files as memory of a VM, and about
 * memory that is to come back while the VM runs.
 *
 * A start holds mem.lock, too: it sees a change as a whole, or not at all.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <linux/gunyah/abi/rm.h>

#include "guest_memfd.h"
#include "rm.h"
#include "vm.h"

#define MAP_MEM_FLAGS									\
	(GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_FORCE_SHARE |			\
	 GUNYAH_MAP_MEM_ALLOW_RWX | GUNYAH_MAP_MEM_UNMAP)

/**
 * struct map_mem - a checked argument of GUNYAH_VM_MAP_MEM
 * @gfns: where
 * @index: first page of the file
 * @fd: the file
 * @kind: how
 * @access: GUNYAH_RM_ACL_*: what the user allows
 */
struct map_mem {
	struct gunyah_gfns gfns;
	u64 index;
	unsigned int fd;
	enum gunyah_mem_kind kind;
	u8 access;
};

static int map_mem_kind(u32 flags, enum gunyah_mem_kind *kind)
{
	switch (flags & GUNYAH_MAP_MEM_WAY_MASK) {
	case GUNYAH_MAP_MEM_DEFAULT:
	case GUNYAH_MAP_MEM_FORCE_LEND:
		*kind = GUNYAH_MEM_LEND;
		return 0;
	case GUNYAH_MAP_MEM_FORCE_SHARE:
		*kind = GUNYAH_MEM_SHARE;
		return 0;
	}
	return -EINVAL;
}

static int map_mem_flags(u32 flags, struct map_mem *map)
{
	if (flags & ~(u32)MAP_MEM_FLAGS || !(flags & GUNYAH_MAP_MEM_ALLOW_RWX))
		return -EINVAL;
	map->access = (flags & GUNYAH_MAP_MEM_ALLOW_READ ? GUNYAH_RM_ACL_R : 0) |
		      (flags & GUNYAH_MAP_MEM_ALLOW_WRITE ? GUNYAH_RM_ACL_W : 0) |
		      (flags & GUNYAH_MAP_MEM_ALLOW_EXEC ? GUNYAH_RM_ACL_X : 0);
	return map_mem_kind(flags, &map->kind);
}

static int map_mem_check(const struct gunyah_map_mem_args *args, struct map_mem *map)
{
	u64 last;
	int err;

	map->fd = args->guest_mem_fd;
	map->index = args->offset >> PAGE_SHIFT;
	if (!PAGE_ALIGNED(args->offset))
		return -EINVAL;
	err = map_mem_flags(args->flags, map);
	if (err)
		return err;
	err = gunyah_gfns_from_bytes(args->guest_addr, args->size, &map->gfns);
	if (err)
		return err;
	if (check_add_overflow(args->offset, args->size - 1, &last))
		return -EOVERFLOW;
	return gunyah_guest_memfd_check(map->fd, map->gfns.gfn, map->index, map->gfns.nr);
}

/*
 * Lent memory can always be read and executed, shared memory never executed: only
 * writing is for the user to allow (ABI tables, uapi 3.5).
 */
static u8 map_mem_rights(const struct map_mem *map)
{
	return GUNYAH_RM_ACL_R | (map->access & GUNYAH_RM_ACL_W) |
	       (map->kind == GUNYAH_MEM_LEND ? GUNYAH_RM_ACL_X : 0);
}

static int vm_map_mem(struct gunyah_vm *vm, const struct map_mem *map)
{
	struct gunyah_mem_range *range = kzalloc(sizeof(*range), GFP_KERNEL_ACCOUNT);
	int err;

	if (!range)
		return -ENOMEM;
	range->mem = &vm->mem;
	range->gfns = map->gfns;
	range->kind = map->kind;
	range->access = map->access;
	range->rights = map_mem_rights(map);
	err = gunyah_guest_memfd_bind(range, map->fd, map->index, map->gfns.nr);
	if (err) {
		kfree(range);
		return err;
	}
	return gunyah_vm_add_range(vm, range);
}

static bool map_mem_matches(const struct map_mem *map, const struct gunyah_mem_range *range)
{
	return gunyah_guest_memfd_is(range, map->fd) && range->kind == map->kind &&
	       range->access == map->access &&
	       gunyah_range_index(range, map->gfns.gfn) == map->index;
}

static int vm_unmap_mem_locked(struct gunyah_vm *vm, const struct map_mem *map)
{
	struct gunyah_mem_range *range = gunyah_mem_find(&vm->mem, map->gfns);

	if (!range || !map_mem_matches(map, range))
		return -ENOENT;
	return gunyah_mem_remove(&vm->mem, range, map->gfns);
}

static int vm_unmap_mem(struct gunyah_vm *vm, const struct map_mem *map)
{
	int err = mutex_lock_interruptible(&vm->mem.lock);

	if (err)
		return err;
	err = vm_unmap_mem_locked(vm, map);
	mutex_unlock(&vm->mem.lock);
	return err;
}

/**
 * gunyah_vm_map_mem() - part of a guest memory file becomes the guest's, or not any more
 * @vm: the VM
 * @args: what the user said
 *
 * Returns: 0 or the errors of GUNYAH_VM_MAP_MEM.
 */
int gunyah_vm_map_mem(struct gunyah_vm *vm, const struct gunyah_map_mem_args *args)
{
	struct map_mem map;
	int err;

	err = map_mem_check(args, &map);
	if (err)
		return err;
	if (args->flags & GUNYAH_MAP_MEM_UNMAP)
		return vm_unmap_mem(vm, &map);
	return vm_map_mem(vm, &map);
}

static int vm_reclaim_locked(struct gunyah_vm *vm, struct gunyah_gfns gfns)
{
	if (vm->has_user_mem && current->mm != vm->mm)
		return -EPERM;
	if (!gunyah_rm_caps(vm->rm)->demand_paging)
		return -EOPNOTSUPP;
	return gunyah_mem_take_back(&vm->mem, gfns);
}

/**
 * gunyah_vm_reclaim_region() - takes pages back that the guest has given up
 * @vm: the VM
 * @args: which
 *
 * Returns: 0 or the errors of GUNYAH_VM_RECLAIM_REGION.
 */
int gunyah_vm_reclaim_region(struct gunyah_vm *vm, const struct gunyah_address_range *args)
{
	struct gunyah_gfns gfns;
	int err;

	err = gunyah_gfns_from_bytes(args->guest_phys_addr, args->size, &gfns);
	if (err)
		return err;
	err = mutex_lock_interruptible(&vm->mem.lock);
	if (err)
		return err;
	err = vm_reclaim_locked(vm, gfns);
	mutex_unlock(&vm->mem.lock);
	return err;
}
