// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include <string.h>

#include "arch/arch.h"
#include "tests/vgic_sim.h"

#define TIMER	27

static void sim_kick(struct vm *vm, unsigned int vcpu)
{
	struct sim *sim = (struct sim *)vm;

	sim->cpu[vcpu].kicked = true;
}

static bool sim_resample(struct vm *vm, u32 intid)
{
	struct sim *sim = (struct sim *)vm;

	sim->resampled++;
	return sim->line[intid];
}

static void sim_ended(struct vm *vm, u32 intid)
{
	struct sim *sim = (struct sim *)vm;

	sim->told[intid]++;
}

void sim_init(struct sim *sim, unsigned int nr_vcpus, u32 nr_lrs)
{
	unsigned int i;

	memset(sim, 0, sizeof(*sim));
	/* What the vgic gets is not clean memory */
	memset(&sim->vgic, 0xa5, sizeof(sim->vgic));
	vgic_init(&sim->vgic, (struct vm *)sim, nr_vcpus, nr_lrs);
	sim->vgic.gicd_base = SIM_GICD;
	sim->vgic.gicr_base = SIM_GICR;
	sim->vgic.gicr_stride = SIM_STRIDE;
	sim->vgic.kick = sim_kick;
	sim->vgic.resample = sim_resample;
	sim->vgic.ended = sim_ended;
	for (i = 0; i < nr_vcpus; i++) {
		sim->vgic.cpu[i].priv[TIMER].hw = 1;
		sim_sleep(sim, i, false);
	}
	sim_group1(sim, true);
}

void sim_enter(struct sim *sim, unsigned int vcpu)
{
	struct sim_cpu *cpu = &sim->cpu[vcpu];

	vgic_flush(&sim->vgic, vcpu);
	memcpy(cpu->lr, sim->vgic.cpu[vcpu].lr, sizeof(cpu->lr));
	/* Whoever reads what hardware has now is to notice */
	memset(sim->vgic.cpu[vcpu].lr, 0xa5, sizeof(cpu->lr));
	cpu->phys_active = vgic_hw_active(&sim->vgic, vcpu, TIMER);
	cpu->in_guest = true;
	cpu->kicked = false;
	cpu->ended = false;
	cpu->eoi_count = 0;
}

void sim_exit(struct sim *sim, unsigned int vcpu)
{
	struct sim_cpu *cpu = &sim->cpu[vcpu];

	memcpy(sim->vgic.cpu[vcpu].lr, cpu->lr, sizeof(cpu->lr));
	sim->vgic.cpu[vcpu].eoi_count = cpu->eoi_count;
	cpu->in_guest = false;
	vgic_sync(&sim->vgic, vcpu);
}

static u32 count(const struct sim_cpu *cpu, u64 state)
{
	u32 i, nr = 0;

	for (i = 0; i < VGIC_MAX_LRS; i++)
		nr += !!(cpu->lr[i] & state);
	return nr;
}

bool sim_maintenance(const struct sim *sim, unsigned int vcpu)
{
	const struct vgic_cpu *vgic = &sim->vgic.cpu[vcpu];
	const struct sim_cpu *cpu = &sim->cpu[vcpu];

	return cpu->ended || (vgic->overflow && !count(cpu, LR_PENDING)) ||
	       (vgic->spilled && cpu->eoi_count);
}

static u32 lr_priority(u64 lr)
{
	return (lr >> LR_PRIORITY_SHIFT) & 0xff;
}

/* Only what is pending and not active, in Group 1, and above the running priority */
u32 sim_ack(struct sim *sim, unsigned int vcpu)
{
	struct sim_cpu *cpu = &sim->cpu[vcpu];
	u32 best = cpu->depth ? cpu->acked_priority[cpu->depth - 1] : SIM_IDLE;
	u64 *lr = NULL;
	u32 i;

	for (i = 0; i < VGIC_MAX_LRS; i++)
		if ((cpu->lr[i] & (LR_PENDING | LR_ACTIVE)) == LR_PENDING &&
		    cpu->lr[i] & LR_GROUP1 && lr_priority(cpu->lr[i]) < best) {
			lr = &cpu->lr[i];
			best = lr_priority(*lr);
		}
	if (!lr)
		return SIM_SPURIOUS;
	*lr ^= LR_PENDING | LR_ACTIVE;
	cpu->acked[cpu->depth] = (u32)*lr;
	cpu->acked_priority[cpu->depth++] = best;
	return (u32)*lr;
}

int sim_find_lr(const struct sim *sim, unsigned int vcpu, u32 intid)
{
	u32 i;

	for (i = 0; i < VGIC_MAX_LRS; i++)
		if ((sim->cpu[vcpu].lr[i] & (LR_PENDING | LR_ACTIVE)) &&
		    (u32)sim->cpu[vcpu].lr[i] == intid)
			return i;
	return -1;
}

void sim_eoi(struct sim *sim, unsigned int vcpu)
{
	struct sim_cpu *cpu = &sim->cpu[vcpu];
	u32 intid = cpu->acked[--cpu->depth];
	int i = sim_find_lr(sim, vcpu, intid);

	if (i < 0 || !(cpu->lr[i] & LR_ACTIVE)) {
		cpu->eoi_count++;
		return;
	}
	cpu->lr[i] &= ~LR_ACTIVE;
	if (cpu->lr[i] & LR_HW)
		cpu->phys_active = false;
	else if (!(cpu->lr[i] & LR_PENDING) && cpu->lr[i] & LR_EOI)
		cpu->ended = true;
}

u64 sim_read(struct sim *sim, u64 ipa, unsigned int size)
{
	u64 value = 0xdeadbeefdeadbeefULL;

	return vgic_mmio(&sim->vgic, 0, ipa, size, false, &value) ? value : ~0ULL;
}

void sim_write(struct sim *sim, u64 ipa, unsigned int size, u64 value)
{
	(void)vgic_mmio(&sim->vgic, 0, ipa, size, true, &value);
}

/* Where the registers of an interrupt are */
static u64 frame(unsigned int vcpu, u32 intid)
{
	return intid < VGIC_PRIVATE ? SIM_GICR + SIM_STRIDE * vcpu + GICR_SGI : SIM_GICD;
}

bool sim_bit(struct sim *sim, unsigned int vcpu, u32 intid, u32 reg)
{
	return sim_read(sim, frame(vcpu, intid) + reg + intid / 32 * 4, 4) & BIT(intid % 32);
}

void sim_set_bit(struct sim *sim, unsigned int vcpu, u32 intid, u32 reg)
{
	sim_write(sim, frame(vcpu, intid) + reg + intid / 32 * 4, 4, BIT(intid % 32));
}

void sim_group(struct sim *sim, unsigned int vcpu, u32 intid, bool group1)
{
	u64 ipa = frame(vcpu, intid) + GIC_IGROUPR + intid / 32 * 4;
	u64 value = sim_read(sim, ipa, 4) & ~BIT(intid % 32);

	sim_write(sim, ipa, 4, value | (group1 ? BIT(intid % 32) : 0));
}

void sim_priority(struct sim *sim, unsigned int vcpu, u32 intid, u8 priority)
{
	sim_write(sim, frame(vcpu, intid) + GIC_IPRIORITYR + intid, 1, priority);
}

void sim_edge(struct sim *sim, unsigned int vcpu, u32 intid, bool edge)
{
	u64 ipa = frame(vcpu, intid) + GIC_ICFGR + intid / 16 * 4;
	u64 bit = BIT(intid % 16 * 2 + 1);
	u64 value = sim_read(sim, ipa, 4) & ~bit;

	sim_write(sim, ipa, 4, value | (edge ? bit : 0));
}

void sim_route(struct sim *sim, u32 intid, u64 irouter)
{
	sim_write(sim, SIM_GICD + GICD_IROUTER + 8 * intid, 8, irouter);
}

void sim_group1(struct sim *sim, bool on)
{
	sim_write(sim, SIM_GICD, 4, on ? 0x12 : 0x10);
}

void sim_sleep(struct sim *sim, unsigned int vcpu, bool asleep)
{
	sim_write(sim, SIM_GICR + SIM_STRIDE * vcpu + GICR_WAKER, 4, asleep ? 2 : 0);
}

void sim_sgi(struct sim *sim, unsigned int from, u32 intid, u32 targets)
{
	vgic_sgi1r(&sim->vgic, from, (u64)intid << 24 | targets);
}
