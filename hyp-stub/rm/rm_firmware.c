// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Firmware of Android protected VMs: SET_FIRMWARE_MEM, what INIT finds out about its
 * place, how START puts it into the guest (ABI tables, rm-rpc 4.10, 6.3).
 *
 * Only the production profile has one, as if the machine's boot loader had given it to
 * the RM before it locked the door (FW_SET_VM_FIRMWARE, FW_MILESTONE): an assumption of
 * this stub.  The host then only says where the guest has room for it.
 */
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_priv.h"

static bool inside(u64 off, u64 size, u64 total)
{
	return off <= total && size <= total - off;
}

static bool overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* --- SET_FIRMWARE_MEM --- */

/* VM, state and kind, in the order that was recorded of the open RM */
static u32 find_vm(u16 vmid, struct rm_vm **rvm)
{
	*rvm = rm_vm_find(vmid);
	if (vmid == GUNYAH_VMID_HLOS)
		return GUNYAH_RM_ERR_VM_STATE;
	if (vmid == GUNYAH_VMID_RM)
		return GUNYAH_RM_ERR_DENIED;
	if (!*rvm)
		return GUNYAH_RM_ERR_NORESOURCE;
	if ((*rvm)->state != GUNYAH_RM_VM_STATE_INIT)
		return GUNYAH_RM_ERR_VM_STATE;
	return (*rvm)->auth == GUNYAH_RM_AUTH_ANDROID_PVM ? GUNYAH_RM_ERR_OK :
							    GUNYAH_RM_ERR_ARGUMENT_INVALID;
}

/* In the image's parcel it must not take the place of what is there */
static bool hits_content(const struct rm_vm *rvm, const struct gunyah_rm_firmware_mem_req *in)
{
	return in->mem_handle == rvm->image &&
	       (overlap(in->offset, in->size, rvm->dtb_off, rvm->dtb_size) ||
		(rvm->image_size &&
		 overlap(in->offset, in->size, rvm->image_off, rvm->image_size)));
}

static u32 check_memory(const struct rm_vm *rvm, const struct gunyah_rm_firmware_mem_req *in)
{
	struct rm_parcel *parcel = rm_parcel_find(in->mem_handle);

	if (!parcel || parcel->open || !rm_parcel_acl(parcel, rvm->vmid))
		return GUNYAH_RM_ERR_MEM_INVALID;
	/* In the image's parcel, or in one that was lent */
	if (parcel->shared && parcel->handle != rvm->image)
		return GUNYAH_RM_ERR_MEM_INVALID;
	if (!in->size || !IS_ALIGNED(in->offset | in->size, PAGE_SIZE) ||
	    !inside(in->offset, in->size, parcel->size) || hits_content(rvm, in))
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	return GUNYAH_RM_ERR_OK;
}

static u32 set_firmware(const struct gunyah_rm_firmware_mem_req *in)
{
	struct rm_vm *rvm;
	u32 error = find_vm(in->vmid, &rvm);

	if (error)
		return error;
	if (!rm_cfg.firmware)
		return GUNYAH_RM_ERR_DENIED;
	if (in->reserved)
		return GUNYAH_RM_ERR_MSG_INVALID;
	error = check_memory(rvm, in);
	if (error)
		return error;
	rvm->firmware = (struct rm_firmware){ .handle = in->mem_handle, .off = in->offset,
					      .size = in->size };
	return GUNYAH_RM_ERR_OK;
}

/* Errors of this one carry a hypervisor error as well (rm-rpc 1.3) */
u32 rm_vm_set_firmware_mem(const struct rm_req *req, struct rm_out *out)
{
	u32 error = set_firmware((const void *)req->data);
	u32 hyp_error = GUNYAH_ERR_ARGUMENT_INVALID;

	if (error)
		rm_out_put(out, &hyp_error, sizeof(hyp_error));
	return error;
}

/* --- where it is in the guest --- */

static bool in_image_parcel(const struct rm_vm *rvm)
{
	return rvm->firmware.handle == rvm->image;
}

/* What the host has said comes before the device tree, as for the image */
struct addr_range rm_firmware_place(const struct rm_vm *rvm)
{
	const struct rm_parcel *parcel = rm_parcel_find(rvm->firmware.handle);

	if (rvm->place[GUNYAH_RM_LAYOUT_FIRMWARE].size || !rvm->firmware.size ||
	    in_image_parcel(rvm) || !parcel)
		return rvm->place[GUNYAH_RM_LAYOUT_FIRMWARE];
	return (struct addr_range){ .base = rvm->dt->firmware_base, .size = parcel->size };
}

struct addr_range rm_firmware_area(const struct rm_vm *rvm)
{
	u64 parcel = in_image_parcel(rvm) ? rm_image_place(rvm).base : rm_firmware_place(rvm).base;

	return (struct addr_range){ .base = parcel + rvm->firmware.off,
				    .size = rvm->firmware.size };
}

static u32 refuse(const char *why)
{
	printk("rm: firmware: %s", why);
	return GUNYAH_RM_ERR_ARGUMENT_INVALID;
}

/* The parcel's place follows from the image's: nobody may want another one */
static u32 check_in_image(const struct rm_vm *rvm)
{
	const struct rm_dt *dt = rvm->dt;

	if (rvm->place[GUNYAH_RM_LAYOUT_FIRMWARE].size ||
	    (dt->has_firmware_base && dt->firmware_base != rm_firmware_area(rvm).base))
		return refuse("not where the image's parcel has it");
	return GUNYAH_RM_ERR_OK;
}

static u32 check_own_parcel(const struct rm_vm *rvm, const struct rm_parcel *parcel)
{
	const struct addr_range *told = &rvm->place[GUNYAH_RM_LAYOUT_FIRMWARE];
	struct addr_range place = rm_firmware_place(rvm);
	struct addr_range image = rm_image_place(rvm);

	if (!told->size && !rvm->dt->has_firmware_base)
		return refuse("nobody says where it goes");
	if (place.size != parcel->size)
		return refuse("its place and its parcel differ");
	if (place.base < GUNYAH_VMMIO_BASE + GUNYAH_VMMIO_SIZE ||
	    !inside(place.base, place.size, 1ULL << VM_IPA_BITS))
		return refuse("where no memory may be");
	return overlap(place.base, place.size, image.base, image.size) ?
	       GUNYAH_RM_ERR_MEM_INVALID : GUNYAH_RM_ERR_OK;
}

u32 rm_firmware_check(const struct rm_vm *rvm)
{
	const struct rm_parcel *parcel = rm_parcel_find(rvm->firmware.handle);

	if (!rvm->firmware.size)
		return GUNYAH_RM_ERR_OK;
	if (!parcel)
		return GUNYAH_RM_ERR_MEM_INVALID;
	if (rvm->firmware.size > rvm->dt->firmware_max)
		return refuse("larger than firmware-size-max");
	return in_image_parcel(rvm) ? check_in_image(rvm) : check_own_parcel(rvm, parcel);
}

/* --- START --- */

struct rm_parcel *rm_firmware_parcel(const struct rm_vm *rvm)
{
	if (!rvm->firmware.size || in_image_parcel(rvm))
		return NULL;
	return rm_parcel_find(rvm->firmware.handle);
}

/* It would run on all of them at once */
static bool one_boot_vcpu(const struct rm_dt *dt)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < dt->nr_vcpus; i++)
		nr += dt->boot[i];
	return nr == 1;
}

u32 rm_firmware_ready(const struct rm_vm *rvm)
{
	const struct rm_parcel *parcel = rm_parcel_find(rvm->firmware.handle);

	if (rvm->auth != GUNYAH_RM_AUTH_ANDROID_PVM)
		return GUNYAH_RM_ERR_OK;
	if (!rm_cfg.firmware || !rvm->firmware.size)
		return GUNYAH_RM_ERR_DENIED;
	if (!parcel || !rm_parcel_exclusive(parcel) ||
	    rm_cfg.firmware_size > rvm->firmware.size)
		return GUNYAH_RM_ERR_MEM_INVALID;
	return one_boot_vcpu(rvm->dt) ? GUNYAH_RM_ERR_OK : GUNYAH_RM_ERR_NORESOURCE;
}

void rm_firmware_load(const struct rm_vm *rvm)
{
	const struct rm_parcel *parcel = rm_parcel_find(rvm->firmware.handle);

	if (in_image_parcel(rvm))
		rm_parcel_zero(parcel, rvm->firmware.off, rvm->firmware.size);
	else
		rm_parcel_zero(parcel, 0, parcel->size);
	rm_parcel_write(parcel, rvm->firmware.off, rm_cfg.firmware, rm_cfg.firmware_size);
}
