// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * CPUs and virtual devices of a VM's configuration (ABI tables, devicetree b.5, b.6).
 */
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_dt.h"

/* --- CPUs --- */

enum cpu_kind {
	CPU_BOOT,
	CPU_SECONDARY,
	CPU_IGNORED,
	CPU_BAD,
};

static enum cpu_kind cpu_kind(const void *fdt, int node, bool have_boot)
{
	int len;
	const char *status = fdt_getprop(fdt, node, "status", &len);

	if (!status)
		return have_boot ? CPU_SECONDARY : CPU_BOOT;
	if (dt_string_is(fdt, node, "status", "okay"))
		return CPU_BOOT;
	if (dt_string_is(fdt, node, "status", "disabled"))
		return CPU_SECONDARY;
	return len >= 4 && !memcmp(status, "fail", 4) ? CPU_IGNORED : CPU_BAD;
}

/* The CPU's own method, or that of all CPUs */
static bool method_is(const void *fdt, int cpus, int cpu, const char *method)
{
	int node = dt_has(fdt, cpu, "enable-method") ? cpu : cpus;

	return dt_string_is(fdt, node, "enable-method", method);
}

static u32 parse_cpu(const void *fdt, int cpus, int cpu, struct rm_dt *dt, bool *have_boot)
{
	enum cpu_kind kind = cpu_kind(fdt, cpu, *have_boot);
	bool psci = method_is(fdt, cpus, cpu, "psci");
	bool hvc = method_is(fdt, cpus, cpu, "qcom,gunyah-hvc");

	if (kind == CPU_IGNORED)
		return GUNYAH_RM_ERR_OK;
	if (kind == CPU_BAD)
		return dt_bad("status of a CPU");
	if (kind == CPU_SECONDARY && !psci && !hvc)
		return dt_bad("secondary CPU without enable-method");
	if (dt->nr_vcpus == VM_MAX_VCPUS)
		return dt_bad("too many CPUs");
	if (kind == CPU_SECONDARY && hvc)
		dt->hvc_method = true;
	if (psci || dt_has(fdt, cpu, "cpu-idle-states"))
		dt->psci = true;
	dt->boot[dt->nr_vcpus++] = kind == CPU_BOOT;
	*have_boot |= kind == CPU_BOOT;
	return GUNYAH_RM_ERR_OK;
}

static u32 parse_cpus(const void *fdt, int vcpus, struct rm_dt *dt)
{
	char path[RM_PATH_MAX] = "/cpus";
	bool have_boot = false;
	u32 error;
	int cpus, cpu;

	if (dt_has(fdt, vcpus, "config") &&
	    !dt_read_string(fdt, vcpus, "config", path, sizeof(path)))
		return dt_bad("vcpus/config");
	cpus = fdt_path_offset(fdt, path);
	if (cpus < 0)
		return dt_bad("no node with CPUs");
	fdt_for_each_subnode(cpu, fdt, cpus) {
		if (!dt_string_is(fdt, cpu, "device_type", "cpu"))
			continue;
		error = parse_cpu(fdt, cpus, cpu, dt, &have_boot);
		if (error)
			return error;
	}
	return have_boot ? GUNYAH_RM_ERR_OK : dt_bad("no boot CPU");
}

static const char *const physical_affinity[] = { "static", "sticky", "pinned" };

/* Everything but proxy needs a map to physical CPUs; static is the default */
static u32 parse_affinity(const void *fdt, int vcpus, struct rm_dt *dt)
{
	bool known = !dt_has(fdt, vcpus, "affinity");
	int len;

	if (dt_string_is(fdt, vcpus, "affinity", "proxy")) {
		dt->proxy = true;
		return GUNYAH_RM_ERR_OK;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(physical_affinity); i++)
		known |= dt_string_is(fdt, vcpus, "affinity", physical_affinity[i]);
	if (!known)
		return dt_bad("affinity");
	if (!fdt_getprop(fdt, vcpus, "affinity-map", &len) ||
	    (u32)len != dt->nr_vcpus * sizeof(u32))
		return dt_bad("affinity-map");
	return GUNYAH_RM_ERR_OK;
}

u32 dt_parse_vcpus(const void *fdt, int config, struct rm_dt *dt)
{
	int vcpus = fdt_subnode_offset(fdt, config, "vcpus");
	u32 error;

	/* No such node is refused later, and with another error */
	if (vcpus < 0)
		return GUNYAH_RM_ERR_OK;
	dt->has_vcpus = true;
	dt->no_timer_wakeups = dt_has(fdt, vcpus, "no-timer-wakeups");
	error = parse_cpus(fdt, vcpus, dt);
	return error ? error : parse_affinity(fdt, vcpus, dt);
}

/* --- virtual devices --- */

#define GIC_FLAG_EDGE	1
#define GIC_FLAG_LEVEL	4

/* Numbers of each class of GIC specifier: SPI, PPI, extended SPI, extended PPI */
static const u32 irq_class_size[] = { 988, 16, 1024, 64 };

#define IRQ_BYTES	(3 * sizeof(u32))

static struct rm_irq read_irq(const u8 *p)
{
	struct rm_irq irq;

	irq.class = (u32)dt_number(p, sizeof(u32));
	irq.number = (u32)dt_number(p + 4, sizeof(u32));
	irq.flags = (u32)dt_number(p + 8, sizeof(u32));
	irq.valid = irq.class < ARRAY_SIZE(irq_class_size) &&
		    irq.number < irq_class_size[irq.class] &&
		    (irq.flags == GIC_FLAG_EDGE || irq.flags == GIC_FLAG_LEVEL);
	return irq;
}

/* Not exactly as many good specifiers as it needs count as none: the RM allocates */
static void parse_irqs(const void *fdt, int node, struct rm_irq *first, struct rm_irq *second)
{
	int len;
	const u8 *p = fdt_getprop(fdt, node, "interrupts", &len);

	if (!p || (u32)len != (second ? 2 : 1) * IRQ_BYTES)
		return;
	*first = read_irq(p);
	if (!second)
		return;
	*second = read_irq(p + IRQ_BYTES);
	first->valid &= second->valid;
	second->valid = first->valid;
}

static u32 parse_peer(const void *fdt, int node, struct rm_vdev *vdev)
{
	if (dt_has(fdt, node, "peer-default"))
		return GUNYAH_RM_ERR_OK;
	vdev->named_peer = dt_has(fdt, node, "peer");
	return vdev->named_peer ? GUNYAH_RM_ERR_OK : dt_bad("vdevice without peer");
}

static u32 parse_bell(const void *fdt, int node, struct rm_vdev *vdev)
{
	vdev->source_can_clear = dt_has(fdt, node, "source-can-clear");
	vdev->eoi_virq = dt_has(fdt, node, "eoi-virq");
	if (vdev->type == RM_VDEV_DOORBELL)
		parse_irqs(fdt, node, &vdev->irq, NULL);
	return parse_peer(fdt, node, vdev);
}

static u32 parse_shm(const void *fdt, int node, struct rm_vdev *vdev)
{
	struct dt_cells cells = dt_child_cells(fdt, node);
	int mem = fdt_subnode_offset(fdt, node, "memory");
	bool fixed;

	if (!dt_has(fdt, node, "peer-default"))
		return dt_bad("shm without peer-default");
	if (mem < 0 || !dt_read_u32(fdt, mem, "label", &vdev->label))
		return dt_bad("shm without memory or label");
	fixed = dt_read_number(fdt, mem, "base", cells.address, &vdev->base);
	vdev->allocate = dt_has(fdt, mem, "allocate-base");
	if (fixed == vdev->allocate || !IS_ALIGNED(vdev->base, PAGE_SIZE))
		return dt_bad("shm base");
	vdev->optional = dt_has(fdt, mem, "optional");
	vdev->has_dma_base = dt_read_number(fdt, node, "dma_base", 2, &vdev->dma_base);
	if (!vdev->generate[0])
		memcpy(vdev->generate, "/hypervisor/qcom,shm", sizeof("/hypervisor/qcom,shm"));
	return GUNYAH_RM_ERR_OK;
}

/* Queues have one size here: another one is refused when the object is made */
static u32 parse_rpc(const void *fdt, int node, struct rm_vdev *vdev)
{
	u32 size = GUNYAH_MSGQ_RM_MSG_SIZE, depth = GUNYAH_MSGQ_RM_DEPTH;

	/* This killed the open RM */
	if (!vdev->generate[0])
		return dt_bad("rm-rpc without generate");
	if (vdev->compat_len && fdt_stringlist_count(fdt, node, "push-compatible") > 3)
		return dt_bad("push-compatible of rm-rpc");
	dt_read_u32(fdt, node, "message-size", &size);
	dt_read_u32(fdt, node, "queue-depth", &depth);
	vdev->odd_queue = size != GUNYAH_MSGQ_RM_MSG_SIZE || depth != GUNYAH_MSGQ_RM_DEPTH;
	parse_irqs(fdt, node, &vdev->irq, &vdev->rx_irq);
	return GUNYAH_RM_ERR_OK;
}

static u32 parse_nothing(const void *fdt, int node, struct rm_vdev *vdev)
{
	return GUNYAH_RM_ERR_OK;
}

/* What is not here is ignored, as the open RM does */
static const struct vdev_kind {
	const char *name;
	enum rm_vdev_type type;
	u32 (*parse)(const void *fdt, int node, struct rm_vdev *vdev);
} vdev_kinds[] = {
	{ "doorbell", RM_VDEV_DOORBELL, parse_bell },
	{ "doorbell-source", RM_VDEV_DOORBELL_SOURCE, parse_bell },
	{ "shm", RM_VDEV_SHM, parse_shm },
	{ "message-queue", RM_VDEV_REFUSED, parse_nothing },
	{ "message-queue-pair", RM_VDEV_REFUSED, parse_nothing },
	{ "shm-doorbell", RM_VDEV_REFUSED, parse_nothing },
	{ "rm-rpc", RM_VDEV_RPC, parse_rpc },
	{ "virtio-mmio", RM_VDEV_REFUSED, parse_nothing },
	{ "iomem", RM_VDEV_REFUSED, parse_nothing },
	{ "vsmmu-v2", RM_VDEV_REFUSED, parse_nothing },
	{ "vrtc-pl031", RM_VDEV_REFUSED, parse_nothing },
};

bool dt_is_vdevice(const void *fdt, int node)
{
	return dt_has(fdt, node, "vdevice-type");
}

static const struct vdev_kind *find_kind(const void *fdt, int node)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(vdev_kinds); i++)
		if (dt_string_is(fdt, node, "vdevice-type", vdev_kinds[i].name))
			return &vdev_kinds[i];
	return NULL;
}

/* What all kinds have in common; a missing label is 0 */
static u32 parse_common(const void *fdt, int node, struct rm_vdev *vdev)
{
	int len;
	const void *compat = fdt_getprop(fdt, node, "push-compatible", &len);

	if (!dt_read_u32(fdt, node, "qcom,label", &vdev->label))
		dt_read_u32(fdt, node, "label", &vdev->label);
	if (dt_has(fdt, node, "generate") &&
	    !dt_read_string(fdt, node, "generate", vdev->generate, sizeof(vdev->generate)))
		return dt_bad("generate of a vdevice");
	if (!compat)
		return GUNYAH_RM_ERR_OK;
	if (fdt_stringlist_count(fdt, node, "push-compatible") < 1 ||
	    (u32)len > sizeof(vdev->compat))
		return dt_bad("push-compatible of a vdevice");
	memcpy(vdev->compat, compat, (size_t)len);
	vdev->compat_len = (u32)len;
	return GUNYAH_RM_ERR_OK;
}

u32 dt_parse_vdevice(const void *fdt, int node, struct rm_dt *dt)
{
	const struct vdev_kind *kind = find_kind(fdt, node);
	struct rm_vdev *vdev = &dt->vdev[dt->nr_vdevs];
	u32 error;

	if (!kind)
		return GUNYAH_RM_ERR_OK;
	if (dt->nr_vdevs == RM_MAX_VDEVS)
		return dt_bad("too many vdevices");
	vdev->type = kind->type;
	vdev->type_name = kind->name;
	error = parse_common(fdt, node, vdev);
	if (!error)
		error = kind->parse(fdt, node, vdev);
	if (!error)
		dt->nr_vdevs++;
	return error;
}
