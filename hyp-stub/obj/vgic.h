/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A guest's GICv3: distributor and redistributors emulated, CPU interface by
 * list registers.  Pure logic: registers of the machine stay in arch; list
 * registers are passed as values in ICH_LR<n>_EL2 format.
 */
#ifndef STUB_OBJ_VGIC_H
#define STUB_OBJ_VGIC_H

#include "lib/types.h"

#define VGIC_MAX_VCPUS	8
#define VGIC_PRIVATE	32
#define VGIC_NR_SPIS	988		/* INTID 32 to 1019 */
#define VGIC_MAX_LRS	16

/* ICH_LR<n>_EL2 */
#define LR_VINTID_MASK		GENMASK(31, 0)
#define LR_PINTID_SHIFT		32
#define LR_PRIORITY_SHIFT	48
#define LR_EOI			BIT(41)		/* only with HW = 0: maintenance interrupt at EOI */
#define LR_GROUP1		BIT(60)
#define LR_HW			BIT(61)
#define LR_PENDING		BIT(62)
#define LR_ACTIVE		BIT(63)

struct vm;

#define VGIC_NO_VCPU	0xff
#define VGIC_WORDS	16		/* of a bitmap with a bit per INTID */

/**
 * struct vgic_irq - one interrupt of a guest
 * @irouter: SPI: GICD_IROUTER
 * @priority: GICD/GICR_IPRIORITYR, the five bits that are implemented
 * @lr_vcpu: whose list registers hold it (@in_lr), or who has it active;
 *	VGIC_NO_VCPU otherwise
 * @queued: in whose vgic_cpu.queued its bit is set, or VGIC_NO_VCPU
 * @enabled: GICD/GICR_ISENABLER
 * @group1: GICD/GICR_IGROUPR; Group 0 is never delivered
 * @edge: configured edge triggered
 * @level: input line is high; only while configured level triggered
 * @pending: latched pending state: an edge, or set through ISPENDR
 * @active: GICD/GICR_ISACTIVER; while @in_lr what it was at the flush
 * @hw: list register carries HW = 1 with the same pINTID (the guest's timer)
 * @in_lr: loaded by vgic_flush(), not yet taken back by vgic_sync()
 * @lr_latch: the latch moved into the list register; cleared: sync ignores
 *	the list register's pending bit
 * @lr_level: the same for the line of a @hw interrupt
 * @act_forced: @active was written while @in_lr and wins over the list register
 */
struct vgic_irq {
	u64 irouter;
	u8 priority;
	u8 lr_vcpu;
	u8 queued;
	u16 enabled : 1, group1 : 1, edge : 1, level : 1, pending : 1, active : 1, hw : 1,
	    in_lr : 1, lr_latch : 1, lr_level : 1, act_forced : 1;
};

/**
 * struct vgic_cpu - what belongs to one vCPU
 * @priv: SGIs and PPIs
 * @lr: between vgic_flush() and entry: what to load; between exit and
 *	vgic_sync(): what was saved; all zero outside
 * @lr_intid: what vgic_flush() put into each list register
 * @nr_lrs: what the machine has
 * @nr_used: list registers 0 to @nr_used - 1 are in use, 0 after vgic_sync()
 * @waker: GICR_WAKER
 * @eoi_count: ICH_HCR_EL2.EOIcount at exit, set by the caller of vgic_sync()
 * @overflow: more pending than list registers: wants ICH_HCR_EL2.NPIE
 * @spilled: more active than list registers: wants ICH_HCR_EL2.LRENPIE
 * @queued: INTIDs which are active here, or enabled and pending for this vCPU
 */
struct vgic_cpu {
	struct vgic_irq priv[VGIC_PRIVATE];
	u64 lr[VGIC_MAX_LRS];
	u16 lr_intid[VGIC_MAX_LRS];
	u32 nr_lrs;
	u32 nr_used;
	u32 waker;
	u32 eoi_count;
	bool overflow;
	bool spilled;
	u64 queued[VGIC_WORDS];
};

/**
 * struct vgic - one per VM
 * @gicd_base: IPA, 64 KiB
 * @gicr_base: IPA of vCPU 0's two 64 KiB frames
 * @gicr_stride: bytes between vCPUs, at least 128 KiB
 * @nr_vcpus: number of redistributors
 * @ctlr: the writable bits of GICD_CTLR
 * @resample: asked when a level SPI is deactivated: is the line still high?
 * @ended: a level SPI was deactivated, by the CPU interface or through ICACTIVER; told when
 *	the vCPU that had it loaded has been left, which LR_EOI makes soon
 * @kick: @vcpu has something new to deliver, or its list registers are out of
 *	date: if it is inside the guest it has to leave soon, sync and flush;
 *	if it sleeps, vgic_deliverable() tells whether it wakes up; otherwise
 *	nothing needs doing.  May be called for the vCPU that is being
 *	handled.  Calls nothing of the vgic but vgic_deliverable().
 * @vm: whose it is, for the callbacks
 * @cpu: redistributors with their SGIs and PPIs
 * @spi: the interrupts from 32 up
 *
 * Guarded by the stub's lock.
 */
struct vgic {
	u64 gicd_base;
	u64 gicr_base;
	u64 gicr_stride;
	unsigned int nr_vcpus;
	u32 ctlr;
	bool (*resample)(struct vm *vm, u32 intid);
	void (*ended)(struct vm *vm, u32 intid);
	void (*kick)(struct vm *vm, unsigned int vcpu);
	struct vm *vm;
	struct vgic_cpu cpu[VGIC_MAX_VCPUS];
	struct vgic_irq spi[VGIC_NR_SPIS];
};

/*
 * All state as after reset, for all VGIC_MAX_VCPUS, so that @nr_vcpus may grow until
 * the VM starts.  Bases and callbacks are set afterwards.  @nr_lrs: what the
 * machine has.
 */
void vgic_init(struct vgic *vgic, struct vm *vm, unsigned int nr_vcpus, u32 nr_lrs);
/* One vCPU's private state back to reset, e.g. at CPU_ON; vgic_irq.hw stays */
void vgic_reset_cpu(struct vgic *vgic, unsigned int vcpu);

/*
 * An access of @size bytes at @ipa by @vcpu; true if it fell into GICD or a GICR
 * (bad offsets and sizes read as zero and ignore writes), *@val in or out.
 * vgic_sync() of @vcpu came first.
 */
bool vgic_mmio(struct vgic *vgic, unsigned int vcpu, u64 ipa, unsigned int size, bool write,
	       u64 *val);
/* ICC_SGI1R_EL1 written by @vcpu */
void vgic_sgi1r(struct vgic *vgic, unsigned int vcpu, u64 value);

/*
 * Raise or lower INTID for a vCPU (private) or the VM (SPI; @vcpu ignored). @level
 * true: edge configured: pulse; level configured: line high.  Returns false for
 * an INTID that does not exist.
 *
 * A @hw interrupt: true when the physical one was acknowledged at EL2 or its
 * line is seen high, false when its line is seen low.  If the guest has
 * deactivated it since, vgic_sync() forgets a line that was high before the entry.
 */
bool vgic_set_line(struct vgic *vgic, unsigned int vcpu, u32 intid, bool level);
bool vgic_is_edge(struct vgic *vgic, u32 spi_intid);

/* Before entry: puts what is deliverable into cpu[vcpu].lr */
void vgic_flush(struct vgic *vgic, unsigned int vcpu);
/* After exit: takes the state back out of cpu[vcpu].lr */
void vgic_sync(struct vgic *vgic, unsigned int vcpu);
/*
 * Would @vcpu take an interrupt if it ran? (enabled, group on, not active,
 * priority above @pmr (0 to 0xff as in ICH_VMCR) and CPU interface @grpen1 on).
 * A redistributor that was put to sleep raises its wake request without
 * looking at the CPU interface.
 */
bool vgic_deliverable(struct vgic *vgic, unsigned int vcpu, u8 pmr, bool grpen1);
/*
 * Has the physical interrupt behind the @hw private interrupt @intid to be active
 * while @vcpu runs?  (Line high, pending or active: it would fire at once again, and
 * the guest's EOI has to find something to deactivate.)  Between flush and entry.
 */
bool vgic_hw_active(struct vgic *vgic, unsigned int vcpu, u32 intid);

#endif
