// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the file system that inodes of memory files are in, which nobody sees.  Each file
 * has an inode of its own: that is what its mappings can be found by, and where its size
 * is.  What is in the files is the business of those who create them.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/pseudo_fs.h>

#include "mem_file.h"

#define MEM_FILE_MAGIC	0x676d656d	/* "gmem" */

static struct vfsmount *mem_mnt;
static int mem_mnt_users;

static void mem_evict_inode(struct inode *inode)
{
	struct gunyah_mem_object *object = inode->i_private;

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (object)
		object->evict(object);
}

static const struct super_operations mem_sops = {
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
	.evict_inode = mem_evict_inode,
};

static int mem_init_fs_context(struct fs_context *fc)
{
	struct pseudo_fs_context *ctx = init_pseudo(fc, MEM_FILE_MAGIC);

	if (!ctx)
		return -ENOMEM;
	ctx->ops = &mem_sops;
	return 0;
}

/* Mounted while there are files; the mount keeps the module */
static struct file_system_type mem_fs_type = {
	.owner = THIS_MODULE,
	.name = "gunyah_guest_mem",
	.init_fs_context = mem_init_fs_context,
	.kill_sb = kill_anon_super,
};

/**
 * gunyah_mem_inode_create() - an inode for a file of memory
 * @size: bytes
 *
 * The caller sets what else it needs; i_private is NULL or a &struct gunyah_mem_object.
 * Then gunyah_mem_file_create() or gunyah_mem_inode_drop() follows.
 *
 * Returns: the inode or an ERR_PTR.
 */
struct inode *gunyah_mem_inode_create(u64 size)
{
	struct inode *inode;
	int err;

	err = simple_pin_fs(&mem_fs_type, &mem_mnt, &mem_mnt_users);
	if (err)
		return ERR_PTR(err);
	inode = alloc_anon_inode(mem_mnt->mnt_sb);
	if (IS_ERR(inode)) {
		simple_release_fs(&mem_mnt, &mem_mnt_users);
		return inode;
	}
	inode->i_mode |= S_IFREG;
	i_size_write(inode, size);
	return inode;
}

/* An inode that did not become a file */
void gunyah_mem_inode_drop(struct inode *inode)
{
	iput(inode);
	simple_release_fs(&mem_mnt, &mem_mnt_users);
}

/**
 * gunyah_mem_file_create() - the file of an inode
 * @inode: complete; the file's, or gone, afterwards
 * @name: what /proc shows
 * @fops: its release() calls gunyah_mem_file_released() last
 *
 * Returns: the file, open for reading and writing, or an ERR_PTR.
 */
struct file *gunyah_mem_file_create(struct inode *inode, const char *name,
				    const struct file_operations *fops)
{
	struct file *file;

	__module_get(fops->owner);
	file = alloc_file_pseudo(inode, mem_mnt, name, O_RDWR | O_LARGEFILE, fops);
	if (IS_ERR(file)) {
		module_put(fops->owner);
		gunyah_mem_inode_drop(inode);
	}
	return file;
}

void gunyah_mem_file_released(void)
{
	simple_release_fs(&mem_mnt, &mem_mnt_users);
}

/* A descriptor of @file, which is not the caller's any more; may be an ERR_PTR */
int gunyah_mem_file_install(struct file *file, unsigned int flags)
{
	int fd;

	if (IS_ERR(file))
		return PTR_ERR(file);
	fd = get_unused_fd_flags(flags);
	if (fd < 0)
		fput(file);
	else
		fd_install(fd, file);
	return fd;
}
