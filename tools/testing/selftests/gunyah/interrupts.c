// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's virtual timer wakes it from WFI and CPU_SUSPEND.
 */
#include "harness.h"

#define ROUNDS 50

static void sleep_and_wake(enum guest_test test, uint64_t microseconds)
{
	struct gt_vm vm;

	gt_vm_init(&vm, test);
	vm.arg[0] = ROUNDS;
	vm.arg[1] = microseconds;
	gt_vm_boot(&vm);
	gt_expect_sync(&vm.vcpu[0], ROUNDS);
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

/* Long enough to be really asleep */
TEST(timer)
{
	sleep_and_wake(GUEST_timer, 10000);
}

/* Fires at once, before, in or after WFI */
TEST(timer_short)
{
	sleep_and_wake(GUEST_timer, 0);
	sleep_and_wake(GUEST_timer, 20);
}

TEST(suspend)
{
	sleep_and_wake(GUEST_suspend, 10000);
}

TEST(suspend_short)
{
	sleep_and_wake(GUEST_suspend, 0);
}

/* Power down: it resumes at the entry that it gave */
TEST(suspend_power_down)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_suspend_down);
	vm.arg[1] = 10000;
	gt_vm_boot(&vm);
	gt_expect_sync(&vm.vcpu[0], 2);
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

/* Two sleepers with different deadlines on the same CPU */
TEST(two_sleepers)
{
	struct gt_vm vm[2];
	int i;

	gt_pin_to_cpu(0);
	for (i = 0; i < 2; i++) {
		gt_vm_init(&vm[i], GUEST_timer);
		vm[i].arg[0] = ROUNDS;
		vm[i].arg[1] = 3000 + 4000 * i;
		gt_vm_boot(&vm[i]);
		gt_thread_start(&vm[i].vcpu[0]);
	}
	for (i = 0; i < 2; i++) {
		gt_threads_join(&vm[i], GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
		EXPECT_EQ(vm[i].vcpu[0].last_stage, ROUNDS);
		gt_vm_close(&vm[i]);
	}
}

TEST_HARNESS_MAIN
