// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree of gunyah-test-vmm (ABI tables, uapi 5.3), with the property that it
 * misspells.
 */
#include <libfdt.h>
#include <stdio.h>

#include "dtb_write.h"
#include "gt.h"
#include "replay.h"
#include "replay_dtb.h"

static void vm_config(struct dtb_writer *w, const struct dtb_program *p)
{
	int config = dtb_node(w, 0, "gunyah-vm-config");
	unsigned int i;
	int at;

	dtb_str(w, config, "image-name", "gunyah-vmm-vm");
	dtb_str(w, config, "os-type", "linux");
	at = dtb_node(w, config, "vdevices");
	dtb_str(w, at, "generate", "/hypervisor");
	for (i = p->nr_irqs; i-- > 0;)
		dtb_flag(w, dtb_bell(w, at, p->irq[i].label, p->irq[i].label, p->irq[i].level),
			 "source-can-clean");
	at = dtb_node(w, config, "vcpus");
	dtb_str(w, at, "affinity", "proxy");
	at = dtb_node(w, config, "interrupts");
	DTB_CELLS(w, at, "config", DTB_GIC_PHANDLE);
	at = dtb_node(w, config, "memory");
	dtb_cell_sizes(w, at, 2, 2);
	dtb_u64(w, at, "base-address", p->base);
}

/* Empty: there are none, but the property has to be there */
static void idle_states(struct dtb_writer *w, unsigned int nr)
{
	char path[32];

	while (nr-- > 0) {
		snprintf(path, sizeof(path), "/cpus/cpu@%x", nr);
		dtb_flag(w, fdt_path_offset(w->fdt, path), "cpu-idle-states");
	}
}

size_t dtb_test_vmm(void *dst, size_t size, const struct dtb_program *p)
{
	struct dtb_writer w;
	int at;

	dtb_begin(&w, dst, size);
	dtb_str(&w, 0, "compatible", "linux,dummy-virt");
	DTB_CELLS(&w, 0, "interrupt-parent", DTB_GIC_PHANDLE);
	vm_config(&w, p);
	at = dtb_timer(&w);
	DTB_CELLS(&w, at, "clock-frequency", 19200000);
	dtb_gic(&w, p->nr_vcpus, "intc");
	dtb_psci(&w, "arm,psci-1.0", 13);
	dtb_cpus(&w, p->nr_vcpus, "arm,arm-v8");
	idle_states(&w, p->nr_vcpus);
	at = dtb_node(&w, 0, "chosen");
	dtb_str(&w, at, "bootargs", "");
	return dtb_end(&w);
}
