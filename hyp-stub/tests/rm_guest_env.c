// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The guest's side of its RM channel, see rm_guest_env.h */
#include <libfdt.h>
#include <string.h>

#include "tests/rm_guest_env.h"

u16 guest_vmid;
u32 guest_image;
static struct msgq *tx, *rx;
u64 guest_pages_before;

void *guest_tree(void)
{
	return arch_pa_to_va(RM_ENV_PARCEL + RM_ENV_DTB_OFF);
}

/* base.dtb with a vdevice rm-rpc; @more edits its node */
void guest_make_tree(void (*more)(void *fdt, int node))
{
	int node;

	EXPECT(rm_env_load_dtb("base", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(fdt_open_into(guest_tree(), guest_tree(), RM_ENV_DTB_SIZE / 4), 0);
	node = fdt_path_offset(guest_tree(), "/gunyah-vm-config/vdevices");
	node = fdt_add_subnode(guest_tree(), node, "rm");
	EXPECT(node > 0);
	fdt_setprop_string(guest_tree(), node, "vdevice-type", "rm-rpc");
	fdt_setprop_string(guest_tree(), node, "generate", "/hypervisor/qcom,resource-manager-rpc");
	fdt_setprop_u32(guest_tree(), node, "label", 5);
	if (more)
		more(guest_tree(), node);
}

u32 guest_init(const struct rm_config *cfg, bool share, void (*more)(void *fdt, int node))
{
	rm_env_init(cfg);
	guest_vmid = rm_env_allocate();
	guest_make_tree(more);
	EXPECT_EQ(rm_env_mem(share, guest_vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &guest_image), 0);
	EXPECT_EQ(rm_env_config(guest_vmid, guest_image, 0), 0);
	guest_pages_before = object_pool.used;
	return rm_env_vmid_call(GUNYAH_RM_VM_INIT, guest_vmid);
}

struct vm *guest_vm(void)
{
	return rm_vm_find(guest_vmid)->vm;
}

static struct msgq *queue(u64 cap, u32 right)
{
	void *object = NULL;

	EXPECT_EQ(cspace_lookup(&guest_vm()->cspace, cap, CAP_MSGQ, right, &object), 0);
	return object;
}

/* A VM that runs and has a channel */
void guest_run(const struct rm_config *cfg, bool share)
{
	EXPECT_EQ(guest_init(cfg, share, NULL), 0);
	guest_start();
}

void guest_start(void)
{
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_START, guest_vmid), 0);
	tx = queue(guest_vm()->link.tx_cap, GUNYAH_RIGHT_MSGQ_SEND);
	rx = queue(guest_vm()->link.rx_cap, GUNYAH_RIGHT_MSGQ_RECEIVE);
}

void guest_reset(void)
{
	if (rm_env_state(guest_vmid) == GUNYAH_RM_VM_STATE_RUNNING)
		EXPECT_EQ(rm_env_stop(guest_vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, guest_vmid), 0);
}

void guest_end(void)
{
	struct rm_stats stats;

	guest_reset();
	EXPECT_EQ(rm_env_reclaim(guest_image), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, guest_vmid), 0);
	rm_stats(&stats);
	EXPECT_EQ(stats.vms + stats.parcels + stats.sender_faults, 0);
	EXPECT_EQ(host_cspace.used, 2);
	EXPECT(owner_is_host(FAKE_RAM_BASE, RM_ENV_HOST));
}

bool guest_sends(const void *packet, size_t size)
{
	bool not_full;

	return msgq_send(tx, packet, size, true, &not_full) == GUNYAH_ERR_OK;
}

bool guest_receives(struct rm_packet *p)
{
	bool not_empty;

	return msgq_receive(rx, p->data, sizeof(p->data), &p->size, &not_empty) == GUNYAH_ERR_OK;
}

bool guest_requests(u16 seq, u32 id, const void *data, size_t len)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE] = { 0x21, GUNYAH_RM_TYPE_REQUEST };

	memcpy(packet + 2, &seq, sizeof(seq));
	memcpy(packet + 4, &id, sizeof(id));
	if (len)
		memcpy(packet + 8, data, len);
	return guest_sends(packet, len + 8);
}

u32 guest_word(const struct rm_packet *p, unsigned int i)
{
	u32 value;

	memcpy(&value, p->data + 4 * i, sizeof(value));
	return value;
}

/* A request of one packet and its reply of one; @out may be NULL */
u32 guest_calls(u32 id, const void *data, size_t len, struct rm_packet *out)
{
	static u16 seq;
	struct rm_packet p;

	EXPECT(guest_requests(++seq, id, data, len));
	do {
		if (!guest_receives(&p))
			return ~1U;
	} while ((p.data[1] & 3) != GUNYAH_RM_TYPE_REPLY);
	EXPECT_EQ(guest_word(&p, 1), id);
	EXPECT_EQ(p.data[2] | p.data[3] << 8, seq);
	if (out)
		*out = p;
	return guest_word(&p, 2);
}

u32 guest_asks(u32 id, u16 about, struct rm_packet *out)
{
	u16 req[2] = { about, 0 };

	return guest_calls(id, req, sizeof(req), out);
}

/* --- ACCEPT and friends --- */

struct acceptance guest_shared(u32 handle)
{
	return (struct acceptance){
		.handle = handle, .trans = GUNYAH_RM_TRANS_SHARE, .flags = GUNYAH_RM_ACCEPT_DONE,
		.nr_sgl = 1, .sgl = { PLACE, RM_ENV_SIZE },
	};
}

struct acceptance guest_lent(u32 handle)
{
	struct acceptance a = guest_shared(handle);

	a.trans = GUNYAH_RM_TRANS_LEND;
	return a;
}

u32 guest_accept_out(const struct acceptance *a, struct rm_packet *out)
{
	u8 req[GUNYAH_RM_PACKET_SIZE];
	u32 head[4] = { a->handle, a->mem_type | a->trans << 8 | (u32)a->flags << 16, a->label,
			a->nr_acl };
	size_t len = sizeof(head);

	memcpy(req, head, len);
	memcpy(req + len, a->acl, a->nr_acl * 4);
	len += a->nr_acl * 4;
	memcpy(req + len, &a->nr_sgl, 4);
	memcpy(req + len + 4, a->sgl, a->nr_sgl * 16);
	len += 4 + a->nr_sgl * 16;
	memcpy(req + len, &a->nr_attr, 4);
	memcpy(req + len + 4, a->attr, a->nr_attr * 4);
	return guest_calls(GUNYAH_RM_MEM_ACCEPT, req, len + 4 + a->nr_attr * 4, out);
}

u32 guest_accept(struct acceptance a)
{
	return guest_accept_out(&a, NULL);
}

u32 guest_release(u32 handle, u32 flags)
{
	u32 req[2] = { handle, flags };

	return guest_calls(GUNYAH_RM_MEM_RELEASE, req, sizeof(req), NULL);
}

u32 guest_notifies(u32 handle, u32 flags, u32 tag)
{
	u32 req[3] = { handle, flags, tag };

	return guest_calls(GUNYAH_RM_MEM_NOTIFY, req, sizeof(req), NULL);
}

u32 guest_offer(bool share, u32 label, u32 *handle)
{
	return rm_env_mem(share, guest_vmid, BUFFER, RM_ENV_SIZE, label, handle);
}

bool guest_mapped(u64 ipa, u64 *pa, u32 *attrs)
{
	return stage2_lookup(&guest_vm()->s2, ipa, pa, attrs, NULL);
}
