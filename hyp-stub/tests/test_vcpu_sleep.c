// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Sleeping vCPUs of a VM whose time the host keeps (no-timer-wakeups): the deadline that
 * vcpu_run returns, and who is told of what (hypercall 7.2, 7.4).
 */
#include <linux/gunyah/abi/hypercall.h>

#include "obj/psci.h"
#include "tests/hcall_env.h"

#define ENTRY		0x80000000ULL
#define TIMER		30	/* the interrupt of the fake timer */
#define SPI		40
#define WAKEUP		GUNYAH_VCPU_STATE_EXPECTS_WAKEUP
#define WITH_TIMEOUT	GUNYAH_VCPU_STATE_EXPECTS_WAKEUP_OR_TIMEOUT

static struct vcpu *vcpu;
static struct vcpu_trap next;
static u64 res[HCALL_MAX_RESULTS];

static void play(struct vcpu *v, struct vcpu_trap *trap)
{
	*trap = next;
	next = (struct vcpu_trap){ .kind = TRAP_HOST_IRQ };
}

/* A guest that has timer and SPI enabled, and all priorities */
static void setup(bool by_host)
{
	env_init();
	env_vm = vm_create(0x80);
	if (!env_vm)
		__builtin_trap();
	env_vm->timers_by_host = by_host;
	env_vm->psci = true;
	EXPECT_EQ(vm_add_vcpu(env_vm, true), 0);
	EXPECT_EQ(vm_add_vcpu(env_vm, false), 0);
	vcpu = env_vm->vcpus[0];
	vm_start(env_vm, ENTRY, 0);
	env_vm->vgic.ctlr = BIT(1);
	env_vm->vgic.cpu[0].waker = 0;
	env_vm->vgic.cpu[0].priv[TIMER].enabled = 1;
	env_vm->vgic.spi[SPI - 32].enabled = 1;
	env_vm->vgic.spi[SPI - 32].edge = 1;
	vcpu->arch->pmr = 0xf0;
	vcpu->arch->grpen1 = true;
	vcpu->arch->timer_ppi = TIMER;
	fake.enter = play;
	fake.counter = 1000;
	fake.irqs[vcpu->wakeup.intid] = 0;
	hcall_production = true;
}

static void timer_at(u64 deadline)
{
	vcpu->arch->deadline = deadline;
}

static void guest_waits(void)
{
	next = (struct vcpu_trap){ .kind = TRAP_WFI };
}

static void guest_suspends(u64 state)
{
	vcpu->regs.x[0] = PSCI_CPU_SUSPEND_64;
	vcpu->regs.x[1] = state;
	vcpu->regs.x[2] = ENTRY + 0x2000;
	vcpu->regs.x[3] = 99;
	next = (struct vcpu_trap){ .kind = TRAP_CALL };
}

static u64 run(void)
{
	const u64 args[] = { vcpu->host_cap, 0, 0, 0 };

	EXPECT_EQ(hcall_vcpu_run(&env_host, args, res), GUNYAH_ERR_OK);
	EXPECT(!vcpu->running);
	return res[0];
}

static void expect_data(u64 d0, u64 d1, u64 d2)
{
	EXPECT_EQ(res[1], d0);
	EXPECT_EQ(res[2], d1);
	EXPECT_EQ(res[3], d2);
}

static u32 wakeups(void)
{
	u32 n = fake.irqs[vcpu->wakeup.intid];

	fake.irqs[vcpu->wakeup.intid] = 0;
	return n;
}

TEST(deadline_of_wfi)
{
	setup(true);
	timer_at(5000);
	guest_waits();
	EXPECT_EQ(run(), WITH_TIMEOUT);
	expect_data(0, GUNYAH_VCPU_SLEEP_WFI, 5000);
	/* The stub does not look after it */
	EXPECT_EQ(fake.timer, ~0ULL);
	/* Run too early: nothing has changed */
	fake.counter = 4999;
	EXPECT_EQ(run(), WITH_TIMEOUT);
	expect_data(0, GUNYAH_VCPU_SLEEP_WFI, 5000);
	fake.counter = 5000;
	vcpu_timers_set();
	EXPECT_EQ(vcpu->power, VCPU_SLEEPING);
	EXPECT_EQ(fake.timer, ~0ULL);
	/* At the deadline it goes on, with the interrupt, and nobody is told what he knows */
	EXPECT_EQ(run(), GUNYAH_VCPU_STATE_READY);
	EXPECT(env_vm->vgic.cpu[0].priv[TIMER].level);
	EXPECT_EQ(wakeups(), 0);
}

TEST(deadline_of_cpu_suspend)
{
	setup(true);
	timer_at(5000);
	guest_suspends(PSCI_POWER_STATE_DOWN | 3);
	EXPECT_EQ(run(), WITH_TIMEOUT);
	expect_data(PSCI_POWER_STATE_DOWN | 3, GUNYAH_VCPU_SLEEP_CPU_SUSPEND, 5000);
	EXPECT_EQ(run(), WITH_TIMEOUT);
	expect_data(PSCI_POWER_STATE_DOWN | 3, GUNYAH_VCPU_SLEEP_CPU_SUSPEND, 5000);
	EXPECT_EQ(wakeups(), 0);
	/* Another interrupt than the timer ends it the same way */
	vgic_set_line(&env_vm->vgic, 0, SPI, true);
	EXPECT_EQ(wakeups(), 1);
	EXPECT_EQ(run(), GUNYAH_VCPU_STATE_READY);
	EXPECT_EQ(vcpu->regs.pc, ENTRY + 0x2000);
	EXPECT_EQ(vcpu->regs.x[0], 99);
}

TEST(no_timer_no_deadline)
{
	setup(true);
	timer_at(~0ULL);
	guest_waits();
	EXPECT_EQ(run(), WAKEUP);
	expect_data(0, GUNYAH_VCPU_SLEEP_WFI, 0);
	/* Armed, but its interrupt cannot be taken: once it is past, nothing comes of it */
	env_vm->vgic.cpu[0].priv[TIMER].enabled = 0;
	timer_at(5000);
	EXPECT_EQ(run(), WITH_TIMEOUT);
	fake.counter = 5000;
	EXPECT_EQ(run(), WAKEUP);
	expect_data(0, GUNYAH_VCPU_SLEEP_WFI, 0);
	EXPECT_EQ(wakeups(), 0);
}

/* Already expired when the guest waits, or while its registers leave the CPU */
TEST(expired_does_not_sleep)
{
	setup(true);
	timer_at(1000);
	guest_waits();
	EXPECT_EQ(run(), GUNYAH_VCPU_STATE_READY);
	EXPECT_EQ(vcpu->power, VCPU_ON);
	EXPECT_EQ(wakeups(), 0);
}

static void time_passes(struct vcpu *v)
{
	fake.counter = 7000;
}

TEST(expires_while_leaving)
{
	setup(true);
	timer_at(5000);
	guest_waits();
	fake.put = time_passes;
	EXPECT_EQ(run(), GUNYAH_VCPU_STATE_READY);
	EXPECT_EQ(vcpu->power, VCPU_ON);
	EXPECT_EQ(wakeups(), 0);
}

static void time_passes_off_cpu(struct vcpu *v)
{
	if (!v->arch->loaded)
		fake.counter = 7000;
}

/* Between the look at the interrupts and the look at the deadline */
TEST(expires_between_two_looks)
{
	setup(true);
	timer_at(5000);
	guest_waits();
	fake.looked = time_passes_off_cpu;
	EXPECT_EQ(run(), WITH_TIMEOUT);
	expect_data(0, GUNYAH_VCPU_SLEEP_WFI, 5000);
}

TEST(other_wakeups_are_told)
{
	setup(true);
	timer_at(5000);
	guest_waits();
	EXPECT_EQ(run(), WITH_TIMEOUT);
	vgic_set_line(&env_vm->vgic, 0, SPI, true);
	EXPECT_EQ(wakeups(), 1);
	EXPECT_EQ(run(), GUNYAH_VCPU_STATE_READY);

	setup(true);
	guest_waits();
	timer_at(5000);
	EXPECT_EQ(run(), WITH_TIMEOUT);
	env_vm->vgic.cpu[0].priv[1].enabled = 1;
	vgic_sgi1r(&env_vm->vgic, 1, (u64)1 << 24 | 1);
	EXPECT_EQ(wakeups(), 1);

	setup(true);
	guest_waits();
	timer_at(5000);
	EXPECT_EQ(run(), WITH_TIMEOUT);
	vm_kill(env_vm);
	EXPECT_EQ(wakeups(), 1);
	EXPECT_EQ(run(), GUNYAH_VCPU_STATE_POWERED_OFF);
}

/* The CPU that it slept on goes: its timer is the host's business */
TEST(host_keeps_time_of_cpus_that_go)
{
	setup(true);
	timer_at(5000);
	guest_waits();
	EXPECT_EQ(run(), WITH_TIMEOUT);
	vcpu_timers_move();
	EXPECT_EQ(wakeups(), 0);
	EXPECT_EQ(vcpu->power, VCPU_SLEEPING);
}

TEST(run_check_shows_the_same)
{
	u64 id, args[1];

	setup(true);
	EXPECT_EQ(cspace_add(&host_cspace, CAP_VCPU, vcpu, GUNYAH_RIGHT_VCPU_BIND_VIRQ |
			     GUNYAH_RIGHT_VCPU_STATE, &id), 0);
	args[0] = id;
	EXPECT_EQ(hcall_vcpu_run_check(&env_host, args, res), GUNYAH_ERR_BUSY);
	timer_at(5000);
	guest_waits();
	EXPECT_EQ(run(), WITH_TIMEOUT);
	res[0] = 0;
	res[3] = 0;
	EXPECT_EQ(hcall_vcpu_run_check(&env_host, args, res), GUNYAH_ERR_OK);
	EXPECT_EQ(res[0], WITH_TIMEOUT);
	expect_data(0, GUNYAH_VCPU_SLEEP_WFI, 5000);
}

/* Without the property all stays as it was: the stub's timer, and an interrupt */
TEST(stub_keeps_time)
{
	setup(false);
	timer_at(5000);
	guest_waits();
	EXPECT_EQ(run(), WAKEUP);
	expect_data(0, GUNYAH_VCPU_SLEEP_WFI, 0);
	EXPECT_EQ(fake.timer, 5000);
	fake.counter = 5000;
	vcpu_timers_set();
	EXPECT(wakeups());
	EXPECT_EQ(vcpu->power, VCPU_ON);
	EXPECT_EQ(fake.timer, ~0ULL);
	EXPECT_EQ(run(), GUNYAH_VCPU_STATE_READY);
}

static unsigned int looks;

static void time_passes_at_last_look(struct vcpu *v)
{
	if (!v->arch->loaded && looks++)
		fake.counter = 7000;
}

/* At the end of the run, or when the stub sets its timer: either way it is told once */
TEST(stub_sees_what_comes_between_two_looks)
{
	setup(false);
	timer_at(5000);
	guest_waits();
	fake.looked = time_passes_off_cpu;
	EXPECT_EQ(run(), WAKEUP);
	EXPECT_EQ(vcpu->power, VCPU_ON);
	EXPECT(wakeups());

	setup(false);
	timer_at(5000);
	guest_waits();
	looks = 0;
	fake.looked = time_passes_at_last_look;
	EXPECT_EQ(run(), WAKEUP);
	/* In the past by now, so it fires at once */
	EXPECT_EQ(fake.timer, 5000);
	vcpu_timers_set();
	EXPECT_EQ(vcpu->power, VCPU_ON);
	EXPECT(wakeups());
}
