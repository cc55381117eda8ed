/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The stage 2 walker with a spectator between it and its tables, who knows the rule
 * of break before make.  Includes mm/stage2.c itself.
 */
#ifndef STUB_TESTS_TEST_STAGE2_H
#define STUB_TESTS_TEST_STAGE2_H

#include "lib/printk.h"
#include "tests/test.h"

/* Sees every write of an entry, between stage2.c and the table */
static void watch_set(u64 *entry, u64 desc);
#define S2_SET(entry, desc) watch_set(entry, desc)
#include "../mm/stage2.c"

#define VMID		7

static struct page_pool pool;
static struct stage2 s2;

#define MAX_STALE 70000

/* Entries that were valid and have not been flushed since */
static u64 *stale[MAX_STALE];
static unsigned int nr_stale;
static unsigned int bbm_errors;

static bool is_stale(const u64 *entry)
{
	unsigned int i;

	for (i = 0; i < nr_stale; i++)
		if (stale[i] == entry)
			return true;
	return false;
}

static void watch_set(u64 *entry, u64 desc)
{
	u64 old = *entry;

	if (desc & S2_VALID) {
		/* From valid to another valid one, or not flushed in between */
		if (((old & S2_VALID) && old != desc) || is_stale(entry))
			bbm_errors++;
	} else if (old & S2_VALID && nr_stale < MAX_STALE) {
		stale[nr_stale++] = entry;
	}
	*entry = desc;
}

/* What a flush does not cover stays stale, as far as a test can tell from the address space */
static void on_flush(const struct fake_flush *flush)
{
	if (flush->vmid == VMID)
		nr_stale = 0;
}

static void watch_start(void)
{
	nr_stale = 0;
	bbm_errors = 0;
	fake.flushed = on_flush;
}

static inline void setup(unsigned int ipa_bits, u64 pages)
{
	watch_start();
	page_pool_init(&pool, "tables", FAKE_RAM_BASE, pages << PAGE_SHIFT);
	if (!stage2_init(&s2, &pool, ipa_bits, VMID))
		panic("no root");
}

#endif
