// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's vector registers while guests use theirs.
 *
 * A system call may drop what is above the low 128 bits of a thread's own SVE
 * registers, so the thread in VCPU_RUN is not the one to ask.  Another thread on the
 * same CPU holds patterns and makes no system call; the kernel puts the vCPU's
 * thread, which never returns to user space, in between.  It finds no reason to
 * load this thread's registers again afterwards: they have to be where they were.
 */
#include "harness.h"

#include <asm/hwcap.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#ifndef HWCAP2_SME
#define HWCAP2_SME (1 << 23)
#endif

/* Switches away from the spinning thread which we want to see */
#define SWITCHES 60

#define MAX_VL 256

long v_spin(const void *pattern, void *scratch, volatile int *stop,
	    volatile unsigned long *rounds);
long z_spin(const void *pattern, void *scratch, volatile int *stop,
	    volatile unsigned long *rounds, long ffr);
long za_spin(const void *pattern, void *scratch, volatile int *stop,
	     volatile unsigned long *rounds);
long streaming_spin(const void *pattern, void *scratch, volatile int *stop,
		    volatile unsigned long *rounds);
long v_ioctl(int fd, unsigned long cmd, const void *pattern, void *scratch);
long sve_length(void);
long sme_length(void);

enum spin_kind { SPIN_V, SPIN_SVE, SPIN_ZA, SPIN_STREAMING };

struct spinner {
	enum spin_kind kind;
	pthread_t thread;
	volatile pid_t tid;
	volatile int stop;
	volatile unsigned long rounds;
	long result;
	uint8_t *pattern, *scratch;
};

/* Z, P, FFR or ZA, whichever is larger; what is not used stays zero in both */
#define BUFFER_SIZE (MAX_VL * MAX_VL + 4096)

static void fill_pattern(uint8_t *pattern, size_t size)
{
	uint32_t x = 0x2545f491;
	size_t i;

	for (i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		pattern[i] = x >> 24;
	}
}

/* FFR only ever holds ones, then zeros */
static void fill_ffr(uint8_t *ffr, size_t size)
{
	memset(ffr, 0, size < 8 ? 8 : size);
	memset(ffr, 0xff, size / 2);
}

static void prepare_pattern(struct spinner *s)
{
	size_t vl;

	s->pattern = calloc(1, BUFFER_SIZE);
	s->scratch = calloc(1, BUFFER_SIZE);
	gt_assert(s->pattern && s->scratch);
	switch (s->kind) {
	case SPIN_V:
		fill_pattern(s->pattern, 512);
		break;
	case SPIN_SVE:
		vl = sve_length();
		fill_pattern(s->pattern, 34 * vl);
		fill_ffr(s->pattern + 34 * vl, vl / 8);
		break;
	case SPIN_STREAMING:
		fill_pattern(s->pattern, 34 * sme_length());
		break;
	case SPIN_ZA:
		fill_pattern(s->pattern, sme_length() * sme_length());
		break;
	}
}

static void *spin(void *arg)
{
	struct spinner *s = arg;

	gt_pin_to_cpu(0);
	s->tid = syscall(SYS_gettid);
	switch (s->kind) {
	case SPIN_V:
		s->result = v_spin(s->pattern, s->scratch, &s->stop, &s->rounds);
		break;
	case SPIN_SVE:
		s->result = z_spin(s->pattern, s->scratch, &s->stop, &s->rounds, 1);
		break;
	case SPIN_STREAMING:
		s->result = streaming_spin(s->pattern, s->scratch, &s->stop, &s->rounds);
		break;
	case SPIN_ZA:
		s->result = za_spin(s->pattern, s->scratch, &s->stop, &s->rounds);
		break;
	}
	s->stop = 1;
	return NULL;
}

static long switches(pid_t tid, const char *kind)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	return gt_proc_value(path, kind);
}

/* Until the spinner was put aside often enough, or has found something */
static void wait_for_switches(struct spinner *s)
{
	long before;

	while (!s->rounds && !s->stop)
		usleep(1000);
	before = switches(s->tid, "nonvoluntary_ctxt_switches");
	while (!s->stop &&
	       switches(s->tid, "nonvoluntary_ctxt_switches") < before + SWITCHES)
		usleep(10000);
}

static void spin_beside_guest(enum guest_test guest, enum spin_kind kind)
{
	struct spinner s = { .kind = kind };
	struct gt_vm vm;

	gt_vm_init(&vm, guest);
	vm.arg[1] = 500;
	gt_vm_boot(&vm);
	prepare_pattern(&s);
	gt_pin_to_cpu(0);
	gt_thread_start(&vm.vcpu[0]);
	if (gt_nr_cpus() > 1)
		gt_pin_to_cpu(1);
	gt_wait_stages(&vm.vcpu[0], 1);
	gt_assert(!pthread_create(&s.thread, NULL, spin, &s));
	wait_for_switches(&s);
	s.stop = 1;
	gt_assert(!pthread_join(s.thread, NULL));
	/* The vCPU was in there all the time */
	gt_thread_stop(&vm.vcpu[0]);
	gt_assert_eq(vm.vcpu[0].error, -EINTR);
	gt_vm_close(&vm);
	gt_assert_eq(s.result, 0);
	gt_assert(s.rounds > SWITCHES);
}

FIXTURE(host) {};

FIXTURE_VARIANT(host) {
	enum guest_test guest;
};

/* The vCPU's thread sleeps in the kernel, wakes and takes the CPU */
FIXTURE_VARIANT_ADD(host, sleeping_guest) { .guest = GUEST_scribble_wfi };
/* It runs until the scheduler takes the CPU away from it */
FIXTURE_VARIANT_ADD(host, busy_guest) { .guest = GUEST_scribble_busy };

FIXTURE_SETUP(host) {}
FIXTURE_TEARDOWN(host) {}

TEST_F(host, v)
{
	spin_beside_guest(variant->guest, SPIN_V);
}

TEST_F(host, sve)
{
	if (!(getauxval(AT_HWCAP) & HWCAP_SVE))
		SKIP(return, "no SVE");
	spin_beside_guest(variant->guest, SPIN_SVE);
}

TEST_F(host, za)
{
	if (!(getauxval(AT_HWCAP2) & HWCAP2_SME))
		SKIP(return, "no SME");
	spin_beside_guest(variant->guest, SPIN_ZA);
}

TEST_F(host, streaming)
{
	if (!(getauxval(AT_HWCAP2) & HWCAP2_SME))
		SKIP(return, "no SME");
	spin_beside_guest(variant->guest, SPIN_STREAMING);
}

/* What a system call has to keep: V registers, FPCR, FPSR */
TEST(caller)
{
	uint8_t pattern[512], scratch[512];
	struct gt_vm vm;
	int i;

	fill_pattern(pattern, sizeof(pattern));
	gt_vm_init(&vm, GUEST_fp_regs);
	vm.arg[0] = 100;
	vm.arg[1] = 0x1234567812345678;
	gt_vm_boot(&vm);
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(v_ioctl(vm.vcpu[0].fd, GUNYAH_VCPU_RUN, pattern, scratch), 0);
		ASSERT_EQ(vm.vcpu[0].run->exit_reason, GUNYAH_VCPU_EXIT_MMIO);
		ASSERT_EQ(vm.vcpu[0].run->mmio.phys_addr, DEV_BASE);
	}
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
}

/* The spinning code itself notices a change: of each of its kinds, one byte */
static void *spoil(void *arg)
{
	struct spinner *s = arg;

	while (!s->rounds)
		usleep(1000);
	s->pattern[37] ^= 1;
	return NULL;
}

TEST(spinner_notices)
{
	struct spinner s = { .kind = SPIN_V };
	pthread_t other;

	prepare_pattern(&s);
	ASSERT_EQ(pthread_create(&other, NULL, spoil, &s), 0);
	ASSERT_EQ(pthread_create(&s.thread, NULL, spin, &s), 0);
	pthread_join(s.thread, NULL);
	pthread_join(other, NULL);
	EXPECT_EQ(s.result, 32 + 1);
}

TEST_HARNESS_MAIN
