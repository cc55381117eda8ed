// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests with one vCPU which take interrupts.
 */
#include "guest.h"

#define FILE_NR 5

static void timer_init(void)
{
	gic_init();
	gic_enable_ppi(GUEST_TIMER_INTID);
	irq_enable();
}

/* arg0 times asleep until the virtual timer fires, arg1 microseconds each */
void guest_timer(void)
{
	u64 cycles = timer_freq() * mailbox.arg[1] / 1000000;
	u64 i, deadline;

	timer_init();
	for (i = 1; i <= mailbox.arg[0]; i++) {
		deadline = read_sysreg(cntvct_el0) + cycles;
		timer_arm(cycles);
		wait_irq_count(GUEST_TIMER_INTID, i);
		GUEST_ASSERT_EQ(irq_count(GUEST_TIMER_INTID), i);
		GUEST_ASSERT(read_sysreg(cntvct_el0) >= deadline);
	}
	guest_sync_host(irq_count(GUEST_TIMER_INTID));
}

/* The same with PSCI CPU_SUSPEND in its standby form */
void guest_suspend(void)
{
	u64 cycles = timer_freq() * mailbox.arg[1] / 1000000;
	u64 i;

	timer_init();
	for (i = 1; i <= mailbox.arg[0]; i++) {
		irq_disable();
		timer_arm(cycles);
		while (irq_count(GUEST_TIMER_INTID) < i) {
			GUEST_ASSERT_EQ(psci_cpu_suspend(0, 0, 0), PSCI_SUCCESS);
			irq_enable();
			irq_disable();
		}
	}
	guest_sync_host(irq_count(GUEST_TIMER_INTID));
}

/*
 * In its other form everything is lost but memory: it ends at the entry with the
 * context, which here is the index of the vCPU, and the test begins once more.
 */
void guest_suspend_down(void)
{
	static volatile u64 asleep;

	if (asleep++) {
		guest_sync_host(asleep);
		return;
	}
	timer_init();
	irq_disable();
	timer_arm(timer_freq() * mailbox.arg[1] / 1000000);
	GUEST_ASSERT_EQ(psci_cpu_suspend(PSCI_STATE_POWERDOWN, (u64)secondary_entry, 0),
			PSCI_SUCCESS);
	/* It must not come back here */
	guest_sync_host(0);
}

/*
 * INTID arg0, level if arg1, arg2 times; says so each time.  With arg3 the timer is set as
 * well, to so many microseconds from now.
 */
void guest_spi(void)
{
	u32 intid = mailbox.arg[0];
	u64 i;

	timer_init();
	if (mailbox.arg[3])
		timer_arm(timer_freq() * mailbox.arg[3] / 1000000);
	gic_enable_spi(intid, mailbox.arg[1]);
	guest_sync_host(0);
	for (i = 1; i <= mailbox.arg[2]; i++) {
		wait_irq_count(intid, i);
		guest_sync_host(irq_count(intid));
	}
}

/* The same by a vCPU which does not sleep */
void guest_spi_poll(void)
{
	u32 intid = mailbox.arg[0];
	u64 i;

	gic_init();
	gic_enable_spi(intid, mailbox.arg[1]);
	irq_enable();
	guest_sync_host(0);
	for (i = 1; i <= mailbox.arg[2]; i++) {
		while (irq_count(intid) < i)
			cpu_relax();
		guest_sync_host(irq_count(intid));
	}
}

/* For ever: all vector registers overwritten, then asleep for arg1 microseconds */
void guest_scribble_wfi(void)
{
	u64 cycles = timer_freq() * mailbox.arg[1] / 1000000;
	u64 i;

	timer_init();
	guest_sync_host(1);
	for (i = 1; ; i++) {
		fp_scribble(i << 32 | i);
		timer_arm(cycles);
		wait_irq_count(GUEST_TIMER_INTID, i);
	}
}

/* For ever, without sleep */
void guest_scribble_busy(void)
{
	u64 i;

	guest_sync_host(1);
	for (i = 1; ; i++)
		fp_scribble(i << 32 | i);
}
