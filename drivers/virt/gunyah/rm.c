// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Resource Manager: its life, the way of a message to it and back, and what
 * is asked once when it is bound.  The messages themselves are in rm_vm.c and
 * rm_mem.c, notifications in rm_notify.c.
 *
 * RM errors stop here: callers get errnos.  Who has to name them is a witness, see
 * rm_witness.c.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/sizes.h>

#include <linux/gunyah/abi/hypercall.h>

#include "compat.h"
#include "rm_priv.h"

/**
 * gunyah_rm_create() - a Resource Manager behind a transport
 * @dev: device, for its node and for log lines; a reference is taken
 * @ops: transport
 * @transport: its handle; @ops->release is called when nobody needs it any more,
 *	not if this fails
 * @timeout: bound of each call, in jiffies
 * @first_seq: see gunyah_rm_rpc_init()
 *
 * Return: the RM with one reference, or an ERR_PTR.
 */
struct gunyah_rm *gunyah_rm_create(struct device *dev,
				   const struct gunyah_rm_transport_ops *ops, void *transport,
				   unsigned long timeout, u16 first_seq)
{
	struct gunyah_rm *rm;

	rm = kzalloc(sizeof(*rm), GFP_KERNEL);
	if (!rm)
		return ERR_PTR(-ENOMEM);

	rm->rpc.notify = gunyah_rm_notify;
	rm->rpc.notify_data = rm;
	rm->rpc.timeout = timeout;
	rm->events = alloc_ordered_workqueue("gunyah-rm-events", 0);
	rm->undos = alloc_ordered_workqueue("gunyah-rm-undo", 0);
	if (!rm->events || !rm->undos || gunyah_rm_rpc_init(&rm->rpc, ops, transport, first_seq))
		goto err;

	kref_init(&rm->ref);
	BLOCKING_INIT_NOTIFIER_HEAD(&rm->chain);
	spin_lock_init(&rm->witness_lock);
	INIT_LIST_HEAD(&rm->witnesses);
	rm->dev = get_device(dev);

	return rm;

err:
	if (rm->undos)
		destroy_workqueue(rm->undos);
	if (rm->events)
		destroy_workqueue(rm->events);
	kfree(rm);
	return ERR_PTR(-ENOMEM);
}

/**
 * gunyah_rm_shutdown() - the device goes away: calls end with ENODEV, events stop
 * @rm: RM; the transport delivers and sends nothing any more
 *
 * Who holds a reference keeps the structure.
 */
void gunyah_rm_shutdown(struct gunyah_rm *rm)
{
	/*
	 * 1. Nobody waits for a reply any more, so that
	 * 2. undo work in progress ends, and
	 * 3. the last events are delivered.
	 */
	gunyah_rm_rpc_stop(&rm->rpc);
	destroy_workqueue(rm->undos);
	destroy_workqueue(rm->events);
}

static void gunyah_rm_release(struct kref *ref)
{
	struct gunyah_rm *rm = container_of(ref, struct gunyah_rm, ref);

	if (rm->rpc.ops->release)
		rm->rpc.ops->release(rm->rpc.transport);
	gunyah_rm_rpc_destroy(&rm->rpc);
	put_device(rm->dev);
	kfree(rm);
}

/**
 * gunyah_rm_get() - take a reference
 * @rm: RM
 *
 * Keeps the structure, not the device: calls return ENODEV once that has gone.
 *
 * Return: @rm
 */
struct gunyah_rm *gunyah_rm_get(struct gunyah_rm *rm)
{
	kref_get(&rm->ref);

	return rm;
}

/**
 * gunyah_rm_put() - drop a reference
 * @rm: RM
 */
void gunyah_rm_put(struct gunyah_rm *rm)
{
	kref_put(&rm->ref, gunyah_rm_release);
}

const struct gunyah_rm_caps *gunyah_rm_caps(struct gunyah_rm *rm)
{
	return &rm->caps;
}

struct device *gunyah_rm_device(struct gunyah_rm *rm)
{
	return rm->dev;
}

/* One request and one reply; looks at the reply's error and at nothing behind it */
static int gunyah_rm_exchange(struct gunyah_rm *rm, struct gunyah_rm_msg *msg)
{
	struct gunyah_rm_reply_header header = {};
	struct gunyah_rm_call call = {
		.msg_id = msg->id,
		.req = msg->req,
		.req_size = msg->req_size,
		.resp = msg->resp ?: &header,
		.resp_max = msg->resp ? max(msg->resp_max, msg->resp_min) : sizeof(header),
		.killable = msg->killable,
		.late = msg->late,
		.late_data = rm,
		.late_arg = msg->late_arg,
	};
	int ret;

	ret = gunyah_rm_rpc_call(&rm->rpc, &call);
	msg->in_doubt = call.in_doubt;
	msg->resp_len = call.resp_len;
	if (ret)
		return ret;

	msg->answered = call.resp_len >= sizeof(header);
	if (!msg->answered)
		return 0;

	memcpy(&header, call.resp, sizeof(header));
	msg->error = le32_to_cpu(header.error);

	return 0;
}

static int gunyah_rm_check_reply(struct gunyah_rm *rm, struct gunyah_rm_msg *msg)
{
	bool ok = msg->answered && msg->error == GUNYAH_RM_ERR_OK;

	if (!msg->answered || (ok && msg->resp_len < msg->resp_min)) {
		if (!gunyah_rm_witness_note(rm, GUNYAH_RM_MALFORMED, msg))
			dev_err_ratelimited(rm->dev, "%s (0x%08x): malformed reply of %zu bytes\n",
					    gunyah_rm_msg_name(msg->id), msg->id,
					    msg->resp_len);
		msg->in_doubt = true;
		return -EBADMSG;
	}

	if (!ok && !msg->quiet && !gunyah_rm_witness_note(rm, GUNYAH_RM_REFUSED, msg))
		dev_notice_ratelimited(rm->dev, "%s (0x%08x) refused: %s (0x%x)\n",
				       gunyah_rm_msg_name(msg->id), msg->id,
				       gunyah_rm_error_name(msg->error), msg->error);

	return gunyah_rm_error_to_errno(msg->error);
}

static void gunyah_rm_report_failure(struct gunyah_rm *rm, const struct gunyah_rm_msg *msg, int err)
{
	if (err == -EINTR || err == -ENODEV || err == -ENOMEM)
		return;
	if (gunyah_rm_witness_note(rm, GUNYAH_RM_UNANSWERED, msg))
		return;

	dev_err_ratelimited(rm->dev, "%s (0x%08x): no reply: %pe\n",
			    gunyah_rm_msg_name(msg->id), msg->id, ERR_PTR(err));
}

/**
 * gunyah_rm_send_msg() - send a message, translate the answer
 * @rm: RM
 * @msg: what to send and to expect
 *
 * Return: 0, an error of gunyah_rm_rpc_call(), the RM's error as errno, or
 * EBADMSG for a reply that is too short.
 */
int gunyah_rm_send_msg(struct gunyah_rm *rm, struct gunyah_rm_msg *msg)
{
	int tries = 0;
	int ret;

	for (;;) {
		msg->answered = false;
		ret = gunyah_rm_exchange(rm, msg);
		if (ret) {
			gunyah_rm_report_failure(rm, msg, ret);
			return ret;
		}

		if (!msg->answered || msg->error != GUNYAH_RM_ERR_BUSY ||
		    ++tries == GUNYAH_RM_BUSY_TRIES)
			return gunyah_rm_check_reply(rm, msg);

		usleep_range(500, 1500);
	}
}

/**
 * gunyah_rm_vmid_msg() - send a request whose payload is a VMID
 * @rm: RM
 * @msg_id: GUNYAH_RM_*
 * @vmid: VM
 *
 * Return: see gunyah_rm_send_msg(); EINVAL for a VMID that is no guest's.
 */
int gunyah_rm_vmid_msg(struct gunyah_rm *rm, u32 msg_id, u16 vmid)
{
	struct gunyah_rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };
	struct gunyah_rm_msg msg = {
		.id = msg_id,
		.req = &req,
		.req_size = sizeof(req),
	};

	if (!gunyah_rm_vmid_ok(rm, vmid))
		return -EINVAL;

	return gunyah_rm_send_msg(rm, &msg);
}

bool gunyah_rm_reply_ok(const void *resp, size_t resp_len)
{
	struct gunyah_rm_reply_header header;

	if (resp_len < sizeof(header))
		return false;
	memcpy(&header, resp, sizeof(header));

	return le32_to_cpu(header.error) == GUNYAH_RM_ERR_OK;
}

bool gunyah_rm_word_reply_ok(const void *resp, size_t resp_len, u32 *word)
{
	struct gunyah_rm_word_reply reply;

	if (resp_len < sizeof(reply))
		return false;

	memcpy(&reply, resp, sizeof(reply));
	*word = le32_to_cpu(reply.word);

	return gunyah_rm_reply_ok(resp, resp_len);
}

struct gunyah_rm_undo {
	struct work_struct work;
	struct gunyah_rm *rm;
	int (*undo)(struct gunyah_rm *rm, u32 arg);
	u32 arg;
};

static void gunyah_rm_report_leak(struct gunyah_rm *rm, u32 arg, int err)
{
	dev_err(rm->dev, "could not give back 0x%x of an abandoned request: %pe\n",
		arg, ERR_PTR(err));
}

static void gunyah_rm_undo_work(struct work_struct *work)
{
	struct gunyah_rm_undo *u = container_of(work, struct gunyah_rm_undo, work);
	int ret = u->undo(u->rm, u->arg);

	if (ret)
		gunyah_rm_report_leak(u->rm, u->arg, ret);
	kfree(u);
}

/**
 * gunyah_rm_queue_undo() - a late reply brought something that nobody wants
 * @rm: RM
 * @undo: gives it back; may call the RM
 * @arg: what
 *
 * Context: that of the receiver, which makes no call itself: it would wait for
 * a reply that only it can receive.
 */
void gunyah_rm_queue_undo(struct gunyah_rm *rm, int (*undo)(struct gunyah_rm *rm, u32 arg),
			  u32 arg)
{
	struct gunyah_rm_undo *u = kmalloc(sizeof(*u), GFP_KERNEL);

	if (!u) {
		gunyah_rm_report_leak(rm, arg, -ENOMEM);
		return;
	}

	INIT_WORK(&u->work, gunyah_rm_undo_work);
	u->rm = rm;
	u->undo = undo;
	u->arg = arg;
	queue_work(rm->undos, &u->work);
}

/* The one message whose payload is empty: others can kill the open RM that way */
static int gunyah_rm_ask_own_vmid(struct gunyah_rm *rm)
{
	struct gunyah_rm_word_reply reply;
	struct gunyah_rm_msg msg = {
		.id = GUNYAH_RM_VM_GET_VMID,
		.resp = &reply,
		.resp_min = sizeof(reply),
		.killable = true,
	};
	u32 vmid;
	int ret;

	ret = gunyah_rm_send_msg(rm, &msg);
	if (ret)
		return ret;

	vmid = le32_to_cpu(reply.word);
	if (!vmid || vmid > U16_MAX)
		return -EBADMSG;
	rm->caps.own_vmid = vmid;

	return 0;
}

/*
 * Does the RM know a message?  Asked about a VM that does not exist: it either
 * does not know the message (UNIMPLEMENTED), or refuses it for another reason.
 * Returns 1, 0 or a negative errno when there was no answer.
 */
static int gunyah_rm_knows(struct gunyah_rm *rm, u32 msg_id, const void *req, size_t req_size)
{
	struct gunyah_rm_msg msg = {
		.id = msg_id,
		.req = req,
		.req_size = req_size,
		.killable = true,
		.quiet = true,
	};
	int ret = gunyah_rm_send_msg(rm, &msg);

	if (!msg.answered)
		return ret;

	return msg.error != GUNYAH_RM_ERR_UNIMPLEMENTED;
}

/* Public drivers disagree about the id of this message: take the one that is known */
static int gunyah_rm_ask_boot_context(struct gunyah_rm *rm)
{
	static const u32 ids[] = {
		GUNYAH_RM_VM_SET_BOOT_CONTEXT,
		GUNYAH_RM_VM_SET_BOOT_CONTEXT_ALT,
	};
	struct gunyah_rm_boot_context_req req = {
		.vmid = cpu_to_le16(GUNYAH_RM_VMID_NOBODY),
		.reg_set = GUNYAH_REGSET_PC,
	};
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		ret = gunyah_rm_knows(rm, ids[i], &req, sizeof(req));
		if (ret < 0)
			return ret;
		if (ret) {
			rm->caps.boot_context = ids[i];
			return 0;
		}
	}

	return 0;
}

static int gunyah_rm_ask_demand_paging(struct gunyah_rm *rm)
{
	struct {
		struct gunyah_rm_demand_paging_req req;
		struct gunyah_rm_demand_paging_entry entry;
	} __packed req = {
		.req.vmid = cpu_to_le16(GUNYAH_RM_VMID_NOBODY),
		.req.count = cpu_to_le32(1),
		.entry.size = cpu_to_le64(SZ_4K),
	};
	int ret = gunyah_rm_knows(rm, GUNYAH_RM_VM_SET_DEMAND_PAGING, &req, sizeof(req));

	if (ret < 0)
		return ret;
	rm->caps.demand_paging = ret;

	return 0;
}

/**
 * gunyah_rm_bind() - first contact: who are we, what does this RM know
 * @rm: RM; its transport works
 *
 * In the middle of a START it would be too late to ask: a VM in the RM's state
 * INIT cannot be reset.
 *
 * Return: 0; ETIMEDOUT when nobody answers, or another error.
 */
int gunyah_rm_bind(struct gunyah_rm *rm)
{
	int ret;

	ret = gunyah_rm_ask_own_vmid(rm);
	if (ret)
		return ret;

	ret = gunyah_rm_ask_boot_context(rm);
	if (ret)
		return ret;

	return gunyah_rm_ask_demand_paging(rm);
}
