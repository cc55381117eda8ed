// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Memory extents by hypercalls: each row of the table of hypercall 9.2, in its order,
 * and the sparse model behind it.  Random sequences are in test_memextent_model.c.
 */
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "owner/owner.h"
#include "tests/hcall_env.h"

#define PA		ENV_FREE
#define GPA		0x80000000ULL
#define RWX		0xf0077ULL		/* map_attrs: write-back, both levels */
#define RW		0xf0066ULL
#define RO		0xf0044ULL
#define PARTIAL		GUNYAH_MAP_PARTIAL
#define LEND_FLAGS	(PARTIAL | GUNYAH_MAP_PRIVATE)
#define SHARE_FLAGS	(PARTIAL | GUNYAH_MAP_VMMIO)
#define OUTSIDE		BIT(40)

static u64 x[HCALL_REGS];
static u64 as_cap, cap[MEMEXTENT_NR];

enum { PRIV = MEMEXTENT_GUEST_PRIVATE, HSHARED = MEMEXTENT_HOST_SHARED,
       HPRIV = MEMEXTENT_HOST_PRIVATE, GSHARED = MEMEXTENT_GUEST_SHARED };

static void setup(bool protected)
{
	unsigned int i;

	hcall_production = true;
	env_init();
	env_add_vm();
	env_add_extents(protected);
	as_cap = env_vm->as.host_cap;
	for (i = 0; i < MEMEXTENT_NR; i++)
		cap[i] = env_vm->extents[i].host_cap;
}

static int call(const struct hcall_caller *who, u32 num, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4,
		u64 a5, u64 a6)
{
	const u64 args[] = { GUNYAH_SMCCC_ID(num), a0, a1, a2, a3, a4, a5, a6 };

	memset(x, 0, sizeof(x));
	memcpy(x, args, sizeof(args));
	hcall_handle(who, false, 0, x);
	return (int)x[0];
}

static int map_at(u64 as, u64 ext, u64 gpa, u64 attrs, u64 flags, u64 pa, u64 size)
{
	return call(&env_host, GUNYAH_HC_ADDRSPACE_MAP, as, ext, gpa, attrs, flags, pa, size);
}

static int map(unsigned int ext, u64 gpa, u64 attrs, u64 pa, u64 size)
{
	return map_at(as_cap, cap[ext], gpa, attrs, ext == PRIV ? LEND_FLAGS : SHARE_FLAGS, pa,
		      size);
}

static int unmap_at(u64 as, u64 ext, u64 gpa, u64 flags, u64 pa, u64 size)
{
	return call(&env_host, GUNYAH_HC_ADDRSPACE_UNMAP, as, ext, gpa, flags, pa, size, 0);
}

static int unmap(unsigned int ext, u64 gpa, u64 pa, u64 size)
{
	return unmap_at(as_cap, cap[ext], gpa, PARTIAL, pa, size);
}

static int donate(u64 options, unsigned int from, unsigned int to, u64 pa, u64 size)
{
	return call(&env_host, GUNYAH_HC_MEMEXTENT_DONATE, options, cap[from], cap[to], pa, size,
		    0, 0);
}

static int lend(u64 pa, u64 size)
{
	return donate(GUNYAH_DONATE_TO_PROTECTED, HPRIV, PRIV, pa, size);
}

static int unlend(u64 pa, u64 size)
{
	return donate(GUNYAH_DONATE_FROM_PROTECTED, PRIV, HPRIV, pa, size);
}

static int share(u64 pa, u64 size)
{
	return donate(GUNYAH_DONATE_TO_SIBLING, HSHARED, GSHARED, pa, size);
}

static int unshare(u64 pa, u64 size)
{
	return donate(GUNYAH_DONATE_TO_SIBLING, GSHARED, HSHARED, pa, size);
}

static int lookup(unsigned int ext, u64 gpa, u64 size)
{
	return call(&env_host, GUNYAH_HC_ADDRSPACE_LOOKUP, as_cap, cap[ext], gpa, size, 0, 0, 0);
}

static int modify(unsigned int ext, u64 flags, u64 pa, u64 size)
{
	return call(&env_host, GUNYAH_HC_MEMEXTENT_MODIFY, cap[ext], flags, pa, size, 0, 0, 0);
}

/* Where a guest address leads to, 0: nowhere */
static u64 leads_to(u64 gpa)
{
	u64 pa;

	return stage2_lookup(&env_vm->s2, gpa, &pa, NULL, NULL) ? pa : 0;
}

static u32 access_at(u64 gpa)
{
	u32 attrs;

	return stage2_lookup(&env_vm->s2, gpa, NULL, &attrs, NULL) ? attrs : 0;
}

/* -- What lending and sharing do ------------------------------------------ */

TEST(lend_and_back)
{
	setup(true);
	memset(arch_pa_to_va(PA), 0x11, PAGE_SIZE);
	EXPECT_EQ(lend(PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(owner_state(PA), PAGE_PRIVATE);
	EXPECT(!env_host_maps(PA) && !env_host_maps(PA + PAGE_SIZE));
	EXPECT_EQ(leads_to(GPA), 0);
	EXPECT_EQ(map(PRIV, GPA, RWX, PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	EXPECT_EQ(access_at(GPA), S2_RWX);
	/* The guest lives and has not given it up */
	EXPECT_EQ(unmap(PRIV, GPA, PA, PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA), 0);
	EXPECT_EQ(unlend(PA, PAGE_SIZE), GUNYAH_ERR_DENIED);
	EXPECT_EQ(owner_state(PA), PAGE_PRIVATE);
	vm_kill(env_vm);
	EXPECT_EQ(unlend(PA, PAGE_SIZE), 0);
	EXPECT(env_host_maps(PA));
	EXPECT_EQ(*(u8 *)arch_pa_to_va(PA), 0);
	/* Without unmap: the mapping goes with the page */
	EXPECT_EQ(unlend(PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA + PAGE_SIZE), 0);
	EXPECT_EQ(unmap(PRIV, GPA + PAGE_SIZE, PA + PAGE_SIZE, PAGE_SIZE), 0);
}

TEST(denied_changes_nothing)
{
	setup(true);
	EXPECT_EQ(lend(PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(map(PRIV, GPA, RWX, PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(unlend(PA, 2 * PAGE_SIZE), GUNYAH_ERR_DENIED);
	EXPECT_EQ(leads_to(GPA), PA);
	EXPECT_EQ(leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	EXPECT(!env_host_maps(PA));
}

TEST(a_guest_that_never_ran_has_no_say)
{
	hcall_production = true;
	env_init();
	env_add_vm();
	EXPECT_EQ(memextents_add(env_vm, true), 0);
	cap[PRIV] = env_vm->extents[PRIV].host_cap;
	cap[HPRIV] = env_vm->extents[HPRIV].host_cap;
	EXPECT_EQ(lend(PA, PAGE_SIZE), 0);
	EXPECT_EQ(unlend(PA, PAGE_SIZE), 0);
	EXPECT(env_host_maps(PA));
}

TEST(share_and_back)
{
	setup(true);
	memset(arch_pa_to_va(PA), 0x11, PAGE_SIZE);
	EXPECT_EQ(share(PA, SZ_2M), 0);
	EXPECT_EQ(owner_state(PA), PAGE_JOINT);
	EXPECT(env_host_maps(PA));
	EXPECT_EQ(map(GSHARED, GPA, RW, PA, SZ_2M), 0);
	EXPECT_EQ(leads_to(GPA + SZ_2M - PAGE_SIZE), PA + SZ_2M - PAGE_SIZE);
	EXPECT_EQ(access_at(GPA), S2_READ | S2_WRITE);
	EXPECT_EQ(unmap(GSHARED, GPA + PAGE_SIZE, PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(unshare(PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(unshare(PA, PAGE_SIZE), 0);
	EXPECT(!leads_to(GPA) && !leads_to(GPA + PAGE_SIZE) && leads_to(GPA + 2 * PAGE_SIZE));
	EXPECT_EQ(*(u8 *)arch_pa_to_va(PA), 0x11);
	EXPECT_EQ(owner_state(PA), PAGE_HOST);
}

TEST(executable_shared_memory)
{
	setup(false);
	EXPECT_EQ(donate(GUNYAH_DONATE_TO_SIBLING, HSHARED, PRIV, PA, PAGE_SIZE), 0);
	EXPECT_EQ(owner_state(PA), PAGE_JOINT);
	EXPECT_EQ(map(PRIV, GPA, RWX, PA, PAGE_SIZE), 0);
	EXPECT_EQ(access_at(GPA), S2_RWX);
	EXPECT(env_host_maps(PA));
	/* Not by the way of lent pages */
	EXPECT_EQ(unlend(PA, PAGE_SIZE), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(donate(GUNYAH_DONATE_TO_SIBLING, PRIV, HSHARED, PA, PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA), 0);

	setup(true);
	EXPECT_EQ(donate(GUNYAH_DONATE_TO_SIBLING, HSHARED, PRIV, PA, PAGE_SIZE),
		  GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(owner_state(PA), PAGE_HOST);
}

/* -- The sparse model ----------------------------------------------------- */

TEST(map_before_donate)
{
	setup(true);
	EXPECT_EQ(map(GSHARED, GPA, RW, PA, 4 * PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA), 0);
	EXPECT_EQ(share(PA + PAGE_SIZE, 2 * PAGE_SIZE), 0);
	EXPECT(!leads_to(GPA) && !leads_to(GPA + 3 * PAGE_SIZE));
	EXPECT_EQ(leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	EXPECT_EQ(leads_to(GPA + 2 * PAGE_SIZE), PA + 2 * PAGE_SIZE);
	/* Records stay when ownership goes, and are applied again */
	EXPECT_EQ(unshare(PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA + PAGE_SIZE), 0);
	EXPECT_EQ(share(PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA), PA);
	EXPECT_EQ(leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	/* Of the other extent's records nothing applies */
	EXPECT_EQ(map(PRIV, GPA + SZ_2M, RW, PA + 4 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(share(PA + 4 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA + SZ_2M), 0);
}

TEST(a_page_in_four_places)
{
	unsigned int i;

	setup(true);
	EXPECT_EQ(share(PA, 2 * PAGE_SIZE), 0);
	for (i = 0; i < MEMEXTENT_SLOTS; i++)
		EXPECT_EQ(map(GSHARED, GPA + i * SZ_2M, RW, PA, PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA + i * SZ_2M, RW, PA, PAGE_SIZE),
		  GUNYAH_ERR_MEMEXTENT_MAPPINGS_FULL);
	/* No slot is free for the whole range */
	EXPECT_EQ(map(GSHARED, GPA + i * SZ_2M, RW, PA, 2 * PAGE_SIZE),
		  GUNYAH_ERR_MEMEXTENT_MAPPINGS_FULL);
	EXPECT_EQ(leads_to(GPA + i * SZ_2M), 0);
	EXPECT_EQ(unshare(PA, PAGE_SIZE), 0);
	for (i = 0; i < MEMEXTENT_SLOTS; i++)
		EXPECT_EQ(leads_to(GPA + i * SZ_2M), 0);
	EXPECT_EQ(share(PA, PAGE_SIZE), 0);
	for (i = 0; i < MEMEXTENT_SLOTS; i++)
		EXPECT_EQ(leads_to(GPA + i * SZ_2M), PA);
	EXPECT_EQ(unmap(GSHARED, GPA + 2 * SZ_2M, PA, PAGE_SIZE), 0);
	EXPECT(!leads_to(GPA + 2 * SZ_2M) && leads_to(GPA + 3 * SZ_2M));
	EXPECT_EQ(map(GSHARED, GPA + 9 * SZ_2M, RW, PA, PAGE_SIZE), 0);
}

TEST(mapping_over_a_mapping)
{
	setup(true);
	EXPECT_EQ(share(PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA, RW, PA, PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA, RO, PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA), PA + PAGE_SIZE);
	EXPECT_EQ(access_at(GPA), S2_READ);
	/* What is replaced is still on record, and leaves alone what replaced it */
	EXPECT_EQ(unmap(GSHARED, GPA, PA, PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA), PA + PAGE_SIZE);
	EXPECT_EQ(unshare(PA, PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA), PA + PAGE_SIZE);
	EXPECT_EQ(unmap(GSHARED, GPA, PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA), 0);
}

TEST(unmap_of_parts)
{
	setup(true);
	EXPECT_EQ(share(PA, 8 * PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA, RW, PA, 8 * PAGE_SIZE), 0);
	EXPECT_EQ(unmap(GSHARED, GPA + 2 * PAGE_SIZE, PA + 2 * PAGE_SIZE, 2 * PAGE_SIZE), 0);
	/* Not all there, wrong relation, wrong extent */
	EXPECT_EQ(unmap(GSHARED, GPA, PA, 8 * PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(unmap(GSHARED, GPA + PAGE_SIZE, PA, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(unmap(PRIV, GPA, PA, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(unmap(HSHARED, GPA, PA, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(leads_to(GPA), PA);
	EXPECT_EQ(leads_to(GPA + 4 * PAGE_SIZE), PA + 4 * PAGE_SIZE);
	EXPECT_EQ(unmap(GSHARED, GPA, PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(unmap(GSHARED, GPA + 4 * PAGE_SIZE, PA + 4 * PAGE_SIZE, 4 * PAGE_SIZE), 0);
}

/* Records of one range may have come by several calls, into several slots */
TEST(unmap_across_slots)
{
	setup(true);
	EXPECT_EQ(share(PA, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA + SZ_2M, RW, PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA, RW, PA, PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA + PAGE_SIZE, RW, PA + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(unmap(GSHARED, GPA, PA, 2 * PAGE_SIZE), 0);
	EXPECT(!leads_to(GPA) && !leads_to(GPA + PAGE_SIZE));
	EXPECT_EQ(leads_to(GPA + SZ_2M), PA + PAGE_SIZE);
}

TEST(unmap_all_forgets)
{
	setup(true);
	EXPECT_EQ(share(PA, 4 * PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA, RW, PA, 8 * PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA + SZ_2M, RO, PA, PAGE_SIZE), 0);
	EXPECT_EQ(modify(GSHARED, GUNYAH_MEMEXTENT_UNMAP_ALL, 0, 0), 0);
	EXPECT(!leads_to(GPA) && !leads_to(GPA + 3 * PAGE_SIZE) && !leads_to(GPA + SZ_2M));
	EXPECT_EQ(unmap(GSHARED, GPA, PA, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(share(PA + 4 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(leads_to(GPA + 4 * PAGE_SIZE), 0);
	EXPECT_EQ(record_pool.used, 0);
}

TEST(lookup_of_mappings)
{
	setup(true);
	EXPECT_EQ(share(PA, 8 * PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA, RW, PA, 4 * PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA + 4 * PAGE_SIZE, RO, PA + 4 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(map(GSHARED, GPA + 5 * PAGE_SIZE, RO, PA + 6 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(lookup(GSHARED, GPA + PAGE_SIZE, SZ_2M), 0);
	EXPECT(x[1] == PA + PAGE_SIZE && x[2] == 3 * PAGE_SIZE && x[3] == RW);
	EXPECT_EQ(lookup(GSHARED, GPA, 2 * PAGE_SIZE), 0);
	EXPECT(x[1] == PA && x[2] == 2 * PAGE_SIZE && x[3] == RW);
	EXPECT_EQ(lookup(GSHARED, GPA + 4 * PAGE_SIZE, SZ_2M), 0);
	EXPECT(x[2] == PAGE_SIZE && x[3] == RO);
	EXPECT_EQ(lookup(GSHARED, GPA, 0), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(lookup(GSHARED, ~0ULL & PAGE_MASK, 2 * PAGE_SIZE), GUNYAH_ERR_ADDR_OVERFLOW);
	EXPECT_EQ(lookup(GSHARED, GPA + 8, PAGE_SIZE), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(lookup(GSHARED, GPA, PAGE_SIZE + 8), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(lookup(GSHARED, GPA + SZ_2M, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(lookup(GSHARED, OUTSIDE, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(lookup(PRIV, GPA, PAGE_SIZE), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(lookup(HSHARED, GPA, PAGE_SIZE), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(lookup(PRIV, VM_INFO_IPA, PAGE_SIZE), GUNYAH_ERR_MEMDB_NOT_OWNER);
}
