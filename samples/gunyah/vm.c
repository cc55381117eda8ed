// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls that make a virtual machine, one function each
 *
 * Owns the descriptors.  Nothing here needs undoing when a later step fails:
 * when the program ends, the driver takes everything back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "report.h"
#include "vm.h"

void vm_create(struct vm *vm, const char *device)
{
	vm->dev = open(device, O_RDWR | O_CLOEXEC);
	if (vm->dev < 0)
		die_errno(device, errno, errno == ENOENT ?
			  "no driver, or this system does not run under Gunyah" : NULL);
	vm->fd = ioctl(vm->dev, GUNYAH_CREATE_VM, 0);
	if (vm->fd < 0)
		die_errno("CREATE_VM", errno, NULL);
	vm->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vm->wake < 0)
		die_errno("eventfd", errno, NULL);
	vm->exit_status = -1;
	vm->stopping = false;
	mmio_init(&vm->bus);
}

/*
 * Whether the driver wakes vCPUs when their timers expire, so that the hypervisor need
 * not.  Drivers that do not know the question do not.
 */
bool vm_wakes_timers(struct vm *vm)
{
	return ioctl(vm->fd, GUNYAH_VM_CHECK_EXTENSION, GUNYAH_EXTENSION_VCPU_TIMER_WAKEUP) > 0;
}

static void memory_failed(const char *what, int err)
{
	struct rlimit limit;
	char hint[96];

	if (err != ENOMEM || getrlimit(RLIMIT_MEMLOCK, &limit) < 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		die_errno(what, err, NULL);
	snprintf(hint, sizeof(hint),
		 "guest memory is locked, and RLIMIT_MEMLOCK allows %llu KiB",
		 (unsigned long long)limit.rlim_cur >> 10);
	die_errno(what, err, hint);
}

/*
 * A guest memory file: memory that can be the guest's alone, with nobody else's
 * mappings, swap or core dumps to get in the way.  Returns its descriptor.
 */
int vm_create_memory_file(struct vm *vm, __u64 size, bool small)
{
	struct gunyah_create_mem_args args = {
		.flags = GUNYAH_GUEST_MEM_CLOEXEC |
			(small ? 0 : GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE),
		.size = size,
	};
	int fd = ioctl(vm->dev, GUNYAH_CREATE_GUEST_MEM, &args);

	if (fd < 0)
		die_errno("CREATE_GUEST_MEM", errno, NULL);
	return fd;
}

static void map_file(struct vm *vm)
{
	struct gunyah_map_mem_args args = {
		.guest_addr = RAM_BASE,
		.flags = GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_ALLOW_RWX,
		.guest_mem_fd = vm->ram.file,
		.offset = 0,
		.size = vm->ram.size,
	};

	if (ioctl(vm->fd, GUNYAH_VM_MAP_MEM, &args) < 0)
		die_errno("VM_MAP_MEM", errno, NULL);
}

static void share(struct vm *vm, struct gunyah_userspace_memory_region *region)
{
	if (ioctl(vm->fd, GUNYAH_VM_SET_USER_MEM_REGION, region) < 0)
		memory_failed("VM_SET_USER_MEM_REGION", errno);
}

/*
 * Shared memory stays accessible to this process; lent memory belongs to the
 * guest alone from VM_START on.  EXEC, because the kernel runs from it.
 */
void vm_add_ram(struct vm *vm)
{
	struct gunyah_userspace_memory_region region = {
		.label = 0,
		.flags = GUNYAH_MEM_ALLOW_RWX,
		.guest_phys_addr = RAM_BASE,
		.memory_size = vm->ram.size,
		.userspace_addr = (uintptr_t)vm->ram.host,
	};

	if (vm->ram.file >= 0) {
		map_file(vm);
	} else if (vm->lend) {
		if (ioctl(vm->fd, GUNYAH_VM_ANDROID_LEND_USER_MEM, &region) < 0)
			memory_failed("VM_ANDROID_LEND_USER_MEM", errno);
	} else {
		share(vm, &region);
	}
}

/* Data only: a guest that trusts nobody does not execute what others can write. */
void vm_add_window(struct vm *vm)
{
	struct gunyah_userspace_memory_region region = {
		.label = WINDOW_LABEL,
		.flags = GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE,
		.guest_phys_addr = WINDOW_BASE,
		.memory_size = WINDOW_SIZE,
		.userspace_addr = (uintptr_t)vm->ram.window,
	};

	share(vm, &region);
}

static int add_function(struct vm *vm, __u32 type, void *arg, __u32 size)
{
	struct gunyah_fn_desc desc = {
		.type = type,
		.arg_size = size,
		.arg = (uintptr_t)arg,
	};

	return ioctl(vm->fd, GUNYAH_VM_ADD_FUNCTION, &desc);
}

/* Returns an eventfd; a write to it raises the interrupt of doorbell @label. */
int vm_add_irqfd(struct vm *vm, __u32 label, __u32 flags)
{
	struct gunyah_fn_irqfd_arg arg = { .label = label, .flags = flags };
	int fd;

	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		die_errno("eventfd", errno, NULL);
	arg.fd = fd;
	if (add_function(vm, GUNYAH_FN_IRQFD, &arg, sizeof(arg)) < 0)
		die_errno("VM_ADD_FUNCTION(IRQFD)", errno, NULL);
	return fd;
}

/* Writes of @len bytes to @addr signal @fd and cost no exit to this process. */
void vm_add_ioeventfd(struct vm *vm, __u64 addr, __u32 len, int fd)
{
	struct gunyah_fn_ioeventfd_arg arg = { .addr = addr, .len = len, .fd = fd };

	if (add_function(vm, GUNYAH_FN_IOEVENTFD, &arg, sizeof(arg)) < 0)
		die_errno("VM_ADD_FUNCTION(IOEVENTFD)", errno, NULL);
}

void vm_add_vcpu(struct vm *vm, unsigned int id)
{
	struct gunyah_fn_vcpu_arg arg = { .id = id };
	struct vcpu *vcpu = &vm->vcpus[id];
	int size;

	memset(vcpu, 0, sizeof(*vcpu));
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->fd = add_function(vm, GUNYAH_FN_VCPU, &arg, sizeof(arg));
	if (vcpu->fd < 0)
		die_errno("VM_ADD_FUNCTION(VCPU)", errno, NULL);
	vm->cpus = id + 1;

	size = ioctl(vcpu->fd, GUNYAH_VCPU_MMAP_SIZE);
	if (size < 0)
		die_errno("VCPU_MMAP_SIZE", errno, NULL);
	if ((size_t)size < sizeof(*vcpu->run))
		die("VCPU_MMAP_SIZE: %d bytes are too few", size);
	vcpu->run_size = size;
	vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		die_errno("mmap of a vCPU", errno, NULL);
}

void vm_set_dtb(struct vm *vm)
{
	struct gunyah_vm_dtb_config config = {
		.guest_phys_addr = vm->ram.dtb,
		.size = DTB_SIZE,
	};

	if (ioctl(vm->fd, GUNYAH_VM_SET_DTB_CONFIG, &config) < 0)
		die_errno("VM_SET_DTB_CONFIG", errno, NULL);
}

static void set_register(struct vm *vm, __u32 reg, __u64 value,
			 bool is_default)
{
	struct gunyah_vm_boot_context context = { .reg = reg, .value = value };

	if (ioctl(vm->fd, GUNYAH_VM_SET_BOOT_CONTEXT, &context) == 0)
		return;
	/* Resource Managers differ in what they know, kernels as well. */
	if (errno == ENOTTY && is_default)
		return;
	die_errno("VM_SET_BOOT_CONTEXT", errno, errno == ENOTTY ?
		  "here a guest starts at the beginning of its memory only" : NULL);
}

/*
 * What arm64 Linux expects.  It is also what happens without a boot context,
 * unless the Image asked for a place other than the start of RAM.
 */
void vm_set_boot_context(struct vm *vm)
{
	set_register(vm, GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_PC, 0),
		     vm->ram.entry, vm->ram.entry == RAM_BASE);
	set_register(vm, GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_X, 0),
		     vm->ram.dtb, true);
}

void vm_start(struct vm *vm)
{
	if (ioctl(vm->fd, GUNYAH_VM_START) == 0)
		return;
	die_errno("VM_START", errno, vm->lend ?
		  "the kernel's log says which step failed" :
		  "the kernel's log says which step failed; some Resource Managers take no shared memory, see --lend");
}

__u64 vm_grow(struct vm *vm, __u64 size)
{
	struct gunyah_userspace_memory_region region = {
		.label = 0,
		.flags = GUNYAH_MEM_ALLOW_RWX,
		.guest_phys_addr = ram_grow(&vm->ram, size),
		.memory_size = size,
		.userspace_addr = (uintptr_t)vm->ram.more,
	};

	share(vm, &region);
	return region.guest_phys_addr;
}

int vm_reclaim(struct vm *vm, __u64 gpa, __u64 size)
{
	struct gunyah_address_range range = { .guest_phys_addr = gpa, .size = size };

	return ioctl(vm->fd, GUNYAH_VM_RECLAIM_REGION, &range) < 0 ? errno : 0;
}

/* vCPUs, then the VM: its descriptor closes last and waits for the clean-up. */
void vm_destroy(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->cpus; i++) {
		munmap(vm->vcpus[i].run, vm->vcpus[i].run_size);
		close(vm->vcpus[i].fd);
	}
	close(vm->fd);
	close(vm->dev);
	close(vm->wake);
}

void vm_wake(struct vm *vm)
{
	/* Cannot fail but for a full counter, which wakes as well. */
	eventfd_write(vm->wake, 1);
}

bool vm_end(struct vm *vm, int status)
{
	int running = -1;
	bool first;

	first = atomic_compare_exchange_strong(&vm->exit_status, &running, status);
	vm_wake(vm);
	return first;
}
