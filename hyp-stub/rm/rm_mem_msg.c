// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * RM messages about memory: LEND, SHARE, APPEND, RECLAIM (ABI tables, rm-rpc 6).
 * The lists of a message are taken apart and checked before any page moves.
 */
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_priv.h"

#define RM_ADDRESS_LIMIT	(1ULL << 44)

/* A memory request, taken apart */
struct mem_req {
	struct gunyah_rm_mem_req head;
	struct rm_list acl;
	struct rm_list sgl;
	struct rm_list attr;
	bool shared;
};

static u32 take_apart(const struct rm_req *req, bool shared, struct mem_req *m)
{
	struct rm_cursor c = { .data = req->data, .left = req->len };
	u32 error;

	m->shared = shared;
	memcpy(&m->head, c.data, sizeof(m->head));
	c.data += sizeof(m->head);
	c.left -= sizeof(m->head);
	error = rm_next_list(&c, sizeof(struct gunyah_rm_acl_entry), false, &m->acl);
	if (!error)
		error = rm_next_list(&c, sizeof(struct gunyah_rm_mem_entry), false, &m->sgl);
	if (!error)
		error = rm_next_list(&c, sizeof(struct gunyah_rm_attr_entry), true, &m->attr);
	if (!error && c.left)
		error = GUNYAH_RM_ERR_MSG_INVALID;
	return error;
}

/* R, RX, RW or RWX, and nothing else in the byte */
static bool rights_valid(u8 rights)
{
	u8 all = GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_W | GUNYAH_RM_ACL_X;

	return rights & GUNYAH_RM_ACL_R && !(rights & ~all);
}

/* Somebody who may appear in an access list */
static bool vmid_exists(u16 vmid)
{
	return rm_vmid_foreign(vmid) || rm_vm_find(vmid);
}

static bool acl_has(const struct rm_list *acl, u32 count, u16 vmid)
{
	for (u32 i = 0; i < count; i++)
		if (rm_acl_at(acl, i).vmid == vmid)
			return true;
	return false;
}

/* The first @count attributes name @vmid */
static bool attr_has(const struct rm_list *attr, u32 count, u16 vmid)
{
	for (u32 i = 0; i < count; i++)
		if (rm_attr_at(attr, i).vmid == vmid)
			return true;
	return false;
}

static u32 check_acl(const struct mem_req *m)
{
	bool io = m->head.mem_type == GUNYAH_RM_MEM_TYPE_IO;

	if (!m->acl.count || !m->sgl.count)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	for (u32 i = 0; i < m->acl.count; i++) {
		struct gunyah_rm_acl_entry entry = rm_acl_at(&m->acl, i);

		if (!rights_valid(entry.rights) || !vmid_exists(entry.vmid) ||
		    acl_has(&m->acl, i, entry.vmid) || (io && entry.rights & GUNYAH_RM_ACL_X))
			return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	}
	/* SHARE names its owner, LEND must not */
	if (acl_has(&m->acl, m->acl.count, GUNYAH_VMID_HLOS) != m->shared)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	return GUNYAH_RM_ERR_OK;
}

static u32 check_attrs(const struct mem_req *m)
{
	bool io = m->head.mem_type == GUNYAH_RM_MEM_TYPE_IO;

	if (io && m->head.flags & GUNYAH_RM_MEM_FLAG_SANITIZE)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	for (u32 i = 0; i < m->attr.count; i++) {
		struct gunyah_rm_attr_entry entry = rm_attr_at(&m->attr, i);
		bool device = entry.attr == GUNYAH_RM_MEM_ATTR_DEVICE;

		if (entry.attr > GUNYAH_RM_MEM_ATTR_CACHED || device != io ||
		    attr_has(&m->attr, i, entry.vmid))
			return GUNYAH_RM_ERR_ARGUMENT_INVALID;
		if (!acl_has(&m->acl, m->acl.count, entry.vmid))
			return GUNYAH_RM_ERR_VMID_INVALID;
	}
	return GUNYAH_RM_ERR_OK;
}

static bool address_valid(u64 value)
{
	return IS_ALIGNED(value, PAGE_SIZE) && value < RM_ADDRESS_LIMIT;
}

static u32 check_sgl(const struct rm_list *sgl)
{
	for (u32 i = 0; i < sgl->count; i++) {
		struct gunyah_rm_mem_entry entry = rm_mem_at(sgl, i);

		if (!address_valid(entry.ipa) || !address_valid(entry.size))
			return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	}
	return GUNYAH_RM_ERR_OK;
}

static u32 check_request(const struct mem_req *m)
{
	u32 error = check_acl(m);

	if (!error)
		error = check_attrs(m);
	if (!error)
		error = check_sgl(&m->sgl);
	if (error)
		return error;
	/* No device of the host can be handed over here */
	if (m->head.mem_type == GUNYAH_RM_MEM_TYPE_IO)
		return GUNYAH_RM_ERR_MEM_INVALID;
	/* A policy of this stub: nobody has that many borrowers */
	return m->acl.count > RM_MAX_ACL ? GUNYAH_RM_ERR_DENIED : GUNYAH_RM_ERR_OK;
}

/* All ranges or none */
static u32 take_ranges(struct rm_parcel *parcel, const struct rm_list *sgl)
{
	u64 before = parcel->size;
	u32 error = GUNYAH_RM_ERR_OK;

	for (u32 i = 0; i < sgl->count && !error; i++) {
		struct gunyah_rm_mem_entry entry = rm_mem_at(sgl, i);

		error = rm_parcel_add(parcel, entry.ipa, entry.size);
	}
	if (error)
		rm_parcel_trim(parcel, before);
	return error;
}

static void fill_parcel(struct rm_parcel *parcel, const struct mem_req *m)
{
	parcel->shared = m->shared;
	parcel->label = m->head.label;
	parcel->open = m->head.flags & GUNYAH_RM_MEM_FLAG_APPEND;
	parcel->sanitize = m->head.flags & GUNYAH_RM_MEM_FLAG_SANITIZE;
	parcel->nr_acl = m->acl.count;
	for (u32 i = 0; i < m->acl.count; i++) {
		parcel->acl[i].vmid = rm_acl_at(&m->acl, i).vmid;
		parcel->acl[i].rights = rm_acl_at(&m->acl, i).rights;
	}
	parcel->nr_attr = m->attr.count;
	for (u32 i = 0; i < m->attr.count; i++)
		parcel->attr[i] = rm_attr_at(&m->attr, i);
}

static u32 create_parcel(const struct rm_req *req, bool shared, struct rm_out *out)
{
	struct gunyah_rm_mem_resp resp;
	struct rm_parcel *parcel;
	struct mem_req m;
	u32 error = take_apart(req, shared, &m);

	if (!error)
		error = check_request(&m);
	if (error)
		return error;
	parcel = rm_parcel_alloc();
	if (!parcel)
		return GUNYAH_RM_ERR_DENIED;
	fill_parcel(parcel, &m);
	error = take_ranges(parcel, &m.sgl);
	if (error) {
		rm_parcel_free(parcel, false);
		return error;
	}
	if (parcel->sanitize)
		rm_parcel_zero(parcel, 0, parcel->size);
	resp.handle = parcel->handle;
	rm_out_put(out, &resp, sizeof(resp));
	return GUNYAH_RM_ERR_OK;
}

u32 rm_mem_lend(const struct rm_req *req, struct rm_out *out)
{
	return create_parcel(req, false, out);
}

u32 rm_mem_share(const struct rm_req *req, struct rm_out *out)
{
	return create_parcel(req, true, out);
}

static u32 append(struct rm_parcel *parcel, const struct rm_list *sgl, bool done)
{
	u64 before = parcel->size;
	u32 error;

	if (!sgl->count)
		return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	error = check_sgl(sgl);
	if (!error)
		error = take_ranges(parcel, sgl);
	if (error)
		return error;
	if (parcel->sanitize)
		rm_parcel_zero(parcel, before, parcel->size - before);
	if (done)
		parcel->open = false;
	return GUNYAH_RM_ERR_OK;
}

u32 rm_mem_append(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_append_req *in = (const void *)req->data;
	struct rm_cursor c = { .data = req->data + sizeof(*in), .left = req->len - sizeof(*in) };
	struct rm_parcel *parcel;
	struct rm_list sgl;
	u32 error = rm_next_list(&c, sizeof(struct gunyah_rm_mem_entry), false, &sgl);

	if (!error && c.left)
		error = GUNYAH_RM_ERR_MSG_INVALID;
	if (error)
		return error;
	parcel = rm_parcel_find(in->handle);
	if (!parcel)
		return GUNYAH_RM_ERR_HANDLE_INVALID;
	if (!parcel->open)
		return GUNYAH_RM_ERR_DENIED;
	return append(parcel, &sgl, in->flags & GUNYAH_RM_APPEND_FLAG_DONE);
}

u32 rm_mem_reclaim(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_reclaim_req *in = (const void *)req->data;
	struct rm_parcel *parcel = rm_parcel_find(in->handle);

	if (!parcel)
		return GUNYAH_RM_ERR_HANDLE_INVALID;
	if (rm_parcel_in_use(parcel))
		return GUNYAH_RM_ERR_MEM_INUSE;
	rm_parcel_free(parcel, in->flags & GUNYAH_RM_RECLAIM_FLAG_SANITIZE);
	return GUNYAH_RM_ERR_OK;
}
