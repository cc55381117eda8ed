/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing device trees: what each of the lib/dtb*.c has in its own arrangement */
#ifndef GT_DTB_WRITE_H
#define GT_DTB_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DTB_GIC_PHANDLE 1

/* The first error is kept, dtb_end() reports it */
struct dtb_writer {
	void *fdt;
	int error;
};

/* An empty tree with two cells for addresses and sizes */
void dtb_begin(struct dtb_writer *w, void *dst, size_t size);
/* Ends the test if it did not fit; bytes of the tree */
size_t dtb_end(struct dtb_writer *w);

/* Subnodes are added in front: what is added first comes last */
int dtb_node(struct dtb_writer *w, int parent, const char *name);
void dtb_str(struct dtb_writer *w, int at, const char *name, const char *value);
void dtb_bytes(struct dtb_writer *w, int at, const char *name, const void *value, int len);
void dtb_flag(struct dtb_writer *w, int at, const char *name);
void dtb_u64(struct dtb_writer *w, int at, const char *name, uint64_t value);
void dtb_cells(struct dtb_writer *w, int at, const char *name, unsigned int nr,
	       const uint32_t *value);
#define DTB_CELLS(w, at, name, ...)						\
	dtb_cells(w, at, name, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4,		\
		  (uint32_t[]){ __VA_ARGS__ })
void dtb_cell_sizes(struct dtb_writer *w, int at, uint32_t address, uint32_t size);

/* Nodes that all trees have; the GIC is where guest_abi.h says */
void dtb_cpus(struct dtb_writer *w, unsigned int nr, const char *compatible);
void dtb_gic(struct dtb_writer *w, unsigned int nr_vcpus, const char *name);
int dtb_timer(struct dtb_writer *w);
/* @compatible: a list of strings of @len bytes altogether */
void dtb_psci(struct dtb_writer *w, const char *compatible, int len);
/* /reserved-memory; its node */
int dtb_reserved_memory(struct dtb_writer *w);
/* A doorbell that rings @spi; its node, for what the program says about clearing it */
int dtb_bell(struct dtb_writer *w, int vdevices, uint32_t label, uint32_t spi, bool level);
/* The pool of a protected guest, region @label; its node */
int dtb_shm(struct dtb_writer *w, int vdevices, uint32_t label, uint64_t base);

#endif
