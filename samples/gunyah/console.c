// SPDX-License-Identifier: GPL-2.0-only
/*
 * The terminal, and the loop of the main thread
 *
 * Owns standard input and output and the signals that stop the program.  The
 * loop waits for input, a signal, or a wake-up of another thread: the VM has
 * ended, or the UART can take input again.
 *
 * A guest sends byte by byte, and a system call for each would double the price
 * of an exit.  So output is kept until its line is complete, the buffer is full,
 * or FLUSH_MS have passed, since a prompt is no complete line.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

#include "console.h"
#include "report.h"

#define ESCAPE_KEY	1	/* Ctrl-A; twice for one, with x to stop */
#define FLUSH_MS	10

static struct termios saved_termios;

/**
 * struct output - what the guest has sent and standard output has not got
 * @lock: protects the rest, and keeps the order: held while writing
 * @bytes: in the order of sending
 * @count: how many
 * @timer: timerfd that expires FLUSH_MS after the first of them
 */
struct output {
	pthread_mutex_t lock;
	__u8 bytes[256];
	size_t count;
	int timer;
};

static struct output output = { .lock = PTHREAD_MUTEX_INITIALIZER, .timer = -1 };

/**
 * struct console - state of the loop
 * @vm: ends at the user's will
 * @uart: takes the input
 * @signals: signalfd
 * @tty: standard input is a terminal in raw mode
 * @eof: standard input has ended
 * @escaped: the byte before was ESCAPE_KEY
 */
struct console {
	struct vm *vm;
	struct uart *uart;
	int signals;
	bool tty;
	bool eof;
	bool escaped;
};

static void arm_timer(void)
{
	struct itimerspec when = { .it_value.tv_nsec = FLUSH_MS * 1000000 };

	timerfd_settime(output.timer, 0, &when, NULL);
}

/* With the lock held.  When the VM is being stopped what blocks is dropped. */
static void write_output(struct vm *vm)
{
	size_t written = 0;
	ssize_t done;

	while (written < output.count) {
		done = write(STDOUT_FILENO, output.bytes + written,
			     output.count - written);
		if (done > 0)
			written += done;
		else if (errno != EINTR || atomic_load(&vm->stopping))
			break;
	}
	output.count = 0;
}

void console_put(struct vm *vm, __u8 byte)
{
	pthread_mutex_lock(&output.lock);
	output.bytes[output.count++] = byte;
	if (byte == '\n' || output.count == sizeof(output.bytes))
		write_output(vm);
	else if (output.count == 1)
		arm_timer();
	pthread_mutex_unlock(&output.lock);
}

void console_flush(struct vm *vm)
{
	pthread_mutex_lock(&output.lock);
	write_output(vm);
	pthread_mutex_unlock(&output.lock);
}

static sigset_t stop_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

void console_init(void)
{
	sigset_t set = stop_signals();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	output.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (output.timer < 0)
		die_errno("timerfd", errno, NULL);
}

static void restore_terminal(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &saved_termios);
}

/* Keys go to the guest as they are, Ctrl-C too.  Not if we are in background. */
static bool raw_terminal(void)
{
	struct termios raw;

	if (tcgetpgrp(STDIN_FILENO) != getpgrp() ||
	    tcgetattr(STDIN_FILENO, &saved_termios) < 0)
		return false;
	raw = saved_termios;
	cfmakeraw(&raw);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0)
		return false;
	atexit(restore_terminal);
	return true;
}

/* Takes the escape sequences out of @keys; returns how many bytes are left. */
static size_t filter(struct console *console, __u8 *keys, size_t count)
{
	size_t i, left = 0;

	for (i = 0; i < count; i++) {
		if (!console->escaped && keys[i] == ESCAPE_KEY) {
			console->escaped = true;
			continue;
		}
		if (console->escaped && keys[i] == 'x')
			vm_end(console->vm, EXIT_STOPPED);
		else
			keys[left++] = keys[i];
		console->escaped = false;
	}
	return left;
}

static void take_input(struct console *console)
{
	__u8 buf[UART_FIFO_SIZE];
	size_t room = uart_room(console->uart);
	ssize_t got;

	/* Nobody else adds, so what fits now fits later as well. */
	got = read(STDIN_FILENO, buf, room);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		console->eof = true;
		return;
	}
	if (console->tty)
		got = filter(console, buf, got);
	uart_input(console->uart, buf, got);
}

static void take_signal(struct console *console)
{
	struct signalfd_siginfo info;

	if (read(console->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (vm_end(console->vm, EXIT_STOPPED))
		report("stopped by %s", strsignal(info.ssi_signo));
}

/* This thread has to stay responsive: what would block is tried again later. */
static void take_timer(struct console *console)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	__u64 ignored;

	if (read(output.timer, &ignored, sizeof(ignored)) < 0)
		return;
	if (pthread_mutex_trylock(&output.lock)) {
		arm_timer();
		return;
	}
	if (output.count && poll(&out, 1, 0) != 1)
		arm_timer();
	else
		write_output(console->vm);
	pthread_mutex_unlock(&output.lock);
}

static void wait_once(struct console *console)
{
	bool listen = !console->eof && uart_room(console->uart);
	struct pollfd fds[] = {
		{ .fd = console->vm->wake, .events = POLLIN },
		{ .fd = console->signals, .events = POLLIN },
		{ .fd = output.timer, .events = POLLIN },
		{ .fd = listen ? STDIN_FILENO : -1, .events = POLLIN },
	};
	eventfd_t ignored;

	if (poll(fds, 4, -1) < 0)
		return;
	if (fds[0].revents)
		eventfd_read(console->vm->wake, &ignored);
	if (fds[1].revents)
		take_signal(console);
	if (fds[2].revents)
		take_timer(console);
	if (fds[3].revents)
		take_input(console);
}

void console_loop(struct vm *vm, struct uart *uart)
{
	struct console console = { .vm = vm, .uart = uart };
	sigset_t set = stop_signals();

	console.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (console.signals < 0)
		die_errno("signalfd", errno, NULL);
	if (isatty(STDIN_FILENO)) {
		console.tty = raw_terminal();
		console.eof = !console.tty;
		if (console.tty)
			report("Ctrl-A x stops the guest");
	}
	while (vm_running(vm))
		wait_once(&console);
	close(console.signals);
}
