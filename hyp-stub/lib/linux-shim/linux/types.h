/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * <linux/types.h> for the wire headers in a freestanding build.  The stub only
 * runs little endian: __le types are plain integers.
 */
#ifndef STUB_LINUX_SHIM_TYPES_H
#define STUB_LINUX_SHIM_TYPES_H

#include <stdint.h>

typedef uint8_t __u8;
typedef uint16_t __u16;
typedef uint32_t __u32;
typedef uint64_t __u64;
typedef int8_t __s8;
typedef int16_t __s16;
typedef int32_t __s32;
typedef int64_t __s64;

typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;

#endif
