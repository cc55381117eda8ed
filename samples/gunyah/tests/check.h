/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Assertions that count: a test goes on after one that fails.
 */
#ifndef VMM_TESTS_CHECK_H
#define VMM_TESTS_CHECK_H

#include <stdio.h>

static unsigned int checks_passed, checks_failed;

#define CHECK(condition) \
	check(condition, __FILE__, __LINE__, #condition)

static inline void check(int good, const char *file, int line, const char *text)
{
	if (good) {
		checks_passed++;
		return;
	}
	checks_failed++;
	printf("%s:%d: failed: %s\n", file, line, text);
}

/* The program's exit status */
static inline int checks_result(const char *name)
{
	printf("%s: %u passed, %u failed\n", name, checks_passed, checks_failed);
	return checks_failed || !checks_passed;
}

#endif
