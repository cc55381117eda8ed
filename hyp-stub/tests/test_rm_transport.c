// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* RM transport: full queues, lost notifications, fragments, asynchronous answers. */
#include <string.h>

#include "tests/rm_env.h"

static const struct rm_config open_profile = { 0 };
static const struct rm_config async = { .async = true };

/* GET_VMID, by hand */
static bool send_get_vmid(u16 seq)
{
	u8 packet[] = { 0x21, 0x01, (u8)seq, (u8)(seq >> 8), 0x24, 0x00, 0x00, 0x56 };

	return rm_env_send(packet, sizeof(packet));
}

static bool is_vmid_reply(const struct rm_packet *p, u16 seq)
{
	u8 expected[] = { 0x21, 0x02, (u8)seq, (u8)(seq >> 8), 0x24, 0x00, 0x00, 0x56,
			  0, 0, 0, 0, 3, 0, 0, 0 };

	return p->size == sizeof(expected) && !memcmp(p->data, expected, sizeof(expected));
}

TEST(answer_comes_inside_of_send)
{
	struct rm_packet p;
	u32 irqs;

	rm_env_init(&open_profile);
	irqs = fake.irqs[rm_env.rx_intid];
	EXPECT(send_get_vmid(7));
	EXPECT_EQ(fake.irqs[rm_env.rx_intid], irqs + 1);
	ASSERT(rm_env_receive(&p));
	EXPECT(is_vmid_reply(&p, 7));
	EXPECT(!rm_env_receive(&p));
}

TEST(tx_interrupt_is_allocated_first)
{
	rm_env_init(&open_profile);
	EXPECT_EQ(rm_env.tx_intid + 1, rm_env.rx_intid);
}

/* The host does not read: 8 answers in its queue, one in the RM, then requests pile up */
TEST(host_that_does_not_read)
{
	struct rm_packet p;
	u16 sent = 0;

	rm_env_init(&open_profile);
	while (send_get_vmid(sent))
		sent++;
	EXPECT_EQ(sent, 8 + 1 + 8);
	for (u16 seq = 0; seq < sent; seq++) {
		ASSERT(rm_env_receive(&p));
		EXPECT(is_vmid_reply(&p, seq));
	}
	EXPECT(!rm_env_receive(&p));
	EXPECT_EQ(rm_env.tx->count, 0);
	EXPECT(!rm_pending());
}

TEST(async_answers_wait_for_poll)
{
	struct rm_packet p;

	rm_env_init(&async);
	EXPECT(!rm_pending());
	EXPECT(send_get_vmid(1));
	EXPECT(send_get_vmid(2));
	EXPECT(!rm_env_receive(&p));
	EXPECT(rm_pending());
	rm_poll();
	EXPECT(!rm_pending());
	ASSERT(rm_env_receive(&p));
	EXPECT(is_vmid_reply(&p, 1));
	ASSERT(rm_env_receive(&p));
	EXPECT(is_vmid_reply(&p, 2));
}

static void notify(u32 value)
{
	rm_notify(GUNYAH_RM_NOTIF_VM_STATUS, &value, sizeof(value));
}

static u32 notif_value(const struct rm_packet *p)
{
	u32 value;

	memcpy(&value, p->data + 8, sizeof(value));
	return value;
}

/* 256 wait behind the host's queue; then the oldest of those that wait goes */
TEST(oldest_notification_is_dropped)
{
	struct rm_stats stats;
	struct rm_packet p;
	u32 nr = 0;

	rm_env_init(&open_profile);
	for (u32 i = 0; i < 8 + 256 + 3; i++)
		notify(i);
	rm_stats(&stats);
	EXPECT_EQ(stats.dropped, 3);
	EXPECT_EQ(stats.notifications, 256);
	while (rm_env_receive(&p)) {
		u32 expected = nr < 8 ? nr : nr + 3;

		EXPECT_EQ(notif_value(&p), expected);
		/* The gap shows in the sequence numbers */
		EXPECT_EQ(p.data[2] | p.data[3] << 8, expected);
		nr++;
	}
	EXPECT_EQ(nr, 8 + 256);
	rm_stats(&stats);
	EXPECT_EQ(stats.notifications, 0);
}

/* Also when the queue is full in between */
TEST(order_of_notifications_and_replies)
{
	struct rm_packet p;

	rm_env_init(&open_profile);
	for (u32 i = 0; i < 10; i++)
		notify(i);
	EXPECT(send_get_vmid(77));
	notify(10);
	for (u32 i = 0; i < 12; i++) {
		ASSERT(rm_env_receive(&p));
		if (i == 10)
			EXPECT(is_vmid_reply(&p, 77));
		else
			EXPECT_EQ(notif_value(&p), i > 10 ? i - 1 : i);
	}
	EXPECT(!rm_env_receive(&p));
}

/* A reply of 9 packets goes on where the queue was full, nothing comes in between */
TEST(long_reply_through_a_short_queue)
{
	struct rm_out out;
	struct rm_packet p;
	u8 block[100];
	u32 got = 0;

	rm_env_init(&open_profile);
	out = rm_reply_out(rm_host());
	for (u32 i = 0; i < 20; i++) {
		memset(block, (int)i, sizeof(block));
		rm_out_put(&out, block, sizeof(block));
	}
	rm_reply(rm_host(), 0x1234, 5, 0, out.len);
	notify(1);
	for (u32 i = 0; i < 9; i++) {
		ASSERT(rm_env_receive(&p));
		EXPECT_EQ(p.data[1], (i ? 0 : 2) | 8 << 2);
		for (size_t n = 8; n < p.size; n++, got++)
			if (got >= 4)
				EXPECT_EQ(p.data[n], (got - 4) / 100);
	}
	EXPECT_EQ(got, 2004);
	ASSERT(rm_env_receive(&p));
	EXPECT_EQ(notif_value(&p), 1);
	EXPECT(!rm_env_receive(&p));
}

/* 62 continuations are the most there can be */
TEST(longest_request)
{
	static u8 payload[RM_MAX_MSG];
	size_t len;

	rm_env_init(&open_profile);
	EXPECT_EQ(rm_env_call(0x12345678, payload, sizeof(payload), NULL, 0, &len),
		  GUNYAH_RM_ERR_UNIMPLEMENTED);
	EXPECT_EQ(len, 0);
	EXPECT_EQ(rm_env_call(GUNYAH_RM_MEM_LEND, payload, sizeof(payload), NULL, 0, NULL),
		  GUNYAH_RM_ERR_MSG_INVALID);
}

static void send_fragment(u8 type, u16 seq, u8 count)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE] = { 0x21, (u8)(type | count << 2), (u8)seq,
					     (u8)(seq >> 8), 0x24, 0x00, 0x00, 0x56 };

	EXPECT(rm_env_send(packet, sizeof(packet)));
}

/* Too many fragments are no message, and do not disturb the one that is under way */
TEST(sixty_three_fragments)
{
	struct rm_packet p;

	rm_env_init(&open_profile);
	send_fragment(GUNYAH_RM_TYPE_REQUEST, 1, 1);
	send_fragment(GUNYAH_RM_TYPE_REQUEST, 2, 63);
	for (unsigned int i = 0; i < 63; i++)
		send_fragment(GUNYAH_RM_TYPE_CONTINUATION, 2, 63);
	EXPECT(!rm_env_receive(&p));
	send_fragment(GUNYAH_RM_TYPE_CONTINUATION, 1, 1);
	ASSERT(rm_env_receive(&p));
	EXPECT_EQ(p.data[8], GUNYAH_RM_ERR_MSG_INVALID);
}

/* Any bytes as packets: no harm, and the RM still answers */
TEST(random_packets)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE];
	struct rm_packet p;

	rm_env_init(&open_profile);
	for (unsigned int i = 0; i < 20000; i++) {
		size_t size = test_random() % sizeof(packet) + 1;

		for (size_t n = 0; n < size; n++)
			packet[n] = (u8)test_random();
		if (test_random() % 4)
			packet[0] = 0x21;
		if (test_random() % 4 && size > 1)
			packet[1] &= 0x0f;
		if (test_random() % 4 && size > 7) {
			packet[4] = (u8)(test_random() % 0x40);
			packet[5] = 0;
			packet[6] = 0;
			packet[7] = test_random() & 1 ? 0x51 : 0x56;
		}
		EXPECT(rm_env_send(packet, size));
		rm_env_drain();
	}
	EXPECT(send_get_vmid(3));
	ASSERT(rm_env_receive(&p));
	EXPECT(is_vmid_reply(&p, 3));
}

static u32 asserted(void)
{
	return fake.irqs[rm_env.rx_intid];
}

TEST(no_memory_no_rm)
{
	struct rm_env old;
	u64 pa;

	rm_env_init(&open_profile);
	old = rm_env;
	while ((pa = page_pool_alloc(&object_pool, 1, 1)))
		;
	EXPECT(!rm_init(&open_profile, &old.tx_cap, &old.rx_cap, &old.tx_intid, &old.rx_intid));
	EXPECT(asserted() == 0);
}
