// SPDX-License-Identifier: GPL-2.0-only
/*
 * crosvm with an unprotected guest, call by call (ABI tables, uapi 5.1).
 *
 * All of its memory is shared.  An open Resource Manager that is no debug build takes
 * lent images only: there crosvm gets as far as START.
 */
#include "harness.h"

#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "replay_crosvm.h"

#define PAGE	4096UL
/* Behind RAM, as crosvm places what is mapped into a running VM */
#define HOT	0x90000000UL

FIXTURE(crosvm) {
	struct gt_resources before;
	struct crosvm c;
};

FIXTURE_SETUP(crosvm)
{
	if (!gt_can_share())
		SKIP(return, "the Resource Manager takes lent images only");
	gt_resources(&self->before);
	crosvm_init(&self->c);
}

FIXTURE_TEARDOWN(crosvm)
{
	if (!gt_can_share())
		return;
	crosvm_close(&self->c);
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&self->before);
}

TEST_F(crosvm, power_off)
{
	crosvm_boot(&self->c);
	crosvm_exercise(&self->c);
	replay_end_by(&self->c.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
	/* What was shared is still there */
	EXPECT_EQ(memcmp(self->c.mem + self->c.payload + MAILBOX_OFFSET, "hayn", 4), 0);
}

TEST_F(crosvm, reset)
{
	crosvm_boot(&self->c);
	crosvm_exercise(&self->c);
	replay_end_by(&self->c.r, REPLAY_SYSTEM_RESET, END_RESET);
}

/* No stop of its own: threads are kicked out of RUN, then everything is closed */
TEST_F(crosvm, closed_while_it_runs)
{
	crosvm_boot(&self->c);
	crosvm_exercise(&self->c);
	/* Asleep for ever: nobody has this interrupt */
	replay_do(&self->c.r, CMD_SPI_ENABLE, GUEST_SPI(30), 0, 0, 0);
	replay_post(&self->c.r, CMD_SPI_WAIT, GUEST_SPI(30), 1, 0, 0);
	replay_wait_waiting(&self->c.r, CROSVM_NR_IRQS + 1);
	replay_stop(&self->c.r);
	replay_join(&self->c.r, END_STOPPED);
}

/* And goes on after signals that mean something else */
TEST_F(crosvm, kicked)
{
	struct replay *r = &self->c.r;
	unsigned int i, id;

	crosvm_boot(&self->c);
	for (i = 1; i <= 20; i++) {
		replay_post(r, CMD_SLEEP, 500, 0, 0, 0);
		for (id = 0; id < r->nr_vcpus; id++)
			pthread_kill(r->vcpu[id].thread, SIGRTMIN);
		EXPECT_EQ(replay_answer(r), i);
	}
	replay_end_by(&self->c.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* The exits that it knows are all there are, also if it may not lock any memory */
TEST_F(crosvm, all_of_ram_touched)
{
	const uint64_t size = crosvm_fdt_address(&self->c) - REPLAY_RAM - 0x100000;
	const struct rlimit none = { 0, 0 };

	if (gt_open_profile())
		SKIP(return, "memory is handed over as a whole, and pinned");
	ASSERT_EQ(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	crosvm_boot(&self->c);
	replay_do(&self->c.r, CMD_FILL, REPLAY_RAM + 0x100000, PAGE, size / PAGE, 1);
	EXPECT_EQ(replay_do(&self->c.r, CMD_CHECK, REPLAY_RAM + 0x100000, PAGE, size / PAGE, 1),
		  0);
	/* The host's changes and the guest's are the same memory */
	EXPECT_EQ(*(uint64_t *)(self->c.mem + 0x100000), 1);
	*(uint64_t *)(self->c.mem + 0x100000) = 77;
	EXPECT_EQ(replay_do(&self->c.r, CMD_READ, REPLAY_RAM + 0x100000, 8, 0, 0), 77);
	replay_end_by(&self->c.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* A second region, of a file that it may only read: no W */
TEST_F(crosvm, read_only_region)
{
	char *mem;

	if (gt_open_profile())
		SKIP(return, "the Resource Manager wants one region for all RAM");
	mem = mmap(NULL, 16 * PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(mem, MAP_FAILED);
	crosvm_configure(&self->c);
	ASSERT_EQ(crosvm_region(&self->c, false, HOT, mem, 16 * PAGE, 5), 0);
	replay_must(self->c.r.vm, CALL_VM_START, NULL);
	replay_run(&self->c.r);
	EXPECT_EQ(replay_do(&self->c.r, CMD_READ, HOT + 15 * PAGE, 8, 0, 0), 0);
	replay_end_by(&self->c.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
	munmap(mem, 16 * PAGE);
}

/* Of a device, while the VM runs: an error is the device's */
TEST_F(crosvm, mapping_added)
{
	char *mem;
	long ret;

	crosvm_boot(&self->c);
	mem = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(mem, MAP_FAILED);
	mem[PAGE] = 0x42;
	ret = crosvm_region(&self->c, false, HOT, mem, 2 * PAGE, 7);
	EXPECT_EQ(ret, gt_open_profile() ? -EOPNOTSUPP : 0);
	if (!ret) {
		EXPECT_EQ(replay_do(&self->c.r, CMD_READ, HOT + PAGE, 1, 0, 0), 0x42);
		replay_do(&self->c.r, CMD_WRITE, HOT, 4, 0x12345678, 0);
		EXPECT_EQ(*(uint32_t *)mem, 0x12345678);
		/* The address is taken; labels are not looked at */
		EXPECT_EQ(crosvm_region(&self->c, false, HOT, mem, PAGE, 7), -EEXIST);
		self->c.nr_regions = 0;
		EXPECT_EQ(crosvm_region(&self->c, false, HOT + 2 * PAGE, mem + 2 * PAGE, PAGE, 7),
			  0);
	}
	replay_end_by(&self->c.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
	munmap(mem, 3 * PAGE);
}

/* Inflate: RECLAIM_REGION, then a hole in the file; deflate: the guest just uses it */
TEST_F(crosvm, balloon)
{
	const struct replay_range range = { REPLAY_RAM + 0x100000, 4 * PAGE };
	struct crosvm *c = &self->c;
	long ret;

	crosvm_boot(c);
	replay_do(&c->r, CMD_FILL, range.gpa, PAGE, 5, 1);
	ret = replay_call(c->r.vm, CALL_RECLAIM_REGION, &range);
	EXPECT_EQ(ret, gt_open_profile() ? -EOPNOTSUPP : 0);
	if (!ret) {
		ASSERT_EQ(madvise(c->mem + 0x100000, range.size, MADV_REMOVE), 0);
		EXPECT_EQ(replay_do(&c->r, CMD_READ, range.gpa, 8, 0, 0), 0);
		EXPECT_EQ(replay_do(&c->r, CMD_READ, range.gpa + 4 * PAGE, 8, 0, 0), 5);
	} else {
		EXPECT_EQ(replay_do(&c->r, CMD_CHECK, range.gpa, PAGE, 5, 1), 0);
	}
	replay_end_by(&c->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* Devices that go: irqfds by nothing but the label, ioeventfds by the address */
TEST_F(crosvm, device_removed)
{
	const uint32_t intid = GUEST_SPI(crosvm_irqs[CROSVM_IRQ_VIRTIO].label);
	struct replay_irqfd irqfd = { .label = crosvm_irqs[CROSVM_IRQ_VIRTIO].label };
	struct replay_ioeventfd queue = {};
	struct crosvm *c = &self->c;
	unsigned int i;

	crosvm_boot(c);
	EXPECT_EQ(replay_remove(c->r.vm, REPLAY_FN_IRQFD, &irqfd, 16), 0);
	EXPECT_EQ(replay_remove(c->r.vm, REPLAY_FN_IRQFD, &irqfd, 16), -ENOENT);
	for (i = 0; i < CROSVM_NR_QUEUES; i++) {
		queue.addr = CROSVM_QUEUE(2 * i);
		EXPECT_EQ(replay_remove(c->r.vm, REPLAY_FN_IOEVENTFD, &queue, 32), 0);
		EXPECT_EQ(replay_remove(c->r.vm, REPLAY_FN_IOEVENTFD, &queue, 32), -ENOENT);
		replay_do(&c->r, CMD_WRITE, queue.addr, crosvm_queue_len[i] ?: 4, 0x10 + i, 0);
		EXPECT_EQ(replay_signals(c->queue_evt[i]), 0);
		EXPECT_EQ(c->r.last_data, 0x10 + i);
	}
	/* The next device gets the same ones */
	ASSERT_EQ(crosvm_irq(c, CROSVM_IRQ_VIRTIO), 0);
	crosvm_queues(c);
	replay_do(&c->r, CMD_SPI_ENABLE, intid, 1, 0, 0);
	eventfd_write(c->irq_evt[CROSVM_IRQ_VIRTIO], 1);
	EXPECT_EQ(replay_do(&c->r, CMD_SPI_WAIT, intid, 1, 0, 0), 1);
	replay_do(&c->r, CMD_WRITE, CROSVM_QUEUE(0), 4, 0, 0);
	EXPECT_EQ(replay_signals(c->queue_evt[0]), 1);
	replay_end_by(&c->r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
}

/* Every errno of START ends crosvm; the next one starts as if nothing had been */
TEST_F(crosvm, starts_again)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		crosvm_boot(&self->c);
		crosvm_exercise(&self->c);
		replay_end_by(&self->c.r, REPLAY_SYSTEM_OFF, END_SHUTDOWN);
		EXPECT_EQ(replay_call(self->c.r.vm, CALL_VM_START, NULL), -ENODEV);
		crosvm_close(&self->c);
		crosvm_init(&self->c);
	}
}

/* ---- what does not need a guest ---- */

/* Before anything else: is the tentative interface there, and lending? */
TEST(older_probe)
{
	int dev = replay_open();

	EXPECT_EQ(replay_call(dev, CALL_TENTATIVE_UAPI, REPLAY_VALUE(1)), 0);
	EXPECT_EQ(replay_call(dev, CALL_TENTATIVE_UAPI, REPLAY_VALUE(2)), 0);
	close(dev);
}

/* What decides on no-timer-wakeups: yes, or no; 1 only for this one */
TEST(check_extension)
{
	struct crosvm c;
	long ret;

	crosvm_init(&c);
	crosvm_create(&c);
	ret = replay_call(c.r.vm, CALL_CHECK_EXTENSION, NULL);
	EXPECT_TRUE(ret == 0 || ret == 1);
	if (gt_open_profile())
		EXPECT_EQ(ret, 0);
	EXPECT_EQ(replay_call(c.r.vm, CALL_CHECK_EXTENSION, REPLAY_VALUE(1)), 0);
	crosvm_close(&c);
}

/*
 * With a value to match it sends 2 for the flag, which is EINVAL: its caller takes the
 * error for one, nothing is added, and the address is free.
 */
TEST(datamatch)
{
	struct replay_ioeventfd queue = {
		.datamatch = 3, .addr = CROSVM_QUEUE(0), .len = 2, .flags = 2,
	};
	struct crosvm c;

	crosvm_init(&c);
	crosvm_create(&c);
	queue.fd = c.queue_evt[0];
	EXPECT_EQ(replay_add(c.r.vm, REPLAY_FN_IOEVENTFD, &queue, 32), -EINVAL);
	EXPECT_EQ(replay_remove(c.r.vm, REPLAY_FN_IOEVENTFD, &queue, 32), -ENOENT);
	EXPECT_EQ(crosvm_queue(&c, 0), 0);
	crosvm_close(&c);
}

/* ---- what the Resource Manager cannot do ---- */

/* The kernel behind the start of RAM, and nobody who can be told: fatal before START */
TEST(payload_behind_start)
{
	struct crosvm c;

	if (gt_has_boot_context())
		SKIP(return, "the Resource Manager sets boot registers");
	crosvm_init(&c);
	crosvm_create(&c);
	crosvm_memory(&c);
	crosvm_vcpus(&c);
	crosvm_irqs_all(&c);
	crosvm_fdt(&c);
	c.payload = 0x80000;
	EXPECT_EQ(crosvm_payload(&c), -ENOTTY);
	c.payload = 0;
	EXPECT_TRUE(crosvm_payload(&c) == 0 || crosvm_payload(&c) == -ENOTTY);
	crosvm_close(&c);
}

/* Refused at START, fatal for crosvm; nothing may stay behind */
TEST(share_refused)
{
	struct gt_resources before;
	struct crosvm c;

	if (gt_can_share())
		SKIP(return, "the Resource Manager takes shared images");
	gt_resources(&before);
	crosvm_init(&c);
	crosvm_configure(&c);
	EXPECT_LT(replay_call(c.r.vm, CALL_VM_START, NULL), 0);
	EXPECT_EQ(replay_call(c.r.vm, CALL_VM_START, NULL), -ENODEV);
	/* The vCPU was there already when the start failed (uapi 4.1) */
	EXPECT_EQ(replay_call(c.r.vcpu[0].fd, CALL_VCPU_RUN, NULL), 0);
	EXPECT_EQ(c.r.vcpu[0].run->exit_reason, REPLAY_EXIT_STATUS);
	EXPECT_EQ(c.r.vcpu[0].run->status.status, REPLAY_STATUS_LOAD_FAILED);
	crosvm_close(&c);
	EXPECT_EQ(gt_locked_kib(), 0);
	gt_expect_resources(&before);
}

TEST_HARNESS_MAIN
