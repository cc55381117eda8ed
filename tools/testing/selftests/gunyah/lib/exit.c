// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a vCPU and understands the control page.
 */
#include <inttypes.h>
#include <string.h>

#include "gt.h"

static const char * const guest_files[] = {
	"?", "runtime.c", "psci.c", "gic.c", "basic.c", "irq.c", "smp.c",
	"hostile.c", "vmm.c",
};

const char *gt_event_name(int event)
{
	static const char * const names[] = {
		[GT_EV_SYNC] = "SYNC", [GT_EV_DONE] = "DONE", [GT_EV_MMIO] = "MMIO",
		[GT_EV_STATUS] = "STATUS", [GT_EV_OTHER] = "unknown exit",
		[GT_EV_COMMAND] = "wish for a command",
	};

	if (event < 0)
		return strerror(-event);
	return (size_t)event < ARRAY_SIZE(names) ? names[event] : "?";
}

uint64_t gt_mmio_data(const struct gunyah_vcpu_run *run)
{
	uint64_t data = 0;

	memcpy(&data, run->mmio.data, run->mmio.len <= 8 ? run->mmio.len : 8);
	return data;
}

void gt_set_mmio_data(struct gunyah_vcpu_run *run, uint64_t data)
{
	memcpy(run->mmio.data, &data, sizeof(data));
}

static void __attribute__((noreturn)) guest_failed(uint64_t where, uint64_t found, uint64_t wanted)
{
	uint64_t file = where >> 32;

	gt_fail("guest: guests/%s:%" PRIu64 ": %#" PRIx64 " (%" PRId64 "), not %#" PRIx64,
		guest_files[file < ARRAY_SIZE(guest_files) ? file : 0], where & 0xffffffff,
		found, (int64_t)found, wanted);
}

/* Nothing to be told: the guest goes on */
#define GO_ON (-1)

/* vCPUs of a VM fail one at a time: the first ends the test */
static uint64_t fail_a, fail_b;

static void append(struct gt_vcpu *vcpu, char c)
{
	size_t len = strlen(vcpu->text);

	if (len < sizeof(vcpu->text) - 1)
		vcpu->text[len] = c;
}

static int control_write(struct gt_vcpu *vcpu, uint64_t off, uint64_t data)
{
	vcpu->value = data;
	switch (off) {
	case CTL_SYNC:
		return GT_EV_SYNC;
	case CTL_DONE:
		return GT_EV_DONE;
	case CTL_FAIL_A:
		fail_a = data;
		return GO_ON;
	case CTL_FAIL_B:
		fail_b = data;
		return GO_ON;
	case CTL_FAIL:
		guest_failed(data, fail_a, fail_b);
	case CTL_PUTC:
		append(vcpu, data);
		return GO_ON;
	default:
		gt_fail("guest writes %#" PRIx64 " to control word %#" PRIx64, data, off);
	}
}

static int classify(struct gt_vcpu *vcpu)
{
	struct gunyah_vcpu_run *run = vcpu->run;
	uint64_t off;

	if (run->exit_reason == GUNYAH_VCPU_EXIT_STATUS)
		return GT_EV_STATUS;
	if (run->exit_reason != GUNYAH_VCPU_EXIT_MMIO)
		return GT_EV_OTHER;
	off = run->mmio.phys_addr - CTL_BASE;
	if (off >= 0x1000)
		return GT_EV_MMIO;
	gt_assert_eq(run->mmio.len, 8);
	if (run->mmio.is_write)
		return control_write(vcpu, off, gt_mmio_data(run));
	if (off == CTL_CMD)
		return GT_EV_COMMAND;
	gt_fail("guest reads control word %#" PRIx64, off);
}

int __gt_next(struct gt_vcpu *vcpu)
{
	int ret;

	do {
		ret = __gt_run(vcpu->fd);
		if (ret < 0)
			return ret;
		ret = classify(vcpu);
	} while (ret == GO_ON);
	return ret;
}

enum gt_event gt_next(struct gt_vcpu *vcpu)
{
	int ret = __gt_next(vcpu);

	if (ret < 0)
		gt_fail("GUNYAH_VCPU_RUN: %s", strerror(-ret));
	return ret;
}

static void expect(struct gt_vcpu *vcpu, enum gt_event wanted)
{
	enum gt_event found = gt_next(vcpu);
	struct gunyah_vcpu_run *run = vcpu->run;

	if (found == wanted)
		return;
	if (found == GT_EV_STATUS)
		gt_fail("STATUS %u, exit type %u, instead of %s", run->status.status,
			run->status.exit_info.type, gt_event_name(wanted));
	if (found == GT_EV_MMIO)
		gt_fail("MMIO at %#llx instead of %s", run->mmio.phys_addr,
			gt_event_name(wanted));
	if (run->exit_reason == GUNYAH_VCPU_EXIT_PAGE_FAULT)
		gt_fail("page fault at %#llx (%s) instead of %s", run->page_fault.phys_addr,
			strerror(-run->page_fault.attempt), gt_event_name(wanted));
	gt_fail("%s (%#" PRIx64 "), exit reason %u, instead of %s", gt_event_name(found),
		vcpu->value, run->exit_reason, gt_event_name(wanted));
}

uint64_t gt_expect_any_sync(struct gt_vcpu *vcpu)
{
	expect(vcpu, GT_EV_SYNC);
	return vcpu->value;
}

void gt_expect_sync(struct gt_vcpu *vcpu, uint64_t stage)
{
	gt_assert_eq(gt_expect_any_sync(vcpu), stage);
}

void gt_expect_done(struct gt_vcpu *vcpu)
{
	expect(vcpu, GT_EV_DONE);
}

void gt_expect_status(struct gt_vcpu *vcpu, uint32_t status, uint16_t type)
{
	expect(vcpu, GT_EV_STATUS);
	gt_assert_eq(vcpu->run->status.status, status);
	if (status == GUNYAH_VM_STATUS_EXITED)
		gt_assert_eq(vcpu->run->status.exit_info.type, type);
}

void gt_expect_off(struct gt_vcpu *vcpu)
{
	gt_expect_done(vcpu);
	gt_expect_status(vcpu, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_TYPE_PSCI_POWER_OFF);
}

void gt_expect_mmio(struct gt_vcpu *vcpu, bool write, uint64_t addr, uint32_t len)
{
	struct gunyah_vcpu_run *run = vcpu->run;

	expect(vcpu, GT_EV_MMIO);
	gt_assert_eq(run->mmio.phys_addr, addr);
	gt_assert_eq(run->mmio.is_write, write);
	gt_assert_eq(run->mmio.len, len);
	gt_assert_eq(run->mmio.resume_action, GUNYAH_VCPU_RESUME_HANDLED);
}

void gt_command(struct gt_vcpu *vcpu, enum guest_cmd cmd, uint64_t a0, uint64_t a1,
		uint64_t a2, uint64_t a3)
{
	const uint64_t arg[CTL_ARGS] = { a0, a1, a2, a3 };
	struct gunyah_vcpu_run *run = vcpu->run;
	unsigned int i;

	expect(vcpu, GT_EV_COMMAND);
	gt_set_mmio_data(run, cmd);
	if (cmd == CMD_END)
		return;
	for (i = 0; i < CTL_ARGS; i++) {
		gt_assert_eq(__gt_run(vcpu->fd), 0);
		gt_assert_eq(run->exit_reason, GUNYAH_VCPU_EXIT_MMIO);
		gt_assert_eq(run->mmio.phys_addr, CTL_BASE + CTL_ARG + 8 * i);
		gt_set_mmio_data(run, arg[i]);
	}
}

uint64_t gt_command_result(struct gt_vcpu *vcpu, enum guest_cmd cmd, uint64_t a0,
			   uint64_t a1, uint64_t a2, uint64_t a3)
{
	gt_command(vcpu, cmd, a0, a1, a2, a3);
	return gt_expect_any_sync(vcpu);
}
