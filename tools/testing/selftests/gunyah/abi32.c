// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 32 bit program runs VMs: every descriptor understands it.  The only one of the tests
 * that is built for 32 bit ARM, together with the library; the layouts are compared when
 * it is compiled.
 */
#include "harness.h"
#include "abi_pins.h"
#include "gmem.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>

IS(sizeof(long), 4);
IS(sizeof(void *), 4);

#define SHARED_GPA	(GUEST_RAM_BASE + (1ULL << 30))

/* Else all of this would prove nothing */
TEST(kernel_is_64_bit)
{
	struct utsname name;

	ASSERT_EQ(uname(&name), 0);
	EXPECT_TRUE(!strcmp(name.machine, "aarch64") || !strcmp(name.machine, "armv8l"))
		TH_LOG("%s", name.machine);
}

static void run_to_the_end(struct gt_vm *vm)
{
	struct gunyah_vm_info info;

	gt_expect_sync(&vm->vcpu[0], 0);
	gt_expect_off(&vm->vcpu[0]);
	gt_assert(!ioctl(vm->fd, GUNYAH_VM_GET_INFO, &info));
	gt_assert_eq(info.status, GUNYAH_VM_STATUS_EXITED);
	gt_assert(!memcmp(&info.exit_info, &vm->vcpu[0].run->status.exit_info,
			  sizeof(info.exit_info)));
}

TEST(user_memory)
{
	struct gt_resources before;
	struct gt_vm vm;

	gt_resources(&before);
	gt_vm_init(&vm, GUEST_hello);
	gt_vm_boot(&vm);
	run_to_the_end(&vm);
	gt_vm_close(&vm);
	gt_expect_resources(&before);
}

TEST(lent_user_memory)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	vm.kind = GT_LEND;
	gt_vm_boot(&vm);
	run_to_the_end(&vm);
	gt_vm_close(&vm);
}

TEST(guest_memory_file)
{
	struct gt_vm vm;
	int fd = gt_create_mem(GUEST_MIN_RAM, 0);

	gt_vm_init(&vm, GUEST_hello);
	gt_vm_create(&vm);
	gt_vm_add_ram_file(&vm, fd, GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_ALLOW_RWX);
	gt_vm_configure(&vm);
	gt_vm_start(&vm);
	run_to_the_end(&vm);
	EXPECT_EQ(poll(&(struct pollfd){ .fd = vm.fd, .events = POLLIN }, 1, 0), 1);
	gt_vm_close(&vm);
	close(fd);
}

/* Offsets and sizes of files that do not fit into 32 bits */
TEST(large_file)
{
	uint64_t size = 3ULL << 32, last = size - getpagesize();
	int fd = gt_create_mem(size, 0);
	char *mem;

	EXPECT_EQ(lseek(fd, 0, SEEK_END), size);
	mem = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, last);
	ASSERT_TRUE(mem != MAP_FAILED);
	mem[0] = 1;
	EXPECT_EQ(gt_file_kib(fd), getpagesize() >> 10);
	EXPECT_EQ(munmap(mem, getpagesize()), 0);
	EXPECT_EQ(__gt_punch(fd, last, getpagesize()), 0);
	EXPECT_EQ(gt_file_kib(fd), 0);
}

FIXTURE(fds) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
};

FIXTURE_SETUP(fds)
{
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
}

FIXTURE_TEARDOWN(fds)
{
	gt_vm_close(&self->vm);
}

TEST_F(fds, unknown_ioctls)
{
	int fds[] = { gt_open(), self->vm.fd, self->vcpu->fd };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_EQ(gt_errno(ioctl(fds[i], _IO('G', 0x3f), 0UL)), -ENOTTY);
		EXPECT_EQ(gt_errno(ioctl(fds[i], _IO('A', 0x18), 0UL)), -ENOTTY);
	}
}

/* Numbers for arguments are no pointers */
TEST_F(fds, values)
{
	int dev = gt_open();

	EXPECT_EQ(gt_errno(ioctl(dev, GUNYAH_CREATE_VM, ~0UL)), -EINVAL);
	EXPECT_EQ(ioctl(dev, GUNYAH_QUERY, (unsigned long)GUNYAH_CAP_HUGEPAGE_SIZE), 2 << 20);
	EXPECT_EQ(ioctl(self->vm.fd, GUNYAH_QUERY, ~0UL), 0);
	EXPECT_EQ(ioctl(dev, GUNYAH_ANDROID_TENTATIVE_UAPI, 1UL), 0);
	EXPECT_EQ(gt_errno(ioctl(dev, GUNYAH_ANDROID_TENTATIVE_UAPI, ~0UL)), -EINVAL);
	EXPECT_EQ(ioctl(self->vm.fd, GUNYAH_VM_CHECK_EXTENSION, ~0UL), 0);
}

/* Addresses of user space are 64 bits wide in structures, and ours are not */
TEST_F(fds, addresses_beyond_4_gib)
{
	struct gunyah_userspace_memory_region region = {
		.flags = GUNYAH_MEM_ALLOW_RWX, .guest_phys_addr = SHARED_GPA,
		.memory_size = getpagesize(),
	};
	struct gunyah_fn_desc desc = {
		.type = GUNYAH_FN_VCPU, .arg_size = sizeof(struct gunyah_fn_vcpu_arg),
	};
	struct gunyah_fn_vcpu_arg id = { .id = 1 };
	char *page = gt_alloc(getpagesize());

	region.userspace_addr = (1ULL << 32) | (uintptr_t)page;
	desc.arg = (1ULL << 32) | (uintptr_t)&id;
	EXPECT_EQ(__gt_mem_region(self->vm.fd, GT_SHARE, &region), -EFAULT);
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ADD_FUNCTION, &desc)), -EFAULT);
	/* What was wrong was nothing else */
	region.userspace_addr = (uintptr_t)page;
	desc.arg = (uintptr_t)&id;
	EXPECT_EQ(__gt_mem_region(self->vm.fd, GT_SHARE, &region), 0);
	EXPECT_GE(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ADD_FUNCTION, &desc)), 0);
}

/* Both ways of eventfds, and guest addresses and data of 64 bits */
TEST_F(fds, eventfds)
{
	uint64_t addr = HOLE_BASE + 0x123456000ULL, data = 0x123456789abcdef0ULL, value;
	int bell = eventfd(0, EFD_CLOEXEC), event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	EXPECT_EQ(__gt_irqfd(self->vm.fd, bell, 3, GUNYAH_IRQFD_FLAGS_LEVEL), 0);
	EXPECT_EQ(__gt_ioeventfd(self->vm.fd, event, addr, 8,
				 GUNYAH_IOEVENTFD_FLAGS_DATAMATCH, data), 0);
	EXPECT_EQ(__gt_ioeventfd(self->vm.fd, event, addr, 8,
				 GUNYAH_IOEVENTFD_FLAGS_DATAMATCH, data), -EEXIST);
	EXPECT_EQ(__gt_remove_ioeventfd(self->vm.fd, addr, 8,
					GUNYAH_IOEVENTFD_FLAGS_DATAMATCH, (uint32_t)data),
		  -ENOENT);
	EXPECT_EQ(__gt_remove_ioeventfd(self->vm.fd, addr, 8,
					GUNYAH_IOEVENTFD_FLAGS_DATAMATCH, data), 0);
	EXPECT_EQ(__gt_ioeventfd(self->vm.fd, event, EVT_BASE, 8,
				 GUNYAH_IOEVENTFD_FLAGS_DATAMATCH, data), 0);
	gt_vm_start(&self->vm);
	gt_command_result(self->vcpu, CMD_WRITE, EVT_BASE, 8, data, 0);
	ASSERT_EQ(read(event, &value, sizeof(value)), sizeof(value));
	EXPECT_EQ(value, 1);
	EXPECT_EQ(__gt_remove_irqfd(self->vm.fd, 3), 0);
}

/* MMIO of all widths: the run page is shared with a 32 bit program */
TEST_F(fds, mmio)
{
	struct gunyah_vcpu_run *run = self->vcpu->run;
	uint64_t data = 0x8877665544332211ULL;
	uint32_t len;

	gt_vm_start(&self->vm);
	for (len = 1; len <= 8; len *= 2) {
		gt_command(self->vcpu, CMD_WRITE, DEV_BASE, len, data, 0);
		gt_expect_mmio(self->vcpu, true, DEV_BASE, len);
		EXPECT_EQ(memcmp(run->mmio.data, &data, len), 0);
		gt_expect_sync(self->vcpu, 0);
	}
	gt_command(self->vcpu, CMD_READ, DEV_BASE, 8, 0, 0);
	gt_expect_mmio(self->vcpu, false, DEV_BASE, 8);
	gt_set_mmio_data(run, data);
	gt_expect_sync(self->vcpu, data);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* Structures that are written back to user space */
TEST_F(fds, windows)
{
	struct gunyah_share_window window = {
		.flags = GUNYAH_WINDOW_USER_MEM | GUNYAH_WINDOW_PARCEL | GUNYAH_MEM_ALLOW_READ,
		.fd = -1, .size = getpagesize(), .label = 9,
	};
	struct gunyah_unshare_window unshare = { 0 };

	window.offset = (uintptr_t)gt_alloc(getpagesize());
	gt_vm_start(&self->vm);
	ASSERT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_SHARE_WINDOW, &window)), 0);
	EXPECT_NE(window.handle, 0);
	unshare.handle = window.handle;
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_UNSHARE_WINDOW, &unshare)), 0);
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_UNSHARE_WINDOW, &unshare)), -ENOENT);
}

TEST_F(fds, boot_context)
{
	/* The PC is the start of RAM anyway, so each RM takes it */
	EXPECT_EQ(__gt_boot_context(self->vm.fd, 0x100, GUEST_RAM_BASE), 0);
	EXPECT_EQ(__gt_boot_context(self->vm.fd, 0x101, GUEST_RAM_BASE), -EINVAL);
}

/* Structures of Android's ioctls, one of which points to another */
TEST_F(fds, android)
{
	struct gunyah_vm_firmware_config fw = { 1ULL << 32, 1 << 20 };
	struct gunyah_auth_qtvm_arg arg = {
		.vm_id = 0x1c, .guest_phys_addr = ~0ULL << 13, .size = 8193,
	};
	struct gunyah_auth_desc desc = {
		.type = GUNYAH_AUTH_QCOM_TRUSTED_VM, .arg_size = sizeof(arg),
		.arg = (uintptr_t)&arg,
	};
	bool trusted = ioctl(self->vm.fd, GUNYAH_QUERY, (unsigned long)GUNYAH_CAP_AUTH_TYPES) &
		       1 << GUNYAH_AUTH_QCOM_TRUSTED_VM;

	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ANDROID_SET_FW_CONFIG, &fw)), 0);
	fw.guest_phys_addr = ~0ULL << 12;
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ANDROID_SET_FW_CONFIG, &fw)), -EOVERFLOW);
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc)),
		  trusted ? -EOVERFLOW : -ENOENT);
	desc.arg |= 1ULL << 32;
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc)), -EFAULT);
}

TEST_F(fds, cma)
{
	struct gunyah_map_cma_mem_args args = {
		.label = 1, .guest_addr = SHARED_GPA, .size = getpagesize(),
		.flags = GUNYAH_CMA_MEM_SHARE | GUNYAH_MEM_ALLOW_RWX,
	};
	int dev = open("/dev/trustedvm_cma", O_RDWR | O_CLOEXEC), fd;
	char *mem;

	if (dev < 0)
		SKIP(return, "no device with CMA memory");
	fd = ioctl(dev, GUNYAH_ANDROID_CREATE_CMA_MEM_FD, 0UL);
	ASSERT_GE(fd, 0);
	mem = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_TRUE(mem != MAP_FAILED);
	mem[0] = 1;
	args.guest_mem_fd = fd;
	args.offset = 1ULL << 32;
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ANDROID_MAP_CMA_MEM, &args)), -EOVERFLOW);
	args.offset = 0;
	EXPECT_EQ(gt_errno(ioctl(self->vm.fd, GUNYAH_VM_ANDROID_MAP_CMA_MEM, &args)), 0);
	close(fd);
	close(dev);
}

/* What there is later than in the other families */
TEST_F(fds, vcpu_registers)
{
	struct gunyah_vcpu_reg reg = { .reg = 0x005, .value = 0x123456789abcdef0ULL };
	bool can = ioctl(self->vm.fd, GUNYAH_QUERY, (unsigned long)GUNYAH_CAP_VCPU_SET_REG);

	EXPECT_EQ(gt_errno(ioctl(self->vcpu->fd, GUNYAH_VCPU_SET_REG, &reg)),
		  can ? 0 : -EOPNOTSUPP);
	reg.reserved = 1;
	EXPECT_EQ(gt_errno(ioctl(self->vcpu->fd, GUNYAH_VCPU_SET_REG, &reg)), -EINVAL);
}

TEST_HARNESS_MAIN
