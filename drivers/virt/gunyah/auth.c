// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns the registry of authentication managers: other modules bring them, and are
 * loaded when a program asks for their type.  Android protected VMs need nothing beyond
 * their firmware, so their manager is here.
 */
#include <linux/cleanup.h>
#include <linux/kmod.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include <uapi/linux/gunyah.h>

#include <linux/gunyah/abi/rm.h>

#include "auth.h"
#include "compat.h"

/* A manager that a module has registered */
struct auth_entry {
	struct list_head node;
	const struct gunyah_auth_manager *manager;
};

static LIST_HEAD(auth_entries);
static DEFINE_MUTEX(auth_lock); /* auth_entries */

static int android_pvm_plan(const void *arg, struct gunyah_auth_plan *plan)
{
	plan->rm_auth = GUNYAH_RM_AUTH_ANDROID_PVM;
	return 0;
}

static const struct gunyah_auth_manager android_pvm = {
	.type = GUNYAH_AUTH_ANDROID_PVM,
	.owner = THIS_MODULE,
	.plan = android_pvm_plan,
};

static struct auth_entry *auth_entry_find(u32 type)
{
	struct auth_entry *entry;

	lockdep_assert_held(&auth_lock);

	list_for_each_entry(entry, &auth_entries, node) {
		if (entry->manager->type == type)
			return entry;
	}
	return NULL;
}

/* A manager whose module stays until auth_put(); NULL: there is none now */
static const struct gunyah_auth_manager *auth_get_now(u32 type)
{
	const struct gunyah_auth_manager *manager = NULL;
	struct auth_entry *entry;

	if (type == android_pvm.type)
		return try_module_get(android_pvm.owner) ? &android_pvm : NULL;
	mutex_lock(&auth_lock);
	entry = auth_entry_find(type);
	if (entry && try_module_get(entry->manager->owner))
		manager = entry->manager;
	mutex_unlock(&auth_lock);
	return manager;
}

/* The same, with a module that is loaded if need be */
static const struct gunyah_auth_manager *auth_get(u32 type)
{
	const struct gunyah_auth_manager *manager = auth_get_now(type);

	if (manager)
		return manager;
	request_module("gunyah-auth-%u", type);
	return auth_get_now(type);
}

static void auth_put(const struct gunyah_auth_manager *manager)
{
	module_put(manager->owner);
}

/**
 * gunyah_auth_make_plan() - asks a manager how a VM is to be authenticated
 * @type: enum gunyah_auth_type
 * @arg: its argument, a kernel copy
 * @size: bytes of it
 * @plan: zero before; valid if this succeeds
 *
 * Context: no locks; may load a module.
 *
 * Returns: 0; ENOENT for an unknown type; EINVAL for another size than the manager's;
 * the manager's error.
 */
int gunyah_auth_make_plan(u32 type, const void *arg, size_t size,
			  struct gunyah_auth_plan *plan)
{
	const struct gunyah_auth_manager *manager = auth_get(type);
	int err;

	if (!manager)
		return -ENOENT;
	err = size == manager->arg_size ? manager->plan(arg, plan) : -EINVAL;
	auth_put(manager);
	return err;
}

/* Bit n: there is a manager for type n; asks for modules as SET_AUTH_TYPE does */
u32 gunyah_auth_types(void)
{
	const struct gunyah_auth_manager *manager;
	u32 type, types = 0;

	for (type = 0; type <= GUNYAH_AUTH_QCOM_TRUSTED_VM; type++) {
		manager = auth_get(type);
		if (!manager)
			continue;
		types |= BIT(type);
		auth_put(manager);
	}
	return types;
}

/**
 * gunyah_auth_manager_register() - offer a type of GUNYAH_VM_ANDROID_SET_AUTH_TYPE
 * @manager: constant until it is unregistered
 *
 * Context: may sleep.
 *
 * Returns: 0; EINVAL if the manager cannot work, EEXIST if its type is taken, ENOMEM.
 */
int gunyah_auth_manager_register(const struct gunyah_auth_manager *manager)
{
	struct auth_entry *entry;

	if (!manager->plan || manager->arg_size > GUNYAH_AUTH_MAX_ARG_SIZE)
		return -EINVAL;
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return -ENOMEM;
	entry->manager = manager;

	guard(mutex)(&auth_lock);
	if (manager->type == android_pvm.type || auth_entry_find(manager->type)) {
		kfree(entry);
		return -EEXIST;
	}
	list_add(&entry->node, &auth_entries);
	return 0;
}
EXPORT_SYMBOL_GPL(gunyah_auth_manager_register);

/**
 * gunyah_auth_manager_unregister() - the counterpart of gunyah_auth_manager_register()
 * @manager: as registered.  Nobody calls its @plan any more: its module is not unloaded
 *	before, as callers keep it
 *
 * VMs that it made plans for are not concerned.
 */
void gunyah_auth_manager_unregister(const struct gunyah_auth_manager *manager)
{
	struct auth_entry *entry;

	mutex_lock(&auth_lock);
	entry = auth_entry_find(manager->type);
	if (!WARN_ON(!entry || entry->manager != manager)) {
		list_del(&entry->node);
		kfree(entry);
	}
	mutex_unlock(&auth_lock);
}
EXPORT_SYMBOL_GPL(gunyah_auth_manager_unregister);
