// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/gunyah and the file descriptors that come from it.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Neither number is known to any version of the ABI (uapi 1), nor is the type */
static const unsigned long unknown[] = {
	_IO('G', 0xb), _IO('G', 0x3f), _IO('G', 0xff), _IO('A', 0x18), _IO('A', 0x1),
	_IO('Z', 0x0), 0, 0xffffffff,
	/* known numbers, other sizes or directions */
	_IOW('G', 0x0, uint64_t), _IOR('G', 0x2, uint64_t[2]), _IOW('G', 0x3, uint32_t),
	_IOW('G', 0x4, uint64_t), _IOW('A', 0x11, uint64_t), _IOW('A', 0x10, uint32_t),
	_IOW('A', 0x17, uint64_t),
};

static void expect_unknown(struct __test_metadata *_metadata, int fd, const char *what)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		EXPECT_EQ(gt_errno(ioctl(fd, unknown[i], 0UL)), -ENOTTY)
			TH_LOG("%s: ioctl %#lx", what, unknown[i]);
	}
}

TEST(open_close)
{
	struct stat st;
	int fd = gt_open();

	ASSERT_EQ(fstat(fd, &st), 0);
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(close(fd), 0);
}

TEST(read_write)
{
	int fd = gt_open();
	char c = 0;

	EXPECT_EQ(gt_errno(read(fd, &c, 1)), -EINVAL);
	EXPECT_EQ(gt_errno(write(fd, &c, 1)), -EINVAL);
}

TEST(unknown_ioctls)
{
	int fd = gt_open();
	int vm = gt_create_vm();
	int vcpu = __gt_add_vcpu(vm, 0);

	ASSERT_GE(vcpu, 0);
	expect_unknown(_metadata, fd, "device");
	expect_unknown(_metadata, vm, "VM");
	expect_unknown(_metadata, vcpu, "vCPU");
}

/* Each descriptor knows its own ioctls and none of the others' */
TEST(ioctls_of_others)
{
	static const unsigned long of_vm[] = {
		GUNYAH_VM_SET_USER_MEM_REGION, GUNYAH_VM_ANDROID_LEND_USER_MEM,
		GUNYAH_VM_SET_DTB_CONFIG, GUNYAH_VM_START, GUNYAH_VM_ADD_FUNCTION,
		GUNYAH_VM_REMOVE_FUNCTION, GUNYAH_VM_SET_BOOT_CONTEXT,
		GUNYAH_VM_RECLAIM_REGION, GUNYAH_VM_CHECK_EXTENSION,
	};
	static const unsigned long of_vcpu[] = { GUNYAH_VCPU_RUN, GUNYAH_VCPU_MMAP_SIZE };
	int fd = gt_open();
	int vm = gt_create_vm();
	int vcpu = __gt_add_vcpu(vm, 0);
	unsigned int i;

	ASSERT_GE(vcpu, 0);
	EXPECT_EQ(gt_errno(ioctl(vm, GUNYAH_CREATE_VM, 0UL)), -ENOTTY);
	EXPECT_EQ(gt_errno(ioctl(vcpu, GUNYAH_CREATE_VM, 0UL)), -ENOTTY);
	EXPECT_EQ(gt_errno(ioctl(vm, GUNYAH_ANDROID_TENTATIVE_UAPI, 1UL)), -ENOTTY);
	EXPECT_EQ(gt_errno(ioctl(vcpu, GUNYAH_ANDROID_TENTATIVE_UAPI, 1UL)), -ENOTTY);
	for (i = 0; i < ARRAY_SIZE(of_vm); i++) {
		EXPECT_EQ(gt_errno(ioctl(fd, of_vm[i], 0UL)), -ENOTTY);
		EXPECT_EQ(gt_errno(ioctl(vcpu, of_vm[i], 0UL)), -ENOTTY);
	}
	for (i = 0; i < ARRAY_SIZE(of_vcpu); i++) {
		EXPECT_EQ(gt_errno(ioctl(fd, of_vcpu[i], 0UL)), -ENOTTY);
		EXPECT_EQ(gt_errno(ioctl(vm, of_vcpu[i], 0UL)), -ENOTTY);
	}
}

/* What programs of android14-6.1 ask first: 0 is yes (uapi 1) */
TEST(tentative_uapi)
{
	int fd = gt_open();

	EXPECT_EQ(gt_errno(ioctl(fd, 0x4110, 1UL)), 0);
	EXPECT_EQ(gt_errno(ioctl(fd, 0x4110, 2UL)), 0);
	EXPECT_EQ(gt_errno(ioctl(fd, 0x4110, 0UL)), -EINVAL);
	EXPECT_EQ(gt_errno(ioctl(fd, 0x4110, 3UL)), -EINVAL);
	EXPECT_EQ(gt_errno(ioctl(fd, 0x4110, ~0UL)), -EINVAL);
}

TEST(create_vm_argument)
{
	int fd = gt_open();

	EXPECT_EQ(gt_errno(ioctl(fd, GUNYAH_CREATE_VM, 1UL)), -EINVAL);
	EXPECT_EQ(gt_errno(ioctl(fd, GUNYAH_CREATE_VM, ~0UL)), -EINVAL);
	EXPECT_GE(__gt_create_vm(fd), 0);
}

static void limit_files(rlim_t nr)
{
	struct rlimit limit = { nr, nr };

	gt_assert(!setrlimit(RLIMIT_NOFILE, &limit));
}

/* The lowest free descriptor is the limit: there is no room for another */
TEST(no_descriptors_left)
{
	int fd = gt_open();
	int vm = gt_create_vm();
	int next = dup(fd), vcpu;

	ASSERT_GE(next, 0);
	close(next);
	limit_files(next);
	EXPECT_EQ(__gt_create_vm(fd), -EMFILE);
	EXPECT_EQ(__gt_add_vcpu(vm, 0), -EMFILE);
	/* Nothing is left of the attempt: the id is free */
	limit_files(next + 1);
	vcpu = __gt_add_vcpu(vm, 0);
	EXPECT_GE(vcpu, 0);
}

static void expect_flags(struct __test_metadata *_metadata, int fd, const char *name)
{
	char path[64], target[64] = "";

	EXPECT_EQ(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ASSERT_GT(readlink(path, target, sizeof(target) - 1), 0);
	EXPECT_STREQ(target, name);
}

/* uapi 3.1 */
TEST(descriptors)
{
	int vm = gt_create_vm();
	int vcpu = __gt_add_vcpu(vm, 5);

	ASSERT_GE(vcpu, 0);
	expect_flags(_metadata, vm, "anon_inode:gunyah-vm");
	expect_flags(_metadata, vcpu, "anon_inode:gh-vcpu:5");
}

/* Many at once, closed in another order; nothing is left in the hypervisor */
TEST(many_vms)
{
	int vm[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vm); i++)
		vm[i] = gt_create_vm();
	for (i = 0; i < ARRAY_SIZE(vm); i += 2)
		EXPECT_EQ(close(vm[i]), 0);
	for (i = 1; i < ARRAY_SIZE(vm); i += 2)
		EXPECT_EQ(close(vm[i]), 0);
}

TEST_HARNESS_MAIN
