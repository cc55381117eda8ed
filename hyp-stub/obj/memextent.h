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
#define MEMEXTENT_SIZE		BIT(40)		/* each of them begins at 0 */
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
 * @protected: the VM is: no JOINT pages in guest_private
 * @host_cap: the host's capability
 * @id: its id in the page database
 * @access: S2_* that a mapping may have at most
 * @nr: pages that it owns (the guest's two)
 * @low: no page below this was ever its own
 * @high: nor this one, or one behind
 * @record: where its pages are mapped; ipa of these tables is the physical address.
 *	Tables that have no root yet are unused slots
 */
struct memextent {
	enum memextent_kind kind;
	struct vm *vm;
	bool protected;
	u64 host_cap;
	u32 id;
	u32 access;
	u64 nr;
	u64 low;
	u64 high;
	struct stage2 record[MEMEXTENT_SLOTS];
};

struct addr_range {
	u64 base;
	u64 size;
};

/**
 * struct addrspace - the guest's view of memory
 * @vm: the guest
 * @host_cap: the host's capability (MAP, LOOKUP)
 * @guest_cap: the guest's own (LOOKUP, ADD_VMMIO_RANGE), unless there are no extents
 * @info_ipa: the guest's information area, where it is not hidden by other memory
 * @info_pa: the page of it, 0: the one of zeroes that guests share
 * @nr_vmmio: entries of @vmmio
 * @vmmio: accesses that exit to the host; first the default one (hypercall 7.3)
 * @nr_demand: entries of @demand
 * @demand: faults here exit with PAGE_FAULT (7); from SET_DEMAND_PAGING
 */
struct addrspace {
	struct vm *vm;
	u64 host_cap;
	u64 guest_cap;
	u64 info_ipa;
	u64 info_pa;
	unsigned int nr_vmmio;
	struct addr_range vmmio[ADDRSPACE_MAX_VMMIO];
	unsigned int nr_demand;
	struct addr_range demand[ADDRSPACE_MAX_DEMAND];
};

/* At vm_create(): the default VMMIO range, no capabilities */
void addrspace_init(struct vm *vm);
/* What memextents_add() and memextents_destroy() do about the address space */
int addrspace_add_caps(struct vm *vm) __must_check;
void addrspace_remove_caps(struct vm *vm);

/*
 * The RM's side, all under the stub's lock.  Only the production profile calls
 * memextents_add(): a VM without it has no extents and no capabilities for them.
 */

/*
 * Four extents and the address space, with capabilities for the host; the guest's own
 * one is in a page of its own, in place of the zeroes.  Once, between vm_create() and
 * vm_start().  @protected: no JOINT pages in guest_private.
 * NOMEM, CSPACE_FULL; nothing is left behind.
 */
int memextents_add(struct vm *vm, bool protected) __must_check;
/*
 * At vm_destroy(), behind the guest's stage 2: pages that the host never took back
 * become its own again, those of which it had no view wiped.
 */
void memextents_destroy(struct vm *vm);
/*
 * The guest will page-fault on [base, base + size); NORESOURCES, ARGUMENT_INVALID:
 * overlap, or no pages of the address space.  The information area makes way.
 */
int addrspace_add_demand(struct vm *vm, u64 base, u64 size) __must_check;
/* Some fault of the guest at @ipa is the host's to resolve (demand range) */
bool addrspace_in_demand(const struct vm *vm, u64 ipa);
/* All of [ipa, ipa + size) lies in one VMMIO range */
bool addrspace_in_vmmio(const struct vm *vm, u64 ipa, u64 size);

/*
 * What hypercalls do (9.2).  Ranges are whole pages, not empty, inside the address
 * space and MEMEXTENT_SIZE: hcall has checked that.  On an error nothing has changed.
 */

/* @size is not 0 and nothing wraps. NORESOURCES, BUSY: overlap */
int addrspace_add_vmmio(struct addrspace *as, u64 base, u64 size) __must_check;
/* BUSY: there is no such range */
int addrspace_remove_vmmio(struct addrspace *as, u64 base, u64 size) __must_check;
/* Where the guest finds its information area; false if it is hidden, or there is none */
bool addrspace_info_area(const struct addrspace *as, u64 *ipa);
/*
 * The guest gives pages up: @unlock, the host may take them, the next access faults;
 * @sanitize, they are zero from now on.  ADDR_INVALID: not mapped; MEMDB_NOT_OWNER: not
 * given to the guest privately by way of its extent.
 */
int addrspace_relinquish(struct addrspace *as, u64 ipa, u64 size, bool unlock, bool sanitize)
	__must_check;

/* Is @ext one of the guest's, with records? */
bool memextent_of_guest(const struct memextent *ext);
/* MAPPINGS_FULL, NOMEM */
int memextent_map(struct memextent *ext, u64 ipa, u64 pa, u64 size, u32 attrs) __must_check;
/* ADDR_INVALID: not all of it is on record */
int memextent_unmap(struct memextent *ext, u64 ipa, u64 pa, u64 size) __must_check;
void memextent_unmap_all(struct memextent *ext);
/* Pages may move from @from to @to by a donation of this type (GUNYAH_DONATE_*) */
bool memextent_related(const struct memextent *from, const struct memextent *to, u64 type);
/* @from and @to are related. MEMDB_NOT_OWNER, DENIED, NOMEM */
int memextent_donate(struct memextent *from, struct memextent *to, u64 pa, u64 size, u64 type)
	__must_check;
/* Every page of the range is @ext's now */
bool memextent_owns(const struct memextent *ext, u64 pa, u64 size);
/* No mapping of the pages is left in the guest; their records stay */
void memextent_hide(struct memextent *ext, u64 pa, u64 size);

#endif
