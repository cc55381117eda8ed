// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* lib/string.c against the C library's functions of the same names. */
#include <string.h>

#include "tests/test.h"

#include "tests/stub_string.h"
#include "../lib/string.c"

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr

#define SIZE 64

static void fill_random(u8 *buf)
{
	unsigned int i;

	for (i = 0; i < SIZE; i++)
		buf[i] = test_random();
}

TEST(memcpy_all_alignments)
{
	u8 src[SIZE], mine[SIZE], theirs[SIZE];
	unsigned int from, to, n;

	fill_random(src);
	for (from = 0; from < 9; from++)
		for (to = 0; to < 9; to++)
			for (n = 0; n < SIZE - 9; n++) {
				memset(mine, 0x11, SIZE);
				memset(theirs, 0x11, SIZE);
				EXPECT(stub_memcpy(mine + to, src + from, n) == mine + to);
				memcpy(theirs + to, src + from, n);
				EXPECT(!memcmp(mine, theirs, SIZE));
			}
}

TEST(memmove_overlapping)
{
	u8 mine[SIZE], theirs[SIZE];
	unsigned int from, to, n;

	for (from = 0; from < 20; from++)
		for (to = 0; to < 20; to++)
			for (n = 0; n < SIZE - 20; n++) {
				fill_random(mine);
				memcpy(theirs, mine, SIZE);
				stub_memmove(mine + to, mine + from, n);
				memmove(theirs + to, theirs + from, n);
				EXPECT(!memcmp(mine, theirs, SIZE));
			}
}

TEST(memset_all_alignments)
{
	u8 mine[SIZE], theirs[SIZE];
	unsigned int at, n;

	for (at = 0; at < 9; at++)
		for (n = 0; n < SIZE - 9; n++) {
			fill_random(mine);
			memcpy(theirs, mine, SIZE);
			stub_memset(mine + at, 0x1a5, n);
			memset(theirs + at, 0x1a5, n);
			EXPECT(!memcmp(mine, theirs, SIZE));
		}
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

TEST(comparisons)
{
	static const char * const words[] = { "", "a", "b", "ab", "abc", "abd", "\xff", "a\xff" };
	unsigned int i, j, n;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		for (j = 0; j < ARRAY_SIZE(words); j++) {
			const char *a = words[i], *b = words[j];

			EXPECT_EQ(sign(stub_strcmp(a, b)), sign(strcmp(a, b)));
			for (n = 0; n < 5; n++)
				EXPECT_EQ(sign(stub_strncmp(a, b, n)), sign(strncmp(a, b, n)));
			n = min(strlen(a), strlen(b)) + 1;
			EXPECT_EQ(sign(stub_memcmp(a, b, n)), sign(memcmp(a, b, n)));
		}
}

TEST(searches)
{
	static const char s[] = "hello, world";
	int c;

	EXPECT_EQ(stub_strlen(s), strlen(s));
	EXPECT_EQ(stub_strlen(""), 0);
	EXPECT_EQ(stub_strnlen(s, 5), 5);
	EXPECT_EQ(stub_strnlen(s, 100), strlen(s));
	for (c = 0; c < 256; c++) {
		EXPECT(stub_strchr(s, c) == strchr(s, c));
		EXPECT(stub_strrchr(s, c) == strrchr(s, c));
		EXPECT(stub_memchr(s, c, 5) == memchr(s, c, 5));
		EXPECT(stub_memchr(s, c, sizeof(s)) == memchr(s, c, sizeof(s)));
	}
}
