// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * From an allocated VMID to a VM that can be started: CONFIG_IMAGE, INIT,
 * SET_BOOT_CONTEXT (ABI tables, rm-rpc 4.3, 4.5 and 4.11).  What comes between them, for
 * some VMs, is in rm_auth.c, rm_firmware.c and rm_paging.c.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_priv.h"

static bool inside(u64 off, u64 size, u64 total)
{
	return off <= total && size <= total - off;
}

static u32 check_image(const struct gunyah_rm_config_image_req *in)
{
	struct rm_parcel *parcel = rm_parcel_find(in->mem_handle);

	if (!parcel || parcel->open || !rm_parcel_acl(parcel, in->vmid))
		return GUNYAH_RM_ERR_MEM_INVALID;
	if (!inside(in->image_offset, in->image_size, parcel->size) ||
	    !inside(in->dtb_offset, in->dtb_size, parcel->size))
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	if (in->auth > GUNYAH_RM_AUTH_ANDROID_PVM)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	return GUNYAH_RM_ERR_OK;
}

u32 rm_vm_config_image(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_config_image_req *in = (const void *)req->data;
	struct rm_vm *rvm;
	u32 error = rm_vm_lookup(in->vmid, &rvm);

	if (error)
		return error;
	if (rvm->state != GUNYAH_RM_VM_STATE_LOAD && rvm->state != GUNYAH_RM_VM_STATE_RESET)
		return GUNYAH_RM_ERR_VM_STATE;
	error = check_image(in);
	if (error)
		return rm_vm_fail(rvm, error);
	rm_paging_forget(rvm);
	rvm->configured = true;
	rvm->auth = in->auth;
	rvm->image = in->mem_handle;
	rvm->image_off = in->image_offset;
	rvm->image_size = in->image_size;
	rvm->entry = 0;
	rvm->firmware = (struct rm_firmware){ 0 };
	rvm->dtb_off = in->dtb_offset;
	rvm->dtb_size = in->dtb_size;
	rm_vm_set_state(rvm, in->auth == GUNYAH_RM_AUTH_PLATFORM ? GUNYAH_RM_VM_STATE_AUTH :
								  GUNYAH_RM_VM_STATE_INIT);
	return GUNYAH_RM_ERR_OK;
}

/* What the parser took, the RM's rules may still refuse (devicetree.md b) */
static u32 check_config(const struct rm_dt *dt)
{
	if (!dt->has_config || !dt->has_vcpus)
		return GUNYAH_RM_ERR_NORESOURCE;
	if (dt->crash_fatal || dt->is_direct)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	if (!dt->proxy || dt->hvc_method) {
		printk("rm: only proxy scheduled vCPUs with PSCI are offered");
		return GUNYAH_RM_ERR_NORESOURCE;
	}
	if (dt->gic.has_reg && (!IS_ALIGNED(dt->gic.gicd, SZ_64K) ||
				!IS_ALIGNED(dt->gic.gicr, SZ_64K)))
		return GUNYAH_RM_ERR_NORESOURCE;
	return GUNYAH_RM_ERR_OK;
}

#define INTID_SPI_FIRST		32
#define GIC_CLASS_SPI		0
#define GIC_FLAG_LEVEL		4

/* Guests have no PPIs for devices and no extended SPIs: those are refused, not replaced */
static bool vdev_spi(const struct rm_vdev *vdev, u32 *spi, bool *level)
{
	*spi = 0;
	*level = false;
	if (!vdev->irq.valid)
		return true;
	*spi = INTID_SPI_FIRST + vdev->irq.number;
	*level = vdev->irq.flags == GIC_FLAG_LEVEL;
	return vdev->irq.class == GIC_CLASS_SPI;
}

/* The host's interrupts are few: one for the guest's EOI only where it makes sense */
static bool tells_eoi(const struct rm_vdev *vdev, bool level)
{
	return rm_cfg.production && vdev->eoi_virq && vdev->type == RM_VDEV_DOORBELL &&
	       vdev->source_can_clear && level;
}

static u32 create_bell(struct rm_vm *rvm, struct rm_vdev *vdev)
{
	bool from_guest = vdev->type == RM_VDEV_DOORBELL_SOURCE;
	bool level;
	u32 spi;

	if (!vdev_spi(vdev, &spi, &level))
		return GUNYAH_RM_ERR_NORESOURCE;
	if (vm_add_doorbell(rvm->vm, vdev->label, from_guest, vdev->source_can_clear, spi, level,
			    &vdev->bell))
		return GUNYAH_RM_ERR_NORESOURCE;
	if (tells_eoi(vdev, level) && vm_add_bell_eoi(vdev->bell))
		return GUNYAH_RM_ERR_NORESOURCE;
	return GUNYAH_RM_ERR_OK;
}

static u32 create_vdev(struct rm_vm *rvm, struct rm_vdev *vdev)
{
	switch (vdev->type) {
	case RM_VDEV_DOORBELL:
	case RM_VDEV_DOORBELL_SOURCE:
		return vdev->named_peer ? GUNYAH_RM_ERR_OK : create_bell(rvm, vdev);
	case RM_VDEV_SHM:
		return GUNYAH_RM_ERR_OK;
	case RM_VDEV_RPC:
		return rm_guest_add(rvm, vdev);
	default:
		printk("rm: vdevice-type %s is not offered", vdev->type_name);
		return GUNYAH_RM_ERR_NORESOURCE;
	}
}

/* Gets any interrupt that is left: created last, lest it takes one that is asked for */
static bool takes_any_spi(const struct rm_vdev *vdev)
{
	return (vdev->type == RM_VDEV_DOORBELL || vdev->type == RM_VDEV_RPC) &&
	       !vdev->irq.valid;
}

static u32 create_vdevs(struct rm_vm *rvm, bool any_spi)
{
	u32 error = GUNYAH_RM_ERR_OK;

	for (unsigned int i = 0; i < rvm->dt->nr_vdevs && !error; i++)
		if (takes_any_spi(&rvm->dt->vdev[i]) == any_spi)
			error = create_vdev(rvm, &rvm->dt->vdev[i]);
	return error;
}

/* Address space and extents; a VM whose image the host still sees is not protected */
static int create_memory(struct rm_vm *rvm)
{
	const struct rm_parcel *image = rm_parcel_find(rvm->image);
	int err = memextents_add(rvm->vm, !image->shared);

	for (u32 i = 0; i < rvm->nr_demand && !err; i++)
		err = addrspace_add_demand(rvm->vm, rvm->demand[i].base, rvm->demand[i].size);
	return err;
}

static u32 create_objects(struct rm_vm *rvm)
{
	struct rm_dt *dt = rvm->dt;
	u32 error;

	rvm->vm = vm_create(rvm->vmid);
	if (!rvm->vm)
		return GUNYAH_RM_ERR_NORESOURCE;
	rvm->vm->rm = rvm;
	rvm->vm->psci = dt->psci;
	if (rm_cfg.production) {
		rvm->vm->vcpu_rights = GUNYAH_RIGHT_VCPU_WRITE_CONTEXT;
		rvm->vm->timers_by_host = dt->no_timer_wakeups;
	}
	if (rm_cfg.demand_paging && create_memory(rvm))
		return GUNYAH_RM_ERR_NORESOURCE;
	for (unsigned int i = 0; i < dt->nr_vcpus; i++)
		if (vm_add_vcpu(rvm->vm, dt->boot[i]))
			return GUNYAH_RM_ERR_NORESOURCE;
	error = create_vdevs(rvm, false);
	return error ? error : create_vdevs(rvm, true);
}

static u32 init_vm(struct rm_vm *rvm)
{
	u64 pages = (sizeof(*rvm->dt) + PAGE_SIZE - 1) / PAGE_SIZE;
	u32 error;

	rvm->dt_pa = page_pool_alloc(&object_pool, pages, 1);
	if (!rvm->dt_pa)
		return GUNYAH_RM_ERR_NOMEM;
	rvm->dt = arch_pa_to_va(rvm->dt_pa);
	error = rm_dt_parse(rvm, rvm->dt);
	rvm->no_reset = rvm->dt->no_reset;
	rvm->no_shutdown = rvm->dt->no_shutdown;
	if (!error)
		error = check_config(rvm->dt);
	if (!error)
		error = rm_firmware_check(rvm);
	if (!error)
		error = rm_paging_check(rvm);
	return error ? error : create_objects(rvm);
}

u32 rm_vm_init(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_vmid_req *in = (const void *)req->data;
	struct rm_vm *rvm;
	u32 error;

	/* The only pad that the open RM looks at */
	if (in->reserved)
		return GUNYAH_RM_ERR_MSG_INVALID;
	error = rm_vm_lookup_in(in->vmid, GUNYAH_RM_VM_STATE_INIT, &rvm);
	if (error)
		return error;
	error = init_vm(rvm);
	if (error) {
		rm_vm_drop_objects(rvm);
		return rm_vm_fail(rvm, error);
	}
	rm_vm_set_state(rvm, GUNYAH_RM_VM_STATE_READY);
	return GUNYAH_RM_ERR_OK;
}

/*
 * Who has authenticated an image, or has a firmware do it, does not let the host choose
 * where it begins: an assumption, no driver sends this for such a VM.
 */
u32 rm_vm_set_boot_context(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_boot_context_req *in = (const void *)req->data;
	struct rm_vm *rvm;
	u32 error = rm_vm_lookup_in(in->vmid, GUNYAH_RM_VM_STATE_READY, &rvm);

	if (error)
		return error;
	if (rvm->auth != GUNYAH_RM_AUTH_NONE)
		return GUNYAH_RM_ERR_DENIED;
	return rm_error_from_hyp(vm_set_boot_reg(rvm->vm, in->reg_set, in->reg_index, in->value));
}
