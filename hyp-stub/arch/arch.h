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
/* Some other CPU that the host has online, this one if there is none */
unsigned int arch_other_cpu(void);

/* Memory of the machine, addressed physically, as the stub sees it */
void *arch_pa_to_va(u64 pa);
u64 arch_va_to_pa(const void *va);

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
 * access so; false if it is unmapped at either stage.  If it is a guest's stage 2 that
 * lacks it, the vCPU's @missing says what.
 */
bool arch_caller_va_to_pa(u64 va, bool write, u64 *pa);

u64 arch_counter(void);

void arch_console_putc(char c);
void __noreturn arch_stop(void);

/*
 * vCPU: general registers live in struct vcpu, system and FP registers in the
 * arch's own structure, arch_vcpu_size() bytes behind vcpu->arch, zeroed.
 */
size_t arch_vcpu_size(void);
u32 arch_nr_lrs(void);

/* Reset state of a vCPU which starts at @entry with X0 = @context (PSCI CPU_ON, boot) */
void arch_vcpu_init(struct vcpu *vcpu, u64 entry, u64 context);
void arch_vcpu_set_sp(struct vcpu *vcpu, unsigned int el, u64 value);

enum vcpu_trap_kind {
	TRAP_NONE,		/* handled in arch, or an interrupt of the stub: go on */
	TRAP_HOST_IRQ,		/* the host has an interrupt waiting */
	TRAP_CALL,		/* HVC or SMC */
	TRAP_WFI,
	TRAP_MMIO,		/* stage 2 fault with a decoded single access */
	TRAP_ABORT,		/* any other stage 2 fault */
	TRAP_FAULT,		/* the vCPU cannot go on */
};

/* A decoded access; kept until the run after the one that returned it */
struct vcpu_mmio {
	u64 ipa;
	u8 size;
	u8 reg;			/* 31: zero register */
	bool write;
	bool sign_extend;
	bool sixty_four;
};

/**
 * struct vcpu_trap - why a vCPU came out
 * @kind: what happened
 * @imm: CALL: immediate of the instruction
 * @smc: CALL: SMC instead of HVC
 * @unmapped: MMIO, ABORT: nothing was mapped at @ipa, or not for this access
 * @write: MMIO, ABORT: the access writes
 * @exec: ABORT: an instruction was fetched
 * @ipa: MMIO, ABORT: address
 * @mmio: MMIO: the access
 */
struct vcpu_trap {
	enum vcpu_trap_kind kind;
	u16 imm;
	bool smc;
	bool unmapped;
	bool write;
	bool exec;
	u64 ipa;
	struct vcpu_mmio mmio;
};

/*
 * A vCPU's registers go onto this CPU (load), come back (put); in between any
 * number of enters.  arch_vcpu_enter() takes the list registers from and leaves
 * them in the VM's vgic, drops the stub's lock while the guest runs, and returns
 * at its first trap.  The PC of an emulated instruction still points to it.
 */
void arch_vcpu_load(struct vcpu *vcpu);
void arch_vcpu_put(struct vcpu *vcpu);
void arch_vcpu_enter(struct vcpu *vcpu, struct vcpu_trap *trap);
void arch_vcpu_skip(struct vcpu *vcpu);
/* The external abort that the last stage 2 fault becomes for the guest */
void arch_vcpu_inject_abort(struct vcpu *vcpu);

/* Brings the lines of the timers into the vgic; after load or put */
void arch_vcpu_update_timers(struct vcpu *vcpu);
/*
 * Value of the physical counter, above @now, at which the next timer of a vCPU that is
 * not loaded fires; ~0 if none does.  Who sleeps on it reads @now before he looks at the
 * vCPU's interrupts: what expires in between is then seen by one of the two.
 */
u64 arch_vcpu_deadline(struct vcpu *vcpu, u64 now);
/* Would the CPU interface take an interrupt: its mask and group enable */
void arch_vcpu_cpuif(struct vcpu *vcpu, u8 *pmr, bool *grpen1);

/*
 * Asked between load and put: an interrupt for the host is waiting on this CPU,
 * or its virtual timer has expired.
 */
bool arch_host_irq_pending(void);

/**
 * struct arch_host_ops - what the core does about the host, set before it starts
 * @call: HVC or SMC that is no PSCI call; @x: registers X0 to X17, in and out
 * @poll_needed: something waits for the next exit of the host; no lock
 * @poll: do it, under the stub's lock
 * @off: the machine goes off or is reset
 */
struct arch_host_ops {
	void (*call)(u64 *x, u16 imm, bool smc);
	bool (*poll_needed)(void);
	void (*poll)(void);
	void (*off)(void);
};

extern struct arch_host_ops arch_host_ops;

/* Aborts that the host was given for touching what is not its own; since boot, no lock */
u64 arch_host_aborts(void);
/* Writes to registers of the interrupt controller that were not let through */
u64 arch_gic_refused(void);

/* Timer interrupt of the stub on this CPU at counter value @deadline, ~0: none */
void arch_stub_timer_set(u64 deadline);

#endif
