// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* A guest's PSCI calls (hypercall 8, Arm DEN 0022). */
#include "arch/arch.h"
#include "obj/psci.h"
#include "obj/vm.h"
#include <linux/gunyah/abi/hypercall.h>

/* A call: its result goes to X0, or the run ends with *@result */
struct psci_call {
	struct vcpu *vcpu;
	const u64 *x;
	bool wide;			/* the 64 bit form */
	struct vcpu_run_result *result;
	bool ends_run;
};

static struct vcpu *target(struct psci_call *c)
{
	u64 mpidr = c->wide ? c->x[1] : (u32)c->x[1];

	return mpidr < c->vcpu->vm->nr_vcpus ? c->vcpu->vm->vcpus[mpidr] : NULL;
}

static u64 version(struct psci_call *c)
{
	return PSCI_VERSION_1_1;
}

static u64 cpu_on(struct psci_call *c)
{
	struct vcpu *vcpu = target(c);
	u64 entry = c->wide ? c->x[2] : (u32)c->x[2], context = c->wide ? c->x[3] : (u32)c->x[3];

	if (!vcpu)
		return PSCI_INVALID_PARAMETERS;
	if (entry & 3)
		return PSCI_INVALID_ADDRESS;
	if (!vcpu_is_off(vcpu))
		return PSCI_ALREADY_ON;
	vcpu_cpu_on(vcpu, entry, context);
	return PSCI_SUCCESS;
}

/* Also of the last vCPU: the open hypervisor does not deny it (ABI README) */
static u64 cpu_off(struct psci_call *c)
{
	c->vcpu->power = VCPU_OFF;
	*c->result = (struct vcpu_run_result){ .state = GUNYAH_VCPU_STATE_POWERED_OFF };
	c->ends_run = true;
	return PSCI_SUCCESS;
}

static u64 affinity_info(struct psci_call *c)
{
	struct vcpu *vcpu = target(c);

	if ((c->wide ? c->x[2] : (u32)c->x[2]) != 0 || !vcpu)
		return PSCI_INVALID_PARAMETERS;
	return vcpu_is_off(vcpu);
}

/* A power-down state resumes like CPU_ON, once an interrupt can be taken */
static u64 suspend(struct psci_call *c, u64 state, u64 entry, u64 context)
{
	struct vcpu *vcpu = c->vcpu;

	if (vcpu_has_interrupt(vcpu))
		return PSCI_SUCCESS;
	vcpu->suspend_down = state & PSCI_POWER_STATE_DOWN;
	vcpu->suspend_entry = entry;
	vcpu->suspend_context = context;
	vcpu_sleep(vcpu, GUNYAH_VCPU_SLEEP_CPU_SUSPEND, state);
	*c->result = (struct vcpu_run_result){
		.state = GUNYAH_VCPU_STATE_EXPECTS_WAKEUP,
		.data = { state, GUNYAH_VCPU_SLEEP_CPU_SUSPEND },
	};
	c->ends_run = true;
	return PSCI_SUCCESS;
}

static u64 cpu_suspend(struct psci_call *c)
{
	u64 entry = c->wide ? c->x[2] : (u32)c->x[2];

	if (((u32)c->x[1] & PSCI_POWER_STATE_DOWN) && (entry & 3))
		return PSCI_INVALID_ADDRESS;
	return suspend(c, (u32)c->x[1], entry, c->wide ? c->x[3] : (u32)c->x[3]);
}

static u64 cpu_default_suspend(struct psci_call *c)
{
	return suspend(c, 0, 0, 0);
}

static u64 system_off(struct psci_call *c)
{
	static const struct vm_halt_info info = { .why = VM_HALT_OFF };

	*c->result = (struct vcpu_run_result){ .state = GUNYAH_VCPU_STATE_POWERED_OFF };
	c->ends_run = true;
	vm_halt(c->vcpu, &info);
	return PSCI_SUCCESS;
}

static u64 system_reset(struct psci_call *c)
{
	static const struct vm_halt_info info = { .why = VM_HALT_RESET };

	*c->result = (struct vcpu_run_result){
		.state = GUNYAH_VCPU_STATE_SYSTEM_RESET,
		.data = { GUNYAH_VCPU_RESET_IS_RESET },
	};
	c->ends_run = true;
	vm_halt(c->vcpu, &info);
	return PSCI_SUCCESS;
}

static u64 system_reset2(struct psci_call *c)
{
	const struct vm_halt_info info = {
		.why = VM_HALT_RESET2,
		.reset_type = (u32)c->x[1],
		.cookie = c->wide ? c->x[2] : (u32)c->x[2],
		.smc64 = c->wide,
	};

	/* only the architectural warm reset and vendor types exist (5.1.9 of DEN 0022) */
	if (info.reset_type && !(info.reset_type & BIT(31)))
		return PSCI_INVALID_PARAMETERS;
	*c->result = (struct vcpu_run_result){
		.state = GUNYAH_VCPU_STATE_SYSTEM_RESET,
		.data = { info.reset_type | (c->wide ? GUNYAH_VCPU_RESET_IS_RESET2_64 : 0),
			  info.cookie },
	};
	c->ends_run = true;
	vm_halt(c->vcpu, &info);
	return PSCI_SUCCESS;
}

static u64 features(struct psci_call *c);

static const struct {
	u32 id;
	u64 (*handler)(struct psci_call *c);
} calls[] = {
	{ PSCI_VERSION, version },
	{ PSCI_CPU_SUSPEND_32, cpu_suspend },
	{ PSCI_CPU_SUSPEND_64, cpu_suspend },
	{ PSCI_CPU_OFF, cpu_off },
	{ PSCI_CPU_ON_32, cpu_on },
	{ PSCI_CPU_ON_64, cpu_on },
	{ PSCI_AFFINITY_INFO_32, affinity_info },
	{ PSCI_AFFINITY_INFO_64, affinity_info },
	{ PSCI_SYSTEM_OFF, system_off },
	{ PSCI_SYSTEM_RESET, system_reset },
	{ PSCI_FEATURES, features },
	{ PSCI_CPU_DEFAULT_SUSPEND_32, cpu_default_suspend },
	{ PSCI_CPU_DEFAULT_SUSPEND_64, cpu_default_suspend },
	{ PSCI_SYSTEM_RESET2_32, system_reset2 },
	{ PSCI_SYSTEM_RESET2_64, system_reset2 },
};

static u64 features(struct psci_call *c)
{
	unsigned int i;

	if ((u32)c->x[1] == SMCCC_VERSION_ID)
		return PSCI_SUCCESS;
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].id == (u32)c->x[1])
			return PSCI_SUCCESS;
	return PSCI_NOT_SUPPORTED;
}

bool psci_guest_call(struct vcpu *vcpu, struct vcpu_run_result *result)
{
	u64 *x = vcpu->regs.x;
	struct psci_call c = {
		.vcpu = vcpu,
		.x = x,
		.wide = x[0] & BIT(30),
		.result = result,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		if (calls[i].id == (u32)x[0]) {
			x[0] = calls[i].handler(&c);
			return c.ends_run;
		}
	}
	x[0] = PSCI_NOT_SUPPORTED;
	return false;
}
