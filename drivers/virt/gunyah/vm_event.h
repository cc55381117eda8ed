/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What others are told about a VM: descriptors that poll, and an audience that hears
 * of all VMs.  Layer 6, part of the VM.
 */
#ifndef _GUNYAH_VM_EVENT_H
#define _GUNYAH_VM_EVENT_H

#include <linux/kref.h>
#include <linux/poll.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct file;
struct gunyah_vm;
struct gunyah_vm_info;

/**
 * enum gunyah_vm_news - what an audience is told, in this order
 * @GUNYAH_VM_NEWS_CREATE: the VM has an id
 * @GUNYAH_VM_NEWS_START: it runs
 * @GUNYAH_VM_NEWS_EXIT: it has run
 * @GUNYAH_VM_NEWS_DESTROY: its id is about to be given back
 * @GUNYAH_VM_NR_NEWS: how many there are
 */
enum gunyah_vm_news {
	GUNYAH_VM_NEWS_CREATE,
	GUNYAH_VM_NEWS_START,
	GUNYAH_VM_NEWS_EXIT,
	GUNYAH_VM_NEWS_DESTROY,
	GUNYAH_VM_NR_NEWS,
};

/**
 * struct gunyah_vm_audience - hears of the lives of VMs
 * @ref: one for its owner, one for each VM
 * @release: of @ref
 * @wq: ordered, so that news of several VMs come in the order of the events
 * @tell: news of the VM with id @vmid.  @exit_type: why it exited, or -1 as long as the
 *	RM has not said that.  Process context; no lock is held
 */
struct gunyah_vm_audience {
	struct kref ref;
	void (*release)(struct kref *ref);
	struct workqueue_struct *wq;
	void (*tell)(struct gunyah_vm_audience *audience, enum gunyah_vm_news news, u16 vmid,
		     int exit_type);
};

/**
 * struct gunyah_vm_events - what others know about a VM
 * @audience: NULL: there is none; constant once the VM is known to user space
 * @work: tells the audience what is due
 * @vmid: the id that news are about
 * @happened: news that there have been
 * @due: those of them that the audience does not know yet
 * @changes: how often state, status or exit information have changed
 * @seen: what user space has seen of @changes
 * @state: the last that was counted in @changes; likewise what follows
 * @status: enum gunyah_vm_status or 0
 * @exit_known: there is exit information
 *
 * All but the first two are protected by gunyah_vm.event_lock.
 */
struct gunyah_vm_events {
	struct gunyah_vm_audience *audience;
	struct work_struct work;
	u16 vmid;
	unsigned long happened;
	unsigned long due;
	u64 changes;
	u64 seen;
	u8 state;
	u8 status;
	bool exit_known;
};

void gunyah_vm_events_init(struct gunyah_vm *vm);
void gunyah_vm_set_audience(struct gunyah_vm *vm, struct gunyah_vm_audience *audience);
void gunyah_vm_events_end(struct gunyah_vm *vm);

/* Under event_lock */
void gunyah_vm_changed(struct gunyah_vm *vm);
void gunyah_vm_news(struct gunyah_vm *vm, enum gunyah_vm_news news);
void gunyah_vm_news_end(struct gunyah_vm *vm);

int gunyah_vm_get_info(struct gunyah_vm *vm, struct gunyah_vm_info *info);
void gunyah_vm_info_seen(struct gunyah_vm *vm, const struct gunyah_vm_info *info);
__poll_t gunyah_vm_poll(struct gunyah_vm *vm, struct file *file, poll_table *wait);

#endif
