// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The machine's GIC.  The host programs distributor and redistributors itself;
 * the CPU interface is the stub's: it acknowledges physical Group 1 interrupts
 * at EL2 with EOImode 1 and hands them to the host through list registers.  An
 * SPI or PPI goes with HW = 1, so that the host's EOI deactivates it; an SGI or
 * LPI without.  What finds no list register waits in the CPU's own list until
 * the underflow interrupt asks for more.
 *
 * The stub keeps for itself: SGI 15 (kick), PPI 25 (maintenance), PPI 26 (its
 * timer), and PPI 27 while a guest runs.
 */
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/sysreg.h"
#include "lib/printk.h"
#include "obj/vm.h"

#define GICD_ISPENDR		0x0200
#define GICR_TYPER		0x0008
#define GICR_SGI_FRAME		0x10000
#define GICR_IGROUPR0		(GICR_SGI_FRAME + 0x0080)
#define GICR_ISENABLER0		(GICR_SGI_FRAME + 0x0100)
#define GICR_ISACTIVER0		(GICR_SGI_FRAME + 0x0300)
#define GICR_FRAME_SIZE		0x20000
#define GICR_TYPER_LAST		BIT(4)

#define OWN_PRIVATE_IRQS	(BIT(INTID_SGI_KICK) | BIT(INTID_PPI_MAINT) | \
				 BIT(INTID_PPI_HYP_TIMER))

/* SPIs of QEMU's virt above its last device, see arch_host_virq_first() */
#define HOST_VIRQ_FIRST		208
#define HOST_VIRQ_LAST		287

static u64 gicd_base, gicr_base, gicr_end;
static unsigned int nr_lrs, nr_aps;

static void mmio_write32(u64 pa, u32 value)
{
	*(volatile u32 *)pa = value;
}

static u64 mmio_read64(u64 pa)
{
	return *(volatile u64 *)pa;
}

#define LR_CASES(op) \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) \
	op(8) op(9) op(10) op(11) op(12) op(13) op(14) op(15)

static u64 lr_read(unsigned int n)
{
	switch (n) {
#define LR_READ(i) case i: return read_sysreg(ich_lr##i##_el2);
	LR_CASES(LR_READ)
	}
	return 0;
}

static void lr_write(unsigned int n, u64 v)
{
	switch (n) {
#define LR_WRITE(i) case i: write_sysreg(v, ich_lr##i##_el2); break;
	LR_CASES(LR_WRITE)
	}
}

u32 arch_nr_lrs(void)
{
	return nr_lrs;
}

u32 arch_host_virq_first(void)
{
	return HOST_VIRQ_FIRST;
}

u32 arch_host_virq_last(void)
{
	return HOST_VIRQ_LAST;
}

/* The distributor routes and prioritises it as the host has configured that SPI */
void arch_host_irq_assert(u32 intid)
{
	mmio_write32(gicd_base + GICD_ISPENDR + 4 * (intid / 32), 1U << (intid % 32));
}

void gic_init(u64 gicd, u64 gicr, u64 gicr_size)
{
	gicd_base = gicd;
	gicr_base = gicr;
	gicr_end = gicr + gicr_size;
}

static u64 find_redistributor(u64 mpidr)
{
	u32 want = (mpidr & 0xffffff) | ((mpidr >> 8) & 0xff000000);
	u64 base, typer;

	for (base = gicr_base; base < gicr_end; base += GICR_FRAME_SIZE) {
		typer = mmio_read64(base + GICR_TYPER);
		if (typer >> 32 == want)
			return base;
		if (typer & GICR_TYPER_LAST)
			break;
	}
	return 0;
}

void gic_init_cpu(void)
{
	struct percpu *cpu = this_cpu();
	u64 vtr;

	write_sysreg(0xfULL, icc_sre_el2);
	isb();
	vtr = read_sysreg(ich_vtr_el2);
	nr_lrs = (vtr & 0x1f) + 1;
	nr_aps = 1U << (((vtr >> 26) & 7) - 4);
	cpu->gicr = find_redistributor(cpu->mpidr);
	if (!cpu->gicr)
		panic("no redistributor for CPU %u", cpu->id);
	write_sysreg(0xfULL, icc_sre_el1);
	write_sysreg(0xffULL, icc_pmr_el1);
	write_sysreg(0, icc_bpr1_el1);
	write_sysreg(BIT(1), icc_ctlr_el1);	/* EOImode: drop and deactivate apart */
	write_sysreg(1ULL, icc_igrpen1_el1);
	write_sysreg(0, ich_vmcr_el2);
	write_sysreg(ICH_HCR_EN, ich_hcr_el2);
	isb();
}

void gic_own_irqs(void)
{
	u64 gicr = this_cpu()->gicr;

	mmio_write32(gicr + GICR_ISENABLER0, OWN_PRIVATE_IRQS);
}

void arch_kick_cpu(unsigned int id)
{
	u64 mpidr = cpus[id].mpidr;
	u64 aff = mpidr & 0xff;

	/* Aff0 is below 16 on this machine; the target list has one bit a CPU */
	write_sysreg(((mpidr >> 32 & 0xff) << 48) | ((mpidr >> 16 & 0xff) << 32) |
		     ((u64)INTID_SGI_KICK << 24) | ((mpidr >> 8 & 0xff) << 16) |
		     ((aff >> 4) << 44) | BIT(aff & 15), icc_sgi1r_el1);
	isb();
}

/* Replays what the host wrote; its SGIs reach the target's EL2 and from there the host */
void gic_host_sgi1r(u64 value)
{
	write_sysreg(value, icc_sgi1r_el1);
	isb();
}

static void priority_drop(u32 intid)
{
	write_sysreg((u64)intid, icc_eoir1_el1);
}

void gic_deactivate(u32 intid)
{
	write_sysreg((u64)intid, icc_dir_el1);
	isb();
}

void gic_set_active(u32 ppi)
{
	mmio_write32(this_cpu()->gicr + GICR_ISACTIVER0, 1U << ppi);
	dsb_sy();
}

/* Has an SPI or PPI a physical active state that the host's EOI has to clear? */
static bool has_hw_state(u32 intid)
{
	return intid >= 16 && intid < INTID_LPI;
}

/* The list register that holds @intid, or a free one, or -1; *@held: which of them */
static int find_lr(u32 intid, bool *held)
{
	u64 free = read_sysreg(ich_elrsr_el2);
	unsigned int i;

	*held = true;
	for (i = 0; i < nr_lrs; i++)
		if (!(free & BIT(i)) && (u32)lr_read(i) == intid)
			return i;
	*held = false;
	for (i = 0; i < nr_lrs; i++)
		if (free & BIT(i))
			return i;
	return -1;
}

static bool give_to_host(u32 intid, u8 priority)
{
	bool held;
	int i = find_lr(intid, &held);
	u64 lr;

	if (i < 0)
		return false;
	if (held) {
		lr = lr_read(i) | LR_PENDING;
	} else {
		lr = intid | ((u64)priority << LR_PRIORITY_SHIFT) | LR_GROUP1 | LR_PENDING;
		if (has_hw_state(intid))
			lr |= LR_HW | ((u64)intid << LR_PINTID_SHIFT);
	}
	lr_write(i, lr);
	return true;
}

static void host_wait(struct percpu *cpu, u32 intid)
{
	unsigned int i;

	if (intid < 64 * ARRAY_SIZE(cpu->host_pending)) {
		if (!(cpu->host_pending[intid / 64] & BIT(intid % 64)))
			cpu->nr_host_pending++;
		cpu->host_pending[intid / 64] |= BIT(intid % 64);
		return;
	}
	for (i = 0; i < cpu->nr_host_lpis; i++)
		if (cpu->host_lpis[i] == intid)
			return;
	if (cpu->nr_host_lpis < HOST_PENDING_LPIS)
		cpu->host_lpis[cpu->nr_host_lpis++] = intid;
	else
		warn("interrupt %u lost: more than %u wait", intid, HOST_PENDING_LPIS);
}

#define HOST_PRIORITY	0xa0	/* of what had to wait: Linux's own default */

/* Moves waiting interrupts into free list registers; asks for more room if some remain */
void gic_host_refill(void)
{
	struct percpu *cpu = this_cpu();
	unsigned int i;
	u64 w;

	while (cpu->nr_host_lpis && give_to_host(cpu->host_lpis[cpu->nr_host_lpis - 1],
						 HOST_PRIORITY))
		cpu->nr_host_lpis--;
	for (i = 0; i < ARRAY_SIZE(cpu->host_pending) && cpu->nr_host_pending; i++) {
		for (w = cpu->host_pending[i]; w; w &= w - 1) {
			u32 intid = 64 * i + __builtin_ctzll(w);

			if (!give_to_host(intid, HOST_PRIORITY))
				goto out;
			cpu->host_pending[i] &= ~BIT(intid % 64);
			cpu->nr_host_pending--;
		}
	}
out:
	write_sysreg(ICH_HCR_EN | (cpu->nr_host_pending || cpu->nr_host_lpis ? ICH_HCR_UIE : 0),
		     ich_hcr_el2);
	isb();
}

static bool is_own(u32 intid)
{
	return intid == INTID_SGI_KICK || intid == INTID_PPI_MAINT ||
	       intid == INTID_PPI_HYP_TIMER;
}

/* One of the stub's own interrupts, acknowledged already; under the stub's lock */
static void own_irq(u32 intid)
{
	if (intid == INTID_PPI_HYP_TIMER)
		timer_irq();
	else if (intid == INTID_PPI_MAINT && !this_cpu()->loaded)
		gic_host_refill();
	priority_drop(intid);
	gic_deactivate(intid);
}

/*
 * An interrupt of the host, acknowledged: its priority is dropped, and what has no
 * list register with HW = 1 to deactivate it is deactivated here.
 */
static void release_for_host(u32 intid)
{
	priority_drop(intid);
	if (!has_hw_state(intid) && intid < INTID_LPI)
		gic_deactivate(intid);
}

/* An interrupt reached EL2 while the host ran */
void gic_host_irqs(void)
{
	for (;;) {
		u32 intid = read_sysreg(icc_iar1_el1) & 0xffffff;
		u8 priority;

		if (intid >= INTID_SPURIOUS && intid < INTID_SPURIOUS + 4)
			return;
		if (is_own(intid)) {
			hyp_lock();
			own_irq(intid);
			hyp_unlock();
			continue;
		}
		priority = read_sysreg(icc_rpr_el1);
		release_for_host(intid);
		if (!give_to_host(intid, priority)) {
			host_wait(this_cpu(), intid);
			gic_own_irqs();
			gic_host_refill();
		}
	}
}

static u32 highest_pending(void)
{
	return read_sysreg(icc_hppir1_el1) & 0xffffff;
}

/*
 * While a guest is loaded: takes what is the stub's or the guest's timer, leaves
 * the host's pending.  Between the look and the acknowledgement an interrupt of
 * the host may overtake: it waits in the host's list then.
 */
bool gic_guest_irq(struct vcpu *vcpu)
{
	u32 intid = highest_pending();

	if (intid >= INTID_SPURIOUS && intid < INTID_LPI)
		return true;
	if (!is_own(intid) && intid != INTID_PPI_VTIMER)
		return false;
	intid = read_sysreg(icc_iar1_el1) & 0xffffff;
	if (intid >= INTID_SPURIOUS && intid < INTID_LPI)
		return true;
	if (is_own(intid)) {
		own_irq(intid);
		return true;
	}
	if (intid != INTID_PPI_VTIMER) {
		release_for_host(intid);
		host_wait(this_cpu(), intid);
		return false;
	}
	priority_drop(INTID_PPI_VTIMER);
	this_cpu()->vtimer_active = true;
	vgic_set_line(&vcpu->vm->vgic, vcpu->index, INTID_PPI_VTIMER, true);
	return true;
}

static bool host_lr_pending(const struct host_cpu *host)
{
	unsigned int i;

	for (i = 0; i < nr_lrs; i++)
		if (host->lr[i] & LR_PENDING)
			return true;
	return false;
}

/* Asked before a guest is entered: own interrupts do not count */
bool gic_host_irq_pending(void)
{
	struct percpu *cpu = this_cpu();
	u32 intid;

	if (cpu->nr_host_pending || cpu->nr_host_lpis || host_lr_pending(&cpu->host))
		return true;
	intid = highest_pending();
	if (intid >= INTID_SPURIOUS && intid < INTID_LPI)
		return false;
	return !is_own(intid) && intid != INTID_PPI_VTIMER;
}

void gic_load_lrs(const u64 *lr, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr_lrs; i++)
		lr_write(i, i < nr ? lr[i] : 0);
}

void gic_save_lrs(u64 *lr, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr_lrs && i < nr; i++)
		lr[i] = lr_read(i);
}

void gic_save_aps(u64 ap[4])
{
	ap[0] = read_sysreg(ich_ap1r0_el2);
	if (nr_aps > 1)
		ap[1] = read_sysreg(ich_ap1r1_el2);
	if (nr_aps > 2) {
		ap[2] = read_sysreg(ich_ap1r2_el2);
		ap[3] = read_sysreg(ich_ap1r3_el2);
	}
}

void gic_load_aps(const u64 ap[4])
{
	write_sysreg(ap[0], ich_ap1r0_el2);
	if (nr_aps > 1)
		write_sysreg(ap[1], ich_ap1r1_el2);
	if (nr_aps > 2) {
		write_sysreg(ap[2], ich_ap1r2_el2);
		write_sysreg(ap[3], ich_ap1r3_el2);
	}
}

/*
 * The virtual timer's active state goes with the world: a list register that
 * still holds it means that PPI 27 is active in the machine.
 */
static bool holds_vtimer(const u64 *lr)
{
	unsigned int i;

	for (i = 0; i < nr_lrs; i++)
		if ((lr[i] & LR_HW) && (lr[i] & (LR_PENDING | LR_ACTIVE)) &&
		    (u32)lr[i] == INTID_PPI_VTIMER)
			return true;
	return false;
}

void gic_host_save(struct host_cpu *host)
{
	gic_save_lrs(host->lr, VGIC_MAX_LRS);
	host->vmcr = read_sysreg(ich_vmcr_el2);
	gic_save_aps(host->ap1r);
	if (holds_vtimer(host->lr))
		gic_deactivate(INTID_PPI_VTIMER);
}

void gic_host_restore(struct host_cpu *host)
{
	if (holds_vtimer(host->lr))
		gic_set_active(INTID_PPI_VTIMER);
	write_sysreg(host->vmcr, ich_vmcr_el2);
	gic_load_aps(host->ap1r);
	gic_load_lrs(host->lr, VGIC_MAX_LRS);
	gic_host_refill();
}
