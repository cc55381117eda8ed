// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Calls about memory extents (ABI tables, hypercall 9), with the checks of 9.2 in their
 * order.  Every extent begins at address 0: offsets are physical addresses.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "arch/arch.h"
#include "hcall/hcall.h"
#include "lib/string.h"
#include "obj/vm.h"
#include "owner/owner.h"

int hcall_find_extent(const struct hcall_caller *caller, u64 cap, u32 rights,
		      struct memextent **ext)
{
	void *object;
	int err = cspace_lookup(caller->cspace, cap, CAP_MEMEXTENT, rights, &object);

	if (!err)
		*ext = object;
	return err;
}

static int check_range(u64 pa, u64 size)
{
	if (!IS_ALIGNED(pa | size, PAGE_SIZE))
		return GUNYAH_ERR_ARGUMENT_ALIGNMENT;
	if (!range_valid(pa, size))
		return GUNYAH_ERR_ARGUMENT_SIZE;
	return pa + size - 1 < MEMEXTENT_SIZE ? GUNYAH_ERR_OK : GUNYAH_ERR_ARGUMENT_INVALID;
}

/* (options, from, to, offset, size) */
int hcall_memextent_donate(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	u64 type = args[0] & GUNYAH_DONATE_TYPE_MASK, pa = args[3], size = args[4];
	struct memextent *from, *to;
	bool related;
	int err;

	if ((args[0] & ~(GUNYAH_DONATE_TYPE_MASK | GUNYAH_DONATE_NOSYNC)) ||
	    type > GUNYAH_DONATE_FROM_PROTECTED)
		return GUNYAH_ERR_ARGUMENT_INVALID;
	err = hcall_find_extent(caller, args[1], GUNYAH_RIGHT_MEMEXTENT_DONATE, &from);
	if (!err)
		err = hcall_find_extent(caller, args[2], GUNYAH_RIGHT_MEMEXTENT_DONATE, &to);
	if (err)
		return err;
	/* Parent and child come before the range, siblings behind it */
	related = memextent_related(from, to, type);
	if (!related && type != GUNYAH_DONATE_TO_SIBLING)
		return GUNYAH_ERR_ARGUMENT_INVALID;
	err = check_range(pa, size);
	if (err)
		return err;
	if (!related)
		return GUNYAH_ERR_ARGUMENT_INVALID;
	return memextent_donate(from, to, pa, size, type);
}

/* Whose pages the host cannot see, it does not write to either */
static int zero(const struct memextent *ext, u64 pa, u64 size)
{
	if (!owner_host_may_access(pa, size))
		return GUNYAH_ERR_DENIED;
	memset(arch_pa_to_va(pa), 0, size);
	arch_cache_flush(pa, size);
	return GUNYAH_ERR_OK;
}

static int modify_range(const struct memextent *ext, u64 op, u64 pa, u64 size)
{
	int err = check_range(pa, size);

	if (err)
		return err;
	if (!memextent_owns(ext, pa, size))
		return GUNYAH_ERR_MEMDB_NOT_OWNER;
	if (op == GUNYAH_MEMEXTENT_ZERO_RANGE)
		return zero(ext, pa, size);
	arch_cache_flush(pa, size);	/* cleaning alone would be less, not different */
	return GUNYAH_ERR_OK;
}

static bool op_valid(u64 flags)
{
	u64 op = flags & GUNYAH_MEMEXTENT_OP_MASK;
	bool ranged = op >= GUNYAH_MEMEXTENT_ZERO_RANGE && op <= GUNYAH_MEMEXTENT_CACHE_FLUSH;

	if (flags & ~(GUNYAH_MEMEXTENT_OP_MASK | GUNYAH_MEMEXTENT_NOSYNC))
		return false;
	if (ranged)
		return flags & GUNYAH_MEMEXTENT_NOSYNC;
	if (op == GUNYAH_MEMEXTENT_SYNC_ALL)
		return !(flags & GUNYAH_MEMEXTENT_NOSYNC);
	return op == GUNYAH_MEMEXTENT_UNMAP_ALL;
}

/* (extent, flags, offset, size); mappings are in step with the TLBs: SYNC_ALL has nothing to do */
int hcall_memextent_modify(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	u64 op = args[1] & GUNYAH_MEMEXTENT_OP_MASK;
	struct memextent *ext;
	int err;

	if (!op_valid(args[1]))
		return GUNYAH_ERR_ARGUMENT_INVALID;
	err = hcall_find_extent(caller, args[0], GUNYAH_RIGHT_MEMEXTENT_MAP, &ext);
	if (err)
		return err;
	if (op == GUNYAH_MEMEXTENT_SYNC_ALL)
		return GUNYAH_ERR_OK;
	if (op != GUNYAH_MEMEXTENT_UNMAP_ALL)
		return modify_range(ext, op, args[2], args[3]);
	memextent_unmap_all(ext);
	return GUNYAH_ERR_OK;
}
