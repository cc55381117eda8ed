/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The way to where a recorded case begins: VMs in the right state, parcels with the
 * handles of the recording.  For test_rm_replay.c.
 */
#ifndef STUB_TESTS_RM_WAY_H
#define STUB_TESTS_RM_WAY_H

#include "tests/rm_env.h"

/* A step has failed: the next case cannot be judged.  Who looks at it clears it */
extern bool way_barred;

void way_reset(void);
void way_check(u32 error);

/* Handles of the recording and those of the RM under test */
void way_map_handle(u32 recorded, u32 actual);
u32 way_our_handle(u32 recorded);
void way_forget_handle(u32 recorded);
/* RECLAIM if nobody uses it */
void way_drop_parcel(u32 actual);

u8 way_state_of(const char *name);
/* "VMID STATE TREE KIND HANDLE", see import_rm.py */
void way_vm(const char *args);

#endif
