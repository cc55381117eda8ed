/* SPDX-License-Identifier: GPL-2.0-only */
/* Authentication managers, for those who use them; see <linux/gunyah.h>.  Layer 4. */
#ifndef _GUNYAH_AUTH_H
#define _GUNYAH_AUTH_H

#include <linux/gunyah.h>
#include <linux/types.h>

int gunyah_auth_make_plan(u32 type, const void *arg, size_t size,
			  struct gunyah_auth_plan *plan);
u32 gunyah_auth_types(void);

#endif
