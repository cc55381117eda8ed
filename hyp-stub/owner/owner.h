/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Who may touch a page: the only place that decides it.  A page of RAM is the
 * stub's, the host's, or part of a memparcel which is lent (the host has no
 * access) or shared (the host keeps access).
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
};

#define OWNER_MAX_ID	BIT(30)

/* @db_pa: memory for the page database, owner_db_size() bytes */
u64 owner_db_size(u64 ram_size);
void owner_init(u64 ram_base, u64 ram_size, u64 db_pa, struct stage2 *host_s2);
/* At boot: [pa, pa + size) belongs to the host and is mapped for it (RWX, identity) */
void owner_add_host(u64 pa, u64 size);
/* The pool of the host's tables: big enough for any sequence of calls, or this panics */
const struct page_pool *owner_host_tables(void);

enum page_state owner_state(u64 pa);
u32 owner_parcel(u64 pa);	/* 0 for a page that is in no parcel */
/* Whole range is RAM that the host owns and has not handed over */
bool owner_is_host(u64 ipa, u64 size);
/* Whole range is RAM that the host may read/write now: its own or shared */
bool owner_host_may_access(u64 pa, u64 size);

/*
 * Takes pages out of (PAGE_LENT) or marks them in (PAGE_SHARED) the host's
 * stage 2 on behalf of parcel @id.  All or nothing: RM errors in rm.h terms are
 * the caller's, this returns GUNYAH_ERR_*: MEMDB_NOT_OWNER if a page is not the
 * host's, NOMEM.
 * @id: below OWNER_MAX_ID.
 */
int owner_take(u64 ipa, u64 size, enum page_state to, u32 id) __must_check;
/* Back to the host; every page must be parcel @id's (else panics). @wipe: zero the contents first */
void owner_return(u64 ipa, u64 size, u32 id, bool wipe);

#endif
