// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Calls about address spaces (ABI tables, hypercall 9): arguments and capabilities are
 * checked here, in the order of 9.2; obj does the rest.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "hcall/hcall.h"
#include "obj/vm.h"

#define ATTR_MASK	GUNYAH_MAP_ATTR_ACCESS_MASK
#define ACCESS_ATTRS	((ATTR_MASK << GUNYAH_MAP_ATTR_USER_SHIFT) | \
			 (ATTR_MASK << GUNYAH_MAP_ATTR_KERNEL_SHIFT))
#define MEMTYPE_ATTRS	((u64)GUNYAH_MAP_ATTR_MEMTYPE_MASK << GUNYAH_MAP_ATTR_MEMTYPE_SHIFT)
#define IPA_END		BIT(VM_IPA_BITS)

/**
 * struct map_args - arguments of map, unmap and update_access
 * @as: the address space
 * @ext: the extent
 * @ipa: guest address
 * @pa: physical address
 * @size: of the mapping; of a whole extent, if that is what is to be mapped
 * @attrs: S2_*
 */
struct map_args {
	struct addrspace *as;
	struct memextent *ext;
	u64 ipa;
	u64 pa;
	u64 size;
	u32 attrs;
};

static int find_addrspace(const struct hcall_caller *caller, u64 cap, u32 rights,
			  struct addrspace **as)
{
	void *object;
	int err = cspace_lookup(caller->cspace, cap, CAP_ADDRSPACE, rights, &object);

	if (!err)
		*as = object;
	return err;
}

/* PRIVATE and VMMIO are the production one's, and known only in what Linux sends */
static u64 map_flags(const struct hcall_caller *caller)
{
	u64 flags = GUNYAH_MAP_PARTIAL | GUNYAH_MAP_NOSYNC;

	if (hcall_production && !caller->native)
		flags |= GUNYAH_MAP_PRIVATE | GUNYAH_MAP_VMMIO;
	return flags;
}

static int find_both(const struct hcall_caller *caller, const u64 *caps, struct map_args *map)
{
	int err = find_addrspace(caller, caps[0], GUNYAH_RIGHT_ADDRSPACE_MAP, &map->as);

	if (err)
		return err;
	return hcall_find_extent(caller, caps[1], GUNYAH_RIGHT_MEMEXTENT_MAP, &map->ext);
}

/* @range: offset and size, ignored unless the mapping is partial */
static int check_range(u64 flags, u64 vbase, const u64 *range, struct map_args *map)
{
	map->ipa = vbase;
	map->pa = flags & GUNYAH_MAP_PARTIAL ? range[0] : 0;
	map->size = flags & GUNYAH_MAP_PARTIAL ? range[1] : MEMEXTENT_SIZE;
	if (!IS_ALIGNED(map->ipa | map->pa | map->size, PAGE_SIZE))
		return GUNYAH_ERR_ARGUMENT_ALIGNMENT;
	if (!range_valid(map->pa, map->size) || map->pa + map->size - 1 >= MEMEXTENT_SIZE)
		return GUNYAH_ERR_ARGUMENT_SIZE;
	return GUNYAH_ERR_OK;
}

/* Stage 2 has one access for EL0 and EL1, and none that is for writing only */
static bool access_to_s2(u64 attrs, u32 *s2)
{
	u64 user = attrs >> GUNYAH_MAP_ATTR_USER_SHIFT & ATTR_MASK;
	u64 kernel = attrs >> GUNYAH_MAP_ATTR_KERNEL_SHIFT & ATTR_MASK;

	*s2 = (user & GUNYAH_ACCESS_R ? S2_READ : 0) | (user & GUNYAH_ACCESS_W ? S2_WRITE : 0) |
	      (user & GUNYAH_ACCESS_X ? S2_EXEC : 0);
	return user == kernel && (!(user & GUNYAH_ACCESS_W) || (user & GUNYAH_ACCESS_R));
}

/* Of the types of 9.1 the stub's tables hold two */
static bool memtype_to_s2(u64 attrs, u32 *s2)
{
	u64 type = attrs >> GUNYAH_MAP_ATTR_MEMTYPE_SHIFT & GUNYAH_MAP_ATTR_MEMTYPE_MASK;

	if (type == GUNYAH_MEMTYPE_DEVICE_NGNRE)
		*s2 |= S2_DEVICE;
	return type == GUNYAH_MEMTYPE_DEVICE_NGNRE || type == GUNYAH_MEMTYPE_NORMAL_WB;
}

static u64 s2_to_attrs(u32 s2)
{
	u64 access = (s2 & S2_READ ? GUNYAH_ACCESS_R : 0) | (s2 & S2_WRITE ? GUNYAH_ACCESS_W : 0) |
		     (s2 & S2_EXEC ? GUNYAH_ACCESS_X : 0);
	u64 type = s2 & S2_DEVICE ? GUNYAH_MEMTYPE_DEVICE_NGNRE : GUNYAH_MEMTYPE_NORMAL_WB;

	return access << GUNYAH_MAP_ATTR_USER_SHIFT | access << GUNYAH_MAP_ATTR_KERNEL_SHIFT |
	       type << GUNYAH_MAP_ATTR_MEMTYPE_SHIFT;
}

/* The end of the guest's address space; the open hypervisor's is at 2^48 */
static int check_ipa(const struct map_args *map)
{
	return range_valid(map->ipa, map->size) && map->ipa + map->size - 1 < IPA_END ?
	       GUNYAH_ERR_OK : GUNYAH_ERR_ADDR_INVALID;
}

/* (address space, extent, guest address, attributes, flags, offset, size) */
int hcall_addrspace_map(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct map_args map;
	u64 attrs = args[3], flags = args[4];
	int err;

	if ((attrs & ~(ACCESS_ATTRS | MEMTYPE_ATTRS)) || (flags & ~map_flags(caller)))
		return GUNYAH_ERR_ARGUMENT_INVALID;
	err = find_both(caller, args, &map);
	if (err)
		return err;
	err = check_range(flags, args[2], &args[5], &map);
	if (err)
		return err;
	if (!access_to_s2(attrs, &map.attrs) || (map.attrs & ~map.ext->access) ||
	    !memtype_to_s2(attrs, &map.attrs))
		return GUNYAH_ERR_ARGUMENT_INVALID;
	/* What the host owns has to be donated first; and to one guest, not to another */
	if (!memextent_of_guest(map.ext) || map.ext->vm != map.as->vm)
		return GUNYAH_ERR_DENIED;
	err = check_ipa(&map);
	return err ? err : memextent_map(map.ext, map.ipa, map.pa, map.size, map.attrs);
}

/* (address space, extent, guest address, flags, offset, size) */
int hcall_addrspace_unmap(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	struct map_args map;
	u64 flags = args[3];
	int err;

	if (flags & ~map_flags(caller))
		return GUNYAH_ERR_ARGUMENT_INVALID;
	err = find_both(caller, args, &map);
	if (err)
		return err;
	err = check_range(flags, args[2], &args[4], &map);
	if (err)
		return err;
	err = check_ipa(&map);
	if (err)
		return err;
	if (map.ext->vm != map.as->vm)
		return GUNYAH_ERR_ADDR_INVALID;
	return memextent_unmap(map.ext, map.ipa, map.pa, map.size);
}

/*
 * (address space, extent, guest address, access, flags, offset, size).  Of a sparse
 * extent, which all here are, it always ends so (9.2).
 */
int hcall_addrspace_update_access(const struct hcall_caller *caller, const u64 *args,
				  u64 *results)
{
	struct map_args map;
	u64 attrs = args[3], flags = args[4];
	int err;

	if ((attrs & ~ACCESS_ATTRS) || (flags & ~map_flags(caller)))
		return GUNYAH_ERR_ARGUMENT_INVALID;
	err = find_both(caller, args, &map);
	if (err)
		return err;
	err = check_range(flags, args[2], &args[5], &map);
	if (err)
		return err;
	if (!access_to_s2(attrs, &map.attrs) || (map.attrs & ~map.ext->access))
		return GUNYAH_ERR_ARGUMENT_INVALID;
	return GUNYAH_ERR_ADDR_INVALID;
}

/* How far the pages at @ipa lie together, look alike, and are @ext's */
static u64 uniform(const struct addrspace *as, const struct memextent *ext, u64 ipa, u64 pa,
		   u32 attrs, u64 size)
{
	u64 n, next_pa;
	u32 next_attrs;

	for (n = PAGE_SIZE; n < size; n += PAGE_SIZE)
		if (!stage2_lookup(&as->vm->s2, ipa + n, &next_pa, &next_attrs, NULL) ||
		    next_pa != pa + n || next_attrs != attrs ||
		    !memextent_owns(ext, pa + n, PAGE_SIZE))
			break;
	return n;
}

/* (address space, extent, guest address, size) -> offset, size, attributes */
int hcall_addrspace_lookup(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	u64 ipa = args[2], size = args[3], pa;
	struct memextent *ext;
	struct addrspace *as;
	u32 attrs;
	int err;

	err = find_addrspace(caller, args[0], GUNYAH_RIGHT_ADDRSPACE_LOOKUP, &as);
	if (!err)
		err = hcall_find_extent(caller, args[1], GUNYAH_RIGHT_MEMEXTENT_LOOKUP, &ext);
	if (err)
		return err;
	if (!size)
		return GUNYAH_ERR_ARGUMENT_SIZE;
	if (!range_valid(ipa, size))
		return GUNYAH_ERR_ADDR_OVERFLOW;
	if (!IS_ALIGNED(ipa | size, PAGE_SIZE))
		return GUNYAH_ERR_ARGUMENT_ALIGNMENT;
	if (!stage2_lookup(&as->vm->s2, ipa, &pa, &attrs, NULL))
		return GUNYAH_ERR_ADDR_INVALID;
	if (!memextent_owns(ext, pa, PAGE_SIZE))
		return GUNYAH_ERR_MEMDB_NOT_OWNER;
	results[0] = pa;
	results[1] = uniform(as, ext, ipa, pa, attrs, size);
	results[2] = s2_to_attrs(attrs);
	return GUNYAH_ERR_OK;
}

/* (address space, guest address, size, operation) */
int hcall_addrspace_configure_vmmio(const struct hcall_caller *caller, const u64 *args,
				    u64 *results)
{
	u64 base = args[1], size = args[2];
	struct addrspace *as;
	int err = find_addrspace(caller, args[0], GUNYAH_RIGHT_ADDRSPACE_ADD_VMMIO, &as);

	if (err)
		return err;
	if (!size)
		return GUNYAH_ERR_ARGUMENT_SIZE;
	if (!range_valid(base, size))
		return GUNYAH_ERR_ADDR_OVERFLOW;
	if (args[3] == GUNYAH_VMMIO_ADD)
		return addrspace_add_vmmio(as, base, size);
	if (args[3] == GUNYAH_VMMIO_REMOVE)
		return addrspace_remove_vmmio(as, base, size);
	return GUNYAH_ERR_UNIMPLEMENTED;
}

/* -- Calls of guests that only the production one has (hypercall 3) -------- */

/*
 * (address space, guest address, size, flags).  A guest about its own memory: the host
 * must not give up in its name.  Maps are in step with the TLBs at any time: nothing to
 * do for all zeroes.
 */
int hcall_addrspace_modify_pages(const struct hcall_caller *caller, const u64 *args,
				 u64 *results)
{
	u64 ipa = args[1], size = args[2], flags = args[3];
	struct addrspace *as;
	int err;

	if (!hcall_production)
		return GUNYAH_ERR_UNIMPLEMENTED;
	if (flags & ~(GUNYAH_MODIFY_PAGES_UNLOCK | GUNYAH_MODIFY_PAGES_SANITIZE))
		return GUNYAH_ERR_ARGUMENT_INVALID;
	err = find_addrspace(caller, args[0], 0, &as);
	if (err)
		return err;
	if (caller->vm != as->vm)
		return GUNYAH_ERR_DENIED;
	if (!ipa && !size && !flags)
		return GUNYAH_ERR_OK;
	if (!flags)
		return GUNYAH_ERR_ARGUMENT_INVALID;
	if (!IS_ALIGNED(ipa | size, PAGE_SIZE))
		return GUNYAH_ERR_ARGUMENT_ALIGNMENT;
	if (!size)
		return GUNYAH_ERR_ARGUMENT_SIZE;
	if (!range_valid(ipa, size))
		return GUNYAH_ERR_ADDR_OVERFLOW;
	if (ipa + size - 1 >= IPA_END)
		return GUNYAH_ERR_ADDR_INVALID;
	return addrspace_relinquish(as, ipa, size, flags & GUNYAH_MODIFY_PAGES_UNLOCK,
				    flags & GUNYAH_MODIFY_PAGES_SANITIZE);
}

/* () -> guest address, size */
int hcall_find_info_area(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	if (!hcall_production || !caller->vm)
		return GUNYAH_ERR_UNIMPLEMENTED;
	if (!addrspace_info_area(&caller->vm->as, &results[0])) {
		results[0] = 0;
		return GUNYAH_ERR_ADDR_INVALID;
	}
	results[1] = PAGE_SIZE;
	return GUNYAH_ERR_OK;
}
