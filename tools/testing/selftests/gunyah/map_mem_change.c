// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory files bound to and taken from guests that run, huge pages, and VMs that
 * share a file.
 */
#include "harness.h"

#include <sched.h>
#include <sys/mman.h>

#include "gmem.h"

#define PAGE	4096UL
#define PAGES	16
#define SIZE	(PAGES * PAGE)
#define AREA	(GUEST_RAM_BASE + GUEST_MIN_RAM)
#define SEED	0x5eed000000000000UL

#define RWX	GUNYAH_MAP_MEM_ALLOW_RWX
#define LEND	(GUNYAH_MAP_MEM_FORCE_LEND | RWX)
#define SHARE	(GUNYAH_MAP_MEM_FORCE_SHARE | RWX)

static uint64_t guest_read(struct gt_vcpu *vcpu, uint64_t gpa)
{
	return gt_command_result(vcpu, CMD_READ, gpa, 8, 0, 0);
}

static void guest_fill(struct gt_vcpu *vcpu, uint64_t gpa, unsigned int pages)
{
	gt_assert_eq(gt_command_result(vcpu, CMD_FILL, gpa, PAGE, pages, SEED), 0);
}

/* Pages [@first, @first + @nr) of an area that was filled as a whole */
static uint64_t guest_check(struct gt_vcpu *vcpu, uint64_t area, unsigned int first,
			    unsigned int nr)
{
	return gt_command_result(vcpu, CMD_CHECK, area + first * PAGE, PAGE, nr, SEED + first);
}

static bool refused(int err)
{
	return err == -EBUSY || err == -EACCES;
}

FIXTURE(change) {
	struct gt_resources before;
	struct gt_files files;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int fd;
};

FIXTURE_SETUP(change)
{
	if (gt_open_profile())
		SKIP(return, "no demand paging");
	gt_resources(&self->before);
	gt_files(&self->files);
	gt_catch_sigbus();
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	self->fd = gt_create_mem(SIZE, 0);
	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
}

FIXTURE_TEARDOWN(change)
{
	if (gt_open_profile())
		return;
	gt_vm_close(&self->vm);
	close(self->fd);
	gt_expect_resources(&self->before);
	gt_expect_files(&self->files);
}

static int unmap_pages(struct gt_vm *vm, int fd, uint32_t flags, unsigned int first,
		       unsigned int nr)
{
	return __gt_unbind(vm->fd, AREA + first * PAGE, flags, fd, first * PAGE, nr * PAGE);
}

static void expect_nothing_at(struct gt_vcpu *vcpu, uint64_t gpa)
{
	gt_command(vcpu, CMD_TRY_READ, gpa, 8, 0, 0);
	gt_assert_eq(gt_expect_page_fault(vcpu, gpa), -ENOENT);
	gt_assert_eq(gt_expect_any_sync(vcpu) >> 26, 0x25);
}

/* ---- UNMAP ---- */

/* Head, tail and middle: what is left is as it was, what is gone is the host's */
TEST_F(change, unmap_shared)
{
	char *mem = gt_mmap(self->fd, 0, SIZE);

	gt_bind(self->vm.fd, AREA, SHARE, self->fd, 0, SIZE);
	gt_vm_start(&self->vm);
	guest_fill(self->vcpu, AREA, PAGES);
	EXPECT_EQ(unmap_pages(&self->vm, self->fd, SHARE, 0, 2), 0);
	EXPECT_EQ(unmap_pages(&self->vm, self->fd, SHARE, 14, 2), 0);
	EXPECT_EQ(unmap_pages(&self->vm, self->fd, SHARE, 6, 3), 0);
	expect_nothing_at(self->vcpu, AREA + PAGE);
	expect_nothing_at(self->vcpu, AREA + 14 * PAGE);
	expect_nothing_at(self->vcpu, AREA + 7 * PAGE);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 2, 4), 0);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 9, 5), 0);
	/* The file has lost nothing */
	EXPECT_EQ(*(uint64_t *)(mem + 7 * PAGE), SEED + 7);
	munmap(mem, SIZE);
}

/* Of lent memory only what was given up goes, and it alone has to be given up */
TEST_F(change, unmap_lent)
{
	gt_bind(self->vm.fd, AREA, LEND, self->fd, 0, SIZE);
	gt_vm_start(&self->vm);
	guest_fill(self->vcpu, AREA, PAGES);
	EXPECT_TRUE(refused(unmap_pages(&self->vm, self->fd, LEND, 6, 3)));
	EXPECT_EQ(guest_check(self->vcpu, AREA, 0, PAGES), 0);
	EXPECT_EQ(gt_relinquish(self->vcpu, AREA + 6 * PAGE, 3 * PAGE), 0);
	EXPECT_TRUE(refused(unmap_pages(&self->vm, self->fd, LEND, 6, 4)));
	EXPECT_TRUE(refused(unmap_pages(&self->vm, self->fd, LEND, 5, 4)));
	EXPECT_EQ(unmap_pages(&self->vm, self->fd, LEND, 6, 3), 0);
	expect_nothing_at(self->vcpu, AREA + 8 * PAGE);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 0, 6), 0);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 9, 7), 0);
}

/* Where the offset is not 0, and the binding begins in the middle of the file */
TEST_F(change, unmap_at_an_offset)
{
	char *mem = gt_mmap(self->fd, 0, SIZE);

	gt_bind(self->vm.fd, AREA, SHARE, self->fd, 8 * PAGE, 8 * PAGE);
	gt_vm_start(&self->vm);
	guest_fill(self->vcpu, AREA, 8);
	EXPECT_EQ(*(uint64_t *)(mem + 8 * PAGE), SEED);
	EXPECT_EQ(*(uint64_t *)mem, 0);
	EXPECT_EQ(__gt_punch(self->fd, 0, 9 * PAGE), 0);
	EXPECT_EQ(guest_read(self->vcpu, AREA), 0);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 1, 7), 0);
	EXPECT_EQ(__gt_unbind(self->vm.fd, AREA + 2 * PAGE, SHARE, self->fd, 10 * PAGE, PAGE), 0);
	expect_nothing_at(self->vcpu, AREA + 2 * PAGE);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 3, 5), 0);
	munmap(mem, SIZE);
}

/* ---- memory for a guest that runs ---- */

/* All of it is there at once: the guest's first access is no fault */
TEST_F(change, add_while_running)
{
	char *mem = gt_mmap(self->fd, 0, SIZE);
	unsigned int i;

	gt_vm_start(&self->vm);
	for (i = 0; i < PAGES; i++)
		*(uint64_t *)(mem + i * PAGE) = SEED + i;
	/* The host has it mapped */
	EXPECT_EQ(__gt_bind(self->vm.fd, AREA, LEND, self->fd, 0, SIZE), -EPERM);
	munmap(mem, SIZE);
	EXPECT_EQ(__gt_bind(self->vm.fd, AREA, LEND, self->fd, 0, 2 * SIZE), -EFAULT);
	gt_bind(self->vm.fd, AREA, LEND, self->fd, 0, SIZE);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 0, PAGES), 0);
	mem = gt_mmap(self->fd, 0, SIZE);
	EXPECT_TRUE(gt_read_faults(mem + 3 * PAGE));
	munmap(mem, SIZE);
}

TEST_F(change, add_and_remove)
{
	unsigned int round;

	gt_vm_start(&self->vm);
	for (round = 0; round < 5; round++) {
		gt_bind(self->vm.fd, AREA, SHARE, self->fd, 0, SIZE);
		guest_fill(self->vcpu, AREA, PAGES);
		EXPECT_EQ(unmap_pages(&self->vm, self->fd, SHARE, 4, 4), 0);
		EXPECT_EQ(guest_check(self->vcpu, AREA, 8, 8), 0);
		EXPECT_EQ(unmap_pages(&self->vm, self->fd, SHARE, 0, 4), 0);
		EXPECT_EQ(unmap_pages(&self->vm, self->fd, SHARE, 8, 8), 0);
		EXPECT_EQ(__gt_punch(self->fd, 0, SIZE), 0);
	}
}

/* By somebody who only has the descriptors */
TEST_F(change, added_by_another_process)
{
	pid_t pid;

	gt_vm_start(&self->vm);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		gt_bind(self->vm.fd, AREA, LEND, self->fd, 0, SIZE);
		_exit(0);
	}
	gt_wait_exit(pid, 0);
	guest_fill(self->vcpu, AREA, PAGES);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 0, PAGES), 0);
}

/* ---- huge pages ---- */

/* Tables of the hypervisor for one access to memory of 2 MiB; the file stays bound */
static long tables_of_an_access(struct gt_vm *vm, struct gt_vcpu *vcpu, uint64_t gpa)
{
	long before = gt_stub_stat("guest_tables");

	if (before < 0)
		return -1;
	guest_fill(vcpu, gpa, 1);
	return gt_stub_stat("guest_tables") - before;
}

TEST_F(change, huge_pages_are_blocks)
{
	int huge = gt_create_mem(GT_HUGE, GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE);
	int small = gt_create_mem(GT_HUGE, 0);
	char *mem = gt_mmap(huge, 0, GT_HUGE);
	long tables;

	gt_bind(self->vm.fd, AREA, LEND, huge, 0, GT_HUGE);
	gt_bind(self->vm.fd, AREA + GT_HUGE, LEND, small, 0, GT_HUGE);
	ASSERT_EQ(__gt_allocate(huge, 0, GT_HUGE), 0);
	gt_vm_start(&self->vm);
	tables = tables_of_an_access(&self->vm, self->vcpu, AREA + 5 * PAGE);
	if (tables < 0)
		SKIP(goto out, "the hypervisor does not count");
	EXPECT_EQ(tables, 0);
	EXPECT_EQ(tables_of_an_access(&self->vm, self->vcpu, AREA + GT_HUGE), 1);
	/* One access was enough for all of it, and then the host has none of it */
	EXPECT_TRUE(gt_read_faults(mem + 511 * PAGE));
	EXPECT_EQ(guest_read(self->vcpu, AREA + 511 * PAGE), 0);
	/* A page of it comes back, the rest does not */
	EXPECT_EQ(gt_relinquish(self->vcpu, AREA + 7 * PAGE, PAGE), 0);
	EXPECT_EQ(__gt_punch(huge, 7 * PAGE, PAGE), 0);
	EXPECT_EQ(__gt_punch(huge, 8 * PAGE, PAGE), -EBUSY);
	EXPECT_EQ(guest_read(self->vcpu, AREA + 5 * PAGE), SEED);
	EXPECT_EQ(guest_read(self->vcpu, AREA + 7 * PAGE), 0);
out:
	munmap(mem, GT_HUGE);
	close(huge);
	close(small);
}

/* ---- two VMs, one file ---- */

TEST_F(change, two_vms)
{
	struct gt_vm other;
	char *mem;

	gt_vm_init(&other, GUEST_command);
	ASSERT_EQ(__gt_vm_prepare(&other), 0);
	gt_bind(self->vm.fd, AREA, LEND, self->fd, 0, SIZE / 2);
	gt_bind(other.fd, AREA, LEND, self->fd, SIZE / 2, SIZE / 2);
	gt_vm_start(&self->vm);
	gt_vm_start(&other);
	guest_fill(self->vcpu, AREA, 8);
	EXPECT_EQ(guest_read(&other.vcpu[0], AREA), 0);
	guest_fill(&other.vcpu[0], AREA, 8);
	EXPECT_EQ(gt_relinquish(self->vcpu, AREA, SIZE / 2), 0);
	/* The other has not */
	EXPECT_EQ(__gt_punch(self->fd, 0, SIZE), -EBUSY);
	EXPECT_EQ(__gt_punch(self->fd, 0, SIZE / 2), 0);
	/* What one VM had, the other one gets, without what was in it */
	EXPECT_EQ(unmap_pages(&self->vm, self->fd, LEND, 0, 8), 0);
	gt_bind(other.fd, AREA + SIZE, LEND, self->fd, 0, SIZE / 2);
	EXPECT_EQ(guest_read(&other.vcpu[0], AREA + SIZE), 0);
	EXPECT_EQ(guest_check(&other.vcpu[0], AREA, 0, 8), 0);
	gt_vm_close(&self->vm);
	EXPECT_EQ(guest_check(&other.vcpu[0], AREA, 0, 8), 0);
	gt_vm_close(&other);
	mem = gt_mmap(self->fd, 0, SIZE);
	EXPECT_FALSE(gt_write_faults(mem + SIZE - 1));
	munmap(mem, SIZE);
}

/* Its guest is over, so nothing has to be given up any more */
TEST_F(change, after_the_guest)
{
	char *mem = gt_mmap(self->fd, 0, SIZE);

	gt_bind(self->vm.fd, AREA, LEND, self->fd, 0, SIZE);
	gt_vm_start(&self->vm);
	guest_fill(self->vcpu, AREA, PAGES);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
	gt_vm_close(&self->vm);
	EXPECT_FALSE(gt_read_faults(mem));
	EXPECT_FALSE(gt_write_faults(mem + 15 * PAGE));
	munmap(mem, SIZE);
}

/* ---- settings and START at the same time ---- */

struct racer {
	int vm;
	int fd;
	unsigned int nr;	/* times that it was bound and unbound */
	bool stop;
};

static void *race(void *arg)
{
	struct racer *r = arg;

	while (!__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE)) {
		gt_assert_eq(__gt_bind(r->vm, AREA, SHARE, r->fd, 0, SIZE), 0);
		gt_assert_eq(__gt_unbind(r->vm, AREA + 4 * PAGE, SHARE, r->fd, 4 * PAGE, PAGE),
			     0);
		gt_assert_eq(__gt_unbind(r->vm, AREA, SHARE, r->fd, 0, 4 * PAGE), 0);
		gt_assert_eq(__gt_unbind(r->vm, AREA + 5 * PAGE, SHARE, r->fd, 5 * PAGE,
					 SIZE - 5 * PAGE), 0);
		__atomic_add_fetch(&r->nr, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void wait_rounds(struct racer *r, unsigned int rounds)
{
	unsigned int goal = __atomic_load_n(&r->nr, __ATOMIC_ACQUIRE) + rounds;

	while ((int)(__atomic_load_n(&r->nr, __ATOMIC_ACQUIRE) - goal) < 0)
		sched_yield();
}

/* A start sees a binding as a whole or not at all; it works before, while and after */
TEST_F(change, races_with_start)
{
	struct racer racer = { .vm = self->vm.fd, .fd = self->fd };
	pthread_t thread;

	ASSERT_EQ(pthread_create(&thread, NULL, race, &racer), 0);
	wait_rounds(&racer, 2);
	gt_vm_start(&self->vm);
	wait_rounds(&racer, 2);
	__atomic_store_n(&racer.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	gt_bind(self->vm.fd, AREA, SHARE, self->fd, 0, SIZE);
	guest_fill(self->vcpu, AREA, PAGES);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 0, PAGES), 0);
}

/* The host takes pages while the guest uses them: it never sees an old one */
TEST_F(change, races_with_the_guest)
{
	unsigned int i;
	char *mem;

	gt_bind(self->vm.fd, AREA, SHARE, self->fd, 0, SIZE);
	gt_vm_start(&self->vm);
	mem = gt_mmap(self->fd, 0, SIZE);
	for (i = 0; i < 20; i++) {
		*(uint64_t *)(mem + i % PAGES * PAGE) = i + 1;
		EXPECT_EQ(guest_read(self->vcpu, AREA + i % PAGES * PAGE), i + 1);
		EXPECT_EQ(__gt_punch(self->fd, i % PAGES * PAGE, PAGE), 0);
		EXPECT_EQ(guest_read(self->vcpu, AREA + i % PAGES * PAGE), 0);
	}
	munmap(mem, SIZE);
}

TEST_HARNESS_MAIN
