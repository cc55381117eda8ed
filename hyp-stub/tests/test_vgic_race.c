// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Virtual GIC: something happens to what a running vCPU has in its list
 * registers; active state written by software; the timer.
 */
#include "tests/vgic_case.h"

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

/* The end of a level interrupt is told once, and soon: a maintenance interrupt sees to that */
TEST(race_end_of_a_level)
{
	setup(4);
	line(LEVEL, true);
	pulse(EDGE);
	sim_enter(&sim, 0);
	take(0, LEVEL);
	EXPECT(!sim_maintenance(&sim, 0));
	again(0);
	EXPECT_EQ(sim.told[LEVEL], 0);
	sim_eoi(&sim, 0);
	EXPECT(sim_maintenance(&sim, 0));
	again(0);
	EXPECT_EQ(sim.told[LEVEL], 1);
	/* Again, and it is deactivated from outside while the guest has it */
	take(0, LEVEL);
	sim_set_bit(&sim, 0, LEVEL, GIC_ICACTIVER);
	EXPECT(sim.cpu[0].kicked);
	EXPECT_EQ(sim.told[LEVEL], 1);
	sim_exit(&sim, 0);
	EXPECT_EQ(sim.told[LEVEL], 2);
	sim.cpu[0].depth = 0;
	/* Both at once are one */
	sim_enter(&sim, 0);
	take(0, LEVEL);
	sim_set_bit(&sim, 0, LEVEL, GIC_ICACTIVER);
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	EXPECT_EQ(sim.told[LEVEL], 3);
	/* An edge is nobody's business */
	line(LEVEL, false);
	sim_enter(&sim, 0);
	take(0, EDGE);
	sim_eoi(&sim, 0);
	sim_exit(&sim, 0);
	EXPECT_EQ(sim.told[EDGE], 0);
	EXPECT_EQ(sim.told[LEVEL], 3);
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
