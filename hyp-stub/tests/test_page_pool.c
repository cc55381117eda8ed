// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The page heap: bounds, alignment, zeroes and junk, misuse. */
#include <string.h>

#include "mm/page_pool.h"
#include "tests/test.h"

#define AREA	(FAKE_RAM_BASE + 0x3000)	/* aligned to one page only */
#define PAGES	300

static struct page_pool pool;

static void setup(void)
{
	memset(arch_pa_to_va(AREA), 0xee, PAGES << PAGE_SHIFT);
	page_pool_init(&pool, "test", AREA, PAGES << PAGE_SHIFT);
}

static bool all_bytes(u64 pa, u64 pages, u8 value)
{
	const u8 *p = arch_pa_to_va(pa);
	u64 i;

	for (i = 0; i < pages << PAGE_SHIFT; i++)
		if (p[i] != value)
			return false;
	return true;
}

TEST(gives_every_page_once)
{
	u64 pa[PAGES];
	u64 n = 0, i;

	setup();
	EXPECT_EQ(pool.nr, PAGES - 1);		/* one page of bitmap */
	while (n < PAGES && (pa[n] = page_pool_alloc(&pool, 1, 1))) {
		EXPECT(IS_ALIGNED(pa[n], PAGE_SIZE));
		EXPECT(pa[n] > AREA && pa[n] < AREA + (PAGES << PAGE_SHIFT));
		EXPECT(all_bytes(pa[n], 1, 0));
		/* Someone else's page would show it */
		memset(arch_pa_to_va(pa[n]), n + 1, PAGE_SIZE);
		n++;
	}
	EXPECT_EQ(n, PAGES - 1);
	for (i = 0; i < n; i++)
		EXPECT(all_bytes(pa[i], 1, i + 1));
	EXPECT_EQ(page_pool_available(&pool), 0);
	for (i = 0; i < n; i++)
		page_pool_free(&pool, pa[i], 1);
	EXPECT_EQ(pool.used, 0);
	EXPECT_EQ(pool.peak, PAGES - 1);
}

TEST(freed_pages_are_junk)
{
	u64 pa;

	setup();
	pa = page_pool_alloc(&pool, 2, 1);
	page_pool_free(&pool, pa, 2);
	EXPECT(all_bytes(pa, 2, *(u8 *)arch_pa_to_va(pa)));
	EXPECT(*(u8 *)arch_pa_to_va(pa));
}

TEST(runs_are_contiguous_and_aligned)
{
	u64 a, b, c;

	setup();
	a = page_pool_alloc(&pool, 1, 1);
	b = page_pool_alloc(&pool, 2, 2);
	EXPECT(b && IS_ALIGNED(b, 2 * PAGE_SIZE));
	c = page_pool_alloc(&pool, 16, 64);
	EXPECT(c && IS_ALIGNED(c, 64 * PAGE_SIZE));
	EXPECT(c >= b + 2 * PAGE_SIZE || c + 16 * PAGE_SIZE <= b);
	EXPECT_EQ(pool.used, 19);
	page_pool_free(&pool, b, 2);
	page_pool_free(&pool, c, 16);
	page_pool_free(&pool, a, 1);
}

TEST(a_hole_too_small_is_not_used)
{
	u64 pa[8], i;

	setup();
	for (i = 0; i < 8; i++)
		pa[i] = page_pool_alloc(&pool, 1, 1);
	page_pool_free(&pool, pa[2], 1);
	page_pool_free(&pool, pa[4], 1);
	EXPECT_EQ(page_pool_alloc(&pool, 2, 1), pa[7] + PAGE_SIZE);
	EXPECT_EQ(page_pool_alloc(&pool, 1, 1), pa[2]);
	EXPECT_EQ(page_pool_alloc(&pool, 1, 1), pa[4]);
	EXPECT_EQ(page_pool_alloc(&pool, 1, 1), pa[7] + 3 * PAGE_SIZE);
	EXPECT_EQ(page_pool_alloc(&pool, pool.nr, 1), 0);
	EXPECT_EQ(page_pool_alloc(&pool, ~0ULL, 1), 0);
}

/* Random sizes, compared with a list of who has what */
TEST(random_use)
{
	struct { u64 pa, nr; } have[40] = {};
	u64 step, i, j, used = 0;

	setup();
	for (step = 0; step < 20000; step++) {
		i = test_random() % ARRAY_SIZE(have);
		if (have[i].pa) {
			page_pool_free(&pool, have[i].pa, have[i].nr);
			used -= have[i].nr;
			have[i].pa = 0;
		} else {
			have[i].nr = 1 + test_random() % 12;
			have[i].pa = page_pool_alloc(&pool, have[i].nr, 1 << test_random() % 4);
			used += have[i].pa ? have[i].nr : 0;
		}
		EXPECT_EQ(pool.used, used);
		for (j = 0; j < ARRAY_SIZE(have); j++)
			EXPECT(j == i || !have[i].pa || !have[j].pa ||
			       have[i].pa + (have[i].nr << PAGE_SHIFT) <= have[j].pa ||
			       have[j].pa + (have[j].nr << PAGE_SHIFT) <= have[i].pa);
	}
}

/* What is promised is left alone by everybody else */
TEST(promises)
{
	u64 pa[PAGES], n = 0;

	setup();
	EXPECT(!page_pool_promise(&pool, PAGES));
	EXPECT(page_pool_promise(&pool, 10));
	EXPECT(!page_pool_promise(&pool, PAGES - 10));
	EXPECT(page_pool_promise(&pool, 0));
	while (n < PAGES && (pa[n] = page_pool_alloc(&pool, 1, 1)))
		n++;
	EXPECT_EQ(n, PAGES - 1 - 10);
	EXPECT_EQ(page_pool_available(&pool), 0);
	EXPECT(!page_pool_promise(&pool, 1));
	EXPECT_EQ(page_pool_alloc(&pool, 2, 1), 0);
	page_pool_unpromise(&pool, 2);
	pa[n] = page_pool_alloc(&pool, 2, 1);
	EXPECT(pa[n]);
	EXPECT_EQ(page_pool_alloc(&pool, 1, 1), 0);
	page_pool_free(&pool, pa[n], 2);
	EXPECT(page_pool_promise(&pool, 2));
	EXPECT_EQ(pool.promised, 10);
	EXPECT(page_pool_contains(&pool, pa[0]) && page_pool_contains(&pool, pa[n - 1]));
	EXPECT(!page_pool_contains(&pool, AREA));		/* its bitmap */
	EXPECT(!page_pool_contains(&pool, AREA + (PAGES << PAGE_SHIFT)));
	while (n)
		page_pool_free(&pool, pa[--n], 1);
	page_pool_unpromise(&pool, 10);
	EXPECT_EQ(page_pool_available(&pool), PAGES - 1);
	EXPECT_PANIC(page_pool_unpromise(&pool, 1));
}

TEST(misuse_panics)
{
	u64 pa;

	setup();
	pa = page_pool_alloc(&pool, 1, 1);
	EXPECT_PANIC(page_pool_free(&pool, pa + PAGE_SIZE, 1));	/* not in use */
	EXPECT_PANIC(page_pool_free(&pool, pa + 8, 1));
	EXPECT_PANIC(page_pool_free(&pool, pa, 2));		/* the second is not */
	EXPECT_PANIC(page_pool_free(&pool, AREA, 1));		/* the bitmap */
	EXPECT_PANIC(page_pool_free(&pool, AREA + (PAGES << PAGE_SHIFT), 1));
	EXPECT_PANIC(page_pool_free(&pool, pa, ~0ULL));
	EXPECT_EQ(pool.used, 1);
	page_pool_free(&pool, pa, 1);
	EXPECT_PANIC(page_pool_free(&pool, pa, 1));
	fake.locked = false;
	EXPECT_PANIC(pa = page_pool_alloc(&pool, 1, 1));
}
