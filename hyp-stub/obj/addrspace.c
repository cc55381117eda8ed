// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Address spaces: ranges whose faults leave the guest, the guest's own capability and
 * where it finds it, and what it gives up by itself (hypercall 3, 7.3, 9.2).
 */
#include <linux/gunyah/abi/hypercall.h>

#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "obj/vm.h"
#include "owner/owner.h"

#define GUEST_RIGHTS	(GUNYAH_RIGHT_ADDRSPACE_LOOKUP | GUNYAH_RIGHT_ADDRSPACE_ADD_VMMIO)
#define IPA_END		BIT(VM_IPA_BITS)

void addrspace_init(struct vm *vm)
{
	vm->as = (struct addrspace){
		.vm = vm,
		.info_ipa = VM_INFO_IPA,
		.nr_vmmio = 1,
		.vmmio[0] = { .base = GUNYAH_VMMIO_BASE, .size = GUNYAH_VMMIO_SIZE },
	};
}

/* -- Ranges --------------------------------------------------------------- */

/* Neither is empty, neither wraps */
static bool overlaps(const struct addr_range *r, u64 base, u64 size)
{
	return base <= r->base + (r->size - 1) && r->base <= base + (size - 1);
}

static bool contains(const struct addr_range *r, u64 base, u64 size)
{
	return base >= r->base && base - r->base < r->size &&
	       size <= r->size - (base - r->base);
}

static bool overlaps_any(const struct addr_range *r, unsigned int nr, u64 base, u64 size)
{
	for (; nr; nr--, r++)
		if (overlaps(r, base, size))
			return true;
	return false;
}

static bool any_contains(const struct addr_range *r, unsigned int nr, u64 base, u64 size)
{
	for (; nr; nr--, r++)
		if (contains(r, base, size))
			return true;
	return false;
}

bool addrspace_in_vmmio(const struct vm *vm, u64 ipa, u64 size)
{
	return any_contains(vm->as.vmmio, vm->as.nr_vmmio, ipa, size);
}

bool addrspace_in_demand(const struct vm *vm, u64 ipa)
{
	return any_contains(vm->as.demand, vm->as.nr_demand, ipa, 1);
}

int addrspace_add_vmmio(struct addrspace *as, u64 base, u64 size)
{
	assert_locked();
	if (as->nr_vmmio == ADDRSPACE_MAX_VMMIO)
		return GUNYAH_ERR_NORESOURCES;
	if (overlaps_any(as->vmmio, as->nr_vmmio, base, size))
		return GUNYAH_ERR_BUSY;
	as->vmmio[as->nr_vmmio++] = (struct addr_range){ .base = base, .size = size };
	return GUNYAH_ERR_OK;
}

int addrspace_remove_vmmio(struct addrspace *as, u64 base, u64 size)
{
	unsigned int i;

	assert_locked();
	for (i = 0; i < as->nr_vmmio; i++)
		if (as->vmmio[i].base == base && as->vmmio[i].size == size) {
			as->vmmio[i] = as->vmmio[--as->nr_vmmio];
			return GUNYAH_ERR_OK;
		}
	return GUNYAH_ERR_BUSY;
}

/* -- The information area ------------------------------------------------- */

static bool info_visible(const struct addrspace *as)
{
	u64 pa;

	return as->info_pa && stage2_lookup(&as->vm->s2, as->info_ipa, &pa, NULL, NULL) &&
	       pa == as->info_pa;
}

bool addrspace_info_area(const struct addrspace *as, u64 *ipa)
{
	*ipa = as->info_ipa;
	return info_visible(as);
}

static int add_info_page(struct addrspace *as)
{
	u64 pa = page_pool_alloc(&object_pool, 1, 1);
	struct gunyah_info_addrspace *info;
	int err;

	if (!pa)
		return GUNYAH_ERR_NOMEM;
	info = arch_pa_to_va(pa);
	info->capid = as->guest_cap;
	info->rights = GUEST_RIGHTS;
	arch_cache_flush(pa, PAGE_SIZE);	/* the guest may look with its caches off */
	err = stage2_map(&as->vm->s2, as->info_ipa, pa, PAGE_SIZE, S2_READ);
	if (err)
		page_pool_free(&object_pool, pa, 1);
	else
		as->info_pa = pa;
	return err;
}

/*
 * RAM from 1 GiB on is where the area is by default: at the end of the address space it
 * is in nobody's way.  A guest that finds none does without.
 */
static void move_info_area(struct addrspace *as)
{
	u64 pa;

	if (!stage2_lookup(&as->vm->s2, as->info_ipa, &pa, NULL, NULL))
		return;
	if (stage2_unmap(&as->vm->s2, as->info_ipa, PAGE_SIZE))
		panic("information area of VM %#x", as->vm->vmid);
	as->info_ipa = IPA_END - PAGE_SIZE;
	if (stage2_map(&as->vm->s2, as->info_ipa, pa, PAGE_SIZE, S2_READ))
		printk("VM %#x: no table for its information area", as->vm->vmid);
}

int addrspace_add_demand(struct vm *vm, u64 base, u64 size)
{
	struct addrspace *as = &vm->as;

	assert_locked();
	if (!IS_ALIGNED(base | size, PAGE_SIZE) || !range_valid(base, size) ||
	    base + size - 1 >= IPA_END || overlaps_any(as->demand, as->nr_demand, base, size))
		return GUNYAH_ERR_ARGUMENT_INVALID;
	if (as->nr_demand == ADDRSPACE_MAX_DEMAND)
		return GUNYAH_ERR_NORESOURCES;
	as->demand[as->nr_demand++] = (struct addr_range){ .base = base, .size = size };
	if (addrspace_in_demand(vm, as->info_ipa))
		move_info_area(as);
	return GUNYAH_ERR_OK;
}

/* -- Capabilities --------------------------------------------------------- */

int addrspace_add_caps(struct vm *vm)
{
	struct addrspace *as = &vm->as;
	int err;

	err = cspace_add(&host_cspace, CAP_ADDRSPACE, as,
			 GUNYAH_RIGHT_ADDRSPACE_MAP | GUNYAH_RIGHT_ADDRSPACE_LOOKUP,
			 &as->host_cap);
	if (err)
		return err;
	err = cspace_add(&vm->cspace, CAP_ADDRSPACE, as, GUEST_RIGHTS, &as->guest_cap);
	if (err)
		goto remove_host_cap;
	err = add_info_page(as);
	if (err)
		goto remove_guest_cap;
	return GUNYAH_ERR_OK;

remove_guest_cap:
	cspace_remove(&vm->cspace, as->guest_cap);
remove_host_cap:
	cspace_remove(&host_cspace, as->host_cap);
	return err;
}

void addrspace_remove_caps(struct vm *vm)
{
	struct addrspace *as = &vm->as;

	page_pool_free(&object_pool, as->info_pa, 1);
	cspace_remove(&vm->cspace, as->guest_cap);
	cspace_remove(&host_cspace, as->host_cap);
}

/* -- Relinquish ----------------------------------------------------------- */

/* Pages from @ipa on that lie together in the machine */
static bool mapped_run(const struct addrspace *as, u64 ipa, u64 size, u64 *pa, u64 *n)
{
	u64 next;

	if (!stage2_lookup(&as->vm->s2, ipa, pa, NULL, n))
		return false;
	*n = min(*n, size);
	while (*n < size && stage2_lookup(&as->vm->s2, ipa + *n, &next, NULL, NULL) &&
	       next == *pa + *n)
		*n += PAGE_SIZE;
	return true;
}

static int check_private(const struct addrspace *as, u64 ipa, u64 size)
{
	u64 end = ipa + size, pa, n;

	for (; ipa < end; ipa += n) {
		if (!mapped_run(as, ipa, end - ipa, &pa, &n))
			return GUNYAH_ERR_ADDR_INVALID;
		if (!owner_is(pa, n, PAGE_PRIVATE, as->vm->extents[MEMEXTENT_GUEST_PRIVATE].id))
			return GUNYAH_ERR_MEMDB_NOT_OWNER;
	}
	return GUNYAH_ERR_OK;
}

static void wipe(u64 pa, u64 size)
{
	memset(arch_pa_to_va(pa), 0, size);
	arch_cache_flush(pa, size);
}

/* A page that the guest has in two places leaves both; so the second may be gone already */
int addrspace_relinquish(struct addrspace *as, u64 ipa, u64 size, bool unlock, bool sanitize)
{
	struct memextent *ext = &as->vm->extents[MEMEXTENT_GUEST_PRIVATE];
	u64 end = ipa + size, pa, n;
	int err;

	assert_locked();
	err = check_private(as, ipa, size);
	if (err)
		return err;
	for (; ipa < end; ipa += n) {
		if (!mapped_run(as, ipa, end - ipa, &pa, &n)) {
			n = PAGE_SIZE;
			continue;
		}
		if (unlock) {
			memextent_hide(ext, pa, n);
			BUG_ON(owner_relinquish(pa, n, ext->id));
		}
		if (sanitize)
			wipe(pa, n);
	}
	return GUNYAH_ERR_OK;
}
