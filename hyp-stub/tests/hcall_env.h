/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What hypercalls are made on in the tests: a host with the RM's two queues, a VM
 * with a vCPU and doorbells both ways, and a stage 1 of the caller.
 */
#ifndef STUB_TESTS_HCALL_ENV_H
#define STUB_TESTS_HCALL_ENV_H

#include "hcall/hcall.h"
#include "obj/msgq.h"
#include "obj/vm.h"
#include "tests/test.h"

/* Capabilities of the host, in the order of the recordings */
#define CAP_RM_TX	0
#define CAP_RM_RX	1
#define CAP_OTHER	2	/* of a type that no call here takes */
#define CAP_THE_VCPU	3
#define CAP_BELL_TX	4
#define CAP_BELL_RX	5
#define CAP_BELL_TX_SCC	6	/* source-can-clear */

/* Host virtual addresses: a page each, nothing around it */
#define VA_RX		0xffff80007ab2f000ULL
#define VA_TX		0xffff80007ab30000ULL
#define VA_READ_ONLY	0xffff80007ab54000ULL
#define VA_LAST_PAGE	0xffff800082b35000ULL	/* of a mapping */
#define VA_USER		0xffffd0b15000ULL
#define VA_PAIR		0xffff900000000000ULL	/* two pages, not adjacent physically */
#define VA_DEVICE	0xffffa00000000000ULL	/* no memory of the host */
#define VA_STUB		0xffffa00000010000ULL	/* no memory of the host */

extern struct msgq env_tx, env_rx;
extern struct vm *env_vm;
extern const struct hcall_caller env_host;
extern struct hcall_caller env_guest;

void env_init(void);
/* The queues only, as before a VM exists; then the rest */
void env_add_vm(void);
/* Pages of the host that nothing else in the tests uses, on a 2 MiB boundary */
#define ENV_FREE	(FAKE_RAM_BASE + 9 * SZ_2M)
#define ENV_FREE_SIZE	(7 * SZ_2M)
/* What the host may touch, by its own tables */
bool env_host_maps(u64 pa);
/* The memory behind a virtual address */
void *env_mem(u64 va);

#endif
