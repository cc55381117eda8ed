// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the uevents of /dev/gunyah, which tell of the lives of VMs.  Names and keys are
 * those of the Android kernels (ABI tables, uapi 4.5), which send "create" and
 * "destroy"; "start" and "exit" are new.
 */
#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "ioctl.h"
#include "vm_event.h"

/**
 * struct gunyah_uevents - the audience that passes news on
 * @audience: for VMs
 * @lock: protects @dev, and keeps it registered
 * @dev: /dev/gunyah; NULL: not registered yet, or not any more
 */
struct gunyah_uevents {
	struct gunyah_vm_audience audience;
	struct mutex lock; /* dev */
	struct device *dev;
};

static const char * const news_names[] = {
	[GUNYAH_VM_NEWS_CREATE] = "EVENT=create",
	[GUNYAH_VM_NEWS_START] = "EVENT=start",
	[GUNYAH_VM_NEWS_EXIT] = "EVENT=exit",
	[GUNYAH_VM_NEWS_DESTROY] = "EVENT=destroy",
};

/* @exit_type: -1: unknown */
static void uevent_send(struct device *dev, enum gunyah_vm_news news, u16 vmid, int exit_type)
{
	char vm_id[sizeof("vm_id=65535")], vm_exit[sizeof("vm_exit=65535")];
	char event[sizeof("EVENT=destroy")];
	char *env[4] = { event, vm_id, NULL, NULL };

	strscpy(event, news_names[news], sizeof(event));
	snprintf(vm_id, sizeof(vm_id), "vm_id=%u", vmid);
	snprintf(vm_exit, sizeof(vm_exit), "vm_exit=%u", (u16)max(exit_type, 0));
	/* Programs expect it of "destroy", whether the VM ever ran or not */
	if (news == GUNYAH_VM_NEWS_DESTROY || (news == GUNYAH_VM_NEWS_EXIT && exit_type >= 0))
		env[2] = vm_exit;
	kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, env);
}

static void uevents_tell(struct gunyah_vm_audience *audience, enum gunyah_vm_news news,
			 u16 vmid, int exit_type)
{
	struct gunyah_uevents *uevents = container_of(audience, struct gunyah_uevents, audience);

	mutex_lock(&uevents->lock);
	if (uevents->dev)
		uevent_send(uevents->dev, news, vmid, exit_type);
	mutex_unlock(&uevents->lock);
}

static void uevents_free(struct kref *ref)
{
	struct gunyah_uevents *uevents = container_of(ref, struct gunyah_uevents, audience.ref);

	destroy_workqueue(uevents->audience.wq);
	mutex_destroy(&uevents->lock);
	kfree(uevents);
}

/**
 * gunyah_uevents_create() - what tells of VMs once there is a device
 *
 * Returns: it, or NULL.
 */
struct gunyah_uevents *gunyah_uevents_create(void)
{
	struct gunyah_uevents *uevents = kzalloc(sizeof(*uevents), GFP_KERNEL);

	if (!uevents)
		return NULL;
	uevents->audience.wq = alloc_ordered_workqueue("gunyah-uevents", 0);
	if (!uevents->audience.wq) {
		kfree(uevents);
		return NULL;
	}
	kref_init(&uevents->audience.ref);
	uevents->audience.release = uevents_free;
	uevents->audience.tell = uevents_tell;
	mutex_init(&uevents->lock);
	return uevents;
}

/* VMs may go on to tell it things */
void gunyah_uevents_put(struct gunyah_uevents *uevents)
{
	kref_put(&uevents->audience.ref, uevents_free);
}

struct gunyah_vm_audience *gunyah_uevents_audience(struct gunyah_uevents *uevents)
{
	return &uevents->audience;
}

/* misc_register(); what VMs of the first program do waits until there is a device */
int gunyah_uevents_register(struct gunyah_uevents *uevents, struct miscdevice *misc)
{
	int err;

	mutex_lock(&uevents->lock);
	err = misc_register(misc);
	if (!err)
		uevents->dev = misc->this_device;
	mutex_unlock(&uevents->lock);
	return err;
}

/* misc_deregister(); nothing is sent afterwards, nobody could tell for which device */
void gunyah_uevents_deregister(struct gunyah_uevents *uevents, struct miscdevice *misc)
{
	mutex_lock(&uevents->lock);
	uevents->dev = NULL;
	mutex_unlock(&uevents->lock);
	misc_deregister(misc);
}
