// SPDX-License-Identifier: GPL-2.0-only
/*
 * gunyah-test-vmm, step by step.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replay_test_vmm.h"

/* Its tests look at exits themselves: what is not for a device ends the loop */
enum replay_end tvmm_loop(struct replay_vcpu *vcpu)
{
	long ret;

	for (;;) {
		ret = replay_call(vcpu->fd, CALL_VCPU_RUN, NULL);
		if (ret == -EINTR) {
			vcpu->run->immediate_exit = 0;
			if (replay_stopping(vcpu->machine))
				return END_STOPPED;
			continue;
		}
		if (ret < 0)
			return replay_error(vcpu, -ret);
		if (vcpu->run->exit_reason == REPLAY_EXIT_STATUS)
			return replay_status(vcpu->run);
		if (vcpu->run->exit_reason != REPLAY_EXIT_MMIO)
			return replay_unknown(vcpu);
		replay_bus(vcpu);
	}
}

void tvmm_init(struct tvmm *t, bool ack)
{
	memset(t, 0, sizeof(*t));
	replay_init(&t->r, tvmm_loop);
	t->ack = ack;
	t->way = TVMM_LEND;
	t->dtb = TVMM_DTB;
	t->dev = -1;
	t->vm = -1;
	t->ram_fd = -1;
	t->dtb_fd = -1;
	t->area_fd = -1;
	t->irq_evt = eventfd(0, EFD_CLOEXEC);
}

int tvmm_add_vcpu(struct tvmm *t, uint32_t id)
{
	struct replay_vcpu *vcpu = &t->r.vcpu[id];
	int fd = replay_add(t->r.vm, REPLAY_FN_VCPU, &id, 4);
	long size;

	if (fd < 0)
		return fd;
	size = replay_must(fd, CALL_VCPU_MMAP_SIZE, NULL);
	vcpu->fd = fd;
	vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	gt_assert(vcpu->run != MAP_FAILED);
	gt_assert_eq(vcpu->run->exit_reason, 0);
	return 0;
}

/* The program unwraps the result */
void tvmm_drop_vcpu(struct tvmm *t, uint32_t id)
{
	struct replay_vcpu *vcpu = &t->r.vcpu[id];

	gt_assert_eq(replay_remove(t->r.vm, REPLAY_FN_VCPU, &id, 4), 0);
	munmap(vcpu->run, getpagesize());
	close(vcpu->fd);
	vcpu->run = NULL;
	vcpu->fd = -1;
}

void tvmm_create(struct tvmm *t)
{
	const struct replay_irqfd irqfd = { .fd = t->irq_evt, .label = TVMM_SPI };
	uint32_t id;

	t->dev = replay_open();
	t->vm = replay_must(t->dev, CALL_CREATE_VM, NULL);
	t->r.vm = dup(t->vm);
	gt_assert(t->r.vm >= 0);
	for (id = 0; id < t->r.nr_vcpus; id++)
		gt_assert_eq(tvmm_add_vcpu(t, id), 0);
	gt_assert_eq(replay_add(t->vm, REPLAY_FN_IRQFD, &irqfd, 16), 0);
}

int tvmm_file(struct tvmm *t, uint64_t size)
{
	const struct replay_guest_mem mem = { .flags = 1, .size = size };

	return replay_must(t->dev, CALL_CREATE_GUEST_MEM, &mem);
}

long tvmm_map(struct tvmm *t, int fd, uint64_t offset, uint64_t gpa, uint64_t size,
	      uint32_t flags)
{
	const struct replay_map_mem map = {
		.gpa = gpa, .flags = flags, .fd = fd, .offset = offset, .size = size,
	};

	return replay_call(t->r.vm, CALL_MAP_MEM, &map);
}

long tvmm_region(struct tvmm *t, bool lend, uint64_t gpa, void *mem, uint64_t size,
		 uint32_t access)
{
	const struct replay_region region = {
		.label = ++t->nr_regions, .flags = access, .gpa = gpa, .size = size,
		.uaddr = (uintptr_t)mem,
	};

	return replay_call(t->r.vm, lend ? CALL_LEND_USER_MEM : CALL_SET_USER_MEM, &region);
}

static void write_dtb(const struct tvmm *t, void *at)
{
	const struct dtb_program p = {
		.nr_vcpus = t->r.nr_vcpus, .base = REPLAY_RAM, .size = TVMM_RAM_SIZE,
		.nr_irqs = 1, .irq = { { TVMM_SPI, false } },
	};

	dtb_test_vmm(at, TVMM_DTB_SIZE, &p);
}

static void fill(const struct tvmm *t, char *ram)
{
	replay_load_guest(ram, t->r.nr_vcpus);
	if (t->dtb_fd < 0)
		write_dtb(t, ram + (t->dtb - REPLAY_RAM));
}

static void *map_file(int fd, uint64_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	gt_assert(mem != MAP_FAILED);
	return mem;
}

/* After MAP_MEM; what is lent must not stay mapped */
static void memory_files(struct tvmm *t)
{
	char *mem;

	t->ram_fd = tvmm_file(t, TVMM_RAM_SIZE);
	gt_assert_eq(tvmm_map(t, t->ram_fd, 0, REPLAY_RAM, TVMM_RAM_SIZE, t->way | TVMM_RWX), 0);
	mem = map_file(t->ram_fd, TVMM_RAM_SIZE);
	fill(t, mem);
	munmap(mem, TVMM_RAM_SIZE);
	if (t->dtb_fd < 0)
		return;
	mem = map_file(t->dtb_fd, TVMM_DTB_SIZE);
	write_dtb(t, mem);
	munmap(mem, TVMM_DTB_SIZE);
}

static void memory_ack(struct tvmm *t)
{
	t->ram_fd = memfd_create("guest", MFD_CLOEXEC);
	gt_assert(t->ram_fd >= 0 && !ftruncate(t->ram_fd, TVMM_RAM_SIZE));
	t->ram = map_file(t->ram_fd, TVMM_RAM_SIZE);
	/* Kernels need not have huge pages for such memory */
	gt_assert(!madvise(t->ram, TVMM_RAM_SIZE, MADV_HUGEPAGE) || errno == EINVAL);
	gt_assert(!madvise(t->ram, TVMM_RAM_SIZE, MADV_DONTFORK));
	gt_assert_eq(tvmm_region(t, t->way == TVMM_LEND, REPLAY_RAM, t->ram, TVMM_RAM_SIZE, 7),
		     0);
	fill(t, t->ram);
}

void tvmm_memory(struct tvmm *t)
{
	const struct replay_range dtb = { t->dtb, TVMM_DTB_SIZE };

	if (t->ack)
		memory_ack(t);
	else
		memory_files(t);
	replay_must(t->r.vm, CALL_SET_DTB_CONFIG, &dtb);
}

long tvmm_boot_context(struct tvmm *t)
{
	const struct replay_boot_reg regs[] = {
		{ .reg = 0x100, .value = REPLAY_RAM },
		{ .reg = 0x201, .value = REPLAY_RAM + TVMM_RAM_SIZE },
	};
	unsigned int i;
	long ret;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		ret = replay_call(t->r.vm, CALL_SET_BOOT_CONTEXT, &regs[i]);
		if (ret)
			return ret;
	}
	return 0;
}

void tvmm_boot(struct tvmm *t)
{
	tvmm_create(t);
	tvmm_memory(t);
	gt_assert_eq(tvmm_boot_context(t), 0);
	replay_must(t->r.vm, CALL_VM_START, NULL);
	replay_run(&t->r);
}

void tvmm_close(struct tvmm *t)
{
	uint32_t id;

	for (id = 0; id < GUEST_MAX_VCPUS; id++) {
		if (t->r.vcpu[id].fd >= 0)
			tvmm_drop_vcpu(t, id);
	}
	replay_close(&t->r);
	close(t->vm);
	close(t->ram_fd);
	close(t->dtb_fd);
	close(t->area_fd);
	if (t->ram)
		munmap(t->ram, TVMM_RAM_SIZE);
	if (t->area)
		munmap(t->area, TVMM_AREA_SIZE);
	close(t->irq_evt);
	close(t->dev);
}
