/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of a hypervisor's extents and of one address space (hypercall 9): who has
 * which page, where it is mapped.  Written from the tables; knows nothing of extent.c.
 */
#ifndef _GUNYAH_TESTS_FAKE_EXTENT_H
#define _GUNYAH_TESTS_FAKE_EXTENT_H

#include <kunit/test.h>
#include <linux/types.h>

#include "../extent.h"

#define FAKE_PAGES	1024

/* Which extent has a page; labels of hypercall 9.3 */
enum fake_owner {
	FAKE_HOST,
	FAKE_GUEST_PRIVATE,	/* by donation 3: the host has no access */
	FAKE_GUEST_EXEC,	/* by donation 2 from host_shared: the host keeps it */
	FAKE_GUEST_SHARED,
};

struct fake_page {
	enum fake_owner owner;
	bool relinquished;
	bool mapped;
	bool hidden;	/* mapped, but the guest has given it up and does not see it */
	u64 gfn;
	u64 attrs;
	u64 flags;
};

struct fake_extents;

/* What a capability of the model is: a pointer to one of these */
struct fake_cap {
	struct fake_extents *fake;
	int label;
};

/**
 * struct fake_extents - the model
 * @test: who uses it
 * @cap: of the extents by label
 * @as_cap: of the address space
 * @base: pfn of @page[0]
 * @page: the pages that exist
 * @dead: the guest is gone
 * @map_room: how many more pages can be mapped
 * @map_max: more pages than this in one call cannot; 0: no limit
 * @retries: so often the next calls say RETRY
 * @keeps_mappings: a page that is given up stays mapped as far as unmap() is concerned
 * @refuse_back: donations back fail
 * @refuse_unmap: unmapping fails
 * @maps: calls that mapped
 * @unmaps: calls that unmapped
 * @gives: donations to the guest
 * @takes: donations back
 */
struct fake_extents {
	struct kunit *test;
	struct fake_cap cap[4];
	struct fake_cap as_cap;
	unsigned long base;
	struct fake_page page[FAKE_PAGES];
	bool dead;
	u64 map_room;
	u64 map_max;
	unsigned int retries;
	bool keeps_mappings;
	bool refuse_back;
	bool refuse_unmap;
	int maps;
	int unmaps;
	int gives;
	int takes;
};

void fake_extents_init(struct fake_extents *f, struct kunit *test, unsigned long base,
		       struct gunyah_extents *ext);
u64 fake_extents_count(const struct fake_extents *f, enum fake_owner owner);
/* The page that the guest sees at @gfn, NULL if there is none */
struct fake_page *fake_extents_at(struct fake_extents *f, u64 gfn);
/* The guest gives the page at @gfn up (hypercall 0x69) */
void fake_extents_relinquish(struct fake_extents *f, u64 gfn);

#endif
