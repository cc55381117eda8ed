// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every ioctl, on every kind of descriptor, in every state of the VM: the calls of
 * ioctl_matrix.def, and whether they return what is said there.
 *
 * For each state there is one VM that gets all calls that have to be refused.  None of
 * them may change it: GUNYAH_VM_GET_INFO says the same before and after each, and in the
 * end the VM goes on as if nothing had been.  Each call that has to succeed gets a VM of
 * its own.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ioctl_matrix.h"
#undef ARRAY_SIZE
#include <kselftest.h>

/* Ends a program that hangs, on whatever machine */
#define PATIENCE_SECONDS	600

#define MAX_IOCTLS		64

/* About numbers that are none, of each kind of descriptors: one mistake gives hundreds */
#define MAX_LINES		20

static const char * const kind_names[NR_KINDS] = {
	"/dev/gunyah", "VM", "vCPU", "memory file", "CMA device", "CMA memory", "eventfd",
};

static const char * const state_names[NR_STATES] = {
	"new", "configured", "started", "exited", "failed", "closed", "removed",
};

/* ---- bookkeeping ---- */

struct count {
	unsigned int made, bad, skipped;
};

/* Of each ioctl on its descriptors, of what is no ioctl, of VMs that got refusals */
static struct count known_count[MAX_IOCTLS][NR_KINDS];
static struct count unknown_count[NR_KINDS];
static struct count after_count[NR_KINDS][NR_STATES];

static unsigned int kind_index(enum fd_kind kind)
{
	return __builtin_ctz(kind);
}

static const char *result_name(long result)
{
	static char text[32];

	if (result < 0 && strerrorname_np(-result))
		return strerrorname_np(-result);
	snprintf(text, sizeof(text), "%ld", result);
	return text;
}

static const char *wanted_name(int wanted)
{
	static char text[32];

	if (wanted > 0 && wanted < FD)
		return strerrorname_np(wanted);
	snprintf(text, sizeof(text), wanted == FD ? "a descriptor" :
				     wanted == NUMBER ? "0 or more" :
				     wanted == PAGE ? "the size of a page" : "%d",
		 wanted >= VALUE(0) ? wanted - VALUE(0) : wanted);
	return text;
}

/* By the hypervisor's model of memory */
static int resolve(int result)
{
	if (!(result & TWO_MODELS))
		return result;
	return gt_open_profile() ? result & 0xfff : (result >> 12) & 0xfff;
}

static bool succeeds(int wanted)
{
	return wanted == OK || wanted >= FD;
}

static bool is_as_wanted(long result, int wanted)
{
	switch (wanted) {
	case FD:
	case NUMBER:
		return result >= 0;
	case PAGE:
		return result == getpagesize();
	default:
		return result == (wanted >= VALUE(0) ? wanted - VALUE(0) : -wanted);
	}
}

/* ---- calls ---- */

static long make_call(struct call *c)
{
	unsigned long arg = c->plain ? c->value : (unsigned long)c->arg;
	int status;
	pid_t pid;

	if (!c->child)
		return gt_errno(ioctl(c->fd, c->cmd, arg));
	pid = fork();
	gt_assert(pid >= 0);
	if (!pid)
		_exit(ioctl(c->fd, c->cmd, arg) < 0 ? errno : 0);
	gt_assert_eq(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status))
		gt_fail("the other process ended with wait status %#x", status);
	return -WEXITSTATUS(status);
}

/* A call that needs CMA memory where there is none */
static bool lacks_cma(const struct call *c)
{
	return c->cmd == GUNYAH_VM_ANDROID_MAP_CMA_MEM && c->arg &&
	       c->u.cma.guest_mem_fd == (__u32)-1;
}

static void try_row(struct env *e, const struct row *row)
{
	const struct known *k = &known[row->ioctl];
	struct count *count = &known_count[row->ioctl][kind_index(row->kind)];
	struct call c = { .e = e, .fd = e->fd[row->kind], .cmd = k->cmd };
	int wanted = resolve(row->result[e->state]);
	long result;

	c.arg = &c.u;
	k->fill(&c);
	row->change(&c);
	if (c.fd < 0 || lacks_cma(&c)) {
		count->skipped++;
		return;
	}
	result = make_call(&c);
	if (c.undo)
		c.undo(e);
	count->made++;
	if (!is_as_wanted(result, wanted)) {
		count->bad++;
		ksft_print_msg("%s, %s: %s: %s: %s instead of %s\n",
			       kind_names[kind_index(row->kind)], state_names[e->state],
			       k->name, row->what, result_name(result), wanted_name(wanted));
	}
	if (wanted == FD && result >= 0)
		close(result);
}

static bool get_info(struct env *e, struct gunyah_vm_info *info)
{
	memset(info, 0, sizeof(*info));
	return e->fd[VM] >= 0 && !ioctl(e->fd[VM], GUNYAH_VM_GET_INFO, info);
}

static void try_refusal(struct env *e, const struct row *row)
{
	struct count *count = &known_count[row->ioctl][kind_index(row->kind)];
	struct gunyah_vm_info before, after;
	bool known_before = get_info(e, &before);

	try_row(e, row);
	if (get_info(e, &after) == known_before && !memcmp(&before, &after, sizeof(before)))
		return;
	count->bad++;
	ksft_print_msg("%s, %s: %s: %s: changes the VM\n", kind_names[kind_index(row->kind)],
		       state_names[e->state], known[row->ioctl].name, row->what);
}

/* No descriptor of this kind may know the word */
static void try_unknown(struct env *e, enum fd_kind kind, unsigned int word)
{
	struct count *count = &unknown_count[kind_index(kind)];
	char nothing[4096] = "";
	long result = gt_errno(ioctl(e->fd[kind], word, nothing));

	count->made++;
	if (result == -ENOTTY)
		return;
	if (count->bad++ < MAX_LINES)
		ksft_print_msg("%s, %s: %#x: %s instead of ENOTTY\n",
			       kind_names[kind_index(kind)], state_names[e->state], word,
			       result_name(result));
}

/* Known numbers with other sizes and directions */
static void try_variants(struct env *e, enum fd_kind kind, unsigned int word)
{
	unsigned int base = _IOC(0, _IOC_TYPE(word), _IOC_NR(word), 0);
	unsigned int size = _IOC_SIZE(word), dir;

	for (dir = 0; dir < 4; dir++) {
		if (dir != _IOC_DIR(word))
			try_unknown(e, kind, base | dir << _IOC_DIRSHIFT | size << _IOC_SIZESHIFT);
	}
	dir = _IOC_DIR(word) << _IOC_DIRSHIFT;
	try_unknown(e, kind, base | dir | (size + 8) << _IOC_SIZESHIFT);
	if (size)
		try_unknown(e, kind, base | dir);
}

static void try_strange(struct env *e, enum fd_kind kind)
{
	unsigned int i;

	if (e->fd[kind] < 0) {
		unknown_count[kind_index(kind)].skipped += kind & (CMA_DEV | CMA_FD) ? 1 : 0;
		return;
	}
	for (i = 0; i < nr_known; i++) {
		if (!(known[i].kinds & kind))
			try_unknown(e, kind, known[i].cmd);
		try_variants(e, kind, known[i].cmd);
	}
	for (i = 0; i < nr_unknown; i++)
		try_unknown(e, kind, unknown[i]);
}

/* ---- all of it ---- */

/* vCPUs have VMs of their own; the other descriptors share the VM's */
static bool is_of(const struct row *row, enum fd_kind family, enum state state)
{
	return (row->kind == VCPU) == (family == VCPU) && resolve(row->result[state]) != NONE;
}

/* May the next call find the same VM? */
static bool leaves_vm(const struct row *row, enum state state)
{
	return row->kind == DEV || known[row->ioctl].effect == READS ||
	       !succeeds(resolve(row->result[state]));
}

static void try_refusals(enum fd_kind family, enum state state)
{
	struct env e;
	unsigned int i;

	env_set_up(&e, family, state);
	for (i = 0; i < NR_KINDS; i++)
		try_strange(&e, 1 << i);
	for (i = 0; i < nr_rows; i++) {
		if (is_of(&rows[i], family, state) && leaves_vm(&rows[i], state))
			try_refusal(&e, &rows[i]);
	}
	env_finish(&e);
	after_count[kind_index(family)][state].made++;
	env_tear_down(&e);
}

static void try_successes(enum fd_kind family, enum state state)
{
	struct env e;
	unsigned int i;

	for (i = 0; i < nr_rows; i++) {
		if (!is_of(&rows[i], family, state) || leaves_vm(&rows[i], state))
			continue;
		env_set_up(&e, family, state);
		try_row(&e, &rows[i]);
		env_tear_down(&e);
	}
}

static void report(const struct count *count, const char *kind, const char *what)
{
	if (!count->bad && count->skipped)
		ksft_test_result_skip("%s: %s: %u calls made, %u without the memory or device\n",
				      kind, what, count->made, count->skipped);
	else
		ksft_test_result(!count->bad && count->made, "%s: %s (%u calls)\n", kind, what,
				 count->made);
}

static void report_ioctls(unsigned int kind)
{
	unsigned int i;

	for (i = 0; i < nr_known; i++) {
		if (known[i].kinds & 1 << kind)
			report(&known_count[i][kind], kind_names[kind], known[i].name);
	}
	report(&unknown_count[kind], kind_names[kind], "what it does not know");
}

static unsigned int nr_tests(void)
{
	unsigned int i, n = NR_KINDS + (REMOVED - NEW) + NR_STATES;

	for (i = 0; i < nr_known; i++)
		n += __builtin_popcount(known[i].kinds);
	return n;
}

static void try_state(enum fd_kind family, enum state state)
{
	try_refusals(family, state);
	ksft_test_result(after_count[kind_index(family)][state].made,
			 "%s, %s: goes on after what was refused\n",
			 kind_names[kind_index(family)], state_names[state]);
	try_successes(family, state);
}

int main(void)
{
	struct gt_resources before;
	unsigned int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(PATIENCE_SECONDS);
	ksft_print_header();
	gt_assert(nr_known <= MAX_IOCTLS);
	ksft_set_plan(nr_tests() + 1);
	env_find_cma();
	gt_resources(&before);
	for (i = NEW; i < REMOVED; i++)
		try_state(VM, i);
	for (i = NEW; i < NR_STATES; i++)
		try_state(VCPU, i);
	for (i = 0; i < NR_KINDS; i++)
		report_ioctls(i);
	gt_expect_resources(&before);
	ksft_test_result(true, "nothing is left of all these VMs\n");
	ksft_finished();
}
