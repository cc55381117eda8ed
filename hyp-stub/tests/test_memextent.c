// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Memory extents: the sparse model of hypercall 9.2.  Arguments and their order are in
 * test_memextent_args.c, random sequences in test_memextent_model.c.
 */
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "owner/owner.h"
#include "tests/extent_env.h"

/* -- What lending and sharing do ------------------------------------------ */

TEST(lend_and_back)
{
	ext_setup(true);
	memset(arch_pa_to_va(PA), 0x11, PAGE_SIZE);
	EXPECT_EQ(ext_lend(PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(owner_state(PA), PAGE_PRIVATE);
	EXPECT(!env_host_maps(PA) && !env_host_maps(PA + PAGE_SIZE));
	EXPECT_EQ(ext_leads_to(GPA), 0);
	EXPECT_EQ(ext_map(PRIV, GPA, RWX, PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	EXPECT_EQ(ext_access_at(GPA), S2_RWX);
	/* The guest lives and has not given it up */
	EXPECT_EQ(ext_unmap(PRIV, GPA, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA), 0);
	EXPECT_EQ(ext_unlend(PA, PAGE_SIZE), GUNYAH_ERR_DENIED);
	EXPECT_EQ(owner_state(PA), PAGE_PRIVATE);
	vm_kill(env_vm);
	EXPECT_EQ(ext_unlend(PA, PAGE_SIZE), 0);
	EXPECT(env_host_maps(PA));
	EXPECT_EQ(*(u8 *)arch_pa_to_va(PA), 0);
	/* Without unmap: the mapping goes with the page */
	EXPECT_EQ(ext_unlend(PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), 0);
	EXPECT_EQ(ext_unmap(PRIV, GPA + PAGE_SIZE, PA + PAGE_SIZE, PAGE_SIZE), 0);
}

TEST(denied_changes_nothing)
{
	ext_setup(true);
	EXPECT_EQ(ext_lend(PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(PRIV, GPA, RWX, PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_unlend(PA, 2 * PAGE_SIZE), GUNYAH_ERR_DENIED);
	EXPECT_EQ(ext_leads_to(GPA), PA);
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	EXPECT(!env_host_maps(PA));
}

TEST(a_guest_that_never_ran_has_no_say)
{
	ext_setup_early(true);
	EXPECT_EQ(ext_lend(PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_unlend(PA, PAGE_SIZE), 0);
	EXPECT(env_host_maps(PA));
}

TEST(share_and_back)
{
	ext_setup(true);
	memset(arch_pa_to_va(PA), 0x11, PAGE_SIZE);
	EXPECT_EQ(ext_share(PA, SZ_2M), 0);
	EXPECT_EQ(owner_state(PA), PAGE_JOINT);
	EXPECT(env_host_maps(PA));
	EXPECT_EQ(ext_map(GSHARED, GPA, RW, PA, SZ_2M), 0);
	EXPECT_EQ(ext_leads_to(GPA + SZ_2M - PAGE_SIZE), PA + SZ_2M - PAGE_SIZE);
	EXPECT_EQ(ext_access_at(GPA), S2_READ | S2_WRITE);
	EXPECT_EQ(ext_unmap(GSHARED, GPA + PAGE_SIZE, PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_unshare(PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_unshare(PA, PAGE_SIZE), 0);
	EXPECT(!ext_leads_to(GPA) && !ext_leads_to(GPA + PAGE_SIZE));
	EXPECT(ext_leads_to(GPA + 2 * PAGE_SIZE));
	EXPECT_EQ(*(u8 *)arch_pa_to_va(PA), 0x11);
	EXPECT_EQ(owner_state(PA), PAGE_HOST);
}

TEST(executable_shared_memory)
{
	ext_setup(false);
	EXPECT_EQ(ext_donate(GUNYAH_DONATE_TO_SIBLING, HSHARED, PRIV, PA, PAGE_SIZE), 0);
	EXPECT_EQ(owner_state(PA), PAGE_JOINT);
	EXPECT_EQ(ext_map(PRIV, GPA, RWX, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_access_at(GPA), S2_RWX);
	EXPECT(env_host_maps(PA));
	/* Not by the way of lent pages */
	EXPECT_EQ(ext_unlend(PA, PAGE_SIZE), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_donate(GUNYAH_DONATE_TO_SIBLING, PRIV, HSHARED, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA), 0);

	ext_setup(true);
	EXPECT_EQ(ext_donate(GUNYAH_DONATE_TO_SIBLING, HSHARED, PRIV, PA, PAGE_SIZE),
		  GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(owner_state(PA), PAGE_HOST);
}

/* -- The sparse model ----------------------------------------------------- */

TEST(map_before_donate)
{
	ext_setup(true);
	EXPECT_EQ(ext_map(GSHARED, GPA, RW, PA, 4 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA), 0);
	EXPECT_EQ(ext_share(PA + PAGE_SIZE, 2 * PAGE_SIZE), 0);
	EXPECT(!ext_leads_to(GPA) && !ext_leads_to(GPA + 3 * PAGE_SIZE));
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	EXPECT_EQ(ext_leads_to(GPA + 2 * PAGE_SIZE), PA + 2 * PAGE_SIZE);
	/* Records stay when ownership goes, and are applied again */
	EXPECT_EQ(ext_unshare(PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), 0);
	EXPECT_EQ(ext_share(PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA), PA);
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	/* Of the other extent's records nothing applies */
	EXPECT_EQ(ext_map(PRIV, GPA + SZ_2M, RW, PA + 4 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_share(PA + 4 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA + SZ_2M), 0);
}

TEST(a_page_in_four_places)
{
	unsigned int i;

	ext_setup(true);
	EXPECT_EQ(ext_share(PA, 2 * PAGE_SIZE), 0);
	for (i = 0; i < MEMEXTENT_SLOTS; i++)
		EXPECT_EQ(ext_map(GSHARED, GPA + i * SZ_2M, RW, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA + i * SZ_2M, RW, PA, PAGE_SIZE),
		  GUNYAH_ERR_MEMEXTENT_MAPPINGS_FULL);
	/* No slot is free for the whole range */
	EXPECT_EQ(ext_map(GSHARED, GPA + i * SZ_2M, RW, PA, 2 * PAGE_SIZE),
		  GUNYAH_ERR_MEMEXTENT_MAPPINGS_FULL);
	EXPECT_EQ(ext_leads_to(GPA + i * SZ_2M), 0);
	EXPECT_EQ(ext_unshare(PA, PAGE_SIZE), 0);
	for (i = 0; i < MEMEXTENT_SLOTS; i++)
		EXPECT_EQ(ext_leads_to(GPA + i * SZ_2M), 0);
	EXPECT_EQ(ext_share(PA, PAGE_SIZE), 0);
	for (i = 0; i < MEMEXTENT_SLOTS; i++)
		EXPECT_EQ(ext_leads_to(GPA + i * SZ_2M), PA);
	EXPECT_EQ(ext_unmap(GSHARED, GPA + 2 * SZ_2M, PA, PAGE_SIZE), 0);
	EXPECT(!ext_leads_to(GPA + 2 * SZ_2M) && ext_leads_to(GPA + 3 * SZ_2M));
	EXPECT_EQ(ext_map(GSHARED, GPA + 9 * SZ_2M, RW, PA, PAGE_SIZE), 0);
}

TEST(mapping_over_a_mapping)
{
	ext_setup(true);
	EXPECT_EQ(ext_share(PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA, RW, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA, RO, PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA), PA + PAGE_SIZE);
	EXPECT_EQ(ext_access_at(GPA), S2_READ);
	/* What is replaced is still on record, and leaves alone what replaced it */
	EXPECT_EQ(ext_unmap(GSHARED, GPA, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA), PA + PAGE_SIZE);
	EXPECT_EQ(ext_unshare(PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA), PA + PAGE_SIZE);
	EXPECT_EQ(ext_unmap(GSHARED, GPA, PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA), 0);
}

TEST(unmap_of_parts)
{
	ext_setup(true);
	EXPECT_EQ(ext_share(PA, 8 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA, RW, PA, 8 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_unmap(GSHARED, GPA + 2 * PAGE_SIZE, PA + 2 * PAGE_SIZE, 2 * PAGE_SIZE), 0);
	/* Not all there, wrong relation, wrong extent */
	EXPECT_EQ(ext_unmap(GSHARED, GPA, PA, 8 * PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_unmap(GSHARED, GPA + PAGE_SIZE, PA, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_unmap(PRIV, GPA, PA, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_unmap(HSHARED, GPA, PA, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_leads_to(GPA), PA);
	EXPECT_EQ(ext_leads_to(GPA + 4 * PAGE_SIZE), PA + 4 * PAGE_SIZE);
	EXPECT_EQ(ext_unmap(GSHARED, GPA, PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_unmap(GSHARED, GPA + 4 * PAGE_SIZE, PA + 4 * PAGE_SIZE, 4 * PAGE_SIZE), 0);
}

/* Records of one range may have come by several calls, into several slots */
TEST(unmap_across_slots)
{
	ext_setup(true);
	EXPECT_EQ(ext_share(PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA + SZ_2M, RW, PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA, RW, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA + PAGE_SIZE, RW, PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_unmap(GSHARED, GPA, PA, 2 * PAGE_SIZE), 0);
	EXPECT(!ext_leads_to(GPA) && !ext_leads_to(GPA + PAGE_SIZE));
	EXPECT_EQ(ext_leads_to(GPA + SZ_2M), PA + PAGE_SIZE);
}

TEST(unmap_all_forgets)
{
	ext_setup(true);
	EXPECT_EQ(ext_share(PA, 4 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA, RW, PA, 8 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA + SZ_2M, RO, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_modify(GSHARED, GUNYAH_MEMEXTENT_UNMAP_ALL, 0, 0), 0);
	EXPECT(!ext_leads_to(GPA) && !ext_leads_to(GPA + 3 * PAGE_SIZE));
	EXPECT_EQ(ext_leads_to(GPA + SZ_2M), 0);
	EXPECT_EQ(ext_unmap(GSHARED, GPA, PA, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_share(PA + 4 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA + 4 * PAGE_SIZE), 0);
	EXPECT_EQ(record_pool.used, 0);
}

TEST(lookup_of_mappings)
{
	ext_setup(true);
	EXPECT_EQ(ext_share(PA, 8 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA, RW, PA, 4 * PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA + 4 * PAGE_SIZE, RO, PA + 4 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA + 5 * PAGE_SIZE, RO, PA + 6 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(ext_lookup(GSHARED, GPA + PAGE_SIZE, SZ_2M), 0);
	EXPECT(ext_x[1] == PA + PAGE_SIZE && ext_x[2] == 3 * PAGE_SIZE && ext_x[3] == RW);
	EXPECT_EQ(ext_lookup(GSHARED, GPA, 2 * PAGE_SIZE), 0);
	EXPECT(ext_x[1] == PA && ext_x[2] == 2 * PAGE_SIZE && ext_x[3] == RW);
	EXPECT_EQ(ext_lookup(GSHARED, GPA + 4 * PAGE_SIZE, SZ_2M), 0);
	EXPECT(ext_x[2] == PAGE_SIZE && ext_x[3] == RO);
	EXPECT_EQ(ext_lookup(GSHARED, GPA, 0), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(ext_lookup(GSHARED, ~0ULL & PAGE_MASK, 2 * PAGE_SIZE), GUNYAH_ERR_ADDR_OVERFLOW);
	EXPECT_EQ(ext_lookup(GSHARED, GPA + 8, PAGE_SIZE), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(ext_lookup(GSHARED, GPA, PAGE_SIZE + 8), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(ext_lookup(GSHARED, GPA + SZ_2M, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_lookup(GSHARED, OUTSIDE, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_lookup(PRIV, GPA, PAGE_SIZE), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_lookup(HSHARED, GPA, PAGE_SIZE), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_lookup(PRIV, VM_INFO_IPA, PAGE_SIZE), GUNYAH_ERR_MEMDB_NOT_OWNER);
}
