// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns guest memory files: an inode whose page cache is memory for guests, and what
 * its users may do with it.  Which pages are a guest's is guest_memfd_bind.c's.
 *
 * Pages are zeroed before anybody sees them, then stay where they are until they are
 * punched out or the file goes: they are neither reclaimed, nor written back, nor
 * migrated, as that would mean that the kernel reads them, which it must not while a
 * guest has them.  There is no read() or write() for the same reason.  They are always
 * dirty, so that nobody takes them for something that can be read again from elsewhere.
 */
#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/highmem.h>
#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <uapi/linux/gunyah.h>

#include "compat.h"
#include "guest_memfd.h"
#include "guest_memfd_priv.h"

/*
 * Folios
 */

/* Without __GFP_MOVABLE: they stay where they are */
#define GMEM_GFP	GFP_USER

static void folio_clear(struct folio *folio)
{
	long i;

	for (i = 0; i < folio_nr_pages(folio); i++) {
		clear_highpage(folio_page(folio, i));
		cond_resched();
	}
}

/* A folio at @index, zeroed, locked, with a reference; EEXIST: another one is there */
static struct folio *folio_create(struct address_space *mapping, pgoff_t index,
				  unsigned int order, gfp_t gfp)
{
	struct folio *folio = filemap_alloc_folio(gfp, order);
	int err;

	if (!folio)
		return ERR_PTR(-ENOMEM);
	folio_clear(folio);
	folio_mark_uptodate(folio);
	err = filemap_add_folio(mapping, folio, index, gfp);
	if (err) {
		folio_put(folio);
		return ERR_PTR(err);
	}
	folio_mark_dirty(folio);
	return folio;
}

/* NULL: it has to be a small one */
static struct folio *folio_create_huge(struct gunyah_gmem *gmem, pgoff_t index)
{
	struct address_space *mapping = gmem->inode->i_mapping;
	pgoff_t first = round_down(index, BIT(GMEM_HUGE_ORDER));
	pgoff_t end = i_size_read(gmem->inode) >> PAGE_SHIFT;
	struct folio *folio;

	if (!gmem->huge || !mapping_large_folio_support(mapping))
		return NULL;
	if (first + BIT(GMEM_HUGE_ORDER) > end)
		return NULL;
	folio = folio_create(mapping, first, GMEM_HUGE_ORDER,
			     GMEM_GFP | __GFP_NORETRY | __GFP_NOWARN);
	return IS_ERR(folio) ? NULL : folio;
}

/**
 * gmem_folio_get() - the folio that holds a page of a file; allocates it
 * @gmem: the file; its invalidate_lock is held
 * @index: the page
 *
 * Returns: the folio, locked, with a reference; EFAULT beyond the end of the file;
 * ENOMEM, also if the memory cgroup of the calling task is full; EHWPOISON.
 */
struct folio *gmem_folio_get(struct gunyah_gmem *gmem, pgoff_t index)
{
	struct address_space *mapping = gmem->inode->i_mapping;
	struct folio *folio;

	lockdep_assert_held(&mapping->invalidate_lock);

	if (index >= i_size_read(gmem->inode) >> PAGE_SHIFT)
		return ERR_PTR(-EFAULT);
	do {
		folio = __filemap_get_folio(mapping, index, FGP_LOCK, 0);
		if (!IS_ERR_OR_NULL(folio))
			break;
		folio = folio_create_huge(gmem, index);
		if (!folio)
			folio = folio_create(mapping, index, 0, GMEM_GFP);
	} while (folio == ERR_PTR(-EEXIST));

	if (!IS_ERR(folio) && folio_test_hwpoison(folio)) {
		folio_unlock(folio);
		folio_put(folio);
		return ERR_PTR(-EHWPOISON);
	}
	return folio;
}

static int gmem_migrate_folio(struct address_space *mapping, struct folio *dst,
			      struct folio *src, enum migrate_mode mode)
{
	return -EBUSY;
}

static const struct address_space_operations gmem_aops = {
	.dirty_folio = noop_dirty_folio,
	.migrate_folio = gmem_migrate_folio,
};

/*
 * Mappings
 */

/*
 * What is mapped may be a huge folio as a whole, so all of it has to be the host's.
 * The folio stays locked until it is mapped: a guest that wants it comes after that and
 * finds it mapped.
 */
static vm_fault_t gmem_fault_locked(struct gunyah_gmem *gmem, struct vm_fault *vmf)
{
	struct folio *folio = gmem_folio_get(gmem, vmf->pgoff);
	int err;

	if (IS_ERR(folio))
		return vmf_error(PTR_ERR(folio));
	err = gmem_take_back_private(gmem, folio->index, folio_next_index(folio));
	if (err) {
		folio_unlock(folio);
		folio_put(folio);
		return VM_FAULT_SIGBUS;
	}
	vmf->page = folio_file_page(folio, vmf->pgoff);
	return VM_FAULT_LOCKED;
}

static vm_fault_t gmem_fault(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	vm_fault_t ret;

	filemap_invalidate_lock_shared(inode->i_mapping);
	ret = gmem_fault_locked(gmem_of(inode), vmf);
	filemap_invalidate_unlock_shared(inode->i_mapping);
	return ret;
}

static const struct vm_operations_struct gmem_vm_ops = {
	.fault = gmem_fault,
};

/*
 * A copy on write would be a page that the guest does not see.  Core dumps have
 * nothing to do with a guest's memory, and would allocate what was never used.
 */
static int gmem_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	gunyah_vm_flags_set(vma, VM_DONTDUMP);
	vma->vm_ops = &gmem_vm_ops;
	return 0;
}

/*
 * Allocating, punching, truncating
 */

static long gmem_allocate_locked(struct gunyah_gmem *gmem, pgoff_t index, pgoff_t end)
{
	struct folio *folio;

	if (end > i_size_read(gmem->inode) >> PAGE_SHIFT)
		return -EINVAL;
	while (index < end) {
		if (fatal_signal_pending(current))
			return -EINTR;
		folio = gmem_folio_get(gmem, index);
		if (IS_ERR(folio))
			return PTR_ERR(folio);
		index = folio_next_index(folio);
		folio_unlock(folio);
		folio_put(folio);
		cond_resched();
	}
	return 0;
}

static long gmem_allocate(struct gunyah_gmem *gmem, loff_t offset, loff_t len)
{
	struct address_space *mapping = gmem->inode->i_mapping;
	long ret;

	filemap_invalidate_lock_shared(mapping);
	ret = gmem_allocate_locked(gmem, offset >> PAGE_SHIFT, (offset + len) >> PAGE_SHIFT);
	filemap_invalidate_unlock_shared(mapping);
	return ret;
}

/*
 * No page goes if one of them is still a guest's.  Part of a huge folio is zeroed and
 * stays allocated if the folio cannot be split.
 */
static long gmem_punch(struct gunyah_gmem *gmem, loff_t offset, loff_t len)
{
	struct address_space *mapping = gmem->inode->i_mapping;
	long ret;

	filemap_invalidate_lock(mapping);
	ret = gmem_take_back(gmem, offset >> PAGE_SHIFT, (offset + len) >> PAGE_SHIFT);
	if (!ret) {
		unmap_mapping_range(mapping, offset, len, 0);
		truncate_inode_pages_range(mapping, offset, offset + len - 1);
	}
	filemap_invalidate_unlock(mapping);
	return ret;
}

static long gmem_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct gunyah_gmem *gmem = gmem_of(file_inode(file));

	if (!(mode & FALLOC_FL_KEEP_SIZE) ||
	    mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		return -EOPNOTSUPP;
	if (!PAGE_ALIGNED(offset) || !PAGE_ALIGNED(len))
		return -EINVAL;
	if (mode & FALLOC_FL_PUNCH_HOLE)
		return gmem_punch(gmem, offset, len);
	return gmem_allocate(gmem, offset, len);
}

/* Does one folio hold both sides of @index? */
static bool gmem_is_inside_folio(struct address_space *mapping, pgoff_t index)
{
	struct folio *folio = __filemap_get_folio(mapping, index, 0, 0);
	bool inside;

	if (IS_ERR_OR_NULL(folio))
		return false;
	inside = folio->index < index;
	folio_put(folio);
	return inside;
}

/*
 * A huge folio that begins before the new end has to be split while all of it is still
 * inside: the kernel counts dirty pages behind the end as cleaned when it splits them,
 * in a place that files without a disk do not have.  So truncate_setsize(), which
 * changes the size first, is no use, and a folio that cannot be split is in the way.
 */
static int gmem_cut_off(struct gunyah_gmem *gmem, loff_t size)
{
	struct address_space *mapping = gmem->inode->i_mapping;
	int err;

	err = gmem_take_back(gmem, size >> PAGE_SHIFT, ULONG_MAX);
	if (err)
		return err;
	unmap_mapping_range(mapping, size, 0, 1);
	truncate_inode_pages_range(mapping, size, -1);
	return gmem_is_inside_folio(mapping, size >> PAGE_SHIFT) ? -EBUSY : 0;
}

/* Whole pages only: a page of which a part goes would have to be written to */
static int gmem_resize(struct gunyah_gmem *gmem, loff_t size)
{
	struct address_space *mapping = gmem->inode->i_mapping;
	int err = 0;

	if (!PAGE_ALIGNED(size))
		return -EINVAL;
	filemap_invalidate_lock(mapping);
	if (size < i_size_read(gmem->inode))
		err = gmem_cut_off(gmem, size);
	if (!err)
		i_size_write(gmem->inode, size);
	filemap_invalidate_unlock(mapping);
	return err;
}

static int gmem_setattr(struct gunyah_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err = setattr_prepare(idmap, dentry, attr);

	if (!err && attr->ia_valid & ATTR_SIZE)
		err = gmem_resize(gmem_of(inode), attr->ia_size);
	if (!err)
		setattr_copy(idmap, inode, attr);
	return err;
}

/*
 * Files
 */

static int gmem_release(struct inode *inode, struct file *file)
{
	gunyah_mem_file_released();
	return 0;
}

static const struct file_operations gmem_fops = {
	.owner = THIS_MODULE,
	.mmap = gmem_mmap,
	.get_unmapped_area = thp_get_unmapped_area,
	.fallocate = gmem_fallocate,
	.llseek = generic_file_llseek,
	.release = gmem_release,
};

static const struct inode_operations gmem_iops = {
	.setattr = gmem_setattr,
	.getattr = simple_getattr,
};

bool gmem_is_file(const struct file *file)
{
	return file->f_op == &gmem_fops;
}

/* Bindings hold the file, so nothing is bound any more */
static void gmem_evict(struct gunyah_mem_object *object)
{
	struct gunyah_gmem *gmem = container_of(object, struct gunyah_gmem, object);

	WARN_ON_ONCE(!list_empty(&gmem->bound));
	mutex_destroy(&gmem->lock);
	kfree(gmem);
}

static struct gunyah_gmem *gmem_alloc(struct inode *inode, bool huge)
{
	struct gunyah_gmem *gmem = kzalloc(sizeof(*gmem), GFP_KERNEL_ACCOUNT);

	if (!gmem)
		return NULL;
	gmem->object.evict = gmem_evict;
	gmem->inode = inode;
	gmem->huge = huge;
	mutex_init(&gmem->lock);
	INIT_LIST_HEAD(&gmem->bound);
	return gmem;
}

/*
 * That it is open for writing keeps khugepaged from taking it for a file whose pages
 * can be copied together.
 */
static void gmem_inode_init(struct inode *inode, struct gunyah_gmem *gmem)
{
	inode->i_private = &gmem->object;
	inode->i_op = &gmem_iops;
	inode->i_mapping->a_ops = &gmem_aops;
	atomic_inc(&inode->i_writecount);
	mapping_set_gfp_mask(inode->i_mapping, GMEM_GFP);
	mapping_set_unevictable(inode->i_mapping);
	if (gmem->huge)
		mapping_set_large_folios(inode->i_mapping);
}

static struct file *gmem_file_create(u64 size, bool huge)
{
	struct inode *inode = gunyah_mem_inode_create(size);
	struct gunyah_gmem *gmem;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	gmem = gmem_alloc(inode, huge);
	if (!gmem) {
		gunyah_mem_inode_drop(inode);
		return ERR_PTR(-ENOMEM);
	}
	gmem_inode_init(inode, gmem);
	return gunyah_mem_file_create(inode, "[gh-gmem]", &gmem_fops);
}

/**
 * gunyah_guest_memfd_create() - a new guest memory file
 * @size: bytes, a multiple of the page size
 * @flags: GUNYAH_GUEST_MEM_*
 *
 * Returns: its descriptor, or the errors of GUNYAH_CREATE_GUEST_MEM.
 */
int gunyah_guest_memfd_create(u64 size, u64 flags)
{
	if (flags & ~(u64)(GUNYAH_GUEST_MEM_CLOEXEC | GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE))
		return -EINVAL;
	if (!PAGE_ALIGNED(size) || size > MAX_LFS_FILESIZE)
		return -EINVAL;
	return gunyah_mem_file_install(gmem_file_create(size,
							flags & GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE),
				       flags & GUNYAH_GUEST_MEM_CLOEXEC ? O_CLOEXEC : 0);
}
