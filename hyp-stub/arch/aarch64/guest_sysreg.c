// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Trapped system registers of guests.  ID registers are shown by an allow list:
 * a field that is not named here reads as 0, so what the stub does not switch or
 * emulate does not exist for a guest.  Debug and RAS registers read as zero and
 * ignore writes.  Everything else is undefined.
 */
#include "arch/aarch64/guest.h"
#include "arch/aarch64/sysreg.h"
#include "lib/printk.h"
#include "obj/vm.h"

/* Op0, Op1, CRn, CRm, Op2 as ESR_EL2.ISS has them */
#define ISS_KEY(op0, op1, crn, crm, op2) \
	(((op0) << 20) | ((op2) << 17) | ((op1) << 14) | ((crn) << 10) | ((crm) << 1))
#define ISS_KEY_MASK	0x3ffc1eU
#define ISS_READ	BIT(0)
#define ISS_RT(iss)	(((iss) >> 5) & 0x1f)

#define FIELD(shift)	(0xfULL << (shift))

/* One ID register: fields copied from the CPU, and bits that are added */
struct id_reg {
	u32 key;
	u64 (*read)(void);
	u64 keep;
	u64 add;
};

#define ID_READ(name, reg) \
	static u64 read_##name(void) { return read_sysreg(reg); }
ID_READ(pfr0, id_aa64pfr0_el1)
ID_READ(pfr1, id_aa64pfr1_el1)
ID_READ(isar0, id_aa64isar0_el1)
ID_READ(isar1, id_aa64isar1_el1)
ID_READ(isar2, SYS_ID_AA64ISAR2_EL1)
ID_READ(mmfr1, id_aa64mmfr1_el1)
ID_READ(mmfr2, SYS_ID_AA64MMFR2_EL1)

/* Physical addresses of 40 bits at most: what the guest's stage 2 can translate */
static u64 read_mmfr0(void)
{
	u64 v = read_sysreg(id_aa64mmfr0_el1);

	return (v & ~FIELD(0)) | min(v & 0xf, 2ULL);
}

static u64 read_zero(void)
{
	return 0;
}

#define ID_KEY(crm, op2)	ISS_KEY(3, 0, 0, crm, op2)

static const struct id_reg id_regs[] = {
	/* EL0 and EL1 AArch64 only; FP, SIMD, DIT, CSV2, CSV3; GICv3 interface */
	{ ID_KEY(4, 0), read_pfr0, FIELD(16) | FIELD(20) | FIELD(48) | FIELD(60),
	  0x11 | BIT(24) | BIT(56) },
	/* BT, SSBS */
	{ ID_KEY(4, 1), read_pfr1, FIELD(0) | FIELD(4), 0 },
	/* debug architecture v8; breakpoints are fixed at the least that can be said */
	{ ID_KEY(5, 0), read_zero, 0, 0x6 | BIT(12) | BIT(20) },
	/* all but TME */
	{ ID_KEY(6, 0), read_isar0, ~FIELD(24), 0 },
	/* all but LS64 */
	{ ID_KEY(6, 1), read_isar1, ~FIELD(60), 0 },
	/* RPRES, GPA3, APA3, BC, PAC_frac */
	{ ID_KEY(6, 2), read_isar2, FIELD(4) | FIELD(8) | FIELD(12) | FIELD(20) | FIELD(24), 0 },
	/* PARange, ASID, endianness, granules of stage 1 */
	{ ID_KEY(7, 0), read_mmfr0, GENMASK(31, 0), 0 },
	/* HAFDBS, HPDS, PAN, ETS */
	{ ID_KEY(7, 1), read_mmfr1, FIELD(0) | FIELD(12) | FIELD(20) | FIELD(36), 0 },
	/* CnP, UAO, LSM, VARange, CCIDX, ST, AT, IDS, TTL, BBM, E0PD */
	{ ID_KEY(7, 2), read_mmfr2, FIELD(0) | FIELD(4) | FIELD(8) | FIELD(16) | FIELD(20) |
	  FIELD(28) | FIELD(32) | FIELD(36) | FIELD(48) | FIELD(52) | FIELD(60), 0 },
};

static u64 id_value(u32 key)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(id_regs); i++)
		if (id_regs[i].key == key)
			return (id_regs[i].read() & id_regs[i].keep) | id_regs[i].add;
	return 0;
}

static bool is_id_key(u32 key)
{
	return (key & ~ISS_KEY(0, 0, 0, 7, 7)) == ISS_KEY(3, 0, 0, 0, 0) &&
	       ((key >> 1) & 0xf) >= 1;
}

#define KEY_CNTP_TVAL	ISS_KEY(3, 3, 14, 2, 0)
#define KEY_CNTP_CTL	ISS_KEY(3, 3, 14, 2, 1)
#define KEY_CNTP_CVAL	ISS_KEY(3, 3, 14, 2, 2)
#define KEY_SGI1R	ISS_KEY(3, 0, 12, 11, 5)
#define KEY_ASGI1R	ISS_KEY(3, 0, 12, 11, 6)
#define KEY_SGI0R	ISS_KEY(3, 0, 12, 11, 7)
#define KEY_SRE_EL1	ISS_KEY(3, 0, 12, 12, 5)
#define KEY_OSLSR	ISS_KEY(2, 0, 1, 1, 4)

static u64 cntp_read(struct vcpu *vcpu, u32 key)
{
	struct arch_vcpu *a = vcpu->arch;
	u64 now = arch_counter();

	if (key == KEY_CNTP_TVAL)
		return (u32)(a->cntp_cval - now);
	if (key == KEY_CNTP_CVAL)
		return a->cntp_cval;
	return a->cntp_ctl | (a->cntp_cval <= now && (a->cntp_ctl & CNT_CTL_ENABLE) ?
			      CNT_CTL_ISTATUS : 0);
}

static void cntp_write(struct vcpu *vcpu, u32 key, u64 value)
{
	struct arch_vcpu *a = vcpu->arch;

	if (key == KEY_CNTP_TVAL)
		a->cntp_cval = arch_counter() + (s64)(s32)value;
	else if (key == KEY_CNTP_CVAL)
		a->cntp_cval = value;
	else
		a->cntp_ctl = value & (CNT_CTL_ENABLE | CNT_CTL_IMASK);
	arch_vcpu_update_timers(vcpu);
}

/* Reads as zero, writes are ignored: debug, RAS, ACTLR, ID registers to come */
static bool is_razwi(u32 key)
{
	u32 op0 = key >> 20, op1 = (key >> 14) & 7, crn = (key >> 10) & 0xf;
	u32 crm = (key >> 1) & 0xf;

	if (op0 == 2)
		return true;			/* debug */
	if (op0 != 3 || op1 != 0)
		return false;
	if (crn == 5 && (crm == 3 || crm == 4))
		return true;			/* ERR* */
	return crn == 1 && crm == 0;		/* ACTLR_EL1 */
}

static bool sysreg_read(struct vcpu *vcpu, u32 key, u64 *value)
{
	*value = 0;
	if (is_id_key(key)) {
		*value = id_value(key);
		return true;
	}
	switch (key) {
	case KEY_CNTP_TVAL:
	case KEY_CNTP_CTL:
	case KEY_CNTP_CVAL:
		*value = cntp_read(vcpu, key);
		return true;
	case KEY_SRE_EL1:
		*value = 7;
		return true;
	case KEY_OSLSR:
		*value = BIT(3);
		return true;
	}
	return is_razwi(key);
}

static bool sysreg_write(struct vcpu *vcpu, u32 key, u64 value)
{
	switch (key) {
	case KEY_CNTP_TVAL:
	case KEY_CNTP_CTL:
	case KEY_CNTP_CVAL:
		cntp_write(vcpu, key, value);
		return true;
	case KEY_SGI1R:
		vgic_sgi1r(&vcpu->vm->vgic, vcpu->index, value);
		return true;
	case KEY_ASGI1R:
	case KEY_SGI0R:
	case KEY_SRE_EL1:
		return true;
	}
	return is_razwi(key);
}

void guest_sysreg_trap(struct vcpu *vcpu, u64 esr)
{
	u64 iss = ESR_ISS(esr), value = 0;
	u32 key = iss & ISS_KEY_MASK, rt = ISS_RT(iss);
	bool done;

	if (iss & ISS_READ) {
		done = sysreg_read(vcpu, key, &value);
		if (done && rt < 31)
			vcpu->regs.x[rt] = value;
	} else {
		done = sysreg_write(vcpu, key, rt < 31 ? vcpu->regs.x[rt] : 0);
	}
	if (done)
		arch_vcpu_skip(vcpu);
	else
		guest_inject_undef(vcpu);
}
