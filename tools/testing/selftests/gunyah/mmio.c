// SPDX-License-Identifier: GPL-2.0-only
/*
 * MMIO exits: which accesses, with what data, and how they are resumed.
 */
#include "harness.h"

FIXTURE(mmio) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	struct gunyah_vcpu_run *run;
};

FIXTURE_SETUP(mmio)
{
	gt_vm_init(&self->vm, GUEST_command);
	gt_vm_boot(&self->vm);
	self->vcpu = &self->vm.vcpu[0];
	self->run = self->vcpu->run;
}

FIXTURE_TEARDOWN(mmio)
{
	gt_vm_close(&self->vm);
}

#define DATA 0x8877665544332211UL

static const struct { uint64_t offset; uint32_t len; uint64_t data; } writes[] = {
	{ 0, 1, 0x11 }, { 2, 2, 0x2211 }, { 4, 4, 0x44332211 }, { 8, 8, DATA },
	{ 16, 8, 0 }, { 24, 8, DATA }, { 32, 1, 0xa5 },
};

static const uint32_t reads[] = { 1, 2, 4, 8, 1, 2, 1, 2, 4, 8, 8 };

/* In the order of the program, none twice, none missing; the guest checks the reads */
TEST(widths)
{
	struct gt_vm vm;
	struct gt_vcpu *vcpu = &vm.vcpu[0];
	unsigned int i;

	gt_vm_init(&vm, GUEST_mmio);
	gt_vm_boot(&vm);
	for (i = 0; i < ARRAY_SIZE(writes); i++) {
		gt_expect_mmio(vcpu, true, DEV_BASE + writes[i].offset, writes[i].len);
		EXPECT_EQ(gt_mmio_data(vcpu->run), writes[i].data)
			TH_LOG("write %u", i);
	}
	for (i = 0; i < ARRAY_SIZE(reads); i++) {
		gt_expect_mmio(vcpu, false, DEV_BASE + 0x100, reads[i]);
		/* The bytes above the size must not get to the guest */
		gt_set_mmio_data(vcpu->run, 0x8f8e8d8c8b8a8988);
	}
	gt_expect_off(vcpu);
	gt_vm_close(&vm);
}

/* All of the window below 1 GiB exits (hypercall 7.3), but for the GIC */
TEST_F(mmio, window)
{
	static const uint64_t addr[] = {
		0, 8, 0x1000, 0x2ffffff8, 0x3f001ff8, 0x3f002004, 0x3f00fffc,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addr); i++) {
		gt_command(self->vcpu, CMD_READ, addr[i], 4, 0, 0);
		gt_expect_mmio(self->vcpu, false, addr[i], 4);
		gt_set_mmio_data(self->run, i + 1);
		gt_expect_sync(self->vcpu, i + 1);
	}
}

TEST_F(mmio, many_in_a_row)
{
	uint64_t i;

	for (i = 0; i < 500; i++) {
		gt_command(self->vcpu, CMD_WRITE, DEV_BASE + 8 * (i % 64), 8, i * DATA, 0);
		gt_expect_mmio(self->vcpu, true, DEV_BASE + 8 * (i % 64), 8);
		EXPECT_EQ(gt_mmio_data(self->run), i * DATA);
		gt_expect_sync(self->vcpu, 0);
	}
}

/* ESR of a data abort from EL1: class 0x25 */
#define IS_ABORT(esr) ((esr) >> 26 == 0x25)

TEST_F(mmio, resume_fault)
{
	if (!gt_has_resume_actions())
		SKIP(return, "this hypervisor completes each access");
	gt_command(self->vcpu, CMD_TRY_READ, DEV_BASE, 4, 0, 0);
	gt_expect_mmio(self->vcpu, false, DEV_BASE, 4);
	self->run->mmio.resume_action = GUNYAH_VCPU_RESUME_FAULT;
	EXPECT_TRUE(IS_ABORT(gt_expect_any_sync(self->vcpu)))
		TH_LOG("ESR %#lx", (long)self->vcpu->value);
	gt_command(self->vcpu, CMD_TRY_WRITE, DEV_BASE + 8, 8, 1, 0);
	gt_expect_mmio(self->vcpu, true, DEV_BASE + 8, 8);
	self->run->mmio.resume_action = GUNYAH_VCPU_RESUME_FAULT;
	EXPECT_TRUE(IS_ABORT(gt_expect_any_sync(self->vcpu)));
	/* Only that one: the next is handled again */
	gt_command(self->vcpu, CMD_READ, DEV_BASE, 4, 0, 0);
	gt_expect_mmio(self->vcpu, false, DEV_BASE, 4);
	gt_set_mmio_data(self->run, 7);
	gt_expect_sync(self->vcpu, 7);
}

/* RETRY: the same access comes again */
TEST_F(mmio, resume_retry)
{
	int i;

	if (!gt_has_resume_actions())
		SKIP(return, "this hypervisor completes each access");
	gt_command(self->vcpu, CMD_WRITE, DEV_BASE + 4, 4, 0x4711, 0);
	for (i = 0; i < 3; i++) {
		gt_expect_mmio(self->vcpu, true, DEV_BASE + 4, 4);
		EXPECT_EQ(gt_mmio_data(self->run), 0x4711);
		self->run->mmio.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	}
	gt_expect_mmio(self->vcpu, true, DEV_BASE + 4, 4);
	gt_expect_sync(self->vcpu, 0);
	gt_command(self->vcpu, CMD_READ, DEV_BASE, 8, 0, 0);
	gt_expect_mmio(self->vcpu, false, DEV_BASE, 8);
	gt_set_mmio_data(self->run, 1);
	self->run->mmio.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	gt_expect_mmio(self->vcpu, false, DEV_BASE, 8);
	gt_set_mmio_data(self->run, 2);
	gt_expect_sync(self->vcpu, 2);
}

/* The open hypervisor completes the access whatever it is told (hypercall 7.2) */
TEST_F(mmio, resume_of_open_hypervisor)
{
	if (gt_has_resume_actions())
		SKIP(return, "this hypervisor does as it is told");
	gt_command(self->vcpu, CMD_WRITE, DEV_BASE + 4, 4, 0x4711, 0);
	gt_expect_mmio(self->vcpu, true, DEV_BASE + 4, 4);
	self->run->mmio.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	gt_expect_sync(self->vcpu, 0);
	gt_command(self->vcpu, CMD_WRITE, DEV_BASE + 4, 4, 0x4711, 0);
	gt_expect_mmio(self->vcpu, true, DEV_BASE + 4, 4);
	self->run->mmio.resume_action = GUNYAH_VCPU_RESUME_FAULT;
	gt_expect_sync(self->vcpu, 0);
}

/* Unknown actions are refused and can be corrected (uapi 3.7) */
TEST_F(mmio, resume_unknown)
{
	static const uint8_t bad[] = { 3, 4, 0x80, 0xff };
	unsigned int i;

	gt_command(self->vcpu, CMD_READ, DEV_BASE, 8, 0, 0);
	gt_expect_mmio(self->vcpu, false, DEV_BASE, 8);
	gt_set_mmio_data(self->run, 0xabc);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		self->run->mmio.resume_action = bad[i];
		EXPECT_EQ(__gt_run(self->vcpu->fd), -EINVAL);
	}
	self->run->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
	gt_expect_sync(self->vcpu, 0xabc);
}

/* Old programs never write the byte; the kernel presets it each time (uapi 6.7) */
TEST_F(mmio, resume_preset)
{
	gt_command(self->vcpu, CMD_WRITE, DEV_BASE, 1, 1, 0);
	gt_expect_mmio(self->vcpu, true, DEV_BASE, 1);
	self->run->mmio.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	gt_next(self->vcpu);
	EXPECT_EQ(self->run->mmio.resume_action, GUNYAH_VCPU_RESUME_HANDLED);
}

/* Outside of RAM and of the window the guest takes the abort itself */
TEST(fault)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_fault);
	gt_vm_boot(&vm);
	EXPECT_TRUE(IS_ABORT(gt_expect_any_sync(&vm.vcpu[0])));
	EXPECT_TRUE(IS_ABORT(gt_expect_any_sync(&vm.vcpu[0])));
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

/* The least that a guest can do, and its letters one by one */
TEST(hello)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	vm.arg[0] = 0x600d;
	gt_vm_boot(&vm);
	gt_expect_sync(&vm.vcpu[0], 0x600d);
	EXPECT_STREQ(vm.vcpu[0].text, "hello from the guest\n");
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

TEST_HARNESS_MAIN
