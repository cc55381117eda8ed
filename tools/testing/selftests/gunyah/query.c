// SPDX-License-Identifier: GPL-2.0-only
/*
 * GUNYAH_QUERY: each answer against what the driver then does.
 */
#include "harness.h"
#include "gmem.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Any capability and any other number; never fails */
static long query(int fd, unsigned long cap)
{
	return gt_errno(ioctl(fd, GUNYAH_QUERY, cap));
}

static long query_dev(unsigned long cap)
{
	int fd = gt_open();
	long ret = query(fd, cap);

	close(fd);
	return ret;
}

FIXTURE(query) {
	struct gt_vm vm;
};

FIXTURE_SETUP(query)
{
	gt_vm_init(&self->vm, GUEST_hello);
	gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
}

FIXTURE_TEARDOWN(query)
{
	gt_vm_close(&self->vm);
}

/* What a program for another kernel, or a later one, may ask */
TEST_F(query, unknown)
{
	static const unsigned long caps[] = { 0, 12, 13, 63, 64, 4096, 0x80000000UL, ~0UL };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		EXPECT_EQ(query_dev(caps[i]), 0)
			TH_LOG("%#lx", caps[i]);
		EXPECT_EQ(query(self->vm.fd, caps[i]), 0);
	}
}

/* The VM answers as the device does, but for what is about the VM */
TEST_F(query, vm_as_device)
{
	unsigned long cap;

	for (cap = 1; cap <= GUNYAH_CAP_CMA; cap++)
		EXPECT_EQ(query(self->vm.fd, cap), query_dev(cap))
			TH_LOG("%lu", cap);
	EXPECT_EQ(query(self->vm.vcpu[0].fd, GUNYAH_CAP_ABI_FAMILIES), -ENOTTY);
}

TEST_F(query, constants)
{
	EXPECT_EQ(query_dev(GUNYAH_CAP_ABI_FAMILIES),
		  GUNYAH_ABI_USER_MEM | GUNYAH_ABI_GUEST_MEM | GUNYAH_ABI_ANDROID);
	EXPECT_EQ(query_dev(GUNYAH_CAP_WINDOWS),
		  GUNYAH_WINDOW_USER_MEM | GUNYAH_WINDOW_FD | GUNYAH_WINDOW_PARCEL);
	EXPECT_EQ(query_dev(GUNYAH_CAP_BOOT_CONTEXT), gt_has_boot_context());
}

/* A running VM gets memory if, and only if, that was said */
TEST_F(query, memory_models)
{
	long models = query_dev(GUNYAH_CAP_MEMORY_MODELS);
	char *page = gt_alloc(getpagesize());
	int ret;

	EXPECT_EQ(models, gt_open_profile() ? GUNYAH_MEMORY_PARCELS :
					      GUNYAH_MEMORY_ON_DEMAND | GUNYAH_MEMORY_AFTER_START);
	gt_vm_start(&self->vm);
	ret = __gt_add_memory(self->vm.fd, GT_SHARE, GUEST_RAM_BASE + (1ULL << 30), page,
			      getpagesize());
	EXPECT_EQ(ret, models & GUNYAH_MEMORY_AFTER_START ? 0 : -EOPNOTSUPP);
}

TEST_F(query, boot_context)
{
	/* No RM starts a guest like that by itself */
	int ret = __gt_boot_context(self->vm.fd, 0x005, 0x1234);

	EXPECT_EQ(ret, query_dev(GUNYAH_CAP_BOOT_CONTEXT) ? 0 : -ENOTTY);
}

TEST_F(query, timer_wakeup)
{
	long wakeup = query_dev(GUNYAH_CAP_TIMER_WAKEUP);

	EXPECT_EQ(ioctl(self->vm.fd, GUNYAH_VM_CHECK_EXTENSION,
			(unsigned long)GUNYAH_EXTENSION_VCPU_TIMER_WAKEUP), wakeup);
	EXPECT_EQ(ioctl(self->vm.fd, GUNYAH_VM_CHECK_EXTENSION, 1UL), 0);
	EXPECT_EQ(ioctl(self->vm.fd, GUNYAH_VM_CHECK_EXTENSION, ~0UL), 0);
	EXPECT_EQ(wakeup, !gt_open_profile());
}

TEST_F(query, irqfd_flags)
{
	int bell = eventfd(0, EFD_CLOEXEC), resample = eventfd(0, EFD_CLOEXEC);
	struct gunyah_fn_irqfd_arg arg = {
		.fd = bell, .label = 3, .resample_fd = resample,
		.flags = GUNYAH_IRQFD_FLAGS_LEVEL | GUNYAH_IRQFD_FLAGS_RESAMPLE,
	};
	long flags = query_dev(GUNYAH_CAP_IRQFD_FLAGS);

	EXPECT_EQ(flags & ~(long)GUNYAH_IRQFD_FLAGS_RESAMPLE, GUNYAH_IRQFD_FLAGS_LEVEL);
	EXPECT_EQ(__gt_add_function(self->vm.fd, GUNYAH_FN_IRQFD, &arg, sizeof(arg)),
		  flags & GUNYAH_IRQFD_FLAGS_RESAMPLE ? 0 : -EOPNOTSUPP);
}

TEST_F(query, vcpu_set_reg)
{
	struct gunyah_vcpu_reg reg = { .reg = 0x005, .value = 0x1234 };

	EXPECT_EQ(gt_errno(ioctl(self->vm.vcpu[0].fd, GUNYAH_VCPU_SET_REG, &reg)),
		  query_dev(GUNYAH_CAP_VCPU_SET_REG) ? 0 : -EOPNOTSUPP);
}

/* Bindings of files with huge pages are aligned to what was said, not less */
TEST_F(query, hugepage_size)
{
	long size = query_dev(GUNYAH_CAP_HUGEPAGE_SIZE);
	uint64_t gpa = GUEST_RAM_BASE + (1ULL << 30);
	uint32_t flags = GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_ALLOW_RWX;
	int fd;

	ASSERT_GE(size, getpagesize());
	fd = gt_create_mem(2 * size, GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE);
	EXPECT_EQ(__gt_bind(self->vm.fd, gpa, flags, fd, 0, size / 2), -EINVAL);
	EXPECT_EQ(__gt_bind(self->vm.fd, gpa + size / 2, flags, fd, 0, size), -EINVAL);
	EXPECT_EQ(__gt_bind(self->vm.fd, gpa, flags, fd, 0, size), 0);
}

/* What can be chosen is what was said: modules are asked for by both */
TEST_F(query, auth_types)
{
	struct gunyah_auth_qtvm_arg arg = {
		.vm_id = 0x1c, .guest_phys_addr = GUEST_RAM_BASE, .size = 8192,
	};
	struct gunyah_auth_desc desc = {
		.type = GUNYAH_AUTH_QCOM_TRUSTED_VM, .arg_size = sizeof(arg),
		.arg = (uintptr_t)&arg,
	};
	long types = query_dev(GUNYAH_CAP_AUTH_TYPES);

	EXPECT_EQ(types & ~(1L << GUNYAH_AUTH_QCOM_TRUSTED_VM), 1 << GUNYAH_AUTH_ANDROID_PVM);
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc)),
		  types & 1 << GUNYAH_AUTH_QCOM_TRUSTED_VM ? 0 : -ENOENT);
	desc.type = 2;
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc)), -ENOENT);
}

/* The machine of these tests has one device, which is called so, or none */
TEST_F(query, cma)
{
	EXPECT_EQ(query_dev(GUNYAH_CAP_CMA), !access("/dev/trustedvm_cma", F_OK));
}

/* Only while it runs, and only if the host is kept out */
static void expect_protected(enum gt_kind kind)
{
	struct gt_vm vm;
	bool lent = kind == GT_LEND;

	gt_vm_init(&vm, GUEST_hello);
	vm.kind = kind;
	gt_assert_eq(__gt_vm_prepare(&vm), 0);
	gt_assert_eq(query(vm.fd, GUNYAH_CAP_VM_PROTECTED), 0);
	gt_vm_start(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_assert_eq(query(vm.fd, GUNYAH_CAP_VM_PROTECTED), lent);
	gt_assert_eq(query_dev(GUNYAH_CAP_VM_PROTECTED), 0);
	gt_expect_off(&vm.vcpu[0]);
	gt_assert_eq(query(vm.fd, GUNYAH_CAP_VM_PROTECTED), 0);
	gt_vm_close(&vm);
}

TEST(vm_protected)
{
	expect_protected(GT_LEND);
	if (gt_can_share())
		expect_protected(GT_SHARE);
}

/* Nobody can fail to get an answer, whoever has the descriptor and in what mode */
TEST(read_only_descriptor)
{
	int fd = open("/dev/gunyah", O_RDONLY | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(query(fd, GUNYAH_CAP_HUGEPAGE_SIZE), 2 << 20);
}

TEST_HARNESS_MAIN
