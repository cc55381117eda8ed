// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Stage 2 tables: map, unmap, look up.  Levels 1 to 3 of the 4 KiB granule; the
 * root is level 1 with up to two concatenated pages.  Who may map what is decided
 * elsewhere.
 *
 * A change is made in four steps:
 *
 *   count	how many table pages it may take; NOMEM ends here, nothing changed
 *   break	what is valid in the range becomes invalid; blocks that stick out of
 *		it are split; tables that nobody needs any more are unlinked
 *   flush	once for the whole range; then unlinked tables are freed
 *   make	new entries, then neighbours merge into blocks where they can
 *
 * Between break and make other CPUs fault on the range.  They wait for the lock
 * and look the address up again.
 *
 * With a reserve, each block has a promise there of the tables that its pieces would
 * need, down to single pages.  Splitting one takes a table, from the heap or else from
 * the reserve, and lowers the promise by one: what is left are the promises of the
 * pieces.  Mapping takes tables from the heap only.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "arch/arch.h"
#include "lib/printk.h"
#include "mm/stage2.h"

#define ENTRIES		512
#define LAST_LEVEL	3

/* VMSAv8-64 stage 2 descriptor */
#define S2_VALID	BIT(0)
#define S2_TYPE		GENMASK(1, 0)
#define S2_TYPE_BLOCK	1ULL
#define S2_TYPE_TABLE	3ULL		/* at the last level: page */
#define S2_MEMATTR	GENMASK(5, 2)
#define S2_MEMATTR_NORMAL (0xfULL << 2)	/* write-back, inner and outer */
#define S2_MEMATTR_DEVICE (0x1ULL << 2)	/* nGnRE */
#define S2_AP_READ	BIT(6)
#define S2_AP_WRITE	BIT(7)
#define S2_SH_INNER	(3ULL << 8)
#define S2_AF		BIT(10)
#define S2_XN		BIT(54)		/* XN[1], XN[0] = 0: at EL1 and EL0 */
#define S2_ADDR		GENMASK(47, PAGE_SHIFT)
#define S2_PA_END	BIT(48)

/* VTCR_EL2 */
#define VTCR_SL0_LEVEL1	(1ULL << 6)
#define VTCR_IRGN0_WBWA	(1ULL << 8)
#define VTCR_ORGN0_WBWA	(1ULL << 10)
#define VTCR_SH0_INNER	(3ULL << 12)
#define VTCR_RES1	BIT(31)

/* More pages than this are cheaper to flush as a whole address space */
#define FLUSH_PAGES	32

/**
 * struct s2_op - a change of [ipa, end)
 * @s2: where
 * @ipa: first byte
 * @end: behind the last byte
 * @delta: physical minus intermediate physical address
 * @desc: attributes of new entries
 * @map: new entries will follow, otherwise the range is unmapped
 * @flush: something valid was removed
 * @detached: unlinked tables, chained through their first entries; a physical
 *	address has bit 0 clear, so a walker that is still there sees it as invalid
 */
struct s2_op {
	struct stage2 *s2;
	u64 ipa;
	u64 end;
	u64 delta;
	u64 desc;
	bool map;
	bool flush;
	u64 detached;
};

static unsigned int level_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (LAST_LEVEL - level);
}

static u64 level_size(unsigned int level)
{
	return BIT(level_shift(level));
}

/* The root's pages are one array */
static u64 *entry_of(u64 table, unsigned int level, u64 ipa)
{
	u64 n = ipa >> level_shift(level);

	return (u64 *)arch_pa_to_va(table) + (level == 1 ? n : n % ENTRIES);
}

static bool is_table(u64 desc, unsigned int level)
{
	return level < LAST_LEVEL && (desc & S2_TYPE) == S2_TYPE_TABLE;
}

static u64 leaf_type(unsigned int level)
{
	return level == LAST_LEVEL ? S2_TYPE_TABLE : S2_TYPE_BLOCK;
}

/*
 * All changes of an entry: release, a table is filled before a walker finds it.
 * A test watches the order of writes and flushes here.
 */
#ifndef S2_SET
static void s2_set(u64 *entry, u64 desc)
{
	__atomic_store_n(entry, desc, __ATOMIC_RELEASE);
}
#define S2_SET(entry, desc) s2_set(entry, desc)
#endif

static void s2_flush(const struct stage2 *s2, u64 ipa, u64 size)
{
	if (s2->record)
		return;
	arch_s2_sync();
	if (size > FLUSH_PAGES << PAGE_SHIFT)
		arch_s2_flush_all(s2->vmid);
	else
		arch_s2_flush_range(s2->vmid, ipa, size);
}

static u64 attrs_to_desc(u32 attrs)
{
	u64 desc = S2_AF;

	desc |= attrs & S2_DEVICE ? S2_MEMATTR_DEVICE : S2_MEMATTR_NORMAL | S2_SH_INNER;
	if (attrs & S2_READ)
		desc |= S2_AP_READ;
	if (attrs & S2_WRITE)
		desc |= S2_AP_WRITE;
	if (!(attrs & S2_EXEC))
		desc |= S2_XN;
	return desc;
}

static u32 desc_to_attrs(u64 desc)
{
	u32 attrs = 0;

	if ((desc & S2_MEMATTR) == S2_MEMATTR_DEVICE)
		attrs |= S2_DEVICE;
	if (desc & S2_AP_READ)
		attrs |= S2_READ;
	if (desc & S2_AP_WRITE)
		attrs |= S2_WRITE;
	if (!(desc & S2_XN))
		attrs |= S2_EXEC;
	return attrs;
}

/* The entry of @level at @base lies inside the range as a whole */
static bool covers(const struct s2_op *op, unsigned int level, u64 base)
{
	return base >= op->ipa && base + level_size(level) <= op->end;
}

/* The change ends at this level: one leaf to write, or a whole entry to clear */
static bool ends_here(const struct s2_op *op, unsigned int level, u64 base)
{
	if (!covers(op, level, base))
		return false;
	if (op->s2->record && level < LAST_LEVEL)
		return !op->map;
	return !op->map || IS_ALIGNED(op->delta, level_size(level));
}

/* -- Tables and what is set aside ------------------------------------------ */

/* Tables that a block of @level becomes when each of its pages stands alone */
static u64 block_promise(unsigned int level)
{
	u64 n = 0;

	for (; level < LAST_LEVEL; level++)
		n = n * ENTRIES + 1;
	return n;
}

static void unpromise(struct stage2 *s2, u64 nr)
{
	if (s2->reserve)
		page_pool_unpromise(s2->reserve, nr);
}

/* An entry stops being a leaf; what was promised to it goes with it */
static void leaf_gone(struct stage2 *s2, unsigned int level)
{
	unpromise(s2, block_promise(level));
}

static u64 table_alloc(struct stage2 *s2)
{
	u64 table = page_pool_alloc(s2->pool, 1, 1);

	BUG_ON(!table);		/* counted before */
	return table;
}

/* For the pieces of a block, which has a promise */
static u64 split_alloc(struct stage2 *s2)
{
	u64 table;

	unpromise(s2, 1);
	table = page_pool_alloc(s2->pool, 1, 1);
	if (!table && s2->reserve)
		table = page_pool_alloc(s2->reserve, 1, 1);
	BUG_ON(!table);		/* counted or promised before */
	return table;
}

static bool from_reserve(const struct stage2 *s2, u64 table)
{
	return s2->reserve && page_pool_contains(s2->reserve, table);
}

static void table_free(struct stage2 *s2, u64 table)
{
	page_pool_free(from_reserve(s2, table) ? s2->reserve : s2->pool, table, 1);
}

/* -- count ---------------------------------------------------------------- */

/*
 * Table pages that the change may take below @table for [lo, hi).  @table 0: one
 * that does not exist yet, it will hold pieces of a block or, when mapping, nothing.
 */
static u64 count_tables(const struct s2_op *op, u64 table, unsigned int level, u64 lo, u64 hi)
{
	u64 size = level_size(level);
	u64 base, next, desc, n = 0;

	if (level == LAST_LEVEL)
		return 0;
	for (; lo < hi; lo = next) {
		base = ALIGN_DOWN(lo, size);
		next = min(base + size, hi);
		desc = table ? *entry_of(table, level, lo) : S2_TYPE_BLOCK;
		if (ends_here(op, level, base))
			continue;
		if (is_table(desc, level))
			n += count_tables(op, desc & S2_ADDR, level + 1, lo, next);
		else if (op->map || (desc & S2_VALID))
			n += 1 + count_tables(op, 0, level + 1, lo, next);
	}
	return n;
}

/* What new blocks will be promised */
static u64 count_promises(const struct s2_op *op, unsigned int level, u64 lo, u64 hi)
{
	u64 size = level_size(level);
	u64 base, next, n = 0;

	if (level == LAST_LEVEL)
		return 0;
	for (; lo < hi; lo = next) {
		base = ALIGN_DOWN(lo, size);
		next = min(base + size, hi);
		if (ends_here(op, level, base))
			n += block_promise(level);
		else
			n += count_promises(op, level + 1, lo, next);
	}
	return n;
}

/* What break will bring to the reserve: promises and tables.  @table 0: pieces of a block */
static u64 count_broken(const struct s2_op *op, u64 table, unsigned int level, u64 lo, u64 hi)
{
	u64 size = level_size(level);
	u64 base, next, desc, n = 0;

	if (level == LAST_LEVEL)
		return 0;
	for (; lo < hi; lo = next) {
		base = ALIGN_DOWN(lo, size);
		next = min(base + size, hi);
		desc = table ? *entry_of(table, level, lo) : S2_TYPE_BLOCK;
		if (is_table(desc, level))
			n += count_broken(op, desc & S2_ADDR, level + 1, lo, next) +
			     (ends_here(op, level, base) && from_reserve(op->s2, desc & S2_ADDR));
		else if (desc & S2_VALID)
			n += covers(op, level, base) ? block_promise(level) :
			     1 + count_broken(op, 0, level + 1, lo, next);
	}
	return n;
}

static bool enough_tables(const struct s2_op *op)
{
	return count_tables(op, op->s2->root, 1, op->ipa, op->end) <=
	       page_pool_available(op->s2->pool);
}

/* Splitting in the middle of a map takes tables from the heap, see enough_tables() */
static bool enough_reserve(const struct s2_op *op)
{
	if (!op->s2->reserve)
		return true;
	return count_promises(op, 1, op->ipa, op->end) <=
	       page_pool_available(op->s2->reserve) +
	       count_broken(op, op->s2->root, 1, op->ipa, op->end);
}

/* -- break ---------------------------------------------------------------- */

/* Instead of a block, a table with its pieces */
static void split_block(struct s2_op *op, u64 *entry, unsigned int level, u64 base)
{
	u64 table = split_alloc(op->s2);
	u64 *piece = arch_pa_to_va(table);
	u64 desc = (*entry & ~S2_TYPE) | leaf_type(level + 1);
	unsigned int i;

	for (i = 0; i < ENTRIES; i++)
		S2_SET(&piece[i], desc + i * level_size(level + 1));
	S2_SET(entry, 0);
	s2_flush(op->s2, base, level_size(level));
	S2_SET(entry, table | S2_TYPE_TABLE);
}

static bool table_empty(u64 table)
{
	const u64 *entry = arch_pa_to_va(table);
	unsigned int i;

	for (i = 0; i < ENTRIES; i++)
		if (entry[i])
			return false;
	return true;
}

static void detach_table(struct s2_op *op, u64 *entry)
{
	u64 table = *entry & S2_ADDR;

	S2_SET(entry, 0);
	S2_SET((u64 *)arch_pa_to_va(table), op->detached);
	op->detached = table;
	op->flush = true;
}

/* An emptied table goes, unless new entries will need it */
static bool table_done(const struct s2_op *op, u64 desc, unsigned int level, u64 base)
{
	return op->map ? ends_here(op, level, base) : table_empty(desc & S2_ADDR);
}

static void break_range(struct s2_op *op, u64 table, unsigned int level, u64 lo, u64 hi)
{
	u64 size = level_size(level);
	u64 base, next, *entry;

	for (; lo < hi; lo = next) {
		base = ALIGN_DOWN(lo, size);
		next = min(base + size, hi);
		entry = entry_of(table, level, lo);
		if (!(*entry & S2_VALID))
			continue;
		if (!is_table(*entry, level) && covers(op, level, base)) {
			S2_SET(entry, 0);
			leaf_gone(op->s2, level);
			op->flush = true;
			continue;
		}
		if (!is_table(*entry, level))
			split_block(op, entry, level, base);
		break_range(op, *entry & S2_ADDR, level + 1, lo, next);
		if (table_done(op, *entry, level, base))
			detach_table(op, entry);
	}
}

static void free_detached(struct s2_op *op)
{
	u64 table;

	while ((table = op->detached)) {
		op->detached = *(u64 *)arch_pa_to_va(table);
		table_free(op->s2, table);
	}
}

static void break_and_flush(struct s2_op *op)
{
	break_range(op, op->s2->root, 1, op->ipa, op->end);
	if (op->flush)
		s2_flush(op->s2, op->ipa, op->end - op->ipa);
	free_detached(op);
}

/* -- make ----------------------------------------------------------------- */

static void leaf_made(struct stage2 *s2, unsigned int level)
{
	/* Counted before */
	BUG_ON(s2->reserve && !page_pool_promise(s2->reserve, block_promise(level)));
}

static void make_range(struct s2_op *op, u64 table, unsigned int level, u64 lo, u64 hi)
{
	u64 size = level_size(level);
	u64 base, next, *entry;

	for (; lo < hi; lo = next) {
		base = ALIGN_DOWN(lo, size);
		next = min(base + size, hi);
		entry = entry_of(table, level, lo);
		if (ends_here(op, level, base)) {
			S2_SET(entry, (base + op->delta) | op->desc | leaf_type(level));
			leaf_made(op->s2, level);
			continue;
		}
		if (!(*entry & S2_VALID))
			S2_SET(entry, table_alloc(op->s2) | S2_TYPE_TABLE);
		make_range(op, *entry & S2_ADDR, level + 1, lo, next);
	}
}

/* The table at @level would be one block of the level above */
static bool table_uniform(u64 table, unsigned int level)
{
	const u64 *entry = arch_pa_to_va(table);
	u64 step = level_size(level);
	unsigned int i;

	if ((entry[0] & S2_TYPE) != leaf_type(level) ||
	    !IS_ALIGNED(entry[0] & S2_ADDR, level_size(level - 1)))
		return false;
	/* From the end: the usual reason to say no is a table not filled yet */
	for (i = ENTRIES - 1; i > 0; i--)
		if (entry[i] != entry[0] + i * step)
			return false;
	return true;
}

/* One more than the pieces have is promised to a block; the freed table may be the one */
static bool may_merge(const struct stage2 *s2, u64 table)
{
	return !s2->reserve || from_reserve(s2, table) || page_pool_available(s2->reserve);
}

/* Puts a block in place of the table below the entry of @level for @ipa, if it can */
static void merge_at(struct stage2 *s2, u64 *entry, unsigned int level, u64 ipa)
{
	u64 table = *entry & S2_ADDR;
	u64 desc;

	if (!is_table(*entry, level) || !table_uniform(table, level + 1) ||
	    !may_merge(s2, table))
		return;
	desc = *(u64 *)arch_pa_to_va(table);
	S2_SET(entry, 0);
	s2_flush(s2, ALIGN_DOWN(ipa, level_size(level)), level_size(level));
	S2_SET(entry, (desc & ~S2_TYPE) | S2_TYPE_BLOCK);
	table_free(s2, table);
	BUG_ON(s2->reserve && !page_pool_promise(s2->reserve, 1));
}

/* Only tables at the edges of a range can have become uniform: inside it blocks were made */
static void merge_around(struct stage2 *s2, u64 ipa)
{
	u64 *first = entry_of(s2->root, 1, ipa);

	if (s2->record)
		return;
	if (is_table(*first, 1))
		merge_at(s2, entry_of(*first & S2_ADDR, 2, ipa), 2, ipa);
	merge_at(s2, first, 1, ipa);
}

/* -- Interface ------------------------------------------------------------ */

static unsigned int root_pages(unsigned int ipa_bits)
{
	return ipa_bits > 39 ? 1U << (ipa_bits - 39) : 1;
}

u64 stage2_vtcr(unsigned int ipa_bits)
{
	return (64 - ipa_bits) | VTCR_SL0_LEVEL1 | VTCR_IRGN0_WBWA | VTCR_ORGN0_WBWA |
	       VTCR_SH0_INNER | VTCR_RES1;
}

bool stage2_init(struct stage2 *s2, struct page_pool *pool, unsigned int ipa_bits, u16 vmid)
{
	unsigned int pages = root_pages(ipa_bits);
	u64 root;

	BUG_ON(ipa_bits < 32 || ipa_bits > 40);
	root = page_pool_alloc(pool, pages, pages);
	if (!root)
		return false;
	*s2 = (struct stage2){ .root = root, .ipa_bits = ipa_bits, .vmid = vmid, .pool = pool };
	return true;
}

void stage2_set_reserve(struct stage2 *s2, struct page_pool *reserve)
{
	s2->reserve = reserve;
}

bool stage2_init_record(struct stage2 *s2, struct page_pool *pool, unsigned int ipa_bits)
{
	if (!stage2_init(s2, pool, ipa_bits, 0))
		return false;
	s2->record = true;
	return true;
}

static void free_tables(struct stage2 *s2, u64 table, unsigned int level, unsigned int nr)
{
	const u64 *entry = arch_pa_to_va(table);
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (is_table(entry[i], level)) {
			free_tables(s2, entry[i] & S2_ADDR, level + 1, ENTRIES);
			table_free(s2, entry[i] & S2_ADDR);
		} else if (entry[i] & S2_VALID) {
			leaf_gone(s2, level);
		}
}

void stage2_destroy(struct stage2 *s2)
{
	unsigned int pages = root_pages(s2->ipa_bits);

	assert_locked();
	if (!s2->record)
		arch_s2_flush_all(s2->vmid);
	free_tables(s2, s2->root, 1, pages * ENTRIES);
	page_pool_free(s2->pool, s2->root, pages);
	*s2 = (struct stage2){};
}

static int check_range(const struct stage2 *s2, u64 ipa, u64 pa, u64 size)
{
	if (!size)
		return GUNYAH_ERR_ARGUMENT_SIZE;
	if (!IS_ALIGNED(ipa | pa | size, PAGE_SIZE))
		return GUNYAH_ERR_ARGUMENT_ALIGNMENT;
	if (!range_valid(ipa, size) || (ipa + size - 1) >> s2->ipa_bits)
		return GUNYAH_ERR_ADDR_INVALID;
	if (!range_valid(pa, size) || pa + size - 1 >= S2_PA_END)
		return GUNYAH_ERR_ADDR_INVALID;
	return GUNYAH_ERR_OK;
}

int stage2_map(struct stage2 *s2, u64 ipa, u64 pa, u64 size, u32 attrs)
{
	struct s2_op op = {
		.s2 = s2,
		.ipa = ipa,
		.end = ipa + size,
		.delta = pa - ipa,
		.desc = attrs_to_desc(attrs),
		.map = true,
	};
	int err = check_range(s2, ipa, pa, size);

	assert_locked();
	if (err)
		return err;
	if (!enough_tables(&op) || !enough_reserve(&op))
		return GUNYAH_ERR_NOMEM;

	break_and_flush(&op);
	make_range(&op, s2->root, 1, op.ipa, op.end);
	merge_around(s2, op.ipa);
	merge_around(s2, op.end - 1);
	arch_s2_sync();
	return GUNYAH_ERR_OK;
}

int stage2_unmap(struct stage2 *s2, u64 ipa, u64 size)
{
	struct s2_op op = { .s2 = s2, .ipa = ipa, .end = ipa + size };
	int err = check_range(s2, ipa, 0, size);

	assert_locked();
	if (err)
		return err;
	if (!s2->reserve && !enough_tables(&op))
		return GUNYAH_ERR_NOMEM;

	break_and_flush(&op);
	return GUNYAH_ERR_OK;
}

bool stage2_lookup(const struct stage2 *s2, u64 ipa, u64 *pa, u32 *attrs, u64 *left)
{
	unsigned int level = 1;
	u64 desc, offset;

	if (ipa >> s2->ipa_bits)
		return false;
	desc = *entry_of(s2->root, 1, ipa);
	while (is_table(desc, level)) {
		level++;
		desc = *entry_of(desc & S2_ADDR, level, ipa);
	}

	offset = ipa & (level_size(level) - 1);
	if (left)
		*left = level_size(level) - offset;
	if (!(desc & S2_VALID))
		return false;
	if (pa)
		*pa = (desc & S2_ADDR) + offset;
	if (attrs)
		*attrs = desc_to_attrs(desc);
	return true;
}
