/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One of the two ways in which memory reaches a guest: parcels of the Resource
 * Manager, handed over before the VM starts.  Layer 5.
 */
#ifndef _GUNYAH_PARCEL_H
#define _GUNYAH_PARCEL_H

#include <linux/list.h>
#include <linux/types.h>

#include "mem.h"

struct gunyah_rm;
struct gunyah_rm_mem_entry;

enum gunyah_parcel_state {
	GUNYAH_PARCEL_PLANNED,	/* the pages are ours */
	GUNYAH_PARCEL_HANDED,	/* @handle is known */
	GUNYAH_PARCEL_UNKNOWN,	/* the RM may have the pages, without a handle */
};

/**
 * struct gunyah_parcel - ranges that the RM gets as one
 * @node: in the VM's list, in the order of guest addresses; mem_lock
 * @mem: the VM's memory; constant
 * @gfns: all guest pages, of one range or of some that follow each other; constant
 * @kind: of all of its ranges; constant
 * @rights: of all of its ranges; constant
 * @label: what the RM is told
 * @populated: its backings keep the pages
 * @state: see &enum gunyah_parcel_state; mem_lock
 * @handle: the RM's name for it, if handed over
 */
struct gunyah_parcel {
	struct list_head node;
	struct gunyah_mem *mem;
	struct gunyah_gfns gfns;
	enum gunyah_mem_kind kind;
	u8 rights;
	u32 label;
	bool populated;
	enum gunyah_parcel_state state;
	u32 handle;
};

int gunyah_parcels_plan(struct gunyah_mem *mem, struct gunyah_mem_range *image,
			const struct gunyah_mem_range *apart, struct list_head *parcels);
int gunyah_parcels_plan_one(struct gunyah_mem *mem, struct gunyah_mem_range *range,
			    struct gunyah_gfns gfns, struct list_head *parcels);
struct gunyah_parcel *gunyah_parcels_find(struct list_head *parcels, struct gunyah_gfns gfns);
int gunyah_parcel_hand_over(struct gunyah_parcel *parcel, struct gunyah_rm *rm, u16 vmid);
unsigned int gunyah_parcels_reclaim(struct list_head *parcels, struct gunyah_rm *rm);
void gunyah_parcels_free(struct list_head *parcels);

size_t gunyah_range_entries(const struct gunyah_mem_range *range, u64 index, u64 nr,
			    struct gunyah_rm_mem_entry *entries);
void gunyah_range_lose(struct gunyah_mem_range *range, u64 index, u64 nr);

#endif
