// SPDX-License-Identifier: GPL-2.0-only
/*
 * The serial port, register by register, as Linux' 8250 driver uses it.
 */
#include <string.h>

#include <linux/serial_reg.h>

#include "check.h"
#include "uart.h"

/* What came out of the port. */
struct outside {
	char sent[64];
	unsigned int sent_count;
	unsigned int interrupts;
	unsigned int rooms;
};

static void put(void *opaque, __u8 byte)
{
	struct outside *outside = opaque;

	if (outside->sent_count < sizeof(outside->sent))
		outside->sent[outside->sent_count++] = byte;
}

static void interrupt(void *opaque)
{
	((struct outside *)opaque)->interrupts++;
}

static void room(void *opaque)
{
	((struct outside *)opaque)->rooms++;
}

static const struct uart_ops ops = {
	.put = put,
	.interrupt = interrupt,
	.room = room,
};

static struct outside outside;
static struct uart uart;

static void set_up(void)
{
	memset(&outside, 0, sizeof(outside));
	uart_init(&uart, &ops, &outside);
}

static __u8 in(unsigned int reg)
{
	return uart_read(&uart, reg, 1);
}

static void out(unsigned int reg, __u8 value)
{
	uart_write(&uart, reg, 1, value);
}

/* Interrupts since the last question */
static unsigned int rung(void)
{
	unsigned int count = outside.interrupts;

	outside.interrupts = 0;
	return count;
}

static void test_polled_output(void)
{
	set_up();
	CHECK(in(UART_LSR) == (UART_LSR_TEMT | UART_LSR_THRE));
	out(UART_TX, 'h');
	out(UART_TX, 'i');
	CHECK(outside.sent_count == 2 && !memcmp(outside.sent, "hi", 2));
	CHECK(in(UART_LSR) == (UART_LSR_TEMT | UART_LSR_THRE));
	CHECK(rung() == 0);
}

static void test_divisor(void)
{
	set_up();
	out(UART_LCR, UART_LCR_DLAB | UART_LCR_WLEN8);
	out(UART_DLL, 0x34);
	out(UART_DLM, 0x12);
	CHECK(in(UART_DLL) == 0x34 && in(UART_DLM) == 0x12);
	out(UART_LCR, UART_LCR_WLEN8);
	CHECK(in(UART_IER) == 0);
	CHECK(outside.sent_count == 0);
	CHECK(in(UART_LCR) == UART_LCR_WLEN8);
}

/* The driver's test at start-up: enabling the source asks at once, each time. */
static void test_enabling_reports_empty(void)
{
	set_up();
	out(UART_IER, UART_IER_THRI);
	CHECK(rung() == 1);
	CHECK((in(UART_IIR) & UART_IIR_ID) == UART_IIR_THRI);
	CHECK(in(UART_IIR) & UART_IIR_NO_INT);
	out(UART_IER, 0);
	CHECK(rung() == 0);
	out(UART_IER, UART_IER_THRI);
	CHECK(rung() == 1);
	CHECK((in(UART_IIR) & UART_IIR_ID) == UART_IIR_THRI);
}

/* A handler that fills what it takes for a FIFO: one edge, not one per byte. */
static void test_interrupt_driven_output(void)
{
	unsigned int i;

	set_up();
	out(UART_IER, UART_IER_THRI);
	CHECK(rung() == 1);
	for (i = 0; i < 3; i++) {
		CHECK(!(in(UART_IIR) & UART_IIR_NO_INT));
		out(UART_TX, 'a');
		out(UART_TX, 'b');
		out(UART_TX, 'c');
		CHECK(rung() == 1);
	}
	CHECK(outside.sent_count == 9);
}

static void test_input(void)
{
	set_up();
	CHECK(uart_input(&uart, (const __u8 *)"xy", 2) == 2);
	CHECK(rung() == 0);
	CHECK(in(UART_IIR) & UART_IIR_NO_INT);
	out(UART_IER, UART_IER_RDI);
	CHECK(rung() == 1);
	CHECK((in(UART_IIR) & UART_IIR_ID) == UART_IIR_RDI);
	CHECK(in(UART_LSR) & UART_LSR_DR);
	CHECK(in(UART_RX) == 'x');
	/* One byte per interrupt is a handler's right: it gets another. */
	CHECK(rung() == 1);
	CHECK((in(UART_IIR) & UART_IIR_ID) == UART_IIR_RDI);
	CHECK(in(UART_RX) == 'y');
	CHECK(rung() == 0);
	CHECK(in(UART_IIR) & UART_IIR_NO_INT);
	CHECK(!(in(UART_LSR) & UART_LSR_DR));
	CHECK(in(UART_RX) == 0);
	uart_input(&uart, (const __u8 *)"z", 1);
	CHECK(rung() == 1);
}

/* Input is more urgent, and asking for it does not lose the other. */
static void test_priority(void)
{
	set_up();
	out(UART_IER, UART_IER_RDI | UART_IER_THRI);
	uart_input(&uart, (const __u8 *)"q", 1);
	CHECK((in(UART_IIR) & UART_IIR_ID) == UART_IIR_RDI);
	CHECK(in(UART_RX) == 'q');
	CHECK((in(UART_IIR) & UART_IIR_ID) == UART_IIR_THRI);
	CHECK(in(UART_IIR) & UART_IIR_NO_INT);
}

static void test_full(void)
{
	__u8 bytes[UART_FIFO_SIZE + 1];
	unsigned int i;

	set_up();
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	CHECK(uart_room(&uart) == UART_FIFO_SIZE);
	CHECK(uart_input(&uart, bytes, sizeof(bytes)) == UART_FIFO_SIZE);
	CHECK(uart_room(&uart) == 0);
	CHECK(uart_input(&uart, bytes, 1) == 0);
	CHECK(in(UART_RX) == 0 && outside.rooms == 1);
	CHECK(in(UART_RX) == 1 && outside.rooms == 1);
	/* Around the end of the ring */
	CHECK(uart_input(&uart, bytes + UART_FIFO_SIZE, 1) == 1);
	for (i = 2; i <= UART_FIFO_SIZE; i++)
		CHECK(in(UART_RX) == i);
}

static void test_fifo_control(void)
{
	set_up();
	CHECK((in(UART_IIR) & 0xc0) == 0);
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	CHECK((in(UART_IIR) & 0xc0) == 0xc0);
	uart_input(&uart, (const __u8 *)"gone", 4);
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR);
	CHECK(!(in(UART_LSR) & UART_LSR_DR));
	CHECK(uart_room(&uart) == UART_FIFO_SIZE);
}

static void test_modem(void)
{
	set_up();
	CHECK(in(UART_MSR) == (UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS));
	out(UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	CHECK(in(UART_MSR) == (UART_MSR_DCD | UART_MSR_CTS));
	out(UART_TX, 'n');
	CHECK(outside.sent_count == 0);
	out(UART_SCR, 0xa5);
	CHECK(in(UART_SCR) == 0xa5);
}

/* The port has eight registers in a page of addresses. */
static void test_beyond(void)
{
	set_up();
	out(8, 'x');
	out(0x800, 'x');
	CHECK(outside.sent_count == 0);
	CHECK(uart_read(&uart, 8, 1) == 0);
	CHECK(uart_read(&uart, 0xfff, 8) == 0);
}

int main(void)
{
	test_polled_output();
	test_divisor();
	test_enabling_reports_empty();
	test_interrupt_driven_output();
	test_input();
	test_priority();
	test_full();
	test_fifo_control();
	test_modem();
	test_beyond();
	return checks_result("uart");
}
