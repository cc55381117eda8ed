/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual machine: its life, from the first ioctl to the last close.  Layer 6:
 * knows memory and the RM below it; vCPUs and other functions only as callbacks.
 */
#ifndef _GUNYAH_VM_H
#define _GUNYAH_VM_H

#include <linux/bitmap.h>
#include <linux/gunyah.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <uapi/linux/gunyah.h>

#include "mem.h"
#include "parcel.h"
#include "vm_event.h"
#include "vm_resource.h"
#include "vm_window.h"

struct gunyah_rm;
struct gunyah_vm;
struct mm_struct;

/* Registers that a boot context can name: X0 to X31, PC, SP0 to SP2 (uapi 3.2) */
#define GUNYAH_BOOT_NR_X	32
#define GUNYAH_BOOT_NR_PC	1
#define GUNYAH_BOOT_NR_SP	3
#define GUNYAH_BOOT_NR_REGS	(GUNYAH_BOOT_NR_X + GUNYAH_BOOT_NR_PC + GUNYAH_BOOT_NR_SP)

/**
 * struct gunyah_boot_context - registers that the user has set
 * @valid: which of @value
 * @value: by gunyah_boot_reg_index()
 */
struct gunyah_boot_context {
	DECLARE_BITMAP(valid, GUNYAH_BOOT_NR_REGS);
	u64 value[GUNYAH_BOOT_NR_REGS];
};

/**
 * struct gunyah_vm_function - a vCPU, an irqfd or an ioeventfd of a VM
 * @node: in gunyah_vm.functions; empty once it has been taken out; fn_lock
 * @vm: the VM; valid as long as the function is in it
 * @type: enum gunyah_fn_type
 * @unbind: the function has been taken out of the VM; under fn_lock.  Must not
 *	fail.  The function may be gone afterwards
 * @match: whether a user's argument means this function
 */
struct gunyah_vm_function {
	struct list_head node;
	struct gunyah_vm *vm;
	u32 type;
	void (*unbind)(struct gunyah_vm_function *fn);
	bool (*match)(const struct gunyah_vm_function *fn, const void *arg, bool exact);
};

/**
 * struct gunyah_vm_listener - wants to know when the VM's state changes
 * @node: in gunyah_vm.listeners; event_lock
 * @notify: called under event_lock
 */
struct gunyah_vm_listener {
	struct list_head node;
	void (*notify)(struct gunyah_vm_listener *listener);
};

/**
 * struct gunyah_vm_exit - what VM_EXITED said
 * @known: it has come
 * @info: as user space gets it
 */
struct gunyah_vm_exit {
	bool known;
	struct gunyah_vm_exit_info info;
};

/**
 * struct gunyah_vm - a virtual machine
 * @refs: one for the VM's file, one for each vCPU's file
 * @rm: the Resource Manager; constant
 * @patience: milliseconds that the RM gets to stop the guest, and to reset it; constant
 * @mm: memory of the task that created the VM; only the structure is held; constant
 * @fn_lock: "the function mutex"; outermost
 * @functions: struct gunyah_vm_function; fn_lock
 * @resources: resources and tickets; fn_lock
 * @io_lock: protects @io_handlers; taken for reading by running vCPUs, innermost
 * @io_handlers: addresses that the kernel handles, see io_bus.c
 * @mem: memory; mem.lock is "the memory lock"; also protects what follows up to
 *	@nb.  Taken inside fn_lock, held over RM calls
 * @parcels: struct gunyah_parcel, from VM_START on
 * @windows: memory that was shared while it ran; has a lock of its own
 * @dtb: as the user said
 * @boot: as the user said
 * @firmware: as the user said; size 0: none
 * @auth: how it is authenticated, if @has_auth
 * @has_auth: an authentication manager was chosen
 * @has_user_mem: some of the memory belongs to a process
 * @vmid: given by the RM, GUNYAH_VMID_INVALID if there is none; written under
 *	mem.lock and event_lock
 * @reset_sent: a second RESET kills the open RM
 * @nb: gets the RM's notifications
 * @event_lock: protects what follows; taken in any context that may sleep
 * @state: GUNYAH_RM_VM_STATE_* as far as we know, NONE without a VMID
 * @configured: @state has been AUTH or INIT: the open RM survives a RESET
 * @start_failed: a start failed after it had changed something
 * @exit: how it ended
 * @listeners: struct gunyah_vm_listener
 * @events: what others were told, see vm_event.h
 * @event_wq: woken when the VM's life or @exit changes
 */
struct gunyah_vm {
	refcount_t refs;
	struct gunyah_rm *rm;
	unsigned int patience;
	struct mm_struct *mm;

	struct mutex fn_lock; /* functions, resources */
	struct list_head functions;
	struct gunyah_resources resources;

	struct rw_semaphore io_lock;
	struct list_head io_handlers;

	struct gunyah_mem mem;
	struct list_head parcels;
	struct gunyah_windows windows;
	struct gunyah_vm_dtb_config dtb;
	struct gunyah_boot_context boot;
	struct gunyah_vm_firmware_config firmware;
	struct gunyah_auth_plan auth;
	bool has_auth;
	bool has_user_mem;
	u16 vmid;
	bool reset_sent;

	struct notifier_block nb;

	spinlock_t event_lock; /* state to events */
	u8 state;
	bool configured;
	bool start_failed;
	struct gunyah_vm_exit exit;
	struct list_head listeners;
	struct gunyah_vm_events events;
	wait_queue_head_t event_wq;
};

/* What a vCPU has to know about its VM */
enum gunyah_vm_life {
	GUNYAH_VM_NOT_STARTED,
	GUNYAH_VM_RUNNING,
	GUNYAH_VM_LOAD_FAILED,
	GUNYAH_VM_EXITED,
	GUNYAH_VM_CRASHED,
};

/* vm.c */
struct gunyah_vm *gunyah_vm_create(struct gunyah_rm *rm, struct mm_struct *mm);
bool gunyah_vm_get(struct gunyah_vm *vm);
void gunyah_vm_put(struct gunyah_vm *vm);

bool gunyah_vm_state_follows(u8 from, u8 to);
bool gunyah_vm_state_step(struct gunyah_vm *vm, u8 to);
bool gunyah_vm_wait_state(struct gunyah_vm *vm, unsigned long states, unsigned int msecs);
u8 gunyah_vm_state(struct gunyah_vm *vm);
void gunyah_vm_set_vmid(struct gunyah_vm *vm, u16 vmid);
void gunyah_vm_set_start_failed(struct gunyah_vm *vm);

enum gunyah_vm_life gunyah_vm_life(struct gunyah_vm *vm);
int gunyah_vm_exit_get(struct gunyah_vm *vm, struct gunyah_vm_exit *exit);

void gunyah_vm_listen(struct gunyah_vm *vm, struct gunyah_vm_listener *listener);
void gunyah_vm_unlisten(struct gunyah_vm *vm, struct gunyah_vm_listener *listener);

int gunyah_vm_set_dtb(struct gunyah_vm *vm, const struct gunyah_vm_dtb_config *dtb);

/* vm_mem.c */
int gunyah_vm_add_range(struct gunyah_vm *vm, struct gunyah_mem_range *range);
int gunyah_vm_add_user_mem(struct gunyah_vm *vm,
			   const struct gunyah_userspace_memory_region *region,
			   enum gunyah_mem_kind kind);

/* vm_mem_map.c */
int gunyah_vm_map_mem(struct gunyah_vm *vm, const struct gunyah_map_mem_args *args);
int gunyah_vm_reclaim_region(struct gunyah_vm *vm, const struct gunyah_address_range *args);

/* vm_boot_auth.c */
int gunyah_vm_set_firmware(struct gunyah_vm *vm, const struct gunyah_vm_firmware_config *cfg);
int gunyah_vm_set_auth(struct gunyah_vm *vm, u32 type, const void *arg, size_t size);

/* vm_boot_context.c */
int gunyah_vm_set_boot_context(struct gunyah_vm *vm, const struct gunyah_vm_boot_context *ctx);

/* vm_boot.c */
int gunyah_vm_start(struct gunyah_vm *vm);

/* vm_teardown.c */
void gunyah_vm_rm_teardown(struct gunyah_vm *vm);
void gunyah_vm_destroy(struct gunyah_vm *vm);

#endif
