/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A backing: contiguous memory out of a region that the host's kernel has reserved for
 * guests.  Layer 5.
 */
#ifndef _GUNYAH_MEM_CMA_H
#define _GUNYAH_MEM_CMA_H

#include <linux/types.h>

struct device;
struct gunyah_mem_range;

/**
 * struct gunyah_cma_region - a reserved region; one file at a time has it
 * @dev: whose region it is, see dma_alloc_pages(); constant
 * @pfn: its first page; constant
 * @nr: pages; constant
 * @flags: GUNYAH_CMA_REGION_*, atomic
 * @filled: its memory is allocated; of whoever has set GUNYAH_CMA_REGION_BUSY
 * @dma: of the allocation, for dma_free_pages(); likewise
 * @get: a file has the region, which stays until @put; constant
 * @put: the file is gone; constant
 */
struct gunyah_cma_region {
	struct device *dev;
	unsigned long pfn;
	u64 nr;
	unsigned long flags;
	bool filled;
	dma_addr_t dma;
	void (*get)(struct gunyah_cma_region *region);
	void (*put)(struct gunyah_cma_region *region);
};

/* Bits of gunyah_cma_region.flags */
#define GUNYAH_CMA_REGION_BUSY	0	/* a file has it */

int gunyah_cma_mem_create(struct gunyah_cma_region *region);
int gunyah_cma_mem_bind(struct gunyah_mem_range *range, unsigned int fd, u64 offset);

#endif
