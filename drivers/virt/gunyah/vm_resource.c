// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the resources that the RM lists for a VM, and the matching of tickets with
 * them.  Does not own what a ticket belongs to.
 */
#include <linux/cleanup.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include <linux/gunyah/abi/hypercall.h>

#include "compat.h"
#include "rm.h"
#include "vm_resource.h"

void gunyah_resources_init(struct gunyah_resources *rs, struct mutex *lock)
{
	rs->lock = lock;
	INIT_LIST_HEAD(&rs->list);
	INIT_LIST_HEAD(&rs->tickets);
}

static struct gunyah_resource *resource_find(struct gunyah_resources *rs, u8 type, u32 label)
{
	struct gunyah_resource *res;

	lockdep_assert_held(rs->lock);

	list_for_each_entry(res, &rs->list, node) {
		if (res->type == type && res->label == label)
			return res;
	}
	return NULL;
}

/* For who needs no ticket: what there is between fetch and drop; NULL: it is not there */
const struct gunyah_resource *gunyah_resource_find(struct gunyah_resources *rs, u8 type,
						   u32 label)
{
	return resource_find(rs, type, label);
}

static struct gunyah_resource_ticket *ticket_find(struct gunyah_resources *rs, u8 type,
						  u32 label)
{
	struct gunyah_resource_ticket *ticket;

	lockdep_assert_held(rs->lock);

	list_for_each_entry(ticket, &rs->tickets, node) {
		if (ticket->type == type && ticket->label == label)
			return ticket;
	}
	return NULL;
}

static int ticket_populate(struct gunyah_resource_ticket *ticket,
			   const struct gunyah_resource *res)
{
	int err = ticket->populate(ticket, res);

	if (!err)
		ticket->resource = res;
	return err;
}

static void ticket_unpopulate(struct gunyah_resource_ticket *ticket)
{
	if (!ticket->resource)
		return;
	ticket->unpopulate(ticket);
	ticket->resource = NULL;
}

/*
 * Only the interrupts of vCPUs, and those that tell of EOIs, are used: mapping the others
 * would just cost
 */
static int resource_map_irq(struct gunyah_rm *rm, const struct gunyah_rm_hyp_resource *entry)
{
	bool tells_eoi = entry->type == GUNYAH_RESOURCE_BELL_TX &&
			 gunyah_rm_caps(rm)->extensions & GUNYAH_EXT_BELL_EOI;

	if (entry->type != GUNYAH_RESOURCE_VCPU && !tells_eoi)
		return 0;
	return gunyah_rm_map_virq(rm, le32_to_cpu(entry->virq));
}

static int resource_add(struct gunyah_resources *rs, struct gunyah_rm *rm,
			const struct gunyah_rm_hyp_resource *entry)
{
	u32 label = le32_to_cpu(entry->label);
	struct gunyah_resource *res;
	int irq;

	/* A guest's device tree may use a doorbell label twice: the first one counts */
	if (resource_find(rs, entry->type, label))
		return 0;

	irq = resource_map_irq(rm, entry);
	if (irq < 0)
		return irq;
	res = kzalloc(sizeof(*res), GFP_KERNEL_ACCOUNT);
	if (!res) {
		if (irq)
			gunyah_rm_unmap_virq(rm, irq);
		return -ENOMEM;
	}
	res->type = entry->type;
	res->label = label;
	res->capid = le32_to_cpu(entry->capid_low) |
		     (u64)le32_to_cpu(entry->capid_high) << 32;
	res->irq = irq;
	list_add_tail(&res->node, &rs->list);
	return 0;
}

static int resources_offer(struct gunyah_resources *rs)
{
	struct gunyah_resource_ticket *ticket;
	struct gunyah_resource *res;
	int err;

	list_for_each_entry(ticket, &rs->tickets, node) {
		res = resource_find(rs, ticket->type, ticket->label);
		if (!res)
			continue;
		err = ticket_populate(ticket, res);
		if (err)
			return err;
	}
	return 0;
}

/**
 * gunyah_resources_fetch() - asks the RM and serves the tickets
 * @rs: empty of resources, locked
 * @rm: the Resource Manager
 * @vmid: the VM, between INIT and START
 *
 * Returns: 0 or an error; then some tickets may be populated, and
 * gunyah_resources_drop() is to be called.
 */
int gunyah_resources_fetch(struct gunyah_resources *rs, struct gunyah_rm *rm, u16 vmid)
{
	struct gunyah_rm_hyp_resources *reply __free(kvfree) = NULL;
	int err;
	u32 i;

	lockdep_assert_held(rs->lock);

	err = gunyah_rm_get_hyp_resources(rm, vmid, &reply);
	if (err) {
		reply = NULL;
		return err;
	}
	for (i = 0; i < reply->count; i++) {
		err = resource_add(rs, rm, &reply->entries[i]);
		if (err)
			return err;
	}
	return resources_offer(rs);
}

/* Takes the resources back from the tickets and forgets them; tickets stay */
void gunyah_resources_drop(struct gunyah_resources *rs, struct gunyah_rm *rm)
{
	struct gunyah_resource_ticket *ticket;
	struct gunyah_resource *res, *next;

	lockdep_assert_held(rs->lock);

	list_for_each_entry(ticket, &rs->tickets, node)
		ticket_unpopulate(ticket);
	list_for_each_entry_safe(res, next, &rs->list, node) {
		list_del(&res->node);
		if (res->irq)
			gunyah_rm_unmap_virq(rm, res->irq);
		kfree(res);
	}
}

/**
 * gunyah_resource_ticket_add() - claims a resource
 * @rs: locked
 * @ticket: with type, label and callbacks
 *
 * Populates it at once if the resource is there already.
 *
 * Returns: 0; EEXIST if it has been claimed; the error of @populate.
 */
int gunyah_resource_ticket_add(struct gunyah_resources *rs,
			       struct gunyah_resource_ticket *ticket)
{
	struct gunyah_resource *res;
	int err;

	if (ticket_find(rs, ticket->type, ticket->label))
		return -EEXIST;
	res = resource_find(rs, ticket->type, ticket->label);
	if (res) {
		err = ticket_populate(ticket, res);
		if (err)
			return err;
	}
	list_add_tail(&ticket->node, &rs->tickets);
	return 0;
}

void gunyah_resource_ticket_remove(struct gunyah_resources *rs,
				   struct gunyah_resource_ticket *ticket)
{
	lockdep_assert_held(rs->lock);

	list_del(&ticket->node);
	ticket_unpopulate(ticket);
}
