// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Tables of the machine's GIC.  Redistributors and the ITS read and write memory
 * by themselves, at addresses that the host puts into registers: they must never
 * point into the stub or into memory that was handed over.
 *
 * The 4 KiB page of each frame that has such registers is not in the host's stage
 * 2.  Each access to it comes here and is forwarded, but for three things:
 *
 * - A table address is written only if the whole table lies in memory that the
 *   host owns and has not handed over, which owner_take() refuses to hand over
 *   from then on; otherwise the register stays as it was.
 * - No table address changes while the table is in use (EnableLPIs, Enabled),
 *   which the architecture calls unpredictable anyway.
 * - GITS_BASER<n>.Indirect is zero, as of an ITS that has flat tables only: the
 *   first level of an indirect table would be addresses in the host's memory.
 *
 * The ITS takes one more address, that of a device's interrupt translation table,
 * from its command queue, which nobody looks at here.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "arch/aarch64/cpu.h"
#include "arch/aarch64/gic_guard.h"
#include "arch/aarch64/sysreg.h"
#include "lib/printk.h"
#include "obj/vm.h"
#include "owner/owner.h"

#define GICD_TYPER		0x0004
#define GICD_TYPER_IDBITS(v)	((((v) >> 19) & 0x1f) + 1)

#define GICR_CTLR		0x0000
#define GICR_CTLR_ENABLE_LPIS	BIT(0)
#define GICR_CTLR_RWP		BIT(3)
#define GICR_TYPER		0x0008
#define GICR_TYPER_VLPIS	BIT(1)
#define GICR_TYPER_LAST		BIT(4)
#define GICR_SETLPIR		0x0040
#define GICR_CLRLPIR		0x0048
#define GICR_PROPBASER		0x0070
#define GICR_PENDBASER		0x0078
#define GICR_INVLPIR		0x00a0
#define GICR_INVALLR		0x00b0
#define GICR_FRAME_SIZE		0x20000

#define GITS_BASER_INDIRECT	BIT(62)
#define GITS_NR_BASER		8

#define PROPBASER_IDBITS	GENMASK(4, 0)
#define MIN_LPI_BITS		14		/* 8192 is the first LPI */

/* The table that a register names; of size 0 if it names none */
struct table {
	u64 pa;
	u64 size;
};

#define TABLE_PROP		0
#define TABLE_PEND		1
#define TABLE_CBASER		GITS_NR_BASER
#define MAX_TABLES		(GITS_NR_BASER + 1)
#define MAX_FRAMES		32

/**
 * struct frame - a trapped page of registers
 * @pa: its address
 * @its: of an ITS, otherwise of a redistributor
 * @table: what the registers point to; the owner has been told of each
 */
struct frame {
	u64 pa;
	bool its;
	struct table table[MAX_TABLES];
};

static struct frame frames[MAX_FRAMES];
static unsigned int nr_frames;
static unsigned int gicd_id_bits;
static u64 nr_refused;

u64 arch_gic_refused(void)
{
	return nr_refused;
}

/* The host's mistake, not ours: no warning, and not a line for each */
void gic_guard_refuse(const char *what, u64 value)
{
	if (!nr_refused++)
		printk("the host writes %#lx to a table register of the %s: refused, as more of it",
		       (unsigned long)value, what);
}

/* ---- tables ---- */

static struct table prop_table(u64 propbaser)
{
	unsigned int bits = min((unsigned int)(propbaser & PROPBASER_IDBITS) + 1, gicd_id_bits);
	struct table t = { .pa = propbaser & GENMASK(51, 12) };

	if (t.pa)
		t.size = bits < MIN_LPI_BITS ? PAGE_SIZE : BIT(bits) - BIT(MIN_LPI_BITS - 1);
	return t;
}

/* A bit for each interrupt, from INTID 0 on */
static struct table pend_table(u64 pendbaser, u64 propbaser)
{
	unsigned int bits = min((unsigned int)(propbaser & PROPBASER_IDBITS) + 1, gicd_id_bits);
	struct table t = { .pa = pendbaser & GENMASK(51, 16) };

	if (t.pa)
		t.size = ALIGN_UP(BIT(bits) / 8, PAGE_SIZE);
	return t;
}

static struct table cbaser_table(u64 cbaser)
{
	if (!(cbaser & GITS_VALID))
		return (struct table){};
	return (struct table){ cbaser & GENMASK(51, 12), ((cbaser & 0xff) + 1) * PAGE_SIZE };
}

static struct table baser_table(u64 baser)
{
	static const u64 page_sizes[] = { 4096, 16384, 65536, 65536 };
	u64 page = page_sizes[(baser >> 8) & 3];
	struct table t = {};

	if (!(baser & GITS_VALID))
		return t;
	t.pa = baser & GENMASK(47, 12);
	if (page == 65536)
		t.pa = (baser & GENMASK(47, 16)) | ((baser & GENMASK(15, 12)) << 36);
	t.size = ((baser & 0xff) + 1) * page;
	return t;
}

static bool table_hold(const struct table *t)
{
	return !t->size || !owner_set_device_use(t->pa, t->size, true);
}

static void table_release(const struct table *t)
{
	if (t->size && owner_set_device_use(t->pa, t->size, false))
		panic("table %#lx cannot be released", (unsigned long)t->pa);
}

static bool tables_hold(const struct table *t, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (table_hold(&t[i]))
			continue;
		while (i--)
			table_release(&t[i]);
		return false;
	}
	return true;
}

static bool table_inside(const struct table *t, const struct table *outer)
{
	return !t->size || (t->pa >= outer->pa && t->size <= outer->size &&
			    t->pa - outer->pa <= outer->size - t->size);
}

/* ---- redistributors ---- */

static bool lpis_in_use(const struct frame *f)
{
	return mmio_read32(f->pa + GICR_CTLR) & (GICR_CTLR_ENABLE_LPIS | GICR_CTLR_RWP);
}

/* How much of the pending table is used depends on GICR_PROPBASER */
static bool write_rd_table(struct frame *f, unsigned int index, u64 value)
{
	u64 prop = index == TABLE_PROP ? value : mmio_read64(f->pa + GICR_PROPBASER);
	u64 pend = index == TABLE_PEND ? value : mmio_read64(f->pa + GICR_PENDBASER);
	struct table new[] = { prop_table(prop), pend_table(pend, prop) };
	unsigned int i;

	if (lpis_in_use(f) || !tables_hold(new, ARRAY_SIZE(new)))
		return false;
	mmio_write64(f->pa + (index == TABLE_PROP ? GICR_PROPBASER : GICR_PENDBASER), value);
	for (i = 0; i < ARRAY_SIZE(new); i++) {
		table_release(&f->table[i]);
		f->table[i] = new[i];
	}
	return true;
}

static bool write_rd_ctlr(struct frame *f, u32 value)
{
	bool ok = !(value & GICR_CTLR_ENABLE_LPIS) ||
		  (f->table[TABLE_PROP].size && f->table[TABLE_PEND].size);

	if (ok)
		mmio_write32(f->pa + GICR_CTLR, value);
	return ok;
}

static bool write_rd(struct frame *f, u32 offset, u64 value, unsigned int size)
{
	switch (offset) {
	case GICR_CTLR:
		return write_rd_ctlr(f, value);
	case GICR_PROPBASER:
		return write_rd_table(f, TABLE_PROP, value);
	case GICR_PENDBASER:
		return write_rd_table(f, TABLE_PEND, value);
	default:
		mmio_write(f->pa + offset, value, size);
		return true;
	}
}

/* ---- ITS ---- */

static struct table its_table(unsigned int index, u64 value)
{
	return index == TABLE_CBASER ? cbaser_table(value) : baser_table(value);
}

/*
 * The ITS may know fewer page sizes than the host asks for: what it made of the
 * value counts, and is unmade if the table would be another one.
 */
static bool its_took_another(unsigned int index, u64 reg, const struct table *wanted)
{
	struct table now = its_table(index, mmio_read64(reg));

	if (table_inside(&now, wanted))
		return false;
	mmio_write64(reg, 0);
	return true;
}

static bool write_its_table(struct frame *f, unsigned int index, u32 offset, u64 value)
{
	struct table new = its_table(index, value);
	u64 reg = f->pa + offset;
	bool refused;

	if (!gits_is_quiescent(f->pa) || !table_hold(&new))
		return false;
	mmio_write64(reg, value);
	refused = its_took_another(index, reg, &new);
	table_release(&f->table[index]);
	f->table[index] = new;
	if (refused) {
		table_release(&new);
		f->table[index] = (struct table){};
	}
	return !refused;
}

static bool write_its(struct frame *f, u32 offset, u64 value, unsigned int size)
{
	if (offset == GITS_CBASER)
		return write_its_table(f, TABLE_CBASER, offset, value);
	if (offset >= GITS_BASER0 && offset < GITS_BASER0 + 8 * GITS_NR_BASER)
		return write_its_table(f, (offset - GITS_BASER0) / 8, offset,
				       value & ~GITS_BASER_INDIRECT);
	mmio_write(f->pa + offset, value, size);
	return true;
}

/* ---- accesses ---- */

static bool is_64bit(const struct frame *f, u32 offset)
{
	static const u16 rd[] = {
		GICR_TYPER, GICR_SETLPIR, GICR_CLRLPIR, GICR_PROPBASER, GICR_PENDBASER,
		GICR_INVLPIR, GICR_INVALLR,
	};
	unsigned int i;

	offset = ALIGN_DOWN(offset, 8);
	if (f->its)
		return offset == GITS_TYPER || offset == GITS_CBASER || offset == GITS_CWRITER ||
		       offset == GITS_CREADR ||
		       (offset >= GITS_BASER0 && offset < GITS_BASER0 + 8 * GITS_NR_BASER);
	for (i = 0; i < ARRAY_SIZE(rd); i++)
		if (rd[i] == offset)
			return true;
	return false;
}

/* Does a write of a half need the other one? */
static bool has_table(const struct frame *f, u32 offset)
{
	offset = ALIGN_DOWN(offset, 8);
	if (f->its)
		return offset == GITS_CBASER ||
		       (offset >= GITS_BASER0 && offset < GITS_BASER0 + 8 * GITS_NR_BASER);
	return offset == GICR_PROPBASER || offset == GICR_PENDBASER;
}

static void guarded_write(struct frame *f, u32 offset, u64 value, unsigned int size)
{
	bool ok;

	if (size == 4 && has_table(f, offset)) {
		u64 whole = mmio_read64(f->pa + ALIGN_DOWN(offset, 8));

		value = offset & 4 ? (whole & GENMASK(31, 0)) | value << 32 :
				     (whole & GENMASK(63, 32)) | value;
		offset = ALIGN_DOWN(offset, 8);
	}
	ok = f->its ? write_its(f, offset, value, size) : write_rd(f, offset, value, size);
	if (!ok)
		gic_guard_refuse(f->its ? "ITS" : "redistributor", value);
}

static struct frame *find_frame(u64 ipa)
{
	unsigned int i;

	for (i = 0; i < nr_frames; i++)
		if (ipa - frames[i].pa < PAGE_SIZE)
			return &frames[i];
	return NULL;
}

static bool can_forward(const struct frame *f, u64 iss, u64 pstate, u32 offset)
{
	unsigned int size = 1U << ISS_SAS(iss);

	return (iss & ISS_ISV) && !(iss & ISS_S1PTW) && !(pstate & SPSR_MODE32) &&
	       (size == 4 || (size == 8 && is_64bit(f, offset))) && IS_ALIGNED(offset, size);
}

/*
 * A data abort of the host at @ipa.  True: it was an access to a guarded page and
 * is done; @regs are behind the instruction.  Takes the stub's lock.
 */
bool gic_guard_access(struct gp_regs *regs, u64 esr, u64 ipa)
{
	struct frame *f = find_frame(ipa);
	u32 rt = ISS_SRT(esr), offset = ipa & ~PAGE_MASK;
	unsigned int size = 1U << ISS_SAS(esr);
	u64 value;

	if (!f || !esr_is_translation(esr) || !can_forward(f, ESR_ISS(esr), regs->pstate, offset))
		return false;
	hyp_lock();
	if (esr & ISS_WNR) {
		value = rt < 31 ? regs->x[rt] : 0;
		guarded_write(f, offset, size == 4 ? (u32)value : value, size);
	} else {
		value = mmio_read(f->pa + offset, size);
		if (size == 4 && (esr & ISS_SSE) && (esr & ISS_SF))
			value = (u64)(s64)(s32)value;
		if (rt < 31)
			regs->x[rt] = value;
	}
	hyp_unlock();
	regs->pc += 4;
	regs->pstate &= ~SPSR_SS;
	return true;
}

/* ---- at boot ---- */

static void add_frame(u64 pa, bool its)
{
	if (nr_frames == MAX_FRAMES)
		panic("more than %u frames of the GIC", MAX_FRAMES);
	if (stage2_unmap(&host_s2, pa, PAGE_SIZE))
		panic("no memory to trap the GIC's tables");
	frames[nr_frames++] = (struct frame){ .pa = pa, .its = its };
}

static void add_redistributors(u64 gicr, u64 gicr_size)
{
	u64 pa, typer;

	for (pa = gicr; pa < gicr + gicr_size; pa += GICR_FRAME_SIZE) {
		typer = mmio_read64(pa + GICR_TYPER);
		if (typer & GICR_TYPER_VLPIS)
			panic("GICv4: its tables cannot be guarded");
		if (mmio_read32(pa + GICR_CTLR) & GICR_CTLR_ENABLE_LPIS)
			panic("LPIs are in use before the host runs");
		mmio_write64(pa + GICR_PROPBASER, 0);
		mmio_write64(pa + GICR_PENDBASER, 0);
		add_frame(pa, false);
		if (typer & GICR_TYPER_LAST)
			return;
	}
}

static void add_its(u64 pa)
{
	unsigned int i;

	if (mmio_read64(pa + GITS_TYPER) & GITS_TYPER_VIRTUAL)
		panic("GICv4: its tables cannot be guarded");
	if (!gits_is_quiescent(pa))
		panic("the ITS is in use before the host runs");
	mmio_write64(pa + GITS_CBASER, 0);
	for (i = 0; i < GITS_NR_BASER; i++)
		mmio_write64(pa + GITS_BASER0 + 8 * i, 0);
	add_frame(pa, true);
}

void gic_guard_init(const struct machine *m)
{
	unsigned int i;

	gicd_id_bits = GICD_TYPER_IDBITS(mmio_read32(m->gicd + GICD_TYPER));
	add_redistributors(m->gicr, m->gicr_size);
	for (i = 0; i < m->nr_its; i++)
		add_its(m->its[i]);
}
