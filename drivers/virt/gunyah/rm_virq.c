// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of resources: the RM gives a number in our virtual interrupt
 * controller, Linux wants a mapping in the domain of that controller.
 */
#include <linux/irqdomain.h>
#include <linux/of.h>
#include <linux/of_irq.h>

#include "compat.h"
#include "rm_priv.h"
#include "rm_virq.h"

/* First cell of a GICv3's interrupt specifier (ABI tables, devicetree) */
#define GUNYAH_GIC_CLASS_SPI	0
#define GUNYAH_GIC_CLASS_ESPI	2

/* Ranges of interrupt numbers that the RM hands out (ABI tables, rm-rpc 5) */
static const struct gunyah_rm_virq_range {
	u32 first;
	u32 last;
	u32 gic_class;
} gunyah_rm_virq_ranges[] = {
	{ .first = 32, .last = 1019, .gic_class = GUNYAH_GIC_CLASS_SPI },
	{ .first = 4096, .last = 5119, .gic_class = GUNYAH_GIC_CLASS_ESPI },
};

/**
 * gunyah_rm_virq_to_cells() - the interrupt specifier of a number
 * @virq: INTID
 * @cells: class, number in that class, flags; all are edges
 *
 * Return: 0, or EINVAL for a number that no resource can have.
 */
int gunyah_rm_virq_to_cells(u32 virq, u32 cells[3])
{
	const struct gunyah_rm_virq_range *range;
	int i;

	for (i = 0; i < ARRAY_SIZE(gunyah_rm_virq_ranges); i++) {
		range = &gunyah_rm_virq_ranges[i];
		if (virq < range->first || virq > range->last)
			continue;
		cells[0] = range->gic_class;
		cells[1] = virq - range->first;
		cells[2] = IRQ_TYPE_EDGE_RISING;
		return 0;
	}

	return -EINVAL;
}

/**
 * gunyah_rm_map_virq() - make a Linux interrupt of a resource's
 * @rm: RM; its interrupt parent is the one of all resources
 * @virq: INTID as the RM said
 *
 * Return: the Linux interrupt; 0 for GUNYAH_VIRQ_NONE; EINVAL for a number out
 * of range, ENXIO when the interrupt controller does not have it.
 */
int gunyah_rm_map_virq(struct gunyah_rm *rm, u32 virq)
{
	struct irq_fwspec spec = { .param_count = 3 };
	struct device_node *parent;
	int irq, ret;

	if (virq == GUNYAH_VIRQ_NONE)
		return 0;

	ret = gunyah_rm_virq_to_cells(virq, spec.param);
	if (ret)
		return ret;

	parent = of_irq_find_parent(rm->dev->of_node);
	if (!parent)
		return -ENXIO;

	spec.fwnode = of_fwnode_handle(parent);
	irq = irq_create_fwspec_mapping(&spec);
	of_node_put(parent);

	return irq > 0 ? irq : -ENXIO;
}

/**
 * gunyah_rm_unmap_virq() - undo gunyah_rm_map_virq()
 * @rm: RM
 * @irq: what it returned; 0 and errors are ignored
 *
 * The interrupt has been freed.
 */
void gunyah_rm_unmap_virq(struct gunyah_rm *rm, int irq)
{
	if (irq > 0)
		irq_dispose_mapping(irq);
}
