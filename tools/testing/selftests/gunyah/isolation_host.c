// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile host: hypercalls and messages to the Resource Manager with memory,
 * capabilities and buffers that are not its own.  Each attempt has to end in an
 * error; the guests must not notice.
 */
#include "harness.h"

#include <endian.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "iso.h"

/* Hypercalls (ABI tables, hypercall 3) */
#define HC_MSGQ_SEND		0x1b
#define HC_MSGQ_RECEIVE		0x1c
#define HC_MAP			0x2b
#define HC_UNMAP		0x2c
#define HC_MODIFY		0x30
#define HC_LOOKUP		0x5a
#define HC_CONFIGURE_VMMIO	0x60
#define HC_DONATE		0x61
#define HC_VCPU_RUN		0x65
#define HC_MODIFY_PAGES		0x69

#define ERR_ARGUMENT_INVALID	1
#define ERR_ADDR_INVALID	22
#define ERR_DENIED		30
#define ERR_CAP_NULL		50
#define ERR_WRONG_TYPE		52
#define ERR_MSGQ_EMPTY		60
#define ERR_NOT_OWNER		111

#define MAP_PARTIAL		1ULL
#define ATTRS_RW		(6ULL | 6ULL << 4 | 0xfULL << 16)
#define ZERO_RANGE		(1ULL | 1ULL << 31)
#define TO_PROTECTED		3
#define FROM_PROTECTED		4

#define NO_CAP			(~0ULL)
#define MAX_CAPS		256
#define LENT_OFFSET		(GUEST_MIN_RAM - 16 * ISO_PAGE)
#define LENT_GPA		(GUEST_RAM_BASE + LENT_OFFSET)

/* Guest and what a scan found to be new since it started; extents in the order of labels */
struct victim {
	struct gt_vm vm;
	uint64_t pa;		/* of its page at LENT_GPA */
	uint64_t secret;
	uint64_t addrspace;
	uint64_t extent[4];
	unsigned int nr_extents;
};

FIXTURE(host) {
	int raw;
	int iso;
	struct victim victim[2];
	bool used[MAX_CAPS];
	uint64_t foreign[24];
	unsigned int nr_foreign;
	unsigned int nr_not_host;	/* the first of them are not even the host's */
	long guest_tables;
	long warnings;
};

static bool is_addrspace(int raw, uint64_t cap)
{
	return ISO_HVC(raw, HC_LOOKUP, cap, NO_CAP, 0, 0) == ERR_ARGUMENT_INVALID;
}

static bool is_extent(int raw, uint64_t cap)
{
	return ISO_HVC(raw, HC_DONATE, 2, cap, NO_CAP, 0, ISO_PAGE) == ERR_ARGUMENT_INVALID;
}

static void scan_caps(FIXTURE_DATA(host) *self, struct victim *v)
{
	unsigned int cap;

	v->addrspace = NO_CAP;
	for (cap = 0; cap < MAX_CAPS; cap++) {
		if (self->used[cap])
			continue;
		if (is_addrspace(self->raw, cap))
			v->addrspace = cap;
		else if (is_extent(self->raw, cap) && v->nr_extents < 4)
			v->extent[v->nr_extents++] = cap;
		else
			continue;
		self->used[cap] = true;
	}
}

static void start_victim(FIXTURE_DATA(host) *self, struct victim *v, uint64_t secret)
{
	gt_vm_init(&v->vm, GUEST_command);
	v->vm.kind = GT_LEND;
	gt_vm_create(&v->vm);
	gt_vm_add_ram(&v->vm);
	gt_vm_configure(&v->vm);
	v->pa = iso_phys((char *)v->vm.ram + LENT_OFFSET);
	gt_assert(v->pa);
	gt_vm_start(&v->vm);
	v->secret = secret;
	gt_assert_eq(gt_command_result(&v->vm.vcpu[0], CMD_WRITE, LENT_GPA, 8, secret, 0), 0);
	scan_caps(self, v);
}

static uint64_t dt_be64(const char *pattern, unsigned int index)
{
	uint64_t value[4] = {};
	glob_t found;
	int fd;

	gt_assert(!glob(pattern, 0, NULL, &found));
	fd = open(found.gl_pathv[0], O_RDONLY);
	gt_assert(fd >= 0 && read(fd, value, sizeof(value)) > 0);
	close(fd);
	globfree(&found);
	return be64toh(value[index]);
}

#define RM_REG "/proc/device-tree/hypervisor/*resource-manager*/reg"
#define GIC_REG "/proc/device-tree/intc@*/reg"

/* What no guest may get: the stub's, devices', nobody's, the GIC's tables, the victims' */
static void find_foreign(FIXTURE_DATA(host) *self)
{
	struct iso_range stub[4];
	unsigned int i, n = iso_stub_ranges(stub, ARRAY_SIZE(stub));
	uint64_t *f = self->foreign, gicr = dt_be64(GIC_REG, 2), prop;

	for (i = 0; i < n; i++) {
		*f++ = stub[i].base;
		*f++ = stub[i].base + stub[i].size / 2;
		*f++ = stub[i].base + stub[i].size - ISO_PAGE;
	}
	*f++ = 0;
	*f++ = 0x09000000;
	*f++ = gicr & ~(ISO_PAGE - 1);
	*f++ = 1ULL << 39;
	for (i = 0; i < ARRAY_SIZE(self->victim); i++)
		*f++ = self->victim[i].pa;
	self->nr_not_host = f - self->foreign;
	gt_assert_eq(iso_mmio_read(self->raw, gicr + 0x70, 8, &prop), 0);
	if (prop & 0xfffffffff000)
		*f++ = prop & 0xfffffffff000;
	self->nr_foreign = f - self->foreign;
	gt_assert(self->nr_foreign <= ARRAY_SIZE(self->foreign));
}

FIXTURE_SETUP(host)
{
	unsigned int cap;

	self->raw = __iso_open("gunyah_raw");
	self->iso = __iso_open("gunyah_iso_test");
	if (self->raw == -ENOENT)
		SKIP(return, "no gunyah_raw.ko for this kernel");
	ASSERT_GE(self->raw, 0);
	ASSERT_GE(self->iso, 0);
	for (cap = 0; cap < MAX_CAPS; cap++)
		self->used[cap] = is_addrspace(self->raw, cap) || is_extent(self->raw, cap);
	start_victim(self, &self->victim[0], 0x1111111111111111);
	start_victim(self, &self->victim[1], 0x2222222222222222);
	find_foreign(self);
	self->guest_tables = gt_stub_stat("guest_tables");
	self->warnings = gt_stub_stat("warnings");
}

FIXTURE_TEARDOWN(host)
{
	unsigned int i;

	if (self->raw < 0)
		return;
	EXPECT_EQ(gt_stub_stat("guest_tables"), self->guest_tables);
	EXPECT_EQ(gt_stub_stat("warnings"), self->warnings);
	for (i = 0; i < ARRAY_SIZE(self->victim); i++) {
		struct victim *v = &self->victim[i];

		EXPECT_EQ(gt_command_result(&v->vm.vcpu[0], CMD_READ, LENT_GPA, 8, 0, 0),
			  v->secret);
		gt_vm_close(&v->vm);
	}
}

/* An attempt that has to end in an error, and in this one unless it is 0 */
static void attempt(struct __test_metadata *_metadata, int64_t err, int64_t wanted,
		    const char *what, uint64_t a, uint64_t b)
{
	iso_attempt(!err);
	EXPECT_NE(err, 0) TH_LOG("%s of %#llx, %#llx", what, (long long)a, (long long)b);
	if (wanted)
		EXPECT_EQ(err, wanted)
			TH_LOG("%s of %#llx, %#llx", what, (long long)a, (long long)b);
}

/* ---- memory by physical address, without a detour ---- */

TEST_F(host, direct_access)
{
	struct iso_range stub[4];
	unsigned int i, n = iso_stub_ranges(stub, ARRAY_SIZE(stub));
	uint64_t value, pa;
	long aborts = gt_stub_stat("host_aborts"), attempts = 0;

	for (i = 0; i < n; i++) {
		for (pa = stub[i].base; pa < stub[i].base + stub[i].size; pa += 16 * ISO_PAGE) {
			attempt(_metadata, iso_mmio_read(self->raw, pa, 8, &value), -EFAULT,
				"read", pa, 0);
			attempt(_metadata, iso_mmio_write(self->raw, pa + 8, 4, 0), -EFAULT,
				"write", pa, 0);
			attempts += 2;
		}
	}
	if (aborts >= 0)
		EXPECT_GE(gt_stub_stat("host_aborts"), aborts + attempts);
	iso_report("direct accesses to the stub");
}

/* ---- extents: where demand paging is known ---- */

static bool has_extents(const FIXTURE_DATA(host) *self)
{
	return self->victim[0].nr_extents == 4 && self->victim[1].nr_extents == 4;
}

/* From each extent to each, in each way: nothing that is foreign moves */
static void donate_foreign(struct __test_metadata *_metadata, FIXTURE_DATA(host) *self,
			   uint64_t from, uint64_t to)
{
	unsigned int type, i;

	for (type = 0; type <= 5; type++)
		for (i = 0; i < self->nr_foreign; i++)
			attempt(_metadata, ISO_HVC(self->raw, HC_DONATE, type, from, to,
						   self->foreign[i], ISO_PAGE), 0, "donation",
				self->foreign[i], type);
}

TEST_F(host, donate)
{
	unsigned int i, j;

	if (!has_extents(self))
		SKIP(return, "no extents in this profile");
	for (i = 0; i < 8; i++)
		for (j = 0; j < 8; j++)
			donate_foreign(_metadata, self, self->victim[i / 4].extent[i % 4],
				       self->victim[j / 4].extent[j % 4]);
	iso_report("donations");
}

/* The errors that matter have their names */
TEST_F(host, donate_errors)
{
	struct victim *a = &self->victim[0], *b = &self->victim[1];
	uint64_t *ea = a->extent, *eb = b->extent;
	int raw = self->raw;

	if (!has_extents(self))
		SKIP(return, "no extents in this profile");
	attempt(_metadata, ISO_HVC(raw, HC_DONATE, TO_PROTECTED, ea[2], ea[0], b->pa, ISO_PAGE),
		ERR_NOT_OWNER, "another guest's page", b->pa, 0);
	attempt(_metadata, ISO_HVC(raw, HC_DONATE, TO_PROTECTED, eb[2], eb[0], b->pa, ISO_PAGE),
		ERR_NOT_OWNER, "the same once more", b->pa, 0);
	attempt(_metadata, ISO_HVC(raw, HC_DONATE, TO_PROTECTED, ea[2], ea[0], self->foreign[0],
				   ISO_PAGE), ERR_NOT_OWNER, "the stub", self->foreign[0], 0);
	attempt(_metadata, ISO_HVC(raw, HC_DONATE, FROM_PROTECTED, ea[0], ea[2], a->pa, ISO_PAGE),
		ERR_DENIED, "taking back from a living guest", a->pa, 0);
	attempt(_metadata, ISO_HVC(raw, HC_DONATE, FROM_PROTECTED, eb[0], eb[2], a->pa, ISO_PAGE),
		ERR_NOT_OWNER, "taking another guest's", a->pa, 0);
	attempt(_metadata, ISO_HVC(raw, HC_DONATE, TO_PROTECTED, ea[2], eb[0], a->pa, ISO_PAGE),
		ERR_ARGUMENT_INVALID, "strangers", ea[2], eb[0]);
	attempt(_metadata, ISO_HVC(raw, HC_DONATE, TO_PROTECTED, ea[2], ea[0], 1ULL << 63,
				   1ULL << 63), 0, "wrapping", 0, 0);
	attempt(_metadata, ISO_HVC(raw, HC_DONATE, TO_PROTECTED, ea[2], ea[0], b->pa + 1,
				   ISO_PAGE), 0, "unaligned", 0, 0);
	iso_report("donations with known errors");
}

/*
 * Mapping what an extent does not own is legal (ABI tables, hypercall 9.2): it would
 * appear when it is donated.  The guest must not see it.
 */
static void map_and_look(struct __test_metadata *_metadata, FIXTURE_DATA(host) *self,
			 struct victim *v, uint64_t ext, uint64_t pa)
{
	uint64_t esr;

	if (ISO_HVC(self->raw, HC_MAP, v->addrspace, ext, HOLE_BASE, ATTRS_RW, MAP_PARTIAL, pa,
		    ISO_PAGE)) {
		iso_attempt(false);
		return;
	}
	esr = gt_command_result(&v->vm.vcpu[0], CMD_TRY_READ, HOLE_BASE, 8, 0, 0);
	iso_attempt(!esr);
	EXPECT_NE(esr, 0);
	EXPECT_EQ(ISO_HVC(self->raw, HC_UNMAP, v->addrspace, ext, HOLE_BASE, MAP_PARTIAL, pa,
			  ISO_PAGE), 0);
}

TEST_F(host, map)
{
	struct victim *a = &self->victim[0], *b = &self->victim[1];
	unsigned int e, i;

	if (!has_extents(self))
		SKIP(return, "no extents in this profile");
	for (e = 0; e < 4; e++) {
		for (i = 0; i < self->nr_foreign; i++) {
			/* Its own page is no stranger to it */
			if (self->foreign[i] != a->pa)
				map_and_look(_metadata, self, a, a->extent[e], self->foreign[i]);
		}
		/* Extents of one guest in the address space of the other */
		attempt(_metadata, ISO_HVC(self->raw, HC_MAP, a->addrspace, b->extent[e], HOLE_BASE,
					   ATTRS_RW, MAP_PARTIAL, b->pa, ISO_PAGE), 0,
			"map across guests", e, 0);
		attempt(_metadata, ISO_HVC(self->raw, HC_UNMAP, a->addrspace, b->extent[e],
					   LENT_GPA, MAP_PARTIAL, b->pa, ISO_PAGE), 0,
			"unmap across guests", e, 0);
	}
	iso_report("mappings");
}

/* To write zeroes is to write */
TEST_F(host, modify)
{
	unsigned int e, i;

	if (!has_extents(self))
		SKIP(return, "no extents in this profile");
	for (e = 0; e < 8; e++)
		for (i = 0; i < self->nr_not_host; i++)
			attempt(_metadata, ISO_HVC(self->raw, HC_MODIFY,
						   self->victim[e / 4].extent[e % 4], ZERO_RANGE,
						   self->foreign[i], ISO_PAGE), 0, "zeroing",
				self->foreign[i], e);
	iso_report("zeroing");
}

/* What only a guest may do with its address space */
TEST_F(host, guests_calls)
{
	struct victim *a = &self->victim[0];
	uint64_t cap;

	for (cap = 0; cap < MAX_CAPS; cap++) {
		attempt(_metadata, ISO_HVC(self->raw, HC_MODIFY_PAGES, cap, LENT_GPA, ISO_PAGE, 1),
			0, "relinquish", cap, 0);
		attempt(_metadata, ISO_HVC(self->raw, HC_CONFIGURE_VMMIO, cap, LENT_GPA, ISO_PAGE,
					   0), 0, "configure_vmmio", cap, 0);
	}
	if (has_extents(self))
		attempt(_metadata, ISO_HVC(self->raw, HC_MODIFY_PAGES, a->addrspace, LENT_GPA,
					   ISO_PAGE, 1), ERR_DENIED, "relinquish", a->addrspace, 0);
	iso_report("calls of guests");
}

/* ---- buffers ---- */

static uint64_t linear_va(int raw, uint64_t pa)
{
	struct gunyah_raw_page page = { .pa = pa };

	gt_assert(!ioctl(raw, GUNYAH_RAW_VA, &page));
	return page.va;
}

/* Every capability as a queue: none takes a buffer that the host has no access to */
TEST_F(host, buffers)
{
	uint64_t va[] = {
		linear_va(self->raw, self->victim[0].pa),
		linear_va(self->raw, self->victim[1].pa) + ISO_PAGE - 8,
		linear_va(self->raw, self->foreign[0]), 0, ~0ULL - 100, 1ULL << 60,
	};
	uint64_t tx = dt_be64(RM_REG, 0);
	unsigned int i, cap;

	for (i = 0; i < ARRAY_SIZE(va); i++) {
		for (cap = 0; cap < MAX_CAPS; cap++) {
			attempt(_metadata, ISO_HVC(self->raw, HC_MSGQ_SEND, cap, 240, va[i], 1),
				cap == tx ? ERR_ADDR_INVALID : 0, "send", va[i], cap);
			attempt(_metadata, ISO_HVC(self->raw, HC_MSGQ_RECEIVE, cap, va[i], 240), 0,
				"receive", va[i], cap);
		}
	}
	iso_report("buffers");
}

/* ---- the Resource Manager, without the driver in between ---- */

#define RM_LEND			0x51000012
#define RM_SHARE		0x51000013
#define RM_RECLAIM		0x51000015
#define RM_ALLOCATE		0x56000001
#define RM_DEALLOCATE		0x56000002
#define RM_GET_VMID		0x56000024
#define VMID_HOST		3

FIXTURE(rm) {
	int raw;
	int iso;
	uint64_t tx, rx;
	uint64_t va;		/* buffer of the module: request, behind it the reply */
	uint16_t seq;
	uint32_t vmid;
	char *page;		/* memory of the host */
};

static void load_driver(void)
{
	const char *path = getenv("GUNYAH_KO");
	int fd = open(path ?: "", O_RDONLY | O_CLOEXEC);

	gt_assert(fd >= 0);
	gt_assert(!syscall(SYS_finit_module, fd, "", 0));
	close(fd);
}

static int64_t receive(FIXTURE_DATA(rm) *self, uint64_t va, uint64_t *size)
{
	const uint64_t args[] = { self->rx, va, 240 };
	uint64_t x[18];
	int64_t err = iso_hvc(self->raw, HC_MSGQ_RECEIVE, args, ARRAY_SIZE(args), x);

	*size = x[1];
	return err;
}

struct packet {
	uint8_t version, type;
	uint16_t seq;
	uint32_t id;
	uint8_t payload[232];
};

static void send_request(FIXTURE_DATA(rm) *self, uint32_t id, const void *payload, size_t len)
{
	struct packet p = { .version = 0x21, .type = 1, .seq = ++self->seq, .id = id };

	memcpy(p.payload, payload, len);
	gt_assert_eq(pwrite(self->raw, &p, 8 + len, 0), 8 + len);
	gt_assert_eq(ISO_HVC(self->raw, HC_MSGQ_SEND, self->tx, 8 + len, self->va, 1), 0);
}

/* RM error of a request; *@data: the word behind it.  Notifications in between are dropped */
static uint32_t call(FIXTURE_DATA(rm) *self, uint32_t id, const void *payload, size_t len,
		     uint32_t *data)
{
	struct packet p = {};
	uint32_t reply[2];
	uint64_t size;
	unsigned int tries;

	send_request(self, id, payload, len);
	for (tries = 0; tries < 1000000; tries++) {
		int64_t err = receive(self, self->va + 2048, &size);

		if (err == ERR_MSGQ_EMPTY) {
			sched_yield();
			continue;
		}
		gt_assert_eq(err, 0);
		gt_assert_eq(pread(self->raw, &p, size, 2048), size);
		if ((p.type & 3) == 2 && p.seq == self->seq && p.id == id)
			break;
	}
	gt_assert(tries < 1000000);
	memcpy(reply, p.payload, sizeof(reply));
	if (data)
		*data = reply[1];
	return reply[0];
}

FIXTURE_SETUP(rm)
{
	struct gunyah_raw_page page;
	uint32_t any = 0;
	uint64_t size;

	self->raw = __iso_open("gunyah_raw");
	self->iso = __iso_open("gunyah_iso_test");
	if (self->raw == -ENOENT)
		SKIP(return, "no gunyah_raw.ko for this kernel");
	ASSERT_GE(self->raw, 0);
	syscall(SYS_delete_module, "gunyah_qtvm", O_NONBLOCK);
	if (syscall(SYS_delete_module, "gunyah", O_NONBLOCK)) {
		close(self->raw);
		self->raw = -1;
		SKIP(return, "the driver cannot be unloaded");
	}
	self->tx = dt_be64(RM_REG, 0);
	self->rx = dt_be64(RM_REG, 1);
	self->seq = 0x7000;
	ASSERT_EQ(ioctl(self->raw, GUNYAH_RAW_PAGE, &page), 0);
	self->va = page.va;
	while (!receive(self, self->va, &size))
		;
	self->page = mmap(NULL, ISO_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
	ASSERT_NE(self->page, MAP_FAILED);
	self->page[0] = 1;
	ASSERT_EQ(call(self, RM_ALLOCATE, &any, 4, &self->vmid), 0);
}

FIXTURE_TEARDOWN(rm)
{
	if (self->raw < 0)
		return;
	EXPECT_EQ(call(self, RM_DEALLOCATE, &self->vmid, 4, NULL), 0);
	load_driver();
}

/* A parcel of one range for the guest, or for it and the host */
static uint32_t parcel(FIXTURE_DATA(rm) *self, uint32_t id, uint64_t pa, uint64_t size,
		       uint32_t *handle)
{
	bool share = id == RM_SHARE;
	uint32_t m[16] = { 0, 0, share ? 2 : 1 }, n = 3;

	m[n++] = self->vmid | 7 << 16;
	if (share)
		m[n++] = VMID_HOST | 7 << 16;
	m[n++] = 1;
	memcpy(&m[n], &pa, 8);
	memcpy(&m[n + 2], &size, 8);
	n += 4;
	m[n++] = 0;
	return call(self, id, m, 4 * n, handle);
}

static void refused(struct __test_metadata *_metadata, FIXTURE_DATA(rm) *self, uint64_t pa,
		    uint64_t size)
{
	static const uint32_t ids[] = { RM_LEND, RM_SHARE };
	unsigned int i;
	uint32_t err;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		err = parcel(self, ids[i], pa, size, NULL);
		iso_attempt(!err);
		EXPECT_NE(err, 0) TH_LOG("message %#x, %#llx + %#llx", ids[i], (long long)pa,
					 (long long)size);
	}
}

TEST_F(rm, parcels)
{
	struct iso_range stub[4];
	unsigned int i, n = iso_stub_ranges(stub, ARRAY_SIZE(stub));
	uint64_t gicr = dt_be64(GIC_REG, 2), prop, pa = iso_phys(self->page);
	uint32_t reclaim[2] = {}, handle;

	for (i = 0; i < n; i++) {
		refused(_metadata, self, stub[i].base, ISO_PAGE);
		refused(_metadata, self, stub[i].base + stub[i].size - ISO_PAGE, ISO_PAGE);
		refused(_metadata, self, stub[i].base, stub[i].size);
	}
	/* From memory of the host into the stub's */
	refused(_metadata, self, stub[n - 1].base - ISO_PAGE, 2 * ISO_PAGE);
	refused(_metadata, self, 0x40000000, 0x80000000);
	refused(_metadata, self, gicr, ISO_PAGE);
	refused(_metadata, self, 0x09000000, ISO_PAGE);
	refused(_metadata, self, 0, ISO_PAGE);
	refused(_metadata, self, 1ULL << 43, ISO_PAGE);
	refused(_metadata, self, pa, 0);
	refused(_metadata, self, pa + 8, ISO_PAGE);
	gt_assert_eq(iso_mmio_read(self->raw, gicr + 0x70, 8, &prop), 0);
	if (prop & 0xfffffffff000)
		refused(_metadata, self, prop & 0xfffffffff000, ISO_PAGE);

	/* The host's own can be lent, once */
	ASSERT_EQ(parcel(self, RM_LEND, pa, ISO_PAGE, &handle), 0);
	refused(_metadata, self, pa, ISO_PAGE);
	reclaim[0] = handle;
	EXPECT_EQ(call(self, RM_RECLAIM, reclaim, 8, NULL), 0);
	EXPECT_EQ(self->page[0], 1);
	iso_report("parcels");
}

/* A reply does not go into lent memory, and is not lost */
TEST_F(rm, reply_buffer)
{
	uint64_t pa = iso_phys(self->page), size;
	uint32_t reclaim[2] = {}, handle;
	struct packet p;
	int64_t err;

	ASSERT_EQ(parcel(self, RM_LEND, pa, ISO_PAGE, &handle), 0);
	send_request(self, RM_GET_VMID, NULL, 0);
	do {
		err = receive(self, linear_va(self->raw, pa), &size);
		iso_attempt(!err);
	} while (err == ERR_MSGQ_EMPTY);
	EXPECT_EQ(err, ERR_ADDR_INVALID);
	EXPECT_EQ(receive(self, self->va, &size), 0);
	ASSERT_EQ(pread(self->raw, &p, size, 0), size);
	EXPECT_EQ(p.id, RM_GET_VMID);
	EXPECT_EQ(p.seq, self->seq);
	reclaim[0] = handle;
	EXPECT_EQ(call(self, RM_RECLAIM, reclaim, 8, NULL), 0);
	iso_report("replies into lent memory");
}

TEST_HARNESS_MAIN
