// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that come and go one fault at a time, on a model of the hypervisor's extents:
 * what the driver believes and what the model knows must agree after each test, and
 * each page be the host's again, or have a reference that keeps it.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <linux/gunyah/abi/hypercall.h>
#include <linux/gunyah/abi/rm.h>

#include "../mem.h"
#include "fake_extent.h"
#include "test_backing.h"

#define ACL_R		GUNYAH_RM_ACL_R
#define ACL_RW		(GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_W)
#define ACL_RX		(GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_X)
#define ACL_RWX		(ACL_RW | GUNYAH_RM_ACL_X)

/* The first page of a block of 2 MiB */
#define GFN		0x80000ULL
#define GPA(gfn)	((gfn) << PAGE_SHIFT)

struct mem_test {
	struct gunyah_mem mem;
	struct fake_extents *fake;
	struct test_backing backing;
	void *pages;
	int failed;
};

static void on_failed(struct gunyah_mem *mem)
{
	container_of(mem, struct mem_test, mem)->failed++;
}

static struct gunyah_mem_range *new_range(struct mem_test *t, u64 gfn, u64 nr,
					  enum gunyah_mem_kind kind, u8 rights)
{
	struct gunyah_mem_range *range = kzalloc(sizeof(*range), GFP_KERNEL);
	struct kunit *test = t->backing.test;

	KUNIT_ASSERT_NOT_NULL(test, range);
	range->gfns = (struct gunyah_gfns){ gfn, nr };
	range->first = gfn - GFN;
	range->kind = kind;
	range->access = rights;
	range->rights = rights;
	range->ops = &test_backing_ops;
	range->backing = &t->backing;
	t->backing.refs++;
	mutex_lock(&t->mem.lock);
	KUNIT_EXPECT_EQ(test, gunyah_mem_insert(&t->mem, range), 0);
	mutex_unlock(&t->mem.lock);
	return range;
}

static int mem_test_init(struct kunit *test)
{
	struct mem_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->fake = kunit_kzalloc(test, sizeof(*t->fake), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->fake);
	t->pages = alloc_pages_exact(FAKE_PAGES * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->pages);
	t->backing.test = test;
	t->backing.base = page_to_pfn(virt_to_page(t->pages));
	gunyah_mem_init(&t->mem);
	t->mem.on_failed = on_failed;
	fake_extents_init(t->fake, test, t->backing.base, &t->mem.extents);
	test->priv = t;
	return 0;
}

/* Pages that the model says are the guest's are those that the driver knows of */
static void expect_agreement(struct kunit *test)
{
	struct mem_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, fake_extents_count(t->fake, FAKE_GUEST_PRIVATE),
			t->mem.nr_private + t->mem.nr_lost);
	KUNIT_EXPECT_EQ(test, fake_extents_count(t->fake, FAKE_GUEST_SHARED) +
			      fake_extents_count(t->fake, FAKE_GUEST_EXEC), t->mem.nr_shared);
}

/* How many pages have a reference too many; drops it */
static u64 count_kept(struct mem_test *t)
{
	struct page *page;
	u64 i, n = 0;

	for (i = 0; i < FAKE_PAGES; i++) {
		page = pfn_to_page(t->backing.base + i);
		for (; page_count(page) > 1; n++)
			put_page(page);
	}
	return n;
}

static void mem_test_exit(struct kunit *test)
{
	struct mem_test *t = test->priv;
	u64 lost = t->mem.nr_lost;

	t->fake->dead = true;
	t->fake->refuse_back = false;
	t->fake->refuse_unmap = false;
	KUNIT_EXPECT_EQ(test, gunyah_mem_take_all(&t->mem), 0);
	KUNIT_EXPECT_EQ(test, FAKE_PAGES - fake_extents_count(t->fake, FAKE_HOST), lost);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 0);
	gunyah_mem_destroy(&t->mem);
	KUNIT_EXPECT_EQ(test, t->backing.refs, 0);
	KUNIT_EXPECT_EQ(test, t->backing.out, 0);
	KUNIT_EXPECT_EQ(test, t->backing.populated, 0);
	KUNIT_EXPECT_EQ(test, count_kept(t), lost);
	free_pages_exact(t->pages, FAKE_PAGES * PAGE_SIZE);
}

static u64 attrs(u64 access)
{
	return access | access << 4 | 0xf << 16;
}

/* kind, rights, protected VM -> owner, access of the mapping, its flags */
static void mem_test_ways(struct kunit *test)
{
	static const struct {
		enum gunyah_mem_kind kind;
		u8 rights;
		bool is_protected;
		enum fake_owner owner;
		u64 access;
		u64 flags;
	} cases[] = {
		{ GUNYAH_MEM_LEND, ACL_RWX, true, FAKE_GUEST_PRIVATE, 7, 3 },
		{ GUNYAH_MEM_LEND, ACL_RX, false, FAKE_GUEST_PRIVATE, 5, 3 },
		{ GUNYAH_MEM_SHARE, ACL_RWX, false, FAKE_GUEST_EXEC, 7, 5 },
		{ GUNYAH_MEM_SHARE, ACL_RX, false, FAKE_GUEST_EXEC, 5, 5 },
		{ GUNYAH_MEM_SHARE, ACL_RWX, true, FAKE_GUEST_SHARED, 6, 5 },
		{ GUNYAH_MEM_SHARE, ACL_RW, false, FAKE_GUEST_SHARED, 6, 5 },
		{ GUNYAH_MEM_SHARE, ACL_R, true, FAKE_GUEST_SHARED, 4, 5 },
	};
	struct mem_test *t = test->priv;
	struct fake_page *page;
	enum gunyah_hold hold;
	int i;

	t->backing.alone = true;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		new_range(t, GFN + i, 1, cases[i].kind, cases[i].rights);
		t->mem.is_protected = cases[i].is_protected;
		KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + i) + 5, false), 0);
		KUNIT_EXPECT_EQ(test, t->backing.write, !!(cases[i].rights & 2));
		page = fake_extents_at(t->fake, GFN + i);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, page->owner, cases[i].owner);
		KUNIT_EXPECT_EQ(test, page->attrs, attrs(cases[i].access));
		KUNIT_EXPECT_EQ(test, page->flags, cases[i].flags);
		hold = GUNYAH_HOLD_BOTH;
		if (cases[i].kind == GUNYAH_MEM_LEND)
			hold = GUNYAH_HOLD_GUEST;
		KUNIT_EXPECT_EQ(test, gunyah_mem_hold(&t->mem, GFN + i), hold);
	}
	KUNIT_EXPECT_EQ(test, gunyah_mem_hold(&t->mem, GFN + i), GUNYAH_HOLD_HOST);
	expect_agreement(test);
}

static void mem_test_refused(struct kunit *test)
{
	struct mem_test *t = test->priv;

	new_range(t, GFN, 2, GUNYAH_MEM_SHARE, ACL_RX);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN) - 1, false), -ENOENT);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 2), false), -ENOENT);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, U64_MAX, false), -ENOENT);
	KUNIT_EXPECT_FALSE(test, gunyah_mem_may_fault(&t->mem, GPA(GFN) - 1));
	KUNIT_EXPECT_TRUE(test, gunyah_mem_may_fault(&t->mem, GPA(GFN)));
	KUNIT_EXPECT_TRUE(test, gunyah_mem_may_fault(&t->mem, GPA(GFN + 2) - 1));
	KUNIT_EXPECT_FALSE(test, gunyah_mem_may_fault(&t->mem, GPA(GFN + 2)));
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), -EPERM);
	t->backing.supply_err = -EPERM;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), false), -EPERM);
	t->mem.extents.ready = false;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), false), -ENODEV);
	t->mem.extents.ready = true;
	KUNIT_EXPECT_EQ(test, t->backing.supplies, 1);
	KUNIT_EXPECT_EQ(test, t->fake->gives, 0);
}

/* One call for what is contiguous, and never more than a block of 2 MiB around it */
static void mem_test_window(struct kunit *test)
{
	struct mem_test *t = test->priv;

	new_range(t, GFN + 100, 700, GUNYAH_MEM_LEND, ACL_RWX);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 300), true), 0);
	KUNIT_EXPECT_EQ(test, t->fake->gives, 1);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 412);
	KUNIT_EXPECT_NULL(test, fake_extents_at(t->fake, GFN + 512));
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 799), true), 0);
	KUNIT_EXPECT_EQ(test, t->fake->gives, 2);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 700);
	expect_agreement(test);
}

static void mem_test_runs(struct kunit *test)
{
	struct mem_test *t = test->priv;

	t->backing.scattered = true;
	new_range(t, GFN, 8, GUNYAH_MEM_SHARE, ACL_RW);
	t->backing.alone = true;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 3), false), 0);
	t->backing.alone = false;
	/* What lies behind a page that the guest has is left alone */
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 6), false), 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 5);
	KUNIT_EXPECT_EQ(test, t->fake->gives, 5);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), false), 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 8);
	expect_agreement(test);
}

/* A fault on a page that is there: at first somebody else was faster, then it is gone */
static void mem_test_again(struct kunit *test)
{
	struct mem_test *t = test->priv;
	int i;

	new_range(t, GFN, 4, GUNYAH_MEM_LEND, ACL_RWX);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 1), true), 0);
	KUNIT_EXPECT_EQ(test, t->backing.supplies, 1);
	KUNIT_EXPECT_NOT_NULL(test, fake_extents_at(t->fake, GFN + 1));

	fake_extents_relinquish(t->fake, GFN + 1);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 1), true), 0);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 1), true), 0);
	KUNIT_EXPECT_NOT_NULL(test, fake_extents_at(t->fake, GFN + 1));
	KUNIT_EXPECT_EQ(test, t->backing.supplies, 2);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 4);
	expect_agreement(test);
}

static void mem_test_not_valid(struct kunit *test)
{
	struct mem_test *t = test->priv;

	new_range(t, GFN, 4, GUNYAH_MEM_SHARE, ACL_RWX);
	t->backing.invalid = 1;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), -EAGAIN);
	KUNIT_EXPECT_EQ(test, t->fake->gives, 0);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), 0);
	KUNIT_EXPECT_EQ(test, t->fake->gives, 1);
}

struct other_vcpu {
	struct completion done;
	struct mem_test *t;
	int err;
};

static int other_vcpu_fault(void *data)
{
	struct other_vcpu *other = data;

	other->err = gunyah_mem_fault(&other->t->mem, GPA(GFN + 2), true);
	kthread_complete_and_exit(&other->done, 0);
}

/*
 * Another vCPU gets one of the pages while this one waits for its backing.  A thread: for
 * a work item lockdep would have to assume that it may wait for a writer of the ranges.
 */
static void meanwhile_other_vcpu(struct test_backing *b)
{
	struct other_vcpu other = { .t = container_of(b, struct mem_test, backing) };

	b->meanwhile = NULL;
	b->alone = true;
	init_completion(&other.done);
	KUNIT_ASSERT_FALSE(b->test, IS_ERR(kthread_run(other_vcpu_fault, &other, "other-vcpu")));
	wait_for_completion(&other.done);
	KUNIT_EXPECT_EQ(b->test, other.err, 0);
	b->alone = false;
}

static void mem_test_race(struct kunit *test)
{
	struct mem_test *t = test->priv;

	new_range(t, GFN, 4, GUNYAH_MEM_LEND, ACL_RWX);
	t->backing.meanwhile = meanwhile_other_vcpu;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), -EAGAIN);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 1);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 3);
	expect_agreement(test);
}

/* What was donated comes back; one page may fit where many do not; said once */
static void mem_test_nomem(struct kunit *test)
{
	struct mem_test *t = test->priv;

	new_range(t, GFN, 16, GUNYAH_MEM_LEND, ACL_RWX);
	t->fake->map_max = 4;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 8), true), 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 1);
	expect_agreement(test);

	t->fake->map_room = 0;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), -ENOMEM);
	KUNIT_EXPECT_TRUE(test, t->mem.nomem_said);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), -ENOMEM);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 1);
	expect_agreement(test);

	t->fake->map_max = 0;
	t->fake->map_room = FAKE_PAGES;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), 0);
	KUNIT_EXPECT_FALSE(test, t->mem.nomem_said);
	KUNIT_EXPECT_EQ(test, t->mem.nr_lost, 0);
	expect_agreement(test);
}

/* A run in the middle fails: those before it are the guest's, the wanted page is not */
static void mem_test_nomem_later(struct kunit *test)
{
	struct mem_test *t = test->priv;

	t->backing.scattered = true;
	new_range(t, GFN, 8, GUNYAH_MEM_SHARE, ACL_RW);
	t->fake->map_room = 3;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 5), true), -ENOMEM);
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 3);
	KUNIT_EXPECT_EQ(test, t->backing.out, 3);
	expect_agreement(test);
}

static void mem_test_give_lost(struct kunit *test)
{
	struct mem_test *t = test->priv;

	new_range(t, GFN, 2, GUNYAH_MEM_LEND, ACL_RWX);
	t->backing.alone = true;
	t->fake->map_room = 0;
	t->fake->refuse_back = true;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), -EINVAL);
	KUNIT_EXPECT_EQ(test, t->mem.nr_lost, 1);
	KUNIT_EXPECT_FALSE(test, t->mem.failed);
	KUNIT_EXPECT_EQ(test, t->backing.out, 0);
	expect_agreement(test);
}

static void mem_test_retry(struct kunit *test)
{
	struct mem_test *t = test->priv;

	new_range(t, GFN, 2, GUNYAH_MEM_LEND, ACL_RWX);
	t->fake->retries = 20;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), 0);
	t->fake->dead = true;
	t->fake->retries = 20;
	KUNIT_EXPECT_EQ(test, gunyah_mem_take_back(&t->mem, (struct gunyah_gfns){ GFN, 2 }), 0);
	t->fake->retries = INT_MAX;
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), -EAGAIN);
	t->fake->retries = 0;
	expect_agreement(test);
}

/* A balloon: what the guest let go comes back, the rest stays and works */
static void take_back_some(struct kunit *test)
{
	struct gunyah_gfns all = { GFN - 5, 100 };
	struct mem_test *t = test->priv;
	u64 gfn;

	new_range(t, GFN, 16, GUNYAH_MEM_LEND, ACL_RWX);
	new_range(t, GFN + 16, 4, GUNYAH_MEM_SHARE, ACL_RW);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), 0);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 16), true), 0);
	for (gfn = GFN + 3; gfn < GFN + 9; gfn++)
		fake_extents_relinquish(t->fake, gfn);
	KUNIT_EXPECT_EQ(test, gunyah_mem_take_back(&t->mem, all), -EACCES);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 10);
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 0);
	KUNIT_EXPECT_EQ(test, t->backing.out, 10);
	for (gfn = GFN; gfn < GFN + 16; gfn++)
		KUNIT_EXPECT_EQ(test, !fake_extents_at(t->fake, gfn),
				gfn >= GFN + 3 && gfn < GFN + 9);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 5), true), 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 16);
	KUNIT_EXPECT_FALSE(test, t->mem.failed);
	expect_agreement(test);
}

static void mem_test_take_back(struct kunit *test)
{
	take_back_some(test);
}

/* A hypervisor that remembers where pages were that the guest gave up */
static void mem_test_take_back_mapped(struct kunit *test)
{
	struct mem_test *t = test->priv;

	t->fake->keeps_mappings = true;
	take_back_some(test);
}

static void mem_test_must_take_back(struct kunit *test)
{
	struct mem_test *t = test->priv;

	new_range(t, GFN, 8, GUNYAH_MEM_SHARE, ACL_RWX);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), 0);
	gunyah_mem_must_take_back(&t->mem, (struct gunyah_gfns){ GFN + 1, 2 });
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 6);
	KUNIT_EXPECT_EQ(test, t->failed, 0);

	t->fake->refuse_unmap = true;
	gunyah_mem_must_take_back(&t->mem, (struct gunyah_gfns){ GFN, 5 });
	KUNIT_EXPECT_TRUE(test, t->mem.failed);
	KUNIT_EXPECT_EQ(test, t->failed, 1);
	KUNIT_EXPECT_EQ(test, t->mem.nr_lost, 3);
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 3);
	KUNIT_EXPECT_EQ(test, t->backing.out, 3);
}

static void mem_test_last(struct kunit *test)
{
	struct mem_test *t = test->priv;

	new_range(t, GFN, 8, GUNYAH_MEM_LEND, ACL_RWX);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), 0);
	fake_extents_relinquish(t->fake, GFN + 7);
	KUNIT_EXPECT_EQ(test, gunyah_mem_take_all(&t->mem), 7);
	KUNIT_EXPECT_EQ(test, t->mem.nr_lost, 7);
	KUNIT_EXPECT_EQ(test, t->failed, 0);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), -ENODEV);
}

static int remove_gfns(struct mem_test *t, u64 gfn, u64 nr)
{
	struct gunyah_gfns gfns = { gfn, nr };
	struct gunyah_mem_range *range;
	int err = -ENOENT;

	mutex_lock(&t->mem.lock);
	range = gunyah_mem_find(&t->mem, gfns);
	if (range)
		err = gunyah_mem_remove(&t->mem, range, gfns);
	mutex_unlock(&t->mem.lock);
	return err;
}

/* Head, tail, middle, all; what stays keeps its pages, its backing and its indices */
static void mem_test_remove(struct kunit *test)
{
	struct mem_test *t = test->priv;

	new_range(t, GFN, 20, GUNYAH_MEM_SHARE, ACL_RW);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), 0);
	KUNIT_EXPECT_EQ(test, remove_gfns(t, GFN, 2), 0);
	KUNIT_EXPECT_EQ(test, remove_gfns(t, GFN + 18, 2), 0);
	KUNIT_EXPECT_EQ(test, t->backing.refs, 1);
	KUNIT_EXPECT_EQ(test, remove_gfns(t, GFN + 8, 3), 0);
	KUNIT_EXPECT_EQ(test, t->backing.refs, 2);
	KUNIT_EXPECT_EQ(test, t->backing.cuts, 3);
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 13);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 1), true), -ENOENT);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 9), true), -ENOENT);
	KUNIT_EXPECT_EQ(test, remove_gfns(t, GFN + 7, 5), -ENOENT);

	KUNIT_EXPECT_EQ(test, gunyah_mem_take_back(&t->mem, (struct gunyah_gfns){ GFN, 20 }), 0);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 12), true), 0);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 2), true), 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 13);
	KUNIT_EXPECT_PTR_EQ(test, fake_extents_at(t->fake, GFN + 12), &t->fake->page[12]);
	expect_agreement(test);
	KUNIT_EXPECT_EQ(test, remove_gfns(t, GFN + 11, 7), 0);
	KUNIT_EXPECT_EQ(test, t->backing.refs, 1);
}

/* Nothing is removed if the guest keeps a page; nothing that is part of a parcel */
static void mem_test_remove_refused(struct kunit *test)
{
	struct gunyah_gfns parcel = { GFN + 30, 2 };
	struct mem_test *t = test->priv;

	new_range(t, GFN, 32, GUNYAH_MEM_LEND, ACL_RWX);
	mutex_lock(&t->mem.lock);
	KUNIT_EXPECT_EQ(test, gunyah_mem_mark_parcel(&t->mem, parcel, GUNYAH_MEM_LEND), 0);
	mutex_unlock(&t->mem.lock);
	KUNIT_EXPECT_EQ(test, gunyah_mem_hold(&t->mem, GFN + 31), GUNYAH_HOLD_GUEST);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN), true), 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 32);
	KUNIT_EXPECT_EQ(test, fake_extents_count(t->fake, FAKE_GUEST_PRIVATE), 30);

	KUNIT_EXPECT_EQ(test, remove_gfns(t, GFN + 31, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, remove_gfns(t, GFN, 4), -EACCES);
	KUNIT_EXPECT_EQ(test, gunyah_mem_take_back(&t->mem, parcel), 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 32);

	mutex_lock(&t->mem.lock);
	gunyah_mem_unmark_parcel(&t->mem, parcel);
	mutex_unlock(&t->mem.lock);
	expect_agreement(test);
	KUNIT_EXPECT_EQ(test, remove_gfns(t, GFN + 30, 2), 0);
}

static int push(struct mem_test *t, struct gunyah_mem_range *range)
{
	int err;

	mutex_lock(&t->mem.lock);
	err = gunyah_mem_push(&t->mem, range);
	mutex_unlock(&t->mem.lock);
	return err;
}

/* Resident memory goes as a whole, stays, and is given again from the same pages */
static void mem_test_resident(struct kunit *test)
{
	struct mem_test *t = test->priv;
	struct gunyah_mem_range *range;

	range = new_range(t, GFN + 500, 100, GUNYAH_MEM_SHARE, ACL_RW);
	KUNIT_EXPECT_EQ(test, gunyah_range_populate(range), 0);
	KUNIT_EXPECT_EQ(test, push(t, range), 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 100);
	KUNIT_EXPECT_EQ(test, t->fake->gives, 2);
	KUNIT_EXPECT_EQ(test, t->backing.supplies, 0);
	KUNIT_EXPECT_EQ(test, gunyah_mem_take_back(&t->mem, (struct gunyah_gfns){ GFN + 510, 1 }),
			-EBUSY);
	gunyah_mem_must_take_back(&t->mem, (struct gunyah_gfns){ GFN + 510, 1 });
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 100);
	fake_extents_relinquish(t->fake, GFN + 510);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 510), true), 0);
	KUNIT_EXPECT_EQ(test, gunyah_mem_fault(&t->mem, GPA(GFN + 510), true), 0);
	KUNIT_EXPECT_NOT_NULL(test, fake_extents_at(t->fake, GFN + 510));
	KUNIT_EXPECT_EQ(test, t->mem.nr_shared, 100);
	KUNIT_EXPECT_EQ(test, t->backing.supplies, 0);
	expect_agreement(test);
	KUNIT_EXPECT_EQ(test, remove_gfns(t, GFN + 500, 10), 0);
	KUNIT_EXPECT_EQ(test, t->backing.populated, 90);
}

static void mem_test_resident_nomem(struct kunit *test)
{
	struct mem_test *t = test->priv;
	struct gunyah_mem_range *range;

	range = new_range(t, GFN + 500, 100, GUNYAH_MEM_LEND, ACL_RWX);
	KUNIT_EXPECT_EQ(test, gunyah_range_populate(range), 0);
	t->fake->map_room = 50;
	KUNIT_EXPECT_EQ(test, push(t, range), -ENOMEM);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 12);
	mutex_lock(&t->mem.lock);
	KUNIT_EXPECT_EQ(test, gunyah_mem_retract(&t->mem, range), -EACCES);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 12);
	t->fake->dead = true;
	KUNIT_EXPECT_EQ(test, gunyah_mem_retract(&t->mem, range), 0);
	mutex_unlock(&t->mem.lock);
	gunyah_range_free(range);
	KUNIT_EXPECT_EQ(test, t->mem.nr_private, 0);
	KUNIT_EXPECT_EQ(test, t->backing.populated, 0);
	KUNIT_EXPECT_EQ(test, t->mem.nr_lost, 0);
}

static struct kunit_case mem_test_cases[] = {
	KUNIT_CASE(mem_test_ways),
	KUNIT_CASE(mem_test_refused),
	KUNIT_CASE(mem_test_window),
	KUNIT_CASE(mem_test_runs),
	KUNIT_CASE(mem_test_again),
	KUNIT_CASE(mem_test_not_valid),
	KUNIT_CASE(mem_test_race),
	KUNIT_CASE(mem_test_nomem),
	KUNIT_CASE(mem_test_nomem_later),
	KUNIT_CASE(mem_test_give_lost),
	KUNIT_CASE(mem_test_retry),
	KUNIT_CASE(mem_test_take_back),
	KUNIT_CASE(mem_test_take_back_mapped),
	KUNIT_CASE(mem_test_must_take_back),
	KUNIT_CASE(mem_test_last),
	KUNIT_CASE(mem_test_remove),
	KUNIT_CASE(mem_test_remove_refused),
	KUNIT_CASE(mem_test_resident),
	KUNIT_CASE(mem_test_resident_nomem),
	{}
};

static struct kunit_suite mem_test_suite = {
	.name = "gunyah-mem",
	.init = mem_test_init,
	.exit = mem_test_exit,
	.test_cases = mem_test_cases,
};
kunit_test_suite(mem_test_suite);
