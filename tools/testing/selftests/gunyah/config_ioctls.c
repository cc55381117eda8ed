// SPDX-License-Identifier: GPL-2.0-only
/*
 * SET_DTB_CONFIG, SET_BOOT_CONTEXT and VM_START.
 */
#include "harness.h"

#include <sys/ioctl.h>

#define DTB_ADDR (GUEST_RAM_BASE + GUEST_DTB_OFFSET)
#define X(n) GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_X, n)
#define PC GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_PC, 0)
#define SP(n) GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_SP, n)

FIXTURE(config) {
	struct gt_vm vm;
};

FIXTURE_SETUP(config)
{
	gt_vm_init(&self->vm, GUEST_hello);
	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
}

FIXTURE_TEARDOWN(config)
{
	gt_vm_close(&self->vm);
}

TEST_F(config, dtb_errors)
{
	int vm = self->vm.fd;

	EXPECT_EQ(gt_errno(ioctl(vm, GUNYAH_VM_SET_DTB_CONFIG, NULL)), -EFAULT);
	EXPECT_EQ(__gt_set_dtb(vm, -4096UL, 8192), -EOVERFLOW);
	EXPECT_EQ(__gt_set_dtb(vm, 4096, -1UL), -EOVERFLOW);
	/* None of them took the place of what was set before */
	EXPECT_EQ(__gt_start(vm), 0);
}

/* uapi 3.2: found at START; nothing has begun, so it can be repaired */
TEST_F(config, dtb_missing)
{
	int vm = self->vm.fd;

	EXPECT_EQ(__gt_set_dtb(vm, DTB_ADDR, 0), 0);
	EXPECT_EQ(__gt_start(vm), -EINVAL);
	EXPECT_EQ(__gt_set_dtb(vm, DTB_ADDR, GUEST_DTB_SIZE), 0);
	EXPECT_EQ(__gt_start(vm), 0);
}

TEST(dtb_never_set)
{
	int vm = gt_create_vm();

	gt_add_memory(vm, GT_DEFAULT, GUEST_RAM_BASE, gt_alloc(4096), 4096);
	EXPECT_EQ(__gt_start(vm), -EINVAL);
}

TEST_F(config, dtb_outside)
{
	static const struct { uint64_t gpa, size; } outside[] = {
		{ 0x40000000, 0x10000 },
		{ GUEST_RAM_BASE - 0x1000, 0x1000 },
		{ GUEST_RAM_BASE - 0x1000, 0x2000 },
		{ GUEST_RAM_BASE + GUEST_MIN_RAM, 0x1000 },
		{ GUEST_RAM_BASE + GUEST_MIN_RAM - 0x1000, 0x2000 },
		{ GUEST_RAM_BASE, GUEST_MIN_RAM + 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		ASSERT_EQ(__gt_set_dtb(self->vm.fd, outside[i].gpa, outside[i].size), 0);
		EXPECT_EQ(__gt_start(self->vm.fd), -ENOENT)
			TH_LOG("case %u", i);
	}
	ASSERT_EQ(__gt_set_dtb(self->vm.fd, DTB_ADDR, GUEST_DTB_SIZE), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), 0);
}

/* uapi 9.7: rounded up to pages; the last page of RAM belongs to it */
TEST_F(config, dtb_size_rounded)
{
	ASSERT_EQ(__gt_set_dtb(self->vm.fd, DTB_ADDR, GUEST_DTB_SIZE - 4095), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), 0);
	gt_expect_sync(&self->vm.vcpu[0], 0);
	gt_expect_off(&self->vm.vcpu[0]);
}

TEST_F(config, dtb_up_to_the_end)
{
	ASSERT_EQ(__gt_set_dtb(self->vm.fd, DTB_ADDR, GUEST_MIN_RAM - GUEST_DTB_OFFSET), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), 0);
	gt_expect_sync(&self->vm.vcpu[0], 0);
}

TEST_F(config, start_is_idempotent)
{
	EXPECT_EQ(__gt_start(self->vm.fd), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), 0);
	gt_expect_sync(&self->vm.vcpu[0], 0);
	EXPECT_EQ(__gt_start(self->vm.fd), 0);
	gt_expect_off(&self->vm.vcpu[0]);
	/* Exited is neither running nor new */
	EXPECT_EQ(__gt_start(self->vm.fd), -ENODEV);
}

/* A tree that the RM refuses: this VM is lost, the next one is not */
TEST_F(config, start_fails_for_good)
{
	memset((char *)self->vm.ram + GUEST_DTB_OFFSET, 0xff, 64);
	EXPECT_EQ(__gt_start(self->vm.fd), -EINVAL);
	EXPECT_EQ(__gt_start(self->vm.fd), -ENODEV);
	EXPECT_EQ(__gt_run(self->vm.vcpu[0].fd), -ENODEV);
	gt_vm_close(&self->vm);

	gt_vm_init(&self->vm, GUEST_hello);
	gt_vm_boot(&self->vm);
	gt_expect_sync(&self->vm.vcpu[0], 0);
}

/* A lent tree of a failed START is ours again after the close, with its contents */
TEST_F(config, failed_start_gives_memory_back)
{
	char *dtb = (char *)self->vm.ram + GUEST_DTB_OFFSET;

	memset(dtb, 0, 64);
	dtb[GUEST_DTB_SIZE - 1] = 0x42;
	EXPECT_EQ(__gt_start(self->vm.fd), -EINVAL);
	gt_vcpu_close(&self->vm.vcpu[0]);
	close(self->vm.fd);
	self->vm.fd = -1;
	EXPECT_EQ(dtb[GUEST_DTB_SIZE - 1], 0x42);
	EXPECT_EQ(gt_locked_kib(), 0);
}

/* The open RM wants lent images (rm-rpc 6.3) and says NORESOURCE */
TEST(shared_image)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	vm.kind = GT_SHARE;
	ASSERT_EQ(__gt_vm_prepare(&vm), 0);
	EXPECT_EQ(__gt_start(vm.fd), gt_can_share() ? 0 : -ENODEV);
}

TEST(lent_image)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	vm.kind = GT_LEND;
	gt_vm_boot(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_expect_off(&vm.vcpu[0]);
}

/* ---- boot context ---- */

static const struct { uint32_t reg; const char *name; } bad_registers[] = {
	{ X(32), "X32" }, { X(255), "X255" }, { 0x101, "PC 1" }, { SP(3), "SP 3" },
	{ 0x300, "set 3" }, { 0xff00, "set 255" }, { 0x10000, "bit 16" },
	{ 0x80000100, "bit 31" },
};

TEST_F(config, boot_context_errors)
{
	unsigned int i;

	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_SET_BOOT_CONTEXT, NULL)), -EFAULT);
	for (i = 0; i < ARRAY_SIZE(bad_registers); i++) {
		EXPECT_EQ(__gt_boot_context(self->vm.fd, bad_registers[i].reg, 0), -EINVAL)
			TH_LOG("%s", bad_registers[i].name);
	}
	gt_vm_start(&self->vm);
	EXPECT_EQ(__gt_boot_context(self->vm.fd, X(1), 1), -EINVAL);
	EXPECT_EQ(__gt_boot_context(self->vm.fd, PC, GUEST_RAM_BASE), -EINVAL);
}

/* What the guest finds in X0 to X30, SP_EL0, SP, PC */
struct seen {
	uint64_t x[31], sp_el0, sp, pc, el, daif;
};

static void see(struct gt_vm *vm, struct seen *seen)
{
	uint64_t *word = (uint64_t *)seen;
	unsigned int i;

	for (i = 0; i < sizeof(*seen) / 8; i++)
		word[i] = gt_expect_any_sync(&vm->vcpu[0]);
}

/* uapi 9.7: start of the region, tree in X0, all else 0 */
TEST(boot_without_context)
{
	struct gt_vm vm;
	struct seen seen;
	int i;

	gt_vm_init(&vm, GUEST_boot_regs);
	gt_vm_boot(&vm);
	see(&vm, &seen);
	EXPECT_EQ(seen.pc, GUEST_RAM_BASE);
	EXPECT_EQ(seen.x[0], DTB_ADDR);
	for (i = 1; i < 31; i++)
		EXPECT_EQ(seen.x[i], 0)
			TH_LOG("X%d", i);
	EXPECT_EQ(seen.el, 1 << 2);
	EXPECT_EQ(seen.daif, 0xf << 6);
}

TEST(boot_with_context)
{
	struct gt_vm vm;
	struct seen seen;
	int i;

	if (!gt_has_boot_context())
		SKIP(return, "this Resource Manager knows no boot context");
	gt_vm_init(&vm, GUEST_boot_regs);
	ASSERT_EQ(__gt_vm_prepare(&vm), 0);
	/* The values that some versions lost (uapi 8.1, 14): 0, and low bits 10b */
	for (i = 0; i < 31; i++)
		ASSERT_EQ(__gt_boot_context(vm.fd, X(i), 0x1111111111111110ULL * i + (i & 3)), 0);
	ASSERT_EQ(__gt_boot_context(vm.fd, SP(0), 0x80180000), 0);
	ASSERT_EQ(__gt_boot_context(vm.fd, SP(1), 0x80190000), 0);
	/* The last one counts */
	ASSERT_EQ(__gt_boot_context(vm.fd, PC, 0xdead0000), 0);
	ASSERT_EQ(__gt_boot_context(vm.fd, PC, GUEST_RAM_BASE), 0);
	ASSERT_EQ(__gt_boot_context(vm.fd, X(3), 2), 0);
	gt_vm_start(&vm);
	see(&vm, &seen);
	EXPECT_EQ(seen.x[3], 2);
	for (i = 0; i < 31; i++) {
		if (i != 3)
			EXPECT_EQ(seen.x[i], 0x1111111111111110ULL * i + (i & 3))
				TH_LOG("X%d", i);
	}
	EXPECT_EQ(seen.sp_el0, 0x80180000);
	EXPECT_EQ(seen.sp, 0x80190000);
}

/* Another entry: the copy of the image in the second half of RAM */
TEST(boot_at_other_pc)
{
	const uint64_t entry = GUEST_RAM_BASE + 0x180000;
	struct gt_vm vm;
	struct seen seen;

	if (!gt_has_boot_context())
		SKIP(return, "this Resource Manager knows no boot context");
	gt_vm_init(&vm, GUEST_boot_regs);
	ASSERT_EQ(__gt_vm_prepare(&vm), 0);
	memcpy((char *)vm.ram + 0x180000, vm.ram, 0x40000);
	ASSERT_EQ(__gt_boot_context(vm.fd, PC, entry), 0);
	gt_vm_start(&vm);
	see(&vm, &seen);
	EXPECT_EQ(seen.pc, entry);
	EXPECT_EQ(seen.x[0], DTB_ADDR);
}

/* An RM without boot context: what it does anyway is accepted, all else ENOTTY */
static int set_and_start(uint32_t reg, uint64_t value)
{
	struct gt_vm vm;
	int ret;

	gt_vm_init(&vm, GUEST_hello);
	gt_assert_eq(__gt_vm_prepare(&vm), 0);
	ret = __gt_boot_context(vm.fd, reg, value) ?: __gt_start(vm.fd);
	gt_vm_close(&vm);
	return ret;
}

TEST(boot_context_of_open_rm)
{
	if (gt_has_boot_context())
		SKIP(return, "this Resource Manager knows boot contexts");
	EXPECT_EQ(set_and_start(PC, GUEST_RAM_BASE), 0);
	EXPECT_EQ(set_and_start(X(0), DTB_ADDR), 0);
	EXPECT_EQ(set_and_start(X(5), 0), 0);
	EXPECT_EQ(set_and_start(PC, GUEST_RAM_BASE + 4), -ENOTTY);
	EXPECT_EQ(set_and_start(X(0), DTB_ADDR + 8), -ENOTTY);
	EXPECT_EQ(set_and_start(X(1), 1), -ENOTTY);
	EXPECT_EQ(set_and_start(SP(1), 0x80180000), -ENOTTY);
}

TEST_HARNESS_MAIN
