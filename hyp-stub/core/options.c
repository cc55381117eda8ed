// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Boot options: words in front of " -- "; what stands behind is the host's command line. */
#include "core/core.h"
#include "lib/printk.h"
#include "lib/string.h"

static bool starts_with(const char *s, const char *prefix, const char **rest)
{
	size_t n = strlen(prefix);

	if (strncmp(s, prefix, n))
		return false;
	*rest = s + n;
	return true;
}

static bool is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && !strncmp(s, word, len);
}

static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static u64 number(const char *s)
{
	unsigned int base = 10;
	u64 v = 0;

	if (starts_with(s, "0x", &s))
		base = 16;
	for (; digit(*s) < base; s++)
		v = v * base + digit(*s);
	return v;
}

static void option(const char *word, size_t len, struct boot_options *opt)
{
	const char *value;

	if (starts_with(word, "host-image=", &value))
		opt->host_image = number(value);
	else if (starts_with(word, "guest-tables=", &value))
		opt->guest_tables = number(value);
	else if (starts_with(word, "cma=", &value))
		opt->cma = number(value);
	else if (is_word(word, len, "profile=production"))
		opt->production = true;
	else if (is_word(word, len, "profile=open"))
		opt->production = false;
	else if (is_word(word, len, "rm-debug"))
		opt->rm_debug = true;
	else if (is_word(word, len, "demand-paging"))
		opt->no_demand_paging = false;
	else if (is_word(word, len, "no-demand-paging"))
		opt->no_demand_paging = true;
	else if (is_word(word, len, "no-firmware"))
		opt->no_firmware = true;
	else if (is_word(word, len, "rm-async"))
		opt->rm_async = true;
	else if (is_word(word, len, "test"))
		opt->test = true;
	else
		warn("unknown boot option in \"%s\"", word);
}

void options_parse(const char *cmdline, struct boot_options *opt, const char **rest)
{
	const char *s = cmdline;

	*opt = (struct boot_options){};
	*rest = "";
	for (;;) {
		const char *end;

		while (*s == ' ')
			s++;
		if (!*s)
			return;
		for (end = s; *end && *end != ' '; end++)
			;
		if (is_word(s, end - s, "--")) {
			while (*end == ' ')
				end++;
			*rest = end;
			return;
		}
		option(s, end - s, opt);
		s = end;
	}
}
