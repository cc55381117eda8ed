/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal, and the loop of the main thread
 */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include "uart.h"
#include "vm.h"

/* Before any thread starts: it keeps SIGINT, SIGTERM, SIGHUP for console_loop(). */
void console_init(void);

/* Bytes from standard input to @uart, until the VM has ended. */
void console_loop(struct vm *vm, struct uart *uart);

/*
 * A byte from the guest, from any vCPU's thread.  May block as standard output
 * does, but gives up when the VM is being stopped.
 */
void console_put(struct vm *vm, __u8 byte);

/* After the threads have ended: what is left of the last line. */
void console_flush(struct vm *vm);

#endif
