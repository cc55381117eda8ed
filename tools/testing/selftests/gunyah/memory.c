// SPDX-License-Identifier: GPL-2.0-only
/*
 * SET_USER_MEM_REGION and LEND_USER_MEM: what is refused, what is counted, and
 * that the guest sees the pages where they belong.
 */
#include "harness.h"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define PAGE		4096UL
#define MEM_SIZE	(64 * PAGE)
#define GPA		0x80000000UL

FIXTURE(region) {
	int vm;
	char *mem;
};

FIXTURE_VARIANT(region) {
	enum gt_kind kind;
};

FIXTURE_VARIANT_ADD(region, share) { .kind = GT_SHARE };
FIXTURE_VARIANT_ADD(region, lend) { .kind = GT_LEND };

FIXTURE_SETUP(region)
{
	self->vm = gt_create_vm();
	self->mem = gt_alloc(MEM_SIZE);
}

FIXTURE_TEARDOWN(region)
{
	close(self->vm);
}

struct region_case {
	const char *name;
	uint32_t flags;
	uint64_t gpa, size, offset;	/* offset: of the user address */
	int error;
};

static const struct region_case region_cases[] = {
	{ "size 0", 7, GPA, 0, 0, -EINVAL },
	{ "size unaligned", 7, GPA, PAGE + 1, 0, -EINVAL },
	{ "size below a page", 7, GPA, 2048, 0, -EINVAL },
	{ "gpa unaligned", 7, GPA + 8, PAGE, 0, -EINVAL },
	{ "gpa off by half a page", 7, GPA + 2048, PAGE, 0, -EINVAL },
	{ "user address unaligned", 7, GPA, PAGE, 1, -EINVAL },
	{ "unknown flag", 8, GPA, PAGE, 0, -EINVAL },
	{ "unknown flag beside known ones", 0x80000007, GPA, PAGE, 0, -EINVAL },
	{ "gpa wraps", 7, -PAGE, 2 * PAGE, 0, -EOVERFLOW },
	{ "size wraps all", 7, GPA, -PAGE, 0, -EOVERFLOW },
};

static struct gunyah_userspace_memory_region make_region(char *mem, const struct region_case *c)
{
	return (struct gunyah_userspace_memory_region){
		.flags = c->flags, .guest_phys_addr = c->gpa, .memory_size = c->size,
		.userspace_addr = (uintptr_t)mem + c->offset,
	};
}

/* A refused region leaves nothing: the same place can be taken afterwards */
TEST_F(region, bad_arguments)
{
	struct gunyah_userspace_memory_region region;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(region_cases); i++) {
		region = make_region(self->mem, &region_cases[i]);
		EXPECT_EQ(__gt_mem_region(self->vm, variant->kind, &region),
			  region_cases[i].error)
			TH_LOG("%s", region_cases[i].name);
	}
	EXPECT_EQ(__gt_mem_region(self->vm, variant->kind, NULL), -EFAULT);
	EXPECT_EQ(__gt_mem_region(self->vm, variant->kind, (void *)-64UL), -EFAULT);
	EXPECT_EQ(__gt_add_memory(self->vm, variant->kind, GPA, self->mem, MEM_SIZE), 0);
}

TEST_F(region, user_address_wraps)
{
	struct gunyah_userspace_memory_region region = {
		.flags = 7, .guest_phys_addr = GPA, .memory_size = 2 * PAGE,
		.userspace_addr = -PAGE,
	};

	EXPECT_EQ(__gt_mem_region(self->vm, variant->kind, &region), -EOVERFLOW);
}

/* In pages relative to a region of pages 8 to 15 */
static const struct { uint64_t first, nr; int error; } overlaps[] = {
	{ 8, 8, -EEXIST }, { 8, 1, -EEXIST }, { 15, 1, -EEXIST }, { 10, 2, -EEXIST },
	{ 7, 2, -EEXIST }, { 15, 2, -EEXIST }, { 0, 32, -EEXIST }, { 7, 10, -EEXIST },
	{ 7, 1, 0 }, { 16, 1, 0 }, { 0, 7, 0 }, { 17, 3, 0 },
	{ 6, 1, -EEXIST }, { 16, 2, -EEXIST },
};

TEST_F(region, overlap)
{
	unsigned int i;

	gt_add_memory(self->vm, variant->kind, GPA + 8 * PAGE, self->mem, 8 * PAGE);
	for (i = 0; i < ARRAY_SIZE(overlaps); i++) {
		EXPECT_EQ(__gt_add_memory(self->vm, variant->kind,
					  GPA + overlaps[i].first * PAGE,
					  self->mem + 32 * PAGE, overlaps[i].nr * PAGE),
			  overlaps[i].error)
			TH_LOG("case %u: page %d + %d", i, (int)overlaps[i].first,
			       (int)overlaps[i].nr);
	}
}

/* One guest, one address: whichever way it came */
TEST_F(region, overlap_of_kinds)
{
	enum gt_kind other = variant->kind == GT_LEND ? GT_SHARE : GT_LEND;

	gt_add_memory(self->vm, variant->kind, GPA, self->mem, 4 * PAGE);
	EXPECT_EQ(__gt_add_memory(self->vm, other, GPA + PAGE, self->mem + 8 * PAGE, PAGE),
		  -EEXIST);
	EXPECT_EQ(__gt_add_memory(self->vm, other, GPA + 4 * PAGE, self->mem + 8 * PAGE, PAGE),
		  0);
}

/* uapi 9.9: a superset of what all versions allow */
TEST_F(region, duplicate_labels)
{
	struct gunyah_userspace_memory_region region = {
		.label = 5, .flags = 7, .guest_phys_addr = GPA, .memory_size = PAGE,
		.userspace_addr = (uintptr_t)self->mem,
	};

	EXPECT_EQ(__gt_mem_region(self->vm, variant->kind, &region), 0);
	region.guest_phys_addr += PAGE;
	region.userspace_addr += PAGE;
	EXPECT_EQ(__gt_mem_region(self->vm, variant->kind, &region), 0);
}

TEST_F(region, not_mapped)
{
	munmap(self->mem + PAGE, PAGE);
	EXPECT_EQ(__gt_add_memory(self->vm, variant->kind, GPA, self->mem, 4 * PAGE), -EFAULT);
	EXPECT_EQ(__gt_add_memory(self->vm, variant->kind, GPA, self->mem + PAGE, PAGE),
		  -EFAULT);
	/* Not even the first page of the failed attempt is held */
	EXPECT_EQ(gt_locked_kib(), 0);
	EXPECT_EQ(__gt_add_memory(self->vm, variant->kind, GPA, self->mem, PAGE), 0);
}

TEST_F(region, read_only_mapping)
{
	struct gunyah_userspace_memory_region region = {
		.flags = GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE,
		.guest_phys_addr = GPA, .memory_size = PAGE,
		.userspace_addr = (uintptr_t)self->mem,
	};

	ASSERT_EQ(mprotect(self->mem, PAGE, PROT_READ), 0);
	EXPECT_EQ(__gt_mem_region(self->vm, variant->kind, &region), -EFAULT);
}

/* Memory is that of the process that created the VM: EPERM for another one's */
TEST_F(region, other_process)
{
	pid_t child = fork();

	ASSERT_GE(child, 0);
	if (!child) {
		char *mem = gt_alloc(PAGE);

		_exit(__gt_add_memory(self->vm, variant->kind, GPA, mem, PAGE) != -EPERM);
	}
	gt_wait_exit(child, 0);
	EXPECT_EQ(__gt_add_memory(self->vm, variant->kind, GPA, self->mem, PAGE), 0);
}

/* Shared memory that comes and goes page by page is not locked */
static long counted(enum gt_kind kind, long kib)
{
	return kind == GT_SHARE && !gt_open_profile() ? 0 : kib;
}

/* Counted while the VM lives, in KiB, and not a page longer */
TEST_F(region, accounting)
{
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_add_memory(self->vm, variant->kind, GPA, self->mem, 16 * PAGE);
	EXPECT_EQ(gt_locked_kib(), counted(variant->kind, 64));
	EXPECT_EQ(__gt_add_memory(self->vm, variant->kind, GPA, self->mem, PAGE), -EEXIST);
	EXPECT_EQ(gt_locked_kib(), counted(variant->kind, 64));
	gt_add_memory(self->vm, variant->kind, GPA + 16 * PAGE, self->mem + 16 * PAGE, PAGE);
	EXPECT_EQ(gt_locked_kib(), counted(variant->kind, 68));
	close(self->vm);
	self->vm = -1;
	EXPECT_EQ(gt_locked_kib(), 0);
}

static void drop_ipc_lock(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	gt_assert(!syscall(SYS_capget, &header, data));
	data[0].effective &= ~(1U << CAP_IPC_LOCK);
	data[0].permitted &= ~(1U << CAP_IPC_LOCK);
	data[0].inheritable = 0;
	gt_assert(!syscall(SYS_capset, &header, data));
}

TEST_F(region, memlock_limit)
{
	struct rlimit limit = { 16 * PAGE, 16 * PAGE };

	if (!counted(variant->kind, 1))
		SKIP(return, "nothing is locked");
	ASSERT_EQ(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
	/* CAP_IPC_LOCK is above the limit */
	gt_add_memory(self->vm, variant->kind, GPA + MEM_SIZE, self->mem, 17 * PAGE);
	close(self->vm);
	self->vm = gt_create_vm();
	drop_ipc_lock();
	EXPECT_EQ(__gt_add_memory(self->vm, variant->kind, GPA, self->mem, 17 * PAGE), -ENOMEM);
	EXPECT_EQ(gt_locked_kib(), 0);
	/* The limit itself is allowed, also in parts; one page more is not */
	EXPECT_EQ(__gt_add_memory(self->vm, variant->kind, GPA, self->mem, 12 * PAGE), 0);
	EXPECT_EQ(__gt_add_memory(self->vm, variant->kind, GPA + 12 * PAGE,
				  self->mem + 12 * PAGE, 5 * PAGE), -ENOMEM);
	EXPECT_EQ(__gt_add_memory(self->vm, variant->kind, GPA + 12 * PAGE,
				  self->mem + 12 * PAGE, 4 * PAGE), 0);
	EXPECT_EQ(gt_locked_kib(), 64);
}

/* ---- memory in use ---- */

/* All pages but the image and the tree carry their own address */
static void mark_pages(struct gt_vm *vm)
{
	uint64_t off;

	for (off = 0; off < vm->ram_size; off += PAGE)
		*(uint64_t *)((char *)vm->ram + off) = GUEST_RAM_BASE + off;
}

static void run_ram_guest(struct gt_vm *vm, uint64_t stride)
{
	vm->arg[0] = stride;
	vm->arg[1] = 0x5eed;
	vm->arg[2] = true;
	mark_pages(vm);
	gt_vm_boot(vm);
	gt_assert(gt_expect_any_sync(&vm->vcpu[0]) >= (vm->ram_size - 0x200000) / stride);
	gt_expect_off(&vm->vcpu[0]);
}

static uint64_t pattern(uint64_t gpa)
{
	return (gpa ^ 0x5eed) * 0x9e3779b97f4a7c15UL;
}

/* What the guest wrote is at the same offset of our mapping */
static void check_pattern(struct gt_vm *vm, uint64_t stride)
{
	uint64_t off = GUEST_DTB_OFFSET + GUEST_DTB_SIZE, found;

	for (; off < vm->ram_size; off += stride) {
		found = *(uint64_t *)((char *)vm->ram + off);
		gt_assert_eq(found, pattern(GUEST_RAM_BASE + off));
	}
}

TEST(every_word)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_ram);
	vm.ram = gt_alloc(vm.ram_size);
	run_ram_guest(&vm, 8);
	close(vm.vcpu[0].fd);
	if (vm.kind == GT_SHARE)
		check_pattern(&vm, 8);
	gt_vm_close(&vm);
}

TEST(hundreds_of_mib)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_ram);
	vm.ram_size = 288UL << 20;
	vm.ram = gt_alloc(vm.ram_size);
	run_ram_guest(&vm, 2048);
	EXPECT_EQ(gt_locked_kib(), counted(vm.kind, 288 << 10) ?: GUEST_DTB_SIZE >> 10);
	gt_vm_close(&vm);
	EXPECT_EQ(gt_locked_kib(), 0);
}

/*
 * 2048 pages, each on its own: four times what fits into one message to the RM
 * (uapi 7.6), so the parcel has to be made in several.
 */
TEST(fragmented)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_ram);
	vm.ram_size = 8UL << 20;
	vm.ram = gt_alloc_scattered(vm.ram_size);
	run_ram_guest(&vm, 64);
	gt_vm_close(&vm);
	EXPECT_EQ(gt_locked_kib(), 0);
}

/* The same pages serve one VM after the other */
TEST(reuse)
{
	void *ram = gt_alloc(GUEST_MIN_RAM);
	struct gt_vm vm;
	int i;

	for (i = 0; i < 3; i++) {
		gt_vm_init(&vm, GUEST_ram);
		vm.ram = ram;
		run_ram_guest(&vm, 4096);
		vm.ram = NULL;
		gt_vm_close(&vm);
		*(volatile char *)ram = 0;
	}
}

/* Where the hypervisor takes memory at any time, a guest that runs has it at once */
TEST(after_start)
{
	uint64_t *mem = gt_alloc(2 * PAGE), gpa = 0xc0000000;
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_command);
	gt_vm_boot(&vm);
	if (gt_open_profile()) {
		EXPECT_EQ(__gt_add_memory(vm.fd, vm.kind, gpa, mem, PAGE), -EOPNOTSUPP);
		gt_vm_close(&vm);
		return;
	}
	gt_add_memory(vm.fd, GT_SHARE, gpa, mem, PAGE);
	gt_add_memory(vm.fd, GT_LEND, gpa + PAGE, (char *)mem + PAGE, PAGE);
	*mem = 0x1234;
	EXPECT_EQ(gt_command_result(&vm.vcpu[0], CMD_READ, gpa, 8, 0, 0), 0x1234);
	EXPECT_EQ(gt_command_result(&vm.vcpu[0], CMD_FILL, gpa, PAGE, 2, 77), 0);
	EXPECT_EQ(gt_command_result(&vm.vcpu[0], CMD_CHECK, gpa, PAGE, 2, 77), 0);
	EXPECT_EQ(*mem, 77);
	gt_vm_close(&vm);
	EXPECT_EQ(gt_locked_kib(), 0);
}

TEST_HARNESS_MAIN
