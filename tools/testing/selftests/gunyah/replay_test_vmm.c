// SPDX-License-Identifier: GPL-2.0-only
/*
 * gunyah-test-vmm, call by call, with the checks that its tests make (ABI tables, uapi
 * 5.3), in both of its builds: guest memory files, and the "ack-bindings" for the
 * Android common kernels.
 *
 * It sets SP, which an open Resource Manager cannot: there it gets no further.
 */
#include "harness.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "gmem.h"
#include "replay_test_vmm.h"

#define PAGE		4096UL
#define NEEDS_SP	"the program sets SP, which this Resource Manager cannot"

FIXTURE(tvmm) {
	struct gt_resources before;
	struct tvmm t;
};

FIXTURE_VARIANT(tvmm) {
	bool ack;
	uint32_t way;
};

FIXTURE_VARIANT_ADD(tvmm, lent_file) { .way = TVMM_LEND };
FIXTURE_VARIANT_ADD(tvmm, ack_lent) { .ack = true, .way = TVMM_LEND };
FIXTURE_VARIANT_ADD(tvmm, ack_shared) { .ack = true, .way = TVMM_SHARE };

FIXTURE_SETUP(tvmm)
{
	if (!gt_has_boot_context())
		SKIP(return, NEEDS_SP);
	gt_catch_sigbus();
	gt_resources(&self->before);
	tvmm_init(&self->t, variant->ack);
	self->t.way = variant->way;
}

FIXTURE_TEARDOWN(tvmm)
{
	if (!gt_has_boot_context())
		return;
	tvmm_close(&self->t);
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&self->before);
}

static void talk(struct __test_metadata *_metadata, struct tvmm *t)
{
	replay_do(&t->r, CMD_PRINT, REPLAY_SERIAL, 0, 0, 0);
	EXPECT_STREQ(t->r.serial, "hello\n");
	replay_do(&t->r, CMD_SPI_ENABLE, GUEST_SPI(TVMM_SPI), 0, 0, 0);
	eventfd_write(t->irq_evt, 1);
	EXPECT_EQ(replay_do(&t->r, CMD_SPI_WAIT, GUEST_SPI(TVMM_SPI), 1, 0, 0), 1);
}

TEST_F(tvmm, power_off)
{
	tvmm_boot(&self->t);
	talk(_metadata, &self->t);
	replay_end_by(&self->t.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

TEST_F(tvmm, reset)
{
	tvmm_boot(&self->t);
	talk(_metadata, &self->t);
	replay_end_by(&self->t.r, REPLAY_SYSTEM_RESET, END_RESET);
}

TEST_F(tvmm, dropped_while_it_runs)
{
	tvmm_boot(&self->t);
	talk(_metadata, &self->t);
	replay_post(&self->t.r, CMD_SPI_WAIT, GUEST_SPI(TVMM_SPI), 2, 0, 0);
	replay_wait_waiting(&self->t.r, 2);
	replay_stop(&self->t.r);
	replay_join(&self->t.r, END_STOPPED);
}

/* All copies of the descriptor are the VM */
TEST_F(tvmm, start_twice)
{
	tvmm_boot(&self->t);
	EXPECT_EQ(replay_call(self->t.r.vm, CALL_VM_START, NULL), 0);
	EXPECT_EQ(replay_call(self->t.vm, CALL_VM_START, NULL), 0);
	talk(_metadata, &self->t);
	replay_end_by(&self->t.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
	EXPECT_LT(replay_call(self->t.vm, CALL_VM_START, NULL), 0);
}

/* Dropped in the middle: the id is free at once, the guest goes on where it was */
TEST_F(tvmm, vcpu_dropped_and_added)
{
	struct tvmm *t = &self->t;

	tvmm_boot(t);
	talk(_metadata, t);
	replay_post(&t->r, CMD_SPI_WAIT, GUEST_SPI(TVMM_SPI), 2, 0, 0);
	replay_wait_waiting(&t->r, 2);
	replay_stop(&t->r);
	replay_join(&t->r, END_STOPPED);
	tvmm_drop_vcpu(t, 0);
	replay_restart(&t->r);
	ASSERT_EQ(tvmm_add_vcpu(t, 0), 0);
	replay_run(&t->r);
	eventfd_write(t->irq_evt, 1);
	EXPECT_EQ(replay_answer(&t->r), 2);
	replay_end_by(&t->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* One more than there was at START */
TEST_F(tvmm, vcpu_added_after_start)
{
	struct tvmm *t = &self->t;

	t->r.nr_vcpus = 2;
	tvmm_create(t);
	tvmm_drop_vcpu(t, 1);
	tvmm_memory(t);
	ASSERT_EQ(tvmm_boot_context(t), 0);
	replay_must(t->r.vm, CALL_VM_START, NULL);
	replay_run_vcpu(&t->r.vcpu[0]);
	ASSERT_EQ(tvmm_add_vcpu(t, 1), 0);
	replay_run_vcpu(&t->r.vcpu[1]);
	EXPECT_EQ(replay_do(&t->r, CMD_CPU_ON, 1, 0, 0, 0), 0);
	replay_wait_said(&t->r, 1);
	replay_end_by(&t->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* ---- functions: what is there already is an error, what was removed is not there ---- */

static void twice(struct __test_metadata *_metadata, int vm, uint32_t type, const void *arg,
		  uint32_t size)
{
	long ret = replay_add(vm, type, arg, size);

	EXPECT_GE(ret, 0);
	EXPECT_EQ(replay_add(vm, type, arg, size), -EEXIST);
	EXPECT_EQ(replay_remove(vm, type, arg, size), 0);
	EXPECT_EQ(replay_remove(vm, type, arg, size), -ENOENT);
	if (type == REPLAY_FN_VCPU)
		close(ret);
	ret = replay_add(vm, type, arg, size);
	EXPECT_GE(ret, 0);
	if (type == REPLAY_FN_VCPU)
		close(ret);
	EXPECT_EQ(replay_remove(vm, type, arg, size), 0);
}

TEST(functions_twice)
{
	struct replay_ioeventfd ioeventfd = { .addr = 0x3000, .len = 4 };
	struct replay_irqfd irqfd = { .label = 1 };
	uint32_t id = 3;
	struct tvmm t;

	tvmm_init(&t, false);
	tvmm_create(&t);
	irqfd.fd = t.irq_evt;
	ioeventfd.fd = t.irq_evt;
	twice(_metadata, t.r.vm, REPLAY_FN_VCPU, &id, 4);
	twice(_metadata, t.r.vm, REPLAY_FN_IRQFD, &irqfd, 16);
	twice(_metadata, t.r.vm, REPLAY_FN_IOEVENTFD, &ioeventfd, 32);
	tvmm_close(&t);
}

/* ---- UNMAP before the guest has anything ---- */

FIXTURE(unmap) {
	struct tvmm t;
	int fd;
};

FIXTURE_SETUP(unmap)
{
	tvmm_init(&self->t, false);
	tvmm_create(&self->t);
	self->fd = tvmm_file(&self->t, 2 * TVMM_AREA_SIZE);
	ASSERT_EQ(tvmm_map(&self->t, self->fd, PAGE, TVMM_AREA, TVMM_AREA_SIZE,
			   TVMM_LEND | TVMM_R | TVMM_W), 0);
}

FIXTURE_TEARDOWN(unmap)
{
	close(self->fd);
	tvmm_close(&self->t);
}

/* Each with one thing that is wrong */
TEST_F(unmap, wrong)
{
	const uint32_t right = TVMM_UNMAP | TVMM_LEND | TVMM_R | TVMM_W;
	struct tvmm *t = &self->t;

	EXPECT_LT(tvmm_map(t, self->fd, PAGE, TVMM_AREA + PAGE, TVMM_AREA_SIZE, right), 0);
	EXPECT_LT(tvmm_map(t, self->fd, 2 * PAGE, TVMM_AREA, TVMM_AREA_SIZE, right), 0);
	EXPECT_LT(tvmm_map(t, self->fd, PAGE, TVMM_AREA, TVMM_AREA_SIZE,
			   TVMM_UNMAP | TVMM_SHARE | TVMM_R | TVMM_W), 0);
	EXPECT_LT(tvmm_map(t, self->fd, PAGE, TVMM_AREA, TVMM_AREA_SIZE,
			   TVMM_UNMAP | TVMM_LEND | TVMM_R), 0);
	EXPECT_LT(tvmm_map(t, self->fd, PAGE, TVMM_AREA, TVMM_AREA_SIZE,
			   TVMM_UNMAP | TVMM_LEND | TVMM_RWX), 0);
	/* It is all still there */
	EXPECT_LT(tvmm_map(t, self->fd, PAGE, TVMM_AREA, PAGE, TVMM_LEND | TVMM_R), 0);
	EXPECT_EQ(tvmm_map(t, self->fd, PAGE, TVMM_AREA, TVMM_AREA_SIZE, right), 0);
	EXPECT_LT(tvmm_map(t, self->fd, PAGE, TVMM_AREA, TVMM_AREA_SIZE, right), 0);
}

/* Off the start, off the end; what is left can be unmapped, what is gone be mapped */
TEST_F(unmap, trims)
{
	const uint32_t flags = TVMM_LEND | TVMM_R | TVMM_W;
	const uint64_t end = TVMM_AREA + TVMM_AREA_SIZE;
	struct tvmm *t = &self->t;

	EXPECT_EQ(tvmm_map(t, self->fd, PAGE, TVMM_AREA, PAGE, flags | TVMM_UNMAP), 0);
	EXPECT_EQ(tvmm_map(t, self->fd, TVMM_AREA_SIZE, end - PAGE, PAGE, flags | TVMM_UNMAP), 0);
	EXPECT_EQ(tvmm_map(t, self->fd, PAGE, TVMM_AREA, PAGE, TVMM_SHARE | TVMM_R), 0);
	EXPECT_EQ(tvmm_map(t, self->fd, TVMM_AREA_SIZE, end - PAGE, PAGE, flags), 0);
	EXPECT_EQ(tvmm_map(t, self->fd, 2 * PAGE, TVMM_AREA + PAGE, TVMM_AREA_SIZE - 2 * PAGE,
			   flags | TVMM_UNMAP), 0);
}

/* ---- an area of a file beside RAM, while the guest runs ---- */

FIXTURE(area) {
	struct gt_resources before;
	struct tvmm t;
};

FIXTURE_SETUP(area)
{
	if (!gt_has_boot_context())
		SKIP(return, NEEDS_SP);
	gt_catch_sigbus();
	gt_resources(&self->before);
	tvmm_init(&self->t, false);
}

FIXTURE_TEARDOWN(area)
{
	if (!gt_has_boot_context())
		return;
	tvmm_close(&self->t);
	gt_expect_resources(&self->before);
}

static void boot_with_area(struct tvmm *t, uint64_t gpa, uint32_t flags)
{
	tvmm_create(t);
	tvmm_memory(t);
	t->area_fd = tvmm_file(t, TVMM_AREA_SIZE);
	gt_assert_eq(tvmm_map(t, t->area_fd, 0, gpa, TVMM_AREA_SIZE, flags), 0);
	gt_assert_eq(tvmm_boot_context(t), 0);
	replay_must(t->r.vm, CALL_VM_START, NULL);
	replay_run(&t->r);
}

static long punch(int fd, uint64_t offset)
{
	return gt_errno(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, PAGE));
}

static uint64_t relinquish(struct tvmm *t, uint64_t gpa)
{
	return replay_do(&t->r, CMD_RELINQUISH, gpa, PAGE, 0, 0);
}

TEST_F(area, lent_and_punched)
{
	struct tvmm *t = &self->t;

	boot_with_area(t, TVMM_AREA, TVMM_LEND | TVMM_R | TVMM_W);
	replay_do(&t->r, CMD_FILL, TVMM_AREA, PAGE, 4, 0x100);
	EXPECT_LT(punch(t->area_fd, PAGE), 0);
	EXPECT_EQ(replay_do(&t->r, CMD_READ, TVMM_AREA + PAGE, 8, 0, 0), 0x101);
	EXPECT_EQ(relinquish(t, TVMM_AREA + PAGE), 0);
	EXPECT_EQ(punch(t->area_fd, PAGE), 0);
	EXPECT_EQ(replay_do(&t->r, CMD_READ, TVMM_AREA + PAGE, 8, 0, 0), 0);
	EXPECT_EQ(replay_do(&t->r, CMD_READ, TVMM_AREA + 2 * PAGE, 8, 0, 0), 0x102);
	replay_end_by(&t->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

TEST_F(area, shared_and_punched)
{
	struct tvmm *t = &self->t;
	char *mem;

	boot_with_area(t, TVMM_AREA, TVMM_SHARE | TVMM_R | TVMM_W);
	replay_do(&t->r, CMD_FILL, TVMM_AREA, PAGE, 4, 0x100);
	mem = gt_mmap(t->area_fd, 0, TVMM_AREA_SIZE);
	EXPECT_EQ(*(uint64_t *)(mem + PAGE), 0x101);
	EXPECT_EQ(punch(t->area_fd, PAGE), 0);
	EXPECT_EQ(*(uint64_t *)(mem + PAGE), 0);
	EXPECT_EQ(replay_do(&t->r, CMD_READ, TVMM_AREA + PAGE, 8, 0, 0), 0);
	EXPECT_EQ(replay_do(&t->r, CMD_READ, TVMM_AREA + 2 * PAGE, 8, 0, 0), 0x102);
	munmap(mem, TVMM_AREA_SIZE);
	replay_end_by(&t->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

TEST_F(area, lent_and_touched_by_the_host)
{
	struct tvmm *t = &self->t;
	char *mem;

	boot_with_area(t, TVMM_AREA, TVMM_LEND | TVMM_R | TVMM_W);
	replay_do(&t->r, CMD_FILL, TVMM_AREA, PAGE, 4, 0x100);
	/* Refused at once, or at the access */
	mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, t->area_fd, 0);
	if (mem != MAP_FAILED) {
		EXPECT_TRUE(gt_read_faults(mem));
		munmap(mem, PAGE);
	}
	EXPECT_EQ(replay_do(&t->r, CMD_CHECK, TVMM_AREA, PAGE, 4, 0x100), 0);
	replay_end_by(&t->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* The host has it: an exit that this program knows, and repeats when it has let go */
TEST_F(area, mapped_by_the_host)
{
	struct tvmm *t = &self->t;
	struct replay_vcpu *vcpu = &t->r.vcpu[0];
	volatile char *mem;

	boot_with_area(t, TVMM_AREA, TVMM_LEND | TVMM_R | TVMM_W);
	mem = gt_mmap(t->area_fd, 0, PAGE);
	mem[0] = 1;
	replay_post(&t->r, CMD_WRITE, TVMM_AREA, 8, 5, 0);
	replay_join(&t->r, END_UNKNOWN);
	EXPECT_EQ(vcpu->unknown, REPLAY_EXIT_PAGE_FAULT);
	EXPECT_EQ(vcpu->run->fault.addr & ~(PAGE - 1), TVMM_AREA);
	EXPECT_LT(vcpu->run->fault.attempt, 0);
	EXPECT_EQ(vcpu->run->fault.resume_action, 1);
	munmap((void *)mem, PAGE);
	vcpu->run->fault.resume_action = 2;
	replay_restart(&t->r);
	replay_run(&t->r);
	EXPECT_EQ(replay_answer(&t->r), 0);
	EXPECT_EQ(replay_do(&t->r, CMD_READ, TVMM_AREA, 8, 0, 0), 5);
	replay_end_by(&t->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* Memory where the guest believes to have a device */
TEST_F(area, at_a_device)
{
	struct tvmm *t = &self->t;
	char *mem;

	boot_with_area(t, 0x80000, TVMM_SHARE | TVMM_R | TVMM_W);
	mem = gt_mmap(t->area_fd, 0, TVMM_AREA_SIZE);
	mem[PAGE + 4] = 0x77;
	EXPECT_EQ(replay_do(&t->r, CMD_READ, 0x80000 + PAGE + 4, 4, 0, 0), 0x77);
	replay_do(&t->r, CMD_WRITE, 0x80010, 4, 0x12345678, 0);
	EXPECT_EQ(*(uint32_t *)(mem + 0x10), 0x12345678);
	/* No device has seen any of it */
	EXPECT_EQ(t->r.nr_writes, 0);
	munmap(mem, TVMM_AREA_SIZE);
	replay_end_by(&t->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* ---- where the device tree is ---- */

static long start(struct tvmm *t)
{
	return replay_call(t->r.vm, CALL_VM_START, NULL);
}

/* The host looks at it: START fails; after that the VM is good for nothing but close */
TEST_F(area, tree_mapped_by_the_host)
{
	struct tvmm *t = &self->t;
	volatile char *mem;

	tvmm_create(t);
	tvmm_memory(t);
	ASSERT_EQ(tvmm_boot_context(t), 0);
	mem = gt_mmap(t->ram_fd, t->dtb - REPLAY_RAM, PAGE);
	EXPECT_NE(mem[0], 0);
	EXPECT_LT(start(t), 0);
	EXPECT_LT(replay_call(t->r.vcpu[0].fd, CALL_VCPU_RUN, NULL), 0);
	munmap((void *)mem, PAGE);
}

/* A tree of its own, with each of the ways to give it to the guest */
static long start_with_tree(struct tvmm *t, uint32_t flags)
{
	t->dtb = TVMM_AREA;
	tvmm_create(t);
	t->dtb_fd = tvmm_file(t, TVMM_DTB_SIZE);
	gt_assert_eq(tvmm_map(t, t->dtb_fd, 0, TVMM_AREA, TVMM_DTB_SIZE, flags), 0);
	tvmm_memory(t);
	gt_assert_eq(tvmm_boot_context(t), 0);
	return start(t);
}

TEST_F(area, tree_not_executable)
{
	EXPECT_LT(start_with_tree(&self->t, TVMM_LEND | TVMM_R | TVMM_W), 0);
}

TEST_F(area, tree_lent)
{
	ASSERT_EQ(start_with_tree(&self->t, TVMM_LEND | TVMM_RWX), 0);
	replay_run(&self->t.r);
	talk(_metadata, &self->t);
	replay_end_by(&self->t.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

TEST_F(area, tree_shared)
{
	ASSERT_EQ(start_with_tree(&self->t, TVMM_SHARE | TVMM_RWX), 0);
	replay_run(&self->t.r);
	talk(_metadata, &self->t);
	replay_end_by(&self->t.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* ---- errors that it injects by the names of functions ---- */

static const char * const injectable[] = {
	"gunyah_rm_alloc_vmid", "gunyah_rm_mem_share", "gunyah_rm_vm_configure",
	"gunyah_rm_vm_set_demand_paging", "gunyah_rm_vm_set_address_layout",
	"gunyah_rm_vm_init", "gunyah_rm_vm_set_boot_context",
	"gunyah_rm_get_hyp_resources", "gunyah_rm_vm_start",
};

/* Injecting needs a kernel with CONFIG_FAIL_FUNCTION; that the names exist does not */
TEST(names_of_functions)
{
	bool there[ARRAY_SIZE(injectable)] = {};
	char line[256], name[128];
	unsigned int i;
	FILE *f;

	f = fopen("/proc/kallsyms", "r");
	ASSERT_NE(f, NULL);
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, "gunyah_") || sscanf(line, "%*s %*s %127s", name) != 1)
			continue;
		for (i = 0; i < ARRAY_SIZE(injectable); i++)
			there[i] |= !strcmp(name, injectable[i]);
	}
	fclose(f);
	for (i = 0; i < ARRAY_SIZE(injectable); i++)
		EXPECT_TRUE(there[i])
			TH_LOG("name %u", i);
}

/* ---- ack-bindings ---- */

/* The first label is 1; there is no way back, and MAP_MEM wants a file of its own kind */
TEST(ack_regions)
{
	struct replay_map_mem unmap = {
		.gpa = TVMM_AREA, .flags = TVMM_UNMAP | TVMM_SHARE | TVMM_RWX,
		.size = TVMM_AREA_SIZE,
	};
	struct tvmm t;
	int fd;

	tvmm_init(&t, true);
	tvmm_create(&t);
	tvmm_memory(&t);
	fd = memfd_create("area", MFD_CLOEXEC);
	ASSERT_EQ(ftruncate(fd, TVMM_AREA_SIZE), 0);
	t.area = gt_mmap(fd, 0, TVMM_AREA_SIZE);
	EXPECT_EQ(tvmm_region(&t, false, TVMM_AREA, t.area, TVMM_AREA_SIZE, 3), 0);
	EXPECT_EQ(tvmm_region(&t, true, TVMM_AREA, t.area, TVMM_AREA_SIZE, 7), -EEXIST);
	EXPECT_EQ(t.nr_regions, 3);
	unmap.fd = fd;
	EXPECT_LT(replay_call(t.r.vm, CALL_MAP_MEM, &unmap), 0);
	close(fd);
	tvmm_close(&t);
}

/* ---- what the Resource Manager cannot do ---- */

TEST(no_stack_pointer)
{
	struct gt_resources before;
	struct tvmm t;

	if (gt_has_boot_context())
		SKIP(return, "this Resource Manager sets boot registers");
	gt_resources(&before);
	tvmm_init(&t, false);
	tvmm_create(&t);
	tvmm_memory(&t);
	EXPECT_EQ(tvmm_boot_context(&t), -ENOTTY);
	tvmm_close(&t);
	gt_expect_resources(&before);
}

TEST_HARNESS_MAIN
