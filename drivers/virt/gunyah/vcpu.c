// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns vCPUs: the function and its descriptor.  The loop that runs the guest is
 * vcpu_run.c's.
 *
 * Lifetime: the function and the file each hold a reference to the vCPU; the file also
 * holds the VM, so the function never outlives it.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "compat.h"
#include "ioctl_table.h"
#include "vcpu.h"
#include "vcpu_priv.h"
#include "vm.h"

/* How long to wait between two kicks of a vCPU that is to leave the guest */
#define KICK_INTERVAL		max(HZ / 50, 1)

/*
 * The file
 */

static long vcpu_ioctl_run(void *obj, unsigned long value)
{
	return gunyah_vcpu_run(obj);
}

static long vcpu_ioctl_mmap_size(void *obj, unsigned long value)
{
	return PAGE_SIZE;
}

static long vcpu_ioctl_set_reg(void *obj, const union gunyah_ioctl_arg *arg)
{
	return gunyah_vcpu_set_reg(obj, &arg->vcpu_reg);
}

static const struct gunyah_ioctl vcpu_ioctls[] = {
	GUNYAH_IOCTL_PLAIN(GUNYAH_VCPU_RUN, vcpu_ioctl_run),
	GUNYAH_IOCTL_PLAIN(GUNYAH_VCPU_MMAP_SIZE, vcpu_ioctl_mmap_size),
	GUNYAH_IOCTL_COPIED(GUNYAH_VCPU_SET_REG, vcpu_ioctl_set_reg),
};

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return gunyah_ioctl_dispatch(vcpu_ioctls, ARRAY_SIZE(vcpu_ioctls), file->private_data,
				     cmd, arg);
}

/* One page; accesses behind it get SIGBUS */
static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct gunyah_vcpu *vcpu = vmf->vma->vm_private_data;

	if (vmf->pgoff)
		return VM_FAULT_SIGBUS;
	get_page(vcpu->page);
	vmf->page = vcpu->page;
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = {
	.fault = vcpu_fault,
};

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_private_data = file->private_data;
	vma->vm_ops = &vcpu_vm_ops;
	return 0;
}

static void vcpu_free(struct kref *ref)
{
	struct gunyah_vcpu *vcpu = container_of(ref, struct gunyah_vcpu, ref);

	put_page(vcpu->page);
	mutex_destroy(&vcpu->run_lock);
	mutex_destroy(&vcpu->regs.lock);
	kfree(vcpu);
}

/* The VM's reference last: it may be what keeps the function, and so the vCPU */
static int vcpu_release(struct inode *inode, struct file *file)
{
	struct gunyah_vcpu *vcpu = file->private_data;
	struct gunyah_vm *vm = vcpu->vm;

	kref_put(&vcpu->ref, vcpu_free);
	gunyah_vm_put(vm);
	return 0;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.llseek = noop_llseek,
	.release = vcpu_release,
};

/*
 * The function
 */

static irqreturn_t vcpu_irq(int irq, void *data)
{
	struct gunyah_vcpu *vcpu = data;

	WRITE_ONCE(vcpu->woken, true);
	wake_up(&vcpu->wq);
	return IRQ_HANDLED;
}

/* The VM's state has changed; under its event_lock */
static void vcpu_notify(struct gunyah_vm_listener *listener)
{
	wake_up_all(&container_of(listener, struct gunyah_vcpu, listener)->wq);
}

static int vcpu_populate(struct gunyah_resource_ticket *ticket,
			 const struct gunyah_resource *res)
{
	struct gunyah_vcpu *vcpu = container_of(ticket, struct gunyah_vcpu, ticket);
	int err;

	if (!res->irq) {
		pr_err("gunyah: %s has no wake-up interrupt\n", vcpu->name);
		return -ENODEV;
	}
	guard(mutex)(&vcpu->run_lock);
	err = request_irq(res->irq, vcpu_irq, IRQF_TRIGGER_RISING, vcpu->name, vcpu);
	if (err)
		return err;
	err = gunyah_vcpu_regs_attach(vcpu, res->capid);
	if (err) {
		free_irq(res->irq, vcpu);
		return err;
	}
	vcpu->capid = res->capid;
	vcpu->irq = res->irq;
	vcpu->known = true;
	WRITE_ONCE(vcpu->stop, false);
	return 0;
}

static void vcpu_kick(struct gunyah_vcpu *vcpu)
{
	wake_up_all(&vcpu->wq);
	spin_lock(&vcpu->runner_lock);
	if (vcpu->runner)
		kick_process(vcpu->runner);
	spin_unlock(&vcpu->runner_lock);
}

/* Nobody is in the guest when this returns, and nobody enters it */
static void vcpu_stop(struct gunyah_vcpu *vcpu)
{
	WRITE_ONCE(vcpu->stop, true);
	do {
		vcpu_kick(vcpu);
	} while (!wait_event_timeout(vcpu->wq, !READ_ONCE(vcpu->runner), KICK_INTERVAL));
}

/*
 * 1. Out of the guest, so that the lock below is free soon.
 * 2. No capability: VCPU_RUN has nothing to enter.
 * 3. The interrupt, which may have woken it until here.
 */
static void vcpu_unpopulate(struct gunyah_resource_ticket *ticket)
{
	struct gunyah_vcpu *vcpu = container_of(ticket, struct gunyah_vcpu, ticket);
	int irq;

	vcpu_stop(vcpu);
	gunyah_vcpu_regs_detach(vcpu);
	mutex_lock(&vcpu->run_lock);
	irq = vcpu->irq;
	vcpu->irq = 0;
	vcpu->capid = GUNYAH_CAPID_INVALID;
	mutex_unlock(&vcpu->run_lock);
	free_irq(irq, vcpu);
}

static void vcpu_unbind(struct gunyah_vm_function *fn)
{
	struct gunyah_vcpu *vcpu = container_of(fn, struct gunyah_vcpu, fn);

	WRITE_ONCE(vcpu->removed, true);
	gunyah_resource_ticket_remove(&fn->vm->resources, &vcpu->ticket);
	gunyah_vm_unlisten(fn->vm, &vcpu->listener);
	kref_put(&vcpu->ref, vcpu_free);
}

static bool vcpu_match(const struct gunyah_vm_function *fn, const void *data, bool exact)
{
	const struct gunyah_vcpu *vcpu = container_of(fn, struct gunyah_vcpu, fn);
	const struct gunyah_fn_vcpu_arg *arg = data;

	return arg->id == vcpu->ticket.label;
}

static struct gunyah_vcpu *vcpu_alloc(struct gunyah_vm *vm, u32 id)
{
	struct gunyah_vcpu *vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);

	if (!vcpu)
		return NULL;
	vcpu->page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!vcpu->page) {
		kfree(vcpu);
		return NULL;
	}
	vcpu->run = page_address(vcpu->page);
	vcpu->vm = vm;
	vcpu->fn.vm = vm;
	vcpu->fn.type = GUNYAH_FN_VCPU;
	vcpu->fn.unbind = vcpu_unbind;
	vcpu->fn.match = vcpu_match;
	vcpu->ticket.type = GUNYAH_RESOURCE_VCPU;
	vcpu->ticket.label = id;
	vcpu->ticket.populate = vcpu_populate;
	vcpu->ticket.unpopulate = vcpu_unpopulate;
	vcpu->listener.notify = vcpu_notify;
	vcpu->capid = GUNYAH_CAPID_INVALID;
	scnprintf(vcpu->name, sizeof(vcpu->name), "gh-vcpu:%u", id);
	kref_init(&vcpu->ref);
	mutex_init(&vcpu->run_lock);
	mutex_init(&vcpu->regs.lock);
	vcpu->regs.capid = GUNYAH_CAPID_INVALID;
	init_waitqueue_head(&vcpu->wq);
	spin_lock_init(&vcpu->runner_lock);
	return vcpu;
}

/* A file for the vCPU, with its references; the caller still holds the first one */
static struct file *vcpu_file(struct gunyah_vcpu *vcpu)
{
	struct file *file;

	kref_get(&vcpu->ref);
	gunyah_vm_get(vcpu->vm);
	file = anon_inode_getfile(vcpu->name, &vcpu_fops, vcpu, O_RDWR);
	if (IS_ERR(file)) {
		gunyah_vm_put(vcpu->vm);
		kref_put(&vcpu->ref, vcpu_free);
	}
	return file;
}

/* Claims the id, makes the descriptor, and publishes both when nothing can fail */
static long vcpu_publish(struct gunyah_vm *vm, struct gunyah_vcpu *vcpu)
{
	struct file *file;
	int fd, err;

	err = gunyah_resource_ticket_add(&vm->resources, &vcpu->ticket);
	if (err)
		return err;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		err = fd;
		goto remove_ticket;
	}
	file = vcpu_file(vcpu);
	if (IS_ERR(file)) {
		err = PTR_ERR(file);
		goto put_fd;
	}
	gunyah_vm_listen(vm, &vcpu->listener);
	list_add_tail(&vcpu->fn.node, &vm->functions);
	fd_install(fd, file);
	return fd;

put_fd:
	put_unused_fd(fd);
remove_ticket:
	gunyah_resource_ticket_remove(&vm->resources, &vcpu->ticket);
	return err;
}

/**
 * gunyah_vcpu_bind() - adds a vCPU
 * @vm: the VM, fn_lock held
 * @data: struct gunyah_fn_vcpu_arg
 *
 * Returns: its file descriptor; EEXIST if the VM has this vCPU; ENOMEM, EMFILE.
 */
long gunyah_vcpu_bind(struct gunyah_vm *vm, const void *data)
{
	const struct gunyah_fn_vcpu_arg *arg = data;
	struct gunyah_vcpu *vcpu;
	long ret;

	lockdep_assert_held(&vm->fn_lock);

	vcpu = vcpu_alloc(vm, arg->id);
	if (!vcpu)
		return -ENOMEM;
	ret = vcpu_publish(vm, vcpu);
	if (ret < 0)
		kref_put(&vcpu->ref, vcpu_free);
	return ret;
}
