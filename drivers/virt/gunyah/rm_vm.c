// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages about VMs (ABI tables, rm-rpc 4 and 5): marshalling, nothing else.
 * Which message is allowed in which state is the caller's business.
 */
#include <linux/error-injection.h>
#include <linux/gunyah.h>

#include "compat.h"
#include "rm_priv.h"

static int gunyah_rm_undo_alloc_vmid(struct gunyah_rm *rm, u32 vmid)
{
	return gunyah_rm_vmid_msg(rm, GUNYAH_RM_VM_DEALLOCATE, vmid);
}

static void gunyah_rm_late_alloc_vmid(void *data, u32 arg, const void *resp, size_t resp_len)
{
	struct gunyah_rm *rm = data;
	u32 vmid;

	if (gunyah_rm_word_reply_ok(resp, resp_len, &vmid) && vmid <= U16_MAX)
		gunyah_rm_queue_undo(rm, gunyah_rm_undo_alloc_vmid, vmid);
}

/* The reply does not name the VMID that was asked for */
static void gunyah_rm_late_fixed_vmid(void *data, u32 vmid, const void *resp, size_t resp_len)
{
	struct gunyah_rm *rm = data;

	if (gunyah_rm_reply_ok(resp, resp_len))
		gunyah_rm_queue_undo(rm, gunyah_rm_undo_alloc_vmid, vmid);
}

/**
 * gunyah_rm_alloc_vmid() - create a VM
 * @rm: RM
 * @vmid: set to its id, lowest free one
 *
 * The VM is in the RM's state LOAD.  One that arrives after the caller gave up
 * is deallocated again.
 *
 * Return: 0 or a negative errno; ENODEV when no VMID is free.
 */
noinline int gunyah_rm_alloc_vmid(struct gunyah_rm *rm, u16 *vmid)
{
	struct gunyah_rm_vmid_req req = {};
	struct gunyah_rm_word_reply reply;
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_VM_ALLOCATE,
		.req = &req,
		.req_size = sizeof(req),
		.resp = &reply,
		.resp_min = sizeof(reply),
		.late = gunyah_rm_late_alloc_vmid,
	};
	u32 id;
	int ret;

	ret = gunyah_rm_send_msg(rm, &msg);
	if (ret)
		return ret;

	id = le32_to_cpu(reply.word);
	if (id > U16_MAX || !gunyah_rm_vmid_ok(rm, id))
		return -EBADMSG;
	*vmid = id;

	return 0;
}
ALLOW_ERROR_INJECTION(gunyah_rm_alloc_vmid, ERRNO);

/**
 * gunyah_rm_alloc_fixed_vmid() - create a VM with a certain id
 * @rm: RM
 * @vmid: its id
 *
 * As gunyah_rm_alloc_vmid(); the reply has no data (ABI tables, rm-rpc 4.1).
 *
 * Return: 0 or a negative errno; ENODEV when @vmid is taken or no VM can have it,
 * EINVAL when it means somebody else.
 */
int gunyah_rm_alloc_fixed_vmid(struct gunyah_rm *rm, u16 vmid)
{
	struct gunyah_rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_VM_ALLOCATE,
		.req = &req,
		.req_size = sizeof(req),
		.late = gunyah_rm_late_fixed_vmid,
		.late_arg = vmid,
	};

	if (!gunyah_rm_vmid_ok(rm, vmid))
		return -EINVAL;

	return gunyah_rm_send_msg(rm, &msg);
}

/**
 * gunyah_rm_dealloc_vmid() - delete a VM
 * @rm: RM
 * @vmid: VM in the RM's state LOAD or RESET.  One that does not exist kills the
 *	open RM.
 *
 * Return: 0 or a negative errno.
 */
int gunyah_rm_dealloc_vmid(struct gunyah_rm *rm, u16 vmid)
{
	return gunyah_rm_vmid_msg(rm, GUNYAH_RM_VM_DEALLOCATE, vmid);
}

/**
 * gunyah_rm_vm_configure() - say where image and device tree are
 * @rm: RM
 * @vmid: VM in the RM's state LOAD or RESET
 * @config: parcel, offsets, sizes, authentication
 *
 * Return: 0 or a negative errno.
 */
noinline int gunyah_rm_vm_configure(struct gunyah_rm *rm, u16 vmid,
				    const struct gunyah_rm_config_image *config)
{
	struct gunyah_rm_config_image_req req = {
		.vmid = cpu_to_le16(vmid),
		.auth = cpu_to_le16(config->auth),
		.mem_handle = cpu_to_le32(config->handle),
		.image_offset = cpu_to_le64(config->image_offset),
		.image_size = cpu_to_le64(config->image_size),
		.dtb_offset = cpu_to_le64(config->dtb_offset),
		.dtb_size = cpu_to_le64(config->dtb_size),
	};
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_VM_CONFIG_IMAGE,
		.req = &req,
		.req_size = sizeof(req),
	};

	if (!gunyah_rm_vmid_ok(rm, vmid))
		return -EINVAL;

	return gunyah_rm_send_msg(rm, &msg);
}
ALLOW_ERROR_INJECTION(gunyah_rm_vm_configure, ERRNO);

/**
 * gunyah_rm_vm_authenticate() - have the image checked by the platform
 * @rm: RM
 * @vmid: VM in the RM's state AUTH
 * @params: for the platform
 * @count: how many, at most GUNYAH_AUTH_MAX_PARAMS
 *
 * Return: 0 (INIT) or a negative errno (INIT_FAILED).
 */
int gunyah_rm_vm_authenticate(struct gunyah_rm *rm, u16 vmid,
			      const struct gunyah_auth_param *params, u32 count)
{
	struct {
		struct gunyah_rm_auth_image_req req;
		struct gunyah_rm_auth_param params[GUNYAH_AUTH_MAX_PARAMS];
	} __packed req = {
		.req.vmid = cpu_to_le16(vmid),
		.req.count = cpu_to_le16(count),
	};
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_VM_AUTH_IMAGE,
		.req = &req,
		.req_size = sizeof(req.req) + count * sizeof(req.params[0]),
	};
	u32 i;

	if (!gunyah_rm_vmid_ok(rm, vmid) || count > ARRAY_SIZE(req.params))
		return -EINVAL;
	for (i = 0; i < count; i++) {
		req.params[i].type = cpu_to_le32(params[i].type);
		req.params[i].value = cpu_to_le32(params[i].value);
	}

	return gunyah_rm_send_msg(rm, &msg);
}

/**
 * gunyah_rm_vm_set_firmware_mem() - say where the firmware of a protected VM goes
 * @rm: RM
 * @vmid: VM in the RM's state INIT
 * @handle: parcel that holds the place
 * @offset: bytes into the parcel
 * @size: bytes
 *
 * Return: 0 or a negative errno; EPERM when the RM has no firmware.
 */
int gunyah_rm_vm_set_firmware_mem(struct gunyah_rm *rm, u16 vmid, u32 handle, u64 offset,
				  u64 size)
{
	struct gunyah_rm_firmware_mem_req req = {
		.vmid = cpu_to_le16(vmid),
		.mem_handle = cpu_to_le32(handle),
		.offset = cpu_to_le64(offset),
		.size = cpu_to_le64(size),
	};
	struct gunyah_rm_word_reply reply;
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_VM_SET_FIRMWARE_MEM,
		.req = &req,
		.req_size = sizeof(req),
		.resp = &reply,
		.resp_min = sizeof(reply.header),
		.resp_max = sizeof(reply),
	};
	int ret;

	if (!gunyah_rm_vmid_ok(rm, vmid))
		return -EINVAL;

	ret = gunyah_rm_send_msg(rm, &msg);
	/* A refusal brings the hypervisor's error along (ABI tables, rm-rpc 1.3) */
	if (ret && msg.answered && msg.resp_len >= sizeof(reply))
		gunyah_rm_witness_note_hyp(rm, msg.id, le32_to_cpu(reply.word));

	return ret;
}

/**
 * gunyah_rm_vm_set_demand_paging() - name the memory that is provided on a fault
 * @rm: RM
 * @vmid: VM between CONFIG_IMAGE and INIT
 * @ranges: guest addresses, apart from parcels
 * @count: how many
 *
 * Return: 0 or a negative errno; EOPNOTSUPP where the RM does not know it, E2BIG
 * for more ranges than a message can carry.
 */
noinline int gunyah_rm_vm_set_demand_paging(struct gunyah_rm *rm, u16 vmid,
					    const struct gunyah_rm_range *ranges, u32 count)
{
	struct gunyah_rm_demand_paging_req *req __free(kvfree) = NULL;
	struct gunyah_rm_demand_paging_entry *entries;
	struct gunyah_rm_msg msg = { .id = GUNYAH_RM_VM_SET_DEMAND_PAGING };
	u32 i;

	if (!rm->caps.demand_paging)
		return -EOPNOTSUPP;
	if (!gunyah_rm_vmid_ok(rm, vmid) || !count)
		return -EINVAL;
	if (count > (GUNYAH_RM_RPC_MAX_SEND - sizeof(*req)) / sizeof(*entries))
		return -E2BIG;

	msg.req_size = sizeof(*req) + count * sizeof(*entries);
	req = kvzalloc(msg.req_size, GFP_KERNEL);
	if (!req)
		return -ENOMEM;

	req->vmid = cpu_to_le16(vmid);
	req->count = cpu_to_le32(count);
	entries = (void *)(req + 1);
	for (i = 0; i < count; i++) {
		entries[i].ipa = cpu_to_le64(ranges[i].gpa);
		entries[i].size = cpu_to_le64(ranges[i].size);
	}
	msg.req = req;

	return gunyah_rm_send_msg(rm, &msg);
}
ALLOW_ERROR_INJECTION(gunyah_rm_vm_set_demand_paging, ERRNO);

/**
 * gunyah_rm_vm_set_address_layout() - say where a parcel sits in the guest
 * @rm: RM
 * @vmid: VM between CONFIG_IMAGE and INIT
 * @range_id: GUNYAH_RM_LAYOUT_*
 * @base: guest address, bytes
 * @size: bytes
 *
 * Return: 0 or a negative errno; EOPNOTSUPP where the RM does not know it.
 */
noinline int gunyah_rm_vm_set_address_layout(struct gunyah_rm *rm, u16 vmid, u32 range_id,
					     u64 base, u64 size)
{
	struct gunyah_rm_address_layout_req req = {
		.vmid = cpu_to_le16(vmid),
		.range_id = cpu_to_le32(range_id),
		.base = cpu_to_le64(base),
		.size = cpu_to_le64(size),
	};
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_VM_SET_ADDRESS_LAYOUT,
		.req = &req,
		.req_size = sizeof(req),
	};

	if (!gunyah_rm_vmid_ok(rm, vmid))
		return -EINVAL;

	return gunyah_rm_send_msg(rm, &msg);
}
ALLOW_ERROR_INJECTION(gunyah_rm_vm_set_address_layout, ERRNO);

/**
 * gunyah_rm_vm_init() - have the device tree parsed and the VM's objects made
 * @rm: RM
 * @vmid: VM in the RM's state INIT
 *
 * Return: 0 (READY) or a negative errno (INIT_FAILED).
 */
noinline int gunyah_rm_vm_init(struct gunyah_rm *rm, u16 vmid)
{
	return gunyah_rm_vmid_msg(rm, GUNYAH_RM_VM_INIT, vmid);
}
ALLOW_ERROR_INJECTION(gunyah_rm_vm_init, ERRNO);

/**
 * gunyah_rm_vm_set_boot_context() - set a register of the boot vCPU
 * @rm: RM
 * @vmid: VM between INIT and START
 * @reg_set: GUNYAH_REGSET_*
 * @reg_index: register in that set
 * @value: value
 *
 * Return: 0 or a negative errno; EOPNOTSUPP where the RM does not know it.
 */
noinline int gunyah_rm_vm_set_boot_context(struct gunyah_rm *rm, u16 vmid, u8 reg_set,
					   u8 reg_index, u64 value)
{
	struct gunyah_rm_boot_context_req req = {
		.vmid = cpu_to_le16(vmid),
		.reg_set = reg_set,
		.reg_index = reg_index,
		.value = cpu_to_le64(value),
	};
	struct gunyah_rm_msg msg = {
		.id = rm->caps.boot_context,
		.req = &req,
		.req_size = sizeof(req),
	};

	if (!rm->caps.boot_context)
		return -EOPNOTSUPP;
	if (!gunyah_rm_vmid_ok(rm, vmid))
		return -EINVAL;

	return gunyah_rm_send_msg(rm, &msg);
}
ALLOW_ERROR_INJECTION(gunyah_rm_vm_set_boot_context, ERRNO);

/**
 * gunyah_rm_vm_start() - start the boot vCPU
 * @rm: RM
 * @vmid: VM in the RM's state READY
 *
 * Return: 0 (RUNNING) or a negative errno (INIT_FAILED).
 */
noinline int gunyah_rm_vm_start(struct gunyah_rm *rm, u16 vmid)
{
	return gunyah_rm_vmid_msg(rm, GUNYAH_RM_VM_START, vmid);
}
ALLOW_ERROR_INJECTION(gunyah_rm_vm_start, ERRNO);

/**
 * gunyah_rm_vm_stop() - stop a VM by force
 * @rm: RM
 * @vmid: VM in the RM's state RUNNING; a VM that has exited gives EBADMSG
 *
 * Never asks the guest politely: that kills the open RM if the guest has no
 * channel to it.
 *
 * Return: 0 (VM_EXITED has been or will be sent) or a negative errno.
 */
int gunyah_rm_vm_stop(struct gunyah_rm *rm, u16 vmid)
{
	struct gunyah_rm_stop_req req = {
		.vmid = cpu_to_le16(vmid),
		.flags = GUNYAH_RM_STOP_FLAG_FORCE,
		.reason = cpu_to_le32(GUNYAH_RM_STOP_REASON_FORCE_STOP),
	};
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_VM_STOP,
		.req = &req,
		.req_size = sizeof(req),
	};

	if (!gunyah_rm_vmid_ok(rm, vmid))
		return -EINVAL;

	return gunyah_rm_send_msg(rm, &msg);
}

/**
 * gunyah_rm_vm_reset() - begin to take a VM apart
 * @rm: RM
 * @vmid: VM in the RM's state EXITED, READY or INIT_FAILED, configured.  Other
 *	states kill the open RM.
 *
 * Return: 0 (a VM_STATUS with RESET follows when it is done) or a negative errno.
 */
int gunyah_rm_vm_reset(struct gunyah_rm *rm, u16 vmid)
{
	return gunyah_rm_vmid_msg(rm, GUNYAH_RM_VM_RESET, vmid);
}

/* Header of the reply of GET_HYP_RESOURCES */
struct gunyah_rm_resources_reply {
	struct gunyah_rm_reply_header header;
	struct gunyah_rm_resources_resp resp;
} __packed;

static struct gunyah_rm_hyp_resources *
gunyah_rm_parse_resources(const struct gunyah_rm_resources_reply *reply, size_t size)
{
	struct gunyah_rm_hyp_resources *resources;
	u32 count = le32_to_cpu(reply->resp.count);

	if (count > (size - sizeof(*reply)) / sizeof(resources->entries[0]))
		return ERR_PTR(-EBADMSG);

	resources = kvmalloc(struct_size(resources, entries, count), GFP_KERNEL);
	if (!resources)
		return ERR_PTR(-ENOMEM);

	resources->count = count;
	memcpy(resources->entries, reply + 1, count * sizeof(resources->entries[0]));

	return resources;
}

/**
 * gunyah_rm_get_hyp_resources() - list the objects that we share with a VM
 * @rm: RM
 * @vmid: VM after INIT
 * @resources: set to the list, to be freed by kvfree()
 *
 * Return: 0 or a negative errno.
 */
noinline int gunyah_rm_get_hyp_resources(struct gunyah_rm *rm, u16 vmid,
					 struct gunyah_rm_hyp_resources **resources)
{
	struct gunyah_rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };
	struct gunyah_rm_resources_reply *reply __free(kvfree) = NULL;
	struct gunyah_rm_hyp_resources *list;
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_VM_GET_HYP_RESOURCES,
		.req = &req,
		.req_size = sizeof(req),
		.resp_min = sizeof(*reply),
		.resp_max = GUNYAH_RM_RPC_MAX_RECEIVE,
		.killable = true,
	};
	int ret;

	if (!gunyah_rm_vmid_ok(rm, vmid))
		return -EINVAL;

	reply = kvmalloc(msg.resp_max, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	msg.resp = reply;

	ret = gunyah_rm_send_msg(rm, &msg);
	if (ret)
		return ret;

	list = gunyah_rm_parse_resources(reply, msg.resp_len);
	if (IS_ERR(list))
		return PTR_ERR(list);
	*resources = list;

	return 0;
}
ALLOW_ERROR_INJECTION(gunyah_rm_get_hyp_resources, ERRNO);
