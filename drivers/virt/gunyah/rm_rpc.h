/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests and replies over a transport of packets: sequence numbers, fragments,
 * matching, time-outs.  Layer 3: sees a transport only, and knows no message.
 */
#ifndef _GUNYAH_RM_RPC_H
#define _GUNYAH_RM_RPC_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include <linux/gunyah/abi/rm.h>

/* Longest payload of a message in, and of one that we send (rm-rpc 1.2) */
#define GUNYAH_RM_RPC_MAX_RECEIVE	(GUNYAH_RM_MAX_PAYLOAD * (GUNYAH_RM_MAX_FRAGMENTS + 1))
#define GUNYAH_RM_RPC_MAX_SEND		(GUNYAH_RM_MAX_PAYLOAD * GUNYAH_RM_MAX_FRAGMENTS)

/**
 * struct gunyah_rm_transport_ops - what carries the packets
 * @send: sends one packet, or fails and has not sent it.  @last: no packet of
 *	the same message follows.  Sleeps for room until @deadline (jiffies), or
 *	until the task is killed if @killable.  0 or a negative errno.  A reply may
 *	arrive before it returns.
 * @release: nobody will call @send any more; may be NULL
 *
 * Packets in go to gunyah_rm_rpc_receive(), one at a time.
 */
struct gunyah_rm_transport_ops {
	int (*send)(void *transport, const void *packet, size_t size, bool last,
		    bool killable, unsigned long deadline);
	void (*release)(void *transport);
};

/* Why a packet or message was thrown away */
enum gunyah_rm_rpc_drop {
	GUNYAH_RM_DROP_JUNK,		/* no header that we know */
	GUNYAH_RM_DROP_REQUEST,		/* we are nobody's server */
	GUNYAH_RM_DROP_STRAY,		/* a continuation of nothing, or of something else */
	GUNYAH_RM_DROP_PARTIAL,		/* its message was cut short by another one */
	GUNYAH_RM_DROP_UNKNOWN_REPLY,	/* nobody asked */
	GUNYAH_RM_DROP_LATE_REPLY,	/* who asked gave up */
	GUNYAH_RM_DROPS
};

/**
 * struct gunyah_rm_partial - a message of which packets are missing
 * @active: there is one; the rest is valid
 * @type: GUNYAH_RM_TYPE_*
 * @fragments: packets minus one
 * @missing: packets still to come
 * @seq: sequence number
 * @msg_id: message id
 * @size: bytes in @buf
 * @buf: GUNYAH_RM_RPC_MAX_RECEIVE bytes
 */
struct gunyah_rm_partial {
	bool active;
	u8 type;
	u8 fragments;
	u8 missing;
	u16 seq;
	u32 msg_id;
	size_t size;
	u8 *buf;
};

/**
 * struct gunyah_rm_rpc - one connection
 * @ops: transport
 * @transport: its handle
 * @notify: gets each notification, in the context of gunyah_rm_rpc_receive()
 * @notify_data: its first argument
 * @timeout: bound of a call, in jiffies
 * @send_lock: the packets of a message leave together; protects @packet
 * @packet: the packet at hand
 * @pending: requests without a reply, by sequence number; its xa_lock protects
 *	the state of every request, @next_seq and @stopped
 * @next_seq: where the search for a free sequence number goes on
 * @stopped: no more calls
 * @partial: only touched by gunyah_rm_rpc_receive()
 * @drops: how often, by enum gunyah_rm_rpc_drop
 */
struct gunyah_rm_rpc {
	const struct gunyah_rm_transport_ops *ops;
	void *transport;
	void (*notify)(void *data, u32 msg_id, const void *payload, size_t size);
	void *notify_data;
	unsigned long timeout;

	struct mutex send_lock; /* packet */
	u8 packet[GUNYAH_RM_PACKET_SIZE];

	struct xarray pending;
	u32 next_seq;
	bool stopped;

	struct gunyah_rm_partial partial;
	atomic_t drops[GUNYAH_RM_DROPS];
};

/**
 * struct gunyah_rm_call - one request and its reply
 * @msg_id: GUNYAH_RM_*
 * @req: payload of the request
 * @req_size: bytes
 * @resp: where the payload of the reply goes, header included
 * @resp_max: bytes at @resp; what a reply has beyond that is cut off
 * @killable: nothing is lost if a task that is killed does not wait for the reply
 * @late: called when the reply comes after the caller has given up; in the
 *	context of gunyah_rm_rpc_receive(), so it makes no call.  May be NULL.
 * @late_data: its first argument; outlives the connection
 * @late_arg: its second one
 * @resp_len: out: bytes of the reply, may exceed @resp_max
 * @in_doubt: out: the request has left, but no reply has come: it may take effect
 */
struct gunyah_rm_call {
	u32 msg_id;
	const void *req;
	size_t req_size;
	void *resp;
	size_t resp_max;
	bool killable;
	void (*late)(void *data, u32 arg, const void *resp, size_t resp_len);
	void *late_data;
	u32 late_arg;

	size_t resp_len;
	bool in_doubt;
};

int gunyah_rm_rpc_init(struct gunyah_rm_rpc *rpc, const struct gunyah_rm_transport_ops *ops,
		       void *transport, u16 first_seq);
void gunyah_rm_rpc_stop(struct gunyah_rm_rpc *rpc);
void gunyah_rm_rpc_destroy(struct gunyah_rm_rpc *rpc);

int gunyah_rm_rpc_call(struct gunyah_rm_rpc *rpc, struct gunyah_rm_call *call);
void gunyah_rm_rpc_receive(struct gunyah_rm_rpc *rpc, const void *packet, size_t size);

#endif
