// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree of QEMU with its Gunyah accelerator (ABI tables, uapi 5.2): of the
 * series that was posted, and of the forks for Android phones.
 */

#include "dtb_write.h"
#include "gt.h"
#include "replay.h"
#include "replay_dtb.h"

static void vm_config(struct dtb_writer *w, const struct dtb_program *p, bool fork)
{
	int config = dtb_node(w, 0, "gunyah-vm-config");
	unsigned int i;
	int at;

	dtb_str(w, config, "image-name", "qemu-vm");
	dtb_str(w, config, "os-type", "linux");
	at = dtb_node(w, config, "vdevices");
	dtb_str(w, at, "generate", "/hypervisor");
	if (p->swiotlb)
		dtb_str(w, dtb_shm(w, at, p->swiotlb_label, p->swiotlb),
			"push-compatible", "dma");
	for (i = p->nr_irqs; i-- > 0;)
		dtb_flag(w, dtb_bell(w, at, p->irq[i].label, p->irq[i].label, p->irq[i].level),
			 "source-can-clear");
	at = dtb_node(w, config, "vcpus");
	dtb_str(w, at, "affinity", "proxy");
	at = dtb_node(w, config, "interrupts");
	DTB_CELLS(w, at, "config", DTB_GIC_PHANDLE);
	at = dtb_node(w, config, "memory");
	dtb_cell_sizes(w, at, 2, 2);
	dtb_u64(w, at, "base-address", fork ? 0 : p->base);
	if (fork)
		dtb_u64(w, at, "size-max", 0x780000000ULL);
}

size_t dtb_qemu(void *dst, size_t size, const struct dtb_program *p, bool fork)
{
	struct dtb_writer w;
	int at;

	dtb_begin(&w, dst, size);
	dtb_str(&w, 0, "compatible", "linux,dummy-virt");
	dtb_str(&w, 0, "model", "linux,dummy-virt");
	DTB_CELLS(&w, 0, "interrupt-parent", DTB_GIC_PHANDLE);
	vm_config(&w, p, fork);
	dtb_timer(&w);
	dtb_gic(&w, p->nr_vcpus, "intc@3fff0000");
	dtb_psci(&w, "arm,psci-1.0\0arm,psci-0.2\0arm,psci", 35);
	dtb_cpus(&w, p->nr_vcpus, "arm,armv8");
	at = dtb_node(&w, 0, "memory");
	dtb_str(&w, at, "device_type", "memory");
	DTB_CELLS(&w, at, "reg", p->base >> 32, p->base, p->size >> 32, p->size);
	at = dtb_node(&w, 0, "chosen");
	dtb_str(&w, at, "stdout-path", "/pl011@9000000");
	return dtb_end(&w);
}
