// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for guests.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gt.h"

/*
 * 2 MiB aligned, which lets the kernel use huge pages.  Not in children: forking
 * would copy pages that are pinned, and lent ones cannot even be read.
 */
void *gt_alloc(size_t size)
{
	const size_t align = 2UL << 20;
	char *mem, *aligned;

	mem = mmap(NULL, size + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		   -1, 0);
	gt_assert(mem != MAP_FAILED);
	aligned = (char *)(((uintptr_t)mem + align - 1) & ~(align - 1));
	gt_assert(mmap(aligned, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == aligned);
	gt_assert(!madvise(aligned, size, MADV_DONTFORK));
	memset(aligned, 0, size);
	return aligned;
}

/*
 * Touched in an order that never goes to the neighbour, from a file in memory,
 * whose pages are single: backward from the end, every second one first.
 */
void *gt_alloc_scattered(size_t size)
{
	size_t page = getpagesize(), nr = size / page, i;
	char *mem;
	int fd;

	fd = memfd_create("scattered", MFD_CLOEXEC);
	gt_assert(fd >= 0 && !ftruncate(fd, size));
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	gt_assert(mem != MAP_FAILED);
	close(fd);
	gt_assert(!madvise(mem, size, MADV_NOHUGEPAGE) || errno == EINVAL);
	gt_assert(!madvise(mem, size, MADV_DONTFORK));
	for (i = nr; i-- > 0;) {
		if (i & 1)
			mem[i * page] = 0;
	}
	for (i = nr; i-- > 0;) {
		if (!(i & 1))
			mem[i * page] = 0;
	}
	return mem;
}
