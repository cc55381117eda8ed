/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest memory files, and VMs that use them */
#ifndef GT_GMEM_H
#define GT_GMEM_H

#include "gt.h"

#define GT_HUGE		(2UL << 20)

int __gt_create_mem(uint64_t size, uint64_t flags);
int gt_create_mem(uint64_t size, uint64_t flags);
int __gt_map_mem(int vm, const struct gunyah_map_mem_args *args);
/* As bound by @flags at @gpa; the reverse with GUNYAH_MAP_MEM_UNMAP */
int __gt_bind(int vm, uint64_t gpa, uint32_t flags, int fd, uint64_t offset, uint64_t size);
void gt_bind(int vm, uint64_t gpa, uint32_t flags, int fd, uint64_t offset, uint64_t size);
int __gt_unbind(int vm, uint64_t gpa, uint32_t flags, int fd, uint64_t offset, uint64_t size);
int __gt_reclaim(int vm, uint64_t gpa, uint64_t size);
void *gt_mmap(int fd, uint64_t offset, uint64_t size);
/* fallocate() as 0 or a negative errno */
int __gt_punch(int fd, uint64_t offset, uint64_t size);
int __gt_allocate(int fd, uint64_t offset, uint64_t size);
/* KiB that the file has allocated */
long gt_file_kib(int fd);

/*
 * Accesses the host may be refused: was it SIGBUS?  gt_catch_sigbus() first.
 */
void gt_catch_sigbus(void);
bool gt_read_faults(const void *addr);
bool gt_write_faults(void *addr);

/* What guest memory files keep while they exist: nobody else changes these counts */
struct gt_files {
	long module_refs;
	long unevictable_kib;
};

void gt_files(struct gt_files *files);
void gt_expect_files(const struct gt_files *before);

/* RAM of a VM from a file, from its start or from @offset on, instead of gt_vm_add_ram() */
void gt_vm_add_ram_file(struct gt_vm *vm, int fd, uint32_t flags);
void gt_vm_add_ram_file_at(struct gt_vm *vm, int fd, uint64_t offset, uint32_t flags);

/*
 * For the guest "command": gives a page up, by hypercall 0x69 on the capability that
 * its information page names.  Returns the guest's error word.
 */
uint64_t gt_relinquish(struct gt_vcpu *vcpu, uint64_t gpa, uint64_t size);

/* An exit for a page that could not be provided; returns the attempt */
int gt_expect_page_fault(struct gt_vcpu *vcpu, uint64_t gpa);

#endif
