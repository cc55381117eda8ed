// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pair of message queues (ABI tables, hypercall 6).
 *
 * Out: one packet per hypercall.  When the queue is full, the sender sleeps
 * until the interrupt "there is room" comes.  In: the interrupt "there is data"
 * runs a thread which takes packets until the hypervisor says that none is left.
 * Both interrupts are edges.
 */
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include "hypercall.h"
#include "msgq.h"
#include "trace.h"

const struct gunyah_msgq_ops gunyah_msgq_hvc_ops = {
	.send = gunyah_hypercall_msgq_send,
	.receive = gunyah_hypercall_msgq_receive,
};

/**
 * gunyah_msgq_init() - prepare a queue pair, before its interrupts are requested
 * @q: queue pair; @receive and @receive_data are set by the caller
 * @ops: hypercalls
 * @tx_capid: capability of the queue out
 * @rx_capid: capability of the queue in
 */
void gunyah_msgq_init(struct gunyah_msgq *q, const struct gunyah_msgq_ops *ops,
		      u64 tx_capid, u64 rx_capid)
{
	q->ops = ops;
	q->tx_capid = tx_capid;
	q->rx_capid = rx_capid;
	spin_lock_init(&q->lock);
	init_waitqueue_head(&q->tx_wait);
	mutex_init(&q->rx_lock);
}

static int gunyah_msgq_try_send_locked(struct gunyah_msgq *q, const void *data, size_t size,
				       u64 tx_flags)
{
	bool not_full = true;
	int err;

	lockdep_assert_held(&q->lock);

	if (q->stopped)
		return -ENODEV;

	err = q->ops->send(q->tx_capid, size, data, tx_flags, &not_full);
	if (err != GUNYAH_ERR_OK && err != GUNYAH_ERR_MSGQUEUE_FULL) {
		pr_err_ratelimited("gunyah: sending a message failed: %s (%d)\n",
				   gunyah_error_name(err), err);
		return gunyah_error_to_errno(err);
	}

	q->tx_full = err == GUNYAH_ERR_MSGQUEUE_FULL || !not_full;
	if (q->tx_full)
		trace_gunyah_msgq_full(q->tx_capid, err == GUNYAH_ERR_MSGQUEUE_FULL);

	return err == GUNYAH_ERR_MSGQUEUE_FULL ? -EAGAIN : 0;
}

/* One attempt: 0, -EAGAIN when the queue is full, or another error */
static int gunyah_msgq_try_send(struct gunyah_msgq *q, const void *data, size_t size,
				u64 tx_flags)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&q->lock, flags);
	ret = gunyah_msgq_try_send_locked(q, data, size, tx_flags);
	spin_unlock_irqrestore(&q->lock, flags);

	return ret;
}

static bool gunyah_msgq_may_send(struct gunyah_msgq *q)
{
	return !READ_ONCE(q->tx_full) || READ_ONCE(q->stopped);
}

static int gunyah_msgq_wait_room(struct gunyah_msgq *q, bool killable, unsigned long deadline)
{
	long left = max_t(long, deadline - jiffies, 0);

	if (killable)
		left = wait_event_killable_timeout(q->tx_wait, gunyah_msgq_may_send(q), left);
	else
		left = wait_event_timeout(q->tx_wait, gunyah_msgq_may_send(q), left);

	if (left < 0)
		return -EINTR;

	return left ? 0 : -ETIMEDOUT;
}

/**
 * gunyah_msgq_send() - send one packet
 * @q: queue pair
 * @data: kernel memory of any kind; the hypervisor takes virtual addresses
 * @size: bytes, at most GUNYAH_MSGQ_RM_MSG_SIZE
 * @push: wake the receiver even if it waits for a fuller queue
 * @killable: give up when the task is killed
 * @deadline: in jiffies; how long to wait for room
 *
 * Context: may sleep.
 *
 * Return: 0; EINTR, ETIMEDOUT, ENODEV (stopped) or the hypervisor's error.  The
 * packet was queued if and only if it is 0.
 */
int gunyah_msgq_send(struct gunyah_msgq *q, const void *data, size_t size, bool push,
		     bool killable, unsigned long deadline)
{
	u64 tx_flags = push ? GUNYAH_MSGQ_TX_PUSH : 0;
	int wait, err;

	do {
		wait = gunyah_msgq_wait_room(q, killable, deadline);
		if (wait == -EINTR)
			return wait;

		/* Also after a time-out: an interrupt lost must not end it all */
		err = gunyah_msgq_try_send(q, data, size, tx_flags);
	} while (err == -EAGAIN && !wait);

	return err == -EAGAIN ? -ETIMEDOUT : err;
}

/* Takes one packet; false: none is left */
static bool gunyah_msgq_receive_one(struct gunyah_msgq *q)
{
	bool not_empty;
	size_t size;
	int err;

	lockdep_assert_held(&q->rx_lock);

	err = q->ops->receive(q->rx_capid, q->rx_buf, sizeof(q->rx_buf), &size, &not_empty);
	if (err == GUNYAH_ERR_MSGQUEUE_EMPTY)
		return false;

	/*
	 * A size of 0 is what the open hypervisor answers, again and again, when
	 * it cannot write the buffer: no reason to spin.
	 */
	if (err != GUNYAH_ERR_OK || !size || size > sizeof(q->rx_buf)) {
		pr_err_ratelimited("gunyah: receiving a message failed: %s (%d), %zu bytes\n",
				   gunyah_error_name(err), err, size);
		return false;
	}

	q->receive(q->receive_data, q->rx_buf, size);

	return not_empty;
}

/**
 * gunyah_msgq_receive() - take every packet that is there
 * @q: queue pair
 *
 * What the interrupt thread does.  Also called once after the interrupt was
 * requested, for packets whose edge came before.
 *
 * Context: may sleep.
 */
void gunyah_msgq_receive(struct gunyah_msgq *q)
{
	guard(mutex)(&q->rx_lock);

	while (gunyah_msgq_receive_one(q))
		cond_resched();
}

static void gunyah_msgq_wake(struct gunyah_msgq *q, bool stop)
{
	scoped_guard(spinlock_irqsave, &q->lock) {
		q->tx_full = false;
		q->stopped |= stop;
	}
	wake_up_all(&q->tx_wait);
}

irqreturn_t gunyah_msgq_tx_irq(int irq, void *data)
{
	gunyah_msgq_wake(data, false);

	return IRQ_HANDLED;
}

irqreturn_t gunyah_msgq_rx_thread(int irq, void *data)
{
	gunyah_msgq_receive(data);

	return IRQ_HANDLED;
}

/**
 * gunyah_msgq_stop() - every send, also those that wait, fails with ENODEV from now on
 * @q: queue pair
 */
void gunyah_msgq_stop(struct gunyah_msgq *q)
{
	gunyah_msgq_wake(q, true);
}
