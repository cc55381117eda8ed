// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes device trees, on libfdt.
 */
#include <libfdt.h>
#include <stdio.h>

#include "dtb_write.h"
#include "gt.h"

static void check(struct dtb_writer *w, int ret)
{
	if (ret < 0 && !w->error)
		w->error = ret;
}

void dtb_begin(struct dtb_writer *w, void *dst, size_t size)
{
	w->fdt = dst;
	w->error = 0;
	check(w, fdt_create_empty_tree(dst, size));
	dtb_cell_sizes(w, 0, 2, 2);
}

size_t dtb_end(struct dtb_writer *w)
{
	check(w, fdt_pack(w->fdt));
	if (w->error)
		gt_fail("device tree: %s", fdt_strerror(w->error));
	return fdt_totalsize(w->fdt);
}

int dtb_node(struct dtb_writer *w, int parent, const char *name)
{
	int ret = fdt_add_subnode(w->fdt, parent, name);

	check(w, ret);
	return ret;
}

void dtb_bytes(struct dtb_writer *w, int at, const char *name, const void *value, int len)
{
	check(w, fdt_setprop(w->fdt, at, name, value, len));
}

void dtb_str(struct dtb_writer *w, int at, const char *name, const char *value)
{
	check(w, fdt_setprop_string(w->fdt, at, name, value));
}

void dtb_flag(struct dtb_writer *w, int at, const char *name)
{
	dtb_bytes(w, at, name, NULL, 0);
}

void dtb_u64(struct dtb_writer *w, int at, const char *name, uint64_t value)
{
	check(w, fdt_setprop_u64(w->fdt, at, name, value));
}

void dtb_cells(struct dtb_writer *w, int at, const char *name, unsigned int nr,
	       const uint32_t *value)
{
	unsigned int i;

	dtb_flag(w, at, name);
	for (i = 0; i < nr; i++)
		check(w, fdt_appendprop_u32(w->fdt, at, name, value[i]));
}

void dtb_cell_sizes(struct dtb_writer *w, int at, uint32_t address, uint32_t size)
{
	DTB_CELLS(w, at, "#address-cells", address);
	DTB_CELLS(w, at, "#size-cells", size);
}

void dtb_cpus(struct dtb_writer *w, unsigned int nr, const char *compatible)
{
	char name[16];
	int cpus, at;

	cpus = dtb_node(w, 0, "cpus");
	dtb_cell_sizes(w, cpus, 1, 0);
	while (nr-- > 0) {
		snprintf(name, sizeof(name), "cpu@%x", nr);
		at = dtb_node(w, cpus, name);
		dtb_str(w, at, "device_type", "cpu");
		dtb_str(w, at, "compatible", compatible);
		DTB_CELLS(w, at, "reg", nr);
		dtb_str(w, at, "enable-method", "psci");
	}
}

void dtb_gic(struct dtb_writer *w, unsigned int nr_vcpus, const char *name)
{
	uint32_t gicr_size = nr_vcpus * GUEST_GICR_STRIDE;
	int at = dtb_node(w, 0, name);

	dtb_str(w, at, "compatible", "arm,gic-v3");
	dtb_cell_sizes(w, at, 2, 2);
	DTB_CELLS(w, at, "#interrupt-cells", 3);
	dtb_flag(w, at, "interrupt-controller");
	dtb_flag(w, at, "ranges");
	DTB_CELLS(w, at, "reg", 0, GUEST_GICD_BASE, 0, 0x10000,
		  0, GUEST_GICD_BASE - gicr_size, 0, gicr_size);
	DTB_CELLS(w, at, "phandle", DTB_GIC_PHANDLE);
}

int dtb_timer(struct dtb_writer *w)
{
	int at = dtb_node(w, 0, "timer");

	dtb_str(w, at, "compatible", "arm,armv8-timer");
	DTB_CELLS(w, at, "interrupts", 1, 13, 8, 1, 14, 8, 1, 11, 8, 1, 10, 8);
	return at;
}

void dtb_psci(struct dtb_writer *w, const char *compatible, int len)
{
	int at = dtb_node(w, 0, "psci");

	dtb_bytes(w, at, "compatible", compatible, len);
	dtb_str(w, at, "method", "hvc");
}

int dtb_reserved_memory(struct dtb_writer *w)
{
	int at = dtb_node(w, 0, "reserved-memory");

	dtb_cell_sizes(w, at, 2, 2);
	dtb_flag(w, at, "ranges");
	return at;
}

int dtb_bell(struct dtb_writer *w, int vdevices, uint32_t label, uint32_t spi, bool level)
{
	char path[64];
	int at;

	snprintf(path, sizeof(path), "/hypervisor/bell-%x", label);
	at = dtb_node(w, vdevices, path + sizeof("/hypervisor/") - 1);
	dtb_str(w, at, "vdevice-type", "doorbell");
	dtb_str(w, at, "generate", path);
	DTB_CELLS(w, at, "label", label);
	dtb_flag(w, at, "peer-default");
	DTB_CELLS(w, at, "interrupts", 0, spi, level ? 4 : 1);
	return at;
}

int dtb_shm(struct dtb_writer *w, int vdevices, uint32_t label, uint64_t base)
{
	char name[32];
	int at, memory;

	snprintf(name, sizeof(name), "shm-%x", label);
	at = dtb_node(w, vdevices, name);
	dtb_str(w, at, "vdevice-type", "shm");
	dtb_flag(w, at, "peer-default");
	dtb_u64(w, at, "dma_base", 0);
	memory = dtb_node(w, at, "memory");
	dtb_flag(w, memory, "optional");
	DTB_CELLS(w, memory, "label", label);
	DTB_CELLS(w, memory, "#address-cells", 2);
	dtb_u64(w, memory, "base", base);
	return at;
}
