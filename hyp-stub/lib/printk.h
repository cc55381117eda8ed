/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The stub's log.  Lines go to a ring in memory; until the host runs they also
 * go to the console.  Warnings always reach the console: whoever judges a run
 * looks for "hyp-stub: warning:".
 *
 * A call is a line: prefix and newline are added here, 250 characters at most.
 *
 * Formats: %s %c %d %u %x %p %% with l, ll, z, # (of x) and 0-padded widths.
 */
#ifndef STUB_LIB_PRINTK_H
#define STUB_LIB_PRINTK_H

#include "lib/types.h"

/* What arch provides for it (arch/arch.h) */
void arch_console_putc(char c);
void __noreturn arch_stop(void);

void printk(const char *fmt, ...) __printf(1, 2);
void warn(const char *fmt, ...) __printf(1, 2);
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

int vsnprintk(char *buf, size_t size, const char *fmt, __builtin_va_list ap);
int snprintk(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* From now on printk() writes to the ring only */
void printk_console_off(void);
unsigned int printk_warnings(void);

/* Copies up to @size bytes of the ring from absolute position *@pos, advances it */
size_t printk_read(u64 *pos, char *buf, size_t size);

#define BUG_ON(cond) \
	do { if (cond) panic("BUG at %s:%d: %s", __FILE__, __LINE__, #cond); } while (0)

#endif
