// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns VM_START: everything that it needs is gathered and checked first, without a
 * change to anything; then the steps are made one by one.  Also owns the boot
 * context, as its rules are those of the start.
 *
 * Steps (ABI tables, rm-rpc 6.5):
 *
 *	ALLOCATE        -> LOAD
 *	LEND, SHARE     each parcel
 *	CONFIG_IMAGE    -> INIT
 *	SET_DEMAND_PAGING, SET_ADDRESS_LAYOUT  if the RM knows them
 *	INIT            -> READY
 *	SET_BOOT_CONTEXT each register, if the RM knows it
 *	GET_HYP_RESOURCES
 *	memory that cannot be paged goes to the guest, if the RM pages
 *	START           -> RUNNING
 *
 * An RM that pages on demand gets one parcel, the pages of the device tree, which it
 * reads and writes; the rest follows when the guest touches it (rm-rpc 6.4).  Others get
 * all memory now.
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
#include "vm_trace.h"

/**
 * struct gunyah_boot - a start in progress
 * @vm: the VM
 * @image: the range that holds the device tree
 * @config: for CONFIG_IMAGE, but for the handle
 * @parcel: the parcel that holds the device tree
 * @paged: the rest of the memory comes on demand
 */
struct gunyah_boot {
	struct gunyah_vm *vm;
	struct gunyah_mem_range *image;
	struct gunyah_rm_config_image config;
	struct gunyah_parcel *parcel;
	bool paged;
};

/* The pages that hold the device tree; false if there are no such pages */
static bool boot_dtb_gfns(const struct gunyah_vm *vm, struct gunyah_gfns *gfns)
{
	return !gunyah_gfns_around_bytes(vm->dtb.guest_phys_addr, PAGE_ALIGN(vm->dtb.size),
					 gfns);
}

/* The range that holds the device tree; EINVAL: none announced; ENOENT: no such range */
static int boot_find_image(struct gunyah_vm *vm, struct gunyah_mem_range **image)
{
	struct gunyah_gfns gfns;

	if (!vm->dtb.size)
		return -EINVAL;
	if (!boot_dtb_gfns(vm, &gfns))
		return -ENOENT;
	*image = gunyah_mem_find(&vm->mem, gfns);
	return *image ? 0 : -ENOENT;
}

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
 * device tree's place is not known, only the start can tell.
 */
static int boot_reg_check(struct gunyah_vm *vm, unsigned int i, u64 value)
{
	struct gunyah_mem_range *image;

	if (gunyah_rm_caps(vm->rm)->boot_context)
		return 0;
	if (i >= GUNYAH_BOOT_NR_X + GUNYAH_BOOT_NR_PC)
		return -ENOTTY;
	if (boot_find_image(vm, &image))
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

static int boot_check_context(struct gunyah_vm *vm)
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

static int boot_plan(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	struct gunyah_gfns gfns;

	if (!boot->paged)
		return gunyah_parcels_plan(&vm->mem, boot->image, &vm->parcels);
	if (!boot_dtb_gfns(vm, &gfns))
		return -ENOENT;
	return gunyah_parcels_plan_one(&vm->mem, boot->image, gfns, &vm->parcels);
}

/* With the parcel of a device tree alone there is no image in it: the PC is set */
static void boot_config(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	u64 start = gunyah_gfns_gpa(boot->parcel->gfns);

	boot->config.auth = GUNYAH_RM_AUTH_NONE;
	boot->config.image_offset = boot->paged ? 0 : gunyah_gfns_gpa(boot->image->gfns) - start;
	boot->config.image_size = 0;
	boot->config.dtb_offset = vm->dtb.guest_phys_addr - start;
	boot->config.dtb_size = PAGE_ALIGN(vm->dtb.size);
}

/* Everything that can be wrong with the VM; changes only the list of parcels */
static int boot_gather(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	struct gunyah_gfns gfns;
	int err;

	err = boot_find_image(vm, &boot->image);
	if (err)
		return err;
	/* The guest's first instruction is there; RMs refuse lent images without X */
	if (boot->image->kind == GUNYAH_MEM_LEND && !(boot->image->access & GUNYAH_RM_ACL_X))
		return -EINVAL;
	err = boot_check_context(vm);
	if (err)
		return err;
	err = boot_plan(boot);
	if (err)
		return err;
	/* Who lends the device tree wants the host to be kept out (uapi 4.2) */
	vm->mem.is_protected = boot->image->kind == GUNYAH_MEM_LEND;
	boot->parcel = boot_dtb_gfns(vm, &gfns) ? gunyah_parcels_find(&vm->parcels, gfns) : NULL;
	if (WARN_ON_ONCE(!boot->parcel))
		return -ENOENT;
	boot_config(boot);
	return 0;
}

static int boot_alloc_vmid(struct gunyah_boot *boot)
{
	u16 vmid;
	int err = gunyah_rm_alloc_vmid(boot->vm->rm, &vmid);

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
		gunyah_vm_state_step(boot->vm, GUNYAH_RM_VM_STATE_INIT);
	return err;
}

/* What is left of @gfns in front of @hole, or behind it; nr 0: nothing */
static struct gunyah_gfns gfns_before(struct gunyah_gfns gfns, struct gunyah_gfns hole)
{
	u64 end = min(gunyah_gfns_end(gfns), hole.gfn);

	return (struct gunyah_gfns){ gfns.gfn, end > gfns.gfn ? end - gfns.gfn : 0 };
}

static struct gunyah_gfns gfns_behind(struct gunyah_gfns gfns, struct gunyah_gfns hole)
{
	u64 first = max(gfns.gfn, gunyah_gfns_end(hole)), end = gunyah_gfns_end(gfns);

	return (struct gunyah_gfns){ first, end > first ? end - first : 0 };
}

/* Adds @gfns to a list of @n ranges, to the last one if it continues that */
static u32 paging_add(struct gunyah_rm_range *list, u32 n, struct gunyah_gfns gfns)
{
	if (!gfns.nr)
		return n;
	if (n && list[n - 1].gpa + list[n - 1].size == gunyah_gfns_gpa(gfns)) {
		list[n - 1].size += gunyah_gfns_size(gfns);
		return n;
	}
	list[n].gpa = gunyah_gfns_gpa(gfns);
	list[n].size = gunyah_gfns_size(gfns);
	return n + 1;
}

/* All memory but the parcel, which the RM would refuse (rm-rpc 4.5) */
static u32 paging_list(struct gunyah_boot *boot, struct gunyah_rm_range *list)
{
	struct gunyah_gfns hole = boot->parcel->gfns;
	struct gunyah_mem_range *range;
	u32 n = 0;

	list_for_each_entry(range, &boot->vm->mem.ranges, node) {
		n = paging_add(list, n, gfns_before(range->gfns, hole));
		n = paging_add(list, n, gfns_behind(range->gfns, hole));
	}
	return n;
}

static int boot_demand_paging(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	struct gunyah_rm_range *list;
	size_t room = list_count_nodes(&vm->mem.ranges) + 1;
	int err = 0;
	u32 n;

	if (!boot->paged)
		return 0;
	list = kvcalloc(room, sizeof(*list), GFP_KERNEL | __GFP_NOWARN);
	if (!list)
		return -ENOMEM;
	n = paging_list(boot, list);
	if (n)
		err = gunyah_rm_vm_set_demand_paging(vm->rm, vm->vmid, list, n);
	kvfree(list);
	return err;
}

static int boot_address_layout(struct gunyah_boot *boot)
{
	struct gunyah_gfns gfns = boot->parcel->gfns;

	if (!boot->paged)
		return 0;
	return gunyah_rm_vm_set_address_layout(boot->vm->rm, boot->vm->vmid,
					       GUNYAH_RM_LAYOUT_IMAGE, gunyah_gfns_gpa(gfns),
					       gunyah_gfns_size(gfns));
}

static int boot_init(struct gunyah_boot *boot)
{
	int err = gunyah_rm_vm_init(boot->vm->rm, boot->vm->vmid);

	if (!err)
		gunyah_vm_state_step(boot->vm, GUNYAH_RM_VM_STATE_READY);
	return err;
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

static int boot_send_context(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	struct gunyah_boot_context ctx = vm->boot;
	u8 set, index;
	unsigned int i;
	int err;

	if (!gunyah_rm_caps(vm->rm)->boot_context)
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
		if (!err && range->resident)
			err = gunyah_mem_push(mem, range);
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
	{ "checking the configuration", boot_gather },
	{ "ALLOCATE", boot_alloc_vmid },
	{ "handing over memory", boot_hand_over },
	{ "CONFIG_IMAGE", boot_configure },
	{ "SET_DEMAND_PAGING", boot_demand_paging },
	{ "SET_ADDRESS_LAYOUT", boot_address_layout },
	{ "INIT", boot_init },
	{ "SET_BOOT_CONTEXT", boot_send_context },
	{ "GET_HYP_RESOURCES", boot_resources },
	{ "giving resident memory", boot_push },
	{ "START", boot_start },
};

static int boot_run(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(boot_steps); i++) {
		err = fatal_signal_pending(current) ? -EINTR : boot_steps[i].run(boot);
		trace_gunyah_vm_step(vm->vmid, boot_steps[i].name, err);
		if (err)
			dev_err_ratelimited(gunyah_rm_device(vm->rm),
					    "VM of %s: start failed: %s: %pe\n",
					    current->comm, boot_steps[i].name, ERR_PTR(err));
	}
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
