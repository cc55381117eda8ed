/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A machine for the virtual GIC: vCPUs that enter and leave, and a CPU interface
 * which acknowledges and ends what the list registers hold, written after the
 * architecture and not after the vgic.
 */
#ifndef STUB_TESTS_VGIC_SIM_H
#define STUB_TESTS_VGIC_SIM_H

#include "obj/vgic.h"

#define SIM_GICD	0x3fff0000ULL
#define SIM_GICR	0x40000000ULL
#define SIM_STRIDE	0x20000ULL
#define SIM_SPURIOUS	1023
#define SIM_INTIDS	1020
#define SIM_MAX_DEPTH	40
#define SIM_IDLE	0x100

/* GICD, and SGI_base of a GICR */
#define GIC_IGROUPR	0x080
#define GIC_ISENABLER	0x100
#define GIC_ICENABLER	0x180
#define GIC_ISPENDR	0x200
#define GIC_ICPENDR	0x280
#define GIC_ISACTIVER	0x300
#define GIC_ICACTIVER	0x380
#define GIC_IPRIORITYR	0x400
#define GIC_ICFGR	0xc00
#define GICD_IROUTER	0x6000
#define GICR_WAKER	0x14
#define GICR_SGI	0x10000

/**
 * struct sim_cpu - one vCPU
 * @in_guest: @lr is what counts, the vgic's copy is out of date
 * @kicked: was asked to leave, has not yet
 * @lr: list registers of the machine
 * @eoi_count: ICH_HCR_EL2.EOIcount
 * @ended: an LR_EOI maintenance interrupt is waiting
 * @acked: what the guest has acknowledged, the innermost last
 * @acked_priority: and at which priorities
 * @depth: how many
 * @phys_active: the timer's interrupt in the machine
 */
struct sim_cpu {
	bool in_guest;
	bool kicked;
	u64 lr[VGIC_MAX_LRS];
	u32 eoi_count;
	bool ended;
	u32 acked[SIM_MAX_DEPTH];
	u32 acked_priority[SIM_MAX_DEPTH];
	u32 depth;
	bool phys_active;
};

struct sim {
	struct vgic vgic;
	struct sim_cpu cpu[VGIC_MAX_VCPUS];
	bool line[SIM_INTIDS];		/* what resample answers */
	u32 resampled;			/* how often it was asked */
	u32 told[SIM_INTIDS];		/* deactivations of level SPIs */
};

/* All on: Group 1, redistributors awake; nothing enabled */
void sim_init(struct sim *sim, unsigned int nr_vcpus, u32 nr_lrs);

void sim_enter(struct sim *sim, unsigned int vcpu);
void sim_exit(struct sim *sim, unsigned int vcpu);
/* A maintenance interrupt is waiting, of those that the vgic asked for */
bool sim_maintenance(const struct sim *sim, unsigned int vcpu);

/* ICC_IAR1, ICC_EOIR1 in EOImode 0 */
u32 sim_ack(struct sim *sim, unsigned int vcpu);
void sim_eoi(struct sim *sim, unsigned int vcpu);
/* Index of the list register of the machine that holds @intid, or -1 */
int sim_find_lr(const struct sim *sim, unsigned int vcpu, u32 intid);

u64 sim_read(struct sim *sim, u64 ipa, unsigned int size);
void sim_write(struct sim *sim, u64 ipa, unsigned int size, u64 value);

/* Registers of one interrupt: a bit, the priority, the configuration */
bool sim_bit(struct sim *sim, unsigned int vcpu, u32 intid, u32 reg);
void sim_set_bit(struct sim *sim, unsigned int vcpu, u32 intid, u32 reg);
void sim_group(struct sim *sim, unsigned int vcpu, u32 intid, bool group1);
void sim_priority(struct sim *sim, unsigned int vcpu, u32 intid, u8 priority);
void sim_edge(struct sim *sim, unsigned int vcpu, u32 intid, bool edge);
void sim_route(struct sim *sim, u32 intid, u64 irouter);
void sim_group1(struct sim *sim, bool on);
void sim_sleep(struct sim *sim, unsigned int vcpu, bool asleep);
void sim_sgi(struct sim *sim, unsigned int from, u32 intid, u32 targets);

#endif
