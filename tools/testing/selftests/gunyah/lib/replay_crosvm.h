/* SPDX-License-Identifier: GPL-2.0-only */
/* crosvm, step by step (ABI tables, uapi 5.1) */
#ifndef GT_REPLAY_CROSVM_H
#define GT_REPLAY_CROSVM_H

#include "replay.h"
#include "replay_dtb.h"

#define CROSVM_FDT_SIZE		0x200000UL
#define CROSVM_FIRMWARE		0x7fc00000UL
#define CROSVM_FIRMWARE_SIZE	0x400000UL
#define CROSVM_SWIOTLB_SIZE	0x10000UL

/* The device of the stub's boot option cma=, and what a trusted VM's owner knows of it */
#define CROSVM_CMA_DEVICE	"/dev/trustedvm_cma"
#define CROSVM_QTVM_ID		20
#define CROSVM_QTVM_PAS_ID	28
#define CROSVM_QTVM_METADATA	8192UL

/* SPIs: serial ports, RTC, battery, virtio devices, watchdog; indices of irq_evt */
#define CROSVM_NR_IRQS		8
extern const struct dtb_irq crosvm_irqs[CROSVM_NR_IRQS];
#define CROSVM_IRQ_SERIAL	0
#define CROSVM_IRQ_VIRTIO	4

/* Notification registers of virtio queues */
#define CROSVM_NR_QUEUES	5
#define CROSVM_QUEUE(i)		(0x2003000UL + 4 * (i))
extern const uint32_t crosvm_queue_len[CROSVM_NR_QUEUES];

/**
 * struct crosvm - a VM of crosvm
 * @r: the machine
 * @dev: /dev/gunyah
 * @is_protected: memory is lent, but for the swiotlb region
 * @firmware: and starts with the Resource Manager's firmware
 * @qtvm: or with an image that the platform authenticates, in memory of the CMA device
 * @ram_size: all of it; the last CROSVM_SWIOTLB_SIZE bytes are the pool of a protected VM
 * @payload: where in RAM the guest begins, or its image
 * @mem: RAM in this process, without the pool
 * @mem_fd: the file behind it
 * @pool: the pool
 * @fw_mem: room for the firmware
 * @nr_regions: labels used
 * @dtb: what the tree was written from
 * @irq_evt: of crosvm_irqs
 * @queue_evt: of the queues
 */
struct crosvm {
	struct replay r;
	int dev;
	bool is_protected;
	bool firmware;
	bool qtvm;
	uint64_t ram_size;
	uint64_t payload;
	char *mem;
	int mem_fd;
	char *pool;
	char *fw_mem;
	uint32_t nr_regions;
	struct dtb_program dtb;
	int irq_evt[CROSVM_NR_IRQS];
	int queue_evt[CROSVM_NR_QUEUES];
};

enum replay_end crosvm_loop(struct replay_vcpu *vcpu);

void crosvm_init(struct crosvm *c);
/* Steps 1 and 2, then each as it is numbered; those that tests look at return an errno */
void crosvm_create(struct crosvm *c);
long crosvm_region(struct crosvm *c, bool lend, uint64_t gpa, void *mem, uint64_t size,
		   uint32_t flags);
void crosvm_memory(struct crosvm *c);
void crosvm_vcpus(struct crosvm *c);
long crosvm_irq(struct crosvm *c, unsigned int i);
void crosvm_irqs_all(struct crosvm *c);
long crosvm_queue(struct crosvm *c, unsigned int i);
void crosvm_queues(struct crosvm *c);
void crosvm_fdt(struct crosvm *c);
long crosvm_authenticate(struct crosvm *c);
long crosvm_payload(struct crosvm *c);
/* Bytes of RAM without the pool */
uint64_t crosvm_main_size(const struct crosvm *c);
/* All of them up to and including 11; then START and the threads */
void crosvm_configure(struct crosvm *c);
void crosvm_boot(struct crosvm *c);
uint64_t crosvm_fdt_address(const struct crosvm *c);
/* The guest prints, reads the clock, is interrupted, notifies queues, starts vCPUs */
void crosvm_exercise(struct crosvm *c);
void crosvm_close(struct crosvm *c);

#endif
