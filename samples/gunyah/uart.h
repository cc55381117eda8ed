/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A 16550A serial port
 */
#ifndef VMM_UART_H
#define VMM_UART_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define UART_FIFO_SIZE		64

/**
 * struct uart_ops - the world outside
 * @put: send a byte; may block, is called without the lock
 * @interrupt: raise the guest's interrupt (an edge)
 * @room: the guest made room for input
 *
 * Called by any vCPU's thread, @interrupt also by uart_input()'s caller.
 */
struct uart_ops {
	void (*put)(void *opaque, __u8 byte);
	void (*interrupt)(void *opaque);
	void (*room)(void *opaque);
};

/**
 * struct uart - state of the port
 * @ops: set at initialisation
 * @opaque: passed to @ops
 * @lock: protects all that follows
 * @ier: interrupt enable register
 * @fcr: FIFO control register
 * @lcr: line control register; bit 7 turns registers 0 and 1 into the divisor
 * @mcr: modem control register
 * @scr: scratch register
 * @divisor: kept for the guest, has no effect
 * @thr_empty: "transmitter empty" has not been told or taken back yet
 * @told: interrupt sources that the guest has got an edge for
 * @rx: input that the guest has not read
 * @rx_head: index of its first byte
 * @rx_count: bytes in it
 */
struct uart {
	const struct uart_ops *ops;
	void *opaque;
	pthread_mutex_t lock;
	__u8 ier, fcr, lcr, mcr, scr;
	__u16 divisor;
	bool thr_empty;
	__u8 told;
	__u8 rx[UART_FIFO_SIZE];
	unsigned int rx_head;
	unsigned int rx_count;
};

void uart_init(struct uart *uart, const struct uart_ops *ops, void *opaque);

/* Handlers for struct mmio_device; @opaque is the struct uart. */
__u64 uart_read(void *opaque, __u64 offset, unsigned int len);
void uart_write(void *opaque, __u64 offset, unsigned int len, __u64 value);

/* Input for the guest.  Returns how many bytes it had room for. */
size_t uart_input(struct uart *uart, const __u8 *bytes, size_t count);

/* How many bytes uart_input() would take. */
size_t uart_room(struct uart *uart);

#endif
