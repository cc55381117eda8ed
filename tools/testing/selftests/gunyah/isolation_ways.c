// SPDX-License-Identifier: GPL-2.0-only
/*
 * Other ways to memory that a guest has to itself: those of other processes, of the
 * kernel on its own account, of devices.  On a guest memory file each of them is an
 * error.  On memory of a process the driver keeps those away that come uninvited
 * (core dump, fork, KSM); what is asked for on purpose (process_vm_readv() and the
 * like) is a limitation of lent user memory, and cannot be tried here: the kernel
 * oopses.  See Documentation/virt/gunyah/memory-model.rst.
 */
#include "harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/futex.h>

#include "gmem.h"
#include "iso.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define LENT_OFFSET	(GUEST_MIN_RAM - 16 * ISO_PAGE)
#define LENT_GPA	(GUEST_RAM_BASE + LENT_OFFSET)
#define SECRET		0x5ec2e75ec2e75ec2ULL

/* A guest, and a page that it has to itself */
struct lent {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int fd;			/* guest memory file, -1: memory of the process */
	char *page;
};

FIXTURE(file) {
	struct lent lent;
	char *page;
	char buf[ISO_PAGE];
};

FIXTURE(ways) {
	struct lent lent;
	char *page;
};

FIXTURE_VARIANT(ways) {
	bool file;
};

FIXTURE_VARIANT_ADD(ways, file) { .file = true };
FIXTURE_VARIANT_ADD(ways, process) { .file = false };

static void boot(struct lent *self, bool file)
{
	const uint32_t lend = GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_ALLOW_RWX;
	struct gt_vm *vm = &self->vm;

	gt_vm_init(vm, GUEST_command);
	vm->kind = GT_LEND;
	self->vcpu = &vm->vcpu[0];
	self->fd = -1;
	gt_vm_create(vm);
	if (file) {
		self->fd = gt_create_mem(GUEST_MIN_RAM, 0);
		gt_vm_add_ram_file(vm, self->fd, lend);
		self->page = (char *)gt_mmap(self->fd, 0, GUEST_MIN_RAM) + LENT_OFFSET;
	} else {
		gt_vm_add_ram(vm);
		self->page = (char *)vm->ram + LENT_OFFSET;
	}
	gt_vm_configure(vm);
	gt_vm_start(vm);
	gt_assert_eq(gt_command_result(self->vcpu, CMD_WRITE, LENT_GPA, 8, SECRET, 0), 0);
}

static void finish(struct lent *self)
{
	gt_assert_eq(gt_command_result(self->vcpu, CMD_READ, LENT_GPA, 8, 0, 0), SECRET);
	gt_vm_close(&self->vm);
	if (self->fd >= 0)
		close(self->fd);
}

FIXTURE_SETUP(file)
{
	boot(&self->lent, true);
	self->page = self->lent.page;
}

FIXTURE_TEARDOWN(file)
{
	finish(&self->lent);
}

FIXTURE_SETUP(ways)
{
	boot(&self->lent, variant->file);
	self->page = self->lent.page;
}

FIXTURE_TEARDOWN(ways)
{
	finish(&self->lent);
}

/* ---- what is asked for on purpose ---- */

static void attempt(struct __test_metadata *_metadata, long ret)
{
	iso_attempt(ret >= 0);
	EXPECT_LT(ret, 0);
}

TEST_F(file, process_vm)
{
	struct iovec local = { self->buf, ISO_PAGE }, remote = { self->page, ISO_PAGE };

	attempt(_metadata, gt_errno(process_vm_readv(getpid(), &local, 1, &remote, 1, 0)));
	attempt(_metadata, gt_errno(process_vm_writev(getpid(), &local, 1, &remote, 1, 0)));
	iso_report("process_vm_readv, process_vm_writev");
}

TEST_F(file, proc_mem)
{
	int fd = open("/proc/self/mem", O_RDWR);

	ASSERT_GE(fd, 0);
	attempt(_metadata, gt_errno(pread(fd, self->buf, ISO_PAGE, (uintptr_t)self->page)));
	attempt(_metadata, gt_errno(pwrite(fd, self->buf, ISO_PAGE, (uintptr_t)self->page)));
	iso_report("/proc/self/mem");
	close(fd);
}

TEST_F(file, splice)
{
	struct iovec iov = { self->page, ISO_PAGE };
	int fd[2];

	ASSERT_EQ(pipe(fd), 0);
	attempt(_metadata, gt_errno(vmsplice(fd[1], &iov, 1, 0)));
	attempt(_metadata, gt_errno(splice(self->lent.fd, NULL, fd[1], NULL, ISO_PAGE, 0)));
	iso_report("vmsplice, splice");
}

/* The file itself is no file to read, and cannot be sent */
TEST_F(file, file_io)
{
	int out = memfd_create("out", 0);
	loff_t at = LENT_OFFSET;

	ASSERT_GE(out, 0);
	attempt(_metadata, gt_errno(pread(self->lent.fd, self->buf, 8, LENT_OFFSET)));
	attempt(_metadata, gt_errno(pwrite(self->lent.fd, self->buf, 8, LENT_OFFSET)));
	attempt(_metadata, gt_errno(syscall(SYS_sendfile, out, self->lent.fd, &at, 8)));
	attempt(_metadata, gt_errno(copy_file_range(self->lent.fd, &at, out, NULL, 8, 0)));
	iso_report("read, write, sendfile, copy_file_range");
	close(out);
}

/* Operations that fault the page in and try again: not for ever */
TEST_F(file, futex)
{
	uint32_t own = 0;
	int op;

	attempt(_metadata, gt_errno(syscall(SYS_futex, self->page, FUTEX_WAIT, 0, NULL, NULL, 0)));
	attempt(_metadata, gt_errno(syscall(SYS_futex, self->page, FUTEX_LOCK_PI, 0, NULL, NULL,
					    0)));
	for (op = FUTEX_OP_SET; op <= FUTEX_OP_XOR; op++)
		attempt(_metadata, gt_errno(syscall(SYS_futex, &own, FUTEX_WAKE_OP, 1, 1,
						    self->page,
						    FUTEX_OP(op, 1, FUTEX_OP_CMP_EQ, 0))));
	iso_report("futex");
}

TEST_F(file, direct_io)
{
	int fd = open("/tmp/direct", O_RDWR | O_CREAT | O_DIRECT, 0600);

	if (fd < 0)
		SKIP(return, "no O_DIRECT on this filesystem");
	attempt(_metadata, gt_errno(pwrite(fd, self->page, ISO_PAGE, 0)));
	iso_report("O_DIRECT");
	close(fd);
	unlink("/tmp/direct");
}

/* ---- what comes uninvited ---- */

TEST_F(ways, advice)
{
	static const int advice[] = { MADV_MERGEABLE, MADV_COLLAPSE, MADV_POPULATE_READ,
				      MADV_POPULATE_WRITE, MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT,
				      MADV_FREE };
	unsigned int i;

	/* Whatever they answer: nobody reads the page, the guest keeps it (teardown) */
	for (i = 0; i < ARRAY_SIZE(advice); i++)
		madvise(self->page, ISO_PAGE, advice[i]);
	/* What would make the kernel dump it */
	if (!variant->file)
		EXPECT_EQ(gt_errno(madvise(self->page, ISO_PAGE, MADV_DODUMP)), -EINVAL);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	gt_assert_eq(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static long ksm_scans(void)
{
	long n = -1;
	FILE *f = fopen("/sys/kernel/mm/ksm/full_scans", "r");

	if (!f)
		return -1;
	gt_assert_eq(fscanf(f, "%ld", &n), 1);
	fclose(f);
	return n;
}

/* KSM reads what it compares, pinned or not */
TEST_F(ways, ksm)
{
	long scans = ksm_scans();
	char *own;

	if (scans < 0)
		SKIP(return, "no KSM in this kernel");
	madvise(self->page, ISO_PAGE, MADV_MERGEABLE);
	/* Something to do, so that it makes its rounds */
	own = mmap(NULL, 4 * ISO_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(own, MAP_FAILED);
	memset(own, 0x55, 4 * ISO_PAGE);
	ASSERT_EQ(madvise(own, 4 * ISO_PAGE, MADV_MERGEABLE), 0);
	write_file("/sys/kernel/mm/ksm/sleep_millisecs", "1");
	write_file("/sys/kernel/mm/ksm/run", "1");
	while (ksm_scans() < scans + 3)
		usleep(1000);
	write_file("/sys/kernel/mm/ksm/run", "0");
	munmap(own, 4 * ISO_PAGE);
}

/* A child has no part of it */
TEST_F(ways, fork)
{
	unsigned char vec;
	pid_t pid;

	if (variant->file) {
		gt_catch_sigbus();
		pid = fork();
		if (!pid)
			_exit(gt_read_faults(self->page) ? 0 : 1);
	} else {
		pid = fork();
		if (!pid)
			_exit(mincore(self->page, ISO_PAGE, &vec) == -1 && errno == ENOMEM ? 0 : 1);
	}
	ASSERT_GT(pid, 0);
	gt_wait_exit(pid, 0);
}

/* A process that dies with a VM dumps what is its own */
TEST_F(ways, core_dump)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct stat st;
	pid_t pid;

	unlink("/tmp/core");
	write_file("/proc/sys/kernel/core_pattern", "/tmp/core");
	write_file("/proc/sys/kernel/core_uses_pid", "0");
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		setrlimit(RLIMIT_CORE, &unlimited);
		boot(&self->lent, variant->file);
		signal(SIGABRT, SIG_DFL);
		abort();
	}
	gt_wait_killed(pid, SIGABRT);
	if (stat("/tmp/core", &st))
		SKIP(return, "no core dumps in this kernel");
	EXPECT_GT(st.st_size, 0);
	EXPECT_LT(st.st_blocks * 512, GUEST_MIN_RAM);
	unlink("/tmp/core");
}

TEST_HARNESS_MAIN
