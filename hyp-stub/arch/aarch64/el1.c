// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Exceptions that the stub makes host or guest take at EL1, as the CPU would. */
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/sysreg.h"

#define VECTOR_CURRENT_SPX	0x200
#define VECTOR_LOWER_64		0x400
#define VECTOR_LOWER_32		0x600
#define SCTLR_SPAN		BIT(23)
#define SCTLR_DSSBS		BIT(44)

static u64 vector_offset(u64 pstate)
{
	u64 mode = pstate & SPSR_MODE_MASK;

	if (pstate & SPSR_MODE32)
		return VECTOR_LOWER_32;
	if (!mode)
		return VECTOR_LOWER_64;
	return mode & 1 ? VECTOR_CURRENT_SPX : 0;
}

/**
 * el1_exception() - a synchronous exception to EL1
 * @regs: general registers of the loaded world; its EL1 registers are the CPU's
 * @esr: syndrome, without IL
 * @far: fault address, NULL if the exception has none
 */
void el1_exception(struct gp_regs *regs, u64 esr, const u64 *far)
{
	u64 sctlr = read_sysreg(sctlr_el1);

	write_sysreg(regs->pc, elr_el1);
	write_sysreg(regs->pstate, spsr_el1);
	write_sysreg(esr | ESR_IL, esr_el1);
	if (far)
		write_sysreg(*far, far_el1);
	regs->pc = read_sysreg(vbar_el1) + vector_offset(regs->pstate);
	regs->pstate = SPSR_EL1H | SPSR_DAIF | (regs->pstate & (SPSR_PAN | SPSR_DIT));
	if (!(sctlr & SCTLR_SPAN))
		regs->pstate |= SPSR_PAN;
	if (sctlr & SCTLR_DSSBS)
		regs->pstate |= SPSR_SSBS;
	if (id_field(id_aa64pfr1_el1, 8) >= 2)
		regs->pstate |= SPSR_TCO;
}

/* Class of an abort that the code in @regs gets: from EL0, or from EL1 itself */
u64 el1_abort_class(const struct gp_regs *regs, bool insn)
{
	bool from_el0 = (regs->pstate & SPSR_MODE32) || !(regs->pstate & SPSR_MODE_MASK);

	if (insn)
		return from_el0 ? EC_IABT_LOWER : EC_IABT_SAME;
	return from_el0 ? EC_DABT_LOWER : EC_DABT_SAME;
}
