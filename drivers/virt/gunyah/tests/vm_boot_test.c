// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts of VMs with firmware and of VMs that are authenticated: what the RM is told,
 * what is refused before it hears anything, that each step that fails undoes all, and
 * the words for the log.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>

#include <linux/gunyah/abi/hypercall.h>

#include "../auth.h"
#include "../vm_boot.h"
#include "vm_fixture.h"

#define FW_PAGES	16
#define FW_GFN		(RAM_GFN - FW_PAGES)
#define FIXED_VMID	0x1c
#define PAS_ID		0x1234

static int set_firmware(struct vm_test *t, u64 gfn, u64 nr)
{
	struct gunyah_vm_firmware_config cfg = {
		.guest_phys_addr = gfn << PAGE_SHIFT, .size = nr << PAGE_SHIFT,
	};

	return gunyah_vm_set_firmware(t->vm, &cfg);
}

/* A manager as the module of trusted VMs is one; the module itself need not be there */
#define TEST_AUTH_TYPE	77

static int test_plan(const void *arg, struct gunyah_auth_plan *plan)
{
	if (*(const u32 *)arg)
		return -EOVERFLOW;
	plan->vmid = FIXED_VMID;
	plan->rm_auth = GUNYAH_RM_AUTH_PLATFORM;
	plan->image_gpa = (RAM_GFN + 4) << PAGE_SHIFT;
	plan->image_size = 3 * PAGE_SIZE;
	plan->metadata_size = 2 * PAGE_SIZE;
	plan->nr_params = 1;
	plan->params[0].type = 5;
	plan->params[0].value = PAS_ID;
	return 0;
}

static const struct gunyah_auth_manager test_manager = {
	.type = TEST_AUTH_TYPE,
	.arg_size = sizeof(u32),
	.owner = THIS_MODULE,
	.plan = test_plan,
};

static int set_test_auth(struct vm_test *t)
{
	u32 arg = 0;

	return gunyah_vm_set_auth(t->vm, TEST_AUTH_TYPE, &arg, sizeof(arg));
}

static int boot_test_init(struct kunit *test)
{
	int err = vm_test_init(test);

	return err ?: gunyah_auth_manager_register(&test_manager);
}

static void boot_test_exit(struct kunit *test)
{
	gunyah_auth_manager_unregister(&test_manager);
	vm_test_exit(test);
}

static void expect_log(struct kunit *test, const u32 *messages, int n)
{
	struct vm_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, t->model.logged, n);
	KUNIT_EXPECT_MEMEQ(test, t->model.log, messages, n * sizeof(*messages));
}

static void expect_paging(struct kunit *test, int i, u64 gfn, u64 nr)
{
	struct vm_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.paging[i].ipa), gfn << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.paging[i].size), nr << PAGE_SHIFT);
}

static void expect_layout(struct kunit *test, u32 id, u64 gfn, u64 nr)
{
	struct vm_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.layout[id].base), gfn << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.layout[id].size), nr << PAGE_SHIFT);
}

/* A protected VM whose memory comes on demand: a parcel for the tree, one for the firmware */
static void boot_test_firmware_paged(struct kunit *test)
{
	static const u32 messages[] = {
		GUNYAH_RM_VM_ALLOCATE, GUNYAH_RM_MEM_LEND, GUNYAH_RM_MEM_LEND,
		GUNYAH_RM_VM_CONFIG_IMAGE, GUNYAH_RM_VM_SET_FIRMWARE_MEM,
		GUNYAH_RM_VM_SET_DEMAND_PAGING, GUNYAH_RM_VM_SET_ADDRESS_LAYOUT,
		GUNYAH_RM_VM_SET_ADDRESS_LAYOUT, GUNYAH_RM_VM_INIT,
		GUNYAH_RM_VM_GET_HYP_RESOURCES, GUNYAH_RM_VM_START, GUNYAH_RM_VM_STOP,
		GUNYAH_RM_VM_RESET, GUNYAH_RM_MEM_RECLAIM, GUNYAH_RM_MEM_RECLAIM,
		GUNYAH_RM_VM_DEALLOCATE,
	};
	struct gunyah_vm_boot_context ctx = { .reg = 0x100, .value = 0x1234 };
	struct vm_test *t = test->priv;

	vm_test_paged_setup(t);
	vm_test_add_range(t, FW_GFN - 4, FW_PAGES + 4, 9, GUNYAH_MEM_LEND);
	KUNIT_EXPECT_EQ(test, set_firmware(t, FW_GFN, FW_PAGES), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_boot_context(t->vm, &ctx), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	KUNIT_EXPECT_EQ(test, t->populated, 1 + FW_PAGES);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(t->model.config.auth), 2);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->model.config.mem_handle), 1);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.image_offset), 0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.dtb_offset), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->model.firmware.mem_handle), 0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.firmware.offset), 0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.firmware.size), FW_PAGES << PAGE_SHIFT);
	expect_layout(test, 0, RAM_GFN + 1, 1);
	expect_layout(test, 1, FW_GFN, FW_PAGES);
	KUNIT_ASSERT_EQ(test, t->model.n_paging, 4);
	expect_paging(test, 0, FW_GFN - 4, 4);
	expect_paging(test, 1, RAM_GFN, 1);
	expect_paging(test, 2, RAM_GFN + 2, 2 * RAM_PAGES - 2);
	expect_paging(test, 3, RAM_GFN + 4 * RAM_PAGES, RAM_PAGES);
	KUNIT_EXPECT_EQ(test, t->model.contexts, 0);
	KUNIT_EXPECT_EQ(test, set_firmware(t, FW_GFN, FW_PAGES), -EINVAL);
	vm_test_put(t);
	expect_log(test, messages, ARRAY_SIZE(messages));
	vm_test_expect_nothing_left(test);
}

/* Firmware right below RAM, with the same rights: RAM still begins where its parcel does */
static void boot_test_firmware_apart(struct kunit *test)
{
	struct vm_test *t = test->priv;

	vm_test_setup(t);
	vm_test_add_range(t, FW_GFN, FW_PAGES, 9, GUNYAH_MEM_LEND);
	KUNIT_EXPECT_EQ(test, set_firmware(t, FW_GFN + 1, 2), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	KUNIT_EXPECT_EQ(test, t->model.handles, 2);
	KUNIT_EXPECT_EQ(test, t->model.label[0], 9);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->model.config.mem_handle), 1);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.image_offset), 0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.dtb_offset), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->model.firmware.mem_handle), 0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.firmware.offset), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.firmware.size), 2 * PAGE_SIZE);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);
}

/* Firmware inside of RAM is part of its parcel */
static void boot_test_firmware_inside(struct kunit *test)
{
	struct vm_test *t = test->priv;

	vm_test_setup(t);
	KUNIT_EXPECT_EQ(test, set_firmware(t, RAM_GFN + 8, 2), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	KUNIT_EXPECT_EQ(test, t->model.handles, 1);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->model.firmware.mem_handle), 0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.firmware.offset), 8 * PAGE_SIZE);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);
}

static void boot_test_firmware_wrong(struct kunit *test)
{
	struct gunyah_vm_firmware_config cfg = { .guest_phys_addr = 1, .size = PAGE_SIZE };
	struct vm_test *t = test->priv;

	vm_test_setup(t);
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_firmware(t->vm, &cfg), -EINVAL);
	cfg = (struct gunyah_vm_firmware_config){ .guest_phys_addr = PAGE_SIZE, .size = 1 };
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_firmware(t->vm, &cfg), -EINVAL);
	cfg = (struct gunyah_vm_firmware_config){ .guest_phys_addr = PAGE_SIZE,
						  .size = 0 - (u64)PAGE_SIZE };
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_firmware(t->vm, &cfg), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -EINVAL);
	cfg.guest_phys_addr = 2 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_firmware(t->vm, &cfg), -EOVERFLOW);

	/* Not inside one range; where the tree is; then none at all */
	KUNIT_EXPECT_EQ(test, set_firmware(t, RAM_GFN + RAM_PAGES - 1, 2), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_firmware(t, RAM_GFN, 2), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -EINVAL);
	KUNIT_EXPECT_EQ(test, t->model.logged, 0);
	KUNIT_EXPECT_EQ(test, set_firmware(t, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(t->model.config.auth), 0);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);
}

/* The tree in page 1, the image in pages 4 to 6: one parcel of pages 1 to 6 */
static void boot_test_auth(struct kunit *test)
{
	static const u32 messages[] = {
		GUNYAH_RM_VM_ALLOCATE, GUNYAH_RM_MEM_LEND, GUNYAH_RM_VM_CONFIG_IMAGE,
		GUNYAH_RM_VM_AUTH_IMAGE, GUNYAH_RM_VM_SET_DEMAND_PAGING,
		GUNYAH_RM_VM_SET_ADDRESS_LAYOUT, GUNYAH_RM_VM_INIT,
		GUNYAH_RM_VM_GET_HYP_RESOURCES, GUNYAH_RM_VM_START, GUNYAH_RM_VM_STOP,
		GUNYAH_RM_VM_RESET, GUNYAH_RM_MEM_RECLAIM, GUNYAH_RM_VM_DEALLOCATE,
	};
	struct vm_test *t = test->priv;

	vm_test_paged_setup(t);
	KUNIT_EXPECT_EQ(test, set_test_auth(t), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	KUNIT_EXPECT_EQ(test, t->vm->vmid, FIXED_VMID);
	KUNIT_EXPECT_EQ(test, t->model.vmid, FIXED_VMID);
	KUNIT_EXPECT_EQ(test, t->populated, 6);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(t->model.config.auth), 1);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.image_offset), 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.image_size), 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(t->model.config.dtb_offset), 0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(t->model.auth.req.vmid), FIXED_VMID);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(t->model.auth.req.count), 1);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->model.auth.param.type), 5);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->model.auth.param.value), PAS_ID);
	expect_layout(test, 0, RAM_GFN + 1, 6);
	expect_paging(test, 0, RAM_GFN, 1);
	expect_paging(test, 1, RAM_GFN + 7, 2 * RAM_PAGES - 7);
	KUNIT_EXPECT_EQ(test, t->model.contexts, 0);
	KUNIT_EXPECT_EQ(test, set_test_auth(t), -EINVAL);
	vm_test_put(t);
	expect_log(test, messages, ARRAY_SIZE(messages));
	vm_test_expect_nothing_left(test);
}

static void boot_test_auth_wrong(struct kunit *test)
{
	struct vm_test *t = test->priv;
	u32 arg[2] = { 1 };

	vm_test_setup(t);
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_auth(t->vm, 78, arg, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_auth(t->vm, 0, arg, 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_auth(t->vm, TEST_AUTH_TYPE, arg, 8), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_auth(t->vm, TEST_AUTH_TYPE, arg, 4), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, gunyah_auth_manager_register(&test_manager), -EEXIST);
	KUNIT_EXPECT_FALSE(test, t->vm->has_auth);

	/* The image, pages 4 to 6, is not in the region of the tree */
	vm_test_add_range(t, RAM_GFN + 4 * RAM_PAGES, RAM_PAGES, 6, GUNYAH_MEM_LEND);
	vm_test_set_dtb(t, RAM_GFN + 4 * RAM_PAGES);
	KUNIT_EXPECT_EQ(test, set_test_auth(t), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), -EINVAL);
	KUNIT_EXPECT_EQ(test, t->model.logged, 0);

	/* Firmware's own manager, without firmware: for the RM to judge */
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_auth(t->vm, 0, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), 0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(t->model.config.auth), 2);
	vm_test_put(t);
	vm_test_expect_nothing_left(test);
}

/* Type 1, if its module is part of this kernel */
static void boot_test_qtvm(struct kunit *test)
{
	static const struct {
		struct gunyah_auth_qtvm_arg arg;
		int err;
	} cases[] = {
		{ { FIXED_VMID, 0xffff, PAS_ID, 0x80000000, 8192 }, 0 },
		{ { 0, 0, PAS_ID, 0x80000000, 8192 }, -EINVAL },
		{ { 0xffff, 0, PAS_ID, 0x80000000, 8192 }, -EINVAL },
		{ { FIXED_VMID, 0, PAS_ID, 0x80000800, 8192 }, -EINVAL },
		{ { FIXED_VMID, 0, PAS_ID, 0x80000000, 8191 }, -EINVAL },
		{ { FIXED_VMID, 0, PAS_ID, 0xfffffffffffff000, 8192 }, -EOVERFLOW },
	};
	struct gunyah_auth_plan plan;
	int i;

	if (!(gunyah_auth_types() & BIT(GUNYAH_AUTH_QCOM_TRUSTED_VM)))
		kunit_skip(test, "no gunyah_qtvm");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		plan = (struct gunyah_auth_plan){};
		KUNIT_EXPECT_EQ_MSG(test, gunyah_auth_make_plan(1, &cases[i].arg, 24, &plan),
				    cases[i].err, "case %d", i);
		KUNIT_EXPECT_EQ(test, !plan.rm_auth, !!cases[i].err);
	}
	KUNIT_EXPECT_EQ(test, gunyah_auth_make_plan(1, &cases[0].arg, 24, &plan), 0);
	KUNIT_EXPECT_EQ(test, plan.vmid, FIXED_VMID);
	KUNIT_EXPECT_EQ(test, plan.image_gpa, 0x80000000);
	KUNIT_EXPECT_EQ(test, plan.image_size, 8192);
	KUNIT_EXPECT_EQ(test, plan.metadata_size, 8192);
	KUNIT_EXPECT_EQ(test, plan.nr_params, 1);
	KUNIT_EXPECT_EQ(test, plan.params[0].value, PAS_ID);
}

struct boot_fault {
	u32 msg_id;
	enum model_fault fault;
	int err;
	bool keeps_mem;
	const char *text;	/* what the log says */
};

#define SAYS	"the Resource Manager says "
#define SILENCE	"the Resource Manager does not answer"

/* Of a VM that has firmware and is authenticated as well: all messages that there are */
static const struct boot_fault boot_faults[] = {
	{ GUNYAH_RM_VM_ALLOCATE, MODEL_FAILS, -ENODEV, .text = SAYS "NORESOURCE" },
	{ GUNYAH_RM_VM_ALLOCATE, MODEL_LOST, -ETIMEDOUT, .text = SILENCE },
	{ GUNYAH_RM_MEM_LEND, MODEL_FAILS, -EINVAL, .text = SAYS "MEM_INVALID" },
	{ GUNYAH_RM_MEM_LEND, MODEL_LOST, -ETIMEDOUT, true, SILENCE },
	{ GUNYAH_RM_VM_CONFIG_IMAGE, MODEL_REFUSES, -ENOMEM, .text = SAYS "NOMEM" },
	{ GUNYAH_RM_VM_CONFIG_IMAGE, MODEL_LOST, -ETIMEDOUT, .text = SILENCE },
	{ GUNYAH_RM_VM_CONFIG_IMAGE, MODEL_SILENT, -ETIMEDOUT, .text = SILENCE },
	{ GUNYAH_RM_VM_AUTH_IMAGE, MODEL_FAILS, -EPERM, .text = SAYS "DENIED" },
	{ GUNYAH_RM_VM_AUTH_IMAGE, MODEL_REFUSES, -ENOMEM, .text = SAYS "NOMEM" },
	{ GUNYAH_RM_VM_AUTH_IMAGE, MODEL_LOST, -ETIMEDOUT, .text = SILENCE },
	{ GUNYAH_RM_VM_AUTH_IMAGE, MODEL_SILENT, -ETIMEDOUT, .text = SILENCE },
	{ GUNYAH_RM_VM_SET_FIRMWARE_MEM, MODEL_FAILS, -EPERM,
	  .text = SAYS "DENIED, the hypervisor ADDR_INVALID" },
	{ GUNYAH_RM_VM_SET_FIRMWARE_MEM, MODEL_LOST, -ETIMEDOUT, .text = SILENCE },
	{ GUNYAH_RM_VM_SET_DEMAND_PAGING, MODEL_FAILS, -EINVAL,
	  .text = SAYS "ARGUMENT_INVALID" },
	{ GUNYAH_RM_VM_SET_ADDRESS_LAYOUT, MODEL_FAILS, -EINVAL,
	  .text = SAYS "ARGUMENT_INVALID" },
	{ GUNYAH_RM_VM_INIT, MODEL_FAILS, -EINVAL, .text = SAYS "MEM_INVALID" },
	{ GUNYAH_RM_VM_GET_HYP_RESOURCES, MODEL_FAILS, -ENODEV, .text = SAYS "NORESOURCE" },
	{ GUNYAH_RM_VM_START, MODEL_FAILS, -ENODEV, .text = SAYS "NORESOURCE" },
	{ GUNYAH_RM_VM_START, MODEL_SILENT, -ETIMEDOUT, .text = SILENCE },
};

static void boot_fault_name(const struct boot_fault *c, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "0x%08x fault %d", c->msg_id, c->fault);
}

KUNIT_ARRAY_PARAM(boot_fault, boot_faults, boot_fault_name);

static void fault_setup(struct vm_test *t, bool paged)
{
	t->model = (struct model_rm){ .test = t->test, .rpc = &t->rm->rpc };
	if (paged)
		vm_test_paged_setup(t);
	else
		vm_test_setup(t);
	vm_test_add_range(t, FW_GFN, FW_PAGES, 9, GUNYAH_MEM_LEND);
	KUNIT_ASSERT_EQ(t->test, set_firmware(t, FW_GFN, FW_PAGES), 0);
	KUNIT_ASSERT_EQ(t->test, set_test_auth(t), 0);
}

/* @late: the notifications have been handled when the VM is closed, not before */
static void run_boot_fault(struct kunit *test, const struct boot_fault *c, bool late)
{
	struct vm_test *t = test->priv;

	fault_setup(t, true);
	t->model.faults[0].msg_id = c->msg_id;
	t->model.faults[0].fault = c->fault;
	KUNIT_EXPECT_EQ(test, gunyah_vm_start(t->vm), c->err);
	if (late)
		flush_workqueue(t->rm->events);
	vm_test_put(t);
	KUNIT_EXPECT_EQ(test, t->model.state, 0);
	KUNIT_EXPECT_EQ(test, t->model.killed, 0);
	KUNIT_EXPECT_EQ(test, !!t->lost, c->keeps_mem);
	if (!c->keeps_mem)
		KUNIT_EXPECT_EQ(test, t->model.held, 0);
}

static void boot_test_fault(struct kunit *test)
{
	run_boot_fault(test, test->param_value, false);
	run_boot_fault(test, test->param_value, true);
}

/* The messages of a start that a witness can hear of, one after the other */
static int send_all(struct gunyah_rm *rm)
{
	static const struct gunyah_auth_param param = { 5, PAS_ID };
	struct gunyah_rm_config_image config = { .auth = GUNYAH_RM_AUTH_PLATFORM };
	struct gunyah_rm_range range = { .size = PAGE_SIZE };
	struct gunyah_rm_hyp_resources *resources;
	int err;

	err = gunyah_rm_alloc_fixed_vmid(rm, FIXED_VMID);
	err = err ?: gunyah_rm_vm_configure(rm, FIXED_VMID, &config);
	err = err ?: gunyah_rm_vm_authenticate(rm, FIXED_VMID, &param, 1);
	err = err ?: gunyah_rm_vm_set_firmware_mem(rm, FIXED_VMID, 0, 0, PAGE_SIZE);
	err = err ?: gunyah_rm_vm_set_demand_paging(rm, FIXED_VMID, &range, 1);
	err = err ?: gunyah_rm_vm_set_address_layout(rm, FIXED_VMID, 0, 0, PAGE_SIZE);
	err = err ?: gunyah_rm_vm_init(rm, FIXED_VMID);
	err = err ?: gunyah_rm_get_hyp_resources(rm, FIXED_VMID, &resources);
	if (!err)
		kvfree(resources);
	return err ?: gunyah_rm_vm_start(rm, FIXED_VMID);
}

/* The words for the log are those of the request that failed */
static void boot_test_words(struct kunit *test)
{
	const struct boot_fault *c = test->param_value;
	struct vm_test *t = test->priv;
	struct gunyah_boot boot = {};
	char text[96];

	if (c->msg_id == GUNYAH_RM_MEM_LEND)
		kunit_skip(test, "needs memory");
	t->rm->caps.demand_paging = true;
	t->model.faults[0].msg_id = c->msg_id;
	t->model.faults[0].fault = c->fault;
	gunyah_rm_witness_begin(t->rm, &boot.witness);
	KUNIT_EXPECT_EQ(test, send_all(t->rm), c->err);
	/* The state is wrong for it now; who cleans up does not change what was heard */
	gunyah_rm_vm_init(t->rm, FIXED_VMID);
	gunyah_rm_witness_end(t->rm, &boot.witness);
	gunyah_boot_reason(&boot, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, c->text);
}

struct other_task {
	struct gunyah_rm *rm;
	struct completion done;
	int err;
};

static int other_task_run(void *data)
{
	struct other_task *o = data;

	o->err = gunyah_rm_vm_init(o->rm, FIXED_VMID);
	complete(&o->done);
	return 0;
}

/* What the RM says to another task is none of ours */
static void boot_test_witness_task(struct kunit *test)
{
	struct vm_test *t = test->priv;
	struct other_task other = { .rm = t->rm };
	struct gunyah_rm_witness w;
	struct task_struct *task;

	init_completion(&other.done);
	gunyah_rm_witness_begin(t->rm, &w);
	task = kthread_run(other_task_run, &other, "gunyah-test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	wait_for_completion(&other.done);
	KUNIT_EXPECT_EQ(test, other.err, -EBADMSG);
	KUNIT_EXPECT_EQ(test, w.outcome, GUNYAH_RM_NO_FAILURE);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_init(t->rm, FIXED_VMID), -EBADMSG);
	KUNIT_EXPECT_EQ(test, w.outcome, GUNYAH_RM_REFUSED);
	KUNIT_EXPECT_EQ(test, w.error, GUNYAH_RM_ERR_VM_STATE);
	KUNIT_EXPECT_EQ(test, w.msg_id, GUNYAH_RM_VM_INIT);
	gunyah_rm_witness_forget(&w);
	KUNIT_EXPECT_EQ(test, w.outcome, GUNYAH_RM_NO_FAILURE);
	gunyah_rm_witness_end(t->rm, &w);
}

static void boot_test_words_own(struct kunit *test)
{
	struct gunyah_boot boot = { .why = "something is wrong" };
	char text[96];

	gunyah_boot_reason(&boot, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "something is wrong");
	boot = (struct gunyah_boot){ .hyp_error = GUNYAH_ERR_NOMEM };
	gunyah_boot_reason(&boot, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "the hypervisor says NOMEM");
	boot.witness.outcome = GUNYAH_RM_REFUSED;
	boot.witness.error = 0x77;
	gunyah_boot_reason(&boot, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "the Resource Manager says 0x77");
	boot.witness.outcome = GUNYAH_RM_MALFORMED;
	gunyah_boot_reason(&boot, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "the Resource Manager's reply makes no sense");
	boot = (struct gunyah_boot){};
	gunyah_boot_reason(&boot, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, "");
}

static struct kunit_case boot_test_cases[] = {
	KUNIT_CASE(boot_test_firmware_paged),
	KUNIT_CASE(boot_test_firmware_apart),
	KUNIT_CASE(boot_test_firmware_inside),
	KUNIT_CASE(boot_test_firmware_wrong),
	KUNIT_CASE(boot_test_auth),
	KUNIT_CASE(boot_test_auth_wrong),
	KUNIT_CASE(boot_test_qtvm),
	KUNIT_CASE_PARAM(boot_test_fault, boot_fault_gen_params),
	KUNIT_CASE_PARAM(boot_test_words, boot_fault_gen_params),
	KUNIT_CASE(boot_test_witness_task),
	KUNIT_CASE(boot_test_words_own),
	{}
};

static struct kunit_suite boot_test_suite = {
	.name = "gunyah-vm-boot",
	.init = boot_test_init,
	.exit = boot_test_exit,
	.test_cases = boot_test_cases,
};

kunit_test_suite(boot_test_suite);
