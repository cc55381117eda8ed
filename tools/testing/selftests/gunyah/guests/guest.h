/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small bare-metal runtime for test guests.  One image holds all of them; the
 * mailbox says which one runs.  Position independent: nothing in it holds an
 * absolute address.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "guest_abi.h"

/* Reached relative to the PC, not through a table of addresses */
#pragma GCC visibility push(hidden)

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

/* In the order in which start.S saves them */
struct frame {
	u64 x[31];
	u64 elr;
	u64 spsr;
	u64 pad;
};

/* Filled by start.S on the boot vCPU */
struct boot_regs {
	u64 x[31];
	u64 sp_el0;
	u64 sp;
	u64 current_el;
	u64 daif;
};

#define GUEST_NR_INTIDS		288

/**
 * struct percpu - TPIDR_EL1 points to it
 * @index: of the vCPU
 * @expect_abort: the next synchronous abort is wanted: skip the instruction
 * @resume: or, if it is not 0, go on here
 * @esr: of that abort
 * @far: of that abort
 * @irqs: interrupts taken, by INTID
 */
struct percpu {
	u64 index;
	volatile bool expect_abort;
	volatile u64 resume;
	volatile u64 esr;
	volatile u64 far;
	volatile u32 irqs[GUEST_NR_INTIDS];
};

extern struct guest_mailbox mailbox;
extern struct boot_regs boot_regs;
/* Of the last vCPU that began at keep_regs_entry, up to SP */
extern struct boot_regs kept_regs;
extern char image_end[], ram_used_end[];
void secondary_entry(void);
void keep_regs_entry(void);

#define read_sysreg(r) ({ u64 __v; asm volatile("mrs %0, " #r : "=r" (__v)); __v; })
#define write_sysreg(v, r) \
	do { u64 __v = (v); asm volatile("msr " #r ", %0" :: "r" (__v) : "memory"); } while (0)
#define isb() asm volatile("isb" ::: "memory")
#define dsb() asm volatile("dsb sy" ::: "memory")
#define wfi() asm volatile("dsb sy; wfi" ::: "memory")
#define irq_enable() asm volatile("msr daifclr, #2; isb" ::: "memory")
#define irq_disable() asm volatile("msr daifset, #2; isb" ::: "memory")
#define cpu_relax() asm volatile("yield" ::: "memory")

/* Single plain loads and stores: the only ones that become MMIO exits */
#define MMIO_ACCESSORS(type, name, reg, suffix)					\
static inline type read##name(u64 addr)						\
{										\
	type val;								\
										\
	asm volatile("ldr" suffix " %" reg "0, [%1]" : "=r" (val) : "r" (addr) : "memory"); \
	return val;								\
}										\
static inline void write##name(u64 addr, type val)				\
{										\
	asm volatile("str" suffix " %" reg "0, [%1]" :: "r" (val), "r" (addr) : "memory"); \
}
MMIO_ACCESSORS(u8, b, "w", "b")
MMIO_ACCESSORS(u16, w, "w", "h")
MMIO_ACCESSORS(u32, l, "w", "")
MMIO_ACCESSORS(u64, q, "x", "")

static inline struct percpu *this_cpu(void)
{
	return (struct percpu *)read_sysreg(tpidr_el1);
}

static inline u64 ctl_read(u64 off)
{
	return readq(CTL_BASE + off);
}

static inline void ctl_write(u64 off, u64 val)
{
	writeq(CTL_BASE + off, val);
}

static inline void guest_sync_host(u64 stage)
{
	ctl_write(CTL_SYNC, stage);
}

static inline void guest_done(void)
{
	ctl_write(CTL_DONE, 0);
}

/* Does not return to the test: the host ends it */
void guest_fail(u64 where, u64 found, u64 wanted);

#define GUEST_ASSERT_EQ(found, wanted)						\
	do {									\
		u64 __f = (u64)(found), __w = (u64)(wanted);			\
		if (__f != __w)							\
			guest_fail((u64)FILE_NR << 32 | __LINE__, __f, __w);	\
	} while (0)
#define GUEST_ASSERT(cond) GUEST_ASSERT_EQ(!!(cond), 1)

/* runtime.c */
void cpu_main(u64 index);
u64 load(u64 addr, u64 size);
void store(u64 addr, u64 size, u64 val);
u64 hvc(u64 fn, u64 a1, u64 a2, u64 a3);
struct percpu *cpu_data(u64 index);

/* psci.c */
#define PSCI_SUCCESS		0
#define PSCI_NOT_SUPPORTED	(-1)
#define PSCI_INVALID_PARAMETERS	(-2)
#define PSCI_DENIED		(-3)
#define PSCI_ALREADY_ON		(-4)
#define PSCI_STATE_POWERDOWN	(1 << 16)
#define PSCI_AFFINITY_ON	0
#define PSCI_AFFINITY_OFF	1
s64 psci_cpu_on(u64 target, u64 entry, u64 context);
s64 psci_cpu_off(void);
s64 psci_affinity_info(u64 target, u64 level);
s64 psci_cpu_suspend(u64 state, u64 entry, u64 context);
void psci_system_off(void);
void cpu_on_all(void);

/* gic.c */
void gic_init(void);
void gic_init_cpu(void);
void gic_enable_ppi(u32 intid);
void gic_enable_spi(u32 intid, bool level);
void gic_send_sgi(u32 intid, u64 target);
u32 irq_count(u32 intid);
/* Sleep until this many interrupts have been taken */
void wait_irq_count(u32 intid, u32 count);
/* In @cycles of the counter, one interrupt of the virtual timer */
void timer_arm(u64 cycles);
u64 timer_freq(void);

/* regs.S */
int gp_regs_across_exit(u64 mmio, u64 seed);
int fp_regs_across_exit(u64 mmio, u64 seed);
void fp_scribble(u64 seed);

/* vmm.c: commands about interrupts, other vCPUs and devices */
u64 vmm_execute(u64 cmd, const u64 *arg);

/* Called on every vCPU but the boot one, if the test starts them */
void guest_secondary(u64 index);

#define GUEST_PROTO(name) void guest_##name(void);
GUEST_TESTS(GUEST_PROTO)

#pragma GCC visibility pop

#endif
