// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * VM_START: lays out the guest's memory, maps the parcels, has the device tree
 * patched, lets the boot vCPUs go (ABI tables, rm-rpc 4.6 and 6.3).
 *
 * What can be found out without touching anything is checked first.  Once parcels are
 * mapped, a failure leaves them so until VM_RESET, as recorded: RECLAIM is MEM_INUSE.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_priv.h"

#define IPA_LIMIT	(1ULL << VM_IPA_BITS)
#define RAM_LOWEST	(GUNYAH_VMMIO_BASE + GUNYAH_VMMIO_SIZE)
/* Where a GIC without an address goes (recorded: guest-dtb-after-start-gic_no_reg.dts) */
#define GIC_DEFAULT	(RAM_LOWEST + SZ_64K)
#define GICD_SIZE	SZ_64K
#define RWX		(GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_W | GUNYAH_RM_ACL_X)
#define X_IMAGE		1
#define X_IMAGE_SIZE	2

/* Too large for the stack; under the stub's lock like everything here */
static struct rm_layout layout;

static bool overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

static u64 gicr_size(const struct rm_vm *rvm)
{
	return rvm->dt->gic.stride * rvm->dt->nr_vcpus;
}

static bool hits_gic(const struct rm_vm *rvm, u64 ipa, u64 size)
{
	return overlap(ipa, size, layout.gicd, GICD_SIZE) ||
	       overlap(ipa, size, layout.gicr, gicr_size(rvm));
}

static bool hits_buffer(u64 ipa, u64 size)
{
	for (unsigned int i = 0; i < layout.nr_buffers; i++)
		if (overlap(ipa, size, layout.buffer[i].ipa, layout.buffer[i].parcel->size))
			return true;
	return false;
}

static bool in_guest_space(u64 ipa, u64 size)
{
	return ipa < IPA_LIMIT && size <= IPA_LIMIT - ipa;
}

/* In parcels, or provided on a fault */
static bool hits_ram(const struct rm_vm *rvm, u64 ipa, u64 size)
{
	for (u32 i = 0; i < rvm->nr_demand; i++)
		if (overlap(ipa, size, rvm->demand[i].base, rvm->demand[i].size))
			return true;
	return overlap(ipa, size, layout.ram_base, layout.ram_size) ||
	       overlap(ipa, size, layout.firmware.base, layout.firmware.size);
}

/* [ipa, ipa + size) is free in the guest */
static bool is_free(const struct rm_vm *rvm, u64 ipa, u64 size)
{
	return in_guest_space(ipa, size) && !hits_gic(rvm, ipa, size) &&
	       !hits_buffer(ipa, size) && !hits_ram(rvm, ipa, size);
}

/* --- rules for parcels (6.3) --- */

/* Nobody but the guest and perhaps the host */
static bool only_with_host(const struct rm_parcel *parcel, u16 vmid)
{
	for (u32 i = 0; i < parcel->nr_acl; i++)
		if (parcel->acl[i].vmid != vmid && parcel->acl[i].vmid != GUNYAH_VMID_HLOS)
			return false;
	return true;
}

/*
 * The open RM wants a LENT image, for the guest alone; its debug build looks away.
 * The production one runs Linux guests whose RAM is SHAREd with the host, but of what
 * was authenticated, or has a firmware in front of it, the host must not change a bit.
 */
static bool image_acceptable(const struct rm_vm *rvm, struct rm_parcel *parcel)
{
	bool may_share = rm_cfg.production && rvm->auth == GUNYAH_RM_AUTH_NONE;

	if (!parcel || parcel->open || !rm_parcel_acl(parcel, rvm->vmid))
		return false;
	if (rm_parcel_exclusive(parcel) || rm_cfg.debug ||
	    (may_share && only_with_host(parcel, rvm->vmid)))
		return true;
	printk("rm: image parcel %u refused: not lent to VM %u alone, RWX", parcel->handle,
	       rvm->vmid);
	return false;
}

/* With demand paging all RAM has been named: what else comes in parcels is none */
static bool is_private_ram(const struct rm_vm *rvm, struct rm_parcel *parcel)
{
	if (parcel->label || rm_vm_is_paged(rvm))
		return false;
	return rm_parcel_exclusive(parcel) ||
	       (rm_cfg.production && only_with_host(parcel, rvm->vmid) &&
		rm_parcel_acl(parcel, rvm->vmid)->rights == RWX);
}

/* --- before anything is mapped --- */

static u64 ram_end(const struct rm_vm *rvm)
{
	u64 end = layout.ram_base + layout.ram_size;

	for (u32 i = 0; i < rvm->nr_demand; i++)
		end = max(end, rvm->demand[i].base + rvm->demand[i].size);
	return max(end, layout.firmware.base + layout.firmware.size);
}

static bool gic_hits_ram(const struct rm_vm *rvm)
{
	return hits_ram(rvm, layout.gicd, GICD_SIZE) ||
	       hits_ram(rvm, layout.gicr, gicr_size(rvm));
}

static void place_gic(const struct rm_vm *rvm)
{
	const struct rm_gic *gic = &rvm->dt->gic;

	layout.gicd = gic->has_reg ? gic->gicd : GIC_DEFAULT;
	layout.gicr = gic->has_reg ? gic->gicr : GIC_DEFAULT + GICD_SIZE;
	if (gic->has_reg || !gic_hits_ram(rvm))
		return;
	layout.gicd = ALIGN_UP(ram_end(rvm), SZ_2M);
	layout.gicr = layout.gicd + GICD_SIZE;
}

static bool gic_fits(const struct rm_vm *rvm)
{
	return in_guest_space(layout.gicd, GICD_SIZE) &&
	       in_guest_space(layout.gicr, gicr_size(rvm)) &&
	       !overlap(layout.gicd, GICD_SIZE, layout.gicr, gicr_size(rvm)) &&
	       !gic_hits_ram(rvm);
}

static bool refuse(const char *why)
{
	printk("rm: START refused: %s", why);
	return false;
}

static bool prepare(struct rm_vm *rvm, struct rm_parcel *image)
{
	if (!image_acceptable(rvm, image))
		return refuse("image parcel");
	memset(&layout, 0, sizeof(layout));
	layout.ram_base = rm_image_place(rvm).base;
	layout.ram_size = image->size;
	if (layout.ram_base < RAM_LOWEST || !in_guest_space(layout.ram_base, layout.ram_size))
		return refuse("RAM where no RAM may be");
	if (rm_firmware_parcel(rvm))
		layout.firmware = rm_firmware_place(rvm);
	if (!rvm->dt->gic.found)
		return refuse("no interrupt controller");
	place_gic(rvm);
	if (!gic_fits(rvm))
		return refuse("interrupt controller overlaps");
	layout.fdt = rm_dt_fetch(rvm, &layout.fdt_total);
	if (!layout.fdt || !rm_dt_has_node(layout.fdt, "/chosen"))
		return refuse("device tree not valid any more, or without /chosen");
	return true;
}

/* --- mapping --- */

/*
 * Protected guests: what they wrote is theirs, the host gets what it has lent back
 * wiped.  The open RM does not sanitise without authentication (rm-rpc 4.3).
 */
static bool accept(struct rm_vm *rvm, struct rm_parcel *parcel, u64 ipa)
{
	if (rm_parcel_accept(parcel, rvm->vm, ipa))
		return refuse("parcel cannot be mapped");
	if (rvm->auth != GUNYAH_RM_AUTH_NONE || rm_cfg.demand_paging)
		rm_parcel_set_secret(parcel);
	return true;
}

static bool accept_ram(struct rm_vm *rvm, struct rm_parcel *parcel, u64 ipa)
{
	if (!accept(rvm, parcel, ipa))
		return false;
	rm_parcel_acl(parcel, rvm->vmid)->locked = true;
	return true;
}

/* Does not fit: only a warning in the open RM, the parcel stays out */
static bool accept_private(struct rm_vm *rvm, struct rm_parcel *parcel)
{
	u64 end = layout.ram_base + layout.ram_size;

	if (layout.ram_size + parcel->size > rvm->dt->size_max ||
	    !is_free(rvm, end, parcel->size)) {
		printk("rm: private parcel %u does not fit behind RAM", parcel->handle);
		return true;
	}
	layout.nr_private++;
	layout.ram_size += parcel->size;
	return accept_ram(rvm, parcel, end);
}

/* Ends of what is there, number @i: behind one of them must be the lowest free place */
static u64 end_of(const struct rm_vm *rvm, unsigned int i)
{
	const struct rm_buffer *buffer;

	if (i == 0)
		return layout.ram_base + layout.ram_size;
	if (i == 1)
		return layout.firmware.base + layout.firmware.size;
	if (i == 2)
		return max(layout.gicd + GICD_SIZE, layout.gicr + gicr_size(rvm));
	i -= 3;
	if (i < rvm->nr_demand)
		return rvm->demand[i].base + rvm->demand[i].size;
	buffer = &layout.buffer[i - rvm->nr_demand];
	return buffer->ipa + buffer->parcel->size;
}

/* First 2 MiB boundary behind something where @size bytes are free; 0: none */
static u64 choose_ipa(const struct rm_vm *rvm, u64 size)
{
	u64 lowest = RAM_LOWEST + SZ_2M;
	u64 best = is_free(rvm, lowest, size) ? lowest : 0;

	for (unsigned int i = 0; i < 3 + rvm->nr_demand + layout.nr_buffers; i++) {
		u64 ipa = max(ALIGN_UP(end_of(rvm, i), SZ_2M), lowest);

		if (is_free(rvm, ipa, size) && (!best || ipa < best))
			best = ipa;
	}
	return best;
}

static const struct rm_vdev *find_shm(const struct rm_vm *rvm, u32 label)
{
	for (unsigned int i = 0; i < rvm->dt->nr_vdevs; i++)
		if (rvm->dt->vdev[i].type == RM_VDEV_SHM && rvm->dt->vdev[i].label == label)
			return &rvm->dt->vdev[i];
	return NULL;
}

static bool accept_buffer(struct rm_vm *rvm, struct rm_parcel *parcel, const struct rm_vdev *shm)
{
	bool fixed = shm && !shm->allocate;
	u64 ipa = fixed ? shm->base : choose_ipa(rvm, parcel->size);
	struct rm_buffer *buffer = &layout.buffer[layout.nr_buffers];

	if (layout.nr_buffers == RM_MAX_BUFFERS || (!fixed && !ipa) ||
	    !is_free(rvm, ipa, parcel->size))
		return refuse("no room for a shared parcel");
	*buffer = (struct rm_buffer){ .parcel = parcel, .vdev = shm, .ipa = ipa };
	layout.nr_buffers++;
	return accept(rvm, parcel, ipa);
}

/* Those with a node of their own in the tree have an entry already */
static bool accept_own_nodes(struct rm_vm *rvm)
{
	for (unsigned int i = 0; i < layout.nr_buffers; i++) {
		struct rm_buffer *buffer = &layout.buffer[i];
		u64 size = buffer->parcel->size;

		buffer->vdev = find_shm(rvm, buffer->parcel->label);
		if (!in_guest_space(buffer->ipa, size) || hits_gic(rvm, buffer->ipa, size) ||
		    hits_ram(rvm, buffer->ipa, size))
			return refuse("reserved-memory node overlaps");
		for (unsigned int j = 0; j < i; j++)
			if (overlap(buffer->ipa, size, layout.buffer[j].ipa,
				    layout.buffer[j].parcel->size))
				return refuse("reserved-memory nodes overlap");
		if (!accept(rvm, buffer->parcel, buffer->ipa))
			return false;
	}
	return true;
}

static bool accept_parcel(struct rm_vm *rvm, struct rm_parcel *parcel)
{
	const struct rm_vdev *shm = find_shm(rvm, parcel->label);

	if (!shm && is_private_ram(rvm, parcel))
		return accept_private(rvm, parcel);
	return accept_buffer(rvm, parcel, shm);
}

/* In the order of creation, which is that of the handles */
static struct rm_parcel *next_for(u16 vmid, u32 from)
{
	struct rm_parcel *next = NULL;

	for (u32 i = 0; i < GUNYAH_RM_MAX_PARCELS; i++) {
		struct rm_parcel *parcel = rm_parcel_at(i);
		struct rm_acl *acl = parcel ? rm_parcel_acl(parcel, vmid) : NULL;

		if (acl && !acl->accepted && !parcel->open && parcel->handle >= from &&
		    (!next || parcel->handle < next->handle))
			next = parcel;
	}
	return next;
}

static bool accept_rest(struct rm_vm *rvm)
{
	struct rm_parcel *parcel = next_for(rvm->vmid, 0);

	while (parcel) {
		if (!accept_parcel(rvm, parcel))
			return false;
		parcel = next_for(rvm->vmid, parcel->handle + 1);
	}
	return true;
}

static bool shm_complete(const struct rm_vm *rvm)
{
	for (unsigned int i = 0; i < rvm->dt->nr_vdevs; i++) {
		const struct rm_vdev *vdev = &rvm->dt->vdev[i];
		bool found = vdev->type != RM_VDEV_SHM || vdev->optional;

		for (unsigned int j = 0; j < layout.nr_buffers; j++)
			found |= layout.buffer[j].vdev == vdev;
		if (!found)
			return refuse("no parcel for an shm device");
	}
	return true;
}

static bool accept_firmware(struct rm_vm *rvm)
{
	struct rm_parcel *parcel = rm_firmware_parcel(rvm);

	return !parcel || accept_ram(rvm, parcel, layout.firmware.base);
}

static bool map_memory(struct rm_vm *rvm, struct rm_parcel *image)
{
	if (!accept_ram(rvm, image, layout.ram_base) || !accept_firmware(rvm) ||
	    !rm_dt_reserved_nodes(rvm, &layout) || !accept_own_nodes(rvm) ||
	    !accept_rest(rvm) || !shm_complete(rvm))
		return false;
	/* The open RM then cleans RAM beyond the end of the image parcel, and fails (6.3) */
	if (layout.nr_private && !rm_cfg.production && rvm->auth != GUNYAH_RM_AUTH_PLATFORM)
		return refuse("put all RAM in one parcel");
	return true;
}

static void flush_memory(u16 vmid)
{
	for (u32 i = 0; i < GUNYAH_RM_MAX_PARCELS; i++) {
		struct rm_parcel *parcel = rm_parcel_at(i);
		struct rm_acl *acl = parcel ? rm_parcel_acl(parcel, vmid) : NULL;

		if (acl && acl->accepted)
			rm_parcel_flush(parcel);
	}
}

/* RAM number @i: what comes on a fault, then what is in parcels */
static struct addr_range ram_range(const struct rm_vm *rvm, u32 i)
{
	if (i < rvm->nr_demand)
		return rvm->demand[i];
	return (struct addr_range){ .base = layout.ram_base, .size = layout.ram_size };
}

/* RAM without a gap around one part of it */
static struct addr_range memory_around(const struct rm_vm *rvm, struct addr_range part)
{
	u64 base = part.base, end = base + part.size;
	u64 size;

	do {
		size = end - base;
		for (u32 i = 0; i <= rvm->nr_demand; i++) {
			struct addr_range range = ram_range(rvm, i);

			if (range.base + range.size == base)
				base = range.base;
			else if (range.base == end)
				end += range.size;
		}
	} while (end - base != size);
	return (struct addr_range){ .base = base, .size = size };
}

/* How much RAM there is from @ipa on without a gap */
static u64 memory_from(const struct rm_vm *rvm, u64 ipa)
{
	for (u32 i = 0; i <= rvm->nr_demand; i++) {
		struct addr_range range = ram_range(rvm, i);

		if (!overlap(ipa, 1, range.base, range.size))
			continue;
		range = memory_around(rvm, range);
		return range.base + range.size - ipa;
	}
	return 0;
}

/*
 * The firmware is told where the image is.  With demand paging the host says nothing of
 * it: then it begins where the tree has the guest's memory begin, and ends with that (an
 * assumption of this stub).
 */
static u32 set_image_regs(struct rm_vm *rvm)
{
	u64 base = layout.ram_base + rvm->image_off, size = rvm->image_size;
	int err;

	if (!size && rm_vm_is_paged(rvm))
		base = rvm->dt->mem_base;
	if (!size)
		size = memory_from(rvm, base);
	err = vm_set_boot_reg(rvm->vm, GUNYAH_REGSET_X, X_IMAGE, base);
	if (!err)
		err = vm_set_boot_reg(rvm->vm, GUNYAH_REGSET_X, X_IMAGE_SIZE, size);
	return rm_error_from_hyp(err);
}

/* Where the boot vCPUs begin (6.3) */
static u32 set_entry(struct rm_vm *rvm, u64 *entry)
{
	*entry = layout.ram_base + rvm->image_off + rvm->entry;
	if (rvm->auth != GUNYAH_RM_AUTH_ANDROID_PVM)
		return GUNYAH_RM_ERR_OK;
	*entry = rm_firmware_area(rvm).base;
	return set_image_regs(rvm);
}

static u32 start(struct rm_vm *rvm)
{
	struct rm_parcel *image = rm_parcel_find(rvm->image);
	u32 error = rm_firmware_ready(rvm);
	u64 entry;

	if (error)
		return error;
	if (!prepare(rvm, image) || !map_memory(rvm, image))
		return GUNYAH_RM_ERR_NORESOURCE;
	layout.memory = memory_around(rvm, ram_range(rvm, rvm->nr_demand));
	if (!rm_dt_patch(rvm, &layout))
		return GUNYAH_RM_ERR_NORESOURCE;
	if (rvm->auth == GUNYAH_RM_AUTH_ANDROID_PVM)
		rm_firmware_load(rvm);
	vm_set_gic(rvm->vm, layout.gicd, layout.gicr, rvm->dt->gic.stride);
	error = set_entry(rvm, &entry);
	if (error)
		return error;
	flush_memory(rvm->vmid);
	vm_start(rvm->vm, entry, layout.ram_base + rvm->dtb_off);
	return GUNYAH_RM_ERR_OK;
}

u32 rm_vm_start(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_vmid_req *in = (const void *)req->data;
	struct rm_vm *rvm;
	u32 error = rm_vm_lookup_in(in->vmid, GUNYAH_RM_VM_STATE_READY, &rvm);

	if (error)
		return error;
	error = start(rvm);
	if (error)
		return rm_vm_fail(rvm, error);
	rm_vm_set_state(rvm, GUNYAH_RM_VM_STATE_RUNNING);
	return GUNYAH_RM_ERR_OK;
}
