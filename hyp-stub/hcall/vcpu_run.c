// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * vcpu_run and vcpu_run_check (hypercall 7), vcpu_register_write (8).  The host's CPU
 * becomes the vCPU's until an interrupt of the host waits, or the vCPU cannot go on by
 * itself.
 */
#include "arch/arch.h"
#include "hcall/hcall.h"
#include "lib/string.h"
#include "obj/psci.h"
#include "obj/vm.h"
#include <linux/gunyah/abi/hypercall.h>

u64 hcall_guest_aborts;

static bool ends(struct vcpu_run_result *result, u64 state, u64 d0, u64 d1, u64 d2)
{
	*result = (struct vcpu_run_result){ .state = state, .data = { d0, d1, d2 } };
	return true;
}

/*
 * The open hypervisor ignores the action, the production one honours it.  Behind a page
 * fault there is nothing else that could be said.
 */
static int resume_check(const struct vcpu *vcpu, const u64 *resume)
{
	if (vcpu->last_state == GUNYAH_VCPU_STATE_PAGE_FAULT)
		return resume[0] || resume[1] > GUNYAH_RESUME_FAULT || resume[2] ?
		       GUNYAH_ERR_ARGUMENT_INVALID : GUNYAH_ERR_OK;
	if (vcpu->last_state != GUNYAH_VCPU_STATE_MMIO_READ &&
	    vcpu->last_state != GUNYAH_VCPU_STATE_MMIO_WRITE)
		return GUNYAH_ERR_OK;
	if (hcall_production && resume[1] > GUNYAH_RESUME_FAULT)
		return GUNYAH_ERR_ARGUMENT_INVALID;
	return GUNYAH_ERR_OK;
}

static void mmio_finish_read(struct vcpu *vcpu, const struct vcpu_mmio *mmio, u64 value)
{
	unsigned int bits = 8 * mmio->size;

	if (bits < 64) {
		value &= BIT(bits) - 1;
		if (mmio->sign_extend && (value & BIT(bits - 1)))
			value |= ~(BIT(bits) - 1);
	}
	if (!mmio->sixty_four)
		value = (u32)value;
	if (mmio->reg < 31)
		vcpu->regs.x[mmio->reg] = value;
}

static void inject_abort(struct vcpu *vcpu)
{
	hcall_guest_aborts++;
	arch_vcpu_inject_abort(vcpu);
}

/* What becomes of the access that the previous run returned; the vCPU is loaded */
static void resume(struct vcpu *vcpu, const u64 *resume)
{
	u64 action = hcall_production ? resume[1] : GUNYAH_RESUME_EMULATE;

	if (vcpu->last_state == GUNYAH_VCPU_STATE_PAGE_FAULT && action == GUNYAH_RESUME_FAULT)
		inject_abort(vcpu);
	if (vcpu->last_state != GUNYAH_VCPU_STATE_MMIO_READ &&
	    vcpu->last_state != GUNYAH_VCPU_STATE_MMIO_WRITE)
		return;
	if (action == GUNYAH_RESUME_FAULT) {
		inject_abort(vcpu);
	} else if (action == GUNYAH_RESUME_EMULATE) {
		if (!vcpu->mmio.write)
			mmio_finish_read(vcpu, &vcpu->mmio, resume[0]);
		arch_vcpu_skip(vcpu);
	}
}

static bool wfi(struct vcpu *vcpu, struct vcpu_run_result *result)
{
	arch_vcpu_skip(vcpu);
	if (vcpu_has_interrupt(vcpu))
		return false;
	vcpu_sleep(vcpu, GUNYAH_VCPU_SLEEP_WFI, 0);
	return ends(result, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, 0, GUNYAH_VCPU_SLEEP_WFI, 0);
}

static u32 access_at(const struct vcpu *vcpu, u64 ipa, bool *mapped)
{
	u32 attrs = 0;

	*mapped = stage2_lookup(&vcpu->vm->s2, ipa, NULL, &attrs, NULL);
	return attrs;
}

/*
 * The host's to resolve, or the guest's own mistake.  A page that is there is there for
 * reading: to run what is not to be run is a mistake, of which the host would not even
 * be told that it was no read.
 */
static bool host_can_help(const struct vcpu *vcpu, const struct vcpu_trap *trap)
{
	bool mapped;

	access_at(vcpu, trap->ipa, &mapped);
	return trap->unmapped && (!mapped || trap->write) &&
	       addrspace_in_demand(vcpu->vm, trap->ipa);
}

/*
 * A buffer of the guest in memory that the host has yet to provide: nothing has been
 * done for the call, it is made again when the page is there.
 */
static bool call_faults(struct vcpu *vcpu, const u64 *x, struct vcpu_run_result *result)
{
	const struct vcpu_trap trap = {
		.ipa = vcpu->missing.ipa, .write = vcpu->missing.write, .unmapped = true,
	};

	if (!vcpu->missing.set || !host_can_help(vcpu, &trap))
		return false;
	memcpy(vcpu->regs.x, x, HCALL_REGS * sizeof(*x));
	vcpu->regs.pc -= 4;
	return ends(result, GUNYAH_VCPU_STATE_PAGE_FAULT, trap.ipa, trap.write, 0);
}

static bool guest_call(struct vcpu *vcpu, const struct vcpu_trap *trap,
		       struct vcpu_run_result *result)
{
	const struct hcall_caller caller = {
		.vm = vcpu->vm, .vcpu = vcpu, .cspace = &vcpu->vm->cspace,
	};
	u64 x[HCALL_REGS];

	if (!trap->imm && vcpu->vm->psci && psci_is_call(vcpu->regs.x[0]))
		return psci_guest_call(vcpu, result);
	memcpy(x, vcpu->regs.x, sizeof(x));
	vcpu->missing.set = false;
	hcall_handle(&caller, !trap->smc && trap->imm, trap->imm, vcpu->regs.x);
	return call_faults(vcpu, x, result);
}

static u64 source_register(const struct vcpu *vcpu, const struct vcpu_mmio *mmio)
{
	return mmio->reg < 31 ? vcpu->regs.x[mmio->reg] : 0;
}

/*
 * Somebody mapped the page since: another vCPU's fault was served, or another CPU was
 * between breaking and making the entry (mm/stage2.c).
 */
static bool fault_is_over(const struct vcpu *vcpu, const struct vcpu_trap *trap)
{
	u32 needed = trap->exec ? S2_EXEC : trap->write ? S2_WRITE : S2_READ;
	bool mapped;

	return trap->unmapped && (access_at(vcpu, trap->ipa, &mapped) & needed);
}

static bool page_fault(struct vcpu *vcpu, const struct vcpu_trap *trap,
		       struct vcpu_run_result *result)
{
	if (host_can_help(vcpu, trap))
		return ends(result, GUNYAH_VCPU_STATE_PAGE_FAULT, trap->ipa, trap->write, 0);
	inject_abort(vcpu);
	return false;
}

/* Its own interrupt controller, a window that the host emulates, or like any fault */
static bool mmio(struct vcpu *vcpu, const struct vcpu_trap *trap, struct vcpu_run_result *result)
{
	const struct vcpu_mmio *mmio = &trap->mmio;
	u64 value = mmio->write ? source_register(vcpu, mmio) : 0;

	if (vgic_mmio(&vcpu->vm->vgic, vcpu->index, mmio->ipa, mmio->size, mmio->write, &value)) {
		if (!mmio->write)
			mmio_finish_read(vcpu, mmio, value);
		arch_vcpu_skip(vcpu);
		return false;
	}
	if (!addrspace_in_vmmio(vcpu->vm, mmio->ipa, mmio->size))
		return page_fault(vcpu, trap, result);
	vcpu->mmio = *mmio;
	if (mmio->write)
		return ends(result, GUNYAH_VCPU_STATE_MMIO_WRITE, mmio->ipa, mmio->size, value);
	return ends(result, GUNYAH_VCPU_STATE_MMIO_READ, mmio->ipa, mmio->size, 0);
}

static bool fault(struct vcpu *vcpu, struct vcpu_run_result *result)
{
	static const struct vm_halt_info info = { .why = VM_HALT_FAULT };

	vm_halt(vcpu, &info);
	return ends(result, GUNYAH_VCPU_STATE_FAULT, 0, 0, 0);
}

/* True if the trap ends the run */
static bool handle_trap(struct vcpu *vcpu, const struct vcpu_trap *trap,
			struct vcpu_run_result *result)
{
	switch (trap->kind) {
	case TRAP_NONE:
		return false;
	case TRAP_HOST_IRQ:
		return ends(result, GUNYAH_VCPU_STATE_READY, 0, 0, 0);
	case TRAP_CALL:
		return guest_call(vcpu, trap, result);
	case TRAP_WFI:
		return wfi(vcpu, result);
	case TRAP_MMIO:
		return !fault_is_over(vcpu, trap) && mmio(vcpu, trap, result);
	case TRAP_ABORT:
		return !fault_is_over(vcpu, trap) && page_fault(vcpu, trap, result);
	case TRAP_FAULT:
		return fault(vcpu, result);
	}
	return false;
}

/* Machine registers only: nobody has to wait for that */
static bool host_irq_pending(void)
{
	bool pending;

	hyp_unlock();
	pending = arch_host_irq_pending();
	hyp_lock();
	return pending;
}

static void run_loaded(struct vcpu *vcpu, struct vcpu_run_result *result)
{
	struct vcpu_trap trap;

	do {
		bool irq = host_irq_pending();

		if (vcpu->vm->dead) {
			ends(result, GUNYAH_VCPU_STATE_POWERED_OFF, GUNYAH_VCPU_OFF_EXITED, 0, 0);
			return;
		}
		if (irq) {
			ends(result, GUNYAH_VCPU_STATE_READY, 0, 0, 0);
			return;
		}
		arch_vcpu_update_timers(vcpu);
		vgic_flush(&vcpu->vm->vgic, vcpu->index);
		arch_vcpu_enter(vcpu, &trap);
	} while (!handle_trap(vcpu, &trap, result));
}

/* A power-down state ends at its entry point */
static void wake_up(struct vcpu *vcpu)
{
	if (!vcpu->suspend_down)
		return;
	vcpu->suspend_down = false;
	arch_vcpu_init(vcpu, vcpu->suspend_entry, vcpu->suspend_context);
}

/*
 * A run on this CPU, loaded and put without the stub's lock.  Whoever has something
 * for the vCPU meanwhile kicks this CPU, since the vCPU is running; what came after
 * the guest was left for the last time is looked for at the end, and only makes the
 * vCPU ready: the host need not be told by an interrupt (hypercall 7.4).
 */
static void run_on_cpu(struct vcpu *vcpu, const u64 *words, struct vcpu_run_result *result)
{
	vcpu->running = true;
	hyp_unlock();
	arch_vcpu_load(vcpu);
	hyp_lock();
	resume(vcpu, words);
	run_loaded(vcpu, result);
	hyp_unlock();
	arch_vcpu_put(vcpu);
	hyp_lock();
	vcpu->running = false;
	if (vcpu->power == VCPU_SLEEPING && !vcpu_sleeps_on(vcpu, result))
		ends(result, GUNYAH_VCPU_STATE_READY, 0, 0, 0);
	else if (vcpu->vm->dead)
		virq_assert(&vcpu->wakeup);
}

static void run(struct vcpu *vcpu, const u64 *words, struct vcpu_run_result *result)
{
	if (vcpu->vm->dead || vcpu->power == VCPU_EXITED || vcpu->power == VCPU_HALTED) {
		ends(result, GUNYAH_VCPU_STATE_POWERED_OFF, GUNYAH_VCPU_OFF_EXITED, 0, 0);
	} else if (vcpu->power == VCPU_OFF) {
		ends(result, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0);
	} else if (vcpu->power != VCPU_SLEEPING || !vcpu_sleeps_on(vcpu, result)) {
		wake_up(vcpu);
		run_on_cpu(vcpu, words, result);
	}
}

static void put_result(const struct vcpu_run_result *result, u64 *results)
{
	results[0] = result->state;
	results[1] = result->data[0];
	results[2] = result->data[1];
	results[3] = result->data[2];
}

int hcall_vcpu_run(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct vcpu_run_result result = {};
	void *object;
	struct vcpu *vcpu;
	int err;

	err = cspace_lookup(caller->cspace, args[0], CAP_VCPU,
			    GUNYAH_RIGHT_VCPU_AFFINITY | GUNYAH_RIGHT_VCPU_YIELD_TO, &object);
	if (err)
		return err;
	vcpu = object;
	if (vcpu->running)
		return GUNYAH_ERR_BUSY;
	err = resume_check(vcpu, &args[1]);
	if (err)
		return err;
	vcpu->cpu = arch_cpu_id();
	run(vcpu, &args[1], &result);
	vcpu->last_state = result.state;
	if (vcpu->power == VCPU_SLEEPING)
		vcpu_timers_set();
	put_result(&result, results);
	return GUNYAH_ERR_OK;
}

/* What a vCPU that does not run would return; for holders of the STATE right */
int hcall_vcpu_run_check(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct vcpu_run_result result;
	void *object;
	struct vcpu *vcpu;
	int err;

	err = cspace_lookup(caller->cspace, args[0], CAP_VCPU,
			    GUNYAH_RIGHT_VCPU_BIND_VIRQ | GUNYAH_RIGHT_VCPU_STATE, &object);
	if (err)
		return err;
	vcpu = object;
	if (vcpu->running || vcpu->power == VCPU_ON)
		return GUNYAH_ERR_BUSY;
	if (vcpu->power == VCPU_SLEEPING)
		vcpu_sleep_result(vcpu, arch_counter(), &result);
	else
		ends(&result, GUNYAH_VCPU_STATE_POWERED_OFF,
		     vcpu->power == VCPU_OFF ? 0 : GUNYAH_VCPU_OFF_EXITED, 0, 0);
	put_result(&result, results);
	return GUNYAH_ERR_OK;
}

/* (vCPU, register set, index, value) */
int hcall_vcpu_register_write(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	void *object;
	int err = cspace_lookup(caller->cspace, args[0], CAP_VCPU,
				GUNYAH_RIGHT_VCPU_WRITE_CONTEXT, &object);

	return err ? err : vcpu_preset_reg(object, args[1], args[2], args[3]);
}
