// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings of guests, good ones and hostile ones
 *
 * The memory that is shared is a heap block of exactly that size: with
 * AddressSanitizer any access beside it ends the program.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ring.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define BASE		0x60000000ULL
#define BYTES		8192ULL
#define SIZE		8
#define DESC		BASE
#define AVAIL		(BASE + 0x400)
#define USED		(BASE + 0x800)
#define DATA		(BASE + 0x1000)

static struct ring_memory memory = { .gpa = BASE, .size = BYTES };
static struct ring_request request;
static struct ring ring;

static struct vring_desc *desc(unsigned int i)
{
	return (struct vring_desc *)memory.host + i;
}

static struct vring_avail *avail(void)
{
	return (struct vring_avail *)(memory.host + (AVAIL - BASE));
}

static struct vring_used *used(void)
{
	return (struct vring_used *)(memory.host + (USED - BASE));
}

static void fresh(void)
{
	memset(memory.host, 0, BYTES);
	CHECK(ring_init(&ring, &memory, SIZE, DESC, AVAIL, USED));
}

static void set(unsigned int i, __u64 addr, __u32 len, __u16 flags, __u16 next)
{
	*desc(i) = (struct vring_desc){ addr, len, flags, next };
}

static void offer(__u16 head)
{
	avail()->ring[avail()->idx % SIZE] = head;
	avail()->idx++;
}

static void test_memory(void)
{
	CHECK(ring_memory_at(&memory, BASE, BYTES) == memory.host);
	CHECK(ring_memory_at(&memory, BASE + BYTES - 1, 1) == memory.host + BYTES - 1);
	CHECK(!ring_memory_at(&memory, BASE - 1, 1));
	CHECK(!ring_memory_at(&memory, BASE - 1, 2));
	CHECK(!ring_memory_at(&memory, BASE, BYTES + 1));
	CHECK(!ring_memory_at(&memory, BASE + 1, BYTES));
	CHECK(!ring_memory_at(&memory, BASE + BYTES, 1));
	CHECK(!ring_memory_at(&memory, BASE + 1, ~0ULL));
	CHECK(!ring_memory_at(&memory, ~0ULL, 1));
	CHECK(!ring_memory_at(&memory, ~0ULL, ~0ULL));
	CHECK(!ring_memory_at(&memory, 0, BASE + 1));
}

static bool init(__u32 size, __u64 d, __u64 a, __u64 u)
{
	struct ring other;

	return ring_init(&other, &memory, size, d, a, u);
}

static void test_init(void)
{
	__u32 bad_sizes[] = { 0, 3, 7, RING_MAX_SIZE + 1, 2 * RING_MAX_SIZE, 1u << 31, ~0u };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad_sizes); i++)
		CHECK(!init(bad_sizes[i], DESC, AVAIL, USED));
	CHECK(init(1, DESC, AVAIL, USED));
	CHECK(init(RING_MAX_SIZE, BASE, BASE + 0x1000, BASE + 0x1400));
	CHECK(!init(SIZE, DESC + 8, AVAIL, USED));
	CHECK(!init(SIZE, DESC, AVAIL + 1, USED));
	CHECK(!init(SIZE, DESC, AVAIL, USED + 2));
	/* The last place, and one step further: 16, 2 and 8 bytes each, with the extras */
	CHECK(init(SIZE, BASE + BYTES - 16 * SIZE, AVAIL, USED));
	CHECK(!init(SIZE, BASE + BYTES - 16 * SIZE + 16, AVAIL, USED));
	CHECK(init(SIZE, DESC, BASE + BYTES - (4 + 2 * SIZE + 2), USED));
	CHECK(!init(SIZE, DESC, BASE + BYTES - (4 + 2 * SIZE), USED));
	CHECK(init(SIZE, DESC, AVAIL, BASE + BYTES - (4 + 8 * SIZE + 4)));
	CHECK(!init(SIZE, DESC, AVAIL, BASE + BYTES - (4 + 8 * SIZE)));
	CHECK(!init(SIZE, BASE - 16, AVAIL, USED));
	CHECK(!init(SIZE, 0, AVAIL, USED));
	CHECK(!init(SIZE, -16ULL, AVAIL, USED));
	CHECK(!init(SIZE, DESC, -2ULL, USED));
	CHECK(!init(SIZE, DESC, AVAIL, -4ULL));
}

static void test_good(void)
{
	unsigned int i;

	fresh();
	CHECK(ring_get(&ring, &request) == RING_EMPTY);
	for (i = 0; i < 70000; i++) {
		set(5, DATA, 16, VRING_DESC_F_NEXT, 2);
		set(2, DATA + 16, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 7);
		set(7, BASE + BYTES - 1, 1, VRING_DESC_F_WRITE, 5);
		offer(5);
		if (ring_get(&ring, &request) != RING_REQUEST || request.head != 5 ||
		    request.out != 1 || request.in != 2 || !ring_put(&ring, &request, 513))
			break;
	}
	/* Both indices have wrapped. */
	CHECK(i == 70000);
	CHECK(request.buffers[0].iov_base == memory.host + 0x1000);
	CHECK(request.buffers[1].iov_len == 512);
	CHECK(request.buffers[2].iov_base == memory.host + BYTES - 1);
	CHECK(used()->idx == (__u16)70000);
	CHECK(used()->ring[(70000 - 1) % SIZE].id == 5);
	CHECK(used()->ring[(70000 - 1) % SIZE].len == 513);
	CHECK(ring_get(&ring, &request) == RING_EMPTY);
	avail()->flags = VRING_AVAIL_F_NO_INTERRUPT;
	CHECK(!ring_put(&ring, &request, 0));
}

static void test_full_chain(void)
{
	unsigned int i;

	fresh();
	for (i = 0; i < SIZE; i++)
		set(i, DATA + i, 1, i + 1 < SIZE ? VRING_DESC_F_NEXT : 0, i + 1);
	offer(0);
	CHECK(ring_get(&ring, &request) == RING_REQUEST && request.out == SIZE);
}

/* One descriptor that is @addr, @len, @flags and @next in an otherwise good ring */
static bool broken(__u64 addr, __u32 len, __u16 flags, __u16 next)
{
	fresh();
	set(0, DATA, 16, VRING_DESC_F_NEXT, 1);
	set(1, addr, len, flags, next);
	set(2, DATA, 16, 0, 0);
	offer(0);
	return ring_get(&ring, &request) == RING_BROKEN;
}

static void test_bad_chains(void)
{
	CHECK(!broken(DATA, 16, VRING_DESC_F_NEXT, 2));
	CHECK(broken(DATA, 0, 0, 0));
	CHECK(broken(0, 16, 0, 0));
	CHECK(broken(BASE - 1, 2, 0, 0));
	CHECK(broken(BASE + BYTES - 1, 2, 0, 0));
	CHECK(broken(BASE + BYTES, 1, 0, 0));
	CHECK(broken(DATA, ~0u, 0, 0));
	CHECK(broken(~0ULL, 1, 0, 0));
	CHECK(broken(~0ULL - 15, 16, 0, 0));
	CHECK(broken(0x80000000ULL, 512, VRING_DESC_F_WRITE, 0));
	CHECK(broken(DATA, 16, VRING_DESC_F_INDIRECT, 0));
	CHECK(broken(DATA, 16, 0x8000, 0));
	/* Out of the table, in a circle, to itself, readable behind writable */
	CHECK(broken(DATA, 16, VRING_DESC_F_NEXT, SIZE));
	CHECK(broken(DATA, 16, VRING_DESC_F_NEXT, 0xffff));
	CHECK(broken(DATA, 16, VRING_DESC_F_NEXT, 0));
	CHECK(broken(DATA, 16, VRING_DESC_F_NEXT, 1));
	CHECK(broken(DATA, 16, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 2));
}

static void test_bad_indices(void)
{
	fresh();
	offer(SIZE);
	CHECK(ring_get(&ring, &request) == RING_BROKEN);
	fresh();
	offer(0xffff);
	CHECK(ring_get(&ring, &request) == RING_BROKEN);
	/* More requests than there is room for, and one taken back; all of them good */
	fresh();
	set(0, DATA, 16, 0, 0);
	avail()->idx = SIZE + 1;
	CHECK(ring_get(&ring, &request) == RING_BROKEN);
	fresh();
	set(0, DATA, 16, 0, 0);
	avail()->idx = 0xffff;
	CHECK(ring_get(&ring, &request) == RING_BROKEN);
}

/* Random rings, most of them nearly good: nothing beside the memory is touched. */
static __u64 random_addr(void)
{
	static const __u64 near[] = { BASE, BASE + BYTES, DATA, 0, ~0ULL };

	return near[rand() % 5] + rand() % 64 - 32;
}

static bool inside(const struct iovec *buffer)
{
	const __u8 *base = buffer->iov_base;

	return buffer->iov_len && base >= memory.host &&
		buffer->iov_len <= BYTES && base + buffer->iov_len <= memory.host + BYTES;
}

static void random_ring(void)
{
	unsigned int i;

	for (i = 0; i < SIZE; i++)
		set(i, rand() % 4 ? DATA + rand() % 512 : random_addr(),
		    rand() % 8 ? rand() % 512u : rand() * 4u,
		    rand() % 16 ? rand() % 4 : rand(), rand() % (SIZE + 1));
	offer(rand() % (rand() % 8 ? SIZE : 65536));
}

static void test_random(void)
{
	unsigned int round, i, requests = 0;
	bool good = true;

	srand(1);
	for (round = 0; round < 200000; round++) {
		if (round % 64 == 0)
			fresh();
		random_ring();
		if (ring_get(&ring, &request) != RING_REQUEST) {
			/* As a reset does */
			ring.next_avail = avail()->idx;
			continue;
		}
		requests++;
		good &= request.out + request.in > 0 && request.out + request.in <= SIZE;
		for (i = 0; i < request.out + request.in; i++)
			good &= inside(&request.buffers[i]);
		ring_put(&ring, &request, 1);
	}
	CHECK(good);
	CHECK(requests > 1000 && requests < 199000);
}

int main(void)
{
	memory.host = malloc(BYTES);
	test_memory();
	test_init();
	test_good();
	test_full_chain();
	test_bad_chains();
	test_bad_indices();
	test_random();
	free(memory.host);
	return checks_result("ring");
}
