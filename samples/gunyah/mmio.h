/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which device answers at which guest address
 */
#ifndef VMM_MMIO_H
#define VMM_MMIO_H

#include <pthread.h>

#include <linux/types.h>

/**
 * struct mmio_device - an emulated device
 * @name: for messages
 * @base: guest address of its first byte
 * @size: bytes
 * @read: value of @len bytes (1, 2, 4 or 8) at @offset from @base
 * @write: the guest writes @value there
 * @opaque: passed to both
 *
 * Both are called by any vCPU's thread, also by several at once.
 */
struct mmio_device {
	const char *name;
	__u64 base;
	__u64 size;
	__u64 (*read)(void *opaque, __u64 offset, unsigned int len);
	void (*write)(void *opaque, __u64 offset, unsigned int len,
		      __u64 value);
	void *opaque;
};

#define MMIO_MAX_DEVICES	8
#define MMIO_MAX_NOTED		16

/**
 * struct mmio_bus - all devices of a VM
 * @devices: the table; complete before the first vCPU runs, then constant
 * @count: used entries
 * @lock: protects @noted and @noted_count
 * @noted: addresses without a device which were reported already
 * @noted_count: used entries
 */
struct mmio_bus {
	struct mmio_device devices[MMIO_MAX_DEVICES];
	unsigned int count;
	pthread_mutex_t lock;
	__u64 noted[MMIO_MAX_NOTED];
	unsigned int noted_count;
};

void mmio_init(struct mmio_bus *bus);

/* Returns 0, or -1 if the range is taken, wraps, or the table is full. */
int mmio_add(struct mmio_bus *bus, const struct mmio_device *device);

/* One access of the guest.  Where no device is, reads give all ones. */
__u64 mmio_read(struct mmio_bus *bus, __u64 addr, unsigned int len);
void mmio_write(struct mmio_bus *bus, __u64 addr, unsigned int len,
		__u64 value);

#endif
