// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * vcpu_register_write (hypercall 8) against START, the boot context and PSCI; the call
 * that names this project's extensions.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "obj/psci.h"
#include "tests/hcall_env.h"

#define ENTRY	0x80000000ULL
#define WRITE	GUNYAH_RIGHT_VCPU_WRITE_CONTEXT

static struct vcpu *boot, *second;

/* A VM whose vCPUs the host may write, with one that is off at START */
static void setup(u32 rights)
{
	env_init();
	env_vm = vm_create(0x80);
	if (!env_vm)
		__builtin_trap();
	env_vm->vcpu_rights = rights;
	env_vm->psci = true;
	EXPECT_EQ(vm_add_vcpu(env_vm, true), 0);
	EXPECT_EQ(vm_add_vcpu(env_vm, false), 0);
	boot = env_vm->vcpus[0];
	second = env_vm->vcpus[1];
	hcall_production = true;
}

static u64 call(u64 num, u64 a0, u64 a1, u64 a2, u64 a3)
{
	u64 x[HCALL_REGS] = { GUNYAH_SMCCC_ID(num), a0, a1, a2, a3 };

	hcall_handle(&env_host, false, 0, x);
	return x[0];
}

static u64 write_reg(const struct vcpu *vcpu, u64 set, u64 index, u64 value)
{
	return call(GUNYAH_HC_VCPU_REGISTER_WRITE, vcpu->host_cap, set, index, value);
}

/* The boot vCPU's guest calls PSCI */
static u64 psci(u64 id, u64 a0, u64 a1, u64 a2)
{
	struct vcpu_run_result result;
	u64 *x = boot->regs.x;

	x[0] = id;
	x[1] = a0;
	x[2] = a1;
	x[3] = a2;
	psci_guest_call(boot, &result);
	return x[0];
}

TEST(rights_and_arguments)
{
	static const struct { u64 set, index, value; } bad[] = {
		{ 0, 31, 0 }, { 0, BIT(32), 0 }, { 1, 1, 0 }, { 1, 0, 2 }, { 1, 0, 1 },
		{ 2, 2, 0 }, { 2, 0, 8 }, { 2, 1, 1 }, { 3, 0, 0 }, { BIT(32), 0, 0 },
		{ BIT(8), 0, 0 },
	};
	unsigned int i;

	setup(0);
	EXPECT_EQ(call(GUNYAH_HC_VCPU_REGISTER_WRITE, ~0ULL, 9, 9, 9),
		  GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(call(GUNYAH_HC_VCPU_REGISTER_WRITE, 77, 9, 9, 9), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(call(GUNYAH_HC_VCPU_REGISTER_WRITE, CAP_OTHER, 9, 9, 9),
		  GUNYAH_ERR_CSPACE_WRONG_OBJECT_TYPE);
	EXPECT_EQ(write_reg(boot, 9, 9, 9), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	EXPECT_EQ(write_reg(boot, 0, 0, 0), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);

	setup(WRITE);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		test_context("set %lx index %lx", bad[i].set, bad[i].index);
		EXPECT_EQ(write_reg(boot, bad[i].set, bad[i].index, bad[i].value),
			  GUNYAH_ERR_ARGUMENT_INVALID);
	}
	test_context("%s", "");
	vm_start(env_vm, ENTRY, 1);
	EXPECT_EQ(boot->regs.pc, ENTRY);
	EXPECT_EQ(boot->regs.x[0], 1);
	/* What is wrong in itself comes before what is wrong now */
	EXPECT_EQ(write_reg(boot, 3, 0, 0), GUNYAH_ERR_ARGUMENT_INVALID);
}

TEST(boot_vcpu)
{
	setup(WRITE);
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_X, 0, 10), 0);
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_X, 30, 0), 0);
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_X, 5, 11), 0);
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_PC, 0, 0x80001000), 0);
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_SP, 0, 0x90000000), 0);
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_SP, 1, 0x90000010), 0);
	/* One store with the boot context: whoever comes last wins */
	EXPECT_EQ(vm_set_boot_reg(env_vm, GUNYAH_REGSET_X, 5, 12), 0);
	EXPECT_EQ(vm_set_boot_reg(env_vm, GUNYAH_REGSET_X, 6, 13), 0);
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_X, 6, 14), 0);
	vm_start(env_vm, ENTRY, 1);
	EXPECT_EQ(boot->regs.pc, 0x80001000);
	EXPECT_EQ(boot->regs.x[0], 10);
	EXPECT_EQ(boot->regs.x[5], 12);
	EXPECT_EQ(boot->regs.x[6], 14);
	EXPECT_EQ(boot->regs.x[30], 0);
	EXPECT_EQ(boot->arch->sp[0], 0x90000000);
	EXPECT_EQ(boot->arch->sp[1], 0x90000010);
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_X, 0, 1), GUNYAH_ERR_BUSY);
	EXPECT_EQ(boot->regs.x[0], 10);
}

TEST(busy_unless_off)
{
	setup(WRITE);
	vm_start(env_vm, ENTRY, 0);
	EXPECT_EQ(write_reg(second, GUNYAH_REGSET_X, 1, 1), 0);
	boot->power = VCPU_SLEEPING;
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_X, 1, 1), GUNYAH_ERR_BUSY);
	/* It has called CPU_OFF, but its registers are still those of the CPU */
	boot->power = VCPU_OFF;
	boot->running = true;
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_X, 1, 1), GUNYAH_ERR_BUSY);
	boot->running = false;
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_X, 1, 1), 0);
	vm_kill(env_vm);
	EXPECT_EQ(write_reg(boot, GUNYAH_REGSET_X, 1, 1), GUNYAH_ERR_OBJECT_STATE);
	EXPECT_EQ(write_reg(second, GUNYAH_REGSET_X, 1, 1), GUNYAH_ERR_OBJECT_STATE);
}

TEST(secondary)
{
	setup(WRITE);
	/* Before START, and after it while the vCPU is off */
	EXPECT_EQ(write_reg(second, GUNYAH_REGSET_X, 0, 100), 0);
	EXPECT_EQ(write_reg(second, GUNYAH_REGSET_X, 1, 101), 0);
	EXPECT_EQ(write_reg(second, GUNYAH_REGSET_PC, 0, 0x80004000), 0);
	vm_start(env_vm, ENTRY, 0);
	EXPECT_EQ(write_reg(second, GUNYAH_REGSET_X, 2, 102), 0);
	EXPECT_EQ(write_reg(second, GUNYAH_REGSET_SP, 1, 0x90000000), 0);
	EXPECT_EQ(psci(PSCI_CPU_ON_64, 1, 0x80008000, 7), PSCI_SUCCESS);
	EXPECT_EQ(second->regs.pc, 0x80008000);
	EXPECT_EQ(second->regs.x[0], 7);
	EXPECT_EQ(second->regs.x[1], 101);
	EXPECT_EQ(second->regs.x[2], 102);
	EXPECT_EQ(second->arch->sp[1], 0x90000000);
	EXPECT_EQ(write_reg(second, GUNYAH_REGSET_X, 2, 1), GUNYAH_ERR_BUSY);

	/* A write is for one start: the next begins as a clean one */
	second->power = VCPU_OFF;
	second->arch->sp[1] = 0;
	EXPECT_EQ(write_reg(second, GUNYAH_REGSET_X, 3, 103), 0);
	EXPECT_EQ(psci(PSCI_CPU_ON_64, 1, 0x80009000, 8), PSCI_SUCCESS);
	EXPECT_EQ(second->regs.pc, 0x80009000);
	EXPECT_EQ(second->regs.x[0], 8);
	EXPECT_EQ(second->regs.x[1], 0);
	EXPECT_EQ(second->regs.x[2], 0);
	EXPECT_EQ(second->regs.x[3], 103);
	EXPECT_EQ(second->arch->sp[1], 0);
}

TEST(extensions)
{
	u64 x[HCALL_REGS] = { GUNYAH_SMCCC_ID(0x3f80), 0x47756e7961682b31ULL };
	u64 y[HCALL_REGS] = { GUNYAH_SMCCC_ID(0x3f80), 0x47756e7961682b32ULL };
	u64 z[HCALL_REGS] = { GUNYAH_SMCCC_ID(0x3f80), 0x47756e7961682b31ULL };
	u64 g[HCALL_REGS] = { GUNYAH_SMCCC_ID(0x3f80), 0x47756e7961682b31ULL };

	env_init();
	env_add_vm();
	hcall_production = true;
	hcall_handle(&env_host, false, 0, x);
	EXPECT_EQ(x[0], GUNYAH_ERR_OK);
	EXPECT_EQ(x[1], 0x47756e7961682b31ULL);
	EXPECT_EQ(x[2], 7);
	hcall_handle(&env_host, false, 0, y);
	EXPECT_EQ(y[0], GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(y[1], 0);
	EXPECT_EQ(y[2], 0);
	/* Guests have none of it, and the open hypervisor none at all */
	hcall_handle(&env_guest, false, 0, g);
	EXPECT_EQ(g[0], ~0ULL);
	hcall_production = false;
	hcall_handle(&env_host, false, 0, z);
	EXPECT_EQ(z[0], ~0ULL);
	/* Not hidden by the test interface, whose numbers are around it */
	hcall_test_enabled = true;
	hcall_production = true;
	z[0] = GUNYAH_SMCCC_ID(0x3f80);
	hcall_handle(&env_host, false, 0, z);
	EXPECT_EQ(z[0], GUNYAH_ERR_OK);
	hcall_test_enabled = false;
}
