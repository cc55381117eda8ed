// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hostile host: hypercalls with any registers and accesses to any device
 * register, as user space wants them.  For tests only.
 */
#include <linux/arm-smccc.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include <asm/asm-extable.h>

#include "gunyah_test_abi.h"

static void *page;

union raw_arg {
	struct gunyah_raw_call call;
	struct gunyah_raw_mmio mmio;
	struct gunyah_raw_page page;
};

static int raw_call(union raw_arg *arg)
{
	struct arm_smccc_1_2_regs regs;

	BUILD_BUG_ON(sizeof(regs) != sizeof(arg->call));
	memcpy(&regs, &arg->call, sizeof(regs));
	arm_smccc_1_2_hvc(&regs, &regs);
	memcpy(&arg->call, &regs, sizeof(regs));
	return 0;
}

/* One instruction each, with a fix-up: an abort is a result */
#define ACCESS(insn, m, addr, err) ({						\
	asm volatile("1:	" insn "\n2:\n"					\
		     _ASM_EXTABLE_KACCESS_ERR(1b, 2b, %w[e])			\
		     : [e] "+r" (err), [v] "+r" ((m)->value)			\
		     : [a] "r" (addr) : "memory"); })

static int access(struct gunyah_raw_mmio *m, void __iomem *addr)
{
	int err = 0;

	switch (m->size) {
	case 4:
		if (m->write)
			ACCESS("str %w[v], [%[a]]", m, addr, err);
		else
			ACCESS("ldr %w[v], [%[a]]", m, addr, err);
		return err;
	case 8:
		if (m->write)
			ACCESS("str %[v], [%[a]]", m, addr, err);
		else
			ACCESS("ldr %[v], [%[a]]", m, addr, err);
		return err;
	default:
		if (m->write)
			ACCESS("stp %[v], %[v], [%[a]]", m, addr, err);
		else
			ACCESS("ldp %[v], xzr, [%[a]]", m, addr, err);
		return err;
	}
}

static int raw_mmio(union raw_arg *arg)
{
	struct gunyah_raw_mmio *m = &arg->mmio;
	void __iomem *base;

	if ((m->size != 4 && m->size != 8 && m->size != 16) || !IS_ALIGNED(m->pa, 4) ||
	    offset_in_page(m->pa) + m->size > PAGE_SIZE)
		return -EINVAL;
	/* Not of RAM that the kernel has: ioremap() sees to it */
	base = ioremap(m->pa & PAGE_MASK, PAGE_SIZE);
	if (!base)
		return -ENOMEM;
	m->result = access(m, base + offset_in_page(m->pa));
	iounmap(base);
	return 0;
}

static int raw_va(union raw_arg *arg)
{
	arg->page.va = (uintptr_t)phys_to_virt(arg->page.pa);
	return 0;
}

static int raw_page(union raw_arg *arg)
{
	arg->page.va = (uintptr_t)page;
	arg->page.pa = virt_to_phys(page);
	return 0;
}

static const struct {
	unsigned int cmd;
	int (*fn)(union raw_arg *arg);
} calls[] = {
	{ GUNYAH_RAW_CALL, raw_call },
	{ GUNYAH_RAW_MMIO, raw_mmio },
	{ GUNYAH_RAW_VA, raw_va },
	{ GUNYAH_RAW_PAGE, raw_page },
};

static long raw_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	size_t size = _IOC_SIZE(cmd);
	union raw_arg arg = {};
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].cmd == cmd)
			break;
	if (i == ARRAY_SIZE(calls))
		return -ENOTTY;
	if (copy_from_user(&arg, (void __user *)user, size))
		return -EFAULT;
	ret = calls[i].fn(&arg);
	if (!ret && copy_to_user((void __user *)user, &arg, size))
		ret = -EFAULT;
	return ret;
}

static ssize_t raw_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	return simple_read_from_buffer(buf, n, pos, page, PAGE_SIZE);
}

static ssize_t raw_write(struct file *file, const char __user *buf, size_t n, loff_t *pos)
{
	return simple_write_to_buffer(page, PAGE_SIZE, pos, buf, n);
}

static const struct file_operations raw_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = raw_ioctl,
	.read = raw_read,
	.write = raw_write,
	.llseek = default_llseek,
};

static struct miscdevice raw_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "gunyah_raw",
	.fops = &raw_fops,
	.mode = 0600,
};

static int __init gunyah_raw_init(void)
{
	int ret;

	page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	ret = misc_register(&raw_dev);
	if (ret)
		free_page((unsigned long)page);
	return ret;
}
module_init(gunyah_raw_init);

static void __exit gunyah_raw_exit(void)
{
	misc_deregister(&raw_dev);
	free_page((unsigned long)page);
}
module_exit(gunyah_raw_exit);

MODULE_DESCRIPTION("Raw hypercalls and register accesses, for tests");
MODULE_LICENSE("GPL");
