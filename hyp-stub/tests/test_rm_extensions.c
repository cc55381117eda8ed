// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What a guest's tree and the profile give the host beyond the open hypervisor: time that
 * the host keeps, registers of vCPUs, ends of interrupts.
 */
#include <libfdt.h>
#include <string.h>

#include "tests/rm_env.h"

static const struct rm_config open_profile = { 0 };
static const struct rm_config production = { .production = true };

#define BELL	"/gunyah-vm-config/vdevices/bell-1"

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

static void edit_bell(const char *add, const char *remove, u32 flags)
{
	fdt32_t irq[] = { 0, cpu_to_fdt32(5), cpu_to_fdt32(flags) };
	int node = fdt_path_offset(tree(), BELL);

	EXPECT(node > 0);
	EXPECT_EQ(fdt_setprop(tree(), node, "interrupts", irq, sizeof(irq)), 0);
	if (add)
		edit(BELL, add);
	edit(BELL, "source-can-clear");
	if (remove)
		EXPECT_EQ(fdt_delprop(tree(), fdt_path_offset(tree(), BELL), remove), 0);
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

/* What the host is told of the bell */
static u32 virq_of_bell(void)
{
	const struct gunyah_rm_vmid_req req = { .vmid = vmid };
	struct gunyah_rm_hyp_resource entry[32];
	u8 reply[sizeof(u32) + sizeof(entry)];
	size_t len;
	u32 count;

	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_GET_HYP_RESOURCES, &req, sizeof(req), reply,
			      sizeof(reply), &len), 0);
	memcpy(&count, reply, sizeof(count));
	EXPECT(count && len == sizeof(count) + count * sizeof(entry[0]));
	memcpy(entry, reply + sizeof(count), len - sizeof(count));
	for (u32 i = 0; i < count; i++)
		if (entry[i].type == GUNYAH_RESOURCE_BELL_TX && entry[i].label == 1)
			return entry[i].virq;
	EXPECT(false);
	return 0;
}

TEST(ends_of_interrupts)
{
	static const struct {
		const struct rm_config *cfg;
		const char *add, *remove;
		u32 flags;
		bool virq;
	} cases[] = {
		{ &production, "eoi-virq", NULL, 4, true },
		/* Only who asks gets one, and only where it makes sense */
		{ &production, NULL, NULL, 4, false },
		{ &production, "eoi-virq", NULL, 1, false },
		{ &production, "eoi-virq", "source-can-clear", 4, false },
		{ &open_profile, "eoi-virq", NULL, 4, false },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned int used;
		u32 virq;

		test_context("case %u", i);
		begin(cases[i].cfg);
		used = host_virq_used();
		edit_bell(cases[i].add, cases[i].remove, cases[i].flags);
		ASSERT(!init());
		virq = virq_of_bell();
		EXPECT_EQ(!!virq, cases[i].virq);
		EXPECT_EQ(virq, vm()->bells[0].host_virq);
		EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
		EXPECT_EQ(host_virq_used(), used);
	}
}

/* One is missing: vCPU, doorbell 2 and the end of doorbell 1 want one each */
TEST(no_interrupt_left_for_the_end)
{
	const unsigned int all = FAKE_VIRQ_LAST - FAKE_VIRQ_FIRST + 1;

	for (unsigned int asked = 0; asked < 2; asked++) {
		test_context("asked %u", asked);
		begin(&production);
		edit_bell(asked ? "eoi-virq" : NULL, NULL, 4);
		while (host_virq_used() < all - 2)
			ASSERT(host_virq_alloc());
		EXPECT_EQ(init(), asked ? GUNYAH_RM_ERR_NORESOURCE : 0);
		EXPECT_EQ(host_virq_used(), asked ? all - 2 : all);
	}
}
