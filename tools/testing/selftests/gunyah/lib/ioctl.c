// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls of /dev/gunyah, of VMs and of vCPUs.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gt.h"

int __gt_open(void)
{
	return gt_errno(open("/dev/gunyah", O_RDWR | O_CLOEXEC));
}

int gt_open(void)
{
	int fd = __gt_open();

	if (fd < 0)
		gt_fail("/dev/gunyah: %s", strerror(-fd));
	return fd;
}

int __gt_create_vm(int fd)
{
	return gt_errno(ioctl(fd, GUNYAH_CREATE_VM, 0UL));
}

int gt_create_vm(void)
{
	int fd = gt_open();
	int vm = __gt_create_vm(fd);

	if (vm < 0)
		gt_fail("GUNYAH_CREATE_VM: %s", strerror(-vm));
	close(fd);
	return vm;
}

enum gt_kind gt_kind(enum gt_kind kind)
{
	if (kind != GT_DEFAULT)
		return kind;
	return gt_can_share() ? GT_SHARE : GT_LEND;
}

int __gt_mem_region(int vm, enum gt_kind kind, const struct gunyah_userspace_memory_region *r)
{
	unsigned long cmd = gt_kind(kind) == GT_LEND ? GUNYAH_VM_ANDROID_LEND_USER_MEM :
						       GUNYAH_VM_SET_USER_MEM_REGION;

	return gt_errno(ioctl(vm, cmd, r));
}

int __gt_add_memory(int vm, enum gt_kind kind, uint64_t gpa, void *mem, uint64_t size)
{
	struct gunyah_userspace_memory_region region = {
		.flags = GUNYAH_MEM_ALLOW_RWX,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)mem,
	};

	return __gt_mem_region(vm, kind, &region);
}

void gt_add_memory(int vm, enum gt_kind kind, uint64_t gpa, void *mem, uint64_t size)
{
	int ret = __gt_add_memory(vm, kind, gpa, mem, size);

	if (ret)
		gt_fail("memory of %#llx bytes at %#llx: %s", (unsigned long long)size,
			(unsigned long long)gpa, strerror(-ret));
}

int __gt_set_dtb(int vm, uint64_t gpa, uint64_t size)
{
	struct gunyah_vm_dtb_config config = { .guest_phys_addr = gpa, .size = size };

	return gt_errno(ioctl(vm, GUNYAH_VM_SET_DTB_CONFIG, &config));
}

int __gt_boot_context(int vm, uint32_t reg, uint64_t value)
{
	struct gunyah_vm_boot_context context = { .reg = reg, .value = value };

	return gt_errno(ioctl(vm, GUNYAH_VM_SET_BOOT_CONTEXT, &context));
}

int __gt_start(int vm)
{
	return gt_errno(ioctl(vm, GUNYAH_VM_START));
}

int __gt_add_function(int vm, uint32_t type, const void *arg, uint32_t size)
{
	struct gunyah_fn_desc desc = {
		.type = type, .arg_size = size, .arg = (uintptr_t)arg,
	};

	return gt_errno(ioctl(vm, GUNYAH_VM_ADD_FUNCTION, &desc));
}

int __gt_remove_function(int vm, uint32_t type, const void *arg, uint32_t size)
{
	struct gunyah_fn_desc desc = {
		.type = type, .arg_size = size, .arg = (uintptr_t)arg,
	};

	return gt_errno(ioctl(vm, GUNYAH_VM_REMOVE_FUNCTION, &desc));
}

int __gt_add_vcpu(int vm, uint32_t id)
{
	struct gunyah_fn_vcpu_arg arg = { .id = id };

	return __gt_add_function(vm, GUNYAH_FN_VCPU, &arg, sizeof(arg));
}

int __gt_remove_vcpu(int vm, uint32_t id)
{
	struct gunyah_fn_vcpu_arg arg = { .id = id };

	return __gt_remove_function(vm, GUNYAH_FN_VCPU, &arg, sizeof(arg));
}

/* The padding is what some VMMs leave on their stacks: it has to be ignored */
int __gt_irqfd(int vm, int fd, uint32_t label, uint32_t flags)
{
	struct gunyah_fn_irqfd_arg arg = {
		.fd = fd, .label = label, .flags = flags, .padding = 0xdeadbeef,
	};

	return __gt_add_function(vm, GUNYAH_FN_IRQFD, &arg, sizeof(arg));
}

int __gt_irqfd_resample(int vm, int fd, int resample_fd, uint32_t label)
{
	struct gunyah_fn_irqfd_arg arg = {
		.fd = fd, .label = label, .resample_fd = resample_fd,
		.flags = GUNYAH_IRQFD_FLAGS_LEVEL | GUNYAH_IRQFD_FLAGS_RESAMPLE,
	};

	return __gt_add_function(vm, GUNYAH_FN_IRQFD, &arg, sizeof(arg));
}

/* As crosvm does it: nothing but the label */
int __gt_remove_irqfd(int vm, uint32_t label)
{
	struct gunyah_fn_irqfd_arg arg = { .label = label };

	return __gt_remove_function(vm, GUNYAH_FN_IRQFD, &arg, sizeof(arg));
}

int __gt_ioeventfd(int vm, int fd, uint64_t addr, uint32_t len, uint32_t flags, uint64_t data)
{
	struct gunyah_fn_ioeventfd_arg arg = {
		.datamatch = data, .addr = addr, .len = len, .fd = fd, .flags = flags,
		.padding = 0xdeadbeef,
	};

	return __gt_add_function(vm, GUNYAH_FN_IOEVENTFD, &arg, sizeof(arg));
}

int __gt_remove_ioeventfd(int vm, uint64_t addr, uint32_t len, uint32_t flags, uint64_t data)
{
	struct gunyah_fn_ioeventfd_arg arg = {
		.datamatch = data, .addr = addr, .len = len, .flags = flags,
	};

	return __gt_remove_function(vm, GUNYAH_FN_IOEVENTFD, &arg, sizeof(arg));
}

int __gt_run(int vcpu)
{
	return gt_errno(ioctl(vcpu, GUNYAH_VCPU_RUN));
}

struct gunyah_vcpu_run *gt_map_run(int vcpu)
{
	int size = ioctl(vcpu, GUNYAH_VCPU_MMAP_SIZE);
	void *run;

	gt_assert(size >= (int)sizeof(struct gunyah_vcpu_run));
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	gt_assert(run != MAP_FAILED);
	return run;
}
