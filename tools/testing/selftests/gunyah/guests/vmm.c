// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest "command" can do beyond memory and calls: enough of a kernel for a
 * program that believes to run one.
 */
#include "guest.h"

#define FILE_NR 8

static void gic_once(void)
{
	static bool done;

	if (done)
		return;
	gic_init();
	irq_enable();
	done = true;
}

static u64 spi_enable(u32 intid, bool level)
{
	gic_once();
	gic_enable_spi(intid, level);
	return irq_count(intid);
}

/* Says so before it falls asleep */
static u64 spi_wait(u32 intid, u64 count)
{
	ctl_write(CTL_PUTC, '.');
	wait_irq_count(intid, count);
	return irq_count(intid);
}

static u64 sleep_us(u64 us)
{
	u32 count;

	gic_once();
	gic_enable_ppi(GUEST_TIMER_INTID);
	count = irq_count(GUEST_TIMER_INTID) + 1;
	timer_arm(timer_freq() * us / 1000000);
	wait_irq_count(GUEST_TIMER_INTID, count);
	return irq_count(GUEST_TIMER_INTID);
}

static u64 print(u64 addr)
{
	const char text[] = "hello\n";
	unsigned int i;

	for (i = 0; text[i]; i++)
		writeb(addr, text[i]);
	return 0;
}

u64 vmm_execute(u64 cmd, const u64 *arg)
{
	switch (cmd) {
	case CMD_SPI_ENABLE:
		return spi_enable(arg[0], arg[1]);
	case CMD_SPI_WAIT:
		return spi_wait(arg[0], arg[1]);
	case CMD_SLEEP:
		return sleep_us(arg[0]);
	case CMD_CPU_ON:
		return psci_cpu_on(arg[0], (u64)secondary_entry, arg[0]);
	case CMD_PRINT:
		return print(arg[0]);
	default:
		GUEST_ASSERT_EQ(cmd, CMD_END);
		return 0;
	}
}
