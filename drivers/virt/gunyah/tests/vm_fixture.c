// SPDX-License-Identifier: GPL-2.0-only
/* A VM on a model of the Resource Manager: see vm_fixture.h. */
#include <kunit/device.h>
#include <linux/err.h>
#include <linux/mm_types.h>
#include <linux/slab.h>

#include <linux/gunyah/abi/hypercall.h>

#include "vm_fixture.h"

/* Short, as each fault of silence waits for it */
#define RM_TIMEOUT	(HZ / 20)
#define PATIENCE_MSECS	50

/* Pages that are nobody's: the model does not look at them */
#define RAM_PFN		0x45000

static struct gunyah_page_run fake_run_at(void *backing, u64 index, u64 nr)
{
	return (struct gunyah_page_run){ .pfn = RAM_PFN + index, .nr = nr };
}

static int fake_populate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	struct vm_test *t = range->backing;

	t->populated += nr;
	return 0;
}

static void fake_unpopulate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	struct vm_test *t = range->backing;

	t->populated -= nr;
}

static void fake_put(void *backing)
{
	struct vm_test *t = backing;

	t->released++;
}

static const struct gunyah_backing_ops fake_ops = {
	.populate = fake_populate,
	.unpopulate = fake_unpopulate,
	.run_at = fake_run_at,
	.put = fake_put,
};

/* The guest never runs here: nothing of this is called */
static int fake_supply(struct gunyah_mem_range *range, struct gunyah_supply *s)
{
	return -ENOMEM;
}

static const struct gunyah_backing_ops fake_paged_ops = {
	.populate = fake_populate,
	.unpopulate = fake_unpopulate,
	.run_at = fake_run_at,
	.put = fake_put,
	.supply = fake_supply,
};

/* The end of a VM, and how many pages it lost */
void vm_test_put(struct vm_test *t)
{
	long before = gunyah_mem_lost_pages();

	gunyah_vm_put(t->vm);
	t->lost = gunyah_mem_lost_pages() - before;
	KUNIT_EXPECT_EQ(t->test, t->populated, 0);
}

void vm_test_add_range(struct vm_test *t, u64 gfn, u64 nr, u32 label,
		       enum gunyah_mem_kind kind)
{
	struct gunyah_mem_range *range = kzalloc(sizeof(*range), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(t->test, range);
	range->gfns = (struct gunyah_gfns){ .gfn = gfn, .nr = nr };
	range->label = label;
	range->kind = kind;
	range->access = GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_W | GUNYAH_RM_ACL_X;
	range->rights = range->access;
	range->ops = t->rm->caps.demand_paging ? &fake_paged_ops : &fake_ops;
	range->backing = t;
	mutex_lock(&t->vm->mem.lock);
	KUNIT_EXPECT_EQ(t->test, gunyah_mem_insert(&t->vm->mem, range), 0);
	mutex_unlock(&t->vm->mem.lock);
}

void vm_test_set_dtb(struct vm_test *t, u64 gfn)
{
	struct gunyah_vm_dtb_config dtb = {
		.guest_phys_addr = gfn << PAGE_SHIFT, .size = 100,
	};

	KUNIT_EXPECT_EQ(t->test, gunyah_vm_set_dtb(t->vm, &dtb), 0);
}

void vm_test_setup(struct vm_test *t)
{
	t->released = 0;
	t->lost = 0;
	t->vm = gunyah_vm_create(t->rm, &init_mm);
	KUNIT_ASSERT_FALSE(t->test, IS_ERR(t->vm));
	t->vm->patience = PATIENCE_MSECS;
	vm_test_add_range(t, RAM_GFN, RAM_PAGES, 5, GUNYAH_MEM_LEND);
	vm_test_set_dtb(t, RAM_GFN + 1);
}

int vm_test_init(struct kunit *test)
{
	struct vm_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct device *dev = kunit_device_register(test, "gunyah-vm-test");

	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_FALSE(test, IS_ERR(dev));
	t->test = test;
	t->model.test = test;
	t->rm = gunyah_rm_create(dev, &model_rm_ops, &t->model, RM_TIMEOUT, 1);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->rm));
	t->model.rpc = &t->rm->rpc;
	t->rm->caps.own_vmid = GUNYAH_VMID_HLOS;
	test->priv = t;
	return 0;
}

void vm_test_exit(struct kunit *test)
{
	struct vm_test *t = test->priv;

	gunyah_rm_shutdown(t->rm);
	gunyah_rm_put(t->rm);
}

void vm_test_expect_nothing_left(struct kunit *test)
{
	struct vm_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, t->model.state, 0);
	KUNIT_EXPECT_EQ(test, t->model.held, 0);
	KUNIT_EXPECT_EQ(test, t->lost, 0);
	KUNIT_EXPECT_EQ(test, t->model.killed, 0);
}

void vm_test_paged_setup(struct vm_test *t)
{
	t->rm->caps.demand_paging = true;
	t->rm->caps.boot_context = GUNYAH_RM_VM_SET_BOOT_CONTEXT;
	t->model.extents = MODEL_EXTENTS;
	vm_test_setup(t);
	/* Continues the first; leaves a hole */
	vm_test_add_range(t, RAM_GFN + RAM_PAGES, RAM_PAGES, 6, GUNYAH_MEM_SHARE);
	vm_test_add_range(t, RAM_GFN + 4 * RAM_PAGES, RAM_PAGES, 7, GUNYAH_MEM_SHARE);
}
