// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs on the host: starts a program, gunyah-vmm, and while it runs does to its memory
 * whatever a host may do: swap, migrate, compact, collapse to huge pages.
 *
 *	pressure [--huge] PROGRAM [ARGUMENTS]
 *
 * The kernel's counters have to say that it happened.  Needs swap and two NUMA nodes.
 * Exit status: the program's, or 1 if a counter did not move.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		4096UL
#define HUGE		(2UL << 20)
#define SLICE		(8UL << 20)
#define GUEST_MIN	(128UL << 20)	/* no other mapping of the program is so large */
#define OWN_HUGE	(24UL << 20)
#define PAUSE_US	20000

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

static pid_t child;
static int pidfd;
static unsigned long guest, guest_size;

static const struct counter {
	const char *name;
	bool huge_only;
} counters[] = {
	{ "pswpout", false },
	{ "pswpin", false },
	{ "pgmigrate_success", false },
	{ "compact_success", false },
	{ "thp_collapse_alloc", true },
};

#define NR_COUNTERS	(sizeof(counters) / sizeof(counters[0]))

static void read_counters(unsigned long *values)
{
	char name[64], line[128];
	unsigned long value;
	unsigned int i;
	FILE *file = fopen("/proc/vmstat", "r");

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %lu", name, &value) != 2)
			continue;
		for (i = 0; i < NR_COUNTERS; i++) {
			if (!strcmp(name, counters[i].name))
				values[i] = value;
		}
	}
	if (file)
		fclose(file);
}

/* The guest's RAM: the largest mapping of the program */
static bool find_guest(void)
{
	unsigned long from, to;
	char path[32], line[512];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", child);
	maps = fopen(path, "r");
	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx", &from, &to) == 2 && to - from > guest_size &&
		    to - from >= GUEST_MIN) {
			guest = from;
			guest_size = to - from;
		}
	}
	if (maps)
		fclose(maps);
	return guest_size;
}

static unsigned long slice(void)
{
	unsigned long base = (guest + HUGE - 1) & ~(HUGE - 1);
	unsigned long nr = (guest + guest_size - base) / SLICE;

	return base + (unsigned long)rand() % nr * SLICE;
}

static void advise(int advice)
{
	struct iovec range = { .iov_base = (void *)slice(), .iov_len = SLICE };

	/* What cannot be done now is not an error: the counters tell. */
	syscall(SYS_process_madvise, pidfd, &range, 1UL, advice, 0);
}

static void page_out(void)
{
	advise(MADV_PAGEOUT);
}

static void collapse(void)
{
	advise(MADV_COLLAPSE);
}

static void migrate(void)
{
	static void *pages[SLICE / PAGE];
	static int nodes[SLICE / PAGE], status[SLICE / PAGE];
	unsigned long base = slice(), i;
	int node = rand() & 1;

	for (i = 0; i < SLICE / PAGE; i++) {
		pages[i] = (void *)(base + i * PAGE);
		nodes[i] = node;
	}
	syscall(SYS_move_pages, child, SLICE / PAGE, pages, nodes, status, 2 /* MOVE */);
}

static void compact(void)
{
	FILE *file = fopen("/proc/sys/vm/compact_memory", "w");

	if (file) {
		fputs("1", file);
		fclose(file);
	}
}

/* Memory that others have to make room for; huge pages of it by direct compaction */
static void allocate(unsigned long size, int advice)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long i;

	if (memory == MAP_FAILED)
		return;
	madvise(memory, size, advice);
	for (i = 0; i < size; i += PAGE)
		memory[i] = 1;
	munmap(memory, size);
}

static void want_huge(void)
{
	allocate(OWN_HUGE, MADV_HUGEPAGE);
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

static void want_much(void)
{
	allocate(available() + (16UL << 20), MADV_NOHUGEPAGE);
}

static void event(unsigned int nr, bool huge)
{
	static void (*const events[])(void) = {
		page_out, migrate, want_huge, compact, migrate, want_much, collapse,
	};

	/* The last one only makes sense where there are huge pages. */
	events[nr % (sizeof(events) / sizeof(events[0]) - !huge)]();
}

/* The program's exit status; events until it has one */
static int press(bool huge)
{
	unsigned int nr = 0;
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (find_guest())
			event(nr++, huge);
		usleep(PAUSE_US);
	}
	printf("pressure: %u events\n", nr);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int compare(const unsigned long *before, const unsigned long *after, bool huge)
{
	int result = 0;
	unsigned int i;

	for (i = 0; i < NR_COUNTERS; i++) {
		printf("pressure: %s %lu\n", counters[i].name, after[i] - before[i]);
		if (after[i] == before[i] && (huge || !counters[i].huge_only))
			result = 1;
	}
	return result;
}

static void start(char **argv)
{
	child = fork();
	if (child == 0) {
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	pidfd = syscall(SYS_pidfd_open, child, 0);
}

/* If somebody has to go because memory is short, then not the guest. */
static void sacrifice_myself(void)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "w");

	if (file) {
		fputs("1000", file);
		fclose(file);
	}
}

int main(int argc, char **argv)
{
	unsigned long before[NR_COUNTERS] = {}, after[NR_COUNTERS] = {};
	bool huge = argc > 1 && !strcmp(argv[1], "--huge");
	int status, still;

	if (argc < 2 + huge) {
		fprintf(stderr, "usage: pressure [--huge] PROGRAM [ARGUMENTS]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	read_counters(before);
	start(argv + 1 + huge);
	sacrifice_myself();
	if (child < 0 || pidfd < 0) {
		perror("pressure");
		return 1;
	}
	status = press(huge);
	read_counters(after);
	still = compare(before, after, huge);
	if (still)
		printf("pressure: not everything happened\n");
	return status ? status : still;
}
