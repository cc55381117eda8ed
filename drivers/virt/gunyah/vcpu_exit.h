/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an exit of vcpu_run means, and what the next one is told.  Pure functions on
 * data: no hardware, no locks, no user memory.  Layer 7.
 */
#ifndef _GUNYAH_VCPU_EXIT_H
#define _GUNYAH_VCPU_EXIT_H

#include <linux/time64.h>
#include <linux/types.h>

#include <uapi/linux/gunyah.h>

#include "hypercall.h"

/* What to do about an exit */
enum gunyah_vcpu_action {
	GUNYAH_VCPU_ACT_UNKNOWN,	/* nobody knows this state */
	GUNYAH_VCPU_ACT_AGAIN,		/* enter the guest again */
	GUNYAH_VCPU_ACT_YIELD,		/* let others run first */
	GUNYAH_VCPU_ACT_SLEEP,		/* until the wake-up interrupt */
	GUNYAH_VCPU_ACT_SLEEP_UNTIL,	/* or until the counter has the value in data 2 */
	GUNYAH_VCPU_ACT_WAIT_EXIT,	/* until the RM says that the VM has exited */
	GUNYAH_VCPU_ACT_MMIO_READ,
	GUNYAH_VCPU_ACT_MMIO_WRITE,
	GUNYAH_VCPU_ACT_PAGE_FAULT,
};

/**
 * struct gunyah_mmio - an access that somebody has to emulate
 * @addr: guest address
 * @data: of a write, without what is above @len
 * @len: 1, 2, 4 or 8
 * @write: or read
 */
struct gunyah_mmio {
	u64 addr;
	u64 data;
	u8 len;
	bool write;
};

/* The longest sleep in one go */
#define GUNYAH_VCPU_MAX_SLEEP_NS	(3600ULL * NSEC_PER_SEC)

enum gunyah_vcpu_action gunyah_vcpu_decode(const struct gunyah_vcpu_run_result *result,
					   u64 extensions);
u64 gunyah_vcpu_sleep_ns(u64 now, u64 deadline, u32 rate);
int gunyah_mmio_decode(const struct gunyah_vcpu_run_result *result, struct gunyah_mmio *mmio);

void gunyah_vcpu_tell_mmio(struct gunyah_vcpu_run *run, const struct gunyah_mmio *mmio);
void gunyah_vcpu_tell_page_fault(struct gunyah_vcpu_run *run, u64 addr, int attempt);
void gunyah_vcpu_tell_status(struct gunyah_vcpu_run *run, u32 status,
			     const struct gunyah_vm_exit_info *info);

int gunyah_vcpu_resume_mmio(const struct gunyah_vcpu_run *run, const struct gunyah_mmio *mmio,
			    u64 resume[3]);
int gunyah_vcpu_resume_page_fault(const struct gunyah_vcpu_run *run, u64 resume[3]);

#endif
