// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPUs in threads of their own.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gt.h"

static void nothing(int sig)
{
	(void)sig;
}

static void note_stage(struct gt_vcpu *vcpu)
{
	struct gt_vm *vm = vcpu->vm;

	pthread_mutex_lock(&vm->lock);
	vcpu->stages++;
	vcpu->last_stage = vcpu->value;
	pthread_cond_broadcast(&vm->change);
	pthread_mutex_unlock(&vm->lock);
}

static void note_end(struct gt_vcpu *vcpu, int error)
{
	struct gt_vm *vm = vcpu->vm;

	pthread_mutex_lock(&vm->lock);
	vcpu->error = error;
	vcpu->ended = true;
	pthread_cond_broadcast(&vm->change);
	pthread_mutex_unlock(&vm->lock);
}

/* Returns true while there is more to run */
static bool handle(struct gt_vcpu *vcpu, int event)
{
	switch (event) {
	case GT_EV_SYNC:
		note_stage(vcpu);
		return true;
	case GT_EV_DONE:
		return true;
	case GT_EV_MMIO:
		if (vcpu->vm->mmio)
			vcpu->vm->mmio(vcpu);
		else if (!vcpu->run->mmio.is_write)
			gt_set_mmio_data(vcpu->run, 0);
		return true;
	default:
		return false;
	}
}

static void *run_vcpu(void *arg)
{
	struct gt_vcpu *vcpu = arg;
	int event;

	do {
		event = __gt_next(vcpu);
	} while (handle(vcpu, event));
	if (event > 0 && event != GT_EV_STATUS)
		gt_fail("thread: unexpected %s", gt_event_name(event));
	note_end(vcpu, event < 0 ? event : 0);
	return NULL;
}

void gt_thread_start(struct gt_vcpu *vcpu)
{
	gt_sigaction(SIGUSR1, nothing);
	vcpu->ended = false;
	vcpu->error = 0;
	gt_assert(!pthread_create(&vcpu->thread, NULL, run_vcpu, vcpu));
	vcpu->threaded = true;
}

void gt_threads_start(struct gt_vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->dtb.nr_vcpus; i++)
		gt_thread_start(&vm->vcpu[i]);
}

/* The harness' alarm is the guard against guests that never get there */
void gt_wait_stages(struct gt_vcpu *vcpu, uint64_t count)
{
	struct gt_vm *vm = vcpu->vm;

	pthread_mutex_lock(&vm->lock);
	while (vcpu->stages < count && !vcpu->ended)
		pthread_cond_wait(&vm->change, &vm->lock);
	if (vcpu->stages < count)
		gt_fail("vCPU ended (%s) after %" PRIu64 " of %" PRIu64 " stages",
			strerror(-vcpu->error), vcpu->stages, count);
	pthread_mutex_unlock(&vm->lock);
}

static void join(struct gt_vcpu *vcpu)
{
	gt_assert(!pthread_join(vcpu->thread, NULL));
	vcpu->threaded = false;
}

void gt_threads_join(struct gt_vm *vm, uint16_t type)
{
	struct gt_vcpu *vcpu;
	unsigned int i;

	for (i = 0; i < vm->dtb.nr_vcpus; i++) {
		vcpu = &vm->vcpu[i];
		if (!vcpu->threaded)
			continue;
		join(vcpu);
		if (vcpu->error)
			gt_fail("vCPU %u: %s", i, strerror(-vcpu->error));
		gt_assert_eq(vcpu->run->status.status, GUNYAH_VM_STATUS_EXITED);
		gt_assert_eq(vcpu->run->status.exit_info.type, type);
	}
}

/* A signal that comes before the ioctl sleeps is no use, hence again and again */
void gt_thread_stop(struct gt_vcpu *vcpu)
{
	struct gt_vm *vm = vcpu->vm;
	bool ended = false;

	vcpu->run->immediate_exit = 1;
	while (!ended) {
		pthread_kill(vcpu->thread, SIGUSR1);
		usleep(1000);
		pthread_mutex_lock(&vm->lock);
		ended = vcpu->ended;
		pthread_mutex_unlock(&vm->lock);
	}
	join(vcpu);
	vcpu->run->immediate_exit = 0;
}

char gt_thread_state(pid_t tid)
{
	char path[64], line[256];
	char state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	f = fopen(path, "r");
	if (!f)
		return state;
	if (fgets(line, sizeof(line), f) && strrchr(line, ')'))
		state = strrchr(line, ')')[2];
	fclose(f);
	return state;
}
