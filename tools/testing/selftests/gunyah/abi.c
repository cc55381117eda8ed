// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers and layouts of the user-space ABI.  Most of them the compiler has checked when
 * this program exists, see abi_pins.h; what is left is how the header puts words together.
 */
#include "harness.h"
#include "abi_pins.h"

struct word {
	const char *name;
	unsigned long value;
	unsigned int type, nr, size, dir;
};

#define WORD(name, type, nr, size, dir) { #name, GUNYAH_##name, type, nr, size, dir }

/* Type, number, size of the argument and direction, as uapi 1 lists them */
static const struct word words[] = {
	WORD(CREATE_VM, 0x47, 0x0, 0, 0),
	WORD(VM_SET_USER_MEM_REGION, 0x47, 0x1, 32, _IOC_WRITE),
	WORD(VM_SET_DTB_CONFIG, 0x47, 0x2, 16, _IOC_WRITE),
	WORD(VM_START, 0x47, 0x3, 0, 0),
	WORD(VM_ADD_FUNCTION, 0x47, 0x4, 16, _IOC_WRITE),
	WORD(VCPU_RUN, 0x47, 0x5, 0, 0),
	WORD(VCPU_MMAP_SIZE, 0x47, 0x6, 0, 0),
	WORD(VM_REMOVE_FUNCTION, 0x47, 0x7, 16, _IOC_WRITE),
	WORD(CREATE_GUEST_MEM, 0x47, 0x8, 64, _IOC_WRITE),
	WORD(VM_MAP_MEM, 0x47, 0x9, 32, _IOC_WRITE),
	WORD(VM_SET_BOOT_CONTEXT, 0x47, 0xa, 16, _IOC_WRITE),
	WORD(ANDROID_TENTATIVE_UAPI, 0x41, 0x10, 0, 0),
	WORD(VM_ANDROID_LEND_USER_MEM, 0x41, 0x11, 32, _IOC_WRITE),
	WORD(VM_ANDROID_SET_FW_CONFIG, 0x41, 0x12, 16, _IOC_WRITE),
	WORD(VM_RECLAIM_REGION, 0x41, 0x13, 16, _IOC_WRITE),
	WORD(ANDROID_CREATE_CMA_MEM_FD, 0x41, 0x14, 0, 0),
	WORD(VM_ANDROID_MAP_CMA_MEM, 0x41, 0x15, 40, _IOC_WRITE),
	WORD(VM_ANDROID_SET_AUTH_TYPE, 0x41, 0x16, 16, _IOC_WRITE),
	WORD(VM_CHECK_EXTENSION, 0x41, 0x17, 0, 0),
	WORD(VM_SHARE_WINDOW, 0x47, 0x20, 64, _IOC_WRITE | _IOC_READ),
	WORD(VM_UNSHARE_WINDOW, 0x47, 0x21, 16, _IOC_WRITE),
	WORD(QUERY, 0x47, 0x22, 0, 0),
	WORD(VM_GET_INFO, 0x47, 0x23, 80, _IOC_READ),
	WORD(VCPU_SET_REG, 0x47, 0x24, 16, _IOC_WRITE),
};

TEST(ioctl_words)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		const struct word *w = &words[i];

		EXPECT_EQ(_IOC_TYPE(w->value), w->type)
			TH_LOG("%s: type", w->name);
		EXPECT_EQ(_IOC_NR(w->value), w->nr)
			TH_LOG("%s: number", w->name);
		EXPECT_EQ(_IOC_SIZE(w->value), w->size)
			TH_LOG("%s: size", w->name);
		EXPECT_EQ(_IOC_DIR(w->value), w->dir)
			TH_LOG("%s: direction", w->name);
	}
}

/* No number means two things, on any descriptor */
TEST(ioctl_words_differ)
{
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		for (k = 0; k < i; k++)
			EXPECT_TRUE(words[i].type != words[k].type || words[i].nr != words[k].nr)
				TH_LOG("%s, %s", words[i].name, words[k].name);
	}
}

/* (set << 8) | index (uapi 2.5), whatever expressions are given */
TEST(boot_context_words)
{
	unsigned int set = 1, index = 1;

	EXPECT_EQ(GUNYAH_VM_BOOT_CONTEXT_REG(set | 2, index + 1), 0x302);
}

TEST_HARNESS_MAIN
