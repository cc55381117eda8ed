// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who may touch a page, searched through: owner.c itself with three parties (the host,
 * guests A and B), three pages, every operation on every range of them, from the state
 * after boot until no new state turns up.
 *
 * Beside it runs a ghost that knows what should happen: who has each page and how, and
 * whose secret is in it.  It takes the worst view of a guest: what it can see exclusively
 * is full of its secrets at once.  In every state:
 *
 *	- the host's stage 2, from the real tables, has a page exactly if nobody has it
 *	  for itself alone,
 *	- each page has one owner, and it is the one that it should have,
 *	- no secret is where another party can look, not even for the moment between
 *	  mapping and wiping,
 *	- an operation is refused when it should be, and then nothing has changed.
 */
#include <stdio.h>
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "mm/stage2.h"
#include "tests/test.h"

/* Looks over owner.c's shoulder at the moment in which the host gets pages */
static int watched_map(struct stage2 *s2, u64 ipa, u64 pa, u64 size, u32 attrs);
#define stage2_map(...) watched_map(__VA_ARGS__)
#include "../owner/owner.c"
#undef stage2_map

#define PAGES		3
#define RANGES		6		/* of one, two or three pages */
#define MAX_USERS	2		/* of a range by the machine: nesting, but not for ever */
#define RAM		FAKE_RAM_BASE
#define RAM_SIZE	(4 * SZ_2M)
#define FIRST		(RAM + 2 * SZ_2M + 7 * PAGE_SIZE)

enum party { HOST, GUEST_A, GUEST_B };

/* What is in a page: nothing that matters, or somebody's secret */
static const u8 tags[] = { [HOST] = 'h', [GUEST_A] = 'a', [GUEST_B] = 'b' };

/**
 * struct ghost - what the ghost knows of a page
 * @state: how its owner has it
 * @who: its owner, also its id in the database
 * @given_up: relinquished
 * @secret: whose secret is in it, HOST: nobody's
 */
struct ghost {
	u8 state;
	u8 who;
	u8 given_up;
	u8 secret;
};

/**
 * struct world - one state of the search
 * @page: what should be
 * @users: of each range by the machine
 * @word: what owner.c says
 */
struct world {
	struct ghost page[PAGES];
	u8 users[RANGES];
	u32 word[PAGES];
};

enum op_kind { TAKE, SET_SECRET, RELINQUISH, RETURN, DEVICE_USE };

struct op {
	enum op_kind kind;
	unsigned int range;
	enum page_state state;
	enum party who;
	bool wipe, dead, on;
};

static const struct { u8 first, nr; } ranges[RANGES] = {
	{ 0, 1 }, { 1, 1 }, { 2, 1 }, { 0, 2 }, { 1, 2 }, { 0, 3 },
};

static struct page_pool pool;
static struct stage2 tables;
static bool leaked;			/* the host was shown a secret */

static u64 page_pa(unsigned int page)
{
	return FIRST + ((u64)page << PAGE_SHIFT);
}

static u64 range_pa(unsigned int range)
{
	return page_pa(ranges[range].first);
}

static u64 range_size(unsigned int range)
{
	return (u64)ranges[range].nr << PAGE_SHIFT;
}

static bool is_exclusive(u8 state)
{
	return state == PAGE_LENT || state == PAGE_PRIVATE;
}

/* -- The machine ---------------------------------------------------------- */

/* Whole pages are one byte: an incomplete wipe shows */
static bool page_is(unsigned int page, u8 byte)
{
	const u8 *p = arch_pa_to_va(page_pa(page));

	return p[0] == byte && !memcmp(p, p + 1, PAGE_SIZE - 1);
}

static bool has_secret(unsigned int page)
{
	return !page_is(page, 0) && !page_is(page, tags[HOST]);
}

static int watched_map(struct stage2 *s2, u64 ipa, u64 pa, u64 size, u32 attrs)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		if (page_pa(i) >= pa && page_pa(i) < pa + size)
			leaked |= has_secret(i);
	return stage2_map(s2, ipa, pa, size, attrs);
}

static bool host_sees(unsigned int page)
{
	u64 pa;

	return stage2_lookup(&tables, page_pa(page), &pa, NULL, NULL) && pa == page_pa(page);
}

static void set_mapping(unsigned int page, bool mapped)
{
	u64 pa = page_pa(page);

	if (host_sees(page) == mapped)
		return;
	if (mapped)
		EXPECT_EQ(stage2_map(&tables, pa, pa, PAGE_SIZE, S2_RWX), 0);
	else
		EXPECT_EQ(stage2_unmap(&tables, pa, PAGE_SIZE), 0);
}

static void load_device_ranges(const struct world *w)
{
	unsigned int i, n = 0;

	memset(device_ranges, 0, sizeof(device_ranges));
	for (i = 0; i < RANGES; i++)
		if (w->users[i])
			device_ranges[n++] = (struct device_range){
				range_pa(i), range_size(i), w->users[i]
			};
}

/* Puts the real thing into a state that was seen before */
static void load(const struct world *w)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++) {
		*word_of(page_pa(i)) = w->word[i];
		set_mapping(i, !is_exclusive(w->page[i].state));
		memset(arch_pa_to_va(page_pa(i)), tags[w->page[i].secret], PAGE_SIZE);
	}
	load_device_ranges(w);
}

static void boot(struct world *w)
{
	memset(w, 0, sizeof(*w));
	page_pool_init(&pool, "host", RAM, 32 * PAGE_SIZE);
	EXPECT(stage2_init(&tables, &pool, 40, 0));
	owner_init(RAM, RAM_SIZE, RAM + SZ_2M, &tables);
	owner_add_host(RAM + 2 * SZ_2M, 2 * SZ_2M);
	for (unsigned int i = 0; i < PAGES; i++) {
		w->page[i].state = PAGE_HOST;
		w->word[i] = *word_of(page_pa(i));
	}
	load(w);
}

/* -- What should happen --------------------------------------------------- */

static bool all_are(const struct world *w, const struct op *op)
{
	unsigned int i;

	for (i = ranges[op->range].first; i < ranges[op->range].first + ranges[op->range].nr; i++)
		if (w->page[i].state != op->state || w->page[i].who != op->who)
			return false;
	return true;
}

static bool overlap(unsigned int a, unsigned int b)
{
	return ranges[a].first < ranges[b].first + ranges[b].nr &&
	       ranges[b].first < ranges[a].first + ranges[a].nr;
}

static bool machine_uses(const struct world *w, unsigned int range)
{
	unsigned int i;

	for (i = 0; i < RANGES; i++)
		if (w->users[i] && overlap(i, range))
			return true;
	return false;
}

static bool all_given_up(const struct world *w, unsigned int range)
{
	unsigned int i;

	for (i = ranges[range].first; i < ranges[range].first + ranges[range].nr; i++)
		if (!w->page[i].given_up)
			return false;
	return true;
}

static bool all_hosts(const struct world *w, unsigned int range)
{
	return all_are(w, &(struct op){ .range = range, .state = PAGE_HOST, .who = HOST });
}

/* Answer that the operation should get; -1: the stub stops, its caller has gone mad */
static int expected(const struct world *w, const struct op *op)
{
	switch (op->kind) {
	case TAKE:
		if (!all_hosts(w, op->range))
			return GUNYAH_ERR_MEMDB_NOT_OWNER;
		return machine_uses(w, op->range) ? GUNYAH_ERR_DENIED : 0;
	case SET_SECRET:
		for (unsigned int i = 0; i < ranges[op->range].nr; i++)
			if (w->page[ranges[op->range].first + i].who != op->who)
				return -1;
		return 0;
	case RELINQUISH:
		return all_are(w, op) ? 0 : GUNYAH_ERR_MEMDB_NOT_OWNER;
	case RETURN:
		if (!all_are(w, op))
			return GUNYAH_ERR_MEMDB_NOT_OWNER;
		if (op->state == PAGE_PRIVATE && !op->dead && !all_given_up(w, op->range))
			return GUNYAH_ERR_DENIED;
		return 0;
	default:
		return op->on && !all_hosts(w, op->range) ? GUNYAH_ERR_DENIED : 0;
	}
}

static void ghost_page(struct ghost *page, const struct op *op)
{
	switch (op->kind) {
	case TAKE:
		*page = (struct ghost){ .state = op->state, .who = op->who };
		break;
	case SET_SECRET:
		if (!is_exclusive(page->state))
			break;
		page->secret = op->who;
		page->given_up = false;
		break;
	case RELINQUISH:
		page->given_up = true;
		break;
	case RETURN:
		*page = (struct ghost){ .state = PAGE_HOST };
		break;
	default:
		break;
	}
}

static void ghost_apply(struct world *w, const struct op *op)
{
	unsigned int i;

	for (i = ranges[op->range].first; i < ranges[op->range].first + ranges[op->range].nr; i++)
		ghost_page(&w->page[i], op);
	if (op->kind == DEVICE_USE && op->on)
		w->users[op->range]++;
	else if (op->kind == DEVICE_USE && w->users[op->range])
		w->users[op->range]--;
}

/* Pages that leave the caches: all on the way out, the wiped ones on the way back */
static unsigned int expected_cleaned(const struct world *w, const struct op *op)
{
	unsigned int i, n = 0;

	if (op->kind == TAKE)
		return 1;		/* in one go */
	if (op->kind != RETURN)
		return 0;
	for (i = ranges[op->range].first; i < ranges[op->range].first + ranges[op->range].nr; i++)
		n += op->wipe || w->page[i].secret;
	return n;
}

/* -- What does happen ----------------------------------------------------- */

static int perform(const struct op *op)
{
	u64 pa = range_pa(op->range), size = range_size(op->range);

	switch (op->kind) {
	case TAKE:
		return owner_take(pa, size, op->state, op->who);
	case SET_SECRET:
		return FAKE_PANICS(owner_set_secret(pa, size, op->who)) ? -1 : 0;
	case RELINQUISH:
		return owner_relinquish(pa, size, op->who);
	case RETURN:
		return owner_return(pa, size, op->state, op->who, op->wipe, op->dead);
	default:
		return owner_set_device_use(pa, size, op->on);
	}
}

/* A guest writes all that it knows to what it can see */
static void guests_write(const struct world *w, const struct op *op)
{
	unsigned int i;

	for (i = 0; op->kind == SET_SECRET && i < PAGES; i++)
		if (w->page[i].secret)
			memset(arch_pa_to_va(page_pa(i)), tags[w->page[i].secret], PAGE_SIZE);
}

static bool page_as_it_should_be(const struct world *w, unsigned int i)
{
	const struct ghost *page = &w->page[i];

	return owner_state(page_pa(i)) == page->state && owner_id(page_pa(i)) == page->who &&
	       host_sees(i) != is_exclusive(page->state) &&
	       owner_host_may_access(page_pa(i), PAGE_SIZE) != is_exclusive(page->state) &&
	       (page->secret ? page_is(i, tags[page->secret]) : !has_secret(i));
}

static bool device_use_as_it_should_be(const struct world *w)
{
	u32 users = 0, wanted = 0;
	unsigned int i;

	for (i = 0; i < MAX_DEVICE_RANGES; i++)
		users += device_ranges[i].users;
	for (i = 0; i < RANGES; i++) {
		const struct device_range *r = find_device_range(range_pa(i), range_size(i));

		wanted += w->users[i];
		if ((r ? r->users : 0) != w->users[i])
			return false;
	}
	return users == wanted;
}

/* Nothing is lost, nothing is gained: what is not handed over is the host's */
static bool books_balance(const struct world *w)
{
	u64 host = (2 * SZ_2M >> PAGE_SHIFT) - PAGES, out = 0;
	u8 state, who;

	for (unsigned int i = 0; i < PAGES; i++)
		host += w->page[i].state == PAGE_HOST;
	for (state = PAGE_LENT; state <= PAGE_JOINT; state++)
		for (who = GUEST_A; who <= GUEST_B; who++)
			out += owner_count(state, who);
	return owner_count(PAGE_HOST, 0) == host &&
	       host + out == 2 * SZ_2M >> PAGE_SHIFT;
}

static bool as_it_should_be(const struct world *w)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		if (!page_as_it_should_be(w, i))
			return false;
	return !leaked && device_use_as_it_should_be(w);
}

/* -- The search ----------------------------------------------------------- */

#define MAX_STATES	20000
#define HASH_SIZE	65536

static struct world states[MAX_STATES];
static unsigned int nr_states;
static u32 hash[HASH_SIZE];		/* index into states, + 1 */
static u64 transitions, refused;

static u32 hash_of(const struct world *w)
{
	const u8 *p = (const u8 *)w;
	u32 h = 2166136261U;

	for (unsigned int i = 0; i < sizeof(*w); i++)
		h = (h ^ p[i]) * 16777619U;
	return h;
}

/* True if it is new */
static bool remember(const struct world *w)
{
	u32 at;

	for (at = hash_of(w) % HASH_SIZE; hash[at]; at = (at + 1) % HASH_SIZE)
		if (!memcmp(&states[hash[at] - 1], w, sizeof(*w)))
			return false;
	if (nr_states == MAX_STATES)
		return EXPECT(nr_states < MAX_STATES);
	states[nr_states++] = *w;
	hash[at] = nr_states;
	return true;
}

static void wipes_as_asked(const struct op *op)
{
	unsigned int i;

	for (i = ranges[op->range].first; i < ranges[op->range].first + ranges[op->range].nr; i++)
		if (op->kind == RETURN && op->wipe)
			EXPECT(page_is(i, 0));
}

static void save_words(struct world *w)
{
	for (unsigned int i = 0; i < PAGES; i++)
		w->word[i] = *word_of(page_pa(i));
}

/* One operation in the state at hand; the machine is back in it afterwards */
static void step(const struct world *from, const struct op *op)
{
	unsigned int cleaned = fake.nr_cache_flushes;
	int want = expected(from, op), got;
	struct world to = *from;

	got = perform(op);
	transitions++;
	EXPECT_EQ(got, want);
	if (want == -1) {		/* what a panic leaves behind does not matter */
		load(from);
		return;
	}
	if (!want)
		ghost_apply(&to, op);
	else
		refused++;
	guests_write(&to, op);
	save_words(&to);
	EXPECT_EQ(fake.nr_cache_flushes - cleaned, want ? 0 : expected_cleaned(from, op));
	EXPECT(as_it_should_be(&to));
	if (want) {
		EXPECT(!memcmp(to.word, from->word, sizeof(to.word)));
		return;
	}
	wipes_as_asked(op);
	if (remember(&to))
		EXPECT(books_balance(&to));
	load(from);
}

static void all_takes(const struct world *w, unsigned int range)
{
	u8 state, who;

	for (state = PAGE_LENT; state <= PAGE_JOINT; state++)
		for (who = GUEST_A; who <= GUEST_B; who++)
			step(w, &(struct op){ TAKE, range, state, who });
}

static void all_returns(const struct world *w, unsigned int range)
{
	unsigned int flags;
	u8 state, who;

	for (state = PAGE_LENT; state <= PAGE_JOINT; state++)
		for (who = GUEST_A; who <= GUEST_B; who++)
			for (flags = 0; flags < 4; flags++)
				step(w, &(struct op){ RETURN, range, state, who,
						      .wipe = flags & 1, .dead = flags & 2 });
}

static void all_ops(const struct world *w)
{
	unsigned int range;
	u8 who;

	for (range = 0; range < RANGES; range++) {
		all_takes(w, range);
		all_returns(w, range);
		for (who = GUEST_A; who <= GUEST_B; who++) {
			step(w, &(struct op){ SET_SECRET, range, .who = who });
			step(w, &(struct op){ RELINQUISH, range, PAGE_PRIVATE, who });
		}
		step(w, &(struct op){ DEVICE_USE, range, .on = false });
		if (w->users[range] < MAX_USERS)
			step(w, &(struct op){ DEVICE_USE, range, .on = true });
	}
}

/* What one page can be: HOST; SHARED and JOINT; LENT, secret or not; PRIVATE, given up or not */
static unsigned int kinds_of_page(void)
{
	static bool seen[1 << 16];
	unsigned int i, n = 0;

	for (i = 0; i < nr_states; i++) {
		const struct ghost *g = &states[i].page[0];
		u16 key = g->state << 12 | g->who << 8 | g->given_up << 4 | g->secret;

		n += !seen[key];
		seen[key] = true;
	}
	return n;
}

TEST(every_state)
{
	struct world first;
	unsigned int i;

	boot(&first);
	EXPECT(as_it_should_be(&first));
	EXPECT(remember(&first));
	for (i = 0; i < nr_states; i++) {
		test_context("state %u", i);
		load(&states[i]);
		all_ops(&states[i]);
		/* One failure is enough to look at */
		ASSERT(!leaked && as_it_should_be(&states[i]));
	}
	EXPECT_EQ(kinds_of_page(), 1 + 2 * (1 + 1 + 2 + 4));
	printf("# %u states, %lu transitions, %lu of them refused\n", nr_states,
	       (unsigned long)transitions, (unsigned long)refused);
}
