// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The page database in step with the host's stage 2. */
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "owner/owner.h"
#include "tests/test.h"

/* 64 MiB of RAM from the middle of a GiB on; the stub keeps the first 4 MiB */
#define RAM		FAKE_RAM_BASE
#define RAM_SIZE	(32 * SZ_2M)
#define OWN		(2 * SZ_2M)
#define HOST		(RAM + OWN)
#define HOST_SIZE	(RAM_SIZE - OWN)
#define ID		42

static struct page_pool pool;
static struct stage2 host;
static u64 tables_at_boot;

static void setup(void)
{
	/* A table for each 2 MiB of RAM, one for the GiB, the root */
	page_pool_init(&pool, "host", RAM, (1 + 32 + 1 + 2) * PAGE_SIZE);
	EXPECT(stage2_init(&host, &pool, 40, 0));
	owner_init(RAM, RAM_SIZE, RAM + SZ_2M, &host);
	owner_add_host(HOST, HOST_SIZE);
	tables_at_boot = pool.used;
}

static bool host_sees(u64 pa, u64 size)
{
	u64 end = pa + size, to;
	u32 attrs;

	for (; pa < end; pa += PAGE_SIZE)
		if (!stage2_lookup(&host, pa, &to, &attrs, NULL) || to != pa || attrs != S2_RWX)
			return false;
	return true;
}

static bool host_sees_nothing(u64 pa, u64 size)
{
	u64 end = pa + size;

	for (; pa < end; pa += PAGE_SIZE)
		if (stage2_lookup(&host, pa, NULL, NULL, NULL))
			return false;
	return true;
}

static void give_back(u64 pa, u64 size, enum page_state from, u32 id)
{
	EXPECT_EQ(owner_return(pa, size, from, id, false, false), 0);
}

TEST(boot)
{
	setup();
	EXPECT(host_sees(HOST, HOST_SIZE));
	EXPECT(host_sees_nothing(RAM, OWN));
	EXPECT_EQ(owner_state(RAM), PAGE_NONE);
	EXPECT_EQ(owner_state(HOST - 1), PAGE_NONE);
	EXPECT_EQ(owner_state(HOST), PAGE_HOST);
	EXPECT_EQ(owner_state(RAM + RAM_SIZE - 1), PAGE_HOST);
	EXPECT_EQ(owner_state(RAM + RAM_SIZE), PAGE_NONE);
	EXPECT_EQ(owner_state(0), PAGE_NONE);
	EXPECT_EQ(owner_db_size(RAM_SIZE), 16 * PAGE_SIZE);
	EXPECT_EQ(owner_db_size(SZ_2M), PAGE_SIZE);
	EXPECT(owner_host_tables() == &pool);
	EXPECT_PANIC(owner_add_host(HOST, PAGE_SIZE));
}

TEST(lend_and_return)
{
	u64 pa = HOST + SZ_2M + PAGE_SIZE, size = 700 * PAGE_SIZE;

	setup();
	EXPECT_EQ(owner_take(pa, size, PAGE_LENT, ID), 0);
	EXPECT(host_sees_nothing(pa, size));
	EXPECT(host_sees(HOST, pa - HOST));
	EXPECT(host_sees(pa + size, HOST + HOST_SIZE - pa - size));
	EXPECT_EQ(owner_state(pa), PAGE_LENT);
	EXPECT_EQ(owner_id(pa + size - 1), ID);
	EXPECT_EQ(owner_id(pa + size), 0);
	EXPECT(!owner_is_host(pa, PAGE_SIZE));
	EXPECT(!owner_host_may_access(pa + size - PAGE_SIZE, 2 * PAGE_SIZE));
	EXPECT(owner_host_may_access(pa - 8, 8));
	EXPECT(!owner_host_may_access(pa - 8, 9));

	EXPECT(fake.nr_cache_flushes == 1 && fake.cache_pa == pa && fake.cache_size == size);
	memset(arch_pa_to_va(pa), 0xaa, size);
	give_back(pa, size, PAGE_LENT, ID);
	EXPECT(host_sees(HOST, HOST_SIZE));
	EXPECT_EQ(*(u8 *)arch_pa_to_va(pa), 0xaa);
	EXPECT_EQ(fake.nr_cache_flushes, 1);
	EXPECT_EQ(owner_id(pa), 0);
	EXPECT(owner_is_host(HOST, HOST_SIZE));
	EXPECT_EQ(pool.used, tables_at_boot);
}

TEST(share_and_return)
{
	setup();
	EXPECT_EQ(owner_take(HOST, SZ_64K, PAGE_SHARED, ID), 0);
	EXPECT(host_sees(HOST, HOST_SIZE));
	EXPECT_EQ(owner_state(HOST), PAGE_SHARED);
	EXPECT(!owner_is_host(HOST, SZ_64K));
	EXPECT(owner_host_may_access(HOST, SZ_2M));
	give_back(HOST, SZ_64K, PAGE_SHARED, ID);
	EXPECT(owner_is_host(HOST, SZ_64K));
	EXPECT_EQ(fake.nr_flushes, 0);
}

TEST(wipe)
{
	u8 *p;
	u64 i;

	setup();
	p = arch_pa_to_va(HOST);
	memset(p, 0xaa, 4 * PAGE_SIZE);
	EXPECT_EQ(owner_take(HOST + PAGE_SIZE, 2 * PAGE_SIZE, PAGE_LENT, ID), 0);
	EXPECT_EQ(owner_return(HOST + PAGE_SIZE, 2 * PAGE_SIZE, PAGE_LENT, ID, true, false), 0);
	for (i = 0; i < 4 * PAGE_SIZE; i++)
		EXPECT_EQ(p[i], i < PAGE_SIZE || i >= 3 * PAGE_SIZE ? 0xaa : 0);
	EXPECT_EQ(fake.nr_cache_flushes, 3);
	EXPECT(fake.cache_pa == HOST + 2 * PAGE_SIZE && fake.cache_size == PAGE_SIZE);
}

static bool is_filled(u64 pa, u64 size, u8 value)
{
	const u8 *p = arch_pa_to_va(pa);

	return p[0] == value && !memcmp(p, p + 1, size - 1);
}

/* Only what a guest could see is wiped, and it is whoever had it and however it ended */
TEST(secrets_are_wiped)
{
	static const enum page_state states[] = {
		PAGE_LENT, PAGE_PRIVATE, PAGE_SHARED, PAGE_JOINT,
	};
	u64 pa = HOST + SZ_2M - 2 * PAGE_SIZE;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		bool exclusive = i < 2;

		test_context("state %u", states[i]);
		setup();
		EXPECT_EQ(owner_take(pa, 4 * PAGE_SIZE, states[i], ID), 0);
		owner_set_secret(pa + PAGE_SIZE, 2 * PAGE_SIZE, ID);
		memset(arch_pa_to_va(pa), 0xaa, 4 * PAGE_SIZE);
		EXPECT_EQ(owner_return(pa, 4 * PAGE_SIZE, states[i], ID, false, true), 0);
		EXPECT(is_filled(pa, PAGE_SIZE, 0xaa));
		EXPECT(is_filled(pa + PAGE_SIZE, 2 * PAGE_SIZE, exclusive ? 0 : 0xaa));
		EXPECT(is_filled(pa + 3 * PAGE_SIZE, PAGE_SIZE, 0xaa));
		EXPECT(host_sees(HOST, HOST_SIZE));
		/* The next one starts without secrets */
		memset(arch_pa_to_va(pa), 0xaa, 4 * PAGE_SIZE);
		EXPECT_EQ(owner_take(pa, 4 * PAGE_SIZE, states[i], ID), 0);
		EXPECT_EQ(owner_return(pa, 4 * PAGE_SIZE, states[i], ID, false, true), 0);
		EXPECT(is_filled(pa, 4 * PAGE_SIZE, 0xaa));
	}
	EXPECT_PANIC(owner_set_secret(pa, PAGE_SIZE, ID));
	EXPECT_PANIC(owner_set_secret(pa, 1, ID));
	EXPECT_PANIC(owner_set_secret(RAM, PAGE_SIZE, 0));
}

TEST(private_pages_come_back_when_given_up)
{
	u64 size = SZ_2M + 3 * PAGE_SIZE;

	setup();
	EXPECT_EQ(owner_take(HOST, size, PAGE_PRIVATE, ID), 0);
	EXPECT_EQ(owner_count(PAGE_PRIVATE, ID), size >> PAGE_SHIFT);
	EXPECT_EQ(owner_return(HOST, size, PAGE_PRIVATE, ID, true, false), GUNYAH_ERR_DENIED);
	EXPECT_EQ(owner_relinquish(HOST, size, ID + 1), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(owner_relinquish(HOST, size + PAGE_SIZE, ID), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(owner_relinquish(HOST + 1, PAGE_SIZE, ID), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(owner_relinquish(HOST + PAGE_SIZE, SZ_2M, ID), 0);
	EXPECT_EQ(owner_return(HOST, size, PAGE_PRIVATE, ID, false, false), GUNYAH_ERR_DENIED);
	EXPECT_EQ(owner_count(PAGE_PRIVATE, ID), size >> PAGE_SHIFT);
	EXPECT_EQ(owner_return(HOST + PAGE_SIZE, SZ_2M, PAGE_PRIVATE, ID, false, false), 0);
	EXPECT_EQ(owner_count(PAGE_PRIVATE, ID), 3);
	EXPECT(host_sees_nothing(HOST, PAGE_SIZE));
	EXPECT(host_sees(HOST + PAGE_SIZE, SZ_2M));
	/* The guest is dead */
	EXPECT_EQ(owner_return(HOST, PAGE_SIZE, PAGE_PRIVATE, ID, true, true), 0);
	EXPECT_EQ(owner_return(HOST + size - 2 * PAGE_SIZE, 2 * PAGE_SIZE, PAGE_PRIVATE, ID, true,
			       true), 0);
	EXPECT(owner_is_host(HOST, HOST_SIZE));
	EXPECT_EQ(pool.used, tables_at_boot);
}

TEST(tables_of_the_machine)
{
	u64 pa;
	int err;

	setup();
	EXPECT_EQ(owner_set_device_use(HOST + SZ_64K, SZ_64K, true), 0);
	EXPECT_EQ(owner_take(HOST, SZ_64K, PAGE_LENT, ID), 0);
	EXPECT_EQ(owner_take(HOST + SZ_64K, PAGE_SIZE, PAGE_JOINT, ID), GUNYAH_ERR_DENIED);
	EXPECT_EQ(owner_take(HOST + SZ_64K + PAGE_SIZE, SZ_2M, PAGE_LENT, ID), GUNYAH_ERR_DENIED);
	EXPECT(host_sees(HOST + SZ_64K, HOST_SIZE - SZ_64K));
	EXPECT_EQ(owner_set_device_use(HOST, PAGE_SIZE, true), GUNYAH_ERR_DENIED);
	EXPECT_EQ(owner_set_device_use(RAM, PAGE_SIZE, true), GUNYAH_ERR_DENIED);
	EXPECT_EQ(owner_set_device_use(HOST + SZ_2M, PAGE_SIZE / 2, true), GUNYAH_ERR_DENIED);
	EXPECT_EQ(owner_set_device_use(HOST + SZ_2M, 0, true), GUNYAH_ERR_DENIED);
	EXPECT_EQ(owner_set_device_use(HOST + SZ_64K, SZ_64K, true), 0);
	EXPECT_EQ(owner_set_device_use(HOST + SZ_64K, SZ_64K, false), 0);
	EXPECT_EQ(owner_take(HOST + SZ_64K, PAGE_SIZE, PAGE_LENT, ID), GUNYAH_ERR_DENIED);
	EXPECT_EQ(owner_set_device_use(HOST + SZ_64K, SZ_64K, false), 0);
	/* Nothing to end any more */
	EXPECT_EQ(owner_set_device_use(HOST + SZ_64K, SZ_64K, false), 0);
	EXPECT_EQ(owner_take(HOST + SZ_64K, SZ_64K, PAGE_LENT, ID), 0);
	/* So many, and not one more; what is there nests all the same */
	for (pa = HOST + SZ_2M, err = 0; !err; pa += PAGE_SIZE)
		err = owner_set_device_use(pa, PAGE_SIZE, true);
	EXPECT_EQ(err, GUNYAH_ERR_NORESOURCES);
	EXPECT(pa - HOST - SZ_2M > 64 * PAGE_SIZE);
	EXPECT_EQ(owner_set_device_use(HOST + SZ_2M, PAGE_SIZE, true), 0);
}

/* What is refused changes nothing */
TEST(take_what_is_not_the_hosts)
{
	static const struct { u64 pa, size; } bad[] = {
		{ RAM, PAGE_SIZE },				/* the stub's */
		{ HOST - PAGE_SIZE, 2 * PAGE_SIZE },
		{ HOST + SZ_2M, PAGE_SIZE },			/* in a parcel */
		{ HOST + SZ_2M - PAGE_SIZE, 2 * PAGE_SIZE },
		{ HOST + 2 * SZ_2M, SZ_64K },
		{ RAM + RAM_SIZE - PAGE_SIZE, 2 * PAGE_SIZE },	/* behind RAM */
		{ RAM + RAM_SIZE, PAGE_SIZE },
		{ 0, PAGE_SIZE },
		{ HOST, 0 },
		{ HOST, PAGE_SIZE - 1 },
		{ HOST + 1, PAGE_SIZE },
		{ HOST, -PAGE_SIZE },
		{ HOST, ~0ULL << PAGE_SHIFT },
		{ HOST, BIT(40) },
	};
	unsigned int i;

	setup();
	EXPECT_EQ(owner_take(HOST + SZ_2M, PAGE_SIZE, PAGE_LENT, ID), 0);
	EXPECT_EQ(owner_take(HOST + 2 * SZ_2M + SZ_64K - PAGE_SIZE, PAGE_SIZE, PAGE_SHARED, ID), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		test_context("case %u", i);
		EXPECT_EQ(owner_take(bad[i].pa, bad[i].size, PAGE_LENT, 1),
			  GUNYAH_ERR_MEMDB_NOT_OWNER);
		EXPECT_EQ(owner_take(bad[i].pa, bad[i].size, PAGE_SHARED, 1),
			  GUNYAH_ERR_MEMDB_NOT_OWNER);
		EXPECT(host_sees(HOST, SZ_2M));
		EXPECT(host_sees(HOST + SZ_2M + PAGE_SIZE, HOST_SIZE - SZ_2M - PAGE_SIZE));
		EXPECT(owner_is_host(HOST, SZ_2M));
	}
}

TEST(wrong_returns)
{
	static const struct { u64 page, nr; enum page_state from; u32 id; } bad[] = {
		{ 0, 4, PAGE_LENT, ID + 1 },
		{ 0, 4, PAGE_SHARED, ID },
		{ 0, 4, PAGE_PRIVATE, ID },
		{ 0, 5, PAGE_LENT, ID },
		{ 4, 2, PAGE_LENT, ID + 1 },
		{ 4, 2, PAGE_SHARED, ID + 1 },
		{ 6, 1, PAGE_LENT, 0 },
		{ 0, 0, PAGE_LENT, ID },
		{ 0, ~0ULL >> PAGE_SHIFT, PAGE_LENT, ID },
	};
	unsigned int i;

	setup();
	EXPECT_EQ(owner_take(HOST, 4 * PAGE_SIZE, PAGE_LENT, ID), 0);
	EXPECT_EQ(owner_take(HOST + 4 * PAGE_SIZE, PAGE_SIZE, PAGE_LENT, ID + 1), 0);
	EXPECT_EQ(owner_take(HOST + 5 * PAGE_SIZE, PAGE_SIZE, PAGE_SHARED, ID + 1), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		test_context("case %u", i);
		EXPECT_EQ(owner_return(HOST + (bad[i].page << PAGE_SHIFT),
				       bad[i].nr << PAGE_SHIFT, bad[i].from, bad[i].id, true, true),
			  GUNYAH_ERR_MEMDB_NOT_OWNER);
	}
	EXPECT_EQ(owner_return(HOST, 100, PAGE_LENT, ID, true, true), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(owner_return(RAM, PAGE_SIZE, PAGE_LENT, 0, true, true),
		  GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT(owner_is(HOST, 4 * PAGE_SIZE, PAGE_LENT, ID));
	EXPECT_PANIC(EXPECT(owner_return(HOST, PAGE_SIZE, PAGE_HOST, 0, true, true)));
	EXPECT_PANIC(EXPECT(owner_take(HOST + SZ_2M, PAGE_SIZE, PAGE_LENT, OWNER_MAX_ID)));
	EXPECT_PANIC(EXPECT(owner_take(HOST + SZ_2M, PAGE_SIZE, PAGE_HOST, ID)));
	give_back(HOST, 4 * PAGE_SIZE, PAGE_LENT, ID);
}

/* Every other page lent: as many tables as it can take, and it never runs out */
TEST(worst_case_of_the_hosts_tables)
{
	u64 pa;

	setup();
	for (pa = HOST; pa < HOST + HOST_SIZE; pa += 2 * PAGE_SIZE)
		EXPECT_EQ(owner_take(pa, PAGE_SIZE, PAGE_LENT, 1), 0);
	EXPECT(page_pool_available(&pool) > 0);
	for (pa = HOST; pa < HOST + HOST_SIZE; pa += 2 * PAGE_SIZE)
		give_back(pa, PAGE_SIZE, PAGE_LENT, 1);
	EXPECT(host_sees(HOST, HOST_SIZE));
	EXPECT_EQ(pool.used, tables_at_boot);
}

TEST(a_long_run_is_one_flush)
{
	setup();
	EXPECT_EQ(owner_take(HOST, HOST_SIZE, PAGE_LENT, 1), 0);
	EXPECT_EQ(fake.nr_flushes, 1);
	give_back(HOST, HOST_SIZE, PAGE_LENT, 1);
	EXPECT_EQ(fake.nr_flushes, 1);
}

/* Random takes and returns against an array */
TEST(random_use)
{
	enum { SLOTS = 40 };
	struct { u64 pa, size; enum page_state to; } have[SLOTS] = {};
	static u8 model[HOST_SIZE >> PAGE_SHIFT];	/* slot + 1 */
	u64 step, i, page, n, p;
	bool free;

	setup();
	memset(model, 0, sizeof(model));
	for (step = 0; step < 1500; step++) {
		test_context("step %lu", step);
		i = test_random() % SLOTS;
		if (have[i].size) {
			EXPECT_EQ(owner_return(have[i].pa, have[i].size, have[i].to, i,
					       test_random() % 4 == 0, true), 0);
			page = (have[i].pa - HOST) >> PAGE_SHIFT;
			memset(model + page, 0, have[i].size >> PAGE_SHIFT);
			have[i].size = 0;
			continue;
		}
		page = test_random() % sizeof(model);
		n = 1 + test_random() % (test_random() % 8 ? 50 : 2000);
		n = min(n, sizeof(model) - page);
		for (p = page, free = true; p < page + n; p++)
			free &= !model[p];
		have[i].to = PAGE_LENT + test_random() % 4;
		have[i].pa = HOST + (page << PAGE_SHIFT);
		EXPECT_EQ(owner_take(have[i].pa, n << PAGE_SHIFT, have[i].to, i),
			  free ? 0 : GUNYAH_ERR_MEMDB_NOT_OWNER);
		if (!free)
			continue;
		have[i].size = n << PAGE_SHIFT;
		memset(model + page, i + 1, n);
		if (step % 50)
			continue;
		for (p = 0; p < sizeof(model); p++) {
			u64 pa = HOST + (p << PAGE_SHIFT);
			enum page_state want = model[p] ? have[model[p] - 1].to : PAGE_HOST;

			EXPECT_EQ(owner_state(pa), want);
			EXPECT_EQ(host_sees(pa, PAGE_SIZE),
				  want != PAGE_LENT && want != PAGE_PRIVATE);
			EXPECT_EQ(owner_id(pa), model[p] ? model[p] - 1 : 0);
		}
	}
	for (i = 0; i < SLOTS; i++)
		if (have[i].size)
			EXPECT_EQ(owner_return(have[i].pa, have[i].size, have[i].to, i, false,
					       true), 0);
	EXPECT(host_sees(HOST, HOST_SIZE));
	EXPECT_EQ(pool.used, tables_at_boot);
}
