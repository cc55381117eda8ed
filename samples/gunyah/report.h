/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages for the person in front of the terminal
 */
#ifndef VMM_REPORT_H
#define VMM_REPORT_H

#include <stdbool.h>
#include <stdnoreturn.h>

#define FORMAT		__attribute__((format(printf, 1, 2)))

/* What the program's exit status tells; documented in README and --help. */
enum exit_status {
	EXIT_POWER_OFF	= 0,
	EXIT_ERROR	= 1,	/* the VM could not be made or run */
	EXIT_USAGE	= 2,
	EXIT_RESET	= 3,	/* the guest wants to be started again */
	EXIT_CRASH	= 4,
	EXIT_STOPPED	= 5,	/* by a signal or from the console */
};

extern bool report_quiet;

/* Progress, unless --quiet. */
void report(const char *fmt, ...) FORMAT;

/* Something is wrong, but not fatal. */
void report_warning(const char *fmt, ...) FORMAT;

/* "gunyah-vmm: WHAT: Permission denied (EPERM)", and the hint if there is one. */
void report_errno(const char *what, int err, const char *hint);

/* The same two as the program's last words. */
noreturn void die(const char *fmt, ...) FORMAT;
noreturn void die_errno(const char *what, int err, const char *hint);

#endif
