// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protected VMs that start in the Resource Manager's firmware: the firmware gets the
 * place that SET_FW_CONFIG names and starts the payload; what is wrong with that place;
 * and that nothing of it is left.
 */
#include "harness.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gmem.h"
#include "protect.h"

#define PAGE		4096UL
#define FW_SIZE		(16 * PAGE)
/* Right below RAM, as crosvm has it */
#define FW_GPA		(GUEST_RAM_BASE - FW_SIZE)
#define FW_IN_RAM	(GUEST_RAM_BASE + 0x180000)
#define REG_PC		0x100
/* Of the guest's image, which the stub's firmware looks for */
#define MAGIC_OFFSET	56

FIXTURE(fw) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	char *mem;
};

FIXTURE_SETUP(fw)
{
	gt_catch_sigbus();
	gt_resources(&self->before);
	gt_vm_init(&self->vm, GUEST_command);
	self->vm.kind = GT_LEND;
	self->vcpu = &self->vm.vcpu[0];
	self->mem = gt_alloc(FW_SIZE);
	memset(self->mem, 0x77, FW_SIZE);
	gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
}

FIXTURE_TEARDOWN(fw)
{
	gt_vm_close(&self->vm);
	munmap(self->mem, FW_SIZE);
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&self->before);
}

static void add_firmware(FIXTURE_DATA(fw) *self, enum gt_kind kind)
{
	gt_add_memory(self->vm.fd, kind, FW_GPA, self->mem, FW_SIZE);
	gt_assert_eq(__gt_set_firmware(self->vm.fd, FW_GPA, FW_SIZE), 0);
}

static bool all_zero(const char *mem, size_t size)
{
	while (size && !*mem) {
		mem++;
		size--;
	}
	return !size;
}

/* The firmware's first word is not 0, what is behind it is, and so is what the host left */
static void expect_firmware(FIXTURE_DATA(fw) *self, uint64_t gpa)
{
	uint64_t word = gt_command_result(self->vcpu, CMD_READ, gpa, 4, 0, 0);

	gt_assert(word && word != 0x77777777);
	gt_assert_eq(gt_command_result(self->vcpu, CMD_READ, gpa + PAGE, 8, 0, 0), 0);
	gt_assert_eq(gt_command_result(self->vcpu, CMD_READ, gpa + FW_SIZE - 8, 8, 0, 0), 0);
}

/* Only a VM without firmware may say where it starts: the value has no effect */
TEST_F(fw, boots)
{
	if (gt_open_profile())
		SKIP(return, "this Resource Manager has no firmware");
	add_firmware(self, GT_LEND);
	ASSERT_EQ(__gt_boot_context(self->vm.fd, REG_PC, GUEST_RAM_BASE + 0x1230), 0);
	gt_vm_start(&self->vm);
	expect_firmware(self, FW_GPA);
	EXPECT_TRUE(gt_read_faults(self->mem));
	EXPECT_TRUE(gt_read_faults(self->mem + FW_SIZE - 1));
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* Without the magic of an Image the firmware turns the VM off, so it has run */
TEST_F(fw, refuses_payload)
{
	if (gt_open_profile())
		SKIP(return, "this Resource Manager has no firmware");
	memset((char *)self->vm.ram + MAGIC_OFFSET, 0, 4);
	add_firmware(self, GT_LEND);
	gt_vm_start(&self->vm);
	gt_expect_status(self->vcpu, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
}

TEST_F(fw, inside_ram)
{
	if (gt_open_profile())
		SKIP(return, "this Resource Manager has no firmware");
	ASSERT_EQ(__gt_set_firmware(self->vm.fd, FW_IN_RAM, FW_SIZE), 0);
	gt_vm_start(&self->vm);
	expect_firmware(self, FW_IN_RAM);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* Neither the firmware nor what the guest did is there when the host has its memory back */
TEST_F(fw, wiped)
{
	uint64_t secret = FW_GPA + 2 * PAGE;

	if (gt_open_profile())
		SKIP(return, "this Resource Manager has no firmware");
	add_firmware(self, GT_LEND);
	gt_vm_start(&self->vm);
	gt_command_result(self->vcpu, CMD_WRITE, secret, 8, 0x5ec2e75ec2e7, 0);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, secret, 8, 0, 0), 0x5ec2e75ec2e7);
	gt_vcpu_close(self->vcpu);
	close(self->vm.fd);
	self->vm.fd = -1;
	EXPECT_TRUE(all_zero(self->mem, FW_SIZE));
}

/* What START finds leaves the VM as it was; what the RM finds does not */
TEST_F(fw, wrong_place)
{
	int vm = self->vm.fd;

	/* Nowhere; across the border of two regions; behind RAM; where the tree is */
	ASSERT_EQ(__gt_set_firmware(vm, FW_GPA, FW_SIZE), 0);
	EXPECT_EQ(__gt_start(vm), -EINVAL);
	gt_add_memory(vm, GT_LEND, FW_GPA, self->mem, FW_SIZE);
	ASSERT_EQ(__gt_set_firmware(vm, FW_GPA + PAGE, FW_SIZE), 0);
	EXPECT_EQ(__gt_start(vm), -EINVAL);
	ASSERT_EQ(__gt_set_firmware(vm, GUEST_RAM_BASE + GUEST_MIN_RAM - PAGE, 2 * PAGE), 0);
	EXPECT_EQ(__gt_start(vm), -EINVAL);
	ASSERT_EQ(__gt_set_firmware(vm, GUEST_RAM_BASE + GUEST_DTB_OFFSET, PAGE), 0);
	EXPECT_EQ(__gt_start(vm), -EINVAL);
	ASSERT_EQ(__gt_set_firmware(vm, 0, 0), 0);
	/* The open RM would put what is right below RAM at its beginning */
	if (gt_open_profile())
		return;
	/* Size 0: none, so this is a VM like any other */
	gt_vm_start(&self->vm);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, FW_GPA, 1, 0, 0), 0x77);
	EXPECT_EQ(__gt_set_firmware(vm, FW_GPA, FW_SIZE), -EINVAL);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
	EXPECT_EQ(__gt_set_firmware(vm, FW_GPA, FW_SIZE), -EINVAL);
}

TEST_F(fw, bad_values)
{
	int vm = self->vm.fd;

	EXPECT_EQ(__gt_set_firmware(vm, FW_GPA + 1, FW_SIZE), -EINVAL);
	EXPECT_EQ(__gt_set_firmware(vm, FW_GPA, FW_SIZE + 1), -EINVAL);
	EXPECT_EQ(__gt_set_firmware(vm, -PAGE, 2 * PAGE), -EOVERFLOW);
	EXPECT_EQ(__gt_set_firmware(vm, 2 * PAGE, -PAGE), -EOVERFLOW);
	EXPECT_EQ(__gt_set_firmware(vm, -PAGE, PAGE), 0);
	EXPECT_EQ(__gt_start(vm), -EINVAL);
}

/* Memory that the host sees, too, is no place for firmware: the RM says so */
TEST_F(fw, shared)
{
	if (gt_open_profile())
		SKIP(return, "this Resource Manager has no firmware");
	add_firmware(self, GT_SHARE);
	EXPECT_EQ(__gt_start(self->vm.fd), -EINVAL);
	EXPECT_EQ(__gt_start(self->vm.fd), -ENODEV);
	EXPECT_EQ(__gt_set_firmware(self->vm.fd, FW_GPA, FW_SIZE), -EINVAL);
	EXPECT_FALSE(gt_read_faults(self->vm.ram));
	EXPECT_EQ(self->mem[0], 0x77);
}

/* A protected VM without firmware, and one whose Resource Manager has none */
TEST_F(fw, none)
{
	if (gt_open_profile()) {
		add_firmware(self, GT_LEND);
		EXPECT_EQ(__gt_start(self->vm.fd), -EPERM);
	} else {
		ASSERT_EQ(__gt_set_auth(self->vm.fd, GUNYAH_AUTH_ANDROID_PVM, NULL, 0), 0);
		EXPECT_EQ(__gt_start(self->vm.fd), -EPERM);
	}
	EXPECT_EQ(__gt_start(self->vm.fd), -ENODEV);
}

TEST_HARNESS_MAIN
