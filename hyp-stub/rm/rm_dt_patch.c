// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What the guest finds in its device tree after VM_START (ABI tables, devicetree c):
 * memory, the hypervisor node with its devices, buffers, a seed.  Done on the copy in
 * the scratch buffer; only a complete tree that fits goes back into the parcel.
 *
 * libfdt puts new properties and nodes in front: they are added in the order that
 * gives the recorded one.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_dt.h"

/* Above this the open RM has no heap for the tree and wants twice the room (b.1) */
#define RM_HEAP_TREE	(16 * 1024)
#define MAX_MEM_RANGES	(RM_MAX_BUFFERS + 1)
#define NODE_NAME_MAX	(RM_PATH_MAX + 20)

/* Edits go on after an error, without effect; the first one is kept */
struct patch {
	void *fdt;
	const struct rm_vm *rvm;
	const struct rm_layout *layout;
	int err;
};

static void set_prop(struct patch *p, int node, const char *name, const void *val, size_t len)
{
	if (!p->err)
		p->err = fdt_setprop(p->fdt, node, name, val, (int)len);
}

static void set_string(struct patch *p, int node, const char *name, const char *val)
{
	set_prop(p, node, name, val, strlen(val) + 1);
}

static void set_u32(struct patch *p, int node, const char *name, u32 val)
{
	fdt32_t be = cpu_to_fdt32(val);

	set_prop(p, node, name, &be, sizeof(be));
}

static void set_u64(struct patch *p, int node, const char *name, u64 val)
{
	fdt64_t be = cpu_to_fdt64(val);

	set_prop(p, node, name, &be, sizeof(be));
}

/* Not below an error: then an offset that is never used */
static int add_node(struct patch *p, int parent, const char *name)
{
	int node = p->err ? 0 : fdt_add_subnode(p->fdt, parent, name);

	if (node < 0)
		p->err = node;
	return node < 0 ? 0 : node;
}

static int node_at(struct patch *p, const char *path)
{
	int node = p->err ? 0 : fdt_path_offset(p->fdt, path);

	if (node < 0)
		p->err = node;
	return node < 0 ? 0 : node;
}

bool rm_dt_has_node(const void *fdt, const char *path)
{
	return fdt_path_offset(fdt, path) >= 0;
}

/* A list of numbers with as many cells as a node wants */
struct cells {
	fdt32_t cell[4 * MAX_MEM_RANGES];
	u32 nr;
	bool bad;
};

static void put_number(struct cells *c, u32 cells, u64 val)
{
	if (!cells || cells > 2 || (cells == 1 && val >> 32) ||
	    c->nr + cells > ARRAY_SIZE(c->cell)) {
		c->bad = true;
		return;
	}
	if (cells == 2)
		c->cell[c->nr++] = cpu_to_fdt32((u32)(val >> 32));
	c->cell[c->nr++] = cpu_to_fdt32((u32)val);
}

static void put_range(struct cells *c, struct dt_cells cells, u64 base, u64 size)
{
	put_number(c, cells.address, base);
	put_number(c, cells.size, size);
}

static void set_cells(struct patch *p, int node, const char *name, const struct cells *c)
{
	if (c->bad && !p->err)
		p->err = -FDT_ERR_BADNCELLS;
	set_prop(p, node, name, c->cell, c->nr * sizeof(c->cell[0]));
}

/* --- memory --- */

struct mem_range {
	u64 base;
	u64 size;
};

static void insert_sorted(struct mem_range *range, unsigned int nr, u64 base, u64 size)
{
	while (nr && range[nr - 1].base > base) {
		range[nr] = range[nr - 1];
		nr--;
	}
	range[nr] = (struct mem_range){ .base = base, .size = size };
}

/* All that is mapped, buffers included, sorted and merged */
static void put_memory(struct patch *p, struct cells *reg)
{
	struct dt_cells cells = dt_child_cells(p->fdt, 0);
	struct mem_range range[MAX_MEM_RANGES];
	unsigned int nr = 0;

	insert_sorted(range, nr++, p->layout->memory.base, p->layout->memory.size);
	for (unsigned int i = 0; i < p->layout->nr_buffers; i++)
		insert_sorted(range, nr++, p->layout->buffer[i].ipa,
			      p->layout->buffer[i].parcel->size);
	for (unsigned int i = 0; i < nr; i++) {
		struct mem_range merged = range[i];

		while (i + 1 < nr && range[i + 1].base == merged.base + merged.size)
			merged.size += range[++i].size;
		put_range(reg, cells, merged.base, merged.size);
	}
}

/*
 * With demand paging the VMM knows what is RAM, and which of the ranges are windows
 * for something else: what its own tree says stays (an assumption of this stub).
 */
static void patch_memory(struct patch *p)
{
	struct cells reg = { .nr = 0 };
	int node = fdt_path_offset(p->fdt, "/memory");

	if (node >= 0 && rm_vm_is_paged(p->rvm) && dt_has(p->fdt, node, "reg"))
		return;
	if (node < 0)
		node = add_node(p, 0, "memory");
	put_memory(p, &reg);
	set_string(p, node, "device_type", "memory");
	set_cells(p, node, "reg", &reg);
}

/* --- /reserved-memory --- */

static void make_reserved_memory(struct patch *p)
{
	struct dt_cells cells = dt_child_cells(p->fdt, 0);
	int node;

	if (rm_dt_has_node(p->fdt, "/reserved-memory"))
		return;
	node = add_node(p, 0, "reserved-memory");
	set_u32(p, node, "#address-cells", cells.address);
	set_u32(p, node, "#size-cells", cells.size);
	set_prop(p, node, "ranges", NULL, 0);
}

static void new_phandle(struct patch *p, int node)
{
	u32 phandle = 0;

	if (p->err || fdt_get_phandle(p->fdt, node))
		return;
	p->err = fdt_generate_phandle(p->fdt, &phandle);
	set_u32(p, node, "phandle", phandle);
}

static int add_buffer_node(struct patch *p, const struct rm_buffer *buffer)
{
	int parent = node_at(p, "/reserved-memory");
	struct cells reg = { .nr = 0 };
	char name[40];
	int node;

	put_range(&reg, dt_child_cells(p->fdt, parent), buffer->ipa, buffer->parcel->size);
	snprintk(name, sizeof(name), "buffer@%lx", buffer->ipa);
	node = add_node(p, parent, name);
	if (buffer->vdev)
		set_string(p, node, "compatible", "qcom,shared-memory");
	set_cells(p, node, "reg", &reg);
	set_prop(p, node, "no-map", NULL, 0);
	set_prop(p, node, "qcom,shared-memory", NULL, 0);
	set_u32(p, node, "peers", GUNYAH_VMID_HLOS);
	set_u32(p, node, "qcom,label", buffer->parcel->label);
	return node;
}

static void buffer_path(const struct rm_buffer *buffer, char *path, size_t size)
{
	if (buffer->node[0])
		snprintk(path, size, "%s", buffer->node);
	else
		snprintk(path, size, "/reserved-memory/buffer@%lx", buffer->ipa);
}

static void patch_buffers(struct patch *p)
{
	make_reserved_memory(p);
	for (unsigned int i = 0; i < p->layout->nr_buffers; i++) {
		const struct rm_buffer *buffer = &p->layout->buffer[i];
		int node = buffer->node[0] ? node_at(p, buffer->node) : add_buffer_node(p, buffer);

		set_u32(p, node, "qcom,rm-mem-handle", buffer->parcel->handle);
		new_phandle(p, node);
	}
}

static void patch_firmware(struct patch *p)
{
	struct addr_range area = rm_firmware_area(p->rvm);
	struct cells reg = { .nr = 0 };
	char name[40];
	int node;

	if (!p->rvm->firmware.size)
		return;
	node = node_at(p, "/reserved-memory");
	put_range(&reg, dt_child_cells(p->fdt, node), area.base, area.size);
	snprintk(name, sizeof(name), "firmware@%lx", area.base);
	node = add_node(p, node, name);
	set_string(p, node, "compatible", "qcom,vm-firmware");
	set_cells(p, node, "reg", &reg);
	set_prop(p, node, "no-map", NULL, 0);
}

/* The parcel with the node's label; a node without one matches by address only */
static struct rm_parcel *parcel_for_node(const void *fdt, int node, const struct rm_vm *rvm,
					 u64 ipa)
{
	const struct rm_vdev *shm = NULL;
	u32 label;

	for (unsigned int i = 0; i < rvm->dt->nr_vdevs; i++)
		if (rvm->dt->vdev[i].type == RM_VDEV_SHM && rvm->dt->vdev[i].base == ipa)
			shm = &rvm->dt->vdev[i];
	if (shm)
		label = shm->label;
	if (!dt_read_u32(fdt, node, "qcom,label", &label) && !shm)
		return NULL;
	for (u32 i = 0; i < GUNYAH_RM_MAX_PARCELS; i++) {
		struct rm_parcel *parcel = rm_parcel_at(i);
		struct rm_acl *acl = parcel ? rm_parcel_acl(parcel, rvm->vmid) : NULL;

		if (acl && !acl->accepted && !parcel->open && parcel->label == label)
			return parcel;
	}
	return NULL;
}

static bool reserve_node(const void *fdt, int node, struct rm_vm *rvm, struct rm_layout *layout)
{
	struct rm_buffer *buffer = &layout->buffer[layout->nr_buffers];
	struct dt_cells cells = dt_cells_of(fdt, node);
	int len;
	const void *reg = fdt_getprop(fdt, node, "reg", &len);

	if (!reg)
		return true;
	if (layout->nr_buffers == RM_MAX_BUFFERS || !cells.address || cells.address > 2 ||
	    (u32)len < cells.address * sizeof(u32))
		return false;
	buffer->ipa = dt_number(reg, cells.address * sizeof(u32));
	buffer->parcel = parcel_for_node(fdt, node, rvm, buffer->ipa);
	/* Then it is part of the RAM, or of a window that comes later; the VMM's business */
	if (!buffer->parcel && rm_vm_is_paged(rvm))
		return true;
	if (!buffer->parcel || !IS_ALIGNED(buffer->ipa, PAGE_SIZE) ||
	    fdt_get_path(fdt, node, buffer->node, sizeof(buffer->node)) ||
	    (dt_has(fdt, node, "reusable") && buffer->parcel->nr_acl > 1))
		return false;
	for (unsigned int i = 0; i < layout->nr_buffers; i++)
		if (layout->buffer[i].parcel == buffer->parcel)
			return false;
	layout->nr_buffers++;
	return true;
}

bool rm_dt_reserved_nodes(struct rm_vm *rvm, struct rm_layout *layout)
{
	int parent = fdt_path_offset(layout->fdt, "/reserved-memory");
	int node;

	if (parent < 0)
		return true;
	fdt_for_each_subnode(node, layout->fdt, parent)
		if (!reserve_node(layout->fdt, node, rvm, layout)) {
			printk("rm: START refused: a reserved-memory node without parcel");
			return false;
		}
	return true;
}

/* --- devices --- */

/* Own strings first, then what the RM says it is */
static void set_compatible(struct patch *p, int node, const struct rm_vdev *vdev,
			   const char *generic, size_t len)
{
	char buf[RM_COMPAT_MAX + 128];

	memcpy(buf, vdev->compat, vdev->compat_len);
	memcpy(buf + vdev->compat_len, generic, len);
	set_prop(p, node, "compatible", buf, vdev->compat_len + len);
}

/* The node that will be @path's parent, made if it is missing; *@name: its last part */
static int make_parent(struct patch *p, const char *path, const char **name)
{
	char part[RM_PATH_MAX];
	int node = 0;

	for (;;) {
		const char *end = strchr(path + 1, '/');
		int child;

		if (path[0] != '/' || !path[1]) {
			p->err = p->err ? p->err : -FDT_ERR_BADPATH;
			return 0;
		}
		if (!end || p->err)
			break;
		memcpy(part, path + 1, (size_t)(end - path - 1));
		part[end - path - 1] = 0;
		child = fdt_subnode_offset(p->fdt, node, part);
		node = child >= 0 ? child : add_node(p, node, part);
		path = end;
	}
	*name = path + 1;
	return node;
}

static void set_labels(struct patch *p, int node, u32 label)
{
	set_u32(p, node, "qcom,label", label);
	set_u32(p, node, "label", label);
}

#define GIC_CLASS_SPI	0
#define GIC_EDGE	1
#define GIC_LEVEL	4
#define SPI_FIRST	32

static void set_interrupt(struct patch *p, int node, u32 intid, bool level)
{
	struct cells c = { .nr = 0 };

	put_number(&c, 1, GIC_CLASS_SPI);
	put_number(&c, 1, intid - SPI_FIRST);
	put_number(&c, 1, level ? GIC_LEVEL : GIC_EDGE);
	set_cells(p, node, "interrupts", &c);
}

static const char bell_compatible[] = "qcom,gunyah-doorbell\0qcom,gunyah-capability";
static const char source_compatible[] = "qcom,gunyah-doorbell-source\0qcom,gunyah-capability";

static void patch_bell(struct patch *p, const struct rm_vdev *vdev)
{
	const struct vm_doorbell *bell = vdev->bell;
	char name[NODE_NAME_MAX];
	const char *last = "";
	int node;

	if (!bell || !vdev->generate[0])
		return;
	node = make_parent(p, vdev->generate, &last);
	snprintk(name, sizeof(name), "%s@%lx", last, bell->guest_cap);
	node = add_node(p, node, name);
	if (bell->from_guest)
		set_compatible(p, node, vdev, source_compatible, sizeof(source_compatible));
	else
		set_compatible(p, node, vdev, bell_compatible, sizeof(bell_compatible));
	set_u64(p, node, "reg", bell->guest_cap);
	if (!bell->from_guest)
		set_interrupt(p, node, bell->spi, bell->bell.level);
	set_labels(p, node, vdev->label);
}

static const char rpc_compatible[] =
	"gunyah-resource-manager\0qcom,resource-manager\0qcom,resource-manager-1-0\0"
	"qcom,gunyah-message-queue\0qcom,gunyah-capability";

static void put_interrupt(struct cells *c, u32 intid)
{
	put_number(c, 1, GIC_CLASS_SPI);
	put_number(c, 1, intid - SPI_FIRST);
	put_number(c, 1, GIC_EDGE);
}

static void set_queues(struct patch *p, int node)
{
	const struct vm_link *link = &p->rvm->vm->link;
	struct cells reg = { .nr = 0 }, irqs = { .nr = 0 };

	put_number(&reg, 2, link->tx_cap);
	put_number(&reg, 2, link->rx_cap);
	set_cells(p, node, "reg", &reg);
	put_interrupt(&irqs, link->tx_spi);
	put_interrupt(&irqs, link->rx_spi);
	set_cells(p, node, "interrupts", &irqs);
	set_u32(p, node, "qcom,free-irq-start", 0);
	set_prop(p, node, "qcom,is-full-duplex", NULL, 0);
	set_u32(p, node, "qcom,tx-message-size", GUNYAH_MSGQ_RM_MSG_SIZE);
	set_u32(p, node, "qcom,rx-message-size", GUNYAH_MSGQ_RM_MSG_SIZE);
	set_u32(p, node, "qcom,tx-queue-depth", GUNYAH_MSGQ_RM_DEPTH);
	set_u32(p, node, "qcom,rx-queue-depth", GUNYAH_MSGQ_RM_DEPTH);
}

/* The guest's RM channel: what a driver binds to */
static void patch_rpc(struct patch *p, const struct rm_vdev *vdev)
{
	char name[NODE_NAME_MAX];
	const char *last = "";
	int node = make_parent(p, vdev->generate, &last);

	snprintk(name, sizeof(name), "%s@%lx", last, p->rvm->vm->link.rx_cap);
	node = add_node(p, node, name);
	set_compatible(p, node, vdev, rpc_compatible, sizeof(rpc_compatible));
	set_queues(p, node);
	set_labels(p, node, vdev->label);
}

static const struct rm_buffer *buffer_of(const struct patch *p, const struct rm_vdev *vdev)
{
	for (unsigned int i = 0; i < p->layout->nr_buffers; i++)
		if (p->layout->buffer[i].vdev == vdev)
			return &p->layout->buffer[i];
	return NULL;
}

static const char shm_compatible[] = "qcom,shared-memory";

static void patch_shm(struct patch *p, const struct rm_vdev *vdev)
{
	const struct rm_buffer *buffer = buffer_of(p, vdev);
	char path[RM_PATH_MAX + 8];
	const char *last = "";
	u32 phandle;
	int node;

	if (!buffer)
		return;
	buffer_path(buffer, path, sizeof(path));
	phandle = fdt_get_phandle(p->fdt, node_at(p, path));
	node = make_parent(p, vdev->generate, &last);
	node = add_node(p, node, last);
	set_compatible(p, node, vdev, shm_compatible, sizeof(shm_compatible));
	set_u32(p, node, "buffer", phandle);
	set_u32(p, node, "memory-region", phandle);
	set_u32(p, node, "peer", GUNYAH_VMID_HLOS);
	if (vdev->has_dma_base)
		set_u64(p, node, "dma_base", vdev->dma_base);
	set_labels(p, node, vdev->label);
}

static void patch_vdevs(struct patch *p)
{
	for (unsigned int i = 0; i < p->rvm->dt->nr_vdevs; i++) {
		const struct rm_vdev *vdev = &p->rvm->dt->vdev[i];

		if (vdev->type == RM_VDEV_SHM)
			patch_shm(p, vdev);
		else if (vdev->type == RM_VDEV_RPC)
			patch_rpc(p, vdev);
		else
			patch_bell(p, vdev);
	}
}

/* --- the rest --- */

static const char hyp_compatible[] =
	"gunyah-hypervisor\0qcom,gunyah-hypervisor-1.0\0qcom,gunyah-hypervisor\0simple-bus";
static const char vm_id_compatible[] = "qcom,gunyah-vm-id-1.0\0qcom,gunyah-vm-id";

static void patch_hypervisor(struct patch *p)
{
	const struct rm_dt *dt = p->rvm->dt;
	int node = add_node(p, 0, "hypervisor");

	set_u32(p, node, "#address-cells", 2);
	set_u32(p, node, "#size-cells", 0);
	set_prop(p, node, "compatible", hyp_compatible, sizeof(hyp_compatible));

	node = add_node(p, node, "qcom,gunyah-vm");
	set_prop(p, node, "compatible", vm_id_compatible, sizeof(vm_id_compatible));
	set_u32(p, node, "qcom,vmid", p->rvm->vmid);
	set_u32(p, node, "qcom,owner-vmid", GUNYAH_VMID_HLOS);
	set_string(p, node, "qcom,vendor", "Qualcomm");
	set_string(p, node, "qcom,image-name", dt->name);
	if (dt->uri[0])
		set_string(p, node, "qcom,vm-uri", dt->uri);
	if (dt->has_guid)
		set_string(p, node, "qcom,vm-guid", dt->guid_text);
}

static void patch_vsoc(struct patch *p)
{
	int node;

	if (rm_dt_has_node(p->fdt, "/vsoc"))
		return;
	node = add_node(p, 0, "vsoc");
	set_u32(p, node, "#address-cells", 2);
	set_u32(p, node, "#size-cells", 2);
	set_prop(p, node, "ranges", NULL, 0);
	set_string(p, node, "compatible", "simple-bus");
}

/* Only where the VMM left the address to the RM (b.4) */
static void patch_gic(struct patch *p)
{
	const struct rm_gic *gic = &p->rvm->dt->gic;
	struct cells reg = { .nr = 0 };
	int node;

	if (gic->has_reg)
		return;
	node = node_at(p, gic->path);
	put_range(&reg, dt_cells_of(p->fdt, node), p->layout->gicd, SZ_64K);
	put_range(&reg, dt_cells_of(p->fdt, node), p->layout->gicr,
		  gic->stride * p->rvm->dt->nr_vcpus);
	set_string(p, node, "compatible", "arm,gic-v3");
	set_u32(p, node, "#redistributor-regions", 1);
	set_u64(p, node, "redistributor-stride", gic->stride);
	set_cells(p, node, "reg", &reg);
}

/* Mixed out of the counter: no secret, but another one each time */
static u64 seed(void)
{
	static u64 state;
	u64 z = state += arch_counter() + 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Does the tree fit?  @added: what the edits have cost, without the room it had */
static bool fits(const struct patch *p, u32 added, u32 *final)
{
	u64 size = (u64)p->layout->fdt_total + added;

	*final = (u32)size;
	if (size > p->rvm->dtb_size)
		return false;
	return rm_cfg.production || size <= RM_HEAP_TREE || size * 2 <= p->rvm->dtb_size;
}

static bool write_back(struct patch *p, u32 before)
{
	struct rm_parcel *image = rm_parcel_find(p->rvm->image);
	u32 after, final;

	p->err = fdt_pack(p->fdt);
	after = fdt_totalsize(p->fdt);
	if (p->err || !fits(p, after - before, &final)) {
		printk("rm: START refused: no room for the device tree");
		return false;
	}
	fdt_set_totalsize(p->fdt, final);
	rm_parcel_write(image, p->rvm->dtb_off, p->fdt, after);
	return true;
}

bool rm_dt_patch(struct rm_vm *rvm, const struct rm_layout *layout)
{
	struct patch p = { .fdt = layout->fdt, .rvm = rvm, .layout = layout };
	u32 before;

	p.err = fdt_open_into(p.fdt, p.fdt, RM_DT_SCRATCH);
	if (p.err || fdt_pack(p.fdt))
		return false;
	before = fdt_totalsize(p.fdt);
	p.err = fdt_open_into(p.fdt, p.fdt, RM_DT_SCRATCH);
	patch_memory(&p);
	patch_buffers(&p);
	patch_firmware(&p);
	patch_vsoc(&p);
	patch_hypervisor(&p);
	patch_vdevs(&p);
	patch_gic(&p);
	set_u64(&p, node_at(&p, "/chosen"), "kaslr-seed", seed());
	if (p.err) {
		printk("rm: START refused: patching the device tree: %s", fdt_strerror(p.err));
		return false;
	}
	return write_back(&p, before);
}
