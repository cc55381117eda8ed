// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns bindings: which part of a guest memory file is which VM's memory, and the
 * file's pages on their way to guests and back.  Does not own the pages; the page cache
 * does (guest_memfd.c), also while a guest has them.
 *
 * Index of the file and guest page keep their distance as long as a binding lives, no
 * matter what is cut out of it: a binding needs no list of the ranges that use it.
 */
#include <linux/cpu.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/pagemap.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "guest_memfd.h"
#include "guest_memfd_priv.h"
#include "mem.h"

/* Pages around the one that is wanted that go with it, if they are there: 64 KiB */
#define GMEM_AROUND	16U

/* Times to look again whether somebody else still uses a folio */
#define GMEM_ALONE_TRIES	3

/**
 * struct gmem_binding - part of a file that is memory of a VM
 * @refs: ranges that it backs
 * @gmem: the file's; constant
 * @file: keeps it; constant
 * @mem: the VM's; lives as long as a range does; constant
 * @kind: share or lend; constant
 * @index: a page of the file ...
 * @gfn: ... and the guest page that it is; constant
 * @resident: struct gmem_span: pages that were handed over as a whole and stay until
 *	the VM is gone; gunyah_gmem.lock
 */
struct gmem_binding {
	refcount_t refs;
	struct gunyah_gmem *gmem;
	struct file *file;
	struct gunyah_mem *mem;
	enum gunyah_mem_kind kind;
	u64 index;
	u64 gfn;
	struct list_head resident;
};

/**
 * struct gmem_span - pages of a file
 * @node: in gunyah_gmem.bound or gmem_binding.resident
 * @binding: whose
 * @index: the first one
 * @end: behind the last one
 */
struct gmem_span {
	struct list_head node;
	struct gmem_binding *binding;
	u64 index;
	u64 end;
};

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
 * Pages go to a guest
 */

static long drain_cpu(void *unused)
{
	gunyah_lru_drain();
	return 0;
}

/* Lets go of folios that CPUs have noted to put on a list, or to unlock */
static void drain_cpus(void)
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		work_on_cpu(cpu, drain_cpu, NULL);
	cpus_read_unlock();
}

/* The page cache's references, ours, and that of a CPU that is going to put it on a list */
static bool folio_is_alone(struct folio *folio)
{
	return folio_ref_count(folio) <= folio_nr_pages(folio) + 1 + !folio_test_lru(folio);
}

/*
 * Whether nobody can touch the folio, which is locked, once the guest has it.  Whoever
 * has a reference from get_user_pages() could: the kernel would die of that.
 */
static int folio_check_lend(struct folio *folio)
{
	unsigned int tries;

	if (folio_mapped(folio))
		return -EPERM;
	for (tries = 0; tries < GMEM_ALONE_TRIES; tries++) {
		if (folio_is_alone(folio))
			return 0;
		drain_cpus();
	}
	return folio_is_alone(folio) ? 0 : -EBUSY;
}

static int folio_check(const struct gunyah_mem_range *range, struct folio *folio)
{
	return range->kind == GUNYAH_MEM_LEND ? folio_check_lend(folio) : 0;
}

static void folio_unlock_put(struct folio *folio)
{
	folio_unlock(folio);
	folio_put(folio);
}

/* A page that may go to the guest by the way; never waits */
static bool neighbour_get(const struct gunyah_mem_range *range, struct address_space *mapping,
			  u64 index, unsigned long *pfn)
{
	struct folio *folio = __filemap_get_folio(mapping, index, FGP_LOCK | FGP_NOWAIT, 0);

	if (IS_ERR_OR_NULL(folio))
		return false;
	if (folio_test_large(folio) || folio_test_hwpoison(folio) ||
	    (range->kind == GUNYAH_MEM_LEND && (folio_mapped(folio) || !folio_is_alone(folio)))) {
		folio_unlock_put(folio);
		return false;
	}
	*pfn = folio_pfn(folio);
	return true;
}

/* The page that is wanted, which is a small one, and neighbours without a gap */
static void supply_small(const struct gunyah_mem_range *range, struct gunyah_supply *s,
			 struct folio *folio)
{
	struct address_space *mapping = folio->mapping;
	u64 around = round_down(s->index, GMEM_AROUND);
	u64 first = max(s->first, around), end = min(s->end, around + GMEM_AROUND);
	unsigned long below[GMEM_AROUND];
	unsigned int nr = 0, i;
	u64 index;

	while (s->index - nr > first && neighbour_get(range, mapping, s->index - nr - 1,
						      &below[nr]))
		nr++;
	for (i = 0; i < nr; i++)
		s->pfn[i] = below[nr - 1 - i];
	s->pfn[nr] = folio_pfn(folio);
	index = s->index + 1;
	s->index -= nr++;
	while (index < end && neighbour_get(range, mapping, index, &s->pfn[nr])) {
		index++;
		nr++;
	}
	s->nr = nr;
}

static void supply_large(struct gunyah_supply *s, struct folio *folio)
{
	u64 first = max_t(u64, s->first, folio->index);
	u64 end = min_t(u64, s->end, folio_next_index(folio));
	u64 i;

	s->index = first;
	s->nr = end - first;
	for (i = 0; i < s->nr; i++)
		s->pfn[i] = folio_pfn(folio) + (first - folio->index) + i;
}

static int gmem_supply_locked(struct gunyah_mem_range *range, struct gunyah_supply *s)
{
	struct gmem_binding *binding = range->backing;
	struct folio *folio = gmem_folio_get(binding->gmem, s->index);
	int err;

	if (IS_ERR(folio))
		return PTR_ERR(folio);
	err = folio_check(range, folio);
	if (err) {
		folio_unlock_put(folio);
		return err;
	}
	if (folio_test_large(folio))
		supply_large(s, folio);
	else
		supply_small(range, s, folio);
	return 0;
}

/* Until gmem_supplied() the folios are locked and nothing is punched out of the file */
static int gmem_supply(struct gunyah_mem_range *range, struct gunyah_supply *s)
{
	struct gmem_binding *binding = range->backing;
	struct address_space *mapping = binding->gmem->inode->i_mapping;
	int err;

	filemap_invalidate_lock_shared(mapping);
	err = gmem_supply_locked(range, s);
	if (err)
		filemap_invalidate_unlock_shared(mapping);
	return err;
}

static bool gmem_valid(struct gunyah_mem_range *range, const struct gunyah_supply *s)
{
	return true;
}

/* Pages are those of one large folio, or of as many small ones */
static void gmem_supplied(struct gunyah_mem_range *range, struct gunyah_supply *s,
			  unsigned int taken)
{
	struct gmem_binding *binding = range->backing;
	struct folio *folio;
	unsigned int i, nr;

	for (i = 0; i < s->nr; i += nr) {
		folio = page_folio(pfn_to_page(s->pfn[i]));
		nr = folio_test_large(folio) ? s->nr : 1;
		folio_unlock_put(folio);
	}
	filemap_invalidate_unlock_shared(binding->gmem->inode->i_mapping);
}

/* They are in the page cache all the time */
static void gmem_returned(struct gunyah_mem_range *range, u64 index, unsigned long pfn, u64 nr)
{
}

/*
 * Pages that are handed over as a whole
 */

static int gmem_fill(const struct gunyah_mem_range *range, u64 index, u64 end)
{
	struct gmem_binding *binding = range->backing;
	struct folio *folio;
	int err;

	while (index < end) {
		if (fatal_signal_pending(current))
			return -EINTR;
		folio = gmem_folio_get(binding->gmem, index);
		if (IS_ERR(folio))
			return PTR_ERR(folio);
		err = folio_check(range, folio);
		index = folio_next_index(folio);
		folio_unlock_put(folio);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static void gmem_unpopulate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	struct gmem_binding *binding = range->backing;
	struct gmem_span *spare = span_alloc(NULL, 0, 0, GFP_KERNEL | __GFP_NOFAIL);

	guard(mutex)(&binding->gmem->lock);
	spans_remove(&binding->resident, binding, index, index + nr, spare);
}

/*
 * They are noted as resident first: from then on the host does not map lent ones, so
 * what gmem_fill() has found not to be mapped stays so.
 */
static int gmem_populate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	struct gmem_binding *binding = range->backing;
	struct address_space *mapping = binding->gmem->inode->i_mapping;
	struct gmem_span *span = span_alloc(binding, index, index + nr, GFP_KERNEL_ACCOUNT);
	int err;

	if (!span)
		return -ENOMEM;
	filemap_invalidate_lock_shared(mapping);
	mutex_lock(&binding->gmem->lock);
	list_add(&span->node, &binding->resident);
	mutex_unlock(&binding->gmem->lock);
	err = gmem_fill(range, index, index + nr);
	if (err)
		gmem_unpopulate(range, index, nr);
	filemap_invalidate_unlock_shared(mapping);
	return err;
}

/* Of one folio after the other; they stay in the page cache, as they are resident */
static struct gunyah_page_run gmem_run_at(void *backing, u64 index, u64 nr)
{
	struct gmem_binding *binding = backing;
	struct address_space *mapping = binding->gmem->inode->i_mapping;
	struct gunyah_page_run run = { };
	unsigned long pfn;
	struct folio *folio;

	while (run.nr < nr) {
		folio = __filemap_get_folio(mapping, index + run.nr, 0, 0);
		if (WARN_ON_ONCE(IS_ERR_OR_NULL(folio)))
			break;
		pfn = page_to_pfn(folio_file_page(folio, index + run.nr));
		if (!run.nr)
			run.pfn = pfn;
		if (pfn != run.pfn + run.nr)
			nr = run.nr;
		else
			run.nr = min(nr, (u64)folio_next_index(folio) - index);
		folio_put(folio);
	}
	return run;
}

/*
 * Bindings
 */

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

/**
 * gunyah_guest_memfd_is() - whether a range is backed by that file
 * @range: any range
 * @fd: descriptor of the calling task
 */
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

/* Whether @fd is a guest memory file, for whoever has to say EINVAL and not ENOENT */
bool gunyah_guest_memfd_valid(unsigned int fd)
{
	struct file *file = gmem_fget(fd);

	if (!file)
		return false;
	fput(file);
	return true;
}
