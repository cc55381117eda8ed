// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Virtual GIC: what is delivered to whom, and who gets a list register. */
#include "tests/vgic_case.h"

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
