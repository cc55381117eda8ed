/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The GIC's tables: which registers name them, and who may write those. */
#ifndef STUB_AARCH64_GIC_GUARD_H
#define STUB_AARCH64_GIC_GUARD_H

#include "arch/aarch64/machine.h"
#include "obj/vcpu.h"

#define GITS_CTLR		0x0000
#define GITS_CTLR_ENABLED	BIT(0)
#define GITS_CTLR_QUIESCENT	BIT(31)
#define GITS_TYPER		0x0008
#define GITS_TYPER_VIRTUAL	BIT(1)
#define GITS_CBASER		0x0080
#define GITS_CWRITER		0x0088
#define GITS_CREADR		0x0090
#define GITS_BASER0		0x0100
#define GITS_VALID		BIT(63)		/* of CBASER and BASER<n> */

static inline u32 mmio_read32(u64 pa)
{
	return *(volatile u32 *)pa;
}

static inline void mmio_write32(u64 pa, u32 value)
{
	*(volatile u32 *)pa = value;
}

static inline u64 mmio_read64(u64 pa)
{
	return *(volatile u64 *)pa;
}

static inline void mmio_write64(u64 pa, u64 value)
{
	*(volatile u64 *)pa = value;
}

/* @size: 4 or 8 */
static inline u64 mmio_read(u64 pa, unsigned int size)
{
	return size == 4 ? mmio_read32(pa) : mmio_read64(pa);
}

static inline void mmio_write(u64 pa, u64 value, unsigned int size)
{
	if (size == 4)
		mmio_write32(pa, value);
	else
		mmio_write64(pa, value);
}

/* Neither on nor on its way off */
static inline bool gits_is_quiescent(u64 its)
{
	u32 ctlr = mmio_read32(its + GITS_CTLR);

	return (ctlr & (GITS_CTLR_ENABLED | GITS_CTLR_QUIESCENT)) == GITS_CTLR_QUIESCENT;
}

/* Takes the registers away from the host, whose stage 2 is complete; before it runs */
void gic_guard_init(const struct machine *m);
bool gic_guard_access(struct gp_regs *regs, u64 esr, u64 ipa);
/* Counts, and says so the first time */
void gic_guard_refuse(const char *what, u64 value);

#endif
