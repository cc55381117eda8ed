// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns who vouches for a VM: the settings SET_FW_CONFIG and SET_AUTH_TYPE, and what
 * comes of both of them.
 */
#include <linux/mutex.h>

#include <linux/gunyah/abi/rm.h>

#include "auth.h"
#include "vm.h"
#include "vm_boot.h"

/* How the VM is going to be authenticated: the firmware decides if nobody else does */
void gunyah_boot_auth(const struct gunyah_vm *vm, struct gunyah_auth_plan *plan)
{
	*plan = vm->auth;
	if (!vm->has_auth && vm->firmware.size)
		plan->rm_auth = GUNYAH_RM_AUTH_ANDROID_PVM;
}

/* Whether the user decides where the guest starts, not its firmware (ABI tables, uapi 4.4) */
bool gunyah_boot_has_context(const struct gunyah_vm *vm)
{
	struct gunyah_auth_plan plan;

	gunyah_boot_auth(vm, &plan);
	return plan.rm_auth == GUNYAH_RM_AUTH_NONE;
}

/* For settings: locks the VM's memory if it has not been started; EINVAL otherwise */
static int vm_lock_settings(struct gunyah_vm *vm)
{
	int err = mutex_lock_interruptible(&vm->mem.lock);

	if (err)
		return err;
	if (!vm->start_failed && gunyah_vm_state(vm) == GUNYAH_RM_VM_STATE_NONE)
		return 0;
	mutex_unlock(&vm->mem.lock);
	return -EINVAL;
}

/**
 * gunyah_vm_set_firmware() - where a protected VM's firmware goes
 * @vm: the VM
 * @cfg: from the user; size 0: nowhere
 *
 * Returns: 0 or the errors of GUNYAH_VM_ANDROID_SET_FW_CONFIG.
 */
int gunyah_vm_set_firmware(struct gunyah_vm *vm, const struct gunyah_vm_firmware_config *cfg)
{
	struct gunyah_gfns gfns;
	int err = 0;

	if (cfg->size)
		err = gunyah_gfns_from_bytes(cfg->guest_phys_addr, cfg->size, &gfns);
	if (!err)
		err = vm_lock_settings(vm);
	if (err)
		return err;
	vm->firmware = *cfg;
	mutex_unlock(&vm->mem.lock);
	return 0;
}

/* What a manager says is checked like what a user says: it repeats the user's words */
static int auth_plan_check(const struct gunyah_auth_plan *plan)
{
	struct gunyah_gfns gfns;

	if (plan->nr_params > ARRAY_SIZE(plan->params))
		return -EINVAL;
	if (!plan->image_size)
		return plan->metadata_size ? -EINVAL : 0;
	if (!PAGE_ALIGNED(plan->image_gpa) || plan->metadata_size > plan->image_size)
		return -EINVAL;
	return gunyah_gfns_around_bytes(plan->image_gpa, plan->image_size, &gfns);
}

/**
 * gunyah_vm_set_auth() - who authenticates a VM
 * @vm: the VM
 * @type: enum gunyah_auth_type
 * @arg: its argument, a kernel copy
 * @size: bytes of it
 *
 * Context: no locks; may load a module.
 *
 * Returns: 0 or the errors of GUNYAH_VM_ANDROID_SET_AUTH_TYPE.
 */
int gunyah_vm_set_auth(struct gunyah_vm *vm, u32 type, const void *arg, size_t size)
{
	struct gunyah_auth_plan plan = {};
	int err;

	err = gunyah_auth_make_plan(type, arg, size, &plan);
	if (!err)
		err = auth_plan_check(&plan);
	if (!err)
		err = vm_lock_settings(vm);
	if (err)
		return err;
	vm->auth = plan;
	vm->has_auth = true;
	mutex_unlock(&vm->mem.lock);
	return 0;
}
