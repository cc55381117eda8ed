/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What guest_memfd.c (the file), guest_memfd_bind.c (which VM's memory it is) and
 * guest_memfd_give.c (its pages on the way there) know of each other.  Layer 5.
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
#include <linux/refcount.h>
#include <linux/types.h>

#include "guest_memfd.h"
#include "mem.h"
#include "mem_file.h"

/* Folios of a file with huge pages */
#define GMEM_HUGE_SIZE		GUNYAH_GUEST_MEMFD_HUGE_SIZE
#define GMEM_HUGE_ORDER		(ilog2(GMEM_HUGE_SIZE) - PAGE_SHIFT)

/**
 * struct gunyah_gmem - a guest memory file
 * @object: in the inode
 * @inode: the file's; constant
 * @huge: folios of GMEM_HUGE_SIZE where there are any; constant
 * @lock: protects what follows
 * @bound: struct gmem_span: which pages are a VM's, without overlaps
 */
struct gunyah_gmem {
	struct gunyah_mem_object object;
	struct inode *inode;
	bool huge;

	struct mutex lock; /* bound, and the resident ones of bindings */
	struct list_head bound;
};

/**
 * struct gmem_binding - part of a file that is memory of a VM
 * @refs: ranges that it backs
 * @gmem: the file's; constant
 * @file: keeps it; constant
 * @mem: the VM's; lives as long as a range does; constant
 * @kind: share or lend; constant
 * @index: a page of the file ...
 * @gfn: ... and the guest page that it is; constant
 * @resident: struct gmem_span: pages that were handed over as a whole and stay until
 *	the VM is gone; gunyah_gmem.lock
 */
struct gmem_binding {
	refcount_t refs;
	struct gunyah_gmem *gmem;
	struct file *file;
	struct gunyah_mem *mem;
	enum gunyah_mem_kind kind;
	u64 index;
	u64 gfn;
	struct list_head resident;
};

/**
 * struct gmem_span - pages of a file
 * @node: in gunyah_gmem.bound or gmem_binding.resident
 * @binding: whose
 * @index: the first one
 * @end: behind the last one
 */
struct gmem_span {
	struct list_head node;
	struct gmem_binding *binding;
	u64 index;
	u64 end;
};

static inline struct gunyah_gmem *gmem_of(const struct inode *inode)
{
	return container_of((struct gunyah_mem_object *)inode->i_private, struct gunyah_gmem,
			    object);
}

/* guest_memfd.c */
struct folio *gmem_folio_get(struct gunyah_gmem *gmem, pgoff_t index);
bool gmem_is_file(const struct file *file);

/* guest_memfd_bind.c */
int gmem_take_back(struct gunyah_gmem *gmem, pgoff_t first, pgoff_t end);
int gmem_take_back_private(struct gunyah_gmem *gmem, pgoff_t first, pgoff_t end);
int gmem_resident_add(struct gmem_binding *binding, u64 index, u64 end);
void gmem_resident_remove(struct gmem_binding *binding, u64 index, u64 end);

/* guest_memfd_give.c: the operations of the same names */
int gmem_supply(struct gunyah_mem_range *range, struct gunyah_supply *s);
void gmem_supplied(struct gunyah_mem_range *range, struct gunyah_supply *s,
		   unsigned int taken);
int gmem_populate(struct gunyah_mem_range *range, u64 index, u64 nr);
void gmem_unpopulate(struct gunyah_mem_range *range, u64 index, u64 nr);
struct gunyah_page_run gmem_run_at(void *backing, u64 index, u64 nr);

#endif
