// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile guest: reaches for memory of the hypervisor, of the host, of another
 * guest and of devices, and calls whatever has a number.  The other guest looks
 * after its memory at the same time.
 */
#include "harness.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "iso.h"

FIXTURE(hostile) {
	struct gt_vm victim;
	struct gt_vm vm;
	char *own;		/* memory of the host, which stays as it is */
	uint64_t stub;
	long warnings;
	long aborts;
};

static void start_victim(FIXTURE_DATA(hostile) *self)
{
	gt_vm_init(&self->victim, GUEST_patrol);
	self->victim.kind = GT_LEND;
	self->victim.arg[3] = 0x76696374696d;
	gt_vm_boot(&self->victim);
	gt_threads_start(&self->victim);
	gt_wait_stages(&self->victim.vcpu[0], 1);
}

FIXTURE_SETUP(hostile)
{
	struct iso_range stub[4];

	ASSERT_GE(iso_stub_ranges(stub, ARRAY_SIZE(stub)), 1);
	self->stub = stub[0].base;
	self->own = gt_alloc(64 * ISO_PAGE);
	memset(self->own, 0x77, 64 * ISO_PAGE);
	start_victim(self);
	self->warnings = gt_stub_stat("warnings");
	self->aborts = gt_stub_stat("host_aborts");
}

/* Who looks after its memory has gone through it once more since the attack */
FIXTURE_TEARDOWN(hostile)
{
	struct gt_vcpu *vcpu = &self->victim.vcpu[0];
	unsigned int i;

	gt_wait_stages(vcpu, vcpu->stages + 2);
	gt_thread_stop(vcpu);
	gt_vm_close(&self->victim);
	for (i = 0; i < 64 * ISO_PAGE; i++)
		gt_assert_eq(self->own[i], 0x77);
	EXPECT_EQ(gt_stub_stat("warnings"), self->warnings);
	EXPECT_EQ(gt_stub_stat("host_aborts"), self->aborts);
}

/* A guest's single loads and stores below 1 GiB are the host's business: zero */
static enum gt_event next_but_mmio(struct gt_vcpu *vcpu)
{
	enum gt_event event;

	while ((event = gt_next(vcpu)) == GT_EV_MMIO)
		if (!vcpu->run->mmio.is_write)
			gt_set_mmio_data(vcpu->run, 0);
	return event;
}

static void attack(FIXTURE_DATA(hostile) *self, enum guest_test test, const char *what,
		   uint64_t seed)
{
	uint64_t victim_pa = iso_phys((char *)self->victim.ram + 0x100000);
	struct gt_vm *vm = &self->vm;
	struct gt_vcpu *vcpu = &vm->vcpu[0];
	uint64_t attempts;

	gt_vm_init(vm, test);
	vm->kind = GT_LEND;
	vm->arg[0] = self->stub;
	vm->arg[1] = victim_pa;
	vm->arg[2] = seed ?: iso_phys(self->own);
	gt_vm_boot(vm);
	gt_assert_eq(next_but_mmio(vcpu), GT_EV_SYNC);
	attempts = vcpu->value;
	gt_assert_eq(next_but_mmio(vcpu), GT_EV_SYNC);
	printf("# %s: %llu attempts, %llu succeeded\n", what, (unsigned long long)attempts,
	       (unsigned long long)vcpu->value);
	gt_assert(attempts > 0);
	gt_assert_eq(vcpu->value, 0);
	gt_expect_off(vcpu);
	gt_vm_close(vm);
}

TEST_F(hostile, reach)
{
	attack(self, GUEST_hostile_reach, "accesses of a guest", 0);
}

TEST_F(hostile, calls)
{
	attack(self, GUEST_hostile_calls, "calls of a guest", 0x5eed);
	attack(self, GUEST_hostile_calls, "calls of a guest", 0xfeed);
}

TEST_F(hostile, psci)
{
	attack(self, GUEST_hostile_psci, "PSCI calls of a guest", 0);
}

TEST_F(hostile, pages)
{
	attack(self, GUEST_hostile_pages, "claims of a guest", 0);
}

TEST_HARNESS_MAIN
