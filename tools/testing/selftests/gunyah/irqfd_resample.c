// SPDX-License-Identifier: GPL-2.0-only
/*
 * Level interrupts that stay raised until the guest has ended its handling.
 *
 * Until the host has lowered it the guest may take an interrupt once more: tests count
 * what has to be there at least, and look for an end.
 */
#include "harness.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LABEL		4
#define SILENT		9	/* level, but tells of no EOI */
#define INTID		GUEST_SPI(LABEL)
#define ROUNDS		20

FIXTURE(irqfd_resample) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int evt;
	int eoi;
};

FIXTURE_SETUP(irqfd_resample)
{
	struct gt_vm *vm = &self->vm;

	if (!gt_has_extensions())
		SKIP(return, "this hypervisor does not tell of EOIs");
	self->evt = eventfd(0, EFD_CLOEXEC);
	self->eoi = eventfd(0, EFD_CLOEXEC);
	gt_vm_init(vm, GUEST_command);
	gt_vm_add_bell(vm, LABEL, true);
	vm->dtb.bell[vm->dtb.nr_bells - 1].eoi = true;
	gt_vm_add_bell(vm, SILENT, true);
	self->vcpu = &vm->vcpu[0];
	ASSERT_EQ(__gt_vm_prepare(vm), 0);
}

FIXTURE_TEARDOWN(irqfd_resample)
{
	gt_vm_close(&self->vm);
	close(self->evt);
	close(self->eoi);
}

static void ring(int evt)
{
	gt_assert_eq(eventfd_write(evt, 1), 0);
}

/* Until the guest has ended a handling since the last time */
static uint64_t wait_eoi(int eoi)
{
	eventfd_t count;

	gt_assert_eq(eventfd_read(eoi, &count), 0);
	return count;
}

static bool has_eoi(int eoi)
{
	struct pollfd poll_eoi = { .fd = eoi, .events = POLLIN };

	return poll(&poll_eoi, 1, 0) == 1;
}

/* Sleeps until the guest has taken it so often; how often it has */
static uint64_t taken(struct gt_vcpu *vcpu, uint64_t at_least)
{
	return gt_command_result(vcpu, CMD_SPI_WAIT, INTID, at_least, 0, 0);
}

static void enable(struct gt_vcpu *vcpu)
{
	gt_command_result(vcpu, CMD_SPI_ENABLE, INTID, true, 0, 0);
}

static void end(struct gt_vcpu *vcpu)
{
	gt_command(vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(vcpu);
}

/* A line that is up would be taken again and again */
static void expect_down(struct __test_metadata *_metadata, struct gt_vcpu *vcpu)
{
	uint64_t count = taken(vcpu, 0);

	EXPECT_EQ(taken(vcpu, 0), count);
	EXPECT_EQ(taken(vcpu, 0), count);
}

static void rounds(struct __test_metadata *_metadata, struct gt_vcpu *vcpu, int evt, int eoi)
{
	uint64_t count = taken(vcpu, 0);
	int i;

	for (i = 0; i < ROUNDS; i++) {
		ring(evt);
		count = taken(vcpu, count + 1);
		EXPECT_GE(wait_eoi(eoi), 1);
		expect_down(_metadata, vcpu);
		/* What came on the way down was part of this round */
		count = taken(vcpu, 0);
		if (has_eoi(eoi))
			wait_eoi(eoi);
	}
}

TEST_F(irqfd_resample, one_by_one)
{
	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, LABEL), 0);
	gt_vm_start(&self->vm);
	enable(self->vcpu);
	rounds(_metadata, self->vcpu, self->evt, self->eoi);
	end(self->vcpu);
}

TEST_F(irqfd_resample, added_after_start)
{
	gt_vm_start(&self->vm);
	enable(self->vcpu);
	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, LABEL), 0);
	rounds(_metadata, self->vcpu, self->evt, self->eoi);
	end(self->vcpu);
}

/* A guest in its thread, and a device that wants its interrupt handled so often */
static void as_a_device(struct gt_vm *vm, enum guest_test guest, int evt, int eoi)
{
	int i;

	vm->test = guest;
	vm->arg[0] = INTID;
	vm->arg[1] = true;
	vm->arg[2] = ~0ULL;
	gt_vm_write_ram(vm);
	gt_vm_start(vm);
	gt_thread_start(&vm->vcpu[0]);
	for (i = 1; i <= 10 * ROUNDS; i++) {
		ring(evt);
		wait_eoi(eoi);
		gt_wait_stages(&vm->vcpu[0], i + 1);
	}
	gt_thread_stop(&vm->vcpu[0]);
}

TEST_F(irqfd_resample, asleep)
{
	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, LABEL), 0);
	as_a_device(&self->vm, GUEST_spi, self->evt, self->eoi);
}

TEST_F(irqfd_resample, busy)
{
	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, LABEL), 0);
	as_a_device(&self->vm, GUEST_spi_poll, self->evt, self->eoi);
}

/* Raised before the start, and not handled before the guest can */
TEST_F(irqfd_resample, signal_before_start)
{
	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, LABEL), 0);
	ring(self->evt);
	gt_vm_start(&self->vm);
	EXPECT_EQ(taken(self->vcpu, 0), 0);
	EXPECT_FALSE(has_eoi(self->eoi));
	enable(self->vcpu);
	EXPECT_GE(taken(self->vcpu, 1), 1);
	EXPECT_GE(wait_eoi(self->eoi), 1);
	expect_down(_metadata, self->vcpu);
	end(self->vcpu);
}

/* With it goes who could have lowered it: so it goes down */
TEST_F(irqfd_resample, removed_while_raised)
{
	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, LABEL), 0);
	gt_vm_start(&self->vm);
	EXPECT_EQ(taken(self->vcpu, 0), 0);
	ring(self->evt);
	ASSERT_EQ(__gt_remove_irqfd(self->vm.fd, LABEL), 0);
	enable(self->vcpu);
	EXPECT_EQ(taken(self->vcpu, 0), 0);
	expect_down(_metadata, self->vcpu);
	EXPECT_FALSE(has_eoi(self->eoi));
	/* Signalled while there was nobody: the counter keeps it */
	ring(self->evt);
	EXPECT_EQ(taken(self->vcpu, 0), 0);
	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, LABEL), 0);
	EXPECT_GE(taken(self->vcpu, 1), 1);
	EXPECT_GE(wait_eoi(self->eoi), 1);
	expect_down(_metadata, self->vcpu);
	end(self->vcpu);
}

/* Nobody listens to the EOI, but it still lowers the interrupt */
TEST_F(irqfd_resample, resample_fd_closed)
{
	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, LABEL), 0);
	ASSERT_EQ(close(self->eoi), 0);
	self->eoi = eventfd(0, EFD_CLOEXEC);
	gt_vm_start(&self->vm);
	enable(self->vcpu);
	ring(self->evt);
	EXPECT_GE(taken(self->vcpu, 1), 1);
	/* Its EOI may still be on the way, until the guest is back in command for good */
	while (taken(self->vcpu, 0) != taken(self->vcpu, 0))
		;
	end(self->vcpu);
}

/* Closed while raised: the label is free again, what was raised is not */
TEST_F(irqfd_resample, hangup_while_raised)
{
	int evt = eventfd(0, EFD_CLOEXEC), ret;

	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, evt, self->eoi, LABEL), 0);
	gt_vm_start(&self->vm);
	EXPECT_EQ(taken(self->vcpu, 0), 0);
	ring(evt);
	ASSERT_EQ(close(evt), 0);
	/* Done by a work item of the kernel */
	while ((ret = __gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, LABEL)) == -EEXIST)
		usleep(1000);
	ASSERT_EQ(ret, 0);
	enable(self->vcpu);
	EXPECT_EQ(taken(self->vcpu, 0), 0);
	rounds(_metadata, self->vcpu, self->evt, self->eoi);
	end(self->vcpu);
}

/* One eventfd for both ways rings itself: for ever, and without a deadlock */
TEST_F(irqfd_resample, one_eventfd)
{
	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->evt, LABEL), 0);
	gt_vm_start(&self->vm);
	enable(self->vcpu);
	ring(self->evt);
	EXPECT_GE(taken(self->vcpu, ROUNDS), ROUNDS);
	ASSERT_EQ(__gt_remove_irqfd(self->vm.fd, LABEL), 0);
	expect_down(_metadata, self->vcpu);
	end(self->vcpu);
}

/* The VM ends with the interrupt raised; interrupts of the host come back with the rest */
TEST_F(irqfd_resample, exit_while_raised)
{
	struct gt_resources before;
	struct gt_vm *vm = &self->vm;

	gt_vm_close(vm);
	gt_resources(&before);
	ASSERT_EQ(__gt_vm_prepare(vm), 0);
	ASSERT_EQ(__gt_irqfd_resample(vm->fd, self->evt, self->eoi, LABEL), 0);
	gt_vm_start(vm);
	EXPECT_EQ(taken(self->vcpu, 0), 0);
	ring(self->evt);
	end(self->vcpu);
	ring(self->evt);
	EXPECT_FALSE(has_eoi(self->eoi));
	gt_vm_close(vm);
	gt_expect_resources(&before);
}

/* Who waits for EOIs is not to wait for ever */
TEST_F(irqfd_resample, silent_bell)
{
	ASSERT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, SILENT), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), -EOPNOTSUPP);
}

TEST_F(irqfd_resample, silent_bell_later)
{
	gt_vm_start(&self->vm);
	EXPECT_EQ(__gt_irqfd_resample(self->vm.fd, self->evt, self->eoi, SILENT), -EOPNOTSUPP);
	EXPECT_EQ(__gt_irqfd(self->vm.fd, self->evt, SILENT, GUNYAH_IRQFD_FLAGS_LEVEL), 0);
}

TEST_F(irqfd_resample, bad_args)
{
	struct gunyah_fn_irqfd_arg arg = {
		.fd = self->evt, .label = LABEL, .resample_fd = self->eoi,
	};
	int vm = self->vm.fd;

	/* Not without LEVEL, and no flag that nobody knows */
	arg.flags = GUNYAH_IRQFD_FLAGS_RESAMPLE;
	EXPECT_EQ(__gt_add_function(vm, GUNYAH_FN_IRQFD, &arg, sizeof(arg)), -EINVAL);
	arg.flags = 7;
	EXPECT_EQ(__gt_add_function(vm, GUNYAH_FN_IRQFD, &arg, sizeof(arg)), -EINVAL);
	EXPECT_EQ(__gt_irqfd_resample(vm, self->evt, -1, LABEL), -EBADF);
	EXPECT_EQ(__gt_irqfd_resample(vm, self->evt, vm, LABEL), -EINVAL);
	EXPECT_EQ(__gt_irqfd_resample(vm, -1, self->eoi, LABEL), -EBADF);
	EXPECT_EQ(__gt_irqfd_resample(vm, vm, self->eoi, LABEL), -EINVAL);
	EXPECT_EQ(__gt_irqfd_resample(vm, self->evt, self->eoi, LABEL), 0);
	EXPECT_EQ(__gt_irqfd_resample(vm, self->evt, self->eoi, LABEL), -EEXIST);
	EXPECT_EQ(__gt_remove_irqfd(vm, LABEL), 0);
	EXPECT_EQ(__gt_remove_irqfd(vm, LABEL), -ENOENT);
}

/* Where no hypervisor tells, nobody is promised anything */
TEST(unknown_hypervisor)
{
	int vm = gt_create_vm(), evt = eventfd(0, EFD_CLOEXEC);

	EXPECT_EQ(__gt_irqfd_resample(vm, evt, evt, LABEL),
		  gt_has_extensions() ? 0 : -EOPNOTSUPP);
	close(evt);
	close(vm);
}

TEST_HARNESS_MAIN
