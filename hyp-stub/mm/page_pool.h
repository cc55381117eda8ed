/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A bounded heap of 4 KiB pages, addressed physically.  Pages come zeroed; freed
 * pages are filled with junk.  Allocation fails (0) and never panics; a double
 * free or a foreign page does.
 */
#ifndef STUB_MM_PAGE_POOL_H
#define STUB_MM_PAGE_POOL_H

#include "lib/types.h"

/**
 * struct page_pool - a run of physical pages
 * @base: physical address of the first page after the bitmap
 * @nr: pages
 * @used: pages handed out
 * @peak: most pages ever handed out
 * @bitmap: one bit a page, set when in use; lives at the start of the area
 * @hint: every page below this index is in use
 * @name: for messages
 */
struct page_pool {
	u64 base;
	u64 nr;
	u64 used;
	u64 peak;
	u64 *bitmap;
	u64 hint;
	const char *name;
};

void page_pool_init(struct page_pool *pool, const char *name, u64 pa, u64 size);
/* @nr contiguous pages, naturally aligned to @align pages; 0 when there are none */
u64 page_pool_alloc(struct page_pool *pool, u64 nr, u64 align) __must_check;
void page_pool_free(struct page_pool *pool, u64 pa, u64 nr);
u64 page_pool_available(const struct page_pool *pool);

#endif
