/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The RM's own structures.  Everything runs under the stub's lock.  The wire is
 * little endian and so is the stub on every machine that it runs or is tested on.
 */
#ifndef STUB_RM_PRIV_H
#define STUB_RM_PRIV_H

#include "lib/types.h"
#include "obj/msgq.h"
#include "obj/vm.h"
#include "owner/owner.h"
#include "rm/rm.h"
#include <linux/gunyah/abi/hypercall.h>
#include <linux/gunyah/abi/resource.h>
#include <linux/gunyah/abi/rm.h>

/* VMIDs that may be asked for by number (rm-rpc 1.6, qemu platform) */
#define RM_PREDEFINED_FIRST	4
#define RM_PREDEFINED_LAST	31
#define RM_NR_PREDEFINED	(RM_PREDEFINED_LAST - RM_PREDEFINED_FIRST + 1)
#define RM_NR_DYNAMIC		(GUNYAH_VMID_DYNAMIC_LAST - GUNYAH_VMID_DYNAMIC_FIRST + 1)
#define RM_MAX_VMS		(RM_NR_PREDEFINED + RM_NR_DYNAMIC)

#define RM_MAX_PACKETS		(GUNYAH_RM_MAX_FRAGMENTS + 1)
#define RM_MAX_MSG		(RM_MAX_PACKETS * GUNYAH_RM_MAX_PAYLOAD)
#define RM_MAX_NOTIFS		256
#define RM_MAX_NOTIF_PAYLOAD	24	/* of small ones, which need no memory */
/* A guest that floods the host with notifications gets BUSY, and pushes out nobody's */
#define RM_MAX_NOTIFS_OF_GUESTS	64
#define RM_MAX_ACL		8

/* Handler's answer: the reply comes later, from rm_work() */
#define RM_DEFERRED		0xfffffffeU

/* --- transport ---------------------------------------------------------- */

struct rm_client;

/* A request of @from, complete.  @data is only valid while it is handled */
struct rm_req {
	struct rm_client *client;
	u16 from;
	u32 id;
	u16 seq;
	const u8 *data;
	u32 len;
};

/* Reply data that follows the error word; errors have none, but for firmware memory */
struct rm_out {
	u8 *data;
	u32 len;
	u32 max;
};

/* Appends @size bytes to a reply; there is always room for what handlers append */
void rm_out_put(struct rm_out *out, const void *data, u32 size);

/* Everything as after boot, also when it is not the first time */
void rm_parcels_init(void);
void rm_vms_init(void);
bool rm_transport_init(u64 *host_tx_cap, u64 *host_rx_cap, u32 *tx_intid, u32 *rx_intid);
struct rm_client *rm_host(void);
/* Queues a small notification for the host; drops the oldest if it does not read */
void rm_notify(u32 id, const void *data, u32 size);
/*
 * The same for any client, of any size up to RM_MAX_MSG; @from: who has caused it, NULL:
 * the RM.  False: no memory, or @from is a guest that has too many on their way.
 */
bool rm_notify_client(struct rm_client *client, const struct rm_client *from, u32 id,
		      const void *data, u32 size) __must_check;
/* The reply to the request with @seq and @id, now.  @out: what follows @error */
void rm_reply(struct rm_client *client, u32 id, u16 seq, u32 error, u32 data_len);
/* Where handlers put the data of the reply to the request in hand */
struct rm_out rm_reply_out(struct rm_client *client);
u32 rm_notifs_queued(void);
u32 rm_notifs_dropped(void);
bool rm_requests_waiting(void);
/* The host's requests are not taken out of the queue while one is deferred */
void rm_hold_requests(bool hold);
void rm_run(void);

/* --- messages ------------------------------------------------------------ */

/* Answers the request; also for unknown ids and wrong lengths */
void rm_dispatch(const struct rm_req *req);
/* A message that would have killed the open RM: warn, count, answer @error */
u32 rm_sender_fault(const char *what, u32 error);
/* GUNYAH_ERR_* of an object function in the RM's terms */
u32 rm_error_from_hyp(int err);

typedef u32 (*rm_handler)(const struct rm_req *req, struct rm_out *out);

u32 rm_vm_allocate(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_deallocate(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_config_image(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_auth_image(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_init(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_start(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_stop(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_reset(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_set_boot_context(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_get_hyp_resources(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_get_id(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_get_owner(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_get_state(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_get_crash_msg(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_get_vmid(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_get_peers(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_host_get_type(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_set_firmware_mem(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_set_demand_paging(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_set_address_layout(const struct rm_req *req, struct rm_out *out);
u32 rm_vm_exit(const struct rm_req *req, struct rm_out *out);
u32 rm_mem_accept(const struct rm_req *req, struct rm_out *out);
u32 rm_mem_release(const struct rm_req *req, struct rm_out *out);
u32 rm_mem_notify(const struct rm_req *req, struct rm_out *out);
u32 rm_mem_lend(const struct rm_req *req, struct rm_out *out);
u32 rm_mem_share(const struct rm_req *req, struct rm_out *out);
u32 rm_mem_append(const struct rm_req *req, struct rm_out *out);
u32 rm_mem_reclaim(const struct rm_req *req, struct rm_out *out);

/* --- lists in messages (rm-rpc 1.4) --------------------------------------- */

/* Walks through the payload of a message */
struct rm_cursor {
	const u8 *data;
	u32 left;
};

/* A list of the message; @entry is only aligned to 4 bytes */
struct rm_list {
	u32 count;
	const u8 *entry;
};

/* A list that is missing at the end of a message counts as empty, if it @may_miss */
u32 rm_next_list(struct rm_cursor *c, u32 entry_size, bool may_miss, struct rm_list *list);
struct gunyah_rm_acl_entry rm_acl_at(const struct rm_list *list, u32 i);
struct gunyah_rm_mem_entry rm_mem_at(const struct rm_list *list, u32 i);
struct gunyah_rm_attr_entry rm_attr_at(const struct rm_list *list, u32 i);

/* --- memory parcels ------------------------------------------------------ */

/**
 * struct rm_acl - one VM's access to a parcel
 * @vmid: who
 * @rights: GUNYAH_RM_ACL_*
 * @accepted: mapped in that VM
 * @locked: its RAM since START: cannot be released
 * @ipa: where, if accepted
 */
struct rm_acl {
	u16 vmid;
	u8 rights;
	bool accepted;
	bool locked;
	u64 ipa;
};

struct rm_range {
	u64 ipa;
	u64 size;
};

/* A page of a parcel's list of ranges; linked by physical address, 0 ends */
struct rm_chunk {
	u64 next;
	u64 nr;
	struct rm_range range[(PAGE_SIZE - 16) / sizeof(struct rm_range)];
};

/**
 * struct rm_parcel - memory that the host has handed over
 * @used: this slot holds a parcel
 * @shared: SHARE, otherwise LEND
 * @open: an APPEND is still to come, nobody may use it
 * @nr_attr: entries of @attr
 * @attr: memory attributes, as they were in the request
 * @sanitize: cleared when it is handed over
 * @handle: given to the host, never used twice
 * @label: the host's name for it
 * @size: of all ranges, bytes
 * @first: chunk of ranges, physical
 * @last: the chunk that takes the next range
 * @nr_acl: entries of @acl
 * @acl: who may do what with it
 */
struct rm_parcel {
	bool used;
	bool shared;
	bool open;
	bool sanitize;
	u32 handle;
	u32 label;
	u64 size;
	u64 first;
	u64 last;
	u32 nr_acl;
	struct rm_acl acl[RM_MAX_ACL];
	u32 nr_attr;
	struct gunyah_rm_attr_entry attr[RM_MAX_ACL];
};

/* Steps through the ranges of a parcel; zero-initialise @it, NULL at the end */
struct rm_range_iter {
	u64 chunk;
	u32 index;
	bool started;
};

const struct rm_range *rm_range_next(const struct rm_parcel *parcel, struct rm_range_iter *it);

struct rm_parcel *rm_parcel_alloc(void);
struct rm_parcel *rm_parcel_find(u32 handle);
/* Parcel number @index of the table, NULL if that slot is free */
struct rm_parcel *rm_parcel_at(u32 index);
unsigned int rm_parcel_count(void);
u64 rm_parcel_bytes(void);
/* The entry of @vmid, NULL if it has none */
struct rm_acl *rm_parcel_acl(struct rm_parcel *parcel, u16 vmid);
bool rm_parcel_in_use(const struct rm_parcel *parcel);
/* Takes [ipa, ipa + size) from the host; RM error, and then nothing has changed */
u32 rm_parcel_add(struct rm_parcel *parcel, u64 ipa, u64 size) __must_check;
/* Undoes rm_parcel_add() until the parcel has @size bytes again */
void rm_parcel_trim(struct rm_parcel *parcel, u64 size);
/* All pages back to the host, slot free.  Nobody may have it accepted */
void rm_parcel_free(struct rm_parcel *parcel, bool wipe);
/* For one VM alone, which may do everything with it */
bool rm_parcel_exclusive(const struct rm_parcel *parcel);
/* Clears bytes [off, off + size), which must lie inside */
void rm_parcel_zero(const struct rm_parcel *parcel, u64 off, u64 size);
/* Between @buf and bytes [off, off + len) of the parcel, which must lie inside */
void rm_parcel_read(const struct rm_parcel *parcel, u64 off, void *buf, u64 len);
void rm_parcel_write(const struct rm_parcel *parcel, u64 off, const void *buf, u64 len);
void rm_parcel_flush(const struct rm_parcel *parcel);
/* Maps it for @vm contiguously at @ipa with the rights of its ACL entry */
u32 rm_parcel_accept(struct rm_parcel *parcel, struct vm *vm, u64 ipa) __must_check;
/* No longer mapped in @vm, contiguously as it was */
void rm_parcel_release(struct rm_parcel *parcel, struct vm *vm);
/* A guest can write its secrets to it: what is lent will be wiped on its way back */
void rm_parcel_set_secret(const struct rm_parcel *parcel);
/* All parcels that @vmid has accepted: no longer, owner told.  Mappings are gone already */
void rm_parcels_release(u16 vmid);

/* --- device tree ---------------------------------------------------------- */

#define RM_NAME_MAX		80	/* with the terminating zero */
#define RM_PATH_MAX		128
#define RM_COMPAT_MAX		192
#define RM_MAX_VDEVS		80
#define RM_DT_SCRATCH		(256 * 1024)

enum rm_vdev_type {
	RM_VDEV_DOORBELL,
	RM_VDEV_DOORBELL_SOURCE,
	RM_VDEV_SHM,
	RM_VDEV_RPC,		/* the guest's own RM channel */
	RM_VDEV_REFUSED,	/* known, not offered by this stub: INIT fails */
};

/* GIC specifier of a guest's interrupt, as in its tree */
struct rm_irq {
	bool valid;
	u32 class;
	u32 number;
	u32 flags;
};

/**
 * struct rm_vdev - one node with a vdevice-type (devicetree.md b.6)
 * @type: what the node asks for
 * @label: the name that both ends know it by
 * @type_name: as the tree calls it
 * @generate: path of the node that the guest will see, empty: none
 * @compat: strings of push-compatible as they stand in the property
 * @compat_len: their length, bytes
 * @named_peer: a peer other than the owner: there is nobody else, no object
 * @source_can_clear: doorbell: property source-can-clear
 * @eoi_virq: doorbell: property eoi-virq
 * @base: shm: guest address, if not @allocate
 * @dma_base: shm: its value
 * @irq: doorbell: the guest's interrupt; RM channel: that of its sending end
 * @rx_irq: RM channel: that of its receiving end
 * @odd_queue: RM channel: not the one size and depth of queues here
 * @optional: shm: no parcel is no error
 * @allocate: shm: the RM chooses the address
 * @has_dma_base: shm: the node has a dma_base
 * @bell: its object after INIT
 */
struct rm_vdev {
	enum rm_vdev_type type;
	u32 label;
	const char *type_name;
	char generate[RM_PATH_MAX];
	char compat[RM_COMPAT_MAX];
	u32 compat_len;
	bool named_peer;
	bool source_can_clear;
	bool eoi_virq;
	bool optional;
	bool allocate;
	bool has_dma_base;
	u64 base;
	u64 dma_base;
	bool odd_queue;
	struct rm_irq irq;
	struct rm_irq rx_irq;
	struct vm_doorbell *bell;
};

/* The guest's interrupt controller (devicetree.md b.4) */
struct rm_gic {
	bool found;
	bool has_reg;
	char path[RM_PATH_MAX];
	u64 gicd;
	u64 gicr;
	u64 stride;
};

/**
 * struct rm_dt - what INIT has read from the guest's tree
 * @has_config: there is a vm-config node
 * @has_vcpus: and its vcpus node
 * @crash_fatal: attribute crash-fatal (implies that the VM cannot be reset)
 * @no_reset: VM_RESET is DENIED
 * @no_shutdown: VM_STOP is VM_STATE
 * @is_direct: memory is-direct, for trusted VMs only
 * @proxy: the host runs the vCPUs
 * @no_timer_wakeups: and wants to keep their time as well; profile production
 * @mem_base: guest address of RAM, multiple of 2 MiB
 * @size_max: most RAM there may be from @mem_base
 * @has_firmware_base: @firmware_base was given
 * @firmware_base: guest address of the firmware's parcel
 * @firmware_max: most memory there may be for the firmware
 * @nr_vcpus: CPUs of the guest
 * @psci: the guest uses PSCI
 * @hvc_method: a secondary CPU wants enable-method qcom,gunyah-hvc
 * @has_guid: @guid was given
 * @name: of the VM, for the identity queries
 * @uri: likewise, may be empty
 * @guid_text: as the tree has it
 * @guid: the same as bytes
 * @boot: which vCPUs are on at START
 * @gic: interrupt controller
 * @nr_vdevs: entries of @vdev
 * @vdev: virtual devices, in the order of the tree
 */
struct rm_dt {
	bool has_config;
	bool has_vcpus;
	bool crash_fatal;
	bool no_reset;
	bool no_shutdown;
	bool is_direct;
	bool proxy;
	bool no_timer_wakeups;
	bool psci;
	bool hvc_method;
	bool has_guid;
	char name[RM_NAME_MAX];
	char uri[RM_NAME_MAX];
	char guid_text[37];
	u8 guid[16];
	u64 mem_base;
	u64 size_max;
	bool has_firmware_base;
	u64 firmware_base;
	u64 firmware_max;
	unsigned int nr_vcpus;
	bool boot[VM_MAX_VCPUS];
	struct rm_gic gic;
	unsigned int nr_vdevs;
	struct rm_vdev vdev[RM_MAX_VDEVS];
};

/* --- VMs ------------------------------------------------------------------ */

/**
 * struct rm_firmware - memory for the firmware of a protected VM
 * @handle: parcel, which may be the image's own
 * @off: where in it
 * @size: room there, 0: nobody has said anything
 */
struct rm_firmware {
	u32 handle;
	u64 off;
	u64 size;
};

/**
 * struct rm_vm - a VMID
 * @used: allocated
 * @state: GUNYAH_RM_VM_STATE_*
 * @peer: the owner hears of state changes
 * @configured: CONFIG_IMAGE has been accepted and no RESET since
 * @no_reset: from the device tree, stays when INIT fails
 * @no_shutdown: likewise
 * @stop_pending: a STOP waits for the vCPUs to leave; @stop_seq is to be answered
 * @halt_pending: the guest halted by itself, likewise
 * @reset_pending: VM_RESET was answered, its stages follow
 * @vmid: its VMID
 * @stop_seq: sequence number of the STOP that waits
 * @auth: GUNYAH_RM_AUTH_*
 * @image: handle of the parcel with image and device tree
 * @image_off: where the image starts in it
 * @image_size: its size, 0: what it is, is not in the parcel
 * @entry: where to enter it, from its start
 * @dtb_off: where the device tree starts
 * @dtb_size: room for it
 * @place: where image and firmware lie in the guest, by GUNYAH_RM_LAYOUT_*; size 0: the
 *	device tree says so
 * @firmware: room for the firmware
 * @nr_demand: entries of @demand
 * @demand: memory that is provided on a fault, apart from each other and from parcels
 * @halt: why the guest halted, for @halt_pending
 * @self_exit: it was by message VM_EXIT, with @exit_word
 * @exit_word: flags and exit code
 * @guest: its RM channel, if it has one
 * @vm: the objects, after a successful INIT
 * @dt: the configuration, likewise
 * @dt_pa: where @dt is
 */
struct rm_vm {
	bool used;
	u8 state;
	bool peer;
	bool configured;
	bool no_reset;
	bool no_shutdown;
	bool stop_pending;
	bool halt_pending;
	bool reset_pending;
	u16 vmid;
	u16 stop_seq;
	u16 auth;
	u32 image;
	u64 image_off;
	u64 image_size;
	u64 entry;
	u64 dtb_off;
	u64 dtb_size;
	struct addr_range place[2];
	struct rm_firmware firmware;
	u32 nr_demand;
	struct addr_range demand[ADDRSPACE_MAX_DEMAND];
	struct vm_halt_info halt;
	bool self_exit;
	u32 exit_word;
	struct rm_guest *guest;
	struct vm *vm;
	struct rm_dt *dt;
	u64 dt_pa;
};

/* NULL if @vmid is not allocated; the host and the RM have no record */
struct rm_vm *rm_vm_find(u16 vmid);
/* Number @index of the table, NULL if that slot is free */
struct rm_vm *rm_vm_at(unsigned int index);
unsigned int rm_vm_count(void);
/* Exists, but belongs to nobody that the host could be: host and RM themselves */
bool rm_vmid_foreign(u16 vmid);
/* VMID_INVALID, or DENIED for a VM of somebody else */
u32 rm_vm_lookup(u16 vmid, struct rm_vm **rvm);
/* The same for a VM that has to be in @state: VM_STATE if it is in another */
u32 rm_vm_lookup_in(u16 vmid, u8 state, struct rm_vm **rvm);
/* New state, VM_STATUS to the owner */
void rm_vm_set_state(struct rm_vm *rvm, u8 state);
/* INIT_FAILED; returns @error for the caller's return statement */
u32 rm_vm_fail(struct rm_vm *rvm, u32 error);
/* Objects and configuration of @rvm go; its vCPUs must be out of the guest */
void rm_vm_drop_objects(struct rm_vm *rvm);
/* STOPs, exits and RESETs that were waiting and can go on */
void rm_work(void);
bool rm_work_pending(void);
/* The guest has said that it exits (VM_EXIT) */
void rm_vm_on_exit(struct rm_vm *rvm, u32 word);
void rm_vm_on_halt(struct vm *vm, const struct vm_halt_info *info);

/* Its memory, but for parcels, comes on a fault; false: all of it in parcels */
bool rm_vm_is_paged(const struct rm_vm *rvm);
/* Where the image parcel is accepted; after INIT has read the tree */
struct addr_range rm_image_place(const struct rm_vm *rvm);
/* Demand paging against the parcels' places; RM error */
u32 rm_paging_check(const struct rm_vm *rvm);
/* A new configuration begins */
void rm_paging_forget(struct rm_vm *rvm);

/* What INIT finds out about the firmware; RM error */
u32 rm_firmware_check(const struct rm_vm *rvm);
/* And START, before anything is mapped */
u32 rm_firmware_ready(const struct rm_vm *rvm);
/* Where the host or the tree wants the firmware's own parcel; size 0: there is none */
struct addr_range rm_firmware_place(const struct rm_vm *rvm);
/* The firmware itself in the guest, if there is one */
struct addr_range rm_firmware_area(const struct rm_vm *rvm);
/* NULL: in the image's, or none */
struct rm_parcel *rm_firmware_parcel(const struct rm_vm *rvm);
/* Into memory that the host cannot touch any more */
void rm_firmware_load(const struct rm_vm *rvm);

/* The RM channel of @vdev, once a VM; RM error */
u32 rm_guest_add(struct rm_vm *rvm, const struct rm_vdev *vdev);
/* Before the VM's objects go */
void rm_guest_remove(struct rm_vm *rvm);
/* NULL: it has no RM channel */
struct rm_client *rm_client_of(const struct rm_vm *rvm);

/* Reads and checks the guest's tree and fills @dt.  RM error */
u32 rm_dt_parse(const struct rm_vm *rvm, struct rm_dt *dt);
/*
 * Copies the guest's tree out of its parcel into the scratch buffer; NULL if it is
 * none.  Its total size is that of what is in use, @total what it said itself.
 */
void *rm_dt_fetch(const struct rm_vm *rvm, u32 *total);
bool rm_dt_alloc_scratch(void);

#define RM_MAX_BUFFERS		32

/**
 * struct rm_buffer - a parcel of a guest that is not RAM
 * @parcel: accepted at @ipa
 * @vdev: the shm device that it belongs to, NULL: none
 * @ipa: guest address
 * @node: path of an own node below /reserved-memory, empty: the RM makes one
 */
struct rm_buffer {
	struct rm_parcel *parcel;
	const struct rm_vdev *vdev;
	u64 ipa;
	char node[RM_PATH_MAX];
};

/**
 * struct rm_layout - guest memory as START lays it out
 * @ram_base: start of RAM in parcels
 * @ram_size: image parcel and private parcels behind it
 * @memory: RAM that the guest is told of, with what comes on a fault
 * @nr_private: parcels behind the image parcel
 * @firmware: parcel of the firmware, if it has one
 * @gicd: distributor, given or chosen
 * @gicr: redistributors
 * @nr_buffers: entries of @buffer
 * @buffer: parcels that are not RAM
 * @fdt: the tree, in the scratch buffer
 * @fdt_total: what it said its size is
 */
struct rm_layout {
	u64 ram_base;
	u64 ram_size;
	struct addr_range memory;
	unsigned int nr_private;
	struct addr_range firmware;
	u64 gicd;
	u64 gicr;
	unsigned int nr_buffers;
	struct rm_buffer buffer[RM_MAX_BUFFERS];
	void *fdt;
	u32 fdt_total;
};

/* Edits the fetched tree for the guest and puts it back into the parcel */
bool rm_dt_patch(struct rm_vm *rvm, const struct rm_layout *layout);
/* Own nodes below /reserved-memory: each wants a parcel at its address (devicetree.md c) */
bool rm_dt_reserved_nodes(struct rm_vm *rvm, struct rm_layout *layout);
/* Is there a node at @path? */
bool rm_dt_has_node(const void *fdt, const char *path);

extern struct rm_config rm_cfg;

#endif
