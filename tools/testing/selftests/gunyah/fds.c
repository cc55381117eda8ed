// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors as such: in other processes, which got them by a socket or by fork(), and
 * calls that they do not have.  Who keeps a VM alive is lifecycle.c.
 */
#include "harness.h"
#include "gmem.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEND_RWX	(GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_ALLOW_RWX)
#define MAX_FDS		4

static void send_fds(int socket, const int *fds, unsigned int n)
{
	char byte = 0, control[CMSG_SPACE(MAX_FDS * sizeof(int))] = "";
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = CMSG_SPACE(n * sizeof(int)),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, n * sizeof(int));
	gt_assert_eq(sendmsg(socket, &msg, 0), 1);
}

static void receive_fds(int socket, int *fds, unsigned int n)
{
	char byte, control[CMSG_SPACE(MAX_FDS * sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	gt_assert_eq(recvmsg(socket, &msg, MSG_CMSG_CLOEXEC), 1);
	gt_assert(CMSG_FIRSTHDR(&msg));
	gt_assert_eq(CMSG_FIRSTHDR(&msg)->cmsg_len, CMSG_LEN(n * sizeof(int)));
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), n * sizeof(int));
}

/* A VM of a guest memory file, not started */
static void prepare_file_vm(struct gt_vm *vm)
{
	int fd = gt_create_mem(GUEST_MIN_RAM, GUNYAH_GUEST_MEM_CLOEXEC);

	gt_vm_init(vm, GUEST_hello);
	gt_vm_create(vm);
	gt_vm_add_ram_file(vm, fd, LEND_RWX);
	gt_vm_configure(vm);
	close(fd);
}

/* With what a stranger has got: the VM and its vCPU */
static void adopt(struct gt_vm *vm, const int *fds)
{
	gt_vm_init(vm, GUEST_hello);
	vm->fd = fds[0];
	vm->vcpu[0].fd = fds[1];
	vm->vcpu[0].run = gt_map_run(fds[1]);
}

static void run_to_the_end(struct gt_vcpu *vcpu)
{
	gt_expect_sync(vcpu, 0);
	gt_expect_off(vcpu);
}

/* ---- another process, which has nothing but what it gets by the socket ---- */

FIXTURE(stranger) {
	struct gt_resources before;
	struct gt_vm vm;
	int socket;
	pid_t child;
};

FIXTURE_VARIANT(stranger) {
	bool user_memory;
};

FIXTURE_VARIANT_ADD(stranger, file) { .user_memory = false };
FIXTURE_VARIANT_ADD(stranger, user_memory) { .user_memory = true };

/* May do everything with a VM of files (uapi 6 #6) */
static void child_owns_vm(const int *fds)
{
	int fd = gt_create_mem(GUEST_MIN_RAM, 0);
	uint64_t gpa = GUEST_RAM_BASE + (1ULL << 30);
	struct gt_vm vm;

	adopt(&vm, fds);
	gt_bind(vm.fd, gpa, LEND_RWX, fd, 0, GUEST_MIN_RAM);
	gt_assert_eq(__gt_unbind(vm.fd, gpa, LEND_RWX, fd, 0, GUEST_MIN_RAM), 0);
	gt_vm_start(&vm);
	run_to_the_end(&vm.vcpu[0]);
	gt_assert_eq(__gt_remove_vcpu(vm.fd, 0), 0);
	gt_vm_close(&vm);
}

/* May start a VM with memory of its creator, but nothing that touches that memory */
static void child_is_refused(const int *fds)
{
	void *mem = gt_alloc(getpagesize());
	uint64_t gpa = GUEST_RAM_BASE + (1ULL << 30);
	struct gt_vm vm;

	adopt(&vm, fds);
	gt_assert_eq(__gt_add_memory(vm.fd, GT_SHARE, gpa, mem, getpagesize()), -EPERM);
	gt_assert_eq(__gt_add_memory(vm.fd, GT_LEND, gpa, mem, getpagesize()), -EPERM);
	gt_assert_eq(__gt_reclaim(vm.fd, GUEST_RAM_BASE, getpagesize()), -EPERM);
	gt_vm_start(&vm);
	gt_assert_eq(__gt_run(vm.vcpu[0].fd), -EPERM);
	gt_assert_eq(__gt_run(vm.vcpu[0].fd), -EPERM);
	gt_vm_close(&vm);
}

FIXTURE_SETUP(stranger)
{
	int pair[2], fds[2];

	gt_resources(&self->before);
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	self->child = fork();
	ASSERT_GE(self->child, 0);
	if (!self->child) {
		/* Whatever becomes of the test */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pair[0]);
		receive_fds(pair[1], fds, 2);
		if (variant->user_memory)
			child_is_refused(fds);
		else
			child_owns_vm(fds);
		_exit(0);
	}
	close(pair[1]);
	self->socket = pair[0];
	if (variant->user_memory) {
		gt_vm_init(&self->vm, GUEST_hello);
		gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
	} else {
		prepare_file_vm(&self->vm);
	}
}

FIXTURE_TEARDOWN(stranger)
{
	gt_vm_close(&self->vm);
	gt_expect_resources(&self->before);
}

static void give_away(struct gt_vm *vm, int socket)
{
	int fds[] = { vm->fd, vm->vcpu[0].fd };

	send_fds(socket, fds, ARRAY_SIZE(fds));
}

TEST_F(stranger, while_we_watch)
{
	struct gunyah_vm_info info;

	give_away(&self->vm, self->socket);
	gt_wait_exit(self->child, 0);
	ASSERT_EQ(ioctl(self->vm.fd, GUNYAH_VM_GET_INFO, &info), 0);
	if (!variant->user_memory) {
		EXPECT_EQ(info.status, GUNYAH_VM_STATUS_EXITED);
		EXPECT_EQ(__gt_run(self->vm.vcpu[0].fd), -ENODEV);
		return;
	}
	/* It has been started, and is as it was */
	EXPECT_EQ(info.state, GUNYAH_VM_STATE_RUNNING);
	run_to_the_end(&self->vm.vcpu[0]);
}

/* It is all theirs, on the way as well: the last close is that of the socket or the child */
TEST_F(stranger, who_is_alone)
{
	give_away(&self->vm, self->socket);
	gt_vcpu_close(&self->vm.vcpu[0]);
	close(self->vm.fd);
	self->vm.fd = -1;
	gt_wait_exit(self->child, 0);
}

/* Descriptors that nobody fetches go with the socket, and the VM with them */
TEST(lost_in_a_socket)
{
	struct gt_resources before;
	struct gt_vm vm;
	int pair[2];

	gt_resources(&before);
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	gt_vm_init(&vm, GUEST_hello);
	gt_vm_boot(&vm);
	give_away(&vm, pair[0]);
	gt_vm_close(&vm);
	EXPECT_GT(gt_locked_kib() + (gt_open_profile() ? 0 : 1), 0);
	close(pair[1]);
	close(pair[0]);
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&before);
}

/* ---- fork ---- */

/* A child runs what its parent has made; both have the run page */
TEST(child_runs_vm_of_a_file)
{
	struct gt_vm vm;
	pid_t child;

	prepare_file_vm(&vm);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		gt_vm_start(&vm);
		run_to_the_end(&vm.vcpu[0]);
		_exit(0);
	}
	gt_wait_exit(child, 0);
	EXPECT_EQ(vm.vcpu[0].run->exit_reason, GUNYAH_VCPU_EXIT_STATUS);
	EXPECT_EQ(vm.vcpu[0].run->status.status, GUNYAH_VM_STATUS_EXITED);
	gt_vm_close(&vm);
}

/* The creator is gone, and its memory: nobody can run this, but it can be closed */
TEST(orphan_of_user_memory)
{
	int pair[2], fds[2];
	struct gt_vm vm;
	pid_t child;

	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		gt_vm_init(&vm, GUEST_hello);
		gt_vm_boot(&vm);
		give_away(&vm, pair[1]);
		_exit(0);
	}
	gt_wait_exit(child, 0);
	receive_fds(pair[0], fds, 2);
	adopt(&vm, fds);
	EXPECT_EQ(__gt_run(vm.vcpu[0].fd), -EPERM);
	EXPECT_EQ(__gt_start(vm.fd), 0);
	gt_vm_close(&vm);
	/* Nothing has suffered */
	gt_vm_init(&vm, GUEST_hello);
	gt_vm_boot(&vm);
	run_to_the_end(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

/* ---- calls that descriptors have, or have not (uapi 3.1) ---- */

FIXTURE(calls) {
	struct gt_vm vm;
	int dev, vcpu;
};

FIXTURE_SETUP(calls)
{
	self->dev = gt_open();
	gt_vm_init(&self->vm, GUEST_hello);
	gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
	self->vcpu = self->vm.vcpu[0].fd;
}

FIXTURE_TEARDOWN(calls)
{
	gt_vm_close(&self->vm);
	close(self->dev);
}

TEST_F(calls, read_write)
{
	int fds[] = { self->dev, self->vm.fd, self->vcpu };
	char text[8] = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_EQ(gt_errno(read(fds[i], text, sizeof(text))), -EINVAL);
		EXPECT_EQ(gt_errno(write(fds[i], text, sizeof(text))), -EINVAL);
	}
}

/* There is no position to move: whatever is asked for, nothing happens */
TEST_F(calls, seek)
{
	int fds[] = { self->dev, self->vm.fd, self->vcpu };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		EXPECT_EQ(gt_errno(lseek(fds[i], 100, SEEK_SET)), 0);
}

TEST_F(calls, map)
{
	size_t page = getpagesize();

	EXPECT_EQ(mmap(NULL, page, PROT_READ, MAP_SHARED, self->dev, 0), MAP_FAILED);
	EXPECT_EQ(errno, ENODEV);
	EXPECT_EQ(mmap(NULL, page, PROT_READ, MAP_SHARED, self->vm.fd, 0), MAP_FAILED);
	EXPECT_EQ(errno, ENODEV);
}

TEST_F(calls, truncate_allocate_sync)
{
	int fds[] = { self->dev, self->vm.fd, self->vcpu };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_EQ(gt_errno(ftruncate(fds[i], 4096)), -EINVAL);
		EXPECT_LT(gt_errno(fallocate(fds[i], 0, 0, 4096)), 0);
		EXPECT_EQ(gt_errno(fsync(fds[i])), -EINVAL);
	}
}

/* Those that cannot wait are always ready, as files without poll are */
TEST_F(calls, poll)
{
	struct pollfd pfd[] = {
		{ .fd = self->dev, .events = POLLIN | POLLOUT },
		{ .fd = self->vcpu, .events = POLLIN | POLLOUT },
	};

	EXPECT_EQ(poll(pfd, ARRAY_SIZE(pfd), 0), 2);
	EXPECT_EQ(pfd[0].revents, POLLIN | POLLOUT);
	EXPECT_EQ(pfd[1].revents, POLLIN | POLLOUT);
}

/* A private mapping sees the page until it writes */
TEST_F(calls, private_run_page)
{
	struct gunyah_vcpu_run *run = self->vm.vcpu[0].run, *copy;

	copy = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE, self->vcpu, 0);
	ASSERT_NE(copy, MAP_FAILED);
	run->immediate_exit = 1;
	EXPECT_EQ(copy->immediate_exit, 1);
	copy->immediate_exit = 0;
	EXPECT_EQ(run->immediate_exit, 1);
	gt_vm_start(&self->vm);
	/* The kernel goes by the shared one */
	EXPECT_EQ(__gt_run(self->vcpu), -EINTR);
	run->immediate_exit = 0;
	run_to_the_end(&self->vm.vcpu[0]);
	EXPECT_EQ(munmap(copy, getpagesize()), 0);
}

/* No place in a file but 0, however it is asked for */
TEST_F(calls, run_page_elsewhere)
{
	size_t page = getpagesize();
	char *far, *two;

	gt_catch_sigbus();
	far = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, self->vcpu, 1ULL << 40);
	ASSERT_NE(far, MAP_FAILED);
	EXPECT_TRUE(gt_read_faults(far));
	two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, self->vcpu, 0);
	ASSERT_NE(two, MAP_FAILED);
	/* Moved and grown, what is behind the page is still nothing */
	two = mremap(two, 2 * page, 8 * page, MREMAP_MAYMOVE);
	if (two != MAP_FAILED) {
		EXPECT_FALSE(gt_read_faults(two));
		EXPECT_TRUE(gt_write_faults(two + page));
		EXPECT_TRUE(gt_write_faults(two + 7 * page));
	}
}

TEST_HARNESS_MAIN
