// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The stage 2 walker against an array of pages; the order of entry writes and
 * flushes against the rule of break before make; its appetite for tables.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/test_stage2.h"

#define POOL_PAGES	256

/* -- Single cases --------------------------------------------------------- */

TEST(vtcr)
{
	/* T0SZ 24, start level 1, write-back, inner shareable, 4 KiB, RES1 */
	EXPECT_EQ(stage2_vtcr(40), 0x80003558);
	EXPECT_EQ(stage2_vtcr(32), 0x80003560);
}

TEST(descriptors)
{
	setup(40, POOL_PAGES);
	/* One page: read, write, execute; normal write-back, inner shareable, AF */
	EXPECT_EQ(stage2_map(&s2, 0x1000, 0x80001000, 0x1000, S2_RWX), 0);
	EXPECT_EQ(*entry_of(*entry_of(*entry_of(s2.root, 1, 0x1000) & S2_ADDR, 2, 0x1000) &
			    S2_ADDR, 3, 0x1000), 0x800017ff);
	/* 2 MiB of device, no execution */
	EXPECT_EQ(stage2_map(&s2, SZ_2M, SZ_2M, SZ_2M, S2_READ | S2_WRITE | S2_DEVICE), 0);
	EXPECT_EQ(*entry_of(*entry_of(s2.root, 1, SZ_2M) & S2_ADDR, 2, SZ_2M),
		  0x0040000000000000 | 0x2004c5);
	/* 1 GiB read-only */
	EXPECT_EQ(stage2_map(&s2, SZ_1G, 5 * SZ_1G, SZ_1G, S2_READ), 0);
	EXPECT_EQ(*entry_of(s2.root, 1, SZ_1G), 0x0040000000000000 | (5 * SZ_1G) | 0x77d);
	EXPECT_EQ(bbm_errors, 0);
}

TEST(largest_blocks)
{
	u64 pa, left;
	u32 attrs;

	setup(40, POOL_PAGES);
	/* A page, blocks of 2 MiB, blocks of 1 GiB, and down again */
	EXPECT_EQ(stage2_map(&s2, SZ_1G - SZ_2M - PAGE_SIZE, SZ_1G - SZ_2M - PAGE_SIZE,
			     3 * SZ_1G + 2 * SZ_2M + 2 * PAGE_SIZE, S2_RWX), 0);
	EXPECT(stage2_lookup(&s2, SZ_1G, &pa, &attrs, &left));
	EXPECT(pa == SZ_1G && attrs == S2_RWX && left == SZ_1G);
	EXPECT(stage2_lookup(&s2, SZ_1G - 5, &pa, NULL, &left));
	EXPECT(pa == SZ_1G - 5 && left == 5);
	EXPECT(stage2_lookup(&s2, SZ_1G - SZ_2M, NULL, NULL, &left));
	EXPECT_EQ(left, SZ_2M);
	EXPECT(stage2_lookup(&s2, SZ_1G - SZ_2M - 1, NULL, NULL, &left));
	EXPECT(!stage2_lookup(&s2, SZ_1G - SZ_2M - PAGE_SIZE - 1, NULL, NULL, NULL));
	EXPECT(stage2_lookup(&s2, 4 * SZ_1G + SZ_2M, NULL, NULL, &left));
	EXPECT_EQ(left, PAGE_SIZE);
	EXPECT(!stage2_lookup(&s2, 4 * SZ_1G + SZ_2M + PAGE_SIZE, NULL, NULL, NULL));
	/* root of two pages, two tables on each side */
	EXPECT_EQ(pool.used, 6);
	EXPECT_EQ(fake.nr_flushes, 0);		/* nothing was there */
}

TEST(misaligned_delta_needs_pages)
{
	u64 pa, left;

	setup(40, POOL_PAGES);
	EXPECT_EQ(stage2_map(&s2, 0, PAGE_SIZE, 2 * SZ_2M, S2_RWX), 0);
	EXPECT(stage2_lookup(&s2, SZ_2M, &pa, NULL, &left));
	EXPECT(pa == SZ_2M + PAGE_SIZE && left == PAGE_SIZE);
	EXPECT_EQ(pool.used, 2 + 3);
	EXPECT_EQ(stage2_unmap(&s2, 0, 2 * SZ_2M), 0);
	EXPECT_EQ(pool.used, 2);
}

TEST(edges_of_the_address_space)
{
	unsigned int bits;
	u64 end;

	for (bits = 32; bits <= 40; bits++) {
		test_context("%u bits", bits);
		setup(bits, POOL_PAGES);
		end = BIT(bits);
		EXPECT(IS_ALIGNED(s2.root, bits == 40 ? 2 * PAGE_SIZE : PAGE_SIZE));
		EXPECT_EQ(stage2_map(&s2, end - PAGE_SIZE, 0, PAGE_SIZE, S2_READ), 0);
		EXPECT(stage2_lookup(&s2, end - 1, NULL, NULL, NULL));
		EXPECT(!stage2_lookup(&s2, end, NULL, NULL, NULL));
		EXPECT_EQ(stage2_map(&s2, end - PAGE_SIZE, 0, 2 * PAGE_SIZE, S2_READ),
			  GUNYAH_ERR_ADDR_INVALID);
		EXPECT_EQ(stage2_map(&s2, end, 0, PAGE_SIZE, S2_READ), GUNYAH_ERR_ADDR_INVALID);
		EXPECT_EQ(stage2_unmap(&s2, end, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
		EXPECT_EQ(stage2_map(&s2, 0, 0, end, S2_READ), 0);
		EXPECT_EQ(stage2_unmap(&s2, 0, end), 0);
		EXPECT_EQ(pool.used, bits == 40 ? 2 : 1);
		stage2_destroy(&s2);
		EXPECT_EQ(pool.used, 0);
	}
}

TEST(bad_arguments)
{
	setup(40, POOL_PAGES);
	EXPECT_EQ(stage2_map(&s2, 0, 0, 0, S2_READ), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(stage2_unmap(&s2, 0, 0), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(stage2_map(&s2, 1, 0, PAGE_SIZE, S2_READ), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(stage2_map(&s2, 0, 8, PAGE_SIZE, S2_READ), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(stage2_map(&s2, 0, 0, 100, S2_READ), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(stage2_unmap(&s2, 0, PAGE_SIZE + 1), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(stage2_map(&s2, PAGE_SIZE, 0, -PAGE_SIZE, S2_READ), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(stage2_map(&s2, 0, -PAGE_SIZE, 2 * PAGE_SIZE, S2_READ),
		  GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(stage2_map(&s2, 0, BIT(48), PAGE_SIZE, S2_READ), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(stage2_map(&s2, 0, BIT(48) - PAGE_SIZE, 2 * PAGE_SIZE, S2_READ),
		  GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(pool.used, 2);
	EXPECT_PANIC(setup(31, POOL_PAGES));
	EXPECT_PANIC(setup(41, POOL_PAGES));
}

TEST(page_by_page_becomes_a_block_again)
{
	u64 ipa, left;

	setup(40, POOL_PAGES);
	/* Up and down, so that both ends of the table are last once */
	for (ipa = 0; ipa < SZ_2M; ipa += PAGE_SIZE)
		EXPECT_EQ(stage2_map(&s2, SZ_2M + ipa, SZ_2M + ipa, PAGE_SIZE, S2_RWX), 0);
	for (ipa = SZ_2M; ipa > 0; ipa -= PAGE_SIZE)
		EXPECT_EQ(stage2_map(&s2, ipa - PAGE_SIZE, ipa - PAGE_SIZE, PAGE_SIZE,
				     S2_RWX), 0);
	EXPECT(stage2_lookup(&s2, 0, NULL, NULL, &left) && left == SZ_2M);
	EXPECT(stage2_lookup(&s2, SZ_2M, NULL, NULL, &left) && left == SZ_2M);
	EXPECT_EQ(pool.used, 3);
	/* A hole in 1 GiB of blocks, filled again */
	EXPECT_EQ(stage2_map(&s2, 0, 0, SZ_1G, S2_RWX), 0);
	EXPECT_EQ(pool.used, 2);
	EXPECT_EQ(stage2_unmap(&s2, 5 * SZ_2M + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(pool.used, 4);
	EXPECT_EQ(stage2_map(&s2, 5 * SZ_2M + PAGE_SIZE, 5 * SZ_2M + PAGE_SIZE, PAGE_SIZE,
			     S2_RWX), 0);
	EXPECT_EQ(pool.used, 2);
	EXPECT(stage2_lookup(&s2, 0, NULL, NULL, &left) && left == SZ_1G);
	EXPECT_EQ(bbm_errors, 0);
}

TEST(no_merge_of_unequal_neighbours)
{
	u64 ipa, left;

	setup(40, POOL_PAGES);
	for (ipa = 0; ipa < SZ_2M; ipa += PAGE_SIZE)
		EXPECT_EQ(stage2_map(&s2, ipa, ipa, PAGE_SIZE,
				     ipa == SZ_64K ? S2_READ : S2_RWX), 0);
	EXPECT(stage2_lookup(&s2, 0, NULL, NULL, &left) && left == PAGE_SIZE);
	/* Contiguous, but not aligned to a block */
	for (ipa = 0; ipa < SZ_2M; ipa += PAGE_SIZE)
		EXPECT_EQ(stage2_map(&s2, SZ_2M + ipa, SZ_64K + ipa, PAGE_SIZE, S2_RWX), 0);
	EXPECT(stage2_lookup(&s2, SZ_2M, NULL, NULL, &left) && left == PAGE_SIZE);
	/* The odd one out joins */
	EXPECT_EQ(stage2_map(&s2, SZ_64K, SZ_64K, PAGE_SIZE, S2_RWX), 0);
	EXPECT(stage2_lookup(&s2, 0, NULL, NULL, &left) && left == SZ_2M);
}

TEST(big_ranges_flush_once)
{
	setup(40, POOL_PAGES);
	EXPECT_EQ(stage2_map(&s2, 0, 0, SZ_1G, S2_RWX), 0);
	EXPECT_EQ(stage2_map(&s2, SZ_1G, 0, SZ_1G / 2, S2_RWX), 0);
	EXPECT_EQ(fake.nr_flushes, 0);
	EXPECT_EQ(stage2_unmap(&s2, 0, 3 * SZ_1G / 2), 0);
	EXPECT_EQ(fake.nr_flushes, 1);
	EXPECT(fake.flushes[0].all);
	/* A hole: nothing to flush */
	EXPECT_EQ(stage2_unmap(&s2, 0, SZ_1G), 0);
	EXPECT_EQ(fake.nr_flushes, 1);
	/* A page: flushed alone */
	EXPECT_EQ(stage2_map(&s2, SZ_64K, 0, PAGE_SIZE, S2_RWX), 0);
	EXPECT_EQ(stage2_unmap(&s2, SZ_64K, PAGE_SIZE), 0);
	EXPECT_EQ(fake.nr_flushes, 2);
	EXPECT(!fake.flushes[1].all);
	EXPECT_EQ(fake.flushes[1].ipa, SZ_64K);
	EXPECT_EQ(fake.flushes[1].size, PAGE_SIZE);
}

/* -- Against a model ------------------------------------------------------ */

/* The last 6 MiB of the first GiB and the first 6 MiB of the second, page by page */
#define WINDOW		(SZ_1G - 3 * SZ_2M)
#define MODEL_PAGES	(6 * 512)

struct model_page {
	u64 pa;
	u32 attrs;
	bool mapped;
};

static struct model_page model[MODEL_PAGES], saved[MODEL_PAGES];

static void model_range(u64 page, u64 nr, u64 pa, u32 attrs, bool mapped)
{
	for (; nr; nr--, page++, pa += PAGE_SIZE) {
		model[page] = (struct model_page){};
		if (mapped)
			model[page] = (struct model_page){ pa, attrs, true };
	}
}

static bool model_agrees(void)
{
	struct model_page now;
	u64 i;

	for (i = 0; i < MODEL_PAGES; i++) {
		now = (struct model_page){};
		now.mapped = stage2_lookup(&s2, WINDOW + (i << PAGE_SHIFT), &now.pa, &now.attrs,
					   NULL);
		if (now.mapped != model[i].mapped || now.pa != model[i].pa ||
		    now.attrs != model[i].attrs)
			return false;
	}
	return !stage2_lookup(&s2, WINDOW - 1, NULL, NULL, NULL) &&
	       !stage2_lookup(&s2, WINDOW + (MODEL_PAGES << PAGE_SHIFT), NULL, NULL, NULL);
}

/* Tables that the model's contents need if all is merged that can be */
static bool uniform(u64 page, u64 nr)
{
	u64 i;

	for (i = 0; i < nr; i++)
		if (!model[page].mapped || model[page + i].attrs != model[page].attrs ||
		    !model[page + i].mapped ||
		    model[page + i].pa != model[page].pa + (i << PAGE_SHIFT))
			return false;
	return IS_ALIGNED(model[page].pa, nr << PAGE_SHIFT);
}

static bool empty(u64 page, u64 nr)
{
	for (; nr; nr--, page++)
		if (model[page].mapped)
			return false;
	return true;
}

static u64 tables_of_model(void)
{
	u64 n = 2, page;	/* the root */

	for (page = 0; page < MODEL_PAGES; page += 512)
		n += !empty(page, 512) && !uniform(page, 512);
	/* One level-2 table for each GiB, if there is anything */
	return n + !empty(0, MODEL_PAGES / 2) + !empty(MODEL_PAGES / 2, MODEL_PAGES / 2);
}

/* A change that likes to start and end at blocks, and to continue what is there */
struct change {
	bool map;
	u64 page, nr, pa;
	u32 attrs;
};

static struct change random_change(void)
{
	static const u32 attrs[] = { S2_RWX, S2_READ, S2_RWX, S2_READ | S2_WRITE | S2_DEVICE };
	u64 mask = test_random() % 3 ? ~0ULL : ~511ULL;
	struct change c;

	c.map = test_random() % 5 > 1;
	c.page = test_random() % MODEL_PAGES & mask;
	c.nr = test_random() % 4 ? 1 + test_random() % 40 : 1 + test_random() % 1500;
	if (mask != ~0ULL)
		c.nr = ALIGN_UP(c.nr, 512);
	c.nr = min(c.nr, MODEL_PAGES - c.page);
	c.attrs = attrs[test_random() % ARRAY_SIZE(attrs)];
	/* Mostly identity: then things merge */
	c.pa = WINDOW + (c.page << PAGE_SHIFT);
	if (test_random() % 4 == 0)
		c.pa += test_random() % 4 * SZ_2M + test_random() % 2 * PAGE_SIZE;
	return c;
}

static int apply(const struct change *c)
{
	u64 ipa = WINDOW + (c->page << PAGE_SHIFT), size = c->nr << PAGE_SHIFT;
	int err = c->map ? stage2_map(&s2, ipa, c->pa, size, c->attrs) :
			   stage2_unmap(&s2, ipa, size);

	if (!err)
		model_range(c->page, c->nr, c->pa, c->attrs, c->map);
	return err;
}

TEST(random_changes_agree_with_a_model)
{
	unsigned int step;
	struct change c;

	setup(40, POOL_PAGES);
	memset(model, 0, sizeof(model));
	for (step = 0; step < 3000; step++) {
		c = random_change();
		test_context("step %u: %s %lu + %lu", step, c.map ? "map" : "unmap", c.page, c.nr);
		EXPECT_EQ(apply(&c), 0);
		ASSERT(model_agrees());
		ASSERT(!bbm_errors);
		EXPECT_EQ(nr_stale, 0);		/* nothing left unflushed */
		EXPECT_EQ(pool.used, tables_of_model());
	}
	stage2_destroy(&s2);
	EXPECT_EQ(pool.used, 0);
}

/* The same with a pool that is always too small: an error changes nothing */
TEST(out_of_tables_changes_nothing)
{
	unsigned int step, failed = 0;
	struct change c;
	u64 used;
	int err;

	setup(40, 2 + 1 + 4);
	memset(model, 0, sizeof(model));
	for (step = 0; step < 3000; step++) {
		c = random_change();
		test_context("step %u: %s %lu + %lu", step, c.map ? "map" : "unmap", c.page, c.nr);
		memcpy(saved, model, sizeof(model));
		used = pool.used;
		err = apply(&c);
		EXPECT(err == 0 || err == GUNYAH_ERR_NOMEM);
		if (err) {
			failed++;
			EXPECT(!memcmp(saved, model, sizeof(model)));
			EXPECT_EQ(pool.used, used);
		}
		ASSERT(model_agrees());
		ASSERT(!bbm_errors);
	}
	EXPECT(failed > 100 && failed < 2900);
	stage2_destroy(&s2);
	EXPECT_EQ(pool.used, 0);
}

/* Each number of free pages from none up to enough, for a change that splits at both ends */
TEST(nomem_at_every_allocation)
{
	u64 hold[POOL_PAGES], n, i;
	int err;

	for (n = 0; n < 8; n++) {
		test_context("%lu free pages", n);
		setup(40, POOL_PAGES);
		EXPECT_EQ(stage2_map(&s2, 0, 0, 4 * SZ_1G, S2_RWX), 0);
		for (i = 0; page_pool_available(&pool) > n; i++)
			hold[i] = page_pool_alloc(&pool, 1, 1);
		/* Two tables at each end */
		err = stage2_unmap(&s2, PAGE_SIZE, 2 * SZ_1G);
		EXPECT_EQ(err, n < 4 ? GUNYAH_ERR_NOMEM : 0);
		EXPECT_EQ(stage2_lookup(&s2, SZ_1G, NULL, NULL, NULL), n < 4);
		EXPECT(stage2_lookup(&s2, 0, NULL, NULL, NULL));
		EXPECT(stage2_lookup(&s2, 2 * SZ_1G + PAGE_SIZE, NULL, NULL, NULL));
		EXPECT_EQ(page_pool_available(&pool), n < 4 ? n : n - 4);
		while (i)
			page_pool_free(&pool, hold[--i], 1);
		stage2_destroy(&s2);
		EXPECT_EQ(pool.used, 0);
	}
	setup(40, POOL_PAGES);
	for (i = 0; page_pool_available(&pool); i++)
		hold[i] = page_pool_alloc(&pool, 1, 1);
	EXPECT(!stage2_init(&s2, &pool, 40, VMID));
}
