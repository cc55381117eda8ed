/* SPDX-License-Identifier: GPL-2.0-only */
/* gunyah-test-vmm, step by step (ABI tables, uapi 5.3) */
#ifndef GT_REPLAY_TEST_VMM_H
#define GT_REPLAY_TEST_VMM_H

#include "replay.h"
#include "replay_dtb.h"

/* MAP_MEM, as the default build has its flags */
#define TVMM_LEND	0x1
#define TVMM_SHARE	0x2
#define TVMM_R		0x10
#define TVMM_W		0x20
#define TVMM_X		0x40
#define TVMM_RWX	0x70
#define TVMM_UNMAP	0x100

#define TVMM_RAM_SIZE	0x200000UL
#define TVMM_DTB	(REPLAY_RAM + 0x100000UL)
#define TVMM_DTB_SIZE	0x10000UL
#define TVMM_AREA	(REPLAY_RAM + 0x400000UL)
#define TVMM_AREA_SIZE	0x10000UL
#define TVMM_SPI	5

/**
 * struct tvmm - a VM of gunyah-test-vmm
 * @r: the machine; its descriptor of the VM is a copy
 * @dev: /dev/gunyah
 * @vm: the descriptor that CREATE_VM returned
 * @ack: the build for the Android common kernels: memory of the process
 * @way: of RAM: flags of MAP_MEM, without those for access
 * @nr_regions: of the ack-bindings: the label before the next one
 * @ram_fd: file with RAM
 * @dtb: address of the tree
 * @dtb_fd: the file it is in, if that is not RAM
 * @area_fd: file for tests
 * @area: the same as memory of this process (ack)
 * @ram: RAM as memory of this process (ack)
 * @irq_evt: of TVMM_SPI
 */
struct tvmm {
	struct replay r;
	int dev;
	int vm;
	bool ack;
	uint32_t way;
	uint32_t nr_regions;
	int ram_fd;
	uint64_t dtb;
	int dtb_fd;
	int area_fd;
	char *area;
	char *ram;
	int irq_evt;
};

enum replay_end tvmm_loop(struct replay_vcpu *vcpu);

void tvmm_init(struct tvmm *t, bool ack);
/* CREATE_VM, vCPUs, irqfds */
void tvmm_create(struct tvmm *t);
int tvmm_add_vcpu(struct tvmm *t, uint32_t id);
/* As the program's object for a vCPU is dropped: the function first, then the rest */
void tvmm_drop_vcpu(struct tvmm *t, uint32_t id);
/* Guest memory: a file, MAP_MEM of all of it, what is to be undone by UNMAP */
int tvmm_file(struct tvmm *t, uint64_t size);
long tvmm_map(struct tvmm *t, int fd, uint64_t offset, uint64_t gpa, uint64_t size,
	      uint32_t flags);
/* ack-bindings */
long tvmm_region(struct tvmm *t, bool lend, uint64_t gpa, void *mem, uint64_t size,
		 uint32_t access);
/* RAM with guest and tree, then SET_DTB_CONFIG */
void tvmm_memory(struct tvmm *t);
/* The first error of both registers */
long tvmm_boot_context(struct tvmm *t);
/* All of them up to START, which has to succeed; the threads run */
void tvmm_boot(struct tvmm *t);
void tvmm_close(struct tvmm *t);

#endif
