// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs on the host: starts a program, gunyah-vmm, and while it runs does to its memory
 * whatever a host may do: swap, migrate, compact, collapse to huge pages.
 *
 *	pressure [--huge] PROGRAM [ARGUMENTS]
 *
 * The kernel's counters have to say that it happened.  Needs swap and two NUMA nodes.
 * The program's input gets a line when it has been enough, for the guest to end.
 * Exit status: the program's, or 1 if a counter did not move.
 */
#include <fcntl.h>
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

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define PAGE		4096UL
#define HUGE		(2UL << 20)
#define SLICE		(4UL << 20)
#define GUEST_MIN	(128UL << 20)	/* no other mapping of the program is so large */
#define OWN_HUGE	"64"		/* pages; a few are there without compaction */
#define BEYOND		(16UL << 20)
#define COLLAPSES	4
#define PAUSE_US	200000
#define ENOUGH_EVENTS	20	/* and a few of each kind */

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

static pid_t child = -1;
static int pidfd = -1;
static int input = -1;
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

#define NR_COUNTERS	ARRAY_SIZE(counters)

static unsigned long before[NR_COUNTERS];

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

static void advise(unsigned long base, int advice)
{
	struct iovec range = { .iov_base = (void *)base, .iov_len = SLICE };

	/* What cannot be done now is not an error: the counters tell. */
	syscall(SYS_process_madvise, pidfd, &range, 1UL, advice, 0);
}

static void page_out(void)
{
	advise(slice(), MADV_PAGEOUT);
}

/* What was paged out has come back in small pages: several, as some are huge still. */
static void collapse(void)
{
	unsigned int i;

	for (i = 0; i < COLLAPSES; i++)
		advise(slice(), MADV_COLLAPSE);
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

static void tell_kernel(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

static void compact(void)
{
	tell_kernel("/proc/sys/vm/compact_memory", "1");
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

static char *allocate_small(unsigned long size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long i;

	if (memory == MAP_FAILED)
		return NULL;
	madvise(memory, size, MADV_NOHUGEPAGE);
	for (i = 0; i < size; i += PAGE)
		memory[i] = 1;
	return memory;
}

/*
 * More memory than there is, so that others have to make room.  Then every other page
 * of it goes, which leaves no two free pages side by side, and huge pages are wanted:
 * the kernel can only find them by compaction.  They are wanted for its pool, as it does
 * not give up early for that, while for a process it soon puts small pages in their place.
 */
static void want_much(void)
{
	unsigned long size = available() + BEYOND, i;
	char *memory = allocate_small(size);

	if (!memory)
		return;
	for (i = 0; i < size; i += 2 * PAGE)
		madvise(memory + i, PAGE, MADV_DONTNEED);
	tell_kernel("/proc/sys/vm/nr_hugepages", OWN_HUGE);
	tell_kernel("/proc/sys/vm/nr_hugepages", "0");
	munmap(memory, size);
}

static void event(unsigned int nr, bool huge)
{
	static void (*const events[])(void) = {
		page_out, migrate, compact, want_much, collapse,
	};

	/*
	 * The last one only makes sense where there are huge pages, and then finds memory
	 * that the one before it has given back.
	 */
	events[nr % (ARRAY_SIZE(events) - !huge)]();
}

static void print_moves(void)
{
	unsigned long now[NR_COUNTERS] = {};
	unsigned int i;

	read_counters(now);
	for (i = 0; i < NR_COUNTERS; i++)
		printf("pressure: %s %lu\n", counters[i].name, now[i] - before[i]);
}

static bool all_moved(bool huge)
{
	unsigned long now[NR_COUNTERS] = {};
	unsigned int i;

	read_counters(now);
	for (i = 0; i < NR_COUNTERS; i++) {
		if (now[i] == before[i] && (huge || !counters[i].huge_only))
			return false;
	}
	return true;
}

static void say_enough(void)
{
	static const char text[] = "enough\n";

	if (input >= 0 && write(input, text, sizeof(text) - 1) < 0)
		perror("pressure: input of the program");
	close(input);
	input = -1;
}

/* The program's exit status; events until it has one */
static int press(bool huge)
{
	unsigned int nr = 0;
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (find_guest())
			event(nr++, huge);
		if (nr >= ENOUGH_EVENTS && input >= 0 && all_moved(huge))
			say_enough();
		if (nr % ENOUGH_EVENTS == 1)
			print_moves();
		usleep(PAUSE_US);
	}
	printf("pressure: %u events\n", nr);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void start(char **argv)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	input = ends[1];
	child = fork();
	if (child == 0) {
		dup2(ends[0], STDIN_FILENO);
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	close(ends[0]);
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
	bool huge = argc > 1 && !strcmp(argv[1], "--huge");
	int status;

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
	print_moves();
	if (!status && !all_moved(huge)) {
		printf("pressure: not everything happened\n");
		status = 1;
	}
	return status;
}
