// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: finds the hypervisor, connects the Resource Manager's node to
 * queues, interrupts and rm, and puts /dev/gunyah on top.  Initialisation order
 * in one place; nothing here knows a message or an ioctl.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>
#include <linux/random.h>

#include "cma.h"
#include "compat.h"
#include "hypercall.h"
#include "ioctl.h"
#include "msgq.h"
#include "rm_priv.h"

#undef pr_fmt
#define pr_fmt(fmt)	"gunyah: " fmt

/* A real RM runs when the host idles, so even seconds are rare */
#define GUNYAH_RM_TIMEOUT	(30 * HZ)

/**
 * struct gunyah_binding - the connection of a node
 * @q: its queues; lives as long as @rm
 * @rm: the Resource Manager behind them
 * @tx_irq: room in the queue out
 * @rx_irq: data in the queue in
 */
struct gunyah_binding {
	struct gunyah_msgq q;
	struct gunyah_rm *rm;
	int tx_irq;
	int rx_irq;
};

static int gunyah_transport_send(void *transport, const void *packet, size_t size, bool last,
				 bool killable, unsigned long deadline)
{
	struct gunyah_binding *b = transport;

	return gunyah_msgq_send(&b->q, packet, size, last, killable, deadline);
}

static void gunyah_transport_release(void *transport)
{
	kfree(transport);
}

static const struct gunyah_rm_transport_ops gunyah_transport_ops = {
	.send = gunyah_transport_send,
	.release = gunyah_transport_release,
};

static void gunyah_binding_receive(void *data, const void *packet, size_t size)
{
	struct gunyah_binding *b = data;

	gunyah_rm_rpc_receive(&b->rm->rpc, packet, size);
}

/* Order in the node: TX, then RX (ABI tables, devicetree a.1) */
static int gunyah_binding_parse(struct gunyah_binding *b, struct platform_device *pdev)
{
	struct device_node *np = pdev->dev.of_node;
	u64 tx_capid, rx_capid;
	int ret;

	ret = of_property_read_u64_index(np, "reg", 0, &tx_capid);
	if (!ret)
		ret = of_property_read_u64_index(np, "reg", 1, &rx_capid);
	if (ret)
		return dev_err_probe(&pdev->dev, ret, "no capabilities in \"reg\"\n");

	b->tx_irq = platform_get_irq(pdev, 0);
	if (b->tx_irq < 0)
		return b->tx_irq;

	b->rx_irq = platform_get_irq(pdev, 1);
	if (b->rx_irq < 0)
		return b->rx_irq;

	gunyah_msgq_init(&b->q, &gunyah_msgq_hvc_ops, tx_capid, rx_capid);

	return 0;
}

static struct gunyah_binding *gunyah_binding_create(struct platform_device *pdev)
{
	struct gunyah_binding *b __free(kfree) = kzalloc(sizeof(*b), GFP_KERNEL);
	int ret;

	if (!b)
		return ERR_PTR(-ENOMEM);

	ret = gunyah_binding_parse(b, pdev);
	if (ret)
		return ERR_PTR(ret);

	b->rm = gunyah_rm_create(&pdev->dev, &gunyah_transport_ops, b, GUNYAH_RM_TIMEOUT,
				 get_random_u32());
	if (IS_ERR(b->rm))
		return ERR_CAST(b->rm);

	b->q.receive = gunyah_binding_receive;
	b->q.receive_data = b;

	return_ptr(b);
}

static int gunyah_binding_connect(struct gunyah_binding *b, struct device *dev)
{
	int ret;

	ret = request_irq(b->tx_irq, gunyah_msgq_tx_irq, 0, "gunyah-rm-tx", &b->q);
	if (ret)
		return ret;

	ret = request_threaded_irq(b->rx_irq, NULL, gunyah_msgq_rx_thread, IRQF_ONESHOT,
				   "gunyah-rm-rx", &b->q);
	if (ret) {
		free_irq(b->tx_irq, &b->q);
		return ret;
	}

	/* What came before, for an earlier user of the queues: its edge may be lost */
	gunyah_msgq_receive(&b->q);

	return 0;
}

/*
 * 1. Nothing is sent any more, senders that wait for room leave;
 * 2. nothing is received any more: the interrupt threads have ended;
 * 3. calls that wait for a reply end, work queues drain.
 */
static void gunyah_binding_disconnect(struct gunyah_binding *b)
{
	gunyah_msgq_stop(&b->q);
	free_irq(b->rx_irq, &b->q);
	free_irq(b->tx_irq, &b->q);
	gunyah_rm_shutdown(b->rm);
}

static const char *gunyah_boot_context_name(u32 msg_id)
{
	if (msg_id == GUNYAH_RM_VM_SET_BOOT_CONTEXT)
		return "yes";

	return msg_id ? "yes (other id)" : "no";
}

static void gunyah_announce(struct gunyah_binding *b)
{
	const struct gunyah_rm_caps *caps = gunyah_rm_caps(b->rm);
	struct gunyah_identify id;

	gunyah_hypercall_identify(&id);
	pr_info("variant 0x%02llx, API version %llu, features 0x%llx, extensions 0x%llx; Resource Manager: we are VM %u, boot context %s, demand paging %s\n",
		id.api_info >> GUNYAH_API_VARIANT_SHIFT, id.api_info & GUNYAH_API_VERSION_MASK,
		id.flags[0], caps->extensions, caps->own_vmid, gunyah_boot_context_name(caps->boot_context),
		caps->demand_paging ? "yes" : "no");
}

static int gunyah_probe(struct platform_device *pdev)
{
	struct gunyah_binding *b;
	int ret;

	b = gunyah_binding_create(pdev);
	if (IS_ERR(b))
		return PTR_ERR(b);

	ret = gunyah_binding_connect(b, &pdev->dev);
	if (ret) {
		dev_err(&pdev->dev, "cannot get the interrupts: %pe\n", ERR_PTR(ret));
		goto err_shutdown;
	}

	ret = gunyah_rm_bind(b->rm);
	if (ret) {
		dev_err(&pdev->dev, "the Resource Manager does not answer: %pe\n", ERR_PTR(ret));
		goto err_disconnect;
	}

	b->rm->caps.extensions = gunyah_hypercall_extensions();

	platform_set_drvdata(pdev, b);
	gunyah_announce(b);

	/* Last: from now on there are callers */
	ret = gunyah_dev_register(b->rm);
	if (ret) {
		dev_err(&pdev->dev, "cannot register /dev/gunyah: %pe\n", ERR_PTR(ret));
		goto err_disconnect;
	}

	return 0;

err_disconnect:
	gunyah_binding_disconnect(b);
	gunyah_rm_put(b->rm);
	return ret;

err_shutdown:
	gunyah_rm_shutdown(b->rm);
	gunyah_rm_put(b->rm);
	return ret;
}

static void gunyah_remove(struct platform_device *pdev)
{
	struct gunyah_binding *b = platform_get_drvdata(pdev);

	gunyah_dev_unregister(b->rm);
	gunyah_binding_disconnect(b);
	/* Last: VMs that are still open keep it, and with it b */
	gunyah_rm_put(b->rm);
}

GUNYAH_PLATFORM_REMOVE(gunyah_remove)

static const struct of_device_id gunyah_of_match[] = {
	{ .compatible = "gunyah-resource-manager" },
	{}
};
MODULE_DEVICE_TABLE(of, gunyah_of_match);

static struct platform_driver gunyah_driver = {
	.probe = gunyah_probe,
	.remove = gunyah_remove_entry,
	.driver = {
		.name = "gunyah",
		.of_match_table = gunyah_of_match,
		/* Virtual machines cannot go on without it */
		.suppress_bind_attrs = true,
	},
};

/* The device that we had to make ourselves, if any */
static struct platform_device *gunyah_own_device;

/*
 * A parent that is also a "simple-bus" has been populated at boot.  One that is
 * only a "gunyah-hypervisor" has not: then the node has no device yet.
 */
static int gunyah_populate(struct device_node *np)
{
	struct platform_device *pdev = of_find_device_by_node(np);

	if (pdev) {
		put_device(&pdev->dev);
		return 0;
	}

	gunyah_own_device = of_platform_device_create(np, NULL, NULL);

	return gunyah_own_device ? 0 : -ENODEV;
}

static void gunyah_depopulate(void)
{
	if (gunyah_own_device)
		of_platform_device_destroy(&gunyah_own_device->dev, NULL);
}

static int gunyah_check_version(void)
{
	struct gunyah_identify id;
	u64 version;

	gunyah_hypercall_identify(&id);
	version = id.api_info & GUNYAH_API_VERSION_MASK;
	if (version == GUNYAH_API_VERSION)
		return 0;

	pr_err("API version %llu is not known (0x%llx)\n", version, id.api_info);

	return -ENODEV;
}

static int gunyah_register(struct device_node *np)
{
	int ret;

	/* Not without a node: the HVC of this check is undefined on other machines */
	if (!of_device_is_available(np) || !gunyah_hypercall_present())
		return -ENODEV;

	ret = gunyah_check_version();
	if (ret)
		return ret;

	ret = gunyah_populate(np);
	if (ret)
		return ret;

	ret = platform_driver_register(&gunyah_driver);
	if (ret)
		goto err_depopulate;

	ret = gunyah_cma_register();
	if (ret)
		goto err_unregister;

	return 0;

err_unregister:
	platform_driver_unregister(&gunyah_driver);
err_depopulate:
	gunyah_depopulate();
	return ret;
}

static int __init gunyah_init(void)
{
	struct device_node *np = of_find_matching_node(NULL, gunyah_of_match);
	int ret;

	if (!np)
		return -ENODEV;

	ret = gunyah_register(np);
	of_node_put(np);

	return ret;
}
module_init(gunyah_init);

static void __exit gunyah_exit(void)
{
	gunyah_cma_unregister();
	platform_driver_unregister(&gunyah_driver);
	gunyah_depopulate();
}
module_exit(gunyah_exit);

/* Nobody populates the children of this one, so no device asks for the module */
MODULE_ALIAS("of:N*T*Cgunyah-hypervisor");
MODULE_DESCRIPTION("Gunyah virtual machines");
MODULE_LICENSE("GPL");
