// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree that crosvm writes for Gunyah (ABI tables, uapi 5.1, devicetree b).
 *
 * Cell sizes are where crosvm puts them: in the nodes themselves, not in their parents,
 * which is where the open Resource Manager looks; it finds the defaults, 2 and 1.
 */
#include "dtb_write.h"
#include "gt.h"
#include "replay.h"
#include "replay_dtb.h"

#define SIZE_MAX_OF_VM		0x780000000ULL
#define DMA_PHANDLE		2
#define CLOCK_PHANDLE		24
#define PCI_CONFIG		0x10000
#define PCI_MEM			0x2000000
#define PCI_MEM_SIZE		0x2000000

static void vm_config(struct dtb_writer *w, const struct dtb_program *p)
{
	int config = dtb_node(w, 0, "gunyah-vm-config");
	unsigned int i;
	int at;

	dtb_str(w, config, "image-name", "crosvm-vm");
	dtb_str(w, config, "os-type", "linux");
	at = dtb_node(w, config, "vdevices");
	dtb_str(w, at, "generate", "/hypervisor");
	if (p->swiotlb)
		dtb_shm(w, at, p->swiotlb_label, p->swiotlb);
	for (i = p->nr_irqs; i-- > 0;)
		dtb_flag(w, dtb_bell(w, at, p->irq[i].label, p->irq[i].label, p->irq[i].level),
			 "source-can-clear");
	at = dtb_node(w, config, "vcpus");
	dtb_str(w, at, "affinity", "proxy");
	if (p->no_timer_wakeups)
		dtb_flag(w, at, "no-timer-wakeups");
	at = dtb_node(w, config, "interrupts");
	DTB_CELLS(w, at, "config", DTB_GIC_PHANDLE);
	at = dtb_node(w, config, "memory");
	dtb_cell_sizes(w, at, 2, 2);
	dtb_u64(w, at, "base-address", p->base);
	dtb_u64(w, at, "size-max", SIZE_MAX_OF_VM);
	if (p->firmware)
		dtb_u64(w, at, "firmware-address", p->firmware);
}

static void dma_pool(struct dtb_writer *w, const struct dtb_program *p)
{
	int at = dtb_node(w, dtb_reserved_memory(w), "restricted_dma_reserved");

	dtb_str(w, at, "compatible", "restricted-dma-pool");
	DTB_CELLS(w, at, "reg", p->swiotlb >> 32, p->swiotlb, p->swiotlb_size >> 32,
		  p->swiotlb_size);
	dtb_u64(w, at, "alignment", 0x10000);
	DTB_CELLS(w, at, "phandle", DMA_PHANDLE);
}

static void pci(struct dtb_writer *w, const struct dtb_program *p)
{
	int at = dtb_node(w, 0, "pci");

	dtb_str(w, at, "compatible", "pci-host-cam-generic");
	dtb_str(w, at, "device_type", "pci");
	DTB_CELLS(w, at, "#address-cells", 3);
	DTB_CELLS(w, at, "#size-cells", 2);
	DTB_CELLS(w, at, "#interrupt-cells", 1);
	dtb_flag(w, at, "dma-coherent");
	DTB_CELLS(w, at, "reg", 0, PCI_CONFIG, 0, 0x1000000);
	DTB_CELLS(w, at, "ranges", 0x2000000, 0, PCI_MEM, 0, PCI_MEM, 0, PCI_MEM_SIZE);
	DTB_CELLS(w, at, "interrupt-map-mask", 0xf800, 0, 0, 7);
	DTB_CELLS(w, at, "interrupt-map", 0x800, 0, 0, 1, DTB_GIC_PHANDLE, 0, 0, 0, 4, 4);
	if (p->swiotlb)
		DTB_CELLS(w, at, "memory-region", DMA_PHANDLE);
}

static void serial(struct dtb_writer *w)
{
	int at = dtb_node(w, 0, "U6_16550A@3f8");

	dtb_str(w, at, "compatible", "ns16550a");
	DTB_CELLS(w, at, "reg", 0, REPLAY_SERIAL, 0, 8);
	DTB_CELLS(w, at, "clock-frequency", 1843200);
	DTB_CELLS(w, at, "interrupts", 0, 0, 1);
}

static void rtc(struct dtb_writer *w)
{
	int at = dtb_node(w, 0, "rtc@2000");

	dtb_bytes(w, at, "compatible", "arm,pl030\0arm,primecell", 24);
	DTB_CELLS(w, at, "arm,primecell-periphid", 0x41030);
	DTB_CELLS(w, at, "reg", 0, REPLAY_RTC, 0, 0x1000);
	DTB_CELLS(w, at, "interrupts", 0, 1, 4);
	DTB_CELLS(w, at, "clocks", CLOCK_PHANDLE);
	dtb_str(w, at, "clock-names", "apb_pclk");
	at = dtb_node(w, 0, "pclk@3M");
	dtb_str(w, at, "compatible", "fixed-clock");
	DTB_CELLS(w, at, "#clock-cells", 0);
	DTB_CELLS(w, at, "clock-frequency", 3141592);
	DTB_CELLS(w, at, "phandle", CLOCK_PHANDLE);
}

size_t dtb_crosvm(void *dst, size_t size, const struct dtb_program *p)
{
	struct dtb_writer w;
	int at;

	dtb_begin(&w, dst, size);
	dtb_str(&w, 0, "compatible", "linux,dummy-virt");
	DTB_CELLS(&w, 0, "interrupt-parent", DTB_GIC_PHANDLE);
	vm_config(&w, p);
	pci(&w, p);
	rtc(&w);
	serial(&w);
	dtb_psci(&w, "arm,psci-0.2", 13);
	dtb_timer(&w);
	dtb_gic(&w, p->nr_vcpus, "intc");
	dtb_cpus(&w, p->nr_vcpus, "arm,armv8");
	at = dtb_node(&w, 0, "memory");
	dtb_str(&w, at, "device_type", "memory");
	DTB_CELLS(&w, at, "reg", p->base >> 32, p->base, p->size >> 32, p->size);
	at = dtb_node(&w, 0, "chosen");
	dtb_str(&w, at, "bootargs", "panic=-1");
	if (p->swiotlb)
		dma_pool(&w, p);
	return dtb_end(&w);
}
