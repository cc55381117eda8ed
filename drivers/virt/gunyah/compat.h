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
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/version.h>

/* Since 6.9 */
#if KERNEL_VERSION(6, 9, 0) > LINUX_VERSION_CODE
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kvfree(_T))
#endif

/* Since 6.8 the number of events is always 1 */
static inline void gunyah_eventfd_signal(struct eventfd_ctx *ctx)
{
#if KERNEL_VERSION(6, 8, 0) > LINUX_VERSION_CODE
	eventfd_signal(ctx, 1);
#else
	eventfd_signal(ctx);
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
