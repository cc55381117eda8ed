// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM with a test guest, step by step.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gt.h"

/* image.S */
extern const char guest_image[], guest_image_end[];

void gt_vm_init(struct gt_vm *vm, enum guest_test test)
{
	unsigned int i;

	memset(vm, 0, sizeof(*vm));
	vm->fd = -1;
	vm->ram_size = GUEST_MIN_RAM;
	vm->kind = gt_kind(GT_DEFAULT);
	vm->test = test;
	vm->dtb.nr_vcpus = 1;
	vm->dtb.base = GUEST_RAM_BASE;
	for (i = 0; i < GUEST_MAX_VCPUS; i++) {
		vm->vcpu[i].vm = vm;
		vm->vcpu[i].fd = -1;
	}
	pthread_mutex_init(&vm->lock, NULL);
	pthread_cond_init(&vm->change, NULL);
}

/* The label is the number of the SPI, as VMMs do it */
void gt_vm_add_bell(struct gt_vm *vm, uint32_t label, bool level)
{
	gt_assert(vm->dtb.nr_bells < GT_MAX_BELLS);
	vm->dtb.bell[vm->dtb.nr_bells++] = (struct gt_bell){
		.label = label, .spi = label, .level = level,
	};
}

void gt_vm_create(struct gt_vm *vm)
{
	vm->fd = gt_create_vm();
}

void gt_vm_write_ram(struct gt_vm *vm)
{
	struct guest_mailbox *mailbox;

	memcpy(vm->ram, guest_image, guest_image_end - guest_image);
	mailbox = (struct guest_mailbox *)((char *)vm->ram + MAILBOX_OFFSET);
	gt_assert_eq(mailbox->magic, GUEST_MAGIC);
	mailbox->test = vm->test;
	memcpy(mailbox->arg, vm->arg, sizeof(mailbox->arg));
	mailbox->nr_vcpus = vm->dtb.nr_vcpus;
	mailbox->ram_size = vm->ram_size;
	gt_write_dtb((char *)vm->ram + GUEST_DTB_OFFSET, GUEST_DTB_SIZE, &vm->dtb);
}

static int __add_ram(struct gt_vm *vm)
{
	if (!vm->ram)
		vm->ram = gt_alloc(vm->ram_size);
	gt_vm_write_ram(vm);
	return __gt_add_memory(vm->fd, vm->kind, GUEST_RAM_BASE, vm->ram, vm->ram_size);
}

void gt_vm_add_ram(struct gt_vm *vm)
{
	int ret = __add_ram(vm);

	if (ret)
		gt_fail("RAM of %llu MiB: %s", (unsigned long long)vm->ram_size >> 20,
			strerror(-ret));
}

static int __configure(struct gt_vm *vm)
{
	unsigned int i;
	int ret;

	for (i = 0; i < vm->dtb.nr_vcpus; i++) {
		ret = __gt_add_vcpu(vm->fd, i);
		if (ret < 0)
			return ret;
		vm->vcpu[i].fd = ret;
		vm->vcpu[i].run = gt_map_run(ret);
	}
	return __gt_set_dtb(vm->fd, GUEST_RAM_BASE + GUEST_DTB_OFFSET, GUEST_DTB_SIZE);
}

void gt_vm_configure(struct gt_vm *vm)
{
	int ret = __configure(vm);

	if (ret)
		gt_fail("configuration: %s", strerror(-ret));
}

void gt_vm_start(struct gt_vm *vm)
{
	int ret = __gt_start(vm->fd);

	if (ret)
		gt_fail("GUNYAH_VM_START: %s", strerror(-ret));
}

int __gt_vm_prepare(struct gt_vm *vm)
{
	int ret;

	gt_vm_create(vm);
	ret = __add_ram(vm);
	return ret ?: __configure(vm);
}

void gt_vm_boot(struct gt_vm *vm)
{
	gt_vm_create(vm);
	gt_vm_add_ram(vm);
	gt_vm_configure(vm);
	gt_vm_start(vm);
}

void gt_vcpu_close(struct gt_vcpu *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, getpagesize());
	if (vcpu->fd >= 0)
		close(vcpu->fd);
	vcpu->run = NULL;
	vcpu->fd = -1;
}

void gt_vm_close(struct gt_vm *vm)
{
	unsigned int i;

	for (i = 0; i < GUEST_MAX_VCPUS; i++)
		gt_vcpu_close(&vm->vcpu[i]);
	if (vm->fd >= 0)
		close(vm->fd);
	vm->fd = -1;
	if (vm->ram)
		munmap(vm->ram, vm->ram_size);
	vm->ram = NULL;
}
