// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns windows: memory shared with a VM that runs, and taken back while it goes on.
 * Two ways, and the user chooses:
 *
 *  - at a guest address: a range like any other, whose pages stay and which the guest
 *    gets at once by extents;
 *  - as a parcel, which the guest accepts where it likes.  No guest address is known, so
 *    the range is in no list; it only holds the backing.
 */
#include <linux/delay.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "guest_memfd.h"
#include "mem_fixed.h"
#include "rm.h"
#include "user_mem.h"
#include "vm.h"
#include "vm_trace.h"
#include "vm_window.h"

#define WINDOW_SOURCES	(GUNYAH_WINDOW_USER_MEM | GUNYAH_WINDOW_FD)
#define WINDOW_ACCESS	(GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE)
#define WINDOW_FLAGS	(WINDOW_SOURCES | WINDOW_ACCESS | GUNYAH_WINDOW_PARCEL)

/* A busy RM answers after a millisecond; programs that share for each frame cannot wait */
#define SHARE_TRIES		8
#define SHARE_PAUSE_MIN_US	500
#define SHARE_PAUSE_MAX_US	1500

/* A guest that was told to release a parcel does so within two seconds */
#define RECLAIM_TRIES		60
#define RECLAIM_PAUSE_MS	33

/* Where parcels are that have no guest address: no range of 64-bit addresses is there */
#define WINDOW_PARCEL_GFN	BIT_ULL(64 - PAGE_SHIFT)

/**
 * struct gunyah_window - memory that is shared with a running VM
 * @node: in gunyah_windows.list
 * @gfns: guest pages; not those of parcels
 * @backing: of the range at @gfns: whether it still is the same; not looked into
 * @parcel: of a parcel: the range, which nobody else knows; otherwise NULL
 * @handle: of a parcel
 */
struct gunyah_window {
	struct list_head node;
	struct gunyah_gfns gfns;
	const void *backing;
	struct gunyah_mem_range *parcel;
	u32 handle;
};

static int window_check(const struct gunyah_share_window *arg, struct gunyah_gfns *source,
			struct gunyah_gfns *target)
{
	bool parcel = arg->flags & GUNYAH_WINDOW_PARCEL;
	int err;

	if (arg->flags & ~WINDOW_FLAGS || !(arg->flags & GUNYAH_MEM_ALLOW_READ) ||
	    hweight32(arg->flags & WINDOW_SOURCES) != 1)
		return -EINVAL;
	if (arg->reserved[0] || arg->reserved[1] || arg->reserved[2])
		return -EINVAL;
	if (parcel ? arg->guest_addr : arg->label)
		return -EINVAL;
	err = gunyah_gfns_from_bytes(arg->offset, arg->size, source);
	if (err)
		return err;
	*target = (struct gunyah_gfns){ .gfn = WINDOW_PARCEL_GFN, .nr = source->nr };
	return parcel ? 0 : gunyah_gfns_from_bytes(arg->guest_addr, arg->size, target);
}

static int window_bind_fd(struct gunyah_vm *vm, struct gunyah_mem_range *range,
			  const struct gunyah_share_window *arg, u64 index)
{
	int err;

	if (gunyah_guest_memfd_valid(arg->fd))
		return gunyah_guest_memfd_bind(range, arg->fd, index, range->gfns.nr);
	err = gunyah_mem_shmem_bind(range, arg->fd, index);
	if (err != -EINVAL)
		return err;
	return gunyah_mem_dmabuf_bind(range, gunyah_rm_device(vm->rm), arg->fd, index);
}

static int window_bind(struct gunyah_vm *vm, struct gunyah_mem_range *range,
		       const struct gunyah_share_window *arg, struct gunyah_gfns source)
{
	struct gunyah_user_mem_desc desc = {
		.uaddr = arg->offset,
		.nr = source.nr,
		.write = arg->flags & GUNYAH_MEM_ALLOW_WRITE,
	};

	if (arg->flags & GUNYAH_WINDOW_USER_MEM)
		return gunyah_user_mem_bind(range, &desc);
	return window_bind_fd(vm, range, arg, source.gfn);
}

/* A range that holds its pages, and is in no list */
static struct gunyah_mem_range *window_range(struct gunyah_vm *vm,
					     const struct gunyah_share_window *arg,
					     struct gunyah_gfns source,
					     struct gunyah_gfns target)
{
	struct gunyah_mem_range *range = kzalloc(sizeof(*range), GFP_KERNEL_ACCOUNT);
	int err;

	if (!range)
		return ERR_PTR(-ENOMEM);
	range->mem = &vm->mem;
	range->gfns = target;
	range->label = arg->label;
	range->kind = GUNYAH_MEM_SHARE;
	range->rights = GUNYAH_RM_ACL_R |
			(arg->flags & GUNYAH_MEM_ALLOW_WRITE ? GUNYAH_RM_ACL_W : 0);
	range->access = range->rights;
	err = window_bind(vm, range, arg, source);
	if (err) {
		kfree(range);
		return ERR_PTR(err);
	}
	err = gunyah_range_populate(range);
	if (err) {
		gunyah_range_free(range);
		return ERR_PTR(err);
	}
	return range;
}

/* Takes @range over, whatever happens */
static int window_map(struct gunyah_vm *vm, struct gunyah_window *window,
		      struct gunyah_mem_range *range)
{
	int err;

	lockdep_assert_held(&vm->mem.lock);

	err = gunyah_mem_insert(&vm->mem, range);
	if (err) {
		gunyah_range_free(range);
		return err;
	}
	window->gfns = range->gfns;
	window->backing = range->backing;
	err = gunyah_mem_push(&vm->mem, range);
	if (!err)
		return 0;
	/* What the guest got it also gives back; if not, the range stays until the end */
	if (gunyah_mem_remove(&vm->mem, range, range->gfns))
		dev_warn(gunyah_rm_device(vm->rm), "VM %u: part of a window at 0x%llx stays\n",
			 vm->vmid, gunyah_gfns_gpa(window->gfns));
	return err;
}

static size_t window_entries(const struct gunyah_mem_range *range,
			     struct gunyah_rm_mem_entry *entries)
{
	return gunyah_range_entries(range, range->first, range->gfns.nr, entries);
}

static void window_lose(struct gunyah_mem_range *range)
{
	gunyah_range_lose(range, range->first, range->gfns.nr);
}

static int window_ask_rm(struct gunyah_vm *vm, struct gunyah_rm_mem_parcel *wire)
{
	unsigned int tries;
	int err = 0;

	for (tries = 0; tries < SHARE_TRIES; tries++) {
		if (tries)
			usleep_range(SHARE_PAUSE_MIN_US, SHARE_PAUSE_MAX_US);
		err = gunyah_rm_mem_share(vm->rm, wire);
		if (err != -EBUSY || wire->in_doubt)
			break;
	}
	return err;
}

/* Takes @range over if it succeeds */
static int window_share_parcel(struct gunyah_vm *vm, struct gunyah_window *window,
			       struct gunyah_mem_range *range)
{
	struct gunyah_rm_mem_parcel wire = {
		.label = range->label,
		.n_acl = 2,
		.acl = {
			{ .vmid = cpu_to_le16(vm->vmid), .rights = range->rights },
			{ .vmid = cpu_to_le16(gunyah_rm_caps(vm->rm)->own_vmid),
			  .rights = GUNYAH_RM_ACL_R | GUNYAH_RM_ACL_W | GUNYAH_RM_ACL_X },
		},
		.n_entries = window_entries(range, NULL),
	};
	int err;

	lockdep_assert_held(&vm->mem.lock);

	wire.entries = kvcalloc(wire.n_entries, sizeof(*wire.entries),
				GFP_KERNEL | __GFP_NOWARN);
	if (!wire.entries)
		return -ENOMEM;
	window_entries(range, wire.entries);
	err = window_ask_rm(vm, &wire);
	trace_gunyah_parcel(vm->vmid, 0, gunyah_gfns_size(range->gfns), wire.n_entries,
			    range->kind, err);
	kvfree(wire.entries);
	if (wire.in_doubt)
		window_lose(range);
	if (err)
		return err;
	window->parcel = range;
	window->handle = wire.handle;
	return 0;
}

/* Takes @range over, whatever happens */
static int window_give(struct gunyah_vm *vm, struct gunyah_window *window,
		       struct gunyah_mem_range *range, bool parcel)
{
	int err = mutex_lock_interruptible(&vm->mem.lock);

	if (err) {
		gunyah_range_free(range);
		return err;
	}
	if (!parcel && gunyah_vm_life(vm) == GUNYAH_VM_RUNNING) {
		err = window_map(vm, window, range);
	} else {
		err = -ENODEV;
		if (gunyah_vm_life(vm) == GUNYAH_VM_RUNNING)
			err = window_share_parcel(vm, window, range);
		if (err)
			gunyah_range_free(range);
	}
	mutex_unlock(&vm->mem.lock);
	return err;
}

/* Fails early what pinning would take long for; the first two are looked at again */
static int window_check_vm(struct gunyah_vm *vm, const struct gunyah_share_window *arg,
			   struct gunyah_gfns target)
{
	bool parcel = arg->flags & GUNYAH_WINDOW_PARCEL;
	int err;

	if (gunyah_vm_life(vm) != GUNYAH_VM_RUNNING)
		return -ENODEV;
	if (!parcel && !gunyah_mem_is_paged(&vm->mem))
		return -EOPNOTSUPP;
	err = mutex_lock_interruptible(&vm->mem.lock);
	if (err)
		return err;
	if (!parcel && !gunyah_mem_is_free(&vm->mem, target))
		err = -EEXIST;
	mutex_unlock(&vm->mem.lock);
	return err;
}

static int window_share(struct gunyah_vm *vm, struct gunyah_window *window,
			const struct gunyah_share_window *arg, struct gunyah_gfns source,
			struct gunyah_gfns target)
{
	struct gunyah_mem_range *range;
	int err;

	err = window_check_vm(vm, arg, target);
	if (err)
		return err;
	range = window_range(vm, arg, source, target);
	if (IS_ERR(range))
		return PTR_ERR(range);
	window->handle = GUNYAH_WINDOW_NO_HANDLE;
	return window_give(vm, window, range, arg->flags & GUNYAH_WINDOW_PARCEL);
}

/**
 * gunyah_vm_share_window() - memory becomes visible to a VM that runs
 * @vm: the VM
 * @arg: see GUNYAH_VM_SHARE_WINDOW; @handle is set
 *
 * Context: the windows' lock and the memory lock are not held.  Bounded, interruptible.
 *
 * Returns: 0 or the errors of GUNYAH_VM_SHARE_WINDOW; then nothing is shared.
 */
int gunyah_vm_share_window(struct gunyah_vm *vm, struct gunyah_share_window *arg)
{
	struct gunyah_gfns source, target;
	struct gunyah_window *window;
	int err;

	err = window_check(arg, &source, &target);
	if (err)
		return err;
	if (arg->flags & GUNYAH_WINDOW_USER_MEM && current->mm != vm->mm)
		return -EPERM;
	window = kzalloc(sizeof(*window), GFP_KERNEL_ACCOUNT);
	if (!window)
		return -ENOMEM;
	err = mutex_lock_interruptible(&vm->windows.lock);
	if (err)
		goto free;
	err = window_share(vm, window, arg, source, target);
	if (!err)
		list_add_tail(&window->node, &vm->windows.list);
	mutex_unlock(&vm->windows.lock);
	if (err)
		goto free;
	arg->handle = window->handle;
	return 0;

free:
	kfree(window);
	return err;
}

static struct gunyah_window *window_find(struct gunyah_vm *vm,
					 const struct gunyah_unshare_window *arg)
{
	struct gunyah_window *window;

	lockdep_assert_held(&vm->windows.lock);

	list_for_each_entry(window, &vm->windows.list, node) {
		if (window->handle != arg->handle)
			continue;
		if (window->parcel || gunyah_gfns_gpa(window->gfns) == arg->guest_addr)
			return window;
	}
	return NULL;
}

/* A range of a guest memory file can have been unmapped by other means, which is fine */
static int window_unmap(struct gunyah_vm *vm, struct gunyah_window *window)
{
	struct gunyah_mem_range *range;
	int err;

	err = mutex_lock_interruptible(&vm->mem.lock);
	if (err)
		return err;
	range = gunyah_mem_find(&vm->mem, window->gfns);
	if (!range || range->backing != window->backing)
		err = -ENOENT;
	else
		err = gunyah_mem_remove(&vm->mem, range, window->gfns);
	mutex_unlock(&vm->mem.lock);
	return err;
}

/*
 * The RM says no as long as the guest has the parcel, or it is busy itself, with an error
 * that says nothing about how long.
 */
static bool window_is_kept(int err)
{
	return err == -EINVAL || err == -EBUSY;
}

/* A guest that does not run releases nothing any more */
static int window_reclaim(struct gunyah_vm *vm, const struct gunyah_window *window)
{
	unsigned int tries;
	int err = 0;

	for (tries = 0; tries < RECLAIM_TRIES; tries++) {
		if (tries)
			msleep_interruptible(RECLAIM_PAUSE_MS);
		err = gunyah_rm_mem_reclaim(vm->rm, window->handle);
		if (!window_is_kept(err))
			return err;
		if (gunyah_vm_life(vm) != GUNYAH_VM_RUNNING)
			break;
		if (signal_pending(current))
			return -EINTR;
	}
	return -EBUSY;
}

/**
 * gunyah_vm_unshare_window() - takes a window back
 * @vm: the VM
 * @arg: see GUNYAH_VM_UNSHARE_WINDOW
 *
 * Context: as gunyah_vm_share_window().
 *
 * Returns: 0; EINVAL; ENOENT if there is none; EBUSY if the guest still has it, after two
 * seconds; EINTR; other errors of the RM or the hypervisor.  The window stays after all
 * errors but ENOENT.
 */
int gunyah_vm_unshare_window(struct gunyah_vm *vm, const struct gunyah_unshare_window *arg)
{
	struct gunyah_window *window;
	int err;

	if (arg->reserved || (arg->handle != GUNYAH_WINDOW_NO_HANDLE && arg->guest_addr))
		return -EINVAL;
	err = mutex_lock_interruptible(&vm->windows.lock);
	if (err)
		return err;
	window = window_find(vm, arg);
	if (!window)
		err = -ENOENT;
	else
		err = window->parcel ? window_reclaim(vm, window) : window_unmap(vm, window);
	if (window && (!err || err == -ENOENT)) {
		list_del(&window->node);
		if (window->parcel)
			gunyah_range_free(window->parcel);
		kfree(window);
	}
	mutex_unlock(&vm->windows.lock);
	return err;
}

/* After RESET the guest has nothing; all windows of a VM have two seconds together */
static void window_end(struct gunyah_vm *vm, struct gunyah_window *window, unsigned int *tries)
{
	int err;

	for (;;) {
		err = gunyah_rm_mem_reclaim(vm->rm, window->handle);
		if (!window_is_kept(err) || !*tries)
			break;
		--*tries;
		msleep(RECLAIM_PAUSE_MS);
	}
	if (!err)
		return;
	dev_warn(gunyah_rm_device(vm->rm), "VM %u: parcel %u of a window was not returned: %pe\n",
		 vm->vmid, window->handle, ERR_PTR(err));
	window_lose(window->parcel);
}

/**
 * gunyah_vm_windows_end() - the VM's windows go
 * @vm: a VM that is reset, or never was one for the RM; nobody else uses it
 *
 * After the other parcels and before the VMID: the RM knows parcels by it.  Pages of
 * parcels that it does not return are leaked.  Windows at guest addresses are ranges,
 * which go with all others.
 */
void gunyah_vm_windows_end(struct gunyah_vm *vm)
{
	struct gunyah_window *window, *next;
	unsigned int tries = RECLAIM_TRIES;

	list_for_each_entry_safe(window, next, &vm->windows.list, node) {
		list_del(&window->node);
		if (window->parcel) {
			window_end(vm, window, &tries);
			gunyah_range_free(window->parcel);
		}
		kfree(window);
	}
}
