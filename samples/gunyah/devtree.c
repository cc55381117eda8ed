// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's device tree
 *
 * Two readers: the guest, and before it the Resource Manager, which takes the
 * VM's configuration from /gunyah-vm-config, and when the VM starts adds what
 * only it knows: /hypervisor, /reserved-memory, and /memory where it hands memory over
 * itself.  It refuses a tree that has the first one already, and wants /chosen to exist.
 */
#include <stdio.h>
#include <string.h>

#include <libfdt.h>

#include "devtree.h"
#include "layout.h"
#include "report.h"

#define PHANDLE_GIC		1
#define PHANDLE_WINDOW		2

/* First cell of an interrupt, and its flags */
#define GIC_SPI			0
#define GIC_PPI			1
#define IRQ_EDGE_RISING		1
#define IRQ_LEVEL_HIGH		4

#define UART_CLOCK_HZ		1843200
#define UART_BAUD		115200

/**
 * struct tree - a tree that is being written
 * @buf: where to
 * @err: the first error; after it nothing is written any more
 */
struct tree {
	void *buf;
	int err;
};

static void begin(struct tree *tree, const char *name)
{
	if (!tree->err)
		tree->err = fdt_begin_node(tree->buf, name);
}

/* A node with a unit address */
static void begin_at(struct tree *tree, const char *name, __u64 unit)
{
	char full[32];

	snprintf(full, sizeof(full), "%s@%llx", name, unit);
	begin(tree, full);
}

static void end(struct tree *tree)
{
	if (!tree->err)
		tree->err = fdt_end_node(tree->buf);
}

static void bytes(struct tree *tree, const char *name, const void *value, int size)
{
	if (!tree->err)
		tree->err = fdt_property(tree->buf, name, value, size);
}

static void empty(struct tree *tree, const char *name)
{
	bytes(tree, name, NULL, 0);
}

static void string(struct tree *tree, const char *name, const char *value)
{
	bytes(tree, name, value, strlen(value) + 1);
}

static void cell(struct tree *tree, const char *name, __u32 value)
{
	fdt32_t be = cpu_to_fdt32(value);

	bytes(tree, name, &be, sizeof(be));
}

/* Two cells for each value: addresses and sizes of all of this tree. */
static void wide(struct tree *tree, const char *name, const __u64 *values,
		 unsigned int count)
{
	fdt64_t be[4];
	unsigned int i;

	for (i = 0; i < count; i++)
		be[i] = cpu_to_fdt64(values[i]);
	bytes(tree, name, be, count * sizeof(be[0]));
}

#define WIDE(tree, name, ...) \
	wide(tree, name, (const __u64[]){ __VA_ARGS__ }, \
	     sizeof((const __u64[]){ __VA_ARGS__ }) / sizeof(__u64))

static void cells_2_2(struct tree *tree)
{
	cell(tree, "#address-cells", 2);
	cell(tree, "#size-cells", 2);
}

/* @count interrupts of three cells each */
static void interrupts(struct tree *tree, __u32 class, const __u32 *numbers,
		       unsigned int count, __u32 flags)
{
	fdt32_t be[3 * 4];
	unsigned int i;

	for (i = 0; i < count; i++) {
		be[3 * i] = cpu_to_fdt32(class);
		be[3 * i + 1] = cpu_to_fdt32(numbers[i]);
		be[3 * i + 2] = cpu_to_fdt32(flags);
	}
	bytes(tree, "interrupts", be, 3 * count * sizeof(be[0]));
}

static void add_chosen(struct tree *tree, const struct guest_ram *ram,
		       const char *cmdline)
{
	char path[32];

	begin(tree, "chosen");
	string(tree, "bootargs", cmdline);
	snprintf(path, sizeof(path), "/serial@%llx", UART_BASE);
	string(tree, "stdout-path", path);
	if (ram->initrd_size) {
		WIDE(tree, "linux,initrd-start", ram->initrd);
		WIDE(tree, "linux,initrd-end", ram->initrd + ram->initrd_size);
	}
	end(tree);
}

/*
 * A Resource Manager that hands memory over in parcels replaces this by what it did.
 * Where memory comes on demand nobody but us knows what of it is there to be used.  The
 * name has no unit address: with any other name the tree is refused.
 */
static void add_memory(struct tree *tree, const struct guest_ram *ram)
{
	begin(tree, "memory");
	string(tree, "device_type", "memory");
	if (ram->window)
		WIDE(tree, "reg", WINDOW_BASE, WINDOW_SIZE, RAM_BASE, ram->size);
	else
		WIDE(tree, "reg", RAM_BASE, ram->size);
	end(tree);
}

/* The first cpu without a status is the one that boots, PSCI starts others. */
static void add_cpus(struct tree *tree, unsigned int cpus)
{
	unsigned int i;

	begin(tree, "cpus");
	cell(tree, "#address-cells", 1);
	cell(tree, "#size-cells", 0);
	for (i = 0; i < cpus; i++) {
		begin_at(tree, "cpu", i);
		string(tree, "device_type", "cpu");
		string(tree, "compatible", "arm,armv8");
		cell(tree, "reg", i);
		string(tree, "enable-method", "psci");
		end(tree);
	}
	end(tree);
}

static void add_psci(struct tree *tree)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	begin(tree, "psci");
	bytes(tree, "compatible", compatible, sizeof(compatible));
	string(tree, "method", "hvc");
	end(tree);
}

static void add_gic(struct tree *tree, unsigned int cpus)
{
	begin_at(tree, "intc", GICD_BASE);
	string(tree, "compatible", "arm,gic-v3");
	cell(tree, "#interrupt-cells", 3);
	cells_2_2(tree);
	empty(tree, "ranges");
	empty(tree, "interrupt-controller");
	WIDE(tree, "reg", GICD_BASE, GICD_SIZE, GICR_BASE(cpus), cpus * GICR_SIZE);
	cell(tree, "phandle", PHANDLE_GIC);
	end(tree);
}

static void add_timer(struct tree *tree)
{
	/* secure, non-secure, virtual, hypervisor */
	static const __u32 ppis[] = { 13, 14, 11, 10 };

	begin(tree, "timer");
	string(tree, "compatible", "arm,armv8-timer");
	interrupts(tree, GIC_PPI, ppis, 4, IRQ_LEVEL_HIGH);
	/* It wakes a vCPU that sleeps. */
	empty(tree, "always-on");
	end(tree);
}

static void add_uart(struct tree *tree)
{
	static const __u32 spi = UART_SPI;

	begin_at(tree, "serial", UART_BASE);
	string(tree, "compatible", "ns16550a");
	WIDE(tree, "reg", UART_BASE, UART_SIZE);
	cell(tree, "reg-shift", 0);
	cell(tree, "reg-io-width", 1);
	cell(tree, "clock-frequency", UART_CLOCK_HZ);
	cell(tree, "current-speed", UART_BAUD);
	interrupts(tree, GIC_SPI, &spi, 1, IRQ_EDGE_RISING);
	end(tree);
}

/* In a protected guest the disk sees the window, and nothing else. */
static void add_disk(struct tree *tree, const struct guest_ram *ram)
{
	static const __u32 spi = DISK_SPI;

	begin_at(tree, "virtio", DISK_BASE);
	string(tree, "compatible", "virtio,mmio");
	WIDE(tree, "reg", DISK_BASE, DISK_SIZE);
	interrupts(tree, GIC_SPI, &spi, 1, IRQ_EDGE_RISING);
	empty(tree, "dma-coherent");
	if (ram->window)
		cell(tree, "memory-region", PHANDLE_WINDOW);
	end(tree);
}

/*
 * The window.  A Resource Manager that takes memory in parcels puts the one with this
 * label to this address, and adds it to /memory.  A node of its own would come with
 * no-map, with which the guest's kernel cannot use it as a pool of bounce buffers.
 */
static void add_window(struct tree *tree)
{
	begin(tree, "reserved-memory");
	cells_2_2(tree);
	empty(tree, "ranges");
	begin_at(tree, "window", WINDOW_BASE);
	string(tree, "compatible", "restricted-dma-pool");
	WIDE(tree, "reg", WINDOW_BASE, WINDOW_SIZE);
	cell(tree, "qcom,label", WINDOW_LABEL);
	cell(tree, "phandle", PHANDLE_WINDOW);
	end(tree);
	end(tree);
}

/*
 * A doorbell that this process rings, through an irqfd of the same label, and
 * that is interrupt @spi of the guest.  Edge: the device above rings again for
 * what is new.  For a level interrupt all three would change: the flag here and
 * in the device's node, and GUNYAH_IRQFD_FLAGS_LEVEL for the irqfd, which is
 * what source-can-clear allows.
 */
static void add_doorbell(struct tree *tree, __u32 spi)
{
	char path[32];

	snprintf(path, sizeof(path), "/hypervisor/bell-%x", spi);
	begin(tree, path + strlen("/hypervisor/"));
	string(tree, "vdevice-type", "doorbell");
	string(tree, "generate", path);
	cell(tree, "label", spi);
	empty(tree, "peer-default");
	empty(tree, "source-can-clear");
	interrupts(tree, GIC_SPI, &spi, 1, IRQ_EDGE_RISING);
	end(tree);
}

/*
 * The open Resource Manager reads a number with the cell sizes of the PARENT
 * of its node, and ignores one of another length.  Others may look into the
 * node itself: the sizes are in both.
 */
static void add_config_memory(struct tree *tree)
{
	begin(tree, "memory");
	cells_2_2(tree);
	WIDE(tree, "base-address", RAM_BASE);
	end(tree);
}

static void add_config(struct tree *tree, const struct devtree_guest *guest)
{
	begin(tree, "gunyah-vm-config");
	cells_2_2(tree);
	string(tree, "image-name", "gunyah-vmm");
	string(tree, "os-type", "linux");
	add_config_memory(tree);

	begin(tree, "interrupts");
	/* A phandle, which every Resource Manager takes; the open one also a path. */
	cell(tree, "config", PHANDLE_GIC);
	end(tree);

	/* proxy: a vCPU runs when, and where, a thread calls VCPU_RUN. */
	begin(tree, "vcpus");
	string(tree, "affinity", "proxy");
	if (guest->timer_wakeup)
		empty(tree, "no-timer-wakeups");
	end(tree);

	begin(tree, "vdevices");
	string(tree, "generate", "/hypervisor");
	add_doorbell(tree, UART_SPI);
	if (guest->disk)
		add_doorbell(tree, DISK_SPI);
	end(tree);
	end(tree);
}

static void add_root(struct tree *tree, const struct guest_ram *ram,
		     const struct devtree_guest *guest)
{
	begin(tree, "");
	cells_2_2(tree);
	string(tree, "compatible", "linux,dummy-virt");
	string(tree, "model", "gunyah-vmm");
	cell(tree, "interrupt-parent", PHANDLE_GIC);
	add_chosen(tree, ram, guest->cmdline);
	add_memory(tree, ram);
	add_cpus(tree, guest->cpus);
	add_psci(tree);
	add_gic(tree, guest->cpus);
	add_timer(tree);
	add_uart(tree);
	if (guest->disk)
		add_disk(tree, ram);
	if (ram->window)
		add_window(tree);
	add_config(tree, guest);
	end(tree);
}

size_t devtree_build(void *buf, size_t size, const struct guest_ram *ram,
		     const struct devtree_guest *guest)
{
	struct tree tree = { .buf = buf };

	tree.err = fdt_create(buf, size);
	if (!tree.err)
		tree.err = fdt_finish_reservemap(buf);
	add_root(&tree, ram, guest);
	/* Sets the size to what was used, which leaves the rest as room. */
	if (!tree.err)
		tree.err = fdt_finish(buf);
	if (tree.err)
		die("device tree: %s", fdt_strerror(tree.err));
	return fdt_totalsize(buf);
}

size_t devtree_size(const void *buf)
{
	return fdt_totalsize(buf);
}
