// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* vcpu_run, PSCI of guests, building and killing a VM, on the fake machine. */
#include <string.h>

#include "hcall/hcall.h"
#include "obj/psci.h"
#include "obj/vm.h"
#include "tests/test.h"
#include <linux/gunyah/abi/hypercall.h>

#define POOL_PAGES	512

static struct vm *vm;
static struct hcall_caller host;
static u64 res[HCALL_MAX_RESULTS];
static struct vcpu_trap script[8];
static unsigned int steps, nr_steps;
static unsigned int halts;
static struct vm_halt_info last_halt;
static u64 base_objects, base_tables;

/* What the guest does, one trap an entry; then interrupts of the host */
static void play(struct vcpu *vcpu, struct vcpu_trap *trap)
{
	if (steps < nr_steps)
		*trap = script[steps++];
}

static void halted(struct vm *which, const struct vm_halt_info *info)
{
	halts++;
	last_halt = *info;
}

static void setup(unsigned int nr_vcpus)
{
	unsigned int i;

	page_pool_init(&object_pool, "objects", FAKE_RAM_BASE, POOL_PAGES * PAGE_SIZE);
	page_pool_init(&guest_table_pool, "tables", FAKE_RAM_BASE + 4 * SZ_2M, POOL_PAGES * PAGE_SIZE);
	memset(vm_table, 0, sizeof(vm_table));
	if (cspace_init(&host_cspace, &object_pool, 1))
		test_expect(false, __FILE__, __LINE__, "cspace");
	base_tables = guest_table_pool.used;
	vm = vm_create(0x80);
	base_objects = object_pool.used;
	for (i = 0; i < nr_vcpus; i++)
		EXPECT_EQ(vm_add_vcpu(vm, i == 0), GUNYAH_ERR_OK);
	vm_set_gic(vm, 0x30000000, 0x30020000, 0x20000);
	vm->psci = true;
	host = (struct hcall_caller){ .cspace = &host_cspace };
	vm_halted = halted;
	fake.enter = play;
	hcall_production = true;
	steps = nr_steps = halts = 0;
}

static void teardown(void)
{
	unsigned int i, virqs = host_virq_used();

	for (i = 0; i < VM_MAX_VCPUS; i++)
		virqs -= i < vm->nr_vcpus;
	vm_destroy(vm);
	EXPECT_EQ(guest_table_pool.used, base_tables);
	EXPECT_EQ(host_cspace.used, 0);
	EXPECT_EQ(host_virq_used(), virqs);
}

static int run_words(unsigned int vcpu, u64 r0, u64 r1)
{
	const u64 args[] = { vm->vcpus[vcpu]->host_cap, r0, r1, 0 };

	return hcall_vcpu_run(&host, args, res);
}

static void expect_run(unsigned int vcpu, u64 state, u64 d0, u64 d1)
{
	EXPECT_EQ(run_words(vcpu, 0, 0), GUNYAH_ERR_OK);
	EXPECT_EQ(res[0], state);
	EXPECT_EQ(res[1], d0);
	EXPECT_EQ(res[2], d1);
}

static void guest_does(const struct vcpu_trap *trap)
{
	script[0] = *trap;
	steps = 0;
	nr_steps = 1;
}

static void guest_calls(u64 x0, u64 x1, u64 x2, u64 x3)
{
	u64 *x = vm->vcpus[0]->regs.x;

	x[0] = x0;
	x[1] = x1;
	x[2] = x2;
	x[3] = x3;
	guest_does(&(struct vcpu_trap){ .kind = TRAP_CALL });
}

static void guest_mmio(bool write, u64 ipa, u8 size, u8 reg, bool sign, bool wide)
{
	guest_does(&(struct vcpu_trap){
		.kind = TRAP_MMIO, .ipa = ipa,
		.mmio = { .ipa = ipa, .size = size, .reg = reg, .write = write,
			  .sign_extend = sign, .sixty_four = wide },
	});
}

TEST(before_start_and_rights)
{
	u64 id, args[4] = {};

	setup(1);
	expect_run(0, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0);
	args[0] = 100000;
	EXPECT_EQ(hcall_vcpu_run(&host, args, res), GUNYAH_ERR_ARGUMENT_INVALID);
	args[0] = 77;
	EXPECT_EQ(hcall_vcpu_run(&host, args, res), GUNYAH_ERR_CSPACE_CAP_NULL);
	EXPECT_EQ(cspace_add(&host_cspace, CAP_VCPU, vm->vcpus[0], GUNYAH_RIGHT_VCPU_AFFINITY,
			     &id), GUNYAH_ERR_OK);
	args[0] = id;
	EXPECT_EQ(hcall_vcpu_run(&host, args, res), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	EXPECT_EQ(hcall_vcpu_run_check(&host, args, res), GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS);
	cspace_remove(&host_cspace, id);
	vm->vcpus[0]->running = true;
	EXPECT_EQ(run_words(0, 0, 0), GUNYAH_ERR_BUSY);
	vm->vcpus[0]->running = false;
	teardown();
}

TEST(host_interrupt_is_ready)
{
	setup(1);
	vm_start(vm, 0x80000000, 0x80080000);
	EXPECT_EQ(vm->vcpus[0]->regs.pc, 0x80000000);
	EXPECT_EQ(vm->vcpus[0]->regs.x[0], 0x80080000);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	fake.host_irq = true;
	steps = nr_steps = 0;
	fake.enter = NULL;
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT(!vm->vcpus[0]->running);
	teardown();
}

TEST(mmio_write_and_read)
{
	struct vcpu *v;

	setup(1);
	vm_start(vm, 0x80000000, 0);
	v = vm->vcpus[0];
	v->regs.x[5] = 0x1122334455667788;
	guest_mmio(true, 0x9000004, 2, 5, false, false);
	expect_run(0, GUNYAH_VCPU_STATE_MMIO_WRITE, 0x9000004, 2);
	EXPECT_EQ(res[3], 0x1122334455667788);	/* the whole register (ABI README) */
	EXPECT_EQ(v->regs.pc, 0x80000000);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(v->regs.pc, 0x80000004);

	guest_mmio(true, 0x9000004, 4, 31, false, false);
	expect_run(0, GUNYAH_VCPU_STATE_MMIO_WRITE, 0x9000004, 4);
	EXPECT_EQ(res[3], 0);

	guest_mmio(false, 0x9000008, 1, 6, true, true);
	expect_run(0, GUNYAH_VCPU_STATE_MMIO_READ, 0x9000008, 1);
	EXPECT_EQ(run_words(0, 0xff80, 0), GUNYAH_ERR_OK);
	EXPECT_EQ(v->regs.x[6], 0xffffffffffffff80);
	guest_mmio(false, 0x9000008, 2, 6, true, false);
	expect_run(0, GUNYAH_VCPU_STATE_MMIO_READ, 0x9000008, 2);
	EXPECT_EQ(run_words(0, 0x8000, 0), GUNYAH_ERR_OK);
	EXPECT_EQ(v->regs.x[6], 0xffff8000);
	guest_mmio(false, 0x9000008, 8, 31, false, true);
	expect_run(0, GUNYAH_VCPU_STATE_MMIO_READ, 0x9000008, 8);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	teardown();
}

TEST(resume_actions)
{
	struct vcpu *v;
	u64 pc;

	setup(1);
	vm_start(vm, 0x80000000, 0);
	v = vm->vcpus[0];
	guest_mmio(false, 0x1000, 4, 3, false, false);
	expect_run(0, GUNYAH_VCPU_STATE_MMIO_READ, 0x1000, 4);
	pc = v->regs.pc;
	EXPECT_EQ(run_words(0, 7, 3), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(run_words(0, 7, GUNYAH_RESUME_RETRY), GUNYAH_ERR_OK);
	EXPECT_EQ(v->regs.pc, pc);
	EXPECT_EQ(v->regs.x[3], 0);

	guest_mmio(false, 0x1000, 4, 3, false, false);
	expect_run(0, GUNYAH_VCPU_STATE_MMIO_READ, 0x1000, 4);
	fake.injected = 0;
	EXPECT_EQ(run_words(0, 7, GUNYAH_RESUME_FAULT), GUNYAH_ERR_OK);
	EXPECT_EQ(fake.injected, 1);
	EXPECT_EQ(v->regs.pc, pc);

	/* the open hypervisor emulates whatever is asked */
	hcall_production = false;
	guest_mmio(false, 0x1000, 4, 3, false, false);
	expect_run(0, GUNYAH_VCPU_STATE_MMIO_READ, 0x1000, 4);
	EXPECT_EQ(run_words(0, 7, GUNYAH_RESUME_FAULT), GUNYAH_ERR_OK);
	EXPECT_EQ(v->regs.x[3], 7);
	EXPECT_EQ(v->regs.pc, pc + 4);
	teardown();
}

TEST(outside_the_window_is_an_abort)
{
	setup(1);
	vm_start(vm, 0x80000000, 0);
	fake.injected = 0;
	guest_mmio(false, 0x3ffffffc, 8, 3, false, true);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(fake.injected, 1);
	guest_mmio(true, 0xc0000000, 4, 3, false, true);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(fake.injected, 2);
	guest_does(&(struct vcpu_trap){ .kind = TRAP_ABORT, .ipa = 0x1000 });
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(fake.injected, 3);
	teardown();
}

TEST(own_interrupt_controller)
{
	setup(1);
	vm_start(vm, 0x80000000, 0);
	guest_mmio(false, 0x3000ffe8, 4, 4, false, false);	/* GICD_PIDR2 */
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(vm->vcpus[0]->regs.x[4], 0x3b);
	EXPECT_EQ(vm->vcpus[0]->regs.pc, 0x80000004);
	teardown();
}

/* An interrupt that the guest can take: SPI 40 enabled, edge, group 1 */
static void arm_spi(void)
{
	struct vgic_irq *irq = &vm->vgic.spi[8];

	vm->vgic.ctlr |= BIT(1);
	irq->enabled = 1;
	irq->group1 = 1;
	irq->edge = 1;
	vm->vcpus[0]->arch->pmr = 0xf0;
	vm->vcpus[0]->arch->grpen1 = true;
	vm->vgic.cpu[0].waker = 0;
}

TEST(wfi_sleeps_and_wakes)
{
	u32 wakeup;

	setup(1);
	vm_start(vm, 0x80000000, 0);
	arm_spi();
	wakeup = vm->vcpus[0]->wakeup.intid;
	guest_does(&(struct vcpu_trap){ .kind = TRAP_WFI });
	expect_run(0, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, 0, GUNYAH_VCPU_SLEEP_WFI);
	EXPECT_EQ(vm->vcpus[0]->regs.pc, 0x80000004);
	/* nothing came: asleep as before, without an entry */
	expect_run(0, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, 0, GUNYAH_VCPU_SLEEP_WFI);
	fake.irqs[wakeup] = 0;
	EXPECT(vgic_set_line(&vm->vgic, 0, 40, true));
	EXPECT_EQ(fake.irqs[wakeup], 1);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	/* with an interrupt waiting WFI is no reason to leave */
	guest_does(&(struct vcpu_trap){ .kind = TRAP_WFI });
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	teardown();
}

/* Another CPU, between the last look at the guest and the end of the run */
static void interrupt_comes(struct vcpu *vcpu)
{
	hyp_lock();
	vgic_set_line(&vm->vgic, 0, 40, true);
	hyp_unlock();
}

static void vm_is_killed(struct vcpu *vcpu)
{
	hyp_lock();
	vm_kill(vm);
	hyp_unlock();
}

TEST(woken_while_leaving)
{
	setup(1);
	vm_start(vm, 0x80000000, 0);
	arm_spi();
	fake.put = interrupt_comes;
	fake.irqs[vm->vcpus[0]->wakeup.intid] = 0;
	guest_does(&(struct vcpu_trap){ .kind = TRAP_WFI });
	/* Seen by the caller, who needs no interrupt then (hypercall 7.4) */
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(fake.irqs[vm->vcpus[0]->wakeup.intid], 0);
	teardown();
}

TEST(killed_while_leaving)
{
	setup(1);
	vm_start(vm, 0x80000000, 0);
	arm_spi();
	fake.put = vm_is_killed;
	fake.irqs[vm->vcpus[0]->wakeup.intid] = 0;
	guest_does(&(struct vcpu_trap){ .kind = TRAP_WFI });
	expect_run(0, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, 0, GUNYAH_VCPU_SLEEP_WFI);
	EXPECT_EQ(fake.irqs[vm->vcpus[0]->wakeup.intid], 1);
	fake.put = NULL;
	expect_run(0, GUNYAH_VCPU_STATE_POWERED_OFF, GUNYAH_VCPU_OFF_EXITED, 0);
	teardown();
}

TEST(cpu_on_of_one_that_is_leaving)
{
	u64 *x;

	setup(2);
	vm_start(vm, 0x80000000, 0);
	x = vm->vcpus[0]->regs.x;
	vm->vcpus[1]->running = true;
	guest_calls(PSCI_AFFINITY_INFO_64, 1, 0, 0);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], 0);
	guest_calls(PSCI_CPU_ON_64, 1, 0x80001000, 42);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], PSCI_ALREADY_ON);
	EXPECT_EQ(vm->vcpus[1]->power, VCPU_OFF);
	vm->vcpus[1]->running = false;
	teardown();
}

TEST(timer_of_a_sleeper)
{
	setup(1);
	vm_start(vm, 0x80000000, 0);
	arm_spi();
	fake.counter = 1000;
	vm->vcpus[0]->arch->deadline = 5000;
	guest_does(&(struct vcpu_trap){ .kind = TRAP_WFI });
	expect_run(0, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, 0, GUNYAH_VCPU_SLEEP_WFI);
	EXPECT_EQ(fake.timer, 5000);
	/* expired, but the guest has masked it: no wake-up, and the timer is not set again */
	fake.counter = 6000;
	vcpu_timers_set();
	EXPECT_EQ(vm->vcpus[0]->power, VCPU_SLEEPING);
	EXPECT_EQ(fake.timer, ~0ULL);
	teardown();
}

TEST(psci_cpu_on_off)
{
	u64 *x;

	setup(2);
	vm_start(vm, 0x80000000, 0);
	x = vm->vcpus[0]->regs.x;
	guest_calls(PSCI_AFFINITY_INFO_64, 1, 0, 0);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], 1);
	guest_calls(PSCI_CPU_ON_64, 2, 0x80001000, 42);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], PSCI_INVALID_PARAMETERS);
	guest_calls(PSCI_CPU_ON_64, 1, 0x80001002, 42);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], PSCI_INVALID_ADDRESS);
	fake.irqs[vm->vcpus[1]->wakeup.intid] = 0;
	guest_calls(PSCI_CPU_ON_64, 1, 0x80001000, 42);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], PSCI_SUCCESS);
	EXPECT_EQ(fake.irqs[vm->vcpus[1]->wakeup.intid], 1);
	EXPECT_EQ(vm->vcpus[1]->regs.pc, 0x80001000);
	EXPECT_EQ(vm->vcpus[1]->regs.x[0], 42);
	guest_calls(PSCI_CPU_ON_64, 1, 0x80001000, 42);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], PSCI_ALREADY_ON);
	/* off, also as the last one: the VM goes on existing */
	guest_calls(PSCI_CPU_OFF, 0, 0, 0);
	expect_run(0, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0);
	EXPECT_EQ(halts, 0);
	teardown();
}

TEST(psci_versions_and_features)
{
	u64 *x;

	setup(1);
	vm_start(vm, 0x80000000, 0);
	x = vm->vcpus[0]->regs.x;
	guest_calls(PSCI_VERSION, 0, 0, 0);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], 0x10001);
	guest_calls(PSCI_FEATURES, PSCI_SYSTEM_RESET2_64, 0, 0);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], PSCI_SUCCESS);
	guest_calls(PSCI_FEATURES, 0x84000005, 0, 0);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], PSCI_NOT_SUPPORTED);
	guest_calls(0x84000005, 0, 0, 0);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], PSCI_NOT_SUPPORTED);
	vm->psci = false;
	guest_calls(PSCI_VERSION, 0, 0, 0);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(x[0], ~0ULL);
	teardown();
}

TEST(system_off_and_resets)
{
	setup(1);
	vm_start(vm, 0x80000000, 0);
	guest_calls(PSCI_SYSTEM_OFF, 0, 0, 0);
	expect_run(0, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0);
	EXPECT_EQ(halts, 1);
	EXPECT_EQ(last_halt.why, VM_HALT_OFF);
	expect_run(0, GUNYAH_VCPU_STATE_POWERED_OFF, GUNYAH_VCPU_OFF_EXITED, 0);
	teardown();

	setup(1);
	vm_start(vm, 0x80000000, 0);
	guest_calls(PSCI_SYSTEM_RESET, 0, 0, 0);
	expect_run(0, GUNYAH_VCPU_STATE_SYSTEM_RESET, GUNYAH_VCPU_RESET_IS_RESET, 0);
	EXPECT_EQ(last_halt.why, VM_HALT_RESET);
	teardown();

	setup(1);
	vm_start(vm, 0x80000000, 0);
	guest_calls(PSCI_SYSTEM_RESET2_64, 0x80000001, 0x1122334455667788, 0);
	expect_run(0, GUNYAH_VCPU_STATE_SYSTEM_RESET, 0x4000000080000001, 0x1122334455667788);
	EXPECT(last_halt.smc64);
	EXPECT_EQ(last_halt.cookie, 0x1122334455667788);
	teardown();
}

TEST(suspend)
{
	setup(1);
	vm_start(vm, 0x80000000, 0);
	arm_spi();
	guest_calls(PSCI_CPU_SUSPEND_64, PSCI_POWER_STATE_DOWN, 0x80002000, 99);
	expect_run(0, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, PSCI_POWER_STATE_DOWN,
		   GUNYAH_VCPU_SLEEP_CPU_SUSPEND);
	vgic_set_line(&vm->vgic, 0, 40, true);
	expect_run(0, GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(vm->vcpus[0]->regs.pc, 0x80002000);
	EXPECT_EQ(vm->vcpus[0]->regs.x[0], 99);
	teardown();
}

TEST(killed_while_asleep_and_running)
{
	setup(2);
	vm_start(vm, 0x80000000, 0);
	fake.irqs[vm->vcpus[0]->wakeup.intid] = 0;
	vm->vcpus[1]->running = true;
	vm->vcpus[1]->cpu = 1;
	vm_kill(vm);
	EXPECT_EQ(fake.irqs[vm->vcpus[0]->wakeup.intid], 1);
	EXPECT_EQ(fake.kicks[1], 1);
	EXPECT(!vm_quiesced(vm));
	vm->vcpus[1]->running = false;
	EXPECT(vm_quiesced(vm));
	expect_run(0, GUNYAH_VCPU_STATE_POWERED_OFF, GUNYAH_VCPU_OFF_EXITED, 0);
	teardown();
}

TEST(fault_halts)
{
	setup(1);
	vm_start(vm, 0x80000000, 0);
	guest_does(&(struct vcpu_trap){ .kind = TRAP_FAULT });
	expect_run(0, GUNYAH_VCPU_STATE_FAULT, 0, 0);
	EXPECT_EQ(halts, 1);
	EXPECT_EQ(last_halt.why, VM_HALT_FAULT);
	teardown();
}

TEST(boot_registers)
{
	struct vcpu *v;

	setup(1);
	v = vm->vcpus[0];
	EXPECT_EQ(vm_set_boot_reg(vm, GUNYAH_REGSET_X, 31, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(vm_set_boot_reg(vm, GUNYAH_REGSET_PC, 1, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(vm_set_boot_reg(vm, GUNYAH_REGSET_PC, 0, 2), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(vm_set_boot_reg(vm, GUNYAH_REGSET_SP, 1, 8), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(vm_set_boot_reg(vm, 3, 0, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(vm_set_boot_reg(vm, GUNYAH_REGSET_X, 0, 5), GUNYAH_ERR_OK);
	EXPECT_EQ(vm_set_boot_reg(vm, GUNYAH_REGSET_X, 30, 6), GUNYAH_ERR_OK);
	EXPECT_EQ(vm_set_boot_reg(vm, GUNYAH_REGSET_PC, 0, 0x80004000), GUNYAH_ERR_OK);
	EXPECT_EQ(vm_set_boot_reg(vm, GUNYAH_REGSET_SP, 1, 0x90000000), GUNYAH_ERR_OK);
	vm_start(vm, 0x80000000, 1);
	EXPECT_EQ(v->regs.pc, 0x80004000);
	EXPECT_EQ(v->regs.x[0], 5);
	EXPECT_EQ(v->regs.x[30], 6);
	EXPECT_EQ(v->arch->sp[1], 0x90000000);
	EXPECT_EQ(vm_set_boot_reg(vm, GUNYAH_REGSET_X, 0, 5), GUNYAH_ERR_OBJECT_STATE);
	teardown();
}

TEST(limits_and_exhaustion)
{
	struct vm_doorbell *bell, *other;
	unsigned int i;
	int err;

	setup(VM_MAX_VCPUS);
	EXPECT_EQ(vm_add_vcpu(vm, false), GUNYAH_ERR_NORESOURCES);
	EXPECT_EQ(vm_add_doorbell(vm, 1, false, false, 37, false, &bell), GUNYAH_ERR_OK);
	EXPECT_EQ(vm_add_doorbell(vm, 1, false, false, 37, false, &other),
		  GUNYAH_ERR_NORESOURCES);
	EXPECT_EQ(vm_add_doorbell(vm, 1, false, false, 1020, false, &other),
		  GUNYAH_ERR_NORESOURCES);
	EXPECT_EQ(vm_add_doorbell(vm, 1, false, true, 0, false, &other), GUNYAH_ERR_OK);
	EXPECT_EQ(other->spi, 32);
	for (i = 0, err = 0; i < 200 && !err; i++)
		err = vm_add_doorbell(vm, i, true, false, 0, false, &other);
	EXPECT_EQ(err, GUNYAH_ERR_NORESOURCES);
	vm_destroy(vm);
	EXPECT_EQ(host_cspace.used, 0);
	EXPECT_EQ(host_virq_used(), 0);
	EXPECT_EQ(guest_table_pool.used, base_tables);
}
