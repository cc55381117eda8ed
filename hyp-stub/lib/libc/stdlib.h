/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* libfdt includes this and, without overlays, uses nothing of it */
#ifndef STUB_LIBC_STDLIB_H
#define STUB_LIBC_STDLIB_H

#include <stddef.h>

#endif
