// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns bindings: which part of a guest memory file is which VM's memory, and how the
 * host gets it back.  Does not own the pages; the page cache does (guest_memfd.c), also
 * while a guest has them.
 *
 * Index of the file and guest page keep their distance as long as a binding lives, no
 * matter what is cut out of it: a binding needs no list of the ranges that use it.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "compat.h"
#include "guest_memfd.h"
#include "guest_memfd_priv.h"
#include "mem.h"

/*
 * Spans
 */

static struct gmem_span *span_alloc(struct gmem_binding *binding, u64 index, u64 end, gfp_t gfp)
{
	struct gmem_span *span = kmalloc(sizeof(*span), gfp);

	if (span)
		*span = (struct gmem_span){ .binding = binding, .index = index, .end = end };
	return span;
}

static bool span_overlaps(const struct gmem_span *span, u64 index, u64 end)
{
	return span->index < end && index < span->end;
}

static bool spans_overlap(const struct list_head *spans, u64 index, u64 end)
{
	const struct gmem_span *span;

	list_for_each_entry(span, spans, node) {
		if (span_overlaps(span, index, end))
			return true;
	}
	return false;
}

/* Takes [@index, @end) out of @span; what is left behind it becomes @rest */
static bool span_remove(struct gmem_span *span, u64 index, u64 end, struct gmem_span *rest)
{
	bool head = span->index < index, tail = end < span->end;

	if (head && tail) {
		*rest = (struct gmem_span){ .binding = span->binding, .index = end,
					    .end = span->end };
		list_add(&rest->node, &span->node);
	}
	if (head) {
		span->end = index;
	} else if (tail) {
		span->index = end;
	} else {
		list_del(&span->node);
		kfree(span);
	}
	return head && tail;
}

/* Takes what @binding has of [@index, @end) out of @spans; uses up or frees @spare */
static void spans_remove(struct list_head *spans, const struct gmem_binding *binding,
			 u64 index, u64 end, struct gmem_span *spare)
{
	struct gmem_span *span, *next;

	lockdep_assert_held(&binding->gmem->lock);

	list_for_each_entry_safe(span, next, spans, node) {
		if (span->binding != binding || !span_overlaps(span, index, end))
			continue;
		if (span_remove(span, index, end, spare))
			spare = NULL;
	}
	kfree(spare);
}

/*
 * Pages come back
 */

static int span_take_back(const struct gmem_span *span, u64 first, u64 end)
{
	const struct gmem_binding *binding = span->binding;
	struct gunyah_gfns gfns;

	first = max(first, span->index);
	end = min(end, span->end);
	if (spans_overlap(&binding->resident, first, end))
		return -EBUSY;
	gfns.gfn = binding->gfn + (first - binding->index);
	gfns.nr = end - first;
	return gunyah_mem_take_back(binding->mem, gfns);
}

/**
 * gmem_take_back() - makes pages the host's alone
 * @gmem: the file; its invalidate_lock is held for writing, so no page goes to a guest
 * @first: the first page
 * @end: behind the last one
 *
 * Returns: 0; EBUSY if a page is a guest's that did not give it up, or was handed over
 * for good.  Other pages may have come back then; guests get them again when they
 * touch them.
 */
int gmem_take_back(struct gunyah_gmem *gmem, pgoff_t first, pgoff_t end)
{
	struct gmem_span *span;
	int err = 0;

	lockdep_assert_held_write(&gmem->inode->i_mapping->invalidate_lock);

	guard(mutex)(&gmem->lock);
	list_for_each_entry(span, &gmem->bound, node) {
		if (span_overlaps(span, first, end) && span_take_back(span, first, end))
			err = -EBUSY;
	}
	return err;
}

/**
 * gmem_take_back_private() - makes pages ones that the host may see
 * @gmem: the file
 * @first: the first page of a folio that is locked, so it does not go to a guest
 * @end: behind its last one
 *
 * Returns: as gmem_take_back(); pages that are shared stay the guest's, too.
 */
int gmem_take_back_private(struct gunyah_gmem *gmem, pgoff_t first, pgoff_t end)
{
	struct gmem_span *span;

	guard(mutex)(&gmem->lock);
	list_for_each_entry(span, &gmem->bound, node) {
		if (span->binding->kind != GUNYAH_MEM_LEND || !span_overlaps(span, first, end))
			continue;
		if (span_take_back(span, first, end))
			return -EBUSY;
	}
	return 0;
}

/*
 * Bindings
 */

/* Pages that stay until the VM is gone: handed over as a whole */
int gmem_resident_add(struct gmem_binding *binding, u64 index, u64 end)
{
	struct gmem_span *span = span_alloc(binding, index, end, GFP_KERNEL_ACCOUNT);

	if (!span)
		return -ENOMEM;
	guard(mutex)(&binding->gmem->lock);
	list_add(&span->node, &binding->resident);
	return 0;
}

void gmem_resident_remove(struct gmem_binding *binding, u64 index, u64 end)
{
	struct gmem_span *spare = span_alloc(NULL, 0, 0, GFP_KERNEL | __GFP_NOFAIL);

	guard(mutex)(&binding->gmem->lock);
	spans_remove(&binding->resident, binding, index, end, spare);
}

static void gmem_get(void *backing)
{
	struct gmem_binding *binding = backing;

	refcount_inc(&binding->refs);
}

static void gmem_put(void *backing)
{
	struct gmem_binding *binding = backing;

	if (!refcount_dec_and_test(&binding->refs))
		return;
	mutex_lock(&binding->gmem->lock);
	spans_remove(&binding->gmem->bound, binding, 0, U64_MAX, NULL);
	spans_remove(&binding->resident, binding, 0, U64_MAX, NULL);
	mutex_unlock(&binding->gmem->lock);
	fput(binding->file);
	kfree(binding);
}

static int gmem_cut(void *backing, u64 index, u64 nr)
{
	struct gmem_binding *binding = backing;
	struct gmem_span *spare = span_alloc(NULL, 0, 0, GFP_KERNEL_ACCOUNT);

	if (!spare)
		return -ENOMEM;
	guard(mutex)(&binding->gmem->lock);
	spans_remove(&binding->gmem->bound, binding, index, index + nr, spare);
	return 0;
}

/* The locks that gmem_supply() takes see to it */
static bool gmem_valid(struct gunyah_mem_range *range, const struct gunyah_supply *s)
{
	return true;
}

/* They are in the page cache all the time */
static void gmem_returned(struct gunyah_mem_range *range, u64 index, unsigned long pfn, u64 nr)
{
}

static const struct gunyah_backing_ops gmem_ops = {
	.get = gmem_get,
	.put = gmem_put,
	.cut = gmem_cut,
	.populate = gmem_populate,
	.unpopulate = gmem_unpopulate,
	.run_at = gmem_run_at,
	.supply = gmem_supply,
	.valid = gmem_valid,
	.supplied = gmem_supplied,
	.returned = gmem_returned,
};

/* NULL: it is no guest memory file */
static struct file *gmem_fget(unsigned int fd)
{
	struct file *file = fget(fd);

	if (!file || gmem_is_file(file))
		return file;
	fput(file);
	return NULL;
}

static struct gmem_binding *binding_alloc(const struct gunyah_mem_range *range,
					  struct file *file, u64 index)
{
	struct gmem_binding *binding = kzalloc(sizeof(*binding), GFP_KERNEL_ACCOUNT);

	if (!binding)
		return NULL;
	refcount_set(&binding->refs, 1);
	binding->gmem = gmem_of(file_inode(file));
	binding->file = file;
	binding->mem = range->mem;
	binding->kind = range->kind;
	binding->index = index;
	binding->gfn = range->gfns.gfn;
	INIT_LIST_HEAD(&binding->resident);
	return binding;
}

/* Makes the part of the file the binding's */
static int binding_claim(struct gmem_binding *binding, u64 index, u64 end)
{
	struct gunyah_gmem *gmem = binding->gmem;
	struct gmem_span *span;

	guard(mutex)(&gmem->lock);
	if (spans_overlap(&gmem->bound, index, end))
		return -EEXIST;
	span = span_alloc(binding, index, end, GFP_KERNEL_ACCOUNT);
	if (!span)
		return -ENOMEM;
	list_add(&span->node, &gmem->bound);
	return 0;
}

static bool gmem_is_aligned(const struct gunyah_gmem *gmem, u64 gfn, u64 index, u64 nr)
{
	return !gmem->huge || IS_ALIGNED(gfn | index | nr, BIT_ULL(GMEM_HUGE_ORDER));
}

static int gmem_bind(struct gunyah_mem_range *range, struct file *file, u64 index, u64 nr)
{
	struct gmem_binding *binding;
	u64 end;
	int err;

	if (check_add_overflow(index, nr, &end))
		return -EOVERFLOW;
	if (!gmem_is_aligned(gmem_of(file_inode(file)), range->gfns.gfn, index, nr))
		return -EINVAL;
	binding = binding_alloc(range, file, index);
	if (!binding)
		return -ENOMEM;
	err = binding_claim(binding, index, end);
	if (err) {
		kfree(binding);
		return err;
	}
	range->first = index;
	range->ops = &gmem_ops;
	range->backing = binding;
	return 0;
}

/**
 * gunyah_guest_memfd_bind() - makes part of a file the backing of a range
 * @range: its mem, gfns and kind are set; gets @first, @ops and @backing
 * @fd: descriptor of the calling task
 * @index: first page of the file; what is behind its end fails when a guest wants it
 * @nr: pages
 *
 * Returns: 0; EINVAL if it is no guest memory file, or one of huge pages and something
 * is not aligned to them; EEXIST if part of it is bound; EOVERFLOW; ENOMEM.
 */
int gunyah_guest_memfd_bind(struct gunyah_mem_range *range, unsigned int fd, u64 index, u64 nr)
{
	struct file *file = gmem_fget(fd);
	int err;

	if (!file)
		return -EINVAL;
	err = gmem_bind(range, file, index, nr);
	if (err)
		fput(file);
	return err;
}

/* Whether @range is backed by the guest memory file @fd of the calling task */
bool gunyah_guest_memfd_is(const struct gunyah_mem_range *range, unsigned int fd)
{
	const struct gmem_binding *binding = range->backing;
	struct file *file = gmem_fget(fd);
	bool same;

	if (!file)
		return false;
	same = range->ops == &gmem_ops && binding->gmem == gmem_of(file_inode(file));
	fput(file);
	return same;
}

/**
 * gunyah_guest_memfd_check() - whether such a binding can be at all
 * @fd: descriptor of the calling task
 * @gfn: first guest page
 * @index: first page of the file
 * @nr: pages
 *
 * Returns: 0, or EINVAL if it is no guest memory file, or one of huge pages and something
 * is not aligned to them.
 */
int gunyah_guest_memfd_check(unsigned int fd, u64 gfn, u64 index, u64 nr)
{
	struct file *file = gmem_fget(fd);
	bool aligned;

	if (!file)
		return -EINVAL;
	aligned = gmem_is_aligned(gmem_of(file_inode(file)), gfn, index, nr);
	fput(file);
	return aligned ? 0 : -EINVAL;
}

/* Whether @fd is a guest memory file of the calling task */
bool gunyah_guest_memfd_valid(unsigned int fd)
{
	struct file *file = gmem_fget(fd);

	if (!file)
		return false;
	fput(file);
	return true;
}
