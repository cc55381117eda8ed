// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The guest's device tree and memory at START: what the recorded RM left behind,
 * parcels that are no RAM, trees that no sane VMM writes.
 */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "tests/rm_env.h"

static const struct rm_config open_debug = { .debug = true };
static const struct rm_config open_profile = { 0 };
static const struct rm_config production = { .production = true };

#define BUFFER_PA	0x45000000ULL
#define RAM		0x80000000ULL

static u16 vmid;
static u32 image;

static void *tree(void)
{
	return arch_pa_to_va(RM_ENV_PARCEL + RM_ENV_DTB_OFF);
}

/* A VM with an image parcel, in LOAD; its tree can still be edited */
static void begin(const struct rm_config *cfg, const char *name)
{
	rm_env_init(cfg);
	vmid = rm_env_allocate();
	EXPECT(rm_env_load_dtb(name, RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	if (!fdt_check_header(tree()))
		EXPECT_EQ(fdt_open_into(tree(), tree(), 0x8000), 0);
}

static void lend_image(bool share)
{
	if (!fdt_check_header(tree()))
		EXPECT_EQ(fdt_pack(tree()), 0);
	EXPECT_EQ(rm_env_mem(share, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &image), 0);
	EXPECT_EQ(rm_env_config(vmid, image, 0), 0);
}

static u32 init(void)
{
	return rm_env_vmid_call(GUNYAH_RM_VM_INIT, vmid);
}

static u32 start(void)
{
	return rm_env_vmid_call(GUNYAH_RM_VM_START, vmid);
}

static u32 init_and_start(void)
{
	u32 error = init();

	return error ? error : start();
}

static int node(const char *path)
{
	return fdt_path_offset(tree(), path);
}

static struct stage2 *guest_s2(void)
{
	return &rm_vm_find(vmid)->vm->s2;
}

static u64 guest_pa(u64 ipa)
{
	u64 pa = 0;

	return stage2_lookup(guest_s2(), ipa, &pa, NULL, NULL) ? pa : 0;
}

/* --- as recorded --- */

static bool same_property(const void *a, int a_off, const void *b, int b_off)
{
	const char *a_name, *b_name;
	int a_len, b_len;
	const void *a_val = fdt_getprop_by_offset(a, a_off, &a_name, &a_len);
	const void *b_val = fdt_getprop_by_offset(b, b_off, &b_name, &b_len);

	if (!a_val || !b_val || strcmp(a_name, b_name) || a_len != b_len)
		return false;
	/* Another seed each time, another VMID in one of the recordings */
	if (!strcmp(a_name, "kaslr-seed") || !strcmp(a_name, "qcom,vmid"))
		return true;
	return !memcmp(a_val, b_val, (size_t)a_len);
}

/* The same tags, names and values in the same order */
static bool same_tree(const void *a, const void *b)
{
	int a_next = 0, b_next = 0;
	u32 a_tag, b_tag;

	do {
		int a_off = a_next, b_off = b_next;

		a_tag = fdt_next_tag(a, a_off, &a_next);
		b_tag = fdt_next_tag(b, b_off, &b_next);
		if (a_tag == FDT_BEGIN_NODE)
			test_context("node %s", fdt_get_name(a, a_off, NULL));
		if (!EXPECT_EQ(a_tag, b_tag))
			return false;
		if (a_tag == FDT_BEGIN_NODE && !EXPECT(!strcmp(fdt_get_name(a, a_off, NULL),
							       fdt_get_name(b, b_off, NULL))))
			return false;
		if (a_tag == FDT_PROP && !EXPECT(same_property(a, a_off, b, b_off)))
			return false;
	} while (a_tag != FDT_END);
	test_context("%s", "");
	return true;
}

static const struct {
	const char *before;
	const char *after;
	u64 size;
} recorded[] = {
	{ "base", "guest-dtb-after-start-base", RM_ENV_SIZE },
	{ "gic_no_reg", "guest-dtb-after-start-gic_no_reg", RM_ENV_SIZE },
	{ "guest-before-start", "guest-after-start", 0x400000 },
};

TEST(trees_as_recorded)
{
	const u64 expected = 0x42000000;

	for (unsigned int i = 0; i < ARRAY_SIZE(recorded); i++) {
		rm_env_init(&open_profile);
		vmid = rm_env_allocate();
		EXPECT(rm_env_load_dtb(recorded[i].before, RM_ENV_PARCEL + RM_ENV_DTB_OFF));
		EXPECT(rm_env_load_dtb(recorded[i].after, expected));
		EXPECT_EQ(rm_env_mem(false, vmid, RM_ENV_PARCEL, recorded[i].size, 0, &image), 0);
		EXPECT_EQ(rm_env_config(vmid, image, 0), 0);
		ASSERT(!init_and_start());
		EXPECT_EQ(fdt_check_header(tree()), 0);
		ASSERT(same_tree(arch_pa_to_va(expected), tree()));
	}
	EXPECT_EQ(rm_vm_find(vmid)->vm->vgic.gicd_base, 0x3fff0000);
}

TEST(gic_without_address_goes_behind_the_info_page)
{
	begin(&open_profile, "gic_no_reg");
	lend_image(false);
	ASSERT(!init_and_start());
	EXPECT_EQ(rm_vm_find(vmid)->vm->vgic.gicd_base, 0x40010000);
	EXPECT_EQ(rm_vm_find(vmid)->vm->vgic.gicr_base, 0x40020000);
	EXPECT_EQ(rm_vm_find(vmid)->vm->vgic.gicr_stride, 0x20000);
}

TEST(a_seed_is_never_the_same)
{
	u64 seed[2];

	for (unsigned int i = 0; i < 2; i++) {
		int len;
		const void *p;

		begin(&open_profile, "base");
		lend_image(false);
		ASSERT(!init_and_start());
		p = fdt_getprop(tree(), node("/chosen"), "kaslr-seed", &len);
		ASSERT(p && len == sizeof(seed[i]));
		memcpy(&seed[i], p, sizeof(seed[i]));
	}
	EXPECT(seed[0] != seed[1]);
}

TEST(base_address_is_rounded_up)
{
	begin(&open_profile, "base_address_4k");
	lend_image(false);
	ASSERT(!init_and_start());
	EXPECT_EQ(guest_pa(0x80200000), RM_ENV_PARCEL);
	EXPECT_EQ(guest_pa(0x80001000), 0);
	EXPECT_EQ(rm_vm_find(vmid)->vm->vcpus[0]->regs.pc, 0x80200000);
}

/*
 * Variants whose answers have not been kept: the tables say what they were, the gaps in
 * the recorded sequence numbers whether INIT and START succeeded.
 */
static const struct {
	const char *tree;
	u32 init;
	u32 start;
} unkept[] = {
	{ "no_vm_config", GUNYAH_RM_ERR_NORESOURCE, 0 },
	{ "no_memory", 0, GUNYAH_RM_ERR_NORESOURCE },
	{ "base_address_1cell", 0, GUNYAH_RM_ERR_NORESOURCE },
	{ "memory_node_plain", 0, 0 },
	{ "affinity_static_nomap", GUNYAH_RM_ERR_MEM_INVALID, 0 },
	{ "guid_malformed", GUNYAH_RM_ERR_MEM_INVALID, 0 },
	{ "image_name_80", GUNYAH_RM_ERR_MEM_INVALID, 0 },
	{ "interrupts_config_badpath", GUNYAH_RM_ERR_MEM_INVALID, 0 },
	{ "no_psci_node", 0, 0 },
	{ "bell_dup_label", 0, 0 },
	{ "bell_no_generate", 0, 0 },
	{ "bell_spi987_intid1019", 0, 0 },
	{ "bells_scc", 0, 0 },
	{ "zero_filled", GUNYAH_RM_ERR_MEM_INVALID, 0 },
};

TEST(variants_that_were_not_kept)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(unkept); i++) {
		test_context("%s", unkept[i].tree);
		begin(&open_debug, unkept[i].tree);
		lend_image(true);
		EXPECT_EQ(init(), unkept[i].init);
		if (!unkept[i].init)
			EXPECT_EQ(start(), unkept[i].start);
	}
}

/* What the guest asks for, or the lowest free; level only where it says so */
TEST(interrupts_of_doorbells)
{
	static const struct {
		const char *tree;
		u32 spi;
		bool level;
		bool clear;
	} cases[] = {
		{ "bell_irq_level", 32 + 6, true, false }, { "bell_spi31", 32 + 31, false, false },
		{ "bell_spi987_intid1019", 1019, false, false },
		{ "bell_spi988_intid1020", 32, false, false },
		{ "bell_ppi16oob", 32, false, false }, { "bell_irq_flags2", 32, false, false },
		{ "bell_irq_2cells", 32, false, false }, { "bells_scc", 32 + 7, false, true },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct vm_doorbell *bell;
		void *object;

		test_context("%s", cases[i].tree);
		begin(&open_profile, cases[i].tree);
		lend_image(false);
		ASSERT(!init());
		bell = &rm_vm_find(vmid)->vm->bells[2];
		EXPECT_EQ(bell->label, 3);
		EXPECT_EQ(bell->spi, cases[i].spi);
		EXPECT_EQ(bell->bell.level, cases[i].level);
		EXPECT_EQ(!cspace_lookup(&host_cspace, bell->host_cap, CAP_DOORBELL,
					 GUNYAH_RIGHT_DOORBELL_RECEIVE, &object), cases[i].clear);
	}
}

/* One without a wish does not take what a later one wishes for */
TEST(free_interrupts_are_given_last)
{
	fdt32_t wanted[] = { 0, 0, cpu_to_fdt32(1) };
	struct rm_dt *dt;
	int bell;

	begin(&open_profile, "base");
	bell = fdt_add_subnode(tree(), node("/gunyah-vm-config/vdevices"), "bell-any");
	fdt_setprop_string(tree(), bell, "vdevice-type", "doorbell");
	EXPECT_EQ(fdt_setprop_empty(tree(), bell, "peer-default"), 0);
	bell = node("/gunyah-vm-config/vdevices/bell-1");
	EXPECT_EQ(fdt_setprop(tree(), bell, "interrupts", wanted, sizeof(wanted)), 0);
	lend_image(false);
	ASSERT(!init());
	dt = rm_vm_find(vmid)->dt;
	EXPECT_EQ(dt->vdev[0].bell->spi, 33);
	EXPECT_EQ(dt->vdev[1].label, 1);
	EXPECT_EQ(dt->vdev[1].bell->spi, 32);
}

/* --- parcels beside the image --- */

/*
 * size-max is read with the cells of gunyah-vm-config, which has none: one cell, even
 * where the memory node itself says two.  Two cells are not understood, and no limit.
 */
TEST(size_max_has_the_cells_of_the_parent)
{
	static const u64 limit = RM_ENV_SIZE + PAGE_SIZE;
	u32 handle;
	int mem;

	for (unsigned int cells = 1; cells <= 2; cells++) {
		begin(&production, "base");
		mem = node("/gunyah-vm-config/memory");
		if (cells == 1)
			fdt_setprop_u32(tree(), mem, "size-max", limit);
		else
			fdt_setprop_u64(tree(), mem, "size-max", limit);
		lend_image(false);
		EXPECT_EQ(rm_env_mem(false, vmid, BUFFER_PA, SZ_64K, 0, &handle), 0);
		ASSERT(!init_and_start());
		EXPECT_EQ(guest_pa(RAM + RM_ENV_SIZE), cells == 1 ? 0 : BUFFER_PA);
	}
}

TEST(private_parcels_only_start_on_production)
{
	u32 handle;

	begin(&open_profile, "base");
	lend_image(false);
	EXPECT_EQ(rm_env_mem(false, vmid, BUFFER_PA, SZ_64K, 0, &handle), 0);
	EXPECT_EQ(init_and_start(), GUNYAH_RM_ERR_NORESOURCE);
	/* Mapped all the same, until RESET */
	EXPECT_EQ(rm_env_reclaim(handle), GUNYAH_RM_ERR_MEM_INUSE);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);

	begin(&production, "base");
	lend_image(true);
	EXPECT_EQ(rm_env_mem(false, vmid, BUFFER_PA, SZ_64K, 0, &handle), 0);
	EXPECT_EQ(rm_env_mem(true, vmid, BUFFER_PA + SZ_2M, SZ_64K, 0, &handle), 0);
	ASSERT(!init_and_start());
	EXPECT_EQ(guest_pa(RAM + RM_ENV_SIZE), BUFFER_PA);
	EXPECT_EQ(guest_pa(RAM + RM_ENV_SIZE + SZ_64K), BUFFER_PA + SZ_2M);
	EXPECT_EQ(guest_pa(RAM + RM_ENV_SIZE + 2 * SZ_64K), 0);
}

static void add_shm(u32 label, u64 base, bool optional)
{
	void *fdt = tree();
	int shm = fdt_add_subnode(fdt, node("/gunyah-vm-config/vdevices"), "shm-1");
	int mem;

	EXPECT(shm > 0);
	fdt_setprop_string(fdt, shm, "vdevice-type", "shm");
	fdt_setprop_empty(fdt, shm, "peer-default");
	fdt_setprop_u64(fdt, shm, "dma_base", 0);
	fdt_setprop_string(fdt, shm, "push-compatible", "restricted-dma-pool");
	fdt_setprop_string(fdt, shm, "generate", "/hypervisor/shm-1");
	mem = fdt_add_subnode(fdt, shm, "memory");
	fdt_setprop_u32(fdt, mem, "label", label);
	EXPECT_EQ(fdt_setprop_u64(fdt, mem, "base", base), 0);
	if (optional)
		fdt_setprop_empty(fdt, mem, "optional");
}

TEST(shared_memory_device)
{
	const void *fdt = tree();
	u32 handle, phandle;
	int shm, buffer;

	begin(&open_profile, "base");
	add_shm(2, 0x90000000, false);
	lend_image(false);
	EXPECT_EQ(rm_env_mem(true, vmid, BUFFER_PA, SZ_64K, 2, &handle), 0);
	ASSERT(!init_and_start());
	fdt = tree();
	EXPECT_EQ(guest_pa(0x90000000), BUFFER_PA);
	buffer = node("/reserved-memory/buffer@90000000");
	shm = node("/hypervisor/shm-1");
	ASSERT(buffer > 0 && shm > 0);
	phandle = fdt_get_phandle(fdt, buffer);
	EXPECT(phandle);
	EXPECT_EQ(fdt32_to_cpu(*(const fdt32_t *)fdt_getprop(fdt, shm, "memory-region", NULL)),
		  phandle);
	EXPECT_EQ(fdt_node_check_compatible(fdt, shm, "restricted-dma-pool"), 0);
	EXPECT_EQ(fdt_node_check_compatible(fdt, shm, "qcom,shared-memory"), 0);
	EXPECT(fdt_getprop(fdt, buffer, "no-map", NULL));
	/* RAM and buffer, in this order */
	ASSERT(fdt_getprop(fdt, node("/memory"), "reg", &shm));
	EXPECT_EQ(shm, 32);
}

TEST(shared_memory_device_without_parcel)
{
	begin(&open_profile, "base");
	add_shm(2, 0x90000000, false);
	lend_image(false);
	EXPECT_EQ(init_and_start(), GUNYAH_RM_ERR_NORESOURCE);

	begin(&open_profile, "base");
	add_shm(2, 0x90000000, true);
	lend_image(false);
	EXPECT_EQ(init_and_start(), 0);
	EXPECT(node("/hypervisor/shm-1") < 0);
}

TEST(shared_memory_over_ram_or_gic)
{
	static const u64 bad[] = { RAM, RAM + RM_ENV_SIZE - PAGE_SIZE, RAM - PAGE_SIZE, 0x30000000,
				   0x3003f000, BIT(VM_IPA_BITS) - PAGE_SIZE, BIT(VM_IPA_BITS) };
	u32 handle;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		begin(&open_profile, "base");
		add_shm(2, bad[i], false);
		lend_image(false);
		EXPECT_EQ(rm_env_mem(true, vmid, BUFFER_PA, SZ_64K, 2, &handle), 0);
		test_context("%lx", bad[i]);
		EXPECT_EQ(init_and_start(), GUNYAH_RM_ERR_NORESOURCE);
		EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
		EXPECT_EQ(rm_env_reclaim(handle), 0);
		EXPECT_EQ(rm_env_reclaim(image), 0);
	}
}

TEST(parcel_without_device_gets_an_address)
{
	char path[64];
	u64 ipa = 0;
	u32 handle;

	begin(&open_profile, "base");
	lend_image(false);
	EXPECT_EQ(rm_env_mem(true, vmid, BUFFER_PA, SZ_64K, 7, &handle), 0);
	ASSERT(!init_and_start());
	ipa = rm_parcel_acl(rm_parcel_find(handle), vmid)->ipa;
	EXPECT_EQ(guest_pa(ipa), BUFFER_PA);
	EXPECT(ipa >= SZ_1G && (ipa + SZ_64K <= RAM || ipa >= RAM + RM_ENV_SIZE));
	snprintf(path, sizeof(path), "/reserved-memory/buffer@%lx", ipa);
	EXPECT(node(path) > 0);
}

static void add_reserved(u32 label, u64 base)
{
	void *fdt = tree();
	int res = fdt_add_subnode(fdt, node("/reserved-memory"), "mine");
	fdt64_t reg[2] = { cpu_to_fdt64(base), cpu_to_fdt64(SZ_64K) };

	if (label)
		fdt_setprop_u32(fdt, res, "qcom,label", label);
	EXPECT_EQ(fdt_setprop(fdt, res, "reg", reg, sizeof(reg)), 0);
}

TEST(two_buffers_at_one_place)
{
	u32 handle;

	begin(&open_profile, "base");
	add_shm(2, 0x90000000, false);
	fdt_set_name(tree(), node("/gunyah-vm-config/vdevices/shm-1"), "shm-2");
	add_shm(3, 0x90000000 + SZ_64K - PAGE_SIZE, false);
	fdt_setprop_string(tree(), node("/gunyah-vm-config/vdevices/shm-1"), "generate",
			   "/hypervisor/shm-2");
	lend_image(false);
	EXPECT_EQ(rm_env_mem(true, vmid, BUFFER_PA, SZ_64K, 2, &handle), 0);
	EXPECT_EQ(rm_env_mem(true, vmid, BUFFER_PA + SZ_2M, SZ_64K, 3, &handle), 0);
	EXPECT_EQ(init_and_start(), GUNYAH_RM_ERR_NORESOURCE);
}

TEST(own_reserved_memory_node)
{
	u32 handle;

	begin(&open_profile, "base");
	add_reserved(4, 0x90000000);
	lend_image(false);
	EXPECT_EQ(rm_env_mem(true, vmid, BUFFER_PA, SZ_64K, 4, &handle), 0);
	ASSERT(!init_and_start());
	EXPECT_EQ(guest_pa(0x90000000), BUFFER_PA);
	EXPECT(fdt_getprop(tree(), node("/reserved-memory/mine"), "qcom,rm-mem-handle", NULL));

	/* No such parcel */
	begin(&open_profile, "base");
	add_reserved(5, 0x90000000);
	lend_image(false);
	EXPECT_EQ(rm_env_mem(true, vmid, BUFFER_PA, SZ_64K, 4, &handle), 0);
	EXPECT_EQ(init_and_start(), GUNYAH_RM_ERR_NORESOURCE);
	begin(&open_profile, "base");
	add_reserved(0, 0x90000000);
	lend_image(false);
	EXPECT_EQ(init_and_start(), GUNYAH_RM_ERR_NORESOURCE);
}

TEST(guest_rights_follow_the_access_list)
{
	u32 req[10] = { 0, 2, 2, 0, 3 | 7 << 16, 1, (u32)BUFFER_PA, 0, SZ_64K, 0 };
	u32 handle, attrs = 0;

	begin(&open_profile, "base");
	add_shm(2, 0x90000000, false);
	lend_image(false);
	req[3] = vmid | GUNYAH_RM_ACL_R << 16;
	EXPECT_EQ(rm_env_call(GUNYAH_RM_MEM_SHARE, req, sizeof(req), &handle, 4, NULL), 0);
	ASSERT(!init_and_start());
	EXPECT(stage2_lookup(guest_s2(), 0x90000000, NULL, &attrs, NULL));
	EXPECT_EQ(attrs, S2_READ);
}

/* --- room for the tree --- */

static u32 start_with_region(const struct rm_config *cfg, u32 total, u64 region)
{
	u64 req[5];

	begin(cfg, "base");
	fdt_pack(tree());
	fdt_set_totalsize(tree(), total);
	EXPECT_EQ(rm_env_mem(false, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &image), 0);
	req[0] = vmid | (u64)image << 32;
	req[1] = 0;
	req[2] = 0x1000;
	req[3] = RM_ENV_DTB_OFF;
	req[4] = region;
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_CONFIG_IMAGE, req, sizeof(req), NULL, 0, NULL), 0);
	return init_and_start();
}

TEST(room_for_the_tree)
{
	EXPECT_EQ(start_with_region(&open_profile, 0x1000, 0x1000), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(start_with_region(&open_profile, 0x1000, 0x2000), 0);
	/* Above 16 KiB the open RM wants twice the room */
	EXPECT_EQ(start_with_region(&open_profile, 0x8000, 0x10000), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(start_with_region(&open_profile, 0x8000, 0x12000), 0);
	EXPECT_EQ(start_with_region(&production, 0x8000, 0x9000), 0);
	EXPECT_EQ(fdt_check_header(tree()), 0);
	EXPECT(fdt_totalsize(tree()) > 0x8000);
}

/* The host may write to a shared image: what INIT saw need not be there at START */
TEST(tree_goes_bad_between_init_and_start)
{
	begin(&open_debug, "base");
	lend_image(true);
	EXPECT_EQ(init(), 0);
	memset(tree(), 0xff, 64);
	EXPECT_EQ(start(), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(rm_env_reclaim(image), 0);
}

/* --- trees that no sane VMM writes --- */

static void end_any(void)
{
	rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
	EXPECT_EQ(rm_env_reclaim(image), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, vmid), 0);
	EXPECT_EQ(host_cspace.used, 2);
}

/* Words of header, structure and strings replaced at random: any answer, no harm */
TEST(mutated_trees)
{
	size_t size;
	u8 *p;

	rm_env_init(&open_profile);
	for (unsigned int i = 0; i < 3000; i++) {
		vmid = rm_env_allocate();
		size = rm_env_load_dtb(i & 1 ? "bells8" : "base", RM_ENV_PARCEL + RM_ENV_DTB_OFF);
		p = (u8 *)tree();
		for (u64 n = test_random() % 4 + 1; n; n--) {
			u64 at = test_random() % size;

			if (test_random() & 1)
				p[at] = (u8)test_random();
			else
				p[ALIGN_DOWN(at, 4) + 3] = (u8)(test_random() % 10);
		}
		EXPECT_EQ(rm_env_mem(false, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &image), 0);
		EXPECT_EQ(rm_env_config(vmid, image, 0), 0);
		init_and_start();
		rm_vm_find(vmid)->no_reset = false;
		rm_vm_find(vmid)->no_shutdown = false;
		end_any();
	}
}

/* Nested deeper than anybody needs, and unbalanced */
TEST(deep_tree)
{
	void *fdt = tree();
	int at;

	begin(&open_profile, "base");
	fdt = tree();
	fdt_open_into(fdt, fdt, 0x10000);
	at = fdt_add_subnode(fdt, 0, "n");
	for (unsigned int i = 0; i < 200 && at > 0; i++)
		at = fdt_add_subnode(fdt, at, "n");
	EXPECT(at > 0);
	lend_image(false);
	EXPECT_EQ(init(), GUNYAH_RM_ERR_MEM_INVALID);
}
