// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What a guest's tree and the profile give the host beyond the open hypervisor: time that
 * the host keeps, registers of vCPUs.
 */
#include <libfdt.h>

#include "tests/rm_env.h"

static const struct rm_config open_profile = { 0 };
static const struct rm_config production = { .production = true };

static u16 vmid;
static u32 image;

static void *tree(void)
{
	return arch_pa_to_va(RM_ENV_PARCEL + RM_ENV_DTB_OFF);
}

/* A VM that is allocated, its tree can still be edited */
static void begin(const struct rm_config *cfg)
{
	rm_env_init(cfg);
	vmid = rm_env_allocate();
	EXPECT(rm_env_load_dtb("base", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(fdt_open_into(tree(), tree(), 0x8000), 0);
}

static void edit(const char *path, const char *property)
{
	int node = fdt_path_offset(tree(), path);

	EXPECT(node > 0);
	EXPECT_EQ(fdt_setprop_empty(tree(), node, property), 0);
}

static u32 init(void)
{
	EXPECT_EQ(fdt_pack(tree()), 0);
	EXPECT_EQ(rm_env_mem(false, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &image), 0);
	EXPECT_EQ(rm_env_config(vmid, image, 0), 0);
	return rm_env_vmid_call(GUNYAH_RM_VM_INIT, vmid);
}

static struct vm *vm(void)
{
	return rm_vm_find(vmid)->vm;
}

static bool host_has(u64 cap, enum cap_type type, u32 right)
{
	void *object;

	return !cspace_lookup(&host_cspace, cap, type, right, &object);
}

TEST(time_kept_by_the_host)
{
	static const struct {
		const struct rm_config *cfg;
		bool asked, granted;
	} cases[] = {
		{ &production, true, true }, { &production, false, false },
		{ &open_profile, true, false },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		test_context("case %u", i);
		begin(cases[i].cfg);
		if (cases[i].asked)
			edit("/gunyah-vm-config/vcpus", "no-timer-wakeups");
		ASSERT(!init());
		EXPECT_EQ(vm()->timers_by_host, cases[i].granted);
	}
}

TEST(registers_of_vcpus)
{
	begin(&production);
	ASSERT(!init());
	EXPECT(host_has(vm()->vcpus[0]->host_cap, CAP_VCPU, GUNYAH_RIGHT_VCPU_WRITE_CONTEXT));
	EXPECT(!host_has(vm()->vcpus[0]->host_cap, CAP_VCPU, GUNYAH_RIGHT_VCPU_STATE));
	begin(&open_profile);
	ASSERT(!init());
	EXPECT(!host_has(vm()->vcpus[0]->host_cap, CAP_VCPU, GUNYAH_RIGHT_VCPU_WRITE_CONTEXT));
}
