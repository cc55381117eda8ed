/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual machine and its vCPUs
 */
#ifndef VMM_VM_H
#define VMM_VM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <linux/gunyah.h>

#include "layout.h"
#include "memory.h"
#include "mmio.h"

struct vm;

/**
 * struct vcpu_stats - how often RUN came back, and with what
 * @reads: MMIO reads
 * @writes: MMIO writes
 * @interrupted: EINTR and EAGAIN
 */
struct vcpu_stats {
	__u64 reads;
	__u64 writes;
	__u64 interrupted;
};

/**
 * struct vcpu - a vCPU, used by its own thread only, but for @run->immediate_exit
 * @vm: the VM
 * @id: index in the device tree
 * @fd: its descriptor
 * @run: the page shared with the driver
 * @run_size: bytes mapped at @run
 * @thread: runs it
 * @stats: read by others once @thread has ended
 */
struct vcpu {
	struct vm *vm;
	unsigned int id;
	int fd;
	struct gunyah_vcpu_run *run;
	size_t run_size;
	pthread_t thread;
	struct vcpu_stats stats;
};

/**
 * struct vm - a virtual machine
 * @dev: /dev/gunyah
 * @fd: its descriptor
 * @cpus: used entries of @vcpus
 * @lend: the guest's memory is its own, not shared with this process; always so if it
 *	is in a guest memory file
 * @ram: its memory
 * @bus: its devices
 * @vcpus: its vCPUs
 * @wake: eventfd that wakes the main loop
 * @exit_status: enum exit_status, negative while the guest runs
 * @stopping: vCPU threads leave at the next opportunity
 */
struct vm {
	int dev;
	int fd;
	unsigned int cpus;
	bool lend;
	struct guest_ram ram;
	struct mmio_bus bus;
	struct vcpu vcpus[MAX_CPUS];
	int wake;
	atomic_int exit_status;
	atomic_bool stopping;
};

/* In the order in which they are called; all end the program if they fail. */
void vm_create(struct vm *vm, const char *device);
int vm_create_memory_file(struct vm *vm, __u64 size, bool small);
bool vm_wakes_timers(struct vm *vm);
void vm_add_ram(struct vm *vm);
void vm_add_window(struct vm *vm);
int vm_add_irqfd(struct vm *vm, __u32 label, __u32 flags);
void vm_add_ioeventfd(struct vm *vm, __u64 addr, __u32 len, int fd);
void vm_add_vcpu(struct vm *vm, unsigned int id);
void vm_set_dtb(struct vm *vm);
void vm_set_boot_context(struct vm *vm);
void vm_start(struct vm *vm);

/* Gives the running guest more memory, @size bytes; returns where. */
__u64 vm_grow(struct vm *vm, __u64 size);

/* Takes back what is in [@gpa, @gpa + @size); returns 0 or an errno. */
int vm_reclaim(struct vm *vm, __u64 gpa, __u64 size);

/* Everything back to the system; the last close waits until it is. */
void vm_destroy(struct vm *vm);

/* Wakes the main loop. */
void vm_wake(struct vm *vm);

/*
 * The guest is done, and @status is why.  Only the first reason counts; returns
 * whether this was it.
 */
bool vm_end(struct vm *vm, int status);

static inline bool vm_running(struct vm *vm)
{
	return atomic_load(&vm->exit_status) < 0;
}

/* vcpu.c: a thread for each vCPU, and back again. */
void vcpus_run(struct vm *vm);
void vcpus_stop(struct vm *vm);

#endif
