// SPDX-License-Identifier: GPL-2.0-only
/* A transport for tests: see fake_rm.h. */
#include <linux/ctype.h>
#include <linux/hex.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "fake_rm.h"

size_t gunyah_fake_unhex(struct kunit *test, const char *hex, u8 *out, size_t max)
{
	size_t n = 0;
	int high, low;

	for (; *hex; hex += 2) {
		if (isspace(*hex))
			hex++;
		high = hex_to_bin(hex[0]);
		low = high < 0 ? -1 : hex_to_bin(hex[1]);
		KUNIT_ASSERT_GE(test, low, 0);
		KUNIT_ASSERT_LT(test, n, max);
		out[n++] = high << 4 | low;
	}

	return n;
}

void gunyah_fake_receive(struct gunyah_fake *f, const void *packet, size_t size)
{
	mutex_lock(&f->rx_lock);
	gunyah_rm_rpc_receive(f->rpc, packet, size);
	mutex_unlock(&f->rx_lock);
}

void gunyah_fake_receive_hex(struct gunyah_fake *f, const char *hex)
{
	u8 bytes[GUNYAH_RM_PACKET_SIZE];
	size_t size = gunyah_fake_unhex(f->test, hex, bytes, sizeof(bytes));
	/* Exactly as long as the packet: KASAN sees who reads beyond */
	u8 *packet = kunit_kzalloc(f->test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(f->test, packet);
	memcpy(packet, bytes, size);
	gunyah_fake_receive(f, packet, size);
	kunit_kfree(f->test, packet);
}

void gunyah_fake_reply(struct gunyah_fake *f, u16 seq, u32 msg_id, const void *payload,
		       size_t size)
{
	unsigned int packets = max_t(size_t, DIV_ROUND_UP(size, 232), 1);
	unsigned int n;
	size_t part;
	u8 packet[240];

	for (n = 0; n < packets; n++) {
		part = min_t(size_t, size - n * 232, 232);
		packet[0] = 0x21;
		packet[1] = (n ? 0 : 2) | (packets - 1) << 2;
		packet[2] = seq & 0xff;
		packet[3] = seq >> 8;
		packet[4] = msg_id & 0xff;
		packet[5] = msg_id >> 8 & 0xff;
		packet[6] = msg_id >> 16 & 0xff;
		packet[7] = msg_id >> 24;
		memcpy(packet + 8, payload + n * 232, part);
		gunyah_fake_receive(f, packet, 8 + part);
	}
}

/* Compares with the line "> ...", then plays the lines "< ..." that follow */
static void gunyah_fake_play(struct gunyah_fake *f, const void *packet, size_t size)
{
	u8 expected[GUNYAH_RM_PACKET_SIZE];
	const char *line = *f->script;
	size_t expected_size;

	if (!line || line[0] != '>') {
		KUNIT_FAIL(f->test, "nothing is to be sent here, got %*phN", (int)size, packet);
		return;
	}

	f->script++;
	expected_size = gunyah_fake_unhex(f->test, line + 2, expected, sizeof(expected));
	KUNIT_EXPECT_EQ(f->test, size, expected_size);
	KUNIT_EXPECT_MEMEQ(f->test, packet, expected, min(size, expected_size));

	while (*f->script && (*f->script)[0] == '<')
		gunyah_fake_receive_hex(f, *f->script++ + 2);
}

static int gunyah_fake_send(void *transport, const void *packet, size_t size, bool last,
			    bool killable, unsigned long deadline)
{
	struct gunyah_fake *f = transport;
	struct gunyah_fake_packet *p;

	if (f->sent == f->fail_at) {
		f->fail_at = -1;
		return f->fail_with;
	}

	KUNIT_ASSERT_LT(f->test, f->sent, GUNYAH_FAKE_PACKETS);
	KUNIT_ASSERT_LE(f->test, size, GUNYAH_RM_PACKET_SIZE);

	p = &f->packets[f->sent];
	p->size = size;
	p->last = last;
	p->killable = killable;
	memcpy(p->data, packet, size);
	/* Whoever sees the count sees the packet: gunyah_fake_wait_sent() */
	smp_store_release(&f->sent, f->sent + 1);
	wake_up_all(&f->wait);

	if (f->script)
		gunyah_fake_play(f, packet, size);

	return 0;
}

const struct gunyah_rm_transport_ops gunyah_fake_ops = {
	.send = gunyah_fake_send,
};

struct gunyah_fake *gunyah_fake_create(struct kunit *test)
{
	struct gunyah_fake *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->fail_at = -1;
	init_waitqueue_head(&f->wait);
	mutex_init(&f->rx_lock);

	return f;
}

void gunyah_fake_wait_sent(struct gunyah_fake *f, int count)
{
	/* Pairs with gunyah_fake_send() */
	wait_event(f->wait, smp_load_acquire(&f->sent) >= count);
}

void gunyah_fake_expect_end(struct gunyah_fake *f)
{
	KUNIT_EXPECT_NULL(f->test, *f->script);
}
