// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* See extent_env.h. */
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "tests/extent_env.h"

u64 ext_x[HCALL_REGS];
u64 ext_as, ext_cap[MEMEXTENT_NR], ext_guest_as;

void ext_setup_early(bool protected)
{
	unsigned int i;

	hcall_production = true;
	env_init();
	env_add_vm();
	EXPECT_EQ(memextents_add(env_vm, protected), 0);
	ext_as = env_vm->as.host_cap;
	ext_guest_as = env_vm->as.guest_cap;
	for (i = 0; i < MEMEXTENT_NR; i++)
		ext_cap[i] = env_vm->extents[i].host_cap;
}

void ext_setup(bool protected)
{
	ext_setup_early(protected);
	vm_start(env_vm, GPA, 0);
}

int ext_call(const struct hcall_caller *who, u32 num, u64 a0, u64 a1, u64 a2, u64 a3, u64 a4,
	     u64 a5, u64 a6)
{
	const u64 args[] = { GUNYAH_SMCCC_ID(num), a0, a1, a2, a3, a4, a5, a6 };

	memset(ext_x, 0, sizeof(ext_x));
	memcpy(ext_x, args, sizeof(args));
	hcall_handle(who, false, 0, ext_x);
	return (int)ext_x[0];
}

static u64 flags_of(unsigned int ext)
{
	return PARTIAL | (ext == PRIV ? GUNYAH_MAP_PRIVATE : GUNYAH_MAP_VMMIO);
}

int ext_map(unsigned int ext, u64 gpa, u64 attrs, u64 pa, u64 size)
{
	return ext_call(&env_host, GUNYAH_HC_ADDRSPACE_MAP, ext_as, ext_cap[ext], gpa, attrs,
			flags_of(ext), pa, size);
}

int ext_unmap(unsigned int ext, u64 gpa, u64 pa, u64 size)
{
	return ext_call(&env_host, GUNYAH_HC_ADDRSPACE_UNMAP, ext_as, ext_cap[ext], gpa,
			flags_of(ext), pa, size, 0);
}

int ext_donate(u64 options, unsigned int from, unsigned int to, u64 pa, u64 size)
{
	return ext_call(&env_host, GUNYAH_HC_MEMEXTENT_DONATE, options, ext_cap[from],
			ext_cap[to], pa, size, 0, 0);
}

int ext_lend(u64 pa, u64 size)
{
	return ext_donate(GUNYAH_DONATE_TO_PROTECTED, HPRIV, PRIV, pa, size);
}

int ext_unlend(u64 pa, u64 size)
{
	return ext_donate(GUNYAH_DONATE_FROM_PROTECTED, PRIV, HPRIV, pa, size);
}

int ext_share(u64 pa, u64 size)
{
	return ext_donate(GUNYAH_DONATE_TO_SIBLING, HSHARED, GSHARED, pa, size);
}

int ext_unshare(u64 pa, u64 size)
{
	return ext_donate(GUNYAH_DONATE_TO_SIBLING, GSHARED, HSHARED, pa, size);
}

int ext_lookup(unsigned int ext, u64 gpa, u64 size)
{
	return ext_call(&env_host, GUNYAH_HC_ADDRSPACE_LOOKUP, ext_as, ext_cap[ext], gpa, size,
			0, 0, 0);
}

int ext_modify(unsigned int ext, u64 flags, u64 pa, u64 size)
{
	return ext_call(&env_host, GUNYAH_HC_MEMEXTENT_MODIFY, ext_cap[ext], flags, pa, size, 0,
			0, 0);
}

int ext_relinquish(u64 gpa, u64 size, u64 flags)
{
	return ext_call(&env_guest, GUNYAH_HC_ADDRSPACE_MODIFY_PAGES, ext_guest_as, gpa, size,
			flags, 0, 0, 0);
}

u64 ext_leads_to(u64 gpa)
{
	u64 pa;

	return stage2_lookup(&env_vm->s2, gpa, &pa, NULL, NULL) ? pa : 0;
}

u32 ext_access_at(u64 gpa)
{
	u32 attrs;

	return stage2_lookup(&env_vm->s2, gpa, NULL, &attrs, NULL) ? attrs : 0;
}

u64 ext_drain(struct page_pool *pool, u64 left)
{
	u64 available = page_pool_available(pool), taken = available - min(left, available);

	EXPECT(page_pool_promise(pool, taken));
	return taken;
}
