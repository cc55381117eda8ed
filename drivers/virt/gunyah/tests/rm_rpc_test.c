// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets, fragments, matching and time-outs of rm_rpc.c, without messages.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "fake_rm.h"

#define MSG	0x56000024	/* any id: nothing here knows what it means */

#define NO_REPLY	(HZ / 50)	/* for calls that are to time out */
#define LONG		(60 * HZ)	/* for calls that are not */

struct rpc_test {
	struct gunyah_rm_rpc rpc;
	struct gunyah_fake *fake;
	int notified;
	u32 notified_id;
	size_t notified_size;
	int late;
	size_t late_len;
	u8 late_resp[16];
};

static void rpc_test_notify(void *data, u32 msg_id, const void *payload, size_t size)
{
	struct rpc_test *t = data;

	t->notified++;
	t->notified_id = msg_id;
	t->notified_size = size;
}

static void rpc_test_late(void *data, u32 arg, const void *resp, size_t resp_len)
{
	struct rpc_test *t = data;

	t->late++;
	t->late_len = resp_len;
	memcpy(t->late_resp, resp, min(resp_len, sizeof(t->late_resp)));
}

static int rpc_test_init(struct kunit *test)
{
	struct rpc_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->fake = gunyah_fake_create(test);
	t->fake->rpc = &t->rpc;
	t->rpc.notify = rpc_test_notify;
	t->rpc.notify_data = t;
	t->rpc.timeout = LONG;
	KUNIT_ASSERT_EQ(test, gunyah_rm_rpc_init(&t->rpc, &gunyah_fake_ops, t->fake, 7), 0);
	test->priv = t;

	return 0;
}

static void rpc_test_exit(struct kunit *test)
{
	struct rpc_test *t = test->priv;

	gunyah_rm_rpc_stop(&t->rpc);
	gunyah_rm_rpc_destroy(&t->rpc);
}

static int drops(struct rpc_test *t, enum gunyah_rm_rpc_drop why)
{
	return atomic_read(&t->rpc.drops[why]);
}

static int all_drops(struct rpc_test *t)
{
	int i, n = 0;

	for (i = 0; i < GUNYAH_RM_DROPS; i++)
		n += drops(t, i);

	return n;
}

/* A call in a thread of its own */
struct caller {
	struct rpc_test *t;
	struct gunyah_rm_call call;
	u8 req[4];
	u8 resp[16];
	int ret;
	struct completion done;
};

static int caller_thread(void *data)
{
	struct caller *c = data;

	c->ret = gunyah_rm_rpc_call(&c->t->rpc, &c->call);
	complete(&c->done);

	return 0;
}

static void caller_start(struct kunit *test, struct caller *c, u32 msg_id)
{
	c->t = test->priv;
	c->call.msg_id = msg_id;
	c->call.req = c->req;
	c->call.req_size = sizeof(c->req);
	c->call.resp = c->resp;
	c->call.resp_max = sizeof(c->resp);
	c->call.late = rpc_test_late;
	c->call.late_data = c->t;
	init_completion(&c->done);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(caller_thread, c, "gunyah-test")));
}

static struct caller *caller_new(struct kunit *test, u32 msg_id)
{
	struct caller *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	caller_start(test, c, msg_id);

	return c;
}

static u8 pattern(size_t i)
{
	return i * 7 + i / 232;
}

static u8 *make_payload(struct kunit *test, size_t size)
{
	u8 *payload = kunit_kzalloc(test, size + 1, GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, payload);
	for (i = 0; i < size; i++)
		payload[i] = pattern(i);

	return payload;
}

struct size_case {
	size_t size;
	int packets;
	u8 first_type;	/* request, number of further packets in bits 7:2 */
	u8 next_type;
	size_t last_size;
};

static const struct size_case send_cases[] = {
	{ 0, 1, 0x01, 0, 8 },
	{ 1, 1, 0x01, 0, 9 },
	{ 231, 1, 0x01, 0, 239 },
	{ 232, 1, 0x01, 0, 240 },
	{ 233, 2, 0x05, 0x04, 9 },
	{ 464, 2, 0x05, 0x04, 240 },
	{ 465, 3, 0x09, 0x08, 9 },
	{ 14383, 62, 0xf5, 0xf4, 239 },
	{ 14384, 62, 0xf5, 0xf4, 240 },
};

static void size_case_desc(const struct size_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu bytes", c->size);
}

KUNIT_ARRAY_PARAM(send_size, send_cases, size_case_desc);

static void check_sent_packet(struct kunit *test, const struct size_case *c, int n)
{
	struct rpc_test *t = test->priv;
	struct gunyah_fake_packet *p = &t->fake->packets[n];
	bool last = n == c->packets - 1;
	size_t i;

	KUNIT_EXPECT_EQ(test, p->size, last ? c->last_size : 240);
	KUNIT_EXPECT_EQ(test, p->last, last);
	KUNIT_EXPECT_EQ(test, p->data[0], 0x21);
	KUNIT_EXPECT_EQ(test, p->data[1], n ? c->next_type : c->first_type);
	KUNIT_EXPECT_EQ(test, p->data[2], 7);
	KUNIT_EXPECT_EQ(test, p->data[3], 0);
	KUNIT_EXPECT_MEMEQ(test, p->data + 4, "\x24\x00\x00\x56", 4);
	for (i = 8; i < p->size; i++)
		if (p->data[i] != pattern(n * 232 + i - 8))
			break;
	KUNIT_EXPECT_EQ(test, i, p->size);
}

static void rpc_test_send_sizes(struct kunit *test)
{
	const struct size_case *c = test->param_value;
	struct rpc_test *t = test->priv;
	struct gunyah_rm_call call = { .msg_id = MSG, .req_size = c->size };
	int n;

	call.req = make_payload(test, c->size);
	t->rpc.timeout = NO_REPLY;

	KUNIT_EXPECT_EQ(test, gunyah_rm_rpc_call(&t->rpc, &call), -ETIMEDOUT);
	KUNIT_ASSERT_EQ(test, t->fake->sent, c->packets);
	for (n = 0; n < c->packets; n++)
		check_sent_packet(test, c, n);
}

static void rpc_test_send_too_long(struct kunit *test)
{
	struct rpc_test *t = test->priv;
	struct gunyah_rm_call call = { .msg_id = MSG, .req_size = 14385 };

	call.req = make_payload(test, call.req_size);
	KUNIT_EXPECT_EQ(test, gunyah_rm_rpc_call(&t->rpc, &call), -E2BIG);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 0);
	KUNIT_EXPECT_FALSE(test, call.in_doubt);
}

/* 14616 is more than we send, but the most that may come */
static const struct size_case receive_cases[] = {
	{ .size = 0 }, { .size = 4 }, { .size = 232 }, { .size = 233 }, { .size = 464 },
	{ .size = 14384 }, { .size = 14615 }, { .size = 14616 },
};

KUNIT_ARRAY_PARAM(receive_size, receive_cases, size_case_desc);

static void rpc_test_receive_sizes(struct kunit *test)
{
	size_t size = ((const struct size_case *)test->param_value)->size;
	struct rpc_test *t = test->priv;
	u8 *reply = make_payload(test, size);
	struct caller *c = caller_new(test, MSG);

	gunyah_fake_wait_sent(t->fake, 1);
	gunyah_fake_reply(t->fake, 7, MSG, reply, size);
	wait_for_completion(&c->done);

	/* The thread's buffer is short: what did not fit was cut off */
	KUNIT_EXPECT_EQ(test, c->ret, 0);
	KUNIT_EXPECT_EQ(test, c->call.resp_len, size);
	KUNIT_EXPECT_MEMEQ(test, c->resp, reply, min(size, sizeof(c->resp)));
	KUNIT_EXPECT_EQ(test, all_drops(t), 0);
}

static void rpc_test_receive_whole(struct kunit *test)
{
	static const size_t size = 14616;
	struct rpc_test *t = test->priv;
	u8 *reply = make_payload(test, size);
	struct caller *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	u8 *resp = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_TRUE(test, c && resp);
	c->t = t;
	c->call = (struct gunyah_rm_call){ .msg_id = MSG, .resp = resp, .resp_max = size };
	init_completion(&c->done);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(caller_thread, c, "gunyah-test")));
	gunyah_fake_wait_sent(t->fake, 1);
	gunyah_fake_reply(t->fake, 7, MSG, reply, size);
	wait_for_completion(&c->done);

	KUNIT_EXPECT_EQ(test, c->ret, 0);
	KUNIT_EXPECT_EQ(test, c->call.resp_len, size);
	KUNIT_EXPECT_EQ(test, memcmp(resp, reply, size), 0);
}

/* Everything that is no part of an answer: what is dropped, and nothing else happens */
struct junk_case {
	const char *name;
	const char *packets[3];
	enum gunyah_rm_rpc_drop why;
	int count;
};

static const struct junk_case junk_cases[] = {
	{ "one byte", { "21" }, GUNYAH_RM_DROP_JUNK, 1 },
	{ "seven bytes", { "21020700240000" }, GUNYAH_RM_DROP_JUNK, 1 },
	{ "version 0", { "200207002400005600000000" }, GUNYAH_RM_DROP_JUNK, 1 },
	{ "version 2", { "220207002400005600000000" }, GUNYAH_RM_DROP_JUNK, 1 },
	{ "one header word", { "110207002400005600000000" }, GUNYAH_RM_DROP_JUNK, 1 },
	{ "three header words", { "31020700240000560000000000000000" }, GUNYAH_RM_DROP_JUNK, 1 },
	{ "63 fragments", { "21fe07002400005600000000" }, GUNYAH_RM_DROP_JUNK, 1 },
	{ "request to us", { "210107002400005600000000" }, GUNYAH_RM_DROP_REQUEST, 1 },
	{ "continuation of nothing", { "210407002400005600000000" }, GUNYAH_RM_DROP_STRAY, 1 },
	{ "continuation, no fragments", { "210007002400005600000000" }, GUNYAH_RM_DROP_STRAY, 1 },
	{ "continuation of a request", { "210507002400005600000000", "210407002400005600000000" },
	  GUNYAH_RM_DROP_STRAY, 1 },
	{ "reply to another number", { "210208002400005600000000" },
	  GUNYAH_RM_DROP_UNKNOWN_REPLY, 1 },
	{ "high byte of the number", { "210207012400005600000000" },
	  GUNYAH_RM_DROP_UNKNOWN_REPLY, 1 },
	{ "reply with another id", { "210207002500005600000000" },
	  GUNYAH_RM_DROP_UNKNOWN_REPLY, 1 },
	{ "reply, high byte of the id", { "210207002400005700000000" },
	  GUNYAH_RM_DROP_UNKNOWN_REPLY, 1 },
	{ "continuation, other number", { "210607002400005600000000", "210408002400005600000000" },
	  GUNYAH_RM_DROP_STRAY, 1 },
	{ "continuation, other id", { "210607002400005600000000", "210407002500005600000000" },
	  GUNYAH_RM_DROP_STRAY, 1 },
	{ "continuation, other count", { "210607002400005600000000", "210807002400005600000000" },
	  GUNYAH_RM_DROP_STRAY, 1 },
	{ "unfinished, then unfinished",
	  { "210607002400005600000000", "210607002400005600000000" },
	  GUNYAH_RM_DROP_PARTIAL, 1 },
};

static void junk_case_desc(const struct junk_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(junk, junk_cases, junk_case_desc);

static void rpc_test_junk(struct kunit *test)
{
	const struct junk_case *junk = test->param_value;
	struct rpc_test *t = test->priv;
	struct caller *c = caller_new(test, MSG);
	int i;

	gunyah_fake_wait_sent(t->fake, 1);
	for (i = 0; i < ARRAY_SIZE(junk->packets) && junk->packets[i]; i++)
		gunyah_fake_receive_hex(t->fake, junk->packets[i]);

	KUNIT_EXPECT_FALSE(test, completion_done(&c->done));
	KUNIT_EXPECT_EQ(test, drops(t, junk->why), junk->count);
	KUNIT_EXPECT_EQ(test, t->notified, 0);

	/* And the answer still gets through */
	gunyah_fake_receive_hex(t->fake, "21020700240000560000000003000000");
	wait_for_completion(&c->done);
	KUNIT_EXPECT_EQ(test, c->ret, 0);
	KUNIT_EXPECT_EQ(test, c->call.resp_len, 8);
	KUNIT_EXPECT_MEMEQ(test, c->resp, "\0\0\0\0\3\0\0\0", 8);
}

/* A stray between two packets of a reply does it no harm */
static void rpc_test_stray_keeps_partial(struct kunit *test)
{
	struct rpc_test *t = test->priv;
	struct caller *c = caller_new(test, MSG);

	gunyah_fake_wait_sent(t->fake, 1);
	gunyah_fake_receive_hex(t->fake, "210607002400005600000000");
	gunyah_fake_receive_hex(t->fake, "21040700250000560000ffff");
	gunyah_fake_receive_hex(t->fake, "2104070024000056");
	wait_for_completion(&c->done);

	KUNIT_EXPECT_EQ(test, c->ret, 0);
	KUNIT_EXPECT_EQ(test, c->call.resp_len, 4);
	KUNIT_EXPECT_EQ(test, all_drops(t), 1);
}

/* A message in between ends the unfinished one, as the RM does it (rm-rpc 1.2) */
static void rpc_test_notification_in_partial(struct kunit *test)
{
	struct rpc_test *t = test->priv;
	struct caller *c;

	t->rpc.timeout = NO_REPLY;
	c = caller_new(test, MSG);
	gunyah_fake_wait_sent(t->fake, 1);
	gunyah_fake_receive_hex(t->fake, "210607002400005600000000");
	gunyah_fake_receive_hex(t->fake, "21030000080010568000000001000000");
	gunyah_fake_receive_hex(t->fake, "210407002400005600000000");
	wait_for_completion(&c->done);

	KUNIT_EXPECT_EQ(test, c->ret, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, t->notified, 1);
	KUNIT_EXPECT_EQ(test, t->notified_id, 0x56100008);
	KUNIT_EXPECT_EQ(test, t->notified_size, 8);
	KUNIT_EXPECT_EQ(test, drops(t, GUNYAH_RM_DROP_PARTIAL), 1);
	KUNIT_EXPECT_EQ(test, drops(t, GUNYAH_RM_DROP_STRAY), 1);
}

static void rpc_test_notification_first(struct kunit *test)
{
	struct rpc_test *t = test->priv;
	struct caller *c = caller_new(test, MSG);

	gunyah_fake_wait_sent(t->fake, 1);
	gunyah_fake_receive_hex(t->fake, "21030700240000568000000001000000");
	KUNIT_EXPECT_FALSE(test, completion_done(&c->done));
	gunyah_fake_receive_hex(t->fake, "210207002400005600000000");
	wait_for_completion(&c->done);

	KUNIT_EXPECT_EQ(test, c->ret, 0);
	KUNIT_EXPECT_EQ(test, t->notified, 1);
	KUNIT_EXPECT_EQ(test, all_drops(t), 0);
}

static void rpc_test_fragmented_notification(struct kunit *test)
{
	struct rpc_test *t = test->priv;

	gunyah_fake_receive_hex(t->fake, "21070100010010568000");
	gunyah_fake_receive_hex(t->fake, "2104010001001056000000000000");

	KUNIT_EXPECT_EQ(test, t->notified, 1);
	KUNIT_EXPECT_EQ(test, t->notified_id, 0x56100001);
	KUNIT_EXPECT_EQ(test, t->notified_size, 8);
}

static void rpc_test_duplicate_reply(struct kunit *test)
{
	struct rpc_test *t = test->priv;
	struct caller *c = caller_new(test, MSG);

	gunyah_fake_wait_sent(t->fake, 1);
	gunyah_fake_receive_hex(t->fake, "21020700240000560000000003000000");
	gunyah_fake_receive_hex(t->fake, "21020700240000560000000004000000");
	wait_for_completion(&c->done);

	KUNIT_EXPECT_EQ(test, c->ret, 0);
	KUNIT_EXPECT_MEMEQ(test, c->resp, "\0\0\0\0\3\0\0\0", 8);
	KUNIT_EXPECT_EQ(test, drops(t, GUNYAH_RM_DROP_UNKNOWN_REPLY), 1);
}

#define CALLERS	8

static struct caller **start_callers(struct kunit *test)
{
	struct caller **callers = kunit_kcalloc(test, CALLERS, sizeof(*callers), GFP_KERNEL);
	struct rpc_test *t = test->priv;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, callers);
	for (i = 0; i < CALLERS; i++) {
		callers[i] = caller_new(test, MSG + i);
		gunyah_fake_wait_sent(t->fake, i + 1);
	}

	return callers;
}

static void rpc_test_reverse_order(struct kunit *test)
{
	struct caller **callers = start_callers(test);
	struct rpc_test *t = test->priv;
	u8 reply[4] = {};
	int i;

	for (i = CALLERS - 1; i >= 0; i--) {
		KUNIT_EXPECT_FALSE(test, completion_done(&callers[i]->done));
		KUNIT_EXPECT_EQ(test, gunyah_fake_seq(&t->fake->packets[i]), 7 + i);
		reply[0] = 0x10 + i;
		gunyah_fake_reply(t->fake, 7 + i, MSG + i, reply, sizeof(reply));
		wait_for_completion(&callers[i]->done);
	}

	for (i = 0; i < CALLERS; i++) {
		KUNIT_EXPECT_EQ(test, callers[i]->ret, 0);
		KUNIT_EXPECT_EQ(test, callers[i]->resp[0], 0x10 + i);
	}
	KUNIT_EXPECT_EQ(test, all_drops(t), 0);
}

static void rpc_test_stop(struct kunit *test)
{
	struct caller **callers = start_callers(test);
	struct rpc_test *t = test->priv;
	struct caller *after;
	int i;

	gunyah_rm_rpc_stop(&t->rpc);
	for (i = 0; i < CALLERS; i++) {
		wait_for_completion(&callers[i]->done);
		KUNIT_EXPECT_EQ(test, callers[i]->ret, -ENODEV);
		KUNIT_EXPECT_TRUE(test, callers[i]->call.in_doubt);
	}

	after = caller_new(test, MSG);
	wait_for_completion(&after->done);
	KUNIT_EXPECT_EQ(test, after->ret, -ENODEV);
	KUNIT_EXPECT_FALSE(test, after->call.in_doubt);
	KUNIT_EXPECT_EQ(test, t->fake->sent, CALLERS);
}

static void rpc_test_late_reply(struct kunit *test)
{
	struct rpc_test *t = test->priv;
	struct caller *c;

	t->rpc.timeout = NO_REPLY;
	c = caller_new(test, MSG);
	wait_for_completion(&c->done);
	KUNIT_EXPECT_EQ(test, c->ret, -ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, c->call.in_doubt);
	KUNIT_EXPECT_EQ(test, t->late, 0);

	/* The wrong id is not its reply, the right one comes once */
	gunyah_fake_receive_hex(t->fake, "21020700250000560000000003000000");
	KUNIT_EXPECT_EQ(test, t->late, 0);
	gunyah_fake_receive_hex(t->fake, "21020700240000560000000003000000");
	KUNIT_EXPECT_EQ(test, t->late, 1);
	KUNIT_EXPECT_EQ(test, t->late_len, 8);
	KUNIT_EXPECT_MEMEQ(test, t->late_resp, "\0\0\0\0\3\0\0\0", 8);
	gunyah_fake_receive_hex(t->fake, "21020700240000560000000003000000");
	KUNIT_EXPECT_EQ(test, t->late, 1);
	KUNIT_EXPECT_EQ(test, drops(t, GUNYAH_RM_DROP_LATE_REPLY), 1);
	KUNIT_EXPECT_EQ(test, drops(t, GUNYAH_RM_DROP_UNKNOWN_REPLY), 2);
}

/* The number of a request that may still be answered goes to nobody else */
static void rpc_test_late_keeps_number(struct kunit *test)
{
	struct rpc_test *t = test->priv;
	struct caller *first, *second;

	t->rpc.timeout = NO_REPLY;
	first = caller_new(test, MSG);
	wait_for_completion(&first->done);
	KUNIT_EXPECT_EQ(test, first->ret, -ETIMEDOUT);

	t->rpc.timeout = LONG;
	t->rpc.next_seq = 7;
	second = caller_new(test, MSG);
	gunyah_fake_wait_sent(t->fake, 2);
	KUNIT_EXPECT_EQ(test, gunyah_fake_seq(&t->fake->packets[1]), 8);

	gunyah_fake_receive_hex(t->fake, "210207002400005600000000");
	KUNIT_EXPECT_FALSE(test, completion_done(&second->done));
	KUNIT_EXPECT_EQ(test, t->late, 1);
	gunyah_fake_receive_hex(t->fake, "210208002400005600000000");
	wait_for_completion(&second->done);
	KUNIT_EXPECT_EQ(test, second->ret, 0);
}

static void rpc_test_number_wraps(struct kunit *test)
{
	struct rpc_test *t = test->priv;
	struct caller *a, *b;

	t->rpc.next_seq = 0xffff;
	a = caller_new(test, MSG);
	gunyah_fake_wait_sent(t->fake, 1);
	b = caller_new(test, MSG);
	gunyah_fake_wait_sent(t->fake, 2);
	gunyah_fake_receive_hex(t->fake, "210200002400005600000000");
	wait_for_completion(&b->done);
	gunyah_fake_receive_hex(t->fake, "2102ffff2400005600000000");
	wait_for_completion(&a->done);

	KUNIT_EXPECT_EQ(test, a->ret, 0);
	KUNIT_EXPECT_EQ(test, b->ret, 0);
}

/* A message that did not leave completely never takes effect, and spoils nothing */
static void rpc_test_send_fails(struct kunit *test)
{
	struct rpc_test *t = test->priv;
	struct gunyah_rm_call call = { .msg_id = MSG, .req_size = 500 };
	struct caller *c;

	call.req = make_payload(test, call.req_size);
	t->fake->fail_at = 1;
	t->fake->fail_with = -EIO;
	KUNIT_EXPECT_EQ(test, gunyah_rm_rpc_call(&t->rpc, &call), -EIO);
	KUNIT_EXPECT_FALSE(test, call.in_doubt);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 1);
	KUNIT_EXPECT_TRUE(test, xa_empty(&t->rpc.pending));

	c = caller_new(test, MSG);
	gunyah_fake_wait_sent(t->fake, 2);
	gunyah_fake_receive_hex(t->fake, "210208002400005600000000");
	wait_for_completion(&c->done);
	KUNIT_EXPECT_EQ(test, c->ret, 0);
}

static struct kunit_case rpc_test_cases[] = {
	KUNIT_CASE_PARAM(rpc_test_send_sizes, send_size_gen_params),
	KUNIT_CASE(rpc_test_send_too_long),
	KUNIT_CASE_PARAM(rpc_test_receive_sizes, receive_size_gen_params),
	KUNIT_CASE(rpc_test_receive_whole),
	KUNIT_CASE_PARAM(rpc_test_junk, junk_gen_params),
	KUNIT_CASE(rpc_test_stray_keeps_partial),
	KUNIT_CASE(rpc_test_notification_in_partial),
	KUNIT_CASE(rpc_test_notification_first),
	KUNIT_CASE(rpc_test_fragmented_notification),
	KUNIT_CASE(rpc_test_duplicate_reply),
	KUNIT_CASE(rpc_test_reverse_order),
	KUNIT_CASE(rpc_test_stop),
	KUNIT_CASE(rpc_test_late_reply),
	KUNIT_CASE(rpc_test_late_keeps_number),
	KUNIT_CASE(rpc_test_number_wraps),
	KUNIT_CASE(rpc_test_send_fails),
	{}
};

static struct kunit_suite rpc_test_suite = {
	.name = "gunyah-rm-rpc",
	.init = rpc_test_init,
	.exit = rpc_test_exit,
	.test_cases = rpc_test_cases,
};

kunit_test_suite(rpc_test_suite);
