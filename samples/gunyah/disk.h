/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk: the requests of virtio-blk, on a file
 */
#ifndef VMM_DISK_H
#define VMM_DISK_H

#include <linux/virtio_blk.h>

#include "virtio.h"

/**
 * struct disk - the file
 * @fd: its descriptor
 * @sectors: its size in units of 512 bytes
 * @config: what the guest sees of it
 */
struct disk {
	int fd;
	__u64 sectors;
	struct virtio_blk_config config;
};

extern const struct virtio_type disk_type;

/* Opens @path and makes it what @virtio is.  Ends the program if that fails. */
void disk_open(struct disk *disk, const char *path, struct virtio *virtio);

#endif
