// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs in each of their states, and descriptors of each kind.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl_matrix.h"

static char cma_device[64];

static int find_cma(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	static const char name[] = "gunyah-cma-vm-mem";
	char found[64] = "", file[512], label[32] = "";
	int fd;

	if (type != FTW_F || strcmp(path + ftw->base, "compatible"))
		return 0;
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, found, sizeof(found) - 1) < 0)
		gt_fail("%s cannot be read", path);
	close(fd);
	if (strcmp(found, name))
		return 0;
	snprintf(file, sizeof(file), "%.*s/label", ftw->base - 1, path);
	fd = open(file, O_RDONLY);
	if (fd < 0 || read(fd, label, sizeof(label) - 1) <= 0)
		gt_fail("%s cannot be read", file);
	close(fd);
	snprintf(cma_device, sizeof(cma_device), "/dev/%s", label);
	return 1;
}

void env_find_cma(void)
{
	nftw("/sys/firmware/devicetree/base", find_cma, 16, FTW_PHYS);
}

static void open_others(struct env *e)
{
	e->fd[DEV] = gt_open();
	e->fd[MEM_FILE] = gt_create_mem(SPARE_SIZE, 0);
	e->fd[EVENTFD] = eventfd(0, EFD_CLOEXEC);
	gt_assert(e->fd[EVENTFD] >= 0);
	e->bound = gt_create_mem(SPARE_SIZE, 0);
	e->spare = gt_alloc(SPARE_SIZE);
	if (!cma_device[0])
		return;
	e->fd[CMA_DEV] = open(cma_device, O_RDWR | O_CLOEXEC);
	if (e->fd[CMA_DEV] < 0)
		gt_fail("%s: %s", cma_device, strerror(errno));
	e->fd[CMA_FD] = ioctl(e->fd[CMA_DEV], GUNYAH_ANDROID_CREATE_CMA_MEM_FD);
	if (e->fd[CMA_FD] < 0)
		gt_fail("memory of %s: %s", cma_device, strerror(errno));
}

static void add_vcpu(struct gt_vm *vm)
{
	vm->vcpu[0].fd = __gt_add_vcpu(vm->fd, 0);
	if (vm->vcpu[0].fd < 0)
		gt_fail("vCPU 0: %s", strerror(-vm->vcpu[0].fd));
	vm->vcpu[0].run = gt_map_run(vm->vcpu[0].fd);
}

static void start(struct gt_vm *vm)
{
	gt_vm_start(vm);
	gt_expect_sync(&vm->vcpu[0], 0);
}

/* The device tree is none: the first step after the VM's id fails */
static void fail_to_start(struct gt_vm *vm)
{
	memset((char *)vm->ram + GUEST_DTB_OFFSET, 0xff, 64);
	gt_assert_eq(__gt_start(vm->fd), -EINVAL);
}

/* Another descriptor of the VM is gone, and all of the other kind */
static void close_elsewhere(struct env *e)
{
	struct gt_vm *vm = &e->vm;
	int copy;

	if (e->family == VM) {
		gt_vcpu_close(&vm->vcpu[0]);
		copy = dup(vm->fd);
		gt_assert(copy >= 0);
	} else {
		copy = -1;
	}
	close(vm->fd);
	vm->fd = copy;
}

static void bring_to_state(struct env *e)
{
	struct gt_vm *vm = &e->vm;

	if (e->state == NEW) {
		gt_vm_create(vm);
		if (e->family == VCPU)
			add_vcpu(vm);
		return;
	}
	gt_assert_eq(__gt_vm_prepare(vm), 0);
	gt_bind(vm->fd, FILE_ADDR, FILE_FLAGS, e->bound, 0, 4096);
	if (e->state == FAILED)
		fail_to_start(vm);
	else if (e->state != CONFIGURED)
		start(vm);
	if (e->state == EXITED)
		gt_expect_off(&vm->vcpu[0]);
	else if (e->state == CLOSED)
		close_elsewhere(e);
	else if (e->state == REMOVED)
		gt_assert_eq(__gt_remove_vcpu(vm->fd, 0), 0);
}

void env_set_up(struct env *e, enum fd_kind family, enum state state)
{
	memset(e, 0, sizeof(*e));
	memset(e->fd, 0xff, sizeof(e->fd));
	e->family = family;
	e->state = state;
	open_others(e);
	gt_vm_init(&e->vm, GUEST_hello);
	bring_to_state(e);
	e->fd[VM] = e->vm.fd;
	e->fd[VCPU] = e->vm.vcpu[0].fd;
}

void env_close(struct env *e, enum fd_kind kind)
{
	if (e->fd[kind] >= 0)
		close(e->fd[kind]);
	e->fd[kind] = -1;
}

void env_tear_down(struct env *e)
{
	gt_vm_close(&e->vm);
	e->fd[VM] = -1;
	e->fd[VCPU] = -1;
	env_close(e, DEV);
	env_close(e, MEM_FILE);
	env_close(e, CMA_FD);
	env_close(e, CMA_DEV);
	env_close(e, EVENTFD);
	close(e->bound);
	munmap(e->spare, SPARE_SIZE);
}

void env_finish(struct env *e)
{
	struct gt_vm *vm = &e->vm;
	struct gt_vcpu *vcpu = &vm->vcpu[0];

	switch (e->state) {
	case NEW:
		gt_vm_add_ram(vm);
		if (vcpu->fd < 0)
			add_vcpu(vm);
		gt_assert_eq(__gt_set_dtb(vm->fd, DTB_ADDR, GUEST_DTB_SIZE), 0);
		__attribute__((fallthrough));
	case CONFIGURED:
		start(vm);
		break;
	case EXITED:
		gt_expect_status(vcpu, GUNYAH_VM_STATUS_EXITED,
				 GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
		return;
	case FAILED:
		gt_assert_eq(__gt_start(vm->fd), -ENODEV);
		gt_assert_eq(__gt_run(vcpu->fd), -ENODEV);
		return;
	default:
		break;
	}
	/* A vCPU whose descriptors are gone, or that was removed, can come back */
	if (vcpu->fd < 0)
		gt_assert_eq(__gt_remove_vcpu(vm->fd, 0), 0);
	if (e->state == REMOVED)
		gt_vcpu_close(vcpu);
	if (vcpu->fd < 0)
		add_vcpu(vm);
	gt_expect_off(vcpu);
}
