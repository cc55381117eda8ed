// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the list of a VM's memory ranges, the arithmetic on guest pages and the count
 * of lost ones.  Does not own the pages (backings do) nor the way they reach the guest
 * (parcel.c, mem_page.c).
 */
#include <linux/atomic.h>
#include <linux/lockdep.h>
#include <linux/moduleparam.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "mem.h"

/* Pages that were never given back, of all VMs since the module was loaded */
static atomic_long_t lost_pages;

long gunyah_mem_lost_pages(void)
{
	return atomic_long_read(&lost_pages);
}

static int lost_pages_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%ld\n", gunyah_mem_lost_pages());
}

static const struct kernel_param_ops lost_pages_ops = {
	.get = lost_pages_get,
};

module_param_cb(lost_pages, &lost_pages_ops, NULL, 0444);
MODULE_PARM_DESC(lost_pages, "pages leaked because the hypervisor did not return them");

/**
 * gunyah_gfns_from_bytes() - turns a user's range into guest pages
 * @gpa: first byte
 * @size: bytes
 * @r: out
 *
 * Returns: 0; EINVAL for an empty or unaligned range, EOVERFLOW if it wraps.
 */
int gunyah_gfns_from_bytes(u64 gpa, u64 size, struct gunyah_gfns *r)
{
	u64 last;

	if (!size || !PAGE_ALIGNED(gpa) || !PAGE_ALIGNED(size))
		return -EINVAL;
	if (check_add_overflow(gpa, size - 1, &last))
		return -EOVERFLOW;

	r->gfn = gpa >> PAGE_SHIFT;
	r->nr = size >> PAGE_SHIFT;
	return 0;
}

/**
 * gunyah_gfns_around_bytes() - the guest pages that a range of bytes touches
 * @gpa: first byte
 * @size: bytes
 * @r: out
 *
 * Returns: 0; EINVAL for an empty range, EOVERFLOW if it or its last page wraps.
 */
int gunyah_gfns_around_bytes(u64 gpa, u64 size, struct gunyah_gfns *r)
{
	u64 last;

	if (!size)
		return -EINVAL;
	if (check_add_overflow(gpa, size - 1, &last))
		return -EOVERFLOW;

	r->gfn = gpa >> PAGE_SHIFT;
	r->nr = (last >> PAGE_SHIFT) - r->gfn + 1;
	return 0;
}

/* MMU notifiers run in reclaim and take this lock: tell lockdep before the first does */
static void prime_reclaim(struct gunyah_mem *mem)
{
	if (!IS_ENABLED(CONFIG_LOCKDEP))
		return;
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(&mem->pages_lock);
	fs_reclaim_release(GFP_KERNEL);
}

void gunyah_mem_init(struct gunyah_mem *mem)
{
	mutex_init(&mem->lock);
	init_rwsem(&mem->ranges_sem);
	INIT_LIST_HEAD(&mem->ranges);
	mutex_init(&mem->pages_lock);
	xa_init(&mem->pages);
	prime_reclaim(mem);
}

static void assert_ranges_stable(struct gunyah_mem *mem)
{
	lockdep_assert(lockdep_is_held(&mem->lock) || lockdep_is_held(&mem->ranges_sem) ||
		       lockdep_is_held(&mem->pages_lock));
}

/* The range behind which @gfns belongs; NULL if it overlaps one */
static struct list_head *mem_place(struct gunyah_mem *mem, struct gunyah_gfns gfns)
{
	struct list_head *place = &mem->ranges;
	struct gunyah_mem_range *range;

	assert_ranges_stable(mem);

	list_for_each_entry(range, &mem->ranges, node) {
		if (gunyah_gfns_overlap(range->gfns, gfns))
			return NULL;
		if (range->gfns.gfn < gfns.gfn)
			place = &range->node;
	}
	return place;
}

bool gunyah_mem_is_free(struct gunyah_mem *mem, struct gunyah_gfns gfns)
{
	return mem_place(mem, gfns);
}

/**
 * gunyah_mem_insert() - makes a range part of the VM
 * @mem: the VM's memory, locked
 * @range: complete; belongs to @mem if this succeeds
 *
 * Returns: 0, or EEXIST if some of its guest addresses are taken.
 */
int gunyah_mem_insert(struct gunyah_mem *mem, struct gunyah_mem_range *range)
{
	struct list_head *place = mem_place(mem, range->gfns);

	lockdep_assert_held(&mem->lock);

	if (!place)
		return -EEXIST;
	range->mem = mem;
	down_write(&mem->ranges_sem);
	mutex_lock(&mem->pages_lock);
	list_add(&range->node, place);
	mutex_unlock(&mem->pages_lock);
	up_write(&mem->ranges_sem);
	return 0;
}

/* The one range that holds all of @gfns, or NULL */
struct gunyah_mem_range *gunyah_mem_find(struct gunyah_mem *mem, struct gunyah_gfns gfns)
{
	struct gunyah_mem_range *range;

	assert_ranges_stable(mem);

	list_for_each_entry(range, &mem->ranges, node) {
		if (gunyah_gfns_contain(range->gfns, gfns))
			return range;
	}
	return NULL;
}

/**
 * gunyah_mem_lose() - keeps pages for ever that may still be a guest's
 * @mem: whose; pages_lock held
 * @pfn: the first one
 * @nr: how many
 *
 * Whoever got them next would share them with a guest, or die on the first access.  A
 * reference of their own keeps them; the backing goes on as if they were returned.
 */
void gunyah_mem_lose(struct gunyah_mem *mem, unsigned long pfn, u64 nr)
{
	u64 i;

	lockdep_assert_held(&mem->pages_lock);

	for (i = 0; i < nr; i++) {
		if (pfn_valid(pfn + i))
			get_page(pfn_to_page(pfn + i));
	}
	mem->nr_lost += nr;
	atomic_long_add(nr, &lost_pages);
}

static void range_free(struct gunyah_mem_range *range)
{
	if (range->resident)
		range->ops->unpopulate(range, range->first, range->gfns.nr);
	range->ops->put(range->backing);
	kfree(range);
}

static void free_chunks(struct gunyah_mem *mem)
{
	unsigned long i;
	void *chunk;

	xa_for_each(&mem->pages, i, chunk)
		kfree(chunk);
	xa_destroy(&mem->pages);
}

/**
 * gunyah_mem_destroy() - gives all pages back to where they came from
 * @mem: the VM's memory; nobody else uses it any more
 *
 * What could not be taken back from the guest has been counted as lost before.
 */
void gunyah_mem_destroy(struct gunyah_mem *mem)
{
	struct gunyah_mem_range *range, *next;

	list_for_each_entry_safe(range, next, &mem->ranges, node) {
		list_del(&range->node);
		range_free(range);
	}
	free_chunks(mem);
	if (mem->nr_lost)
		pr_warn("gunyah: %llu pages of a VM were not given back and are leaked\n",
			mem->nr_lost);
	mutex_destroy(&mem->pages_lock);
	mutex_destroy(&mem->lock);
}
