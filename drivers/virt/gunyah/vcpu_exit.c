// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the meaning of vcpu_run's states and of the run page.  The run page is shared
 * with user space, which may change it at any time: what the kernel needs again is
 * kept in struct gunyah_mmio, each field is read once.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "vcpu_exit.h"

/* ABI tables, hypercall 7.2 and uapi 3.7; two states have numbers far from these */
static const u8 state_action[] = {
	[GUNYAH_VCPU_STATE_READY] = GUNYAH_VCPU_ACT_AGAIN,
	[GUNYAH_VCPU_STATE_EXPECTS_WAKEUP] = GUNYAH_VCPU_ACT_SLEEP,
	[GUNYAH_VCPU_STATE_POWERED_OFF] = GUNYAH_VCPU_ACT_SLEEP,
	[GUNYAH_VCPU_STATE_BLOCKED] = GUNYAH_VCPU_ACT_YIELD,
	[GUNYAH_VCPU_STATE_MMIO_READ] = GUNYAH_VCPU_ACT_MMIO_READ,
	[GUNYAH_VCPU_STATE_MMIO_WRITE] = GUNYAH_VCPU_ACT_MMIO_WRITE,
	[GUNYAH_VCPU_STATE_FAULT] = GUNYAH_VCPU_ACT_WAIT_EXIT,
	[GUNYAH_VCPU_STATE_PAGE_FAULT] = GUNYAH_VCPU_ACT_PAGE_FAULT,
};

/**
 * gunyah_vcpu_decode() - what to do about the state that vcpu_run returned
 * @result: of a successful vcpu_run
 * @extensions: GUNYAH_EXT_* of the hypervisor: without them a state can mean anything
 *
 * A fault that the guest cannot survive, and its wish to be reset, are the RM's to
 * handle: it tells by VM_EXITED.  A vCPU that is off for good waits for the same.
 *
 * Returns: the action.
 */
enum gunyah_vcpu_action gunyah_vcpu_decode(const struct gunyah_vcpu_run_result *result,
					   u64 extensions)
{
	if (result->state == GUNYAH_VCPU_STATE_SYSTEM_RESET)
		return GUNYAH_VCPU_ACT_WAIT_EXIT;
	if (result->state == GUNYAH_VCPU_STATE_EXPECTS_WAKEUP_OR_TIMEOUT &&
	    extensions & GUNYAH_EXT_TIMEOUT_STATE)
		return GUNYAH_VCPU_ACT_SLEEP_UNTIL;
	if (result->state >= ARRAY_SIZE(state_action))
		return GUNYAH_VCPU_ACT_UNKNOWN;
	if (result->state == GUNYAH_VCPU_STATE_POWERED_OFF &&
	    result->data[0] & GUNYAH_VCPU_OFF_EXITED)
		return GUNYAH_VCPU_ACT_WAIT_EXIT;
	return state_action[result->state];
}

/**
 * gunyah_vcpu_sleep_ns() - how long until a deadline
 * @now: value of the counter
 * @deadline: value of the counter that is waited for
 * @rate: of the counter, in Hz, not 0
 *
 * Rounded up, or a vCPU would be woken just before its time, again and again.  Deadlines
 * that are far away, many of which mean "never", are cut to GUNYAH_VCPU_MAX_SLEEP_NS: a
 * vCPU that is woken early goes back to sleep.
 *
 * Returns: nanoseconds; 0 if the deadline is in the past.
 */
u64 gunyah_vcpu_sleep_ns(u64 now, u64 deadline, u32 rate)
{
	u64 seconds;
	u32 rest;

	if (deadline <= now)
		return 0;
	/* In two parts, so that no product overflows */
	seconds = div_u64_rem(deadline - now, rate, &rest);
	if (seconds >= GUNYAH_VCPU_MAX_SLEEP_NS / NSEC_PER_SEC)
		return GUNYAH_VCPU_MAX_SLEEP_NS;
	return seconds * NSEC_PER_SEC + DIV64_U64_ROUND_UP(rest * (u64)NSEC_PER_SEC, rate);
}

static u64 len_mask(u8 len)
{
	return len < sizeof(u64) ? BIT_ULL(8 * len) - 1 : U64_MAX;
}

/* The hypervisor's word for @data of a write is the whole register of the guest */
int gunyah_mmio_decode(const struct gunyah_vcpu_run_result *result, struct gunyah_mmio *mmio)
{
	u64 len = result->data[1];

	if (len > sizeof(u64) || !is_power_of_2(len))
		return -EINVAL;
	mmio->addr = result->data[0];
	mmio->len = len;
	mmio->write = result->state == GUNYAH_VCPU_STATE_MMIO_WRITE;
	mmio->data = mmio->write ? result->data[2] & len_mask(len) : 0;
	return 0;
}

void gunyah_vcpu_tell_mmio(struct gunyah_vcpu_run *run, const struct gunyah_mmio *mmio)
{
	__le64 data = cpu_to_le64(mmio->data);

	run->mmio.phys_addr = mmio->addr;
	memcpy(run->mmio.data, &data, sizeof(run->mmio.data));
	run->mmio.len = mmio->len;
	run->mmio.is_write = mmio->write;
	run->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
	run->exit_reason = GUNYAH_VCPU_EXIT_MMIO;
}

void gunyah_vcpu_tell_page_fault(struct gunyah_vcpu_run *run, u64 addr, int attempt)
{
	run->page_fault.phys_addr = addr;
	run->page_fault.attempt = attempt;
	run->page_fault.resume_action = GUNYAH_VCPU_RESUME_FAULT;
	run->exit_reason = GUNYAH_VCPU_EXIT_PAGE_FAULT;
}

/* @info: NULL if there is none to tell */
void gunyah_vcpu_tell_status(struct gunyah_vcpu_run *run, u32 status,
			     const struct gunyah_vm_exit_info *info)
{
	run->status.status = status;
	if (info)
		run->status.exit_info = *info;
	else
		memset(&run->status.exit_info, 0, sizeof(run->status.exit_info));
	run->exit_reason = GUNYAH_VCPU_EXIT_STATUS;
}

/* Resume word 1 for each action of the user; all others are refused */
static int resume_word(u8 action, u64 *word)
{
	static const u8 words[] = {
		[GUNYAH_VCPU_RESUME_HANDLED] = GUNYAH_RESUME_EMULATE,
		[GUNYAH_VCPU_RESUME_FAULT] = GUNYAH_RESUME_FAULT,
		[GUNYAH_VCPU_RESUME_RETRY] = GUNYAH_RESUME_RETRY,
	};

	if (action >= ARRAY_SIZE(words))
		return -EINVAL;
	*word = words[action];
	return 0;
}

/**
 * gunyah_vcpu_resume_mmio() - what user space made of an MMIO exit
 * @run: the run page
 * @mmio: our copy of the access
 * @resume: out: words for the next vcpu_run; unchanged on error
 *
 * Returns: 0, or EINVAL for an unknown action, which may be corrected.
 */
int gunyah_vcpu_resume_mmio(const struct gunyah_vcpu_run *run, const struct gunyah_mmio *mmio,
			    u64 resume[3])
{
	__le64 data = 0;
	u64 word;
	int err;

	err = resume_word(READ_ONCE(run->mmio.resume_action), &word);
	if (err)
		return err;
	if (!mmio->write && word == GUNYAH_RESUME_EMULATE)
		memcpy(&data, run->mmio.data, mmio->len);
	resume[0] = le64_to_cpu(data);
	resume[1] = word;
	resume[2] = 0;
	return 0;
}

/*
 * After a page fault the guest tries again in any case, unless it is to take an abort:
 * there is nothing that user space could have done in its place.
 */
int gunyah_vcpu_resume_page_fault(const struct gunyah_vcpu_run *run, u64 resume[3])
{
	u64 word;
	int err;

	err = resume_word(READ_ONCE(run->page_fault.resume_action), &word);
	if (err)
		return err;
	resume[0] = 0;
	resume[1] = word == GUNYAH_RESUME_FAULT ? word : 0;
	resume[2] = 0;
	return 0;
}
