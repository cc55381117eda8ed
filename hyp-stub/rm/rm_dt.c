// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The guest's device tree: out of its parcel into a scratch buffer of the stub, where
 * the host cannot change it any more, checked once as a whole.  And the small helpers
 * that read properties as the open RM reads them (ABI tables, devicetree b.0).
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_dt.h"

#define MAX_DEPTH	32

static void *scratch;

bool rm_dt_alloc_scratch(void)
{
	u64 pa = page_pool_alloc(&object_pool, RM_DT_SCRATCH / PAGE_SIZE, 1);

	scratch = pa ? arch_pa_to_va(pa) : NULL;
	return pa;
}

u32 dt_bad(const char *why)
{
	printk("rm: device tree: %s", why);
	return GUNYAH_RM_ERR_MEM_INVALID;
}

/* A tree may claim any total size up to its region: only what is in use is copied */
static u64 used_bytes(const struct fdt_header *head)
{
	u64 structs = (u64)fdt_off_dt_struct(head) + fdt_size_dt_struct(head);
	u64 strings = (u64)fdt_off_dt_strings(head) + fdt_size_dt_strings(head);

	return max(structs, strings);
}

/* libfdt looks at the blocks as arrays of words */
static bool blocks_aligned(const struct fdt_header *head)
{
	return IS_ALIGNED(fdt_off_mem_rsvmap(head), sizeof(fdt64_t)) &&
	       IS_ALIGNED(fdt_off_dt_struct(head), sizeof(fdt32_t));
}

static bool region_valid(const struct rm_vm *rvm, const struct rm_parcel *parcel)
{
	return IS_ALIGNED(rvm->dtb_off, PAGE_SIZE) && IS_ALIGNED(rvm->dtb_size, PAGE_SIZE) &&
	       rvm->dtb_size >= sizeof(struct fdt_header) && rvm->dtb_off <= parcel->size &&
	       rvm->dtb_size <= parcel->size - rvm->dtb_off;
}

/* One step through the structure block; false: not well-formed, or the end */
static bool tag_valid(const void *fdt, u32 tag, int offset, unsigned int *depth)
{
	const char *name;

	switch (tag) {
	case FDT_BEGIN_NODE:
		/* Only the root stands in no other node */
		return (*depth || !offset) && ++*depth <= MAX_DEPTH;
	case FDT_END_NODE:
		return (*depth)--;
	case FDT_PROP:
		return *depth && fdt_getprop_by_offset(fdt, offset, &name, NULL);
	default:
		return tag == FDT_NOP;
	}
}

/* Every tag and every name lies inside its block, nodes are nested, the root is alone */
static bool structure_valid(const void *fdt)
{
	unsigned int depth = 0;
	int offset, next = 0;
	u32 tag;

	if (fdt_next_tag(fdt, 0, &next) != FDT_BEGIN_NODE || fdt_num_mem_rsv(fdt) < 0)
		return false;
	next = 0;
	do {
		offset = next;
		tag = fdt_next_tag(fdt, offset, &next);
		if (next < 0)
			return false;
		if (tag == FDT_END)
			return !depth;
	} while (tag_valid(fdt, tag, offset, &depth));
	return false;
}

void *rm_dt_fetch(const struct rm_vm *rvm, u32 *total)
{
	struct rm_parcel *parcel = rm_parcel_find(rvm->image);
	struct fdt_header head;
	u64 used;

	if (!parcel || parcel->open || !region_valid(rvm, parcel))
		return NULL;
	rm_parcel_read(parcel, rvm->dtb_off, &head, sizeof(head));
	if (fdt_check_header(&head) || !blocks_aligned(&head))
		return NULL;
	*total = fdt_totalsize(&head);
	used = used_bytes(&head);
	if (*total > rvm->dtb_size || used > *total || used > RM_DT_SCRATCH)
		return NULL;
	rm_parcel_read(parcel, rvm->dtb_off, scratch, used);
	/* The host may still write to a SHAREd parcel: what was checked is what counts */
	memcpy(scratch, &head, sizeof(head));
	fdt_set_totalsize(scratch, (u32)used);
	return structure_valid(scratch) ? scratch : NULL;
}

u64 dt_number(const void *p, u32 bytes)
{
	fdt32_t cell[2] = { 0 };

	memcpy(cell, p, bytes);
	if (bytes == sizeof(u32))
		return fdt32_to_cpu(cell[0]);
	return (u64)fdt32_to_cpu(cell[0]) << 32 | fdt32_to_cpu(cell[1]);
}

bool dt_read_number(const void *fdt, int node, const char *name, u32 cells, u64 *val)
{
	int len;
	const void *p = fdt_getprop(fdt, node, name, &len);

	if (!p || !cells || cells > 2 || (u32)len != cells * sizeof(u32))
		return false;
	*val = dt_number(p, (u32)len);
	return true;
}

bool dt_read_u32(const void *fdt, int node, const char *name, u32 *val)
{
	u64 number;

	if (!dt_read_number(fdt, node, name, 1, &number))
		return false;
	*val = (u32)number;
	return true;
}

struct dt_cells dt_child_cells(const void *fdt, int node)
{
	struct dt_cells cells = { .address = 2, .size = 1 };

	dt_read_u32(fdt, node, "#address-cells", &cells.address);
	dt_read_u32(fdt, node, "#size-cells", &cells.size);
	return cells;
}

struct dt_cells dt_cells_of(const void *fdt, int node)
{
	int parent = fdt_parent_offset(fdt, node);

	return dt_child_cells(fdt, parent < 0 ? 0 : parent);
}

bool dt_has(const void *fdt, int node, const char *name)
{
	return fdt_getprop(fdt, node, name, NULL);
}

bool dt_read_string(const void *fdt, int node, const char *name, char *buf, u32 max)
{
	int len;
	const char *p = fdt_getprop(fdt, node, name, &len);

	if (!p || len < 1 || (u32)len > max || memchr(p, 0, (size_t)len) != p + len - 1)
		return false;
	memcpy(buf, p, (size_t)len);
	return true;
}

bool dt_string_is(const void *fdt, int node, const char *name, const char *value)
{
	int len;
	const char *p = fdt_getprop(fdt, node, name, &len);

	return p && (size_t)len == strlen(value) + 1 && !memcmp(p, value, (size_t)len);
}
