// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that talks to the Resource Manager itself: windows as parcels, which it
 * accepts and releases while it runs (ABI tables, rm-rpc 6.2).
 *
 * The guest is told each word to write and each call to make: it works the same with
 * memory that this process cannot see.
 */
#include "harness.h"

#include <sys/ioctl.h>

#define PAGE		4096UL
#define SIZE		(64 * PAGE)
#define NR		(SIZE / PAGE)
#define PLACE		0xc0000000UL		/* where the guest wants it */
#define TX_BUF		(GUEST_RAM_BASE + 0x180000UL)
#define RX_BUF		(TX_BUF + PAGE)

/* Hypercalls as SMCCC function ids (hypercall 1.2, 3) */
#define HVC_MSGQ_SEND		0xc600801bUL
#define HVC_MSGQ_RECEIVE	0xc600801cUL
#define MSGQ_EMPTY		60

/* Messages and errors (rm-rpc 1.1, 1.5, 2) */
#define RM_REQUEST		0x0121U
#define MEM_ACCEPT		0x51000011U
#define MEM_RELEASE		0x51000014U
#define MEM_NOTIFY		0x51000017U
#define VM_ALLOCATE		0x56000001U
#define VM_GET_VMID		0x56000024U
#define RM_OK			0
#define RM_DENIED		3
#define RM_HANDLE_INVALID	7
#define RM_MEM_RELEASED		0xc
#define ACCEPT_SHARE_DONE	(2U << 8 | 0x80U << 16)

FIXTURE(guest_rm) {
	struct gt_resources before;
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	uint64_t tx, rx;
	uint16_t seq;
	uint32_t reply[60];
};

static uint64_t __read(struct gt_vcpu *vcpu, uint64_t addr)
{
	return gt_command_result(vcpu, CMD_READ, addr, 8, 0, 0);
}

/* The tree, word by word; its size is in the second word, big endian */
static void find_channel(struct gt_vcpu *vcpu, uint64_t *tx, uint64_t *rx)
{
	static uint64_t tree[GUEST_DTB_SIZE / 8];
	uint64_t addr = GUEST_RAM_BASE + GUEST_DTB_OFFSET;
	unsigned int i, nr;

	tree[0] = __read(vcpu, addr);
	nr = (__builtin_bswap32(tree[0] >> 32) + 7) / 8;
	gt_assert_eq(nr <= GUEST_DTB_SIZE / 8, 1);
	for (i = 1; i < nr; i++)
		tree[i] = __read(vcpu, addr + 8 * i);
	gt_find_rm_channel(tree, tx, rx);
}

FIXTURE_SETUP(guest_rm)
{
	gt_resources(&self->before);
	gt_vm_init(&self->vm, GUEST_command);
	self->vm.dtb.rm_channel = true;
	self->vcpu = &self->vm.vcpu[0];
	gt_vm_boot(&self->vm);
	find_channel(self->vcpu, &self->tx, &self->rx);
}

FIXTURE_TEARDOWN(guest_rm)
{
	gt_vm_close(&self->vm);
	gt_expect_resources(&self->before);
	gt_assert_eq(gt_locked_kib(), 0);
}

static uint64_t __receive(FIXTURE_DATA(guest_rm) *self)
{
	uint64_t i, err;

	/* Touched: a buffer that the guest does not have yet is none */
	gt_command_result(self->vcpu, CMD_WRITE, RX_BUF, 8, 0, 0);
	err = gt_command_result(self->vcpu, CMD_HVC, HVC_MSGQ_RECEIVE, self->rx, RX_BUF, 240);
	for (i = 0; !err && i < 30; i++) {
		uint64_t word = __read(self->vcpu, RX_BUF + 8 * i);

		self->reply[2 * i] = word;
		self->reply[2 * i + 1] = word >> 32;
	}
	return err;
}

/* A request of @nr words, and the RM's error */
static uint32_t __call(FIXTURE_DATA(guest_rm) *self, uint32_t id, const uint32_t *words,
		       unsigned int nr)
{
	uint32_t message[32] = { RM_REQUEST, id };
	unsigned int i;

	self->seq++;
	message[0] |= (uint32_t)self->seq << 16;
	for (i = 0; i < nr; i++)
		message[2 + i] = words[i];
	for (i = 0; i < 2 + nr; i++)
		gt_command_result(self->vcpu, CMD_WRITE, TX_BUF + 4 * i, 4, message[i], 0);
	gt_assert_eq(gt_command_result(self->vcpu, CMD_HVC, HVC_MSGQ_SEND, self->tx,
				       8 + 4 * nr, TX_BUF), 0);
	gt_assert_eq(__receive(self), 0);
	gt_assert_eq(self->reply[1], id);
	gt_assert_eq(self->reply[0], (message[0] & ~0xff00U) | 0x0200);
	return self->reply[2];
}

static uint32_t __accept(FIXTURE_DATA(guest_rm) *self, uint32_t handle)
{
	const uint32_t words[] = { handle, ACCEPT_SHARE_DONE, 0, 0, 1, (uint32_t)PLACE, 0,
				   SIZE, 0, 0 };

	return __call(self, MEM_ACCEPT, words, sizeof(words) / 4);
}

static uint32_t __release(FIXTURE_DATA(guest_rm) *self, uint32_t handle)
{
	const uint32_t words[] = { handle, 0 };

	return __call(self, MEM_RELEASE, words, 2);
}

static uint32_t __notify(FIXTURE_DATA(guest_rm) *self, uint32_t handle, uint32_t what)
{
	const uint32_t words[] = { handle, what, 0 };

	return __call(self, MEM_NOTIFY, words, 3);
}

static int __share(int vm, char *mem, uint32_t *handle)
{
	struct gunyah_share_window window = {
		.flags = GUNYAH_WINDOW_USER_MEM | GUNYAH_WINDOW_PARCEL | GUNYAH_MEM_ALLOW_READ |
			 GUNYAH_MEM_ALLOW_WRITE,
		.offset = (uintptr_t)mem, .size = SIZE, .label = 7,
	};

	if (ioctl(vm, GUNYAH_VM_SHARE_WINDOW, &window))
		return -errno;
	*handle = window.handle;
	return 0;
}

static int __unshare(int vm, uint32_t handle)
{
	struct gunyah_unshare_window window = { .handle = handle };

	return ioctl(vm, GUNYAH_VM_UNSHARE_WINDOW, &window) ? -errno : 0;
}

static void use(struct gt_vcpu *vcpu, char *mem)
{
	uint64_t i;

	for (i = 0; i < NR; i++)
		*(volatile uint64_t *)(mem + i * PAGE) = 100 + i;
	gt_assert_eq(gt_command_result(vcpu, CMD_CHECK, PLACE, PAGE, NR, 100), 0);
	gt_command_result(vcpu, CMD_FILL, PLACE, PAGE, NR, 500);
	for (i = 0; i < NR; i++)
		gt_assert_eq(*(volatile uint64_t *)(mem + i * PAGE), 500 + i);
}

TEST_F(guest_rm, identity)
{
	const uint32_t any = 0;

	EXPECT_EQ(__call(self, VM_GET_VMID, NULL, 0), RM_OK);
	EXPECT_GE(self->reply[3], 0x80);
	EXPECT_LE(self->reply[3], 0xbe);
	EXPECT_EQ(__call(self, VM_ALLOCATE, &any, 1), RM_DENIED);
	EXPECT_EQ(__receive(self), MSGQ_EMPTY);
}

TEST_F(guest_rm, accept_use_release)
{
	char *mem = gt_alloc(SIZE);
	uint32_t handle = 0;
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(__share(self->vm.fd, mem, &handle), 0);
		EXPECT_EQ(__accept(self, handle), RM_OK);
		EXPECT_EQ(__notify(self, handle, 4), RM_OK);
		use(self->vcpu, mem);
		EXPECT_EQ(__accept(self, handle), RM_DENIED);
		EXPECT_EQ(__release(self, handle), RM_OK);
		EXPECT_EQ(__release(self, handle), RM_MEM_RELEASED);
		EXPECT_EQ(__notify(self, handle, 2), RM_OK);
		/* The guest takes an abort there */
		EXPECT_EQ(gt_command_result(self->vcpu, CMD_TRY_READ, PLACE, 8, 0, 0) >> 26, 0x25);
		EXPECT_EQ(__unshare(self->vm.fd, handle), 0);
		EXPECT_EQ(__accept(self, handle), RM_HANDLE_INVALID);
	}
}

/* While the guest has it, it cannot be taken back; it goes with the VM */
TEST_F(guest_rm, in_use)
{
	char *mem = gt_alloc(SIZE);
	uint32_t handle = 0;

	ASSERT_EQ(__share(self->vm.fd, mem, &handle), 0);
	EXPECT_EQ(__accept(self, handle), RM_OK);
	EXPECT_EQ(__unshare(self->vm.fd, handle), -EBUSY);
	use(self->vcpu, mem);
}

TEST_HARNESS_MAIN
