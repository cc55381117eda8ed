// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Boot, in a fixed order: the machine's tree, console, translation, the stub's
 * own memory, the host's address space, the RM, the host's tree, the host.
 *
 * Memory: the stub's image lies where QEMU puts it, 2 MiB above the start of RAM;
 * its heaps and tables are taken from the end of RAM.  The rest is the host's.
 */
#include <libfdt.h>

#include "arch/aarch64/machine.h"
#include "arch/arch.h"
#include "core/core.h"
#include "hcall/hcall.h"
#include "hcall/test_abi.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "obj/vm.h"
#include "owner/owner.h"
#include "rm/rm.h"
#include <linux/gunyah/abi/rm.h>

#define HOST_CSPACE_PAGES	16
#define HOST_DT_ROOM		0x10000		/* for what is added to the host's tree */
#define OBJECT_BASE_SIZE	(8 * 1024 * 1024ULL)
#define GUEST_TABLES_MIN	256
#define TABLE_SLACK		(64 * PAGE_SIZE)	/* roots and what else is not counted by RAM */

static struct boot_info info;
static struct boot_options opt;
static struct page_pool host_table_pool;

/* Parts of the end of RAM, in the order in which they are taken */
struct carve_out {
	u64 start;
	u64 host_tables;
	u64 guest_tables;
	u64 guest_reserve;
	u64 records;
	u64 owner_db;
	u64 objects;
};

static bool overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* A table for each 2 MiB of RAM, one for each GiB, and slack */
static u64 tables_for_ram(void)
{
	return ALIGN_UP(info.ram_size / 512 + info.ram_size / (512 * 512) + TABLE_SLACK, SZ_64K);
}

/*
 * The host's tables: everything may be split.  The guests' reserve: every block may be,
 * if all RAM were theirs.  Records: all RAM page by page, and some 2 MiB of it where
 * guests are neighbours, which have a table each.  Objects: parcels of memory in single
 * pages cost 16 bytes a page on top of VMs.
 */
static void carve(struct carve_out *c)
{
	c->host_tables = tables_for_ram();
	c->guest_reserve = tables_for_ram();
	c->records = tables_for_ram() + ALIGN_UP(info.ram_size / 2048, SZ_64K);
	c->guest_tables = opt.guest_tables ? opt.guest_tables * PAGE_SIZE :
			  max(info.ram_size / 512, GUEST_TABLES_MIN * PAGE_SIZE);
	c->owner_db = ALIGN_UP(owner_db_size(info.ram_size), PAGE_SIZE);
	c->objects = OBJECT_BASE_SIZE + info.ram_size / 256;
	c->start = info.ram_base + info.ram_size - c->host_tables - c->guest_tables -
		   c->guest_reserve - c->records - c->owner_db - c->objects;
	c->start = ALIGN_DOWN(c->start, SZ_2M);
}

static void init_memory(const struct carve_out *c)
{
	u64 pa = c->start;

	page_pool_init(&host_table_pool, "host tables", pa, c->host_tables);
	pa += c->host_tables;
	page_pool_init(&guest_table_pool, "guest tables", pa, c->guest_tables);
	pa += c->guest_tables;
	page_pool_init(&guest_reserve_pool, "guest reserve", pa, c->guest_reserve);
	pa += c->guest_reserve;
	page_pool_init(&record_pool, "records", pa, c->records);
	pa += c->records;
	if (!stage2_init(&host_s2, &host_table_pool, VM_IPA_BITS, GUNYAH_VMID_HLOS))
		panic("no memory for the host's stage 2");
	owner_init(info.ram_base, info.ram_size, pa, &host_s2);
	pa += c->owner_db;
	page_pool_init(&object_pool, "objects", pa, info.ram_base + info.ram_size - pa);
	if (cspace_init(&host_cspace, &object_pool, HOST_CSPACE_PAGES))
		panic("no memory for the host's capabilities");
}

/* Devices below RAM, and QEMU's PCIe windows from 256 GiB on */
static void map_devices(void)
{
	const struct mem_range windows[] = {
		{ 0, info.ram_base }, { 256 * SZ_1G, 768 * SZ_1G },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(windows); i++)
		if (stage2_map(&host_s2, windows[i].base, windows[i].base, windows[i].size,
			       S2_READ | S2_WRITE | S2_DEVICE))
			panic("no memory for the host's device mappings");
}

static void give_ram_to_host(const struct carve_out *c, struct host_dt *dt)
{
	u64 stub = ALIGN_DOWN(machine_stub_start(), SZ_2M);
	u64 stub_end = ALIGN_UP(machine_stub_end(), SZ_2M);
	unsigned int i;

	dt->ram[0] = (struct mem_range){ info.ram_base, stub - info.ram_base };
	dt->ram[1] = (struct mem_range){ stub_end, c->start - stub_end };
	dt->nr_ram = 2;
	for (i = 0; i < dt->nr_ram; i++)
		owner_add_host(dt->ram[i].base, dt->ram[i].size);
}

/* The Image header's size, which includes BSS; offset 16 (booting.rst) */
static u64 image_size(u64 image)
{
	const u64 *header = arch_pa_to_va(image);
	const u32 *magic = arch_pa_to_va(image + 56);

	if (*magic != 0x644d5241)
		panic("no arm64 Image at %#lx", (unsigned long)image);
	return header[2];
}

static void check_layout(u64 dtb, const struct carve_out *c)
{
	u64 stub = machine_stub_start(), size;
	const struct mem_range others[] = {
		{ stub, machine_stub_end() - stub },
		{ info.initrd, info.initrd_size },
		{ dtb, fdt_totalsize(arch_pa_to_va(dtb)) },
		{ c->start, info.ram_base + info.ram_size - c->start },
	};
	unsigned int i;

	if (!IS_ALIGNED(opt.host_image, SZ_2M) || opt.host_image < info.ram_base ||
	    opt.host_image >= c->start)
		panic("host-image=%#lx is no 2 MiB boundary in RAM",
		      (unsigned long)opt.host_image);
	size = image_size(opt.host_image);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (overlap(opt.host_image, size, others[i].base, others[i].size))
			panic("the host's image %#lx + %#lx overlaps %#lx + %#lx",
			      (unsigned long)opt.host_image, (unsigned long)size,
			      (unsigned long)others[i].base, (unsigned long)others[i].size);
	if (overlap(info.initrd, info.initrd_size, c->start, ~c->start))
		panic("the initrd reaches into the stub's memory: more RAM is needed");
}

static u64 rm_stat(unsigned int index)
{
	struct rm_stats stats;

	rm_stats(&stats);
	switch (index) {
	case STUB_STAT_VMS:
		return stats.vms;
	case STUB_STAT_PARCELS:
		return stats.parcels;
	default:
		return stats.sender_faults;
	}
}

static void start_rm(struct host_dt *dt)
{
	const struct rm_config cfg = {
		.production = opt.production,
		.debug = opt.rm_debug,
		.demand_paging = opt.production && !opt.no_demand_paging,
		.async = opt.rm_async,
		.firmware = opt.production && !opt.no_firmware ? pvm_firmware : NULL,
		.firmware_size = pvm_firmware_size,
	};

	if (!rm_init(&cfg, &dt->tx_cap, &dt->rx_cap, &dt->tx_intid, &dt->rx_intid))
		panic("the RM found no memory, capabilities or interrupts");
	hcall_test_enabled = opt.test;
	hcall_test_rm_stat = rm_stat;
	hcall_production = opt.production;
	dt->production = opt.production;
	dt->cma = opt.cma * SZ_1M;
}

/* Edited in a scratch area, then put back where QEMU had it */
static void edit_host_dt(u64 dtb, const struct host_dt *dt)
{
	u64 size = ALIGN_UP(fdt_totalsize(arch_pa_to_va(dtb)) + HOST_DT_ROOM, PAGE_SIZE);
	u64 scratch = page_pool_alloc(&object_pool, size / PAGE_SIZE, 1);
	void *fdt = scratch ? arch_pa_to_va(scratch) : NULL;
	int err;

	if (!fdt)
		panic("no memory for the host's device tree");
	err = fdt_open_into(arch_pa_to_va(dtb), fdt, size);
	if (!err)
		err = host_dt_edit(fdt, dt);
	if (!err)
		err = fdt_pack(fdt);
	if (err)
		panic("the host's device tree cannot be edited: %s", fdt_strerror(err));
	memcpy(arch_pa_to_va(dtb), fdt, fdt_totalsize(fdt));
	page_pool_free(&object_pool, scratch, size / PAGE_SIZE);
}

static void host_call(u64 *x, u16 imm, bool smc)
{
	const struct hcall_caller caller = { .cspace = &host_cspace };

	hcall_handle(&caller, !smc && imm, imm, x);
	if (!opt.rm_async)
		rm_poll();
	else if (rm_pending())
		arch_kick_cpu(arch_cpu_id());
}

static void machine_off(void)
{
	printk("off: %lu of %lu object pages, %u host interrupts in use",
	       (unsigned long)object_pool.used, (unsigned long)object_pool.nr,
	       host_virq_used());
}

static void log_memory(const struct carve_out *c)
{
	u64 size = info.ram_base + info.ram_size - c->start;

	printk("stub %#lx to %#lx; heaps from %#lx (%lu KiB, %lu per mille of RAM): KiB: %lu objects, %lu guest tables, %lu reserve, %lu records, %lu host tables",
	       (unsigned long)machine_stub_start(), (unsigned long)machine_stub_end(),
	       (unsigned long)c->start, (unsigned long)(size >> 10),
	       (unsigned long)(size * 1000 / info.ram_size),
	       (unsigned long)(object_pool.nr * 4), (unsigned long)(guest_table_pool.nr * 4),
	       (unsigned long)(guest_reserve_pool.nr * 4), (unsigned long)(record_pool.nr * 4),
	       (unsigned long)(host_table_pool.nr * 4));
}

static struct machine describe_machine(void)
{
	struct machine m = {
		.ram_base = info.ram_base, .ram_size = info.ram_size,
		.gicd = info.gicd, .gicr = info.gicr, .gicr_size = info.gicr_size,
		.nr_its = info.nr_its,
	};

	_Static_assert(sizeof(m.its) == sizeof(info.its), "one limit");
	memcpy(m.its, info.its, sizeof(m.its));
	return m;
}

static void init_machine(const struct machine *m)
{
	unsigned int i;

	for (i = 0; i < info.nr_cpus; i++)
		machine_add_cpu(info.cpu[i]);
	machine_init(m);
	printk("%u CPUs (%s), %lu MiB RAM at %#lx, %u list registers", machine_nr_cpus(),
	       machine_features(), (unsigned long)(info.ram_size >> 20),
	       (unsigned long)info.ram_base, arch_nr_lrs());
	if (machine_nr_cpus() < info.nr_cpus)
		warn("%u CPUs are more than %u: the rest stays off", info.nr_cpus, MAX_CPUS);
}

void __noreturn stub_main(u64 dtb)
{
	struct host_dt dt = {};
	struct carve_out c;
	struct machine m;
	const char *why;

	if (!boot_info_read((void *)dtb, &info, &why))
		panic("the machine's device tree lacks: %s", why);
	machine_early_init(info.uart);
	printk("Gunyah stub at EL2");
	options_parse(info.cmdline, &opt, &dt.cmdline);
	m = describe_machine();
	init_machine(&m);
	hyp_lock();
	carve(&c);
	check_layout(dtb, &c);
	init_memory(&c);
	log_memory(&c);
	map_devices();
	machine_guard_tables(&m);
	give_ram_to_host(&c, &dt);
	start_rm(&dt);
	printk("profile %s%s%s%s; RM queues: capabilities %lu, %lu, INTIDs %u, %u",
	       opt.production ? "production" : "open", opt.rm_debug ? ", rm-debug" : "",
	       opt.rm_async ? ", rm-async" : "", opt.test ? ", test interface" : "",
	       (unsigned long)dt.tx_cap, (unsigned long)dt.rx_cap, dt.tx_intid, dt.rx_intid);
	edit_host_dt(dtb, &dt);
	arch_host_ops = (struct arch_host_ops){
		.call = host_call, .poll_needed = rm_pending, .poll = rm_poll, .off = machine_off,
	};
	printk("host at %#lx, device tree at %#lx: entering EL1", (unsigned long)opt.host_image,
	       (unsigned long)dtb);
	printk_console_off();
	hyp_unlock();
	machine_start_host(opt.host_image, dtb);
}
