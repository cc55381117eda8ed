// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns pages of a memfd, or of another file in memory, that a window shows.  They have a
 * reference each, which keeps reclaim and migration away; a hole that is punched leaves
 * the window with the old pages.
 *
 * A writable window is like a writable mapping for those who seal the file: either they
 * find it, or it finds the seal.
 */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>

#include <linux/gunyah/abi/rm.h>

#include "mem_fixed.h"

/**
 * struct shmem_mem - pages of a file in memory
 * @fixed: the pages
 * @file: the file
 * @got: how many of the pages have a reference
 * @write: the guest may write; the mapping counts us as writable
 */
struct shmem_mem {
	struct gunyah_fixed_mem fixed;
	struct file *file;
	u64 got;
	bool write;
};

/* No filesystem behind them that has to know: only the flag is set */
static void shmem_put_pages(struct shmem_mem *shmem)
{
	u64 i;

	for (i = 0; i < shmem->got; i++) {
		if (shmem->write)
			set_page_dirty(shmem->fixed.pages[i]);
		put_page(shmem->fixed.pages[i]);
	}
}

static void shmem_mem_release(struct gunyah_fixed_mem *fixed)
{
	struct shmem_mem *shmem = container_of(fixed, struct shmem_mem, fixed);

	shmem_put_pages(shmem);
	gunyah_fixed_mem_exit(fixed);
	if (shmem->write)
		mapping_unmap_writable(shmem->file->f_mapping);
	fput(shmem->file);
	kfree(shmem);
}

/* EPERM if the file is sealed against writing */
static int shmem_map_writable(struct file *file)
{
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	err = mapping_map_writable(file->f_mapping);
	if (err)
		return err;
	if (SHMEM_I(file_inode(file))->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) {
		mapping_unmap_writable(file->f_mapping);
		return -EPERM;
	}
	return 0;
}

static int shmem_mem_get_pages(struct shmem_mem *shmem, u64 index)
{
	struct address_space *mapping = shmem->file->f_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping) & ~__GFP_MOVABLE;
	struct page *page;

	for (; shmem->got < shmem->fixed.nr; shmem->got++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		page = shmem_read_mapping_page_gfp(mapping, index + shmem->got, gfp);
		if (IS_ERR(page))
			return PTR_ERR(page);
		shmem->fixed.pages[shmem->got] = page;
		cond_resched();
	}
	return 0;
}

/* Takes over the reference of @file if it succeeds */
static int shmem_bind_file(struct gunyah_mem_range *range, struct file *file, u64 index)
{
	struct shmem_mem *shmem = kzalloc(sizeof(*shmem), GFP_KERNEL_ACCOUNT);
	int err;

	if (!shmem)
		return -ENOMEM;
	shmem->fixed.release = shmem_mem_release;
	shmem->file = file;
	shmem->write = range->rights & GUNYAH_RM_ACL_W;
	err = shmem->write ? shmem_map_writable(file) : 0;
	if (err)
		goto free;
	err = gunyah_fixed_mem_init(&shmem->fixed, range->gfns.nr);
	if (err)
		goto unmap;
	err = shmem_mem_get_pages(shmem, index);
	if (err)
		goto put;
	gunyah_fixed_mem_bind(&shmem->fixed, range);
	return 0;

put:
	shmem_put_pages(shmem);
	gunyah_fixed_mem_exit(&shmem->fixed);
unmap:
	if (shmem->write)
		mapping_unmap_writable(file->f_mapping);
free:
	kfree(shmem);
	return err;
}

static bool file_is_shmem(struct file *file)
{
	return S_ISREG(file_inode(file)->i_mode) &&
	       file_inode(file)->i_sb->s_magic == TMPFS_MAGIC;
}

static int shmem_check(struct file *file, u64 index, u64 nr)
{
	u64 pages;

	if (!file_is_shmem(file))
		return -EINVAL;
	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	pages = DIV_ROUND_UP_ULL(i_size_read(file_inode(file)), PAGE_SIZE);
	return index < pages && nr <= pages - index ? 0 : -EINVAL;
}

int gunyah_mem_shmem_bind(struct gunyah_mem_range *range, unsigned int fd, u64 index)
{
	struct file *file = fget(fd);
	int err;

	if (!file)
		return -EBADF;
	err = shmem_check(file, index, range->gfns.nr);
	if (!err)
		err = shmem_bind_file(range, file, index);
	if (err)
		fput(file);
	return err;
}
