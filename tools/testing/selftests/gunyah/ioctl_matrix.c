// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every ioctl, on every kind of descriptor, in every state of the VM: the calls of
 * ioctl_matrix.def, and whether they return what is said there.
 *
 * For each state there is one VM that gets all calls that have to be refused.  None of
 * them may change it: GUNYAH_VM_GET_INFO says the same before and after each, and in the
 * end the VM goes on as if nothing had been.  Each call that has to succeed gets a VM of
 * its own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gmem.h"
#undef ARRAY_SIZE
#include <kselftest.h>

/* Ends a program that hangs, on whatever machine */
#define PATIENCE_SECONDS	600

#define SPARE_SIZE		0x10000UL
#define FREE_ADDR		0x90000000UL
#define FILE_ADDR		0xa0000000UL
#define RAM_LAST_PAGE		(GUEST_RAM_BASE + GUEST_MIN_RAM - 4096)
#define DTB_ADDR		(GUEST_RAM_BASE + GUEST_DTB_OFFSET)
#define NOT_MAPPED		0x10000UL
#define FILE_FLAGS		(GUNYAH_MAP_MEM_FORCE_SHARE | GUNYAH_MAP_MEM_ALLOW_READ | \
				 GUNYAH_MAP_MEM_ALLOW_WRITE)

/* Kinds of descriptors */
enum kind {
	DEV = 1, VM = 2, VCPU = 4, MEM_FILE = 8, CMA_DEV = 16, CMA_FD = 32, EVENTFD = 64,
};

#define MAX_KIND	EVENTFD
#define NR_KINDS	7

static const char * const kind_names[NR_KINDS] = {
	"/dev/gunyah", "VM", "vCPU", "memory file", "CMA device", "CMA memory", "eventfd",
};

enum state { NEW, CONFIGURED, STARTED, EXITED, FAILED, CLOSED, REMOVED, NR_STATES };

static const char * const state_names[NR_STATES] = {
	"new", "configured", "started", "exited", "failed", "closed", "removed",
};

/* Results; errnos are what they are */
#define OK			0
#define FD			1000
#define NUMBER			1001
#define PAGE			1002
#define NONE			1003
#define VALUE(n)		(2000 + (n))
#define TWO_MODELS		(1 << 24)
#define BY_MODEL(paged, parcels) (TWO_MODELS | (paged) << 12 | (parcels))

/**
 * struct env - a VM in a state, and other descriptors
 * @family: VM or VCPU: whose descriptor is left in the state CLOSED
 * @state: the state
 * @vm: the VM
 * @fd: a descriptor of each kind, -1: there is none
 * @bound: a file of which a page is bound to the VM
 * @spare: memory that the VM does not have
 */
struct env {
	enum kind family;
	enum state state;
	struct gt_vm vm;
	int fd[MAX_KIND + 1];
	int bound;
	void *spare;
};

/**
 * struct call - an ioctl, about to be made
 * @e: where
 * @fd: of this descriptor
 * @cmd: this command
 * @u: its argument
 * @arg: what is passed for it: &u, or NULL
 * @value: what is passed instead, if the command has no structure
 * @plain: the command has none
 * @child: another process is to make the call
 * @vcpu: of a function
 * @irqfd: of a function
 * @ioeventfd: of a function
 * @qtvm: of an authentication type
 * @undo: to be called afterwards
 */
struct call {
	struct env *e;
	int fd;
	unsigned long cmd;
	union arg {
		struct gunyah_create_mem_args create_mem;
		struct gunyah_userspace_memory_region region;
		struct gunyah_vm_dtb_config dtb;
		struct gunyah_fn_desc fn;
		struct gunyah_map_mem_args map_mem;
		struct gunyah_vm_boot_context boot;
		struct gunyah_vm_firmware_config firmware;
		struct gunyah_address_range range;
		struct gunyah_map_cma_mem_args cma;
		struct gunyah_auth_desc auth;
		struct gunyah_share_window share;
		struct gunyah_unshare_window unshare;
		struct gunyah_vm_info info;
		struct gunyah_vcpu_reg reg;
	} u;
	void *arg;
	unsigned long value;
	bool plain;
	bool child;
	struct gunyah_fn_vcpu_arg vcpu;
	struct gunyah_fn_irqfd_arg irqfd;
	struct gunyah_fn_ioeventfd_arg ioeventfd;
	struct gunyah_auth_qtvm_arg qtvm;
	void (*undo)(struct env *e);
};

/* ---- valid arguments ---- */

static void fill_value(struct call *c)
{
	c->plain = true;
}

static void fill_query(struct call *c)
{
	c->plain = true;
	c->value = GUNYAH_CAP_ABI_FAMILIES;
}

static void fill_tentative(struct call *c)
{
	c->plain = true;
	c->value = GUNYAH_TENTATIVE_CAP_UAPI;
}

static void fill_create_mem(struct call *c)
{
	c->u.create_mem.size = SPARE_SIZE;
}

static void fill_region(struct call *c)
{
	c->u.region = (struct gunyah_userspace_memory_region){
		.label = 7, .flags = GUNYAH_MEM_ALLOW_RWX, .guest_phys_addr = FREE_ADDR,
		.memory_size = 4096, .userspace_addr = (uintptr_t)c->e->spare,
	};
}

static void fill_dtb(struct call *c)
{
	c->u.dtb.guest_phys_addr = DTB_ADDR;
	c->u.dtb.size = GUEST_DTB_SIZE;
}

static void fill_function(struct call *c)
{
	c->vcpu.id = 7;
	c->u.fn = (struct gunyah_fn_desc){
		.type = GUNYAH_FN_VCPU, .arg_size = sizeof(c->vcpu), .arg = (uintptr_t)&c->vcpu,
	};
}

static void fill_map_mem(struct call *c)
{
	c->u.map_mem = (struct gunyah_map_mem_args){
		.guest_addr = FREE_ADDR, .flags = GUNYAH_MAP_MEM_ALLOW_RWX,
		.guest_mem_fd = c->e->fd[MEM_FILE], .size = 4096,
	};
}

static void fill_boot(struct call *c)
{
	c->u.boot.reg = GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_PC, 0);
	c->u.boot.value = GUEST_RAM_BASE;
}

static void fill_firmware(struct call *c)
{
	c->u.firmware.guest_phys_addr = GUEST_RAM_BASE + 0x180000;
	c->u.firmware.size = 0x10000;
}

static void fill_range(struct call *c)
{
	c->u.range.guest_phys_addr = GUEST_RAM_BASE;
	c->u.range.size = GUEST_MIN_RAM;
}

static void fill_cma(struct call *c)
{
	c->u.cma = (struct gunyah_map_cma_mem_args){
		.label = 7, .guest_addr = FREE_ADDR,
		.flags = GUNYAH_CMA_MEM_LEND | GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE,
		.guest_mem_fd = c->e->fd[CMA_FD], .size = 4096,
	};
}

static void fill_auth(struct call *c)
{
	c->qtvm = (struct gunyah_auth_qtvm_arg){
		.vm_id = 45, .pas_id = 34, .guest_phys_addr = GUEST_RAM_BASE, .size = 0x40000,
	};
	c->u.auth = (struct gunyah_auth_desc){
		.type = GUNYAH_AUTH_QCOM_TRUSTED_VM, .arg_size = sizeof(c->qtvm),
		.arg = (uintptr_t)&c->qtvm,
	};
}

static void fill_share(struct call *c)
{
	c->u.share = (struct gunyah_share_window){
		.flags = GUNYAH_WINDOW_USER_MEM | GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE,
		.offset = (uintptr_t)c->e->spare, .size = 4096, .guest_addr = FREE_ADDR,
	};
}

static void fill_unshare(struct call *c)
{
	c->u.unshare.guest_addr = FREE_ADDR;
	c->u.unshare.handle = GUNYAH_WINDOW_NO_HANDLE;
}

static void fill_info(struct call *c)
{
}

static void fill_reg(struct call *c)
{
	c->u.reg.reg = GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_X, 1);
	c->u.reg.value = 1;
}

/* ---- and what the table does with them ---- */

#define AS_IS 0

/* A call that precedes: it is here for what it leaves behind, if it succeeds */
static void first(struct call *c, unsigned long cmd)
{
	ioctl(c->fd, cmd, &c->u);
}

static void twice(struct call *c)
{
	first(c, c->cmd);
}

static void irqfd(struct call *c)
{
	c->irqfd = (struct gunyah_fn_irqfd_arg){
		.fd = c->e->fd[EVENTFD], .label = 3, .flags = GUNYAH_IRQFD_FLAGS_LEVEL,
		.padding = 0xdeadbeef,
	};
	c->u.fn = (struct gunyah_fn_desc){
		.type = GUNYAH_FN_IRQFD, .arg_size = sizeof(c->irqfd),
		.arg = (uintptr_t)&c->irqfd,
	};
}

static void resample(struct call *c)
{
	irqfd(c);
	c->irqfd.flags |= GUNYAH_IRQFD_FLAGS_RESAMPLE;
	c->irqfd.resample_fd = c->e->fd[EVENTFD];
}

static void ioeventfd(struct call *c)
{
	c->ioeventfd = (struct gunyah_fn_ioeventfd_arg){
		.addr = EVT_BASE, .len = 4, .fd = c->e->fd[EVENTFD], .padding = 0xdeadbeef,
	};
	c->u.fn = (struct gunyah_fn_desc){
		.type = GUNYAH_FN_IOEVENTFD, .arg_size = sizeof(c->ioeventfd),
		.arg = (uintptr_t)&c->ioeventfd,
	};
}

static void unmap_bound(struct call *c)
{
	c->u.map_mem.guest_addr = FILE_ADDR;
	c->u.map_mem.flags = FILE_FLAGS | GUNYAH_MAP_MEM_UNMAP;
	c->u.map_mem.guest_mem_fd = c->e->bound;
}

static void parcel(struct call *c)
{
	c->u.share.flags |= GUNYAH_WINDOW_PARCEL;
	c->u.share.guest_addr = 0;
	c->u.share.label = 9;
}

/* What is to be taken back has to be there */
static void window(struct call *c)
{
	fill_share(c);
	first(c, GUNYAH_VM_SHARE_WINDOW);
	memset(&c->u, 0, sizeof(c->u));
	fill_unshare(c);
}

static void restore_dtb(struct env *e)
{
	bool was_set = e->state != NEW;

	gt_assert_eq(__gt_set_dtb(e->fd[VM], was_set ? DTB_ADDR : 0,
				  was_set ? GUEST_DTB_SIZE : 0), 0);
}

static void move_dtb(struct call *c)
{
	gt_assert_eq(__gt_set_dtb(c->fd, 0x40000000, GUEST_DTB_SIZE), 0);
	c->undo = restore_dtb;
}

static void restore_run(struct env *e)
{
	e->vm.vcpu[0].run->immediate_exit = 0;
	e->vm.vcpu[0].run->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
}

static void immediate_exit(struct call *c)
{
	c->e->vm.vcpu[0].run->immediate_exit = 1;
	c->undo = restore_run;
}

static void resume_action(struct call *c, unsigned char action)
{
	c->e->vm.vcpu[0].run->mmio.resume_action = action;
	c->undo = restore_run;
}

static void close_fd(struct env *e, enum kind kind)
{
	if (e->fd[kind] >= 0)
		close(e->fd[kind]);
	e->fd[kind] = -1;
}

static void free_cma(struct call *c)
{
	close_fd(c->e, CMA_FD);
}

/* ---- the table ---- */

enum effect { CHANGES, READS };

/**
 * struct known - an ioctl
 * @name: without its prefix
 * @cmd: the command
 * @kinds: of descriptors that know it
 * @fill: makes a valid argument
 * @effect: of a success
 */
struct known {
	const char *name;
	unsigned long cmd;
	unsigned int kinds;
	void (*fill)(struct call *c);
	enum effect effect;
};

#define UNKNOWN(word, what)
#define CELLS(...)
#define VM_CELLS(...)
#define VCPU_CELLS(...)
/* The words typed in the table are those of the header */
#define IOCTL(_name, word, _kinds, argument, _effect) \
	_Static_assert(GUNYAH_##_name == (word), #_name);
#include "ioctl_matrix.def"
#undef IOCTL
#define IOCTL(_name, word, _kinds, argument, _effect) NR_##_name,
enum {
#include "ioctl_matrix.def"
	NR_IOCTLS
};

#undef IOCTL
#define IOCTL(_name, word, _kinds, argument, _effect) \
	{ #_name, word, _kinds, fill_##argument, _effect },
static const struct known known[] = {
#include "ioctl_matrix.def"
};

#undef IOCTL
#undef UNKNOWN
#define IOCTL(...)
#define UNKNOWN(word, what) word,
static const unsigned int unknown[] = {
#include "ioctl_matrix.def"
};

#undef UNKNOWN
#define UNKNOWN(word, what)

/* A function for each row, named by its line */
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define ROW_FUNCTION(how)						\
	static void PASTE(change_, __LINE__)(struct call *c)		\
	{								\
		__attribute__((unused)) union arg *a = &c->u;		\
									\
		(void)(how);						\
	}

#undef CELLS
#undef VM_CELLS
#undef VCPU_CELLS
#define CELLS(_kind, _ioctl, what, how, ...) ROW_FUNCTION(how)
#define VM_CELLS(_ioctl, what, how, ...) ROW_FUNCTION(how)
#define VCPU_CELLS(_ioctl, what, how, ...) ROW_FUNCTION(how)
#include "ioctl_matrix.def"

/**
 * struct row - a call, and its result in each state
 * @kind: of descriptor
 * @ioctl: index of the ioctl
 * @what: what is special
 * @change: does that to the valid argument
 * @result: by state
 */
struct row {
	enum kind kind;
	unsigned int ioctl;
	const char *what;
	void (*change)(struct call *c);
	int result[NR_STATES];
};

#undef CELLS
#undef VM_CELLS
#undef VCPU_CELLS
#define ROW(_kind, _ioctl, _what, ...) \
	{ _kind, NR_##_ioctl, _what, PASTE(change_, __LINE__), { __VA_ARGS__ } },
#define CELLS(_kind, _ioctl, what, how, r) \
	ROW(_kind, _ioctl, what, r, r, r, r, r, r, r)
#define VM_CELLS(_ioctl, what, how, ...) ROW(VM, _ioctl, what, __VA_ARGS__, NONE)
#define VCPU_CELLS(_ioctl, what, how, ...) ROW(VCPU, _ioctl, what, __VA_ARGS__)
static const struct row rows[] = {
#include "ioctl_matrix.def"
};

/* ---- bookkeeping ---- */

struct count {
	unsigned int made, bad, skipped;
};

/* Of each ioctl on its descriptors, of what is no ioctl, of VMs that got refusals */
static struct count known_count[NR_IOCTLS][NR_KINDS];
static struct count unknown_count[NR_KINDS];
static struct count after_count[NR_KINDS][NR_STATES];

static unsigned int kind_index(enum kind kind)
{
	return __builtin_ctz(kind);
}

static const char *result_name(long result)
{
	static char text[32];

	if (result < 0 && strerrorname_np(-result))
		return strerrorname_np(-result);
	snprintf(text, sizeof(text), "%ld", result);
	return text;
}

static const char *wanted_name(int wanted)
{
	static char text[32];

	if (wanted > 0 && wanted < FD)
		return strerrorname_np(wanted);
	snprintf(text, sizeof(text), wanted == FD ? "a descriptor" :
				     wanted == NUMBER ? "0 or more" :
				     wanted == PAGE ? "the size of a page" : "%d",
		 wanted >= VALUE(0) ? wanted - VALUE(0) : wanted);
	return text;
}

/* By the hypervisor's model of memory */
static int resolve(int result)
{
	if (!(result & TWO_MODELS))
		return result;
	return gt_open_profile() ? result & 0xfff : (result >> 12) & 0xfff;
}

static bool succeeds(int wanted)
{
	return wanted == OK || wanted >= FD;
}

static bool is_as_wanted(long result, int wanted)
{
	switch (wanted) {
	case FD:
	case NUMBER:
		return result >= 0;
	case PAGE:
		return result == getpagesize();
	default:
		return result == (wanted >= VALUE(0) ? wanted - VALUE(0) : -wanted);
	}
}

/* ---- VMs in their states ---- */

static char cma_device[64];

static int find_cma(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	static const char name[] = "gunyah-cma-vm-mem";
	char found[64] = "", file[512], label[32] = "";
	int fd;

	if (type != FTW_F || strcmp(path + ftw->base, "compatible"))
		return 0;
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, found, sizeof(found) - 1) < 0)
		gt_fail("%s cannot be read", path);
	close(fd);
	if (strcmp(found, name))
		return 0;
	snprintf(file, sizeof(file), "%.*s/label", ftw->base - 1, path);
	fd = open(file, O_RDONLY);
	if (fd < 0 || read(fd, label, sizeof(label) - 1) <= 0)
		gt_fail("%s cannot be read", file);
	close(fd);
	snprintf(cma_device, sizeof(cma_device), "/dev/%s", label);
	return 1;
}

static void open_others(struct env *e)
{
	e->fd[DEV] = gt_open();
	e->fd[MEM_FILE] = gt_create_mem(SPARE_SIZE, 0);
	e->fd[EVENTFD] = eventfd(0, EFD_CLOEXEC);
	gt_assert(e->fd[EVENTFD] >= 0);
	e->bound = gt_create_mem(SPARE_SIZE, 0);
	e->spare = gt_alloc(SPARE_SIZE);
	if (!cma_device[0])
		return;
	e->fd[CMA_DEV] = open(cma_device, O_RDWR | O_CLOEXEC);
	if (e->fd[CMA_DEV] < 0)
		gt_fail("%s: %s", cma_device, strerror(errno));
	e->fd[CMA_FD] = ioctl(e->fd[CMA_DEV], GUNYAH_ANDROID_CREATE_CMA_MEM_FD);
	if (e->fd[CMA_FD] < 0)
		gt_fail("memory of %s: %s", cma_device, strerror(errno));
}

static void add_vcpu(struct gt_vm *vm)
{
	vm->vcpu[0].fd = __gt_add_vcpu(vm->fd, 0);
	if (vm->vcpu[0].fd < 0)
		gt_fail("vCPU 0: %s", strerror(-vm->vcpu[0].fd));
	vm->vcpu[0].run = gt_map_run(vm->vcpu[0].fd);
}

static void start(struct gt_vm *vm)
{
	gt_vm_start(vm);
	gt_expect_sync(&vm->vcpu[0], 0);
}

/* The device tree is none: the first step after the VM's id fails */
static void fail_to_start(struct gt_vm *vm)
{
	memset((char *)vm->ram + GUEST_DTB_OFFSET, 0xff, 64);
	gt_assert_eq(__gt_start(vm->fd), -EINVAL);
}

/* Another descriptor of the VM is gone, and all of the other kind */
static void close_elsewhere(struct env *e)
{
	struct gt_vm *vm = &e->vm;
	int copy;

	if (e->family == VM) {
		gt_vcpu_close(&vm->vcpu[0]);
		copy = dup(vm->fd);
		gt_assert(copy >= 0);
	} else {
		copy = -1;
	}
	close(vm->fd);
	vm->fd = copy;
}

static void bring_to_state(struct env *e)
{
	struct gt_vm *vm = &e->vm;

	if (e->state == NEW) {
		gt_vm_create(vm);
		if (e->family == VCPU)
			add_vcpu(vm);
		return;
	}
	gt_assert_eq(__gt_vm_prepare(vm), 0);
	gt_bind(vm->fd, FILE_ADDR, FILE_FLAGS, e->bound, 0, 4096);
	if (e->state == FAILED)
		fail_to_start(vm);
	else if (e->state != CONFIGURED)
		start(vm);
	if (e->state == EXITED)
		gt_expect_off(&vm->vcpu[0]);
	else if (e->state == CLOSED)
		close_elsewhere(e);
	else if (e->state == REMOVED)
		gt_assert_eq(__gt_remove_vcpu(vm->fd, 0), 0);
}

static void set_up(struct env *e, enum kind family, enum state state)
{
	memset(e, 0, sizeof(*e));
	memset(e->fd, 0xff, sizeof(e->fd));
	e->family = family;
	e->state = state;
	open_others(e);
	gt_vm_init(&e->vm, GUEST_hello);
	bring_to_state(e);
	e->fd[VM] = e->vm.fd;
	e->fd[VCPU] = e->vm.vcpu[0].fd;
}

static void tear_down(struct env *e)
{
	gt_vm_close(&e->vm);
	e->fd[VM] = -1;
	e->fd[VCPU] = -1;
	close_fd(e, DEV);
	close_fd(e, MEM_FILE);
	close_fd(e, CMA_FD);
	close_fd(e, CMA_DEV);
	close_fd(e, EVENTFD);
	close(e->bound);
	munmap(e->spare, SPARE_SIZE);
}

/* The rest of its life, as if nothing had been */
static void finish(struct env *e)
{
	struct gt_vm *vm = &e->vm;
	struct gt_vcpu *vcpu = &vm->vcpu[0];

	switch (e->state) {
	case NEW:
		gt_vm_add_ram(vm);
		if (vcpu->fd < 0)
			add_vcpu(vm);
		gt_assert_eq(__gt_set_dtb(vm->fd, DTB_ADDR, GUEST_DTB_SIZE), 0);
		/* fallthrough */
	case CONFIGURED:
		start(vm);
		break;
	case EXITED:
		gt_expect_status(vcpu, GUNYAH_VM_STATUS_EXITED,
				 GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
		return;
	case FAILED:
		gt_assert_eq(__gt_start(vm->fd), -ENODEV);
		gt_assert_eq(__gt_run(vcpu->fd), -ENODEV);
		return;
	default:
		break;
	}
	/* A vCPU whose descriptors are gone, or that was removed, can come back */
	if (vcpu->fd < 0)
		gt_assert_eq(__gt_remove_vcpu(vm->fd, 0), 0);
	if (e->state == REMOVED)
		gt_vcpu_close(vcpu);
	if (vcpu->fd < 0)
		add_vcpu(vm);
	gt_expect_off(vcpu);
}

/* ---- calls ---- */

static long make_call(struct call *c)
{
	unsigned long arg = c->plain ? c->value : (unsigned long)c->arg;
	int status;
	pid_t pid;

	if (!c->child)
		return gt_errno(ioctl(c->fd, c->cmd, arg));
	pid = fork();
	gt_assert(pid >= 0);
	if (!pid)
		_exit(ioctl(c->fd, c->cmd, arg) < 0 ? errno : 0);
	gt_assert_eq(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status))
		gt_fail("the other process ended with wait status %#x", status);
	return -WEXITSTATUS(status);
}

/* A call that needs CMA memory where there is none */
static bool lacks_cma(const struct call *c)
{
	return c->cmd == GUNYAH_VM_ANDROID_MAP_CMA_MEM && c->arg &&
	       c->u.cma.guest_mem_fd == (__u32)-1;
}

static void try_row(struct env *e, const struct row *row)
{
	const struct known *k = &known[row->ioctl];
	struct count *count = &known_count[row->ioctl][kind_index(row->kind)];
	struct call c = { .e = e, .fd = e->fd[row->kind], .cmd = k->cmd };
	int wanted = resolve(row->result[e->state]);
	long result;

	c.arg = &c.u;
	k->fill(&c);
	row->change(&c);
	if (c.fd < 0 || lacks_cma(&c)) {
		count->skipped++;
		return;
	}
	result = make_call(&c);
	if (c.undo)
		c.undo(e);
	count->made++;
	if (!is_as_wanted(result, wanted)) {
		count->bad++;
		ksft_print_msg("%s, %s: %s: %s: %s instead of %s\n",
			       kind_names[kind_index(row->kind)], state_names[e->state],
			       k->name, row->what, result_name(result), wanted_name(wanted));
	}
	if (wanted == FD && result >= 0)
		close(result);
}

static bool get_info(struct env *e, struct gunyah_vm_info *info)
{
	memset(info, 0, sizeof(*info));
	return e->fd[VM] >= 0 && !ioctl(e->fd[VM], GUNYAH_VM_GET_INFO, info);
}

static void try_refusal(struct env *e, const struct row *row)
{
	struct count *count = &known_count[row->ioctl][kind_index(row->kind)];
	struct gunyah_vm_info before, after;
	bool known_before = get_info(e, &before);

	try_row(e, row);
	if (get_info(e, &after) == known_before && !memcmp(&before, &after, sizeof(before)))
		return;
	count->bad++;
	ksft_print_msg("%s, %s: %s: %s: changes the VM\n", kind_names[kind_index(row->kind)],
		       state_names[e->state], known[row->ioctl].name, row->what);
}

/* No descriptor of this kind may know the word */
static void try_unknown(struct env *e, enum kind kind, unsigned int word)
{
	struct count *count = &unknown_count[kind_index(kind)];
	char nothing[4096] = "";
	long result = gt_errno(ioctl(e->fd[kind], word, nothing));

	count->made++;
	if (result == -ENOTTY)
		return;
	count->bad++;
	ksft_print_msg("%s, %s: %#x: %s instead of ENOTTY\n", kind_names[kind_index(kind)],
		       state_names[e->state], word, result_name(result));
}

/* Known numbers with other sizes and directions */
static void try_variants(struct env *e, enum kind kind, unsigned int word)
{
	unsigned int base = _IOC(0, _IOC_TYPE(word), _IOC_NR(word), 0);
	unsigned int size = _IOC_SIZE(word), dir;

	for (dir = 0; dir < 4; dir++) {
		if (dir != _IOC_DIR(word))
			try_unknown(e, kind, base | dir << _IOC_DIRSHIFT | size << _IOC_SIZESHIFT);
	}
	dir = _IOC_DIR(word) << _IOC_DIRSHIFT;
	try_unknown(e, kind, base | dir | (size + 8) << _IOC_SIZESHIFT);
	if (size)
		try_unknown(e, kind, base | dir);
}

static void try_strange(struct env *e, enum kind kind)
{
	unsigned int i;

	if (e->fd[kind] < 0) {
		unknown_count[kind_index(kind)].skipped += kind & (CMA_DEV | CMA_FD) ? 1 : 0;
		return;
	}
	for (i = 0; i < NR_IOCTLS; i++) {
		if (!(known[i].kinds & kind))
			try_unknown(e, kind, known[i].cmd);
		try_variants(e, kind, known[i].cmd);
	}
	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		try_unknown(e, kind, unknown[i]);
}

/* ---- all of it ---- */

/* vCPUs have VMs of their own; the other descriptors share the VM's */
static bool is_of(const struct row *row, enum kind family, enum state state)
{
	return (row->kind == VCPU) == (family == VCPU) && row->result[state] != NONE;
}

/* May the next call find the same VM? */
static bool leaves_vm(const struct row *row, enum state state)
{
	return row->kind == DEV || known[row->ioctl].effect == READS ||
	       !succeeds(resolve(row->result[state]));
}

static void try_refusals(enum kind family, enum state state)
{
	struct env e;
	unsigned int i;

	set_up(&e, family, state);
	for (i = 0; i < NR_KINDS; i++)
		try_strange(&e, 1 << i);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (is_of(&rows[i], family, state) && leaves_vm(&rows[i], state))
			try_refusal(&e, &rows[i]);
	}
	finish(&e);
	after_count[kind_index(family)][state].made++;
	tear_down(&e);
}

static void try_successes(enum kind family, enum state state)
{
	struct env e;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!is_of(&rows[i], family, state) || leaves_vm(&rows[i], state))
			continue;
		set_up(&e, family, state);
		try_row(&e, &rows[i]);
		tear_down(&e);
	}
}

static void report(const struct count *count, const char *kind, const char *what)
{
	if (!count->bad && count->skipped)
		ksft_test_result_skip("%s: %s: %u calls made, %u without the memory or device\n",
				      kind, what, count->made, count->skipped);
	else
		ksft_test_result(!count->bad && count->made, "%s: %s (%u calls)\n", kind, what,
				 count->made);
}

static void report_ioctls(unsigned int kind)
{
	unsigned int i;

	for (i = 0; i < NR_IOCTLS; i++) {
		if (known[i].kinds & 1 << kind)
			report(&known_count[i][kind], kind_names[kind], known[i].name);
	}
	report(&unknown_count[kind], kind_names[kind], "what it does not know");
}

static unsigned int nr_tests(void)
{
	unsigned int i, n = NR_KINDS + (REMOVED - NEW) + NR_STATES;

	for (i = 0; i < NR_IOCTLS; i++)
		n += __builtin_popcount(known[i].kinds);
	return n;
}

static void try_state(enum kind family, enum state state)
{
	try_refusals(family, state);
	ksft_test_result(after_count[kind_index(family)][state].made,
			 "%s, %s: goes on after what was refused\n",
			 kind_names[kind_index(family)], state_names[state]);
	try_successes(family, state);
}

int main(void)
{
	struct gt_resources before;
	unsigned int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(PATIENCE_SECONDS);
	ksft_print_header();
	ksft_set_plan(nr_tests() + 1);
	nftw("/proc/device-tree", find_cma, 16, FTW_PHYS);
	gt_resources(&before);
	for (i = NEW; i < REMOVED; i++)
		try_state(VM, i);
	for (i = NEW; i < NR_STATES; i++)
		try_state(VCPU, i);
	for (i = 0; i < NR_KINDS; i++)
		report_ioctls(i);
	gt_expect_resources(&before);
	ksft_test_result(true, "nothing is left of all these VMs\n");
	ksft_finished();
}
