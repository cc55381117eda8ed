/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Where an object's interrupt goes: to the host (a physical SPI that the machine
 * does not use) or to a guest's virtual GIC.
 */
#ifndef STUB_OBJ_VIRQ_H
#define STUB_OBJ_VIRQ_H

#include "lib/types.h"

struct vm;

/**
 * struct virq - one interrupt line
 * @vm: the guest that gets it, NULL for the host
 * @intid: number in the receiver's interrupt controller, 0 if unbound
 */
struct virq {
	struct vm *vm;
	u32 intid;
};

/* Edge: pulse.  For a guest's level line, level stays until virq_clear() */
void virq_assert(const struct virq *virq);
void virq_clear(const struct virq *virq);

/* INTIDs for the host, lowest free first; 0 when they have run out */
u32 host_virq_alloc(void);
void host_virq_free(u32 intid);
unsigned int host_virq_used(void);

#endif
