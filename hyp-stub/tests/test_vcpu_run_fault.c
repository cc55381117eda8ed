// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Faults of guests that end vcpu_run with state 7, and those that do not. */
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "hcall/test_abi.h"
#include "tests/extent_env.h"

#define RAM_SIZE	(4 * SZ_2M)

static struct vcpu_trap next;
static bool armed;
static void (*meanwhile)(void);
static unsigned int entered;

/* One trap, then interrupts of the host; @meanwhile is what another CPU does */
static void enter(struct vcpu *vcpu, struct vcpu_trap *trap)
{
	entered++;
	if (!armed)
		return;
	armed = false;
	*trap = next;
	if (meanwhile) {
		hyp_lock();
		meanwhile();
		hyp_unlock();
	}
}

static void setup(void)
{
	ext_setup_early(true);
	EXPECT_EQ(addrspace_add_demand(env_vm, GPA, RAM_SIZE), 0);
	vm_set_gic(env_vm, 0x30000000, 0x30020000, 0x20000);
	vm_start(env_vm, GPA, 0);
	fake.enter = enter;
	armed = false;
	meanwhile = NULL;
	entered = 0;
}

static int run(u64 r0, u64 r1, u64 r2)
{
	return ext_call(&env_host, GUNYAH_HC_VCPU_RUN, env_vm->vcpus[0]->host_cap, r0, r1, r2, 0,
			0, 0);
}

static void guest_faults(struct vcpu_trap trap)
{
	trap.unmapped = true;
	next = trap;
	armed = true;
	fake.injected = 0;
	fake.skipped = 0;
}

static void abort_at(u64 ipa, bool write, bool exec)
{
	guest_faults((struct vcpu_trap){
		.kind = TRAP_ABORT, .ipa = ipa, .write = write, .exec = exec,
	});
}

/* A single load or store */
static void access_at(u64 ipa, bool write)
{
	guest_faults((struct vcpu_trap){
		.kind = TRAP_MMIO, .ipa = ipa, .write = write,
		.mmio = { .ipa = ipa, .size = 8, .reg = 1, .write = write, .sixty_four = true },
	});
}

static void expect_state(u64 state, u64 d0, u64 d1)
{
	EXPECT_EQ(ext_x[0], 0);
	EXPECT_EQ(ext_x[1], state);
	EXPECT_EQ(ext_x[2], d0);
	EXPECT_EQ(ext_x[3], d1);
	EXPECT_EQ(ext_x[4], 0);
}

static void expect_run(u64 state, u64 d0, u64 d1)
{
	run(0, 0, 0);
	expect_state(state, d0, d1);
}

TEST(page_faults_leave_the_guest)
{
	u64 pc;

	setup();
	pc = env_vm->vcpus[0]->regs.pc;
	abort_at(GPA + 0x123, false, false);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA + 0x123, 0);
	abort_at(GPA + RAM_SIZE - 8, true, false);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA + RAM_SIZE - 8, 1);
	abort_at(GPA, false, true);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA, 0);
	/* A decoded access is no different */
	access_at(GPA + 16, true);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA + 16, 1);
	/* With nothing done it happens again; the instruction is not skipped */
	access_at(GPA + 16, true);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA + 16, 1);
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT(!fake.injected && env_vm->vcpus[0]->regs.pc == pc);
}

TEST(other_faults_stay_in_the_guest)
{
	u64 before;

	setup();
	before = hcall_guest_aborts;
	abort_at(GPA - 8, true, false);
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(fake.injected, 1);
	access_at(GPA + RAM_SIZE, false);
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(fake.injected, 1);
	/* Of another kind, where no page would help */
	abort_at(GPA, true, false);
	next.unmapped = false;
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(fake.injected, 1);
	/* And where there is one */
	EXPECT_EQ(ext_lend(PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(PRIV, GPA, RWX, PA, PAGE_SIZE), 0);
	abort_at(GPA, true, false);
	next.unmapped = false;
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(fake.injected, 1);
	EXPECT_EQ(hcall_guest_aborts, before + 4);
}

TEST(windows_come_before_page_faults)
{
	setup();
	EXPECT_EQ(addrspace_add_vmmio(&env_vm->as, GPA + SZ_2M, PAGE_SIZE), 0);
	access_at(GPA + SZ_2M + 8, true);
	expect_run(GUNYAH_VCPU_STATE_MMIO_WRITE, GPA + SZ_2M + 8, 8);
	/* Not decodable, or not all in the window */
	abort_at(GPA + SZ_2M + 8, true, false);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA + SZ_2M + 8, 1);
	access_at(GPA + SZ_2M + PAGE_SIZE - 4, false);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA + SZ_2M + PAGE_SIZE - 4, 0);
	/* A window outside of the demand range, as it always was */
	access_at(0x1000, false);
	expect_run(GUNYAH_VCPU_STATE_MMIO_READ, 0x1000, 8);
}

static u64 attrs_meanwhile;

static void map_meanwhile(void)
{
	u64 x[HCALL_REGS];

	memcpy(x, ext_x, sizeof(x));
	EXPECT_EQ(ext_lend(PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(PRIV, GPA, attrs_meanwhile, PA, PAGE_SIZE), 0);
	memcpy(ext_x, x, sizeof(x));
}

enum outcome { RETRIED, FAULTED, ABORTED };

static void expect_served(u64 attrs, bool write, bool exec, bool decoded, enum outcome want)
{
	setup();
	attrs_meanwhile = attrs;
	meanwhile = map_meanwhile;
	if (decoded)
		access_at(GPA, write);
	else
		abort_at(GPA, write, exec);
	run(0, 0, 0);
	EXPECT_EQ(ext_x[1], want == FAULTED ? GUNYAH_VCPU_STATE_PAGE_FAULT :
		  GUNYAH_VCPU_STATE_READY);
	EXPECT_EQ(entered, want == FAULTED ? 1 : 2);
	EXPECT_EQ(fake.injected, want == ABORTED);
}

/* Another vCPU's fault was served, or an entry was being changed: no exit */
TEST(a_fault_that_is_over)
{
	expect_served(RWX, true, false, false, RETRIED);
	expect_served(RWX, false, true, false, RETRIED);
	expect_served(RWX, true, false, true, RETRIED);
	expect_served(RO, false, false, false, RETRIED);
	expect_served(0xf0011, false, true, false, RETRIED);
	/* A write to what is read-only is the host's to decide */
	expect_served(RO, true, false, false, FAULTED);
	expect_served(RO, true, false, true, FAULTED);
	/* Where a page is already, but not for this: the guest's mistake */
	expect_served(RO, false, true, false, ABORTED);
	expect_served(RW, false, true, false, ABORTED);
	expect_served(0xf0011, false, false, false, ABORTED);
}

/* In a window, too, and outside of any range */
TEST(a_fault_that_is_over_elsewhere)
{
	setup();
	EXPECT_EQ(stage2_map(&env_vm->s2, 0x2000, PA, PAGE_SIZE, S2_RWX), 0);
	access_at(0x2000, true);
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT(entered == 2 && !fake.injected);
	EXPECT_EQ(stage2_map(&env_vm->s2, 0xc0000000, PA, PAGE_SIZE, S2_READ), 0);
	abort_at(0xc0000000, false, false);
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(fake.injected, 0);
	abort_at(0xc0000000, true, false);
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(fake.injected, 1);
}

TEST(resuming_behind_a_page_fault)
{
	setup();
	abort_at(GPA, true, false);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA, 1);
	/* Refused, and not forgotten */
	EXPECT_EQ(run(1, 0, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(run(0, 3, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(run(0, ~0ULL, 0), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(run(0, 0, 1), GUNYAH_ERR_ARGUMENT_INVALID);
	EXPECT(entered == 1 && !fake.injected);
	EXPECT_EQ(run(0, GUNYAH_RESUME_FAULT, 0), 0);
	EXPECT(fake.injected == 1 && !fake.skipped);
	EXPECT_EQ(ext_x[1], GUNYAH_VCPU_STATE_READY);
	/* Once */
	EXPECT_EQ(run(0, GUNYAH_RESUME_FAULT, 0), 0);
	EXPECT_EQ(fake.injected, 1);

	access_at(GPA, true);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA, 1);
	EXPECT_EQ(run(0, GUNYAH_RESUME_RETRY, 0), 0);
	EXPECT(!fake.injected && !fake.skipped);
	EXPECT_EQ(ext_x[1], GUNYAH_VCPU_STATE_READY);
}

/* Behind a page fault the vCPU may be stopped like behind any other exit */
TEST(killed_behind_a_page_fault)
{
	setup();
	abort_at(GPA, false, false);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA, 0);
	vm_kill(env_vm);
	EXPECT_EQ(run(0, GUNYAH_RESUME_FAULT, 0), 0);
	expect_state(GUNYAH_VCPU_STATE_POWERED_OFF, GUNYAH_VCPU_OFF_EXITED, 0);
	EXPECT_EQ(fake.injected, 0);
}

/* The guest touches what it gave up */
TEST(given_up_and_touched)
{
	setup();
	EXPECT_EQ(ext_lend(PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(PRIV, GPA, RWX, PA, PAGE_SIZE), 0);
	abort_at(GPA, true, false);
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT_EQ(ext_relinquish(GPA, PAGE_SIZE, GUNYAH_MODIFY_PAGES_UNLOCK), 0);
	abort_at(GPA, true, false);
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA, 1);
	EXPECT_EQ(ext_unmap(PRIV, GPA, PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(PRIV, GPA, RWX, PA, PAGE_SIZE), 0);
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
}

/* -- Buffers of guests' calls ---------------------------------------------- */

/* Stage 1 of the guest: identity; stage 2 as the CPU's, see arch/aarch64/host.c */
static bool guest_va_to_pa(u64 va, bool write, u64 *pa)
{
	struct vcpu *vcpu = env_vm->vcpus[0];
	u32 attrs = 0;

	if (stage2_lookup(&env_vm->s2, va, pa, &attrs, NULL) &&
	    (attrs & (write ? S2_WRITE : S2_READ)))
		return true;
	vcpu->missing.ipa = va;
	vcpu->missing.write = write;
	vcpu->missing.set = true;
	return false;
}

static void guest_receives(u64 queue, u64 va)
{
	u64 *x = env_vm->vcpus[0]->regs.x;

	x[0] = GUNYAH_SMCCC_ID(GUNYAH_HC_MSGQ_RECEIVE);
	x[1] = queue;
	x[2] = va;
	x[3] = GUNYAH_MSGQ_RM_MSG_SIZE;
	x[17] = 0x1717;
	next = (struct vcpu_trap){ .kind = TRAP_CALL };
	armed = true;
}

TEST(buffers_that_are_not_there)
{
	struct vcpu *vcpu;
	u64 queue, pc;
	bool not_full;

	setup();
	fake.va_to_pa = guest_va_to_pa;
	vcpu = env_vm->vcpus[0];
	EXPECT_EQ(cspace_add(&env_vm->cspace, CAP_MSGQ, &env_rx, GUNYAH_RIGHT_MSGQ_RECEIVE, &queue),
		  0);
	EXPECT_EQ(msgq_send(&env_rx, "message", 8, true, &not_full), 0);
	pc = vcpu->regs.pc;
	guest_receives(queue, GPA + 16);
	vcpu->regs.pc = pc + 4;		/* where the CPU says that an HVC came from */
	expect_run(GUNYAH_VCPU_STATE_PAGE_FAULT, GPA + 16, 1);
	/* The call as it was, and the message is still there */
	EXPECT(vcpu->regs.pc == pc && vcpu->regs.x[17] == 0x1717 && vcpu->regs.x[2] == GPA + 16);
	EXPECT_EQ(vcpu->regs.x[0], GUNYAH_SMCCC_ID(GUNYAH_HC_MSGQ_RECEIVE));
	EXPECT_EQ(env_rx.count, 1);

	EXPECT_EQ(ext_lend(PA, PAGE_SIZE), 0);
	EXPECT_EQ(ext_map(PRIV, GPA, RWX, PA, PAGE_SIZE), 0);
	guest_receives(queue, GPA + 16);
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT(vcpu->regs.x[0] == 0 && vcpu->regs.x[1] == 8 && env_rx.count == 0);
	EXPECT_EQ(memcmp((u8 *)arch_pa_to_va(PA) + 16, "message", 8), 0);

	/* Memory that nobody provides is the guest's mistake, as ever */
	EXPECT_EQ(msgq_send(&env_rx, "message", 8, true, &not_full), 0);
	guest_receives(queue, GPA - PAGE_SIZE);
	expect_run(GUNYAH_VCPU_STATE_READY, 0, 0);
	EXPECT(vcpu->regs.x[0] == GUNYAH_ERR_ADDR_INVALID && env_rx.count == 1);
}
