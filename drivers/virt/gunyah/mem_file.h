/* SPDX-License-Identifier: GPL-2.0-only */
/* Files whose contents are memory for guests.  Layer 5. */
#ifndef _GUNYAH_MEM_FILE_H
#define _GUNYAH_MEM_FILE_H

#include <linux/fs.h>
#include <linux/types.h>

/**
 * struct gunyah_mem_object - what is behind an inode's i_private
 * @evict: the inode goes, its page cache is empty; frees the structure around this one
 */
struct gunyah_mem_object {
	void (*evict)(struct gunyah_mem_object *object);
};

struct inode *gunyah_mem_inode_create(u64 size);
void gunyah_mem_inode_drop(struct inode *inode);
struct file *gunyah_mem_file_create(struct inode *inode, const char *name,
				    const struct file_operations *fops);
void gunyah_mem_file_released(void);
int gunyah_mem_file_install(struct file *file, unsigned int flags);

#endif
