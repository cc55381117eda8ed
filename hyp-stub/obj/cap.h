/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Capability spaces: slot number -> object, type, rights (hypercall 2).
 * Check order of every lookup: number out of range ARGUMENT_INVALID, empty slot
 * CSPACE_CAP_NULL, wrong type, missing rights.
 */
#ifndef STUB_OBJ_CAP_H
#define STUB_OBJ_CAP_H

#include "lib/types.h"
#include "mm/page_pool.h"

enum cap_type {
	CAP_NONE,
	CAP_DOORBELL,
	CAP_MSGQ,
	CAP_VCPU,
	CAP_MEMEXTENT,
	CAP_ADDRSPACE,
};

struct cap {
	void *object;
	u32 rights;
	u8 type;
};

/**
 * struct cspace - slots
 * @caps: array of @nr
 * @nr: slots
 * @used: slots that hold a capability
 * @next: where the search for a free slot starts: numbers are reused late, so
 *	that a stale one meets an empty slot
 */
struct cspace {
	struct cap *caps;
	u32 nr;
	u32 used;
	u32 next;
};

/* @pages pages of slots out of @pool; GUNYAH_ERR_NOMEM */
int cspace_init(struct cspace *cs, struct page_pool *pool, unsigned int pages) __must_check;
void cspace_destroy(struct cspace *cs, struct page_pool *pool);
/* GUNYAH_ERR_CSPACE_FULL; *@id the new capability */
int cspace_add(struct cspace *cs, enum cap_type type, void *object, u32 rights, u64 *id)
	__must_check;
void cspace_remove(struct cspace *cs, u64 id);
int cspace_lookup(const struct cspace *cs, u64 id, enum cap_type type, u32 rights, void **object)
	__must_check;

#endif
