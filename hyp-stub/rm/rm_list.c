// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Lists in RM messages (ABI tables, rm-rpc 1.4): a count, and entries of one size. */
#include "lib/string.h"
#include "rm/rm_priv.h"

u32 rm_next_list(struct rm_cursor *c, u32 entry_size, bool may_miss, struct rm_list *list)
{
	struct gunyah_rm_list head;

	memset(list, 0, sizeof(*list));
	if (!c->left && may_miss)
		return GUNYAH_RM_ERR_OK;
	if (c->left < sizeof(head))
		return GUNYAH_RM_ERR_MSG_INVALID;
	memcpy(&head, c->data, sizeof(head));
	if (head.count > GUNYAH_RM_MAX_LIST_ENTRIES)
		return GUNYAH_RM_ERR_NORESOURCE;
	c->data += sizeof(head);
	c->left -= sizeof(head);
	if (head.count * entry_size > c->left)
		return GUNYAH_RM_ERR_MSG_INVALID;
	list->count = head.count;
	list->entry = c->data;
	c->data += head.count * entry_size;
	c->left -= head.count * entry_size;
	return GUNYAH_RM_ERR_OK;
}

struct gunyah_rm_acl_entry rm_acl_at(const struct rm_list *list, u32 i)
{
	struct gunyah_rm_acl_entry entry;

	memcpy(&entry, list->entry + i * sizeof(entry), sizeof(entry));
	return entry;
}

struct gunyah_rm_mem_entry rm_mem_at(const struct rm_list *list, u32 i)
{
	struct gunyah_rm_mem_entry entry;

	memcpy(&entry, list->entry + i * sizeof(entry), sizeof(entry));
	return entry;
}

struct gunyah_rm_attr_entry rm_attr_at(const struct rm_list *list, u32 i)
{
	struct gunyah_rm_attr_entry entry;

	memcpy(&entry, list->entry + i * sizeof(entry), sizeof(entry));
	return entry;
}
