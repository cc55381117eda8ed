// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Stage 2 with a reserve: heaps of no page up to a few, every unmap works, every
 * promise is kept and taken back.  And record tables.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/test_stage2.h"

#define ROOT_PAGES	2
#define RESERVE_AT	(FAKE_RAM_BASE + 8 * SZ_2M)
#define GIB_PROMISE	513		/* one table of 2 MiB entries, 512 of pages */

static struct page_pool reserve;

/* Exactly @pages pages, starting on a boundary of the root */
static void pool_of(u64 pages)
{
	page_pool_init(&pool, "tables", FAKE_RAM_BASE + PAGE_SIZE, (1 + pages) << PAGE_SHIFT);
}

/* @heap, @spare: pages that can be had, of the heap beside the root and of the reserve */
static void setup_reserve(u64 heap, u64 spare)
{
	watch_start();
	pool_of(heap + ROOT_PAGES);
	EXPECT(stage2_init(&s2, &pool, 40, VMID));
	page_pool_init(&reserve, "reserve", RESERVE_AT, 4 * SZ_2M);
	reserve.nr = spare;
	stage2_set_reserve(&s2, &reserve);
}

/* What all blocks that are mapped need when they fall apart, from looking at them */
static u64 promises_of(u64 end)
{
	u64 ipa, left, n = 0;

	for (ipa = 0; ipa < end; ipa += left)
		if (stage2_lookup(&s2, ipa, NULL, NULL, &left))
			n += left == SZ_1G ? GIB_PROMISE : left == SZ_2M;
	return n;
}

static bool books_balance(u64 end)
{
	return reserve.promised == promises_of(end) &&
	       reserve.used + reserve.promised <= reserve.nr && pool.used <= pool.nr;
}

static void tear_down(void)
{
	stage2_destroy(&s2);
	EXPECT_EQ(pool.used, 0);
	EXPECT_EQ(pool.promised, 0);
	EXPECT_EQ(reserve.used, 0);
	EXPECT_EQ(reserve.promised, 0);
	EXPECT_EQ(bbm_errors, 0);
}

/* -- Single cases --------------------------------------------------------- */

TEST(a_block_needs_a_promise)
{
	setup_reserve(4, GIB_PROMISE);
	EXPECT_EQ(stage2_map(&s2, 0, 0, SZ_1G, S2_RWX), 0);
	EXPECT_EQ(reserve.promised, GIB_PROMISE);
	EXPECT_EQ(stage2_map(&s2, SZ_1G, SZ_1G, SZ_2M, S2_RWX), GUNYAH_ERR_NOMEM);
	EXPECT_EQ(pool.used, ROOT_PAGES);
	/* Single pages need none */
	EXPECT_EQ(stage2_map(&s2, SZ_1G, SZ_1G, PAGE_SIZE, S2_RWX), 0);
	/* The same block with other rights: its old promise will do */
	EXPECT_EQ(stage2_map(&s2, 0, 0, SZ_1G, S2_READ), 0);
	EXPECT_EQ(reserve.promised, GIB_PROMISE);
	EXPECT_EQ(stage2_unmap(&s2, 0, SZ_2M), 0);
	EXPECT_EQ(reserve.promised, 511);
	EXPECT_EQ(stage2_map(&s2, SZ_1G + SZ_2M, 0, SZ_2M, S2_RWX), 0);
	EXPECT(books_balance(4 * SZ_1G));
	tear_down();
}

/* From the heap while there is something, then from the reserve; each goes home */
TEST(where_pieces_come_from)
{
	setup_reserve(1, GIB_PROMISE);
	EXPECT_EQ(stage2_map(&s2, 0, 0, SZ_1G, S2_RWX), 0);
	EXPECT_EQ(stage2_unmap(&s2, SZ_1G - PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(pool.used, ROOT_PAGES + 1);
	EXPECT_EQ(reserve.used, 1);
	EXPECT_EQ(reserve.promised, GIB_PROMISE - 2);
	/* The map finds the tables that it needs; then both can go */
	EXPECT_EQ(stage2_map(&s2, SZ_1G - PAGE_SIZE, SZ_1G - PAGE_SIZE, PAGE_SIZE, S2_RWX), 0);
	EXPECT_EQ(pool.used, ROOT_PAGES);
	EXPECT_EQ(reserve.used, 0);
	EXPECT_EQ(reserve.promised, GIB_PROMISE);
	tear_down();
}

/* No table for the new page, but one for the hole: the range is as it was */
TEST(mapping_does_not_eat_the_reserve)
{
	u64 pa;

	setup_reserve(0, GIB_PROMISE);
	EXPECT_EQ(stage2_map(&s2, 0, 0, SZ_1G, S2_RWX), 0);
	EXPECT_EQ(stage2_map(&s2, SZ_2M, SZ_1G, PAGE_SIZE, S2_RWX), GUNYAH_ERR_NOMEM);
	EXPECT(stage2_lookup(&s2, SZ_2M, &pa, NULL, NULL) && pa == SZ_2M);
	EXPECT_EQ(reserve.used, 0);
	EXPECT_EQ(stage2_unmap(&s2, SZ_2M, PAGE_SIZE), 0);
	EXPECT_EQ(reserve.used, 2);
	tear_down();
}

/* Pages that could be a block stay pages while there is nothing to promise */
TEST(no_merge_without_a_promise)
{
	u64 ipa, left;

	setup_reserve(4, 1);
	EXPECT_EQ(stage2_map(&s2, SZ_2M, SZ_2M, SZ_2M, S2_RWX), 0);
	for (ipa = 0; ipa < SZ_2M; ipa += PAGE_SIZE)
		EXPECT_EQ(stage2_map(&s2, ipa, ipa, PAGE_SIZE, S2_RWX), 0);
	EXPECT(stage2_lookup(&s2, 0, NULL, NULL, &left) && left == PAGE_SIZE);
	EXPECT_EQ(stage2_unmap(&s2, SZ_2M, SZ_2M), 0);
	EXPECT_EQ(stage2_map(&s2, PAGE_SIZE, PAGE_SIZE, PAGE_SIZE, S2_RWX), 0);
	EXPECT(stage2_lookup(&s2, 0, NULL, NULL, &left) && left == SZ_2M);
	EXPECT(books_balance(SZ_1G));
	tear_down();
}

/* Two address spaces, one reserve: nobody is promised what the other one has */
TEST(shared_reserve)
{
	struct stage2 other;

	setup_reserve(4, 3);
	EXPECT(stage2_init(&other, &pool, 32, VMID + 1));
	stage2_set_reserve(&other, &reserve);
	EXPECT_EQ(stage2_map(&s2, 0, 0, 2 * SZ_2M, S2_RWX), 0);
	EXPECT_EQ(stage2_map(&other, 0, 0, 2 * SZ_2M, S2_RWX), GUNYAH_ERR_NOMEM);
	EXPECT_EQ(stage2_map(&other, 0, 0, SZ_2M, S2_RWX), 0);
	stage2_destroy(&other);
	EXPECT_EQ(reserve.promised, 2);
	tear_down();
}

/* -- Every sequence ------------------------------------------------------- */

/* Where ranges start and end: at blocks, beside them, and inside */
static const u64 edges[] = {
	0, PAGE_SIZE, SZ_2M, SZ_1G - PAGE_SIZE, SZ_1G, SZ_1G + SZ_2M + PAGE_SIZE, 2 * SZ_1G,
};

#define NR_RANGES (ARRAY_SIZE(edges) * (ARRAY_SIZE(edges) - 1) / 2)

struct range {
	u64 lo, hi;
};

static unsigned int all_ranges(struct range *ranges)
{
	unsigned int i, j, n = 0;

	for (i = 0; i < ARRAY_SIZE(edges); i++)
		for (j = i + 1; j < ARRAY_SIZE(edges); j++)
			ranges[n++] = (struct range){ edges[i], edges[j] };
	return n;
}

static bool inside(u64 ipa, const struct range *r)
{
	return r && ipa >= r->lo && ipa < r->hi;
}

/* Near every edge: mapped, unless in one of the two holes and not in what came back */
static bool as_expected(const struct range *a, const struct range *b, const struct range *c)
{
	unsigned int i;
	u64 ipa, pa;

	for (i = 0; i < 2 * ARRAY_SIZE(edges); i++) {
		ipa = edges[i / 2] - (i % 2 ? PAGE_SIZE : 0);
		if (ipa >= 2 * SZ_1G)
			continue;
		if (stage2_lookup(&s2, ipa, &pa, NULL, NULL) !=
		    ((!inside(ipa, a) && !inside(ipa, b)) || inside(ipa, c)))
			return false;
	}
	return true;
}

/* 2 GiB of blocks, two holes, one range comes back; then everything does */
static void one_sequence(u64 heap, const struct range *a, const struct range *b,
			 const struct range *c)
{
	int err;

	setup_reserve(heap, 2 * GIB_PROMISE);
	EXPECT_EQ(stage2_map(&s2, 0, 0, 2 * SZ_1G, S2_RWX), 0);
	EXPECT_EQ(stage2_unmap(&s2, a->lo, a->hi - a->lo), 0);
	EXPECT_EQ(stage2_unmap(&s2, b->lo, b->hi - b->lo), 0);
	EXPECT(as_expected(a, b, NULL));
	EXPECT(books_balance(2 * SZ_1G));
	err = stage2_map(&s2, c->lo, c->lo, c->hi - c->lo, S2_RWX);
	EXPECT(err == 0 || err == GUNYAH_ERR_NOMEM);
	EXPECT(as_expected(a, b, err ? NULL : c));
	EXPECT(books_balance(2 * SZ_1G));
	EXPECT_EQ(stage2_map(&s2, 0, 0, 2 * SZ_1G, S2_RWX), 0);
	EXPECT_EQ(reserve.promised, 2 * GIB_PROMISE);
	tear_down();
}

TEST(every_sequence_of_holes)
{
	struct range ranges[NR_RANGES];
	unsigned int n = all_ranges(ranges), i;
	u64 heap;

	for (heap = 0; heap < 6; heap += 2 + heap / 2)
		for (i = 0; i < n * n * n; i++) {
			test_context("heap of %lu, sequence %u", heap, i);
			one_sequence(heap, &ranges[i % n], &ranges[i / n % n],
				     &ranges[i / n / n]);
		}
}

/* -- Against a model ------------------------------------------------------ */

#define MODEL_END	(3 * SZ_1G)
#define MODEL_PAGES	(MODEL_END >> PAGE_SHIFT)

/* Physical address and attributes of a page, + 1 when mapped */
static u32 *model;

static u32 model_word(u64 pa, u32 attrs)
{
	return (u32)(pa >> PAGE_SHIFT) << 4 | (attrs & S2_WRITE ? 2 : 0) | 1;
}

static bool model_agrees(void)
{
	u64 ipa, left, pa, at;
	u32 attrs, want;

	for (ipa = 0; ipa < MODEL_END; ipa += left) {
		bool mapped = stage2_lookup(&s2, ipa, &pa, &attrs, &left);

		for (at = 0; at < left; at += PAGE_SIZE) {
			want = mapped ? model_word(pa + at, attrs) : 0;
			if (model[(ipa + at) >> PAGE_SHIFT] != want)
				return false;
		}
	}
	return true;
}

struct change {
	bool map;
	u64 ipa, size, pa;
	u32 attrs;
};

static struct change random_change(void)
{
	static const u64 units[] = { PAGE_SIZE, PAGE_SIZE, SZ_2M, SZ_2M, SZ_1G };
	u64 unit = units[test_random() % ARRAY_SIZE(units)];
	struct change c;

	c.map = test_random() % 2;
	c.attrs = test_random() % 4 ? S2_RWX : S2_READ;
	c.ipa = ALIGN_DOWN(test_random() % MODEL_END, unit);
	/* Many in the same few blocks */
	if (test_random() % 2)
		c.ipa = c.ipa % (2 * unit) + (test_random() % 2 ? SZ_1G - unit : 0);
	c.size = unit * (1 + test_random() % 3);
	c.size = min(c.size, MODEL_END - c.ipa);
	c.pa = c.ipa + (test_random() % 8 ? 0 : test_random() % 3 * PAGE_SIZE + SZ_2M);
	return c;
}

static void model_apply(const struct change *c)
{
	u64 at;

	for (at = 0; at < c->size; at += PAGE_SIZE)
		model[(c->ipa + at) >> PAGE_SHIFT] = c->map ? model_word(c->pa + at, c->attrs) : 0;
}

/* True if memory was lacking */
static bool one_change(void)
{
	struct change c = random_change();
	u64 used = pool.used, reserve_used = reserve.used, promised = reserve.promised;
	int err = c.map ? stage2_map(&s2, c.ipa, c.pa, c.size, c.attrs) :
			  stage2_unmap(&s2, c.ipa, c.size);

	if (!err) {
		model_apply(&c);
		return false;
	}
	EXPECT(c.map);
	EXPECT_EQ(err, GUNYAH_ERR_NOMEM);
	EXPECT(pool.used == used && reserve.used == reserve_used &&
	       reserve.promised == promised);
	return true;
}

TEST(random_changes_with_small_heaps)
{
	static const u64 heaps[] = { 0, 1, 2, 3, 5, 9 };
	static const u64 spares[] = { 0, 1, 2, 7, 514, 3 * GIB_PROMISE };
	unsigned int i, step, nomem = 0;

	for (i = 0; i < ARRAY_SIZE(heaps) * ARRAY_SIZE(spares); i++) {
		setup_reserve(heaps[i % ARRAY_SIZE(heaps)], spares[i / ARRAY_SIZE(heaps)]);
		model = calloc(MODEL_PAGES, sizeof(*model));
		for (step = 0; step < 400; step++) {
			test_context("case %u, step %u", i, step);
			nomem += one_change();
			EXPECT(books_balance(MODEL_END));
			if (step % 200 == 0)
				EXPECT(model_agrees());
		}
		EXPECT(model_agrees());
		free(model);
		tear_down();
	}
	EXPECT(nomem > 1000 && nomem < 36 * 400 / 2);
}

/* -- Records -------------------------------------------------------------- */

#define RECORD_PAGES	4096

static struct stage2 record;

/* Which pages are recorded, and as what */
static bool record_agrees(const u64 *want)
{
	u64 i, pa, left;

	for (i = 0; i < RECORD_PAGES; i++) {
		bool there = stage2_lookup(&record, SZ_1G + (i << PAGE_SHIFT), &pa, NULL, &left);

		if (there != !!want[i] || (there && (pa != want[i] || left != PAGE_SIZE)))
			return false;
	}
	return true;
}

static bool record_change(u64 *want)
{
	u64 first = test_random() % RECORD_PAGES, nr, to, i;
	bool map = test_random() % 2;
	int err;

	if (test_random() % 3 == 0)
		first = ALIGN_DOWN(first, 512);
	nr = test_random() % 2 ? 1 + test_random() % 4 : ALIGN_UP(test_random() % 1500, 512) + 512;
	nr = min(nr, RECORD_PAGES - first);
	to = SZ_1G * (1 + test_random() % 200) + (first << PAGE_SHIFT);
	if (map)
		err = stage2_map(&record, SZ_1G + (first << PAGE_SHIFT), to, nr << PAGE_SHIFT,
				 S2_RWX);
	else
		err = stage2_unmap(&record, SZ_1G + (first << PAGE_SHIFT), nr << PAGE_SHIFT);
	for (i = 0; i < nr && !err; i++)
		want[first + i] = map ? to + (i << PAGE_SHIFT) : 0;
	EXPECT(!err || (map && err == GUNYAH_ERR_NOMEM));
	return err;
}

TEST(records)
{
	static u64 want[RECORD_PAGES];
	unsigned int step, heap, nomem[8] = {};

	for (heap = 0; heap < 8; heap++) {
		memset(want, 0, sizeof(want));
		pool_of(ROOT_PAGES + heap * 2);
		EXPECT(stage2_init_record(&record, &pool, 40));
		for (step = 0; step < 400; step++) {
			test_context("heap %u, step %u", heap, step);
			nomem[heap] += record_change(want);
			nr_stale = 0;
			if (step % 8 == 0)
				EXPECT(record_agrees(want));
		}
		EXPECT_EQ(stage2_unmap(&record, 0, BIT(40)), 0);
		EXPECT_EQ(pool.used, ROOT_PAGES);
		stage2_destroy(&record);
		EXPECT_EQ(pool.used, 0);
	}
	/* 8 tables of pages and one above: enough from 9 on */
	EXPECT(nomem[0] > 100 && nomem[2] && !nomem[5]);
	EXPECT_EQ(fake.nr_flushes, 0);
}
