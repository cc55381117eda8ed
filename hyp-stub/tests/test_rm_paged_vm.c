// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* A VM with demand paging: what INIT and START make of it, what comes back. */
#include <libfdt.h>
#include <string.h>

#include "tests/rm_paged_env.h"

static const struct rm_config no_paging = { .production = true };

#define PAGES		0x45000000ULL	/* 2 MiB of the host's */

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

	paged_configure(true, "base");
	EXPECT_EQ(paged_demand(paged_around, 2), 0);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(paged_start(), 0);
	vm = rm_vm_find(paged_vmid)->vm;
	EXPECT(stage2_lookup(&vm->s2, IMAGE, &pa, NULL, NULL));
	EXPECT_EQ(pa, RM_ENV_PARCEL);
	EXPECT(!stage2_lookup(&vm->s2, BASE, NULL, NULL, NULL));
	EXPECT(!stage2_lookup(&vm->s2, IMAGE_END, NULL, NULL, NULL));
	EXPECT_EQ(vm->vcpus[0]->regs.pc, IMAGE);
	EXPECT_EQ(vm->vcpus[0]->regs.x[0], IMAGE + RM_ENV_DTB_OFF);
	expect_memory(BASE, END - BASE);
	EXPECT_EQ(rm_env_reclaim(paged_image), GUNYAH_RM_ERR_MEM_INUSE);
	paged_end();
}

/* Not a multiple of 2 MiB; behind a gap there is memory that the tree does not mention */
TEST(memory_ends_at_a_gap)
{
	const u64 gap[] = { END, SZ_2M, BASE, IMAGE - BASE, IMAGE_END, PAGE_SIZE };

	paged_configure(false, "base");
	EXPECT_EQ(paged_demand(gap, 3), 0);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(paged_start(), 0);
	expect_memory(BASE, IMAGE_END + PAGE_SIZE - BASE);
	paged_end();
}

/* With parcels the RM writes it; here it is the VMM's */
TEST(memory_node_of_the_vmm_stays)
{
	u64 base = 0, size = 0;
	const fdt64_t *reg;
	int len = 0;

	paged_configure(true, "memory_node_plain");
	reg = fdt_getprop(tree(), fdt_path_offset(tree(), "/memory"), "reg", &len);
	EXPECT_EQ(len, 16);
	if (reg) {
		base = fdt64_ld(reg);
		size = fdt64_ld(reg + 1);
	}
	EXPECT(size != END - BASE);
	EXPECT_EQ(paged_demand(paged_around, 2), 0);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(paged_start(), 0);
	expect_memory(base, size);
	EXPECT(fdt_path_offset(tree(), "/hypervisor/qcom,gunyah-vm") >= 0);
	paged_end();
}

/* Part of what comes on demand, or of a window that comes later: no parcel's node */
TEST(reserved_memory_of_the_vmm_stays)
{
	const fdt32_t reg[] = { 0, cpu_to_fdt32(BASE), 0, cpu_to_fdt32(SZ_2M) };
	void *fdt = arch_pa_to_va(RM_ENV_PARCEL + RM_ENV_DTB_OFF);
	int node;

	for (unsigned int paged = 0; paged < 2; paged++) {
		paged_configure(true, "base");
		EXPECT_EQ(fdt_open_into(fdt, fdt, RM_ENV_DTB_SIZE / 4), 0);
		node = fdt_add_subnode(fdt, fdt_path_offset(fdt, "/reserved-memory"), "pool");
		EXPECT_EQ(fdt_setprop(fdt, node, "reg", reg, sizeof(reg)), 0);
		if (paged) {
			EXPECT_EQ(paged_demand(paged_around, 2), 0);
			EXPECT_EQ(paged_place_image(IMAGE), 0);
		}
		EXPECT_EQ(paged_init(), 0);
		EXPECT_EQ(paged_start(), paged ? 0 : GUNYAH_RM_ERR_NORESOURCE);
		node = fdt_path_offset(tree(), "/reserved-memory/pool");
		EXPECT(node > 0 && !fdt_getprop(tree(), node, "qcom,rm-mem-handle", NULL));
		paged_end();
	}
}

/* In base.dtb the distributor is at 0x30000000 */
TEST(interrupt_controller_keeps_out_of_all_memory)
{
	const u64 on_gicd[] = { 0x30000000, PAGE_SIZE };
	const u64 on_gicr[] = { 0x30030000, PAGE_SIZE };
	const u64 fine[] = { 0x30010000, PAGE_SIZE };
	const u64 *bad[] = { on_gicd, on_gicr };

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		paged_configure(true, "base");
		EXPECT_EQ(paged_demand(bad[i], 1), 0);
		EXPECT_EQ(paged_init(), 0);
		EXPECT_EQ(paged_start(), GUNYAH_RM_ERR_NORESOURCE);
		paged_end();
	}
	paged_configure(true, "base");
	EXPECT_EQ(paged_demand(fine, 1), 0);
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(paged_start(), 0);
	paged_end();
}

/* No address given: its usual one, or one behind all memory */
TEST(interrupt_controller_is_placed_behind_memory)
{
	const u64 usual[] = { 0x40010000, PAGE_SIZE, END, PAGE_SIZE };

	paged_configure(true, "gic_no_reg");
	EXPECT_EQ(paged_demand(usual, 2), 0);
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(paged_start(), 0);
	EXPECT_EQ(rm_vm_find(paged_vmid)->vm->vgic.gicd_base, END + SZ_2M);
	paged_end();
}

/* A label, or not: nothing but the image is RAM in a parcel */
TEST(other_parcels_keep_out_of_the_memory)
{
	const u64 from_the_lowest[] = { 0x40200000, BASE - 0x40200000, BASE, IMAGE - BASE,
					IMAGE_END, END - IMAGE_END };
	struct rm_parcel *parcel;
	u32 other;

	paged_configure(true, "base");
	EXPECT_EQ(rm_env_mem(true, paged_vmid, RM_ENV_PARCEL + RM_ENV_SIZE, RM_ENV_SIZE, 0,
			     &other), 0);
	EXPECT_EQ(paged_demand(from_the_lowest, 3), 0);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(paged_start(), 0);
	parcel = rm_parcel_find(other);
	EXPECT_EQ(rm_parcel_acl(parcel, paged_vmid)->ipa, END);
	EXPECT_EQ(rm_env_stop(paged_vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, paged_vmid), 0);
	EXPECT_EQ(rm_env_reclaim(other), 0);
	EXPECT_EQ(rm_env_reclaim(paged_image), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, paged_vmid), 0);
}

TEST(image_below_the_lowest_ram)
{
	paged_configure(true, "base");
	EXPECT_EQ(paged_place_image(0x3ff00000), 0);
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(paged_start(), GUNYAH_RM_ERR_NORESOURCE);
	paged_end();
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
	u16 req[2] = { paged_vmid, 0 };
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

	paged_configure(true, "base");
	EXPECT_EQ(paged_init(), 0);
	nr = resources(list, ARRAY_SIZE(list));
	ASSERT(nr == 1 + 2 + 5);
	EXPECT_EQ(list[3].type, GUNYAH_RESOURCE_ADDR_SPACE);
	EXPECT_EQ(list[3].label, GUNYAH_ADDR_SPACE_LABEL);
	EXPECT_EQ(list[3].partner, paged_vmid);
	EXPECT_EQ(cspace_lookup(&host_cspace, list[3].cap, CAP_ADDRSPACE, 0, &object), 0);
	for (u32 i = 0; i < 4; i++) {
		EXPECT_EQ(list[4 + i].type, GUNYAH_RESOURCE_MEM_EXTENT);
		EXPECT_EQ(list[4 + i].label, i);
		EXPECT_EQ(list[4 + i].partner, paged_vmid);
		EXPECT_EQ(cspace_lookup(&host_cspace, list[4 + i].cap, CAP_MEMEXTENT, 0, &object),
			  0);
		EXPECT_EQ(((struct memextent *)object)->kind, i);
	}
	paged_end();

	rm_env_init(&no_paging);
	paged_vmid = rm_env_allocate();
	EXPECT(rm_env_load_dtb("base", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(rm_env_mem(true, paged_vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &paged_image), 0);
	EXPECT_EQ(rm_env_config(paged_vmid, paged_image, 0), 0);
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(resources(list, ARRAY_SIZE(list)), 1 + 2);
	paged_end();
}

/* An image that the host still sees is that of an unprotected VM */
TEST(lent_image_makes_a_protected_vm)
{
	const struct memextent *ext;

	for (unsigned int lend = 0; lend < 2; lend++) {
		paged_configure(!lend, "base");
		EXPECT_EQ(paged_init(), 0);
		ext = rm_vm_find(paged_vmid)->vm->extents;
		EXPECT_EQ(memextent_related(&ext[MEMEXTENT_HOST_SHARED],
					    &ext[MEMEXTENT_GUEST_PRIVATE],
					    GUNYAH_DONATE_TO_SIBLING), !lend);
		paged_end();
	}
}

TEST(faults_exit_where_memory_comes_on_demand)
{
	const struct vm *vm;

	paged_configure(true, "base");
	EXPECT_EQ(paged_demand(paged_around, 2), 0);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	EXPECT_EQ(paged_init(), 0);
	vm = rm_vm_find(paged_vmid)->vm;
	EXPECT(addrspace_in_demand(vm, BASE));
	EXPECT(addrspace_in_demand(vm, END - PAGE_SIZE));
	EXPECT(!addrspace_in_demand(vm, IMAGE));
	EXPECT(!addrspace_in_demand(vm, END));
	paged_end();
}

/* The host never took them back: they are its own after RESET, without their secrets */
TEST(pages_left_in_extents_come_back_wiped)
{
	u8 *memory;
	struct memextent *ext;

	paged_configure(false, "base");
	EXPECT_EQ(paged_demand(paged_around, 2), 0);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(paged_start(), 0);
	memory = arch_pa_to_va(PAGES);
	ext = rm_vm_find(paged_vmid)->vm->extents;
	EXPECT_EQ(memextent_donate(&ext[MEMEXTENT_HOST_PRIVATE], &ext[MEMEXTENT_GUEST_PRIVATE],
				   PAGES, SZ_2M, GUNYAH_DONATE_TO_PROTECTED), 0);
	EXPECT_EQ(memextent_map(&ext[MEMEXTENT_GUEST_PRIVATE], BASE, PAGES, SZ_2M, S2_RWX), 0);
	EXPECT(!owner_host_may_access(PAGES, PAGE_SIZE));
	memory[5] = 0xa5;
	memory[SZ_2M - 1] = 0xa5;
	paged_end();
	EXPECT(owner_is_host(PAGES, SZ_2M));
	EXPECT_EQ(memory[5] | memory[SZ_2M - 1], 0);
	EXPECT_EQ(record_pool.used, 0);
}

/* INIT that finds no memory leaves none behind */
TEST(init_without_memory_for_extents)
{
	u64 hog, before;

	paged_configure(true, "base");
	EXPECT_EQ(paged_demand(paged_around, 2), 0);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	for (u64 left = 1; left < 64; left++) {
		before = object_pool.used;
		hog = page_pool_alloc(&object_pool, object_pool.nr - object_pool.used - left, 1);
		ASSERT(hog);
		if (!paged_init()) {
			page_pool_free(&object_pool, hog, object_pool.nr - before - left);
			break;
		}
		page_pool_free(&object_pool, hog, object_pool.nr - before - left);
		EXPECT(object_pool.used <= before + 1);
		EXPECT_EQ(host_cspace.used, 2);
		EXPECT_EQ(rm_env_state(paged_vmid), GUNYAH_RM_VM_STATE_INIT_FAILED);
		EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, paged_vmid), 0);
		EXPECT_EQ(rm_env_config(paged_vmid, paged_image, 0), 0);
		EXPECT_EQ(paged_demand(paged_around, 2), 0);
		EXPECT_EQ(paged_place_image(IMAGE), 0);
	}
	EXPECT_EQ(rm_env_state(paged_vmid), GUNYAH_RM_VM_STATE_READY);
	paged_end();
}
