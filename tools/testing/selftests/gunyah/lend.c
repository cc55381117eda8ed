// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lent memory: the host's until START or until the guest has it, then the guest's alone
 * until the VM is gone, the host's again.
 */
#include "harness.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/futex.h>

#define PAGE 4096

static sigjmp_buf fault_env;
static siginfo_t fault_info;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	fault_info = *info;
	siglongjmp(fault_env, 1);
}

FIXTURE(lent) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	char *ram;
};

FIXTURE_SETUP(lent)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	ASSERT_EQ(sigaction(SIGBUS, &sa, NULL), 0);
	gt_vm_init(&self->vm, GUEST_command);
	self->vm.kind = GT_LEND;
	self->vcpu = &self->vm.vcpu[0];
	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
	self->ram = self->vm.ram;
}

FIXTURE_TEARDOWN(lent)
{
	gt_vm_close(&self->vm);
}

/* Where memory comes page by page, a page is lent when the guest has touched it */
static void start(struct gt_vm *vm)
{
	gt_vm_start(vm);
	gt_command_result(&vm->vcpu[0], CMD_CHECK, GUEST_RAM_BASE, PAGE,
			  GUEST_MIN_RAM / PAGE, 0);
}

/* Did reading or writing this byte raise SIGBUS, and at this address? */
static bool faults(volatile char *addr, bool write)
{
	if (sigsetjmp(fault_env, 1)) {
		gt_assert_eq((uintptr_t)fault_info.si_addr, (uintptr_t)addr);
		return true;
	}
	if (write)
		*addr = 1;
	else
		(void)*addr;
	return false;
}

static const size_t places[] = {
	0, 1, PAGE - 1, PAGE, GUEST_DTB_OFFSET, GUEST_MIN_RAM / 2 + 17, GUEST_MIN_RAM - 1,
};

static void expect_access(struct __test_metadata *_metadata, char *ram, bool possible)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(faults(ram + places[i], false), !possible)
			TH_LOG("read at %#zx", places[i]);
		EXPECT_EQ(faults(ram + places[i], true), !possible)
			TH_LOG("write at %#zx", places[i]);
	}
}

TEST_F(lent, before_start)
{
	size_t at = GUEST_MIN_RAM - PAGE;

	EXPECT_FALSE(faults(self->ram + at, false));
	EXPECT_FALSE(faults(self->ram + at, true));
}

TEST_F(lent, while_running)
{
	start(&self->vm);
	expect_access(_metadata, self->ram, false);
	/* And the guest has noticed nothing of the attempts */
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* The guest is over, the VM is not: still lent */
TEST_F(lent, after_exit)
{
	start(&self->vm);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
	expect_access(_metadata, self->ram, false);
}

static void close_vm(struct gt_vm *vm)
{
	vm->ram = NULL;
	gt_vm_close(vm);
}

/* All of it, and it is memory like any other again */
TEST_F(lent, comes_back)
{
	start(&self->vm);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, GUEST_RAM_BASE + GUEST_MIN_RAM - 8,
				    8, 0x4242, 0), 0);
	close_vm(&self->vm);
	expect_access(_metadata, self->ram, true);
	memset(self->ram, 0x5a, GUEST_MIN_RAM);
	EXPECT_EQ(self->ram[GUEST_MIN_RAM - 1], 0x5a);
	EXPECT_EQ(gt_locked_kib(), 0);
}

/* Its neighbours stay where they are */
TEST_F(lent, neighbours)
{
	char *below = self->ram - PAGE, *above = self->ram + GUEST_MIN_RAM;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	ASSERT_EQ(mmap(below, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0), below);
	ASSERT_EQ(mmap(above, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0), above);
	start(&self->vm);
	EXPECT_FALSE(faults(below + PAGE - 1, true));
	EXPECT_FALSE(faults(above, true));
	EXPECT_TRUE(faults(self->ram, false));
}

/* ---- the kernel's own accesses on behalf of the user ---- */

TEST_F(lent, read_syscall)
{
	int zero = open("/dev/zero", O_RDONLY);

	ASSERT_GE(zero, 0);
	/* Where no code is */
	EXPECT_EQ(gt_errno(read(zero, self->ram + GUEST_MIN_RAM - PAGE, PAGE)), PAGE);
	start(&self->vm);
	EXPECT_EQ(gt_errno(read(zero, self->ram + PAGE, PAGE)), -EFAULT);
	EXPECT_EQ(gt_errno(read(zero, self->ram + GUEST_MIN_RAM - 1, 1)), -EFAULT);
	close(zero);
}

TEST_F(lent, pipe_syscalls)
{
	int fd[2];

	ASSERT_EQ(pipe(fd), 0);
	start(&self->vm);
	EXPECT_EQ(gt_errno(write(fd[1], self->ram, 64)), -EFAULT);
	EXPECT_EQ(write(fd[1], "abcdefgh", 8), 8);
	EXPECT_EQ(gt_errno(read(fd[0], self->ram, 8)), -EFAULT);
}

TEST_F(lent, file_syscalls)
{
	int fd = memfd_create("file", 0);

	ASSERT_EQ(ftruncate(fd, PAGE), 0);
	start(&self->vm);
	EXPECT_EQ(gt_errno(pwrite(fd, self->ram + 3 * PAGE, PAGE, 0)), -EFAULT);
	EXPECT_EQ(gt_errno(pread(fd, self->ram + 3 * PAGE, PAGE, 0)), -EFAULT);
}

TEST_F(lent, socket_syscalls)
{
	int fd[2];

	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	start(&self->vm);
	EXPECT_EQ(gt_errno(send(fd[0], self->ram, 100, 0)), -EFAULT);
	EXPECT_EQ(send(fd[0], "x", 1, 0), 1);
	EXPECT_EQ(gt_errno(recv(fd[1], self->ram, 1, 0)), -EFAULT);
}

/* Structures, strings, and single words */
TEST_F(lent, other_syscalls)
{
	start(&self->vm);
	EXPECT_EQ(gt_errno(syscall(SYS_clock_gettime, 0, self->ram)), -EFAULT);
	EXPECT_EQ(gt_errno(syscall(SYS_nanosleep, self->ram, NULL)), -EFAULT);
	EXPECT_EQ(gt_errno(open(self->ram, O_RDONLY)), -EFAULT);
	EXPECT_EQ(gt_errno(syscall(SYS_uname, self->ram + PAGE)), -EFAULT);
	EXPECT_EQ(gt_errno(syscall(SYS_futex, self->ram, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0)),
		  -EFAULT);
	EXPECT_EQ(__gt_add_function(self->vm.fd, GUNYAH_FN_VCPU, self->ram, 4), -EFAULT);
}

/* A buffer that begins in ordinary memory: the part before counts */
TEST_F(lent, across_the_edge)
{
	char *below = self->ram - PAGE;
	int fd[2];
	long ret;

	ASSERT_EQ(mmap(below, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), below);
	memset(below, 'x', PAGE);
	ASSERT_EQ(pipe(fd), 0);
	start(&self->vm);
	ret = gt_errno(write(fd[1], self->ram - 100, 200));
	EXPECT_TRUE(ret == -EFAULT || (ret > 0 && ret <= 100))
		TH_LOG("%ld", ret);
}

/* Shared memory is everybody's all the time */
TEST(shared)
{
	const uint64_t gpa = GUEST_RAM_BASE + GUEST_MIN_RAM - 64;
	volatile uint64_t *word;
	struct gt_vm vm;

	if (!gt_can_share())
		SKIP(return, "this Resource Manager takes lent images only");
	gt_vm_init(&vm, GUEST_command);
	vm.kind = GT_SHARE;
	gt_vm_boot(&vm);
	word = (uint64_t *)((char *)vm.ram + GUEST_MIN_RAM - 64);
	*word = 0x1234567812345678;
	EXPECT_EQ(gt_command_result(&vm.vcpu[0], CMD_READ, gpa, 8, 0, 0), 0x1234567812345678);
	EXPECT_EQ(gt_command_result(&vm.vcpu[0], CMD_WRITE, gpa, 8, 0x8765432187654321, 0), 0);
	EXPECT_EQ(*word, 0x8765432187654321);
	gt_vm_close(&vm);
}

TEST_HARNESS_MAIN
