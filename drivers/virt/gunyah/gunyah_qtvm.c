// SPDX-License-Identifier: GPL-2.0-only
/*
 * Authentication manager for Qualcomm trusted VMs: images that are signed for the
 * platform's firmware, which knows them by a peripheral image id (PAS id) and expects
 * each in a VM with a fixed id (ABI tables, uapi 4.3).  Knows nothing of the driver
 * but <linux/gunyah.h>.
 */
#include <linux/gunyah.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>

#include <uapi/linux/gunyah.h>

#include <linux/gunyah/abi/rm.h>

/* The image and its metadata; the metadata is what the RM reads first */
static int qtvm_check(const struct gunyah_auth_qtvm_arg *arg)
{
	u64 last;

	if (!arg->vm_id || arg->vm_id == GUNYAH_VMID_INVALID)
		return -EINVAL;
	if (!PAGE_ALIGNED(arg->guest_phys_addr) || arg->size < GUNYAH_RM_AUTH_METADATA_SIZE)
		return -EINVAL;
	if (check_add_overflow(arg->guest_phys_addr, arg->size - 1, &last))
		return -EOVERFLOW;
	return 0;
}

static int qtvm_plan(const void *data, struct gunyah_auth_plan *plan)
{
	const struct gunyah_auth_qtvm_arg *arg = data;
	int err = qtvm_check(arg);

	if (err)
		return err;
	plan->vmid = arg->vm_id;
	plan->rm_auth = GUNYAH_RM_AUTH_PLATFORM;
	plan->image_gpa = arg->guest_phys_addr;
	plan->image_size = arg->size;
	plan->metadata_size = GUNYAH_RM_AUTH_METADATA_SIZE;
	plan->nr_params = 1;
	plan->params[0].type = GUNYAH_RM_AUTH_PARAM_PAS_ID;
	plan->params[0].value = arg->pas_id;
	return 0;
}

static const struct gunyah_auth_manager qtvm = {
	.type = GUNYAH_AUTH_QCOM_TRUSTED_VM,
	.arg_size = sizeof(struct gunyah_auth_qtvm_arg),
	.owner = THIS_MODULE,
	.plan = qtvm_plan,
};

static int __init qtvm_init(void)
{
	return gunyah_auth_manager_register(&qtvm);
}
module_init(qtvm_init);

static void __exit qtvm_exit(void)
{
	gunyah_auth_manager_unregister(&qtvm);
}
module_exit(qtvm_exit);

MODULE_ALIAS_GUNYAH_AUTH(1); /* GUNYAH_AUTH_QCOM_TRUSTED_VM, which is no macro */
MODULE_DESCRIPTION("Gunyah: authentication of Qualcomm trusted virtual machines");
MODULE_LICENSE("GPL");
