/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A vCPU: power state, what its last run returned, how the next one resumes
 * (hypercall 7), and its registers while it does not run.
 */
#ifndef STUB_OBJ_VCPU_H
#define STUB_OBJ_VCPU_H

#include "lib/types.h"
#include "obj/virq.h"

struct vm;

enum vcpu_power {
	VCPU_OFF,
	VCPU_ON,
	VCPU_SLEEPING,		/* on, in WFI or CPU_SUSPEND */
	VCPU_HALTED,		/* asked for SYSTEM_OFF or RESET, or faulted */
	VCPU_EXITED,		/* for good */
};

/* General registers in the order that the vectors save them */
struct gp_regs {
	u64 x[31];
	u64 sp_el0;
	u64 pc;
	u64 pstate;
};

/**
 * struct vcpu_run_result - what vcpu_run returns beside its error word
 * @state: GUNYAH_VCPU_STATE_*
 * @data: see hypercall 7.2
 */
struct vcpu_run_result {
	u64 state;
	u64 data[3];
};

/* The MMIO access that the last run returned, until it is completed */
struct vcpu_mmio {
	u64 ipa;
	u8 size;
	u8 reg;			/* 31: zero register */
	bool write;
	bool sign_extend;
	bool sixty_four;
};

/* System registers and FP state; arch/aarch64 defines it, arch/fake a dummy */
struct arch_vcpu;

struct vcpu {
	struct gp_regs regs;
	struct vm *vm;
	unsigned int index;
	bool boot;
	enum vcpu_power power;
	bool running;			/* inside vcpu_run on @cpu */
	unsigned int cpu;		/* physical CPU it runs or last ran on */
	u64 last_state;			/* what the previous run returned */
	struct vcpu_mmio mmio;
	struct vcpu_run_result pending_halt; /* first result after SYSTEM_OFF or RESET */
	u64 host_cap;
	struct virq wakeup;		/* RUN_WAKEUP, to the host */
	bool blocked;			/* last run returned a sleeping state */
	u8 sleep;			/* GUNYAH_VCPU_SLEEP_* */
	u64 suspend_state;		/* power_state of CPU_SUSPEND */
	struct { u64 value; bool set; } boot_x[31], boot_pc, boot_sp[2];
	struct vcpu *timer_next;	/* list of sleepers with a deadline, by CPU */
	struct arch_vcpu *arch;
};

#endif
