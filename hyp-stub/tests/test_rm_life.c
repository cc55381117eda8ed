// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* A VM's life through the RM: states, memory, what the guest finds, what comes back. */
#include <libfdt.h>
#include <string.h>

#include "tests/rm_env.h"

static const struct rm_config open_debug = { .debug = true };
static const struct rm_config open_profile = { 0 };
static const struct rm_config production = { .production = true };

/* Up to READY; the parcel's handle */
static u32 make_ready(bool share, const char *dtb, u16 *vmid)
{
	u32 handle = ~0U;

	*vmid = rm_env_allocate();
	EXPECT(rm_env_load_dtb(dtb, RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(rm_env_mem(share, *vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle), 0);
	EXPECT_EQ(rm_env_config(*vmid, handle, 0), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_INIT, *vmid), 0);
	EXPECT_EQ(rm_env_state(*vmid), GUNYAH_RM_VM_STATE_READY);
	return handle;
}

static u32 ready(const struct rm_config *cfg, bool share, const char *dtb, u16 *vmid)
{
	rm_env_init(cfg);
	return make_ready(share, dtb, vmid);
}

static struct vm *vm_of(u16 vmid)
{
	return rm_vm_find(vmid)->vm;
}

static void end(u16 vmid, u32 handle)
{
	struct rm_stats stats;

	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
	EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_RESET);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, vmid), 0);
	EXPECT(owner_is_host(RM_ENV_PARCEL, RM_ENV_SIZE));
	rm_stats(&stats);
	EXPECT_EQ(stats.vms, 0);
	EXPECT_EQ(stats.parcels, 0);
	EXPECT_EQ(stats.parcel_bytes, 0);
}

static void one_life(void)
{
	struct vm *vm;
	u16 vmid;
	u32 handle, attrs;
	u64 pa;

	handle = make_ready(false, "base", &vmid);
	EXPECT_EQ(vmid, 0x80);
	EXPECT_EQ(owner_state(RM_ENV_PARCEL), PAGE_LENT);

	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_START, vmid), 0);
	vm = vm_of(vmid);
	EXPECT(vm->started);
	EXPECT(stage2_lookup(&vm->s2, 0x80000000, &pa, &attrs, NULL));
	EXPECT_EQ(pa, RM_ENV_PARCEL);
	EXPECT_EQ(attrs, S2_RWX);
	EXPECT(!stage2_lookup(&vm->s2, 0x80000000 + RM_ENV_SIZE, NULL, NULL, NULL));
	EXPECT_EQ(vm->vcpus[0]->regs.pc, 0x80000000);
	EXPECT_EQ(vm->vcpus[0]->regs.x[0], 0x80000000 + RM_ENV_DTB_OFF);
	EXPECT_EQ(vm->vgic.gicd_base, 0x30000000);
	EXPECT_EQ(vm->vgic.gicr_base, 0x30020000);
	EXPECT_EQ(rm_env_reclaim(handle), GUNYAH_RM_ERR_MEM_INUSE);

	EXPECT_EQ(rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_EXITED);
	end(vmid, handle);
}

TEST(life_of_a_lent_vm)
{
	u64 pages, tables;

	rm_env_init(&open_profile);
	/* What is made once and kept, with the first VM */
	one_life();
	pages = object_pool.used;
	tables = guest_table_pool.used;
	one_life();
	EXPECT_EQ(object_pool.used, pages);
	EXPECT_EQ(guest_table_pool.used, tables);
	EXPECT_EQ(host_cspace.used, 2);
	EXPECT_EQ(host_virq_used(), 2);
}

TEST(shared_image_needs_debug_on_open)
{
	u16 vmid;
	u32 handle = ready(&open_profile, true, "base", &vmid);

	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_START, vmid), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_INIT_FAILED);
	end(vmid, handle);

	handle = ready(&open_debug, true, "base", &vmid);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_START, vmid), 0);
	EXPECT_EQ(rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	end(vmid, handle);

	handle = ready(&production, true, "base", &vmid);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_START, vmid), 0);
	EXPECT_EQ(owner_state(RM_ENV_PARCEL), PAGE_SHARED);
	EXPECT_EQ(rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	end(vmid, handle);
}
