/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Calls about extents and address spaces as host and guest make them, on hcall_env's VM. */
#ifndef STUB_TESTS_EXTENT_ENV_H
#define STUB_TESTS_EXTENT_ENV_H

#include "tests/hcall_env.h"

#define PA		ENV_FREE
#define GPA		0x80000000ULL
#define RWX		0xf0077ULL		/* map_attrs: write-back, both levels */
#define RW		0xf0066ULL
#define RO		0xf0044ULL
#define PARTIAL		GUNYAH_MAP_PARTIAL
#define OUTSIDE		BIT(40)			/* of extents and address spaces */

enum {
	PRIV = MEMEXTENT_GUEST_PRIVATE,
	HSHARED = MEMEXTENT_HOST_SHARED,
	HPRIV = MEMEXTENT_HOST_PRIVATE,
	GSHARED = MEMEXTENT_GUEST_SHARED,
};

extern u64 ext_x[HCALL_REGS];
/* The host's capabilities, and the guest's own */
extern u64 ext_as, ext_cap[MEMEXTENT_NR], ext_guest_as;

/* Profile production, a VM with extents that runs */
void ext_setup(bool protected);
/* The same, not started */
void ext_setup_early(bool protected);

/* In the SMCCC form; the error word, results from ext_x[1] on */
int ext_call(const struct hcall_caller *who, u32 num, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4,
	     u64 a5, u64 a6);
int ext_map(unsigned int ext, u64 gpa, u64 attrs, u64 pa, u64 size);
int ext_unmap(unsigned int ext, u64 gpa, u64 pa, u64 size);
int ext_donate(u64 options, unsigned int from, unsigned int to, u64 pa, u64 size);
int ext_lend(u64 pa, u64 size);
int ext_unlend(u64 pa, u64 size);
int ext_share(u64 pa, u64 size);
int ext_unshare(u64 pa, u64 size);
int ext_lookup(unsigned int ext, u64 gpa, u64 size);
int ext_modify(unsigned int ext, u64 flags, u64 pa, u64 size);
/* The guest about its own pages */
int ext_relinquish(u64 gpa, u64 size, u64 flags);

/* Where a guest address leads to, 0: nowhere; and with which S2_* */
u64 ext_leads_to(u64 gpa);
u32 ext_access_at(u64 gpa);

/* A heap has at most @left pages for others; page_pool_unpromise() takes the result */
u64 ext_drain(struct page_pool *pool, u64 left) __must_check;

#endif
