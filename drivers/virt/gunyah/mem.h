/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a VM: ranges of guest pages, each with a backing, and two ways in
 * which pages reach the guest: parcels (parcel.c) and extents (extent.c).  Layer 5:
 * knows neither ioctls nor the VM's life.
 *
 * Locks, outermost first:
 *
 *	mem->lock	settings: what is added, removed, started; held over RM calls
 *	mem->ranges_sem	the ranges do not change: read by vCPUs that fault
 *	(mmap_lock, inode and folio locks of backings)
 *	mem->pages_lock	which pages are the guest's, and the hypercalls that move them.
 *			Taken in MMU notifiers: no allocation, no page fault under it
 *
 * Whoever changes the list of ranges holds all three of ours, so that each of them
 * alone is enough to look at it.
 */
#ifndef _GUNYAH_MEM_H
#define _GUNYAH_MEM_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "extent.h"

/**
 * struct gunyah_gfns - a run of guest pages
 * @gfn: the first one
 * @nr: how many; not 0
 */
struct gunyah_gfns {
	u64 gfn;
	u64 nr;
};

/* The first page behind the run; cannot wrap, see gunyah_gfns_from_bytes() */
static inline u64 gunyah_gfns_end(struct gunyah_gfns r)
{
	return r.gfn + r.nr;
}

static inline bool gunyah_gfns_overlap(struct gunyah_gfns a, struct gunyah_gfns b)
{
	return a.gfn < gunyah_gfns_end(b) && b.gfn < gunyah_gfns_end(a);
}

static inline bool gunyah_gfns_contain(struct gunyah_gfns outer, struct gunyah_gfns inner)
{
	return outer.gfn <= inner.gfn && gunyah_gfns_end(inner) <= gunyah_gfns_end(outer);
}

static inline u64 gunyah_gfns_gpa(struct gunyah_gfns r)
{
	return r.gfn << PAGE_SHIFT;
}

static inline u64 gunyah_gfns_size(struct gunyah_gfns r)
{
	return r.nr << PAGE_SHIFT;
}

int gunyah_gfns_from_bytes(u64 gpa, u64 size, struct gunyah_gfns *r);
int gunyah_gfns_around_bytes(u64 gpa, u64 size, struct gunyah_gfns *r);

/**
 * struct gunyah_page_run - host pages that follow each other
 * @pfn: the first one
 * @nr: how many
 */
struct gunyah_page_run {
	unsigned long pfn;
	u64 nr;
};

/* Pages of one fault: what a block of 2 MiB holds */
#define GUNYAH_SUPPLY_MAX	512

/**
 * struct gunyah_supply - pages that a backing has ready for the guest
 * @index: in: the page that is wanted; out: the page that @pfn[0] is
 * @first: in: the lowest page that may be supplied, too
 * @end: in: the page behind the last one that may be
 * @write: in: the guest will be allowed to write
 * @nr: out: entries of @pfn, the wanted page among them
 * @pfn: out: host pages; need not be contiguous
 * @seq: for the backing
 * @cookie: for the backing
 *
 * All indices count pages from the start of the backing, see
 * gunyah_mem_range.first.  [@first, @end) lies in one block of 2 MiB of guest
 * addresses, inside the range, and holds no page that is the guest's already.
 */
struct gunyah_supply {
	u64 index;
	u64 first;
	u64 end;
	bool write;
	unsigned int nr;
	unsigned long pfn[GUNYAH_SUPPLY_MAX];
	unsigned long seq;
	void *cookie;
};

struct gunyah_mem;
struct gunyah_mem_range;

/**
 * struct gunyah_backing_ops - where the pages of ranges come from
 *
 * A backing may serve several ranges (a range that was cut in two); each holds a
 * reference.  Indices count pages from the start of the backing.
 *
 * @get: one more range has it; @put is its counterpart, the last one frees it
 * @put: a range is gone.  Its pages are the host's again or have an additional
 *	reference for ever: the backing treats all alike
 * @cut: UNMAP: pages [index, index + nr), which are the host's again, leave the range,
 *	some of it or all.  Before the range changes; an error (ENOMEM) keeps all as it
 *	is.  @put follows if all of it goes, @get if it falls in two.  NULL: the backing
 *	does not care
 * @populate: makes pages [index, index + nr) stay: allocated, pinned, and fit for
 *	the range's kind (a lent page is nobody else's).  For parcels, and for memory
 *	that a running guest gets outside of its demand-paged ranges.  They stay until
 *	@unpopulate.  All or nothing
 * @unpopulate: the guest does not have them any more
 * @run_at: the longest run of host pages from page @index on, at most @nr; only pages
 *	that were populated
 * @supply: gets pages for a fault, with a reference of its own for each, and whatever
 *	else keeps them as they are until @supplied (folio lock, notifier sequence).
 *	May sleep, allocate, fault.  EAGAIN: try again; others become the attempt of a
 *	PAGE_FAULT exit
 * @valid: whether what @supply found is still so; under pages_lock.  false: again
 * @supplied: ends @supply, always; the first @taken of the pages are the guest's now.
 *	Not under pages_lock
 * @returned: pages that came by @supply are the host's again; under pages_lock
 *
 * Those that a backing lacks (NULL: @supply and what belongs to it) make the range
 * one whose pages are all handed over at once.
 */
struct gunyah_backing_ops {
	void (*get)(void *backing);
	void (*put)(void *backing);
	int (*cut)(void *backing, u64 index, u64 nr);

	int (*populate)(struct gunyah_mem_range *range, u64 index, u64 nr);
	void (*unpopulate)(struct gunyah_mem_range *range, u64 index, u64 nr);
	struct gunyah_page_run (*run_at)(void *backing, u64 index, u64 nr);

	int (*supply)(struct gunyah_mem_range *range, struct gunyah_supply *s);
	bool (*valid)(struct gunyah_mem_range *range, const struct gunyah_supply *s);
	void (*supplied)(struct gunyah_mem_range *range, struct gunyah_supply *s,
			 unsigned int taken);
	void (*returned)(struct gunyah_mem_range *range, u64 index, unsigned long pfn,
			 u64 nr);
};

enum gunyah_mem_kind {
	GUNYAH_MEM_SHARE,	/* host and guest have access */
	GUNYAH_MEM_LEND,	/* only the guest has, once it has the page */
};

/**
 * struct gunyah_mem_range - a range of a VM's guest addresses and what backs it
 * @node: in gunyah_mem.ranges, in the order of guest addresses
 * @mem: the memory that it is part of; constant
 * @gfns: guest pages; changed only by cutting it, under lock and ranges_sem
 * @first: index in the backing of the first page; likewise
 * @label: the user's name for it; constant
 * @kind: share or lend; constant
 * @access: GUNYAH_RM_ACL_*: what the user allows; constant
 * @rights: GUNYAH_RM_ACL_*: what the guest gets; constant
 * @resident: populated and handed over as a whole, never paged: what the backing
 *	cannot page, and what a running guest got; set before the guest sees it
 * @ops: see &struct gunyah_backing_ops; constant
 * @backing: the backing of @ops; constant
 */
struct gunyah_mem_range {
	struct list_head node;
	struct gunyah_mem *mem;
	struct gunyah_gfns gfns;
	u64 first;
	u32 label;
	enum gunyah_mem_kind kind;
	u8 access;
	u8 rights;
	bool resident;
	const struct gunyah_backing_ops *ops;
	void *backing;
};

/* Index in the backing of guest page @gfn, which lies in the range */
static inline u64 gunyah_range_index(const struct gunyah_mem_range *range, u64 gfn)
{
	return range->first + (gfn - range->gfns.gfn);
}

/* The guest page of the backing's page @index, which lies in the range */
static inline u64 gunyah_range_gfn(const struct gunyah_mem_range *range, u64 index)
{
	return range->gfns.gfn + (index - range->first);
}

/**
 * struct gunyah_mem - all memory of a VM
 * @lock: see above
 * @ranges_sem: see above
 * @ranges: struct gunyah_mem_range, sorted, without overlaps
 * @low: the lowest guest page that any range ever had; written under lock
 * @end: the page behind the highest one, likewise
 * @is_protected: what the host shares is never executable; set before the guest runs
 * @on_failed: told, under pages_lock, that @failed was set; constant; may be NULL
 * @pages_lock: see above; protects what follows
 * @pages: guest pages that came by extents: chunks of 512 entries by gfn >> 9.  Chunks
 *	stay until the end, so they are looked up without a lock; entries need it
 * @extents: the VM's capabilities; not ready: parcels are the only way
 * @nr_private: pages that the guest has and the host must not touch
 * @nr_shared: pages that both have
 * @nr_lost: pages that the hypervisor did not give back, for good
 * @failed: a page could not be taken back when the host had to: the guest must not run
 * @nomem_said: that the hypervisor has no memory was reported, and has not changed
 * @refusal: GUNYAH_ERR_*: what it said when pages were last given
 */
struct gunyah_mem {
	struct mutex lock; /* settings */
	struct rw_semaphore ranges_sem;
	struct list_head ranges;
	u64 low;
	u64 end;
	bool is_protected;
	void (*on_failed)(struct gunyah_mem *mem);

	struct mutex pages_lock; /* pages to refusal */
	struct xarray pages;
	struct gunyah_extents extents;
	u64 nr_private;
	u64 nr_shared;
	u64 nr_lost;
	bool failed;
	bool nomem_said;
	int refusal;
};

/* Whether pages can move one fault at a time */
static inline bool gunyah_mem_is_paged(const struct gunyah_mem *mem)
{
	return READ_ONCE(mem->extents.ready);
}

/* Cheap, for those who mostly would ask in vain: false if a fault at @gpa finds nothing */
static inline bool gunyah_mem_may_fault(const struct gunyah_mem *mem, u64 gpa)
{
	u64 gfn = gpa >> PAGE_SHIFT;

	return gunyah_mem_is_paged(mem) && gfn >= READ_ONCE(mem->low) &&
	       gfn < READ_ONCE(mem->end);
}

void gunyah_mem_init(struct gunyah_mem *mem);
void gunyah_mem_destroy(struct gunyah_mem *mem);

/* Under mem->lock */
bool gunyah_mem_is_free(struct gunyah_mem *mem, struct gunyah_gfns gfns);
int gunyah_mem_insert(struct gunyah_mem *mem, struct gunyah_mem_range *range);
struct gunyah_mem_range *gunyah_mem_find(struct gunyah_mem *mem, struct gunyah_gfns gfns);
int gunyah_mem_retract(struct gunyah_mem *mem, struct gunyah_mem_range *range);
int gunyah_mem_remove(struct gunyah_mem *mem, struct gunyah_mem_range *range,
		      struct gunyah_gfns gfns);
/* Populates @range, which is in no list yet, and makes it resident */
int gunyah_range_populate(struct gunyah_mem_range *range);
void gunyah_range_free(struct gunyah_mem_range *range);

/* mem_page.c: whose a page is, and how it gets to the guest */

/**
 * enum gunyah_hold - whose a guest page is
 * @GUNYAH_HOLD_HOST: the guest does not have it
 * @GUNYAH_HOLD_BOTH: shared
 * @GUNYAH_HOLD_GUEST: private: the host must not touch it
 */
enum gunyah_hold {
	GUNYAH_HOLD_HOST,
	GUNYAH_HOLD_BOTH,
	GUNYAH_HOLD_GUEST,
};

int gunyah_mem_fault(struct gunyah_mem *mem, u64 gpa, bool write);
int gunyah_mem_push(struct gunyah_mem *mem, struct gunyah_mem_range *range);
int gunyah_mem_refusal(struct gunyah_mem *mem);
enum gunyah_hold gunyah_mem_hold(struct gunyah_mem *mem, u64 gfn);
int gunyah_mem_mark_parcel(struct gunyah_mem *mem, struct gunyah_gfns gfns,
			   enum gunyah_mem_kind kind);
void gunyah_mem_unmark_parcel(struct gunyah_mem *mem, struct gunyah_gfns gfns);

/* mem_take.c: how it comes back */
int gunyah_mem_take_away(struct gunyah_mem *mem, struct gunyah_gfns gfns);
int gunyah_mem_take_back(struct gunyah_mem *mem, struct gunyah_gfns gfns);
void gunyah_mem_must_take_back(struct gunyah_mem *mem, struct gunyah_gfns gfns);
u64 gunyah_mem_take_all(struct gunyah_mem *mem);
long gunyah_mem_lost_pages(void);
void gunyah_mem_lose(struct gunyah_mem *mem, unsigned long pfn, u64 nr);

#endif
