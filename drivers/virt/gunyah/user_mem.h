/* SPDX-License-Identifier: GPL-2.0-only */
/* A backing: memory of a process, pinned.  Layer 5. */
#ifndef _GUNYAH_USER_MEM_H
#define _GUNYAH_USER_MEM_H

#include <linux/types.h>

#include "mem.h"

/**
 * struct gunyah_user_mem_desc - what is to be pinned
 * @uaddr: first byte, page aligned, of the calling process
 * @nr: pages
 * @write: the guest may write
 * @exclusive: nobody else will have access
 */
struct gunyah_user_mem_desc {
	u64 uaddr;
	u64 nr;
	bool write;
	bool exclusive;
};

int gunyah_user_mem_pin(struct gunyah_mem_range *range,
			const struct gunyah_user_mem_desc *desc);

#endif
