// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Memparcels: all or nothing, append, who owns what afterwards, what is wiped. */
#include <string.h>

#include "tests/rm_env.h"

static const struct rm_config open_profile = { 0 };
static const struct rm_config production = { .production = true };

#define PA	0x45000000ULL

static u16 vmid;

static void begin(const struct rm_config *cfg)
{
	rm_env_init(cfg);
	vmid = rm_env_allocate();
}

static void expect_nothing_lent(void)
{
	struct rm_stats stats;

	rm_stats(&stats);
	EXPECT_EQ(stats.parcels, 0);
	EXPECT_EQ(stats.parcel_bytes, 0);
	EXPECT(owner_is_host(FAKE_RAM_BASE, RM_ENV_HOST));
}

/* LEND to vmid of @nr pages, every second one from @pa on */
static u32 lend_scattered(u64 pa, u16 nr, u8 flags, u32 *handle)
{
	static u8 req[20 + 600 * 16];
	size_t len = 0;
	u32 head[] = { (u32)flags << 16, 0, 1, vmid | 7 << 16, nr };

	memcpy(req, head, sizeof(head));
	len = sizeof(head);
	for (u16 i = 0; i < nr; i++, len += 16) {
		u64 entry[] = { pa + 2 * i * PAGE_SIZE, PAGE_SIZE };

		memcpy(req + len, entry, sizeof(entry));
	}
	memset(req + len, 0, 4);
	return rm_env_call(GUNYAH_RM_MEM_LEND, req, len + 4, handle, sizeof(*handle), NULL);
}

static u32 append(u32 handle, u64 pa, u16 nr, u8 flags)
{
	static u8 req[12 + 600 * 16];
	u32 head[] = { handle, flags, nr };
	size_t len = sizeof(head);

	memcpy(req, head, sizeof(head));
	for (u16 i = 0; i < nr; i++, len += 16) {
		u64 entry[] = { pa + 2 * i * PAGE_SIZE, PAGE_SIZE };

		memcpy(req + len, entry, sizeof(entry));
	}
	return rm_env_call(GUNYAH_RM_MEM_APPEND, req, len, NULL, 0, NULL);
}

TEST(lend_takes_and_reclaim_gives_back)
{
	u64 pages, pa;
	u32 handle;

	begin(&open_profile);
	pages = object_pool.used;
	EXPECT_EQ(lend_scattered(PA, 512, 0, &handle), 0);
	EXPECT_EQ(rm_parcel_bytes(), 512 * PAGE_SIZE);
	for (u64 i = 0; i < 512; i++) {
		EXPECT_EQ(owner_state(PA + 2 * i * PAGE_SIZE), PAGE_LENT);
		EXPECT_EQ(owner_state(PA + (2 * i + 1) * PAGE_SIZE), PAGE_HOST);
		EXPECT(!stage2_lookup(&host_s2, PA + 2 * i * PAGE_SIZE, &pa, NULL, NULL));
	}
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	expect_nothing_lent();
	EXPECT_EQ(object_pool.used, pages);
}

/* The last entry is bad: whatever was taken before is back */
TEST(lend_is_all_or_nothing)
{
	u32 handle, other;
	u64 pages;

	begin(&open_profile);
	EXPECT_EQ(rm_env_mem(false, vmid, PA + 2 * 400 * PAGE_SIZE, PAGE_SIZE, 0, &other), 0);
	pages = object_pool.used;
	EXPECT_EQ(lend_scattered(PA, 512, 0, &handle), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(object_pool.used, pages);
	EXPECT_EQ(rm_parcel_count(), 1);
	EXPECT(owner_is_host(PA, 2 * 400 * PAGE_SIZE));
	EXPECT_EQ(rm_env_reclaim(other), 0);
	expect_nothing_lent();
}

TEST(append_is_all_or_nothing)
{
	u32 handle, other;
	u64 size;

	begin(&open_profile);
	EXPECT_EQ(lend_scattered(PA, 300, GUNYAH_RM_MEM_FLAG_APPEND, &handle), 0);
	EXPECT_EQ(rm_env_mem(false, vmid, PA + 2 * 700 * PAGE_SIZE, PAGE_SIZE, 0, &other), 0);
	size = rm_parcel_find(handle)->size;
	EXPECT_EQ(append(handle, PA + 2 * 300 * PAGE_SIZE, 512, 1), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(rm_parcel_find(handle)->size, size);
	EXPECT(rm_parcel_find(handle)->open);
	EXPECT_EQ(append(handle, PA + 2 * 300 * PAGE_SIZE, 400, 0), 0);
	EXPECT_EQ(append(handle, PA + PAGE_SIZE, 512, 1), 0);
	EXPECT_EQ(rm_parcel_find(handle)->size, 1212 * PAGE_SIZE);
	EXPECT_EQ(append(handle, PA + 2 * 2000 * PAGE_SIZE, 1, 1), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(rm_env_reclaim(other), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	expect_nothing_lent();
}

/* The page for more ranges goes as well when nothing comes to stand in it */
TEST(append_that_fails_leaves_no_page)
{
	u32 handle;
	u64 pages;

	begin(&open_profile);
	EXPECT_EQ(lend_scattered(PA, 255, GUNYAH_RM_MEM_FLAG_APPEND, &handle), 0);
	pages = object_pool.used;
	EXPECT_EQ(append(handle, PA, 1, 1), GUNYAH_RM_ERR_MEM_INVALID);
	EXPECT_EQ(object_pool.used, pages);
	EXPECT_EQ(append(handle, PA + PAGE_SIZE, 1, 1), 0);
	EXPECT_EQ(object_pool.used, pages + 1);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	expect_nothing_lent();
}

/* Reads and writes go through the ranges in the order in which they were given */
TEST(parcel_is_one_piece)
{
	struct rm_parcel *parcel;
	u8 out[3 * PAGE_SIZE], in[3 * PAGE_SIZE];
	u32 handle;

	begin(&open_profile);
	EXPECT_EQ(lend_scattered(PA, 4, 0, &handle), 0);
	parcel = rm_parcel_find(handle);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (u8)test_random();
	rm_parcel_write(parcel, 100, out, sizeof(out));
	EXPECT(!memcmp(arch_pa_to_va(PA + 100), out, PAGE_SIZE - 100));
	EXPECT(!memcmp(arch_pa_to_va(PA + 2 * PAGE_SIZE), out + PAGE_SIZE - 100, PAGE_SIZE));
	EXPECT_EQ(*(u8 *)arch_pa_to_va(PA + PAGE_SIZE), 0);
	rm_parcel_read(parcel, 100, in, sizeof(in));
	EXPECT(!memcmp(in, out, sizeof(in)));
}

static void fill(u8 value, u64 size)
{
	memset(arch_pa_to_va(PA), value, size);
}

static bool is_filled(u8 value, u64 size)
{
	const u8 *p = arch_pa_to_va(PA);

	for (u64 i = 0; i < size; i++)
		if (p[i] != value)
			return false;
	return true;
}

TEST(sanitise)
{
	u32 req[2] = { 0, GUNYAH_RM_RECLAIM_FLAG_SANITIZE };
	u32 handle;

	begin(&open_profile);
	/* On the way out */
	fill(0x5a, SZ_64K);
	fake.nr_cache_flushes = 0;
	EXPECT_EQ(rm_env_mem_flags(false, GUNYAH_RM_MEM_FLAG_SANITIZE, vmid, PA, SZ_64K, 0,
				   &handle), 0);
	EXPECT(is_filled(0, SZ_64K));
	/* The borrower sees the zeroes with its caches off: cleaned again behind them */
	EXPECT(fake.nr_cache_flushes == 2 && fake.cache_pa == PA && fake.cache_size == SZ_64K);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	/* On the way back */
	fill(0x5a, SZ_64K);
	EXPECT_EQ(rm_env_mem(false, vmid, PA, SZ_64K, 0, &handle), 0);
	req[0] = handle;
	EXPECT_EQ(rm_env_call(GUNYAH_RM_MEM_RECLAIM, req, sizeof(req), NULL, 0, NULL), 0);
	EXPECT(is_filled(0, SZ_64K));
	/* Not asked for */
	fill(0x5a, SZ_64K);
	EXPECT_EQ(rm_env_mem(false, vmid, PA, SZ_64K, 0, &handle), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT(is_filled(0x5a, SZ_64K));
}

/* Of a guest that is not protected; for others see test_rm_firmware.c, test_rm_auth.c */
TEST(memory_comes_back_as_the_guest_left_it)
{
	u32 image;

	begin(&production);
	EXPECT(rm_env_load_dtb("base", RM_ENV_PARCEL + RM_ENV_DTB_OFF));
	EXPECT_EQ(rm_env_mem(false, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &image), 0);
	EXPECT_EQ(rm_env_config(vmid, image, GUNYAH_RM_AUTH_NONE), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_INIT, vmid), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_START, vmid), 0);
	memset(arch_pa_to_va(RM_ENV_PARCEL), 0x77, PAGE_SIZE);
	EXPECT_EQ(rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid), 0);
	EXPECT_EQ(rm_env_reclaim(image), 0);
	EXPECT_EQ(*(u8 *)arch_pa_to_va(RM_ENV_PARCEL), 0x77);
}

/* Every step of LEND in turn finds no memory for its list of ranges */
TEST(no_memory_for_ranges)
{
	u64 taken[64], available, nr = 0;
	u32 handle;

	begin(&open_profile);
	while (page_pool_available(&object_pool) > 1) {
		u64 n = max(page_pool_available(&object_pool) / 2, 1);

		taken[nr] = page_pool_alloc(&object_pool, n, 1);
		if (!taken[nr++])
			break;
	}
	available = page_pool_available(&object_pool);
	EXPECT_EQ(available, 1);
	EXPECT_EQ(lend_scattered(PA, 512, 0, &handle), GUNYAH_RM_ERR_NOMEM);
	EXPECT_EQ(page_pool_available(&object_pool), available);
	expect_nothing_lent();
	EXPECT_EQ(lend_scattered(PA, 200, 0, &handle), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
}

TEST(handles_are_never_used_twice)
{
	u32 first, second;

	begin(&open_profile);
	EXPECT_EQ(rm_env_mem(false, vmid, PA, PAGE_SIZE, 0, &first), 0);
	EXPECT_EQ(rm_env_reclaim(first), 0);
	EXPECT_EQ(rm_env_mem(false, vmid, PA, PAGE_SIZE, 0, &second), 0);
	EXPECT(first != second);
	EXPECT_EQ(rm_env_reclaim(first), GUNYAH_RM_ERR_HANDLE_INVALID);
	EXPECT_EQ(rm_env_reclaim(second), 0);
}

/* A SHAREd parcel with more borrowers than this stub has room for */
TEST(too_many_borrowers)
{
	u32 req[32] = { 0, 0, RM_MAX_ACL + 1 };
	unsigned int n = 3;
	u64 entry[2] = { PA, PAGE_SIZE };
	u32 handle;

	begin(&open_profile);
	for (unsigned int i = 0; i < RM_MAX_ACL; i++)
		req[n++] = (i ? rm_env_allocate() : vmid) | 7 << 16;
	req[n++] = 3 | 7 << 16;
	req[n++] = 1;
	memcpy(&req[n], entry, sizeof(entry));
	n += 4;
	EXPECT_EQ(rm_env_call(GUNYAH_RM_MEM_SHARE, req, n * 4, &handle, 4, NULL),
		  GUNYAH_RM_ERR_DENIED);
	expect_nothing_lent();
}

/* Requests with any contents: what was taken is known, and can be had back */
TEST(random_requests)
{
	static const u32 ids[] = { GUNYAH_RM_MEM_LEND, GUNYAH_RM_MEM_SHARE, GUNYAH_RM_MEM_APPEND,
				   GUNYAH_RM_MEM_RECLAIM };
	u32 req[24];

	begin(&open_profile);
	for (unsigned int i = 0; i < 30000; i++) {
		size_t words = test_random() % ARRAY_SIZE(req) + 1;
		bool share = test_random() & 1;

		for (unsigned int n = 0; n < ARRAY_SIZE(req); n++)
			req[n] = (u32)(test_random() % 8);
		if (test_random() % 8) {
			req[2] = share ? 2 : 1;
			req[3] = vmid | (u32)(test_random() % 9) << 16;
			req[4] = 3 | 7 << 16;
			req[share ? 5 : 4] = (u32)(test_random() % 3);
			req[share ? 6 : 5] = (u32)(PA + test_random() % 64 * PAGE_SIZE);
			req[share ? 7 : 6] = 0;
			req[share ? 8 : 7] = (u32)(test_random() % 16 * PAGE_SIZE);
			req[share ? 9 : 8] = 0;
			req[share ? 10 : 9] = 0;
			words = share ? 10 : 9;
		}
		rm_env_call(test_random() % 4 ? ids[share] : ids[2 + test_random() % 2], req,
			    words * 4, NULL, 0, NULL);
		rm_env_reclaim((u32)(test_random() % (i + 1)));
	}
	for (u32 i = 0; i < GUNYAH_RM_MAX_PARCELS; i++)
		if (rm_parcel_at(i))
			EXPECT_EQ(rm_env_reclaim(rm_parcel_at(i)->handle), 0);
	expect_nothing_lent();
}
