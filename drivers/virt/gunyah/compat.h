/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What older kernels lack or call differently, down to 6.1.  The only file that
 * looks at the kernel's version; everything else is written for the newest.
 */
#ifndef _GUNYAH_COMPAT_H
#define _GUNYAH_COMPAT_H

#include <linux/cleanup.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/version.h>

/* Since 6.9 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kvfree(_T))
#endif

/*
 * Since 6.11 a platform driver's remove() returns nothing.  Defines
 * @_name##_entry from @_name for use in struct platform_driver.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
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
