/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Between the files of the virtual GIC; nobody else includes this. */
#ifndef STUB_OBJ_VGIC_INT_H
#define STUB_OBJ_VGIC_INT_H

#include "obj/vgic.h"

#define VGIC_NR_SGIS		16
#define VGIC_NR_INTIDS		(VGIC_PRIVATE + VGIC_NR_SPIS)

#define VGIC_PRIORITY_MASK	0xf8

#define GICD_CTLR_ENABLE_GRP1	BIT(1)
#define GICD_CTLR_ARE		BIT(4)
#define GICD_CTLR_DS		BIT(6)
#define GICD_IROUTER_IRM	BIT(31)
#define GICR_WAKER_SLEEP	BIT(1)		/* ProcessorSleep */
#define GICR_WAKER_ASLEEP	BIT(2)		/* ChildrenAsleep */

/* An interrupt and where it was found; @vcpu means nothing for an SPI */
struct vgic_ref {
	struct vgic *vgic;
	struct vgic_irq *irq;
	u32 intid;
	unsigned int vcpu;
};

/* False if there is no such interrupt */
bool vgic_find(struct vgic *vgic, unsigned int vcpu, u32 intid, struct vgic_ref *ref);

/* What GICD_ISPENDR shows */
bool vgic_irq_pending(const struct vgic_irq *irq);
/* Pending, and its own switches are on: enabled and in Group 1 */
bool vgic_irq_ready(const struct vgic_irq *irq);

/* vCPU that an SPI is routed to (private: its own), VGIC_NO_VCPU if there is none */
unsigned int vgic_route(const struct vgic_ref *ref);
/* Puts the interrupt's bit where it belongs now; returns the owner */
unsigned int vgic_requeue(const struct vgic_ref *ref);
/* State of an interrupt was written: requeue it, tell who has to know */
void vgic_changed(const struct vgic_ref *ref);
/* SPIs for anybody choose again, after a redistributor fell asleep or woke up */
void vgic_reroute_any(struct vgic *vgic);

/* Its line may have gone low unnoticed */
void vgic_resample_line(const struct vgic_ref *ref);
/* Left the active state: the same, and who waits for that is told */
void vgic_deactivated(const struct vgic_ref *ref);

void vgic_kick(struct vgic *vgic, unsigned int vcpu);

/* First queued INTID of @vcpu that is at least @from, VGIC_NR_INTIDS if none */
u32 vgic_next_queued(const struct vgic *vgic, unsigned int vcpu, u32 from);

#endif
