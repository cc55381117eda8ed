// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who wakes a vCPU when its timer expires: the hypervisor, or with no-timer-wakeups in
 * the guest's tree the driver.  A wake-up that is lost shows as a test that hangs.
 */
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#define ROUNDS		20
#define LABEL		4
#define HOUR_US		3600000000ULL
/* Days: longer than the driver sleeps in one go */
#define DAYS_US		100000000000ULL

FIXTURE(timer_wakeup) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
};

FIXTURE_VARIANT(timer_wakeup) {
	bool by_host;
};

FIXTURE_VARIANT_ADD(timer_wakeup, hypervisor) { .by_host = false };
FIXTURE_VARIANT_ADD(timer_wakeup, host) { .by_host = true };

FIXTURE_SETUP(timer_wakeup)
{
	if (variant->by_host && !gt_has_extensions())
		SKIP(return, "this hypervisor leaves no timers to the host");
	gt_vm_init(&self->vm, GUEST_timer);
	self->vm.dtb.no_timer_wakeups = variant->by_host;
	self->vcpu = &self->vm.vcpu[0];
}

FIXTURE_TEARDOWN(timer_wakeup)
{
	gt_vm_close(&self->vm);
}

/* Interrupts that our vCPU 0 has got from the hypervisor, all CPUs together */
static long wakeups(void)
{
	FILE *f = fopen("/proc/interrupts", "r");
	char line[1024], *at;
	long sum = 0;

	gt_assert(f);
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, "gh-vcpu:0"))
			continue;
		at = strchr(line, ':') + 1;
		for (int i = 0; i < gt_nr_cpus(); i++)
			sum += strtol(at, &at, 10);
	}
	fclose(f);
	return sum;
}

static void sleep_and_wake(struct gt_vm *vm, uint64_t microseconds)
{
	vm->arg[0] = ROUNDS;
	vm->arg[1] = microseconds;
	gt_vm_boot(vm);
	gt_expect_sync(&vm->vcpu[0], ROUNDS);
}

/* Really asleep: the hypervisor has to tell of each time, or never but for the start */
TEST_F(timer_wakeup, long_sleeps)
{
	sleep_and_wake(&self->vm, 20000);
	EXPECT_EQ(wakeups() <= 1, variant->by_host)
		TH_LOG("%ld wake-up interrupts", wakeups());
	gt_expect_off(self->vcpu);
}

/* Over at once, before WFI, in it, or just behind it */
TEST_F(timer_wakeup, short_sleeps)
{
	static const uint64_t us[] = { 0, 1, 20, 100, 500 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(us); i++) {
		sleep_and_wake(&self->vm, us[i]);
		gt_expect_off(self->vcpu);
		gt_vm_close(&self->vm);
	}
}

TEST_F(timer_wakeup, suspended_cpu)
{
	self->vm.test = GUEST_suspend;
	sleep_and_wake(&self->vm, 10000);
	gt_expect_off(self->vcpu);
}

/* Power down: it resumes at the entry that it gave */
TEST_F(timer_wakeup, suspended_cpu_power_down)
{
	self->vm.test = GUEST_suspend_down;
	self->vm.arg[1] = 10000;
	gt_vm_boot(&self->vm);
	gt_expect_sync(self->vcpu, 2);
	gt_expect_off(self->vcpu);
}

/* Each with deadlines of its own, on one CPU */
TEST_F(timer_wakeup, two_sleepers)
{
	struct gt_vm other;

	gt_pin_to_cpu(0);
	gt_vm_init(&other, GUEST_timer);
	other.dtb.no_timer_wakeups = !variant->by_host && gt_has_extensions();
	self->vm.arg[0] = ROUNDS;
	other.arg[0] = ROUNDS;
	self->vm.arg[1] = 3000;
	other.arg[1] = 7000;
	gt_vm_boot(&self->vm);
	gt_vm_boot(&other);
	gt_thread_start(self->vcpu);
	gt_thread_start(&other.vcpu[0]);
	gt_threads_join(&self->vm, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
	gt_threads_join(&other, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
	EXPECT_EQ(self->vcpu->last_stage, ROUNDS);
	EXPECT_EQ(other.vcpu[0].last_stage, ROUNDS);
	gt_vm_close(&other);
}

/* Asleep with a timer that is far away, or never comes */
static void start_sleeper(struct gt_vm *vm, uint64_t microseconds)
{
	vm->test = GUEST_spi;
	gt_vm_add_bell(vm, LABEL, false);
	vm->arg[0] = GUEST_SPI(LABEL);
	vm->arg[2] = ROUNDS;
	vm->arg[3] = microseconds;
	gt_vm_boot(vm);
	gt_thread_start(&vm->vcpu[0]);
	gt_wait_stages(&vm->vcpu[0], 1);
}

/* Interrupts go before timers, and a sleep that one has cut short may be followed by others */
static void wake_by_bell(struct __test_metadata *_metadata, struct gt_vm *vm, uint64_t us)
{
	int evt = eventfd(0, EFD_CLOEXEC), i;

	start_sleeper(vm, us);
	ASSERT_EQ(__gt_irqfd(vm->fd, evt, LABEL, 0), 0);
	for (i = 1; i <= ROUNDS; i++) {
		ASSERT_EQ(eventfd_write(evt, 1), 0);
		gt_wait_stages(&vm->vcpu[0], i + 1);
		EXPECT_EQ(vm->vcpu[0].last_stage, i);
	}
	gt_threads_join(vm, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
	gt_vm_close(vm);
	close(evt);
}

TEST_F(timer_wakeup, interrupt_is_earlier)
{
	wake_by_bell(_metadata, &self->vm, HOUR_US);
}

TEST_F(timer_wakeup, deadline_days_away)
{
	wake_by_bell(_metadata, &self->vm, DAYS_US);
}

/* No timer at all: there is no deadline to wait for */
TEST_F(timer_wakeup, without_timer)
{
	wake_by_bell(_metadata, &self->vm, 0);
}

/* A signal ends the sleep, which can be taken up again */
TEST_F(timer_wakeup, signal)
{
	int i;

	start_sleeper(&self->vm, HOUR_US);
	for (i = 0; i < 3; i++) {
		gt_thread_stop(self->vcpu);
		EXPECT_EQ(self->vcpu->error, -EINTR);
		gt_thread_start(self->vcpu);
	}
	gt_thread_stop(self->vcpu);
}

TEST_F(timer_wakeup, vcpu_removed)
{
	start_sleeper(&self->vm, HOUR_US);
	ASSERT_EQ(__gt_remove_vcpu(self->vm.fd, 0), 0);
	ASSERT_EQ(pthread_join(self->vcpu->thread, NULL), 0);
	EXPECT_EQ(self->vcpu->error, -ENODEV);
}

/* The process dies with all of it, in its sleep; everything comes back */
TEST_F(timer_wakeup, killed)
{
	struct gt_resources before;
	int ready[2];
	pid_t pid;
	char c;

	gt_resources(&before);
	ASSERT_EQ(pipe(ready), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		start_sleeper(&self->vm, HOUR_US);
		gt_assert_eq(write(ready[1], "r", 1), 1);
		pause();
	}
	ASSERT_EQ(read(ready[0], &c, 1), 1);
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	gt_wait_killed(pid, SIGKILL);
	gt_expect_resources(&before);
	close(ready[0]);
	close(ready[1]);
}

/* A sibling switches the VM off */
TEST_F(timer_wakeup, vm_ends)
{
	self->vm.test = GUEST_smp_sleep;
	self->vm.dtb.nr_vcpus = 2;
	self->vm.arg[1] = HOUR_US;
	gt_vm_boot(&self->vm);
	gt_threads_start(&self->vm);
	gt_threads_join(&self->vm, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
}

TEST(extension)
{
	int vm = gt_create_vm();

	EXPECT_EQ(gt_errno(ioctl(vm, GUNYAH_VM_CHECK_EXTENSION, 0)), gt_has_extensions());
	EXPECT_EQ(gt_errno(ioctl(vm, GUNYAH_VM_CHECK_EXTENSION, 1)), 0);
	EXPECT_EQ(gt_errno(ioctl(vm, GUNYAH_VM_CHECK_EXTENSION, -1)), 0);
	close(vm);
}

TEST_HARNESS_MAIN
