// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns files of CMA memory: all of a reserved region, allocated when it is first used,
 * and which parts of it are which VM's.  Does not own the region (cma.c does).
 *
 * The whole region is one allocation.  dma_alloc_pages() takes it out of the region of
 * its device by cma_alloc(), which knows no largest order: any number of pages that the
 * region has.  Its pages are single ones then, each with one reference, ours.
 *
 * Nobody gets another one: mappings have page frame numbers, not pages, so that
 * get_user_pages() fails there.  A pin would keep the kernel's access to a page while a
 * guest has it to itself, and a long-term pin of memory that is in a CMA region and on no
 * list is tried for ever by some kernels.  So a page with more than our reference is one
 * that a hypervisor did not return, see gunyah_mem_lose(): nothing touches it any more.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "mem.h"
#include "mem_cma.h"
#include "mem_file.h"

/* Pages of a region that somebody else uses move away; some take a while to let go */
#define FILL_TRIES		10
#define FILL_INTERVAL_MS	20

/**
 * struct cma_mem - a file of CMA memory
 * @region: which; constant
 * @mapping: of the file: all its mappings in processes; constant
 * @lock: protects what follows; inside of mmap_lock and of the VM's mem.lock
 * @bound: struct cma_binding, without overlaps
 */
struct cma_mem {
	struct gunyah_cma_region *region;
	struct address_space *mapping;

	struct mutex lock; /* bound, what is in bindings, and the region's allocation */
	struct list_head bound;
};

/**
 * struct cma_binding - part of the memory that is a VM's
 * @node: in cma_mem.bound
 * @refs: ranges that it backs
 * @cm: the memory; constant
 * @file: keeps it; constant
 * @index: the first page; constant
 * @nr: pages; constant
 * @kind: share or lend; constant
 * @given: how many times some of it was populated: while it is not 0 the host keeps away
 *	from all of it
 */
struct cma_binding {
	struct list_head node;
	refcount_t refs;
	struct cma_mem *cm;
	struct file *file;
	u64 index;
	u64 nr;
	enum gunyah_mem_kind kind;
	unsigned int given;
};

static u64 region_size(const struct gunyah_cma_region *region)
{
	return region->nr << PAGE_SHIFT;
}

static u64 cma_size(const struct cma_mem *cm)
{
	return region_size(cm->region);
}

/*
 * Allocation
 */

/* See the top of this file */
static bool region_is_whole(const struct gunyah_cma_region *region, u64 index, u64 nr)
{
	u64 end = index + nr;

	for (; index < end; index++) {
		if (page_count(pfn_to_page(region->pfn + index)) != 1)
			return false;
	}
	return true;
}

static void region_free(struct gunyah_cma_region *region, struct page *pages)
{
	dma_free_pages(region->dev, region_size(region), pages, region->dma,
		       DMA_BIDIRECTIONAL);
}

/* If the region does not have the pages they come from elsewhere: that is no use */
static bool region_try_fill(struct gunyah_cma_region *region)
{
	struct page *pages;

	pages = dma_alloc_pages(region->dev, region_size(region), &region->dma,
				DMA_BIDIRECTIONAL, GFP_KERNEL | __GFP_NOWARN);
	if (!pages)
		return false;
	if (page_to_pfn(pages) == region->pfn)
		return true;
	region_free(region, pages);
	return false;
}

/* Pages that are a guest's must not go to somebody else: then all of it stays; false */
static bool region_empty(struct gunyah_cma_region *region)
{
	if (!region->filled)
		return true;
	if (!region_is_whole(region, 0, region->nr))
		return false;
	region_free(region, pfn_to_page(region->pfn));
	region->filled = false;
	return true;
}

/* Allocates the memory, zeroed, if that has not been done */
static int cma_fill(struct cma_mem *cm)
{
	struct gunyah_cma_region *region = cm->region;
	unsigned int tries;

	lockdep_assert_held(&cm->lock);

	for (tries = 0; !region->filled && tries < FILL_TRIES; tries++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (tries)
			msleep(FILL_INTERVAL_MS);
		region->filled = region_try_fill(region);
	}
	if (region->filled)
		return 0;
	dev_warn_ratelimited(region->dev, "%s: the reserved memory is not free\n", current->comm);
	return -ENOMEM;
}

static int cma_fill_locked(struct cma_mem *cm)
{
	int err = mutex_lock_killable(&cm->lock);

	if (err)
		return err;
	err = cma_fill(cm);
	mutex_unlock(&cm->lock);
	return err;
}

/*
 * Bindings
 */

static struct cma_binding *cma_find_binding(const struct cma_mem *cm, u64 index, u64 nr)
{
	struct cma_binding *binding;

	lockdep_assert_held(&cm->lock);

	list_for_each_entry(binding, &cm->bound, node) {
		if (binding->index < index + nr && index < binding->index + binding->nr)
			return binding;
	}
	return NULL;
}

static void cma_get(void *backing)
{
	struct cma_binding *binding = backing;

	refcount_inc(&binding->refs);
}

static void cma_put(void *backing)
{
	struct cma_binding *binding = backing;
	struct cma_mem *cm = binding->cm;

	if (!refcount_dec_and_test(&binding->refs))
		return;
	mutex_lock(&cm->lock);
	list_del(&binding->node);
	mutex_unlock(&cm->lock);
	fput(binding->file);
	kfree(binding);
}

/* From now on faults find @given, so that no mapping comes back after it has gone here */
static int cma_populate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	struct cma_binding *binding = range->backing;
	struct cma_mem *cm = binding->cm;
	bool whole;

	mutex_lock(&cm->lock);
	whole = region_is_whole(cm->region, index, nr);
	binding->given += whole;
	mutex_unlock(&cm->lock);
	if (!whole)
		return -EBUSY;
	if (binding->kind == GUNYAH_MEM_LEND)
		unmap_mapping_range(cm->mapping, index << PAGE_SHIFT, nr << PAGE_SHIFT, 1);
	return 0;
}

static void cma_unpopulate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	struct cma_binding *binding = range->backing;

	mutex_lock(&binding->cm->lock);
	binding->given--;
	mutex_unlock(&binding->cm->lock);
}

static struct gunyah_page_run cma_run_at(void *backing, u64 index, u64 nr)
{
	const struct cma_binding *binding = backing;

	return (struct gunyah_page_run){ .pfn = binding->cm->region->pfn + index, .nr = nr };
}

static const struct gunyah_backing_ops cma_ops = {
	.get = cma_get,
	.put = cma_put,
	.populate = cma_populate,
	.unpopulate = cma_unpopulate,
	.run_at = cma_run_at,
};

/* The binding gets the file's reference, if it succeeds */
static int cma_claim(struct gunyah_mem_range *range, struct file *file, u64 index)
{
	struct cma_mem *cm = file->private_data;
	struct cma_binding *binding;
	int err;

	lockdep_assert_held(&cm->lock);

	if (cma_find_binding(cm, index, range->gfns.nr))
		return -EEXIST;
	err = cma_fill(cm);
	if (err)
		return err;
	binding = kzalloc(sizeof(*binding), GFP_KERNEL_ACCOUNT);
	if (!binding)
		return -ENOMEM;
	refcount_set(&binding->refs, 1);
	binding->cm = cm;
	binding->file = file;
	binding->index = index;
	binding->nr = range->gfns.nr;
	binding->kind = range->kind;
	list_add(&binding->node, &cm->bound);
	range->first = index;
	range->ops = &cma_ops;
	range->backing = binding;
	return 0;
}

static int cma_bind(struct gunyah_mem_range *range, struct file *file, u64 offset)
{
	struct cma_mem *cm = file->private_data;
	u64 end;
	int err;

	if (check_add_overflow(offset, gunyah_gfns_size(range->gfns), &end) ||
	    end > cma_size(cm))
		return -EOVERFLOW;
	err = mutex_lock_killable(&cm->lock);
	if (err)
		return err;
	err = cma_claim(range, file, offset >> PAGE_SHIFT);
	mutex_unlock(&cm->lock);
	return err;
}

/*
 * The file
 */

/* Whether the host may touch a page that is allocated; @read: the kernel itself, now */
static bool cma_is_open(struct cma_mem *cm, u64 index, bool read)
{
	const struct cma_binding *binding = cma_find_binding(cm, index, 1);

	if (binding && binding->given && (read || binding->kind == GUNYAH_MEM_LEND))
		return false;
	return region_is_whole(cm->region, index, 1);
}

static vm_fault_t cma_fault(struct vm_fault *vmf)
{
	struct cma_mem *cm = vmf->vma->vm_file->private_data;
	vm_fault_t ret = VM_FAULT_SIGBUS;

	mutex_lock(&cm->lock);
	if (vmf->pgoff < cm->region->nr && cma_is_open(cm, vmf->pgoff, false))
		ret = vmf_insert_pfn(vmf->vma, vmf->address, cm->region->pfn + vmf->pgoff);
	mutex_unlock(&cm->lock);
	return ret;
}

static const struct vm_operations_struct cma_vm_ops = {
	.fault = cma_fault,
};

/* A copy on write would be a page that the guest does not see */
static int cma_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err;

	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	err = cma_fill_locked(file->private_data);
	if (err)
		return err;
	gunyah_vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &cma_vm_ops;
	return 0;
}

/* By way of another page, as the user's may be one of these: no fault under the lock */
static int cma_peek(struct cma_mem *cm, loff_t pos, void *dst, size_t n)
{
	u64 index = pos >> PAGE_SHIFT;
	int err = 0;

	mutex_lock(&cm->lock);
	if (!cm->region->filled)
		memset(dst, 0, n);
	else if (cma_is_open(cm, index, true))
		memcpy(dst, page_address(pfn_to_page(cm->region->pfn + index)) +
		       offset_in_page(pos), n);
	else
		err = -EACCES;
	mutex_unlock(&cm->lock);
	return err;
}

static ssize_t cma_read_by(struct cma_mem *cm, char __user *buf, size_t count, loff_t *pos,
			   void *page)
{
	size_t done = 0, n;
	int err = 0;

	while (done < count && *pos < cma_size(cm) && !fatal_signal_pending(current)) {
		n = min_t(size_t, count - done, PAGE_SIZE - offset_in_page(*pos));
		err = cma_peek(cm, *pos, page, n);
		if (!err && copy_to_user(buf + done, page, n))
			err = -EFAULT;
		if (err)
			break;
		done += n;
		*pos += n;
		cond_resched();
	}
	return done ?: err;
}

static ssize_t cma_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	void *page = (void *)__get_free_page(GFP_KERNEL);
	ssize_t ret;

	if (!page)
		return -ENOMEM;
	ret = cma_read_by(file->private_data, buf, count, pos, page);
	free_page((unsigned long)page);
	return ret;
}

/* Neither mappings nor bindings are left: they hold the file */
static int cma_release(struct inode *inode, struct file *file)
{
	struct cma_mem *cm = file->private_data;
	struct gunyah_cma_region *region = cm->region;

	WARN_ON_ONCE(!list_empty(&cm->bound));
	if (!region_empty(region))
		dev_warn(region->dev, "memory was not given back: the region cannot be used any more\n");
	clear_bit_unlock(GUNYAH_CMA_REGION_BUSY, &region->flags);
	region->put(region);
	mutex_destroy(&cm->lock);
	kfree(cm);
	gunyah_mem_file_released();
	return 0;
}

static const struct file_operations cma_fops = {
	.owner = THIS_MODULE,
	.mmap = cma_mmap,
	.read = cma_read,
	.llseek = generic_file_llseek,
	.release = cma_release,
};

/* The size is the region's */
static int cma_setattr(struct gunyah_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	if (attr->ia_valid & ATTR_SIZE)
		return -EINVAL;
	return simple_setattr(idmap, dentry, attr);
}

static const struct inode_operations cma_iops = {
	.setattr = cma_setattr,
	.getattr = simple_getattr,
};

static struct cma_mem *cma_mem_alloc(struct gunyah_cma_region *region)
{
	struct cma_mem *cm = kzalloc(sizeof(*cm), GFP_KERNEL_ACCOUNT);

	if (!cm)
		return NULL;
	cm->region = region;
	mutex_init(&cm->lock);
	INIT_LIST_HEAD(&cm->bound);
	return cm;
}

static struct file *cma_file_create(struct cma_mem *cm)
{
	struct inode *inode = gunyah_mem_inode_create(cma_size(cm));
	struct file *file;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	inode->i_op = &cma_iops;
	cm->mapping = inode->i_mapping;
	file = gunyah_mem_file_create(inode, "[gh-cma]", &cma_fops);
	if (IS_ERR(file))
		return file;
	file->f_mode |= FMODE_PREAD;
	file->private_data = cm;
	return file;
}

/* The region is ours */
static struct file *cma_open(struct gunyah_cma_region *region)
{
	struct cma_mem *cm;
	struct file *file;

	if (!region_empty(region))
		return ERR_PTR(-EIO);
	cm = cma_mem_alloc(region);
	if (!cm)
		return ERR_PTR(-ENOMEM);
	file = cma_file_create(cm);
	if (IS_ERR(file)) {
		mutex_destroy(&cm->lock);
		kfree(cm);
		return file;
	}
	region->get(region);
	return file;
}

/**
 * gunyah_cma_mem_create() - a file that is all of a region
 * @region: which
 *
 * Returns: its descriptor, or EBUSY if there is one; EIO if some of it was lost to a
 * guest; ENOMEM, EMFILE, ENFILE.
 */
int gunyah_cma_mem_create(struct gunyah_cma_region *region)
{
	struct file *file;

	if (test_and_set_bit_lock(GUNYAH_CMA_REGION_BUSY, &region->flags))
		return -EBUSY;
	file = cma_open(region);
	if (IS_ERR(file))
		clear_bit_unlock(GUNYAH_CMA_REGION_BUSY, &region->flags);
	return gunyah_mem_file_install(file, O_CLOEXEC);
}

/**
 * gunyah_cma_mem_bind() - makes part of a file of CMA memory the backing of a range
 * @range: its mem, gfns and kind are set; gets @first, @ops and @backing
 * @fd: descriptor of the calling task
 * @offset: first byte, page aligned
 *
 * Returns: 0; EBADF; EINVAL if it is no such file; EOVERFLOW if it ends before the range;
 * EEXIST if part of it is bound; ENOMEM; EINTR.
 */
int gunyah_cma_mem_bind(struct gunyah_mem_range *range, unsigned int fd, u64 offset)
{
	struct file *file = fget(fd);
	int err = -EINVAL;

	if (!file)
		return -EBADF;
	if (file->f_op == &cma_fops)
		err = cma_bind(range, file, offset);
	if (err)
		fput(file);
	return err;
}
