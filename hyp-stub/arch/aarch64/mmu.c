// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The stub's own translation, EL2 stage 1: identity, devices in the first GiB,
 * RAM without execute; the stub's 2 MiB block by pages, so that text cannot be
 * written and data cannot be executed.  Also stage 2 maintenance.
 */
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/sysreg.h"
#include "lib/printk.h"
#include "mm/stage2.h"

#define PTE_VALID		BIT(0)
#define PTE_TABLE		BIT(1)
#define PTE_PAGE		BIT(1)
#define PTE_ATTR(n)		((u64)(n) << 2)
#define PTE_AP_RES1		BIT(6)
#define PTE_RO			BIT(7)
#define PTE_ISH			(3ULL << 8)
#define PTE_AF			BIT(10)
#define PTE_XN			BIT(54)

#define ATTR_NORMAL		0
#define ATTR_DEVICE		1
#define MAIR_VALUE		0x04ffULL	/* 0: write-back, 1: Device-nGnRE */

#define PTE_RAM			(PTE_VALID | PTE_ATTR(ATTR_NORMAL) | PTE_AP_RES1 | PTE_ISH | PTE_AF)
#define PTE_DEVICE		(PTE_VALID | PTE_ATTR(ATTR_DEVICE) | PTE_AP_RES1 | PTE_AF | PTE_XN)

/* 39 bits of address: start at level 1 */
#define TCR_VALUE		((1ULL << 31) | (1ULL << 23) | (3ULL << 12) | (1ULL << 10) | \
				 (1ULL << 8) | 25)
/* RES1, I, C, M, and WXN: nothing writable is executable */
#define SCTLR_EL2_VALUE		(0x30c50830ULL | BIT(0) | BIT(2) | BIT(12) | BIT(19))

static u64 level1[512] __aligned(4096);
static u64 level2[512] __aligned(4096);
static u64 level3[512] __aligned(4096);
static u64 tcr;

static u64 stub_page_attrs(u64 va)
{
	if (va >= (u64)__stub_start && va < (u64)__rodata_start)
		return PTE_RAM | PTE_PAGE | PTE_RO;
	if (va >= (u64)__rodata_start && va < (u64)__data_start)
		return PTE_RAM | PTE_PAGE | PTE_RO | PTE_XN;
	return PTE_RAM | PTE_PAGE | PTE_XN;
}

/**
 * mmu_init() - fill the tables, on the boot CPU, and switch the MMU on
 * @ram_base: start of RAM, a multiple of 1 GiB (0x40000000 on QEMU's virt)
 * @ram_size: bytes
 */
void mmu_init(u64 ram_base, u64 ram_size)
{
	u64 block = ALIGN_DOWN((u64)__stub_start, SZ_2M);
	u64 gib = ALIGN_DOWN(block, SZ_1G);
	u64 last = ALIGN_UP(ram_base + ram_size, SZ_1G);
	unsigned int i;
	u64 pa;

	for (pa = 0; pa < ram_base; pa += SZ_1G)
		level1[pa >> 30] = pa | PTE_DEVICE;
	for (pa = ram_base; pa < last && pa >> 30 < 512; pa += SZ_1G)
		level1[pa >> 30] = pa | PTE_RAM | PTE_XN;
	for (i = 0; i < 512; i++) {
		level2[i] = (gib + i * SZ_2M) | PTE_RAM | PTE_XN;
		level3[i] = (block + i * PAGE_SIZE) | stub_page_attrs(block + i * PAGE_SIZE);
	}
	level2[(block - gib) / SZ_2M] = (u64)level3 | PTE_VALID | PTE_TABLE;
	level1[gib >> 30] = (u64)level2 | PTE_VALID | PTE_TABLE;
	tcr = TCR_VALUE | (min(id_field(id_aa64mmfr0_el1, 0), 2ULL) << 16);
	dsb_sy();
	mmu_enable();
}

void mmu_enable(void)
{
	write_sysreg(MAIR_VALUE, mair_el2);
	write_sysreg(tcr, tcr_el2);
	write_sysreg((u64)level1, ttbr0_el2);
	asm volatile("tlbi alle2\n dsb nsh\n ic iallu\n dsb nsh\n isb" ::: "memory");
	write_sysreg(SCTLR_EL2_VALUE, sctlr_el2);
	isb();
}

void *arch_pa_to_va(u64 pa)
{
	return (void *)pa;
}

/* VTTBR_EL2 of an address space; the caller has set VTCR_EL2 at boot */
void s2_activate(const struct stage2 *s2)
{
	write_sysreg(s2->root | ((u64)s2->vmid << 48), vttbr_el2);
	isb();
}

/* Maintenance by VMID works on the current VTTBR_EL2: borrow it */
static u64 borrow_vmid(u16 vmid)
{
	u64 old = read_sysreg(vttbr_el2);

	write_sysreg((u64)vmid << 48, vttbr_el2);
	isb();
	return old;
}

static void return_vmid(u64 old)
{
	write_sysreg(old, vttbr_el2);
	isb();
}

/* Above this many pages one invalidation of the whole VMID is cheaper */
#define FLUSH_PAGES_MAX		64

void arch_s2_flush_range(u16 vmid, u64 ipa, u64 size)
{
	u64 old, end = ipa + size;

	if (size / PAGE_SIZE > FLUSH_PAGES_MAX) {
		arch_s2_flush_all(vmid);
		return;
	}
	dsb_ish();
	old = borrow_vmid(vmid);
	for (; ipa < end; ipa += PAGE_SIZE)
		asm volatile("tlbi ipas2e1is, %0" :: "r"(ipa >> PAGE_SHIFT) : "memory");
	dsb_ish();
	asm volatile("tlbi vmalle1is\n dsb ish\n isb" ::: "memory");
	return_vmid(old);
}

void arch_s2_flush_all(u16 vmid)
{
	u64 old;

	dsb_ish();
	old = borrow_vmid(vmid);
	asm volatile("tlbi vmalls12e1is\n dsb ish\n isb" ::: "memory");
	return_vmid(old);
}

void arch_s2_sync(void)
{
	asm volatile("dsb ishst\n isb" ::: "memory");
}

void arch_cache_flush(u64 pa, u64 size)
{
	u64 line = 4ULL << ((read_sysreg(ctr_el0) >> 16) & 0xf);
	u64 end = pa + size;

	for (pa = ALIGN_DOWN(pa, line); pa < end; pa += line)
		asm volatile("dc civac, %0" :: "r"(pa) : "memory");
	dsb_sy();
	/* The next owner may execute what is there now, not what was there before */
	asm volatile("ic ialluis" ::: "memory");
	dsb_sy();
}

u64 arch_va_to_pa(const void *va)
{
	return (u64)va;
}
