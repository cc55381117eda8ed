// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Memparcels: what the host has lent or shared, in which order, who has it mapped
 * (ABI tables, rm-rpc 6).  Who may touch a page is decided in owner.c; this file
 * remembers the ranges, in pages of object_pool, and gives them back.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_priv.h"

#define RWX		(GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_W | GUNYAH_RM_ACL_X)
#define CHUNK_RANGES	ARRAY_SIZE(((struct rm_chunk *)0)->range)

static struct rm_parcel parcels[GUNYAH_RM_MAX_PARCELS];
static u32 next_handle;

void rm_parcels_init(void)
{
	memset(parcels, 0, sizeof(parcels));
	next_handle = 0;
}

/* What the page database knows a parcel by; handles have more bits than it has room for */
static u32 parcel_id(const struct rm_parcel *parcel)
{
	return (u32)(parcel - parcels);
}

static enum page_state parcel_state(const struct rm_parcel *parcel)
{
	return parcel->shared ? PAGE_SHARED : PAGE_LENT;
}

static void give_back(const struct rm_parcel *parcel, u64 ipa, u64 size, bool wipe)
{
	/* No guest has it mapped any more, whether one of them lives or not */
	if (owner_return(ipa, size, parcel_state(parcel), parcel_id(parcel), wipe, true))
		panic("rm: pages %lx + %lx are not parcel %x's", ipa, size, parcel->handle);
}

static struct rm_chunk *chunk_at(u64 pa)
{
	return pa ? arch_pa_to_va(pa) : NULL;
}

struct rm_parcel *rm_parcel_at(u32 index)
{
	return index < ARRAY_SIZE(parcels) && parcels[index].used ? &parcels[index] : NULL;
}

struct rm_parcel *rm_parcel_find(u32 handle)
{
	for (u32 i = 0; i < ARRAY_SIZE(parcels); i++)
		if (parcels[i].used && parcels[i].handle == handle)
			return &parcels[i];
	return NULL;
}

unsigned int rm_parcel_count(void)
{
	unsigned int nr = 0;

	for (u32 i = 0; i < ARRAY_SIZE(parcels); i++)
		nr += parcels[i].used;
	return nr;
}

u64 rm_parcel_bytes(void)
{
	u64 bytes = 0;

	for (u32 i = 0; i < ARRAY_SIZE(parcels); i++)
		if (parcels[i].used)
			bytes += parcels[i].size;
	return bytes;
}

static u32 new_handle(void)
{
	u32 handle;

	do {
		handle = next_handle++;
	} while (handle == GUNYAH_RM_HANDLE_INVALID || rm_parcel_find(handle));
	return handle;
}

struct rm_parcel *rm_parcel_alloc(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(parcels); i++) {
		if (parcels[i].used)
			continue;
		memset(&parcels[i], 0, sizeof(parcels[i]));
		parcels[i].handle = new_handle();
		parcels[i].used = true;
		return &parcels[i];
	}
	return NULL;
}

struct rm_acl *rm_parcel_acl(struct rm_parcel *parcel, u16 vmid)
{
	for (u32 i = 0; i < parcel->nr_acl; i++)
		if (parcel->acl[i].vmid == vmid)
			return &parcel->acl[i];
	return NULL;
}

bool rm_parcel_exclusive(const struct rm_parcel *parcel)
{
	return !parcel->shared && parcel->nr_acl == 1 && parcel->acl[0].rights == RWX &&
	       !parcel->nr_attr;
}

bool rm_parcel_in_use(const struct rm_parcel *parcel)
{
	for (u32 i = 0; i < parcel->nr_acl; i++)
		if (parcel->acl[i].accepted)
			return true;
	return false;
}

const struct rm_range *rm_range_next(const struct rm_parcel *parcel, struct rm_range_iter *it)
{
	const struct rm_chunk *chunk;

	if (!it->started) {
		it->started = true;
		it->chunk = parcel->first;
	}
	chunk = chunk_at(it->chunk);
	while (chunk && it->index == chunk->nr) {
		it->chunk = chunk->next;
		it->index = 0;
		chunk = chunk_at(it->chunk);
	}
	return chunk ? &chunk->range[it->index++] : NULL;
}

/* There is room for one more range behind this */
static bool reserve_range(struct rm_parcel *parcel)
{
	struct rm_chunk *last = chunk_at(parcel->last);
	u64 pa;

	if (last && last->nr < CHUNK_RANGES)
		return true;
	pa = page_pool_alloc(&object_pool, 1, 1);
	if (!pa)
		return false;
	if (last)
		last->next = pa;
	else
		parcel->first = pa;
	parcel->last = pa;
	return true;
}

static void append_range(struct rm_parcel *parcel, u64 ipa, u64 size)
{
	struct rm_chunk *last = chunk_at(parcel->last);
	struct rm_range *prev = last->nr ? &last->range[last->nr - 1] : NULL;

	if (prev && prev->ipa + prev->size == ipa)
		prev->size += size;
	else
		last->range[last->nr++] = (struct rm_range){ .ipa = ipa, .size = size };
	parcel->size += size;
}

/* An empty chunk at the end goes, whoever left it there */
static void drop_empty_chunk(struct rm_parcel *parcel)
{
	struct rm_chunk *last = chunk_at(parcel->last);
	u64 pa = parcel->last;
	u64 prev = 0;

	if (!last || last->nr)
		return;
	for (u64 p = parcel->first; p != pa; p = chunk_at(p)->next)
		prev = p;
	page_pool_free(&object_pool, pa, 1);
	parcel->last = prev;
	if (prev)
		chunk_at(prev)->next = 0;
	else
		parcel->first = 0;
}

u32 rm_parcel_add(struct rm_parcel *parcel, u64 ipa, u64 size)
{
	int err;

	if (!size)
		return GUNYAH_RM_ERR_MEM_INVALID;
	if (!reserve_range(parcel))
		return GUNYAH_RM_ERR_NOMEM;
	err = owner_take(ipa, size, parcel_state(parcel), parcel_id(parcel));
	if (err) {
		drop_empty_chunk(parcel);
		return rm_error_from_hyp(err);
	}
	append_range(parcel, ipa, size);
	return GUNYAH_RM_ERR_OK;
}

void rm_parcel_trim(struct rm_parcel *parcel, u64 size)
{
	while (parcel->size > size) {
		struct rm_chunk *last = chunk_at(parcel->last);
		struct rm_range *range = &last->range[last->nr - 1];
		u64 cut = min(range->size, parcel->size - size);

		range->size -= cut;
		give_back(parcel, range->ipa + range->size, cut, false);
		parcel->size -= cut;
		if (!range->size)
			last->nr--;
		drop_empty_chunk(parcel);
	}
}

void rm_parcel_free(struct rm_parcel *parcel, bool wipe)
{
	struct rm_range_iter it = { 0 };
	const struct rm_range *range;
	u64 pa, next;

	BUG_ON(rm_parcel_in_use(parcel));
	while ((range = rm_range_next(parcel, &it)))
		give_back(parcel, range->ipa, range->size, wipe);
	for (pa = parcel->first; pa; pa = next) {
		next = chunk_at(pa)->next;
		page_pool_free(&object_pool, pa, 1);
	}
	parcel->used = false;
}

void rm_parcel_zero(const struct rm_parcel *parcel, u64 off, u64 size)
{
	struct rm_range_iter it = { 0 };
	const struct rm_range *range;

	while (size && (range = rm_range_next(parcel, &it))) {
		u64 skip = min(off, range->size);
		u64 n = min(range->size - skip, size);

		off -= skip;
		size -= n;
		if (!n)
			continue;
		memset((u8 *)arch_pa_to_va(range->ipa) + skip, 0, n);
		arch_cache_flush(range->ipa + skip, n);
	}
	BUG_ON(size);
}

void rm_parcel_flush(const struct rm_parcel *parcel)
{
	struct rm_range_iter it = { 0 };
	const struct rm_range *range;

	while ((range = rm_range_next(parcel, &it)))
		arch_cache_flush(range->ipa, range->size);
}

static void parcel_copy(const struct rm_parcel *parcel, u64 off, void *buf, u64 len, bool write)
{
	struct rm_range_iter it = { 0 };
	const struct rm_range *range;
	u8 *p = buf;

	while (len && (range = rm_range_next(parcel, &it))) {
		u64 n;
		u8 *va;

		if (off >= range->size) {
			off -= range->size;
			continue;
		}
		n = min(range->size - off, len);
		va = (u8 *)arch_pa_to_va(range->ipa) + off;
		if (write)
			memcpy(va, p, n);
		else
			memcpy(p, va, n);
		p += n;
		len -= n;
		off = 0;
	}
	BUG_ON(len);
}

void rm_parcel_read(const struct rm_parcel *parcel, u64 off, void *buf, u64 len)
{
	parcel_copy(parcel, off, buf, len, false);
}

void rm_parcel_write(const struct rm_parcel *parcel, u64 off, const void *buf, u64 len)
{
	parcel_copy(parcel, off, (void *)(uintptr_t)buf, len, true);
}

static u32 s2_attrs(u8 rights)
{
	return (rights & GUNYAH_RM_ACL_R ? S2_READ : 0) |
	       (rights & GUNYAH_RM_ACL_W ? S2_WRITE : 0) |
	       (rights & GUNYAH_RM_ACL_X ? S2_EXEC : 0);
}

u32 rm_parcel_accept(struct rm_parcel *parcel, struct vm *vm, u64 ipa)
{
	struct rm_acl *acl = rm_parcel_acl(parcel, vm->vmid);
	struct rm_range_iter it = { 0 };
	const struct rm_range *range;
	u64 at = ipa;

	BUG_ON(!acl || acl->accepted || parcel->open);
	if (!range_valid(ipa, parcel->size))
		return GUNYAH_RM_ERR_NORESOURCE;
	while ((range = rm_range_next(parcel, &it))) {
		if (stage2_map(&vm->s2, at, range->ipa, range->size, s2_attrs(acl->rights)))
			goto undo;
		at += range->size;
	}
	acl->accepted = true;
	acl->ipa = ipa;
	return GUNYAH_RM_ERR_OK;

undo:
	/* Needs no memory */
	if (at != ipa && stage2_unmap(&vm->s2, ipa, at - ipa))
		panic("rm: half mapped parcel cannot be unmapped");
	return GUNYAH_RM_ERR_MAP_FAILED;
}

void rm_parcel_release(struct rm_parcel *parcel, struct vm *vm)
{
	struct rm_acl *acl = rm_parcel_acl(parcel, vm->vmid);

	BUG_ON(!acl || !acl->accepted);
	if (stage2_unmap(&vm->s2, acl->ipa, parcel->size))
		panic("rm: unmapping has a reserve");
	acl->accepted = false;
}

void rm_parcel_set_secret(const struct rm_parcel *parcel)
{
	struct rm_range_iter it = { 0 };
	const struct rm_range *range;

	while ((range = rm_range_next(parcel, &it)))
		owner_set_secret(range->ipa, range->size, parcel_id(parcel));
}

void rm_parcels_release(u16 vmid)
{
	for (u32 i = 0; i < ARRAY_SIZE(parcels); i++) {
		struct rm_parcel *parcel = rm_parcel_at(i);
		struct rm_acl *acl = parcel ? rm_parcel_acl(parcel, vmid) : NULL;
		struct gunyah_rm_mem_released msg = { .vmid = vmid };

		if (!acl || !acl->accepted)
			continue;
		acl->accepted = false;
		acl->locked = false;
		msg.handle = parcel->handle;
		rm_notify(GUNYAH_RM_NOTIF_MEM_RELEASED, &msg, sizeof(msg));
	}
}
