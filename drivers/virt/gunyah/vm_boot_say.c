// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the line in the kernel's log that a failed start leaves: which step, what the
 * Resource Manager or the hypervisor said, by name, and the errno.  One line: as long
 * as there is a witness, the layers below keep quiet about refusals.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>

#include "hypercall.h"
#include "rm.h"
#include "vm.h"
#include "vm_boot.h"

/* A program may try again and again; all of them share these */
#define LINES		100
#define LINES_INTERVAL	(5 * HZ)

static DEFINE_RATELIMIT_STATE(boot_lines, LINES_INTERVAL, LINES);

/* __ratelimit() refuses who finds another one in it: one at a time */
static bool boot_may_say(void)
{
	static DEFINE_MUTEX(turn);

	guard(mutex)(&turn);
	return __ratelimit(&boot_lines);
}

#define UNKNOWN_SIZE	16

/* Names of errors that the tables do not list say nothing */
static const char *error_text(const char *name, u32 error, char *buf)
{
	if (strcmp(name, "unknown"))
		return name;
	snprintf(buf, UNKNOWN_SIZE, "0x%x", error);
	return buf;
}

static void refusal_text(const struct gunyah_rm_witness *w, char *text, size_t size)
{
	char rm[UNKNOWN_SIZE], hyp[UNKNOWN_SIZE];
	const char *name = error_text(gunyah_rm_error_name(w->error), w->error, rm);

	if (w->has_hyp_error)
		snprintf(text, size, "the Resource Manager says %s, the hypervisor %s", name,
			 error_text(gunyah_error_name(w->hyp_error), w->hyp_error, hyp));
	else
		snprintf(text, size, "the Resource Manager says %s", name);
}

/**
 * gunyah_boot_reason() - whose fault it is that a start failed, in words
 * @boot: the start
 * @text: gets the words; empty if nothing is known but the errno
 * @size: of @text
 */
void gunyah_boot_reason(const struct gunyah_boot *boot, char *text, size_t size)
{
	char hyp[UNKNOWN_SIZE];

	*text = '\0';
	switch (boot->witness.outcome) {
	case GUNYAH_RM_REFUSED:
		refusal_text(&boot->witness, text, size);
		return;
	case GUNYAH_RM_MALFORMED:
		snprintf(text, size, "the Resource Manager's reply makes no sense");
		return;
	case GUNYAH_RM_UNANSWERED:
		snprintf(text, size, "the Resource Manager does not answer");
		return;
	case GUNYAH_RM_NO_FAILURE:
		break;
	}
	if (boot->why)
		snprintf(text, size, "%s", boot->why);
	else if (boot->hyp_error)
		snprintf(text, size, "the hypervisor says %s",
			 error_text(gunyah_error_name(boot->hyp_error), boot->hyp_error, hyp));
}

/**
 * gunyah_boot_say() - reports a failed start
 * @boot: the start
 * @step: the step that failed
 * @err: negative errno, which the program gets
 */
void gunyah_boot_say(struct gunyah_boot *boot, const char *step, int err)
{
	char reason[96];

	gunyah_boot_reason(boot, reason, sizeof(reason));
	if (boot_may_say())
		dev_err(gunyah_rm_device(boot->vm->rm), "VM of %s: start failed: %s: %s%s%pe%s\n",
			current->comm, step, reason, *reason ? " (" : "", ERR_PTR(err),
			*reason ? ")" : "");
}
