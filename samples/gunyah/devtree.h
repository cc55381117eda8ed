/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's device tree
 */
#ifndef VMM_DEVTREE_H
#define VMM_DEVTREE_H

#include <stddef.h>

#include "memory.h"

/**
 * struct devtree_guest - what the guest is to find, beside its memory
 * @cpus: vCPUs
 * @cmdline: of its kernel
 * @disk: there is a disk
 * @timer_wakeup: the host wakes vCPUs when their timers expire
 */
struct devtree_guest {
	unsigned int cpus;
	const char *cmdline;
	bool disk;
	bool timer_wakeup;
};

/*
 * Writes the tree of @guest into @buf; kernel, initrd, window and their addresses
 * come from @ram.  Returns the bytes used.  Ends the program if @size is too
 * small.
 */
size_t devtree_build(void *buf, size_t size, const struct guest_ram *ram,
		     const struct devtree_guest *guest);

/* Bytes of a finished tree */
size_t devtree_size(const void *buf);

#endif
