// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Doorbells (ABI tables, hypercall 5) with a receiver in the host and one in a
 * guest; interrupts and their numbers.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "obj/doorbell.h"
#include "obj/vgic.h"
#include "obj/vm.h"
#include "tests/test.h"

#define HOST_IRQ	FAKE_VIRQ_FIRST
#define SPI		40
#define GICD		0x3ffb0000ULL
#define GICD_ICFGR	0xc00
#define GICD_ISPENDR	0x200

static struct doorbell bell;
static struct vm vm;

static void host_bell(void)
{
	doorbell_init(&bell);
	bell.virq.intid = HOST_IRQ;
}

static u32 host_irqs(void)
{
	u32 n = fake.irqs[HOST_IRQ];

	fake.irqs[HOST_IRQ] = 0;
	return n;
}

static u64 send(u64 flags)
{
	u64 old = 0xbad;

	EXPECT_EQ(doorbell_send(&bell, flags, &old), 0);
	return old;
}

static u64 receive(u64 clear)
{
	u64 old = 0xbad;

	EXPECT_EQ(doorbell_receive(&bell, clear, &old), 0);
	return old;
}

TEST(flags_accumulate)
{
	u64 old;

	host_bell();
	EXPECT_EQ(send(5), 0);
	EXPECT_EQ(send(2), 5);
	EXPECT_EQ(send(0), 7);
	EXPECT_EQ(send(BIT(63)), 7);
	EXPECT_EQ(host_irqs(), 4);
	EXPECT_EQ(doorbell_receive(&bell, 0, &old), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(receive(6), BIT(63) | 7);
	EXPECT_EQ(receive(~0ULL), BIT(63) | 1);
	EXPECT_EQ(receive(~0ULL), 0);
	EXPECT_EQ(host_irqs(), 0);
}

TEST(ack_clears_at_once)
{
	host_bell();
	EXPECT_EQ(doorbell_mask(&bell, 1, 1), 0);
	EXPECT_EQ(host_irqs(), 0);
	EXPECT_EQ(send(1), 0);
	EXPECT_EQ(host_irqs(), 1);
	EXPECT_EQ(send(0), 0);
	/* What is not enabled stays, and is no reason to acknowledge anything */
	EXPECT_EQ(send(2), 0);
	EXPECT_EQ(send(0), 2);
	/* An edge reaches the receiver even so */
	EXPECT_EQ(host_irqs(), 3);
	EXPECT_EQ(send(1), 2);
	EXPECT_EQ(send(0), 2);
}

TEST(mask_asserts_what_waits)
{
	host_bell();
	EXPECT_EQ(doorbell_mask(&bell, 0, 0), 0);
	send(6);
	host_irqs();
	/* Not asserted before, nothing of it enabled now */
	EXPECT_EQ(doorbell_mask(&bell, 1, 4), 0);
	EXPECT_EQ(host_irqs(), 0);
	EXPECT_EQ(bell.flags, 6);
	/* Becomes asserted: interrupt and acknowledgement */
	EXPECT_EQ(doorbell_mask(&bell, 3, 2), 0);
	EXPECT_EQ(host_irqs(), 1);
	EXPECT_EQ(bell.flags, 4);
	/* Stays asserted: acknowledged without another interrupt */
	EXPECT_EQ(doorbell_mask(&bell, ~0ULL, 0), 0);
	host_irqs();
	EXPECT_EQ(doorbell_mask(&bell, 4, 4), 0);
	EXPECT_EQ(host_irqs(), 0);
	EXPECT_EQ(bell.flags, 0);
}

TEST(reset)
{
	host_bell();
	EXPECT_EQ(doorbell_mask(&bell, 2, 4), 0);
	send(8);
	EXPECT_EQ(doorbell_reset(&bell), 0);
	EXPECT_EQ(bell.flags, 0);
	EXPECT_EQ(bell.enable_mask, ~0ULL);
	EXPECT_EQ(bell.ack_mask, 0);
	EXPECT_EQ(bell.virq.intid, HOST_IRQ);
}

TEST(a_level_of_the_host_gets_no_edges)
{
	host_bell();
	bell.level = true;
	EXPECT_EQ(doorbell_mask(&bell, 1, 0), 0);
	send(2);
	EXPECT_EQ(host_irqs(), 0);
	EXPECT(!doorbell_level(&bell));
	send(1);
	EXPECT_EQ(host_irqs(), 1);
	EXPECT(doorbell_level(&bell));
	receive(1);
	EXPECT(!doorbell_level(&bell));
}

TEST(without_interrupt)
{
	doorbell_init(&bell);
	EXPECT_EQ(send(1), 0);
	EXPECT_EQ(doorbell_mask(&bell, 0, 0), 0);
	EXPECT_EQ(doorbell_reset(&bell), 0);
}

/* -- In a guest ----------------------------------------------------------- */

static bool resample(struct vm *of, u32 intid)
{
	return doorbell_level(&bell);
}

static void kick(struct vm *of, unsigned int vcpu)
{
}

static void guest_bell(bool edge)
{
	u64 val = edge ? 2U << (SPI % 16 * 2) : 0;

	vgic_init(&vm.vgic, &vm, 1, 4);
	vm.vgic.gicd_base = GICD;
	vm.vgic.kick = kick;
	vm.vgic.resample = resample;
	EXPECT(vgic_mmio(&vm.vgic, 0, GICD + GICD_ICFGR + SPI / 16 * 4, 4, true, &val));
	doorbell_init(&bell);
	bell.virq = (struct virq){ .vm = &vm, .intid = SPI };
	bell.level = !edge;
}

static bool guest_pending(void)
{
	u64 val = 0;

	EXPECT(vgic_mmio(&vm.vgic, 0, GICD + GICD_ISPENDR + SPI / 32 * 4, 4, false, &val));
	return val & BIT(SPI % 32);
}

TEST(guest_level_follows_the_masks)
{
	guest_bell(false);
	EXPECT(!guest_pending());
	/* Nothing enabled: a level does not see it */
	EXPECT_EQ(doorbell_mask(&bell, 0, 0), 0);
	send(1);
	EXPECT(!guest_pending());
	EXPECT_EQ(doorbell_mask(&bell, 1, 0), 0);
	EXPECT(guest_pending());
	EXPECT_EQ(doorbell_mask(&bell, 2, 0), 0);
	EXPECT(!guest_pending());
	send(2);
	EXPECT(guest_pending());
	EXPECT_EQ(doorbell_reset(&bell), 0);
	EXPECT(!guest_pending());
}

/* The guest's own configuration counts: an edge comes even if nothing is enabled */
TEST(guest_edge_comes_without_enabled_flags)
{
	guest_bell(true);
	EXPECT_EQ(doorbell_mask(&bell, 0, 0), 0);
	EXPECT(!guest_pending());
	send(0);
	EXPECT(guest_pending());
}

/* -- Numbers for the host ------------------------------------------------- */

TEST(host_interrupt_numbers)
{
	unsigned int n, nr = FAKE_VIRQ_LAST - FAKE_VIRQ_FIRST + 1;

	for (n = 0; n < nr; n++)
		EXPECT_EQ(host_virq_alloc(), FAKE_VIRQ_FIRST + n);
	EXPECT_EQ(host_virq_alloc(), 0);
	EXPECT_EQ(host_virq_used(), nr);
	host_virq_free(FAKE_VIRQ_FIRST + 5);
	EXPECT_PANIC(host_virq_free(FAKE_VIRQ_FIRST + 5));
	EXPECT_EQ(host_virq_alloc(), FAKE_VIRQ_FIRST + 5);
	for (n = 0; n < nr; n++)
		host_virq_free(FAKE_VIRQ_FIRST + n);
	EXPECT_EQ(host_virq_used(), 0);
	EXPECT_PANIC(host_virq_free(FAKE_VIRQ_FIRST));
	EXPECT_PANIC(host_virq_free(0));
	EXPECT_PANIC(host_virq_free(5000));
}
