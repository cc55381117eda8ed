/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Doorbells (hypercall 5).  Results are GUNYAH_ERR_*. */
#ifndef STUB_OBJ_DOORBELL_H
#define STUB_OBJ_DOORBELL_H

#include "lib/types.h"
#include "obj/virq.h"

struct doorbell {
	u64 flags;
	u64 enable_mask;
	u64 ack_mask;
	struct virq virq;
	bool level;		/* receiver's line is level: pending while flags & enable */
};

void doorbell_init(struct doorbell *bell);
int doorbell_send(struct doorbell *bell, u64 flags, u64 *old);
int doorbell_receive(struct doorbell *bell, u64 clear, u64 *old);
int doorbell_reset(struct doorbell *bell);
int doorbell_mask(struct doorbell *bell, u64 enable, u64 ack);
/* Level re-check: is the line high now? (used by the vgic when it re-samples) */
bool doorbell_level(const struct doorbell *bell);

#endif
