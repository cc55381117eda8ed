// SPDX-License-Identifier: GPL-2.0-only
/*
 * gunyah-vmm, a small virtual machine monitor for Gunyah
 *
 * Owns the command line and the order of things; README says why it is this
 * order.  A guest has RAM, vCPUs, a serial port on our terminal, and perhaps a disk.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include "console.h"
#include "devtree.h"
#include "disk.h"
#include "layout.h"
#include "reclaim.h"
#include "report.h"
#include "uart.h"
#include "vm.h"

#define VERSION		"1.0"

struct options {
	const char *device;
	const char *kernel;
	const char *initrd;
	const char *cmdline;
	const char *dump_dtb;
	const char *disk;
	unsigned long mem;	/* MiB */
	unsigned long cpus;
	unsigned long grow;	/* MiB */
	unsigned long reclaim;	/* ms */
	bool lend;
	bool protected;
	bool memory_file;
	bool small;
	bool stats;
};

/* The guest's serial port, and how its interrupt reaches the guest. */
struct serial {
	struct vm *vm;
	struct uart uart;
	int irqfd;
};

/* All that a guest can have. */
struct machine {
	struct vm vm;
	struct serial serial;
	struct disk disk;
	struct virtio virtio;	/* of the disk */
};

static const char help_text[] =
"Usage: gunyah-vmm --kernel IMAGE [options]\n"
"\n"
"  --kernel IMAGE     arm64 Image, not compressed\n"
"  --initrd FILE      initial RAM disk\n"
"  --cmdline TEXT     kernel command line (default: console=ttyS0)\n"
"  --mem MIB          RAM of the guest (default: 256)\n"
"  --cpus N           vCPUs, 1 to 8 (default: 1)\n"
"  --disk FILE        a disk, /dev/vda\n"
"  --lend             the guest's memory is its own, not shared with this process\n"
"  --protected        the same, and a window of 16 MiB that is shared, for the disk;\n"
"                     the kernel has to know restricted-dma-pool\n"
"  --memory-file      the guest's own memory is a guest memory file; includes --lend\n"
"  --small            pages of 4 KiB only, even where there are larger ones\n"
"  --grow MIB         more memory once the guest runs; says where, and it is for you to\n"
"                     tell the guest\n"
"  --reclaim MS       test: take some of the memory back every so often\n"
"  --device PATH      default: /dev/gunyah\n"
"  --dump-dtb FILE    write the guest's device tree and exit\n"
"  --quiet            say nothing but warnings and errors\n"
"  --stats            say how often each vCPU came back, at the end\n"
"  --version, --help\n"
"\n"
"Standard input and output are the guest's serial port. On a terminal Ctrl-A x\n"
"stops the guest, Ctrl-A Ctrl-A is Ctrl-A.\n"
"\n"
"Exit status: 0 the guest powered off, 1 error, 2 usage, 3 the guest asks for a\n"
"reset, 4 the guest crashed, 5 stopped by a signal or the console.\n";

static const struct option long_options[] = {
	{ "kernel", required_argument, NULL, 'k' },
	{ "initrd", required_argument, NULL, 'i' },
	{ "cmdline", required_argument, NULL, 'a' },
	{ "mem", required_argument, NULL, 'm' },
	{ "cpus", required_argument, NULL, 'c' },
	{ "disk", required_argument, NULL, 'b' },
	{ "lend", no_argument, NULL, 'l' },
	{ "protected", no_argument, NULL, 'p' },
	{ "memory-file", no_argument, NULL, 'f' },
	{ "small", no_argument, NULL, 'S' },
	{ "grow", required_argument, NULL, 'g' },
	{ "reclaim", required_argument, NULL, 'r' },
	{ "device", required_argument, NULL, 'D' },
	{ "dump-dtb", required_argument, NULL, 'd' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "stats", no_argument, NULL, 's' },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void usage_error(const char *text)
{
	report_warning("%s; see --help", text);
	exit(EXIT_USAGE);
}

static unsigned long number(const char *text, unsigned long min,
			    unsigned long max, const char *complaint)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end ||
	    value < min || value > max)
		usage_error(complaint);
	return value;
}

static void print_and_exit(const char *text)
{
	fputs(text, stdout);
	exit(0);
}

static void set_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'k':
		options->kernel = value;
		break;
	case 'i':
		options->initrd = value;
		break;
	case 'a':
		options->cmdline = value;
		break;
	case 'm':
		options->mem = number(value, 1, (RAM_LAST - RAM_BASE) / MIB(1),
				      "--mem wants MiB, 1 to 1046527");
		break;
	case 'c':
		options->cpus = number(value, 1, MAX_CPUS, "--cpus wants 1 to 8");
		break;
	case 'b':
		options->disk = value;
		break;
	case 'l':
		options->lend = true;
		break;
	case 'p':
		options->protected = true;
		break;
	case 'f':
		options->memory_file = true;
		break;
	case 'S':
		options->small = true;
		break;
	case 'g':
		options->grow = number(value, 1, 65536, "--grow wants MiB, 1 to 65536");
		break;
	case 'r':
		options->reclaim = number(value, 1, 1000000, "--reclaim wants milliseconds");
		break;
	case 'D':
		options->device = value;
		break;
	case 'd':
		options->dump_dtb = value;
		break;
	case 'q':
		report_quiet = true;
		break;
	case 's':
		options->stats = true;
		break;
	case 'v':
		print_and_exit("gunyah-vmm " VERSION "\n");
		break;
	case 'h':
		print_and_exit(help_text);
		break;
	default:	/* getopt has said what is wrong */
		exit(EXIT_USAGE);
	}
}

static void parse(struct options *options, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		set_option(options, option, optarg);
	if (optind < argc)
		usage_error("there are words that belong to no option");
	if (!options->kernel)
		usage_error("--kernel is missing");
	options->lend |= options->protected || options->memory_file;
	if (options->disk && options->lend && !options->protected)
		usage_error("--disk needs memory that is shared, see --protected");
}

static void alloc_ram(struct vm *vm, const struct options *options)
{
	__u64 size = MIB(options->mem);

	if (options->memory_file && !options->dump_dtb)
		ram_alloc_file(&vm->ram, size,
			       vm_create_memory_file(vm, size, options->small));
	else
		ram_alloc(&vm->ram, size, options->small);
	if (options->protected)
		ram_add_window(&vm->ram);
}

/* RAM with kernel, initial RAM disk and device tree. */
static void fill_ram(struct vm *vm, const struct options *options)
{
	const struct devtree_guest guest = {
		.cpus = options->cpus,
		.cmdline = options->cmdline,
		.disk = options->disk,
		.timer_wakeup = !options->dump_dtb && vm_wakes_timers(vm),
	};
	struct guest_ram *ram = &vm->ram;
	size_t dtb_size;
	void *dtb;

	ram_load_kernel(ram, options->kernel);
	ram_place_dtb(ram);
	if (options->initrd)
		ram_load_initrd(ram, options->initrd);

	dtb = ram_at(ram, ram->dtb, DTB_SIZE);
	/* The Resource Manager needs at least as much again. */
	dtb_size = devtree_build(dtb, DTB_SIZE / 4, ram, &guest);
	report("kernel 0x%llx, device tree 0x%llx (%zu bytes)",
	       ram->entry, ram->dtb, dtb_size);
}

static void dump_dtb(const struct guest_ram *ram, const char *path)
{
	const void *dtb = ram_at(ram, ram->dtb, DTB_SIZE);
	FILE *file;

	file = fopen(path, "w");
	if (!file || fwrite(dtb, devtree_size(dtb), 1, file) != 1 || fclose(file))
		die_errno(path, errno, NULL);
}

static void serial_put(void *opaque, __u8 byte)
{
	struct serial *serial = opaque;

	console_put(serial->vm, byte);
}

static void serial_interrupt(void *opaque)
{
	struct serial *serial = opaque;

	/* The driver rings the doorbell. */
	eventfd_write(serial->irqfd, 1);
}

static void serial_room(void *opaque)
{
	struct serial *serial = opaque;

	vm_wake(serial->vm);
}

static void add_serial(struct vm *vm, struct serial *serial)
{
	static const struct uart_ops ops = {
		.put = serial_put,
		.interrupt = serial_interrupt,
		.room = serial_room,
	};
	const struct mmio_device device = {
		.name = "serial port",
		.base = UART_BASE,
		.size = UART_SIZE,
		.read = uart_read,
		.write = uart_write,
		.opaque = &serial->uart,
	};

	serial->vm = vm;
	serial->irqfd = vm_add_irqfd(vm, UART_SPI, 0);
	uart_init(&serial->uart, &ops, serial);
	if (mmio_add(&vm->bus, &device) < 0)
		die("%s: its addresses are taken", device.name);
}

/* What the disk may touch: the window, or of a guest that trusts us all of its RAM. */
static void share_with(struct virtio *virtio, const struct guest_ram *ram)
{
	if (ram->window) {
		virtio->memory = (struct ring_memory){ ram->window, WINDOW_BASE, WINDOW_SIZE };
		virtio->features |= 1ULL << VIRTIO_F_ACCESS_PLATFORM;
	} else {
		virtio->memory = (struct ring_memory){ ram->host, RAM_BASE, ram->size };
	}
}

static void add_disk(struct vm *vm, struct virtio *virtio, struct disk *disk,
		     const char *path)
{
	const struct mmio_device device = {
		.name = "disk",
		.base = DISK_BASE,
		.size = DISK_SIZE,
		.read = virtio_read,
		.write = virtio_write,
		.opaque = virtio,
	};

	disk_open(disk, path, virtio);
	share_with(virtio, &vm->ram);
	virtio->irqfd = vm_add_irqfd(vm, DISK_SPI, 0);
	virtio_init(virtio);
	if (mmio_add(&vm->bus, &device) < 0)
		die("%s: its addresses are taken", device.name);
	/* The write that comes most often goes past this process's vCPU thread. */
	vm_add_ioeventfd(vm, DISK_BASE + VIRTIO_MMIO_QUEUE_NOTIFY, 4, virtio->kick);
}

static void print_stats(const struct vm *vm)
{
	const struct vcpu_stats *stats;
	unsigned int i;

	for (i = 0; i < vm->cpus; i++) {
		stats = &vm->vcpus[i].stats;
		report_warning("vCPU %u: %llu reads, %llu writes, %llu interrupted", i,
			       stats->reads, stats->writes, stats->interrupted);
	}
}

static void create(struct machine *machine, const struct options *options)
{
	struct vm *vm = &machine->vm;
	unsigned int i;

	vm->lend = options->lend;
	vm_add_ram(vm);
	if (options->protected)
		vm_add_window(vm);
	for (i = 0; i < options->cpus; i++)
		vm_add_vcpu(vm, i);
	add_serial(vm, &machine->serial);
	if (options->disk)
		add_disk(vm, &machine->virtio, &machine->disk, options->disk);
	vm_set_dtb(vm);
	vm_set_boot_context(vm);
}

static int run(struct machine *machine, const struct options *options)
{
	struct vm *vm = &machine->vm;

	vm_start(vm);
	console_init();
	if (options->disk)
		virtio_start(&machine->virtio);
	vcpus_run(vm);
	if (options->grow)
		report("%lu MiB more at 0x%llx", options->grow,
		       vm_grow(vm, MIB(options->grow)));
	if (options->reclaim)
		reclaim_start(vm, options->reclaim);
	console_loop(vm, &machine->serial.uart);
	if (options->reclaim)
		reclaim_stop();
	vcpus_stop(vm);
	if (options->disk)
		virtio_stop(&machine->virtio);
	console_flush(vm);
	return vm->exit_status;
}

int main(int argc, char **argv)
{
	struct options options = {
		.device = "/dev/gunyah",
		.cmdline = "console=ttyS0",
		.mem = 256,
		.cpus = 1,
	};
	static struct machine machine;
	struct vm *vm = &machine.vm;
	int status;

	parse(&options, argc, argv);
	if (!options.dump_dtb)
		vm_create(vm, options.device);
	alloc_ram(vm, &options);
	fill_ram(vm, &options);
	if (options.dump_dtb) {
		dump_dtb(&vm->ram, options.dump_dtb);
		return 0;
	}
	ram_finish(&vm->ram);
	create(&machine, &options);
	status = run(&machine, &options);
	vm_destroy(vm);
	ram_free(&vm->ram);
	if (options.stats)
		print_stats(vm);
	return status;
}
