/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's device tree
 */
#ifndef VMM_DEVTREE_H
#define VMM_DEVTREE_H

#include <stddef.h>

#include "memory.h"

/*
 * Writes the tree for @cpus vCPUs into @buf; kernel, initrd and their addresses
 * come from @ram.  Returns the bytes used.  Ends the program if @size is too
 * small.
 */
size_t devtree_build(void *buf, size_t size, const struct guest_ram *ram,
		     unsigned int cpus, const char *cmdline);

/* Bytes of a finished tree */
size_t devtree_size(const void *buf);

#endif
