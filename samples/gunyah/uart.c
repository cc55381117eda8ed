// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 16550A serial port
 *
 * Owns the registers and the input FIFO.  Sending takes no time, so the
 * transmitter is always empty and there is no output FIFO.  Modem lines say
 * "connected" and never change.
 *
 * The interrupt line of a 16550 is a level, a Gunyah doorbell is an edge: it
 * is rung whenever a source becomes pending that was not before, and again
 * when the guest took a byte and leaves others, so a handler that looks only
 * once per interrupt loses nothing either.
 */
#include <string.h>

#include <linux/serial_reg.h>

#include "uart.h"

#define LAST_REG		7
#define IIR_FIFO_ENABLED	0xc0	/* newer headers have a name for it */

static void ring_if(struct uart *uart, bool ring)
{
	if (ring)
		uart->ops->interrupt(uart->opaque);
}

/* Sources that are pending and enabled, as bits of IER.  With the lock held. */
static __u8 pending(const struct uart *uart)
{
	__u8 sources = 0;

	if (uart->rx_count)
		sources |= UART_IER_RDI;
	if (uart->thr_empty)
		sources |= UART_IER_THRI;
	return sources & uart->ier;
}

/* Is there one that the guest was not told about?  With the lock held. */
static bool update(struct uart *uart)
{
	__u8 now = pending(uart);
	bool ring = now & ~uart->told;

	uart->told = now;
	return ring;
}

void uart_init(struct uart *uart, const struct uart_ops *ops, void *opaque)
{
	memset(uart, 0, sizeof(*uart));
	uart->ops = ops;
	uart->opaque = opaque;
	uart->divisor = 1;
	uart->thr_empty = true;
	pthread_mutex_init(&uart->lock, NULL);
}

static __u8 read_rx(struct uart *uart)
{
	__u8 byte;

	if (!uart->rx_count)
		return 0;
	byte = uart->rx[uart->rx_head];
	uart->rx_head = (uart->rx_head + 1) % UART_FIFO_SIZE;
	uart->rx_count--;
	/* Those that are left are worth another edge. */
	uart->told &= ~UART_IER_RDI;
	return byte;
}

/* Names the most urgent source; naming the transmitter takes it back. */
static __u8 read_iir(struct uart *uart)
{
	__u8 fifo = uart->fcr & UART_FCR_ENABLE_FIFO ? IIR_FIFO_ENABLED : 0;
	__u8 sources = pending(uart);

	if (sources & UART_IER_RDI)
		return fifo | UART_IIR_RDI;
	if (sources & UART_IER_THRI) {
		uart->thr_empty = false;
		return fifo | UART_IIR_THRI;
	}
	return fifo | UART_IIR_NO_INT;
}

/* In loop-back mode the outputs in MCR appear as inputs. */
static __u8 read_msr(const struct uart *uart)
{
	__u8 msr = 0;

	if (!(uart->mcr & UART_MCR_LOOP))
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	if (uart->mcr & UART_MCR_DTR)
		msr |= UART_MSR_DSR;
	if (uart->mcr & UART_MCR_RTS)
		msr |= UART_MSR_CTS;
	if (uart->mcr & UART_MCR_OUT1)
		msr |= UART_MSR_RI;
	if (uart->mcr & UART_MCR_OUT2)
		msr |= UART_MSR_DCD;
	return msr;
}

static __u8 read_register(struct uart *uart, unsigned int reg)
{
	bool dlab = uart->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_RX:
		return dlab ? uart->divisor & 0xff : read_rx(uart);
	case UART_IER:
		return dlab ? uart->divisor >> 8 : uart->ier;
	case UART_IIR:
		return read_iir(uart);
	case UART_LCR:
		return uart->lcr;
	case UART_MCR:
		return uart->mcr;
	case UART_LSR:
		return UART_LSR_TEMT | UART_LSR_THRE |
			(uart->rx_count ? UART_LSR_DR : 0);
	case UART_MSR:
		return read_msr(uart);
	default:
		return uart->scr;
	}
}

__u64 uart_read(void *opaque, __u64 offset, unsigned int len)
{
	struct uart *uart = opaque;
	bool ring, was_full;
	__u8 value;

	(void)len;	/* registers are bytes, the rest reads as 0 */
	if (offset > LAST_REG)
		return 0;
	pthread_mutex_lock(&uart->lock);
	was_full = uart->rx_count == UART_FIFO_SIZE;
	value = read_register(uart, offset);
	ring = update(uart);
	was_full &= uart->rx_count < UART_FIFO_SIZE;
	pthread_mutex_unlock(&uart->lock);

	ring_if(uart, ring);
	if (was_full)
		uart->ops->room(uart->opaque);
	return value;
}

static void write_ier(struct uart *uart, __u8 value)
{
	/* Enabling the source reports an empty transmitter again. */
	if (value & ~uart->ier & UART_IER_THRI)
		uart->thr_empty = true;
	uart->ier = value & 0x0f;
}

static void write_fcr(struct uart *uart, __u8 value)
{
	if (value & UART_FCR_CLEAR_RCVR)
		uart->rx_count = 0;
	uart->fcr = value & ~(UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT);
}

/* Returns whether the value is a byte to send. */
static bool write_register(struct uart *uart, unsigned int reg, __u8 value)
{
	bool dlab = uart->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_TX:
		if (!dlab) {
			uart->thr_empty = true;
			return !(uart->mcr & UART_MCR_LOOP);
		}
		uart->divisor = (uart->divisor & 0xff00) | value;
		break;
	case UART_IER:
		if (dlab)
			uart->divisor = (uart->divisor & 0xff) | value << 8;
		else
			write_ier(uart, value);
		break;
	case UART_FCR:
		write_fcr(uart, value);
		break;
	case UART_LCR:
		uart->lcr = value;
		break;
	case UART_MCR:
		uart->mcr = value & 0x1f;
		break;
	case UART_SCR:
		uart->scr = value;
		break;
	}
	return false;
}

void uart_write(void *opaque, __u64 offset, unsigned int len, __u64 value)
{
	struct uart *uart = opaque;
	bool ring, send, was_full;

	(void)len;
	if (offset > LAST_REG)
		return;
	pthread_mutex_lock(&uart->lock);
	was_full = uart->rx_count == UART_FIFO_SIZE;
	send = write_register(uart, offset, value);
	ring = update(uart);
	was_full &= uart->rx_count < UART_FIFO_SIZE;
	pthread_mutex_unlock(&uart->lock);

	if (send)
		uart->ops->put(uart->opaque, value);
	ring_if(uart, ring);
	if (was_full)
		uart->ops->room(uart->opaque);
}

size_t uart_input(struct uart *uart, const __u8 *bytes, size_t count)
{
	size_t taken = 0;
	bool ring;

	pthread_mutex_lock(&uart->lock);
	while (taken < count && uart->rx_count < UART_FIFO_SIZE) {
		uart->rx[(uart->rx_head + uart->rx_count++) % UART_FIFO_SIZE] =
			bytes[taken++];
	}
	ring = update(uart);
	pthread_mutex_unlock(&uart->lock);

	ring_if(uart, ring);
	return taken;
}

size_t uart_room(struct uart *uart)
{
	size_t room;

	pthread_mutex_lock(&uart->lock);
	room = UART_FIFO_SIZE - uart->rx_count;
	pthread_mutex_unlock(&uart->lock);
	return room;
}
