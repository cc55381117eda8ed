// SPDX-License-Identifier: GPL-2.0-only
/*
 * The disk behind its registers: a driver that behaves, and one that does not
 */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>

#include "check.h"
#include "disk.h"
#include "report.h"

#define BASE		0x60000000ULL
#define BYTES		0x8000ULL
#define SIZE		16
#define DESC		BASE
#define AVAIL		(BASE + 0x1000)
#define USED		(BASE + 0x2000)
#define HEADER		(BASE + 0x3000)
#define STATUS		(BASE + 0x3100)
#define DATA		(BASE + 0x4000)
#define SECTORS		8

#define ACCESS_PLATFORM	(1ULL << VIRTIO_F_ACCESS_PLATFORM)
#define VERSION_1	(1ULL << VIRTIO_F_VERSION_1)

static __u8 *host;
static struct virtio virtio;
static struct disk disk;

static __u32 get(__u64 reg)
{
	return virtio_read(&virtio, reg, 4);
}

static void put(__u64 reg, __u32 value)
{
	virtio_write(&virtio, reg, 4, value);
}

static void *at(__u64 gpa)
{
	return host + (gpa - BASE);
}

static __u64 features(void)
{
	__u64 all;

	put(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	all = get(VIRTIO_MMIO_DEVICE_FEATURES);
	put(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	return all | (__u64)get(VIRTIO_MMIO_DEVICE_FEATURES) << 32;
}

/* Returns whether the device took them. */
static bool accept(__u64 wanted)
{
	const __u32 status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;

	memset(host, 0, BYTES);
	put(VIRTIO_MMIO_STATUS, 0);
	put(VIRTIO_MMIO_STATUS, status);
	put(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	put(VIRTIO_MMIO_DRIVER_FEATURES, wanted);
	put(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	put(VIRTIO_MMIO_DRIVER_FEATURES, wanted >> 32);
	put(VIRTIO_MMIO_STATUS, status | VIRTIO_CONFIG_S_FEATURES_OK);
	return get(VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK;
}

static void queue(__u32 size, __u64 desc, __u64 avail, __u64 used)
{
	put(VIRTIO_MMIO_QUEUE_SEL, 0);
	put(VIRTIO_MMIO_QUEUE_NUM, size);
	put(VIRTIO_MMIO_QUEUE_DESC_LOW, desc);
	put(VIRTIO_MMIO_QUEUE_DESC_HIGH, desc >> 32);
	put(VIRTIO_MMIO_QUEUE_AVAIL_LOW, avail);
	put(VIRTIO_MMIO_QUEUE_AVAIL_HIGH, avail >> 32);
	put(VIRTIO_MMIO_QUEUE_USED_LOW, used);
	put(VIRTIO_MMIO_QUEUE_USED_HIGH, used >> 32);
	put(VIRTIO_MMIO_QUEUE_READY, 1);
}

/* A driver that is ready */
static void fresh(void)
{
	eventfd_t ignored;

	CHECK(accept(features()));
	queue(SIZE, DESC, AVAIL, USED);
	CHECK(get(VIRTIO_MMIO_QUEUE_READY) == 1);
	put(VIRTIO_MMIO_STATUS, get(VIRTIO_MMIO_STATUS) | VIRTIO_CONFIG_S_DRIVER_OK);
	while (eventfd_read(virtio.irqfd, &ignored) == 0)
		;
}

static bool interrupted(void)
{
	eventfd_t count;

	return eventfd_read(virtio.irqfd, &count) == 0;
}

static void set(unsigned int i, __u64 addr, __u32 len, __u16 flags)
{
	struct vring_desc *desc = at(DESC);

	desc[i] = (struct vring_desc){ addr, len, flags, i + 1 };
}

/* The chain that starts at 0; returns its status, or 255 if it did not come back. */
static __u8 run(void)
{
	struct vring_avail *avail = at(AVAIL);
	struct vring_used *used = at(USED);
	__u16 before = used->idx;

	*(__u8 *)at(STATUS) = 254;
	avail->ring[avail->idx % SIZE] = 0;
	avail->idx++;
	virtio_work(&virtio);
	return used->idx == (__u16)(before + 1) ? *(__u8 *)at(STATUS) : 255;
}

static __u32 used_len(void)
{
	struct vring_used *used = at(USED);

	return used->ring[(__u16)(used->idx - 1) % SIZE].len;
}

static __u8 transfer(__u32 type, __u64 sector, __u64 data, __u32 len)
{
	const __u16 write = type == VIRTIO_BLK_T_OUT ? 0 : VRING_DESC_F_WRITE;

	*(struct virtio_blk_outhdr *)at(HEADER) =
		(struct virtio_blk_outhdr){ .type = type, .sector = sector };
	set(0, HEADER, sizeof(struct virtio_blk_outhdr), VRING_DESC_F_NEXT);
	set(1, data, len, VRING_DESC_F_NEXT | write);
	set(2, STATUS, 1, VRING_DESC_F_WRITE);
	return run();
}

static bool needs_reset(void)
{
	return get(VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_NEEDS_RESET;
}

static void test_registers(void)
{
	__u64 capacity = virtio_read(&virtio, VIRTIO_MMIO_CONFIG, 8);

	CHECK(get(VIRTIO_MMIO_MAGIC_VALUE) == 0x74726976);
	CHECK(get(VIRTIO_MMIO_VERSION) == 2);
	CHECK(get(VIRTIO_MMIO_DEVICE_ID) == VIRTIO_ID_BLOCK);
	CHECK(capacity == SECTORS);
	CHECK(virtio_read(&virtio, VIRTIO_MMIO_CONFIG, 1) == SECTORS);
	CHECK(virtio_read(&virtio, VIRTIO_MMIO_CONFIG + sizeof(disk.config) - 1, 1) == 0);
	CHECK(virtio_read(&virtio, VIRTIO_MMIO_CONFIG + sizeof(disk.config) - 1, 8) == 0);
	CHECK(virtio_read(&virtio, 0xfff, 8) == 0);
	put(VIRTIO_MMIO_QUEUE_SEL, 1);
	CHECK(get(VIRTIO_MMIO_QUEUE_NUM_MAX) == 0);
	put(VIRTIO_MMIO_QUEUE_SEL, 0);
	CHECK(get(VIRTIO_MMIO_QUEUE_NUM_MAX) == RING_MAX_SIZE);
	put(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 2);
	CHECK(get(VIRTIO_MMIO_DEVICE_FEATURES) == 0);
	put(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 99);
	put(VIRTIO_MMIO_DRIVER_FEATURES, ~0u);
}

static void test_features(void)
{
	__u64 all = features();

	CHECK(all & VERSION_1 && all & ACCESS_PLATFORM);
	CHECK(accept(all));
	CHECK(accept(VERSION_1 | ACCESS_PLATFORM));
	/* Without these it would look for its queue in memory that we cannot see. */
	CHECK(!accept(all & ~ACCESS_PLATFORM));
	CHECK(!accept(all & ~VERSION_1));
	CHECK(!accept(all | 1ULL << VIRTIO_RING_F_INDIRECT_DESC));
	CHECK(!accept(all | 1ULL << 63));
	queue(SIZE, DESC, AVAIL, USED);
	CHECK(get(VIRTIO_MMIO_QUEUE_READY) == 0);
}

static void test_queue(void)
{
	CHECK(accept(features()));
	queue(SIZE, BASE - 0x1000, AVAIL, USED);
	CHECK(!get(VIRTIO_MMIO_QUEUE_READY) && needs_reset());
	/* Nothing helps but a reset. */
	queue(SIZE, DESC, AVAIL, USED);
	CHECK(!get(VIRTIO_MMIO_QUEUE_READY));
	put(VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_DRIVER_OK);
	CHECK(needs_reset());
	CHECK(accept(features()));
	queue(SIZE + 1, DESC, AVAIL, USED);
	CHECK(needs_reset());
	CHECK(accept(features()));
	queue(SIZE, DESC, AVAIL, BASE + BYTES - 4);
	CHECK(needs_reset());
	fresh();
	CHECK(!needs_reset());
	/* A queue in use stays where it is. */
	put(VIRTIO_MMIO_QUEUE_NUM, 1);
	put(VIRTIO_MMIO_QUEUE_DESC_HIGH, 1);
	CHECK(transfer(VIRTIO_BLK_T_IN, 0, DATA, 512) == VIRTIO_BLK_S_OK);
}

static void test_transfer(void)
{
	static __u8 sector[512];
	int file = disk.fd;

	fresh();
	memset(at(DATA), 0xa5, 1024);
	CHECK(transfer(VIRTIO_BLK_T_OUT, 2, DATA, 1024) == VIRTIO_BLK_S_OK);
	CHECK(used_len() == 1);
	CHECK(interrupted() && get(VIRTIO_MMIO_INTERRUPT_STATUS) == VIRTIO_MMIO_INT_VRING);
	put(VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	CHECK(get(VIRTIO_MMIO_INTERRUPT_STATUS) == 0);
	CHECK(pread(file, sector, 512, 3 * 512) == 512 && sector[0] == 0xa5 && sector[511] == 0xa5);
	CHECK(pread(file, sector, 512, 4 * 512) == 512 && sector[0] == 0);
	memset(at(DATA), 0, 1024);
	CHECK(transfer(VIRTIO_BLK_T_IN, 3, DATA, 1024) == VIRTIO_BLK_S_OK);
	CHECK(used_len() == 1025);
	CHECK(((__u8 *)at(DATA))[511] == 0xa5 && ((__u8 *)at(DATA))[512] == 0);
	CHECK(transfer(VIRTIO_BLK_T_FLUSH, 0, DATA, 1) == VIRTIO_BLK_S_OK);
	CHECK(transfer(VIRTIO_BLK_T_GET_ID, 0, DATA, 20) == VIRTIO_BLK_S_OK);
	CHECK(!memcmp(at(DATA), "gunyah-vmm", 11));
	CHECK(transfer(VIRTIO_BLK_T_GET_ID, 0, DATA, 19) == VIRTIO_BLK_S_IOERR);
	CHECK(transfer(77, 0, DATA, 512) == VIRTIO_BLK_S_UNSUPP);
}

/* Beyond the end; the file must not grow. */
static void test_limits(void)
{
	fresh();
	CHECK(transfer(VIRTIO_BLK_T_OUT, SECTORS - 1, DATA, 512) == VIRTIO_BLK_S_OK);
	CHECK(transfer(VIRTIO_BLK_T_OUT, SECTORS - 1, DATA, 1024) == VIRTIO_BLK_S_IOERR);
	CHECK(transfer(VIRTIO_BLK_T_OUT, SECTORS, DATA, 512) == VIRTIO_BLK_S_IOERR);
	CHECK(transfer(VIRTIO_BLK_T_OUT, ~0ULL, DATA, 512) == VIRTIO_BLK_S_IOERR);
	CHECK(transfer(VIRTIO_BLK_T_IN, 1ULL << 55, DATA, 512) == VIRTIO_BLK_S_IOERR);
	CHECK(transfer(VIRTIO_BLK_T_IN, ~0ULL / 512 + 1, DATA, 512) == VIRTIO_BLK_S_IOERR);
	CHECK(transfer(VIRTIO_BLK_T_IN, 0, DATA, 511) == VIRTIO_BLK_S_IOERR);
	CHECK(used_len() == 1);
	CHECK(lseek(disk.fd, 0, SEEK_END) == SECTORS * 512);
}

/* Header and status cut into pieces, which virtio 1 allows */
static void test_pieces(void)
{
	struct virtio_blk_outhdr header = { .type = VIRTIO_BLK_T_IN, .sector = 2 };
	unsigned int i;

	fresh();
	memcpy(at(HEADER), &header, sizeof(header));
	for (i = 0; i < 4; i++)
		set(i, HEADER + 4 * i, 4, VRING_DESC_F_NEXT);
	set(4, DATA, 300, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE);
	set(5, STATUS - 212, 213, VRING_DESC_F_WRITE);
	CHECK(run() == VIRTIO_BLK_S_OK && used_len() == 513);
	CHECK(((__u8 *)at(STATUS))[-1] == 0xa5);
}

static void test_nonsense(void)
{
	fresh();
	set(0, HEADER, 15, VRING_DESC_F_NEXT);
	set(1, STATUS, 1, VRING_DESC_F_WRITE);
	CHECK(run() == 255 && needs_reset());
	CHECK(interrupted() && get(VIRTIO_MMIO_INTERRUPT_STATUS) & VIRTIO_MMIO_INT_CONFIG);
	CHECK(transfer(VIRTIO_BLK_T_IN, 0, DATA, 512) == 255);

	fresh();
	set(0, HEADER, 16, 0);
	CHECK(run() == 255 && needs_reset());

	fresh();
	CHECK(transfer(VIRTIO_BLK_T_IN, 0, BASE + BYTES - 511, 512) == 255 && needs_reset());

	fresh();
	CHECK(transfer(VIRTIO_BLK_T_OUT, 0, 0x80000000, 512) == 255 && needs_reset());

	/* A circle of descriptors */
	fresh();
	set(0, HEADER, 16, VRING_DESC_F_NEXT);
	((struct vring_desc *)at(DESC))[0].next = 0;
	CHECK(run() == 255 && needs_reset());
}

/* Any write to any register, any ring: it neither crashes nor hangs. */
static void test_random(void)
{
	static const __u64 values[] = { 0, 1, 2, 15, 16, BASE, AVAIL, USED, ~0u };
	unsigned int i, j;

	srand(2);
	for (i = 0; i < 100000; i++) {
		if (i % 100 == 0)
			fresh();
		for (j = 0; j < 64; j++)
			host[rand() % (BYTES / 2)] = rand() % 4 ? 0 : rand();
		virtio_write(&virtio, 4 * (rand() % 80), 1 << rand() % 4, values[rand() % 9]);
		virtio_read(&virtio, rand() % 0x1000, 1 << rand() % 4);
		virtio_work(&virtio);
	}
	fresh();
	CHECK(transfer(VIRTIO_BLK_T_IN, 0, DATA, 512) == VIRTIO_BLK_S_OK);
	CHECK(lseek(disk.fd, 0, SEEK_END) == SECTORS * 512);
}

int main(void)
{
	char path[] = "/tmp/disk_test.XXXXXX";
	int fd = mkstemp(path);

	report_quiet = true;
	if (fd < 0 || ftruncate(fd, SECTORS * 512))
		return 1;
	host = malloc(BYTES);
	disk_open(&disk, path, &virtio);
	unlink(path);
	virtio.memory = (struct ring_memory){ host, BASE, BYTES };
	virtio.features |= ACCESS_PLATFORM;
	virtio.irqfd = eventfd(0, EFD_NONBLOCK);
	virtio_init(&virtio);
	test_registers();
	test_features();
	test_queue();
	test_transfer();
	test_limits();
	test_pieces();
	test_nonsense();
	test_random();
	free(host);
	return checks_result("disk");
}
