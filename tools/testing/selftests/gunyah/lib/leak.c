// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts that have to be the same before a VM and after it.
 */
#include <stdio.h>
#include <string.h>

#include "gt.h"

static long count_irq_actions(void)
{
	char line[1024];
	long count = 0;
	FILE *f;

	f = fopen("/proc/interrupts", "r");
	gt_assert(f);
	while (fgets(line, sizeof(line), f))
		count += !!strstr(line, "gunyah") || !!strstr(line, "gh-vcpu");
	fclose(f);
	return count;
}

static void read_resources(struct gt_resources *r)
{
	gt_refresh_stats();
	r->pinned = gt_proc_value("/proc/vmstat", "nr_foll_pin_acquired") -
		    gt_proc_value("/proc/vmstat", "nr_foll_pin_released");
	r->irq_actions = count_irq_actions();
	r->object_pages = gt_stub_stat("object_pages");
	r->guest_tables = gt_stub_stat("guest_tables");
	r->guest_reserve = gt_stub_stat("guest_reserve");
	r->guest_reserve_promised = gt_stub_stat("guest_reserve_promised");
	r->records = gt_stub_stat("records");
	r->host_pages = gt_stub_stat("host_pages");
	r->host_caps = gt_stub_stat("host_caps");
	r->host_virqs = gt_stub_stat("host_virqs");
	r->rm_vms = gt_stub_stat("rm_vms");
	r->rm_parcels = gt_stub_stat("rm_parcels");
	r->sender_faults = gt_stub_stat("sender_faults");
	r->warnings = gt_stub_stat("warnings");
}

void gt_resources(struct gt_resources *r)
{
	struct gt_vm vm;

	gt_vm_init(&vm, GUEST_hello);
	gt_vm_boot(&vm);
	gt_expect_sync(&vm.vcpu[0], 0);
	gt_expect_off(&vm.vcpu[0]);
	gt_vm_close(&vm);
	read_resources(r);
}

void gt_expect_resources(const struct gt_resources *before)
{
	struct gt_resources now;

	read_resources(&now);
	gt_assert_eq(now.pinned, before->pinned);
	gt_assert_eq(now.irq_actions, before->irq_actions);
	gt_assert_eq(now.object_pages, before->object_pages);
	gt_assert_eq(now.guest_tables, before->guest_tables);
	gt_assert_eq(now.guest_reserve, before->guest_reserve);
	gt_assert_eq(now.guest_reserve_promised, before->guest_reserve_promised);
	gt_assert_eq(now.records, before->records);
	gt_assert_eq(now.host_pages, before->host_pages);
	gt_assert_eq(now.host_caps, before->host_caps);
	gt_assert_eq(now.host_virqs, before->host_virqs);
	gt_assert_eq(now.rm_vms, before->rm_vms);
	gt_assert_eq(now.rm_parcels, before->rm_parcels);
	gt_assert_eq(now.sender_faults, before->sender_faults);
	gt_assert_eq(now.warnings, before->warnings);
}
