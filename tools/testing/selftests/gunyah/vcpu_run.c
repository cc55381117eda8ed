// SPDX-License-Identifier: GPL-2.0-only
/*
 * VCPU_RUN and the run page: order of calls, interruption, removal, exits.
 */
#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

FIXTURE(vcpu) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
};

/* Prepared, not started; the test says which guest before it starts */
FIXTURE_SETUP(vcpu)
{
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	ASSERT_EQ(__gt_vm_prepare(&self->vm), 0);
}

FIXTURE_TEARDOWN(vcpu)
{
	gt_vm_close(&self->vm);
}

static struct guest_mailbox *mailbox(struct gt_vm *vm)
{
	return (struct guest_mailbox *)((char *)vm->ram + MAILBOX_OFFSET);
}

static void set_guest(struct gt_vm *vm, enum guest_test test)
{
	mailbox(vm)->test = test;
}

/* ---- before and after ---- */

TEST_F(vcpu, before_start)
{
	EXPECT_EQ(__gt_run(self->vcpu->fd), -ENODEV);
	EXPECT_EQ(self->vcpu->run->exit_reason, GUNYAH_VCPU_EXIT_UNKNOWN);
	gt_vm_start(&self->vm);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* The RM knows vCPU 0 only */
TEST_F(vcpu, unknown_to_rm)
{
	int vcpu = __gt_add_vcpu(self->vm.fd, 1);

	ASSERT_GE(vcpu, 0);
	gt_vm_start(&self->vm);
	EXPECT_EQ(__gt_run(vcpu), -ENODEV);
	close(vcpu);
}

/* A vCPU that comes late is one all the same (uapi 3.6) */
TEST_F(vcpu, added_after_start)
{
	gt_vcpu_close(self->vcpu);
	ASSERT_EQ(__gt_remove_vcpu(self->vm.fd, 0), 0);
	gt_vm_start(&self->vm);
	self->vcpu->fd = __gt_add_vcpu(self->vm.fd, 0);
	ASSERT_GE(self->vcpu->fd, 0);
	self->vcpu->run = gt_map_run(self->vcpu->fd);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* gunyah-test-vmm: removed and added again in mid-run; the guest does not notice */
TEST_F(vcpu, exchanged_while_running)
{
	gt_vm_start(&self->vm);
	gt_command(self->vcpu, CMD_WRITE, DEV_BASE, 4, 1, 0);
	gt_expect_mmio(self->vcpu, true, DEV_BASE, 4);
	ASSERT_EQ(__gt_remove_vcpu(self->vm.fd, 0), 0);
	EXPECT_EQ(__gt_run(self->vcpu->fd), -ENODEV);
	gt_vcpu_close(self->vcpu);
	self->vcpu->fd = __gt_add_vcpu(self->vm.fd, 0);
	ASSERT_GE(self->vcpu->fd, 0);
	self->vcpu->run = gt_map_run(self->vcpu->fd);
	EXPECT_EQ(self->vcpu->run->exit_reason, GUNYAH_VCPU_EXIT_UNKNOWN);
	gt_expect_sync(self->vcpu, 0);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* After the end each RUN returns 0 and the page stays as it is (uapi 3.7) */
TEST_F(vcpu, after_exit)
{
	struct gunyah_vcpu_run copy;
	int i;

	gt_vm_start(&self->vm);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
	copy = *self->vcpu->run;
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(__gt_run(self->vcpu->fd), 0);
		EXPECT_EQ(memcmp(&copy, self->vcpu->run, sizeof(copy)), 0);
	}
}

/* A stranger to the memory can not run it; it was shared from another mm */
TEST_F(vcpu, other_process)
{
	pid_t child;

	gt_vm_start(&self->vm);
	child = fork();
	ASSERT_GE(child, 0);
	if (!child)
		_exit(__gt_run(self->vcpu->fd) != -EPERM);
	gt_wait_exit(child, 0);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* ---- the page ---- */

static volatile sig_atomic_t sigbus_count;
static char *volatile sigbus_page;

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	if (sigbus_count++)
		_exit(9);
	/* Something to go on with */
	if (mmap(sigbus_page, getpagesize(), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != sigbus_page)
		_exit(8);
}

static bool access_gives_sigbus(char *page)
{
	struct sigaction sa = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO };

	sigbus_count = 0;
	sigbus_page = page;
	gt_assert(!sigaction(SIGBUS, &sa, NULL));
	*(volatile char *)page = 1;
	return sigbus_count == 1;
}

TEST_F(vcpu, page_is_zero)
{
	static const char zero[4096];

	EXPECT_EQ(gt_errno(ioctl(self->vcpu->fd, GUNYAH_VCPU_MMAP_SIZE)), getpagesize());
	EXPECT_EQ(memcmp(self->vcpu->run, zero, sizeof(zero)), 0);
}

/* One page at offset 0; what lies behind is refused, or gone when touched */
TEST_F(vcpu, page_bounds)
{
	size_t page = getpagesize();
	char *map;

	map = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, self->vcpu->fd, page);
	if (map != MAP_FAILED) {
		EXPECT_TRUE(access_gives_sigbus(map));
		munmap(map, page);
	}
	map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, self->vcpu->fd, 0);
	if (map == MAP_FAILED)
		return;
	*(volatile char *)map = 0;
	EXPECT_TRUE(access_gives_sigbus(map + page));
	munmap(map, 2 * page);
}

/* All mappings are the same page */
TEST_F(vcpu, page_mapped_twice)
{
	struct gunyah_vcpu_run *other = gt_map_run(self->vcpu->fd);

	gt_vm_start(&self->vm);
	gt_command(self->vcpu, CMD_WRITE, DEV_BASE, 8, 0x1234, 0);
	gt_expect_mmio(self->vcpu, true, DEV_BASE, 8);
	EXPECT_EQ(other->mmio.phys_addr, DEV_BASE);
	other->immediate_exit = 1;
	EXPECT_EQ(__gt_run(self->vcpu->fd), -EINTR);
	self->vcpu->run->immediate_exit = 0;
	gt_expect_sync(self->vcpu, 0);
	munmap(other, getpagesize());
}

/* Whatever user space writes there: the kernel keeps what it needs to itself */
TEST_F(vcpu, page_full_of_junk)
{
	struct gunyah_vcpu_run *run = self->vcpu->run;
	uint8_t data[8];

	gt_vm_start(&self->vm);
	gt_command(self->vcpu, CMD_READ, DEV_BASE, 2, 0, 0);
	gt_expect_mmio(self->vcpu, false, DEV_BASE, 2);
	gt_set_mmio_data(run, 0xbeef);
	memcpy(data, run->mmio.data, 8);
	memset(&run->exit_reason, 0xff, sizeof(*run) - offsetof(struct gunyah_vcpu_run, exit_reason));
	memcpy(run->mmio.data, data, 8);
	run->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
	gt_expect_sync(self->vcpu, 0xbeef);
}

/* ---- interruption ---- */

TEST_F(vcpu, immediate_exit)
{
	struct gunyah_vcpu_run *run = self->vcpu->run;
	int i;

	gt_vm_start(&self->vm);
	run->immediate_exit = 1;
	for (i = 0; i < 3; i++)
		EXPECT_EQ(__gt_run(self->vcpu->fd), -EINTR);
	EXPECT_EQ(run->immediate_exit, 1);
	run->immediate_exit = 0;
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
}

/* Nothing of an access gets lost by EINTR before it is completed */
TEST_F(vcpu, immediate_exit_keeps_mmio)
{
	struct gunyah_vcpu_run *run = self->vcpu->run;

	gt_vm_start(&self->vm);
	gt_command(self->vcpu, CMD_READ, DEV_BASE, 8, 0, 0);
	gt_expect_mmio(self->vcpu, false, DEV_BASE, 8);
	gt_set_mmio_data(run, 0x1122334455667788);
	run->immediate_exit = 1;
	EXPECT_EQ(__gt_run(self->vcpu->fd), -EINTR);
	EXPECT_EQ(__gt_run(self->vcpu->fd), -EINTR);
	run->immediate_exit = 0;
	gt_expect_sync(self->vcpu, 0x1122334455667788);
}

static volatile sig_atomic_t signals;

static void count_signal(int sig)
{
	signals++;
}

/*
 * Again and again: a signal that comes before the ioctl has begun ends nothing.
 * The guest never leaves by itself, so each return is the work of a signal.
 */
static void alarms(suseconds_t interval)
{
	struct itimerval timer = {
		.it_value.tv_usec = interval, .it_interval.tv_usec = interval,
	};

	gt_assert(!setitimer(ITIMER_REAL, &timer, NULL));
}

TEST_F(vcpu, signal_while_busy)
{
	int i;

	gt_sigaction(SIGALRM, count_signal);
	set_guest(&self->vm, GUEST_busy);
	gt_vm_start(&self->vm);
	gt_expect_sync(self->vcpu, 1);
	alarms(20000);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(__gt_run(self->vcpu->fd), -EINTR);
	alarms(0);
	EXPECT_GE(signals, 3);
	EXPECT_EQ(self->vcpu->run->immediate_exit, 0);
}

/* With SA_RESTART the call goes on by itself; an MMIO exit ends it */
static struct gunyah_vcpu_run *restart_run;

static void then_leave(int sig)
{
	if (++signals == 3)
		restart_run->immediate_exit = 1;
}

TEST_F(vcpu, restarted_call)
{
	struct sigaction sa = { .sa_handler = then_leave, .sa_flags = SA_RESTART };

	ASSERT_EQ(sigaction(SIGALRM, &sa, NULL), 0);
	set_guest(&self->vm, GUEST_busy);
	gt_vm_start(&self->vm);
	gt_expect_sync(self->vcpu, 1);
	restart_run = self->vcpu->run;
	alarms(20000);
	EXPECT_EQ(__gt_run(self->vcpu->fd), -EINTR);
	EXPECT_GE(signals, 3);
}

/* The guest waits for its timer, which is an hour away */
TEST_F(vcpu, signal_while_asleep)
{
	set_guest(&self->vm, GUEST_timer);
	mailbox(&self->vm)->arg[0] = 1;
	mailbox(&self->vm)->arg[1] = 3600000000;
	gt_sigaction(SIGALRM, count_signal);
	gt_vm_start(&self->vm);
	alarms(20000);
	while (signals < 5)
		EXPECT_EQ(__gt_run(self->vcpu->fd), -EINTR);
	alarms(0);
}

/* ---- two callers ---- */

static void *run_until_eintr(void *arg)
{
	struct gt_vcpu *vcpu = arg;

	return (void *)(long)__gt_run(vcpu->fd);
}

/*
 * The second waits for the first (uapi 3.7), and both leave when told.  There is
 * nothing to see from outside of who waits, hence many rounds.
 */
TEST_F(vcpu, two_callers)
{
	pthread_t thread[2];
	void *ret;
	int i, k;

	set_guest(&self->vm, GUEST_busy);
	gt_vm_start(&self->vm);
	gt_expect_sync(self->vcpu, 1);
	gt_sigaction(SIGUSR1, count_signal);
	for (i = 0; i < 20; i++) {
		self->vcpu->run->immediate_exit = 0;
		for (k = 0; k < 2; k++)
			ASSERT_EQ(pthread_create(&thread[k], NULL, run_until_eintr,
						 self->vcpu), 0);
		self->vcpu->run->immediate_exit = 1;
		for (k = 0; k < 2; k++) {
			while (pthread_tryjoin_np(thread[k], &ret) == EBUSY) {
				pthread_kill(thread[k], SIGUSR1);
				usleep(1000);
			}
			EXPECT_EQ((long)ret, -EINTR);
		}
	}
}

/* ---- removal while it runs ---- */

static void remove_while_running(struct __test_metadata *_metadata, struct gt_vm *vm)
{
	struct gt_vcpu *vcpu = &vm->vcpu[0];

	gt_vm_start(vm);
	gt_thread_start(vcpu);
	gt_wait_stages(vcpu, 1);
	EXPECT_EQ(__gt_remove_vcpu(vm->fd, 0), 0);
	gt_assert(!pthread_join(vcpu->thread, NULL));
	EXPECT_TRUE(vcpu->error == -EINTR || vcpu->error == -ENODEV)
		TH_LOG("%d", vcpu->error);
	EXPECT_EQ(__gt_run(vcpu->fd), -ENODEV);
}

TEST_F(vcpu, removed_while_busy)
{
	set_guest(&self->vm, GUEST_busy);
	remove_while_running(_metadata, &self->vm);
}

/* Asleep in the hypervisor's sense: nothing will ever wake it but the removal */
TEST(removed_while_asleep)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_spi);
	gt_vm_add_bell(&vm, 4, false);
	vm.arg[0] = GUEST_SPI(4);
	vm.arg[2] = 1;
	ASSERT_EQ(__gt_vm_prepare(&vm), 0);
	remove_while_running(_metadata, &vm);
	gt_vm_close(&vm);
}

/* ---- how guests end ---- */

static const struct {
	uint64_t x0, x1, x2;
	uint16_t type;
} ends[] = {
	/* SYSTEM_OFF, SYSTEM_RESET, SYSTEM_RESET2 in 32 and 64 bits */
	{ 0x84000008, 0, 0, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF },
	{ 0x84000009, 0, 0, GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET },
	{ 0x84000012, 0, 0x11, GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET2 },
	{ 0xc4000012, 0x80000001, 0x1234567887654321, GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET2 },
};

TEST(endings)
{
	struct gt_vm vm;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		gt_vm_init(&vm, GUEST_command);
		gt_vm_boot(&vm);
		gt_command(&vm.vcpu[0], CMD_HVC, ends[i].x0, ends[i].x1,
			   ends[i].x2, 0);
		gt_expect_status(&vm.vcpu[0], GUNYAH_VM_STATUS_EXITED, ends[i].type);
		/* rm-rpc 7.1: at least the word with flags and code */
		EXPECT_GE(vm.vcpu[0].run->status.exit_info.reason_size, 4);
		EXPECT_EQ(vm.vcpu[0].run->status.exit_info.padding, 0);
		gt_vm_close(&vm);
	}
}

/* RESET2 says its type in the reason (rm-rpc 7.1) */
TEST(reset2_reason)
{
	struct gunyah_vm_exit_info *info;
	struct gt_vm vm;
	uint32_t type;

	gt_vm_init(&vm, GUEST_command);
	gt_vm_boot(&vm);
	gt_command(&vm.vcpu[0], CMD_HVC, 0xc4000012, 0x80000005, 0x77, 0);
	gt_expect_status(&vm.vcpu[0], GUNYAH_VM_STATUS_EXITED,
			 GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET2);
	info = &vm.vcpu[0].run->status.exit_info;
	EXPECT_EQ(info->reason_size, 16);
	memcpy(&type, &info->reason[4], 4);
	EXPECT_EQ(type, 0x80000005);
	gt_vm_close(&vm);
}

TEST_HARNESS_MAIN
