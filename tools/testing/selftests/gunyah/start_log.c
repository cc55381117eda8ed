// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a failed start leaves in the kernel's log: one line, with the step and the error
 * of the Resource Manager by name, or with the reason in words.
 */
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "protect.h"

#define PAGE		4096UL
#define RECORD		1024
#define FW_GPA		(GUEST_RAM_BASE - 16 * PAGE)

/* A reader of the log, at its end */
static int log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	gt_assert(fd >= 0);
	gt_assert(lseek(fd, 0, SEEK_END) >= 0);
	return fd;
}

/*
 * The next record of the kernel itself about Gunyah; what programs write has a facility.
 * false: there is none
 */
static bool log_next(int fd, char *text)
{
	char record[RECORD + 1], *message;
	ssize_t n;

	for (;;) {
		n = gt_errno(read(fd, record, RECORD));
		if (n == -EAGAIN)
			return false;
		if (n == -EPIPE)
			gt_fail("the log was overwritten");
		gt_assert(n > 0);
		record[n] = '\0';
		message = strchr(record, ';');
		gt_assert(message);
		message[strcspn(message, "\n")] = '\0';
		if (strtoul(record, NULL, 10) < 8 && strstr(message, "unyah")) {
			memcpy(text, message + 1, strlen(message));
			return true;
		}
	}
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n >= k && !strcmp(text + n - k, end);
}

/* Exactly one record, and it ends like this */
static void expect_line(int fd, const char *end)
{
	char text[RECORD], more[RECORD];

	if (!log_next(fd, text))
		gt_fail("nothing in the log, not \"%s\"", end);
	if (!ends_with(text, end))
		gt_fail("\"%s\" does not end with \"%s\"", text, end);
	if (log_next(fd, more))
		gt_fail("one line more: \"%s\"", more);
}

#define FAILED(why)	"VM of start_log: start failed: " why
#define CHECKED(why)	FAILED("checking the configuration: " why)
#define SAYS		"the Resource Manager says "
#define HYP_SAYS	", the hypervisor ARGUMENT_INVALID ("
#define FW_REFUSED(rm, err) FAILED("SET_FIRMWARE_MEM: " SAYS rm HYP_SAYS err ")")

FIXTURE(start_log) {
	struct gt_vm vm;
	int log;
};

FIXTURE_SETUP(start_log)
{
	gt_vm_init(&self->vm, GUEST_command);
	self->vm.kind = GT_LEND;
	self->log = log_open();
}

FIXTURE_TEARDOWN(start_log)
{
	char text[RECORD];

	gt_vm_close(&self->vm);
	gt_unload_qtvm();
	/* The end of the VM is no news, as nothing stays behind */
	if (log_next(self->log, text))
		gt_fail("one line more: \"%s\"", text);
	close(self->log);
}

static void expect_failure(FIXTURE_DATA(start_log) *self, int err, const char *line)
{
	gt_assert_eq(__gt_start(self->vm.fd), err);
	expect_line(self->log, line);
}

/* A start that succeeds says nothing */
TEST_F(start_log, success)
{
	gt_vm_boot(&self->vm);
	gt_command(&self->vm.vcpu[0], CMD_END, 0, 0, 0, 0);
	gt_expect_off(&self->vm.vcpu[0]);
}

TEST_F(start_log, tree)
{
	gt_vm_create(&self->vm);
	expect_failure(self, -EINVAL,
		       CHECKED("no device tree was announced (-EINVAL)"));
	gt_assert_eq(__gt_set_dtb(self->vm.fd, GUEST_RAM_BASE, PAGE), 0);
	expect_failure(self, -ENOENT,
		       CHECKED("the device tree is not inside one region of memory (-ENOENT)"));
}

TEST_F(start_log, not_executable)
{
	struct gunyah_userspace_memory_region region = {
		.flags = GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE,
		.guest_phys_addr = GUEST_RAM_BASE, .memory_size = self->vm.ram_size,
	};

	gt_vm_create(&self->vm);
	self->vm.ram = gt_alloc(self->vm.ram_size);
	region.userspace_addr = (uintptr_t)self->vm.ram;
	gt_assert_eq(__gt_mem_region(self->vm.fd, GT_LEND, &region), 0);
	gt_assert_eq(__gt_set_dtb(self->vm.fd, GUEST_RAM_BASE, PAGE), 0);
	expect_failure(self, -EINVAL,
		       CHECKED("the device tree's memory is lent, but not executable (-EINVAL)"));
}

TEST_F(start_log, boot_context)
{
	if (gt_has_boot_context())
		SKIP(return, "this Resource Manager sets any boot context");
	gt_vm_create(&self->vm);
	gt_assert_eq(__gt_boot_context(self->vm.fd, 0x100, GUEST_RAM_BASE + PAGE), 0);
	gt_vm_add_ram(&self->vm);
	gt_vm_configure(&self->vm);
	expect_failure(self, -ENOTTY,
		       CHECKED("this Resource Manager cannot set the boot context (-ENOTTY)"));
}

TEST_F(start_log, firmware)
{
	int vm;

	gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
	vm = self->vm.fd;
	gt_assert_eq(__gt_set_firmware(vm, FW_GPA, 16 * PAGE), 0);
	expect_failure(self, -EINVAL,
		       CHECKED("the firmware is not inside one region of memory (-EINVAL)"));
	gt_assert_eq(__gt_set_firmware(vm, GUEST_RAM_BASE + GUEST_DTB_OFFSET, PAGE), 0);
	expect_failure(self, -EINVAL,
		       CHECKED("the firmware is where the device tree or image is (-EINVAL)"));
}

/* Refused by the RM, with an error of the hypervisor behind its own */
TEST_F(start_log, firmware_refused)
{
	void *mem = gt_alloc(16 * PAGE);

	gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
	gt_add_memory(self->vm.fd, gt_open_profile() ? GT_LEND : GT_SHARE, FW_GPA, mem, 16 * PAGE);
	gt_assert_eq(__gt_set_firmware(self->vm.fd, FW_GPA, 16 * PAGE), 0);
	if (gt_open_profile())
		expect_failure(self, -EPERM,
			       FW_REFUSED("DENIED", "-EPERM"));
	else
		expect_failure(self, -EINVAL,
			       FW_REFUSED("MEM_INVALID", "-EINVAL"));
	gt_assert_eq(__gt_start(self->vm.fd), -ENODEV);
}

/* The VM is ready, and START itself finds that there is no firmware to start */
TEST_F(start_log, start_refused)
{
	if (gt_open_profile())
		SKIP(return, "the open Resource Manager starts what it can");
	gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
	gt_assert_eq(__gt_set_auth(self->vm.fd, 0, NULL, 0), 0);
	expect_failure(self, -EPERM, FAILED("START: " SAYS "DENIED (-EPERM)"));
}

TEST_F(start_log, tree_refused)
{
	gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
	memset((char *)self->vm.ram + GUEST_DTB_OFFSET, 0, 16);
	expect_failure(self, -EINVAL,
		       FAILED("INIT: " SAYS "MEM_INVALID (-EINVAL)"));
}

static void set_qtvm(FIXTURE_DATA(start_log) *self, uint16_t vm_id, uint64_t gpa)
{
	struct gunyah_auth_qtvm_arg arg = gt_qtvm_arg(vm_id);

	arg.guest_phys_addr = gpa;
	gt_assert_eq(__gt_set_auth(self->vm.fd, 1, &arg, sizeof(arg)), 0);
}

TEST_F(start_log, image)
{
	gt_prepare_trusted(&self->vm);
	set_qtvm(self, 20, GUEST_RAM_BASE - PAGE);
	expect_failure(self, -EINVAL,
		       CHECKED("the signed image is not in the device tree's region (-EINVAL)"));
	set_qtvm(self, 0x80, GUEST_RAM_BASE);
	expect_failure(self, -ENODEV,
		       FAILED("ALLOCATE: " SAYS "NORESOURCE (-ENODEV)"));
	/* Nobody was asked */
	set_qtvm(self, 3, GUEST_RAM_BASE);
	expect_failure(self, -EINVAL, FAILED("ALLOCATE: -EINVAL"));
}

TEST_F(start_log, image_refused)
{
	if (gt_open_profile() && gt_can_share())
		SKIP(return, "a debug build of the Resource Manager takes anything");
	gt_prepare_trusted(&self->vm);
	memset(self->vm.ram, 0, PAGE);
	set_qtvm(self, 20, GUEST_RAM_BASE);
	expect_failure(self, -EPERM,
		       FAILED("AUTH_IMAGE: " SAYS "DENIED (-EPERM)"));
}

/* The memory of the tree went away: no words are better than the errno */
TEST_F(start_log, no_memory)
{
	if (gt_open_profile())
		SKIP(return, "here all memory is pinned before");
	self->vm.kind = GT_SHARE;
	gt_assert_eq(__gt_vm_prepare(&self->vm), 0);
	gt_assert(!munmap(self->vm.ram, self->vm.ram_size));
	self->vm.ram = NULL;
	expect_failure(self, -EFAULT, FAILED("handing over memory: -EFAULT"));
}

/* Not the start's doing, but the most frequent reason why there is none */
TEST_F(start_log, memlock)
{
	struct rlimit limit = { 64 << 10, 64 << 10 };

	gt_vm_create(&self->vm);
	self->vm.ram = gt_alloc(self->vm.ram_size);
	/* The limit is none of the superuser's */
	gt_assert(!setrlimit(RLIMIT_MEMLOCK, &limit));
	gt_assert(!setgid(1000) && !setuid(1000));
	gt_assert_eq(__gt_add_memory(self->vm.fd, GT_LEND, GUEST_RAM_BASE, self->vm.ram,
				     self->vm.ram_size), -ENOMEM);
	expect_line(self->log, "start_log: RLIMIT_MEMLOCK does not allow 2048 KiB of guest memory");
}

/* ---- several VMs that fail at the same time ---- */

#define ROUNDS	6

struct failing {
	const char *name;
	pthread_t thread;
	void (*spoil)(struct gt_vm *vm);
	int err;
	const char *line;
	unsigned int seen;
};

static void spoil_tree(struct gt_vm *vm)
{
	gt_assert_eq(__gt_vm_prepare(vm), 0);
	memset((char *)vm->ram + GUEST_DTB_OFFSET, 0, 16);
}

static void spoil_id(struct gt_vm *vm)
{
	struct gunyah_auth_qtvm_arg arg = gt_qtvm_arg(0x80);

	gt_prepare_trusted(vm);
	gt_assert_eq(__gt_set_auth(vm->fd, 1, &arg, sizeof(arg)), 0);
}

static void *fail_often(void *data)
{
	struct failing *f = data;
	struct gt_vm vm;
	unsigned int i;

	gt_assert(!prctl(PR_SET_NAME, f->name));
	for (i = 0; i < ROUNDS; i++) {
		gt_vm_init(&vm, GUEST_command);
		vm.kind = GT_LEND;
		f->spoil(&vm);
		gt_assert_eq(__gt_start(vm.fd), f->err);
		gt_vm_close(&vm);
	}
	return NULL;
}

static void count_line(struct failing *f, unsigned int nr, const char *text)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (ends_with(text, f[i].line)) {
			f[i].seen++;
			return;
		}
	}
	gt_fail("whose line is \"%s\"?", text);
}

/* Each line has the words that were meant for the VM that it names */
TEST_F(start_log, together)
{
	struct failing failing[] = {
		{ "tree", .spoil = spoil_tree, .err = -EINVAL,
		  .line = "VM of tree: start failed: INIT: " SAYS "MEM_INVALID (-EINVAL)" },
		{ "id", .spoil = spoil_id, .err = -ENODEV,
		  .line = "VM of id: start failed: ALLOCATE: " SAYS "NORESOURCE (-ENODEV)" },
	};
	char text[RECORD];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(failing); i++)
		gt_assert(!pthread_create(&failing[i].thread, NULL, fail_often, &failing[i]));
	for (i = 0; i < ARRAY_SIZE(failing); i++)
		gt_assert(!pthread_join(failing[i].thread, NULL));
	while (log_next(self->log, text))
		count_line(failing, ARRAY_SIZE(failing), text);
	for (i = 0; i < ARRAY_SIZE(failing); i++)
		EXPECT_EQ(failing[i].seen, ROUNDS);
}

TEST_HARNESS_MAIN
