/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU: its descriptor, its run page, the loop that runs the guest.  Layer 7. */
#ifndef _GUNYAH_VCPU_H
#define _GUNYAH_VCPU_H

struct gunyah_vm;

long gunyah_vcpu_bind(struct gunyah_vm *vm, const void *arg);

#endif
