// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that reaches for what is not its own: memory, hypercalls, PSCI.  It
 * counts attempts that got through, and those that were made.
 */
#include "guest.h"

#define FILE_NR 7

#define GIB		(1UL << 30)
#define PAGE		4096UL
/* One read-only page that the hypervisor may put there (ABI tables, hypercall 7.3) */
#define INFO_PAGE	GIB

static u64 attempts, successes;

static void attempt(bool succeeded)
{
	attempts++;
	successes += succeeded;
}

static bool is_own(u64 addr)
{
	return addr - GUEST_RAM_BASE < mailbox.ram_size;
}

/* ---- accesses ---- */

/* True if the access went through; @insn uses @addr, and may destroy X9 to X12 */
#define TRY(insn, addr) ({							\
	struct percpu *__c = this_cpu();					\
	__c->expect_abort = true;						\
	asm volatile(insn :: "r" (addr) : "x9", "x10", "x11", "x12", "memory");	\
	dsb();									\
	bool __through = __c->expect_abort;					\
	__c->expect_abort = false;						\
	__through; })

static bool try_exec(u64 addr)
{
	struct percpu *cpu = this_cpu();
	bool through;

	cpu->expect_abort = true;
	asm volatile("adr	x9, 1f\n"
		     "str	x9, [%1]\n"
		     "blr	%0\n"
		     "1:" :: "r" (addr), "r" (&cpu->resume) :
		     "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x30", "memory");
	through = cpu->expect_abort;
	cpu->expect_abort = false;
	cpu->resume = 0;
	return through;
}

/*
 * Below 1 GiB, single loads and stores are the business of the host's program: only
 * what cannot be decoded is an attempt there.
 */
static void reach(u64 addr)
{
	if (is_own(addr))
		return;
	attempt(TRY("stp xzr, xzr, [%0]", addr));
	attempt(try_exec(addr));
	if (addr - INFO_PAGE < PAGE)
		return;
	attempt(TRY("ldp x9, x10, [%0]", addr));
	if (addr < GIB)
		return;
	attempt(TRY("ldr x9, [%0]", addr));
	attempt(TRY("ldrb w9, [%0]", addr));
	attempt(TRY("str xzr, [%0]", addr));
	attempt(TRY("ldxr x9, [%0]", addr));
	attempt(TRY("dc zva, %0", addr));
	attempt(TRY("ld1 {v0.16b}, [%0]", addr));
}

/* An address that the identity map does not reach: through its last GiB */
static void reach_beyond(u64 addr)
{
	volatile u64 *table = (u64 *)read_sysreg(ttbr0_el1);
	u64 last = table[511];

	table[511] = (last & ~0xffffc0000000UL) | (addr & ~(GIB - 1));
	dsb();
	asm volatile("tlbi vmalle1; dsb nsh; isb" ::: "memory");
	reach(511 * GIB + (addr & (GIB - 1)));
	table[511] = last;
	dsb();
	asm volatile("tlbi vmalle1; dsb nsh; isb" ::: "memory");
}

static void report(void)
{
	guest_sync_host(attempts);
	guest_sync_host(successes);
}

/* arg0, arg1, arg2: physical addresses of somebody else's 2 MiB; arg0: the hypervisor's */
void guest_hostile_reach(void)
{
	static const u32 devices[] = {
		0x08000000, 0x08010000, 0x08080000, 0x080a0000, 0x080b0000, 0x09000000,
		0x09010000, 0x0a000000, 0x00000000,
	};
	unsigned int i;
	u64 addr;

	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		reach(devices[i]);
	for (i = 0; i < 3; i++)
		for (addr = mailbox.arg[i]; addr < mailbox.arg[i] + (2UL << 20); addr += PAGE)
			reach((addr & ~(PAGE - 1)) + (addr / PAGE * 8) % PAGE);
	/* The machine's RAM, all of it, at a step that meets no pattern */
	for (addr = GIB; addr < 4 * GIB; addr += 0x3f1008)
		reach(addr);
	for (addr = 4 * GIB; addr < 512 * GIB; addr += 13 * GIB + 0x5008)
		reach(addr);
	for (i = 40; i < 48; i++)
		reach_beyond(1UL << i);
	reach_beyond((1UL << 48) - GIB + 16);
	report();
}

/* ---- calls ---- */

static u64 seed;

static u64 random(void)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return seed >> 20 ^ seed << 30;
}

/*
 * Arguments that a caller might get through with: capabilities, addresses that are not
 * ours, sizes.  None of them is our own memory, which a call may take away.
 */
static u64 garbage(void)
{
	u64 r = random();

	switch (r & 15) {
	case 0: return 0;
	case 1: return ~0UL;
	case 2: return mailbox.arg[0];
	case 3: return mailbox.arg[1];
	case 4: return PAGE;
	case 5: return 1UL << (r >> 8 & 63);
	case 6: return HOLE_BASE;
	case 7: return -PAGE;
	case 8: return 0xf0066;		/* attributes */
	case 9: return r >> 8;
	default: return r >> 8 & 31;	/* a capability */
	}
}

static u64 call(u64 fn, const u64 *a)
{
	register u64 x0 asm("x0") = fn;
	register u64 x1 asm("x1") = a[0];
	register u64 x2 asm("x2") = a[1];
	register u64 x3 asm("x3") = a[2];
	register u64 x4 asm("x4") = a[3];
	register u64 x5 asm("x5") = a[4];
	register u64 x6 asm("x6") = a[5];
	register u64 x7 asm("x7") = a[6];

	asm volatile("hvc #0" : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3), "+r" (x4), "+r" (x5),
		     "+r" (x6), "+r" (x7) ::
		     "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	return x0;
}

static u64 smc(u64 fn, u64 a1)
{
	register u64 x0 asm("x0") = fn;
	register u64 x1 asm("x1") = a1;

	asm volatile("smc #0" : "+r" (x0), "+r" (x1) :: "x2", "x3", "x4", "x5", "x6", "x7", "x8",
		     "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	return x0;
}

/* What moves memory or runs vCPUs, or tests the hypervisor: none of it is for a guest */
static bool is_forbidden(u64 nr)
{
	static const u16 numbers[] = {
		0x2b, 0x2c, 0x2d, 0x30, 0x31, 0x32, 0x5a, 0x61, 0x64, 0x65, 0x68,
	};
	unsigned int i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == nr)
			return true;
	return nr >= 0x3f00;
}

#define HYPERCALL(nr) (0xc6008000UL | (nr))

static void call_randomly(u64 nr, unsigned int times)
{
	u64 a[7], ret;
	unsigned int i;

	while (times--) {
		for (i = 0; i < 7; i++)
			a[i] = garbage();
		ret = call(HYPERCALL(nr), a);
		attempt(is_forbidden(nr) && !ret);
	}
}

/* Function numbers of SMCCC but PSCI's, which may end us, by both conduits */
static void call_others(unsigned int times)
{
	u64 a[7] = {}, fn;

	while (times--) {
		fn = (u32)random() | (random() & 1) << 31;
		if ((fn & 0xbf000000) == 0x84000000 || (fn & 0xbf00c000) == 0x86008000)
			continue;
		a[0] = garbage();
		call(fn, a);
		smc(fn, garbage());
		attempt(false);
	}
}

/* Immediates of the native form, and some that nobody knows */
static void call_native(void)
{
	const u64 bad = ~0UL;
	u64 ret;

#define NATIVE(imm) ({								\
	register u64 x0 asm("x0") = bad;					\
	asm volatile("hvc #" #imm : "+r" (x0) :: "x1", "x2", "x3", "x4", "x5",	\
		     "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",	\
		     "x15", "x16", "x17", "memory");				\
	x0; })
	ret = NATIVE(0x602b);
	attempt(!ret);
	ret = NATIVE(0x6061);
	attempt(!ret);
	ret = NATIVE(0x6065);
	attempt(!ret);
	ret = NATIVE(0x61ff);
	attempt(!ret);
	ret = NATIVE(0x1234);
	attempt(!ret);
	ret = NATIVE(0xffff);
	attempt(!ret);
}

/* arg0, arg1: physical addresses that are somebody else's; arg2: seed */
void guest_hostile_calls(void)
{
	u64 nr;

	seed = mailbox.arg[2];
	for (nr = 0; nr < 0x4000; nr++)
		call_randomly(nr, nr < 0x80 ? 64 : 1);
	call_others(2000);
	call_native();
	report();
}

/* PSCI with nonsense: nobody is started, nothing is on that was not */
void guest_hostile_psci(void)
{
	static const u64 addr[] = { 0, ~0UL, HOLE_BASE, GIB };
	static const u32 cpu_on[] = { 0x84000003, 0xc4000003 };
	u64 target, nr;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		for (target = 0; target < 64; target++) {
			u64 mpidr = target < 8 ? target : 1UL << target;

			attempt(!(u32)hvc(cpu_on[i & 1], mpidr, addr[i], ~0UL));
			attempt(!(u32)hvc(0xc4000003, mpidr, mailbox.arg[0], 0));
		}
	}
	/* Off, suspend and reset (1, 2, 8, 9, 0xe, 0xf, 0x12) would be our own end */
	for (nr = 0; nr < 0x100; nr++) {
		if (nr == 1 || nr == 2 || nr == 8 || nr == 9 || nr == 0xc || nr == 0xe ||
		    nr == 0xf || nr == 0x12)
			continue;
		hvc(0x84000000 | nr, ~0UL, mailbox.arg[0], ~0UL);
		hvc(0xc4000000 | nr, ~0UL, mailbox.arg[0], ~0UL);
		attempt(false);
	}
	report();
}

/* ---- own memory, in the hands of the hypervisor ---- */

#define HC_CONFIGURE_VMMIO	0x60
#define HC_MODIFY_PAGES		0x69
#define HC_FIND_INFO_AREA	0x6a

/* The capability of our own address space; ~0 if we were not given one */
static u64 own_addrspace(void)
{
	register u64 x0 asm("x0") = HYPERCALL(HC_FIND_INFO_AREA);
	register u64 x1 asm("x1") = 0;

	asm volatile("hvc #0" : "+r" (x0), "+r" (x1) :: "x2", "x3", "x4", "x5", "x6", "x7", "x8",
		     "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	return x0 ? ~0UL : readq(x1);
}

static u64 pattern(u64 addr)
{
	return addr * 0x9e3779b97f4a7c15UL ^ mailbox.arg[3];
}

static u64 first_free(void)
{
	u64 end = (u64)ram_used_end, dtb = GUEST_RAM_BASE + GUEST_DTB_OFFSET + GUEST_DTB_SIZE;

	return ((end > dtb ? end : dtb) + PAGE - 1) & ~(PAGE - 1);
}

static void fill(u64 first, u64 end)
{
	for (; first < end; first += 64)
		writeq(first, pattern(first));
}

static void check(u64 first, u64 end)
{
	for (; first < end; first += 64)
		GUEST_ASSERT_EQ(readq(first), pattern(first));
}

/*
 * Makes VMMIO of its own RAM, gives up what it has not: its RAM stays as it is.
 * arg0, arg1: physical addresses that are somebody else's
 */
void guest_hostile_pages(void)
{
	u64 as = own_addrspace(), first = first_free(), end = GUEST_RAM_BASE + mailbox.ram_size;
	const u64 foreign[] = {
		mailbox.arg[0], mailbox.arg[1], HOLE_BASE, 1UL << 39, ~0UL << 12, 0, end,
		0x08000000,
	};
	unsigned int i, flags;

	fill(first, end);
	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		for (flags = 1; flags < 16; flags++) {
			const u64 a[7] = { as, foreign[i], PAGE, flags };

			if (!is_own(foreign[i]))
				attempt(!call(HYPERCALL(HC_MODIFY_PAGES), a));
		}
	}
	for (i = 0; i < 3; i++) {
		const u64 a[7] = { as, i ? first : GUEST_RAM_BASE, i == 1 ? PAGE : end - first,
				   i == 2 };

		call(HYPERCALL(HC_CONFIGURE_VMMIO), a);
	}
	check(first, end);
	report();
}

/* The victim: looks after its own RAM for ever, a SYNC for each round */
void guest_patrol(void)
{
	u64 first = first_free(), end = GUEST_RAM_BASE + mailbox.ram_size, round;

	fill(first, end);
	for (round = 1;; round++) {
		check(first, end);
		guest_sync_host(round);
	}
}
