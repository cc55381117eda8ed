// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Capability spaces.  A space is an array in pages of a pool; it knows nothing
 * about the objects that its slots point to.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "arch/arch.h"
#include "lib/printk.h"
#include "obj/cap.h"

int cspace_init(struct cspace *cs, struct page_pool *pool, unsigned int pages)
{
	u64 pa = page_pool_alloc(pool, pages, 1);

	if (!pa)
		return GUNYAH_ERR_NOMEM;
	*cs = (struct cspace){
		.caps = arch_pa_to_va(pa),
		.nr = pages * PAGE_SIZE / sizeof(struct cap),
	};
	return GUNYAH_ERR_OK;
}

void cspace_destroy(struct cspace *cs, struct page_pool *pool)
{
	u64 bytes = cs->nr * sizeof(struct cap);

	page_pool_free(pool, arch_va_to_pa(cs->caps), ALIGN_UP(bytes, PAGE_SIZE) >> PAGE_SHIFT);
	*cs = (struct cspace){};
}

int cspace_add(struct cspace *cs, enum cap_type type, void *object, u32 rights, u64 *id)
{
	u32 slot = cs->next;

	assert_locked();
	BUG_ON(type == CAP_NONE || !object);
	if (cs->used == cs->nr)
		return GUNYAH_ERR_CSPACE_FULL;
	while (cs->caps[slot].type != CAP_NONE)
		slot = (slot + 1) % cs->nr;
	cs->caps[slot] = (struct cap){ .object = object, .rights = rights, .type = type };
	cs->next = (slot + 1) % cs->nr;
	cs->used++;
	*id = slot;
	return GUNYAH_ERR_OK;
}

void cspace_remove(struct cspace *cs, u64 id)
{
	assert_locked();
	if (id >= cs->nr || cs->caps[id].type == CAP_NONE)
		panic("no capability %lx to remove", id);
	cs->caps[id] = (struct cap){};
	cs->used--;
}

int cspace_lookup(const struct cspace *cs, u64 id, enum cap_type type, u32 rights, void **object)
{
	const struct cap *cap;

	assert_locked();
	if (id >= cs->nr)
		return GUNYAH_ERR_ARGUMENT_INVALID;
	cap = &cs->caps[id];
	if (cap->type == CAP_NONE)
		return GUNYAH_ERR_CSPACE_CAP_NULL;
	if (cap->type != type)
		return GUNYAH_ERR_CSPACE_WRONG_OBJECT_TYPE;
	if ((cap->rights & rights) != rights)
		return GUNYAH_ERR_CSPACE_INSUFFICIENT_RIGHTS;
	*object = cap->object;
	return GUNYAH_ERR_OK;
}
