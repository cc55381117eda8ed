// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the devices of CMA memory: nodes of the host's device tree that name a reserved
 * region and a label (ABI tables, uapi 4.3).  What can be done with the memory is
 * mem_cma.c's.
 *
 * A device can go while descriptors of it and of its memory are open: what they need
 * stays until the last one is closed, and the node gets no new device before that.
 */
#include <linux/ctype.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include <linux/pfn.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cma.h"
#include "compat.h"
#include "ioctl_table.h"
#include "mem_cma.h"

#define CMA_NAME_SIZE	32

/**
 * struct gunyah_cma - a device of CMA memory
 * @region: its memory
 * @ref: one for the driver, one for each open file
 * @node: in cma_devices, until the last reference is gone
 * @misc: as registered
 * @name: of @misc
 * @gone: the driver has let go of the device; under cma_lock
 */
struct gunyah_cma {
	struct gunyah_cma_region region;
	struct kref ref;
	struct list_head node;
	struct miscdevice misc;
	char name[CMA_NAME_SIZE];
	bool gone;
};

static DEFINE_MUTEX(cma_lock); /* cma_devices */
static LIST_HEAD(cma_devices);

unsigned int gunyah_cma_count(void)
{
	struct gunyah_cma *cma;
	unsigned int n = 0;

	mutex_lock(&cma_lock);
	list_for_each_entry(cma, &cma_devices, node)
		n += !cma->gone;
	mutex_unlock(&cma_lock);
	return n;
}

static struct gunyah_cma *cma_of(struct gunyah_cma_region *region)
{
	return container_of(region, struct gunyah_cma, region);
}

/* Memory that was allocated has been freed: until then @dev has to have the region */
static void cma_free(struct kref *ref)
{
	struct gunyah_cma *cma = container_of(ref, struct gunyah_cma, ref);

	list_del(&cma->node);
	mutex_unlock(&cma_lock);
	of_reserved_mem_device_release(cma->region.dev);
	put_device(cma->region.dev);
	kfree(cma);
}

static void cma_put(struct gunyah_cma *cma)
{
	kref_put_mutex(&cma->ref, cma_free, &cma_lock);
}

static void cma_region_get(struct gunyah_cma_region *region)
{
	kref_get(&cma_of(region)->ref);
}

static void cma_region_put(struct gunyah_cma_region *region)
{
	cma_put(cma_of(region));
}

/*
 * The device's descriptors
 */

static long cma_create_mem_fd(void *obj, unsigned long value)
{
	struct gunyah_cma *cma = obj;

	if (READ_ONCE(cma->gone))
		return -ENODEV;
	return gunyah_cma_mem_create(&cma->region);
}

static const struct gunyah_ioctl cma_ioctls[] = {
	GUNYAH_IOCTL_PLAIN(GUNYAH_ANDROID_CREATE_CMA_MEM_FD, cma_create_mem_fd),
};

static long cma_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return gunyah_ioctl_dispatch(cma_ioctls, ARRAY_SIZE(cma_ioctls), file->private_data,
				     cmd, arg);
}

/* misc_open() excludes misc_deregister(), so the driver's reference is there */
static int cma_open(struct inode *inode, struct file *file)
{
	struct miscdevice *misc = file->private_data;
	struct gunyah_cma *cma = container_of(misc, struct gunyah_cma, misc);

	kref_get(&cma->ref);
	file->private_data = cma;
	return 0;
}

static int cma_release(struct inode *inode, struct file *file)
{
	cma_put(file->private_data);
	return 0;
}

static const struct file_operations cma_fops = {
	.owner = THIS_MODULE,
	.open = cma_open,
	.release = cma_release,
	.unlocked_ioctl = cma_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

/*
 * The driver
 */

/**
 * gunyah_cma_name() - the name of a device in /dev
 * @name: gets it
 * @size: room there
 * @label: as in the device tree
 *
 * Letters, digits, '_', '-' and '.' stay, but for a '.' in front, which would hide it;
 * everything else, such as '/', becomes '_'.
 *
 * Returns: whether there is a name: false for an empty label and one that is too long.
 */
bool gunyah_cma_name(char *name, size_t size, const char *label)
{
	size_t i, len = strlen(label);

	if (!len || len >= size)
		return false;
	for (i = 0; i < len; i++) {
		name[i] = label[i];
		if (!isascii(label[i]) || !(isalnum(label[i]) || strchr("_-.", label[i])))
			name[i] = '_';
	}
	if (name[0] == '.')
		name[0] = '_';
	name[len] = 0;
	return true;
}

static bool cma_is_known(const struct device *dev)
{
	struct gunyah_cma *cma;

	lockdep_assert_held(&cma_lock);

	list_for_each_entry(cma, &cma_devices, node) {
		if (cma->region.dev == dev)
			return true;
	}
	return false;
}

static struct gunyah_cma *cma_create(struct device *dev)
{
	struct gunyah_cma *cma = kzalloc(sizeof(*cma), GFP_KERNEL);

	if (!cma)
		return ERR_PTR(-ENOMEM);
	kref_init(&cma->ref);
	cma->region.dev = dev;
	cma->region.get = cma_region_get;
	cma->region.put = cma_region_put;
	cma->misc.minor = MISC_DYNAMIC_MINOR;
	cma->misc.name = cma->name;
	cma->misc.fops = &cma_fops;
	cma->misc.parent = dev;

	mutex_lock(&cma_lock);
	if (cma_is_known(dev)) {
		mutex_unlock(&cma_lock);
		kfree(cma);
		return ERR_PTR(-EBUSY);
	}
	get_device(dev);
	list_add(&cma->node, &cma_devices);
	mutex_unlock(&cma_lock);
	return cma;
}

static int cma_find_name(struct gunyah_cma *cma)
{
	const char *label;
	int err;

	err = of_property_read_string(cma->region.dev->of_node, "label", &label);
	if (err)
		return err;
	return gunyah_cma_name(cma->name, sizeof(cma->name), label) ? 0 : -EINVAL;
}

/* Where and how large, which the device itself does not know */
static int cma_find_region(struct gunyah_cma *cma)
{
	struct device *dev = cma->region.dev;
	struct reserved_mem *rmem;
	struct device_node *np;
	int err;

	err = of_reserved_mem_device_init_by_idx(dev, dev->of_node, 0);
	if (err)
		return err;
	np = of_parse_phandle(dev->of_node, "memory-region", 0);
	if (!np)
		return -ENODEV;
	rmem = of_reserved_mem_lookup(np);
	of_node_put(np);
	if (!rmem || !rmem->size)
		return -ENODEV;
	cma->region.pfn = PHYS_PFN(rmem->base);
	cma->region.nr = rmem->size >> PAGE_SHIFT;
	return dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
}

static int cma_publish(struct gunyah_cma *cma)
{
	int err;

	err = cma_find_name(cma);
	if (err)
		return dev_err_probe(cma->region.dev, err, "no name in \"label\"\n");
	err = cma_find_region(cma);
	if (err)
		return dev_err_probe(cma->region.dev, err, "no memory in \"memory-region\"\n");
	return misc_register(&cma->misc);
}

static void cma_retire(struct gunyah_cma *cma)
{
	mutex_lock(&cma_lock);
	WRITE_ONCE(cma->gone, true);
	mutex_unlock(&cma_lock);
	cma_put(cma);
}

static int gunyah_cma_probe(struct platform_device *pdev)
{
	struct gunyah_cma *cma = cma_create(&pdev->dev);
	int err;

	if (IS_ERR(cma))
		return PTR_ERR(cma);
	err = cma_publish(cma);
	if (err) {
		cma_retire(cma);
		return err;
	}
	platform_set_drvdata(pdev, cma);
	return 0;
}

static void gunyah_cma_remove(struct platform_device *pdev)
{
	struct gunyah_cma *cma = platform_get_drvdata(pdev);

	misc_deregister(&cma->misc);
	cma_retire(cma);
}

GUNYAH_PLATFORM_REMOVE(gunyah_cma_remove)

static const struct of_device_id gunyah_cma_of_match[] = {
	{ .compatible = "gunyah-cma-vm-mem" },
	{}
};
MODULE_DEVICE_TABLE(of, gunyah_cma_of_match);

static struct platform_driver gunyah_cma_driver = {
	.probe = gunyah_cma_probe,
	.remove = gunyah_cma_remove_entry,
	.driver = {
		.name = "gunyah-cma",
		.of_match_table = gunyah_cma_of_match,
	},
};

int gunyah_cma_register(void)
{
	return platform_driver_register(&gunyah_cma_driver);
}

void gunyah_cma_unregister(void)
{
	platform_driver_unregister(&gunyah_cma_driver);
}
