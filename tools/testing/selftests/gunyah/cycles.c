// SPDX-License-Identifier: GPL-2.0-only
/*
 * Three hundred VMs one after the other, and nothing gets less.
 *
 * What can be counted exactly has to be exactly as before: pages pinned, memory
 * locked, interrupts, capabilities and pages of the stub; a VMID that does not come
 * back ends the test by itself, as an RM has less than three hundred.  Kernel memory
 * moves by itself, so it is compared over 250 VMs after a warm-up, with caches
 * dropped: one page leaked by each VM would be four times what is allowed, an
 * object of 1 KiB would be just seen.
 */
#include "harness.h"

#include <fcntl.h>

#define WARM_UP		50
#define CYCLES		250
#define ALLOWED_KIB	CYCLES

static void one_cycle(enum gt_kind kind)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	vm.kind = kind;
	gt_vm_add_bell(&vm, 4, false);
	gt_vm_boot(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

static void cycles(int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		one_cycle(i & 1 ? GT_LEND : GT_DEFAULT);
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
	m->slab = gt_proc_value("/proc/meminfo", "SUnreclaim");
	m->tables = gt_proc_value("/proc/meminfo", "PageTables");
	m->stacks = gt_proc_value("/proc/meminfo", "KernelStack");
	m->vmalloc = gt_proc_value("/proc/meminfo", "VmallocUsed");
	m->percpu = gt_proc_value("/proc/meminfo", "Percpu");
	m->free = gt_proc_value("/proc/meminfo", "MemFree");
}

static void expect_no_growth(struct __test_metadata *_metadata,
			     const struct kernel_memory *a, const struct kernel_memory *b)
{
	TH_LOG("KiB more: slab %ld, tables %ld, stacks %ld, vmalloc %ld, percpu %ld, free %ld",
	       b->slab - a->slab, b->tables - a->tables, b->stacks - a->stacks,
	       b->vmalloc - a->vmalloc, b->percpu - a->percpu, b->free - a->free);
	EXPECT_LT(b->slab - a->slab, ALLOWED_KIB);
	EXPECT_LT(b->tables - a->tables, ALLOWED_KIB);
	EXPECT_LT(b->stacks - a->stacks, ALLOWED_KIB);
	EXPECT_LT(b->vmalloc - a->vmalloc, ALLOWED_KIB);
	EXPECT_LT(b->percpu - a->percpu, ALLOWED_KIB);
	EXPECT_LT(a->free - b->free, 4 * ALLOWED_KIB);
}

TEST(three_hundred)
{
	struct kernel_memory start, end;
	struct gt_resources before;
	long warnings;

	gt_resources(&before);
	warnings = gt_stub_stat("warnings");
	cycles(WARM_UP);
	gt_expect_resources(&before);
	kernel_memory(&start);
	cycles(CYCLES);
	kernel_memory(&end);
	gt_expect_resources(&before);
	EXPECT_EQ(gt_locked_kib(), 0);
	EXPECT_EQ(gt_stub_stat("warnings"), warnings);
	expect_no_growth(_metadata, &start, &end);
}

/* The counts of the stub are compared only where they can be asked for */
TEST(stub_is_asked)
{
	if (gt_stub_stat("object_pages") < 0)
		SKIP(return, "no test interface of the stub: its resources are not counted");
	EXPECT_GT(gt_stub_stat("host_caps"), 0);
}

TEST_HARNESS_MAIN
