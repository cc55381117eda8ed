/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resource Manager: one typed function per message, and the VM events that its
 * notifications become.  Layer 4: knows messages and RM errors, neither packets
 * (rm_rpc) nor ioctls.
 */
#ifndef _GUNYAH_RM_H
#define _GUNYAH_RM_H

#include <linux/list.h>
#include <linux/notifier.h>
#include <linux/types.h>

#include <linux/gunyah/abi/resource.h>
#include <linux/gunyah/abi/rm.h>

struct device;
struct gunyah_auth_param;
struct gunyah_rm;
struct task_struct;

/*
 * All calls below: process context, may sleep, take no VM lock.  They return 0
 * or a negative errno: the RM's error by the table of rm-rpc 1.5, EBADMSG for a
 * malformed reply, ETIMEDOUT when the RM did not answer within the bound,
 * EINTR when the caller of a query was killed while it waited, E2BIG for a
 * message over the fragment limit, ENODEV once the RM is gone.
 *
 * Waits are bounded.  Only those of queries (GET_HYP_RESOURCES) also end when the
 * task is killed: a LEND or START that nobody waits for leaves pages and a VM of
 * which nobody knows whose they are, and its answer is a matter of milliseconds.
 *
 * A request whose caller gave up is not forgotten by the RM.  Callers which have
 * to know the outcome (teardown) use the state that the VM events tell.
 */

/**
 * struct gunyah_rm_mem_parcel - what LEND and SHARE hand over
 * @label: given to the RM, matched against shm vdevices
 * @n_acl: entries of @acl; shared if our own VMID is one of them, lent if not
 * @acl: who may do what
 * @n_entries: entries of @entries
 * @entries: runs of pages, IPA and size in bytes; sent in batches of 512
 * @handle: out: the parcel's handle
 * @in_doubt: out: the call failed, but the RM may have or keep the pages all the
 *	same: they must not be used or freed, the caller leaks and reports them
 *	(the RM's side is reclaimed when its reply comes).  Zero before the call.
 */
struct gunyah_rm_mem_parcel {
	u32 label;
	u32 n_acl;
	struct gunyah_rm_acl_entry acl[2];
	size_t n_entries;
	struct gunyah_rm_mem_entry *entries;
	u32 handle;
	bool in_doubt;
};

/**
 * struct gunyah_rm_config_image - VM_CONFIG_IMAGE
 * @auth: GUNYAH_RM_AUTH_*
 * @handle: parcel that holds image and device tree
 * @image_offset: bytes into the parcel; the guest starts there
 * @image_size: bytes
 * @dtb_offset: bytes into the parcel
 * @dtb_size: bytes that the device tree may grow to
 */
struct gunyah_rm_config_image {
	u16 auth;
	u32 handle;
	u64 image_offset;
	u64 image_size;
	u64 dtb_offset;
	u64 dtb_size;
};

/* A run of guest addresses, bytes */
struct gunyah_rm_range {
	u64 gpa;
	u64 size;
};

/**
 * struct gunyah_rm_caps - what this RM knows, found out once at bind time
 * @boot_context: id of the boot context message it knows, 0 if none
 * @demand_paging: knows VM_SET_DEMAND_PAGING
 * @own_vmid: our own VMID, usually GUNYAH_VMID_HLOS
 * @extensions: GUNYAH_EXT_*: what this hypervisor can beyond the real one
 */
struct gunyah_rm_caps {
	u32 boot_context;
	bool demand_paging;
	u16 own_vmid;
	u64 extensions;
};

const struct gunyah_rm_caps *gunyah_rm_caps(struct gunyah_rm *rm);
struct device *gunyah_rm_device(struct gunyah_rm *rm);

/* Keeps the RM's structures; calls return ENODEV after the device went away */
struct gunyah_rm *gunyah_rm_get(struct gunyah_rm *rm);
void gunyah_rm_put(struct gunyah_rm *rm);

int gunyah_rm_alloc_vmid(struct gunyah_rm *rm, u16 *vmid);
int gunyah_rm_alloc_fixed_vmid(struct gunyah_rm *rm, u16 vmid);
int gunyah_rm_dealloc_vmid(struct gunyah_rm *rm, u16 vmid);
/* Lends (one ACL entry) or shares (two); undoes a half-appended parcel itself */
int gunyah_rm_mem_share(struct gunyah_rm *rm, struct gunyah_rm_mem_parcel *parcel);
int gunyah_rm_mem_reclaim(struct gunyah_rm *rm, u32 handle);
int gunyah_rm_vm_configure(struct gunyah_rm *rm, u16 vmid,
			   const struct gunyah_rm_config_image *config);
int gunyah_rm_vm_authenticate(struct gunyah_rm *rm, u16 vmid,
			      const struct gunyah_auth_param *params, u32 count);
int gunyah_rm_vm_set_firmware_mem(struct gunyah_rm *rm, u16 vmid, u32 handle, u64 offset,
				  u64 size);
int gunyah_rm_vm_set_demand_paging(struct gunyah_rm *rm, u16 vmid,
				   const struct gunyah_rm_range *ranges, u32 count);
int gunyah_rm_vm_set_address_layout(struct gunyah_rm *rm, u16 vmid, u32 range_id,
				    u64 base, u64 size);
int gunyah_rm_vm_init(struct gunyah_rm *rm, u16 vmid);
int gunyah_rm_vm_set_boot_context(struct gunyah_rm *rm, u16 vmid, u8 reg_set,
				  u8 reg_index, u64 value);
int gunyah_rm_vm_start(struct gunyah_rm *rm, u16 vmid);
int gunyah_rm_vm_stop(struct gunyah_rm *rm, u16 vmid);	/* force */
int gunyah_rm_vm_reset(struct gunyah_rm *rm, u16 vmid);

/**
 * struct gunyah_rm_hyp_resources - what GET_HYP_RESOURCES returned
 * @count: entries
 * @entries: as on the wire
 */
struct gunyah_rm_hyp_resources {
	u32 count;
	struct gunyah_rm_hyp_resource entries[] __counted_by(count);
};

/* *@resources is to be freed by kvfree() */
int gunyah_rm_get_hyp_resources(struct gunyah_rm *rm, u16 vmid,
				struct gunyah_rm_hyp_resources **resources);

/*
 * VM events: @action is the notification's message id (GUNYAH_RM_NOTIF_VM_STATUS
 * or _VM_EXITED), @data one of the structures below.  The chain runs in process
 * context of the RM's own work item; a callback takes no lock under which RM
 * calls are made, it records and queues work.
 */
struct gunyah_rm_vm_status_event {
	u16 vmid;
	u8 vm_state;
	u8 os_state;
	u16 app_status;
};

struct gunyah_rm_vm_exited_event {
	u16 vmid;
	u16 exit_type;
	u32 reason_size;	/* as the RM said: may exceed what was received */
	u32 reason_len;		/* bytes valid at @reason */
	const u8 *reason;
};

int gunyah_rm_notifier_register(struct gunyah_rm *rm, struct notifier_block *nb);
int gunyah_rm_notifier_unregister(struct gunyah_rm *rm, struct notifier_block *nb);

/*
 * Maps @virq of a resource into a Linux interrupt number in the interrupt parent
 * of the RM's node; 0 for GUNYAH_VIRQ_NONE, negative errno if it cannot exist.
 */
int gunyah_rm_map_virq(struct gunyah_rm *rm, u32 virq);
void gunyah_rm_unmap_virq(struct gunyah_rm *rm, int irq);

/* How a request failed */
enum gunyah_rm_outcome {
	GUNYAH_RM_NO_FAILURE,
	GUNYAH_RM_REFUSED,	/* the RM said why */
	GUNYAH_RM_MALFORMED,	/* what it said makes no sense */
	GUNYAH_RM_UNANSWERED,	/* in time; or the request could not be sent */
};

/**
 * struct gunyah_rm_witness - hears what the RM says to one task
 * @node: in the RM's list
 * @task: that task
 * @outcome: of the first of its requests that failed since the last
 *	gunyah_rm_witness_forget()
 * @msg_id: which request, if one failed
 * @error: GUNYAH_RM_ERR_*, if it was refused
 * @has_hyp_error: the refusal brought an error of the hypervisor along
 * @hyp_error: GUNYAH_ERR_*, then
 *
 * For a caller that reports failures itself, with the RM's own words, of which there are
 * more than errnos.  As long as there is a witness nothing else reports them.
 */
struct gunyah_rm_witness {
	struct list_head node;
	struct task_struct *task;
	enum gunyah_rm_outcome outcome;
	u32 msg_id;
	u32 error;
	bool has_hyp_error;
	int hyp_error;
};

void gunyah_rm_witness_begin(struct gunyah_rm *rm, struct gunyah_rm_witness *w);
void gunyah_rm_witness_forget(struct gunyah_rm_witness *w);
void gunyah_rm_witness_end(struct gunyah_rm *rm, struct gunyah_rm_witness *w);

/* Names for log lines: never NULL */
const char *gunyah_rm_error_name(u32 error);
int gunyah_rm_error_to_errno(u32 error);
const char *gunyah_rm_msg_name(u32 msg_id);

#endif
