/* SPDX-License-Identifier: GPL-2.0-only */
/* An eventfd raises an interrupt in the guest, through a doorbell.  Layer 7. */
#ifndef _GUNYAH_IRQFD_H
#define _GUNYAH_IRQFD_H

struct gunyah_vm;

long gunyah_irqfd_bind(struct gunyah_vm *vm, const void *arg);

#endif
