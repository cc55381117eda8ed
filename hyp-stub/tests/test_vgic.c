// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Virtual GIC: delivery, list registers, and what happens while they are loaded. */
#include "tests/test.h"
#include "tests/vgic_sim.h"

#define TIMER	27
#define LEVEL	40		/* SPIs */
#define EDGE	41

static struct sim sim;

static u64 lr(u32 intid, u32 priority, u64 state)
{
	return intid | (u64)priority << LR_PRIORITY_SHIFT | LR_GROUP1 | state;
}

static void enable(unsigned int vcpu, u32 intid)
{
	sim_set_bit(&sim, vcpu, intid, GIC_ISENABLER);
}

/* Four vCPUs; LEVEL and EDGE enabled for vCPU 0, SGI 1 and the timer for all */
static void setup(u32 nr_lrs)
{
	unsigned int i;

	sim_init(&sim, 4, nr_lrs);
	sim_edge(&sim, 0, EDGE, true);
	enable(0, LEVEL);
	enable(0, EDGE);
	for (i = 0; i < 4; i++) {
		enable(i, 1);
		enable(i, TIMER);
	}
}

static void pulse(u32 intid)
{
	EXPECT(vgic_set_line(&sim.vgic, 0, intid, true));
}

static void line(u32 intid, bool level)
{
	sim.line[intid] = level;
	EXPECT(vgic_set_line(&sim.vgic, 0, intid, level));
}

/* vCPU enters and finds this in its first list register */
static void expect_first_lr(unsigned int vcpu, u64 value)
{
	sim_enter(&sim, vcpu);
	EXPECT_EQ(sim.cpu[vcpu].lr[0], value);
}

static void expect_idle(unsigned int vcpu)
{
	sim_enter(&sim, vcpu);
	EXPECT_EQ(sim.cpu[vcpu].lr[0], 0);
	EXPECT_EQ(sim.vgic.cpu[vcpu].nr_used, 0);
	sim_exit(&sim, vcpu);
}

static void take(unsigned int vcpu, u32 intid)
{
	EXPECT_EQ(sim_ack(&sim, vcpu), intid);
}

static void again(unsigned int vcpu)
{
	sim_exit(&sim, vcpu);
	sim_enter(&sim, vcpu);
}

TEST(edge_once)
{
	setup(4);
	pulse(EDGE);
	EXPECT(sim.cpu[0].kicked);
	EXPECT(!sim.cpu[1].kicked);
	EXPECT(vgic_deliverable(&sim.vgic, 0, 0xff, true));
	EXPECT(!vgic_deliverable(&sim.vgic, 1, 0xff, true));
	expect_idle(1);
	expect_first_lr(0, lr(EDGE, 0, LR_PENDING));
	EXPECT(sim_bit(&sim, 0, EDGE, GIC_ISPENDR));
	take(0, EDGE);
	again(0);
	EXPECT_EQ(sim.cpu[0].lr[0], lr(EDGE, 0, LR_ACTIVE));
	EXPECT(sim_bit(&sim, 0, EDGE, GIC_ISACTIVER));
	EXPECT(!sim_bit(&sim, 0, EDGE, GIC_ISPENDR));
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	EXPECT(!sim_bit(&sim, 0, EDGE, GIC_ISACTIVER));
	expect_idle(0);
	EXPECT_EQ(sim.resampled, 0);
}

TEST(edge_untaken_stays)
{
	setup(4);
	pulse(EDGE);
	expect_first_lr(0, lr(EDGE, 0, LR_PENDING));
	again(0);
	again(0);
	EXPECT_EQ(sim.cpu[0].lr[0], lr(EDGE, 0, LR_PENDING));
	take(0, EDGE);
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	expect_idle(0);
}

TEST(edge_while_active)
{
	setup(4);
	pulse(EDGE);
	sim_enter(&sim, 0);
	take(0, EDGE);
	sim_exit(&sim, 0);
	pulse(EDGE);
	pulse(EDGE);
	EXPECT(!vgic_deliverable(&sim.vgic, 0, 0xff, true));
	expect_first_lr(0, lr(EDGE, 0, LR_PENDING | LR_ACTIVE));
	take(0, SIM_SPURIOUS);
	sim_eoi(&sim, 0);
	take(0, EDGE);
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	expect_idle(0);
}

TEST(level_until_low)
{
	setup(4);
	line(LEVEL, true);
	expect_first_lr(0, lr(LEVEL, 0, LR_PENDING | LR_EOI));
	take(0, LEVEL);
	again(0);
	EXPECT_EQ(sim.cpu[0].lr[0], lr(LEVEL, 0, LR_ACTIVE | LR_EOI));
	EXPECT(sim_bit(&sim, 0, LEVEL, GIC_ISPENDR));
	sim_eoi(&sim, 0);
	EXPECT(sim_maintenance(&sim, 0));
	sim_exit(&sim, 0);
	EXPECT_EQ(sim.resampled, 1);
	/* Still high: once more; then it falls without a word */
	expect_first_lr(0, lr(LEVEL, 0, LR_PENDING | LR_EOI));
	take(0, LEVEL);
	sim.line[LEVEL] = false;
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	expect_idle(0);
	EXPECT(!sim_bit(&sim, 0, LEVEL, GIC_ISPENDR));
}

TEST(level_without_resample)
{
	setup(4);
	sim.vgic.resample = NULL;
	enable(0, 30);
	line(30, true);
	line(LEVEL, true);
	sim_enter(&sim, 0);
	take(0, 30);
	sim_eoi(&sim, 0);
	take(0, LEVEL);
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	expect_first_lr(0, lr(30, 0, LR_PENDING | LR_EOI));
	sim_exit(&sim, 0);
	line(30, false);
	line(LEVEL, false);
	expect_idle(0);
}

TEST(level_falls_before_entry)
{
	setup(4);
	line(LEVEL, true);
	line(LEVEL, false);
	expect_idle(0);
	EXPECT(!vgic_deliverable(&sim.vgic, 0, 0xff, true));
	/* One latched by software does not care for the line, until it is taken */
	sim_set_bit(&sim, 0, LEVEL, GIC_ISPENDR);
	line(LEVEL, true);
	line(LEVEL, false);
	expect_first_lr(0, lr(LEVEL, 0, LR_PENDING | LR_EOI));
	again(0);
	take(0, LEVEL);
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	expect_idle(0);
}

TEST(clear_pending)
{
	setup(4);
	pulse(EDGE);
	line(LEVEL, true);
	sim_set_bit(&sim, 0, EDGE, GIC_ICPENDR);
	sim_set_bit(&sim, 0, LEVEL, GIC_ICPENDR);
	EXPECT(!sim_bit(&sim, 0, EDGE, GIC_ISPENDR));
	EXPECT(sim_bit(&sim, 0, LEVEL, GIC_ISPENDR));
	expect_first_lr(0, lr(LEVEL, 0, LR_PENDING | LR_EOI));
	EXPECT_EQ(sim.cpu[0].lr[1], 0);
}

TEST(change_of_trigger_loses_nothing)
{
	setup(4);
	line(LEVEL, true);
	sim_edge(&sim, 0, LEVEL, true);
	line(LEVEL, false);
	expect_first_lr(0, lr(LEVEL, 0, LR_PENDING));
	take(0, LEVEL);
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	expect_idle(0);
	sim.line[LEVEL] = true;
	sim_edge(&sim, 0, LEVEL, false);
	expect_first_lr(0, lr(LEVEL, 0, LR_PENDING | LR_EOI));
}

TEST(nothing_while_disabled)
{
	setup(4);
	pulse(EDGE);
	sim_set_bit(&sim, 0, EDGE, GIC_ICENABLER);
	expect_idle(0);
	EXPECT(sim_bit(&sim, 0, EDGE, GIC_ISPENDR));
	enable(0, EDGE);
	EXPECT(sim.cpu[0].kicked);

	sim_group(&sim, 0, EDGE, false);
	expect_idle(0);
	sim_group(&sim, 0, EDGE, true);
	EXPECT(sim.cpu[0].kicked);

	sim_group1(&sim, false);
	expect_idle(0);
	EXPECT(!vgic_deliverable(&sim.vgic, 0, 0xff, true));
	sim_group1(&sim, true);
	EXPECT(sim.cpu[0].kicked);
	expect_first_lr(0, lr(EDGE, 0, LR_PENDING));
}

TEST(nothing_for_what_does_not_exist)
{
	setup(4);
	EXPECT(!vgic_set_line(&sim.vgic, 0, 1020, true));
	EXPECT(!vgic_set_line(&sim.vgic, 0, 1023, true));
	EXPECT(!vgic_set_line(&sim.vgic, 0, ~0U, true));
	EXPECT(!vgic_set_line(&sim.vgic, 4, 30, true));
	EXPECT(vgic_set_line(&sim.vgic, 4, 1019, true));
	EXPECT(!vgic_deliverable(&sim.vgic, 4, 0xff, true));
	EXPECT(!vgic_hw_active(&sim.vgic, 4, TIMER));
	EXPECT(!vgic_hw_active(&sim.vgic, 0, 1019));
	vgic_flush(&sim.vgic, 4);
	vgic_sync(&sim.vgic, 8);
	vgic_reset_cpu(&sim.vgic, 8);
}

TEST(deliverable)
{
	setup(4);
	sim_priority(&sim, 0, EDGE, 0x80);
	pulse(EDGE);
	EXPECT(vgic_deliverable(&sim.vgic, 0, 0x88, true));
	EXPECT(!vgic_deliverable(&sim.vgic, 0, 0x80, true));
	EXPECT(!vgic_deliverable(&sim.vgic, 0, 0xff, false));
	/* Asleep: the wake request does not pass the CPU interface */
	sim_sleep(&sim, 0, true);
	EXPECT(vgic_deliverable(&sim.vgic, 0, 0, false));
	sim_sleep(&sim, 0, false);
	sim_set_bit(&sim, 0, EDGE, GIC_ISACTIVER);
	EXPECT(!vgic_deliverable(&sim.vgic, 0, 0xff, true));
}

TEST(sgi_targets)
{
	static const struct { u64 value; u32 from, to; } sgis[] = {
		{ 0xd | 1 << 24, 2, 0xd },
		{ 0x4 | 1 << 24, 2, 0x4 },
		{ 0xffff | 1 << 24, 0, 0xf },
		{ 0xfff0 | 1 << 24, 0, 0 },
		{ BIT(40) | 1 << 24, 1, 0xd },
		{ BIT(40) | 1 << 24 | BIT(16) | 0xf, 1, 0xd },
		{ 0xf | 1 << 24 | BIT(16), 0, 0 },
		{ 0xf | 1 << 24 | BIT(32), 0, 0 },
		{ 0xf | 1 << 24 | BIT(48), 0, 0 },
		{ 0xf | 1 << 24 | BIT(44), 0, 0 },
		{ 0xf | 1 << 24 | 0xfULL << 44, 0, 0 },
		{ 0 | 1 << 24, 0, 0 },
	};
	u32 i, v;

	for (i = 0; i < ARRAY_SIZE(sgis); i++) {
		setup(4);
		vgic_sgi1r(&sim.vgic, sgis[i].from, sgis[i].value);
		for (v = 0; v < 4; v++) {
			EXPECT_EQ(sim_bit(&sim, v, 1, GIC_ISPENDR), (sgis[i].to >> v) & 1);
			EXPECT_EQ(sim.cpu[v].kicked, (sgis[i].to >> v) & 1);
			EXPECT(!sim_bit(&sim, v, 0, GIC_ISPENDR));
		}
	}
}

TEST(sgi_in_group0_is_not_generated)
{
	setup(4);
	sim_group(&sim, 1, 1, false);
	sim_sgi(&sim, 0, 1, 0xf);
	EXPECT(!sim_bit(&sim, 1, 1, GIC_ISPENDR));
	EXPECT(sim_bit(&sim, 2, 1, GIC_ISPENDR));
}

TEST(routing)
{
	setup(4);
	pulse(EDGE);
	sim_route(&sim, EDGE, 2);
	EXPECT(sim.cpu[2].kicked);
	expect_idle(0);
	expect_first_lr(2, lr(EDGE, 0, LR_PENDING));
	sim_exit(&sim, 2);
	/* To nobody: pending for ever, or until it is routed to somebody */
	sim_route(&sim, EDGE, 4);
	expect_idle(2);
	EXPECT(sim_bit(&sim, 0, EDGE, GIC_ISPENDR));
	sim_route(&sim, EDGE, 0x100);
	expect_idle(0);
	sim_route(&sim, EDGE, BIT(32));
	expect_idle(0);
	sim_route(&sim, EDGE, 3);
	expect_first_lr(3, lr(EDGE, 0, LR_PENDING));
}

TEST(routing_to_one_too_many)
{
	sim_init(&sim, VGIC_MAX_VCPUS, 4);
	enable(0, LEVEL);
	sim_route(&sim, LEVEL, VGIC_MAX_VCPUS);
	line(LEVEL, true);
	EXPECT_EQ(sim.vgic.spi[LEVEL - 32].queued, VGIC_NO_VCPU);
	sim_route(&sim, LEVEL, VGIC_MAX_VCPUS - 1);
	expect_first_lr(VGIC_MAX_VCPUS - 1, lr(LEVEL, 0, LR_PENDING | LR_EOI));
}

TEST(routing_to_any)
{
	setup(4);
	sim_route(&sim, EDGE, BIT(31) | 3);
	pulse(EDGE);
	EXPECT(sim.cpu[0].kicked);
	sim_sleep(&sim, 0, true);
	EXPECT(sim.cpu[1].kicked);
	expect_idle(0);
	expect_first_lr(1, lr(EDGE, 0, LR_PENDING));
	sim_exit(&sim, 1);
	vgic_reset_cpu(&sim.vgic, 1);
	expect_first_lr(2, lr(EDGE, 0, LR_PENDING));
	take(2, EDGE);
	/* Active stays where it is */
	sim_sleep(&sim, 0, false);
	again(2);
	EXPECT_EQ(sim.cpu[2].lr[0], lr(EDGE, 0, LR_ACTIVE | LR_EOI));
}

TEST(reroute_while_loaded)
{
	setup(4);
	pulse(EDGE);
	expect_first_lr(0, lr(EDGE, 0, LR_PENDING));
	sim_route(&sim, EDGE, 1);
	EXPECT(sim.cpu[0].kicked);
	/* Not in two places: it moves when vCPU 0 has given it back */
	expect_idle(1);
	sim.cpu[1].kicked = false;
	sim_exit(&sim, 0);
	EXPECT(sim.cpu[1].kicked);
	expect_idle(0);
	expect_first_lr(1, lr(EDGE, 0, LR_PENDING));
}

TEST(reroute_while_active)
{
	setup(4);
	pulse(EDGE);
	sim_enter(&sim, 0);
	take(0, EDGE);
	sim_route(&sim, EDGE, 1);
	pulse(EDGE);
	again(0);
	/* The next one is for vCPU 1, and vCPU 0 has to say when this one ends */
	EXPECT_EQ(sim.cpu[0].lr[0], lr(EDGE, 0, LR_ACTIVE | LR_EOI));
	expect_idle(1);
	sim.cpu[1].kicked = false;
	sim_eoi(&sim, 0);
	EXPECT(sim_maintenance(&sim, 0));
	sim_exit(&sim, 0);
	EXPECT(sim.cpu[1].kicked);
	expect_idle(0);
	expect_first_lr(1, lr(EDGE, 0, LR_PENDING));
}

/* Races: something happens to what a running vCPU has in its list registers */

TEST(race_second_edge)
{
	setup(4);
	pulse(EDGE);
	sim_enter(&sim, 0);
	pulse(EDGE);
	EXPECT(sim.cpu[0].kicked);
	again(0);
	/* Not taken in between: one */
	take(0, EDGE);
	sim.cpu[0].kicked = false;
	pulse(EDGE);
	EXPECT(sim.cpu[0].kicked);
	again(0);
	EXPECT_EQ(sim.cpu[0].lr[0], lr(EDGE, 0, LR_PENDING | LR_ACTIVE));
	sim_eoi(&sim, 0);
	take(0, EDGE);
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	expect_idle(0);
}

TEST(race_disable)
{
	setup(4);
	pulse(EDGE);
	line(LEVEL, true);
	sim_enter(&sim, 0);
	take(0, LEVEL);
	sim_set_bit(&sim, 0, EDGE, GIC_ICENABLER);
	sim_set_bit(&sim, 0, LEVEL, GIC_ICENABLER);
	EXPECT(sim.cpu[0].kicked);
	again(0);
	/* What was taken can still be ended, what was not comes back */
	EXPECT_EQ(sim.cpu[0].lr[0], lr(LEVEL, 0, LR_ACTIVE | LR_EOI));
	EXPECT_EQ(sim.cpu[0].lr[1], 0);
	EXPECT(sim_bit(&sim, 0, EDGE, GIC_ISPENDR));
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	expect_idle(0);
	enable(0, EDGE);
	expect_first_lr(0, lr(EDGE, 0, LR_PENDING));
}

TEST(race_clear_pending)
{
	setup(4);
	pulse(EDGE);
	sim_enter(&sim, 0);
	sim_set_bit(&sim, 0, EDGE, GIC_ICPENDR);
	EXPECT(sim.cpu[0].kicked);
	EXPECT(!sim_bit(&sim, 0, EDGE, GIC_ISPENDR));
	sim_exit(&sim, 0);
	EXPECT(!sim_bit(&sim, 0, EDGE, GIC_ISPENDR));
	expect_idle(0);
	/* Cleared and raised again */
	pulse(EDGE);
	sim_enter(&sim, 0);
	sim_set_bit(&sim, 0, EDGE, GIC_ICPENDR);
	pulse(EDGE);
	again(0);
	EXPECT_EQ(sim.cpu[0].lr[0], lr(EDGE, 0, LR_PENDING));
	/* Raised and cleared again */
	pulse(EDGE);
	sim_set_bit(&sim, 0, EDGE, GIC_ICPENDR);
	sim_exit(&sim, 0);
	expect_idle(0);
}

TEST(race_level_falls)
{
	setup(4);
	line(LEVEL, true);
	sim_enter(&sim, 0);
	line(LEVEL, false);
	EXPECT(sim.cpu[0].kicked);
	sim_exit(&sim, 0);
	expect_idle(0);
	line(LEVEL, true);
	sim_enter(&sim, 0);
	line(LEVEL, false);
	line(LEVEL, true);
	again(0);
	EXPECT_EQ(sim.cpu[0].lr[0], lr(LEVEL, 0, LR_PENDING | LR_EOI));
}

TEST(race_active_bit)
{
	setup(4);
	pulse(EDGE);
	sim_enter(&sim, 0);
	take(0, EDGE);
	sim_set_bit(&sim, 0, EDGE, GIC_ICACTIVER);
	EXPECT(sim.cpu[0].kicked);
	EXPECT(!sim_bit(&sim, 0, EDGE, GIC_ISACTIVER));
	sim_exit(&sim, 0);
	EXPECT(!sim_bit(&sim, 0, EDGE, GIC_ISACTIVER));
	expect_idle(0);
	sim.cpu[0].depth = 0;

	pulse(EDGE);
	sim_enter(&sim, 0);
	sim_set_bit(&sim, 0, EDGE, GIC_ISACTIVER);
	EXPECT(sim.cpu[0].kicked);
	again(0);
	EXPECT_EQ(sim.cpu[0].lr[0], lr(EDGE, 0, LR_PENDING | LR_ACTIVE));
	/* Forced once only: what hardware says counts again */
	sim.cpu[0].lr[0] &= ~LR_ACTIVE;
	again(0);
	EXPECT_EQ(sim.cpu[0].lr[0], lr(EDGE, 0, LR_PENDING));
}

TEST(race_priority)
{
	setup(4);
	pulse(EDGE);
	sim_enter(&sim, 0);
	sim_priority(&sim, 0, EDGE, 0x40);
	EXPECT(sim.cpu[0].kicked);
	again(0);
	EXPECT_EQ(sim.cpu[0].lr[0], lr(EDGE, 0x40, LR_PENDING));
}

/* Who polls the state of an interrupt that another vCPU runs with gets an answer */
TEST(race_poll)
{
	setup(4);
	pulse(EDGE);
	sim_enter(&sim, 0);
	take(0, EDGE);
	EXPECT(!sim_bit(&sim, 1, EDGE, GIC_ISACTIVER));
	EXPECT(sim.cpu[0].kicked);
	again(0);
	EXPECT(sim_bit(&sim, 1, EDGE, GIC_ISACTIVER));
	sim_eoi(&sim, 0);
	EXPECT(sim.cpu[0].kicked);
	again(0);
	EXPECT(!sim_bit(&sim, 1, EDGE, GIC_ISACTIVER));
	EXPECT(!sim.cpu[0].kicked);
	sim_exit(&sim, 0);
	pulse(EDGE);
	sim_enter(&sim, 0);
	EXPECT(sim_bit(&sim, 1, EDGE, GIC_ISPENDR));
	EXPECT(sim.cpu[0].kicked);
}

TEST(active_by_software)
{
	setup(4);
	sim_set_bit(&sim, 0, LEVEL, GIC_ISACTIVER);
	line(LEVEL, true);
	expect_first_lr(0, lr(LEVEL, 0, LR_ACTIVE | LR_EOI));
	sim_exit(&sim, 0);
	sim_route(&sim, LEVEL, 1);
	expect_first_lr(0, lr(LEVEL, 0, LR_ACTIVE | LR_EOI));
	sim_exit(&sim, 0);
	sim_set_bit(&sim, 0, LEVEL, GIC_ICACTIVER);
	EXPECT_EQ(sim.resampled, 1);
	expect_idle(0);
	expect_first_lr(1, lr(LEVEL, 0, LR_PENDING | LR_EOI));
}

/* Active by software goes where it is routed, whoever had it before */
TEST(active_by_software_forgets_the_past)
{
	setup(4);
	pulse(EDGE);
	sim_enter(&sim, 0);
	take(0, EDGE);
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	sim_route(&sim, EDGE, 1);
	sim_set_bit(&sim, 0, EDGE, GIC_ISACTIVER);
	expect_idle(0);
	expect_first_lr(1, lr(EDGE, 0, LR_ACTIVE));
	sim_exit(&sim, 1);
	sim_set_bit(&sim, 0, EDGE, GIC_ICACTIVER);
	sim_route(&sim, EDGE, 2);
	sim_set_bit(&sim, 0, EDGE, GIC_ISACTIVER);
	expect_idle(1);
	expect_first_lr(2, lr(EDGE, 0, LR_ACTIVE));
}

TEST(timer_active_by_software)
{
	setup(4);
	sim_set_bit(&sim, 0, TIMER, GIC_ISACTIVER);
	EXPECT(vgic_hw_active(&sim.vgic, 0, TIMER));
	sim_enter(&sim, 0);
	EXPECT(sim.cpu[0].phys_active);
	sim_exit(&sim, 0);
	sim_set_bit(&sim, 0, TIMER, GIC_ICACTIVER);
	EXPECT(!vgic_hw_active(&sim.vgic, 0, TIMER));
}

TEST(timer)
{
	u64 hw = lr(TIMER, 0, LR_HW | (u64)TIMER << LR_PINTID_SHIFT);

	setup(4);
	EXPECT(!vgic_hw_active(&sim.vgic, 0, TIMER));
	line(TIMER, true);
	EXPECT(vgic_hw_active(&sim.vgic, 0, TIMER));
	EXPECT(!vgic_hw_active(&sim.vgic, 1, TIMER));
	expect_first_lr(0, hw | LR_PENDING);
	EXPECT(sim.cpu[0].phys_active);
	again(0);
	EXPECT_EQ(sim.cpu[0].lr[0], hw | LR_PENDING);
	take(0, TIMER);
	sim_exit(&sim, 0);
	line(TIMER, true);
	/* Never pending and active */
	expect_first_lr(0, hw | LR_ACTIVE);
	EXPECT(sim.cpu[0].phys_active);
	sim_eoi(&sim, 0);
	EXPECT(!sim.cpu[0].phys_active);
	EXPECT(!sim_maintenance(&sim, 0));
	/* Hardware has forgotten it, so do we: it would have fired again */
	sim_exit(&sim, 0);
	expect_idle(0);
	EXPECT(!vgic_hw_active(&sim.vgic, 0, TIMER));
}

/* It fired again, and whoever acknowledged that told us before the sync */
TEST(timer_again_before_sync)
{
	setup(4);
	line(TIMER, true);
	sim_enter(&sim, 0);
	take(0, TIMER);
	sim_eoi(&sim, 0);
	line(TIMER, true);
	sim_exit(&sim, 0);
	sim_enter(&sim, 0);
	take(0, TIMER);
}

TEST(timer_reprogrammed_before_it_was_taken)
{
	setup(4);
	line(TIMER, true);
	sim_enter(&sim, 0);
	sim_exit(&sim, 0);
	line(TIMER, false);
	EXPECT(!vgic_hw_active(&sim.vgic, 0, TIMER));
	expect_idle(0);
	line(TIMER, true);
	sim_enter(&sim, 0);
	line(TIMER, false);
	sim_exit(&sim, 0);
	expect_idle(0);
}

TEST(timer_disabled_holds_the_line)
{
	setup(4);
	sim_set_bit(&sim, 0, TIMER, GIC_ICENABLER);
	line(TIMER, true);
	sim_enter(&sim, 0);
	EXPECT_EQ(sim.cpu[0].lr[0], 0);
	EXPECT(sim.cpu[0].phys_active);
	sim_exit(&sim, 0);
	enable(0, TIMER);
	sim_enter(&sim, 0);
	take(0, TIMER);
}

/* Raises SPIs 32 to 32 + @nr - 1, the last one the most urgent */
static void many(u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		sim_edge(&sim, 0, 32 + i, true);
		sim_priority(&sim, 0, 32 + i, 0xf0 - 8 * i);
		enable(0, 32 + i);
		pulse(32 + i);
	}
}

TEST(most_urgent_first)
{
	u32 i;

	sim_init(&sim, 1, 4);
	many(6);
	sim_enter(&sim, 0);
	EXPECT(sim.vgic.cpu[0].overflow);
	EXPECT(!sim.vgic.cpu[0].spilled);
	for (i = 0; i < 4; i++)
		EXPECT_EQ((u32)sim.cpu[0].lr[i], 37 - i);
	for (i = 0; i < 4; i++) {
		EXPECT(!sim_maintenance(&sim, 0));
		take(0, 37 - i);
		sim_eoi(&sim, 0);
	}
	EXPECT(sim_maintenance(&sim, 0));
	again(0);
	EXPECT(!sim.vgic.cpu[0].overflow);
	take(0, 33);
	sim_eoi(&sim, 0);
	take(0, 32);
}

TEST(equal_priority_lowest_intid)
{
	u32 i;

	sim_init(&sim, 1, 2);
	for (i = 0; i < 5; i++) {
		sim_edge(&sim, 0, 1019 - i, true);
		enable(0, 1019 - i);
		pulse(1019 - i);
	}
	sim_enter(&sim, 0);
	EXPECT_EQ((u32)sim.cpu[0].lr[0], 1015);
	EXPECT_EQ((u32)sim.cpu[0].lr[1], 1016);
}

/* More active than list registers: the innermost stay, one is left for the urgent */
TEST(spilled)
{
	u32 i;

	sim_init(&sim, 1, 4);
	for (i = 0; i < 6; i++) {
		many(1 + i);
		sim_set_bit(&sim, 0, 32 + i, GIC_ISPENDR);
		sim_enter(&sim, 0);
		take(0, 32 + i);
		sim_exit(&sim, 0);
		for (u32 j = 0; j <= i; j++)
			sim_set_bit(&sim, 0, 32 + j, GIC_ICPENDR);
	}
	sim_enter(&sim, 0);
	EXPECT(sim.vgic.cpu[0].spilled);
	EXPECT_EQ(sim.vgic.cpu[0].nr_used, 4);
	EXPECT_EQ((u32)sim.cpu[0].lr[3], 34);
	for (i = 0; i < 4; i++) {
		EXPECT(!sim_maintenance(&sim, 0));
		sim_eoi(&sim, 0);
	}
	sim_eoi(&sim, 0);
	EXPECT_EQ(sim.cpu[0].eoi_count, 1);
	EXPECT(sim_maintenance(&sim, 0));
	sim_exit(&sim, 0);
	EXPECT(!sim_bit(&sim, 0, 33, GIC_ISACTIVER));
	EXPECT(sim_bit(&sim, 0, 32, GIC_ISACTIVER));
	sim_enter(&sim, 0);
	EXPECT(!sim.vgic.cpu[0].spilled);
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	EXPECT(!sim_bit(&sim, 0, 32, GIC_ISACTIVER));
	expect_idle(0);
}

/* What ends without a list register is sampled like any other */
TEST(spilled_level)
{
	setup(1);
	line(LEVEL, true);
	sim_priority(&sim, 0, LEVEL, 0x80);
	sim_enter(&sim, 0);
	take(0, LEVEL);
	sim_exit(&sim, 0);
	pulse(EDGE);
	sim_enter(&sim, 0);
	EXPECT(sim.vgic.cpu[0].spilled);
	take(0, EDGE);
	sim_eoi(&sim, 0);
	sim.line[LEVEL] = false;
	sim_eoi(&sim, 0);
	EXPECT(sim_maintenance(&sim, 0));
	sim_exit(&sim, 0);
	expect_idle(0);
}

TEST(active_cannot_shut_out)
{
	u32 i;

	sim_init(&sim, 1, 4);
	for (i = 0; i < 900; i++)
		sim_set_bit(&sim, 0, 50 + i, GIC_ISACTIVER);
	sim_priority(&sim, 0, 40, 0xf8);
	enable(0, 40);
	line(40, true);
	sim_enter(&sim, 0);
	take(0, 40);
	sim.cpu[0].eoi_count = 31;
	sim_exit(&sim, 0);
	sim_enter(&sim, 0);
	EXPECT(sim.vgic.cpu[0].spilled);
}

TEST(reset_cpu)
{
	setup(4);
	sim_sgi(&sim, 0, 1, 2);
	line(TIMER, true);
	sim_route(&sim, EDGE, 1);
	pulse(EDGE);
	vgic_set_line(&sim.vgic, 1, TIMER, true);
	sim_priority(&sim, 1, 1, 0x80);
	sim_set_bit(&sim, 1, 2, GIC_ISACTIVER);
	vgic_reset_cpu(&sim.vgic, 1);
	EXPECT(!sim_bit(&sim, 1, 1, GIC_ISENABLER));
	EXPECT(!sim_bit(&sim, 1, 1, GIC_ISPENDR));
	EXPECT(!sim_bit(&sim, 1, 2, GIC_ISACTIVER));
	EXPECT(!sim_bit(&sim, 1, TIMER, GIC_ISPENDR));
	EXPECT_EQ(sim_read(&sim, SIM_GICR + SIM_STRIDE + GICR_SGI + GIC_IPRIORITYR, 4), 0);
	EXPECT(sim.vgic.cpu[1].priv[TIMER].hw);
	EXPECT_EQ(sim.vgic.cpu[1].queued[0] & GENMASK(31, 0), 0);
	/* SPIs and the others keep theirs */
	expect_first_lr(1, lr(EDGE, 0, LR_PENDING));
	EXPECT(sim_bit(&sim, 0, TIMER, GIC_ISPENDR));
}

/* It was loaded when it was reset: what hardware brings back does not count */
TEST(reset_while_loaded)
{
	setup(4);
	sim_sgi(&sim, 0, 1, 1);
	pulse(EDGE);
	sim_enter(&sim, 0);
	take(0, 1);
	vgic_reset_cpu(&sim.vgic, 0);
	sim_exit(&sim, 0);
	EXPECT(!sim_bit(&sim, 0, 1, GIC_ISACTIVER));
	expect_first_lr(0, lr(EDGE, 0, LR_PENDING));
}

/* An entry that was called off after the flush */
TEST(flush_twice)
{
	setup(4);
	pulse(EDGE);
	vgic_flush(&sim.vgic, 0);
	expect_first_lr(0, lr(EDGE, 0, LR_PENDING));
	EXPECT_EQ(sim.vgic.cpu[0].nr_used, 1);
}

TEST(number_of_list_registers)
{
	setup(0);
	EXPECT_EQ(sim.vgic.cpu[0].nr_lrs, 1);
	pulse(EDGE);
	line(LEVEL, true);
	sim_enter(&sim, 0);
	take(0, LEVEL);
	setup(99);
	EXPECT_EQ(sim.vgic.cpu[0].nr_lrs, VGIC_MAX_LRS);
	many(20);
	sim_enter(&sim, 0);
	EXPECT_EQ(sim.vgic.cpu[0].nr_used, VGIC_MAX_LRS);
}

/* Asking costs nothing: who has it already is not disturbed again */
TEST(no_kick_without_a_change)
{
	setup(4);
	line(LEVEL, true);
	pulse(EDGE);
	sim.cpu[0].kicked = false;
	line(LEVEL, true);
	pulse(EDGE);
	enable(0, EDGE);
	sim_priority(&sim, 0, EDGE, 0);
	sim_set_bit(&sim, 0, 50, GIC_ISPENDR);
	EXPECT(!sim.cpu[0].kicked);
}
