// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The page database: one word for each page of RAM, and the host's stage 2 in step
 * with it.
 *
 *	state		host's stage 2	becomes
 *	NONE		nothing		HOST at boot (owner_add_host)
 *	HOST		RWX		any of the others (owner_take)
 *	LENT		nothing		HOST (owner_return)
 *	SHARED		RWX		HOST (owner_return)
 *	PRIVATE		nothing		HOST (owner_return: relinquished, or a dead guest)
 *	JOINT		RWX		HOST (owner_return)
 *
 * Nothing else touches the host's mappings of RAM.  Each call checks its whole
 * range before it changes anything.
 *
 * Contents of LENT and PRIVATE pages are a secret from the moment that a guest can
 * see them until they are wiped, which owner_return() does before the host can look.
 *
 * The host's tables: every page may stand alone, so the pool holds a last-level
 * table for each 2 MiB of RAM and a table for each GiB.  Under that condition no
 * call here ever lacks a table.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "owner/owner.h"

/* A database word: state, what is special about the page, id of the parcel or extent */
#define WORD_STATE	0x7U
#define WORD_SECRET	BIT(3)
#define WORD_RELINQUISHED BIT(4)
#define WORD_FLAGS	(WORD_SECRET | WORD_RELINQUISHED)
#define WORD_ID_SHIFT	8

#define EXCLUSIVE	(BIT(PAGE_LENT) | BIT(PAGE_PRIVATE))
#define COMMON		(BIT(PAGE_SHARED) | BIT(PAGE_JOINT))

/* Ranges that the machine writes to: a few tables for each CPU and each ITS */
#define MAX_DEVICE_RANGES 128

/**
 * struct device_range - pages in use by the machine
 * @pa: first page
 * @size: bytes
 * @users: owner_set_device_use() calls that are not undone, 0: entry is free
 */
struct device_range {
	u64 pa;
	u64 size;
	u32 users;
};

static u32 *db;
static u64 ram_first, ram_end;
static struct stage2 *host;
static struct device_range device_ranges[MAX_DEVICE_RANGES];

u64 owner_db_size(u64 ram_size)
{
	return ALIGN_UP((ram_size >> PAGE_SHIFT) * sizeof(*db), PAGE_SIZE);
}

void owner_init(u64 ram_base, u64 ram_size, u64 db_pa, struct stage2 *host_s2)
{
	BUG_ON(!IS_ALIGNED(ram_base | ram_size, PAGE_SIZE) || !range_valid(ram_base, ram_size));
	db = arch_pa_to_va(db_pa);
	memset(db, 0, owner_db_size(ram_size));
	ram_first = ram_base;
	ram_end = ram_base + ram_size;
	host = host_s2;
	memset(device_ranges, 0, sizeof(device_ranges));
}

static bool in_ram(u64 pa, u64 size)
{
	return range_valid(pa, size) && pa >= ram_first && pa + size - 1 < ram_end;
}

static u32 *word_of(u64 pa)
{
	return &db[(pa - ram_first) >> PAGE_SHIFT];
}

static u32 make_word(enum page_state state, u32 id)
{
	return id << WORD_ID_SHIFT | state;
}

static enum page_state word_state(u32 word)
{
	return word & WORD_STATE;
}

/* Every page that [pa, pa + size) touches has one of the @states (bits) */
static bool all_in(u64 pa, u64 size, u32 states)
{
	u64 end = pa + size;

	assert_locked();
	if (!in_ram(pa, size))
		return false;
	for (pa = ALIGN_DOWN(pa, PAGE_SIZE); pa < end; pa += PAGE_SIZE)
		if (!(BIT(word_state(*word_of(pa))) & states))
			return false;
	return true;
}

/* Every page of [pa, pa + size) is @id's in @state, and has all of @flags */
static bool all_words(u64 pa, u64 size, enum page_state state, u32 id, u32 flags)
{
	u32 ignored = WORD_FLAGS & ~flags;
	u64 end = pa + size;

	for (; pa < end; pa += PAGE_SIZE)
		if ((*word_of(pa) & ~ignored) != (make_word(state, id) | flags))
			return false;
	return true;
}

static void set_words(u64 pa, u64 size, u32 word)
{
	u64 end = pa + size;

	for (; pa < end; pa += PAGE_SIZE)
		*word_of(pa) = word;
}

static bool page_range(u64 pa, u64 size)
{
	return IS_ALIGNED(pa | size, PAGE_SIZE) && in_ram(pa, size);
}

static void map_for_host(u64 pa, u64 size)
{
	int err = stage2_map(host, pa, pa, size, S2_RWX);

	if (err)
		panic("mapping %lx + %lx for the host: %d", pa, size, err);
}

void owner_add_host(u64 pa, u64 size)
{
	BUG_ON(!page_range(pa, size) || !all_in(pa, size, BIT(PAGE_NONE)));
	map_for_host(pa, size);
	set_words(pa, size, make_word(PAGE_HOST, 0));
}

const struct page_pool *owner_host_tables(void)
{
	return host->pool;
}

enum page_state owner_state(u64 pa)
{
	assert_locked();
	return in_ram(pa, 1) ? word_state(*word_of(pa)) : PAGE_NONE;
}

u32 owner_id(u64 pa)
{
	assert_locked();
	return in_ram(pa, 1) ? *word_of(pa) >> WORD_ID_SHIFT : 0;
}

bool owner_is_host(u64 ipa, u64 size)
{
	return all_in(ipa, size, BIT(PAGE_HOST));
}

bool owner_host_may_access(u64 pa, u64 size)
{
	return all_in(pa, size, BIT(PAGE_HOST) | COMMON);
}

bool owner_is(u64 pa, u64 size, enum page_state state, u32 id)
{
	assert_locked();
	return page_range(pa, size) && all_words(pa, size, state, id, 0);
}

u64 owner_count(enum page_state state, u32 id)
{
	u64 pa, n = 0;

	assert_locked();
	for (pa = ram_first; pa < ram_end; pa += PAGE_SIZE)
		n += (*word_of(pa) & ~WORD_FLAGS) == make_word(state, id);
	return n;
}

/* -- What the machine writes to ------------------------------------------- */

static bool in_device_use(u64 pa, u64 size)
{
	const struct device_range *r;

	for (r = device_ranges; r < device_ranges + MAX_DEVICE_RANGES; r++)
		if (r->users && pa < r->pa + r->size && r->pa < pa + size)
			return true;
	return false;
}

static struct device_range *find_device_range(u64 pa, u64 size)
{
	struct device_range *r;

	for (r = device_ranges; r < device_ranges + MAX_DEVICE_RANGES; r++)
		if (r->users && r->pa == pa && r->size == size)
			return r;
	return NULL;
}

static struct device_range *free_device_range(void)
{
	struct device_range *r;

	for (r = device_ranges; r < device_ranges + MAX_DEVICE_RANGES; r++)
		if (!r->users)
			return r;
	return NULL;
}

int owner_set_device_use(u64 pa, u64 size, bool on)
{
	struct device_range *r;

	assert_locked();
	r = find_device_range(pa, size);
	if (!on) {
		if (r)
			r->users--;
		return GUNYAH_ERR_OK;
	}
	if (!page_range(pa, size) || !owner_is_host(pa, size))
		return GUNYAH_ERR_DENIED;
	if (!r)
		r = free_device_range();
	if (!r)
		return GUNYAH_ERR_NORESOURCES;
	*r = (struct device_range){ .pa = pa, .size = size, .users = r->users + 1 };
	return GUNYAH_ERR_OK;
}

/* -- Changes of ownership ------------------------------------------------- */

/*
 * To the point of coherency: the next one to look may do so with its caches off.  An
 * exclusive page has left the host before, so that nothing brings it into the caches
 * again.
 */
int owner_take(u64 ipa, u64 size, enum page_state to, u32 id)
{
	int err;

	BUG_ON(!(BIT(to) & (EXCLUSIVE | COMMON)) || id >= OWNER_MAX_ID);
	if (!page_range(ipa, size) || !owner_is_host(ipa, size))
		return GUNYAH_ERR_MEMDB_NOT_OWNER;
	if (in_device_use(ipa, size))
		return GUNYAH_ERR_DENIED;
	if (BIT(to) & EXCLUSIVE) {
		err = stage2_unmap(host, ipa, size);
		if (err)
			return err;
	}
	arch_cache_flush(ipa, size);
	set_words(ipa, size, make_word(to, id));
	return GUNYAH_ERR_OK;
}

void owner_set_secret(u64 pa, u64 size, u32 id)
{
	u64 end = pa + size;

	assert_locked();
	BUG_ON(!page_range(pa, size));
	for (; pa < end; pa += PAGE_SIZE) {
		u32 *word = word_of(pa);

		if (*word >> WORD_ID_SHIFT != id || !(BIT(word_state(*word)) & (EXCLUSIVE | COMMON)))
			panic("page %lx is not %u's", pa, id);
		if (BIT(word_state(*word)) & EXCLUSIVE)
			*word = (*word | WORD_SECRET) & ~WORD_RELINQUISHED;
	}
}

int owner_relinquish(u64 pa, u64 size, u32 id)
{
	u64 end = pa + size;

	if (!owner_is(pa, size, PAGE_PRIVATE, id))
		return GUNYAH_ERR_MEMDB_NOT_OWNER;
	for (; pa < end; pa += PAGE_SIZE)
		*word_of(pa) |= WORD_RELINQUISHED;
	return GUNYAH_ERR_OK;
}

static void wipe_secrets(u64 pa, u64 size, bool all)
{
	u64 end = pa + size;

	for (; pa < end; pa += PAGE_SIZE) {
		if (!all && !(*word_of(pa) & WORD_SECRET))
			continue;
		memset(arch_pa_to_va(pa), 0, PAGE_SIZE);
		arch_cache_flush(pa, PAGE_SIZE);
	}
}

int owner_return(u64 ipa, u64 size, enum page_state from, u32 id, bool wipe, bool dead)
{
	BUG_ON(!(BIT(from) & (EXCLUSIVE | COMMON)));
	if (!owner_is(ipa, size, from, id))
		return GUNYAH_ERR_MEMDB_NOT_OWNER;
	if (from == PAGE_PRIVATE && !dead && !all_words(ipa, size, from, id, WORD_RELINQUISHED))
		return GUNYAH_ERR_DENIED;

	wipe_secrets(ipa, size, wipe);
	if (BIT(from) & EXCLUSIVE)
		map_for_host(ipa, size);
	set_words(ipa, size, make_word(PAGE_HOST, 0));
	return GUNYAH_ERR_OK;
}
