/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that others have written, replayed: the ABI as their binaries have it, which
 * is not taken from a header of ours, a machine around a guest, and the loop around
 * VCPU_RUN, of which each program has its own.
 *
 * All numbers are those of the ABI tables, uapi 1 and 2.
 */
#ifndef GT_REPLAY_H
#define GT_REPLAY_H

#include "gt.h"

enum replay_call {
	CALL_CREATE_VM		= 0x00004700,
	CALL_SET_USER_MEM	= 0x40204701,
	CALL_SET_DTB_CONFIG	= 0x40104702,
	CALL_VM_START		= 0x00004703,
	CALL_ADD_FUNCTION	= 0x40104704,
	CALL_VCPU_RUN		= 0x00004705,
	CALL_VCPU_MMAP_SIZE	= 0x00004706,
	CALL_REMOVE_FUNCTION	= 0x40104707,
	CALL_CREATE_GUEST_MEM	= 0x40404708,
	CALL_MAP_MEM		= 0x40204709,
	CALL_SET_BOOT_CONTEXT	= 0x4010470a,
	CALL_TENTATIVE_UAPI	= 0x00004110,
	CALL_LEND_USER_MEM	= 0x40204111,
	CALL_SET_FW_CONFIG	= 0x40104112,
	CALL_RECLAIM_REGION	= 0x40104113,
	CALL_CREATE_CMA_MEM_FD	= 0x00004114,
	CALL_MAP_CMA_MEM	= 0x40284115,
	CALL_SET_AUTH_TYPE	= 0x40104116,
	CALL_CHECK_EXTENSION	= 0x00004117,
};

struct replay_region {
	uint32_t label, flags;
	uint64_t gpa, size, uaddr;
};

struct replay_range {
	uint64_t gpa, size;
};

struct replay_fn {
	uint32_t type, arg_size;
	uint64_t arg;
};

struct replay_irqfd {
	uint32_t fd, label, flags, padding;
};

struct replay_ioeventfd {
	uint64_t datamatch, addr;
	uint32_t len;
	int32_t fd;
	uint32_t flags, padding;
};

struct replay_boot_reg {
	uint32_t reg, reserved;
	uint64_t value;
};

struct replay_guest_mem {
	uint64_t flags, size, reserved[6];
};

struct replay_map_mem {
	uint64_t gpa;
	uint32_t flags, fd;
	uint64_t offset, size;
};

struct replay_map_cma {
	uint32_t label, pad;
	uint64_t gpa;
	uint32_t flags, fd;
	uint64_t offset, size;
};

struct replay_auth {
	uint32_t type, arg_size;
	uint64_t arg;
};

struct replay_qtvm {
	uint16_t vm_id, pad;
	uint32_t pas_id;
	uint64_t gpa, size;
};

struct replay_run {
	uint8_t immediate_exit, pad[7];
	uint32_t exit_reason, pad2;
	union {
		struct {
			uint64_t addr;
			uint8_t data[8];
			uint32_t len;
			uint8_t is_write;
			uint8_t resume_action;
		} mmio;
		struct {
			uint32_t status;
			uint16_t type, pad;
			uint32_t reason_size;
			uint8_t reason[8];
		} status;
		struct {
			uint64_t addr;
			int32_t attempt;
			uint8_t resume_action;
		} fault;
	};
};

#define REPLAY_EXIT_MMIO	1
#define REPLAY_EXIT_STATUS	2
#define REPLAY_EXIT_PAGE_FAULT	3
#define REPLAY_STATUS_LOAD_FAILED 1
#define REPLAY_STATUS_EXITED	2
#define REPLAY_STATUS_CRASHED	3
#define REPLAY_FN_VCPU		1
#define REPLAY_FN_IRQFD		2
#define REPLAY_FN_IOEVENTFD	3

/* How the loop of a vCPU ended, in the words of the programs */
enum replay_end {
	END_RUNNING,		/* it has not */
	END_SHUTDOWN,		/* exit types 0, 1 and 7 */
	END_RESET,		/* 2 and 3 */
	END_CRASH,		/* 4 to 6, and what is no exit */
	END_STOPPED,		/* by the program itself */
	END_GONE,		/* RUN: EBUSY (Android forks of QEMU) */
	END_ERROR,		/* an errno of RUN that the program does not know */
	END_UNKNOWN,		/* an exit that the program does not know */
};

/* The machine: devices at these addresses, and the control page of guest_abi.h */
#define REPLAY_SERIAL		0x3f8
#define REPLAY_RTC		0x2000
#define REPLAY_RTC_VALUE	0x64d5a0e1
#define REPLAY_RAM		0x80000000UL

struct replay;

struct replay_vcpu {
	struct replay *machine;
	unsigned int id;
	int fd;
	struct replay_run *run;
	pthread_t thread;
	bool threaded;
	enum replay_end end;
	int error;		/* END_ERROR: errno */
	uint32_t unknown;	/* END_UNKNOWN: exit reason */
	uint64_t said;		/* SYNC of a secondary vCPU */
	unsigned int retries;	/* of RUN or of page faults, as the program counts them */
};

/*
 * @loop is the program's: runs the vCPU until it ends.  The rest is the machine:
 * commands go to the boot vCPU when it asks for one.
 */
struct replay {
	int vm;
	unsigned int nr_vcpus;
	enum replay_end (*loop)(struct replay_vcpu *vcpu);
	struct replay_vcpu vcpu[GUEST_MAX_VCPUS];
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool stop;
	bool posted, answered;
	uint64_t cmd[1 + CTL_ARGS];
	uint64_t answer;
	unsigned int waits;	/* SPI_WAITs that the guest has begun */
	char serial[64];
	unsigned int nr_serial;
	uint64_t last_addr, last_data;	/* write to no device in particular */
	unsigned int nr_writes;
};

void replay_init(struct replay *r, enum replay_end (*loop)(struct replay_vcpu *vcpu));

/* An ioctl, as 0 or more, or as a negative errno; the second one must succeed */
long replay_call(int fd, uint32_t call, const void *arg);
long replay_must_at(const char *file, int line, int fd, uint32_t call, const void *arg);
#define replay_must(fd, call, arg) replay_must_at(__FILE__, __LINE__, fd, call, arg)
/* The argument is a value */
#define REPLAY_VALUE(v) ((const void *)(uintptr_t)(v))
long replay_add(int vm, uint32_t type, const void *arg, uint32_t size);
long replay_remove(int vm, uint32_t type, const void *arg, uint32_t size);
int replay_open(void);

/* The guest "command" to @at, for this number of vCPUs */
void replay_load_guest(void *at, unsigned int nr_vcpus);

/* Threads: one for each vCPU that has a descriptor */
void replay_run(struct replay *r);
void replay_run_vcpu(struct replay_vcpu *vcpu);
/* For loops that make the vCPU themselves: kicks are for its run page from now on */
void replay_own_run_page(struct replay_vcpu *vcpu);
/* For loops: an exit by MMIO; what a status means; has the program been told to stop? */
void replay_bus(struct replay_vcpu *vcpu);
enum replay_end replay_status(const struct replay_run *run);
bool replay_stopping(struct replay *r);
enum replay_end replay_error(struct replay_vcpu *vcpu, int error);
enum replay_end replay_unknown(struct replay_vcpu *vcpu);

/* A command for the guest and its answer; or in two steps */
uint64_t replay_do(struct replay *r, enum guest_cmd cmd, uint64_t a0, uint64_t a1,
		   uint64_t a2, uint64_t a3);
void replay_post(struct replay *r, enum guest_cmd cmd, uint64_t a0, uint64_t a1,
		 uint64_t a2, uint64_t a3);
uint64_t replay_answer(struct replay *r);
/* Until vCPU @id has said SYNC */
void replay_wait_said(struct replay *r, unsigned int id);
/* Until the guest has begun this many SPI_WAITs */
void replay_wait_waiting(struct replay *r, unsigned int count);
/* The program's own end: each vCPU is kicked once */
void replay_stop(struct replay *r);
/* Joins all vCPUs, which have to end like this */
void replay_join(struct replay *r, enum replay_end end);
/* The guest calls @psci, a function that ends it, and all vCPUs end like this */
void replay_end_by(struct replay *r, uint64_t psci, enum replay_end end);
/* The same, however they end */
void replay_wait_ended(struct replay *r);
/* After that: threads can be started again */
void replay_restart(struct replay *r);
/* Descriptors and mappings of vCPUs, then the VM */
void replay_close(struct replay *r);

/* PSCI calls by which guests end */
#define REPLAY_SYSTEM_OFF	0x84000008
#define REPLAY_SYSTEM_RESET	0x84000009

/* Counter of an eventfd, 0 if nobody has signalled it */
uint64_t replay_signals(int evt);

#endif
