/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A split virtqueue, seen from the device
 *
 * Everything in it was written by the guest, which may be hostile and may change it
 * at any time: each field is read once, each address is checked against the memory
 * that is shared with the guest, each chain is bounded.
 */
#ifndef VMM_RING_H
#define VMM_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include <linux/types.h>
#include <linux/virtio_ring.h>

#define RING_MAX_SIZE		128	/* descriptors, a power of two */

/**
 * struct ring_memory - the guest memory that a device may touch, one range
 * @host: where this process has it
 * @gpa: guest address of its first byte
 * @size: bytes
 */
struct ring_memory {
	__u8 *host;
	__u64 gpa;
	__u64 size;
};

/* Host address of @size bytes at guest address @gpa; NULL if not all are in @memory. */
void *ring_memory_at(const struct ring_memory *memory, __u64 gpa, __u64 size);

/**
 * struct ring - a queue in use
 * @memory: what it may touch
 * @desc: descriptors
 * @avail: written by the guest
 * @used: written by the device
 * @size: descriptors, a power of two
 * @next_avail: free running index of the next request
 * @next_used: free running index of the next answer
 */
struct ring {
	const struct ring_memory *memory;
	const struct vring_desc *desc;
	const struct vring_avail *avail;
	struct vring_used *used;
	__u16 size;
	__u16 next_avail;
	__u16 next_used;
};

/**
 * struct ring_request - a chain of buffers of the guest
 * @head: names it in ring_put()
 * @out: number of buffers that the device reads, the first ones of @buffers
 * @in: number of buffers that the device writes, behind them
 * @buffers: all of them inside the shared memory
 */
struct ring_request {
	__u16 head;
	unsigned int out;
	unsigned int in;
	struct iovec buffers[RING_MAX_SIZE];
};

/*
 * Starts a queue of @size descriptors at guest addresses @desc, @avail and @used.
 * False if they are not aligned as virtio wants, or not in @memory.
 */
bool ring_init(struct ring *ring, const struct ring_memory *memory, __u32 size,
	       __u64 desc, __u64 avail, __u64 used);

enum ring_result {
	RING_EMPTY,
	RING_REQUEST,
	RING_BROKEN,	/* the guest broke the rules: do not use the ring again */
};

/* The next request.  @request is complete only with RING_REQUEST. */
enum ring_result ring_get(struct ring *ring, struct ring_request *request);

/*
 * Gives a request back, of whose writable buffers @written bytes were filled.
 * Returns whether the guest wants an interrupt for it.
 */
bool ring_put(struct ring *ring, const struct ring_request *request, __u32 written);

#endif
