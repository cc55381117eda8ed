// SPDX-License-Identifier: GPL-2.0-only
/*
 * ADD_FUNCTION and REMOVE_FUNCTION: arguments, duplicates, removal.
 */
#include "harness.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#define ADDR	EVT_BASE
#define MATCH	GUNYAH_IOEVENTFD_FLAGS_DATAMATCH

FIXTURE(fn) {
	int vm;
	int evt;
};

FIXTURE_SETUP(fn)
{
	self->vm = gt_create_vm();
	self->evt = eventfd(0, EFD_CLOEXEC);
	ASSERT_GE(self->evt, 0);
}

FIXTURE_TEARDOWN(fn)
{
	close(self->vm);
	close(self->evt);
}

TEST_F(fn, descriptor_errors)
{
	char buffer[512] = "";
	int vm = self->vm;

	EXPECT_EQ(gt_errno(ioctl(vm, GUNYAH_VM_ADD_FUNCTION, NULL)), -EFAULT);
	EXPECT_EQ(gt_errno(ioctl(vm, GUNYAH_VM_REMOVE_FUNCTION, NULL)), -EFAULT);
	EXPECT_EQ(__gt_add_function(vm, GUNYAH_FN_VCPU, buffer, 257), -EINVAL);
	EXPECT_EQ(__gt_add_function(vm, GUNYAH_FN_VCPU, buffer, ~0U), -EINVAL);
	EXPECT_EQ(__gt_add_function(vm, GUNYAH_FN_VCPU, NULL, 4), -EFAULT);
	EXPECT_EQ(__gt_remove_function(vm, GUNYAH_FN_VCPU, NULL, 4), -EFAULT);
}

TEST_F(fn, unknown_types)
{
	static const uint32_t types[] = { 0, 4, 5, 0x100, 0x80000001, ~0U };
	uint32_t arg[8] = { 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		EXPECT_EQ(__gt_add_function(self->vm, types[i], arg, 4), -ENOENT)
			TH_LOG("add %#x", types[i]);
		EXPECT_EQ(__gt_remove_function(self->vm, types[i], arg, 4), -ENOENT)
			TH_LOG("remove %#x", types[i]);
	}
}

/* The size has to be that of the structure, not more, not less */
TEST_F(fn, argument_sizes)
{
	static const struct { uint32_t type, size; } fn[] = {
		{ GUNYAH_FN_VCPU, 4 }, { GUNYAH_FN_IRQFD, 16 }, { GUNYAH_FN_IOEVENTFD, 32 },
	};
	unsigned int i, size;
	char arg[256] = "";

	for (i = 0; i < ARRAY_SIZE(fn); i++) {
		for (size = 0; size <= 256; size += size < 40 ? 1 : 108) {
			if (size == fn[i].size)
				continue;
			EXPECT_EQ(__gt_add_function(self->vm, fn[i].type, arg, size), -EINVAL)
				TH_LOG("type %u, size %u", fn[i].type, size);
		}
	}
}

TEST_F(fn, vcpu_ids)
{
	int vcpu = __gt_add_vcpu(self->vm, 0);

	EXPECT_GE(vcpu, 0);
	EXPECT_EQ(__gt_add_vcpu(self->vm, 0), -EEXIST);
	/* Ids that no RM will ever know are accepted (uapi 3.6) */
	EXPECT_GE(__gt_add_vcpu(self->vm, 7), 0);
	EXPECT_GE(__gt_add_vcpu(self->vm, ~0U), 0);
	/* Closing the descriptor keeps the id (uapi 3.8) */
	close(vcpu);
	EXPECT_EQ(__gt_add_vcpu(self->vm, 0), -EEXIST);
	EXPECT_EQ(__gt_remove_vcpu(self->vm, 0), 0);
	EXPECT_GE(__gt_add_vcpu(self->vm, 0), 0);
}

TEST_F(fn, vcpu_remove)
{
	int vcpu = __gt_add_vcpu(self->vm, 1), again;

	ASSERT_GE(vcpu, 0);
	EXPECT_EQ(__gt_remove_vcpu(self->vm, 0), -ENOENT);
	EXPECT_EQ(__gt_remove_vcpu(self->vm, 1), 0);
	EXPECT_EQ(__gt_remove_vcpu(self->vm, 1), -ENOENT);
	/* The descriptor is still one, and of no use */
	EXPECT_EQ(__gt_run(vcpu), -ENODEV);
	EXPECT_EQ(gt_errno(ioctl(vcpu, GUNYAH_VCPU_MMAP_SIZE)), getpagesize());
	again = __gt_add_vcpu(self->vm, 1);
	EXPECT_GE(again, 0);
	EXPECT_NE(again, vcpu);
}

/* Two VMs have nothing to do with each other */
TEST_F(fn, vcpu_ids_of_vms)
{
	int other = gt_create_vm();

	EXPECT_GE(__gt_add_vcpu(self->vm, 0), 0);
	EXPECT_GE(__gt_add_vcpu(other, 0), 0);
	EXPECT_EQ(__gt_remove_vcpu(other, 0), 0);
	EXPECT_EQ(__gt_add_vcpu(self->vm, 0), -EEXIST);
}

TEST_F(fn, irqfd_errors)
{
	int vm = self->vm, pipes[2];

	ASSERT_EQ(pipe(pipes), 0);
	EXPECT_EQ(__gt_irqfd(vm, self->evt, 1, 2), -EINVAL);
	EXPECT_EQ(__gt_irqfd(vm, self->evt, 1, 0x80000001), -EINVAL);
	EXPECT_EQ(__gt_irqfd(vm, -1, 1, 0), -EBADF);
	EXPECT_EQ(__gt_irqfd(vm, 1000, 1, 0), -EBADF);
	EXPECT_EQ(__gt_irqfd(vm, pipes[0], 1, 0), -EINVAL);
	EXPECT_EQ(__gt_irqfd(vm, vm, 1, 0), -EINVAL);
	/* None of them has taken the label */
	EXPECT_EQ(__gt_irqfd(vm, self->evt, 1, 0), 0);
	EXPECT_EQ(__gt_irqfd(vm, self->evt, 1, 0), -EEXIST);
	EXPECT_EQ(__gt_irqfd(vm, self->evt, 2, GUNYAH_IRQFD_FLAGS_LEVEL), 0);
}

TEST_F(fn, irqfd_remove)
{
	int vm = self->vm;

	EXPECT_EQ(__gt_remove_irqfd(vm, 1), -ENOENT);
	ASSERT_EQ(__gt_irqfd(vm, self->evt, 1, 0), 0);
	EXPECT_EQ(__gt_remove_irqfd(vm, 2), -ENOENT);
	EXPECT_EQ(__gt_remove_irqfd(vm, 1), 0);
	EXPECT_EQ(__gt_remove_irqfd(vm, 1), -ENOENT);
	EXPECT_EQ(__gt_irqfd(vm, self->evt, 1, GUNYAH_IRQFD_FLAGS_LEVEL), 0);
}

TEST_F(fn, ioeventfd_errors)
{
	int vm = self->vm, evt = self->evt, pipes[2];
	uint32_t len;

	ASSERT_EQ(pipe(pipes), 0);
	for (len = 0; len < 20; len++) {
		if (!len || len == 1 || len == 2 || len == 4 || len == 8)
			continue;
		EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, len, 0, 0), -EINVAL)
			TH_LOG("length %u", len);
	}
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, 0, MATCH, 1), -EINVAL);
	/* What crosvm sends for DATAMATCH (uapi 6.20) */
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, 4, 2, 1), -EINVAL);
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, 4, 0x10, 1), -EINVAL);
	EXPECT_EQ(__gt_ioeventfd(vm, -1, ADDR, 4, 0, 0), -EBADF);
	EXPECT_EQ(__gt_ioeventfd(vm, pipes[1], ADDR, 4, 0, 0), -EINVAL);
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, 4, 0, 0), 0);
}

TEST_F(fn, ioeventfd_conflicts)
{
	int vm = self->vm, evt = self->evt;

	ASSERT_EQ(__gt_ioeventfd(vm, evt, ADDR, 4, MATCH, 1), 0);
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, 4, MATCH, 1), -EEXIST);
	/* Another value, another write */
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, 4, MATCH, 2), 0);
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, 8, MATCH, 1), 0);
	/* One for all writes would take those of the others */
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, 0, 0, 0), -EEXIST);
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, 4, 0, 0), -EEXIST);
	/* Another address is free */
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR + 8, 0, 0, 0), 0);
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR + 8, 4, MATCH, 1), -EEXIST);
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR + 8, 0, 0, 0), -EEXIST);
}

TEST_F(fn, ioeventfd_remove)
{
	int vm = self->vm, evt = self->evt;

	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR, 0, 0, 0), -ENOENT);
	ASSERT_EQ(__gt_ioeventfd(vm, evt, ADDR, 4, MATCH, 1), 0);
	ASSERT_EQ(__gt_ioeventfd(vm, evt, ADDR, 4, MATCH, 2), 0);
	ASSERT_EQ(__gt_ioeventfd(vm, evt, ADDR + 8, 4, 0, 0), 0);
	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR, 4, MATCH, 3), -ENOENT);
	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR, 8, MATCH, 1), -ENOENT);
	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR, 4, MATCH, 2), 0);
	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR, 4, MATCH, 2), -ENOENT);
	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR, 4, MATCH, 1), 0);
	/* crosvm: address only, whatever was registered (uapi 6.21) */
	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR + 16, 0, 0, 0), -ENOENT);
	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR + 8, 0, 0, 0), 0);
	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR + 8, 0, 0, 0), -ENOENT);
}

/* An exact match goes before crosvm's lenient one */
TEST_F(fn, ioeventfd_exact_first)
{
	int vm = self->vm, evt = self->evt;

	ASSERT_EQ(__gt_ioeventfd(vm, evt, ADDR, 0, 0, 0), 0);
	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR, 4, 0, 0), -ENOENT);
	EXPECT_EQ(__gt_remove_ioeventfd(vm, ADDR, 0, 0, 0), 0);
	EXPECT_EQ(__gt_ioeventfd(vm, evt, ADDR, 4, MATCH, 1), 0);
}

/* Removing with an argument of the wrong size matches nothing */
TEST_F(fn, remove_sizes)
{
	struct gunyah_fn_vcpu_arg vcpu = { .id = 0 };
	char big[256] = "";
	int ret;

	ASSERT_GE(__gt_add_vcpu(self->vm, 0), 0);
	ret = __gt_remove_function(self->vm, GUNYAH_FN_VCPU, big, sizeof(big));
	EXPECT_TRUE(ret == -ENOENT || ret == -EINVAL)
		TH_LOG("%d", ret);
	ret = __gt_remove_function(self->vm, GUNYAH_FN_VCPU, &vcpu, 2);
	EXPECT_TRUE(ret == -ENOENT || ret == -EINVAL)
		TH_LOG("%d", ret);
	ret = __gt_remove_function(self->vm, GUNYAH_FN_VCPU, big, 0x7fffffff);
	EXPECT_TRUE(ret == -ENOENT || ret == -EINVAL)
		TH_LOG("%d", ret);
	EXPECT_EQ(__gt_remove_vcpu(self->vm, 0), 0);
}

TEST_HARNESS_MAIN
