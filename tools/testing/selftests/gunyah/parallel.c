// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several VMs at once, and several threads at one VM.  What a thread gets depends on
 * the others, so calls have a list of allowed results; the state that is left has to
 * be one that some order explains, and the VM has to work afterwards.
 */
#include "harness.h"

#include <sys/eventfd.h>
#include <sys/mman.h>

#define NR_THREADS	4
#define ROUNDS		100

/* ---- VMs side by side ---- */

static void *one_vm_after_the_other(void *arg)
{
	struct gt_vm vm;
	int i;

	for (i = 0; i < 5; i++) {
		gt_vm_init(&vm, GUEST_sgi);
		vm.dtb.nr_vcpus = 2;
		vm.arg[0] = 20;
		gt_vm_boot(&vm);
		gt_threads_start(&vm);
		gt_threads_join(&vm, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
		gt_assert_eq(vm.vcpu[0].last_stage, 20);
		gt_vm_close(&vm);
	}
	return NULL;
}

static void run_threads(void *(*fn)(void *), void *arg)
{
	pthread_t thread[NR_THREADS];
	int i;

	for (i = 0; i < NR_THREADS; i++)
		gt_assert(!pthread_create(&thread[i], NULL, fn, arg));
	for (i = 0; i < NR_THREADS; i++)
		gt_assert(!pthread_join(thread[i], NULL));
}

TEST(four_vms)
{
	struct gt_resources before;

	gt_resources(&before);
	run_threads(one_vm_after_the_other, NULL);
	gt_expect_resources(&before);
}

/* All of them run at the same time: none ends before all have begun */
TEST(four_vms_at_once)
{
	struct gt_vm vm[4];
	int i;

	for (i = 0; i < 4; i++) {
		gt_vm_init(&vm[i], GUEST_smp_busy);
		vm[i].dtb.nr_vcpus = 2;
		gt_vm_boot(&vm[i]);
		gt_threads_start(&vm[i]);
	}
	for (i = 0; i < 4; i++) {
		gt_wait_stages(&vm[i].vcpu[0], 1);
		gt_wait_stages(&vm[i].vcpu[1], 1);
	}
	for (i = 0; i < 4; i++) {
		gt_thread_stop(&vm[i].vcpu[0]);
		gt_thread_stop(&vm[i].vcpu[1]);
		gt_vm_close(&vm[i]);
	}
}

/* Pages of one are nobody else's: each guest checks its own pattern */
static void *fill_ram(void *arg)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_ram);
	vm.ram_size = 4 << 20;
	vm.arg[0] = 64;
	vm.arg[1] = (uintptr_t)&vm;
	gt_vm_boot(&vm);
	gt_expect_any_sync(&vm.vcpu[0]);
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
	return NULL;
}

TEST(memory_of_four_vms)
{
	run_threads(fill_ram, NULL);
}

/* ---- threads at one VM ---- */

struct shared {
	struct gt_vm vm;
	void *mem;
	int evt;
	int next;		/* gives each thread a number */
	int done;		/* calls that succeeded, see the tests */
	volatile bool stop;
};

static void expect_one_of(int found, int a, int b, int c)
{
	if (found != a && found != b && found != c)
		gt_fail("%d (%s) is none of %d, %d, %d", found, strerror(-found), a, b, c);
}

static void setup_shared(struct shared *s, enum guest_test test)
{
	memset(s, 0, sizeof(*s));
	gt_vm_init(&s->vm, test);
	gt_assert_eq(__gt_vm_prepare(&s->vm), 0);
	s->mem = gt_alloc(1 << 20);
	s->evt = eventfd(0, EFD_CLOEXEC);
	gt_assert(s->evt >= 0);
}

/* The same start by all of them: one does it, all report it */
static void *start_vm(void *arg)
{
	struct shared *s = arg;

	gt_assert_eq(__gt_start(s->vm.fd), 0);
	return NULL;
}

TEST(start_by_all)
{
	struct shared s;
	int i;

	for (i = 0; i < 10; i++) {
		setup_shared(&s, GUEST_hello);
		run_threads(start_vm, &s);
		gt_expect_sync(&s.vm.vcpu[0], 0);
		gt_expect_off(&s.vm.vcpu[0]);
		gt_vm_close(&s.vm);
		munmap(s.mem, 1 << 20);
		close(s.evt);
	}
}

/* Each page can be added once: the successes add up to the pages */
static void *add_pages(void *arg)
{
	struct shared *s = arg;
	int i, ret;

	for (i = 0; i < ROUNDS; i++) {
		ret = __gt_add_memory(s->vm.fd, GT_DEFAULT, 0xc0000000 + 4096UL * i,
				      (char *)s->mem + 4096 * i, 4096);
		expect_one_of(ret, 0, -EEXIST, -EINTR);
		if (!ret)
			__sync_fetch_and_add(&s->done, 1);
	}
	return NULL;
}

TEST(memory_by_all)
{
	struct shared s;

	setup_shared(&s, GUEST_hello);
	run_threads(add_pages, &s);
	EXPECT_EQ(s.done, ROUNDS);
	/* Where pages come one by one, shared memory is not pinned */
	EXPECT_EQ(gt_locked_kib(), gt_open_profile() ? (GUEST_MIN_RAM >> 10) + 4 * ROUNDS : 0);
	gt_vm_close(&s.vm);
	EXPECT_EQ(gt_locked_kib(), 0);
}

/* Ids, labels and addresses come and go; at the end the count tells what is there */
static void *add_and_remove(void *arg)
{
	struct shared *s = arg;
	int vm = s->vm.fd, i, ret;

	for (i = 0; i < ROUNDS; i++) {
		ret = __gt_add_vcpu(vm, 1 + i % 3);
		if (ret >= 0)
			close(ret);
		else
			gt_assert_eq(ret, -EEXIST);
		expect_one_of(__gt_irqfd(vm, s->evt, i % 5, i & 1), 0, -EEXIST, -EEXIST);
		expect_one_of(__gt_ioeventfd(vm, s->evt, EVT_BASE + 8 * (i % 3), 4,
					     GUNYAH_IOEVENTFD_FLAGS_DATAMATCH, i % 2),
			      0, -EEXIST, -EEXIST);
		expect_one_of(__gt_remove_vcpu(vm, 1 + i % 3), 0, -ENOENT, -ENOENT);
		expect_one_of(__gt_remove_irqfd(vm, i % 5), 0, -ENOENT, -ENOENT);
		expect_one_of(__gt_remove_ioeventfd(vm, EVT_BASE + 8 * (i % 3), 0, 0, 0),
			      0, -ENOENT, -ENOENT);
	}
	return NULL;
}

static void change_functions(bool started)
{
	struct shared s;
	int i;

	setup_shared(&s, GUEST_hello);
	if (started)
		gt_vm_start(&s.vm);
	run_threads(add_and_remove, &s);
	/* Each thread removed after it added, so nothing is left */
	for (i = 1; i <= 3; i++)
		gt_assert_eq(__gt_remove_vcpu(s.vm.fd, i), -ENOENT);
	for (i = 0; i < 5; i++)
		gt_assert_eq(__gt_remove_irqfd(s.vm.fd, i), -ENOENT);
	for (i = 0; i < 3; i++)
		gt_assert_eq(__gt_remove_ioeventfd(s.vm.fd, EVT_BASE + 8 * i, 0, 0, 0), -ENOENT);
	gt_vm_start(&s.vm);
	gt_expect_sync(&s.vm.vcpu[0], 0);
	gt_expect_off(&s.vm.vcpu[0]);
	gt_vm_close(&s.vm);
}

TEST(functions_by_all)
{
	change_functions(false);
}

TEST(functions_by_all_started)
{
	change_functions(true);
}

/* Configuration against START: it comes before, or too late */
static void *configure(void *arg)
{
	struct shared *s = arg;
	int number = __sync_fetch_and_add(&s->next, 1), i;

	if (!number) {
		gt_assert_eq(__gt_start(s->vm.fd), 0);
		return NULL;
	}
	for (i = 0; i < 20; i++) {
		if (gt_has_boot_context())
			expect_one_of(__gt_boot_context(s->vm.fd, 5, i), 0, -EINVAL, -EINVAL);
		expect_one_of(__gt_add_memory(s->vm.fd, GT_DEFAULT,
					      0xc0000000 + 4096UL * (20 * number + i),
					      (char *)s->mem + 4096 * (20 * number + i), 4096),
			      0, -EOPNOTSUPP, -EOPNOTSUPP);
	}
	return NULL;
}

TEST(configure_against_start)
{
	struct shared s;
	int i;

	if (gt_open_profile())
		SKIP(return, "the open Resource Manager starts VMs with one parcel only");
	for (i = 0; i < 10; i++) {
		setup_shared(&s, GUEST_hello);
		run_threads(configure, &s);
		gt_expect_sync(&s.vm.vcpu[0], 0);
		gt_expect_off(&s.vm.vcpu[0]);
		gt_vm_close(&s.vm);
		munmap(s.mem, 1 << 20);
		close(s.evt);
	}
}

/* ---- threads at a VM that runs ---- */

static void *ring(void *arg)
{
	struct shared *s = arg;

	while (!s->stop)
		gt_assert(!eventfd_write(s->evt, 1));
	return NULL;
}

/* The guest takes interrupts while the irqfd behind them comes and goes */
TEST(irqfd_against_signals)
{
	struct shared s = { 0 };
	pthread_t ringer;
	int i;

	gt_vm_init(&s.vm, GUEST_spi);
	gt_vm_add_bell(&s.vm, 4, false);
	s.vm.arg[0] = GUEST_SPI(4);
	s.vm.arg[2] = 1000000;
	s.evt = eventfd(0, EFD_CLOEXEC);
	gt_vm_boot(&s.vm);
	gt_thread_start(&s.vm.vcpu[0]);
	gt_wait_stages(&s.vm.vcpu[0], 1);
	ASSERT_EQ(pthread_create(&ringer, NULL, ring, &s), 0);
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(__gt_irqfd(s.vm.fd, s.evt, 4, 0), 0);
		if (i % 10 == 9)
			gt_wait_stages(&s.vm.vcpu[0], s.vm.vcpu[0].stages + 1);
		ASSERT_EQ(__gt_remove_irqfd(s.vm.fd, 4), 0);
	}
	s.stop = true;
	pthread_join(ringer, NULL);
	gt_thread_stop(&s.vm.vcpu[0]);
	gt_vm_close(&s.vm);
}

/* Writes of the guest find the ioeventfd or exit; none is both or neither */
static unsigned long exits;

static void count_exit(struct gt_vcpu *vcpu)
{
	exits++;
}

TEST(ioeventfd_against_writes)
{
	struct shared s = { 0 };
	eventfd_t signals = 0;
	int i;

	gt_vm_init(&s.vm, GUEST_smp_mmio);
	s.vm.arg[0] = 3000;
	s.vm.mmio = count_exit;
	s.evt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	gt_vm_boot(&s.vm);
	gt_thread_start(&s.vm.vcpu[0]);
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(__gt_ioeventfd(s.vm.fd, s.evt, DEV_BASE, 0, 0, 0), 0);
		ASSERT_EQ(__gt_remove_ioeventfd(s.vm.fd, DEV_BASE, 0, 0, 0), 0);
	}
	gt_threads_join(&s.vm, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
	eventfd_read(s.evt, &signals);
	EXPECT_EQ(exits + signals, 3000);
	gt_vm_close(&s.vm);
}

/* A vCPU is removed and added again while its thread runs it */
TEST(vcpu_against_removal)
{
	struct gt_vm vm;
	int i, old;

	gt_vm_init(&vm, GUEST_busy);
	gt_vm_boot(&vm);
	gt_expect_sync(&vm.vcpu[0], 1);
	for (i = 0; i < 30; i++) {
		gt_thread_start(&vm.vcpu[0]);
		ASSERT_EQ(__gt_remove_vcpu(vm.fd, 0), 0);
		ASSERT_EQ(pthread_join(vm.vcpu[0].thread, NULL), 0);
		expect_one_of(vm.vcpu[0].error, -ENODEV, -EINTR, -EINTR);
		old = vm.vcpu[0].fd;
		munmap(vm.vcpu[0].run, getpagesize());
		vm.vcpu[0].fd = __gt_add_vcpu(vm.fd, 0);
		ASSERT_GE(vm.vcpu[0].fd, 0);
		vm.vcpu[0].run = gt_map_run(vm.vcpu[0].fd);
		close(old);
	}
	gt_vm_close(&vm);
}

TEST_HARNESS_MAIN
