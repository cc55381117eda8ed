// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI calls of the test guests (Arm DEN0022, function numbers of version 1.1).
 */
#include "guest.h"

#define FILE_NR 2

#define PSCI_CPU_SUSPEND	0xc4000001
#define PSCI_CPU_OFF		0x84000002
#define PSCI_CPU_ON		0xc4000003
#define PSCI_AFFINITY_INFO	0xc4000004
#define PSCI_SYSTEM_OFF		0x84000008

/* Error codes are 32 bits, also in the 64 bit calls of some implementations */
static s64 psci(u64 fn, u64 a1, u64 a2, u64 a3)
{
	return (s64)(int32_t)hvc(fn, a1, a2, a3);
}

s64 psci_cpu_on(u64 target, u64 entry, u64 context)
{
	return psci(PSCI_CPU_ON, target, entry, context);
}

s64 psci_cpu_off(void)
{
	return psci(PSCI_CPU_OFF, 0, 0, 0);
}

s64 psci_affinity_info(u64 target, u64 level)
{
	return psci(PSCI_AFFINITY_INFO, target, level, 0);
}

s64 psci_cpu_suspend(u64 state, u64 entry, u64 context)
{
	return psci(PSCI_CPU_SUSPEND, state, entry, context);
}

void psci_system_off(void)
{
	psci(PSCI_SYSTEM_OFF, 0, 0, 0);
	guest_fail((u64)FILE_NR << 32 | __LINE__, 0, 0);
}

void cpu_on_all(void)
{
	u64 i;

	for (i = 1; i < mailbox.nr_vcpus; i++)
		GUEST_ASSERT_EQ(psci_cpu_on(i, (u64)secondary_entry, i), PSCI_SUCCESS);
}
