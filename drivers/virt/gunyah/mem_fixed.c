// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the list of pages of a backing that stays, and its share of RLIMIT_MEMLOCK: such
 * pages can neither be swapped nor moved, whoever's they are.  Does not know where they
 * came from.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "mem_fixed.h"

static void fixed_get(void *backing)
{
	struct gunyah_fixed_mem *fixed = backing;

	kref_get(&fixed->ref);
}

static void fixed_release(struct kref *ref)
{
	struct gunyah_fixed_mem *fixed = container_of(ref, struct gunyah_fixed_mem, ref);

	fixed->release(fixed);
}

static void fixed_put(void *backing)
{
	struct gunyah_fixed_mem *fixed = backing;

	kref_put(&fixed->ref, fixed_release);
}

/* All pages are there anyway */
static int fixed_populate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	return 0;
}

static void fixed_unpopulate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
}

static struct gunyah_page_run fixed_run_at(void *backing, u64 index, u64 nr)
{
	struct gunyah_fixed_mem *fixed = backing;
	struct page **pages = fixed->pages + index;
	struct gunyah_page_run run = { .pfn = page_to_pfn(pages[0]), .nr = 1 };

	while (run.nr < nr && page_to_pfn(pages[run.nr]) == run.pfn + run.nr)
		run.nr++;
	return run;
}

static const struct gunyah_backing_ops fixed_ops = {
	.get = fixed_get,
	.put = fixed_put,
	.populate = fixed_populate,
	.unpopulate = fixed_unpopulate,
	.run_at = fixed_run_at,
};

/**
 * gunyah_fixed_mem_init() - a list without pages, accounted
 * @fixed: zeroed, but @release
 * @nr: how many pages it gets
 *
 * Returns: 0 or ENOMEM, also over RLIMIT_MEMLOCK.
 */
int gunyah_fixed_mem_init(struct gunyah_fixed_mem *fixed, u64 nr)
{
	int err;

	if (nr > totalram_pages())
		return -ENOMEM;
	fixed->pages = kvcalloc(nr, sizeof(*fixed->pages), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!fixed->pages)
		return -ENOMEM;
	err = account_locked_vm(current->mm, nr, true);
	if (err) {
		pr_warn_ratelimited("gunyah: %s: RLIMIT_MEMLOCK does not allow a window of %llu KiB\n",
				    current->comm, nr << (PAGE_SHIFT - 10));
		kvfree(fixed->pages);
		return err;
	}
	kref_init(&fixed->ref);
	fixed->nr = nr;
	fixed->mm = current->mm;
	mmgrab(fixed->mm);
	return 0;
}

/* The pages have gone back to where they came from */
void gunyah_fixed_mem_exit(struct gunyah_fixed_mem *fixed)
{
	account_locked_vm(fixed->mm, fixed->nr, false);
	mmdrop(fixed->mm);
	kvfree(fixed->pages);
}

/* The reference becomes that of @range */
void gunyah_fixed_mem_bind(struct gunyah_fixed_mem *fixed, struct gunyah_mem_range *range)
{
	range->ops = &fixed_ops;
	range->backing = fixed;
}
