// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Extents when a heap is empty: what is refused changes nothing, what removes works. */
#include <linux/gunyah/abi/hypercall.h>

#include "owner/owner.h"
#include "tests/extent_env.h"

static u64 used(void)
{
	return object_pool.used + guest_table_pool.used + guest_reserve_pool.used +
	       guest_reserve_pool.promised + record_pool.used + host_cspace.used;
}

/* Two runs, of which the second one is a block: either both or none */
TEST(several_runs_are_one_call)
{
	struct page_pool *const heaps[] = { &guest_table_pool, &guest_reserve_pool, &record_pool };
	u64 base, taken;
	unsigned int i, tries;

	for (i = 0; i < ARRAY_SIZE(heaps); i++) {
		ext_setup(true);
		EXPECT_EQ(ext_share(PA, PAGE_SIZE), 0);
		EXPECT_EQ(ext_share(PA + SZ_2M, SZ_2M), 0);
		base = used();
		for (tries = 0; tries < 16; tries++) {
			taken = ext_drain(heaps[i], tries);
			if (!ext_map(GSHARED, GPA, RW, PA, 2 * SZ_2M))
				break;
			EXPECT_EQ(ext_x[0], GUNYAH_ERR_NOMEM);
			page_pool_unpromise(heaps[i], taken);
			EXPECT_EQ(used(), base);
			EXPECT(!ext_leads_to(GPA) && !ext_leads_to(GPA + SZ_2M));
			EXPECT_EQ(ext_unmap(GSHARED, GPA, PA, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
		}
		EXPECT(tries > 0 && tries < 16);
		EXPECT(ext_leads_to(GPA) && ext_leads_to(GPA + SZ_2M));
		page_pool_unpromise(heaps[i], taken);
	}
}

/* Records of several runs are applied all, or the pages stay where they are */
TEST(donated_into_records)
{
	struct page_pool *const heaps[] = { &guest_table_pool, &guest_reserve_pool };
	unsigned int i, tries;
	u64 base, taken;

	for (i = 0; i < ARRAY_SIZE(heaps); i++) {
		ext_setup(true);
		EXPECT_EQ(ext_map(PRIV, GPA, RWX, PA, SZ_2M), 0);
		EXPECT_EQ(ext_map(PRIV, GPA + SZ_1G, RWX, PA, PAGE_SIZE), 0);
		base = used();
		for (tries = 0; tries < 16; tries++) {
			taken = ext_drain(heaps[i], tries);
			if (!ext_lend(PA, SZ_2M))
				break;
			EXPECT_EQ(ext_x[0], GUNYAH_ERR_NOMEM);
			page_pool_unpromise(heaps[i], taken);
			EXPECT_EQ(used(), base);
			EXPECT(!ext_leads_to(GPA) && !ext_leads_to(GPA + SZ_1G));
			EXPECT(env_host_maps(PA) && owner_is_host(PA, SZ_2M));
		}
		EXPECT(tries > 0 && tries < 16);
		EXPECT(ext_leads_to(GPA + PAGE_SIZE) == PA + PAGE_SIZE);
		EXPECT_EQ(ext_leads_to(GPA + SZ_1G), PA);
		page_pool_unpromise(heaps[i], taken);
	}
}

/* A block for which there is no reserve is refused as a whole, even by a single run */
TEST(one_block_without_reserve)
{
	u64 taken;

	ext_setup(true);
	EXPECT_EQ(ext_map(PRIV, GPA, RWX, PA, SZ_2M), 0);
	taken = ext_drain(&guest_reserve_pool, 0);
	EXPECT_EQ(ext_lend(PA, SZ_2M), GUNYAH_ERR_NOMEM);
	EXPECT(env_host_maps(PA) && owner_is_host(PA, SZ_2M) && !ext_leads_to(GPA));
	page_pool_unpromise(&guest_reserve_pool, taken);
	EXPECT_EQ(ext_lend(PA, SZ_2M), 0);
}

/* Pages out of blocks, with nothing left in any heap */
TEST(taking_away_needs_nothing)
{
	u64 base, taken[3];

	ext_setup(true);
	base = used();
	EXPECT_EQ(ext_share(PA, 2 * SZ_2M), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA, RW, PA, 2 * SZ_2M), 0);
	taken[0] = ext_drain(&guest_table_pool, 0);
	taken[1] = ext_drain(&guest_reserve_pool, 0);
	taken[2] = ext_drain(&record_pool, 0);
	EXPECT_EQ(ext_unmap(GSHARED, GPA + 7 * PAGE_SIZE, PA + 7 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_unshare(PA + SZ_2M + 9 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT(!ext_leads_to(GPA + 7 * PAGE_SIZE) && !ext_leads_to(GPA + SZ_2M + 9 * PAGE_SIZE));
	EXPECT(ext_leads_to(GPA) && ext_leads_to(GPA + SZ_2M));
	EXPECT_EQ(ext_modify(GSHARED, GUNYAH_MEMEXTENT_UNMAP_ALL, 0, 0), 0);
	page_pool_unpromise(&guest_table_pool, taken[0]);
	page_pool_unpromise(&guest_reserve_pool, taken[1]);
	page_pool_unpromise(&record_pool, taken[2]);
	EXPECT_EQ(used(), base);
}

/* Each allocation of memextents_add() fails once, and nothing of it is left */
TEST(extents_of_a_vm)
{
	struct page_pool *const heaps[] = { &object_pool, &guest_table_pool };
	u64 base, taken, guest_caps;
	unsigned int i, tries;

	for (i = 0; i < ARRAY_SIZE(heaps); i++) {
		env_init();
		env_add_vm();
		/* Two objects; or the tables for the information area, if there are none */
		EXPECT_EQ(stage2_unmap(&env_vm->s2, VM_INFO_IPA, PAGE_SIZE), 0);
		base = used();
		guest_caps = env_vm->cspace.used;
		for (tries = 0; tries < 8; tries++) {
			taken = ext_drain(heaps[i], tries);
			if (!memextents_add(env_vm, true))
				break;
			page_pool_unpromise(heaps[i], taken);
			EXPECT_EQ(used(), base);
			EXPECT(!env_vm->extents && env_vm->cspace.used == guest_caps);
		}
		EXPECT_EQ(tries, 2);
		page_pool_unpromise(heaps[i], taken);
		vm_destroy(env_vm);
	}
}

static u64 add_filler(struct cspace *cs)
{
	static int object;
	u64 id;

	return cspace_add(cs, CAP_MSGQ, &object, 0, &id) ? ~0ULL : id;
}

TEST(capability_spaces_are_full)
{
	unsigned int left, i, caps;
	u64 id[8], base;

	env_init();
	env_add_vm();
	base = object_pool.used;
	while (host_cspace.used < host_cspace.nr - ARRAY_SIZE(id))
		EXPECT(add_filler(&host_cspace) != ~0ULL);
	for (i = 0; i < ARRAY_SIZE(id); i++)
		id[i] = add_filler(&host_cspace);
	/* Four extents and the address space */
	for (left = 0; left < 5; left++) {
		caps = host_cspace.used;
		EXPECT_EQ(memextents_add(env_vm, true), GUNYAH_ERR_CSPACE_FULL);
		EXPECT(host_cspace.used == caps && object_pool.used == base && !env_vm->extents);
		cspace_remove(&host_cspace, id[left]);
	}
	while (env_vm->cspace.used < env_vm->cspace.nr)
		EXPECT(add_filler(&env_vm->cspace) != ~0ULL);
	caps = host_cspace.used;
	EXPECT_EQ(memextents_add(env_vm, true), GUNYAH_ERR_CSPACE_FULL);
	EXPECT(host_cspace.used == caps && object_pool.used == base && !env_vm->extents);
}
