// SPDX-License-Identifier: GPL-2.0-only
/*
 * CMA memory of the host.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cma.h"

/* What the stub puts into the host's tree */
#define NODE		"/sys/firmware/devicetree/base/gunyah-cma-mem"

bool cma_present(void)
{
	return !access(NODE, F_OK);
}

int cma_open(void)
{
	int dev = open(CMA_DEVICE, O_RDWR);

	if (dev < 0)
		gt_fail("%s: %s", CMA_DEVICE, strerror(errno));
	return dev;
}

int __cma_create(int dev)
{
	return gt_errno(ioctl(dev, GUNYAH_ANDROID_CREATE_CMA_MEM_FD, 0));
}

int cma_create(int dev)
{
	int fd = __cma_create(dev);

	if (fd < 0)
		gt_fail("CREATE_CMA_MEM_FD: %s", strerror(-fd));
	return fd;
}

struct gunyah_map_cma_mem_args cma_map_args(int fd, uint64_t gpa, uint32_t flags,
					    uint64_t offset, uint64_t size)
{
	return (struct gunyah_map_cma_mem_args){
		.label = 7, .padding = 0x5a5a5a5a, .guest_addr = gpa, .flags = flags,
		.guest_mem_fd = fd, .offset = offset, .size = size,
	};
}

int __cma_map_with(int vm, const struct gunyah_map_cma_mem_args *args)
{
	return gt_errno(ioctl(vm, GUNYAH_VM_ANDROID_MAP_CMA_MEM, args));
}

int __cma_map(int vm, int fd, uint64_t gpa, uint32_t flags, uint64_t offset,
	      uint64_t size)
{
	struct gunyah_map_cma_mem_args args = cma_map_args(fd, gpa, flags, offset, size);

	return __cma_map_with(vm, &args);
}

void cma_map(int vm, int fd, uint64_t gpa, uint32_t flags, uint64_t offset, uint64_t size)
{
	gt_assert_eq(__cma_map(vm, fd, gpa, flags, offset, size), 0);
}

long __cma_read_at(int fd, void *buf, size_t size, uint64_t pos)
{
	return gt_errno(pread(fd, buf, size, pos));
}

bool cma_is_zero(const char *mem, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += sizeof(uint64_t)) {
		if (*(const uint64_t *)(mem + i))
			return false;
	}
	return true;
}

uint64_t cma_phys(int iso, const void *addr)
{
	uint64_t pa = 0;

	gt_assert_eq(iso_access(iso, GUNYAH_ISO_PHYS, (uintptr_t)addr, 1, &pa), 0);
	return pa;
}
