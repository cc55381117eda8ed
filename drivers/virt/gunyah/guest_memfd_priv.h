/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What guest_memfd.c (the file) and guest_memfd_bind.c (its use as a backing) know
 * of each other.  Layer 5.
 *
 * Locks, outermost first:
 *
 *	mapping->invalidate_lock	written by who takes pages out of the file or
 *					changes its size, read by who puts some in or
 *					gives them away
 *	the folio's lock		whose the folio is, and whether it is mapped
 *	gunyah_gmem.lock		which parts of the file are bound
 *	gunyah_mem.pages_lock		see mem.h
 */
#ifndef _GUNYAH_GUEST_MEMFD_PRIV_H
#define _GUNYAH_GUEST_MEMFD_PRIV_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/types.h>

/* Folios of a file with huge pages */
#define GMEM_HUGE_SIZE		SZ_2M
#define GMEM_HUGE_ORDER		(ilog2(GMEM_HUGE_SIZE) - PAGE_SHIFT)

/**
 * struct gunyah_gmem - a guest memory file
 * @inode: the file's; constant
 * @huge: folios of GMEM_HUGE_SIZE where there are any; constant
 * @lock: protects what follows
 * @bound: struct gmem_span: which pages are a VM's, without overlaps
 */
struct gunyah_gmem {
	struct inode *inode;
	bool huge;

	struct mutex lock;
	struct list_head bound;
};

static inline struct gunyah_gmem *gmem_of(const struct inode *inode)
{
	return inode->i_private;
}

/* guest_memfd.c */
struct folio *gmem_folio_get(struct gunyah_gmem *gmem, pgoff_t index);
bool gmem_is_file(const struct file *file);

/* guest_memfd_bind.c */
int gmem_take_back(struct gunyah_gmem *gmem, pgoff_t first, pgoff_t end);
int gmem_take_back_private(struct gunyah_gmem *gmem, pgoff_t first, pgoff_t end);

#endif
