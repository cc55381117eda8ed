/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The Resource Manager: a service inside the stub which talks to the host through
 * a pair of message queues (ABI tables, rm-rpc).  This is what the core sees of it.
 */
#ifndef STUB_RM_H
#define STUB_RM_H

#include "lib/types.h"

/**
 * struct rm_config - boot options
 * @production: behave as the production RM does, otherwise as the open one of 12/2023
 * @debug: relax what a debug build of the open RM relaxes: SHAREd images start
 * @demand_paging: of the production one: guests' memory may come on a fault
 * @async: requests are handled in rm_poll() only, after the host's send has returned
 * @firmware: for protected VMs, enters at its first byte; NULL: there is none
 * @firmware_size: its bytes
 */
struct rm_config {
	bool production;
	bool debug;
	bool demand_paging;
	bool async;
	const void *firmware;
	u64 firmware_size;
};

/**
 * struct rm_stats - what is in use, for tests that look for leaks
 * @vms: VMIDs allocated
 * @parcels: memparcels, each has one handle
 * @parcel_bytes: memory in them
 * @notifications: queued for the host and not yet in its queue
 * @dropped: notifications that were lost because the host did not read
 * @sender_faults: messages that would have killed the open RM
 * @requests: requests handled since boot
 */
struct rm_stats {
	u32 vms;
	u32 parcels;
	u64 parcel_bytes;
	u32 notifications;
	u32 dropped;
	u32 sender_faults;
	u64 requests;
};

/*
 * Creates the host's queue pair: capabilities in host_cspace with SEND and RECEIVE,
 * interrupts from host_virq_alloc(), TX first.  Takes scratch memory out of
 * object_pool once.  False when memory, capabilities or interrupts have run out.
 */
bool rm_init(const struct rm_config *cfg, u64 *host_tx_cap, u64 *host_rx_cap, u32 *tx_intid,
	     u32 *rx_intid) __must_check;

/*
 * Goes on with what had to wait: a STOP or an exit until all vCPUs have left the
 * guest, and (async) requests in the queue.  The core calls it after each guest exit
 * and, with async, on host exits.  Cheap when there is nothing to do.
 */
void rm_poll(void);
/* rm_poll() has something to do which needs another exit of the host or a guest */
bool rm_pending(void);

void rm_stats(struct rm_stats *stats);

#endif
