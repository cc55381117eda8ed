// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the hot paths cost: prints lines "bench: NAME VALUE UNIT".
 *
 * Time is the system counter.  Under QEMU with -icount shift=0 each instruction
 * of any exception level takes one nanosecond, so nanoseconds are instructions,
 * and the same in each run up to the kernel's own ticks; of several rounds
 * the cheapest counts.  Elsewhere they are just nanoseconds.
 *
 * Owns nothing of the VM: it is a second user of gunyah-vmm's parts.
 */
#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/gunyah/abi/hypercall.h>

#include "devtree.h"
#include "guest.h"
#include "report.h"
#include "steps.h"
#include "vm.h"

/* A round is shorter than a tick of the kernel, so most of them see none. */
#define ROUNDS		20
#define LOOPS		200	/* per round */
#define LIVES		8	/* of a VM, and the cheapest counts */
#define TRACED_LIVES	16	/* and the mean counts */
#define MAX_START_RATIO	1.2	/* of 4 GiB to 256 MiB, with demand paging */

static_assert(GUEST_HYPERCALL == GUNYAH_SMCCC_UID, "guest's hypercall");

static const char *unit = "instructions";
static bool lend;

static __u64 ticks(void)
{
	__u64 value;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r" (value) : : "memory");
	return value;
}

static double ticks_to_ns(double count)
{
	__u64 frequency;

	asm volatile("mrs %0, cntfrq_el0" : "=r" (frequency));
	return count * 1e9 / frequency;
}

static void print(const char *name, double ns)
{
	printf("bench: %-32s %12.0f %s\n", name, ns, unit);
	fflush(stdout);
}

/* Enters the guest until it does something that we have to see. */
static struct gunyah_vcpu_run *enter(struct vm *vm)
{
	struct vcpu *vcpu = &vm->vcpus[0];

	while (ioctl(vcpu->fd, GUNYAH_VCPU_RUN) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			die_errno("VCPU_RUN", errno, NULL);
	}
	return vcpu->run;
}

/* The guest has to be at register @reg of the control device, nowhere else. */
static struct gunyah_vcpu_run *expect(struct gunyah_vcpu_run *run, unsigned int reg)
{
	if (run->exit_reason != GUNYAH_VCPU_EXIT_MMIO ||
	    run->mmio.phys_addr != GUEST_CONTROL + reg)
		die("guest is not at register 0x%x: exit reason %u, address 0x%llx", reg,
		    run->exit_reason, (unsigned long long)run->mmio.phys_addr);
	return run;
}

static void answer(struct vm *vm, unsigned int reg, __u64 value)
{
	memcpy(expect(enter(vm), reg)->mmio.data, &value, sizeof(value));
}

/* Memory is there beforehand, if it is to be: its price is not what is looked for. */
static void prepare_ram(struct vm *vm, __u64 size, bool populate)
{
	static const struct devtree_guest guest = { .cpus = 1, .cmdline = "" };

	memset(vm, 0, sizeof(*vm));
	vm->lend = lend;
	ram_alloc(&vm->ram, size, false);
	if (populate && madvise(vm->ram.host, size, MADV_POPULATE_WRITE) < 0)
		die_errno("memory for the guest", errno, NULL);
	memcpy(vm->ram.host, guest_image, guest_image_size);
	vm->ram.entry = RAM_BASE;
	vm->ram.kernel_end = RAM_BASE + DTB_ALIGN;
	ram_place_dtb(&vm->ram);
	devtree_build(ram_at(&vm->ram, vm->ram.dtb, DTB_SIZE), DTB_SIZE / 4, &vm->ram,
		      &guest);
}

static void boot(struct vm *vm)
{
	vm_create(vm, "/dev/gunyah");
	vm_add_ram(vm);
	vm_add_vcpu(vm, 0);
	vm_set_dtb(vm);
	vm_set_boot_context(vm);
	vm_start(vm);
	expect(enter(vm), GUEST_HERE);
}

static void power_off(struct vm *vm)
{
	struct gunyah_vcpu_run *run;

	answer(vm, GUEST_COMMAND, GUEST_DO_POWER_OFF);
	answer(vm, GUEST_COUNT, 1);
	run = enter(vm);
	if (run->exit_reason != GUNYAH_VCPU_EXIT_STATUS ||
	    run->status.exit_info.type != GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF)
		die("guest did not power off: exit reason %u", run->exit_reason);
}

static void release(struct vm *vm)
{
	vm_destroy(vm);
	ram_free(&vm->ram);
}

static __u64 result(struct vm *vm)
{
	struct gunyah_vcpu_run *run = expect(enter(vm), GUEST_RESULT);
	__u64 value;

	memcpy(&value, run->mmio.data, sizeof(value));
	return value;
}

/* Exits of LOOPS accesses to @reg, seen from here: from one to the next. */
static double accesses(struct vm *vm, unsigned int command)
{
	__u64 begin, end;
	unsigned int i;

	answer(vm, GUEST_COMMAND, command);
	answer(vm, GUEST_COUNT, LOOPS + 1);
	expect(enter(vm), GUEST_DATA);
	begin = ticks();
	for (i = 0; i < LOOPS; i++)
		expect(enter(vm), GUEST_DATA);
	end = ticks();
	result(vm);
	return end - begin;
}

/* LOOPS turns inside of the guest, seen from there. */
static double turns(struct vm *vm, unsigned int command)
{
	answer(vm, GUEST_COMMAND, command);
	answer(vm, GUEST_COUNT, LOOPS);
	return result(vm);
}

static double cheapest(double (*measure)(struct vm *vm, unsigned int command),
		       struct vm *vm, unsigned int command)
{
	double best = 0, now;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		now = measure(vm, command);
		if (!i || now < best)
			best = now;
	}
	return best;
}

static void bench_guest(void)
{
	double nothing, hypercall;
	struct vm vm;

	prepare_ram(&vm, MIB(4), true);
	boot(&vm);
	print("mmio-write-exit",
	      ticks_to_ns(cheapest(accesses, &vm, GUEST_DO_WRITE) / LOOPS));
	print("mmio-read-exit",
	      ticks_to_ns(cheapest(accesses, &vm, GUEST_DO_READ) / LOOPS));
	nothing = cheapest(turns, &vm, GUEST_DO_NOTHING);
	hypercall = cheapest(turns, &vm, GUEST_DO_HYPERCALL);
	print("guest-hypercall", ticks_to_ns((hypercall - nothing) / LOOPS));
	power_off(&vm);
	release(&vm);
}

/* A doorbell nobody listens to: what it costs the one who rings. */
static double signals(struct vm *vm, unsigned int fd)
{
	__u64 begin = ticks();
	unsigned int i;

	(void)vm;
	for (i = 0; i < LOOPS; i++)
		eventfd_write(fd, 1);
	return ticks() - begin;
}

static void bench_irqfd(void)
{
	double with, without;
	struct vm vm;
	int irqfd, plain;

	prepare_ram(&vm, MIB(4), true);
	vm_create(&vm, "/dev/gunyah");
	vm_add_ram(&vm);
	vm_add_vcpu(&vm, 0);
	irqfd = vm_add_irqfd(&vm, UART_SPI, 0);
	plain = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	vm_set_dtb(&vm);
	vm_start(&vm);
	with = cheapest(signals, &vm, irqfd);
	without = cheapest(signals, &vm, plain);
	print("irqfd-signal", ticks_to_ns((with - without) / LOOPS));
	release(&vm);
}

/* One life: until the first instruction, and after the last one. */
static void life(__u64 size, bool populate, double *up, double *down)
{
	__u64 begin;
	struct vm vm;

	prepare_ram(&vm, size, populate);
	begin = ticks();
	boot(&vm);
	*up = ticks() - begin;
	power_off(&vm);
	begin = ticks();
	vm_destroy(&vm);
	*down = ticks() - begin;
	ram_free(&vm.ram);
}

/* Returns what the way to the first instruction costs. */
static double bench_life(unsigned int mib, bool populate)
{
	double up, down, best_up = 0, best_down = 0;
	char name[32];
	unsigned int i;

	for (i = 0; i < LIVES; i++) {
		life(MIB(mib), populate, &up, &down);
		if (!i || up < best_up)
			best_up = up;
		if (!i || down < best_down)
			best_down = down;
	}
	snprintf(name, sizeof(name), "open-to-guest-%uM", mib);
	print(name, ticks_to_ns(best_up));
	snprintf(name, sizeof(name), "close-%uM", mib);
	print(name, ticks_to_ns(best_down));
	return best_up;
}

/* Where memory comes on demand, a guest starts as fast with much of it as with little. */
static void bench_sizes(void)
{
	double small = bench_life(256, false), large = bench_life(4096, false);

	printf("bench: %-32s %12.0f percent of 256M\n", "open-to-guest-4096M",
	       100 * large / small);
	if (large > MAX_START_RATIO * small)
		die("a guest with much memory takes longer to start");
}

/*
 * ALLOCATE is one request to the Resource Manager, its answer, and nothing else
 * worth mentioning.
 */
static void bench_steps(void)
{
	double up, down, mean;
	struct steps steps;
	char name[64];
	unsigned int i;

	steps_record();
	for (i = 0; i < TRACED_LIVES; i++)
		life(MIB(4), true, &up, &down);
	steps_evaluate(&steps);
	for (i = 0; i < steps.count; i++) {
		mean = steps.each[i].total_ns / steps.each[i].times;
		if (!strcmp(steps.each[i].name, "ALLOCATE"))
			print("rm-round-trip", mean);
		snprintf(name, sizeof(name), "step-%s", steps.each[i].name);
		print(name, mean);
	}
}

/* What else the system does waits, as far as possible. */
static void go_first(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &param) < 0)
		report_errno("sched_setscheduler", errno, "others may disturb");
}

/* scripts/initrd/host-init says in the environment what the RM is like. */
int main(int argc, char **argv)
{
	const char *profile = getenv("PROFILE") ?: "";
	const char *debug = getenv("RM_DEBUG") ?: "";
	int i;

	lend = !strcmp(profile, "open") && !*debug;
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--lend"))
			lend = true;
		else if (!strcmp(argv[i], "--ns"))
			unit = "ns";
		else
			die("usage: bench [--lend] [--ns]");
	}
	go_first();
	bench_guest();
	bench_irqfd();
	bench_life(4, true);
	bench_life(64, true);
	if (!strcmp(profile, "production"))
		bench_sizes();
	bench_steps();
	return 0;
}
