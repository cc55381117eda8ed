// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The test interface (hcall/test_abi.h): what the stub holds, and its log. */
#include <linux/gunyah/abi/hypercall.h>

#include "arch/arch.h"
#include "hcall/hcall.h"
#include "hcall/test_abi.h"
#include "lib/printk.h"
#include "obj/virq.h"
#include "obj/vm.h"
#include "owner/owner.h"

static u64 object_used(void)
{
	return object_pool.used;
}

static u64 object_all(void)
{
	return object_pool.nr;
}

static u64 guest_tables_used(void)
{
	return guest_table_pool.used;
}

static u64 guest_tables_all(void)
{
	return guest_table_pool.nr;
}

static u64 guest_reserve_used(void)
{
	return guest_reserve_pool.used;
}

static u64 guest_reserve_promised(void)
{
	return guest_reserve_pool.promised;
}

static u64 guest_reserve_all(void)
{
	return guest_reserve_pool.nr;
}

static u64 records_used(void)
{
	return record_pool.used;
}

static u64 records_all(void)
{
	return record_pool.nr;
}

static u64 host_pages(void)
{
	return owner_count(PAGE_HOST, 0);
}

static u64 host_tables_used(void)
{
	return owner_host_tables()->used;
}

static u64 host_tables_all(void)
{
	return owner_host_tables()->nr;
}

static u64 host_caps(void)
{
	return host_cspace.used;
}

static u64 host_virqs(void)
{
	return host_virq_used();
}

static u64 warnings(void)
{
	return printk_warnings();
}

u64 (*hcall_test_rm_stat)(unsigned int index);

static u64 rm_stat(unsigned int index)
{
	return hcall_test_rm_stat ? hcall_test_rm_stat(index) : 0;
}

static u64 vms(void)
{
	return rm_stat(STUB_STAT_VMS);
}

static u64 parcels(void)
{
	return rm_stat(STUB_STAT_PARCELS);
}

static u64 sender_faults(void)
{
	return rm_stat(STUB_STAT_SENDER_FAULTS);
}

static u64 host_aborts(void)
{
	return arch_host_aborts();
}

static u64 gic_refused(void)
{
	return arch_gic_refused();
}

static u64 guest_aborts(void)
{
	return hcall_guest_aborts;
}

static u64 (*const stats[])(void) = {
	[STUB_STAT_OBJECT_PAGES] = object_used,
	[STUB_STAT_OBJECT_PAGES_ALL] = object_all,
	[STUB_STAT_GUEST_TABLES] = guest_tables_used,
	[STUB_STAT_GUEST_TABLES_ALL] = guest_tables_all,
	[STUB_STAT_HOST_TABLES] = host_tables_used,
	[STUB_STAT_HOST_TABLES_ALL] = host_tables_all,
	[STUB_STAT_HOST_CAPS] = host_caps,
	[STUB_STAT_HOST_VIRQS] = host_virqs,
	[STUB_STAT_WARNINGS] = warnings,
	[STUB_STAT_VMS] = vms,
	[STUB_STAT_PARCELS] = parcels,
	[STUB_STAT_SENDER_FAULTS] = sender_faults,
	[STUB_STAT_HOST_ABORTS] = host_aborts,
	[STUB_STAT_GIC_REFUSED] = gic_refused,
	[STUB_STAT_GUEST_ABORTS] = guest_aborts,
	[STUB_STAT_GUEST_RESERVE] = guest_reserve_used,
	[STUB_STAT_GUEST_RESERVE_PROMISED] = guest_reserve_promised,
	[STUB_STAT_GUEST_RESERVE_ALL] = guest_reserve_all,
	[STUB_STAT_RECORDS] = records_used,
	[STUB_STAT_RECORDS_ALL] = records_all,
	[STUB_STAT_HOST_PAGES] = host_pages,
};

/* (index) -> value */
int hcall_test_stat(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	if (args[0] >= ARRAY_SIZE(stats) || !stats[args[0]])
		return GUNYAH_ERR_ARGUMENT_INVALID;
	results[0] = stats[args[0]]();
	return GUNYAH_ERR_OK;
}

/* (position, buffer, size) -> next position, bytes */
int hcall_test_log(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	static char data[PAGE_SIZE];	/* under the stub's lock */
	struct caller_buf buf;
	u64 pos = args[0];
	size_t n;
	int err;

	if (!args[2] || args[2] > sizeof(data))
		return GUNYAH_ERR_ARGUMENT_SIZE;
	err = caller_buf_get(caller, args[1], args[2], true, &buf);
	if (err)
		return err;

	/* The buffer is written as a whole: what the log does not fill is zero */
	n = printk_read(&pos, data, args[2]);
	for (size_t i = n; i < args[2]; i++)
		data[i] = 0;
	caller_buf_write(&buf, data);
	results[0] = pos;
	results[1] = n;
	return GUNYAH_ERR_OK;
}

/**
 * struct failure - what is to go wrong
 * @num: hypercall
 * @err: its error word
 * @pass: calls that do not fail before
 * @count: calls that fail then, 0: entry is free
 */
struct failure {
	u32 num;
	int err;
	u64 pass;
	u64 count;
};

static struct failure failures[8];

static struct failure *find_failure(u32 num, bool or_free)
{
	struct failure *f;

	for (f = failures; f < failures + ARRAY_SIZE(failures); f++)
		if (f->count && f->num == num)
			return f;
	for (f = failures; or_free && f < failures + ARRAY_SIZE(failures); f++)
		if (!f->count)
			return f;
	return NULL;
}

bool hcall_test_fails(u32 num, int *err)
{
	struct failure *f = find_failure(num, false);

	if (!f)
		return false;
	if (f->pass) {
		f->pass--;
		return false;
	}
	f->count--;
	*err = f->err;
	return true;
}

/* (hypercall number, error word, calls to let pass, calls that then fail) */
int hcall_test_fail_call(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct failure *f;

	if (args[0] >= STUB_TEST_BASE)
		return GUNYAH_ERR_ARGUMENT_INVALID;
	f = find_failure(args[0], true);
	if (!f)
		return GUNYAH_ERR_NORESOURCES;
	*f = (struct failure){
		.num = args[0], .err = (int)args[1], .pass = args[2], .count = args[3],
	};
	return GUNYAH_ERR_OK;
}
