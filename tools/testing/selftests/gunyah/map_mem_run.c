// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory files and guests that run: who has a page, and how it comes back.  The
 * guest's RAM is ordinary memory; behind it lies an area from a file.
 */
#include "harness.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "gmem.h"

#define PAGE	4096UL
#define PAGES	16
#define SIZE	(PAGES * PAGE)
#define AREA	(GUEST_RAM_BASE + GUEST_MIN_RAM)
#define SEED	0x5eed000000000000UL

#define RWX	GUNYAH_MAP_MEM_ALLOW_RWX
#define LEND	(GUNYAH_MAP_MEM_FORCE_LEND | RWX)
#define SHARE	(GUNYAH_MAP_MEM_FORCE_SHARE | RWX)

#define ABORT_EC(esr)	((esr) >> 26)
#define EC_DATA_ABORT	0x25

static uint64_t guest_read(struct gt_vcpu *vcpu, uint64_t gpa)
{
	return gt_command_result(vcpu, CMD_READ, gpa, 8, 0, 0);
}

static void guest_write(struct gt_vcpu *vcpu, uint64_t gpa, uint64_t val)
{
	gt_assert_eq(gt_command_result(vcpu, CMD_WRITE, gpa, 8, val, 0), 0);
}

/* The first word of each page */
static void guest_fill(struct gt_vcpu *vcpu, uint64_t gpa, unsigned int pages)
{
	gt_assert_eq(gt_command_result(vcpu, CMD_FILL, gpa, PAGE, pages, SEED), 0);
}

static uint64_t guest_check(struct gt_vcpu *vcpu, uint64_t gpa, unsigned int pages)
{
	return gt_command_result(vcpu, CMD_CHECK, gpa, PAGE, pages, SEED);
}

static void guest_end(struct gt_vcpu *vcpu)
{
	gt_command(vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(vcpu);
}

/* ---- a guest that has nothing but a file ---- */

FIXTURE(boot) {
	struct gt_resources before;
	struct gt_files files;
	struct gt_vm vm;
	int fd;
};

FIXTURE_VARIANT(boot) {
	uint64_t flags;
	uint64_t offset;	/* of RAM in the file */
	uint32_t way;
};

FIXTURE_VARIANT_ADD(boot, small) { .way = LEND };
FIXTURE_VARIANT_ADD(boot, by_default) { .way = RWX, .offset = 3 * PAGE };
FIXTURE_VARIANT_ADD(boot, huge) {
	.flags = GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE, .way = LEND, .offset = GT_HUGE,
};

FIXTURE_SETUP(boot)
{
	gt_resources(&self->before);
	gt_files(&self->files);
	gt_catch_sigbus();
	gt_vm_init(&self->vm, GUEST_ram);
	self->vm.ram_size = 2 * GUEST_MIN_RAM;
	self->vm.arg[0] = 4096;
	self->fd = gt_create_mem(variant->offset + self->vm.ram_size, variant->flags);
	gt_vm_create(&self->vm);
	gt_vm_add_ram_file_at(&self->vm, self->fd, variant->offset, variant->way);
	gt_vm_configure(&self->vm);
}

FIXTURE_TEARDOWN(boot)
{
	gt_vm_close(&self->vm);
	if (self->fd >= 0)
		close(self->fd);
	gt_expect_resources(&self->before);
	gt_expect_files(&self->files);
}

TEST_F(boot, runs)
{
	gt_vm_start(&self->vm);
	EXPECT_GT(gt_expect_any_sync(&self->vm.vcpu[0]), 800);
	gt_expect_off(&self->vm.vcpu[0]);
}

/* The guest has the pages, so nobody needs the descriptor */
TEST_F(boot, runs_without_descriptor)
{
	close(self->fd);
	self->fd = -1;
	gt_vm_start(&self->vm);
	EXPECT_GT(gt_expect_any_sync(&self->vm.vcpu[0]), 800);
	gt_expect_off(&self->vm.vcpu[0]);
}

/* All of RAM has been used: the host sees none of it, and all of it after the VM */
TEST_F(boot, host_access)
{
	char *mem = gt_mmap(self->fd, variant->offset, self->vm.ram_size);
	const uint64_t places[] = { 0, GUEST_DTB_OFFSET, self->vm.ram_size - PAGE };
	unsigned int i;

	gt_vm_start(&self->vm);
	gt_expect_any_sync(&self->vm.vcpu[0]);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_TRUE(gt_read_faults(mem + places[i]));
		EXPECT_TRUE(gt_write_faults(mem + places[i]));
	}
	EXPECT_EQ(__gt_punch(self->fd, variant->offset, self->vm.ram_size), -EBUSY);
	EXPECT_EQ(gt_errno(ftruncate(self->fd, 0)), -EBUSY);
	gt_expect_off(&self->vm.vcpu[0]);
	gt_vm_close(&self->vm);
	for (i = 0; i < ARRAY_SIZE(places); i++)
		EXPECT_FALSE(gt_write_faults(mem + places[i]));
	EXPECT_EQ(__gt_punch(self->fd, variant->offset, self->vm.ram_size), 0);
	EXPECT_EQ(mem[GUEST_DTB_OFFSET], 0);
	munmap(mem, self->vm.ram_size);
}

/* The tree is where the host has it mapped: EPERM (ABI tables, uapi 3.2) */
TEST_F(boot, tree_is_mapped)
{
	char *mem = gt_mmap(self->fd, variant->offset + GUEST_DTB_OFFSET, PAGE);

	EXPECT_FALSE(gt_read_faults(mem));
	EXPECT_EQ(__gt_start(self->vm.fd), -EPERM);
	EXPECT_FALSE(gt_write_faults(mem));
	munmap(mem, PAGE);
}

TEST_F(boot, tree_is_behind_the_end)
{
	ASSERT_EQ(ftruncate(self->fd, 0), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), -EFAULT);
}

/* What the RM has from the start on stays there; other memory may come only if it pages */
TEST_F(boot, settings_after_start)
{
	int other = gt_create_mem(SIZE, 0);
	uint64_t gpa = GUEST_RAM_BASE + self->vm.ram_size;

	gt_vm_start(&self->vm);
	EXPECT_EQ(__gt_unbind(self->vm.fd, GUEST_RAM_BASE, variant->way, self->fd,
			      variant->offset, self->vm.ram_size), -EBUSY);
	EXPECT_EQ(__gt_bind(self->vm.fd, gpa, LEND, other, 0, SIZE),
		  gt_open_profile() ? -EOPNOTSUPP : 0);
	gt_expect_any_sync(&self->vm.vcpu[0]);
	gt_expect_off(&self->vm.vcpu[0]);
	close(other);
}

/* Killed in the middle of it */
TEST_F(boot, killed)
{
	pid_t pid = fork();

	ASSERT_GE(pid, 0);
	if (!pid) {
		gt_vm_start(&self->vm);
		gt_expect_any_sync(&self->vm.vcpu[0]);
		kill(getpid(), SIGKILL);
	}
	gt_vm_close(&self->vm);
	gt_wait_killed(pid, SIGKILL);
}

/* An image has to be executable (ABI tables, uapi 3.4, 5.3) */
TEST(image_not_executable)
{
	const uint32_t way = LEND & ~GUNYAH_MAP_MEM_ALLOW_EXEC;
	struct gt_resources before;
	struct gt_vm vm;
	int fd;

	gt_resources(&before);
	gt_vm_init(&vm, GUEST_hello);
	fd = gt_create_mem(vm.ram_size, 0);
	gt_vm_create(&vm);
	gt_vm_add_ram_file(&vm, fd, way);
	gt_vm_configure(&vm);
	EXPECT_LT(__gt_start(vm.fd), 0);
	gt_vm_close(&vm);
	close(fd);
	gt_expect_resources(&before);
}

/* ---- an area of a file, paged on demand ---- */

FIXTURE(area) {
	struct gt_resources before;
	struct gt_files files;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int fd;
	char *mem;		/* page by page, or not at all: unmapped by default */
};

FIXTURE_SETUP(area)
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

FIXTURE_TEARDOWN(area)
{
	if (gt_open_profile())
		return;
	if (self->mem)
		munmap(self->mem, SIZE);
	gt_vm_close(&self->vm);
	close(self->fd);
	gt_expect_resources(&self->before);
	gt_expect_files(&self->files);
}

static void start(struct gt_vm *vm, int fd, uint32_t flags)
{
	gt_bind(vm->fd, AREA, flags, fd, 0, SIZE);
	gt_vm_start(vm);
}

static bool refused(int err)
{
	return err == -EBUSY || err == -EACCES;
}

TEST_F(area, lent)
{
	start(&self->vm, self->fd, LEND);
	self->mem = gt_mmap(self->fd, 0, SIZE);
	guest_fill(self->vcpu, AREA, 4);
	EXPECT_TRUE(gt_read_faults(self->mem));
	EXPECT_TRUE(gt_write_faults(self->mem + 3 * PAGE));
	EXPECT_TRUE(refused(__gt_reclaim(self->vm.fd, AREA, SIZE)));
	EXPECT_EQ(__gt_punch(self->fd, 0, SIZE), -EBUSY);
	EXPECT_EQ(__gt_punch(self->fd, 3 * PAGE, PAGE), -EBUSY);
	EXPECT_EQ(gt_errno(ftruncate(self->fd, 3 * PAGE)), -EBUSY);
	EXPECT_TRUE(refused(__gt_unbind(self->vm.fd, AREA, LEND, self->fd, 0, SIZE)));
	/* The kernel on our behalf gets no further */
	EXPECT_EQ(gt_errno(open(self->mem, O_RDONLY)), -EFAULT);
	/* All of it left no trace */
	EXPECT_EQ(guest_check(self->vcpu, AREA, 4), 0);
	guest_end(self->vcpu);
}

/* Nor do debuggers and other processes */
TEST_F(area, lent_by_other_ways)
{
	char buf[16];
	struct iovec local = { buf, sizeof(buf) }, remote;
	int fd;

	start(&self->vm, self->fd, LEND);
	self->mem = gt_mmap(self->fd, 0, SIZE);
	remote = (struct iovec){ self->mem, sizeof(buf) };
	guest_fill(self->vcpu, AREA, 4);
	EXPECT_EQ(gt_errno(process_vm_readv(getpid(), &local, 1, &remote, 1, 0)), -EFAULT);
	EXPECT_EQ(gt_errno(process_vm_writev(getpid(), &local, 1, &remote, 1, 0)), -EFAULT);
	fd = open("/proc/self/mem", O_RDWR);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(gt_errno(pread(fd, buf, sizeof(buf), (off_t)self->mem)), -EIO);
	EXPECT_EQ(gt_errno(pwrite(fd, buf, sizeof(buf), (off_t)self->mem)), -EIO);
	close(fd);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 4), 0);
}

/* One page back is one page: not the one behind it, nor all that follow */
TEST_F(area, given_up)
{
	uint64_t gpa = AREA + 3 * PAGE;

	start(&self->vm, self->fd, LEND);
	self->mem = gt_mmap(self->fd, 0, SIZE);
	guest_fill(self->vcpu, AREA, PAGES);
	EXPECT_EQ(gt_relinquish(self->vcpu, gpa, PAGE), 0);
	EXPECT_EQ(__gt_reclaim(self->vm.fd, gpa, PAGE), 0);
	/* What the guest has written is not for the host */
	EXPECT_EQ(*(uint64_t *)(self->mem + 3 * PAGE), 0);
	EXPECT_TRUE(gt_read_faults(self->mem + 2 * PAGE));
	EXPECT_TRUE(gt_read_faults(self->mem + 4 * PAGE));
	EXPECT_EQ(guest_check(self->vcpu, AREA, 3), 0);
	/* Again, now that there is nothing */
	EXPECT_EQ(__gt_reclaim(self->vm.fd, gpa, PAGE), 0);
	EXPECT_TRUE(refused(__gt_reclaim(self->vm.fd, AREA, SIZE)));
}

/* The host's access takes it back, without being asked to */
TEST_F(area, given_up_and_touched)
{
	start(&self->vm, self->fd, LEND);
	self->mem = gt_mmap(self->fd, 0, SIZE);
	guest_fill(self->vcpu, AREA, PAGES);
	EXPECT_EQ(gt_relinquish(self->vcpu, AREA + 5 * PAGE, 2 * PAGE), 0);
	EXPECT_FALSE(gt_write_faults(self->mem + 6 * PAGE));
	EXPECT_TRUE(gt_read_faults(self->mem + 7 * PAGE));
	EXPECT_FALSE(gt_read_faults(self->mem + 5 * PAGE));
	EXPECT_EQ(guest_check(self->vcpu, AREA, 5), 0);
}

/* A balloon: the guest touches what it has given up */
TEST_F(area, and_wanted_again)
{
	uint64_t gpa = AREA + 3 * PAGE;

	start(&self->vm, self->fd, LEND);
	guest_fill(self->vcpu, AREA, PAGES);
	EXPECT_EQ(gt_relinquish(self->vcpu, gpa, PAGE), 0);
	EXPECT_EQ(__gt_reclaim(self->vm.fd, gpa, PAGE), 0);
	EXPECT_EQ(guest_read(self->vcpu, gpa), 0);
	guest_write(self->vcpu, gpa, 0x1234);
	/* Also if nobody took it in between */
	EXPECT_EQ(gt_relinquish(self->vcpu, gpa, PAGE), 0);
	guest_write(self->vcpu, gpa, 0x5678);
	EXPECT_EQ(guest_read(self->vcpu, gpa), 0x5678);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 3), 0);
}

/* Holes where the guest has given up, and nowhere else */
TEST_F(area, given_up_and_punched)
{
	start(&self->vm, self->fd, LEND);
	guest_fill(self->vcpu, AREA, PAGES);
	EXPECT_EQ(gt_relinquish(self->vcpu, AREA + 9 * PAGE, 2 * PAGE), 0);
	EXPECT_EQ(__gt_punch(self->fd, 8 * PAGE, 2 * PAGE), -EBUSY);
	EXPECT_EQ(gt_file_kib(self->fd), SIZE / 1024);
	EXPECT_EQ(__gt_punch(self->fd, 9 * PAGE, 2 * PAGE), 0);
	EXPECT_EQ(gt_file_kib(self->fd), SIZE / 1024 - 8);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 9), 0);
	EXPECT_EQ(guest_read(self->vcpu, AREA + 9 * PAGE), 0);
	EXPECT_EQ(guest_read(self->vcpu, AREA + 11 * PAGE), SEED + 11);
}

TEST_F(area, shared)
{
	uint64_t *word;
	unsigned int i;

	start(&self->vm, self->fd, SHARE);
	self->mem = gt_mmap(self->fd, 0, SIZE);
	for (i = 0; i < PAGES; i++)
		*(uint64_t *)(self->mem + i * PAGE) = SEED + i;
	EXPECT_EQ(guest_check(self->vcpu, AREA, PAGES), 0);
	word = (uint64_t *)(self->mem + 5 * PAGE + 8);
	guest_write(self->vcpu, AREA + 5 * PAGE + 8, 0x42);
	EXPECT_EQ(*word, 0x42);
	*word = 0x43;
	EXPECT_EQ(guest_read(self->vcpu, AREA + 5 * PAGE + 8), 0x43);
	/* The guest has to give up nothing */
	EXPECT_EQ(__gt_reclaim(self->vm.fd, AREA, SIZE), 0);
	EXPECT_EQ(guest_read(self->vcpu, AREA + 5 * PAGE + 8), 0x43);
}

/* The tree is the only part of the image that a parcel has to hold */
TEST_F(area, shared_tree)
{
	self->mem = gt_mmap(self->fd, 0, SIZE);
	gt_write_dtb(self->mem, SIZE, &self->vm.dtb);
	gt_bind(self->vm.fd, AREA, SHARE, self->fd, 0, SIZE);
	ASSERT_EQ(__gt_set_dtb(self->vm.fd, AREA, SIZE), 0);
	ASSERT_EQ(__gt_boot_context(self->vm.fd, 0x100, GUEST_RAM_BASE), 0);
	gt_vm_start(&self->vm);
	/* The host still has it: a device tree */
	EXPECT_EQ(*(uint32_t *)self->mem, 0xedfe0dd0);
	EXPECT_EQ(guest_read(self->vcpu, AREA) & 0xffffffff, 0xedfe0dd0);
	EXPECT_EQ(__gt_punch(self->fd, 0, PAGE), -EBUSY);
	guest_end(self->vcpu);
}

/* Exactly those pages, for both sides, while both use them */
TEST_F(area, shared_and_punched)
{
	unsigned int i;

	start(&self->vm, self->fd, SHARE);
	self->mem = gt_mmap(self->fd, 0, SIZE);
	guest_fill(self->vcpu, AREA, PAGES);
	EXPECT_EQ(__gt_punch(self->fd, 6 * PAGE, 3 * PAGE), 0);
	EXPECT_EQ(gt_file_kib(self->fd), SIZE / 1024 - 12);
	for (i = 0; i < PAGES; i++) {
		uint64_t wanted = i - 6 < 3 ? 0 : SEED + i;

		EXPECT_EQ(guest_read(self->vcpu, AREA + i * PAGE), wanted);
		EXPECT_EQ(*(uint64_t *)(self->mem + i * PAGE), wanted);
	}
	/* They see the same new page */
	guest_write(self->vcpu, AREA + 7 * PAGE, 0x77);
	EXPECT_EQ(*(uint64_t *)(self->mem + 7 * PAGE), 0x77);
}

TEST_F(area, shared_and_cut_off)
{
	start(&self->vm, self->fd, SHARE);
	guest_fill(self->vcpu, AREA, PAGES);
	ASSERT_EQ(ftruncate(self->fd, 4 * PAGE), 0);
	EXPECT_EQ(guest_check(self->vcpu, AREA, 4), 0);
	gt_command(self->vcpu, CMD_READ, AREA + 4 * PAGE, 8, 0, 0);
	EXPECT_EQ(gt_expect_page_fault(self->vcpu, AREA + 4 * PAGE), -EFAULT);
	ASSERT_EQ(ftruncate(self->fd, SIZE), 0);
	self->vcpu->run->page_fault.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	EXPECT_EQ(gt_expect_any_sync(self->vcpu), 0);
}

/* ---- pages that cannot be provided ---- */

FIXTURE(refuse) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int fd;
};

FIXTURE_SETUP(refuse)
{
	if (gt_open_profile())
		SKIP(return, "no demand paging");
	gt_catch_sigbus();
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	self->fd = gt_create_mem(SIZE, 0);
	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
}

FIXTURE_TEARDOWN(refuse)
{
	if (gt_open_profile())
		return;
	gt_vm_close(&self->vm);
	close(self->fd);
}

TEST_F(refuse, what_the_host_has_mapped)
{
	char *mem = gt_mmap(self->fd, 2 * PAGE, PAGE);

	start(&self->vm, self->fd, LEND);
	EXPECT_FALSE(gt_read_faults(mem));
	gt_command(self->vcpu, CMD_READ, AREA + 2 * PAGE, 8, 0, 0);
	EXPECT_EQ(gt_expect_page_fault(self->vcpu, AREA + 2 * PAGE), -EPERM);
	/* Again and again, until it is not */
	self->vcpu->run->page_fault.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	EXPECT_EQ(gt_expect_page_fault(self->vcpu, AREA + 2 * PAGE), -EPERM);
	mem[0] = 0x21;
	munmap(mem, PAGE);
	self->vcpu->run->page_fault.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	EXPECT_EQ(gt_expect_any_sync(self->vcpu), 0x21);
}

/* Its neighbours, which go with others, do not go either */
TEST_F(refuse, only_what_is_mapped)
{
	char *mem;

	ASSERT_EQ(__gt_allocate(self->fd, 0, SIZE), 0);
	mem = gt_mmap(self->fd, 5 * PAGE, PAGE);
	start(&self->vm, self->fd, LEND);
	mem[0] = 0x55;
	guest_fill(self->vcpu, AREA, 5);
	EXPECT_EQ(mem[0], 0x55);
	gt_command(self->vcpu, CMD_TRY_READ, AREA + 5 * PAGE, 8, 0, 0);
	EXPECT_EQ(gt_expect_page_fault(self->vcpu, AREA + 5 * PAGE), -EPERM);
	/* As it was set: the guest takes an abort */
	EXPECT_EQ(ABORT_EC(gt_expect_any_sync(self->vcpu)), EC_DATA_ABORT);
	EXPECT_EQ(mem[0], 0x55);
	munmap(mem, PAGE);
}

/* Not mapped any more, but a pipe will read it */
TEST_F(refuse, what_a_pipe_holds)
{
	char *mem = gt_mmap(self->fd, 0, PAGE), buf[8] = "";
	struct iovec iov = { mem, 8 };
	int fd[2];

	start(&self->vm, self->fd, LEND);
	ASSERT_EQ(pipe(fd), 0);
	memcpy(mem, "in pipe", 8);
	ASSERT_EQ(vmsplice(fd[1], &iov, 1, 0), 8);
	munmap(mem, PAGE);
	gt_command(self->vcpu, CMD_READ, AREA, 8, 0, 0);
	EXPECT_EQ(gt_expect_page_fault(self->vcpu, AREA), -EBUSY);
	ASSERT_EQ(read(fd[0], buf, 8), 8);
	EXPECT_STREQ(buf, "in pipe");
	close(fd[0]);
	close(fd[1]);
	self->vcpu->run->page_fault.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	EXPECT_EQ(gt_expect_any_sync(self->vcpu), 0x65706970206e69UL);
}

/* A page that was locked and unlocked again lingers in a CPU's list for a while */
TEST_F(refuse, not_what_was_locked)
{
	char *mem = gt_mmap(self->fd, 0, SIZE);

	start(&self->vm, self->fd, LEND);
	ASSERT_EQ(mlock(mem, SIZE), 0);
	mem[PAGE] = 0x31;
	ASSERT_EQ(munlock(mem, SIZE), 0);
	munmap(mem, SIZE);
	EXPECT_EQ(guest_read(self->vcpu, AREA + PAGE), 0x31);
}

static void refuse_write(struct gt_vcpu *vcpu, uint64_t gpa)
{
	gt_command(vcpu, CMD_TRY_WRITE, gpa, 8, 1, 0);
	gt_assert_eq(gt_expect_page_fault(vcpu, gpa), -EPERM);
	gt_assert_eq(ABORT_EC(gt_expect_any_sync(vcpu)), EC_DATA_ABORT);
}

/* Whether the page is there already or not */
TEST_F(refuse, writes_to_what_is_read_only)
{
	int other = gt_create_mem(SIZE, 0);

	gt_bind(self->vm.fd, AREA + SIZE, SHARE & ~GUNYAH_MAP_MEM_ALLOW_WRITE, other, 0, SIZE);
	start(&self->vm, self->fd, LEND & ~GUNYAH_MAP_MEM_ALLOW_WRITE);
	refuse_write(self->vcpu, AREA);
	EXPECT_EQ(guest_read(self->vcpu, AREA + SIZE), 0);
	refuse_write(self->vcpu, AREA + SIZE);
	EXPECT_EQ(guest_read(self->vcpu, AREA + SIZE), 0);
	close(other);
}

TEST_F(refuse, what_is_behind_the_end)
{
	ASSERT_EQ(ftruncate(self->fd, PAGE), 0);
	start(&self->vm, self->fd, LEND);
	EXPECT_EQ(guest_read(self->vcpu, AREA), 0);
	gt_command(self->vcpu, CMD_READ, AREA + PAGE, 8, 0, 0);
	EXPECT_EQ(gt_expect_page_fault(self->vcpu, AREA + PAGE), -EFAULT);
}

TEST_HARNESS_MAIN
