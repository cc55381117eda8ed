// SPDX-License-Identifier: GPL-2.0-only
/*
 * CMA memory: the device, its one file, and what becomes of it without a guest.
 */
#include "harness.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cma.h"

#define DRIVER		"/sys/bus/platform/drivers/gunyah-cma/"
#define GPA		0x80000000UL

/* ---- device and file ---- */

FIXTURE(file) {
	int dev;
	int fd;
};

FIXTURE_SETUP(file)
{
	self->dev = self->fd = -1;
	if (!cma_present())
		SKIP(return, "this machine has no CMA memory for guests");
	gt_catch_sigbus();
	self->dev = cma_open();
	self->fd = cma_create(self->dev);
}

FIXTURE_TEARDOWN(file)
{
	if (self->fd >= 0)
		close(self->fd);
	if (self->dev >= 0)
		close(self->dev);
}

static void reopen(FIXTURE_DATA(file) *self)
{
	close(self->fd);
	self->fd = cma_create(self->dev);
}

TEST_F(file, what_it_is)
{
	struct stat st;
	char byte = 1;

	ASSERT_EQ(fstat(self->fd, &st), 0);
	EXPECT_TRUE(S_ISREG(st.st_mode));
	EXPECT_EQ(st.st_size, CMA_SIZE);
	EXPECT_EQ(fcntl(self->fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(lseek(self->fd, 0, SEEK_END), CMA_SIZE);
	EXPECT_EQ(gt_errno(read(self->fd, &byte, 1)), 0);
	EXPECT_EQ(lseek(self->fd, 5, SEEK_SET), 5);
	EXPECT_EQ(gt_errno(read(self->fd, &byte, 1)), 1);
	EXPECT_EQ(byte, 0);
	EXPECT_EQ(lseek(self->fd, 0, SEEK_CUR), 6);
	EXPECT_EQ(gt_errno(lseek(self->fd, -1, SEEK_SET)), -EINVAL);
	EXPECT_EQ(gt_errno(write(self->fd, &byte, 1)), -EINVAL);
	EXPECT_EQ(gt_errno(ftruncate(self->fd, PAGE)), -EINVAL);
	EXPECT_EQ(gt_errno(fallocate(self->fd, FALLOC_FL_KEEP_SIZE, 0, PAGE)), -EOPNOTSUPP);
	ASSERT_EQ(fstat(self->fd, &st), 0);
	EXPECT_EQ(st.st_size, CMA_SIZE);
}

TEST_F(file, other_ioctls)
{
	struct gunyah_map_cma_mem_args args = cma_map_args(self->fd, GPA, LEND, 0, PAGE);
	int vm = gt_create_vm(), dev = gt_open();

	EXPECT_EQ(gt_errno(ioctl(self->dev, GUNYAH_CREATE_VM, 0)), -ENOTTY);
	EXPECT_EQ(gt_errno(ioctl(self->dev, GUNYAH_VM_ANDROID_MAP_CMA_MEM, &args)), -ENOTTY);
	EXPECT_EQ(gt_errno(ioctl(self->fd, GUNYAH_ANDROID_CREATE_CMA_MEM_FD, 0)), -ENOTTY);
	EXPECT_EQ(gt_errno(ioctl(dev, GUNYAH_ANDROID_CREATE_CMA_MEM_FD, 0)), -ENOTTY);
	EXPECT_EQ(gt_errno(ioctl(vm, GUNYAH_ANDROID_CREATE_CMA_MEM_FD, 0)), -ENOTTY);
	EXPECT_EQ(gt_errno(ioctl(dev, GUNYAH_QUERY, GUNYAH_CAP_CMA)), 1);
	close(dev);
	close(vm);
}

/* One at a time, whoever asks */
TEST_F(file, busy)
{
	int other = cma_open(), copy = dup(self->fd);
	char *mem = gt_mmap(self->fd, 0, PAGE);

	EXPECT_EQ(__cma_create(self->dev), -EBUSY);
	EXPECT_EQ(__cma_create(other), -EBUSY);
	close(self->fd);
	EXPECT_EQ(__cma_create(other), -EBUSY);
	close(copy);
	EXPECT_EQ(__cma_create(other), -EBUSY);
	munmap(mem, PAGE);
	self->fd = __cma_create(other);
	EXPECT_GE(self->fd, 0);
	close(other);
}

/* Without room for a descriptor there is no file either */
TEST_F(file, no_descriptor)
{
	struct rlimit limit, none = { 0 };

	close(self->fd);
	ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none.rlim_max = limit.rlim_max;
	ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
	EXPECT_EQ(__cma_create(self->dev), -EMFILE);
	ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	self->fd = __cma_create(self->dev);
	EXPECT_GE(self->fd, 0);
}

TEST_F(file, mmap_rules)
{
	char *mem;

	EXPECT_EQ(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, self->fd, 0), MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
	mem = gt_mmap(self->fd, CMA_SIZE - PAGE, 2 * PAGE);
	EXPECT_FALSE(gt_write_faults(mem));
	EXPECT_FALSE(gt_read_faults(mem + PAGE - 1));
	EXPECT_TRUE(gt_read_faults(mem + PAGE));
	EXPECT_TRUE(gt_write_faults(mem + PAGE));
	munmap(mem, 2 * PAGE);
}

/* Zero for each who gets it, whatever the one before left there */
TEST_F(file, zeroed)
{
	unsigned int round;
	char *mem;

	for (round = 0; round < 2; round++) {
		mem = gt_mmap(self->fd, 0, CMA_SIZE);
		EXPECT_TRUE(cma_is_zero(mem, CMA_SIZE))
			TH_LOG("round %u", round);
		memset(mem, 0xa5, CMA_SIZE);
		munmap(mem, CMA_SIZE);
		reopen(self);
	}
}

TEST_F(file, contiguous)
{
	int iso = __iso_open("gunyah_iso_test");
	char *mem = gt_mmap(self->fd, 0, CMA_SIZE);
	uint64_t off, first;

	if (iso < 0)
		SKIP(return, "no gunyah_iso_test for this kernel");
	memset(mem, 1, CMA_SIZE);
	first = cma_phys(iso, mem);
	for (off = 0; off < CMA_SIZE; off += PAGE)
		gt_assert_eq(cma_phys(iso, mem + off), first + off);
	munmap(mem, CMA_SIZE);
	close(iso);
}

/* read() sees what mappings wrote, at any offset, and ends where the memory does */
TEST_F(file, read_contents)
{
	char *mem = gt_mmap(self->fd, 0, CMA_SIZE), buf[3 * PAGE];

	memcpy(mem + 2 * PAGE - 3, "crosses", 8);
	EXPECT_EQ(__cma_read_at(self->fd, buf, 8, 2 * PAGE - 3), 8);
	EXPECT_STREQ(buf, "crosses");
	memset(mem + CMA_SIZE - PAGE, 'x', PAGE);
	EXPECT_EQ(__cma_read_at(self->fd, buf, sizeof(buf), CMA_SIZE - PAGE - 10), PAGE + 10);
	EXPECT_EQ(buf[9], 0);
	EXPECT_EQ(buf[10], 'x');
	EXPECT_EQ(buf[PAGE + 9], 'x');
	EXPECT_EQ(__cma_read_at(self->fd, buf, 1, CMA_SIZE), 0);
	munmap(mem, CMA_SIZE);
	EXPECT_EQ(__cma_read_at(self->fd, mem, 8, 0), -EFAULT);
}

/* To where the file itself is mapped, not yet touched: no lock may be in the way */
TEST_F(file, read_into_itself)
{
	char *mem = gt_mmap(self->fd, 0, CMA_SIZE);

	memcpy(mem, "here", 5);
	EXPECT_EQ(__cma_read_at(self->fd, mem + 8 * PAGE - 2, PAGE, 0), PAGE);
	EXPECT_STREQ(mem + 8 * PAGE - 2, "here");
	munmap(mem, CMA_SIZE);
}

/* Nothing can hold a page, so nothing has it when a guest gets it */
TEST_F(file, no_pins)
{
	char *mem = gt_mmap(self->fd, 0, PAGE), *buf = gt_alloc(PAGE);
	struct iovec here = { buf, 8 }, there = { mem, 8 };
	int vm = gt_create_vm(), pipe_fd[2];

	mem[0] = 1;
	ASSERT_EQ(pipe(pipe_fd), 0);
	EXPECT_EQ(gt_errno(process_vm_readv(getpid(), &here, 1, &there, 1, 0)), -EFAULT);
	EXPECT_EQ(gt_errno(vmsplice(pipe_fd[1], &there, 1, 0)), -EFAULT);
	EXPECT_EQ(__gt_add_memory(vm, GT_SHARE, GPA, mem, PAGE), -EFAULT);
	EXPECT_EQ(__gt_add_memory(vm, GT_LEND, GPA, mem, PAGE), -EFAULT);
	/* Copies are no pins */
	EXPECT_EQ(gt_errno(write(pipe_fd[1], mem, 8)), 8);
	EXPECT_EQ(gt_errno(read(pipe_fd[0], mem, 8)), 8);
	close(vm);
	munmap(mem, PAGE);
}

/* ---- MAP_CMA_MEM ---- */

struct map_case {
	const char *name;
	uint32_t flags;
	uint64_t gpa, offset, size;
	int error;
};

static const struct map_case map_cases[] = {
	{ "no access", GUNYAH_CMA_MEM_LEND, GPA, 0, PAGE, -EINVAL },
	{ "no flags", 0, GPA, 0, PAGE, -EINVAL },
	{ "both ways", 0x37, GPA, 0, PAGE, -EINVAL },
	{ "unknown flag", 0x8 | LEND, GPA, 0, PAGE, -EINVAL },
	{ "flag of the next way", 0x40 | RWX, GPA, 0, PAGE, -EINVAL },
	{ "UNMAP", 0x100 | LEND, GPA, 0, PAGE, -EINVAL },
	{ "highest flag", 0x80000000 | LEND, GPA, 0, PAGE, -EINVAL },
	{ "flags as MAP_MEM has them", 0x71, GPA, 0, PAGE, -EINVAL },
	{ "gpa unaligned", LEND, GPA + 8, 0, PAGE, -EINVAL },
	{ "offset unaligned", LEND, GPA, 2048, PAGE, -EINVAL },
	{ "size unaligned", LEND, GPA, 0, PAGE + 1, -EINVAL },
	{ "size 0", LEND, GPA, 0, 0, -EINVAL },
	{ "gpa wraps", LEND, -PAGE, 0, 2 * PAGE, -EOVERFLOW },
	{ "offset wraps", LEND, GPA, -PAGE, 2 * PAGE, -EOVERFLOW },
	{ "offset is the end", LEND, GPA, CMA_SIZE, PAGE, -EOVERFLOW },
	{ "a page too many", LEND, GPA, PAGE, CMA_SIZE, -EOVERFLOW },
	{ "far too large", SHARE, GPA, 0, 1UL << 40, -EOVERFLOW },
};

static const struct map_case good_maps[] = {
	{ "lend", LEND, GPA, 0, PAGE },
	{ "by default", RWX, GPA, 0, PAGE },
	{ "share", SHARE, GPA, PAGE, 2 * PAGE },
	{ "read only", GUNYAH_MEM_ALLOW_READ, GPA, 0, PAGE },
	{ "write only", GUNYAH_MEM_ALLOW_WRITE | GUNYAH_CMA_MEM_SHARE, GPA, 0, PAGE },
	{ "all of it", LEND, GPA, 0, CMA_SIZE },
	{ "the last page", LEND, GPA, CMA_SIZE - PAGE, PAGE },
	{ "the last guest page", LEND, -PAGE, 0, PAGE },
};

TEST_F(file, map_errors)
{
	struct gunyah_map_cma_mem_args args;
	const struct map_case *c;
	int vm = gt_create_vm();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(map_cases); i++) {
		c = &map_cases[i];
		args = cma_map_args(self->fd, c->gpa, c->flags, c->offset, c->size);
		EXPECT_EQ(__cma_map_with(vm, &args), c->error)
			TH_LOG("%s", c->name);
	}
	EXPECT_EQ(__cma_map_with(vm, NULL), -EFAULT);
	/* None of them took anything */
	EXPECT_EQ(__cma_map(vm, self->fd, GPA, LEND, 0, CMA_SIZE), 0);
	close(vm);
}

TEST_F(file, map_what_is_allowed)
{
	const struct map_case *c;
	unsigned int i;
	int vm;

	for (i = 0; i < ARRAY_SIZE(good_maps); i++) {
		c = &good_maps[i];
		vm = gt_create_vm();
		EXPECT_EQ(__cma_map(vm, self->fd, c->gpa, c->flags, c->offset, c->size), 0)
			TH_LOG("%s", c->name);
		close(vm);
	}
}

TEST_F(file, map_descriptors)
{
	int gmem = gt_create_mem(CMA_SIZE, 0), memfd = memfd_create("memory", 0);
	int vm = gt_create_vm(), none = dup(vm);

	ASSERT_EQ(ftruncate(memfd, CMA_SIZE), 0);
	close(none);
	EXPECT_EQ(__cma_map(vm, none, GPA, LEND, 0, PAGE), -EBADF);
	EXPECT_EQ(__cma_map(vm, -1, GPA, LEND, 0, PAGE), -EBADF);
	EXPECT_EQ(__cma_map(vm, self->dev, GPA, LEND, 0, PAGE), -EINVAL);
	EXPECT_EQ(__cma_map(vm, gmem, GPA, LEND, 0, PAGE), -EINVAL);
	EXPECT_EQ(__cma_map(vm, memfd, GPA, LEND, 0, PAGE), -EINVAL);
	EXPECT_EQ(__cma_map(vm, vm, GPA, LEND, 0, PAGE), -EINVAL);
	/* Nor is this file one of another kind */
	EXPECT_EQ(__gt_bind(vm, GPA, GUNYAH_MAP_MEM_ALLOW_RWX, self->fd, 0, PAGE), -EINVAL);
	EXPECT_EQ(__gt_unbind(vm, GPA, GUNYAH_MAP_MEM_ALLOW_RWX, self->fd, 0, PAGE), -EINVAL);
	close(memfd);
	close(gmem);
	close(vm);
}

TEST_F(file, map_taken)
{
	int vm = gt_create_vm(), other = gt_create_vm();
	char *mem = gt_alloc(PAGE);

	cma_map(vm, self->fd, GPA + 4 * PAGE, LEND, 8 * PAGE, 4 * PAGE);
	/* Guest addresses */
	EXPECT_EQ(__cma_map(vm, self->fd, GPA + 4 * PAGE, LEND, 0, PAGE), -EEXIST);
	EXPECT_EQ(__cma_map(vm, self->fd, GPA + 3 * PAGE, SHARE, 0, 2 * PAGE), -EEXIST);
	EXPECT_EQ(__cma_map(vm, self->fd, GPA + 7 * PAGE, LEND, 0, 2 * PAGE), -EEXIST);
	EXPECT_EQ(__gt_add_memory(vm, GT_SHARE, GPA + 5 * PAGE, mem, PAGE), -EEXIST);
	/* Memory, of this VM and of another one */
	EXPECT_EQ(__cma_map(vm, self->fd, GPA + 64 * PAGE, LEND, 8 * PAGE, PAGE), -EEXIST);
	EXPECT_EQ(__cma_map(vm, self->fd, GPA + 64 * PAGE, SHARE, 11 * PAGE, PAGE), -EEXIST);
	EXPECT_EQ(__cma_map(other, self->fd, GPA, SHARE, 0, CMA_SIZE), -EEXIST);
	EXPECT_EQ(__cma_map(other, self->fd, GPA, LEND, 7 * PAGE, 2 * PAGE), -EEXIST);
	/* Neighbours are free, and what was refused took nothing */
	EXPECT_EQ(__cma_map(other, self->fd, GPA, LEND, 0, 8 * PAGE), 0);
	EXPECT_EQ(__cma_map(vm, self->fd, GPA + 64 * PAGE, SHARE, 12 * PAGE, 4 * PAGE), 0);
	close(vm);
	EXPECT_EQ(__cma_map(other, self->fd, GPA + 64 * PAGE, LEND, 8 * PAGE, 8 * PAGE), 0);
	close(other);
}

TEST_F(file, other_process)
{
	int vm = gt_create_vm();
	pid_t child = fork();

	ASSERT_GE(child, 0);
	if (!child)
		_exit(__cma_map(vm, self->fd, GPA, LEND, 0, PAGE) != -EPERM);
	gt_wait_exit(child, 0);
	EXPECT_EQ(__cma_map(vm, self->fd, GPA, LEND, 0, PAGE), 0);
	close(vm);
}

/* Bound memory keeps the file */
TEST_F(file, busy_with_a_vm)
{
	int vm = gt_create_vm();

	cma_map(vm, self->fd, GPA, LEND, 0, PAGE);
	close(self->fd);
	EXPECT_EQ(__cma_create(self->dev), -EBUSY);
	close(vm);
	self->fd = __cma_create(self->dev);
	EXPECT_GE(self->fd, 0);
}

/* ---- the driver lets go of the device ---- */

static int driver_write(const char *file)
{
	int fd = open(file, O_WRONLY), ret;

	gt_assert(fd >= 0);
	ret = gt_errno(write(fd, "gunyah-cma-mem", 14));
	close(fd);
	return ret;
}

TEST_F(file, unbind)
{
	char *mem = gt_mmap(self->fd, 0, CMA_SIZE);
	int vm = gt_create_vm();

	cma_map(vm, self->fd, GPA, SHARE, 0, PAGE);
	ASSERT_EQ(driver_write(DRIVER "unbind"), 14);
	EXPECT_NE(access(CMA_DEVICE, F_OK), 0);
	EXPECT_EQ(__cma_create(self->dev), -ENODEV);
	/* What is there stays usable, and keeps the memory from a new device */
	memset(mem, 1, CMA_SIZE);
	EXPECT_EQ(__cma_map(vm, self->fd, GPA + PAGE, LEND, PAGE, PAGE), 0);
	EXPECT_EQ(driver_write(DRIVER "bind"), -EBUSY);
	close(self->dev);
	close(self->fd);
	EXPECT_EQ(driver_write(DRIVER "bind"), -EBUSY);
	munmap(mem, CMA_SIZE);
	EXPECT_EQ(driver_write(DRIVER "bind"), -EBUSY);
	close(vm);
	ASSERT_EQ(driver_write(DRIVER "bind"), 14);
	self->dev = cma_open();
	self->fd = cma_create(self->dev);
	mem = gt_mmap(self->fd, 0, CMA_SIZE);
	EXPECT_TRUE(cma_is_zero(mem, CMA_SIZE));
	munmap(mem, CMA_SIZE);
}

/* ---- pages that a hypervisor kept ---- */

TEST_F(file, lost_page)
{
	char *mem = gt_mmap(self->fd, 0, CMA_SIZE), byte;
	int iso = __iso_open("gunyah_iso_test"), vm = gt_create_vm();
	uint64_t pa;

	if (iso < 0)
		SKIP(return, "no gunyah_iso_test for this kernel");
	mem[5 * PAGE] = 1;
	pa = cma_phys(iso, mem + 5 * PAGE);
	munmap(mem, CMA_SIZE);
	gt_assert_eq(iso_access(iso, GUNYAH_ISO_HOLD, pa, 1, NULL), 0);
	/* It is nobody's, its neighbours are as they were */
	mem = gt_mmap(self->fd, 0, CMA_SIZE);
	EXPECT_TRUE(gt_read_faults(mem + 5 * PAGE));
	EXPECT_FALSE(gt_read_faults(mem + 4 * PAGE));
	EXPECT_EQ(__cma_read_at(self->fd, &byte, 1, 5 * PAGE), -EACCES);
	EXPECT_EQ(__cma_read_at(self->fd, &byte, 1, 6 * PAGE), 1);
	munmap(mem, CMA_SIZE);
	/* Nor is there a new file of this memory */
	close(self->fd);
	EXPECT_EQ(__cma_create(self->dev), -EIO);
	EXPECT_EQ(__cma_create(self->dev), -EIO);
	/* Real ones do not come back; this one has to, for the tests that follow */
	gt_assert_eq(iso_access(iso, GUNYAH_ISO_DROP, pa, 1, NULL), 0);
	self->fd = cma_create(self->dev);
	EXPECT_EQ(__cma_read_at(self->fd, &byte, 1, 5 * PAGE), 1);
	EXPECT_EQ(byte, 0);
	close(vm);
	close(iso);
}

TEST_HARNESS_MAIN
