// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests with several vCPUs, each in a thread.
 */
#include "harness.h"

FIXTURE(smp) {
	struct gt_vm vm;
};

FIXTURE_VARIANT(smp) {
	unsigned int nr;
};

FIXTURE_VARIANT_ADD(smp, two) { .nr = 2 };
FIXTURE_VARIANT_ADD(smp, four) { .nr = 4 };
FIXTURE_VARIANT_ADD(smp, eight) { .nr = 8 };

FIXTURE_SETUP(smp)
{
	gt_vm_init(&self->vm, GUEST_cpu_on);
	self->vm.dtb.nr_vcpus = variant->nr;
}

FIXTURE_TEARDOWN(smp)
{
	gt_vm_close(&self->vm);
}

static void run_to_the_end(struct gt_vm *vm, enum guest_test test)
{
	vm->test = test;
	gt_vm_boot(vm);
	gt_threads_start(vm);
	gt_threads_join(vm, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
}

/* CPU_ON with entry and context, CPU_OFF, AFFINITY_INFO, their errors */
TEST_F(smp, cpu_on)
{
	unsigned int i;

	run_to_the_end(&self->vm, GUEST_cpu_on);
	EXPECT_EQ(self->vm.vcpu[0].stages, 0);
	for (i = 1; i < variant->nr; i++) {
		EXPECT_EQ(self->vm.vcpu[i].stages, 1);
		EXPECT_EQ(self->vm.vcpu[i].last_stage, i);
	}
}

TEST_F(smp, cpu_on_and_off_again)
{
	self->vm.arg[0] = 30;
	run_to_the_end(&self->vm, GUEST_cpu_cycle);
}

TEST_F(smp, sgi_round)
{
	self->vm.arg[0] = 100;
	run_to_the_end(&self->vm, GUEST_sgi);
	EXPECT_EQ(self->vm.vcpu[0].last_stage, 100);
}

static uint64_t series[GUEST_MAX_VCPUS];

static void note_series(struct gt_vcpu *vcpu)
{
	uint64_t index = vcpu - vcpu->vm->vcpu;

	gt_assert_eq(vcpu->run->mmio.phys_addr, DEV_BASE + 8 * index);
	gt_assert_eq(gt_mmio_data(vcpu->run), ++series[index]);
}

/* Exits of one vCPU never show up at another */
TEST_F(smp, mmio_at_once)
{
	unsigned int i;

	self->vm.mmio = note_series;
	self->vm.arg[0] = 200;
	run_to_the_end(&self->vm, GUEST_smp_mmio);
	for (i = 0; i < variant->nr; i++)
		EXPECT_EQ(series[i], 200);
}

/* Busy vCPUs leave one by one when told, then the VM goes with none of them inside */
TEST_F(smp, stop_busy)
{
	unsigned int i;

	self->vm.test = GUEST_smp_busy;
	gt_vm_boot(&self->vm);
	gt_threads_start(&self->vm);
	for (i = 0; i < variant->nr; i++)
		gt_wait_stages(&self->vm.vcpu[i], 1);
	for (i = 0; i < variant->nr; i++) {
		gt_thread_stop(&self->vm.vcpu[i]);
		EXPECT_EQ(self->vm.vcpu[i].error, -EINTR);
	}
}

/* vCPUs that nobody switched on sleep in RUN until the VM is over */
TEST_F(smp, never_switched_on)
{
	self->vm.arg[0] = 1;
	run_to_the_end(&self->vm, GUEST_hello);
}

TEST_HARNESS_MAIN
