// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers that the host sets in vCPUs that are off.
 */
#include "harness.h"

#include <sys/ioctl.h>

#define REG(set, i)	GUNYAH_VM_BOOT_CONTEXT_REG(set, i)
#define X(i)		REG(0, i)
#define PC		REG(1, 0)
#define SP(i)		REG(2, i)
#define DTB_ADDR	(GUEST_RAM_BASE + GUEST_DTB_OFFSET)

/* What the guests boot_regs and smp_regs tell, in this order */
struct seen {
	uint64_t x[31];
	uint64_t sp_el0;
	uint64_t sp;
};

static int __set_reg(int vcpu, uint32_t reg, uint64_t value)
{
	struct gunyah_vcpu_reg arg = { .reg = reg, .value = value };

	return gt_errno(ioctl(vcpu, GUNYAH_VCPU_SET_REG, &arg));
}

/* Every bit of every register, and low bits that are special in the kernel's containers */
static uint64_t value_of(unsigned int i, uint64_t seed)
{
	return seed * 0x1111111111111111ULL + i * 0x0101010101010101ULL + (i & 3);
}

static void set_all(struct __test_metadata *_metadata, int vcpu, uint64_t seed)
{
	unsigned int i;

	for (i = 0; i < 31; i++)
		ASSERT_EQ(__set_reg(vcpu, X(i), value_of(i, seed)), 0);
	ASSERT_EQ(__set_reg(vcpu, PC, 0xbad0000 + 4 * seed), 0);
	ASSERT_EQ(__set_reg(vcpu, SP(0), 0x80180000 + 16 * seed), 0);
	ASSERT_EQ(__set_reg(vcpu, SP(1), 0x80190000 + 16 * seed), 0);
}

static void see(struct gt_vcpu *vcpu, struct seen *seen)
{
	uint64_t *word = (uint64_t *)seen;
	unsigned int i;

	for (i = 0; i < sizeof(*seen) / 8; i++)
		word[i] = gt_expect_any_sync(vcpu);
}

/* All but X0, which somebody else has the last word about */
static void expect_all(struct __test_metadata *_metadata, const struct seen *seen, uint64_t seed)
{
	unsigned int i;

	for (i = 1; i < 31; i++)
		EXPECT_EQ(seen->x[i], value_of(i, seed))
			TH_LOG("X%u", i);
	EXPECT_EQ(seen->sp_el0, 0x80180000 + 16 * seed);
	EXPECT_EQ(seen->sp, 0x80190000 + 16 * seed);
}

FIXTURE(vcpu_reg) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
};

FIXTURE_SETUP(vcpu_reg)
{
	if (!gt_has_extensions())
		SKIP(return, "this hypervisor lets nobody set registers");
	gt_vm_init(&self->vm, GUEST_boot_regs);
	self->vcpu = self->vm.vcpu;
}

FIXTURE_TEARDOWN(vcpu_reg)
{
	gt_vm_close(&self->vm);
}

TEST_F(vcpu_reg, boot_vcpu)
{
	struct seen seen;

	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
	/* The last one counts */
	set_all(_metadata, self->vcpu->fd, 5);
	set_all(_metadata, self->vcpu->fd, 1);
	gt_vm_start(&self->vm);
	see(self->vcpu, &seen);
	expect_all(_metadata, &seen, 1);
	/* It began where START says, not at the PC above, or would have told nothing */
	EXPECT_EQ(seen.x[0], DTB_ADDR);
}

/* A boot context wins, whatever came first */
TEST_F(vcpu_reg, boot_context)
{
	struct seen seen;

	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
	ASSERT_EQ(__gt_boot_context(self->vm.fd, X(5), 55), 0);
	ASSERT_EQ(__gt_boot_context(self->vm.fd, SP(1), 0x80170000), 0);
	set_all(_metadata, self->vcpu->fd, 2);
	ASSERT_EQ(__gt_boot_context(self->vm.fd, X(6), 0), 0);
	gt_vm_start(&self->vm);
	see(self->vcpu, &seen);
	EXPECT_EQ(seen.x[5], 55);
	EXPECT_EQ(seen.x[6], 0);
	EXPECT_EQ(seen.x[7], value_of(7, 2));
	EXPECT_EQ(seen.sp_el0, 0x80180000 + 16 * 2);
	EXPECT_EQ(seen.sp, 0x80170000);
}

/* What was not set is as it always was */
TEST_F(vcpu_reg, others_are_zero)
{
	struct seen seen;
	int i;

	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
	ASSERT_EQ(__set_reg(self->vcpu->fd, X(9), 9), 0);
	gt_vm_start(&self->vm);
	see(self->vcpu, &seen);
	for (i = 1; i < 31; i++)
		EXPECT_EQ(seen.x[i], i == 9 ? 9 : 0)
			TH_LOG("X%d", i);
}

#define ROUNDS 3

static struct seen seen_by_second[ROUNDS];

/* vCPU 1, from off to off: its thread is in VCPU_RUN for most of the time */
static void *run_second(void *arg)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++)
		see(arg, &seen_by_second[i]);
	gt_expect_status(arg, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
	return NULL;
}

static void prepare_two(struct __test_metadata *_metadata, struct gt_vm *vm)
{
	vm->test = GUEST_smp_regs;
	vm->dtb.nr_vcpus = 2;
	vm->arg[0] = ROUNDS;
	ASSERT_EQ(__gt_vm_prepare(vm), 0);
}

/* Set before the start, and then each time that it is off again */
TEST_F(vcpu_reg, secondary)
{
	struct gt_vcpu *second = &self->vcpu[1];
	pthread_t thread;
	uint64_t round;

	prepare_two(_metadata, &self->vm);
	set_all(_metadata, second->fd, 0);
	gt_vm_start(&self->vm);
	ASSERT_EQ(pthread_create(&thread, NULL, run_second, second), 0);
	for (round = 0; round < ROUNDS; round++) {
		gt_expect_sync(self->vcpu, round);
		EXPECT_EQ(__set_reg(self->vcpu->fd, X(1), 1), -EBUSY);
		if (round)
			set_all(_metadata, second->fd, round);
	}
	gt_expect_off(self->vcpu);
	ASSERT_EQ(pthread_join(thread, NULL), 0);
	for (round = 0; round < ROUNDS; round++) {
		expect_all(_metadata, &seen_by_second[round], round);
		EXPECT_EQ(seen_by_second[round].x[0], 1);
	}
	EXPECT_EQ(__set_reg(self->vcpu->fd, X(1), 1), -ENODEV);
	EXPECT_EQ(__set_reg(second->fd, X(1), 1), -ENODEV);
}

/* A vCPU that is added to a running VM */
TEST_F(vcpu_reg, added_later)
{
	struct gt_vcpu *second = &self->vcpu[1];

	prepare_two(_metadata, &self->vm);
	ASSERT_EQ(__set_reg(second->fd, X(1), 1), 0);
	gt_vm_start(&self->vm);
	ASSERT_EQ(__gt_remove_vcpu(self->vm.fd, 1), 0);
	EXPECT_EQ(__set_reg(second->fd, X(1), 2), -ENODEV);
	gt_vcpu_close(second);
	second->fd = __gt_add_vcpu(self->vm.fd, 1);
	ASSERT_GE(second->fd, 0);
	EXPECT_EQ(__set_reg(second->fd, X(1), 3), 0);
}

TEST_F(vcpu_reg, no_such_vcpu)
{
	int fd;

	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
	fd = __gt_add_vcpu(self->vm.fd, 5);
	ASSERT_GE(fd, 0);
	/* Nobody knows that yet */
	EXPECT_EQ(__set_reg(fd, X(1), 1), 0);
	gt_vm_start(&self->vm);
	EXPECT_EQ(__set_reg(fd, X(1), 1), -ENODEV);
	close(fd);
}

TEST_F(vcpu_reg, failed_start)
{
	gt_vm_create(&self->vm);
	gt_vm_add_ram(&self->vm);
	gt_vm_configure(&self->vm);
	/* No tree there */
	ASSERT_EQ(__gt_set_dtb(self->vm.fd, GUEST_RAM_BASE + 0x1f0000, 0x1000), 0);
	EXPECT_EQ(__set_reg(self->vcpu->fd, X(1), 1), 0);
	ASSERT_LT(__gt_start(self->vm.fd), 0);
	EXPECT_EQ(__set_reg(self->vcpu->fd, X(1), 1), -ENODEV);
}

/* The firmware decides where it starts, and what is in the registers */
TEST_F(vcpu_reg, firmware)
{
	struct gunyah_vm_firmware_config fw = { GUEST_RAM_BASE, 0x1000 };

	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
	EXPECT_EQ(__set_reg(self->vcpu->fd, X(1), 1), 0);
	ASSERT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ANDROID_SET_FW_CONFIG, &fw)), 0);
	EXPECT_EQ(__set_reg(self->vcpu->fd, X(1), 1), -EOPNOTSUPP);
}

FIXTURE(vcpu_reg_args) {
	struct gt_vm vm;
};

FIXTURE_SETUP(vcpu_reg_args)
{
	gt_vm_init(&self->vm, GUEST_hello);
	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
}

FIXTURE_TEARDOWN(vcpu_reg_args)
{
	gt_vm_close(&self->vm);
}

static const struct { uint32_t reg; uint64_t value; } bad[] = {
	{ X(31), 0 }, { X(255), 0 }, { REG(1, 1), 0 }, { REG(2, 2), 0 }, { REG(3, 0), 0 },
	{ REG(0xff, 0), 0 }, { 0x10000, 0 }, { 0x80000000, 0 }, { 0xffffffff, 0 },
	{ PC, 1 }, { PC, 2 }, { PC, 0x80000003 }, { SP(0), 8 }, { SP(1), 0x80180001 },
};

TEST_F(vcpu_reg_args, bad)
{
	int fd = self->vm.vcpu[0].fd, i;
	struct gunyah_vcpu_reg arg = { .reg = X(1), .reserved = 1 };

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(__set_reg(fd, bad[i].reg, bad[i].value), -EINVAL)
			TH_LOG("%#x = %#lx", bad[i].reg, (long)bad[i].value);
	EXPECT_EQ(gt_errno(ioctl(fd, GUNYAH_VCPU_SET_REG, &arg)), -EINVAL);
	EXPECT_EQ(gt_errno(ioctl(fd, GUNYAH_VCPU_SET_REG, 8)), -EFAULT);
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VCPU_SET_REG, &arg)), -ENOTTY);
}

/* Only where the hypervisor lets the host do it */
TEST_F(vcpu_reg_args, good)
{
	int fd = self->vm.vcpu[0].fd, wanted = gt_has_extensions() ? 0 : -EOPNOTSUPP;

	EXPECT_EQ(__set_reg(fd, X(0), 0), wanted);
	EXPECT_EQ(__set_reg(fd, X(30), ~0ULL), wanted);
	EXPECT_EQ(__set_reg(fd, PC, 4), wanted);
	EXPECT_EQ(__set_reg(fd, SP(0), 16), wanted);
	EXPECT_EQ(__set_reg(fd, SP(1), ~15ULL), wanted);
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_QUERY, GUNYAH_CAP_VCPU_SET_REG)), !wanted);
}

TEST_HARNESS_MAIN
