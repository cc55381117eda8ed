// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Demand paging as the host describes it to the RM: each rule. */
#include <string.h>

#include "tests/rm_paged_env.h"

static const struct rm_config open_profile = { 0 };
static const struct rm_config no_paging = { .production = true };

/* How a driver finds out: for a VMID that nobody has */
TEST(known_only_with_demand_paging)
{
	static const struct rm_config *without[] = { &open_profile, &no_paging };
	const u64 page[] = { 0, PAGE_SIZE };

	for (unsigned int i = 0; i < ARRAY_SIZE(without); i++) {
		rm_env_init(without[i]);
		EXPECT_EQ(paged_send_ranges(0x99, 0, 1, page, 1, 0), GUNYAH_RM_ERR_UNIMPLEMENTED);
		EXPECT_EQ(paged_send_layout(0x99, 0, 0, 0, PAGE_SIZE), GUNYAH_RM_ERR_UNIMPLEMENTED);
	}
	rm_env_init(&paging_config);
	EXPECT_EQ(paged_send_ranges(0x99, 0, 1, page, 1, 0), GUNYAH_RM_ERR_VMID_INVALID);
	EXPECT_EQ(paged_send_layout(0x99, 0, 0, 0, PAGE_SIZE), GUNYAH_RM_ERR_VMID_INVALID);
	EXPECT_EQ(paged_send_ranges(3, 0, 1, page, 1, 0), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(paged_send_layout(0xff, 0, 0, 0, PAGE_SIZE), GUNYAH_RM_ERR_DENIED);
}

TEST(length_count_and_pad)
{
	static u64 pairs[2 * 513];

	for (u32 i = 0; i < 513; i++) {
		pairs[2 * i] = BASE + 2 * i * PAGE_SIZE;
		pairs[2 * i + 1] = PAGE_SIZE;
	}
	paged_configure(true, "base");
	EXPECT_EQ(paged_send_ranges(paged_vmid, 0, 2, pairs, 1, 0), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(paged_send_ranges(paged_vmid, 0, 1, pairs, 2, 0), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(paged_send_ranges(paged_vmid, 0, 1, pairs, 1, 4), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(paged_send_ranges(paged_vmid, 1, 1, pairs, 1, 0), GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(paged_send_ranges(paged_vmid, 0, 0, pairs, 0, 0), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	/* A count of which the length is the last 32 bits */
	EXPECT_EQ(paged_send_ranges(paged_vmid, 0, 0x10000001, pairs, 1, 0),
		  GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(paged_send_ranges(paged_vmid, 0, 513, pairs, 513, 0), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(paged_demand(pairs, ADDRSPACE_MAX_DEMAND + 1), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(rm_vm_find(paged_vmid)->nr_demand, 0);
	EXPECT_EQ(paged_demand(pairs, ADDRSPACE_MAX_DEMAND), 0);
	EXPECT_EQ(paged_send_layout(paged_vmid, 1, 0, IMAGE, RM_ENV_SIZE),
		  GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_SET_ADDRESS_LAYOUT, paged_vmid),
		  GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_SET_DEMAND_PAGING, paged_vmid),
		  GUNYAH_RM_ERR_MSG_INVALID);
	paged_end();
}

TEST(only_between_config_image_and_init)
{
	rm_env_init(&paging_config);
	paged_vmid = rm_env_allocate();
	EXPECT_EQ(paged_demand(paged_around, 2), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(paged_place_image(IMAGE), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, paged_vmid), 0);

	paged_configure(true, "base");
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(paged_demand(paged_around, 2), GUNYAH_RM_ERR_VM_STATE);
	EXPECT_EQ(paged_place_image(IMAGE), GUNYAH_RM_ERR_VM_STATE);
	paged_end();
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

	paged_configure(true, "base");
	EXPECT_EQ(paged_demand(paged_around, 2), 0);
	rvm = rm_vm_find(paged_vmid);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(paged_demand(bad[i], 2), GUNYAH_RM_ERR_ARGUMENT_INVALID);
		EXPECT_EQ(rvm->nr_demand, 2);
		EXPECT_EQ(rvm->demand[1].base, IMAGE_END);
	}
	/* A later message takes the place of the first */
	EXPECT_EQ(paged_demand(paged_around, 1), 0);
	EXPECT_EQ(rvm->nr_demand, 1);
	paged_end();
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

	paged_configure(true, "base");
	rvm = rm_vm_find(paged_vmid);
	EXPECT_EQ(paged_send_layout(paged_vmid, 0, 2, IMAGE, RM_ENV_SIZE),
		  GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	EXPECT_EQ(paged_send_layout(paged_vmid, 0, GUNYAH_RM_LAYOUT_FIRMWARE, END, PAGE_SIZE), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(paged_send_layout(paged_vmid, 0, (u32)bad[i][0], bad[i][1], bad[i][2]),
			  GUNYAH_RM_ERR_ARGUMENT_INVALID);
		EXPECT_EQ(rvm->place[GUNYAH_RM_LAYOUT_IMAGE].base, IMAGE);
		EXPECT_EQ(rvm->place[GUNYAH_RM_LAYOUT_FIRMWARE].base, END);
	}
	EXPECT_EQ(paged_place_image(END), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(paged_place_image(END - RM_ENV_SIZE), 0);
	/* Reclaimed before INIT, which is allowed: there is nothing to place */
	EXPECT_EQ(rm_env_reclaim(paged_image), 0);
	EXPECT_EQ(paged_place_image(IMAGE), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(paged_init(), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(rm_env_mem(true, paged_vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &paged_image), 0);
	paged_end();
}

TEST(no_demand_paging_where_a_parcel_is)
{
	const u64 hits_image[] = { BASE, IMAGE - BASE + PAGE_SIZE };
	const u64 hits_base[] = { BASE + RM_ENV_SIZE - PAGE_SIZE, PAGE_SIZE };
	const u64 hits_firmware[] = { END, SZ_2M };

	paged_configure(true, "base");
	EXPECT_EQ(paged_demand(hits_image, 1), 0);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	EXPECT_EQ(paged_init(), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(rm_env_state(paged_vmid), GUNYAH_RM_VM_STATE_INIT_FAILED);
	paged_end();

	/* Nothing said about the image: it is where its device tree wants it */
	paged_configure(true, "base");
	EXPECT_EQ(paged_demand(hits_base, 1), 0);
	EXPECT_EQ(paged_init(), GUNYAH_RM_ERR_MEM_INVALID);
	paged_end();

	paged_configure(true, "base");
	EXPECT_EQ(paged_demand(hits_firmware, 1), 0);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	EXPECT_EQ(paged_send_layout(paged_vmid, 0, GUNYAH_RM_LAYOUT_FIRMWARE, END + PAGE_SIZE,
				    PAGE_SIZE), 0);
	EXPECT_EQ(paged_init(), GUNYAH_RM_ERR_MEM_INVALID);
	paged_end();
}

/* A VMID's second life knows nothing of its first */
TEST(forgotten_at_the_next_configuration)
{
	paged_configure(true, "base");
	EXPECT_EQ(paged_demand(paged_around, 2), 0);
	EXPECT_EQ(paged_place_image(IMAGE), 0);
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, paged_vmid), 0);
	EXPECT_EQ(rm_env_config(paged_vmid, paged_image, 0), 0);
	EXPECT(!rm_vm_is_paged(rm_vm_find(paged_vmid)));
	EXPECT_EQ(paged_init(), 0);
	EXPECT_EQ(paged_start(), 0);
	EXPECT(stage2_lookup(&rm_vm_find(paged_vmid)->vm->s2, BASE, NULL, NULL, NULL));
	paged_end();
}
