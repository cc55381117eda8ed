// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Formats, prefixes, and what goes to the console and what only to the ring. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/printk.h"
#include "tests/test.h"

#define SAME(fmt, ...) do {							\
	char mine[64], theirs[64];						\
	int n = snprintk(mine, sizeof(mine), fmt, __VA_ARGS__);			\
										\
	EXPECT_EQ(n, snprintf(theirs, sizeof(theirs), fmt, __VA_ARGS__));	\
	EXPECT(!strcmp(mine, theirs));						\
} while (0)

TEST(formats_like_libc)
{
	SAME("%d %d %d", 0, INT_MAX, INT_MIN);
	SAME("%u %x", UINT_MAX, 0xdeadbeefU);
	SAME("%ld %lu %lx", LONG_MIN, ULONG_MAX, 0x123456789abcdefUL);
	SAME("%lld %llu", LLONG_MIN, ULLONG_MAX);
	SAME("%zu", (size_t)-1);
	SAME("%08x|%8x|%08d|%8d", 0x1234, 0x1234, -12, -12);
	SAME("%2d|%02x", 12345, 0x12345);
	SAME("%#x|%#lx|%#x|%#010x|%#10x", 0x1234, 0xfffffffffffUL, 0, 0x1234, 0x1234);
	SAME("%s|%8s|%c|%%|%s", "abc", "abc", 'x', "");
}

TEST(pointers_have_sixteen_digits)
{
	char buf[32];

	snprintk(buf, sizeof(buf), "%p", (void *)0xabcUL);
	EXPECT(!strcmp(buf, "0000000000000abc"));
}

TEST(unknown_format_and_null_string)
{
	static const char bad[] = "a%qb%";
	char buf[32];
	/* Past the compiler's check of formats */
	int (*volatile print)(char *, size_t, const char *, ...) = snprintk;

	print(buf, sizeof(buf), bad);
	EXPECT(!strcmp(buf, "a?b"));
	print(buf, sizeof(buf), "%s", NULL);
	EXPECT(!strcmp(buf, "(null)"));
}

TEST(output_is_cut_not_overrun)
{
	char buf[8];

	memset(buf, 'z', sizeof(buf));
	EXPECT_EQ(snprintk(buf, 5, "%s", "123456789"), 9);
	EXPECT(!memcmp(buf, "1234\0zzz", 8));
	EXPECT_EQ(snprintk(buf, 0, "%d", 42), 2);
	EXPECT(buf[0] == '1');
}

TEST(lines_have_prefix_and_newline)
{
	printk("one");
	printk("two\n");
	warn("three %d", 3);
	EXPECT(!strcmp(fake.console,
		       "hyp-stub: one\nhyp-stub: two\nhyp-stub: warning: three 3\n"));
}

TEST(long_line_is_cut)
{
	char word[1000];

	memset(word, 'w', sizeof(word));
	word[sizeof(word) - 1] = 0;
	printk("%s", word);
	EXPECT(fake.console_len <= 256);
	EXPECT(fake.console[fake.console_len - 1] == '\n');
}

TEST(panic_prints_and_stops)
{
	EXPECT_PANIC(panic("reason %d", 7));
	EXPECT(!strcmp(fake.console, "hyp-stub: panic: reason 7\n"));
}

TEST(ring_gives_back_what_was_printed)
{
	char buf[64] = "";
	u64 pos = 0;
	size_t n;

	/* To the end of what other tests left */
	while (printk_read(&pos, buf, sizeof(buf)))
		;
	printk("hello");
	n = printk_read(&pos, buf, 5);
	EXPECT(n == 5 && !memcmp(buf, "hyp-s", 5));
	n = printk_read(&pos, buf, sizeof(buf));
	EXPECT(n == 11 && !memcmp(buf, "tub: hello\n", 11));
	EXPECT_EQ(printk_read(&pos, buf, sizeof(buf)), 0);
}

TEST(ring_skips_what_it_lost)
{
	char buf[4096];
	u64 pos = 0, first, total = 0;
	unsigned int i;
	size_t n;

	for (i = 0; i < 10000; i++)
		printk("line %08u", i);
	n = printk_read(&pos, buf, 1);
	first = pos;
	EXPECT(n == 1 && first > 1);
	do {
		n = printk_read(&pos, buf, sizeof(buf));
		total += n;
	} while (n == sizeof(buf));
	EXPECT_EQ(total, SZ_64K - 1);
	EXPECT(n >= 14 && !memcmp(buf + n - 14, "line 00009999\n", 14));
	/* A position from the future gives nothing and stays */
	pos += 1000;
	first = pos;
	EXPECT_EQ(printk_read(&pos, buf, sizeof(buf)), 0);
	EXPECT_EQ(pos, first);
}

/* Last: it cannot be turned on again */
TEST(warnings_reach_a_console_that_is_off)
{
	unsigned int before = printk_warnings();

	printk_console_off();
	printk("quiet");
	EXPECT_EQ(fake.console_len, 0);
	warn("loud");
	EXPECT(!strcmp(fake.console, "hyp-stub: warning: loud\n"));
	EXPECT_EQ(printk_warnings(), before + 1);
}
