/* SPDX-License-Identifier: GPL-2.0-only */
/* What mem_page.c and mem_take.c share: the table of the guest's pages.  Layer 5. */
#ifndef _GUNYAH_MEM_PAGE_H
#define _GUNYAH_MEM_PAGE_H

#include <linux/bitfield.h>
#include <linux/lockdep.h>

#include "mem.h"

#define GUNYAH_CHUNK_SHIFT	9
#define GUNYAH_CHUNK_PAGES	(1UL << GUNYAH_CHUNK_SHIFT)
#define GUNYAH_CHUNK_MASK	(GUNYAH_CHUNK_PAGES - 1)

static_assert(GUNYAH_SUPPLY_MAX == GUNYAH_CHUNK_PAGES);

/* A page that the guest has; 0: it does not have it */
#define GUNYAH_ENTRY_ACCESS	GENMASK_ULL(2, 0)	/* GUNYAH_RM_ACL_* */
#define GUNYAH_ENTRY_WAY	GENMASK_ULL(4, 3)	/* enum gunyah_extent_way */
#define GUNYAH_ENTRY_PARCEL	BIT_ULL(5)		/* the RM has it; no pfn */
#define GUNYAH_ENTRY_FAULTED	BIT_ULL(6)		/* the guest faulted all the same */
#define GUNYAH_ENTRY_GIVEN	BIT_ULL(7)
#define GUNYAH_ENTRY_PFN	GENMASK_ULL(63, 8)

/**
 * struct gunyah_page_chunk - pages of a block of guest addresses
 * @entry: GUNYAH_ENTRY_*; written under pages_lock
 */
struct gunyah_page_chunk {
	u64 entry[GUNYAH_CHUNK_PAGES];
};

static inline struct gunyah_page_chunk *gunyah_chunk_find(struct gunyah_mem *mem, u64 gfn)
{
	return xa_load(&mem->pages, gfn >> GUNYAH_CHUNK_SHIFT);
}

/* Under pages_lock for a value that stays */
static inline u64 gunyah_entry(const struct gunyah_page_chunk *chunk, u64 gfn)
{
	return READ_ONCE(chunk->entry[gfn & GUNYAH_CHUNK_MASK]);
}

static inline void gunyah_entry_set(struct gunyah_page_chunk *chunk, u64 gfn, u64 entry)
{
	WRITE_ONCE(chunk->entry[gfn & GUNYAH_CHUNK_MASK], entry);
}

/* The counter that @entry belongs to */
static inline u64 *gunyah_entry_count(struct gunyah_mem *mem, u64 entry)
{
	return FIELD_GET(GUNYAH_ENTRY_WAY, entry) == GUNYAH_EXTENT_LEND ? &mem->nr_private :
									  &mem->nr_shared;
}

/* Of what was returned to the host: forgets it; under pages_lock */
void gunyah_mem_forget(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
		       const struct gunyah_extent_run *run);

bool gunyah_mem_take_faulted(struct gunyah_mem_range *range, struct gunyah_page_chunk *chunk,
			     u64 gfn);

/* Whether the RM has one of these pages */
bool gunyah_mem_in_parcel(struct gunyah_mem *mem, struct gunyah_gfns gfns);

#endif
