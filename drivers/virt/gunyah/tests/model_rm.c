// SPDX-License-Identifier: GPL-2.0-only
/* A model of the open Resource Manager: see model_rm.h. */
#include <linux/bitops.h>
#include <linux/string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "model_rm.h"

#define STATE(name)	BIT(GUNYAH_RM_VM_STATE_##name)
#define OK		GUNYAH_RM_ERR_OK
#define VM_STATE	GUNYAH_RM_ERR_VM_STATE

int model_rm_count(const struct model_rm *m, u32 msg_id)
{
	int i, n = 0;

	for (i = 0; i < m->logged; i++)
		n += m->log[i] == msg_id;
	return n;
}

static void send_packet(struct model_rm *m, u8 type, u16 seq, u32 msg_id, const void *payload,
			size_t size)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE];
	struct gunyah_rm_header *h = (void *)packet;

	h->api = GUNYAH_RM_API_BYTE;
	h->type = type;
	h->seq = cpu_to_le16(seq);
	h->msg_id = cpu_to_le32(msg_id);
	memcpy(h + 1, payload, size);
	gunyah_rm_rpc_receive(m->rpc, packet, sizeof(*h) + size);
}

void model_rm_notify_state(struct model_rm *m, u8 state)
{
	struct gunyah_rm_vm_status status = {
		.vmid = cpu_to_le16(m->vmid), .vm_state = state,
	};

	m->state = state;
	if (state == GUNYAH_RM_VM_STATE_RESET ? m->mute_reset : m->mute)
		return;
	send_packet(m, GUNYAH_RM_TYPE_NOTIFICATION, 0, GUNYAH_RM_NOTIF_VM_STATUS, &status,
		    sizeof(status));
}

void model_rm_notify_exit(struct model_rm *m, u16 type, u32 reason)
{
	struct {
		struct gunyah_rm_vm_exited exited;
		__le32 reason;
	} __packed exited = {
		.exited.vmid = cpu_to_le16(m->vmid),
		.exited.exit_type = cpu_to_le16(type),
		.exited.reason_size = cpu_to_le32(sizeof(exited.reason)),
		.reason = cpu_to_le32(reason),
	};

	model_rm_notify_state(m, GUNYAH_RM_VM_STATE_EXITED);
	send_packet(m, GUNYAH_RM_TYPE_NOTIFICATION, 0, GUNYAH_RM_NOTIF_VM_EXITED, &exited,
		    sizeof(exited));
}

/*
 * Handlers: return the RM's error, put the word of the reply, if any, into *word.
 * @fails: the message is to fail for a reason of its own.
 */

static u32 on_allocate(struct model_rm *m, const void *data, bool fails, u32 *word)
{
	const struct gunyah_rm_vmid_req *req = data;

	if (fails || m->state)
		return GUNYAH_RM_ERR_NORESOURCE;
	m->state = GUNYAH_RM_VM_STATE_LOAD;
	m->configured = false;
	m->is_fixed = req->vmid;
	m->vmid = m->is_fixed ? le16_to_cpu(req->vmid) : MODEL_VMID;
	*word = m->vmid;
	return OK;
}

static u32 on_deallocate(struct model_rm *m, const void *req, bool fails, u32 *word)
{
	if (!m->state)
		m->killed = GUNYAH_RM_VM_DEALLOCATE;
	if (fails || !(BIT(m->state) & (STATE(LOAD) | STATE(RESET))))
		return VM_STATE;
	m->state = 0;
	return OK;
}

static u32 on_share(struct model_rm *m, const void *data, bool fails, u32 *word)
{
	const struct gunyah_rm_mem_req *req = data;
	const struct gunyah_rm_list *acl = (const void *)(req + 1);
	const struct gunyah_rm_list *mem;

	KUNIT_EXPECT_LT(m->test, m->handles, MODEL_PARCELS);
	if (fails || m->handles >= MODEL_PARCELS)
		return GUNYAH_RM_ERR_MEM_INVALID;
	mem = (const void *)(acl + 1) +
	      le16_to_cpu(acl->count) * sizeof(struct gunyah_rm_acl_entry);
	m->label[m->handles] = le32_to_cpu(req->label);
	m->entries[m->handles] = le16_to_cpu(mem->count);
	m->held |= BIT(m->handles);
	*word = m->handles++;
	return OK;
}

static u32 on_reclaim(struct model_rm *m, const void *data, bool fails, u32 *word)
{
	const struct gunyah_rm_reclaim_req *req = data;
	u32 handle = le32_to_cpu(req->handle);

	if (handle >= MODEL_PARCELS || !(m->held & BIT(handle)))
		return GUNYAH_RM_ERR_HANDLE_INVALID;
	if (fails || m->accepted & BIT(handle))
		return GUNYAH_RM_ERR_MEM_INUSE;
	m->held &= ~BIT(handle);
	return OK;
}

static u32 on_configure(struct model_rm *m, const void *req, bool fails, u32 *word)
{
	if (!(BIT(m->state) & (STATE(LOAD) | STATE(RESET))))
		return VM_STATE;
	memcpy(&m->config, req, sizeof(m->config));
	model_rm_notify_state(m, fails ? GUNYAH_RM_VM_STATE_INIT_FAILED :
			      m->config.auth == cpu_to_le16(GUNYAH_RM_AUTH_PLATFORM) ?
			      GUNYAH_RM_VM_STATE_AUTH : GUNYAH_RM_VM_STATE_INIT);
	m->configured = !fails;
	return fails ? GUNYAH_RM_ERR_MEM_INVALID : OK;
}

static u32 on_auth(struct model_rm *m, const void *req, bool fails, u32 *word)
{
	if (m->state != GUNYAH_RM_VM_STATE_AUTH)
		return VM_STATE;
	memcpy(&m->auth, req, sizeof(m->auth));
	model_rm_notify_state(m, fails ? GUNYAH_RM_VM_STATE_INIT_FAILED :
					 GUNYAH_RM_VM_STATE_INIT);
	return fails ? GUNYAH_RM_ERR_DENIED : OK;
}

/* Refusals carry the hypervisor's error, too (rm-rpc 1.3) */
static u32 on_firmware(struct model_rm *m, const void *req, bool fails, u32 *word)
{
	*word = GUNYAH_ERR_ADDR_INVALID;
	if (fails)
		return GUNYAH_RM_ERR_DENIED;
	if (m->state != GUNYAH_RM_VM_STATE_INIT)
		return VM_STATE;
	memcpy(&m->firmware, req, sizeof(m->firmware));
	return OK;
}

static u32 on_demand_paging(struct model_rm *m, const void *data, bool fails, u32 *word)
{
	const struct gunyah_rm_demand_paging_req *req = data;

	if (fails)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	if (m->state != GUNYAH_RM_VM_STATE_INIT)
		return VM_STATE;
	m->n_paging = le32_to_cpu(req->count);
	KUNIT_ASSERT_LE(m->test, m->n_paging, MODEL_RANGES);
	memcpy(m->paging, req + 1, m->n_paging * sizeof(m->paging[0]));
	return OK;
}

static u32 on_address_layout(struct model_rm *m, const void *data, bool fails, u32 *word)
{
	const struct gunyah_rm_address_layout_req *req = data;

	if (fails || le32_to_cpu(req->range_id) >= ARRAY_SIZE(m->layout))
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	if (m->state != GUNYAH_RM_VM_STATE_INIT)
		return VM_STATE;
	m->layout[le32_to_cpu(req->range_id)] = *req;
	return OK;
}

static u32 on_boot_context(struct model_rm *m, const void *req, bool fails, u32 *word)
{
	if (fails)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	if (m->state != GUNYAH_RM_VM_STATE_READY)
		return VM_STATE;
	memcpy(&m->context[m->contexts++ % 2], req, sizeof(m->context[0]));
	return OK;
}

static u32 on_init(struct model_rm *m, const void *req, bool fails, u32 *word)
{
	if (m->state != GUNYAH_RM_VM_STATE_INIT)
		return VM_STATE;
	model_rm_notify_state(m, fails ? GUNYAH_RM_VM_STATE_INIT_FAILED :
					 GUNYAH_RM_VM_STATE_READY);
	return fails ? GUNYAH_RM_ERR_MEM_INVALID : OK;
}

static u32 on_start(struct model_rm *m, const void *req, bool fails, u32 *word)
{
	if (m->state != GUNYAH_RM_VM_STATE_READY)
		return VM_STATE;
	m->accepted = m->held;
	model_rm_notify_state(m, fails ? GUNYAH_RM_VM_STATE_INIT_FAILED :
					 GUNYAH_RM_VM_STATE_RUNNING);
	return fails ? GUNYAH_RM_ERR_NORESOURCE : OK;
}

static u32 on_stop(struct model_rm *m, const void *req, bool fails, u32 *word)
{
	if (m->exits && m->state == GUNYAH_RM_VM_STATE_RUNNING)
		model_rm_notify_exit(m, GUNYAH_RM_EXIT_PSCI_OFF, 0);
	if (fails || m->state != GUNYAH_RM_VM_STATE_RUNNING)
		return VM_STATE;
	model_rm_notify_exit(m, GUNYAH_RM_EXIT_STOPPED, 0);
	return OK;
}

static u32 on_reset(struct model_rm *m, const void *req, bool fails, u32 *word)
{
	if (BIT(m->state) & (STATE(LOAD) | STATE(RESET) | STATE(RESETTING)) ||
	    (m->state == GUNYAH_RM_VM_STATE_INIT_FAILED && !m->configured))
		m->killed = GUNYAH_RM_VM_RESET;
	if (fails || !(BIT(m->state) & (STATE(EXITED) | STATE(READY) | STATE(INIT_FAILED))))
		return VM_STATE;
	model_rm_notify_state(m, GUNYAH_RM_VM_STATE_RESETTING);
	return OK;
}

static u32 on_resources(struct model_rm *m, const void *req, bool fails, u32 *word)
{
	if (fails || BIT(m->state) & (STATE(LOAD) | STATE(RESET)))
		return GUNYAH_RM_ERR_NORESOURCE;
	*word = 0;
	return OK;
}

static const struct {
	u32 msg_id;
	u32 (*handle)(struct model_rm *m, const void *req, bool fails, u32 *word);
	bool has_word;
} handlers[] = {
	{ GUNYAH_RM_VM_ALLOCATE, on_allocate, true },
	{ GUNYAH_RM_VM_DEALLOCATE, on_deallocate },
	{ GUNYAH_RM_MEM_LEND, on_share, true },
	{ GUNYAH_RM_MEM_SHARE, on_share, true },
	{ GUNYAH_RM_MEM_RECLAIM, on_reclaim },
	{ GUNYAH_RM_VM_CONFIG_IMAGE, on_configure },
	{ GUNYAH_RM_VM_AUTH_IMAGE, on_auth },
	{ GUNYAH_RM_VM_SET_FIRMWARE_MEM, on_firmware },
	{ GUNYAH_RM_VM_SET_DEMAND_PAGING, on_demand_paging },
	{ GUNYAH_RM_VM_SET_ADDRESS_LAYOUT, on_address_layout },
	{ GUNYAH_RM_VM_SET_BOOT_CONTEXT, on_boot_context },
	{ GUNYAH_RM_VM_INIT, on_init },
	{ GUNYAH_RM_VM_START, on_start },
	{ GUNYAH_RM_VM_STOP, on_stop },
	{ GUNYAH_RM_VM_RESET, on_reset },
	{ GUNYAH_RM_VM_GET_HYP_RESOURCES, on_resources, true },
};

/* Four extents and an address space (rm-rpc 5), or the first ones of them */
static void answer_extents(struct model_rm *m, u16 seq)
{
	struct {
		__le32 error;
		__le32 count;
		struct gunyah_rm_hyp_resource entry[MODEL_EXTENTS];
	} __packed reply = { .count = cpu_to_le32(m->extents) };
	u32 i;

	for (i = 0; i < m->extents; i++) {
		reply.entry[i].type = i < 4 ? 9 : 10;
		reply.entry[i].label = cpu_to_le32(i % 4);
		reply.entry[i].capid_low = cpu_to_le32(100 + i);
	}
	send_packet(m, GUNYAH_RM_TYPE_REPLY, seq, GUNYAH_RM_VM_GET_HYP_RESOURCES, &reply,
		    sizeof(__le32) * 2 + m->extents * sizeof(reply.entry[0]));
}

/* The reply, and what comes after it */
static void answer(struct model_rm *m, u16 seq, u32 msg_id, u32 error, bool has_word, u32 word,
		   bool silent)
{
	__le32 reply[2] = { cpu_to_le32(error), cpu_to_le32(word) };

	if (msg_id == GUNYAH_RM_VM_SET_FIRMWARE_MEM)
		has_word = error;
	else if (error || (msg_id == GUNYAH_RM_VM_ALLOCATE && m->is_fixed))
		has_word = false;
	if (m->extents && !error && !silent && msg_id == GUNYAH_RM_VM_GET_HYP_RESOURCES)
		answer_extents(m, seq);
	else if (!silent)
		send_packet(m, GUNYAH_RM_TYPE_REPLY, seq, msg_id, reply,
			    has_word ? sizeof(reply) : sizeof(reply[0]));
	if (m->state == GUNYAH_RM_VM_STATE_RESETTING) {
		m->accepted = 0;
		model_rm_notify_state(m, GUNYAH_RM_VM_STATE_RESET);
	}
}

/* Each fault happens once */
static enum model_fault take_fault(struct model_rm *m, u32 msg_id)
{
	enum model_fault fault;
	int i;

	for (i = 0; i < ARRAY_SIZE(m->faults); i++) {
		fault = m->faults[i].fault;
		if (fault == MODEL_NO_FAULT || m->faults[i].msg_id != msg_id)
			continue;
		m->faults[i].fault = MODEL_NO_FAULT;
		return fault;
	}
	return MODEL_NO_FAULT;
}

static void on_message(struct model_rm *m, u16 seq, u32 msg_id, const void *req)
{
	enum model_fault fault = take_fault(m, msg_id);
	u32 word = 0, error;
	int i;

	if (fault == MODEL_LOST || m->killed)
		return;
	for (i = 0; i < ARRAY_SIZE(handlers); i++)
		if (handlers[i].msg_id == msg_id)
			break;
	if (i == ARRAY_SIZE(handlers)) {
		KUNIT_FAIL(m->test, "message 0x%08x is not known", msg_id);
		return;
	}
	error = fault == MODEL_REFUSES ? GUNYAH_RM_ERR_NOMEM :
		handlers[i].handle(m, req, fault == MODEL_FAILS, &word);
	answer(m, seq, msg_id, error, handlers[i].has_word, word, fault == MODEL_SILENT);
}

/* All messages of these tests are one packet */
static int model_send(void *transport, const void *packet, size_t size, bool last, bool killable,
		      unsigned long deadline)
{
	const struct gunyah_rm_header *h = packet;
	struct model_rm *m = transport;

	KUNIT_ASSERT_TRUE(m->test, last);
	KUNIT_ASSERT_LT(m->test, m->logged, MODEL_LOG);
	m->log[m->logged++] = le32_to_cpu(h->msg_id);
	on_message(m, le16_to_cpu(h->seq), le32_to_cpu(h->msg_id), h + 1);
	return 0;
}

const struct gunyah_rm_transport_ops model_rm_ops = {
	.send = model_send,
};
