// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest wrote into memory that was lent to it stays its secret: when the host
 * has the pages back, however the guest ended, they are zeroes, for user space and by
 * the kernel's linear map.
 *
 * Not with the open Resource Manager: it sanitises the memory of guests with an
 * authentication only (ABI tables, rm-rpc 4.3), which the test guests have not.
 */
#include "harness.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gmem.h"
#include "iso.h"

#define SECRET		0x5ec2e7a5a5a50000ULL
/* Behind image and tree, to the end of RAM: the guest has all of these pages */
#define SECRET_OFFSET	(GUEST_MIN_RAM / 2 + GUEST_DTB_SIZE + 64 * ISO_PAGE)
#define SECRET_GPA	(GUEST_RAM_BASE + SECRET_OFFSET)
#define SECRET_SIZE	(GUEST_MIN_RAM - SECRET_OFFSET)
#define SECRET_PAGES	(SECRET_SIZE / ISO_PAGE)
#define STRIDE		64

FIXTURE(wipe) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int iso;
	char *mem;			/* where the secret will be */
	uint64_t pa[SECRET_PAGES];
};

FIXTURE_SETUP(wipe)
{
	self->iso = -1;
	if (gt_open_profile())
		SKIP(return, "the open RM does not sanitise what these guests had");
	self->iso = __iso_open("gunyah_iso_test");
	gt_vm_init(&self->vm, GUEST_command);
	self->vm.kind = GT_LEND;
	self->vcpu = &self->vm.vcpu[0];
}

FIXTURE_TEARDOWN(wipe)
{
	if (self->iso >= 0)
		close(self->iso);
}

static void note_pages(FIXTURE_DATA(wipe) *self)
{
	unsigned int i;

	for (i = 0; i < SECRET_PAGES; i++) {
		self->pa[i] = iso_phys(self->mem + i * ISO_PAGE);
		gt_assert(self->pa[i]);
	}
}

static void tell_secret(struct gt_vcpu *vcpu)
{
	const uint64_t words = SECRET_SIZE / STRIDE;

	gt_command_result(vcpu, CMD_FILL, SECRET_GPA, STRIDE, words, SECRET);
	gt_assert_eq(gt_command_result(vcpu, CMD_CHECK, SECRET_GPA, STRIDE, words, SECRET), 0);
}

static void boot(FIXTURE_DATA(wipe) *self)
{
	gt_vm_create(&self->vm);
	gt_vm_add_ram(&self->vm);
	self->mem = (char *)self->vm.ram + SECRET_OFFSET;
	memset(self->mem, 0x77, SECRET_SIZE);
	gt_vm_configure(&self->vm);
	note_pages(self);
	gt_vm_start(&self->vm);
	tell_secret(self->vcpu);
}

/* The memory stays */
static void close_vm(FIXTURE_DATA(wipe) *self)
{
	self->vm.ram = NULL;
	gt_vm_close(&self->vm);
}

static uint64_t count_bytes(const char *mem, uint64_t size)
{
	uint64_t i, n = 0;

	for (i = 0; i < size; i++)
		n += mem[i] != 0;
	return n;
}

/* In the pages that there were, by the linear map, and at the process's addresses */
static void expect_zeroes(struct __test_metadata *_metadata, FIXTURE_DATA(wipe) *self)
{
	uint64_t count, found = 0, moved = 0, i;

	for (i = 0; i < SECRET_PAGES && self->iso >= 0; i++) {
		moved += iso_phys(self->mem + i * ISO_PAGE) != self->pa[i];
		count = ISO_PAGE;
		gt_assert_eq(iso_access(self->iso, GUNYAH_ISO_COUNT, self->pa[i], ISO_PAGE, &count),
			     0);
		found += count;
	}
	EXPECT_EQ(moved, 0);
	EXPECT_EQ(found, 0);
	EXPECT_EQ(count_bytes(self->mem, SECRET_SIZE), 0);
}

TEST_F(wipe, after_off)
{
	boot(self);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
	close_vm(self);
	expect_zeroes(_metadata, self);
}

/* In the middle of its life */
TEST_F(wipe, after_stop)
{
	boot(self);
	close_vm(self);
	expect_zeroes(_metadata, self);
}

/* Never started: nobody has a secret, and the host's own data is still there */
TEST_F(wipe, not_without_need)
{
	gt_vm_create(&self->vm);
	gt_vm_add_ram(&self->vm);
	self->mem = (char *)self->vm.ram + SECRET_OFFSET;
	memset(self->mem, 0x77, SECRET_SIZE);
	gt_vm_configure(&self->vm);
	close_vm(self);
	EXPECT_EQ(self->mem[0], 0x77);
	EXPECT_EQ(self->mem[SECRET_SIZE - 1], 0x77);
}

/*
 * A killed process: its pages go back to the kernel, which may have used them since.
 * What they hold is not the secret.
 */
TEST_F(wipe, after_kill)
{
	uint64_t value, i, found = 0;
	int fd[2];
	pid_t pid;

	if (self->iso < 0)
		SKIP(return, "no gunyah_iso_test.ko for this kernel");
	ASSERT_EQ(pipe(fd), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		boot(self);
		gt_assert_eq(write(fd[1], self->pa, sizeof(self->pa)), sizeof(self->pa));
		raise(SIGKILL);
	}
	close(fd[1]);
	ASSERT_EQ(read(fd[0], self->pa, sizeof(self->pa)), sizeof(self->pa));
	gt_wait_killed(pid, SIGKILL);
	for (i = 0; i < SECRET_PAGES; i++) {
		if (!iso_read_phys(self->iso, self->pa[i], &value))
			found += (value & ~0xffffULL) == SECRET;
	}
	EXPECT_EQ(found, 0);
	close(fd[0]);
}

/* A page that the guest gave up while it lives */
TEST_F(wipe, relinquished)
{
	const uint64_t at = 3 * ISO_PAGE;

	boot(self);
	ASSERT_EQ(gt_command_result(self->vcpu, CMD_RELINQUISH, SECRET_GPA + at, ISO_PAGE, 0, 0),
		  0);
	ASSERT_EQ(__gt_reclaim(self->vm.fd, SECRET_GPA + at, ISO_PAGE), 0);
	EXPECT_EQ(count_bytes(self->mem + at, ISO_PAGE), 0);
	/* It can have one again, and does not find what it left */
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, SECRET_GPA + at, 8, 0, 0), 0);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, SECRET_GPA, 8, 0, 0), SECRET);
	close_vm(self);
	expect_zeroes(_metadata, self);
}

/* A guest memory file outlives its VM */
TEST_F(wipe, memory_file)
{
	char *mem;
	int fd;

	fd = __gt_create_mem(GUEST_MIN_RAM, 0);
	ASSERT_GE(fd, 0);
	gt_vm_create(&self->vm);
	gt_vm_add_ram_file(&self->vm, fd, GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_ALLOW_RWX);
	gt_vm_configure(&self->vm);
	gt_vm_start(&self->vm);
	tell_secret(self->vcpu);
	gt_vm_close(&self->vm);
	mem = gt_mmap(fd, 0, GUEST_MIN_RAM);
	EXPECT_EQ(count_bytes(mem + SECRET_OFFSET, SECRET_SIZE), 0);
	munmap(mem, GUEST_MIN_RAM);
	close(fd);
}

TEST_HARNESS_MAIN
