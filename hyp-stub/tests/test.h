/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Unit tests on the host.  A file tests/test_*.c becomes a program of its own:
 *
 *	TEST(name)
 *	{
 *		EXPECT(cond);		goes on when it fails
 *		EXPECT_EQ(a, b);	integers; prints both
 *		ASSERT(cond);		leaves the test when it fails
 *		if (...)
 *			SKIP("why");
 *	}
 *
 * The machine below is arch/fake; every test starts with a new one of TEST_RAM
 * bytes.  Output is TAP; main() is in tests/harness.c.
 */
#ifndef STUB_TESTS_TEST_H
#define STUB_TESTS_TEST_H

#include "arch/fake/fake.h"

#define TEST_RAM	(64 * SZ_2M)

void test_register(const char *name, void (*fn)(void));
bool test_expect(bool ok, const char *file, int line, const char *what);
bool test_expect_eq(u64 a, u64 b, const char *file, int line, const char *what);
void test_skip(const char *why);
/* Says which of many similar cases a failure belongs to; "" ends it */
void test_context(const char *fmt, ...) __printf(1, 2);
/* Reproducible random numbers: the same sequence in each test */
u64 test_random(void);

#define TEST(name)								\
	static void test_##name(void);						\
	static void __attribute__((constructor)) register_##name(void)		\
	{									\
		test_register(#name, test_##name);				\
	}									\
	static void test_##name(void)

#define EXPECT(cond)		test_expect(cond, __FILE__, __LINE__, #cond)
#define EXPECT_EQ(a, b)		test_expect_eq((u64)(a), (u64)(b), __FILE__, __LINE__, \
					       #a " == " #b)
#define EXPECT_PANIC(stmt)	test_expect(FAKE_PANICS(stmt), __FILE__, __LINE__, \
					    #stmt " panics")
#define ASSERT(cond) \
	do { if (!test_expect(cond, __FILE__, __LINE__, #cond)) return; } while (0)
#define SKIP(why)		do { test_skip(why); return; } while (0)

#endif
