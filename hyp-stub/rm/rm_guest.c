// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Guests as clients of the RM: a channel for a guest whose tree has a vdevice rm-rpc
 * (ABI tables, devicetree b.6).  It lives as long as the VM's objects; requests are
 * taken while the VM runs.
 */
#include "arch/arch.h"
#include "lib/printk.h"
#include "rm/rm_client.h"

/* A guest gets few notifications; one that does not read loses its own */
#define GUEST_NOTIFS	32

struct rm_guest {
	struct rm_client client;
	struct rm_notif notif[GUEST_NOTIFS];
};

static u64 guest_pages(void)
{
	return ALIGN_UP(sizeof(struct rm_guest), PAGE_SIZE) / PAGE_SIZE;
}

/* 0: any that is free.  Guests have no PPIs for devices and no extended SPIs */
static bool wanted_spi(const struct rm_irq *irq, u32 *spi)
{
	*spi = irq->valid ? VGIC_PRIVATE + irq->number : 0;
	return !irq->valid || irq->class == 0;
}

static int add_link(struct rm_vm *rvm, const struct rm_vdev *vdev)
{
	struct rm_client *client = &rvm->guest->client;
	u32 tx, rx;

	if (!wanted_spi(&vdev->irq, &tx) || !wanted_spi(&vdev->rx_irq, &rx))
		return GUNYAH_ERR_NORESOURCES;
	return vm_add_link(rvm->vm, &client->from, &client->to, tx, rx);
}

static bool start_client(struct rm_vm *rvm, const struct rm_vdev *vdev)
{
	struct rm_guest *guest = rvm->guest;

	if (!rm_client_add(&guest->client, rvm->vmid, guest->notif, GUEST_NOTIFS))
		return false;
	if (!add_link(rvm, vdev))
		return true;
	rm_client_remove(&guest->client);
	return false;
}

u32 rm_guest_add(struct rm_vm *rvm, const struct rm_vdev *vdev)
{
	u64 pa;

	if (rvm->guest || vdev->odd_queue) {
		printk("rm: an RM channel more, or with odd queues, is not offered");
		return GUNYAH_RM_ERR_NORESOURCE;
	}
	pa = page_pool_alloc(&object_pool, guest_pages(), 1);
	if (!pa)
		return GUNYAH_RM_ERR_NORESOURCE;
	rvm->guest = arch_pa_to_va(pa);
	if (start_client(rvm, vdev))
		return GUNYAH_RM_ERR_OK;
	page_pool_free(&object_pool, pa, guest_pages());
	rvm->guest = NULL;
	return GUNYAH_RM_ERR_NORESOURCE;
}

void rm_guest_remove(struct rm_vm *rvm)
{
	if (!rvm->guest)
		return;
	vm_remove_link(rvm->vm);
	rm_client_remove(&rvm->guest->client);
	page_pool_free(&object_pool, arch_va_to_pa(rvm->guest), guest_pages());
	rvm->guest = NULL;
}

struct rm_client *rm_client_of(const struct rm_vm *rvm)
{
	return rvm->guest ? &rvm->guest->client : NULL;
}

bool rm_client_lives(const struct rm_client *client)
{
	const struct rm_vm *rvm = rm_vm_find(client->vmid);

	return client == rm_host() ||
	       (rvm && rvm->state == GUNYAH_RM_VM_STATE_RUNNING && !rvm->vm->dead);
}

static bool exit_code_valid(u8 code)
{
	return code == GUNYAH_RM_EXIT_CODE_NORMAL || code == GUNYAH_RM_EXIT_CODE_SOFTWARE ||
	       code == GUNYAH_RM_EXIT_CODE_BUS || code == GUNYAH_RM_EXIT_CODE_DEVICE;
}

u32 rm_vm_exit(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_exit_req *in = (const void *)req->data;
	u32 flags = in->flags;

	if (!exit_code_valid(in->code))
		return GUNYAH_RM_ERR_MSG_INVALID;
	rm_vm_on_exit(rm_vm_find(req->from), flags | in->code << GUNYAH_RM_EXIT_CODE_SHIFT);
	return GUNYAH_RM_ERR_OK;
}
