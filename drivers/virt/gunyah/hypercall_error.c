// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor's error words: names and errnos (ABI tables, hypercall 1.4).
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "hypercall.h"

struct gunyah_error {
	const char *name;
	int err;
};

/* Errors from 0 up; -1 and -2 have a table of their own below */
static const struct gunyah_error gunyah_errors[] = {
#define ERR(_name, _err) \
	[GUNYAH_ERR_##_name] = { #_name, _err }
	ERR(OK, 0),
	ERR(ARGUMENT_INVALID, -EINVAL),
	ERR(ARGUMENT_SIZE, -EINVAL),
	ERR(ARGUMENT_ALIGNMENT, -EINVAL),
	ERR(NOMEM, -ENOMEM),
	ERR(NORESOURCES, -EINVAL),
	ERR(ADDR_OVERFLOW, -EINVAL),
	ERR(ADDR_UNDERFLOW, -EINVAL),
	ERR(ADDR_INVALID, -EINVAL),
	ERR(DENIED, -EACCES),
	ERR(BUSY, -EBUSY),
	ERR(IDLE, -EBUSY),
	ERR(OBJECT_STATE, -EINVAL),
	ERR(OBJECT_CONFIG, -EINVAL),
	ERR(OBJECT_CONFIGURED, -EINVAL),
	ERR(FAILURE, -EINVAL),
	ERR(VIRQ_BOUND, -EIO),
	ERR(VIRQ_NOT_BOUND, -EIO),
	ERR(CSPACE_CAP_NULL, -EACCES),
	ERR(CSPACE_CAP_REVOKED, -EACCES),
	ERR(CSPACE_WRONG_OBJECT_TYPE, -EACCES),
	ERR(CSPACE_INSUFFICIENT_RIGHTS, -EACCES),
	ERR(CSPACE_FULL, -EBUSY),
	ERR(MSGQUEUE_EMPTY, -EIO),
	ERR(MSGQUEUE_FULL, -EIO),
	ERR(ALLOCATOR_RANGE_OVERLAPPING, -EINVAL),
	ERR(ALLOCATOR_MEM_INUSE, -EINVAL),
	ERR(MEMDB_EMPTY, -EINVAL),
	ERR(MEMDB_NOT_OWNER, -EINVAL),
	ERR(MEMEXTENT_MAPPINGS_FULL, -EINVAL),
	ERR(MEMEXTENT_TYPE, -EINVAL),
	ERR(EXISTING_MAPPING, -EINVAL),
#undef ERR
};

static const struct gunyah_error gunyah_negative_errors[] = {
	[-GUNYAH_ERR_UNIMPLEMENTED] = { "UNIMPLEMENTED", -EOPNOTSUPP },
	[-GUNYAH_ERR_RETRY] = { "RETRY", -EAGAIN },
};

static const struct gunyah_error gunyah_unknown_error = { "unknown", -EINVAL };

static const struct gunyah_error *gunyah_error_find(int error)
{
	const struct gunyah_error *found = &gunyah_unknown_error;

	if (error >= 0 && error < (int)ARRAY_SIZE(gunyah_errors))
		found = &gunyah_errors[error];
	else if (error < 0 && error > -(int)ARRAY_SIZE(gunyah_negative_errors))
		found = &gunyah_negative_errors[-error];

	return found->name ? found : &gunyah_unknown_error;
}

/**
 * gunyah_error_to_errno() - translate an error word
 * @error: GUNYAH_ERR_*, or anything else that came in its place
 *
 * Return: 0 or a negative errno, EINVAL for what the tables do not list.
 */
int gunyah_error_to_errno(int error)
{
	return gunyah_error_find(error)->err;
}

/**
 * gunyah_error_name() - name of an error word for a log line
 * @error: GUNYAH_ERR_*, or anything else
 *
 * Return: its name as in the tables, or "unknown"; never NULL.
 */
const char *gunyah_error_name(int error)
{
	return gunyah_error_find(error)->name;
}
