/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Message queues (hypercall 6).  Results are GUNYAH_ERR_*. */
#ifndef STUB_OBJ_MSGQ_H
#define STUB_OBJ_MSGQ_H

#include "lib/types.h"
#include "obj/virq.h"
#include <linux/gunyah/abi/hypercall.h>

/**
 * struct msgq - a queue of GUNYAH_MSGQ_RM_DEPTH messages
 * @send_virq: space available, to the sender
 * @recv_virq: data available, to the receiver
 * @notfull_thd: send_virq is asserted when count falls to this
 * @notempty_thd: recv_virq is asserted when count rises to this
 * @head: slot of the oldest message
 * @count: messages
 * @size: bytes of the message in each slot
 * @data: the messages
 * @pushed: called after a message was queued, for a receiver inside the stub
 * @drained: called after a message was taken, for a sender inside the stub
 * @owner: for these two
 */
struct msgq {
	struct virq send_virq;
	struct virq recv_virq;
	u16 notfull_thd;
	u16 notempty_thd;
	u16 head;
	u16 count;
	u16 size[GUNYAH_MSGQ_RM_DEPTH];
	u8 data[GUNYAH_MSGQ_RM_DEPTH][GUNYAH_MSGQ_RM_MSG_SIZE];
	void (*pushed)(struct msgq *q);
	void (*drained)(struct msgq *q);
	void *owner;
};

void msgq_init(struct msgq *q);
int msgq_send(struct msgq *q, const void *data, size_t size, bool push, bool *not_full);
/* buf_size too small: ADDR_OVERFLOW, message stays */
int msgq_receive(struct msgq *q, void *buf, size_t buf_size, size_t *size, bool *not_empty);
int msgq_flush(struct msgq *q);
int msgq_configure_send(struct msgq *q, u64 threshold, u64 holdoff);
int msgq_configure_receive(struct msgq *q, u64 threshold, u64 holdoff);

#endif
