/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices of CMA memory for guests.  Layer 8. */
#ifndef _GUNYAH_CMA_H
#define _GUNYAH_CMA_H

#include <linux/types.h>

int gunyah_cma_register(void);
void gunyah_cma_unregister(void);

/* How many devices there are, for GUNYAH_CAP_CMA */
unsigned int gunyah_cma_count(void);

bool gunyah_cma_name(char *name, size_t size, const char *label);

#endif
