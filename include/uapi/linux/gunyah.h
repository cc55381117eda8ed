/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * /dev/gunyah: virtual machines under the Gunyah hypervisor.
 *
 * Two families of programs use this device: those written for the series posted
 * to the kernel mailing list (ioctl type 'G') and those written for the Android
 * common kernels (type 'A' in addition, and older names that start with GH_).
 * No number means two things, so one header serves both.
 *
 * Three kinds of file descriptors: /dev/gunyah itself, a VM (GUNYAH_CREATE_VM)
 * and a vCPU (GUNYAH_VM_ADD_FUNCTION of type GUNYAH_FN_VCPU).  The latter two are
 * closed on exec.  Guest memory files and CMA memory are descriptors, too.  A VM lives as
 * long as its descriptor or one of its vCPUs' descriptors or mappings; the last close
 * stops it and gives everything back before it returns.
 *
 * Uevents of the device (action "change") tell of VMs: EVENT=create, when a VM has got an
 * id, EVENT=start, EVENT=exit and EVENT=destroy, in this order, each with vm_id= in
 * decimal.  "exit" has vm_exit=, the type of exit, unless the Resource Manager did not say
 * it; "destroy" always has it, 0 if there was none.
 *
 * An ioctl that a descriptor does not know fails with ENOTTY.
 *
 * The device belongs to root (mode 0600) until something like the udev rule in
 * tools/gunyah gives it to a group.  A VM of guest memory files needs neither privileges
 * nor locked memory.
 */
#ifndef _UAPI_LINUX_GUNYAH_H
#define _UAPI_LINUX_GUNYAH_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define GUNYAH_IOCTL_TYPE		'G'	/* of the series, and of our own */
#define GUNYAH_ANDROID_IOCTL_TYPE	'A'	/* of the Android kernels */

/*
 * ioctls of /dev/gunyah
 */

/**
 * DOC: GUNYAH_CREATE_VM
 *
 * Creates a VM that has neither memory nor vCPUs.  The argument must be 0.
 *
 * Returns the VM's file descriptor, or EINVAL for an argument other than 0.
 */
#define GUNYAH_CREATE_VM		_IO(GUNYAH_IOCTL_TYPE, 0x0)

/* Flags of a guest memory file */
#define GUNYAH_GUEST_MEM_CLOEXEC	(1UL << 0)
#define GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE	(1UL << 1)

/**
 * struct gunyah_create_mem_args - a guest memory file
 * @flags: GUNYAH_GUEST_MEM_*
 * @size: bytes, a multiple of the page size
 * @reserved: not looked at
 */
struct gunyah_create_mem_args {
	__u64 flags;
	__u64 size;
	__u64 reserved[6];
};

/**
 * DOC: GUNYAH_CREATE_GUEST_MEM
 *
 * Creates a file whose memory can be given to VMs by GUNYAH_VM_MAP_MEM.  Its pages are
 * zeroed when they are first used, and charged to the memory cgroup of whoever uses
 * them first: the VMM that fills them, or the vCPU's thread whose guest touches them.
 * They count against no limit of locked memory.  They are never swapped or moved.
 *
 * With GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE memory comes in units of 2 MiB where there are
 * any, and bindings have to be aligned to that.  The host then gets a unit as a whole
 * or not at all; fallocate() splits units.
 *
 * mmap() takes MAP_SHARED only.  A page that a VM has to itself cannot be accessed:
 * SIGBUS, unless the guest has given it up; then it comes back.  Nor can what is
 * behind the end of the file.  There is no read() or write().
 *
 * fallocate() needs FALLOC_FL_KEEP_SIZE.  Alone or with FALLOC_FL_ZERO_RANGE it
 * allocates: EINVAL behind the end of the file.  With FALLOC_FL_PUNCH_HOLE it frees
 * pages, which read as zeroes afterwards; those that are a guest's are taken back
 * first, and if one of them is not returned nothing is freed: EBUSY.  Shared pages
 * can always be taken, where the hypervisor pages on demand.  EOPNOTSUPP for other
 * modes, EINVAL for what is not aligned to pages, EINTR, ENOMEM.
 *
 * ftruncate() takes multiples of the page size (EINVAL otherwise); a smaller size frees
 * pages as FALLOC_FL_PUNCH_HOLE does.  EBUSY, with what was to go read as zeroes, if the
 * new end is inside a unit of 2 MiB that somebody (get_user_pages) still uses.
 *
 * Returns the file's descriptor.  Errors: EINVAL for a size that is not page aligned or
 * too large, or unknown flags; EFAULT, EMFILE, ENFILE, ENOMEM.
 */
#define GUNYAH_CREATE_GUEST_MEM \
	_IOW(GUNYAH_IOCTL_TYPE, 0x8, struct gunyah_create_mem_args)

/**
 * DOC: GUNYAH_ANDROID_TENTATIVE_UAPI
 *
 * What programs of android14-6.1 ask before anything else.  The argument is
 * GUNYAH_TENTATIVE_CAP_UAPI or GUNYAH_TENTATIVE_CAP_USER_MEM_LEND; both are there, for
 * which the answer is 0.  EINVAL for other arguments.
 */
#define GUNYAH_ANDROID_TENTATIVE_UAPI	_IO(GUNYAH_ANDROID_IOCTL_TYPE, 0x10)

#define GUNYAH_TENTATIVE_CAP_UAPI		1
#define GUNYAH_TENTATIVE_CAP_USER_MEM_LEND	2

/**
 * enum gunyah_cap - what GUNYAH_QUERY answers
 * @GUNYAH_CAP_ABI_FAMILIES: GUNYAH_ABI_*: whose programs run unmodified
 * @GUNYAH_CAP_MEMORY_MODELS: GUNYAH_MEMORY_*
 * @GUNYAH_CAP_BOOT_CONTEXT: 1 if the Resource Manager sets boot registers to any value
 * @GUNYAH_CAP_AUTH_TYPES: bit n: GUNYAH_VM_ANDROID_SET_AUTH_TYPE knows type n
 * @GUNYAH_CAP_TIMER_WAKEUP: 1 if the host wakes vCPUs when their timers expire
 * @GUNYAH_CAP_IRQFD_FLAGS: GUNYAH_IRQFD_FLAGS_* that are possible here
 * @GUNYAH_CAP_VCPU_SET_REG: 1 if GUNYAH_VCPU_SET_REG can work
 * @GUNYAH_CAP_WINDOWS: GUNYAH_WINDOW_* flags that are possible here; windows without
 *	GUNYAH_WINDOW_PARCEL need GUNYAH_MEMORY_AFTER_START
 * @GUNYAH_CAP_HUGEPAGE_SIZE: bytes of the unit of GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE
 * @GUNYAH_CAP_CMA: how many devices with CMA memory there are
 * @GUNYAH_CAP_VM_PROTECTED: VM descriptors: 1 if the VM runs and what it does not share
 *	is hidden from the host
 */
enum gunyah_cap {
	GUNYAH_CAP_ABI_FAMILIES = 1,
	GUNYAH_CAP_MEMORY_MODELS = 2,
	GUNYAH_CAP_BOOT_CONTEXT = 3,
	GUNYAH_CAP_AUTH_TYPES = 4,
	GUNYAH_CAP_TIMER_WAKEUP = 5,
	GUNYAH_CAP_IRQFD_FLAGS = 6,
	GUNYAH_CAP_VCPU_SET_REG = 7,
	GUNYAH_CAP_WINDOWS = 8,
	GUNYAH_CAP_HUGEPAGE_SIZE = 9,
	GUNYAH_CAP_CMA = 10,
	GUNYAH_CAP_VM_PROTECTED = 11,
};

/* GUNYAH_CAP_ABI_FAMILIES */
#define GUNYAH_ABI_USER_MEM		(1UL << 0)	/* series v14: memory of processes */
#define GUNYAH_ABI_GUEST_MEM		(1UL << 1)	/* series v15 to v17: memory files */
#define GUNYAH_ABI_ANDROID		(1UL << 2)	/* ioctls of type 'A' */

/* GUNYAH_CAP_MEMORY_MODELS */
#define GUNYAH_MEMORY_PARCELS		(1UL << 0)	/* handed over as a whole at the start */
#define GUNYAH_MEMORY_ON_DEMAND		(1UL << 1)	/* page by page, in both directions */
#define GUNYAH_MEMORY_AFTER_START	(1UL << 2)	/* a running VM can get more */

/**
 * DOC: GUNYAH_QUERY
 *
 * On /dev/gunyah and on VMs.  The argument is one of &enum gunyah_cap.  Returns what is
 * said there, always 0 or more; 0 for what this driver does not know, or does not have
 * on this machine.
 */
#define GUNYAH_QUERY			_IO(GUNYAH_IOCTL_TYPE, 0x22)

/*
 * ioctls of a VM
 */

/* enum gunyah_mem_flags - what the guest may do with memory */
#define GUNYAH_MEM_ALLOW_READ		(1UL << 0)
#define GUNYAH_MEM_ALLOW_WRITE		(1UL << 1)
#define GUNYAH_MEM_ALLOW_EXEC		(1UL << 2)
#define GUNYAH_MEM_ALLOW_RWX \
	(GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE | GUNYAH_MEM_ALLOW_EXEC)

/**
 * struct gunyah_userspace_memory_region - memory of the caller for the guest
 * @label: name of the region.  The Resource Manager compares it with the labels
 *	of shared-memory devices in the guest's device tree; need not be unique
 * @flags: GUNYAH_MEM_ALLOW_*
 * @guest_phys_addr: where the guest sees it, page aligned
 * @memory_size: bytes, a multiple of the page size, not 0
 * @userspace_addr: where the caller has it, page aligned
 */
struct gunyah_userspace_memory_region {
	__u32 label;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;
	__u64 userspace_addr;
};

/**
 * DOC: GUNYAH_VM_SET_USER_MEM_REGION
 *
 * Shares memory of the caller with the guest, from GUNYAH_VM_START on; the
 * caller keeps access.  The guest may execute it, and write to it if
 * GUNYAH_MEM_ALLOW_WRITE is set.  Where the hypervisor pages on demand, the memory
 * stays ordinary memory of the caller: it can be swapped, moved and discarded, and the
 * guest's next access brings it back.  Otherwise, and in a VM that has been started,
 * the pages are pinned at once and counted against RLIMIT_MEMLOCK.
 *
 * Errors: EPERM if the caller's memory is not that of the VM's creator; EINVAL
 * for a size of 0, unaligned values or unknown flags; EOVERFLOW if a range wraps;
 * EEXIST if guest addresses are taken; ENOMEM, also when RLIMIT_MEMLOCK is
 * exceeded; EFAULT if not all of it is memory that allows the access; EIO for a shared,
 * writable mapping of a file on a disk: its filesystem would not know of the guest's
 * writes (memfds, tmpfs, hugetlbfs and private mappings are fine); EINTR; EOPNOTSUPP
 * for a VM that has been started where the hypervisor takes memory before the start
 * only.
 */
#define GUNYAH_VM_SET_USER_MEM_REGION \
	_IOW(GUNYAH_IOCTL_TYPE, 0x1, struct gunyah_userspace_memory_region)

/**
 * struct gunyah_vm_dtb_config - where the guest's device tree is
 * @guest_phys_addr: its address for the guest
 * @size: bytes that it may grow to; rounded up to pages
 */
struct gunyah_vm_dtb_config {
	__u64 guest_phys_addr;
	__u64 size;
};

/**
 * DOC: GUNYAH_VM_SET_DTB_CONFIG
 *
 * Tells where in the guest's memory the device tree lies, which GUNYAH_VM_START
 * hands to the Resource Manager.  EOVERFLOW if the range wraps.
 */
#define GUNYAH_VM_SET_DTB_CONFIG \
	_IOW(GUNYAH_IOCTL_TYPE, 0x2, struct gunyah_vm_dtb_config)

/**
 * DOC: GUNYAH_VM_START
 *
 * Hands over memory and configuration and makes the vCPUs runnable.  Returns 0,
 * also if the VM runs already.
 *
 * Errors: EINVAL if no device tree was announced, if its memory is lent and not
 * executable, if the firmware is not inside one region or where the device tree is, if a
 * signed image is not in the region of the device tree; ENOENT if the device tree is not
 * inside one region; ENOTTY if a boot context was set that the Resource Manager can not
 * establish (all these leave the VM as it was); ENODEV if the VM has exited or
 * an earlier start failed; ENOMEM, also if the pages that the Resource Manager gets
 * (where the hypervisor pages on demand, those of the device tree) exceed RLIMIT_MEMLOCK;
 * the Resource Manager's errors.  A line in the kernel's log says which step failed, and
 * what the Resource Manager or the hypervisor said.  When the first step (a VM id) fails,
 * the VM may be started again.
 */
#define GUNYAH_VM_START			_IO(GUNYAH_IOCTL_TYPE, 0x3)

/**
 * enum gunyah_fn_type - what GUNYAH_VM_ADD_FUNCTION adds
 * @GUNYAH_FN_VCPU: a vCPU; &struct gunyah_fn_vcpu_arg, returns its descriptor
 * @GUNYAH_FN_IRQFD: an eventfd that raises an interrupt in the guest;
 *	&struct gunyah_fn_irqfd_arg
 * @GUNYAH_FN_IOEVENTFD: an eventfd that is signalled when the guest writes to an
 *	address; &struct gunyah_fn_ioeventfd_arg
 */
enum gunyah_fn_type {
	GUNYAH_FN_VCPU = 1,
	GUNYAH_FN_IRQFD,
	GUNYAH_FN_IOEVENTFD,
};

#define GUNYAH_FN_MAX_ARG_SIZE		256

/**
 * struct gunyah_fn_desc - a function to add or to remove
 * @type: enum gunyah_fn_type
 * @arg_size: size of what @arg points to, at most GUNYAH_FN_MAX_ARG_SIZE
 * @arg: user address of the argument
 */
struct gunyah_fn_desc {
	__u32 type;
	__u32 arg_size;
	__u64 arg;
};

/**
 * struct gunyah_fn_vcpu_arg - a vCPU
 * @id: its index in the guest's device tree
 *
 * EEXIST if the VM has this vCPU already.  An id that the Resource Manager does
 * not know is accepted, such a vCPU never becomes runnable.
 */
struct gunyah_fn_vcpu_arg {
	__u32 id;
};

/**
 * enum gunyah_irqfd_flags - flags of an irqfd
 * @GUNYAH_IRQFD_FLAGS_LEVEL: level interrupt: the doorbell is acknowledged by
 *	the guest
 * @GUNYAH_IRQFD_FLAGS_RESAMPLE: together with LEVEL: the interrupt stays raised until
 *	the guest has ended its handling (EOI); then it is lowered, and the eventfd in
 *	resample_fd is signalled: who still wants it writes to @fd again
 */
enum gunyah_irqfd_flags {
	GUNYAH_IRQFD_FLAGS_LEVEL = 1UL << 0,
	GUNYAH_IRQFD_FLAGS_RESAMPLE = 1UL << 1,
};

/**
 * struct gunyah_fn_irqfd_arg - an interrupt of the guest
 * @fd: eventfd; each write raises the interrupt
 * @label: label of the doorbell in the guest's device tree
 * @flags: GUNYAH_IRQFD_FLAGS_*
 * @padding: ignored without RESAMPLE, where programs leave anything
 * @resample_fd: the same word; with RESAMPLE: eventfd
 *
 * EEXIST if the label has an irqfd already; EBADF or EINVAL for a descriptor
 * that is none of an eventfd; EINVAL for unknown flags, or RESAMPLE without LEVEL;
 * EOPNOTSUPP for RESAMPLE if this hypervisor does not tell of EOIs at all, or not of this
 * doorbell's, whose interrupt has to be level and whose node in the guest's tree has to have
 * source-can-clear and eoi-virq.  The latter is known when the guest has its doorbell: it is the error of GUNYAH_VM_START,
 * and of GUNYAH_VM_ADD_FUNCTION later; the kernel's log names the label.
 *
 * Signals that arrive before the guest has its doorbell are delivered as one when it has;
 * so is one that is in the eventfd's counter when the irqfd is added.  Removed by label,
 * or when the last reference to the eventfd goes away.
 */
struct gunyah_fn_irqfd_arg {
	__u32 fd;
	__u32 label;
	__u32 flags;
	union {
		__u32 padding;
		__u32 resample_fd;
	};
};

/**
 * enum gunyah_ioeventfd_flags - flags of an ioeventfd
 * @GUNYAH_IOEVENTFD_FLAGS_DATAMATCH: only writes of @len bytes with the value
 *	@datamatch; otherwise each write to the address
 */
enum gunyah_ioeventfd_flags {
	GUNYAH_IOEVENTFD_FLAGS_DATAMATCH = 1UL << 0,
};

/**
 * struct gunyah_fn_ioeventfd_arg - an address of the guest that signals
 * @datamatch: value to match, see @flags
 * @addr: address; only accesses that start there are meant
 * @len: 1, 2, 4, 8, or 0 without datamatch
 * @fd: eventfd
 * @flags: GUNYAH_IOEVENTFD_FLAGS_*
 * @padding: ignored
 *
 * EEXIST if both this one and one that exists would take the same write.
 * Removed by address, length and flags (and value); all of them zero but the
 * address removes the first one at that address.
 */
struct gunyah_fn_ioeventfd_arg {
	__u64 datamatch;
	__u64 addr;
	__u32 len;
	__s32 fd;
	__u32 flags;
	__u32 padding;
};

/**
 * DOC: GUNYAH_VM_ADD_FUNCTION
 *
 * Adds a vCPU, an irqfd or an ioeventfd, before or after the start.  Returns the
 * vCPU's descriptor or 0.
 *
 * Errors: EINVAL for an argument size over GUNYAH_FN_MAX_ARG_SIZE or other than
 * the function's; EFAULT; ENOENT for an unknown type; those of the function.
 */
#define GUNYAH_VM_ADD_FUNCTION \
	_IOW(GUNYAH_IOCTL_TYPE, 0x4, struct gunyah_fn_desc)

/**
 * DOC: GUNYAH_VM_REMOVE_FUNCTION
 *
 * Removes what ADD_FUNCTION added.  A thread in GUNYAH_VCPU_RUN of a removed
 * vCPU leaves; its descriptor stays open and only answers ENODEV.  ENOENT if
 * nothing matches.
 */
#define GUNYAH_VM_REMOVE_FUNCTION \
	_IOW(GUNYAH_IOCTL_TYPE, 0x7, struct gunyah_fn_desc)

/* Flags of GUNYAH_VM_MAP_MEM: one way, access, and whether it is to be undone */
#define GUNYAH_MAP_MEM_DEFAULT		0UL		/* as FORCE_LEND */
#define GUNYAH_MAP_MEM_FORCE_LEND	(1UL << 0)
#define GUNYAH_MAP_MEM_FORCE_SHARE	(1UL << 1)
#define GUNYAH_MAP_MEM_WAY_MASK		0x7UL
#define GUNYAH_MAP_MEM_ALLOW_READ	(1UL << 4)
#define GUNYAH_MAP_MEM_ALLOW_WRITE	(1UL << 5)
#define GUNYAH_MAP_MEM_ALLOW_EXEC	(1UL << 6)
#define GUNYAH_MAP_MEM_ALLOW_RWX	0x70UL
#define GUNYAH_MAP_MEM_UNMAP		(1UL << 8)

/**
 * struct gunyah_map_mem_args - part of a guest memory file for a VM
 * @guest_addr: where the guest sees it, page aligned
 * @flags: GUNYAH_MAP_MEM_*
 * @guest_mem_fd: the file
 * @offset: first byte in the file, page aligned
 * @size: bytes, a multiple of the page size
 */
struct gunyah_map_mem_args {
	__u64 guest_addr;
	__u32 flags;
	__u32 guest_mem_fd;
	__u64 offset;
	__u64 size;
};

/**
 * DOC: GUNYAH_VM_MAP_MEM
 *
 * Binds part of a guest memory file to guest addresses, or with
 * GUNYAH_MAP_MEM_UNMAP undoes that, for all of a binding or any part of it.  Bindings
 * keep the file.  A part of a file can be bound only once, by all VMs together; it need
 * not exist yet: what is behind the end of the file when the guest wants it is a fault.
 *
 * Lent memory (the default) can be read and executed by the guest, and written with
 * ALLOW_WRITE.  The host cannot access a page that the guest has, and a page that the
 * host has mapped, or otherwise in use, cannot become the guest's.  Shared memory can
 * be read, and written with ALLOW_WRITE, but never executed.  What is bound to a
 * running VM is the guest's at once.
 *
 * Any process that has the VM's descriptor may do this.
 *
 * Errors: EINVAL for a descriptor that is no guest memory file, unknown or missing
 * flags, values that are not aligned to pages, or to 2 MiB for a file with
 * GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE, a size of 0; EOVERFLOW if a range wraps; EEXIST if
 * guest addresses or part of the file are taken; ENOMEM; EINTR; EOPNOTSUPP for a VM that
 * has been started where the hypervisor takes memory before the start only.  For a VM
 * that runs also: EFAULT behind the end of the file; EPERM and EBUSY if the host uses
 * pages to be lent.
 *
 * For UNMAP: ENOENT if no binding with this file, offset, way and access holds all of
 * the range; EBUSY if the guest does not give pages back, or has them from the start
 * on: then nothing is unmapped.
 */
#define GUNYAH_VM_MAP_MEM \
	_IOW(GUNYAH_IOCTL_TYPE, 0x9, struct gunyah_map_mem_args)

/* Register sets of a boot context */
#define GUNYAH_VM_BOOT_CONTEXT_SET_X	0	/* index 0 to 31 */
#define GUNYAH_VM_BOOT_CONTEXT_SET_PC	1	/* index 0 */
#define GUNYAH_VM_BOOT_CONTEXT_SET_SP	2	/* index 0 to 2 */
#define GUNYAH_VM_BOOT_CONTEXT_REG_SHIFT 8
#define GUNYAH_VM_BOOT_CONTEXT_REG(set, idx) \
	(((set) << GUNYAH_VM_BOOT_CONTEXT_REG_SHIFT) | (idx))

/**
 * struct gunyah_vm_boot_context - a register of the boot vCPU
 * @reg: GUNYAH_VM_BOOT_CONTEXT_REG()
 * @reserved: set it to 0
 * @value: its value when the VM starts
 */
struct gunyah_vm_boot_context {
	__u32 reg;
	__u32 reserved;
	__u64 value;
};

/**
 * DOC: GUNYAH_VM_SET_BOOT_CONTEXT
 *
 * Sets a register of the boot vCPU.  Without it the guest starts at the beginning
 * of the region that holds its device tree, whose address is in X0.
 *
 * Errors: EINVAL for an unknown register or a VM that has been started; EINTR;
 * ENOTTY if this Resource Manager knows no boot context and the value is not what
 * the register has anyway (see above; other X registers are 0).
 */
#define GUNYAH_VM_SET_BOOT_CONTEXT \
	_IOW(GUNYAH_IOCTL_TYPE, 0xa, struct gunyah_vm_boot_context)

/**
 * DOC: GUNYAH_VM_ANDROID_LEND_USER_MEM
 *
 * As GUNYAH_VM_SET_USER_MEM_REGION, but lends: from GUNYAH_VM_START, or from the
 * guest's first access where the hypervisor pages on demand, until the VM is gone only
 * the guest has access, the caller gets SIGBUS.  All of it is counted against
 * RLIMIT_MEMLOCK at once.  EIO for pages of a file, which others see, too; memfd and
 * shared memory are fine.
 *
 * The mappings that hold the memory are changed as a whole: they are not part of core
 * dumps, are not merged by KSM, cannot grow, and, if they are private, are not inherited
 * by fork().  So the memory should have a mapping of its own.
 */
#define GUNYAH_VM_ANDROID_LEND_USER_MEM \
	_IOW(GUNYAH_ANDROID_IOCTL_TYPE, 0x11, struct gunyah_userspace_memory_region)

/**
 * struct gunyah_address_range - guest addresses
 * @guest_phys_addr: first byte, page aligned
 * @size: bytes, a multiple of the page size
 */
struct gunyah_address_range {
	__u64 guest_phys_addr;
	__u64 size;
};

/**
 * DOC: GUNYAH_VM_RECLAIM_REGION
 *
 * Takes pages back which the guest has given up (balloon).  The memory stays the VM's:
 * the next access of the guest brings it back.  Pages that the guest does not have are
 * skipped, and so are addresses without memory.
 *
 * Errors: EPERM if the VM has memory of its creator and the caller is not that; EINVAL
 * for an unaligned range or a size of 0; EOVERFLOW; EINTR; EBUSY, or another error of
 * the hypervisor, if the guest did not give up all lent pages: those that it did are
 * taken back all the same; EOPNOTSUPP where memory is handed over as a whole.
 */
#define GUNYAH_VM_RECLAIM_REGION \
	_IOW(GUNYAH_ANDROID_IOCTL_TYPE, 0x13, struct gunyah_address_range)

/**
 * struct gunyah_vm_firmware_config - where a protected VM's firmware goes
 * @guest_phys_addr: its address for the guest, page aligned
 * @size: bytes of guest memory for it; 0: no firmware
 */
struct gunyah_vm_firmware_config {
	__u64 guest_phys_addr;
	__u64 size;
};

/**
 * DOC: GUNYAH_VM_ANDROID_SET_FW_CONFIG
 *
 * Makes the VM an Android protected VM: the guest starts in the firmware that the
 * Resource Manager has, which it copies to this part of the VM's memory at the start,
 * and a boot context has no effect.  A VM with an authentication type keeps that.
 *
 * Errors: EOVERFLOW if the range wraps; EINVAL if it is not page aligned, or for a VM
 * that has been started; EINTR.  GUNYAH_VM_START finds out the rest: EINVAL if the range
 * is not inside one region of memory, EPERM if the Resource Manager has no firmware.
 */
#define GUNYAH_VM_ANDROID_SET_FW_CONFIG \
	_IOW(GUNYAH_ANDROID_IOCTL_TYPE, 0x12, struct gunyah_vm_firmware_config)

/**
 * DOC: GUNYAH_ANDROID_CREATE_CMA_MEM_FD
 *
 * On a device of CMA memory (its name is the label of a "gunyah-cma-vm-mem" node of the
 * host's device tree; what is no letter, digit, '-', '_' or '.' there is a '_' here):
 * returns a descriptor, closed on exec, of all of that memory, for mmap() and
 * GUNYAH_VM_ANDROID_MAP_CMA_MEM.  The memory is allocated, zeroed, when it is first
 * mapped by either (ENOMEM if the kernel has lent it to somebody who does not let go),
 * and given back when the descriptor, its mappings and the VMs that have some of the
 * memory are gone.
 *
 * mmap() takes MAP_SHARED only; behind the end of the memory there is SIGBUS.  The kernel
 * copies to and from mappings, but takes no pages out of them: what needs that
 * (O_DIRECT, vmsplice(), process_vm_readv(), GUNYAH_VM_SET_USER_MEM_REGION) fails with
 * EFAULT.  read() gives the memory's contents, EACCES for pages that a VM has.  There is
 * no write(), and the size does not change.
 *
 * Errors: EBUSY while there is a descriptor of this memory, a mapping of one, or a VM that
 * has some of it; EIO if the hypervisor did not give some of it back; ENODEV if the
 * device is gone; ENOMEM, EMFILE, ENFILE.
 */
#define GUNYAH_ANDROID_CREATE_CMA_MEM_FD	_IO(GUNYAH_ANDROID_IOCTL_TYPE, 0x14)

/* Flags of GUNYAH_VM_ANDROID_MAP_CMA_MEM, and GUNYAH_MEM_ALLOW_* */
#define GUNYAH_CMA_MEM_LEND		(1UL << 4)
#define GUNYAH_CMA_MEM_SHARE		(1UL << 5)

/**
 * struct gunyah_map_cma_mem_args - CMA memory for a VM
 * @label: as in &struct gunyah_userspace_memory_region
 * @padding: not looked at
 * @guest_addr: where the guest sees it, page aligned
 * @flags: GUNYAH_CMA_MEM_LEND or _SHARE, neither: lend; and GUNYAH_MEM_ALLOW_*
 * @guest_mem_fd: of GUNYAH_ANDROID_CREATE_CMA_MEM_FD
 * @offset: first byte in the memory, page aligned
 * @size: bytes, a multiple of the page size
 */
struct gunyah_map_cma_mem_args {
	__u32 label;
	__u32 padding;
	__u64 guest_addr;
	__u32 flags;
	__u32 guest_mem_fd;
	__u64 offset;
	__u64 size;
};

/**
 * DOC: GUNYAH_VM_ANDROID_MAP_CMA_MEM
 *
 * As GUNYAH_VM_ANDROID_LEND_USER_MEM or GUNYAH_VM_SET_USER_MEM_REGION, with physically
 * contiguous memory.  It is the guest's as a whole from the start on, never paged, and not
 * counted against RLIMIT_MEMLOCK.  Who wrote to it by a mapping may keep that: while it
 * is lent, from GUNYAH_VM_START until the VM is gone, all mappings get SIGBUS.
 *
 * Errors: EINVAL for unknown flags, no access at all, both ways, unaligned values, a
 * size of 0, a descriptor of something else, a VM that has been started; EBADF;
 * EOVERFLOW if a range wraps or ends behind the memory; EEXIST if guest addresses or
 * part of the memory are taken, by whichever VM; EPERM as for
 * GUNYAH_VM_SET_USER_MEM_REGION; ENOMEM; EINTR.  GUNYAH_VM_START fails with EBUSY if a
 * hypervisor has kept some of the memory before.
 */
#define GUNYAH_VM_ANDROID_MAP_CMA_MEM \
	_IOW(GUNYAH_ANDROID_IOCTL_TYPE, 0x15, struct gunyah_map_cma_mem_args)

/**
 * enum gunyah_auth_type - who vouches for a VM's image
 * @GUNYAH_AUTH_ANDROID_PVM: the firmware of GUNYAH_VM_ANDROID_SET_FW_CONFIG; no argument
 * @GUNYAH_AUTH_QCOM_TRUSTED_VM: &struct gunyah_auth_qtvm_arg
 */
enum gunyah_auth_type {
	GUNYAH_AUTH_ANDROID_PVM = 0,
	GUNYAH_AUTH_QCOM_TRUSTED_VM = 1,
};

#define GUNYAH_AUTH_MAX_ARG_SIZE	24

/**
 * struct gunyah_auth_desc - how a VM is authenticated
 * @type: enum gunyah_auth_type
 * @arg_size: size of what @arg points to
 * @arg: user address of the argument
 */
struct gunyah_auth_desc {
	__u32 type;
	__u32 arg_size;
	__u64 arg;
};

/**
 * struct gunyah_auth_qtvm_arg - a Qualcomm trusted VM
 * @vm_id: the VM's fixed id
 * @padding: not looked at
 * @pas_id: peripheral image id, for the authentication
 * @guest_phys_addr: where the signed image begins, page aligned; its first 8192 bytes are
 *	its metadata
 * @size: bytes of it, at least 8192
 */
struct gunyah_auth_qtvm_arg {
	__u16 vm_id;
	__u16 padding;
	__u32 pas_id;
	__u64 guest_phys_addr;
	__u64 size;
};

/**
 * DOC: GUNYAH_VM_ANDROID_SET_AUTH_TYPE
 *
 * Chooses who authenticates the VM's image at the start.  Types other than
 * GUNYAH_AUTH_ANDROID_PVM are provided by modules, which are loaded if need be.
 *
 * Errors: EINVAL for an argument size over GUNYAH_AUTH_MAX_ARG_SIZE or other than the
 * type's, wrong values in the argument, or a VM that has been started; EFAULT; EOVERFLOW if
 * a range wraps; ENOENT for an unknown type; EINTR.
 */
#define GUNYAH_VM_ANDROID_SET_AUTH_TYPE \
	_IOW(GUNYAH_ANDROID_IOCTL_TYPE, 0x16, struct gunyah_auth_desc)

/* Arguments of GUNYAH_VM_CHECK_EXTENSION */
#define GUNYAH_EXTENSION_VCPU_TIMER_WAKEUP	0

/**
 * DOC: GUNYAH_VM_CHECK_EXTENSION
 *
 * For GUNYAH_EXTENSION_VCPU_TIMER_WAKEUP: 1 if the host wakes vCPUs when their timers
 * expire, so that the Resource Manager need not (no-timer-wakeups in the guest's tree),
 * else 0.  0 for any other argument.
 */
#define GUNYAH_VM_CHECK_EXTENSION	_IO(GUNYAH_ANDROID_IOCTL_TYPE, 0x17)

/* Flags of GUNYAH_VM_SHARE_WINDOW beside GUNYAH_MEM_ALLOW_READ and _WRITE */
#define GUNYAH_WINDOW_USER_MEM		(1UL << 8)	/* memory of the caller */
#define GUNYAH_WINDOW_FD		(1UL << 9)	/* memfd, guest memory file, dma-buf */
#define GUNYAH_WINDOW_PARCEL		(1UL << 10)	/* the guest accepts it by its handle */

#define GUNYAH_WINDOW_NO_HANDLE		0xffffffffU

/**
 * struct gunyah_share_window - memory to share with a running VM
 * @flags: GUNYAH_WINDOW_USER_MEM or _FD, perhaps _PARCEL, and GUNYAH_MEM_ALLOW_READ
 *	and _WRITE
 * @fd: with _FD: a memfd, guest memory file or dma-buf
 * @offset: first byte: of the file, or the caller's address; page aligned
 * @size: bytes, a multiple of the page size
 * @guest_addr: where the guest sees it, page aligned; not with _PARCEL
 * @label: with _PARCEL: for the guest to know it by
 * @handle: out: of the parcel; GUNYAH_WINDOW_NO_HANDLE without _PARCEL
 * @reserved: must be 0
 */
struct gunyah_share_window {
	__u32 flags;
	__s32 fd;
	__u64 offset;
	__u64 size;
	__u64 guest_addr;
	__u32 label;
	__u32 handle;
	__u64 reserved[3];
};

/**
 * DOC: GUNYAH_VM_SHARE_WINDOW
 *
 * Shares memory with a VM that runs, for windows that come and go (graphics, video).
 * Both sides have access; the guest cannot execute it.  Without GUNYAH_WINDOW_PARCEL
 * the guest can use it at @guest_addr at once; with it, the guest accepts the parcel by
 * the handle returned, over its own connection to the Resource Manager.
 *
 * Errors: EINVAL for unknown or missing flags, unaligned values, reserved fields that
 * are not 0; EPERM as for GUNYAH_VM_SET_USER_MEM_REGION; EBADF; EOVERFLOW; EEXIST if
 * the guest addresses are taken; ENODEV for a VM that does not run; ENOMEM; EBUSY if
 * the Resource Manager stayed busy; EOPNOTSUPP if this hypervisor cannot map into a
 * running VM (use _PARCEL).
 */
#define GUNYAH_VM_SHARE_WINDOW \
	_IOWR(GUNYAH_IOCTL_TYPE, 0x20, struct gunyah_share_window)

/**
 * struct gunyah_unshare_window - a window to take back
 * @guest_addr: as it was shared; not for parcels
 * @handle: of the parcel, or GUNYAH_WINDOW_NO_HANDLE
 * @reserved: must be 0
 */
struct gunyah_unshare_window {
	__u64 guest_addr;
	__u32 handle;
	__u32 reserved;
};

/**
 * DOC: GUNYAH_VM_UNSHARE_WINDOW
 *
 * Takes a window back.  ENOENT if there is none; EBUSY if the guest still has the
 * parcel accepted: it may be tried again.  Windows that are left go with the VM.
 */
#define GUNYAH_VM_UNSHARE_WINDOW \
	_IOW(GUNYAH_IOCTL_TYPE, 0x21, struct gunyah_unshare_window)

/**
 * enum gunyah_vm_status - how the VM ended
 * @GUNYAH_VM_STATUS_LOAD_FAILED: it could not be started
 * @GUNYAH_VM_STATUS_EXITED: it exited; exit_info says why
 * @GUNYAH_VM_STATUS_CRASHED: it is gone for another reason
 */
enum gunyah_vm_status {
	GUNYAH_VM_STATUS_LOAD_FAILED = 1,
	GUNYAH_VM_STATUS_EXITED = 2,
	GUNYAH_VM_STATUS_CRASHED = 3,
};

/* Values of gunyah_vm_exit_info.type: the Resource Manager's */
#define GUNYAH_VM_EXIT_TYPE_VM_EXIT		0
#define GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF	1
#define GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET	2
#define GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET2	3
#define GUNYAH_VM_EXIT_TYPE_WDT_BITE		4
#define GUNYAH_VM_EXIT_TYPE_HYP_ERROR		5
#define GUNYAH_VM_EXIT_TYPE_ASYNC_EXT_ABORT	6
#define GUNYAH_VM_EXIT_TYPE_VM_FORCE_STOPPED	7

/* Bytes of gunyah_vm_exit_info.reason */
#define GUNYAH_VM_MAX_EXIT_REASON_SIZE		8u

/**
 * struct gunyah_vm_exit_info - why a VM exited
 * @type: GUNYAH_VM_EXIT_TYPE_*
 * @padding: 0
 * @reason_size: bytes of the reason; may exceed what fits into @reason
 * @reason: its first bytes
 */
struct gunyah_vm_exit_info {
	__u16 type;
	__u16 padding;
	__u32 reason_size;
	__u8 reason[GUNYAH_VM_MAX_EXIT_REASON_SIZE];
};

/**
 * enum gunyah_vm_state - life of a VM, as the Resource Manager counts it
 * @GUNYAH_VM_STATE_NONE: not started, or gone for the Resource Manager
 * @GUNYAH_VM_STATE_INIT: configured
 * @GUNYAH_VM_STATE_READY: its objects are there
 * @GUNYAH_VM_STATE_RUNNING: started
 * @GUNYAH_VM_STATE_PAUSED: started, does not run
 * @GUNYAH_VM_STATE_LOAD: being started: has an id, and is given memory
 * @GUNYAH_VM_STATE_AUTH: its image is being authenticated
 * @GUNYAH_VM_STATE_INIT_FAILED: could not be started
 * @GUNYAH_VM_STATE_EXITED: has run
 * @GUNYAH_VM_STATE_RESETTING: being taken apart
 * @GUNYAH_VM_STATE_RESET: taken apart
 * @GUNYAH_VM_STATE_RESET_FAILED: could not be taken apart
 */
enum gunyah_vm_state {
	GUNYAH_VM_STATE_NONE = 0,
	GUNYAH_VM_STATE_INIT = 1,
	GUNYAH_VM_STATE_READY = 2,
	GUNYAH_VM_STATE_RUNNING = 3,
	GUNYAH_VM_STATE_PAUSED = 4,
	GUNYAH_VM_STATE_LOAD = 5,
	GUNYAH_VM_STATE_AUTH = 6,
	GUNYAH_VM_STATE_INIT_FAILED = 8,
	GUNYAH_VM_STATE_EXITED = 9,
	GUNYAH_VM_STATE_RESETTING = 10,
	GUNYAH_VM_STATE_RESET = 11,
	GUNYAH_VM_STATE_RESET_FAILED = 12,
};

/**
 * struct gunyah_vm_info - what there is to know about a VM
 * @changes: how often something of the following up to @exit_info has changed
 * @state: enum gunyah_vm_state
 * @status: enum gunyah_vm_status once the VM has ended or failed; 0 before
 * @exit_info: as in &struct gunyah_vcpu_run: for GUNYAH_VM_STATUS_EXITED, otherwise zero
 * @vmid: its id, 0xffff if it has none
 * @reserved: 0
 * @private_pages: pages (of PAGE_SIZE) that only the guest can access
 * @shared_pages: pages that the guest and the host can access, not counting parcels of
 *	GUNYAH_VM_SHARE_WINDOW
 * @lost_pages: pages that the hypervisor did not give back: the host never uses them again
 * @reserved2: 0
 */
struct gunyah_vm_info {
	__u64 changes;
	__u32 state;
	__u32 status;
	struct gunyah_vm_exit_info exit_info;
	__u32 vmid;
	__u32 reserved;
	__u64 private_pages;
	__u64 shared_pages;
	__u64 lost_pages;
	__u64 reserved2[2];
};

/**
 * DOC: GUNYAH_VM_GET_INFO
 *
 * Fills &struct gunyah_vm_info.  poll() of a VM's descriptor reports EPOLLIN when the state,
 * the status or the exit information has changed since the last GET_INFO, through any
 * descriptor of the VM, and EPOLLHUP, for good, when the VM has ended or failed to start.
 *
 * Of a VM that has just exited the Resource Manager says first that it has, then why;
 * this waits for the latter, as GUNYAH_VCPU_RUN does, for two seconds at most.
 *
 * Errors: EFAULT, after which the changes count as unseen; EINTR.
 */
#define GUNYAH_VM_GET_INFO \
	_IOR(GUNYAH_IOCTL_TYPE, 0x23, struct gunyah_vm_info)

/*
 * ioctls of a vCPU
 */

/**
 * struct gunyah_vcpu_reg - a register of a vCPU that does not run
 * @reg: GUNYAH_VM_BOOT_CONTEXT_REG(): X0 to X30, PC, SP_EL0 (index 0) and SP_EL1 (1)
 * @reserved: must be 0
 * @value: PC a multiple of 4, SP of 16
 */
struct gunyah_vcpu_reg {
	__u32 reg;
	__u32 reserved;
	__u64 value;
};

/**
 * DOC: GUNYAH_VCPU_SET_REG
 *
 * Sets a register of this vCPU, whichever it is, for the next time that it is switched on.
 * Before GUNYAH_VM_START the value is kept and set by that; if by then the VM's firmware or
 * authentication decides where it starts, the value has no effect, as a boot context.
 * Afterwards it needs a vCPU that is off.  What switches the vCPU on has the last word
 * about PC and X0: GUNYAH_VM_START for the boot vCPU, with its boot context, the guest's
 * CPU_ON for the others.  Registers cannot be read: no hypervisor call does that.
 *
 * Errors: EINVAL for an unknown register, an unaligned value, a reserved field that is not
 * 0; EOPNOTSUPP if this hypervisor does not let the host do it, or the VM's firmware or
 * authentication decides where it starts; EBUSY for a vCPU that is not off; ENODEV if the
 * vCPU was removed or the VM has ended; EINTR.
 */
#define GUNYAH_VCPU_SET_REG \
	_IOW(GUNYAH_IOCTL_TYPE, 0x24, struct gunyah_vcpu_reg)

/**
 * DOC: GUNYAH_VCPU_RUN
 *
 * Runs the guest on the calling thread until something is left to the caller,
 * which is described in &struct gunyah_vcpu_run.
 *
 * Errors: ENODEV if the VM was not started, the Resource Manager has no such
 * vCPU, or it was removed; EINTR if immediate_exit is set or a signal is pending,
 * in both cases without data in the structure; EPERM if the caller's memory is
 * not that of the VM's creator and the VM uses the latter; EINVAL for an unknown
 * resume_action (may be corrected and tried again) or an exit that this driver
 * does not know; the hypervisor's errors.
 */
#define GUNYAH_VCPU_RUN			_IO(GUNYAH_IOCTL_TYPE, 0x5)

/**
 * DOC: GUNYAH_VCPU_MMAP_SIZE
 *
 * Returns the size to mmap() at offset 0 of the vCPU's descriptor: &struct
 * gunyah_vcpu_run.
 */
#define GUNYAH_VCPU_MMAP_SIZE		_IO(GUNYAH_IOCTL_TYPE, 0x6)

/**
 * enum gunyah_vcpu_exit - why GUNYAH_VCPU_RUN returned 0
 * @GUNYAH_VCPU_EXIT_UNKNOWN: it never has
 * @GUNYAH_VCPU_EXIT_MMIO: the guest accessed a device; see mmio
 * @GUNYAH_VCPU_EXIT_STATUS: the VM does not run any more; see status
 * @GUNYAH_VCPU_EXIT_PAGE_FAULT: the guest accessed memory that cannot be
 *	provided; see page_fault
 */
enum gunyah_vcpu_exit {
	GUNYAH_VCPU_EXIT_UNKNOWN,
	GUNYAH_VCPU_EXIT_MMIO,
	GUNYAH_VCPU_EXIT_STATUS,
	GUNYAH_VCPU_EXIT_PAGE_FAULT,
};

/**
 * enum gunyah_vcpu_resume_action - what becomes of the access at the next run
 * @GUNYAH_VCPU_RESUME_HANDLED: it is done; a read gets the data
 * @GUNYAH_VCPU_RESUME_FAULT: the guest takes an abort
 * @GUNYAH_VCPU_RESUME_RETRY: the guest tries it again
 */
enum gunyah_vcpu_resume_action {
	GUNYAH_VCPU_RESUME_HANDLED = 0,
	GUNYAH_VCPU_RESUME_FAULT,
	GUNYAH_VCPU_RESUME_RETRY,
};

/**
 * struct gunyah_vcpu_run - shared with a vCPU by mmap() of its descriptor
 * @immediate_exit: in: not 0 makes GUNYAH_VCPU_RUN return EINTR before the guest
 *	is entered again; never changed by the kernel
 * @padding: unused
 * @exit_reason: out: enum gunyah_vcpu_exit
 * @mmio: of GUNYAH_VCPU_EXIT_MMIO
 * @mmio.phys_addr: address of the access
 * @mmio.data: little endian; what the guest writes, or what a read gets
 * @mmio.len: 1, 2, 4 or 8
 * @mmio.is_write: 0 for a read
 * @mmio.resume_action: in: enum gunyah_vcpu_resume_action; HANDLED at each exit
 * @status: of GUNYAH_VCPU_EXIT_STATUS
 * @status.status: enum gunyah_vm_status
 * @status.exit_info: only for GUNYAH_VM_STATUS_EXITED
 * @page_fault: of GUNYAH_VCPU_EXIT_PAGE_FAULT
 * @page_fault.phys_addr: address of the access
 * @page_fault.attempt: negative errno of the attempt to provide the page
 * @page_fault.resume_action: in: FAULT at each exit; HANDLED does what RETRY does
 */
struct gunyah_vcpu_run {
	__u8 immediate_exit;
	__u8 padding[7];
	__u32 exit_reason;
	union {
		struct {
			__u64 phys_addr;
			__u8 data[8];
			__u32 len;
			__u8 is_write;
			__u8 resume_action;
		} mmio;
		struct {
			__u32 status;
			struct gunyah_vm_exit_info exit_info;
		} status;
		struct {
			__u64 phys_addr;
			__s32 attempt;
			__u8 resume_action;
		} page_fault;
	};
};

/*
 * The older names
 */
#define GH_IOCTL_TYPE			GUNYAH_IOCTL_TYPE
#define GH_ANDROID_IOCTL_TYPE		GUNYAH_ANDROID_IOCTL_TYPE
#define GH_CREATE_VM			GUNYAH_CREATE_VM
#define GH_VM_SET_USER_MEM_REGION	GUNYAH_VM_SET_USER_MEM_REGION
#define GH_VM_ANDROID_LEND_USER_MEM	GUNYAH_VM_ANDROID_LEND_USER_MEM
#define GH_VM_SET_DTB_CONFIG		GUNYAH_VM_SET_DTB_CONFIG
#define GH_VM_SET_BOOT_CONTEXT		GUNYAH_VM_SET_BOOT_CONTEXT
#define GH_VM_START			GUNYAH_VM_START
#define GH_VM_ADD_FUNCTION		GUNYAH_VM_ADD_FUNCTION
#define GH_VM_REMOVE_FUNCTION		GUNYAH_VM_REMOVE_FUNCTION
#define GH_VCPU_RUN			GUNYAH_VCPU_RUN
#define GH_VCPU_MMAP_SIZE		GUNYAH_VCPU_MMAP_SIZE

#define GH_CREATE_GUEST_MEM		GUNYAH_CREATE_GUEST_MEM
#define GH_VM_MAP_MEM			GUNYAH_VM_MAP_MEM
#define GH_VM_RECLAIM_REGION		GUNYAH_VM_RECLAIM_REGION
#define GH_ANDROID_TENTATIVE_UAPI	GUNYAH_ANDROID_TENTATIVE_UAPI
#define GH_VM_ANDROID_SET_FW_CONFIG	GUNYAH_VM_ANDROID_SET_FW_CONFIG
#define GH_ANDROID_CREATE_CMA_MEM_FD	GUNYAH_ANDROID_CREATE_CMA_MEM_FD
#define GH_VM_ANDROID_MAP_CMA_MEM	GUNYAH_VM_ANDROID_MAP_CMA_MEM
#define GH_VM_ANDROID_SET_AUTH_TYPE	GUNYAH_VM_ANDROID_SET_AUTH_TYPE
#define GH_VM_CHECK_EXTENSION		GUNYAH_VM_CHECK_EXTENSION
#define GH_MEM_ALLOW_READ		GUNYAH_MEM_ALLOW_READ
#define GH_MEM_ALLOW_WRITE		GUNYAH_MEM_ALLOW_WRITE
#define GH_MEM_ALLOW_EXEC		GUNYAH_MEM_ALLOW_EXEC
#define GH_FN_VCPU			GUNYAH_FN_VCPU
#define GH_FN_IRQFD			GUNYAH_FN_IRQFD
#define GH_FN_IOEVENTFD			GUNYAH_FN_IOEVENTFD
#define GH_FN_MAX_ARG_SIZE		GUNYAH_FN_MAX_ARG_SIZE
#define GH_IRQFD_FLAGS_LEVEL		GUNYAH_IRQFD_FLAGS_LEVEL
#define GH_IRQFD_LEVEL			GUNYAH_IRQFD_FLAGS_LEVEL
#define GH_IOEVENTFD_FLAGS_DATAMATCH	GUNYAH_IOEVENTFD_FLAGS_DATAMATCH
#define GH_IOEVENTFD_DATAMATCH		GUNYAH_IOEVENTFD_FLAGS_DATAMATCH
#define GH_VCPU_EXIT_UNKNOWN		GUNYAH_VCPU_EXIT_UNKNOWN
#define GH_VCPU_EXIT_MMIO		GUNYAH_VCPU_EXIT_MMIO
#define GH_VCPU_EXIT_STATUS		GUNYAH_VCPU_EXIT_STATUS
#define GH_VCPU_EXIT_PAGE_FAULT		GUNYAH_VCPU_EXIT_PAGE_FAULT
#define GH_VCPU_RESUME_HANDLED		GUNYAH_VCPU_RESUME_HANDLED
#define GH_VCPU_RESUME_FAULT		GUNYAH_VCPU_RESUME_FAULT
#define GH_VCPU_RESUME_RETRY		GUNYAH_VCPU_RESUME_RETRY
#define GH_VM_STATUS_LOAD_FAILED	GUNYAH_VM_STATUS_LOAD_FAILED
#define GH_VM_STATUS_EXITED		GUNYAH_VM_STATUS_EXITED
#define GH_VM_STATUS_CRASHED		GUNYAH_VM_STATUS_CRASHED
#define GH_VM_MAX_EXIT_REASON_SIZE	GUNYAH_VM_MAX_EXIT_REASON_SIZE

#define gh_userspace_memory_region	gunyah_userspace_memory_region
#define gh_vm_dtb_config		gunyah_vm_dtb_config
#define gh_fn_desc			gunyah_fn_desc
#define gh_fn_vcpu_arg			gunyah_fn_vcpu_arg
#define gh_fn_irqfd_arg			gunyah_fn_irqfd_arg
#define gh_fn_ioeventfd_arg		gunyah_fn_ioeventfd_arg
#define gh_vm_boot_context		gunyah_vm_boot_context
#define gh_create_mem_args		gunyah_create_mem_args
#define gh_map_mem_args			gunyah_map_mem_args
#define gh_address_range		gunyah_address_range
#define gh_vm_firmware_config		gunyah_vm_firmware_config
#define gh_map_cma_mem_args		gunyah_map_cma_mem_args
#define gh_auth_desc			gunyah_auth_desc
#define gh_auth_qtvm_arg		gunyah_auth_qtvm_arg
#define gh_vm_exit_info			gunyah_vm_exit_info
#define gh_vcpu_run			gunyah_vcpu_run

#endif
