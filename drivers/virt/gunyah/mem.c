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
#include "mem_page.h"

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
	mem->low = U64_MAX;
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
	WRITE_ONCE(mem->low, min(mem->low, range->gfns.gfn));
	WRITE_ONCE(mem->end, max(mem->end, gunyah_gfns_end(range->gfns)));
	mutex_unlock(&mem->pages_lock);
	up_write(&mem->ranges_sem);
	return 0;
}

/**
 * gunyah_mem_retract() - undoes gunyah_mem_insert()
 * @mem: the VM's memory, locked
 * @range: in the list; the caller's again afterwards, if this succeeds
 *
 * Returns: 0, or the hypervisor's error for pages that the guest has got meanwhile and does
 * not return: then the range stays, so that they come back at the end of the VM.
 */
int gunyah_mem_retract(struct gunyah_mem *mem, struct gunyah_mem_range *range)
{
	int err;

	lockdep_assert_held(&mem->lock);

	down_write(&mem->ranges_sem);
	err = gunyah_mem_take_away(mem, range->gfns);
	if (!err) {
		mutex_lock(&mem->pages_lock);
		list_del(&range->node);
		mutex_unlock(&mem->pages_lock);
	}
	up_write(&mem->ranges_sem);
	return err;
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

int gunyah_range_populate(struct gunyah_mem_range *range)
{
	int err = range->ops->populate(range, range->first, range->gfns.nr);

	if (!err)
		range->resident = true;
	return err;
}

/* Not in the list (any more), and the guest has none of its pages */
void gunyah_range_free(struct gunyah_mem_range *range)
{
	if (range->resident)
		range->ops->unpopulate(range, range->first, range->gfns.nr);
	range->ops->put(range->backing);
	kfree(range);
}

/* Cuts @gfns out of @range; @rest gets what is behind if that is another range then */
static void range_cut(struct gunyah_mem_range *range, struct gunyah_gfns gfns,
		      struct gunyah_mem_range *rest)
{
	u64 end = gunyah_gfns_end(range->gfns), cut_end = gunyah_gfns_end(gfns);

	if (gfns.gfn > range->gfns.gfn && cut_end < end) {
		*rest = *range;
		rest->gfns = (struct gunyah_gfns){ .gfn = cut_end, .nr = end - cut_end };
		rest->first = gunyah_range_index(range, cut_end);
		rest->ops->get(rest->backing);
		list_add(&rest->node, &range->node);
	}
	if (gfns.gfn > range->gfns.gfn) {
		range->gfns.nr = gfns.gfn - range->gfns.gfn;
		return;
	}
	range->first += gfns.nr;
	range->gfns.gfn += gfns.nr;
	range->gfns.nr -= gfns.nr;
	if (!range->gfns.nr)
		list_del(&range->node);
}

/* Under all three locks: takes the pages back, then changes the list */
static int mem_remove(struct gunyah_mem *mem, struct gunyah_mem_range *range,
		      struct gunyah_gfns gfns, struct gunyah_mem_range *rest)
{
	int err;

	lockdep_assert_held_write(&mem->ranges_sem);

	if (gunyah_mem_in_parcel(mem, gfns))
		return -EBUSY;
	err = gunyah_mem_take_away(mem, gfns);
	if (!err && range->ops->cut)
		err = range->ops->cut(range->backing, gunyah_range_index(range, gfns.gfn),
				      gfns.nr);
	if (err)
		return err;
	mutex_lock(&mem->pages_lock);
	range_cut(range, gfns, rest);
	mutex_unlock(&mem->pages_lock);
	return 0;
}

/**
 * gunyah_mem_remove() - guest addresses have no memory any more
 * @mem: the VM's memory, locked
 * @range: one of its ranges; gone afterwards if @gfns is all of it
 * @gfns: part of @range: its head, its tail, the middle (it is cut in two) or all
 *
 * Returns: 0; ENOMEM; EINTR; EBUSY for pages of parcels; EBUSY, EACCES or another error
 * of the hypervisor for pages that the guest does not give back: nothing is removed then,
 * and those that came back return with the guest's next access.
 */
int gunyah_mem_remove(struct gunyah_mem *mem, struct gunyah_mem_range *range,
		      struct gunyah_gfns gfns)
{
	struct gunyah_mem_range *rest;
	u64 index = gunyah_range_index(range, gfns.gfn);
	int err;

	lockdep_assert_held(&mem->lock);

	rest = kzalloc(sizeof(*rest), GFP_KERNEL_ACCOUNT);
	if (!rest)
		return -ENOMEM;
	err = down_write_killable(&mem->ranges_sem);
	if (!err) {
		err = mem_remove(mem, range, gfns, rest);
		up_write(&mem->ranges_sem);
	}
	if (!err && range->resident)
		range->ops->unpopulate(range, index, gfns.nr);
	if (!err && !range->gfns.nr) {
		range->ops->put(range->backing);
		kfree(range);
	}
	if (!rest->mem)
		kfree(rest);
	return err;
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
		gunyah_range_free(range);
	}
	free_chunks(mem);
	if (mem->nr_lost)
		pr_warn("gunyah: %llu pages of a VM were not given back and are leaked\n",
			mem->nr_lost);
	mutex_destroy(&mem->pages_lock);
	mutex_destroy(&mem->lock);
}
