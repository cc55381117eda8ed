// SPDX-License-Identifier: GPL-2.0-only
/*
 * Witnesses: who wants to know what the RM says to a task, beyond the errno.  By task,
 * so that each of several VMs that start at once hears of its own requests.
 */
#include <linux/sched.h>

#include "rm_priv.h"

/**
 * gunyah_rm_witness_begin() - listen to what the RM says to the current task
 * @rm: RM
 * @w: where it is written down; one for each task at a time
 *
 * Context: until gunyah_rm_witness_end() by the same task.
 */
void gunyah_rm_witness_begin(struct gunyah_rm *rm, struct gunyah_rm_witness *w)
{
	*w = (struct gunyah_rm_witness){ .task = current };
	spin_lock(&rm->witness_lock);
	list_add(&w->node, &rm->witnesses);
	spin_unlock(&rm->witness_lock);
}

/* What failed until now was no news */
void gunyah_rm_witness_forget(struct gunyah_rm_witness *w)
{
	w->outcome = GUNYAH_RM_NO_FAILURE;
	w->has_hyp_error = false;
}

void gunyah_rm_witness_end(struct gunyah_rm *rm, struct gunyah_rm_witness *w)
{
	spin_lock(&rm->witness_lock);
	list_del(&w->node);
	spin_unlock(&rm->witness_lock);
}

/* It is the current task's: nobody takes it away meanwhile */
static struct gunyah_rm_witness *gunyah_rm_witness_find(struct gunyah_rm *rm)
{
	struct gunyah_rm_witness *w, *found = NULL;

	spin_lock(&rm->witness_lock);
	list_for_each_entry(w, &rm->witnesses, node)
		if (w->task == current)
			found = w;
	spin_unlock(&rm->witness_lock);

	return found;
}

bool gunyah_rm_witness_note(struct gunyah_rm *rm, enum gunyah_rm_outcome outcome,
			    const struct gunyah_rm_msg *msg)
{
	struct gunyah_rm_witness *w = gunyah_rm_witness_find(rm);

	if (!w)
		return false;
	/* What follows the first failure is an attempt to clean up after it */
	if (w->outcome == GUNYAH_RM_NO_FAILURE) {
		w->outcome = outcome;
		w->msg_id = msg->id;
		w->error = msg->error;
	}

	return true;
}

void gunyah_rm_witness_note_hyp(struct gunyah_rm *rm, u32 msg_id, u32 hyp_error)
{
	struct gunyah_rm_witness *w = gunyah_rm_witness_find(rm);

	if (!w || w->outcome != GUNYAH_RM_REFUSED || w->msg_id != msg_id)
		return;
	w->has_hyp_error = true;
	w->hyp_error = hyp_error;
}
