/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Memory extents and address spaces (hypercall 9): demand paging's way of giving
 * pages to a guest.  Each guest has four sparse extents and one address space:
 *
 *	label	extent		its pages				access
 *	0	guest_private	PRIVATE, or JOINT in an unprotected VM	RWX
 *	1	host_shared	HOST					RWX
 *	2	host_private	HOST					RWX
 *	3	guest_shared	JOINT					RW
 *
 * The host's two are names for "what the host owns".  Offsets in all of them are
 * physical addresses.  Donation types (9.1, 9.3): 3 from host_private to
 * guest_private, 4 back; 2 (sibling) between host_shared and guest_shared, both ways,
 * and, if the VM is not protected, between host_shared and guest_private.
 *
 * An extent of a guest remembers where its pages are wanted (mapping records), also
 * of pages that it does not own yet.  Up to 4 records for a page; they live in tables
 * from physical address to guest address, see stage2_init_record().
 */
#ifndef STUB_OBJ_MEMEXTENT_H
#define STUB_OBJ_MEMEXTENT_H

#include "lib/types.h"
#include "mm/stage2.h"

struct vm;

#define MEMEXTENT_SLOTS		4
#define ADDRSPACE_MAX_VMMIO	128
#define ADDRSPACE_MAX_DEMAND	64

enum memextent_kind {
	MEMEXTENT_GUEST_PRIVATE,	/* the values are the labels of hypercall 9.3 */
	MEMEXTENT_HOST_SHARED,
	MEMEXTENT_HOST_PRIVATE,
	MEMEXTENT_GUEST_SHARED,
	MEMEXTENT_NR,
};

/**
 * struct memextent - one extent of a VM
 * @kind: which of the four
 * @vm: the VM that it belongs to
 * @host_cap: the host's capability
 * @id: its id in the page database
 * @access: S2_* that a mapping may have at most
 * @record: where its pages are mapped; ipa of these tables is the physical address.
 *	Tables that have no root yet are unused slots
 */
struct memextent {
	enum memextent_kind kind;
	struct vm *vm;
	u64 host_cap;
	u32 id;
	u32 access;
	struct stage2 record[MEMEXTENT_SLOTS];
};

struct addr_range {
	u64 base;
	u64 size;
};

/**
 * struct addrspace - the guest's view of memory
 * @host_cap: the host's capability (MAP, LOOKUP)
 * @guest_cap: the guest's own (LOOKUP, ADD_VMMIO_RANGE), 0: it was not given one
 * @nr_vmmio: entries of @vmmio
 * @vmmio: accesses that exit to the host; first the default one (hypercall 7.3)
 * @nr_demand: entries of @demand
 * @demand: faults here exit with PAGE_FAULT (7); from SET_DEMAND_PAGING
 */
struct addrspace {
	u64 host_cap;
	u64 guest_cap;
	unsigned int nr_vmmio;
	struct addr_range vmmio[ADDRSPACE_MAX_VMMIO];
	unsigned int nr_demand;
	struct addr_range demand[ADDRSPACE_MAX_DEMAND];
};

/*
 * The RM's side, all under the stub's lock.  Only the production profile calls
 * memextents_add(): a VM without it has no extents and no capabilities for them.
 */

/*
 * Four extents and the address space, with capabilities for the host.  Once, between
 * vm_create() and vm_start().  @protected: no JOINT pages in guest_private.
 * NOMEM, CSPACE_FULL; nothing is left behind.
 */
int memextents_add(struct vm *vm, bool protected) __must_check;
/* At vm_destroy(): pages that the host never took back become its own again, wiped */
void memextents_destroy(struct vm *vm);
/* The guest will page-fault on [base, base + size); NORESOURCES, ARGUMENT_INVALID: overlap */
int addrspace_add_demand(struct vm *vm, u64 base, u64 size) __must_check;
/* Some fault of the guest at @ipa is the host's to resolve (demand range) */
bool addrspace_in_demand(const struct vm *vm, u64 ipa);
/* All of [ipa, ipa + size) lies in one VMMIO range */
bool addrspace_in_vmmio(const struct vm *vm, u64 ipa, u64 size);

#endif
