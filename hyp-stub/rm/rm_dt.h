/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Reading the guest's device tree: helpers of rm_dt*.c, nobody else's business. */
#ifndef STUB_RM_DT_H
#define STUB_RM_DT_H

#include <libfdt.h>

#include "rm/rm_priv.h"

/* Cells of numbers inside a node: those of its parent, by default 2 and 1 (b.0) */
struct dt_cells {
	u32 address;
	u32 size;
};

/* What @node defines for its children */
struct dt_cells dt_child_cells(const void *fdt, int node);
struct dt_cells dt_cells_of(const void *fdt, int node);
/* @bytes at @p as a big endian number, 4 or 8 */
u64 dt_number(const void *p, u32 bytes);
/* False if it is missing or not exactly @cells long: then the default stays */
bool dt_read_number(const void *fdt, int node, const char *name, u32 cells, u64 *val);
bool dt_read_u32(const void *fdt, int node, const char *name, u32 *val);
bool dt_has(const void *fdt, int node, const char *name);
/* Zero-terminated string shorter than @max; false if there is none such */
bool dt_read_string(const void *fdt, int node, const char *name, char *buf, u32 max);
/* Is @node's property @name the single string @value? */
bool dt_string_is(const void *fdt, int node, const char *name, const char *value);

/* Parser errors are MEM_INVALID; reason to the log */
u32 dt_bad(const char *why);

bool dt_is_vdevice(const void *fdt, int node);
u32 dt_parse_vdevice(const void *fdt, int node, struct rm_dt *dt);
u32 dt_parse_vcpus(const void *fdt, int config, struct rm_dt *dt);
u32 dt_parse_gic(const void *fdt, int config, struct rm_dt *dt);

#endif
