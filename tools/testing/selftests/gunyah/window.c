// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows: memory that is shared with a VM while it runs.
 */
#include "harness.h"
#include "gmem.h"

#include <fcntl.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define PAGE	4096UL
#define SIZE	(64 * PAGE)
#define NR	(SIZE / PAGE)
#define GPA	0xc0000000UL
#define RW	(PROT_READ | PROT_WRITE)

#define ACCESS	(GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE)

static int __share(int vm, struct gunyah_share_window *window)
{
	return ioctl(vm, GUNYAH_VM_SHARE_WINDOW, window) ? -errno : 0;
}

static int __unshare(int vm, uint64_t gpa, uint32_t handle)
{
	struct gunyah_unshare_window window = { .guest_addr = gpa, .handle = handle };

	return ioctl(vm, GUNYAH_VM_UNSHARE_WINDOW, &window) ? -errno : 0;
}

static int __unmap(int vm)
{
	return __unshare(vm, GPA, GUNYAH_WINDOW_NO_HANDLE);
}

static struct gunyah_share_window of_memory(void *mem)
{
	return (struct gunyah_share_window){
		.flags = GUNYAH_WINDOW_USER_MEM | ACCESS, .offset = (uintptr_t)mem,
		.size = SIZE, .guest_addr = GPA,
	};
}

static struct gunyah_share_window of_file(int fd)
{
	return (struct gunyah_share_window){
		.flags = GUNYAH_WINDOW_FD | ACCESS, .fd = fd, .size = SIZE, .guest_addr = GPA,
	};
}

FIXTURE(window) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
};

FIXTURE_SETUP(window)
{
	gt_resources(&self->before);
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	gt_vm_boot(&self->vm);
}

FIXTURE_TEARDOWN(window)
{
	gt_vm_close(&self->vm);
	gt_expect_resources(&self->before);
	gt_assert_eq(gt_locked_kib(), 0);
}

/* Both see what the other one writes, in all pages */
static void use(struct gt_vcpu *vcpu, char *mem)
{
	uint64_t i;

	for (i = 0; i < NR; i++)
		*(volatile uint64_t *)(mem + i * PAGE) = 100 + i;
	gt_assert_eq(gt_command_result(vcpu, CMD_CHECK, GPA, PAGE, NR, 100), 0);
	gt_assert_eq(gt_command_result(vcpu, CMD_FILL, GPA, PAGE, NR, 500), 0);
	for (i = 0; i < NR; i++)
		gt_assert_eq(*(volatile uint64_t *)(mem + i * PAGE), 500 + i);
}

/* Nobody pages there on demand: the guest takes an abort */
static void expect_abort(struct gt_vcpu *vcpu, enum guest_cmd cmd)
{
	uint64_t esr = gt_command_result(vcpu, cmd, GPA, 8, 1, 0);

	gt_assert_eq(esr >> 26, 0x25);
}

/* Shared, used, taken back, and the same again */
static void come_and_go(struct gt_vm *vm, const struct gunyah_share_window *what, char *mem)
{
	struct gunyah_share_window window = *what;

	gt_assert_eq(__share(vm->fd, &window), 0);
	gt_assert_eq(window.handle, GUNYAH_WINDOW_NO_HANDLE);
	use(&vm->vcpu[0], mem);
	gt_assert_eq(__unmap(vm->fd), 0);
	expect_abort(&vm->vcpu[0], CMD_TRY_READ);
	gt_assert_eq(__unmap(vm->fd), -ENOENT);
	window = *what;
	gt_assert_eq(__share(vm->fd, &window), 0);
	gt_assert_eq(gt_command_result(&vm->vcpu[0], CMD_READ, GPA, 8, 0, 0), 500);
	use(&vm->vcpu[0], mem);
	gt_assert_eq(__unmap(vm->fd), 0);
	/* One that is left goes with the VM */
	window = *what;
	gt_assert_eq(__share(vm->fd, &window), 0);
}

TEST_F(window, anonymous)
{
	char *mem = gt_alloc(SIZE);
	struct gunyah_share_window window = of_memory(mem);

	if (gt_open_profile()) {
		EXPECT_EQ(__share(self->vm.fd, &window), -EOPNOTSUPP);
		return;
	}
	come_and_go(&self->vm, &window, mem);
}

TEST_F(window, memfd)
{
	int fd = memfd_create("window", MFD_CLOEXEC);
	struct gunyah_share_window window = of_file(fd);
	char *mem;

	if (gt_open_profile())
		SKIP(return, "this hypervisor cannot map into a running VM");
	ASSERT_EQ(ftruncate(fd, SIZE + PAGE), 0);
	window.offset = PAGE;
	mem = gt_mmap(fd, PAGE, SIZE);
	come_and_go(&self->vm, &window, mem);
}

TEST_F(window, guest_memory_file)
{
	struct gunyah_share_window window;
	char *mem;
	int fd;

	if (gt_open_profile())
		SKIP(return, "this hypervisor cannot map into a running VM");
	fd = gt_create_mem(SIZE, 0);
	window = of_file(fd);
	mem = gt_mmap(fd, 0, SIZE);
	come_and_go(&self->vm, &window, mem);
	munmap(mem, SIZE);
	close(fd);
}

static int make_udmabuf(int memfd)
{
	struct udmabuf_create create = { .memfd = memfd, .size = SIZE };
	int dev = open("/dev/udmabuf", O_RDWR), fd;

	if (dev < 0)
		return -1;
	gt_assert(!fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK));
	fd = ioctl(dev, UDMABUF_CREATE, &create);
	gt_assert(fd >= 0);
	close(dev);
	return fd;
}

TEST_F(window, dma_buf)
{
	int memfd = memfd_create("window", MFD_CLOEXEC | MFD_ALLOW_SEALING), fd;
	struct gunyah_share_window window;

	if (gt_open_profile())
		SKIP(return, "this hypervisor cannot map into a running VM");
	ASSERT_EQ(ftruncate(memfd, SIZE), 0);
	fd = make_udmabuf(memfd);
	if (fd < 0)
		SKIP(return, "no udmabuf");
	window = of_file(fd);
	come_and_go(&self->vm, &window, gt_mmap(memfd, 0, SIZE));
	window = of_file(fd);
	window.guest_addr += SIZE;
	window.offset = PAGE;
	EXPECT_EQ(__share(self->vm.fd, &window), -EINVAL);
	close(fd);
}

/* A parcel that nobody has accepted comes back at once; its handle is used once */
TEST_F(window, parcel)
{
	char *mem = gt_alloc(SIZE);
	struct gunyah_share_window window = of_memory(mem);
	long parcels = gt_stub_stat("rm_parcels");
	uint32_t handle;
	int i;

	window.flags |= GUNYAH_WINDOW_PARCEL;
	window.label = 7;
	window.guest_addr = 0;
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(__share(self->vm.fd, &window), 0);
		handle = window.handle;
		ASSERT_NE(handle, GUNYAH_WINDOW_NO_HANDLE);
		EXPECT_EQ(gt_locked_kib() >= (long)(SIZE >> 10), true);
		if (parcels >= 0)
			EXPECT_EQ(gt_stub_stat("rm_parcels"), parcels + 1);
		*(volatile char *)mem = 1;
		EXPECT_EQ(__unshare(self->vm.fd, 0, handle), 0);
		EXPECT_EQ(__unshare(self->vm.fd, 0, handle), -ENOENT);
		if (parcels >= 0)
			EXPECT_EQ(gt_stub_stat("rm_parcels"), parcels);
	}
	/* One that is left goes with the VM */
	EXPECT_EQ(__share(self->vm.fd, &window), 0);
}

/* Each page on its own: more entries than fit into a message */
TEST_F(window, parcel_of_many_pieces)
{
	const size_t size = 1024 * PAGE;
	struct gunyah_share_window window = of_memory(gt_alloc_scattered(size));

	window.flags |= GUNYAH_WINDOW_PARCEL;
	window.guest_addr = 0;
	window.size = size;
	ASSERT_EQ(__share(self->vm.fd, &window), 0);
	EXPECT_EQ(__unshare(self->vm.fd, 0, window.handle), 0);
}

struct window_case {
	const char *name;
	int error;
	uint32_t clear, set;	/* of the flags */
	uint64_t offset, size, gpa;	/* added */
	uint32_t label;
	uint64_t reserved;
};

static const struct window_case window_cases[] = {
	{ "no source", -EINVAL, GUNYAH_WINDOW_FD },
	{ "two sources", -EINVAL, 0, GUNYAH_WINDOW_USER_MEM },
	{ "no access", -EINVAL, ACCESS },
	{ "only writing", -EINVAL, GUNYAH_MEM_ALLOW_READ },
	{ "executable", -EINVAL, 0, GUNYAH_MEM_ALLOW_EXEC },
	{ "unknown flag", -EINVAL, 0, 1u << 31 },
	{ "offset unaligned", -EINVAL, .offset = 8 },
	{ "size unaligned", -EINVAL, .size = 8 },
	{ "size 0", -EINVAL, .size = -SIZE },
	{ "address unaligned", -EINVAL, .gpa = 2048 },
	{ "label without a parcel", -EINVAL, .label = 1 },
	{ "parcel with an address", -EINVAL, 0, GUNYAH_WINDOW_PARCEL },
	{ "reserved", -EINVAL, .reserved = 1 },
	{ "offset wraps", -EOVERFLOW, .offset = -PAGE },
	{ "address wraps", -EOVERFLOW, .gpa = -GPA - PAGE },
	{ "beyond the file", -EINVAL, .offset = PAGE },
	{ "far beyond the file", -EINVAL, .offset = 1UL << 40 },
	{ "taken", -EEXIST, .gpa = GUEST_RAM_BASE - GPA },
};

TEST_F(window, bad_arguments)
{
	struct gunyah_share_window window;
	const struct window_case *c;
	int fd = memfd_create("window", MFD_CLOEXEC);

	if (gt_open_profile())
		SKIP(return, "this hypervisor cannot map into a running VM");
	ASSERT_EQ(ftruncate(fd, SIZE), 0);
	for (c = window_cases; c < window_cases + ARRAY_SIZE(window_cases); c++) {
		window = of_file(fd);
		window.flags = (window.flags & ~c->clear) | c->set;
		window.offset += c->offset;
		window.size += c->size;
		window.guest_addr += c->gpa;
		window.label = c->label;
		window.reserved[2] = c->reserved;
		EXPECT_EQ(__share(self->vm.fd, &window), c->error)
			TH_LOG("%s", c->name);
	}
	EXPECT_EQ(__share(self->vm.fd, NULL), -EFAULT);
	EXPECT_EQ(__unmap(self->vm.fd), -ENOENT);
	EXPECT_EQ(__unshare(self->vm.fd, GPA, 5), -EINVAL);
	EXPECT_EQ(__unshare(self->vm.fd, 0, 5), -ENOENT);
	window = of_file(fd);
	EXPECT_EQ(__share(self->vm.fd, &window), 0);
	EXPECT_EQ(__share(self->vm.fd, &window), -EEXIST);
}

static int share_fd(int vm, int fd, uint32_t access)
{
	struct gunyah_share_window window = of_file(fd);
	int ret;

	window.flags = GUNYAH_WINDOW_FD | GUNYAH_WINDOW_PARCEL | access;
	window.guest_addr = 0;
	ret = __share(vm, &window);
	if (!ret)
		gt_assert_eq(__unshare(vm, 0, window.handle), 0);
	return ret;
}

TEST_F(window, bad_files)
{
	int fd = memfd_create("window", MFD_CLOEXEC | MFD_ALLOW_SEALING), other;
	char path[64];

	ASSERT_EQ(ftruncate(fd, SIZE), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_EQ(share_fd(self->vm.fd, -1, ACCESS), -EBADF);
	EXPECT_EQ(share_fd(self->vm.fd, self->vm.fd, ACCESS), -EINVAL);
	other = open("/dev/null", O_RDWR);
	EXPECT_EQ(share_fd(self->vm.fd, other, ACCESS), -EINVAL);
	other = open(path, O_RDONLY);
	ASSERT_GE(other, 0);
	EXPECT_EQ(share_fd(self->vm.fd, other, ACCESS), -EBADF);
	EXPECT_EQ(share_fd(self->vm.fd, other, GUNYAH_MEM_ALLOW_READ), 0);
	other = open(path, O_WRONLY);
	EXPECT_EQ(share_fd(self->vm.fd, other, GUNYAH_MEM_ALLOW_READ), -EBADF);
	EXPECT_EQ(share_fd(self->vm.fd, fd, ACCESS), 0);
	/* Sealed, nobody may write; and what a guest may write cannot be sealed */
	ASSERT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	EXPECT_EQ(share_fd(self->vm.fd, fd, ACCESS), -EPERM);
	EXPECT_EQ(share_fd(self->vm.fd, fd, GUNYAH_MEM_ALLOW_READ), 0);
}

TEST_F(window, seal_of_a_window)
{
	int fd = memfd_create("window", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct gunyah_share_window window = of_file(fd);

	ASSERT_EQ(ftruncate(fd, SIZE), 0);
	window.flags |= GUNYAH_WINDOW_PARCEL;
	window.guest_addr = 0;
	ASSERT_EQ(__share(self->vm.fd, &window), 0);
	EXPECT_EQ(gt_errno(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)), -EBUSY);
	ASSERT_EQ(__unshare(self->vm.fd, 0, window.handle), 0);
	EXPECT_EQ(gt_errno(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)), 0);
}

/* The result cannot be told: nothing is shared */
TEST_F(window, result_not_writable)
{
	struct gunyah_share_window *window = mmap(NULL, PAGE, RW,
						  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long parcels = gt_stub_stat("rm_parcels");

	*window = of_memory(gt_alloc(SIZE));
	window->flags |= GUNYAH_WINDOW_PARCEL;
	window->guest_addr = 0;
	ASSERT_EQ(mprotect(window, PAGE, PROT_READ), 0);
	EXPECT_EQ(__share(self->vm.fd, window), -EFAULT);
	EXPECT_EQ(gt_stub_stat("rm_parcels"), parcels);
}

/* A guest can only read what the host lets it only read */
TEST_F(window, read_only)
{
	char *mem = gt_alloc(SIZE);
	struct gunyah_share_window window = of_memory(mem);

	if (gt_open_profile())
		SKIP(return, "this hypervisor cannot map into a running VM");
	window.flags &= ~GUNYAH_MEM_ALLOW_WRITE;
	*(uint64_t *)mem = 42;
	ASSERT_EQ(__share(self->vm.fd, &window), 0);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, GPA, 8, 0, 0), 42);
	expect_abort(self->vcpu, CMD_TRY_WRITE);
	EXPECT_EQ(*(uint64_t *)mem, 42);
}

TEST(not_running)
{
	struct gunyah_share_window window = of_memory(gt_alloc(SIZE));
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_command);
	ASSERT_EQ(__gt_vm_prepare(&vm), 0);
	EXPECT_EQ(__share(vm.fd, &window), -ENODEV);
	gt_vm_start(&vm);
	gt_command(&vm.vcpu[0], CMD_END, 0, 0, 0, 0);
	gt_expect_off(&vm.vcpu[0]);
	EXPECT_EQ(__share(vm.fd, &window), -ENODEV);
	gt_vm_close(&vm);
}

TEST(other_process)
{
	struct gt_vm vm;
	pid_t child;

	gt_vm_init(&vm, GUEST_command);
	gt_vm_boot(&vm);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		struct gunyah_share_window window = of_memory(gt_alloc(SIZE));

		_exit(__share(vm.fd, &window) != -EPERM);
	}
	gt_wait_exit(child, 0);
	gt_vm_close(&vm);
}

TEST_HARNESS_MAIN
