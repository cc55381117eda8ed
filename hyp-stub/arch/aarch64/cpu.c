// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What this CPU can do, and the EL2 controls which let the host find all of it
 * as if no stub were there.
 */
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/sysreg.h"
#include "lib/printk.h"
#include "mm/stage2.h"

_Static_assert(offsetof(struct percpu, stack_top) == PERCPU_STACK_TOP, "asm.h");
_Static_assert(offsetof(struct gp_regs, sp_el0) == REGS_SP_EL0, "asm.h");
_Static_assert(offsetof(struct gp_regs, pc) == REGS_PC, "asm.h");
_Static_assert(offsetof(struct gp_regs, pstate) == REGS_PSTATE, "asm.h");
_Static_assert(sizeof(struct gp_regs) == REGS_SIZE, "asm.h");

struct percpu cpus[MAX_CPUS];
unsigned int nr_cpus;
static u64 host_hcrx, host_mdcr;

/*
 * The lock.  Not a fair one: where fewer cores than CPUs are emulated, handing it
 * to a waiter that does not run would stop everybody until it does.  Waiters back
 * off, so that the holder's cache line stays its own.
 */
#define LOCK_BACKOFF_MAX	1024

static u32 lock_word;
static u32 lock_owner;		/* CPU + 1 */

static bool lock_try(void)
{
	return !__atomic_load_n(&lock_word, __ATOMIC_RELAXED) &&
	       !__atomic_exchange_n(&lock_word, 1, __ATOMIC_ACQUIRE);
}

void hyp_lock(void)
{
	unsigned int wait = 1, i;

	while (!lock_try()) {
		for (i = 0; i < wait; i++)
			asm volatile("yield");
		wait = min(2 * wait, LOCK_BACKOFF_MAX);
	}
	__atomic_store_n(&lock_owner, arch_cpu_id() + 1, __ATOMIC_RELAXED);
}

void hyp_unlock(void)
{
	__atomic_store_n(&lock_owner, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&lock_word, 0, __ATOMIC_RELEASE);
}

bool hyp_locked(void)
{
	return __atomic_load_n(&lock_owner, __ATOMIC_RELAXED) == arch_cpu_id() + 1;
}

unsigned int arch_cpu_id(void)
{
	return this_cpu()->id;
}

bool cpu_has_sve(void)
{
	return id_field(id_aa64pfr0_el1, 32) != 0;
}

bool cpu_has_sme(void)
{
	return id_field(id_aa64pfr1_el1, 24) != 0;
}

bool cpu_has_pauth(void)
{
	return (read_sysreg(id_aa64isar1_el1) >> 4) & 0xff ||
	       id_field(SYS_ID_AA64ISAR2_EL1, 12);
}

static bool has_fgt(void)
{
	return id_field(id_aa64mmfr0_el1, 56) != 0;
}

static bool has_hcx(void)
{
	return id_field(id_aa64mmfr1_el1, 40) != 0;
}

/* Nothing trapped: RES1 bits, and TZ and TSM only where they are RES1 */
u64 cpu_host_cptr(void)
{
	return CPTR_RES1 | (cpu_has_sve() ? 0 : CPTR_TZ) | (cpu_has_sme() ? 0 : CPTR_TSM);
}

u64 cpu_host_hcr(void)
{
	u64 hcr = HCR_VM | HCR_FMO | HCR_IMO | HCR_TSC | HCR_RW;

	if (cpu_has_pauth())
		hcr |= HCR_API | HCR_APK;
	if (id_field(id_aa64pfr1_el1, 8) >= 2)
		hcr |= HCR_ATA;
	if (id_field(id_aa64pfr0_el1, 56) >= 2 || id_field(id_aa64pfr1_el1, 32))
		hcr |= HCR_ENSCXT;
	return hcr;
}

u64 cpu_host_mdcr(void)
{
	return host_mdcr;
}

static u64 make_host_mdcr(void)
{
	u64 dfr0 = read_sysreg(id_aa64dfr0_el1), mdcr = 0;
	u64 pmuver = (dfr0 >> 8) & 0xf;

	if (pmuver && pmuver != 0xf)
		mdcr |= (read_sysreg(pmcr_el0) >> 11) & MDCR_HPMN_MASK;
	if ((dfr0 >> 32) & 0xf)
		mdcr |= MDCR_E2PB;
	if ((dfr0 >> 44) & 0xf)
		mdcr |= MDCR_E2TB;
	return mdcr;
}

/* Enables in HCRX_EL2 that a kernel at EL1 has a right to expect (booting.rst) */
static u64 make_host_hcrx(void)
{
	u64 isar1 = read_sysreg(id_aa64isar1_el1), isar2 = read_sysreg(SYS_ID_AA64ISAR2_EL1);
	u64 mmfr3 = read_sysreg(SYS_ID_AA64MMFR3_EL1), pfr1 = read_sysreg(id_aa64pfr1_el1);
	u64 hcrx = 0;

	if (isar1 >> 60)
		hcrx |= BIT(0) | BIT(1) | BIT(2);	/* LS64 */
	if ((isar2 >> 16) & 0xf)
		hcrx |= BIT(11);			/* MOPS */
	if (mmfr3 & 0xf)
		hcrx |= BIT(14);			/* TCR2_EL1 */
	if ((mmfr3 >> 4) & 0xf)
		hcrx |= BIT(15);			/* SCTLR2_EL1 */
	if ((pfr1 >> 44) & 0xf)
		hcrx |= BIT(22);			/* GCS */
	if (read_sysreg(S3_0_C0_C4_2) & 0xf)
		hcrx |= BIT(23);			/* FPMR */
	return hcrx;
}

/*
 * Fine-grained traps.  Bits whose name starts with n allow an access when set:
 * all of them for the host, none for a guest, which thereby cannot reach state
 * that the stub does not switch (SME's TPIDR2, permission indirection, GCS ...).
 */
void cpu_host_fine_grained(bool host)
{
	if (has_fgt()) {
		u64 rw = host ? GENMASK(63, 50) : 0, dbg = host ? GENMASK(62, 59) : 0;

		write_sysreg(rw, SYS_HFGRTR_EL2);
		write_sysreg(rw, SYS_HFGWTR_EL2);
		write_sysreg(host ? GENMASK(59, 55) : 0, SYS_HFGITR_EL2);
		write_sysreg(dbg, SYS_HDFGRTR_EL2);
		write_sysreg(dbg, SYS_HDFGWTR_EL2);
	}
	if (has_hcx())
		write_sysreg(host ? host_hcrx : 0, SYS_HCRX_EL2);
}

static void enable_vectors(void)
{
	write_sysreg(cpu_host_cptr(), cptr_el2);
	isb();
	if (cpu_has_sve())
		write_sysreg(0x1ffULL, SYS_ZCR_EL2);
	if (cpu_has_sme()) {
		u64 smfr0 = read_sysreg(SYS_ID_AA64SMFR0_EL1), smcr = 0x1ff;

		if (smfr0 >> 63)
			smcr |= BIT(31);
		if ((smfr0 >> 56) & 0xf)
			smcr |= BIT(30);
		write_sysreg(smcr, SYS_SMCR_EL2);
	}
	isb();
}

u64 cpu_vtcr(void)
{
	u64 parange = min(id_field(id_aa64mmfr0_el1, 0), 2ULL);

	return stage2_vtcr(40) | BIT(31) | (parange << 16);
}

void cpu_enable_features(void)
{
	host_mdcr = make_host_mdcr();
	if (has_hcx())
		host_hcrx = make_host_hcrx();
	enable_vectors();
	cpu_host_fine_grained(true);
	write_sysreg(host_mdcr, mdcr_el2);
	write_sysreg(0, hstr_el2);
	write_sysreg(cpu_vtcr(), vtcr_el2);
	write_sysreg(read_sysreg(midr_el1), vpidr_el2);
	write_sysreg(read_sysreg(mpidr_el1), vmpidr_el2);
	write_sysreg(CNTHCTL_EL1PCEN | CNTHCTL_EL1PCTEN, cnthctl_el2);
	write_sysreg(0, cntvoff_el2);
	if (id_field(id_aa64pfr0_el1, 40))
		write_sysreg(0, SYS_MPAM2_EL2);
	write_sysreg(cpu_host_hcr(), hcr_el2);
	isb();
}
