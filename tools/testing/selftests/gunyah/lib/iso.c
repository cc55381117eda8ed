// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attacks on isolation: modules, physical addresses, raw calls.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "iso.h"

static int load(const char *name)
{
	char dir[200], path[400];
	struct utsname uts;
	ssize_t n;
	int fd, ret;

	n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	gt_assert(n > 0 && !uname(&uts));
	dir[n] = 0;
	*strrchr(dir, '/') = 0;
	snprintf(path, sizeof(path), "%s/modules/%s/%s.ko", dir, uts.release, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = gt_errno(syscall(SYS_finit_module, fd, "", 0));
	close(fd);
	return ret == -EEXIST ? 0 : ret;
}

int __iso_open(const char *name)
{
	char path[64];
	int ret;

	snprintf(path, sizeof(path), "/dev/%s", name);
	if (access(path, F_OK)) {
		ret = load(name);
		if (ret)
			return ret;
	}
	return gt_errno(open(path, O_RDWR | O_CLOEXEC));
}

uint64_t iso_phys(const void *addr)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t at = (uintptr_t)addr / ISO_PAGE, entry = 0;

	gt_assert(fd >= 0);
	gt_assert_eq(pread(fd, &entry, sizeof(entry), at * sizeof(entry)), sizeof(entry));
	close(fd);
	if (!(entry >> 63))
		return 0;
	return (entry & ((1ULL << 55) - 1)) * ISO_PAGE + (uintptr_t)addr % ISO_PAGE;
}

int64_t iso_access(int fd, uint32_t op, uint64_t addr, uint32_t len, uint64_t *value)
{
	struct gunyah_iso_access a = {
		.op = op, .addr = addr, .len = len, .value = value ? *value : 0,
	};

	if (ioctl(fd, GUNYAH_ISO_ACCESS, &a))
		gt_fail("access %u at %#" PRIx64 ": %s", op, addr, strerror(errno));
	if (value)
		*value = a.value;
	return a.result;
}

int64_t iso_read_phys(int fd, uint64_t pa, uint64_t *value)
{
	return iso_access(fd, GUNYAH_ISO_READ, pa, sizeof(*value), value);
}

int64_t iso_hvc(int fd, uint32_t nr, const uint64_t *args, unsigned int nr_args, uint64_t *x)
{
	struct gunyah_raw_call call = { .x[0] = 0xc6008000U | nr };

	gt_assert(nr_args < ARRAY_SIZE(call.x));
	memcpy(&call.x[1], args, nr_args * sizeof(*args));
	gt_assert(!ioctl(fd, GUNYAH_RAW_CALL, &call));
	if (x)
		memcpy(x, call.x, sizeof(call.x));
	return call.x[0];
}

static int64_t mmio(int fd, uint64_t pa, uint32_t size, bool write, uint64_t *value)
{
	struct gunyah_raw_mmio m = { .pa = pa, .size = size, .write = write, .value = *value };

	if (ioctl(fd, GUNYAH_RAW_MMIO, &m))
		gt_fail("register %#" PRIx64 ": %s", pa, strerror(errno));
	*value = m.value;
	return m.result;
}

int64_t iso_mmio_read(int fd, uint64_t pa, uint32_t size, uint64_t *value)
{
	*value = 0;
	return mmio(fd, pa, size, false, value);
}

int64_t iso_mmio_write(int fd, uint64_t pa, uint32_t size, uint64_t value)
{
	return mmio(fd, pa, size, true, &value);
}

/*
 * /proc/iomem names what the kernel takes for RAM.  The stub's image is the gap
 * between the first two ranges; its heaps follow the last.
 */
unsigned int iso_stub_ranges(struct iso_range *ranges, unsigned int max)
{
	uint64_t start, end, last = 0;
	unsigned int n = 0;
	char line[256];
	FILE *f;

	f = fopen("/proc/iomem", "r");
	gt_assert(f);
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == ' ' || !strstr(line, "System RAM") ||
		    sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) != 2)
			continue;
		if (last && start > last && n < max)
			ranges[n++] = (struct iso_range){ last, start - last };
		last = end + 1;
	}
	fclose(f);
	gt_assert(last);
	if (n < max)
		ranges[n++] = (struct iso_range){ last, 2UL << 20 };
	return n;
}

static unsigned long attempts, successes;

void iso_attempt(bool succeeded)
{
	attempts++;
	successes += succeeded;
}

void iso_report(const char *what)
{
	dprintf(STDOUT_FILENO, "# %s: %lu attempts, %lu succeeded\n", what, attempts, successes);
	gt_assert_eq(successes, 0);
	attempts = 0;
}
