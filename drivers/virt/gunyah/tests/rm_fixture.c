// SPDX-License-Identifier: GPL-2.0-only
/* A Resource Manager on the fake transport: see rm_fixture.h. */
#include <kunit/device.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "rm_fixture.h"

static void record_status(struct rm_test_event *e, const struct gunyah_rm_vm_status_event *status)
{
	e->vmid = status->vmid;
	e->value = status->vm_state;
}

static void record_exited(struct rm_test_event *e, const struct gunyah_rm_vm_exited_event *exited)
{
	e->vmid = exited->vmid;
	e->value = exited->exit_type;
	e->reason_size = exited->reason_size;
	e->reason_len = exited->reason_len;
	memcpy(e->reason, exited->reason, min_t(size_t, exited->reason_len, sizeof(e->reason)));
}

static int record_event(struct notifier_block *nb, unsigned long action, void *data)
{
	struct rm_test *t = container_of(nb, struct rm_test, nb);
	struct rm_test_event *e;

	might_sleep();
	if (t->n_events == ARRAY_SIZE(t->events))
		return NOTIFY_OK;

	e = &t->events[t->n_events++];
	e->action = action;
	if (action == GUNYAH_RM_NOTIF_VM_STATUS)
		record_status(e, data);
	else
		record_exited(e, data);

	return NOTIFY_OK;
}

int rm_test_init(struct kunit *test)
{
	struct rm_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct device *dev = kunit_device_register(test, "gunyah-test");

	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_FALSE(test, IS_ERR(dev));
	t->fake = gunyah_fake_create(test);
	t->rm = gunyah_rm_create(dev, &gunyah_fake_ops, t->fake, RM_TEST_LONG, 1);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->rm));
	t->fake->rpc = &t->rm->rpc;
	t->rm->caps.own_vmid = 3;
	t->nb.notifier_call = record_event;
	KUNIT_ASSERT_EQ(test, gunyah_rm_notifier_register(t->rm, &t->nb), 0);
	test->priv = t;

	return 0;
}

void rm_test_exit(struct kunit *test)
{
	struct rm_test *t = test->priv;

	gunyah_rm_notifier_unregister(t->rm, &t->nb);
	gunyah_rm_shutdown(t->rm);
	gunyah_rm_put(t->rm);
}

void rm_test_play(struct rm_test *t, const char * const *script, u16 first_seq)
{
	t->fake->script = script;
	t->rm->rpc.next_seq = first_seq;
}

/* Runs of @size bytes, one every @step bytes */
struct gunyah_rm_mem_entry *rm_test_entries(struct kunit *test, u64 ipa, u64 size, u64 step,
					    size_t count)
{
	struct gunyah_rm_mem_entry *e = kunit_kcalloc(test, count, sizeof(*e), GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, e);
	for (i = 0; i < count; i++) {
		e[i].ipa = cpu_to_le64(ipa + i * step);
		e[i].size = cpu_to_le64(size);
	}

	return e;
}

struct gunyah_rm_mem_parcel rm_test_lend(struct kunit *test, u32 label, u64 ipa, u64 size,
					 size_t count)
{
	return (struct gunyah_rm_mem_parcel){
		.label = label,
		.n_acl = 1,
		.acl[0] = { .vmid = cpu_to_le16(0x80), .rights = 7 },
		.n_entries = count,
		.entries = rm_test_entries(test, ipa, size, 2 * size, count),
		.handle = 0xdead,
	};
}

static u8 sent_byte(struct rm_test *t, int packet, int at)
{
	return t->fake->packets[packet].data[8 + at];
}

u32 rm_test_sent_word(struct rm_test *t, int packet, int at)
{
	return sent_byte(t, packet, at) | sent_byte(t, packet, at + 1) << 8 |
	       sent_byte(t, packet, at + 2) << 16 | (u32)sent_byte(t, packet, at + 3) << 24;
}

void rm_test_reply_error(struct rm_test *t, u16 seq, u32 msg_id, u32 error)
{
	__le32 e = cpu_to_le32(error);

	gunyah_fake_reply(t->fake, seq, msg_id, &e, sizeof(e));
}

void rm_test_reply_word(struct rm_test *t, u16 seq, u32 msg_id, u32 handle)
{
	__le32 e[2] = { 0, cpu_to_le32(handle) };

	gunyah_fake_reply(t->fake, seq, msg_id, e, sizeof(e));
}

