/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the benchmark and its guest say to each other, through a device at
 * GUEST_CONTROL.  Read by the assembler as well.
 */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#define GUEST_CONTROL		0x0a000000
#define GUEST_CONTROL_SIZE	0x1000

#define GUEST_HERE		0x00	/* written once: the guest runs */
#define GUEST_COMMAND		0x08	/* read: GUEST_DO_* */
#define GUEST_COUNT		0x10	/* read: how often, at least 1 */
#define GUEST_RESULT		0x18	/* written: counter ticks that it took */
#define GUEST_DATA		0x20	/* what GUEST_DO_WRITE and _READ access */

#define GUEST_DO_POWER_OFF	0
#define GUEST_DO_NOTHING	1	/* the loop alone */
#define GUEST_DO_HYPERCALL	2
#define GUEST_DO_WRITE		3
#define GUEST_DO_READ		4

/* GUNYAH_SMCCC_UID, in a form that the assembler reads */
#define GUEST_HYPERCALL		0x8600ff01

#ifndef __ASSEMBLER__
extern const char guest_image[];
extern const unsigned long guest_image_size;
#endif

#endif
