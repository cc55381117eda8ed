// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Arguments of the calls about extents: each row of the table of hypercall 9.2, with
 * what comes first when several things are wrong, and hostile numbers.  No refused call
 * changes anything.
 */
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "owner/owner.h"
#include "tests/extent_env.h"

#define LAST_PAGE	(~0ULL & PAGE_MASK)
#define BAD_CAP		100000ULL	/* beyond the space */
#define NULL_CAP	200ULL		/* an empty slot */

static u64 weak;	/* an extent with all rights but one */

static u64 weak_cap(unsigned int ext, u32 without)
{
	u64 id = ~0ULL;

	EXPECT_EQ(cspace_add(&host_cspace, CAP_MEMEXTENT, &env_vm->extents[ext], ~without, &id), 0);
	return id;
}

static u64 weak_as(u32 without)
{
	u64 id = ~0ULL;

	EXPECT_EQ(cspace_add(&host_cspace, CAP_ADDRSPACE, &env_vm->as, ~without, &id), 0);
	return id;
}

static void drop_cap(u64 id)
{
	cspace_remove(&host_cspace, id);
}

/* Nothing of a VM with one shared page at GPA has changed */
static void setup(void)
{
	ext_setup(true);
	EXPECT_EQ(ext_share(PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(GSHARED, GPA, RW, PA, PAGE_SIZE), 0);
}

static void expect_unchanged(void)
{
	EXPECT_EQ(ext_leads_to(GPA), PA);
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), 0);
	EXPECT_EQ(owner_state(PA), PAGE_JOINT);
	EXPECT_EQ(owner_state(PA + PAGE_SIZE), PAGE_HOST);
	EXPECT(env_host_maps(PA) && env_host_maps(PA + PAGE_SIZE));
}

/* -- map ------------------------------------------------------------------ */

/* Each of them with everything behind it wrong, too */
struct map_case {
	const char *what;
	u64 as, ext, gpa, attrs, flags, pa, size;
	int err;
};

static int do_map(const struct map_case *c)
{
	return ext_call(&env_host, GUNYAH_HC_ADDRSPACE_MAP, c->as, c->ext, c->gpa, c->attrs,
			c->flags, c->pa, c->size);
}

static void expect_errors(const struct map_case *cases, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		test_context("%s", cases[i].what);
		EXPECT_EQ(do_map(&cases[i]), cases[i].err);
		expect_unchanged();
	}
	test_context("%s", "");
}

static void wrong_capabilities(u64 as, u64 ext, u64 f)
{
	const u64 no_map = weak_as(GUNYAH_RIGHT_ADDRSPACE_MAP);
	const u64 no_ext_map = weak_cap(GSHARED, GUNYAH_RIGHT_MEMEXTENT_MAP);
	const struct map_case cases[] = {
		{ "attrs bit 3", BAD_CAP, ext, 1, 8, f, 1, 0, GUNYAH_ERR_ARGUMENT_INVALID },
		{ "attrs bit 7", NULL_CAP, ext, 1, RW | 0x80, f, 1, 0,
		  GUNYAH_ERR_ARGUMENT_INVALID },
		{ "attrs bit 24", NULL_CAP, ext, 1, RW | BIT(24), f, 1, 0,
		  GUNYAH_ERR_ARGUMENT_INVALID },
		{ "flags bit 3", NULL_CAP, ext, 1, RW, f | 8, 1, 0, GUNYAH_ERR_ARGUMENT_INVALID },
		{ "flags bit 32", NULL_CAP, ext, 1, RW, f | BIT(32), 1, 0,
		  GUNYAH_ERR_ARGUMENT_INVALID },
		{ "flags ~0", NULL_CAP, ext, 1, RW, ~0ULL, 1, 0, GUNYAH_ERR_ARGUMENT_INVALID },
		{ "no such slot", BAD_CAP, BAD_CAP, 1, RW, f, 1, 0, GUNYAH_ERR_ARGUMENT_INVALID },
		{ "empty slot", NULL_CAP, ext, 1, RW, f, 1, 0, GUNYAH_ERR_CSPACE_CAP_NULL },
		{ "no address space", ext, ext, 1, RW, f, 1, 0,
		  GUNYAH_ERR_CSPACE_WRONG_OBJECT_TYPE },
		{ "no MAP", no_map, NULL_CAP, 1, RW, f, 1, 0,
		  GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS },
		{ "empty extent slot", as, NULL_CAP, 1, RW, f, 1, 0, GUNYAH_ERR_CSPACE_CAP_NULL },
		{ "no extent", as, as, 1, RW, f, 1, 0, GUNYAH_ERR_CSPACE_WRONG_OBJECT_TYPE },
		{ "no MAP of extent", as, no_ext_map, 1, RW, f, 1, 0,
		  GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS },
	};

	expect_errors(cases, ARRAY_SIZE(cases));
}

static void wrong_ranges(u64 as, u64 ext, u64 f, u64 p)
{
	const struct map_case cases[] = {
		{ "address", as, ext, GPA + 8, 0x20022, f, PA, 0, GUNYAH_ERR_ARGUMENT_ALIGNMENT },
		{ "offset", as, ext, GPA, 0x20022, f, PA + 8, 0, GUNYAH_ERR_ARGUMENT_ALIGNMENT },
		{ "size", as, ext, GPA, 0x20022, f, PA, p + 1, GUNYAH_ERR_ARGUMENT_ALIGNMENT },
		{ "empty", as, ext, GPA, 0x20022, f, PA, 0, GUNYAH_ERR_ARGUMENT_SIZE },
		{ "wrap", as, ext, GPA, 0x20022, f, LAST_PAGE, 2 * p, GUNYAH_ERR_ARGUMENT_SIZE },
		{ "all", as, ext, GPA, 0x20022, f, p, LAST_PAGE, GUNYAH_ERR_ARGUMENT_SIZE },
		{ "beyond", as, ext, GPA, 0x20022, f, OUTSIDE, p, GUNYAH_ERR_ARGUMENT_SIZE },
		{ "over the end", as, ext, GPA, 0x20022, f, OUTSIDE - p, 2 * p,
		  GUNYAH_ERR_ARGUMENT_SIZE },
		{ "whole, address", as, ext, GPA + 8, RW, 0, 1, 1, GUNYAH_ERR_ARGUMENT_ALIGNMENT },
		{ "execute", as, ext, OUTSIDE, RWX, f, PA, p, GUNYAH_ERR_ARGUMENT_INVALID },
		{ "write only", as, ext, OUTSIDE, 0xf0022, f, PA, p, GUNYAH_ERR_ARGUMENT_INVALID },
		{ "write and execute", as, ext_cap[PRIV], OUTSIDE, 0xf0033, f, PA, p,
		  GUNYAH_ERR_ARGUMENT_INVALID },
		{ "user unlike kernel", as, ext, OUTSIDE, 0xf0046, f, PA, p,
		  GUNYAH_ERR_ARGUMENT_INVALID },
		{ "memory type", as, ext, OUTSIDE, 0x20066, f, PA, p, GUNYAH_ERR_ARGUMENT_INVALID },
		{ "host's extent", as, ext_cap[HSHARED], OUTSIDE, RW, f, PA, p, GUNYAH_ERR_DENIED },
		{ "host's other", as, ext_cap[HPRIV], GPA, RWX, f, PA, p, GUNYAH_ERR_DENIED },
		{ "beyond the space", as, ext, OUTSIDE, RW, f, PA, p, GUNYAH_ERR_ADDR_INVALID },
		{ "over its end", as, ext, OUTSIDE - p, RW, f, PA, 2 * p, GUNYAH_ERR_ADDR_INVALID },
		{ "wraps there", as, ext, LAST_PAGE, RW, f, PA, 2 * p, GUNYAH_ERR_ADDR_INVALID },
		{ "whole, elsewhere", as, ext, GPA, RW, 0, 0, 0, GUNYAH_ERR_ADDR_INVALID },
		{ "whole", as, ext, 0, RW, 0, 0, 0, GUNYAH_ERR_NOMEM },
		{ "too much", as, ext, 0, RW, f, 0, OUTSIDE, GUNYAH_ERR_NOMEM },
	};

	expect_errors(cases, ARRAY_SIZE(cases));
}

TEST(map_errors_in_order)
{
	setup();
	wrong_capabilities(ext_as, ext_cap[GSHARED], PARTIAL);
	wrong_ranges(ext_as, ext_cap[GSHARED], PARTIAL, PAGE_SIZE);
}

TEST(map_takes_what_the_table_lists)
{
	setup();
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_ADDRSPACE_MAP, ext_as, ext_cap[PRIV], GPA,
			   0x10044, PARTIAL | GUNYAH_MAP_NOSYNC | GUNYAH_MAP_PRIVATE, PA + SZ_2M,
			   PAGE_SIZE), 0);
	EXPECT_EQ(ext_lend(PA + SZ_2M, PAGE_SIZE), 0);
	EXPECT_EQ(ext_access_at(GPA), S2_READ | S2_DEVICE);
	EXPECT_EQ(ext_lookup(PRIV, GPA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_x[3], 0x10044);
	/* No access, or execute only */
	EXPECT_EQ(ext_map(PRIV, GPA + PAGE_SIZE, 0xf0000, PA + SZ_2M, PAGE_SIZE), 0);
	EXPECT_EQ(ext_leads_to(GPA + PAGE_SIZE), PA + SZ_2M);
	EXPECT_EQ(ext_access_at(GPA + PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(PRIV, GPA + 2 * PAGE_SIZE, 0xf0011, PA + SZ_2M, PAGE_SIZE), 0);
	EXPECT_EQ(ext_access_at(GPA + 2 * PAGE_SIZE), S2_EXEC);
}

static int native_map(u64 flags)
{
	u64 x[HCALL_REGS] = { ext_as, ext_cap[PRIV], GPA + SZ_2M, RW, flags, PA, PAGE_SIZE };

	hcall_handle(&env_host, true, GUNYAH_HVC_IMM_BASE + GUNYAH_HC_ADDRSPACE_MAP, x);
	return (int)x[0];
}

TEST(flags_of_the_production_one)
{
	setup();
	EXPECT_EQ(native_map(PARTIAL | GUNYAH_MAP_PRIVATE), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(native_map(PARTIAL | GUNYAH_MAP_VMMIO), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(native_map(PARTIAL), 0);
	EXPECT_EQ(ext_unmap(PRIV, GPA + SZ_2M, PA, PAGE_SIZE), 0);
	hcall_production = false;
	EXPECT_EQ(ext_map(PRIV, GPA, RW, PA, PAGE_SIZE), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(ext_unmap(GSHARED, GPA, PA, PAGE_SIZE), GUNYAH_ERR_ARGUMENT_INVALID);
	expect_unchanged();
}

/* A second VM's extents and address space with the first one's */
TEST(nothing_crosses_between_guests)
{
	struct vm *other;
	u64 as;

	setup();
	other = vm_create(0x81);
	ASSERT(other);
	EXPECT_EQ(memextents_add(other, true), 0);
	as = other->as.host_cap;
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_ADDRSPACE_MAP, as, ext_cap[GSHARED], GPA, RW,
			   PARTIAL, PA, PAGE_SIZE), GUNYAH_ERR_DENIED);
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_ADDRSPACE_UNMAP, as, ext_cap[GSHARED], GPA,
			   PARTIAL, PA, PAGE_SIZE, 0), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_ADDRSPACE_LOOKUP, ext_as,
			   other->extents[GSHARED].host_cap, GPA, PAGE_SIZE, 0, 0, 0),
		  GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_MEMEXTENT_DONATE, GUNYAH_DONATE_TO_SIBLING,
			   other->extents[HSHARED].host_cap, ext_cap[GSHARED], PA + PAGE_SIZE,
			   PAGE_SIZE, 0, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_MEMEXTENT_DONATE, GUNYAH_DONATE_TO_PROTECTED,
			   other->extents[HPRIV].host_cap, ext_cap[PRIV], PA + PAGE_SIZE,
			   PAGE_SIZE, 0, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	/* The other one's page is not to be had by the first one's extent */
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_MEMEXTENT_DONATE, GUNYAH_DONATE_TO_SIBLING,
			   other->extents[GSHARED].host_cap, other->extents[HSHARED].host_cap, PA,
			   PAGE_SIZE, 0, 0), GUNYAH_ERR_MEMDB_NOT_OWNER);
	expect_unchanged();
	vm_destroy(other);
	expect_unchanged();
}

/* -- unmap, update_access ------------------------------------------------- */

static int do_unmap(u64 as, u64 ext, u64 gpa, u64 flags, u64 pa, u64 size)
{
	return ext_call(&env_host, GUNYAH_HC_ADDRSPACE_UNMAP, as, ext, gpa, flags, pa, size, 0);
}

TEST(unmap_errors_in_order)
{
	u64 ext, p = PAGE_SIZE;

	setup();
	ext = ext_cap[GSHARED];
	EXPECT_EQ(do_unmap(NULL_CAP, ext, 1, 8 | PARTIAL, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_unmap(NULL_CAP, ext, 1, PARTIAL, 1, 0), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(do_unmap(ext, ext, 1, PARTIAL, 1, 0), GUNYAH_ERR_CSPACE_WRONG_OBJECT_TYPE);
	weak = weak_as(GUNYAH_RIGHT_ADDRSPACE_MAP);
	EXPECT_EQ(do_unmap(weak, ext, 1, PARTIAL, 1, 0), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	drop_cap(weak);
	weak = weak_cap(GSHARED, GUNYAH_RIGHT_MEMEXTENT_MAP);
	EXPECT_EQ(do_unmap(ext_as, weak, 1, PARTIAL, 1, 0), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	EXPECT_EQ(do_unmap(ext_as, ext, GPA + 1, PARTIAL, PA, 0), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(do_unmap(ext_as, ext, GPA, PARTIAL, PA + 1, p), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(do_unmap(ext_as, ext, GPA, PARTIAL, PA, p - 1), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(do_unmap(ext_as, ext, GPA, PARTIAL, PA, 0), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(do_unmap(ext_as, ext, GPA, PARTIAL, LAST_PAGE, 2 * p), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(do_unmap(ext_as, ext, GPA, PARTIAL, OUTSIDE, p), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(do_unmap(ext_as, ext, OUTSIDE, PARTIAL, PA, p), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(do_unmap(ext_as, ext, LAST_PAGE, PARTIAL, PA, 2 * p), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(do_unmap(ext_as, ext, GPA, 0, PA, p), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(do_unmap(ext_as, ext, 0, 0, PA, p), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(do_unmap(ext_as, ext, GPA, PARTIAL, PA, 2 * p), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(do_unmap(ext_as, ext, GPA + p, PARTIAL, PA, p), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(do_unmap(ext_as, ext_cap[PRIV], GPA, PARTIAL, PA, p), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(do_unmap(ext_as, ext_cap[HSHARED], GPA, PARTIAL, PA, p),
		  GUNYAH_ERR_ADDR_INVALID);
	expect_unchanged();
	EXPECT_EQ(do_unmap(ext_as, ext, GPA, PARTIAL | GUNYAH_MAP_NOSYNC, PA, p), 0);
	EXPECT_EQ(ext_leads_to(GPA), 0);
}

static int update(u64 as, u64 gpa, u64 attrs, u64 flags, u64 pa, u64 size)
{
	return ext_call(&env_host, GUNYAH_HC_ADDRSPACE_UPDATE_ACCESS, as, ext_cap[GSHARED], gpa,
			attrs, flags, pa, size);
}

TEST(update_access_errors)
{
	setup();
	EXPECT_EQ(update(NULL_CAP, 1, RW, PARTIAL, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(update(NULL_CAP, 1, 0x44, 8, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(update(NULL_CAP, 1, 0x44, PARTIAL, 1, 0), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(update(ext_as, GPA, 0x44, PARTIAL, PA, 7), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(update(ext_as, GPA, 0x44, PARTIAL, PA, 0), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(update(ext_as, GPA, 0x77, PARTIAL, PA, PAGE_SIZE), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(update(ext_as, GPA, 0x44, PARTIAL, PA, PAGE_SIZE), GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(ext_access_at(GPA), S2_READ | S2_WRITE);
}

/* -- lookup --------------------------------------------------------------- */

TEST(lookup_rights)
{
	setup();
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_ADDRSPACE_LOOKUP, NULL_CAP, ext_cap[GSHARED], GPA,
			   0, 0, 0, 0), GUNYAH_ERR_CSPACE_CAP_NULL);
	weak = weak_as(GUNYAH_RIGHT_ADDRSPACE_LOOKUP);
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_ADDRSPACE_LOOKUP, weak, ext_cap[GSHARED], GPA, 0,
			   0, 0, 0), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	weak = weak_cap(GSHARED, GUNYAH_RIGHT_MEMEXTENT_LOOKUP);
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_ADDRSPACE_LOOKUP, ext_as, weak, GPA, 0, 0, 0, 0),
		  GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	/* The guest may look at its address space, but has no extent to look for */
	EXPECT_EQ(ext_call(&env_guest, GUNYAH_HC_ADDRSPACE_LOOKUP, ext_guest_as, ext_cap[GSHARED],
			   GPA, PAGE_SIZE, 0, 0, 0), GUNYAH_ERR_CSPACE_CAP_NULL);
}

/* -- donate --------------------------------------------------------------- */

static int do_donate(u64 options, u64 from, u64 to, u64 pa, u64 size)
{
	return ext_call(&env_host, GUNYAH_HC_MEMEXTENT_DONATE, options, from, to, pa, size, 0, 0);
}

TEST(donate_errors_in_order)
{
	u64 hp, gp, hs, gs, p = PAGE_SIZE;

	setup();
	hp = ext_cap[HPRIV];
	gp = ext_cap[PRIV];
	hs = ext_cap[HSHARED];
	gs = ext_cap[GSHARED];
	EXPECT_EQ(do_donate(5, NULL_CAP, gp, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(0x103, NULL_CAP, gp, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(3 | BIT(32), NULL_CAP, gp, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(~0ULL, NULL_CAP, gp, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(3, NULL_CAP, BAD_CAP, 1, 0), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(do_donate(3, hp, NULL_CAP, 1, 0), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(do_donate(3, hp, ext_as, 1, 0), GUNYAH_ERR_CSPACE_WRONG_OBJECT_TYPE);
	weak = weak_cap(HPRIV, GUNYAH_RIGHT_MEMEXTENT_DONATE);
	EXPECT_EQ(do_donate(3, weak, gp, 1, 0), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	drop_cap(weak);
	weak = weak_cap(PRIV, GUNYAH_RIGHT_MEMEXTENT_DONATE);
	EXPECT_EQ(do_donate(3, hp, weak, 1, 0), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);

	/* Not related: before alignment, but for siblings */
	EXPECT_EQ(do_donate(0, hp, gp, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(1, gp, hp, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(3, gp, hp, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(3, hs, gp, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(3, hp, gs, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(4, hp, gp, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(4, gs, hp, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(2, gs, gs, 1, 0), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(do_donate(2, gs, gs, PA, 0), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(do_donate(2, gs, gs, PA, p), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(2, hp, gp, PA, p), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(2, gp, gs, PA, p), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(2, hs, hp, PA, p), GUNYAH_ERR_ARGUMENT_INVALID);

	EXPECT_EQ(do_donate(3, hp, gp, PA + 1, 0), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(do_donate(3, hp, gp, PA, 1), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(do_donate(3, hp, gp, PA, 0), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(do_donate(3, hp, gp, LAST_PAGE, 2 * p), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(do_donate(3, hp, gp, 2 * p, LAST_PAGE), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(do_donate(3, hp, gp, OUTSIDE, p), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(2, hs, gs, OUTSIDE - p, 2 * p), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(do_donate(3, hp, gp, OUTSIDE - p, p), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(do_donate(3, hp, gp, FAKE_RAM_BASE, p), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(do_donate(3, hp, gp, PA, 2 * p), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(do_donate(2, hs, gs, PA, 2 * p), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(do_donate(2, gs, hs, PA, 2 * p), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(do_donate(4, gp, hp, PA, p), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(do_donate(2, gs, hs, 0, OUTSIDE), GUNYAH_ERR_MEMDB_NOT_OWNER);
	expect_unchanged();
	EXPECT_EQ(do_donate(2 | GUNYAH_DONATE_NOSYNC, hs, gs, PA + p, p), 0);
}

/* -- modify --------------------------------------------------------------- */

TEST(modify_errors_in_order)
{
	const u64 n = GUNYAH_MEMEXTENT_NOSYNC, zero = n | GUNYAH_MEMEXTENT_ZERO_RANGE;
	const u64 p = PAGE_SIZE;
	u64 op;

	setup();
	for (op = 0; op < 256; op++) {
		bool ranged = op >= 1 && op <= 3, known = ranged || !op || op == 255;

		test_context("operation %u", (unsigned int)op);
		EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_MEMEXTENT_MODIFY, NULL_CAP, op, 0, 0, 0, 0,
				   0), known && !ranged ? GUNYAH_ERR_CSPACE_CAP_NULL :
			  GUNYAH_ERR_ARGUMENT_INVALID);
		EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_MEMEXTENT_MODIFY, NULL_CAP, op | n, 0, 0,
				   0, 0, 0), known && op != 255 ? GUNYAH_ERR_CSPACE_CAP_NULL :
			  GUNYAH_ERR_ARGUMENT_INVALID);
		EXPECT_EQ(ext_modify(GSHARED, op | n | 0x100, 0, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	}
	test_context("%s", "");
	weak = weak_cap(GSHARED, GUNYAH_RIGHT_MEMEXTENT_MAP);
	EXPECT_EQ(ext_call(&env_host, GUNYAH_HC_MEMEXTENT_MODIFY, weak, zero, 1, 0, 0, 0, 0),
		  GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	EXPECT_EQ(ext_modify(GSHARED, zero, PA + 1, 0), GUNYAH_ERR_ARGUMENT_ALIGNMENT);
	EXPECT_EQ(ext_modify(GSHARED, zero, PA, 0), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(ext_modify(GSHARED, zero, LAST_PAGE, 2 * p), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(ext_modify(GSHARED, zero, OUTSIDE, p), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(ext_modify(GSHARED, zero, PA, 2 * p), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_modify(HSHARED, zero, PA, p), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_modify(HPRIV, zero, FAKE_RAM_BASE, p), GUNYAH_ERR_MEMDB_NOT_OWNER);
	EXPECT_EQ(ext_modify(GSHARED, GUNYAH_MEMEXTENT_SYNC_ALL, 1, 1), 0);
	expect_unchanged();
}

TEST(modify_contents)
{
	const u64 n = GUNYAH_MEMEXTENT_NOSYNC;
	u8 *page, *lent;

	setup();
	page = arch_pa_to_va(PA);
	lent = arch_pa_to_va(PA + SZ_2M);
	*page = *lent = 0x22;
	EXPECT_EQ(ext_lend(PA + SZ_2M, PAGE_SIZE), 0);
	fake.nr_cache_flushes = 0;
	EXPECT_EQ(ext_modify(GSHARED, n | GUNYAH_MEMEXTENT_CACHE_CLEAN, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_modify(PRIV, n | GUNYAH_MEMEXTENT_CACHE_FLUSH, PA + SZ_2M, PAGE_SIZE), 0);
	EXPECT(fake.nr_cache_flushes == 2 && fake.cache_pa == PA + SZ_2M);
	EXPECT(*page == 0x22 && *lent == 0x22);
	EXPECT_EQ(ext_modify(GSHARED, n | GUNYAH_MEMEXTENT_ZERO_RANGE, PA, PAGE_SIZE), 0);
	EXPECT_EQ(*page, 0);
	/* Not the host's to write */
	EXPECT_EQ(ext_modify(PRIV, n | GUNYAH_MEMEXTENT_ZERO_RANGE, PA + SZ_2M, PAGE_SIZE),
		  GUNYAH_ERR_DENIED);
	EXPECT_EQ(*lent, 0x22);
}

/* -- Guests --------------------------------------------------------------- */

TEST(guests_have_no_extents)
{
	unsigned int i;

	setup();
	for (i = 0; i < 16; i++) {
		EXPECT(ext_call(&env_guest, GUNYAH_HC_MEMEXTENT_DONATE, GUNYAH_DONATE_TO_SIBLING,
				i, i, PA, PAGE_SIZE, 0, 0) > 0);
		EXPECT(ext_call(&env_guest, GUNYAH_HC_MEMEXTENT_MODIFY, i, 0, 0, 0, 0, 0, 0) > 0);
	}
	/* Its own address space without MAP */
	EXPECT_EQ(ext_call(&env_guest, GUNYAH_HC_ADDRSPACE_MAP, ext_guest_as, 0, GPA, RW, PARTIAL,
			   PA, PAGE_SIZE), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	EXPECT_EQ(ext_call(&env_guest, GUNYAH_HC_ADDRSPACE_UNMAP, ext_guest_as, 0, GPA, PARTIAL,
			   PA, PAGE_SIZE, 0), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	expect_unchanged();
}
