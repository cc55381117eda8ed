// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Address spaces: windows, the information area, what a guest gives up. */
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "owner/owner.h"
#include "tests/extent_env.h"

#define LAST_PAGE	(~0ULL & PAGE_MASK)
#define UNLOCK		GUNYAH_MODIFY_PAGES_UNLOCK
#define SANITIZE	GUNYAH_MODIFY_PAGES_SANITIZE

/* -- VMMIO ranges --------------------------------------------------------- */

static int vmmio(const struct hcall_caller *who, u64 as, u64 base, u64 size, u64 op)
{
	return ext_call(who, GUNYAH_HC_ADDRSPACE_CONFIGURE_VMMIO, as, base, size, op, 0, 0, 0);
}

static int guest_vmmio(u64 base, u64 size, u64 op)
{
	return vmmio(&env_guest, ext_guest_as, base, size, op);
}

TEST(vmmio_errors_in_order)
{
	ext_setup(true);
	EXPECT_EQ(vmmio(&env_host, ext_as, GPA, PAGE_SIZE, 0),
		  GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	EXPECT_EQ(vmmio(&env_guest, 50, 0, 0, 7), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(vmmio(&env_guest, 0, 0, 0, 7), GUNYAH_ERR_CSPACE_WRONG_OBJECT_TYPE);
	EXPECT_EQ(guest_vmmio(GPA, 0, 7), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(guest_vmmio(LAST_PAGE, 2 * PAGE_SIZE, 7), GUNYAH_ERR_ADDR_OVERFLOW);
	EXPECT_EQ(guest_vmmio(1, ~0ULL, 0), GUNYAH_ERR_BUSY);
	EXPECT_EQ(guest_vmmio(2, ~0ULL, 0), GUNYAH_ERR_ADDR_OVERFLOW);
	EXPECT_EQ(guest_vmmio(GPA, PAGE_SIZE, 2), GUNYAH_ERR_UNIMPLEMENTED);
	EXPECT_EQ(guest_vmmio(GPA, PAGE_SIZE, ~0ULL), GUNYAH_ERR_UNIMPLEMENTED);
	EXPECT_EQ(guest_vmmio(GPA, PAGE_SIZE, GUNYAH_VMMIO_REMOVE), GUNYAH_ERR_BUSY);
	EXPECT_EQ(guest_vmmio(GUNYAH_VMMIO_SIZE - 1, 2, GUNYAH_VMMIO_ADD), GUNYAH_ERR_BUSY);
	EXPECT_EQ(env_vm->as.nr_vmmio, 1);
}

TEST(vmmio_ranges)
{
	ext_setup(true);
	EXPECT(addrspace_in_vmmio(env_vm, 0, 8) && addrspace_in_vmmio(env_vm, SZ_1G - 8, 8));
	EXPECT(!addrspace_in_vmmio(env_vm, SZ_1G - 4, 8) && !addrspace_in_vmmio(env_vm, SZ_1G, 1));
	EXPECT_EQ(guest_vmmio(SZ_1G, PAGE_SIZE, GUNYAH_VMMIO_ADD), 0);
	/* In one range, not in two that touch */
	EXPECT(!addrspace_in_vmmio(env_vm, SZ_1G - 4, 8));
	EXPECT(addrspace_in_vmmio(env_vm, SZ_1G, PAGE_SIZE));
	EXPECT(!addrspace_in_vmmio(env_vm, SZ_1G + PAGE_SIZE - 4, 8));
	EXPECT_EQ(guest_vmmio(SZ_1G, PAGE_SIZE, GUNYAH_VMMIO_ADD), GUNYAH_ERR_BUSY);
	EXPECT_EQ(guest_vmmio(SZ_1G, PAGE_SIZE - 1, GUNYAH_VMMIO_REMOVE), GUNYAH_ERR_BUSY);
	EXPECT_EQ(guest_vmmio(SZ_1G, PAGE_SIZE, GUNYAH_VMMIO_REMOVE), 0);
	EXPECT(!addrspace_in_vmmio(env_vm, SZ_1G, 8));
	EXPECT_EQ(guest_vmmio(~0ULL, 1, GUNYAH_VMMIO_ADD), 0);
	EXPECT(addrspace_in_vmmio(env_vm, ~0ULL, 1));
	EXPECT(!addrspace_in_vmmio(env_vm, ~0ULL, 2));
}

TEST(vmmio_is_limited)
{
	u64 i;

	ext_setup(true);
	for (i = 1; i < ADDRSPACE_MAX_VMMIO; i++)
		EXPECT_EQ(guest_vmmio(GPA + i * PAGE_SIZE, 8, GUNYAH_VMMIO_ADD), 0);
	/* Before it is looked for overlaps */
	EXPECT_EQ(guest_vmmio(GPA + PAGE_SIZE, 8, GUNYAH_VMMIO_ADD), GUNYAH_ERR_NORESOURCES);
	EXPECT_EQ(guest_vmmio(GPA + PAGE_SIZE, 8, GUNYAH_VMMIO_REMOVE), 0);
	EXPECT_EQ(guest_vmmio(GPA, 8, GUNYAH_VMMIO_ADD), 0);
	for (i = 2; i < ADDRSPACE_MAX_VMMIO; i++)
		EXPECT_EQ(guest_vmmio(GPA + i * PAGE_SIZE, 8, GUNYAH_VMMIO_REMOVE), 0);
	EXPECT_EQ(env_vm->as.nr_vmmio, 2);
}

/* -- Demand ranges, information area -------------------------------------- */

TEST(demand_ranges)
{
	u64 i;

	ext_setup_early(true);
	EXPECT_EQ(addrspace_add_demand(env_vm, GPA, SZ_2M), 0);
	EXPECT(addrspace_in_demand(env_vm, GPA) && addrspace_in_demand(env_vm, GPA + SZ_2M - 1));
	EXPECT(!addrspace_in_demand(env_vm, GPA - 1) && !addrspace_in_demand(env_vm, GPA + SZ_2M));
	EXPECT_EQ(addrspace_add_demand(env_vm, GPA + SZ_2M - PAGE_SIZE, PAGE_SIZE),
		  GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(addrspace_add_demand(env_vm, GPA - PAGE_SIZE, SZ_1G),
		  GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(addrspace_add_demand(env_vm, GPA + 4 * SZ_2M, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(addrspace_add_demand(env_vm, LAST_PAGE, 2 * PAGE_SIZE),
		  GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(addrspace_add_demand(env_vm, OUTSIDE - PAGE_SIZE, 2 * PAGE_SIZE),
		  GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(addrspace_add_demand(env_vm, GPA + 4 * SZ_2M + 8, PAGE_SIZE),
		  GUNYAH_ERR_ARGUMENT_INVALID);
	for (i = 1; i < ADDRSPACE_MAX_DEMAND; i++)
		EXPECT_EQ(addrspace_add_demand(env_vm, GPA + i * SZ_2M, SZ_2M), 0);
	EXPECT_EQ(addrspace_add_demand(env_vm, GPA + i * SZ_2M, SZ_2M), GUNYAH_ERR_NORESOURCES);
}

static const struct gunyah_info_addrspace *info(void)
{
	EXPECT_EQ(ext_call(&env_guest, GUNYAH_HC_FIND_INFO_AREA, 0, 0, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(ext_x[2], PAGE_SIZE);
	EXPECT_EQ(ext_access_at(ext_x[1]), S2_READ);
	return arch_pa_to_va(ext_leads_to(ext_x[1]));
}

TEST(the_guest_finds_its_capability)
{
	const struct gunyah_info_addrspace *entry;

	ext_setup_early(true);
	entry = info();
	EXPECT_EQ(ext_x[1], VM_INFO_IPA);
	EXPECT(entry->capid == ext_guest_as && !entry->reserved);
	EXPECT_EQ(entry->rights, GUNYAH_RIGHT_ADDRSPACE_LOOKUP | GUNYAH_RIGHT_ADDRSPACE_ADD_VMMIO);
	EXPECT_EQ(guest_vmmio(GPA, PAGE_SIZE, GUNYAH_VMMIO_ADD), 0);
	/* The rest of the page is empty */
	EXPECT_EQ(memcmp(entry + 1, (u8 *)(entry + 1) + 1, PAGE_SIZE - sizeof(*entry) - 1), 0);
	/* RAM there: the area is elsewhere, and RAM faults */
	EXPECT_EQ(addrspace_add_demand(env_vm, SZ_1G, SZ_1G), 0);
	EXPECT_EQ(ext_leads_to(VM_INFO_IPA), 0);
	EXPECT_EQ(info(), entry);
	EXPECT_EQ(ext_x[1], OUTSIDE - PAGE_SIZE);
	/* Memory over it hides it */
	EXPECT_EQ(ext_lend(PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(PRIV, OUTSIDE - PAGE_SIZE, RWX, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_call(&env_guest, GUNYAH_HC_FIND_INFO_AREA, 0, 0, 0, 0, 0, 0, 0),
		  GUNYAH_ERR_ADDR_INVALID);
	EXPECT(!ext_x[1] && !ext_x[2]);
}

TEST(information_area_of_others)
{
	ext_setup(true);
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_FIND_INFO_AREA, 0, 0, 0, 0, 0, 0, 0),
		  GUNYAH_ERR_UNIMPLEMENTED);
	/* The open one has a page of zeroes, and no call that finds it */
	env_init();
	env_add_vm();
	hcall_production = false;
	EXPECT_EQ(ext_call(&env_guest, GUNYAH_HC_FIND_INFO_AREA, 0, 0, 0, 0, 0, 0, 0),
		  GUNYAH_ERR_UNIMPLEMENTED);
	EXPECT_EQ(ext_relinquish(0, 0, 0), GUNYAH_ERR_UNIMPLEMENTED);
	EXPECT(!env_vm->as.info_pa && ext_access_at(VM_INFO_IPA) == S2_READ);
	/* One of production without extents */
	hcall_production = true;
	EXPECT_EQ(ext_call(&env_guest, GUNYAH_HC_FIND_INFO_AREA, 0, 0, 0, 0, 0, 0, 0),
		  GUNYAH_ERR_ADDR_INVALID);
}

/* -- Relinquish ----------------------------------------------------------- */

static void give(u64 gpa, u64 pa, u64 size)
{
	EXPECT_EQ(ext_lend(pa, size), 0);
	EXPECT_EQ(ext_map(PRIV, gpa, RWX, pa, size), 0);
}

TEST(what_is_given_up_comes_back)
{
	ext_setup(true);
	memset(arch_pa_to_va(PA), 0x33, 2 * PAGE_SIZE);
	give(GPA, PA, 2 * PAGE_SIZE);
	EXPECT_EQ(ext_relinquish(GPA, PAGE_SIZE, UNLOCK), 0);
	/* The next access faults, the other page is as it was */
	EXPECT_EQ(ext_leads_to(GPA), 0);
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	EXPECT(!env_host_maps(PA));
	EXPECT_EQ(ext_unlend(PA, 2 * PAGE_SIZE), GUNYAH_ERR_DENIED);
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	EXPECT_EQ(ext_unmap(PRIV, GPA, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_unlend(PA, PAGE_SIZE), 0);
	EXPECT(env_host_maps(PA));
	EXPECT_EQ(*(u8 *)arch_pa_to_va(PA), 0);
	EXPECT_EQ(*(u8 *)arch_pa_to_va(PA + PAGE_SIZE), 0x33);
}

TEST(what_is_mapped_again_is_the_guests_again)
{
	ext_setup(true);
	give(GPA, PA, PAGE_SIZE);
	EXPECT_EQ(ext_relinquish(GPA, PAGE_SIZE, UNLOCK), 0);
	EXPECT_EQ(ext_unmap(PRIV, GPA, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(PRIV, GPA, RWX, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA), PA);
	EXPECT_EQ(ext_unlend(PA, PAGE_SIZE), GUNYAH_ERR_DENIED);
	EXPECT_EQ(ext_leads_to(GPA), PA);
}

TEST(sanitized_pages_are_zero)
{
	ext_setup(true);
	memset(arch_pa_to_va(PA), 0x33, 3 * PAGE_SIZE);
	give(GPA, PA, 3 * PAGE_SIZE);
	EXPECT_EQ(ext_relinquish(GPA + PAGE_SIZE, PAGE_SIZE, SANITIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), PA + PAGE_SIZE);
	EXPECT_EQ(*(u8 *)arch_pa_to_va(PA + PAGE_SIZE), 0);
	EXPECT_EQ(ext_unlend(PA + PAGE_SIZE, PAGE_SIZE), GUNYAH_ERR_DENIED);
	EXPECT_EQ(ext_relinquish(GPA + 2 * PAGE_SIZE, PAGE_SIZE, UNLOCK | SANITIZE), 0);
	EXPECT_EQ(*(u8 *)arch_pa_to_va(PA + 2 * PAGE_SIZE), 0);
	EXPECT_EQ(*(u8 *)arch_pa_to_va(PA), 0x33);
}

/* Two guest addresses of one page: no access is left by either */
TEST(aliases_go_together)
{
	ext_setup(true);
	give(GPA, PA, PAGE_SIZE);
	EXPECT_EQ(ext_map(PRIV, GPA + PAGE_SIZE, RWX, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(PRIV, GPA + SZ_2M, RWX, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_relinquish(GPA, 2 * PAGE_SIZE, UNLOCK), 0);
	EXPECT(!ext_leads_to(GPA) && !ext_leads_to(GPA + PAGE_SIZE) && !ext_leads_to(GPA + SZ_2M));
	EXPECT_EQ(ext_unlend(PA, PAGE_SIZE), 0);
}

TEST(relinquish_errors)
{
	ext_setup(true);
	give(GPA, PA, 2 * PAGE_SIZE);
	EXPECT_EQ(ext_share(PA + SZ_2M, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA + 2 * PAGE_SIZE, RW, PA + SZ_2M, PAGE_SIZE), 0);

	EXPECT_EQ(ext_relinquish(GPA, PAGE_SIZE, 4), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(ext_relinquish(GPA, PAGE_SIZE, ~0ULL), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(ext_relinquish(GPA, PAGE_SIZE, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(ext_relinquish(GPA + 8, PAGE_SIZE, UNLOCK), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(ext_relinquish(GPA, 8, UNLOCK), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(ext_relinquish(GPA, 0, UNLOCK), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(ext_relinquish(LAST_PAGE, 2 * PAGE_SIZE, UNLOCK), GUNYAH_ERR_ADDR_OVERFLOW);
	EXPECT_EQ(ext_relinquish(0, LAST_PAGE, UNLOCK), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_relinquish(OUTSIDE, PAGE_SIZE, UNLOCK), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_relinquish(GPA - PAGE_SIZE, 2 * PAGE_SIZE, UNLOCK), GUNYAH_ERR_ADDR_INVALID);
	/* Shared with the host, or the stub's: not given privately */
	EXPECT_EQ(ext_relinquish(GPA, 3 * PAGE_SIZE, UNLOCK | SANITIZE),
		  GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_relinquish(VM_INFO_IPA, PAGE_SIZE, UNLOCK), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_leads_to(GPA), PA);
	EXPECT_EQ(ext_unlend(PA, PAGE_SIZE), GUNYAH_ERR_DENIED);
	/* All zero: nothing to do */
	EXPECT_EQ(ext_relinquish(0, 0, 0), 0);
	/* The host does not give up what is the guest's */
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_ADDRSPACE_MODIFY_PAGES, ext_as, GPA, PAGE_SIZE,
			   UNLOCK, 0, 0, 0), GUNYAH_ERR_DENIED);
	EXPECT_EQ(ext_call(&env_guest, GUNYAH_HC_ADDRSPACE_MODIFY_PAGES, 77, GPA, PAGE_SIZE,
			   UNLOCK, 0, 0, 0), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(ext_unlend(PA, PAGE_SIZE), GUNYAH_ERR_DENIED);
}

/* A page in a parcel is not the extent's, whatever its id */
TEST(parcels_are_not_relinquished)
{
	ext_setup(true);
	EXPECT_EQ(owner_take(PA, PAGE_SIZE, PAGE_LENT, env_vm->extents[PRIV].id), 0);
	EXPECT_EQ(stage2_map(&env_vm->s2, GPA, PA, PAGE_SIZE, S2_RWX), 0);
	EXPECT_EQ(ext_relinquish(GPA, PAGE_SIZE, UNLOCK), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_lookup(PRIV, GPA, PAGE_SIZE), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_unlend(PA, PAGE_SIZE), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_leads_to(GPA), PA);
}
