// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What the host says about a VM with demand paging, see rm_paged_env.h */
#include <string.h>

#include "tests/rm_paged_env.h"

const struct rm_config paging_config = { .production = true, .demand_paging = true };
const u64 paged_around[4] = { BASE, IMAGE - BASE, IMAGE_END, END - IMAGE_END };

u16 paged_vmid;
u32 paged_image;

void paged_configure(bool share, const char *dtb)
{
	rm_env_init(&paging_config);
	paged_vmid = rm_env_allocate();
	EXPECT(rm_env_load_dtb(dtb, RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(rm_env_mem(share, paged_vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &paged_image), 0);
	EXPECT_EQ(rm_env_config(paged_vmid, paged_image, 0), 0);
}

void paged_end(void)
{
	struct rm_stats stats;

	if (rm_env_state(paged_vmid) == GUNYAH_RM_VM_STATE_INIT)
		rm_env_vmid_call(GUNYAH_RM_VM_INIT, paged_vmid);
	if (rm_env_state(paged_vmid) == GUNYAH_RM_VM_STATE_RUNNING)
		EXPECT_EQ(rm_env_stop(paged_vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, paged_vmid), 0);
	EXPECT_EQ(rm_env_reclaim(paged_image), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, paged_vmid), 0);
	rm_stats(&stats);
	EXPECT_EQ(stats.vms + stats.parcels + stats.sender_faults, 0);
	EXPECT_EQ(host_cspace.used, 2);
	EXPECT(owner_is_host(FAKE_RAM_BASE, RM_ENV_HOST));
}

u32 paged_init(void)
{
	return rm_env_vmid_call(GUNYAH_RM_VM_INIT, paged_vmid);
}

u32 paged_start(void)
{
	return rm_env_vmid_call(GUNYAH_RM_VM_START, paged_vmid);
}

u32 paged_send_ranges(u16 to, u16 pad, u32 says, const u64 *pairs, u32 nr, size_t more)
{
	static u8 req[16 + 600 * 16];
	u32 head[2] = { to | (u32)pad << 16, says };

	memcpy(req, head, sizeof(head));
	memcpy(req + sizeof(head), pairs, nr * 16);
	memset(req + sizeof(head) + nr * 16, 0, more);
	return rm_env_call(GUNYAH_RM_VM_SET_DEMAND_PAGING, req, sizeof(head) + nr * 16 + more, NULL,
			   0, NULL);
}

u32 paged_demand(const u64 *pairs, u32 nr)
{
	return paged_send_ranges(paged_vmid, 0, nr, pairs, nr, 0);
}

u32 paged_send_layout(u16 to, u16 pad, u32 id, u64 base, u64 size)
{
	u64 req[3] = { to | (u64)pad << 16 | (u64)id << 32, base, size };

	return rm_env_call(GUNYAH_RM_VM_SET_ADDRESS_LAYOUT, req, sizeof(req), NULL, 0, NULL);
}

u32 paged_place_image(u64 base)
{
	return paged_send_layout(paged_vmid, 0, GUNYAH_RM_LAYOUT_IMAGE, base, RM_ENV_SIZE);
}
