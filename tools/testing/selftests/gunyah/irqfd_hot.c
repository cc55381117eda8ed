// SPDX-License-Identifier: GPL-2.0-only
/*
 * irqfds and ioeventfds that come and go while the guest runs and uses them: nothing is
 * lost, nothing comes twice.
 */
#include "harness.h"

#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LABEL	4
#define CHANGES	200

/* ---- irqfd ---- */

struct ringer {
	pthread_t thread;
	int evt;
	atomic_bool stop;
};

static void *keep_ringing(void *arg)
{
	struct ringer *r = arg;

	while (!atomic_load(&r->stop))
		gt_assert_eq(eventfd_write(r->evt, 1), 0);
	return NULL;
}

FIXTURE(irqfd_hot) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	struct ringer ringer;
};

FIXTURE_VARIANT(irqfd_hot) {
	enum guest_test guest;
	bool level;
};

FIXTURE_VARIANT_ADD(irqfd_hot, edge) { .guest = GUEST_spi, .level = false };
FIXTURE_VARIANT_ADD(irqfd_hot, level) { .guest = GUEST_spi, .level = true };
FIXTURE_VARIANT_ADD(irqfd_hot, edge_busy) { .guest = GUEST_spi_poll, .level = false };

FIXTURE_SETUP(irqfd_hot)
{
	struct gt_vm *vm = &self->vm;

	self->ringer.evt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	gt_vm_init(vm, variant->guest);
	gt_vm_add_bell(vm, LABEL, variant->level);
	vm->arg[0] = GUEST_SPI(LABEL);
	vm->arg[1] = variant->level;
	vm->arg[2] = ~0ULL;
	self->vcpu = &vm->vcpu[0];
	gt_vm_boot(vm);
	gt_thread_start(self->vcpu);
	gt_wait_stages(self->vcpu, 1);
}

FIXTURE_TEARDOWN(irqfd_hot)
{
	gt_thread_stop(self->vcpu);
	gt_vm_close(&self->vm);
	close(self->ringer.evt);
}

static uint64_t stages(struct gt_vcpu *vcpu)
{
	uint64_t stages;

	pthread_mutex_lock(&vcpu->vm->lock);
	stages = vcpu->stages;
	pthread_mutex_unlock(&vcpu->vm->lock);
	return stages;
}

TEST_F(irqfd_hot, under_load)
{
	uint32_t flags = variant->level ? GUNYAH_IRQFD_FLAGS_LEVEL : 0;
	int vm = self->vm.fd, i;

	/* The counter may be left anywhere below its end: writes are never refused then */
	ASSERT_EQ(pthread_create(&self->ringer.thread, NULL, keep_ringing, &self->ringer), 0);
	for (i = 0; i < CHANGES; i++) {
		ASSERT_EQ(__gt_irqfd(vm, self->ringer.evt, LABEL, flags), 0);
		ASSERT_EQ(__gt_irqfd(vm, self->ringer.evt, LABEL, flags), -EEXIST);
		ASSERT_EQ(__gt_remove_irqfd(vm, LABEL), 0);
	}
	atomic_store(&self->ringer.stop, true);
	ASSERT_EQ(pthread_join(self->ringer.thread, NULL), 0);
}

/*
 * One signal for each time without an irqfd: each is in the counter when the next irqfd
 * is added, and each arrives.
 */
TEST_F(irqfd_hot, signal_in_between)
{
	uint32_t flags = variant->level ? GUNYAH_IRQFD_FLAGS_LEVEL : 0;
	int vm = self->vm.fd, evt = self->ringer.evt, i;
	uint64_t before;

	for (i = 0; i < CHANGES / 10; i++) {
		before = stages(self->vcpu);
		ASSERT_EQ(eventfd_write(evt, 1), 0);
		EXPECT_EQ(stages(self->vcpu), before);
		ASSERT_EQ(__gt_irqfd(vm, evt, LABEL, flags), 0);
		gt_wait_stages(self->vcpu, before + 1);
		ASSERT_EQ(__gt_remove_irqfd(vm, LABEL), 0);
	}
	EXPECT_EQ(self->vcpu->last_stage, i);
}

/* ---- ioeventfd ---- */

#define WRITES	3000

static atomic_ulong exits;

static void count_exit(struct gt_vcpu *vcpu)
{
	gt_assert(vcpu->run->mmio.is_write);
	gt_assert_eq(vcpu->run->mmio.phys_addr, DEV_BASE);
	atomic_fetch_add(&exits, 1);
}

/* Each write of the guest is signalled or exits, and never both */
TEST(ioeventfd_under_load)
{
	int evt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), changes = 0;
	eventfd_t signalled = 0;
	struct gt_vcpu *vcpu;
	struct gt_vm vm;
	bool ended;

	gt_vm_init(&vm, GUEST_smp_mmio);
	vm.arg[0] = WRITES;
	vm.mmio = count_exit;
	vcpu = &vm.vcpu[0];
	gt_vm_boot(&vm);
	gt_thread_start(vcpu);
	do {
		ASSERT_EQ(__gt_ioeventfd(vm.fd, evt, DEV_BASE, changes & 1 ? 8 : 0, 0, 0), 0);
		ASSERT_EQ(__gt_remove_ioeventfd(vm.fd, DEV_BASE, 0, 0, 0), 0);
		changes++;
		pthread_mutex_lock(&vm.lock);
		ended = vcpu->ended;
		pthread_mutex_unlock(&vm.lock);
	} while (!ended);
	gt_threads_join(&vm, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
	eventfd_read(evt, &signalled);
	TH_LOG("%d changes, %lu exits, %lu signals", changes, exits, (unsigned long)signalled);
	EXPECT_EQ(exits + signalled, WRITES);
	EXPECT_GT(exits, 0);
	EXPECT_GT(signalled, 0);
	gt_vm_close(&vm);
	close(evt);
}

TEST_HARNESS_MAIN
