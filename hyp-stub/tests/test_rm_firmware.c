// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Firmware of protected VMs: each rule of SET_FIRMWARE_MEM, INIT and START. */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "tests/rm_auth_env.h"

static const u8 blob[PAGE_SIZE + 20] = { 0x11, 0x22, [PAGE_SIZE + 19] = 0x33 };

#define FIRMWARE	.firmware = blob, .firmware_size = sizeof(blob)

static const struct rm_config paging = { .production = true, .demand_paging = true, FIRMWARE };
static const struct rm_config no_paging = { .production = true, FIRMWARE };
static const struct rm_config no_firmware = { .production = true, .demand_paging = true };
static const struct rm_config open_profile = { 0 };

#define FW_PA		(RM_ENV_PARCEL + RM_ENV_SIZE)
#define FW_SIZE		(4 * PAGE_SIZE)
#define FW_IPA		(BASE - FW_SIZE)

static u32 fw_parcel;

static u32 send(u16 to, u16 pad, u32 parcel, u64 off, u64 size, size_t *extra)
{
	u64 req[3] = { to | (u64)pad << 16 | (u64)parcel << 32, off, size };
	u32 hyp = 0;
	u32 error = rm_env_call(GUNYAH_RM_VM_SET_FIRMWARE_MEM, req, sizeof(req), &hyp, sizeof(hyp),
				extra);

	EXPECT_EQ(hyp, error ? GUNYAH_ERR_ARGUMENT_INVALID : 0);
	return error;
}

static u32 set(u32 parcel, u64 off, u64 size)
{
	return send(auth_vmid, 0, parcel, off, size, NULL);
}

static u32 place(u32 id, u64 base, u64 size)
{
	u64 req[3] = { auth_vmid | (u64)id << 32, base, size };

	return rm_env_call(GUNYAH_RM_VM_SET_ADDRESS_LAYOUT, req, sizeof(req), NULL, 0, NULL);
}

static u32 demand(u64 base, u64 size)
{
	u64 req[3] = { auth_vmid | 1ULL << 32, base, size };

	return rm_env_call(GUNYAH_RM_VM_SET_DEMAND_PAGING, req, sizeof(req), NULL, 0, NULL);
}

static int memory_node(void)
{
	return fdt_path_offset(auth_tree(), "/gunyah-vm-config/memory");
}

static void want_firmware_at(u64 ipa)
{
	EXPECT_EQ(fdt_setprop_u64(auth_tree(), memory_node(), "firmware-address", ipa), 0);
}

static u8 *fw_memory(void)
{
	return arch_pa_to_va(FW_PA);
}

static void lend_firmware(void)
{
	memset(fw_memory(), 0x5a, FW_SIZE);
	EXPECT_EQ(rm_env_mem(false, auth_vmid, FW_PA, FW_SIZE, 0, &fw_parcel), 0);
}

/* A protected VM in INIT with both parcels; its tree says where the firmware goes */
static void begin(const struct rm_config *cfg)
{
	auth_begin(cfg, 0);
	want_firmware_at(FW_IPA);
	auth_hand_over(false);
	lend_firmware();
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, 0, 0), 0);
}

static void end(void)
{
	auth_reset();
	EXPECT_EQ(rm_env_reclaim(fw_parcel), 0);
	auth_end();
}

static bool is_zero(const u8 *p, u64 size)
{
	while (size && !*p) {
		p++;
		size--;
	}
	return !size;
}

static void expect_firmware_in(const u8 *memory, u64 size)
{
	EXPECT(!memcmp(memory, blob, sizeof(blob)));
	EXPECT(is_zero(memory + sizeof(blob), size - sizeof(blob)));
}

static void expect_node(u64 ipa, u64 size)
{
	char path[64];
	const fdt64_t *reg;
	int node, len = 0;

	snprintf(path, sizeof(path), "/reserved-memory/firmware@%llx", (unsigned long long)ipa);
	node = fdt_path_offset(auth_tree(), path);
	ASSERT(node > 0);
	reg = fdt_getprop(auth_tree(), node, "reg", &len);
	ASSERT(len == 16);
	EXPECT_EQ(fdt64_ld(reg), ipa);
	EXPECT_EQ(fdt64_ld(reg + 1), size);
	EXPECT(fdt_getprop(auth_tree(), node, "no-map", NULL));
	EXPECT(!fdt_node_check_compatible(auth_tree(), node, "qcom,vm-firmware"));
}

static void expect_memory(u64 base, u64 size)
{
	int len = 0, node = fdt_path_offset(auth_tree(), "/memory");
	const fdt64_t *reg = fdt_getprop(auth_tree(), node, "reg", &len);

	ASSERT(len == 16);
	EXPECT_EQ(fdt64_ld(reg), base);
	EXPECT_EQ(fdt64_ld(reg + 1), size);
}

static void expect_registers(u64 pc, u64 dtb, u64 image, u64 size)
{
	const struct vcpu *vcpu = auth_boot_vcpu();

	EXPECT_EQ(vcpu->regs.pc, pc);
	EXPECT_EQ(vcpu->regs.x[0], dtb);
	EXPECT_EQ(vcpu->regs.x[1], image);
	EXPECT_EQ(vcpu->regs.x[2], size);
	for (unsigned int i = 3; i < 31; i++)
		EXPECT_EQ(vcpu->regs.x[i], 0);
}

/* --- SET_FIRMWARE_MEM --- */

TEST(who_may_have_one)
{
	size_t extra = 0;

	begin(&paging);
	EXPECT_EQ(send(0x99, 0, 0, 0, PAGE_SIZE, NULL), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(send(3, 0, 0, 0, PAGE_SIZE, NULL), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(send(0xff, 0, 0, 0, PAGE_SIZE, NULL), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(send(auth_vmid, 1, fw_parcel, 0, FW_SIZE, NULL), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(send(auth_vmid, 0, fw_parcel, 0, FW_SIZE, &extra), 0);
	EXPECT_EQ(extra, 0);
	EXPECT_EQ(send(auth_vmid, 0, 0x1234, 0, FW_SIZE, &extra), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(extra, 4);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), GUNYAH_RM_ERR_VM_STATE);
	end();

	auth_begin(&paging, 0);
	auth_hand_over(false);
	EXPECT_EQ(set(auth_image, 0x10000, PAGE_SIZE), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_NONE, 0, 0), 0);
	EXPECT_EQ(set(auth_image, 0x10000, PAGE_SIZE), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	auth_end();
}

/* Nobody has given one to the RM */
TEST(none_provided)
{
	static const struct rm_config *without[] = { &no_firmware, &open_profile };

	for (unsigned int i = 0; i < ARRAY_SIZE(without); i++) {
		begin(without[i]);
		/* Whatever else is wrong with it */
		EXPECT_EQ(send(auth_vmid, 1, 0x1234, 8, 0, NULL), GUNYAH_RM_ERR_DENIED);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), GUNYAH_RM_ERR_DENIED);
		EXPECT_EQ(rm_env_state(auth_vmid), GUNYAH_RM_VM_STATE_INIT_FAILED);
		/* Nothing was mapped yet */
		EXPECT_EQ(rm_env_reclaim(fw_parcel) + rm_env_reclaim(auth_image), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_RESET), 0);
	}
}

TEST(memory_is_checked)
{
	static const struct {
		u64 off;
		u64 size;
	} bad[] = {
		{ 0, 0 }, { 8, PAGE_SIZE }, { 0, PAGE_SIZE + 8 }, { FW_SIZE, PAGE_SIZE },
		{ 0, FW_SIZE + PAGE_SIZE }, { PAGE_SIZE, FW_SIZE }, { ~0xfffULL, 2 * PAGE_SIZE },
		{ PAGE_SIZE, ~0xfffULL },
	};
	u32 other, shared, unfinished;

	begin(&paging);
	EXPECT_EQ(rm_env_mem(false, 0xff, FW_PA + RM_ENV_SIZE, SZ_64K, 0, &other), 0);
	EXPECT_EQ(rm_env_mem(true, auth_vmid, FW_PA + 2 * RM_ENV_SIZE, SZ_64K, 7, &shared), 0);
	EXPECT_EQ(rm_env_mem_flags(false, GUNYAH_RM_MEM_FLAG_APPEND, auth_vmid,
				   FW_PA + 3 * RM_ENV_SIZE, SZ_64K, 0, &unfinished), 0);
	EXPECT_EQ(set(other, 0, PAGE_SIZE), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(set(shared, 0, PAGE_SIZE), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(set(unfinished, 0, PAGE_SIZE), GUNYAH_RM_ERR_MEM_INVALID);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		test_context("case %u", i);
		EXPECT_EQ(set(fw_parcel, bad[i].off, bad[i].size), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	}
	test_context("%s", "");
	EXPECT_EQ(rm_vm_find(auth_vmid)->firmware.size, 0);
	EXPECT_EQ(rm_env_reclaim(other) + rm_env_reclaim(shared) + rm_env_reclaim(unfinished), 0);
	end();
}

/* In the image's parcel it must not lie over the device tree or the image */
TEST(image_and_tree_stay)
{
	static const struct {
		u64 off;
		u64 size;
		u32 error;
	} cases[] = {
		{ RM_ENV_DTB_OFF, PAGE_SIZE, GUNYAH_RM_ERR_ARGUMENT_INVALID },
		{ RM_ENV_DTB_OFF - PAGE_SIZE, 2 * PAGE_SIZE, GUNYAH_RM_ERR_ARGUMENT_INVALID },
		{ IMAGE_AT + PAGE_SIZE, PAGE_SIZE, GUNYAH_RM_ERR_ARGUMENT_INVALID },
		{ 0, RM_ENV_SIZE, GUNYAH_RM_ERR_ARGUMENT_INVALID },
		{ IMAGE_AT + 2 * PAGE_SIZE, PAGE_SIZE, 0 },
		{ 0, IMAGE_AT, 0 },
	};

	auth_begin(&no_paging, 0);
	auth_hand_over(false);
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, IMAGE_AT, 2 * PAGE_SIZE), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		test_context("case %u", i);
		EXPECT_EQ(set(auth_image, cases[i].off, cases[i].size), cases[i].error);
	}
	test_context("%s", "");
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	auth_end();
}

/* --- START --- */

/* Image and tree in one parcel, as with a VMM that knows no demand paging */
static void start_all_in_parcels(void)
{
	u8 *image = arch_pa_to_va(RM_ENV_PARCEL + IMAGE_AT);

	auth_begin(&no_paging, 0);
	want_firmware_at(FW_IPA);
	memset(image, 0xc3, 2 * PAGE_SIZE);
	auth_hand_over(false);
	lend_firmware();
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, IMAGE_AT, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(set(fw_parcel, PAGE_SIZE, FW_SIZE - PAGE_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
}

TEST(own_parcel)
{
	const u8 *image = arch_pa_to_va(RM_ENV_PARCEL + IMAGE_AT);

	start_all_in_parcels();
	EXPECT(auth_mapped(FW_IPA, FW_PA) && auth_mapped(BASE, RM_ENV_PARCEL));
	expect_firmware_in(fw_memory() + PAGE_SIZE, FW_SIZE - PAGE_SIZE);
	EXPECT(is_zero(fw_memory(), PAGE_SIZE));
	EXPECT_EQ(image[0] & image[2 * PAGE_SIZE - 1], 0xc3);
	expect_registers(FW_IPA + PAGE_SIZE, BASE + RM_ENV_DTB_OFF, BASE + IMAGE_AT, 2 * PAGE_SIZE);
	expect_node(FW_IPA + PAGE_SIZE, FW_SIZE - PAGE_SIZE);
	expect_memory(BASE, RM_ENV_SIZE);
	EXPECT_EQ(rm_env_reclaim(fw_parcel), GUNYAH_RM_ERR_MEM_INUSE);
	EXPECT(!owner_host_may_access(FW_PA, FW_SIZE));
	end();
}

/* Firmware and image: what the guest had is not for the host */
TEST(comes_back_wiped)
{
	u8 *image = arch_pa_to_va(RM_ENV_PARCEL + IMAGE_AT);

	start_all_in_parcels();
	memset(fw_memory(), 0x77, FW_SIZE);
	memset(image, 0x77, PAGE_SIZE);
	end();
	EXPECT(is_zero(fw_memory(), FW_SIZE));
	EXPECT(is_zero(image, 2 * PAGE_SIZE));
}

/* What the host says comes before what its tree says */
TEST(memory_on_demand)
{
	for (unsigned int told = 0; told < 2; told++) {
		auth_begin(&paging, 0);
		want_firmware_at(told ? RAM_END + SZ_2M : FW_IPA);
		auth_hand_over(false);
		lend_firmware();
		EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, 0, 0), 0);
		EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
		EXPECT_EQ(demand(BASE, RAM_END - RM_ENV_SIZE - BASE), 0);
		EXPECT_EQ(place(GUNYAH_RM_LAYOUT_IMAGE, RAM_END - RM_ENV_SIZE, RM_ENV_SIZE), 0);
		if (told)
			EXPECT_EQ(place(GUNYAH_RM_LAYOUT_FIRMWARE, FW_IPA, FW_SIZE), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
		EXPECT(auth_mapped(FW_IPA, FW_PA));
		expect_firmware_in(fw_memory(), FW_SIZE);
		/* The payload is not in the parcel: where memory begins, up to its end */
		expect_registers(FW_IPA, RAM_END - RM_ENV_SIZE + RM_ENV_DTB_OFF, BASE,
				 RAM_END - BASE);
		expect_node(FW_IPA, FW_SIZE);
		expect_memory(BASE, RAM_END - BASE);
		end();
	}
}

/* The firmware is a gap in the memory, the image's parcel is behind it */
TEST(in_the_middle_of_memory)
{
	const u64 at = BASE + SZ_2M;
	u64 ranges[] = { 0, BASE, at - BASE, at + FW_SIZE, RAM_END - at - FW_SIZE };

	begin(&paging);
	ranges[0] = auth_vmid | 2ULL << 32;
	EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_SET_DEMAND_PAGING, ranges, sizeof(ranges), NULL, 0,
			      NULL), 0);
	EXPECT_EQ(place(GUNYAH_RM_LAYOUT_IMAGE, RAM_END, RM_ENV_SIZE), 0);
	EXPECT_EQ(place(GUNYAH_RM_LAYOUT_FIRMWARE, at, FW_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
	expect_registers(at, RAM_END + RM_ENV_DTB_OFF, BASE, SZ_2M);
	end();
}

/* Nothing is there where memory is said to begin: no size */
TEST(no_memory_at_its_base)
{
	begin(&paging);
	EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
	EXPECT_EQ(place(GUNYAH_RM_LAYOUT_IMAGE, RAM_END, RM_ENV_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
	expect_registers(FW_IPA, RAM_END + RM_ENV_DTB_OFF, BASE, 0);
	end();
}

TEST(in_the_image_parcel)
{
	u8 *parcel = arch_pa_to_va(RM_ENV_PARCEL);
	u64 off = 0x20000;

	auth_begin(&no_paging, 0);
	want_firmware_at(BASE + off);
	memset(parcel, 0x5a, RM_ENV_DTB_OFF);
	auth_hand_over(false);
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, IMAGE_AT, PAGE_SIZE), 0);
	EXPECT_EQ(set(auth_image, off, FW_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
	expect_firmware_in(parcel + off, FW_SIZE);
	EXPECT_EQ(parcel[off - 1] & parcel[off + FW_SIZE] & parcel[IMAGE_AT], 0x5a);
	expect_registers(BASE + off, BASE + RM_ENV_DTB_OFF, BASE + IMAGE_AT, PAGE_SIZE);
	expect_node(BASE + off, FW_SIZE);
	auth_end();
}

/* The boot registers are the firmware's: the host cannot get past it */
TEST(host_does_not_choose_the_entry)
{
	u64 req[2] = { GUNYAH_REGSET_PC << 16, BASE };

	begin(&no_paging);
	req[0] |= auth_vmid;
	EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_SET_BOOT_CONTEXT, req, sizeof(req), NULL, 0, NULL),
		  GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
	EXPECT_EQ(auth_boot_vcpu()->regs.pc, FW_IPA);
	end();
}

TEST(mandatory)
{
	begin(&paging);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), GUNYAH_RM_ERR_DENIED);
	end();
	/* A new configuration knows nothing of the room that the one before had */
	begin(&paging);
	EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT) + auth_vmid_call(GUNYAH_RM_VM_RESET), 0);
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, 0, 0), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), GUNYAH_RM_ERR_DENIED);
	end();
}

TEST(no_room_for_it)
{
	begin(&paging);
	EXPECT_EQ(set(fw_parcel, 0, PAGE_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), GUNYAH_RM_ERR_MEM_INVALID);
	end();
}

/* For the guest, but not all of it: not what the guest is going to run */
TEST(parcel_not_for_the_guest_alone)
{
	static const u32 rights[] = { GUNYAH_RM_ACL_R, GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_X,
				      GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_W };

	for (unsigned int i = 0; i < ARRAY_SIZE(rights); i++) {
		u32 req[] = { 0, 0, 1, 0, 1, FW_PA, 0, FW_SIZE, 0, 0 };

		auth_begin(&paging, 0);
		want_firmware_at(FW_IPA);
		auth_hand_over(false);
		req[3] = auth_vmid | rights[i] << 16;
		EXPECT_EQ(rm_env_call(GUNYAH_RM_MEM_LEND, req, sizeof(req), &fw_parcel,
				      sizeof(fw_parcel), NULL), 0);
		EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, 0, 0), 0);
		EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), GUNYAH_RM_ERR_MEM_INVALID);
		end();
	}
}

/* Between INIT and START, which is allowed */
TEST(parcel_taken_back)
{
	begin(&paging);
	EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(rm_env_reclaim(fw_parcel), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), GUNYAH_RM_ERR_MEM_INVALID);
	auth_end();
}

TEST(shared_image)
{
	auth_begin(&paging, 0);
	want_firmware_at(FW_IPA);
	auth_hand_over(true);
	lend_firmware();
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, 0, 0), 0);
	EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), GUNYAH_RM_ERR_NORESOURCE);
	end();
}

TEST(two_boot_vcpus)
{
	int node;

	for (unsigned int boots = 1; boots < 3; boots++) {
		auth_begin(&no_paging, 0);
		EXPECT(rm_env_load_dtb("cpus_two", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
		EXPECT_EQ(fdt_open_into(auth_tree(), auth_tree(), RM_ENV_DTB_SIZE / 4), 0);
		node = fdt_path_offset(auth_tree(), "/cpus/cpu@1");
		if (boots == 2)
			EXPECT_EQ(fdt_setprop_string(auth_tree(), node, "status", "okay"), 0);
		want_firmware_at(FW_IPA);
		auth_hand_over(false);
		lend_firmware();
		EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, 0, 0), 0);
		EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START),
			  boots == 1 ? 0 : GUNYAH_RM_ERR_NORESOURCE);
		end();
	}
}

/* A buffer for which the RM looks for the lowest place */
TEST(buffers_keep_out_of_it)
{
	const u64 lowest = 0x40200000;
	u32 buffer;

	auth_begin(&no_paging, 0);
	want_firmware_at(lowest);
	auth_hand_over(false);
	lend_firmware();
	EXPECT_EQ(rm_env_mem(true, auth_vmid, FW_PA + RM_ENV_SIZE, SZ_64K, 7, &buffer), 0);
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, 0, 0), 0);
	EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
	EXPECT(auth_mapped(lowest, FW_PA));
	EXPECT_EQ(rm_parcel_acl(rm_parcel_find(buffer), auth_vmid)->ipa, lowest + SZ_2M);
	auth_reset();
	EXPECT_EQ(rm_env_reclaim(buffer), 0);
	end();
}

/* --- INIT: where it cannot be --- */

static void nothing(void)
{
}

static void no_address(void)
{
	EXPECT_EQ(fdt_delprop(auth_tree(), memory_node(), "firmware-address"), 0);
}

static void unaligned(void)
{
	want_firmware_at(FW_IPA + 8);
}

static void over_image(void)
{
	want_firmware_at(BASE + RM_ENV_SIZE - PAGE_SIZE);
}

static void among_devices(void)
{
	want_firmware_at(0x3ffff000);
}

static void too_high(void)
{
	want_firmware_at((1ULL << VM_IPA_BITS) - PAGE_SIZE);
}

static void far_too_high(void)
{
	want_firmware_at(~0xfffULL);
}

/* In cells of the node above: one, in this tree (devicetree b.0) */
static void small_maximum(void)
{
	EXPECT_EQ(fdt_setprop_u32(auth_tree(), memory_node(), "firmware-size-max",
				  FW_SIZE - PAGE_SIZE), 0);
}

static void exact_maximum(void)
{
	EXPECT_EQ(fdt_setprop_u32(auth_tree(), memory_node(), "firmware-size-max", FW_SIZE), 0);
}

TEST(places_that_are_refused)
{
	static const struct {
		void (*edit)(void);
		u32 error;
	} cases[] = {
		{ nothing, 0 },
		{ exact_maximum, 0 },
		{ no_address, GUNYAH_RM_ERR_ARGUMENT_INVALID },
		{ unaligned, GUNYAH_RM_ERR_MEM_INVALID },
		{ over_image, GUNYAH_RM_ERR_MEM_INVALID },
		{ among_devices, GUNYAH_RM_ERR_ARGUMENT_INVALID },
		{ too_high, GUNYAH_RM_ERR_ARGUMENT_INVALID },
		{ far_too_high, GUNYAH_RM_ERR_ARGUMENT_INVALID },
		{ small_maximum, GUNYAH_RM_ERR_ARGUMENT_INVALID },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		u8 state;

		test_context("case %u", i);
		auth_begin(&no_paging, 0);
		want_firmware_at(FW_IPA);
		cases[i].edit();
		auth_hand_over(false);
		lend_firmware();
		EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, 0, 0), 0);
		EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), cases[i].error);
		state = GUNYAH_RM_VM_STATE_READY;
		if (cases[i].error)
			state = GUNYAH_RM_VM_STATE_INIT_FAILED;
		EXPECT_EQ(rm_env_state(auth_vmid), state);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_RESET), 0);
		EXPECT_EQ(rm_env_reclaim(fw_parcel) + rm_env_reclaim(auth_image), 0);
	}
	test_context("%s", "");
}

TEST(no_demand_paging_where_it_is)
{
	/* The tree's address, then one that the host has told */
	for (unsigned int told = 0; told < 2; told++) {
		u64 at = told ? RAM_END : FW_IPA;

		begin(&paging);
		EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
		EXPECT_EQ(demand(at + FW_SIZE - PAGE_SIZE, PAGE_SIZE), 0);
		if (told)
			EXPECT_EQ(place(GUNYAH_RM_LAYOUT_FIRMWARE, at, FW_SIZE), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), GUNYAH_RM_ERR_MEM_INVALID);
		end();
	}
	/* As large as the parcel, or it is not the parcel's place */
	begin(&paging);
	EXPECT_EQ(set(fw_parcel, 0, FW_SIZE), 0);
	EXPECT_EQ(place(GUNYAH_RM_LAYOUT_FIRMWARE, RAM_END, FW_SIZE - PAGE_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	end();
}

/* The image's place says it all */
TEST(image_parcel_elsewhere)
{
	for (unsigned int told = 0; told < 2; told++) {
		auth_begin(&paging, 0);
		if (!told)
			want_firmware_at(BASE + 0x21000);
		auth_hand_over(false);
		EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_ANDROID_PVM, 0, 0), 0);
		EXPECT_EQ(set(auth_image, 0x20000, FW_SIZE), 0);
		if (told)
			EXPECT_EQ(place(GUNYAH_RM_LAYOUT_FIRMWARE, RAM_END, FW_SIZE), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), GUNYAH_RM_ERR_ARGUMENT_INVALID);
		auth_end();
	}
}
