// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user who has access to /dev/gunyah, as the udev rule in tools/gunyah gives it to a
 * group, and nothing else: no capabilities, no memory to lock.
 */
#include "harness.h"
#include "gmem.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NODE	"/dev/gunyah"
#define USER	1000
#define GROUP	2000

static void limit_locked(rlim_t bytes)
{
	const struct rlimit limit = { bytes, GUEST_MIN_RAM };

	gt_assert(!setrlimit(RLIMIT_MEMLOCK, &limit));
}

static void drop_privileges(bool in_group)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = {};
	const gid_t group = GROUP;

	limit_locked(0);
	gt_assert(!setgroups(in_group, &group));
	gt_assert(!setresgid(USER, USER, USER));
	gt_assert(!setresuid(USER, USER, USER));
	gt_assert(!syscall(SYS_capset, &header, none));
	gt_assert(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static void in_child(void (*what)(void), bool in_group)
{
	pid_t pid = fork();

	gt_assert(pid >= 0);
	if (!pid) {
		drop_privileges(in_group);
		what();
		_exit(0);
	}
	gt_wait_exit(pid, 0);
}

FIXTURE(user) {
	struct stat node;
	struct gt_resources before;
};

/* As the rule does it: mode 0660 and a group */
FIXTURE_SETUP(user)
{
	gt_resources(&self->before);
	ASSERT_EQ(stat(NODE, &self->node), 0);
	ASSERT_EQ(chown(NODE, 0, GROUP), 0);
	ASSERT_EQ(chmod(NODE, 0660), 0);
}

FIXTURE_TEARDOWN(user)
{
	EXPECT_EQ(chown(NODE, self->node.st_uid, self->node.st_gid), 0);
	EXPECT_EQ(chmod(NODE, self->node.st_mode & 07777), 0);
	gt_expect_resources(&self->before);
}

/* Until somebody allows it, only root may: VMs take memory and time */
TEST_F(user, default_mode)
{
	EXPECT_EQ(self->node.st_mode & 07777, 0600);
	EXPECT_EQ(self->node.st_uid, 0);
}

static void cannot_open(void)
{
	gt_assert_eq(__gt_open(), -EACCES);
}

TEST_F(user, not_in_the_group)
{
	in_child(cannot_open, false);
}

static void run_vm_of_files(void)
{
	int fd = gt_create_mem(GUEST_MIN_RAM, 0);
	struct gunyah_vm_info info;
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	gt_vm_create(&vm);
	gt_vm_add_ram_file(&vm, fd, GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_ALLOW_RWX);
	gt_vm_configure(&vm);
	gt_vm_start(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_expect_off(&vm.vcpu[0]);
	gt_assert(!ioctl(vm.fd, GUNYAH_VM_GET_INFO, &info));
	gt_assert_eq(info.status, GUNYAH_VM_STATUS_EXITED);
	gt_assert_eq(gt_locked_kib(), 0);
	gt_vm_close(&vm);
	close(fd);
}

TEST_F(user, vm_of_files)
{
	in_child(run_vm_of_files, true);
}

/* What would be locked memory cannot be had, which is said at once; nothing stays */
static void lend_nothing(void)
{
	int vm = gt_create_vm();
	void *mem = gt_alloc(GUEST_MIN_RAM);

	gt_assert_eq(__gt_add_memory(vm, GT_LEND, GUEST_RAM_BASE, mem, GUEST_MIN_RAM), -ENOMEM);
	gt_assert_eq(__gt_add_memory(vm, GT_LEND, GUEST_RAM_BASE, mem, getpagesize()), -ENOMEM);
	gt_assert_eq(gt_locked_kib(), 0);
	close(vm);
}

TEST_F(user, lent_user_memory)
{
	in_child(lend_nothing, true);
}

/*
 * Shared memory is locked where the hypervisor cannot page, when it is added.  Elsewhere
 * it is only the device tree, which the Resource Manager gets at the start.
 */
static void share_memory(void)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	vm.kind = GT_SHARE;
	if (gt_open_profile()) {
		gt_assert_eq(__gt_vm_prepare(&vm), -ENOMEM);
		return;
	}
	gt_assert_eq(__gt_vm_prepare(&vm), 0);
	gt_assert_eq(__gt_start(vm.fd), -ENOMEM);
	gt_vm_close(&vm);

	limit_locked(GUEST_DTB_SIZE);
	gt_vm_init(&vm, GUEST_hello);
	vm.kind = GT_SHARE;
	gt_vm_boot(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

TEST_F(user, shared_user_memory)
{
	in_child(share_memory, true);
}

/* The rest of what a VMM needs */
static void use_functions(void)
{
	int dev = gt_open(), vm = gt_create_vm();

	gt_assert_eq(ioctl(dev, GUNYAH_QUERY, (unsigned long)GUNYAH_CAP_HUGEPAGE_SIZE), 2 << 20);
	gt_assert(__gt_add_vcpu(vm, 0) >= 0);
	gt_assert_eq(__gt_set_dtb(vm, GUEST_RAM_BASE, GUEST_DTB_SIZE), 0);
	gt_assert_eq(__gt_boot_context(vm, 0x100, GUEST_RAM_BASE), 0);
}

TEST_F(user, functions)
{
	in_child(use_functions, true);
}

TEST_HARNESS_MAIN
