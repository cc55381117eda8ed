/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Image header, and the way to C for the first and every other CPU. */
#include "arch/aarch64/asm.h"

	.section .head, "ax"
	.globl	_start
_start:
	b	primary
	nop
	.quad	0				/* text_offset */
	.quad	__stub_size			/* image_size */
	.quad	0xa				/* little endian, 4 KiB pages, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

primary:
	mov	x19, x0
	mrs	x1, CurrentEL
	cmp	x1, #(2 << 2)
	b.ne	stop
	ldr	x0, =__bss_start
	ldr	x1, =__stub_end
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b
2:	ldr	x0, =cpus
	msr	tpidr_el2, x0
	ldr	x1, =boot_stack_top
	mov	sp, x1
	ldr	x1, =host_vectors
	msr	vbar_el2, x1
	isb
	mov	x0, x19
	bl	stub_main
	b	stop

/* PSCI CPU_ON of the machine: x0 is this CPU's struct percpu, the MMU is off */
	.globl	secondary_entry
secondary_entry:
	msr	tpidr_el2, x0
	ldr	x1, [x0, #PERCPU_STACK_TOP]
	mov	sp, x1
	ldr	x1, =host_vectors
	msr	vbar_el2, x1
	isb
	bl	mmu_enable
	mrs	x0, tpidr_el2
	bl	secondary_main
stop:
	wfi
	b	stop

	.bss
	.balign	16
boot_stack:
	.space	16384
boot_stack_top:

	.text
/* void host_enter(u64 pc, u64 pstate, u64 x0): the host starts, nothing comes back here */
	.globl	host_enter
host_enter:
	mrs	x3, tpidr_el2
	ldr	x3, [x3, #PERCPU_STACK_TOP]
	mov	sp, x3
	msr	elr_el2, x0
	msr	spsr_el2, x1
	mov	x0, x2
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	.irp	n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, xzr
	.endr
	eret
	dsb	nsh
	isb

/* void smc_call(u64 x[4]): to the machine's firmware */
	.globl	smc_call
smc_call:
	stp	x29, x30, [sp, #-32]!
	str	x0, [sp, #16]
	mov	x9, x0
	ldp	x0, x1, [x9]
	ldp	x2, x3, [x9, #16]
	smc	#0
	ldr	x9, [sp, #16]
	stp	x0, x1, [x9]
	stp	x2, x3, [x9, #16]
	ldp	x29, x30, [sp], #32
	ret
