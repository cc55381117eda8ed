// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the attachment to a dma-buf that a window shows.  The guest reaches pages, not
 * addresses for DMA: buffers that have none (memory of a device) cannot be shared.
 *
 * No device of ours does DMA.  The buffer is mapped for one all the same: it is what
 * makes its exporter keep the pages where they are.  For a direction in which nothing is
 * copied or invalidated when it is unmapped, as that would undo what the guest wrote.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include <linux/gunyah/abi/rm.h>

#include "mem_fixed.h"

MODULE_IMPORT_NS(DMA_BUF);

/**
 * struct dmabuf_mem - pages of a dma-buf
 * @fixed: the pages
 * @dmabuf: the buffer
 * @attachment: of the RM's device
 * @sgt: what the exporter says where it is
 */
struct dmabuf_mem {
	struct gunyah_fixed_mem fixed;
	struct dma_buf *dmabuf;
	struct dma_buf_attachment *attachment;
	struct sg_table *sgt;
};

static void dmabuf_detach(struct dmabuf_mem *mem)
{
	dma_buf_unmap_attachment_unlocked(mem->attachment, mem->sgt, DMA_TO_DEVICE);
	dma_buf_detach(mem->dmabuf, mem->attachment);
}

static void dmabuf_mem_release(struct gunyah_fixed_mem *fixed)
{
	struct dmabuf_mem *mem = container_of(fixed, struct dmabuf_mem, fixed);

	gunyah_fixed_mem_exit(fixed);
	dmabuf_detach(mem);
	dma_buf_put(mem->dmabuf);
	kfree(mem);
}

static int dmabuf_attach(struct dmabuf_mem *mem, struct device *dev)
{
	int err;

	/* Otherwise high pages would be copied to low ones */
	err = dma_set_mask(dev, DMA_BIT_MASK(64));
	if (err)
		return err;
	mem->attachment = dma_buf_attach(mem->dmabuf, dev);
	if (IS_ERR(mem->attachment))
		return PTR_ERR(mem->attachment);
	mem->sgt = dma_buf_map_attachment_unlocked(mem->attachment, DMA_TO_DEVICE);
	if (IS_ERR(mem->sgt)) {
		dma_buf_detach(mem->dmabuf, mem->attachment);
		return PTR_ERR(mem->sgt);
	}
	return 0;
}

/* Whole pages, and pages at all */
static bool sg_is_memory(struct scatterlist *sg)
{
	struct page *page = sg_page(sg);

	return page && PAGE_ALIGNED(sg->offset | sg->length) && pfn_valid(page_to_pfn(page));
}

static int dmabuf_list_pages(struct dmabuf_mem *mem, u64 index)
{
	struct sg_page_iter iter;
	struct scatterlist *sg;
	unsigned int i;
	u64 got = 0;

	for_each_sgtable_sg(mem->sgt, sg, i) {
		if (!sg_is_memory(sg))
			return -EINVAL;
	}
	for_each_sgtable_page(mem->sgt, &iter, index) {
		if (got == mem->fixed.nr)
			break;
		mem->fixed.pages[got++] = sg_page_iter_page(&iter);
	}
	return got == mem->fixed.nr ? 0 : -EINVAL;
}

static int dmabuf_check(const struct gunyah_mem_range *range, const struct dma_buf *dmabuf,
			u64 index)
{
	u64 pages = dmabuf->size >> PAGE_SHIFT;

	if (range->rights & GUNYAH_RM_ACL_W && !(dmabuf->file->f_mode & FMODE_WRITE))
		return -EBADF;
	return index < pages && range->gfns.nr <= pages - index ? 0 : -EINVAL;
}

static int dmabuf_setup(struct dmabuf_mem *mem, struct gunyah_mem_range *range,
			struct device *dev, u64 index)
{
	int err = dmabuf_check(range, mem->dmabuf, index);

	if (err)
		return err;
	err = gunyah_fixed_mem_init(&mem->fixed, range->gfns.nr);
	if (err)
		return err;
	err = dmabuf_attach(mem, dev);
	if (err)
		goto exit;
	err = dmabuf_list_pages(mem, index);
	if (err)
		goto detach;
	return 0;

detach:
	dmabuf_detach(mem);
exit:
	gunyah_fixed_mem_exit(&mem->fixed);
	return err;
}

int gunyah_mem_dmabuf_bind(struct gunyah_mem_range *range, struct device *dev, unsigned int fd,
			   u64 index)
{
	struct dmabuf_mem *mem = kzalloc(sizeof(*mem), GFP_KERNEL_ACCOUNT);
	int err;

	if (!mem)
		return -ENOMEM;
	mem->fixed.release = dmabuf_mem_release;
	mem->dmabuf = dma_buf_get(fd);
	if (IS_ERR(mem->dmabuf)) {
		err = PTR_ERR(mem->dmabuf);
		goto free;
	}
	err = dmabuf_setup(mem, range, dev, index);
	if (err)
		goto put;
	gunyah_fixed_mem_bind(&mem->fixed, range);
	return 0;

put:
	dma_buf_put(mem->dmabuf);
free:
	kfree(mem);
	return err;
}
