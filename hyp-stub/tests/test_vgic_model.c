// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Virtual GIC against a model, with random accesses, lines, entries and exits.
 *
 * The model knows for each interrupt what the architecture allows and demands:
 *  due		must be delivered once nothing stands in the way
 *  credit	so many deliveries are still allowed: one for each edge at most
 *  stale	a running vCPU had it loaded when something was taken away; until
 *		that vCPU has left, taking it still counts as taken before
 * Each deactivation of a level SPI is told once, when its vCPU has left at the latest.
 * Nobody is made to leave the guest but by a kick, a maintenance interrupt, its own
 * trap or an interrupt of the machine; so a kick that is missing shows as an
 * interrupt that never comes.
 */
#include "tests/test.h"
#include "tests/vgic_sim.h"

#define NR_VCPUS	4
#define NOBODY		0xff
#define TIMER		27
#define NR_PRIVATE	5
#define NR_SPIS		8
#define NR_IRQS		(NR_VCPUS * NR_PRIVATE + NR_SPIS)

struct model_irq {
	u32 intid;
	unsigned int vcpu;		/* private: whose */
	unsigned int route;
	unsigned int stale_on;
	u32 priority;
	u32 credit;
	bool edge, enabled, group1, line;
	bool due, stale, active, forced;
	u32 ends;			/* level SPI: deactivations since the last check */
	bool unsure;			/* what it was at one of them depends on the exit */
};

static struct sim sim;
static struct model_irq irqs[NR_IRQS];
static bool group1_on, broken;
static bool sampling;			/* the timer's line is read at each exit */

static const u32 private_intids[NR_PRIVATE] = { 0, 3, 20, TIMER, 30 };
static const u32 spis[NR_SPIS] = { 32, 33, 34, 35, 100, 500, 1018, 1019 };

#define MUST(cond) \
	do { if (!EXPECT(cond)) broken = true; } while (0)

static u32 pick(u32 n)
{
	return test_random() % n;
}

static bool is_spi(const struct model_irq *m)
{
	return m->intid >= 32;
}

static struct model_irq *find(unsigned int vcpu, u32 intid)
{
	u32 i;

	for (i = 0; i < NR_IRQS; i++)
		if (irqs[i].intid == intid && (is_spi(&irqs[i]) || irqs[i].vcpu == vcpu))
			return &irqs[i];
	return NULL;
}

/* Which vCPU has it in the list registers of the machine */
static unsigned int loaded_on(const struct model_irq *m)
{
	unsigned int v;

	for (v = 0; v < NR_VCPUS; v++)
		if (sim.cpu[v].in_guest && (is_spi(m) || m->vcpu == v) &&
		    sim_find_lr(&sim, v, m->intid) >= 0)
			return v;
	return NOBODY;
}

static void taken_away(struct model_irq *m)
{
	unsigned int v = loaded_on(m);

	if (v != NOBODY) {
		m->stale = true;
		m->stale_on = v;
	}
}

static bool allowed(const struct model_irq *m, unsigned int vcpu)
{
	return m->enabled && m->group1 && group1_on && m->route == vcpu;
}

static bool wanted(const struct model_irq *m)
{
	return m->due || (!m->edge && m->line);
}

/* Taken or not, ended or not: a vCPU other than @but has not given it back yet */
static bool held(const struct model_irq *m, unsigned int but)
{
	unsigned int v, i;

	for (v = 0; v < NR_VCPUS; v++) {
		if (v == but || !sim.cpu[v].in_guest || !(is_spi(m) || m->vcpu == v))
			continue;
		for (i = 0; i < VGIC_MAX_LRS; i++)
			if (sim.cpu[v].lr[i] && (u32)sim.cpu[v].lr[i] == m->intid)
				return true;
		if (sim.cpu[v].eoi_count)	/* may be this one */
			return true;
	}
	return false;
}

static u32 key(u32 priority, u32 intid)
{
	return priority << 10 | intid;
}

/* The most urgent that is sure to be deliverable; the timer's line is only sampled */
static struct model_irq *most_urgent(unsigned int vcpu)
{
	struct model_irq *m, *best = NULL;

	for (m = irqs; m < irqs + NR_IRQS; m++)
		if (m->intid != TIMER && allowed(m, vcpu) && wanted(m) && !m->active &&
		    !held(m, vcpu) &&
		    (!best || key(m->priority, m->intid) < key(best->priority, best->intid)))
			best = m;
	return best;
}

/* It has a list register, or there was only room for something more urgent */
static void check_best(unsigned int vcpu)
{
	struct model_irq *best = most_urgent(vcpu);
	u32 i, urgent = 0;

	if (!best || sim_find_lr(&sim, vcpu, best->intid) >= 0)
		return;
	for (i = 0; i < VGIC_MAX_LRS; i++) {
		u64 lr = sim.cpu[vcpu].lr[i];

		urgent += (lr & (LR_PENDING | LR_ACTIVE)) == LR_PENDING &&
			  key((u8)(lr >> LR_PRIORITY_SHIFT), (u32)lr) <
			  key(best->priority, best->intid);
	}
	MUST(urgent && sim.vgic.cpu[vcpu].overflow);
}

static void check_lrs(unsigned int vcpu)
{
	struct model_irq *m;
	unsigned int v, holders;

	for (m = irqs; m < irqs + NR_IRQS; m++) {
		if (!is_spi(m))
			continue;
		for (v = 0, holders = 0; v < NR_VCPUS; v++)
			holders += sim.cpu[v].in_guest && sim_find_lr(&sim, v, m->intid) >= 0;
		MUST(holders <= 1);
	}
	for (v = 0; v < VGIC_MAX_LRS; v++) {
		u64 lr = sim.cpu[vcpu].lr[v];

		if (!(lr & (LR_PENDING | LR_ACTIVE)))
			continue;
		m = find(vcpu, (u32)lr);
		MUST(m && sim_find_lr(&sim, vcpu, m->intid) == (int)v);
		MUST(!(lr & LR_HW) || (lr & (LR_PENDING | LR_ACTIVE)) != (LR_PENDING | LR_ACTIVE));
		MUST(!(lr & LR_HW) || m->intid == TIMER);
		MUST(!(lr & LR_PENDING) || allowed(m, vcpu));
		MUST(!!(lr & LR_ACTIVE) == m->active);
	}
	check_best(vcpu);
}

static void enter(unsigned int vcpu)
{
	sim_enter(&sim, vcpu);
	check_lrs(vcpu);
}

/* What whoever runs vCPUs does about the timer after an exit, in two styles */
static void sample_timer(unsigned int vcpu)
{
	const struct vgic_irq *irq = &sim.vgic.cpu[vcpu].priv[TIMER];
	bool line = find(vcpu, TIMER)->line;

	if (sampling || (!line && irq->level && !irq->active))
		vgic_set_line(&sim.vgic, vcpu, TIMER, line);
}

static void leave(unsigned int vcpu)
{
	struct model_irq *m;

	sim_exit(&sim, vcpu);
	for (m = irqs; m < irqs + NR_IRQS; m++)
		if (m->stale && m->stale_on == vcpu)
			m->stale = false;
	sample_timer(vcpu);
}

/* A register access is a trap of some vCPU */
static unsigned int trap_begin(void)
{
	unsigned int v = pick(NR_VCPUS);

	if (!sim.cpu[v].in_guest)
		return NOBODY;
	leave(v);
	return v;
}

static void trap_end(unsigned int vcpu)
{
	if (vcpu != NOBODY)
		enter(vcpu);
}

/* What happens to interrupts */

static void deactivated(struct model_irq *m)
{
	if (m->active && !m->edge && is_spi(m))
		m->ends++;
	m->active = false;
}

static void latch(struct model_irq *m)
{
	if (loaded_on(m) != NOBODY)
		m->credit = min(m->credit + 1, 2U);
	else if (!m->due || !m->credit)
		m->credit = 1;
	m->due = true;
}

static void do_line(struct model_irq *m)
{
	bool level = pick(2);

	if (m->intid == TIMER || m->intid < 16)
		return;
	vgic_set_line(&sim.vgic, m->vcpu, m->intid, level);
	if (m->edge) {
		if (level)
			latch(m);
		return;
	}
	if (m->line && !level)
		taken_away(m);
	m->line = level;
	sim.line[m->intid] = level;
}

/* While its vCPU runs only the vCPU itself changes it, and nobody hears of that */
static void do_timer(struct model_irq *m)
{
	if (m->intid != TIMER)
		return;
	if (m->line)
		taken_away(m);
	m->line = !m->line;
	if (!sim.cpu[m->vcpu].in_guest)
		vgic_set_line(&sim.vgic, m->vcpu, TIMER, m->line);
}

static void do_sgi(struct model_irq *m)
{
	if (m->intid >= 16)
		return;
	sim_sgi(&sim, 0, m->intid, BIT(m->vcpu));
	if (m->group1)
		latch(m);
}

static void do_enable(struct model_irq *m)
{
	sim_set_bit(&sim, m->vcpu, m->intid, GIC_ISENABLER);
	m->enabled = true;
}

static void do_disable(struct model_irq *m)
{
	sim_set_bit(&sim, m->vcpu, m->intid, GIC_ICENABLER);
	m->enabled = false;
	taken_away(m);
}

static void do_set_pending(struct model_irq *m)
{
	if (m->intid == TIMER)
		return;
	sim_set_bit(&sim, m->vcpu, m->intid, GIC_ISPENDR);
	latch(m);
}

static void do_clear_pending(struct model_irq *m)
{
	if (m->intid == TIMER)
		return;
	sim_set_bit(&sim, m->vcpu, m->intid, GIC_ICPENDR);
	m->due = false;
	m->credit = 0;
	taken_away(m);
}

static void do_group(struct model_irq *m)
{
	m->group1 = !m->group1;
	sim_group(&sim, m->vcpu, m->intid, m->group1);
	taken_away(m);
}

/* Not while it may be on the stack of priorities; 0xf8 is for those forced active */
static void do_priority(struct model_irq *m)
{
	if (m->active || held(m, NOBODY))
		return;
	m->priority = pick(31) * 8;
	sim_priority(&sim, m->vcpu, m->intid, m->priority);
}

static void do_route(struct model_irq *m)
{
	static const struct { u64 irouter; unsigned int vcpu; } routes[] = {
		{ 0, 0 }, { 1, 1 }, { 2, 2 }, { 3, 3 }, { BIT(31), 0 }, { 4, NOBODY },
		{ 0x100, NOBODY },
	};
	u32 i = pick(ARRAY_SIZE(routes));

	if (!is_spi(m))
		return;
	sim_route(&sim, m->intid, routes[i].irouter);
	m->route = routes[i].vcpu;
	taken_away(m);
}

static void do_config(struct model_irq *m)
{
	if (!is_spi(m) || loaded_on(m) != NOBODY)
		return;
	m->unsure |= held(m, NOBODY);
	m->edge = !m->edge;
	if (m->edge && m->line)
		latch(m);
	m->line = false;
	sim_edge(&sim, m->vcpu, m->intid, m->edge);
	sim.line[m->intid] = false;
}

static void do_active(struct model_irq *m)
{
	if (m->forced) {
		m->priority = pick(31) * 8;
		sim_priority(&sim, m->vcpu, m->intid, m->priority);
		sim_set_bit(&sim, m->vcpu, m->intid, GIC_ICACTIVER);
		m->forced = false;
		deactivated(m);
	} else if (!m->active && !held(m, NOBODY) && m->intid != TIMER) {
		m->priority = 0xf8;
		sim_priority(&sim, m->vcpu, m->intid, 0xf8);
		sim_set_bit(&sim, m->vcpu, m->intid, GIC_ISACTIVER);
		m->forced = true;
		m->active = true;
	}
	/* Also where it is loaded: until that vCPU is back it may still be ended there */
	taken_away(m);
}

static void do_group1(struct model_irq *m)
{
	(void)m;
	if (pick(8))
		return;
	group1_on = !group1_on;
	sim_group1(&sim, group1_on);
	for (m = irqs; m < irqs + NR_IRQS; m++)
		taken_away(m);
}

static void do_look(struct model_irq *m)
{
	(void)sim_bit(&sim, m->vcpu, m->intid, pick(2) ? GIC_ISPENDR : GIC_ISACTIVER);
}

/* What vCPUs do */

static void took(struct model_irq *m, unsigned int vcpu)
{
	MUST(!m->active);
	MUST(m->stale || allowed(m, vcpu));
	MUST(m->stale || m->credit || (!m->edge && m->line));
	if (m->credit && !m->stale && (m->edge || !m->line))
		m->credit--;
	m->due = false;
	m->active = true;
}

static struct model_irq *do_ack(unsigned int vcpu)
{
	struct model_irq *m;
	u32 intid;

	if (!sim.cpu[vcpu].in_guest || sim.cpu[vcpu].depth == SIM_MAX_DEPTH)
		return NULL;
	intid = sim_ack(&sim, vcpu);
	if (intid == SIM_SPURIOUS)
		return NULL;
	m = find(vcpu, intid);
	MUST(m);
	if (m)
		took(m, vcpu);
	return m;
}

static bool do_eoi(unsigned int vcpu)
{
	struct sim_cpu *cpu = &sim.cpu[vcpu];

	if (!cpu->in_guest || !cpu->depth)
		return false;
	deactivated(find(vcpu, cpu->acked[cpu->depth - 1]));
	sim_eoi(&sim, vcpu);
	return true;
}

/* WFI: out, and in again only if there is something; somebody has to say so */
static void do_sleep(unsigned int vcpu)
{
	/* Not inside a handler, there it would wait for ever */
	if (!sim.cpu[vcpu].in_guest || sim.cpu[vcpu].depth)
		return;
	leave(vcpu);
	if (find(vcpu, TIMER)->line)
		vgic_set_line(&sim.vgic, vcpu, TIMER, true);
	sim.cpu[vcpu].kicked = false;
	if (vgic_deliverable(&sim.vgic, vcpu, 0xff, true))
		enter(vcpu);
}

static bool do_wake(unsigned int vcpu)
{
	if (sim.cpu[vcpu].in_guest || !vgic_deliverable(&sim.vgic, vcpu, 0xff, true))
		return false;
	MUST(sim.cpu[vcpu].kicked);
	enter(vcpu);
	return true;
}

static void again(unsigned int vcpu)
{
	leave(vcpu);
	enter(vcpu);
}

/* What makes a vCPU leave, and comes without fail sooner or later */
static bool do_events(unsigned int vcpu)
{
	struct sim_cpu *cpu = &sim.cpu[vcpu];

	if (!cpu->in_guest)
		return do_wake(vcpu);
	if (find(vcpu, TIMER)->line && !cpu->phys_active) {
		bool early = pick(2);

		/* The machine's interrupt is acknowledged around the sync */
		if (early)
			vgic_set_line(&sim.vgic, vcpu, TIMER, true);
		leave(vcpu);
		if (!early)
			vgic_set_line(&sim.vgic, vcpu, TIMER, true);
		enter(vcpu);
		return true;
	}
	if (!cpu->kicked && !sim_maintenance(&sim, vcpu))
		return false;
	again(vcpu);
	return true;
}

static void start(void)
{
	u32 i, v;

	sim_init(&sim, NR_VCPUS, 1 + pick(6));
	group1_on = true;
	sampling = pick(2);
	for (i = 0; i < NR_IRQS; i++) {
		struct model_irq *m = &irqs[i];

		*m = (struct model_irq){ .group1 = true };
		v = i / NR_PRIVATE;
		if (v < NR_VCPUS) {
			m->vcpu = v;
			m->route = v;
			m->intid = private_intids[i % NR_PRIVATE];
			m->edge = m->intid < 16;
		} else {
			m->intid = spis[i - NR_VCPUS * NR_PRIVATE];
		}
	}
}

static void random_step(void)
{
	static void (*const accesses[])(struct model_irq *m) = {
		do_sgi, do_enable, do_enable, do_disable, do_set_pending, do_clear_pending,
		do_group, do_priority, do_route, do_config, do_active, do_group1, do_look,
	};
	struct model_irq *m = &irqs[pick(NR_IRQS)];
	unsigned int v = pick(NR_VCPUS);

	switch (pick(8)) {
	case 0:
	case 1:
		v = trap_begin();
		accesses[pick(ARRAY_SIZE(accesses))](m);
		trap_end(v);
		break;
	case 2:
		do_line(m);
		do_timer(m);
		break;
	case 3:
		do_ack(v);
		break;
	case 4:
		do_eoi(v);
		break;
	case 5:
		if (pick(4))
			do_sleep(v);
		else if (sim.cpu[v].in_guest)
			again(v);
		break;
	default:
		do_events(v);
	}
}

/* Nothing stands in the way any more */
static void allow_all(void)
{
	struct model_irq *m;
	unsigned int v;

	for (m = irqs; m < irqs + NR_IRQS; m++) {
		v = trap_begin();
		do_enable(m);
		if (!m->group1)
			do_group(m);
		if (m->forced)
			do_active(m);
		while (m->route == NOBODY)
			do_route(m);
		trap_end(v);
	}
	v = trap_begin();
	sim_group1(&sim, true);
	group1_on = true;
	trap_end(v);
}

/* The device, or the timer's handler, sees to it that the line falls */
static void serve(struct model_irq *m)
{
	taken_away(m);
	m->line = false;
	sim.line[m->intid] = false;
	if (m->intid != TIMER && !m->edge)
		vgic_set_line(&sim.vgic, m->vcpu, m->intid, false);
}

static bool serve_one(unsigned int vcpu)
{
	struct model_irq *m = do_ack(vcpu);

	if (m)
		serve(m);
	return m || do_eoi(vcpu);
}

static void check_quiet(void)
{
	struct model_irq *m;
	unsigned int v;

	for (m = irqs; m < irqs + NR_IRQS; m++) {
		test_context("INTID %u of %u", m->intid, m->vcpu);
		MUST(!m->active);
		MUST(!wanted(m));
		m->credit = 0;
	}
	for (v = 0; v < NR_VCPUS; v++)
		if (sim.cpu[v].in_guest)
			leave(v);
	for (m = irqs; m < irqs + NR_IRQS; m++) {
		test_context("INTID %u of %u", m->intid, m->vcpu);
		MUST(!sim_bit(&sim, m->vcpu, m->intid, GIC_ISPENDR));
		MUST(!sim_bit(&sim, m->vcpu, m->intid, GIC_ISACTIVER));
		MUST(!is_spi(m) || m->unsure || sim.told[m->intid] == m->ends);
		m->ends = 0;
		m->unsure = false;
		sim.told[m->intid] = 0;
	}
	for (v = 0; v < NR_VCPUS * VGIC_WORDS; v++)
		MUST(!sim.vgic.cpu[v / VGIC_WORDS].queued[v % VGIC_WORDS]);
}

static void quiesce(void)
{
	unsigned int v, rounds = 10000;
	bool progress;

	allow_all();
	do {
		progress = false;
		for (v = 0; v < NR_VCPUS; v++)
			progress |= do_events(v) || serve_one(v);
	} while (progress && !broken && --rounds);
	MUST(rounds);
	if (!broken)
		check_quiet();
	for (v = 0; v < NR_VCPUS && !broken; v++)
		enter(v);
}

TEST(against_the_model)
{
	u32 seed, step;

	broken = false;
	for (seed = 0; seed < 250 && !broken; seed++) {
		start();
		for (step = 1; step <= 2000 && !broken; step++) {
			test_context("run %u step %u", seed, step);
			random_step();
			if (step % 500 == 0 && !broken)
				quiesce();
		}
	}
	test_context("%s", "");
}
