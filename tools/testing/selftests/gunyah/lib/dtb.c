// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree of a test guest: the least that both Resource Managers accept.
 *
 * Numbers below /gunyah-vm-config are read with the cell sizes of the parent of
 * their node (ABI tables, devicetree b.0), whose default is not 2 and 2: so each
 * level says its own.  There is no memory node: the RM adds it.
 */
#include <libfdt.h>

#include "dtb_write.h"
#include "gt.h"

static void add_bell(struct dtb_writer *w, int vdevices, const struct gt_bell *bell)
{
	int at = dtb_bell(w, vdevices, bell->label, bell->spi, bell->level);

	if (!bell->cannot_clear)
		dtb_flag(w, at, "source-can-clear");
	if (bell->eoi)
		dtb_flag(w, at, "eoi-virq");
}

static void add_rm_channel(struct dtb_writer *w, int vdevices)
{
	int at = dtb_node(w, vdevices, "rm-rpc");

	dtb_str(w, at, "vdevice-type", "rm-rpc");
	dtb_str(w, at, "generate", "/hypervisor/qcom,resource-manager-rpc");
}

static void add_vm_config(struct dtb_writer *w, const struct gt_dtb *dtb)
{
	int config, at;
	unsigned int i;

	config = dtb_node(w, 0, "gunyah-vm-config");
	dtb_cell_sizes(w, config, 2, 2);
	dtb_str(w, config, "image-name", "gunyah-selftest");
	dtb_str(w, config, "os-type", "linux");

	at = dtb_node(w, config, "vdevices");
	dtb_str(w, at, "generate", "/hypervisor");
	for (i = dtb->nr_bells; i-- > 0;)
		add_bell(w, at, &dtb->bell[i]);
	if (dtb->rm_channel)
		add_rm_channel(w, at);
	at = dtb_node(w, config, "vcpus");
	dtb_str(w, at, "affinity", "proxy");
	if (dtb->no_timer_wakeups)
		dtb_flag(w, at, "no-timer-wakeups");
	at = dtb_node(w, config, "interrupts");
	DTB_CELLS(w, at, "config", DTB_GIC_PHANDLE);
	at = dtb_node(w, config, "memory");
	dtb_cell_sizes(w, at, 2, 2);
	DTB_CELLS(w, at, "base-address", dtb->base >> 32, dtb->base);
}

/* Ends the test if @size is too small */
void gt_write_dtb(void *dst, size_t size, const struct gt_dtb *dtb)
{
	struct dtb_writer w;
	int at;

	dtb_begin(&w, dst, size);
	dtb_str(&w, 0, "compatible", "linux,dummy-virt");
	DTB_CELLS(&w, 0, "interrupt-parent", DTB_GIC_PHANDLE);
	add_vm_config(&w, dtb);
	dtb_timer(&w);
	dtb_gic(&w, dtb->nr_vcpus, "interrupt-controller@3fff0000");
	dtb_psci(&w, "arm,psci-1.0\0arm,psci-0.2", 26);
	dtb_cpus(&w, dtb->nr_vcpus, "arm,armv8");
	dtb_reserved_memory(&w);
	at = dtb_node(&w, 0, "chosen");
	dtb_str(&w, at, "bootargs", "");
	dtb_end(&w);
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
