/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The stub's own state of a physical CPU, found through TPIDR_EL2.  Fields are
 * only touched by their own CPU, except where the stub's lock is named.
 */
#ifndef STUB_AARCH64_CPU_H
#define STUB_AARCH64_CPU_H

#include "arch/aarch64/asm.h"
#include "arch/arch.h"
#include "mm/stage2.h"
#include "obj/vcpu.h"
#include "obj/vgic.h"

#define CPU_STACK_SIZE		16384
#define HOST_PENDING_LPIS	64

/* EL1 and EL0 registers that change with the world; one array, see guest.c */
#define NR_WORLD_REGS		25

/* FP state of the host while a guest uses the unit: room for Z, P and FFR of 2048 bits */
struct host_fp {
	u8 z[32 * 256];
	u8 p[16 * 32];
	u8 ffr[32];
	u64 fpcr;
	u64 fpsr;
	u64 svcr;
} __aligned(16);

/**
 * struct host_cpu - the host's side of a CPU while a guest is loaded on it
 * @regs: EL1 and EL0 registers, see guest.c
 * @keys: pointer authentication keys
 * @cntv_ctl: virtual timer
 * @cntv_cval: its compare value
 * @lr: list registers
 * @vmcr: ICH_VMCR_EL2
 * @ap1r: active priorities
 * @fp: saved once the guest used FP, see fp.c
 */
struct host_cpu {
	u64 regs[NR_WORLD_REGS];
	u64 keys[10];
	u64 cntv_ctl;
	u64 cntv_cval;
	u64 lr[VGIC_MAX_LRS];
	u64 vmcr;
	u64 ap1r[4];
	struct host_fp fp;
};

struct percpu {
	u64 stack_top;		/* PERCPU_STACK_TOP */
	unsigned int id;
	u64 mpidr;
	u64 gicr;		/* base of this CPU's redistributor, 0: not found */
	bool online;		/* stub's lock: the host runs on it, or is about to */
	u64 entry;		/* stub's lock: where PSCI CPU_ON wants the host */
	u64 context;
	struct vcpu *loaded;	/* vCPU whose registers are on this CPU */
	bool vtimer_active;	/* PPI 27 is active in the machine on behalf of @loaded */
	bool guest_fp;		/* the FP unit holds @loaded's registers */
	u64 stub_deadline;	/* of arch_stub_timer_set() */
	u64 guest_deadline;	/* host's timer or the guest's physical timer while a guest runs */
	u64 host_pending[32];	/* INTIDs below 2048 without a list register, acknowledged */
	u32 host_lpis[HOST_PENDING_LPIS];
	unsigned int nr_host_pending;
	unsigned int nr_host_lpis;
	struct host_cpu host;
	u8 stack[CPU_STACK_SIZE] __aligned(16);
};

extern struct percpu cpus[MAX_CPUS];
extern unsigned int nr_cpus;

static inline struct percpu *this_cpu(void)
{
	u64 v;

	asm volatile("mrs %0, tpidr_el2" : "=r"(v));
	return (struct percpu *)v;
}

/* cpu.c */
void cpu_enable_features(void);		/* EL2 controls so that the host finds what the CPU has */
bool cpu_has_sve(void);
bool cpu_has_sme(void);
bool cpu_has_pauth(void);
u64 cpu_host_cptr(void);
u64 cpu_host_hcr(void);
u64 cpu_host_mdcr(void);
void cpu_host_fine_grained(bool host);
u64 cpu_vtcr(void);

/* mmu.c */
void mmu_init(u64 ram_base, u64 ram_size);
void mmu_enable(void);
void s2_activate(const struct stage2 *s2);

/* gic.c */
void gic_init(u64 gicd, u64 gicr, u64 gicr_size);
void gic_init_cpu(void);
void gic_own_irqs(void);		/* the host may have switched ours off */
void gic_host_irqs(void);		/* acknowledge and hand to the host */
void gic_host_refill(void);
bool gic_guest_irq(struct vcpu *vcpu);	/* true: ours, false: the host's */
void gic_host_save(struct host_cpu *host);
void gic_host_restore(struct host_cpu *host);
bool gic_host_irq_pending(void);
void gic_load_lrs(const u64 *lr, unsigned int nr);
void gic_save_lrs(u64 *lr, unsigned int nr);
void gic_load_aps(const u64 ap[4]);
void gic_save_aps(u64 ap[4]);
void gic_set_active(u32 ppi);
void gic_deactivate(u32 intid);
void gic_host_sgi1r(u64 value);

/* timer.c */
void timer_init_cpu(void);
void timer_program(void);
void timer_irq(void);

/* el1.c */
void el1_exception(struct gp_regs *regs, u64 esr, const u64 *far);
u64 el1_abort_class(const struct gp_regs *regs, bool insn);

/* fp.c */
void fp_guest_trap(struct vcpu *vcpu);
void fp_put(struct vcpu *vcpu);

/* host.c */
void __noreturn host_start(u64 pc, u64 x0);

/* host_psci.c: PSCI call in x[0..3] of the host; the stub's lock is free */
void host_psci(u64 x[4]);

/* init.c */
void cpu_init(void);
void secondary_main(struct percpu *cpu) __noreturn;

/* assembly */
void host_enter(u64 pc, u64 pstate, u64 x0) __noreturn;
u64 guest_enter(struct gp_regs *regs);
void smc_call(u64 x[4]);
extern char host_vectors[], guest_vectors[], secondary_entry[];
extern char __stub_start[], __rodata_start[], __data_start[], __stub_end[];

#endif
