/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry of boot and secondary vCPUs, exception vectors, and the code that looks
 * at all registers at once.
 */
#include "guest_abi.h"

	.section .text.head, "ax"
	.globl entry, secondary_entry, mailbox
/* So much of an arm64 Image's header as a firmware looks at (booting.rst) */
entry:
	b	1f
	.org	56
	.ascii	"ARM\x64"
	.org	MAILBOX_OFFSET
mailbox:
	.quad	GUEST_MAGIC
	.fill	7, 8, 0
	/* Keep what the registers held; TPIDR_EL1 helps to find room */
1:	msr	tpidr_el1, x0
	adr	x0, boot_regs
	stp	x1, x2, [x0, #8]
	stp	x3, x4, [x0, #24]
	stp	x5, x6, [x0, #40]
	stp	x7, x8, [x0, #56]
	stp	x9, x10, [x0, #72]
	stp	x11, x12, [x0, #88]
	stp	x13, x14, [x0, #104]
	stp	x15, x16, [x0, #120]
	stp	x17, x18, [x0, #136]
	stp	x19, x20, [x0, #152]
	stp	x21, x22, [x0, #168]
	stp	x23, x24, [x0, #184]
	stp	x25, x26, [x0, #200]
	stp	x27, x28, [x0, #216]
	stp	x29, x30, [x0, #232]
	mrs	x1, tpidr_el1
	str	x1, [x0]
	mov	x1, sp
	mrs	x2, sp_el0
	stp	x2, x1, [x0, #248]
	mrs	x1, CurrentEL
	mrs	x2, daif
	stp	x1, x2, [x0, #264]
	mov	x19, #0
	b	2f

	/* CPU_ON: X0 is the context, which has to be our index */
secondary_entry:
	mov	x19, x0
2:	adr	x1, vectors
	msr	vbar_el1, x1
	isb
	adrp	x1, stacks
	add	x1, x1, :lo12:stacks
	add	x2, x19, #1
	add	x1, x1, x2, lsl #13
	mov	sp, x1
	mov	x0, #(3 << 20)		/* no trap of FP and SIMD */
	msr	cpacr_el1, x0
	isb
	mov	x0, x19
	bl	cpu_main
3:	wfi
	b	3b

	.macro	vector handler
	.balign	128
	sub	sp, sp, #272
	stp	x0, x1, [sp]
	adr	x0, \handler
	b	save_and_call
	.endm

	.balign	2048
vectors:
	.rept	4
	vector	guest_bad_vector
	.endr
	vector	guest_sync
	vector	guest_irq
	.rept	10
	vector	guest_bad_vector
	.endr

save_and_call:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	mrs	x1, elr_el1
	stp	x30, x1, [sp, #240]
	mrs	x1, spsr_el1
	str	x1, [sp, #256]
	mov	x2, x0
	mov	x0, sp
	blr	x2
	ldr	x1, [sp, #256]
	msr	spsr_el1, x1
	ldp	x30, x1, [sp, #240]
	msr	elr_el1, x1
	ldp	x28, x29, [sp, #224]
	ldp	x26, x27, [sp, #208]
	ldp	x24, x25, [sp, #192]
	ldp	x22, x23, [sp, #176]
	ldp	x20, x21, [sp, #160]
	ldp	x18, x19, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #272
	eret

	.bss
	.balign	16
	.globl	boot_regs
boot_regs:
	.skip	8 * 35			/* X0-X30, SP_EL0, SP, CurrentEL, DAIF */
	.balign	4096
	.globl	stacks
stacks:
	.skip	8192 * GUEST_MAX_VCPUS
