// SPDX-License-Identifier: GPL-2.0-only
/*
 * GICv3 and the virtual timer, as far as the test guests need them.
 */
#include "guest.h"

#define FILE_NR 3

#define GICD_CTLR		0x0000
#define GICD_CTLR_ARE_GRP1	0x12
#define GICD_IGROUPR		0x0080
#define GICD_ISENABLER		0x0100
#define GICD_IPRIORITYR		0x0400
#define GICD_ICFGR		0x0c00
#define GICD_IROUTER		0x6000
#define GICR_WAKER		0x0014
#define GICR_WAKER_SLEEP	0x2
#define GICR_WAKER_CHILDREN	0x4
#define GICR_SGI		0x10000
#define PRIORITY		0xa0

static u64 gicr_base(u64 cpu)
{
	return GUEST_GICD_BASE - (mailbox.nr_vcpus - cpu) * GUEST_GICR_STRIDE;
}

/* Enabled with ARE for all the time: the distributor is shared */
void gic_init(void)
{
	writel(GUEST_GICD_BASE + GICD_CTLR, GICD_CTLR_ARE_GRP1);
	gic_init_cpu();
}

void gic_init_cpu(void)
{
	u64 base = gicr_base(this_cpu()->index);

	writel(base + GICR_WAKER, readl(base + GICR_WAKER) & ~GICR_WAKER_SLEEP);
	while (readl(base + GICR_WAKER) & GICR_WAKER_CHILDREN)
		cpu_relax();
	writel(base + GICR_SGI + GICD_IGROUPR, 0xffffffff);
	write_sysreg(read_sysreg(S3_0_C12_C12_5) | 1, S3_0_C12_C12_5);	/* ICC_SRE_EL1 */
	isb();
	write_sysreg(0xff, S3_0_C4_C6_0);				/* ICC_PMR_EL1 */
	write_sysreg(1, S3_0_C12_C12_7);				/* ICC_IGRPEN1_EL1 */
	isb();
}

void gic_enable_ppi(u32 intid)
{
	u64 sgi = gicr_base(this_cpu()->index) + GICR_SGI;

	writeb(sgi + GICD_IPRIORITYR + intid, PRIORITY);
	writel(sgi + GICD_ISENABLER, 1U << intid);
}

void gic_enable_spi(u32 intid, bool level)
{
	u64 cfg = GUEST_GICD_BASE + GICD_ICFGR + 4 * (intid / 16);
	u64 group = GUEST_GICD_BASE + GICD_IGROUPR + 4 * (intid / 32);
	u32 edge = 2U << 2 * (intid % 16);

	writel(cfg, level ? readl(cfg) & ~edge : readl(cfg) | edge);
	writel(group, readl(group) | 1U << (intid % 32));
	writeb(GUEST_GICD_BASE + GICD_IPRIORITYR + intid, PRIORITY);
	writeq(GUEST_GICD_BASE + GICD_IROUTER + 8 * intid, 0);
	writel(GUEST_GICD_BASE + GICD_ISENABLER + 4 * (intid / 32), 1U << (intid % 32));
}

void gic_send_sgi(u32 intid, u64 target)
{
	dsb();
	write_sysreg((u64)intid << 24 | 1UL << target, S3_0_C12_C11_5);	/* ICC_SGI1R_EL1 */
	isb();
}

u32 irq_count(u32 intid)
{
	return this_cpu()->irqs[intid];
}

/* Masked while looking, or the wake-up could come between look and WFI */
void wait_irq_count(u32 intid, u32 count)
{
	irq_disable();
	while (irq_count(intid) < count) {
		wfi();
		irq_enable();
		irq_disable();
	}
	irq_enable();
}

void guest_irq(struct frame *frame)
{
	u32 intid = read_sysreg(S3_0_C12_C12_0) & 0xffffff;		/* ICC_IAR1_EL1 */

	(void)frame;
	if (intid >= 1020 && intid <= 1023)
		return;
	if (intid >= GUEST_NR_INTIDS)
		guest_fail((u64)FILE_NR << 32 | __LINE__, intid, GUEST_NR_INTIDS);
	if (intid == GUEST_TIMER_INTID)
		write_sysreg(0, cntv_ctl_el0);
	this_cpu()->irqs[intid]++;
	isb();
	write_sysreg(intid, S3_0_C12_C12_1);				/* ICC_EOIR1_EL1 */
	isb();
}

u64 timer_freq(void)
{
	return read_sysreg(cntfrq_el0);
}

void timer_arm(u64 cycles)
{
	isb();
	write_sysreg(read_sysreg(cntvct_el0) + cycles, cntv_cval_el0);
	write_sysreg(1, cntv_ctl_el0);
	isb();
}
