// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The host's device tree: memory without the stub's, its own command line, and
 * the hypervisor node (device tree tables, a).
 */
#include <libfdt.h>

#include "core/core.h"
#include "lib/printk.h"
#include "lib/string.h"
#include <linux/gunyah/abi/hypercall.h>
#include <linux/gunyah/abi/rm.h>

static const char open_compatible[] =
	"qcom,gunyah-hypervisor-1.0\0qcom,gunyah-hypervisor\0simple-bus";
static const char production_compatible[] =
	"gunyah-hypervisor\0qcom,gunyah-hypervisor-1.0\0qcom,gunyah-hypervisor\0simple-bus";
static const char rm_compatible[] =
	"gunyah-resource-manager\0qcom,resource-manager-1-0\0qcom,resource-manager";
static const char vm_id_compatible[] = "qcom,gunyah-vm-id-1.0\0qcom,gunyah-vm-id";

static int append_range(void *fdt, int node, u64 base, u64 end)
{
	int err = base < end ? fdt_appendprop_u64(fdt, node, "reg", base) : 0;

	return err || base >= end ? err : fdt_appendprop_u64(fdt, node, "reg", end - base);
}

/* Of this NUMA node what is in its range; a node without reg has no memory */
static int edit_memory_node(void *fdt, int node, const struct host_dt *dt)
{
	u64 base, end;
	int len, err;
	const fdt64_t *reg = fdt_getprop(fdt, node, "reg", &len);

	if (!reg || len != 2 * (int)sizeof(*reg))
		return -FDT_ERR_BADVALUE;
	base = fdt64_ld(&reg[0]);
	end = base + fdt64_ld(&reg[1]);
	err = fdt_delprop(fdt, node, "reg");
	for (unsigned int i = 0; !err && i < dt->nr_ram; i++)
		err = append_range(fdt, node, max(base, dt->ram[i].base),
				   min(end, dt->ram[i].base + dt->ram[i].size));
	return err;
}

static int edit_memory(void *fdt, const struct host_dt *dt)
{
	int node = fdt_node_offset_by_prop_value(fdt, -1, "device_type", "memory", 7);
	int err = node < 0 ? node : 0;

	while (!err && node >= 0) {
		err = edit_memory_node(fdt, node, dt);
		node = fdt_node_offset_by_prop_value(fdt, node, "device_type", "memory", 7);
	}
	return err;
}

static int edit_chosen(void *fdt, const struct host_dt *dt)
{
	int node = fdt_path_offset(fdt, "/chosen");

	if (node < 0)
		return node;
	return fdt_setprop_string(fdt, node, "bootargs", dt->cmdline);
}

static int set_spi(void *fdt, int node, u32 intid)
{
	int err = fdt_appendprop_u32(fdt, node, "interrupts", 0);

	if (!err)
		err = fdt_appendprop_u32(fdt, node, "interrupts", intid - 32);
	if (!err)
		err = fdt_appendprop_u32(fdt, node, "interrupts", 1);
	return err;
}

/* A property that is one 32 bit number, or empty */
static const struct {
	const char *name;
	u32 value;
	bool empty;
} rm_props[] = {
	{ "qcom,is-full-duplex", 0, true },
	{ "qcom,tx-message-size", GUNYAH_MSGQ_RM_MSG_SIZE, false },
	{ "qcom,rx-message-size", GUNYAH_MSGQ_RM_MSG_SIZE, false },
	{ "qcom,tx-queue-depth", GUNYAH_MSGQ_RM_DEPTH, false },
	{ "qcom,rx-queue-depth", GUNYAH_MSGQ_RM_DEPTH, false },
};

static int set_rm_props(void *fdt, int node)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(rm_props); i++)
		err = rm_props[i].empty ? fdt_setprop_empty(fdt, node, rm_props[i].name) :
		      fdt_setprop_u32(fdt, node, rm_props[i].name, rm_props[i].value);
	return err;
}

static int add_rm(void *fdt, int parent, const struct host_dt *dt)
{
	char name[64];
	int node, err;

	snprintk(name, sizeof(name), "qcom,resource-manager-rpc@%016lx",
		 (unsigned long)dt->tx_cap);
	node = fdt_add_subnode(fdt, parent, name);
	if (node < 0)
		return node;
	err = fdt_setprop(fdt, node, "compatible", rm_compatible, sizeof(rm_compatible));
	if (!err)
		err = fdt_appendprop_u64(fdt, node, "reg", dt->tx_cap);
	if (!err)
		err = fdt_appendprop_u64(fdt, node, "reg", dt->rx_cap);
	if (!err)
		err = set_spi(fdt, node, dt->tx_intid);
	if (!err)
		err = set_spi(fdt, node, dt->rx_intid);
	if (!err)
		err = fdt_setprop_u32(fdt, node, "qcom,free-irq-start", dt->tx_intid);
	return err ? err : set_rm_props(fdt, node);
}

static int add_vm_id(void *fdt, int parent)
{
	int node = fdt_add_subnode(fdt, parent, "qcom,gunyah-vm"), err;

	if (node < 0)
		return node;
	err = fdt_setprop(fdt, node, "compatible", vm_id_compatible, sizeof(vm_id_compatible));
	if (!err)
		err = fdt_setprop_u32(fdt, node, "qcom,vmid", GUNYAH_VMID_HLOS);
	return err ? err : fdt_setprop_string(fdt, node, "qcom,vendor", "Qualcomm");
}

static int add_hypervisor(void *fdt, const struct host_dt *dt)
{
	int node = fdt_add_subnode(fdt, 0, "hypervisor"), err;

	if (node < 0)
		return node;
	err = dt->production ?
	      fdt_setprop(fdt, node, "compatible", production_compatible,
			  sizeof(production_compatible)) :
	      fdt_setprop(fdt, node, "compatible", open_compatible, sizeof(open_compatible));
	if (!err)
		err = fdt_setprop_u32(fdt, node, "#address-cells", 2);
	if (!err)
		err = fdt_setprop_u32(fdt, node, "#size-cells", 0);
	if (!err)
		err = add_vm_id(fdt, node);
	if (err)
		return err;
	/* adding a subnode moves nothing in front of it */
	return add_rm(fdt, node, dt);
}

/* --- memory that the host keeps for guests (uapi 4.3) --- */

static int set_numbers(void *fdt, int node, const char *name, u32 cells, u64 val)
{
	return cells == 2 ? fdt_setprop_u64(fdt, node, name, val) :
			    fdt_setprop_u32(fdt, node, name, (u32)val);
}

/* The kernel wants root's cells there */
static int reserved_memory(void *fdt, u32 *size_cells)
{
	int na = fdt_address_cells(fdt, 0), ns = fdt_size_cells(fdt, 0), node, err;

	if (ns < 1 || ns > 2)
		return -FDT_ERR_BADNCELLS;
	*size_cells = (u32)ns;
	node = fdt_path_offset(fdt, "/reserved-memory");
	if (node != -FDT_ERR_NOTFOUND)
		return node;
	node = fdt_add_subnode(fdt, 0, "reserved-memory");
	if (node < 0)
		return node;
	err = fdt_setprop_u32(fdt, node, "#address-cells", (u32)na);
	if (!err)
		err = fdt_setprop_u32(fdt, node, "#size-cells", (u32)ns);
	if (!err)
		err = fdt_setprop_empty(fdt, node, "ranges");
	return err ? err : node;
}

/* The kernel looks for a place itself.  It takes such a pool in units of 4 MiB at most */
static int add_cma_pool(void *fdt, u64 size, u32 phandle)
{
	u32 cells;
	int node = reserved_memory(fdt, &cells), err;

	node = node < 0 ? node : fdt_add_subnode(fdt, node, "gunyah-cma");
	if (node < 0)
		return node;
	err = fdt_setprop_string(fdt, node, "compatible", "shared-dma-pool");
	if (!err)
		err = fdt_setprop_empty(fdt, node, "reusable");
	if (!err)
		err = set_numbers(fdt, node, "size", cells, ALIGN_UP(size, SZ_4M));
	if (!err)
		err = set_numbers(fdt, node, "alignment", cells, SZ_4M);
	return err ? err : fdt_setprop_u32(fdt, node, "phandle", phandle);
}

static int add_cma_device(void *fdt, u32 phandle)
{
	int node = fdt_add_subnode(fdt, 0, "gunyah-cma-mem"), err;

	if (node < 0)
		return node;
	err = fdt_setprop_string(fdt, node, "compatible", "gunyah-cma-vm-mem");
	if (!err)
		err = fdt_setprop_string(fdt, node, "label", "trustedvm_cma");
	return err ? err : fdt_setprop_u32(fdt, node, "memory-region", phandle);
}

static int add_cma(void *fdt, const struct host_dt *dt)
{
	u32 phandle;
	int err;

	if (!dt->cma)
		return 0;
	err = fdt_generate_phandle(fdt, &phandle);
	if (!err)
		err = add_cma_pool(fdt, dt->cma, phandle);
	return err ? err : add_cma_device(fdt, phandle);
}

int host_dt_edit(void *fdt, const struct host_dt *dt)
{
	int err = edit_memory(fdt, dt);

	if (!err)
		err = edit_chosen(fdt, dt);
	if (!err)
		err = add_cma(fdt, dt);
	return err ? err : add_hypervisor(fdt, dt);
}
