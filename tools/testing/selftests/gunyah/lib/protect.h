/* SPDX-License-Identifier: GPL-2.0-only */
/* VMs with firmware, and VMs that are authenticated */
#ifndef GT_PROTECT_H
#define GT_PROTECT_H

#include "gt.h"

/* What a signed image begins with (ABI tables, uapi 4.3) */
#define GT_METADATA_SIZE	8192

int __gt_set_firmware(int vm, uint64_t gpa, uint64_t size);
int __gt_set_auth(int vm, uint32_t type, const void *arg, uint32_t size);

/* Of a trusted VM whose image is all of RAM below the device tree */
struct gunyah_auth_qtvm_arg gt_qtvm_arg(uint16_t vm_id);

/* ELF headers of an image of @size bytes with one segment, all that is behind them */
void gt_write_metadata(void *image, uint64_t size);

/*
 * All but the start and the authentication of a VM whose image is signed: RAM is lent and
 * begins with metadata; the guest is behind it.
 */
void gt_prepare_trusted(struct gt_vm *vm);

/* Takes the module of trusted VMs away if it is there and nobody uses it */
void gt_unload_qtvm(void);

#endif
