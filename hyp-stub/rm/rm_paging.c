// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * A VM whose memory comes on demand: what its owner says about it between CONFIG_IMAGE
 * and INIT, where the image and the firmware lie, which memory is provided on a fault
 * (ABI tables, rm-rpc 4.12, 4.13).  INIT makes objects of it.
 *
 * The tables know these messages from Linux drivers only.  Where they are silent, an
 * error is one that the open RM has for the same mistake in another message, and a
 * second message of a kind takes the place of the first.
 */
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_priv.h"

static bool overlap(const struct addr_range *a, const struct addr_range *b)
{
	return a->base < b->base + b->size && b->base < a->base + a->size;
}

/* Whole pages of what a guest can address, at least one; sums cannot wrap afterwards */
static bool range_usable(const struct addr_range *range)
{
	u64 limit = 1ULL << VM_IPA_BITS;

	return range->size && IS_ALIGNED(range->base | range->size, PAGE_SIZE) &&
	       range->base < limit && range->size <= limit - range->base;
}

/* The VM that such a message is about: configured, not yet initialised */
static u32 find_vm(u16 vmid, u16 reserved, struct rm_vm **rvm)
{
	/* As in INIT; other pads are not looked at */
	if (reserved)
		return GUNYAH_RM_ERR_MSG_INVALID;
	return rm_vm_lookup_in(vmid, GUNYAH_RM_VM_STATE_INIT, rvm);
}

/* --- SET_DEMAND_PAGING --- */

static struct addr_range entry_at(const struct rm_req *req, u32 i)
{
	struct gunyah_rm_demand_paging_entry entry;

	memcpy(&entry, req->data + sizeof(struct gunyah_rm_demand_paging_req) + i * sizeof(entry),
	       sizeof(entry));
	return (struct addr_range){ .base = entry.ipa, .size = entry.size };
}

static u32 check_ranges(const struct rm_req *req, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		struct addr_range range = entry_at(req, i);

		if (!range_usable(&range))
			return GUNYAH_RM_ERR_ARGUMENT_INVALID;
		for (u32 j = 0; j < i; j++) {
			struct addr_range other = entry_at(req, j);

			if (overlap(&range, &other))
				return GUNYAH_RM_ERR_ARGUMENT_INVALID;
		}
	}
	return GUNYAH_RM_ERR_OK;
}

u32 rm_vm_set_demand_paging(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_demand_paging_req *in = (const void *)req->data;
	u32 count = in->count;
	struct rm_vm *rvm;
	u32 error;

	if (count > GUNYAH_RM_MAX_LIST_ENTRIES)
		return GUNYAH_RM_ERR_NORESOURCE;
	if (req->len != sizeof(*in) + count * sizeof(struct gunyah_rm_demand_paging_entry))
		return GUNYAH_RM_ERR_MSG_INVALID;
	error = find_vm(in->vmid, in->reserved, &rvm);
	if (error)
		return error;
	if (!count)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	if (count > ARRAY_SIZE(rvm->demand))
		return GUNYAH_RM_ERR_NORESOURCE;
	error = check_ranges(req, count);
	if (error)
		return error;
	for (u32 i = 0; i < count; i++)
		rvm->demand[i] = entry_at(req, i);
	rvm->nr_demand = count;
	return GUNYAH_RM_ERR_OK;
}

/* --- SET_ADDRESS_LAYOUT --- */

/* What was handed over for it must be as large as its place */
static u32 check_place(const struct rm_vm *rvm, u32 id, const struct addr_range *place)
{
	const struct addr_range *other = &rvm->place[!id];
	const struct rm_parcel *image = rm_parcel_find(rvm->image);

	if (!range_usable(place) || (other->size && overlap(place, other)))
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	if (id == GUNYAH_RM_LAYOUT_FIRMWARE)
		return GUNYAH_RM_ERR_OK;
	if (!image)
		return GUNYAH_RM_ERR_MEM_INVALID;
	return place->size == image->size ? GUNYAH_RM_ERR_OK : GUNYAH_RM_ERR_ARGUMENT_INVALID;
}

u32 rm_vm_set_address_layout(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_address_layout_req *in = (const void *)req->data;
	struct addr_range place = { .base = in->base, .size = in->size };
	struct rm_vm *rvm;
	u32 error = find_vm(in->vmid, in->reserved, &rvm);

	if (error)
		return error;
	if (in->range_id != GUNYAH_RM_LAYOUT_IMAGE && in->range_id != GUNYAH_RM_LAYOUT_FIRMWARE)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	error = check_place(rvm, in->range_id, &place);
	if (error)
		return error;
	rvm->place[in->range_id] = place;
	return GUNYAH_RM_ERR_OK;
}

/* --- INIT --- */

void rm_paging_forget(struct rm_vm *rvm)
{
	rvm->nr_demand = 0;
	memset(rvm->place, 0, sizeof(rvm->place));
}

bool rm_vm_is_paged(const struct rm_vm *rvm)
{
	return rvm->nr_demand || rvm->place[GUNYAH_RM_LAYOUT_IMAGE].size;
}

struct addr_range rm_image_place(const struct rm_vm *rvm)
{
	const struct rm_parcel *image = rm_parcel_find(rvm->image);

	if (rvm->place[GUNYAH_RM_LAYOUT_IMAGE].size)
		return rvm->place[GUNYAH_RM_LAYOUT_IMAGE];
	return (struct addr_range){ .base = rvm->dt->mem_base, .size = image ? image->size : 0 };
}

/* Memory cannot be there already and come on a fault as well (rm-rpc 4.5) */
u32 rm_paging_check(const struct rm_vm *rvm)
{
	struct addr_range image = rm_image_place(rvm);
	struct addr_range firmware = rm_firmware_place(rvm);

	for (u32 i = 0; i < rvm->nr_demand; i++)
		if (overlap(&rvm->demand[i], &image) || overlap(&rvm->demand[i], &firmware)) {
			printk("rm: demand paging at %lx where a parcel is", rvm->demand[i].base);
			return GUNYAH_RM_ERR_MEM_INVALID;
		}
	return GUNYAH_RM_ERR_OK;
}
