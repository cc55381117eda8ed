// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests with several vCPUs.
 */
#include "guest.h"

#define FILE_NR 6

#define SGI 3

static void wait_off(u64 cpu)
{
	s64 state;

	while ((state = psci_affinity_info(cpu, 0)) != PSCI_AFFINITY_OFF) {
		GUEST_ASSERT_EQ(state, PSCI_AFFINITY_ON);
		cpu_relax();
	}
}

static void wait_all_off(void)
{
	u64 i;

	for (i = 1; i < mailbox.nr_vcpus; i++)
		wait_off(i);
}

/* Each vCPU says its number, with the errors of PSCI on the way */
void guest_cpu_on(void)
{
	u64 i;

	GUEST_ASSERT_EQ(psci_affinity_info(0, 0), PSCI_AFFINITY_ON);
	for (i = 1; i < mailbox.nr_vcpus; i++)
		GUEST_ASSERT_EQ(psci_affinity_info(i, 0), PSCI_AFFINITY_OFF);
	cpu_on_all();
	wait_all_off();
	GUEST_ASSERT_EQ(psci_cpu_on(0, (u64)secondary_entry, 0), PSCI_ALREADY_ON);
	GUEST_ASSERT_EQ(psci_cpu_on(mailbox.nr_vcpus, (u64)secondary_entry, 0),
			PSCI_INVALID_PARAMETERS);
	GUEST_ASSERT_EQ(psci_affinity_info(mailbox.nr_vcpus, 0), PSCI_INVALID_PARAMETERS);
	GUEST_ASSERT_EQ(psci_affinity_info(0, 1), PSCI_INVALID_PARAMETERS);
}

/* vCPU 1 on and off again, arg0 times */
void guest_cpu_cycle(void)
{
	u64 i;

	for (i = 0; i < mailbox.arg[0]; i++) {
		GUEST_ASSERT_EQ(psci_cpu_on(1, (u64)secondary_entry, 1), PSCI_SUCCESS);
		wait_off(1);
	}
}

/* One SGI goes round all vCPUs arg0 times */
static void pass_on(u64 index)
{
	u64 next = (index + 1) % mailbox.nr_vcpus;
	u64 i;

	irq_enable();
	for (i = 1; i <= mailbox.arg[0]; i++) {
		wait_irq_count(SGI, i);
		GUEST_ASSERT_EQ(irq_count(SGI), i);
		if (index || i < mailbox.arg[0])
			gic_send_sgi(SGI, next);
	}
}

static volatile u64 sgi_ready[GUEST_MAX_VCPUS];

void guest_sgi(void)
{
	u64 i;

	gic_init();
	gic_enable_ppi(SGI);
	cpu_on_all();
	for (i = 1; i < mailbox.nr_vcpus; i++) {
		while (!sgi_ready[i])
			cpu_relax();
	}
	gic_send_sgi(SGI, 1 % mailbox.nr_vcpus);
	pass_on(0);
	wait_all_off();
	guest_sync_host(irq_count(SGI));
}

static void sgi_secondary(u64 index)
{
	gic_init_cpu();
	gic_enable_ppi(SGI);
	sgi_ready[index] = 1;
	pass_on(index);
}

void guest_smp_busy(void)
{
	cpu_on_all();
	guest_secondary(0);
}

static void say_and_spin(u64 index)
{
	guest_sync_host(index);
	for (;;)
		cpu_relax();
}

/* arg0 writes by each vCPU to a register of its own */
static void write_series(u64 index)
{
	u64 i;

	for (i = 1; i <= mailbox.arg[0]; i++)
		writeq(DEV_BASE + 8 * index, i);
}

void guest_smp_mmio(void)
{
	cpu_on_all();
	write_series(0);
	wait_all_off();
}

static volatile u64 asleep;

/* vCPU 1 asleep, with a timer in arg1 microseconds if that is not 0, when the VM ends */
void guest_smp_sleep(void)
{
	gic_init();
	GUEST_ASSERT_EQ(psci_cpu_on(1, (u64)secondary_entry, 1), PSCI_SUCCESS);
	while (!asleep)
		cpu_relax();
	guest_sync_host(asleep);
}

static void sleep_for_ever(void)
{
	gic_init_cpu();
	if (mailbox.arg[1])
		timer_arm(timer_freq() * mailbox.arg[1] / 1000000);
	asleep = 1;
	for (;;)
		wfi();
}

/*
 * arg0 times: SYNC by the boot vCPU, then vCPU 1 goes on, tells all the registers that it
 * found, and is off again.
 */
void guest_smp_regs(void)
{
	u64 i;

	for (i = 0; i < mailbox.arg[0]; i++) {
		guest_sync_host(i);
		GUEST_ASSERT_EQ(psci_cpu_on(1, (u64)keep_regs_entry, 1), PSCI_SUCCESS);
		wait_off(1);
	}
}

static void tell_regs(const volatile struct boot_regs *regs)
{
	unsigned int i;

	for (i = 0; i < 31; i++)
		guest_sync_host(regs->x[i]);
	guest_sync_host(regs->sp_el0);
	guest_sync_host(regs->sp);
}

void guest_secondary(u64 index)
{
	GUEST_ASSERT_EQ(read_sysreg(mpidr_el1) & 0xffffff, index);
	switch (mailbox.test) {
	case GUEST_cpu_on:
	case GUEST_command:
		guest_sync_host(index);
		break;
	case GUEST_sgi:
		sgi_secondary(index);
		break;
	case GUEST_smp_busy:
		say_and_spin(index);
		break;
	case GUEST_smp_mmio:
		write_series(index);
		break;
	case GUEST_smp_sleep:
		sleep_for_ever();
		break;
	case GUEST_smp_regs:
		tell_regs(&kept_regs);
		break;
	default:
		break;
	}
}
