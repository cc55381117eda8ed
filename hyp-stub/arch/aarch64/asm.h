/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Offsets that assembly needs; cpu.c asserts that they match the structures. */
#ifndef STUB_AARCH64_ASM_H
#define STUB_AARCH64_ASM_H

#define PERCPU_STACK_TOP	0

#define REGS_SP_EL0		248
#define REGS_PC			256
#define REGS_PSTATE		264
#define REGS_SIZE		272

#define GUEST_EXIT_SYNC		0
#define GUEST_EXIT_IRQ		1
#define GUEST_EXIT_SERROR	2

#define PANIC_SYNC		0
#define PANIC_IRQ		1
#define PANIC_FIQ		2
#define PANIC_SERROR		3
#define PANIC_AARCH32		4

#endif
