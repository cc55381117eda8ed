// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The FP unit.  A guest has FP and Advanced SIMD only.  Its first use traps: the
 * host's registers (Z, P and FFR where there is SVE, also of streaming mode) are
 * kept until the vCPU leaves the CPU.  ZA stays where it is: a guest cannot
 * reach it, and PSTATE.ZA is not changed.
 */
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/guest.h"
#include "arch/aarch64/sysreg.h"

#define SVCR_SM		BIT(0)

void fpsimd_save(void *v);
void fpsimd_load(const void *v);
void sve_save(void *z, void *p, void *ffr, bool with_ffr);
void sve_load(const void *z, const void *p, const void *ffr, bool with_ffr);

/* FFR does not exist in streaming mode without FEAT_SME_FA64 */
static bool has_ffr(u64 svcr)
{
	return !(svcr & SVCR_SM) || read_sysreg(SYS_ID_AA64SMFR0_EL1) >> 63;
}

static void host_fp_save(struct host_fp *fp)
{
	fp->svcr = cpu_has_sme() ? read_sysreg(SYS_SVCR) : 0;
	fp->fpcr = read_sysreg(fpcr);
	fp->fpsr = read_sysreg(fpsr);
	if (cpu_has_sve() || (fp->svcr & SVCR_SM))
		sve_save(fp->z, fp->p, fp->ffr, has_ffr(fp->svcr));
	else
		fpsimd_save(fp->z);
	if (fp->svcr & SVCR_SM) {
		write_sysreg(fp->svcr & ~SVCR_SM, SYS_SVCR);
		isb();
	}
}

static void host_fp_load(const struct host_fp *fp)
{
	if (fp->svcr & SVCR_SM) {
		write_sysreg(fp->svcr, SYS_SVCR);
		isb();
	}
	if (cpu_has_sve() || (fp->svcr & SVCR_SM))
		sve_load(fp->z, fp->p, fp->ffr, has_ffr(fp->svcr));
	else
		fpsimd_load(fp->z);
	write_sysreg(fp->fpcr, fpcr);
	write_sysreg(fp->fpsr, fpsr);
}

/* All of the unit open to the stub itself, so that the host's registers can be moved */
static void open_unit(void)
{
	write_sysreg(cpu_host_cptr(), cptr_el2);
	isb();
}

/* The guest touched the unit for the first time since it was loaded */
void fp_guest_trap(struct vcpu *vcpu)
{
	struct percpu *cpu = this_cpu();

	open_unit();
	host_fp_save(&cpu->host.fp);
	fpsimd_load(vcpu->arch->v);
	write_sysreg(vcpu->arch->fpcr, fpcr);
	write_sysreg(vcpu->arch->fpsr, fpsr);
	cpu->guest_fp = true;
}

void fp_put(struct vcpu *vcpu)
{
	struct percpu *cpu = this_cpu();

	open_unit();
	if (!cpu->guest_fp)
		return;
	fpsimd_save(vcpu->arch->v);
	vcpu->arch->fpcr = read_sysreg(fpcr);
	vcpu->arch->fpsr = read_sysreg(fpsr);
	host_fp_load(&cpu->host.fp);
	cpu->guest_fp = false;
}
