/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A transport for tests.  It keeps what was sent, and plays a script in the
 * format of the recordings: "> hex" is the packet that has to be sent next,
 * "< hex" what comes back at once, before send has returned.
 */
#ifndef _GUNYAH_TESTS_FAKE_RM_H
#define _GUNYAH_TESTS_FAKE_RM_H

#include <kunit/test.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#include "../rm_priv.h"

#define GUNYAH_FAKE_PACKETS	160

struct gunyah_fake_packet {
	size_t size;
	bool last;
	bool killable;
	u8 data[GUNYAH_RM_PACKET_SIZE];
};

/**
 * struct gunyah_fake - the transport
 * @test: test that fails if the script is left
 * @rpc: connection that uses it
 * @script: next line, NULL: nothing is expected and nothing is answered
 * @fail_at: number of the packet that fails to be sent, -1: none
 * @fail_with: errno of that
 * @sent: packets so far
 * @wait: waits for @sent to grow
 * @rx_lock: one packet in at a time
 * @packets: what was sent
 */
struct gunyah_fake {
	struct kunit *test;
	struct gunyah_rm_rpc *rpc;
	const char * const *script;
	int fail_at;
	int fail_with;
	int sent;
	wait_queue_head_t wait;
	struct mutex rx_lock; /* calls of gunyah_rm_rpc_receive() */
	struct gunyah_fake_packet packets[GUNYAH_FAKE_PACKETS];
};

extern const struct gunyah_rm_transport_ops gunyah_fake_ops;

struct gunyah_fake *gunyah_fake_create(struct kunit *test);
/* Packets in: from hex digits, from bytes, and a reply with @size bytes of @payload */
void gunyah_fake_receive_hex(struct gunyah_fake *f, const char *hex);
void gunyah_fake_receive(struct gunyah_fake *f, const void *packet, size_t size);
void gunyah_fake_reply(struct gunyah_fake *f, u16 seq, u32 msg_id, const void *payload,
		       size_t size);
/* Sleeps until @count packets were sent */
void gunyah_fake_wait_sent(struct gunyah_fake *f, int count);
/* Everything that the script wants has been sent */
void gunyah_fake_expect_end(struct gunyah_fake *f);

/* Returns the number of bytes; a blank or newline between two of them is skipped */
size_t gunyah_fake_unhex(struct kunit *test, const char *hex, u8 *out, size_t max);

static inline u16 gunyah_fake_seq(const struct gunyah_fake_packet *p)
{
	return le16_to_cpu(((const struct gunyah_rm_header *)p->data)->seq);
}

static inline u32 gunyah_fake_msg_id(const struct gunyah_fake_packet *p)
{
	return le32_to_cpu(((const struct gunyah_rm_header *)p->data)->msg_id);
}

#endif
