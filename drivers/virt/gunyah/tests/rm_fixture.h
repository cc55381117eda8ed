/* SPDX-License-Identifier: GPL-2.0-only */
/* A Resource Manager on the fake transport, which writes VM events down. */
#ifndef _GUNYAH_TESTS_RM_FIXTURE_H
#define _GUNYAH_TESTS_RM_FIXTURE_H

#include <linux/jiffies.h>
#include <linux/sizes.h>

#include "fake_rm.h"

#define RM_TEST_NO_REPLY	(HZ / 50)	/* for calls that are to time out */
#define RM_TEST_LONG		(60 * HZ)	/* for calls that are not */

#define RM_TEST_RAM		0x44d00000	/* the guest's RAM in the recorded lives */
#define RM_TEST_SCATTERED	0x45000000	/* every other page from here in the others */

struct rm_test_event {
	unsigned long action;
	u16 vmid;
	u32 value;	/* state or exit type */
	u32 reason_size;
	u32 reason_len;
	u8 reason[8];
};

struct rm_test {
	struct gunyah_rm *rm;
	struct gunyah_fake *fake;
	struct notifier_block nb;
	struct rm_test_event events[16];
	int n_events;
};

/* Of the suite: puts a struct rm_test into test->priv.  First sequence number: 1 */
int rm_test_init(struct kunit *test);
void rm_test_exit(struct kunit *test);

/* The next packets follow @script, the first has the number @first_seq */
void rm_test_play(struct rm_test *t, const char * const *script, u16 first_seq);

/* @count runs of @size bytes, one every @step bytes */
struct gunyah_rm_mem_entry *rm_test_entries(struct kunit *test, u64 ipa, u64 size, u64 step,
					    size_t count);
/* Runs of @size bytes with holes of the same size between them, lent to VM 0x80 */
struct gunyah_rm_mem_parcel rm_test_lend(struct kunit *test, u32 label, u64 ipa, u64 size,
					 size_t count);

/* The 32-bit word at byte @at of the payload of a packet that was sent */
u32 rm_test_sent_word(struct rm_test *t, int packet, int at);
/* Replies with nothing but an error, and with OK and a word */
void rm_test_reply_error(struct rm_test *t, u16 seq, u32 msg_id, u32 error);
void rm_test_reply_word(struct rm_test *t, u16 seq, u32 msg_id, u32 word);

#endif
