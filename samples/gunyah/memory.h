/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's RAM and what is put into it
 */
#ifndef VMM_MEMORY_H
#define VMM_MEMORY_H

#include <stdbool.h>

#include <linux/types.h>

/**
 * struct guest_ram - one region of RAM, from RAM_BASE on
 * @host: where this process sees it; not to be touched after a lending start
 * @size: bytes
 * @file: guest memory file that it is, -1: memory of this process
 * @window: where this process sees WINDOW_SIZE bytes that it shares with a protected
 *	guest, NULL: there is no window
 * @more: what came while the guest ran, NULL: nothing
 * @more_size: its bytes
 * @map: what mmap() returned, in which @host is the first aligned address
 * @map_size: bytes mapped there
 * @entry: guest address of the kernel's first instruction
 * @kernel_end: first guest address after the kernel and its bss
 * @dtb: guest address of the device tree, DTB_SIZE bytes are kept for it
 * @initrd: guest address of the initial RAM disk
 * @initrd_size: its bytes, 0: none
 */
struct guest_ram {
	__u8 *host;
	__u64 size;
	int file;
	__u8 *window;
	void *more;
	__u64 more_size;
	void *map;
	__u64 map_size;
	__u64 entry;
	__u64 kernel_end;
	__u64 dtb;
	__u64 initrd;
	__u64 initrd_size;
};

/* All of these end the program if they fail. */

/* Memory of this process, with huge pages if there are any, or only with @small ones */
void ram_alloc(struct guest_ram *ram, __u64 size, bool small);
/* A guest memory file that is @size bytes long */
void ram_alloc_file(struct guest_ram *ram, __u64 size, int file);
void ram_add_window(struct guest_ram *ram);
void ram_load_kernel(struct guest_ram *ram, const char *path);
void ram_place_dtb(struct guest_ram *ram);
void ram_load_initrd(struct guest_ram *ram, const char *path);

/* More of it, for a guest that runs; returns where the guest gets it. */
__u64 ram_grow(struct guest_ram *ram, __u64 size);

/* All is in it.  Before VM_START: a guest memory file that we see cannot be lent. */
void ram_finish(struct guest_ram *ram);

/* Only when the driver has let go of it: after vm_destroy(). */
void ram_free(struct guest_ram *ram);

/* Host address of @size bytes at @gpa, NULL if they are not all in RAM. */
void *ram_at(const struct guest_ram *ram, __u64 gpa, __u64 size);

#endif
