/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a VM: ranges of guest pages, each with a backing.  Layer 5:
 * knows neither ioctls nor the VM's life; how pages reach the guest is parcel.c's.
 */
#ifndef _GUNYAH_MEM_H
#define _GUNYAH_MEM_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/types.h>

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

/**
 * struct gunyah_backing_ops - where the pages of a range come from
 * @run_at: the longest run of pages that backs the range from page @index on.
 *	Only while the range is resident.
 * @release: the range is gone.  @lost: its pages are still the guest's, they must
 *	never be used again.
 */
struct gunyah_backing_ops {
	struct gunyah_page_run (*run_at)(void *backing, u64 index);
	void (*release)(void *backing, bool lost);
};

enum gunyah_mem_kind {
	GUNYAH_MEM_SHARE,	/* host and guest have access */
	GUNYAH_MEM_LEND,	/* only the guest has */
};

/**
 * struct gunyah_mem_range - a range of a VM's guest addresses and what backs it
 * @node: in gunyah_mem.ranges, in the order of guest addresses; mem_lock
 * @gfns: guest pages; constant
 * @label: the user's name for it; constant
 * @kind: share or lend; constant
 * @access: GUNYAH_RM_ACL_*: what the user allows; constant
 * @rights: GUNYAH_RM_ACL_*: what the guest gets; constant
 * @ops: see &struct gunyah_backing_ops; constant
 * @backing: first argument of @ops; constant
 * @lost: the pages cannot be used again; mem_lock
 */
struct gunyah_mem_range {
	struct list_head node;
	struct gunyah_gfns gfns;
	u32 label;
	enum gunyah_mem_kind kind;
	u8 access;
	u8 rights;
	const struct gunyah_backing_ops *ops;
	void *backing;
	bool lost;
};

/**
 * struct gunyah_mem - all memory of a VM
 * @lock: "the memory lock"; protects what follows and each range.  Held over RM
 *	calls
 * @ranges: struct gunyah_mem_range, sorted, without overlaps
 */
struct gunyah_mem {
	struct mutex lock; /* the memory of a VM */
	struct list_head ranges;
};

void gunyah_mem_init(struct gunyah_mem *mem);
void gunyah_mem_destroy(struct gunyah_mem *mem);

bool gunyah_mem_is_free(struct gunyah_mem *mem, struct gunyah_gfns gfns);
int gunyah_mem_insert(struct gunyah_mem *mem, struct gunyah_mem_range *range);
struct gunyah_mem_range *gunyah_mem_find(struct gunyah_mem *mem, struct gunyah_gfns gfns);

#endif
