// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lives of VMs on a model of the open Resource Manager: each message of a life fails in
 * each way, and in the end nothing may be left that could have been returned, no page be
 * given back that the RM still has, and the RM be alive.
 */
#include <kunit/test.h>

#include <linux/gunyah/abi/hypercall.h>

#include "vm_fixture.h"

#define STATE(name)	GUNYAH_RM_VM_STATE_##name

static void vm_test_states(struct kunit *test)
{
	/* ABI tables, rm-rpc 3; and what a lost notification or a wrong guess adds */
	static const u8 edges[][2] = {
		{ STATE(NONE), STATE(LOAD) }, { STATE(LOAD), STATE(AUTH) },
		{ STATE(LOAD), STATE(INIT) }, { STATE(AUTH), STATE(INIT) },
		{ STATE(INIT), STATE(READY) }, { STATE(READY), STATE(RUNNING) },
		{ STATE(PAUSED), STATE(RUNNING) }, { STATE(RUNNING), STATE(PAUSED) },
		{ STATE(RUNNING), STATE(EXITED) }, { STATE(PAUSED), STATE(EXITED) },
		{ STATE(INIT), STATE(INIT_FAILED) }, { STATE(READY), STATE(INIT_FAILED) },
		{ STATE(LOAD), STATE(INIT_FAILED) }, { STATE(AUTH), STATE(INIT_FAILED) },
		{ STATE(EXITED), STATE(RESETTING) }, { STATE(READY), STATE(RESETTING) },
		{ STATE(INIT_FAILED), STATE(RESETTING) },
		{ STATE(RESETTING), STATE(RESET) }, { STATE(RESETTING), STATE(RESET_FAILED) },
		{ STATE(EXITED), STATE(RESET) }, { STATE(READY), STATE(RESET) },
		{ STATE(INIT_FAILED), STATE(RESET) }, { STATE(EXITED), STATE(RESET_FAILED) },
		{ STATE(READY), STATE(RESET_FAILED) },
		{ STATE(INIT_FAILED), STATE(RESET_FAILED) },
		{ STATE(INIT_FAILED), STATE(INIT) }, { STATE(INIT_FAILED), STATE(AUTH) },
	};
	int from, to, i;
	bool found;

	for (from = 0; from < 256; from++) {
		for (to = 0; to < 256; to++) {
			for (found = false, i = 0; i < ARRAY_SIZE(edges); i++)
				found |= edges[i][0] == from && edges[i][1] == to;
			KUNIT_EXPECT_EQ_MSG(test, gunyah_vm_state_follows(from, to), found,
					    "%d -> %d", from, to);
		}
	}
}

static void vm_test_never_started(struct kunit *test)
{
	struct vm_test *t = test->priv;

	vm_test_setup(t);
	vm_test_put(t);
	KUNIT_EXPECT_EQ(test, t->model.logged, 0);
	KUNIT_EXPECT_EQ(test, t->released, 1);
	vm_test_expect_nothing_left(test);
}

static void vm_test_life(struct kunit *test)
{
	static const u32 messages[] = {
		GUNYAH_RM_VM_ALLOCATE, GUNYAH_RM_MEM_LEND, GUNYAH_RM_VM_CONFIG_IMAGE,
		GUNYAH_RM_VM_INIT, GUNYAH_RM_VM_GET_HYP_RESOURCES, GUNYAH_RM_VM_START,
		GUNYAH_RM_VM_STOP, GUNYAH_RM_VM_RESET, GUNYAH_RM_MEM_RECLAIM,
		GUNYAH_RM_VM_DEALLOCATE,
	};
	struct vm_test *t = test->priv;

	vm_test_setup(t);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_life(t->vm), GUNYAH_VM_RUNNING);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.image_offset), 0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.dtb_offset), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.dtb_size), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t->model.label[0], 0);
	vm_test_put(t);
	KUNIT_ASSERT_EQ(test, t->model.logged, ARRAY_SIZE(messages));
	KUNIT_EXPECT_MEMEQ(test, t->model.log, messages, sizeof(messages));
	vm_test_expect_nothing_left(test);
}

/* The guest powers off, maybe in the moment in which it is to be stopped */
static void vm_test_exits(struct kunit *test)
{
	struct vm_test *t = test->priv;
	struct gunyah_vm_exit exit;

	vm_test_setup(t);
	KUNIT_ASSERT_EQ(test, gunyah_vm_start(t->vm), 0);
	model_rm_notify_exit(&t->model, GUNYAH_RM_EXIT_PSCI_RESET2, 0x12345678);
	KUNIT_ASSERT_EQ(test, gunyah_vm_exit_get(t->vm, &exit), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_life(t->vm), GUNYAH_VM_EXITED);
	KUNIT_EXPECT_TRUE(test, exit.known);
	KUNIT_EXPECT_EQ(test, exit.info.type, GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET2);
	KUNIT_EXPECT_EQ(test, exit.info.reason_size, 4);
	KUNIT_EXPECT_EQ(test, exit.info.reason[0], 0x78);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -ENODEV);
	vm_test_put(t);
	KUNIT_EXPECT_EQ(test, model_rm_count(&t->model, GUNYAH_RM_VM_STOP), 0);
	vm_test_expect_nothing_left(test);

	t->model.exits = true;
	vm_test_setup(t);
	KUNIT_ASSERT_EQ(test, gunyah_vm_start(t->vm), 0);
	vm_test_put(t);
	KUNIT_EXPECT_EQ(test, model_rm_count(&t->model, GUNYAH_RM_VM_STOP), 1);
	vm_test_expect_nothing_left(test);
}

/* The second fault is for what a failed start does to clean up */
struct fault_case {
	u32 msg_id;
	enum model_fault fault;
	int err;	/* of the start */
	bool keeps_vm;	/* the open RM cannot take it back */
	bool keeps_mem;
	u32 then_msg_id;
	enum model_fault then_fault;
	bool mute_reset;
};

static const struct fault_case fault_cases[] = {
	{ GUNYAH_RM_VM_ALLOCATE, MODEL_FAILS, -ENODEV },
	{ GUNYAH_RM_VM_ALLOCATE, MODEL_LOST, -ETIMEDOUT },
	/* nobody knows that id */
	{ GUNYAH_RM_VM_ALLOCATE, MODEL_SILENT, -ETIMEDOUT, true },
	{ GUNYAH_RM_MEM_LEND, MODEL_FAILS, -EINVAL },
	{ GUNYAH_RM_MEM_LEND, MODEL_REFUSES, -ENOMEM },
	{ GUNYAH_RM_MEM_LEND, MODEL_LOST, -ETIMEDOUT, .keeps_mem = true },
	{ GUNYAH_RM_MEM_LEND, MODEL_SILENT, -ETIMEDOUT, .keeps_mem = true },
	/* INIT_FAILED without configuration: no way out of it */
	{ GUNYAH_RM_VM_CONFIG_IMAGE, MODEL_FAILS, -EINVAL, .keeps_vm = true },
	{ GUNYAH_RM_VM_CONFIG_IMAGE, MODEL_REFUSES, -ENOMEM },
	{ GUNYAH_RM_VM_CONFIG_IMAGE, MODEL_LOST, -ETIMEDOUT },
	{ GUNYAH_RM_VM_CONFIG_IMAGE, MODEL_SILENT, -ETIMEDOUT },
	{ GUNYAH_RM_VM_INIT, MODEL_FAILS, -EINVAL },
	{ GUNYAH_RM_VM_INIT, MODEL_REFUSES, -ENOMEM },
	{ GUNYAH_RM_VM_INIT, MODEL_LOST, -ETIMEDOUT },
	{ GUNYAH_RM_VM_INIT, MODEL_SILENT, -ETIMEDOUT },
	{ GUNYAH_RM_VM_GET_HYP_RESOURCES, MODEL_FAILS, -ENODEV },
	{ GUNYAH_RM_VM_GET_HYP_RESOURCES, MODEL_SILENT, -ETIMEDOUT },
	{ GUNYAH_RM_VM_START, MODEL_FAILS, -ENODEV },
	{ GUNYAH_RM_VM_START, MODEL_REFUSES, -ENOMEM },
	{ GUNYAH_RM_VM_START, MODEL_LOST, -ETIMEDOUT },
	{ GUNYAH_RM_VM_START, MODEL_SILENT, -ETIMEDOUT },
	{ GUNYAH_RM_VM_STOP, MODEL_REFUSES, 0 },
	{ GUNYAH_RM_VM_STOP, MODEL_SILENT, 0 },
	{ GUNYAH_RM_VM_RESET, MODEL_SILENT, 0 },
	{ GUNYAH_RM_VM_RESET, MODEL_REFUSES, 0 },
	{ GUNYAH_RM_VM_RESET, MODEL_FAILS, 0, true, true },
	{ GUNYAH_RM_MEM_RECLAIM, MODEL_REFUSES, 0 },
	{ GUNYAH_RM_MEM_RECLAIM, MODEL_FAILS, 0 },
	{ GUNYAH_RM_MEM_RECLAIM, MODEL_SILENT, 0, .keeps_mem = true },
	{ GUNYAH_RM_VM_DEALLOCATE, MODEL_REFUSES, 0 },
	{ GUNYAH_RM_VM_DEALLOCATE, MODEL_FAILS, 0, .keeps_vm = true },
	{ GUNYAH_RM_VM_DEALLOCATE, MODEL_SILENT, 0 },
	/* what the open RM survives only once */
	{ GUNYAH_RM_VM_START, MODEL_FAILS, -ENODEV, .then_msg_id = GUNYAH_RM_VM_DEALLOCATE,
	  .then_fault = MODEL_SILENT },
	{ GUNYAH_RM_VM_START, MODEL_FAILS, -ENODEV, .then_msg_id = GUNYAH_RM_VM_RESET,
	  .then_fault = MODEL_SILENT, .mute_reset = true },
	{ GUNYAH_RM_VM_START, MODEL_FAILS, -ENODEV, true, true,
	  .then_msg_id = GUNYAH_RM_VM_RESET, .then_fault = MODEL_LOST },
	/* what the close tries again */
	{ GUNYAH_RM_VM_START, MODEL_FAILS, -ENODEV, .then_msg_id = GUNYAH_RM_VM_RESET,
	  .then_fault = MODEL_FAILS },
	{ GUNYAH_RM_VM_INIT, MODEL_REFUSES, -ENOMEM, .then_msg_id = GUNYAH_RM_VM_INIT,
	  .then_fault = MODEL_LOST },
	{ GUNYAH_RM_VM_START, MODEL_FAILS, -ENODEV, .then_msg_id = GUNYAH_RM_VM_DEALLOCATE,
	  .then_fault = MODEL_FAILS },
};

static void fault_case_name(const struct fault_case *c, char *name)
{
	static const char * const faults[] = {
		[MODEL_FAILS] = "fails",
		[MODEL_REFUSES] = "refused",
		[MODEL_SILENT] = "silent",
		[MODEL_LOST] = "lost",
	};

	if (!c->then_msg_id)
		snprintf(name, KUNIT_PARAM_DESC_SIZE, "0x%08x %s", c->msg_id, faults[c->fault]);
	else
		snprintf(name, KUNIT_PARAM_DESC_SIZE, "0x%08x %s, 0x%08x %s", c->msg_id,
			 faults[c->fault], c->then_msg_id, faults[c->then_fault]);
}

KUNIT_ARRAY_PARAM(fault, fault_cases, fault_case_name);

/* What must hold whatever happens */
static void expect_safe(struct kunit *test)
{
	struct vm_test *t = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, t->model.killed, 0, "killed by 0x%08x", t->model.killed);
	KUNIT_EXPECT_EQ(test, t->released, 1);
	if (t->model.held)
		KUNIT_EXPECT_EQ_MSG(test, t->lost, RAM_PAGES,
				    "pages given back that the RM has");
}

static void expect_failed(struct kunit *test, const struct fault_case *c)
{
	struct vm_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, gunyah_vm_life(t->vm), GUNYAH_VM_LOAD_FAILED);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -ENODEV);
	if (c->then_msg_id)
		return;
	KUNIT_EXPECT_EQ_MSG(test, !!t->model.state, c->keeps_vm, "after the failed start");
	if (!c->keeps_mem)
		KUNIT_EXPECT_EQ(test, t->model.held, 0);
}

/* @late: the notifications have been handled when the VM is closed, not before */
static void run_fault(struct kunit *test, const struct fault_case *c, bool late)
{
	struct vm_test *t = test->priv;

	t->model = (struct model_rm){
		.test = test,
		.rpc = &t->rm->rpc,
		.faults = { { c->msg_id, c->fault }, { c->then_msg_id, c->then_fault } },
		.mute_reset = c->mute_reset,
	};
	vm_test_setup(t);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), c->err);
	if (c->err && c->msg_id != GUNYAH_RM_VM_ALLOCATE)
		expect_failed(test, c);
	if (late)
		flush_workqueue(t->rm->events);
	vm_test_put(t);

	expect_safe(test);
	KUNIT_EXPECT_EQ(test, !!t->model.state, c->keeps_vm);
	KUNIT_EXPECT_EQ(test, !!t->lost, c->keeps_mem);
}

static void vm_test_fault(struct kunit *test)
{
	run_fault(test, test->param_value, false);
	run_fault(test, test->param_value, true);
}

/* An RM that only says RESET: everything else has to be known from its replies */
static void vm_test_mute(struct kunit *test)
{
	struct vm_test *t = test->priv;

	t->model.mute = true;
	vm_test_setup(t);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);

	vm_test_setup(t);
	t->model.faults[0].msg_id = GUNYAH_RM_VM_INIT;
	t->model.faults[0].fault = MODEL_FAILS;
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -EINVAL);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);
}

/* If ALLOCATE fails nothing has happened: the next attempt may succeed */
static void vm_test_start_again(struct kunit *test)
{
	struct vm_test *t = test->priv;

	vm_test_setup(t);
	t->model.faults[0].msg_id = GUNYAH_RM_VM_ALLOCATE;
	t->model.faults[0].fault = MODEL_FAILS;
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -ENODEV);
	KUNIT_EXPECT_EQ(test, gunyah_vm_life(t->vm), GUNYAH_VM_NOT_STARTED);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);
}

static void vm_test_no_dtb(struct kunit *test)
{
	struct vm_test *t = test->priv;

	vm_test_setup(t);
	t->vm->dtb.size = 0;
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -EINVAL);
	vm_test_set_dtb(t, RAM_GFN + RAM_PAGES);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -ENOENT);
	vm_test_set_dtb(t, RAM_GFN + RAM_PAGES - 1);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);
}

/*
 * Ranges that touch the image's, of its kind, are one parcel; PC stays at the beginning
 * of the range with the device tree.  Others keep their labels, in the order of guest
 * addresses.
 */
static void vm_test_parcels(struct kunit *test)
{
	struct vm_test *t = test->priv;

	vm_test_setup(t);
	vm_test_add_range(t, RAM_GFN - RAM_PAGES, RAM_PAGES, 6, GUNYAH_MEM_LEND);
	vm_test_add_range(t, RAM_GFN + RAM_PAGES, RAM_PAGES, 7, GUNYAH_MEM_LEND);
	vm_test_add_range(t, RAM_GFN + 2 * RAM_PAGES, RAM_PAGES, 8, GUNYAH_MEM_SHARE);
	vm_test_add_range(t, RAM_GFN - 3 * RAM_PAGES, RAM_PAGES, 9, GUNYAH_MEM_LEND);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);

	KUNIT_ASSERT_EQ(test, t->model.handles, 3);
	KUNIT_EXPECT_EQ(test, t->model.label[0], 9);
	KUNIT_EXPECT_EQ(test, t->model.label[1], 0);
	KUNIT_EXPECT_EQ(test, t->model.label[2], 8);
	KUNIT_EXPECT_EQ(test, t->model.entries[0], 1);
	KUNIT_EXPECT_EQ(test, t->model.entries[1], 3);
	KUNIT_EXPECT_EQ(test, t->model.entries[2], 1);
	KUNIT_EXPECT_EQ(test, model_rm_count(&t->model, GUNYAH_RM_MEM_SHARE), 1);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->model.config.mem_handle), 1);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.image_offset), RAM_PAGES * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.dtb_offset),
			(RAM_PAGES + 1) * PAGE_SIZE);
	vm_test_put(t);
	KUNIT_EXPECT_EQ(test, t->released, 5);
	vm_test_expect_nothing_left(test);
}

/* Registers of an RM that knows no boot context: only what they would be anyway */
static void vm_test_boot_context(struct kunit *test)
{
	static const struct {
		u32 reg;
		u64 value;
		int err;
	} cases[] = {
		{ 0x100, RAM_GFN << PAGE_SHIFT, 0 },
		{ 0x100, (RAM_GFN + 1) << PAGE_SHIFT, -ENOTTY },
		{ 0x000, (RAM_GFN + 1) << PAGE_SHIFT, 0 },
		{ 0x000, RAM_GFN << PAGE_SHIFT, -ENOTTY },
		{ 0x001, 0, 0 },
		{ 0x01f, 1, -ENOTTY },
		{ 0x200, 0, -ENOTTY },
		{ 0x020, 0, -EINVAL },
		{ 0x101, 0, -EINVAL },
		{ 0x203, 0, -EINVAL },
		{ 0x300, 0, -EINVAL },
		{ 0x10100, 0, -EINVAL },
		{ 0xffffffff, 0, -EINVAL },
	};
	struct gunyah_vm_boot_context ctx = {};
	struct vm_test *t = test->priv;
	int i;

	vm_test_setup(t);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ctx.reg = cases[i].reg;
		ctx.value = cases[i].value;
		KUNIT_EXPECT_EQ_MSG(test, gunyah_vm_set_boot_context(t->vm, &ctx), cases[i].err,
				    "case %d", i);
	}
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_boot_context(t->vm, &ctx), -EINVAL);
	ctx.reg = 0x100;
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_boot_context(t->vm, &ctx), -EINVAL);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);
}

/* Set before the device tree is known, it is judged by the start, which changes nothing */
static void vm_test_boot_context_early(struct kunit *test)
{
	struct gunyah_vm_boot_context ctx = { .reg = 0x100, .value = 0x1234000 };
	struct vm_test *t = test->priv;

	vm_test_setup(t);
	t->vm->dtb.size = 0;
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_boot_context(t->vm, &ctx), 0);
	vm_test_set_dtb(t, RAM_GFN);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -ENOTTY);
	KUNIT_EXPECT_EQ(test, t->model.logged, 0);
	ctx.value = RAM_GFN << PAGE_SHIFT;
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_boot_context(t->vm, &ctx), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);
}

static void expect_range(struct kunit *test, int i, u64 gfn, u64 nr)
{
	struct vm_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.paging[i].ipa), gfn << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.paging[i].size), nr << PAGE_SHIFT);
}

/* Only the page of the device tree is a parcel (rm-rpc 6.4); PC and X0 are always set */
static void vm_test_paged(struct kunit *test)
{
	static const u32 messages[] = {
		GUNYAH_RM_VM_ALLOCATE, GUNYAH_RM_MEM_LEND, GUNYAH_RM_VM_CONFIG_IMAGE,
		GUNYAH_RM_VM_SET_DEMAND_PAGING, GUNYAH_RM_VM_SET_ADDRESS_LAYOUT,
		GUNYAH_RM_VM_INIT, GUNYAH_RM_VM_GET_HYP_RESOURCES,
		GUNYAH_RM_VM_SET_BOOT_CONTEXT, GUNYAH_RM_VM_SET_BOOT_CONTEXT,
		GUNYAH_RM_VM_START, GUNYAH_RM_VM_STOP, GUNYAH_RM_VM_RESET,
		GUNYAH_RM_MEM_RECLAIM, GUNYAH_RM_VM_DEALLOCATE,
	};
	struct vm_test *t = test->priv;

	vm_test_paged_setup(t);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	KUNIT_EXPECT_EQ(test, t->populated, 1);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.image_offset), 0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.dtb_offset), 0);
	KUNIT_ASSERT_EQ(test, t->model.n_paging, 3);
	expect_range(test, 0, RAM_GFN, 1);
	expect_range(test, 1, RAM_GFN + 2, 2 * RAM_PAGES - 2);
	expect_range(test, 2, RAM_GFN + 4 * RAM_PAGES, RAM_PAGES);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.layout[0].base), (RAM_GFN + 1) << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.layout[0].size), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t->model.context[0].reg_set, GUNYAH_REGSET_X);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.context[0].value), (RAM_GFN + 1) << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, t->model.context[1].reg_set, GUNYAH_REGSET_PC);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.context[1].value), RAM_GFN << PAGE_SHIFT);
	KUNIT_EXPECT_TRUE(test, t->vm->mem.is_protected);
	KUNIT_EXPECT_EQ(test, t->vm->mem.extents.addrspace, 104);
	KUNIT_EXPECT_EQ(test, t->vm->mem.extents.extent[3], 103);
	KUNIT_EXPECT_EQ(test, gunyah_mem_hold(&t->vm->mem, RAM_GFN + 1), GUNYAH_HOLD_GUEST);
	vm_test_put(t);
	KUNIT_ASSERT_EQ(test, t->model.logged, ARRAY_SIZE(messages));
	KUNIT_EXPECT_MEMEQ(test, t->model.log, messages, sizeof(messages));
	vm_test_expect_nothing_left(test);
}

static void vm_test_paged_faults(struct kunit *test)
{
	static const u32 fails[] = {
		GUNYAH_RM_VM_SET_DEMAND_PAGING, GUNYAH_RM_VM_SET_ADDRESS_LAYOUT,
		GUNYAH_RM_VM_SET_BOOT_CONTEXT,
	};
	struct vm_test *t = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(fails); i++) {
		t->model.faults[0].msg_id = fails[i];
		t->model.faults[0].fault = MODEL_FAILS;
		vm_test_paged_setup(t);
		KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -EINVAL);
		vm_test_put(t);
		vm_test_expect_nothing_left(test);
	}
	/* A capability is missing: no page could ever be given */
	vm_test_paged_setup(t);
	t->model.extents = MODEL_EXTENTS - 1;
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -ENODEV);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);
}

static struct kunit_case vm_test_cases[] = {
	KUNIT_CASE(vm_test_states),
	KUNIT_CASE(vm_test_never_started),
	KUNIT_CASE(vm_test_life),
	KUNIT_CASE(vm_test_exits),
	KUNIT_CASE_PARAM(vm_test_fault, fault_gen_params),
	KUNIT_CASE(vm_test_mute),
	KUNIT_CASE(vm_test_start_again),
	KUNIT_CASE(vm_test_no_dtb),
	KUNIT_CASE(vm_test_parcels),
	KUNIT_CASE(vm_test_boot_context),
	KUNIT_CASE(vm_test_boot_context_early),
	KUNIT_CASE(vm_test_paged),
	KUNIT_CASE(vm_test_paged_faults),
	{}
};

static struct kunit_suite vm_test_suite = {
	.name = "gunyah-vm",
	.init = vm_test_init,
	.exit = vm_test_exit,
	.test_cases = vm_test_cases,
};

kunit_test_suite(vm_test_suite);
