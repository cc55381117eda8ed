/* SPDX-License-Identifier: GPL-2.0-only */
/* QEMU with its Gunyah accelerator, step by step (ABI tables, uapi 5.2) */
#ifndef GT_REPLAY_QEMU_H
#define GT_REPLAY_QEMU_H

#include "replay.h"
#include "replay_dtb.h"

#define QEMU_RAM_SIZE		0x600000UL
#define QEMU_SWIOTLB_SIZE	0x10000UL
/* Forks lend 256 MiB at a time; the test's host has less than that to give */
#define QEMU_CHUNK		0x200000UL
#define QEMU_DTB		(REPLAY_RAM + 0x400000UL)
/* No multiple of the page size: it is rounded up (uapi 6.9) */
#define QEMU_DTB_SIZE		0xff800UL
/* As many SPIs as the stub's Resource Manager has room for, and the pool as well */
#define QEMU_NR_SPIS		64
#define QEMU_MAX_IRQS		QEMU_NR_SPIS
#define QEMU_EVENT(i)		(0x0a000050UL + 0x200 * (i))
#define QEMU_NR_EVENTS		3

/**
 * struct qemu - a VM of QEMU
 * @r: the machine
 * @dev: /dev/gunyah
 * @fork: as the forks for Android phones have it
 * @confidential: RAM is lent, all but the pool at its end
 * @mem: RAM
 * @nr_slots: labels used
 * @dtb: what the tree was written from
 * @nr_irqs: irqfds, @irq_evt
 * @refused: how many irqfds were
 * @event: of ioeventfds
 * @ready: vCPUs that their threads have made; under r.lock
 * @go: they may enter them; likewise
 * @faults: exits for page faults; only written by the boot vCPU's thread
 */
struct qemu {
	struct replay r;
	int dev;
	bool fork;
	bool confidential;
	char *mem;
	uint32_t nr_slots;
	struct dtb_program dtb;
	unsigned int nr_irqs;
	int irq_evt[QEMU_MAX_IRQS];
	unsigned int refused;
	int event[QEMU_NR_EVENTS];
	unsigned int ready;
	bool go;
	unsigned int faults;
};

void qemu_init(struct qemu *q, bool fork, bool confidential);
/* Everything but START */
void qemu_configure(struct qemu *q);
long qemu_start(struct qemu *q);
/* Threads that wait for START may go on */
void qemu_go(struct qemu *q);
void qemu_boot(struct qemu *q);
/* The interrupt with this index rings, and is taken for the n-th time */
void qemu_ring(struct qemu *q, unsigned int i, uint64_t n);
void qemu_close(struct qemu *q);

#endif
