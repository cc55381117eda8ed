// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * A level doorbell of which the host hears when the guest is done with it: the EOI
 * interrupt, and the line while the host takes its time (hypercall 5).
 */
#include <linux/gunyah/abi/hypercall.h>

#include "tests/hcall_env.h"

#define SPI	40
#define FLAG	1

static struct vm_doorbell *bell;
static struct vgic_cpu *cpu;

/* A level bell at SPI 40 with EOI interrupt, enabled in the guest */
static void setup(void)
{
	env_init();
	env_vm = vm_create(0x80);
	if (!env_vm)
		__builtin_trap();
	EXPECT_EQ(vm_add_vcpu(env_vm, true), 0);
	EXPECT_EQ(vm_add_doorbell(env_vm, 1, false, true, SPI, true, &bell), 0);
	EXPECT_EQ(vm_add_bell_eoi(bell), 0);
	vm_start(env_vm, 0x80000000, 0);
	env_vm->vgic.ctlr = BIT(1);
	env_vm->vgic.cpu[0].waker = 0;
	env_vm->vgic.spi[SPI - 32].enabled = 1;
	cpu = &env_vm->vgic.cpu[0];
}

static u64 call(u64 num, u64 a1, u64 a2)
{
	u64 x[HCALL_REGS] = { GUNYAH_SMCCC_ID(num), bell->host_cap, a1, a2 };

	hcall_handle(&env_host, false, 0, x);
	EXPECT_EQ(x[0], GUNYAH_ERR_OK);
	return x[1];
}

static void mask(u64 enable, u64 ack)
{
	call(GUNYAH_HC_DOORBELL_MASK, enable, ack);
}

static void send(void)
{
	call(GUNYAH_HC_DOORBELL_SEND, FLAG, 0);
}

static u64 receive(void)
{
	return call(GUNYAH_HC_DOORBELL_RECEIVE, FLAG, 0);
}

static u32 eois(void)
{
	u32 n = fake.irqs[bell->host_virq];

	fake.irqs[bell->host_virq] = 0;
	return n;
}

/* The guest is entered: is the interrupt there to be taken? */
static bool offered(void)
{
	vgic_flush(&env_vm->vgic, 0);
	return cpu->lr[0] & LR_PENDING;
}

static void leave(u64 state)
{
	cpu->lr[0] = (cpu->lr[0] & ~(LR_PENDING | LR_ACTIVE)) | state;
	vgic_sync(&env_vm->vgic, 0);
}

TEST(host_hears_of_each_eoi)
{
	setup();
	mask(FLAG, 0);
	EXPECT(!offered());
	send();
	EXPECT_EQ(eois(), 0);
	EXPECT(offered());
	EXPECT(cpu->lr[0] & LR_EOI);
	/* Taken, not ended */
	leave(LR_ACTIVE);
	EXPECT_EQ(eois(), 0);
	EXPECT(!offered());
	EXPECT(cpu->lr[0] & LR_EOI);
	leave(0);
	EXPECT_EQ(eois(), 1);
	/* The flag is still set: pending again at once, until the host has received */
	EXPECT(offered());
	leave(0);
	EXPECT_EQ(eois(), 1);
	EXPECT(offered());
	leave(LR_PENDING);
	EXPECT_EQ(eois(), 0);
	EXPECT_EQ(receive(), FLAG);
	EXPECT(!offered());
	leave(0);
	EXPECT_EQ(eois(), 0);
}

TEST(receive_lowers_the_line_at_once)
{
	setup();
	mask(FLAG, 0);
	send();
	EXPECT(offered());
	/* Loaded on another CPU: that has to come back for it */
	env_vm->vcpus[0]->running = true;
	env_vm->vcpus[0]->cpu = 3;
	EXPECT_EQ(receive(), FLAG);
	EXPECT_EQ(fake.kicks[3], 1);
	env_vm->vcpus[0]->running = false;
	leave(LR_PENDING);
	EXPECT(!offered());
	leave(0);
	/* Of two flags one is left */
	mask(3, 0);
	call(GUNYAH_HC_DOORBELL_SEND, 3, 0);
	EXPECT_EQ(receive(), 3);
	EXPECT(offered());
	leave(LR_PENDING);
	EXPECT_EQ(call(GUNYAH_HC_DOORBELL_RECEIVE, 2, 0), 2);
	EXPECT(!offered());
}

/* What is acknowledged when it is raised stays raised until the guest is done */
TEST(receive_of_what_is_acknowledged)
{
	setup();
	mask(FLAG, FLAG);
	send();
	EXPECT_EQ(receive(), 0);
	EXPECT(offered());
	leave(LR_ACTIVE);
	EXPECT(!offered());
	leave(0);
	EXPECT_EQ(eois(), 1);
	EXPECT(!offered());
}

TEST(deactivated_by_software)
{
	u64 gicd = 0x30000000, value = BIT(SPI % 32);

	setup();
	vm_set_gic(env_vm, gicd, 0x30020000, 0x20000);
	mask(FLAG, 0);
	send();
	EXPECT(offered());
	leave(LR_ACTIVE);
	EXPECT(vgic_mmio(&env_vm->vgic, 0, gicd + 0x384, 4, true, &value));
	EXPECT_EQ(eois(), 1);
	EXPECT(offered());
}

/* The guest makes an edge of it: what it ends then is no state of the line */
TEST(an_edge_is_not_told)
{
	setup();
	env_vm->vgic.spi[SPI - 32].edge = 1;
	send();
	EXPECT(offered());
	leave(0);
	EXPECT_EQ(eois(), 0);
}

TEST(interrupts_go_back)
{
	unsigned int used;

	env_init();
	used = host_virq_used();
	setup();
	EXPECT_EQ(host_virq_used(), used + 2);
	vm_destroy(env_vm);
	EXPECT_EQ(host_virq_used(), used);
}

TEST(none_left)
{
	struct vm_doorbell *other;

	setup();
	EXPECT_EQ(vm_add_doorbell(env_vm, 2, false, true, 0, true, &other), 0);
	while (host_virq_alloc())
		;
	EXPECT_EQ(vm_add_bell_eoi(other), GUNYAH_ERR_NORESOURCES);
	EXPECT_EQ(other->host_virq, 0);
}
