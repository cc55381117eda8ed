// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long the steps of VM_START take, from the driver's trace points.
 *
 * gunyah_vm_step is hit at the end of each step, so a step took the time since
 * the one before.  The kernel prints microseconds, and there are only a few of
 * these in a step: use the mean of many.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "steps.h"

#define TRACING		"/sys/kernel/tracing/"
#define EVENT		"gunyah_vm_step: "

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die_errno(path, errno, "needs root, tracefs and the driver");
	close(fd);
}

void steps_record(void)
{
	put(TRACING "events/gunyah_vm/gunyah_vm_step/enable", "1");
	put(TRACING "trace", "");
	put(TRACING "tracing_on", "1");
}

static void add(struct steps *steps, const char *name, double ns)
{
	unsigned int i;

	for (i = 0; i < steps->count; i++) {
		if (!strcmp(steps->each[i].name, name))
			break;
	}
	if (i == STEPS_MAX)
		die("more steps than expected, the last is %s", name);
	if (i == steps->count) {
		snprintf(steps->each[i].name, STEPS_NAME_LEN, "%s", name);
		steps->count++;
	}
	steps->each[i].times++;
	steps->each[i].total_ns += ns;
}

/*
 * "  bench-77  [000] .....    12.345678: gunyah_vm_step: vmid=128 step=START err=0"
 * The first step of a VM has none before it that belongs to it.
 */
static void evaluate_line(struct steps *steps, char *line, double *before)
{
	char *event = strstr(line, ": " EVENT);
	char *name = event ? strstr(event, "step=") : NULL;
	char *end = name ? strstr(name, " err=0") : NULL;
	double now;

	if (!end)
		return;
	*event = '\0';
	*end = '\0';
	name += strlen("step=");
	now = strtod(strrchr(line, ' ') + 1, NULL);
	if (strncmp(name, "checking", strlen("checking")))
		add(steps, name, (now - *before) * 1e9);
	*before = now;
}

void steps_evaluate(struct steps *steps)
{
	char line[512];
	double before = 0;
	FILE *trace;

	put(TRACING "tracing_on", "0");
	put(TRACING "events/gunyah_vm/gunyah_vm_step/enable", "0");
	trace = fopen(TRACING "trace", "r");
	if (!trace)
		die_errno(TRACING "trace", errno, NULL);
	memset(steps, 0, sizeof(*steps));
	while (fgets(line, sizeof(line), trace)) {
		if (line[0] != '#')
			evaluate_line(steps, line, &before);
	}
	fclose(trace);
	if (!steps->count)
		die("the trace has no steps of VM_START");
}
