// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU, step by step: the series that was posted, and the forks for Android phones.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replay_qemu.h"

/* What happens to be on its stack */
#define GARBAGE		0xa5a5dead
/* The size that it maps is written in the program */
#define RUN_SIZE	4096

/* ---- vCPUs ---- */

static void make_vcpu(struct qemu *q, struct replay_vcpu *vcpu)
{
	const uint32_t id = vcpu->id;

	vcpu->fd = replay_add(q->r.vm, REPLAY_FN_VCPU, &id, 4);
	gt_assert(vcpu->fd >= 0);
	vcpu->run = mmap(NULL, RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	gt_assert(vcpu->run != MAP_FAILED);
}

/* In the vCPU's own thread, which then waits for the machine to be complete */
static void make_and_wait(struct qemu *q, struct replay_vcpu *vcpu)
{
	make_vcpu(q, vcpu);
	replay_own_run_page(vcpu);
	pthread_mutex_lock(&q->r.lock);
	q->ready++;
	pthread_cond_broadcast(&q->r.change);
	while (!q->go)
		pthread_cond_wait(&q->r.change, &q->r.lock);
	pthread_mutex_unlock(&q->r.lock);
}

static enum replay_end series_loop(struct replay_vcpu *vcpu)
{
	struct qemu *q = (struct qemu *)vcpu->machine;
	long ret;

	make_and_wait(q, vcpu);
	for (;;) {
		ret = replay_call(vcpu->fd, CALL_VCPU_RUN, NULL);
		if (ret == -EINTR || ret == -EAGAIN) {
			vcpu->run->immediate_exit = 0;
			if (replay_stopping(&q->r))
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

/* Ten times: perhaps it works now.  Then the guest has to live with it */
static void fork_fault(struct qemu *q, struct replay_vcpu *vcpu)
{
	q->faults++;
	vcpu->run->fault.resume_action = vcpu->retries++ < 10 ? 2 : 1;
}

/* True: once more; false: *@end */
static bool fork_error(struct replay_vcpu *vcpu, long error, enum replay_end *end)
{
	if (error == EINTR || error == EAGAIN) {
		vcpu->run->immediate_exit = 0;
		*end = END_STOPPED;
		return !replay_stopping(vcpu->machine);
	}
	if (error == ENODEV && vcpu->id) {
		vcpu->retries++;
		usleep(10000);
		*end = END_STOPPED;
		return !replay_stopping(vcpu->machine);
	}
	*end = error == EBUSY ? END_GONE : replay_error(vcpu, error);
	return false;
}

static enum replay_end fork_loop(struct replay_vcpu *vcpu)
{
	struct qemu *q = (struct qemu *)vcpu->machine;
	enum replay_end end;
	long ret;

	for (;;) {
		ret = replay_call(vcpu->fd, CALL_VCPU_RUN, NULL);
		if (ret < 0) {
			if (!fork_error(vcpu, -ret, &end))
				return end;
			continue;
		}
		switch (vcpu->run->exit_reason) {
		case REPLAY_EXIT_STATUS:
			return replay_status(vcpu->run);
		case REPLAY_EXIT_PAGE_FAULT:
			fork_fault(q, vcpu);
			break;
		case REPLAY_EXIT_MMIO:
			vcpu->retries = 0;
			replay_bus(vcpu);
			break;
		default:
			return replay_unknown(vcpu);
		}
	}
}

/* ---- machine ---- */

void qemu_init(struct qemu *q, bool fork, bool confidential)
{
	unsigned int i;

	memset(q, 0, sizeof(*q));
	replay_init(&q->r, fork ? fork_loop : series_loop);
	q->r.nr_vcpus = 2;
	q->fork = fork;
	q->confidential = confidential;
	for (i = 0; i < QEMU_MAX_IRQS; i++)
		q->irq_evt[i] = eventfd(0, EFD_CLOEXEC);
	for (i = 0; i < QEMU_NR_EVENTS; i++)
		q->event[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static void add_slot(struct qemu *q, bool lend, uint64_t off, uint64_t size)
{
	const struct replay_region region = {
		.label = q->nr_slots++, .flags = 7, .gpa = REPLAY_RAM + off, .size = size,
		.uaddr = (uintptr_t)q->mem + off,
	};

	replay_must(q->r.vm, lend ? CALL_LEND_USER_MEM : CALL_SET_USER_MEM, &region);
}

/* The pool is the tail of RAM, in a slot of its own */
static void add_memory(struct qemu *q)
{
	uint64_t size = QEMU_RAM_SIZE - (q->confidential ? QEMU_SWIOTLB_SIZE : 0);
	uint64_t chunk = q->fork ? QEMU_CHUNK : size, off;

	for (off = 0; off < size; off += chunk)
		add_slot(q, q->confidential, off, size - off < chunk ? size - off : chunk);
	if (!q->confidential)
		return;
	q->dtb.swiotlb = REPLAY_RAM + size;
	q->dtb.swiotlb_size = QEMU_SWIOTLB_SIZE;
	q->dtb.swiotlb_label = q->nr_slots;
	add_slot(q, false, size, QEMU_SWIOTLB_SIZE);
}

static void alloc_memory(struct qemu *q)
{
	q->mem = mmap(NULL, QEMU_RAM_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	gt_assert(q->mem != MAP_FAILED);
	gt_assert(!madvise(q->mem, QEMU_RAM_SIZE, MADV_HUGEPAGE) || errno == EINVAL);
	gt_assert(!madvise(q->mem, QEMU_RAM_SIZE, MADV_DONTFORK));
	if (q->fork)
		gt_assert(!mlock(q->mem, QEMU_RAM_SIZE));
}

static void add_irqfd(struct qemu *q, uint32_t label, bool level)
{
	const struct replay_irqfd irqfd = {
		.fd = q->irq_evt[q->nr_irqs], .label = label, .flags = level,
		.padding = GARBAGE,
	};

	q->nr_irqs++;
	if (!replay_add(q->r.vm, REPLAY_FN_IRQFD, &irqfd, 16))
		return;
	gt_assert(q->fork);
	q->refused++;
}

static void declare_irq(struct qemu *q, uint32_t label, bool level)
{
	q->dtb.irq[q->dtb.nr_irqs++] = (struct dtb_irq){ label, level };
	add_irqfd(q, label, level);
}

/* Forks: those of their machine, and those of MSIs, which no tree declares */
static void add_irqs(struct qemu *q)
{
	static const uint32_t edge[] = { 0x0, 0x2, 0xf }, level[] = { 1, 3, 4, 5, 6 };
	uint32_t i;

	for (i = 0; !q->fork && i < QEMU_NR_SPIS; i++)
		declare_irq(q, i, true);
	if (!q->fork)
		return;
	for (i = 0; i < ARRAY_SIZE(edge); i++)
		declare_irq(q, edge[i], false);
	for (i = 0; i < ARRAY_SIZE(level); i++)
		declare_irq(q, level[i], true);
	for (i = 0x10; i <= 0x2f; i++)
		add_irqfd(q, i, false);
}

/* With a value, with a length only, with neither */
static void add_events(struct qemu *q)
{
	struct replay_ioeventfd ioeventfd[QEMU_NR_EVENTS] = {
		{ .addr = QEMU_EVENT(0), .len = 4, .flags = 1, .datamatch = 1 },
		{ .addr = QEMU_EVENT(1), .len = 2 },
		{ .addr = QEMU_EVENT(2) },
	};
	unsigned int i;

	for (i = 0; i < QEMU_NR_EVENTS; i++) {
		ioeventfd[i].fd = q->event[i];
		ioeventfd[i].padding = GARBAGE;
		gt_assert_eq(replay_add(q->r.vm, REPLAY_FN_IOEVENTFD, &ioeventfd[i], 32), 0);
	}
}

static void write_guest(struct qemu *q)
{
	const struct replay_range dtb = { QEMU_DTB, QEMU_DTB_SIZE };

	replay_load_guest(q->mem, q->r.nr_vcpus);
	q->dtb.nr_vcpus = q->r.nr_vcpus;
	q->dtb.base = REPLAY_RAM;
	q->dtb.size = QEMU_RAM_SIZE;
	dtb_qemu(q->mem + (QEMU_DTB - REPLAY_RAM), QEMU_DTB_SIZE, &q->dtb, q->fork);
	replay_must(q->r.vm, CALL_SET_DTB_CONFIG, &dtb);
}

static void wait_ready(struct qemu *q)
{
	pthread_mutex_lock(&q->r.lock);
	while (q->ready < q->r.nr_vcpus)
		pthread_cond_wait(&q->r.change, &q->r.lock);
	pthread_mutex_unlock(&q->r.lock);
}

static void configure_series(struct qemu *q)
{
	add_memory(q);
	replay_run(&q->r);
	wait_ready(q);
	add_irqs(q);
	add_events(q);
	write_guest(q);
}

/* Secondary vCPUs are entered before there is anything to enter */
static void configure_fork(struct qemu *q)
{
	const struct replay_boot_reg regs[] = {
		{ .reg = 0x100, .value = REPLAY_RAM }, { .reg = 0x0, .value = QEMU_DTB },
	};
	unsigned int i;
	long ret;

	add_memory(q);
	for (i = 0; i < q->r.nr_vcpus; i++)
		make_vcpu(q, &q->r.vcpu[i]);
	for (i = 1; i < q->r.nr_vcpus; i++)
		replay_run_vcpu(&q->r.vcpu[i]);
	add_irqs(q);
	write_guest(q);
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		ret = replay_call(q->r.vm, CALL_SET_BOOT_CONTEXT, &regs[i]);
		gt_assert(!ret || ret == -ENOTTY);
	}
}

void qemu_configure(struct qemu *q)
{
	q->dev = replay_open();
	q->r.vm = replay_must(q->dev, CALL_CREATE_VM, NULL);
	alloc_memory(q);
	if (q->fork)
		configure_fork(q);
	else
		configure_series(q);
}

long qemu_start(struct qemu *q)
{
	return replay_call(q->r.vm, CALL_VM_START, NULL);
}

void qemu_go(struct qemu *q)
{
	if (q->fork)
		replay_run_vcpu(&q->r.vcpu[0]);
	pthread_mutex_lock(&q->r.lock);
	q->go = true;
	pthread_cond_broadcast(&q->r.change);
	pthread_mutex_unlock(&q->r.lock);
}

void qemu_boot(struct qemu *q)
{
	long ret;

	qemu_configure(q);
	ret = qemu_start(q);
	if (ret)
		gt_fail("START: %s", strerror(-ret));
	qemu_go(q);
}

void qemu_ring(struct qemu *q, unsigned int i, uint64_t n)
{
	const struct dtb_irq *irq = &q->dtb.irq[i];

	/* The program would go on without it, and the guest wait for ever */
	gt_assert_eq(q->refused, 0);
	replay_do(&q->r, CMD_SPI_ENABLE, GUEST_SPI(irq->label), irq->level, 0, 0);
	gt_assert_eq(eventfd_write(q->irq_evt[i], 1), 0);
	gt_assert_eq(replay_do(&q->r, CMD_SPI_WAIT, GUEST_SPI(irq->label), n, 0, 0), n);
}

void qemu_close(struct qemu *q)
{
	unsigned int i;

	replay_close(&q->r);
	if (q->mem)
		munmap(q->mem, QEMU_RAM_SIZE);
	for (i = 0; i < QEMU_MAX_IRQS; i++)
		close(q->irq_evt[i]);
	for (i = 0; i < QEMU_NR_EVENTS; i++)
		close(q->event[i]);
	close(q->dev);
}
