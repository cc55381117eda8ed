// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests and replies over packets (ABI tables, rm-rpc 1).
 *
 * Owns sequence numbers, fragmentation both ways, the list of requests that wait
 * for a reply, and time-outs.  Does not know what a message means: a reply is
 * bytes, a notification is an id and bytes.
 *
 * The life of a request, all changes under xa_lock of the pending list:
 *
 *   WAITING --reply---------------------> ANSWERED, freed by its caller
 *      |-----caller gives up------------> ABANDONED, stays on the list
 *      |-----connection stops-----------> STOPPED, freed by its caller
 *   ABANDONED --reply-------------------> late(), freed by the receiver
 *      |-----connection stops-----------> freed
 *
 * An abandoned request keeps its sequence number until the RM has answered, so
 * that a late reply never meets another request.
 */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "compat.h"
#include "rm_rpc.h"
#include "trace.h"

enum gunyah_rm_pending_state {
	GUNYAH_RM_WAITING,
	GUNYAH_RM_ANSWERED,
	GUNYAH_RM_ABANDONED,
	GUNYAH_RM_STOPPED,
};

/**
 * struct gunyah_rm_pending - a request that was or is about to be sent
 * @state: see above
 * @msg_id: the reply has to have the same
 * @seq: key in the pending list
 * @done: the state is ANSWERED or STOPPED
 * @late: see struct gunyah_rm_call
 * @late_data: its first argument
 * @late_arg: its second one
 * @resp_len: bytes of the reply
 * @resp_max: bytes at @resp
 * @resp: the reply as far as it fits: the receiver must not allocate, and the
 *	caller may have left
 */
struct gunyah_rm_pending {
	enum gunyah_rm_pending_state state;
	u32 msg_id;
	u32 seq;
	struct completion done;
	void (*late)(void *data, u32 arg, const void *resp, size_t resp_len);
	void *late_data;
	u32 late_arg;
	size_t resp_len;
	size_t resp_max;
	u8 resp[] __counted_by(resp_max);
};

static const char * const gunyah_rm_drop_names[] = {
	[GUNYAH_RM_DROP_JUNK] = "junk",
	[GUNYAH_RM_DROP_REQUEST] = "request",
	[GUNYAH_RM_DROP_STRAY] = "stray continuation",
	[GUNYAH_RM_DROP_PARTIAL] = "unfinished message",
	[GUNYAH_RM_DROP_UNKNOWN_REPLY] = "reply to nobody",
	[GUNYAH_RM_DROP_LATE_REPLY] = "late reply",
};

static void gunyah_rm_drop(struct gunyah_rm_rpc *rpc, enum gunyah_rm_rpc_drop why,
			   u16 seq, u32 msg_id)
{
	atomic_inc(&rpc->drops[why]);
	trace_gunyah_rm_drop(why, seq, msg_id);
	pr_notice_ratelimited("gunyah: dropped from the Resource Manager: %s (message 0x%08x, sequence %u)\n",
			      gunyah_rm_drop_names[why], msg_id, seq);
}

/**
 * gunyah_rm_rpc_init() - prepare a connection
 * @rpc: zeroed, but for @notify, @notify_data and @timeout
 * @ops: transport
 * @transport: its handle
 * @first_seq: sequence number of the first request.  A number of chance, so that
 *	what is still under way to an earlier user of the queues meets nobody.
 *
 * Return: 0 or ENOMEM.
 */
int gunyah_rm_rpc_init(struct gunyah_rm_rpc *rpc, const struct gunyah_rm_transport_ops *ops,
		       void *transport, u16 first_seq)
{
	rpc->partial.buf = kvmalloc(GUNYAH_RM_RPC_MAX_RECEIVE, GFP_KERNEL);
	if (!rpc->partial.buf)
		return -ENOMEM;

	rpc->ops = ops;
	rpc->transport = transport;
	rpc->next_seq = first_seq;
	mutex_init(&rpc->send_lock);
	xa_init_flags(&rpc->pending, XA_FLAGS_ALLOC);

	return 0;
}

/**
 * gunyah_rm_rpc_stop() - end all calls with ENODEV, those under way and all later ones
 * @rpc: connection; nothing calls gunyah_rm_rpc_receive() any more
 *
 * A sender that waits for room in the transport is the transport's business.
 */
void gunyah_rm_rpc_stop(struct gunyah_rm_rpc *rpc)
{
	struct gunyah_rm_pending *p;
	unsigned long seq;

	xa_lock(&rpc->pending);
	rpc->stopped = true;
	xa_for_each(&rpc->pending, seq, p) {
		__xa_erase(&rpc->pending, seq);
		if (p->state == GUNYAH_RM_ABANDONED) {
			kvfree(p);
			continue;
		}
		p->state = GUNYAH_RM_STOPPED;
		complete(&p->done);
	}
	xa_unlock(&rpc->pending);
}

/**
 * gunyah_rm_rpc_destroy() - free what gunyah_rm_rpc_init() allocated
 * @rpc: stopped connection without callers
 */
void gunyah_rm_rpc_destroy(struct gunyah_rm_rpc *rpc)
{
	WARN_ON(!xa_empty(&rpc->pending));
	xa_destroy(&rpc->pending);
	kvfree(rpc->partial.buf);
}

/* Puts a new request on the list before it is sent: the reply may be faster than send */
static struct gunyah_rm_pending *gunyah_rm_pending_add(struct gunyah_rm_rpc *rpc,
						       const struct gunyah_rm_call *call)
{
	struct gunyah_rm_pending *p;
	int ret;

	p = kvzalloc(struct_size(p, resp, call->resp_max), GFP_KERNEL);
	if (!p)
		return ERR_PTR(-ENOMEM);

	p->resp_max = call->resp_max;
	p->msg_id = call->msg_id;
	p->late = call->late;
	p->late_data = call->late_data;
	p->late_arg = call->late_arg;
	init_completion(&p->done);

	xa_lock(&rpc->pending);
	ret = __xa_alloc_cyclic(&rpc->pending, &p->seq, p, XA_LIMIT(0, U16_MAX),
				&rpc->next_seq, GFP_KERNEL);
	/* The allocation may have dropped the lock: this is the moment that counts */
	if (ret >= 0 && rpc->stopped) {
		__xa_erase(&rpc->pending, p->seq);
		ret = -ENODEV;
	}
	xa_unlock(&rpc->pending);

	if (ret < 0) {
		kvfree(p);
		return ERR_PTR(ret);
	}

	return p;
}

/* For a request that was not sent completely: the RM never acts on it */
static void gunyah_rm_pending_cancel(struct gunyah_rm_rpc *rpc, struct gunyah_rm_pending *p)
{
	xa_lock(&rpc->pending);
	if (p->state == GUNYAH_RM_WAITING)
		__xa_erase(&rpc->pending, p->seq);
	xa_unlock(&rpc->pending);

	kvfree(p);
}

/* Fills in rpc->packet and returns its size */
static size_t gunyah_rm_fill_packet(struct gunyah_rm_rpc *rpc, const struct gunyah_rm_call *call,
				    u16 seq, unsigned int n, unsigned int fragments)
{
	struct gunyah_rm_header *header = (struct gunyah_rm_header *)rpc->packet;
	size_t offset = n * GUNYAH_RM_MAX_PAYLOAD;
	size_t size = min_t(size_t, call->req_size - offset, GUNYAH_RM_MAX_PAYLOAD);

	lockdep_assert_held(&rpc->send_lock);

	header->api = GUNYAH_RM_API_BYTE;
	header->type = n ? GUNYAH_RM_TYPE_CONTINUATION : GUNYAH_RM_TYPE_REQUEST;
	header->type |= fragments << GUNYAH_RM_FRAGMENTS_SHIFT;
	header->seq = cpu_to_le16(seq);
	header->msg_id = cpu_to_le32(call->msg_id);
	memcpy(rpc->packet + sizeof(*header), call->req + offset, size);

	return sizeof(*header) + size;
}

static int gunyah_rm_send(struct gunyah_rm_rpc *rpc, const struct gunyah_rm_call *call, u16 seq,
			  bool killable, unsigned long deadline)
{
	unsigned int fragments = 0;
	unsigned int n;
	size_t size;
	int ret;

	if (call->req_size)
		fragments = (call->req_size - 1) / GUNYAH_RM_MAX_PAYLOAD;

	for (n = 0; n <= fragments; n++) {
		size = gunyah_rm_fill_packet(rpc, call, seq, n, fragments);
		ret = rpc->ops->send(rpc->transport, rpc->packet, size, n == fragments,
				     killable, deadline);
		if (ret)
			return ret;
	}

	trace_gunyah_rm_request(seq, call->msg_id, call->req_size);

	return 0;
}

static int gunyah_rm_send_locked(struct gunyah_rm_rpc *rpc, const struct gunyah_rm_call *call,
				 u16 seq, bool killable, unsigned long deadline)
{
	int ret = 0;

	/* Who holds it waits for room, no longer than its own deadline */
	if (killable)
		ret = mutex_lock_killable(&rpc->send_lock);
	else
		mutex_lock(&rpc->send_lock);
	if (ret)
		return ret;

	/* Others took all the time there was: better not sent than abandoned at once */
	if (time_after(jiffies, deadline))
		ret = -ETIMEDOUT;
	else
		ret = gunyah_rm_send(rpc, call, seq, killable, deadline);
	mutex_unlock(&rpc->send_lock);

	return ret;
}

/* Sleeps until the reply is there, the bound is reached, or the task is killed */
static int gunyah_rm_wait(struct gunyah_rm_pending *p, bool killable, unsigned long deadline)
{
	/* At least one jiffy: 0 would not even look */
	unsigned long left = max_t(long, deadline - jiffies, 1);
	long ret;

	if (killable)
		ret = wait_for_completion_killable_timeout(&p->done, left);
	else
		ret = wait_for_completion_timeout(&p->done, left);

	if (ret < 0)
		return -EINTR;

	return ret ? 0 : -ETIMEDOUT;
}

/*
 * Takes what has come.  @why is what ended the wait; a reply that came in the
 * last moment counts all the same.
 */
static int gunyah_rm_collect(struct gunyah_rm_rpc *rpc, struct gunyah_rm_pending *p,
			     struct gunyah_rm_call *call, int why)
{
	enum gunyah_rm_pending_state state;

	xa_lock(&rpc->pending);
	if (p->state == GUNYAH_RM_WAITING)
		p->state = GUNYAH_RM_ABANDONED;
	state = p->state;
	xa_unlock(&rpc->pending);

	/* p belongs to the receiver now */
	if (state == GUNYAH_RM_ABANDONED) {
		call->in_doubt = true;
		return why;
	}

	if (state == GUNYAH_RM_STOPPED) {
		call->in_doubt = true;
		kvfree(p);
		return -ENODEV;
	}

	call->resp_len = p->resp_len;
	memcpy(call->resp, p->resp, min(p->resp_len, p->resp_max));
	kvfree(p);

	return 0;
}

/*
 * A task that is killed while it waits gives up, if it may.  One that was killed
 * before it called is tearing down: its calls have to get through.
 */
static bool gunyah_rm_may_give_up(const struct gunyah_rm_call *call)
{
	return call->killable && !(current->flags & (PF_EXITING | PF_KTHREAD)) &&
	       !fatal_signal_pending(current);
}

/**
 * gunyah_rm_rpc_call() - send a request, wait for its reply
 * @rpc: connection
 * @call: request in, reply out
 *
 * Several tasks may call at the same time; replies come in any order.
 *
 * Context: may sleep, no spinlock held.
 *
 * Return: 0 when there is a reply; what it says is the caller's business.
 * E2BIG for more than GUNYAH_RM_RPC_MAX_SEND bytes, EBUSY when every sequence
 * number is taken, ENOMEM, ENODEV (stopped), ETIMEDOUT, EINTR (killed), errors
 * of the transport.
 */
int gunyah_rm_rpc_call(struct gunyah_rm_rpc *rpc, struct gunyah_rm_call *call)
{
	unsigned long deadline = jiffies + rpc->timeout;
	bool killable = gunyah_rm_may_give_up(call);
	struct gunyah_rm_pending *p;
	int ret;

	might_sleep();

	call->resp_len = 0;
	call->in_doubt = false;

	if (call->req_size > GUNYAH_RM_RPC_MAX_SEND)
		return -E2BIG;

	p = gunyah_rm_pending_add(rpc, call);
	if (IS_ERR(p))
		return PTR_ERR(p);

	ret = gunyah_rm_send_locked(rpc, call, p->seq, killable, deadline);
	if (ret) {
		gunyah_rm_pending_cancel(rpc, p);
		return ret;
	}

	ret = gunyah_rm_wait(p, killable, deadline);

	return gunyah_rm_collect(rpc, p, call, ret);
}

/*
 * Hands the reply to the request and takes that off the list.  Returns the
 * request if its caller has gone: then it is ours.
 */
static struct gunyah_rm_pending *gunyah_rm_answer(struct gunyah_rm_rpc *rpc,
						  struct gunyah_rm_pending *p,
						  const void *payload, size_t size)
{
	lockdep_assert_held(&rpc->pending.xa_lock);

	__xa_erase(&rpc->pending, p->seq);
	p->resp_len = size;
	memcpy(p->resp, payload, min(size, p->resp_max));

	if (p->state == GUNYAH_RM_ABANDONED)
		return p;

	p->state = GUNYAH_RM_ANSWERED;
	/* Under the lock: after a time-out the caller takes it before it frees p */
	complete(&p->done);

	return NULL;
}

static void gunyah_rm_late_reply(struct gunyah_rm_rpc *rpc, struct gunyah_rm_pending *p)
{
	gunyah_rm_drop(rpc, GUNYAH_RM_DROP_LATE_REPLY, p->seq, p->msg_id);
	if (p->late)
		p->late(p->late_data, p->late_arg, p->resp, min(p->resp_len, p->resp_max));
	kvfree(p);
}

static void gunyah_rm_deliver_reply(struct gunyah_rm_rpc *rpc, u16 seq, u32 msg_id,
				    const void *payload, size_t size)
{
	struct gunyah_rm_pending *p, *late = NULL;
	bool found;

	xa_lock(&rpc->pending);
	p = xa_load(&rpc->pending, seq);
	found = p && p->msg_id == msg_id;
	if (found) {
		trace_gunyah_rm_reply(seq, msg_id, size, p->state == GUNYAH_RM_ABANDONED);
		late = gunyah_rm_answer(rpc, p, payload, size);
	}
	xa_unlock(&rpc->pending);

	if (!found)
		gunyah_rm_drop(rpc, GUNYAH_RM_DROP_UNKNOWN_REPLY, seq, msg_id);
	if (late)
		gunyah_rm_late_reply(rpc, late);
}

static void gunyah_rm_deliver(struct gunyah_rm_rpc *rpc, u8 type, u16 seq, u32 msg_id,
			      const void *payload, size_t size)
{
	if (type == GUNYAH_RM_TYPE_REPLY) {
		gunyah_rm_deliver_reply(rpc, seq, msg_id, payload, size);
		return;
	}

	trace_gunyah_rm_notification(msg_id, size);
	if (rpc->notify)
		rpc->notify(rpc->notify_data, msg_id, payload, size);
}

/* The first packet of a message */
static void gunyah_rm_first_packet(struct gunyah_rm_rpc *rpc, const struct gunyah_rm_partial *new,
				   const void *payload, size_t size)
{
	struct gunyah_rm_partial *partial = &rpc->partial;
	u8 *buf = partial->buf;

	if (partial->active) {
		gunyah_rm_drop(rpc, GUNYAH_RM_DROP_PARTIAL, partial->seq, partial->msg_id);
		partial->active = false;
	}

	if (new->type == GUNYAH_RM_TYPE_REQUEST) {
		gunyah_rm_drop(rpc, GUNYAH_RM_DROP_REQUEST, new->seq, new->msg_id);
		return;
	}

	if (!new->fragments) {
		gunyah_rm_deliver(rpc, new->type, new->seq, new->msg_id, payload, size);
		return;
	}

	*partial = *new;
	partial->active = true;
	partial->missing = new->fragments;
	partial->buf = buf;
	partial->size = size;
	memcpy(partial->buf, payload, size);
}

/* One that goes on; anything but the next one of the message at hand is no part of it */
static void gunyah_rm_next_packet(struct gunyah_rm_rpc *rpc, const struct gunyah_rm_partial *new,
				  const void *payload, size_t size)
{
	struct gunyah_rm_partial *partial = &rpc->partial;

	if (!partial->active || new->seq != partial->seq || new->msg_id != partial->msg_id ||
	    new->fragments != partial->fragments) {
		gunyah_rm_drop(rpc, GUNYAH_RM_DROP_STRAY, new->seq, new->msg_id);
		return;
	}

	/* Fits: at most 62 follow the first, each of at most 232 bytes */
	memcpy(partial->buf + partial->size, payload, size);
	partial->size += size;
	if (--partial->missing)
		return;

	partial->active = false;
	gunyah_rm_deliver(rpc, partial->type, partial->seq, partial->msg_id,
			  partial->buf, partial->size);
}

static bool gunyah_rm_parse_header(const void *packet, size_t size, struct gunyah_rm_partial *out)
{
	const struct gunyah_rm_header *header = packet;

	if (size < sizeof(*header) || size > GUNYAH_RM_PACKET_SIZE)
		return false;

	out->type = header->type & GUNYAH_RM_TYPE_MASK;
	out->fragments = header->type >> GUNYAH_RM_FRAGMENTS_SHIFT;
	out->seq = le16_to_cpu(header->seq);
	out->msg_id = le32_to_cpu(header->msg_id);

	return header->api == GUNYAH_RM_API_BYTE && out->fragments <= GUNYAH_RM_MAX_FRAGMENTS;
}

/**
 * gunyah_rm_rpc_receive() - a packet has come
 * @rpc: connection
 * @packet: packet
 * @size: bytes, as the transport said
 *
 * One fragmented message at a time, as rm-rpc 1.2 has it: a new message drops
 * an unfinished one, junk and strays do not.
 *
 * Context: the caller makes sure that there is one at a time.  May sleep.
 */
void gunyah_rm_rpc_receive(struct gunyah_rm_rpc *rpc, const void *packet, size_t size)
{
	struct gunyah_rm_partial new = {};
	const void *payload;

	if (!gunyah_rm_parse_header(packet, size, &new)) {
		gunyah_rm_drop(rpc, GUNYAH_RM_DROP_JUNK, new.seq, new.msg_id);
		return;
	}

	payload = packet + sizeof(struct gunyah_rm_header);
	size -= sizeof(struct gunyah_rm_header);
	trace_gunyah_rm_packet(new.type, new.fragments, new.seq, new.msg_id, size);

	if (new.type == GUNYAH_RM_TYPE_CONTINUATION)
		gunyah_rm_next_packet(rpc, &new, payload, size);
	else
		gunyah_rm_first_packet(rpc, &new, payload, size);
}
