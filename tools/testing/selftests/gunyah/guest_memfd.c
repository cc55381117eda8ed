// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory files, without a guest: what their owner may do with them.
 */
#include "harness.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "gmem.h"

#define PAGE	4096UL
#define PAGES	16
#define SIZE	(PAGES * PAGE)
#define KEEP	FALLOC_FL_KEEP_SIZE

FIXTURE(file) {
	struct gt_files before;
	int fd;
	char *mem;
};

/* Each page begins with its number */
static void number_pages(char *mem, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		mem[i * PAGE] = i + 1;
}

FIXTURE_SETUP(file)
{
	gt_files(&self->before);
	self->fd = gt_create_mem(SIZE, GUNYAH_GUEST_MEM_CLOEXEC);
	self->mem = gt_mmap(self->fd, 0, SIZE);
	gt_catch_sigbus();
}

FIXTURE_TEARDOWN(file)
{
	munmap(self->mem, SIZE);
	if (self->fd >= 0)
		close(self->fd);
	gt_expect_files(&self->before);
}

/* ---- creating ---- */

struct create_case {
	const char *name;
	uint64_t size, flags;
	int error;
};

static const struct create_case create_cases[] = {
	{ "size not aligned", PAGE + 1, 0, -EINVAL },
	{ "size of half a page", PAGE / 2, 0, -EINVAL },
	{ "size no file has", -PAGE, 0, -EINVAL },
	{ "unknown flag", PAGE, 4, -EINVAL },
	{ "unknown flag in the upper half", PAGE, 1ULL << 32 | 1, -EINVAL },
	{ "all flags", PAGE, -1ULL, -EINVAL },
};

TEST(create_errors)
{
	unsigned int i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(create_cases); i++) {
		EXPECT_EQ(__gt_create_mem(create_cases[i].size, create_cases[i].flags),
			  create_cases[i].error)
			TH_LOG("%s", create_cases[i].name);
	}
	fd = gt_open();
	EXPECT_EQ(gt_errno(ioctl(fd, GUNYAH_CREATE_GUEST_MEM, NULL)), -EFAULT);
	close(fd);
}

TEST(create_without_descriptors)
{
	struct rlimit limit, none;
	int fd = gt_open();
	struct gunyah_create_mem_args args = { .size = PAGE };
	struct gt_files before;

	gt_files(&before);
	ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = limit.rlim_max };
	ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
	EXPECT_EQ(gt_errno(ioctl(fd, GUNYAH_CREATE_GUEST_MEM, &args)), -EMFILE);
	ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	gt_expect_files(&before);
}

TEST(close_on_exec)
{
	int fd = gt_create_mem(PAGE, 0);

	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	close(fd);
	fd = gt_create_mem(PAGE, GUNYAH_GUEST_MEM_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
}

TEST_F(file, looks)
{
	char path[64], name[64] = "";
	struct stat st;

	ASSERT_EQ(fstat(self->fd, &st), 0);
	EXPECT_TRUE(S_ISREG(st.st_mode));
	EXPECT_EQ(st.st_size, SIZE);
	EXPECT_EQ(fcntl(self->fd, F_GETFL) & O_ACCMODE, O_RDWR);
	EXPECT_EQ(lseek(self->fd, 0, SEEK_END), SIZE);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->fd);
	ASSERT_GT(readlink(path, name, sizeof(name) - 1), 0);
	EXPECT_NE(strstr(name, "[gh-gmem]"), NULL);
}

/* Each has an inode of its own */
TEST_F(file, own_inode)
{
	int other = gt_create_mem(SIZE, 0);
	struct stat a, b;

	ASSERT_EQ(fstat(self->fd, &a), 0);
	ASSERT_EQ(fstat(other, &b), 0);
	EXPECT_NE(a.st_ino, b.st_ino);
	close(other);
}

TEST_F(file, no_read_no_write)
{
	char buf[8] = "";
	struct iovec iov = { buf, sizeof(buf) };
	int pipefd[2];

	ASSERT_EQ(pipe(pipefd), 0);
	EXPECT_EQ(gt_errno(read(self->fd, buf, sizeof(buf))), -EINVAL);
	EXPECT_EQ(gt_errno(write(self->fd, buf, sizeof(buf))), -EINVAL);
	EXPECT_EQ(gt_errno(pread(self->fd, buf, sizeof(buf), 0)), -ESPIPE);
	EXPECT_EQ(gt_errno(preadv(self->fd, &iov, 1, 0)), -ESPIPE);
	EXPECT_EQ(gt_errno(splice(self->fd, NULL, pipefd[1], NULL, PAGE, 0)), -EINVAL);
	EXPECT_EQ(gt_errno(sendfile(pipefd[1], self->fd, NULL, PAGE)), -EINVAL);
	close(pipefd[0]);
	close(pipefd[1]);
}

/* ---- mapping ---- */

TEST_F(file, private_mapping)
{
	EXPECT_EQ(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, self->fd, 0), MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
}

TEST_F(file, zero_and_shared)
{
	char *other = gt_mmap(self->fd, 0, SIZE);
	unsigned int i;

	for (i = 0; i < SIZE; i++)
		ASSERT_EQ(self->mem[i], 0);
	self->mem[5 * PAGE + 7] = 0x42;
	EXPECT_EQ(other[5 * PAGE + 7], 0x42);
	munmap(other, SIZE);
	other = gt_mmap(self->fd, 5 * PAGE, PAGE);
	EXPECT_EQ(other[7], 0x42);
	munmap(other, PAGE);
}

/* What somebody else left in a page is not to be seen: not even when memory is short */
TEST(zero_when_recycled)
{
	const size_t size = 32UL << 20;
	unsigned int round, dirty;
	char *mem;
	size_t i;
	int fd;

	for (round = 0; round < 2; round++) {
		fd = gt_create_mem(size, round ? GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE : 0);
		mem = gt_mmap(fd, 0, size);
		for (i = dirty = 0; i < size; i += PAGE)
			dirty += !!*(uint64_t *)(mem + i + (i >> 12) % 512 * 8);
		EXPECT_EQ(dirty, 0);
		memset(mem, 0xa5, size);
		munmap(mem, size);
		close(fd);
	}
}

TEST_F(file, behind_the_end)
{
	char *mem = gt_mmap(self->fd, 0, SIZE + 2 * PAGE);

	EXPECT_FALSE(gt_write_faults(mem + SIZE - 1));
	EXPECT_TRUE(gt_read_faults(mem + SIZE));
	EXPECT_TRUE(gt_write_faults(mem + SIZE + PAGE));
	EXPECT_EQ(gt_file_kib(self->fd), 4);
	munmap(mem, SIZE + 2 * PAGE);
}

/* The mapping keeps the file */
TEST_F(file, outlives_descriptor)
{
	self->mem[0] = 0x17;
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(self->mem[0], 0x17);
	EXPECT_FALSE(gt_write_faults(self->mem + SIZE - 1));
}

TEST_F(file, child_shares)
{
	pid_t pid = fork();

	ASSERT_GE(pid, 0);
	if (!pid) {
		self->mem[PAGE] = 0x33;
		_exit(0);
	}
	gt_wait_exit(pid, 0);
	EXPECT_EQ(self->mem[PAGE], 0x33);
}

/* ---- fallocate ---- */

struct fallocate_case {
	const char *name;
	int mode;
	off_t offset, len;
	int error;
};

static const struct fallocate_case fallocate_cases[] = {
	{ "that changes the size", 0, 0, PAGE, -EOPNOTSUPP },
	{ "zero range that changes the size", FALLOC_FL_ZERO_RANGE, 0, PAGE, -EOPNOTSUPP },
	{ "collapse", FALLOC_FL_COLLAPSE_RANGE, 0, PAGE, -EOPNOTSUPP },
	{ "insert", FALLOC_FL_INSERT_RANGE, 0, PAGE, -EOPNOTSUPP },
	{ "unshare", KEEP | FALLOC_FL_UNSHARE_RANGE, 0, PAGE, -EOPNOTSUPP },
	{ "hole and zero", KEEP | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE, 0, PAGE,
	  -EOPNOTSUPP },
	{ "offset not aligned", KEEP, 1, PAGE, -EINVAL },
	{ "length not aligned", KEEP, 0, PAGE + 8, -EINVAL },
	{ "length 0", KEEP, 0, 0, -EINVAL },
	{ "negative offset", KEEP, -PAGE, PAGE, -EINVAL },
	{ "hole, offset not aligned", KEEP | FALLOC_FL_PUNCH_HOLE, 8, PAGE, -EINVAL },
	{ "hole, length not aligned", KEEP | FALLOC_FL_PUNCH_HOLE, 0, 8, -EINVAL },
	{ "zero range, not aligned", KEEP | FALLOC_FL_ZERO_RANGE, 8, PAGE, -EINVAL },
	{ "behind the end", KEEP, SIZE, PAGE, -EINVAL },
	{ "across the end", KEEP, SIZE - PAGE, 2 * PAGE, -EINVAL },
	{ "zero range across the end", KEEP | FALLOC_FL_ZERO_RANGE, SIZE - PAGE, 2 * PAGE,
	  -EINVAL },
	{ "of nearly all there is", KEEP, PAGE, LLONG_MAX - 2 * PAGE + 1, -EINVAL },
	{ "beyond what a file can be", KEEP, PAGE, LLONG_MAX - PAGE + 1, -EFBIG },
};

TEST_F(file, fallocate_errors)
{
	const struct fallocate_case *c;

	self->mem[0] = 0x42;
	for (c = fallocate_cases; c < fallocate_cases + ARRAY_SIZE(fallocate_cases); c++) {
		EXPECT_EQ(gt_errno(fallocate(self->fd, c->mode, c->offset, c->len)), c->error)
			TH_LOG("%s", c->name);
	}
	EXPECT_EQ(gt_file_kib(self->fd), 4);
	EXPECT_EQ(self->mem[0], 0x42);
}

TEST_F(file, allocate)
{
	EXPECT_EQ(gt_file_kib(self->fd), 0);
	EXPECT_EQ(__gt_allocate(self->fd, 3 * PAGE, 2 * PAGE), 0);
	EXPECT_EQ(gt_file_kib(self->fd), 8);
	/* What is there stays, also for ZERO_RANGE (ABI tables, uapi 3.5) */
	self->mem[3 * PAGE] = 0x11;
	EXPECT_EQ(__gt_allocate(self->fd, 0, SIZE), 0);
	EXPECT_EQ(fallocate(self->fd, KEEP | FALLOC_FL_ZERO_RANGE, 0, SIZE), 0);
	EXPECT_EQ(self->mem[3 * PAGE], 0x11);
	EXPECT_EQ(gt_file_kib(self->fd), SIZE / 1024);
}

/* A killed task does not have to fill a file of 64 GiB first */
TEST(allocate_is_killable)
{
	int fd = gt_create_mem(1ULL << 40, 0);
	pid_t pid = fork();

	ASSERT_GE(pid, 0);
	if (!pid) {
		fallocate(fd, KEEP, 0, 1ULL << 40);
		_exit(0);
	}
	while (!gt_file_kib(fd))
		sched_yield();
	kill(pid, SIGKILL);
	gt_wait_killed(pid, SIGKILL);
	close(fd);
}

struct hole {
	unsigned int first, nr;
};

/* In the order in which they are punched; some twice, some where nothing is */
static const struct hole holes[] = {
	{ 3, 2 }, { 15, 1 }, { 0, 1 }, { 3, 3 }, { 8, 1 }, { 7, 3 }, { PAGES, 4 },
};

static bool punched(unsigned int page, unsigned int nr_holes)
{
	unsigned int i;

	for (i = 0; i < nr_holes; i++) {
		if (page - holes[i].first < holes[i].nr)
			return true;
	}
	return false;
}

/* Exactly those pages: offsets are bytes, and not only the first works */
TEST_F(file, punch)
{
	unsigned int i, page, kept;

	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		number_pages(self->mem, PAGES);
		for (page = 0; page <= i; page++)
			ASSERT_EQ(__gt_punch(self->fd, holes[page].first * PAGE,
					     holes[page].nr * PAGE), 0);
		for (page = kept = 0; page < PAGES; page++)
			kept += !punched(page, i + 1);
		EXPECT_EQ(gt_file_kib(self->fd), kept * 4);
		for (page = 0; page < PAGES; page++)
			EXPECT_EQ(self->mem[page * PAGE], punched(page, i + 1) ? 0 : page + 1);
	}
}

TEST_F(file, truncate)
{
	unsigned int page;

	number_pages(self->mem, PAGES);
	EXPECT_EQ(gt_errno(ftruncate(self->fd, SIZE - 100)), -EINVAL);
	EXPECT_EQ(ftruncate(self->fd, 5 * PAGE), 0);
	EXPECT_EQ(gt_file_kib(self->fd), 20);
	EXPECT_TRUE(gt_read_faults(self->mem + 5 * PAGE));
	EXPECT_FALSE(gt_read_faults(self->mem + 4 * PAGE));
	EXPECT_EQ(__gt_allocate(self->fd, 5 * PAGE, PAGE), -EINVAL);
	EXPECT_EQ(ftruncate(self->fd, SIZE), 0);
	for (page = 0; page < PAGES; page++)
		EXPECT_EQ(self->mem[page * PAGE], page < 5 ? page + 1 : 0);
}

/* ---- memory that stays where it is, of whoever filled it ---- */

static uint64_t pfn_of(const char *addr)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry = 0;

	gt_assert(fd >= 0);
	gt_assert_eq(pread(fd, &entry, 8, (uintptr_t)addr / PAGE * 8), 8);
	close(fd);
	gt_assert(entry >> 63);
	return entry & ((1ULL << 55) - 1);
}

static void tell_vm(const char *file, const char *value)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", file);
	fd = open(path, O_WRONLY);
	gt_assert(fd >= 0);
	gt_assert_eq(write(fd, value, strlen(value)), (ssize_t)strlen(value));
	close(fd);
}

TEST_F(file, neither_moved_nor_dropped)
{
	uint64_t pfn[PAGES];
	unsigned int i;

	number_pages(self->mem, PAGES);
	for (i = 0; i < PAGES; i++)
		pfn[i] = pfn_of(self->mem + i * PAGE);
	tell_vm("compact_unevictable_allowed", "1");
	tell_vm("drop_caches", "3");
	tell_vm("compact_memory", "1");
	EXPECT_EQ(gt_errno(posix_fadvise(self->fd, 0, SIZE, POSIX_FADV_DONTNEED)), 0);
	madvise(self->mem, SIZE, MADV_PAGEOUT);
	for (i = 0; i < PAGES; i++) {
		EXPECT_EQ(self->mem[i * PAGE], i + 1);
		EXPECT_EQ(pfn_of(self->mem + i * PAGE), pfn[i]);
	}
	EXPECT_EQ(gt_file_kib(self->fd), SIZE / 1024);
}

/* Nothing of it is locked memory: a user without the right to lock any can have it */
TEST(unprivileged)
{
	const struct rlimit none = { 0, 0 };
	int fd = gt_open();
	struct gunyah_create_mem_args args = { .size = 4UL << 20 };
	pid_t pid = fork();
	int mem;

	ASSERT_GE(pid, 0);
	if (!pid) {
		gt_assert(!setrlimit(RLIMIT_MEMLOCK, &none));
		gt_assert(!setgid(1000) && !setuid(1000));
		mem = ioctl(fd, GUNYAH_CREATE_GUEST_MEM, &args);
		gt_assert(mem >= 0);
		gt_assert_eq(__gt_allocate(mem, 0, args.size), 0);
		memset(gt_mmap(mem, 0, args.size), 1, args.size);
		gt_assert_eq(gt_locked_kib(), 0);
		_exit(0);
	}
	gt_wait_exit(pid, 0);
	close(fd);
}

#define CGROUP	"/tmp/gunyah-cgroup"
#define GROUP	CGROUP "/gunyah"

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	gt_assert(fd >= 0);
	gt_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static long group_kib(void)
{
	char text[32] = "";
	int fd = open(GROUP "/memory.current", O_RDONLY);

	gt_assert(fd >= 0);
	gt_assert(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return strtoll(text, NULL, 10) >> 10;
}

/* The child has filled; the parent looks and releases */
static void fill_in_group(int fd, size_t size)
{
	pid_t pid = fork();

	gt_assert(pid >= 0);
	if (!pid) {
		write_file(GROUP "/cgroup.procs", "0");
		gt_assert_eq(__gt_allocate(fd, 0, size), 0);
		_exit(0);
	}
	gt_wait_exit(pid, 0);
}

TEST(charged_to_the_cgroup)
{
	const size_t size = 8UL << 20;
	long before, full, after;
	int fd;

	mkdir(CGROUP, 0755);
	if (mount("none", CGROUP, "cgroup2", 0, NULL))
		SKIP(return, "no cgroup2");
	write_file(CGROUP "/cgroup.subtree_control", "+memory");
	ASSERT_EQ(mkdir(GROUP, 0755), 0);
	fd = gt_create_mem(size, 0);
	before = group_kib();
	fill_in_group(fd, size);
	full = group_kib();
	EXPECT_GE(full - before, (long)size >> 10);
	close(fd);
	after = group_kib();
	EXPECT_LE(after - before, (long)size >> 12);
	EXPECT_EQ(rmdir(GROUP), 0);
	EXPECT_EQ(umount(CGROUP), 0);
}

/* ---- huge pages ---- */

static long mapped_by_blocks_kib(const char *mem)
{
	char line[256], start[32];
	bool here = false;
	long kib = -1;
	FILE *f;

	snprintf(start, sizeof(start), "%lx-", (unsigned long)mem);
	f = fopen("/proc/self/smaps", "r");
	gt_assert(f);
	while (kib < 0 && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, start, strlen(start)))
			here = true;
		if (here)
			sscanf(line, "FilePmdMapped: %ld", &kib);
	}
	fclose(f);
	return kib;
}

FIXTURE(huge) {
	struct gt_files before;
	int fd;
	char *mem;
};

FIXTURE_SETUP(huge)
{
	gt_files(&self->before);
	tell_vm("compact_memory", "1");
	self->fd = gt_create_mem(2 * GT_HUGE, GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE);
	self->mem = gt_mmap(self->fd, 0, 2 * GT_HUGE);
	gt_catch_sigbus();
}

FIXTURE_TEARDOWN(huge)
{
	munmap(self->mem, 2 * GT_HUGE);
	close(self->fd);
	gt_expect_files(&self->before);
}

TEST_F(huge, whole)
{
	size_t i;

	self->mem[GT_HUGE + 17 * PAGE] = 1;
	EXPECT_EQ(gt_file_kib(self->fd), 2048);
	EXPECT_EQ(mapped_by_blocks_kib(self->mem), 2048);
	for (i = 0; i < GT_HUGE; i += 8)
		ASSERT_EQ(*(uint64_t *)(self->mem + GT_HUGE + i), i == 17 * PAGE);
	EXPECT_EQ(__gt_punch(self->fd, GT_HUGE, GT_HUGE), 0);
	EXPECT_EQ(gt_file_kib(self->fd), 0);
	EXPECT_EQ(self->mem[GT_HUGE + 17 * PAGE], 0);
}

TEST_F(huge, hole_in_one)
{
	number_pages(self->mem, 512);
	EXPECT_EQ(__gt_punch(self->fd, 100 * PAGE, 2 * PAGE), 0);
	EXPECT_EQ(gt_file_kib(self->fd), 2048 - 8);
	EXPECT_EQ(self->mem[99 * PAGE], 100);
	EXPECT_EQ(self->mem[100 * PAGE], 0);
	EXPECT_EQ(self->mem[101 * PAGE], 0);
	EXPECT_EQ(self->mem[102 * PAGE], 103);
}

TEST_F(huge, cut_off_in_one)
{
	number_pages(self->mem, 512);
	EXPECT_EQ(ftruncate(self->fd, 100 * PAGE), 0);
	EXPECT_TRUE(gt_read_faults(self->mem + 100 * PAGE));
	EXPECT_EQ(ftruncate(self->fd, GT_HUGE), 0);
	EXPECT_EQ(self->mem[99 * PAGE], 100);
	EXPECT_EQ(self->mem[100 * PAGE], 0);
}

/* The last one does not fit: small pages */
TEST_F(huge, at_the_end)
{
	ASSERT_EQ(ftruncate(self->fd, GT_HUGE + 3 * PAGE), 0);
	self->mem[GT_HUGE + PAGE] = 1;
	EXPECT_EQ(gt_file_kib(self->fd), 4);
	self->mem[0] = 1;
	EXPECT_EQ(gt_file_kib(self->fd), 2048 + 4);
}

/* A place that has a small page already gets more of them */
TEST_F(huge, beside_small_ones)
{
	number_pages(self->mem, 512);
	ASSERT_EQ(__gt_punch(self->fd, 0, GT_HUGE - PAGE), 0);
	EXPECT_EQ(gt_file_kib(self->fd), 4);
	self->mem[0] = 1;
	EXPECT_EQ(gt_file_kib(self->fd), 8);
	EXPECT_EQ((unsigned char)self->mem[511 * PAGE], (unsigned char)512);
}

TEST_HARNESS_MAIN
