// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Parcels while a guest runs: it accepts and releases what it was offered, both sides
 * tell each other (ABI tables, rm-rpc 6.2).
 *
 * A parcel is mapped in one piece here: the list of an ACCEPT may have several entries
 * only if each begins where the one before ends, NORESOURCE otherwise; and all of a
 * parcel is accepted at once, with the flag DONE.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_priv.h"

#define RAM_LOWEST	(GUNYAH_VMMIO_BASE + GUNYAH_VMMIO_SIZE)
/* Where to look when there is no room behind anything that the RM knows of */
#define LAST_RESORT	(1ULL << (VM_IPA_BITS - 1))
#define GICD_SIZE	SZ_64K

/* A request about a parcel that was handed to its sender: errors in the order of 6.2 */
static u32 find_offered(const struct rm_req *req, u32 handle, struct rm_parcel **parcel,
			struct rm_acl **acl)
{
	*parcel = rm_parcel_find(handle);
	*acl = *parcel ? rm_parcel_acl(*parcel, req->from) : NULL;
	if (!*acl)
		return GUNYAH_RM_ERR_HANDLE_INVALID;
	return req->from == GUNYAH_VMID_HLOS ? GUNYAH_RM_ERR_DENIED : GUNYAH_RM_ERR_OK;
}

/* Who cannot write to it cannot have it sanitised either */
static bool may_clear(const struct rm_acl *acl)
{
	return acl->rights & GUNYAH_RM_ACL_W;
}

/* --- ACCEPT --- */

/* An ACCEPT, taken apart */
struct accept {
	struct gunyah_rm_accept_req head;
	struct rm_list acl;
	struct rm_list sgl;
	struct rm_list attr;
};

static u32 take_apart(const struct rm_req *req, struct accept *a)
{
	struct rm_cursor c = { .data = req->data, .left = req->len };
	u32 error;

	memcpy(&a->head, c.data, sizeof(a->head));
	c.data += sizeof(a->head);
	c.left -= sizeof(a->head);
	error = rm_next_list(&c, sizeof(struct gunyah_rm_acl_entry), false, &a->acl);
	if (!error)
		error = rm_next_list(&c, sizeof(struct gunyah_rm_mem_entry), false, &a->sgl);
	if (!error)
		error = rm_next_list(&c, sizeof(struct gunyah_rm_attr_entry), false, &a->attr);
	if (!error && c.left)
		error = GUNYAH_RM_ERR_MSG_INVALID;
	return error;
}

static bool same_acl(const struct rm_parcel *parcel, const struct accept *a)
{
	if (a->acl.count != parcel->nr_acl || a->attr.count != parcel->nr_attr)
		return false;
	for (u32 i = 0; i < parcel->nr_acl; i++) {
		struct gunyah_rm_acl_entry entry = rm_acl_at(&a->acl, i);

		if (entry.vmid != parcel->acl[i].vmid || entry.rights != parcel->acl[i].rights)
			return false;
	}
	for (u32 i = 0; i < parcel->nr_attr; i++) {
		struct gunyah_rm_attr_entry entry = rm_attr_at(&a->attr, i);

		if (entry.vmid != parcel->attr[i].vmid || entry.attr != parcel->attr[i].attr)
			return false;
	}
	return true;
}

static u8 trans_type(const struct rm_parcel *parcel)
{
	return parcel->shared ? GUNYAH_RM_TRANS_SHARE : GUNYAH_RM_TRANS_LEND;
}

static u32 validate(const struct rm_parcel *parcel, const struct accept *a)
{
	u8 flags = a->head.flags;

	if (flags & GUNYAH_RM_ACCEPT_MAP_OTHER)
		return GUNYAH_RM_ERR_DENIED;
	if (a->head.mem_type != GUNYAH_RM_MEM_TYPE_NORMAL ||
	    a->head.trans_type != trans_type(parcel) || !(flags & GUNYAH_RM_ACCEPT_DONE))
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	if ((flags & GUNYAH_RM_ACCEPT_SANITIZED && !parcel->sanitize) ||
	    (flags & GUNYAH_RM_ACCEPT_VALIDATE_ACL && !same_acl(parcel, a)) ||
	    (flags & GUNYAH_RM_ACCEPT_VALIDATE_LABEL && a->head.label != parcel->label))
		return GUNYAH_RM_ERR_VALIDATE_FAILED;
	return GUNYAH_RM_ERR_OK;
}

static bool overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

static bool nothing_mapped(const struct stage2 *s2, u64 ipa, u64 size)
{
	u64 end = ipa + size;
	u64 left;

	for (; ipa < end; ipa += left)
		if (stage2_lookup(s2, ipa, NULL, NULL, &left))
			return false;
	return true;
}

/* Where a running guest has neither memory nor devices nor may expect any */
static bool is_free(const struct rm_vm *rvm, u64 ipa, u64 size)
{
	u64 limit = 1ULL << VM_IPA_BITS;
	const struct vgic *vgic = &rvm->vm->vgic;

	if (ipa < RAM_LOWEST || ipa >= limit || size > limit - ipa)
		return false;
	if (overlap(ipa, size, vgic->gicd_base, GICD_SIZE) ||
	    overlap(ipa, size, vgic->gicr_base, vgic->gicr_stride * rvm->vm->nr_vcpus))
		return false;
	for (u32 i = 0; i < rvm->nr_demand; i++)
		if (overlap(ipa, size, rvm->demand[i].base, rvm->demand[i].size))
			return false;
	return nothing_mapped(&rvm->vm->s2, ipa, size);
}

static u64 gic_end(const struct rm_vm *rvm)
{
	const struct vgic *vgic = &rvm->vm->vgic;

	return max(vgic->gicd_base + GICD_SIZE,
		   vgic->gicr_base + vgic->gicr_stride * rvm->vm->nr_vcpus);
}

static u64 better(const struct rm_vm *rvm, u64 size, u64 ipa, u64 best)
{
	ipa = max(ALIGN_UP(ipa, SZ_2M), RAM_LOWEST + SZ_2M);
	return (!best || ipa < best) && is_free(rvm, ipa, size) ? ipa : best;
}

/* The lowest 2 MiB boundary behind something; 0: there is none */
static u64 choose_ipa(const struct rm_vm *rvm, u64 size)
{
	u64 best = better(rvm, size, 0, 0);

	best = better(rvm, size, gic_end(rvm), best);
	for (u32 i = 0; i < rvm->nr_demand; i++)
		best = better(rvm, size, rvm->demand[i].base + rvm->demand[i].size, best);
	for (u32 i = 0; i < GUNYAH_RM_MAX_PARCELS; i++) {
		struct rm_parcel *parcel = rm_parcel_at(i);
		struct rm_acl *acl = parcel ? rm_parcel_acl(parcel, rvm->vmid) : NULL;

		if (acl && acl->accepted)
			best = better(rvm, size, acl->ipa + parcel->size, best);
	}
	return best ? best : better(rvm, size, LAST_RESORT, 0);
}

/* The guest's list: one piece, whole, page aligned */
static u32 wanted_ipa(const struct rm_parcel *parcel, const struct accept *a, u64 *ipa)
{
	u64 end = rm_mem_at(&a->sgl, 0).ipa;

	*ipa = end;
	if (a->head.flags & GUNYAH_RM_ACCEPT_CONTIGUOUS && a->sgl.count != 1)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	for (u32 i = 0; i < a->sgl.count; i++) {
		struct gunyah_rm_mem_entry entry = rm_mem_at(&a->sgl, i);

		if (!entry.size || !IS_ALIGNED(entry.ipa | entry.size, PAGE_SIZE) ||
		    entry.size > parcel->size - (end - *ipa))
			return GUNYAH_RM_ERR_ARGUMENT_INVALID;
		if (entry.ipa != end)
			return GUNYAH_RM_ERR_NORESOURCE;
		end += entry.size;
	}
	return end - *ipa == parcel->size ? GUNYAH_RM_ERR_OK : GUNYAH_RM_ERR_ARGUMENT_INVALID;
}

static u32 find_place(const struct rm_vm *rvm, const struct rm_parcel *parcel,
		      const struct accept *a, u64 *ipa)
{
	u32 error;

	if (!a->sgl.count) {
		*ipa = choose_ipa(rvm, parcel->size);
		return *ipa ? GUNYAH_RM_ERR_OK : GUNYAH_RM_ERR_NORESOURCE;
	}
	error = wanted_ipa(parcel, a, ipa);
	if (error)
		return error;
	return is_free(rvm, *ipa, parcel->size) ? GUNYAH_RM_ERR_OK : GUNYAH_RM_ERR_NORESOURCE;
}

static u32 map_parcel(struct rm_vm *rvm, struct rm_parcel *parcel, u64 ipa, bool sanitize)
{
	u32 error = rm_parcel_accept(parcel, rvm->vm, ipa);

	if (error)
		return error;
	rm_parcel_set_secret(parcel);
	if (sanitize)
		rm_parcel_zero(parcel, 0, parcel->size);
	return GUNYAH_RM_ERR_OK;
}

static void put_place(struct rm_out *out, u64 ipa, u64 size)
{
	struct gunyah_rm_accept_resp resp = { .count = 1 };
	struct gunyah_rm_mem_entry entry = { .ipa = ipa, .size = size };

	rm_out_put(out, &resp, sizeof(resp));
	rm_out_put(out, &entry, sizeof(entry));
}

u32 rm_mem_accept(const struct rm_req *req, struct rm_out *out)
{
	struct rm_vm *rvm = rm_vm_find(req->from);
	struct rm_parcel *parcel;
	struct rm_acl *acl;
	struct accept a;
	u32 error = take_apart(req, &a);
	u64 ipa;

	if (!error)
		error = find_offered(req, a.head.handle, &parcel, &acl);
	if (error)
		return error;
	if (parcel->open)
		return GUNYAH_RM_ERR_DENIED;
	error = validate(parcel, &a);
	if (error)
		return error;
	if (acl->accepted || (a.head.flags & GUNYAH_RM_ACCEPT_SANITIZE && !may_clear(acl)))
		return GUNYAH_RM_ERR_DENIED;
	error = find_place(rvm, parcel, &a, &ipa);
	if (!error)
		error = map_parcel(rvm, parcel, ipa, a.head.flags & GUNYAH_RM_ACCEPT_SANITIZE);
	if (!error && !a.sgl.count)
		put_place(out, ipa, parcel->size);
	return error;
}

/* --- RELEASE --- */

u32 rm_mem_release(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_reclaim_req *in = (const void *)req->data;
	struct rm_parcel *parcel;
	struct rm_acl *acl;
	u32 error = find_offered(req, in->handle, &parcel, &acl);

	if (error)
		return error;
	if (!acl->accepted)
		return GUNYAH_RM_ERR_MEM_RELEASED;
	/* The guest cannot give up what it was started with */
	if (acl->locked || (in->flags & GUNYAH_RM_RELEASE_FLAG_SANITIZE && !may_clear(acl)))
		return GUNYAH_RM_ERR_DENIED;
	if (in->flags & GUNYAH_RM_RELEASE_FLAG_SANITIZE)
		rm_parcel_zero(parcel, 0, parcel->size);
	rm_parcel_release(parcel, rm_vm_find(req->from)->vm);
	return GUNYAH_RM_ERR_OK;
}
