// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* See hcall_env.h. */
#include <string.h>

#include <linux/gunyah/abi/hypercall.h>

#include "owner/owner.h"
#include "tests/hcall_env.h"

#define POOL_SIZE	SZ_2M
#define HOST_RAM	(FAKE_RAM_BASE + 8 * SZ_2M)
#define HOST_RAM_SIZE	(8 * SZ_2M)

struct msgq env_tx, env_rx;
struct vm *env_vm;
const struct hcall_caller env_host = { .cspace = &host_cspace };
struct hcall_caller env_guest;

static struct page_pool host_tables;
static struct stage2 host_stage2;
static int other;

/* Pages of the stage 1 */
static const struct {
	u64 va;
	u64 pa;
	bool writable;
} pages[] = {
	{ VA_RX,		HOST_RAM,			true },
	{ VA_TX,		HOST_RAM + 0x1000,		true },
	{ VA_READ_ONLY,		HOST_RAM + 0x2000,		false },
	{ VA_LAST_PAGE,		HOST_RAM + 0x3000,		true },
	{ VA_USER,		HOST_RAM + 0x4000,		true },
	{ VA_PAIR,		HOST_RAM + 0x9000,		true },
	{ VA_PAIR + PAGE_SIZE,	HOST_RAM + 0x7000,		true },
	{ VA_DEVICE,		0x09000000,			true },
	{ VA_STUB,		FAKE_RAM_BASE,			true },
};

static bool va_to_pa(u64 va, bool write, u64 *pa)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i].va == (va & PAGE_MASK) && (!write || pages[i].writable)) {
			*pa = pages[i].pa + (va & ~PAGE_MASK);
			return true;
		}
	return false;
}

void *env_mem(u64 va)
{
	u64 pa;

	if (!va_to_pa(va, false, &pa))
		__builtin_trap();
	return arch_pa_to_va(pa);
}

static u64 add_cap(enum cap_type type, void *object, u32 rights)
{
	u64 id = ~0ULL;

	EXPECT_EQ(cspace_add(&host_cspace, type, object, rights, &id), 0);
	return id;
}

static void add_queues(void)
{
	msgq_init(&env_tx);
	msgq_init(&env_rx);
	env_tx.send_virq.intid = host_virq_alloc();
	env_rx.recv_virq.intid = host_virq_alloc();
	EXPECT_EQ(add_cap(CAP_MSGQ, &env_tx, GUNYAH_RIGHT_MSGQ_SEND), CAP_RM_TX);
	EXPECT_EQ(add_cap(CAP_MSGQ, &env_rx, GUNYAH_RIGHT_MSGQ_RECEIVE), CAP_RM_RX);
	EXPECT_EQ(add_cap(CAP_ADDRSPACE, &other, ~0U), CAP_OTHER);
}

void env_init(void)
{
	u64 pa = FAKE_RAM_BASE;

	/* Of the test before */
	while (host_virq_alloc())
		;
	while (host_virq_used())
		host_virq_free(FAKE_VIRQ_FIRST + host_virq_used() - 1);
	fake.va_to_pa = va_to_pa;
	page_pool_init(&object_pool, "objects", pa, POOL_SIZE);
	page_pool_init(&guest_table_pool, "guest tables", pa + POOL_SIZE, POOL_SIZE);
	page_pool_init(&host_tables, "host tables", pa + 2 * POOL_SIZE, POOL_SIZE);
	page_pool_init(&guest_reserve_pool, "guest reserve", pa + 4 * POOL_SIZE, POOL_SIZE);
	page_pool_init(&record_pool, "records", pa + 5 * POOL_SIZE, POOL_SIZE);
	EXPECT(stage2_init(&host_stage2, &host_tables, 40, 0));
	owner_init(pa, TEST_RAM, pa + 3 * POOL_SIZE, &host_stage2);
	owner_add_host(HOST_RAM, HOST_RAM_SIZE);
	EXPECT_EQ(cspace_init(&host_cspace, &object_pool, 1), 0);
	add_queues();
}

void env_add_vm(void)
{
	struct vm_doorbell *bell;

	env_vm = vm_create(0x80);
	if (!env_vm)
		__builtin_trap();
	EXPECT_EQ(vm_add_vcpu(env_vm, true), 0);
	EXPECT_EQ(env_vm->vcpus[0]->host_cap, CAP_THE_VCPU);
	EXPECT_EQ(vm_add_doorbell(env_vm, 1, false, false, 0, false, &bell), 0);
	EXPECT_EQ(bell->host_cap, CAP_BELL_TX);
	EXPECT_EQ(vm_add_doorbell(env_vm, 2, true, false, 0, false, &bell), 0);
	EXPECT_EQ(bell->host_cap, CAP_BELL_RX);
	EXPECT_EQ(vm_add_doorbell(env_vm, 3, false, true, 0, false, &bell), 0);
	EXPECT_EQ(bell->host_cap, CAP_BELL_TX_SCC);
	env_guest = (struct hcall_caller){
		.vm = env_vm, .vcpu = env_vm->vcpus[0], .cspace = &env_vm->cspace,
	};
}

bool env_host_maps(u64 pa)
{
	u64 to;

	return stage2_lookup(&host_stage2, pa, &to, NULL, NULL) && to == pa;
}
