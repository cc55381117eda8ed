/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Library of the Gunyah selftests: VMs with small bare-metal guests.
 *
 * Functions come in pairs: x() must succeed and ends the test otherwise, __x()
 * may fail and returns a negative errno.
 */
#ifndef GT_H
#define GT_H

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/gunyah.h>

#include "guest_abi.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* ---- env.c: what we run on, and how we give up ---- */

/* Ends the process with KSFT_FAIL and a line that says where and why */
void gt_fail_at(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
#define gt_fail(fmt, ...) gt_fail_at(__FILE__, __LINE__, fmt, ##__VA_ARGS__)
#define gt_assert(cond) \
	do { if (!(cond)) gt_fail("wrong: %s (errno %d)", #cond, errno); } while (0)
/* For values; both are printed */
#define gt_assert_eq(found, wanted)						\
	do {									\
		long long __f = (long long)(found), __w = (long long)(wanted);	\
		if (__f != __w)							\
			gt_fail("%s is %lld (%#llx), not %lld (%#llx)", #found,	\
				__f, __f, __w, __w);				\
	} while (0)

/* A system call's result as 0 or more, or as a negative errno */
#define gt_errno(call) ({ long __r = (call); __r < 0 ? -errno : __r; })

bool gt_open_profile(void);
/* May RAM be shared, and a boot context be set? */
bool gt_can_share(void);
bool gt_has_boot_context(void);
/* Does the hypervisor look at FAULT and RETRY? (ABI tables, hypercall 7.2) */
bool gt_has_resume_actions(void);
/* Timers kept by the host, EOIs of doorbells, registers of vCPUs: GUNYAH_EXT_* */
bool gt_has_extensions(void);
int gt_nr_cpus(void);
void gt_pin_to_cpu(int cpu);
/* A number from a file of lines "name value" or "name: value"; -1: not there */
long gt_proc_value(const char *file, const char *name);
/* What CPUs have counted for themselves gets into /proc/vmstat and meminfo */
void gt_refresh_stats(void);
/* KiB that count against RLIMIT_MEMLOCK of this process */
long gt_locked_kib(void);
/* A number of the module that asks the stub; -1 without it */
long gt_stub_stat(const char *name);
void gt_sigaction(int sig, void (*handler)(int));
/* waitpid() that insists on an end of this kind */
void gt_wait_exit(pid_t pid, int status);
void gt_wait_killed(pid_t pid, int sig);

/* ---- leak.c: what has to come back ---- */

/**
 * struct gt_resources - counts that a VM changes and its end restores
 * @pinned: pages pinned in the whole system
 * @irq_actions: lines of the driver in /proc/interrupts
 * @object_pages: of the stub, like the rest; -1 without its test interface
 * @sender_faults: messages that would have killed the open RM: none, ever
 */
struct gt_resources {
	long pinned;
	long irq_actions;
	long object_pages;
	long guest_tables;
	long guest_reserve;
	long guest_reserve_promised;
	long records;
	long host_pages;
	long host_caps;
	long host_virqs;
	long rm_vms;
	long rm_parcels;
	long sender_faults;
	long warnings;
};

/*
 * Runs a VM first: what the first VM after boot makes grow for good, such as the
 * stub's table of capabilities, is no leak.
 */
void gt_resources(struct gt_resources *r);
/* Ends the test if something has not come back */
void gt_expect_resources(const struct gt_resources *before);

/* ---- ioctl.c: the system calls ---- */

int __gt_open(void);
int gt_open(void);
int __gt_create_vm(int fd);
int gt_create_vm(void);

enum gt_kind { GT_DEFAULT, GT_SHARE, GT_LEND };
enum gt_kind gt_kind(enum gt_kind kind);

int __gt_mem_region(int vm, enum gt_kind kind, const struct gunyah_userspace_memory_region *r);
int __gt_add_memory(int vm, enum gt_kind kind, uint64_t gpa, void *mem, uint64_t size);
void gt_add_memory(int vm, enum gt_kind kind, uint64_t gpa, void *mem, uint64_t size);
int __gt_set_dtb(int vm, uint64_t gpa, uint64_t size);
int __gt_boot_context(int vm, uint32_t reg, uint64_t value);
int __gt_start(int vm);
int __gt_add_function(int vm, uint32_t type, const void *arg, uint32_t size);
int __gt_remove_function(int vm, uint32_t type, const void *arg, uint32_t size);
int __gt_add_vcpu(int vm, uint32_t id);
int __gt_remove_vcpu(int vm, uint32_t id);
int __gt_irqfd(int vm, int fd, uint32_t label, uint32_t flags);
int __gt_irqfd_resample(int vm, int fd, int resample_fd, uint32_t label);
int __gt_remove_irqfd(int vm, uint32_t label);
int __gt_ioeventfd(int vm, int fd, uint64_t addr, uint32_t len, uint32_t flags, uint64_t data);
int __gt_remove_ioeventfd(int vm, uint64_t addr, uint32_t len, uint32_t flags, uint64_t data);
int __gt_run(int vcpu);
struct gunyah_vcpu_run *gt_map_run(int vcpu);

/* ---- mem.c: memory for guests ---- */

/* Anonymous memory, touched; munmap() by the caller, or by exit */
void *gt_alloc(size_t size);
/* The same as @size, but no two neighbouring pages are physical neighbours */
void *gt_alloc_scattered(size_t size);

/* ---- dtb.c: the guest's device tree ---- */

#define GT_MAX_BELLS	16

struct gt_bell {
	uint32_t label;
	uint32_t spi;
	bool level;
	bool cannot_clear;	/* without source-can-clear */
	bool eoi;		/* with eoi-virq: tells of the end of its handling */
};

struct gt_dtb {
	unsigned int nr_vcpus;
	uint64_t base;
	unsigned int nr_bells;
	struct gt_bell bell[GT_MAX_BELLS];
	bool no_timer_wakeups;	/* the host wakes vCPUs when their timers expire */
	bool rm_channel;	/* the guest has queues of its own to the RM */
};

void gt_write_dtb(void *dst, size_t size, const struct gt_dtb *dtb);
/* Capabilities of the guest's RM channel, out of the tree as the guest finds it */
void gt_find_rm_channel(const void *fdt, uint64_t *tx, uint64_t *rx);

/* ---- vm.c: a VM with a test guest ---- */

struct gt_vcpu {
	struct gt_vm *vm;
	int fd;
	struct gunyah_vcpu_run *run;
	/* exit.c: the last exit, as the guest meant it */
	uint64_t value;
	char text[64];		/* what it printed */
	/* thread.c */
	pthread_t thread;
	bool threaded;
	uint64_t stages;	/* SYNCs seen; under vm->lock */
	uint64_t last_stage;
	bool ended;
	int error;
};

struct gt_vm {
	int fd;
	void *ram;
	uint64_t ram_size;
	enum gt_kind kind;
	struct gt_dtb dtb;
	uint64_t test;
	uint64_t arg[4];
	struct gt_vcpu vcpu[GUEST_MAX_VCPUS];
	pthread_mutex_t lock;
	pthread_cond_t change;
	/* Called for MMIO outside the control page by threads; NULL: reads give 0 */
	void (*mmio)(struct gt_vcpu *vcpu);
};

/*
 * In steps.  gt_vm_init() sets defaults: one vCPU, 2 MiB, the kind of memory that
 * the profile allows; change fields, then go on.
 */
void gt_vm_init(struct gt_vm *vm, enum guest_test test);
void gt_vm_create(struct gt_vm *vm);		/* descriptor */
void gt_vm_write_ram(struct gt_vm *vm);		/* image and tree, to RAM that is there */
void gt_vm_add_ram(struct gt_vm *vm);		/* allocated if it is NULL, image, tree, region */
void gt_vm_configure(struct gt_vm *vm);		/* vCPUs, DTB */
void gt_vm_start(struct gt_vm *vm);
int __gt_vm_prepare(struct gt_vm *vm);		/* all but start */
void gt_vm_boot(struct gt_vm *vm);		/* all of them */
void gt_vm_add_bell(struct gt_vm *vm, uint32_t label, bool level);
/* Closes and unmaps all that is left */
void gt_vm_close(struct gt_vm *vm);
void gt_vcpu_close(struct gt_vcpu *vcpu);

/* ---- exit.c: running it ---- */

enum gt_event {
	GT_EV_SYNC,		/* value: stage */
	GT_EV_DONE,
	GT_EV_MMIO,		/* outside the control page: look at run->mmio */
	GT_EV_STATUS,
	GT_EV_OTHER,		/* look at run->exit_reason */
	GT_EV_COMMAND,		/* the guest wants a command */
};

const char *gt_event_name(int event);
/* The next event, or a negative errno of VCPU_RUN; a failure of the guest ends the test */
int __gt_next(struct gt_vcpu *vcpu);
enum gt_event gt_next(struct gt_vcpu *vcpu);
void gt_expect_sync(struct gt_vcpu *vcpu, uint64_t stage);
uint64_t gt_expect_any_sync(struct gt_vcpu *vcpu);
void gt_expect_done(struct gt_vcpu *vcpu);
void gt_expect_status(struct gt_vcpu *vcpu, uint32_t status, uint16_t type);
/* DONE, then SYSTEM_OFF */
void gt_expect_off(struct gt_vcpu *vcpu);
/* Write or read of the guest at @addr */
void gt_expect_mmio(struct gt_vcpu *vcpu, bool write, uint64_t addr, uint32_t len);
uint64_t gt_mmio_data(const struct gunyah_vcpu_run *run);
void gt_set_mmio_data(struct gunyah_vcpu_run *run, uint64_t data);

/* For the guest "command": gives the command; the SYNC with its result follows */
void gt_command(struct gt_vcpu *vcpu, enum guest_cmd cmd, uint64_t a0, uint64_t a1,
		uint64_t a2, uint64_t a3);
uint64_t gt_command_result(struct gt_vcpu *vcpu, enum guest_cmd cmd, uint64_t a0,
			   uint64_t a1, uint64_t a2, uint64_t a3);

/* ---- thread.c: vCPUs in threads ---- */

/* Runs until DONE and STATUS, or an error, which is kept */
void gt_thread_start(struct gt_vcpu *vcpu);
void gt_threads_start(struct gt_vm *vm);
/* Until the vCPU has said SYNC @count times */
void gt_wait_stages(struct gt_vcpu *vcpu, uint64_t count);
/* Joins; the thread has to end by STATUS of EXITED with this type */
void gt_threads_join(struct gt_vm *vm, uint16_t type);
/* Sets immediate_exit, sends SIGUSR1 until the thread has left, joins */
void gt_thread_stop(struct gt_vcpu *vcpu);

/* The state letter of a thread of this process in /proc, such as 'S' */
char gt_thread_state(pid_t tid);

#endif
