/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Vector registers to and from memory. */
	.arch	armv8.2-a+sve

	.altmacro
	.macro	fpsimd op, i, j
	\op	q\i, q\j, [x0, #16 * \i]
	.endm

	.macro	sve op
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	\op	z\n, [x0, #\n, mul vl]
	.endr
	.irp	n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\op	z\n, [x0, #\n, mul vl]
	.endr
	.endm

	.macro	sve_p op
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	\op	p\n, [x1, #\n, mul vl]
	.endr
	.endm

	.macro	fpsimd_all op
	fpsimd \op, 0, 1
	fpsimd \op, 2, 3
	fpsimd \op, 4, 5
	fpsimd \op, 6, 7
	fpsimd \op, 8, 9
	fpsimd \op, 10, 11
	fpsimd \op, 12, 13
	fpsimd \op, 14, 15
	fpsimd \op, 16, 17
	fpsimd \op, 18, 19
	fpsimd \op, 20, 21
	fpsimd \op, 22, 23
	fpsimd \op, 24, 25
	fpsimd \op, 26, 27
	fpsimd \op, 28, 29
	fpsimd \op, 30, 31
	.endm

	.text
/* void fpsimd_save(void *v): 32 registers of 128 bits */
	.globl	fpsimd_save
fpsimd_save:
	fpsimd_all stp
	ret

	.globl	fpsimd_load
fpsimd_load:
	fpsimd_all ldp
	ret

/* void sve_save(void *z, void *p, void *ffr, bool with_ffr) */
	.globl	sve_save
sve_save:
	sve	str
	sve_p	str
	cbz	w3, 1f
	rdffr	p0.b
	str	p0, [x2]
	ldr	p0, [x1]
1:	ret

	.globl	sve_load
sve_load:
	cbz	w3, 1f
	ldr	p0, [x2]
	wrffr	p0.b
1:	sve	ldr
	sve_p	ldr
	ret
