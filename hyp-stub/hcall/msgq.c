// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Message queue calls (ABI tables, hypercall 6).  The caller's buffer is translated
 * and checked as a whole before the queue changes, so that an error changes nothing.
 * Order of checks: capability, full or empty, size, address.
 *
 * Other than the open hypervisor, which answers OK and does nothing (recorded), a
 * bad size or address gets the error that its documentation names.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "hcall/hcall.h"
#include "obj/msgq.h"

static int find_queue(const struct hcall_caller *caller, u64 cap, u32 right, struct msgq **q)
{
	void *object;
	int err = cspace_lookup(caller->cspace, cap, CAP_MSGQ, right, &object);

	if (!err)
		*q = object;
	return err;
}

static bool is_full(const struct msgq *q)
{
	return q->count == GUNYAH_MSGQ_RM_DEPTH;
}

/* (queue, size, buffer, flags) -> not full */
int hcall_msgq_send(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	u8 data[GUNYAH_MSGQ_RM_MSG_SIZE];
	u64 size = args[1], va = args[2];
	bool push = args[3] & GUNYAH_MSGQ_TX_PUSH;
	struct caller_buf buf;
	bool not_full;
	struct msgq *q;
	int err;

	err = find_queue(caller, args[0], GUNYAH_RIGHT_MSGQ_SEND, &q);
	if (err)
		return err;
	results[0] = !is_full(q);
	if (is_full(q))
		return GUNYAH_ERR_MSGQUEUE_FULL;
	if (!size || size > sizeof(data))
		return GUNYAH_ERR_ARGUMENT_SIZE;
	err = caller_buf_get(caller, va, size, false, &buf);
	if (err)
		return err;

	caller_buf_read(&buf, data);
	err = msgq_send(q, data, size, push, &not_full);
	results[0] = not_full;
	return err;
}

/* (queue, buffer, size) -> size, not empty.  Only what the message fills has to be mapped. */
int hcall_msgq_receive(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	u8 data[GUNYAH_MSGQ_RM_MSG_SIZE];
	u64 va = args[1], buf_size = args[2];
	struct caller_buf buf;
	bool not_empty;
	struct msgq *q;
	size_t size;
	int err;

	err = find_queue(caller, args[0], GUNYAH_RIGHT_MSGQ_RECEIVE, &q);
	if (err)
		return err;
	results[1] = q->count != 0;
	if (q->count && q->size[q->head] <= buf_size) {
		err = caller_buf_get(caller, va, q->size[q->head], true, &buf);
		if (err)
			return err;
		/* Now, not after the sender was told: it may move memory around */
		caller_buf_write(&buf, q->data[q->head]);
	}
	err = msgq_receive(q, data, min(buf_size, sizeof(data)), &size, &not_empty);
	results[0] = size;
	results[1] = not_empty;
	return err;
}

/* (queue) */
int hcall_msgq_flush(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct msgq *q;
	int err = find_queue(caller, args[0], GUNYAH_RIGHT_MSGQ_RECEIVE, &q);

	return err ? err : msgq_flush(q);
}

/* (queue, threshold, holdoff) */
int hcall_msgq_configure_send(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct msgq *q;
	int err = find_queue(caller, args[0], GUNYAH_RIGHT_MSGQ_SEND, &q);

	return err ? err : msgq_configure_send(q, args[1], args[2]);
}

/* (queue, threshold, holdoff) */
int hcall_msgq_configure_receive(const struct hcall_caller *caller, const u64 *args,
				 u64 *results)
{
	struct msgq *q;
	int err = find_queue(caller, args[0], GUNYAH_RIGHT_MSGQ_RECEIVE, &q);

	return err ? err : msgq_configure_receive(q, args[1], args[2]);
}
