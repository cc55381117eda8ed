/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A host that talks to the RM, for the tests of hyp-stub/rm: memory, queues, packets.
 * Layout of the machine: the host has RAM from FAKE_RAM_BASE, the stub's heaps are in
 * the last RM_ENV_STUB bytes.
 */
#ifndef STUB_TESTS_RM_ENV_H
#define STUB_TESTS_RM_ENV_H

#include "rm/rm_priv.h"
#include "tests/test.h"

#define RM_ENV_STUB	(16 * SZ_2M)
#define RM_ENV_HOST	(TEST_RAM - RM_ENV_STUB)
#define RM_ENV_PARCEL	0x44d00000ULL	/* where the recordings had their parcels */
#define RM_ENV_SIZE	0x100000ULL
#define RM_ENV_DTB_OFF	0x80000ULL
#define RM_ENV_DTB_SIZE	0x80000ULL

struct rm_packet {
	size_t size;
	u8 data[GUNYAH_RM_PACKET_SIZE];
};

struct rm_env {
	struct msgq *tx;		/* to the RM */
	struct msgq *rx;
	u64 tx_cap, rx_cap;
	u32 tx_intid, rx_intid;
	u16 seq;
};

extern struct rm_env rm_env;

/* Heaps, ownership, host, RM: all new */
void rm_env_init(const struct rm_config *cfg);
/* Raw queue access; false: full, empty */
bool rm_env_send(const void *packet, size_t size);
bool rm_env_receive(struct rm_packet *packet);
/* Packets until the queue is empty; how many were there */
unsigned int rm_env_drain(void);

/*
 * A request in as many packets as it needs, then everything up to its reply.
 * Notifications before it are counted in *@notifs if that is not NULL.  Returns the
 * RM error; reply data in @out, at most @max bytes, *@out_len may be NULL.
 */
u32 rm_env_call(u32 id, const void *data, size_t len, void *out, size_t max, size_t *out_len);

/* Requests that tests need all the time */
u32 rm_env_vmid_call(u32 id, u16 vmid);
u16 rm_env_allocate(void);
u32 rm_env_mem(bool share, u16 vmid, u64 ipa, u64 size, u32 label, u32 *handle);
u32 rm_env_mem_flags(bool share, u8 flags, u16 vmid, u64 ipa, u64 size, u32 label, u32 *handle);
u32 rm_env_config(u16 vmid, u32 handle, u16 auth);
u32 rm_env_reclaim(u32 handle);
u8 rm_env_state(u16 vmid);
u32 rm_env_stop(u16 vmid, u8 flags);

/* Device tree tests/data/dtb/@name.dtb into the host's memory; its size, 0: no such file */
size_t rm_env_load_dtb(const char *name, u64 pa);

#endif
