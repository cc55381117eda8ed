// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs with firmware, and VMs that are authenticated.
 */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "protect.h"

int __gt_set_firmware(int vm, uint64_t gpa, uint64_t size)
{
	struct gunyah_vm_firmware_config cfg = { .guest_phys_addr = gpa, .size = size };

	return gt_errno(ioctl(vm, GUNYAH_VM_ANDROID_SET_FW_CONFIG, &cfg));
}

int __gt_set_auth(int vm, uint32_t type, const void *arg, uint32_t size)
{
	struct gunyah_auth_desc desc = {
		.type = type, .arg_size = size, .arg = (uintptr_t)arg,
	};

	return gt_errno(ioctl(vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc));
}

struct gunyah_auth_qtvm_arg gt_qtvm_arg(uint16_t vm_id)
{
	return (struct gunyah_auth_qtvm_arg){
		.vm_id = vm_id, .padding = 0xdead, .pas_id = 28,
		.guest_phys_addr = GUEST_RAM_BASE, .size = GUEST_DTB_OFFSET,
	};
}

void gt_write_metadata(void *image, uint64_t size)
{
	Elf64_Ehdr head = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_AARCH64, .e_version = EV_CURRENT,
		.e_entry = GT_METADATA_SIZE, .e_phoff = sizeof(head),
		.e_ehsize = sizeof(head), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
	};
	Elf64_Phdr segment = {
		.p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X,
		.p_offset = GT_METADATA_SIZE, .p_vaddr = GT_METADATA_SIZE,
		.p_paddr = GT_METADATA_SIZE, .p_filesz = size - GT_METADATA_SIZE,
		.p_memsz = size - GT_METADATA_SIZE, .p_align = 4096,
	};

	memset(image, 0, GT_METADATA_SIZE);
	memcpy(image, &head, sizeof(head));
	memcpy((char *)image + sizeof(head), &segment, sizeof(segment));
}

void gt_prepare_trusted(struct gt_vm *vm)
{
	gt_vm_create(vm);
	vm->kind = GT_LEND;
	vm->ram = gt_alloc(vm->ram_size);
	gt_vm_write_ram(vm);
	memmove((char *)vm->ram + GT_METADATA_SIZE, vm->ram, GUEST_DTB_OFFSET - GT_METADATA_SIZE);
	gt_write_metadata(vm->ram, GUEST_DTB_OFFSET);
	gt_add_memory(vm->fd, GT_LEND, GUEST_RAM_BASE, vm->ram, vm->ram_size);
	gt_vm_configure(vm);
}

void gt_unload_qtvm(void)
{
	syscall(SYS_delete_module, "gunyah_qtvm", O_NONBLOCK);
}
