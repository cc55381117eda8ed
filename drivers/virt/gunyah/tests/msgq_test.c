// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue pair of msgq.c against hypercalls that answer from a list.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/workqueue.h>

#include "../msgq.h"

#define TX_CAP		0x1122334455667788ULL
#define RX_CAP		0x99aabbccddeeff00ULL
#define SOON		(HZ / 50)	/* for waits that are to time out */
#define LONG		(60 * HZ)	/* for waits that are not */

/* The answer to one hypercall */
struct answer {
	int err;
	bool more;	/* not_full, not_empty */
	size_t size;	/* received */
	bool irq;	/* the interrupt comes as soon as the call is over */
};

/* The hypercalls have no handle but the capability, so this is one for all tests */
static struct {
	struct kunit *test;
	struct gunyah_msgq *q;
	const struct answer *answers;
	int n_answers;
	int calls;
	u64 flags;
	u8 sent;
	int received;
	size_t sizes[8];
	u8 first_bytes[8];
	struct work_struct irq;
	struct completion called;
} fake;

static void fake_irq_work(struct work_struct *work)
{
	gunyah_msgq_tx_irq(0, fake.q);
}

static const struct answer *next_answer(void)
{
	static const struct answer broken = { .err = GUNYAH_ERR_FAILURE };

	if (fake.calls >= fake.n_answers) {
		KUNIT_FAIL(fake.test, "one hypercall too many");
		return &broken;
	}

	return &fake.answers[fake.calls++];
}

static int fake_send(u64 capid, size_t size, const void *data, u64 tx_flags, bool *not_full)
{
	const struct answer *a = next_answer();

	KUNIT_EXPECT_EQ(fake.test, capid, TX_CAP);
	KUNIT_EXPECT_EQ(fake.test, size, 1);
	fake.flags = tx_flags;
	fake.sent = *(const u8 *)data;
	*not_full = a->more;
	/* q->lock is held until the answer has been looked at, as in real life */
	if (a->irq)
		queue_work(system_unbound_wq, &fake.irq);
	complete(&fake.called);

	return a->err;
}

static int fake_receive(u64 capid, void *buf, size_t size, size_t *received, bool *not_empty)
{
	const struct answer *a = next_answer();

	KUNIT_EXPECT_EQ(fake.test, capid, RX_CAP);
	KUNIT_EXPECT_EQ(fake.test, size, 240);
	memset(buf, fake.calls, min_t(size_t, a->size, size));
	*received = a->size;
	*not_empty = a->more;

	return a->err;
}

static const struct gunyah_msgq_ops fake_ops = {
	.send = fake_send,
	.receive = fake_receive,
};

static void fake_packet(void *data, const void *packet, size_t size)
{
	KUNIT_ASSERT_PTR_EQ(fake.test, data, &fake);
	KUNIT_ASSERT_LT(fake.test, fake.received, ARRAY_SIZE(fake.sizes));
	fake.sizes[fake.received] = size;
	fake.first_bytes[fake.received++] = *(const u8 *)packet;
}

static int msgq_test_init(struct kunit *test)
{
	struct gunyah_msgq *q = kunit_kzalloc(test, sizeof(*q), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, q);
	memset(&fake, 0, sizeof(fake));
	fake.test = test;
	fake.q = q;
	INIT_WORK(&fake.irq, fake_irq_work);
	init_completion(&fake.called);
	gunyah_msgq_init(q, &fake_ops, TX_CAP, RX_CAP);
	q->receive = fake_packet;
	q->receive_data = &fake;

	return 0;
}

static void msgq_test_exit(struct kunit *test)
{
	flush_work(&fake.irq);
}

#define answer_with(...) do {						\
	static const struct answer _answers[] = { __VA_ARGS__ };	\
	fake.answers = _answers;					\
	fake.n_answers = ARRAY_SIZE(_answers);				\
	fake.calls = 0;							\
} while (0)

static int send_byte(u8 byte, bool push, unsigned long timeout)
{
	return gunyah_msgq_send(fake.q, &byte, 1, push, false, jiffies + timeout);
}

static void msgq_test_send(struct kunit *test)
{
	answer_with({ .more = true }, { .more = true });
	KUNIT_EXPECT_EQ(test, send_byte(5, false, LONG), 0);
	KUNIT_EXPECT_EQ(test, fake.flags, 0);
	KUNIT_EXPECT_EQ(test, fake.sent, 5);
	KUNIT_EXPECT_EQ(test, send_byte(6, true, LONG), 0);
	KUNIT_EXPECT_EQ(test, fake.flags, 1);
	KUNIT_EXPECT_EQ(test, fake.sent, 6);
}

static void msgq_test_send_full(struct kunit *test)
{
	answer_with({ .err = 61, .irq = true }, { .err = 61, .irq = true }, { .more = true });
	KUNIT_EXPECT_EQ(test, send_byte(5, true, LONG), 0);
	KUNIT_EXPECT_EQ(test, fake.calls, 3);
}

/* The last one that fitted: it was sent, but the next one waits for the interrupt */
static void msgq_test_send_fills(struct kunit *test)
{
	answer_with({ .more = false });
	KUNIT_EXPECT_EQ(test, send_byte(5, true, LONG), 0);
	KUNIT_EXPECT_TRUE(test, fake.q->tx_full);

	answer_with({ .more = true });
	gunyah_msgq_tx_irq(0, fake.q);
	KUNIT_EXPECT_FALSE(test, fake.q->tx_full);
	KUNIT_EXPECT_EQ(test, send_byte(6, true, LONG), 0);
}

static void msgq_test_send_full_for_ever(struct kunit *test)
{
	answer_with({ .err = 61 }, { .err = 61 });
	KUNIT_EXPECT_EQ(test, send_byte(5, true, SOON), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fake.calls, 2);
}

/* Room, but the interrupt that should say so was lost */
static void msgq_test_send_lost_irq(struct kunit *test)
{
	answer_with({ .err = 61 }, { .more = true });
	KUNIT_EXPECT_EQ(test, send_byte(5, true, SOON), 0);
	KUNIT_EXPECT_EQ(test, fake.calls, 2);
}

static void msgq_test_send_deadline_past(struct kunit *test)
{
	answer_with({ .more = true });
	KUNIT_EXPECT_EQ(test, gunyah_msgq_send(fake.q, "x", 1, true, false, jiffies - 10), 0);
}

static void msgq_test_send_error(struct kunit *test)
{
	answer_with({ .err = 53 }, { .err = -1 }, { .more = true });
	KUNIT_EXPECT_EQ(test, send_byte(5, true, LONG), -EACCES);
	KUNIT_EXPECT_EQ(test, send_byte(5, true, LONG), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, send_byte(5, true, LONG), 0);
}

struct sender {
	int ret;
	struct completion done;
};

static int sender_thread(void *data)
{
	struct sender *s = data;

	s->ret = send_byte(5, true, LONG);
	complete(&s->done);

	return 0;
}

static void msgq_test_stop(struct kunit *test)
{
	struct sender *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	init_completion(&s->done);
	answer_with({ .err = 61 });
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(sender_thread, s, "gunyah-test")));
	wait_for_completion(&fake.called);
	gunyah_msgq_stop(fake.q);
	wait_for_completion(&s->done);

	KUNIT_EXPECT_EQ(test, s->ret, -ENODEV);
	KUNIT_EXPECT_EQ(test, send_byte(6, true, LONG), -ENODEV);
	KUNIT_EXPECT_EQ(test, fake.calls, 1);
}

static void msgq_test_receive(struct kunit *test)
{
	answer_with({ .more = true, .size = 240 }, { .more = true, .size = 1 }, { .size = 8 });
	gunyah_msgq_rx_thread(0, fake.q);

	KUNIT_EXPECT_EQ(test, fake.calls, 3);
	KUNIT_ASSERT_EQ(test, fake.received, 3);
	KUNIT_EXPECT_EQ(test, fake.sizes[0], 240);
	KUNIT_EXPECT_EQ(test, fake.sizes[1], 1);
	KUNIT_EXPECT_EQ(test, fake.sizes[2], 8);
	KUNIT_EXPECT_EQ(test, fake.first_bytes[0], 1);
	KUNIT_EXPECT_EQ(test, fake.first_bytes[2], 3);
}

static void msgq_test_receive_empty(struct kunit *test)
{
	answer_with({ .err = 60 }, { .more = true, .size = 8 }, { .err = 60 });
	gunyah_msgq_receive(fake.q);
	KUNIT_EXPECT_EQ(test, fake.received, 0);
	gunyah_msgq_receive(fake.q);
	KUNIT_EXPECT_EQ(test, fake.received, 1);
	KUNIT_EXPECT_EQ(test, fake.calls, 3);
}

/* What the hypervisor must not say: nobody reads beyond the buffer or spins */
static void msgq_test_receive_nonsense(struct kunit *test)
{
	answer_with({ .more = true, .size = 0 }, { .more = true, .size = 241 },
		    { .err = 51, .more = true, .size = 8 }, { .more = true, .size = SIZE_MAX });
	gunyah_msgq_receive(fake.q);
	KUNIT_EXPECT_EQ(test, fake.calls, 1);
	gunyah_msgq_receive(fake.q);
	KUNIT_EXPECT_EQ(test, fake.calls, 2);
	gunyah_msgq_receive(fake.q);
	KUNIT_EXPECT_EQ(test, fake.calls, 3);
	gunyah_msgq_receive(fake.q);
	KUNIT_EXPECT_EQ(test, fake.calls, 4);
	KUNIT_EXPECT_EQ(test, fake.received, 0);
}

static struct kunit_case msgq_test_cases[] = {
	KUNIT_CASE(msgq_test_send),
	KUNIT_CASE(msgq_test_send_full),
	KUNIT_CASE(msgq_test_send_fills),
	KUNIT_CASE(msgq_test_send_full_for_ever),
	KUNIT_CASE(msgq_test_send_lost_irq),
	KUNIT_CASE(msgq_test_send_deadline_past),
	KUNIT_CASE(msgq_test_send_error),
	KUNIT_CASE(msgq_test_stop),
	KUNIT_CASE(msgq_test_receive),
	KUNIT_CASE(msgq_test_receive_empty),
	KUNIT_CASE(msgq_test_receive_nonsense),
	{}
};

static struct kunit_suite msgq_test_suite = {
	.name = "gunyah-msgq",
	.init = msgq_test_init,
	.exit = msgq_test_exit,
	.test_cases = msgq_test_cases,
};

kunit_test_suite(msgq_test_suite);
