// SPDX-License-Identifier: GPL-2.0-only
/* See fake_extent.h */
#include <linux/mm.h>

#include <linux/gunyah/abi/hypercall.h>
#include <linux/gunyah/abi/resource.h>

#include "fake_extent.h"

/* Which donations there are (hypercall 9.1, 9.3) */
static const struct {
	int from;
	int to;
	u64 type;
	enum fake_owner before;
	enum fake_owner after;
} donations[] = {
	{ GUNYAH_EXTENT_HOST_PRIVATE, GUNYAH_EXTENT_GUEST_PRIVATE, 3, FAKE_HOST,
	  FAKE_GUEST_PRIVATE },
	{ GUNYAH_EXTENT_GUEST_PRIVATE, GUNYAH_EXTENT_HOST_PRIVATE, 4, FAKE_GUEST_PRIVATE,
	  FAKE_HOST },
	{ GUNYAH_EXTENT_HOST_SHARED, GUNYAH_EXTENT_GUEST_SHARED, 2, FAKE_HOST,
	  FAKE_GUEST_SHARED },
	{ GUNYAH_EXTENT_GUEST_SHARED, GUNYAH_EXTENT_HOST_SHARED, 2, FAKE_GUEST_SHARED,
	  FAKE_HOST },
	{ GUNYAH_EXTENT_HOST_SHARED, GUNYAH_EXTENT_GUEST_PRIVATE, 2, FAKE_HOST,
	  FAKE_GUEST_EXEC },
	{ GUNYAH_EXTENT_GUEST_PRIVATE, GUNYAH_EXTENT_HOST_SHARED, 2, FAKE_GUEST_EXEC,
	  FAKE_HOST },
};

static struct fake_cap *cap_of(u64 capid)
{
	return (struct fake_cap *)(unsigned long)capid;
}

static bool says_retry(struct fake_extents *f)
{
	if (!f->retries)
		return false;
	f->retries--;
	return true;
}

static int check_range(struct fake_extents *f, u64 offset, u64 size)
{
	u64 first = offset >> PAGE_SHIFT;

	if (!PAGE_ALIGNED(offset) || !PAGE_ALIGNED(size))
		return GUNYAH_ERR_ARGUMENT_ALIGNMENT;
	if (!size || first < f->base || first + (size >> PAGE_SHIFT) > f->base + FAKE_PAGES)
		return GUNYAH_ERR_ARGUMENT_SIZE;
	return GUNYAH_ERR_OK;
}

static struct fake_page *page_at(struct fake_extents *f, u64 offset, u64 i)
{
	return &f->page[(offset >> PAGE_SHIFT) - f->base + i];
}

static int fake_donate(u64 options, u64 from, u64 to, u64 offset, u64 size)
{
	struct fake_extents *f = cap_of(from)->fake;
	struct fake_page *page;
	int err = check_range(f, offset, size), d;
	u64 i;

	if (says_retry(f))
		return GUNYAH_ERR_RETRY;
	if (err)
		return err;
	for (d = 0; d < ARRAY_SIZE(donations); d++)
		if (donations[d].from == cap_of(from)->label &&
		    donations[d].to == cap_of(to)->label && donations[d].type == options)
			break;
	if (d == ARRAY_SIZE(donations))
		return GUNYAH_ERR_ARGUMENT_INVALID;
	if (f->refuse_back && donations[d].after == FAKE_HOST)
		return GUNYAH_ERR_BUSY;
	for (i = 0; i < size >> PAGE_SHIFT; i++) {
		page = page_at(f, offset, i);
		if (page->owner != donations[d].before)
			return GUNYAH_ERR_MEMDB_NOT_OWNER;
		/* A secret is one from the moment in which the guest could see the page */
		if (page->owner == FAKE_GUEST_PRIVATE && page->gfn && !page->relinquished &&
		    !f->dead)
			return GUNYAH_ERR_DENIED;
	}
	for (i = 0; i < size >> PAGE_SHIFT; i++) {
		page = page_at(f, offset, i);
		KUNIT_EXPECT_FALSE_MSG(f->test, page->mapped, "moved while mapped");
		*page = (struct fake_page){ .owner = donations[d].after };
	}
	f->gives += donations[d].after != FAKE_HOST;
	f->takes += donations[d].after == FAKE_HOST;
	return GUNYAH_ERR_OK;
}

static int fake_map(u64 as, u64 extent, u64 gpa, u64 attrs, u64 flags, u64 offset, u64 size)
{
	struct fake_extents *f = cap_of(as)->fake;
	u64 nr = size >> PAGE_SHIFT, i;
	struct fake_page *page;
	int err = check_range(f, offset, size);

	if (says_retry(f))
		return GUNYAH_ERR_RETRY;
	if (err)
		return err;
	if (!(flags & GUNYAH_MAP_PARTIAL) || !PAGE_ALIGNED(gpa))
		return GUNYAH_ERR_ARGUMENT_INVALID;
	if (nr > f->map_room || (f->map_max && nr > f->map_max))
		return GUNYAH_ERR_NOMEM;
	f->map_room -= nr;
	for (i = 0; i < nr; i++) {
		page = page_at(f, offset, i);
		KUNIT_EXPECT_NE(f->test, page->owner, FAKE_HOST);
		KUNIT_EXPECT_FALSE_MSG(f->test, page->mapped, "mapped twice");
		KUNIT_EXPECT_NULL(f->test, fake_extents_at(f, (gpa >> PAGE_SHIFT) + i));
		page->mapped = true;
		page->relinquished = false;
		page->hidden = false;
		page->gfn = (gpa >> PAGE_SHIFT) + i;
		page->attrs = attrs;
		page->flags = flags;
	}
	f->maps++;
	return GUNYAH_ERR_OK;
}

static int fake_unmap(u64 as, u64 extent, u64 gpa, u64 flags, u64 offset, u64 size)
{
	struct fake_extents *f = cap_of(as)->fake;
	u64 nr = size >> PAGE_SHIFT, i;
	struct fake_page *page;
	int err = check_range(f, offset, size);

	if (says_retry(f))
		return GUNYAH_ERR_RETRY;
	if (err)
		return err;
	if (f->refuse_unmap)
		return GUNYAH_ERR_BUSY;
	for (i = 0; i < nr; i++) {
		page = page_at(f, offset, i);
		if (!page->mapped || page->gfn != (gpa >> PAGE_SHIFT) + i ||
		    page->flags != flags)
			return GUNYAH_ERR_ADDR_INVALID;
	}
	for (i = 0; i < nr; i++) {
		page = page_at(f, offset, i);
		page->mapped = false;
		page->hidden = false;
	}
	f->map_room += nr;
	f->unmaps++;
	return GUNYAH_ERR_OK;
}

static const struct gunyah_extent_ops fake_ops = {
	.map = fake_map,
	.unmap = fake_unmap,
	.donate = fake_donate,
};

void fake_extents_init(struct fake_extents *f, struct kunit *test, unsigned long base,
		       struct gunyah_extents *ext)
{
	int i;

	f->test = test;
	f->base = base;
	f->map_room = FAKE_PAGES;
	f->as_cap.fake = f;
	ext->addrspace = (unsigned long)&f->as_cap;
	for (i = 0; i < ARRAY_SIZE(f->cap); i++) {
		f->cap[i] = (struct fake_cap){ f, i };
		ext->extent[i] = (unsigned long)&f->cap[i];
	}
	ext->ops = &fake_ops;
	ext->ready = true;
}

u64 fake_extents_count(const struct fake_extents *f, enum fake_owner owner)
{
	u64 i, n = 0;

	for (i = 0; i < FAKE_PAGES; i++)
		n += f->page[i].owner == owner;
	return n;
}

struct fake_page *fake_extents_at(struct fake_extents *f, u64 gfn)
{
	int i;

	for (i = 0; i < FAKE_PAGES; i++) {
		if (f->page[i].mapped && !f->page[i].hidden && f->page[i].gfn == gfn)
			return &f->page[i];
	}
	return NULL;
}

void fake_extents_relinquish(struct fake_extents *f, u64 gfn)
{
	struct fake_page *page = fake_extents_at(f, gfn);

	KUNIT_ASSERT_NOT_NULL(f->test, page);
	page->relinquished = true;
	page->mapped = f->keeps_mappings;
	page->hidden = f->keeps_mappings;
}
