/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What VM_GET_HYP_RESOURCES returns (rm-rpc 5).  Data only, see hypercall.h.
 */
#ifndef _LINUX_GUNYAH_ABI_RESOURCE_H
#define _LINUX_GUNYAH_ABI_RESOURCE_H

#include <linux/types.h>

#define GUNYAH_RESOURCE_BELL_TX		0
#define GUNYAH_RESOURCE_BELL_RX		1
#define GUNYAH_RESOURCE_MSGQ_TX		2
#define GUNYAH_RESOURCE_MSGQ_RX		3
#define GUNYAH_RESOURCE_VCPU		4
#define GUNYAH_RESOURCE_VIRTUAL_PM	5
#define GUNYAH_RESOURCE_VIRTIO_MMIO	6
#define GUNYAH_RESOURCE_VRTC		7
#define GUNYAH_RESOURCE_WATCHDOG	8
#define GUNYAH_RESOURCE_MEM_EXTENT	9
#define GUNYAH_RESOURCE_ADDR_SPACE	10

/* Labels of MEM_EXTENT and ADDR_SPACE (hypercall 9.3) */
#define GUNYAH_EXTENT_GUEST_PRIVATE	0
#define GUNYAH_EXTENT_HOST_SHARED	1
#define GUNYAH_EXTENT_HOST_PRIVATE	2
#define GUNYAH_EXTENT_GUEST_SHARED	3
#define GUNYAH_ADDR_SPACE_LABEL		0

/* Interrupt number 0 means that the resource has none */
#define GUNYAH_VIRQ_NONE		0

/**
 * struct gunyah_rm_hyp_resource - one entry of the reply, 44 bytes
 * @type: GUNYAH_RESOURCE_*
 * @reserved: 0
 * @partner_vmid: 0 for a vCPU, the VM asked about otherwise
 * @handle: resource handle of the RM, 0 in practice
 * @label: what the guest's device tree calls it; the index of a vCPU
 * @capid_low: low half of the capability id
 * @capid_high: high half of the capability id
 * @virq_handle: 0 in practice
 * @virq: INTID in the caller's interrupt controller, GUNYAH_VIRQ_NONE if none
 * @base_low: IPA of a virtio-mmio page, low half
 * @base_high: its high half
 * @size_low: size of that page, low half
 * @size_high: its high half
 */
struct gunyah_rm_hyp_resource {
	__u8 type;
	__u8 reserved;
	__le16 partner_vmid;
	__le32 handle;
	__le32 label;
	__le32 capid_low;
	__le32 capid_high;
	__le32 virq_handle;
	__le32 virq;
	__le32 base_low;
	__le32 base_high;
	__le32 size_low;
	__le32 size_high;
} __attribute__((packed));

#endif
