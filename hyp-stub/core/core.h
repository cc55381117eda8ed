/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Boot: options, the machine's device tree, the host's device tree. */
#ifndef STUB_CORE_H
#define STUB_CORE_H

#include "lib/types.h"

/**
 * struct boot_options - words before " -- " on the command line
 * @host_image: host-image=ADDR, where the host's kernel was loaded
 * @production: profile=production (open is the default)
 * @rm_debug: rm-debug, relax what a debug build of the open RM relaxes
 * @no_demand_paging: no-demand-paging, guests' memory is in parcels in production as well
 * @rm_async: rm-async, the RM answers after the host's send has returned
 * @test: test, enables the test interface
 * @guest_tables: guest-tables=N, pages for guests' stage 2 tables, 0: from RAM's size
 * @no_firmware: no-firmware, the RM has none for protected VMs
 * @cma: cma=N, MiB of a region that the host reserves for guests, 0: none
 */
struct boot_options {
	u64 host_image;
	bool production;
	bool rm_debug;
	bool no_demand_paging;
	bool rm_async;
	bool test;
	bool no_firmware;
	u64 guest_tables;
	u64 cma;
};

/* Parses the words up to " -- "; *@rest: what follows it, for the host */
void options_parse(const char *cmdline, struct boot_options *opt, const char **rest);

/* What the RM gives to protected VMs, firmware/pvm.S */
extern const u8 pvm_firmware[];
extern const u64 pvm_firmware_size;

#define BOOT_MAX_CPUS	16
#define BOOT_MAX_ITS	4

/* What the machine's device tree says; sizes in bytes */
struct boot_info {
	u64 ram_base;
	u64 ram_size;
	u64 uart;
	u64 gicd;
	u64 gicr;
	u64 gicr_size;
	u64 its[BOOT_MAX_ITS];
	unsigned int nr_its;
	u64 initrd;
	u64 initrd_size;
	u64 cpu[BOOT_MAX_CPUS];		/* MPIDR affinities */
	unsigned int nr_cpus;
	const char *cmdline;
};

/* False: *@why says what is missing */
bool boot_info_read(const void *fdt, struct boot_info *info, const char **why);

struct mem_range {
	u64 base;
	u64 size;
};

/**
 * struct host_dt - what the host's tree gets
 * @ram: memory that is the host's
 * @nr_ram: entries of @ram
 * @cmdline: its command line
 * @production: which compatible strings the hypervisor node carries
 * @tx_cap: capability of the queue to the RM
 * @rx_cap: capability of the queue from the RM
 * @tx_intid: space available
 * @rx_intid: data available
 * @cma: bytes to reserve for guests and to describe as a device, 0: nothing
 */
struct host_dt {
	struct mem_range ram[3];
	unsigned int nr_ram;
	const char *cmdline;
	bool production;
	u64 tx_cap;
	u64 rx_cap;
	u32 tx_intid;
	u32 rx_intid;
	u64 cma;
};

/* Edits the open tree in @fdt; 0 or a libfdt error */
int host_dt_edit(void *fdt, const struct host_dt *dt);

#endif
