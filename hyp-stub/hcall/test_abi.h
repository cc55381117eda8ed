/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Test interface of the stub: hypercalls that no Gunyah has, off unless the stub
 * was booted with them, for the host only, in the SMCCC form only.  Data only; also
 * used by a test module in the kernel.
 */
#ifndef STUB_HCALL_TEST_ABI_H
#define STUB_HCALL_TEST_ABI_H

#define STUB_TEST_BASE		0x3f00

/* (index) -> err, value; ARGUMENT_INVALID behind the last index */
#define STUB_TEST_STAT		0x3f00
/*
 * (position, buffer VA, size up to 4096) -> err, next position, bytes: the stub's
 * log from an absolute position on; what the ring has lost is skipped
 */
#define STUB_TEST_LOG		0x3f01
/*
 * (hypercall number, error word, calls to let pass, calls that then fail) -> err: those
 * of the host only; nothing is done for them but to answer the error.  Takes the place
 * of what was set for that number; no calls to fail: ends it.  NORESOURCES when too
 * many numbers fail
 */
#define STUB_TEST_FAIL_CALL	0x3f02

/* Indices of STUB_TEST_STAT */
#define STUB_STAT_OBJECT_PAGES		0	/* heap of objects: pages in use */
#define STUB_STAT_OBJECT_PAGES_ALL	1	/* its size */
#define STUB_STAT_GUEST_TABLES		2	/* guests' stage 2 tables: pages in use */
#define STUB_STAT_GUEST_TABLES_ALL	3
#define STUB_STAT_HOST_TABLES		4	/* the host's stage 2 tables: pages in use */
#define STUB_STAT_HOST_TABLES_ALL	5
#define STUB_STAT_HOST_CAPS		6	/* capabilities of the host */
#define STUB_STAT_HOST_VIRQS		7	/* interrupts that objects have of the host */
#define STUB_STAT_WARNINGS		8	/* warnings printed since boot */
#define STUB_STAT_VMS			9	/* VMIDs that the RM has given out */
#define STUB_STAT_PARCELS		10	/* memparcels, each has a handle */
#define STUB_STAT_SENDER_FAULTS		11	/* messages that would kill the open RM */
#define STUB_STAT_HOST_ABORTS		12	/* aborts that the host got for foreign memory */
#define STUB_STAT_GIC_REFUSED		13	/* refused writes to registers of the GIC */
#define STUB_STAT_GUEST_ABORTS		14	/* aborts that guests got */
#define STUB_STAT_GUEST_RESERVE		15	/* tables for pieces of guests' blocks: in use */
#define STUB_STAT_GUEST_RESERVE_PROMISED 16	/* set aside */
#define STUB_STAT_GUEST_RESERVE_ALL	17
#define STUB_STAT_RECORDS		18	/* mapping records of extents: pages in use */
#define STUB_STAT_RECORDS_ALL		19
#define STUB_STAT_HOST_PAGES		20	/* pages of RAM that only the host may touch */
#define STUB_STAT_END			21	/* behind the last */

#endif
