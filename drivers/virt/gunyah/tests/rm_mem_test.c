// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handing memory over: parcels of many runs, refusals half-way, and what becomes
 * of replies that come too late.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "rm_fixture.h"

/* More than 512 runs: how many packets, and what their headers say */

struct sharer {
	struct rm_test *t;
	struct gunyah_rm_mem_parcel parcel;
	int ret;
	struct work_struct work;
};

static void sharer_work(struct work_struct *work)
{
	struct sharer *s = container_of(work, struct sharer, work);

	s->ret = gunyah_rm_mem_share(s->t->rm, &s->parcel);
}

static struct sharer *sharer_start(struct kunit *test, size_t count)
{
	struct sharer *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->t = test->priv;
	s->parcel = rm_test_lend(test, 9, RM_TEST_SCATTERED, SZ_4K, count);
	INIT_WORK_ONSTACK(&s->work, sharer_work);
	queue_work(system_unbound_wq, &s->work);

	return s;
}

/*
 * 1040 runs: LEND of 512 (8216 bytes, 36 packets), APPEND of 512 (8204 bytes, 36
 * packets), APPEND of 16 (268 bytes, 2 packets).  Plays up to the second APPEND.
 */
static struct sharer *share_1040(struct kunit *test)
{
	struct sharer *s = sharer_start(test, 1040);
	struct rm_test *t = test->priv;

	gunyah_fake_wait_sent(t->fake, 36);
	rm_test_reply_word(t, 1, 0x51000012, 0x1234);
	gunyah_fake_wait_sent(t->fake, 72);
	rm_test_reply_error(t, 2, 0x51000018, 0);
	gunyah_fake_wait_sent(t->fake, 74);

	return s;
}

static void rm_mem_test_share_many(struct kunit *test)
{
	struct sharer *s = share_1040(test);
	struct rm_test *t = test->priv;

	rm_test_reply_error(t, 3, 0x51000018, 0);
	flush_work(&s->work);

	KUNIT_EXPECT_EQ(test, s->ret, 0);
	KUNIT_EXPECT_EQ(test, s->parcel.handle, 0x1234);
	KUNIT_EXPECT_FALSE(test, s->parcel.in_doubt);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 74);

	KUNIT_EXPECT_EQ(test, t->fake->packets[0].data[1], 35 << 2 | 1);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 0, 0), 0x00020000);	/* append follows */
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 0, 4), 9);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 0, 8), 1);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 0, 12), 0x00070080);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 0, 16), 512);
	KUNIT_EXPECT_EQ(test, t->fake->packets[35].size, 8 + 8216 - 35 * 232);

	KUNIT_EXPECT_EQ(test, t->fake->packets[36].data[1], 35 << 2 | 1);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 36, 0), 0x1234);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 36, 4), 0);		/* not the last */
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 36, 8), 512);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 36, 12), RM_TEST_SCATTERED + 512 * SZ_8K);

	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 72, 0), 0x1234);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 72, 4), 1);		/* done */
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 72, 8), 16);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 72, 12), RM_TEST_SCATTERED + 1024 * SZ_8K);
}

static void rm_mem_test_share_512(struct kunit *test)
{
	struct sharer *s = sharer_start(test, 512);
	struct rm_test *t = test->priv;

	gunyah_fake_wait_sent(t->fake, 36);
	rm_test_reply_word(t, 1, 0x51000012, 5);
	flush_work(&s->work);

	KUNIT_EXPECT_EQ(test, s->ret, 0);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 36);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 0, 0), 0);
}

/* An APPEND refused: the parcel goes back */
static void rm_mem_test_append_refused(struct kunit *test)
{
	struct sharer *s = share_1040(test);
	struct rm_test *t = test->priv;

	rm_test_reply_error(t, 3, 0x51000018, 1);
	gunyah_fake_wait_sent(t->fake, 75);
	KUNIT_EXPECT_EQ(test, gunyah_fake_msg_id(&t->fake->packets[74]), 0x51000015);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 74, 0), 0x1234);
	rm_test_reply_error(t, 4, 0x51000015, 0);
	flush_work(&s->work);

	KUNIT_EXPECT_EQ(test, s->ret, -ENOMEM);
	KUNIT_EXPECT_EQ(test, s->parcel.handle, 0xffffffff);
	KUNIT_EXPECT_FALSE(test, s->parcel.in_doubt);
}

/* And if it does not, nobody may touch the pages */
static void rm_mem_test_append_refused_reclaim_refused(struct kunit *test)
{
	struct sharer *s = share_1040(test);
	struct rm_test *t = test->priv;

	rm_test_reply_error(t, 3, 0x51000018, 1);
	gunyah_fake_wait_sent(t->fake, 75);
	rm_test_reply_error(t, 4, 0x51000015, 3);
	flush_work(&s->work);

	KUNIT_EXPECT_EQ(test, s->ret, -ENOMEM);
	KUNIT_EXPECT_TRUE(test, s->parcel.in_doubt);
}

static void rm_mem_test_share_refused(struct kunit *test)
{
	struct sharer *s = sharer_start(test, 1);
	struct rm_test *t = test->priv;

	gunyah_fake_wait_sent(t->fake, 1);
	rm_test_reply_error(t, 1, 0x51000012, 0xa);
	flush_work(&s->work);

	KUNIT_EXPECT_EQ(test, s->ret, -EINVAL);
	KUNIT_EXPECT_EQ(test, s->parcel.handle, 0xffffffff);
	KUNIT_EXPECT_FALSE(test, s->parcel.in_doubt);
}

static void rm_mem_test_share_bad_arguments(struct kunit *test)
{
	struct gunyah_rm_mem_parcel parcel = rm_test_lend(test, 0, RM_TEST_RAM, SZ_4K, 1);
	struct rm_test *t = test->priv;

	parcel.n_entries = 0;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(t->rm, &parcel), -EINVAL);
	parcel.n_entries = 1;
	parcel.n_acl = 0;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(t->rm, &parcel), -EINVAL);
	parcel.n_acl = 3;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(t->rm, &parcel), -EINVAL);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 0);
}

/* Late replies */

static void rm_mem_test_late_lend(struct kunit *test)
{
	struct gunyah_rm_mem_parcel parcel = rm_test_lend(test, 0, RM_TEST_RAM, SZ_4K, 1);
	struct rm_test *t = test->priv;

	t->rm->rpc.timeout = RM_TEST_NO_REPLY;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(t->rm, &parcel), -ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, parcel.in_doubt);
	KUNIT_EXPECT_EQ(test, parcel.handle, 0xffffffff);

	t->rm->rpc.timeout = RM_TEST_LONG;
	rm_test_reply_word(t, 1, 0x51000012, 0x77);
	gunyah_fake_wait_sent(t->fake, 2);
	KUNIT_EXPECT_EQ(test, gunyah_fake_msg_id(&t->fake->packets[1]), 0x51000015);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 1, 0), 0x77);
	rm_test_reply_error(t, 2, 0x51000015, 0);
	flush_workqueue(t->rm->undos);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 2);
}

static void rm_mem_test_late_alloc(struct kunit *test)
{
	struct rm_test *t = test->priv;
	u16 vmid = 0x55;

	t->rm->rpc.timeout = RM_TEST_NO_REPLY;
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(t->rm, &vmid), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, vmid, 0x55);

	t->rm->rpc.timeout = RM_TEST_LONG;
	rm_test_reply_word(t, 1, 0x56000001, 0x81);
	gunyah_fake_wait_sent(t->fake, 2);
	KUNIT_EXPECT_EQ(test, gunyah_fake_msg_id(&t->fake->packets[1]), 0x56000002);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 1, 0), 0x81);
	rm_test_reply_error(t, 2, 0x56000002, 0);
	flush_workqueue(t->rm->undos);
}

/* A late refusal, and a late reply that is malformed, bring nothing to give back */
static void rm_mem_test_late_nothing(struct kunit *test)
{
	struct gunyah_rm_mem_parcel parcel = rm_test_lend(test, 0, RM_TEST_RAM, SZ_4K, 1);
	struct rm_test *t = test->priv;

	t->rm->rpc.timeout = RM_TEST_NO_REPLY;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(t->rm, &parcel), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(t->rm, &parcel), -ETIMEDOUT);
	rm_test_reply_word(t, 1, 0x51000012, 0);
	rm_test_reply_error(t, 2, 0x51000012, 0);
	t->rm->rpc.timeout = RM_TEST_LONG;
	gunyah_fake_wait_sent(t->fake, 3);
	rm_test_reply_error(t, 3, 0x51000015, 0);
	flush_workqueue(t->rm->undos);

	/* Handle 0 is a handle like any other; the second reply had none */
	KUNIT_EXPECT_EQ(test, t->fake->sent, 3);
	KUNIT_EXPECT_EQ(test, gunyah_fake_msg_id(&t->fake->packets[2]), 0x51000015);
	KUNIT_EXPECT_EQ(test, rm_test_sent_word(t, 2, 0), 0);
}

static void rm_mem_test_late_refused(struct kunit *test)
{
	struct gunyah_rm_mem_parcel parcel = rm_test_lend(test, 0, RM_TEST_RAM, SZ_4K, 1);
	struct rm_test *t = test->priv;

	t->rm->rpc.timeout = RM_TEST_NO_REPLY;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(t->rm, &parcel), -ETIMEDOUT);
	/* An error with a word behind it, as two other messages have it */
	gunyah_fake_receive_hex(t->fake, "21020100120000510a00000005000000");
	flush_workqueue(t->rm->undos);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 1);
}

static struct kunit_case rm_mem_test_cases[] = {
	KUNIT_CASE(rm_mem_test_share_many),
	KUNIT_CASE(rm_mem_test_share_512),
	KUNIT_CASE(rm_mem_test_append_refused),
	KUNIT_CASE(rm_mem_test_append_refused_reclaim_refused),
	KUNIT_CASE(rm_mem_test_share_refused),
	KUNIT_CASE(rm_mem_test_share_bad_arguments),
	KUNIT_CASE(rm_mem_test_late_lend),
	KUNIT_CASE(rm_mem_test_late_alloc),
	KUNIT_CASE(rm_mem_test_late_nothing),
	KUNIT_CASE(rm_mem_test_late_refused),
	{}
};

static struct kunit_suite rm_mem_test_suite = {
	.name = "gunyah-rm-mem",
	.init = rm_test_init,
	.exit = rm_test_exit,
	.test_cases = rm_mem_test_cases,
};

kunit_test_suite(rm_mem_test_suite);
