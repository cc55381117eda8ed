// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * AUTH_IMAGE: images that the platform authenticates (ABI tables, rm-rpc 4.4 and 4.3).
 *
 * How a platform does that is in no public table.  Here, in the production profile: the
 * image begins with 8192 bytes of metadata, an ELF header with its program headers; the
 * one parameter is the peripheral image id.  That everything lies where it can lie is
 * checked, and nothing else: the stub has no keys, and so no signature to compare with.
 * Addresses in the metadata count from the start of the image, nothing is moved.
 */
#include "lib/printk.h"
#include "lib/string.h"
#include "rm/rm_priv.h"

/* ELF, as far as it is needed (System V ABI) */
#define ELF_CLASS_64		2
#define ELF_DATA_LSB		1
#define ELF_VERSION		1
#define ELF_TYPE_EXEC		2
#define ELF_MACHINE_AARCH64	183
#define ELF_PT_LOAD		1
#define ELF_PF_X		BIT(0)

struct elf_header {
	u8 magic[4];
	u8 class;
	u8 data;
	u8 ident_version;
	u8 ident_rest[9];
	u16 type;
	u16 machine;
	u32 version;
	u64 entry;
	u64 phoff;
	u64 shoff;
	u32 flags;
	u16 ehsize;
	u16 phentsize;
	u16 phnum;
	u16 shentsize;
	u16 shnum;
	u16 shstrndx;
};

struct elf_segment {
	u32 type;
	u32 flags;
	u64 offset;
	u64 vaddr;
	u64 paddr;
	u64 filesz;
	u64 memsz;
	u64 align;
};

_Static_assert(sizeof(struct elf_header) == 64, "ELF64");
_Static_assert(sizeof(struct elf_segment) == 56, "ELF64");

/* An image in its parcel; @room: bytes from its start to the parcel's end */
struct image {
	const struct rm_parcel *parcel;
	u64 start;
	u64 room;
	struct elf_header head;
};

static u32 refuse(const char *why)
{
	printk("rm: image not authentic: %s", why);
	return GUNYAH_RM_ERR_DENIED;
}

static bool inside(u64 off, u64 size, u64 total)
{
	return off <= total && size <= total - off;
}

static bool header_valid(const struct elf_header *head)
{
	static const u8 magic[] = { 0x7f, 'E', 'L', 'F' };

	return !memcmp(head->magic, magic, sizeof(magic)) && head->class == ELF_CLASS_64 &&
	       head->data == ELF_DATA_LSB && head->ident_version == ELF_VERSION &&
	       head->type == ELF_TYPE_EXEC && head->machine == ELF_MACHINE_AARCH64 &&
	       head->version == ELF_VERSION;
}

static bool headers_inside(const struct elf_header *head)
{
	return head->phnum && head->phentsize == sizeof(struct elf_segment) &&
	       inside(head->phoff, (u64)head->phnum * sizeof(struct elf_segment),
		      GUNYAH_RM_AUTH_METADATA_SIZE);
}

static bool segment_valid(const struct image *image, const struct elf_segment *segment)
{
	return segment->filesz <= segment->memsz &&
	       inside(segment->offset, segment->filesz, image->room) &&
	       inside(segment->paddr, segment->memsz, image->room);
}

static bool holds_entry(const struct image *image, const struct elf_segment *segment)
{
	return segment->flags & ELF_PF_X && image->head.entry >= segment->paddr &&
	       image->head.entry - segment->paddr < segment->filesz;
}

static u32 check_segments(const struct image *image)
{
	struct elf_segment segment;
	u64 at = image->start + image->head.phoff;
	bool entry = false;

	for (u32 i = 0; i < image->head.phnum; i++, at += sizeof(segment)) {
		rm_parcel_read(image->parcel, at, &segment, sizeof(segment));
		if (segment.type != ELF_PT_LOAD)
			continue;
		if (!segment_valid(image, &segment))
			return refuse("a segment does not fit");
		entry |= holds_entry(image, &segment);
	}
	return entry ? GUNYAH_RM_ERR_OK : refuse("the entry is in no segment");
}

/* Lent memory does not change any more; START takes no other */
static u32 check_image(struct rm_vm *rvm)
{
	struct image image = { .parcel = rm_parcel_find(rvm->image), .start = rvm->image_off };
	u32 error;

	if (!image.parcel || image.parcel->open)
		return refuse("its parcel is gone");
	if (rvm->image_size != GUNYAH_RM_AUTH_METADATA_SIZE)
		return refuse("size of the metadata");
	image.room = image.parcel->size - image.start;
	rm_parcel_read(image.parcel, image.start, &image.head, sizeof(image.head));
	if (!header_valid(&image.head) || !headers_inside(&image.head) ||
	    !IS_ALIGNED(image.head.entry, 4))
		return refuse("header");
	error = check_segments(&image);
	if (!error)
		rvm->entry = image.head.entry;
	return error;
}

static u32 check_params(const struct rm_req *req, u32 count)
{
	struct gunyah_rm_auth_param param;

	if (count != 1)
		return refuse("one parameter is wanted");
	memcpy(&param, req->data + sizeof(struct gunyah_rm_auth_image_req), sizeof(param));
	if (param.type != GUNYAH_RM_AUTH_PARAM_PAS_ID)
		return refuse("a parameter that nobody knows");
	return GUNYAH_RM_ERR_OK;
}

/* The debug build that was recorded takes anything, qemu's platform otherwise nothing */
static u32 authenticate(const struct rm_req *req, struct rm_vm *rvm, u32 count)
{
	u32 error;

	if (rm_cfg.debug)
		return GUNYAH_RM_ERR_OK;
	if (!rm_cfg.production)
		return GUNYAH_RM_ERR_DENIED;
	error = check_params(req, count);
	return error ? error : check_image(rvm);
}

u32 rm_vm_auth_image(const struct rm_req *req, struct rm_out *out)
{
	const struct gunyah_rm_auth_image_req *in = (const void *)req->data;
	struct rm_vm *rvm;
	u32 error;

	if (req->len != sizeof(*in) + in->count * sizeof(struct gunyah_rm_auth_param))
		return GUNYAH_RM_ERR_MSG_INVALID;
	error = rm_vm_lookup_in(in->vmid, GUNYAH_RM_VM_STATE_AUTH, &rvm);
	if (error)
		return error;
	error = authenticate(req, rvm, in->count);
	if (error)
		return rm_vm_fail(rvm, error);
	rm_vm_set_state(rvm, GUNYAH_RM_VM_STATE_INIT);
	return GUNYAH_RM_ERR_OK;
}
