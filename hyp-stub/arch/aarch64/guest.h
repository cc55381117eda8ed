/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A vCPU's registers beside the general ones, and who emulates which access. */
#ifndef STUB_AARCH64_GUEST_H
#define STUB_AARCH64_GUEST_H

#include "arch/aarch64/cpu.h"

/**
 * struct arch_vcpu - what a vCPU has while it is not loaded
 * @regs: EL1 and EL0 registers, in the order of guest.c
 * @keys: pointer authentication keys
 * @v: FP and SIMD registers
 * @fpcr: FP control
 * @fpsr: FP status
 * @cntv_ctl: virtual timer
 * @cntv_cval: its compare value
 * @cntp_ctl: physical timer, emulated
 * @cntp_cval: its compare value
 * @vmcr: ICH_VMCR_EL2
 * @ap1r: active priorities
 * @esr: syndrome of the last exit
 * @far: fault address of the last exit
 */
struct arch_vcpu {
	u64 regs[NR_WORLD_REGS];
	u64 keys[10];
	u8 v[32 * 16] __aligned(16);
	u64 fpcr;
	u64 fpsr;
	u64 cntv_ctl;
	u64 cntv_cval;
	u64 cntp_ctl;
	u64 cntp_cval;
	u64 vmcr;
	u64 ap1r[4];
	u64 esr;
	u64 far;
};

/* guest_sysreg.c: the access in @esr was emulated, or became an exception of the guest */
void guest_sysreg_trap(struct vcpu *vcpu, u64 esr);
void guest_inject_undef(struct vcpu *vcpu);

#endif
