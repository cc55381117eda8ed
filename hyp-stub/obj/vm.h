/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A guest: its vCPUs, stage 2, interrupt controller and capabilities.  The RM
 * builds it through these functions; what the states of the RM's life cycle mean
 * is the RM's business.
 */
#ifndef STUB_OBJ_VM_H
#define STUB_OBJ_VM_H

#include "lib/types.h"
#include "mm/stage2.h"
#include "obj/cap.h"
#include "obj/doorbell.h"
#include "obj/memextent.h"
#include "obj/msgq.h"
#include "obj/vcpu.h"
#include "obj/vgic.h"

#define VM_MAX_VCPUS		8
#define VM_MAX_DOORBELLS	64
#define VM_IPA_BITS		40
#define INTID_GUEST_VTIMER	27
/* The open hypervisor shows a guest one read-only page of zeroes here (ABI README) */
#define VM_INFO_IPA		0x40000000ULL

/**
 * struct vm_doorbell - a doorbell between host and guest
 * @bell: the object
 * @label: from the guest's configuration
 * @host_cap: capability in the host's space
 * @guest_cap: capability in the guest's space
 * @from_guest: the guest sends, the host receives
 * @host_virq: the host's interrupt: of the bell if it receives, else of the guest's EOI;
 *	0: none
 * @spi: the guest's INTID if it receives
 */
struct vm_doorbell {
	struct doorbell bell;
	u32 label;
	u64 host_cap;
	u64 guest_cap;
	bool from_guest;
	u32 host_virq;
	u32 spi;
};

/**
 * struct vm_link - a guest's queues to and from a service in the stub
 * @used: there is one
 * @tx_cap: the guest sends, capability in its space
 * @rx_cap: it receives
 * @tx_spi: INTID: space available
 * @rx_spi: INTID: data available
 */
struct vm_link {
	bool used;
	u64 tx_cap;
	u64 rx_cap;
	u32 tx_spi;
	u32 rx_spi;
};

/* Why a guest stopped by itself; the RM makes an exit notification of it */
enum vm_halt {
	VM_HALT_OFF,		/* PSCI SYSTEM_OFF */
	VM_HALT_RESET,		/* PSCI SYSTEM_RESET */
	VM_HALT_RESET2,		/* PSCI SYSTEM_RESET2 */
	VM_HALT_FAULT,		/* a vCPU that cannot go on */
};

struct vm_halt_info {
	enum vm_halt why;
	u32 reset_type;		/* RESET2 */
	u64 cookie;		/* RESET2 */
	bool smc64;		/* RESET2 in its 64 bit form */
};

struct vm {
	u16 vmid;
	bool started;
	bool dead;			/* halted or killed: no vCPU enters any more */
	bool psci;			/* PSCI enabled */
	bool timers_by_host;		/* which wakes sleepers in time (hypercall 7.2) */
	u32 vcpu_rights;		/* of the host, beside those to run them */
	unsigned int nr_vcpus;
	unsigned int nr_bells;
	struct stage2 s2;
	struct addrspace as;
	struct memextent *extents;	/* MEMEXTENT_NR of them, NULL: none */
	struct cspace cspace;
	struct vcpu *vcpus[VM_MAX_VCPUS];
	struct vm_doorbell bells[VM_MAX_DOORBELLS];
	struct vm_link link;
	struct vgic vgic;
	void *rm;			/* the RM's own record */
};

/* Called once, when the guest halts by itself; set by the RM at its start */
extern void (*vm_halted)(struct vm *vm, const struct vm_halt_info *info);

/*
 * NULL when memory has run out.  Comes with address space, capability space and
 * virtual GIC, without vCPUs, doorbells and memory.
 */
struct vm *vm_create(u16 vmid);
/*
 * Everything goes back: no vCPU may run (vm_kill() and vm_quiesced() first).
 * Stage 2 mappings vanish, ownership of the memory is the RM's business.
 */
void vm_destroy(struct vm *vm);

/*
 * Adds vCPU number nr_vcpus; the host's capability and wake-up interrupt are in
 * the vcpu afterwards.  NORESOURCES, NOMEM, CSPACE_FULL.
 */
int vm_add_vcpu(struct vm *vm, bool boot) __must_check;
/* @spi: INTID wanted by the guest, 0: lowest free SPI. @level from its configuration */
int vm_add_doorbell(struct vm *vm, u32 label, bool from_guest, bool source_can_clear, u32 spi,
		    bool level, struct vm_doorbell **out) __must_check;
/*
 * The host gets an interrupt each time that the guest deactivates that of @b, which the
 * guest receives.  NORESOURCES
 */
int vm_add_bell_eoi(struct vm_doorbell *b) __must_check;
/* For a device: INTID @spi, or if that is 0 any.  0: taken, none such, none left */
u32 vm_choose_spi(const struct vm *vm, u32 spi);
/*
 * The guest's end of two queues that somebody else keeps until vm_remove_link(), which
 * is before vm_destroy().  SPIs as above.  NORESOURCES, CSPACE_FULL
 */
int vm_add_link(struct vm *vm, struct msgq *from_guest, struct msgq *to_guest, u32 tx_spi,
		u32 rx_spi) __must_check;
void vm_remove_link(struct vm *vm);
void vm_set_gic(struct vm *vm, u64 gicd_base, u64 gicr_base, u64 gicr_stride);

/* Registers of all boot vCPUs, then they are on and vcpu_run enters them */
void vm_start(struct vm *vm, u64 entry, u64 context);
/* For the boot vCPU before vm_start(); overrides entry and context. GUNYAH_ERR_* */
int vm_set_boot_reg(struct vm *vm, u8 set, u8 index, u64 value) __must_check;

/*
 * STOP, or the guest halted: no vCPU enters again, those inside leave (kicked),
 * sleepers' wake-up interrupts are raised.
 */
void vm_kill(struct vm *vm);
/* No vCPU is inside a guest */
bool vm_quiesced(const struct vm *vm);

/* VMs that exist, NULL where there is none */
#define VM_MAX			64
extern struct vm *vm_table[VM_MAX];

/*
 * The guest halts by itself (PSCI, or a vCPU that cannot go on): no vCPU enters
 * again and the RM hears of it.
 */
void vm_halt(struct vcpu *vcpu, const struct vm_halt_info *info);

/* The host's address space and capability space */
extern struct stage2 host_s2;
extern struct cspace host_cspace;
/* Heap of all objects above */
extern struct page_pool object_pool;
/*
 * Guests' stage 2 tables (bounded, size chosen at boot); what is set aside to split
 * their blocks; mapping records of extents
 */
extern struct page_pool guest_table_pool, guest_reserve_pool, record_pool;

#endif
