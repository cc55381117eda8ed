// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages about memory parcels (ABI tables, rm-rpc 6): LEND, SHARE, APPEND,
 * RECLAIM.  Does not know whose pages they are.
 */
#include <linux/error-injection.h>

#include "compat.h"
#include "rm_priv.h"

/* Appends a list (rm-rpc 1.4) to a message at @pos, returns its end */
static void *gunyah_rm_put_list(void *pos, const void *entries, size_t count, size_t entry_size)
{
	struct gunyah_rm_list *list = pos;

	list->count = cpu_to_le16(count);
	list->reserved = 0;
	pos = list + 1;
	if (count)
		memcpy(pos, entries, count * entry_size);

	return pos + count * entry_size;
}

static size_t gunyah_rm_batch(size_t left)
{
	return min_t(size_t, left, GUNYAH_RM_MAX_LIST_ENTRIES);
}

/* Bytes that the longest message about @parcel takes */
static size_t gunyah_rm_mem_max_size(const struct gunyah_rm_mem_parcel *parcel)
{
	return max(sizeof(struct gunyah_rm_mem_req), sizeof(struct gunyah_rm_append_req)) +
	       3 * sizeof(struct gunyah_rm_list) + sizeof(parcel->acl) +
	       gunyah_rm_batch(parcel->n_entries) * sizeof(struct gunyah_rm_mem_entry);
}

/* Memory that we stay on the list for is shared, other memory is lent */
static u32 gunyah_rm_mem_msg_id(struct gunyah_rm *rm, const struct gunyah_rm_mem_parcel *parcel)
{
	u32 i;

	for (i = 0; i < parcel->n_acl; i++)
		if (le16_to_cpu(parcel->acl[i].vmid) == rm->caps.own_vmid)
			return GUNYAH_RM_MEM_SHARE;

	return GUNYAH_RM_MEM_LEND;
}

static int gunyah_rm_reclaim(struct gunyah_rm *rm, u32 handle)
{
	struct gunyah_rm_reclaim_req req = { .handle = cpu_to_le32(handle) };
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_MEM_RECLAIM,
		.req = &req,
		.req_size = sizeof(req),
	};

	return gunyah_rm_send_msg(rm, &msg);
}

static void gunyah_rm_late_mem_share(void *data, u32 arg, const void *resp, size_t resp_len)
{
	struct gunyah_rm *rm = data;
	u32 handle;

	if (gunyah_rm_word_reply_ok(resp, resp_len, &handle))
		gunyah_rm_queue_undo(rm, gunyah_rm_reclaim, handle);
}

/* LEND or SHARE with the first @count entries; @buf has room for the message */
static int gunyah_rm_mem_create(struct gunyah_rm *rm, struct gunyah_rm_mem_parcel *parcel,
				void *buf, size_t count, u32 *handle)
{
	struct gunyah_rm_mem_req *req = buf;
	struct gunyah_rm_word_reply reply;
	struct gunyah_rm_msg msg = {
		.id = gunyah_rm_mem_msg_id(rm, parcel),
		.req = buf,
		.resp = &reply,
		.resp_min = sizeof(reply),
		.late = gunyah_rm_late_mem_share,
	};
	void *end = req + 1;
	int ret;

	*req = (struct gunyah_rm_mem_req){
		.mem_type = GUNYAH_RM_MEM_TYPE_NORMAL,
		.flags = count < parcel->n_entries ? GUNYAH_RM_MEM_FLAG_APPEND : 0,
		.label = cpu_to_le32(parcel->label),
	};
	end = gunyah_rm_put_list(end, parcel->acl, parcel->n_acl, sizeof(parcel->acl[0]));
	end = gunyah_rm_put_list(end, parcel->entries, count, sizeof(parcel->entries[0]));
	end = gunyah_rm_put_list(end, NULL, 0, 0);	/* no attributes */
	msg.req_size = end - buf;

	ret = gunyah_rm_send_msg(rm, &msg);
	parcel->in_doubt = msg.in_doubt;
	if (!ret)
		*handle = le32_to_cpu(reply.word);

	return ret;
}

/**
 * gunyah_rm_mem_append() - add entries to an unfinished parcel
 * @rm: RM
 * @handle: parcel
 * @buf: room for the message
 * @entries: pages
 * @count: at most GUNYAH_RM_MAX_LIST_ENTRIES
 * @last: the parcel is complete
 *
 * Return: 0 or a negative errno.
 */
int gunyah_rm_mem_append(struct gunyah_rm *rm, u32 handle, void *buf,
			 const struct gunyah_rm_mem_entry *entries, size_t count, bool last)
{
	struct gunyah_rm_append_req *req = buf;
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_MEM_APPEND,
		.req = buf,
	};
	void *end;

	*req = (struct gunyah_rm_append_req){
		.handle = cpu_to_le32(handle),
		.flags = last ? GUNYAH_RM_APPEND_FLAG_DONE : 0,
	};
	end = gunyah_rm_put_list(req + 1, entries, count, sizeof(*entries));
	msg.req_size = end - buf;

	return gunyah_rm_send_msg(rm, &msg);
}

static int gunyah_rm_mem_append_rest(struct gunyah_rm *rm,
				     const struct gunyah_rm_mem_parcel *parcel, u32 handle,
				     void *buf, size_t done)
{
	size_t count;
	int ret = 0;

	for (; done < parcel->n_entries && !ret; done += count) {
		count = gunyah_rm_batch(parcel->n_entries - done);
		ret = gunyah_rm_mem_append(rm, handle, buf, parcel->entries + done, count,
					   done + count == parcel->n_entries);
	}

	return ret;
}

static bool gunyah_rm_mem_parcel_ok(const struct gunyah_rm_mem_parcel *parcel)
{
	return parcel->n_acl && parcel->n_acl <= ARRAY_SIZE(parcel->acl) && parcel->n_entries;
}

/**
 * gunyah_rm_mem_share() - hand memory over: LEND or SHARE, APPEND
 * @rm: RM
 * @parcel: what; @handle and @in_doubt are set
 *
 * Shares if our own VMID is on the access list, lends otherwise.  A parcel that
 * was begun and cannot be finished is reclaimed.  One whose reply comes after
 * the caller gave up is reclaimed then, but that is nothing the caller can wait
 * for: @in_doubt says that the pages must not be used again.
 *
 * Return: 0 or a negative errno.
 */
noinline int gunyah_rm_mem_share(struct gunyah_rm *rm, struct gunyah_rm_mem_parcel *parcel)
{
	void *buf __free(kvfree) = NULL;
	size_t first;
	u32 handle;
	int ret;

	parcel->handle = GUNYAH_RM_HANDLE_INVALID;
	parcel->in_doubt = false;

	if (!gunyah_rm_mem_parcel_ok(parcel))
		return -EINVAL;

	buf = kvmalloc(gunyah_rm_mem_max_size(parcel), GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	first = gunyah_rm_batch(parcel->n_entries);
	ret = gunyah_rm_mem_create(rm, parcel, buf, first, &handle);
	if (ret)
		return ret;

	ret = gunyah_rm_mem_append_rest(rm, parcel, handle, buf, first);
	if (ret) {
		parcel->in_doubt = gunyah_rm_reclaim(rm, handle);
		return ret;
	}
	parcel->handle = handle;

	return 0;
}
ALLOW_ERROR_INJECTION(gunyah_rm_mem_share, ERRNO);

/**
 * gunyah_rm_mem_reclaim() - take a parcel back
 * @rm: RM
 * @handle: parcel
 *
 * Return: 0 (the pages are ours again) or a negative errno; EINVAL also while
 * the guest still has it.
 */
int gunyah_rm_mem_reclaim(struct gunyah_rm *rm, u32 handle)
{
	return gunyah_rm_reclaim(rm, handle);
}
