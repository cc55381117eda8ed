/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the Resource Manager gives the owner of a VM: capabilities with interrupts.
 * Who wants one holds a ticket, before or after the VM has it.  Layer 4: knows the
 * RM, not the VM.
 */
#ifndef _GUNYAH_VM_RESOURCE_H
#define _GUNYAH_VM_RESOURCE_H

#include <linux/list.h>
#include <linux/types.h>

#include <linux/gunyah/abi/resource.h>

struct gunyah_rm;
struct mutex;

/**
 * struct gunyah_resource - one entry of GET_HYP_RESOURCES
 * @node: in gunyah_resources.list
 * @type: GUNYAH_RESOURCE_*
 * @label: of the guest's device tree; index of a vCPU
 * @capid: its capability
 * @irq: Linux interrupt, 0 if it has none
 */
struct gunyah_resource {
	struct list_head node;
	u8 type;
	u32 label;
	u64 capid;
	int irq;
};

/**
 * struct gunyah_resource_ticket - a claim on a resource
 * @node: in gunyah_resources.tickets
 * @type: GUNYAH_RESOURCE_*
 * @label: of the resource
 * @resource: what it got, or NULL
 * @populate: the resource is there.  An error means that it cannot be used
 * @unpopulate: it goes away; only after a successful @populate
 *
 * The callbacks run under gunyah_resources.lock.
 */
struct gunyah_resource_ticket {
	struct list_head node;
	u8 type;
	u32 label;
	const struct gunyah_resource *resource;
	int (*populate)(struct gunyah_resource_ticket *ticket,
			const struct gunyah_resource *resource);
	void (*unpopulate)(struct gunyah_resource_ticket *ticket);
};

/**
 * struct gunyah_resources - resources and tickets of a VM
 * @lock: protects both lists; belongs to the user of this structure
 * @list: struct gunyah_resource, at most one of each type and label
 * @tickets: struct gunyah_resource_ticket, at most one of each type and label
 */
struct gunyah_resources {
	struct mutex *lock; /* both lists */
	struct list_head list;
	struct list_head tickets;
};

void gunyah_resources_init(struct gunyah_resources *rs, struct mutex *lock);
int gunyah_resources_fetch(struct gunyah_resources *rs, struct gunyah_rm *rm, u16 vmid);
void gunyah_resources_drop(struct gunyah_resources *rs, struct gunyah_rm *rm);

const struct gunyah_resource *gunyah_resource_find(struct gunyah_resources *rs, u8 type,
						   u32 label);

int gunyah_resource_ticket_add(struct gunyah_resources *rs,
			       struct gunyah_resource_ticket *ticket);
void gunyah_resource_ticket_remove(struct gunyah_resources *rs,
				   struct gunyah_resource_ticket *ticket);

#endif
