// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The host: its first instruction on each CPU, and its traps.  What it may not
 * touch becomes an alignment fault of its own (FSC 0x21), which a kernel handles
 * as SIGBUS or by its exception tables; a translation fault would be retried for
 * ever, an external abort has no fix-up.
 */
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/gic_guard.h"
#include "arch/aarch64/sysreg.h"
#include "lib/printk.h"
#include "obj/psci.h"
#include "obj/vm.h"
#include "owner/owner.h"

#define SYS64_SGI1R_KEY		0x3a3016U	/* Op0 3, Op1 0, CRn 12, CRm 11, Op2 5 */
#define SYS64_KEY_MASK		0x3ffc1eU

void host_sync(struct gp_regs *regs);
void host_irq(struct gp_regs *regs);
void host_serror(struct gp_regs *regs);
void trap_panic(struct gp_regs *regs, u64 kind) __noreturn;

static void host_init_el1(void)
{
	write_sysreg(SCTLR_EL1_RESET, sctlr_el1);
	write_sysreg(0, cpacr_el1);
	write_sysreg(0, cntkctl_el1);
	write_sysreg(0, cntv_ctl_el0);
	write_sysreg(0, cntp_ctl_el0);
	isb();
}

/* pc with x0; the MMU of EL1 is off, everything masked */
void __noreturn host_start(u64 pc, u64 x0)
{
	s2_activate(&host_s2);
	host_init_el1();
	host_enter(pc, SPSR_EL1H | SPSR_DAIF, x0);
}

static u64 nr_aborts;

u64 arch_host_aborts(void)
{
	return __atomic_load_n(&nr_aborts, __ATOMIC_RELAXED);
}

static void host_inject_abort(struct gp_regs *regs, u64 esr, u64 far)
{
	bool insn = ESR_EC(esr) == EC_IABT_LOWER;
	u64 ec = el1_abort_class(regs, insn);

	__atomic_fetch_add(&nr_aborts, 1, __ATOMIC_RELAXED);
	el1_exception(regs, (ec << ESR_EC_SHIFT) | FSC_ALIGNMENT | (insn ? 0 : esr & ISS_WNR),
		      &far);
}

/*
 * Another CPU may have been between breaking and making the entry (mm/stage2.c): it
 * holds the lock until all is there again.
 */
static bool host_fault_is_over(u64 esr, u64 ipa)
{
	u32 attrs = 0;
	bool mapped;

	if (!esr_is_translation(esr))
		return false;
	hyp_lock();
	mapped = stage2_lookup(&host_s2, ALIGN_DOWN(ipa, PAGE_SIZE), NULL, &attrs, NULL);
	hyp_unlock();
	return mapped && (ESR_EC(esr) == EC_DABT_LOWER || attrs & S2_EXEC);
}

/* HPFAR_EL2 and the syndrome are read before this CPU can take another exception */
static void host_stage2_fault(struct gp_regs *regs, u64 esr, u64 far)
{
	u64 ipa = ((read_sysreg(hpfar_el2) >> 4) << PAGE_SHIFT) | (far & ~PAGE_MASK);

	if (ESR_EC(esr) == EC_DABT_LOWER && gic_guard_access(regs, esr, ipa))
		return;
	if (!host_fault_is_over(esr, ipa))
		host_inject_abort(regs, esr, far);
}

struct arch_host_ops arch_host_ops;

static void host_call(struct gp_regs *regs, u16 imm, bool smc)
{
	if (!imm && psci_is_call(regs->x[0])) {
		host_psci(regs->x);
		return;
	}
	hyp_lock();
	arch_host_ops.call(regs->x, imm, smc);
	hyp_unlock();
}

static void host_sysreg(struct gp_regs *regs, u64 esr)
{
	u32 rt = (esr >> 5) & 0x1f;

	if ((esr & SYS64_KEY_MASK) == SYS64_SGI1R_KEY && !(esr & 1))
		gic_host_sgi1r(rt < 31 ? regs->x[rt] : 0);
	else if ((esr & SYS64_KEY_MASK & ~(7U << 17)) != (SYS64_SGI1R_KEY & ~(7U << 17))) {
		el1_exception(regs, (u64)EC_UNKNOWN << ESR_EC_SHIFT, NULL);
		return;
	}
	/* ICC_SGI0R and ICC_ASGI1R: there is no Group 0 to signal */
	regs->pc += 4;
}

void host_sync(struct gp_regs *regs)
{
	u64 esr = read_sysreg(esr_el2), far = read_sysreg(far_el2);

	switch (ESR_EC(esr)) {
	case EC_HVC:
		host_call(regs, esr & 0xffff, false);
		break;
	case EC_SMC:
		regs->pc += 4;
		host_call(regs, esr & 0xffff, true);
		break;
	case EC_SYSREG:
		host_sysreg(regs, esr);
		break;
	case EC_IABT_LOWER:
	case EC_DABT_LOWER:
		host_stage2_fault(regs, esr, far);
		break;
	default:
		el1_exception(regs, (u64)EC_UNKNOWN << ESR_EC_SHIFT, NULL);
	}
}

void host_irq(struct gp_regs *regs)
{
	gic_host_irqs();
	if (arch_host_ops.poll_needed()) {
		hyp_lock();
		arch_host_ops.poll();
		hyp_unlock();
	}
}

/* Not routed here while the host runs (AMO is clear); only a stray one gets through */
void host_serror(struct gp_regs *regs)
{
	warn("SError, ESR %#lx", (unsigned long)read_sysreg(esr_el2));
}

static bool guest_ipa_to_pa(struct vcpu *vcpu, u64 ipa, bool write, u64 *pa)
{
	u32 attrs = 0;
	bool mapped = stage2_lookup(&vcpu->vm->s2, ipa, pa, &attrs, NULL);

	if (mapped && (attrs & (write ? S2_WRITE : S2_READ)))
		return !(attrs & S2_DEVICE);
	vcpu->missing.ipa = ipa;
	vcpu->missing.write = write;
	vcpu->missing.set = true;
	return false;
}

/*
 * AT walks the caller's stage 1, which is current; stage 2 is looked up by hand
 * so that neither side reaches what it does not own.
 */
bool arch_caller_va_to_pa(u64 va, bool write, u64 *pa)
{
	struct vcpu *vcpu = this_cpu()->loaded;
	u64 saved = read_sysreg(par_el1), par, ipa;

	if (write)
		asm volatile("at s1e1w, %0" :: "r"(va) : "memory");
	else
		asm volatile("at s1e1r, %0" :: "r"(va) : "memory");
	isb();
	par = read_sysreg(par_el1);
	write_sysreg(saved, par_el1);
	if (par & 1)
		return false;
	ipa = (par & GENMASK(47, 12)) | (va & ~PAGE_MASK);
	if (vcpu)
		return guest_ipa_to_pa(vcpu, ipa, write, pa);
	*pa = ipa;
	return owner_host_may_access(ALIGN_DOWN(ipa, PAGE_SIZE), PAGE_SIZE);
}

void __noreturn arch_stop(void)
{
	asm volatile("msr daifset, #15");
	for (;;)
		asm volatile("wfi");
}

void trap_panic(struct gp_regs *regs, u64 kind)
{
	static const char * const names[] = { "synchronous", "IRQ", "FIQ", "SError", "AArch32" };
	unsigned int i;

	for (i = 0; i < 30; i += 3)
		warn("x%02u %016lx %016lx %016lx", i, (unsigned long)regs->x[i],
		     (unsigned long)regs->x[i + 1], (unsigned long)regs->x[i + 2]);
	warn("x30 %016lx", (unsigned long)regs->x[30]);
	panic("%s exception in the stub, CPU %u: ESR %#lx FAR %#lx PC %#lx PSTATE %#lx",
	      kind < ARRAY_SIZE(names) ? names[kind] : "?", arch_cpu_id(),
	      (unsigned long)read_sysreg(esr_el2), (unsigned long)read_sysreg(far_el2),
	      (unsigned long)regs->pc, (unsigned long)regs->pstate);
}
