/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the test ioctl_matrix share.
 */
#ifndef IOCTL_MATRIX_H
#define IOCTL_MATRIX_H

#include "gmem.h"

#define SPARE_SIZE		0x10000UL
#define FREE_ADDR		0x90000000UL
#define FILE_ADDR		0xa0000000UL
#define CMA_ADDR		0xb0000000UL
#define RAM_LAST_PAGE		(GUEST_RAM_BASE + GUEST_MIN_RAM - 4096)
#define DTB_ADDR		(GUEST_RAM_BASE + GUEST_DTB_OFFSET)
#define NOT_MAPPED		0x10000UL
#define FILE_FLAGS		(GUNYAH_MAP_MEM_FORCE_SHARE | GUNYAH_MAP_MEM_ALLOW_READ | \
				 GUNYAH_MAP_MEM_ALLOW_WRITE)

/* Kinds of descriptors */
enum fd_kind {
	DEV = 1, VM = 2, VCPU = 4, MEM_FILE = 8, CMA_DEV = 16, CMA_FD = 32, EVENTFD = 64,
};

#define MAX_KIND	EVENTFD
#define NR_KINDS	7

enum state { NEW, CONFIGURED, STARTED, EXITED, FAILED, CLOSED, REMOVED, NR_STATES };

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
	enum fd_kind family;
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

/**
 * struct row - a call, and its result in each state
 * @kind: of descriptor
 * @ioctl: index of the ioctl
 * @what: what is special
 * @change: does that to the valid argument
 * @result: by state
 */
struct row {
	enum fd_kind kind;
	unsigned int ioctl;
	const char *what;
	void (*change)(struct call *c);
	int result[NR_STATES];
};

/* ---- ioctl_matrix_table.c ---- */

extern const struct known known[];
extern const unsigned int nr_known;
extern const unsigned int unknown[];
extern const unsigned int nr_unknown;
extern const struct row rows[];
extern const unsigned int nr_rows;

/* ---- ioctl_matrix_env.c ---- */

/* Is there a CMA device?  To be called first */
void env_find_cma(void);
void env_set_up(struct env *e, enum fd_kind family, enum state state);
void env_close(struct env *e, enum fd_kind kind);
/* The rest of its life, as if nothing had been */
void env_finish(struct env *e);
void env_tear_down(struct env *e);

#endif
