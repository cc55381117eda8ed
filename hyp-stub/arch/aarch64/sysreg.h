/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* System register access and the bits of them that the stub uses (Arm ARM, DDI 0487). */
#ifndef STUB_AARCH64_SYSREG_H
#define STUB_AARCH64_SYSREG_H

#include "lib/types.h"

#define __sysreg_name(r)	#r
#define sysreg_name(r)		__sysreg_name(r)

#define read_sysreg(r) ({						\
	u64 __v;							\
	asm volatile("mrs %0, " sysreg_name(r) : "=r"(__v));		\
	__v;								\
})

#define write_sysreg(v, r) do {						\
	u64 __v = (v);							\
	asm volatile("msr " sysreg_name(r) ", %0" :: "r"(__v) : "memory"); \
} while (0)

static inline void isb(void)
{
	asm volatile("isb" ::: "memory");
}

static inline void dsb_sy(void)
{
	asm volatile("dsb sy" ::: "memory");
}

static inline void dsb_ish(void)
{
	asm volatile("dsb ish" ::: "memory");
}

/* Registers that the assemblers of Debian 12 do not know by name */
#define SYS_SVCR		S3_3_C4_C2_2
#define SYS_SMCR_EL2		S3_4_C1_C2_6
#define SYS_ZCR_EL2		S3_4_C1_C2_0
#define SYS_HCRX_EL2		S3_4_C1_C2_2
#define SYS_HFGRTR_EL2		S3_4_C1_C1_4
#define SYS_HFGWTR_EL2		S3_4_C1_C1_5
#define SYS_HFGITR_EL2		S3_4_C1_C1_6
#define SYS_HDFGRTR_EL2		S3_4_C3_C1_4
#define SYS_HDFGWTR_EL2		S3_4_C3_C1_5
#define SYS_ID_AA64MMFR2_EL1	S3_0_C0_C7_2
#define SYS_ID_AA64MMFR3_EL1	S3_0_C0_C7_3
#define SYS_ID_AA64ISAR2_EL1	S3_0_C0_C6_2
#define SYS_ID_AA64SMFR0_EL1	S3_0_C0_C4_5
#define SYS_APIAKEYLO_EL1	S3_0_C2_C1_0
#define SYS_APIAKEYHI_EL1	S3_0_C2_C1_1
#define SYS_APIBKEYLO_EL1	S3_0_C2_C1_2
#define SYS_APIBKEYHI_EL1	S3_0_C2_C1_3
#define SYS_APDAKEYLO_EL1	S3_0_C2_C2_0
#define SYS_APDAKEYHI_EL1	S3_0_C2_C2_1
#define SYS_APDBKEYLO_EL1	S3_0_C2_C2_2
#define SYS_APDBKEYHI_EL1	S3_0_C2_C2_3
#define SYS_APGAKEYLO_EL1	S3_0_C2_C3_0
#define SYS_APGAKEYHI_EL1	S3_0_C2_C3_1
#define SYS_MPAM2_EL2		S3_4_C10_C5_0

#define id_field(reg, shift)	((read_sysreg(reg) >> (shift)) & 0xf)

/* HCR_EL2 */
#define HCR_VM		BIT(0)
#define HCR_FMO		BIT(3)
#define HCR_IMO		BIT(4)
#define HCR_AMO		BIT(5)
#define HCR_TWI		BIT(13)
#define HCR_TID3	BIT(18)
#define HCR_TSC		BIT(19)
#define HCR_TIDCP	BIT(20)
#define HCR_TACR	BIT(21)
#define HCR_RW		BIT(31)
#define HCR_TLOR	BIT(35)
#define HCR_TERR	BIT(36)
#define HCR_APK		BIT(40)
#define HCR_API		BIT(41)
#define HCR_ENSCXT	BIT(53)
#define HCR_ATA		BIT(56)

/* CPTR_EL2, E2H = 0 */
#define CPTR_RES1	0x22ffULL
#define CPTR_TZ		BIT(8)
#define CPTR_TFP	BIT(10)
#define CPTR_TSM	BIT(12)
#define CPTR_TTA	BIT(20)
#define CPTR_TAM	BIT(30)

/* MDCR_EL2 */
#define MDCR_HPMN_MASK	0x1fULL
#define MDCR_TPMCR	BIT(5)
#define MDCR_TPM	BIT(6)
#define MDCR_TDA	BIT(9)
#define MDCR_TDOSA	BIT(10)
#define MDCR_TDRA	BIT(11)
#define MDCR_E2PB	(3ULL << 12)
#define MDCR_TPMS	BIT(14)
#define MDCR_TTRF	BIT(19)
#define MDCR_E2TB	(3ULL << 24)

#define CNTHCTL_EL1PCTEN	BIT(0)
#define CNTHCTL_EL1PCEN		BIT(1)

#define CNT_CTL_ENABLE		BIT(0)
#define CNT_CTL_IMASK		BIT(1)
#define CNT_CTL_ISTATUS		BIT(2)

#define SCTLR_EL1_RESET		0x30d00980ULL	/* RES1 bits, MMU and caches off */

/* SPSR */
#define SPSR_EL1H		0x5ULL
#define SPSR_MODE_MASK		0xfULL
#define SPSR_MODE32		BIT(4)
#define SPSR_DAIF		(0xfULL << 6)
#define SPSR_SSBS		BIT(12)
#define SPSR_IL			BIT(20)
#define SPSR_SS			BIT(21)
#define SPSR_PAN		BIT(22)
#define SPSR_UAO		BIT(23)
#define SPSR_DIT		BIT(24)
#define SPSR_TCO		BIT(25)

/* ESR */
#define ESR_EC(esr)		(((esr) >> 26) & 0x3f)
#define ESR_EC_SHIFT		26
#define ESR_IL			BIT(25)
#define ESR_ISS(esr)		((esr) & 0x1ffffff)
#define EC_UNKNOWN		0x00
#define EC_WFX			0x01
#define EC_FP			0x07
#define EC_HVC			0x16
#define EC_SMC			0x17
#define EC_SYSREG		0x18
#define EC_SVE			0x19
#define EC_PAC			0x09
#define EC_SME			0x1d
#define EC_IABT_LOWER		0x20
#define EC_IABT_SAME		0x21
#define EC_DABT_LOWER		0x24
#define EC_DABT_SAME		0x25

#define ISS_FSC_MASK		0x3f
#define FSC_TYPE_MASK		0x3c
#define FSC_TRANSLATION		0x04
#define FSC_ACCESS		0x08
#define FSC_PERMISSION		0x0c
#define FSC_EXTERNAL		0x10
#define FSC_ALIGNMENT		0x21
#define FSC_TRANSLATION_LM1	0x2b		/* level -1 */
#define ISS_WNR			BIT(6)
#define ISS_S1PTW		BIT(7)
#define ISS_CM			BIT(8)
#define ISS_AR			BIT(14)
#define ISS_SF			BIT(15)
#define ISS_SRT(iss)		(((iss) >> 16) & 0x1f)
#define ISS_SSE			BIT(21)
#define ISS_SAS(iss)		(((iss) >> 22) & 3)
#define ISS_ISV			BIT(24)

/*
 * Nothing was mapped.  On the walk of a stage 1 that begins at level -1 (52 bit
 * addresses), QEMU reports that level for the fault of stage 2 as well.
 */
static inline bool esr_is_translation(u64 esr)
{
	u64 fsc = ESR_ISS(esr) & ISS_FSC_MASK;

	return (fsc & FSC_TYPE_MASK) == FSC_TRANSLATION || fsc == FSC_TRANSLATION_LM1;
}

/* ICH_HCR_EL2 */
#define ICH_HCR_EN		BIT(0)
#define ICH_HCR_UIE		BIT(1)
#define ICH_HCR_LRENPIE		BIT(2)
#define ICH_HCR_NPIE		BIT(3)
#define ICH_HCR_EOICOUNT_SHIFT	27

/* ICH_VMCR_EL2 */
#define ICH_VMCR_VENG1		BIT(1)
#define ICH_VMCR_VPMR(v)	((u8)((v) >> 24))

/* Interrupts of the machine */
#define INTID_SGI_KICK		15
#define INTID_PPI_MAINT		25
#define INTID_PPI_HYP_TIMER	26
#define INTID_PPI_VTIMER	27
#define INTID_PPI_PTIMER	30
#define INTID_SPURIOUS		1020	/* to 1023 */
#define INTID_LPI		8192

#endif
