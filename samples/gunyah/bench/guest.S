/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The benchmark's guest: does what it is told, counts the time.
 *
 * It is copied to the start of the guest's RAM, and position independent: part
 * of the program's data, no file of its own.  No stack, no memory but code;
 * x0 to x17 belong to hypercalls.
 *
 *	x19 control device, x20 command, x21 count, x22 and x23 time
 */
#include <linux/psci.h>

#include "guest.h"

	.section .rodata
	.balign	4096
	.globl	guest_image, guest_image_size

	.macro	begin
	isb
	mrs	x22, cntvct_el0
	.endm

	.macro	again, label
	subs	x21, x21, #1
	b.ne	\label
	isb
	mrs	x23, cntvct_el0
	sub	x23, x23, x22
	str	x23, [x19, #GUEST_RESULT]
	b	next
	.endm

guest_image:
	movz	x19, #(GUEST_CONTROL >> 16), lsl #16
	str	wzr, [x19, #GUEST_HERE]

next:
	ldr	x20, [x19, #GUEST_COMMAND]
	ldr	x21, [x19, #GUEST_COUNT]
	cmp	x20, #GUEST_DO_NOTHING
	b.eq	do_nothing
	cmp	x20, #GUEST_DO_HYPERCALL
	b.eq	do_hypercall
	cmp	x20, #GUEST_DO_WRITE
	b.eq	do_write
	cmp	x20, #GUEST_DO_READ
	b.eq	do_read

	ldr	w0, =PSCI_0_2_FN_SYSTEM_OFF
	hvc	#0
	b	.

do_nothing:
	begin
1:	ldr	w0, =GUEST_HYPERCALL
	nop
	again	1b

do_hypercall:
	begin
1:	ldr	w0, =GUEST_HYPERCALL
	hvc	#0
	again	1b

do_write:
	begin
1:	str	x21, [x19, #GUEST_DATA]
	again	1b

do_read:
	begin
1:	ldr	x0, [x19, #GUEST_DATA]
	again	1b

	.ltorg
guest_image_end:

	.balign	8
guest_image_size:
	.quad	guest_image_end - guest_image

	.section .note.GNU-stack, "", %progbits
