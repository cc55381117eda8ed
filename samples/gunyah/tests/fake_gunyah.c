// SPDX-License-Identifier: GPL-2.0-only
/*
 * A /dev/gunyah without a hypervisor, linked around the program's ioctl() and
 * open() calls (ld --wrap).
 *
 * It asserts what the real one needs: memory, device tree and order of calls.
 * Its guest's first vCPU prints a line through the serial port and ends as
 * FAKE_END says (FAKE_TEXT is another line); the others sleep until somebody interrupts them.
 * FAKE_FAIL=NAME:errno makes the ioctl NAME fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/gunyah.h>
#include <linux/serial_reg.h>

#include "wrap.h"

#define UART		0x09000000
#define WINDOW		0x60000000
#define DISK_NOTIFY	0x0a000050
#define MAX_VCPUS	8
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static int device = -1, vm = -1;
static struct gunyah_userspace_memory_region ram;
static struct gunyah_vm_dtb_config dtb;
static bool started, lent, shared_window;
static int file = -1;
static struct {
	int fd;
	struct gunyah_vcpu_run *run;
	unsigned int step;
} vcpus[MAX_VCPUS];
static unsigned int vcpu_count;

static int refuse(int err)
{
	errno = err;
	return -1;
}

static void insist(bool good, const char *text)
{
	if (good)
		return;
	fprintf(stderr, "fake: broken: %s\n", text);
	_exit(99);
}

int __wrap_open(const char *path, int flags, ...)
{
	if (strcmp(path, "/dev/gunyah"))
		return __real_open(path, flags);
	device = memfd_create("device", MFD_CLOEXEC);
	return device;
}

static int create_vm(void *arg)
{
	insist(!arg, "CREATE_VM has no argument");
	vm = memfd_create("vm", MFD_CLOEXEC);
	return vm;
}

static int set_window(const struct gunyah_userspace_memory_region *region)
{
	insist(region->flags == (GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE),
	       "a window is data");
	insist(region->label && lent, "a window has a label, and the rest is lent");
	/* The driver may look into it; the program keeps it. */
	memset((void *)(uintptr_t)region->userspace_addr, 0, region->memory_size);
	shared_window = true;
	return 0;
}

static int create_memory(void *arg)
{
	const struct gunyah_create_mem_args *args = arg;

	insist(args->flags & GUNYAH_GUEST_MEM_CLOEXEC, "closed on exec");
	insist(!(args->flags & GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE) == !!getenv("FAKE_SMALL"),
	       "large pages unless told otherwise");
	file = memfd_create("memory", MFD_CLOEXEC);
	insist(ftruncate(file, args->size) == 0, "room for the file");
	return file;
}

/* Lent memory of a file must not be mapped by anybody; we look into it after that. */
static int map_memory(void *arg)
{
	const struct gunyah_map_mem_args *args = arg;
	char line[256];
	FILE *maps = fopen("/proc/self/maps", "r");

	insist((int)args->guest_mem_fd == file && !args->offset, "it is the file");
	insist(args->flags == (GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_ALLOW_RWX),
	       "it is lent");
	while (maps && fgets(line, sizeof(line), maps))
		insist(!strstr(line, "memfd:memory"), "lent memory is not mapped");
	fclose(maps);
	ram = (struct gunyah_userspace_memory_region){
		.guest_phys_addr = args->guest_addr,
		.memory_size = args->size,
		.userspace_addr = (uintptr_t)mmap(NULL, args->size, PROT_READ, MAP_SHARED,
						  file, 0),
	};
	lent = true;
	return 0;
}

static int set_memory(void *arg)
{
	const struct gunyah_userspace_memory_region *region = arg;

	if (region->guest_phys_addr == WINDOW)
		return set_window(region);
	if (started) {
		insist(region->guest_phys_addr >= ram.guest_phys_addr + ram.memory_size,
		       "what is new is behind what is there");
		return 0;
	}
	ram = *(struct gunyah_userspace_memory_region *)arg;
	insist(!(ram.userspace_addr % 4096) && !(ram.memory_size % 4096) &&
	       !(ram.guest_phys_addr % 4096) && ram.memory_size, "region is aligned");
	insist(ram.flags == GUNYAH_MEM_ALLOW_RWX, "kernels write and execute");
	return 0;
}

static int lend_memory(void *arg)
{
	lent = true;
	return set_memory(arg);
}

static int reclaim(void *arg)
{
	const struct gunyah_address_range *range = arg;

	insist(started, "memory is taken back while the VM runs");
	insist(range->size && range->guest_phys_addr >= ram.guest_phys_addr &&
	       range->guest_phys_addr + range->size <=
	       ram.guest_phys_addr + ram.memory_size, "only the guest's memory");
	return 0;
}

static int set_dtb(void *arg)
{
	dtb = *(struct gunyah_vm_dtb_config *)arg;
	return 0;
}

static int set_boot_context(void *arg)
{
	const struct gunyah_vm_boot_context *context = arg;

	insist(dtb.size, "device tree is known before the boot context");
	if (context->reg == GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_PC, 0))
		insist(context->value == ram.guest_phys_addr, "PC is the kernel");
	else if (context->reg == GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_X, 0))
		insist(context->value == dtb.guest_phys_addr, "X0 is the device tree");
	else
		insist(false, "only PC and X0");
	return 0;
}

static int add_vcpu(const struct gunyah_fn_vcpu_arg *arg)
{
	int fd = memfd_create("vcpu", MFD_CLOEXEC);

	insist(arg->id == vcpu_count && vcpu_count < MAX_VCPUS, "vCPU ids count up");
	insist(ftruncate(fd, 4096) == 0, "room for a page");
	vcpus[vcpu_count].fd = fd;
	vcpus[vcpu_count++].run = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_SHARED, fd, 0);
	return fd;
}

static int add_function(void *arg)
{
	const struct gunyah_fn_desc *desc = arg;
	const void *fn_arg = (void *)(uintptr_t)desc->arg;
	const struct gunyah_fn_irqfd_arg *irqfd = fn_arg;
	const struct gunyah_fn_ioeventfd_arg *ioeventfd = fn_arg;

	if (desc->type == GUNYAH_FN_VCPU && desc->arg_size == sizeof(struct gunyah_fn_vcpu_arg))
		return add_vcpu(fn_arg);
	if (desc->type == GUNYAH_FN_IOEVENTFD && desc->arg_size == sizeof(*ioeventfd)) {
		insist(ioeventfd->addr == DISK_NOTIFY && ioeventfd->len == 4 &&
		       !ioeventfd->flags, "ioeventfd is the disk's");
		return 0;
	}
	insist(desc->type == GUNYAH_FN_IRQFD && desc->arg_size == sizeof(*irqfd),
	       "function is a vCPU or an irqfd");
	insist(irqfd->label <= 1 && !irqfd->flags, "irqfd is a doorbell's");
	return 0;
}

static int start(void *arg)
{
	const unsigned char *base = (void *)(uintptr_t)ram.userspace_addr;
	__u64 offset = dtb.guest_phys_addr - ram.guest_phys_addr;

	(void)arg;
	insist(ram.memory_size && vcpu_count, "there are memory and a vCPU");
	insist(dtb.guest_phys_addr >= ram.guest_phys_addr &&
	       offset + dtb.size <= ram.memory_size, "device tree is in memory");
	insist(!memcmp(base + offset, "\xd0\x0d\xfe\xed", 4), "device tree is there");
	insist(!memcmp(base + 56, "ARM\x64", 4), "kernel is there");
	insist(lent == !!getenv("FAKE_LENT"), "lent when asked for");
	insist(shared_window == !!getenv("FAKE_WINDOW"), "a window when protected");
	started = true;
	return 0;
}

static void mmio(struct gunyah_vcpu_run *run, unsigned int reg, int is_write, __u8 value)
{
	run->exit_reason = GUNYAH_VCPU_EXIT_MMIO;
	run->mmio.phys_addr = UART + reg;
	run->mmio.len = 1;
	run->mmio.is_write = is_write;
	run->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
	memset(run->mmio.data, 0xee, sizeof(run->mmio.data));
	run->mmio.data[0] = value;
}

static int end(struct gunyah_vcpu_run *run, unsigned int status, unsigned int type)
{
	run->exit_reason = GUNYAH_VCPU_EXIT_STATUS;
	run->status.status = status;
	run->status.exit_info.type = type;
	return 0;
}

/* Asleep as a vCPU in WFI is: only a signal helps. */
static int sleep_in_guest(struct gunyah_vcpu_run *run)
{
	if (!run->immediate_exit)
		pause();
	insist(run->immediate_exit, "a signal comes with immediate_exit");
	return refuse(EINTR);
}

/* Writes back what comes in, up to a 'q'. */
static int echo(struct gunyah_vcpu_run *run)
{
	static enum { ASK, ASKED, TAKEN } state;
	__u8 data = run->mmio.data[0];

	if (run->immediate_exit)
		return refuse(EINTR);
	if (state == ASKED && data & UART_LSR_DR) {
		state = TAKEN;
		mmio(run, UART_RX, 0, 0);
	} else if (state == TAKEN) {
		state = ASK;
		if (data == 'q')
			return end(run, GUNYAH_VM_STATUS_EXITED,
				   GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
		mmio(run, UART_TX, 1, data);
	} else {
		state = ASKED;
		mmio(run, UART_LSR, 0, 0);
	}
	return 0;
}

static int finish(struct gunyah_vcpu_run *run)
{
	const char *how = getenv("FAKE_END") ?: "off";

	if (!strcmp(how, "sleep"))
		return sleep_in_guest(run);
	if (!strcmp(how, "echo"))
		return echo(run);
	if (!strcmp(how, "load"))
		return end(run, GUNYAH_VM_STATUS_LOAD_FAILED, 0);
	if (!strcmp(how, "crash"))
		return end(run, GUNYAH_VM_STATUS_CRASHED, 0);
	if (!strcmp(how, "error"))
		return refuse(EIO);
	if (!strcmp(how, "strange")) {
		run->exit_reason = 77;
		return 0;
	}
	if (!strcmp(how, "fault")) {
		run->exit_reason = GUNYAH_VCPU_EXIT_PAGE_FAULT;
		run->page_fault.phys_addr = 0x1234;
		run->page_fault.attempt = -ENOMEM;
		return 0;
	}
	return end(run, GUNYAH_VM_STATUS_EXITED, how[0] >= '0' && how[0] <= '9' ?
		   atoi(how) : GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
}

static int run_vcpu(int fd)
{
	const char *text = getenv("FAKE_TEXT") ?: "hello\n";
	unsigned int id, step;

	insist(started, "VM was started before it runs");
	for (id = 0; vcpus[id].fd != fd; id++)
		insist(id + 1 < vcpu_count, "RUN is for a vCPU");
	if (id)
		return sleep_in_guest(vcpus[id].run);
	step = vcpus[id].step++;
	if (step == 3)
		return refuse(EAGAIN);
	if (step > 3)
		step--;
	if (step >= strlen(text))
		return finish(vcpus[id].run);
	mmio(vcpus[id].run, UART_TX, 1, text[step]);
	return 0;
}

static const struct {
	unsigned long request;
	const char *name;
	int (*call)(void *arg);
} calls[] = {
	{ GUNYAH_CREATE_VM, "CREATE_VM", create_vm },
	{ GUNYAH_CREATE_GUEST_MEM, "CREATE_GUEST_MEM", create_memory },
	{ GUNYAH_VM_MAP_MEM, "VM_MAP_MEM", map_memory },
	{ GUNYAH_VM_SET_USER_MEM_REGION, "VM_SET_USER_MEM_REGION", set_memory },
	{ GUNYAH_VM_ANDROID_LEND_USER_MEM, "VM_ANDROID_LEND_USER_MEM", lend_memory },
	{ GUNYAH_VM_SET_DTB_CONFIG, "VM_SET_DTB_CONFIG", set_dtb },
	{ GUNYAH_VM_SET_BOOT_CONTEXT, "VM_SET_BOOT_CONTEXT", set_boot_context },
	{ GUNYAH_VM_ADD_FUNCTION, "VM_ADD_FUNCTION", add_function },
	{ GUNYAH_VM_START, "VM_START", start },
	{ GUNYAH_VM_RECLAIM_REGION, "VM_RECLAIM_REGION", reclaim },
};

static int injected(const char *name)
{
	const char *fail = getenv("FAKE_FAIL");
	size_t len = strlen(name);

	if (!fail || strncmp(fail, name, len) || fail[len] != ':')
		return 0;
	return atoi(fail + len + 1);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	unsigned int i;
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);

	if (request == GUNYAH_VCPU_RUN)
		return run_vcpu(fd);
	if (request == GUNYAH_VCPU_MMAP_SIZE)
		return 4096;
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		if (calls[i].request != request)
			continue;
		insist(fd == (i > 1 ? vm : device), "descriptor is the right one");
		if (injected(calls[i].name))
			return refuse(injected(calls[i].name));
		return calls[i].call(arg);
	}
	return __real_ioctl(fd, request, arg);
}
