/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's memory map and interrupt numbers, in one place
 *
 * Devices lie below 1 GiB: that is the window in which Gunyah turns accesses
 * into MMIO exits.  RAM starts at 2 GiB; the pages from 1 GiB on are left
 * alone, because the open hypervisor maps an information page there; between them is
 * the window of a protected guest.
 */
#ifndef VMM_LAYOUT_H
#define VMM_LAYOUT_H

#define KIB(n)			((n) * 1024ULL)
#define MIB(n)			((n) * 1024ULL * 1024)
#define GIB(n)			((n) * 1024ULL * 1024 * 1024)

#define UART_BASE		0x09000000ULL
#define UART_SIZE		KIB(4)
#define UART_SPI		0	/* also the label of its doorbell */

#define DISK_BASE		0x0a000000ULL
#define DISK_SIZE		KIB(4)
#define DISK_SPI		1

#define DEVICES_END		GIB(1)

/* The hypervisor emulates the GIC; its place only has to be told. */
#define GICD_SIZE		KIB(64)
#define GICD_BASE		(DEVICES_END - GICD_SIZE)
#define GICR_SIZE		KIB(128)	/* per vCPU */
#define GICR_BASE(cpus)		(GICD_BASE - (cpus) * GICR_SIZE)

/*
 * What a protected guest shares with us: its only way to a device.  Outside of RAM,
 * because the open Resource Manager wants RAM in one piece, all of it lent.
 */
#define WINDOW_BASE		0x60000000ULL
#define WINDOW_SIZE		MIB(16)
#define WINDOW_LABEL		1	/* of the region and of its node */

#define RAM_BASE		0x80000000ULL
#define GROW_ALIGN		MIB(128)	/* what Linux adds memory in units of */
#define RAM_LAST		((1ULL << 40) - 1)	/* 40 address bits */

/*
 * The Resource Manager edits the device tree in place and refuses one that
 * has no room left: twice the final size, or it must be below 16 KiB.
 */
#define DTB_ALIGN		MIB(2)
#define DTB_SIZE		MIB(2)

#define MAX_CPUS		8

#endif
