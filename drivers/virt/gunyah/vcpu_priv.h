/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of vCPUs: shared by vcpu.c (function, file), vcpu_run.c (the loop),
 * vcpu_sleep.c and vcpu_reg.c.  Everybody else uses vcpu.h.  Layer 7.
 */
#ifndef _GUNYAH_VCPU_PRIV_H
#define _GUNYAH_VCPU_PRIV_H

#include <linux/bitmap.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "vcpu_exit.h"
#include "vm.h"

/* What user space has to answer before the guest can go on */
enum vcpu_question {
	VCPU_NO_QUESTION,
	VCPU_ASKED_MMIO,
	VCPU_ASKED_PAGE_FAULT,
};

/* X0 to X30, PC, SP_EL0 and SP_EL1 (ABI tables, hypercall 8) */
#define GUNYAH_VCPU_NR_REGS	34

/**
 * struct gunyah_vcpu_regs - registers that user space has set
 * @lock: protects all of it; innermost
 * @capid: the RM's vCPU; GUNYAH_CAPID_INVALID while there is none
 * @kept: which of @value wait for it
 * @value: by gunyah_vcpu_reg_index()
 */
struct gunyah_vcpu_regs {
	struct mutex lock; /* all */
	u64 capid;
	DECLARE_BITMAP(kept, GUNYAH_VCPU_NR_REGS);
	u64 value[GUNYAH_VCPU_NR_REGS];
};

/**
 * struct gunyah_vcpu - a vCPU
 * @fn: its place in the VM
 * @ticket: its claim on the RM's vCPU
 * @listener: wakes it when the VM's state changes
 * @ref: function and file
 * @vm: the VM; constant
 * @name: of the file and of the interrupt; constant
 * @page: the run page; constant
 * @run: the same, for us; user space changes it at any time
 * @run_lock: held over VCPU_RUN; protects what follows up to @yields
 * @capid: the RM's vCPU; only while @irq is there
 * @irq: its wake-up interrupt, 0 if the vCPU is not there (any more)
 * @known: it has been there
 * @down: user space has been told that the VM is gone
 * @question: what was asked of user space
 * @mmio: our copy of the access in question
 * @resume: words for the next vcpu_run
 * @yields: how often in a row the hypervisor had no time for it
 * @regs: see there
 * @wq: woken by the interrupt, the VM's state, @stop, the end of VCPU_RUN
 * @woken: the interrupt has come since the guest was entered last
 * @stop: leave the guest and do not enter it
 * @removed: the function is gone
 * @runner_lock: protects @runner
 * @runner: the thread in VCPU_RUN
 */
struct gunyah_vcpu {
	struct gunyah_vm_function fn;
	struct gunyah_resource_ticket ticket;
	struct gunyah_vm_listener listener;
	struct kref ref;
	struct gunyah_vm *vm;
	char name[24];
	struct page *page;
	struct gunyah_vcpu_run *run;

	struct mutex run_lock; /* capid to yields */
	u64 capid;
	int irq;
	bool known;
	bool down;
	enum vcpu_question question;
	struct gunyah_mmio mmio;
	u64 resume[3];
	unsigned int yields;

	struct gunyah_vcpu_regs regs;

	wait_queue_head_t wq;
	bool woken;
	bool stop;
	bool removed;
	spinlock_t runner_lock; /* runner */
	struct task_struct *runner;
};

/* vcpu_run.c */
long gunyah_vcpu_run(struct gunyah_vcpu *vcpu);

/* vcpu_reg.c */
int gunyah_vcpu_reg_index(const struct gunyah_vcpu_reg *reg);
int gunyah_vcpu_regs_attach(struct gunyah_vcpu *vcpu, u64 capid);
void gunyah_vcpu_regs_detach(struct gunyah_vcpu *vcpu);
long gunyah_vcpu_set_reg(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_reg *reg);

/* vcpu_sleep.c */
int gunyah_vcpu_sleep(struct gunyah_vcpu *vcpu);
int gunyah_vcpu_sleep_until(struct gunyah_vcpu *vcpu, u64 deadline);
int gunyah_vcpu_wait_exit(struct gunyah_vcpu *vcpu);

#endif
