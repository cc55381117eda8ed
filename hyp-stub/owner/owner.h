/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Who may touch a page: the only place that decides it.  A page of RAM is the
 * stub's, the host's, or it has been handed over: to a memparcel or to an extent of
 * a guest, each of which has an id, and there either exclusively (the host has no
 * access) or jointly (the host keeps access).
 */
#ifndef STUB_OWNER_H
#define STUB_OWNER_H

#include "lib/types.h"
#include "mm/stage2.h"

enum page_state {
	PAGE_NONE,		/* no RAM, or the stub's own */
	PAGE_HOST,
	PAGE_LENT,		/* in a parcel, host has no access */
	PAGE_SHARED,		/* in a parcel, host keeps access */
	PAGE_PRIVATE,		/* in a guest's extent, host has no access */
	PAGE_JOINT,		/* in a guest's extent, host keeps access */
};

/* Ids of parcels and of extents are two name spaces: the state says which */
#define OWNER_MAX_ID	BIT(24)

/* @db_pa: memory for the page database, owner_db_size() bytes */
u64 owner_db_size(u64 ram_size);
void owner_init(u64 ram_base, u64 ram_size, u64 db_pa, struct stage2 *host_s2);
/* At boot: [pa, pa + size) belongs to the host and is mapped for it (RWX, identity) */
void owner_add_host(u64 pa, u64 size);
/* The pool of the host's tables: big enough for any sequence of calls, or this panics */
const struct page_pool *owner_host_tables(void);

enum page_state owner_state(u64 pa);
u32 owner_id(u64 pa);		/* 0 for a page that nobody has been given */
/* Whole range is RAM that the host owns and has not handed over */
bool owner_is_host(u64 ipa, u64 size);
/* Whole range is RAM that the host may read/write now: its own, shared or joint */
bool owner_host_may_access(u64 pa, u64 size);
/* Whole range is in @state (PRIVATE, JOINT, LENT, SHARED) and @id's */
bool owner_is(u64 pa, u64 size, enum page_state state, u32 id);

/*
 * Hands pages of the host over to @id: LENT and PRIVATE leave the host's stage 2.
 * All or nothing: MEMDB_NOT_OWNER if a page is not the host's, DENIED if the machine
 * itself writes to it (owner_set_device_use()), NOMEM.
 * @id: below OWNER_MAX_ID.
 */
int owner_take(u64 ipa, u64 size, enum page_state to, u32 id) __must_check;
/*
 * A guest can see the pages from now on (it accepted the parcel, or they were mapped):
 * what it writes to exclusive pages is its secret.  They are wiped on their way back,
 * and what it had given up before is its own again.
 */
void owner_set_secret(u64 pa, u64 size, u32 id);
/*
 * The guest itself gives exclusive pages up (relinquish): the host may have them back
 * while the guest lives.  MEMDB_NOT_OWNER unless all of them are PRIVATE and @id's.
 */
int owner_relinquish(u64 pa, u64 size, u32 id) __must_check;
/*
 * Back to the host; wiped if they are secret, or if @wipe.  The caller has removed the
 * guest's mappings.  @dead: the guest will never run again.
 * MEMDB_NOT_OWNER if a page is not @id's in state @from; DENIED if a page is PRIVATE, not
 * relinquished, and the guest is not @dead.  Nothing has changed then.
 */
int owner_return(u64 ipa, u64 size, enum page_state from, u32 id, bool wipe, bool dead)
	__must_check;
/* Pages that @id has in @state: to look for what is left when its owner goes */
u64 owner_count(enum page_state state, u32 id);

/*
 * The machine writes to these pages by itself on behalf of the host (tables of the
 * interrupt controller): they cannot be handed over until it no longer does.  Calls
 * nest.  DENIED if a page is not the host's alone; on == false always succeeds.
 */
int owner_set_device_use(u64 pa, u64 size, bool on) __must_check;

#endif
