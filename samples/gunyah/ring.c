// SPDX-License-Identifier: GPL-2.0-only
/*
 * A split virtqueue, seen from the device
 *
 * Owns the rules of ring and chains (virtio 1.x, 2.7).  Indirect descriptors and
 * event indices are not offered, so a guest that uses them breaks the rules.
 */
#include <assert.h>

#include "ring.h"

/*
 * Exactly one access: what was checked is what is used.  Guest and virtio are little
 * endian, and so is every machine that this runs on.
 */
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile __typeof__(x) *)&(x) = (value))

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little endian");

void *ring_memory_at(const struct ring_memory *memory, __u64 gpa, __u64 size)
{
	/* In this order nothing can wrap. */
	if (gpa < memory->gpa || size > memory->size ||
	    gpa - memory->gpa > memory->size - size)
		return NULL;
	return memory->host + (gpa - memory->gpa);
}

static void *part_at(const struct ring_memory *memory, __u64 gpa, __u64 size,
		     __u64 align)
{
	return gpa % align ? NULL : ring_memory_at(memory, gpa, size);
}

bool ring_init(struct ring *ring, const struct ring_memory *memory, __u32 size,
	       __u64 desc, __u64 avail, __u64 used)
{
	if (!size || size > RING_MAX_SIZE || size & (size - 1))
		return false;
	*ring = (struct ring){ .memory = memory, .size = size };
	/* Behind both arrays is one more index, which is not used but belongs to them. */
	ring->desc = part_at(memory, desc, size * sizeof(*ring->desc),
			     VRING_DESC_ALIGN_SIZE);
	ring->avail = part_at(memory, avail, sizeof(*ring->avail) +
			      (size + 1) * sizeof(ring->avail->ring[0]),
			      VRING_AVAIL_ALIGN_SIZE);
	ring->used = part_at(memory, used, sizeof(*ring->used) +
			     size * sizeof(ring->used->ring[0]) + sizeof(__u16),
			     VRING_USED_ALIGN_SIZE);
	return ring->desc && ring->avail && ring->used;
}

/* Of a chain first all that the device reads, then all that it writes. */
static bool add_buffer(const struct ring *ring, struct ring_request *request,
		       __u64 addr, __u32 len, bool write)
{
	struct iovec *buffer = &request->buffers[request->out + request->in];

	buffer->iov_base = ring_memory_at(ring->memory, addr, len);
	buffer->iov_len = len;
	if (!buffer->iov_base || !len || (!write && request->in))
		return false;
	if (write)
		request->in++;
	else
		request->out++;
	return true;
}

/* A ring has so many descriptors: a longer chain goes in a circle. */
static bool read_chain(const struct ring *ring, struct ring_request *request)
{
	const struct vring_desc *desc;
	__u16 index = request->head;
	unsigned int i, flags;

	for (i = 0; i < ring->size; i++) {
		if (index >= ring->size)
			return false;
		desc = &ring->desc[index];
		flags = READ_ONCE(desc->flags);
		if (flags & ~(VRING_DESC_F_NEXT | VRING_DESC_F_WRITE))
			return false;
		if (!add_buffer(ring, request, READ_ONCE(desc->addr),
				READ_ONCE(desc->len), flags & VRING_DESC_F_WRITE))
			return false;
		if (!(flags & VRING_DESC_F_NEXT))
			return true;
		index = READ_ONCE(desc->next);
	}
	return false;
}

enum ring_result ring_get(struct ring *ring, struct ring_request *request)
{
	__u16 waiting;

	/* Acquire: the entry and the chain were written before the index. */
	waiting = __atomic_load_n(&ring->avail->idx, __ATOMIC_ACQUIRE) - ring->next_avail;
	if (!waiting)
		return RING_EMPTY;
	if (waiting > ring->size)
		return RING_BROKEN;
	request->out = 0;
	request->in = 0;
	request->head = READ_ONCE(ring->avail->ring[ring->next_avail % ring->size]);
	if (!read_chain(ring, request))
		return RING_BROKEN;
	ring->next_avail++;
	return RING_REQUEST;
}

bool ring_put(struct ring *ring, const struct ring_request *request, __u32 written)
{
	struct vring_used_elem *elem = &ring->used->ring[ring->next_used % ring->size];

	WRITE_ONCE(elem->id, request->head);
	WRITE_ONCE(elem->len, written);
	/* Release: the answer and its data are there before the index says so. */
	__atomic_store_n(&ring->used->idx, ++ring->next_used, __ATOMIC_RELEASE);
	/* The guest sets the flag, then looks at the index; here it is the reverse. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(READ_ONCE(ring->avail->flags) & VRING_AVAIL_F_NO_INTERRUPT);
}
