// SPDX-License-Identifier: GPL-2.0-only
/*
 * GUNYAH_VM_MAP_MEM without a guest that runs: what is refused, what is bound to whom,
 * and what is free again.  map_mem_run.c has the guests.
 */
#include "harness.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "gmem.h"

#define PAGE	4096UL
#define PAGES	16
#define SIZE	(PAGES * PAGE)
#define GPA	GUEST_RAM_BASE

#define RWX	GUNYAH_MAP_MEM_ALLOW_RWX
#define LEND	(GUNYAH_MAP_MEM_FORCE_LEND | RWX)
#define SHARE	(GUNYAH_MAP_MEM_FORCE_SHARE | RWX)
#define UNMAP	GUNYAH_MAP_MEM_UNMAP

FIXTURE(bind) {
	struct gt_files before;
	int vm;
	int other_vm;
	int fd;
};

FIXTURE_SETUP(bind)
{
	gt_files(&self->before);
	self->vm = gt_create_vm();
	self->other_vm = gt_create_vm();
	self->fd = gt_create_mem(SIZE, 0);
}

FIXTURE_TEARDOWN(bind)
{
	close(self->fd);
	close(self->vm);
	close(self->other_vm);
	gt_expect_files(&self->before);
}

/* ---- errors ---- */

enum which { THE_FILE, CLOSED, A_VM, A_PIPE, A_MEMFD, HUGE };

struct map_case {
	const char *name;
	enum which which;
	uint64_t gpa;
	uint32_t flags;
	uint64_t offset, size;
	int error;
};

static const struct map_case map_cases[] = {
	{ "closed descriptor", CLOSED, GPA, LEND, 0, PAGE, -EINVAL },
	{ "descriptor of a VM", A_VM, GPA, LEND, 0, PAGE, -EINVAL },
	{ "descriptor of a pipe", A_PIPE, GPA, LEND, 0, PAGE, -EINVAL },
	{ "another memory file", A_MEMFD, GPA, LEND, 0, PAGE, -EINVAL },
	{ "no access", THE_FILE, GPA, GUNYAH_MAP_MEM_FORCE_LEND, 0, PAGE, -EINVAL },
	{ "no flags", THE_FILE, GPA, 0, 0, PAGE, -EINVAL },
	{ "lend and share", THE_FILE, GPA, LEND | SHARE, 0, PAGE, -EINVAL },
	{ "way 4", THE_FILE, GPA, 4 | RWX, 0, PAGE, -EINVAL },
	{ "flag 8", THE_FILE, GPA, 8 | LEND, 0, PAGE, -EINVAL },
	{ "flag 0x80", THE_FILE, GPA, 0x80 | LEND, 0, PAGE, -EINVAL },
	{ "flag 0x200", THE_FILE, GPA, 0x200 | LEND, 0, PAGE, -EINVAL },
	{ "highest flag", THE_FILE, GPA, 0x80000000 | LEND, 0, PAGE, -EINVAL },
	{ "Android's lend with all access", THE_FILE, GPA, 0x17, 0, PAGE, -EINVAL },
	{ "Android's share with all access", THE_FILE, GPA, 0x27, 0, PAGE, -EINVAL },
	{ "gpa not aligned", THE_FILE, GPA + 1, LEND, 0, PAGE, -EINVAL },
	{ "offset not aligned", THE_FILE, GPA, LEND, 8, PAGE, -EINVAL },
	{ "size not aligned", THE_FILE, GPA, LEND, 0, PAGE + 1, -EINVAL },
	{ "size 0", THE_FILE, GPA, LEND, 0, 0, -EINVAL },
	{ "gpa wraps", THE_FILE, -PAGE, LEND, 0, 2 * PAGE, -EOVERFLOW },
	{ "offset wraps", THE_FILE, GPA, LEND, -PAGE, 2 * PAGE, -EOVERFLOW },
	{ "huge, gpa of a page", HUGE, GPA + PAGE, LEND, 0, GT_HUGE, -EINVAL },
	{ "huge, offset of a page", HUGE, GPA, LEND, PAGE, GT_HUGE, -EINVAL },
	{ "huge, size of a page", HUGE, GPA, LEND, 0, PAGE, -EINVAL },
	{ "huge, size of one and a half", HUGE, GPA, LEND, 0, GT_HUGE + GT_HUGE / 2, -EINVAL },
};

static void open_all(int *fds, int file, int vm)
{
	int pipefd[2];

	gt_assert(!pipe(pipefd));
	close(pipefd[1]);
	fds[THE_FILE] = file;
	fds[CLOSED] = dup(file);
	close(fds[CLOSED]);
	fds[A_VM] = vm;
	fds[A_PIPE] = pipefd[0];
	fds[A_MEMFD] = memfd_create("other", 0);
	fds[HUGE] = gt_create_mem(2 * GT_HUGE, GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE);
}

/* Nothing of what is refused is bound: afterwards all of it can be */
TEST_F(bind, errors)
{
	const struct map_case *c;
	int fds[HUGE + 1];

	open_all(fds, self->fd, self->vm);
	/* The next descriptor would be the closed one */
	close(fds[CLOSED] = dup(0));
	for (c = map_cases; c < map_cases + ARRAY_SIZE(map_cases); c++) {
		EXPECT_EQ(__gt_bind(self->vm, c->gpa, c->flags, fds[c->which], c->offset,
				    c->size), c->error)
			TH_LOG("%s", c->name);
		EXPECT_EQ(__gt_unbind(self->vm, c->gpa, c->flags, fds[c->which], c->offset,
				      c->size), c->error)
			TH_LOG("UNMAP, %s", c->name);
	}
	EXPECT_EQ(__gt_map_mem(self->vm, NULL), -EFAULT);
	gt_bind(self->vm, GPA, LEND, self->fd, 0, SIZE);
	gt_bind(self->vm, GPA + 2 * GT_HUGE, SHARE, fds[HUGE], 0, 2 * GT_HUGE);
	close(fds[A_PIPE]);
	close(fds[A_MEMFD]);
	close(fds[HUGE]);
}

TEST_F(bind, reclaim_errors)
{
	EXPECT_EQ(__gt_reclaim(self->vm, GPA, 0), -EINVAL);
	EXPECT_EQ(__gt_reclaim(self->vm, GPA + 1, PAGE), -EINVAL);
	EXPECT_EQ(__gt_reclaim(self->vm, GPA, PAGE + 1), -EINVAL);
	EXPECT_EQ(__gt_reclaim(self->vm, -PAGE, 2 * PAGE), -EOVERFLOW);
	EXPECT_EQ(gt_errno(ioctl(self->vm, GUNYAH_VM_RECLAIM_REGION, NULL)), -EFAULT);
}

/* Nothing has been provided, so there is nothing to refuse */
TEST_F(bind, reclaim_before_start)
{
	int wanted = gt_open_profile() ? -EOPNOTSUPP : 0;

	gt_bind(self->vm, GPA, LEND, self->fd, 0, SIZE);
	EXPECT_EQ(__gt_reclaim(self->vm, GPA, SIZE), wanted);
	EXPECT_EQ(__gt_reclaim(self->vm, GPA + PAGE, PAGE), wanted);
	EXPECT_EQ(__gt_reclaim(self->vm, 0, -PAGE), wanted);
	/* It is still bound */
	EXPECT_EQ(__gt_bind(self->other_vm, GPA, LEND, self->fd, 0, PAGE), -EEXIST);
}

/* All ways and all sets of access */
TEST_F(bind, all_flags)
{
	uint32_t way, access, flags;

	for (way = 0; way <= GUNYAH_MAP_MEM_FORCE_SHARE; way++) {
		for (access = GUNYAH_MAP_MEM_ALLOW_READ; access <= RWX;
		     access += GUNYAH_MAP_MEM_ALLOW_READ) {
			flags = way | access;
			EXPECT_EQ(__gt_bind(self->vm, GPA, flags, self->fd, 0, SIZE), 0);
			EXPECT_EQ(__gt_unbind(self->vm, GPA, flags, self->fd, 0, SIZE), 0);
		}
	}
}

/* ---- a part of a file, and guest addresses, are bound once ---- */

TEST_F(bind, file_range_once)
{
	gt_bind(self->vm, GPA, LEND, self->fd, 4 * PAGE, 4 * PAGE);
	EXPECT_EQ(__gt_bind(self->vm, GPA + SIZE, LEND, self->fd, 4 * PAGE, 4 * PAGE), -EEXIST);
	EXPECT_EQ(__gt_bind(self->vm, GPA + SIZE, SHARE, self->fd, 4 * PAGE, PAGE), -EEXIST);
	EXPECT_EQ(__gt_bind(self->vm, GPA + SIZE, LEND, self->fd, 7 * PAGE, PAGE), -EEXIST);
	EXPECT_EQ(__gt_bind(self->vm, GPA + SIZE, LEND, self->fd, 0, 5 * PAGE), -EEXIST);
	EXPECT_EQ(__gt_bind(self->vm, GPA + SIZE, LEND, self->fd, 0, SIZE), -EEXIST);
	EXPECT_EQ(__gt_bind(self->vm, GPA + SIZE, LEND, self->fd, 7 * PAGE, 9 * PAGE), -EEXIST);
	/* Its neighbours are free */
	EXPECT_EQ(__gt_bind(self->vm, GPA + SIZE, LEND, self->fd, 3 * PAGE, PAGE), 0);
	EXPECT_EQ(__gt_bind(self->vm, GPA + 2 * SIZE, LEND, self->fd, 8 * PAGE, PAGE), 0);
}

TEST_F(bind, over_all_vms)
{
	gt_bind(self->vm, GPA, LEND, self->fd, 0, 8 * PAGE);
	EXPECT_EQ(__gt_bind(self->other_vm, GPA, SHARE, self->fd, 7 * PAGE, PAGE), -EEXIST);
	EXPECT_EQ(__gt_bind(self->other_vm, GPA, SHARE, self->fd, 8 * PAGE, PAGE), 0);
	/* Free when its VM is gone */
	close(self->vm);
	EXPECT_EQ(__gt_bind(self->other_vm, GPA + SIZE, SHARE, self->fd, 0, 8 * PAGE), 0);
	self->vm = gt_create_vm();
}

TEST_F(bind, guest_range_once)
{
	int other = gt_create_mem(SIZE, 0);
	char *mem = gt_alloc(SIZE);

	gt_bind(self->vm, GPA + 4 * PAGE, LEND, self->fd, 0, 4 * PAGE);
	EXPECT_EQ(__gt_bind(self->vm, GPA + 4 * PAGE, LEND, other, 0, PAGE), -EEXIST);
	EXPECT_EQ(__gt_bind(self->vm, GPA + 7 * PAGE, LEND, other, 0, PAGE), -EEXIST);
	EXPECT_EQ(__gt_bind(self->vm, GPA, LEND, other, 0, SIZE), -EEXIST);
	EXPECT_EQ(__gt_add_memory(self->vm, GT_SHARE, GPA + 7 * PAGE, mem, PAGE), -EEXIST);
	EXPECT_EQ(__gt_add_memory(self->vm, GT_LEND, GPA + 8 * PAGE, mem, PAGE), 0);
	EXPECT_EQ(__gt_bind(self->vm, GPA + 8 * PAGE, LEND, other, 0, PAGE), -EEXIST);
	/* What failed did not keep the file */
	EXPECT_EQ(__gt_bind(self->vm, GPA + 9 * PAGE, LEND, other, 0, SIZE), 0);
	close(other);
}

/* ---- UNMAP ---- */

TEST_F(bind, unmap_nothing)
{
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND, self->fd, 0, PAGE), -ENOENT);
}

/* All that is not as it was bound */
TEST_F(bind, unmap_wrong)
{
	int other = gt_create_mem(SIZE, 0);

	gt_bind(self->vm, GPA, LEND, self->fd, 4 * PAGE, 8 * PAGE);
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND, other, 4 * PAGE, 8 * PAGE), -ENOENT);
	EXPECT_EQ(__gt_unbind(self->other_vm, GPA, LEND, self->fd, 4 * PAGE, PAGE), -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA, SHARE, self->fd, 4 * PAGE, PAGE), -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND & ~GUNYAH_MAP_MEM_ALLOW_EXEC, self->fd,
			      4 * PAGE, PAGE), -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND & ~GUNYAH_MAP_MEM_ALLOW_WRITE, self->fd,
			      4 * PAGE, PAGE), -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND, self->fd, 0, PAGE), -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND, self->fd, 5 * PAGE, PAGE), -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA + PAGE, LEND, self->fd, 4 * PAGE, PAGE), -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND, self->fd, 4 * PAGE, 9 * PAGE), -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA - PAGE, LEND, self->fd, 3 * PAGE, 2 * PAGE),
		  -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA + 8 * PAGE, LEND, self->fd, 12 * PAGE, PAGE),
		  -ENOENT);
	/* All of it is still bound */
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND, self->fd, 4 * PAGE, 8 * PAGE), 0);
	close(other);
}

/* Two bindings side by side are not one */
TEST_F(bind, unmap_across_bindings)
{
	gt_bind(self->vm, GPA, LEND, self->fd, 0, 4 * PAGE);
	gt_bind(self->vm, GPA + 4 * PAGE, LEND, self->fd, 4 * PAGE, 4 * PAGE);
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND, self->fd, 0, 8 * PAGE), -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA + 3 * PAGE, LEND, self->fd, 3 * PAGE, 2 * PAGE),
		  -ENOENT);
	EXPECT_EQ(__gt_unbind(self->vm, GPA + 4 * PAGE, LEND, self->fd, 4 * PAGE, 4 * PAGE), 0);
}

/* Which of the pages can another VM bind?  Leaves them as they are */
static uint32_t free_pages(int vm, int fd)
{
	uint32_t mask = 0;
	unsigned int i;

	for (i = 0; i < PAGES; i++) {
		if (__gt_bind(vm, GPA, SHARE, fd, i * PAGE, PAGE))
			continue;
		mask |= 1U << i;
		gt_assert_eq(__gt_unbind(vm, GPA, SHARE, fd, i * PAGE, PAGE), 0);
	}
	return mask;
}

struct cut {
	unsigned int first, nr;
	uint32_t free;		/* pages of the file, afterwards */
};

/* Head, tail, middle, each of the parts again: exactly those pages are free */
static const struct cut cuts[] = {
	{ 0, 2, 0x0003 },
	{ 14, 2, 0xc003 },
	{ 7, 2, 0xc183 },
	{ 3, 1, 0xc18b },
	{ 2, 1, 0xc18f },
	{ 9, 1, 0xc38f },
	{ 10, 3, 0xdf8f },
	{ 13, 1, 0xff8f },
	{ 4, 3, 0xffff },
};

TEST_F(bind, unmap_parts)
{
	unsigned int i;

	gt_bind(self->vm, GPA + SIZE, LEND, self->fd, 0, SIZE);
	EXPECT_EQ(free_pages(self->other_vm, self->fd), 0);
	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		EXPECT_EQ(__gt_unbind(self->vm, GPA + SIZE + cuts[i].first * PAGE, LEND,
				      self->fd, cuts[i].first * PAGE, cuts[i].nr * PAGE), 0);
		EXPECT_EQ(free_pages(self->other_vm, self->fd), cuts[i].free);
		/* Nor is it bound a second time at the old place */
		EXPECT_EQ(__gt_unbind(self->vm, GPA + SIZE + cuts[i].first * PAGE, LEND,
				      self->fd, cuts[i].first * PAGE, cuts[i].nr * PAGE),
			  -ENOENT);
	}
}

/* The guest's addresses are free, too, and only they */
TEST_F(bind, unmap_middle_and_fill)
{
	int other = gt_create_mem(SIZE, 0);

	gt_bind(self->vm, GPA, LEND, self->fd, 0, SIZE);
	EXPECT_EQ(__gt_unbind(self->vm, GPA + 5 * PAGE, LEND, self->fd, 5 * PAGE, 3 * PAGE), 0);
	EXPECT_EQ(__gt_bind(self->vm, GPA + 5 * PAGE, SHARE, other, 0, 4 * PAGE), -EEXIST);
	EXPECT_EQ(__gt_bind(self->vm, GPA + 4 * PAGE, SHARE, other, 0, 4 * PAGE), -EEXIST);
	EXPECT_EQ(__gt_bind(self->vm, GPA + 5 * PAGE, SHARE, other, 0, 3 * PAGE), 0);
	close(other);
}

/* ---- descriptors and processes ---- */

/* The binding keeps the file, whose memory goes with the VM */
TEST_F(bind, close_while_bound)
{
	struct gt_files full, empty;
	int fd = gt_create_mem(16UL << 20, 0);

	gt_files(&empty);
	gt_bind(self->vm, GPA, LEND, fd, 0, 16UL << 20);
	ASSERT_EQ(__gt_allocate(fd, 0, 16UL << 20), 0);
	close(fd);
	gt_files(&full);
	EXPECT_GE(full.unevictable_kib, empty.unevictable_kib + (15 << 10));
	close(self->vm);
	gt_files(&full);
	EXPECT_LT(full.unevictable_kib, empty.unevictable_kib + 1024);
	self->vm = gt_create_vm();
}

/* A file is no process's memory: whoever has the descriptors may */
TEST_F(bind, by_another_process)
{
	pid_t pid = fork();

	ASSERT_GE(pid, 0);
	if (!pid) {
		gt_bind(self->vm, GPA, LEND, self->fd, 0, SIZE);
		_exit(0);
	}
	gt_wait_exit(pid, 0);
	EXPECT_EQ(__gt_bind(self->vm, GPA, LEND, self->fd, 0, SIZE), -EEXIST);
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND, self->fd, 0, SIZE), 0);
}

TEST_F(bind, killed)
{
	pid_t pid = fork();
	int vm;

	ASSERT_GE(pid, 0);
	if (!pid) {
		vm = gt_create_vm();
		gt_bind(vm, GPA, LEND, self->fd, 0, SIZE);
		kill(getpid(), SIGKILL);
	}
	gt_wait_killed(pid, SIGKILL);
	EXPECT_EQ(__gt_bind(self->vm, GPA, LEND, self->fd, 0, SIZE), 0);
}

/* The host may do as it likes with what no guest has */
TEST_F(bind, host_before_start)
{
	char *mem = gt_mmap(self->fd, 0, SIZE);

	gt_catch_sigbus();
	gt_bind(self->vm, GPA, LEND, self->fd, 0, SIZE);
	EXPECT_FALSE(gt_write_faults(mem));
	EXPECT_EQ(__gt_punch(self->fd, PAGE, PAGE), 0);
	EXPECT_FALSE(gt_read_faults(mem + PAGE));
	EXPECT_EQ(ftruncate(self->fd, 4 * PAGE), 0);
	EXPECT_TRUE(gt_read_faults(mem + 4 * PAGE));
	EXPECT_EQ(ftruncate(self->fd, SIZE), 0);
	munmap(mem, SIZE);
}

/* What is behind the end may come later */
TEST_F(bind, behind_the_end)
{
	EXPECT_EQ(__gt_bind(self->vm, GPA, LEND, self->fd, SIZE, PAGE), 0);
	EXPECT_EQ(__gt_bind(self->vm, GPA + SIZE, LEND, self->fd, SIZE - PAGE, 2 * PAGE),
		  -EEXIST);
	EXPECT_EQ(__gt_unbind(self->vm, GPA, LEND, self->fd, SIZE, PAGE), 0);
}

/* ---- binding, unbinding and starting at the same time ---- */

#define ROUNDS	200

struct racer {
	int vm;
	int fd;
	uint64_t gpa;
	unsigned int bound;
};

static void *race(void *arg)
{
	struct racer *r = arg;
	unsigned int i;
	int ret;

	for (i = 0; i < ROUNDS; i++) {
		ret = __gt_bind(r->vm, r->gpa, LEND, r->fd, 0, SIZE);
		if (ret) {
			gt_assert_eq(ret, -EEXIST);
			continue;
		}
		r->bound++;
		gt_assert_eq(__gt_unbind(r->vm, r->gpa + 4 * PAGE, LEND, r->fd, 4 * PAGE, PAGE),
			     0);
		gt_assert_eq(__gt_unbind(r->vm, r->gpa, LEND, r->fd, 0, 4 * PAGE), 0);
		gt_assert_eq(__gt_unbind(r->vm, r->gpa + 5 * PAGE, LEND, r->fd, 5 * PAGE,
					 SIZE - 5 * PAGE), 0);
	}
	return NULL;
}

/* The same file for two VMs: one at a time */
TEST_F(bind, two_at_a_time)
{
	struct racer racers[] = {
		{ .vm = self->vm, .fd = self->fd, .gpa = GPA },
		{ .vm = self->other_vm, .fd = self->fd, .gpa = GPA },
		{ .vm = self->vm, .fd = self->fd, .gpa = GPA + SIZE },
	};
	pthread_t threads[ARRAY_SIZE(racers)];
	unsigned int i, bound = 0;

	for (i = 0; i < ARRAY_SIZE(racers); i++)
		ASSERT_EQ(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	for (i = 0; i < ARRAY_SIZE(racers); i++) {
		pthread_join(threads[i], NULL);
		bound += racers[i].bound;
	}
	EXPECT_GT(bound, 0);
	EXPECT_EQ(free_pages(self->other_vm, self->fd), (1U << PAGES) - 1);
}

TEST_HARNESS_MAIN
