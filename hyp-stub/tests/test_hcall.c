// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Rules of the calling convention (ABI tables, hypercall 1), buffers of callers,
 * the test interface.  What each call answers is in test_hcall_replay.c.
 */
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "hcall/test_abi.h"
#include "lib/printk.h"
#include "owner/owner.h"
#include "tests/hcall_env.h"

#define MARK(n)	(0xabcd000000000000ULL + (n))

static u64 x[HCALL_REGS];

/* Registers that are not arguments carry marks */
static void call(const struct hcall_caller *caller, u16 imm, u64 x0, u64 x1, u64 x2, u64 x3, u64 x4)
{
	const u64 args[] = { x0, x1, x2, x3, x4, 0 };
	unsigned int i;

	for (i = 0; i < HCALL_REGS; i++)
		x[i] = i < ARRAY_SIZE(args) ? args[i] : MARK(i);
	hcall_handle(caller, imm, imm, x);
}

static void smccc(u32 num, u64 x1, u64 x2, u64 x3, u64 x4)
{
	call(&env_host, 0, GUNYAH_SMCCC_ID(num), x1, x2, x3, x4);
}

static void native(u32 num, u64 x0, u64 x1, u64 x2, u64 x3)
{
	call(&env_host, GUNYAH_HVC_IMM_BASE + num, x0, x1, x2, x3, 0);
}

static bool kept(unsigned int from)
{
	unsigned int i;

	for (i = from; i < HCALL_REGS; i++)
		if (x[i] != MARK(i))
			return false;
	return true;
}

/* Overwritten, all with the same: neither the caller's nor anything of the stub's */
static bool scrubbed(unsigned int from)
{
	unsigned int i;

	for (i = from; i < HCALL_REGS; i++)
		if (x[i] != x[HCALL_REGS - 1] || x[i] == MARK(i))
			return false;
	return true;
}

TEST(hypercalls_scrub_behind_their_results)
{
	env_init();
	env_add_vm();
	smccc(GUNYAH_HC_DOORBELL_SEND, CAP_BELL_TX, 3, 0, 0);
	EXPECT(x[0] == 0 && x[1] == 0 && scrubbed(2));
	smccc(GUNYAH_HC_DOORBELL_SEND, CAP_BELL_TX, 3, 0, 0);
	EXPECT(x[0] == 0 && x[1] == 3 && scrubbed(2));
	smccc(GUNYAH_HC_DOORBELL_SEND, 77, 3, 0, 0);
	EXPECT(x[0] == GUNYAH_ERR_CSPACE_CAP_NULL && x[1] == 0 && scrubbed(2));
	smccc(GUNYAH_HC_DOORBELL_RESET, CAP_BELL_TX_SCC, 3, 0, 0);
	EXPECT(x[0] == 0 && scrubbed(1));
	native(GUNYAH_HC_MSGQ_RECEIVE, CAP_RM_RX, VA_RX, 240, 0);
	EXPECT(x[0] == GUNYAH_ERR_MSGQUEUE_EMPTY && x[1] == 0 && x[2] == 0 && scrubbed(3));
	native(GUNYAH_HC_MSGQ_RECEIVE, CAP_RM_RX, VA_RX, 240, 1);
	EXPECT(x[0] == GUNYAH_ERR_ARGUMENT_INVALID && x[1] == 0 && x[2] == 0 && scrubbed(3));
	smccc(GUNYAH_HC_IDENTIFY, 0, 0, 0, 0);
	EXPECT(x[2] == 0 && x[3] == 0 && scrubbed(4));
	smccc(GUNYAH_HC_VCPU_RUN, 77, 1, 2, 3);
	EXPECT(x[0] == GUNYAH_ERR_CSPACE_CAP_NULL && !x[1] && !x[2] && !x[3] && !x[4] &&
	       scrubbed(5));
}

/* SMCCC says what these keep; so a kernel's inline assembly says nothing about them */
TEST(other_calls_keep_what_smccc_keeps)
{
	static const u32 ids[] = {
		0x80000000, 0x80000001, 0x80008000, 0x8600ff01, 0x8600ff03, 0x8500ff01,
		0x8500ff03, 0xc6000000, 0xc600bfff, 0xc6008033, 0x84000050, 0, 0xffffffff,
	};
	unsigned int i;

	env_init();
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		test_context("%x", ids[i]);
		call(&env_host, 0, ids[i], 0, 0, 0, MARK(4));
		EXPECT(x[4] == MARK(4) && x[5] == 0 && kept(6));
	}
}

TEST(errors_are_sign_extended)
{
	env_init();
	smccc(GUNYAH_HC_MSGQ_CONFIGURE_SEND, CAP_RM_TX, ~0ULL, 0, 0);
	EXPECT_EQ(x[0], ~0ULL);
	native(GUNYAH_HC_MSGQ_CONFIGURE_SEND, CAP_RM_TX, ~0ULL, 0, ~0ULL);
	EXPECT_EQ((u32)x[0], ~0U);
}

TEST(reserved_arguments_count_in_the_native_form_only)
{
	env_init();
	env_add_vm();
	native(GUNYAH_HC_DOORBELL_SEND, CAP_BELL_TX, 1, 1, 0);
	EXPECT_EQ(x[0], GUNYAH_ERR_ARGUMENT_INVALID);
	native(GUNYAH_HC_DOORBELL_SEND, CAP_BELL_TX, 0, 0, 1);
	EXPECT(x[0] == 0 && x[1] == 0);		/* the refused one did nothing */
	smccc(GUNYAH_HC_DOORBELL_SEND, CAP_BELL_TX, 1, 1, 0);
	EXPECT_EQ(x[0], 0);
	native(GUNYAH_HC_MSGQ_CONFIGURE_RECEIVE, CAP_RM_RX, 2, ~0ULL, 0);
	EXPECT_EQ(x[0], GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(env_rx.notempty_thd, 1);
	native(GUNYAH_HC_MSGQ_CONFIGURE_RECEIVE, CAP_RM_RX, 2, ~0ULL, ~0ULL);
	EXPECT_EQ(x[0], 0);
	EXPECT_EQ(env_rx.notempty_thd, 2);
}

TEST(every_function_id_is_survived)
{
	unsigned int i;

	env_init();
	for (i = 0; i < 20000; i++) {
		u32 id = test_random();

		if (i % 2)
			id = 0xc6008000 ^ BIT(test_random() % 32) ^ (test_random() & 0x7f);
		/* No valid capability: nothing may change */
		call(&env_host, 0, id, ~0ULL, test_random(), test_random(), test_random());
	}
	for (i = 0; i < 0x10000; i++)
		call(&env_host, i, ~0ULL, test_random(), test_random(), test_random(), 0);
	EXPECT_EQ(env_tx.count, 0);
	EXPECT_EQ(env_tx.notfull_thd, GUNYAH_MSGQ_RM_DEPTH - 1);
	call(&env_host, 0, 0x80000000, 0, 0, 0, 0);
	EXPECT_EQ(x[0], 0x10003);
}

TEST(immediates_of_smc_are_nothing)
{
	env_init();
	memset(x, 0, sizeof(x));
	x[0] = 0x80000000;
	hcall_handle(&env_host, false, 1, x);
	EXPECT_EQ(x[0], ~0ULL);
	x[0] = 0;
	hcall_handle(&env_host, false, GUNYAH_HVC_IMM_BASE, x);
	EXPECT_EQ(x[0], ~0ULL);
}

/* -- Buffers -------------------------------------------------------------- */

static void fill(u64 va, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		*(u8 *)env_mem(va + i) = i + 1;
}

static bool filled(u64 va, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (*(u8 *)env_mem(va + i) != (u8)(i + 1))
			return false;
	return true;
}

TEST(buffers_cross_pages)
{
	u64 va;

	env_init();
	for (va = VA_PAIR + PAGE_SIZE - 241; va <= VA_PAIR + PAGE_SIZE + 1; va++) {
		test_context("%lx", va);
		memset(env_mem(VA_PAIR), 0, PAGE_SIZE);
		memset(env_mem(VA_PAIR + PAGE_SIZE), 0, PAGE_SIZE);
		fill(va, 240);
		smccc(GUNYAH_HC_MSGQ_SEND, CAP_RM_TX, 240, va, 1);
		EXPECT(x[0] == 0 && x[1] == 1);
		EXPECT(env_tx.count == 1 && env_tx.size[env_tx.head] == 240);
		/* To the other queue, and back to the same place */
		memset(env_mem(VA_PAIR), 0, PAGE_SIZE);
		memset(env_mem(VA_PAIR + PAGE_SIZE), 0, PAGE_SIZE);
		msgq_init(&env_rx);
		EXPECT_EQ(msgq_send(&env_rx, env_tx.data[env_tx.head], 240, true,
				    &(bool){ false }), 0);
		EXPECT_EQ(msgq_flush(&env_tx), 0);
		smccc(GUNYAH_HC_MSGQ_RECEIVE, CAP_RM_RX, va, 240, 0);
		EXPECT(x[0] == 0 && x[1] == 240 && x[2] == 0);
		EXPECT(filled(va, 240));
		EXPECT_EQ(*(u8 *)env_mem(va - 1), 0);
		EXPECT_EQ(*(u8 *)env_mem(va + 240), 0);
	}
}

/* The host's device and the stub's memory are mapped at stage 1, but no memory of the host */
TEST(bad_buffers_change_nothing)
{
	static const u64 bad[] = {
		0, 0xfffffffffffff000, ~0ULL, ~0ULL - 7, 0x100000000000000,
		VA_LAST_PAGE + PAGE_SIZE - 4, VA_RX - 4, VA_DEVICE, VA_STUB,
	};
	u8 message[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	bool flag;
	unsigned int i;

	env_init();
	EXPECT_EQ(msgq_send(&env_rx, message, 8, true, &flag), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		test_context("%lx", bad[i]);
		smccc(GUNYAH_HC_MSGQ_SEND, CAP_RM_TX, 8, bad[i], 1);
		EXPECT(x[0] == GUNYAH_ERR_ADDR_INVALID && x[1] == 1);
		smccc(GUNYAH_HC_MSGQ_RECEIVE, CAP_RM_RX, bad[i], 240, 0);
		EXPECT(x[0] == GUNYAH_ERR_ADDR_INVALID && x[1] == 0 && x[2] == 1);
	}
	test_context("read-only");
	smccc(GUNYAH_HC_MSGQ_RECEIVE, CAP_RM_RX, VA_READ_ONLY, 240, 0);
	EXPECT_EQ(x[0], GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(env_tx.count, 0);
	EXPECT_EQ(env_rx.count, 1);
	smccc(GUNYAH_HC_MSGQ_SEND, CAP_RM_TX, 8, VA_READ_ONLY, 1);
	EXPECT_EQ(x[0], 0);
	/* Only what the message fills has to be there */
	smccc(GUNYAH_HC_MSGQ_RECEIVE, CAP_RM_RX, VA_LAST_PAGE + PAGE_SIZE - 8, 240, 0);
	EXPECT(x[0] == 0 && x[1] == 8);
}

TEST(full_and_empty_come_before_the_buffer)
{
	unsigned int i;

	env_init();
	smccc(GUNYAH_HC_MSGQ_RECEIVE, CAP_RM_RX, 0, 0, 0);
	EXPECT_EQ(x[0], GUNYAH_ERR_MSGQUEUE_EMPTY);
	for (i = 0; i < GUNYAH_MSGQ_RM_DEPTH; i++) {
		smccc(GUNYAH_HC_MSGQ_SEND, CAP_RM_TX, 8, VA_TX, 1);
		EXPECT(x[0] == 0 && x[1] == (i < GUNYAH_MSGQ_RM_DEPTH - 1));
	}
	smccc(GUNYAH_HC_MSGQ_SEND, CAP_RM_TX, 0, 0, 1);
	EXPECT(x[0] == GUNYAH_ERR_MSGQUEUE_FULL && x[1] == 0);
}

/* Lent memory is not the host's, whatever its stage 1 says */
TEST(buffers_in_lent_memory)
{
	u64 pa;

	env_init();
	EXPECT(arch_caller_va_to_pa(VA_TX, false, &pa));
	EXPECT_EQ(owner_take(pa, PAGE_SIZE, PAGE_LENT, 1), 0);
	smccc(GUNYAH_HC_MSGQ_SEND, CAP_RM_TX, 8, VA_TX, 1);
	EXPECT_EQ(x[0], GUNYAH_ERR_ADDR_INVALID);
	EXPECT_EQ(owner_return(pa, PAGE_SIZE, PAGE_LENT, 1, false, false), 0);
	EXPECT_EQ(owner_take(pa, PAGE_SIZE, PAGE_SHARED, 1), 0);
	smccc(GUNYAH_HC_MSGQ_SEND, CAP_RM_TX, 8, VA_TX, 1);
	EXPECT_EQ(x[0], 0);
}

/* -- Test interface ------------------------------------------------------- */

static u64 stat(u64 index)
{
	smccc(STUB_TEST_STAT, index, 0, 0, 0);
	EXPECT_EQ(x[0], 0);
	return x[1];
}

TEST(test_interface_is_off)
{
	env_init();
	hcall_test_enabled = false;
	smccc(STUB_TEST_STAT, 0, 0, 0, 0);
	EXPECT(x[0] == ~0ULL && kept(6));
}

TEST(test_interface_is_the_hosts)
{
	env_init();
	env_add_vm();
	hcall_test_enabled = true;
	call(&env_guest, 0, GUNYAH_SMCCC_ID(STUB_TEST_STAT), 0, 0, 0, 0);
	EXPECT_EQ(x[0], ~0ULL);
	smccc(STUB_TEST_STAT, 0, 0, 0, 0);
	EXPECT_EQ(x[0], 0);
	smccc(STUB_TEST_BASE + 0x50, 0, 0, 0, 0);
	EXPECT_EQ(x[0], ~0ULL);
}

TEST(statistics_count_what_a_vm_holds)
{
	u64 objects, tables, caps, virqs, warnings;

	env_init();
	hcall_test_enabled = true;
	objects = stat(STUB_STAT_OBJECT_PAGES);
	tables = stat(STUB_STAT_GUEST_TABLES);
	caps = stat(STUB_STAT_HOST_CAPS);
	virqs = stat(STUB_STAT_HOST_VIRQS);
	EXPECT_EQ(caps, 3);
	EXPECT_EQ(virqs, 2);
	env_add_vm();
	EXPECT(stat(STUB_STAT_OBJECT_PAGES) > objects);
	EXPECT(stat(STUB_STAT_GUEST_TABLES) > tables);
	EXPECT_EQ(stat(STUB_STAT_HOST_CAPS), caps + 4);
	EXPECT_EQ(stat(STUB_STAT_HOST_VIRQS), virqs + 2);
	vm_destroy(env_vm);
	/* The page that all guests read at the info area stays */
	EXPECT(stat(STUB_STAT_OBJECT_PAGES) <= objects + 1);
	EXPECT_EQ(stat(STUB_STAT_GUEST_TABLES), tables);
	EXPECT_EQ(stat(STUB_STAT_HOST_CAPS), caps);
	EXPECT_EQ(stat(STUB_STAT_HOST_VIRQS), virqs);
	EXPECT(stat(STUB_STAT_HOST_TABLES) < stat(STUB_STAT_HOST_TABLES_ALL));
	EXPECT_EQ(stat(STUB_STAT_OBJECT_PAGES_ALL), object_pool.nr);
	EXPECT_EQ(stat(STUB_STAT_GUEST_TABLES_ALL), guest_table_pool.nr);
	warnings = stat(STUB_STAT_WARNINGS);
	warn("counted");
	EXPECT_EQ(stat(STUB_STAT_WARNINGS), warnings + 1);
	smccc(STUB_TEST_STAT, STUB_STAT_END, 0, 0, 0);
	EXPECT_EQ(x[0], GUNYAH_ERR_ARGUMENT_INVALID);
	smccc(STUB_TEST_STAT, ~0ULL, 0, 0, 0);
	EXPECT_EQ(x[0], GUNYAH_ERR_ARGUMENT_INVALID);
}

TEST(log_through_the_interface)
{
	u64 pos = 0;

	env_init();
	hcall_test_enabled = true;
	do {
		smccc(STUB_TEST_LOG, pos, VA_PAIR + 8, 4096, 0);
		EXPECT(x[0] == 0 && x[1] == pos + x[2]);
		pos = x[1];
	} while (x[2]);
	printk("to be read");
	smccc(STUB_TEST_LOG, pos, VA_PAIR + PAGE_SIZE - 5, 100, 0);
	EXPECT(x[0] == 0 && x[1] == pos + 21 && x[2] == 21);
	EXPECT(!memcmp(env_mem(VA_PAIR + PAGE_SIZE - 5), "hyp-s", 5));
	EXPECT(!memcmp(env_mem(VA_PAIR + PAGE_SIZE), "tub: to be read\n\0", 17));
	smccc(STUB_TEST_LOG, 0, VA_PAIR, 0, 0);
	EXPECT_EQ(x[0], GUNYAH_ERR_ARGUMENT_SIZE);
	smccc(STUB_TEST_LOG, 0, VA_PAIR, 4097, 0);
	EXPECT_EQ(x[0], GUNYAH_ERR_ARGUMENT_SIZE);
	smccc(STUB_TEST_LOG, 0, VA_LAST_PAGE + 8, 4096, 0);
	EXPECT_EQ(x[0], GUNYAH_ERR_ADDR_INVALID);
}

static void fail_call(u64 num, int err, u64 pass, u64 count)
{
	smccc(STUB_TEST_FAIL_CALL, num, (s64)err, pass, count);
}

static u64 send(void)
{
	smccc(GUNYAH_HC_DOORBELL_SEND, CAP_BELL_TX, 0, 0, 0);
	return x[0];
}

TEST(calls_that_are_to_fail)
{
	u64 i;

	env_init();
	env_add_vm();
	hcall_test_enabled = true;
	fail_call(GUNYAH_HC_DOORBELL_SEND, GUNYAH_ERR_BUSY, 1, 2);
	EXPECT_EQ(x[0], 0);
	EXPECT_EQ(send(), 0);
	EXPECT_EQ(send(), GUNYAH_ERR_BUSY);
	/* Those of guests do not */
	call(&env_guest, 0, GUNYAH_SMCCC_ID(GUNYAH_HC_DOORBELL_SEND), 1, 0, 0, 0);
	EXPECT_EQ(x[0], 0);
	EXPECT_EQ(send(), GUNYAH_ERR_BUSY);
	EXPECT(!x[1] && scrubbed(2));
	EXPECT_EQ(send(), 0);
	/* Negative, as registers show it */
	fail_call(GUNYAH_HC_DOORBELL_SEND, GUNYAH_ERR_RETRY, 0, ~0ULL);
	EXPECT_EQ(send(), ~0ULL - 1);
	EXPECT_EQ(send(), ~0ULL - 1);
	fail_call(GUNYAH_HC_DOORBELL_SEND, 0, 0, 0);
	EXPECT_EQ(send(), 0);
	/* So many numbers, and none of the interface itself */
	for (i = 0; i < 8; i++) {
		fail_call(0x100 + i, GUNYAH_ERR_BUSY, 0, 1);
		EXPECT_EQ(x[0], 0);
	}
	fail_call(0x200, GUNYAH_ERR_BUSY, 0, 1);
	EXPECT_EQ(x[0], GUNYAH_ERR_NORESOURCES);
	for (i = 0; i < 8; i++)
		fail_call(0x100 + i, 0, 0, 0);
	fail_call(STUB_TEST_STAT, GUNYAH_ERR_BUSY, 0, 1);
	EXPECT_EQ(x[0], GUNYAH_ERR_ARGUMENT_INVALID);
	/* A guest has no say */
	call(&env_guest, 0, GUNYAH_SMCCC_ID(STUB_TEST_FAIL_CALL), GUNYAH_HC_DOORBELL_SEND, 31, 0, 9);
	EXPECT_EQ(x[0], ~0ULL);
	hcall_test_enabled = false;
	fail_call(GUNYAH_HC_DOORBELL_SEND, GUNYAH_ERR_BUSY, 0, 1);
	EXPECT_EQ(x[0], ~0ULL);
	EXPECT_EQ(send(), 0);
}
