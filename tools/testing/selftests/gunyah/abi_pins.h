/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers and layouts of the user-space ABI, checked by the compiler: of 64 bit programs
 * (abi.c) and of 32 bit ones (abi32.c).  All values are typed from the ABI tables
 * (uapi 1, 2), none is computed from the header: two programs which were built with the
 * same wrong header would understand each other.
 */
#ifndef ABI_PINS_H
#define ABI_PINS_H

#include <stddef.h>

#include <linux/gunyah.h>
#include <linux/ioctl.h>

#define IS(what, value) _Static_assert((what) == (value), #what)
#define AT(type, field, offset) IS(offsetof(struct type, field), offset)
#define WIDE(type, field, offset, size)						\
	AT(type, field, offset);						\
	IS(sizeof(((struct type *)0)->field), size)

/* The same under the name that programs for older kernels use */
#define CALL(name, value)							\
	IS(GUNYAH_##name, value);						\
	IS(GH_##name, value)

/* uapi 1 */
IS(GUNYAH_IOCTL_TYPE, 0x47);
IS(GUNYAH_ANDROID_IOCTL_TYPE, 0x41);
IS(GH_IOCTL_TYPE, 0x47);
IS(GH_ANDROID_IOCTL_TYPE, 0x41);
CALL(CREATE_VM, 0x00004700);
CALL(VM_SET_USER_MEM_REGION, 0x40204701);
CALL(VM_SET_DTB_CONFIG, 0x40104702);
CALL(VM_START, 0x00004703);
CALL(VM_ADD_FUNCTION, 0x40104704);
CALL(VCPU_RUN, 0x00004705);
CALL(VCPU_MMAP_SIZE, 0x00004706);
CALL(VM_REMOVE_FUNCTION, 0x40104707);
CALL(CREATE_GUEST_MEM, 0x40404708);
CALL(VM_MAP_MEM, 0x40204709);
CALL(VM_SET_BOOT_CONTEXT, 0x4010470a);
CALL(ANDROID_TENTATIVE_UAPI, 0x00004110);
CALL(VM_ANDROID_LEND_USER_MEM, 0x40204111);
CALL(VM_ANDROID_SET_FW_CONFIG, 0x40104112);
CALL(VM_RECLAIM_REGION, 0x40104113);
CALL(ANDROID_CREATE_CMA_MEM_FD, 0x00004114);
CALL(VM_ANDROID_MAP_CMA_MEM, 0x40284115);
CALL(VM_ANDROID_SET_AUTH_TYPE, 0x40104116);
CALL(VM_CHECK_EXTENSION, 0x00004117);
IS(GUNYAH_TENTATIVE_CAP_UAPI, 1);
IS(GUNYAH_TENTATIVE_CAP_USER_MEM_LEND, 2);
IS(GUNYAH_EXTENSION_VCPU_TIMER_WAKEUP, 0);

/* Our own.  'G' 0x14 to 0x16 are a third party's, on its own device (uapi 1) */
IS(GUNYAH_VM_SHARE_WINDOW, 0xc0404720);
IS(GUNYAH_VM_UNSHARE_WINDOW, 0x40104721);
IS(GUNYAH_QUERY, 0x00004722);
IS(GUNYAH_VM_GET_INFO, 0x80504723);
IS(GUNYAH_VCPU_SET_REG, 0x40104724);

/* uapi 2.1 */
IS(sizeof(struct gunyah_userspace_memory_region), 32);
WIDE(gunyah_userspace_memory_region, label, 0, 4);
WIDE(gunyah_userspace_memory_region, flags, 4, 4);
WIDE(gunyah_userspace_memory_region, guest_phys_addr, 8, 8);
WIDE(gunyah_userspace_memory_region, memory_size, 16, 8);
WIDE(gunyah_userspace_memory_region, userspace_addr, 24, 8);
CALL(MEM_ALLOW_READ, 0x1);
CALL(MEM_ALLOW_WRITE, 0x2);
CALL(MEM_ALLOW_EXEC, 0x4);
IS(GUNYAH_MEM_ALLOW_RWX, 0x7);

/* uapi 2.2: one layout, three meanings */
IS(sizeof(struct gunyah_vm_dtb_config), 16);
WIDE(gunyah_vm_dtb_config, guest_phys_addr, 0, 8);
WIDE(gunyah_vm_dtb_config, size, 8, 8);
IS(sizeof(struct gunyah_vm_firmware_config), 16);
WIDE(gunyah_vm_firmware_config, guest_phys_addr, 0, 8);
WIDE(gunyah_vm_firmware_config, size, 8, 8);
IS(sizeof(struct gunyah_address_range), 16);
WIDE(gunyah_address_range, guest_phys_addr, 0, 8);
WIDE(gunyah_address_range, size, 8, 8);

/* uapi 2.3 */
IS(sizeof(struct gunyah_fn_desc), 16);
WIDE(gunyah_fn_desc, type, 0, 4);
WIDE(gunyah_fn_desc, arg_size, 4, 4);
WIDE(gunyah_fn_desc, arg, 8, 8);
CALL(FN_VCPU, 1);
CALL(FN_IRQFD, 2);
CALL(FN_IOEVENTFD, 3);
CALL(FN_MAX_ARG_SIZE, 256);
IS(sizeof(struct gunyah_fn_vcpu_arg), 4);
WIDE(gunyah_fn_vcpu_arg, id, 0, 4);
IS(sizeof(struct gunyah_fn_irqfd_arg), 16);
WIDE(gunyah_fn_irqfd_arg, fd, 0, 4);
WIDE(gunyah_fn_irqfd_arg, label, 4, 4);
WIDE(gunyah_fn_irqfd_arg, flags, 8, 4);
WIDE(gunyah_fn_irqfd_arg, padding, 12, 4);
WIDE(gunyah_fn_irqfd_arg, resample_fd, 12, 4);
CALL(IRQFD_FLAGS_LEVEL, 0x1);
IS(GH_IRQFD_LEVEL, 0x1);
IS(GUNYAH_IRQFD_FLAGS_RESAMPLE, 0x2);
IS(sizeof(struct gunyah_fn_ioeventfd_arg), 32);
WIDE(gunyah_fn_ioeventfd_arg, datamatch, 0, 8);
WIDE(gunyah_fn_ioeventfd_arg, addr, 8, 8);
WIDE(gunyah_fn_ioeventfd_arg, len, 16, 4);
WIDE(gunyah_fn_ioeventfd_arg, fd, 20, 4);
WIDE(gunyah_fn_ioeventfd_arg, flags, 24, 4);
WIDE(gunyah_fn_ioeventfd_arg, padding, 28, 4);
CALL(IOEVENTFD_FLAGS_DATAMATCH, 0x1);
IS(GH_IOEVENTFD_DATAMATCH, 0x1);

/* uapi 2.4 */
IS(sizeof(struct gunyah_create_mem_args), 64);
WIDE(gunyah_create_mem_args, flags, 0, 8);
WIDE(gunyah_create_mem_args, size, 8, 8);
WIDE(gunyah_create_mem_args, reserved, 16, 48);
IS(GUNYAH_GUEST_MEM_CLOEXEC, 0x1);
IS(GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE, 0x2);

/* uapi 2.5 */
IS(sizeof(struct gunyah_vm_boot_context), 16);
WIDE(gunyah_vm_boot_context, reg, 0, 4);
WIDE(gunyah_vm_boot_context, reserved, 4, 4);
WIDE(gunyah_vm_boot_context, value, 8, 8);
IS(GUNYAH_VM_BOOT_CONTEXT_SET_X, 0);
IS(GUNYAH_VM_BOOT_CONTEXT_SET_PC, 1);
IS(GUNYAH_VM_BOOT_CONTEXT_SET_SP, 2);
IS(GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_X, 31), 0x01f);
IS(GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_PC, 0), 0x100);
IS(GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_SP, 1), 0x201);

/* uapi 2.6: the values of the series, not those of the Android header */
IS(sizeof(struct gunyah_map_mem_args), 32);
WIDE(gunyah_map_mem_args, guest_addr, 0, 8);
WIDE(gunyah_map_mem_args, flags, 8, 4);
WIDE(gunyah_map_mem_args, guest_mem_fd, 12, 4);
WIDE(gunyah_map_mem_args, offset, 16, 8);
WIDE(gunyah_map_mem_args, size, 24, 8);
IS(GUNYAH_MAP_MEM_DEFAULT, 0);
IS(GUNYAH_MAP_MEM_FORCE_LEND, 0x1);
IS(GUNYAH_MAP_MEM_FORCE_SHARE, 0x2);
IS(GUNYAH_MAP_MEM_WAY_MASK, 0x7);
IS(GUNYAH_MAP_MEM_ALLOW_READ, 0x10);
IS(GUNYAH_MAP_MEM_ALLOW_WRITE, 0x20);
IS(GUNYAH_MAP_MEM_ALLOW_EXEC, 0x40);
IS(GUNYAH_MAP_MEM_ALLOW_RWX, 0x70);
IS(GUNYAH_MAP_MEM_UNMAP, 0x100);

/* uapi 2.7: and the other way round */
IS(sizeof(struct gunyah_map_cma_mem_args), 40);
WIDE(gunyah_map_cma_mem_args, label, 0, 4);
WIDE(gunyah_map_cma_mem_args, guest_addr, 8, 8);
WIDE(gunyah_map_cma_mem_args, flags, 16, 4);
WIDE(gunyah_map_cma_mem_args, guest_mem_fd, 20, 4);
WIDE(gunyah_map_cma_mem_args, offset, 24, 8);
WIDE(gunyah_map_cma_mem_args, size, 32, 8);
IS(GUNYAH_CMA_MEM_LEND, 0x10);
IS(GUNYAH_CMA_MEM_SHARE, 0x20);

/* uapi 2.8 */
IS(sizeof(struct gunyah_auth_desc), 16);
WIDE(gunyah_auth_desc, type, 0, 4);
WIDE(gunyah_auth_desc, arg_size, 4, 4);
WIDE(gunyah_auth_desc, arg, 8, 8);
IS(GUNYAH_AUTH_ANDROID_PVM, 0);
IS(GUNYAH_AUTH_QCOM_TRUSTED_VM, 1);
IS(GUNYAH_AUTH_MAX_ARG_SIZE, 24);
IS(sizeof(struct gunyah_auth_qtvm_arg), 24);
WIDE(gunyah_auth_qtvm_arg, vm_id, 0, 2);
WIDE(gunyah_auth_qtvm_arg, pas_id, 4, 4);
WIDE(gunyah_auth_qtvm_arg, guest_phys_addr, 8, 8);
WIDE(gunyah_auth_qtvm_arg, size, 16, 8);

/* uapi 2.9 */
IS(sizeof(struct gunyah_vcpu_run), 40);
WIDE(gunyah_vcpu_run, immediate_exit, 0, 1);
WIDE(gunyah_vcpu_run, padding, 1, 7);
WIDE(gunyah_vcpu_run, exit_reason, 8, 4);
WIDE(gunyah_vcpu_run, mmio.phys_addr, 16, 8);
WIDE(gunyah_vcpu_run, mmio.data, 24, 8);
WIDE(gunyah_vcpu_run, mmio.len, 32, 4);
WIDE(gunyah_vcpu_run, mmio.is_write, 36, 1);
WIDE(gunyah_vcpu_run, mmio.resume_action, 37, 1);
WIDE(gunyah_vcpu_run, status.status, 16, 4);
WIDE(gunyah_vcpu_run, status.exit_info.type, 20, 2);
WIDE(gunyah_vcpu_run, status.exit_info.padding, 22, 2);
WIDE(gunyah_vcpu_run, status.exit_info.reason_size, 24, 4);
WIDE(gunyah_vcpu_run, status.exit_info.reason, 28, 8);
WIDE(gunyah_vcpu_run, page_fault.phys_addr, 16, 8);
WIDE(gunyah_vcpu_run, page_fault.attempt, 24, 4);
WIDE(gunyah_vcpu_run, page_fault.resume_action, 28, 1);
IS(sizeof(struct gunyah_vm_exit_info), 16);
CALL(VM_MAX_EXIT_REASON_SIZE, 8);
CALL(VCPU_EXIT_UNKNOWN, 0);
CALL(VCPU_EXIT_MMIO, 1);
CALL(VCPU_EXIT_STATUS, 2);
CALL(VCPU_EXIT_PAGE_FAULT, 3);
CALL(VCPU_RESUME_HANDLED, 0);
CALL(VCPU_RESUME_FAULT, 1);
CALL(VCPU_RESUME_RETRY, 2);
CALL(VM_STATUS_LOAD_FAILED, 1);
CALL(VM_STATUS_EXITED, 2);
CALL(VM_STATUS_CRASHED, 3);
IS(GUNYAH_VM_EXIT_TYPE_VM_EXIT, 0);
IS(GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF, 1);
IS(GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET, 2);
IS(GUNYAH_VM_EXIT_TYPE_PSCI_SYSTEM_RESET2, 3);
IS(GUNYAH_VM_EXIT_TYPE_WDT_BITE, 4);
IS(GUNYAH_VM_EXIT_TYPE_HYP_ERROR, 5);
IS(GUNYAH_VM_EXIT_TYPE_ASYNC_EXT_ABORT, 6);
IS(GUNYAH_VM_EXIT_TYPE_VM_FORCE_STOPPED, 7);

/* Structures under their older names */
IS(sizeof(struct gh_userspace_memory_region), 32);
IS(sizeof(struct gh_vm_dtb_config), 16);
IS(sizeof(struct gh_vm_firmware_config), 16);
IS(sizeof(struct gh_address_range), 16);
IS(sizeof(struct gh_fn_desc), 16);
IS(sizeof(struct gh_fn_vcpu_arg), 4);
IS(sizeof(struct gh_fn_irqfd_arg), 16);
IS(sizeof(struct gh_fn_ioeventfd_arg), 32);
IS(sizeof(struct gh_create_mem_args), 64);
IS(sizeof(struct gh_vm_boot_context), 16);
IS(sizeof(struct gh_map_mem_args), 32);
IS(sizeof(struct gh_map_cma_mem_args), 40);
IS(sizeof(struct gh_auth_desc), 16);
IS(sizeof(struct gh_auth_qtvm_arg), 24);
IS(sizeof(struct gh_vcpu_run), 40);
IS(sizeof(struct gh_vm_exit_info), 16);

/* Our own, as they were first published */
IS(sizeof(struct gunyah_share_window), 64);
WIDE(gunyah_share_window, flags, 0, 4);
WIDE(gunyah_share_window, fd, 4, 4);
WIDE(gunyah_share_window, offset, 8, 8);
WIDE(gunyah_share_window, size, 16, 8);
WIDE(gunyah_share_window, guest_addr, 24, 8);
WIDE(gunyah_share_window, label, 32, 4);
WIDE(gunyah_share_window, handle, 36, 4);
WIDE(gunyah_share_window, reserved, 40, 24);
IS(GUNYAH_WINDOW_USER_MEM, 0x100);
IS(GUNYAH_WINDOW_FD, 0x200);
IS(GUNYAH_WINDOW_PARCEL, 0x400);
IS(GUNYAH_WINDOW_NO_HANDLE, 0xffffffff);
IS(sizeof(struct gunyah_unshare_window), 16);
WIDE(gunyah_unshare_window, guest_addr, 0, 8);
WIDE(gunyah_unshare_window, handle, 8, 4);
WIDE(gunyah_unshare_window, reserved, 12, 4);
IS(sizeof(struct gunyah_vm_info), 80);
WIDE(gunyah_vm_info, changes, 0, 8);
WIDE(gunyah_vm_info, state, 8, 4);
WIDE(gunyah_vm_info, status, 12, 4);
WIDE(gunyah_vm_info, exit_info, 16, 16);
WIDE(gunyah_vm_info, vmid, 32, 4);
WIDE(gunyah_vm_info, reserved, 36, 4);
WIDE(gunyah_vm_info, private_pages, 40, 8);
WIDE(gunyah_vm_info, shared_pages, 48, 8);
WIDE(gunyah_vm_info, lost_pages, 56, 8);
WIDE(gunyah_vm_info, reserved2, 64, 16);
IS(sizeof(struct gunyah_vcpu_reg), 16);
WIDE(gunyah_vcpu_reg, reg, 0, 4);
WIDE(gunyah_vcpu_reg, reserved, 4, 4);
WIDE(gunyah_vcpu_reg, value, 8, 8);
IS(GUNYAH_CAP_ABI_FAMILIES, 1);
IS(GUNYAH_CAP_MEMORY_MODELS, 2);
IS(GUNYAH_CAP_BOOT_CONTEXT, 3);
IS(GUNYAH_CAP_AUTH_TYPES, 4);
IS(GUNYAH_CAP_TIMER_WAKEUP, 5);
IS(GUNYAH_CAP_IRQFD_FLAGS, 6);
IS(GUNYAH_CAP_VCPU_SET_REG, 7);
IS(GUNYAH_CAP_WINDOWS, 8);
IS(GUNYAH_CAP_HUGEPAGE_SIZE, 9);
IS(GUNYAH_CAP_CMA, 10);
IS(GUNYAH_CAP_VM_PROTECTED, 11);
IS(GUNYAH_ABI_USER_MEM, 0x1);
IS(GUNYAH_ABI_GUEST_MEM, 0x2);
IS(GUNYAH_ABI_ANDROID, 0x4);
IS(GUNYAH_MEMORY_PARCELS, 0x1);
IS(GUNYAH_MEMORY_ON_DEMAND, 0x2);
IS(GUNYAH_MEMORY_AFTER_START, 0x4);

/* What GET_INFO calls states is what the Resource Manager calls them (uapi 7.6) */
IS(GUNYAH_VM_STATE_NONE, 0);
IS(GUNYAH_VM_STATE_INIT, 1);
IS(GUNYAH_VM_STATE_READY, 2);
IS(GUNYAH_VM_STATE_RUNNING, 3);
IS(GUNYAH_VM_STATE_PAUSED, 4);
IS(GUNYAH_VM_STATE_LOAD, 5);
IS(GUNYAH_VM_STATE_AUTH, 6);
IS(GUNYAH_VM_STATE_INIT_FAILED, 8);
IS(GUNYAH_VM_STATE_EXITED, 9);
IS(GUNYAH_VM_STATE_RESETTING, 10);
IS(GUNYAH_VM_STATE_RESET, 11);
IS(GUNYAH_VM_STATE_RESET_FAILED, 12);

#endif
