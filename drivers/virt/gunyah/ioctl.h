/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/gunyah and the descriptors of VMs.  Layer 8. */
#ifndef _GUNYAH_IOCTL_H
#define _GUNYAH_IOCTL_H

struct gunyah_rm;
struct gunyah_vm;

int gunyah_dev_register(struct gunyah_rm *rm);
void gunyah_dev_unregister(struct gunyah_rm *rm);

/* ioctl_android.c */
long gunyah_android_dev_ioctl(unsigned int cmd, unsigned long arg);
long gunyah_android_vm_ioctl(struct gunyah_vm *vm, unsigned int cmd, unsigned long arg);

#endif
