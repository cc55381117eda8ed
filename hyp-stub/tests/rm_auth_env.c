// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What tests of firmware and of authentication share, see rm_auth_env.h */
#include <libfdt.h>

#include "tests/rm_auth_env.h"

u16 auth_vmid;
u32 auth_image;

static u16 allocate(u16 vmid)
{
	u16 req[2] = { vmid, 0 };

	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_ALLOCATE, req, sizeof(req), NULL, 0, NULL), 0);
	return vmid;
}

void auth_begin(const struct rm_config *cfg, u16 vmid)
{
	rm_env_init(cfg);
	auth_vmid = vmid ? allocate(vmid) : rm_env_allocate();
	EXPECT(rm_env_load_dtb("base", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(fdt_open_into(auth_tree(), auth_tree(), RM_ENV_DTB_SIZE / 4), 0);
}

void *auth_tree(void)
{
	return arch_pa_to_va(RM_ENV_PARCEL + RM_ENV_DTB_OFF);
}

void auth_hand_over(bool share)
{
	EXPECT_EQ(rm_env_mem(share, auth_vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &auth_image), 0);
}

u32 auth_config(u16 auth, u64 image_off, u64 image_size)
{
	u64 req[5] = { auth_vmid | (u64)auth << 16 | (u64)auth_image << 32, image_off, image_size,
		       RM_ENV_DTB_OFF, RM_ENV_DTB_SIZE };

	return rm_env_call(GUNYAH_RM_VM_CONFIG_IMAGE, req, sizeof(req), NULL, 0, NULL);
}

u32 auth_vmid_call(u32 id)
{
	return rm_env_vmid_call(id, auth_vmid);
}

bool auth_mapped(u64 ipa, u64 pa)
{
	u64 found;
	u32 attrs;

	return stage2_lookup(&rm_vm_find(auth_vmid)->vm->s2, ipa, &found, &attrs, NULL) &&
	       found == pa && (attrs & S2_RWX) == S2_RWX;
}

const struct vcpu *auth_boot_vcpu(void)
{
	return rm_vm_find(auth_vmid)->vm->vcpus[0];
}

void auth_reset(void)
{
	if (rm_env_state(auth_vmid) == GUNYAH_RM_VM_STATE_INIT)
		auth_vmid_call(GUNYAH_RM_VM_INIT);
	if (rm_env_state(auth_vmid) == GUNYAH_RM_VM_STATE_RUNNING)
		EXPECT_EQ(rm_env_stop(auth_vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	if (rm_env_state(auth_vmid) != GUNYAH_RM_VM_STATE_RESET)
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_RESET), 0);
	EXPECT_EQ(rm_env_state(auth_vmid), GUNYAH_RM_VM_STATE_RESET);
}

void auth_end(void)
{
	struct rm_stats stats;

	auth_reset();
	EXPECT_EQ(rm_env_reclaim(auth_image), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_DEALLOCATE), 0);
	rm_stats(&stats);
	EXPECT_EQ(stats.vms + stats.parcels + stats.sender_faults, 0);
	EXPECT_EQ(host_cspace.used, 2);
	EXPECT(owner_is_host(FAKE_RAM_BASE, RM_ENV_HOST));
}
