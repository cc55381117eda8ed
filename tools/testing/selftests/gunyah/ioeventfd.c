// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes of the guest that signal an eventfd instead of an exit.
 */
#include "harness.h"

#include <sys/eventfd.h>

#define MATCH	GUNYAH_IOEVENTFD_FLAGS_DATAMATCH

FIXTURE(ioeventfd) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int evt;
};

FIXTURE_SETUP(ioeventfd)
{
	gt_vm_init(&self->vm, GUEST_command);
	gt_vm_boot(&self->vm);
	self->vcpu = &self->vm.vcpu[0];
	self->evt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_GE(self->evt, 0);
}

FIXTURE_TEARDOWN(ioeventfd)
{
	gt_vm_close(&self->vm);
	close(self->evt);
}

/* How often it was signalled since the last time */
static uint64_t taken(int evt)
{
	eventfd_t count = 0;

	if (eventfd_read(evt, &count))
		gt_assert_eq(errno, EAGAIN);
	return count;
}

static void write_silently(struct gt_vcpu *vcpu, uint64_t addr, uint32_t len, uint64_t data)
{
	gt_command(vcpu, CMD_WRITE, addr, len, data, 0);
	gt_expect_sync(vcpu, 0);
}

static void write_exits(struct gt_vcpu *vcpu, uint64_t addr, uint32_t len, uint64_t data)
{
	gt_command(vcpu, CMD_WRITE, addr, len, data, 0);
	gt_expect_mmio(vcpu, true, addr, len);
	gt_expect_sync(vcpu, 0);
}

/* Without DATAMATCH: any length, any value, this address */
TEST_F(ioeventfd, any_write)
{
	static const uint32_t registered[] = { 0, 1, 2, 4, 8 };
	unsigned int i;
	uint32_t len;

	for (i = 0; i < ARRAY_SIZE(registered); i++) {
		ASSERT_EQ(__gt_ioeventfd(self->vm.fd, self->evt, EVT_BASE, registered[i], 0, 0),
			  0);
		for (len = 1; len <= 8; len *= 2) {
			write_silently(self->vcpu, EVT_BASE, len, 0xa5a5 + i);
			EXPECT_EQ(taken(self->evt), 1)
				TH_LOG("registered %u, written %u", registered[i], len);
		}
		ASSERT_EQ(__gt_remove_ioeventfd(self->vm.fd, EVT_BASE, registered[i], 0, 0), 0);
	}
}

TEST_F(ioeventfd, other_accesses_exit)
{
	ASSERT_EQ(__gt_ioeventfd(self->vm.fd, self->evt, EVT_BASE + 8, 4, 0, 0), 0);
	write_exits(self->vcpu, EVT_BASE + 4, 4, 1);
	write_exits(self->vcpu, EVT_BASE + 12, 4, 1);
	write_exits(self->vcpu, EVT_BASE + 10, 2, 1);
	write_exits(self->vcpu, EVT_BASE, 8, 1);
	/* Reads are none of its business */
	gt_command(self->vcpu, CMD_READ, EVT_BASE + 8, 4, 0, 0);
	gt_expect_mmio(self->vcpu, false, EVT_BASE + 8, 4);
	gt_set_mmio_data(self->vcpu->run, 5);
	gt_expect_sync(self->vcpu, 5);
	EXPECT_EQ(taken(self->evt), 0);
	write_silently(self->vcpu, EVT_BASE + 8, 4, 1);
	EXPECT_EQ(taken(self->evt), 1);
}

static const struct { uint32_t len; uint64_t value; } matches[] = {
	{ 1, 0x85 }, { 2, 0x8765 }, { 4, 0x87654321 }, { 8, 0x8765432112345678 },
};

TEST_F(ioeventfd, datamatch)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(matches); i++) {
		uint64_t addr = EVT_BASE + 16 * i, value = matches[i].value;
		uint32_t len = matches[i].len;

		ASSERT_EQ(__gt_ioeventfd(self->vm.fd, self->evt, addr, len, MATCH, value), 0);
		write_silently(self->vcpu, addr, len, value);
		EXPECT_EQ(taken(self->evt), 1)
			TH_LOG("length %u", len);
		write_exits(self->vcpu, addr, len, value ^ 1);
		write_exits(self->vcpu, addr, len, value ^ 1ULL << (8 * len - 1));
		write_exits(self->vcpu, addr, len, 0);
		/* The right value in the wrong length */
		write_exits(self->vcpu, addr, len == 8 ? 4 : 8, value);
		EXPECT_EQ(taken(self->evt), 0)
			TH_LOG("length %u", len);
	}
}

/* Bits of the value above the length never matter in the guest's register */
TEST_F(ioeventfd, datamatch_upper_bits)
{
	ASSERT_EQ(__gt_ioeventfd(self->vm.fd, self->evt, EVT_BASE, 2, MATCH, 0x1234), 0);
	write_silently(self->vcpu, EVT_BASE, 2, 0xffffffffffff1234);
	EXPECT_EQ(taken(self->evt), 1);
}

TEST_F(ioeventfd, two_values)
{
	int other = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	ASSERT_EQ(__gt_ioeventfd(self->vm.fd, self->evt, EVT_BASE, 4, MATCH, 1), 0);
	ASSERT_EQ(__gt_ioeventfd(self->vm.fd, other, EVT_BASE, 4, MATCH, 2), 0);
	write_silently(self->vcpu, EVT_BASE, 4, 2);
	EXPECT_EQ(taken(self->evt), 0);
	EXPECT_EQ(taken(other), 1);
	write_silently(self->vcpu, EVT_BASE, 4, 1);
	EXPECT_EQ(taken(self->evt), 1);
	EXPECT_EQ(taken(other), 0);
	write_exits(self->vcpu, EVT_BASE, 4, 3);
	close(other);
}

TEST_F(ioeventfd, removed)
{
	ASSERT_EQ(__gt_ioeventfd(self->vm.fd, self->evt, EVT_BASE, 4, 0, 0), 0);
	write_silently(self->vcpu, EVT_BASE, 4, 1);
	/* As crosvm removes it: the address, nothing else */
	ASSERT_EQ(__gt_remove_ioeventfd(self->vm.fd, EVT_BASE, 0, 0, 0), 0);
	write_exits(self->vcpu, EVT_BASE, 4, 1);
	EXPECT_EQ(taken(self->evt), 1);
}

/* The lenient removal takes one at a time */
TEST_F(ioeventfd, removed_one_of_two)
{
	ASSERT_EQ(__gt_ioeventfd(self->vm.fd, self->evt, EVT_BASE, 4, MATCH, 1), 0);
	ASSERT_EQ(__gt_ioeventfd(self->vm.fd, self->evt, EVT_BASE, 4, MATCH, 2), 0);
	ASSERT_EQ(__gt_remove_ioeventfd(self->vm.fd, EVT_BASE, 0, 0, 0), 0);
	ASSERT_EQ(__gt_remove_ioeventfd(self->vm.fd, EVT_BASE, 0, 0, 0), 0);
	EXPECT_EQ(__gt_remove_ioeventfd(self->vm.fd, EVT_BASE, 0, 0, 0), -ENOENT);
}

/* Closed by us: the driver has a reference of its own */
TEST_F(ioeventfd, closed_eventfd)
{
	int copy = dup(self->evt);

	ASSERT_EQ(__gt_ioeventfd(self->vm.fd, copy, EVT_BASE, 0, 0, 0), 0);
	close(copy);
	write_silently(self->vcpu, EVT_BASE, 4, 1);
	EXPECT_EQ(taken(self->evt), 1);
	close(self->evt);
	write_silently(self->vcpu, EVT_BASE, 4, 1);
	self->evt = -1;
}

TEST_F(ioeventfd, counts)
{
	int i;

	ASSERT_EQ(__gt_ioeventfd(self->vm.fd, self->evt, EVT_BASE, 8, 0, 0), 0);
	for (i = 0; i < 100; i++)
		write_silently(self->vcpu, EVT_BASE, 8, i);
	EXPECT_EQ(taken(self->evt), 100);
}

/* A full eventfd neither blocks the guest nor makes it exit */
TEST_F(ioeventfd, counter_full)
{
	ASSERT_EQ(__gt_ioeventfd(self->vm.fd, self->evt, EVT_BASE, 4, 0, 0), 0);
	ASSERT_EQ(eventfd_write(self->evt, 0xfffffffffffffffe), 0);
	write_silently(self->vcpu, EVT_BASE, 4, 1);
	write_silently(self->vcpu, EVT_BASE, 4, 1);
	EXPECT_GE(taken(self->evt), 0xfffffffffffffffe);
}

TEST_HARNESS_MAIN
