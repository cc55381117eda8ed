// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers and layouts of the user-space ABI.  All values are typed from the ABI
 * tables (uapi 1, 2), none is computed from the header: two programs which were
 * built with the same wrong header would understand each other.
 */
#include "harness.h"

#include <linux/ioctl.h>

#define IS(what, value) _Static_assert((what) == (value), #what)
#define AT(type, field, offset) IS(offsetof(struct type, field), offset)

/* uapi 1 */
IS(GUNYAH_CREATE_VM, 0x00004700);
IS(GUNYAH_VM_SET_USER_MEM_REGION, 0x40204701);
IS(GUNYAH_VM_SET_DTB_CONFIG, 0x40104702);
IS(GUNYAH_VM_START, 0x00004703);
IS(GUNYAH_VM_ADD_FUNCTION, 0x40104704);
IS(GUNYAH_VCPU_RUN, 0x00004705);
IS(GUNYAH_VCPU_MMAP_SIZE, 0x00004706);
IS(GUNYAH_VM_REMOVE_FUNCTION, 0x40104707);
IS(GUNYAH_VM_SET_BOOT_CONTEXT, 0x4010470a);
IS(GUNYAH_VM_ANDROID_LEND_USER_MEM, 0x40204111);

/* uapi 2.1 */
IS(sizeof(struct gunyah_userspace_memory_region), 32);
AT(gunyah_userspace_memory_region, label, 0);
AT(gunyah_userspace_memory_region, flags, 4);
AT(gunyah_userspace_memory_region, guest_phys_addr, 8);
AT(gunyah_userspace_memory_region, memory_size, 16);
AT(gunyah_userspace_memory_region, userspace_addr, 24);
IS(GUNYAH_MEM_ALLOW_READ, 1);
IS(GUNYAH_MEM_ALLOW_WRITE, 2);
IS(GUNYAH_MEM_ALLOW_EXEC, 4);

/* uapi 2.2 */
IS(sizeof(struct gunyah_vm_dtb_config), 16);
AT(gunyah_vm_dtb_config, guest_phys_addr, 0);
AT(gunyah_vm_dtb_config, size, 8);

/* uapi 2.3 */
IS(sizeof(struct gunyah_fn_desc), 16);
AT(gunyah_fn_desc, type, 0);
AT(gunyah_fn_desc, arg_size, 4);
AT(gunyah_fn_desc, arg, 8);
IS(GUNYAH_FN_VCPU, 1);
IS(GUNYAH_FN_IRQFD, 2);
IS(GUNYAH_FN_IOEVENTFD, 3);
IS(sizeof(struct gunyah_fn_vcpu_arg), 4);
AT(gunyah_fn_vcpu_arg, id, 0);
IS(sizeof(struct gunyah_fn_irqfd_arg), 16);
AT(gunyah_fn_irqfd_arg, fd, 0);
AT(gunyah_fn_irqfd_arg, label, 4);
AT(gunyah_fn_irqfd_arg, flags, 8);
AT(gunyah_fn_irqfd_arg, padding, 12);
IS(GUNYAH_IRQFD_FLAGS_LEVEL, 1);
IS(sizeof(struct gunyah_fn_ioeventfd_arg), 32);
AT(gunyah_fn_ioeventfd_arg, datamatch, 0);
AT(gunyah_fn_ioeventfd_arg, addr, 8);
AT(gunyah_fn_ioeventfd_arg, len, 16);
AT(gunyah_fn_ioeventfd_arg, fd, 20);
AT(gunyah_fn_ioeventfd_arg, flags, 24);
AT(gunyah_fn_ioeventfd_arg, padding, 28);
IS(GUNYAH_IOEVENTFD_FLAGS_DATAMATCH, 1);

/* uapi 2.5 */
IS(sizeof(struct gunyah_vm_boot_context), 16);
AT(gunyah_vm_boot_context, reg, 0);
AT(gunyah_vm_boot_context, value, 8);

/* uapi 2.9 */
IS(sizeof(struct gunyah_vcpu_run), 40);
AT(gunyah_vcpu_run, immediate_exit, 0);
AT(gunyah_vcpu_run, exit_reason, 8);
AT(gunyah_vcpu_run, mmio.phys_addr, 16);
AT(gunyah_vcpu_run, mmio.data, 24);
AT(gunyah_vcpu_run, mmio.len, 32);
AT(gunyah_vcpu_run, mmio.is_write, 36);
AT(gunyah_vcpu_run, mmio.resume_action, 37);
AT(gunyah_vcpu_run, status.status, 16);
AT(gunyah_vcpu_run, status.exit_info.type, 20);
AT(gunyah_vcpu_run, status.exit_info.padding, 22);
AT(gunyah_vcpu_run, status.exit_info.reason_size, 24);
AT(gunyah_vcpu_run, status.exit_info.reason, 28);
AT(gunyah_vcpu_run, page_fault.phys_addr, 16);
AT(gunyah_vcpu_run, page_fault.attempt, 24);
AT(gunyah_vcpu_run, page_fault.resume_action, 28);
IS(GUNYAH_VCPU_EXIT_UNKNOWN, 0);
IS(GUNYAH_VCPU_EXIT_MMIO, 1);
IS(GUNYAH_VCPU_EXIT_STATUS, 2);
IS(GUNYAH_VCPU_EXIT_PAGE_FAULT, 3);
IS(GUNYAH_VCPU_RESUME_HANDLED, 0);
IS(GUNYAH_VCPU_RESUME_FAULT, 1);
IS(GUNYAH_VCPU_RESUME_RETRY, 2);
IS(GUNYAH_VM_STATUS_LOAD_FAILED, 1);
IS(GUNYAH_VM_STATUS_EXITED, 2);
IS(GUNYAH_VM_STATUS_CRASHED, 3);
IS(GUNYAH_VM_EXIT_TYPE_VM_EXIT, 0);
IS(GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF, 1);
IS(GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET, 2);
IS(GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET2, 3);
IS(GUNYAH_VM_EXIT_TYPE_WDT_BITE, 4);
IS(GUNYAH_VM_EXIT_TYPE_HYP_ERROR, 5);
IS(GUNYAH_VM_EXIT_TYPE_ASYNC_EXT_ABORT, 6);
IS(GUNYAH_VM_EXIT_TYPE_VM_FORCE_STOPPED, 7);

/*
 * The names that Android's programs use.  Their values are those of above, or
 * the header would not compile; here it matters that they exist.
 */
IS(GH_CREATE_VM, 0x00004700);
IS(GH_VM_SET_USER_MEM_REGION, 0x40204701);
IS(GH_VM_SET_DTB_CONFIG, 0x40104702);
IS(GH_VM_START, 0x00004703);
IS(GH_VM_ADD_FUNCTION, 0x40104704);
IS(GH_VCPU_RUN, 0x00004705);
IS(GH_VCPU_MMAP_SIZE, 0x00004706);
IS(GH_VM_REMOVE_FUNCTION, 0x40104707);
IS(GH_VM_ANDROID_LEND_USER_MEM, 0x40204111);
IS(sizeof(struct gh_vcpu_run), 40);

struct word {
	const char *name;
	unsigned long value;
	unsigned int type, nr, size;
};

/* Type, number and size of the argument, as uapi 1 lists them */
static const struct word words[] = {
	{ "CREATE_VM", GUNYAH_CREATE_VM, 0x47, 0x0, 0 },
	{ "SET_USER_MEM_REGION", GUNYAH_VM_SET_USER_MEM_REGION, 0x47, 0x1, 32 },
	{ "SET_DTB_CONFIG", GUNYAH_VM_SET_DTB_CONFIG, 0x47, 0x2, 16 },
	{ "VM_START", GUNYAH_VM_START, 0x47, 0x3, 0 },
	{ "ADD_FUNCTION", GUNYAH_VM_ADD_FUNCTION, 0x47, 0x4, 16 },
	{ "VCPU_RUN", GUNYAH_VCPU_RUN, 0x47, 0x5, 0 },
	{ "VCPU_MMAP_SIZE", GUNYAH_VCPU_MMAP_SIZE, 0x47, 0x6, 0 },
	{ "REMOVE_FUNCTION", GUNYAH_VM_REMOVE_FUNCTION, 0x47, 0x7, 16 },
	{ "SET_BOOT_CONTEXT", GUNYAH_VM_SET_BOOT_CONTEXT, 0x47, 0xa, 16 },
	{ "LEND_USER_MEM", GUNYAH_VM_ANDROID_LEND_USER_MEM, 0x41, 0x11, 32 },
};

TEST(ioctl_words)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		const struct word *w = &words[i];

		EXPECT_EQ(_IOC_TYPE(w->value), w->type)
			TH_LOG("%s: type", w->name);
		EXPECT_EQ(_IOC_NR(w->value), w->nr)
			TH_LOG("%s: number", w->name);
		EXPECT_EQ(_IOC_SIZE(w->value), w->size)
			TH_LOG("%s: size", w->name);
		EXPECT_EQ(_IOC_DIR(w->value), w->size ? _IOC_WRITE : _IOC_NONE)
			TH_LOG("%s: direction", w->name);
	}
}

/* (set << 8) | index (uapi 2.5) */
TEST(boot_context_words)
{
	EXPECT_EQ(GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_X, 31), 0x01f);
	EXPECT_EQ(GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_PC, 0), 0x100);
	EXPECT_EQ(GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_SP, 1), 0x201);
}

TEST_HARNESS_MAIN
