// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owns vCPUs: the function, its descriptor, and the loop that runs the guest on the
 * calling thread.  What an exit means is vcpu_exit.c's.
 *
 * Lifetime: the function and the file each hold a reference to the vCPU; the file also
 * holds the VM, so the function never outlives it.
 */
#include <linux/anon_inodes.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#ifdef CONFIG_ARM64
#include <linux/cpufeature.h>
#endif

#include "compat.h"
#include "hypercall.h"
#include "io_bus.h"
#include "ioctl_table.h"
#include "vcpu.h"
#include "vcpu_exit.h"
#include "vm.h"
#include "vm_trace.h"

/* So often a vCPU may be blocked by the hypervisor before its thread sleeps a little */
#define YIELDS_BEFORE_SLEEP	8
#define YIELD_SLEEP_US		100

/* How long to wait between two kicks of a vCPU that is to leave the guest */
#define KICK_INTERVAL		max(HZ / 50, 1)

/* What user space has to answer before the guest can go on */
enum vcpu_question {
	VCPU_NO_QUESTION,
	VCPU_ASKED_MMIO,
	VCPU_ASKED_PAGE_FAULT,
};

/**
 * struct gunyah_vcpu - a vCPU
 * @fn: its place in the VM
 * @ticket: its claim on the RM's vCPU
 * @listener: wakes it when the VM's state changes
 * @ref: function and file
 * @vm: the VM; constant
 * @name: of the file and of the interrupt; constant
 * @page: the run page; constant
 * @run: the same, for us; user space changes it at any time
 * @run_lock: held over VCPU_RUN; protects what follows up to @wq
 * @capid: the RM's vCPU; only while @irq is there
 * @irq: its wake-up interrupt, 0 if the vCPU is not there (any more)
 * @known: it has been there
 * @down: user space has been told that the VM is gone
 * @question: what was asked of user space
 * @mmio: our copy of the access in question
 * @resume: words for the next vcpu_run
 * @yields: how often in a row the hypervisor had no time for it
 * @wq: woken by the interrupt, the VM's state, @stop, the end of VCPU_RUN
 * @woken: the interrupt has come since the guest was entered last
 * @stop: leave the guest and do not enter it
 * @removed: the function is gone
 * @runner_lock: protects @runner
 * @runner: the thread in VCPU_RUN
 */
struct gunyah_vcpu {
	struct gunyah_vm_function fn;
	struct gunyah_resource_ticket ticket;
	struct gunyah_vm_listener listener;
	struct kref ref;
	struct gunyah_vm *vm;
	char name[24];
	struct page *page;
	struct gunyah_vcpu_run *run;

	struct mutex run_lock; /* capid to yields */
	u64 capid;
	int irq;
	bool known;
	bool down;
	enum vcpu_question question;
	struct gunyah_mmio mmio;
	u64 resume[3];
	unsigned int yields;

	wait_queue_head_t wq;
	bool woken;
	bool stop;
	bool removed;
	spinlock_t runner_lock; /* runner */
	struct task_struct *runner;
};

/*
 * The loop.  Functions return 1 to go on, 0 to return to user space with data in the
 * run page, or a negative errno.
 */

/* The VM does not run any more: say so once */
static int vcpu_tell_end(struct gunyah_vcpu *vcpu, enum gunyah_vm_life life)
{
	struct gunyah_vm_exit exit;
	int err;

	if (vcpu->down)
		return 0;
	if (life == GUNYAH_VM_LOAD_FAILED) {
		gunyah_vcpu_tell_status(vcpu->run, GUNYAH_VM_STATUS_LOAD_FAILED, NULL);
	} else if (life == GUNYAH_VM_EXITED) {
		err = gunyah_vm_exit_get(vcpu->vm, &exit);
		if (err)
			return err;
		gunyah_vcpu_tell_status(vcpu->run, exit.known ? GUNYAH_VM_STATUS_EXITED :
								GUNYAH_VM_STATUS_CRASHED,
					exit.known ? &exit.info : NULL);
	} else {
		gunyah_vcpu_tell_status(vcpu->run, GUNYAH_VM_STATUS_CRASHED, NULL);
	}
	vcpu->down = true;
	return 0;
}

/* Whether there is a guest to enter (ABI tables, uapi 3.7) */
static int vcpu_check(struct gunyah_vcpu *vcpu)
{
	enum gunyah_vm_life life = gunyah_vm_life(vcpu->vm);

	lockdep_assert_held(&vcpu->run_lock);

	if (READ_ONCE(vcpu->removed) || !vcpu->known || life == GUNYAH_VM_NOT_STARTED)
		return -ENODEV;
	if (life != GUNYAH_VM_RUNNING)
		return vcpu_tell_end(vcpu, life);
	if (READ_ONCE(vcpu->stop) || !vcpu->irq)
		return -ENODEV;
	return 1;
}

/* Why not to enter the guest; signals are looked at last, user space asks twice */
static int vcpu_why_not(struct gunyah_vcpu *vcpu)
{
	if (READ_ONCE(vcpu->run->immediate_exit))
		return -EINTR;
	if (signal_pending(current))
		return -ERESTARTSYS;
	if (READ_ONCE(vcpu->stop) || need_resched())
		return -EAGAIN;
	return 0;
}

static int vcpu_hypercall(struct gunyah_vcpu *vcpu, struct gunyah_vcpu_run_result *result)
{
	int err;

	WRITE_ONCE(vcpu->woken, false);
	trace_gunyah_vcpu_enter(vcpu->vm->vmid, vcpu->ticket.label, vcpu->resume);
	err = gunyah_hypercall_vcpu_run(vcpu->capid, vcpu->resume, result);
	trace_gunyah_vcpu_exit(vcpu->vm->vmid, vcpu->ticket.label, err, result->state,
			       result->data);
	if (err == GUNYAH_ERR_OK)
		memset(vcpu->resume, 0, sizeof(vcpu->resume));
	return err == GUNYAH_ERR_RETRY ? -EAGAIN : gunyah_error_to_errno(err);
}

/*
 * With priority masking (pseudo-NMI), interrupts that are "off" would be hidden from
 * the hypervisor as well
 */
static bool vcpu_may_mask_irqs(void)
{
#ifdef CONFIG_ARM64
	return !system_uses_irq_prio_masking();
#else
	return true;
#endif
}

/*
 * Enters the guest, unless there is a reason not to.  Interrupts are off from the
 * check to the call: a signal or a kick that comes in between is an interrupt that is
 * pending then, and a pending interrupt makes vcpu_run return (READY).  Where that is
 * not possible, the host's next tick ends the guest's turn.
 */
static int vcpu_enter(struct gunyah_vcpu *vcpu, struct gunyah_vcpu_run_result *result)
{
	bool mask = vcpu_may_mask_irqs();
	int err;

	if (mask)
		local_irq_disable();
	err = vcpu_why_not(vcpu);
	if (!err)
		err = vcpu_hypercall(vcpu, result);
	if (mask)
		local_irq_enable();
	return err;
}

static int vcpu_again(struct gunyah_vcpu *vcpu)
{
	return 1;
}

static int vcpu_yield(struct gunyah_vcpu *vcpu)
{
	if (++vcpu->yields > YIELDS_BEFORE_SLEEP)
		fsleep(YIELD_SLEEP_US);
	return 1;
}

static bool vcpu_awake(struct gunyah_vcpu *vcpu)
{
	return READ_ONCE(vcpu->stop) || gunyah_vm_life(vcpu->vm) != GUNYAH_VM_RUNNING;
}

static int vcpu_sleep(struct gunyah_vcpu *vcpu)
{
	return wait_event_interruptible(vcpu->wq, READ_ONCE(vcpu->woken) ||
					vcpu_awake(vcpu)) ?: 1;
}

static int vcpu_wait_exit(struct gunyah_vcpu *vcpu)
{
	return wait_event_interruptible(vcpu->wq, vcpu_awake(vcpu)) ?: 1;
}

/*
 * What the VM's memory says about a fault.  Returns true if the guest is to try again: it
 * has the page, or somebody was faster, or a signal came, which is looked at before the
 * guest is entered.
 */
static bool vcpu_page_in(struct gunyah_vcpu *vcpu, u64 addr, bool write, int *err)
{
	*err = gunyah_mem_fault(&vcpu->vm->mem, addr, write);
	return !*err || *err == -EAGAIN || *err == -EINTR;
}

static int vcpu_mmio(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_run_result *result)
{
	struct gunyah_mmio *mmio = &vcpu->mmio;
	bool in_kernel;
	int err;

	if (gunyah_mmio_decode(result, mmio)) {
		pr_err_ratelimited("gunyah: %s: access of %llu bytes\n", vcpu->name,
				   result->data[1]);
		return -EINVAL;
	}
	/* Addresses of both kinds: memory comes first (ABI tables, uapi 3.7) */
	if (gunyah_mem_may_fault(&vcpu->vm->mem, mmio->addr) &&
	    vcpu_page_in(vcpu, mmio->addr, mmio->write, &err)) {
		vcpu->resume[1] = GUNYAH_RESUME_RETRY;
		return 1;
	}
	in_kernel = mmio->write &&
		    gunyah_io_bus_write(vcpu->vm, mmio->addr, mmio->len, mmio->data);
	trace_gunyah_mmio(vcpu->vm->vmid, vcpu->ticket.label, mmio->write, mmio->addr,
			  mmio->len, mmio->data, in_kernel);
	if (in_kernel)
		return 1;
	gunyah_vcpu_tell_mmio(vcpu->run, mmio);
	vcpu->question = VCPU_ASKED_MMIO;
	return 0;
}

/* Programs may not know this exit: they get it only if nobody can provide the page */
static int vcpu_page_fault(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_run_result *result)
{
	u64 addr = result->data[0];
	int err;

	if (vcpu_page_in(vcpu, addr, result->data[1], &err))
		return 1;
	gunyah_vcpu_tell_page_fault(vcpu->run, addr, err);
	vcpu->question = VCPU_ASKED_PAGE_FAULT;
	return 0;
}

static int vcpu_unknown(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_run_result *result)
{
	pr_err_ratelimited("gunyah: %s: the hypervisor returned unknown state 0x%llx\n",
			   vcpu->name, result->state);
	return -EINVAL;
}

static int vcpu_handle(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_run_result *result)
{
	enum gunyah_vcpu_action action = gunyah_vcpu_decode(result);

	if (action != GUNYAH_VCPU_ACT_YIELD)
		vcpu->yields = 0;
	switch (action) {
	case GUNYAH_VCPU_ACT_AGAIN:
		return vcpu_again(vcpu);
	case GUNYAH_VCPU_ACT_YIELD:
		return vcpu_yield(vcpu);
	case GUNYAH_VCPU_ACT_SLEEP:
		return vcpu_sleep(vcpu);
	case GUNYAH_VCPU_ACT_WAIT_EXIT:
		return vcpu_wait_exit(vcpu);
	case GUNYAH_VCPU_ACT_MMIO_READ:
	case GUNYAH_VCPU_ACT_MMIO_WRITE:
		return vcpu_mmio(vcpu, result);
	case GUNYAH_VCPU_ACT_PAGE_FAULT:
		return vcpu_page_fault(vcpu, result);
	default:
		return vcpu_unknown(vcpu, result);
	}
}

static int vcpu_turn(struct gunyah_vcpu *vcpu)
{
	struct gunyah_vcpu_run_result result = {};
	int err = vcpu_enter(vcpu, &result);

	if (err == -EAGAIN)
		return 1;
	/* The hypervisor refuses to run a VM that has just gone: that has a better word */
	if (err && err != -EINTR && gunyah_vm_life(vcpu->vm) != GUNYAH_VM_RUNNING)
		return 1;
	if (err)
		return err;
	return vcpu_handle(vcpu, &result);
}

/* The answer of user space becomes resume words; it is read once, and only once */
static int vcpu_take_answer(struct gunyah_vcpu *vcpu)
{
	int err = 0;

	if (vcpu->question == VCPU_ASKED_MMIO)
		err = gunyah_vcpu_resume_mmio(vcpu->run, &vcpu->mmio, vcpu->resume);
	else if (vcpu->question == VCPU_ASKED_PAGE_FAULT)
		err = gunyah_vcpu_resume_page_fault(vcpu->run, vcpu->resume);
	if (!err)
		vcpu->question = VCPU_NO_QUESTION;
	return err;
}

static void vcpu_set_runner(struct gunyah_vcpu *vcpu, struct task_struct *runner)
{
	spin_lock(&vcpu->runner_lock);
	WRITE_ONCE(vcpu->runner, runner);
	spin_unlock(&vcpu->runner_lock);
	if (!runner)
		wake_up_all(&vcpu->wq);
}

static int vcpu_run_locked(struct gunyah_vcpu *vcpu)
{
	int ret = vcpu_check(vcpu);

	if (ret <= 0)
		return ret;
	if (READ_ONCE(vcpu->vm->has_user_mem) && current->mm != vcpu->vm->mm)
		return -EPERM;
	ret = vcpu_take_answer(vcpu);
	if (ret)
		return ret;

	vcpu_set_runner(vcpu, current);
	do {
		cond_resched();
		ret = vcpu_turn(vcpu);
		if (ret > 0)
			ret = vcpu_check(vcpu);
	} while (ret > 0);
	vcpu_set_runner(vcpu, NULL);
	return ret;
}

static long vcpu_ioctl_run(void *obj, unsigned long value)
{
	struct gunyah_vcpu *vcpu = obj;
	long ret = mutex_lock_interruptible(&vcpu->run_lock);

	if (ret)
		return ret;
	ret = vcpu_run_locked(vcpu);
	mutex_unlock(&vcpu->run_lock);
	return ret;
}

static long vcpu_ioctl_mmap_size(void *obj, unsigned long value)
{
	return PAGE_SIZE;
}

/*
 * The file
 */

static const struct gunyah_ioctl vcpu_ioctls[] = {
	GUNYAH_IOCTL_PLAIN(GUNYAH_VCPU_RUN, vcpu_ioctl_run),
	GUNYAH_IOCTL_PLAIN(GUNYAH_VCPU_MMAP_SIZE, vcpu_ioctl_mmap_size),
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
