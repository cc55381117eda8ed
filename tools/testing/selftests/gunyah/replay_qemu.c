// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU with its Gunyah accelerator, call by call (ABI tables, uapi 5.2): the series that
 * was posted, which sets no boot context, and the forks for Android phones.
 *
 * "Every SPI" is 64 of them here: the stub's Resource Manager has room for 80 devices.
 */
#include "harness.h"

#include <sys/eventfd.h>
#include <sys/mman.h>

#include "gmem.h"
#include "replay_qemu.h"

#define PAGE	4096UL

FIXTURE(qemu) {
	struct gt_resources before;
	struct qemu q;
	bool skipped;
};

FIXTURE_VARIANT(qemu) {
	bool fork;
	bool confidential;
};

FIXTURE_VARIANT_ADD(qemu, series) { .confidential = false };
FIXTURE_VARIANT_ADD(qemu, series_confidential) { .confidential = true };
FIXTURE_VARIANT_ADD(qemu, fork) { .fork = true, .confidential = true };

static const char *why_not(bool fork, bool confidential)
{
	if (fork && gt_open_profile())
		return "the Resource Manager wants one region, at the address in the tree";
	if (!confidential && !gt_can_share())
		return "the Resource Manager takes lent images only";
	return NULL;
}

FIXTURE_SETUP(qemu)
{
	const char *why = why_not(variant->fork, variant->confidential);

	self->skipped = why;
	if (why)
		SKIP(return, "%s", why);
	gt_catch_sigbus();
	gt_resources(&self->before);
	qemu_init(&self->q, variant->fork, variant->confidential);
}

FIXTURE_TEARDOWN(qemu)
{
	if (self->skipped)
		return;
	qemu_close(&self->q);
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&self->before);
}

/* The devices of its machine, and what a confidential guest keeps to itself */
static void use(struct __test_metadata *_metadata, struct qemu *q)
{
	replay_do(&q->r, CMD_PRINT, REPLAY_SERIAL, 0, 0, 0);
	EXPECT_STREQ(q->r.serial, "hello\n");
	EXPECT_EQ(replay_do(&q->r, CMD_READ, REPLAY_RTC, 4, 0, 0), REPLAY_RTC_VALUE);
	EXPECT_EQ(replay_do(&q->r, CMD_CPU_ON, 1, 0, 0, 0), 0);
	replay_wait_said(&q->r, 1);
	replay_do(&q->r, CMD_WRITE, REPLAY_RAM + QEMU_RAM_SIZE - 8, 8, 0x77, 0);
	EXPECT_EQ(*(uint64_t *)(q->mem + QEMU_RAM_SIZE - 8), 0x77);
	replay_do(&q->r, CMD_WRITE, REPLAY_RAM + 0x180000, 8, 0x78, 0);
	EXPECT_EQ(gt_read_faults(q->mem + 0x180000), q->confidential);
	if (!q->confidential)
		EXPECT_EQ(q->mem[0x180000], 0x78);
	EXPECT_EQ(q->faults, 0);
}

TEST_F(qemu, power_off)
{
	qemu_boot(&self->q);
	use(_metadata, &self->q);
	replay_end_by(&self->q.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

TEST_F(qemu, reset)
{
	qemu_boot(&self->q);
	use(_metadata, &self->q);
	replay_end_by(&self->q.r, REPLAY_SYSTEM_RESET, END_RESET);
}

TEST_F(qemu, closed_while_it_runs)
{
	qemu_boot(&self->q);
	use(_metadata, &self->q);
	qemu_ring(&self->q, 5, 1);
	replay_post(&self->q.r, CMD_SPI_WAIT, GUEST_SPI(self->q.dtb.irq[5].label), 2, 0, 0);
	replay_wait_waiting(&self->q.r, 2);
	replay_stop(&self->q.r);
	replay_join(&self->q.r, END_STOPPED);
}

/* The padding of each irqfd is what was on the stack */
TEST_F(qemu, interrupts)
{
	unsigned int i;

	qemu_boot(&self->q);
	for (i = 0; i < self->q.dtb.nr_irqs; i += variant->fork ? 1 : 9) {
		qemu_ring(&self->q, i, 1);
		qemu_ring(&self->q, i, 2);
	}
	EXPECT_EQ(self->q.refused, 0);
	/* Nobody hears these */
	for (i = self->q.dtb.nr_irqs; i < self->q.nr_irqs; i++)
		EXPECT_EQ(eventfd_write(self->q.irq_evt[i], 1), 0);
	replay_end_by(&self->q.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

TEST_F(qemu, events)
{
	struct qemu *q = &self->q;

	if (variant->fork)
		SKIP(return, "forks have no ioeventfds");
	qemu_boot(q);
	replay_do(&q->r, CMD_WRITE, QEMU_EVENT(0), 4, 1, 0);
	EXPECT_EQ(replay_signals(q->event[0]), 1);
	replay_do(&q->r, CMD_WRITE, QEMU_EVENT(0), 4, 2, 0);
	EXPECT_EQ(replay_signals(q->event[0]), 0);
	EXPECT_EQ(q->r.last_data, 2);
	/* Only with a value to match the length matters */
	replay_do(&q->r, CMD_WRITE, QEMU_EVENT(1), 4, 7, 0);
	EXPECT_EQ(replay_signals(q->event[1]), 1);
	replay_do(&q->r, CMD_WRITE, QEMU_EVENT(2), 1, 7, 0);
	EXPECT_EQ(replay_signals(q->event[2]), 1);
	EXPECT_EQ(q->r.nr_writes, 1);
	replay_end_by(&q->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* Right after another VM's end: ids and memory are back when close() returns */
TEST_F(qemu, one_after_the_other)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		qemu_boot(&self->q);
		use(_metadata, &self->q);
		replay_end_by(&self->q.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
		qemu_close(&self->q);
		qemu_init(&self->q, variant->fork, variant->confidential);
	}
}

/* ---- forks only ---- */

/* RUN says ENODEV until the start, and again, and again */
TEST_F(qemu, secondary_waits)
{
	struct replay_vcpu *secondary = &self->q.r.vcpu[1];

	if (!variant->fork)
		SKIP(return, "vCPUs of the series wait for the start themselves");
	qemu_configure(&self->q);
	while (*(volatile unsigned int *)&secondary->retries < 3)
		usleep(1000);
	EXPECT_EQ(secondary->end, END_RUNNING);
	ASSERT_EQ(qemu_start(&self->q), 0);
	qemu_go(&self->q);
	use(_metadata, &self->q);
	replay_end_by(&self->q.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* The program lost a page of the pool: ten retries, then the guest's data abort */
TEST_F(qemu, page_faults)
{
	const uint64_t off = QEMU_RAM_SIZE - 4 * PAGE;
	uint64_t esr;

	if (!variant->fork)
		SKIP(return, "the series does not know page faults");
	qemu_boot(&self->q);
	ASSERT_EQ(munmap(self->q.mem + off, PAGE), 0);
	esr = replay_do(&self->q.r, CMD_TRY_READ, REPLAY_RAM + off, 8, 0, 0);
	EXPECT_EQ(esr >> 26, 0x25);
	EXPECT_EQ(self->q.faults, 11);
	self->q.faults = 0;
	use(_metadata, &self->q);
	replay_end_by(&self->q.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* ---- what the Resource Manager cannot do ---- */

static void refused(struct __test_metadata *_metadata, bool fork, bool confidential)
{
	struct gt_resources before;
	struct qemu q;

	gt_resources(&before);
	qemu_init(&q, fork, confidential);
	qemu_configure(&q);
	EXPECT_LT(qemu_start(&q), 0);
	EXPECT_EQ(qemu_start(&q), -ENODEV);
	/* Threads that wait, or try again and again, look whether they shall end */
	replay_stop(&q.r);
	qemu_go(&q);
	replay_wait_ended(&q.r);
	qemu_close(&q);
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&before);
}

TEST(fork_refused)
{
	if (!why_not(true, true))
		SKIP(return, "this Resource Manager takes several regions");
	refused(_metadata, true, true);
}

TEST(share_refused)
{
	if (!why_not(false, false))
		SKIP(return, "this Resource Manager takes shared images");
	refused(_metadata, false, false);
}

TEST_HARNESS_MAIN
