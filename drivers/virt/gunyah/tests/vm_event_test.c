// SPDX-License-Identifier: GPL-2.0-only
/*
 * What others are told about VMs: an audience that writes everything down, poll() and
 * GET_INFO, on the model of the Resource Manager.
 */
#include <kunit/test.h>
#include <linux/completion.h>

#include "vm_fixture.h"

#define MAX_HEARD	16

/**
 * struct heard - news as they came
 * @news: which
 * @vmid: of which VM
 * @exit_type: -1: unknown
 */
struct heard {
	enum gunyah_vm_news news;
	u16 vmid;
	int exit_type;
};

/**
 * struct event_test - an audience
 * @audience: the VM's
 * @vm: the VM and the model
 * @heard: what it was told
 * @n: how often
 * @gate: if it is to listen only later: until when
 * @released: the VM has let go of it
 */
struct event_test {
	struct gunyah_vm_audience audience;
	struct vm_test *vm;
	struct heard heard[MAX_HEARD];
	unsigned int n;
	struct completion *gate;
	bool released;
};

static void write_down(struct gunyah_vm_audience *audience, enum gunyah_vm_news news, u16 vmid,
		       int exit_type)
{
	struct event_test *e = container_of(audience, struct event_test, audience);

	if (e->gate)
		wait_for_completion(e->gate);
	if (e->n < MAX_HEARD)
		e->heard[e->n] = (struct heard){ news, vmid, exit_type };
	e->n++;
}

static void note_release(struct kref *ref)
{
	container_of(ref, struct event_test, audience.ref)->released = true;
}

static void event_setup(struct kunit *test, struct event_test *e)
{
	*e = (struct event_test){ .vm = test->priv };
	kref_init(&e->audience.ref);
	e->audience.release = note_release;
	e->audience.tell = write_down;
	e->audience.wq = alloc_ordered_workqueue("gunyah-test", 0);
	KUNIT_ASSERT_NOT_NULL(test, e->audience.wq);
	vm_test_setup(e->vm);
	gunyah_vm_set_audience(e->vm->vm, &e->audience);
}

/* The end of the VM; afterwards everything must have been heard */
static void event_end(struct kunit *test, struct event_test *e)
{
	vm_test_put(e->vm);
	KUNIT_EXPECT_FALSE(test, e->released);
	kref_put(&e->audience.ref, e->audience.release);
	KUNIT_EXPECT_TRUE(test, e->released);
	destroy_workqueue(e->audience.wq);
	vm_test_expect_nothing_left(test);
}

static void expect_heard(struct kunit *test, const struct event_test *e, unsigned int i,
			 enum gunyah_vm_news news, int exit_type)
{
	KUNIT_EXPECT_EQ(test, e->heard[i].news, news);
	KUNIT_EXPECT_EQ(test, e->heard[i].vmid, MODEL_VMID);
	KUNIT_EXPECT_EQ(test, e->heard[i].exit_type, exit_type);
}

static __poll_t poll_now(struct event_test *e)
{
	return gunyah_vm_poll(e->vm->vm, NULL, NULL);
}

static struct gunyah_vm_info see(struct kunit *test, struct event_test *e)
{
	struct gunyah_vm_info info;

	KUNIT_EXPECT_EQ(test, gunyah_vm_get_info(e->vm->vm, &info), 0);
	gunyah_vm_info_seen(e->vm->vm, &info);
	return info;
}

/* A guest that resets itself, and a VM that somebody looks at all the time */
static void event_test_life(struct kunit *test)
{
	struct event_test e;
	struct gunyah_vm_info info;

	event_setup(test, &e);
	KUNIT_EXPECT_EQ(test, poll_now(&e), 0);
	KUNIT_ASSERT_EQ(test, gunyah_vm_start(e.vm->vm), 0);
	KUNIT_EXPECT_EQ(test, poll_now(&e), EPOLLIN | EPOLLRDNORM);
	info = see(test, &e);
	KUNIT_EXPECT_EQ(test, info.state, GUNYAH_VM_STATE_RUNNING);
	KUNIT_EXPECT_EQ(test, info.vmid, MODEL_VMID);
	KUNIT_EXPECT_EQ(test, info.private_pages, RAM_PAGES);
	KUNIT_EXPECT_EQ(test, poll_now(&e), 0);

	model_rm_notify_exit(&e.vm->model, GUNYAH_RM_EXIT_PSCI_RESET2, 0x12345678);
	KUNIT_ASSERT_TRUE(test, gunyah_vm_wait_state(e.vm->vm, BIT(GUNYAH_RM_VM_STATE_EXITED),
						     5000));
	info = see(test, &e);
	KUNIT_EXPECT_EQ(test, info.status, GUNYAH_VM_STATUS_EXITED);
	KUNIT_EXPECT_EQ(test, info.exit_info.type, GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET2);
	KUNIT_EXPECT_EQ(test, info.exit_info.reason[0], 0x78);
	KUNIT_EXPECT_EQ(test, poll_now(&e), EPOLLHUP);
	event_end(test, &e);
	KUNIT_ASSERT_EQ(test, e.n, 4);
	expect_heard(test, &e, 0, GUNYAH_VM_NEWS_CREATE, -1);
	expect_heard(test, &e, 1, GUNYAH_VM_NEWS_START, -1);
	expect_heard(test, &e, 2, GUNYAH_VM_NEWS_EXIT, 3);
	expect_heard(test, &e, 3, GUNYAH_VM_NEWS_DESTROY, 3);
}

/* Whoever listens late hears all of it, in order, before the VM is gone */
static void event_test_late(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(gate);
	struct event_test e;
	unsigned int i;

	event_setup(test, &e);
	e.gate = &gate;
	KUNIT_ASSERT_EQ(test, gunyah_vm_start(e.vm->vm), 0);
	model_rm_notify_exit(&e.vm->model, GUNYAH_RM_EXIT_PSCI_OFF, 0);
	KUNIT_ASSERT_TRUE(test, gunyah_vm_wait_state(e.vm->vm, BIT(GUNYAH_RM_VM_STATE_EXITED),
						     5000));
	KUNIT_EXPECT_EQ(test, e.n, 0);
	complete_all(&gate);
	event_end(test, &e);
	KUNIT_ASSERT_EQ(test, e.n, GUNYAH_VM_NR_NEWS);
	for (i = 0; i < GUNYAH_VM_NR_NEWS; i++)
		KUNIT_EXPECT_EQ(test, e.heard[i].news, i);
}

/* The RM says nothing about states: its replies are enough */
static void event_test_mute(struct kunit *test)
{
	struct vm_test *t = test->priv;
	struct event_test e;
	unsigned int i;

	t->model.mute = true;
	event_setup(test, &e);
	KUNIT_ASSERT_EQ(test, gunyah_vm_start(e.vm->vm), 0);
	event_end(test, &e);
	KUNIT_ASSERT_EQ(test, e.n, GUNYAH_VM_NR_NEWS);
	for (i = 0; i < GUNYAH_VM_NR_NEWS; i++)
		KUNIT_EXPECT_EQ(test, e.heard[i].news, i);
}

static void event_test_failed_start(struct kunit *test)
{
	struct vm_test *t = test->priv;
	struct event_test e;

	t->model.faults[0].msg_id = GUNYAH_RM_VM_INIT;
	t->model.faults[0].fault = MODEL_FAILS;
	event_setup(test, &e);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(e.vm->vm), -EINVAL);
	KUNIT_EXPECT_EQ(test, poll_now(&e), EPOLLIN | EPOLLRDNORM | EPOLLHUP);
	KUNIT_EXPECT_EQ(test, see(test, &e).status, GUNYAH_VM_STATUS_LOAD_FAILED);
	KUNIT_EXPECT_EQ(test, poll_now(&e), EPOLLHUP);
	event_end(test, &e);
	KUNIT_ASSERT_EQ(test, e.n, 2);
	expect_heard(test, &e, 0, GUNYAH_VM_NEWS_CREATE, -1);
	expect_heard(test, &e, 1, GUNYAH_VM_NEWS_DESTROY, -1);
}

/* Without an id there is nothing to tell, and the VM has not ended */
static void event_test_no_vmid(struct kunit *test)
{
	struct vm_test *t = test->priv;
	struct event_test e;

	t->model.faults[0].msg_id = GUNYAH_RM_VM_ALLOCATE;
	t->model.faults[0].fault = MODEL_FAILS;
	event_setup(test, &e);
	KUNIT_EXPECT_NE(test, gunyah_vm_start(e.vm->vm), 0);
	KUNIT_EXPECT_EQ(test, poll_now(&e), 0);
	event_end(test, &e);
	KUNIT_EXPECT_EQ(test, e.n, 0);
}

/* For the RM it runs, for us it is over */
static void event_test_memory_failed(struct kunit *test)
{
	struct gunyah_vm_info info;
	struct event_test e;
	struct gunyah_vm *vm;

	event_setup(test, &e);
	vm = e.vm->vm;
	KUNIT_ASSERT_EQ(test, gunyah_vm_start(vm), 0);
	see(test, &e);
	WRITE_ONCE(vm->mem.failed, true);
	vm->mem.on_failed(&vm->mem);
	KUNIT_EXPECT_EQ(test, poll_now(&e), EPOLLIN | EPOLLRDNORM | EPOLLHUP);
	info = see(test, &e);
	KUNIT_EXPECT_EQ(test, info.state, GUNYAH_VM_STATE_RUNNING);
	KUNIT_EXPECT_EQ(test, info.status, GUNYAH_VM_STATUS_CRASHED);
	/* Once more is no news */
	vm->mem.on_failed(&vm->mem);
	KUNIT_EXPECT_EQ(test, poll_now(&e), EPOLLHUP);
	event_end(test, &e);
	KUNIT_EXPECT_EQ(test, e.n, GUNYAH_VM_NR_NEWS);
}

/* State first, reason behind it: two changes, and a reason that is longer than its place */
static void event_test_reason(struct kunit *test)
{
	static const u8 reason[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct gunyah_rm_vm_exited_event exited = {
		.vmid = MODEL_VMID, .exit_type = 5, .reason_size = 100,
		.reason_len = sizeof(reason), .reason = reason,
	};
	struct gunyah_vm_info info;
	struct event_test e;
	struct gunyah_vm *vm;

	event_setup(test, &e);
	vm = e.vm->vm;
	KUNIT_ASSERT_EQ(test, gunyah_vm_start(vm), 0);
	info = see(test, &e);
	gunyah_vm_state_step(vm, GUNYAH_RM_VM_STATE_EXITED);
	KUNIT_EXPECT_EQ(test, vm->events.changes, info.changes + 1);
	KUNIT_EXPECT_EQ(test, poll_now(&e), EPOLLIN | EPOLLRDNORM | EPOLLHUP);
	vm->nb.notifier_call(&vm->nb, GUNYAH_RM_NOTIF_VM_EXITED, &exited);
	KUNIT_EXPECT_EQ(test, vm->events.changes, info.changes + 2);
	info = see(test, &e);
	KUNIT_EXPECT_EQ(test, info.exit_info.type, 5);
	KUNIT_EXPECT_EQ(test, info.exit_info.reason_size, 100);
	KUNIT_EXPECT_MEMEQ(test, info.exit_info.reason, reason, 8);
	/* Only the first word counts */
	exited.exit_type = 1;
	vm->nb.notifier_call(&vm->nb, GUNYAH_RM_NOTIF_VM_EXITED, &exited);
	KUNIT_EXPECT_EQ(test, see(test, &e).exit_info.type, 5);
	model_rm_notify_exit(&e.vm->model, GUNYAH_RM_EXIT_PSCI_OFF, 0);
	event_end(test, &e);
	KUNIT_ASSERT_EQ(test, e.n, GUNYAH_VM_NR_NEWS);
	expect_heard(test, &e, 2, GUNYAH_VM_NEWS_EXIT, 5);
	expect_heard(test, &e, 3, GUNYAH_VM_NEWS_DESTROY, 5);
}

static struct kunit_case event_test_cases[] = {
	KUNIT_CASE(event_test_life),
	KUNIT_CASE(event_test_late),
	KUNIT_CASE(event_test_mute),
	KUNIT_CASE(event_test_failed_start),
	KUNIT_CASE(event_test_no_vmid),
	KUNIT_CASE(event_test_memory_failed),
	KUNIT_CASE(event_test_reason),
	{}
};

static struct kunit_suite event_test_suite = {
	.name = "gunyah-vm-event",
	.init = vm_test_init,
	.exit = vm_test_exit,
	.test_cases = event_test_cases,
};

kunit_test_suite(event_test_suite);
