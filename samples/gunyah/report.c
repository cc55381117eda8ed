// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages for the person in front of the terminal
 *
 * Everything goes to standard error: standard output belongs to the guest.
 * Lines end in CR LF, since the terminal may be in raw mode.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

bool report_quiet;

static void print_line(const char *fmt, va_list args)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, args);
	/* One call: lines of several threads do not mix. */
	fprintf(stderr, "gunyah-vmm: %s\r\n", text);
}

void report(const char *fmt, ...)
{
	va_list args;

	if (report_quiet)
		return;
	va_start(args, fmt);
	print_line(fmt, args);
	va_end(args);
}

void report_warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line(fmt, args);
	va_end(args);
}

void report_errno(const char *what, int err, const char *hint)
{
	const char *name = strerrorname_np(err);

	report_warning("%s: %s (%s)%s%s", what, strerrordesc_np(err) ?: "unknown",
		       name ?: "?", hint ? ": " : "", hint ?: "");
}

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line(fmt, args);
	va_end(args);
	exit(EXIT_ERROR);
}

void die_errno(const char *what, int err, const char *hint)
{
	report_errno(what, err, hint);
	exit(EXIT_ERROR);
}
