// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Replays what the open RM was recorded to answer (ABI tables, recorded/): the same
 * requests, the same answers, in the same order.  Handles are mapped, capability ids
 * and interrupt numbers only compared for being there.  tests/data/rm-replay.txt, made
 * by import_rm.py, says what is sent and expected and how to get there.
 *
 * Answers that differ on purpose stand in a table with the reason, and are checked too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rm_way.h"

#define MAX_PACKETS	64
#define MAX_MESSAGES	16

struct difference {
	const char *name;
	u32 error;
	const char *reason;
};

#define KILLS	"kills the open RM: refused, fault of the sender"
#define MSGQS	"message queues of guests are not offered: INIT is NORESOURCE"

static const struct difference differences[] = {
	{ "state1/38", GUNYAH_RM_ERR_VM_STATE, KILLS },
	{ "state1/65", GUNYAH_RM_ERR_VM_STATE, KILLS },
	{ "state2/32", GUNYAH_RM_ERR_VM_STATE, KILLS },
	{ "xdealloc/2", GUNYAH_RM_ERR_VMID_INVALID, KILLS },
	{ "xdealloc/4", GUNYAH_RM_ERR_VMID_INVALID, KILLS },
	{ "xdealloc/5", GUNYAH_RM_ERR_VMID_INVALID, KILLS },
	{ "xresetload/1", GUNYAH_RM_ERR_VM_STATE, KILLS },
	{ "xresetnocfg/3", GUNYAH_RM_ERR_VM_STATE, KILLS },
	{ "vmid/39", GUNYAH_RM_ERR_OK, "the stub's RM is no VM and has no vCPU to list" },
	{ "mem/125", GUNYAH_RM_ERR_UNIMPLEMENTED, "DONATE is not implemented" },
	{ "dtb/145", GUNYAH_RM_ERR_NORESOURCE, MSGQS },
	{ "dtb/146", GUNYAH_RM_ERR_OK, MSGQS },
	{ "dtb/147", GUNYAH_RM_ERR_VM_STATE, MSGQS },
	{ "dtb/148", GUNYAH_RM_ERR_NORESOURCE, MSGQS },
	{ "dtb/150", GUNYAH_RM_ERR_VM_STATE, MSGQS },
	{ "fragmented/msgq", GUNYAH_RM_ERR_OK, MSGQS },
	{ "fragmented/msgq_pair", GUNYAH_RM_ERR_OK, MSGQS },
};

/* A message put together again */
struct message {
	u8 type;
	u16 seq;
	u32 id;
	u32 len;
	unsigned int packets;
	u8 data[4096];
};

struct packets {
	unsigned int nr;
	struct rm_packet packet[MAX_PACKETS];
};

static struct {
	char name[80];
	bool active;
	bool exact;		/* also sequence numbers, and nothing else comes */
	bool reset;		/* what follows the reply was not kept */
	bool failed;
	bool killed;
	struct packets expected;
	const struct difference *difference;
} cur;

static unsigned int nr_cases, nr_differences, nr_failed;
static u16 skipped_notifs;

/* Where a request carries a handle; 0: nowhere */
static unsigned int handle_offset(u32 id)
{
	switch (id) {
	case 0x51000014 ... 0x51000018:
		return 8;
	case GUNYAH_RM_VM_CONFIG_IMAGE:
	case GUNYAH_RM_VM_SET_FIRMWARE_MEM:
		return 12;
	default:
		return 0;
	}
}

/* --- comparing --- */

static void fail(const char *why)
{
	if (cur.failed)
		return;
	cur.failed = true;
	nr_failed++;
	printf("# %s: %s\n", cur.name, why);
}

static u32 word(const u8 *p)
{
	u32 value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static unsigned int assemble(const struct packets *in, struct message *out)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < in->nr; i++) {
		const struct rm_packet *p = &in->packet[i];
		struct message *m;

		if (p->size < 8)
			abort();
		if (p->data[1] & 3 || !nr) {
			m = &out[nr++];
			memset(m, 0, sizeof(*m));
			m->type = p->data[1];
			m->seq = (u16)(p->data[2] | p->data[3] << 8);
			m->id = word(p->data + 4);
		}
		m = &out[nr - 1];
		m->packets++;
		memcpy(m->data + m->len, p->data + 8, p->size - 8);
		m->len += (u32)(p->size - 8);
	}
	return nr;
}

/* Numbers of capabilities and interrupts: only whether there is one */
static void hide_resources(struct message *m)
{
	for (u32 off = 8; off + 44 <= m->len; off += 44) {
		u32 virq = word(m->data + off + 24) != 0;

		memset(m->data + off + 12, 0, 8);
		memcpy(m->data + off + 24, &virq, sizeof(virq));
	}
}

static void normalise(struct message *m, bool expected)
{
	bool notif = (m->type & 3) == GUNYAH_RM_TYPE_NOTIFICATION;

	if (notif && !cur.exact)
		m->seq = 0;
	if (notif && cur.exact && !expected)
		m->seq += skipped_notifs;
	if (notif && expected && m->id == GUNYAH_RM_NOTIF_MEM_RELEASED) {
		u32 handle = way_our_handle(word(m->data));

		memcpy(m->data, &handle, sizeof(handle));
	}
	if (!notif && m->id == GUNYAH_RM_VM_GET_HYP_RESOURCES)
		hide_resources(m);
}

static bool learn_handle(const struct message *expected, const struct message *actual)
{
	if ((expected->id != GUNYAH_RM_MEM_LEND && expected->id != GUNYAH_RM_MEM_SHARE) ||
	    expected->len != 8 || actual->len != 8 || actual->id != expected->id)
		return false;
	way_map_handle(word(expected->data + 4), word(actual->data + 4));
	return true;
}

static void dump(const char *what, const struct message *m)
{
	printf("#   %s type %u seq %u id %x:", what, m->type, m->seq, m->id);
	for (u32 i = 0; i < m->len && i < 160; i++)
		printf("%s%02x", i % 4 ? "" : " ", m->data[i]);
	printf("\n");
}

static void compare_message(struct message *expected, struct message *actual)
{
	bool handle = learn_handle(expected, actual);

	normalise(expected, true);
	normalise(actual, false);
	if (expected->type == actual->type && expected->seq == actual->seq &&
	    expected->id == actual->id && expected->len == actual->len &&
	    expected->packets == actual->packets &&
	    !memcmp(expected->data, actual->data, handle ? 4 : expected->len))
		return;
	fail("another answer");
	dump("recorded", expected);
	dump("stub    ", actual);
}

static bool may_follow(const struct message *m)
{
	return cur.reset && (m->id == GUNYAH_RM_NOTIF_MEM_RELEASED ||
			     m->id == GUNYAH_RM_NOTIF_VM_STATUS);
}

static void receive_all(struct packets *out)
{
	out->nr = 0;
	while (out->nr < MAX_PACKETS && rm_env_receive(&out->packet[out->nr]))
		out->nr++;
}

static void check_difference(const struct message *actual, unsigned int nr)
{
	const struct message *reply = nr ? &actual[nr - 1] : NULL;

	for (unsigned int i = 0; i < nr; i++)
		if ((actual[i].type & 3) == GUNYAH_RM_TYPE_REPLY)
			reply = &actual[i];
	if (!reply || word(reply->data) != cur.difference->error)
		fail("neither as recorded nor the difference that is listed");
}

static void check_answers(void)
{
	static struct message expected[MAX_MESSAGES], actual[MAX_MESSAGES];
	static struct packets got;
	unsigned int nr_expected, nr_actual;

	receive_all(&got);
	nr_expected = assemble(&cur.expected, expected);
	nr_actual = assemble(&got, actual);
	cur.expected.nr = 0;
	if (cur.difference) {
		check_difference(actual, nr_actual);
		return;
	}
	if (cur.killed)
		fail("killed the RM, and is not listed");
	for (unsigned int i = 0; i < nr_expected; i++) {
		if (i < nr_actual)
			compare_message(&expected[i], &actual[i]);
		else
			fail("an answer is missing");
	}
	for (unsigned int i = nr_expected; i < nr_actual; i++)
		if (!may_follow(&actual[i])) {
			fail("one answer more");
			dump("stub    ", &actual[i]);
		}
}

static void op_parcel(const char *args)
{
	unsigned int recorded, vmid, label;
	unsigned long pa, size;
	char kind[8], open[8] = "";
	u32 handle = ~0U;

	if (sscanf(args, "%x %7s %x %lx %lx %u %7s", &recorded, kind, &vmid, &pa, &size, &label,
		   open) < 6)
		abort();
	way_check(rm_env_mem_flags(!strcmp(kind, "share"), *open ? GUNYAH_RM_MEM_FLAG_APPEND : 0,
				   (u16)vmid, pa, size, label, &handle));
	way_map_handle(recorded, handle);
}

static void op_done(const char *args)
{
	u32 handle = way_our_handle((u32)strtoul(args, NULL, 16));
	u32 req[7] = { handle, GUNYAH_RM_APPEND_FLAG_DONE, 1, 0x45f00000, 0, 0x1000, 0 };

	way_check(rm_env_call(GUNYAH_RM_MEM_APPEND, req, sizeof(req), NULL, 0, NULL));
}

static void op_drop(const char *args)
{
	u32 recorded = (u32)strtoul(args, NULL, 16);

	way_drop_parcel(way_our_handle(recorded));
	way_forget_handle(recorded);
}

static void op_fill(const char *args)
{
	u16 any[2] = { 0, 0 };
	unsigned int nr, vmid;
	u32 handle;

	if (!strcmp(args, "all")) {
		while (!rm_env_call(GUNYAH_RM_VM_ALLOCATE, any, sizeof(any), NULL, 0, NULL))
			;
		return;
	}
	if (sscanf(args, "%u %x", &nr, &vmid) != 2)
		abort();
	for (u64 pa = 0x45500000; nr--; pa += PAGE_SIZE)
		way_check(rm_env_mem(false, (u16)vmid, pa, PAGE_SIZE, 0, &handle));
}

static void op_halt(const char *args)
{
	struct vm *vm = rm_vm_find(0x80)->vm;
	struct vm_halt_info info = { .why = VM_HALT_OFF };
	unsigned int smc64;
	unsigned long cookie;

	if (sscanf(args, "reset2 %u %x %lx", &smc64, &info.reset_type, &cookie) == 3) {
		info.why = VM_HALT_RESET2;
		info.smc64 = smc64;
		info.cookie = cookie;
	} else if (!strcmp(args, "reset")) {
		info.why = VM_HALT_RESET;
	}
	check_answers();
	vm_halt(vm->vcpus[0], &info);
	rm_poll();
}

static void op_put(const char *args)
{
	unsigned long pa;
	char tree[32];

	if (sscanf(args, "%31s %lx", tree, &pa) != 2 || !rm_env_load_dtb(tree, pa))
		abort();
}

static void op_skip(const char *args)
{
	skipped_notifs += (u16)strtoul(args, NULL, 10);
}

static void op_state(const char *args)
{
	unsigned int vmid;
	char name[32];

	if (sscanf(args, "%x %31s", &vmid, name) != 2)
		abort();
	if (!cur.difference && rm_env_state((u16)vmid) != way_state_of(name))
		fail("the VM is in another state afterwards");
}

static void op_fresh(const char *args)
{
	static const struct rm_config cfg = { .debug = true };

	way_reset();
	skipped_notifs = 0;
	fake_reset(TEST_RAM);
	rm_env_init(&cfg);
}

static void op_case(const char *args)
{
	char flag[16] = "";

	memset(&cur, 0, sizeof(cur));
	if (sscanf(args, "%79s %15s", cur.name, flag) < 1)
		abort();
	cur.active = true;
	cur.exact = !strcmp(flag, "exact");
	cur.reset = !strcmp(flag, "reset");
	for (unsigned int i = 0; i < ARRAY_SIZE(differences); i++)
		if (!strcmp(differences[i].name, cur.name))
			cur.difference = &differences[i];
	if (way_barred && !cur.difference)
		fail("the way there is barred");
	way_barred = false;
	nr_cases++;
	nr_differences += !!cur.difference;
}

static size_t parse_hex(const char *text, u8 *out)
{
	size_t n = 0;
	unsigned int byte;

	while (n < GUNYAH_RM_PACKET_SIZE && sscanf(text + 2 * n, "%2x", &byte) == 1)
		out[n++] = (u8)byte;
	return n;
}

/* A request after answers: those come first */
static void op_send(const char *args)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE];
	size_t size = parse_hex(args, packet);
	u32 handle;
	unsigned int off;

	if (cur.expected.nr)
		check_answers();
	off = size >= 8 ? handle_offset(word(packet + 4)) : 0;
	if (off && size >= off + 4 && packet[1] & 3) {
		handle = way_our_handle(word(packet + off));
		memcpy(packet + off, &handle, sizeof(handle));
	}
	if (!rm_env_send(packet, size))
		fail("the queue is full");
}

static void op_raw(const char *args)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE];
	size_t size = parse_hex(args, packet);

	if (!rm_env_send(packet, size))
		abort();
}

static void op_expect(const char *args)
{
	struct rm_packet *p = &cur.expected.packet[cur.expected.nr];

	if (!strcmp(args, "KILLED"))
		cur.killed = true;
	if (!strcmp(args, "KILLED") || !strcmp(args, "nothing"))
		return;
	if (cur.expected.nr == MAX_PACKETS)
		abort();
	p->size = parse_hex(args, p->data);
	cur.expected.nr++;
}

static const struct {
	const char *name;
	bool setup;		/* not part of a case: closes one */
	void (*fn)(const char *args);
} ops[] = {
	{ "fresh", true, op_fresh },
	{ "raw", true, op_raw },
	{ "put", true, op_put },
	{ "vm", true, way_vm },
	{ "parcel", true, op_parcel },
	{ "done", true, op_done },
	{ "drop", true, op_drop },
	{ "fill", true, op_fill },
	{ "skip", true, op_skip },
	{ "case", true, op_case },
	{ "state", true, op_state },
	{ "halt", false, op_halt },
	{ ">", false, op_send },
	{ "<", false, op_expect },
};

static void close_case(void)
{
	if (cur.active)
		check_answers();
	cur.active = false;
}

static void run_line(char *line)
{
	char *args = strchr(line, ' ');

	if (args)
		*args++ = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		if (strcmp(ops[i].name, line))
			continue;
		if (ops[i].setup)
			close_case();
		ops[i].fn(args ? args : "");
		if (ops[i].setup && ops[i].fn != op_case)
			rm_env_drain();
		return;
	}
	printf("# what is %s?\n", line);
	abort();
}

static void say_differences(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(differences); i++)
		printf("# differs on purpose: %s: %s\n", differences[i].name,
		       differences[i].reason);
}

TEST(recorded_answers)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *f = fopen(TEST_DATA "/rm-replay.txt", "r");

	ASSERT(f);
	while ((len = getline(&line, &size, f)) > 0) {
		line[len - 1] = 0;
		if (!strncmp(line, "# left out:", 11))
			printf("%s\n", line);
		else if (line[0] != '#')
			run_line(line);
	}
	close_case();
	free(line);
	fclose(f);
	say_differences();
	printf("# %u recorded cases replayed, %u differ on purpose\n", nr_cases, nr_differences);
	EXPECT_EQ(nr_failed, 0);
	EXPECT_EQ(nr_differences, ARRAY_SIZE(differences));
	EXPECT(nr_cases > 600);
}
