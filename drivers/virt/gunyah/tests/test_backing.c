// SPDX-License-Identifier: GPL-2.0-only
/* A backing for tests; see test_backing.h. */
#include <kunit/test.h>

#include "test_backing.h"

unsigned long test_backing_pfn(const struct test_backing *b, u64 index)
{
	return b->base + (b->scattered ? 2 * index : index);
}

static void backing_get(void *backing)
{
	((struct test_backing *)backing)->refs++;
}

static void backing_put(void *backing)
{
	((struct test_backing *)backing)->refs--;
}

static int backing_cut(void *backing, u64 index, u64 nr)
{
	((struct test_backing *)backing)->cuts++;
	return 0;
}

static int backing_populate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	((struct test_backing *)range->backing)->populated += nr;
	return 0;
}

static void backing_unpopulate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	((struct test_backing *)range->backing)->populated -= nr;
}

static struct gunyah_page_run backing_run_at(void *backing, u64 index, u64 nr)
{
	struct test_backing *b = backing;

	return (struct gunyah_page_run){ test_backing_pfn(b, index), b->scattered ? 1 : nr };
}

static int backing_supply(struct gunyah_mem_range *range, struct gunyah_supply *s)
{
	struct test_backing *b = range->backing;
	u64 i;

	b->supplies++;
	b->write = s->write;
	if (b->supply_err)
		return b->supply_err;
	if (!b->alone) {
		s->nr = s->end - s->first;
		s->index = s->first;
	} else {
		s->nr = 1;
	}
	for (i = 0; i < s->nr; i++)
		s->pfn[i] = test_backing_pfn(b, s->index + i);
	if (b->meanwhile)
		b->meanwhile(b);
	return 0;
}

static bool backing_valid(struct gunyah_mem_range *range, const struct gunyah_supply *s)
{
	struct test_backing *b = range->backing;

	lockdep_assert_held(&range->mem->pages_lock);
	return b->invalid-- <= 0;
}

static void backing_supplied(struct gunyah_mem_range *range, struct gunyah_supply *s,
			     unsigned int taken)
{
	struct test_backing *b = range->backing;

	KUNIT_EXPECT_LE(b->test, taken, s->nr);
	b->out += taken;
}

static void backing_returned(struct gunyah_mem_range *range, u64 index, unsigned long pfn,
			     u64 nr)
{
	struct test_backing *b = range->backing;

	lockdep_assert_held(&range->mem->pages_lock);
	KUNIT_EXPECT_EQ(b->test, pfn, test_backing_pfn(b, index));
	b->out -= nr;
}

const struct gunyah_backing_ops test_backing_ops = {
	.get = backing_get,
	.put = backing_put,
	.cut = backing_cut,
	.populate = backing_populate,
	.unpopulate = backing_unpopulate,
	.run_at = backing_run_at,
	.supply = backing_supply,
	.valid = backing_valid,
	.supplied = backing_supplied,
	.returned = backing_returned,
};
