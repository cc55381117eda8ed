// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile host and the tables of the interrupt controller: redistributors and
 * ITS write to memory by themselves, at addresses in their registers, which must
 * not be the stub's or a guest's.  Needs a hypervisor that leaves the host a GICv3
 * and guards it; with its registers out of reach there is nothing to test.
 */
#include "harness.h"

#include <endian.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "iso.h"

#define GICR_CTLR		0x0000
#define GICR_TYPER		0x0008
#define GICR_PROPBASER		0x0070
#define GICR_PENDBASER		0x0078
#define GICR_FRAME		0x20000
#define ENABLE_LPIS		1U
#define TYPER_LAST		(1U << 4)
#define GITS_CTLR		0x0000
#define GITS_CTLR_QUIESCENT	(1U << 31)
#define GITS_CBASER		0x0080
#define GITS_BASER(n)		(0x0100 + 8 * (n))
#define VALID			(1ULL << 63)
#define INDIRECT		(1ULL << 62)
#define ADDR_MASK		0xfffffffff000ULL
#define PAGE_64K		(2U << 8)

/* Entry @index of the reg of the first node that matches, 2 + 2 cells; 0: none */
static uint64_t dt_reg(const char *pattern, unsigned int index)
{
	uint32_t reg[4 * 4] = {};
	uint64_t base = 0;
	glob_t found;
	int fd;

	if (!glob(pattern, 0, NULL, &found)) {
		fd = open(found.gl_pathv[0], O_RDONLY);
		gt_assert(fd >= 0 && read(fd, reg, sizeof(reg)) > 0);
		close(fd);
		base = (uint64_t)be32toh(reg[4 * index]) << 32 | be32toh(reg[4 * index + 1]);
	}
	globfree(&found);
	return base;
}

FIXTURE(gic) {
	int raw;
	uint64_t gicr;
	uint64_t its;
	struct iso_range stub[4];
	unsigned int nr_stub;
	long refused;
};

FIXTURE_SETUP(gic)
{
	self->raw = __iso_open("gunyah_raw");
	if (self->raw == -ENOENT)
		SKIP(return, "no gunyah_raw.ko for this kernel");
	ASSERT_GE(self->raw, 0);
	self->gicr = dt_reg("/proc/device-tree/intc@*/reg", 1);
	self->its = dt_reg("/proc/device-tree/intc@*/its@*/reg", 0);
	self->nr_stub = iso_stub_ranges(self->stub, ARRAY_SIZE(self->stub));
	self->refused = gt_stub_stat("gic_refused");
	if (!self->gicr || self->refused < 0)
		SKIP(return, "no GICv3 that this hypervisor guards");
	ASSERT_GE(self->nr_stub, 2);
}

FIXTURE_TEARDOWN(gic)
{
	if (self->raw >= 0)
		close(self->raw);
}

static uint64_t reg_read(int raw, uint64_t pa, uint32_t size)
{
	uint64_t value;

	gt_assert_eq(iso_mmio_read(raw, pa, size, &value), 0);
	return value;
}

static void reg_write(int raw, uint64_t pa, uint32_t size, uint64_t value)
{
	gt_assert_eq(iso_mmio_write(raw, pa, size, value), 0);
}

/* Writes what must not get there: the register has its old value, and it was counted */
static void try_write(struct __test_metadata *_metadata, FIXTURE_DATA(gic) *self, uint64_t pa,
		      uint32_t size, uint64_t value)
{
	uint64_t whole = pa & ~7ULL, old = reg_read(self->raw, whole, 8);
	long refused = gt_stub_stat("gic_refused");

	reg_write(self->raw, pa, size, value);
	iso_attempt(reg_read(self->raw, whole, 8) != old);
	EXPECT_EQ(reg_read(self->raw, whole, 8), old)
		TH_LOG("%#llx at %#llx", (long long)value, (long long)pa);
	EXPECT_EQ(gt_stub_stat("gic_refused"), refused + 1)
		TH_LOG("%#llx at %#llx", (long long)value, (long long)pa);
}

static unsigned int nr_frames(FIXTURE_DATA(gic) *self)
{
	unsigned int n = 1;

	while (!(reg_read(self->raw, self->gicr + (n - 1) * GICR_FRAME + GICR_TYPER, 8) &
		 TYPER_LAST))
		n++;
	return n;
}

/* The host's own registers read as ever, in both sizes */
TEST_F(gic, host_reads)
{
	unsigned int i, n = nr_frames(self);

	EXPECT_GE(n, gt_nr_cpus());
	for (i = 0; i < n; i++) {
		uint64_t rd = self->gicr + i * GICR_FRAME;
		uint64_t prop = reg_read(self->raw, rd + GICR_PROPBASER, 8);

		EXPECT_EQ(reg_read(self->raw, rd + GICR_PROPBASER, 4), prop & 0xffffffff);
		EXPECT_EQ(reg_read(self->raw, rd + GICR_PROPBASER + 4, 4), prop >> 32);
		EXPECT_EQ(reg_read(self->raw, rd + GICR_TYPER + 4, 4),
			  reg_read(self->raw, rd + GICR_TYPER, 8) >> 32);
	}
}

/* A pair of registers cannot be decoded: an abort, and nothing is written */
TEST_F(gic, undecodable)
{
	uint64_t value, old = reg_read(self->raw, self->gicr + GICR_PROPBASER, 8);
	int64_t ret;

	ret = iso_mmio_read(self->raw, self->gicr + GICR_PROPBASER, 16, &value);
	EXPECT_EQ(ret, -EFAULT);
	iso_attempt(ret != -EFAULT);
	ret = iso_mmio_write(self->raw, self->gicr + GICR_PROPBASER, 16, self->stub[0].base);
	EXPECT_EQ(ret, -EFAULT);
	iso_attempt(ret != -EFAULT);
	EXPECT_EQ(reg_read(self->raw, self->gicr + GICR_PROPBASER, 8), old);
	iso_report("undecodable accesses");
}

/* Table registers of a redistributor whose LPIs are off: only the address counts */
static void attack_rd(struct __test_metadata *_metadata, FIXTURE_DATA(gic) *self, uint64_t rd,
		      uint64_t foreign)
{
	uint64_t prop = reg_read(self->raw, rd + GICR_PROPBASER, 8);

	foreign &= ADDR_MASK;
	try_write(_metadata, self, rd + GICR_PROPBASER, 8, foreign | (prop & ~ADDR_MASK));
	try_write(_metadata, self, rd + GICR_PROPBASER, 8, foreign | 0x0f);
	try_write(_metadata, self, rd + GICR_PROPBASER, 8, foreign | 0x1f);
	/* Address 0 is no table */
	if ((uint32_t)foreign)
		try_write(_metadata, self, rd + GICR_PROPBASER, 4, (uint32_t)foreign | 0x0f);
	try_write(_metadata, self, rd + GICR_PENDBASER, 8, (foreign & ~0xffffULL) ?: 0x10000);
}

static void for_foreign(struct __test_metadata *_metadata, FIXTURE_DATA(gic) *self, uint64_t frame,
			void (*attack)(struct __test_metadata *, FIXTURE_DATA(gic) *, uint64_t,
				       uint64_t))
{
	unsigned int i;

	for (i = 0; i < self->nr_stub; i++) {
		attack(_metadata, self, frame, self->stub[i].base);
		attack(_metadata, self, frame, self->stub[i].base + self->stub[i].size - 0x10000);
	}
	/* Devices, and where nothing is */
	attack(_metadata, self, frame, self->gicr);
	attack(_metadata, self, frame, 0x09000000);
	attack(_metadata, self, frame, 1ULL << 46);
}

TEST_F(gic, redistributors)
{
	unsigned int i, n = nr_frames(self);

	for (i = 0; i < n; i++) {
		uint64_t rd = self->gicr + i * GICR_FRAME;
		uint64_t ctlr = reg_read(self->raw, rd + GICR_CTLR, 4);
		uint64_t prop = reg_read(self->raw, rd + GICR_PROPBASER, 8);
		uint64_t pend = reg_read(self->raw, rd + GICR_PENDBASER, 8);
		long refused;

		/* In use: not even to what is allowed */
		if (ctlr & ENABLE_LPIS)
			try_write(_metadata, self, rd + GICR_PROPBASER, 8, prop);
		reg_write(self->raw, rd + GICR_CTLR, 4, ctlr & ~ENABLE_LPIS);
		for_foreign(_metadata, self, rd, attack_rd);

		/* Tables of the host's own, and none, are let through */
		refused = gt_stub_stat("gic_refused");
		reg_write(self->raw, rd + GICR_PROPBASER, 8, 0);
		EXPECT_EQ(reg_read(self->raw, rd + GICR_PROPBASER, 8), 0);
		EXPECT_EQ(gt_stub_stat("gic_refused"), refused);
		/* LPIs without a table stay off */
		reg_write(self->raw, rd + GICR_CTLR, 4, ctlr | ENABLE_LPIS);
		EXPECT_EQ(reg_read(self->raw, rd + GICR_CTLR, 4) & ENABLE_LPIS, 0);
		EXPECT_EQ(gt_stub_stat("gic_refused"), refused + 1);

		reg_write(self->raw, rd + GICR_PROPBASER, 8, prop);
		reg_write(self->raw, rd + GICR_PENDBASER, 8, pend);
		reg_write(self->raw, rd + GICR_CTLR, 4, ctlr);
		EXPECT_EQ(reg_read(self->raw, rd + GICR_PROPBASER, 8), prop);
		EXPECT_EQ(reg_read(self->raw, rd + GICR_CTLR, 4), ctlr);
		EXPECT_EQ(gt_stub_stat("gic_refused"), refused + 1);
	}
	iso_report("tables of the redistributors");
}

static void attack_its(struct __test_metadata *_metadata, FIXTURE_DATA(gic) *self, uint64_t its,
		       uint64_t foreign)
{
	uint64_t baser = reg_read(self->raw, its + GITS_BASER(0), 8) & ~(ADDR_MASK | 0x3ff);

	foreign &= ADDR_MASK & ~0xffffULL;
	try_write(_metadata, self, its + GITS_CBASER, 8, VALID | foreign);
	try_write(_metadata, self, its + GITS_CBASER, 8, VALID | foreign | 0xff);
	try_write(_metadata, self, its + GITS_BASER(0), 8, VALID | baser | foreign);
	try_write(_metadata, self, its + GITS_BASER(0), 8, VALID | baser | foreign | PAGE_64K);
	try_write(_metadata, self, its + GITS_BASER(1), 8, VALID | baser | foreign | 0xff);
	/* The upper half makes it valid */
	try_write(_metadata, self, its + GITS_CBASER + 4, 4, (VALID | 1ULL << 45) >> 32);
}

/* Begins in memory of the host, ends in the stub */
static void attack_end(struct __test_metadata *_metadata, FIXTURE_DATA(gic) *self)
{
	uint64_t before = self->stub[1].base - 0x10000;
	uint64_t baser = reg_read(self->raw, self->its + GITS_BASER(0), 8) & ~(ADDR_MASK | 0x3ff);

	try_write(_metadata, self, self->its + GITS_CBASER, 8, VALID | before | 16);
	try_write(_metadata, self, self->its + GITS_BASER(0), 8,
		  VALID | baser | before | PAGE_64K | 1);
}

TEST_F(gic, its)
{
	uint64_t ctlr, baser;
	long refused;

	if (!self->its)
		SKIP(return, "no ITS");
	ctlr = reg_read(self->raw, self->its + GITS_CTLR, 4);
	baser = reg_read(self->raw, self->its + GITS_BASER(0), 8);
	ASSERT_TRUE(baser & VALID);
	if (ctlr & 1)
		try_write(_metadata, self, self->its + GITS_BASER(0), 8, baser);
	reg_write(self->raw, self->its + GITS_CTLR, 4, 0);
	ASSERT_TRUE(reg_read(self->raw, self->its + GITS_CTLR, 4) & GITS_CTLR_QUIESCENT);
	for_foreign(_metadata, self, self->its, attack_its);
	attack_end(_metadata, self);

	/* Its own table once more; no first level in the host's memory */
	refused = gt_stub_stat("gic_refused");
	reg_write(self->raw, self->its + GITS_BASER(0), 8, baser | INDIRECT);
	EXPECT_EQ(reg_read(self->raw, self->its + GITS_BASER(0), 8), baser);
	EXPECT_EQ(gt_stub_stat("gic_refused"), refused);
	reg_write(self->raw, self->its + GITS_CTLR, 4, ctlr & 1);
	EXPECT_EQ(reg_read(self->raw, self->its + GITS_CTLR, 4) & 1, ctlr & 1);
	iso_report("tables of the ITS");
}

/* A guest's page is as foreign as the stub's */
TEST_F(gic, lent_memory)
{
	uint64_t rd = self->gicr, ctlr = reg_read(self->raw, rd + GICR_CTLR, 4), pa;
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_command);
	vm.kind = GT_LEND;
	gt_vm_create(&vm);
	gt_vm_add_ram(&vm);
	gt_vm_configure(&vm);
	pa = iso_phys((char *)vm.ram + 0x10000);
	ASSERT_NE(pa, 0);
	gt_vm_start(&vm);
	ASSERT_EQ(gt_command_result(&vm.vcpu[0], CMD_WRITE, GUEST_RAM_BASE + 0x10000, 8, 1, 0), 0);
	reg_write(self->raw, rd + GICR_CTLR, 4, ctlr & ~ENABLE_LPIS);
	attack_rd(_metadata, self, rd, pa);
	reg_write(self->raw, rd + GICR_CTLR, 4, ctlr);
	EXPECT_EQ(reg_read(self->raw, rd + GICR_CTLR, 4), ctlr);
	iso_report("tables in lent memory");
	gt_vm_close(&vm);
}

TEST_HARNESS_MAIN
