// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine around a guest of a replayed program.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replay.h"

_Static_assert(sizeof(struct replay_region) == 32, "uapi 2.1");
_Static_assert(sizeof(struct replay_range) == 16, "uapi 2.2");
_Static_assert(sizeof(struct replay_fn) == 16, "uapi 2.3");
_Static_assert(sizeof(struct replay_irqfd) == 16, "uapi 2.3");
_Static_assert(sizeof(struct replay_ioeventfd) == 32, "uapi 2.3");
_Static_assert(sizeof(struct replay_guest_mem) == 64, "uapi 2.4");
_Static_assert(sizeof(struct replay_boot_reg) == 16, "uapi 2.5");
_Static_assert(sizeof(struct replay_map_mem) == 32, "uapi 2.6");
_Static_assert(sizeof(struct replay_map_cma) == 40, "uapi 2.7");
_Static_assert(sizeof(struct replay_auth) == 16, "uapi 2.8");
_Static_assert(sizeof(struct replay_qtvm) == 24, "uapi 2.8");
_Static_assert(sizeof(struct replay_run) == 40, "uapi 2.9");
_Static_assert(offsetof(struct replay_run, mmio.resume_action) == 37, "uapi 2.9");
_Static_assert(offsetof(struct replay_run, status.type) == 20, "uapi 2.9");
_Static_assert(offsetof(struct replay_run, fault.resume_action) == 28, "uapi 2.9");

/* image.S */
extern const char guest_image[], guest_image_end[];

/* ---- calls ---- */

long replay_call(int fd, uint32_t call, const void *arg)
{
	return gt_errno(ioctl(fd, call, arg));
}

long replay_must_at(const char *file, int line, int fd, uint32_t call, const void *arg)
{
	long ret = replay_call(fd, call, arg);

	if (ret < 0)
		gt_fail_at(file, line, "ioctl %#x: %s", call, strerror(-ret));
	return ret;
}

static long function(int vm, uint32_t call, uint32_t type, const void *arg, uint32_t size)
{
	struct replay_fn fn = { .type = type, .arg_size = size, .arg = (uintptr_t)arg };

	return replay_call(vm, call, &fn);
}

long replay_add(int vm, uint32_t type, const void *arg, uint32_t size)
{
	return function(vm, CALL_ADD_FUNCTION, type, arg, size);
}

long replay_remove(int vm, uint32_t type, const void *arg, uint32_t size)
{
	return function(vm, CALL_REMOVE_FUNCTION, type, arg, size);
}

int replay_open(void)
{
	int fd = open("/dev/gunyah", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		gt_fail("/dev/gunyah: %s", strerror(errno));
	return fd;
}

uint64_t replay_signals(int evt)
{
	uint64_t count;

	if (read(evt, &count, sizeof(count)) == sizeof(count))
		return count;
	gt_assert_eq(errno, EAGAIN);
	return 0;
}

/* ---- the machine ---- */

void replay_init(struct replay *r, enum replay_end (*loop)(struct replay_vcpu *vcpu))
{
	unsigned int i;

	memset(r, 0, sizeof(*r));
	r->vm = -1;
	r->nr_vcpus = 1;
	r->loop = loop;
	for (i = 0; i < GUEST_MAX_VCPUS; i++)
		r->vcpu[i] = (struct replay_vcpu){ .machine = r, .id = i, .fd = -1 };
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->change, NULL);
}

/* Kernels of arm64 have it (Documentation/arch/arm64/booting.rst), the guest leaves room */
#define IMAGE_MAGIC_OFFSET	56

void replay_load_guest(void *at, unsigned int nr_vcpus)
{
	struct guest_mailbox *mailbox = (void *)((char *)at + MAILBOX_OFFSET);

	memcpy(at, guest_image, guest_image_end - guest_image);
	gt_assert_eq(mailbox->magic, GUEST_MAGIC);
	memcpy((char *)at + IMAGE_MAGIC_OFFSET, "ARM\x64", 4);
	mailbox->test = GUEST_command;
	mailbox->nr_vcpus = nr_vcpus;
}

static __thread struct replay_run *my_run;

/* The boot vCPU asks for work.  Told to stop, the program does not enter it any more */
static uint64_t next_command(struct replay *r)
{
	uint64_t cmd = CMD_END;

	pthread_mutex_lock(&r->lock);
	while (!r->posted && !r->stop)
		pthread_cond_wait(&r->change, &r->lock);
	if (r->posted)
		cmd = r->cmd[0];
	else
		my_run->immediate_exit = 1;
	r->posted = false;
	pthread_mutex_unlock(&r->lock);
	return cmd;
}

static uint64_t control_read(struct replay_vcpu *vcpu, uint64_t off)
{
	gt_assert_eq(vcpu->id, 0);
	if (off == CTL_CMD)
		return next_command(vcpu->machine);
	gt_assert(off >= CTL_ARG && off < CTL_ARG + 8 * CTL_ARGS);
	return vcpu->machine->cmd[1 + (off - CTL_ARG) / 8];
}

static void control_write(struct replay_vcpu *vcpu, uint64_t off, uint64_t data)
{
	static uint64_t found, wanted;
	struct replay *r = vcpu->machine;

	if (off == CTL_FAIL_A)
		found = data;
	if (off == CTL_FAIL_B)
		wanted = data;
	if (off == CTL_FAIL)
		gt_fail("guest, file %" PRIu64 " line %" PRIu64 ": %#" PRIx64 ", not %#" PRIx64,
			data >> 32, data & 0xffffffff, found, wanted);
	if (off != CTL_SYNC && off != CTL_PUTC)
		return;
	pthread_mutex_lock(&r->lock);
	if (off == CTL_PUTC) {
		r->waits++;
	} else if (vcpu->id) {
		vcpu->said = data;
	} else {
		r->answer = data;
		r->answered = true;
	}
	pthread_cond_broadcast(&r->change);
	pthread_mutex_unlock(&r->lock);
}

static uint64_t device_read(struct replay_vcpu *vcpu, uint64_t addr)
{
	if (addr - CTL_BASE < 0x1000)
		return control_read(vcpu, addr - CTL_BASE);
	return addr == REPLAY_RTC ? REPLAY_RTC_VALUE : 0;
}

static void device_write(struct replay_vcpu *vcpu, uint64_t addr, uint64_t data)
{
	struct replay *r = vcpu->machine;

	if (addr - CTL_BASE < 0x1000) {
		control_write(vcpu, addr - CTL_BASE, data);
	} else if (addr == REPLAY_SERIAL) {
		if (r->nr_serial < sizeof(r->serial) - 1)
			r->serial[r->nr_serial++] = data;
	} else {
		r->last_addr = addr;
		r->last_data = data;
		r->nr_writes++;
	}
}

/* Reads: as many bytes as the access has, nothing else of the page is touched */
void replay_bus(struct replay_vcpu *vcpu)
{
	struct replay_run *run = vcpu->run;
	uint64_t data = 0;

	gt_assert(run->mmio.len == 1 || run->mmio.len == 2 || run->mmio.len == 4 ||
		  run->mmio.len == 8);
	if (run->mmio.is_write) {
		memcpy(&data, run->mmio.data, run->mmio.len);
		device_write(vcpu, run->mmio.addr, data);
	} else {
		data = device_read(vcpu, run->mmio.addr);
		memcpy(run->mmio.data, &data, run->mmio.len);
	}
}

enum replay_end replay_status(const struct replay_run *run)
{
	if (run->status.status != REPLAY_STATUS_EXITED)
		return END_CRASH;
	switch (run->status.type) {
	case 0:
	case 1:
	case 7:
		return END_SHUTDOWN;
	case 2:
	case 3:
		return END_RESET;
	default:
		return END_CRASH;
	}
}

bool replay_stopping(struct replay *r)
{
	bool stop;

	pthread_mutex_lock(&r->lock);
	stop = r->stop;
	pthread_mutex_unlock(&r->lock);
	return stop;
}

enum replay_end replay_error(struct replay_vcpu *vcpu, int error)
{
	vcpu->error = error;
	return END_ERROR;
}

enum replay_end replay_unknown(struct replay_vcpu *vcpu)
{
	vcpu->unknown = vcpu->run->exit_reason;
	return END_UNKNOWN;
}

/* ---- threads ---- */

/* What programs do in the handler: whichever comes first, the signal or RUN */
static void kick(int sig)
{
	if (my_run)
		my_run->immediate_exit = 1;
}

void replay_own_run_page(struct replay_vcpu *vcpu)
{
	my_run = vcpu->run;
}

static void *vcpu_thread(void *arg)
{
	struct replay_vcpu *vcpu = arg;
	struct replay *r = vcpu->machine;
	enum replay_end end;

	replay_own_run_page(vcpu);
	end = r->loop(vcpu);
	pthread_mutex_lock(&r->lock);
	vcpu->end = end;
	pthread_cond_broadcast(&r->change);
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

void replay_run_vcpu(struct replay_vcpu *vcpu)
{
	gt_sigaction(SIGRTMIN, kick);
	gt_assert(!pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu));
	vcpu->threaded = true;
}

void replay_run(struct replay *r)
{
	unsigned int i;

	for (i = 0; i < r->nr_vcpus; i++)
		replay_run_vcpu(&r->vcpu[i]);
}

static const char *end_name(enum replay_end end)
{
	static const char * const names[] = {
		[END_RUNNING] = "running", [END_SHUTDOWN] = "shutdown", [END_RESET] = "reset",
		[END_CRASH] = "crash", [END_STOPPED] = "stopped", [END_GONE] = "gone",
		[END_ERROR] = "error", [END_UNKNOWN] = "unknown exit",
	};

	return names[end];
}

static void __attribute__((noreturn)) ended(const struct replay_vcpu *vcpu, const char *wanted)
{
	gt_fail("vCPU %u: %s (%s, exit reason %u), not %s", vcpu->id, end_name(vcpu->end),
		strerror(vcpu->error), vcpu->unknown, wanted);
}

static void post_locked(struct replay *r, enum guest_cmd cmd, const uint64_t *arg)
{
	gt_assert(!r->posted);
	r->cmd[0] = cmd;
	memcpy(&r->cmd[1], arg, CTL_ARGS * sizeof(*arg));
	r->posted = true;
	r->answered = false;
	pthread_cond_broadcast(&r->change);
}

void replay_post(struct replay *r, enum guest_cmd cmd, uint64_t a0, uint64_t a1,
		 uint64_t a2, uint64_t a3)
{
	const uint64_t arg[CTL_ARGS] = { a0, a1, a2, a3 };

	pthread_mutex_lock(&r->lock);
	post_locked(r, cmd, arg);
	pthread_mutex_unlock(&r->lock);
}

uint64_t replay_answer(struct replay *r)
{
	uint64_t answer;

	pthread_mutex_lock(&r->lock);
	while (!r->answered && r->vcpu[0].end == END_RUNNING)
		pthread_cond_wait(&r->change, &r->lock);
	if (!r->answered)
		ended(&r->vcpu[0], "an answer");
	answer = r->answer;
	pthread_mutex_unlock(&r->lock);
	return answer;
}

uint64_t replay_do(struct replay *r, enum guest_cmd cmd, uint64_t a0, uint64_t a1,
		   uint64_t a2, uint64_t a3)
{
	replay_post(r, cmd, a0, a1, a2, a3);
	return replay_answer(r);
}

void replay_wait_said(struct replay *r, unsigned int id)
{
	struct replay_vcpu *vcpu = &r->vcpu[id];

	pthread_mutex_lock(&r->lock);
	while (!vcpu->said && vcpu->end == END_RUNNING)
		pthread_cond_wait(&r->change, &r->lock);
	if (!vcpu->said)
		ended(vcpu, "a word");
	gt_assert_eq(vcpu->said, id);
	pthread_mutex_unlock(&r->lock);
}

void replay_wait_waiting(struct replay *r, unsigned int count)
{
	pthread_mutex_lock(&r->lock);
	while (r->waits < count && r->vcpu[0].end == END_RUNNING)
		pthread_cond_wait(&r->change, &r->lock);
	if (r->waits < count)
		ended(&r->vcpu[0], "waiting");
	pthread_mutex_unlock(&r->lock);
}

void replay_stop(struct replay *r)
{
	unsigned int i;

	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_broadcast(&r->change);
	pthread_mutex_unlock(&r->lock);
	for (i = 0; i < r->nr_vcpus; i++) {
		if (r->vcpu[i].threaded)
			pthread_kill(r->vcpu[i].thread, SIGRTMIN);
	}
}

void replay_wait_ended(struct replay *r)
{
	unsigned int i;

	for (i = 0; i < r->nr_vcpus; i++) {
		if (!r->vcpu[i].threaded)
			continue;
		gt_assert(!pthread_join(r->vcpu[i].thread, NULL));
		r->vcpu[i].threaded = false;
	}
}

void replay_join(struct replay *r, enum replay_end end)
{
	unsigned int i;

	replay_wait_ended(r);
	for (i = 0; i < r->nr_vcpus; i++) {
		if (r->vcpu[i].fd >= 0 && r->vcpu[i].end != end)
			ended(&r->vcpu[i], end_name(end));
	}
}

void replay_restart(struct replay *r)
{
	unsigned int i;

	r->stop = false;
	for (i = 0; i < r->nr_vcpus; i++)
		r->vcpu[i].end = END_RUNNING;
}

void replay_close(struct replay *r)
{
	unsigned int i;

	for (i = 0; i < GUEST_MAX_VCPUS; i++) {
		if (r->vcpu[i].run)
			munmap(r->vcpu[i].run, getpagesize());
		if (r->vcpu[i].fd >= 0)
			close(r->vcpu[i].fd);
		r->vcpu[i].run = NULL;
		r->vcpu[i].fd = -1;
	}
	if (r->vm >= 0)
		close(r->vm);
	r->vm = -1;
}

void replay_end_by(struct replay *r, uint64_t psci, enum replay_end end)
{
	replay_post(r, CMD_HVC, psci, 0, 0, 0);
	replay_join(r, end);
}
