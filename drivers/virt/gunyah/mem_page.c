// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the table of pages that a guest has, and the ways in which they get there: one
 * fault at a time, or pushed.  Getting them back is mem_take.c's.
 *
 * A fault gives more than one page if the backing has more: those of one block of
 * 2 MiB of guest addresses around the wanted one, up to the next page that the guest
 * has already.  That is what makes few hypercalls and large entries in its tables.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <linux/gunyah/abi/rm.h>

#include "hypercall.h"
#include "mem_page.h"
#include "vm_trace.h"

/* The chunk of @gfn; allocates it.  Not under pages_lock.  NULL: no memory */
static struct gunyah_page_chunk *chunk_get(struct gunyah_mem *mem, u64 gfn)
{
	struct gunyah_page_chunk *chunk = gunyah_chunk_find(mem, gfn), *old;

	if (chunk)
		return chunk;
	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return NULL;
	old = xa_cmpxchg(&mem->pages, gfn >> GUNYAH_CHUNK_SHIFT, NULL, chunk,
			 GFP_KERNEL_ACCOUNT);
	if (!old)
		return chunk;
	kfree(chunk);
	return xa_is_err(old) ? NULL : old;
}

/* Part of @gfns that is in the chunk of its first page */
static struct gunyah_gfns in_chunk(struct gunyah_gfns gfns)
{
	u64 room = GUNYAH_CHUNK_PAGES - (gfns.gfn & GUNYAH_CHUNK_MASK);

	return (struct gunyah_gfns){ .gfn = gfns.gfn, .nr = min(gfns.nr, room) };
}

static void entries_set(struct gunyah_mem *mem, struct gunyah_page_chunk *chunk,
			const struct gunyah_extent_run *run)
{
	u64 entry = GUNYAH_ENTRY_GIVEN | FIELD_PREP(GUNYAH_ENTRY_ACCESS, run->access) |
		    FIELD_PREP(GUNYAH_ENTRY_WAY, run->way);
	u64 i;

	lockdep_assert_held(&mem->pages_lock);

	for (i = 0; i < run->nr; i++)
		gunyah_entry_set(chunk, run->gfn + i,
				 entry | FIELD_PREP(GUNYAH_ENTRY_PFN, run->pfn + i));
	*gunyah_entry_count(mem, entry) += run->nr;
}

void gunyah_mem_forget(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
		       const struct gunyah_extent_run *run)
{
	struct gunyah_mem *mem = range->mem;
	u64 i;

	lockdep_assert_held(&mem->pages_lock);

	*gunyah_entry_count(mem, gunyah_entry(chunk, run->gfn)) -= run->nr;
	for (i = 0; i < run->nr; i++)
		gunyah_entry_set(chunk, run->gfn + i, 0);
	if (!range->resident)
		range->ops->returned(range, gunyah_range_index(range, run->gfn), run->pfn,
				     run->nr);
}

/* Said once, until the hypervisor has memory again */
static void note_nomem(struct gunyah_mem *mem, int err)
{
	if (!err)
		mem->nomem_said = false;
	if (err != GUNYAH_ERR_NOMEM || mem->nomem_said)
		return;
	mem->nomem_said = true;
	pr_warn("gunyah: %s: the hypervisor's heap for the page tables of guests is full; the guest cannot get more memory until some is given back.  Memory of huge pages needs far fewer tables\n",
		current->comm);
}

/* How the pages of @range reach the guest, and what it may do with them */
static void run_set_way(const struct gunyah_mem_range *range, struct gunyah_extent_run *run)
{
	run->access = range->rights;
	if (range->kind == GUNYAH_MEM_LEND) {
		run->way = GUNYAH_EXTENT_LEND;
	} else if (range->rights & GUNYAH_RM_ACL_X && !range->mem->is_protected) {
		run->way = GUNYAH_EXTENT_SHARE_EXEC;
	} else {
		run->way = GUNYAH_EXTENT_SHARE;
		run->access &= ~GUNYAH_RM_ACL_X;
	}
}

static int give_run(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
		    struct gunyah_extent_run *run)
{
	struct gunyah_mem *mem = range->mem;
	bool lost;
	int err;

	lockdep_assert_held(&mem->pages_lock);

	run_set_way(range, run);
	err = gunyah_extent_give(&mem->extents, run, &lost);
	trace_gunyah_mem_give(run->gfn, run->pfn, run->nr, run->way, run->access, err);
	if (!err)
		entries_set(mem, chunk, run);
	else if (lost)
		gunyah_mem_lose(mem, run->pfn, run->nr);
	mem->refusal = err;
	note_nomem(mem, err);
	return gunyah_error_to_errno(err);
}

/*
 * Pages around @gfn that the guest does not have, nor @gfn itself, within its chunk and
 * @range; only @gfn unless @wide.
 */
static struct gunyah_gfns free_around(struct gunyah_mem_range *range,
				      struct gunyah_page_chunk *chunk, u64 gfn, bool wide)
{
	u64 low = max(range->gfns.gfn, gfn & ~(u64)GUNYAH_CHUNK_MASK);
	u64 end = min(gunyah_gfns_end(range->gfns), (gfn | GUNYAH_CHUNK_MASK) + 1);
	u64 first = gfn, behind = gfn + 1;

	while (wide && first > low && !gunyah_entry(chunk, first - 1))
		first--;
	while (wide && behind < end && !gunyah_entry(chunk, behind))
		behind++;
	return (struct gunyah_gfns){ .gfn = first, .nr = behind - first };
}

static bool all_free(const struct gunyah_page_chunk *chunk, struct gunyah_gfns gfns)
{
	u64 i;

	for (i = 0; i < gfns.nr; i++) {
		if (gunyah_entry(chunk, gfns.gfn + i))
			return false;
	}
	return true;
}

/* Gives what was supplied, run by run; returns how many pages */
static unsigned int give_supply(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
				const struct gunyah_supply *s, int *err)
{
	u64 gfn = gunyah_range_gfn(range, s->index);
	struct gunyah_extent_run run;
	unsigned int done;

	for (done = 0; done < s->nr; done += run.nr) {
		run = (struct gunyah_extent_run){
			.gfn = gfn + done, .pfn = s->pfn[done], .nr = 1,
		};
		while (done + run.nr < s->nr && s->pfn[done + run.nr] == run.pfn + run.nr)
			run.nr++;
		*err = give_run(range, chunk, &run);
		if (*err)
			break;
	}
	return done;
}

/* Whether the backing did what it was asked for; it is our own, but pages are dangerous */
static bool supply_is_sane(const struct gunyah_supply *s, u64 index)
{
	return s->nr && s->nr <= GUNYAH_SUPPLY_MAX && s->index >= s->first &&
	       s->index + s->nr <= s->end && index >= s->index && index - s->index < s->nr;
}

static int supply_and_give(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
			   struct gunyah_supply *s)
{
	struct gunyah_mem *mem = range->mem;
	u64 index = s->index;
	unsigned int taken = 0;
	int err;

	err = range->ops->supply(range, s);
	if (err)
		return err;
	mutex_lock(&mem->pages_lock);
	if (WARN_ON_ONCE(!supply_is_sane(s, index)))
		err = -EINVAL;
	else if (!range->ops->valid(range, s) ||
		 !all_free(chunk, (struct gunyah_gfns){ gunyah_range_gfn(range, s->index),
							s->nr }))
		err = -EAGAIN;
	else
		taken = give_supply(range, chunk, s, &err);
	mutex_unlock(&mem->pages_lock);
	range->ops->supplied(range, s, taken);
	return index - s->index < taken ? 0 : err;
}

static int fault_supply(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk, u64 gfn,
			struct gunyah_supply *s, bool wide)
{
	struct gunyah_mem *mem = range->mem;
	struct gunyah_gfns window;

	mutex_lock(&mem->pages_lock);
	window = free_around(range, chunk, gfn, wide);
	mutex_unlock(&mem->pages_lock);

	s->index = gunyah_range_index(range, gfn);
	s->first = gunyah_range_index(range, window.gfn);
	s->end = s->first + window.nr;
	s->write = range->rights & GUNYAH_RM_ACL_W;
	s->nr = 0;
	return supply_and_give(range, chunk, s);
}

/* What fails for want of memory may do for one page what it could not for many */
static int fault_paged(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk, u64 gfn)
{
	struct gunyah_supply *s = kmalloc(sizeof(*s), GFP_KERNEL);
	int err;

	if (!s)
		return -ENOMEM;
	err = fault_supply(range, chunk, gfn, s, true);
	if (err == -ENOMEM)
		err = fault_supply(range, chunk, gfn, s, false);
	kfree(s);
	return err;
}

/* Gives all pages of @gfns, in one chunk of a resident range, that the guest lacks */
static int give_resident(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
			 struct gunyah_gfns gfns)
{
	struct gunyah_extent_run run = {};
	struct gunyah_page_run pages;
	u64 gfn, end = gunyah_gfns_end(gfns), nr;
	int err;

	for (gfn = gfns.gfn; gfn < end; gfn += run.nr) {
		run.nr = 1;
		if (gunyah_entry(chunk, gfn))
			continue;
		for (nr = 1; gfn + nr < end && !gunyah_entry(chunk, gfn + nr); nr++)
			;
		pages = range->ops->run_at(range->backing, gunyah_range_index(range, gfn), nr);
		run = (struct gunyah_extent_run){
			.gfn = gfn, .pfn = pages.pfn, .nr = pages.nr,
		};
		err = give_run(range, chunk, &run);
		if (err)
			return err;
	}
	return 0;
}

/*
 * The guest faulted on a page that it has.  Once that is an accident: another vCPU
 * faulted, too, and was first.  If it happens again the guest has let the page go: it
 * comes back to be given again.  A private page comes back only then.
 *
 * Returns: 1 if the guest is to try again, 0 if it does not have the page, or an error.
 */
static int fault_on_given(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
			  u64 gfn)
{
	u64 entry = gunyah_entry(chunk, gfn);

	lockdep_assert_held(&range->mem->pages_lock);

	if (!entry)
		return 0;
	if (!(entry & GUNYAH_ENTRY_FAULTED)) {
		gunyah_entry_set(chunk, gfn, entry | GUNYAH_ENTRY_FAULTED);
		return 1;
	}
	if (entry & GUNYAH_ENTRY_PARCEL)
		return -EBUSY;
	return gunyah_mem_take_faulted(range, chunk, gfn) ? 0 : 1;
}

static int range_fault(struct gunyah_mem_range *range, u64 gfn, bool write)
{
	struct gunyah_mem *mem = range->mem;
	struct gunyah_page_chunk *chunk;
	int ret;

	if (!gunyah_mem_is_paged(mem))
		return -ENODEV;
	if (write && !(range->rights & GUNYAH_RM_ACL_W))
		return -EPERM;
	chunk = chunk_get(mem, gfn);
	if (!chunk)
		return -ENOMEM;

	mutex_lock(&mem->pages_lock);
	ret = fault_on_given(range, chunk, gfn);
	if (!ret && range->resident) {
		ret = give_resident(range, chunk, free_around(range, chunk, gfn, true));
		ret = ret ?: 1;
	}
	mutex_unlock(&mem->pages_lock);
	if (ret)
		return min(ret, 0);
	return fault_paged(range, chunk, gfn);
}

/**
 * gunyah_mem_fault() - the guest wants a page
 * @mem: the VM's memory
 * @gpa: the address that it accessed
 * @write: to write there
 *
 * Context: may sleep, takes page faults; none of the locks of @mem held.
 *
 * Returns: 0 if the guest can go on; EAGAIN if it is to try again, EINTR for a signal;
 * otherwise what becomes the attempt of a PAGE_FAULT exit (ABI tables, uapi 3.7): ENOENT
 * if no range is there, EPERM for a write to memory that is read-only or a page that the
 * host uses, ENODEV without demand paging, ENOMEM, or the hypervisor's error.
 */
int gunyah_mem_fault(struct gunyah_mem *mem, u64 gpa, bool write)
{
	struct gunyah_gfns page = { .gfn = gpa >> PAGE_SHIFT, .nr = 1 };
	struct gunyah_mem_range *range;
	int err = -ENOENT;

	down_read(&mem->ranges_sem);
	range = gunyah_mem_find(mem, page);
	if (range) {
		err = range_fault(range, page.gfn, write);
		trace_gunyah_mem_fault(gpa, write, err);
	}
	up_read(&mem->ranges_sem);
	return err;
}

static int push_chunk(struct gunyah_mem_range *range, struct gunyah_gfns part)
{
	struct gunyah_page_chunk *chunk;
	int err;

	if (fatal_signal_pending(current))
		return -EINTR;
	chunk = chunk_get(range->mem, part.gfn);
	if (!chunk)
		return -ENOMEM;
	mutex_lock(&range->mem->pages_lock);
	err = give_resident(range, chunk, part);
	mutex_unlock(&range->mem->pages_lock);
	cond_resched();
	return err;
}

/**
 * gunyah_mem_push() - the guest gets all pages of a range
 * @mem: the VM's memory, locked
 * @range: resident, in the list
 *
 * Returns: 0; ENODEV without demand paging; EINTR if the caller was killed; ENOMEM, or the
 * hypervisor's error: the guest may have some of the pages then.
 */
int gunyah_mem_push(struct gunyah_mem *mem, struct gunyah_mem_range *range)
{
	struct gunyah_gfns left = range->gfns, part;
	int err;

	lockdep_assert_held(&mem->lock);

	if (!gunyah_mem_is_paged(mem))
		return -ENODEV;
	for (; left.nr; left.gfn += part.nr, left.nr -= part.nr) {
		part = in_chunk(left);
		err = push_chunk(range, part);
		if (err)
			return err;
	}
	return 0;
}

/* GUNYAH_ERR_*: what the hypervisor said when pages were last given; OK if it took them */
int gunyah_mem_refusal(struct gunyah_mem *mem)
{
	int refusal;

	mutex_lock(&mem->pages_lock);
	refusal = mem->refusal;
	mutex_unlock(&mem->pages_lock);
	return refusal;
}

/* Without pages_lock the answer may be old: the caller has what keeps it from changing */
enum gunyah_hold gunyah_mem_hold(struct gunyah_mem *mem, u64 gfn)
{
	struct gunyah_page_chunk *chunk = gunyah_chunk_find(mem, gfn);
	u64 entry = chunk ? gunyah_entry(chunk, gfn) : 0;

	if (!entry)
		return GUNYAH_HOLD_HOST;
	return FIELD_GET(GUNYAH_ENTRY_WAY, entry) == GUNYAH_EXTENT_LEND ? GUNYAH_HOLD_GUEST :
									  GUNYAH_HOLD_BOTH;
}

static void mark_chunk(struct gunyah_mem *mem, struct gunyah_page_chunk *chunk,
		       struct gunyah_gfns part, u64 mark)
{
	u64 i, old;

	mutex_lock(&mem->pages_lock);
	for (i = 0; i < part.nr; i++) {
		old = gunyah_entry(chunk, part.gfn + i);
		if (old)
			--*gunyah_entry_count(mem, old);
		if (mark)
			++*gunyah_entry_count(mem, mark);
		gunyah_entry_set(chunk, part.gfn + i, mark);
	}
	mutex_unlock(&mem->pages_lock);
	cond_resched();
}

/**
 * gunyah_mem_mark_parcel() - the RM gets pages, in a parcel
 * @mem: the VM's memory, locked
 * @gfns: pages that the guest does not have
 * @kind: lent or shared
 *
 * Returns: 0 or ENOMEM; then nothing is marked.
 */
int gunyah_mem_mark_parcel(struct gunyah_mem *mem, struct gunyah_gfns gfns,
			   enum gunyah_mem_kind kind)
{
	u64 mark = GUNYAH_ENTRY_GIVEN | GUNYAH_ENTRY_PARCEL |
		   FIELD_PREP(GUNYAH_ENTRY_WAY, kind == GUNYAH_MEM_LEND ? GUNYAH_EXTENT_LEND :
									  GUNYAH_EXTENT_SHARE);
	struct gunyah_gfns left = gfns, part;
	struct gunyah_page_chunk *chunk;

	lockdep_assert_held(&mem->lock);

	for (; left.nr; left.gfn += part.nr, left.nr -= part.nr) {
		part = in_chunk(left);
		chunk = chunk_get(mem, part.gfn);
		if (!chunk) {
			gfns.nr -= left.nr;
			gunyah_mem_unmark_parcel(mem, gfns);
			return -ENOMEM;
		}
		mark_chunk(mem, chunk, part, mark);
	}
	return 0;
}

/* The RM has returned them; @gfns has been marked */
void gunyah_mem_unmark_parcel(struct gunyah_mem *mem, struct gunyah_gfns gfns)
{
	struct gunyah_gfns part;

	lockdep_assert_held(&mem->lock);

	for (; gfns.nr; gfns.gfn += part.nr, gfns.nr -= part.nr) {
		part = in_chunk(gfns);
		mark_chunk(mem, gunyah_chunk_find(mem, part.gfn), part, 0);
	}
}

bool gunyah_mem_in_parcel(struct gunyah_mem *mem, struct gunyah_gfns gfns)
{
	struct gunyah_page_chunk *chunk;
	unsigned long i;
	u64 gfn, last = gunyah_gfns_end(gfns) - 1;

	lockdep_assert_held(&mem->lock);

	xa_for_each_range(&mem->pages, i, chunk, gfns.gfn >> GUNYAH_CHUNK_SHIFT,
			  last >> GUNYAH_CHUNK_SHIFT) {
		gfn = max(gfns.gfn, (u64)i << GUNYAH_CHUNK_SHIFT);
		for (; gfn <= last && gfn >> GUNYAH_CHUNK_SHIFT == i; gfn++) {
			if (gunyah_entry(chunk, gfn) & GUNYAH_ENTRY_PARCEL)
				return true;
		}
	}
	return false;
}
