/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Two tables: host_vectors while the host runs (its registers go onto the
 * stack), guest_vectors between guest_enter() and its return.
 */
#include "arch/aarch64/asm.h"

.macro save_regs base
	stp	x2, x3, [\base, #16]
	stp	x4, x5, [\base, #32]
	stp	x6, x7, [\base, #48]
	stp	x8, x9, [\base, #64]
	stp	x10, x11, [\base, #80]
	stp	x12, x13, [\base, #96]
	stp	x14, x15, [\base, #112]
	stp	x16, x17, [\base, #128]
	stp	x18, x19, [\base, #144]
	stp	x20, x21, [\base, #160]
	stp	x22, x23, [\base, #176]
	stp	x24, x25, [\base, #192]
	stp	x26, x27, [\base, #208]
	stp	x28, x29, [\base, #224]
	str	x30, [\base, #240]
	mrs	x2, sp_el0
	mrs	x3, elr_el2
	mrs	x4, spsr_el2
	str	x2, [\base, #REGS_SP_EL0]
	str	x3, [\base, #REGS_PC]
	str	x4, [\base, #REGS_PSTATE]
.endm

/* everything but x0 and x1 */
.macro load_regs base
	ldr	x2, [\base, #REGS_SP_EL0]
	ldr	x3, [\base, #REGS_PC]
	ldr	x4, [\base, #REGS_PSTATE]
	msr	sp_el0, x2
	msr	elr_el2, x3
	msr	spsr_el2, x4
	ldp	x2, x3, [\base, #16]
	ldp	x4, x5, [\base, #32]
	ldp	x6, x7, [\base, #48]
	ldp	x8, x9, [\base, #64]
	ldp	x10, x11, [\base, #80]
	ldp	x12, x13, [\base, #96]
	ldp	x14, x15, [\base, #112]
	ldp	x16, x17, [\base, #128]
	ldp	x18, x19, [\base, #144]
	ldp	x20, x21, [\base, #160]
	ldp	x22, x23, [\base, #176]
	ldp	x24, x25, [\base, #192]
	ldp	x26, x27, [\base, #208]
	ldp	x28, x29, [\base, #224]
	ldr	x30, [\base, #240]
.endm

.macro host_entry handler
	.balign	128
	sub	sp, sp, #REGS_SIZE
	stp	x0, x1, [sp]
	ldr	x1, =\handler
	b	host_trap
.endm

.macro panic_entry kind
	.balign	128
	sub	sp, sp, #REGS_SIZE
	stp	x0, x1, [sp]
	mov	x1, #\kind
	b	panic_trap
.endm

.macro guest_entry code
	.balign	128
	stp	x0, x1, [sp, #-16]!
	mov	x1, #\code
	b	guest_exit
.endm

	.text
	.balign	2048
	.globl	host_vectors
host_vectors:
	.irp	kind, 0,1,2,3,0,1,2,3
	panic_entry \kind
	.endr
	host_entry host_sync
	host_entry host_irq
	host_entry host_irq
	host_entry host_serror
	.irp	kind, 0,1,2,3
	panic_entry PANIC_AARCH32
	.endr

	.balign	2048
	.globl	guest_vectors
guest_vectors:
	.irp	kind, 0,1,2,3,0,1,2,3
	panic_entry \kind
	.endr
	guest_entry GUEST_EXIT_SYNC
	guest_entry GUEST_EXIT_IRQ
	guest_entry GUEST_EXIT_IRQ
	guest_entry GUEST_EXIT_SERROR
	.irp	kind, 0,1,2,3
	panic_entry PANIC_AARCH32
	.endr

host_trap:
	save_regs sp
	mov	x0, sp
	blr	x1
	mov	x0, sp
	load_regs x0
	ldp	x0, x1, [sp]
	add	sp, sp, #REGS_SIZE
	eret
	dsb	nsh
	isb

panic_trap:
	save_regs sp
	mov	x0, sp
	bl	trap_panic
	b	.

/* u64 guest_enter(struct gp_regs *regs): returns GUEST_EXIT_* */
	.globl	guest_enter
guest_enter:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x0, [sp, #-16]!
	load_regs x0
	ldp	x0, x1, [x0]
	eret
	dsb	nsh
	isb

guest_exit:
	ldr	x0, [sp, #16]
	save_regs x0
	ldp	x2, x3, [sp], #32
	stp	x2, x3, [x0]
	mov	x0, x1
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
