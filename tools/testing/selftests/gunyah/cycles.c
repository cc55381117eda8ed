// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hundreds of VMs one after the other, and nothing gets less.
 *
 * What can be counted exactly has to be exactly as before: pages pinned, memory
 * locked, interrupts, capabilities and pages of the stub; a VMID that does not come
 * back ends the test by itself, as an RM has less than three hundred.  Kernel memory
 * moves a little by itself, so each VM has many of all that it can have: one object
 * of 32 bytes that stays behind each time is four times what is allowed.
 */
#include "harness.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#define WARM_UP		50
#define CYCLES		250
#define ALLOWED_KIB	100
#define MANY		50

/* Many of what a VM can have any number of; vCPU 0 is there already */
static void add_many(int vm, int evt)
{
	int i, vcpu;

	for (i = 0; i < MANY; i++) {
		vcpu = __gt_add_vcpu(vm, 1 + i);
		gt_assert(vcpu >= 0);
		close(vcpu);
		gt_assert_eq(__gt_irqfd(vm, evt, i, 0), 0);
		gt_assert_eq(__gt_ioeventfd(vm, evt, EVT_BASE + 8 * i, 4, 0, 0), 0);
	}
}

static void one_cycle(enum gt_kind kind, int evt)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	vm.kind = kind;
	gt_vm_add_bell(&vm, 4, false);
	gt_assert_eq(__gt_vm_prepare(&vm), 0);
	add_many(vm.fd, evt);
	gt_vm_start(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

static void cycles(int nr)
{
	int evt = eventfd(0, EFD_CLOEXEC), i;

	gt_assert(evt >= 0);
	for (i = 0; i < nr; i++)
		one_cycle(i & 1 ? GT_LEND : GT_DEFAULT, evt);
	close(evt);
}

/* Never started, and with memory in many pieces */
static void unstarted(int nr)
{
	int evt = eventfd(0, EFD_CLOEXEC), vm, i, k;
	char *mem = gt_alloc(MANY * 4096);

	for (i = 0; i < nr; i++) {
		vm = gt_create_vm();
		add_many(vm, evt);
		for (k = 0; k < MANY; k++)
			gt_add_memory(vm, k & 1 ? GT_LEND : GT_SHARE, GUEST_RAM_BASE + 4096 * k,
				      mem + 4096 * k, 4096);
		close(vm);
	}
	munmap(mem, MANY * 4096);
	close(evt);
}

struct kernel_memory {
	long slab, tables, stacks, vmalloc, percpu, free;
};

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	gt_assert(fd >= 0);
	gt_assert_eq(write(fd, "3", 1), 1);
	close(fd);
}

static void kernel_memory(struct kernel_memory *m)
{
	drop_caches();
	gt_refresh_stats();
	m->slab = gt_proc_value("/proc/meminfo", "SUnreclaim");
	m->tables = gt_proc_value("/proc/meminfo", "PageTables");
	m->stacks = gt_proc_value("/proc/meminfo", "KernelStack");
	m->vmalloc = gt_proc_value("/proc/meminfo", "VmallocUsed");
	m->percpu = gt_proc_value("/proc/meminfo", "Percpu");
	m->free = gt_proc_value("/proc/meminfo", "MemFree");
}

/* Prints it; true if all is within the limits */
static bool no_growth(const struct kernel_memory *a, const struct kernel_memory *b)
{
	printf("# KiB more: slab %ld, tables %ld, stacks %ld, vmalloc %ld, percpu %ld, free %ld\n",
	       b->slab - a->slab, b->tables - a->tables, b->stacks - a->stacks,
	       b->vmalloc - a->vmalloc, b->percpu - a->percpu, b->free - a->free);
	return b->slab - a->slab < ALLOWED_KIB && b->tables - a->tables < ALLOWED_KIB &&
	       b->stacks - a->stacks < ALLOWED_KIB && b->vmalloc - a->vmalloc < ALLOWED_KIB &&
	       b->percpu - a->percpu < ALLOWED_KIB && a->free - b->free < 4 * CYCLES;
}

/*
 * A leak is there each time, the kernel's own movements are not: so a round that
 * takes more than allowed is followed by another, and one good round will do.  On one
 * CPU, because each has stores of free objects and pages of its own.
 */
static void measure(struct __test_metadata *_metadata, void (*make_vms)(int nr))
{
	struct kernel_memory start, end;
	struct gt_resources before;
	bool good = false;
	int round;

	gt_pin_to_cpu(0);
	gt_resources(&before);
	make_vms(WARM_UP);
	gt_expect_resources(&before);
	for (round = 0; round < 3 && !good; round++) {
		kernel_memory(&start);
		make_vms(CYCLES);
		kernel_memory(&end);
		good = no_growth(&start, &end);
	}
	gt_expect_resources(&before);
	EXPECT_EQ(gt_locked_kib(), 0);
	EXPECT_TRUE(good);
}

TEST(three_hundred)
{
	measure(_metadata, cycles);
}

TEST(three_hundred_unstarted)
{
	measure(_metadata, unstarted);
}

/* The counts of the stub are compared only where they can be asked for */
TEST(stub_is_asked)
{
	if (gt_stub_stat("object_pages") < 0)
		SKIP(return, "no test interface of the stub: its resources are not counted");
	EXPECT_GT(gt_stub_stat("host_caps"), 0);
	/* Nothing in all the tests so far may have been one */
	EXPECT_EQ(gt_stub_stat("sender_faults"), 0);
}

TEST_HARNESS_MAIN
