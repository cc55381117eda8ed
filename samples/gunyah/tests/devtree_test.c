// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree read back, with what the open Resource Manager checks and how
 * it reads (ABI tables, devicetree b): cell sizes of the parent, memory in a node with
 * no other name than /memory, a /chosen, room to grow.
 */
#include <string.h>

#include <libfdt.h>

#include "check.h"
#include "devtree.h"
#include "layout.h"

static char buf[65536];
static const struct guest_ram ram = {
	.size = MIB(256),
	.entry = RAM_BASE,
	.dtb = RAM_BASE + MIB(64),
	.initrd = RAM_BASE + MIB(66),
	.initrd_size = 12345,
};

/* The value at @index of a property that has @cells for each number. */
static __u64 number(const char *path, const char *name, int cells, int index)
{
	int node = fdt_path_offset(buf, path);
	const fdt32_t *value;
	int len;

	value = fdt_getprop(buf, node, name, &len);
	CHECK(value && len >= 4 * cells * (index + 1));
	if (!value || len < 4 * cells * (index + 1))
		return ~0ULL;
	value += cells * index;
	return cells == 1 ? fdt32_to_cpu(value[0]) :
		(__u64)fdt32_to_cpu(value[0]) << 32 | fdt32_to_cpu(value[1]);
}

static int length(const char *path, const char *name)
{
	int len = -1;

	fdt_getprop(buf, fdt_path_offset(buf, path), name, &len);
	return len;
}

static int is(const char *path, const char *name, const char *text)
{
	return fdt_stringlist_get(buf, fdt_path_offset(buf, path), name, 0, NULL) &&
		!strcmp(fdt_stringlist_get(buf, fdt_path_offset(buf, path), name, 0,
					   NULL), text);
}

static void test_whole(size_t size)
{
	int node = -1, memories = 0;
	char path[16] = "";

	CHECK(size == fdt_totalsize(buf) && size <= KIB(16));
	CHECK(2 * size < DTB_SIZE);
	CHECK(fdt_check_full(buf, sizeof(buf)) == 0);
	CHECK(fdt_path_offset(buf, "/hypervisor") == -FDT_ERR_NOTFOUND);
	CHECK(fdt_path_offset(buf, "/chosen") > 0);
	while ((node = fdt_node_offset_by_prop_value(buf, node, "device_type",
						     "memory", 7)) >= 0) {
		memories++;
		fdt_get_path(buf, node, path, sizeof(path));
	}
	CHECK(memories == 1 && !strcmp(path, "/memory"));
}

static void test_config(void)
{
	CHECK(is("/gunyah-vm-config", "os-type", "linux"));
	CHECK(length("/gunyah-vm-config", "image-name") > 1);
	/* Two cells in the parent, two cells in the value, or it is not read. */
	CHECK(number("/gunyah-vm-config", "#address-cells", 1, 0) == 2);
	CHECK(number("/gunyah-vm-config", "#size-cells", 1, 0) == 2);
	CHECK(length("/gunyah-vm-config/memory", "base-address") == 8);
	CHECK(number("/gunyah-vm-config/memory", "base-address", 2, 0) == RAM_BASE);
	CHECK(is("/gunyah-vm-config/vcpus", "affinity", "proxy"));
	CHECK(is("/gunyah-vm-config/vdevices/bell-0", "vdevice-type", "doorbell"));
	CHECK(is("/gunyah-vm-config/vdevices/bell-0", "generate", "/hypervisor/bell-0"));
	CHECK(number("/gunyah-vm-config/vdevices/bell-0", "label", 1, 0) == UART_SPI);
	CHECK(length("/gunyah-vm-config/vdevices/bell-0", "interrupts") == 12);
	CHECK(length("/gunyah-vm-config/vdevices/bell-0", "peer-default") == 0);
}

/* The doorbell, the serial port's node and the irqfd are one interrupt. */
static void test_interrupts(void)
{
	int i;

	for (i = 0; i < 3; i++)
		CHECK(number("/gunyah-vm-config/vdevices/bell-0", "interrupts", 1, i) ==
		      number("/serial@9000000", "interrupts", 1, i));
	CHECK(number("/gunyah-vm-config/interrupts", "config", 1, 0) ==
	      fdt_get_phandle(buf, fdt_path_offset(buf, "/intc@3fff0000")));
	CHECK(number("/", "interrupt-parent", 1, 0) ==
	      number("/gunyah-vm-config/interrupts", "config", 1, 0));
}

static void test_gic(unsigned int cpus)
{
	__u64 dist = number("/intc@3fff0000", "reg", 2, 0);
	__u64 redist = number("/intc@3fff0000", "reg", 2, 2);
	__u64 size = number("/intc@3fff0000", "reg", 2, 3);

	CHECK(dist % KIB(64) == 0 && redist % KIB(64) == 0);
	CHECK(size == cpus * KIB(128));
	CHECK(redist + size <= dist && redist > UART_BASE + UART_SIZE);
	CHECK(dist + KIB(64) <= GIB(1));
	CHECK(number("/intc@3fff0000", "#interrupt-cells", 1, 0) == 3);
	CHECK(length("/intc@3fff0000", "interrupt-controller") == 0);
}

/* The first one boots: no status; the others need to be told how. */
static void test_cpus(unsigned int cpus)
{
	int node, parent = fdt_path_offset(buf, "/cpus");
	unsigned int count = 0;

	fdt_for_each_subnode(node, buf, parent) {
		CHECK(!strcmp(fdt_getprop(buf, node, "device_type", NULL), "cpu"));
		CHECK(!strcmp(fdt_getprop(buf, node, "enable-method", NULL), "psci"));
		CHECK(!fdt_getprop(buf, node, "status", NULL));
		count++;
	}
	CHECK(count == cpus);
	CHECK(fdt_node_offset_by_compatible(buf, -1, "arm,psci-1.0") > 0);
}

static void test_chosen(const char *cmdline)
{
	CHECK(is("/chosen", "bootargs", cmdline));
	CHECK(number("/chosen", "linux,initrd-start", 2, 0) == ram.initrd);
	CHECK(number("/chosen", "linux,initrd-end", 2, 0) ==
	      ram.initrd + ram.initrd_size);
}

static void test_no_disk(void)
{
	CHECK(fdt_node_offset_by_compatible(buf, -1, "virtio,mmio") == -FDT_ERR_NOTFOUND);
	CHECK(fdt_path_offset(buf, "/reserved-memory") == -FDT_ERR_NOTFOUND);
	CHECK(length("/memory", "reg") == 16);
	CHECK(number("/memory", "reg", 2, 0) == RAM_BASE);
	CHECK(number("/memory", "reg", 2, 1) == ram.size);
}

/* A disk has a doorbell; a window has the form that guest and RM take (devicetree c). */
static void test_disk(const struct devtree_guest *guest)
{
	struct guest_ram protected = ram;
	const char *window = "/reserved-memory/window@60000000";
	__u8 host;

	test_whole(devtree_build(buf, sizeof(buf), &ram, guest));
	CHECK(number("/virtio@a000000", "reg", 2, 0) == DISK_BASE);
	CHECK(number("/virtio@a000000", "interrupts", 1, 1) == DISK_SPI);
	CHECK(number("/gunyah-vm-config/vdevices/bell-1", "label", 1, 0) == DISK_SPI);
	CHECK(length("/virtio@a000000", "dma-coherent") == 0);
	CHECK(length("/virtio@a000000", "memory-region") < 0);

	protected.window = &host;
	test_whole(devtree_build(buf, sizeof(buf), &protected, guest));
	CHECK(is(window, "compatible", "restricted-dma-pool"));
	CHECK(number(window, "reg", 2, 0) == WINDOW_BASE);
	CHECK(number(window, "reg", 2, 1) == WINDOW_SIZE);
	CHECK(number(window, "qcom,label", 1, 0) == WINDOW_LABEL);
	CHECK(length(window, "no-map") < 0 && length(window, "reusable") < 0);
	CHECK(length("/reserved-memory", "ranges") == 0);
	CHECK(length("/memory", "reg") == 32);
	CHECK(number("/memory", "reg", 2, 0) == WINDOW_BASE);
	CHECK(number("/memory", "reg", 2, 1) == WINDOW_SIZE);
	CHECK(number("/memory", "reg", 2, 2) == RAM_BASE);
	CHECK(number("/virtio@a000000", "memory-region", 1, 0) ==
	      fdt_get_phandle(buf, fdt_path_offset(buf, window)));
}

/* The hypervisor leaves timers alone only if it is told that somebody else does not. */
static void test_timer_wakeup(struct devtree_guest guest)
{
	test_whole(devtree_build(buf, sizeof(buf), &ram, &guest));
	CHECK(length("/gunyah-vm-config/vcpus", "no-timer-wakeups") < 0);
	guest.timer_wakeup = true;
	test_whole(devtree_build(buf, sizeof(buf), &ram, &guest));
	CHECK(length("/gunyah-vm-config/vcpus", "no-timer-wakeups") == 0);
}

int main(void)
{
	struct devtree_guest guest = { .cmdline = "console=ttyS0 \"quoted\"" };

	for (guest.cpus = 1; guest.cpus <= MAX_CPUS; guest.cpus++) {
		guest.disk = false;
		test_whole(devtree_build(buf, sizeof(buf), &ram, &guest));
		test_config();
		test_interrupts();
		test_gic(guest.cpus);
		test_cpus(guest.cpus);
		test_chosen(guest.cmdline);
		test_no_disk();
		guest.disk = true;
		test_disk(&guest);
		test_timer_wakeup(guest);
	}
	return checks_result("devtree");
}
