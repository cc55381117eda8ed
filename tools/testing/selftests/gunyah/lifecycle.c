// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who keeps a VM alive, and that its end is complete, in whatever order things go.
 */
#include "harness.h"

#include <fcntl.h>
#include <sys/mman.h>

/* ---- all orders ---- */

enum thing { THING_VM, THING_VCPU, THING_RUN, THING_RAM, NR_THINGS };

enum state { PREPARED, STARTED, EXITED, NR_STATES };

static void reach(struct gt_vm *vm, enum state state)
{
	gt_assert_eq(__gt_vm_prepare(vm), 0);
	if (state == PREPARED)
		return;
	gt_vm_start(vm);
	gt_expect_sync(&vm->vcpu[0], 0);
	if (state == EXITED)
		gt_expect_off(&vm->vcpu[0]);
}

static void drop(struct gt_vm *vm, enum thing thing)
{
	struct gt_vcpu *vcpu = &vm->vcpu[0];

	switch (thing) {
	case THING_VM:
		gt_assert(!close(vm->fd));
		vm->fd = -1;
		break;
	case THING_VCPU:
		gt_assert(!close(vcpu->fd));
		vcpu->fd = -1;
		break;
	case THING_RUN:
		gt_assert(!munmap(vcpu->run, getpagesize()));
		vcpu->run = NULL;
		break;
	default:
		gt_assert(!munmap(vm->ram, vm->ram_size));
		vm->ram = NULL;
	}
}

/* The n-th order of the things: digits of n in the factorial system */
static void nth_order(unsigned int n, enum thing *order)
{
	enum thing left[NR_THINGS] = { THING_VM, THING_VCPU, THING_RUN, THING_RAM };
	unsigned int i, k;

	for (i = 0; i < NR_THINGS; i++) {
		k = n % (NR_THINGS - i);
		n /= NR_THINGS - i;
		order[i] = left[k];
		memmove(&left[k], &left[k + 1], (NR_THINGS - k - 1) * sizeof(left[0]));
	}
}

static void end_in_order(enum state state, unsigned int n)
{
	enum thing order[NR_THINGS];
	struct gt_resources before;
	struct gt_vm vm;
	unsigned int i;

	nth_order(n, order);
	gt_resources(&before);
	gt_vm_init(&vm, GUEST_hello);
	reach(&vm, state);
	for (i = 0; i < NR_THINGS; i++)
		drop(&vm, order[i]);
	gt_assert_eq(gt_locked_kib(), 0);
	gt_expect_resources(&before);
}

FIXTURE(orders) {};
FIXTURE_VARIANT(orders) {
	enum state state;
};
FIXTURE_VARIANT_ADD(orders, prepared) { .state = PREPARED };
FIXTURE_VARIANT_ADD(orders, started) { .state = STARTED };
FIXTURE_VARIANT_ADD(orders, exited) { .state = EXITED };
FIXTURE_SETUP(orders) {}
FIXTURE_TEARDOWN(orders) {}

TEST_F(orders, all)
{
	unsigned int n;

	for (n = 0; n < 4 * 3 * 2; n++)
		end_in_order(variant->state, n);
}

/* ---- half-built VMs ---- */

static void build(struct gt_vm *vm, int steps)
{
	gt_vm_create(vm);
	if (steps > 0)
		gt_vm_add_ram(vm);
	if (steps > 1)
		gt_vm_configure(vm);
	if (steps > 2)
		gt_vm_start(vm);
}

/* After each step: closed, nothing is left, the next one works */
TEST(half_built)
{
	struct gt_resources before;
	struct gt_vm vm;
	int steps;

	gt_resources(&before);
	for (steps = 0; steps <= 3; steps++) {
		gt_vm_init(&vm, GUEST_hello);
		build(&vm, steps);
		gt_vm_close(&vm);
		EXPECT_EQ(gt_locked_kib(), 0);
		gt_expect_resources(&before);
	}
	gt_vm_init(&vm, GUEST_hello);
	gt_vm_boot(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_expect_off(&vm.vcpu[0]);
}

/* ---- who holds it ---- */

FIXTURE(hold) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	struct gt_resources before;
};

FIXTURE_SETUP(hold)
{
	gt_resources(&self->before);
	gt_vm_init(&self->vm, GUEST_hello);
	self->vcpu = &self->vm.vcpu[0];
	gt_vm_boot(&self->vm);
}

FIXTURE_TEARDOWN(hold)
{
	gt_vm_close(&self->vm);
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&self->before);
}

static void run_to_the_end(struct gt_vcpu *vcpu)
{
	gt_expect_sync(vcpu, 0);
	gt_expect_off(vcpu);
}

/* uapi 3.8: it runs on until the last vCPU's descriptor is closed */
TEST_F(hold, vcpu_holds_vm)
{
	drop(&self->vm, THING_VM);
	run_to_the_end(self->vcpu);
	EXPECT_GT(gt_locked_kib(), 0);
}

TEST_F(hold, mapping_holds_vm)
{
	drop(&self->vm, THING_VM);
	drop(&self->vm, THING_VCPU);
	EXPECT_GT(gt_locked_kib(), 0);
	drop(&self->vm, THING_RUN);
	EXPECT_EQ(gt_locked_kib(), 0);
}

/* Closing a vCPU does nothing to the VM */
TEST_F(hold, vm_without_vcpus)
{
	drop(&self->vm, THING_VCPU);
	drop(&self->vm, THING_RUN);
	EXPECT_EQ(__gt_start(self->vm.fd), 0);
	EXPECT_GT(gt_locked_kib(), 0);
	/* The id is taken until it is removed, then it is a new vCPU and goes on */
	EXPECT_EQ(__gt_add_vcpu(self->vm.fd, 0), -EEXIST);
	ASSERT_EQ(__gt_remove_vcpu(self->vm.fd, 0), 0);
	self->vcpu->fd = __gt_add_vcpu(self->vm.fd, 0);
	ASSERT_GE(self->vcpu->fd, 0);
	self->vcpu->run = gt_map_run(self->vcpu->fd);
	run_to_the_end(self->vcpu);
}

TEST_F(hold, copies_are_equal)
{
	int vm = dup(self->vm.fd), vcpu = dup(self->vcpu->fd);

	ASSERT_GE(vm, 0);
	ASSERT_GE(vcpu, 0);
	close(self->vm.fd);
	close(self->vcpu->fd);
	self->vm.fd = vm;
	self->vcpu->fd = vcpu;
	EXPECT_EQ(__gt_start(vm), 0);
	run_to_the_end(self->vcpu);
}

/* A child that got the descriptors by fork() keeps the VM, its end ends it */
TEST_F(hold, child_holds_vm)
{
	int fd[2];
	pid_t child;
	char c;

	ASSERT_EQ(pipe(fd), 0);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		close(fd[1]);
		_exit(read(fd[0], &c, 1));
	}
	drop(&self->vm, THING_VM);
	drop(&self->vm, THING_VCPU);
	drop(&self->vm, THING_RUN);
	EXPECT_GT(gt_locked_kib(), 0);
	close(fd[1]);
	gt_wait_exit(child, 0);
	EXPECT_EQ(gt_locked_kib(), 0);
}

/* exec() closes them: a child that lives on as another program holds nothing */
TEST_F(hold, exec_lets_go)
{
	int in[2], execed[2], i;
	pid_t child;
	char c;

	ASSERT_EQ(pipe(in), 0);
	ASSERT_EQ(pipe2(execed, O_CLOEXEC), 0);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		dup2(in[0], STDIN_FILENO);
		close(in[0]);
		close(in[1]);
		execl("/bin/sh", "sh", "-c", "read x; exit 3", NULL);
		_exit(99);
	}
	close(execed[1]);
	ASSERT_EQ(read(execed[0], &c, 1), 0);
	drop(&self->vm, THING_VM);
	drop(&self->vm, THING_VCPU);
	drop(&self->vm, THING_RUN);
	/* The pipe may be closed before the others: they follow, without further ado */
	for (i = 0; i < 10000 && gt_locked_kib(); i++)
		usleep(1000);
	EXPECT_EQ(gt_locked_kib(), 0);
	close(in[1]);
	gt_wait_exit(child, 3);
}

/* Closed under the feet of a thread in RUN: the call holds what it needs */
static void close_while_running(struct __test_metadata *_metadata, enum guest_test test)
{
	struct gt_resources before;
	struct gt_vm vm;

	gt_resources(&before);
	gt_vm_init(&vm, test);
	gt_vm_add_bell(&vm, 4, false);
	vm.arg[0] = GUEST_SPI(4);
	vm.arg[2] = 1;
	gt_vm_boot(&vm);
	gt_thread_start(&vm.vcpu[0]);
	gt_wait_stages(&vm.vcpu[0], 1);
	drop(&vm, THING_VM);
	close(vm.vcpu[0].fd);
	gt_thread_stop(&vm.vcpu[0]);
	/* EBADF if the thread came back for another round in between */
	EXPECT_TRUE(vm.vcpu[0].error == -EINTR || vm.vcpu[0].error == -EBADF)
		TH_LOG("%d", vm.vcpu[0].error);
	vm.vcpu[0].fd = -1;
	gt_vm_close(&vm);
	gt_expect_resources(&before);
}

TEST(close_while_busy)
{
	close_while_running(_metadata, GUEST_busy);
}

TEST(close_while_asleep)
{
	close_while_running(_metadata, GUEST_spi);
}

TEST_HARNESS_MAIN
