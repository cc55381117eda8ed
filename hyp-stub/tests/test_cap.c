// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Capability spaces: order of errors, reuse of numbers, bounds. */
#include <linux/gunyah/abi/hypercall.h>

#include "obj/cap.h"
#include "tests/test.h"

#define SLOTS	(2 * PAGE_SIZE / sizeof(struct cap))

static struct page_pool pool;
static struct cspace cs;
static int thing, other;

static void setup(void)
{
	page_pool_init(&pool, "caps", FAKE_RAM_BASE, 8 * PAGE_SIZE);
	EXPECT_EQ(cspace_init(&cs, &pool, 2), 0);
}

static int lookup(u64 id, enum cap_type type, u32 rights)
{
	void *object;
	int err = cspace_lookup(&cs, id, type, rights, &object);

	if (!err)
		EXPECT(object == &thing);
	return err;
}

TEST(errors_in_order)
{
	u64 id;

	setup();
	EXPECT_EQ(cspace_add(&cs, CAP_DOORBELL, &thing, 0x6, &id), 0);
	EXPECT_EQ(lookup(id, CAP_DOORBELL, 0x6), 0);
	EXPECT_EQ(lookup(id, CAP_DOORBELL, 0x2), 0);
	EXPECT_EQ(lookup(id, CAP_DOORBELL, 0), 0);
	EXPECT_EQ(lookup(id, CAP_DOORBELL, 0x7), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	EXPECT_EQ(lookup(id, CAP_DOORBELL, 0x80000000), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	/* The type comes before the rights */
	EXPECT_EQ(lookup(id, CAP_VCPU, 0x1), GUNYAH_ERR_CSPACE_WRONG_OBJECT_TYPE);
	EXPECT_EQ(lookup(id + 1, CAP_VCPU, 0x1), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(lookup(SLOTS - 1, CAP_VCPU, 0x1), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(lookup(SLOTS, CAP_VCPU, 0x1), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(lookup(BIT(32) | id, CAP_DOORBELL, 0x2), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(lookup(GUNYAH_CAPID_INVALID, CAP_DOORBELL, 0), GUNYAH_ERR_ARGUMENT_INVALID);
}

TEST(fills_up_and_empties)
{
	static u64 ids[SLOTS];
	u64 n, id;

	setup();
	for (n = 0; n < SLOTS; n++)
		EXPECT_EQ(cspace_add(&cs, CAP_MSGQ, &thing, 1, &ids[n]), 0);
	EXPECT_EQ(cspace_add(&cs, CAP_MSGQ, &thing, 1, &id), GUNYAH_ERR_CSPACE_FULL);
	EXPECT_EQ(cs.used, SLOTS);
	cspace_remove(&cs, ids[77]);
	EXPECT_EQ(lookup(ids[77], CAP_MSGQ, 1), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(cspace_add(&cs, CAP_MSGQ, &thing, 1, &id), 0);
	EXPECT_EQ(id, ids[77]);
	for (n = 0; n < SLOTS; n++)
		cspace_remove(&cs, ids[n]);
	EXPECT_EQ(cs.used, 0);
	cspace_destroy(&cs, &pool);
	EXPECT_EQ(pool.used, 0);
}

/* A number comes back late: a stale one finds nothing, not something else */
TEST(numbers_are_reused_late)
{
	u64 first, id, n;

	setup();
	EXPECT_EQ(cspace_add(&cs, CAP_VCPU, &thing, 1, &first), 0);
	cspace_remove(&cs, first);
	for (n = 0; n < SLOTS - 1; n++) {
		EXPECT_EQ(cspace_add(&cs, CAP_VCPU, &other, 1, &id), 0);
		EXPECT(id != first);
		cspace_remove(&cs, id);
	}
	EXPECT_EQ(lookup(first, CAP_VCPU, 1), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(cspace_add(&cs, CAP_VCPU, &thing, 1, &id), 0);
	EXPECT_EQ(id, first);
}

TEST(misuse)
{
	struct cspace second;
	u64 id;

	setup();
	EXPECT_EQ(cspace_init(&second, &pool, 100), GUNYAH_ERR_NOMEM);
	EXPECT_PANIC(cspace_remove(&cs, 0));
	EXPECT_PANIC(cspace_remove(&cs, SLOTS));
	EXPECT_PANIC(EXPECT(cspace_add(&cs, CAP_NONE, &thing, 0, &id)));
	EXPECT_EQ(cs.used, 0);
}
