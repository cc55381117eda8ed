/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A transport for tests: a small model of the open Resource Manager, typed from its
 * state tables (rm-rpc 3 to 7) and from what is known to kill it.  One VM, one fault.
 */
#ifndef _GUNYAH_TESTS_MODEL_RM_H
#define _GUNYAH_TESTS_MODEL_RM_H

#include <kunit/test.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "../rm_priv.h"

#define MODEL_VMID		0x80
#define MODEL_PARCELS		8
#define MODEL_LOG		256
#define MODEL_RANGES		8
#define MODEL_EXTENTS		5

enum model_fault {
	MODEL_NO_FAULT,
	MODEL_FAILS,	/* tries and fails, with what that does to the state */
	MODEL_REFUSES,	/* answers an error and changes nothing */
	MODEL_SILENT,	/* does it, and does not answer */
	MODEL_LOST,	/* never sees the message */
};

/**
 * struct model_rm - the model
 * @test: whose messages are checked
 * @rpc: the connection that uses it
 * @faults: what goes wrong with which message, once each
 * @mute: sends no VM_STATUS before RESET
 * @mute_reset: sends none of RESET
 * @exits: the VM has exited by the time it is to be stopped
 * @state: of the VM, 0 if there is none
 * @vmid: of the VM
 * @is_fixed: the host has chosen @vmid
 * @configured: CONFIG_IMAGE has succeeded
 * @held: parcels that it has, by handle
 * @accepted: those of them that the VM has
 * @label: of each parcel
 * @entries: of each parcel
 * @handles: how many it has ever given out
 * @config: the payload of CONFIG_IMAGE
 * @extents: how many of the five capabilities of demand paging GET_HYP_RESOURCES lists
 * @paging: what SET_DEMAND_PAGING said
 * @n_paging: entries of @paging
 * @layout: payloads of SET_ADDRESS_LAYOUT, by range
 * @auth: payload of AUTH_IMAGE, with one parameter
 * @firmware: payload of SET_FIRMWARE_MEM
 * @context: payloads of SET_BOOT_CONTEXT, the last two
 * @contexts: how many came
 * @killed: id of the message that killed it, 0 if it lives
 * @log: ids of all messages
 * @logged: how many
 */
struct model_rm {
	struct kunit *test;
	struct gunyah_rm_rpc *rpc;
	struct {
		u32 msg_id;
		enum model_fault fault;
	} faults[2];
	bool mute;
	bool mute_reset;
	bool exits;

	u8 state;
	u16 vmid;
	bool is_fixed;
	bool configured;
	u32 held;
	u32 accepted;
	u32 label[MODEL_PARCELS];
	u32 entries[MODEL_PARCELS];
	u32 handles;
	struct gunyah_rm_config_image_req config;
	u32 extents;
	struct gunyah_rm_demand_paging_entry paging[MODEL_RANGES];
	u32 n_paging;
	struct gunyah_rm_address_layout_req layout[2];
	struct {
		struct gunyah_rm_auth_image_req req;
		struct gunyah_rm_auth_param param;
	} __packed auth;
	struct gunyah_rm_firmware_mem_req firmware;
	struct gunyah_rm_boot_context_req context[2];
	u32 contexts;
	u32 killed;
	u32 log[MODEL_LOG];
	int logged;
};

extern const struct gunyah_rm_transport_ops model_rm_ops;

int model_rm_count(const struct model_rm *m, u32 msg_id);
void model_rm_notify_state(struct model_rm *m, u8 state);
void model_rm_notify_exit(struct model_rm *m, u16 type, u32 reason);

#endif
