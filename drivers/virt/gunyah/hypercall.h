/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only place that issues HVCs: one function per hypercall that Linux uses.
 * Layer 1.  Results are the hypervisor's error word (GUNYAH_ERR_*); callers
 * translate with gunyah_error_to_errno() where an errno is wanted.
 */
#ifndef _GUNYAH_HYPERCALL_H
#define _GUNYAH_HYPERCALL_H

#include <linux/types.h>

#include <linux/gunyah/abi/hypercall.h>

struct gunyah_identify {
	u64 api_info;
	u64 flags[3];
};

/**
 * struct gunyah_vcpu_run_result - result words of vcpu_run (hypercall 7.2)
 * @state: GUNYAH_VCPU_STATE_*
 * @data: depends on @state
 */
struct gunyah_vcpu_run_result {
	u64 state;
	u64 data[3];
};

#ifdef CONFIG_ARM64

/* Compares the UID; false: no Gunyah below us.  Not before a node promised one. */
bool gunyah_hypercall_present(void);

void gunyah_hypercall_identify(struct gunyah_identify *id);
u64 gunyah_hypercall_extensions(void);

int gunyah_hypercall_doorbell_send(u64 capid, u64 new_flags, u64 *old_flags);
int gunyah_hypercall_doorbell_mask(u64 capid, u64 enable_mask, u64 ack_mask);
int gunyah_hypercall_doorbell_receive(u64 capid, u64 clear_flags, u64 *old_flags);
int gunyah_hypercall_msgq_send(u64 capid, size_t size, const void *data, u64 tx_flags,
			       bool *not_full);
int gunyah_hypercall_msgq_receive(u64 capid, void *buf, size_t size, size_t *received,
				  bool *not_empty);

int gunyah_hypercall_addrspace_map(u64 addrspace, u64 extent, u64 gpa, u64 attrs, u64 flags,
				   u64 offset, u64 size);
int gunyah_hypercall_addrspace_unmap(u64 addrspace, u64 extent, u64 gpa, u64 flags, u64 offset,
				     u64 size);
int gunyah_hypercall_memextent_donate(u64 options, u64 from, u64 to, u64 offset, u64 size);

int gunyah_hypercall_vcpu_register_write(u64 capid, u64 regset, u64 index, u64 value);
int gunyah_hypercall_vcpu_run(u64 capid, const u64 resume[3],
			      struct gunyah_vcpu_run_result *result);

#else /* no HVC: unit tests run everything above this layer without a hypervisor */

static inline bool gunyah_hypercall_present(void)
{
	return false;
}

static inline void gunyah_hypercall_identify(struct gunyah_identify *id)
{
	*id = (struct gunyah_identify){};
}

static inline u64 gunyah_hypercall_extensions(void)
{
	return 0;
}

static inline int gunyah_hypercall_doorbell_send(u64 capid, u64 new_flags, u64 *old_flags)
{
	return GUNYAH_ERR_UNIMPLEMENTED;
}

static inline int gunyah_hypercall_doorbell_mask(u64 capid, u64 enable_mask, u64 ack_mask)
{
	return GUNYAH_ERR_UNIMPLEMENTED;
}

static inline int gunyah_hypercall_doorbell_receive(u64 capid, u64 clear_flags, u64 *old_flags)
{
	return GUNYAH_ERR_UNIMPLEMENTED;
}

static inline int gunyah_hypercall_msgq_send(u64 capid, size_t size, const void *data,
					     u64 tx_flags, bool *not_full)
{
	return GUNYAH_ERR_UNIMPLEMENTED;
}

static inline int gunyah_hypercall_msgq_receive(u64 capid, void *buf, size_t size,
						size_t *received, bool *not_empty)
{
	return GUNYAH_ERR_UNIMPLEMENTED;
}

static inline int gunyah_hypercall_addrspace_map(u64 addrspace, u64 extent, u64 gpa, u64 attrs,
						 u64 flags, u64 offset, u64 size)
{
	return GUNYAH_ERR_UNIMPLEMENTED;
}

static inline int gunyah_hypercall_addrspace_unmap(u64 addrspace, u64 extent, u64 gpa, u64 flags,
						   u64 offset, u64 size)
{
	return GUNYAH_ERR_UNIMPLEMENTED;
}

static inline int gunyah_hypercall_memextent_donate(u64 options, u64 from, u64 to, u64 offset,
						    u64 size)
{
	return GUNYAH_ERR_UNIMPLEMENTED;
}

static inline int gunyah_hypercall_vcpu_register_write(u64 capid, u64 regset, u64 index,
						       u64 value)
{
	return GUNYAH_ERR_UNIMPLEMENTED;
}

static inline int gunyah_hypercall_vcpu_run(u64 capid, const u64 resume[3],
					    struct gunyah_vcpu_run_result *result)
{
	return GUNYAH_ERR_UNIMPLEMENTED;
}

/* Does local_irq_disable() hide interrupts from whoever is below us? */
static inline bool system_uses_irq_prio_masking(void)
{
	return false;
}

#endif

/* Defined for every error word, also for those that no table lists */
int gunyah_error_to_errno(int error);
const char *gunyah_error_name(int error);

#endif
