// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* A guest's end of a pair of message queues. */
#include "arch/arch.h"
#include "lib/printk.h"
#include "obj/vm.h"
#include <linux/gunyah/abi/hypercall.h>

static int add_caps(struct vm *vm, struct msgq *from_guest, struct msgq *to_guest)
{
	struct vm_link *link = &vm->link;
	int err = cspace_add(&vm->cspace, CAP_MSGQ, from_guest, GUNYAH_RIGHT_MSGQ_SEND,
			     &link->tx_cap);

	if (err)
		return err;
	err = cspace_add(&vm->cspace, CAP_MSGQ, to_guest, GUNYAH_RIGHT_MSGQ_RECEIVE,
			 &link->rx_cap);
	if (err)
		cspace_remove(&vm->cspace, link->tx_cap);
	return err;
}

int vm_add_link(struct vm *vm, struct msgq *from_guest, struct msgq *to_guest, u32 tx_spi,
		u32 rx_spi)
{
	struct vm_link *link = &vm->link;
	int err = GUNYAH_ERR_NORESOURCES;

	assert_locked();
	BUG_ON(link->used);
	link->tx_spi = vm_choose_spi(vm, tx_spi);
	/* From now on taken */
	link->used = true;
	link->rx_spi = vm_choose_spi(vm, rx_spi);
	if (link->tx_spi && link->rx_spi)
		err = add_caps(vm, from_guest, to_guest);
	if (err) {
		*link = (struct vm_link){};
		return err;
	}
	from_guest->send_virq = (struct virq){ .vm = vm, .intid = link->tx_spi };
	to_guest->recv_virq = (struct virq){ .vm = vm, .intid = link->rx_spi };
	return GUNYAH_ERR_OK;
}

void vm_remove_link(struct vm *vm)
{
	assert_locked();
	cspace_remove(&vm->cspace, vm->link.tx_cap);
	cspace_remove(&vm->cspace, vm->link.rx_cap);
	vm->link = (struct vm_link){};
}
