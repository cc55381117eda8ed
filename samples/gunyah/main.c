// SPDX-License-Identifier: GPL-2.0-only
/*
 * gunyah-vmm, a small virtual machine monitor for Gunyah
 *
 * Owns the command line and the order of things; README says why it is this
 * order.  A guest has RAM, vCPUs, and a serial port on our terminal.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "console.h"
#include "devtree.h"
#include "layout.h"
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
	unsigned long mem;	/* MiB */
	unsigned long cpus;
	bool lend;
	bool stats;
};

/* The guest's serial port, and how its interrupt reaches the guest. */
struct serial {
	struct vm *vm;
	struct uart uart;
	int irqfd;
};

static const char help_text[] =
"Usage: gunyah-vmm --kernel IMAGE [options]\n"
"\n"
"  --kernel IMAGE     arm64 Image, not compressed\n"
"  --initrd FILE      initial RAM disk\n"
"  --cmdline TEXT     kernel command line (default: console=ttyS0)\n"
"  --mem MIB          RAM of the guest (default: 256)\n"
"  --cpus N           vCPUs, 1 to 8 (default: 1)\n"
"  --lend             the guest's memory is its own, not shared with this process\n"
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
	{ "lend", no_argument, NULL, 'l' },
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
	case 'l':
		options->lend = true;
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
}

/* RAM with kernel, initial RAM disk and device tree. */
static void fill_ram(struct guest_ram *ram, const struct options *options)
{
	size_t dtb_size;
	void *dtb;

	ram_alloc(ram, MIB(options->mem));
	ram_load_kernel(ram, options->kernel);
	ram_place_dtb(ram);
	if (options->initrd)
		ram_load_initrd(ram, options->initrd);

	dtb = ram_at(ram, ram->dtb, DTB_SIZE);
	/* The Resource Manager needs at least as much again. */
	dtb_size = devtree_build(dtb, DTB_SIZE / 4, ram, options->cpus, options->cmdline);
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

static void create(struct vm *vm, struct serial *serial,
		   const struct options *options)
{
	unsigned int i;

	vm->lend = options->lend;
	vm_create(vm, options->device);
	vm_add_ram(vm);
	for (i = 0; i < options->cpus; i++)
		vm_add_vcpu(vm, i);
	add_serial(vm, serial);
	vm_set_dtb(vm);
	vm_set_boot_context(vm);
}

static int run(struct vm *vm, struct serial *serial)
{
	vm_start(vm);
	console_init();
	vcpus_run(vm);
	console_loop(vm, &serial->uart);
	vcpus_stop(vm);
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
	static struct serial serial;
	static struct vm vm;
	int status;

	parse(&options, argc, argv);
	fill_ram(&vm.ram, &options);
	if (options.dump_dtb) {
		dump_dtb(&vm.ram, options.dump_dtb);
		return 0;
	}
	create(&vm, &serial, &options);
	status = run(&vm, &serial);
	vm_destroy(&vm);
	ram_free(&vm.ram);
	if (options.stats)
		print_stats(&vm);
	return status;
}
