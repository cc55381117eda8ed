// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Interrupts of objects, and the numbers that the host gets for its own.  How an
 * interrupt is delivered is the business of arch and of the virtual GIC.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "obj/vgic.h"
#include "obj/virq.h"
#include "obj/vm.h"

#define MAX_INTID	1020

static u64 in_use[ALIGN_UP(MAX_INTID, 64) / 64];
static unsigned int nr_used;

void virq_assert(const struct virq *virq)
{
	assert_locked();
	if (!virq->intid)
		return;
	if (virq->vm)
		vgic_set_line(&virq->vm->vgic, 0, virq->intid, true);
	else
		arch_host_irq_assert(virq->intid);
}

/* The host's are edges: nothing to take back */
void virq_clear(const struct virq *virq)
{
	assert_locked();
	if (virq->intid && virq->vm)
		vgic_set_line(&virq->vm->vgic, 0, virq->intid, false);
}

static bool is_used(u32 intid)
{
	return in_use[intid / 64] & BIT(intid % 64);
}

u32 host_virq_alloc(void)
{
	u32 last = min(arch_host_virq_last(), MAX_INTID - 1U);
	u32 intid;

	assert_locked();
	for (intid = arch_host_virq_first(); intid <= last; intid++)
		if (!is_used(intid)) {
			in_use[intid / 64] |= BIT(intid % 64);
			nr_used++;
			return intid;
		}
	return 0;
}

void host_virq_free(u32 intid)
{
	assert_locked();
	if (intid >= MAX_INTID || !is_used(intid))
		panic("interrupt %u is not in use", intid);
	in_use[intid / 64] &= ~BIT(intid % 64);
	nr_used--;
}

unsigned int host_virq_used(void)
{
	return nr_used;
}
