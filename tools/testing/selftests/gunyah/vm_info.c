// SPDX-License-Identifier: GPL-2.0-only
/*
 * GUNYAH_VM_GET_INFO and poll() of VMs: what they say in each state of a VM's life, and
 * that who waits is woken.
 */
#include "harness.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define NO_VMID	0xffff

static struct gunyah_vm_info get_info(int vm)
{
	struct gunyah_vm_info info;

	/* All of it is written */
	memset(&info, 0xa5, sizeof(info));
	gt_assert(!ioctl(vm, GUNYAH_VM_GET_INFO, &info));
	gt_assert_eq(info.reserved, 0);
	gt_assert_eq(info.reserved2[0], 0);
	gt_assert_eq(info.reserved2[1], 0);
	gt_assert_eq(info.exit_info.padding, 0);
	return info;
}

/* What poll() says now, or after a wait */
static short poll_vm(int vm, int timeout)
{
	struct pollfd pfd = { .fd = vm, .events = POLLIN | POLLOUT | POLLPRI };

	gt_assert(poll(&pfd, 1, timeout) >= 0);
	return pfd.revents;
}

static bool no_exit_info(const struct gunyah_vm_info *info)
{
	static const struct gunyah_vm_exit_info none;

	return !memcmp(&info->exit_info, &none, sizeof(none));
}

FIXTURE(info) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
};

FIXTURE_SETUP(info)
{
	gt_resources(&self->before);
	gt_vm_init(&self->vm, GUEST_hello);
	self->vcpu = &self->vm.vcpu[0];
	gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
}

FIXTURE_TEARDOWN(info)
{
	gt_vm_close(&self->vm);
	gt_expect_resources(&self->before);
}

TEST_F(info, of_a_new_vm)
{
	struct gunyah_vm_info info = get_info(self->vm.fd);

	EXPECT_EQ(poll_vm(self->vm.fd, 0), 0);
	EXPECT_EQ(info.changes, 0);
	EXPECT_EQ(info.state, GUNYAH_VM_STATE_NONE);
	EXPECT_EQ(info.status, 0);
	EXPECT_TRUE(no_exit_info(&info));
	EXPECT_EQ(info.vmid, NO_VMID);
	EXPECT_EQ(info.private_pages, 0);
	EXPECT_EQ(info.shared_pages, 0);
	EXPECT_EQ(info.lost_pages, 0);
}

TEST_F(info, of_a_running_vm)
{
	uint64_t ram = self->vm.ram_size / getpagesize();
	bool lent = self->vm.kind == GT_LEND;
	struct gunyah_vm_info info;
	uint64_t has, other;

	gt_vm_start(&self->vm);
	EXPECT_EQ(poll_vm(self->vm.fd, -1), POLLIN);
	info = get_info(self->vm.fd);
	EXPECT_GT(info.changes, 0);
	EXPECT_EQ(info.state, GUNYAH_VM_STATE_RUNNING);
	EXPECT_EQ(info.status, 0);
	EXPECT_TRUE(no_exit_info(&info));
	EXPECT_NE(info.vmid, NO_VMID);
	EXPECT_NE(info.vmid, 0);
	has = lent ? info.private_pages : info.shared_pages;
	other = lent ? info.shared_pages : info.private_pages;
	EXPECT_EQ(other, 0);
	/* The device tree at least, and everything where it goes at once */
	EXPECT_GE(has, gt_open_profile() ? ram : GUEST_DTB_SIZE / getpagesize());
	EXPECT_LE(has, ram);
	/* What is known is no news */
	EXPECT_EQ(poll_vm(self->vm.fd, 0), 0);
	EXPECT_EQ(get_info(self->vm.fd).changes, info.changes);

	/* Pages that the guest touches become its own; that is no change of state */
	gt_expect_sync(self->vcpu, 0);
	if (!gt_open_profile()) {
		info = get_info(self->vm.fd);
		EXPECT_GT(lent ? info.private_pages : info.shared_pages, has);
	}
	EXPECT_EQ(poll_vm(self->vm.fd, 0), 0);
}

static void expect_exited(int vm, const struct gunyah_vcpu_run *run)
{
	struct gunyah_vm_info info = get_info(vm);

	gt_assert_eq(info.state, GUNYAH_VM_STATE_EXITED);
	gt_assert_eq(info.status, run->status.status);
	gt_assert(!memcmp(&info.exit_info, &run->status.exit_info, sizeof(info.exit_info)));
	gt_assert(info.vmid != NO_VMID);
}

/* As in the run page; HUP stays */
TEST_F(info, of_an_exited_vm)
{
	gt_vm_start(&self->vm);
	get_info(self->vm.fd);
	gt_expect_sync(self->vcpu, 0);
	gt_expect_off(self->vcpu);
	EXPECT_EQ(poll_vm(self->vm.fd, -1), POLLIN | POLLHUP);
	expect_exited(self->vm.fd, self->vcpu->run);
	EXPECT_EQ(poll_vm(self->vm.fd, 0), POLLHUP);
	expect_exited(self->vm.fd, self->vcpu->run);
	EXPECT_EQ(poll_vm(self->vm.fd, 0), POLLHUP);
}

/* Taken apart already, for the RM; the descriptor remembers */
TEST_F(info, of_a_vm_that_failed_to_start)
{
	struct gunyah_vm_info info;

	memset((char *)self->vm.ram + GUEST_DTB_OFFSET, 0xff, 64);
	EXPECT_EQ(__gt_start(self->vm.fd), -EINVAL);
	EXPECT_EQ(poll_vm(self->vm.fd, 0), POLLIN | POLLHUP);
	info = get_info(self->vm.fd);
	EXPECT_EQ(info.state, GUNYAH_VM_STATE_NONE);
	EXPECT_EQ(info.status, GUNYAH_VM_STATUS_LOAD_FAILED);
	EXPECT_TRUE(no_exit_info(&info));
	EXPECT_EQ(info.vmid, NO_VMID);
	EXPECT_EQ(info.private_pages + info.shared_pages, 0);
	EXPECT_EQ(poll_vm(self->vm.fd, 0), POLLHUP);
}

/* A start that changes nothing is no news: it may be tried again */
TEST_F(info, of_a_vm_that_cannot_be_started_yet)
{
	EXPECT_EQ(__gt_set_dtb(self->vm.fd, 0x1000, 0x1000), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), -ENOENT);
	EXPECT_EQ(poll_vm(self->vm.fd, 0), 0);
	EXPECT_EQ(get_info(self->vm.fd).changes, 0);
}

/* Who does not get the answer has not seen it */
TEST_F(info, bad_address)
{
	char *mem = mmap(NULL, 2 * getpagesize(), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(mem, MAP_FAILED);
	ASSERT_EQ(munmap(mem + getpagesize(), getpagesize()), 0);
	gt_vm_start(&self->vm);
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_GET_INFO, NULL)), -EFAULT);
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_GET_INFO,
				 mem + getpagesize() - sizeof(struct gunyah_vm_info) + 1)),
		  -EFAULT);
	EXPECT_EQ(poll_vm(self->vm.fd, 0), POLLIN);
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_GET_INFO,
				 mem + getpagesize() - sizeof(struct gunyah_vm_info))), 0);
	EXPECT_EQ(poll_vm(self->vm.fd, 0), 0);
}

/* Descriptors of a VM are one */
TEST_F(info, seen_through_a_copy)
{
	int copy = dup(self->vm.fd);

	ASSERT_GE(copy, 0);
	gt_vm_start(&self->vm);
	EXPECT_EQ(poll_vm(self->vm.fd, -1), POLLIN);
	get_info(copy);
	EXPECT_EQ(poll_vm(self->vm.fd, 0), 0);
	EXPECT_EQ(close(copy), 0);
}

/* ---- who waits is woken ---- */

struct waiter {
	pthread_t thread;
	int vm;
	unsigned int n;
};

/* Until the VM has ended, without ever asking in vain */
static void *wait_for_end(void *arg)
{
	struct waiter *w = arg;
	struct gunyah_vm_info info;
	uint64_t changes = 0;
	short revents;

	do {
		revents = poll_vm(w->vm, -1);
		gt_assert(revents);
		info = get_info(w->vm);
		gt_assert(info.changes > changes);
		changes = info.changes;
		gt_assert(!!(revents & POLLHUP) <= !!info.status);
		w->n++;
	} while (!info.status);
	return NULL;
}

static void start_waiting(struct waiter *w, int vm)
{
	*w = (struct waiter){ .vm = vm };
	gt_assert(!pthread_create(&w->thread, NULL, wait_for_end, w));
}

#define ROUNDS	20

/*
 * The waiter sleeps in poll() or is about to when the VM starts and ends, over and over:
 * a wake-up that got lost would leave it there for ever.
 */
TEST(no_wakeup_is_lost)
{
	struct waiter w;
	struct gt_vm vm;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		gt_vm_init(&vm, GUEST_hello);
		gt_assert_eq(__gt_vm_prepare(&vm), 0);
		start_waiting(&w, vm.fd);
		gt_vm_start(&vm);
		gt_expect_sync(&vm.vcpu[0], 0);
		gt_expect_off(&vm.vcpu[0]);
		gt_assert(!pthread_join(w.thread, NULL));
		gt_assert(w.n >= 1);
		expect_exited(vm.fd, vm.vcpu[0].run);
		gt_vm_close(&vm);
	}
}

TEST(failed_start_wakes)
{
	struct waiter w;
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	gt_assert_eq(__gt_vm_prepare(&vm), 0);
	memset((char *)vm.ram + GUEST_DTB_OFFSET, 0xff, 64);
	start_waiting(&w, vm.fd);
	EXPECT_EQ(__gt_start(vm.fd), -EINVAL);
	gt_assert(!pthread_join(w.thread, NULL));
	EXPECT_EQ(get_info(vm.fd).status, GUNYAH_VM_STATUS_LOAD_FAILED);
	gt_vm_close(&vm);
}

TEST(epoll_edges)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct gt_vm vm;

	ASSERT_GE(ep, 0);
	gt_vm_init(&vm, GUEST_hello);
	gt_assert_eq(__gt_vm_prepare(&vm), 0);
	ASSERT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, vm.fd, &ev), 0);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	gt_vm_start(&vm);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, -1), 1);
	EXPECT_EQ(ev.events, EPOLLIN);
	gt_expect_sync(&vm.vcpu[0], 0);
	/* Also if nobody has asked for the news of before */
	gt_expect_off(&vm.vcpu[0]);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, -1), 1);
	EXPECT_TRUE(ev.events & EPOLLHUP);
	/* The last reference goes while it is watched */
	gt_vm_close(&vm);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	close(ep);
}

/* PSCI's ways out, by their function numbers */
TEST(reasons)
{
	static const struct {
		uint64_t fn;
		uint16_t type;
	} exits[] = {
		{ 0x84000008, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF },
		{ 0x84000009, GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET },
		{ 0x84000012, GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET2 },
	};
	unsigned int i;
	struct gt_vm vm;

	for (i = 0; i < ARRAY_SIZE(exits); i++) {
		gt_vm_init(&vm, GUEST_command);
		gt_vm_boot(&vm);
		gt_command(&vm.vcpu[0], CMD_HVC, exits[i].fn, 0, 0, 0);
		gt_expect_status(&vm.vcpu[0], GUNYAH_VM_STATUS_EXITED, exits[i].type);
		expect_exited(vm.fd, vm.vcpu[0].run);
		gt_vm_close(&vm);
	}
}

TEST_HARNESS_MAIN
