// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which device gets an access, at the edges of the ranges above all.
 */
#include "check.h"
#include "mmio.h"
#include "report.h"

static __u64 last_offset;
static unsigned int warnings;

/* Stands in for report.c: counts. */
void report_warning(const char *fmt, ...)
{
	(void)fmt;
	warnings++;
}

static __u64 read_device(void *opaque, __u64 offset, unsigned int len)
{
	last_offset = offset;
	return *(__u64 *)opaque + len;
}

static void write_device(void *opaque, __u64 offset, unsigned int len, __u64 value)
{
	(void)len;
	last_offset = offset;
	*(__u64 *)opaque = value;
}

static __u64 store[2] = { 100, 200 };

static int add(struct mmio_bus *bus, __u64 base, __u64 size, __u64 *where)
{
	const struct mmio_device device = {
		.base = base,
		.size = size,
		.read = read_device,
		.write = write_device,
		.opaque = where,
	};

	return mmio_add(bus, &device);
}

static void test_table(struct mmio_bus *bus)
{
	unsigned int i;

	CHECK(add(bus, 0x1000, 0x1000, &store[0]) == 0);
	CHECK(add(bus, 0x2000, 0x10, &store[1]) == 0);
	CHECK(add(bus, 0x1fff, 1, &store[1]) < 0);
	CHECK(add(bus, 0xfff, 2, &store[1]) < 0);
	CHECK(add(bus, 0x800, 0x10000, &store[1]) < 0);
	CHECK(add(bus, 0x3000, 0, &store[1]) < 0);
	CHECK(add(bus, ~0ULL, 2, &store[1]) < 0);
	for (i = 2; i < MMIO_MAX_DEVICES; i++)
		CHECK(add(bus, 0x10000 * i, 0x10, &store[1]) == 0);
	CHECK(add(bus, 0xf0000, 0x10, &store[1]) < 0);
}

static void test_dispatch(struct mmio_bus *bus)
{
	CHECK(mmio_read(bus, 0x1000, 1) == 101 && last_offset == 0);
	CHECK(mmio_read(bus, 0x1ffc, 4) == 104 && last_offset == 0xffc);
	mmio_write(bus, 0x200f, 1, 7);
	CHECK(store[1] == 7 && last_offset == 0xf);
	CHECK(warnings == 0);
}

static void test_nobody(struct mmio_bus *bus)
{
	unsigned int i;

	/* Half inside is outside. */
	CHECK(mmio_read(bus, 0x200e, 4) == ~0ULL && warnings == 1);
	CHECK(mmio_read(bus, 0xfff, 2) == ~0ULL && warnings == 2);
	CHECK(mmio_read(bus, ~0ULL, 8) == ~0ULL && warnings == 3);
	CHECK(mmio_read(bus, 0xfff, 2) == ~0ULL && warnings == 3);
	mmio_write(bus, 0xfff, 2, 9);
	CHECK(warnings == 3);
	for (i = 0; i < 1000; i++)
		mmio_write(bus, 0x5000000 + i, 1, 9);
	CHECK(warnings == MMIO_MAX_NOTED);
}

int main(void)
{
	static struct mmio_bus bus;

	mmio_init(&bus);
	test_table(&bus);
	test_dispatch(&bus);
	test_nobody(&bus);
	return checks_result("mmio");
}
