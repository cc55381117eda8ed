/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A client of the RM: what the transport keeps for the host, or for one guest. */
#ifndef STUB_RM_CLIENT_H
#define STUB_RM_CLIENT_H

#include "rm/rm_priv.h"

/**
 * struct rm_notif - a notification that is on its way
 * @order: number among the client's messages, by creation
 * @id: GUNYAH_RM_NOTIF_*
 * @seq: sequence number
 * @size: payload, bytes
 * @packet: next packet to send
 * @of_guest: a guest has caused it
 * @pa: payload in pages of its own, 0: in @data
 * @data: a small payload
 */
struct rm_notif {
	u64 order;
	u32 id;
	u16 seq;
	u16 size;
	u32 packet;
	bool of_guest;
	u64 pa;
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

/**
 * struct rm_client - who talks to the RM
 * @vmid: the client
 * @from: queue of its requests
 * @to: queue of replies and notifications
 * @hold: requests wait: one of them is answered later
 * @partial: request that is not complete
 * @reply: reply that does not fit into the queue
 * @notif: ring of notifications that do not either, @max_notifs
 * @max_notifs: size of @notif
 * @notif_head: the oldest
 * @nr_notifs: how many
 * @nr_of_guests: those caused by guests: a few, lest they push others out
 * @dropped: lost because the client did not read
 * @notif_seq: sequence number of the next one
 * @order: of the next message
 */
struct rm_client {
	u16 vmid;
	struct msgq from;
	struct msgq to;
	bool hold;
	struct rm_partial partial;
	struct rm_pending_reply reply;
	struct rm_notif *notif;
	u32 max_notifs;
	u32 notif_head;
	u32 nr_notifs;
	u32 nr_of_guests;
	u32 dropped;
	u16 notif_seq;
	u64 order;
};

/* @client is zero, its notifications and queues are its own until rm_client_remove() */
bool rm_client_add(struct rm_client *client, u16 vmid, struct rm_notif *notifs, u32 max_notifs)
	__must_check;
void rm_client_remove(struct rm_client *client);
/* The host, or a guest that runs: its requests are taken */
bool rm_client_lives(const struct rm_client *client);

#endif
