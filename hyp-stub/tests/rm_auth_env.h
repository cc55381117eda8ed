/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A VM with an image that somebody answers for, for the tests of hyp-stub/rm. */
#ifndef STUB_TESTS_RM_AUTH_ENV_H
#define STUB_TESTS_RM_AUTH_ENV_H

#include "tests/rm_env.h"

#define BASE		0x80000000ULL	/* of the guest's RAM, as in base.dtb */
#define RAM_END		(BASE + 0x10000000)
#define IMAGE_AT	0x40000ULL	/* in the image's parcel */

extern u16 auth_vmid;
extern u32 auth_image;			/* its parcel */

/* RM, VM (@vmid 0: any), base.dtb open for edits in the host's memory */
void auth_begin(const struct rm_config *cfg, u16 vmid);
void *auth_tree(void);
/* Image parcel, CONFIG_IMAGE */
void auth_hand_over(bool share);
u32 auth_config(u16 auth, u64 image_off, u64 image_size);
u32 auth_vmid_call(u32 id);
/* What is in the guest at @ipa: RWX and at this physical address? */
bool auth_mapped(u64 ipa, u64 pa);
const struct vcpu *auth_boot_vcpu(void);
/* From whatever state: parcels can be reclaimed afterwards */
void auth_reset(void);
/* The same; image parcel and VMID go, nothing is left */
void auth_end(void);

#endif
