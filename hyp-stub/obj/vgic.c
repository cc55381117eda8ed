// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Virtual GIC: state of the interrupts, input lines, SGIs, and which vCPU has to
 * look at what.  The registers are in vgic_mmio.c, list registers in vgic_lr.c.
 *
 * Each interrupt that is active, or enabled and pending, has its bit set in the
 * queue of exactly one vCPU, so an entry looks at what is there and not at all 988
 * SPIs.  vgic_requeue() keeps that true; whatever changes an interrupt ends with
 * vgic_changed().
 *
 * An interrupt in the list registers of a vCPU that runs (in_lr) lives in two
 * places: hardware has it, and other CPUs go on changing it here.  It stays with
 * that vCPU until vgic_sync(), which merges; see vgic_lr.c for how each race ends.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "obj/vgic_int.h"

bool vgic_find(struct vgic *vgic, unsigned int vcpu, u32 intid, struct vgic_ref *ref)
{
	struct vgic_irq *irq;

	if (intid >= VGIC_NR_INTIDS)
		return false;
	if (intid >= VGIC_PRIVATE)
		irq = &vgic->spi[intid - VGIC_PRIVATE];
	else if (vcpu < vgic->nr_vcpus)
		irq = &vgic->cpu[vcpu].priv[intid];
	else
		return false;

	*ref = (struct vgic_ref){ .vgic = vgic, .irq = irq, .intid = intid, .vcpu = vcpu };
	return true;
}

bool vgic_irq_pending(const struct vgic_irq *irq)
{
	return irq->pending || irq->level || irq->lr_latch || irq->lr_level;
}

bool vgic_irq_ready(const struct vgic_irq *irq)
{
	return irq->enabled && irq->group1 && vgic_irq_pending(irq);
}

void vgic_kick(struct vgic *vgic, unsigned int vcpu)
{
	if (vcpu < vgic->nr_vcpus && vgic->kick)
		vgic->kick(vgic->vm, vcpu);
}

/* "Any participating PE": the first whose redistributor is awake */
static unsigned int route_any(const struct vgic *vgic)
{
	unsigned int i;

	for (i = 0; i < vgic->nr_vcpus; i++)
		if (!(vgic->cpu[i].waker & GICR_WAKER_SLEEP))
			return i;
	return 0;
}

/* Virtual affinity: the vCPU's index in Aff0, nothing in Aff1 to Aff3 */
unsigned int vgic_route(const struct vgic_ref *ref)
{
	u64 irouter = ref->irq->irouter;

	if (ref->intid < VGIC_PRIVATE)
		return ref->vcpu;
	if (irouter & GICD_IROUTER_IRM)
		return route_any(ref->vgic);
	return irouter < ref->vgic->nr_vcpus ? irouter : VGIC_NO_VCPU;
}

/* Who has to handle it: an active SPI stays where it was acknowledged */
static unsigned int owner(const struct vgic_ref *ref)
{
	const struct vgic_irq *irq = ref->irq;

	if ((irq->in_lr || irq->active) && irq->lr_vcpu != VGIC_NO_VCPU)
		return irq->lr_vcpu;
	return vgic_route(ref);
}

unsigned int vgic_requeue(const struct vgic_ref *ref)
{
	struct vgic_irq *irq = ref->irq;
	u64 bit = BIT(ref->intid % 64);
	u32 word = ref->intid / 64;
	unsigned int to = VGIC_NO_VCPU;

	if (irq->active || irq->in_lr || vgic_irq_ready(irq))
		to = owner(ref);
	if (irq->queued != VGIC_NO_VCPU)
		ref->vgic->cpu[irq->queued].queued[word] &= ~bit;
	if (to != VGIC_NO_VCPU)
		ref->vgic->cpu[to].queued[word] |= bit;
	irq->queued = to;
	return to;
}

/*
 * Whoever has it in its list registers has to come back, even to take something
 * away; otherwise only what can be delivered is worth disturbing a vCPU.
 */
void vgic_changed(const struct vgic_ref *ref)
{
	unsigned int to = vgic_requeue(ref);

	if (ref->irq->in_lr || vgic_irq_ready(ref->irq))
		vgic_kick(ref->vgic, to);
}

void vgic_reroute_any(struct vgic *vgic)
{
	struct vgic_ref ref;
	u32 intid;

	for (intid = VGIC_PRIVATE; intid < VGIC_NR_INTIDS; intid++)
		if (vgic_find(vgic, 0, intid, &ref) && ref.irq->irouter & GICD_IROUTER_IRM &&
		    ref.irq->queued != VGIC_NO_VCPU)
			vgic_changed(&ref);
}

void vgic_resample_line(const struct vgic_ref *ref)
{
	struct vgic *vgic = ref->vgic;
	struct vgic_irq *irq = ref->irq;

	if (ref->intid >= VGIC_PRIVATE && !irq->edge && vgic->resample)
		irq->level = vgic->resample(vgic->vm, ref->intid);
}

void vgic_deactivated(const struct vgic_ref *ref)
{
	struct vgic *vgic = ref->vgic;

	vgic_resample_line(ref);
	if (ref->intid >= VGIC_PRIVATE && !ref->irq->edge && vgic->ended)
		vgic->ended(vgic->vm, ref->intid);
}

u32 vgic_next_queued(const struct vgic *vgic, unsigned int vcpu, u32 from)
{
	u32 word = from / 64;
	u64 bits;

	if (from >= VGIC_NR_INTIDS)
		return VGIC_NR_INTIDS;
	bits = vgic->cpu[vcpu].queued[word] & (~0ULL << (from % 64));
	while (!bits && ++word < VGIC_WORDS)
		bits = vgic->cpu[vcpu].queued[word];
	return bits ? word * 64 + __builtin_ctzll(bits) : VGIC_NR_INTIDS;
}

/*
 * Group 1 at reset, as other virtual GICs have it: Group 0 cannot be enabled
 * here, so an interrupt would only be dead until the guest moves it.
 */
static void reset_irq(struct vgic_irq *irq, bool edge)
{
	*irq = (struct vgic_irq){
		.group1 = 1,
		.edge = edge,
		.lr_vcpu = VGIC_NO_VCPU,
		.queued = VGIC_NO_VCPU,
	};
}

void vgic_reset_cpu(struct vgic *vgic, unsigned int vcpu)
{
	struct vgic_cpu *cpu;
	u32 i;

	assert_locked();
	if (vcpu >= VGIC_MAX_VCPUS)
		return;
	cpu = &vgic->cpu[vcpu];
	for (i = 0; i < VGIC_PRIVATE; i++) {
		bool hw = cpu->priv[i].hw;

		reset_irq(&cpu->priv[i], i < VGIC_NR_SGIS);
		cpu->priv[i].hw = hw;
	}
	cpu->queued[0] &= ~GENMASK(VGIC_PRIVATE - 1, 0);
	cpu->waker = GICR_WAKER_SLEEP | GICR_WAKER_ASLEEP;
	vgic_reroute_any(vgic);
}

void vgic_init(struct vgic *vgic, struct vm *vm, unsigned int nr_vcpus, u32 nr_lrs)
{
	unsigned int i;

	assert_locked();
	memset(vgic, 0, sizeof(*vgic));
	vgic->vm = vm;
	vgic->nr_vcpus = min(nr_vcpus, VGIC_MAX_VCPUS + 0U);
	for (i = 0; i < VGIC_NR_SPIS; i++)
		reset_irq(&vgic->spi[i], false);
	for (i = 0; i < VGIC_MAX_VCPUS; i++) {
		vgic->cpu[i].nr_lrs = max(1U, min(nr_lrs, VGIC_MAX_LRS + 0U));
		vgic_reset_cpu(vgic, i);
	}
}

bool vgic_set_line(struct vgic *vgic, unsigned int vcpu, u32 intid, bool level)
{
	struct vgic_ref ref;
	struct vgic_irq *irq;

	assert_locked();
	if (!vgic_find(vgic, vcpu, intid, &ref))
		return false;
	irq = ref.irq;
	if (irq->edge) {
		if (!level || irq->pending)
			return true;
		irq->pending = 1;
	} else {
		if (irq->level == level && irq->lr_level <= level)
			return true;
		irq->level = level;
		irq->lr_level &= level;
	}
	vgic_changed(&ref);
	return true;
}

bool vgic_is_edge(struct vgic *vgic, u32 spi_intid)
{
	struct vgic_ref ref;

	assert_locked();
	return vgic_find(vgic, 0, spi_intid, &ref) && ref.irq->edge;
}

static void send_sgi(struct vgic *vgic, unsigned int vcpu, u32 intid)
{
	struct vgic_ref ref;

	/* ICC_SGI1R does not generate SGIs that are in Group 0 */
	if (!vgic_find(vgic, vcpu, intid, &ref) || !ref.irq->group1 || ref.irq->pending)
		return;
	ref.irq->pending = 1;
	vgic_changed(&ref);
}

/* ICC_SGI1R_EL1 */
#define SGI1R_TARGETS(v)	((v) & 0xffff)
#define SGI1R_INTID(v)		(((v) >> 24) & 0xf)
#define SGI1R_IRM		BIT(40)
#define SGI1R_RS(v)		(((v) >> 44) & 0xf)
#define SGI1R_AFF321		(GENMASK(55, 48) | GENMASK(39, 32) | GENMASK(23, 16))

void vgic_sgi1r(struct vgic *vgic, unsigned int vcpu, u64 value)
{
	unsigned int i, first = SGI1R_RS(value) * 16;

	assert_locked();
	if (!(value & SGI1R_IRM) && value & SGI1R_AFF321)
		return;
	for (i = 0; i < vgic->nr_vcpus; i++) {
		bool listed = i >= first && SGI1R_TARGETS(value) & BIT(i - first);

		if (value & SGI1R_IRM ? i != vcpu : listed)
			send_sgi(vgic, i, SGI1R_INTID(value));
	}
}

/*
 * The running priority is not looked at: WFI inside a handler may return early,
 * which it is always allowed to.
 */
bool vgic_deliverable(struct vgic *vgic, unsigned int vcpu, u8 pmr, bool grpen1)
{
	struct vgic_ref ref;
	bool asleep;
	u32 intid;

	assert_locked();
	if (vcpu >= vgic->nr_vcpus || !(vgic->ctlr & GICD_CTLR_ENABLE_GRP1))
		return false;
	asleep = vgic->cpu[vcpu].waker & GICR_WAKER_SLEEP;
	if (!asleep && !grpen1)
		return false;
	for (intid = vgic_next_queued(vgic, vcpu, 0); vgic_find(vgic, vcpu, intid, &ref);
	     intid = vgic_next_queued(vgic, vcpu, intid + 1))
		if (!ref.irq->active && vgic_irq_ready(ref.irq) &&
		    (asleep || ref.irq->priority < pmr))
			return true;
	return false;
}

bool vgic_hw_active(struct vgic *vgic, unsigned int vcpu, u32 intid)
{
	struct vgic_ref ref;

	assert_locked();
	return intid < VGIC_PRIVATE && vgic_find(vgic, vcpu, intid, &ref) &&
	       (ref.irq->active || vgic_irq_pending(ref.irq));
}
