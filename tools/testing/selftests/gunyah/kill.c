// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMM is killed with SIGKILL in each phase of a VM's life.  When wait() has
 * returned everything is back, and a new VM works.
 */
#include "harness.h"

#include <signal.h>
#include <sys/mman.h>

enum phase {
	CREATED, MEMORY, CONFIGURED, STARTING, STARTED, IN_EXIT, BUSY, ASLEEP, SMP_BUSY,
	EXITED, START_FAILED,
};

/* Shared with the child: where it is */
struct progress {
	volatile int reached;
};

static struct progress *progress;

static void here(void)
{
	progress->reached = 1;
}

static void wait_for_ever(void)
{
	for (;;)
		pause();
}

static void run_in_threads(struct gt_vm *vm, enum guest_test test)
{
	unsigned int i;

	vm->test = test;
	gt_vm_add_bell(vm, 4, false);
	vm->arg[0] = GUEST_SPI(4);
	vm->arg[2] = 1;
	gt_vm_boot(vm);
	gt_threads_start(vm);
	for (i = 0; i < vm->dtb.nr_vcpus; i++)
		gt_wait_stages(&vm->vcpu[i], 1);
}

static void start_again_and_again(struct gt_vm *vm)
{
	here();
	for (;;) {
		gt_vm_boot(vm);
		gt_vm_close(vm);
	}
}

/* In the child: how far it goes */
static void reach(enum phase phase)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	switch (phase) {
	case CREATED:
		gt_vm_create(&vm);
		break;
	case MEMORY:
		gt_vm_create(&vm);
		gt_vm_add_ram(&vm);
		break;
	case CONFIGURED:
		gt_assert_eq(__gt_vm_prepare(&vm), 0);
		break;
	case STARTING:
		start_again_and_again(&vm);
		break;
	case STARTED:
		gt_vm_boot(&vm);
		break;
	case IN_EXIT:
		gt_vm_boot(&vm);
		gt_expect_sync(&vm.vcpu[0], 0);
		break;
	case BUSY:
		run_in_threads(&vm, GUEST_busy);
		break;
	case ASLEEP:
		run_in_threads(&vm, GUEST_spi);
		break;
	case SMP_BUSY:
		vm.dtb.nr_vcpus = 4;
		run_in_threads(&vm, GUEST_smp_busy);
		break;
	case EXITED:
		gt_vm_boot(&vm);
		gt_expect_sync(&vm.vcpu[0], 0);
		gt_expect_off(&vm.vcpu[0]);
		break;
	case START_FAILED:
		gt_assert_eq(__gt_vm_prepare(&vm), 0);
		memset((char *)vm.ram + GUEST_DTB_OFFSET, 0, 64);
		gt_assert_eq(__gt_start(vm.fd), -EINVAL);
		break;
	}
	here();
	wait_for_ever();
}

static void kill_in(enum phase phase, unsigned int delay_us)
{
	pid_t child;

	progress->reached = 0;
	child = fork();
	gt_assert(child >= 0);
	if (!child)
		reach(phase);
	while (!progress->reached) {
		gt_assert_eq(waitpid(child, NULL, WNOHANG), 0);
		usleep(1000);
	}
	usleep(delay_us);
	gt_assert(!kill(child, SIGKILL));
	gt_wait_killed(child, SIGKILL);
}

static void use_a_new_one(void)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	gt_vm_boot(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

FIXTURE(killed) {
	struct gt_resources before;
};

FIXTURE_VARIANT(killed) {
	enum phase phase;
};

FIXTURE_VARIANT_ADD(killed, created) { .phase = CREATED };
FIXTURE_VARIANT_ADD(killed, memory_added) { .phase = MEMORY };
FIXTURE_VARIANT_ADD(killed, configured) { .phase = CONFIGURED };
FIXTURE_VARIANT_ADD(killed, started) { .phase = STARTED };
FIXTURE_VARIANT_ADD(killed, in_mmio_exit) { .phase = IN_EXIT };
FIXTURE_VARIANT_ADD(killed, guest_busy) { .phase = BUSY };
FIXTURE_VARIANT_ADD(killed, guest_asleep) { .phase = ASLEEP };
FIXTURE_VARIANT_ADD(killed, smp_busy) { .phase = SMP_BUSY };
FIXTURE_VARIANT_ADD(killed, guest_exited) { .phase = EXITED };
FIXTURE_VARIANT_ADD(killed, start_failed) { .phase = START_FAILED };

FIXTURE_SETUP(killed)
{
	progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(progress, MAP_FAILED);
	gt_resources(&self->before);
}

FIXTURE_TEARDOWN(killed)
{
	munmap(progress, 4096);
}

TEST_F(killed, then_a_new_one)
{
	int i;

	for (i = 0; i < 3; i++) {
		kill_in(variant->phase, 0);
		gt_expect_resources(&self->before);
		use_a_new_one();
		gt_expect_resources(&self->before);
	}
}

/*
 * Somewhere in START, or in the teardown: the delays only spread the places, the
 * test is right wherever the signal hits.
 */
TEST(while_starting)
{
	struct gt_resources before;
	unsigned int i;

	progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(progress, MAP_FAILED);
	gt_resources(&before);
	for (i = 0; i < 20; i++) {
		kill_in(STARTING, 1700 * i);
		gt_expect_resources(&before);
	}
	use_a_new_one();
	gt_expect_resources(&before);
}

TEST_HARNESS_MAIN
