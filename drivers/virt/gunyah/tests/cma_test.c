// SPDX-License-Identifier: GPL-2.0-only
/* Names of CMA devices: labels come from firmware, names are files in /dev. */
#include <kunit/test.h>
#include <linux/string.h>

#include "../cma.h"

#define ROOM	16

/* @name NULL: there is none */
static const struct {
	const char *label;
	const char *name;
} name_cases[] = {
	{ "trustedvm_cma", "trustedvm_cma" },
	{ "a", "a" },
	{ "A-Z.09_z", "A-Z.09_z" },
	{ "dir/file", "dir_file" },
	{ "../../etc", "_._.._etc" },
	{ ".", "_" },
	{ "..", "_." },
	{ "/", "_" },
	{ "with space", "with_space" },
	{ "a\nb\x7f", "a_b_" },
	{ "\xe9t\xff", "_t_" },
	{ "%s%n", "_s_n" },
	{ "123456789012345", "123456789012345" },
	{ "1234567890123456", NULL },
	{ "", NULL },
};

static void cma_test_names(struct kunit *test)
{
	char name[ROOM + 1];
	bool found;
	int i;

	for (i = 0; i < ARRAY_SIZE(name_cases); i++) {
		memset(name, '#', sizeof(name));
		found = gunyah_cma_name(name, ROOM, name_cases[i].label);
		KUNIT_EXPECT_EQ_MSG(test, found, !!name_cases[i].name, "%d", i);
		if (found && name_cases[i].name)
			KUNIT_EXPECT_STREQ(test, name, name_cases[i].name);
		KUNIT_EXPECT_EQ_MSG(test, name[ROOM], '#', "%d", i);
	}
}

static struct kunit_case cma_cases[] = {
	KUNIT_CASE(cma_test_names),
	{}
};

static struct kunit_suite cma_suite = {
	.name = "gunyah-cma",
	.test_cases = cma_cases,
};
kunit_test_suite(cma_suite);
