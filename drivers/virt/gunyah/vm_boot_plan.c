// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns what a start needs to know before the RM hears of it: where the device tree is,
 * which memory becomes a parcel, what CONFIG_IMAGE says.  Changes nothing but the list
 * of parcels.
 */
#include "parcel.h"
#include "rm.h"
#include "vm.h"
#include "vm_boot.h"

/* The pages that hold the device tree; false if there are no such pages */
static bool boot_dtb_gfns(const struct gunyah_vm *vm, struct gunyah_gfns *gfns)
{
	return !gunyah_gfns_around_bytes(vm->dtb.guest_phys_addr, PAGE_ALIGN(vm->dtb.size),
					 gfns);
}

/* The range that holds the device tree; EINVAL: none announced; ENOENT: no such range */
int gunyah_boot_find_image(struct gunyah_vm *vm, struct gunyah_mem_range **image)
{
	struct gunyah_gfns gfns;

	if (!vm->dtb.size)
		return -EINVAL;
	if (!boot_dtb_gfns(vm, &gfns))
		return -ENOENT;
	*image = gunyah_mem_find(&vm->mem, gfns);
	return *image ? 0 : -ENOENT;
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
int gunyah_boot_gather(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;
	struct gunyah_gfns gfns;
	int err;

	err = gunyah_boot_find_image(vm, &boot->image);
	if (err)
		return err;
	/* The guest's first instruction is there; RMs refuse lent images without X */
	if (boot->image->kind == GUNYAH_MEM_LEND && !(boot->image->access & GUNYAH_RM_ACL_X))
		return -EINVAL;
	err = gunyah_boot_check_context(vm);
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
u32 gunyah_boot_paging_list(struct gunyah_boot *boot, struct gunyah_rm_range *list)
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
