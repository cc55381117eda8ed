/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A bounded heap of 4 KiB pages, addressed physically.  Pages come zeroed; freed
 * pages are filled with junk.  Allocation fails (0) and never panics; a double
 * free or a foreign page does.
 *
 * Pages can be promised: they stay in the heap, and nobody else gets them, until the
 * promise is taken back.  used + promised <= nr at all times.
 */
#ifndef STUB_MM_PAGE_POOL_H
#define STUB_MM_PAGE_POOL_H

#include "lib/types.h"

/**
 * struct page_pool - a run of physical pages
 * @base: physical address of the first page after the bitmap
 * @nr: pages
 * @used: pages handed out
 * @promised: pages that an allocation must leave
 * @peak: most pages ever handed out
 * @bitmap: one bit a page, set when in use; lives at the start of the area
 * @hint: every page below this index is in use
 * @name: for messages
 */
struct page_pool {
	u64 base;
	u64 nr;
	u64 used;
	u64 promised;
	u64 peak;
	u64 *bitmap;
	u64 hint;
	const char *name;
};

void page_pool_init(struct page_pool *pool, const char *name, u64 pa, u64 size);
/* @nr contiguous pages, naturally aligned to @align pages; 0 when there are none */
u64 page_pool_alloc(struct page_pool *pool, u64 nr, u64 align) __must_check;
void page_pool_free(struct page_pool *pool, u64 pa, u64 nr);
/* Neither handed out nor promised */
u64 page_pool_available(const struct page_pool *pool);
bool page_pool_contains(const struct page_pool *pool, u64 pa);
/* @nr pages stay available for one who calls page_pool_unpromise() before it allocates */
bool page_pool_promise(struct page_pool *pool, u64 nr) __must_check;
void page_pool_unpromise(struct page_pool *pool, u64 nr);

#endif
