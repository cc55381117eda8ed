/* SPDX-License-Identifier: GPL-2.0-only */
/* A VM on a model of the Resource Manager, whose memory is a number. */
#ifndef _GUNYAH_TESTS_VM_FIXTURE_H
#define _GUNYAH_TESTS_VM_FIXTURE_H

#include "../vm.h"
#include "model_rm.h"

#define RAM_GFN		(0x80000000ULL >> PAGE_SHIFT)
#define RAM_PAGES	64

struct vm_test {
	struct kunit *test;
	struct model_rm model;
	struct gunyah_rm *rm;
	struct gunyah_vm *vm;
	int released;
	s64 populated;
	long lost;
};

/* Of the suite: puts a struct vm_test into test->priv */
int vm_test_init(struct kunit *test);
void vm_test_exit(struct kunit *test);

/* A VM with RAM_PAGES of lent memory at RAM_GFN, and a device tree in its second page */
void vm_test_setup(struct vm_test *t);
/* The same with an RM that pages on demand, and two shared ranges more */
void vm_test_paged_setup(struct vm_test *t);
void vm_test_add_range(struct vm_test *t, u64 gfn, u64 nr, u32 label, enum gunyah_mem_kind kind);
void vm_test_set_dtb(struct vm_test *t, u64 gfn);
/* The end of a VM, and how many pages it lost */
void vm_test_put(struct vm_test *t);
/* Everything has come back, and the RM lives */
void vm_test_expect_nothing_left(struct kunit *test);

#endif
