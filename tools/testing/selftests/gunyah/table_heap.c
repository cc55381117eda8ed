// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor's heap for page tables of guests is small, and the same for all.  To
 * be run on a stub with 512 KiB of it (boot option guest-tables=128), and a host with
 * more than 2 GiB of memory.
 */
#include "harness.h"
#include "gmem.h"

#include <sys/klog.h>
#include <sys/mman.h>

#define PAGE		4096UL
#define HUGE		(2UL << 20)
#define GPA		0x100000000UL
#define SIZE		(2UL << 30)
#define NR_HUGE		(SIZE / HUGE)
#define HEAP_MAX	128

#define KLOG_READ_ALL	3
#define KLOG_CLEAR	5

static long heap_used(void)
{
	return gt_stub_stat("guest_tables");
}

/* Times that the driver has said that the heap is full, since the log was cleared */
static int nomem_lines(void)
{
	static char log[1 << 18];
	int len = klogctl(KLOG_READ_ALL, log, sizeof(log) - 1), n = 0;
	const char *at = log;

	gt_assert(len >= 0);
	log[len] = 0;
	while ((at = strstr(at, "heap for the page tables of guests is full"))) {
		at++;
		n++;
	}
	return n;
}

FIXTURE(heap) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	bool skipped;
};

FIXTURE_SETUP(heap)
{
	long all = gt_stub_stat("guest_tables_all");

	self->skipped = gt_open_profile() || all < 0 || all > HEAP_MAX;
	if (self->skipped)
		SKIP(return, "needs demand paging and a heap of %d tables at most",
		     HEAP_MAX);
	gt_resources(&self->before);
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	gt_vm_create(&self->vm);
	gt_vm_add_ram(&self->vm);
}

FIXTURE_TEARDOWN(heap)
{
	if (self->skipped)
		return;
	gt_vm_close(&self->vm);
	gt_expect_resources(&self->before);
}

static void start(struct gt_vm *vm)
{
	gt_vm_configure(vm);
	gt_vm_start(vm);
}

/* All of it, and room is left for others */
TEST_F(heap, huge_pages)
{
	int fd = gt_create_mem(SIZE, GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE);

	gt_bind(self->vm.fd, GPA, GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_ALLOW_RWX, fd, 0,
		SIZE);
	close(fd);
	start(&self->vm);
	ASSERT_EQ(gt_command_result(self->vcpu, CMD_FILL, GPA, HUGE, NR_HUGE, 4711), 0);
	ASSERT_EQ(gt_command_result(self->vcpu, CMD_CHECK, GPA, HUGE, NR_HUGE, 4711), 0);
	/* The last page of each, too: it came with the first */
	ASSERT_EQ(gt_command_result(self->vcpu, CMD_FILL, GPA + HUGE - PAGE, HUGE, NR_HUGE, 1),
		  0);
	EXPECT_LT(heap_used(), HEAP_MAX / 2);
}

static void *small_pages(struct gt_vm *vm)
{
	void *mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	gt_assert(mem != MAP_FAILED);
	gt_assert(!madvise(mem, SIZE, MADV_NOHUGEPAGE));
	gt_assert(!madvise(mem, SIZE, MADV_DONTFORK));
	gt_add_memory(vm->fd, GT_SHARE, GPA, mem, SIZE);
	return mem;
}

/* Touches a page in each 2 MiB until the heap is empty; the address that failed */
static uint64_t fill_until_nomem(struct gt_vcpu *vcpu)
{
	gt_command(vcpu, CMD_FILL, GPA, HUGE, NR_HUGE, 1);
	gt_assert_eq(gt_next(vcpu), GT_EV_OTHER);
	gt_assert_eq(vcpu->run->exit_reason, GUNYAH_VCPU_EXIT_PAGE_FAULT);
	gt_assert_eq(vcpu->run->page_fault.attempt, -ENOMEM);
	return vcpu->run->page_fault.phys_addr;
}

static void retry(struct gt_vcpu *vcpu)
{
	vcpu->run->page_fault.resume_action = GUNYAH_VCPU_RESUME_RETRY;
}

TEST_F(heap, small_pages)
{
	void *mem = small_pages(&self->vm);
	uint64_t failed, again;
	struct gt_vm other;

	start(&self->vm);
	ASSERT_EQ(klogctl(KLOG_CLEAR, NULL, 0), 0);
	failed = fill_until_nomem(self->vcpu);
	EXPECT_GE(failed, GPA + 16 * HUGE);
	EXPECT_LT(failed, GPA + SIZE);
	EXPECT_EQ(nomem_lines(), 1);

	/* Nothing changes by trying again, and it is not said again */
	retry(self->vcpu);
	again = gt_expect_page_fault(self->vcpu, failed);
	EXPECT_EQ((int)again, -ENOMEM);
	EXPECT_EQ(nomem_lines(), 1);

	/* It is over when memory is given back: the guest goes on where it was */
	ASSERT_EQ(madvise(mem, failed - GPA - HUGE, MADV_DONTNEED), 0);
	EXPECT_LT(heap_used(), HEAP_MAX / 2);
	retry(self->vcpu);
	ASSERT_EQ(gt_next(self->vcpu), GT_EV_OTHER);
	ASSERT_EQ(self->vcpu->run->exit_reason, GUNYAH_VCPU_EXIT_PAGE_FAULT);
	EXPECT_EQ(self->vcpu->run->page_fault.attempt, -ENOMEM);
	EXPECT_GT(self->vcpu->run->page_fault.phys_addr, failed + 8 * HUGE);
	EXPECT_EQ(nomem_lines(), 2);

	/* After this VM there is room for another one */
	gt_vm_close(&self->vm);
	munmap(mem, SIZE);
	gt_vm_init(&other, GUEST_command);
	gt_vm_boot(&other);
	EXPECT_EQ(gt_command_result(&other.vcpu[0], CMD_READ, GUEST_RAM_BASE, 4, 0, 0) >> 32, 0);
	gt_vm_close(&other);
}

TEST_HARNESS_MAIN
