// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The world switch: a vCPU's registers onto this CPU and back, entry, and what a
 * trap means.  Runs on the CPU of the vcpu_run call.
 */
#include "arch/aarch64/guest.h"
#include "arch/aarch64/sysreg.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "obj/vm.h"

/* Registers of EL1 and EL0 that both worlds use; the order is struct arch_vcpu's */
#define WORLD_REGS(op) \
	op(0, sctlr_el1) op(1, cpacr_el1) op(2, ttbr0_el1) op(3, ttbr1_el1) op(4, tcr_el1) \
	op(5, esr_el1) op(6, far_el1) op(7, afsr0_el1) op(8, afsr1_el1) op(9, mair_el1) \
	op(10, amair_el1) op(11, vbar_el1) op(12, contextidr_el1) op(13, tpidr_el0) \
	op(14, tpidrro_el0) op(15, tpidr_el1) op(16, cntkctl_el1) op(17, par_el1) \
	op(18, sp_el1) op(19, elr_el1) op(20, spsr_el1) op(21, csselr_el1) \
	op(22, mdscr_el1) op(23, actlr_el1) op(24, mdccint_el1)

#define REG_SCTLR	0
#define REG_SP_EL1	18

#define PAUTH_KEYS(op) \
	op(0, SYS_APIAKEYLO_EL1) op(1, SYS_APIAKEYHI_EL1) op(2, SYS_APIBKEYLO_EL1) \
	op(3, SYS_APIBKEYHI_EL1) op(4, SYS_APDAKEYLO_EL1) op(5, SYS_APDAKEYHI_EL1) \
	op(6, SYS_APDBKEYLO_EL1) op(7, SYS_APDBKEYHI_EL1) op(8, SYS_APGAKEYLO_EL1) \
	op(9, SYS_APGAKEYHI_EL1)

#define SAVE_REG(i, r)	regs[i] = read_sysreg(r);
#define LOAD_REG(i, r)	write_sysreg(regs[i], r);

static void world_save(u64 *regs)
{
	WORLD_REGS(SAVE_REG)
}

static void world_load(const u64 *regs)
{
	WORLD_REGS(LOAD_REG)
}

static void keys_save(u64 *regs)
{
	if (!cpu_has_pauth())
		return;
	PAUTH_KEYS(SAVE_REG)
}

static void keys_load(const u64 *regs)
{
	if (!cpu_has_pauth())
		return;
	PAUTH_KEYS(LOAD_REG)
}

size_t arch_vcpu_size(void)
{
	return sizeof(struct arch_vcpu);
}

void arch_vcpu_init(struct vcpu *vcpu, u64 entry, u64 context)
{
	struct arch_vcpu *a = vcpu->arch;

	memset(a, 0, sizeof(*a));
	memset(&vcpu->regs, 0, sizeof(vcpu->regs));
	vcpu->regs.pc = entry;
	vcpu->regs.x[0] = context;
	vcpu->regs.pstate = SPSR_EL1H | SPSR_DAIF;
	a->regs[REG_SCTLR] = SCTLR_EL1_RESET;
}

void arch_vcpu_set_sp(struct vcpu *vcpu, unsigned int el, u64 value)
{
	if (el)
		vcpu->arch->regs[REG_SP_EL1] = value;
	else
		vcpu->regs.sp_el0 = value;
}

static u64 guest_hcr(void)
{
	u64 hcr = HCR_VM | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TWI | HCR_TID3 | HCR_TSC |
		  HCR_TIDCP | HCR_TACR | HCR_RW | HCR_TLOR | HCR_TERR;

	if (cpu_has_pauth())
		hcr |= HCR_API | HCR_APK;
	return hcr;
}

#define GUEST_CPTR	(CPTR_RES1 | CPTR_TZ | CPTR_TSM | CPTR_TTA | CPTR_TAM)

static u64 guest_mdcr(void)
{
	return (cpu_host_mdcr() & MDCR_HPMN_MASK) | MDCR_TPMCR | MDCR_TPM | MDCR_TDA |
	       MDCR_TDOSA | MDCR_TDRA | MDCR_TPMS | MDCR_TTRF;
}

/* The host's timer must not fire as the guest's: off before anything else is loaded */
static void host_timer_save(struct host_cpu *host)
{
	host->cntv_ctl = read_sysreg(cntv_ctl_el0);
	host->cntv_cval = read_sysreg(cntv_cval_el0);
	write_sysreg(0, cntv_ctl_el0);
	isb();
}

static void guest_timer_load(const struct arch_vcpu *a)
{
	write_sysreg(a->cntv_cval, cntv_cval_el0);
	write_sysreg(a->cntv_ctl, cntv_ctl_el0);
	isb();
}

static void guest_timer_save(struct arch_vcpu *a)
{
	a->cntv_ctl = read_sysreg(cntv_ctl_el0);
	a->cntv_cval = read_sysreg(cntv_cval_el0);
	write_sysreg(0, cntv_ctl_el0);
	isb();
}

static bool timer_armed(u64 ctl)
{
	return (ctl & CNT_CTL_ENABLE) && !(ctl & CNT_CTL_IMASK);
}

static bool vtimer_in_flight(struct vcpu *vcpu)
{
	return vgic_hw_active(&vcpu->vm->vgic, vcpu->index, INTID_PPI_VTIMER);
}

/*
 * PPI 27 is active in the machine while the guest has it in flight, otherwise it
 * would fire again at once; the guest's EOI deactivates it (HW = 1).
 */
static void vtimer_set_active(bool active)
{
	struct percpu *cpu = this_cpu();

	if (cpu->vtimer_active == active)
		return;
	if (active)
		gic_set_active(INTID_PPI_VTIMER);
	else
		gic_deactivate(INTID_PPI_VTIMER);
	cpu->vtimer_active = active;
}

void arch_vcpu_load(struct vcpu *vcpu)
{
	struct percpu *cpu = this_cpu();
	struct arch_vcpu *a = vcpu->arch;

	gic_own_irqs();
	world_save(cpu->host.regs);
	keys_save(cpu->host.keys);
	host_timer_save(&cpu->host);
	gic_host_save(&cpu->host);
	cpu->loaded = vcpu;
	cpu->guest_fp = false;

	write_sysreg(guest_hcr(), hcr_el2);
	write_sysreg(guest_mdcr(), mdcr_el2);
	write_sysreg(CNTHCTL_EL1PCTEN, cnthctl_el2);
	write_sysreg(BIT(31) | vcpu->index, vmpidr_el2);
	cpu_host_fine_grained(false);
	s2_activate(&vcpu->vm->s2);
	world_load(a->regs);
	keys_load(a->keys);
	write_sysreg(a->vmcr, ich_vmcr_el2);
	gic_load_aps(a->ap1r);
	write_sysreg(0, ich_hcr_el2);
	guest_timer_load(a);
}

void arch_vcpu_put(struct vcpu *vcpu)
{
	struct percpu *cpu = this_cpu();
	struct arch_vcpu *a = vcpu->arch;

	guest_timer_save(a);
	vtimer_set_active(false);
	fp_put(vcpu);
	a->vmcr = read_sysreg(ich_vmcr_el2);
	gic_save_aps(a->ap1r);
	world_save(a->regs);
	keys_save(a->keys);

	cpu_host_fine_grained(true);
	write_sysreg(cpu_host_hcr(), hcr_el2);
	write_sysreg(cpu_host_mdcr(), mdcr_el2);
	write_sysreg(CNTHCTL_EL1PCEN | CNTHCTL_EL1PCTEN, cnthctl_el2);
	write_sysreg(read_sysreg(mpidr_el1), vmpidr_el2);
	s2_activate(&host_s2);
	world_load(cpu->host.regs);
	keys_load(cpu->host.keys);
	cpu->loaded = NULL;
	cpu->guest_deadline = ~0ULL;
	timer_program();
	gic_host_restore(&cpu->host);
	write_sysreg(cpu->host.cntv_cval, cntv_cval_el0);
	write_sysreg(cpu->host.cntv_ctl, cntv_ctl_el0);
	isb();
}

/*
 * What has to end the guest's run: the host's virtual timer (its PPI is not
 * pending while the guest's values are loaded) and the emulated physical one.
 */
static void set_guest_deadline(struct vcpu *vcpu)
{
	struct percpu *cpu = this_cpu();
	u64 deadline = ~0ULL;

	if (timer_armed(cpu->host.cntv_ctl))
		deadline = cpu->host.cntv_cval;
	if (timer_armed(vcpu->arch->cntp_ctl) && vcpu->arch->cntp_cval > arch_counter())
		deadline = min(deadline, vcpu->arch->cntp_cval);
	if (deadline != cpu->guest_deadline) {
		cpu->guest_deadline = deadline;
		timer_program();
	}
}

bool arch_host_irq_pending(void)
{
	struct percpu *cpu = this_cpu();

	return (timer_armed(cpu->host.cntv_ctl) && cpu->host.cntv_cval <= arch_counter()) ||
	       gic_host_irq_pending();
}

/* Its line is high although its timer is not: reprogrammed before it was taken */
static bool vtimer_retracted(const struct vgic_irq *irq)
{
	u64 ctl;

	if (!irq->level || irq->active)
		return false;
	ctl = read_sysreg(cntv_ctl_el0);
	return !(timer_armed(ctl) && (ctl & CNT_CTL_ISTATUS));
}

void arch_vcpu_update_timers(struct vcpu *vcpu)
{
	struct arch_vcpu *a = vcpu->arch;
	struct vgic *vgic = &vcpu->vm->vgic;
	struct vgic_irq *irq = &vgic->cpu[vcpu->index].priv[INTID_PPI_VTIMER];

	if (this_cpu()->loaded != vcpu) {
		if (timer_armed(a->cntv_ctl) && a->cntv_cval <= arch_counter() && !irq->active)
			vgic_set_line(vgic, vcpu->index, INTID_PPI_VTIMER, true);
	} else if (vtimer_retracted(irq)) {
		vgic_set_line(vgic, vcpu->index, INTID_PPI_VTIMER, false);
		vtimer_set_active(false);
	}
	vgic_set_line(vgic, vcpu->index, INTID_PPI_PTIMER,
		      timer_armed(a->cntp_ctl) && a->cntp_cval <= arch_counter());
}

/* CNTVOFF_EL2 is 0 for all, so the virtual compare value is one of the physical counter */
u64 arch_vcpu_deadline(struct vcpu *vcpu, u64 now)
{
	struct arch_vcpu *a = vcpu->arch;
	u64 deadline = ~0ULL;

	if (timer_armed(a->cntv_ctl) && a->cntv_cval > now)
		deadline = a->cntv_cval;
	if (timer_armed(a->cntp_ctl) && a->cntp_cval > now)
		deadline = min(deadline, a->cntp_cval);
	return deadline;
}

void arch_vcpu_cpuif(struct vcpu *vcpu, u8 *pmr, bool *grpen1)
{
	u64 vmcr = this_cpu()->loaded == vcpu ? read_sysreg(ich_vmcr_el2) : vcpu->arch->vmcr;

	*pmr = ICH_VMCR_VPMR(vmcr);
	*grpen1 = vmcr & ICH_VMCR_VENG1;
}

void arch_vcpu_skip(struct vcpu *vcpu)
{
	vcpu->regs.pc += 4;
	vcpu->regs.pstate &= ~SPSR_SS;
}

void guest_inject_undef(struct vcpu *vcpu)
{
	el1_exception(&vcpu->regs, (u64)EC_UNKNOWN << ESR_EC_SHIFT, NULL);
}

void arch_vcpu_inject_abort(struct vcpu *vcpu)
{
	struct arch_vcpu *a = vcpu->arch;
	bool insn = ESR_EC(a->esr) == EC_IABT_LOWER;
	u64 ec = el1_abort_class(&vcpu->regs, insn);

	el1_exception(&vcpu->regs, (ec << ESR_EC_SHIFT) | FSC_EXTERNAL |
		      (insn ? 0 : a->esr & ISS_WNR), &a->far);
}

static void decode_mmio(u64 iss, struct vcpu_trap *trap)
{
	trap->kind = TRAP_MMIO;
	trap->mmio.ipa = trap->ipa;
	trap->mmio.size = 1U << ISS_SAS(iss);
	trap->mmio.reg = ISS_SRT(iss);
	trap->mmio.write = iss & ISS_WNR;
	trap->mmio.sign_extend = iss & ISS_SSE;
	trap->mmio.sixty_four = iss & ISS_SF;
}

static bool is_permission(u64 iss)
{
	return (iss & FSC_TYPE_MASK) == FSC_PERMISSION;
}

/*
 * HPFAR_EL2 holds the address of a permission fault only if a walk of stage 1 met it;
 * otherwise that walk is repeated.  False: the guest has changed its tables meanwhile,
 * or takes them through pages that it has not now; it runs into that again.
 */
static bool fault_ipa(u64 esr, u64 far, u64 *ipa)
{
	u64 saved, par;

	if (ESR_ISS(esr) & ISS_S1PTW)
		far = 0;	/* not where in the table */
	if (!is_permission(ESR_ISS(esr)) || (ESR_ISS(esr) & ISS_S1PTW)) {
		*ipa = (read_sysreg(hpfar_el2) >> 4) << PAGE_SHIFT | (far & ~PAGE_MASK);
		return true;
	}
	saved = read_sysreg(par_el1);
	asm volatile("at s1e1r, %0" :: "r"(far) : "memory");
	isb();
	par = read_sysreg(par_el1);
	write_sysreg(saved, par_el1);
	*ipa = (par & GENMASK(47, 12)) | (far & ~PAGE_MASK);
	return !(par & 1);
}

/*
 * Cache maintenance is reported as a write, which it need not be; a walk of stage 1 can
 * miss a permission only when it writes flags.
 */
static bool fault_writes(u64 iss)
{
	if (iss & ISS_S1PTW)
		return is_permission(iss);
	return (iss & ISS_WNR) && (is_permission(iss) || !(iss & ISS_CM));
}

/* Stage 2 fault: a single decoded access where nothing is mapped, or an abort */
static void stage2_fault(struct vcpu *vcpu, u64 esr, struct vcpu_trap *trap)
{
	bool insn = ESR_EC(esr) == EC_IABT_LOWER;
	u64 iss = ESR_ISS(esr);

	if (!fault_ipa(esr, vcpu->arch->far, &trap->ipa))
		return;
	trap->kind = TRAP_ABORT;
	trap->unmapped = esr_is_translation(esr) || is_permission(iss);
	trap->exec = insn && !(iss & ISS_S1PTW);
	trap->write = !trap->exec && fault_writes(insn ? iss & ~ISS_WNR : iss);
	if (!insn && esr_is_translation(esr) && (iss & ISS_ISV) && !(iss & ISS_S1PTW))
		decode_mmio(iss, trap);
}

static void sync_trap(struct vcpu *vcpu, struct vcpu_trap *trap)
{
	u64 esr = vcpu->arch->esr;

	switch (ESR_EC(esr)) {
	case EC_WFX:
		trap->kind = TRAP_WFI;
		break;
	case EC_HVC:
	case EC_SMC:
		trap->kind = TRAP_CALL;
		trap->imm = esr & 0xffff;
		trap->smc = ESR_EC(esr) == EC_SMC;
		if (trap->smc)
			arch_vcpu_skip(vcpu);
		break;
	case EC_SYSREG:
		guest_sysreg_trap(vcpu, esr);
		break;
	case EC_FP:
		fp_guest_trap(vcpu);
		break;
	case EC_IABT_LOWER:
	case EC_DABT_LOWER:
		stage2_fault(vcpu, esr, trap);
		break;
	default:
		guest_inject_undef(vcpu);
	}
}

static u64 guest_ich_hcr(const struct vgic_cpu *vc)
{
	return ICH_HCR_EN | (vc->overflow ? ICH_HCR_NPIE : 0) |
	       (vc->spilled ? ICH_HCR_LRENPIE : 0);
}

/*
 * In and out, without the stub's lock: list registers and everything else that is
 * touched here belong to this CPU, or to a vCPU that is marked as running on it.
 */
static u64 enter(struct vcpu *vcpu, bool vtimer_active)
{
	struct vgic_cpu *vc = &vcpu->vm->vgic.cpu[vcpu->index];
	u64 code;

	set_guest_deadline(vcpu);
	vtimer_set_active(vtimer_active);
	gic_load_lrs(vc->lr, vc->nr_lrs);
	write_sysreg(guest_ich_hcr(vc), ich_hcr_el2);
	write_sysreg(GUEST_CPTR | (this_cpu()->guest_fp ? 0 : CPTR_TFP), cptr_el2);
	write_sysreg((u64)guest_vectors, vbar_el2);
	isb();
	code = guest_enter(&vcpu->regs);
	write_sysreg((u64)host_vectors, vbar_el2);
	isb();
	gic_save_lrs(vc->lr, vc->nr_lrs);
	vc->eoi_count = read_sysreg(ich_hcr_el2) >> ICH_HCR_EOICOUNT_SHIFT & 0x1f;
	write_sysreg(0, ich_hcr_el2);
	isb();
	return code;
}

void arch_vcpu_enter(struct vcpu *vcpu, struct vcpu_trap *trap)
{
	bool vtimer_active = vtimer_in_flight(vcpu);
	u64 code;

	hyp_unlock();
	code = enter(vcpu, vtimer_active);
	hyp_lock();
	vgic_sync(&vcpu->vm->vgic, vcpu->index);
	if (!vtimer_in_flight(vcpu))
		this_cpu()->vtimer_active = false;
	*trap = (struct vcpu_trap){ .kind = TRAP_NONE };
	if (code == GUEST_EXIT_SYNC) {
		vcpu->arch->esr = read_sysreg(esr_el2);
		vcpu->arch->far = read_sysreg(far_el2);
		sync_trap(vcpu, trap);
	} else if (code == GUEST_EXIT_IRQ) {
		if (!gic_guest_irq(vcpu))
			trap->kind = TRAP_HOST_IRQ;
	} else {
		warn("SError while VM %#x ran", vcpu->vm->vmid);
		trap->kind = TRAP_FAULT;
	}
}
