// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The table of calls, and what happens to registers around it.
 *
 * A hypercall leaves its results in X0 and up; everything else up to X17 that a
 * call may destroy is overwritten with a fixed pattern, so that a caller which
 * relies on more than hypercall 1.3 promises finds out here.  Services and SMCCC's
 * own calls keep what SMCCC says they keep.
 */
#include <linux/gunyah/abi/hypercall.h>

#include "arch/arch.h"
#include "hcall/hcall.h"
#include "hcall/test_abi.h"
#include "lib/printk.h"
#include "lib/string.h"

#define SCRUB			0x5c5c5c5c5c5c5c5cULL
#define NOT_SUPPORTED		(~0ULL)
#define NOT_SUPPORTED_32	0xffffffffULL

/* SMCCC function id (hypercall 1.2) */
#define ID_FAST			BIT(31)
#define ID_SMC64		BIT(30)
#define ID_OWNER(id)		(((id) >> 24) & 0x3f)
#define ID_OWNER_ARCH		0
#define ID_OWNER_STD_HYP	5
#define ID_OWNER_VENDOR_HYP	6
#define ID_RESERVED		GENMASK(23, 17)
#define ID_CLASS(id)		(((id) >> 14) & 3)
#define ID_CLASS_HYPERCALL	2
#define ID_CLASS_SERVICE	3

#define SMCCC_VERSION		0x80000000U
#define SMCCC_ARCH_FEATURES	0x80000001U
#define SMCCC_VERSION_1_3	0x10003

/*
 * identify (hypercall 4).  The features are those of which the stub has the
 * objects; not those which the open hypervisor has on top: trace, virtio-mmio,
 * PRNG, a scheduler.
 */
#define IDENTIFY_API	(GUNYAH_API_VERSION | GUNYAH_API_64BIT | \
			 ((u64)GUNYAH_API_VARIANT_QUALCOMM << GUNYAH_API_VARIANT_SHIFT))
#define IDENTIFY_FLAGS	(GUNYAH_FEATURE_PARTITION_CSPACE | GUNYAH_FEATURE_DOORBELL | \
			 GUNYAH_FEATURE_MSGQUEUE | GUNYAH_FEATURE_VIC | GUNYAH_FEATURE_VPM | \
			 GUNYAH_FEATURE_VCPU | GUNYAH_FEATURE_MEMEXTENT | \
			 GUNYAH_FEATURE_VCPU_RUN)

#define EXTENSIONS	(GUNYAH_EXT_TIMEOUT_STATE | GUNYAH_EXT_BELL_EOI | GUNYAH_EXT_VCPU_REGISTERS)

bool hcall_test_enabled;
bool hcall_production;

/* The argument behind the last one: checked in the native form only */
enum reserved {
	RES_NONE,
	RES_ZERO,
	RES_ONES,
};

/**
 * struct hcall - one call
 * @fn: handler
 * @args: number of arguments, without the reserved one
 * @results: number of results, without the error word
 * @reserved: what the native form wants behind the arguments
 * @no_error: there is no error word, results start in X0
 */
struct hcall {
	hcall_fn fn;
	u8 args;
	u8 results;
	u8 reserved;
	bool no_error;
};

static int hcall_identify(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	results[0] = IDENTIFY_API;
	results[1] = IDENTIFY_FLAGS;
	return GUNYAH_ERR_OK;
}

/* (magic) -> magic, extensions: an assumption of this project, see the ABI header */
static int hcall_extensions(const struct hcall_caller *caller, const u64 *args, u64 *results)
{
	if (args[0] != GUNYAH_EXTENSIONS_MAGIC)
		return GUNYAH_ERR_ARGUMENT_INVALID;
	results[0] = GUNYAH_EXTENSIONS_MAGIC;
	results[1] = EXTENSIONS;
	return GUNYAH_ERR_OK;
}

/* Beside the table, which ends long before its number */
static const struct hcall extensions_call = { hcall_extensions, 1, 2, RES_NONE };

/* hypercall 3 */
static const struct hcall calls[] = {
	[GUNYAH_HC_IDENTIFY]	= { hcall_identify, 0, 4, RES_NONE, true },
	[GUNYAH_HC_DOORBELL_SEND] = { hcall_doorbell_send, 2, 1, RES_ZERO },
	[GUNYAH_HC_DOORBELL_RECEIVE] = { hcall_doorbell_receive, 2, 1, RES_ZERO },
	[GUNYAH_HC_DOORBELL_RESET] = { hcall_doorbell_reset, 1, 0, RES_ZERO },
	[GUNYAH_HC_DOORBELL_MASK] = { hcall_doorbell_mask, 3, 0, RES_ZERO },
	[GUNYAH_HC_MSGQ_SEND]	= { hcall_msgq_send, 4, 1, RES_ZERO },
	[GUNYAH_HC_MSGQ_RECEIVE] = { hcall_msgq_receive, 3, 2, RES_ZERO },
	[GUNYAH_HC_MSGQ_FLUSH]	= { hcall_msgq_flush, 1, 0, RES_ZERO },
	[GUNYAH_HC_MSGQ_CONFIGURE_SEND] = { hcall_msgq_configure_send, 3, 0, RES_ONES },
	[GUNYAH_HC_MSGQ_CONFIGURE_RECEIVE] = { hcall_msgq_configure_receive, 3, 0, RES_ONES },
	[GUNYAH_HC_ADDRSPACE_MAP] = { hcall_addrspace_map, 7, 0, RES_NONE },
	[GUNYAH_HC_ADDRSPACE_UNMAP] = { hcall_addrspace_unmap, 6, 0, RES_NONE },
	[GUNYAH_HC_ADDRSPACE_UPDATE_ACCESS] = { hcall_addrspace_update_access, 7, 0, RES_NONE },
	[GUNYAH_HC_MEMEXTENT_MODIFY] = { hcall_memextent_modify, 4, 0, RES_NONE },
	[GUNYAH_HC_ADDRSPACE_LOOKUP] = { hcall_addrspace_lookup, 4, 3, RES_ZERO },
	[GUNYAH_HC_ADDRSPACE_CONFIGURE_VMMIO] = { hcall_addrspace_configure_vmmio, 4, 0, RES_ZERO },
	[GUNYAH_HC_MEMEXTENT_DONATE] = { hcall_memextent_donate, 5, 0, RES_ZERO },
	[GUNYAH_HC_VCPU_REGISTER_WRITE] = { hcall_vcpu_register_write, 4, 0, RES_ZERO },
	[GUNYAH_HC_VCPU_RUN]	= { hcall_vcpu_run, 4, 4, RES_ZERO },
	[GUNYAH_HC_VCPU_RUN_CHECK] = { hcall_vcpu_run_check, 1, 4, RES_ZERO },
	[GUNYAH_HC_ADDRSPACE_MODIFY_PAGES] = { hcall_addrspace_modify_pages, 4, 0, RES_NONE },
	[GUNYAH_HC_FIND_INFO_AREA] = { hcall_find_info_area, 0, 2, RES_ZERO },
};

/* hcall/test_abi.h, from STUB_TEST_BASE on */
static const struct hcall test_calls[] = {
	[STUB_TEST_STAT - STUB_TEST_BASE] = { hcall_test_stat, 1, 1, RES_NONE },
	[STUB_TEST_LOG - STUB_TEST_BASE] = { hcall_test_log, 3, 2, RES_NONE },
	[STUB_TEST_FAIL_CALL - STUB_TEST_BASE] = { hcall_test_fail_call, 4, 0, RES_NONE },
};

static const struct hcall *find_in(const struct hcall *table, u32 nr, u32 num)
{
	return num < nr && table[num].fn ? &table[num] : NULL;
}

static const struct hcall *find_call(const struct hcall_caller *caller, u32 num)
{
	if (num == GUNYAH_HC_EXTENSIONS)
		return hcall_production && !caller->vm ? &extensions_call : NULL;
	if (num >= STUB_TEST_BASE && hcall_test_enabled && !caller->vm)
		return find_in(test_calls, ARRAY_SIZE(test_calls), num - STUB_TEST_BASE);
	return find_in(calls, ARRAY_SIZE(calls), num);
}

/* Results to X0 and up, the rest of what a call may destroy is destroyed */
static void put_results(const struct hcall *call, int err, const u64 *results, u64 *x)
{
	unsigned int i, n = 0;

	if (!call->no_error)
		x[n++] = (s64)err;
	for (i = 0; i < call->results; i++)
		x[n++] = results[i];
	while (n < HCALL_REGS)
		x[n++] = SCRUB;
}

static bool reserved_ok(const struct hcall *call, const u64 *args)
{
	switch (call->reserved) {
	case RES_ZERO:
		return args[call->args] == 0;
	case RES_ONES:
		return args[call->args] == ~0ULL;
	default:
		return true;
	}
}

/* @args: where arguments start among the registers @x */
static void do_call(const struct hcall_caller *caller, u32 num, unsigned int args, bool native,
		    u64 *x)
{
	const struct hcall *call = find_call(caller, num);
	struct hcall_caller who = *caller;
	u64 results[HCALL_MAX_RESULTS] = {};
	u64 arg[HCALL_MAX_ARGS];
	int err;

	if (!call) {
		x[0] = NOT_SUPPORTED;
		return;
	}
	who.native = native;
	memcpy(arg, x + args, sizeof(arg));
	if (native && !reserved_ok(call, arg))
		err = GUNYAH_ERR_ARGUMENT_INVALID;
	else if (caller->vm || !hcall_test_fails(num, &err))
		err = call->fn(&who, arg, results);
	put_results(call, err, results, x);
}

static void put_uid(u64 *x)
{
	x[0] = GUNYAH_UID_W0;
	x[1] = GUNYAH_UID_W1;
	x[2] = GUNYAH_UID_W2;
	x[3] = GUNYAH_UID_W3;
}

static void arch_call(u32 id, u64 *x)
{
	u32 asked = x[1];

	if (id == SMCCC_VERSION)
		x[0] = SMCCC_VERSION_1_3;
	else if (id == SMCCC_ARCH_FEATURES)
		x[0] = asked == SMCCC_VERSION || asked == SMCCC_ARCH_FEATURES ?
		       0 : NOT_SUPPORTED_32;
	else
		x[0] = NOT_SUPPORTED;
}

static void standard_call(u32 id, u64 *x)
{
	if (id == GUNYAH_SMCCC_STD_UID) {
		put_uid(x);
	} else if (id == GUNYAH_SMCCC_STD_REVISION) {
		x[0] = 1;
		x[1] = 0;
	} else {
		x[0] = NOT_SUPPORTED;
	}
}

static void service_call(u32 id, u64 *x)
{
	if (id == GUNYAH_SMCCC_UID)
		put_uid(x);
	else if (id == GUNYAH_SMCCC_REVISION)
		x[0] = IDENTIFY_API;
	else
		x[0] = NOT_SUPPORTED;
}

static void vendor_call(const struct hcall_caller *caller, u32 id, u64 *x)
{
	id &= ~GUNYAH_SMCCC_SVE_HINT;
	if (!(id & ID_RESERVED) && ID_CLASS(id) == ID_CLASS_SERVICE)
		service_call(id, x);
	else if (!(id & ID_RESERVED) && ID_CLASS(id) == ID_CLASS_HYPERCALL && (id & ID_SMC64))
		do_call(caller, id & GUNYAH_SMCCC_NUM_MASK, 1, false, x);
	else
		x[0] = NOT_SUPPORTED;
}

static void smccc_call(const struct hcall_caller *caller, u64 *x)
{
	u32 id = x[0];

	if (!(id & ID_FAST))
		x[0] = NOT_SUPPORTED;
	else if (ID_OWNER(id) == ID_OWNER_ARCH)
		arch_call(id, x);
	else if (ID_OWNER(id) == ID_OWNER_STD_HYP)
		standard_call(id, x);
	else if (ID_OWNER(id) == ID_OWNER_VENDOR_HYP)
		vendor_call(caller, id, x);
	else
		x[0] = NOT_SUPPORTED;
}

void hcall_handle(const struct hcall_caller *caller, bool native, u16 imm, u64 x[HCALL_REGS])
{
	assert_locked();
	if (!native && !imm)
		smccc_call(caller, x);
	else if (native && imm - GUNYAH_HVC_IMM_BASE < GUNYAH_HVC_IMM_COUNT)
		do_call(caller, imm - GUNYAH_HVC_IMM_BASE, 0, true, x);
	else
		x[0] = NOT_SUPPORTED;
}
