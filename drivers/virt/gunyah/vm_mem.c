// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns what a VM accepts as memory: when, from whom, and with which rights.  Where
 * pages come from is the backings', how they move mem's.
 */
#include <linux/lockdep.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "rm.h"
#include "user_mem.h"
#include "vm.h"
#include "vm_mem.h"

static int user_region_check(const struct gunyah_userspace_memory_region *region,
			     struct gunyah_gfns *gfns)
{
	u64 end;
	int err;

	if (region->flags & ~(u32)GUNYAH_MEM_ALLOW_RWX)
		return -EINVAL;
	if (!PAGE_ALIGNED(region->userspace_addr))
		return -EINVAL;
	err = gunyah_gfns_from_bytes(region->guest_phys_addr, region->memory_size, gfns);
	if (err)
		return err;
	if (check_add_overflow(region->userspace_addr, region->memory_size, &end))
		return -EOVERFLOW;
	return 0;
}

static bool vm_has_started(struct gunyah_vm *vm)
{
	return gunyah_vm_state(vm) != GUNYAH_RM_VM_STATE_NONE;
}

/* Demand paging adds memory to a VM that runs; parcels are handed over once, at the start */
static int vm_check_mem_open(struct gunyah_vm *vm, struct gunyah_gfns gfns)
{
	lockdep_assert_held(&vm->mem.lock);

	if (vm->start_failed || (vm_has_started(vm) && !gunyah_mem_is_paged(&vm->mem)))
		return -EOPNOTSUPP;
	return gunyah_mem_is_free(&vm->mem, gfns) ? 0 : -EEXIST;
}

static int vm_check_mem_open_locked(struct gunyah_vm *vm, struct gunyah_gfns gfns)
{
	int err = mutex_lock_interruptible(&vm->mem.lock);

	if (err)
		return err;
	err = vm_check_mem_open(vm, gfns);
	mutex_unlock(&vm->mem.lock);
	return err;
}

static int vm_insert_range(struct gunyah_vm *vm, struct gunyah_mem_range *range)
{
	int err;

	lockdep_assert_held(&vm->mem.lock);

	err = vm_check_mem_open(vm, range->gfns);
	if (!err && vm_has_started(vm) && !range->resident)
		err = gunyah_range_populate(range);
	return err ?: gunyah_mem_insert(&vm->mem, range);
}

static int vm_add_range(struct gunyah_vm *vm, struct gunyah_mem_range *range)
{
	int err = vm_insert_range(vm, range);

	if (err)
		goto free_range;
	if (!vm_has_started(vm))
		return 0;
	/* The RM does not page there, so all of it goes at once */
	err = gunyah_mem_push(&vm->mem, range);
	if (!err || gunyah_mem_retract(&vm->mem, range))
		return err;

free_range:
	gunyah_range_free(range);
	return err;
}

/**
 * gunyah_vm_add_range() - a range becomes part of a VM
 * @vm: the VM
 * @range: complete, with its backing; not the caller's any more, even if this fails
 *
 * Returns: 0; EEXIST if guest addresses are taken; EOPNOTSUPP for a VM that has been
 * started, or whose start failed, where memory comes in parcels; EINTR; ENOMEM; and for
 * a VM that runs what the backing or the hypervisor says.
 */
int gunyah_vm_add_range(struct gunyah_vm *vm, struct gunyah_mem_range *range)
{
	int err = mutex_lock_interruptible(&vm->mem.lock);

	if (err) {
		gunyah_range_free(range);
		return err;
	}
	err = vm_add_range(vm, range);
	mutex_unlock(&vm->mem.lock);
	return err;
}

static struct gunyah_mem_range *
user_range_alloc(struct gunyah_vm *vm, const struct gunyah_userspace_memory_region *region,
		 struct gunyah_gfns gfns, enum gunyah_mem_kind kind)
{
	struct gunyah_user_mem_desc desc = {
		.uaddr = region->userspace_addr,
		.nr = gfns.nr,
		.write = region->flags & GUNYAH_MEM_ALLOW_WRITE,
		.exclusive = kind == GUNYAH_MEM_LEND,
		.paged = gunyah_rm_caps(vm->rm)->demand_paging && !vm_has_started(vm),
	};
	struct gunyah_mem_range *range = kzalloc(sizeof(*range), GFP_KERNEL_ACCOUNT);
	int err;

	if (!range)
		return ERR_PTR(-ENOMEM);
	range->mem = &vm->mem;
	range->gfns = gfns;
	range->label = region->label;
	range->kind = kind;
	range->access = gunyah_user_access(region->flags);
	range->rights = gunyah_user_rights(region->flags);
	err = gunyah_user_mem_bind(range, &desc);
	if (err) {
		kfree(range);
		return ERR_PTR(err);
	}
	return range;
}

/**
 * gunyah_vm_add_user_mem() - memory of the calling process becomes the guest's
 * @vm: the VM
 * @region: which, where
 * @kind: shared or lent
 *
 * Pinning takes time, so it is done without a lock; the check is made before, to
 * fail early, and again when the range is inserted.  So a range that was prepared to be
 * paged may come after the start: then it is populated as one that was not.
 *
 * Returns: 0 or the errors of GUNYAH_VM_SET_USER_MEM_REGION.
 */
int gunyah_vm_add_user_mem(struct gunyah_vm *vm,
			   const struct gunyah_userspace_memory_region *region,
			   enum gunyah_mem_kind kind)
{
	struct gunyah_mem_range *range;
	struct gunyah_gfns gfns;
	int err;

	if (current->mm != vm->mm)
		return -EPERM;
	err = user_region_check(region, &gfns);
	if (err)
		return err;
	err = vm_check_mem_open_locked(vm, gfns);
	if (err)
		return err;
	range = user_range_alloc(vm, region, gfns, kind);
	if (IS_ERR(range))
		return PTR_ERR(range);
	err = gunyah_vm_add_range(vm, range);
	if (!err)
		WRITE_ONCE(vm->has_user_mem, true);
	return err;
}
