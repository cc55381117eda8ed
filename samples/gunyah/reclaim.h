/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes the guest's memory back now and then, as a balloon would
 */
#ifndef VMM_RECLAIM_H
#define VMM_RECLAIM_H

#include "vm.h"

/* Every @pause_ms milliseconds, in a thread of its own, until reclaim_stop() */
void reclaim_start(struct vm *vm, unsigned long pause_ms);

/* Ends it and says what came of it. */
void reclaim_stop(void);

#endif
