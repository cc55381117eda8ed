// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * A bounded heap of pages: a bitmap in its first pages, first fit behind it.
 * Who may use the heap, and what for, is decided elsewhere.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/page_pool.h"

#define BITS		64
#define PAGE_JUNK	0x6b

static bool bit_get(const struct page_pool *pool, u64 n)
{
	return pool->bitmap[n / BITS] & BIT(n % BITS);
}

static void bit_flip(struct page_pool *pool, u64 n)
{
	pool->bitmap[n / BITS] ^= BIT(n % BITS);
}

/* Pages that the bitmap for @pages pages takes */
static u64 bitmap_pages(u64 pages)
{
	return ALIGN_UP(ALIGN_UP(pages, BITS) / 8, PAGE_SIZE) >> PAGE_SHIFT;
}

void page_pool_init(struct page_pool *pool, const char *name, u64 pa, u64 size)
{
	u64 pages = size >> PAGE_SHIFT;
	u64 map = bitmap_pages(pages);

	BUG_ON(!IS_ALIGNED(pa, PAGE_SIZE) || !range_valid(pa, size) || map >= pages);
	*pool = (struct page_pool){
		.base = pa + (map << PAGE_SHIFT),
		.nr = pages - map,
		.bitmap = arch_pa_to_va(pa),
		.name = name,
	};
	memset(pool->bitmap, 0, map << PAGE_SHIFT);
}

/* First index from @from on which is a multiple of @align as a physical page number */
static u64 align_index(const struct page_pool *pool, u64 from, u64 align)
{
	u64 first = pool->base >> PAGE_SHIFT;

	return ALIGN_UP(first + from, align) - first;
}

/* Length of the free run at @n, looking no further than @max */
static u64 free_run(const struct page_pool *pool, u64 n, u64 max)
{
	u64 i;

	for (i = 0; i < max && !bit_get(pool, n + i); i++)
		;
	return i;
}

/* Index of a fitting free run, pool->nr if there is none */
static u64 find_run(const struct page_pool *pool, u64 nr, u64 align)
{
	u64 n = align_index(pool, pool->hint, align);
	u64 run;

	while (n < pool->nr && nr <= pool->nr - n) {
		if (n % BITS == 0 && pool->bitmap[n / BITS] == ~0ULL) {
			n = align_index(pool, n + BITS, align);
			continue;
		}
		run = free_run(pool, n, nr);
		if (run == nr)
			return n;
		n = align_index(pool, n + run + 1, align);
	}
	return pool->nr;
}

u64 page_pool_alloc(struct page_pool *pool, u64 nr, u64 align)
{
	u64 n, i, pa;

	assert_locked();
	BUG_ON(!nr || !align || (align & (align - 1)));
	if (nr > page_pool_available(pool))
		return 0;
	n = find_run(pool, nr, align);
	if (n == pool->nr)
		return 0;

	for (i = 0; i < nr; i++)
		bit_flip(pool, n + i);
	/* Everything below the hint is in use */
	if (n == pool->hint)
		pool->hint = n + nr;
	pool->used += nr;
	pool->peak = max(pool->peak, pool->used);

	pa = pool->base + (n << PAGE_SHIFT);
	memset(arch_pa_to_va(pa), 0, nr << PAGE_SHIFT);
	return pa;
}

void page_pool_free(struct page_pool *pool, u64 pa, u64 nr)
{
	u64 n = (pa - pool->base) >> PAGE_SHIFT;
	u64 i;

	assert_locked();
	if (pa < pool->base || !IS_ALIGNED(pa, PAGE_SIZE) || n >= pool->nr || !nr ||
	    nr > pool->nr - n)
		panic("%s: %lu pages at %lx are not of this pool", pool->name, nr, pa);
	for (i = 0; i < nr; i++)
		if (!bit_get(pool, n + i))
			panic("%s: page %lx freed twice", pool->name, pa + (i << PAGE_SHIFT));

	memset(arch_pa_to_va(pa), PAGE_JUNK, nr << PAGE_SHIFT);
	for (i = 0; i < nr; i++)
		bit_flip(pool, n + i);
	pool->used -= nr;
	pool->hint = min(pool->hint, n);
}

u64 page_pool_available(const struct page_pool *pool)
{
	return pool->nr - pool->used - pool->promised;
}

bool page_pool_contains(const struct page_pool *pool, u64 pa)
{
	return pa >= pool->base && pa - pool->base < pool->nr << PAGE_SHIFT;
}

bool page_pool_promise(struct page_pool *pool, u64 nr)
{
	assert_locked();
	if (nr > page_pool_available(pool))
		return false;
	pool->promised += nr;
	return true;
}

void page_pool_unpromise(struct page_pool *pool, u64 nr)
{
	assert_locked();
	BUG_ON(nr > pool->promised);
	pool->promised -= nr;
}
