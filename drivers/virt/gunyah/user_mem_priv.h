/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of user_mem share: user_mem.c owns the object, its share of
 * RLIMIT_MEMLOCK and the pins of memory that stays; user_mem_paged.c the pages that
 * come and go.
 */
#ifndef _GUNYAH_USER_MEM_PRIV_H
#define _GUNYAH_USER_MEM_PRIV_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/types.h>

#include "mem.h"

/**
 * struct gunyah_user_mem - memory of a process that backs a VM's
 * @ref: one for each range
 * @mm: whose memory, and whose locked_vm counts it; only the structure is held, not
 *	the memory; constant
 * @mem: of the VM; constant
 * @gfn: the guest page that page 0 is; constant: a range that is cut moves nothing
 * @uaddr: address of page 0; constant
 * @nr: pages; constant
 * @write: pages are got for writing; constant
 * @exclusive: nobody else has access to what the guest has; constant
 * @pins: struct gunyah_user_pins: what stays; mem->lock, once the range is in a VM
 * @notifier: tells when the mm wants pages back, if @notified
 * @notified: @notifier is in use; constant
 */
struct gunyah_user_mem {
	struct kref ref;
	struct mm_struct *mm;
	struct gunyah_mem *mem;
	u64 gfn;
	unsigned long uaddr;
	u64 nr;
	bool write;
	bool exclusive;
	struct list_head pins;
	struct mmu_interval_notifier notifier;
	bool notified;
};

static inline unsigned long gunyah_user_mem_addr(const struct gunyah_user_mem *umem, u64 index)
{
	return umem->uaddr + (index << PAGE_SHIFT);
}

/* user_mem.c */
int gunyah_user_page_check(struct page *page, bool write);

/* user_mem_paged.c: fill the operations of the same name */
int gunyah_user_mem_watch(struct gunyah_user_mem *umem);
int gunyah_user_mem_supply_shared(struct gunyah_mem_range *range, struct gunyah_supply *s);
bool gunyah_user_mem_valid_shared(struct gunyah_mem_range *range,
				  const struct gunyah_supply *s);
void gunyah_user_mem_supplied_shared(struct gunyah_mem_range *range, struct gunyah_supply *s,
				     unsigned int taken);
void gunyah_user_mem_returned_shared(struct gunyah_mem_range *range, u64 index,
				     unsigned long pfn, u64 nr);
int gunyah_user_mem_supply_lent(struct gunyah_mem_range *range, struct gunyah_supply *s);
bool gunyah_user_mem_valid_lent(struct gunyah_mem_range *range, const struct gunyah_supply *s);
void gunyah_user_mem_supplied_lent(struct gunyah_mem_range *range, struct gunyah_supply *s,
				   unsigned int taken);
void gunyah_user_mem_returned_lent(struct gunyah_mem_range *range, u64 index,
				   unsigned long pfn, u64 nr);

#endif
