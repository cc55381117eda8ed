// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The host's side of the RM's queues, see rm_env.h */
#include <stdio.h>
#include <string.h>

#include "tests/rm_env.h"

#define CSPACE_PAGES	4

struct rm_env rm_env;
static struct page_pool host_table_pool;

/* Interrupts of the test before this one */
static void free_virqs(void)
{
	while (host_virq_alloc())
		;
	for (u32 intid = FAKE_VIRQ_FIRST; intid <= FAKE_VIRQ_LAST; intid++)
		host_virq_free(intid);
}

static void init_memory(void)
{
	u64 pa = FAKE_RAM_BASE + RM_ENV_HOST;

	memset(vm_table, 0, sizeof(vm_table));
	page_pool_init(&host_table_pool, "host tables", pa, SZ_2M);
	page_pool_init(&guest_table_pool, "guest tables", pa + SZ_2M, SZ_2M);
	page_pool_init(&object_pool, "objects", pa + 4 * SZ_2M, 8 * SZ_2M);
	page_pool_init(&guest_reserve_pool, "guest reserve", pa + 12 * SZ_2M, 2 * SZ_2M);
	page_pool_init(&record_pool, "records", pa + 14 * SZ_2M, 2 * SZ_2M);
	if (!stage2_init(&host_s2, &host_table_pool, VM_IPA_BITS, GUNYAH_VMID_HLOS) ||
	    cspace_init(&host_cspace, &object_pool, CSPACE_PAGES))
		__builtin_trap();
	owner_init(FAKE_RAM_BASE, TEST_RAM, pa + 2 * SZ_2M, &host_s2);
	owner_add_host(FAKE_RAM_BASE, RM_ENV_HOST);
}

void rm_env_init(const struct rm_config *cfg)
{
	void *object;

	free_virqs();
	init_memory();
	memset(&rm_env, 0, sizeof(rm_env));
	if (!rm_init(cfg, &rm_env.tx_cap, &rm_env.rx_cap, &rm_env.tx_intid, &rm_env.rx_intid))
		__builtin_trap();
	if (cspace_lookup(&host_cspace, rm_env.tx_cap, CAP_MSGQ, GUNYAH_RIGHT_MSGQ_SEND, &object))
		__builtin_trap();
	rm_env.tx = object;
	if (cspace_lookup(&host_cspace, rm_env.rx_cap, CAP_MSGQ, GUNYAH_RIGHT_MSGQ_RECEIVE,
			  &object))
		__builtin_trap();
	rm_env.rx = object;
}

bool rm_env_send(const void *packet, size_t size)
{
	bool not_full;

	return msgq_send(rm_env.tx, packet, size, true, &not_full) == GUNYAH_ERR_OK;
}

bool rm_env_receive(struct rm_packet *packet)
{
	bool not_empty;

	return msgq_receive(rm_env.rx, packet->data, sizeof(packet->data), &packet->size,
			    &not_empty) == GUNYAH_ERR_OK;
}

unsigned int rm_env_drain(void)
{
	struct rm_packet packet;
	unsigned int nr = 0;

	while (rm_env_receive(&packet))
		nr++;
	return nr;
}

static void send_request(u32 id, u16 seq, const u8 *data, size_t len)
{
	size_t left = len;
	unsigned int more = len ? (len - 1) / GUNYAH_RM_MAX_PAYLOAD : 0;
	u8 type = GUNYAH_RM_TYPE_REQUEST;

	do {
		struct rm_packet packet;
		size_t n = min(left, (size_t)GUNYAH_RM_MAX_PAYLOAD);
		u8 head[] = { 0x21, (u8)(type | more << 2), (u8)seq, (u8)(seq >> 8),
			      (u8)id, (u8)(id >> 8), (u8)(id >> 16), (u8)(id >> 24) };

		memcpy(packet.data, head, sizeof(head));
		if (n) {
			memcpy(packet.data + sizeof(head), data, n);
			data += n;
		}
		if (!rm_env_send(packet.data, sizeof(head) + n))
			__builtin_trap();
		left -= n;
		type = GUNYAH_RM_TYPE_CONTINUATION;
	} while (left);
}

u32 rm_env_call(u32 id, const void *data, size_t len, void *out, size_t max, size_t *out_len)
{
	u16 seq = rm_env.seq++;
	struct rm_packet packet;
	size_t got = 0;
	u8 all[RM_MAX_MSG];
	u32 error;

	send_request(id, seq, data, len);
	while (rm_env_receive(&packet)) {
		unsigned int type = packet.data[1] & 3;

		if (type == GUNYAH_RM_TYPE_NOTIFICATION)
			continue;
		memcpy(all + got, packet.data + 8, packet.size - 8);
		got += packet.size - 8;
	}
	if (got < sizeof(error))
		return ~1U;
	memcpy(&error, all, sizeof(error));
	got -= sizeof(error);
	if (out)
		memcpy(out, all + sizeof(error), min(max, got));
	if (out_len)
		*out_len = got;
	return error;
}

u32 rm_env_vmid_call(u32 id, u16 vmid)
{
	u16 req[2] = { vmid, 0 };

	return rm_env_call(id, req, sizeof(req), NULL, 0, NULL);
}

u16 rm_env_allocate(void)
{
	u16 req[2] = { 0, 0 };
	u32 vmid = 0;

	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_ALLOCATE, req, sizeof(req), &vmid, sizeof(vmid), NULL),
		  0);
	return (u16)vmid;
}

u32 rm_env_mem(bool share, u16 vmid, u64 ipa, u64 size, u32 label, u32 *handle)
{
	return rm_env_mem_flags(share, 0, vmid, ipa, size, label, handle);
}

u32 rm_env_mem_flags(bool share, u8 flags, u16 vmid, u64 ipa, u64 size, u32 label, u32 *handle)
{
	u32 req[16];
	unsigned int n = 0;

	req[n++] = (u32)flags << 16;
	req[n++] = label;
	req[n++] = share ? 2 : 1;
	req[n++] = vmid | 7 << 16;
	if (share)
		req[n++] = 3 | 7 << 16;
	req[n++] = 1;
	req[n++] = (u32)ipa;
	req[n++] = (u32)(ipa >> 32);
	req[n++] = (u32)size;
	req[n++] = (u32)(size >> 32);
	req[n++] = 0;
	return rm_env_call(share ? GUNYAH_RM_MEM_SHARE : GUNYAH_RM_MEM_LEND, req, n * sizeof(u32),
			   handle, sizeof(*handle), NULL);
}

u32 rm_env_config(u16 vmid, u32 handle, u16 auth)
{
	u64 req[5] = { vmid | (u64)auth << 16 | (u64)handle << 32, 0, 0x1000, RM_ENV_DTB_OFF,
		       RM_ENV_DTB_SIZE };

	return rm_env_call(GUNYAH_RM_VM_CONFIG_IMAGE, req, sizeof(req), NULL, 0, NULL);
}

u32 rm_env_reclaim(u32 handle)
{
	u32 req[2] = { handle, 0 };

	return rm_env_call(GUNYAH_RM_MEM_RECLAIM, req, sizeof(req), NULL, 0, NULL);
}

u8 rm_env_state(u16 vmid)
{
	u16 req[2] = { vmid, 0 };
	u8 state[4] = { 0xff };

	if (rm_env_call(GUNYAH_RM_VM_GET_STATE, req, sizeof(req), state, sizeof(state), NULL))
		return 0xff;
	return state[0];
}

u32 rm_env_stop(u16 vmid, u8 flags)
{
	u32 req[2] = { vmid | (u32)flags << 16, GUNYAH_RM_STOP_REASON_FORCE_STOP };

	return rm_env_call(GUNYAH_RM_VM_STOP, req, sizeof(req), NULL, 0, NULL);
}

size_t rm_env_load_dtb(const char *name, u64 pa)
{
	char path[256];
	size_t size;
	FILE *f;

	snprintf(path, sizeof(path), TEST_DATA "/dtb/%s.dtb", name);
	f = fopen(path, "rb");
	if (!f)
		return 0;
	size = fread(arch_pa_to_va(pa), 1, RM_ENV_DTB_SIZE, f);
	fclose(f);
	return size;
}
