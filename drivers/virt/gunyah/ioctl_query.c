// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns GUNYAH_QUERY: one function for each thing that a program can ask, which gets the
 * answer from who knows it.
 */
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/sizes.h>

#include <linux/gunyah/abi/hypercall.h>

#include "auth.h"
#include "cma.h"
#include "guest_memfd.h"
#include "ioctl.h"
#include "rm.h"
#include "vm.h"

static bool has_extension(struct gunyah_rm *rm, u64 extension)
{
	return gunyah_rm_caps(rm)->extensions & extension;
}

static u32 query_abi_families(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	return GUNYAH_ABI_USER_MEM | GUNYAH_ABI_GUEST_MEM | GUNYAH_ABI_ANDROID;
}

/* What lets a guest fault lets it get more, too */
static u32 query_memory_models(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	if (gunyah_rm_caps(rm)->demand_paging)
		return GUNYAH_MEMORY_ON_DEMAND | GUNYAH_MEMORY_AFTER_START;
	return GUNYAH_MEMORY_PARCELS;
}

static u32 query_boot_context(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	return gunyah_rm_caps(rm)->boot_context != 0;
}

static u32 query_auth_types(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	return gunyah_auth_types();
}

static u32 query_timer_wakeup(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	return has_extension(rm, GUNYAH_EXT_TIMEOUT_STATE);
}

static u32 query_irqfd_flags(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	if (has_extension(rm, GUNYAH_EXT_BELL_EOI))
		return GUNYAH_IRQFD_FLAGS_LEVEL | GUNYAH_IRQFD_FLAGS_RESAMPLE;
	return GUNYAH_IRQFD_FLAGS_LEVEL;
}

static u32 query_vcpu_set_reg(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	return has_extension(rm, GUNYAH_EXT_VCPU_REGISTERS);
}

static u32 query_windows(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	return GUNYAH_WINDOW_USER_MEM | GUNYAH_WINDOW_FD | GUNYAH_WINDOW_PARCEL;
}

static u32 query_hugepage_size(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	return GUNYAH_GUEST_MEMFD_HUGE_SIZE;
}

static u32 query_cma(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	return gunyah_cma_count();
}

static u32 query_vm_protected(struct gunyah_rm *rm, struct gunyah_vm *vm)
{
	return vm && gunyah_vm_life(vm) == GUNYAH_VM_RUNNING && READ_ONCE(vm->mem.is_protected);
}

static u32 (*const queries[])(struct gunyah_rm *rm, struct gunyah_vm *vm) = {
	[GUNYAH_CAP_ABI_FAMILIES] = query_abi_families,
	[GUNYAH_CAP_MEMORY_MODELS] = query_memory_models,
	[GUNYAH_CAP_BOOT_CONTEXT] = query_boot_context,
	[GUNYAH_CAP_AUTH_TYPES] = query_auth_types,
	[GUNYAH_CAP_TIMER_WAKEUP] = query_timer_wakeup,
	[GUNYAH_CAP_IRQFD_FLAGS] = query_irqfd_flags,
	[GUNYAH_CAP_VCPU_SET_REG] = query_vcpu_set_reg,
	[GUNYAH_CAP_WINDOWS] = query_windows,
	[GUNYAH_CAP_HUGEPAGE_SIZE] = query_hugepage_size,
	[GUNYAH_CAP_CMA] = query_cma,
	[GUNYAH_CAP_VM_PROTECTED] = query_vm_protected,
};

/**
 * gunyah_query() - GUNYAH_QUERY
 * @rm: the Resource Manager
 * @vm: the VM that is asked, or NULL: /dev/gunyah
 * @cap: enum gunyah_cap, or anything else
 *
 * Returns: the answer, at least 0.
 */
long gunyah_query(struct gunyah_rm *rm, struct gunyah_vm *vm, unsigned long cap)
{
	if (cap >= ARRAY_SIZE(queries))
		return 0;
	cap = array_index_nospec(cap, ARRAY_SIZE(queries));
	return queries[cap] ? queries[cap](rm, vm) : 0;
}
