// SPDX-License-Identifier: GPL-2.0-only
/*
 * CMA memory: the device, its one file, and VMs that have all or some of it.
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

#include "gmem.h"
#include "iso.h"

/* What the stub puts into the host's tree (boot option cma) */
#define NODE		"/sys/firmware/devicetree/base/gunyah-cma-mem"
#define DEVICE		"/dev/trustedvm_cma"
#define DRIVER		"/sys/bus/platform/drivers/gunyah-cma/"
#define SIZE		(16UL << 20)

#define PAGE		4096UL
#define GPA		0x80000000UL
#define AREA		(GUEST_RAM_BASE + GUEST_MIN_RAM)

#define RWX		GUNYAH_MEM_ALLOW_RWX
#define LEND		(GUNYAH_CMA_MEM_LEND | RWX)
#define SHARE		(GUNYAH_CMA_MEM_SHARE | RWX)

static bool has_device(void)
{
	return !access(NODE, F_OK);
}

static int open_device(void)
{
	int dev = open(DEVICE, O_RDWR);

	if (dev < 0)
		gt_fail("%s: %s", DEVICE, strerror(errno));
	return dev;
}

static int __create(int dev)
{
	return gt_errno(ioctl(dev, GUNYAH_ANDROID_CREATE_CMA_MEM_FD, 0));
}

static int create(int dev)
{
	int fd = __create(dev);

	if (fd < 0)
		gt_fail("CREATE_CMA_MEM_FD: %s", strerror(-fd));
	return fd;
}

static struct gunyah_map_cma_mem_args map_args(int fd, uint64_t gpa, uint32_t flags,
					       uint64_t offset, uint64_t size)
{
	return (struct gunyah_map_cma_mem_args){
		.label = 7, .padding = 0x5a5a5a5a, .guest_addr = gpa, .flags = flags,
		.guest_mem_fd = fd, .offset = offset, .size = size,
	};
}

static int __map(int vm, const struct gunyah_map_cma_mem_args *args)
{
	return gt_errno(ioctl(vm, GUNYAH_VM_ANDROID_MAP_CMA_MEM, args));
}

static int __map_cma(int vm, int fd, uint64_t gpa, uint32_t flags, uint64_t offset,
		     uint64_t size)
{
	struct gunyah_map_cma_mem_args args = map_args(fd, gpa, flags, offset, size);

	return __map(vm, &args);
}

static void map_cma(int vm, int fd, uint64_t gpa, uint32_t flags, uint64_t offset,
		    uint64_t size)
{
	gt_assert_eq(__map_cma(vm, fd, gpa, flags, offset, size), 0);
}

static long __read_at(int fd, void *buf, size_t size, uint64_t pos)
{
	return gt_errno(pread(fd, buf, size, pos));
}

/* ---- device and file ---- */

FIXTURE(file) {
	int dev;
	int fd;
};

FIXTURE_SETUP(file)
{
	self->dev = self->fd = -1;
	if (!has_device())
		SKIP(return, "this machine has no CMA memory for guests");
	gt_catch_sigbus();
	self->dev = open_device();
	self->fd = create(self->dev);
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
	self->fd = create(self->dev);
}

TEST_F(file, what_it_is)
{
	struct stat st;
	char byte = 1;

	ASSERT_EQ(fstat(self->fd, &st), 0);
	EXPECT_TRUE(S_ISREG(st.st_mode));
	EXPECT_EQ(st.st_size, SIZE);
	EXPECT_EQ(fcntl(self->fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(lseek(self->fd, 0, SEEK_END), SIZE);
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
	EXPECT_EQ(st.st_size, SIZE);
}

TEST_F(file, other_ioctls)
{
	struct gunyah_map_cma_mem_args args = map_args(self->fd, GPA, LEND, 0, PAGE);
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
	int other = open_device(), copy = dup(self->fd);
	char *mem = gt_mmap(self->fd, 0, PAGE);

	EXPECT_EQ(__create(self->dev), -EBUSY);
	EXPECT_EQ(__create(other), -EBUSY);
	close(self->fd);
	EXPECT_EQ(__create(other), -EBUSY);
	close(copy);
	EXPECT_EQ(__create(other), -EBUSY);
	munmap(mem, PAGE);
	self->fd = __create(other);
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
	EXPECT_EQ(__create(self->dev), -EMFILE);
	ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	self->fd = __create(self->dev);
	EXPECT_GE(self->fd, 0);
}

TEST_F(file, mmap_rules)
{
	char *mem;

	EXPECT_EQ(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, self->fd, 0), MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
	mem = gt_mmap(self->fd, SIZE - PAGE, 2 * PAGE);
	EXPECT_FALSE(gt_write_faults(mem));
	EXPECT_FALSE(gt_read_faults(mem + PAGE - 1));
	EXPECT_TRUE(gt_read_faults(mem + PAGE));
	EXPECT_TRUE(gt_write_faults(mem + PAGE));
	munmap(mem, 2 * PAGE);
}

static bool is_zero(const char *mem, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += sizeof(uint64_t)) {
		if (*(const uint64_t *)(mem + i))
			return false;
	}
	return true;
}

/* Zero for each who gets it, whatever the one before left there */
TEST_F(file, zeroed)
{
	unsigned int round;
	char *mem;

	for (round = 0; round < 2; round++) {
		mem = gt_mmap(self->fd, 0, SIZE);
		EXPECT_TRUE(is_zero(mem, SIZE))
			TH_LOG("round %u", round);
		memset(mem, 0xa5, SIZE);
		munmap(mem, SIZE);
		reopen(self);
	}
}

static uint64_t phys(int iso, const void *addr)
{
	uint64_t pa = 0;

	gt_assert_eq(iso_access(iso, GUNYAH_ISO_PHYS, (uintptr_t)addr, 1, &pa), 0);
	return pa;
}

TEST_F(file, contiguous)
{
	int iso = __iso_open("gunyah_iso_test");
	char *mem = gt_mmap(self->fd, 0, SIZE);
	uint64_t off, first;

	if (iso < 0)
		SKIP(return, "no gunyah_iso_test for this kernel");
	memset(mem, 1, SIZE);
	first = phys(iso, mem);
	for (off = 0; off < SIZE; off += PAGE)
		gt_assert_eq(phys(iso, mem + off), first + off);
	munmap(mem, SIZE);
	close(iso);
}

/* read() sees what mappings wrote, at any offset, and ends where the memory does */
TEST_F(file, read_contents)
{
	char *mem = gt_mmap(self->fd, 0, SIZE), buf[3 * PAGE];

	memcpy(mem + 2 * PAGE - 3, "crosses", 8);
	EXPECT_EQ(__read_at(self->fd, buf, 8, 2 * PAGE - 3), 8);
	EXPECT_STREQ(buf, "crosses");
	memset(mem + SIZE - PAGE, 'x', PAGE);
	EXPECT_EQ(__read_at(self->fd, buf, sizeof(buf), SIZE - PAGE - 10), PAGE + 10);
	EXPECT_EQ(buf[9], 0);
	EXPECT_EQ(buf[10], 'x');
	EXPECT_EQ(buf[PAGE + 9], 'x');
	EXPECT_EQ(__read_at(self->fd, buf, 1, SIZE), 0);
	munmap(mem, SIZE);
	EXPECT_EQ(__read_at(self->fd, mem, 8, 0), -EFAULT);
}

/* To where the file itself is mapped, not yet touched: no lock may be in the way */
TEST_F(file, read_into_itself)
{
	char *mem = gt_mmap(self->fd, 0, SIZE);

	memcpy(mem, "here", 5);
	EXPECT_EQ(__read_at(self->fd, mem + 8 * PAGE - 2, PAGE, 0), PAGE);
	EXPECT_STREQ(mem + 8 * PAGE - 2, "here");
	munmap(mem, SIZE);
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
	{ "offset is the end", LEND, GPA, SIZE, PAGE, -EOVERFLOW },
	{ "a page too many", LEND, GPA, PAGE, SIZE, -EOVERFLOW },
	{ "far too large", SHARE, GPA, 0, 1UL << 40, -EOVERFLOW },
};

static const struct map_case good_maps[] = {
	{ "lend", LEND, GPA, 0, PAGE },
	{ "by default", RWX, GPA, 0, PAGE },
	{ "share", SHARE, GPA, PAGE, 2 * PAGE },
	{ "read only", GUNYAH_MEM_ALLOW_READ, GPA, 0, PAGE },
	{ "write only", GUNYAH_MEM_ALLOW_WRITE | GUNYAH_CMA_MEM_SHARE, GPA, 0, PAGE },
	{ "all of it", LEND, GPA, 0, SIZE },
	{ "the last page", LEND, GPA, SIZE - PAGE, PAGE },
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
		args = map_args(self->fd, c->gpa, c->flags, c->offset, c->size);
		EXPECT_EQ(__map(vm, &args), c->error)
			TH_LOG("%s", c->name);
	}
	EXPECT_EQ(__map(vm, NULL), -EFAULT);
	/* None of them took anything */
	EXPECT_EQ(__map_cma(vm, self->fd, GPA, LEND, 0, SIZE), 0);
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
		EXPECT_EQ(__map_cma(vm, self->fd, c->gpa, c->flags, c->offset, c->size), 0)
			TH_LOG("%s", c->name);
		close(vm);
	}
}

TEST_F(file, map_descriptors)
{
	int gmem = gt_create_mem(SIZE, 0), memfd = memfd_create("memory", 0);
	int vm = gt_create_vm(), none = dup(vm);

	ASSERT_EQ(ftruncate(memfd, SIZE), 0);
	close(none);
	EXPECT_EQ(__map_cma(vm, none, GPA, LEND, 0, PAGE), -EBADF);
	EXPECT_EQ(__map_cma(vm, -1, GPA, LEND, 0, PAGE), -EBADF);
	EXPECT_EQ(__map_cma(vm, self->dev, GPA, LEND, 0, PAGE), -EINVAL);
	EXPECT_EQ(__map_cma(vm, gmem, GPA, LEND, 0, PAGE), -EINVAL);
	EXPECT_EQ(__map_cma(vm, memfd, GPA, LEND, 0, PAGE), -EINVAL);
	EXPECT_EQ(__map_cma(vm, vm, GPA, LEND, 0, PAGE), -EINVAL);
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

	map_cma(vm, self->fd, GPA + 4 * PAGE, LEND, 8 * PAGE, 4 * PAGE);
	/* Guest addresses */
	EXPECT_EQ(__map_cma(vm, self->fd, GPA + 4 * PAGE, LEND, 0, PAGE), -EEXIST);
	EXPECT_EQ(__map_cma(vm, self->fd, GPA + 3 * PAGE, SHARE, 0, 2 * PAGE), -EEXIST);
	EXPECT_EQ(__map_cma(vm, self->fd, GPA + 7 * PAGE, LEND, 0, 2 * PAGE), -EEXIST);
	EXPECT_EQ(__gt_add_memory(vm, GT_SHARE, GPA + 5 * PAGE, mem, PAGE), -EEXIST);
	/* Memory, of this VM and of another one */
	EXPECT_EQ(__map_cma(vm, self->fd, GPA + 64 * PAGE, LEND, 8 * PAGE, PAGE), -EEXIST);
	EXPECT_EQ(__map_cma(vm, self->fd, GPA + 64 * PAGE, SHARE, 11 * PAGE, PAGE), -EEXIST);
	EXPECT_EQ(__map_cma(other, self->fd, GPA, SHARE, 0, SIZE), -EEXIST);
	EXPECT_EQ(__map_cma(other, self->fd, GPA, LEND, 7 * PAGE, 2 * PAGE), -EEXIST);
	/* Neighbours are free, and what was refused took nothing */
	EXPECT_EQ(__map_cma(other, self->fd, GPA, LEND, 0, 8 * PAGE), 0);
	EXPECT_EQ(__map_cma(vm, self->fd, GPA + 64 * PAGE, SHARE, 12 * PAGE, 4 * PAGE), 0);
	close(vm);
	EXPECT_EQ(__map_cma(other, self->fd, GPA + 64 * PAGE, LEND, 8 * PAGE, 8 * PAGE), 0);
	close(other);
}

TEST_F(file, other_process)
{
	int vm = gt_create_vm();
	pid_t child = fork();

	ASSERT_GE(child, 0);
	if (!child)
		_exit(__map_cma(vm, self->fd, GPA, LEND, 0, PAGE) != -EPERM);
	gt_wait_exit(child, 0);
	EXPECT_EQ(__map_cma(vm, self->fd, GPA, LEND, 0, PAGE), 0);
	close(vm);
}

/* Bound memory keeps the file */
TEST_F(file, busy_with_a_vm)
{
	int vm = gt_create_vm();

	map_cma(vm, self->fd, GPA, LEND, 0, PAGE);
	close(self->fd);
	EXPECT_EQ(__create(self->dev), -EBUSY);
	close(vm);
	self->fd = __create(self->dev);
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
	char *mem = gt_mmap(self->fd, 0, SIZE);
	int vm = gt_create_vm();

	map_cma(vm, self->fd, GPA, SHARE, 0, PAGE);
	ASSERT_EQ(driver_write(DRIVER "unbind"), 14);
	EXPECT_NE(access(DEVICE, F_OK), 0);
	EXPECT_EQ(__create(self->dev), -ENODEV);
	/* What is there stays usable, and keeps the memory from a new device */
	memset(mem, 1, SIZE);
	EXPECT_EQ(__map_cma(vm, self->fd, GPA + PAGE, LEND, PAGE, PAGE), 0);
	EXPECT_EQ(driver_write(DRIVER "bind"), -EBUSY);
	close(self->dev);
	close(self->fd);
	EXPECT_EQ(driver_write(DRIVER "bind"), -EBUSY);
	munmap(mem, SIZE);
	EXPECT_EQ(driver_write(DRIVER "bind"), -EBUSY);
	close(vm);
	ASSERT_EQ(driver_write(DRIVER "bind"), 14);
	self->dev = open_device();
	self->fd = create(self->dev);
	mem = gt_mmap(self->fd, 0, SIZE);
	EXPECT_TRUE(is_zero(mem, SIZE));
	munmap(mem, SIZE);
}

/* ---- pages that a hypervisor kept ---- */

TEST_F(file, lost_page)
{
	char *mem = gt_mmap(self->fd, 0, SIZE), byte;
	int iso = __iso_open("gunyah_iso_test"), vm = gt_create_vm();
	uint64_t pa;

	if (iso < 0)
		SKIP(return, "no gunyah_iso_test for this kernel");
	mem[5 * PAGE] = 1;
	pa = phys(iso, mem + 5 * PAGE);
	munmap(mem, SIZE);
	gt_assert_eq(iso_access(iso, GUNYAH_ISO_HOLD, pa, 1, NULL), 0);
	/* It is nobody's, its neighbours are as they were */
	mem = gt_mmap(self->fd, 0, SIZE);
	EXPECT_TRUE(gt_read_faults(mem + 5 * PAGE));
	EXPECT_FALSE(gt_read_faults(mem + 4 * PAGE));
	EXPECT_EQ(__read_at(self->fd, &byte, 1, 5 * PAGE), -EACCES);
	EXPECT_EQ(__read_at(self->fd, &byte, 1, 6 * PAGE), 1);
	munmap(mem, SIZE);
	/* Nor is there a new file of this memory */
	close(self->fd);
	EXPECT_EQ(__create(self->dev), -EIO);
	EXPECT_EQ(__create(self->dev), -EIO);
	/* Real ones do not come back; this one has to, for the tests that follow */
	gt_assert_eq(iso_access(iso, GUNYAH_ISO_DROP, pa, 1, NULL), 0);
	self->fd = create(self->dev);
	EXPECT_EQ(__read_at(self->fd, &byte, 1, 5 * PAGE), 1);
	EXPECT_EQ(byte, 0);
	close(vm);
	close(iso);
}

/* ---- guests ---- */

/* RAM of the guest, in the middle of the memory; what is around it is the host's */
#define RAM_OFFSET	(4UL << 20)

FIXTURE(guest) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int dev;
	int fd;
	char *mem;		/* all of it */
	char *ram;		/* the guest's RAM in it */
};

FIXTURE_VARIANT(guest) {
	uint32_t flags;
};

FIXTURE_VARIANT_ADD(guest, lend) { .flags = LEND };
FIXTURE_VARIANT_ADD(guest, by_default) { .flags = RWX };
FIXTURE_VARIANT_ADD(guest, share) { .flags = SHARE };

FIXTURE_SETUP(guest)
{
	self->dev = self->fd = -1;
	if (!has_device())
		SKIP(return, "this machine has no CMA memory for guests");
	if (variant->flags == SHARE && !gt_can_share())
		SKIP(return, "this Resource Manager takes lent images only");
	gt_catch_sigbus();
	gt_resources(&self->before);
	self->dev = open_device();
	self->fd = create(self->dev);
	self->mem = gt_mmap(self->fd, 0, SIZE);
	self->ram = self->mem + RAM_OFFSET;
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	gt_vm_create(&self->vm);
	/* The payload is written while the host has the memory mapped (uapi 5.1) */
	self->vm.ram = self->ram;
	gt_vm_write_ram(&self->vm);
	self->vm.ram = NULL;
	map_cma(self->vm.fd, self->fd, GUEST_RAM_BASE, variant->flags, RAM_OFFSET,
		self->vm.ram_size);
	gt_vm_configure(&self->vm);
}

static void close_all(FIXTURE_DATA(guest) *self)
{
	gt_vm_close(&self->vm);
	if (self->mem)
		munmap(self->mem, SIZE);
	if (self->fd >= 0)
		close(self->fd);
	if (self->dev >= 0)
		close(self->dev);
	self->mem = NULL;
	self->dev = self->fd = -1;
}

FIXTURE_TEARDOWN(guest)
{
	if (self->dev < 0)
		return;
	close_all(self);
	gt_expect_resources(&self->before);
}

static bool is_lent(const FIXTURE_VARIANT(guest) *variant)
{
	return variant->flags != SHARE;
}

static const size_t places[] = {
	0, PAGE - 1, GUEST_DTB_OFFSET, GUEST_DTB_OFFSET + GUEST_DTB_SIZE, GUEST_MIN_RAM - 1,
};

/* Each way into the guest's RAM, and the pages beside it */
static void expect_access(struct __test_metadata *_metadata, FIXTURE_DATA(guest) *self,
			  bool mappings, bool reads)
{
	unsigned int i;
	char byte;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(gt_read_faults(self->ram + places[i]), !mappings)
			TH_LOG("load at %#zx", places[i]);
		EXPECT_EQ(gt_write_faults(self->ram + places[i]), !mappings)
			TH_LOG("store at %#zx", places[i]);
		EXPECT_EQ(__read_at(self->fd, &byte, 1, RAM_OFFSET + places[i]),
			  reads ? 1 : -EACCES)
			TH_LOG("read() at %#zx", places[i]);
	}
	EXPECT_FALSE(gt_write_faults(self->ram - 1));
	EXPECT_FALSE(gt_write_faults(self->ram + GUEST_MIN_RAM));
	EXPECT_EQ(__read_at(self->fd, &byte, 1, RAM_OFFSET - 1), 1);
	EXPECT_EQ(__read_at(self->fd, &byte, 1, RAM_OFFSET + GUEST_MIN_RAM), 1);
}

static void guest_end(struct gt_vcpu *vcpu)
{
	gt_command(vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(vcpu);
}

/*
 * The hypervisor makes SIGBUS of accesses to what it guards, too: here, the host's own
 * tables are to have no entry for it any more.
 */
static void expect_mapped(struct __test_metadata *_metadata, FIXTURE_DATA(guest) *self,
			  bool mapped)
{
	int iso = __iso_open("gunyah_iso_test");
	unsigned int i;

	for (i = 0; iso >= 0 && i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(iso_access(iso, GUNYAH_ISO_PHYS, (uintptr_t)self->ram + places[i],
				     1, NULL), mapped ? 0 : -EFAULT)
			TH_LOG("entry at %#zx", places[i]);
	}
	if (iso >= 0)
		close(iso);
}

#define WORD_OFFSET	(GUEST_MIN_RAM - 64)
#define WORD_GPA	(GUEST_RAM_BASE + WORD_OFFSET)

TEST_F(guest, runs)
{
	volatile uint64_t *word = (uint64_t *)(self->ram + WORD_OFFSET);

	expect_access(_metadata, self, true, true);
	*word = 0x1122334455667788;
	expect_mapped(_metadata, self, true);
	gt_vm_start(&self->vm);
	expect_mapped(_metadata, self, !is_lent(variant));
	expect_access(_metadata, self, !is_lent(variant), false);
	expect_mapped(_metadata, self, !is_lent(variant));
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, WORD_GPA, 8, 0, 0),
		  0x1122334455667788);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, WORD_GPA, 8, 0x5ec2e7, 0), 0);
	if (!is_lent(variant)) {
		EXPECT_EQ(*word, 0x5ec2e7);
		*word = 0xbeef;
		EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, WORD_GPA, 8, 0, 0), 0xbeef);
	}
	guest_end(self->vcpu);
	/* The guest is over, the VM is not */
	expect_access(_metadata, self, !is_lent(variant), false);
}

/* It comes back, what a guest had to itself without its secrets */
TEST_F(guest, comes_back)
{
	uint64_t word;

	memset(self->mem, 0x77, RAM_OFFSET);
	gt_vm_start(&self->vm);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, WORD_GPA, 8, 0x5ec2e7, 0), 0);
	gt_vm_close(&self->vm);
	expect_access(_metadata, self, true, true);
	EXPECT_EQ(__read_at(self->fd, &word, 8, RAM_OFFSET + WORD_OFFSET), 8);
	EXPECT_EQ(word, *(uint64_t *)(self->ram + WORD_OFFSET));
	if (!is_lent(variant) || !gt_open_profile())
		EXPECT_EQ(word, is_lent(variant) ? 0 : 0x5ec2e7);
	/* The rest was never anybody's */
	EXPECT_EQ(self->mem[RAM_OFFSET - 1], 0x77);
}

/* Another VM can have it next, from the same file */
TEST_F(guest, again)
{
	gt_vm_start(&self->vm);
	guest_end(self->vcpu);
	gt_vm_close(&self->vm);
	gt_vm_create(&self->vm);
	self->vm.ram = self->ram;
	gt_vm_write_ram(&self->vm);
	self->vm.ram = NULL;
	map_cma(self->vm.fd, self->fd, GUEST_RAM_BASE, variant->flags, RAM_OFFSET,
		self->vm.ram_size);
	gt_vm_configure(&self->vm);
	gt_vm_start(&self->vm);
	guest_end(self->vcpu);
}

/* Nobody has a descriptor or a mapping any more: the VM keeps its memory */
TEST_F(guest, file_closed)
{
	gt_vm_start(&self->vm);
	munmap(self->mem, SIZE);
	self->mem = NULL;
	close(self->fd);
	EXPECT_EQ(__create(self->dev), -EBUSY);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, WORD_GPA, 8, 1, 0), 0);
	guest_end(self->vcpu);
	EXPECT_EQ(__create(self->dev), -EBUSY);
	gt_vm_close(&self->vm);
	self->fd = __create(self->dev);
	EXPECT_GE(self->fd, 0);
	self->mem = gt_mmap(self->fd, 0, SIZE);
	EXPECT_TRUE(is_zero(self->mem, SIZE));
}

TEST_F(guest, after_start)
{
	gt_vm_start(&self->vm);
	EXPECT_EQ(__map_cma(self->vm.fd, self->fd, AREA, LEND, 0, PAGE), -EINVAL);
	EXPECT_EQ(__map_cma(self->vm.fd, self->fd, AREA, SHARE, 0, PAGE), -EINVAL);
	guest_end(self->vcpu);
	EXPECT_EQ(__map_cma(self->vm.fd, self->fd, AREA, LEND, 0, PAGE), -EINVAL);
}

/* Mappings that were not there when it was handed over, and those of a child */
TEST_F(guest, new_mappings)
{
	char *again;
	pid_t child;

	gt_vm_start(&self->vm);
	again = gt_mmap(self->fd, RAM_OFFSET, PAGE);
	EXPECT_EQ(gt_read_faults(again), is_lent(variant));
	EXPECT_EQ(gt_write_faults(again), is_lent(variant));
	munmap(again, PAGE);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child)
		_exit(gt_read_faults(self->ram) != is_lent(variant) ||
		      gt_read_faults(self->mem));
	gt_wait_exit(child, 0);
}

/* A child that has pages mapped loses them like its parent */
TEST_F(guest, mappings_of_a_child)
{
	int go[2], done[2];
	pid_t child;
	char byte;

	ASSERT_EQ(pipe(go), 0);
	ASSERT_EQ(pipe(done), 0);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		gt_assert(!gt_write_faults(self->ram));
		gt_assert_eq(write(done[1], "x", 1), 1);
		gt_assert_eq(read(go[0], &byte, 1), 1);
		_exit(gt_write_faults(self->ram) != is_lent(variant));
	}
	ASSERT_EQ(read(done[0], &byte, 1), 1);
	gt_vm_start(&self->vm);
	ASSERT_EQ(write(go[1], "x", 1), 1);
	gt_wait_exit(child, 0);
}

/* The kernel's own accesses for the user fail as the user's do */
TEST_F(guest, syscalls)
{
	int zero = open("/dev/zero", O_RDONLY), fd[2];
	long expected = is_lent(variant) ? -EFAULT : 64;

	ASSERT_GE(zero, 0);
	ASSERT_EQ(pipe(fd), 0);
	gt_vm_start(&self->vm);
	EXPECT_EQ(gt_errno(write(fd[1], self->ram + WORD_OFFSET, 64)), expected);
	EXPECT_EQ(gt_errno(read(zero, self->ram + WORD_OFFSET, 64)), expected);
	/* read() from the file into what is lent, too */
	EXPECT_EQ(__read_at(self->fd, self->ram + WORD_OFFSET, 64, 0), expected);
	close(zero);
}

/* A start that fails early changes nothing, one that fails later gives it back */
TEST_F(guest, failed_start)
{
	ASSERT_EQ(__gt_set_dtb(self->vm.fd, GUEST_RAM_BASE - PAGE, PAGE), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), -ENOENT);
	expect_access(_metadata, self, true, true);
	ASSERT_EQ(__gt_set_dtb(self->vm.fd, GUEST_RAM_BASE + GUEST_DTB_OFFSET,
			       GUEST_DTB_SIZE), 0);
	memset(self->ram + GUEST_DTB_OFFSET, 0xff, GUEST_DTB_SIZE);
	EXPECT_LT(__gt_start(self->vm.fd), 0);
	EXPECT_EQ(__map_cma(self->vm.fd, self->fd, AREA, LEND, 0, PAGE), -EINVAL);
	gt_vm_close(&self->vm);
	expect_access(_metadata, self, true, true);
}

/* A lost page is not lent again */
TEST_F(guest, start_with_lost_page)
{
	int iso = __iso_open("gunyah_iso_test");
	uint64_t pa;

	if (iso < 0)
		SKIP(return, "no gunyah_iso_test for this kernel");
	self->ram[WORD_OFFSET] = 1;
	pa = phys(iso, self->ram + WORD_OFFSET);
	gt_assert_eq(iso_access(iso, GUNYAH_ISO_HOLD, pa, 1, NULL), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), -EBUSY);
	gt_assert_eq(iso_access(iso, GUNYAH_ISO_DROP, pa, 1, NULL), 0);
	gt_vm_close(&self->vm);
	expect_access(_metadata, self, true, true);
	close(iso);
}

/* ---- memory beside RAM, which an RM that pages gets after its parcel ---- */

FIXTURE(area) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int dev;
	int fd;
	char *mem;
};

FIXTURE_SETUP(area)
{
	self->dev = -1;
	if (!has_device())
		SKIP(return, "this machine has no CMA memory for guests");
	if (gt_open_profile())
		SKIP(return, "this Resource Manager takes RAM as one parcel");
	gt_catch_sigbus();
	gt_resources(&self->before);
	self->dev = open_device();
	self->fd = create(self->dev);
	self->mem = gt_mmap(self->fd, 0, SIZE);
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	gt_vm_create(&self->vm);
	gt_vm_add_ram(&self->vm);
	gt_vm_configure(&self->vm);
}

FIXTURE_TEARDOWN(area)
{
	if (self->dev < 0)
		return;
	gt_vm_close(&self->vm);
	munmap(self->mem, SIZE);
	close(self->fd);
	close(self->dev);
	gt_expect_resources(&self->before);
}

/* One half lent, one shared, one page in between nobody's */
TEST_F(area, lent_and_shared)
{
	const uint64_t half = SIZE / 2, lent = half - PAGE;
	volatile uint64_t *shared = (uint64_t *)(self->mem + half);

	memset(self->mem, 0x11, SIZE);
	map_cma(self->vm.fd, self->fd, AREA, LEND, 0, lent);
	map_cma(self->vm.fd, self->fd, AREA + half, SHARE, half, half);
	gt_vm_start(&self->vm);
	EXPECT_TRUE(gt_read_faults(self->mem));
	EXPECT_TRUE(gt_read_faults(self->mem + lent - 1));
	EXPECT_FALSE(gt_write_faults(self->mem + lent));
	EXPECT_FALSE(gt_write_faults(self->mem + half));
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, AREA + lent - 8, 8, 0, 0),
		  0x1111111111111111);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_FILL, AREA, PAGE, lent / PAGE, 5), 0);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_CHECK, AREA, PAGE, lent / PAGE, 5), 0);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, AREA + half, 8, 0x42, 0), 0);
	EXPECT_EQ(*shared, 0x42);
	*shared = 0x43;
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, AREA + half, 8, 0, 0), 0x43);
	guest_end(self->vcpu);
	gt_vm_close(&self->vm);
	EXPECT_TRUE(is_zero(self->mem, lent));
	EXPECT_EQ(*shared, 0x43);
	EXPECT_EQ(self->mem[lent], 0x11);
}

/* It is never taken back from a guest that runs */
TEST_F(area, reclaim)
{
	map_cma(self->vm.fd, self->fd, AREA, LEND, 0, SIZE);
	gt_vm_start(&self->vm);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, AREA, 8, 7, 0), 0);
	EXPECT_EQ(__gt_reclaim(self->vm.fd, AREA, SIZE), -EBUSY);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, AREA, 8, 0, 0), 7);
	EXPECT_TRUE(gt_read_faults(self->mem));
	guest_end(self->vcpu);
}

TEST_HARNESS_MAIN
