// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the boot context: which registers there are, what they are without one, and
 * which values an RM that knows none can establish all the same.
 */
#include <linux/mutex.h>

#include <linux/gunyah/abi/hypercall.h>

#include "rm.h"
#include "vm.h"
#include "vm_boot.h"

/* Place of a register in struct gunyah_boot_context; EINVAL if there is none */
static int boot_reg_index(u32 reg)
{
	static const struct {
		u8 first;
		u8 nr;
	} sets[] = {
		[GUNYAH_REGSET_X] = { 0, GUNYAH_BOOT_NR_X },
		[GUNYAH_REGSET_PC] = { GUNYAH_BOOT_NR_X, GUNYAH_BOOT_NR_PC },
		[GUNYAH_REGSET_SP] = { GUNYAH_BOOT_NR_X + GUNYAH_BOOT_NR_PC, GUNYAH_BOOT_NR_SP },
	};
	u32 set = reg >> GUNYAH_VM_BOOT_CONTEXT_REG_SHIFT;
	u32 index = reg & (BIT(GUNYAH_VM_BOOT_CONTEXT_REG_SHIFT) - 1);

	if (set >= ARRAY_SIZE(sets) || index >= sets[set].nr)
		return -EINVAL;
	return sets[set].first + index;
}

static void boot_reg_name(unsigned int i, u8 *set, u8 *index)
{
	if (i < GUNYAH_BOOT_NR_X) {
		*set = GUNYAH_REGSET_X;
		*index = i;
	} else if (i < GUNYAH_BOOT_NR_X + GUNYAH_BOOT_NR_PC) {
		*set = GUNYAH_REGSET_PC;
		*index = i - GUNYAH_BOOT_NR_X;
	} else {
		*set = GUNYAH_REGSET_SP;
		*index = i - GUNYAH_BOOT_NR_X - GUNYAH_BOOT_NR_PC;
	}
}

/*
 * What a register has if nobody sets it: the guest starts at the image offset that
 * we give, which is the beginning of @image, with the device tree in X0, the other X
 * registers are 0 (ABI tables, rm-rpc 6.3).  Nothing is known about SP.
 */
static bool boot_reg_is_default(const struct gunyah_vm *vm,
				const struct gunyah_mem_range *image,
				unsigned int i, u64 value)
{
	u8 set, index;

	boot_reg_name(i, &set, &index);
	switch (set) {
	case GUNYAH_REGSET_X:
		return value == (index ? 0 : vm->dtb.guest_phys_addr);
	case GUNYAH_REGSET_PC:
		return value == gunyah_gfns_gpa(image->gfns);
	default:
		return false;
	}
}

/*
 * An RM that knows no boot context starts the guest its own way.  As long as the
 * device tree's place is not known, only the start can tell.  Where firmware or an
 * authenticated image decides, a boot context has no effect, whatever it says.
 */
static int boot_reg_check(struct gunyah_vm *vm, unsigned int i, u64 value)
{
	struct gunyah_mem_range *image;

	if (gunyah_rm_caps(vm->rm)->boot_context || !gunyah_boot_has_context(vm))
		return 0;
	if (i >= GUNYAH_BOOT_NR_X + GUNYAH_BOOT_NR_PC)
		return -ENOTTY;
	if (gunyah_boot_find_image(vm, &image))
		return 0;
	return boot_reg_is_default(vm, image, i, value) ? 0 : -ENOTTY;
}

static int boot_context_set(struct gunyah_vm *vm, unsigned int i, u64 value)
{
	int err;

	if (vm->start_failed || gunyah_vm_state(vm) != GUNYAH_RM_VM_STATE_NONE)
		return -EINVAL;
	err = boot_reg_check(vm, i, value);
	if (err)
		return err;
	vm->boot.value[i] = value;
	__set_bit(i, vm->boot.valid);
	return 0;
}

/**
 * gunyah_vm_set_boot_context() - a register of the boot vCPU
 * @vm: the VM
 * @ctx: from the user; its reserved word is not looked at
 *
 * Returns: 0 or the errors of GUNYAH_VM_SET_BOOT_CONTEXT.
 */
int gunyah_vm_set_boot_context(struct gunyah_vm *vm, const struct gunyah_vm_boot_context *ctx)
{
	int i = boot_reg_index(ctx->reg);
	int err;

	if (i < 0)
		return i;
	err = mutex_lock_interruptible(&vm->mem.lock);
	if (err)
		return err;
	err = boot_context_set(vm, i, ctx->value);
	mutex_unlock(&vm->mem.lock);
	return err;
}

/* Whether the RM can do what the user said; ENOTTY if not */
int gunyah_boot_check_context(struct gunyah_vm *vm)
{
	unsigned int i;
	int err;

	for_each_set_bit(i, vm->boot.valid, GUNYAH_BOOT_NR_REGS) {
		err = boot_reg_check(vm, i, vm->boot.value[i]);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Where the image is not part of the parcel, the RM does not know the entry: it is, as
 * elsewhere, the beginning of the range with the device tree.
 */
static void boot_default_context(struct gunyah_boot *boot, struct gunyah_boot_context *ctx)
{
	unsigned int pc = GUNYAH_BOOT_NR_X;

	if (!boot->paged)
		return;
	if (!__test_and_set_bit(pc, ctx->valid))
		ctx->value[pc] = gunyah_gfns_gpa(boot->image->gfns);
	if (!__test_and_set_bit(0, ctx->valid))
		ctx->value[0] = boot->vm->dtb.guest_phys_addr;
}

/* SET_BOOT_CONTEXT for each register, unless something else than the user decides */
int gunyah_boot_send_context(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	struct gunyah_boot_context ctx = vm->boot;
	u8 set, index;
	unsigned int i;
	int err;

	if (!gunyah_rm_caps(vm->rm)->boot_context || !gunyah_boot_has_context(vm))
		return 0;
	boot_default_context(boot, &ctx);
	for_each_set_bit(i, ctx.valid, GUNYAH_BOOT_NR_REGS) {
		boot_reg_name(i, &set, &index);
		err = gunyah_rm_vm_set_boot_context(vm->rm, vm->vmid, set, index, ctx.value[i]);
		if (err)
			return err;
	}
	return 0;
}
