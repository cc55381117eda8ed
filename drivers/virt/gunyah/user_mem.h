/* SPDX-License-Identifier: GPL-2.0-only */
/* A backing: memory of a process.  Layer 5. */
#ifndef _GUNYAH_USER_MEM_H
#define _GUNYAH_USER_MEM_H

#include <linux/types.h>

#include "mem.h"

/**
 * struct gunyah_user_mem_desc - which memory
 * @uaddr: first byte, page aligned, of the calling process
 * @nr: pages
 * @write: the guest may write
 * @exclusive: nobody else will have access: it is lent
 * @paged: pages move one fault at a time: shared ones are not pinned, lent ones when
 *	the guest gets them.  Otherwise all are pinned at once
 */
struct gunyah_user_mem_desc {
	u64 uaddr;
	u64 nr;
	bool write;
	bool exclusive;
	bool paged;
};

/* Sets @ops and @backing of @range, whose mem, gfns and first are set */
int gunyah_user_mem_bind(struct gunyah_mem_range *range,
			 const struct gunyah_user_mem_desc *desc);

#endif
