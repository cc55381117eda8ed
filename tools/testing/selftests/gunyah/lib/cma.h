/* SPDX-License-Identifier: GPL-2.0-only */
/* CMA memory: the device that the stub's boot option cma makes, and its one file */
#ifndef GT_CMA_H
#define GT_CMA_H

#include "gmem.h"
#include "iso.h"

#define CMA_DEVICE	"/dev/trustedvm_cma"
#define CMA_SIZE	(16UL << 20)

#define PAGE		4096UL

#define RWX		GUNYAH_MEM_ALLOW_RWX
#define LEND		(GUNYAH_CMA_MEM_LEND | RWX)
#define SHARE		(GUNYAH_CMA_MEM_SHARE | RWX)

bool cma_present(void);
int cma_open(void);
int __cma_create(int dev);
int cma_create(int dev);
struct gunyah_map_cma_mem_args cma_map_args(int fd, uint64_t gpa, uint32_t flags,
					    uint64_t offset, uint64_t size);
int __cma_map_with(int vm, const struct gunyah_map_cma_mem_args *args);
int __cma_map(int vm, int fd, uint64_t gpa, uint32_t flags, uint64_t offset,
	      uint64_t size);
void cma_map(int vm, int fd, uint64_t gpa, uint32_t flags, uint64_t offset, uint64_t size);
long __cma_read_at(int fd, void *buf, size_t size, uint64_t pos);
bool cma_is_zero(const char *mem, size_t size);
uint64_t cma_phys(int iso, const void *addr);

#endif
