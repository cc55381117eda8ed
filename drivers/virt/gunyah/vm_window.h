/* SPDX-License-Identifier: GPL-2.0-only */
/* Windows: memory that is shared with a VM while it runs.  Layer 6. */
#ifndef _GUNYAH_VM_WINDOW_H
#define _GUNYAH_VM_WINDOW_H

#include <linux/list.h>
#include <linux/mutex.h>

#include <uapi/linux/gunyah.h>

struct gunyah_vm;

/**
 * struct gunyah_windows - the windows of a VM
 * @lock: protects @list.  Outside of mem->lock; held while a busy RM is asked again
 * @list: struct gunyah_window
 */
struct gunyah_windows {
	struct mutex lock; /* list */
	struct list_head list;
};

static inline void gunyah_windows_init(struct gunyah_windows *windows)
{
	mutex_init(&windows->lock);
	INIT_LIST_HEAD(&windows->list);
}

int gunyah_vm_share_window(struct gunyah_vm *vm, struct gunyah_share_window *arg);
int gunyah_vm_unshare_window(struct gunyah_vm *vm, const struct gunyah_unshare_window *arg);
void gunyah_vm_windows_end(struct gunyah_vm *vm);

#endif
