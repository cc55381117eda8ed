/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test modules do for user space: test only, root only.  Nothing in here
 * may oops: what cannot be done is an error.
 */
#ifndef GUNYAH_TEST_ABI_H
#define GUNYAH_TEST_ABI_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* ---- gunyah_iso_test: accesses of the host's kernel ---- */

/**
 * enum gunyah_iso_op - by which way the kernel touches memory
 * @GUNYAH_ISO_READ: copy_from_kernel_nofault() of a physical address
 * @GUNYAH_ISO_WRITE: __put_kernel_nofault() of each byte
 * @GUNYAH_ISO_ZEROPAD: load_unaligned_zeropad() of the 8 bytes from 3 before the
 *	address on; they are in @value
 * @GUNYAH_ISO_COUNT: how many of the bytes are not zero, by copy_from_kernel_nofault()
 * @GUNYAH_ISO_HOLD: a reference to the page at a physical address, as if it were lost
 * @GUNYAH_ISO_DROP: the reverse
 * @GUNYAH_ISO_FROM_USER: copy_from_user(); of a user address, as all that follow
 * @GUNYAH_ISO_PHYS: where the address is in physical memory, by the tables of the CPU;
 *	also of mappings that /proc/self/pagemap does not show
 * @GUNYAH_ISO_TO_USER: copy_to_user()
 * @GUNYAH_ISO_GET_USER: get_user() of 8 bytes
 * @GUNYAH_ISO_PUT_USER: put_user()
 * @GUNYAH_ISO_STRING: strnlen_user()
 * @GUNYAH_ISO_CLEAR_USER: clear_user()
 */
enum gunyah_iso_op {
	GUNYAH_ISO_READ,
	GUNYAH_ISO_WRITE,
	GUNYAH_ISO_ZEROPAD,
	GUNYAH_ISO_COUNT,
	GUNYAH_ISO_HOLD,
	GUNYAH_ISO_DROP,
	GUNYAH_ISO_FROM_USER,
	GUNYAH_ISO_PHYS,
	GUNYAH_ISO_TO_USER,
	GUNYAH_ISO_GET_USER,
	GUNYAH_ISO_PUT_USER,
	GUNYAH_ISO_STRING,
	GUNYAH_ISO_CLEAR_USER,
	GUNYAH_ISO_NR_OPS
};

/**
 * struct gunyah_iso_access - one access
 * @op: enum gunyah_iso_op
 * @len: bytes, at most a page
 * @addr: physical or of the caller
 * @result: 0, a negative errno, or the count that the function returned
 * @value: read or to be written
 */
struct gunyah_iso_access {
	__u32 op;
	__u32 len;
	__u64 addr;
	__s64 result;
	__u64 value;
};

#define GUNYAH_ISO_ACCESS	_IOWR('T', 0x80, struct gunyah_iso_access)

/* ---- gunyah_raw: hypercalls and device registers ---- */

/**
 * struct gunyah_raw_call - HVC #0
 * @x: X0 to X17, before and after
 */
struct gunyah_raw_call {
	__u64 x[18];
};

/**
 * struct gunyah_raw_mmio - one access to a register of a device
 * @pa: physical address
 * @size: 4 or 8, or 16: a pair of 8, which a hypervisor cannot decode
 * @write: else read
 * @value: read or to be written
 * @result: 0, or -EFAULT if it was aborted
 */
struct gunyah_raw_mmio {
	__u64 pa;
	__u32 size;
	__u32 write;
	__u64 value;
	__s64 result;
};

/**
 * struct gunyah_raw_page - a page of the module
 * @pa: physical address
 * @va: kernel address
 */
struct gunyah_raw_page {
	__u64 pa;
	__u64 va;
};

#define GUNYAH_RAW_CALL		_IOWR('T', 0x90, struct gunyah_raw_call)
#define GUNYAH_RAW_MMIO		_IOWR('T', 0x91, struct gunyah_raw_mmio)
/* Address of memory in the linear map: in: pa, out: va.  The memory may be anybody's */
#define GUNYAH_RAW_VA		_IOWR('T', 0x92, struct gunyah_raw_page)
/* The module's page: for buffers; read and written with read() and write() */
#define GUNYAH_RAW_PAGE		_IOR('T', 0x93, struct gunyah_raw_page)

#endif
