/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Hypercalls: decoding registers, the table of calls, encoding results (ABI tables,
 * hypercall 1 and 3).  PSCI is not here: whoever takes the trap looks for its
 * function ids first.
 */
#ifndef STUB_HCALL_H
#define STUB_HCALL_H

#include "lib/types.h"
#include "obj/cap.h"

struct vm;
struct vcpu;
struct memextent;

#define HCALL_REGS		18	/* X0 to X17 */
#define HCALL_MAX_ARGS		8
#define HCALL_MAX_RESULTS	4	/* beside the error word */

/**
 * struct hcall_caller - on whose behalf a call is made
 * @vm: the guest, NULL for the host
 * @vcpu: the guest's vCPU, NULL for the host
 * @cspace: where its capability numbers are looked up
 * @native: in the native form (hypercall 1.1); hcall_handle() sets it
 */
struct hcall_caller {
	struct vm *vm;
	struct vcpu *vcpu;
	struct cspace *cspace;
	bool native;
};

/*
 * A handler: @args are the arguments in declared order (args[0] is native X0, SMCCC
 * X1), @results what follows the error word, all zero at entry.  Returns the error
 * word, GUNYAH_ERR_*.  Runs under the stub's lock, which it may drop and take again.
 */
typedef int (*hcall_fn)(const struct hcall_caller *caller, const u64 *args, u64 *results);

/*
 * An HVC or SMC nobody else knew.  @native: HVC with an immediate that is not 0;
 * otherwise SMCCC, which wants an immediate of 0.  @x: the caller's X0 to X17, in
 * and out.  Anything unknown answers -1 in X0.
 */
void hcall_handle(const struct hcall_caller *caller, bool native, u16 imm, u64 x[HCALL_REGS]);

/* Turns on the calls of hcall/test_abi.h, for the host only; set at boot */
extern bool hcall_test_enabled;

/* What the RM has in use, STUB_STAT_VMS and up; hcall does not see the RM: core sets it */
extern u64 (*hcall_test_rm_stat)(unsigned int index);

/*
 * What the production hypervisor does and the open one does not: the resume action of
 * an MMIO exit, map flags PRIVATE and VMMIO, the guest's information area, the call that
 * names this project's extensions.  Set at boot
 */
extern bool hcall_production;

/* Aborts that guests were given since boot */
extern u64 hcall_guest_aborts;

int hcall_doorbell_send(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_doorbell_receive(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_doorbell_reset(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_doorbell_mask(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_msgq_send(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_msgq_receive(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_msgq_flush(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_msgq_configure_send(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_msgq_configure_receive(const struct hcall_caller *caller, const u64 *args,
				 u64 *results);
int hcall_vcpu_run(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_vcpu_register_write(const struct hcall_caller *caller, const u64 *args,
			      u64 *results);
int hcall_vcpu_run_check(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_addrspace_map(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_addrspace_unmap(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_addrspace_update_access(const struct hcall_caller *caller, const u64 *args,
				  u64 *results);
int hcall_addrspace_lookup(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_addrspace_configure_vmmio(const struct hcall_caller *caller, const u64 *args,
				    u64 *results);
int hcall_addrspace_modify_pages(const struct hcall_caller *caller, const u64 *args,
				 u64 *results);
int hcall_find_info_area(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_memextent_modify(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_memextent_donate(const struct hcall_caller *caller, const u64 *args, u64 *results);
/* The extent behind a capability that has all of @rights */
int hcall_find_extent(const struct hcall_caller *caller, u64 cap, u32 rights,
		      struct memextent **ext) __must_check;
int hcall_test_stat(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_test_log(const struct hcall_caller *caller, const u64 *args, u64 *results);
int hcall_test_fail_call(const struct hcall_caller *caller, const u64 *args, u64 *results);
/* A call of the host that is to fail: true, and *@err is its error word */
bool hcall_test_fails(u32 num, int *err);

/*
 * A caller's buffer, given as its virtual address: translated page by page as the
 * caller itself would access it.  GUNYAH_ERR_ADDR_INVALID: some of it is not mapped
 * (for writing: writable) memory of the caller.  @size at most PAGE_SIZE.
 */
struct caller_buf {
	u64 pa[2];
	size_t first;		/* bytes in the first page */
	size_t size;
};

int caller_buf_get(const struct hcall_caller *caller, u64 va, size_t size, bool write,
		   struct caller_buf *buf) __must_check;
void caller_buf_read(const struct caller_buf *buf, void *data);
void caller_buf_write(const struct caller_buf *buf, const void *data);

#endif
