// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * RM transport: packets on the queue pairs of its clients, the host and guests that
 * asked for one (ABI tables, rm-rpc 1).  Puts requests together out of fragments, cuts
 * messages into fragments, keeps what does not fit into a client's queue.  Knows nothing
 * of what the messages mean.
 *
 * One request of a client is handled at a time: while its reply does not fit into the
 * queue, later requests stay in the client's other queue.  So nothing here grows, and a
 * client that does not read stops nobody but itself.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_client.h"

static struct rm_notif host_notifs[RM_MAX_NOTIFS];
static struct rm_client host;
/* The host, and guests with an RM channel */
static struct rm_client *clients[RM_MAX_VMS + 1];
static unsigned int nr_clients;
static bool running;

struct rm_client *rm_host(void)
{
	return &host;
}

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

/* --- to the client --- */

/* A message and how far it is */
struct outgoing {
	u8 type;
	u16 seq;
	u32 id;
	const u8 *data;
	u32 len;
	u32 *packet;		/* next one to send */
};

/* The next packet of @out.  False: the client's queue is full */
static bool send_packet(struct rm_client *client, const struct outgoing *out)
{
	u32 fragments = packets_for(out->len) - 1;
	u32 off = *out->packet * GUNYAH_RM_MAX_PAYLOAD;
	u32 len = min(out->len - off, (u32)GUNYAH_RM_MAX_PAYLOAD);
	u8 type = *out->packet ? GUNYAH_RM_TYPE_CONTINUATION : out->type;
	struct gunyah_rm_header head = {
		.api = GUNYAH_RM_API_BYTE,
		.type = (u8)(type | fragments << GUNYAH_RM_FRAGMENTS_SHIFT),
		.seq = out->seq,
		.msg_id = out->id,
	};
	u8 packet[GUNYAH_RM_PACKET_SIZE];
	bool not_full;
	int err;

	memcpy(packet, &head, sizeof(head));
	memcpy(packet + sizeof(head), out->data + off, len);
	err = msgq_send(&client->to, packet, sizeof(head) + len, *out->packet == fragments,
			&not_full);
	BUG_ON(err != GUNYAH_ERR_OK && err != GUNYAH_ERR_MSGQUEUE_FULL);
	if (err)
		return false;
	(*out->packet)++;
	return true;
}

static bool send_reply(struct rm_client *client)
{
	struct rm_pending_reply *reply = &client->reply;
	const struct outgoing out = {
		.type = GUNYAH_RM_TYPE_REPLY, .seq = reply->seq, .id = reply->id,
		.data = reply->data, .len = reply->len, .packet = &reply->packet,
	};

	if (!send_packet(client, &out))
		return false;
	reply->busy = reply->packet < packets_for(reply->len);
	return true;
}

static struct rm_notif *notif_at(struct rm_client *client, u32 i)
{
	return &client->notif[(client->notif_head + i) % client->max_notifs];
}

static u64 notif_pages(const struct rm_notif *notif)
{
	return ALIGN_UP((u64)notif->size, PAGE_SIZE) / PAGE_SIZE;
}

/* The oldest is sent, or given up */
static void forget_notif(struct rm_client *client)
{
	struct rm_notif *notif = notif_at(client, 0);

	if (notif->pa)
		page_pool_free(&object_pool, notif->pa, notif_pages(notif));
	client->nr_of_guests -= notif->of_guest;
	client->notif_head = (client->notif_head + 1) % client->max_notifs;
	client->nr_notifs--;
}

static bool send_notif(struct rm_client *client)
{
	struct rm_notif *notif = notif_at(client, 0);
	const struct outgoing out = {
		.type = GUNYAH_RM_TYPE_NOTIFICATION, .seq = notif->seq, .id = notif->id,
		.data = notif->pa ? arch_pa_to_va(notif->pa) : notif->data,
		.len = notif->size, .packet = &notif->packet,
	};

	if (!send_packet(client, &out))
		return false;
	if (notif->packet == packets_for(notif->size))
		forget_notif(client);
	return true;
}

/* Order of creation decides the order on the wire, fragments are not interleaved */
static bool send_next(struct rm_client *client)
{
	const struct rm_notif *notif = client->nr_notifs ? notif_at(client, 0) : NULL;
	const struct rm_pending_reply *reply = &client->reply;

	if (notif && (notif->packet || !reply->busy ||
		      (!reply->packet && notif->order < reply->order)))
		return send_notif(client);
	return reply->busy && send_reply(client);
}

static void pump(struct rm_client *client)
{
	while (send_next(client))
		;
}

/* One that has begun is finished: then the next one goes in its place */
static void drop_oldest(struct rm_client *client)
{
	struct rm_notif *oldest = notif_at(client, 0);

	if (oldest->packet) {
		struct rm_notif begun = *oldest;

		*oldest = *notif_at(client, 1);
		*notif_at(client, 1) = begun;
	}
	forget_notif(client);
	client->dropped++;
	printk("rm: VM %u does not read, oldest notification dropped", client->vmid);
}

static bool fill_notif(struct rm_notif *notif, const void *data, u32 size)
{
	notif->size = (u16)size;
	if (size > sizeof(notif->data)) {
		notif->pa = page_pool_alloc(&object_pool, notif_pages(notif), 1);
		if (!notif->pa)
			return false;
	}
	memcpy(notif->pa ? arch_pa_to_va(notif->pa) : notif->data, data, size);
	return true;
}

bool rm_notify_client(struct rm_client *client, const struct rm_client *from, u32 id,
		      const void *data, u32 size)
{
	struct rm_notif notif = { .id = id, .of_guest = from && from != &host };

	BUG_ON(size > RM_MAX_MSG);
	if (notif.of_guest && client->nr_of_guests == RM_MAX_NOTIFS_OF_GUESTS)
		return false;
	if (!fill_notif(&notif, data, size))
		return false;
	if (client->nr_notifs == client->max_notifs)
		drop_oldest(client);
	notif.order = client->order++;
	notif.seq = client->notif_seq++;
	client->nr_of_guests += notif.of_guest;
	*notif_at(client, client->nr_notifs++) = notif;
	pump(client);
	return true;
}

void rm_notify(u32 id, const void *data, u32 size)
{
	BUG_ON(size > RM_MAX_NOTIF_PAYLOAD);
	if (!rm_notify_client(&host, NULL, id, data, size))
		panic("rm: a small notification needs no memory");
}

void rm_out_put(struct rm_out *out, const void *data, u32 size)
{
	BUG_ON(size > out->max - out->len);
	memcpy(out->data + out->len, data, size);
	out->len += size;
}

struct rm_out rm_reply_out(struct rm_client *client)
{
	BUG_ON(client->reply.busy);
	return (struct rm_out){
		.data = client->reply.data + sizeof(struct gunyah_rm_reply_header),
		.max = RM_MAX_MSG - sizeof(struct gunyah_rm_reply_header),
	};
}

void rm_reply(struct rm_client *client, u32 id, u16 seq, u32 error, u32 data_len)
{
	struct rm_pending_reply *reply = &client->reply;
	struct gunyah_rm_reply_header head = { .error = error };

	BUG_ON(reply->busy);
	memcpy(reply->data, &head, sizeof(head));
	reply->busy = true;
	reply->order = client->order++;
	reply->id = id;
	reply->seq = seq;
	reply->len = sizeof(head) + data_len;
	reply->packet = 0;
	pump(client);
}

/* --- from the client --- */

static void complete_request(struct rm_client *client, const struct gunyah_rm_header *head,
			     const u8 *data, u32 len)
{
	struct rm_req req = {
		.client = client, .from = client->vmid,
		.id = head->msg_id, .seq = head->seq, .data = data, .len = len,
	};

	/* Clients have nothing to reply to and nothing to notify: dropped (rm-rpc 1.3) */
	if (packet_type(head) == GUNYAH_RM_TYPE_REQUEST)
		rm_dispatch(&req);
}

static void continue_partial(struct rm_client *client, const struct gunyah_rm_header *head,
			     const u8 *data, u32 len)
{
	struct rm_partial *p = &client->partial;

	/* A stray continuation does not harm the message that is under way */
	if (!p->active || head->seq != p->head.seq || head->msg_id != p->head.msg_id ||
	    nr_fragments(head) != nr_fragments(&p->head))
		return;
	memcpy(p->data + p->len, data, len);
	p->len += len;
	if (--p->left)
		return;
	p->active = false;
	complete_request(client, &p->head, p->data, p->len);
}

static void first_packet(struct rm_client *client, const struct gunyah_rm_header *head,
			 const u8 *data, u32 len)
{
	struct rm_partial *p = &client->partial;

	p->active = false;
	if (!nr_fragments(head)) {
		complete_request(client, head, data, len);
		return;
	}
	p->active = true;
	p->head = *head;
	p->left = nr_fragments(head);
	p->len = len;
	memcpy(p->data, data, len);
}

static void handle_packet(struct rm_client *client, const u8 *packet, size_t size)
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
		continue_partial(client, &head, packet + sizeof(head), len);
	else
		first_packet(client, &head, packet + sizeof(head), len);
}

static bool request_waits(const struct rm_client *client)
{
	return client->from.count && !client->hold && !client->reply.busy &&
	       rm_client_lives(client);
}

static bool take_packet(struct rm_client *client)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE];
	bool not_empty;
	size_t size;

	if (!request_waits(client) ||
	    msgq_receive(&client->from, packet, sizeof(packet), &size, &not_empty))
		return false;
	handle_packet(client, packet, size);
	return true;
}

/* True: something has moved, and more may be possible now.  Clients may go meanwhile */
static bool serve_clients(void)
{
	bool moved = false;

	for (unsigned int i = 0; i < nr_clients; i++) {
		pump(clients[i]);
		moved |= take_packet(clients[i]);
	}
	return moved;
}

void rm_run(void)
{
	assert_locked();
	if (running)
		return;
	running = true;
	do {
		rm_work();
	} while (serve_clients());
	running = false;
}

void rm_hold_requests(bool hold)
{
	host.hold = hold;
}

bool rm_requests_waiting(void)
{
	for (unsigned int i = 0; i < nr_clients; i++)
		if (request_waits(clients[i]))
			return true;
	return false;
}

u32 rm_notifs_queued(void)
{
	return host.nr_notifs;
}

u32 rm_notifs_dropped(void)
{
	return host.dropped;
}

static void client_sent(struct msgq *q)
{
	if (!rm_cfg.async)
		rm_run();
}

static void client_received(struct msgq *q)
{
	pump(q->owner);
	if (!rm_cfg.async)
		rm_run();
}

bool rm_client_add(struct rm_client *client, u16 vmid, struct rm_notif *notifs, u32 max_notifs)
{
	if (nr_clients == ARRAY_SIZE(clients))
		return false;
	clients[nr_clients++] = client;
	client->vmid = vmid;
	client->notif = notifs;
	client->max_notifs = max_notifs;
	msgq_init(&client->from);
	msgq_init(&client->to);
	client->from.owner = client;
	client->from.pushed = client_sent;
	client->to.owner = client;
	client->to.drained = client_received;
	return true;
}

void rm_client_remove(struct rm_client *client)
{
	while (client->nr_notifs)
		forget_notif(client);
	for (unsigned int i = 0; i < nr_clients; i++)
		if (clients[i] == client) {
			clients[i] = clients[--nr_clients];
			return;
		}
}

bool rm_transport_init(u64 *host_tx_cap, u64 *host_rx_cap, u32 *tx_intid, u32 *rx_intid)
{
	nr_clients = 0;
	memset(&host, 0, sizeof(host));
	running = false;
	*tx_intid = host_virq_alloc();
	*rx_intid = host_virq_alloc();
	if (!*tx_intid || !*rx_intid ||
	    !rm_client_add(&host, GUNYAH_VMID_HLOS, host_notifs, ARRAY_SIZE(host_notifs)))
		return false;
	host.from.send_virq.intid = *tx_intid;
	host.to.recv_virq.intid = *rx_intid;
	return !cspace_add(&host_cspace, CAP_MSGQ, &host.from, GUNYAH_RIGHT_MSGQ_SEND,
			   host_tx_cap) &&
	       !cspace_add(&host_cspace, CAP_MSGQ, &host.to, GUNYAH_RIGHT_MSGQ_RECEIVE,
			   host_rx_cap);
}
