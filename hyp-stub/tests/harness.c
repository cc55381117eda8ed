// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Runs the tests of a program: each on a new fake machine, TAP on stdout. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/test.h"

#define MAX_TESTS	256
#define MAX_COMPLAINTS	10	/* a test */

static struct {
	const char *name;
	void (*fn)(void);
} tests[MAX_TESTS];
static unsigned int nr_tests;

static unsigned int failures;		/* of the current test */
static const char *skipped;
static char context[128];
static u64 random_state;

void test_register(const char *name, void (*fn)(void))
{
	if (nr_tests == MAX_TESTS)
		__builtin_trap();
	tests[nr_tests].name = name;
	tests[nr_tests++].fn = fn;
}

static void complain(const char *file, int line, const char *what, const char *more)
{
	if (failures++ < MAX_COMPLAINTS)
		printf("# %s:%d: %s%s%s%s\n", file, line, what, more,
		       *context ? " in " : "", context);
}

bool test_expect(bool ok, const char *file, int line, const char *what)
{
	if (!ok)
		complain(file, line, what, "");
	return ok;
}

bool test_expect_eq(u64 a, u64 b, const char *file, int line, const char *what)
{
	char more[64];

	if (a != b) {
		snprintf(more, sizeof(more), ": %#lx, %#lx", a, b);
		complain(file, line, what, more);
	}
	return a == b;
}

void test_skip(const char *why)
{
	skipped = why;
}

void test_context(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
}

/* splitmix64 */
u64 test_random(void)
{
	u64 z = random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static bool run(unsigned int n)
{
	failures = 0;
	skipped = NULL;
	*context = 0;
	random_state = 1;
	fake_reset(TEST_RAM);
	tests[n].fn();
	if (failures)
		printf("not ok %u %s\n", n + 1, tests[n].name);
	else if (skipped)
		printf("ok %u %s # SKIP %s\n", n + 1, tests[n].name, skipped);
	else
		printf("ok %u %s\n", n + 1, tests[n].name);
	fflush(stdout);
	return !failures;
}

/* With arguments: only the tests of these names */
int main(int argc, char **argv)
{
	bool good = true;
	unsigned int i;
	int arg;

	printf("TAP version 13\n1..%u\n", nr_tests);
	for (i = 0; i < nr_tests; i++) {
		for (arg = 1; arg < argc && strcmp(argv[arg], tests[i].name); arg++)
			;
		if (argc == 1 || arg < argc)
			good &= run(i);
	}
	return good ? 0 : 1;
}
