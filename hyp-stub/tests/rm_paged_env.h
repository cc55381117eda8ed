/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A VM whose memory comes on demand, for the tests of hyp-stub/rm. */
#ifndef STUB_TESTS_RM_PAGED_ENV_H
#define STUB_TESTS_RM_PAGED_ENV_H

#include "tests/rm_env.h"

#define BASE		0x80000000ULL	/* of the guest's RAM, as in base.dtb */
#define IMAGE		(BASE + 0x4000000)
#define IMAGE_END	(IMAGE + RM_ENV_SIZE)
#define END		(BASE + 0x10000000)

extern const struct rm_config paging_config;
extern u16 paged_vmid;
extern u32 paged_image;			/* its parcel */
extern const u64 paged_around[4];	/* two ranges, from BASE to IMAGE and on to END */

/* A VM in INIT with its image in a parcel of its own */
void paged_configure(bool share, const char *dtb);
/* Whatever its state, nothing is left */
void paged_end(void);
u32 paged_init(void);
u32 paged_start(void);
/* @nr pairs of address and size; what the message says of itself may be a lie */
u32 paged_send_ranges(u16 to, u16 pad, u32 says, const u64 *pairs, u32 nr, size_t more);
u32 paged_demand(const u64 *pairs, u32 nr);
u32 paged_send_layout(u16 to, u16 pad, u32 id, u64 base, u64 size);
u32 paged_place_image(u64 base);

#endif
