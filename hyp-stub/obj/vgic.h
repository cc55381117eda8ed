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

/**
 * struct vgic_irq - one interrupt of a guest
 * @priority: as the guest wrote it
 * @target: SPI: vCPU index from GICD_IROUTER
 * @enabled: GICD/GICR_ISENABLER
 * @group1: GICD/GICR_IGROUPR
 * @edge: configured edge triggered
 * @level: input line is high (level triggered)
 * @pending: latched pending state (edge, or set through ISPENDR)
 * @active: GICD/GICR_ISACTIVER
 * @hw: list register carries HW = 1 with the same pINTID (the guest's timer)
 */
struct vgic_irq {
	u8 priority;
	u8 target;
	u8 enabled : 1, group1 : 1, edge : 1, level : 1, pending : 1, active : 1, hw : 1,
	   in_lr : 1;
	u8 lr_vcpu;		/* whose list registers hold it while in_lr */
	u64 irouter;
};

struct vgic_cpu {
	struct vgic_irq priv[VGIC_PRIVATE];
	u64 lr[VGIC_MAX_LRS];	/* as saved when the vCPU stopped, loaded when it runs */
	u32 nr_lrs;
	u32 waker;
	bool overflow;		/* more pending than list registers: underflow interrupt wanted */
};

/**
 * struct vgic - one per VM
 * @gicd_base: IPA, 64 KiB
 * @gicr_base: IPA of vCPU 0's two 64 KiB frames
 * @gicr_stride: bytes between vCPUs, at least 128 KiB
 * @nr_vcpus: number of redistributors
 * @resample: asked when a level SPI is deactivated: is the line still high?
 */
struct vgic {
	u64 gicd_base;
	u64 gicr_base;
	u64 gicr_stride;
	unsigned int nr_vcpus;
	u32 ctlr;
	bool (*resample)(struct vm *vm, u32 intid);
	void (*kick)(struct vm *vm, unsigned int vcpu);	/* vCPU got something to deliver */
	struct vm *vm;
	struct vgic_cpu cpu[VGIC_MAX_VCPUS];
	struct vgic_irq spi[VGIC_NR_SPIS];
};

/* All state as after reset; nr_lrs: what the machine has */
void vgic_init(struct vgic *vgic, struct vm *vm, unsigned int nr_vcpus, u32 nr_lrs);
/* One vCPU's private state back to reset, e.g. at CPU_ON */
void vgic_reset_cpu(struct vgic *vgic, unsigned int vcpu);

/*
 * An access of @size bytes at @ipa by @vcpu; true if it fell into GICD or a GICR
 * (bad offsets and sizes read as zero and ignore writes), *@val in or out.
 */
bool vgic_mmio(struct vgic *vgic, unsigned int vcpu, u64 ipa, unsigned int size, bool write,
	       u64 *val);
/* ICC_SGI1R_EL1 written by @vcpu */
void vgic_sgi1r(struct vgic *vgic, unsigned int vcpu, u64 value);

/*
 * Raise or lower INTID for a vCPU (private) or the VM (SPI; @vcpu ignored). @level
 * true: edge configured: pulse; level configured: line high.  Returns false for
 * an INTID that does not exist.
 */
bool vgic_set_line(struct vgic *vgic, unsigned int vcpu, u32 intid, bool level);
bool vgic_is_edge(struct vgic *vgic, u32 spi_intid);

/* Before entry: puts what is deliverable into cpu[vcpu].lr */
void vgic_flush(struct vgic *vgic, unsigned int vcpu);
/* After exit: takes the state back out of cpu[vcpu].lr */
void vgic_sync(struct vgic *vgic, unsigned int vcpu);
/*
 * Would @vcpu take an interrupt if it ran? (enabled, group on, not active,
 * priority above @pmr (0 to 0xff as in ICH_VMCR) and CPU interface @grpen1 on)
 */
bool vgic_deliverable(struct vgic *vgic, unsigned int vcpu, u8 pmr, bool grpen1);

#endif
