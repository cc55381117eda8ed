/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A vCPU: power state, what its last run returned, how the next one resumes
 * (hypercall 7), and its registers while it does not run.
 */
#ifndef STUB_OBJ_VCPU_H
#define STUB_OBJ_VCPU_H

#include "arch/arch.h"
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

/* A register that somebody wrote while the vCPU was off */
struct vcpu_preset {
	u64 value;
	bool set;
};

/* System registers and FP state; arch/aarch64 defines it, arch/fake a dummy */
struct arch_vcpu;

/**
 * struct vcpu - one per virtual CPU; everything under the stub's lock, registers
 *	belong to the CPU that runs it
 * @regs: general registers
 * @vm: the VM
 * @index: number in the VM, also its affinity
 * @boot: is started by VM_START
 * @power: where it is
 * @running: inside vcpu_run on @cpu
 * @cpu: physical CPU that runs it, or whose timer watches it
 * @last_state: what the previous run returned, decides how the next resumes
 * @mmio: the access that the previous run returned
 * @missing: memory that a hypercall of the guest found unmapped, or not writable; set
 *	by arch_caller_va_to_pa()
 * @host_cap: the host's capability
 * @wakeup: RUN_WAKEUP interrupt of the host
 * @sleep: GUNYAH_VCPU_SLEEP_* while VCPU_SLEEPING
 * @suspend_state: power_state of CPU_SUSPEND
 * @suspend_down: CPU_SUSPEND of the power-down kind: resumes at @suspend_entry
 * @suspend_entry: PC then
 * @suspend_context: X0 then
 * @preset_x: X0 to X30 as written while it was off, for the next time it is switched on
 * @preset_pc: the same
 * @preset_sp: the same, SP_EL0 and SP_EL1
 * @arch: system and FP registers
 */
struct vcpu {
	struct gp_regs regs;
	struct vm *vm;
	unsigned int index;
	bool boot;
	enum vcpu_power power;
	bool running;
	unsigned int cpu;
	u64 last_state;
	struct vcpu_mmio mmio;
	struct { u64 ipa; bool set; bool write; } missing;
	u64 host_cap;
	struct virq wakeup;
	u8 sleep;
	u64 suspend_state;
	bool suspend_down;
	u64 suspend_entry;
	u64 suspend_context;
	struct vcpu_preset preset_x[31], preset_pc, preset_sp[2];
	struct arch_vcpu *arch;
};

/* Sleeps until an interrupt can be delivered; the RUN_WAKEUP interrupt tells the host */
void vcpu_sleep(struct vcpu *vcpu, u8 why, u64 power_state);
/*
 * Of a sleeper that this CPU runs, not loaded.  False: it has an interrupt to take, is on
 * again and nobody was told.  True: *@result is what vcpu_run returns
 */
bool vcpu_sleeps_on(struct vcpu *vcpu, struct vcpu_run_result *result);
/*
 * The state of a sleeper: with a deadline, if the host keeps the VM's time and a timer
 * will expire after @now (see arch_vcpu_deadline())
 */
void vcpu_sleep_result(struct vcpu *vcpu, u64 now, struct vcpu_run_result *result);
/* Something to deliver: a sleeper becomes runnable, a running one is kicked */
void vcpu_notify(struct vcpu *vcpu);
/* Runnable again, and the host is told unless it is inside vcpu_run */
void vcpu_wake(struct vcpu *vcpu);
/* A sleeper has an interrupt to take */
bool vcpu_has_interrupt(struct vcpu *vcpu);

/* Off, and its registers have left the CPU: until then CPU_OFF is not complete */
bool vcpu_is_off(const struct vcpu *vcpu);
/*
 * vcpu_register_write (hypercall 8): what a register is when the vCPU is switched on next.
 * The last write counts, and only once: after CPU_OFF the next start is a clean one again.
 * ARGUMENT_INVALID; OBJECT_STATE: will never be on again; BUSY: is not off
 */
int vcpu_preset_reg(struct vcpu *vcpu, u64 set, u64 index, u64 value) __must_check;
/* From reset at @entry with X0 = @context, unless registers have been preset */
void vcpu_switch_on(struct vcpu *vcpu, u64 entry, u64 context);
/* The same of CPU_ON: PC and X0 are the caller's to say, presets of those are dropped */
void vcpu_cpu_on(struct vcpu *vcpu, u64 entry, u64 context);

/* This CPU goes off: its sleepers are another CPU's from now on */
void vcpu_timers_move(void);
/*
 * Wakes this CPU's sleepers whose time has come, the next deadline goes into its timer.
 * Not for VMs of which the host keeps the time.
 */
void vcpu_timers_set(void);

#endif
