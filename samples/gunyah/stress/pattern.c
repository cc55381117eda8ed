// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs in the guest: writes a pattern to all memory there is, reads it back.
 *
 *	pattern ROUNDS
 *
 * At least so many times, and until there is something to read from standard input.
 * One thread for each CPU, which has a part of the memory to itself.  What a page
 * holds follows from its number and the round, so a page that is lost, stale, another
 * one's or copied in part is found.  Most of a page is one word repeated: the host's
 * swap is compressed memory, and random contents would not fit into it.
 */
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE		4096UL
#define WORDS		(PAGE / sizeof(uint64_t))
#define COUNTED		32	/* words at the end of a page that are not repeated */
#define SPARE		(48UL << 20)
#define MAX_THREADS	8
#define MAX_REPORTS	8

struct part {
	pthread_t thread;
	uint64_t *memory;
	uint64_t pages;
	uint64_t first;
	unsigned int rounds;
	uint64_t wrong;
};

/* splitmix64: any two inputs that differ give words that differ */
static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static uint64_t page_word(uint64_t page, unsigned int round)
{
	return mix(page << 16 | (round + 1));
}

static uint64_t word(uint64_t base, unsigned int index)
{
	return index < WORDS - COUNTED ? base : base + index;
}

static void write_page(volatile uint64_t *page, uint64_t base)
{
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		page[i] = word(base, i);
}

static unsigned int wrong_bytes(uint64_t is, uint64_t wanted)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < 64; i += 8)
		wrong += ((is ^ wanted) >> i & 0xff) != 0;
	return wrong;
}

static void check_page(struct part *part, const volatile uint64_t *page, uint64_t number,
		       unsigned int round)
{
	uint64_t base = page_word(number, round), value;
	unsigned int i;

	for (i = 0; i < WORDS; i++) {
		value = page[i];
		if (value == word(base, i))
			continue;
		if (part->wrong < MAX_REPORTS)
			printf("pattern: page %lu word %u round %u: %016lx, not %016lx\n",
			       (unsigned long)number, i, round, (unsigned long)value,
			       (unsigned long)word(base, i));
		part->wrong += wrong_bytes(value, word(base, i));
	}
}

static bool enough(const struct part *part, unsigned int round)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	return round >= part->rounds && poll(&input, 1, 0) == 1;
}

/* Forwards and backwards in turn: what was written last is read first, and last. */
static void *work(void *arg)
{
	struct part *part = arg;
	unsigned int round;
	uint64_t i, n;

	for (round = 0; !enough(part, round); round++) {
		if (!part->first)
			printf("pattern: round %u\n", round);
		for (i = 0; i < part->pages; i++)
			write_page(part->memory + i * WORDS,
				   page_word(part->first + i, round));
		for (i = 0; i < part->pages; i++) {
			n = round & 1 ? part->pages - 1 - i : i;
			check_page(part, part->memory + n * WORDS, part->first + n, round);
		}
	}
	part->rounds = round;
	return NULL;
}

static unsigned long available(void)
{
	char line[128];
	unsigned long kib = 0;
	FILE *file = fopen("/proc/meminfo", "r");

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "MemAvailable: %lu", &kib);
	if (file)
		fclose(file);
	return kib << 10;
}

int main(int argc, char **argv)
{
	unsigned long size = available(), cpus = sysconf(_SC_NPROCESSORS_ONLN), i;
	static struct part parts[MAX_THREADS];
	uint64_t wrong = 0, pages;
	uint64_t *memory;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 2 || size <= SPARE)
		return 2;
	cpus = cpus < MAX_THREADS ? cpus : MAX_THREADS;
	pages = (size - SPARE) / PAGE / cpus;
	memory = mmap(NULL, pages * cpus * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	for (i = 0; i < cpus; i++) {
		parts[i] = (struct part){ .memory = memory + i * pages * WORDS, .pages = pages,
					  .first = i * pages, .rounds = atoi(argv[1]) };
		if (pthread_create(&parts[i].thread, NULL, work, &parts[i]))
			return 1;
	}
	for (i = 0; i < cpus; i++) {
		pthread_join(parts[i].thread, NULL);
		wrong += parts[i].wrong;
	}
	printf("pattern: %lu MiB, %u rounds, %lu wrong bytes\n",
	       (unsigned long)(pages * cpus * PAGE >> 20), parts[0].rounds,
	       (unsigned long)wrong);
	return wrong != 0;
}
