// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtio device with one queue behind registers
 *
 * Owns the registers, the negotiation and the thread.  Registers of version 2 only:
 * the older layout knows no VIRTIO_F_ACCESS_PLATFORM, without which a protected
 * guest puts its queue and its data where nobody else can see them.
 *
 * The interrupt is an edge: each answer rings again, also when the guest has not
 * acknowledged the one before.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include "report.h"
#include "virtio.h"

#define MAGIC		0x74726976	/* "virt" */
#define VERSION		2
#define VENDOR		0x47554e59	/* "GUNY" */

#define MAX_COMPLAINTS	4	/* a guest can do it wrong as often as it likes */

static void raise_interrupt(struct virtio *virtio, unsigned int reason)
{
	atomic_fetch_or(&virtio->interrupts, reason);
	eventfd_write(virtio->irqfd, 1);
}

/* With the lock held: what the guest did cannot be right, and it has to reset us. */
static void broken(struct virtio *virtio, const char *what)
{
	if (virtio->complaints < MAX_COMPLAINTS) {
		report_warning("%s: %s; it needs a reset", virtio->type->name, what);
		virtio->complaints++;
	}
	virtio->ready = false;
	atomic_fetch_or(&virtio->status, VIRTIO_CONFIG_S_NEEDS_RESET);
	if (virtio->status & VIRTIO_CONFIG_S_DRIVER_OK)
		raise_interrupt(virtio, VIRTIO_MMIO_INT_CONFIG);
}

static void reset(struct virtio *virtio)
{
	virtio->ready = false;
	virtio->driver_features = 0;
	memset(&virtio->select, 0, sizeof(virtio->select));
	memset(&virtio->queue, 0, sizeof(virtio->queue));
	atomic_store(&virtio->interrupts, 0);
	atomic_store(&virtio->status, 0);
}

/* All offered features that a guest may not leave out */
static __u64 needed_features(const struct virtio *virtio)
{
	return virtio->features &
		(1ULL << VIRTIO_F_VERSION_1 | 1ULL << VIRTIO_F_ACCESS_PLATFORM);
}

static bool features_good(const struct virtio *virtio)
{
	return !(virtio->driver_features & ~virtio->features) &&
		!(needed_features(virtio) & ~virtio->driver_features);
}

static void set_status(struct virtio *virtio, __u32 status)
{
	__u32 before = virtio->status;

	if (!status) {
		reset(virtio);
		return;
	}
	/* The guest sees by reading it back that it was not taken. */
	if (status & ~before & VIRTIO_CONFIG_S_FEATURES_OK && !features_good(virtio))
		status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	atomic_store(&virtio->status, status | (before & VIRTIO_CONFIG_S_NEEDS_RESET));
	if (status & VIRTIO_CONFIG_S_DRIVER_OK)
		eventfd_write(virtio->kick, 1);
}

static bool negotiated(const struct virtio *virtio)
{
	return virtio->status & VIRTIO_CONFIG_S_FEATURES_OK;
}

static void set_driver_features(struct virtio *virtio, __u32 value)
{
	unsigned int shift = 32 * virtio->select.driver_features;

	if (negotiated(virtio) || virtio->select.driver_features > 1)
		return;
	virtio->driver_features &= ~(0xffffffffULL << shift);
	virtio->driver_features |= (__u64)value << shift;
}

static void set_ready(struct virtio *virtio, __u32 value)
{
	virtio->ready = false;
	if (!value || !negotiated(virtio) ||
	    virtio->status & VIRTIO_CONFIG_S_NEEDS_RESET)
		return;
	if (!ring_init(&virtio->ring, &virtio->memory, virtio->queue.size,
		       virtio->queue.desc, virtio->queue.driver, virtio->queue.device)) {
		broken(virtio, "the queue is not in shared memory, or has an impossible form");
		return;
	}
	virtio->ready = true;
}

static void set_half(__u64 *value, unsigned int half, __u32 bits)
{
	*value &= ~(0xffffffffULL << (32 * half));
	*value |= (__u64)bits << (32 * half);
}

/* What the guest says about its queue, while it is not in use */
static void set_queue(struct virtio *virtio, __u64 offset, __u32 value)
{
	if (virtio->select.queue || virtio->ready)
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		virtio->queue.size = value;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_half(&virtio->queue.desc, offset == VIRTIO_MMIO_QUEUE_DESC_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_half(&virtio->queue.driver, offset == VIRTIO_MMIO_QUEUE_AVAIL_HIGH, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_half(&virtio->queue.device, offset == VIRTIO_MMIO_QUEUE_USED_HIGH, value);
		break;
	}
}

static void set_register(struct virtio *virtio, __u64 offset, __u32 value)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		virtio->select.features = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		virtio->select.driver_features = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		set_driver_features(virtio, value);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		virtio->select.queue = value;
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		if (!virtio->select.queue)
			set_ready(virtio, value);
		break;
	case VIRTIO_MMIO_STATUS:
		set_status(virtio, value);
		break;
	default:
		set_queue(virtio, offset, value);
	}
}

void virtio_write(void *opaque, __u64 offset, unsigned int len, __u64 value)
{
	struct virtio *virtio = opaque;

	if (len != 4)
		return;
	/* Both without the lock: the thread holds it while it waits for a disk. */
	if (offset == VIRTIO_MMIO_QUEUE_NOTIFY) {
		eventfd_write(virtio->kick, 1);
	} else if (offset == VIRTIO_MMIO_INTERRUPT_ACK) {
		atomic_fetch_and(&virtio->interrupts, ~(unsigned int)value);
	} else {
		pthread_mutex_lock(&virtio->lock);
		set_register(virtio, offset, value);
		pthread_mutex_unlock(&virtio->lock);
	}
}

static __u32 offered_features(const struct virtio *virtio)
{
	if (virtio->select.features > 1)
		return 0;
	return virtio->features >> (32 * virtio->select.features);
}

static __u32 get_register(struct virtio *virtio, __u64 offset)
{
	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return virtio->type->id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return offered_features(virtio);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return virtio->select.queue ? 0 : RING_MAX_SIZE;
	case VIRTIO_MMIO_QUEUE_READY:
		return virtio->select.queue ? 0 : virtio->ready;
	}
	/* The generation of the configuration, which never changes, and the unknown */
	return 0;
}

static __u64 read_config(const struct virtio *virtio, __u64 offset, unsigned int len)
{
	__u64 value = 0;

	if (offset < virtio->config_size && len <= virtio->config_size - offset)
		memcpy(&value, (const __u8 *)virtio->config + offset, len);
	return value;
}

__u64 virtio_read(void *opaque, __u64 offset, unsigned int len)
{
	struct virtio *virtio = opaque;
	__u32 value;

	if (offset >= VIRTIO_MMIO_CONFIG)
		return read_config(virtio, offset - VIRTIO_MMIO_CONFIG, len);
	if (len != 4)
		return 0;
	if (offset == VIRTIO_MMIO_INTERRUPT_STATUS)
		return atomic_load(&virtio->interrupts);
	if (offset == VIRTIO_MMIO_STATUS)
		return atomic_load(&virtio->status);
	pthread_mutex_lock(&virtio->lock);
	value = get_register(virtio, offset);
	pthread_mutex_unlock(&virtio->lock);
	return value;
}

/* With the lock held.  False: nothing to do, or nothing that may be done. */
static bool work_once(struct virtio *virtio)
{
	struct ring_request request;
	enum ring_result result;
	int written;

	if (!virtio->ready || !(virtio->status & VIRTIO_CONFIG_S_DRIVER_OK))
		return false;
	result = ring_get(&virtio->ring, &request);
	if (result == RING_EMPTY)
		return false;
	written = result == RING_REQUEST ?
		virtio->type->request(virtio->opaque, &request) : -1;
	if (written < 0) {
		broken(virtio, result == RING_REQUEST ? "a request that makes no sense" :
		       "a queue that breaks the rules");
		return false;
	}
	if (ring_put(&virtio->ring, &request, written))
		raise_interrupt(virtio, VIRTIO_MMIO_INT_VRING);
	return true;
}

/* A guest can keep us busy, but not from stopping. */
void virtio_work(struct virtio *virtio)
{
	bool more = true;

	while (more && !atomic_load(&virtio->stop)) {
		pthread_mutex_lock(&virtio->lock);
		more = work_once(virtio);
		pthread_mutex_unlock(&virtio->lock);
	}
}

static void *virtio_thread(void *arg)
{
	struct virtio *virtio = arg;
	eventfd_t ignored;

	while (!atomic_load(&virtio->stop)) {
		if (eventfd_read(virtio->kick, &ignored) == 0)
			virtio_work(virtio);
	}
	return NULL;
}

void virtio_init(struct virtio *virtio)
{
	virtio->features |= 1ULL << VIRTIO_F_VERSION_1;
	pthread_mutex_init(&virtio->lock, NULL);
	atomic_init(&virtio->stop, false);
	reset(virtio);
	virtio->kick = eventfd(0, EFD_CLOEXEC);
	if (virtio->kick < 0)
		die_errno("eventfd", errno, NULL);
}

void virtio_start(struct virtio *virtio)
{
	int err = pthread_create(&virtio->thread, NULL, virtio_thread, virtio);

	if (err)
		die_errno("thread for a device", err, NULL);
}

void virtio_stop(struct virtio *virtio)
{
	atomic_store(&virtio->stop, true);
	eventfd_write(virtio->kick, 1);
	pthread_join(virtio->thread, NULL);
	close(virtio->kick);
}
