// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * VMIDs and the states of a VM's life (ABI tables, rm-rpc 3), what the owner is told
 * about them, and the work that has to wait until all vCPUs have left a guest.
 */
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_priv.h"

static struct rm_vm records[RM_MAX_VMS];
/* How many of the three *_pending are set: rm_poll() is called often */
static unsigned int nr_pending;

void rm_vms_init(void)
{
	memset(records, 0, sizeof(records));
	nr_pending = 0;
}

static void set_pending(bool *pending, bool to)
{
	BUG_ON(*pending == to);
	*pending = to;
	if (to)
		nr_pending++;
	else
		nr_pending--;
}

static u16 slot_vmid(unsigned int index)
{
	if (index < RM_NR_PREDEFINED)
		return (u16)(RM_PREDEFINED_FIRST + index);
	return (u16)(GUNYAH_VMID_DYNAMIC_FIRST + index - RM_NR_PREDEFINED);
}

struct rm_vm *rm_vm_at(unsigned int index)
{
	return index < RM_MAX_VMS && records[index].used ? &records[index] : NULL;
}

struct rm_vm *rm_vm_find(u16 vmid)
{
	for (unsigned int i = 0; i < RM_MAX_VMS; i++)
		if (records[i].used && records[i].vmid == vmid)
			return &records[i];
	return NULL;
}

unsigned int rm_vm_count(void)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < RM_MAX_VMS; i++)
		nr += records[i].used;
	return nr;
}

bool rm_vmid_foreign(u16 vmid)
{
	return vmid == GUNYAH_VMID_HLOS || vmid == GUNYAH_VMID_RM;
}

u32 rm_vm_lookup(u16 vmid, struct rm_vm **rvm)
{
	*rvm = rm_vm_find(vmid);
	if (*rvm)
		return GUNYAH_RM_ERR_OK;
	return rm_vmid_foreign(vmid) ? GUNYAH_RM_ERR_DENIED : GUNYAH_RM_ERR_VMID_INVALID;
}

u32 rm_vm_lookup_in(u16 vmid, u8 state, struct rm_vm **rvm)
{
	u32 error = rm_vm_lookup(vmid, rvm);

	if (error)
		return error;
	return (*rvm)->state == state ? GUNYAH_RM_ERR_OK : GUNYAH_RM_ERR_VM_STATE;
}

/* @vmid 0: lowest free dynamic one */
static struct rm_vm *vm_take_slot(u16 vmid)
{
	unsigned int first = vmid ? 0 : RM_NR_PREDEFINED;
	unsigned int end = vmid ? RM_NR_PREDEFINED : RM_MAX_VMS;

	for (unsigned int i = first; i < end; i++) {
		if (records[i].used || (vmid && slot_vmid(i) != vmid))
			continue;
		memset(&records[i], 0, sizeof(records[i]));
		records[i].used = true;
		records[i].vmid = slot_vmid(i);
		return &records[i];
	}
	return NULL;
}

u32 rm_vm_allocate(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_vmid_req *in = (const void *)req->data;
	struct rm_vm *rvm = vm_take_slot(in->vmid);
	struct gunyah_rm_vmid_resp resp;

	if (!rvm)
		return GUNYAH_RM_ERR_NORESOURCE;
	rvm->state = GUNYAH_RM_VM_STATE_LOAD;
	rvm->peer = true;
	if (!in->vmid) {
		resp.vmid = rvm->vmid;
		rm_out_put(out, &resp, sizeof(resp));
	}
	return GUNYAH_RM_ERR_OK;
}

u32 rm_vm_deallocate(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_vmid_req *in = (const void *)req->data;
	struct rm_vm *rvm;
	u32 error = rm_vm_lookup(in->vmid, &rvm);

	if (error == GUNYAH_RM_ERR_VMID_INVALID)
		return rm_sender_fault("DEALLOCATE of an unknown VMID", error);
	if (error)
		return error;
	if (rvm->state != GUNYAH_RM_VM_STATE_LOAD && rvm->state != GUNYAH_RM_VM_STATE_RESET)
		return GUNYAH_RM_ERR_VM_STATE;
	rvm->used = false;
	return GUNYAH_RM_ERR_OK;
}

void rm_vm_set_state(struct rm_vm *rvm, u8 state)
{
	struct gunyah_rm_vm_status status = { .vmid = rvm->vmid, .vm_state = state };

	rvm->state = state;
	if (rvm->peer)
		rm_notify(GUNYAH_RM_NOTIF_VM_STATUS, &status, sizeof(status));
}

u32 rm_vm_fail(struct rm_vm *rvm, u32 error)
{
	rm_vm_set_state(rvm, GUNYAH_RM_VM_STATE_INIT_FAILED);
	return error;
}

void rm_vm_drop_objects(struct rm_vm *rvm)
{
	u64 pages = (sizeof(*rvm->dt) + PAGE_SIZE - 1) / PAGE_SIZE;

	if (rvm->vm) {
		rm_guest_remove(rvm);
		vm_kill(rvm->vm);
		vm_destroy(rvm->vm);
	}
	if (rvm->dt)
		page_pool_free(&object_pool, rvm->dt_pa, pages);
	rvm->vm = NULL;
	rvm->dt = NULL;
}

/* Why a VM has exited, as VM_EXITED tells it (rm-rpc 7.1) */
struct exit_reason {
	u16 type;
	u32 nr_words;
	u32 word[4];
};

static void notify_exited(u16 vmid, const struct exit_reason *reason)
{
	struct gunyah_rm_vm_exited head = {
		.vmid = vmid,
		.exit_type = reason->type,
		.reason_size = reason->nr_words * sizeof(u32),
	};
	u8 data[sizeof(head) + sizeof(reason->word)];

	memcpy(data, &head, sizeof(head));
	memcpy(data + sizeof(head), reason->word, head.reason_size);
	rm_notify(GUNYAH_RM_NOTIF_VM_EXITED, data, sizeof(head) + head.reason_size);
}

static const u16 halt_exit_type[] = {
	[VM_HALT_OFF] = GUNYAH_RM_EXIT_PSCI_OFF,
	[VM_HALT_RESET] = GUNYAH_RM_EXIT_PSCI_RESET,
	[VM_HALT_RESET2] = GUNYAH_RM_EXIT_PSCI_RESET2,
	[VM_HALT_FAULT] = GUNYAH_RM_EXIT_SOFTWARE_ERROR,
};

static struct exit_reason halt_reason(const struct vm_halt_info *info)
{
	struct exit_reason reason = { .type = halt_exit_type[info->why], .nr_words = 1 };

	if (info->why == VM_HALT_RESET2) {
		reason.nr_words = 4;
		reason.word[0] = info->smc64 ? GUNYAH_RM_EXIT_FLAG_SMC64 : 0;
		reason.word[1] = info->reset_type;
		reason.word[2] = (u32)info->cookie;
		reason.word[3] = (u32)(info->cookie >> 32);
	}
	return reason;
}

/* STATUS first, then EXITED (rm-rpc 7.1) */
static void finish_exit(struct rm_vm *rvm, const struct exit_reason *reason)
{
	rm_vm_set_state(rvm, GUNYAH_RM_VM_STATE_EXITED);
	notify_exited(rvm->vmid, reason);
}

static void finish_halt(struct rm_vm *rvm)
{
	struct exit_reason reason = halt_reason(&rvm->halt);

	if (rvm->self_exit)
		reason = (struct exit_reason){ .type = GUNYAH_RM_EXIT_VM_EXIT, .nr_words = 1,
					       .word = { rvm->exit_word } };
	rvm->self_exit = false;
	set_pending(&rvm->halt_pending, false);
	finish_exit(rvm, &reason);
}

static void finish_stop(struct rm_vm *rvm)
{
	static const struct exit_reason reason = { .type = GUNYAH_RM_EXIT_STOPPED, .nr_words = 1 };

	set_pending(&rvm->stop_pending, false);
	finish_exit(rvm, &reason);
	rm_hold_requests(false);
	rm_reply(rm_host(), GUNYAH_RM_VM_STOP, rvm->stop_seq, GUNYAH_RM_ERR_OK, 0);
}

/* The rest of VM_RESET, behind its reply: objects, parcels, RESET (rm-rpc 4.8) */
static void finish_reset(struct rm_vm *rvm)
{
	set_pending(&rvm->reset_pending, false);
	rm_vm_drop_objects(rvm);
	rm_parcels_release(rvm->vmid);
	rvm->configured = false;
	rm_vm_set_state(rvm, GUNYAH_RM_VM_STATE_RESET);
	/* The open RM deregisters peers here and never again registers them */
	if (!rm_cfg.production)
		rvm->peer = false;
}

static bool may_go_on(const struct rm_vm *rvm)
{
	return !rvm->vm || vm_quiesced(rvm->vm);
}

static bool vm_waits(const struct rm_vm *rvm)
{
	return rvm->used && (rvm->halt_pending || rvm->stop_pending || rvm->reset_pending);
}

void rm_work(void)
{
	if (!nr_pending)
		return;
	for (unsigned int i = 0; i < RM_MAX_VMS; i++) {
		struct rm_vm *rvm = &records[i];

		if (!vm_waits(rvm) || !may_go_on(rvm))
			continue;
		if (rvm->halt_pending)
			finish_halt(rvm);
		if (rvm->stop_pending)
			finish_stop(rvm);
		if (rvm->reset_pending)
			finish_reset(rvm);
	}
}

bool rm_work_pending(void)
{
	return nr_pending;
}

static bool goes_already(const struct rm_vm *rvm)
{
	return rvm->state != GUNYAH_RM_VM_STATE_RUNNING || rvm->stop_pending || rvm->halt_pending;
}

/* Its reply is still sent, but nobody is left to read it: rm_work() goes on later */
void rm_vm_on_exit(struct rm_vm *rvm, u32 word)
{
	if (goes_already(rvm))
		return;
	rvm->self_exit = true;
	rvm->exit_word = word;
	set_pending(&rvm->halt_pending, true);
	vm_kill(rvm->vm);
}

void rm_vm_on_halt(struct vm *vm, const struct vm_halt_info *info)
{
	struct rm_vm *rvm = vm->rm;

	if (goes_already(rvm))
		return;
	rvm->halt = *info;
	set_pending(&rvm->halt_pending, true);
	vm_kill(vm);
	/* Other vCPUs, and the one that halted, may still be inside: then rm_poll() goes on */
	rm_work();
}

/* Without FORCE the guest is asked, if anybody can ask it */
static u32 ask_to_stop(struct rm_vm *rvm, u32 reason)
{
	struct rm_client *client = rm_client_of(rvm);

	if (!client)
		return rm_sender_fault("STOP without FORCE of a guest without RM channel",
				       GUNYAH_RM_ERR_VM_STATE);
	return rm_notify_client(client, NULL, GUNYAH_RM_NOTIF_VM_SHUTDOWN, &reason,
				sizeof(reason)) ? GUNYAH_RM_ERR_OK : GUNYAH_RM_ERR_NOMEM;
}

u32 rm_vm_stop(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_stop_req *in = (const void *)req->data;
	struct rm_vm *rvm = rm_vm_find(in->vmid);

	if (!rvm)
		return GUNYAH_RM_ERR_VMID_INVALID;
	if (rvm->state != GUNYAH_RM_VM_STATE_RUNNING || rvm->halt_pending || rvm->no_shutdown)
		return GUNYAH_RM_ERR_VM_STATE;
	if (!(in->flags & GUNYAH_RM_STOP_FLAG_FORCE))
		return ask_to_stop(rvm, in->reason);
	vm_kill(rvm->vm);
	set_pending(&rvm->stop_pending, true);
	rvm->stop_seq = req->seq;
	rm_hold_requests(true);
	return RM_DEFERRED;
}

static bool reset_allowed(const struct rm_vm *rvm)
{
	return rvm->state == GUNYAH_RM_VM_STATE_EXITED ||
	       rvm->state == GUNYAH_RM_VM_STATE_READY ||
	       rvm->state == GUNYAH_RM_VM_STATE_INIT_FAILED;
}

/* LOAD, RESET, and INIT_FAILED of a CONFIG_IMAGE that was refused */
static bool reset_kills(const struct rm_vm *rvm)
{
	return rvm->state == GUNYAH_RM_VM_STATE_LOAD ||
	       rvm->state == GUNYAH_RM_VM_STATE_RESET ||
	       (rvm->state == GUNYAH_RM_VM_STATE_INIT_FAILED && !rvm->configured &&
		!rm_cfg.production);
}

u32 rm_vm_reset(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_vmid_req *in = (const void *)req->data;
	struct rm_vm *rvm = rm_vm_find(in->vmid);

	if (!rvm)
		return GUNYAH_RM_ERR_VMID_INVALID;
	if (reset_kills(rvm))
		return rm_sender_fault("RESET without a configuration", GUNYAH_RM_ERR_VM_STATE);
	if (rvm->no_reset)
		return GUNYAH_RM_ERR_DENIED;
	if (!reset_allowed(rvm))
		return GUNYAH_RM_ERR_VM_STATE;
	rm_vm_set_state(rvm, GUNYAH_RM_VM_STATE_RESETTING);
	set_pending(&rvm->reset_pending, true);
	return GUNYAH_RM_ERR_OK;
}
