/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* PSCI 1.1 (Arm DEN 0022): numbers, and what a guest's calls do. */
#ifndef STUB_OBJ_PSCI_H
#define STUB_OBJ_PSCI_H

#include "lib/types.h"
#include "obj/vcpu.h"

#define PSCI_VERSION		0x84000000U
#define PSCI_CPU_SUSPEND_32	0x84000001U
#define PSCI_CPU_SUSPEND_64	0xc4000001U
#define PSCI_CPU_OFF		0x84000002U
#define PSCI_CPU_ON_32		0x84000003U
#define PSCI_CPU_ON_64		0xc4000003U
#define PSCI_AFFINITY_INFO_32	0x84000004U
#define PSCI_AFFINITY_INFO_64	0xc4000004U
#define PSCI_MIGRATE_INFO_TYPE	0x84000006U
#define PSCI_SYSTEM_OFF		0x84000008U
#define PSCI_SYSTEM_RESET	0x84000009U
#define PSCI_FEATURES		0x8400000aU
#define PSCI_CPU_DEFAULT_SUSPEND_32 0x8400000cU
#define PSCI_CPU_DEFAULT_SUSPEND_64 0xc400000cU
#define PSCI_SYSTEM_RESET2_32	0x84000012U
#define PSCI_SYSTEM_RESET2_64	0xc4000012U
#define SMCCC_VERSION_ID	0x80000000U

#define PSCI_VERSION_1_1	0x10001U
#define PSCI_POWER_STATE_DOWN	BIT(16)

#define PSCI_SUCCESS		0ULL
#define PSCI_NOT_SUPPORTED	((u64)-1)
#define PSCI_INVALID_PARAMETERS	((u64)-2)
#define PSCI_DENIED		((u64)-3)
#define PSCI_ALREADY_ON		((u64)-4)
#define PSCI_INTERNAL_FAILURE	((u64)-6)
#define PSCI_INVALID_ADDRESS	((u64)-9)

/* Standard secure service calls 0 to 0x1f, either width */
static inline bool psci_is_call(u64 id)
{
	u32 w = (u32)id & ~0x40000000U;

	return w >= PSCI_VERSION && w <= PSCI_VERSION + 0x1f;
}

/**
 * psci_guest_call() - a PSCI call in X0 to X3 of @vcpu
 * @vcpu: the caller, inside vcpu_run
 * @result: what vcpu_run returns if the call ended the run
 *
 * Return: true if vcpu_run has to return @result.
 */
bool psci_guest_call(struct vcpu *vcpu, struct vcpu_run_result *result);

#endif
