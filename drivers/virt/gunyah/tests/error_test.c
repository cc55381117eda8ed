// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every error word of the tables, typed by hand from them (hypercall 1.4, rm-rpc
 * 1.5), and those around: names, errnos; interrupt numbers (rm-rpc 5).
 */
#include <kunit/test.h>

#include "../hypercall.h"
#include "../rm.h"
#include "../rm_virq.h"

struct error_case {
	u32 error;
	const char *name;
	int err;
};

static const struct error_case hypercall_cases[] = {
	{ 0, "OK", 0 },
	{ -1, "UNIMPLEMENTED", -EOPNOTSUPP },
	{ -2, "RETRY", -EAGAIN },
	{ -3, "unknown", -EINVAL },
	{ 1, "ARGUMENT_INVALID", -EINVAL },
	{ 2, "ARGUMENT_SIZE", -EINVAL },
	{ 3, "ARGUMENT_ALIGNMENT", -EINVAL },
	{ 4, "unknown", -EINVAL },
	{ 9, "unknown", -EINVAL },
	{ 10, "NOMEM", -ENOMEM },
	{ 11, "NORESOURCES", -EINVAL },
	{ 20, "ADDR_OVERFLOW", -EINVAL },
	{ 21, "ADDR_UNDERFLOW", -EINVAL },
	{ 22, "ADDR_INVALID", -EINVAL },
	{ 30, "DENIED", -EACCES },
	{ 31, "BUSY", -EBUSY },
	{ 32, "IDLE", -EBUSY },
	{ 33, "OBJECT_STATE", -EINVAL },
	{ 34, "OBJECT_CONFIG", -EINVAL },
	{ 35, "OBJECT_CONFIGURED", -EINVAL },
	{ 36, "FAILURE", -EINVAL },
	{ 40, "VIRQ_BOUND", -EIO },
	{ 41, "VIRQ_NOT_BOUND", -EIO },
	{ 50, "CSPACE_CAP_NULL", -EACCES },
	{ 51, "CSPACE_CAP_REVOKED", -EACCES },
	{ 52, "CSPACE_WRONG_OBJECT_TYPE", -EACCES },
	{ 53, "CSPACE_INSUFFICIENT_RIGHTS", -EACCES },
	{ 54, "CSPACE_FULL", -EBUSY },
	{ 60, "MSGQUEUE_EMPTY", -EIO },
	{ 61, "MSGQUEUE_FULL", -EIO },
	{ 62, "unknown", -EINVAL },
	{ 90, "unknown", -EINVAL },
	{ 100, "ALLOCATOR_RANGE_OVERLAPPING", -EINVAL },
	{ 101, "ALLOCATOR_MEM_INUSE", -EINVAL },
	{ 110, "MEMDB_EMPTY", -EINVAL },
	{ 111, "MEMDB_NOT_OWNER", -EINVAL },
	{ 120, "MEMEXTENT_MAPPINGS_FULL", -EINVAL },
	{ 121, "MEMEXTENT_TYPE", -EINVAL },
	{ 200, "EXISTING_MAPPING", -EINVAL },
	{ 201, "unknown", -EINVAL },
	{ 0x7fffffff, "unknown", -EINVAL },
	{ 0x80000000, "unknown", -EINVAL },
};

static const struct error_case rm_cases[] = {
	{ 0, "OK", 0 },
	{ 0xffffffff, "UNIMPLEMENTED", -EOPNOTSUPP },
	{ 0xfffffffe, "unknown", -EBADMSG },
	{ 1, "NOMEM", -ENOMEM },
	{ 2, "NORESOURCE", -ENODEV },
	{ 3, "DENIED", -EPERM },
	{ 4, "MSG_INVALID", -EINVAL },
	{ 5, "BUSY", -EBUSY },
	{ 6, "ARGUMENT_INVALID", -EINVAL },
	{ 7, "HANDLE_INVALID", -EINVAL },
	{ 8, "VALIDATE_FAILED", -EINVAL },
	{ 9, "MAP_FAILED", -EINVAL },
	{ 0xa, "MEM_INVALID", -EINVAL },
	{ 0xb, "MEM_INUSE", -EINVAL },
	{ 0xc, "MEM_RELEASED", -EINVAL },
	{ 0xd, "VMID_INVALID", -EINVAL },
	{ 0xe, "LOOKUP_FAILED", -EINVAL },
	{ 0xf, "IRQ_INVALID", -EINVAL },
	{ 0x10, "IRQ_INUSE", -EINVAL },
	{ 0x11, "IRQ_RELEASED", -EINVAL },
	{ 0x12, "IN_USE", -EBADMSG },
	{ 0x13, "IRQ_NOT_MAPPED", -EBADMSG },
	{ 0x14, "VM_STATE", -EBADMSG },
	{ 0x15, "unknown", -EBADMSG },
	{ 0x80000000, "unknown", -EBADMSG },
};

static void error_case_desc(const struct error_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "0x%x", c->error);
}

KUNIT_ARRAY_PARAM(hypercall, hypercall_cases, error_case_desc);
KUNIT_ARRAY_PARAM(rm, rm_cases, error_case_desc);

static void error_test_hypercall(struct kunit *test)
{
	const struct error_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, gunyah_error_to_errno(c->error), c->err);
	KUNIT_EXPECT_STREQ(test, gunyah_error_name(c->error), c->name);
}

static void error_test_rm(struct kunit *test)
{
	const struct error_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, gunyah_rm_error_to_errno(c->error), c->err);
	KUNIT_EXPECT_STREQ(test, gunyah_rm_error_name(c->error), c->name);
}

static void error_test_msg_names(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, gunyah_rm_msg_name(0x51000012), "MEM_LEND");
	KUNIT_EXPECT_STREQ(test, gunyah_rm_msg_name(0x56000004), "VM_START");
	KUNIT_EXPECT_STREQ(test, gunyah_rm_msg_name(0), "message");
}

struct virq_case {
	u32 virq;
	int ret;
	u32 class;
	u32 number;
};

static const struct virq_case virq_cases[] = {
	{ 0, -EINVAL }, { 31, -EINVAL },
	{ 32, 0, 0, 0 }, { 960, 0, 0, 928 }, { 1019, 0, 0, 987 },
	{ 1020, -EINVAL }, { 4095, -EINVAL },
	{ 4096, 0, 2, 0 }, { 5119, 0, 2, 1023 },
	{ 5120, -EINVAL }, { 0xffffffff, -EINVAL },
};

static void virq_case_desc(const struct virq_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", c->virq);
}

KUNIT_ARRAY_PARAM(virq, virq_cases, virq_case_desc);

static void error_test_virq(struct kunit *test)
{
	const struct virq_case *c = test->param_value;
	u32 cells[3] = {};

	KUNIT_ASSERT_EQ(test, gunyah_rm_virq_to_cells(c->virq, cells), c->ret);
	KUNIT_EXPECT_EQ(test, cells[0], c->class);
	KUNIT_EXPECT_EQ(test, cells[1], c->number);
	KUNIT_EXPECT_EQ(test, cells[2], c->ret ? 0 : 1);	/* edge, rising */
}

static struct kunit_case error_test_cases[] = {
	KUNIT_CASE_PARAM(error_test_hypercall, hypercall_gen_params),
	KUNIT_CASE_PARAM(error_test_rm, rm_gen_params),
	KUNIT_CASE(error_test_msg_names),
	KUNIT_CASE_PARAM(error_test_virq, virq_gen_params),
	{}
};

static struct kunit_suite error_test_suite = {
	.name = "gunyah-errors",
	.test_cases = error_test_cases,
};

kunit_test_suite(error_test_suite);
