// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's RAM and what is put into it
 *
 *   RAM_BASE   kernel, and the memory it asks for behind its image (bss)
 *   2 MiB up   device tree, 2 MiB kept free for it
 *   behind     initial RAM disk
 *   ...        free
 *
 * The kernel comes first, because a Resource Manager that knows no boot context
 * starts the guest at the beginning of the region.  It is one region, because
 * the open Resource Manager wants all RAM in one piece.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout.h"
#include "memory.h"
#include "report.h"

/* Head of an arm64 Image: Documentation/arch/arm64/booting.rst */
struct image_header {
	__u32 code[2];
	__u64 text_offset;
	__u64 image_size;
	__u64 flags;
	__u64 reserved[3];
	__u32 magic;
	__u32 pe_offset;
};

#define IMAGE_MAGIC		0x644d5241	/* "ARM\x64" */
#define IMAGE_BIG_ENDIAN	1
#define IMAGE_ALIGN		MIB(2)

static __u64 align_up(__u64 value, __u64 align)
{
	return (value + align - 1) & ~(align - 1);
}

void *ram_at(const struct guest_ram *ram, __u64 gpa, __u64 size)
{
	if (gpa < RAM_BASE || size > ram->size || gpa - RAM_BASE > ram->size - size)
		return NULL;
	return ram->host + (gpa - RAM_BASE);
}

static void *map_memory(__u64 size, int flags, int file)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, file, 0);

	if (map == MAP_FAILED)
		die_errno("memory for the guest", errno, NULL);
	/* A core dump must not touch lent memory, a child must not inherit it. */
	madvise(map, size, MADV_DONTDUMP);
	madvise(map, size, MADV_DONTFORK);
	return map;
}

static void *map_anonymous(__u64 size)
{
	return map_memory(size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

/*
 * Anonymous memory: lent, or where the hypervisor does not page on demand, the driver
 * pins it for as long as the VM lives, which it may do with anonymous pages, while
 * pages of a file could never be written back.  Aligned and with huge pages the
 * hypervisor needs few table entries.
 */
void ram_alloc(struct guest_ram *ram, __u64 size, bool small)
{
	memset(ram, 0, sizeof(*ram));
	ram->file = -1;
	ram->map_size = size + IMAGE_ALIGN;
	ram->map = map_anonymous(ram->map_size);
	ram->host = (__u8 *)align_up((uintptr_t)ram->map, IMAGE_ALIGN);
	ram->size = size;
	/* A hint: a kernel without huge pages may refuse, nothing is lost. */
	madvise(ram->host, size, small ? MADV_NOHUGEPAGE : MADV_HUGEPAGE);
}

void ram_alloc_file(struct guest_ram *ram, __u64 size, int file)
{
	memset(ram, 0, sizeof(*ram));
	ram->file = file;
	ram->map_size = size;
	ram->map = map_memory(size, MAP_SHARED, file);
	ram->host = ram->map;
	ram->size = size;
}

void ram_add_window(struct guest_ram *ram)
{
	ram->window = map_anonymous(WINDOW_SIZE);
}

__u64 ram_grow(struct guest_ram *ram, __u64 size)
{
	ram->more = map_anonymous(size);
	ram->more_size = size;
	return align_up(RAM_BASE + ram->size, GROW_ALIGN);
}

static void unmap_ram(struct guest_ram *ram)
{
	if (ram->map)
		munmap(ram->map, ram->map_size);
	ram->map = NULL;
	ram->host = NULL;
}

void ram_finish(struct guest_ram *ram)
{
	if (ram->file >= 0)
		unmap_ram(ram);
}

void ram_free(struct guest_ram *ram)
{
	unmap_ram(ram);
	if (ram->window)
		munmap(ram->window, WINDOW_SIZE);
	if (ram->more)
		munmap(ram->more, ram->more_size);
	if (ram->file >= 0)
		close(ram->file);
	memset(ram, 0, sizeof(*ram));
}

static int open_file(const char *path, __u64 *size)
{
	struct stat st;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		die_errno(path, errno, NULL);
	if (!S_ISREG(st.st_mode) || !st.st_size)
		die("%s: not a file with contents", path);
	*size = st.st_size;
	return fd;
}

static void read_file(int fd, const char *path, void *to, __u64 size)
{
	__u8 *next = to;
	ssize_t got;

	while (size) {
		got = read(fd, next, size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			die_errno(path, errno, NULL);
		if (!got)
			die("%s: became shorter", path);
		next += got;
		size -= got;
	}
}

/* Puts all of @path at guest address @gpa; returns its size. */
static __u64 load(struct guest_ram *ram, const char *path, __u64 gpa)
{
	__u64 size;
	void *to;
	int fd;

	fd = open_file(path, &size);
	to = ram_at(ram, gpa, size);
	if (!to)
		die("%s: %llu KiB do not fit, the guest needs more --mem",
		    path, size >> 10);
	read_file(fd, path, to, size);
	close(fd);
	return size;
}

static void read_header(const char *path, struct image_header *header)
{
	__u64 size;
	int fd;

	fd = open_file(path, &size);
	if (size < sizeof(*header))
		die("%s: too short for an arm64 Image", path);
	read_file(fd, path, header, sizeof(*header));
	close(fd);

	if (header->magic != IMAGE_MAGIC)
		die("%s: not an arm64 Image; a compressed one has to be unpacked",
		    path);
	if (!header->image_size)
		die("%s: an Image from before Linux 3.17, which hides its size", path);
	if (header->flags & IMAGE_BIG_ENDIAN)
		die("%s: a big endian kernel", path);
}

void ram_load_kernel(struct guest_ram *ram, const char *path)
{
	struct image_header header;
	__u64 file_size, size;

	read_header(path, &header);
	/* Bounded first, so that the sums below cannot wrap. */
	if (header.text_offset >= ram->size || header.image_size > ram->size)
		die("%s: does not fit, the guest needs more --mem", path);
	ram->entry = RAM_BASE + header.text_offset;
	file_size = load(ram, path, ram->entry);
	size = header.image_size > file_size ? header.image_size : file_size;
	ram->kernel_end = ram->entry + size;
}

void ram_place_dtb(struct guest_ram *ram)
{
	ram->dtb = align_up(ram->kernel_end, DTB_ALIGN);
	if (!ram_at(ram, ram->dtb, DTB_SIZE))
		die("no room for the device tree, the guest needs more --mem");
}

void ram_load_initrd(struct guest_ram *ram, const char *path)
{
	ram->initrd = ram->dtb + DTB_SIZE;
	ram->initrd_size = load(ram, path, ram->initrd);
}
