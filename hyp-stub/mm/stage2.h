/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Stage 2 tables: a walker without policy.  4 KiB granule, entries of 4 KiB,
 * 2 MiB and 1 GiB, split and merged.  Sizes and addresses in bytes, page aligned.
 */
#ifndef STUB_MM_STAGE2_H
#define STUB_MM_STAGE2_H

#include "lib/types.h"
#include "mm/page_pool.h"

#define S2_READ		BIT(0)
#define S2_WRITE	BIT(1)
#define S2_EXEC		BIT(2)
#define S2_DEVICE	BIT(3)	/* Device-nGnRE, otherwise Normal write-back */
#define S2_RWX		(S2_READ | S2_WRITE | S2_EXEC)

/**
 * struct stage2 - one address space
 * @root: physical address of the root (concatenated tables where needed)
 * @ipa_bits: size of the input address, 32 to 40
 * @vmid: hardware VMID for maintenance
 * @pool: where tables come from
 * @reserve: where stage2_unmap() finds tables for the pieces of blocks when @pool has
 *	none; has room for each block that is mapped.  NULL: @pool itself has
 * @record: no address space but a record, see stage2_init_record()
 */
struct stage2 {
	u64 root;
	unsigned int ipa_bits;
	u16 vmid;
	struct page_pool *pool;
	struct page_pool *reserve;
	bool record;
};

/* VTCR_EL2 without the fields that the CPU decides (PS, VS): T0SZ, SL0, granule, shareability */
u64 stage2_vtcr(unsigned int ipa_bits);

bool stage2_init(struct stage2 *s2, struct page_pool *pool, unsigned int ipa_bits, u16 vmid)
	__must_check;
/*
 * Unmapping never lacks memory from now on: each block that stage2_map() makes has a
 * table in @reserve set aside; NOMEM when there is none left to set aside.  Before the
 * first mapping.
 */
void stage2_set_reserve(struct stage2 *s2, struct page_pool *reserve);
/*
 * The same tables as a map from one number to another that no machine walks: nothing
 * is flushed, entries are single pages, so that unmapping takes no memory.
 */
bool stage2_init_record(struct stage2 *s2, struct page_pool *pool, unsigned int ipa_bits)
	__must_check;
/* Gives all tables back; nothing may use the VMID any more */
void stage2_destroy(struct stage2 *s2);

/*
 * Maps [ipa, ipa + size) to pa; replaces what was there (break before make).
 * GUNYAH_ERR_NOMEM leaves the range as it was; GUNYAH_ERR_ADDR_INVALID beyond
 * ipa_bits.
 */
int stage2_map(struct stage2 *s2, u64 ipa, u64 pa, u64 size, u32 attrs) __must_check;
/*
 * Unmaps the range.  Splitting a block at its edges may need at most two table
 * pages a level: GUNYAH_ERR_NOMEM then, and nothing has changed.  Not with a reserve.
 */
int stage2_unmap(struct stage2 *s2, u64 ipa, u64 size) __must_check;
/* true if @ipa is mapped; any out pointer may be NULL; @left: bytes to the end of the entry */
bool stage2_lookup(const struct stage2 *s2, u64 ipa, u64 *pa, u32 *attrs, u64 *left);

#endif
