// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Doorbell calls (ABI tables, hypercall 5): capability and right, then the object. */
#include <linux/gunyah/abi/hypercall.h>

#include "hcall/hcall.h"
#include "obj/doorbell.h"

static int find_bell(const struct hcall_caller *caller, u64 cap, u32 right,
		     struct doorbell **bell)
{
	void *object;
	int err = cspace_lookup(caller->cspace, cap, CAP_DOORBELL, right, &object);

	if (!err)
		*bell = object;
	return err;
}

/* (bell, new flags) -> old flags */
int hcall_doorbell_send(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct doorbell *bell;
	int err = find_bell(caller, args[0], GUNYAH_RIGHT_DOORBELL_SEND, &bell);

	return err ? err : doorbell_send(bell, args[1], &results[0]);
}

/* (bell, flags to clear) -> old flags */
int hcall_doorbell_receive(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct doorbell *bell;
	int err = find_bell(caller, args[0], GUNYAH_RIGHT_DOORBELL_RECEIVE, &bell);

	return err ? err : doorbell_receive(bell, args[1], &results[0]);
}

/* (bell) */
int hcall_doorbell_reset(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct doorbell *bell;
	int err = find_bell(caller, args[0], GUNYAH_RIGHT_DOORBELL_RECEIVE, &bell);

	return err ? err : doorbell_reset(bell);
}

/* (bell, enable mask, ack mask) */
int hcall_doorbell_mask(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct doorbell *bell;
	int err = find_bell(caller, args[0], GUNYAH_RIGHT_DOORBELL_RECEIVE, &bell);

	return err ? err : doorbell_mask(bell, args[1], args[2]);
}
