// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Random sequences of calls about the extents of two guests, against a model that has
 * an array for each thing the tables of hypercall 9.2 speak of and does one page after
 * the other.  After each call everything is compared; a call that fails, for want of
 * memory, too, leaves everything as it was.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "owner/owner.h"
#include "tests/extent_env.h"

#define VMS		2
#define MAX_PAGES	1024
#define NONE		(-1)

/* Whose a page is */
enum { HOST, LENT, SHARED_EXEC, SHARED };

struct entry {
	int page;
	u32 attrs;	/* GUNYAH map_attrs */
};

struct record {
	int gfn;
	u32 attrs;
};

/* One guest; extents by label, of which two have records */
struct guest {
	struct vm *vm;
	struct hcall_caller caller;
	u64 as, ext[MEMEXTENT_NR];
	bool protected;
	bool dead;
	struct record record[MEMEXTENT_NR][MEMEXTENT_SLOTS][MAX_PAGES];
	struct entry s2[MAX_PAGES];
};

static struct guest guests[VMS], saved[VMS];
static struct page {
	int state;
	int vm;
	bool secret;
	bool given_up;
	u8 contents;
} pages[MAX_PAGES], saved_pages[MAX_PAGES];

static int nr;			/* pages, and guest pages, of this test */
static u64 base_pa, base_gpa;
static unsigned int oks, errors, nomems;

static u64 pa_of(int page)
{
	return base_pa + (u64)page * PAGE_SIZE;
}

static u64 gpa_of(int gfn)
{
	return base_gpa + (u64)gfn * PAGE_SIZE;
}

static int ext_of(int state)
{
	return state == SHARED ? GSHARED : PRIV;
}

static bool owned(int vm, int ext, int page)
{
	return pages[page].state != HOST && pages[page].vm == vm &&
	       ext_of(pages[page].state) == ext;
}

/* -- The model ------------------------------------------------------------ */

static void model_enter(int vm, int gfn, int page, u32 attrs)
{
	guests[vm].s2[gfn] = (struct entry){ page, attrs };
	if (pages[page].state == LENT) {
		pages[page].secret = true;
		pages[page].given_up = false;
	}
}

static int model_map(int vm, int ext, int gfn, int page, int n, u32 attrs)
{
	int slot, i;

	for (slot = 0; slot < MEMEXTENT_SLOTS; slot++) {
		for (i = 0; i < n && guests[vm].record[ext][slot][page + i].gfn == NONE; i++)
			;
		if (i == n)
			break;
	}
	if (slot == MEMEXTENT_SLOTS)
		return GUNYAH_ERR_MEMEXTENT_MAPPINGS_FULL;
	for (i = 0; i < n; i++) {
		guests[vm].record[ext][slot][page + i] = (struct record){ gfn + i, attrs };
		if (owned(vm, ext, page + i))
			model_enter(vm, gfn + i, page + i, attrs);
	}
	return 0;
}

static int model_slot(int vm, int ext, int gfn, int page)
{
	int slot;

	for (slot = 0; slot < MEMEXTENT_SLOTS; slot++)
		if (guests[vm].record[ext][slot][page].gfn == gfn)
			break;
	return slot;
}

static int model_unmap(int vm, int ext, int gfn, int page, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (model_slot(vm, ext, gfn + i, page + i) == MEMEXTENT_SLOTS)
			return GUNYAH_ERR_ADDR_INVALID;
	for (i = 0; i < n; i++) {
		int slot = model_slot(vm, ext, gfn + i, page + i);

		guests[vm].record[ext][slot][page + i].gfn = NONE;
		if (guests[vm].s2[gfn + i].page == page + i)
			guests[vm].s2[gfn + i].page = NONE;
	}
	return 0;
}

static int model_give(int vm, int state, int page, int n)
{
	int i, slot;

	for (i = 0; i < n; i++)
		if (pages[page + i].state != HOST)
			return GUNYAH_ERR_MEMDB_NOT_OWNER;
	for (i = 0; i < n; i++) {
		pages[page + i].state = state;
		pages[page + i].vm = vm;
	}
	for (slot = 0; slot < MEMEXTENT_SLOTS; slot++)
		for (i = 0; i < n; i++) {
			struct record *r = &guests[vm].record[ext_of(state)][slot][page + i];

			if (r->gfn != NONE)
				model_enter(vm, r->gfn, page + i, r->attrs);
		}
	return 0;
}

/* No view of the page is left in the guest */
static void model_hide(int vm, int page)
{
	int gfn;

	for (gfn = 0; gfn < nr; gfn++)
		if (guests[vm].s2[gfn].page == page)
			guests[vm].s2[gfn].page = NONE;
}

static void model_return(int page)
{
	if (pages[page].secret)
		pages[page].contents = 0;
	pages[page].state = HOST;
	pages[page].secret = false;
	pages[page].given_up = false;
}

static int model_take(int vm, int state, int page, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (pages[page + i].state != state || pages[page + i].vm != vm)
			return GUNYAH_ERR_MEMDB_NOT_OWNER;
	for (i = 0; i < n; i++)
		if (state == LENT && !guests[vm].dead && !pages[page + i].given_up)
			return GUNYAH_ERR_DENIED;
	for (i = 0; i < n; i++) {
		model_hide(vm, page + i);
		model_return(page + i);
	}
	return 0;
}

static int model_relinquish(int vm, int gfn, int n, u64 flags)
{
	int i;

	for (i = 0; i < n; i++) {
		int page = guests[vm].s2[gfn + i].page;

		if (page == NONE)
			return GUNYAH_ERR_ADDR_INVALID;
		if (pages[page].state != LENT)
			return GUNYAH_ERR_MEMDB_NOT_OWNER;
	}
	for (i = 0; i < n; i++) {
		int page = guests[vm].s2[gfn + i].page;

		if (page == NONE)
			continue;
		if (flags & GUNYAH_MODIFY_PAGES_SANITIZE)
			pages[page].contents = 0;
		if (!(flags & GUNYAH_MODIFY_PAGES_UNLOCK))
			continue;
		pages[page].given_up = true;
		model_hide(vm, page);
	}
	return 0;
}

static int model_unmap_all(int vm, int ext)
{
	int slot, page;

	for (slot = 0; slot < MEMEXTENT_SLOTS; slot++)
		for (page = 0; page < nr; page++) {
			struct record *r = &guests[vm].record[ext][slot][page];

			if (r->gfn != NONE && guests[vm].s2[r->gfn].page == page)
				guests[vm].s2[r->gfn].page = NONE;
			r->gfn = NONE;
		}
	return 0;
}

/* -- Comparing ------------------------------------------------------------ */

static u32 s2_of(u32 attrs)
{
	return (attrs & 4 ? S2_READ : 0) | (attrs & 2 ? S2_WRITE : 0) | (attrs & 1 ? S2_EXEC : 0);
}

static bool same_mapping(const struct guest *g, int gfn)
{
	u64 pa = 0;
	u32 attrs = 0;
	bool there = stage2_lookup(&g->vm->s2, gpa_of(gfn), &pa, &attrs, NULL);

	if (g->s2[gfn].page == NONE)
		return !there;
	return there && pa == pa_of(g->s2[gfn].page) && attrs == s2_of(g->s2[gfn].attrs);
}

static bool same_page(int page)
{
	static const enum page_state state[] = { PAGE_HOST, PAGE_PRIVATE, PAGE_JOINT, PAGE_JOINT };
	const struct page *p = &pages[page];
	u64 pa = pa_of(page);

	return owner_state(pa) == state[p->state] &&
	       (p->state == HOST ||
		owner_id(pa) == guests[p->vm].vm->extents[ext_of(p->state)].id) &&
	       env_host_maps(pa) == (p->state != LENT) &&
	       *(u8 *)arch_pa_to_va(pa) == p->contents;
}

static bool all_same(void)
{
	int i, vm;

	for (i = 0; i < nr; i++) {
		if (!same_page(i))
			return EXPECT(!"page as in the model");
		for (vm = 0; vm < VMS; vm++)
			if (!same_mapping(&guests[vm], i))
				return EXPECT(!"mapping as in the model");
	}
	return true;
}

/* -- Calls ---------------------------------------------------------------- */

static struct page_pool *const heaps[] = { &guest_table_pool, &guest_reserve_pool, &record_pool };

struct op {
	enum { MAP, UNMAP, DONATE_IN, DONATE_OUT, RELINQUISH, UNMAP_ALL, KILL, WRITE, OPS } kind;
	int vm, ext, state, gfn, page, n;
	u32 attrs;
	u64 flags;
};

static int pick(int n)
{
	return (int)(test_random() % (u64)n);
}

/* Short ones, and those around a block */
static int pick_size(void)
{
	static const int sizes[] = { 1, 1, 2, 3, 4, 511, 512, 513, 1024 };
	int n = sizes[pick(ARRAY_SIZE(sizes))];

	return n > nr ? 1 + pick(nr) : n;
}

static struct op pick_op(void)
{
	static const u32 attrs[] = { RW, RO, RWX, RW };
	struct op op = {
		.kind = pick(OPS * 4), .vm = pick(VMS), .state = 1 + pick(3), .n = pick_size(),
		.attrs = attrs[pick(4)], .flags = 1 + (u64)pick(3),
	};

	/* Rare: they end what makes the others interesting */
	if (op.kind >= OPS)
		op.kind = pick(RELINQUISH + 1);
	if ((op.kind == KILL || op.kind == UNMAP_ALL) && pick(8))
		op.kind = MAP;
	if (guests[op.vm].protected && op.state == SHARED_EXEC)
		op.state = SHARED;
	op.ext = ext_of(op.state);
	if (op.ext == GSHARED && op.attrs == RWX)
		op.attrs = RW;
	op.page = pick(nr - op.n + 1);
	op.gfn = pick(4) ? op.page : pick(nr - op.n + 1);
	return op;
}

static int donate(const struct guest *g, int state, bool in, u64 pa, u64 size)
{
	u64 host = g->ext[state == LENT ? HPRIV : HSHARED], guest = g->ext[ext_of(state)];
	u64 type = state != LENT ? GUNYAH_DONATE_TO_SIBLING : in ? GUNYAH_DONATE_TO_PROTECTED :
		   GUNYAH_DONATE_FROM_PROTECTED;

	return ext_call(&env_host, GUNYAH_HC_MEMEXTENT_DONATE, type, in ? host : guest,
			in ? guest : host, pa, size, 0, 0);
}

static int do_op(const struct op *op)
{
	struct guest *g = &guests[op->vm];
	u64 pa = pa_of(op->page), gpa = gpa_of(op->gfn), size = (u64)op->n * PAGE_SIZE;

	switch (op->kind) {
	case MAP:
		return ext_call(&env_host, GUNYAH_HC_ADDRSPACE_MAP, g->as, g->ext[op->ext], gpa,
				op->attrs, PARTIAL, pa, size);
	case UNMAP:
		return ext_call(&env_host, GUNYAH_HC_ADDRSPACE_UNMAP, g->as, g->ext[op->ext], gpa,
				PARTIAL, pa, size, 0);
	case DONATE_IN:
	case DONATE_OUT:
		return donate(g, op->state, op->kind == DONATE_IN, pa, size);
	case RELINQUISH:
		return ext_call(&g->caller, GUNYAH_HC_ADDRSPACE_MODIFY_PAGES, g->vm->as.guest_cap,
				gpa, size, op->flags, 0, 0, 0);
	case UNMAP_ALL:
		return ext_call(&env_host, GUNYAH_HC_MEMEXTENT_MODIFY, g->ext[op->ext], 0, 0, 0, 0,
				0, 0);
	case KILL:
		vm_kill(g->vm);
		return 0;
	default:
		*(u8 *)arch_pa_to_va(pa) = (u8)op->gfn | 1;
		return 0;
	}
}

static int model_op(const struct op *op)
{
	switch (op->kind) {
	case MAP:
		return model_map(op->vm, op->ext, op->gfn, op->page, op->n, op->attrs);
	case UNMAP:
		return model_unmap(op->vm, op->ext, op->gfn, op->page, op->n);
	case DONATE_IN:
		return model_give(op->vm, op->state, op->page, op->n);
	case DONATE_OUT:
		return model_take(op->vm, op->state, op->page, op->n);
	case RELINQUISH:
		return model_relinquish(op->vm, op->gfn, op->n, op->flags);
	case UNMAP_ALL:
		return model_unmap_all(op->vm, op->ext);
	case KILL:
		guests[op->vm].dead = true;
		return 0;
	default:
		/* Somebody who may writes to the page */
		pages[op->page].contents = (u8)op->gfn | 1;
		return 0;
	}
}

static bool may_lack_memory(const struct op *op)
{
	return op->kind == MAP || op->kind == DONATE_IN;
}

static bool step(bool scarce)
{
	struct op op = pick_op();
	u64 taken[ARRAY_SIZE(heaps)] = {}, used[ARRAY_SIZE(heaps)];
	unsigned int i;
	int err, want;

	test_context("op %u: vm %d ext %d state %d gfn %d page %d n %d attrs %x flags %u dead %d",
		     op.kind, op.vm, op.ext, op.state, op.gfn, op.page, op.n, op.attrs,
		     (unsigned int)op.flags, guests[op.vm].dead);
	for (i = 0; i < ARRAY_SIZE(heaps); i++) {
		taken[i] = scarce && pick(2) ? ext_drain(heaps[i], pick(4)) : 0;
		used[i] = heaps[i]->used + heaps[i]->promised;
	}
	memcpy(saved, guests, sizeof(guests));
	memcpy(saved_pages, pages, sizeof(pages));
	err = do_op(&op);
	want = model_op(&op);
	if (err == GUNYAH_ERR_NOMEM && may_lack_memory(&op) && !want && scarce) {
		memcpy(guests, saved, sizeof(guests));
		memcpy(pages, saved_pages, sizeof(pages));
		nomems++;
	} else {
		EXPECT_EQ(err, want);
	}
	for (i = 0; err && i < ARRAY_SIZE(heaps); i++)
		EXPECT_EQ(heaps[i]->used + heaps[i]->promised, used[i]);
	for (i = 0; i < ARRAY_SIZE(heaps); i++)
		page_pool_unpromise(heaps[i], taken[i]);
	oks += !err;
	errors += err != 0;
	return all_same();
}

/* -- Tests ---------------------------------------------------------------- */

static void add_guest(int vm, struct vm *which, bool protected)
{
	struct guest *g = &guests[vm];
	int i;

	EXPECT_EQ(memextents_add(which, protected), 0);
	g->vm = which;
	g->caller = (struct hcall_caller){ .vm = which, .cspace = &which->cspace };
	g->protected = protected;
	g->as = which->as.host_cap;
	for (i = 0; i < MEMEXTENT_NR; i++)
		g->ext[i] = which->extents[i].host_cap;
	memset(g->record, 0xff, sizeof(g->record));
	memset(g->s2, 0xff, sizeof(g->s2));
	vm_start(which, GPA, 0);
}

static u64 heap_pages(void)
{
	return guest_table_pool.used + guest_reserve_pool.used + guest_reserve_pool.promised +
	       record_pool.used;
}

/* What nobody took back is the host's again, and of lent pages nothing is left */
static void end_guest(int vm)
{
	int page;

	vm_destroy(guests[vm].vm);
	for (page = 0; page < nr; page++) {
		if (pages[page].state == HOST || pages[page].vm != vm)
			continue;
		if (pages[page].state == LENT)
			pages[page].contents = 0;
		pages[page].state = HOST;
	}
	for (page = 0; page < nr; page++)
		if (pages[page].state == HOST)
			EXPECT(same_page(page));
}

static void run_model(int pages_used, int offset, unsigned int steps, bool scarce)
{
	struct vm *other;
	unsigned int i;
	u64 base;

	hcall_production = true;
	env_init();
	env_add_vm();
	other = vm_create(0x81);
	ASSERT(other);
	memset(guests, 0, sizeof(guests));
	memset(pages, 0, sizeof(pages));
	base = heap_pages();
	nr = pages_used;
	base_pa = PA + SZ_2M - (u64)offset * PAGE_SIZE;
	base_gpa = GPA + SZ_2M - (u64)offset * PAGE_SIZE;
	add_guest(0, env_vm, true);
	add_guest(1, other, false);
	oks = 0;
	errors = 0;
	nomems = 0;
	for (i = 0; i < steps && step(scarce); i++)
		;
	test_context("%s", "");
	EXPECT_EQ(i, steps);
	/* The sequence is no row of refusals, nor of successes */
	EXPECT(oks > steps / 8 && errors > steps / 8 && (nomems > steps / 100 || !scarce));
	end_guest(0);
	end_guest(1);
	EXPECT(heap_pages() < base && record_pool.used == 0 && guest_reserve_pool.promised == 0);
	EXPECT_EQ(guest_table_pool.used + guest_reserve_pool.used, 0);
}

TEST(pages)
{
	run_model(12, 5, 20000, false);
}

TEST(pages_and_little_memory)
{
	run_model(12, 5, 20000, true);
}

TEST(blocks)
{
	run_model(MAX_PAGES, 512, 3000, false);
}

TEST(blocks_and_little_memory)
{
	run_model(MAX_PAGES, 300, 3000, true);
}
