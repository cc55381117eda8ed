// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns memory parcels: which ranges go into one, lists of pages for the RM, and
 * getting them back.  Does not own the pages, nor decide when the VM is in a state
 * in which the RM returns them.
 *
 * What goes into one parcel (ABI tables, rm-rpc 6.3):
 *
 *  - The image parcel is the one with the device tree.  The open RM maps it at the
 *    VM's base address, and fails START if other parcels add to its RAM.  So all
 *    ranges that join the one with the device tree without a gap, with the same
 *    kind and rights, become part of it: programs that lend RAM in chunks start
 *    there, too.  No RM looks at its label; it is 0, which is what RMs that place
 *    memory by label call RAM.
 *  - The range for a protected VM's firmware stays apart from it: RMs put RAM at the
 *    beginning of the image parcel, and firmware is usually right below RAM.
 *  - Each other range is a parcel of its own and keeps the user's label: the guest's
 *    device tree names shared memory by it, and the RM places it there.  Merging
 *    would lose labels.
 *
 * Parcels are handed over in the order of guest addresses, because the open RM
 * accepts private ones in that order, each behind the one before.
 */
#include <linux/delay.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "parcel.h"
#include "rm.h"
#include "vm_trace.h"

#define PARCEL_IMAGE_LABEL	0

/* An RM that refuses to return parcels gets 2 seconds for all of them to think again */
#define RECLAIM_TRIES		40
#define RECLAIM_INTERVAL_MS	50

static bool range_continues(const struct gunyah_mem_range *a, const struct gunyah_mem_range *b)
{
	return gunyah_gfns_end(a->gfns) == b->gfns.gfn && a->kind == b->kind &&
	       a->rights == b->rights;
}

/* The lowest range of those that become one parcel with @image */
static struct gunyah_mem_range *image_first(struct gunyah_mem *mem,
					    struct gunyah_mem_range *image,
					    const struct gunyah_mem_range *apart)
{
	struct gunyah_mem_range *range = image;

	list_for_each_entry_continue_reverse(range, &mem->ranges, node) {
		if (range == apart || !range_continues(range, image))
			break;
		image = range;
	}
	return image;
}

/* Lets @parcel grow by the ranges that continue it; returns the last one */
static struct gunyah_mem_range *parcel_grow(struct gunyah_mem *mem,
					    struct gunyah_parcel *parcel,
					    struct gunyah_mem_range *first,
					    const struct gunyah_mem_range *apart)
{
	struct gunyah_mem_range *last = first, *range = first;

	list_for_each_entry_continue(range, &mem->ranges, node) {
		if (range == apart || !range_continues(last, range))
			break;
		parcel->gfns.nr += range->gfns.nr;
		last = range;
	}
	return last;
}

static struct gunyah_parcel *parcel_alloc(struct gunyah_mem *mem,
					  const struct gunyah_mem_range *range,
					  struct gunyah_gfns gfns, u32 label)
{
	struct gunyah_parcel *parcel = kzalloc(sizeof(*parcel), GFP_KERNEL_ACCOUNT);

	if (!parcel)
		return NULL;
	parcel->mem = mem;
	parcel->gfns = gfns;
	parcel->kind = range->kind;
	parcel->rights = range->rights;
	parcel->label = label;
	parcel->handle = GUNYAH_RM_HANDLE_INVALID;
	return parcel;
}

/**
 * gunyah_parcels_plan() - decides which ranges go into which parcels
 * @mem: the VM's memory, locked
 * @image: the range that holds the device tree
 * @apart: a range that joins no other one, not even @image; NULL: there is none
 * @parcels: empty; gets the parcels
 *
 * Returns: 0 or ENOMEM; then @parcels may hold some and is to be freed.
 */
int gunyah_parcels_plan(struct gunyah_mem *mem, struct gunyah_mem_range *image,
			const struct gunyah_mem_range *apart, struct list_head *parcels)
{
	struct gunyah_mem_range *first = image_first(mem, image, apart);
	struct gunyah_mem_range *range;
	struct gunyah_parcel *parcel;

	lockdep_assert_held(&mem->lock);

	list_for_each_entry(range, &mem->ranges, node) {
		parcel = parcel_alloc(mem, range, range->gfns,
				      range == first ? PARCEL_IMAGE_LABEL : range->label);
		if (!parcel)
			return -ENOMEM;
		list_add_tail(&parcel->node, parcels);
		if (range == first)
			range = parcel_grow(mem, parcel, first, apart);
	}
	return 0;
}

/**
 * gunyah_parcels_plan_one() - a parcel of some pages only
 * @mem: the VM's memory, locked
 * @range: the range that holds them
 * @gfns: they, with the device tree or for the firmware
 * @parcels: gets the parcel, in the order of guest addresses
 *
 * For an RM that pages the rest on demand.
 *
 * Returns: 0 or ENOMEM.
 */
int gunyah_parcels_plan_one(struct gunyah_mem *mem, struct gunyah_mem_range *range,
			    struct gunyah_gfns gfns, struct list_head *parcels)
{
	struct gunyah_parcel *parcel = parcel_alloc(mem, range, gfns, PARCEL_IMAGE_LABEL);
	struct gunyah_parcel *next;

	lockdep_assert_held(&mem->lock);

	if (!parcel)
		return -ENOMEM;
	list_for_each_entry(next, parcels, node) {
		if (next->gfns.gfn > gfns.gfn)
			break;
	}
	list_add_tail(&parcel->node, &next->node);
	return 0;
}

struct gunyah_parcel *gunyah_parcels_find(struct list_head *parcels, struct gunyah_gfns gfns)
{
	struct gunyah_parcel *parcel;

	list_for_each_entry(parcel, parcels, node) {
		if (gunyah_gfns_contain(parcel->gfns, gfns))
			return parcel;
	}
	return NULL;
}

/* A piece of a parcel: pages of one range */
struct parcel_piece {
	struct gunyah_mem_range *range;
	u64 index;
	u64 nr;
};

/* The piece that begins @done pages into @parcel; false: there is none */
static bool parcel_piece(const struct gunyah_parcel *parcel, u64 done, struct parcel_piece *piece)
{
	struct gunyah_gfns page = { .gfn = parcel->gfns.gfn + done, .nr = 1 };
	u64 end;

	if (done >= parcel->gfns.nr)
		return false;
	piece->range = gunyah_mem_find(parcel->mem, page);
	if (WARN_ON_ONCE(!piece->range))
		return false;
	end = min(gunyah_gfns_end(piece->range->gfns), gunyah_gfns_end(parcel->gfns));
	piece->index = gunyah_range_index(piece->range, page.gfn);
	piece->nr = end - page.gfn;
	return true;
}

/* Lets backings forget the first @nr pages */
static void parcel_unpopulate(struct gunyah_parcel *parcel, u64 nr)
{
	struct parcel_piece piece;
	u64 done;

	for (done = 0; done < nr && parcel_piece(parcel, done, &piece); done += piece.nr)
		piece.range->ops->unpopulate(piece.range, piece.index, piece.nr);
	parcel->populated = false;
}

static int parcel_populate(struct gunyah_parcel *parcel)
{
	struct parcel_piece piece;
	u64 done;
	int err;

	for (done = 0; parcel_piece(parcel, done, &piece); done += piece.nr) {
		err = piece.range->ops->populate(piece.range, piece.index, piece.nr);
		if (err) {
			parcel_unpopulate(parcel, done);
			return err;
		}
	}
	parcel->populated = true;
	return 0;
}

/**
 * gunyah_range_entries() - pages of a range as the RM wants them
 * @range: the pages are populated
 * @index: the first one, in the backing
 * @nr: how many
 * @entries: gets the runs of pages that follow each other; NULL: they are counted only
 *
 * Returns: the number of entries.
 */
size_t gunyah_range_entries(const struct gunyah_mem_range *range, u64 index, u64 nr,
			    struct gunyah_rm_mem_entry *entries)
{
	struct gunyah_page_run run;
	size_t n = 0;
	u64 done;

	for (done = 0; done < nr; done += run.nr) {
		run = range->ops->run_at(range->backing, index + done, nr - done);
		if (entries) {
			entries[n].ipa = cpu_to_le64(PFN_PHYS(run.pfn));
			entries[n].size = cpu_to_le64(run.nr << PAGE_SHIFT);
		}
		n++;
		cond_resched();
	}
	return n;
}

static size_t parcel_entries(const struct gunyah_parcel *parcel,
			     struct gunyah_rm_mem_entry *entries)
{
	struct parcel_piece piece;
	size_t n = 0;
	u64 done;

	for (done = 0; parcel_piece(parcel, done, &piece); done += piece.nr)
		n += gunyah_range_entries(piece.range, piece.index, piece.nr,
					  entries ? entries + n : NULL);
	return n;
}

/*
 * The guest alone for lent memory; ourselves, too, for shared memory.  The host
 * keeps all rights: its pages may be mapped executable by the process that they
 * belong to, or become part of another mapping later.
 */
static void parcel_acl(const struct gunyah_parcel *parcel, u16 own_vmid, u16 vmid,
		       struct gunyah_rm_mem_parcel *wire)
{
	wire->acl[0].vmid = cpu_to_le16(vmid);
	wire->acl[0].rights = parcel->rights;
	wire->n_acl = 1;
	if (parcel->kind == GUNYAH_MEM_LEND)
		return;
	wire->acl[1].vmid = cpu_to_le16(own_vmid);
	wire->acl[1].rights = GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_W | GUNYAH_RM_ACL_X;
	wire->n_acl = 2;
}

/* The RM does not have the pages (any more) */
static void parcel_returned(struct gunyah_parcel *parcel)
{
	gunyah_mem_unmark_parcel(parcel->mem, parcel->gfns);
	parcel_unpopulate(parcel, parcel->gfns.nr);
}

static int parcel_send(struct gunyah_parcel *parcel, struct gunyah_rm *rm, u16 vmid)
{
	struct gunyah_rm_mem_parcel wire = {
		.label = parcel->label,
		.n_entries = parcel_entries(parcel, NULL),
		.handle = GUNYAH_RM_HANDLE_INVALID,
	};
	int err;

	parcel_acl(parcel, gunyah_rm_caps(rm)->own_vmid, vmid, &wire);
	wire.entries = kvcalloc(wire.n_entries, sizeof(*wire.entries),
				GFP_KERNEL | __GFP_NOWARN);
	if (!wire.entries)
		return -ENOMEM;
	parcel_entries(parcel, wire.entries);

	err = gunyah_rm_mem_share(rm, &wire);
	parcel->handle = wire.handle;
	if (!err)
		parcel->state = GUNYAH_PARCEL_HANDED;
	else if (wire.in_doubt)
		parcel->state = GUNYAH_PARCEL_UNKNOWN;
	trace_gunyah_parcel(vmid, gunyah_gfns_gpa(parcel->gfns), gunyah_gfns_size(parcel->gfns),
			    wire.n_entries, parcel->kind, err);
	kvfree(wire.entries);
	return err;
}

/**
 * gunyah_parcel_hand_over() - lends or shares a parcel
 * @parcel: planned; memory lock held
 * @rm: the Resource Manager
 * @vmid: the guest
 *
 * Returns: 0, ENOMEM, what a backing says about its pages, or the RM's error.  If it
 * did not answer, nobody knows whose the pages are; they count as the guest's.
 */
int gunyah_parcel_hand_over(struct gunyah_parcel *parcel, struct gunyah_rm *rm, u16 vmid)
{
	int err;

	/* First: nobody may begin to use a page that the backing looks at next */
	err = gunyah_mem_mark_parcel(parcel->mem, parcel->gfns, parcel->kind);
	if (err)
		return err;
	err = parcel_populate(parcel);
	if (err) {
		gunyah_mem_unmark_parcel(parcel->mem, parcel->gfns);
		return err;
	}
	err = parcel_send(parcel, rm, vmid);
	if (parcel->state == GUNYAH_PARCEL_PLANNED)
		parcel_returned(parcel);
	return err;
}

/*
 * Parcels are refused as long as the guest or the RM itself is not done with them, with
 * an error that says nothing about how long.
 */
static int parcel_reclaim(struct gunyah_parcel *parcel, struct gunyah_rm *rm,
			  unsigned int *tries)
{
	int err;

	for (;;) {
		err = gunyah_rm_mem_reclaim(rm, parcel->handle);
		if (!err || err == -ETIMEDOUT || err == -ENODEV || !*tries)
			break;
		--*tries;
		msleep(RECLAIM_INTERVAL_MS);
	}
	if (!err) {
		parcel->state = GUNYAH_PARCEL_PLANNED;
		parcel->handle = GUNYAH_RM_HANDLE_INVALID;
		parcel_returned(parcel);
	}
	return err;
}

/**
 * gunyah_parcels_reclaim() - takes back what can be taken back
 * @parcels: of a VM that is not running; memory lock held
 * @rm: the Resource Manager
 *
 * May be called again for those that were refused.
 *
 * Returns: how many parcels are still not ours.
 */
unsigned int gunyah_parcels_reclaim(struct list_head *parcels, struct gunyah_rm *rm)
{
	struct gunyah_parcel *parcel;
	unsigned int tries = RECLAIM_TRIES, left = 0;
	int err;

	list_for_each_entry(parcel, parcels, node) {
		if (parcel->state == GUNYAH_PARCEL_PLANNED)
			continue;
		err = -ETIMEDOUT;
		if (parcel->state == GUNYAH_PARCEL_HANDED)
			err = parcel_reclaim(parcel, rm, &tries);
		if (!err)
			continue;
		dev_warn(gunyah_rm_device(rm), "parcel %d at 0x%llx was not returned: %pe\n",
			 (s32)parcel->handle, gunyah_gfns_gpa(parcel->gfns), ERR_PTR(err));
		left++;
	}
	return left;
}

/* Pages of a range, populated, are leaked: the RM does not return them */
void gunyah_range_lose(struct gunyah_mem_range *range, u64 index, u64 nr)
{
	struct gunyah_page_run run;
	u64 done;

	for (done = 0; done < nr; done += run.nr) {
		run = range->ops->run_at(range->backing, index + done, nr - done);
		mutex_lock(&range->mem->pages_lock);
		gunyah_mem_lose(range->mem, run.pfn, run.nr);
		mutex_unlock(&range->mem->pages_lock);
		cond_resched();
	}
}

static void parcel_lose(struct gunyah_parcel *parcel)
{
	struct parcel_piece piece;
	u64 done;

	for (done = 0; parcel_piece(parcel, done, &piece); done += piece.nr)
		gunyah_range_lose(piece.range, piece.index, piece.nr);
}

/* The pages of parcels that are still not ours are lost for good; memory lock held */
void gunyah_parcels_free(struct list_head *parcels)
{
	struct gunyah_parcel *parcel, *next;

	list_for_each_entry_safe(parcel, next, parcels, node) {
		if (parcel->state != GUNYAH_PARCEL_PLANNED)
			parcel_lose(parcel);
		if (parcel->populated)
			parcel_unpopulate(parcel, parcel->gfns.nr);
		list_del(&parcel->node);
		kfree(parcel);
	}
}
