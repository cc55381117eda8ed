/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What older kernels lack or call differently, down to 6.1.  The only file that
 * looks at the kernel's version; everything else is written for the newest.
 */
#ifndef _GUNYAH_COMPAT_H
#define _GUNYAH_COMPAT_H

#include <linux/cleanup.h>
#include <linux/eventfd.h>
#include <linux/mm.h>
#include <linux/pagevec.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/version.h>

/* Since 6.9 */
#if KERNEL_VERSION(6, 9, 0) > LINUX_VERSION_CODE
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kvfree(_T))
#endif

/* Since 6.3 flags are not written directly */
static inline void gunyah_vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
#if KERNEL_VERSION(6, 3, 0) > LINUX_VERSION_CODE
	vma->vm_flags |= flags;
#else
	vm_flags_set(vma, flags);
#endif
}

static inline void gunyah_vm_flags_clear(struct vm_area_struct *vma, unsigned long flags)
{
#if KERNEL_VERSION(6, 3, 0) > LINUX_VERSION_CODE
	vma->vm_flags &= ~flags;
#else
	vm_flags_clear(vma, flags);
#endif
}

/* Since 6.5 without an array of VMAs */
static inline long gunyah_pin_user_pages_remote(struct mm_struct *mm, unsigned long start,
						unsigned long nr, unsigned int flags,
						struct page **pages)
{
#if KERNEL_VERSION(6, 5, 0) > LINUX_VERSION_CODE
	return pin_user_pages_remote(mm, start, nr, flags, pages, NULL, NULL);
#else
	return pin_user_pages_remote(mm, start, nr, flags, pages, NULL);
#endif
}

/* Since 6.8 the number of events is always 1 */
static inline void gunyah_eventfd_signal(struct eventfd_ctx *ctx)
{
#if KERNEL_VERSION(6, 8, 0) > LINUX_VERSION_CODE
	eventfd_signal(ctx, 1);
#else
	eventfd_signal(ctx);
#endif
}

/* Since 6.3 inode operations get a map of ids */
#if KERNEL_VERSION(6, 3, 0) > LINUX_VERSION_CODE
#define gunyah_idmap user_namespace
#else
#define gunyah_idmap mnt_idmap
#endif

/*
 * Folios that this CPU keeps in batches, with a reference for each, go on their way.
 * What releases a batch does that first, and no other function that does is exported;
 * the batch itself was renamed in 6.6.
 */
static inline void gunyah_lru_drain(void)
{
#if KERNEL_VERSION(6, 6, 0) > LINUX_VERSION_CODE
	struct pagevec batch;

	pagevec_init(&batch);
	__pagevec_release(&batch);
#else
	struct folio_batch batch;

	folio_batch_init(&batch);
	__folio_batch_release(&batch);
#endif
}

/*
 * Since 6.11 a platform driver's remove() returns nothing.  Defines
 * @_name##_entry from @_name for use in struct platform_driver.
 */
#if KERNEL_VERSION(6, 11, 0) > LINUX_VERSION_CODE
#define GUNYAH_PLATFORM_REMOVE(_name)				\
static int _name##_entry(struct platform_device *pdev)		\
{								\
	_name(pdev);						\
	return 0;						\
}
#else
#define GUNYAH_PLATFORM_REMOVE(_name)				\
static void _name##_entry(struct platform_device *pdev)		\
{								\
	_name(pdev);						\
}
#endif

#endif
