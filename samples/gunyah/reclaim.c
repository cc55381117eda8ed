// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the guest's memory back now and then, as a balloon would
 *
 * A balloon knows which pages the guest does without.  This one does not: it is there
 * for tests.  Memory that is shared can be taken back at any time, the contents stay
 * and the guest's next access brings them back.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "layout.h"
#include "reclaim.h"
#include "report.h"

#define CHUNK		MIB(4)

/**
 * struct reclaim - the thread
 * @vm: whose memory it is
 * @pause: between two times
 * @thread: does it; the rest is its own
 * @stop: the thread shall end
 * @done: how often memory was taken back
 * @refused: how often not
 * @error: the last errno of these
 */
struct reclaim {
	struct vm *vm;
	struct timespec pause;
	pthread_t thread;
	atomic_bool stop;
	unsigned long done;
	unsigned long refused;
	int error;
};

static struct reclaim reclaim;

static void take_back(void)
{
	__u64 chunks = (reclaim.vm->ram.size + CHUNK - 1) / CHUNK;
	__u64 offset = rand() % chunks * CHUNK;
	__u64 left = reclaim.vm->ram.size - offset;
	int err = vm_reclaim(reclaim.vm, RAM_BASE + offset, left < CHUNK ? left : CHUNK);

	if (err) {
		reclaim.refused++;
		reclaim.error = err;
	} else {
		reclaim.done++;
	}
}

static void *reclaim_thread(void *arg)
{
	(void)arg;
	while (!atomic_load(&reclaim.stop)) {
		nanosleep(&reclaim.pause, NULL);
		take_back();
	}
	return NULL;
}

void reclaim_start(struct vm *vm, unsigned long pause_ms)
{
	int err;

	reclaim.vm = vm;
	reclaim.pause.tv_sec = pause_ms / 1000;
	reclaim.pause.tv_nsec = pause_ms % 1000 * 1000000;
	err = pthread_create(&reclaim.thread, NULL, reclaim_thread, NULL);
	if (err)
		die_errno("thread that takes memory back", err, NULL);
}

void reclaim_stop(void)
{
	atomic_store(&reclaim.stop, true);
	pthread_join(reclaim.thread, NULL);
	report("memory taken back %lu times, refused %lu times", reclaim.done,
	       reclaim.refused);
	if (reclaim.refused)
		report_errno("VM_RECLAIM_REGION", reclaim.error, NULL);
}
