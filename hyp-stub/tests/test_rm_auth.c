// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Images that the platform answers for: AUTH_IMAGE and its parameters, what the metadata
 * has to look like, a VM with a VMID of its own from beginning to end.
 */
#include <elf.h>
#include <string.h>

#include "tests/rm_auth_env.h"

static const struct rm_config production = { .production = true };
static const struct rm_config paging = { .production = true, .demand_paging = true };
static const struct rm_config open_profile = { 0 };
static const struct rm_config debug = { .debug = true };

#define ROOM		(RM_ENV_SIZE - IMAGE_AT)	/* from the image to the parcel's end */
#define ENTRY		(GUNYAH_RM_AUTH_METADATA_SIZE + 64)
#define FIXED_VMID	28

static u8 *image(void)
{
	return arch_pa_to_va(RM_ENV_PARCEL + IMAGE_AT);
}

static Elf64_Ehdr *head(void)
{
	return (Elf64_Ehdr *)image();
}

static Elf64_Phdr *segment(unsigned int i)
{
	return (Elf64_Phdr *)(image() + head()->e_phoff) + i;
}

/* Metadata, then code; a note that says nothing in front of the code's segment */
static void make_image(void)
{
	memset(image(), 0x33, GUNYAH_RM_AUTH_METADATA_SIZE + PAGE_SIZE);
	*head() = (Elf64_Ehdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_AARCH64, .e_version = EV_CURRENT,
		.e_entry = ENTRY, .e_phoff = sizeof(Elf64_Ehdr), .e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2,
	};
	*segment(0) = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = ~0ULL, .p_filesz = ~0ULL };
	*segment(1) = (Elf64_Phdr){
		.p_type = PT_LOAD, .p_flags = PF_R | PF_X,
		.p_offset = GUNYAH_RM_AUTH_METADATA_SIZE, .p_paddr = GUNYAH_RM_AUTH_METADATA_SIZE,
		.p_filesz = PAGE_SIZE, .p_memsz = PAGE_SIZE,
	};
}

static u32 authenticate_n(u16 count, const u32 *words, unsigned int nr_words)
{
	u32 req[9] = { auth_vmid | (u32)count << 16 };

	memcpy(req + 1, words, nr_words * sizeof(u32));
	return rm_env_call(GUNYAH_RM_VM_AUTH_IMAGE, req, (1 + nr_words) * sizeof(u32), NULL, 0,
			   NULL);
}

static u32 authenticate(void)
{
	const u32 words[] = { GUNYAH_RM_AUTH_PARAM_PAS_ID, 28 };

	return authenticate_n(1, words, 2);
}

/* A VM in AUTH; @edit spoils the image, or does not */
static void begin(const struct rm_config *cfg, void (*edit)(void))
{
	auth_begin(cfg, FIXED_VMID);
	make_image();
	if (edit)
		edit();
	auth_hand_over(false);
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_PLATFORM, IMAGE_AT, GUNYAH_RM_AUTH_METADATA_SIZE), 0);
	EXPECT_EQ(rm_env_state(FIXED_VMID), GUNYAH_RM_VM_STATE_AUTH);
}

TEST(from_beginning_to_end)
{
	static const struct rm_config *const profiles[] = { &production, &paging };

	for (unsigned int i = 0; i < ARRAY_SIZE(profiles); i++) {
		begin(profiles[i], NULL);
		EXPECT_EQ(authenticate(), 0);
		EXPECT_EQ(rm_env_state(FIXED_VMID), GUNYAH_RM_VM_STATE_INIT);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
		EXPECT(auth_mapped(BASE + IMAGE_AT, RM_ENV_PARCEL + IMAGE_AT));
		EXPECT_EQ(auth_boot_vcpu()->regs.pc, BASE + IMAGE_AT + ENTRY);
		EXPECT_EQ(auth_boot_vcpu()->regs.x[0], BASE + RM_ENV_DTB_OFF);
		EXPECT_EQ(auth_boot_vcpu()->regs.x[1] | auth_boot_vcpu()->regs.x[2], 0);
		/* It is what was authenticated, until it comes back */
		EXPECT_EQ(image()[ENTRY] & image()[GUNYAH_RM_AUTH_METADATA_SIZE - 1], 0x33);
		auth_end();
		EXPECT_EQ(image()[ENTRY] | image()[GUNYAH_RM_AUTH_METADATA_SIZE - 1], 0);
	}
}

/* The host does not choose where an authentic image begins */
TEST(no_boot_context)
{
	u64 req[2] = { FIXED_VMID | GUNYAH_REGSET_PC << 16, BASE };

	begin(&production, NULL);
	EXPECT_EQ(authenticate() + auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_SET_BOOT_CONTEXT, req, sizeof(req), NULL, 0, NULL),
		  GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
	EXPECT_EQ(auth_boot_vcpu()->regs.pc, BASE + IMAGE_AT + ENTRY);
	auth_end();
}

TEST(parameters)
{
	static const struct {
		u16 count;
		u8 nr_words;
		u32 words[4];
		u32 error;
	} cases[] = {
		{ 0, 0, { 0 }, GUNYAH_RM_ERR_DENIED },
		{ 1, 2, { GUNYAH_RM_AUTH_PARAM_PAS_ID + 1, 28 }, GUNYAH_RM_ERR_DENIED },
		{ 2, 4, { GUNYAH_RM_AUTH_PARAM_PAS_ID, 28, GUNYAH_RM_AUTH_PARAM_PAS_ID, 28 },
		  GUNYAH_RM_ERR_DENIED },
		/* Of a wrong length it is no message at all, and changes nothing */
		{ 1, 0, { 0 }, GUNYAH_RM_ERR_MSG_INVALID },
		{ 1, 1, { 0 }, GUNYAH_RM_ERR_MSG_INVALID },
		{ 1, 3, { 0 }, GUNYAH_RM_ERR_MSG_INVALID },
		{ 0x8001, 2, { 0 }, GUNYAH_RM_ERR_MSG_INVALID },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		bool denied = cases[i].error == GUNYAH_RM_ERR_DENIED;

		test_context("case %u", i);
		begin(&production, NULL);
		EXPECT_EQ(authenticate_n(cases[i].count, cases[i].words, cases[i].nr_words),
			  cases[i].error);
		EXPECT_EQ(rm_env_state(FIXED_VMID), denied ? GUNYAH_RM_VM_STATE_INIT_FAILED :
							     GUNYAH_RM_VM_STATE_AUTH);
		if (!denied)
			EXPECT_EQ(authenticate(), 0);
		else
			EXPECT_EQ(authenticate(), GUNYAH_RM_ERR_VM_STATE);
		auth_end();
	}
	test_context("%s", "");
}

/* --- metadata --- */

#define EDIT(name, code) static void name(void) { code; }

EDIT(magic, head()->e_ident[EI_MAG3] = 'G')
EDIT(class32, head()->e_ident[EI_CLASS] = ELFCLASS32)
EDIT(big_endian, head()->e_ident[EI_DATA] = ELFDATA2MSB)
EDIT(ident_version, head()->e_ident[EI_VERSION] = 2)
EDIT(version, head()->e_version = 2)
EDIT(relocatable, head()->e_type = ET_REL)
EDIT(machine, head()->e_machine = EM_ARM)
EDIT(no_segments, head()->e_phnum = 0)
EDIT(small_segments, head()->e_phentsize = 32)
EDIT(headers_outside, head()->e_phoff = GUNYAH_RM_AUTH_METADATA_SIZE - sizeof(Elf64_Phdr))
EDIT(headers_nowhere, head()->e_phoff = ~0ULL - sizeof(Elf64_Phdr))
EDIT(too_many, head()->e_phnum = 0xffff)
EDIT(nothing_to_load, segment(1)->p_type = PT_NOTE)
EDIT(odd_entry, head()->e_entry++)
EDIT(entry_below, head()->e_entry = GUNYAH_RM_AUTH_METADATA_SIZE - 4)
EDIT(entry_behind, head()->e_entry = GUNYAH_RM_AUTH_METADATA_SIZE + PAGE_SIZE)
EDIT(entry_in_data, segment(1)->p_flags = PF_R | PF_W)
EDIT(more_in_file, segment(1)->p_memsz = PAGE_SIZE - 1)
EDIT(file_outside, segment(1)->p_offset = ROOM - PAGE_SIZE + 1)
EDIT(file_nowhere, segment(1)->p_offset = ~0ULL)
EDIT(memory_outside, segment(1)->p_memsz = ROOM - GUNYAH_RM_AUTH_METADATA_SIZE + 1)
EDIT(memory_nowhere, segment(1)->p_memsz = ~0ULL)
EDIT(address_nowhere, segment(1)->p_paddr = ~0ULL)

EDIT(fine, (void)0)
EDIT(last_entry, head()->e_entry = GUNYAH_RM_AUTH_METADATA_SIZE + PAGE_SIZE - 4)
EDIT(all_the_room, segment(1)->p_memsz = ROOM - GUNYAH_RM_AUTH_METADATA_SIZE)
EDIT(last_in_file, segment(1)->p_offset = ROOM - PAGE_SIZE)

/* As far behind as the metadata go */
static void last_headers(void)
{
	Elf64_Phdr old[2];

	memcpy(old, segment(0), sizeof(old));
	head()->e_phoff = GUNYAH_RM_AUTH_METADATA_SIZE - sizeof(old);
	memcpy(segment(0), old, sizeof(old));
}

static void try_image(void (*edit)(void), bool good)
{
	u32 error = good ? 0 : GUNYAH_RM_ERR_DENIED;

	begin(&production, edit);
	EXPECT_EQ(authenticate(), error);
	EXPECT_EQ(rm_env_state(FIXED_VMID), good ? GUNYAH_RM_VM_STATE_INIT :
						   GUNYAH_RM_VM_STATE_INIT_FAILED);
	if (!good)
		EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), GUNYAH_RM_ERR_VM_STATE);
	auth_end();
}

TEST(metadata_that_are_taken)
{
	static void (*const edits[])(void) = { fine, last_entry, all_the_room, last_in_file,
					       last_headers };

	for (unsigned int i = 0; i < ARRAY_SIZE(edits); i++) {
		test_context("case %u", i);
		try_image(edits[i], true);
	}
	test_context("%s", "");
}

TEST(metadata_that_are_not)
{
	static void (*const edits[])(void) = {
		magic, class32, big_endian, ident_version, version, relocatable, machine,
		no_segments, small_segments, headers_outside, headers_nowhere, too_many,
		nothing_to_load, odd_entry, entry_below, entry_behind, entry_in_data, more_in_file,
		file_outside, file_nowhere, memory_outside, memory_nowhere, address_nowhere,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(edits); i++) {
		test_context("case %u", i);
		try_image(edits[i], false);
	}
	test_context("%s", "");
}

TEST(size_of_the_metadata)
{
	static const u64 sizes[] = { 0, GUNYAH_RM_AUTH_METADATA_SIZE - 1,
				     GUNYAH_RM_AUTH_METADATA_SIZE + 1, ROOM };

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		auth_begin(&production, FIXED_VMID);
		make_image();
		auth_hand_over(false);
		EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_PLATFORM, IMAGE_AT, sizes[i]), 0);
		EXPECT_EQ(authenticate(), GUNYAH_RM_ERR_DENIED);
		auth_end();
	}
}

TEST(parcel_taken_back)
{
	begin(&production, NULL);
	EXPECT_EQ(rm_env_reclaim(auth_image), 0);
	EXPECT_EQ(authenticate(), GUNYAH_RM_ERR_DENIED);
	auth_hand_over(false);
	auth_end();

	/* Another one in its place is not what was looked at */
	begin(&production, NULL);
	EXPECT_EQ(authenticate() + auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(rm_env_reclaim(auth_image), 0);
	auth_hand_over(false);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), GUNYAH_RM_ERR_NORESOURCE);
	auth_end();
}

/* The host could change it afterwards */
TEST(shared_image)
{
	auth_begin(&production, FIXED_VMID);
	make_image();
	auth_hand_over(true);
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_PLATFORM, IMAGE_AT, GUNYAH_RM_AUTH_METADATA_SIZE), 0);
	EXPECT_EQ(authenticate() + auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), GUNYAH_RM_ERR_NORESOURCE);
	auth_end();
}

/* Recorded: qemu's platform refuses everything, its debug build takes everything */
TEST(open_profile_and_debug)
{
	const u32 words[] = { 1, 2 };

	begin(&open_profile, NULL);
	EXPECT_EQ(authenticate(), GUNYAH_RM_ERR_DENIED);
	auth_end();
	begin(&debug, magic);
	EXPECT_EQ(authenticate_n(1, words, 2), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
	EXPECT_EQ(auth_boot_vcpu()->regs.pc, BASE + IMAGE_AT);
	auth_end();
}

/* A second configuration has its own entry */
TEST(second_life)
{
	begin(&production, NULL);
	EXPECT_EQ(authenticate() + auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_RESET), 0);
	EXPECT_EQ(auth_config(GUNYAH_RM_AUTH_NONE, IMAGE_AT, PAGE_SIZE), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_INIT) + auth_vmid_call(GUNYAH_RM_VM_START), 0);
	EXPECT_EQ(auth_boot_vcpu()->regs.pc, BASE + IMAGE_AT);
	auth_end();
}

/* --- a VMID that was asked for --- */

static u32 allocate(u16 vmid, size_t *len)
{
	u16 req[2] = { vmid, 0 };

	return rm_env_call(GUNYAH_RM_VM_ALLOCATE, req, sizeof(req), NULL, 0, len);
}

TEST(fixed_vmids)
{
	size_t len = 1;

	rm_env_init(&production);
	for (u16 vmid = 4; vmid < 32; vmid++) {
		EXPECT_EQ(allocate(vmid, &len), 0);
		EXPECT_EQ(len, 0);
		EXPECT_EQ(allocate(vmid, NULL), GUNYAH_RM_ERR_NORESOURCE);
		EXPECT_EQ(rm_env_state(vmid), GUNYAH_RM_VM_STATE_LOAD);
	}
	for (u16 vmid = 4; vmid < 32; vmid++) {
		EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, vmid), 0);
		EXPECT_EQ(allocate(vmid, NULL), 0);
	}
	EXPECT_EQ(allocate(32, NULL), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(allocate(3, NULL), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(allocate(0x80, NULL), GUNYAH_RM_ERR_NORESOURCE);
}

/* Doorbells of base.dtb: label 1 to the guest, 2 from it; one vCPU */
TEST(resources_of_a_fixed_vmid)
{
	static const u8 types[] = { GUNYAH_RESOURCE_VCPU, GUNYAH_RESOURCE_BELL_TX,
				    GUNYAH_RESOURCE_BELL_RX };
	u16 req[2] = { FIXED_VMID, 0 };
	struct gunyah_rm_hyp_resource entry[3];
	u8 out[4 + sizeof(entry)];
	void *object;
	size_t len;

	begin(&production, NULL);
	EXPECT_EQ(authenticate() + auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_GET_HYP_RESOURCES, req, sizeof(req), out, sizeof(out),
			      &len), 0);
	ASSERT(len == sizeof(out));
	memcpy(entry, out + 4, sizeof(entry));
	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++) {
		EXPECT_EQ(entry[i].type, types[i]);
		EXPECT_EQ(entry[i].partner_vmid, i ? FIXED_VMID : 0);
		EXPECT_EQ(entry[i].label, i);
	}
	EXPECT_EQ(cspace_lookup(&host_cspace, entry[1].capid_low, CAP_DOORBELL,
				GUNYAH_RIGHT_DOORBELL_SEND, &object), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
	auth_end();
}

/* Each notification so far, by its kind and the VMID in it */
static u32 next_status(void)
{
	struct rm_packet packet;
	struct gunyah_rm_vm_status status;
	u32 id;

	if (!rm_env_receive(&packet))
		return 0;
	memcpy(&id, packet.data + 4, sizeof(id));
	memcpy(&status, packet.data + 8, sizeof(status));
	EXPECT_EQ(id, GUNYAH_RM_NOTIF_VM_STATUS);
	return (u32)status.vmid << 8 | status.vm_state;
}

TEST(notifications_of_a_fixed_vmid)
{
	struct vm_halt_info off = { .why = VM_HALT_OFF };
	struct gunyah_rm_vm_exited exited;
	struct rm_packet packet;

	begin(&production, NULL);
	EXPECT_EQ(authenticate() + auth_vmid_call(GUNYAH_RM_VM_INIT), 0);
	EXPECT_EQ(auth_vmid_call(GUNYAH_RM_VM_START), 0);
	rm_env_drain();
	vm_halted(rm_vm_find(FIXED_VMID)->vm, &off);
	rm_poll();
	EXPECT_EQ(next_status(), FIXED_VMID << 8 | GUNYAH_RM_VM_STATE_EXITED);
	ASSERT(rm_env_receive(&packet));
	memcpy(&exited, packet.data + 8, sizeof(exited));
	EXPECT_EQ(exited.vmid, FIXED_VMID);
	EXPECT_EQ(exited.exit_type, GUNYAH_RM_EXIT_PSCI_OFF);
	auth_end();
}
