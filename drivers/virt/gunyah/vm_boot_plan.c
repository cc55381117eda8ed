// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns what a start needs to know before the RM hears of it: where the device tree, a
 * signed image and the firmware are, which memory becomes a parcel, what CONFIG_IMAGE
 * says.  Changes nothing but the list of parcels.
 *
 * An RM that pages on demand gets as parcels what it reads or writes itself: the pages
 * of the device tree, together with a signed image if there is one, and the place for
 * the firmware.  Others get all memory.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "parcel.h"
#include "rm.h"
#include "vm.h"
#include "vm_boot.h"

static int boot_wrong(struct gunyah_boot *boot, int err, const char *why)
{
	boot->why = why;
	return err;
}

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

static int boot_check_dtb(struct gunyah_boot *boot)
{
	int err = gunyah_boot_find_image(boot->vm, &boot->image);

	if (err == -EINVAL)
		return boot_wrong(boot, err, "no device tree was announced");
	if (err)
		return boot_wrong(boot, err, "the device tree is not inside one region of memory");
	/* The guest's first instruction is there; RMs refuse lent images without X */
	if (boot->image->kind == GUNYAH_MEM_LEND && !(boot->image->access & GUNYAH_RM_ACL_X))
		return boot_wrong(boot, -EINVAL,
				  "the device tree's memory is lent, but not executable");
	return 0;
}

/* The smallest run that holds both */
static struct gunyah_gfns gfns_hull(struct gunyah_gfns a, struct gunyah_gfns b)
{
	u64 gfn = min(a.gfn, b.gfn);

	return (struct gunyah_gfns){ gfn, max(gunyah_gfns_end(a), gunyah_gfns_end(b)) - gfn };
}

/* What has to be in one parcel: the device tree and, if there is one, the signed image */
static struct gunyah_gfns boot_image_gfns(const struct gunyah_boot *boot)
{
	const struct gunyah_auth_plan *auth = &boot->auth;
	struct gunyah_gfns dtb = {}, image;

	boot_dtb_gfns(boot->vm, &dtb);
	if (!auth->image_size ||
	    gunyah_gfns_around_bytes(auth->image_gpa, auth->image_size, &image))
		return dtb;
	return gfns_hull(dtb, image);
}

static int boot_check_auth(struct gunyah_boot *boot)
{
	gunyah_boot_auth(boot->vm, &boot->auth);
	if (!gunyah_gfns_contain(boot->image->gfns, boot_image_gfns(boot)))
		return boot_wrong(boot, -EINVAL,
				  "the signed image is not in the device tree's region");
	return 0;
}

/* As SET_FW_CONFIG has checked it */
static struct gunyah_gfns boot_firmware_gfns(const struct gunyah_vm *vm)
{
	return (struct gunyah_gfns){
		.gfn = vm->firmware.guest_phys_addr >> PAGE_SHIFT,
		.nr = vm->firmware.size >> PAGE_SHIFT,
	};
}

static int boot_check_firmware(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;

	if (!vm->firmware.size)
		return 0;
	boot->firmware = gunyah_mem_find(&vm->mem, boot_firmware_gfns(vm));
	if (!boot->firmware)
		return boot_wrong(boot, -EINVAL,
				  "the firmware is not inside one region of memory");
	if (gunyah_gfns_overlap(boot_firmware_gfns(vm), boot_image_gfns(boot)))
		return boot_wrong(boot, -EINVAL,
				  "the firmware is where the device tree or image is");
	return 0;
}

static int boot_check_context(struct gunyah_boot *boot)
{
	int err = gunyah_boot_check_context(boot->vm);

	if (err)
		boot->why = "this Resource Manager cannot set the boot context";
	return err;
}

static int boot_plan_parcels(struct gunyah_boot *boot)
{
	struct gunyah_mem_range *apart = boot->firmware == boot->image ? NULL : boot->firmware;
	struct gunyah_vm *vm = boot->vm;
	int err;

	if (!boot->paged)
		return gunyah_parcels_plan(&vm->mem, boot->image, apart, &vm->parcels);
	err = gunyah_parcels_plan_one(&vm->mem, boot->image, boot_image_gfns(boot), &vm->parcels);
	if (err || !boot->firmware)
		return err;
	return gunyah_parcels_plan_one(&vm->mem, boot->firmware, boot_firmware_gfns(vm),
				       &vm->parcels);
}

static int boot_find_parcels(struct gunyah_boot *boot)
{
	struct gunyah_vm *vm = boot->vm;

	boot->parcel = gunyah_parcels_find(&vm->parcels, boot_image_gfns(boot));
	if (WARN_ON_ONCE(!boot->parcel))
		return -ENOENT;
	if (!boot->firmware)
		return 0;
	boot->firmware_parcel = gunyah_parcels_find(&vm->parcels, boot_firmware_gfns(vm));
	return WARN_ON_ONCE(!boot->firmware_parcel) ? -ENOENT : 0;
}

/*
 * A signed image begins with its metadata, which is all of it that is named.  Without one
 * the guest starts at the beginning of its region; with a parcel of the device tree alone
 * there is no image in it, and the PC is set.
 */
static int boot_plan_config(struct gunyah_boot *boot)
{
	struct gunyah_rm_config_image *config = &boot->config;
	u64 start = gunyah_gfns_gpa(boot->parcel->gfns);
	struct gunyah_vm *vm = boot->vm;

	config->auth = boot->auth.rm_auth;
	config->image_size = boot->auth.metadata_size;
	if (boot->auth.image_size)
		config->image_offset = boot->auth.image_gpa - start;
	else if (!boot->paged)
		config->image_offset = gunyah_gfns_gpa(boot->image->gfns) - start;
	config->dtb_offset = vm->dtb.guest_phys_addr - start;
	config->dtb_size = PAGE_ALIGN(vm->dtb.size);
	/* Who lends the device tree wants the host to be kept out (uapi 4.2) */
	vm->mem.is_protected = boot->image->kind == GUNYAH_MEM_LEND;
	return 0;
}

/* Each one may use what those before it have found */
static int (* const boot_checks[])(struct gunyah_boot *boot) = {
	boot_check_dtb,
	boot_check_auth,
	boot_check_firmware,
	boot_check_context,
	boot_plan_parcels,
	boot_find_parcels,
	boot_plan_config,
};

/**
 * gunyah_boot_gather() - everything that can be wrong with a VM, and what to send
 * @boot: with its VM
 *
 * Returns: 0 or the errors of GUNYAH_VM_START that leave the VM as it was.
 */
int gunyah_boot_gather(struct gunyah_boot *boot)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(boot_checks); i++)
		err = boot_checks[i](boot);
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

/* What of a range is in no parcel; parcels are in the order of guest addresses */
static u32 paging_add_range(struct gunyah_boot *boot, struct gunyah_rm_range *list, u32 n,
			    struct gunyah_gfns rest)
{
	struct gunyah_parcel *parcel;

	list_for_each_entry(parcel, &boot->vm->parcels, node) {
		n = paging_add(list, n, gfns_before(rest, parcel->gfns));
		rest = gfns_behind(rest, parcel->gfns);
		if (!rest.nr)
			break;
	}
	return paging_add(list, n, rest);
}

/* Each parcel can cut one range in two */
u32 gunyah_boot_paging_room(struct gunyah_boot *boot)
{
	return list_count_nodes(&boot->vm->mem.ranges) +
	       list_count_nodes(&boot->vm->parcels);
}

/* All memory but the parcels, which the RM would refuse (rm-rpc 4.5) */
u32 gunyah_boot_paging_list(struct gunyah_boot *boot, struct gunyah_rm_range *list)
{
	struct gunyah_mem_range *range;
	u32 n = 0;

	list_for_each_entry(range, &boot->vm->mem.ranges, node)
		n = paging_add_range(boot, list, n, range->gfns);
	return n;
}
