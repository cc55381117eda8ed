// SPDX-License-Identifier: GPL-2.0-only
/*
 * Authenticated VMs: SET_AUTH_TYPE with the types that there are, and trusted VMs from
 * their metadata to their end.
 */
#include "harness.h"

#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gmem.h"
#include "protect.h"

#define PAGE		4096UL
#define QTVM		GUNYAH_AUTH_QCOM_TRUSTED_VM
/* RMs keep these VMIDs for VMs that are known beforehand (rm-rpc 1.6) */
#define VM_ID		20

static bool qtvm_loaded(void)
{
	struct stat st;

	return !stat("/sys/module/gunyah_qtvm", &st);
}

FIXTURE(auth) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
};

FIXTURE_SETUP(auth)
{
	gt_catch_sigbus();
	gt_resources(&self->before);
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	gt_prepare_trusted(&self->vm);
}

FIXTURE_TEARDOWN(auth)
{
	gt_vm_close(&self->vm);
	gt_unload_qtvm();
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&self->before);
}

static void set_auth(FIXTURE_DATA(auth) *self, uint16_t vm_id)
{
	struct gunyah_auth_qtvm_arg arg = gt_qtvm_arg(vm_id);

	gt_assert_eq(__gt_set_auth(self->vm.fd, QTVM, &arg, sizeof(arg)), 0);
}

/* The module comes when it is asked for, and is not needed any more afterwards */
TEST_F(auth, boots)
{
	uint64_t gpa = GUEST_RAM_BASE + GUEST_DTB_OFFSET + GUEST_DTB_SIZE;

	if (gt_open_profile())
		SKIP(return, "this Resource Manager authenticates nothing");
	gt_unload_qtvm();
	ASSERT_FALSE(qtvm_loaded());
	set_auth(self, VM_ID);
	EXPECT_TRUE(qtvm_loaded());
	gt_unload_qtvm();
	EXPECT_FALSE(qtvm_loaded());
	gt_vm_start(&self->vm);

	/* Image and tree were handed over as a parcel, the rest comes on demand */
	gt_command_result(self->vcpu, CMD_FILL, gpa, PAGE, 64, 0x1234);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_CHECK, gpa, PAGE, 64, 0x1234), 0);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, GUEST_RAM_BASE, 4, 0, 0), 0x464c457f);
	EXPECT_TRUE(gt_read_faults(self->vm.ram));
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* A boot context has no effect, not even one that leads nowhere */
TEST_F(auth, no_boot_context)
{
	if (gt_open_profile())
		SKIP(return, "this Resource Manager authenticates nothing");
	set_auth(self, VM_ID);
	ASSERT_EQ(__gt_boot_context(self->vm.fd, 0x100, 0x1000), 0);
	gt_vm_start(&self->vm);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* Each id has one VM at a time; who did not get it may try again */
TEST_F(auth, same_id)
{
	struct gunyah_auth_qtvm_arg arg = gt_qtvm_arg(VM_ID);
	struct gt_vm other;

	if (gt_open_profile())
		SKIP(return, "this Resource Manager authenticates nothing");
	set_auth(self, VM_ID);
	gt_vm_start(&self->vm);
	gt_vm_init(&other, GUEST_command);
	gt_prepare_trusted(&other);
	ASSERT_EQ(__gt_set_auth(other.fd, QTVM, &arg, sizeof(arg)), 0);
	EXPECT_EQ(__gt_start(other.fd), -ENODEV);
	gt_vm_close(&self->vm);
	gt_vm_start(&other);
	gt_command(&other.vcpu[0], CMD_END, 0, 0, 0, 0);
	gt_expect_off(&other.vcpu[0]);
	gt_vm_close(&other);
}

/* Ids that no VM can have: those of dynamic VMs, and those of others (rm-rpc 1.6) */
TEST_F(auth, wrong_id)
{
	set_auth(self, 0x80);
	EXPECT_EQ(__gt_start(self->vm.fd), -ENODEV);
	set_auth(self, 3);
	EXPECT_EQ(__gt_start(self->vm.fd), -EINVAL);
	set_auth(self, 0xff);
	EXPECT_EQ(__gt_start(self->vm.fd), -EINVAL);
	EXPECT_FALSE(gt_read_faults(self->vm.ram));
}

/* Each value alone, in an argument that is right otherwise */
TEST_F(auth, wrong_argument)
{
	static const struct {
		uint16_t vm_id;
		uint64_t gpa, size;
		int err;
	} cases[] = {
		{ 0, GUEST_RAM_BASE, GUEST_DTB_OFFSET, -EINVAL },
		{ 0xffff, GUEST_RAM_BASE, GUEST_DTB_OFFSET, -EINVAL },
		{ VM_ID, GUEST_RAM_BASE + 8, GUEST_DTB_OFFSET, -EINVAL },
		{ VM_ID, GUEST_RAM_BASE, GT_METADATA_SIZE - 1, -EINVAL },
		{ VM_ID, GUEST_RAM_BASE, 0, -EINVAL },
		{ VM_ID, -PAGE, GT_METADATA_SIZE, -EOVERFLOW },
		{ VM_ID, GUEST_RAM_BASE, UINT64_MAX, -EOVERFLOW },
		{ VM_ID, GUEST_RAM_BASE, GT_METADATA_SIZE, 0 },
	};
	struct gunyah_auth_qtvm_arg arg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		arg = gt_qtvm_arg(cases[i].vm_id);
		arg.guest_phys_addr = cases[i].gpa;
		arg.size = cases[i].size;
		EXPECT_EQ(__gt_set_auth(self->vm.fd, QTVM, &arg, sizeof(arg)), cases[i].err)
			TH_LOG("case %u", i);
	}
}

TEST_F(auth, wrong_type)
{
	struct gunyah_auth_qtvm_arg arg = gt_qtvm_arg(VM_ID);
	char big[32] = {};
	int vm = self->vm.fd;

	EXPECT_EQ(__gt_set_auth(vm, 2, NULL, 0), -ENOENT);
	EXPECT_EQ(__gt_set_auth(vm, UINT32_MAX, &arg, sizeof(arg)), -ENOENT);
	EXPECT_EQ(__gt_set_auth(vm, QTVM, &arg, sizeof(arg) - 1), -EINVAL);
	EXPECT_EQ(__gt_set_auth(vm, QTVM, big, 25), -EINVAL);
	EXPECT_EQ(__gt_set_auth(vm, 2, big, UINT32_MAX), -EINVAL);
	EXPECT_EQ(__gt_set_auth(vm, QTVM, (void *)8, sizeof(arg)), -EFAULT);
	EXPECT_EQ(__gt_set_auth(vm, 0, &arg, sizeof(arg)), -EINVAL);
	EXPECT_EQ(__gt_set_auth(vm, 0, NULL, 0), 0);
}

/* The image has to be in one region with the tree; after the start it is too late */
TEST_F(auth, wrong_place)
{
	struct gunyah_auth_qtvm_arg arg = gt_qtvm_arg(VM_ID);

	arg.guest_phys_addr = GUEST_RAM_BASE + GUEST_MIN_RAM;
	ASSERT_EQ(__gt_set_auth(self->vm.fd, QTVM, &arg, sizeof(arg)), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), -EINVAL);
	EXPECT_FALSE(gt_read_faults(self->vm.ram));
	if (gt_open_profile())
		return;
	set_auth(self, VM_ID);
	gt_vm_start(&self->vm);
	EXPECT_EQ(__gt_set_auth(self->vm.fd, QTVM, &arg, sizeof(arg)), -EINVAL);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
	EXPECT_EQ(__gt_set_auth(self->vm.fd, 0, NULL, 0), -EINVAL);
}

/* What of the metadata is wrong; the RM looks at it when it is lent already */
FIXTURE(metadata) {
	struct gt_resources before;
	struct gt_vm vm;
};

FIXTURE_VARIANT(metadata) {
	size_t offset;
	uint64_t value;
};

FIXTURE_VARIANT_ADD(metadata, magic) { .offset = 0 };
FIXTURE_VARIANT_ADD(metadata, entry) {
	.offset = offsetof(Elf64_Ehdr, e_entry), .value = GUEST_DTB_OFFSET,
};
FIXTURE_VARIANT_ADD(metadata, segment) {
	.offset = sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_memsz), .value = 1ULL << 40,
};

FIXTURE_SETUP(metadata)
{
	gt_catch_sigbus();
	gt_resources(&self->before);
	gt_vm_init(&self->vm, GUEST_command);
	gt_prepare_trusted(&self->vm);
}

FIXTURE_TEARDOWN(metadata)
{
	gt_vm_close(&self->vm);
	gt_unload_qtvm();
	gt_expect_resources(&self->before);
}

TEST_F(metadata, refused)
{
	struct gunyah_auth_qtvm_arg arg = gt_qtvm_arg(VM_ID);
	char *ram = self->vm.ram;

	if (gt_open_profile() && gt_can_share())
		SKIP(return, "a debug build of the Resource Manager takes anything");
	memcpy(ram + variant->offset, &variant->value, sizeof(variant->value));
	ASSERT_EQ(__gt_set_auth(self->vm.fd, QTVM, &arg, sizeof(arg)), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), -EPERM);
	EXPECT_EQ(__gt_start(self->vm.fd), -ENODEV);
	EXPECT_FALSE(gt_read_faults(ram));
}

TEST_HARNESS_MAIN
