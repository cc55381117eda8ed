// SPDX-License-Identifier: GPL-2.0-only
/*
 * crosvm, step by step.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replay_crosvm.h"

const struct dtb_irq crosvm_irqs[CROSVM_NR_IRQS] = {
	{ 0, false }, { 2, false },			/* serial */
	{ 1, true }, { 3, true },			/* RTC, battery */
	{ 4, true }, { 5, true }, { 6, true },		/* virtio on PCI */
	{ 15, false },					/* watchdog */
};

/* 0: of any length */
const uint32_t crosvm_queue_len[CROSVM_NR_QUEUES] = { 0, 2, 4, 1, 8 };

/*
 * The vCPU's loop.  What this does not know ends the VM; that an exit for a page fault
 * never comes is for us to see to (uapi 6.8).  resume_action is not crosvm's business.
 */
enum replay_end crosvm_loop(struct replay_vcpu *vcpu)
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
		if (ret == -EAGAIN)
			continue;
		if (ret < 0)
			return replay_error(vcpu, -ret);
		if (vcpu->run->exit_reason == REPLAY_EXIT_STATUS)
			return replay_status(vcpu->run);
		if (vcpu->run->exit_reason != REPLAY_EXIT_MMIO)
			return replay_unknown(vcpu);
		gt_assert_eq(vcpu->run->mmio.resume_action, 0);
		replay_bus(vcpu);
	}
}

void crosvm_init(struct crosvm *c)
{
	unsigned int i;

	memset(c, 0, sizeof(*c));
	replay_init(&c->r, crosvm_loop);
	c->r.nr_vcpus = 2;
	c->dev = -1;
	c->mem_fd = -1;
	c->ram_size = 4 << 20;
	/* Elsewhere only if the Resource Manager can be told (uapi 5.1, step 11) */
	c->payload = gt_has_boot_context() ? 0x80000 : 0;
	for (i = 0; i < CROSVM_NR_IRQS; i++)
		c->irq_evt[i] = eventfd(0, EFD_CLOEXEC);
	for (i = 0; i < CROSVM_NR_QUEUES; i++)
		c->queue_evt[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

uint64_t crosvm_main_size(const struct crosvm *c)
{
	return c->ram_size - (c->is_protected ? CROSVM_SWIOTLB_SIZE : 0);
}

/* RAM is a file in memory, mapped shared, as crosvm's device processes need it */
static char *alloc_shared(uint64_t size, int *fd)
{
	char *mem;

	*fd = memfd_create("crosvm_guest", MFD_CLOEXEC);
	gt_assert(*fd >= 0 && !ftruncate(*fd, size));
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, *fd, 0);
	gt_assert(mem != MAP_FAILED);
	gt_assert(!madvise(mem, size, MADV_DONTFORK));
	return mem;
}

/* All of the device's memory, of which the start is RAM */
static char *alloc_cma(uint64_t size, int *fd)
{
	int dev = open(CROSVM_CMA_DEVICE, O_RDWR | O_CLOEXEC);
	char *mem;

	gt_assert(dev >= 0);
	*fd = replay_must(dev, CALL_CREATE_CMA_MEM_FD, NULL);
	close(dev);
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, *fd, 0);
	gt_assert(mem != MAP_FAILED);
	gt_assert(!madvise(mem, size, MADV_DONTFORK));
	return mem;
}

void crosvm_create(struct crosvm *c)
{
	int fd;

	c->dev = replay_open();
	c->r.vm = replay_must(c->dev, CALL_CREATE_VM, NULL);
	if (c->qtvm)
		c->mem = alloc_cma(crosvm_main_size(c), &c->mem_fd);
	else
		c->mem = alloc_shared(crosvm_main_size(c), &c->mem_fd);
	if (!c->is_protected)
		return;
	c->pool = alloc_shared(CROSVM_SWIOTLB_SIZE, &fd);
	close(fd);
}

long crosvm_region(struct crosvm *c, bool lend, uint64_t gpa, void *mem, uint64_t size,
		   uint32_t flags)
{
	struct replay_region region = {
		.label = c->nr_regions++, .flags = flags, .gpa = gpa, .size = size,
		.uaddr = (uintptr_t)mem,
	};

	return replay_call(c->r.vm, lend ? CALL_LEND_USER_MEM : CALL_SET_USER_MEM, &region);
}

uint64_t crosvm_fdt_address(const struct crosvm *c)
{
	return REPLAY_RAM + ((crosvm_main_size(c) - CROSVM_FDT_SIZE) & ~(CROSVM_FDT_SIZE - 1));
}

/* Of a trusted VM the first region, which is a file, comes as such */
static long cma_region(struct crosvm *c)
{
	const struct replay_map_cma map = {
		.label = c->nr_regions++, .pad = 0xdeadbeef, .gpa = REPLAY_RAM,
		.flags = 0x17, .fd = c->mem_fd, .size = crosvm_main_size(c),
	};

	return replay_call(c->r.vm, CALL_MAP_CMA_MEM, &map);
}

static long main_region(struct crosvm *c)
{
	if (c->qtvm)
		return cma_region(c);
	return crosvm_region(c, c->is_protected, REPLAY_RAM, c->mem, crosvm_main_size(c), 7);
}

/* Step 3: regions in order of their addresses.  Step 4 */
void crosvm_memory(struct crosvm *c)
{
	const struct replay_range fw = { CROSVM_FIRMWARE, CROSVM_FIRMWARE_SIZE };
	int fd;

	if (c->firmware) {
		c->fw_mem = alloc_shared(CROSVM_FIRMWARE_SIZE, &fd);
		close(fd);
		gt_assert_eq(crosvm_region(c, true, fw.gpa, c->fw_mem, fw.size, 7), 0);
	}
	gt_assert_eq(main_region(c), 0);
	if (c->is_protected) {
		c->dtb.swiotlb_label = c->nr_regions;
		c->dtb.swiotlb = REPLAY_RAM + crosvm_main_size(c);
		c->dtb.swiotlb_size = CROSVM_SWIOTLB_SIZE;
		gt_assert_eq(crosvm_region(c, false, c->dtb.swiotlb, c->pool,
					   CROSVM_SWIOTLB_SIZE, 7), 0);
	}
	if (c->firmware)
		replay_must(c->r.vm, CALL_SET_FW_CONFIG, &fw);
}

void crosvm_vcpus(struct crosvm *c)
{
	struct replay_vcpu *vcpu;
	uint32_t id;
	long size;

	for (id = 0; id < c->r.nr_vcpus; id++) {
		vcpu = &c->r.vcpu[id];
		vcpu->fd = replay_add(c->r.vm, REPLAY_FN_VCPU, &id, 4);
		gt_assert(vcpu->fd >= 0);
		size = replay_must(vcpu->fd, CALL_VCPU_MMAP_SIZE, NULL);
		vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
		gt_assert(vcpu->run != MAP_FAILED);
		gt_assert_eq(vcpu->run->exit_reason, 0);
	}
}

long crosvm_irq(struct crosvm *c, unsigned int i)
{
	const struct replay_irqfd irqfd = {
		.fd = c->irq_evt[i], .label = crosvm_irqs[i].label,
		.flags = crosvm_irqs[i].level,
	};

	return replay_add(c->r.vm, REPLAY_FN_IRQFD, &irqfd, 16);
}

void crosvm_irqs_all(struct crosvm *c)
{
	unsigned int i;

	for (i = 0; i < CROSVM_NR_IRQS; i++)
		gt_assert_eq(crosvm_irq(c, i), 0);
}

long crosvm_queue(struct crosvm *c, unsigned int i)
{
	const struct replay_ioeventfd ioeventfd = {
		.addr = CROSVM_QUEUE(2 * i), .len = crosvm_queue_len[i],
		.fd = c->queue_evt[i],
	};

	return replay_add(c->r.vm, REPLAY_FN_IOEVENTFD, &ioeventfd, 32);
}

void crosvm_queues(struct crosvm *c)
{
	unsigned int i;

	for (i = 0; i < CROSVM_NR_QUEUES; i++)
		gt_assert_eq(crosvm_queue(c, i), 0);
}

/* Steps 8 and 10.  Any error of step 8 means no */
void crosvm_fdt(struct crosvm *c)
{
	const struct replay_range fdt = { crosvm_fdt_address(c), CROSVM_FDT_SIZE };

	c->dtb.nr_vcpus = c->r.nr_vcpus;
	c->dtb.base = REPLAY_RAM;
	c->dtb.size = crosvm_main_size(c);
	c->dtb.firmware = c->firmware ? CROSVM_FIRMWARE : 0;
	if (!c->qtvm)
		c->dtb.no_timer_wakeups = replay_call(c->r.vm, CALL_CHECK_EXTENSION, NULL) > 0;
	c->dtb.nr_irqs = CROSVM_NR_IRQS;
	memcpy(c->dtb.irq, crosvm_irqs, sizeof(crosvm_irqs));
	dtb_crosvm(c->mem + (fdt.gpa - REPLAY_RAM), fdt.size, &c->dtb);
	replay_must(c->r.vm, CALL_SET_DTB_CONFIG, &fdt);
}

/* Step 9 */
long crosvm_authenticate(struct crosvm *c)
{
	const struct replay_qtvm qtvm = {
		.vm_id = CROSVM_QTVM_ID, .pas_id = CROSVM_QTVM_PAS_ID,
		.gpa = REPLAY_RAM + c->payload,
		.size = crosvm_fdt_address(c) - REPLAY_RAM - c->payload,
	};
	const struct replay_auth auth = {
		.type = 1, .arg_size = 24, .arg = (uintptr_t)&qtvm,
	};

	return replay_call(c->r.vm, CALL_SET_AUTH_TYPE, &auth);
}

/* ELF headers of an image with one segment, which is everything behind them */
static void write_metadata(char *at, uint64_t image_size)
{
	Elf64_Ehdr head = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_AARCH64, .e_version = EV_CURRENT,
		.e_entry = CROSVM_QTVM_METADATA, .e_phoff = sizeof(head),
		.e_ehsize = sizeof(head), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
	};
	Elf64_Phdr segment = {
		.p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X,
		.p_offset = CROSVM_QTVM_METADATA, .p_vaddr = CROSVM_QTVM_METADATA,
		.p_paddr = CROSVM_QTVM_METADATA,
		.p_filesz = image_size - CROSVM_QTVM_METADATA,
		.p_memsz = image_size - CROSVM_QTVM_METADATA,
	};

	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), &segment, sizeof(segment));
}

/* Step 11.  The guest is an arm64 Image, or in one that is signed */
long crosvm_payload(struct crosvm *c)
{
	const struct replay_boot_reg pc = { .reg = 0x100, .value = REPLAY_RAM + c->payload };
	char *at = c->mem + c->payload;

	if (c->qtvm) {
		write_metadata(at, crosvm_fdt_address(c) - REPLAY_RAM - c->payload);
		at += CROSVM_QTVM_METADATA;
	}
	replay_load_guest(at, c->r.nr_vcpus);
	return replay_call(c->r.vm, CALL_SET_BOOT_CONTEXT, &pc);
}

void crosvm_configure(struct crosvm *c)
{
	long ret;

	crosvm_create(c);
	crosvm_memory(c);
	crosvm_vcpus(c);
	crosvm_irqs_all(c);
	crosvm_queues(c);
	if (c->qtvm)
		gt_assert_eq(crosvm_authenticate(c), 0);
	crosvm_fdt(c);
	ret = crosvm_payload(c);
	if (ret && (ret != -ENOTTY || c->payload))
		gt_fail("payload: %s", strerror(-ret));
}

void crosvm_boot(struct crosvm *c)
{
	crosvm_configure(c);
	replay_must(c->r.vm, CALL_VM_START, NULL);
	replay_run(&c->r);
}

/* Each doorbell rings once, each queue is written to as it wants it */
static void exercise_events(struct crosvm *c)
{
	unsigned int i;
	uint32_t intid;

	for (i = 0; i < CROSVM_NR_IRQS; i++) {
		intid = GUEST_SPI(crosvm_irqs[i].label);
		gt_assert_eq(replay_do(&c->r, CMD_SPI_ENABLE, intid, crosvm_irqs[i].level, 0, 0),
			     0);
		gt_assert_eq(eventfd_write(c->irq_evt[i], 1), 0);
		gt_assert_eq(replay_do(&c->r, CMD_SPI_WAIT, intid, 1, 0, 0), 1);
	}
	for (i = 0; i < CROSVM_NR_QUEUES; i++) {
		replay_do(&c->r, CMD_WRITE, CROSVM_QUEUE(2 * i), crosvm_queue_len[i] ?: 2, i, 0);
		gt_assert_eq(replay_signals(c->queue_evt[i]), 1);
	}
}

void crosvm_exercise(struct crosvm *c)
{
	unsigned int id;

	replay_do(&c->r, CMD_PRINT, REPLAY_SERIAL, 0, 0, 0);
	gt_assert(!strcmp(c->r.serial, "hello\n"));
	gt_assert_eq(replay_do(&c->r, CMD_READ, REPLAY_RTC, 4, 0, 0), REPLAY_RTC_VALUE);
	exercise_events(c);
	/* Nobody's: a device that ignores it, and reads as 0 */
	replay_do(&c->r, CMD_WRITE, CROSVM_QUEUE(1), 2, 0x55, 0);
	gt_assert_eq(c->r.last_addr, CROSVM_QUEUE(1));
	gt_assert_eq(replay_do(&c->r, CMD_READ, CROSVM_QUEUE(1), 2, 0, 0), 0);
	gt_assert_eq(replay_do(&c->r, CMD_SLEEP, 1000, 0, 0, 0), 1);
	for (id = 1; id < c->r.nr_vcpus; id++) {
		gt_assert_eq(replay_do(&c->r, CMD_CPU_ON, id, 0, 0, 0), 0);
		replay_wait_said(&c->r, id);
	}
	gt_assert_eq(c->r.nr_writes, 1);
}

void crosvm_close(struct crosvm *c)
{
	unsigned int i;

	replay_close(&c->r);
	if (c->mem)
		munmap(c->mem, crosvm_main_size(c));
	if (c->pool)
		munmap(c->pool, CROSVM_SWIOTLB_SIZE);
	if (c->fw_mem)
		munmap(c->fw_mem, CROSVM_FIRMWARE_SIZE);
	close(c->mem_fd);
	close(c->dev);
	for (i = 0; i < CROSVM_NR_IRQS; i++)
		close(c->irq_evt[i]);
	for (i = 0; i < CROSVM_NR_QUEUES; i++)
		close(c->queue_evt[i]);
}
