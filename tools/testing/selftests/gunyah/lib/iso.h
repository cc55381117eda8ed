/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attacks on isolation: what the tests named isolation_* share.
 */
#ifndef GT_ISO_H
#define GT_ISO_H

#include "gt.h"
#include "../modules/gunyah_test_abi.h"

#define ISO_PAGE	4096UL

/*
 * Loads modules/<release>/<name>.ko beside the test, if it is not there yet, and
 * opens its device.  -ENOENT: it was not built for this kernel
 */
int __iso_open(const char *name);

/* Physical address of a byte of this process, which the page must have; 0: it has none */
uint64_t iso_phys(const void *addr);

/* The result of an access by gunyah_iso_test; @value may be NULL */
int64_t iso_access(int fd, uint32_t op, uint64_t addr, uint32_t len, uint64_t *value);
/* -EFAULT, or 0 and what is there */
int64_t iso_read_phys(int fd, uint64_t pa, uint64_t *value);

/* Hypercall number @nr in the SMCCC form; the error word; @x: X0 to X17, may be NULL */
int64_t iso_hvc(int fd, uint32_t nr, const uint64_t *args, unsigned int nr_args, uint64_t *x);
#define ISO_HVC(fd, nr, ...) ({							\
	const uint64_t __a[] = { __VA_ARGS__ };					\
	iso_hvc(fd, nr, __a, ARRAY_SIZE(__a), NULL); })
/* A device register; result as in struct gunyah_raw_mmio */
int64_t iso_mmio_read(int fd, uint64_t pa, uint32_t size, uint64_t *value);
int64_t iso_mmio_write(int fd, uint64_t pa, uint32_t size, uint64_t value);

/*
 * Ranges that are the stub's: RAM of the machine that the host's tree does not
 * name, from the start of RAM on.  Their number.
 */
struct iso_range {
	uint64_t base;
	uint64_t size;
};

unsigned int iso_stub_ranges(struct iso_range *ranges, unsigned int max);

/* Attempts of a program and how many of them got through: printed at its end */
void iso_attempt(bool succeeded);
void iso_report(const char *what);

#endif
