/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All registers filled with a pattern, an exit to the host, all compared.
 */
	.text
	.globl	gp_regs_across_exit, fp_regs_across_exit, fp_scribble

/*
 * int gp_regs_across_exit(u64 mmio, u64 seed): Xn = seed + n for n in 2..30.
 * Returns 0, or the number of the register which differs; 32 is NZCV, 33 is X0.
 */
gp_regs_across_exit:
	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	add	x\n, x1, #\n
	.endr
	stp	x0, x1, [sp, #96]
	msr	nzcv, x1			/* bits 31:28 of the seed */
	str	x1, [x0]
	msr	tpidr_el0, x0			/* room to work in */
	mrs	x0, nzcv
	eor	x0, x0, x1
	tst	x0, #0xf0000000
	mov	x0, #32
	b.ne	9f
	ldr	x0, [sp, #104]
	cmp	x0, x1
	mov	x0, #1
	b.ne	9f
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	sub	x\n, x\n, x1
	cmp	x\n, #\n
	mov	x0, #\n
	b.ne	9f
	.endr
	mrs	x1, tpidr_el0
	ldr	x2, [sp, #96]
	cmp	x1, x2
	mov	x0, #33
	b.ne	9f
	mov	x0, #0
9:	ldp	x27, x28, [sp, #80]
	ldp	x25, x26, [sp, #64]
	ldp	x23, x24, [sp, #48]
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #112
	ret

	/* Vn = seed + n in both halves, the upper one inverted */
	.macro	fp_fill_one n, seed, tmp
	add	\tmp, \seed, #\n
	fmov	d\n, \tmp
	mvn	\tmp, \tmp
	fmov	v\n\().d[1], \tmp
	.endm

	.macro	fp_fill seed, tmp
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fp_fill_one \n, \seed, \tmp
	.endr
	.endm

/*
 * int fp_regs_across_exit(u64 mmio, u64 seed): V0 to V31, FPCR and FPSR.
 * Returns 0, or 1 + the number of the register; 33 is FPCR, 34 is FPSR.
 */
fp_regs_across_exit:
	mov	x9, #(1 << 24)			/* FPCR.FZ */
	msr	fpcr, x9
	and	x10, x1, #0x1f			/* FPSR: cumulative flags */
	msr	fpsr, x10
	fp_fill	x1, x2
	str	x1, [x0]
	mov	x0, #33
	mrs	x2, fpcr
	cmp	x2, x9
	b.ne	9f
	mov	x0, #34
	mrs	x2, fpsr
	cmp	x2, x10
	b.ne	9f
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	mov	x0, #(\n + 1)
	add	x2, x1, #\n
	fmov	x3, d\n
	cmp	x2, x3
	b.ne	9f
	mvn	x2, x2
	fmov	x3, v\n\().d[1]
	cmp	x2, x3
	b.ne	9f
	.endr
	mov	x0, #0
9:	msr	fpcr, xzr
	ret

/* void fp_scribble(u64 seed): overwrite all of V0 to V31, FPCR, FPSR */
fp_scribble:
	fp_fill	x0, x2
	mov	x2, #(1 << 24)
	msr	fpcr, x2
	mov	x2, #0x1f
	msr	fpsr, x2
	ret

/* For CPU_ON: what the registers hold is kept before the vCPU goes where others begin */
	.globl	keep_regs_entry, kept_regs
keep_regs_entry:
	msr	tpidr_el1, x0
	adrp	x0, kept_regs
	add	x0, x0, :lo12:kept_regs
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	str	x\n, [x0, #8 * \n]
	.endr
	mov	x1, x0
	mrs	x0, tpidr_el1
	str	x0, [x1]
	mrs	x2, sp_el0
	mov	x3, sp
	stp	x2, x3, [x1, #248]
	b	secondary_entry

	.bss
	.balign	16
kept_regs:
	.skip	8 * 35
