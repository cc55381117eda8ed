/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A guest that talks to the RM, for the tests of hyp-stub/rm. */
#ifndef STUB_TESTS_RM_GUEST_ENV_H
#define STUB_TESTS_RM_GUEST_ENV_H

#include "tests/rm_env.h"

#define BASE		0x80000000ULL	/* of its RAM, as in base.dtb */
#define BUFFER		(RM_ENV_PARCEL + 4 * RM_ENV_SIZE)
#define PLACE		0x90000000ULL	/* where it wants BUFFER */

extern u16 guest_vmid;
extern u32 guest_image;		/* its parcel */
extern u64 guest_pages_before;	/* of object_pool, in use before INIT */

/* base.dtb with a vdevice rm-rpc; @more, if not NULL, edits its node */
void guest_make_tree(void (*more)(void *fdt, int node));
void *guest_tree(void);
/* All new, up to the answer to INIT */
u32 guest_init(const struct rm_config *cfg, bool share, void (*more)(void *fdt, int node));
void guest_start(void);
/* The two together, everything works */
void guest_run(const struct rm_config *cfg, bool share);
struct vm *guest_vm(void);
void guest_reset(void);
/* Down to nothing, and nothing is left */
void guest_end(void);

/* Raw queues; false: full, empty */
bool guest_sends(const void *packet, size_t size);
bool guest_receives(struct rm_packet *p);
/* A request of one packet; false: the queue is full */
bool guest_requests(u16 seq, u32 id, const void *data, size_t len);
u32 guest_word(const struct rm_packet *p, unsigned int i);
/* The same with its reply, also of one; the RM error. @out may be NULL */
u32 guest_calls(u32 id, const void *data, size_t len, struct rm_packet *out);
/* With a VMID as payload */
u32 guest_asks(u32 id, u16 about, struct rm_packet *out);

/* MEM_ACCEPT; lists as they are on the wire */
struct acceptance {
	u32 handle;
	u8 mem_type, trans, flags;
	u32 label;
	u32 nr_acl;
	u32 acl[3];
	u32 nr_sgl;
	u64 sgl[4];
	u32 nr_attr;
	u32 attr[2];
};

/* A parcel of RM_ENV_SIZE, for PLACE, nothing validated */
struct acceptance guest_shared(u32 handle);
struct acceptance guest_lent(u32 handle);
u32 guest_accept_out(const struct acceptance *a, struct rm_packet *out);
u32 guest_accept(struct acceptance a);
u32 guest_release(u32 handle, u32 flags);
u32 guest_notifies(u32 handle, u32 flags, u32 tag);

/* The host hands BUFFER over to the guest */
u32 guest_offer(bool share, u32 label, u32 *handle);
bool guest_mapped(u64 ipa, u64 *pa, u32 *attrs);

#endif
