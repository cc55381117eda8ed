/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtio device with one queue behind registers (virtio 1.x, 4.2: virtio-mmio)
 */
#ifndef VMM_VIRTIO_H
#define VMM_VIRTIO_H

#include <pthread.h>
#include <stdatomic.h>

#include "ring.h"

/**
 * struct virtio_type - what makes it a disk or something else
 * @name: for messages
 * @id: VIRTIO_ID_*
 * @request: does what a request wants; returns the number of bytes written to the
 *	guest, or a negative value if the request makes no sense
 */
struct virtio_type {
	const char *name;
	__u32 id;
	int (*request)(void *opaque, struct ring_request *request);
};

/**
 * struct virtio - the device
 * @type: what it is
 * @opaque: for @type
 * @memory: what it may touch of the guest
 * @features: offered
 * @config: its own registers, which do not change
 * @config_size: bytes of @config
 * @kick: eventfd, written when the guest has put something into the queue
 * @irqfd: eventfd, raises the interrupt
 * @thread: works on the queue
 * @stop: the thread shall end
 * @interrupts: VIRTIO_MMIO_INT_*, not acknowledged
 * @status: VIRTIO_CONFIG_S_*; written with @lock held
 * @lock: protects the rest; held while a request is worked on
 * @driver_features: accepted by the guest
 * @select: which halves and which queue the guest has selected
 * @queue: where the guest wants its queue
 * @ready: @ring is in use
 * @ring: the queue
 * @complaints: messages about what the guest does wrong
 */
struct virtio {
	const struct virtio_type *type;
	void *opaque;
	struct ring_memory memory;
	__u64 features;
	const void *config;
	size_t config_size;
	int kick;
	int irqfd;
	pthread_t thread;
	atomic_bool stop;
	atomic_uint interrupts;
	atomic_uint status;
	pthread_mutex_t lock;
	__u64 driver_features;
	struct {
		__u32 features;
		__u32 driver_features;
		__u32 queue;
	} select;
	struct {
		__u32 size;
		__u64 desc;
		__u64 driver;
		__u64 device;
	} queue;
	bool ready;
	struct ring ring;
	unsigned int complaints;
};

/*
 * Prepares a device whose type, opaque, memory, features, config and irqfd are set,
 * and makes its kick.  VIRTIO_F_VERSION_1 is always offered.
 */
void virtio_init(struct virtio *virtio);

/* struct mmio_device: any vCPU's thread */
__u64 virtio_read(void *opaque, __u64 offset, unsigned int len);
void virtio_write(void *opaque, __u64 offset, unsigned int len, __u64 value);

/* What is in the queue; for the thread, and for tests instead of it. */
void virtio_work(struct virtio *virtio);

/* The thread that works on the queue, from the guest's first to its last instruction. */
void virtio_start(struct virtio *virtio);
void virtio_stop(struct virtio *virtio);

#endif
