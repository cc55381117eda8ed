// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of the guest by eventfd and doorbell.
 */
#include "harness.h"

#include <sys/eventfd.h>

#define LABEL	4
#define OTHER	9
#define ROUNDS	20

FIXTURE(irqfd) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int evt;
	uint32_t flags;
};

FIXTURE_VARIANT(irqfd) {
	enum guest_test guest;
	bool level;
};

FIXTURE_VARIANT_ADD(irqfd, edge) { .guest = GUEST_spi, .level = false };
FIXTURE_VARIANT_ADD(irqfd, level) { .guest = GUEST_spi, .level = true };
FIXTURE_VARIANT_ADD(irqfd, edge_busy) { .guest = GUEST_spi_poll, .level = false };
FIXTURE_VARIANT_ADD(irqfd, level_busy) { .guest = GUEST_spi_poll, .level = true };

FIXTURE_SETUP(irqfd)
{
	self->evt = eventfd(0, EFD_CLOEXEC);
	ASSERT_GE(self->evt, 0);
	self->flags = variant->level ? GUNYAH_IRQFD_FLAGS_LEVEL : 0;
	gt_vm_init(&self->vm, variant->guest);
	gt_vm_add_bell(&self->vm, LABEL, variant->level);
	gt_vm_add_bell(&self->vm, OTHER, false);
	self->vm.arg[0] = GUEST_SPI(LABEL);
	self->vm.arg[1] = variant->level;
	self->vm.arg[2] = ROUNDS;
	self->vcpu = &self->vm.vcpu[0];
	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
}

FIXTURE_TEARDOWN(irqfd)
{
	gt_vm_close(&self->vm);
	close(self->evt);
}

static void ring(int evt)
{
	gt_assert_eq(eventfd_write(evt, 1), 0);
}

static void start_guest(struct gt_vm *vm)
{
	gt_vm_start(vm);
	gt_thread_start(&vm->vcpu[0]);
	/* The first stage says that the interrupt is enabled */
	gt_wait_stages(&vm->vcpu[0], 1);
}

/* Each one is seen before the next is sent: none merges, none is lost */
static void ring_rounds(struct __test_metadata *_metadata, struct gt_vm *vm, int evt)
{
	struct gt_vcpu *vcpu = &vm->vcpu[0];
	uint64_t i;

	for (i = 1; i <= ROUNDS; i++) {
		ring(evt);
		gt_wait_stages(vcpu, i + 1);
		EXPECT_EQ(vcpu->last_stage, i);
	}
	gt_threads_join(vm, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
}

TEST_F(irqfd, one_by_one)
{
	ASSERT_EQ(__gt_irqfd(self->vm.fd, self->evt, LABEL, self->flags), 0);
	start_guest(&self->vm);
	ring_rounds(_metadata, &self->vm, self->evt);
}

TEST_F(irqfd, added_after_start)
{
	start_guest(&self->vm);
	ASSERT_EQ(__gt_irqfd(self->vm.fd, self->evt, LABEL, self->flags), 0);
	ring_rounds(_metadata, &self->vm, self->evt);
}

/* The eventfd is closed by us: the driver holds its own reference or none at all */
TEST_F(irqfd, signals_before_start)
{
	ASSERT_EQ(__gt_irqfd(self->vm.fd, self->evt, LABEL, self->flags), 0);
	/* Two are one: an interrupt line has no memory for more */
	ring(self->evt);
	ring(self->evt);
	start_guest(&self->vm);
	gt_wait_stages(self->vcpu, 2);
	EXPECT_EQ(self->vcpu->last_stage, 1);
	gt_thread_stop(self->vcpu);
}

/* Written before the irqfd exists: the counter is not zero, so it rings */
TEST_F(irqfd, signalled_before_added)
{
	ring(self->evt);
	start_guest(&self->vm);
	ASSERT_EQ(__gt_irqfd(self->vm.fd, self->evt, LABEL, self->flags), 0);
	gt_wait_stages(self->vcpu, 2);
	EXPECT_EQ(self->vcpu->last_stage, 1);
	gt_thread_stop(self->vcpu);
}

/* After removal the eventfd rings nowhere; added again it does */
TEST_F(irqfd, removed)
{
	ASSERT_EQ(__gt_irqfd(self->vm.fd, self->evt, LABEL, self->flags), 0);
	start_guest(&self->vm);
	ring(self->evt);
	gt_wait_stages(self->vcpu, 2);
	ASSERT_EQ(__gt_remove_irqfd(self->vm.fd, LABEL), 0);
	ring(self->evt);
	/* Nobody has read it */
	EXPECT_EQ(self->vcpu->stages, 2);
	ASSERT_EQ(close(self->evt), 0);
	self->evt = eventfd(0, EFD_CLOEXEC);
	ASSERT_EQ(__gt_irqfd(self->vm.fd, self->evt, LABEL, self->flags), 0);
	ring(self->evt);
	gt_wait_stages(self->vcpu, 3);
	/* So the lost one was really lost: this is the second, not the third */
	EXPECT_EQ(self->vcpu->last_stage, 2);
	gt_thread_stop(self->vcpu);
}

/* The last reference to the eventfd goes: so does the irqfd, its label is free */
TEST_F(irqfd, hangup)
{
	int fd, ret;

	fd = eventfd(0, EFD_CLOEXEC);
	ASSERT_EQ(__gt_irqfd(self->vm.fd, fd, LABEL, self->flags), 0);
	start_guest(&self->vm);
	ring(fd);
	gt_wait_stages(self->vcpu, 2);
	ASSERT_EQ(close(fd), 0);
	/* Done by a work item of the kernel */
	while ((ret = __gt_irqfd(self->vm.fd, self->evt, LABEL, self->flags)) == -EEXIST)
		usleep(1000);
	EXPECT_EQ(ret, 0);
	ring(self->evt);
	gt_wait_stages(self->vcpu, 3);
	gt_thread_stop(self->vcpu);
}

/* A label that no doorbell has: accepted, and of no consequence */
TEST_F(irqfd, unknown_label)
{
	int nowhere = eventfd(0, EFD_CLOEXEC);

	ASSERT_EQ(__gt_irqfd(self->vm.fd, nowhere, 77, 0), 0);
	ASSERT_EQ(__gt_irqfd(self->vm.fd, self->evt, LABEL, self->flags), 0);
	start_guest(&self->vm);
	ring(nowhere);
	ring_rounds(_metadata, &self->vm, self->evt);
	close(nowhere);
}

/* One eventfd for two doorbells, and two eventfds for one VM */
TEST_F(irqfd, shared_eventfd)
{
	ASSERT_EQ(__gt_irqfd(self->vm.fd, self->evt, LABEL, self->flags), 0);
	ASSERT_EQ(__gt_irqfd(self->vm.fd, self->evt, OTHER, 0), 0);
	start_guest(&self->vm);
	ring(self->evt);
	gt_wait_stages(self->vcpu, 2);
	EXPECT_EQ(self->vcpu->last_stage, 1);
	gt_thread_stop(self->vcpu);
}

/* The VM goes first */
TEST_F(irqfd, signal_after_close)
{
	ASSERT_EQ(__gt_irqfd(self->vm.fd, self->evt, LABEL, self->flags), 0);
	gt_vm_start(&self->vm);
	gt_vm_close(&self->vm);
	ring(self->evt);
}

TEST_HARNESS_MAIN
