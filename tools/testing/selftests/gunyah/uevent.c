// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uevents of /dev/gunyah, as a listener in user space gets them: the life of each VM,
 * complete and in order (uapi 4.5).
 */
#include "harness.h"

#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_EVENTS	128
#define NR_VMS		6

struct event {
	char name[16];
	int vm_id;
	int vm_exit;	/* -1: not said */
};

static int listen_to_kernel(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	int size = 1 << 20;

	gt_assert(fd >= 0);
	gt_assert(!setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)));
	gt_assert(!bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	return fd;
}

static void parse_pair(const char *pair, struct event *event)
{
	const char *value = strchr(pair, '=');

	if (!value++)
		return;
	if (!strncmp(pair, "EVENT=", value - pair))
		snprintf(event->name, sizeof(event->name), "%s", value);
	else if (!strncmp(pair, "vm_id=", value - pair))
		event->vm_id = atoi(value);
	else if (!strncmp(pair, "vm_exit=", value - pair))
		event->vm_exit = atoi(value);
}

/* "change@/devices/.../gunyah", then strings "key=value" */
static bool parse(const char *text, size_t size, struct event *event)
{
	const char *end = text + size, *leaf = strrchr(text, '/');

	if (strncmp(text, "change@", 7) || !leaf || strcmp(leaf, "/gunyah"))
		return false;
	*event = (struct event){ .vm_id = -1, .vm_exit = -1 };
	for (; text < end; text += strlen(text) + 1)
		parse_pair(text, event);
	return true;
}

/* All that have been sent: what a close() causes has been when it returns */
static unsigned int take_events(int fd, struct event *events)
{
	unsigned int n = 0;
	char text[4096];
	ssize_t size;

	for (;;) {
		size = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
		if (size < 0)
			break;
		text[size] = 0;
		gt_assert(n < MAX_EVENTS);
		n += parse(text, size, &events[n]);
	}
	gt_assert_eq(errno, EAGAIN);
	return n;
}

static void expect_event(const struct event *event, const char *name, int vm_id, int vm_exit)
{
	if (strcmp(event->name, name))
		gt_fail("\"%s\" instead of \"%s\"", event->name, name);
	gt_assert_eq(event->vm_id, vm_id);
	gt_assert_eq(event->vm_exit, vm_exit);
}

static int vmid_of(struct gt_vm *vm)
{
	struct gunyah_vm_info info;

	gt_assert(!ioctl(vm->fd, GUNYAH_VM_GET_INFO, &info));
	return info.vmid;
}

static void expect_life(const struct event *events, unsigned int n, int vm_id, int vm_exit)
{
	gt_assert_eq(n, 4);
	expect_event(&events[0], "create", vm_id, -1);
	expect_event(&events[1], "start", vm_id, -1);
	expect_event(&events[2], "exit", vm_id, vm_exit);
	expect_event(&events[3], "destroy", vm_id, vm_exit);
}

FIXTURE(uevent) {
	int fd;
	struct event events[MAX_EVENTS];
	unsigned int n;
};

FIXTURE_SETUP(uevent)
{
	self->fd = listen_to_kernel();
}

FIXTURE_TEARDOWN(uevent)
{
	close(self->fd);
}

TEST_F(uevent, of_a_life)
{
	struct gt_vm vm;
	int vmid;

	gt_vm_init(&vm, GUEST_hello);
	gt_vm_boot(&vm);
	vmid = vmid_of(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
	self->n = take_events(self->fd, self->events);
	expect_life(self->events, self->n, vmid, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
}

TEST_F(uevent, of_a_reset)
{
	struct gt_vm vm;
	int vmid;

	gt_vm_init(&vm, GUEST_command);
	gt_vm_boot(&vm);
	vmid = vmid_of(&vm);
	gt_command(&vm.vcpu[0], CMD_HVC, 0x84000009, 0, 0, 0);
	gt_expect_status(&vm.vcpu[0], GUNYAH_VM_STATUS_EXITED,
			 GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET);
	gt_vm_close(&vm);
	self->n = take_events(self->fd, self->events);
	expect_life(self->events, self->n, vmid, GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET);
}

/* The close stops it */
TEST_F(uevent, of_a_vm_that_ran_until_its_close)
{
	struct gt_vm vm;
	int vmid;

	gt_vm_init(&vm, GUEST_hello);
	gt_vm_boot(&vm);
	vmid = vmid_of(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_vm_close(&vm);
	self->n = take_events(self->fd, self->events);
	expect_life(self->events, self->n, vmid, GUNYAH_VM_EXIT_TYPE_VM_FORCE_STOPPED);
}

/* It had an id for a moment, but never ran */
TEST_F(uevent, of_a_vm_that_failed_to_start)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	gt_assert_eq(__gt_vm_prepare(&vm), 0);
	memset((char *)vm.ram + GUEST_DTB_OFFSET, 0xff, 64);
	EXPECT_EQ(__gt_start(vm.fd), -EINVAL);
	gt_vm_close(&vm);
	self->n = take_events(self->fd, self->events);
	ASSERT_EQ(self->n, 2);
	EXPECT_GT(self->events[0].vm_id, 0);
	expect_event(&self->events[0], "create", self->events[0].vm_id, -1);
	expect_event(&self->events[1], "destroy", self->events[0].vm_id, 0);
}

TEST_F(uevent, none_of_a_vm_without_id)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	gt_assert_eq(__gt_vm_prepare(&vm), 0);
	gt_vm_close(&vm);
	EXPECT_EQ(take_events(self->fd, self->events), 0);
}

/* Its process dies; the events are there once it is gone */
TEST_F(uevent, of_a_killed_process)
{
	struct gt_vm vm;
	int started[2];
	pid_t child;
	int vmid;

	ASSERT_EQ(pipe(started), 0);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		gt_vm_init(&vm, GUEST_hello);
		gt_vm_boot(&vm);
		vmid = vmid_of(&vm);
		gt_assert_eq(write(started[1], &vmid, sizeof(vmid)), sizeof(vmid));
		for (;;)
			pause();
	}
	ASSERT_EQ(read(started[0], &vmid, sizeof(vmid)), sizeof(vmid));
	kill(child, SIGKILL);
	gt_wait_killed(child, SIGKILL);
	self->n = take_events(self->fd, self->events);
	expect_life(self->events, self->n, vmid, GUNYAH_VM_EXIT_TYPE_VM_FORCE_STOPPED);
}

/* Those of one VM among those of all */
static unsigned int pick(const struct event *events, unsigned int n, int vm_id,
			 struct event *picked)
{
	unsigned int i, count = 0;

	for (i = 0; i < n; i++) {
		if (events[i].vm_id == vm_id)
			picked[count++] = events[i];
	}
	return count;
}

TEST_F(uevent, of_several_at_once)
{
	struct event picked[MAX_EVENTS];
	struct gt_vm vm[NR_VMS];
	int vmid[NR_VMS];
	unsigned int i;

	for (i = 0; i < NR_VMS; i++) {
		gt_vm_init(&vm[i], GUEST_hello);
		gt_vm_boot(&vm[i]);
		vmid[i] = vmid_of(&vm[i]);
		gt_expect_sync(&vm[i].vcpu[0], 0);
	}
	for (i = 0; i < NR_VMS; i++)
		gt_expect_off(&vm[NR_VMS - 1 - i].vcpu[0]);
	for (i = 0; i < NR_VMS; i++)
		gt_vm_close(&vm[i]);
	self->n = take_events(self->fd, self->events);
	EXPECT_EQ(self->n, 4 * NR_VMS);
	for (i = 0; i < NR_VMS; i++)
		expect_life(picked, pick(self->events, self->n, vmid[i], picked), vmid[i],
			    GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
}

/* One process after the other has a VM, several at a time: ids are used again */
static void live_often(void)
{
	struct gt_vm vm;
	int i;

	for (i = 0; i < 4; i++) {
		gt_vm_init(&vm, GUEST_hello);
		gt_vm_boot(&vm);
		gt_expect_sync(&vm.vcpu[0], 0);
		gt_expect_off(&vm.vcpu[0]);
		gt_vm_close(&vm);
	}
	_exit(0);
}

/* Each id: a life, then the next one */
static void expect_lives(const struct event *events, unsigned int n, int vm_id)
{
	static const char * const names[] = { "create", "start", "exit", "destroy" };
	unsigned int i;

	gt_assert_eq(n % ARRAY_SIZE(names), 0);
	for (i = 0; i < n; i++)
		expect_event(&events[i], names[i % 4], vm_id,
			     i % 4 < 2 ? -1 : GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
}

TEST_F(uevent, ids_used_again)
{
	struct event picked[MAX_EVENTS];
	pid_t child[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(child); i++) {
		child[i] = fork();
		ASSERT_GE(child[i], 0);
		if (!child[i])
			live_often();
	}
	for (i = 0; i < ARRAY_SIZE(child); i++)
		gt_wait_exit(child[i], 0);
	self->n = take_events(self->fd, self->events);
	EXPECT_EQ(self->n, 4 * 4 * ARRAY_SIZE(child));
	for (i = 0; i < self->n; i++)
		expect_lives(picked, pick(self->events, self->n, self->events[i].vm_id, picked),
			     self->events[i].vm_id);
}

TEST_HARNESS_MAIN
