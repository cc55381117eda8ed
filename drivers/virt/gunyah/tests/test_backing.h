/* SPDX-License-Identifier: GPL-2.0-only */
/* A backing for tests, which does what it is told to. */
#ifndef _GUNYAH_TESTS_TEST_BACKING_H
#define _GUNYAH_TESTS_TEST_BACKING_H

#include <kunit/test.h>
#include <linux/types.h>

#include "../mem.h"

/* A backing of the model's pages: page @index is the model's, or two apart */
struct test_backing {
	struct kunit *test;
	unsigned long base;
	int refs;
	bool alone;	/* supplies only the wanted page */
	bool scattered;	/* page @index of the backing is the model's 2 * @index */
	int invalid;	/* so often @valid says no */
	int supply_err;
	u64 populated;
	u64 out;	/* supplied and not returned */
	int supplies;
	int cuts;
	bool write;	/* what the last supply was told */
	void (*meanwhile)(struct test_backing *b);
};

unsigned long test_backing_pfn(const struct test_backing *b, u64 index);

extern const struct gunyah_backing_ops test_backing_ops;

#endif
