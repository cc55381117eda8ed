/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code that keeps patterns in all vector registers and looks at nothing else, so
 * that whatever changes them is somebody else.
 */
	.arch	armv8.2-a+sve

	.macro	all_v insn
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\insn	q\n, [x9], #16
	.endr
	.endm

	.macro	all_z insn
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\insn	z\n, [x9]
	addvl	x9, x9, #1
	.endr
	.endm

	.macro	all_p insn
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	\insn	p\n, [x9]
	addpl	x9, x9, #1
	.endr
	.endm

	/* @len bytes (multiple of 8) of @a and @b; jumps to @differ, X9 the offset */
	.macro	compare a, b, len, differ
	mov	x9, #0
8888:	ldr	x10, [\a, x9]
	ldr	x11, [\b, x9]
	cmp	x10, x11
	b.ne	\differ
	add	x9, x9, #8
	cmp	x9, \len
	b.lo	8888b
	.endm

	.macro	preserve_d8_to_d15
	stp	d8, d9, [sp, #-64]!
	stp	d10, d11, [sp, #16]
	stp	d12, d13, [sp, #32]
	stp	d14, d15, [sp, #48]
	.endm

	.macro	restore_d8_to_d15
	ldp	d10, d11, [sp, #16]
	ldp	d12, d13, [sp, #32]
	ldp	d14, d15, [sp, #48]
	ldp	d8, d9, [sp], #64
	.endm

	.text
/*
 * long v_spin(const void *pattern, void *scratch, volatile int *stop,
 *	       volatile unsigned long *rounds): 512 bytes of V0 to V31.
 * 0, or 1 + the offset that differs.
 */
	.globl	v_spin
v_spin:
	preserve_d8_to_d15
	mov	x9, x0
	all_v	ldr
	mov	x5, #512
1:	mov	x9, x1
	all_v	str
	compare	x0, x1, x5, 9f
	ldr	x10, [x3]
	add	x10, x10, #1
	str	x10, [x3]
	ldr	w10, [x2]
	cbz	w10, 1b
	mov	x9, #-1
9:	add	x0, x9, #1
	restore_d8_to_d15
	ret

/*
 * long z_spin(pattern, scratch, stop, rounds, ffr): Z0 to Z31, P0 to P15 and, if
 * ffr is not 0, FFR, each in the length that the CPU has.
 */
	.globl	z_spin
z_spin:
	preserve_d8_to_d15
	cbz	x4, 2f
	mov	x9, x0
	addvl	x9, x9, #31
	addvl	x9, x9, #1
	addpl	x9, x9, #16
	ldr	p0, [x9]
	wrffr	p0.b
2:	mov	x9, x0
	all_z	ldr
	all_p	ldr
	rdvl	x5, #1
	lsl	x5, x5, #5			/* 32 Z */
	mov	x6, x5
	rdvl	x7, #1
	add	x5, x5, x7, lsl #1		/* 16 P: 2 VL */
	cbz	x4, 1f
	add	x5, x5, #8			/* FFR, padded by zeros */
	cmp	x7, #64
	b.ls	1f
	add	x5, x5, x7, lsr #3
	sub	x5, x5, #8
1:	mov	x9, x1
	all_z	str
	all_p	str
	cbz	x4, 3f
	rdffr	p0.b
	str	p0, [x9]
	add	x10, x0, x6
	ldr	p0, [x10]
3:	compare	x0, x1, x5, 9f
	ldr	x10, [x3]
	add	x10, x10, #1
	str	x10, [x3]
	ldr	w10, [x2]
	cbz	w10, 1b
	mov	x9, #-1
9:	add	x0, x9, #1
	restore_d8_to_d15
	ret

	.arch_extension sme
/*
 * long za_spin(pattern, scratch, stop, rounds): ZA, which has as many rows as a
 * row has bytes; not in streaming mode.
 */
	.globl	za_spin
za_spin:
	smstart	za
	rdsvl	x4, #1
	mul	x5, x4, x4
	mov	w12, #0
	mov	x9, x0
1:	ldr	za[w12, 0], [x9]
	add	x9, x9, x4
	add	w12, w12, #1
	cmp	w12, w4
	b.lo	1b
2:	mov	w12, #0
	mov	x9, x1
3:	str	za[w12, 0], [x9]
	add	x9, x9, x4
	add	w12, w12, #1
	cmp	w12, w4
	b.lo	3b
	compare	x0, x1, x5, 9f
	ldr	x10, [x3]
	add	x10, x10, #1
	str	x10, [x3]
	ldr	w10, [x2]
	cbz	w10, 2b
	mov	x9, #-1
9:	add	x0, x9, #1
	smstop	za
	ret

/* long streaming_spin(): as z_spin() without FFR, in streaming mode */
	.globl	streaming_spin
streaming_spin:
	stp	x29, x30, [sp, #-16]!
	preserve_d8_to_d15
	mov	x4, #0
	smstart	sm
	bl	z_spin
	smstop	sm
	restore_d8_to_d15
	ldp	x29, x30, [sp], #16
	ret

/*
 * long v_ioctl(int fd, unsigned long cmd, const void *pattern, void *scratch):
 * the system call with V0 to V31, FPCR and FPSR full of patterns.  Its result, or
 * -1000 - offset of what differs; offset 512 is FPCR, 513 FPSR.
 */
	.globl	v_ioctl
v_ioctl:
	preserve_d8_to_d15
	mov	x9, x2
	all_v	ldr
	mov	x13, x2
	mov	x14, x3
	mov	x10, #(3 << 22)			/* round to zero */
	msr	fpcr, x10
	mov	x10, #0x15
	msr	fpsr, x10
	mov	x2, #0
	mov	x8, #29				/* ioctl */
	svc	#0
	mov	x15, #-1000
	mov	x9, #512
	mrs	x10, fpcr
	cmp	x10, #(3 << 22)
	b.ne	9f
	mov	x9, #513
	mrs	x10, fpsr
	cmp	x10, #0x15
	b.ne	9f
	mov	x9, x14
	all_v	str
	mov	x5, #512
	compare	x13, x14, x5, 9f
	b	8f
9:	sub	x0, x15, x9
8:	msr	fpcr, xzr
	restore_d8_to_d15
	ret

	.globl	sve_length
sve_length:
	rdvl	x0, #1
	ret

	.globl	sme_length
sme_length:
	rdsvl	x0, #1
	ret

	.section .note.GNU-stack, "", %progbits
