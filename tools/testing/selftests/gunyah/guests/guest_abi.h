/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What test guests and the tests on the host agree on: the mailbox in the
 * image, the control page, the numbers of the guests.  Also read by the
 * assembler.
 */
#ifndef GUEST_ABI_H
#define GUEST_ABI_H

/* The image is at the start of RAM, the tree 1 MiB above */
#define GUEST_RAM_BASE		0x80000000
#define GUEST_DTB_OFFSET	0x100000
#define GUEST_DTB_SIZE		0x10000
#define GUEST_MIN_RAM		0x200000

#define GUEST_MAX_VCPUS		8

/* GIC as crosvm places it: distributor below 1 GiB, redistributors below that */
#define GUEST_GICD_BASE		0x3fff0000
#define GUEST_GICR_STRIDE	0x20000

/*
 * Control page: the guest writes 64 bit words.  lib/exit.c understands it.
 */
#define CTL_BASE		0x3f000000
#define CTL_SYNC		0x00	/* w: stage reached */
#define CTL_DONE		0x08	/* w: the guest's part is over */
#define CTL_FAIL_A		0x10	/* w: value that was found */
#define CTL_FAIL_B		0x18	/* w: value that was wanted */
#define CTL_FAIL		0x20	/* w: file number << 32 | line */
#define CTL_PUTC		0x28	/* w: a character */
#define CTL_CMD			0x30	/* r: enum guest_cmd */
#define CTL_ARG			0x38	/* r: .. 0x58: its arguments */
#define CTL_ARGS		4

/* Pages that mean nothing to the library: for tests of MMIO and ioeventfd */
#define DEV_BASE		0x3f001000
#define EVT_BASE		0x3f002000

/* Nothing is there, and nothing may answer */
#define HOLE_BASE		0xf00000000

/* The information page: its first word is the capability of the own address space */
#define INFO_BASE		0x40000000

#define GUEST_MAGIC		0x67756e796168
#define MAILBOX_OFFSET		0x40

/* INTID of the virtual timer's PPI */
#define GUEST_TIMER_INTID	27
#define GUEST_SPI(n)		(32 + (n))

#ifndef __ASSEMBLER__

#include <stdint.h>

/**
 * struct guest_mailbox - at MAILBOX_OFFSET of the image, written before START
 * @magic: GUEST_MAGIC, in the image as built
 * @test: enum guest_test
 * @arg: of the test
 * @nr_vcpus: how many there are
 * @ram_size: from GUEST_RAM_BASE on
 */
struct guest_mailbox {
	uint64_t magic;
	uint64_t test;
	uint64_t arg[4];
	uint64_t nr_vcpus;
	uint64_t ram_size;
};

/* Guests: name of the test, which is also that of the function */
#define GUEST_TESTS(T)		\
	T(hello)		\
	T(command)		\
	T(boot_regs)		\
	T(mmio)			\
	T(gp_regs)		\
	T(fp_regs)		\
	T(busy)			\
	T(ram)			\
	T(fault)		\
	T(timer)		\
	T(suspend)		\
	T(suspend_down)		\
	T(spi)			\
	T(spi_poll)		\
	T(cpu_on)		\
	T(cpu_cycle)		\
	T(sgi)			\
	T(smp_busy)		\
	T(smp_mmio)		\
	T(smp_sleep)		\
	T(smp_regs)		\
	T(scribble_wfi)		\
	T(scribble_busy)	\
	T(hostile_reach)	\
	T(hostile_calls)	\
	T(hostile_psci)		\
	T(hostile_pages)	\
	T(patrol)

#define GUEST_ENUM(name) GUEST_##name,
enum guest_test {
	GUEST_TESTS(GUEST_ENUM)
	GUEST_NR_TESTS
};

/**
 * enum guest_cmd - what the guest "command" can be told to do
 * @CMD_END: DONE, then SYSTEM_OFF
 * @CMD_READ: load of arg1 bytes at arg0; SYNC with the value
 * @CMD_WRITE: store of arg1 bytes at arg0, value arg2; SYNC with 0
 * @CMD_HVC: X0 to X3 from the arguments; SYNC with X0
 * @CMD_TRY_READ: as READ, for an access that should abort: SYNC with ESR
 * @CMD_TRY_WRITE: as WRITE, likewise
 * @CMD_FILL: arg2 words, each arg1 bytes behind the other, from arg0 on, get arg3 and
 *	what follows it
 * @CMD_CHECK: likewise: SYNC with the number of words that are different
 * @CMD_RELINQUISH: gives up arg1 bytes at arg0; SYNC with the hypervisor's error word
 * @CMD_SPI_ENABLE: INTID arg0, level if arg1; SYNC with how often it was taken
 * @CMD_SPI_WAIT: sleeps until INTID arg0 was taken arg1 times; SYNC likewise
 * @CMD_SLEEP: for arg0 microseconds; SYNC with how often the timer has fired
 * @CMD_CPU_ON: of vCPU arg0, which says SYNC with its number, then CPU_OFF; SYNC with
 *	what PSCI says
 * @CMD_PRINT: "hello" and a newline, byte by byte to arg0; SYNC with 0
 */
enum guest_cmd {
	CMD_END,
	CMD_READ,
	CMD_WRITE,
	CMD_HVC,
	CMD_TRY_READ,
	CMD_TRY_WRITE,
	CMD_FILL,
	CMD_CHECK,
	CMD_RELINQUISH,
	CMD_SPI_ENABLE,
	CMD_SPI_WAIT,
	CMD_SLEEP,
	CMD_CPU_ON,
	CMD_PRINT,
};

#endif /* __ASSEMBLER__ */
#endif
