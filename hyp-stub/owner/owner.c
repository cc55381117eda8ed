// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The page database: one word for each page of RAM, and the host's stage 2 in step
 * with it.
 *
 *	state		host's stage 2	becomes
 *	NONE		nothing		HOST at boot (owner_add_host)
 *	HOST		RWX		LENT, SHARED (owner_take)
 *	LENT		nothing		HOST (owner_return)
 *	SHARED		RWX		HOST (owner_return)
 *
 * Nothing else touches the host's mappings of RAM.  Each call checks its whole
 * range before it changes anything.
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

/* A database word: parcel id and state */
#define WORD_STATE	0x3U
#define WORD_ID_SHIFT	2

static u32 *db;
static u64 ram_first, ram_end;
static struct stage2 *host;

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

static bool all_words(u64 pa, u64 size, u32 word)
{
	u64 end = pa + size;

	for (; pa < end; pa += PAGE_SIZE)
		if (*word_of(pa) != word)
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

u32 owner_parcel(u64 pa)
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
	return all_in(pa, size, BIT(PAGE_HOST) | BIT(PAGE_SHARED));
}

int owner_take(u64 ipa, u64 size, enum page_state to, u32 id)
{
	int err;

	BUG_ON((to != PAGE_LENT && to != PAGE_SHARED) || id >= OWNER_MAX_ID);
	if (!page_range(ipa, size) || !owner_is_host(ipa, size))
		return GUNYAH_ERR_MEMDB_NOT_OWNER;
	if (to == PAGE_LENT) {
		err = stage2_unmap(host, ipa, size);
		if (err)
			return err;
	}
	set_words(ipa, size, make_word(to, id));
	return GUNYAH_ERR_OK;
}

/* To the point of coherency: the next owner may look with its caches off */
static void wipe_pages(u64 pa, u64 size)
{
	memset(arch_pa_to_va(pa), 0, size);
	arch_cache_flush(pa, size);
}

void owner_return(u64 ipa, u64 size, u32 id, bool wipe)
{
	enum page_state from = owner_state(ipa);

	if ((from != PAGE_LENT && from != PAGE_SHARED) || !page_range(ipa, size) ||
	    !all_words(ipa, size, make_word(from, id)))
		panic("pages %lx + %lx are not parcel %u's", ipa, size, id);

	if (wipe)
		wipe_pages(ipa, size);
	if (from == PAGE_LENT)
		map_for_host(ipa, size);
	set_words(ipa, size, make_word(PAGE_HOST, 0));
}
