// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Buffers of callers.  Translated once: what another CPU of the caller does to its
 * tables afterwards changes nothing, and the pages themselves cannot go elsewhere
 * while the stub's lock is held.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "arch/arch.h"
#include "hcall/hcall.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "owner/owner.h"

/*
 * A guest's stage 2 holds nothing but its memory; the host's also devices, which
 * are no place for a buffer.
 */
static bool translate(const struct hcall_caller *caller, u64 va, size_t size, bool write, u64 *pa)
{
	if (!arch_caller_va_to_pa(va, write, pa))
		return false;
	return caller->vm || owner_host_may_access(*pa, size);
}

int caller_buf_get(const struct hcall_caller *caller, u64 va, size_t size, bool write,
		   struct caller_buf *buf)
{
	size_t rest;

	BUG_ON(!size || size > PAGE_SIZE);
	if (!range_valid(va, size))
		return GUNYAH_ERR_ADDR_INVALID;
	buf->size = size;
	buf->first = min(size, PAGE_SIZE - (va & ~PAGE_MASK));
	rest = size - buf->first;
	if (!translate(caller, va, buf->first, write, &buf->pa[0]))
		return GUNYAH_ERR_ADDR_INVALID;
	if (rest && !translate(caller, va + buf->first, rest, write, &buf->pa[1]))
		return GUNYAH_ERR_ADDR_INVALID;
	return GUNYAH_ERR_OK;
}

void caller_buf_read(const struct caller_buf *buf, void *data)
{
	memcpy(data, arch_pa_to_va(buf->pa[0]), buf->first);
	if (buf->size > buf->first)
		memcpy((u8 *)data + buf->first, arch_pa_to_va(buf->pa[1]),
		       buf->size - buf->first);
}

void caller_buf_write(const struct caller_buf *buf, const void *data)
{
	memcpy(arch_pa_to_va(buf->pa[0]), data, buf->first);
	if (buf->size > buf->first)
		memcpy(arch_pa_to_va(buf->pa[1]), (const u8 *)data + buf->first,
		       buf->size - buf->first);
}
