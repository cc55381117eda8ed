// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits of vCPUs, answers of user space, the I/O bus's rules, arithmetic on guest pages:
 * pure functions on data.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../io_bus.h"
#include "../mem.h"
#include "../vcpu_exit.h"

static void vcpu_test_states(struct kunit *test)
{
	static const struct {
		u64 state;
		u64 data0;
		enum gunyah_vcpu_action action;
	} cases[] = {
		{ 0, 0, GUNYAH_VCPU_ACT_AGAIN },
		{ 1, 0, GUNYAH_VCPU_ACT_SLEEP },
		{ 2, 0, GUNYAH_VCPU_ACT_SLEEP },
		{ 2, 1, GUNYAH_VCPU_ACT_WAIT_EXIT },
		{ 3, 0, GUNYAH_VCPU_ACT_YIELD },
		{ 4, 1, GUNYAH_VCPU_ACT_MMIO_READ },
		{ 5, 1, GUNYAH_VCPU_ACT_MMIO_WRITE },
		{ 6, 0, GUNYAH_VCPU_ACT_WAIT_EXIT },
		{ 7, 1, GUNYAH_VCPU_ACT_PAGE_FAULT },
		{ 8, 0, GUNYAH_VCPU_ACT_UNKNOWN },
		{ 0xff, 0, GUNYAH_VCPU_ACT_UNKNOWN },
		{ 0x100, BIT_ULL(63), GUNYAH_VCPU_ACT_WAIT_EXIT },
		{ 0x101, 0, GUNYAH_VCPU_ACT_UNKNOWN },
		{ BIT_ULL(32), 0, GUNYAH_VCPU_ACT_UNKNOWN },
		{ U64_MAX, 0, GUNYAH_VCPU_ACT_UNKNOWN },
	};
	struct gunyah_vcpu_run_result result = {};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		result.state = cases[i].state;
		result.data[0] = cases[i].data0;
		KUNIT_EXPECT_EQ_MSG(test, gunyah_vcpu_decode(&result, 0), cases[i].action,
				    "state 0x%llx", cases[i].state);
	}
}

/* The state with a deadline means nothing to whoever did not announce it */
static void vcpu_test_timeout_state(struct kunit *test)
{
	static const struct gunyah_vcpu_run_result result = { .state = 0x101 };

	KUNIT_EXPECT_EQ(test, gunyah_vcpu_decode(&result, 0), GUNYAH_VCPU_ACT_UNKNOWN);
	KUNIT_EXPECT_EQ(test, gunyah_vcpu_decode(&result, ~BIT_ULL(0)), GUNYAH_VCPU_ACT_UNKNOWN);
	KUNIT_EXPECT_EQ(test, gunyah_vcpu_decode(&result, BIT_ULL(0)),
			GUNYAH_VCPU_ACT_SLEEP_UNTIL);
}

static void vcpu_test_sleep_ns(struct kunit *test)
{
	static const u64 hour = 3600000000000;
	static const struct {
		u64 now;
		u64 deadline;
		u32 rate;
		u64 ns;
	} cases[] = {
		/* Over, or just now */
		{ 100, 100, 62500000, 0 },
		{ 100, 99, 62500000, 0 },
		{ U64_MAX, 0, 62500000, 0 },
		{ U64_MAX, U64_MAX, 62500000, 0 },
		/* 16 ns, 41.67 ns, 52.08 ns, 1 ns, 0.23 ns for a tick: rounded up */
		{ 0, 1, 62500000, 16 },
		{ 7, 8, 24000000, 42 },
		{ 7, 10, 24000000, 125 },
		{ 0, 1, 19200000, 53 },
		{ 0, 1, 1000000000, 1 },
		{ 0, 1, U32_MAX, 1 },
		{ 0, 1, 1, 1000000000 },
		/* Seconds and a rest */
		{ 1000, 1000 + 62500000, 62500000, 1000000000 },
		{ 1000, 1000 + 5 * 19200000ULL + 96, 19200000, 5000005000 },
		{ 0, U32_MAX - 1, U32_MAX, 1000000000 },
		/* The last tick of an hour, an hour, and for ever */
		{ 0, 3600 * 62500000ULL - 1, 62500000, hour - 16 },
		{ 0, 3600 * 62500000ULL, 62500000, hour },
		{ 0, U64_MAX, 62500000, hour },
		{ 1, U64_MAX, 1, hour },
		{ 0, U64_MAX, U32_MAX, hour },
		{ U64_MAX - 1, U64_MAX, 1000000000, 1 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, gunyah_vcpu_sleep_ns(cases[i].now, cases[i].deadline,
							       cases[i].rate),
				    cases[i].ns, "case %d", i);
}

static void vcpu_test_mmio_decode(struct kunit *test)
{
	static const struct {
		u64 len;
		int err;
		u64 data;
	} cases[] = {
		{ 0, -EINVAL }, { 3, -EINVAL }, { 5, -EINVAL }, { 16, -EINVAL },
		{ BIT_ULL(32), -EINVAL }, { U64_MAX, -EINVAL },
		{ 1, 0, 0x88 }, { 2, 0, 0x7788 }, { 4, 0, 0x55667788 },
		{ 8, 0, 0x1122334455667788 },
	};
	struct gunyah_vcpu_run_result result = {
		.state = 5, .data = { 0x9000000, 0, 0x1122334455667788 },
	};
	struct gunyah_mmio mmio;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&mmio, 0xa5, sizeof(mmio));
		result.data[1] = cases[i].len;
		KUNIT_ASSERT_EQ(test, gunyah_mmio_decode(&result, &mmio), cases[i].err);
		if (cases[i].err)
			continue;
		KUNIT_EXPECT_EQ(test, mmio.addr, 0x9000000);
		KUNIT_EXPECT_EQ(test, mmio.len, cases[i].len);
		KUNIT_EXPECT_TRUE(test, mmio.write);
		KUNIT_EXPECT_EQ(test, mmio.data, cases[i].data);
	}
	result.state = 4;
	KUNIT_EXPECT_EQ(test, gunyah_mmio_decode(&result, &mmio), 0);
	KUNIT_EXPECT_FALSE(test, mmio.write);
	KUNIT_EXPECT_EQ(test, mmio.data, 0);
}

/* Byte by byte, as programs read it (ABI tables, uapi 2.9) */
static void vcpu_test_run_page(struct kunit *test)
{
	static const u8 mmio_bytes[40] = {
		0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		0x10, 0x32, 0x54, 0x76, 0, 0, 0, 0, 0x44, 0x33, 0x22, 0x11, 0, 0, 0, 0,
		4, 0, 0, 0, 1, 0,
	};
	static const u8 status_bytes[40] = {
		0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
		2, 0, 0, 0, 3, 0, 0, 0, 16, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
	};
	static const u8 fault_bytes[40] = {
		0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0x80, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 1,
	};
	static const struct gunyah_mmio mmio = {
		.addr = 0x76543210, .data = 0x11223344, .len = 4, .write = true,
	};
	static const struct gunyah_vm_exit_info info = {
		.type = 3, .reason_size = 16, .reason = { 1, 2, 3, 4, 5, 6, 7, 8 },
	};
	struct gunyah_vcpu_run run = {};

	gunyah_vcpu_tell_mmio(&run, &mmio);
	KUNIT_EXPECT_MEMEQ(test, &run, mmio_bytes, sizeof(mmio_bytes));
	memset(&run, 0, sizeof(run));
	gunyah_vcpu_tell_status(&run, 2, &info);
	KUNIT_EXPECT_MEMEQ(test, &run, status_bytes, sizeof(status_bytes));
	memset(&run, 0, sizeof(run));
	gunyah_vcpu_tell_page_fault(&run, 0x80000000, -2);
	KUNIT_EXPECT_MEMEQ(test, &run, fault_bytes, sizeof(fault_bytes));
}

static void vcpu_test_resume(struct kunit *test)
{
	static const struct {
		u8 action;
		bool write;
		int err;
		u64 resume[2];
	} cases[] = {
		{ 0, false, 0, { 0x7788, 0 } },
		{ 1, false, 0, { 0, 2 } },
		{ 2, false, 0, { 0, 1 } },
		{ 0, true, 0, { 0, 0 } },
		{ 3, false, -EINVAL },
		{ 255, false, -EINVAL },
	};
	static const u64 untouched[3] = { 1, 2, 3 };
	struct gunyah_vcpu_run run = {};
	struct gunyah_mmio mmio = { .len = 2 };
	u64 resume[3];
	int i;

	memcpy(run.mmio.data, "\x88\x77\x66\x55\x44\x33\x22\x11", 8);
	/* What user space writes there is not believed */
	run.mmio.len = 8;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memcpy(resume, untouched, sizeof(resume));
		run.mmio.resume_action = cases[i].action;
		mmio.write = cases[i].write;
		KUNIT_EXPECT_EQ(test, gunyah_vcpu_resume_mmio(&run, &mmio, resume), cases[i].err);
		if (cases[i].err) {
			KUNIT_EXPECT_MEMEQ(test, resume, untouched, sizeof(untouched));
			continue;
		}
		KUNIT_EXPECT_EQ(test, resume[0], cases[i].resume[0]);
		KUNIT_EXPECT_EQ(test, resume[1], cases[i].resume[1]);
		KUNIT_EXPECT_EQ(test, resume[2], 0);
	}
}

static void vcpu_test_resume_page_fault(struct kunit *test)
{
	static const int words[] = { 0, 2, 0, -EINVAL };
	struct gunyah_vcpu_run run = {};
	u64 resume[3] = { 7, 7, 7 };
	int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		run.page_fault.resume_action = i;
		KUNIT_EXPECT_EQ(test, gunyah_vcpu_resume_page_fault(&run, resume),
				words[i] < 0 ? words[i] : 0);
		if (words[i] < 0)
			continue;
		KUNIT_EXPECT_EQ(test, resume[0], 0);
		KUNIT_EXPECT_EQ(test, resume[1], words[i]);
		KUNIT_EXPECT_EQ(test, resume[2], 0);
	}
}

static void io_test_conflicts(struct kunit *test)
{
	static const struct gunyah_io_handler any = { .addr = 0x1000 };
	static const struct gunyah_io_handler two = {
		.addr = 0x1000, .match_data = true, .len = 4, .data = 2,
	};
	static const struct gunyah_io_handler two_high = {
		.addr = 0x1000, .match_data = true, .len = 4, .data = 0x100000002,
	};
	static const struct gunyah_io_handler three = {
		.addr = 0x1000, .match_data = true, .len = 4, .data = 3,
	};
	static const struct gunyah_io_handler two_short = {
		.addr = 0x1000, .match_data = true, .len = 2, .data = 2,
	};
	static const struct gunyah_io_handler elsewhere = { .addr = 0x1001 };
	static const struct {
		const struct gunyah_io_handler *a, *b;
		bool conflict;
	} cases[] = {
		{ &any, &any, true }, { &any, &two, true }, { &two, &any, true },
		{ &two, &two, true }, { &two, &two_high, true }, { &two, &three, false },
		{ &two, &two_short, false }, { &any, &elsewhere, false },
		{ &two, &elsewhere, false },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, gunyah_io_handlers_conflict(cases[i].a, cases[i].b),
				    cases[i].conflict, "case %d", i);

	KUNIT_EXPECT_TRUE(test, gunyah_io_handler_takes(&any, 0x1000, 1, 5));
	KUNIT_EXPECT_TRUE(test, gunyah_io_handler_takes(&any, 0x1000, 8, 5));
	KUNIT_EXPECT_FALSE(test, gunyah_io_handler_takes(&any, 0x1001, 1, 5));
	KUNIT_EXPECT_FALSE(test, gunyah_io_handler_takes(&any, 0xfff, 8, 5));
	KUNIT_EXPECT_TRUE(test, gunyah_io_handler_takes(&two, 0x1000, 4, 2));
	KUNIT_EXPECT_TRUE(test, gunyah_io_handler_takes(&two_high, 0x1000, 4, 2));
	KUNIT_EXPECT_FALSE(test, gunyah_io_handler_takes(&two, 0x1000, 4, 3));
	KUNIT_EXPECT_FALSE(test, gunyah_io_handler_takes(&two, 0x1000, 2, 2));
}

static void mem_test_bytes(struct kunit *test)
{
	static const struct {
		u64 gpa, size;
		int err;
		u64 gfn, nr;
		int around_err;
		u64 around_gfn, around_nr;
	} cases[] = {
		{ 0, 4096, 0, 0, 1, 0, 0, 1 },
		{ 0x80000000, 0x200000, 0, 0x80000, 512, 0, 0x80000, 512 },
		{ 0, 0, -EINVAL, .around_err = -EINVAL },
		{ 1, 4096, -EINVAL, .around_nr = 2 },
		{ 4096, 1, -EINVAL, .around_gfn = 1, .around_nr = 1 },
		{ 4095, 2, -EINVAL, .around_nr = 2 },
		{ -4096ULL, 4096, 0, -1ULL >> 12, 1, 0, -1ULL >> 12, 1 },
		{ -4096ULL, 8192, -EOVERFLOW, .around_err = -EOVERFLOW },
		{ 4096, -4096ULL, 0, 1, (-1ULL >> 12), 0, 1, (-1ULL >> 12) },
		{ 8192, -4096ULL, -EOVERFLOW, .around_err = -EOVERFLOW },
	};
	struct gunyah_gfns r;
	int i;

	if (PAGE_SIZE != 4096)
		kunit_skip(test, "typed for pages of 4 KiB");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		r = (struct gunyah_gfns){};
		KUNIT_EXPECT_EQ_MSG(test, gunyah_gfns_from_bytes(cases[i].gpa, cases[i].size, &r),
				    cases[i].err, "case %d", i);
		KUNIT_EXPECT_EQ(test, r.gfn, cases[i].gfn);
		KUNIT_EXPECT_EQ(test, r.nr, cases[i].nr);
		r = (struct gunyah_gfns){};
		KUNIT_EXPECT_EQ(test,
				gunyah_gfns_around_bytes(cases[i].gpa, cases[i].size, &r),
				cases[i].around_err);
		KUNIT_EXPECT_EQ(test, r.gfn, cases[i].around_gfn);
		KUNIT_EXPECT_EQ(test, r.nr, cases[i].around_nr);
	}
}

/* All pairs of short runs against the definition, page by page */
static void mem_test_overlap(struct kunit *test)
{
	struct gunyah_gfns a, b;
	bool overlap, contain;
	u64 p;

	for (a.gfn = 0; a.gfn < 5; a.gfn++)
		for (a.nr = 1; a.nr < 5; a.nr++)
			for (b.gfn = 0; b.gfn < 9; b.gfn++)
				for (b.nr = 1; b.nr < 5; b.nr++) {
					overlap = false;
					contain = true;
					for (p = b.gfn; p < b.gfn + b.nr; p++) {
						bool in = p >= a.gfn && p < a.gfn + a.nr;

						overlap |= in;
						contain &= in;
					}
					KUNIT_EXPECT_EQ(test, gunyah_gfns_overlap(a, b), overlap);
					KUNIT_EXPECT_EQ(test, gunyah_gfns_contain(a, b), contain);
				}
}

static struct kunit_case vcpu_test_cases[] = {
	KUNIT_CASE(vcpu_test_states),
	KUNIT_CASE(vcpu_test_timeout_state),
	KUNIT_CASE(vcpu_test_sleep_ns),
	KUNIT_CASE(vcpu_test_mmio_decode),
	KUNIT_CASE(vcpu_test_run_page),
	KUNIT_CASE(vcpu_test_resume),
	KUNIT_CASE(vcpu_test_resume_page_fault),
	KUNIT_CASE(io_test_conflicts),
	KUNIT_CASE(mem_test_bytes),
	KUNIT_CASE(mem_test_overlap),
	{}
};

static struct kunit_suite vcpu_test_suite = {
	.name = "gunyah-vcpu",
	.test_cases = vcpu_test_cases,
};

kunit_test_suite(vcpu_test_suite);
