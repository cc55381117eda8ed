/* SPDX-License-Identifier: GPL-2.0-only */
/* A backing: a file of memory for guests.  Layer 5. */
#ifndef _GUNYAH_GUEST_MEMFD_H
#define _GUNYAH_GUEST_MEMFD_H

#include <linux/sizes.h>
#include <linux/types.h>

struct file;
struct gunyah_mem_range;

/* The unit of GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE */
#define GUNYAH_GUEST_MEMFD_HUGE_SIZE	SZ_2M

/* Returns a file descriptor; @flags GUNYAH_GUEST_MEM_*, checked here */
int gunyah_guest_memfd_create(u64 size, u64 flags);

/*
 * Makes @nr pages of the file at page @index the backing of @range, whose kind and
 * addresses are set.  EINVAL: no such file, alignment of huge pages; EEXIST: part of
 * the file is bound.  The binding goes with the range's last reference (ops->put).
 */
int gunyah_guest_memfd_bind(struct gunyah_mem_range *range, unsigned int fd, u64 index, u64 nr);
/* Whether @range is backed by that file; for UNMAP */
bool gunyah_guest_memfd_is(const struct gunyah_mem_range *range, unsigned int fd);
bool gunyah_guest_memfd_valid(unsigned int fd);
/* EINVAL: it is no such file, or the alignment does not suit it; also for UNMAP */
int gunyah_guest_memfd_check(unsigned int fd, u64 gfn, u64 index, u64 nr);

#endif
