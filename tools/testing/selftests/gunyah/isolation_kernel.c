// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lent memory and the host's CPUs: each way by which kernel or user space touches
 * it ends in an ordinary error, at all alignments, and the host lives on.
 */
#include "harness.h"

#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/futex.h>

#include "iso.h"

/* Behind image and tree; the guest writes here, so that it has the page for certain */
#define LENT_OFFSET	(GUEST_MIN_RAM - 16 * ISO_PAGE)
#define LENT_GPA	(GUEST_RAM_BASE + LENT_OFFSET)
#define SECRET		0x5ec2e75ec2e75ec2ULL

static sigjmp_buf fault_env;
static siginfo_t fault_info;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	fault_info = *info;
	siglongjmp(fault_env, sig);
}

FIXTURE(lent) {
	struct gt_vm vm;
	struct gt_vcpu *vcpu;
	int iso;
	char *page;		/* lent */
	uint64_t pa;		/* of page */
	long aborts;
	long warnings;
	char below[ISO_PAGE];
};

static void boot(struct gt_vm *vm)
{
	vm->kind = GT_LEND;
	gt_vm_create(vm);
	gt_vm_add_ram(vm);
	gt_vm_configure(vm);
}

FIXTURE_SETUP(lent)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	self->iso = __iso_open("gunyah_iso_test");
	if (self->iso == -ENOENT)
		SKIP(return, "no gunyah_iso_test.ko for this kernel");
	ASSERT_GE(self->iso, 0);
	ASSERT_EQ(sigaction(SIGBUS, &sa, NULL), 0);
	ASSERT_EQ(sigaction(SIGSEGV, &sa, NULL), 0);
	gt_vm_init(&self->vm, GUEST_command);
	self->vcpu = &self->vm.vcpu[0];
	boot(&self->vm);
	self->page = (char *)self->vm.ram + LENT_OFFSET;
	self->pa = iso_phys(self->page);
	ASSERT_NE(self->pa, 0);
	gt_vm_start(&self->vm);
	ASSERT_EQ(gt_command_result(self->vcpu, CMD_WRITE, LENT_GPA, 8, SECRET, 0), 0);
	self->aborts = gt_stub_stat("host_aborts");
	self->warnings = gt_stub_stat("warnings");
}

/* What was written is still there, and the stub has not complained */
FIXTURE_TEARDOWN(lent)
{
	if (self->iso < 0)
		return;
	EXPECT_EQ(gt_command_result(self->vcpu, CMD_READ, LENT_GPA, 8, 0, 0), SECRET);
	EXPECT_EQ(gt_stub_stat("warnings"), self->warnings);
	gt_command(self->vcpu, CMD_END, 0, 0, 0, 0);
	gt_expect_off(self->vcpu);
	gt_vm_close(&self->vm);
}

/* The stub counts an abort for each attempt; without its test interface nobody does */
static void expect_aborts(struct __test_metadata *_metadata, FIXTURE_DATA(lent) *self, long nr)
{
	if (self->aborts >= 0)
		EXPECT_GE(gt_stub_stat("host_aborts"), self->aborts + nr);
}

/* ---- the kernel, by the linear map ---- */

TEST_F(lent, linear_map_read)
{
	static const unsigned int lens[] = { 1, 2, 4, 8, 64, ISO_PAGE };
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_READ, self->pa, lens[i], &value),
			  -EFAULT);
		EXPECT_EQ(value, 0);
		EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_READ,
				     self->pa + ISO_PAGE - lens[i], lens[i], &value), -EFAULT);
		EXPECT_EQ(value, 0);
	}
	expect_aborts(_metadata, self, 2 * ARRAY_SIZE(lens));
}

TEST_F(lent, linear_map_write)
{
	uint64_t value = 0xff;

	EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_WRITE, self->pa, 1, &value), -EFAULT);
	EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_WRITE, self->pa + ISO_PAGE - 1, 1, &value),
		  -EFAULT);
	expect_aborts(_metadata, self, 2);
}

/*
 * A word that begins before the lent page: what is in front of it counts, the rest
 * is zero.  The page in front is the guest's, too, if it stands in the same region:
 * look for a neighbour that is the host's.
 */
TEST_F(lent, zeropad)
{
	uint64_t value = ~0ULL, before = 0, pa;
	unsigned int i;

	for (i = 0, pa = self->pa; i < 512; i++, pa -= ISO_PAGE)
		if (!iso_access(self->iso, GUNYAH_ISO_READ, pa - 3, 3, &before))
			break;
	if (i == 512)
		SKIP(return, "no page of the host's in front of the guest's");
	EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_ZEROPAD, pa, 8, &value), 0);
	EXPECT_EQ(value, before & 0xffffff);
	expect_aborts(_metadata, self, 1);
}

/* ---- the kernel, for user space ---- */

TEST_F(lent, uaccess)
{
	uint64_t va = (uintptr_t)self->page, value = 0;
	uint64_t end = va + ISO_PAGE;
	unsigned int i;

	/* Bytes that were not copied */
	EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_FROM_USER, va, ISO_PAGE, NULL), ISO_PAGE);
	EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_TO_USER, va, ISO_PAGE, NULL), ISO_PAGE);
	EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_CLEAR_USER, va, ISO_PAGE, NULL), ISO_PAGE);
	EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_STRING, va, ISO_PAGE, NULL), 0);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_GET_USER, va + i, 8, &value), -EFAULT);
		EXPECT_EQ(value, 0);
		EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_PUT_USER, end - 8 - i, 8, &value),
			  -EFAULT);
		EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_FROM_USER, va + i, 1 + i, NULL),
			  1 + i);
		EXPECT_EQ(iso_access(self->iso, GUNYAH_ISO_TO_USER, end - 1 - i, 1 + i, NULL),
			  1 + i);
	}
	expect_aborts(_metadata, self, 4 + 4 * 8);
}

/*
 * Only the operations that read by get_user().  Those that write fault the page in
 * and try again, for ever where a page is mapped and yet cannot be touched: that is
 * the kernel's, and guest memory files, which are not mapped, do not have it.
 */
TEST_F(lent, futex)
{
	const struct timespec soon = { .tv_nsec = 1000 };

	EXPECT_EQ(gt_errno(syscall(SYS_futex, self->page, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0)),
		  -EFAULT);
	EXPECT_EQ(gt_errno(syscall(SYS_futex, self->page, FUTEX_WAIT, 0, &soon, NULL, 0)),
		  -EFAULT);
	EXPECT_EQ(gt_errno(syscall(SYS_futex, self->page, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1,
				   (char *)self->page + 64, 0)), -EFAULT);
	expect_aborts(_metadata, self, 3);
}

/* ---- user space ---- */

enum way { READ_BYTE, READ_UNALIGNED, READ_PAIR, READ_VECTOR, WRITE_BYTE, WRITE_PAIR,
	   ATOMIC_ADD, CACHE_ZERO, CACHE_CLEAN, NR_WAYS };

static void user_access(enum way way, char *p)
{
	uint64_t a = 0, b = 0;

	switch (way) {
	case READ_BYTE:
		asm volatile("ldrb %w0, [%1]" : "=r"(a) : "r"(p));
		break;
	case READ_UNALIGNED:
		asm volatile("ldur %0, [%1, #3]" : "=r"(a) : "r"(p));
		break;
	case READ_PAIR:
		asm volatile("ldp %0, %1, [%2]" : "=&r"(a), "=r"(b) : "r"(p));
		break;
	case READ_VECTOR:
		asm volatile("ld1 {v0.16b-v3.16b}, [%0]" :: "r"(p) : "v0", "v1", "v2", "v3");
		break;
	case WRITE_BYTE:
		asm volatile("strb wzr, [%0]" :: "r"(p) : "memory");
		break;
	case WRITE_PAIR:
		asm volatile("stp xzr, xzr, [%0, #-8]!" : "+r"(p) :: "memory");
		break;
	case ATOMIC_ADD:
		__atomic_fetch_add((uint64_t *)p, 1, __ATOMIC_SEQ_CST);
		break;
	case CACHE_ZERO:
		asm volatile("dc zva, %0" :: "r"(p) : "memory");
		break;
	case CACHE_CLEAN:
		asm volatile("dc cvac, %0" :: "r"(p) : "memory");
		break;
	default:
		break;
	}
}

static int fault_of(enum way way, char *p)
{
	int sig = sigsetjmp(fault_env, 1);

	if (!sig)
		user_access(way, p);
	return sig;
}

TEST_F(lent, user_data)
{
	static const unsigned int at[] = { 0, 8, 1024, ISO_PAGE - 64 };
	unsigned int i, way;

	for (way = 0; way < NR_WAYS; way++) {
		for (i = 0; i < ARRAY_SIZE(at); i++) {
			/* QEMU does nothing for a clean, and may see no fault */
			if (way == CACHE_CLEAN) {
				fault_of(way, self->page + at[i]);
				continue;
			}
			EXPECT_EQ(fault_of(way, self->page + at[i]), SIGBUS)
				TH_LOG("way %u at %u", way, at[i]);
			EXPECT_EQ((uintptr_t)fault_info.si_addr & ~63,
				  ((uintptr_t)self->page + at[i] - (way == WRITE_PAIR ? 8 : 0)) &
				  ~63) TH_LOG("way %u at %u", way, at[i]);
		}
	}
	expect_aborts(_metadata, self, (NR_WAYS - 1) * ARRAY_SIZE(at));
}

TEST_F(lent, user_exec)
{
	char *code = self->page + 512;
	int sig;

	ASSERT_EQ(mprotect(self->page, ISO_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC), 0);
	sig = sigsetjmp(fault_env, 1);
	if (!sig) {
		/* Comes back by the signal, or not at all */
		asm volatile("blr %0" :: "r"(code) : "x30", "memory");
		sig = -1;
	}
	EXPECT_EQ(sig, SIGBUS);
	EXPECT_EQ((char *)fault_info.si_addr, code);
	expect_aborts(_metadata, self, 1);
}

/* ---- a 32 bit program ---- */

/* What the program does with its page, in A32 */
static const struct {
	const char *name;
	uint32_t insn;
} ways32[] = {
	{ "ldr", 0xe5901000 },		/* ldr r1, [r0] */
	{ "str", 0xe5801000 },
	{ "ldrb", 0xe5d01fff },		/* ldrb r1, [r0, #4095] */
	{ "ldm", 0xe890000e },		/* ldmia r0, {r1-r3} */
	{ "stm", 0xe880000e },
	{ "ldrd", 0xe1c020d0 },		/* ldrd r2, r3, [r0] */
	{ "ldr unaligned", 0xe5901001 },
	{ "ldrex", 0xe1901f9f },
	{ "bx", 0xe12fff30 },		/* blx r0 */
};

#define FD32	100

/* Maps a page of FD32, touches it, exits with 7; static, a single segment */
static int program32(uint32_t insn)
{
	const uint32_t code[] = {
		0xe3a00000,	/* mov r0, #0 */
		0xe3a01a01,	/* mov r1, #4096 */
		0xe3a02007,	/* mov r2, #PROT_READ | PROT_WRITE | PROT_EXEC */
		0xe3a03001,	/* mov r3, #MAP_SHARED */
		0xe3a04000 | FD32,
		0xe3a05000,	/* mov r5, #0 */
		0xe3a070c0,	/* mov r7, #192: mmap2 */
		0xef000000,	/* svc 0 */
		insn,
		0xe3a00007,	/* mov r0, #7 */
		0xe3a07001,	/* mov r7, #1: exit */
		0xef000000,
	};
	struct {
		Elf32_Ehdr eh;
		Elf32_Phdr ph;
		uint32_t code[ARRAY_SIZE(code)];
	} file = {
		.eh = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB,
				     EV_CURRENT },
			.e_type = ET_EXEC, .e_machine = EM_ARM, .e_version = EV_CURRENT,
			.e_entry = 0x10000 + sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr),
			.e_phoff = sizeof(Elf32_Ehdr), .e_flags = 0x05000000,
			.e_ehsize = sizeof(Elf32_Ehdr), .e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 1,
		},
		.ph = {
			.p_type = PT_LOAD, .p_vaddr = 0x10000, .p_paddr = 0x10000,
			.p_filesz = sizeof(file), .p_memsz = sizeof(file),
			.p_flags = PF_R | PF_X, .p_align = 4096,
		},
	};
	int fd = memfd_create("program32", 0);

	memcpy(file.code, code, sizeof(code));
	gt_assert(fd >= 0);
	gt_assert_eq(write(fd, &file, sizeof(file)), sizeof(file));
	return fd;
}

/* Wait status of the program with @mem as its FD32; ENOEXEC: exit status 126 */
static int run32(uint32_t insn, int mem)
{
	char *const none[] = { NULL };
	int status, fd = program32(insn);
	pid_t pid = fork();

	gt_assert(pid >= 0);
	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		dup2(mem, FD32);
		syscall(SYS_execveat, fd, "", none, none, AT_EMPTY_PATH);
		_exit(126);
	}
	close(fd);
	gt_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* Memory that another program can map: a file in memory */
static int alloc_shared(struct gt_vm *vm)
{
	int fd = memfd_create("ram", MFD_CLOEXEC);

	gt_assert(fd >= 0 && !ftruncate(fd, vm->ram_size));
	vm->ram = mmap(NULL, vm->ram_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	gt_assert(vm->ram != MAP_FAILED);
	gt_assert(!madvise(vm->ram, vm->ram_size, MADV_DONTFORK));
	memset(vm->ram, 0, vm->ram_size);
	return fd;
}

TEST(aarch32)
{
	const uint32_t bx_lr = 0xe12fff1e;
	struct gt_vm vm;
	unsigned int i;
	int mem, own, status;

	own = memfd_create("own", MFD_CLOEXEC);
	ASSERT_EQ(ftruncate(own, ISO_PAGE), 0);
	ASSERT_EQ(pwrite(own, &bx_lr, 4, 0), 4);
	status = run32(ways32[0].insn, own);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 126)
		SKIP(return, "no 32 bit programs on this machine");
	for (i = 0; i < ARRAY_SIZE(ways32); i++) {
		ASSERT_EQ(pwrite(own, &bx_lr, 4, 0), 4);
		status = run32(ways32[i].insn, own);
		EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7)
			TH_LOG("%s on own memory: %#x", ways32[i].name, status);
	}

	gt_vm_init(&vm, GUEST_command);
	mem = alloc_shared(&vm);
	boot(&vm);
	gt_vm_start(&vm);
	/* The program's page is the first of the file: the guest's image, which runs */
	ASSERT_EQ(gt_command_result(&vm.vcpu[0], CMD_READ, GUEST_RAM_BASE + MAILBOX_OFFSET, 8, 0,
				    0), GUEST_MAGIC);
	for (i = 0; i < ARRAY_SIZE(ways32); i++) {
		status = run32(ways32[i].insn, mem);
		EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS)
			TH_LOG("%s on lent memory: %#x", ways32[i].name, status);
	}
	ASSERT_EQ(gt_command_result(&vm.vcpu[0], CMD_READ, GUEST_RAM_BASE + MAILBOX_OFFSET, 8, 0,
				    0), GUEST_MAGIC);
	gt_vm_close(&vm);
}

TEST_HARNESS_MAIN
