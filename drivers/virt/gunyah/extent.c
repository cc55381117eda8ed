// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the two hypercalls that move a run of pages to a guest, and the two that bring
 * it back (ABI tables, hypercall 9.3): which extents, which type of donation, which
 * flags.  Does not remember who has what.
 *
 *	way		from		to		donation, back	flags
 *	LEND		host_private	guest_private	3, 4		PRIVATE
 *	SHARE		host_shared	guest_shared	2, 2		VMMIO
 *	SHARE_EXEC	host_shared	guest_private	2, 2		VMMIO
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include <linux/gunyah/abi/resource.h>

#include "extent.h"
#include "hypercall.h"

/* How often to ask a hypervisor that says RETRY; callers may hold a mutex only */
#define RETRIES		64

const struct gunyah_extent_ops gunyah_extent_hvc_ops = {
	.map = gunyah_hypercall_addrspace_map,
	.unmap = gunyah_hypercall_addrspace_unmap,
	.donate = gunyah_hypercall_memextent_donate,
};

/**
 * struct extent_way - a way in which pages move
 * @host: label of the extent that has the page when it is ours
 * @guest: label of the extent that has it when it is the guest's
 * @give: type of the donation
 * @take: type of the donation back
 * @flags: of the mapping
 */
struct extent_way {
	u8 host;
	u8 guest;
	u8 give;
	u8 take;
	u64 flags;
};

static const struct extent_way ways[] = {
	[GUNYAH_EXTENT_LEND] = {
		.host = GUNYAH_EXTENT_HOST_PRIVATE,
		.guest = GUNYAH_EXTENT_GUEST_PRIVATE,
		.give = GUNYAH_DONATE_TO_PROTECTED,
		.take = GUNYAH_DONATE_FROM_PROTECTED,
		.flags = GUNYAH_MAP_PARTIAL | GUNYAH_MAP_PRIVATE,
	},
	[GUNYAH_EXTENT_SHARE] = {
		.host = GUNYAH_EXTENT_HOST_SHARED,
		.guest = GUNYAH_EXTENT_GUEST_SHARED,
		.give = GUNYAH_DONATE_TO_SIBLING,
		.take = GUNYAH_DONATE_TO_SIBLING,
		.flags = GUNYAH_MAP_PARTIAL | GUNYAH_MAP_VMMIO,
	},
	[GUNYAH_EXTENT_SHARE_EXEC] = {
		.host = GUNYAH_EXTENT_HOST_SHARED,
		.guest = GUNYAH_EXTENT_GUEST_PRIVATE,
		.give = GUNYAH_DONATE_TO_SIBLING,
		.take = GUNYAH_DONATE_TO_SIBLING,
		.flags = GUNYAH_MAP_PARTIAL | GUNYAH_MAP_VMMIO,
	},
};

static bool ask_again(int err, unsigned int *tries)
{
	if (err != GUNYAH_ERR_RETRY || ++*tries > RETRIES)
		return false;
	cond_resched();
	return true;
}

static int run_donate(const struct gunyah_extents *ext, const struct gunyah_extent_run *run,
		      bool back)
{
	const struct extent_way *way = &ways[run->way];
	u64 host = ext->extent[way->host], guest = ext->extent[way->guest];
	unsigned int tries = 0;
	int err;

	do {
		err = ext->ops->donate(back ? way->take : way->give, back ? guest : host,
				       back ? host : guest, PFN_PHYS(run->pfn),
				       run->nr << PAGE_SHIFT);
	} while (ask_again(err, &tries));
	return err;
}

/* The rights of the RM's lists are those of mappings: R 4, W 2, X 1 (rm-rpc 6.1) */
static u64 run_attrs(const struct gunyah_extent_run *run)
{
	u64 access = run->access & GUNYAH_MAP_ATTR_ACCESS_MASK;

	return access << GUNYAH_MAP_ATTR_USER_SHIFT | access << GUNYAH_MAP_ATTR_KERNEL_SHIFT |
	       (u64)GUNYAH_MEMTYPE_NORMAL_WB << GUNYAH_MAP_ATTR_MEMTYPE_SHIFT;
}

static int run_map(const struct gunyah_extents *ext, const struct gunyah_extent_run *run)
{
	const struct extent_way *way = &ways[run->way];
	unsigned int tries = 0;
	int err;

	do {
		err = ext->ops->map(ext->addrspace, ext->extent[way->guest],
				    run->gfn << PAGE_SHIFT, run_attrs(run), way->flags,
				    PFN_PHYS(run->pfn), run->nr << PAGE_SHIFT);
	} while (ask_again(err, &tries));
	return err;
}

static int run_unmap(const struct gunyah_extents *ext, const struct gunyah_extent_run *run)
{
	const struct extent_way *way = &ways[run->way];
	unsigned int tries = 0;
	int err;

	do {
		err = ext->ops->unmap(ext->addrspace, ext->extent[way->guest],
				      run->gfn << PAGE_SHIFT, way->flags, PFN_PHYS(run->pfn),
				      run->nr << PAGE_SHIFT);
	} while (ask_again(err, &tries));
	return err;
}

/**
 * gunyah_extent_give() - a run becomes the guest's
 * @ext: the VM's capabilities, ready
 * @run: host pages, which are ours, and where the guest is to see them
 * @lost: out: the call failed, and what was donated did not come back
 *
 * Context: may sleep; does not allocate.
 *
 * Returns: GUNYAH_ERR_*; nothing has changed on an error, unless @lost is set.
 */
int gunyah_extent_give(const struct gunyah_extents *ext, const struct gunyah_extent_run *run,
		       bool *lost)
{
	int err;

	*lost = false;
	err = run_donate(ext, run, false);
	if (err)
		return err;
	err = run_map(ext, run);
	if (err)
		*lost = run_donate(ext, run, true);
	return err;
}

/**
 * gunyah_extent_unmap() - the guest does not see a run any more, but still owns it
 * @ext: the VM's capabilities, ready
 * @run: as it was given, or a part of it
 *
 * The first of two steps back; gunyah_extent_return() is the second one.
 *
 * Returns: GUNYAH_ERR_*; nothing has changed on an error.  ADDR_INVALID: some of the run was
 * not mapped, as the guest has given it up.
 */
int gunyah_extent_unmap(const struct gunyah_extents *ext, const struct gunyah_extent_run *run)
{
	return run_unmap(ext, run);
}

/* A run that is not mapped becomes ours again; DENIED or BUSY: the guest keeps some of it */
int gunyah_extent_return(const struct gunyah_extents *ext, const struct gunyah_extent_run *run)
{
	return run_donate(ext, run, true);
}

/* What was not returned is to be seen by the guest again */
int gunyah_extent_remap(const struct gunyah_extents *ext, const struct gunyah_extent_run *run)
{
	return run_map(ext, run);
}
