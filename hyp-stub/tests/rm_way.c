// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* How a VM of the replay gets into a state, see rm_way.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rm_way.h"

#define MAX_HANDLES	256
#define NEVER_A_HANDLE	0x40000000U
#define ANY_TREE	"-"

bool way_barred;

static struct {
	u32 recorded;
	u32 actual;
	bool used;
} handles[MAX_HANDLES];

/* By VMID: the image parcel that a VM was made with */
static struct {
	u16 vmid;
	char tree[32];
	u32 handle;
} made[RM_MAX_VMS];

void way_reset(void)
{
	memset(handles, 0, sizeof(handles));
	memset(made, 0, sizeof(made));
}

void way_map_handle(u32 recorded, u32 actual)
{
	unsigned int i = 0;

	while (handles[i].used && handles[i].recorded != recorded)
		if (++i == MAX_HANDLES)
			abort();
	handles[i].used = true;
	handles[i].recorded = recorded;
	handles[i].actual = actual;
}

u32 way_our_handle(u32 recorded)
{
	for (unsigned int i = 0; i < MAX_HANDLES; i++)
		if (handles[i].used && handles[i].recorded == recorded)
			return handles[i].actual;
	return recorded == ~0U ? recorded : recorded | NEVER_A_HANDLE;
}

void way_forget_handle(u32 recorded)
{
	for (unsigned int i = 0; i < MAX_HANDLES; i++)
		if (handles[i].used && handles[i].recorded == recorded)
			handles[i].used = false;
}

void way_check(u32 error)
{
	way_barred |= error != 0;
}

void way_drop_parcel(u32 actual)
{
	struct rm_parcel *parcel = rm_parcel_find(actual);

	if (parcel && !rm_parcel_in_use(parcel))
		way_check(rm_env_reclaim(actual));
}

/* What was leaked on the recorded machine, or brought it down */
static void force_away(struct rm_vm *rvm)
{
	rm_vm_drop_objects(rvm);
	rm_parcels_release(rvm->vmid);
	rvm->used = false;
	rm_env_drain();
}

/* A started VM has its image mapped; RESET gives it up */
static void stop_vm(u16 vmid)
{
	struct rm_vm *rvm = rm_vm_find(vmid);

	if (rvm && rvm->state == GUNYAH_RM_VM_STATE_RUNNING)
		way_check(rm_env_stop(vmid, GUNYAH_RM_STOP_FLAG_FORCE));
	if (rvm && rvm->state == GUNYAH_RM_VM_STATE_EXITED)
		way_check(rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid));
}

/* Whatever an earlier case has left at the place of images */
static void clear_image_memory(void)
{
	for (u16 vmid = GUNYAH_VMID_DYNAMIC_FIRST; vmid <= GUNYAH_VMID_DYNAMIC_LAST; vmid++)
		stop_vm(vmid);
	for (u32 i = 0; i < GUNYAH_RM_MAX_PARCELS; i++) {
		struct rm_parcel *parcel = rm_parcel_at(i);
		struct rm_range_iter it = { 0 };
		const struct rm_range *range = parcel ? rm_range_next(parcel, &it) : NULL;

		if (range && range->ipa == RM_ENV_PARCEL)
			way_drop_parcel(parcel->handle);
	}
}

static void tear_down(u16 vmid)
{
	struct rm_vm *rvm = rm_vm_find(vmid);

	stop_vm(vmid);
	if (rvm && rvm->state == GUNYAH_RM_VM_STATE_INIT)
		rm_env_vmid_call(GUNYAH_RM_VM_INIT, vmid);
	if (rvm && rvm->configured)
		rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid);
	if (rvm && rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, vmid))
		force_away(rvm);
	clear_image_memory();
}

static void allocate(u16 vmid)
{
	u16 filler[RM_MAX_VMS];
	unsigned int nr = 0;
	u16 got;

	while ((got = rm_env_allocate()) != vmid) {
		if (got > vmid || nr == RM_MAX_VMS)
			abort();
		filler[nr++] = got;
	}
	while (nr--)
		way_check(rm_env_vmid_call(GUNYAH_RM_VM_DEALLOCATE, filler[nr]));
}

static void make_image(u16 vmid, const char *tree, bool share, u32 recorded)
{
	unsigned int slot = vmid % RM_MAX_VMS;
	u32 handle = ~0U;

	clear_image_memory();
	if (!rm_env_load_dtb(strcmp(tree, ANY_TREE) ? tree : "base",
			     RM_ENV_PARCEL + RM_ENV_DTB_OFF))
		way_barred = true;
	way_check(rm_env_mem(share, vmid, RM_ENV_PARCEL, RM_ENV_SIZE, 0, &handle));
	if (recorded != ~0U)
		way_map_handle(recorded, handle);
	made[slot].vmid = vmid;
	made[slot].handle = handle;
	snprintf(made[slot].tree, sizeof(made[slot].tree), "%s", tree);
}

static const struct {
	const char *name;
	u8 state;
} state_names[] = {
	{ "none", 0xff },
	{ "LOAD", GUNYAH_RM_VM_STATE_LOAD },
	{ "AUTH", GUNYAH_RM_VM_STATE_AUTH },
	{ "INIT", GUNYAH_RM_VM_STATE_INIT },
	{ "READY", GUNYAH_RM_VM_STATE_READY },
	{ "RUNNING", GUNYAH_RM_VM_STATE_RUNNING },
	{ "EXITED", GUNYAH_RM_VM_STATE_EXITED },
	{ "RESETTING", GUNYAH_RM_VM_STATE_RESET },
	{ "RESET", GUNYAH_RM_VM_STATE_RESET },
	{ "INIT_FAILED", GUNYAH_RM_VM_STATE_INIT_FAILED },
	{ "INIT_FAILED:init", GUNYAH_RM_VM_STATE_INIT_FAILED },
	{ "INIT_FAILED:noconfig", GUNYAH_RM_VM_STATE_INIT_FAILED },
};

u8 way_state_of(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(state_names); i++)
		if (!strcmp(state_names[i].name, name))
			return state_names[i].state;
	printf("# state %s?\n", name);
	abort();
}

static u32 step(u16 vmid, u8 from, const char *target)
{
	u32 handle = made[vmid % RM_MAX_VMS].handle;

	switch (from) {
	case GUNYAH_RM_VM_STATE_LOAD:
		if (!strcmp(target, "INIT_FAILED:noconfig"))
			return !rm_env_config(vmid, ~0U, 0);
		return rm_env_config(vmid, handle, !strcmp(target, "AUTH"));
	case GUNYAH_RM_VM_STATE_INIT:
		return rm_env_vmid_call(GUNYAH_RM_VM_INIT, vmid) && strncmp(target, "INIT_", 5);
	case GUNYAH_RM_VM_STATE_READY:
		return rm_env_vmid_call(GUNYAH_RM_VM_START, vmid);
	case GUNYAH_RM_VM_STATE_RUNNING:
		return rm_env_stop(vmid, 1);
	case GUNYAH_RM_VM_STATE_EXITED:
		return rm_env_vmid_call(GUNYAH_RM_VM_RESET, vmid);
	default:
		return 1;
	}
}

/* On the way forward: false if @want does not lie ahead */
static bool advance(u16 vmid, const char *target)
{
	u8 want = way_state_of(target);
	u8 now;

	while ((now = rm_env_state(vmid)) != want)
		if (step(vmid, now, target))
			return false;
	return true;
}

static bool lies_ahead(u8 now, u8 want)
{
	static const u8 path[] = {
		GUNYAH_RM_VM_STATE_LOAD, GUNYAH_RM_VM_STATE_INIT, GUNYAH_RM_VM_STATE_READY,
		GUNYAH_RM_VM_STATE_RUNNING, GUNYAH_RM_VM_STATE_EXITED, GUNYAH_RM_VM_STATE_RESET,
	};
	unsigned int i = 0, j = 0;

	if (now == want)
		return true;
	while (i < ARRAY_SIZE(path) && path[i] != now)
		i++;
	while (j < ARRAY_SIZE(path) && path[j] != want)
		j++;
	return i < j && j < ARRAY_SIZE(path) && now != GUNYAH_RM_VM_STATE_LOAD;
}

static bool tree_fits(u16 vmid, const char *tree)
{
	return !strcmp(tree, ANY_TREE) || (made[vmid % RM_MAX_VMS].vmid == vmid &&
					   !strcmp(made[vmid % RM_MAX_VMS].tree, tree));
}

/* What a case wants: "VMID STATE TREE KIND HANDLE" */
struct wanted {
	unsigned int vmid;
	char target[32];
	char tree[32];
	char kind[8];
	u32 recorded;
};

static struct wanted parse_wanted(const char *args)
{
	struct wanted w;
	char shown[16];

	if (sscanf(args, "%x %31s %31s %7s %15s", &w.vmid, w.target, w.tree, w.kind, shown) != 5)
		abort();
	w.recorded = strcmp(shown, "-") ? (u32)strtoul(shown, NULL, 16) : ~0U;
	return w;
}

/* A new VM, unless there is one in LOAD */
static void make_vm(const struct wanted *w, u8 now)
{
	if (now == GUNYAH_RM_VM_STATE_LOAD)
		return;
	if (now != way_state_of("none"))
		tear_down((u16)w->vmid);
	allocate((u16)w->vmid);
}

void way_vm(const char *args)
{
	struct wanted w = parse_wanted(args);
	u16 vmid = (u16)w.vmid;
	u8 want = way_state_of(w.target);
	u8 now = rm_env_state(vmid);
	bool start = want == GUNYAH_RM_VM_STATE_LOAD;
	bool usable;

	if (want == way_state_of("none")) {
		tear_down(vmid);
		return;
	}
	usable = lies_ahead(now, want) &&
		 (now == GUNYAH_RM_VM_STATE_LOAD || tree_fits(vmid, w.tree));
	if (!usable)
		make_vm(&w, now);
	if (start ? w.recorded != ~0U : !usable)
		make_image(vmid, w.tree, !strcmp(w.kind, "share"), w.recorded);
	if (!advance(vmid, w.target))
		way_barred = true;
}
