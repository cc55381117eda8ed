/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal, and the loop of the main thread
 */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include "uart.h"
#include "vm.h"

/* Keeps SIGINT, SIGTERM and SIGHUP for console_loop(); before any thread starts. */
void console_init(void);

/* Bytes from standard input to @uart, until the VM has ended. */
void console_loop(struct vm *vm, struct uart *uart);

/* A byte from the guest.  Gives up when the VM is being stopped. */
void console_put(struct vm *vm, __u8 byte);

#endif
