/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's write signals an eventfd.  Layer 7. */
#ifndef _GUNYAH_IOEVENTFD_H
#define _GUNYAH_IOEVENTFD_H

struct gunyah_vm;

long gunyah_ioeventfd_bind(struct gunyah_vm *vm, const void *arg);

#endif
