// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's registers survive exits: alone, with two guests that take turns on
 * one CPU, and with a host that uses the same registers in between.
 */
#include "harness.h"

#define ROUNDS 200

static void prepare(struct gt_vm *vm, enum guest_test test, uint64_t seed)
{
	gt_vm_init(vm, test);
	vm->arg[0] = ROUNDS;
	vm->arg[1] = seed;
	gt_vm_boot(vm);
}

/* Different values in all vector registers before each RUN */
static void disturb_fp(uint64_t i)
{
	asm volatile(
		"dup v0.2d, %0\n dup v1.2d, %0\n dup v2.2d, %0\n dup v3.2d, %0\n"
		"dup v4.2d, %0\n dup v5.2d, %0\n dup v6.2d, %0\n dup v7.2d, %0\n"
		"dup v16.2d, %0\n dup v17.2d, %0\n dup v18.2d, %0\n dup v19.2d, %0\n"
		"dup v20.2d, %0\n dup v21.2d, %0\n dup v22.2d, %0\n dup v23.2d, %0\n"
		"dup v24.2d, %0\n dup v25.2d, %0\n dup v26.2d, %0\n dup v27.2d, %0\n"
		"dup v28.2d, %0\n dup v29.2d, %0\n dup v30.2d, %0\n dup v31.2d, %0\n"
		:: "r" (~i) : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17",
		   "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",
		   "v28", "v29", "v30", "v31");
}

static void run_alone(enum guest_test test)
{
	struct gt_vm vm;
	uint64_t i;

	prepare(&vm, test, 0x0123456789abcdef);
	for (i = 0; i < ROUNDS; i++) {
		disturb_fp(i);
		gt_expect_mmio(&vm.vcpu[0], true, DEV_BASE, 8);
	}
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

TEST(general)
{
	run_alone(GUEST_gp_regs);
}

TEST(vector)
{
	run_alone(GUEST_fp_regs);
}

/* Two VMs, exit by exit in turn on the same CPU */
static void run_in_turn(enum guest_test test)
{
	struct gt_vm vm[2];
	uint64_t i;
	int k;

	gt_pin_to_cpu(0);
	for (k = 0; k < 2; k++)
		prepare(&vm[k], test, 0xfedcba9876543210 >> 4 * k);
	for (i = 0; i < ROUNDS; i++) {
		for (k = 0; k < 2; k++)
			gt_expect_mmio(&vm[k].vcpu[0], true, DEV_BASE, 8);
	}
	for (k = 0; k < 2; k++) {
		gt_expect_off(&vm[k].vcpu[0]);
		gt_vm_close(&vm[k]);
	}
}

TEST(general_in_turn)
{
	run_in_turn(GUEST_gp_regs);
}

TEST(vector_in_turn)
{
	run_in_turn(GUEST_fp_regs);
}

/* The vCPU goes from CPU to CPU and takes its registers along */
TEST(migrating)
{
	struct gt_vm vm;
	uint64_t i;

	if (gt_nr_cpus() < 2)
		SKIP(return, "one CPU only");
	prepare(&vm, GUEST_fp_regs, 0x13579bdf02468ace);
	for (i = 0; i < ROUNDS; i++) {
		gt_pin_to_cpu(i % gt_nr_cpus());
		gt_expect_mmio(&vm.vcpu[0], true, DEV_BASE, 8);
	}
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

TEST_HARNESS_MAIN
