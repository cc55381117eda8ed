// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Virtual GIC: what its registers say and take. */
#include <string.h>

#include "tests/test.h"
#include "tests/vgic_sim.h"

static struct sim sim;

#define GICR(vcpu)	(SIM_GICR + SIM_STRIDE * (vcpu))
#define NR_VCPUS	4

static void setup(void)
{
	sim_init(&sim, NR_VCPUS, 4);
}

static u64 gicd(u32 offset)
{
	return sim_read(&sim, SIM_GICD + offset, 4);
}

static void gicd_write(u32 offset, u64 value)
{
	sim_write(&sim, SIM_GICD + offset, 4, value);
}

TEST(identification)
{
	static const u32 offsets[] = { 0, SIM_GICR - SIM_GICD, SIM_GICR - SIM_GICD + SIM_STRIDE };
	static const u8 cidr[] = { 0x0d, 0xf0, 0x05, 0xb1 };
	u32 i, j;

	setup();
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		EXPECT_EQ(gicd(offsets[i] + 0xffe8), 0x3b);
		for (j = 0; j < 4; j++)
			EXPECT_EQ(gicd(offsets[i] + 0xfff0 + 4 * j), cidr[j]);
		EXPECT_EQ(gicd(offsets[i] + (i ? 0x4 : 0x8)), 0x4700043b);
		gicd_write(offsets[i] + 0xffe8, 0);
		EXPECT_EQ(gicd(offsets[i] + 0xffe8), 0x3b);
	}
}

TEST(gicd_ctlr)
{
	sim_init(&sim, NR_VCPUS, 4);
	EXPECT_EQ(gicd(0), 0x52);
	gicd_write(0, 0);
	EXPECT_EQ(gicd(0), 0x50);
	gicd_write(0, 0xffffffff);
	EXPECT_EQ(gicd(0), 0x52);
}

/* 1020 INTIDs, ten bits, no LPIs, MBIs, extended SPIs, range selector */
TEST(gicd_typer)
{
	setup();
	EXPECT_EQ(gicd(4), 31 | 3 << 5 | 9 << 19);
	gicd_write(4, 0);
	EXPECT_EQ(gicd(4), 31 | 3 << 5 | 9 << 19);
	sim_init(&sim, 8, 4);
	EXPECT_EQ(gicd(4), 31 | 7 << 5 | 9 << 19);
	EXPECT_EQ(gicd(0xc), 0);
}

TEST(gicr_typer)
{
	unsigned int i;

	setup();
	for (i = 0; i < NR_VCPUS; i++) {
		u64 last = i == NR_VCPUS - 1 ? 0x10 : 0;

		EXPECT_EQ(sim_read(&sim, GICR(i) + 8, 8), (u64)i << 32 | i << 8 | last);
		EXPECT_EQ(sim_read(&sim, GICR(i) + 8, 4), i << 8 | last);
		EXPECT_EQ(sim_read(&sim, GICR(i) + 12, 4), i);
	}
	EXPECT_EQ(sim_read(&sim, GICR(1) + 12, 8), 0);
}

TEST(address_ranges)
{
	u64 value = 0;

	setup();
	EXPECT(!vgic_mmio(&sim.vgic, 0, SIM_GICD - 4, 4, false, &value));
	EXPECT(vgic_mmio(&sim.vgic, 0, SIM_GICD, 4, false, &value));
	EXPECT(vgic_mmio(&sim.vgic, 0, SIM_GICD + 0xfffc, 4, false, &value));
	EXPECT(vgic_mmio(&sim.vgic, 0, GICR(3) + 0x1fffc, 4, false, &value));
	EXPECT(!vgic_mmio(&sim.vgic, 0, GICR(4), 4, false, &value));
	EXPECT(!vgic_mmio(&sim.vgic, 0, ~0ULL - 3, 4, false, &value));

	/* Two frames, then a gap up to the stride */
	sim.vgic.gicr_stride = 0x40000;
	EXPECT(!vgic_mmio(&sim.vgic, 0, SIM_GICR + 0x20000, 4, false, &value));
	EXPECT(!vgic_mmio(&sim.vgic, 0, SIM_GICR + 0x3fffc, 4, false, &value));
	EXPECT(vgic_mmio(&sim.vgic, 0, SIM_GICR + 0x40008, 4, false, &value));
	EXPECT_EQ(value, 1 << 8);
	EXPECT(vgic_mmio(&sim.vgic, 0, SIM_GICR + 0xc0008, 4, false, &value));
	EXPECT(!vgic_mmio(&sim.vgic, 0, SIM_GICR + 0x100000, 4, false, &value));

	/* Nonsense from whoever set it up does not divide by zero */
	sim.vgic.gicr_stride = 0;
	EXPECT(vgic_mmio(&sim.vgic, 0, SIM_GICR + 0x20008, 4, false, &value));
	EXPECT_EQ(value, 1 << 8);
}

TEST(waker)
{
	setup();
	vgic_reset_cpu(&sim.vgic, 2);
	EXPECT_EQ(sim_read(&sim, GICR(2) + 0x14, 4), 6);
	sim_write(&sim, GICR(2) + 0x14, 4, 0xfffffffd);
	EXPECT_EQ(sim_read(&sim, GICR(2) + 0x14, 4), 0);
	sim_write(&sim, GICR(2) + 0x14, 4, 2);
	EXPECT_EQ(sim_read(&sim, GICR(2) + 0x14, 4), 6);
	EXPECT_EQ(sim_read(&sim, GICR(1) + 0x14, 4), 0);
}

/* Affinity routing: 0 to 31 are the redistributors', 1020 and up do not exist */
TEST(distributor_has_only_spis)
{
	static const u32 regs[] = {
		GIC_IGROUPR, GIC_ISENABLER, GIC_ICENABLER, GIC_ISPENDR, GIC_ICPENDR,
		GIC_ISACTIVER, GIC_ICACTIVER,
	};
	u32 i;

	setup();
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		gicd_write(regs[i], 0xffffffff);
		EXPECT_EQ(gicd(regs[i]), 0);
	}
	EXPECT(!sim_bit(&sim, 0, 5, GIC_ISENABLER));
	EXPECT(!sim_bit(&sim, 0, 5, GIC_ISPENDR));
	gicd_write(GIC_IPRIORITYR + 28, 0xf8f8f8f8);
	EXPECT_EQ(gicd(GIC_IPRIORITYR + 28), 0);
	gicd_write(GIC_ICFGR + 4, 0xffffffff);
	EXPECT_EQ(gicd(GIC_ICFGR), 0);
	EXPECT_EQ(gicd(GIC_ICFGR + 4), 0);
	sim_route(&sim, 31, 1);
	EXPECT_EQ(sim_read(&sim, SIM_GICD + GICD_IROUTER + 31 * 8, 8), 0);

	gicd_write(GIC_ISENABLER + 0x7c, 0xffffffff);
	EXPECT_EQ(gicd(GIC_ISENABLER + 0x7c), 0x0fffffff);
	EXPECT_EQ(gicd(GIC_IGROUPR + 0x7c), 0x0fffffff);
	gicd_write(GIC_IPRIORITYR + 1020, 0xf8f8f8f8);
	EXPECT_EQ(gicd(GIC_IPRIORITYR + 1020), 0);
	sim_route(&sim, 1020, 1);
	EXPECT_EQ(sim_read(&sim, SIM_GICD + GICD_IROUTER + 1020 * 8, 8), 0);
}

TEST(redistributor_has_no_spis)
{
	u64 sgi = GICR(0) + GICR_SGI;

	setup();
	sim_write(&sim, sgi + GIC_ISENABLER + 4, 4, 0xffffffff);
	sim_write(&sim, sgi + GIC_IPRIORITYR + 32, 4, 0xf8f8f8f8);
	sim_write(&sim, sgi + GIC_ICFGR + 8, 4, 0xffffffff);
	EXPECT_EQ(gicd(GIC_ISENABLER + 4), 0);
	EXPECT_EQ(gicd(GIC_IPRIORITYR + 32), 0);
	EXPECT_EQ(gicd(GIC_ICFGR + 8), 0);
	EXPECT_EQ(sim_read(&sim, sgi + GIC_IGROUPR + 4, 4), 0);
}

TEST(set_and_clear_bits)
{
	static const u32 pairs[][2] = {
		{ GIC_ISENABLER, GIC_ICENABLER },
		{ GIC_ISPENDR, GIC_ICPENDR },
		{ GIC_ISACTIVER, GIC_ICACTIVER },
	};
	static const u32 intids[] = { 3, 20, 32, 63, 1019 };
	u32 i, j;

	setup();
	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		for (j = 0; j < ARRAY_SIZE(intids); j++) {
			u32 set = pairs[i][0], clear = pairs[i][1], intid = intids[j];

			EXPECT(!sim_bit(&sim, 2, intid, set));
			sim_set_bit(&sim, 2, intid, set);
			EXPECT(sim_bit(&sim, 2, intid, set));
			EXPECT(sim_bit(&sim, 2, intid, clear));
			EXPECT(!sim_bit(&sim, 2, intid - 1, set));
			if (intid < 32)
				EXPECT(!sim_bit(&sim, 1, intid, set));
			/* Zeroes change nothing */
			sim_write(&sim, SIM_GICD + clear + intid / 32 * 4, 4, 0);
			EXPECT(sim_bit(&sim, 2, intid, set));
			sim_set_bit(&sim, 2, intid, clear);
			EXPECT(!sim_bit(&sim, 2, intid, set));
		}
}

TEST(groups)
{
	setup();
	EXPECT_EQ(gicd(GIC_IGROUPR + 4), 0xffffffff);
	gicd_write(GIC_IGROUPR + 4, 0xfffffffe);
	EXPECT_EQ(gicd(GIC_IGROUPR + 4), 0xfffffffe);
	EXPECT_EQ(sim_read(&sim, GICR(1) + GICR_SGI + GIC_IGROUPR, 4), 0xffffffff);
	sim_write(&sim, GICR(1) + GICR_SGI + GIC_IGROUPR, 4, 1);
	EXPECT_EQ(sim_read(&sim, GICR(1) + GICR_SGI + GIC_IGROUPR, 4), 1);
	/* One security state: no modifier */
	gicd_write(0xd04, 0xffffffff);
	EXPECT_EQ(gicd(0xd04), 0);
}

TEST(priorities)
{
	setup();
	gicd_write(GIC_IPRIORITYR + 40, 0xff07a5c1);
	EXPECT_EQ(gicd(GIC_IPRIORITYR + 40), 0xf800a0c0);
	EXPECT_EQ(sim_read(&sim, SIM_GICD + GIC_IPRIORITYR + 41, 1), 0xa0);
	sim_write(&sim, SIM_GICD + GIC_IPRIORITYR + 42, 1, 0x118);
	EXPECT_EQ(gicd(GIC_IPRIORITYR + 40), 0xf818a0c0);
	sim_write(&sim, GICR(3) + GICR_SGI + GIC_IPRIORITYR + 31, 1, 0x88);
	EXPECT_EQ(sim_read(&sim, GICR(3) + GICR_SGI + GIC_IPRIORITYR + 28, 4), 0x88000000);
	EXPECT_EQ(sim_read(&sim, GICR(3) + GICR_SGI + GIC_IPRIORITYR + 32, 4), 0);
}

TEST(configuration)
{
	u64 ppis = GICR(0) + GICR_SGI + GIC_ICFGR + 4;

	setup();
	EXPECT_EQ(sim_read(&sim, ppis - 4, 4), 0xaaaaaaaa);
	sim_write(&sim, ppis - 4, 4, 0);
	EXPECT_EQ(sim_read(&sim, ppis - 4, 4), 0xaaaaaaaa);
	/* The timer is level triggered in the machine, nothing changes that */
	sim_write(&sim, ppis, 4, 0xffffffff);
	EXPECT_EQ(sim_read(&sim, ppis, 4), 0xaaaaaaaa & ~BIT(23));
	EXPECT(!vgic_is_edge(&sim.vgic, 33));
	gicd_write(GIC_ICFGR + 8, 0xd);
	EXPECT_EQ(gicd(GIC_ICFGR + 8), 8);
	EXPECT(vgic_is_edge(&sim.vgic, 33));
	EXPECT(!vgic_is_edge(&sim.vgic, 32));
	EXPECT(!vgic_is_edge(&sim.vgic, 1020));
}

TEST(irouter)
{
	u64 ipa = SIM_GICD + GICD_IROUTER + 8 * 40;

	setup();
	sim_write(&sim, ipa, 8, ~0ULL);
	EXPECT_EQ(sim_read(&sim, ipa, 8), 0xff80ffffffULL);
	sim_write(&sim, ipa, 4, 0x010203);
	EXPECT_EQ(sim_read(&sim, ipa, 8), 0xff00010203ULL);
	EXPECT_EQ(sim_read(&sim, ipa + 4, 4), 0xff);
	sim_write(&sim, ipa + 4, 4, 0x107);
	EXPECT_EQ(sim_read(&sim, ipa, 8), 0x0700010203ULL);
	EXPECT_EQ(sim_read(&sim, ipa, 4), 0x010203);
	EXPECT_EQ(sim_read(&sim, ipa + 8, 8), 0);
	/* Only as much of the value as the access is wide */
	sim_write(&sim, ipa, 4, 0xff00000003ULL);
	EXPECT_EQ(sim_read(&sim, ipa, 8), 0x0700000003ULL);
}

/* Wrong widths, crooked addresses, holes: zero, and nothing happens */
TEST(bad_accesses)
{
	static const struct { u32 offset, size; } bad[] = {
		{ GIC_ISENABLER + 4, 1 }, { GIC_ISENABLER + 4, 2 }, { GIC_ISENABLER, 8 },
		{ GIC_ISENABLER + 6, 4 }, { GIC_ISENABLER + 5, 4 }, { GIC_IPRIORITYR + 40, 2 },
		{ GIC_IPRIORITYR + 40, 8 }, { GIC_IPRIORITYR + 41, 4 }, { 0, 8 }, { 0, 1 },
		{ GICD_IROUTER + 320, 1 }, { GICD_IROUTER + 324, 8 }, { GIC_ISENABLER + 4, 3 },
		{ GIC_ISENABLER + 4, 0 }, { GIC_ISENABLER + 4, 5 }, { GIC_ISENABLER + 4, 16 },
		{ 0x40, 4 }, { 0x800 + 40, 4 }, { 0xf00, 4 }, { 0x5ffc, 4 }, { 0xfffe, 4 },
	};
	static struct vgic before;
	u32 i;

	setup();
	before = sim.vgic;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		sim_write(&sim, SIM_GICD + bad[i].offset, bad[i].size, ~0ULL);
		EXPECT(!memcmp(&before, &sim.vgic, sizeof(before)));
		EXPECT_EQ(sim_read(&sim, SIM_GICD + bad[i].offset, bad[i].size), 0);
	}
}

/* Every byte of every frame, each size: the sanitizers watch */
TEST(sweep)
{
	static const u32 sizes[] = { 1, 2, 4, 8 };
	u64 ipa, junk = 0x9e3779b97f4a7c15ULL;
	u32 i;

	setup();
	for (ipa = SIM_GICD; ipa < GICR(NR_VCPUS); ipa += ipa % 4 ? 1 : 3)
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			junk = junk * 6364136223846793005ULL + 1442695040888963407ULL;
			sim_write(&sim, ipa, sizes[i], junk >> (junk & 31));
			(void)sim_read(&sim, ipa, sizes[i]);
		}
	for (i = 0; i < NR_VCPUS; i++) {
		sim_enter(&sim, i);
		sim_exit(&sim, i);
	}
	EXPECT_EQ(gicd(0xffe8), 0x3b);
}
