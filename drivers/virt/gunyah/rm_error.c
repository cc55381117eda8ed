// SPDX-License-Identifier: GPL-2.0-only
/*
 * The RM's error words and message ids: names and errnos (ABI tables, rm-rpc
 * 1.5 and 2).
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "rm.h"

struct gunyah_rm_error {
	const char *name;
	int err;
};

/* UNIMPLEMENTED is -1: it becomes entry 0, OK entry 1, and so on */
static const struct gunyah_rm_error gunyah_rm_errors[] = {
#define ERR(_name, _err) \
	[GUNYAH_RM_ERR_##_name + 1U] = { #_name, _err }
	ERR(UNIMPLEMENTED, -EOPNOTSUPP),
	ERR(OK, 0),
	ERR(NOMEM, -ENOMEM),
	ERR(NORESOURCE, -ENODEV),
	ERR(DENIED, -EPERM),
	ERR(MSG_INVALID, -EINVAL),
	ERR(BUSY, -EBUSY),
	ERR(ARGUMENT_INVALID, -EINVAL),
	ERR(HANDLE_INVALID, -EINVAL),
	ERR(VALIDATE_FAILED, -EINVAL),
	ERR(MAP_FAILED, -EINVAL),
	ERR(MEM_INVALID, -EINVAL),
	ERR(MEM_INUSE, -EINVAL),
	ERR(MEM_RELEASED, -EINVAL),
	ERR(VMID_INVALID, -EINVAL),
	ERR(LOOKUP_FAILED, -EINVAL),
	ERR(IRQ_INVALID, -EINVAL),
	ERR(IRQ_INUSE, -EINVAL),
	ERR(IRQ_RELEASED, -EINVAL),
	/* Drivers in the field do not know the last three */
	ERR(IN_USE, -EBADMSG),
	ERR(IRQ_NOT_MAPPED, -EBADMSG),
	ERR(VM_STATE, -EBADMSG),
#undef ERR
};

static const struct gunyah_rm_error gunyah_rm_unknown_error = { "unknown", -EBADMSG };

static const struct gunyah_rm_error *gunyah_rm_error_find(u32 error)
{
	u32 i = error + 1U;

	if (i >= ARRAY_SIZE(gunyah_rm_errors) || !gunyah_rm_errors[i].name)
		return &gunyah_rm_unknown_error;

	return &gunyah_rm_errors[i];
}

/**
 * gunyah_rm_error_name() - name of an RM error for a log line
 * @error: GUNYAH_RM_ERR_*, or anything else
 *
 * Return: its name as in the tables, or "unknown"; never NULL.
 */
const char *gunyah_rm_error_name(u32 error)
{
	return gunyah_rm_error_find(error)->name;
}

/**
 * gunyah_rm_error_to_errno() - translate an RM error
 * @error: GUNYAH_RM_ERR_*, or anything else that came in its place
 *
 * Return: 0 or a negative errno, EBADMSG for what the tables do not list.
 */
int gunyah_rm_error_to_errno(u32 error)
{
	return gunyah_rm_error_find(error)->err;
}

static const struct {
	u32 id;
	const char *name;
} gunyah_rm_msgs[] = {
#define MSG(_name)	{ GUNYAH_RM_##_name, #_name }
	MSG(MEM_LEND),
	MSG(MEM_SHARE),
	MSG(MEM_RECLAIM),
	MSG(MEM_APPEND),
	MSG(VM_ALLOCATE),
	MSG(VM_DEALLOCATE),
	MSG(VM_START),
	MSG(VM_STOP),
	MSG(VM_RESET),
	MSG(VM_CONFIG_IMAGE),
	MSG(VM_AUTH_IMAGE),
	MSG(VM_INIT),
	MSG(VM_GET_HYP_RESOURCES),
	MSG(VM_GET_VMID),
	MSG(VM_SET_BOOT_CONTEXT),
	MSG(VM_SET_BOOT_CONTEXT_ALT),
	MSG(VM_SET_FIRMWARE_MEM),
	MSG(VM_SET_DEMAND_PAGING),
	MSG(VM_SET_ADDRESS_LAYOUT),
	MSG(NOTIF_VM_EXITED),
	MSG(NOTIF_VM_STATUS),
#undef MSG
};

/**
 * gunyah_rm_msg_name() - name of a message that we send or understand
 * @msg_id: GUNYAH_RM_*
 *
 * Return: its name, or "message"; never NULL.
 */
const char *gunyah_rm_msg_name(u32 msg_id)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(gunyah_rm_msgs); i++)
		if (gunyah_rm_msgs[i].id == msg_id)
			return gunyah_rm_msgs[i].name;

	return "message";
}
