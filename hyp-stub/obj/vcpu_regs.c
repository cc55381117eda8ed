// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Registers of a vCPU that is off, and switching it on.  Two ways lead to the same
 * store: the RM's boot context before START, and vcpu_register_write (hypercall 8).
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "obj/vm.h"
#include <linux/gunyah/abi/hypercall.h>

bool vcpu_is_off(const struct vcpu *vcpu)
{
	return vcpu->power == VCPU_OFF && !vcpu->running;
}

/* NULL: no such register, or no value for it */
static struct vcpu_preset *find_preset(struct vcpu *vcpu, u64 set, u64 index, u64 value)
{
	if (set == GUNYAH_REGSET_X && index < ARRAY_SIZE(vcpu->preset_x))
		return &vcpu->preset_x[index];
	if (set == GUNYAH_REGSET_PC && !index && IS_ALIGNED(value, 4))
		return &vcpu->preset_pc;
	if (set == GUNYAH_REGSET_SP && index < ARRAY_SIZE(vcpu->preset_sp) &&
	    IS_ALIGNED(value, 16))
		return &vcpu->preset_sp[index];
	return NULL;
}

int vcpu_preset_reg(struct vcpu *vcpu, u64 set, u64 index, u64 value)
{
	struct vcpu_preset *preset = find_preset(vcpu, set, index, value);

	assert_locked();
	if (!preset)
		return GUNYAH_ERR_ARGUMENT_INVALID;
	if (vcpu->vm->dead || vcpu->power == VCPU_HALTED || vcpu->power == VCPU_EXITED)
		return GUNYAH_ERR_OBJECT_STATE;
	if (!vcpu_is_off(vcpu))
		return GUNYAH_ERR_BUSY;
	*preset = (struct vcpu_preset){ .value = value, .set = true };
	return GUNYAH_ERR_OK;
}

static void apply_presets(struct vcpu *vcpu)
{
	unsigned int i;

	if (vcpu->preset_pc.set)
		vcpu->regs.pc = vcpu->preset_pc.value;
	for (i = 0; i < ARRAY_SIZE(vcpu->preset_x); i++)
		if (vcpu->preset_x[i].set)
			vcpu->regs.x[i] = vcpu->preset_x[i].value;
	for (i = 0; i < ARRAY_SIZE(vcpu->preset_sp); i++)
		if (vcpu->preset_sp[i].set)
			arch_vcpu_set_sp(vcpu, i, vcpu->preset_sp[i].value);
}

static void forget_presets(struct vcpu *vcpu)
{
	vcpu->preset_pc.set = false;
	memset(vcpu->preset_x, 0, sizeof(vcpu->preset_x));
	memset(vcpu->preset_sp, 0, sizeof(vcpu->preset_sp));
}

void vcpu_switch_on(struct vcpu *vcpu, u64 entry, u64 context)
{
	assert_locked();
	arch_vcpu_init(vcpu, entry, context);
	apply_presets(vcpu);
	forget_presets(vcpu);
	vcpu_wake(vcpu);
}

void vcpu_cpu_on(struct vcpu *vcpu, u64 entry, u64 context)
{
	vcpu->preset_pc.set = false;
	vcpu->preset_x[0].set = false;
	vgic_reset_cpu(&vcpu->vm->vgic, vcpu->index);
	vcpu_switch_on(vcpu, entry, context);
}
