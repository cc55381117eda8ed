// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the vCPUs, each on a thread of its own
 *
 * Owns the threads and the meaning of the exits.  A thread ends when the guest
 * has ended, after an error, or when vcpus_stop() asks for it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "report.h"
#include "vm.h"

#define KICK_SIGNAL	SIGUSR1
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Says that the VM cannot go on; returns whether to (see handlers[]). */
static bool fail(struct vcpu *vcpu, const char *what, int err, const char *hint)
{
	char text[96];

	snprintf(text, sizeof(text), "vCPU %u: %s", vcpu->id, what);
	report_errno(text, err, hint);
	vm_end(vcpu->vm, EXIT_ERROR);
	return false;
}

/*
 * Data is little endian and @len bytes long.  resume_action says "handled"
 * already; a VMM that wants the guest to take an abort changes it.
 */
static bool exit_mmio(struct vcpu *vcpu)
{
	struct gunyah_vcpu_run *run = vcpu->run;
	unsigned int len = run->mmio.len;
	__u64 value = 0;

	if (!len || len > sizeof(run->mmio.data))
		return fail(vcpu, "MMIO exit", EPROTO, "impossible length");
	if (run->mmio.is_write) {
		vcpu->stats.writes++;
		memcpy(&value, run->mmio.data, len);
		mmio_write(&vcpu->vm->bus, run->mmio.phys_addr, len, value);
	} else {
		vcpu->stats.reads++;
		value = mmio_read(&vcpu->vm->bus, run->mmio.phys_addr, len);
		memcpy(run->mmio.data, &value, len);
	}
	return true;
}

static const struct {
	const char *text;
	enum exit_status status;
} endings[] = {
	[GUNYAH_VM_EXIT_TYPE_VM_EXIT] = { "exited", EXIT_POWER_OFF },
	[GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF] = { "powered off", EXIT_POWER_OFF },
	[GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET] = { "asks for a reset", EXIT_RESET },
	[GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET2] = { "asks for a reset", EXIT_RESET },
	[GUNYAH_VM_EXIT_TYPE_WDT_BITE] = { "was bitten by its watchdog", EXIT_CRASH },
	[GUNYAH_VM_EXIT_TYPE_HYP_ERROR] = { "did what the hypervisor forbids", EXIT_CRASH },
	[GUNYAH_VM_EXIT_TYPE_ASYNC_EXT_ABORT] = { "died of a hardware error", EXIT_CRASH },
	[GUNYAH_VM_EXIT_TYPE_VM_FORCE_STOPPED] = { "was stopped by force", EXIT_STOPPED },
};

/* Every vCPU learns that the VM has ended, the first one says so. */
static bool ended(struct vcpu *vcpu, enum exit_status status, const char *text,
		  const char *detail, unsigned int value)
{
	if (!vm_end(vcpu->vm, status))
		return false;
	if (status == EXIT_POWER_OFF || status == EXIT_RESET)
		report("guest %s (%s %u)", text, detail, value);
	else
		report_warning("guest %s (%s %u)", text, detail, value);
	return false;
}

static bool exit_status(struct vcpu *vcpu)
{
	unsigned int status = vcpu->run->status.status;
	unsigned int type = vcpu->run->status.exit_info.type;

	if (status == GUNYAH_VM_STATUS_LOAD_FAILED)
		return ended(vcpu, EXIT_ERROR, "could not be loaded", "status", status);
	if (status != GUNYAH_VM_STATUS_EXITED)
		return ended(vcpu, EXIT_CRASH, "crashed", "status", status);
	if (type >= ARRAY_SIZE(endings))
		return ended(vcpu, EXIT_CRASH, "ended for an unknown reason",
			     "exit type", type);
	return ended(vcpu, endings[type].status, endings[type].text, "exit type", type);
}

/* All of the RAM was bound from the start: nothing else that could be provided. */
static bool exit_page_fault(struct vcpu *vcpu)
{
	struct gunyah_vcpu_run *run = vcpu->run;
	char what[64];

	snprintf(what, sizeof(what), "page fault at 0x%llx",
		 (__u64)run->page_fault.phys_addr);
	return fail(vcpu, what, -run->page_fault.attempt, NULL);
}

/* What to do after RUN has returned 0; false: the thread is done. */
static bool (*const handlers[])(struct vcpu *vcpu) = {
	[GUNYAH_VCPU_EXIT_MMIO] = exit_mmio,
	[GUNYAH_VCPU_EXIT_STATUS] = exit_status,
	[GUNYAH_VCPU_EXIT_PAGE_FAULT] = exit_page_fault,
};

static bool handle_exit(struct vcpu *vcpu)
{
	unsigned int reason = vcpu->run->exit_reason;

	if (reason >= ARRAY_SIZE(handlers) || !handlers[reason]) {
		report_warning("vCPU %u: unknown exit reason %u", vcpu->id, reason);
		vm_end(vcpu->vm, EXIT_ERROR);
		return false;
	}
	return handlers[reason](vcpu);
}

/* EINTR: a signal or immediate_exit.  EAGAIN: nothing happened, once more. */
static bool handle_error(struct vcpu *vcpu, int err)
{
	if (err != EINTR && err != EAGAIN)
		return fail(vcpu, "VCPU_RUN", err, NULL);
	vcpu->stats.interrupted++;
	return !atomic_load(&vcpu->vm->stopping);
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	bool go_on = true;

	while (go_on) {
		if (ioctl(vcpu->fd, GUNYAH_VCPU_RUN) < 0)
			go_on = handle_error(vcpu, errno);
		else
			go_on = handle_exit(vcpu);
	}
	return NULL;
}

/* Its only purpose is to interrupt system calls. */
static void kicked(int signal)
{
	(void)signal;
}

void vcpus_run(struct vm *vm)
{
	struct sigaction action = { .sa_handler = kicked };
	unsigned int i;
	int err;

	/* No SA_RESTART: RUN shall come back. */
	sigaction(KICK_SIGNAL, &action, NULL);
	for (i = 0; i < vm->cpus; i++) {
		err = pthread_create(&vm->vcpus[i].thread, NULL, vcpu_thread,
				     &vm->vcpus[i]);
		if (err)
			die_errno("thread for a vCPU", err, NULL);
	}
}

/*
 * Two ways are needed to get a thread out of RUN: immediate_exit for one that is
 * just about to enter, a signal for one that is in there, also asleep.  The
 * signal is repeated, because a thread may also block in a write of the UART.
 */
static void join(struct vcpu *vcpu)
{
	struct timespec deadline;

	vcpu->run->immediate_exit = 1;
	do {
		pthread_kill(vcpu->thread, KICK_SIGNAL);
		clock_gettime(CLOCK_REALTIME, &deadline);
		deadline.tv_sec++;
	} while (pthread_timedjoin_np(vcpu->thread, NULL, &deadline));
}

void vcpus_stop(struct vm *vm)
{
	unsigned int i;

	atomic_store(&vm->stopping, true);
	for (i = 0; i < vm->cpus; i++)
		join(&vm->vcpus[i]);
}
