/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Resource Manager RPC: packet header, message ids, payloads (rm-rpc 1 to 7).
 *
 * Data only: this header compiles in the kernel, in the EL2 stub, in KUnit and
 * in user space.  All fields are little endian.  The structures are what is on
 * the wire behind the packet header; a reply starts with struct
 * gunyah_rm_reply_header and only carries more when its error is OK.
 */
#ifndef _LINUX_GUNYAH_ABI_RM_H
#define _LINUX_GUNYAH_ABI_RM_H

#include <linux/types.h>

/* Packet header (rm-rpc 1.1) */
#define GUNYAH_RM_API_BYTE		0x21	/* version 1, two 32-bit words */
#define GUNYAH_RM_TYPE_CONTINUATION	0
#define GUNYAH_RM_TYPE_REQUEST		1
#define GUNYAH_RM_TYPE_REPLY		2
#define GUNYAH_RM_TYPE_NOTIFICATION	3
#define GUNYAH_RM_TYPE_MASK		0x03
#define GUNYAH_RM_FRAGMENTS_SHIFT	2
#define GUNYAH_RM_MAX_FRAGMENTS		62	/* 63 is refused */
#define GUNYAH_RM_PACKET_SIZE		240
#define GUNYAH_RM_MAX_PAYLOAD		232	/* of one packet */

/**
 * struct gunyah_rm_header - in front of each packet, 8 bytes
 * @api: GUNYAH_RM_API_BYTE
 * @type: bits 1:0 GUNYAH_RM_TYPE_*, bits 7:2 number of packets minus one
 * @seq: chosen by the sender of a request; free running in notifications
 * @msg_id: GUNYAH_RM_* below
 */
struct gunyah_rm_header {
	__u8 api;
	__u8 type;
	__le16 seq;
	__le32 msg_id;
} __attribute__((packed));

/* RM errors (rm-rpc 1.5) */
#define GUNYAH_RM_ERR_OK		0x0U
#define GUNYAH_RM_ERR_UNIMPLEMENTED	0xffffffffU
#define GUNYAH_RM_ERR_NOMEM		0x1U
#define GUNYAH_RM_ERR_NORESOURCE	0x2U
#define GUNYAH_RM_ERR_DENIED		0x3U
#define GUNYAH_RM_ERR_MSG_INVALID	0x4U
#define GUNYAH_RM_ERR_BUSY		0x5U
#define GUNYAH_RM_ERR_ARGUMENT_INVALID	0x6U
#define GUNYAH_RM_ERR_HANDLE_INVALID	0x7U
#define GUNYAH_RM_ERR_VALIDATE_FAILED	0x8U
#define GUNYAH_RM_ERR_MAP_FAILED	0x9U
#define GUNYAH_RM_ERR_MEM_INVALID	0xaU
#define GUNYAH_RM_ERR_MEM_INUSE		0xbU
#define GUNYAH_RM_ERR_MEM_RELEASED	0xcU
#define GUNYAH_RM_ERR_VMID_INVALID	0xdU
#define GUNYAH_RM_ERR_LOOKUP_FAILED	0xeU
#define GUNYAH_RM_ERR_IRQ_INVALID	0xfU
#define GUNYAH_RM_ERR_IRQ_INUSE		0x10U
#define GUNYAH_RM_ERR_IRQ_RELEASED	0x11U
#define GUNYAH_RM_ERR_IN_USE		0x12U
#define GUNYAH_RM_ERR_IRQ_NOT_MAPPED	0x13U
#define GUNYAH_RM_ERR_VM_STATE		0x14U

/* VMIDs (rm-rpc 1.6) */
#define GUNYAH_VMID_HYP			0x0000
#define GUNYAH_VMID_SELF		0x0000
#define GUNYAH_VMID_HLOS		0x0003
#define GUNYAH_VMID_DYNAMIC_FIRST	0x0080
#define GUNYAH_VMID_DYNAMIC_LAST	0x00be
#define GUNYAH_VMID_RM			0x00ff
#define GUNYAH_VMID_INVALID		0xffff

/* Message ids (rm-rpc 2) */
#define GUNYAH_RM_MEM_ACCEPT		0x51000011U
#define GUNYAH_RM_MEM_LEND		0x51000012U
#define GUNYAH_RM_MEM_SHARE		0x51000013U
#define GUNYAH_RM_MEM_RELEASE		0x51000014U
#define GUNYAH_RM_MEM_RECLAIM		0x51000015U
#define GUNYAH_RM_MEM_NOTIFY		0x51000017U
#define GUNYAH_RM_MEM_APPEND		0x51000018U
#define GUNYAH_RM_VM_ALLOCATE		0x56000001U
#define GUNYAH_RM_VM_DEALLOCATE		0x56000002U
#define GUNYAH_RM_VM_START		0x56000004U
#define GUNYAH_RM_VM_STOP		0x56000005U
#define GUNYAH_RM_VM_RESET		0x56000006U
#define GUNYAH_RM_VM_CONFIG_IMAGE	0x56000009U
#define GUNYAH_RM_VM_AUTH_IMAGE		0x5600000aU
#define GUNYAH_RM_VM_INIT		0x5600000bU
#define GUNYAH_RM_VM_SET_BOOT_CONTEXT_ALT 0x5600000cU /* some Linux series */
#define GUNYAH_RM_VM_GET_ID		0x56000010U
#define GUNYAH_RM_VM_GET_OWNER		0x56000015U
#define GUNYAH_RM_VM_GET_STATE		0x56000017U
#define GUNYAH_RM_VM_GET_CRASH_MSG	0x56000019U
#define GUNYAH_RM_VM_GET_HYP_RESOURCES	0x56000020U
#define GUNYAH_RM_VM_GET_VMID		0x56000024U
#define GUNYAH_RM_VM_GET_PEERS		0x56000025U
#define GUNYAH_RM_VM_SET_BOOT_CONTEXT	0x56000031U
#define GUNYAH_RM_VM_SET_FIRMWARE_MEM	0x56000032U
#define GUNYAH_RM_VM_SET_DEMAND_PAGING	0x56000033U
#define GUNYAH_RM_VM_SET_ADDRESS_LAYOUT	0x56000034U
#define GUNYAH_RM_VM_IRQ_ACCEPT		0x56000050U
#define GUNYAH_RM_VM_CONSOLE_WRITE	0x56000083U
#define GUNYAH_RM_VM_EXIT		0x56000085U
#define GUNYAH_RM_VM_HOST_GET_TYPE	0x560000a0U

/* Notifications (rm-rpc 2) */
#define GUNYAH_RM_NOTIF_MEM_SHARED	0x51100011U
#define GUNYAH_RM_NOTIF_MEM_RELEASED	0x51100012U
#define GUNYAH_RM_NOTIF_MEM_ACCEPTED	0x51100013U
#define GUNYAH_RM_NOTIF_MEM_RECALL	0x51100014U
#define GUNYAH_RM_NOTIF_VM_EXITED	0x56100001U
#define GUNYAH_RM_NOTIF_VM_SHUTDOWN	0x56100002U
#define GUNYAH_RM_NOTIF_VM_STATUS	0x56100008U

/* VM states (rm-rpc 3) */
#define GUNYAH_RM_VM_STATE_NONE		0
#define GUNYAH_RM_VM_STATE_INIT		1
#define GUNYAH_RM_VM_STATE_READY	2
#define GUNYAH_RM_VM_STATE_RUNNING	3
#define GUNYAH_RM_VM_STATE_PAUSED	4
#define GUNYAH_RM_VM_STATE_LOAD		5
#define GUNYAH_RM_VM_STATE_AUTH		6
#define GUNYAH_RM_VM_STATE_INIT_FAILED	8
#define GUNYAH_RM_VM_STATE_EXITED	9
#define GUNYAH_RM_VM_STATE_RESETTING	10
#define GUNYAH_RM_VM_STATE_RESET	11
#define GUNYAH_RM_VM_STATE_RESET_FAILED	12	/* newest Android only */

/* Exit types (rm-rpc 7.1) */
#define GUNYAH_RM_EXIT_VM_EXIT		0
#define GUNYAH_RM_EXIT_PSCI_OFF		1
#define GUNYAH_RM_EXIT_PSCI_RESET	2
#define GUNYAH_RM_EXIT_PSCI_RESET2	3
#define GUNYAH_RM_EXIT_WATCHDOG		4
#define GUNYAH_RM_EXIT_SOFTWARE_ERROR	5
#define GUNYAH_RM_EXIT_ASYNC_ERROR	6
#define GUNYAH_RM_EXIT_STOPPED		7

/* First word of an exit's reason: flags, and the exit code above them */
#define GUNYAH_RM_EXIT_FLAG_SMC64	(1 << 15)
#define GUNYAH_RM_EXIT_CODE_SHIFT	16

/* Authentication (rm-rpc 4.3) */
#define GUNYAH_RM_AUTH_NONE		0
#define GUNYAH_RM_AUTH_PLATFORM		1
#define GUNYAH_RM_AUTH_ANDROID_PVM	2

/* Memory parcels (rm-rpc 6) */
#define GUNYAH_RM_MEM_TYPE_NORMAL	0
#define GUNYAH_RM_MEM_TYPE_IO		1
#define GUNYAH_RM_MEM_FLAG_SANITIZE	(1 << 0)
#define GUNYAH_RM_MEM_FLAG_APPEND	(1 << 1)
#define GUNYAH_RM_APPEND_FLAG_DONE	(1 << 0)
#define GUNYAH_RM_RECLAIM_FLAG_SANITIZE	(1 << 0)
#define GUNYAH_RM_RELEASE_FLAG_SANITIZE	(1 << 0)
#define GUNYAH_RM_ACL_X			(1 << 0)
#define GUNYAH_RM_ACL_W			(1 << 1)
#define GUNYAH_RM_ACL_R			(1 << 2)
#define GUNYAH_RM_MAX_LIST_ENTRIES	512
#define GUNYAH_RM_MAX_PARCELS		64	/* of one owner */
#define GUNYAH_RM_HANDLE_INVALID	0xffffffffU

/* Memory attributes (rm-rpc 6.1) */
#define GUNYAH_RM_MEM_ATTR_NORMAL	0
#define GUNYAH_RM_MEM_ATTR_DEVICE	1
#define GUNYAH_RM_MEM_ATTR_UNCACHED	2
#define GUNYAH_RM_MEM_ATTR_CACHED	3

/* Reply of HOST_GET_TYPE: AArch64, Gunyah with RM, version 1 */
#define GUNYAH_RM_HOST_TYPE		0x01000164U

/* Kinds of identity that GET_ID returns (rm-rpc 4.14) */
#define GUNYAH_RM_ID_GUID		0
#define GUNYAH_RM_ID_URI		1
#define GUNYAH_RM_ID_NAME		2
#define GUNYAH_RM_ID_SIGN_AUTH		3

/* VM_STOP */
#define GUNYAH_RM_STOP_FLAG_FORCE	(1 << 0)
#define GUNYAH_RM_STOP_REASON_FORCE_STOP 3

struct gunyah_rm_reply_header {
	__le32 error;
} __attribute__((packed));

/* ALLOCATE (vmid wanted or 0), DEALLOCATE, INIT, START, RESET, GET_HYP_RESOURCES */
struct gunyah_rm_vmid_req {
	__le16 vmid;
	__le16 reserved;
} __attribute__((packed));

/* Reply data of ALLOCATE(0), GET_VMID, GET_OWNER */
struct gunyah_rm_vmid_resp {
	__le32 vmid;
} __attribute__((packed));

struct gunyah_rm_config_image_req {
	__le16 vmid;
	__le16 auth;
	__le32 mem_handle;
	__le64 image_offset;
	__le64 image_size;
	__le64 dtb_offset;
	__le64 dtb_size;
} __attribute__((packed));

/*
 * Parameters of AUTH_IMAGE are the platform's own (rm-rpc 4.4).  The number of the one
 * that Qualcomm's uses, the peripheral image id, is in no public table: 0 is this project's
 * own assumption.
 */
#define GUNYAH_RM_AUTH_PARAM_PAS_ID	0

/* A signed image begins with so many bytes of metadata (uapi 4.3) */
#define GUNYAH_RM_AUTH_METADATA_SIZE	8192

struct gunyah_rm_auth_param {
	__le32 type;
	__le32 value;
} __attribute__((packed));

/* followed by count struct gunyah_rm_auth_param */
struct gunyah_rm_auth_image_req {
	__le16 vmid;
	__le16 count;
} __attribute__((packed));

struct gunyah_rm_stop_req {
	__le16 vmid;
	__u8 flags;
	__u8 reserved;
	__le32 reason;
} __attribute__((packed));

struct gunyah_rm_boot_context_req {
	__le16 vmid;
	__u8 reg_set;
	__u8 reg_index;
	__le32 reserved;
	__le64 value;
} __attribute__((packed));

struct gunyah_rm_demand_paging_entry {
	__le64 ipa;
	__le64 size;
} __attribute__((packed));

/* followed by count entries */
struct gunyah_rm_demand_paging_req {
	__le16 vmid;
	__le16 reserved;
	__le32 count;
} __attribute__((packed));

#define GUNYAH_RM_LAYOUT_IMAGE		0
#define GUNYAH_RM_LAYOUT_FIRMWARE	1

struct gunyah_rm_address_layout_req {
	__le16 vmid;
	__le16 reserved;
	__le32 range_id;
	__le64 base;
	__le64 size;
} __attribute__((packed));

struct gunyah_rm_firmware_mem_req {
	__le16 vmid;
	__le16 reserved;
	__le32 mem_handle;
	__le64 offset;
	__le64 size;
} __attribute__((packed));

/*
 * LEND, SHARE: this header, then three lists (rm-rpc 1.4): ACL, memory,
 * attributes.  A list is a count and its entries.
 */
struct gunyah_rm_mem_req {
	__u8 mem_type;
	__u8 reserved0;
	__u8 flags;
	__u8 reserved1;
	__le32 label;
} __attribute__((packed));

struct gunyah_rm_list {
	__le16 count;
	__le16 reserved;
} __attribute__((packed));

struct gunyah_rm_acl_entry {
	__le16 vmid;
	__u8 rights;
	__u8 reserved;
} __attribute__((packed));

/* Only 4-byte aligned on the wire */
struct gunyah_rm_mem_entry {
	__le64 ipa;
	__le64 size;
} __attribute__((packed));

struct gunyah_rm_attr_entry {
	__le16 attr;
	__le16 vmid;
} __attribute__((packed));

struct gunyah_rm_mem_resp {
	__le32 handle;
} __attribute__((packed));

/* followed by the memory list */
struct gunyah_rm_append_req {
	__le32 handle;
	__u8 flags;
	__u8 reserved[3];
} __attribute__((packed));

struct gunyah_rm_reclaim_req {
	__le32 handle;
	__u8 flags;
	__u8 reserved[3];
} __attribute__((packed));

/* How a parcel was made, to whom it is offered */
#define GUNYAH_RM_TRANS_DONATE		0
#define GUNYAH_RM_TRANS_LEND		1
#define GUNYAH_RM_TRANS_SHARE		2

#define GUNYAH_RM_ACCEPT_SANITIZED	(1 << 0)	/* only if it was sanitised */
#define GUNYAH_RM_ACCEPT_VALIDATE_ACL	(1 << 1)	/* and attributes, in this order */
#define GUNYAH_RM_ACCEPT_VALIDATE_LABEL	(1 << 2)
#define GUNYAH_RM_ACCEPT_MAP_OTHER	(1 << 3)
#define GUNYAH_RM_ACCEPT_CONTIGUOUS	(1 << 4)
#define GUNYAH_RM_ACCEPT_SANITIZE	(1 << 5)
#define GUNYAH_RM_ACCEPT_DONE		(1 << 7)

/*
 * ACCEPT: three lists follow, ACL, memory (with the VMID to map it for in place of the
 * reserved word) and attributes.  Without memory the RM chooses, and its reply has it.
 */
struct gunyah_rm_accept_req {
	__le32 handle;
	__u8 mem_type;
	__u8 trans_type;
	__u8 flags;
	__u8 reserved;
	__le32 label;
} __attribute__((packed));

/* Reply data of ACCEPT without memory: count struct gunyah_rm_mem_entry follow */
struct gunyah_rm_accept_resp {
	__le16 count;
	__u8 flags;		/* 1: not all of it */
	__u8 reserved;
} __attribute__((packed));

#define GUNYAH_RM_NOTIFY_SHARED		(1 << 0)
#define GUNYAH_RM_NOTIFY_RELEASED	(1 << 1)
#define GUNYAH_RM_NOTIFY_ACCEPTED	(1 << 2)
#define GUNYAH_RM_NOTIFY_RECALL		(1 << 3)

/* NOTIFY: for SHARED and RECALL a list follows of those who are to hear it */
struct gunyah_rm_notify_req {
	__le32 handle;
	__u8 flags;
	__u8 reserved[3];
	__le32 tag;
} __attribute__((packed));

struct gunyah_rm_notify_entry {
	__le16 vmid;
	__le16 reserved;
} __attribute__((packed));

/* MEM_SHARED; lists follow: ACL, sizes of the regions (__le64), attributes */
struct gunyah_rm_mem_shared {
	__le32 handle;
	__u8 mem_type;
	__u8 trans_type;
	__u8 flags;
	__u8 reserved0;
	__le16 owner;
	__le16 reserved1;
	__le32 label;
	__le32 tag;
} __attribute__((packed));

struct gunyah_rm_mem_recall {
	__le32 handle;
	__le32 tag;
} __attribute__((packed));

/* EXIT: a guest ends itself */
struct gunyah_rm_exit_req {
	__le16 flags;
	__u8 code;
	__u8 reserved;
} __attribute__((packed));

#define GUNYAH_RM_EXIT_CODE_NORMAL	0
#define GUNYAH_RM_EXIT_CODE_SOFTWARE	1
#define GUNYAH_RM_EXIT_CODE_BUS		3
#define GUNYAH_RM_EXIT_CODE_DEVICE	4

/* Reply data of GET_HYP_RESOURCES: count entries of struct gunyah_rm_hyp_resource follow */
struct gunyah_rm_resources_resp {
	__le32 count;
} __attribute__((packed));

/* reason_size bytes of reason follow; the first four are flags and exit code */
struct gunyah_rm_vm_exited {
	__le16 vmid;
	__le16 exit_type;
	__le32 reason_size;
} __attribute__((packed));

struct gunyah_rm_vm_status {
	__le16 vmid;
	__le16 reserved;
	__u8 vm_state;
	__u8 os_state;
	__le16 app_status;
} __attribute__((packed));

struct gunyah_rm_mem_released {
	__le32 handle;
	__le16 vmid;
	__le16 reserved;
	__le32 tag;
} __attribute__((packed));

/* One identity in the reply of GET_ID; size bytes follow, padded to 4 */
struct gunyah_rm_id_entry {
	__u8 type;
	__u8 reserved;
	__le16 size;
} __attribute__((packed));

/* Reply data of GET_STATE */
struct gunyah_rm_state_resp {
	__u8 vm_state;
	__u8 os_state;
	__le16 app_status;
} __attribute__((packed));

#endif
