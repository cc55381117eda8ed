/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of rm_virq.c that needs no interrupt controller: for tests. */
#ifndef _GUNYAH_RM_VIRQ_H
#define _GUNYAH_RM_VIRQ_H

#include <linux/types.h>

int gunyah_rm_virq_to_cells(u32 virq, u32 cells[3]);

#endif
