// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Doorbells (ABI tables, hypercall 5): 64 flags, and an interrupt while one of the
 * enabled ones is set.  Who may call what is checked by the capability.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "obj/doorbell.h"
#include "obj/vgic.h"
#include "obj/vm.h"

static void reset_state(struct doorbell *bell)
{
	bell->flags = 0;
	bell->enable_mask = ~0ULL;
	bell->ack_mask = 0;
}

void doorbell_init(struct doorbell *bell)
{
	*bell = (struct doorbell){};
	reset_state(bell);
}

bool doorbell_level(const struct doorbell *bell)
{
	return bell->flags & bell->enable_mask;
}

/* What a guest receives as edge or level is up to its GIC's configuration */
static bool is_edge(const struct doorbell *bell)
{
	if (bell->virq.vm && bell->virq.intid)
		return vgic_is_edge(&bell->virq.vm->vgic, bell->virq.intid);
	return !bell->level;
}

static void assert_and_ack(struct doorbell *bell)
{
	virq_assert(&bell->virq);
	bell->flags &= ~bell->ack_mask;
}

int doorbell_send(struct doorbell *bell, u64 flags, u64 *old)
{
	*old = bell->flags;
	bell->flags |= flags;
	if (doorbell_level(bell))
		assert_and_ack(bell);
	else if (is_edge(bell))
		virq_assert(&bell->virq);
	return GUNYAH_ERR_OK;
}

/*
 * The open hypervisor looks at a level line again when it needs to know (hypercall 5);
 * that shows the receiver no more than lowering it at once.  A line that is high although
 * its flags have been acknowledged stays so until the receiver is done with it.
 */
int doorbell_receive(struct doorbell *bell, u64 clear, u64 *old)
{
	bool was = doorbell_level(bell);

	if (!clear)
		return GUNYAH_ERR_ARGUMENT_INVALID;
	*old = bell->flags;
	bell->flags &= ~clear;
	if (was && !doorbell_level(bell))
		virq_clear(&bell->virq);
	return GUNYAH_ERR_OK;
}

int doorbell_reset(struct doorbell *bell)
{
	virq_clear(&bell->virq);
	reset_state(bell);
	return GUNYAH_ERR_OK;
}

int doorbell_mask(struct doorbell *bell, u64 enable, u64 ack)
{
	bool was = doorbell_level(bell);

	bell->enable_mask = enable;
	bell->ack_mask = ack;
	if (!doorbell_level(bell)) {
		if (was)
			virq_clear(&bell->virq);
	} else if (was) {
		bell->flags &= ~ack;
	} else {
		assert_and_ack(bell);
	}
	return GUNYAH_ERR_OK;
}
