// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk: the requests of virtio-blk, on a file
 *
 * A request is a header, data and one byte of status, in buffers that are cut as
 * the guest likes.  The header is copied before it is looked at.  Data goes between
 * the guest's memory and the file directly.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/virtio_ids.h>

#include "disk.h"
#include "report.h"

#define SECTOR		512

/* Takes @size bytes off the front of @count buffers; false if there are fewer. */
static bool take_front(struct iovec *buffers, unsigned int count, void *to, size_t size)
{
	unsigned int i;
	size_t part;

	for (i = 0; i < count && size; i++) {
		part = buffers[i].iov_len < size ? buffers[i].iov_len : size;
		memcpy(to, buffers[i].iov_base, part);
		buffers[i].iov_base = (__u8 *)buffers[i].iov_base + part;
		buffers[i].iov_len -= part;
		to = (__u8 *)to + part;
		size -= part;
	}
	return !size;
}

static __u64 total(const struct iovec *buffers, unsigned int count)
{
	__u64 sum = 0;

	while (count)
		sum += buffers[--count].iov_len;
	return sum;
}

/* Of a sum that pread() and pwrite() can say in one go, whole sectors of the disk */
static bool in_disk(const struct disk *disk, __u64 sector, __u64 bytes)
{
	return !(bytes % SECTOR) && bytes <= INT32_MAX && sector <= disk->sectors &&
		bytes / SECTOR <= disk->sectors - sector;
}

/* A file read or written in part is an error of the disk. */
static __u8 transferred(ssize_t done, __u64 bytes)
{
	return done >= 0 && (__u64)done == bytes ? VIRTIO_BLK_S_OK : VIRTIO_BLK_S_IOERR;
}

static __u8 read_sectors(const struct disk *disk, __u64 sector, const struct iovec *to,
			 unsigned int count)
{
	__u64 bytes = total(to, count);

	if (!in_disk(disk, sector, bytes))
		return VIRTIO_BLK_S_IOERR;
	return transferred(preadv(disk->fd, to, count, sector * SECTOR), bytes);
}

static __u8 write_sectors(const struct disk *disk, __u64 sector, const struct iovec *from,
			  unsigned int count)
{
	__u64 bytes = total(from, count);

	if (!in_disk(disk, sector, bytes))
		return VIRTIO_BLK_S_IOERR;
	return transferred(pwritev(disk->fd, from, count, sector * SECTOR), bytes);
}

static __u8 get_id(struct iovec *to)
{
	static const char id[VIRTIO_BLK_ID_BYTES] = "gunyah-vmm";

	if (to->iov_len < sizeof(id))
		return VIRTIO_BLK_S_IOERR;
	memcpy(to->iov_base, id, sizeof(id));
	return VIRTIO_BLK_S_OK;
}

static __u8 serve(const struct disk *disk, const struct virtio_blk_outhdr *header,
		  struct iovec *out, unsigned int nr_out,
		  struct iovec *in, unsigned int nr_in)
{
	switch (header->type) {
	case VIRTIO_BLK_T_IN:
		return read_sectors(disk, header->sector, in, nr_in);
	case VIRTIO_BLK_T_OUT:
		return write_sectors(disk, header->sector, out, nr_out);
	case VIRTIO_BLK_T_FLUSH:
		return fdatasync(disk->fd) ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_GET_ID:
		return get_id(in);
	}
	return VIRTIO_BLK_S_UNSUPP;
}

/* The status is the last byte that the device writes, whatever comes before it. */
static int disk_request(void *opaque, struct ring_request *request)
{
	struct iovec *out = request->buffers, *in = out + request->out, *last;
	const struct disk *disk = opaque;
	struct virtio_blk_outhdr header;
	bool reads;
	__u64 bytes;
	__u8 *status;

	if (!request->in || !take_front(out, request->out, &header, sizeof(header)))
		return -1;
	last = &in[request->in - 1];
	status = (__u8 *)last->iov_base + --last->iov_len;
	bytes = total(in, request->in);
	reads = header.type == VIRTIO_BLK_T_IN || header.type == VIRTIO_BLK_T_GET_ID;
	*status = serve(disk, &header, out, request->out, in, request->in);
	return *status == VIRTIO_BLK_S_OK && reads ? bytes + 1 : 1;
}

const struct virtio_type disk_type = {
	.name = "disk",
	.id = VIRTIO_ID_BLOCK,
	.request = disk_request,
};

void disk_open(struct disk *disk, const char *path, struct virtio *virtio)
{
	struct stat st;

	disk->fd = open(path, O_RDWR | O_CLOEXEC);
	if (disk->fd < 0 || fstat(disk->fd, &st) < 0)
		die_errno(path, errno, NULL);
	if (!S_ISREG(st.st_mode) || st.st_size < SECTOR)
		die("%s: not a file that can be a disk", path);
	disk->sectors = st.st_size / SECTOR;
	disk->config = (struct virtio_blk_config){
		.capacity = disk->sectors,
		/* A request has a header and a status as well. */
		.seg_max = RING_MAX_SIZE - 2,
	};
	virtio->type = &disk_type;
	virtio->opaque = disk;
	virtio->features = 1ULL << VIRTIO_BLK_F_SEG_MAX | 1ULL << VIRTIO_BLK_F_FLUSH;
	virtio->config = &disk->config;
	virtio->config_size = sizeof(disk->config);
}
