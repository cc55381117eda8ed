// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the list of addresses that the kernel handles for a guest, which vCPUs look
 * through at each MMIO write.
 *
 * Rules (ABI tables, uapi 3.6): the address must be the same; length and value only
 * count for handlers that ask for them; no write may have two takers.
 */
#include <linux/cleanup.h>
#include <linux/minmax.h>

#include "compat.h"
#include "io_bus.h"
#include "vm.h"

static u64 data_mask(u8 len)
{
	return len < sizeof(u64) ? BIT_ULL(8 * len) - 1 : U64_MAX;
}

/* Whether there is a write that both would take */
bool gunyah_io_handlers_conflict(const struct gunyah_io_handler *a,
				 const struct gunyah_io_handler *b)
{
	if (a->addr != b->addr)
		return false;
	if (!a->match_data || !b->match_data)
		return true;
	return a->len == b->len && !((a->data ^ b->data) & data_mask(a->len));
}

bool gunyah_io_handler_takes(const struct gunyah_io_handler *handler, u64 addr, u8 len, u64 data)
{
	if (handler->addr != addr)
		return false;
	if (!handler->match_data)
		return true;
	return handler->len == len && !((handler->data ^ data) & data_mask(len));
}

/**
 * gunyah_io_bus_add() - starts taking writes
 * @vm: the VM
 * @handler: complete
 *
 * Returns: 0, or EEXIST if it would compete with another one.
 */
int gunyah_io_bus_add(struct gunyah_vm *vm, struct gunyah_io_handler *handler)
{
	struct gunyah_io_handler *other;

	guard(rwsem_write)(&vm->io_lock);
	list_for_each_entry(other, &vm->io_handlers, node) {
		if (gunyah_io_handlers_conflict(handler, other))
			return -EEXIST;
	}
	list_add_tail(&handler->node, &vm->io_handlers);
	return 0;
}

/* When this returns no vCPU uses @handler any more */
void gunyah_io_bus_remove(struct gunyah_vm *vm, struct gunyah_io_handler *handler)
{
	guard(rwsem_write)(&vm->io_lock);
	list_del(&handler->node);
}

/* Offers a write to the handlers; false if it is none of theirs */
bool gunyah_io_bus_write(struct gunyah_vm *vm, u64 addr, u8 len, u64 data)
{
	struct gunyah_io_handler *handler;

	guard(rwsem_read)(&vm->io_lock);
	list_for_each_entry(handler, &vm->io_handlers, node) {
		if (gunyah_io_handler_takes(handler, addr, len, data)) {
			handler->write(handler);
			return true;
		}
	}
	return false;
}
