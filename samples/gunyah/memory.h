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
	void *map;
	__u64 map_size;
	__u64 entry;
	__u64 kernel_end;
	__u64 dtb;
	__u64 initrd;
	__u64 initrd_size;
};

/* All of these end the program if they fail. */
void ram_alloc(struct guest_ram *ram, __u64 size);
void ram_load_kernel(struct guest_ram *ram, const char *path);
void ram_place_dtb(struct guest_ram *ram);
void ram_load_initrd(struct guest_ram *ram, const char *path);

/* Only when the driver has let go of it: after vm_destroy(). */
void ram_free(struct guest_ram *ram);

/* Host address of @size bytes at @gpa, NULL if they are not all in RAM. */
void *ram_at(const struct guest_ram *ram, __u64 gpa, __u64 size);

#endif
