// SPDX-License-Identifier: GPL-2.0-only
/*
 * Touches memory as the kernel does, by each way that has a fix-up, so that tests
 * can see that memory of a guest gives an error and never an oops.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/word-at-a-time.h>

#include "gunyah_test_abi.h"

static s64 linear_read(struct gunyah_iso_access *a, void *buf)
{
	s64 ret = copy_from_kernel_nofault(buf, phys_to_virt(a->addr), a->len);

	memcpy(&a->value, buf, min_t(size_t, a->len, sizeof(a->value)));
	return ret;
}

/* copy_to_kernel_nofault() is not exported */
static s64 linear_write(struct gunyah_iso_access *a, void *buf)
{
	u8 *dst = phys_to_virt(a->addr);
	u8 byte = a->value;
	u32 i;

	pagefault_disable();
	for (i = 0; i < a->len; i++)
		__put_kernel_nofault(dst + i, &byte, u8, fault);
	pagefault_enable();
	return 0;
fault:
	pagefault_enable();
	return -EFAULT;
}

static s64 linear_zeropad(struct gunyah_iso_access *a, void *buf)
{
	a->value = load_unaligned_zeropad(phys_to_virt(a->addr) - 3);
	return 0;
}

static s64 linear_count(struct gunyah_iso_access *a, void *buf)
{
	s64 ret = copy_from_kernel_nofault(buf, phys_to_virt(a->addr), a->len);
	u32 i;

	a->value = 0;
	for (i = 0; !ret && i < a->len; i++)
		a->value += !!((u8 *)buf)[i];
	return ret;
}

static s64 page_hold(struct gunyah_iso_access *a, void *buf)
{
	get_page(pfn_to_page(PHYS_PFN(a->addr)));
	return 0;
}

static s64 page_drop(struct gunyah_iso_access *a, void *buf)
{
	put_page(pfn_to_page(PHYS_PFN(a->addr)));
	return 0;
}

static s64 user_from(struct gunyah_iso_access *a, void *buf)
{
	return copy_from_user(buf, u64_to_user_ptr(a->addr), a->len);
}

static s64 user_phys(struct gunyah_iso_access *a, void *buf)
{
	u64 par;

	preempt_disable();
	asm volatile("at s1e0r, %1\n\tisb\n\tmrs %0, par_el1" : "=r" (par) : "r" (a->addr));
	preempt_enable();
	if (par & 1)
		return -EFAULT;
	a->value = (par & GENMASK_ULL(51, 12)) | (a->addr & GENMASK_ULL(11, 0));
	return 0;
}

static s64 user_to(struct gunyah_iso_access *a, void *buf)
{
	memset(buf, a->value, a->len);
	return copy_to_user(u64_to_user_ptr(a->addr), buf, a->len);
}

static s64 user_get(struct gunyah_iso_access *a, void *buf)
{
	return get_user(a->value, (u64 __user *)u64_to_user_ptr(a->addr));
}

static s64 user_put(struct gunyah_iso_access *a, void *buf)
{
	return put_user(a->value, (u64 __user *)u64_to_user_ptr(a->addr));
}

static s64 user_string(struct gunyah_iso_access *a, void *buf)
{
	return strnlen_user(u64_to_user_ptr(a->addr), a->len);
}

static s64 user_clear(struct gunyah_iso_access *a, void *buf)
{
	return clear_user(u64_to_user_ptr(a->addr), a->len);
}

/* Physical addresses have to be RAM: the linear map has nothing else */
static const struct {
	s64 (*access)(struct gunyah_iso_access *a, void *buf);
	bool physical;
} ops[GUNYAH_ISO_NR_OPS] = {
	[GUNYAH_ISO_READ] = { linear_read, true },
	[GUNYAH_ISO_WRITE] = { linear_write, true },
	[GUNYAH_ISO_ZEROPAD] = { linear_zeropad, true },
	[GUNYAH_ISO_COUNT] = { linear_count, true },
	[GUNYAH_ISO_HOLD] = { page_hold, true },
	[GUNYAH_ISO_DROP] = { page_drop, true },
	[GUNYAH_ISO_FROM_USER] = { user_from },
	[GUNYAH_ISO_PHYS] = { user_phys },
	[GUNYAH_ISO_TO_USER] = { user_to },
	[GUNYAH_ISO_GET_USER] = { user_get },
	[GUNYAH_ISO_PUT_USER] = { user_put },
	[GUNYAH_ISO_STRING] = { user_string },
	[GUNYAH_ISO_CLEAR_USER] = { user_clear },
};

static long do_access(struct gunyah_iso_access *a)
{
	void *buf;

	if (a->op >= ARRAY_SIZE(ops) || !a->len || a->len > PAGE_SIZE)
		return -EINVAL;
	if (ops[a->op].physical && !pfn_valid(PHYS_PFN(a->addr)))
		return -ENXIO;
	buf = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	a->result = ops[a->op].access(a, buf);
	kfree(buf);
	return 0;
}

static long iso_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct gunyah_iso_access a;
	long ret;

	if (cmd != GUNYAH_ISO_ACCESS)
		return -ENOTTY;
	if (copy_from_user(&a, (void __user *)arg, sizeof(a)))
		return -EFAULT;
	ret = do_access(&a);
	if (!ret && copy_to_user((void __user *)arg, &a, sizeof(a)))
		ret = -EFAULT;
	return ret;
}

static const struct file_operations iso_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = iso_ioctl,
};

static struct miscdevice iso_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "gunyah_iso_test",
	.fops = &iso_fops,
	.mode = 0600,
};
module_misc_device(iso_dev);

MODULE_DESCRIPTION("Kernel accesses to memory of Gunyah guests, for tests");
MODULE_LICENSE("GPL");
