// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of the stub hypervisor for tests that look for leaks: one file for
 * each in debugfs.  Asks by the stub's test interface, which is there only if the
 * stub was booted with the option "test"; otherwise the module does not load.
 */
#include <linux/arm-smccc.h>
#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/module.h>

#include <linux/gunyah/abi/hypercall.h>

#include "hyp-stub/hcall/test_abi.h"

static const struct {
	const char *name;
	unsigned long index;
} stats[] = {
	{ "object_pages", STUB_STAT_OBJECT_PAGES },
	{ "guest_tables", STUB_STAT_GUEST_TABLES },
	{ "guest_tables_all", STUB_STAT_GUEST_TABLES_ALL },
	{ "host_tables", STUB_STAT_HOST_TABLES },
	{ "host_caps", STUB_STAT_HOST_CAPS },
	{ "host_virqs", STUB_STAT_HOST_VIRQS },
	{ "rm_vms", STUB_STAT_VMS },
	{ "rm_parcels", STUB_STAT_PARCELS },
	{ "sender_faults", STUB_STAT_SENDER_FAULTS },
	{ "warnings", STUB_STAT_WARNINGS },
	{ "host_aborts", STUB_STAT_HOST_ABORTS },
	{ "gic_refused", STUB_STAT_GIC_REFUSED },
	{ "guest_reserve", STUB_STAT_GUEST_RESERVE },
	{ "guest_reserve_promised", STUB_STAT_GUEST_RESERVE_PROMISED },
	{ "records", STUB_STAT_RECORDS },
	{ "host_pages", STUB_STAT_HOST_PAGES },
};

static struct dentry *dir;

/*
 * Zero or -EOPNOTSUPP; the number is in @value.  Hypercalls change X4 to X17 too
 * (ABI tables, hypercall 1.3), which only version 1.2 of SMCCC expects.
 */
static int stub_stat(unsigned long index, u64 *value)
{
	struct arm_smccc_1_2_regs args = {
		.a0 = GUNYAH_SMCCC_ID(STUB_TEST_STAT), .a1 = index,
	};
	struct arm_smccc_1_2_regs res;

	arm_smccc_1_2_hvc(&args, &res);
	if (res.a0)
		return -EOPNOTSUPP;
	*value = res.a1;
	return 0;
}

static int stat_get(void *data, u64 *value)
{
	return stub_stat((unsigned long)data, value);
}
DEFINE_DEBUGFS_ATTRIBUTE(stat_fops, stat_get, NULL, "%llu\n");

static int __init gunyah_stub_stat_init(void)
{
	unsigned int i;
	u64 value;
	int ret;

	ret = stub_stat(STUB_STAT_OBJECT_PAGES, &value);
	if (ret)
		return ret;
	dir = debugfs_create_dir("gunyah_stub_stat", NULL);
	for (i = 0; i < ARRAY_SIZE(stats); i++)
		debugfs_create_file(stats[i].name, 0400, dir, (void *)stats[i].index,
				    &stat_fops);
	return 0;
}
module_init(gunyah_stub_stat_init);

static void __exit gunyah_stub_stat_exit(void)
{
	debugfs_remove(dir);
}
module_exit(gunyah_stub_stat_exit);

MODULE_DESCRIPTION("Resource counts of the Gunyah stub hypervisor");
MODULE_LICENSE("GPL");
