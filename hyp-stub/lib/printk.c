// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The stub's log: formatting, the ring, the console.  Has a lock of its own, a
 * leaf below everything, since lines come with and without the stub's lock held.
 */
#include <stdarg.h>

#include "lib/printk.h"
#include "lib/string.h"

#define RING_SIZE	SZ_64K
#define LINE_SIZE	256

static char ring[RING_SIZE];
static u64 ring_head;		/* bytes ever written */
static bool console_off;
static unsigned int warnings;
static u32 lock;

/* -- Formatting ----------------------------------------------------------- */

/* Output that counts what did not fit */
struct sink {
	char *buf;
	size_t size;
	size_t len;
};

static void put(struct sink *s, char c)
{
	if (s->len + 1 < s->size)
		s->buf[s->len] = c;
	s->len++;
}

/* One conversion: what stands between % and its letter */
struct spec {
	bool zero;
	bool prefix;		/* #: 0x in front of a hexadecimal number */
	unsigned int width;
	unsigned int longs;
};

/* @sign: what stands in front of the zeroes */
static void put_padded(struct sink *s, const struct spec *spec, const char *sign, const char *str,
		       size_t len)
{
	size_t full = strlen(sign) + len;
	size_t pad = full < spec->width ? spec->width - full : 0;

	if (!spec->zero)
		for (; pad; pad--)
			put(s, ' ');
	while (*sign)
		put(s, *sign++);
	for (; pad; pad--)
		put(s, '0');
	while (len--)
		put(s, *str++);
}

static void put_number(struct sink *s, const struct spec *spec, const char *sign, u64 value,
		       unsigned int base)
{
	char digits[20];
	char *p = digits + sizeof(digits);

	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	put_padded(s, spec, sign, p, digits + sizeof(digits) - p);
}

static const char *parse_spec(const char *fmt, struct spec *spec)
{
	*spec = (struct spec){};
	for (; *fmt == '0' || *fmt == '#'; fmt++) {
		spec->zero |= *fmt == '0';
		spec->prefix |= *fmt == '#';
	}
	for (; *fmt >= '0' && *fmt <= '9'; fmt++)
		spec->width = spec->width * 10 + *fmt - '0';
	for (; *fmt == 'l' || *fmt == 'z'; fmt++)
		spec->longs++;
	return fmt;
}

/* A va_list can only be handed on by reference inside a structure */
struct args {
	va_list ap;
};

static u64 next_unsigned(struct args *args, const struct spec *spec)
{
	return spec->longs ? va_arg(args->ap, unsigned long) : va_arg(args->ap, unsigned int);
}

static s64 next_signed(struct args *args, const struct spec *spec)
{
	return spec->longs ? va_arg(args->ap, long) : va_arg(args->ap, int);
}

static void put_signed(struct sink *s, const struct spec *spec, s64 value)
{
	put_number(s, spec, value < 0 ? "-" : "", value < 0 ? -(u64)value : (u64)value, 10);
}

static void put_hex(struct sink *s, const struct spec *spec, u64 value)
{
	put_number(s, spec, spec->prefix && value ? "0x" : "", value, 16);
}

static void put_string(struct sink *s, const struct spec *spec, const char *str)
{
	struct spec plain = { .width = spec->width };

	if (!str)
		str = "(null)";
	put_padded(s, &plain, "", str, strlen(str));
}

static void put_pointer(struct sink *s, u64 value)
{
	struct spec wide = { .zero = true, .width = 16 };

	put_number(s, &wide, "", value, 16);
}

static void convert(struct sink *s, char letter, const struct spec *spec, struct args *args)
{
	switch (letter) {
	case 'd':
		put_signed(s, spec, next_signed(args, spec));
		break;
	case 'u':
		put_number(s, spec, "", next_unsigned(args, spec), 10);
		break;
	case 'x':
		put_hex(s, spec, next_unsigned(args, spec));
		break;
	case 'p':
		put_pointer(s, (u64)(uintptr_t)va_arg(args->ap, void *));
		break;
	case 's':
		put_string(s, spec, va_arg(args->ap, const char *));
		break;
	case 'c':
		put(s, (char)va_arg(args->ap, int));
		break;
	case '%':
		put(s, '%');
		break;
	default:
		put(s, '?');
	}
}

int vsnprintk(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct sink s = { .buf = buf, .size = size };
	struct spec spec;
	struct args args;

	va_copy(args.ap, ap);
	while (*fmt) {
		if (*fmt != '%') {
			put(&s, *fmt++);
			continue;
		}
		fmt = parse_spec(fmt + 1, &spec);
		if (!*fmt)
			break;
		convert(&s, *fmt++, &spec, &args);
	}
	va_end(args.ap);
	if (size)
		buf[min(s.len, size - 1)] = 0;
	return s.len;
}

int snprintk(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintk(buf, size, fmt, ap);
	va_end(ap);
	return len;
}

/* -- Ring and console ----------------------------------------------------- */

static void log_lock(void)
{
	while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
		;
}

static void log_unlock(void)
{
	__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

static void emit(const char *line, size_t len, bool console)
{
	for (; len; len--, line++) {
		ring[ring_head++ % RING_SIZE] = *line;
		if (console)
			arch_console_putc(*line);
	}
}

/* One line: prefix, text, exactly one newline.  What does not fit is cut. */
static size_t format_line(char *line, const char *prefix, const char *fmt, va_list ap)
{
	int len = snprintk(line, LINE_SIZE - 1, "%s", prefix);

	len += vsnprintk(line + len, LINE_SIZE - 1 - len, fmt, ap);
	len = min(len, LINE_SIZE - 2);
	while (len && line[len - 1] == '\n')
		len--;
	line[len++] = '\n';
	return len;
}

void printk(const char *fmt, ...)
{
	char line[LINE_SIZE];
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	len = format_line(line, "hyp-stub: ", fmt, ap);
	va_end(ap);

	log_lock();
	emit(line, len, !console_off);
	log_unlock();
}

void warn(const char *fmt, ...)
{
	char line[LINE_SIZE];
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	len = format_line(line, "hyp-stub: warning: ", fmt, ap);
	va_end(ap);

	log_lock();
	warnings++;
	emit(line, len, true);
	log_unlock();
}

/* Takes no lock: whoever holds it may be who panics */
void panic(const char *fmt, ...)
{
	char line[LINE_SIZE];
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	len = format_line(line, "hyp-stub: panic: ", fmt, ap);
	va_end(ap);
	emit(line, len, true);
	arch_stop();
}

void printk_console_off(void)
{
	console_off = true;
}

unsigned int printk_warnings(void)
{
	return warnings;
}

size_t printk_read(u64 *pos, char *buf, size_t size)
{
	u64 oldest, n, i;

	log_lock();
	oldest = ring_head > RING_SIZE ? ring_head - RING_SIZE : 0;
	if (*pos < oldest)
		*pos = oldest;
	n = *pos < ring_head ? min(ring_head - *pos, (u64)size) : 0;
	for (i = 0; i < n; i++)
		buf[i] = ring[(*pos + i) % RING_SIZE];
	*pos += n;
	log_unlock();
	return n;
}
