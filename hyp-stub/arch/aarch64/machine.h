/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Boot-time contract between core and this architecture. */
#ifndef STUB_AARCH64_MACHINE_H
#define STUB_AARCH64_MACHINE_H

#include "lib/types.h"

#define MACHINE_MAX_ITS		4

/* What the machine's device tree says */
struct machine {
	u64 ram_base;
	u64 ram_size;
	u64 gicd;
	u64 gicr;
	u64 gicr_size;
	u64 its[MACHINE_MAX_ITS];
	unsigned int nr_its;
};

/* Before translation is on: console and the boot CPU */
void machine_early_init(u64 uart);
void machine_add_cpu(u64 mpidr);
unsigned int machine_nr_cpus(void);
/* Translation, interrupt controller and EL2 controls of the boot CPU */
void machine_init(const struct machine *m);
/* Registers that could point into foreign memory leave the host's stage 2, which is complete */
void machine_guard_tables(const struct machine *m);
void machine_start_host(u64 pc, u64 dtb) __noreturn;
u64 machine_stub_start(void);
u64 machine_stub_end(void);
const char *machine_features(void);

/* Called by the entry code with the physical address of the device tree */
void stub_main(u64 dtb) __noreturn;

#endif
