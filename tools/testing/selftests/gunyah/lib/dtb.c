// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree of a test guest: the least that both Resource Managers accept.
 *
 * Numbers below /gunyah-vm-config are read with the cell sizes of the parent of
 * their node (ABI tables, devicetree b.0), whose default is not 2 and 2: so each
 * level says its own.  There is no memory node: the RM adds it.
 */
#include <libfdt.h>
#include <stdio.h>

#include "gt.h"

#define GIC_PHANDLE 1

struct writer {
	void *fdt;
	int error;
};

static void check(struct writer *w, int ret)
{
	if (ret < 0 && !w->error)
		w->error = ret;
}

static int node(struct writer *w, int parent, const char *name)
{
	int ret = fdt_add_subnode(w->fdt, parent, name);

	check(w, ret);
	return ret;
}

static void str(struct writer *w, int at, const char *name, const char *value)
{
	check(w, fdt_setprop_string(w->fdt, at, name, value));
}

static void flag(struct writer *w, int at, const char *name)
{
	check(w, fdt_setprop(w->fdt, at, name, NULL, 0));
}

static void cells(struct writer *w, int at, const char *name, unsigned int nr,
		  const uint32_t *value)
{
	unsigned int i;

	check(w, fdt_setprop(w->fdt, at, name, NULL, 0));
	for (i = 0; i < nr; i++)
		check(w, fdt_appendprop_u32(w->fdt, at, name, value[i]));
}
#define CELLS(w, at, name, ...)							\
	cells(w, at, name, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, (uint32_t[]){ __VA_ARGS__ })

static void cell_sizes(struct writer *w, int at, uint32_t address, uint32_t size)
{
	CELLS(w, at, "#address-cells", address);
	CELLS(w, at, "#size-cells", size);
}

/* Subnodes are added in front: what is added first comes last */
static void add_bell(struct writer *w, int vdevices, const struct gt_bell *bell)
{
	char name[32], path[64];
	int at;

	snprintf(name, sizeof(name), "bell-%x", bell->label);
	snprintf(path, sizeof(path), "/hypervisor/%s", name);
	at = node(w, vdevices, name);
	str(w, at, "vdevice-type", "doorbell");
	str(w, at, "generate", path);
	CELLS(w, at, "label", bell->label);
	flag(w, at, "peer-default");
	flag(w, at, "source-can-clear");
	CELLS(w, at, "interrupts", 0, bell->spi, bell->level ? 4 : 1);
}

static void add_rm_channel(struct writer *w, int vdevices)
{
	int at = node(w, vdevices, "rm-rpc");

	str(w, at, "vdevice-type", "rm-rpc");
	str(w, at, "generate", "/hypervisor/qcom,resource-manager-rpc");
}

static void add_vm_config(struct writer *w, const struct gt_dtb *dtb)
{
	int config, at;
	unsigned int i;

	config = node(w, 0, "gunyah-vm-config");
	cell_sizes(w, config, 2, 2);
	str(w, config, "image-name", "gunyah-selftest");
	str(w, config, "os-type", "linux");

	at = node(w, config, "vdevices");
	str(w, at, "generate", "/hypervisor");
	for (i = dtb->nr_bells; i-- > 0;)
		add_bell(w, at, &dtb->bell[i]);
	if (dtb->rm_channel)
		add_rm_channel(w, at);
	at = node(w, config, "vcpus");
	str(w, at, "affinity", "proxy");
	at = node(w, config, "interrupts");
	CELLS(w, at, "config", GIC_PHANDLE);
	at = node(w, config, "memory");
	cell_sizes(w, at, 2, 2);
	CELLS(w, at, "base-address", dtb->base >> 32, dtb->base);
}

static void add_cpus(struct writer *w, unsigned int nr)
{
	char name[16];
	int cpus, at;

	cpus = node(w, 0, "cpus");
	cell_sizes(w, cpus, 1, 0);
	while (nr-- > 0) {
		snprintf(name, sizeof(name), "cpu@%x", nr);
		at = node(w, cpus, name);
		str(w, at, "device_type", "cpu");
		str(w, at, "compatible", "arm,armv8");
		CELLS(w, at, "reg", nr);
		str(w, at, "enable-method", "psci");
	}
}

static void add_gic(struct writer *w, unsigned int nr_vcpus)
{
	uint32_t gicr_size = nr_vcpus * GUEST_GICR_STRIDE;
	int at = node(w, 0, "interrupt-controller@3fff0000");

	str(w, at, "compatible", "arm,gic-v3");
	cell_sizes(w, at, 2, 2);
	CELLS(w, at, "#interrupt-cells", 3);
	flag(w, at, "interrupt-controller");
	flag(w, at, "ranges");
	CELLS(w, at, "reg", 0, GUEST_GICD_BASE, 0, 0x10000,
	      0, GUEST_GICD_BASE - gicr_size, 0, gicr_size);
	CELLS(w, at, "phandle", GIC_PHANDLE);
}

static void add_psci(struct writer *w)
{
	int at = node(w, 0, "psci");

	check(w, fdt_setprop(w->fdt, at, "compatible", "arm,psci-1.0\0arm,psci-0.2", 26));
	str(w, at, "method", "hvc");
}

static void add_timer(struct writer *w)
{
	int at = node(w, 0, "timer");

	str(w, at, "compatible", "arm,armv8-timer");
	CELLS(w, at, "interrupts", 1, 13, 8, 1, 14, 8, 1, 11, 8, 1, 10, 8);
}

/* Ends the test if @size is too small */
void gt_write_dtb(void *dst, size_t size, const struct gt_dtb *dtb)
{
	struct writer w = { .fdt = dst };
	int at;

	check(&w, fdt_create_empty_tree(dst, size));
	str(&w, 0, "compatible", "linux,dummy-virt");
	CELLS(&w, 0, "interrupt-parent", GIC_PHANDLE);
	cell_sizes(&w, 0, 2, 2);
	add_vm_config(&w, dtb);
	add_timer(&w);
	add_gic(&w, dtb->nr_vcpus);
	add_psci(&w);
	add_cpus(&w, dtb->nr_vcpus);
	at = node(&w, 0, "reserved-memory");
	cell_sizes(&w, at, 2, 2);
	flag(&w, at, "ranges");
	at = node(&w, 0, "chosen");
	str(&w, at, "bootargs", "");
	check(&w, fdt_pack(dst));
	if (w.error)
		gt_fail("device tree: %s", fdt_strerror(w.error));
}

void gt_find_rm_channel(const void *fdt, uint64_t *tx, uint64_t *rx)
{
	int at = fdt_node_offset_by_compatible(fdt, -1, "gunyah-resource-manager");
	const fdt64_t *reg;
	int len;

	if (at < 0)
		gt_fail("no RM channel in the guest's tree: %s", fdt_strerror(at));
	reg = fdt_getprop(fdt, at, "reg", &len);
	if (!reg || len != 16)
		gt_fail("reg of the guest's RM channel: %d", len);
	*tx = fdt64_ld(reg);
	*rx = fdt64_ld(reg + 1);
}
