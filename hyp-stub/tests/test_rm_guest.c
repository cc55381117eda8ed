// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Guests that talk to the RM: their channel, who they are, hostile ones, their end. */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "tests/rm_guest_env.h"

static const struct rm_config open_debug = { .debug = true };
static const struct rm_config paging = { .production = true, .demand_paging = true };

/* --- the channel --- */

TEST(channel_in_the_guests_tree)
{
	const fdt64_t *reg;
	const fdt32_t *irqs;
	char path[64];
	int node, len;

	guest_run(&open_debug, true);
	snprintf(path, sizeof(path), "/hypervisor/qcom,resource-manager-rpc@%llx",
		 (unsigned long long)guest_vm()->link.rx_cap);
	node = fdt_path_offset(guest_tree(), path);
	EXPECT(node > 0);
	EXPECT_EQ(fdt_node_check_compatible(guest_tree(), node, "gunyah-resource-manager"), 0);
	EXPECT_EQ(fdt_node_check_compatible(guest_tree(), node, "qcom,resource-manager"), 0);
	EXPECT_EQ(fdt_node_check_compatible(guest_tree(), node, "qcom,gunyah-message-queue"), 0);
	reg = fdt_getprop(guest_tree(), node, "reg", &len);
	ASSERT(reg && len == 16);
	EXPECT_EQ(fdt64_ld(reg), guest_vm()->link.tx_cap);
	EXPECT_EQ(fdt64_ld(reg + 1), guest_vm()->link.rx_cap);
	irqs = fdt_getprop(guest_tree(), node, "interrupts", &len);
	ASSERT(irqs && len == 24);
	EXPECT_EQ(fdt32_ld(irqs + 1) + 32, guest_vm()->link.tx_spi);
	EXPECT_EQ(fdt32_ld(irqs + 4) + 32, guest_vm()->link.rx_spi);
	EXPECT(guest_vm()->link.tx_spi != guest_vm()->link.rx_spi);
	guest_end();
}

static void fixed_irqs(void *fdt, int node)
{
	const u32 cells[] = { 0, 40, 1, 0, 41, 1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(cells); i++)
		fdt_appendprop_u32(fdt, node, "interrupts", cells[i]);
}

/* Doorbell 1 of base.dtb has SPI 5 */
static void taken_irq(void *fdt, int node)
{
	const u32 cells[] = { 0, 40, 1, 0, 5, 1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(cells); i++)
		fdt_appendprop_u32(fdt, node, "interrupts", cells[i]);
}

static void same_irq(void *fdt, int node)
{
	const u32 cells[] = { 0, 40, 1, 0, 40, 1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(cells); i++)
		fdt_appendprop_u32(fdt, node, "interrupts", cells[i]);
}

static void a_ppi(void *fdt, int node)
{
	const u32 cells[] = { 1, 4, 1, 0, 40, 1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(cells); i++)
		fdt_appendprop_u32(fdt, node, "interrupts", cells[i]);
}

static void one_irq(void *fdt, int node)
{
	const u32 cells[] = { 0, 40, 1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(cells); i++)
		fdt_appendprop_u32(fdt, node, "interrupts", cells[i]);
}

static void no_generate(void *fdt, int node)
{
	fdt_delprop(fdt, node, "generate");
}

static void deep_queue(void *fdt, int node)
{
	fdt_setprop_u32(fdt, node, "queue-depth", 9);
}

static void two_channels(void *fdt, int node)
{
	node = fdt_add_subnode(fdt, fdt_parent_offset(fdt, node), "rm2");
	fdt_setprop_string(fdt, node, "vdevice-type", "rm-rpc");
	fdt_setprop_string(fdt, node, "generate", "/hypervisor/other");
}

TEST(interrupts_of_the_channel)
{
	EXPECT_EQ(guest_init(&open_debug, true, fixed_irqs), 0);
	EXPECT_EQ(guest_vm()->link.tx_spi, 72);
	EXPECT_EQ(guest_vm()->link.rx_spi, 73);
	guest_end();
	/* Not what it needs: the RM allocates, and not what a doorbell asks for */
	EXPECT_EQ(guest_init(&open_debug, true, one_irq), 0);
	EXPECT_EQ(guest_vm()->link.tx_spi, 32);
	EXPECT_EQ(guest_vm()->link.rx_spi, 33);
	guest_end();
}

TEST(channels_that_are_refused)
{
	static void (*const bad[])(void *fdt, int node) = {
		taken_irq, same_irq, a_ppi, deep_queue, two_channels,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(guest_init(&open_debug, true, bad[i]), GUNYAH_RM_ERR_NORESOURCE);
		EXPECT_EQ(rm_env_state(guest_vmid), GUNYAH_RM_VM_STATE_INIT_FAILED);
		/* One page stays for ever: that of the information area */
		EXPECT(object_pool.used <= guest_pages_before + 1);
		guest_end();
	}
	EXPECT_EQ(guest_init(&open_debug, true, no_generate), GUNYAH_RM_ERR_MEM_INVALID);
	guest_end();
}

/* Whatever is missing, nothing is left behind */
TEST(channel_without_memory)
{
	u64 hog, size;
	u32 error = 1;

	EXPECT_EQ(guest_init(&open_debug, true, deep_queue), GUNYAH_RM_ERR_NORESOURCE);
	for (u64 left = 1; error && left < 64; left++) {
		EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, guest_vmid), 0);
		guest_make_tree(NULL);
		EXPECT_EQ(rm_env_config(guest_vmid, guest_image, 0), 0);
		guest_pages_before = object_pool.used;
		size = object_pool.nr - object_pool.used - left;
		hog = page_pool_alloc(&object_pool, size, 1);
		ASSERT(hog);
		error = rm_env_vmid_call(GUNYAH_RM_VM_INIT, guest_vmid);
		page_pool_free(&object_pool, hog, size);
		if (error)
			EXPECT(object_pool.used <= guest_pages_before);
	}
	EXPECT_EQ(error, 0);
	guest_end();
}

TEST(who_a_guest_is)
{
	struct rm_packet p;

	guest_run(&open_debug, true);
	EXPECT_EQ(guest_calls(GUNYAH_RM_VM_GET_VMID, NULL, 0, &p), 0);
	EXPECT_EQ(guest_word(&p, 3), guest_vmid);
	EXPECT_EQ(guest_calls(GUNYAH_RM_VM_GET_OWNER, NULL, 0, &p), 0);
	EXPECT_EQ(guest_word(&p, 3), GUNYAH_VMID_HLOS);
	EXPECT_EQ(guest_calls(GUNYAH_RM_VM_GET_PEERS, NULL, 0, &p), 0);
	EXPECT_EQ(p.size, 20);
	EXPECT_EQ(guest_word(&p, 4), GUNYAH_VMID_HLOS);
	EXPECT_EQ(guest_asks(GUNYAH_RM_VM_GET_STATE, 0, &p), 0);
	EXPECT_EQ(guest_word(&p, 3), GUNYAH_RM_VM_STATE_RUNNING);
	EXPECT_EQ(guest_asks(GUNYAH_RM_VM_GET_ID, 0, &p), 0);
	EXPECT_EQ(guest_word(&p, 3), 3);
	EXPECT(!memcmp(p.data + 16 + 20 + 4, "rec-vm", 6));
	EXPECT_EQ(guest_asks(GUNYAH_RM_VM_GET_ID, GUNYAH_VMID_HLOS, &p), 0);
	guest_end();
}

/* Another VM is none of its business, and the host's messages are not for it */
TEST(what_a_guest_may_not_ask)
{
	static const u32 denied[] = {
		GUNYAH_RM_MEM_LEND, GUNYAH_RM_MEM_SHARE, GUNYAH_RM_MEM_RECLAIM,
		GUNYAH_RM_MEM_APPEND,
		GUNYAH_RM_VM_ALLOCATE, GUNYAH_RM_VM_DEALLOCATE, GUNYAH_RM_VM_CONFIG_IMAGE,
		GUNYAH_RM_VM_INIT, GUNYAH_RM_VM_START, GUNYAH_RM_VM_GET_HYP_RESOURCES,
		GUNYAH_RM_VM_SET_DEMAND_PAGING, GUNYAH_RM_VM_SET_BOOT_CONTEXT,
		GUNYAH_RM_VM_GET_CRASH_MSG,
	};
	u16 other;

	guest_run(&paging, true);
	other = rm_env_allocate();
	EXPECT_EQ(guest_asks(GUNYAH_RM_VM_GET_STATE, other, NULL), GUNYAH_RM_ERR_NORESOURCE);
	EXPECT_EQ(guest_asks(GUNYAH_RM_VM_GET_ID, other, NULL), GUNYAH_RM_ERR_NORESOURCE);
	for (unsigned int i = 0; i < ARRAY_SIZE(denied); i++)
		EXPECT_EQ(guest_asks(denied[i], other, NULL), GUNYAH_RM_ERR_DENIED);
	EXPECT_EQ(guest_asks(GUNYAH_RM_VM_STOP, other, NULL), GUNYAH_RM_ERR_VMID_INVALID);
	EXPECT_EQ(guest_asks(GUNYAH_RM_VM_RESET, guest_vmid, NULL), GUNYAH_RM_ERR_VMID_INVALID);
	EXPECT_EQ(guest_calls(GUNYAH_RM_VM_CONSOLE_WRITE, NULL, 0, NULL),
		  GUNYAH_RM_ERR_UNIMPLEMENTED);
	EXPECT_EQ(rm_env_state(other), GUNYAH_RM_VM_STATE_LOAD);
	EXPECT_EQ(rm_env_state(guest_vmid), GUNYAH_RM_VM_STATE_RUNNING);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, other), 0);
	guest_end();
}

/* --- hostile guests --- */

/* Its queues fill; the host is answered all the same */
TEST(flood_of_requests)
{
	unsigned int sent = 0;
	struct rm_packet p;
	u32 got;

	guest_run(&open_debug, true);
	while (sent < 100 && guest_requests((u16)sent, GUNYAH_RM_VM_GET_VMID, NULL, 0))
		sent++;
	EXPECT_EQ(sent, 8 + 1 + 8);
	EXPECT_EQ(rm_env_call(GUNYAH_RM_VM_GET_VMID, NULL, 0, &got, sizeof(got), NULL), 0);
	EXPECT_EQ(got, GUNYAH_VMID_HLOS);
	while (sent--)
		EXPECT(guest_receives(&p));
	EXPECT(!guest_receives(&p));
	guest_end();
}

/* The host does not read for a while: what others told it is still there */
TEST(flood_of_notifications)
{
	unsigned int nr = 0, accepted = 0, status = 0;
	struct rm_packet p;
	u32 error = 0, handle;

	guest_run(&open_debug, true);
	EXPECT_EQ(guest_offer(true, 9, &handle), 0);
	EXPECT_EQ(guest_accept(guest_shared(handle)), 0);
	while (!error && nr++ < 1000)
		error = guest_notifies(handle, GUNYAH_RM_NOTIFY_ACCEPTED, nr);
	EXPECT_EQ(error, GUNYAH_RM_ERR_BUSY);
	EXPECT_EQ(nr, 8 + RM_MAX_NOTIFS_OF_GUESTS + 1);
	guest_vm()->vcpus[0]->running = false;
	vm_halt(guest_vm()->vcpus[0], &(struct vm_halt_info){ .why = VM_HALT_OFF });
	while (rm_env_receive(&p)) {
		accepted += guest_word(&p, 1) == GUNYAH_RM_NOTIF_MEM_ACCEPTED;
		status += guest_word(&p, 1) == GUNYAH_RM_NOTIF_VM_EXITED;
	}
	EXPECT_EQ(accepted, 8 + RM_MAX_NOTIFS_OF_GUESTS);
	EXPECT_EQ(status, 1);
	EXPECT_EQ(rm_notifs_dropped(), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_RESET, guest_vmid), 0);
	EXPECT_EQ(rm_env_reclaim(handle) + rm_env_reclaim(guest_image), 0);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, guest_vmid), 0);
}

/* Every first byte, every length, counts that lie, fragments without end */
TEST(garbage)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE];
	struct rm_packet p;
	u32 rnd = 1;

	guest_run(&open_debug, true);
	for (unsigned int i = 0; i < 20000; i++) {
		size_t size = 1 + i % sizeof(packet);

		for (size_t j = 0; j < sizeof(packet); j++) {
			rnd = rnd * 1664525 + 1013904223;
			packet[j] = (u8)(rnd >> 24);
		}
		packet[0] = 0x21;
		if (i % 4) {
			const u32 ids[] = { GUNYAH_RM_MEM_ACCEPT, GUNYAH_RM_MEM_RELEASE,
					    GUNYAH_RM_MEM_NOTIFY, GUNYAH_RM_VM_GET_ID };

			memcpy(packet + 4, &ids[i % ARRAY_SIZE(ids)], 4);
			memcpy(packet + 8, &guest_image, 4);
			memset(packet + 2, 0, 2);
			/* Small counts are the interesting ones */
			memset(packet + 21, 0, 3);
			packet[20] &= 3;
		}
		guest_sends(packet, size);
		while (guest_receives(&p))
			;
	}
	EXPECT_EQ(rm_env_state(guest_vmid), GUNYAH_RM_VM_STATE_RUNNING);
	packet[0] = 0x21;
	EXPECT_EQ(guest_calls(GUNYAH_RM_VM_GET_VMID, NULL, 0, &p), 0);
	rm_env_drain();
	guest_end();
}

TEST(most_fragments)
{
	u8 packet[GUNYAH_RM_PACKET_SIZE] = { 0x21, GUNYAH_RM_TYPE_REQUEST | 62 << 2, 1, 0 };
	u32 id = GUNYAH_RM_MEM_ACCEPT;
	struct rm_packet p;

	guest_run(&open_debug, true);
	memcpy(packet + 4, &id, 4);
	for (unsigned int i = 0; i < 63; i++) {
		EXPECT(!guest_receives(&p));
		EXPECT(guest_sends(packet, sizeof(packet)));
		packet[1] = 62 << 2;
	}
	ASSERT(guest_receives(&p));
	EXPECT_EQ(guest_word(&p, 2), GUNYAH_RM_ERR_MSG_INVALID);
	guest_end();
}

/* --- its end --- */

TEST(guest_ends_itself)
{
	u8 req[4] = { 0, 0, GUNYAH_RM_EXIT_CODE_DEVICE, 0 };
	struct rm_packet p;

	guest_run(&open_debug, true);
	req[2] = 2;
	EXPECT_EQ(guest_calls(GUNYAH_RM_VM_EXIT, req, sizeof(req), NULL),
		  GUNYAH_RM_ERR_MSG_INVALID);
	req[2] = GUNYAH_RM_EXIT_CODE_DEVICE;
	guest_vm()->vcpus[0]->running = true;
	EXPECT_EQ(guest_calls(GUNYAH_RM_VM_EXIT, req, sizeof(req), NULL), 0);
	EXPECT(guest_vm()->dead);
	EXPECT(!rm_env_receive(&p));
	/* Nothing more is heard of it */
	EXPECT(guest_requests(9, GUNYAH_RM_VM_GET_VMID, NULL, 0));
	EXPECT(!guest_receives(&p));
	guest_vm()->vcpus[0]->running = false;
	rm_poll();
	ASSERT(rm_env_receive(&p));
	EXPECT_EQ(guest_word(&p, 1), GUNYAH_RM_NOTIF_VM_STATUS);
	ASSERT(rm_env_receive(&p));
	EXPECT_EQ(guest_word(&p, 1), GUNYAH_RM_NOTIF_VM_EXITED);
	EXPECT_EQ(guest_word(&p, 2), guest_vmid | GUNYAH_RM_EXIT_VM_EXIT << 16);
	EXPECT_EQ(guest_word(&p, 4), GUNYAH_RM_EXIT_CODE_DEVICE << 16);
	guest_end();
}

/* To the host it is as unknown as ever */
TEST(exit_is_for_guests)
{
	rm_env_init(&open_debug);
	EXPECT_EQ(rm_env_vmid_call(GUNYAH_RM_VM_EXIT, 0), GUNYAH_RM_ERR_UNIMPLEMENTED);
}

TEST(guest_is_asked_to_stop)
{
	struct rm_packet p;

	guest_run(&open_debug, true);
	EXPECT_EQ(rm_env_stop(guest_vmid, 0), 0);
	ASSERT(guest_receives(&p));
	EXPECT_EQ(guest_word(&p, 1), GUNYAH_RM_NOTIF_VM_SHUTDOWN);
	EXPECT_EQ(guest_word(&p, 2), GUNYAH_RM_STOP_REASON_FORCE_STOP);
	EXPECT_EQ(rm_env_state(guest_vmid), GUNYAH_RM_VM_STATE_RUNNING);
	guest_end();
}

TEST(guest_waits_for_poll)
{
	struct rm_packet p;

	/* The host's messages would wait too: only what comes now is asynchronous */
	guest_run(&open_debug, true);
	rm_cfg.async = true;
	EXPECT(guest_requests(9, GUNYAH_RM_VM_GET_VMID, NULL, 0));
	EXPECT(!guest_receives(&p));
	EXPECT(rm_pending());
	rm_poll();
	EXPECT(guest_receives(&p));
	EXPECT(!rm_pending());
	rm_cfg.async = false;
	guest_end();
}
