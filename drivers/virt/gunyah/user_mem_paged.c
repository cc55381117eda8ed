// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns pages of a process that a guest gets one fault at a time.  Does not know how they
 * reach the guest, nor which of them have.
 *
 * Shared pages have no pin and, once the guest has them, no reference of ours: they are
 * in the page tables of their process, and whoever takes them out there tells the
 * interval notifier first, which takes them from the guest.  What can then happen to a
 * page, happens while the guest does not have it: writing it to swap, moving it, copying
 * it for a child.  The guest's next access gets whatever page the process has by then.
 *
 * That the guest writes is seen by nobody: no page table of the process knows.  So a page
 * is made dirty when the guest gets it for writing, before our reference is dropped.
 * That is enough: it stays dirty until somebody cleans it, cleaning is preceded by
 * taking it out of all page tables (reclaim) or by a notification (MADV_FREE), and that
 * takes it from the guest.  Reclaim that got there between the guest's getting the page and
 * its being made dirty fails because of our reference, and finds it dirty the next time.
 * Only pages without a filesystem behind them are given for writing, so that nothing
 * but the flag is concerned and no folio lock is needed.
 *
 * Lent pages are pinned for long, and stay whatever the process does with its addresses.
 */
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>

#include "user_mem.h"
#include "user_mem_priv.h"

/* Neighbours of a small page that come with it if they are there: 64 KiB, aligned */
#define FAULT_AROUND	16

/* Both are arrays of GUNYAH_SUPPLY_MAX words; turned into each other in place */
static struct page **supply_pages(struct gunyah_supply *s)
{
	BUILD_BUG_ON(sizeof(struct page *) != sizeof(s->pfn[0]));
	return (struct page **)s->pfn;
}

static void supply_to_pfns(struct gunyah_supply *s)
{
	struct page **pages = supply_pages(s);
	unsigned int i;

	for (i = 0; i < s->nr; i++)
		s->pfn[i] = page_to_pfn(pages[i]);
}

static void put_pages(struct page **pages, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		put_page(pages[i]);
}

/*
 * For a range that is only read, a page that nobody has written yet may be the zero page;
 * asking for a page to write gets one of its own.
 */
static int user_get_wanted(struct gunyah_user_mem *umem, u64 index, struct page **page)
{
	unsigned long addr = gunyah_user_mem_addr(umem, index);
	int got, err;

	got = get_user_pages_fast(addr, 1, umem->write ? FOLL_WRITE : 0, page);
	if (got == 1 && !umem->write && gunyah_user_page_check(*page, false)) {
		put_page(*page);
		got = get_user_pages_fast(addr, 1, FOLL_WRITE, page);
	}
	if (got != 1)
		return got < 0 ? got : -EFAULT;
	err = gunyah_user_page_check(*page, umem->write);
	if (err)
		put_page(*page);
	return err;
}

/* What to look at beside the wanted @page: its folio, or what is near a small one */
static void user_window(const struct gunyah_supply *s, struct page *page, u64 *first, u64 *end)
{
	struct folio *folio = page_folio(page);
	u64 nr = max_t(u64, folio_nr_pages(folio), FAULT_AROUND);
	u64 offset = s->index % FAULT_AROUND;

	if (folio_test_large(folio))
		offset = folio_page_idx(folio, page);
	*first = s->index - min(offset, s->index - s->first);
	*end = min(s->end, s->index + (nr - offset));
}

/* Pages of [@first, @end) that are there, without a hole, with the wanted one */
static unsigned int user_get_present(struct gunyah_user_mem *umem, u64 wanted, u64 *first,
				     u64 end, struct page **pages)
{
	unsigned int flags = umem->write ? FOLL_WRITE : 0;
	int got;

	got = get_user_pages_fast_only(gunyah_user_mem_addr(umem, *first), end - *first,
				       flags, pages);
	if (got > 0 && got > wanted - *first)
		return got;
	if (got > 0)
		put_pages(pages, got);
	*first = wanted;
	got = get_user_pages_fast_only(gunyah_user_mem_addr(umem, wanted), end - wanted,
				       flags, pages);
	return max(got, 0);
}

/* Drops what is beside the wanted page and cannot be the guest's */
static void supply_trim(struct gunyah_user_mem *umem, struct gunyah_supply *s, u64 wanted,
			void (*drop)(struct page **pages, unsigned int nr))
{
	struct page **pages = supply_pages(s);
	unsigned int at = wanted - s->index, first = at, end = at + 1;

	while (first > 0 && !gunyah_user_page_check(pages[first - 1], umem->write))
		first--;
	while (end < s->nr && !gunyah_user_page_check(pages[end], umem->write))
		end++;
	drop(pages + end, s->nr - end);
	drop(pages, first);
	memmove(pages, pages + first, (end - first) * sizeof(*pages));
	s->index += first;
	s->nr = end - first;
}

/* Gets the wanted page and what is around it, with a reference each */
static int user_get(struct gunyah_user_mem *umem, struct gunyah_supply *s)
{
	struct page **pages = supply_pages(s);
	u64 wanted = s->index, first, end;
	struct page *page;
	int err;

	err = user_get_wanted(umem, wanted, &page);
	if (err)
		return err;
	user_window(s, page, &first, &end);
	s->nr = user_get_present(umem, wanted, &first, end, pages);
	s->index = first;
	if (s->nr) {
		put_page(page);
	} else {
		pages[0] = page;
		s->nr = 1;
	}
	supply_trim(umem, s, wanted, put_pages);
	return 0;
}

int gunyah_user_mem_supply_shared(struct gunyah_mem_range *range, struct gunyah_supply *s)
{
	struct gunyah_user_mem *umem = range->backing;
	int err;

	if (current->mm != umem->mm)
		return -EPERM;
	s->seq = mmu_interval_read_begin(&umem->notifier);
	err = user_get(umem, s);
	if (!err)
		supply_to_pfns(s);
	return err;
}

bool gunyah_user_mem_valid_shared(struct gunyah_mem_range *range, const struct gunyah_supply *s)
{
	struct gunyah_user_mem *umem = range->backing;

	lockdep_assert_held(&umem->mem->pages_lock);

	return !mmu_interval_read_retry(&umem->notifier, s->seq);
}

/* How many of the pages from @i on are of one folio, which is stored */
static unsigned int supply_folio(const struct gunyah_supply *s, unsigned int i,
				 unsigned int end, struct folio **folio)
{
	unsigned int nr = 1;

	*folio = page_folio(pfn_to_page(s->pfn[i]));
	while (i + nr < end && page_folio(pfn_to_page(s->pfn[i + nr])) == *folio)
		nr++;
	return nr;
}

void gunyah_user_mem_supplied_shared(struct gunyah_mem_range *range, struct gunyah_supply *s,
				     unsigned int taken)
{
	struct gunyah_user_mem *umem = range->backing;
	struct folio *folio;
	unsigned int i, nr;

	for (i = 0; i < s->nr; i += nr) {
		nr = supply_folio(s, i, s->nr, &folio);
		if (i < taken) {
			if (umem->write)
				folio_mark_dirty(folio);
			folio_mark_accessed(folio);
		}
		folio_put_refs(folio, nr);
	}
}

/* Nothing of ours was on them */
void gunyah_user_mem_returned_shared(struct gunyah_mem_range *range, u64 index,
				     unsigned long pfn, u64 nr)
{
}

/* The pages of the backing that the addresses of @mmu are */
static struct gunyah_gfns user_mem_affected(const struct gunyah_user_mem *umem,
					    const struct mmu_notifier_range *mmu)
{
	unsigned long start = max(mmu->start, umem->uaddr);
	unsigned long last = min(mmu->end, gunyah_user_mem_addr(umem, umem->nr)) - 1;
	u64 index = (start - umem->uaddr) >> PAGE_SHIFT;

	return (struct gunyah_gfns){
		.gfn = umem->gfn + index,
		.nr = ((last - umem->uaddr) >> PAGE_SHIFT) - index + 1,
	};
}

/*
 * The sequence is changed under the lock under which it is compared: a page that is on
 * its way to the guest either arrives before, and is taken back here, or does not.
 *
 * The OOM reaper cannot wait for the lock.  It is told so, and goes on elsewhere; the
 * process that it reaps has been killed and gives everything back when it exits.
 */
static bool user_mem_invalidate(struct mmu_interval_notifier *notifier,
				const struct mmu_notifier_range *mmu, unsigned long seq)
{
	struct gunyah_user_mem *umem = container_of(notifier, struct gunyah_user_mem, notifier);

	if (!mmu_notifier_range_blockable(mmu))
		return false;
	mutex_lock(&umem->mem->pages_lock);
	mmu_interval_set_seq(notifier, seq);
	mutex_unlock(&umem->mem->pages_lock);
	gunyah_mem_must_take_back(umem->mem, user_mem_affected(umem, mmu));
	return true;
}

static const struct mmu_interval_notifier_ops user_mem_notifier_ops = {
	.invalidate = user_mem_invalidate,
};

/* From here on the mm tells before it takes pages of @umem away */
int gunyah_user_mem_watch(struct gunyah_user_mem *umem)
{
	int err;

	err = mmu_interval_notifier_insert(&umem->notifier, umem->mm, umem->uaddr,
					   umem->nr << PAGE_SHIFT, &user_mem_notifier_ops);
	umem->notified = !err;
	return err;
}

static void unpin_pages(struct page **pages, unsigned int nr)
{
	unpin_user_pages(pages, nr);
}

/*
 * Pins what user_get() found: it is there, so it comes at once, unless it may not be
 * pinned where it is and is moved.
 */
int gunyah_user_mem_supply_lent(struct gunyah_mem_range *range, struct gunyah_supply *s)
{
	struct gunyah_user_mem *umem = range->backing;
	struct page **pages = supply_pages(s);
	u64 wanted = s->index;
	int got, err;

	if (current->mm != umem->mm)
		return -EPERM;
	err = user_get(umem, s);
	if (err)
		return err;
	put_pages(pages, s->nr);
	got = pin_user_pages_fast(gunyah_user_mem_addr(umem, s->index), s->nr,
				  FOLL_WRITE | FOLL_LONGTERM, pages);
	if (got < 0)
		return got;
	if (got <= wanted - s->index) {
		unpin_user_pages(pages, got);
		return -EAGAIN;
	}
	s->nr = got;
	err = gunyah_user_page_check(pages[wanted - s->index], true);
	if (err) {
		unpin_user_pages(pages, got);
		return err;
	}
	supply_trim(umem, s, wanted, unpin_pages);
	supply_to_pfns(s);
	return 0;
}

/* Pins do not expire */
bool gunyah_user_mem_valid_lent(struct gunyah_mem_range *range, const struct gunyah_supply *s)
{
	return true;
}

void gunyah_user_mem_supplied_lent(struct gunyah_mem_range *range, struct gunyah_supply *s,
				   unsigned int taken)
{
	unsigned int i;

	for (i = taken; i < s->nr; i++)
		unpin_user_page(pfn_to_page(s->pfn[i]));
}

/* Not under the folio lock, which may be taken outside of pages_lock; see the top */
void gunyah_user_mem_returned_lent(struct gunyah_mem_range *range, u64 index,
				   unsigned long pfn, u64 nr)
{
	u64 i;

	for (i = 0; i < nr; i++)
		folio_mark_dirty(page_folio(pfn_to_page(pfn + i)));
	unpin_user_page_range_dirty_lock(pfn_to_page(pfn), nr, false);
}
