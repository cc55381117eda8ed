// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Demand paging as the host describes it to the RM: each rule, and what START makes of it. */
#include <libfdt.h>
#include <string.h>

#include "tests/rm_env.h"

static const struct rm_config open_profile = { 0 };
static const struct rm_config no_paging = { .production = true };
static const struct rm_config paging = { .production = true, .demand_paging = true };

#define BASE		0x80000000ULL	/* of the guest's RAM, as in base.dtb */
#define IMAGE		(BASE + 0x4000000)
#define IMAGE_END	(IMAGE + RM_ENV_SIZE)
#define END		(BASE + 0x10000000)
#define PAGES		0x45000000ULL	/* 2 MiB of the host's */

static u16 vmid;
static u32 handle;

/* A VM in INIT with its image in a parcel of its own */
static void configured(bool share, const char *dtb)
{
	rm_env_init(&paging);
	vmid = rm_env_allocate();
	EXPECT(rm_env_load_dtb(dtb, RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(rm_env_mem(share, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle), 0);
	EXPECT_EQ(rm_env_config(vmid, handle, 0), 0);
}

static void end(void)
{
	struct rm_stats stats;

	if (rm_env_state(vmid) == GUNYAH_RM_VM_STATE_INIT)
		rm_env_vmid_call(GUNYAH_RM_VM_INIT, vmid);
	if (rm_env_state(vmid) == GUNYAH_RM_VM_STATE_RUNNING)
		EXPECT_EQ(rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, vmid), 0);
	rm_stats(&stats);
	EXPECT_EQ(stats.vms + stats.parcels + stats.sender_faults, 0);
	EXPECT_EQ(host_cspace.used, 2);
	EXPECT(owner_is_host(FAKE_RAM_BASE, RM_ENV_HOST));
}

static u32 init(void)
{
	return rm_env_vmid_call(GUNYAH_RM_VM_INIT, vmid);
}

static u32 start(void)
{
	return rm_env_vmid_call(GUNYAH_RM_VM_START, vmid);
}

/* @nr pairs of address and size; what the message says of itself may be a lie */
static u32 send_ranges(u16 to, u16 pad, u32 says, const u64 *pairs, u32 nr, size_t more)
{
	static u8 req[16 + 600 * 16];
	u32 head[2] = { to | (u32)pad << 16, says };

	memcpy(req, head, sizeof(head));
	memcpy(req + sizeof(head), pairs, nr * 16);
	memset(req + sizeof(head) + nr * 16, 0, more);
	return rm_env_call(GUNYAH_RM_VM_SET_DEMAND_PAGING, req, sizeof(head) + nr * 16 + more, NULL,
			   0, NULL);
}

static u32 demand(const u64 *pairs, u32 nr)
{
	return send_ranges(vmid, 0, nr, pairs, nr, 0);
}

static u32 send_layout(u16 to, u16 pad, u32 id, u64 base, u64 size)
{
	u64 req[3] = { to | (u64)pad << 16 | (u64)id << 32, base, size };

	return rm_env_call(GUNYAH_RM_VM_SET_ADDRESS_LAYOUT, req, sizeof(req), NULL, 0, NULL);
}

static u32 place_image(u64 base)
{
	return send_layout(vmid, 0, GUNYAH_RM_LAYOUT_IMAGE, base, RM_ENV_SIZE);
}

static u32 send_firmware(u16 to, u16 pad, u32 parcel, u64 off, u64 size, size_t *extra)
{
	u64 req[3] = { to | (u64)pad << 16 | (u64)parcel << 32, off, size };

	return rm_env_call(GUNYAH_RM_VM_SET_FIRMWARE_MEM, req, sizeof(req), NULL, 0, extra);
}

static u32 firmware(u32 parcel, u64 off, u64 size)
{
	return send_firmware(vmid, 0, parcel, off, size, NULL);
}

static const u64 around[] = { BASE, IMAGE - BASE, IMAGE_END, END - IMAGE_END };

/* How a driver finds out: for a VMID that nobody has */
TEST(known_only_with_demand_paging)
{
	static const struct rm_config *without[] = { &open_profile, &no_paging };
	const u64 page[] = { 0, PAGE_SIZE };

	for (unsigned int i = 0; i < ARRAY_SIZE(without); i++) {
		rm_env_init(without[i]);
		EXPECT_EQ(send_ranges(0x99, 0, 1, page, 1, 0), GUNYAH_RM_ERR_UNIMPLEMENTED);
		EXPECT_EQ(send_layout(0x99, 0, 0, 0, PAGE_SIZE), GUNYAH_RM_ERR_UNIMPLEMENTED);
	}
	EXPECT_EQ(send_firmware(0x99, 0, 0, 0, PAGE_SIZE, NULL), GUNYAH_RM_ERR_UNIMPLEMENTED);
	rm_env_init(&paging);
	EXPECT_EQ(send_ranges(0x99, 0, 1, page, 1, 0), GUNYAH_RM_ERR_VMID_INVALID);
	EXPECT_EQ(send_layout(0x99, 0, 0, 0, PAGE_SIZE), GUNYAH_RM_ERR_VMID_INVALID);
	EXPECT_EQ(send_firmware(0x99, 0, 0, 0, PAGE_SIZE, NULL), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(send_firmware(3, 0, 0, 0, PAGE_SIZE, NULL), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(send_firmware(0xff, 0, 0, 0, PAGE_SIZE, NULL), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(send_ranges(3, 0, 1, page, 1, 0), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(send_layout(0xff, 0, 0, 0, PAGE_SIZE), GUNYAH_RM_ERR_DENIED);
}

TEST(length_count_and_pad)
{
	static u64 pairs[2 * 513];

	for (u32 i = 0; i < 513; i++) {
		pairs[2 * i] = BASE + 2 * i * PAGE_SIZE;
		pairs[2 * i + 1] = PAGE_SIZE;
	}
	configured(true, "base");
	EXPECT_EQ(send_ranges(vmid, 0, 2, pairs, 1, 0), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(send_ranges(vmid, 0, 1, pairs, 2, 0), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(send_ranges(vmid, 0, 1, pairs, 1, 4), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(send_ranges(vmid, 1, 1, pairs, 1, 0), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(send_ranges(vmid, 0, 0, pairs, 0, 0), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	/* A count of which the length is the last 32 bits */
	EXPECT_EQ(send_ranges(vmid, 0, 0x10000001, pairs, 1, 0), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(send_ranges(vmid, 0, 513, pairs, 513, 0), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(demand(pairs, ADDRSPACE_MAX_DEMAND + 1), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(rm_vm_find(vmid)->nr_demand, 0);
	EXPECT_EQ(demand(pairs, ADDRSPACE_MAX_DEMAND), 0);
	EXPECT_EQ(send_layout(vmid, 1, 0, IMAGE, RM_ENV_SIZE), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_SET_ADDRESS_LAYOUT, vmid),
		  GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_SET_DEMAND_PAGING, vmid),
		  GUNYAH_RM_ERR_MSG_INVALID);
	end();
}

TEST(only_between_config_image_and_init)
{
	rm_env_init(&paging);
	vmid = rm_env_allocate();
	EXPECT_EQ(demand(around, 2), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(place_image(IMAGE), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(firmware(0, 0, PAGE_SIZE), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, vmid), 0);

	configured(true, "base");
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(demand(around, 2), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(place_image(IMAGE), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(firmware(0, 0, PAGE_SIZE), GUNYAH_RM_ERR_VM_STATE);
	end();
}

TEST(bad_ranges_change_nothing)
{
	static const u64 bad[][4] = {
		{ BASE, PAGE_SIZE, END, 0 },
		{ BASE, PAGE_SIZE, END + 1, PAGE_SIZE },
		{ BASE, PAGE_SIZE, END, PAGE_SIZE + 8 },
		{ BASE, PAGE_SIZE, ~0xfffULL, 2 * PAGE_SIZE },
		{ BASE, PAGE_SIZE, 1ULL << VM_IPA_BITS, PAGE_SIZE },
		{ BASE, PAGE_SIZE, END, 1ULL << VM_IPA_BITS },
		{ BASE, PAGE_SIZE, END, ~0xfffULL },
		{ BASE, 2 * PAGE_SIZE, BASE + PAGE_SIZE, PAGE_SIZE },
		{ BASE + PAGE_SIZE, PAGE_SIZE, BASE, 2 * PAGE_SIZE },
		{ BASE, PAGE_SIZE, BASE, PAGE_SIZE },
	};
	const struct rm_vm *rvm;

	configured(true, "base");
	EXPECT_EQ(demand(around, 2), 0);
	rvm = rm_vm_find(vmid);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(demand(bad[i], 2), GUNYAH_RM_ERR_ARGUMENT_INVALID);
		EXPECT_EQ(rvm->nr_demand, 2);
		EXPECT_EQ(rvm->demand[1].base, IMAGE_END);
	}
	/* A later message takes the place of the first */
	EXPECT_EQ(demand(around, 1), 0);
	EXPECT_EQ(rvm->nr_demand, 1);
	end();
}

TEST(bad_layouts_change_nothing)
{
	static const u64 bad[][3] = {
		{ GUNYAH_RM_LAYOUT_IMAGE, IMAGE + 8, RM_ENV_SIZE },
		{ GUNYAH_RM_LAYOUT_IMAGE, IMAGE, RM_ENV_SIZE - PAGE_SIZE },
		{ GUNYAH_RM_LAYOUT_IMAGE, IMAGE, RM_ENV_SIZE + PAGE_SIZE },
		{ GUNYAH_RM_LAYOUT_IMAGE, IMAGE, 0 },
		{ GUNYAH_RM_LAYOUT_IMAGE, (1ULL << VM_IPA_BITS) - PAGE_SIZE, RM_ENV_SIZE },
		{ GUNYAH_RM_LAYOUT_IMAGE, ~0xfffULL, RM_ENV_SIZE },
		{ GUNYAH_RM_LAYOUT_FIRMWARE, END, 0 },
		{ GUNYAH_RM_LAYOUT_FIRMWARE, IMAGE_END - PAGE_SIZE, PAGE_SIZE },
		{ 2, IMAGE, RM_ENV_SIZE },
		{ ~0U, IMAGE, RM_ENV_SIZE },
	};
	const struct rm_vm *rvm;

	configured(true, "base");
	rvm = rm_vm_find(vmid);
	EXPECT_EQ(send_layout(vmid, 0, 2, IMAGE, RM_ENV_SIZE), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(place_image(IMAGE), 0);
	EXPECT_EQ(send_layout(vmid, 0, GUNYAH_RM_LAYOUT_FIRMWARE, END, PAGE_SIZE), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(send_layout(vmid, 0, (u32)bad[i][0], bad[i][1], bad[i][2]),
			  GUNYAH_RM_ERR_ARGUMENT_INVALID);
		EXPECT_EQ(rvm->place[GUNYAH_RM_LAYOUT_IMAGE].base, IMAGE);
		EXPECT_EQ(rvm->place[GUNYAH_RM_LAYOUT_FIRMWARE].base, END);
	}
	EXPECT_EQ(place_image(END), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(place_image(END - RM_ENV_SIZE), 0);
	/* Reclaimed before INIT, which is allowed: there is nothing to place */
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT_EQ(place_image(IMAGE), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(init(), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(rm_env_mem(true, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle), 0);
	end();
}

TEST(firmware_is_checked_and_never_there)
{
	u32 other, shared, unfinished;
	size_t extra;

	configured(false, "base");
	EXPECT_EQ(send_firmware(vmid, 0, handle, 0, PAGE_SIZE, &extra),
		  GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(extra, 4);
	end();

	rm_env_init(&paging);
	vmid = rm_env_allocate();
	EXPECT(rm_env_load_dtb("base", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(rm_env_mem(false, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle), 0);
	EXPECT_EQ(rm_env_mem(false, 3, RM_ENV_PARCEL + RM_ENV_SIZE, RM_ENV_SIZE, 0, &other),
		  GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(rm_env_mem(false, 0xff, RM_ENV_PARCEL + RM_ENV_SIZE, RM_ENV_SIZE, 0, &other), 0);
	EXPECT_EQ(rm_env_mem(true, vmid, RM_ENV_PARCEL + 2 * RM_ENV_SIZE, RM_ENV_SIZE, 7, &shared),
		  0);
	EXPECT_EQ(rm_env_mem_flags(false, GUNYAH_RM_MEM_FLAG_APPEND, vmid,
				   RM_ENV_PARCEL + 3 * RM_ENV_SIZE, RM_ENV_SIZE, 0, &unfinished), 0);
	EXPECT_EQ(rm_env_config(vmid, handle, GUNYAH_RM_AUTH_ANDROID_PVM), 0);
	EXPECT_EQ(firmware(0x1234, 0, PAGE_SIZE), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(firmware(other, 0, PAGE_SIZE), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(firmware(shared, 0, PAGE_SIZE), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(firmware(unfinished, 0, PAGE_SIZE), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(firmware(handle, RM_ENV_SIZE, PAGE_SIZE), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(firmware(handle, ~0xfffULL, 2 * PAGE_SIZE), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(firmware(handle, 0, RM_ENV_SIZE + PAGE_SIZE), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(firmware(handle, 8, PAGE_SIZE), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(firmware(handle, 0, 0), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(send_firmware(vmid, 1, handle, 0, PAGE_SIZE, NULL), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(send_firmware(vmid, 0, handle, 0, PAGE_SIZE, &extra), 0);
	EXPECT_EQ(extra, 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(start(), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
	EXPECT_EQ(rm_env_reclaim(other) + rm_env_reclaim(shared) + rm_env_reclaim(handle), 0);
	EXPECT_EQ(rm_env_reclaim(unfinished), 0);
}

TEST(no_demand_paging_where_a_parcel_is)
{
	const u64 hits_image[] = { BASE, IMAGE - BASE + PAGE_SIZE };
	const u64 hits_base[] = { BASE + RM_ENV_SIZE - PAGE_SIZE, PAGE_SIZE };
	const u64 hits_firmware[] = { END, SZ_2M };

	configured(true, "base");
	EXPECT_EQ(demand(hits_image, 1), 0);
	EXPECT_EQ(place_image(IMAGE), 0);
	EXPECT_EQ(init(), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_INIT_FAILED);
	end();

	/* Nothing said about the image: it is where its device tree wants it */
	configured(true, "base");
	EXPECT_EQ(demand(hits_base, 1), 0);
	EXPECT_EQ(init(), GUNYAH_RM_ERR_MEM_INVALID);
	end();

	configured(true, "base");
	EXPECT_EQ(demand(hits_firmware, 1), 0);
	EXPECT_EQ(place_image(IMAGE), 0);
	EXPECT_EQ(send_layout(vmid, 0, GUNYAH_RM_LAYOUT_FIRMWARE, END + PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(init(), GUNYAH_RM_ERR_MEM_INVALID);
	end();
}

/* A VMID's second life knows nothing of its first */
TEST(forgotten_at_the_next_configuration)
{
	configured(true, "base");
	EXPECT_EQ(demand(around, 2), 0);
	EXPECT_EQ(place_image(IMAGE), 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
	EXPECT_EQ(rm_env_config(vmid, handle, 0), 0);
	EXPECT(!rm_vm_is_paged(rm_vm_find(vmid)));
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(start(), 0);
	EXPECT(stage2_lookup(&rm_vm_find(vmid)->vm->s2, BASE, NULL, NULL, NULL));
	end();
}

static const void *tree(void)
{
	return arch_pa_to_va(RM_ENV_PARCEL + RM_ENV_DTB_OFF);
}

/* /memory of the tree is [base, base + size) and nothing else */
static void expect_memory(u64 base, u64 size)
{
	int len = 0;
	const fdt64_t *reg = fdt_getprop(tree(), fdt_path_offset(tree(), "/memory"), "reg", &len);

	EXPECT_EQ(len, 16);
	if (!reg || len != 16)
		return;
	EXPECT_EQ(fdt64_ld(reg), base);
	EXPECT_EQ(fdt64_ld(reg + 1), size);
}

TEST(start_with_memory_around_the_image)
{
	struct vm *vm;
	u64 pa;

	configured(true, "base");
	EXPECT_EQ(demand(around, 2), 0);
	EXPECT_EQ(place_image(IMAGE), 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(start(), 0);
	vm = rm_vm_find(vmid)->vm;
	EXPECT(stage2_lookup(&vm->s2, IMAGE, &pa, NULL, NULL));
	EXPECT_EQ(pa, RM_ENV_PARCEL);
	EXPECT(!stage2_lookup(&vm->s2, BASE, NULL, NULL, NULL));
	EXPECT(!stage2_lookup(&vm->s2, IMAGE_END, NULL, NULL, NULL));
	EXPECT_EQ(vm->vcpus[0]->regs.pc, IMAGE);
	EXPECT_EQ(vm->vcpus[0]->regs.x[0], IMAGE + RM_ENV_DTB_OFF);
	expect_memory(BASE, END - BASE);
	EXPECT_EQ(rm_env_reclaim(handle), GUNYAH_RM_ERR_MEM_INUSE);
	end();
}

/* Not a multiple of 2 MiB; behind a gap there is memory that the tree does not mention */
TEST(memory_ends_at_a_gap)
{
	const u64 gap[] = { END, SZ_2M, BASE, IMAGE - BASE, IMAGE_END, PAGE_SIZE };

	configured(false, "base");
	EXPECT_EQ(demand(gap, 3), 0);
	EXPECT_EQ(place_image(IMAGE), 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(start(), 0);
	expect_memory(BASE, IMAGE_END + PAGE_SIZE - BASE);
	end();
}

/* With parcels the RM writes it; here it is the VMM's */
TEST(memory_node_of_the_vmm_stays)
{
	u64 base = 0, size = 0;
	const fdt64_t *reg;
	int len = 0;

	configured(true, "memory_node_plain");
	reg = fdt_getprop(tree(), fdt_path_offset(tree(), "/memory"), "reg", &len);
	EXPECT_EQ(len, 16);
	if (reg) {
		base = fdt64_ld(reg);
		size = fdt64_ld(reg + 1);
	}
	EXPECT(size != END - BASE);
	EXPECT_EQ(demand(around, 2), 0);
	EXPECT_EQ(place_image(IMAGE), 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(start(), 0);
	expect_memory(base, size);
	EXPECT(fdt_path_offset(tree(), "/hypervisor/qcom,gunyah-vm") >= 0);
	end();
}

/* In base.dtb the distributor is at 0x30000000 */
TEST(interrupt_controller_keeps_out_of_all_memory)
{
	const u64 on_gicd[] = { 0x30000000, PAGE_SIZE };
	const u64 on_gicr[] = { 0x30030000, PAGE_SIZE };
	const u64 fine[] = { 0x30010000, PAGE_SIZE };
	const u64 *bad[] = { on_gicd, on_gicr };

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		configured(true, "base");
		EXPECT_EQ(demand(bad[i], 1), 0);
		EXPECT_EQ(init(), 0);
		EXPECT_EQ(start(), GUNYAH_RM_ERR_NORESOURCE);
		end();
	}
	configured(true, "base");
	EXPECT_EQ(demand(fine, 1), 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(start(), 0);
	end();
}

/* No address given: its usual one, or one behind all memory */
TEST(interrupt_controller_is_placed_behind_memory)
{
	const u64 usual[] = { 0x40010000, PAGE_SIZE, END, PAGE_SIZE };

	configured(true, "gic_no_reg");
	EXPECT_EQ(demand(usual, 2), 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(start(), 0);
	EXPECT_EQ(rm_vm_find(vmid)->vm->vgic.gicd_base, END + SZ_2M);
	end();
}

/* A label, or not: nothing but the image is RAM in a parcel */
TEST(other_parcels_keep_out_of_the_memory)
{
	struct rm_parcel *parcel;
	u32 other;

	configured(true, "base");
	EXPECT_EQ(rm_env_mem(true, vmid, RM_ENV_PARCEL + RM_ENV_SIZE, RM_ENV_SIZE, 0, &other), 0);
	EXPECT_EQ(demand((const u64[]){ 0x40200000, BASE - 0x40200000, BASE, IMAGE - BASE,
					IMAGE_END, END - IMAGE_END }, 3), 0);
	EXPECT_EQ(place_image(IMAGE), 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(start(), 0);
	parcel = rm_parcel_find(other);
	EXPECT_EQ(rm_parcel_acl(parcel, vmid)->ipa, END);
	EXPECT_EQ(rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
	EXPECT_EQ(rm_env_reclaim(other), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, vmid), 0);
}

TEST(image_below_the_lowest_ram)
{
	configured(true, "base");
	EXPECT_EQ(place_image(0x3ff00000), 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(start(), GUNYAH_RM_ERR_NORESOURCE);
	end();
}

/* --- address space and extents --- */

struct resource {
	u8 type;
	u16 partner;
	u32 label;
	u64 cap;
};

/* What the host is told of; how many there are */
static u32 resources(struct resource *list, u32 max)
{
	u16 req[2] = { vmid, 0 };
	u8 out[4 + 16 * 44];
	size_t len = 0;
	u32 nr = 0;

	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_GET_HYP_RESOURCES, req, sizeof(req), out, sizeof(out),
			      &len), 0);
	memcpy(&nr, out, sizeof(nr));
	EXPECT_EQ(len, 4 + nr * 44);
	for (u32 i = 0; i < min(nr, max); i++) {
		const u8 *entry = out + 4 + 44 * i;

		list[i].type = entry[0];
		memcpy(&list[i].partner, entry + 2, 2);
		memcpy(&list[i].label, entry + 8, 4);
		memcpy(&list[i].cap, entry + 12, 8);
	}
	return nr;
}

TEST(memory_is_listed)
{
	struct resource list[16];
	void *object;
	u32 nr;

	configured(true, "base");
	EXPECT_EQ(init(), 0);
	nr = resources(list, ARRAY_SIZE(list));
	ASSERT(nr == 1 + 2 + 5);
	EXPECT_EQ(list[3].type, GUNYAH_RESOURCE_ADDR_SPACE);
	EXPECT_EQ(list[3].label, GUNYAH_ADDR_SPACE_LABEL);
	EXPECT_EQ(list[3].partner, vmid);
	EXPECT_EQ(cspace_lookup(&host_cspace, list[3].cap, CAP_ADDRSPACE, 0, &object), 0);
	for (u32 i = 0; i < 4; i++) {
		EXPECT_EQ(list[4 + i].type, GUNYAH_RESOURCE_MEM_EXTENT);
		EXPECT_EQ(list[4 + i].label, i);
		EXPECT_EQ(list[4 + i].partner, vmid);
		EXPECT_EQ(cspace_lookup(&host_cspace, list[4 + i].cap, CAP_MEMEXTENT, 0, &object),
			  0);
		EXPECT_EQ(((struct memextent *)object)->kind, i);
	}
	end();

	rm_env_init(&no_paging);
	vmid = rm_env_allocate();
	EXPECT(rm_env_load_dtb("base", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(rm_env_mem(true, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle), 0);
	EXPECT_EQ(rm_env_config(vmid, handle, 0), 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(resources(list, ARRAY_SIZE(list)), 1 + 2);
	end();
}

/* An image that the host still sees is that of an unprotected VM */
TEST(lent_image_makes_a_protected_vm)
{
	const struct memextent *ext;

	for (unsigned int lend = 0; lend < 2; lend++) {
		configured(!lend, "base");
		EXPECT_EQ(init(), 0);
		ext = rm_vm_find(vmid)->vm->extents;
		EXPECT_EQ(memextent_related(&ext[MEMEXTENT_HOST_SHARED],
					    &ext[MEMEXTENT_GUEST_PRIVATE],
					    GUNYAH_DONATE_TO_SIBLING), !lend);
		end();
	}
}

TEST(faults_exit_where_memory_comes_on_demand)
{
	const struct vm *vm;

	configured(true, "base");
	EXPECT_EQ(demand(around, 2), 0);
	EXPECT_EQ(place_image(IMAGE), 0);
	EXPECT_EQ(init(), 0);
	vm = rm_vm_find(vmid)->vm;
	EXPECT(addrspace_in_demand(vm, BASE));
	EXPECT(addrspace_in_demand(vm, END - PAGE_SIZE));
	EXPECT(!addrspace_in_demand(vm, IMAGE));
	EXPECT(!addrspace_in_demand(vm, END));
	end();
}

/* The host never took them back: they are its own after RESET, without their secrets */
TEST(pages_left_in_extents_come_back_wiped)
{
	u8 *memory;
	struct memextent *ext;

	configured(false, "base");
	EXPECT_EQ(demand(around, 2), 0);
	EXPECT_EQ(place_image(IMAGE), 0);
	EXPECT_EQ(init(), 0);
	EXPECT_EQ(start(), 0);
	memory = arch_pa_to_va(PAGES);
	ext = rm_vm_find(vmid)->vm->extents;
	EXPECT_EQ(memextent_donate(&ext[MEMEXTENT_HOST_PRIVATE], &ext[MEMEXTENT_GUEST_PRIVATE],
				   PAGES, SZ_2M, GUNYAH_DONATE_TO_PROTECTED), 0);
	EXPECT_EQ(memextent_map(&ext[MEMEXTENT_GUEST_PRIVATE], BASE, PAGES, SZ_2M, S2_RWX), 0);
	EXPECT(!owner_host_may_access(PAGES, PAGE_SIZE));
	memory[5] = 0xa5;
	memory[SZ_2M - 1] = 0xa5;
	end();
	EXPECT(owner_is_host(PAGES, SZ_2M));
	EXPECT_EQ(memory[5] | memory[SZ_2M - 1], 0);
	EXPECT_EQ(record_pool.used, 0);
}

/* INIT that finds no memory leaves none behind */
TEST(init_without_memory_for_extents)
{
	u64 hog, before;

	configured(true, "base");
	EXPECT_EQ(demand(around, 2), 0);
	EXPECT_EQ(place_image(IMAGE), 0);
	for (u64 left = 1; left < 64; left++) {
		before = object_pool.used;
		hog = page_pool_alloc(&object_pool, object_pool.nr - object_pool.used - left, 1);
		ASSERT(hog);
		if (!init()) {
			page_pool_free(&object_pool, hog, object_pool.nr - before - left);
			break;
		}
		page_pool_free(&object_pool, hog, object_pool.nr - before - left);
		EXPECT(object_pool.used <= before + 1);
		EXPECT_EQ(host_cspace.used, 2);
		EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_INIT_FAILED);
		EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
		EXPECT_EQ(rm_env_config(vmid, handle, 0), 0);
		EXPECT_EQ(demand(around, 2), 0);
		EXPECT_EQ(place_image(IMAGE), 0);
	}
	EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_READY);
	end();
}
