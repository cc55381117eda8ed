// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Parcels of a guest that runs: accepted, released, talked about. */
#include <libfdt.h>
#include <string.h>

#include "rm/rm_client.h"
#include "tests/rm_guest_env.h"

static const struct rm_config open_debug = { .debug = true };
static const struct rm_config paging = { .production = true, .demand_paging = true };

static void share_accept_release(const struct rm_config *cfg)
{
	u32 handle, attrs;
	u64 pa;

	guest_run(cfg, true);
	EXPECT_EQ(guest_offer(true, 9, &handle), 0);
	EXPECT_EQ(guest_accept(guest_shared(handle)), 0);
	EXPECT(guest_mapped(PLACE, &pa, &attrs));
	EXPECT_EQ(pa, BUFFER);
	EXPECT_EQ(attrs, S2_RWX);
	EXPECT(guest_mapped(PLACE + RM_ENV_SIZE - PAGE_SIZE, &pa, NULL));
	EXPECT_EQ(pa, BUFFER + RM_ENV_SIZE - PAGE_SIZE);
	EXPECT(owner_host_may_access(BUFFER, RM_ENV_SIZE));
	EXPECT_EQ(guest_accept(guest_shared(handle)), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(rm_env_reclaim(handle), GUNYAH_RM_ERR_MEM_INUSE);
	EXPECT_EQ(guest_release(handle, 0), 0);
	EXPECT(!guest_mapped(PLACE, NULL, NULL));
	EXPECT_EQ(guest_release(handle, 0), GUNYAH_RM_ERR_MEM_RELEASED);
	EXPECT_EQ(guest_accept(guest_shared(handle)), 0);
	EXPECT_EQ(guest_release(handle, 0), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT_EQ(guest_release(handle, 0), GUNYAH_RM_ERR_HANDLE_INVALID);
	guest_end();
}

TEST(share_with_a_running_guest)
{
	share_accept_release(&open_debug);
	share_accept_release(&paging);
}

/* What the guest wrote to lent memory stays its secret */
TEST(lend_to_a_running_guest)
{
	u8 *memory;
	u32 handle;

	guest_run(&open_debug, true);
	EXPECT_EQ(guest_offer(false, 9, &handle), 0);
	EXPECT_EQ(guest_accept(guest_shared(handle)), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(guest_accept(guest_lent(handle)), 0);
	EXPECT(!owner_host_may_access(BUFFER, PAGE_SIZE));
	memory = arch_pa_to_va(BUFFER);
	memory[17] = 0x5a;
	EXPECT_EQ(guest_release(handle, 0), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT_EQ(memory[17], 0);
	guest_end();
}

TEST(memory_in_use_comes_back_with_reset)
{
	u32 handle;

	guest_run(&paging, false);
	EXPECT_EQ(guest_offer(false, 9, &handle), 0);
	EXPECT_EQ(guest_accept(guest_lent(handle)), 0);
	guest_reset();
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT_EQ(rm_env_reclaim(guest_image), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, guest_vmid), 0);
	EXPECT(owner_is_host(FAKE_RAM_BASE, RM_ENV_HOST));
}

TEST(the_rm_chooses_an_address)
{
	struct acceptance a;
	struct rm_packet p;
	u32 first, second;
	u64 ipa[2];

	guest_run(&open_debug, true);
	EXPECT_EQ(guest_offer(true, 1, &first), 0);
	EXPECT_EQ(rm_env_mem(true, guest_vmid, BUFFER + RM_ENV_SIZE, RM_ENV_SIZE, 2, &second), 0);
	a = guest_shared(first);
	a.nr_sgl = 0;
	EXPECT_EQ(guest_accept_out(&a, &p), 0);
	EXPECT_EQ(p.size, 8 + 4 + 4 + 16);
	EXPECT_EQ(guest_word(&p, 3), 1);
	memcpy(&ipa[0], p.data + 16, 8);
	a = guest_shared(second);
	a.nr_sgl = 0;
	EXPECT_EQ(guest_accept_out(&a, &p), 0);
	memcpy(&ipa[1], p.data + 16, 8);
	EXPECT_EQ(ipa[0], 0x40200000);
	EXPECT_EQ(ipa[1], 0x40400000);
	EXPECT(guest_mapped(ipa[0], NULL, NULL) && guest_mapped(ipa[1], NULL, NULL));
	EXPECT_EQ(guest_release(first, 0) + guest_release(second, 0), 0);
	EXPECT_EQ(rm_env_reclaim(first) + rm_env_reclaim(second), 0);
	guest_end();
}

TEST(places_that_are_not_free)
{
	static const u64 bad[] = {
		0x20000000,		/* where accesses go to the host */
		0x40000000,		/* information area */
		BASE, BASE + RM_ENV_SIZE - PAGE_SIZE, BASE - PAGE_SIZE,
		0x3ff80000, (1ULL << VM_IPA_BITS) - PAGE_SIZE, 1ULL << VM_IPA_BITS,
		~0xfffffULL,
	};
	u64 tables;
	u32 handle;

	guest_run(&open_debug, true);
	EXPECT_EQ(guest_offer(true, 1, &handle), 0);
	tables = guest_table_pool.used;
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		struct acceptance a = guest_shared(handle);

		a.sgl[0] = bad[i];
		EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_NORESOURCE);
		EXPECT_EQ(guest_table_pool.used, tables);
	}
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

/* Memory that is to come counts as there */
TEST(demand_ranges_are_not_free)
{
	const u64 range[] = { PLACE, SZ_2M };
	u8 req[8 + sizeof(range)] = { 0 };
	u32 handle;

	rm_env_init(&paging);
	guest_vmid = rm_env_allocate();
	guest_make_tree(NULL);
	EXPECT_EQ(rm_env_mem(true, guest_vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &guest_image), 0);
	EXPECT_EQ(rm_env_config(guest_vmid, guest_image, 0), 0);
	memcpy(req, &guest_vmid, sizeof(guest_vmid));
	req[4] = 1;
	memcpy(req + 8, range, sizeof(range));
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_SET_DEMAND_PAGING, req, sizeof(req), NULL, 0, NULL), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_INIT, guest_vmid), 0);
	guest_start();
	EXPECT_EQ(guest_offer(true, 1, &handle), 0);
	EXPECT_EQ(guest_accept(guest_shared(handle)), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

TEST(lists_of_places)
{
	struct acceptance a;
	u32 handle;
	u64 half = RM_ENV_SIZE / 2;

	guest_run(&open_debug, true);
	EXPECT_EQ(guest_offer(true, 1, &handle), 0);
	a = guest_shared(handle);
	a.sgl[1] = half;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	a.sgl[1] = 2 * RM_ENV_SIZE;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	a = guest_shared(handle);
	a.sgl[0] += 8;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	a = guest_shared(handle);
	a.nr_sgl = 2;
	a.sgl[1] = half;
	a.sgl[2] = PLACE + half + PAGE_SIZE;
	a.sgl[3] = half;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_NORESOURCE);
	a.sgl[1] = 0;
	a.sgl[2] = PLACE;
	a.sgl[3] = RM_ENV_SIZE;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	/* Sizes of which only the sum is right */
	a.sgl[1] = -PAGE_SIZE;
	a.sgl[2] = PLACE - PAGE_SIZE;
	a.sgl[3] = RM_ENV_SIZE + PAGE_SIZE;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	a.sgl[1] = half;
	a.sgl[3] = half;
	a.sgl[2] = PLACE + half;
	a.flags |= GUNYAH_RM_ACCEPT_CONTIGUOUS;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	a.flags &= ~GUNYAH_RM_ACCEPT_CONTIGUOUS;
	EXPECT_EQ(guest_accept(a), 0);
	EXPECT_EQ(guest_release(handle, 0), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

TEST(what_a_guest_may_insist_on)
{
	struct acceptance a;
	u32 handle;

	guest_run(&open_debug, true);
	EXPECT_EQ(guest_offer(true, 9, &handle), 0);
	a = guest_shared(handle);
	a.flags |= GUNYAH_RM_ACCEPT_SANITIZED;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_VALIDATE_FAILED);
	a = guest_shared(handle);
	a.flags |= GUNYAH_RM_ACCEPT_VALIDATE_LABEL;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_VALIDATE_FAILED);
	a.label = 9;
	a.flags |= GUNYAH_RM_ACCEPT_VALIDATE_ACL;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_VALIDATE_FAILED);
	a.nr_acl = 2;
	a.acl[0] = 3 | 7 << 16;
	a.acl[1] = guest_vmid | 7 << 16;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_VALIDATE_FAILED);
	a.acl[1] = 3 | 7 << 16;
	a.acl[0] = guest_vmid | 6 << 16;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_VALIDATE_FAILED);
	a.acl[0] = guest_vmid | 7 << 16;
	a.nr_acl = 3;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_VALIDATE_FAILED);
	a.nr_acl = 2;
	a.nr_attr = 1;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_VALIDATE_FAILED);
	a.nr_attr = 0;
	a.flags |= GUNYAH_RM_ACCEPT_MAP_OTHER;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_DENIED);
	a.flags &= ~GUNYAH_RM_ACCEPT_MAP_OTHER;
	a.mem_type = GUNYAH_RM_MEM_TYPE_IO;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	a.mem_type = 0;
	a.flags &= ~GUNYAH_RM_ACCEPT_DONE;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	a.flags |= GUNYAH_RM_ACCEPT_DONE;
	EXPECT_EQ(guest_accept(a), 0);
	EXPECT_EQ(guest_release(handle, 0), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

/* The attributes too, each of them */
TEST(attributes_that_a_guest_insists_on)
{
	u32 req[] = { 0, 0, 2, guest_vmid | 7 << 16, 3 | 7 << 16, 1, (u32)BUFFER, 0, RM_ENV_SIZE,
		      0, 1, 0 };
	struct acceptance a;
	u32 handle;

	guest_run(&open_debug, true);
	req[3] = guest_vmid | 7 << 16;
	req[11] = GUNYAH_RM_MEM_ATTR_CACHED | guest_vmid << 16;
	EXPECT_EQ(rm_env_call(GUNYAH_RM_MEM_SHARE, req, sizeof(req), &handle, 4, NULL), 0);
	a = guest_shared(handle);
	a.flags |= GUNYAH_RM_ACCEPT_VALIDATE_ACL;
	a.nr_acl = 2;
	a.acl[0] = req[3];
	a.acl[1] = req[4];
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_VALIDATE_FAILED);
	a.nr_attr = 1;
	a.attr[0] = GUNYAH_RM_MEM_ATTR_UNCACHED | guest_vmid << 16;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_VALIDATE_FAILED);
	a.attr[0] = GUNYAH_RM_MEM_ATTR_CACHED | GUNYAH_VMID_HLOS << 16;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_VALIDATE_FAILED);
	a.attr[0] = req[11];
	EXPECT_EQ(guest_accept(a), 0);
	EXPECT_EQ(guest_release(handle, 0), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

static void gic_anywhere(void *fdt, int node)
{
	fdt_delprop(fdt, fdt_path_offset(fdt, "/interrupt-controller@30000000"), "reg");
}

TEST(no_memory_on_the_interrupt_controller)
{
	const struct vgic *vgic;
	struct acceptance a;
	u32 handle;

	EXPECT_EQ(guest_init(&open_debug, true, gic_anywhere), 0);
	guest_start();
	vgic = &guest_vm()->vgic;
	EXPECT(vgic->gicd_base > 0x40000000);
	EXPECT_EQ(guest_offer(true, 0, &handle), 0);
	a = guest_shared(handle);
	a.sgl[0] = vgic->gicd_base + SZ_64K - PAGE_SIZE;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_NORESOURCE);
	a.sgl[0] = vgic->gicr_base + vgic->gicr_stride - PAGE_SIZE;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_NORESOURCE);
	a.sgl[0] = vgic->gicd_base + PAGE_SIZE - RM_ENV_SIZE;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_NORESOURCE);
	a.sgl[0] = vgic->gicr_base + vgic->gicr_stride;
	EXPECT_EQ(guest_accept(a), 0);
	EXPECT_EQ(guest_release(handle, 0), 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

TEST(parcels_of_others)
{
	u32 handle, unfinished;

	guest_run(&open_debug, true);
	EXPECT_EQ(rm_env_mem(false, GUNYAH_VMID_RM, BUFFER, RM_ENV_SIZE, 0, &handle), 0);
	EXPECT_EQ(rm_env_mem_flags(true, GUNYAH_RM_MEM_FLAG_APPEND, guest_vmid,
				   BUFFER + RM_ENV_SIZE, RM_ENV_SIZE, 0, &unfinished), 0);
	EXPECT_EQ(guest_accept(guest_lent(handle)), GUNYAH_RM_ERR_HANDLE_INVALID);
	EXPECT_EQ(guest_accept(guest_lent(0x1234)), GUNYAH_RM_ERR_HANDLE_INVALID);
	EXPECT_EQ(guest_accept(guest_shared(unfinished)), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(guest_release(handle, 0), GUNYAH_RM_ERR_HANDLE_INVALID);
	EXPECT_EQ(guest_notifies(handle, GUNYAH_RM_NOTIFY_ACCEPTED, 0),
		  GUNYAH_RM_ERR_HANDLE_INVALID);
	/* RAM since START, and in use by the RM itself */
	EXPECT_EQ(guest_release(guest_image, 0), GUNYAH_RM_ERR_DENIED);
	EXPECT(guest_mapped(BASE, NULL, NULL));
	EXPECT_EQ(rm_env_reclaim(handle) + rm_env_reclaim(unfinished), 0);
	guest_end();
}

/* The host is asked for nothing: what it has shared it has */
TEST(the_owner_accepts_and_releases_nothing)
{
	u32 req[6] = { 0, GUNYAH_RM_TRANS_SHARE << 8 | GUNYAH_RM_ACCEPT_DONE << 16 };
	u32 handles[2];

	guest_run(&open_debug, true);
	EXPECT_EQ(guest_offer(true, 0, &handles[0]), 0);
	EXPECT_EQ(rm_env_mem(false, guest_vmid, BUFFER + RM_ENV_SIZE, RM_ENV_SIZE, 0, &handles[1]),
		  0);
	for (unsigned int i = 0; i < 2; i++) {
		u32 error = i ? GUNYAH_RM_ERR_HANDLE_INVALID : GUNYAH_RM_ERR_DENIED;

		req[0] = handles[i];
		EXPECT_EQ(rm_env_call(GUNYAH_RM_MEM_ACCEPT, req, sizeof(req), NULL, 0, NULL),
			  error);
		EXPECT_EQ(rm_env_call(GUNYAH_RM_MEM_RELEASE, req, 8, NULL, 0, NULL), error);
		EXPECT_EQ(rm_env_reclaim(handles[i]), 0);
	}
	guest_end();
}

/* SHARE to the guest, RW for the host, read-only for the guest */
static u32 offer_read_only(u32 *handle)
{
	u32 req[] = { 0, 0, 2, guest_vmid | GUNYAH_RM_ACL_R << 16, 3 | 6 << 16, 1, (u32)BUFFER, 0,
		      RM_ENV_SIZE, 0, 0 };

	return rm_env_call(GUNYAH_RM_MEM_SHARE, req, sizeof(req), handle, sizeof(*handle), NULL);
}

TEST(who_cannot_write_cannot_wipe)
{
	u8 *memory = NULL;
	struct acceptance a;
	u32 handle, attrs;

	guest_run(&open_debug, true);
	memory = arch_pa_to_va(BUFFER);
	memory[5] = 0x77;
	EXPECT_EQ(offer_read_only(&handle), 0);
	a = guest_shared(handle);
	a.flags |= GUNYAH_RM_ACCEPT_SANITIZE;
	EXPECT_EQ(guest_accept(a), GUNYAH_RM_ERR_DENIED);
	a.flags &= ~GUNYAH_RM_ACCEPT_SANITIZE;
	EXPECT_EQ(guest_accept(a), 0);
	EXPECT(guest_mapped(PLACE, NULL, &attrs));
	EXPECT_EQ(attrs, S2_READ);
	EXPECT_EQ(guest_release(handle, GUNYAH_RM_RELEASE_FLAG_SANITIZE), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(guest_release(handle, 0), 0);
	EXPECT_EQ(memory[5], 0x77);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT_EQ(guest_offer(true, 0, &handle), 0);
	EXPECT_EQ(guest_accept(guest_shared(handle)), 0);
	EXPECT_EQ(guest_release(handle, GUNYAH_RM_RELEASE_FLAG_SANITIZE), 0);
	EXPECT_EQ(memory[5], 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

/* --- notifications --- */

static u32 host_notifies(u32 handle, u32 flags, u32 tag, const u32 *audience, u32 nr)
{
	u32 req[3 + 1 + 8] = { handle, flags, tag, nr };

	memcpy(req + 4, audience, nr * 4);
	return rm_env_call(GUNYAH_RM_MEM_NOTIFY, req, 16 + nr * 4, NULL, 0, NULL);
}

TEST(owner_tells_borrower)
{
	struct rm_packet p;
	u32 handle, nobody = 0x99, host = GUNYAH_VMID_HLOS, me;

	guest_run(&open_debug, true);
	me = guest_vmid;
	EXPECT_EQ(guest_offer(true, 9, &handle), 0);
	EXPECT_EQ(host_notifies(handle, GUNYAH_RM_NOTIFY_SHARED, 0x77, &me, 1), 0);
	ASSERT(guest_receives(&p));
	EXPECT_EQ(guest_word(&p, 1), GUNYAH_RM_NOTIF_MEM_SHARED);
	EXPECT_EQ(p.size, 8 + 20 + 12 + 12 + 4);
	EXPECT_EQ(guest_word(&p, 2), handle);
	EXPECT_EQ(guest_word(&p, 3), GUNYAH_RM_TRANS_SHARE << 8);
	EXPECT_EQ(guest_word(&p, 4), GUNYAH_VMID_HLOS);
	EXPECT_EQ(guest_word(&p, 5), 9);
	EXPECT_EQ(guest_word(&p, 6), 0x77);
	EXPECT_EQ(guest_word(&p, 7), 2);
	EXPECT_EQ(guest_word(&p, 8), guest_vmid | 7 << 16);
	EXPECT_EQ(guest_word(&p, 10), 1);
	EXPECT_EQ(guest_word(&p, 11), RM_ENV_SIZE);
	EXPECT_EQ(host_notifies(handle, GUNYAH_RM_NOTIFY_RECALL, 0x78, &me, 1), 0);
	ASSERT(guest_receives(&p));
	EXPECT_EQ(guest_word(&p, 1), GUNYAH_RM_NOTIF_MEM_RECALL);
	EXPECT_EQ(guest_word(&p, 2), handle);
	EXPECT_EQ(guest_word(&p, 3), 0x78);
	/* Nobody, or itself, or more than one thing at a time, or what a borrower says */
	EXPECT_EQ(host_notifies(handle, GUNYAH_RM_NOTIFY_SHARED, 0, &host, 1),
		  GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(host_notifies(handle, GUNYAH_RM_NOTIFY_SHARED, 0, &nobody, 1),
		  GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(host_notifies(handle, 9, 0, &me, 1), GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(host_notifies(handle, GUNYAH_RM_NOTIFY_ACCEPTED, 0, &me, 1),
		  GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT(!guest_receives(&p));
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

TEST(borrower_tells_owner)
{
	struct rm_packet p;
	u32 longer[4] = { 0, GUNYAH_RM_NOTIFY_ACCEPTED };
	u32 handle;

	guest_run(&open_debug, true);
	EXPECT_EQ(guest_offer(true, 9, &handle), 0);
	longer[0] = handle;
	EXPECT_EQ(guest_notifies(handle, GUNYAH_RM_NOTIFY_ACCEPTED, 1), GUNYAH_RM_ERR_MEM_RELEASED);
	EXPECT_EQ(guest_notifies(handle, GUNYAH_RM_NOTIFY_SHARED, 1),
		  GUNYAH_RM_ERR_ARGUMENT_INVALID);
	EXPECT_EQ(guest_notifies(0x1234, GUNYAH_RM_NOTIFY_ACCEPTED, 1),
		  GUNYAH_RM_ERR_HANDLE_INVALID);
	EXPECT_EQ(guest_accept(guest_shared(handle)), 0);
	EXPECT_EQ(guest_notifies(handle, GUNYAH_RM_NOTIFY_RELEASED, 1), GUNYAH_RM_ERR_MEM_INUSE);
	EXPECT_EQ(guest_calls(GUNYAH_RM_MEM_NOTIFY, longer, sizeof(longer), NULL),
		  GUNYAH_RM_ERR_MSG_INVALID);
	EXPECT(!rm_env_receive(&p));
	EXPECT_EQ(guest_notifies(handle, GUNYAH_RM_NOTIFY_ACCEPTED, 0x42), 0);
	ASSERT(rm_env_receive(&p));
	EXPECT_EQ(guest_word(&p, 1), GUNYAH_RM_NOTIF_MEM_ACCEPTED);
	EXPECT_EQ(guest_word(&p, 2), handle);
	EXPECT_EQ(guest_word(&p, 3), guest_vmid);
	EXPECT_EQ(guest_word(&p, 4), 0x42);
	EXPECT_EQ(guest_release(handle, 0), 0);
	EXPECT(!rm_env_receive(&p));
	EXPECT_EQ(guest_notifies(handle, GUNYAH_RM_NOTIFY_RELEASED, 0x43), 0);
	ASSERT(rm_env_receive(&p));
	EXPECT_EQ(guest_word(&p, 1), GUNYAH_RM_NOTIF_MEM_RELEASED);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

/* A parcel of 100 regions; its handle */
static u32 share_scattered(void)
{
	static u8 req[24 + 100 * 16];
	u32 head[] = { 0, 0, 2, guest_vmid | 7 << 16, 3 | 7 << 16, 100 };
	u32 handle = ~0U;

	memcpy(req, head, sizeof(head));
	for (u64 i = 0; i < 100; i++) {
		u64 entry[] = { BUFFER + 2 * i * PAGE_SIZE, PAGE_SIZE };

		memcpy(req + 24 + 16 * i, entry, 16);
	}
	EXPECT_EQ(rm_env_call(GUNYAH_RM_MEM_SHARE, req, sizeof(req), &handle, 4, NULL), 0);
	return handle;
}

/* As many regions as one message has room for, and one more */
TEST(parcel_with_too_many_regions)
{
	static u8 req[12 + 512 * 16];
	u32 handle, me, nr = 100;
	u32 most = (RM_MAX_MSG - sizeof(struct gunyah_rm_mem_shared) - 12 - 2 * 8 * 4) / 8;

	guest_run(&open_debug, true);
	me = guest_vmid;
	handle = share_scattered();
	/* Finished, but nothing says that it has to be: the test adds to it all the same */
	rm_parcel_find(handle)->open = true;
	EXPECT_EQ(host_notifies(handle, GUNYAH_RM_NOTIFY_SHARED, 1, &me, 1), GUNYAH_RM_ERR_DENIED);
	while (nr < most + 1) {
		u32 n = min(most + 1 - nr, 511U);
		u32 head[] = { handle, 0, 0 };

		if (nr + n == most + 1)
			n = n > 1 ? n - 1 : 1;
		head[1] = nr + n >= most;
		head[2] = n;
		memcpy(req, head, sizeof(head));
		for (u64 i = 0; i < n; i++) {
			u64 entry[] = { BUFFER + 2 * (nr + i) * PAGE_SIZE, PAGE_SIZE };

			memcpy(req + 12 + 16 * i, entry, 16);
		}
		rm_parcel_find(handle)->open = true;
		EXPECT_EQ(rm_env_call(GUNYAH_RM_MEM_APPEND, req, 12 + n * 16, NULL, 0, NULL), 0);
		nr += n;
		if (nr >= most)
			EXPECT_EQ(host_notifies(handle, GUNYAH_RM_NOTIFY_SHARED, 1, &me, 1),
				  nr > most ? GUNYAH_RM_ERR_NORESOURCE : 0);
	}
	guest_reset();
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT_EQ(rm_env_reclaim(guest_image), 0);
}

/* 100 regions take several packets; what comes meanwhile does not get between them */
TEST(long_notification)
{
	unsigned int packets = 0;
	struct rm_packet p;
	u32 handle, me;
	u64 pages;

	guest_run(&open_debug, true);
	me = guest_vmid;
	handle = share_scattered();
	pages = object_pool.used;
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(host_notifies(handle, GUNYAH_RM_NOTIFY_SHARED, i, &me, 1), 0);
	EXPECT_EQ(object_pool.used, pages + 1);
	EXPECT(guest_requests(1, GUNYAH_RM_VM_GET_VMID, NULL, 0));
	for (unsigned int i = 0; i < 3; i++)
		for (unsigned int left = 4; left; left--, packets++) {
			ASSERT(guest_receives(&p));
			EXPECT_EQ(guest_word(&p, 1), GUNYAH_RM_NOTIF_MEM_SHARED);
			EXPECT_EQ(p.data[1], 3 << 2 | (left == 4 ? 3 : 0));
		}
	ASSERT(guest_receives(&p));
	EXPECT_EQ(guest_word(&p, 1), GUNYAH_RM_VM_GET_VMID);
	EXPECT_EQ(packets, 12);
	EXPECT_EQ(object_pool.used, pages);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

/* No page for a long one: the host hears of it, the guest hears nothing */
TEST(long_notification_without_memory)
{
	u32 handle, me;
	struct rm_packet p;
	u64 hog, size;

	guest_run(&open_debug, true);
	me = guest_vmid;
	handle = share_scattered();
	size = object_pool.nr - object_pool.used;
	hog = page_pool_alloc(&object_pool, size, 1);
	ASSERT(hog);
	EXPECT_EQ(host_notifies(handle, GUNYAH_RM_NOTIFY_SHARED, 0, &me, 1), GUNYAH_RM_ERR_NOMEM);
	page_pool_free(&object_pool, hog, size);
	EXPECT(!guest_receives(&p));
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	guest_end();
}

/* A guest that does not read loses the oldest, but never the middle of one */
TEST(guest_that_does_not_read)
{
	struct rm_packet p;
	unsigned int left = 0;
	u32 handle, me;
	u64 pages;

	guest_run(&open_debug, true);
	pages = object_pool.used;
	me = guest_vmid;
	handle = share_scattered();
	/* 6 packets leave two of the second message in the queue */
	for (unsigned int i = 0; i < 100; i++)
		EXPECT_EQ(host_notifies(handle, i % 2 ? GUNYAH_RM_NOTIFY_RECALL :
							 GUNYAH_RM_NOTIFY_SHARED, i, &me, 1), 0);
	EXPECT(rm_client_of(rm_vm_find(guest_vmid))->dropped);
	while (guest_receives(&p)) {
		unsigned int type = p.data[1] & 3;

		EXPECT(left ? !type : type);
		left = left ? left - 1 : p.data[1] >> 2;
	}
	EXPECT_EQ(left, 0);
	EXPECT_EQ(rm_env_reclaim(handle), 0);
	EXPECT_EQ(object_pool.used, pages);
	guest_end();
}
