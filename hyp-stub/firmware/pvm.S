/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Firmware of protected VMs: not code of the stub, but what the RM puts into a guest's
 * memory and starts it with, at EL1 with the MMU off, wherever the guest has room for it.
 *
 * X0: device tree, X1: where the payload is, X2: its size (ABI tables, rm-rpc 6.3).  A
 * real one verifies the payload; this one wants it to be an arm64 Image, that is the magic
 * at its offset 56 (booting.rst), and otherwise turns the VM off.  It begins the payload
 * with X0 as it got it and all other registers 0.
 */

#define IMAGE_MAGIC_OFFSET	56
#define IMAGE_MAGIC		0x644d5241	/* "ARM\x64" */
#define IMAGE_HEADER_SIZE	64
#define PSCI_SYSTEM_OFF		0x84000008
#define EL1H_MASKED		0x3c5

	.section .rodata.firmware, "a"
	.balign	8
	.globl	pvm_firmware, pvm_firmware_size
pvm_firmware:
	cmp	x2, #IMAGE_HEADER_SIZE
	b.lo	1f
	ldr	w3, [x1, #IMAGE_MAGIC_OFFSET]
	movz	w4, #(IMAGE_MAGIC & 0xffff)
	movk	w4, #(IMAGE_MAGIC >> 16), lsl #16
	cmp	w3, w4
	b.ne	1f
	/* A branch would need a register */
	msr	elr_el1, x1
	mov	x1, #EL1H_MASKED
	msr	spsr_el1, x1
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	mov	x4, xzr
	eret

1:	movz	w0, #(PSCI_SYSTEM_OFF & 0xffff)
	movk	w0, #(PSCI_SYSTEM_OFF >> 16), lsl #16
	hvc	#0
2:	wfi
	b	2b
3:

	.balign	8
pvm_firmware_size:
	.quad	3b - pvm_firmware
