// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of the Resource Manager against recorded packets, refusals and
 * malformed replies; notifications.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "recorded.h"
#include "rm_fixture.h"

static void check_resources(struct kunit *test, u16 vmid)
{
	struct gunyah_rm_hyp_resources *r;
	struct rm_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, gunyah_rm_get_hyp_resources(t->rm, vmid, &r), 0);
	KUNIT_EXPECT_EQ(test, r->count, 3);
	KUNIT_EXPECT_EQ(test, r->entries[0].type, 4);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(r->entries[0].label), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(r->entries[0].capid_low), 3);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(r->entries[0].capid_high), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(r->entries[0].virq), 0x3c2);
	KUNIT_EXPECT_EQ(test, r->entries[1].type, 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(r->entries[1].label), 1);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(r->entries[1].virq), 0);
	KUNIT_EXPECT_EQ(test, r->entries[2].type, 1);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(r->entries[2].partner_vmid), 0x80);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(r->entries[2].virq), 0x3c3);
	kvfree(r);
}

/* The calls from ALLOCATE to START, which both lives have in common */
static u16 live_to_start(struct kunit *test, struct gunyah_rm_mem_parcel *parcel)
{
	static const struct gunyah_rm_config_image config = {
		.image_size = 0x1000,
		.dtb_offset = 0x80000,
		.dtb_size = 0x80000,
	};
	struct rm_test *t = test->priv;
	u16 vmid = 0;

	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(t->rm, &vmid), 0);
	KUNIT_EXPECT_EQ(test, vmid, 0x80);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(t->rm, parcel), 0);
	KUNIT_EXPECT_EQ(test, parcel->handle, 0);
	KUNIT_EXPECT_FALSE(test, parcel->in_doubt);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_configure(t->rm, vmid, &config), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_init(t->rm, vmid), 0);
	check_resources(test, vmid);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_start(t->rm, vmid), 0);

	return vmid;
}

static void live_to_end(struct kunit *test, u16 vmid)
{
	struct rm_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(t->rm, vmid), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(t->rm, 0), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(t->rm, vmid), 0);
	gunyah_fake_expect_end(t->fake);
}

/* INIT, READY, RUNNING, EXITED, VM_EXITED, RESETTING, RESET: in this order */
static void check_events(struct kunit *test, u32 exit_type)
{
	const u32 values[] = { 1, 2, 3, 9, exit_type, 10, 11 };
	struct rm_test *t = test->priv;
	int i;

	flush_workqueue(t->rm->events);
	KUNIT_ASSERT_EQ(test, t->n_events, ARRAY_SIZE(values));
	for (i = 0; i < t->n_events; i++) {
		KUNIT_EXPECT_EQ(test, t->events[i].action, i == 4 ? 0x56100001 : 0x56100008);
		KUNIT_EXPECT_EQ(test, t->events[i].vmid, 0x80);
		KUNIT_EXPECT_EQ(test, t->events[i].value, values[i]);
	}
	KUNIT_EXPECT_EQ(test, t->events[4].reason_size, 4);
	KUNIT_EXPECT_EQ(test, t->events[4].reason_len, 4);
	KUNIT_EXPECT_MEMEQ(test, t->events[4].reason, "\0\0\0\0", 4);
}

static void rm_test_life_lend(struct kunit *test)
{
	struct gunyah_rm_mem_parcel parcel = rm_test_lend(test, 0, RM_TEST_RAM, SZ_1M, 1);
	struct rm_test *t = test->priv;
	u16 vmid;

	rm_test_play(t, gunyah_recorded_lend, 1);
	vmid = live_to_start(test, &parcel);
	live_to_end(test, vmid);
	check_events(test, 1);
}

static void rm_test_life_share(struct kunit *test)
{
	struct gunyah_rm_mem_parcel parcel = rm_test_lend(test, 0, RM_TEST_RAM, SZ_1M, 1);
	struct rm_test *t = test->priv;
	u16 vmid;

	parcel.acl[1] = (struct gunyah_rm_acl_entry){ .vmid = cpu_to_le16(3), .rights = 7 };
	parcel.n_acl = 2;
	rm_test_play(t, gunyah_recorded_share, 1);
	vmid = live_to_start(test, &parcel);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_stop(t->rm, vmid), 0);
	live_to_end(test, vmid);
	check_events(test, 7);
}

static void rm_test_lend_fragmented(struct kunit *test)
{
	struct gunyah_rm_mem_parcel parcel = rm_test_lend(test, 5, RM_TEST_SCATTERED, SZ_4K, 48);
	struct rm_test *t = test->priv;

	rm_test_play(t, gunyah_recorded_lend_48, 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(t->rm, &parcel), 0);
	gunyah_fake_expect_end(t->fake);
}

static void rm_test_lend_one_full_packet(struct kunit *test)
{
	struct gunyah_rm_mem_parcel parcel = rm_test_lend(test, 8, RM_TEST_SCATTERED, SZ_4K, 13);
	struct rm_test *t = test->priv;

	rm_test_play(t, gunyah_recorded_lend_13, 0xb);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(t->rm, &parcel), 0);
	KUNIT_EXPECT_EQ(test, parcel.handle, 3);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(t->rm, parcel.handle), 0);
	gunyah_fake_expect_end(t->fake);
}

static void rm_test_append(struct kunit *test)
{
	const u64 third = RM_TEST_SCATTERED + 0x104000;
	struct gunyah_rm_mem_entry *e = rm_test_entries(test, third, SZ_4K, SZ_8K, 23);
	u8 *buf = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	struct rm_test *t = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	/* Without the LEND of two runs in front and its reply */
	rm_test_play(t, gunyah_recorded_append + 2, 3);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_append(t->rm, 1, buf, e, 3, false), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_append(t->rm, 1, buf, e + 3, 20, true), 0);
	gunyah_fake_expect_end(t->fake);
}

static void rm_test_resources_fragmented(struct kunit *test)
{
	struct gunyah_rm_hyp_resources *r;
	struct rm_test *t = test->priv;
	int i;

	rm_test_play(t, gunyah_recorded_resources, 0x12);
	KUNIT_ASSERT_EQ(test, gunyah_rm_get_hyp_resources(t->rm, 0x80, &r), 0);
	KUNIT_ASSERT_EQ(test, r->count, 11);
	for (i = 3; i < 11; i++) {
		KUNIT_EXPECT_EQ(test, r->entries[i].type, 0);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(r->entries[i].label), 0x20 + i - 3);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(r->entries[i].capid_low), 6 + i - 3);
		KUNIT_EXPECT_EQ(test, le16_to_cpu(r->entries[i].partner_vmid), 0x80);
	}
	kvfree(r);
	gunyah_fake_expect_end(t->fake);
}

/* Replies that are too short for what they say */
static const char * const bad_resources[] = {
	"210201002000005600000000",			/* OK, no count */
	"2102010020000056000000",			/* three bytes of an error */
	"2102010020000056",				/* nothing */
	"21020100200000560000000001000000",		/* one, but none there */
	"210201002000005600000000ffffffff",		/* 4 G of them */
	"21020100200000560000000000000040",		/* times 44 wraps to 0 */
	/* one, of 43 bytes */
	"210201002000005600000000010000000400000000000000000000000300000000000000000000\n"
	"00c2030000000000000000000000000000000000",
};

static void bad_resources_desc(const char * const *reply, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu digits", strlen(*reply));
}

KUNIT_ARRAY_PARAM(bad_resources, bad_resources, bad_resources_desc);

static void rm_test_bad_resources(struct kunit *test)
{
	const char *reply = *(const char * const *)test->param_value;
	struct gunyah_rm_hyp_resources *r = ERR_PTR(-EFAULT);
	struct rm_test *t = test->priv;
	const char *script[3] = { "> 210101002000005680000000" };

	script[1] = kasprintf(GFP_KERNEL, "< %s", reply);
	KUNIT_ASSERT_NOT_NULL(test, script[1]);
	rm_test_play(t, script, 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_hyp_resources(t->rm, 0x80, &r), -EBADMSG);
	KUNIT_EXPECT_PTR_EQ(test, r, ERR_PTR(-EFAULT));
	gunyah_fake_expect_end(t->fake);
	kfree(script[1]);
}

static void rm_test_no_resources(struct kunit *test)
{
	static const char * const script[] = {
		"> 210101002000005680000000", "< 21020100200000560000000000000000", NULL
	};
	struct gunyah_rm_hyp_resources *r;
	struct rm_test *t = test->priv;

	rm_test_play(t, script, 1);
	KUNIT_ASSERT_EQ(test, gunyah_rm_get_hyp_resources(t->rm, 0x80, &r), 0);
	KUNIT_EXPECT_EQ(test, r->count, 0);
	kvfree(r);
}

/* Retries, malformed replies, what is never sent */

static void rm_test_busy_then_ok(struct kunit *test)
{
	static const char * const script[] = {
		"> 210101000400005680000000", "< 210201000400005605000000",
		"> 210102000400005680000000", "< 210202000400005605000000",
		"> 210103000400005680000000", "< 210203000400005600000000",
		NULL
	};
	struct rm_test *t = test->priv;

	rm_test_play(t, script, 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_start(t->rm, 0x80), 0);
	gunyah_fake_expect_end(t->fake);
}

static void rm_test_busy_for_ever(struct kunit *test)
{
	static const char * const script[] = {
		"> 210101000400005680000000", "< 210201000400005605000000",
		"> 210102000400005680000000", "< 210202000400005605000000",
		"> 210103000400005680000000", "< 210203000400005605000000",
		"> 210104000400005680000000", "< 210204000400005605000000",
		"> 210105000400005680000000", "< 210205000400005605000000",
		"> 210106000400005680000000", "< 210206000400005605000000",
		"> 210107000400005680000000", "< 210207000400005605000000",
		"> 210108000400005680000000", "< 210208000400005605000000",
		NULL
	};
	struct rm_test *t = test->priv;

	rm_test_play(t, script, 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_start(t->rm, 0x80), -EBUSY);
	gunyah_fake_expect_end(t->fake);
}

static void rm_test_malformed_replies(struct kunit *test)
{
	static const char * const script[] = {
		"> 210101000100005600000000", "< 210201000100005600000000",
		"> 210102000100005600000000", "< 210202000100005600000000000001",
		"> 210103000100005600000000", "< 21020300010000560000000080000100",
		"> 210104000100005600000000", "< 21020400010000560000000000000000",
		"> 210105000100005600000000", "< 2102050001000056000000",
		"> 210106000400005680000000", "< 2102060004000056",
		NULL
	};
	struct rm_test *t = test->priv;
	u16 vmid = 0x55;
	int i;

	rm_test_play(t, script, 1);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(t->rm, &vmid), -EBADMSG);
	KUNIT_EXPECT_EQ(test, vmid, 0x55);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_start(t->rm, 0x80), -EBADMSG);
	gunyah_fake_expect_end(t->fake);
}

/* Us, nobody, the RM: some of these kill the open one */
static void rm_test_deadly_vmids(struct kunit *test)
{
	static const u16 vmids[] = { 0, 3, 0xff, 0xfffd, 0xfffe, 0xffff };
	const struct gunyah_rm_config_image config = {};
	struct gunyah_rm_range range = {};
	struct gunyah_rm_hyp_resources *r;
	struct rm_test *t = test->priv;
	struct gunyah_rm *rm = t->rm;
	int i;

	rm->caps.boot_context = 0x56000031;
	rm->caps.demand_paging = true;
	for (i = 0; i < ARRAY_SIZE(vmids); i++) {
		KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(rm, vmids[i]), -EINVAL);
		KUNIT_EXPECT_EQ(test, gunyah_rm_vm_configure(rm, vmids[i], &config), -EINVAL);
		KUNIT_EXPECT_EQ(test, gunyah_rm_vm_init(rm, vmids[i]), -EINVAL);
		KUNIT_EXPECT_EQ(test, gunyah_rm_vm_start(rm, vmids[i]), -EINVAL);
		KUNIT_EXPECT_EQ(test, gunyah_rm_vm_stop(rm, vmids[i]), -EINVAL);
		KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(rm, vmids[i]), -EINVAL);
		KUNIT_EXPECT_EQ(test, gunyah_rm_get_hyp_resources(rm, vmids[i], &r), -EINVAL);
		KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_boot_context(rm, vmids[i], 0, 0, 0),
				-EINVAL);
		KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(rm, vmids[i], &range, 1),
				-EINVAL);
		KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_address_layout(rm, vmids[i], 0, 0, 0),
				-EINVAL);
	}
	KUNIT_EXPECT_EQ(test, t->fake->sent, 0);
}

static void rm_test_after_shutdown(struct kunit *test)
{
	struct rm_test *t = test->priv;

	gunyah_rm_rpc_stop(&t->rm->rpc);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_start(t->rm, 0x80), -ENODEV);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 0);
}

/*
 * A kill ends the wait for a query, but not that for a message that changes
 * something.  A test runs in a kernel thread, which nobody kills: it pretends.
 */
static void rm_test_killable(struct kunit *test)
{
	static const char * const script[] = {
		"> 210101000100005600000000", "< 21020100010000560000000080000000",
		"> 210102002000005680000000", "< 21020200200000560000000000000000",
		"> 210103000400005680000000", "< 210203000400005600000000",
		"> 210104002000005680000000", "< 21020400200000560000000000000000",
		NULL
	};
	static const bool killable[] = { false, true, false, false };
	struct gunyah_rm_hyp_resources *r[2] = {};
	struct rm_test *t = test->priv;
	u16 vmid;
	int i;

	rm_test_play(t, script, 1);
	current->flags &= ~PF_KTHREAD;
	gunyah_rm_alloc_vmid(t->rm, &vmid);
	gunyah_rm_get_hyp_resources(t->rm, 0x80, &r[0]);
	gunyah_rm_vm_start(t->rm, 0x80);
	current->flags |= PF_KTHREAD;
	/* In a kernel thread, not even that */
	gunyah_rm_get_hyp_resources(t->rm, 0x80, &r[1]);

	gunyah_fake_expect_end(t->fake);
	for (i = 0; i < t->fake->sent; i++)
		KUNIT_EXPECT_EQ(test, t->fake->packets[i].killable, killable[i]);
	kvfree(r[0]);
	kvfree(r[1]);
}

/* First contact */

static void rm_test_bind_open(struct kunit *test)
{
	static const char * const script[] = {
		"> 2101010024000056",
		"< 21020100240000560000000003000000",
		"> 2101020031000056fdff0100000000000000000000000000",
		"< 2102020031000056ffffffff",
		"> 210103000c000056fdff0100000000000000000000000000",
		"< 210203000c000056ffffffff",
		"> 2101040033000056fdff00000100000000000000000000000010000000000000",
		"< 2102040033000056ffffffff",
		NULL
	};
	struct rm_test *t = test->priv;
	u64 gpa = 0;

	t->rm->caps.own_vmid = 0;
	rm_test_play(t, script, 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_bind(t->rm), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_caps(t->rm)->own_vmid, 3);
	KUNIT_EXPECT_EQ(test, gunyah_rm_caps(t->rm)->boot_context, 0);
	KUNIT_EXPECT_FALSE(test, gunyah_rm_caps(t->rm)->demand_paging);

	/* And what it does not know is not sent */
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_boot_context(t->rm, 0x80, 1, 0, gpa), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(t->rm, 0x80, NULL, 1), -EOPNOTSUPP);
	gunyah_fake_expect_end(t->fake);
}

static void rm_test_bind_production(struct kunit *test)
{
	static const char * const script[] = {
		"> 2101010024000056",
		"< 21020100240000560000000003000000",
		"> 2101020031000056fdff0100000000000000000000000000",
		"< 21020200310000560d000000",
		"> 2101030033000056fdff00000100000000000000000000000010000000000000",
		"< 210203003300005614000000",
		/* The calls, by the tables: rm-rpc 4.11, 4.12, 4.13 */
		"> 21010400310000568000020300000000efcdab8967452301",
		"< 210204003100005600000000",
		"> 2101050033000056800000000200000000000080000000000000001000000000\n"
		"00000000010000000000200000000000",
		"< 210205003300005600000000",
		"> 2101060034000056800000000100000000000081000000000000200000000000",
		"< 210206003400005600000000",
		NULL
	};
	static const struct gunyah_rm_range ranges[] = {
		{ 0x80000000, 0x10000000 }, { 0x100000000, 0x200000 },
	};
	struct rm_test *t = test->priv;

	rm_test_play(t, script, 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_bind(t->rm), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_caps(t->rm)->boot_context, 0x56000031);
	KUNIT_EXPECT_TRUE(test, gunyah_rm_caps(t->rm)->demand_paging);

	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_boot_context(t->rm, 0x80, 2, 3, 0x0123456789abcdef),
			0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(t->rm, 0x80, ranges, 2), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_address_layout(t->rm, 0x80, 1, 0x81000000, 0x200000),
			0);
	gunyah_fake_expect_end(t->fake);
}

static void rm_test_bind_other_id(struct kunit *test)
{
	static const char * const script[] = {
		"> 2101010024000056",
		"< 21020100240000560000000004000000",
		"> 2101020031000056fdff0100000000000000000000000000",
		"< 2102020031000056ffffffff",
		"> 210103000c000056fdff0100000000000000000000000000",
		"< 210203000c00005606000000",
		"> 2101040033000056fdff00000100000000000000000000000010000000000000",
		"< 2102040033000056ffffffff",
		"> 210105000c0000568000010000000000fecaefbe00000000",
		"< 210205000c00005600000000",
		NULL
	};
	struct rm_test *t = test->priv;

	rm_test_play(t, script, 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_bind(t->rm), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_caps(t->rm)->own_vmid, 4);
	KUNIT_EXPECT_EQ(test, gunyah_rm_caps(t->rm)->boot_context, 0x5600000c);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_boot_context(t->rm, 0x80, 1, 0, 0xbeefcafe), 0);
	gunyah_fake_expect_end(t->fake);
}

static void rm_test_bind_no_answer(struct kunit *test)
{
	struct rm_test *t = test->priv;

	t->rm->rpc.timeout = RM_TEST_NO_REPLY;
	KUNIT_EXPECT_EQ(test, gunyah_rm_bind(t->rm), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 1);
}

/* The most ranges that fit: 898 * 16 + 8 = 14376; one more does not */
static void rm_test_demand_paging_limit(struct kunit *test)
{
	struct gunyah_rm_range *ranges = kunit_kcalloc(test, 899, sizeof(*ranges), GFP_KERNEL);
	struct rm_test *t = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, ranges);
	t->rm->caps.demand_paging = true;
	t->rm->rpc.timeout = RM_TEST_NO_REPLY;
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(t->rm, 0x80, ranges, 899), -E2BIG);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(t->rm, 0x80, ranges, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(t->rm, 0x80, ranges, 898), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, t->fake->sent, 62);
}

/* Notifications */

static void rm_test_bad_notifications(struct kunit *test)
{
	static const char * const packets[] = {
		"21030000080010568000000003",		/* VM_STATUS of 5 bytes */
		"210300000800105680000000030000",	/* of 7 */
		"2103000008001056",			/* of none */
		"210300000100105680000100040000",	/* VM_EXITED of 7 */
		"210300001200105100000000",		/* MEM_RELEASED: not ours */
		"210300000200105600000000",		/* VM_SHUTDOWN: not ours */
		"21030000ffffffff0000000000000000",
	};
	struct rm_test *t = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(packets); i++)
		gunyah_fake_receive_hex(t->fake, packets[i]);
	flush_workqueue(t->rm->events);
	KUNIT_EXPECT_EQ(test, t->n_events, 0);
}

/* The size of a reason is what the RM says, the bytes are those that came */
static void rm_test_exit_reasons(struct kunit *test)
{
	struct rm_test *t = test->priv;

	gunyah_fake_receive_hex(t->fake, "21030000010010568100030010000000aabbccdd11223344");
	gunyah_fake_receive_hex(t->fake, "21030000010010568100020000000000");
	gunyah_fake_receive_hex(t->fake, "210300000100105681000300ffffffffaa");
	gunyah_fake_receive_hex(t->fake, "210300000100105681000300020000005566778899");
	flush_workqueue(t->rm->events);

	KUNIT_ASSERT_EQ(test, t->n_events, 4);
	KUNIT_EXPECT_EQ(test, t->events[0].vmid, 0x81);
	KUNIT_EXPECT_EQ(test, t->events[0].value, 3);
	KUNIT_EXPECT_EQ(test, t->events[0].reason_size, 16);
	KUNIT_EXPECT_EQ(test, t->events[0].reason_len, 8);
	KUNIT_EXPECT_MEMEQ(test, t->events[0].reason, "\xaa\xbb\xcc\xdd\x11\x22\x33\x44", 8);
	KUNIT_EXPECT_EQ(test, t->events[1].reason_len, 0);
	KUNIT_EXPECT_EQ(test, t->events[2].reason_size, 0xffffffff);
	KUNIT_EXPECT_EQ(test, t->events[2].reason_len, 1);
	KUNIT_EXPECT_EQ(test, t->events[3].reason_len, 2);
}

static void rm_test_all_status_fields(struct kunit *test)
{
	struct rm_test *t = test->priv;
	int i;

	for (i = 0; i < 3; i++)
		gunyah_fake_receive_hex(t->fake, "2103000008001056be0000000c047856");
	flush_workqueue(t->rm->events);
	KUNIT_ASSERT_EQ(test, t->n_events, 3);
	KUNIT_EXPECT_EQ(test, t->events[2].vmid, 0xbe);
	KUNIT_EXPECT_EQ(test, t->events[2].value, 12);
}

static struct kunit_case rm_test_cases[] = {
	KUNIT_CASE(rm_test_life_lend),
	KUNIT_CASE(rm_test_life_share),
	KUNIT_CASE(rm_test_lend_fragmented),
	KUNIT_CASE(rm_test_lend_one_full_packet),
	KUNIT_CASE(rm_test_append),
	KUNIT_CASE(rm_test_resources_fragmented),
	KUNIT_CASE_PARAM(rm_test_bad_resources, bad_resources_gen_params),
	KUNIT_CASE(rm_test_no_resources),
	KUNIT_CASE(rm_test_busy_then_ok),
	KUNIT_CASE(rm_test_busy_for_ever),
	KUNIT_CASE(rm_test_malformed_replies),
	KUNIT_CASE(rm_test_deadly_vmids),
	KUNIT_CASE(rm_test_after_shutdown),
	KUNIT_CASE(rm_test_killable),
	KUNIT_CASE(rm_test_bind_open),
	KUNIT_CASE(rm_test_bind_production),
	KUNIT_CASE(rm_test_bind_other_id),
	KUNIT_CASE(rm_test_bind_no_answer),
	KUNIT_CASE(rm_test_demand_paging_limit),
	KUNIT_CASE(rm_test_bad_notifications),
	KUNIT_CASE(rm_test_exit_reasons),
	KUNIT_CASE(rm_test_all_status_fields),
	{}
};

static struct kunit_suite rm_test_suite = {
	.name = "gunyah-rm",
	.init = rm_test_init,
	.exit = rm_test_exit,
	.test_cases = rm_test_cases,
};

kunit_test_suite(rm_test_suite);
