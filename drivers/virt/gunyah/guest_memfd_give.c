// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the way of a guest memory file's pages to guests: one fault at a time, or as a
 * whole.  They are locked on that way, and stay in the page cache.
 */
#include <linux/cpu.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "guest_memfd_priv.h"

/* Pages around the one that is wanted that go with it, if they are there: 64 KiB */
#define GMEM_AROUND	16U

/* Times to look again whether somebody else still uses a folio */
#define GMEM_ALONE_TRIES	3

/*
 * One fault at a time
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
int gmem_supply(struct gunyah_mem_range *range, struct gunyah_supply *s)
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

/* Pages are those of one large folio, or of as many small ones */
void gmem_supplied(struct gunyah_mem_range *range, struct gunyah_supply *s,
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

void gmem_unpopulate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	gmem_resident_remove(range->backing, index, index + nr);
}

/*
 * They are noted as resident first: from then on the host does not map lent ones, so
 * what gmem_fill() has found not to be mapped stays so.
 */
int gmem_populate(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	struct gmem_binding *binding = range->backing;
	struct address_space *mapping = binding->gmem->inode->i_mapping;
	int err;

	err = gmem_resident_add(binding, index, index + nr);
	if (err)
		return err;
	filemap_invalidate_lock_shared(mapping);
	err = gmem_fill(range, index, index + nr);
	filemap_invalidate_unlock_shared(mapping);
	if (err)
		gmem_unpopulate(range, index, nr);
	return err;
}

/* Of one folio after the other; they stay in the page cache, as they are resident */
struct gunyah_page_run gmem_run_at(void *backing, u64 index, u64 nr)
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
