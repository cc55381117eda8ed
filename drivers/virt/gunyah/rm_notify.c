// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notifications become VM events (ABI tables, rm-rpc 7).
 *
 * The receiver of the connection copies a notification and goes on; an ordered
 * work queue decodes it and calls the chain, so that callbacks may sleep and see
 * events in the order in which they came.
 */
#include <linux/device.h>

#include "compat.h"
#include "rm_priv.h"

struct gunyah_rm_notification {
	struct work_struct work;
	struct gunyah_rm *rm;
	u32 msg_id;
	size_t size;
	u8 payload[] __counted_by(size);
};

static void gunyah_rm_vm_status(struct gunyah_rm *rm, const void *payload, size_t size)
{
	const struct gunyah_rm_vm_status *status = payload;
	struct gunyah_rm_vm_status_event event = {
		.vmid = le16_to_cpu(status->vmid),
		.vm_state = status->vm_state,
		.os_state = status->os_state,
		.app_status = le16_to_cpu(status->app_status),
	};

	blocking_notifier_call_chain(&rm->chain, GUNYAH_RM_NOTIF_VM_STATUS, &event);
}

static void gunyah_rm_vm_exited(struct gunyah_rm *rm, const void *payload, size_t size)
{
	const struct gunyah_rm_vm_exited *exited = payload;
	u32 reason_size = le32_to_cpu(exited->reason_size);
	struct gunyah_rm_vm_exited_event event = {
		.vmid = le16_to_cpu(exited->vmid),
		.exit_type = le16_to_cpu(exited->exit_type),
		.reason_size = reason_size,
		.reason_len = min_t(size_t, reason_size, size - sizeof(*exited)),
		.reason = payload + sizeof(*exited),
	};

	blocking_notifier_call_chain(&rm->chain, GUNYAH_RM_NOTIF_VM_EXITED, &event);
}

/* Those of which somebody wants to know; all others are none of our business */
static const struct gunyah_rm_notification_type {
	u32 msg_id;
	size_t min_size;
	void (*handle)(struct gunyah_rm *rm, const void *payload, size_t size);
} gunyah_rm_notification_types[] = {
	{
		.msg_id = GUNYAH_RM_NOTIF_VM_STATUS,
		.min_size = sizeof(struct gunyah_rm_vm_status),
		.handle = gunyah_rm_vm_status,
	},
	{
		.msg_id = GUNYAH_RM_NOTIF_VM_EXITED,
		.min_size = sizeof(struct gunyah_rm_vm_exited),
		.handle = gunyah_rm_vm_exited,
	},
};

static const struct gunyah_rm_notification_type *gunyah_rm_find_type(u32 msg_id)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(gunyah_rm_notification_types); i++)
		if (gunyah_rm_notification_types[i].msg_id == msg_id)
			return &gunyah_rm_notification_types[i];

	return NULL;
}

static void gunyah_rm_notification_work(struct work_struct *work)
{
	struct gunyah_rm_notification *n =
		container_of(work, struct gunyah_rm_notification, work);

	gunyah_rm_find_type(n->msg_id)->handle(n->rm, n->payload, n->size);
	kfree(n);
}

static void gunyah_rm_lost(struct gunyah_rm *rm, u32 msg_id, size_t size, const char *why)
{
	dev_err_ratelimited(rm->dev, "%s of %zu bytes lost: %s\n",
			    gunyah_rm_msg_name(msg_id), size, why);
}

/**
 * gunyah_rm_notify() - a notification has come
 * @data: RM
 * @msg_id: GUNYAH_RM_NOTIF_*
 * @payload: not valid after return
 * @size: bytes
 *
 * Context: that of the receiver, may sleep.
 */
void gunyah_rm_notify(void *data, u32 msg_id, const void *payload, size_t size)
{
	const struct gunyah_rm_notification_type *type = gunyah_rm_find_type(msg_id);
	struct gunyah_rm_notification *n;
	struct gunyah_rm *rm = data;

	if (!type)
		return;

	if (size < type->min_size) {
		gunyah_rm_lost(rm, msg_id, size, "too short");
		return;
	}

	n = kmalloc(struct_size(n, payload, size), GFP_KERNEL);
	if (!n) {
		gunyah_rm_lost(rm, msg_id, size, "no memory");
		return;
	}

	INIT_WORK(&n->work, gunyah_rm_notification_work);
	n->rm = rm;
	n->msg_id = msg_id;
	n->size = size;
	memcpy(n->payload, payload, size);
	queue_work(rm->events, &n->work);
}

/**
 * gunyah_rm_notifier_register() - ask for VM events
 * @rm: RM
 * @nb: called in process context, from a work queue of the RM, one event at a time
 *
 * Return: 0, or EEXIST if it is registered.
 */
int gunyah_rm_notifier_register(struct gunyah_rm *rm, struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&rm->chain, nb);
}

/**
 * gunyah_rm_notifier_unregister() - no more VM events
 * @rm: RM
 * @nb: not called any more after return
 *
 * Context: not from the callback.
 *
 * Return: 0, or ENOENT if it was not registered.
 */
int gunyah_rm_notifier_unregister(struct gunyah_rm *rm, struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&rm->chain, nb);
}
