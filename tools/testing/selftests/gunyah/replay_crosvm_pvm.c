// SPDX-License-Identifier: GPL-2.0-only
/*
 * crosvm with protected guests, call by call (ABI tables, uapi 5.1): without firmware,
 * with the Resource Manager's firmware, and with an authenticated image in memory of a
 * CMA device (trusted VM).
 *
 * Memory is lent, but for the pool of bounce buffers behind it: a region of its own
 * that is shared, whose label is that of a `shm` device in the tree.
 */
#include "harness.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gmem.h"
#include "replay_crosvm.h"

#define PAGE	4096UL

enum kind { PLAIN, FIRMWARE, TRUSTED };

/* NULL: it can run here */
static const char *why_not(enum kind kind)
{
	if (kind != PLAIN && gt_open_profile())
		return "this Resource Manager has neither firmware nor keys";
	if (kind == TRUSTED && access(CROSVM_CMA_DEVICE, F_OK))
		return "no CMA device (boot option cma= of the stub)";
	return NULL;
}

static void protect(struct crosvm *c, enum kind kind)
{
	crosvm_init(c);
	c->is_protected = true;
	c->firmware = kind == FIRMWARE;
	c->qtvm = kind == TRUSTED;
	c->ram_size = 6 << 20;
	/* The firmware looks for it at the start of RAM */
	if (kind == FIRMWARE)
		c->payload = 0;
}

FIXTURE(pvm) {
	struct gt_resources before;
	struct crosvm c;
	bool skipped;
};

FIXTURE_VARIANT(pvm) {
	enum kind kind;
};

FIXTURE_VARIANT_ADD(pvm, plain) { .kind = PLAIN };
FIXTURE_VARIANT_ADD(pvm, firmware) { .kind = FIRMWARE };
FIXTURE_VARIANT_ADD(pvm, trusted) { .kind = TRUSTED };

FIXTURE_SETUP(pvm)
{
	const char *why = why_not(variant->kind);

	self->skipped = why;
	if (why)
		SKIP(return, "%s", why);
	gt_catch_sigbus();
	gt_resources(&self->before);
	protect(&self->c, variant->kind);
}

FIXTURE_TEARDOWN(pvm)
{
	if (self->skipped)
		return;
	crosvm_close(&self->c);
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&self->before);
}

/* Bounce buffers go both ways */
static void use_pool(struct __test_metadata *_metadata, struct crosvm *c)
{
	uint64_t last = c->dtb.swiotlb + CROSVM_SWIOTLB_SIZE - 8;

	memcpy(c->pool + PAGE, "from", 4);
	EXPECT_EQ(replay_do(&c->r, CMD_READ, c->dtb.swiotlb + PAGE, 4, 0, 0), 0x6d6f7266);
	replay_do(&c->r, CMD_WRITE, last, 8, 0x8877665544332211, 0);
	EXPECT_EQ(*(uint64_t *)(c->pool + CROSVM_SWIOTLB_SIZE - 8), 0x8877665544332211);
}

/* What the guest has to itself */
static void use_ram(struct __test_metadata *_metadata, struct crosvm *c)
{
	uint64_t off = crosvm_fdt_address(c) - REPLAY_RAM - 8 * PAGE;

	replay_do(&c->r, CMD_FILL, REPLAY_RAM + off, PAGE, 4, 0x7e57);
	EXPECT_TRUE(gt_read_faults(c->mem + off));
	EXPECT_TRUE(gt_write_faults(c->mem + off + 3 * PAGE));
	EXPECT_TRUE(gt_read_faults(c->mem + (crosvm_fdt_address(c) - REPLAY_RAM)));
	EXPECT_EQ(replay_do(&c->r, CMD_CHECK, REPLAY_RAM + off, PAGE, 4, 0x7e57), 0);
}

TEST_F(pvm, power_off)
{
	crosvm_boot(&self->c);
	use_pool(_metadata, &self->c);
	use_ram(_metadata, &self->c);
	crosvm_exercise(&self->c);
	replay_end_by(&self->c.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

TEST_F(pvm, reset)
{
	crosvm_boot(&self->c);
	use_pool(_metadata, &self->c);
	replay_end_by(&self->c.r, REPLAY_SYSTEM_RESET, END_RESET);
}

TEST_F(pvm, closed_while_it_runs)
{
	crosvm_boot(&self->c);
	use_pool(_metadata, &self->c);
	replay_do(&self->c.r, CMD_SPI_ENABLE, GUEST_SPI(30), 0, 0, 0);
	replay_post(&self->c.r, CMD_SPI_WAIT, GUEST_SPI(30), 1, 0, 0);
	replay_wait_waiting(&self->c.r, 1);
	replay_stop(&self->c.r);
	replay_join(&self->c.r, END_STOPPED);
}

/* What was decided stays decided */
TEST_F(pvm, settings_after_start)
{
	const struct replay_range fw = { CROSVM_FIRMWARE, CROSVM_FIRMWARE_SIZE };

	crosvm_boot(&self->c);
	EXPECT_EQ(replay_call(self->c.r.vm, CALL_SET_FW_CONFIG, &fw), -EINVAL);
	EXPECT_EQ(crosvm_authenticate(&self->c), -EINVAL);
	EXPECT_EQ(replay_call(self->c.r.vm, CALL_VM_START, NULL), 0);
	replay_end_by(&self->c.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* RELINQUISH is the guest's part.  Without it crosvm warns, and nothing is lost */
TEST_F(pvm, balloon)
{
	struct crosvm *c = &self->c;
	uint64_t off = crosvm_fdt_address(c) - REPLAY_RAM - 8 * PAGE;
	struct replay_range range = { REPLAY_RAM + off, 2 * PAGE };

	if (gt_open_profile() || variant->kind == TRUSTED)
		SKIP(return, "this memory is handed over as a whole");
	crosvm_boot(c);
	replay_do(&c->r, CMD_FILL, range.gpa, PAGE, 4, 0x7e57);
	EXPECT_LT(replay_call(c->r.vm, CALL_RECLAIM_REGION, &range), 0);
	EXPECT_EQ(replay_do(&c->r, CMD_CHECK, range.gpa, PAGE, 4, 0x7e57), 0);
	ASSERT_EQ(replay_do(&c->r, CMD_RELINQUISH, range.gpa, range.size, 0, 0), 0);
	EXPECT_EQ(replay_call(c->r.vm, CALL_RECLAIM_REGION, &range), 0);
	EXPECT_EQ(madvise(c->mem + off, range.size, MADV_REMOVE), 0);
	/* Deflated: its contents are gone, the neighbour's are not */
	EXPECT_EQ(replay_do(&c->r, CMD_READ, range.gpa, 8, 0, 0), 0);
	EXPECT_EQ(replay_do(&c->r, CMD_READ, range.gpa + 2 * PAGE, 8, 0, 0), 0x7e59);
	replay_end_by(&c->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* All of RAM, each exit one that crosvm knows */
TEST_F(pvm, all_of_ram_touched)
{
	const uint64_t first = REPLAY_RAM + 0x100000;
	const uint64_t nr = (crosvm_fdt_address(&self->c) - first) / PAGE;

	crosvm_boot(&self->c);
	replay_do(&self->c.r, CMD_FILL, first, PAGE, nr, 1);
	EXPECT_EQ(replay_do(&self->c.r, CMD_CHECK, first, PAGE, nr, 1), 0);
	replay_end_by(&self->c.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* ---- errors ---- */

/* At the call, where crosvm looks for it, and not at the guest's first access */
TEST(locked_memory_limit)
{
	const struct rlimit none = { 0, 0 };
	struct crosvm c;

	protect(&c, PLAIN);
	crosvm_create(&c);
	ASSERT_EQ(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	/* Root may lock anything */
	ASSERT_EQ(setresuid(65534, 65534, 65534), 0);
	EXPECT_EQ(crosvm_region(&c, true, REPLAY_RAM, c.mem, crosvm_main_size(&c), 7), -ENOMEM);
	crosvm_close(&c);
}

static void refused(struct __test_metadata *_metadata, struct crosvm *c, long error)
{
	EXPECT_EQ(replay_call(c->r.vm, CALL_VM_START, NULL), error);
	EXPECT_EQ(replay_call(c->r.vm, CALL_VM_START, NULL),
		  error == -EINVAL ? -EINVAL : -ENODEV);
	crosvm_close(c);
	EXPECT_EQ(gt_locked_kib(), 0);
}

/* Who has no firmware says so at START */
TEST(no_firmware)
{
	struct gt_resources before;
	struct crosvm c;

	if (!gt_open_profile())
		SKIP(return, "this Resource Manager has firmware");
	gt_resources(&before);
	protect(&c, FIRMWARE);
	crosvm_configure(&c);
	refused(_metadata, &c, -EPERM);
	gt_expect_resources(&before);
}

/* Not in a region: START, with everything as it was */
TEST(firmware_nowhere)
{
	const struct replay_range fw = { 0x70000000, CROSVM_FIRMWARE_SIZE };
	struct gt_resources before;
	struct crosvm c;

	gt_resources(&before);
	protect(&c, PLAIN);
	crosvm_configure(&c);
	EXPECT_EQ(replay_call(c.r.vm, CALL_SET_FW_CONFIG, &fw), 0);
	refused(_metadata, &c, -EINVAL);
	gt_expect_resources(&before);
}

/* An image that nobody has signed: refused by the Resource Manager, crosvm ends */
TEST(not_authentic)
{
	struct gt_resources before;
	struct crosvm c;

	if (why_not(TRUSTED))
		SKIP(return, "%s", why_not(TRUSTED));
	gt_resources(&before);
	protect(&c, TRUSTED);
	crosvm_configure(&c);
	memset(c.mem + c.payload, 0, 64);
	refused(_metadata, &c, -EPERM);
	gt_expect_resources(&before);
}

/* As Android 14 to 16 answer; the caller takes each for fatal */
TEST(authentication_types)
{
	struct replay_auth auth = { .type = 7 };
	struct crosvm c;

	protect(&c, PLAIN);
	crosvm_create(&c);
	EXPECT_EQ(replay_call(c.r.vm, CALL_SET_AUTH_TYPE, &auth), -ENOENT);
	auth = (struct replay_auth){ .type = 1, .arg_size = 25, .arg = (uintptr_t)&c };
	EXPECT_EQ(replay_call(c.r.vm, CALL_SET_AUTH_TYPE, &auth), -EINVAL);
	auth = (struct replay_auth){ .type = 1, .arg_size = 24, .arg = 8 };
	EXPECT_EQ(replay_call(c.r.vm, CALL_SET_AUTH_TYPE, &auth), -EFAULT);
	crosvm_close(&c);
}

TEST_HARNESS_MAIN
