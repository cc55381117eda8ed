// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of ioctl_matrix.def as C has it, and the arguments that it speaks of.
 */
#include <string.h>
#include <sys/ioctl.h>

#include "ioctl_matrix.h"

/* ---- valid arguments ---- */

static void fill_value(struct call *c)
{
	c->plain = true;
}

static void fill_query(struct call *c)
{
	c->plain = true;
	c->value = GUNYAH_CAP_ABI_FAMILIES;
}

static void fill_tentative(struct call *c)
{
	c->plain = true;
	c->value = GUNYAH_TENTATIVE_CAP_UAPI;
}

static void fill_create_mem(struct call *c)
{
	c->u.create_mem.size = SPARE_SIZE;
}

static void fill_region(struct call *c)
{
	c->u.region = (struct gunyah_userspace_memory_region){
		.label = 7, .flags = GUNYAH_MEM_ALLOW_RWX, .guest_phys_addr = FREE_ADDR,
		.memory_size = 4096, .userspace_addr = (uintptr_t)c->e->spare,
	};
}

static void fill_dtb(struct call *c)
{
	c->u.dtb.guest_phys_addr = DTB_ADDR;
	c->u.dtb.size = GUEST_DTB_SIZE;
}

static void fill_function(struct call *c)
{
	c->vcpu.id = 7;
	c->u.fn = (struct gunyah_fn_desc){
		.type = GUNYAH_FN_VCPU, .arg_size = sizeof(c->vcpu), .arg = (uintptr_t)&c->vcpu,
	};
}

static void fill_map_mem(struct call *c)
{
	c->u.map_mem = (struct gunyah_map_mem_args){
		.guest_addr = FREE_ADDR, .flags = GUNYAH_MAP_MEM_ALLOW_RWX,
		.guest_mem_fd = c->e->fd[MEM_FILE], .size = 4096,
	};
}

static void fill_boot(struct call *c)
{
	c->u.boot.reg = GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_PC, 0);
	c->u.boot.value = GUEST_RAM_BASE;
}

static void fill_firmware(struct call *c)
{
	c->u.firmware.guest_phys_addr = GUEST_RAM_BASE + 0x180000;
	c->u.firmware.size = 0x10000;
}

static void fill_range(struct call *c)
{
	c->u.range.guest_phys_addr = GUEST_RAM_BASE;
	c->u.range.size = GUEST_MIN_RAM;
}

static void fill_cma(struct call *c)
{
	c->u.cma = (struct gunyah_map_cma_mem_args){
		.label = 7, .guest_addr = FREE_ADDR,
		.flags = GUNYAH_CMA_MEM_LEND | GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE,
		.guest_mem_fd = c->e->fd[CMA_FD], .size = 4096,
	};
}

static void fill_auth(struct call *c)
{
	c->qtvm = (struct gunyah_auth_qtvm_arg){
		.vm_id = 45, .pas_id = 34, .guest_phys_addr = GUEST_RAM_BASE, .size = 0x40000,
	};
	c->u.auth = (struct gunyah_auth_desc){
		.type = GUNYAH_AUTH_QCOM_TRUSTED_VM, .arg_size = sizeof(c->qtvm),
		.arg = (uintptr_t)&c->qtvm,
	};
}

static void fill_share(struct call *c)
{
	c->u.share = (struct gunyah_share_window){
		.flags = GUNYAH_WINDOW_USER_MEM | GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE,
		.offset = (uintptr_t)c->e->spare, .size = 4096, .guest_addr = FREE_ADDR,
	};
}

static void fill_unshare(struct call *c)
{
	c->u.unshare.guest_addr = FREE_ADDR;
	c->u.unshare.handle = GUNYAH_WINDOW_NO_HANDLE;
}

static void fill_info(struct call *c)
{
}

static void fill_reg(struct call *c)
{
	c->u.reg.reg = GUNYAH_VM_BOOT_CONTEXT_REG(GUNYAH_VM_BOOT_CONTEXT_SET_X, 1);
	c->u.reg.value = 1;
}

/* ---- and what the table does with them ---- */

#define AS_IS 0

/* A call that precedes: it is here for what it leaves behind, if it succeeds */
static void first(struct call *c, unsigned long cmd)
{
	ioctl(c->fd, cmd, &c->u);
}

static void twice(struct call *c)
{
	first(c, c->cmd);
}

static void irqfd(struct call *c)
{
	c->irqfd = (struct gunyah_fn_irqfd_arg){
		.fd = c->e->fd[EVENTFD], .label = 3, .flags = GUNYAH_IRQFD_FLAGS_LEVEL,
		.padding = 0xdeadbeef,
	};
	c->u.fn = (struct gunyah_fn_desc){
		.type = GUNYAH_FN_IRQFD, .arg_size = sizeof(c->irqfd),
		.arg = (uintptr_t)&c->irqfd,
	};
}

static void resample(struct call *c)
{
	irqfd(c);
	c->irqfd.flags |= GUNYAH_IRQFD_FLAGS_RESAMPLE;
	c->irqfd.resample_fd = c->e->fd[EVENTFD];
}

static void ioeventfd(struct call *c)
{
	c->ioeventfd = (struct gunyah_fn_ioeventfd_arg){
		.addr = EVT_BASE, .len = 4, .fd = c->e->fd[EVENTFD], .padding = 0xdeadbeef,
	};
	c->u.fn = (struct gunyah_fn_desc){
		.type = GUNYAH_FN_IOEVENTFD, .arg_size = sizeof(c->ioeventfd),
		.arg = (uintptr_t)&c->ioeventfd,
	};
}

static void unmap_bound(struct call *c)
{
	c->u.map_mem.guest_addr = FILE_ADDR;
	c->u.map_mem.flags = FILE_FLAGS | GUNYAH_MAP_MEM_UNMAP;
	c->u.map_mem.guest_mem_fd = c->e->bound;
}

static void parcel(struct call *c)
{
	c->u.share.flags |= GUNYAH_WINDOW_PARCEL;
	c->u.share.guest_addr = 0;
	c->u.share.label = 9;
}

/* What is to be taken back has to be there */
static void window(struct call *c)
{
	fill_share(c);
	first(c, GUNYAH_VM_SHARE_WINDOW);
	memset(&c->u, 0, sizeof(c->u));
	fill_unshare(c);
}

static void restore_dtb(struct env *e)
{
	bool was_set = e->state != NEW;

	gt_assert_eq(__gt_set_dtb(e->fd[VM], was_set ? DTB_ADDR : 0,
				  was_set ? GUEST_DTB_SIZE : 0), 0);
}

static void move_dtb(struct call *c)
{
	gt_assert_eq(__gt_set_dtb(c->fd, 0x40000000, GUEST_DTB_SIZE), 0);
	c->undo = restore_dtb;
}

static void restore_run(struct env *e)
{
	e->vm.vcpu[0].run->immediate_exit = 0;
	e->vm.vcpu[0].run->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
}

static void immediate_exit(struct call *c)
{
	c->e->vm.vcpu[0].run->immediate_exit = 1;
	c->undo = restore_run;
}

static void resume_action(struct call *c, unsigned char action)
{
	c->e->vm.vcpu[0].run->mmio.resume_action = action;
	c->undo = restore_run;
}

static void free_cma(struct call *c)
{
	env_close(c->e, CMA_FD);
}

/* ---- the table ---- */

#define UNKNOWN(word, what)
#define CELLS(...)
#define VM_CELLS(...)
#define VCPU_CELLS(...)
/* The words typed in the table are those of the header */
#define IOCTL(_name, word, _kinds, argument, _effect) \
	_Static_assert(GUNYAH_##_name == (word), #_name);
#include "ioctl_matrix.def"
#undef IOCTL
#define IOCTL(_name, word, _kinds, argument, _effect) NR_##_name,
/* Indices of the next table */
enum {
#include "ioctl_matrix.def"
};

#undef IOCTL
#define IOCTL(_name, word, _kinds, argument, _effect) \
	{ #_name, word, _kinds, fill_##argument, _effect },
const struct known known[] = {
#include "ioctl_matrix.def"
};

#undef IOCTL
#undef UNKNOWN
#define IOCTL(...)
#define UNKNOWN(word, what) word,
const unsigned int unknown[] = {
#include "ioctl_matrix.def"
};

#undef UNKNOWN
#define UNKNOWN(word, what)

/* A function for each row, named by its line */
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define ROW_FUNCTION(how)						\
	static void PASTE(change_, __LINE__)(struct call *c)		\
	{								\
		__attribute__((unused)) union arg *a = &c->u;		\
									\
		(void)(how);						\
	}

#undef CELLS
#undef VM_CELLS
#undef VCPU_CELLS
#define CELLS(_kind, _ioctl, what, how, ...) ROW_FUNCTION(how)
#define VM_CELLS(_ioctl, what, how, ...) ROW_FUNCTION(how)
#define VCPU_CELLS(_ioctl, what, how, ...) ROW_FUNCTION(how)
#include "ioctl_matrix.def"

#undef CELLS
#undef VM_CELLS
#undef VCPU_CELLS
#define ROW(_kind, _ioctl, _what, ...) \
	{ _kind, NR_##_ioctl, _what, PASTE(change_, __LINE__), { __VA_ARGS__ } },
#define CELLS(_kind, _ioctl, what, how, r) \
	ROW(_kind, _ioctl, what, r, r, r, r, r, r, r)
#define VM_CELLS(_ioctl, what, how, ...) ROW(VM, _ioctl, what, __VA_ARGS__, NONE)
#define VCPU_CELLS(_ioctl, what, how, ...) ROW(VCPU, _ioctl, what, __VA_ARGS__)
const struct row rows[] = {
#include "ioctl_matrix.def"
};

const unsigned int nr_known = ARRAY_SIZE(known);
const unsigned int nr_unknown = ARRAY_SIZE(unknown);
const unsigned int nr_rows = ARRAY_SIZE(rows);
