// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns VM_START: everything that it needs is gathered and checked first, without a
 * change to anything (vm_boot_plan.c); then the steps are made one by one.
 *
 * Steps (ABI tables, rm-rpc 6.5):
 *
 *	ALLOCATE        -> LOAD
 *	LEND, SHARE     each parcel
 *	CONFIG_IMAGE    -> INIT, or AUTH if the platform authenticates the image
 *	AUTH_IMAGE      -> INIT, then
 *	SET_FIRMWARE_MEM if there is a place for firmware
 *	SET_DEMAND_PAGING, SET_ADDRESS_LAYOUT  if the RM knows them
 *	INIT            -> READY
 *	GET_HYP_RESOURCES, with it registers that are set by GUNYAH_VCPU_SET_REG
 *	SET_BOOT_CONTEXT each register, if the RM knows it and nothing is authenticated
 *	memory that cannot be paged goes to the guest, if the RM pages
 *	START           -> RUNNING
 *
 * What of the memory is a parcel says vm_boot_plan.c; where the RM pages on demand, the
 * rest follows when the guest touches it (rm-rpc 6.4).
 *
 * If the first one fails the VM is as before.  If a later one does, the VM is taken
 * down as far as the RM is concerned, and cannot be started any more.
 */
#include <linux/lockdep.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <linux/gunyah/abi/hypercall.h>

#include "compat.h"
#include "rm.h"
#include "vm.h"
#include "vm_boot.h"
#include "vm_trace.h"

static int boot_alloc_vmid(struct gunyah_boot *boot)
{
	u16 vmid = boot->auth.vmid;
	int err;

	if (vmid)
		err = gunyah_rm_alloc_fixed_vmid(boot->vm->rm, vmid);
	else
		err = gunyah_rm_alloc_vmid(boot->vm->rm, &vmid);
	if (!err)
		gunyah_vm_set_vmid(boot->vm, vmid);
	return err;
}

static int boot_hand_over(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	struct gunyah_parcel *parcel;
	int err;

	list_for_each_entry(parcel, &vm->parcels, node) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = gunyah_parcel_hand_over(parcel, vm->rm, vm->vmid);
		if (err)
			return err;
	}
	return 0;
}

static int boot_configure(struct gunyah_boot *boot)
{
	int err;

	boot->config.handle = boot->parcel->handle;
	err = gunyah_rm_vm_configure(boot->vm->rm, boot->vm->vmid, &boot->config);
	if (!err)
		gunyah_vm_state_step(boot->vm, boot->config.auth == GUNYAH_RM_AUTH_PLATFORM ?
				     GUNYAH_RM_VM_STATE_AUTH : GUNYAH_RM_VM_STATE_INIT);
	return err;
}

static int boot_authenticate(struct gunyah_boot *boot)
{
	int err;

	if (!boot->auth.nr_params)
		return 0;
	err = gunyah_rm_vm_authenticate(boot->vm->rm, boot->vm->vmid, boot->auth.params,
					boot->auth.nr_params);
	if (!err)
		gunyah_vm_state_step(boot->vm, GUNYAH_RM_VM_STATE_INIT);
	return err;
}

static int boot_firmware_mem(struct gunyah_boot *boot)
{
	const struct gunyah_parcel *parcel = boot->firmware_parcel;
	struct gunyah_vm *vm = boot->vm;

	if (!parcel)
		return 0;
	return gunyah_rm_vm_set_firmware_mem(vm->rm, vm->vmid, parcel->handle,
					     vm->firmware.guest_phys_addr -
					     gunyah_gfns_gpa(parcel->gfns), vm->firmware.size);
}

static int boot_demand_paging(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	struct gunyah_rm_range *list;
	int err = 0;
	u32 n;

	if (!boot->paged)
		return 0;
	list = kvcalloc(gunyah_boot_paging_room(boot), sizeof(*list), GFP_KERNEL | __GFP_NOWARN);
	if (!list)
		return -ENOMEM;
	n = gunyah_boot_paging_list(boot, list);
	if (n)
		err = gunyah_rm_vm_set_demand_paging(vm->rm, vm->vmid, list, n);
	kvfree(list);
	return err;
}

static int boot_layout_of(struct gunyah_boot *boot, u32 range_id,
			  const struct gunyah_parcel *parcel)
{
	return gunyah_rm_vm_set_address_layout(boot->vm->rm, boot->vm->vmid, range_id,
					       gunyah_gfns_gpa(parcel->gfns),
					       gunyah_gfns_size(parcel->gfns));
}

static int boot_address_layout(struct gunyah_boot *boot)
{
	int err;

	if (!boot->paged)
		return 0;
	err = boot_layout_of(boot, GUNYAH_RM_LAYOUT_IMAGE, boot->parcel);
	if (err || !boot->firmware_parcel)
		return err;
	return boot_layout_of(boot, GUNYAH_RM_LAYOUT_FIRMWARE, boot->firmware_parcel);
}

static int boot_init(struct gunyah_boot *boot)
{
	int err = gunyah_rm_vm_init(boot->vm->rm, boot->vm->vmid);

	if (!err)
		gunyah_vm_state_step(boot->vm, GUNYAH_RM_VM_STATE_READY);
	return err;
}

/* Capabilities of the four extents and the address space; false: one is missing */
static bool boot_find_extents(struct gunyah_resources *rs, struct gunyah_extents *ext)
{
	const struct gunyah_resource *res;
	unsigned int i;

	res = gunyah_resource_find(rs, GUNYAH_RESOURCE_ADDR_SPACE, GUNYAH_ADDR_SPACE_LABEL);
	if (!res)
		return false;
	ext->addrspace = res->capid;
	for (i = 0; i < ARRAY_SIZE(ext->extent); i++) {
		res = gunyah_resource_find(rs, GUNYAH_RESOURCE_MEM_EXTENT, i);
		if (!res)
			return false;
		ext->extent[i] = res->capid;
	}
	return true;
}

/* Faults would only be able to say ENODEV: better now than later */
static int boot_extents(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	struct gunyah_mem *mem = &vm->mem;

	mutex_lock(&mem->pages_lock);
	if (!boot_find_extents(&vm->resources, &mem->extents)) {
		mutex_unlock(&mem->pages_lock);
		return -ENODEV;
	}
	mem->extents.ops = &gunyah_extent_hvc_ops;
	WRITE_ONCE(mem->extents.ready, true);
	mutex_unlock(&mem->pages_lock);
	return 0;
}

static int boot_resources(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	int err = gunyah_resources_fetch(&vm->resources, vm->rm, vm->vmid);

	return err || !boot->paged ? err : boot_extents(boot);
}

/* Ranges whose backings cannot page: the guest has all of them from the start */
static int boot_push(struct gunyah_boot *boot)
{
	struct gunyah_mem *mem = &boot->vm->mem;
	struct gunyah_mem_range *range;
	int err = 0;

	if (!boot->paged)
		return 0;
	list_for_each_entry(range, &mem->ranges, node) {
		if (!range->ops->supply && !range->resident)
			err = gunyah_range_populate(range);
		if (!err && range->resident) {
			err = gunyah_mem_push(mem, range);
			boot->hyp_error = err ? gunyah_mem_refusal(mem) : 0;
		}
		if (err)
			return err;
	}
	return 0;
}

static int boot_start(struct gunyah_boot *boot)
{
	int err = gunyah_rm_vm_start(boot->vm->rm, boot->vm->vmid);

	if (!err)
		gunyah_vm_state_step(boot->vm, GUNYAH_RM_VM_STATE_RUNNING);
	return err;
}

static const struct {
	const char *name;
	int (*run)(struct gunyah_boot *boot);
} boot_steps[] = {
	{ "checking the configuration", gunyah_boot_gather },
	{ "ALLOCATE", boot_alloc_vmid },
	{ "handing over memory", boot_hand_over },
	{ "CONFIG_IMAGE", boot_configure },
	{ "AUTH_IMAGE", boot_authenticate },
	{ "SET_FIRMWARE_MEM", boot_firmware_mem },
	{ "SET_DEMAND_PAGING", boot_demand_paging },
	{ "SET_ADDRESS_LAYOUT", boot_address_layout },
	{ "INIT", boot_init },
	{ "GET_HYP_RESOURCES", boot_resources },
	{ "SET_BOOT_CONTEXT", gunyah_boot_send_context },
	{ "giving resident memory", boot_push },
	{ "START", boot_start },
};

static int boot_run(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	unsigned int i;
	int err = 0;

	gunyah_rm_witness_begin(vm->rm, &boot->witness);
	for (i = 0; !err && i < ARRAY_SIZE(boot_steps); i++) {
		gunyah_rm_witness_forget(&boot->witness);
		err = fatal_signal_pending(current) ? -EINTR : boot_steps[i].run(boot);
		trace_gunyah_vm_step(vm->vmid, boot_steps[i].name, err);
		if (err)
			gunyah_boot_say(boot, boot_steps[i].name, err);
	}
	gunyah_rm_witness_end(vm->rm, &boot->witness);
	return err;
}

/* Nothing of a failed start may stay behind, in the RM or here */
static void boot_undo(struct gunyah_vm *vm)
{
	if (vm->vmid == GUNYAH_VMID_INVALID) {
		gunyah_parcels_free(&vm->parcels);
		return;
	}
	gunyah_vm_set_start_failed(vm);
	gunyah_vm_rm_teardown(vm);
}

static int vm_start_locked(struct gunyah_vm *vm)
{
	struct gunyah_boot boot = {
		.vm = vm,
		.paged = gunyah_rm_caps(vm->rm)->demand_paging,
	};
	int err;

	lockdep_assert_held(&vm->fn_lock);
	lockdep_assert_held(&vm->mem.lock);

	if (vm->start_failed)
		return -ENODEV;
	if (gunyah_vm_life(vm) == GUNYAH_VM_RUNNING)
		return 0;
	if (gunyah_vm_state(vm) != GUNYAH_RM_VM_STATE_NONE)
		return -ENODEV;

	err = boot_run(&boot);
	if (err)
		boot_undo(vm);
	return err;
}

/**
 * gunyah_vm_start() - VM_START
 * @vm: the VM
 *
 * Holds both locks of the VM for all of it: nothing changes while the RM looks at it.
 *
 * Returns: 0 or the errors of GUNYAH_VM_START.
 */
int gunyah_vm_start(struct gunyah_vm *vm)
{
	int err;

	err = mutex_lock_interruptible(&vm->fn_lock);
	if (err)
		return err;
	err = mutex_lock_interruptible(&vm->mem.lock);
	if (!err) {
		err = vm_start_locked(vm);
		mutex_unlock(&vm->mem.lock);
	}
	mutex_unlock(&vm->fn_lock);
	return err;
}
