// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the device that a guest access is meant for
 *
 * Owns the table of devices, not the devices.  An access that no device
 * covers completely is answered as an empty bus does, all ones or ignored,
 * and reported once per address.
 */
#include <stdbool.h>
#include <string.h>

#include "mmio.h"
#include "report.h"

void mmio_init(struct mmio_bus *bus)
{
	memset(bus, 0, sizeof(*bus));
	pthread_mutex_init(&bus->lock, NULL);
}

static bool overlap(const struct mmio_device *a, const struct mmio_device *b)
{
	return a->base < b->base + b->size && b->base < a->base + a->size;
}

int mmio_add(struct mmio_bus *bus, const struct mmio_device *device)
{
	unsigned int i;

	if (bus->count == MMIO_MAX_DEVICES || !device->size ||
	    device->base + device->size < device->base)
		return -1;
	for (i = 0; i < bus->count; i++) {
		if (overlap(&bus->devices[i], device))
			return -1;
	}
	bus->devices[bus->count++] = *device;
	return 0;
}

static const struct mmio_device *find(const struct mmio_bus *bus, __u64 addr,
				      unsigned int len)
{
	const struct mmio_device *device;
	unsigned int i;

	for (i = 0; i < bus->count; i++) {
		device = &bus->devices[i];
		/* In this order nothing can wrap. */
		if (addr >= device->base && len <= device->size &&
		    addr - device->base <= device->size - len)
			return device;
	}
	return NULL;
}

/* A guest can ask as often as it likes: each address once, and not many. */
static bool worth_a_line(struct mmio_bus *bus, __u64 addr)
{
	bool fresh = true;
	unsigned int i;

	pthread_mutex_lock(&bus->lock);
	for (i = 0; i < bus->noted_count; i++) {
		if (bus->noted[i] == addr)
			fresh = false;
	}
	if (bus->noted_count == MMIO_MAX_NOTED)
		fresh = false;
	if (fresh)
		bus->noted[bus->noted_count++] = addr;
	pthread_mutex_unlock(&bus->lock);
	return fresh;
}

__u64 mmio_read(struct mmio_bus *bus, __u64 addr, unsigned int len)
{
	const struct mmio_device *device = find(bus, addr, len);

	if (device)
		return device->read(device->opaque, addr - device->base, len);
	if (worth_a_line(bus, addr))
		report_warning("no device: %u byte read at 0x%llx", len, addr);
	return ~0ULL;
}

void mmio_write(struct mmio_bus *bus, __u64 addr, unsigned int len,
		__u64 value)
{
	const struct mmio_device *device = find(bus, addr, len);

	if (device) {
		device->write(device->opaque, addr - device->base, len, value);
		return;
	}
	if (worth_a_line(bus, addr))
		report_warning("no device: %u byte write of 0x%llx at 0x%llx",
			       len, value, addr);
}
