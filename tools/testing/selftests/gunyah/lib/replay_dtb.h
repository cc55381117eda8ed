/* SPDX-License-Identifier: GPL-2.0-only */
/* Device trees as the replayed programs write them (ABI tables, uapi 5) */
#ifndef GT_REPLAY_DTB_H
#define GT_REPLAY_DTB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DTB_MAX_IRQS	80

struct dtb_irq {
	uint32_t label;
	bool level;
};

/**
 * struct dtb_program - what a program's tree depends on
 * @nr_vcpus: how many
 * @base: of RAM
 * @size: of RAM, without what is shared of a protected VM
 * @firmware: its address, 0: none
 * @no_timer_wakeups: the host wakes sleeping vCPUs
 * @swiotlb: address of the pool, 0: none
 * @swiotlb_size: bytes of it
 * @swiotlb_label: of the region it is
 * @nr_irqs: doorbells
 * @irq: their labels, which are the numbers of the SPIs
 */
struct dtb_program {
	unsigned int nr_vcpus;
	uint64_t base, size;
	uint64_t firmware;
	bool no_timer_wakeups;
	uint64_t swiotlb, swiotlb_size;
	uint32_t swiotlb_label;
	unsigned int nr_irqs;
	struct dtb_irq irq[DTB_MAX_IRQS];
};

/* Bytes of the tree */
size_t dtb_crosvm(void *dst, size_t size, const struct dtb_program *p);
/* @fork: of the Android forks, otherwise of the series for QEMU */
size_t dtb_qemu(void *dst, size_t size, const struct dtb_program *p, bool fork);
size_t dtb_test_vmm(void *dst, size_t size, const struct dtb_program *p);

#endif
