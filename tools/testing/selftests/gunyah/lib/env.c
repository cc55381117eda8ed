// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tests run on, and how they give up.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gt.h"

/* As in kselftest.h, which can not be included twice in a program */
#define KSFT_FAIL 1

#define STUB_STAT_DIR "/sys/kernel/debug/gunyah_stub_stat/"

void gt_fail_at(const char *file, int line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	dprintf(STDOUT_FILENO, "# %s:%d: %s\n", file, line, text);
	_exit(KSFT_FAIL);
}

static bool env_is(const char *name, const char *value)
{
	const char *found = getenv(name);

	return found && !strcmp(found, value);
}

bool gt_open_profile(void)
{
	return env_is("PROFILE", "open");
}

/* The open RM of a release build takes lent images only */
bool gt_can_share(void)
{
	return !gt_open_profile() || env_is("RM_DEBUG", "1");
}

bool gt_has_boot_context(void)
{
	return !gt_open_profile();
}

bool gt_has_resume_actions(void)
{
	return !gt_open_profile();
}

bool gt_has_extensions(void)
{
	return !gt_open_profile();
}

int gt_nr_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

void gt_pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	gt_assert(!sched_setaffinity(0, sizeof(set), &set));
}

long gt_proc_value(const char *file, const char *name)
{
	size_t len = strlen(name);
	long value = -1;
	char line[256];
	FILE *f;

	f = fopen(file, "r");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, len) || !strchr(": \t", line[len]))
			continue;
		value = strtol(line + len + strspn(line + len, ": \t"), NULL, 10);
		break;
	}
	fclose(f);
	return value;
}

void gt_refresh_stats(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY);

	gt_assert(fd >= 0);
	gt_assert_eq(write(fd, "1", 1), 1);
	close(fd);
}

long gt_locked_kib(void)
{
	return gt_proc_value("/proc/self/status", "VmPin") +
	       gt_proc_value("/proc/self/status", "VmLck");
}

long gt_stub_stat(const char *name)
{
	long value = -1;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), STUB_STAT_DIR "%s", name);
	f = fopen(path, "r");
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &value) != 1)
		gt_fail("%s cannot be read", path);
	fclose(f);
	return value;
}

/* Without SA_RESTART */
void gt_sigaction(int sig, void (*handler)(int))
{
	struct sigaction sa = { .sa_handler = handler };

	gt_assert(!sigaction(sig, &sa, NULL));
}

static int wait_for(pid_t pid)
{
	int status;

	gt_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

void gt_wait_exit(pid_t pid, int status)
{
	int found = wait_for(pid);

	if (!WIFEXITED(found) || WEXITSTATUS(found) != status)
		gt_fail("process ended with wait status %#x, not exit %d", found, status);
}

void gt_wait_killed(pid_t pid, int sig)
{
	int found = wait_for(pid);

	if (!WIFSIGNALED(found) || WTERMSIG(found) != sig)
		gt_fail("process ended with wait status %#x, not signal %d", found, sig);
}
