// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared memory of a process under demand paging: it stays ordinary memory, whatever the
 * process or the kernel does with it.  And what of lent memory is counted and pinned.
 */
#include "harness.h"
#include "gmem.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define PAGE	4096UL
#define HUGE	(2UL << 20)
#define SIZE	(4UL << 20)
#define NR	(SIZE / PAGE)
#define GPA	0xc0000000UL
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)
#define RW	(PROT_READ | PROT_WRITE)

FIXTURE(paged) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	char *mem;
};

FIXTURE_SETUP(paged)
{
	if (gt_open_profile())
		SKIP(return, "this hypervisor does not page on demand");
	gt_resources(&self->before);
	self->mem = gt_alloc(SIZE);
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	gt_vm_create(&self->vm);
	gt_vm_add_ram(&self->vm);
	gt_add_memory(self->vm.fd, GT_SHARE, GPA, self->mem, SIZE);
	gt_vm_configure(&self->vm);
	gt_vm_start(&self->vm);
}

FIXTURE_TEARDOWN(paged)
{
	if (gt_open_profile())
		return;
	gt_vm_close(&self->vm);
	munmap(self->mem, SIZE);
	gt_expect_resources(&self->before);
}

static uint64_t guest_read(struct gt_vcpu *vcpu, uint64_t off)
{
	return gt_command_result(vcpu, CMD_READ, GPA + off, 8, 0, 0);
}

static void guest_write(struct gt_vcpu *vcpu, uint64_t off, uint64_t value)
{
	gt_assert_eq(gt_command_result(vcpu, CMD_WRITE, GPA + off, 8, value, 0), 0);
}

/* A word in each page from @off on: @value and what follows */
static void guest_fill(struct gt_vcpu *vcpu, uint64_t off, uint64_t nr, uint64_t value)
{
	gt_assert_eq(gt_command_result(vcpu, CMD_FILL, GPA + off, PAGE, nr, value), 0);
}

static void guest_check(struct gt_vcpu *vcpu, uint64_t off, uint64_t nr, uint64_t value)
{
	gt_assert_eq(gt_command_result(vcpu, CMD_CHECK, GPA + off, PAGE, nr, value), 0);
}

static uint64_t *word(char *mem, uint64_t off)
{
	return (uint64_t *)(mem + off);
}

static void host_check(char *mem, uint64_t nr, uint64_t value)
{
	uint64_t i;

	for (i = 0; i < nr; i++)
		gt_assert_eq(*word(mem, i * PAGE), value + i);
}

TEST_F(paged, both_see_it)
{
	uint64_t i;

	for (i = 0; i < NR; i++)
		*word(self->mem, i * PAGE) = 100 + i;
	guest_check(self->vcpu, 0, NR, 100);
	guest_fill(self->vcpu, 0, NR, 9000);
	host_check(self->mem, NR, 9000);
	/* While the guest has the page */
	*word(self->mem, 8) = 77;
	EXPECT_EQ(guest_read(self->vcpu, 8), 77);
	guest_write(self->vcpu, 8, 78);
	EXPECT_EQ(*word(self->mem, 8), 78);
}

/* No pins but those of the device tree, nothing counted but them */
TEST_F(paged, not_pinned)
{
	long pinned, locked = gt_locked_kib();

	gt_refresh_stats();
	pinned = gt_proc_value("/proc/vmstat", "nr_foll_pin_acquired") -
		 gt_proc_value("/proc/vmstat", "nr_foll_pin_released");
	guest_fill(self->vcpu, 0, NR, 1);
	gt_refresh_stats();
	EXPECT_EQ(gt_proc_value("/proc/vmstat", "nr_foll_pin_acquired") -
		  gt_proc_value("/proc/vmstat", "nr_foll_pin_released"), pinned);
	EXPECT_EQ(gt_locked_kib(), locked);
	EXPECT_LE(locked, (long)(GUEST_DTB_SIZE >> 10));
}

TEST_F(paged, discarded)
{
	guest_fill(self->vcpu, 0, NR, 1);
	ASSERT_EQ(madvise(self->mem, SIZE / 2, MADV_DONTNEED), 0);
	EXPECT_EQ(guest_read(self->vcpu, 0), 0);
	EXPECT_EQ(guest_read(self->vcpu, SIZE / 2 - PAGE), 0);
	guest_check(self->vcpu, SIZE / 2, NR / 2, 1 + NR / 2);
	EXPECT_EQ(*word(self->mem, 0), 0);
	/* It is one page again, for both */
	guest_write(self->vcpu, 0, 5);
	EXPECT_EQ(*word(self->mem, 0), 5);
}

/* Memory that is not there is told to the VMM, which can put that right */
TEST_F(paged, unmapped)
{
	guest_write(self->vcpu, PAGE, 1);
	ASSERT_EQ(munmap(self->mem + PAGE, PAGE), 0);
	gt_command(self->vcpu, CMD_READ, GPA + PAGE, 8, 0, 0);
	EXPECT_EQ(gt_expect_page_fault(self->vcpu, GPA + PAGE), -EFAULT);
	ASSERT_EQ(mmap(self->mem + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0),
		  self->mem + PAGE);
	*word(self->mem, PAGE) = 4711;
	self->vcpu->run->page_fault.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	EXPECT_EQ(gt_expect_any_sync(self->vcpu), 4711);
}

/* The addresses are the guest's memory, not the pages */
TEST_F(paged, moved_away)
{
	char *other = mmap(NULL, HUGE, PROT_NONE, ANON, -1, 0);

	guest_fill(self->vcpu, 0, HUGE / PAGE, 10);
	ASSERT_EQ(mremap(self->mem, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, other), other);
	gt_command(self->vcpu, CMD_READ, GPA, 8, 0, 0);
	EXPECT_EQ(gt_expect_page_fault(self->vcpu, GPA), -EFAULT);
	host_check(other, HUGE / PAGE, 10);
	*word(other, 0) = 11;
	ASSERT_EQ(mremap(other, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, self->mem),
		  self->mem);
	self->vcpu->run->page_fault.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	EXPECT_EQ(gt_expect_any_sync(self->vcpu), 11);
	guest_check(self->vcpu, PAGE, HUGE / PAGE - 1, 11);
}

/* A child has the memory as it was; the guest goes on in its parent's */
TEST_F(paged, copied_for_a_child)
{
	int go[2], said[2];
	char c = 0;
	pid_t child;

	ASSERT_EQ(madvise(self->mem, SIZE, MADV_DOFORK), 0);
	guest_fill(self->vcpu, 0, NR, 100);
	ASSERT_EQ(pipe(go) | pipe(said), 0);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		gt_assert_eq(read(go[0], &c, 1), 1);
		host_check(self->mem, NR, 100);
		_exit(0);
	}
	/* No access of ours in between: the page is copied for the guest */
	guest_fill(self->vcpu, 0, NR, 5000);
	ASSERT_EQ(write(go[1], &c, 1), 1);
	gt_wait_exit(child, 0);
	host_check(self->mem, NR, 5000);
	guest_check(self->vcpu, 0, NR, 5000);
}

TEST_F(paged, protected_by_the_host)
{
	guest_write(self->vcpu, 0, 1);
	ASSERT_EQ(mprotect(self->mem, PAGE, PROT_READ), 0);
	gt_command(self->vcpu, CMD_WRITE, GPA, 8, 2, 0);
	EXPECT_EQ(gt_expect_page_fault(self->vcpu, GPA), -EFAULT);
	EXPECT_EQ(*word(self->mem, 0), 1);
	ASSERT_EQ(mprotect(self->mem, PAGE, RW), 0);
	self->vcpu->run->page_fault.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	EXPECT_EQ(gt_expect_any_sync(self->vcpu), 0);
	EXPECT_EQ(*word(self->mem, 0), 2);
}

/* In memory, as there is no disk; false: this kernel has none, or nobody brought it */
static bool swap_on(void)
{
	return !system("grep -q zram0 /proc/swaps && exit\n"
		       "for module in /lib/zram/*.ko; do insmod $module; done 2>/dev/null\n"
		       "echo 64M >/sys/block/zram0/disksize && mkswap /dev/zram0 >/dev/null &&\n"
		       "swapon /dev/zram0");
}

/* Out and in again, more than once, with writes of the guest that nobody else has seen */
TEST_F(paged, swapped)
{
	long out;
	int i;

	if (!swap_on())
		SKIP(return, "no swap");
	out = gt_proc_value("/proc/vmstat", "pswpout");
	for (i = 1; i <= 3; i++) {
		guest_fill(self->vcpu, 0, NR, i * 10000);
		ASSERT_EQ(madvise(self->mem, SIZE, MADV_PAGEOUT), 0);
		guest_check(self->vcpu, 0, NR / 2, i * 10000);
		host_check(self->mem, NR, i * 10000);
	}
	EXPECT_GT(gt_proc_value("/proc/vmstat", "pswpout"), out);
}

/*
 * What the guest changes in a page that swap has, too, is not lost with the old copy.
 * Read ahead, pages are in the swap cache; read by the host, they are mapped, clean, and
 * can be written without another fault: nothing but the guest makes them dirty.
 */
TEST_F(paged, written_after_swap_in)
{
	uint64_t i;

	if (!swap_on())
		SKIP(return, "no swap");
	ASSERT_EQ(madvise(self->mem, SIZE, MADV_DONTNEED), 0);
	ASSERT_EQ(madvise(self->mem, SIZE, MADV_NOHUGEPAGE), 0);
	guest_fill(self->vcpu, 0, NR, 1000);
	ASSERT_EQ(madvise(self->mem, SIZE, MADV_PAGEOUT), 0);
	ASSERT_EQ(madvise(self->mem, SIZE, MADV_WILLNEED), 0);
	for (i = 0; i < NR; i++)
		(void)*(volatile uint64_t *)word(self->mem, i * PAGE);
	guest_fill(self->vcpu, 0, NR, 2000);
	ASSERT_EQ(madvise(self->mem, SIZE, MADV_PAGEOUT), 0);
	host_check(self->mem, NR, 2000);
}

static long move_to(char *mem, int node)
{
	static void *pages[NR];
	static int nodes[NR], status[NR];
	unsigned long i;

	for (i = 0; i < NR; i++) {
		pages[i] = mem + i * PAGE;
		nodes[i] = node;
	}
	return syscall(SYS_move_pages, 0, NR, pages, nodes, status, 1 << 1);
}

TEST_F(paged, moved_to_another_node)
{
	long moved = gt_proc_value("/proc/vmstat", "pgmigrate_success");

	if (access("/sys/devices/system/node/node1", F_OK))
		SKIP(return, "one NUMA node");
	guest_fill(self->vcpu, 0, NR, 31);
	ASSERT_EQ(move_to(self->mem, 1), 0);
	guest_check(self->vcpu, 0, NR, 31);
	guest_fill(self->vcpu, 0, NR, 32);
	ASSERT_EQ(move_to(self->mem, 0), 0);
	guest_check(self->vcpu, 0, NR, 32);
	host_check(self->mem, NR, 32);
	EXPECT_GT(gt_proc_value("/proc/vmstat", "pgmigrate_success"), moved);
}

static void compact(void)
{
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY);

	gt_assert(fd >= 0);
	gt_assert_eq(write(fd, "1", 1), 1);
	close(fd);
}

TEST_F(paged, compacted)
{
	ASSERT_EQ(madvise(self->mem, SIZE, MADV_DONTNEED), 0);
	ASSERT_EQ(madvise(self->mem, SIZE, MADV_NOHUGEPAGE), 0);
	guest_fill(self->vcpu, 0, NR, 41);
	compact();
	guest_check(self->vcpu, 0, NR, 41);
	guest_fill(self->vcpu, 0, NR, 42);
	compact();
	host_check(self->mem, NR, 42);
}

/* Small pages become a large one, and the guest's next accesses find it */
TEST_F(paged, collapsed)
{
	ASSERT_EQ(madvise(self->mem, SIZE, MADV_DONTNEED), 0);
	ASSERT_EQ(madvise(self->mem, SIZE, MADV_NOHUGEPAGE), 0);
	guest_fill(self->vcpu, 0, NR, 51);
	ASSERT_EQ(madvise(self->mem, SIZE, MADV_HUGEPAGE), 0);
	if (madvise(self->mem, SIZE, MADV_COLLAPSE))
		SKIP(return, "no MADV_COLLAPSE");
	guest_check(self->vcpu, 0, NR, 51);
	guest_fill(self->vcpu, 0, NR, 52);
	host_check(self->mem, NR, 52);
	/* And apart again */
	ASSERT_EQ(munmap(self->mem + PAGE, PAGE), 0);
	guest_check(self->vcpu, 2 * PAGE, NR - 2, 54);
}

static long ksm_get(const char *name)
{
	char path[64], text[32];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/mm/ksm/%s", name);
	f = fopen(path, "r");
	if (!f)
		return -1;
	gt_assert(fgets(text, sizeof(text), f));
	fclose(f);
	return strtol(text, NULL, 10);
}

static void ksm_set(const char *name, const char *value)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/mm/ksm/%s", name);
	f = fopen(path, "w");
	gt_assert(f);
	gt_assert(fputs(value, f) >= 0);
	gt_assert(!fclose(f));
}

/* Until it has looked at everything twice: once for the sums, once to compare */
static void ksm_scan(void)
{
	long until = ksm_get("full_scans") + 3;

	ksm_set("run", "1");
	while (ksm_get("full_scans") < until)
		usleep(10000);
	ksm_set("run", "0");
}

/* Pages alike become one that nobody may write, until somebody does */
TEST_F(paged, merged)
{
	const uint64_t nr = 16;
	uint64_t i;

	if (ksm_get("run") < 0)
		SKIP(return, "no KSM");
	ksm_set("pages_to_scan", "100000");
	ksm_set("sleep_millisecs", "0");
	for (i = 0; i < nr; i++)
		guest_write(self->vcpu, i * PAGE, 0xabcd);
	ASSERT_EQ(madvise(self->mem, nr * PAGE, MADV_MERGEABLE), 0);
	ksm_scan();
	EXPECT_GT(ksm_get("pages_sharing"), 0);
	guest_write(self->vcpu, 3 * PAGE, 0x1234);
	for (i = 0; i < nr; i++) {
		EXPECT_EQ(guest_read(self->vcpu, i * PAGE), i == 3 ? 0x1234 : 0xabcd);
		EXPECT_EQ(*word(self->mem, i * PAGE), i == 3 ? 0x1234 : 0xabcd);
	}
	ASSERT_EQ(madvise(self->mem, nr * PAGE, MADV_UNMERGEABLE), 0);
}

/* The process is gone with its memory, somebody else has the VM's descriptors */
TEST_F(paged, closed_without_its_process)
{
	guest_fill(self->vcpu, 0, NR, 1);
	ASSERT_EQ(munmap(self->mem, SIZE), 0);
	self->mem = NULL;
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* ---- the ioctls ---- */

static char *map_file(const char *type, int flags, int prot)
{
	const char *dir = "/tmp/paging";
	char *mem;
	int fd;

	gt_assert(!mkdir(dir, 0700) || errno == EEXIST);
	gt_assert(!mount("none", dir, type, 0, NULL));
	fd = open("/tmp/paging/file", O_CREAT | O_RDWR, 0600);
	gt_assert(fd >= 0);
	gt_assert(!ftruncate(fd, PAGE));
	gt_assert_eq(pwrite(fd, "file", 4, 0), 4);
	mem = mmap(NULL, PAGE, prot, flags, fd, 0);
	gt_assert(mem != MAP_FAILED);
	close(fd);
	gt_assert(!umount2(dir, MNT_DETACH));
	return mem;
}

static int add_flags(int vm, enum gt_kind kind, char *mem, uint32_t flags)
{
	struct gunyah_userspace_memory_region region = {
		.flags = flags, .guest_phys_addr = GPA, .memory_size = PAGE,
		.userspace_addr = (uintptr_t)mem,
	};

	return __gt_mem_region(vm, kind, &region);
}

/* The page cache of a file cannot be the guest's to write, nor to have */
TEST(files)
{
	int vm = gt_create_vm();
	char *mem;

	mem = map_file("ramfs", MAP_SHARED, RW);
	EXPECT_EQ(add_flags(vm, GT_SHARE, mem, 7), -EIO);
	EXPECT_EQ(add_flags(vm, GT_LEND, mem, 7), -EIO);
	munmap(mem, PAGE);
	/* Copies of its pages can, and files whose pages nobody writes elsewhere */
	mem = map_file("ramfs", MAP_PRIVATE, RW);
	EXPECT_EQ(add_flags(vm, GT_SHARE, mem, 7), 0);
	close(vm);
	munmap(mem, PAGE);
	vm = gt_create_vm();
	mem = map_file("tmpfs", MAP_SHARED, RW);
	EXPECT_EQ(add_flags(vm, GT_LEND, mem, 7), 0);
	close(vm);
	munmap(mem, PAGE);
}

/* Counted as a whole when it is announced, pinned when the guest has it */
TEST(lent)
{
	struct gt_resources before;
	struct gt_vm vm;
	char *mem;
	long pinned;

	if (gt_open_profile())
		SKIP(return, "this hypervisor does not page on demand");
	gt_resources(&before);
	mem = gt_alloc(SIZE);
	gt_vm_init(&vm, GUEST_command);
	gt_vm_create(&vm);
	gt_vm_add_ram(&vm);
	gt_add_memory(vm.fd, GT_LEND, GPA, mem, SIZE);
	EXPECT_GE(gt_locked_kib(), (long)(SIZE >> 10));
	gt_vm_configure(&vm);
	gt_vm_start(&vm);
	gt_refresh_stats();
	pinned = gt_proc_value("/proc/vmstat", "nr_foll_pin_acquired") -
		 gt_proc_value("/proc/vmstat", "nr_foll_pin_released");
	*word(mem, 0) = 1;
	guest_fill(&vm.vcpu[0], 0, NR, 1);
	gt_refresh_stats();
	EXPECT_EQ(gt_proc_value("/proc/vmstat", "nr_foll_pin_acquired") -
		  gt_proc_value("/proc/vmstat", "nr_foll_pin_released"), pinned + (long)NR);
	/* Discarding the mapping does not take it from the guest */
	ASSERT_EQ(madvise(mem, SIZE, MADV_DONTNEED), 0);
	guest_check(&vm.vcpu[0], 0, NR, 1);
	gt_vm_close(&vm);
	munmap(mem, SIZE);
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&before);
}

/* What the guest gives up of lent memory comes back clean, unpinned, and once more */
TEST(lent_and_given_up)
{
	struct gt_resources before;
	struct gt_vm vm;
	long pinned;
	char *mem;

	if (gt_open_profile())
		SKIP(return, "this hypervisor does not page on demand");
	gt_resources(&before);
	mem = gt_alloc(SIZE);
	gt_vm_init(&vm, GUEST_command);
	gt_vm_create(&vm);
	gt_vm_add_ram(&vm);
	gt_add_memory(vm.fd, GT_LEND, GPA, mem, SIZE);
	gt_vm_configure(&vm);
	gt_vm_start(&vm);
	gt_catch_sigbus();
	guest_fill(&vm.vcpu[0], 0, NR, 1);
	EXPECT_TRUE(gt_read_faults(mem));
	EXPECT_NE(__gt_reclaim(vm.fd, GPA, PAGE), 0);
	EXPECT_TRUE(gt_read_faults(mem));
	gt_refresh_stats();
	pinned = gt_proc_value("/proc/vmstat", "nr_foll_pin_released");
	EXPECT_EQ(gt_relinquish(&vm.vcpu[0], GPA, PAGE), 0);
	EXPECT_EQ(__gt_reclaim(vm.fd, GPA, PAGE), 0);
	gt_refresh_stats();
	EXPECT_EQ(gt_proc_value("/proc/vmstat", "nr_foll_pin_released"), pinned + 1);
	EXPECT_EQ(*word(mem, 0), 0);
	EXPECT_TRUE(gt_read_faults(mem + PAGE));
	*word(mem, 0) = 6;
	EXPECT_EQ(guest_read(&vm.vcpu[0], 0), 6);
	EXPECT_TRUE(gt_read_faults(mem));
	guest_check(&vm.vcpu[0], PAGE, NR - 1, 2);
	gt_vm_close(&vm);
	EXPECT_EQ(*word(mem, PAGE), 0);
	munmap(mem, SIZE);
	gt_expect_resources(&before);
}

/* A page that nobody has written yet is the zero page only for its process */
TEST(read_only)
{
	struct gt_vm vm;
	char *mem = mmap(NULL, SIZE, RW, ANON, -1, 0);

	if (gt_open_profile())
		SKIP(return, "this hypervisor does not page on demand");
	ASSERT_NE(mem, MAP_FAILED);
	(void)*(volatile char *)mem;
	gt_vm_init(&vm, GUEST_command);
	gt_vm_create(&vm);
	gt_vm_add_ram(&vm);
	ASSERT_EQ(add_flags(vm.fd, GT_SHARE, mem, GUNYAH_MEM_ALLOW_READ), 0);
	gt_vm_configure(&vm);
	gt_vm_start(&vm);
	EXPECT_EQ(guest_read(&vm.vcpu[0], 0), 0);
	*word(mem, 0) = 99;
	EXPECT_EQ(guest_read(&vm.vcpu[0], 0), 99);
	gt_command(&vm.vcpu[0], CMD_WRITE, GPA, 8, 1, 0);
	EXPECT_EQ(gt_expect_page_fault(&vm.vcpu[0], GPA), -EPERM);
	EXPECT_EQ(*word(mem, 0), 99);
	gt_vm_close(&vm);
}

TEST_HARNESS_MAIN
