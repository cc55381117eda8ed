// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The host's PSCI: known calls are relayed to the machine's firmware, CPU_ON with
 * the stub's entry point in between.  Unknown ones are not supported.
 */
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/sysreg.h"
#include "lib/printk.h"
#include "obj/psci.h"
#include "obj/vcpu.h"

static u64 relay(const u64 x[4])
{
	u64 args[4] = { x[0], x[1], x[2], x[3] };

	smc_call(args);
	return args[0];
}

static struct percpu *find_cpu(u64 mpidr)
{
	unsigned int i;

	for (i = 0; i < nr_cpus; i++)
		if (((cpus[i].mpidr ^ mpidr) & 0xff00ffffffULL) == 0)
			return &cpus[i];
	return NULL;
}

static u64 cpu_on(const u64 x[4])
{
	u64 mask = x[0] & BIT(30) ? ~0ULL : 0xffffffffULL;
	struct percpu *target = find_cpu(x[1] & mask);
	u64 args[4] = { PSCI_CPU_ON_64, x[1] & mask, (u64)secondary_entry, (u64)target };
	s64 ret;

	if (!target)
		return PSCI_INVALID_PARAMETERS;
	hyp_lock();
	if (target->online) {
		hyp_unlock();
		return PSCI_ALREADY_ON;
	}
	target->online = true;
	target->entry = x[2] & mask;
	target->context = x[3] & mask;
	hyp_unlock();
	dsb_sy();
	ret = (s32)relay(args);
	if (ret) {
		hyp_lock();
		target->online = false;
		hyp_unlock();
	}
	return ret;
}

static u64 cpu_off(const u64 x[4])
{
	struct percpu *cpu = this_cpu();
	u64 ret;

	hyp_lock();
	cpu->online = false;
	vcpu_timers_move();
	hyp_unlock();
	arch_stub_timer_set(~0ULL);
	ret = relay(x);
	hyp_lock();
	cpu->online = true;
	hyp_unlock();
	return ret;
}

unsigned int arch_other_cpu(void)
{
	unsigned int i;

	for (i = 0; i < nr_cpus; i++)
		if (i != arch_cpu_id() && cpus[i].online)
			return i;
	return arch_cpu_id();
}

/* Standby and power-down alike: this machine's firmware knows no deeper state than WFI */
static u64 cpu_suspend(const u64 x[4])
{
	asm volatile("dsb sy\n wfi" ::: "memory");
	return PSCI_SUCCESS;
}

static u64 machine_off(const u64 x[4])
{
	hyp_lock();
	arch_host_ops.off();
	hyp_unlock();
	return relay(x);
}

static u64 features(const u64 x[4]);

static const struct {
	u32 id;
	u64 (*handler)(const u64 x[4]);
} calls[] = {
	{ PSCI_VERSION, relay },
	{ PSCI_CPU_SUSPEND_32, cpu_suspend },
	{ PSCI_CPU_SUSPEND_64, cpu_suspend },
	{ PSCI_CPU_OFF, cpu_off },
	{ PSCI_CPU_ON_32, cpu_on },
	{ PSCI_CPU_ON_64, cpu_on },
	{ PSCI_AFFINITY_INFO_32, relay },
	{ PSCI_AFFINITY_INFO_64, relay },
	{ PSCI_MIGRATE_INFO_TYPE, relay },
	{ PSCI_SYSTEM_OFF, machine_off },
	{ PSCI_SYSTEM_RESET, machine_off },
	{ PSCI_FEATURES, features },
};

static u64 features(const u64 x[4])
{
	unsigned int i;

	if ((u32)x[1] == SMCCC_VERSION_ID)
		return PSCI_SUCCESS;
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].id == (u32)x[1])
			return calls[i].handler == relay ? relay(x) : PSCI_SUCCESS;
	return PSCI_NOT_SUPPORTED;
}

void host_psci(u64 x[4])
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		if (calls[i].id == (u32)x[0]) {
			x[0] = calls[i].handler(x);
			return;
		}
	}
	x[0] = PSCI_NOT_SUPPORTED;
}
