/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the machine has to offer: the contract that arch/aarch64 implements for
 * EL2 and arch/fake for tests on the host.  Nothing above arch touches a system
 * register or a device.
 */
#ifndef STUB_ARCH_H
#define STUB_ARCH_H

#include "lib/types.h"

struct vcpu;
struct vm;

#define MAX_CPUS	8

/*
 * The one lock of the stub: taken on every entry that touches objects, memory
 * ownership or the RM, dropped while host or guest run.  Everything in obj,
 * owner, mm, rm and hcall runs under it unless it says otherwise.
 */
void hyp_lock(void);
void hyp_unlock(void);
bool hyp_locked(void);		/* by this CPU */
#define assert_locked()		BUG_ON(!hyp_locked())

unsigned int arch_cpu_id(void);

/* Memory of the machine, addressed physically, as the stub sees it */
void *arch_pa_to_va(u64 pa);

/*
 * Host interrupts: make SPI @intid pending in the host's interrupt controller
 * (edge).  INTIDs for this come from arch_host_virq_*: what the machine's GIC
 * implements and no device uses.
 */
void arch_host_irq_assert(u32 intid);
u32 arch_host_virq_first(void);
u32 arch_host_virq_last(void);

/* Another physical CPU leaves its guest and looks at its virtual interrupts again */
void arch_kick_cpu(unsigned int cpu);

/* Stage 2 maintenance, for all CPUs; returns after completion */
void arch_s2_flush_range(u16 vmid, u64 ipa, u64 size);
void arch_s2_flush_all(u16 vmid);
/* Table entries were written: make them visible to the walkers */
void arch_s2_sync(void);

/* Clean and invalidate to the point of coherency */
void arch_cache_flush(u64 pa, u64 size);

/*
 * Stage 1 of the caller of the current hypercall (host or guest, EL1 regime):
 * translates @va for a read or write to a physical address that the caller may
 * access so; false if it is unmapped at either stage.
 */
bool arch_caller_va_to_pa(u64 va, bool write, u64 *pa);

u64 arch_counter(void);

void arch_console_putc(char c);
void __noreturn arch_stop(void);

/*
 * vCPU: registers live in struct vcpu.  arch_vcpu_init() sets the reset state
 * with @entry and @context (PSCI CPU_ON, boot).
 */
void arch_vcpu_init(struct vcpu *vcpu, u64 entry, u64 context);

#endif
