// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * RM messages that only ask: identities, states, peers, and what objects of a VM
 * its owner may use (ABI tables, rm-rpc 4.14 and 5).
 */
#include "lib/string.h"
#include "rm/rm_priv.h"

static const char host_name[] = "HLOS";
static const char no_authority[] = "N/A";
static const u8 no_guid[16];

static void put_id(struct rm_out *out, u8 type, const void *data, u16 size)
{
	struct gunyah_rm_id_entry entry = { .type = type, .size = size };
	static const u8 pad[4];

	rm_out_put(out, &entry, sizeof(entry));
	rm_out_put(out, data, size);
	rm_out_put(out, pad, ALIGN_UP((u32)size, 4) - size);
}

/* Lengths without the terminating zero, each entry padded to 4 bytes */
static void put_identity(struct rm_out *out, const u8 *guid, const char *name, const char *uri)
{
	u32 count = uri[0] ? 4 : 3;

	rm_out_put(out, &count, sizeof(count));
	put_id(out, GUNYAH_RM_ID_GUID, guid, sizeof(no_guid));
	put_id(out, GUNYAH_RM_ID_NAME, name, (u16)strlen(name));
	if (uri[0])
		put_id(out, GUNYAH_RM_ID_URI, uri, (u16)strlen(uri));
	put_id(out, GUNYAH_RM_ID_SIGN_AUTH, no_authority, sizeof(no_authority) - 1);
}

/* Whom a request is about: the caller is "self" as well */
static u16 subject(const struct rm_req *req)
{
	const struct gunyah_rm_vmid_req *in = (const void *)req->data;

	return in->vmid == GUNYAH_VMID_SELF ? req->from : in->vmid;
}

/* Itself, whom it owns, its peers: a guest has but one, the host */
static bool may_ask(const struct rm_req *req, u16 vmid)
{
	return req->from == GUNYAH_VMID_HLOS || vmid == req->from || vmid == GUNYAH_VMID_HLOS;
}

u32 rm_vm_get_id(const struct rm_req *req, struct rm_out *out)
{
	u16 vmid = subject(req);
	struct rm_vm *rvm = rm_vm_find(vmid);

	if (vmid == GUNYAH_VMID_HLOS) {
		put_identity(out, no_guid, host_name, "");
		return GUNYAH_RM_ERR_OK;
	}
	if (!may_ask(req, vmid))
		return GUNYAH_RM_ERR_NORESOURCE;
	if (vmid == GUNYAH_VMID_RM)
		return GUNYAH_RM_ERR_VM_STATE;
	if (!rvm)
		return GUNYAH_RM_ERR_NORESOURCE;
	if (rvm->state != GUNYAH_RM_VM_STATE_READY && rvm->state != GUNYAH_RM_VM_STATE_RUNNING)
		return GUNYAH_RM_ERR_VM_STATE;
	put_identity(out, rvm->dt->guid, rvm->dt->name, rvm->dt->uri);
	return GUNYAH_RM_ERR_OK;
}

u32 rm_vm_get_owner(const struct rm_req *req, struct rm_out *out)
{
	struct gunyah_rm_vmid_resp resp = {
		.vmid = req->from == GUNYAH_VMID_HLOS ? GUNYAH_VMID_HYP : GUNYAH_VMID_HLOS,
	};

	rm_out_put(out, &resp, sizeof(resp));
	return GUNYAH_RM_ERR_OK;
}

u32 rm_vm_get_vmid(const struct rm_req *req, struct rm_out *out)
{
	struct gunyah_rm_vmid_resp resp = { .vmid = req->from };

	rm_out_put(out, &resp, sizeof(resp));
	return GUNYAH_RM_ERR_OK;
}

u32 rm_vm_get_state(const struct rm_req *req, struct rm_out *out)
{
	struct gunyah_rm_state_resp resp = { .vm_state = GUNYAH_RM_VM_STATE_RUNNING };
	u16 vmid = subject(req);
	struct rm_vm *rvm = rm_vm_find(vmid);

	if (vmid == GUNYAH_VMID_RM)
		return GUNYAH_RM_ERR_DENIED;
	if (!may_ask(req, vmid) || (!rvm && vmid != GUNYAH_VMID_HLOS))
		return GUNYAH_RM_ERR_NORESOURCE;
	if (rvm)
		resp.vm_state = rvm->state;
	rm_out_put(out, &resp, sizeof(resp));
	return GUNYAH_RM_ERR_OK;
}

/* Only a guest with an RM channel of its own could have set one: always empty */
u32 rm_vm_get_crash_msg(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_vmid_req *in = (const void *)req->data;
	struct gunyah_rm_list empty = { 0 };

	if (!rm_vm_find(in->vmid))
		return GUNYAH_RM_ERR_VMID_INVALID;
	rm_out_put(out, &empty, sizeof(empty));
	return GUNYAH_RM_ERR_OK;
}

u32 rm_vm_get_peers(const struct rm_req *req, struct rm_out *out)
{
	bool host = req->from == GUNYAH_VMID_HLOS;
	u32 peers[RM_MAX_VMS] = { GUNYAH_VMID_HLOS };
	u32 count = host ? 0 : 1;

	for (unsigned int i = 0; host && i < RM_MAX_VMS; i++) {
		struct rm_vm *rvm = rm_vm_at(i);

		if (rvm && rvm->peer && rvm->state != GUNYAH_RM_VM_STATE_RESET)
			peers[count++] = rvm->vmid;
	}
	rm_out_put(out, &count, sizeof(count));
	rm_out_put(out, peers, count * sizeof(peers[0]));
	return GUNYAH_RM_ERR_OK;
}

u32 rm_vm_host_get_type(const struct rm_req *req, struct rm_out *out)
{
	u32 type = GUNYAH_RM_HOST_TYPE;

	rm_out_put(out, &type, sizeof(type));
	return GUNYAH_RM_ERR_OK;
}

static void put_resource(struct rm_out *out, u32 *count, u8 type, u16 partner, u32 label,
			 u64 cap, u32 virq)
{
	struct gunyah_rm_hyp_resource entry = {
		.type = type,
		.partner_vmid = partner,
		.label = label,
		.capid_low = (u32)cap,
		.capid_high = (u32)(cap >> 32),
		.virq = virq,
	};

	rm_out_put(out, &entry, sizeof(entry));
	(*count)++;
}

static void put_vdev(struct rm_out *out, u32 *count, u16 vmid, const struct rm_vdev *vdev)
{
	const struct vm_doorbell *bell = vdev->bell;

	if (bell)
		put_resource(out, count, bell->from_guest ? GUNYAH_RESOURCE_BELL_RX :
							    GUNYAH_RESOURCE_BELL_TX,
			     vmid, bell->label, bell->host_cap,
			     bell->host_virq);
}

/* With demand paging only (hypercall 9.3): the order is this stub's choice */
static void put_memory(struct rm_out *out, u32 *count, const struct rm_vm *rvm)
{
	const struct vm *vm = rvm->vm;

	if (!vm->extents)
		return;
	put_resource(out, count, GUNYAH_RESOURCE_ADDR_SPACE, rvm->vmid, GUNYAH_ADDR_SPACE_LABEL,
		     vm->as.host_cap, GUNYAH_VIRQ_NONE);
	for (unsigned int i = 0; i < MEMEXTENT_NR; i++)
		put_resource(out, count, GUNYAH_RESOURCE_MEM_EXTENT, rvm->vmid,
			     vm->extents[i].kind, vm->extents[i].host_cap, GUNYAH_VIRQ_NONE);
}

/* vCPUs, then the VM's devices in the order of its tree (rm-rpc 5), then its memory */
static void put_resources(struct rm_out *out, u32 *count, const struct rm_vm *rvm)
{
	for (unsigned int i = 0; i < rvm->vm->nr_vcpus; i++) {
		const struct vcpu *vcpu = rvm->vm->vcpus[i];

		put_resource(out, count, GUNYAH_RESOURCE_VCPU, 0, vcpu->index, vcpu->host_cap,
			     vcpu->wakeup.intid);
	}
	for (unsigned int i = 0; i < rvm->dt->nr_vdevs; i++)
		put_vdev(out, count, rvm->vmid, &rvm->dt->vdev[i]);
	put_memory(out, count, rvm);
}

u32 rm_vm_get_hyp_resources(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_vmid_req *in = (const void *)req->data;
	struct gunyah_rm_resources_resp resp = { 0 };
	struct rm_vm *rvm = rm_vm_find(in->vmid);
	u32 count = 0;

	if (!rvm && !rm_vmid_foreign(in->vmid))
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	if (rvm && !rvm->configured)
		return GUNYAH_RM_ERR_NORESOURCE;
	rm_out_put(out, &resp, sizeof(resp));
	if (rvm && rvm->vm)
		put_resources(out, &count, rvm);
	resp.count = count;
	memcpy(out->data, &resp, sizeof(resp));
	return GUNYAH_RM_ERR_OK;
}
