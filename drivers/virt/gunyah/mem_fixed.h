/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A backing: pages that are there from the beginning to the end, such as those of a file
 * or of a dma-buf for a window.  Layer 5.
 */
#ifndef _GUNYAH_MEM_FIXED_H
#define _GUNYAH_MEM_FIXED_H

#include <linux/kref.h>
#include <linux/types.h>

#include "mem.h"

struct device;

/**
 * struct gunyah_fixed_mem - pages that stay where they are
 * @ref: one for each range
 * @mm: whose locked_vm counts them; only the structure is held; constant
 * @nr: pages; constant
 * @pages: @nr pages; constant once the range is complete
 * @release: gives the pages back and frees the structure that this one is part of
 */
struct gunyah_fixed_mem {
	struct kref ref;
	struct mm_struct *mm;
	u64 nr;
	struct page **pages;
	void (*release)(struct gunyah_fixed_mem *fixed);
};

int gunyah_fixed_mem_init(struct gunyah_fixed_mem *fixed, u64 nr);
void gunyah_fixed_mem_exit(struct gunyah_fixed_mem *fixed);
void gunyah_fixed_mem_bind(struct gunyah_fixed_mem *fixed, struct gunyah_mem_range *range);

/*
 * Make pages [@index, @index + nr) of a file the backing of @range, whose mem, gfns and
 * rights are set; nr is that of the gfns.  EINVAL if it is no such file or does not have
 * the pages; EBADF if it is not open for what the guest may do; EPERM if it is sealed.
 */
int gunyah_mem_shmem_bind(struct gunyah_mem_range *range, unsigned int fd, u64 index);
int gunyah_mem_dmabuf_bind(struct gunyah_mem_range *range, struct device *dev, unsigned int fd,
			   u64 index);

#endif
