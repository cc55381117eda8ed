/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pair of message queues: packets out, packets in, full and empty, interrupts.
 * Layer 2: knows neither what is in a packet nor who wants it.
 */
#ifndef _GUNYAH_MSGQ_H
#define _GUNYAH_MSGQ_H

#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <linux/gunyah/abi/hypercall.h>

/**
 * struct gunyah_msgq_ops - the two hypercalls, or what a test puts in their place
 * @send: see gunyah_hypercall_msgq_send(); atomic context
 * @receive: see gunyah_hypercall_msgq_receive(); may sleep
 */
struct gunyah_msgq_ops {
	int (*send)(u64 capid, size_t size, const void *data, u64 tx_flags, bool *not_full);
	int (*receive)(u64 capid, void *buf, size_t size, size_t *received, bool *not_empty);
};

/**
 * struct gunyah_msgq - a queue pair
 * @ops: how to reach the hypervisor
 * @tx_capid: capability of the queue out
 * @rx_capid: capability of the queue in
 * @receive: gets each packet; process context, one at a time
 * @receive_data: its first argument
 * @lock: protects @tx_full and @stopped; held over the send hypercall, so that
 *	the interrupt that ends a full queue cannot be seen before the fullness
 * @tx_full: no room; the interrupt that says otherwise is still to come
 * @stopped: the device goes away
 * @tx_wait: waits for @tx_full or @stopped to change
 * @rx_lock: protects @rx_buf, makes packets arrive in order
 * @rx_buf: the packet at hand
 */
struct gunyah_msgq {
	const struct gunyah_msgq_ops *ops;
	u64 tx_capid;
	u64 rx_capid;
	void (*receive)(void *data, const void *packet, size_t size);
	void *receive_data;

	spinlock_t lock; /* tx_full, stopped */
	bool tx_full;
	bool stopped;
	wait_queue_head_t tx_wait;

	struct mutex rx_lock; /* rx_buf */
	u8 rx_buf[GUNYAH_MSGQ_RM_MSG_SIZE];
};

/* The real hypercalls */
extern const struct gunyah_msgq_ops gunyah_msgq_hvc_ops;

void gunyah_msgq_init(struct gunyah_msgq *q, const struct gunyah_msgq_ops *ops,
		      u64 tx_capid, u64 rx_capid);
int gunyah_msgq_send(struct gunyah_msgq *q, const void *data, size_t size, bool push,
		     bool killable, unsigned long deadline);
void gunyah_msgq_receive(struct gunyah_msgq *q);
void gunyah_msgq_stop(struct gunyah_msgq *q);

/* Interrupt handlers; @data is the struct gunyah_msgq.  RX is a threaded one. */
irqreturn_t gunyah_msgq_tx_irq(int irq, void *data);
irqreturn_t gunyah_msgq_rx_thread(int irq, void *data);

#endif
