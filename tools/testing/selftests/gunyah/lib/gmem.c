// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory files.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gmem.h"

int __gt_create_mem(uint64_t size, uint64_t flags)
{
	struct gunyah_create_mem_args args = { .flags = flags, .size = size };
	int dev = gt_open();
	int fd;

	/* Programs leave what they like there */
	memset(args.reserved, 0x5a, sizeof(args.reserved));
	fd = gt_errno(ioctl(dev, GUNYAH_CREATE_GUEST_MEM, &args));
	close(dev);
	return fd;
}

int gt_create_mem(uint64_t size, uint64_t flags)
{
	int fd = __gt_create_mem(size, flags);

	if (fd < 0)
		gt_fail("file of %llu KiB: %s", (unsigned long long)size >> 10, strerror(-fd));
	return fd;
}

int __gt_map_mem(int vm, const struct gunyah_map_mem_args *args)
{
	return gt_errno(ioctl(vm, GUNYAH_VM_MAP_MEM, args));
}

int __gt_bind(int vm, uint64_t gpa, uint32_t flags, int fd, uint64_t offset, uint64_t size)
{
	struct gunyah_map_mem_args args = {
		.guest_addr = gpa, .flags = flags, .guest_mem_fd = fd, .offset = offset,
		.size = size,
	};

	return __gt_map_mem(vm, &args);
}

void gt_bind(int vm, uint64_t gpa, uint32_t flags, int fd, uint64_t offset, uint64_t size)
{
	int ret = __gt_bind(vm, gpa, flags, fd, offset, size);

	if (ret)
		gt_fail("MAP_MEM of %#llx bytes at %#llx: %s", (unsigned long long)size,
			(unsigned long long)gpa, strerror(-ret));
}

int __gt_unbind(int vm, uint64_t gpa, uint32_t flags, int fd, uint64_t offset, uint64_t size)
{
	return __gt_bind(vm, gpa, flags | GUNYAH_MAP_MEM_UNMAP, fd, offset, size);
}

int __gt_reclaim(int vm, uint64_t gpa, uint64_t size)
{
	struct gunyah_address_range range = { .guest_phys_addr = gpa, .size = size };

	return gt_errno(ioctl(vm, GUNYAH_VM_RECLAIM_REGION, &range));
}

void *gt_mmap(int fd, uint64_t offset, uint64_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

	if (mem == MAP_FAILED)
		gt_fail("mmap of %#llx bytes: %s", (unsigned long long)size, strerror(errno));
	return mem;
}

int __gt_punch(int fd, uint64_t offset, uint64_t size)
{
	return gt_errno(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, size));
}

int __gt_allocate(int fd, uint64_t offset, uint64_t size)
{
	return gt_errno(fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, size));
}

long gt_file_kib(int fd)
{
	struct stat st;

	gt_assert(!fstat(fd, &st));
	return st.st_blocks / 2;
}

static sigjmp_buf sigbus_env;
static void * volatile sigbus_addr;

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	sigbus_addr = info->si_addr;
	siglongjmp(sigbus_env, 1);
}

void gt_catch_sigbus(void)
{
	struct sigaction sa = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO };

	gt_assert(!sigaction(SIGBUS, &sa, NULL));
}

bool gt_read_faults(const void *addr)
{
	if (sigsetjmp(sigbus_env, 1)) {
		gt_assert_eq((uintptr_t)sigbus_addr, (uintptr_t)addr);
		return true;
	}
	(void)*(volatile const char *)addr;
	return false;
}

bool gt_write_faults(void *addr)
{
	volatile char *byte = addr;

	if (sigsetjmp(sigbus_env, 1)) {
		gt_assert_eq((uintptr_t)sigbus_addr, (uintptr_t)addr);
		return true;
	}
	*byte = *byte;
	return false;
}

static long module_refs(void)
{
	long refs = -1;
	FILE *f = fopen("/sys/module/gunyah/refcnt", "r");

	/* Built into the kernel: nothing to count */
	if (!f)
		return -1;
	gt_assert_eq(fscanf(f, "%ld", &refs), 1);
	fclose(f);
	return refs;
}

void gt_files(struct gt_files *files)
{
	gt_refresh_stats();
	files->module_refs = module_refs();
	files->unevictable_kib = gt_proc_value("/proc/meminfo", "Unevictable");
}

/* What CPUs have not yet put on the list of unevictable pages may go uncounted */
#define UNEVICTABLE_NOISE_KIB	1024

void gt_expect_files(const struct gt_files *before)
{
	struct gt_files now;

	gt_files(&now);
	gt_assert_eq(now.module_refs, before->module_refs);
	if (now.unevictable_kib > before->unevictable_kib + UNEVICTABLE_NOISE_KIB)
		gt_fail("%ld KiB of unevictable memory, before %ld", now.unevictable_kib,
			before->unevictable_kib);
}

/* The host must not have lent memory mapped when the guest gets it */
void gt_vm_add_ram_file_at(struct gt_vm *vm, int fd, uint64_t offset, uint32_t flags)
{
	vm->ram = gt_mmap(fd, offset, vm->ram_size);
	gt_vm_write_ram(vm);
	gt_assert(!munmap(vm->ram, vm->ram_size));
	vm->ram = NULL;
	gt_bind(vm->fd, GUEST_RAM_BASE, flags, fd, offset, vm->ram_size);
}

void gt_vm_add_ram_file(struct gt_vm *vm, int fd, uint32_t flags)
{
	gt_vm_add_ram_file_at(vm, fd, 0, flags);
}

uint64_t gt_relinquish(struct gt_vcpu *vcpu, uint64_t gpa, uint64_t size)
{
	return gt_command_result(vcpu, CMD_RELINQUISH, gpa, size, 0, 0);
}

int gt_expect_page_fault(struct gt_vcpu *vcpu, uint64_t gpa)
{
	enum gt_event event = gt_next(vcpu);

	if (event != GT_EV_OTHER)
		gt_fail("%s instead of a page fault", gt_event_name(event));
	gt_assert_eq(vcpu->run->exit_reason, GUNYAH_VCPU_EXIT_PAGE_FAULT);
	gt_assert_eq(vcpu->run->page_fault.phys_addr & ~4095ULL, gpa & ~4095ULL);
	gt_assert_eq(vcpu->run->page_fault.resume_action, GUNYAH_VCPU_RESUME_FAULT);
	return vcpu->run->page_fault.attempt;
}
