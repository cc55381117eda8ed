// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests with one vCPU and no interrupts.
 */
#include "guest.h"

#define FILE_NR 4

void guest_hello(void)
{
	const char text[] = "hello from the guest\n";
	unsigned int i;

	for (i = 0; text[i]; i++)
		ctl_write(CTL_PUTC, text[i]);
	guest_sync_host(mailbox.arg[0]);
}

static u64 try_load(u64 addr, u64 size)
{
	this_cpu()->expect_abort = true;
	load(addr, size);
	dsb();
	GUEST_ASSERT(!this_cpu()->expect_abort);
	return this_cpu()->esr;
}

static u64 try_store(u64 addr, u64 size, u64 val)
{
	this_cpu()->expect_abort = true;
	store(addr, size, val);
	dsb();
	GUEST_ASSERT(!this_cpu()->expect_abort);
	return this_cpu()->esr;
}

static void fill(u64 addr, u64 stride, u64 count, u64 val)
{
	u64 i;

	for (i = 0; i < count; i++)
		writeq(addr + i * stride, val + i);
}

static u64 check(u64 addr, u64 stride, u64 count, u64 val)
{
	u64 i, wrong = 0;

	for (i = 0; i < count; i++)
		wrong += readq(addr + i * stride) != val + i;
	return wrong;
}

/* addrspace_modify_pages on our own: unlock (ABI tables, hypercall 3, 0x69) */
static u64 relinquish(u64 addr, u64 size)
{
	register u64 x0 asm("x0") = 0xc6008069;
	register u64 x1 asm("x1") = readq(INFO_BASE);
	register u64 x2 asm("x2") = addr;
	register u64 x3 asm("x3") = size;
	register u64 x4 asm("x4") = 1;

	asm volatile("hvc #0" : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3), "+r" (x4) ::
		     "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
		     "x13", "x14", "x15", "x16", "x17", "memory");
	return x0;
}

static u64 execute(u64 cmd, const u64 *arg)
{
	switch (cmd) {
	case CMD_READ:
		return load(arg[0], arg[1]);
	case CMD_WRITE:
		store(arg[0], arg[1], arg[2]);
		return 0;
	case CMD_HVC:
		return hvc(arg[0], arg[1], arg[2], arg[3]);
	case CMD_TRY_READ:
		return try_load(arg[0], arg[1]);
	case CMD_TRY_WRITE:
		return try_store(arg[0], arg[1], arg[2]);
	case CMD_FILL:
		fill(arg[0], arg[1], arg[2], arg[3]);
		return 0;
	case CMD_CHECK:
		return check(arg[0], arg[1], arg[2], arg[3]);
	case CMD_RELINQUISH:
		return relinquish(arg[0], arg[1]);
	default:
		return vmm_execute(cmd, arg);
	}
}

/* Does what the host says, one command after the other */
void guest_command(void)
{
	u64 arg[CTL_ARGS];
	u64 cmd;
	int i;

	while ((cmd = ctl_read(CTL_CMD)) != CMD_END) {
		for (i = 0; i < CTL_ARGS; i++)
			arg[i] = ctl_read(CTL_ARG + 8 * i);
		guest_sync_host(execute(cmd, arg));
	}
}

/* X0 to X30, SP_EL0, SP, PC at entry, CurrentEL, DAIF */
void guest_boot_regs(void)
{
	unsigned int i;

	for (i = 0; i < 31; i++)
		guest_sync_host(boot_regs.x[i]);
	guest_sync_host(boot_regs.sp_el0);
	guest_sync_host(boot_regs.sp);
	guest_sync_host((u64)&mailbox - MAILBOX_OFFSET);
	guest_sync_host(boot_regs.current_el);
	guest_sync_host(boot_regs.daif);
}

#define MMIO_DATA 0x8877665544332211UL

static void mmio_writes(u64 base)
{
	writeb(base, (u8)MMIO_DATA);
	writew(base + 2, (u16)MMIO_DATA);
	writel(base + 4, (u32)MMIO_DATA);
	writeq(base + 8, MMIO_DATA);
	asm volatile("str xzr, [%0, #16]" :: "r" (base) : "memory");
	asm volatile("stlr %0, [%1]" :: "r" (MMIO_DATA), "r" (base + 24) : "memory");
	/* One access, one exit, the upper bits of the register do not matter */
	asm volatile("strb %w0, [%1, #32]" :: "r" (~0x5aUL), "r" (base) : "memory");
}

#define LOAD(insn, reg, addr) ({						\
	u64 __v = ~0UL;								\
	asm volatile(insn " %" reg "0, [%1]" : "+r" (__v) : "r" (addr) : "memory"); \
	__v; })

/* The host answers each with 0x8f8e8d8c8b8a8988 cut to the size */
static void mmio_reads(u64 base)
{
	GUEST_ASSERT_EQ(LOAD("ldrb", "w", base), 0x88);
	GUEST_ASSERT_EQ(LOAD("ldrh", "w", base), 0x8988);
	GUEST_ASSERT_EQ(LOAD("ldr", "w", base), 0x8b8a8988);
	GUEST_ASSERT_EQ(LOAD("ldr", "x", base), 0x8f8e8d8c8b8a8988);
	GUEST_ASSERT_EQ(LOAD("ldrsb", "w", base), 0xffffff88);
	GUEST_ASSERT_EQ(LOAD("ldrsh", "w", base), 0xffff8988);
	GUEST_ASSERT_EQ(LOAD("ldrsb", "x", base), 0xffffffffffffff88);
	GUEST_ASSERT_EQ(LOAD("ldrsh", "x", base), 0xffffffffffff8988);
	GUEST_ASSERT_EQ(LOAD("ldrsw", "x", base), 0xffffffff8b8a8988);
	GUEST_ASSERT_EQ(LOAD("ldar", "x", base), 0x8f8e8d8c8b8a8988);
	asm volatile("ldr xzr, [%0]" :: "r" (base) : "memory");
}

void guest_mmio(void)
{
	mmio_writes(DEV_BASE);
	mmio_reads(DEV_BASE + 0x100);
}

void guest_gp_regs(void)
{
	u64 i, seed = mailbox.arg[1];

	for (i = 0; i < mailbox.arg[0]; i++, seed = seed * 6364136223846793005UL + 1)
		GUEST_ASSERT_EQ(gp_regs_across_exit(DEV_BASE, seed), 0);
}

void guest_fp_regs(void)
{
	u64 i, seed = mailbox.arg[1];

	for (i = 0; i < mailbox.arg[0]; i++, seed = seed * 6364136223846793005UL + 1)
		GUEST_ASSERT_EQ(fp_regs_across_exit(DEV_BASE, seed), 0);
}

void guest_busy(void)
{
	guest_sync_host(1);
	for (;;)
		cpu_relax();
}

static u64 pattern(u64 addr)
{
	return (addr ^ mailbox.arg[1]) * 0x9e3779b97f4a7c15UL;
}

static bool is_dtb(u64 addr)
{
	return addr - (GUEST_RAM_BASE + GUEST_DTB_OFFSET) < GUEST_DTB_SIZE;
}

/*
 * All of RAM behind the image, every arg0 bytes: what the host left there (its
 * gpa, if arg2), then a pattern that depends on the address and arg1.
 */
void guest_ram(void)
{
	u64 start = ((u64)ram_used_end + 0xfff) & ~0xfffUL;
	u64 end = GUEST_RAM_BASE + mailbox.ram_size;
	u64 addr, words = 0;

	for (addr = start; mailbox.arg[2] && addr < end; addr += 4096) {
		if (!is_dtb(addr))
			GUEST_ASSERT_EQ(readq(addr), addr);
	}
	for (addr = start; addr < end; addr += mailbox.arg[0]) {
		if (!is_dtb(addr))
			writeq(addr, pattern(addr));
	}
	for (addr = start; addr < end; addr += mailbox.arg[0]) {
		if (is_dtb(addr))
			continue;
		GUEST_ASSERT_EQ(readq(addr), pattern(addr));
		words++;
	}
	guest_sync_host(words);
}

/* Accesses to what nobody has are reported to the guest */
void guest_fault(void)
{
	guest_sync_host(try_load(HOLE_BASE, 8));
	GUEST_ASSERT_EQ(this_cpu()->far, HOLE_BASE);
	guest_sync_host(try_store(HOLE_BASE + 0x1238, 4, 1));
	GUEST_ASSERT_EQ(this_cpu()->far, HOLE_BASE + 0x1238);
}
