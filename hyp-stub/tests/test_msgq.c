// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Message queues (ABI tables, hypercall 6): order, limits, thresholds, interrupts. */
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "obj/msgq.h"
#include "tests/test.h"

#define DEPTH	GUNYAH_MSGQ_RM_DEPTH
#define SEND_IRQ FAKE_VIRQ_FIRST
#define RECV_IRQ (FAKE_VIRQ_FIRST + 1)

static struct msgq q;
static unsigned int pushed, drained;

static void setup(void)
{
	msgq_init(&q);
	q.send_virq.intid = SEND_IRQ;
	q.recv_virq.intid = RECV_IRQ;
	pushed = 0;
	drained = 0;
}

/* Interrupts since the last call: 1 for the sender, 2 for the receiver */
static unsigned int irqs(void)
{
	unsigned int which = (fake.irqs[SEND_IRQ] ? 1 : 0) + (fake.irqs[RECV_IRQ] ? 2 : 0);

	EXPECT(fake.irqs[SEND_IRQ] <= 1 && fake.irqs[RECV_IRQ] <= 1);
	fake.irqs[SEND_IRQ] = 0;
	fake.irqs[RECV_IRQ] = 0;
	return which;
}

static bool send(u8 byte, size_t size, bool push)
{
	u8 data[GUNYAH_MSGQ_RM_MSG_SIZE];
	bool not_full;

	memset(data, byte, sizeof(data));
	EXPECT_EQ(msgq_send(&q, data, size, push, &not_full), 0);
	return not_full;
}

static bool receive(u8 byte, size_t want)
{
	u8 data[GUNYAH_MSGQ_RM_MSG_SIZE + 1];
	bool not_empty;
	size_t size, i;

	memset(data, ~byte, sizeof(data));
	EXPECT_EQ(msgq_receive(&q, data, GUNYAH_MSGQ_RM_MSG_SIZE, &size, &not_empty), 0);
	EXPECT_EQ(size, want);
	for (i = 0; i < sizeof(data); i++)
		EXPECT_EQ(data[i], i < want ? byte : (u8)~byte);
	return not_empty;
}

static int receive_error(size_t buf_size, bool *not_empty)
{
	u8 data[GUNYAH_MSGQ_RM_MSG_SIZE];
	size_t size = 99;
	int err = msgq_receive(&q, data, buf_size, &size, not_empty);

	EXPECT_EQ(size, 0);
	return err;
}

TEST(first_in_first_out)
{
	unsigned int round, i;

	setup();
	for (round = 0; round < 50; round++) {
		for (i = 0; i < DEPTH; i++)
			EXPECT_EQ(send(round + i, 1 + i * 34, false), i < DEPTH - 1);
		for (i = 0; i < DEPTH; i++)
			EXPECT_EQ(receive(round + i, 1 + i * 34), i < DEPTH - 1);
		/* Next round starts elsewhere in the ring */
		send(0, 240, false);
		receive(0, 240);
	}
}

TEST(full_and_empty)
{
	u8 byte = 1;
	bool flag;
	int i;

	setup();
	flag = true;
	EXPECT_EQ(receive_error(240, &flag), GUNYAH_ERR_MSGQUEUE_EMPTY);
	EXPECT(!flag);
	EXPECT_EQ(receive_error(0, &flag), GUNYAH_ERR_MSGQUEUE_EMPTY);
	for (i = 0; i < DEPTH; i++)
		send(i, 240, false);
	flag = true;
	irqs();
	EXPECT_EQ(msgq_send(&q, &byte, 1, true, &flag), GUNYAH_ERR_MSGQUEUE_FULL);
	EXPECT(!flag);
	/* Full comes before size */
	EXPECT_EQ(msgq_send(&q, &byte, 0, true, &flag), GUNYAH_ERR_MSGQUEUE_FULL);
	EXPECT_EQ(irqs(), 0);
	EXPECT_EQ(q.count, DEPTH);
}

TEST(sizes)
{
	static u8 data[1000];
	bool flag;

	setup();
	EXPECT_EQ(msgq_send(&q, data, 0, true, &flag), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(msgq_send(&q, data, 241, true, &flag), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(msgq_send(&q, data, ~0UL, true, &flag), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT_EQ(msgq_send(&q, data, BIT(32) + 8, true, &flag), GUNYAH_ERR_ARGUMENT_SIZE);
	EXPECT(flag);
	EXPECT_EQ(q.count, 0);
	EXPECT_EQ(irqs(), 0);
	send(7, 16, true);
	EXPECT_EQ(receive_error(0, &flag), GUNYAH_ERR_ADDR_OVERFLOW);
	EXPECT(flag);
	EXPECT_EQ(receive_error(15, &flag), GUNYAH_ERR_ADDR_OVERFLOW);
	EXPECT_EQ(q.count, 1);
	EXPECT(!receive(7, 16));
}

TEST(receiver_hears_of_the_first_and_of_pushes)
{
	setup();
	send(1, 8, false);
	EXPECT_EQ(irqs(), 2);
	send(2, 8, false);
	EXPECT_EQ(irqs(), 0);
	send(3, 8, true);
	EXPECT_EQ(irqs(), 2);
	receive(1, 8);
	receive(2, 8);
	send(4, 8, false);
	EXPECT_EQ(irqs(), 0);
}

TEST(sender_hears_when_it_is_no_longer_full)
{
	int i;

	setup();
	for (i = 0; i < DEPTH; i++)
		send(i, 8, false);
	irqs();
	receive(0, 8);
	EXPECT_EQ(irqs(), 1);
	receive(1, 8);
	EXPECT_EQ(irqs(), 0);
	send(8, 8, false);
	send(9, 8, false);
	irqs();
	receive(2, 8);
	EXPECT_EQ(irqs(), 1);
}

TEST(thresholds)
{
	setup();
	EXPECT_EQ(msgq_configure_receive(&q, 3, ~0ULL), 0);
	EXPECT_EQ(irqs(), 0);
	send(1, 8, false);
	send(2, 8, false);
	EXPECT_EQ(irqs(), 0);
	send(3, 8, false);
	EXPECT_EQ(irqs(), 2);
	/* Changed while it is reached: asserted again */
	EXPECT_EQ(msgq_configure_receive(&q, 2, ~0ULL), 0);
	EXPECT_EQ(irqs(), 2);
	EXPECT_EQ(msgq_configure_receive(&q, ~0ULL, ~0ULL), 0);
	EXPECT_EQ(irqs(), 2);
	EXPECT_EQ(q.notempty_thd, 2);
	EXPECT_EQ(msgq_configure_receive(&q, ~0ULL - 1, ~0ULL), 0);
	EXPECT_EQ(q.notempty_thd, DEPTH);
	EXPECT_EQ(irqs(), 0);

	EXPECT_EQ(msgq_configure_send(&q, 1, ~0ULL), 0);
	EXPECT_EQ(irqs(), 0);
	receive(1, 8);
	EXPECT_EQ(irqs(), 0);
	receive(2, 8);
	EXPECT_EQ(irqs(), 1);
	EXPECT_EQ(msgq_configure_send(&q, 0, ~0ULL), 0);
	EXPECT_EQ(irqs(), 0);
	EXPECT_EQ(msgq_configure_send(&q, DEPTH - 1, ~0ULL), 0);
	EXPECT_EQ(irqs(), 1);
}

TEST(bad_thresholds_change_nothing)
{
	setup();
	EXPECT_EQ(msgq_configure_send(&q, DEPTH, ~0ULL), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(msgq_configure_send(&q, ~0ULL - 1, ~0ULL), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(msgq_configure_send(&q, BIT(32), ~0ULL), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(msgq_configure_send(&q, 1, 0), GUNYAH_ERR_UNIMPLEMENTED);
	EXPECT_EQ(msgq_configure_receive(&q, 0, ~0ULL), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(msgq_configure_receive(&q, DEPTH + 1, ~0ULL), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(msgq_configure_receive(&q, BIT(16) + 1, ~0ULL), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(msgq_configure_receive(&q, 1, 5), GUNYAH_ERR_UNIMPLEMENTED);
	EXPECT_EQ(q.notfull_thd, DEPTH - 1);
	EXPECT_EQ(q.notempty_thd, 1);
	EXPECT_EQ(irqs(), 0);
}

TEST(flush)
{
	setup();
	EXPECT_EQ(msgq_flush(&q), 0);
	EXPECT_EQ(irqs(), 0);
	send(1, 8, false);
	send(2, 8, false);
	irqs();
	EXPECT_EQ(msgq_flush(&q), 0);
	EXPECT_EQ(irqs(), 1);
	EXPECT_EQ(q.count, 0);
	send(3, 9, false);
	EXPECT(!receive(3, 9));
}

static void on_drained(struct msgq *of)
{
	drained++;
}

/* A receiver inside the stub takes the message before send returns */
static void on_pushed(struct msgq *of)
{
	u8 data[GUNYAH_MSGQ_RM_MSG_SIZE];
	bool not_empty;
	size_t size;

	pushed++;
	EXPECT_EQ(msgq_receive(of, data, sizeof(data), &size, &not_empty), 0);
	EXPECT(size == 5 && data[4] == 0x77 && !not_empty);
}

TEST(callbacks)
{
	setup();
	q.drained = on_drained;
	q.pushed = on_pushed;
	EXPECT(send(0x77, 5, true));
	EXPECT_EQ(pushed, 1);
	EXPECT_EQ(drained, 1);
	EXPECT_EQ(q.count, 0);
	q.pushed = NULL;
	send(1, 1, false);
	EXPECT_EQ(msgq_flush(&q), 0);
	EXPECT_EQ(drained, 2);
	EXPECT_EQ(msgq_flush(&q), 0);
	EXPECT_EQ(drained, 2);
}
