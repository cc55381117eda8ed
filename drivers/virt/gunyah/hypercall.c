// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only file with an HVC.  It owns register assignment and nothing else:
 * no state, no policy, no retry.
 *
 * Every call goes through the out-of-line arm_smccc_1_2_hvc(): Gunyah clobbers
 * X4 to X17 (ABI tables, hypercall 1.3), which the inline SMCCC 1.1 form
 * promises to the compiler not to happen.
 */
#include <linux/arm-smccc.h>

#include <asm/virt.h>

#include "hypercall.h"

/*
 * Argument n is X(n + 1), result n is X(n).  Reserved arguments are zero.
 * Result 0 is the error: a signed 32-bit number, sign-extended by this form of
 * the call; only the lower half is looked at.
 */
static int gunyah_hvc(u32 num, struct arm_smccc_1_2_regs *regs)
{
	struct arm_smccc_1_2_regs res = {};

	regs->a0 = GUNYAH_SMCCC_ID(num);
	arm_smccc_1_2_hvc(regs, &res);
	*regs = res;

	return (int)lower_32_bits(res.a0);
}

/**
 * gunyah_hypercall_present() - is there a Gunyah below us
 *
 * An HVC is undefined where there is no EL2, and is taken by the kernel itself
 * where it runs there.  So this is only called after the device tree has
 * promised a Gunyah, and not by a kernel at EL2.
 *
 * Return: true if the UID is Gunyah's.
 */
bool gunyah_hypercall_present(void)
{
	struct arm_smccc_1_2_regs regs = { .a0 = GUNYAH_SMCCC_UID };
	struct arm_smccc_1_2_regs res = {};

	if (is_kernel_in_hyp_mode())
		return false;

	arm_smccc_1_2_hvc(&regs, &res);

	return lower_32_bits(res.a0) == GUNYAH_UID_W0 &&
	       lower_32_bits(res.a1) == GUNYAH_UID_W1 &&
	       lower_32_bits(res.a2) == GUNYAH_UID_W2 &&
	       lower_32_bits(res.a3) == GUNYAH_UID_W3;
}

/**
 * gunyah_hypercall_identify() - version, variant and features
 * @id: filled in; see GUNYAH_API_* and GUNYAH_FEATURE_*
 *
 * The one call whose result 0 is no error word.
 */
void gunyah_hypercall_identify(struct gunyah_identify *id)
{
	struct arm_smccc_1_2_regs regs = {};

	gunyah_hvc(GUNYAH_HC_IDENTIFY, &regs);
	id->api_info = regs.a0;
	id->flags[0] = regs.a1;
	id->flags[1] = regs.a2;
	id->flags[2] = regs.a3;
}

/**
 * gunyah_hypercall_extensions() - what goes beyond the public hypercalls
 *
 * Return: GUNYAH_EXT_*; 0 if this hypervisor does not know the question.
 */
u64 gunyah_hypercall_extensions(void)
{
	struct arm_smccc_1_2_regs regs = { .a1 = GUNYAH_EXTENSIONS_MAGIC };
	int err = gunyah_hvc(GUNYAH_HC_EXTENSIONS, &regs);

	return err == GUNYAH_ERR_OK && regs.a1 == GUNYAH_EXTENSIONS_MAGIC ? regs.a2 : 0;
}

/**
 * gunyah_hypercall_doorbell_send() - ring a doorbell
 * @capid: capability of the doorbell
 * @new_flags: flags to set
 * @old_flags: set to the flags before, if not NULL
 *
 * Return: GUNYAH_ERR_*
 */
int gunyah_hypercall_doorbell_send(u64 capid, u64 new_flags, u64 *old_flags)
{
	struct arm_smccc_1_2_regs regs = { .a1 = capid, .a2 = new_flags };
	int err = gunyah_hvc(GUNYAH_HC_DOORBELL_SEND, &regs);

	if (err == GUNYAH_ERR_OK && old_flags)
		*old_flags = regs.a1;

	return err;
}

/**
 * gunyah_hypercall_doorbell_mask() - which flags interrupt, which are cleared then
 * @capid: capability of the doorbell, with the right to receive
 * @enable_mask: flags that assert the interrupt
 * @ack_mask: flags that are cleared when it is asserted
 *
 * Return: GUNYAH_ERR_*
 */
int gunyah_hypercall_doorbell_mask(u64 capid, u64 enable_mask, u64 ack_mask)
{
	struct arm_smccc_1_2_regs regs = {
		.a1 = capid,
		.a2 = enable_mask,
		.a3 = ack_mask,
	};

	return gunyah_hvc(GUNYAH_HC_DOORBELL_MASK, &regs);
}

/**
 * gunyah_hypercall_doorbell_receive() - take flags out of a doorbell
 * @capid: capability of the doorbell, with the right to receive
 * @clear_flags: flags to clear, not 0; a level interrupt goes down with the last one
 * @old_flags: set to the flags before, if not NULL
 *
 * Return: GUNYAH_ERR_*
 */
int gunyah_hypercall_doorbell_receive(u64 capid, u64 clear_flags, u64 *old_flags)
{
	struct arm_smccc_1_2_regs regs = { .a1 = capid, .a2 = clear_flags };
	int err = gunyah_hvc(GUNYAH_HC_DOORBELL_RECEIVE, &regs);

	if (err == GUNYAH_ERR_OK && old_flags)
		*old_flags = regs.a1;

	return err;
}

/**
 * gunyah_hypercall_msgq_send() - put one message into a queue
 * @capid: capability of the queue
 * @size: bytes
 * @data: mapped kernel memory; the hypervisor walks our page tables
 * @tx_flags: GUNYAH_MSGQ_TX_PUSH or 0
 * @not_full: set to whether there is room for another one
 *
 * Return: GUNYAH_ERR_*; MSGQUEUE_FULL if it was not queued.
 */
int gunyah_hypercall_msgq_send(u64 capid, size_t size, const void *data, u64 tx_flags,
			       bool *not_full)
{
	struct arm_smccc_1_2_regs regs = {
		.a1 = capid,
		.a2 = size,
		.a3 = (unsigned long)data,
		.a4 = tx_flags,
	};
	int err = gunyah_hvc(GUNYAH_HC_MSGQ_SEND, &regs);

	*not_full = err == GUNYAH_ERR_OK && regs.a1;

	return err;
}

/**
 * gunyah_hypercall_msgq_receive() - take one message out of a queue
 * @capid: capability of the queue
 * @buf: mapped kernel memory
 * @size: bytes at @buf
 * @received: set to the size of the message
 * @not_empty: set to whether there is another one
 *
 * Return: GUNYAH_ERR_*; MSGQUEUE_EMPTY if there was none.
 */
int gunyah_hypercall_msgq_receive(u64 capid, void *buf, size_t size, size_t *received,
				  bool *not_empty)
{
	struct arm_smccc_1_2_regs regs = {
		.a1 = capid,
		.a2 = (unsigned long)buf,
		.a3 = size,
	};
	int err = gunyah_hvc(GUNYAH_HC_MSGQ_RECEIVE, &regs);

	*received = err == GUNYAH_ERR_OK ? regs.a1 : 0;
	*not_empty = err == GUNYAH_ERR_OK && regs.a2;

	return err;
}

/**
 * gunyah_hypercall_addrspace_map() - pages of an extent appear in an address space
 * @addrspace: capability of the address space
 * @extent: capability of the extent
 * @gpa: guest address of the first byte
 * @attrs: GUNYAH_MAP_ATTR_*
 * @flags: GUNYAH_MAP_*
 * @offset: bytes into the extent; our extents begin at address 0
 * @size: bytes
 *
 * Return: GUNYAH_ERR_*; NOMEM if there is no memory for tables.
 */
int gunyah_hypercall_addrspace_map(u64 addrspace, u64 extent, u64 gpa, u64 attrs, u64 flags,
				   u64 offset, u64 size)
{
	struct arm_smccc_1_2_regs regs = {
		.a1 = addrspace,
		.a2 = extent,
		.a3 = gpa,
		.a4 = attrs,
		.a5 = flags,
		.a6 = offset,
		.a7 = size,
	};

	return gunyah_hvc(GUNYAH_HC_ADDRSPACE_MAP, &regs);
}

/**
 * gunyah_hypercall_addrspace_unmap() - undoes addrspace_map, or a part of it
 * @addrspace: capability of the address space
 * @extent: capability of the extent
 * @gpa: guest address of the first byte
 * @flags: GUNYAH_MAP_*, as when it was mapped
 * @offset: bytes into the extent
 * @size: bytes
 *
 * Return: GUNYAH_ERR_*; ADDR_INVALID if there is no such mapping.
 */
int gunyah_hypercall_addrspace_unmap(u64 addrspace, u64 extent, u64 gpa, u64 flags, u64 offset,
				     u64 size)
{
	struct arm_smccc_1_2_regs regs = {
		.a1 = addrspace,
		.a2 = extent,
		.a3 = gpa,
		.a4 = flags,
		.a5 = offset,
		.a6 = size,
	};

	return gunyah_hvc(GUNYAH_HC_ADDRSPACE_UNMAP, &regs);
}

/**
 * gunyah_hypercall_memextent_donate() - pages change their owner
 * @options: GUNYAH_DONATE_*
 * @from: capability of the extent that has them
 * @to: capability of the extent that gets them
 * @offset: bytes into the extents
 * @size: bytes
 *
 * Return: GUNYAH_ERR_*; MEMDB_NOT_OWNER if @from does not have all of them.
 */
int gunyah_hypercall_memextent_donate(u64 options, u64 from, u64 to, u64 offset, u64 size)
{
	struct arm_smccc_1_2_regs regs = {
		.a1 = options,
		.a2 = from,
		.a3 = to,
		.a4 = offset,
		.a5 = size,
	};

	return gunyah_hvc(GUNYAH_HC_MEMEXTENT_DONATE, &regs);
}

/**
 * gunyah_hypercall_vcpu_register_write() - set a register of a vCPU that is off
 * @capid: capability of the vCPU, with the right to write its context
 * @regset: GUNYAH_REGSET_*
 * @index: in the set
 * @value: PC a multiple of 4, SP of 16
 *
 * Return: GUNYAH_ERR_*; BUSY if it is on, OBJECT_STATE if it has been killed.
 */
int gunyah_hypercall_vcpu_register_write(u64 capid, u64 regset, u64 index, u64 value)
{
	struct arm_smccc_1_2_regs regs = {
		.a1 = capid,
		.a2 = regset,
		.a3 = index,
		.a4 = value,
	};

	return gunyah_hvc(GUNYAH_HC_VCPU_REGISTER_WRITE, &regs);
}

/**
 * gunyah_hypercall_vcpu_run() - run a vCPU on this CPU until it needs something
 * @capid: capability of the vCPU
 * @resume: answers to the previous exit (ABI tables, hypercall 7.2), 0 otherwise
 * @result: why it returned; all zero on an error
 *
 * Return: GUNYAH_ERR_*
 */
int gunyah_hypercall_vcpu_run(u64 capid, const u64 resume[3],
			      struct gunyah_vcpu_run_result *result)
{
	struct arm_smccc_1_2_regs regs = {
		.a1 = capid,
		.a2 = resume[0],
		.a3 = resume[1],
		.a4 = resume[2],
	};
	int err = gunyah_hvc(GUNYAH_HC_VCPU_RUN, &regs);

	*result = (struct gunyah_vcpu_run_result){};
	if (err == GUNYAH_ERR_OK) {
		result->state = regs.a1;
		result->data[0] = regs.a2;
		result->data[1] = regs.a3;
		result->data[2] = regs.a4;
	}

	return err;
}
