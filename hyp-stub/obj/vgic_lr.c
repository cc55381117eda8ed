// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Virtual GIC: list registers.  Every entry fills them anew, every exit takes all
 * of them back, so a vCPU that does not run owns no list register.
 *
 * Active interrupts come first: the guest's EOI has to find them.  Of those that
 * wait, the most urgent always gets a register: else active ones, which a guest can
 * collect at will, could shut it out.  So what overflows leaves something pending,
 * and the maintenance interrupt for "nothing pending" comes only when it is taken.
 *
 * While a vCPU runs, hardware owns the pending and active bits of what it was given
 * (in_lr).  What others do meanwhile is merged at vgic_sync(), and vgic_changed()
 * has kicked the vCPU so that this is soon:
 *
 *  a new edge, SGI, ISPENDR
 *	sets vgic_irq.pending again: the first one moved into the list register
 *	at the flush (lr_latch).  If the guest had not taken the first, both
 *	become one; if it had, the second is delivered after it.  An edge that
 *	came first and was taken before the exit counts as taken before.
 *  ICPENDR
 *	drops lr_latch as well: what is still pending in the list register is
 *	forgotten.  If the guest took it before it left, it was too late.
 *  ICENABLER, group, priority, route
 *	what is still pending comes back and waits here, where the next flush sees
 *	the new setting.  Active stays active with the vCPU that took it, so that
 *	it can end it.
 *  line of a level interrupt
 *	never becomes a latch: pending in the list register only means
 *	that it was high at the flush; what it is now stands in vgic_irq.level.
 *  ISACTIVER, ICACTIVER
 *	win over the list register (act_forced).  What was active at the exit and is
 *	not any more was deactivated by one of the two ways, once.
 *  reads of ISPENDR, ISACTIVER by another vCPU
 *	show the state of the flush, and kick, so that polling comes to an end.
 *
 * A level interrupt that is active is not loaded as pending: its LR_EOI brings
 * the vCPU back when it ends, and the line is sampled then.
 *
 * HW = 1 (the timer): nothing tells us of the EOI, hardware deactivates the physical
 * interrupt, which fires again if its line is high.  So the line is
 * forgotten when the list register comes back empty, unless it was raised
 * after the flush.  A latch set by ISPENDR while it is active waits for any exit.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "obj/vgic_int.h"

/* The best few by ascending key */
struct picks {
	u32 key[VGIC_MAX_LRS];
	u32 nr;
	u32 total;
};

/* Lower is better: priority, then INTID */
static u32 pick_key(const struct vgic_ref *ref)
{
	return ref->irq->priority << 16 | ref->intid;
}

static u32 pick_intid(u32 key)
{
	return key & 0xffff;
}

static void picks_add(struct picks *picks, u32 room, u32 key)
{
	u32 i;

	picks->total++;
	if (picks->nr < room)
		i = picks->nr++;
	else if (key < picks->key[picks->nr - 1])
		i = picks->nr - 1;
	else
		return;
	for (; i && picks->key[i - 1] > key; i--)
		picks->key[i] = picks->key[i - 1];
	picks->key[i] = key;
}

static bool may_pend(const struct vgic_ref *ref)
{
	return ref->vgic->ctlr & GICD_CTLR_ENABLE_GRP1 && vgic_irq_ready(ref->irq);
}

static void collect(struct vgic *vgic, unsigned int vcpu, struct picks *active,
		    struct picks *pending)
{
	u32 room = vgic->cpu[vcpu].nr_lrs;
	struct vgic_ref ref;
	u32 intid;

	for (intid = vgic_next_queued(vgic, vcpu, 0); vgic_find(vgic, vcpu, intid, &ref);
	     intid = vgic_next_queued(vgic, vcpu, intid + 1)) {
		if (ref.irq->active)
			picks_add(active, room, pick_key(&ref));
		else if (may_pend(&ref))
			picks_add(pending, room, pick_key(&ref));
	}
}

/*
 * Active and pending at once only for an edge: the next one may be taken without an
 * exit.  Not if it now belongs to another vCPU: then LR_EOI tells us when to move it.
 */
static bool load_pending(const struct vgic_ref *ref, bool elsewhere)
{
	const struct vgic_irq *irq = ref->irq;

	return may_pend(ref) && (!irq->active || (irq->edge && !irq->hw && !elsewhere));
}

static u64 load(const struct vgic_ref *ref, unsigned int vcpu)
{
	struct vgic_irq *irq = ref->irq;
	bool elsewhere = vgic_route(ref) != vcpu;
	u64 lr = ref->intid | (u64)irq->priority << LR_PRIORITY_SHIFT;

	if (irq->group1)
		lr |= LR_GROUP1;
	if (irq->active)
		lr |= LR_ACTIVE;
	if (load_pending(ref, elsewhere)) {
		lr |= LR_PENDING;
		irq->lr_latch = irq->pending;
		irq->pending = 0;
	}
	if (irq->hw) {
		lr |= LR_HW | (u64)ref->intid << LR_PINTID_SHIFT;
		irq->lr_level = irq->level;
		irq->level = 0;
	} else if (!irq->edge || elsewhere) {
		lr |= LR_EOI;
	}
	irq->in_lr = 1;
	irq->lr_vcpu = vcpu;
	return lr;
}

static void load_picks(struct vgic *vgic, unsigned int vcpu, const struct picks *picks, u32 nr)
{
	struct vgic_cpu *cpu = &vgic->cpu[vcpu];
	struct vgic_ref ref;
	u32 i;

	for (i = 0; i < nr; i++) {
		if (!vgic_find(vgic, vcpu, pick_intid(picks->key[i]), &ref))
			continue;
		cpu->lr_intid[cpu->nr_used] = ref.intid;
		cpu->lr[cpu->nr_used++] = load(&ref, vcpu);
	}
}

void vgic_flush(struct vgic *vgic, unsigned int vcpu)
{
	struct picks active = { .nr = 0 }, pending = { .nr = 0 };
	struct vgic_cpu *cpu;
	u32 nr_active, nr_pending;

	assert_locked();
	if (vcpu >= vgic->nr_vcpus)
		return;
	vgic_sync(vgic, vcpu);	/* an entry that was called off */
	collect(vgic, vcpu, &active, &pending);

	cpu = &vgic->cpu[vcpu];
	nr_active = min(active.nr, cpu->nr_lrs - !!pending.nr);
	nr_pending = min(pending.nr, cpu->nr_lrs - nr_active);
	load_picks(vgic, vcpu, &active, nr_active);
	load_picks(vgic, vcpu, &pending, nr_pending);
	cpu->spilled = active.total > nr_active;
	cpu->overflow = pending.total > nr_pending;
}

/* Hardware's view of one interrupt and what happened here meanwhile become one */
static void merge(const struct vgic_ref *ref, u64 lr)
{
	struct vgic_irq *irq = ref->irq;
	bool ended = !(lr & (LR_PENDING | LR_ACTIVE));

	if (lr & LR_PENDING && irq->lr_latch)
		irq->pending = 1;
	if (!ended && irq->lr_level)
		irq->level = 1;
	if (!irq->act_forced)
		irq->active = !!(lr & LR_ACTIVE);
	if (!irq->active && (ended || lr & LR_ACTIVE))
		vgic_deactivated(ref);
	irq->lr_latch = 0;
	irq->lr_level = 0;
	irq->act_forced = 0;
	irq->in_lr = 0;
	if (!irq->active)
		irq->lr_vcpu = VGIC_NO_VCPU;
}

static void take_back(struct vgic *vgic, unsigned int vcpu, u32 intid, u64 lr)
{
	struct vgic_ref ref;
	unsigned int to;

	/* Not if it was reset while loaded */
	if (!vgic_find(vgic, vcpu, intid, &ref) || !ref.irq->in_lr || ref.irq->lr_vcpu != vcpu)
		return;
	merge(&ref, lr);
	to = vgic_requeue(&ref);
	if (to != vcpu && vgic_irq_ready(ref.irq))
		vgic_kick(vgic, to);
}

/*
 * The guest ended an active interrupt that had no list register.  Priority drops
 * nest, so it was the most urgent of those (with EOImode 1 that is a guess,
 * and the guest's own problem).
 */
static bool end_spilled(struct vgic *vgic, unsigned int vcpu)
{
	struct vgic_ref ref, best = { .irq = NULL };
	u32 intid;

	for (intid = vgic_next_queued(vgic, vcpu, 0); vgic_find(vgic, vcpu, intid, &ref);
	     intid = vgic_next_queued(vgic, vcpu, intid + 1))
		if (ref.irq->active && !ref.irq->in_lr &&
		    (!best.irq || pick_key(&ref) < pick_key(&best)))
			best = ref;
	if (!best.irq)
		return false;
	best.irq->active = 0;
	best.irq->lr_vcpu = VGIC_NO_VCPU;
	vgic_deactivated(&best);
	vgic_changed(&best);
	return true;
}

void vgic_sync(struct vgic *vgic, unsigned int vcpu)
{
	struct vgic_cpu *cpu;
	u32 i;

	assert_locked();
	if (vcpu >= vgic->nr_vcpus)
		return;
	cpu = &vgic->cpu[vcpu];
	while (cpu->eoi_count && end_spilled(vgic, vcpu))
		cpu->eoi_count--;
	cpu->eoi_count = 0;
	for (i = 0; i < cpu->nr_used; i++) {
		take_back(vgic, vcpu, cpu->lr_intid[i], cpu->lr[i]);
		cpu->lr[i] = 0;
	}
	cpu->nr_used = 0;
}
