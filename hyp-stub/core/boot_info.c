// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Reading the machine's device tree. */
#include <libfdt.h>

#include "core/core.h"
#include "lib/string.h"

static u64 cells(const fdt32_t *p, int n)
{
	u64 v = 0;

	while (n--)
		v = v << 32 | fdt32_ld(p++);
	return v;
}

/* Entry @index of a node's reg */
static bool read_reg(const void *fdt, int node, int index, u64 *base, u64 *size)
{
	int parent = fdt_parent_offset(fdt, node), len;
	int na = fdt_address_cells(fdt, parent), ns = fdt_size_cells(fdt, parent);
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &len);

	if (!reg || na < 1 || na > 2 || ns < 0 || ns > 2 ||
	    len < (index + 1) * (na + ns) * (int)sizeof(*reg))
		return false;
	reg += index * (na + ns);
	*base = cells(reg, na);
	if (size)
		*size = cells(reg + na, ns);
	return true;
}

static u64 chosen_number(const void *fdt, int chosen, const char *name)
{
	int len;
	const fdt32_t *p = fdt_getprop(fdt, chosen, name, &len);

	return p && (len == 4 || len == 8) ? cells(p, len / 4) : 0;
}

static void read_chosen(const void *fdt, struct boot_info *info)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	u64 end;

	info->cmdline = "";
	if (chosen < 0)
		return;
	info->initrd = chosen_number(fdt, chosen, "linux,initrd-start");
	end = chosen_number(fdt, chosen, "linux,initrd-end");
	info->initrd_size = end > info->initrd ? end - info->initrd : 0;
	if (fdt_getprop(fdt, chosen, "bootargs", NULL))
		info->cmdline = fdt_getprop(fdt, chosen, "bootargs", NULL);
}

static void read_cpus(const void *fdt, struct boot_info *info)
{
	int cpus = fdt_path_offset(fdt, "/cpus"), node;
	const char *type;
	u64 reg;

	if (cpus < 0)
		return;
	fdt_for_each_subnode(node, fdt, cpus) {
		type = fdt_getprop(fdt, node, "device_type", NULL);
		if (type && !strcmp(type, "cpu") && info->nr_cpus < BOOT_MAX_CPUS &&
		    read_reg(fdt, node, 0, &reg, NULL))
			info->cpu[info->nr_cpus++] = reg;
	}
}

/* False if there are more than we have room for: one that is not guarded is a hole */
static bool read_its(const void *fdt, struct boot_info *info)
{
	int node = -1;

	while ((node = fdt_node_offset_by_compatible(fdt, node, "arm,gic-v3-its")) >= 0) {
		if (info->nr_its == BOOT_MAX_ITS ||
		    !read_reg(fdt, node, 0, &info->its[info->nr_its], NULL))
			return false;
		info->nr_its++;
	}
	return true;
}

/*
 * RAM as one range: of a machine with several NUMA nodes each has a tree node of its
 * own, in any order.  Between them must not be a hole.
 */
static bool read_memory(const void *fdt, struct boot_info *info)
{
	u64 base, size, first = ~0ULL, end = 0, sum = 0;
	int node = -1;

	while ((node = fdt_node_offset_by_prop_value(fdt, node, "device_type",
						     "memory", 7)) >= 0) {
		if (!read_reg(fdt, node, 0, &base, &size) || base + size < base)
			return false;
		first = min(first, base);
		end = max(end, base + size);
		sum += size;
	}
	info->ram_base = first;
	info->ram_size = sum;
	return sum && end - first == sum;
}

bool boot_info_read(const void *fdt, struct boot_info *info, const char **why)
{
	int node;

	*info = (struct boot_info){};
	*why = "header";
	if (fdt_check_header(fdt))
		return false;
	*why = "arm,pl011";
	node = fdt_node_offset_by_compatible(fdt, -1, "arm,pl011");
	if (node < 0 || !read_reg(fdt, node, 0, &info->uart, NULL))
		return false;
	*why = "memory";
	if (!read_memory(fdt, info))
		return false;
	*why = "arm,gic-v3";
	node = fdt_node_offset_by_compatible(fdt, -1, "arm,gic-v3");
	if (node < 0 || !read_reg(fdt, node, 0, &info->gicd, NULL) ||
	    !read_reg(fdt, node, 1, &info->gicr, &info->gicr_size))
		return false;
	*why = "usable arm,gic-v3-its";
	if (!read_its(fdt, info))
		return false;
	read_chosen(fdt, info);
	read_cpus(fdt, info);
	*why = NULL;
	return true;
}
