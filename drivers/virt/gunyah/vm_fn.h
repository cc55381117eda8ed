/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions of a VM: vCPUs, irqfds, ioeventfds; adding and removing them.  Layer 7. */
#ifndef _GUNYAH_VM_FN_H
#define _GUNYAH_VM_FN_H

#include <uapi/linux/gunyah.h>

struct gunyah_vm;

long gunyah_vm_fn_add(struct gunyah_vm *vm, const struct gunyah_fn_desc *desc);
long gunyah_vm_fn_remove(struct gunyah_vm *vm, const struct gunyah_fn_desc *desc);

#endif
