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

/* A started VM with one vCPU inside of the guest on another CPU */
static u32 running(const struct rm_config *cfg, u16 *vmid)
{
	u32 handle = ready(cfg, false, "base", vmid);

	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_START, *vmid), 0);
	rm_env_drain();
	vm_of(*vmid)->vcpus[0]->running = true;
	vm_of(*vmid)->vcpus[0]->cpu = 1;
	return handle;
}

static void expect_packet(const void *expected, size_t size)
{
	struct rm_packet p;

	if (EXPECT(rm_env_receive(&p)) && EXPECT_EQ(p.size, size))
		EXPECT(!memcmp(p.data, expected, size));
}

/* Type and id of the next packet, and its first payload words */
static void expect_message(u8 type, u32 id, u32 first, u32 second)
{
	struct rm_packet p;
	u32 words[4];

	if (!EXPECT(rm_env_receive(&p)) || !EXPECT(p.size >= 12))
		return;
	memcpy(words, p.data, sizeof(words));
	EXPECT_EQ(p.data[1], type);
	EXPECT_EQ(words[1], id);
	EXPECT_EQ(words[2], first);
	if (p.size >= 16)
		EXPECT_EQ(words[3], second);
}

TEST(stop_waits_until_all_vcpus_have_left)
{
	static const u8 stop[] = { 0x21, 0x01, 0x99, 0, 0x05, 0, 0, 0x56,
				   0x80, 0, 1, 0, 3, 0, 0, 0 };
	static const u8 get_vmid[] = { 0x21, 0x01, 0x9a, 0, 0x24, 0, 0, 0x56 };
	static const u8 stopped[] = { 0x21, 0x02, 0x99, 0, 0x05, 0, 0, 0x56, 0, 0, 0, 0 };
	struct rm_packet p;
	struct vm *vm;
	u32 handle;
	u16 vmid;

	handle = running(&open_profile, &vmid);
	vm = vm_of(vmid);
	EXPECT(rm_env_send(stop, sizeof(stop)));
	EXPECT(vm->dead);
	EXPECT_EQ(fake.kicks[1], 1);
	EXPECT(!rm_env_receive(&p));
	EXPECT(rm_pending());
	/* Others wait behind it, as with the real one */
	EXPECT(rm_env_send(get_vmid, sizeof(get_vmid)));
	rm_poll();
	EXPECT(!rm_env_receive(&p));

	vm->vcpus[0]->running = false;
	rm_poll();
	expect_message(3, GUNYAH_RM_NOTIF_VM_STATUS, vmid, GUNYAH_RM_VM_STATE_EXITED);
	expect_message(3, GUNYAH_RM_NOTIF_VM_EXITED, vmid | GUNYAH_RM_EXIT_STOPPED << 16, 4);
	expect_packet(stopped, sizeof(stopped));
	expect_message(2, GUNYAH_RM_VM_GET_VMID, 0, GUNYAH_VMID_HLOS);
	EXPECT(!rm_env_receive(&p));
	EXPECT(!rm_pending());
	end(vmid, handle);
}

TEST(exit_waits_until_all_vcpus_have_left)
{
	struct vm_halt_info info = { .why = VM_HALT_OFF };
	struct rm_packet p;
	struct vm *vm;
	u32 handle;
	u16 vmid;

	handle = running(&open_profile, &vmid);
	vm = vm_of(vmid);
	vm_halt(vm->vcpus[0], &info);
	EXPECT(!rm_env_receive(&p));
	EXPECT(rm_pending());
	EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_RUNNING);
	/* It is over already: no second exit of another kind */
	EXPECT_EQ(rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE), GUNYAH_RM_ERR_VM_STATE);
	vm->vcpus[0]->running = false;
	rm_poll();
	expect_message(3, GUNYAH_RM_NOTIF_VM_STATUS, vmid, GUNYAH_RM_VM_STATE_EXITED);
	expect_message(3, GUNYAH_RM_NOTIF_VM_EXITED, vmid | GUNYAH_RM_EXIT_PSCI_OFF << 16, 4);
	EXPECT(!rm_env_receive(&p));
	end(vmid, handle);
}

TEST(fault_of_a_vcpu_is_a_software_error)
{
	struct vm_halt_info info = { .why = VM_HALT_FAULT };
	u32 handle;
	u16 vmid;

	handle = running(&open_profile, &vmid);
	vm_of(vmid)->vcpus[0]->running = false;
	vm_halt(vm_of(vmid)->vcpus[0], &info);
	expect_message(3, GUNYAH_RM_NOTIF_VM_STATUS, vmid, GUNYAH_RM_VM_STATE_EXITED);
	expect_message(3, GUNYAH_RM_NOTIF_VM_EXITED, vmid | GUNYAH_RM_EXIT_SOFTWARE_ERROR << 16, 4);
	end(vmid, handle);
}

static u32 boot_context(u32 id, u16 vmid, u8 set, u8 index, u64 value)
{
	u64 req[2] = { vmid | set << 16 | (u64)index << 24, value };

	return rm_env_call(id, req, sizeof(req), NULL, 0, NULL);
}

TEST(boot_context)
{
	static const u32 ids[] = { GUNYAH_RM_VM_SET_BOOT_CONTEXT,
				   GUNYAH_RM_VM_SET_BOOT_CONTEXT_ALT };
	u32 handle;
	u16 vmid;

	ready(&open_debug, false, "base", &vmid);
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		EXPECT_EQ(boot_context(ids[i], vmid, 0, 0, 1), GUNYAH_RM_ERR_UNIMPLEMENTED);
		EXPECT_EQ(boot_context(ids[i], 0x99, 0, 0, 1), GUNYAH_RM_ERR_UNIMPLEMENTED);
	}

	handle = ready(&production, false, "base", &vmid);
	EXPECT_EQ(boot_context(ids[0], 0x99, 0, 0, 1), GUNYAH_RM_ERR_VMID_INVALID);
	EXPECT_EQ(boot_context(ids[0], 3, 0, 0, 1), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(boot_context(ids[0], vmid, 0, 31, 1), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(boot_context(ids[0], vmid, 3, 0, 1), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(boot_context(ids[0], vmid, 0, 5, 0x1234), 0);
	EXPECT_EQ(boot_context(ids[1], vmid, 1, 0, 0x80001000), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_START, vmid), 0);
	EXPECT_EQ(vm_of(vmid)->vcpus[0]->regs.pc, 0x80001000);
	EXPECT_EQ(vm_of(vmid)->vcpus[0]->regs.x[5], 0x1234);
	EXPECT_EQ(vm_of(vmid)->vcpus[0]->regs.x[0], 0x80000000 + RM_ENV_DTB_OFF);
	EXPECT_EQ(boot_context(ids[0], vmid, 0, 0, 1), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	end(vmid, handle);
}

static u32 config_image(u16 vmid, u32 handle, u64 image_off, u64 image_size, u64 dtb_off,
			u64 dtb_size)
{
	u64 req[5] = { vmid | (u64)handle << 32, image_off, image_size, dtb_off, dtb_size };

	return rm_env_call(GUNYAH_RM_VM_CONFIG_IMAGE, req, sizeof(req), NULL, 0, NULL);
}

TEST(config_image_ranges_that_wrap)
{
	static const u64 bad[][4] = {
		{ ~0ULL, 1, 0, PAGE_SIZE }, { PAGE_SIZE, ~0ULL, 0, PAGE_SIZE },
		{ 0, PAGE_SIZE, ~0ULL - 4095, PAGE_SIZE },
		{ 0, PAGE_SIZE, PAGE_SIZE, ~0ULL - 4095 },
		{ 0, RM_ENV_SIZE + 1, 0, PAGE_SIZE }, { 0, 0, RM_ENV_SIZE, 1 },
	};
	u32 handle;
	u16 vmid;

	rm_env_init(&production);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		vmid = rm_env_allocate();
		EXPECT_EQ(rm_env_mem(false, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle), 0);
		EXPECT_EQ(config_image(vmid, handle, bad[i][0], bad[i][1], bad[i][2], bad[i][3]),
			  GUNYAH_RM_ERR_ARGUMENT_INVALID);
		EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_INIT_FAILED);
		end(vmid, handle);
	}
}

/* The only pad that counts */
TEST(init_looks_at_its_pad)
{
	u16 req[2] = { 0, 1 };
	u32 handle;

	rm_env_init(&open_profile);
	req[0] = rm_env_allocate();
	EXPECT(rm_env_load_dtb("base", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(rm_env_mem(false, req[0], RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle), 0);
	EXPECT_EQ(rm_env_config(req[0], handle, 0), 0);
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_INIT, req, sizeof(req), NULL, 0, NULL),
		  GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(rm_env_state(req[0]), GUNYAH_RM_VM_STATE_INIT);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_INIT, req[0]), 0);
	end(req[0], handle);
}

/* Attributes outlive the INIT that refuses them */
TEST(crash_fatal_cannot_be_reset)
{
	u32 handle;
	u16 vmid;

	rm_env_init(&open_profile);
	vmid = rm_env_allocate();
	EXPECT(rm_env_load_dtb("attr_crash_fatal", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(rm_env_mem(false, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle), 0);
	EXPECT_EQ(rm_env_config(vmid, handle, 0), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_INIT, vmid), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_INIT_FAILED);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
}

/* What a driver asks for to find out what it talks to */
TEST(probing)
{
	static const u32 unknown[] = { GUNYAH_RM_VM_SET_DEMAND_PAGING,
				       GUNYAH_RM_VM_SET_ADDRESS_LAYOUT };
	static const struct rm_config *const profiles[] = { &open_profile, &production };
	u8 req[24] = { 0x99 };

	for (unsigned int p = 0; p < ARRAY_SIZE(profiles); p++) {
		rm_env_init(profiles[p]);
		for (unsigned int i = 0; i < ARRAY_SIZE(unknown); i++)
			EXPECT_EQ(rm_env_call(unknown[i], req, sizeof(req), NULL, 0, NULL),
				  GUNYAH_RM_ERR_UNIMPLEMENTED);
	}
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_SET_FIRMWARE_MEM, req, sizeof(req), NULL, 0, NULL),
		  GUNYAH_RM_ERR_NORESOURCE);
}

static u32 sender_faults(void)
{
	struct rm_stats stats;

	rm_stats(&stats);
	return stats.sender_faults;
}

/* What kills the open RM is answered here, said aloud, and counted */
TEST(faults_of_the_sender)
{
	u32 handle;
	u16 vmid;

	rm_env_init(&open_profile);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, 0x90), GUNYAH_RM_ERR_VMID_INVALID);
	EXPECT_EQ(sender_faults(), 1);
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_IRQ_ACCEPT, "", 0, NULL, 0, NULL),
		  GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_IRQ_ACCEPT, "1234", 4, NULL, 0, NULL),
		  GUNYAH_RM_ERR_UNIMPLEMENTED);
	EXPECT_EQ(sender_faults(), 2);
	vmid = rm_env_allocate();
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(rm_env_config(vmid, 77, 0), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(sender_faults(), 4);
	EXPECT(strstr(fake.console, "warning"));

	handle = running(&open_profile, &vmid);
	vm_of(vmid)->vcpus[0]->running = false;
	EXPECT_EQ(rm_env_stop(vmid, 0), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_RUNNING);
	EXPECT_EQ(sender_faults(), 1);
	EXPECT_EQ(rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	end(vmid, handle);
}

/* The production one forgives: Linux resets after a CONFIG_IMAGE that was refused */
TEST(reset_without_configuration_on_production)
{
	u16 vmid;

	rm_env_init(&production);
	vmid = rm_env_allocate();
	EXPECT_EQ(rm_env_config(vmid, 77, 0), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
	EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_RESET);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, vmid), 0);
	EXPECT_EQ(sender_faults(), 0);
}

TEST(second_life_is_silent_on_open_only)
{
	static const struct rm_config *const profiles[] = { &open_profile, &production };
	struct rm_packet p;
	u32 handle;
	u16 vmid;

	for (unsigned int i = 0; i < ARRAY_SIZE(profiles); i++) {
		handle = ready(profiles[i], false, "base", &vmid);
		EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
		rm_env_drain();
		EXPECT_EQ(rm_env_config(vmid, handle, 0), 0);
		rm_env_drain();
		rm_vm_set_state(rm_vm_find(vmid), GUNYAH_RM_VM_STATE_READY);
		EXPECT_EQ(rm_env_receive(&p), i == 1);
	}
}

/* Objects that run out: INIT fails and leaves nothing behind */
TEST(init_without_capabilities)
{
	u32 handle = ~0U;
	u64 cap, used;
	u16 vmid;
	int dummy;

	rm_env_init(&open_profile);
	one_life();
	used = object_pool.used;
	while (host_cspace.used < host_cspace.nr - 2)
		EXPECT_EQ(cspace_add(&host_cspace, CAP_DOORBELL, &dummy, 1, &cap), 0);
	vmid = rm_env_allocate();
	EXPECT(rm_env_load_dtb("base", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(rm_env_mem(false, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle), 0);
	EXPECT_EQ(rm_env_config(vmid, handle, 0), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_INIT, vmid), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(host_cspace.used, host_cspace.nr - 2);
	EXPECT_EQ(host_virq_used(), 2);
	end(vmid, handle);
	EXPECT_EQ(object_pool.used, used);
}

/* Every message to one VM in any order: what comes out is always one of the states */
TEST(random_lives)
{
	static const u32 ids[] = {
		GUNYAH_RM_VM_INIT, GUNYAH_RM_VM_START, GUNYAH_RM_VM_RESET,
		GUNYAH_RM_VM_DEALLOCATE, GUNYAH_RM_VM_GET_HYP_RESOURCES, GUNYAH_RM_VM_GET_ID,
	};
	u32 handle = ~0U;
	u64 used;

	rm_env_init(&open_debug);
	one_life();
	used = object_pool.used;
	EXPECT(rm_env_load_dtb("base", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	for (unsigned int i = 0; i < 5000; i++) {
		u64 what = test_random() % 12;

		if (!rm_vm_find(0x80))
			EXPECT_EQ(rm_env_allocate(), 0x80);
		if (what < ARRAY_SIZE(ids))
			rm_env_vmid_call(ids[what], 0x80);
		else if (what < 8)
			rm_env_config(0x80, handle, (u16)(test_random() % 3));
		else if (what == 8)
			rm_env_mem(test_random() & 1, 0x80, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle);
		else if (what == 9)
			rm_env_stop(0x80, (u8)(test_random() & 1));
		else if (what == 10)
			rm_env_reclaim(handle);
		else if (rm_vm_find(0x80)->state == GUNYAH_RM_VM_STATE_INIT_FAILED &&
			 !rm_vm_find(0x80)->configured)
			rm_vm_find(0x80)->used = false;	/* lost for good on the open one */
	}
	rm_vm_drop_objects(rm_vm_find(0x80) ? rm_vm_find(0x80) : &(struct rm_vm){ 0 });
	rm_parcels_release(0x80);
	while (rm_parcel_at(0))
		EXPECT_EQ(rm_env_reclaim(rm_parcel_at(0)->handle), 0);
	EXPECT_EQ(object_pool.used, used);
	EXPECT(owner_is_host(FAKE_RAM_BASE, RM_ENV_HOST));
}
