// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the way back: pages that the guest has become the host's again, because user
 * space, the host's memory management or the end of the VM wants it.
 *
 * Needs only pages_lock: it runs in MMU notifiers and under locks of files.
 */
#include <linux/sched.h>

#include "hypercall.h"
#include "mem_page.h"
#include "vm_trace.h"

/*
 * What to do about a page that the hypervisor does not return, and about resident ones:
 * their backing keeps them, so nobody needs them in a hurry, and the RM may not page
 * where they are, so the guest could not get them back.
 */
enum take_mode {
	TAKE_ASK,	/* it stays where it is, and resident ones do */
	TAKE_RANGE,	/* it stays where it is */
	TAKE_MUST,	/* it is lost, and the guest must not run any more; not resident ones */
	TAKE_LAST,	/* it is lost, and nothing else happens */
};

static void lose_page(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
		      const struct gunyah_extent_run *run, enum take_mode mode)
{
	struct gunyah_mem *mem = range->mem;

	gunyah_mem_lose(mem, run->pfn, run->nr);
	gunyah_mem_forget(range, chunk, run);
	if (mode != TAKE_MUST || mem->failed)
		return;
	pr_err("gunyah: the hypervisor does not return shared memory that the host needs; the VM is stopped\n");
	WRITE_ONCE(mem->failed, true);
	if (mem->on_failed)
		mem->on_failed(mem);
}

/* Whether @entry is the page behind @nr pages that begin with @first */
static bool entry_continues(u64 first, u64 nr, u64 entry)
{
	return entry && !(entry & GUNYAH_ENTRY_PARCEL) &&
	       FIELD_GET(GUNYAH_ENTRY_WAY, entry) == FIELD_GET(GUNYAH_ENTRY_WAY, first) &&
	       FIELD_GET(GUNYAH_ENTRY_PFN, entry) == FIELD_GET(GUNYAH_ENTRY_PFN, first) + nr;
}

/* The run that begins at @gfn and ends before @end; nr 0 if there is nothing to take */
static struct gunyah_extent_run run_at(const struct gunyah_page_chunk *chunk, u64 gfn, u64 end)
{
	u64 entry = gunyah_entry(chunk, gfn);
	struct gunyah_extent_run run = {
		.gfn = gfn,
		.pfn = FIELD_GET(GUNYAH_ENTRY_PFN, entry),
		.way = FIELD_GET(GUNYAH_ENTRY_WAY, entry),
		.access = FIELD_GET(GUNYAH_ENTRY_ACCESS, entry),
	};

	while (gfn + run.nr < end &&
	       entry_continues(entry, run.nr, gunyah_entry(chunk, gfn + run.nr)))
		run.nr++;
	return run;
}

static void run_halves(const struct gunyah_extent_run *run, struct gunyah_extent_run *low,
		       struct gunyah_extent_run *high)
{
	*low = *run;
	*high = *run;
	low->nr = run->nr / 2;
	high->gfn += low->nr;
	high->pfn += low->nr;
	high->nr -= low->nr;
}

/*
 * If the hypervisor refuses a run, some pages of it may still be had: halves are tried,
 * down to single pages.  Recursion, here and below: 9 levels, as a run has at most 512
 * pages.
 */
static int return_run(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
		      const struct gunyah_extent_run *run, enum take_mode mode)
{
	struct gunyah_extent_run low, high;
	int err, err_high;

	err = gunyah_extent_return(&range->mem->extents, run);
	trace_gunyah_mem_take(run->gfn, run->pfn, run->nr, run->way, err);
	if (!err) {
		gunyah_mem_forget(range, chunk, run);
		return 0;
	}
	if (run->nr == 1) {
		if (mode == TAKE_MUST || mode == TAKE_LAST)
			lose_page(range, chunk, run, mode);
		return gunyah_error_to_errno(err);
	}
	run_halves(run, &low, &high);
	err = return_run(range, chunk, &low, mode);
	err_high = return_run(range, chunk, &high, mode);
	return err ?: err_high;
}

/*
 * The guest goes on with what it keeps.  Only that is mapped again: a page that was given
 * up and is mapped would be the guest's own again.  If there is no memory for tables, the
 * guest faults there and gets the next chance.
 */
static void remap_rest(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
		       const struct gunyah_extent_run *run)
{
	u64 gfn, end = run->gfn + run->nr;
	struct gunyah_extent_run rest;

	for (gfn = run->gfn; gfn < end; gfn += max_t(u64, rest.nr, 1)) {
		rest = run_at(chunk, gfn, end);
		if (rest.nr)
			gunyah_extent_remap(&range->mem->extents, &rest);
	}
}

/*
 * A guest that gave a page up may have lost its mapping thereby: that there is none is no
 * reason to stop.  Of several pages only some may have one, which is found out by halves.
 */
static int take_run(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
		    const struct gunyah_extent_run *run, enum take_mode mode)
{
	int unmapped = gunyah_extent_unmap(&range->mem->extents, run), err, err_high;
	struct gunyah_extent_run low, high;

	if (unmapped && run->nr > 1) {
		run_halves(run, &low, &high);
		err = take_run(range, chunk, &low, mode);
		err_high = take_run(range, chunk, &high, mode);
		return err ?: err_high;
	}
	if (unmapped && unmapped != GUNYAH_ERR_ADDR_INVALID) {
		if (mode == TAKE_MUST || mode == TAKE_LAST)
			lose_page(range, chunk, run, mode);
		return gunyah_error_to_errno(unmapped);
	}
	err = return_run(range, chunk, run, mode);
	if (err)
		remap_rest(range, chunk, run);
	return err;
}

/* A page that the guest has and does not see; true: it has come back */
bool gunyah_mem_take_faulted(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
			     u64 gfn)
{
	struct gunyah_extent_run run = run_at(chunk, gfn, gfn + 1);

	lockdep_assert_held(&range->mem->pages_lock);

	return run.nr && !take_run(range, chunk, &run, TAKE_RANGE);
}

/* @first to @end, in one chunk and one range */
static int take_pages(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
		      u64 first, u64 end, enum take_mode mode)
{
	struct gunyah_extent_run run;
	u64 gfn;
	int err = 0, ret;

	for (gfn = first; gfn < end; gfn += max_t(u64, run.nr, 1)) {
		run = run_at(chunk, gfn, end);
		if (!run.nr)
			continue;
		if (range->resident && (mode == TAKE_ASK || mode == TAKE_MUST))
			return mode == TAKE_ASK ? -EBUSY : 0;
		ret = take_run(range, chunk, &run, mode);
		err = err ?: ret;
	}
	return err;
}

/* @first to @end, in one chunk; all that is the guest's lies in some range */
static int take_chunk(struct gunyah_mem *mem, struct gunyah_page_chunk *chunk, u64 first,
		      u64 end, enum take_mode mode)
{
	struct gunyah_mem_range *range;
	int err = 0, ret;

	lockdep_assert_held(&mem->pages_lock);

	list_for_each_entry(range, &mem->ranges, node) {
		ret = take_pages(range, chunk, max(first, range->gfns.gfn),
				 min(end, gunyah_gfns_end(range->gfns)), mode);
		err = err ?: ret;
	}
	return err;
}

static int mem_take(struct gunyah_mem *mem, struct gunyah_gfns gfns, enum take_mode mode)
{
	struct gunyah_page_chunk *chunk;
	u64 first, end = gunyah_gfns_end(gfns);
	unsigned long i;
	int err = 0, ret;

	xa_for_each_range(&mem->pages, i, chunk, gfns.gfn >> GUNYAH_CHUNK_SHIFT,
			  (end - 1) >> GUNYAH_CHUNK_SHIFT) {
		first = (u64)i << GUNYAH_CHUNK_SHIFT;
		mutex_lock(&mem->pages_lock);
		ret = take_chunk(mem, chunk, max(gfns.gfn, first),
				 min(end, first + GUNYAH_CHUNK_PAGES), mode);
		mutex_unlock(&mem->pages_lock);
		err = err ?: ret;
		cond_resched();
	}
	return err;
}

/**
 * gunyah_mem_take_back() - pages are to be the host's again
 * @mem: the VM's memory
 * @gfns: guest pages; those that the guest does not have, or the RM has, are skipped
 *
 * Context: may sleep; pages_lock not held.  Nothing keeps the guest from getting them
 * back at once: callers who need that hold ranges_sem or what @supply needs.
 *
 * Returns: 0; EBUSY, EACCES or another error of the hypervisor for the first page that
 * it did not return; all others have been taken all the same.  EBUSY for pages of
 * resident ranges.
 */
int gunyah_mem_take_back(struct gunyah_mem *mem, struct gunyah_gfns gfns)
{
	return mem_take(mem, gfns, TAKE_ASK);
}

/**
 * gunyah_mem_must_take_back() - pages are the host's again, whatever happens
 * @mem: the VM's memory
 * @gfns: guest pages
 *
 * For MMU notifiers, which cannot fail.  Resident pages stay: they are pinned, and the
 * guest may keep what its process gives up.  A page that the hypervisor does not return gets
 * a reference for ever, is counted, and the VM does not run any more.
 *
 * Context: may sleep; does not allocate; pages_lock not held.
 */
void gunyah_mem_must_take_back(struct gunyah_mem *mem, struct gunyah_gfns gfns)
{
	mem_take(mem, gfns, TAKE_MUST);
}

/* The same for addresses at which there is to be no memory any more */
int gunyah_mem_take_away(struct gunyah_mem *mem, struct gunyah_gfns gfns)
{
	return mem_take(mem, gfns, TAKE_RANGE);
}

/**
 * gunyah_mem_take_all() - the end of demand paging
 * @mem: the VM's memory; the guest has exited
 *
 * Before RESET: after that the capabilities are nobody's (ABI tables, rm-rpc 7.4).
 *
 * Returns: how many pages were lost.
 */
u64 gunyah_mem_take_all(struct gunyah_mem *mem)
{
	struct gunyah_gfns all = { .gfn = 0, .nr = U64_MAX >> PAGE_SHIFT };
	u64 before = mem->nr_lost;

	if (!gunyah_mem_is_paged(mem))
		return 0;
	mem_take(mem, all, TAKE_LAST);
	WRITE_ONCE(mem->extents.ready, false);
	return mem->nr_lost - before;
}
