// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The configuration of a VM out of its device tree, at VM_INIT: the vm-config node,
 * memory, interrupt controller, CPUs (ABI tables, devicetree b).  Every node is visited
 * once; a node belongs to the first rule that wants it.
 */
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_dt.h"

/* Platform defaults of the open RM on QEMU (b.3) */
#define DEFAULT_BASE		0x28800000ULL
#define DEFAULT_SIZE_MAX	0x07ffffffULL
#define DEFAULT_FIRMWARE_MAX	0x400000ULL
#define DEFAULT_STRIDE		0x20000ULL
#define MIN_STRIDE		0x20000ULL
#define MAX_STRIDE		SZ_1G	/* no rule: nothing multiplied with it may wrap */

static void apply_attr(const char *attr, struct rm_dt *dt)
{
	bool fatal = !strcmp(attr, "crash-fatal");

	if (!fatal && strcmp(attr, "no-shutdown") && strcmp(attr, "no-reset")) {
		printk("rm: vm-attrs %s has no effect", attr);
		return;
	}
	dt->crash_fatal |= fatal;
	dt->no_shutdown |= fatal || !strcmp(attr, "no-shutdown");
	dt->no_reset |= fatal || !strcmp(attr, "no-reset");
}

static u32 parse_attrs(const void *fdt, int config, struct rm_dt *dt)
{
	int count = fdt_stringlist_count(fdt, config, "vm-attrs");

	for (int i = 0; i < count; i++) {
		const char *attr = fdt_stringlist_get(fdt, config, "vm-attrs", i, NULL);

		if (!attr)
			return dt_bad("vm-attrs");
		apply_attr(attr, dt);
	}
	return GUNYAH_RM_ERR_OK;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx */
static bool parse_guid_text(const char *text, u8 *guid)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < 36; i++) {
		int digit = hex_digit(text[i]);

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return false;
			continue;
		}
		if (digit < 0)
			return false;
		guid[n / 2] = (u8)(guid[n / 2] << 4 | digit);
		n++;
	}
	return !text[36];
}

static u32 parse_guid(const void *fdt, int config, struct rm_dt *dt)
{
	if (!dt_has(fdt, config, "vm-guid"))
		return GUNYAH_RM_ERR_OK;
	if (!dt_read_string(fdt, config, "vm-guid", dt->guid_text, sizeof(dt->guid_text)) ||
	    strlen(dt->guid_text) != 36 || !parse_guid_text(dt->guid_text, dt->guid))
		return dt_bad("vm-guid is malformed");
	dt->has_guid = true;
	return GUNYAH_RM_ERR_OK;
}

static u32 parse_names(const void *fdt, int config, struct rm_dt *dt)
{
	if (!dt_read_string(fdt, config, "image-name", dt->name, sizeof(dt->name)))
		return dt_bad("no image-name, or a long one");
	if (dt_has(fdt, config, "vm-uri") &&
	    !dt_read_string(fdt, config, "vm-uri", dt->uri, sizeof(dt->uri)))
		return dt_bad("vm-uri is no string or a long one");
	return GUNYAH_RM_ERR_OK;
}

static u32 parse_firmware(const void *fdt, int node, struct dt_cells cells, struct rm_dt *dt)
{
	dt->has_firmware_base = dt_read_number(fdt, node, "firmware-address", cells.address,
					       &dt->firmware_base);
	dt_read_number(fdt, node, "firmware-size-max", cells.size, &dt->firmware_max);
	return IS_ALIGNED(dt->firmware_base, PAGE_SIZE) ? GUNYAH_RM_ERR_OK :
							  dt_bad("firmware-address");
}

static u32 parse_memory(const void *fdt, int config, struct rm_dt *dt)
{
	struct dt_cells cells = dt_child_cells(fdt, config);
	int node = fdt_subnode_offset(fdt, config, "memory");
	bool based;

	dt->mem_base = DEFAULT_BASE;
	dt->size_max = DEFAULT_SIZE_MAX;
	dt->firmware_max = DEFAULT_FIRMWARE_MAX;
	if (node < 0)
		return GUNYAH_RM_ERR_OK;
	based = dt_read_number(fdt, node, "base-address", cells.address, &dt->mem_base);
	if (!IS_ALIGNED(dt->mem_base, PAGE_SIZE) || dt->mem_base > ALIGN_DOWN(~0ULL, SZ_2M))
		return dt_bad("base-address");
	dt->mem_base = ALIGN_UP(dt->mem_base, SZ_2M);
	if (based)
		dt->size_max = ~0ULL - dt->mem_base;
	dt_read_number(fdt, node, "size-max", cells.size, &dt->size_max);
	if (dt->size_max > ~0ULL - dt->mem_base)
		return dt_bad("size-max");
	dt->is_direct = dt_has(fdt, node, "is-direct");
	return parse_firmware(fdt, node, cells, dt);
}

/* /@name and nothing else: no unit address, not deeper down */
static bool is_root_child(const void *fdt, int node, const char *name)
{
	return fdt_parent_offset(fdt, node) == 0 && !strcmp(fdt_get_name(fdt, node, NULL), name);
}

static bool is_config(const void *fdt, int node)
{
	return is_root_child(fdt, node, "gunyah-vm-config") ||
	       is_root_child(fdt, node, "qcom,vm-config");
}

static u32 parse_config(const void *fdt, int config, struct rm_dt *dt)
{
	u32 error;

	if (dt->has_config)
		return dt_bad("two vm-config nodes");
	dt->has_config = true;
	error = parse_names(fdt, config, dt);
	if (!error)
		error = parse_guid(fdt, config, dt);
	if (!error)
		error = parse_attrs(fdt, config, dt);
	if (!error)
		error = parse_memory(fdt, config, dt);
	if (!error)
		error = dt_parse_gic(fdt, config, dt);
	if (!error)
		error = dt_parse_vcpus(fdt, config, dt);
	return error;
}

/* --- interrupt controller (b.4) --- */

/* Path, or phandle as crosvm writes it */
static int named_gic(const void *fdt, int config)
{
	int node = fdt_subnode_offset(fdt, config, "interrupts");
	char path[RM_PATH_MAX];
	u32 phandle;

	if (node < 0 || !dt_has(fdt, node, "config"))
		return -FDT_ERR_NOTFOUND;
	if (dt_read_u32(fdt, node, "config", &phandle))
		node = fdt_node_offset_by_phandle(fdt, phandle);
	else if (dt_read_string(fdt, node, "config", path, sizeof(path)))
		node = fdt_path_offset(fdt, path);
	else
		node = -FDT_ERR_BADVALUE;
	return node < 0 ? -FDT_ERR_BADVALUE : node;
}

static int root_gic(const void *fdt)
{
	u32 phandle;

	if (!dt_read_u32(fdt, 0, "interrupt-parent", &phandle))
		return -FDT_ERR_NOTFOUND;
	return fdt_node_offset_by_phandle(fdt, phandle);
}

static bool gic_compatible(const void *fdt, int node)
{
	u32 cells, regions;

	return !fdt_node_check_compatible(fdt, node, "arm,gic-v3") &&
	       dt_has(fdt, node, "interrupt-controller") &&
	       dt_read_u32(fdt, node, "#interrupt-cells", &cells) && cells == 3 &&
	       (!dt_has(fdt, node, "#redistributor-regions") ||
		(dt_read_u32(fdt, node, "#redistributor-regions", &regions) && regions == 1));
}

/* GICD and GICR ranges; false if there is a reg that cannot be understood */
static bool read_gic_reg(const void *fdt, int node, struct rm_gic *gic)
{
	struct dt_cells cells = dt_cells_of(fdt, node);
	u32 entry = (cells.address + cells.size) * sizeof(u32);
	int len;
	const u8 *p = fdt_getprop(fdt, node, "reg", &len);

	if (!p)
		return true;
	if (!cells.address || cells.address > 2 || cells.size > 2 || (u32)len < 2 * entry)
		return false;
	gic->gicd = dt_number(p, cells.address * sizeof(u32));
	gic->gicr = dt_number(p + entry, cells.address * sizeof(u32));
	gic->has_reg = true;
	return true;
}

static u32 read_gic(const void *fdt, int node, struct rm_gic *gic)
{
	gic->stride = DEFAULT_STRIDE;
	dt_read_number(fdt, node, "redistributor-stride", 2, &gic->stride);
	if (!gic_compatible(fdt, node) || gic->stride < MIN_STRIDE || gic->stride > MAX_STRIDE ||
	    !IS_ALIGNED(gic->stride, SZ_64K) || !read_gic_reg(fdt, node, gic) ||
	    fdt_get_path(fdt, node, gic->path, sizeof(gic->path)))
		return dt_bad("interrupt controller");
	gic->found = true;
	return GUNYAH_RM_ERR_OK;
}

/* None at all is an error at START only */
u32 dt_parse_gic(const void *fdt, int config, struct rm_dt *dt)
{
	int node = named_gic(fdt, config);

	if (node == -FDT_ERR_BADVALUE)
		return dt_bad("interrupts/config leads nowhere");
	if (node < 0)
		node = root_gic(fdt);
	if (node < 0)
		return GUNYAH_RM_ERR_OK;
	return read_gic(fdt, node, &dt->gic);
}

/* --- the whole tree --- */

/* A memory node belongs to the RM; only a plain /memory is tolerated (b.1) */
static u32 check_memory_node(const void *fdt, int node)
{
	if (dt_string_is(fdt, node, "device_type", "memory") &&
	    !is_root_child(fdt, node, "memory"))
		return dt_bad("a memory node of its own");
	return GUNYAH_RM_ERR_OK;
}

static bool is_psci(const void *fdt, int node)
{
	return !fdt_node_check_compatible(fdt, node, "arm,psci-1.0") ||
	       !fdt_node_check_compatible(fdt, node, "arm,psci-0.2");
}

static u32 parse_psci(const void *fdt, int node, struct rm_dt *dt)
{
	dt->psci = true;
	return GUNYAH_RM_ERR_OK;
}

static const struct {
	bool (*wants)(const void *fdt, int node);
	u32 (*parse)(const void *fdt, int node, struct rm_dt *dt);
} rules[] = {
	{ is_psci, parse_psci },
	{ is_config, parse_config },
	{ dt_is_vdevice, dt_parse_vdevice },
};

static u32 parse_node(const void *fdt, int node, struct rm_dt *dt)
{
	u32 error = check_memory_node(fdt, node);

	if (error)
		return error;
	for (unsigned int i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].wants(fdt, node))
			return rules[i].parse(fdt, node, dt);
	return GUNYAH_RM_ERR_OK;
}

u32 rm_dt_parse(const struct rm_vm *rvm, struct rm_dt *dt)
{
	u32 error = GUNYAH_RM_ERR_OK;
	int node = 0;
	u32 total;
	void *fdt = rm_dt_fetch(rvm, &total);

	if (!fdt)
		return dt_bad("none, or not valid");
	do {
		error = parse_node(fdt, node, dt);
		node = fdt_next_node(fdt, node, NULL);
	} while (node >= 0 && !error);
	return error;
}
