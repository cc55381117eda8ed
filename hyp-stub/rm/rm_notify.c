// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * MEM_NOTIFY: owner and borrowers of a parcel tell each other about it (ABI tables,
 * rm-rpc 6.2).  The owner says SHARED and RECALL, a borrower ACCEPTED and RELEASED, and
 * only what is true.  Borrowers without an RM channel hear nothing.
 */
#include "lib/string.h"
#include "rm/rm_priv.h"

/* What MEM_SHARED can carry; under the stub's lock */
static u8 shared_msg[RM_MAX_MSG];

static void put_list(struct rm_out *out, u32 count)
{
	struct gunyah_rm_list head = { .count = (u16)count };

	rm_out_put(out, &head, sizeof(head));
}

static u32 count_regions(const struct rm_parcel *parcel)
{
	struct rm_range_iter it = { 0 };
	u32 nr = 0;

	while (rm_range_next(parcel, &it))
		nr++;
	return nr;
}

static void put_acl(struct rm_out *out, const struct rm_parcel *parcel)
{
	put_list(out, parcel->nr_acl);
	for (u32 i = 0; i < parcel->nr_acl; i++) {
		struct gunyah_rm_acl_entry entry = {
			.vmid = parcel->acl[i].vmid, .rights = parcel->acl[i].rights,
		};

		rm_out_put(out, &entry, sizeof(entry));
	}
}

/* False: too many regions for one message */
static bool make_shared(const struct rm_parcel *parcel, u32 tag, struct rm_out *out)
{
	u32 regions = count_regions(parcel);
	const struct gunyah_rm_mem_shared head = {
		.handle = parcel->handle,
		.mem_type = GUNYAH_RM_MEM_TYPE_NORMAL,
		.trans_type = parcel->shared ? GUNYAH_RM_TRANS_SHARE : GUNYAH_RM_TRANS_LEND,
		.flags = parcel->sanitize ? GUNYAH_RM_MEM_FLAG_SANITIZE : 0,
		.owner = GUNYAH_VMID_HLOS,
		.label = parcel->label,
		.tag = tag,
	};
	struct rm_range_iter it = { 0 };
	const struct rm_range *range;

	*out = (struct rm_out){ .data = shared_msg, .max = sizeof(shared_msg) };
	if (regions > (out->max - sizeof(head) - 3 * sizeof(struct gunyah_rm_list) -
		       2 * RM_MAX_ACL * sizeof(struct gunyah_rm_acl_entry)) / sizeof(u64))
		return false;
	rm_out_put(out, &head, sizeof(head));
	put_acl(out, parcel);
	put_list(out, regions);
	while ((range = rm_range_next(parcel, &it)))
		rm_out_put(out, &range->size, sizeof(range->size));
	put_list(out, parcel->nr_attr);
	rm_out_put(out, parcel->attr, parcel->nr_attr * sizeof(parcel->attr[0]));
	return true;
}

static bool make_recall(const struct rm_parcel *parcel, u32 tag, struct rm_out *out)
{
	const struct gunyah_rm_mem_recall msg = { .handle = parcel->handle, .tag = tag };

	*out = (struct rm_out){ .data = shared_msg, .max = sizeof(shared_msg) };
	rm_out_put(out, &msg, sizeof(msg));
	return true;
}

/* --- the owner --- */

static struct gunyah_rm_notify_entry vmid_at(const struct rm_list *list, u32 i)
{
	struct gunyah_rm_notify_entry entry;

	memcpy(&entry, list->entry + i * sizeof(entry), sizeof(entry));
	return entry;
}

/* Each one named is a borrower; an owner who names nobody means all of them */
static u32 check_audience(struct rm_parcel *parcel, const struct rm_list *list)
{
	for (u32 i = 0; i < list->count; i++) {
		u16 vmid = vmid_at(list, i).vmid;

		if (vmid == GUNYAH_VMID_HLOS || !rm_parcel_acl(parcel, vmid))
			return GUNYAH_RM_ERR_ARGUMENT_INVALID;
	}
	return GUNYAH_RM_ERR_OK;
}

static bool is_meant(const struct rm_list *list, u16 vmid)
{
	for (u32 i = 0; i < list->count; i++)
		if (vmid_at(list, i).vmid == vmid)
			return true;
	return !list->count;
}

static u32 tell_borrowers(const struct rm_parcel *parcel, const struct rm_list *list, u32 id,
			  const struct rm_out *msg)
{
	u32 error = GUNYAH_RM_ERR_OK;

	for (u32 i = 0; i < parcel->nr_acl; i++) {
		const struct rm_vm *rvm = rm_vm_find(parcel->acl[i].vmid);
		struct rm_client *client = rvm ? rm_client_of(rvm) : NULL;

		if (client && is_meant(list, rvm->vmid) &&
		    !rm_notify_client(client, NULL, id, msg->data, msg->len))
			error = GUNYAH_RM_ERR_NOMEM;
	}
	return error;
}

static u32 owner_notifies(struct rm_parcel *parcel, const struct rm_req *req)
{
	const struct gunyah_rm_notify_req *in = (const void *)req->data;
	struct rm_cursor c = { .data = req->data + sizeof(*in), .left = req->len - sizeof(*in) };
	bool shared = in->flags == GUNYAH_RM_NOTIFY_SHARED;
	struct rm_list list;
	struct rm_out msg;
	u32 error = rm_next_list(&c, sizeof(struct gunyah_rm_notify_entry), !shared, &list);

	if (!error && c.left)
		error = GUNYAH_RM_ERR_MSG_INVALID;
	if (!error && !shared && in->flags != GUNYAH_RM_NOTIFY_RECALL)
		error = GUNYAH_RM_ERR_ARGUMENT_INVALID;
	if (!error)
		error = check_audience(parcel, &list);
	if (error)
		return error;
	if (parcel->open)
		return GUNYAH_RM_ERR_DENIED;
	if (!(shared ? make_shared : make_recall)(parcel, in->tag, &msg))
		return GUNYAH_RM_ERR_NORESOURCE;
	return tell_borrowers(parcel, &list, shared ? GUNYAH_RM_NOTIF_MEM_SHARED :
						      GUNYAH_RM_NOTIF_MEM_RECALL, &msg);
}

/* --- a borrower --- */

/* Not a word that the parcel's state belies */
static u32 check_claim(const struct rm_acl *acl, u8 flags)
{
	if (flags == GUNYAH_RM_NOTIFY_ACCEPTED)
		return acl->accepted ? GUNYAH_RM_ERR_OK : GUNYAH_RM_ERR_MEM_RELEASED;
	if (flags == GUNYAH_RM_NOTIFY_RELEASED)
		return acl->accepted ? GUNYAH_RM_ERR_MEM_INUSE : GUNYAH_RM_ERR_OK;
	return GUNYAH_RM_ERR_ARGUMENT_INVALID;
}

static u32 borrower_notifies(struct rm_parcel *parcel, const struct rm_req *req)
{
	const struct gunyah_rm_notify_req *in = (const void *)req->data;
	const struct gunyah_rm_mem_released msg = {
		.handle = parcel->handle, .vmid = req->from, .tag = in->tag,
	};
	u32 error = check_claim(rm_parcel_acl(parcel, req->from), in->flags);
	u32 id = in->flags == GUNYAH_RM_NOTIFY_ACCEPTED ? GUNYAH_RM_NOTIF_MEM_ACCEPTED :
							  GUNYAH_RM_NOTIF_MEM_RELEASED;

	if (req->len != sizeof(*in))
		return GUNYAH_RM_ERR_MSG_INVALID;
	if (error)
		return error;
	/* Nobody can make the host lose what others tell it */
	return rm_notify_client(rm_host(), req->client, id, &msg, sizeof(msg)) ?
		       GUNYAH_RM_ERR_OK : GUNYAH_RM_ERR_BUSY;
}

u32 rm_mem_notify(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_notify_req *in = (const void *)req->data;
	struct rm_parcel *parcel = rm_parcel_find(in->handle);

	if (!parcel)
		return GUNYAH_RM_ERR_HANDLE_INVALID;
	if (req->from == GUNYAH_VMID_HLOS)
		return owner_notifies(parcel, req);
	return rm_parcel_acl(parcel, req->from) ? borrower_notifies(parcel, req) :
						  GUNYAH_RM_ERR_HANDLE_INVALID;
}
