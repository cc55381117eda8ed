/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/gunyah and the descriptors of VMs.  Layer 8. */
#ifndef _GUNYAH_IOCTL_H
#define _GUNYAH_IOCTL_H

struct gunyah_rm;
struct gunyah_uevents;
struct gunyah_vm;
struct gunyah_vm_audience;
struct miscdevice;

int gunyah_dev_register(struct gunyah_rm *rm);
void gunyah_dev_unregister(struct gunyah_rm *rm);

/* ioctl_query.c */
long gunyah_query(struct gunyah_rm *rm, struct gunyah_vm *vm, unsigned long cap);

/* ioctl_uevent.c */
struct gunyah_uevents *gunyah_uevents_create(void);
void gunyah_uevents_put(struct gunyah_uevents *uevents);
struct gunyah_vm_audience *gunyah_uevents_audience(struct gunyah_uevents *uevents);
int gunyah_uevents_register(struct gunyah_uevents *uevents, struct miscdevice *misc);
void gunyah_uevents_deregister(struct gunyah_uevents *uevents, struct miscdevice *misc);

/* ioctl_android.c */
long gunyah_android_dev_ioctl(unsigned int cmd, unsigned long arg);
long gunyah_android_vm_ioctl(struct gunyah_vm *vm, unsigned int cmd, unsigned long arg);

#endif
