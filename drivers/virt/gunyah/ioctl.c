// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns /dev/gunyah and the descriptors of VMs: which command means what.  What a
 * command does is below; commands of type 'A' are ioctl_android.c.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "compat.h"
#include "guest_memfd.h"
#include "ioctl.h"
#include "ioctl_table.h"
#include "rm.h"
#include "vm.h"
#include "vm_fn.h"

/* Layouts that programs rely on (ABI tables, uapi 2) */
static_assert(sizeof(struct gunyah_userspace_memory_region) == 32);
static_assert(sizeof(struct gunyah_vm_dtb_config) == 16);
static_assert(sizeof(struct gunyah_fn_desc) == 16);
static_assert(sizeof(struct gunyah_fn_vcpu_arg) == 4);
static_assert(sizeof(struct gunyah_fn_irqfd_arg) == 16);
static_assert(sizeof(struct gunyah_fn_ioeventfd_arg) == 32);
static_assert(sizeof(struct gunyah_vm_boot_context) == 16);
static_assert(sizeof(struct gunyah_create_mem_args) == 64);
static_assert(offsetof(struct gunyah_create_mem_args, size) == 8);
static_assert(sizeof(struct gunyah_map_mem_args) == 32);
static_assert(offsetof(struct gunyah_map_mem_args, flags) == 8);
static_assert(offsetof(struct gunyah_map_mem_args, guest_mem_fd) == 12);
static_assert(offsetof(struct gunyah_map_mem_args, offset) == 16);
static_assert(offsetof(struct gunyah_map_mem_args, size) == 24);
static_assert(sizeof(struct gunyah_address_range) == 16);
static_assert(sizeof(struct gunyah_vm_firmware_config) == 16);
static_assert(sizeof(struct gunyah_map_cma_mem_args) == 40);
static_assert(sizeof(struct gunyah_auth_desc) == 16);
static_assert(sizeof(struct gunyah_auth_qtvm_arg) == 24);
static_assert(sizeof(struct gunyah_vm_info) == 80);
static_assert(sizeof(struct gunyah_vcpu_reg) == 16);
static_assert(sizeof(struct gunyah_share_window) == 64);
static_assert(sizeof(struct gunyah_unshare_window) == 16);
static_assert(sizeof(struct gunyah_vcpu_run) == 40);
static_assert(offsetof(struct gunyah_vcpu_run, exit_reason) == 8);
static_assert(offsetof(struct gunyah_vcpu_run, mmio.phys_addr) == 16);
static_assert(offsetof(struct gunyah_vcpu_run, mmio.data) == 24);
static_assert(offsetof(struct gunyah_vcpu_run, mmio.len) == 32);
static_assert(offsetof(struct gunyah_vcpu_run, mmio.is_write) == 36);
static_assert(offsetof(struct gunyah_vcpu_run, mmio.resume_action) == 37);
static_assert(offsetof(struct gunyah_vcpu_run, status.status) == 16);
static_assert(offsetof(struct gunyah_vcpu_run, status.exit_info.type) == 20);
static_assert(offsetof(struct gunyah_vcpu_run, status.exit_info.reason_size) == 24);
static_assert(offsetof(struct gunyah_vcpu_run, status.exit_info.reason) == 28);
static_assert(offsetof(struct gunyah_vcpu_run, page_fault.phys_addr) == 16);
static_assert(offsetof(struct gunyah_vcpu_run, page_fault.attempt) == 24);
static_assert(offsetof(struct gunyah_vcpu_run, page_fault.resume_action) == 28);

/*
 * VM descriptors
 */

static long vm_share_user_mem(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vm_add_user_mem(obj, &arg->region, GUNYAH_MEM_SHARE);
}

static long vm_set_dtb(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vm_set_dtb(obj, &arg->dtb);
}

static long vm_set_boot_context(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vm_set_boot_context(obj, &arg->boot);
}

static long vm_start(void *obj, unsigned long value)
{
	return gunyah_vm_start(obj);
}

static long vm_add_function(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vm_fn_add(obj, &arg->fn);
}

static long vm_remove_function(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vm_fn_remove(obj, &arg->fn);
}

static long vm_map_mem(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vm_map_mem(obj, &arg->map_mem);
}

/* A window whose handle nobody knows would stay until the end */
static long vm_share_window(void *obj, unsigned long uaddr)
{
	struct gunyah_share_window __user *user = (void __user *)uaddr;
	struct gunyah_share_window arg;
	struct gunyah_unshare_window undo;
	int err;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	err = gunyah_vm_share_window(obj, &arg);
	if (err || !put_user(arg.handle, &user->handle))
		return err;
	undo = (struct gunyah_unshare_window){
		.guest_addr = arg.guest_addr,
		.handle = arg.handle,
	};
	gunyah_vm_unshare_window(obj, &undo);
	return -EFAULT;
}

static long vm_unshare_window(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vm_unshare_window(obj, &arg->unshare_window);
}

/* Changes count as seen only if the program has got them */
static long vm_get_info(void *obj, unsigned long uaddr)
{
	struct gunyah_vm_info info;
	int err = gunyah_vm_get_info(obj, &info);

	if (err)
		return err;
	if (copy_to_user((void __user *)uaddr, &info, sizeof(info)))
		return -EFAULT;
	gunyah_vm_info_seen(obj, &info);
	return 0;
}

static long vm_query(void *obj, unsigned long cap)
{
	struct gunyah_vm *vm = obj;

	return gunyah_query(vm->rm, vm, cap);
}

static const struct gunyah_ioctl vm_ioctls[] = {
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_SET_USER_MEM_REGION, vm_share_user_mem),
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_SET_DTB_CONFIG, vm_set_dtb),
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_SET_BOOT_CONTEXT, vm_set_boot_context),
	GUNYAH_IOCTL_PLAIN(GUNYAH_VM_START, vm_start),
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_ADD_FUNCTION, vm_add_function),
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_REMOVE_FUNCTION, vm_remove_function),
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_MAP_MEM, vm_map_mem),
	GUNYAH_IOCTL_PLAIN(GUNYAH_VM_SHARE_WINDOW, vm_share_window),
	GUNYAH_IOCTL_COPIED(GUNYAH_VM_UNSHARE_WINDOW, vm_unshare_window),
	GUNYAH_IOCTL_PLAIN(GUNYAH_VM_GET_INFO, vm_get_info),
	GUNYAH_IOCTL_PLAIN(GUNYAH_QUERY, vm_query),
};

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (_IOC_TYPE(cmd) == GUNYAH_ANDROID_IOCTL_TYPE)
		return gunyah_android_vm_ioctl(file->private_data, cmd, arg);
	return gunyah_ioctl_dispatch(vm_ioctls, ARRAY_SIZE(vm_ioctls), file->private_data,
				     cmd, arg);
}

static __poll_t vm_poll(struct file *file, poll_table *wait)
{
	return gunyah_vm_poll(file->private_data, file, wait);
}

static int vm_release(struct inode *inode, struct file *file)
{
	gunyah_vm_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = vm_poll,
	.llseek = noop_llseek,
	.release = vm_release,
};

/*
 * /dev/gunyah
 */

/**
 * struct gunyah_dev - the device of a Resource Manager
 * @ref: one for the registration, one for each open file
 * @misc: as registered
 * @rm: the Resource Manager
 * @uevents: tell of its VMs
 */
struct gunyah_dev {
	struct kref ref;
	struct miscdevice misc;
	struct gunyah_rm *rm;
	struct gunyah_uevents *uevents;
};

/* There is one RM.  Written by its probe and remove, which exclude each other */
static struct gunyah_dev *gunyah_dev;

static void dev_free(struct kref *ref)
{
	struct gunyah_dev *dev = container_of(ref, struct gunyah_dev, ref);

	gunyah_uevents_put(dev->uevents);
	gunyah_rm_put(dev->rm);
	kfree(dev);
}

static long dev_create_vm(void *obj, unsigned long value)
{
	struct gunyah_dev *dev = obj;
	struct gunyah_vm *vm;
	int fd;

	if (value)
		return -EINVAL;
	vm = gunyah_vm_create(dev->rm, current->mm);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	gunyah_vm_set_audience(vm, gunyah_uevents_audience(dev->uevents));
	fd = anon_inode_getfd("gunyah-vm", &vm_fops, vm, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		gunyah_vm_put(vm);
	return fd;
}

static long dev_create_guest_mem(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_guest_memfd_create(arg->create_mem.size, arg->create_mem.flags);
}

static long dev_query(void *obj, unsigned long cap)
{
	struct gunyah_dev *dev = obj;

	return gunyah_query(dev->rm, NULL, cap);
}

static const struct gunyah_ioctl dev_ioctls[] = {
	GUNYAH_IOCTL_PLAIN(GUNYAH_CREATE_VM, dev_create_vm),
	GUNYAH_IOCTL_COPIED(GUNYAH_CREATE_GUEST_MEM, dev_create_guest_mem),
	GUNYAH_IOCTL_PLAIN(GUNYAH_QUERY, dev_query),
};

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (_IOC_TYPE(cmd) == GUNYAH_ANDROID_IOCTL_TYPE)
		return gunyah_android_dev_ioctl(cmd, arg);
	return gunyah_ioctl_dispatch(dev_ioctls, ARRAY_SIZE(dev_ioctls), file->private_data,
				     cmd, arg);
}

/* misc_open() excludes misc_deregister(), so the registration's reference is there */
static int dev_open(struct inode *inode, struct file *file)
{
	struct miscdevice *misc = file->private_data;
	struct gunyah_dev *dev = container_of(misc, struct gunyah_dev, misc);

	kref_get(&dev->ref);
	file->private_data = dev;
	return 0;
}

static int dev_release(struct inode *inode, struct file *file)
{
	struct gunyah_dev *dev = file->private_data;

	kref_put(&dev->ref, dev_free);
	return 0;
}

static const struct file_operations dev_fops = {
	.owner = THIS_MODULE,
	.open = dev_open,
	.release = dev_release,
	.unlocked_ioctl = dev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct gunyah_dev *dev_alloc(struct gunyah_rm *rm)
{
	struct gunyah_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	dev->uevents = gunyah_uevents_create();
	if (!dev->uevents) {
		kfree(dev);
		return NULL;
	}
	kref_init(&dev->ref);
	dev->misc.minor = MISC_DYNAMIC_MINOR;
	dev->misc.name = "gunyah";
	dev->misc.fops = &dev_fops;
	dev->misc.parent = gunyah_rm_device(rm);
	dev->rm = gunyah_rm_get(rm);
	return dev;
}

/**
 * gunyah_dev_register() - makes /dev/gunyah appear
 * @rm: answers by now
 *
 * Returns: 0; EBUSY if there is one; ENOMEM, or the error of misc_register().
 */
int gunyah_dev_register(struct gunyah_rm *rm)
{
	struct gunyah_dev *dev;
	int err;

	if (gunyah_dev)
		return -EBUSY;
	dev = dev_alloc(rm);
	if (!dev)
		return -ENOMEM;
	err = gunyah_uevents_register(dev->uevents, &dev->misc);
	if (err) {
		kref_put(&dev->ref, dev_free);
		return err;
	}
	gunyah_dev = dev;
	return 0;
}

/* Descriptors that are open stay: their VMs find the RM gone */
void gunyah_dev_unregister(struct gunyah_rm *rm)
{
	struct gunyah_dev *dev = gunyah_dev;

	if (!dev || dev->rm != rm)
		return;
	gunyah_dev = NULL;
	gunyah_uevents_deregister(dev->uevents, &dev->misc);
	kref_put(&dev->ref, dev_free);
}
