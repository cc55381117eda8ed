/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kselftest_harness.h with a time limit that suits an emulated machine: it only
 * ends tests that hang.
 */
#ifndef GT_HARNESS_H
#define GT_HARNESS_H

#include <stdbool.h>
#include <kselftest_harness.h>
#undef ARRAY_SIZE
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

#include "gt.h"

#endif
