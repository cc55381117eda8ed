// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Memory extents (hypercall 9.2, sparse ones): which pages a guest owns, where they
 * are wanted, and the guest's stage 2 in step with both.
 *
 * A page is mapped where a record wants it if, and only if, the extent of the record
 * owns it and nothing else was mapped there since.  So whoever takes a page away finds
 * all mappings of it through the records.
 *
 * Nothing here fails half-way: what may lack memory comes first or is counted before,
 * and removing never lacks any (stage2_set_reserve(), stage2_init_record()).
 */
#include <linux/gunyah/abi/hypercall.h>

#include "arch/arch.h"
#include "lib/printk.h"
#include "obj/vm.h"
#include "owner/owner.h"

#define EXTENT_PAGES	(ALIGN_UP(MEMEXTENT_NR * sizeof(struct memextent), PAGE_SIZE) >> PAGE_SHIFT)
#define RECORD_BITS	40

/* Pages that follow each other in the machine and in the guest */
struct run {
	u64 pa;
	u64 ipa;
	u64 size;
	u32 attrs;
};

bool memextent_of_guest(const struct memextent *ext)
{
	return ext->kind == MEMEXTENT_GUEST_PRIVATE || ext->kind == MEMEXTENT_GUEST_SHARED;
}

static bool owns_page(const struct memextent *ext, u64 pa)
{
	enum page_state state = owner_state(pa);

	if (!memextent_of_guest(ext))
		return state == PAGE_HOST;
	return (state == PAGE_PRIVATE || state == PAGE_JOINT) && owner_id(pa) == ext->id;
}

bool memextent_owns(const struct memextent *ext, u64 pa, u64 size)
{
	u64 end = pa + size;

	for (; pa < end; pa += PAGE_SIZE)
		if (!owns_page(ext, pa))
			return false;
	return true;
}

/* -- Records -------------------------------------------------------------- */

/* The record of @page->pa; otherwise @left, bytes in which there is none */
static bool record_at(const struct memextent *ext, unsigned int slot, struct run *page, u64 *left)
{
	const struct stage2 *record = &ext->record[slot];

	*left = MEMEXTENT_SIZE;
	page->size = PAGE_SIZE;
	return record->root && stage2_lookup(record, page->pa, &page->ipa, &page->attrs, left);
}

static bool record_empty(const struct memextent *ext, unsigned int slot, u64 pa, u64 size)
{
	u64 end = pa + size, left;

	for (; pa < end; pa += left) {
		struct run page = { .pa = pa };

		if (record_at(ext, slot, &page, &left))
			return false;
	}
	return true;
}

/* The slot that wants @pa at @ipa, MEMEXTENT_SLOTS if none does */
static unsigned int slot_of(const struct memextent *ext, u64 pa, u64 ipa)
{
	unsigned int slot;
	u64 left;

	for (slot = 0; slot < MEMEXTENT_SLOTS; slot++) {
		struct run page = { .pa = pa };

		if (record_at(ext, slot, &page, &left) && page.ipa == ipa)
			break;
	}
	return slot;
}

static void record_remove(struct memextent *ext, unsigned int slot, u64 pa, u64 size)
{
	int err = stage2_unmap(&ext->record[slot], pa, size);

	if (err)
		panic("records of %lx + %lx: %d", pa, size, err);
}

/* -- Runs of records ------------------------------------------------------ */

typedef bool (*run_wanted)(const struct memextent *ext, const struct run *page);
typedef int (*run_fn)(struct memextent *ext, const struct run *run, void *arg);

static bool follows(const struct run *page, const struct run *run)
{
	return page->pa == run->pa + run->size && page->ipa == run->ipa + run->size &&
	       page->attrs == run->attrs;
}

/* Calls @fn for the records of one slot, as few times as it can; ends at its first error */
static int walk_runs(struct memextent *ext, unsigned int slot, u64 pa, u64 size,
			run_wanted wanted, run_fn fn, void *arg)
{
	u64 end = pa + size, left;
	struct run run = {};
	int err;

	for (; pa < end; pa += left) {
		struct run page = { .pa = pa };

		if (!record_at(ext, slot, &page, &left) || !wanted(ext, &page))
			continue;
		if (run.size && follows(&page, &run)) {
			run.size += PAGE_SIZE;
			continue;
		}
		err = run.size ? fn(ext, &run, arg) : GUNYAH_ERR_OK;
		if (err)
			return err;
		run = page;
	}
	return run.size ? fn(ext, &run, arg) : GUNYAH_ERR_OK;
}

static bool wants_owned(const struct memextent *ext, const struct run *page)
{
	return owns_page(ext, page->pa);
}

static bool wants_all(const struct memextent *ext, const struct run *page)
{
	return true;
}

/* Something else may have been mapped there since */
static bool wants_mapped(const struct memextent *ext, const struct run *page)
{
	u64 pa;

	return stage2_lookup(&ext->vm->s2, page->ipa, &pa, NULL, NULL) && pa == page->pa;
}

/* -- The guest's stage 2 -------------------------------------------------- */

/**
 * struct plan - what mappings may take at most
 * @runs: one of them succeeds or fails as a whole, more have to be counted before
 * @tables: pages for tables
 */
struct plan {
	unsigned int runs;
	u64 tables;
};

static u64 parts(const struct run *run, u64 size)
{
	return (ALIGN_UP(run->ipa + run->size, size) - ALIGN_DOWN(run->ipa, size)) / size;
}

static int plan_run(struct memextent *ext, const struct run *run, void *arg)
{
	struct plan *plan = arg;

	plan->runs++;
	plan->tables += parts(run, SZ_2M) + parts(run, SZ_1G);
	return GUNYAH_ERR_OK;
}

/* As much again for what may be set aside to split blocks later */
static bool plan_fits(const struct memextent *ext, const struct plan *plan)
{
	const struct stage2 *s2 = &ext->vm->s2;

	return plan->runs <= 1 ||
	       (plan->tables <= page_pool_available(s2->pool) &&
		(!s2->reserve || plan->tables <= page_pool_available(s2->reserve)));
}

static int map_run(struct memextent *ext, const struct run *run, void *arg)
{
	const struct plan *plan = arg;
	int err = stage2_map(&ext->vm->s2, run->ipa, run->pa, run->size, run->attrs);

	if (err && plan->runs > 1)
		panic("mapping %lx at %lx + %lx: %d", run->pa, run->ipa, run->size, err);
	if (!err)
		owner_set_secret(run->pa, run->size, ext->id);
	return err;
}

static int unmap_run(struct memextent *ext, const struct run *run, void *arg)
{
	int err = stage2_unmap(&ext->vm->s2, run->ipa, run->size);

	if (err)
		panic("unmapping %lx + %lx: %d", run->ipa, run->size, err);
	return GUNYAH_ERR_OK;
}

static void unmap_slot(struct memextent *ext, unsigned int slot, u64 pa, u64 size)
{
	BUG_ON(walk_runs(ext, slot, pa, size, wants_mapped, unmap_run, NULL));
}

void memextent_hide(struct memextent *ext, u64 pa, u64 size)
{
	unsigned int slot;

	for (slot = 0; slot < MEMEXTENT_SLOTS; slot++)
		unmap_slot(ext, slot, pa, size);
}

/* Maps the pages of the range which the extent owns; NOMEM: none */
static int map_slot(struct memextent *ext, unsigned int slot, u64 pa, u64 size)
{
	struct plan plan = {};
	int err = walk_runs(ext, slot, pa, size, wants_owned, plan_run, &plan);

	if (err || !plan_fits(ext, &plan))
		return GUNYAH_ERR_NOMEM;
	return walk_runs(ext, slot, pa, size, wants_owned, map_run, &plan);
}

/* -- Map, unmap ----------------------------------------------------------- */

static int add_record(struct memextent *ext, unsigned int slot, u64 ipa, u64 pa, u64 size,
		      u32 attrs)
{
	struct stage2 *record = &ext->record[slot];
	bool fresh = !record->root;
	int err;

	if (fresh && !stage2_init_record(record, &record_pool, RECORD_BITS))
		return GUNYAH_ERR_NOMEM;
	err = stage2_map(record, pa, ipa, size, attrs);
	if (!err) {
		err = map_slot(ext, slot, pa, size);
		if (err)
			record_remove(ext, slot, pa, size);
	}
	if (err && fresh)
		stage2_destroy(record);
	return err;
}

int memextent_map(struct memextent *ext, u64 ipa, u64 pa, u64 size, u32 attrs)
{
	unsigned int slot;

	assert_locked();
	BUG_ON(!memextent_of_guest(ext));
	for (slot = 0; slot < MEMEXTENT_SLOTS; slot++)
		if (record_empty(ext, slot, pa, size))
			return add_record(ext, slot, ipa, pa, size, attrs);
	return GUNYAH_ERR_MEMEXTENT_MAPPINGS_FULL;
}

/* How far one slot has the records from @pa on */
static u64 same_slot(const struct memextent *ext, unsigned int slot, u64 ipa, u64 pa, u64 size)
{
	u64 n = PAGE_SIZE;

	while (n < size && slot_of(ext, pa + n, ipa + n) == slot)
		n += PAGE_SIZE;
	return n;
}

int memextent_unmap(struct memextent *ext, u64 ipa, u64 pa, u64 size)
{
	u64 done, n;

	assert_locked();
	for (done = 0; done < size; done += PAGE_SIZE)
		if (slot_of(ext, pa + done, ipa + done) == MEMEXTENT_SLOTS)
			return GUNYAH_ERR_ADDR_INVALID;
	for (done = 0; done < size; done += n) {
		unsigned int slot = slot_of(ext, pa + done, ipa + done);

		n = same_slot(ext, slot, ipa + done, pa + done, size - done);
		unmap_slot(ext, slot, pa + done, n);
		record_remove(ext, slot, pa + done, n);
	}
	return GUNYAH_ERR_OK;
}

static void forget_records(struct memextent *ext)
{
	unsigned int slot;

	for (slot = 0; slot < MEMEXTENT_SLOTS; slot++)
		if (ext->record[slot].root)
			stage2_destroy(&ext->record[slot]);
}

void memextent_unmap_all(struct memextent *ext)
{
	assert_locked();
	memextent_hide(ext, 0, MEMEXTENT_SIZE);
	forget_records(ext);
}

/* -- Donate --------------------------------------------------------------- */

static bool is_between(const struct memextent *a, const struct memextent *b,
		       enum memextent_kind kind_a, enum memextent_kind kind_b)
{
	return (a->kind == kind_a && b->kind == kind_b) || (a->kind == kind_b && b->kind == kind_a);
}

static bool siblings(const struct memextent *a, const struct memextent *b)
{
	return is_between(a, b, MEMEXTENT_HOST_SHARED, MEMEXTENT_GUEST_SHARED) ||
	       (!a->protected &&
		is_between(a, b, MEMEXTENT_HOST_SHARED, MEMEXTENT_GUEST_PRIVATE));
}

bool memextent_related(const struct memextent *from, const struct memextent *to, u64 type)
{
	if (from->vm != to->vm)
		return false;
	switch (type) {
	case GUNYAH_DONATE_TO_SIBLING:
		return siblings(from, to);
	case GUNYAH_DONATE_TO_PROTECTED:
		return from->kind == MEMEXTENT_HOST_PRIVATE && to->kind == MEMEXTENT_GUEST_PRIVATE;
	case GUNYAH_DONATE_FROM_PROTECTED:
		return from->kind == MEMEXTENT_GUEST_PRIVATE && to->kind == MEMEXTENT_HOST_PRIVATE;
	default:
		return false;	/* no extent here is the parent of another one */
	}
}

static void count_in(struct memextent *ext, u64 pa, u64 size)
{
	ext->low = ext->high ? min(ext->low, pa) : pa;
	ext->high = max(ext->high, pa + size);
	ext->nr += size >> PAGE_SHIFT;
}

/* Where they were wanted before they came, they appear now */
static int give(struct memextent *to, u64 pa, u64 size, enum page_state state)
{
	struct plan plan = {};
	unsigned int slot;
	int err;

	if (!owner_is_host(pa, size))
		return GUNYAH_ERR_MEMDB_NOT_OWNER;
	for (slot = 0; slot < MEMEXTENT_SLOTS; slot++)
		BUG_ON(walk_runs(to, slot, pa, size, wants_all, plan_run, &plan));
	if (!plan_fits(to, &plan))
		return GUNYAH_ERR_NOMEM;
	err = owner_take(pa, size, state, to->id);
	for (slot = 0; !err && slot < MEMEXTENT_SLOTS; slot++) {
		err = walk_runs(to, slot, pa, size, wants_all, map_run, &plan);
		BUG_ON(err && owner_return(pa, size, state, to->id, false, true));
	}
	if (!err)
		count_in(to, pa, size);
	return err;
}

/* A guest that never ran has no secrets, one that is dead loses no memory */
static bool is_dead(const struct vm *vm)
{
	return vm->dead || !vm->started;
}

/*
 * What a living guest has given up is mapped nowhere (addrspace_relinquish()), so that
 * owner_return() can decide before anything else happens.
 */
static int take(struct memextent *from, u64 pa, u64 size, enum page_state state)
{
	bool dead = is_dead(from->vm);
	int err;

	if (!owner_is(pa, size, state, from->id))
		return GUNYAH_ERR_MEMDB_NOT_OWNER;
	if (dead || state == PAGE_JOINT)
		memextent_hide(from, pa, size);
	err = owner_return(pa, size, state, from->id, false, dead);
	if (!err)
		from->nr -= size >> PAGE_SHIFT;
	return err;
}

int memextent_donate(struct memextent *from, struct memextent *to, u64 pa, u64 size, u64 type)
{
	enum page_state state = type == GUNYAH_DONATE_TO_SIBLING ? PAGE_JOINT : PAGE_PRIVATE;

	assert_locked();
	BUG_ON(!memextent_related(from, to, type));
	if (memextent_of_guest(to))
		return give(to, pa, size, state);
	return take(from, pa, size, state);
}

/* -- A VM's four ---------------------------------------------------------- */

static u32 vm_slot(const struct vm *vm)
{
	u32 slot = 0;

	while (vm_table[slot] != vm)
		slot++;
	return slot;
}

static int add_extent(struct vm *vm, enum memextent_kind kind, bool protected)
{
	struct memextent *ext = &vm->extents[kind];

	*ext = (struct memextent){
		.kind = kind,
		.vm = vm,
		.protected = protected,
		.id = vm_slot(vm) * MEMEXTENT_NR + kind + 1,
		.access = kind == MEMEXTENT_GUEST_SHARED ? S2_READ | S2_WRITE : S2_RWX,
	};
	return cspace_add(&host_cspace, CAP_MEMEXTENT, ext,
			  GUNYAH_RIGHT_MEMEXTENT_MAP | GUNYAH_RIGHT_MEMEXTENT_LOOKUP |
			  GUNYAH_RIGHT_MEMEXTENT_DONATE, &ext->host_cap);
}

static void free_extents(struct vm *vm, unsigned int nr)
{
	while (nr--)
		cspace_remove(&host_cspace, vm->extents[nr].host_cap);
	page_pool_free(&object_pool, arch_va_to_pa(vm->extents), EXTENT_PAGES);
	vm->extents = NULL;
}

int memextents_add(struct vm *vm, bool protected)
{
	u64 pa = page_pool_alloc(&object_pool, EXTENT_PAGES, 1);
	unsigned int nr;
	int err = GUNYAH_ERR_OK;

	BUG_ON(vm->extents || vm->started);
	if (!pa)
		return GUNYAH_ERR_NOMEM;
	vm->extents = arch_pa_to_va(pa);
	for (nr = 0; nr < MEMEXTENT_NR; nr++) {
		err = add_extent(vm, nr, protected);
		if (err)
			break;
	}
	if (!err)
		err = addrspace_add_caps(vm);
	if (err)
		free_extents(vm, nr);
	return err;
}

/* Runs of pages in one state, as long as some are left */
static void return_rest(struct memextent *ext)
{
	u64 pa, n;

	for (pa = ext->low; ext->nr && pa < ext->high; pa += n) {
		enum page_state state = owner_state(pa);

		n = PAGE_SIZE;
		if (!owns_page(ext, pa))
			continue;
		while (pa + n < ext->high && owner_is(pa + n, PAGE_SIZE, state, ext->id))
			n += PAGE_SIZE;
		BUG_ON(owner_return(pa, n, state, ext->id, state == PAGE_PRIVATE, true));
		ext->nr -= n >> PAGE_SHIFT;
	}
	BUG_ON(ext->nr);
}

void memextents_destroy(struct vm *vm)
{
	unsigned int i;

	assert_locked();
	if (!vm->extents)
		return;
	for (i = 0; i < MEMEXTENT_NR; i++) {
		forget_records(&vm->extents[i]);
		return_rest(&vm->extents[i]);
	}
	addrspace_remove_caps(vm);
	free_extents(vm, MEMEXTENT_NR);
}
