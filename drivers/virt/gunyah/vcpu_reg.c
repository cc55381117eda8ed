// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns GUNYAH_VCPU_SET_REG: registers that user space sets in a vCPU that is off.  What
 * comes before the RM has made the vCPU is kept for it.
 *
 * The hypervisor says whether the vCPU is off, so nothing here waits for VCPU_RUN: a
 * thread may sleep in that, for a vCPU that the guest has not switched on yet.
 */
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/lockdep.h>

#include "compat.h"
#include "hypercall.h"
#include "rm.h"
#include "vcpu_priv.h"
#include "vm.h"
#include "vm_boot.h"

/* Sets of registers, where they are in struct gunyah_vcpu_regs, what values they take */
static const struct {
	u8 first;
	u8 nr;
	u8 align;
} reg_sets[] = {
	[GUNYAH_REGSET_X] = { 0, 31, 1 },
	[GUNYAH_REGSET_PC] = { 31, 1, 4 },
	[GUNYAH_REGSET_SP] = { 32, 2, 16 },
};

/* Place of a register; EINVAL: there is no such register, or not with this value */
int gunyah_vcpu_reg_index(const struct gunyah_vcpu_reg *reg)
{
	u32 set = reg->reg >> GUNYAH_VM_BOOT_CONTEXT_REG_SHIFT;
	u32 index = reg->reg & (BIT(GUNYAH_VM_BOOT_CONTEXT_REG_SHIFT) - 1);

	if (reg->reserved || set >= ARRAY_SIZE(reg_sets))
		return -EINVAL;
	if (index >= reg_sets[set].nr || !IS_ALIGNED(reg->value, reg_sets[set].align))
		return -EINVAL;
	return reg_sets[set].first + index;
}

static int reg_write(const struct gunyah_vcpu_regs *regs, unsigned int i, u64 value)
{
	unsigned int set = ARRAY_SIZE(reg_sets) - 1;

	while (i < reg_sets[set].first)
		set--;
	return gunyah_hypercall_vcpu_register_write(regs->capid, set, i - reg_sets[set].first,
						    value);
}

/* What hypercall errors mean here; the register itself has been checked */
static int reg_errno(int error)
{
	switch (error) {
	case GUNYAH_ERR_OBJECT_STATE:
		return -ENODEV;
	case GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS:
		return -EOPNOTSUPP;
	default:
		return gunyah_error_to_errno(error);
	}
}

/**
 * gunyah_vcpu_regs_attach() - the RM has made the vCPU
 * @vcpu: the vCPU
 * @capid: capability to it
 *
 * Writes what was kept.  That is something only during VM_START, which holds mem.lock; if
 * firmware or an authenticated image has been chosen after it was set, it is forgotten, as
 * boot contexts are.
 *
 * Returns: 0, or the error of a write; then it is as if this had not been called.
 */
int gunyah_vcpu_regs_attach(struct gunyah_vcpu *vcpu, u64 capid)
{
	struct gunyah_vcpu_regs *regs = &vcpu->regs;
	unsigned int i;
	int error;

	guard(mutex)(&regs->lock);
	regs->capid = capid;
	if (!gunyah_boot_has_context(vcpu->vm))
		return 0;
	for_each_set_bit(i, regs->kept, GUNYAH_VCPU_NR_REGS) {
		error = reg_write(regs, i, regs->value[i]);
		if (!error)
			continue;
		pr_err("gunyah: %s: a register cannot be set: %s\n", vcpu->name,
		       gunyah_error_name(error));
		regs->capid = GUNYAH_CAPID_INVALID;
		return reg_errno(error);
	}
	return 0;
}

/* The RM is about to take the vCPU away */
void gunyah_vcpu_regs_detach(struct gunyah_vcpu *vcpu)
{
	guard(mutex)(&vcpu->regs.lock);
	vcpu->regs.capid = GUNYAH_CAPID_INVALID;
}

static int reg_set(struct gunyah_vcpu *vcpu, unsigned int i, u64 value)
{
	enum gunyah_vm_life life = gunyah_vm_life(vcpu->vm);
	struct gunyah_vcpu_regs *regs = &vcpu->regs;

	lockdep_assert_held(&vcpu->vm->mem.lock);

	if (!gunyah_boot_has_context(vcpu->vm))
		return -EOPNOTSUPP;
	guard(mutex)(&regs->lock);
	if (READ_ONCE(vcpu->removed))
		return -ENODEV;
	if (life == GUNYAH_VM_NOT_STARTED) {
		regs->value[i] = value;
		__set_bit(i, regs->kept);
		return 0;
	}
	if (life != GUNYAH_VM_RUNNING || regs->capid == GUNYAH_CAPID_INVALID)
		return -ENODEV;
	return reg_errno(reg_write(regs, i, value));
}

/**
 * gunyah_vcpu_set_reg() - GUNYAH_VCPU_SET_REG
 * @vcpu: the vCPU
 * @reg: from the user
 *
 * Under the VM's memory lock, as the start is: a register is set either before or after it.
 *
 * Returns: 0 or the errors of GUNYAH_VCPU_SET_REG.
 */
long gunyah_vcpu_set_reg(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_reg *reg)
{
	struct gunyah_vm *vm = vcpu->vm;
	int i = gunyah_vcpu_reg_index(reg);
	int err;

	if (i < 0)
		return i;
	if (!(gunyah_rm_caps(vm->rm)->extensions & GUNYAH_EXT_VCPU_REGISTERS))
		return -EOPNOTSUPP;
	err = mutex_lock_interruptible(&vm->mem.lock);
	if (err)
		return err;
	err = reg_set(vcpu, i, reg->value);
	mutex_unlock(&vm->mem.lock);
	return err;
}
