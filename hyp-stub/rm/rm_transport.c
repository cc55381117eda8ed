// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * RM transport: packets on the host's queue pair (ABI tables, rm-rpc 1).  Puts
 * requests together out of fragments, cuts replies into fragments, keeps what does
 * not fit into the host's queue.  Knows nothing of what the messages mean.
 *
 * One request is handled at a time: while its reply does not fit into the queue,
 * later requests stay in the host's TX queue.  So nothing here grows.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_priv.h"

/* Order of creation decides the order on the wire, fragments are not interleaved */
struct rm_notif {
	u64 order;
	u32 id;
	u16 seq;
	u16 size;
	u8 data[RM_MAX_NOTIF_PAYLOAD];
};

struct rm_pending_reply {
	bool busy;
	u64 order;
	u32 id;
	u16 seq;
	u32 len;
	u32 packet;		/* next one to send */
	u8 data[RM_MAX_MSG];
};

/* A request of which fragments are still to come */
struct rm_partial {
	bool active;
	struct gunyah_rm_header head;
	unsigned int left;
	u32 len;
	u8 data[RM_MAX_MSG];
};

static struct {
	struct msgq from_host;
	struct msgq to_host;
	struct rm_partial partial;
	struct rm_pending_reply reply;
	struct rm_notif notif[RM_MAX_NOTIFS];
	u32 notif_head;
	u32 nr_notifs;
	u32 dropped;
	u16 notif_seq;
	u64 order;
	bool hold;
	bool running;
} tp;

static unsigned int nr_fragments(const struct gunyah_rm_header *head)
{
	return head->type >> GUNYAH_RM_FRAGMENTS_SHIFT;
}

static unsigned int packet_type(const struct gunyah_rm_header *head)
{
	return head->type & GUNYAH_RM_TYPE_MASK;
}

static u32 packets_for(u32 len)
{
	return len ? (len + GUNYAH_RM_MAX_PAYLOAD - 1) / GUNYAH_RM_MAX_PAYLOAD : 1;
}

/* False: the host's queue is full */
static bool send_packet(u8 type, u32 fragments, u16 seq, u32 id, const u8 *data, u32 len,
			bool push)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE];
	struct gunyah_rm_header head = {
		.api = GUNYAH_RM_API_BYTE,
		.type = (u8)(type | fragments << GUNYAH_RM_FRAGMENTS_SHIFT),
		.seq = seq,
		.msg_id = id,
	};
	bool not_full;
	int err;

	memcpy(packet, &head, sizeof(head));
	memcpy(packet + sizeof(head), data, len);
	err = msgq_send(&tp.to_host, packet, sizeof(head) + len, push, &not_full);
	BUG_ON(err != GUNYAH_ERR_OK && err != GUNYAH_ERR_MSGQUEUE_FULL);
	return err == GUNYAH_ERR_OK;
}

static bool send_reply_packet(void)
{
	struct rm_pending_reply *reply = &tp.reply;
	u32 packets = packets_for(reply->len);
	u32 off = reply->packet * GUNYAH_RM_MAX_PAYLOAD;
	u32 len = min(reply->len - off, (u32)GUNYAH_RM_MAX_PAYLOAD);
	bool last = reply->packet == packets - 1;
	u8 type = reply->packet ? GUNYAH_RM_TYPE_CONTINUATION : GUNYAH_RM_TYPE_REPLY;

	if (!send_packet(type, packets - 1, reply->seq, reply->id, reply->data + off, len, last))
		return false;
	reply->packet++;
	if (last)
		reply->busy = false;
	return true;
}

static bool send_notif(void)
{
	struct rm_notif *notif = &tp.notif[tp.notif_head];

	if (!send_packet(GUNYAH_RM_TYPE_NOTIFICATION, 0, notif->seq, notif->id, notif->data,
			 notif->size, true))
		return false;
	tp.notif_head = (tp.notif_head + 1) % RM_MAX_NOTIFS;
	tp.nr_notifs--;
	return true;
}

static bool send_next(void)
{
	bool notif = tp.nr_notifs;

	if (tp.reply.busy && (tp.reply.packet || !notif ||
			      tp.reply.order < tp.notif[tp.notif_head].order))
		return send_reply_packet();
	return notif && send_notif();
}

static void pump(void)
{
	while (send_next())
		;
}

void rm_notify(u32 id, const void *data, u32 size)
{
	struct rm_notif *notif;

	BUG_ON(size > RM_MAX_NOTIF_PAYLOAD);
	if (tp.nr_notifs == RM_MAX_NOTIFS) {
		tp.notif_head = (tp.notif_head + 1) % RM_MAX_NOTIFS;
		tp.nr_notifs--;
		tp.dropped++;
		printk("rm: host does not read, oldest notification dropped");
	}
	notif = &tp.notif[(tp.notif_head + tp.nr_notifs++) % RM_MAX_NOTIFS];
	notif->order = tp.order++;
	notif->id = id;
	notif->seq = tp.notif_seq++;
	notif->size = (u16)size;
	memcpy(notif->data, data, size);
	pump();
}

void rm_out_put(struct rm_out *out, const void *data, u32 size)
{
	BUG_ON(size > out->max - out->len);
	memcpy(out->data + out->len, data, size);
	out->len += size;
}

struct rm_out rm_reply_out(void)
{
	BUG_ON(tp.reply.busy);
	return (struct rm_out){
		.data = tp.reply.data + sizeof(struct gunyah_rm_reply_header),
		.max = RM_MAX_MSG - sizeof(struct gunyah_rm_reply_header),
	};
}

void rm_reply(u32 id, u16 seq, u32 error, u32 data_len)
{
	struct rm_pending_reply *reply = &tp.reply;
	struct gunyah_rm_reply_header head = { .error = error };

	BUG_ON(reply->busy);
	memcpy(reply->data, &head, sizeof(head));
	reply->busy = true;
	reply->order = tp.order++;
	reply->id = id;
	reply->seq = seq;
	reply->len = sizeof(head) + data_len;
	reply->packet = 0;
	pump();
}

static void complete_request(const struct gunyah_rm_header *head, const u8 *data, u32 len)
{
	struct rm_req req = { .id = head->msg_id, .seq = head->seq, .data = data, .len = len };

	/* Clients have nothing to reply to and nothing to notify: dropped (rm-rpc 1.3) */
	if (packet_type(head) == GUNYAH_RM_TYPE_REQUEST)
		rm_dispatch(&req);
}

static void continue_partial(const struct gunyah_rm_header *head, const u8 *data, u32 len)
{
	struct rm_partial *p = &tp.partial;

	/* A stray continuation does not harm the message that is under way */
	if (!p->active || head->seq != p->head.seq || head->msg_id != p->head.msg_id ||
	    nr_fragments(head) != nr_fragments(&p->head))
		return;
	memcpy(p->data + p->len, data, len);
	p->len += len;
	if (--p->left)
		return;
	p->active = false;
	complete_request(&p->head, p->data, p->len);
}

static void first_packet(const struct gunyah_rm_header *head, const u8 *data, u32 len)
{
	struct rm_partial *p = &tp.partial;

	p->active = false;
	if (!nr_fragments(head)) {
		complete_request(head, data, len);
		return;
	}
	p->active = true;
	p->head = *head;
	p->left = nr_fragments(head);
	p->len = len;
	memcpy(p->data, data, len);
}

static void handle_packet(const u8 *packet, size_t size)
{
	struct gunyah_rm_header head;
	u32 len;

	if (size < sizeof(head))
		return;
	memcpy(&head, packet, sizeof(head));
	if (head.api != GUNYAH_RM_API_BYTE || nr_fragments(&head) > GUNYAH_RM_MAX_FRAGMENTS)
		return;
	len = (u32)(size - sizeof(head));
	if (packet_type(&head) == GUNYAH_RM_TYPE_CONTINUATION)
		continue_partial(&head, packet + sizeof(head), len);
	else
		first_packet(&head, packet + sizeof(head), len);
}

static bool take_packet(void)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE];
	bool not_empty;
	size_t size;

	if (tp.reply.busy || tp.hold || !tp.from_host.count)
		return false;
	if (msgq_receive(&tp.from_host, packet, sizeof(packet), &size, &not_empty))
		return false;
	handle_packet(packet, size);
	return true;
}

void rm_run(void)
{
	assert_locked();
	if (tp.running)
		return;
	tp.running = true;
	do {
		rm_work();
		pump();
	} while (take_packet());
	tp.running = false;
}

void rm_hold_requests(bool hold)
{
	tp.hold = hold;
}

bool rm_requests_waiting(void)
{
	return tp.from_host.count && !tp.hold && !tp.reply.busy;
}

u32 rm_notifs_queued(void)
{
	return tp.nr_notifs;
}

u32 rm_notifs_dropped(void)
{
	return tp.dropped;
}

static void host_sent(struct msgq *q)
{
	if (!rm_cfg.async)
		rm_run();
}

static void host_received(struct msgq *q)
{
	pump();
	if (!rm_cfg.async)
		rm_run();
}

bool rm_transport_init(u64 *host_tx_cap, u64 *host_rx_cap, u32 *tx_intid, u32 *rx_intid)
{
	memset(&tp, 0, sizeof(tp));
	msgq_init(&tp.from_host);
	msgq_init(&tp.to_host);
	*tx_intid = host_virq_alloc();
	*rx_intid = host_virq_alloc();
	if (!*tx_intid || !*rx_intid)
		return false;
	tp.from_host.send_virq.intid = *tx_intid;
	tp.from_host.pushed = host_sent;
	tp.to_host.recv_virq.intid = *rx_intid;
	tp.to_host.drained = host_received;
	return !cspace_add(&host_cspace, CAP_MSGQ, &tp.from_host, GUNYAH_RIGHT_MSGQ_SEND,
			   host_tx_cap) &&
	       !cspace_add(&host_cspace, CAP_MSGQ, &tp.to_host, GUNYAH_RIGHT_MSGQ_RECEIVE,
			   host_rx_cap);
}
