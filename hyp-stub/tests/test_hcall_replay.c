// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What the open hypervisor answered, line by line (tests/data/hypercalls.txt), on
 * the same objects.  Where the stub answers otherwise, the data says so and why.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "tests/hcall_env.h"

#define MAX_FIELDS	4
#define MAX_OUT		5

/* An RM that answers GET_VMID with 16 bytes and nothing else */
static void answer(struct msgq *q)
{
	static const u8 reply[16] = { 0x21, 0x02 };
	u8 data[GUNYAH_MSGQ_RM_MSG_SIZE];
	bool flag;
	size_t size;

	if (!msgq_receive(q, data, sizeof(data), &size, &flag) && size == 8 && data[0] == 0x21)
		EXPECT_EQ(msgq_send(&env_rx, reply, sizeof(reply), true, &flag), 0);
}

/* "a | b | c" into fields without the blanks around the bars */
static unsigned int split(char *line, char **field)
{
	unsigned int n = 0;
	char *bar;

	line[strcspn(line, "\n")] = 0;
	while (n < MAX_FIELDS) {
		field[n++] = line;
		bar = strstr(line, " | ");
		if (!bar)
			break;
		*bar = 0;
		line = bar + 3;
	}
	return n;
}

static unsigned int numbers(const char *s, u64 *out, unsigned int max)
{
	unsigned int n = 0;
	char *end;

	while (n < max) {
		out[n] = strtoull(s, &end, 16);
		if (end == s)
			break;
		n++;
		s = end;
	}
	return n;
}

/* Registers that carry results (ABI tables, hypercall 3); for a number nobody knows: X0 */
static unsigned int nr_results(u32 num)
{
	static const u8 nr[] = {
		[GUNYAH_HC_IDENTIFY] = 4, [GUNYAH_HC_DOORBELL_SEND] = 2,
		[GUNYAH_HC_DOORBELL_RECEIVE] = 2, [GUNYAH_HC_MSGQ_SEND] = 2,
		[GUNYAH_HC_MSGQ_RECEIVE] = 3, [GUNYAH_HC_VCPU_RUN] = 5,
		[GUNYAH_HC_VCPU_RUN_CHECK] = 5,
	};

	return num < ARRAY_SIZE(nr) && nr[num] ? nr[num] : 1;
}

static u16 immediate(const char *name)
{
	const char *at = strstr(name, "0x");

	return !strncmp(name, "native", 6) && at ? strtoul(at, NULL, 16) : 0;
}

/* In the recording the buffer held a GET_VMID request when 8 bytes of it were sent */
static void prepare(const u64 *x)
{
	static const u8 get_vmid[8] = { 0x21, 1 };

	if ((u32)x[0] == GUNYAH_SMCCC_ID(GUNYAH_HC_MSGQ_SEND)) {
		memset(env_mem(VA_TX), 0xff, PAGE_SIZE);
		if (x[2] == 8 && (x[3] & PAGE_MASK) == VA_TX)
			memcpy(env_mem(x[3]), get_vmid, sizeof(get_vmid));
	}
}

/* Returns how many registers of @x are to be compared */
static unsigned int replay(const char *who, const char *name, const char *in, u64 *x)
{
	const struct hcall_caller *caller = strcmp(who, "host") ? &env_guest : &env_host;
	u16 imm = immediate(name);
	u32 id;

	memset(x, 0, HCALL_REGS * sizeof(*x));
	numbers(in, x, 8);
	id = x[0];
	prepare(x);
	hcall_handle(caller, imm != 0, imm, x);
	if (imm)
		return nr_results(imm - GUNYAH_HVC_IMM_BASE);
	if ((id & ~GUNYAH_SMCCC_SVE_HINT & ~GUNYAH_SMCCC_NUM_MASK) == GUNYAH_SMCCC_BASE)
		return nr_results(id & GUNYAH_SMCCC_NUM_MASK);
	return 4;
}

static void compare(const u64 *x, unsigned int nr, const char *out)
{
	u64 want[MAX_OUT] = {};
	unsigned int i, given = numbers(out, want, MAX_OUT);

	EXPECT(given > 0);
	for (i = 0; i < nr && i < MAX_OUT; i++)
		EXPECT_EQ(x[i], want[i]);
}

/* The guest's part comes from a VM of its own */
static void set_up(const char *what)
{
	unsigned int i;

	if (!strcmp(what, "@caps"))
		env_add_vm();
	for (i = 0; i < env_vm->nr_bells; i++)
		EXPECT_EQ(doorbell_reset(&env_vm->bells[i].bell), 0);
}

TEST(replay_of_the_recording)
{
	FILE *data = fopen(TEST_DATA "/hypercalls.txt", "r");
	char line[2][512], *f[MAX_FIELDS], *ours[MAX_FIELDS];
	unsigned int cur = 0, nr, lines = 0, otherwise = 0;
	u64 x[HCALL_REGS];
	bool more;

	ASSERT(data);
	env_init();
	env_tx.pushed = answer;
	more = fgets(line[cur], sizeof(line[0]), data);
	while (more) {
		nr = split(line[cur], f);
		cur ^= 1;
		more = fgets(line[cur], sizeof(line[0]), data);
		if (*f[0] == '@')
			set_up(f[0]);
		if (nr < 4 || *f[0] == '#' || *f[0] == '@')
			continue;
		test_context("%s: %s", f[1], f[2]);
		nr = replay(f[0], f[1], f[2], x);
		lines++;
		if (more && !strncmp(line[cur], "ours |", 6)) {
			EXPECT_EQ(split(line[cur], ours), 3);
			compare(x, nr, ours[1]);
			otherwise++;
		} else {
			compare(x, nr, f[3]);
		}
	}
	fclose(data);
	EXPECT(lines > 300 && otherwise < lines / 2);
}
