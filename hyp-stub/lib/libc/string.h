/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What libfdt looks for under this name */
#ifndef STUB_LIBC_STRING_H
#define STUB_LIBC_STRING_H

#include "lib/string.h"

#endif
