/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The machine of the tests on the host: what it has is in `fake`, and what the
 * stub did to it is recorded there.  Only for tests.
 */
#ifndef STUB_ARCH_FAKE_H
#define STUB_ARCH_FAKE_H

#include <setjmp.h>

#include "arch/arch.h"
#include "obj/vcpu.h"

#define FAKE_RAM_BASE		0x40000000ULL
#define FAKE_VIRQ_FIRST		960
#define FAKE_VIRQ_LAST		1019
#define FAKE_MAX_FLUSHES	1024
#define FAKE_CONSOLE_SIZE	0x40000

struct arch_vcpu {
	u64 sp[2];
	u8 pmr;
	bool grpen1;
	u64 deadline;
	u32 timer_ppi;		/* high from @deadline on; 0: nobody hears of it */
	bool loaded;
	unsigned int inits;
};

struct fake_flush {
	u16 vmid;
	bool all;
	u64 ipa;
	u64 size;
};

/**
 * struct fake - one machine
 * @ram: its memory, at FAKE_RAM_BASE
 * @ram_size: bytes
 * @locked: the stub's lock is held
 * @cpu: what arch_cpu_id() says
 * @irqs: how often each host interrupt was asserted
 * @kicks: how often each CPU was kicked
 * @flushes: stage 2 maintenance, the first FAKE_MAX_FLUSHES of it
 * @nr_flushes: how often it happened
 * @flushed: called at each of them
 * @nr_cache_flushes: cache maintenance
 * @cache_pa: its last range
 * @cache_size: its last range
 * @va_to_pa: stage 1 of the caller; identity by default
 * @enter: what a guest does when it is entered; by default a host interrupt comes
 * @put: called while a vCPU's registers leave the CPU
 * @looked: called when the stub has looked whether a vCPU's timer has expired
 * @host_irq: a host interrupt is waiting
 * @counter: the system counter
 * @timer: deadline of the stub's timer
 * @injected: aborts injected into guests
 * @skipped: instructions skipped
 * @nr_lrs: list registers
 * @panic_armed: a panic is expected
 * @panic_jmp: where it goes
 * @console: what was printed
 * @console_len: bytes of it
 */
struct fake {
	u8 *ram;
	u64 ram_size;
	bool locked;
	unsigned int cpu;
	u32 irqs[1024];
	u32 kicks[MAX_CPUS];
	struct fake_flush flushes[FAKE_MAX_FLUSHES];
	unsigned int nr_flushes;
	void (*flushed)(const struct fake_flush *flush);
	unsigned int nr_cache_flushes;
	u64 cache_pa, cache_size;
	bool (*va_to_pa)(u64 va, bool write, u64 *pa);
	void (*enter)(struct vcpu *vcpu, struct vcpu_trap *trap);
	void (*put)(struct vcpu *vcpu);
	void (*looked)(struct vcpu *vcpu);
	bool host_irq;
	u64 counter;
	u64 timer;
	unsigned int injected;
	unsigned int skipped;
	u32 nr_lrs;
	bool panic_armed;
	jmp_buf panic_jmp;
	char console[FAKE_CONSOLE_SIZE];
	size_t console_len;
};

extern struct fake fake;

/* A new machine: RAM of @ram_size bytes, all zero, records empty, lock held */
void fake_reset(u64 ram_size);

/* True if @stmt panics; allocations that it made before are leaked */
#define FAKE_PANICS(stmt) __extension__ ({			\
	volatile bool panics_ = true;				\
	fake.panic_armed = true;				\
	if (!setjmp(fake.panic_jmp)) {				\
		stmt;						\
		panics_ = false;				\
	}							\
	fake.panic_armed = false;				\
	panics_;						\
})

#endif
