/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One of the two ways in which memory reaches a guest: pages donated to extents and
 * mapped while the VM runs (ABI tables, hypercall 9.3).  Layer 5: capabilities and
 * page numbers, knows neither ranges nor backings.
 */
#ifndef _GUNYAH_EXTENT_H
#define _GUNYAH_EXTENT_H

#include <linux/types.h>

/**
 * enum gunyah_extent_way - how a page is given
 * @GUNYAH_EXTENT_LEND: host_private to guest_private (types 3, 4): the host loses access
 * @GUNYAH_EXTENT_SHARE: host_shared to guest_shared (type 2): never executable
 * @GUNYAH_EXTENT_SHARE_EXEC: host_shared to guest_private (type 2): executable, only in
 *	unprotected VMs
 */
enum gunyah_extent_way {
	GUNYAH_EXTENT_LEND,
	GUNYAH_EXTENT_SHARE,
	GUNYAH_EXTENT_SHARE_EXEC,
};

/**
 * struct gunyah_extent_ops - the hypercalls that move pages
 * @map: see gunyah_hypercall_addrspace_map()
 * @unmap: see gunyah_hypercall_addrspace_unmap()
 * @donate: see gunyah_hypercall_memextent_donate()
 */
struct gunyah_extent_ops {
	int (*map)(u64 addrspace, u64 extent, u64 gpa, u64 attrs, u64 flags, u64 offset,
		   u64 size);
	int (*unmap)(u64 addrspace, u64 extent, u64 gpa, u64 flags, u64 offset, u64 size);
	int (*donate)(u64 options, u64 from, u64 to, u64 offset, u64 size);
};

extern const struct gunyah_extent_ops gunyah_extent_hvc_ops;

/**
 * struct gunyah_extents - capabilities of a VM's memory
 * @ready: all that follow are there
 * @ops: how the hypervisor is reached
 * @addrspace: the guest's address space
 * @extent: by label, GUNYAH_EXTENT_*
 */
struct gunyah_extents {
	bool ready;
	const struct gunyah_extent_ops *ops;
	u64 addrspace;
	u64 extent[4];
};

/**
 * struct gunyah_extent_run - pages that move together
 * @gfn: first guest page
 * @pfn: first host page
 * @nr: how many
 * @way: how
 * @access: GUNYAH_RM_ACL_* that the guest gets
 */
struct gunyah_extent_run {
	u64 gfn;
	unsigned long pfn;
	u64 nr;
	enum gunyah_extent_way way;
	u8 access;
};

/*
 * All return the hypervisor's error word, and change nothing on an error, but see @lost:
 * the pages could neither be mapped nor taken back.
 */
int gunyah_extent_give(const struct gunyah_extents *ext, const struct gunyah_extent_run *run,
		       bool *lost);
int gunyah_extent_unmap(const struct gunyah_extents *ext, const struct gunyah_extent_run *run);
int gunyah_extent_return(const struct gunyah_extents *ext, const struct gunyah_extent_run *run);
int gunyah_extent_remap(const struct gunyah_extents *ext, const struct gunyah_extent_run *run);

#endif
