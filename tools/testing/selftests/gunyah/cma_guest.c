// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that have CMA memory, as their RAM or beside it.
 */
#include "harness.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cma.h"

#define AREA		(GUEST_RAM_BASE + GUEST_MIN_RAM)

/* RAM of the guest, in the middle of the memory; what is around it is the host's */
#define RAM_OFFSET	(4UL << 20)

FIXTURE(guest) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int dev;
	int fd;
	char *mem;		/* all of it */
	char *ram;		/* the guest's RAM in it */
};

FIXTURE_VARIANT(guest) {
	uint32_t flags;
};

FIXTURE_VARIANT_ADD(guest, lend) { .flags = LEND };
FIXTURE_VARIANT_ADD(guest, by_default) { .flags = RWX };
FIXTURE_VARIANT_ADD(guest, share) { .flags = SHARE };

FIXTURE_SETUP(guest)
{
	self->dev = self->fd = -1;
	if (!cma_present())
		SKIP(return, "this machine has no CMA memory for guests");
	if (variant->flags == SHARE && !gt_can_share())
		SKIP(return, "this Resource Manager takes lent images only");
	gt_catch_sigbus();
	gt_resources(&self->before);
	self->dev = cma_open();
	self->fd = cma_create(self->dev);
	self->mem = gt_mmap(self->fd, 0, CMA_SIZE);
	self->ram = self->mem + RAM_OFFSET;
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	gt_vm_create(&self->vm);
	/* The payload is written while the host has the memory mapped (uapi 5.1) */
	self->vm.ram = self->ram;
	gt_vm_write_ram(&self->vm);
	self->vm.ram = NULL;
	cma_map(self->vm.fd, self->fd, GUEST_RAM_BASE, variant->flags, RAM_OFFSET,
		self->vm.ram_size);
	gt_vm_configure(&self->vm);
}

static void close_all(FIXTURE_DATA(guest) *self)
{
	gt_vm_close(&self->vm);
	if (self->mem)
		munmap(self->mem, CMA_SIZE);
	if (self->fd >= 0)
		close(self->fd);
	if (self->dev >= 0)
		close(self->dev);
	self->mem = NULL;
	self->dev = self->fd = -1;
}

FIXTURE_TEARDOWN(guest)
{
	if (self->dev < 0)
		return;
	close_all(self);
	gt_expect_resources(&self->before);
}

static bool is_lent(const FIXTURE_VARIANT(guest) *variant)
{
	return variant->flags != SHARE;
}

static const size_t places[] = {
	0, PAGE - 1, GUEST_DTB_OFFSET, GUEST_DTB_OFFSET + GUEST_DTB_SIZE, GUEST_MIN_RAM - 1,
};

/* Each way into the guest's RAM, and the pages beside it */
static void expect_access(struct __test_metadata *_metadata, FIXTURE_DATA(guest) *self,
			  bool mappings, bool reads)
{
	unsigned int i;
	char byte;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(gt_read_faults(self->ram + places[i]), !mappings)
			TH_LOG("load at %#zx", places[i]);
		EXPECT_EQ(gt_write_faults(self->ram + places[i]), !mappings)
			TH_LOG("store at %#zx", places[i]);
		EXPECT_EQ(__cma_read_at(self->fd, &byte, 1, RAM_OFFSET + places[i]),
			  reads ? 1 : -EACCES)
			TH_LOG("read() at %#zx", places[i]);
	}
	EXPECT_FALSE(gt_write_faults(self->ram - 1));
	EXPECT_FALSE(gt_write_faults(self->ram + GUEST_MIN_RAM));
	EXPECT_EQ(__cma_read_at(self->fd, &byte, 1, RAM_OFFSET - 1), 1);
	EXPECT_EQ(__cma_read_at(self->fd, &byte, 1, RAM_OFFSET + GUEST_MIN_RAM), 1);
}

static void guest_end(struct gt_vcpu *vcpu)
{
	gt_command(vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(vcpu);
}

/*
 * The hypervisor makes SIGBUS of accesses to what it guards, too: here, the host's own
 * tables are to have no entry for it any more.
 */
static void expect_mapped(struct __test_metadata *_metadata, FIXTURE_DATA(guest) *self,
			  bool mapped)
{
	int iso = __iso_open("gunyah_iso_test");
	unsigned int i;

	for (i = 0; iso >= 0 && i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(iso_access(iso, GUNYAH_ISO_PHYS, (uintptr_t)self->ram + places[i],
				     1, NULL), mapped ? 0 : -EFAULT)
			TH_LOG("entry at %#zx", places[i]);
	}
	if (iso >= 0)
		close(iso);
}

#define WORD_OFFSET	(GUEST_MIN_RAM - 64)
#define WORD_GPA	(GUEST_RAM_BASE + WORD_OFFSET)

TEST_F(guest, runs)
{
	volatile uint64_t *word = (uint64_t *)(self->ram + WORD_OFFSET);

	expect_access(_metadata, self, true, true);
	*word = 0x1122334455667788;
	expect_mapped(_metadata, self, true);
	gt_vm_start(&self->vm);
	expect_mapped(_metadata, self, !is_lent(variant));
	expect_access(_metadata, self, !is_lent(variant), false);
	expect_mapped(_metadata, self, !is_lent(variant));
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, WORD_GPA, 8, 0, 0),
		  0x1122334455667788);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, WORD_GPA, 8, 0x5ec2e7, 0), 0);
	if (!is_lent(variant)) {
		EXPECT_EQ(*word, 0x5ec2e7);
		*word = 0xbeef;
		EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, WORD_GPA, 8, 0, 0), 0xbeef);
	}
	guest_end(self->vcpu);
	/* The guest is over, the VM is not */
	expect_access(_metadata, self, !is_lent(variant), false);
}

/* It comes back, what a guest had to itself without its secrets */
TEST_F(guest, comes_back)
{
	uint64_t word;

	memset(self->mem, 0x77, RAM_OFFSET);
	gt_vm_start(&self->vm);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, WORD_GPA, 8, 0x5ec2e7, 0), 0);
	gt_vm_close(&self->vm);
	expect_access(_metadata, self, true, true);
	EXPECT_EQ(__cma_read_at(self->fd, &word, 8, RAM_OFFSET + WORD_OFFSET), 8);
	EXPECT_EQ(word, *(uint64_t *)(self->ram + WORD_OFFSET));
	if (!is_lent(variant) || !gt_open_profile())
		EXPECT_EQ(word, is_lent(variant) ? 0 : 0x5ec2e7);
	/* The rest was never anybody's */
	EXPECT_EQ(self->mem[RAM_OFFSET - 1], 0x77);
}

/* Another VM can have it next, from the same file */
TEST_F(guest, again)
{
	gt_vm_start(&self->vm);
	guest_end(self->vcpu);
	gt_vm_close(&self->vm);
	gt_vm_create(&self->vm);
	self->vm.ram = self->ram;
	gt_vm_write_ram(&self->vm);
	self->vm.ram = NULL;
	cma_map(self->vm.fd, self->fd, GUEST_RAM_BASE, variant->flags, RAM_OFFSET,
		self->vm.ram_size);
	gt_vm_configure(&self->vm);
	gt_vm_start(&self->vm);
	guest_end(self->vcpu);
}

/* Nobody has a descriptor or a mapping any more: the VM keeps its memory */
TEST_F(guest, file_closed)
{
	gt_vm_start(&self->vm);
	munmap(self->mem, CMA_SIZE);
	self->mem = NULL;
	close(self->fd);
	EXPECT_EQ(__cma_create(self->dev), -EBUSY);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, WORD_GPA, 8, 1, 0), 0);
	guest_end(self->vcpu);
	EXPECT_EQ(__cma_create(self->dev), -EBUSY);
	gt_vm_close(&self->vm);
	self->fd = __cma_create(self->dev);
	EXPECT_GE(self->fd, 0);
	self->mem = gt_mmap(self->fd, 0, CMA_SIZE);
	EXPECT_TRUE(cma_is_zero(self->mem, CMA_SIZE));
}

TEST_F(guest, after_start)
{
	gt_vm_start(&self->vm);
	EXPECT_EQ(__cma_map(self->vm.fd, self->fd, AREA, LEND, 0, PAGE), -EINVAL);
	EXPECT_EQ(__cma_map(self->vm.fd, self->fd, AREA, SHARE, 0, PAGE), -EINVAL);
	guest_end(self->vcpu);
	EXPECT_EQ(__cma_map(self->vm.fd, self->fd, AREA, LEND, 0, PAGE), -EINVAL);
}

/* Mappings that were not there when it was handed over, and those of a child */
TEST_F(guest, new_mappings)
{
	char *again;
	pid_t child;

	gt_vm_start(&self->vm);
	again = gt_mmap(self->fd, RAM_OFFSET, PAGE);
	EXPECT_EQ(gt_read_faults(again), is_lent(variant));
	EXPECT_EQ(gt_write_faults(again), is_lent(variant));
	munmap(again, PAGE);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child)
		_exit(gt_read_faults(self->ram) != is_lent(variant) ||
		      gt_read_faults(self->mem));
	gt_wait_exit(child, 0);
}

/* A child that has pages mapped loses them like its parent */
TEST_F(guest, mappings_of_a_child)
{
	int go[2], done[2];
	pid_t child;
	char byte;

	ASSERT_EQ(pipe(go), 0);
	ASSERT_EQ(pipe(done), 0);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		gt_assert(!gt_write_faults(self->ram));
		gt_assert_eq(write(done[1], "x", 1), 1);
		gt_assert_eq(read(go[0], &byte, 1), 1);
		_exit(gt_write_faults(self->ram) != is_lent(variant));
	}
	ASSERT_EQ(read(done[0], &byte, 1), 1);
	gt_vm_start(&self->vm);
	ASSERT_EQ(write(go[1], "x", 1), 1);
	gt_wait_exit(child, 0);
}

/* The kernel's own accesses for the user fail as the user's do */
TEST_F(guest, syscalls)
{
	int zero = open("/dev/zero", O_RDONLY), fd[2];
	long expected = is_lent(variant) ? -EFAULT : 64;

	ASSERT_GE(zero, 0);
	ASSERT_EQ(pipe(fd), 0);
	gt_vm_start(&self->vm);
	EXPECT_EQ(gt_errno(write(fd[1], self->ram + WORD_OFFSET, 64)), expected);
	EXPECT_EQ(gt_errno(read(zero, self->ram + WORD_OFFSET, 64)), expected);
	/* read() from the file into what is lent, too */
	EXPECT_EQ(__cma_read_at(self->fd, self->ram + WORD_OFFSET, 64, 0), expected);
	close(zero);
}

/* A start that fails early changes nothing, one that fails later gives it back */
TEST_F(guest, failed_start)
{
	ASSERT_EQ(__gt_set_dtb(self->vm.fd, GUEST_RAM_BASE - PAGE, PAGE), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), -ENOENT);
	expect_access(_metadata, self, true, true);
	ASSERT_EQ(__gt_set_dtb(self->vm.fd, GUEST_RAM_BASE + GUEST_DTB_OFFSET,
			       GUEST_DTB_SIZE), 0);
	memset(self->ram + GUEST_DTB_OFFSET, 0xff, GUEST_DTB_SIZE);
	EXPECT_LT(__gt_start(self->vm.fd), 0);
	EXPECT_EQ(__cma_map(self->vm.fd, self->fd, AREA, LEND, 0, PAGE), -EINVAL);
	gt_vm_close(&self->vm);
	expect_access(_metadata, self, true, true);
}

/* A lost page is not lent again */
TEST_F(guest, start_with_lost_page)
{
	int iso = __iso_open("gunyah_iso_test");
	uint64_t pa;

	if (iso < 0)
		SKIP(return, "no gunyah_iso_test for this kernel");
	self->ram[WORD_OFFSET] = 1;
	pa = cma_phys(iso, self->ram + WORD_OFFSET);
	gt_assert_eq(iso_access(iso, GUNYAH_ISO_HOLD, pa, 1, NULL), 0);
	EXPECT_EQ(__gt_start(self->vm.fd), -EBUSY);
	gt_assert_eq(iso_access(iso, GUNYAH_ISO_DROP, pa, 1, NULL), 0);
	gt_vm_close(&self->vm);
	expect_access(_metadata, self, true, true);
	close(iso);
}

/* ---- memory beside RAM, which an RM that pages gets after its parcel ---- */

FIXTURE(area) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int dev;
	int fd;
	char *mem;
};

FIXTURE_SETUP(area)
{
	self->dev = -1;
	if (!cma_present())
		SKIP(return, "this machine has no CMA memory for guests");
	if (gt_open_profile())
		SKIP(return, "this Resource Manager takes RAM as one parcel");
	gt_catch_sigbus();
	gt_resources(&self->before);
	self->dev = cma_open();
	self->fd = cma_create(self->dev);
	self->mem = gt_mmap(self->fd, 0, CMA_SIZE);
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	gt_vm_create(&self->vm);
	gt_vm_add_ram(&self->vm);
	gt_vm_configure(&self->vm);
}

FIXTURE_TEARDOWN(area)
{
	if (self->dev < 0)
		return;
	gt_vm_close(&self->vm);
	munmap(self->mem, CMA_SIZE);
	close(self->fd);
	close(self->dev);
	gt_expect_resources(&self->before);
}

/* One half lent, one shared, one page in between nobody's */
TEST_F(area, lent_and_shared)
{
	const uint64_t half = CMA_SIZE / 2, lent = half - PAGE;
	volatile uint64_t *shared = (uint64_t *)(self->mem + half);

	memset(self->mem, 0x11, CMA_SIZE);
	cma_map(self->vm.fd, self->fd, AREA, LEND, 0, lent);
	cma_map(self->vm.fd, self->fd, AREA + half, SHARE, half, half);
	gt_vm_start(&self->vm);
	EXPECT_TRUE(gt_read_faults(self->mem));
	EXPECT_TRUE(gt_read_faults(self->mem + lent - 1));
	EXPECT_FALSE(gt_write_faults(self->mem + lent));
	EXPECT_FALSE(gt_write_faults(self->mem + half));
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, AREA + lent - 8, 8, 0, 0),
		  0x1111111111111111);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_FILL, AREA, PAGE, lent / PAGE, 5), 0);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_CHECK, AREA, PAGE, lent / PAGE, 5), 0);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, AREA + half, 8, 0x42, 0), 0);
	EXPECT_EQ(*shared, 0x42);
	*shared = 0x43;
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, AREA + half, 8, 0, 0), 0x43);
	guest_end(self->vcpu);
	gt_vm_close(&self->vm);
	EXPECT_TRUE(cma_is_zero(self->mem, lent));
	EXPECT_EQ(*shared, 0x43);
	EXPECT_EQ(self->mem[lent], 0x11);
}

/* It is never taken back from a guest that runs */
TEST_F(area, reclaim)
{
	cma_map(self->vm.fd, self->fd, AREA, LEND, 0, CMA_SIZE);
	gt_vm_start(&self->vm);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_WRITE, AREA, 8, 7, 0), 0);
	EXPECT_EQ(__gt_reclaim(self->vm.fd, AREA, CMA_SIZE), -EBUSY);
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, AREA, 8, 0, 0), 7);
	EXPECT_TRUE(gt_read_faults(self->mem));
	guest_end(self->vcpu);
}

TEST_HARNESS_MAIN
