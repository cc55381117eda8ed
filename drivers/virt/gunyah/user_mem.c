// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns memory of a process that a VM uses: its share of RLIMIT_MEMLOCK, the pins of
 * what has to stay, and the check of what can be a guest's memory at all.  Does not
 * look at guest addresses; pages that come one fault at a time are user_mem_paged.c's.
 *
 * Three kinds:
 *
 *  - paged, shared: neither pinned nor accounted, ordinary memory of its process;
 *  - paged, lent: accounted as a whole when it is announced, so that a guest does not
 *    die of a limit in the middle of its life; pinned when the guest gets it;
 *  - not paged: pinned and accounted as a whole when it is announced.
 *
 * A lent page stays in the page tables of its process, which may use it as long as the
 * guest does not have it.  The guest's secrets are safe all the same: the hypervisor
 * guards them.  But a kernel that reads a lent page on its own account, where it expects
 * no fault, oopses.  So those parts of the kernel that would go there uninvited are kept
 * away: fork() by VM_DONTCOPY, core dumps by VM_DONTDUMP, KSM by VM_DONTEXPAND, which
 * also stops madvise() from undoing VM_DONTDUMP.  Reclaim, migration and huge page
 * collapse leave pinned pages alone by themselves.  What a module cannot prevent is that
 * somebody asks for it: process_vm_readv(), /proc/pid/mem, O_DIRECT and vmsplice() on
 * lent pages, MADV_DOFORK and fork().  Guest memory files have none of this.
 */
#include <linux/ksm.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "user_mem.h"
#include "user_mem_priv.h"

/* Pages to pin before looking for signals and other tasks: 2 MiB of them */
#define PIN_BATCH	512

/**
 * struct gunyah_user_pins - pages that stay
 * @node: in gunyah_user_mem.pins
 * @index: first page of the backing
 * @nr: pages
 * @pinned: how many of them are pinned; @nr once it has been set up
 * @pages: @nr pages
 */
struct gunyah_user_pins {
	struct list_head node;
	u64 index;
	u64 nr;
	u64 pinned;
	struct page *pages[];
};

/**
 * gunyah_user_page_check() - whether a guest can use a page
 * @page: of a process, with a reference
 * @write: the guest may change it, or is to have it for itself
 *
 * The zero page is everybody's.  The page cache of a file may be read; written, it is
 * the filesystem's, which has to know before each write, and cannot with a guest.
 *
 * Returns: 0, EFAULT for the zero page, EIO for a page of a file.
 */
int gunyah_user_page_check(struct page *page, bool write)
{
	struct folio *folio = page_folio(page);

	if (folio_test_anon(folio) || folio_test_swapbacked(folio) ||
	    folio_test_hugetlb(folio))
		return 0;
	if (!READ_ONCE(folio->mapping))
		return -EFAULT;
	return write ? -EIO : 0;
}

static int user_pages_check(const struct gunyah_user_mem *umem, struct page **pages, u64 nr)
{
	int err = 0;
	u64 i;

	for (i = 0; !err && i < nr; i++)
		err = gunyah_user_page_check(pages[i], umem->exclusive);
	return err;
}

/* The ioctl's caller is the owner; START may be called by somebody else */
static long user_pin(struct gunyah_user_mem *umem, u64 index, u64 nr, struct page **pages)
{
	unsigned int flags = FOLL_LONGTERM | (umem->write ? FOLL_WRITE : 0);
	unsigned long addr = gunyah_user_mem_addr(umem, index);
	long got;

	if (umem->mm == current->mm)
		return pin_user_pages_fast(addr, nr, flags, pages);
	if (!mmget_not_zero(umem->mm))
		return -EFAULT;
	mmap_read_lock(umem->mm);
	got = gunyah_pin_user_pages_remote(umem->mm, addr, nr, flags, pages);
	mmap_read_unlock(umem->mm);
	mmput(umem->mm);
	return got;
}

static int user_pin_batch(struct gunyah_user_mem *umem, struct gunyah_user_pins *pins)
{
	struct page **pages = pins->pages + pins->pinned;
	long got;

	if (fatal_signal_pending(current))
		return -EINTR;
	got = user_pin(umem, pins->index + pins->pinned,
		       min_t(u64, pins->nr - pins->pinned, PIN_BATCH), pages);
	if (got <= 0)
		return got ?: -EFAULT;
	pins->pinned += got;
	cond_resched();
	return user_pages_check(umem, pages, got);
}

static int user_pins_add(struct gunyah_user_mem *umem, u64 index, u64 nr)
{
	struct gunyah_user_pins *pins;
	int err = 0;

	pins = kvzalloc(struct_size(pins, pages, nr), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!pins)
		return -ENOMEM;
	pins->index = index;
	pins->nr = nr;
	while (!err && pins->pinned < nr)
		err = user_pin_batch(umem, pins);
	if (err) {
		unpin_user_pages(pins->pages, pins->pinned);
		kvfree(pins);
		return err;
	}
	list_add(&pins->node, &umem->pins);
	return 0;
}

static void user_pins_free(struct gunyah_user_mem *umem, struct gunyah_user_pins *pins)
{
	list_del(&pins->node);
	unpin_user_pages_dirty_lock(pins->pages, pins->nr, umem->write);
	kvfree(pins);
}

static struct gunyah_user_pins *user_pins_find(struct gunyah_user_mem *umem, u64 index)
{
	struct gunyah_user_pins *pins;

	list_for_each_entry(pins, &umem->pins, node) {
		if (index >= pins->index && index - pins->index < pins->nr)
			return pins;
	}
	return NULL;
}

static int user_mem_account(struct gunyah_user_mem *umem, u64 nr)
{
	int err = account_locked_vm(umem->mm, nr, true);

	if (err)
		pr_warn_ratelimited("gunyah: %s: RLIMIT_MEMLOCK does not allow %llu KiB of guest memory\n",
				    current->comm, nr << (PAGE_SHIFT - 10));
	return err;
}

/* What has been accounted as a whole is known by not being shared page by page */
static bool user_mem_accounted(const struct gunyah_user_mem *umem)
{
	return !umem->notified;
}

static void user_mem_get(void *backing)
{
	struct gunyah_user_mem *umem = backing;

	kref_get(&umem->ref);
}

static void user_mem_free(struct gunyah_user_mem *umem)
{
	mmdrop(umem->mm);
	kfree(umem);
}

/* The mm may be long gone: the notifier has its structure, and so have we */
static void user_mem_release(struct kref *ref)
{
	struct gunyah_user_mem *umem = container_of(ref, struct gunyah_user_mem, ref);
	struct gunyah_user_pins *pins, *next;

	if (umem->notified)
		mmu_interval_notifier_remove(&umem->notifier);
	list_for_each_entry_safe(pins, next, &umem->pins, node)
		user_pins_free(umem, pins);
	if (user_mem_accounted(umem))
		account_locked_vm(umem->mm, umem->nr, false);
	user_mem_free(umem);
}

static void user_mem_put(void *backing)
{
	struct gunyah_user_mem *umem = backing;

	kref_put(&umem->ref, user_mem_release);
}

/* All pages are pinned from the start to the end */
static int user_mem_populate_pinned(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	return 0;
}

static void user_mem_unpopulate_pinned(struct gunyah_mem_range *range, u64 index, u64 nr)
{
}

static int user_mem_populate_paged(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	struct gunyah_user_mem *umem = range->backing;
	int err = 0;

	if (!user_mem_accounted(umem))
		err = user_mem_account(umem, nr);
	if (err)
		return err;
	err = user_pins_add(umem, index, nr);
	if (err && !user_mem_accounted(umem))
		account_locked_vm(umem->mm, nr, false);
	return err;
}

static void user_mem_unpopulate_paged(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	struct gunyah_user_mem *umem = range->backing;
	struct gunyah_user_pins *pins = user_pins_find(umem, index);

	if (WARN_ON_ONCE(!pins || pins->index != index || pins->nr != nr))
		return;
	user_pins_free(umem, pins);
	if (!user_mem_accounted(umem))
		account_locked_vm(umem->mm, nr, false);
}

static struct gunyah_page_run user_mem_run_at(void *backing, u64 index, u64 nr)
{
	struct gunyah_user_pins *pins = user_pins_find(backing, index);
	struct gunyah_page_run run = { .nr = 1 };
	struct page **pages;

	if (WARN_ON_ONCE(!pins))
		return run;
	pages = pins->pages + (index - pins->index);
	nr = min(nr, pins->nr - (index - pins->index));
	run.pfn = page_to_pfn(pages[0]);
	while (run.nr < nr && page_to_pfn(pages[run.nr]) == run.pfn + run.nr)
		run.nr++;
	return run;
}

static const struct gunyah_backing_ops pinned_ops = {
	.get = user_mem_get,
	.put = user_mem_put,
	.populate = user_mem_populate_pinned,
	.unpopulate = user_mem_unpopulate_pinned,
	.run_at = user_mem_run_at,
};

static const struct gunyah_backing_ops shared_ops = {
	.get = user_mem_get,
	.put = user_mem_put,
	.populate = user_mem_populate_paged,
	.unpopulate = user_mem_unpopulate_paged,
	.run_at = user_mem_run_at,
	.supply = gunyah_user_mem_supply_shared,
	.valid = gunyah_user_mem_valid_shared,
	.supplied = gunyah_user_mem_supplied_shared,
	.returned = gunyah_user_mem_returned_shared,
};

static const struct gunyah_backing_ops lent_ops = {
	.get = user_mem_get,
	.put = user_mem_put,
	.populate = user_mem_populate_paged,
	.unpopulate = user_mem_unpopulate_paged,
	.run_at = user_mem_run_at,
	.supply = gunyah_user_mem_supply_lent,
	.valid = gunyah_user_mem_valid_lent,
	.supplied = gunyah_user_mem_supplied_lent,
	.returned = gunyah_user_mem_returned_lent,
};

/* Files in memory: their pages have no filesystem that has to know of writes */
static bool vma_swap_backed(const struct vm_area_struct *vma)
{
	unsigned long magic = file_inode(vma->vm_file)->i_sb->s_magic;

	return magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC;
}

static int vma_check(const struct gunyah_user_mem *umem, const struct vm_area_struct *vma)
{
	if (vma->vm_flags & (VM_IO | VM_PFNMAP) || !(vma->vm_flags & VM_READ))
		return -EFAULT;
	if (!umem->write)
		return 0;
	if (!(vma->vm_flags & VM_WRITE))
		return -EFAULT;
	if (vma->vm_file && vma->vm_flags & VM_SHARED && !vma_swap_backed(vma))
		return -EIO;
	return 0;
}

/* See the top of this file */
static int vma_keep_away(struct vm_area_struct *vma)
{
	vm_flags_t flags = VM_DONTEXPAND | VM_DONTDUMP;
	unsigned long scratch = vma->vm_flags;
	int err = 0;

	if (scratch & VM_MERGEABLE)
		err = ksm_madvise(vma, vma->vm_start, vma->vm_end, MADV_UNMERGEABLE, &scratch);
	if (err)
		return err;
	gunyah_vm_flags_clear(vma, VM_MERGEABLE);
	if (is_cow_mapping(vma->vm_flags))
		flags |= VM_DONTCOPY;
	gunyah_vm_flags_set(vma, flags);
	return 0;
}

/* All of the memory, which may have a mapping or many; @lend: what precedes lending */
static int user_mem_walk(struct gunyah_user_mem *umem, bool lend)
{
	unsigned long addr = umem->uaddr, end = gunyah_user_mem_addr(umem, umem->nr);
	struct vm_area_struct *vma;
	int err;

	mmap_assert_write_locked(umem->mm);

	for (; addr < end; addr = vma->vm_end) {
		vma = find_vma(umem->mm, addr);
		if (!vma || vma->vm_start > addr)
			return -EFAULT;
		err = lend ? vma_keep_away(vma) : vma_check(umem, vma);
		if (err)
			return err;
	}
	return 0;
}

/* What cannot work fails in the ioctl that asked for it, before anything has changed */
static int user_mem_check_vmas(struct gunyah_user_mem *umem)
{
	int err;

	if (mmap_write_lock_killable(umem->mm))
		return -EINTR;
	err = user_mem_walk(umem, false);
	if (!err && umem->exclusive)
		err = user_mem_walk(umem, true);
	mmap_write_unlock(umem->mm);
	return err;
}

static struct gunyah_user_mem *user_mem_alloc(struct gunyah_mem_range *range,
					      const struct gunyah_user_mem_desc *desc)
{
	struct gunyah_user_mem *umem = kzalloc(sizeof(*umem), GFP_KERNEL_ACCOUNT);

	if (!umem)
		return NULL;
	kref_init(&umem->ref);
	umem->mem = range->mem;
	umem->gfn = range->gfns.gfn - range->first;
	umem->uaddr = desc->uaddr;
	umem->nr = desc->nr;
	umem->write = desc->write || desc->exclusive;
	umem->exclusive = desc->exclusive;
	INIT_LIST_HEAD(&umem->pins);
	umem->mm = current->mm;
	mmgrab(umem->mm);
	return umem;
}

/* Accounts, and pins what is not paged */
static int user_mem_hold(struct gunyah_user_mem *umem, bool paged)
{
	int err = user_mem_account(umem, umem->nr);

	if (err || paged)
		return err;
	err = user_pins_add(umem, 0, umem->nr);
	if (err)
		account_locked_vm(umem->mm, umem->nr, false);
	return err;
}

/**
 * gunyah_user_mem_bind() - makes memory of the caller the backing of a range
 * @range: mem, gfns and first are set; gets @ops and @backing
 * @desc: which memory
 *
 * Context: process context of the owner of the memory, no locks held.
 *
 * Returns: 0; ENOMEM, also over RLIMIT_MEMLOCK; EFAULT if not all of it is memory that
 * allows the access; EIO for files that the guest cannot have; EINTR.
 */
int gunyah_user_mem_bind(struct gunyah_mem_range *range,
			 const struct gunyah_user_mem_desc *desc)
{
	bool watch = desc->paged && !desc->exclusive;
	struct gunyah_user_mem *umem;
	int err;

	if (!access_ok(u64_to_user_ptr(desc->uaddr), desc->nr << PAGE_SHIFT))
		return -EFAULT;
	if (!desc->paged && desc->nr > totalram_pages())
		return -ENOMEM;
	umem = user_mem_alloc(range, desc);
	if (!umem)
		return -ENOMEM;
	err = user_mem_check_vmas(umem);
	if (!err)
		err = watch ? gunyah_user_mem_watch(umem) : user_mem_hold(umem, desc->paged);
	if (err) {
		user_mem_free(umem);
		return err;
	}
	range->ops = watch ? &shared_ops : desc->paged ? &lent_ops : &pinned_ops;
	range->backing = umem;
	return 0;
}
