/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the tests of the virtual GIC's rules start from. */
#ifndef STUB_TESTS_VGIC_CASE_H
#define STUB_TESTS_VGIC_CASE_H

#include "tests/test.h"
#include "tests/vgic_sim.h"

#define TIMER	27
#define LEVEL	40		/* SPIs */
#define EDGE	41

static struct sim sim;

static inline u64 lr(u32 intid, u32 priority, u64 state)
{
	return intid | (u64)priority << LR_PRIORITY_SHIFT | LR_GROUP1 | state;
}

static inline void enable(unsigned int vcpu, u32 intid)
{
	sim_set_bit(&sim, vcpu, intid, GIC_ISENABLER);
}

/* Four vCPUs; LEVEL and EDGE enabled for vCPU 0, SGI 1 and the timer for all */
static inline void setup(u32 nr_lrs)
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

static inline void pulse(u32 intid)
{
	EXPECT(vgic_set_line(&sim.vgic, 0, intid, true));
}

static inline void line(u32 intid, bool level)
{
	sim.line[intid] = level;
	EXPECT(vgic_set_line(&sim.vgic, 0, intid, level));
}

/* vCPU enters and finds this in its first list register */
static inline void expect_first_lr(unsigned int vcpu, u64 value)
{
	sim_enter(&sim, vcpu);
	EXPECT_EQ(sim.cpu[vcpu].lr[0], value);
}

static inline void expect_idle(unsigned int vcpu)
{
	sim_enter(&sim, vcpu);
	EXPECT_EQ(sim.cpu[vcpu].lr[0], 0);
	EXPECT_EQ(sim.vgic.cpu[vcpu].nr_used, 0);
	sim_exit(&sim, vcpu);
}

static inline void take(unsigned int vcpu, u32 intid)
{
	EXPECT_EQ(sim_ack(&sim, vcpu), intid);
}

static inline void again(unsigned int vcpu)
{
	sim_exit(&sim, vcpu);
	sim_enter(&sim, vcpu);
}

/* Raises SPIs 32 to 32 + @nr - 1, the last one the most urgent */
static inline void many(u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		sim_edge(&sim, 0, 32 + i, true);
		sim_priority(&sim, 0, 32 + i, 0xf0 - 8 * i);
		enable(0, 32 + i);
		pulse(32 + i);
	}
}

#endif
