/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of layer 4: shared by the files rm*.c, by main.c, which connects them
 * to a transport, and by their tests.  Everybody else uses rm.h.
 */
#ifndef _GUNYAH_RM_PRIV_H
#define _GUNYAH_RM_PRIV_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/notifier.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "rm.h"
#include "rm_rpc.h"

/* A VMID that no VM has: not dynamic, not "any", not "peer default" (rm-rpc 1.6) */
#define GUNYAH_RM_VMID_NOBODY	0xfffd

/* A busy RM is asked again (refused, so nothing has happened), this often */
#define GUNYAH_RM_BUSY_TRIES	8

/**
 * struct gunyah_rm - the Resource Manager
 * @ref: who holds it: the binding and each VM
 * @dev: the platform device, for its node and for log lines
 * @rpc: connection
 * @caps: constant after gunyah_rm_bind()
 * @chain: who wants VM events
 * @events: ordered: VM events reach @chain in the order in which they came
 * @undos: reclaims what late replies brought; apart from @events, as it waits
 * @witness_lock: protects @witnesses
 * @witnesses: struct gunyah_rm_witness
 */
struct gunyah_rm {
	struct kref ref;
	struct device *dev;
	struct gunyah_rm_rpc rpc;
	struct gunyah_rm_caps caps;
	struct blocking_notifier_head chain;
	struct workqueue_struct *events;
	struct workqueue_struct *undos;
	spinlock_t witness_lock; /* witnesses */
	struct list_head witnesses;
};

/**
 * struct gunyah_rm_msg - a request and what its reply must be
 * @id: GUNYAH_RM_*
 * @req: payload
 * @req_size: bytes
 * @resp: reply, header first; NULL if it has nothing else
 * @resp_min: bytes that a successful reply has at least
 * @resp_max: bytes at @resp; 0: @resp_min
 * @killable: see struct gunyah_rm_call
 * @late: see there
 * @late_arg: see there
 * @quiet: a refusal is no news
 * @error: out: what the RM said, valid if @answered
 * @answered: out: the RM said something
 * @in_doubt: out: the call failed, but the RM may have done it all the same
 * @resp_len: out: bytes of the reply
 */
struct gunyah_rm_msg {
	u32 id;
	const void *req;
	size_t req_size;
	void *resp;
	size_t resp_min;
	size_t resp_max;
	bool killable;
	void (*late)(void *data, u32 arg, const void *resp, size_t resp_len);
	u32 late_arg;
	bool quiet;

	u32 error;
	bool answered;
	bool in_doubt;
	size_t resp_len;
};

/* Reply of ALLOCATE and GET_VMID, of LEND and SHARE: one word behind the error */
struct gunyah_rm_word_reply {
	struct gunyah_rm_reply_header header;
	__le32 word;
} __packed;

int gunyah_rm_send_msg(struct gunyah_rm *rm, struct gunyah_rm_msg *msg);
/* A request failed: false if the task has no witness, who would have to report it */
bool gunyah_rm_witness_note(struct gunyah_rm *rm, enum gunyah_rm_outcome outcome,
			    const struct gunyah_rm_msg *msg);
/* The hypervisor's error word came with the refusal */
void gunyah_rm_witness_note_hyp(struct gunyah_rm *rm, u32 msg_id, u32 hyp_error);
/* Requests that are just a VMID */
int gunyah_rm_vmid_msg(struct gunyah_rm *rm, u32 msg_id, u16 vmid);
/* Is @resp a reply that says OK? */
bool gunyah_rm_reply_ok(const void *resp, size_t resp_len);
/* Is @resp a complete reply that says OK?  Then *@word is what follows */
bool gunyah_rm_word_reply_ok(const void *resp, size_t resp_len, u32 *word);
/* Calls @undo with @arg later, where the RM may be called */
void gunyah_rm_queue_undo(struct gunyah_rm *rm, int (*undo)(struct gunyah_rm *rm, u32 arg),
			  u32 arg);

/* VMIDs that mean us or nobody are never meant by a caller, and deadly to some RMs */
static inline bool gunyah_rm_vmid_ok(struct gunyah_rm *rm, u16 vmid)
{
	return vmid != GUNYAH_VMID_SELF && vmid != rm->caps.own_vmid &&
	       vmid != GUNYAH_VMID_RM && vmid < GUNYAH_RM_VMID_NOBODY;
}

/* One step of gunyah_rm_mem_share() */
int gunyah_rm_mem_append(struct gunyah_rm *rm, u32 handle, void *buf,
			 const struct gunyah_rm_mem_entry *entries, size_t count, bool last);

/* From the connection, in its receiving context */
void gunyah_rm_notify(void *data, u32 msg_id, const void *payload, size_t size);

struct gunyah_rm *gunyah_rm_create(struct device *dev,
				   const struct gunyah_rm_transport_ops *ops, void *transport,
				   unsigned long timeout, u16 first_seq);
int gunyah_rm_bind(struct gunyah_rm *rm);
void gunyah_rm_shutdown(struct gunyah_rm *rm);

#endif
