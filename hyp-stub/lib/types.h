/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Basic types and helpers; freestanding, also used by the tests on the host. */
#ifndef STUB_LIB_TYPES_H
#define STUB_LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define SZ_64K			0x10000ULL
#define SZ_1M			0x100000ULL
#define SZ_2M			0x200000ULL
#define SZ_4M			0x400000ULL
#define SZ_1G			0x40000000ULL

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define BIT(n)			(1ULL << (n))
#define GENMASK(h, l)		(((~0ULL) << (l)) & (~0ULL >> (63 - (h))))
#define ALIGN_DOWN(x, a)	((x) & ~((typeof(x))(a) - 1))
#define ALIGN_UP(x, a)		ALIGN_DOWN((x) + (typeof(x))(a) - 1, a)
#define IS_ALIGNED(x, a)	(((x) & ((typeof(x))(a) - 1)) == 0)
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))

#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define __noreturn		__attribute__((noreturn))
#define __must_check		__attribute__((warn_unused_result))
#define __aligned(n)		__attribute__((aligned(n)))

/* Whole range [base, base + size) lies in 64 bits; size 0 does not */
static inline bool range_valid(u64 base, u64 size)
{
	return size && base <= ~0ULL - (size - 1);
}

#endif
