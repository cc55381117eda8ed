/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest addresses whose writes the kernel handles itself.  Layer 7. */
#ifndef _GUNYAH_IO_BUS_H
#define _GUNYAH_IO_BUS_H

#include <linux/list.h>
#include <linux/types.h>

struct gunyah_vm;

/**
 * struct gunyah_io_handler - takes writes to an address
 * @node: in gunyah_vm.io_handlers; io_lock
 * @addr: the address
 * @match_data: only writes of @len bytes with the value @data; otherwise all
 * @len: 1, 2, 4 or 8, if @match_data
 * @data: value, if @match_data; bits above @len bytes do not count
 * @write: the write has happened; may sleep, takes no lock of the VM
 */
struct gunyah_io_handler {
	struct list_head node;
	u64 addr;
	bool match_data;
	u8 len;
	u64 data;
	void (*write)(struct gunyah_io_handler *handler);
};

bool gunyah_io_handlers_conflict(const struct gunyah_io_handler *a,
				 const struct gunyah_io_handler *b);
bool gunyah_io_handler_takes(const struct gunyah_io_handler *handler, u64 addr, u8 len,
			     u64 data);

int gunyah_io_bus_add(struct gunyah_vm *vm, struct gunyah_io_handler *handler);
void gunyah_io_bus_remove(struct gunyah_vm *vm, struct gunyah_io_handler *handler);
bool gunyah_io_bus_write(struct gunyah_vm *vm, u64 addr, u8 len, u64 data);

#endif
