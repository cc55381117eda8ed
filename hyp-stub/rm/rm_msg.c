// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * RM messages: which there are, how long they are, in which profile they exist.
 * Lengths are checked here, once; handlers get what they asked for.
 */
#include "lib/printk.h"
#include "rm/rm_priv.h"

#define OPEN		BIT(0)
#define PRODUCTION	BIT(1)
#define BOTH		(OPEN | PRODUCTION)
/* Of the production one, if it has demand paging */
#define PAGING		BIT(2)

/* Who may send it; what is for one only is DENIED to the other */
enum rm_sender {
	FOR_HOST,
	FOR_ANYONE,
	FOR_GUESTS,
};

/**
 * struct rm_message - one line of the table
 * @id: GUNYAH_RM_*
 * @len: payload in bytes
 * @at_least: @len is a minimum
 * @profiles: where it is known; UNIMPLEMENTED elsewhere
 * @sender: who may send it
 * @empty_kills: an empty payload killed the open RM
 * @handler: NULL: not implemented
 */
struct rm_message {
	u32 id;
	u16 len;
	bool at_least;
	u8 profiles;
	u8 sender;
	bool empty_kills;
	rm_handler handler;
};

#define EXACT(_id, _len, _profiles, _handler) \
	{ .id = (_id), .len = (_len), .profiles = (_profiles), .handler = (_handler) }
#define AT_LEAST(_id, _len, _profiles, _handler) \
	{ .id = (_id), .len = (_len), .at_least = true, .profiles = (_profiles), \
	  .handler = (_handler) }
#define GUESTS_TOO(_id, _len, _handler) \
	{ .id = (_id), .len = (_len), .profiles = BOTH, .sender = FOR_ANYONE, \
	  .handler = (_handler) }
#define PARCEL(_id, _len, _handler) \
	{ .id = (_id), .len = (_len), .at_least = true, .profiles = BOTH, .sender = FOR_ANYONE, \
	  .handler = (_handler) }
#define KILLS_WHEN_EMPTY(_id) \
	{ .id = (_id), .at_least = true, .profiles = BOTH, .empty_kills = true }

/* rm-rpc 2; what is not here is answered UNIMPLEMENTED */
static const struct rm_message messages[] = {
	AT_LEAST(GUNYAH_RM_MEM_LEND, 20, BOTH, rm_mem_lend),
	AT_LEAST(GUNYAH_RM_MEM_SHARE, 20, BOTH, rm_mem_share),
	PARCEL(GUNYAH_RM_MEM_ACCEPT, 24, rm_mem_accept),
	PARCEL(GUNYAH_RM_MEM_RELEASE, 8, rm_mem_release),
	PARCEL(GUNYAH_RM_MEM_NOTIFY, 12, rm_mem_notify),
	AT_LEAST(GUNYAH_RM_MEM_RECLAIM, 8, BOTH, rm_mem_reclaim),
	AT_LEAST(GUNYAH_RM_MEM_APPEND, 12, BOTH, rm_mem_append),
	EXACT(GUNYAH_RM_VM_ALLOCATE, 4, BOTH, rm_vm_allocate),
	EXACT(GUNYAH_RM_VM_DEALLOCATE, 4, BOTH, rm_vm_deallocate),
	EXACT(GUNYAH_RM_VM_START, 4, BOTH, rm_vm_start),
	EXACT(GUNYAH_RM_VM_STOP, 8, BOTH, rm_vm_stop),
	EXACT(GUNYAH_RM_VM_RESET, 4, BOTH, rm_vm_reset),
	EXACT(GUNYAH_RM_VM_CONFIG_IMAGE, 40, BOTH, rm_vm_config_image),
	AT_LEAST(GUNYAH_RM_VM_AUTH_IMAGE, 4, BOTH, rm_vm_auth_image),
	EXACT(GUNYAH_RM_VM_INIT, 4, BOTH, rm_vm_init),
	EXACT(GUNYAH_RM_VM_SET_BOOT_CONTEXT_ALT, 16, PRODUCTION, rm_vm_set_boot_context),
	EXACT(GUNYAH_RM_VM_SET_BOOT_CONTEXT, 16, PRODUCTION, rm_vm_set_boot_context),
	GUESTS_TOO(GUNYAH_RM_VM_GET_ID, 4, rm_vm_get_id),
	GUESTS_TOO(GUNYAH_RM_VM_GET_OWNER, 0, rm_vm_get_owner),
	GUESTS_TOO(GUNYAH_RM_VM_GET_STATE, 4, rm_vm_get_state),
	EXACT(GUNYAH_RM_VM_GET_CRASH_MSG, 4, BOTH, rm_vm_get_crash_msg),
	EXACT(GUNYAH_RM_VM_GET_HYP_RESOURCES, 4, BOTH, rm_vm_get_hyp_resources),
	GUESTS_TOO(GUNYAH_RM_VM_GET_VMID, 0, rm_vm_get_vmid),
	GUESTS_TOO(GUNYAH_RM_VM_GET_PEERS, 0, rm_vm_get_peers),
	EXACT(GUNYAH_RM_VM_SET_FIRMWARE_MEM, 24, BOTH, rm_vm_set_firmware_mem),
	AT_LEAST(GUNYAH_RM_VM_SET_DEMAND_PAGING, 8, PAGING, rm_vm_set_demand_paging),
	EXACT(GUNYAH_RM_VM_SET_ADDRESS_LAYOUT, 24, PAGING, rm_vm_set_address_layout),
	GUESTS_TOO(GUNYAH_RM_VM_HOST_GET_TYPE, 0, rm_vm_host_get_type),
	{ .id = GUNYAH_RM_VM_EXIT, .len = 4, .profiles = BOTH, .sender = FOR_GUESTS,
	  .handler = rm_vm_exit },
	KILLS_WHEN_EMPTY(GUNYAH_RM_VM_IRQ_ACCEPT),
	KILLS_WHEN_EMPTY(GUNYAH_RM_VM_CONSOLE_WRITE),
};

static u32 sender_faults;
static u64 requests;

u32 rm_sender_fault(const char *what, u32 error)
{
	sender_faults++;
	warn("rm: %s would have killed the open RM: fault of the sender", what);
	return error;
}

static const struct rm_message *find_message(u32 id)
{
	u8 profiles = rm_cfg.production ? PRODUCTION : OPEN;

	if (rm_cfg.demand_paging)
		profiles |= PAGING;
	for (unsigned int i = 0; i < ARRAY_SIZE(messages); i++)
		if (messages[i].id == id && messages[i].profiles & profiles)
			return &messages[i];
	return NULL;
}

/* These two do not tell a guest that a VM exists which it does not own (4.7, 4.8) */
static u32 refuse_guest(u32 id)
{
	bool hides = id == GUNYAH_RM_VM_STOP || id == GUNYAH_RM_VM_RESET;

	return hides ? GUNYAH_RM_ERR_VMID_INVALID : GUNYAH_RM_ERR_DENIED;
}

static u32 check_sender(const struct rm_req *req, const struct rm_message *msg)
{
	bool host = req->from == GUNYAH_VMID_HLOS;

	/* Nobody has ever seen the open RM answer this to the host */
	if (host && msg->sender == FOR_GUESTS)
		return GUNYAH_RM_ERR_UNIMPLEMENTED;
	return !host && msg->sender == FOR_HOST ? refuse_guest(req->id) : GUNYAH_RM_ERR_OK;
}

static u32 handle(const struct rm_req *req, struct rm_out *out)
{
	const struct rm_message *msg = find_message(req->id);
	u32 error;

	if (msg && msg->empty_kills && !req->len && req->client == rm_host())
		return rm_sender_fault("an empty payload", GUNYAH_RM_ERR_MSG_INVALID);
	if (!msg || !msg->handler)
		return GUNYAH_RM_ERR_UNIMPLEMENTED;
	error = check_sender(req, msg);
	if (error)
		return error;
	if (msg->at_least ? req->len < msg->len : req->len != msg->len)
		return GUNYAH_RM_ERR_MSG_INVALID;
	return msg->handler(req, out);
}

void rm_dispatch(const struct rm_req *req)
{
	struct rm_out out = rm_reply_out(req->client);
	u32 error;

	requests++;
	error = handle(req, &out);
	if (error == RM_DEFERRED)
		return;
	rm_reply(req->client, req->id, req->seq, error, out.len);
}

static const struct {
	int hyp;
	u32 rm;
} hyp_errors[] = {
	{ GUNYAH_ERR_OK, GUNYAH_RM_ERR_OK },
	{ GUNYAH_ERR_NOMEM, GUNYAH_RM_ERR_NOMEM },
	{ GUNYAH_ERR_DENIED, GUNYAH_RM_ERR_DENIED },
	{ GUNYAH_ERR_BUSY, GUNYAH_RM_ERR_BUSY },
	{ GUNYAH_ERR_ARGUMENT_INVALID, GUNYAH_RM_ERR_ARGUMENT_INVALID },
	{ GUNYAH_ERR_ARGUMENT_SIZE, GUNYAH_RM_ERR_ARGUMENT_INVALID },
	{ GUNYAH_ERR_ARGUMENT_ALIGNMENT, GUNYAH_RM_ERR_ARGUMENT_INVALID },
	{ GUNYAH_ERR_MEMDB_NOT_OWNER, GUNYAH_RM_ERR_MEM_INVALID },
};

u32 rm_error_from_hyp(int err)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(hyp_errors); i++)
		if (hyp_errors[i].hyp == err)
			return hyp_errors[i].rm;
	return GUNYAH_RM_ERR_NORESOURCE;
}

struct rm_config rm_cfg;

bool rm_init(const struct rm_config *cfg, u64 *host_tx_cap, u64 *host_rx_cap, u32 *tx_intid,
	     u32 *rx_intid)
{
	rm_cfg = *cfg;
	sender_faults = 0;
	requests = 0;
	rm_vms_init();
	rm_parcels_init();
	if (!rm_dt_alloc_scratch() ||
	    !rm_transport_init(host_tx_cap, host_rx_cap, tx_intid, rx_intid))
		return false;
	vm_halted = rm_vm_on_halt;
	return true;
}

void rm_poll(void)
{
	if (rm_pending())
		rm_run();
}

bool rm_pending(void)
{
	return rm_work_pending() || rm_requests_waiting();
}

void rm_stats(struct rm_stats *stats)
{
	*stats = (struct rm_stats){
		.vms = rm_vm_count(),
		.parcels = rm_parcel_count(),
		.parcel_bytes = rm_parcel_bytes(),
		.notifications = rm_notifs_queued(),
		.dropped = rm_notifs_dropped(),
		.sender_faults = sender_faults,
		.requests = requests,
	};
}
