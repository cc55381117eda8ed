// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Virtual GIC: registers of the distributor and the redistributors.
 *
 * What a guest sees: GICv3 with one security state (DS = 1), affinity routing
 * always on, INTIDs 0 to 1019, 32 priorities, Group 1 only, no LPIs, no extended
 * ranges, no message-based SPIs.  What is not in the tables, or not in the widths
 * given there, reads as zero and ignores writes.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "obj/vgic_int.h"

#define FRAME_SIZE	SZ_64K
#define GICR_SIZE	(2 * FRAME_SIZE)

/* Widths: sizes in bytes are powers of two, so their sum is a set */
#define W8	1
#define W32	4
#define W64	8

/**
 * struct vgic_access - one access that was found in a table
 * @vcpu: whose redistributor, VGIC_NO_VCPU for the distributor
 * @offset: into the range of the table's entry
 */
struct vgic_access {
	struct vgic *vgic;
	unsigned int vcpu;
	u32 offset;
	u32 size;
};

/**
 * struct vgic_reg - a range of registers
 * @offset: into the frame
 * @len: bytes; of no use with @bits, then the frame's INTIDs decide
 * @widths: W8, W32, W64
 * @bits: per interrupt; then @get and @set are called for each INTID, else
 *	@read and @write for the register
 */
struct vgic_reg {
	u32 offset;
	u32 len;
	u8 widths;
	u8 bits;
	u64 (*read)(const struct vgic_access *access);
	void (*write)(const struct vgic_access *access, u64 value);
	u64 (*get)(const struct vgic_ref *ref);
	void (*set)(const struct vgic_ref *ref, u64 field);
};

/**
 * struct vgic_frame - 64 KiB of registers
 * @regs: its own registers
 * @nr: number of @regs
 * @intids: how many its registers per interrupt are for, 0 if it has none
 */
struct vgic_frame {
	const struct vgic_reg *regs;
	size_t nr;
	u32 intids;
};

/* Half or all of a 64 bit register */
static u64 part_of(u64 whole, const struct vgic_access *access)
{
	if (access->size == 8)
		return whole;
	return (u32)(whole >> (access->offset & 4 ? 32 : 0));
}

/* Fields per interrupt */

static u64 get_group(const struct vgic_ref *ref)
{
	return ref->irq->group1;
}

static void set_group(const struct vgic_ref *ref, u64 field)
{
	if (ref->irq->group1 == field)
		return;
	ref->irq->group1 = field;
	vgic_changed(ref);
}

static u64 get_enabled(const struct vgic_ref *ref)
{
	return ref->irq->enabled;
}

static void write_enabled(const struct vgic_ref *ref, bool enabled)
{
	if (ref->irq->enabled == enabled)
		return;
	ref->irq->enabled = enabled;
	vgic_changed(ref);
}

static void set_enable(const struct vgic_ref *ref, u64 field)
{
	if (field)
		write_enabled(ref, true);
}

static void clear_enable(const struct vgic_ref *ref, u64 field)
{
	if (field)
		write_enabled(ref, false);
}

/* What a running vCPU has done with it is known when it comes back: ask for that */
static void kick_holder(const struct vgic_ref *ref)
{
	if (ref->irq->in_lr)
		vgic_kick(ref->vgic, ref->irq->lr_vcpu);
}

static u64 get_pending(const struct vgic_ref *ref)
{
	kick_holder(ref);
	return vgic_irq_pending(ref->irq);
}

static void set_pend(const struct vgic_ref *ref, u64 field)
{
	if (!field || ref->irq->pending)
		return;
	ref->irq->pending = 1;
	vgic_changed(ref);
}

static void clear_pend(const struct vgic_ref *ref, u64 field)
{
	if (!field || !(ref->irq->pending || ref->irq->lr_latch))
		return;
	ref->irq->pending = 0;
	ref->irq->lr_latch = 0;
	vgic_changed(ref);
}

static u64 get_active(const struct vgic_ref *ref)
{
	kick_holder(ref);
	return ref->irq->active;
}

/* Also while it is loaded: hardware may have changed it since, the write wins */
static void write_active(const struct vgic_ref *ref, bool active)
{
	struct vgic_irq *irq = ref->irq;
	bool was = irq->active;

	irq->active = active;
	irq->act_forced = irq->in_lr;
	if (!irq->in_lr && !active)
		irq->lr_vcpu = VGIC_NO_VCPU;
	if (was && !active && !irq->in_lr)
		vgic_deactivated(ref);
	if (was != active || irq->in_lr)
		vgic_changed(ref);
}

static void set_active(const struct vgic_ref *ref, u64 field)
{
	if (field)
		write_active(ref, true);
}

static void clear_active(const struct vgic_ref *ref, u64 field)
{
	if (field)
		write_active(ref, false);
}

static u64 get_priority(const struct vgic_ref *ref)
{
	return ref->irq->priority;
}

static void set_priority(const struct vgic_ref *ref, u64 field)
{
	u8 priority = field & VGIC_PRIORITY_MASK;

	if (ref->irq->priority == priority)
		return;
	ref->irq->priority = priority;
	vgic_changed(ref);
}

#define ICFGR_EDGE	2

static u64 get_config(const struct vgic_ref *ref)
{
	return ref->irq->edge ? ICFGR_EDGE : 0;
}

/* A line that is high is not lost: it becomes an edge, or is sampled again */
static void set_config(const struct vgic_ref *ref, u64 field)
{
	struct vgic_irq *irq = ref->irq;
	bool edge = field & ICFGR_EDGE;

	if (ref->intid < VGIC_NR_SGIS || irq->hw || irq->edge == edge)
		return;
	irq->edge = edge;
	if (edge && irq->level) {
		irq->pending = 1;
		irq->level = 0;
	}
	vgic_resample_line(ref);
	vgic_changed(ref);
}

#define IROUTER_MASK	(GENMASK(39, 32) | GICD_IROUTER_IRM | GENMASK(23, 0))

static u64 read_irouter(const struct vgic_access *access)
{
	struct vgic_ref ref;

	if (!vgic_find(access->vgic, access->vcpu, access->offset / 8, &ref))
		return 0;
	return part_of(ref.irq->irouter, access);
}

static void write_irouter(const struct vgic_access *access, u64 value)
{
	u64 mask = access->size == 8 ? ~0ULL : GENMASK(31, 0);
	unsigned int shift = access->size == 4 && access->offset & 4 ? 32 : 0;
	struct vgic_ref ref;
	u64 irouter;

	if (!vgic_find(access->vgic, access->vcpu, access->offset / 8, &ref))
		return;
	irouter = (ref.irq->irouter & ~(mask << shift)) | value << shift;
	irouter &= IROUTER_MASK;
	if (ref.irq->irouter == irouter)
		return;
	ref.irq->irouter = irouter;
	vgic_changed(&ref);
}

/* Identification, the same style for distributor and redistributors */

#define GIC_IIDR	0x4700043b	/* product 'G', no hardware has it; JEP106 of Arm */

static u64 read_iidr(const struct vgic_access *access)
{
	(void)access;
	return GIC_IIDR;
}

/* PIDR4 to PIDR7, PIDR0 to PIDR3 (PIDR2: GICv3), CIDR0 to CIDR3 */
static const u8 id_regs[12] = {
	0x44, 0, 0, 0, 0x92, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1,
};

static u64 read_id(const struct vgic_access *access)
{
	return id_regs[access->offset / 4];
}

/* Distributor */

static u64 read_ctlr(const struct vgic_access *access)
{
	return access->vgic->ctlr | GICD_CTLR_ARE | GICD_CTLR_DS;
}

static void write_ctlr(const struct vgic_access *access, u64 value)
{
	struct vgic *vgic = access->vgic;
	u32 ctlr = value & GICD_CTLR_ENABLE_GRP1;
	unsigned int i;

	if (vgic->ctlr == ctlr)
		return;
	vgic->ctlr = ctlr;
	for (i = 0; i < vgic->nr_vcpus; i++)
		if (vgic_next_queued(vgic, i, 0) < VGIC_NR_INTIDS)
			vgic_kick(vgic, i);
}

#define GICD_TYPER_LINES	((VGIC_NR_INTIDS + 31) / 32 - 1)
#define GICD_TYPER_CPUS_SHIFT	5
#define GICD_TYPER_IDBITS	(9U << 19)	/* ten bits */

static u64 read_typer(const struct vgic_access *access)
{
	u32 cpus = access->vgic->nr_vcpus - 1;

	return GICD_TYPER_LINES | cpus << GICD_TYPER_CPUS_SHIFT | GICD_TYPER_IDBITS;
}

/* Redistributor */

#define GICR_TYPER_LAST		BIT(4)
#define GICR_TYPER_CPU_SHIFT	8
#define GICR_TYPER_AFF0_SHIFT	32

static u64 read_gicr_typer(const struct vgic_access *access)
{
	u64 typer = (u64)access->vcpu << GICR_TYPER_AFF0_SHIFT |
		    access->vcpu << GICR_TYPER_CPU_SHIFT;

	if (access->vcpu == access->vgic->nr_vcpus - 1)
		typer |= GICR_TYPER_LAST;
	return part_of(typer, access);
}

static u64 read_waker(const struct vgic_access *access)
{
	return access->vgic->cpu[access->vcpu].waker;
}

/* The handshake completes at once: ChildrenAsleep follows ProcessorSleep */
static void write_waker(const struct vgic_access *access, u64 value)
{
	struct vgic_cpu *cpu = &access->vgic->cpu[access->vcpu];
	u32 waker = value & GICR_WAKER_SLEEP ? GICR_WAKER_SLEEP | GICR_WAKER_ASLEEP : 0;

	if (cpu->waker == waker)
		return;
	cpu->waker = waker;
	vgic_reroute_any(access->vgic);
}

#define REG(_offset, _len, _widths, _read, _write) \
	{ .offset = (_offset), .len = (_len), .widths = (_widths), \
	  .read = (_read), .write = (_write) }
#define IRQ_REG(_offset, _bits, _widths, _get, _set) \
	{ .offset = (_offset), .bits = (_bits), .widths = (_widths), \
	  .get = (_get), .set = (_set) }

/* The same in the distributor and in a redistributor's second frame */
static const struct vgic_reg irq_regs[] = {
	IRQ_REG(0x0080, 1, W32, get_group, set_group),		/* IGROUPR */
	IRQ_REG(0x0100, 1, W32, get_enabled, set_enable),	/* ISENABLER */
	IRQ_REG(0x0180, 1, W32, get_enabled, clear_enable),	/* ICENABLER */
	IRQ_REG(0x0200, 1, W32, get_pending, set_pend),		/* ISPENDR */
	IRQ_REG(0x0280, 1, W32, get_pending, clear_pend),	/* ICPENDR */
	IRQ_REG(0x0300, 1, W32, get_active, set_active),	/* ISACTIVER */
	IRQ_REG(0x0380, 1, W32, get_active, clear_active),	/* ICACTIVER */
	IRQ_REG(0x0400, 8, W8 | W32, get_priority, set_priority), /* IPRIORITYR */
	IRQ_REG(0x0c00, 2, W32, get_config, set_config),	/* ICFGR */
};

static const struct vgic_reg gicd_regs[] = {
	REG(0x0000, 4, W32, read_ctlr, write_ctlr),
	REG(0x0004, 4, W32, read_typer, NULL),
	REG(0x0008, 4, W32, read_iidr, NULL),
	REG(0x6000, 1024 * 8, W32 | W64, read_irouter, write_irouter),
	REG(0xffd0, sizeof(id_regs) * 4, W32, read_id, NULL),
};

static const struct vgic_reg rd_regs[] = {
	REG(0x0004, 4, W32, read_iidr, NULL),
	REG(0x0008, 8, W32 | W64, read_gicr_typer, NULL),
	REG(0x0014, 4, W32, read_waker, write_waker),
	REG(0xffd0, sizeof(id_regs) * 4, W32, read_id, NULL),
};

static const struct vgic_frame gicd_frame = { gicd_regs, ARRAY_SIZE(gicd_regs), 1024 };
static const struct vgic_frame rd_frame = { rd_regs, ARRAY_SIZE(rd_regs), 0 };
static const struct vgic_frame sgi_frame = { NULL, 0, VGIC_PRIVATE };

/*
 * With affinity routing the distributor does not know private interrupts:
 * vgic_find() finds none for VGIC_NO_VCPU.
 */
static u64 read_fields(const struct vgic_reg *reg, const struct vgic_access *access)
{
	u32 i, nr = access->size * 8 / reg->bits;
	u32 first = access->offset * 8 / reg->bits;
	struct vgic_ref ref;
	u64 value = 0;

	for (i = 0; i < nr; i++)
		if (vgic_find(access->vgic, access->vcpu, first + i, &ref))
			value |= reg->get(&ref) << (i * reg->bits);
	return value;
}

static void write_fields(const struct vgic_reg *reg, const struct vgic_access *access, u64 value)
{
	u32 i, nr = access->size * 8 / reg->bits;
	u32 first = access->offset * 8 / reg->bits;
	struct vgic_ref ref;

	for (i = 0; i < nr; i++)
		if (vgic_find(access->vgic, access->vcpu, first + i, &ref))
			reg->set(&ref, (value >> (i * reg->bits)) & (BIT(reg->bits) - 1));
}

static u64 do_access(const struct vgic_reg *reg, struct vgic_access *access, bool write, u64 value)
{
	access->offset -= reg->offset;
	if (write && reg->bits)
		write_fields(reg, access, value);
	else if (write && reg->write)
		reg->write(access, value);
	else if (!write)
		return reg->bits ? read_fields(reg, access) : reg->read(access);
	return 0;
}

static bool width_allowed(const struct vgic_reg *reg, const struct vgic_access *access)
{
	return (access->size == 1 || access->size == 4 || access->size == 8) &&
	       reg->widths & access->size && IS_ALIGNED(access->offset, access->size);
}

static bool in_range(u32 offset, u32 first, u32 len)
{
	return offset >= first && offset - first < len;
}

static const struct vgic_reg *find_reg(const struct vgic_frame *frame, u32 offset)
{
	const struct vgic_reg *reg;
	size_t i;

	for (i = 0; i < frame->nr; i++)
		if (in_range(offset, frame->regs[i].offset, frame->regs[i].len))
			return &frame->regs[i];
	for (reg = irq_regs; reg < irq_regs + ARRAY_SIZE(irq_regs); reg++)
		if (in_range(offset, reg->offset, frame->intids * reg->bits / 8))
			return reg;
	return NULL;
}

static u64 frame_access(const struct vgic_frame *frame, struct vgic_access *access, bool write,
			u64 value)
{
	const struct vgic_reg *reg = find_reg(frame, access->offset);

	if (!reg || !width_allowed(reg, access))
		return 0;
	if (access->size < 8)
		value &= BIT(access->size * 8) - 1;
	return do_access(reg, access, write, value);
}

static u64 gicr_access(struct vgic_access *access, bool write, u64 value)
{
	if (access->offset < FRAME_SIZE)
		return frame_access(&rd_frame, access, write, value);
	access->offset -= FRAME_SIZE;
	return frame_access(&sgi_frame, access, write, value);
}

/* False in the gaps between redistributors too */
static bool find_gicr(const struct vgic *vgic, u64 ipa, struct vgic_access *access)
{
	u64 stride = max(vgic->gicr_stride, GICR_SIZE);
	u64 offset = ipa - vgic->gicr_base;

	if (ipa < vgic->gicr_base || offset / stride >= vgic->nr_vcpus ||
	    offset % stride >= GICR_SIZE)
		return false;
	access->vcpu = offset / stride;
	access->offset = offset % stride;
	return true;
}

bool vgic_mmio(struct vgic *vgic, unsigned int vcpu, u64 ipa, unsigned int size, bool write,
	       u64 *val)
{
	struct vgic_access access = { .vgic = vgic, .vcpu = VGIC_NO_VCPU, .size = size };
	u64 result;

	(void)vcpu;	/* all vCPUs see the same */
	assert_locked();
	if (ipa >= vgic->gicd_base && ipa - vgic->gicd_base < FRAME_SIZE) {
		access.offset = ipa - vgic->gicd_base;
		result = frame_access(&gicd_frame, &access, write, *val);
	} else if (find_gicr(vgic, ipa, &access)) {
		result = gicr_access(&access, write, *val);
	} else {
		return false;
	}
	if (!write)
		*val = result;
	return true;
}
