// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runtime of the test guests: identity map, exceptions, dispatch.
 */
#include "guest.h"

#define FILE_NR 1

#define PTE_BLOCK		1UL
#define PTE_NORMAL		(0UL << 2)
#define PTE_DEVICE		(1UL << 2)
#define PTE_INNER_SHAREABLE	(3UL << 8)
#define PTE_AF			(1UL << 10)
#define MAIR			0x04ff		/* 0: write-back, 1: device nGnRE */
/* 39 bits, 4 KiB granule, walks not cached, as the table is written that way */
#define TCR			((64UL - 39) | (3UL << 12) | (1UL << 23))
#define SCTLR_M			(1UL << 0)
#define SCTLR_C			(1UL << 2)
#define SCTLR_I			(1UL << 12)

static u64 page_table[512] __attribute__((aligned(4096)));
static struct percpu percpus[GUEST_MAX_VCPUS];

struct percpu *cpu_data(u64 index)
{
	return &percpus[index];
}

/* The first GiB is devices, all else memory; the MMU is still off */
static void build_page_table(void)
{
	volatile u64 *table = page_table;
	u64 i;

	table[0] = PTE_BLOCK | PTE_DEVICE | PTE_AF;
	for (i = 1; i < 512; i++)
		table[i] = i << 30 | PTE_BLOCK | PTE_NORMAL | PTE_INNER_SHAREABLE | PTE_AF;
	dsb();
}

static void mmu_on(void)
{
	u64 ips = read_sysreg(id_aa64mmfr0_el1) & 0xf;

	if (ips > 5)
		ips = 5;
	write_sysreg(MAIR, mair_el1);
	write_sysreg(TCR | ips << 32, tcr_el1);
	write_sysreg((u64)page_table, ttbr0_el1);
	isb();
	asm volatile("tlbi vmalle1; dsb nsh; isb" ::: "memory");
	write_sysreg(read_sysreg(sctlr_el1) | SCTLR_M | SCTLR_C | SCTLR_I, sctlr_el1);
	isb();
}

void guest_fail(u64 where, u64 found, u64 wanted)
{
	ctl_write(CTL_FAIL_A, found);
	ctl_write(CTL_FAIL_B, wanted);
	for (;;)
		ctl_write(CTL_FAIL, where);
}

void guest_sync(struct frame *frame)
{
	struct percpu *cpu = this_cpu();

	cpu->esr = read_sysreg(esr_el1);
	cpu->far = read_sysreg(far_el1);
	if (!cpu->expect_abort)
		guest_fail((u64)FILE_NR << 32 | __LINE__, cpu->esr, frame->elr);
	cpu->expect_abort = false;
	frame->elr = cpu->resume ?: frame->elr + 4;
}

void guest_bad_vector(struct frame *frame)
{
	guest_fail((u64)FILE_NR << 32 | __LINE__, read_sysreg(esr_el1), frame->elr);
}

u64 hvc(u64 fn, u64 a1, u64 a2, u64 a3)
{
	register u64 x0 asm("x0") = fn;
	register u64 x1 asm("x1") = a1;
	register u64 x2 asm("x2") = a2;
	register u64 x3 asm("x3") = a3;

	asm volatile("hvc #0" : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3) ::
		     "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
		     "x13", "x14", "x15", "x16", "x17", "memory");
	return x0;
}

u64 load(u64 addr, u64 size)
{
	switch (size) {
	case 1: return readb(addr);
	case 2: return readw(addr);
	case 4: return readl(addr);
	default: return readq(addr);
	}
}

void store(u64 addr, u64 size, u64 val)
{
	switch (size) {
	case 1: return writeb(addr, val);
	case 2: return writew(addr, val);
	case 4: return writel(addr, val);
	default: return writeq(addr, val);
	}
}

/* A switch, because a table would hold absolute addresses */
#define GUEST_CASE(name) case GUEST_##name: guest_##name(); break;
static void run_test(void)
{
	switch (mailbox.test) {
	GUEST_TESTS(GUEST_CASE)
	default:
		guest_fail((u64)FILE_NR << 32 | __LINE__, mailbox.test, GUEST_NR_TESTS);
	}
}

void cpu_main(u64 index)
{
	struct percpu *cpu = &percpus[index];

	if (!index)
		build_page_table();
	mmu_on();
	cpu->index = index;
	write_sysreg((u64)cpu, tpidr_el1);
	if (index) {
		guest_secondary(index);
		psci_cpu_off();
	} else {
		run_test();
		guest_done();
		psci_system_off();
	}
}

/* The compiler may call these */
void *memset(void *dst, int c, unsigned long n)
{
	volatile u8 *p = dst;

	while (n--)
		*p++ = c;
	return dst;
}

void *memcpy(void *dst, const void *src, unsigned long n)
{
	volatile u8 *d = dst;
	const u8 *s = src;

	while (n--)
		*d++ = *s++;
	return dst;
}
