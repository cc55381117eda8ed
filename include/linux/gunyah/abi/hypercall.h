/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Gunyah hypercall numbers, error words and register encodings.
 *
 * Data only: this header compiles in the kernel, in the EL2 stub, in KUnit and
 * in user space.  Each group names the table of the ABI reference it was typed
 * from ("hypercall 3" is section 3 of the hypercall tables).
 */
#ifndef _LINUX_GUNYAH_ABI_HYPERCALL_H
#define _LINUX_GUNYAH_ABI_HYPERCALL_H

#include <linux/types.h>

/*
 * SMCCC form (hypercall 1.2): fast, 64 bit, owner 6 (vendor specific
 * hypervisor), class "hypercall" in bits 15:14.  Arguments start in X1, results
 * in X0.
 */
#define GUNYAH_SMCCC_BASE		0xc6008000U
#define GUNYAH_SMCCC_ID(num)		(GUNYAH_SMCCC_BASE | (num))
#define GUNYAH_SMCCC_SVE_HINT		0x00010000U
#define GUNYAH_SMCCC_NUM_MASK		0x00003fffU

/* Native form (hypercall 1.1): hvc #(base + num), arguments start in X0. */
#define GUNYAH_HVC_IMM_BASE		0x6000U
#define GUNYAH_HVC_IMM_COUNT		0x0200U

/* Service calls (hypercall 1.2) */
#define GUNYAH_SMCCC_UID		0x8600ff01U
#define GUNYAH_SMCCC_REVISION		0x8600ff03U
#define GUNYAH_SMCCC_STD_UID		0x8500ff01U
#define GUNYAH_SMCCC_STD_REVISION	0x8500ff03U

/* The UID c1d58fcd-a453-5fdb-9265-ce36673d5f14 as answered in W0 to W3 */
#define GUNYAH_UID_W0			0xcd8fd5c1U
#define GUNYAH_UID_W1			0xdb5f53a4U
#define GUNYAH_UID_W2			0x36ce6592U
#define GUNYAH_UID_W3			0x145f3d67U

/* Call numbers (hypercall 3) */
#define GUNYAH_HC_IDENTIFY		0x00
#define GUNYAH_HC_DOORBELL_SEND		0x12
#define GUNYAH_HC_DOORBELL_RECEIVE	0x13
#define GUNYAH_HC_DOORBELL_RESET	0x14
#define GUNYAH_HC_DOORBELL_MASK		0x15
#define GUNYAH_HC_MSGQ_SEND		0x1b
#define GUNYAH_HC_MSGQ_RECEIVE		0x1c
#define GUNYAH_HC_MSGQ_FLUSH		0x1d
#define GUNYAH_HC_MSGQ_CONFIGURE_SEND	0x1f
#define GUNYAH_HC_MSGQ_CONFIGURE_RECEIVE 0x20
#define GUNYAH_HC_ADDRSPACE_MAP		0x2b
#define GUNYAH_HC_ADDRSPACE_UNMAP	0x2c
#define GUNYAH_HC_ADDRSPACE_UPDATE_ACCESS 0x2d
#define GUNYAH_HC_MEMEXTENT_MODIFY	0x30
#define GUNYAH_HC_ADDRSPACE_LOOKUP	0x5a
#define GUNYAH_HC_ADDRSPACE_CONFIGURE_VMMIO 0x60
#define GUNYAH_HC_MEMEXTENT_DONATE	0x61
#define GUNYAH_HC_VCPU_REGISTER_WRITE	0x64
#define GUNYAH_HC_VCPU_RUN		0x65
#define GUNYAH_HC_VCPU_RUN_CHECK	0x68
#define GUNYAH_HC_ADDRSPACE_MODIFY_PAGES 0x69
#define GUNYAH_HC_FIND_INFO_AREA	0x6a

/* Error word (hypercall 1.4): a signed 32-bit number in result 0 */
#define GUNYAH_ERR_OK				0
#define GUNYAH_ERR_UNIMPLEMENTED		(-1)
#define GUNYAH_ERR_RETRY			(-2)
#define GUNYAH_ERR_ARGUMENT_INVALID		1
#define GUNYAH_ERR_ARGUMENT_SIZE		2
#define GUNYAH_ERR_ARGUMENT_ALIGNMENT		3
#define GUNYAH_ERR_NOMEM			10
#define GUNYAH_ERR_NORESOURCES			11
#define GUNYAH_ERR_ADDR_OVERFLOW		20
#define GUNYAH_ERR_ADDR_UNDERFLOW		21
#define GUNYAH_ERR_ADDR_INVALID			22
#define GUNYAH_ERR_DENIED			30
#define GUNYAH_ERR_BUSY				31
#define GUNYAH_ERR_IDLE				32
#define GUNYAH_ERR_OBJECT_STATE			33
#define GUNYAH_ERR_OBJECT_CONFIG		34
#define GUNYAH_ERR_OBJECT_CONFIGURED		35
#define GUNYAH_ERR_FAILURE			36
#define GUNYAH_ERR_VIRQ_BOUND			40
#define GUNYAH_ERR_VIRQ_NOT_BOUND		41
#define GUNYAH_ERR_CSPACE_CAP_NULL		50
#define GUNYAH_ERR_CSPACE_CAP_REVOKED		51
#define GUNYAH_ERR_CSPACE_WRONG_OBJECT_TYPE	52
#define GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS	53
#define GUNYAH_ERR_CSPACE_FULL			54
#define GUNYAH_ERR_MSGQUEUE_EMPTY		60
#define GUNYAH_ERR_MSGQUEUE_FULL		61
#define GUNYAH_ERR_ALLOCATOR_RANGE_OVERLAPPING	100
#define GUNYAH_ERR_ALLOCATOR_MEM_INUSE		101
#define GUNYAH_ERR_MEMDB_EMPTY			110
#define GUNYAH_ERR_MEMDB_NOT_OWNER		111
#define GUNYAH_ERR_MEMEXTENT_MAPPINGS_FULL	120
#define GUNYAH_ERR_MEMEXTENT_TYPE		121
#define GUNYAH_ERR_EXISTING_MAPPING		200

#define GUNYAH_CAPID_INVALID			(~0ULL)

/* Rights of a capability (hypercall 2) */
#define GUNYAH_RIGHT_DOORBELL_SEND		0x1
#define GUNYAH_RIGHT_DOORBELL_RECEIVE		0x2
#define GUNYAH_RIGHT_DOORBELL_BIND		0x4
#define GUNYAH_RIGHT_MSGQ_SEND			0x1
#define GUNYAH_RIGHT_MSGQ_RECEIVE		0x2
#define GUNYAH_RIGHT_ADDRSPACE_ATTACH		0x1
#define GUNYAH_RIGHT_ADDRSPACE_MAP		0x2
#define GUNYAH_RIGHT_ADDRSPACE_LOOKUP		0x4
#define GUNYAH_RIGHT_ADDRSPACE_ADD_VMMIO	0x8
#define GUNYAH_RIGHT_MEMEXTENT_MAP		0x1
#define GUNYAH_RIGHT_MEMEXTENT_DERIVE		0x2
#define GUNYAH_RIGHT_MEMEXTENT_ATTACH		0x4
#define GUNYAH_RIGHT_MEMEXTENT_LOOKUP		0x8
#define GUNYAH_RIGHT_MEMEXTENT_DONATE		0x10
#define GUNYAH_RIGHT_VCPU_AFFINITY		0x2
#define GUNYAH_RIGHT_VCPU_YIELD_TO		0x10
#define GUNYAH_RIGHT_VCPU_BIND_VIRQ		0x20
#define GUNYAH_RIGHT_VCPU_STATE			0x40
#define GUNYAH_RIGHT_VCPU_WRITE_CONTEXT		0x100

/* Result words of identify (hypercall 4); there is no error word */
#define GUNYAH_API_VERSION_MASK			0x3fffULL
#define GUNYAH_API_VERSION			1
#define GUNYAH_API_BIG_ENDIAN			(1ULL << 14)
#define GUNYAH_API_64BIT			(1ULL << 15)
#define GUNYAH_API_VARIANT_SHIFT		56
#define GUNYAH_API_VARIANT_GUNYAH		0x48
#define GUNYAH_API_VARIANT_QUALCOMM		0x51

#define GUNYAH_FEATURE_PARTITION_CSPACE		(1ULL << 0)
#define GUNYAH_FEATURE_DOORBELL			(1ULL << 1)
#define GUNYAH_FEATURE_MSGQUEUE			(1ULL << 2)
#define GUNYAH_FEATURE_VIC			(1ULL << 3)
#define GUNYAH_FEATURE_VPM			(1ULL << 4)
#define GUNYAH_FEATURE_VCPU			(1ULL << 5)
#define GUNYAH_FEATURE_MEMEXTENT		(1ULL << 6)
#define GUNYAH_FEATURE_TRACE			(1ULL << 7)
#define GUNYAH_FEATURE_VIRTIO_MMIO		(1ULL << 9)
#define GUNYAH_FEATURE_PRNG			(1ULL << 10)
#define GUNYAH_FEATURE_VCPU_RUN			(1ULL << 11)
#define GUNYAH_FEATURE_SCHED_SHIFT		28

/* Message queues (hypercall 6, rm-rpc 1) */
#define GUNYAH_MSGQ_TX_PUSH			(1ULL << 0)
#define GUNYAH_MSGQ_RM_MSG_SIZE			240
#define GUNYAH_MSGQ_RM_DEPTH			8

/* States that vcpu_run returns in result 1 (hypercall 7.2) */
#define GUNYAH_VCPU_STATE_READY			0
#define GUNYAH_VCPU_STATE_EXPECTS_WAKEUP	1
#define GUNYAH_VCPU_STATE_POWERED_OFF		2
#define GUNYAH_VCPU_STATE_BLOCKED		3
#define GUNYAH_VCPU_STATE_MMIO_READ		4
#define GUNYAH_VCPU_STATE_MMIO_WRITE		5
#define GUNYAH_VCPU_STATE_FAULT			6
#define GUNYAH_VCPU_STATE_PAGE_FAULT		7
#define GUNYAH_VCPU_STATE_SYSTEM_RESET		0x100

/*
 * What newer Android drivers know, with numbers that are in no public header: those here
 * are this project's own assumption.  So a driver relies on them only if the hypervisor
 * says, by the call below, that it means the same; every other Gunyah answers the call
 * UNIMPLEMENTED.
 *
 * (magic) -> err, magic, extensions; ARGUMENT_INVALID for another magic
 */
#define GUNYAH_HC_EXTENSIONS			0x3f80
#define GUNYAH_EXTENSIONS_MAGIC			0x47756e7961682b31ULL	/* "Gunyah+1" */

/*
 * State EXPECTS_WAKEUP_OR_TIMEOUT of guests with no-timer-wakeups: data0 and data1 as of
 * EXPECTS_WAKEUP, data2 the value of the physical counter at which a timer of the vCPU
 * expires: then it has to be run again, there is no interrupt (hypercall 7.2, uapi 4.6)
 */
#define GUNYAH_EXT_TIMEOUT_STATE		(1ULL << 0)
#define GUNYAH_VCPU_STATE_EXPECTS_WAKEUP_OR_TIMEOUT 0x101
/*
 * A BELL_TX resource has a VIRQ if its node in the guest's tree has source-can-clear, a
 * level interrupt, and the empty property eoi-virq (as this, an assumption of this
 * project; VIRQs are few, so only who asks gets one).  It is an edge, raised each time
 * that the guest deactivates that interrupt.  While an enabled flag of the bell is set
 * the interrupt is pending again at once; doorbell_receive ends that at once as well
 */
#define GUNYAH_EXT_BELL_EOI			(1ULL << 1)
/*
 * The host's capabilities to vCPUs have WRITE_CONTEXT.  What vcpu_register_write has
 * written is there when the vCPU is switched on next, once; START and a boot context are
 * no exception, of two writes the last one counts, but CPU_ON says PC and X0 itself
 */
#define GUNYAH_EXT_VCPU_REGISTERS		(1ULL << 2)

/* data1 of EXPECTS_WAKEUP: what put the vCPU to sleep */
#define GUNYAH_VCPU_SLEEP_UNSPECIFIED		0
#define GUNYAH_VCPU_SLEEP_WFI			1
#define GUNYAH_VCPU_SLEEP_CPU_SUSPEND		2
#define GUNYAH_VCPU_SLEEP_SYSTEM_SUSPEND	3

/* data0 of POWERED_OFF */
#define GUNYAH_VCPU_OFF_EXITED			(1ULL << 0)

/* data0 of SYSTEM_RESET: bits 31:0 are the type of a SYSTEM_RESET2 */
#define GUNYAH_VCPU_RESET_IS_RESET2_64		(1ULL << 62)
#define GUNYAH_VCPU_RESET_IS_RESET		(1ULL << 63)

/* Resume word 1 after an MMIO exit (hypercall 7.2) */
#define GUNYAH_RESUME_EMULATE			0
#define GUNYAH_RESUME_RETRY			1
#define GUNYAH_RESUME_FAULT			2

/* Register sets of vcpu_register_write (hypercall 8) and of the RM's boot context */
#define GUNYAH_REGSET_X				0
#define GUNYAH_REGSET_PC			1
#define GUNYAH_REGSET_SP			2

/* Default window of MMIO exits of a VM (hypercall 7.3) */
#define GUNYAH_VMMIO_BASE			0x0ULL
#define GUNYAH_VMMIO_SIZE			0x40000000ULL

/* Access of a mapping (hypercall 9.1); W and WX alone cannot be mapped */
#define GUNYAH_ACCESS_X				1
#define GUNYAH_ACCESS_W				2
#define GUNYAH_ACCESS_R				4

/* map_attrs: access of EL0 and of EL1, memory type; all other bits are 0 (9.1) */
#define GUNYAH_MAP_ATTR_USER_SHIFT		0
#define GUNYAH_MAP_ATTR_KERNEL_SHIFT		4
#define GUNYAH_MAP_ATTR_ACCESS_MASK		0x7
#define GUNYAH_MAP_ATTR_MEMTYPE_SHIFT		16
#define GUNYAH_MAP_ATTR_MEMTYPE_MASK		0xff
#define GUNYAH_MEMTYPE_DEVICE_NGNRE		1
#define GUNYAH_MEMTYPE_NORMAL_NC		5
#define GUNYAH_MEMTYPE_NORMAL_WB		0xf

/* map_flags (9.1) */
#define GUNYAH_MAP_PARTIAL			(1ULL << 0)
#define GUNYAH_MAP_PRIVATE			(1ULL << 1)
#define GUNYAH_MAP_VMMIO			(1ULL << 2)
#define GUNYAH_MAP_NOSYNC			(1ULL << 31)

/* memextent_donate: options 7:0 and bit 31 (9.1) */
#define GUNYAH_DONATE_TO_CHILD			0
#define GUNYAH_DONATE_TO_PARENT			1
#define GUNYAH_DONATE_TO_SIBLING		2
#define GUNYAH_DONATE_TO_PROTECTED		3
#define GUNYAH_DONATE_FROM_PROTECTED		4
#define GUNYAH_DONATE_TYPE_MASK			0xffULL
#define GUNYAH_DONATE_NOSYNC			(1ULL << 31)

/* memextent_modify (9.1); the bit must be 1 with ZERO, CLEAN and FLUSH, 0 with SYNC_ALL */
#define GUNYAH_MEMEXTENT_UNMAP_ALL		0
#define GUNYAH_MEMEXTENT_ZERO_RANGE		1
#define GUNYAH_MEMEXTENT_CACHE_CLEAN		2
#define GUNYAH_MEMEXTENT_CACHE_FLUSH		3
#define GUNYAH_MEMEXTENT_SYNC_ALL		255
#define GUNYAH_MEMEXTENT_OP_MASK		0xffULL
#define GUNYAH_MEMEXTENT_NOSYNC			(1ULL << 31)

/* addrspace_configure_vmmio: operation (9.1) */
#define GUNYAH_VMMIO_ADD			0
#define GUNYAH_VMMIO_REMOVE			1

/* addrspace_modify_pages, a guest on its own address space (hypercall 3, 0x69) */
#define GUNYAH_MODIFY_PAGES_UNLOCK		(1ULL << 0)
#define GUNYAH_MODIFY_PAGES_SANITIZE		(1ULL << 1)

/*
 * Entry 0 of the guest's information area (0x6a finds it): the capability of its own
 * address space.  The layout of the entry is known (hypercall 3, 0x69), where it lies
 * is not: that it comes first is this project's own assumption.
 */
struct gunyah_info_addrspace {
	__le64 capid;
	__le32 rights;
	__le32 reserved;
};

#endif
