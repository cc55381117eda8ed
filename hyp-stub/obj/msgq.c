// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Message queues (ABI tables, hypercall 6): a ring of messages with an interrupt at
 * each end.  Data comes and goes in the stub's own memory; callers' addresses are
 * the business of hcall.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "lib/string.h"
#include "obj/msgq.h"

#define DEPTH			GUNYAH_MSGQ_RM_DEPTH
#define THRESHOLD_UNCHANGED	(~0ULL)
#define THRESHOLD_DEPTH		(~0ULL - 1)
#define HOLDOFF_NONE		(~0ULL)

void msgq_init(struct msgq *q)
{
	memset(q, 0, sizeof(*q));
	q->notfull_thd = DEPTH - 1;
	q->notempty_thd = 1;
}

static void enqueue(struct msgq *q, const void *data, size_t size)
{
	unsigned int slot = (q->head + q->count) % DEPTH;

	memcpy(q->data[slot], data, size);
	q->size[slot] = size;
	q->count++;
}

int msgq_send(struct msgq *q, const void *data, size_t size, bool push, bool *not_full)
{
	*not_full = q->count != DEPTH;
	if (!*not_full)
		return GUNYAH_ERR_MSGQUEUE_FULL;
	if (!size || size > GUNYAH_MSGQ_RM_MSG_SIZE)
		return GUNYAH_ERR_ARGUMENT_SIZE;

	enqueue(q, data, size);
	*not_full = q->count != DEPTH;
	if (push || q->count == q->notempty_thd)
		virq_assert(&q->recv_virq);
	/* Last: a receiver inside the stub may take the message at once */
	if (q->pushed)
		q->pushed(q);
	return GUNYAH_ERR_OK;
}

static void dequeue(struct msgq *q)
{
	q->head = (q->head + 1) % DEPTH;
	q->count--;
}

int msgq_receive(struct msgq *q, void *buf, size_t buf_size, size_t *size, bool *not_empty)
{
	*size = 0;
	*not_empty = q->count != 0;
	if (!*not_empty)
		return GUNYAH_ERR_MSGQUEUE_EMPTY;
	if (q->size[q->head] > buf_size)
		return GUNYAH_ERR_ADDR_OVERFLOW;

	*size = q->size[q->head];
	memcpy(buf, q->data[q->head], *size);
	dequeue(q);
	*not_empty = q->count != 0;
	if (q->count == q->notfull_thd)
		virq_assert(&q->send_virq);
	if (q->drained)
		q->drained(q);
	return GUNYAH_ERR_OK;
}

int msgq_flush(struct msgq *q)
{
	if (!q->count)
		return GUNYAH_ERR_OK;
	q->count = 0;
	q->head = 0;
	virq_assert(&q->send_virq);
	virq_clear(&q->recv_virq);
	if (q->drained)
		q->drained(q);
	return GUNYAH_ERR_OK;
}

static void set_line(const struct virq *virq, bool level)
{
	if (level)
		virq_assert(virq);
	else
		virq_clear(virq);
}

int msgq_configure_send(struct msgq *q, u64 threshold, u64 holdoff)
{
	if (holdoff != HOLDOFF_NONE)
		return GUNYAH_ERR_UNIMPLEMENTED;
	if (threshold != THRESHOLD_UNCHANGED) {
		if (threshold >= DEPTH)
			return GUNYAH_ERR_ARGUMENT_INVALID;
		q->notfull_thd = threshold;
	}
	set_line(&q->send_virq, q->count <= q->notfull_thd);
	return GUNYAH_ERR_OK;
}

int msgq_configure_receive(struct msgq *q, u64 threshold, u64 holdoff)
{
	if (holdoff != HOLDOFF_NONE)
		return GUNYAH_ERR_UNIMPLEMENTED;
	if (threshold == THRESHOLD_DEPTH)
		threshold = DEPTH;
	if (threshold != THRESHOLD_UNCHANGED) {
		if (!threshold || threshold > DEPTH)
			return GUNYAH_ERR_ARGUMENT_INVALID;
		q->notempty_thd = threshold;
	}
	set_line(&q->recv_virq, q->count >= q->notempty_thd);
	return GUNYAH_ERR_OK;
}
