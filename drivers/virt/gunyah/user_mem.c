// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns pinned memory of a process: the pins and its share of RLIMIT_MEMLOCK.
 * Does not look at guest addresses.
 *
 * Pages are pinned for long when the user announces them, not when the guest is
 * started: what cannot work fails in the ioctl that asked for it.
 */
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "user_mem.h"

/* Pages to pin before looking for signals and other tasks: 2 MiB of them */
#define PIN_BATCH	512

/**
 * struct gunyah_user_mem - pinned pages
 * @ref: one for each range
 * @mm: whose locked_vm counts them; only the structure is held, not the memory
 * @nr: pages
 * @pinned: how many of them are pinned; @nr once it has been set up
 * @write: the guest may have written to them
 * @pages: @nr pages
 */
struct gunyah_user_mem {
	struct kref ref;
	struct mm_struct *mm;
	u64 nr;
	u64 pinned;
	bool write;
	struct page **pages;
};

static void user_mem_free(struct gunyah_user_mem *umem)
{
	account_locked_vm(umem->mm, umem->nr, false);
	mmdrop(umem->mm);
	kvfree(umem->pages);
	kfree(umem);
}

static void user_mem_get(void *backing)
{
	struct gunyah_user_mem *umem = backing;

	kref_get(&umem->ref);
}

static void user_mem_release(struct kref *ref)
{
	struct gunyah_user_mem *umem = container_of(ref, struct gunyah_user_mem, ref);

	unpin_user_pages_dirty_lock(umem->pages, umem->pinned, umem->write);
	user_mem_free(umem);
}

static void user_mem_put(void *backing)
{
	struct gunyah_user_mem *umem = backing;

	kref_put(&umem->ref, user_mem_release);
}

/* All pages are pinned from the start to the end */
static int user_mem_populate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	return 0;
}

static void user_mem_unpopulate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
}

static struct gunyah_page_run user_mem_run_at(void *backing, u64 index, u64 nr)
{
	struct gunyah_user_mem *umem = backing;
	struct gunyah_page_run run = { .pfn = page_to_pfn(umem->pages[index]), .nr = 1 };

	while (run.nr < nr &&
	       page_to_pfn(umem->pages[index + run.nr]) == run.pfn + run.nr)
		run.nr++;
	return run;
}

static const struct gunyah_backing_ops user_mem_ops = {
	.get = user_mem_get,
	.put = user_mem_put,
	.populate = user_mem_populate,
	.unpopulate = user_mem_unpopulate,
	.run_at = user_mem_run_at,
};

/*
 * Pages that the guest gets for itself must not be anybody else's: the zero page
 * is everybody's, the page cache of a file belongs to all who read it.
 */
static int user_mem_check(struct page **pages, long nr, bool exclusive)
{
	struct folio *folio;
	long i;

	for (i = 0; i < nr; i++) {
		if (is_zero_pfn(page_to_pfn(pages[i])))
			return -EFAULT;
		folio = page_folio(pages[i]);
		if (exclusive && !folio_test_anon(folio) && !folio_test_swapbacked(folio) &&
		    !folio_test_hugetlb(folio))
			return -EIO;
	}
	return 0;
}

static int user_mem_pin_batch(struct gunyah_user_mem *umem, u64 uaddr, bool exclusive)
{
	unsigned int flags = FOLL_LONGTERM | (umem->write ? FOLL_WRITE : 0);
	struct page **pages = umem->pages + umem->pinned;
	long got;

	if (fatal_signal_pending(current))
		return -EINTR;
	got = pin_user_pages_fast(uaddr + (umem->pinned << PAGE_SHIFT),
				  min_t(u64, umem->nr - umem->pinned, PIN_BATCH),
				  flags, pages);
	if (got <= 0)
		return got ?: -EFAULT;
	umem->pinned += got;
	cond_resched();
	return user_mem_check(pages, got, exclusive);
}

static struct gunyah_user_mem *user_mem_alloc(u64 nr)
{
	struct gunyah_user_mem *umem;
	int err = -ENOMEM;

	if (nr > totalram_pages())
		return ERR_PTR(-ENOMEM);
	umem = kzalloc(sizeof(*umem), GFP_KERNEL_ACCOUNT);
	if (!umem)
		return ERR_PTR(-ENOMEM);
	kref_init(&umem->ref);
	umem->nr = nr;
	umem->pages = kvcalloc(nr, sizeof(*umem->pages), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!umem->pages)
		goto free_umem;
	err = account_locked_vm(current->mm, nr, true);
	if (err) {
		pr_warn_ratelimited("gunyah: %s: RLIMIT_MEMLOCK does not allow %llu KiB of guest memory\n",
				    current->comm, nr << (PAGE_SHIFT - 10));
		goto free_pages;
	}
	umem->mm = current->mm;
	mmgrab(umem->mm);
	return umem;

free_pages:
	kvfree(umem->pages);
free_umem:
	kfree(umem);
	return ERR_PTR(err);
}

/**
 * gunyah_user_mem_bind() - makes memory of the caller the backing of a range
 * @range: gets @ops and @backing
 * @desc: which memory
 *
 * Returns: 0; ENOMEM, also over RLIMIT_MEMLOCK; EFAULT if not all of it can be
 * pinned; EIO for an exclusive range whose pages belong to a file; EINTR.
 */
int gunyah_user_mem_bind(struct gunyah_mem_range *range,
			 const struct gunyah_user_mem_desc *desc)
{
	struct gunyah_user_mem *umem;
	int err = 0;

	if (!access_ok(u64_to_user_ptr(desc->uaddr), desc->nr << PAGE_SHIFT))
		return -EFAULT;
	umem = user_mem_alloc(desc->nr);
	if (IS_ERR(umem))
		return PTR_ERR(umem);

	umem->write = desc->write;
	while (!err && umem->pinned < umem->nr)
		err = user_mem_pin_batch(umem, desc->uaddr, desc->exclusive);
	if (err) {
		unpin_user_pages(umem->pages, umem->pinned);
		user_mem_free(umem);
		return err;
	}
	range->ops = &user_mem_ops;
	range->backing = umem;
	return 0;
}
