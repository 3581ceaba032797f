// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCIe acquisition cards with the Sense card interface: binding, interrupts,
 * tear-down. Documentation/card-interface.md describes the interface,
 * Documentation/iio/sense-pcie.rst what userspace sees.
 *
 * Tear-down runs backwards through probe: the IIO device goes first (readers
 * wake, buffers stop, leases can be taken no more), then outputs and card are
 * made safe, then the interrupts go, then the bus, then the ring's memory.
 */
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pm.h>

#include "sense-pcie.h"

#define SENSE_PCI_VENDOR_QUMRANET	0x1af4
#define SENSE_PCI_DEVICE_IVSHMEM	0x1110
#define SENSE_IVSHMEM_DOORBELL		0x0c
#define SENSE_FLUSH_DEFAULT_US		10000

/* ---- transports ----------------------------------------------------------------------- */

static void sense_native_ring(struct sense_pcie *st, enum sense_card_doorbell bell)
{
	writel(1, st->bells + SENSE_CARD_DOORBELL + bell * 4);
}

static const struct sense_transport sense_native = {
	.name = "native",
	.window_bar = 0,
	.bell_bar = 0,
	.ring = sense_native_ring,
};

/* The virtual card is peer 1 of its ivshmem device. */
static void sense_ivshmem_ring(struct sense_pcie *st, enum sense_card_doorbell bell)
{
	writel(1 << 16 | bell, st->bells + SENSE_IVSHMEM_DOORBELL);
}

static const struct sense_transport sense_ivshmem = {
	.name = "ivshmem",
	.window_bar = 2,
	.bell_bar = 0,
	.ring = sense_ivshmem_ring,
};

/*
 * Cards by PCI id, one line each; a card's line names its transport:
 *	{ PCI_DEVICE(VENDOR, DEVICE), .driver_data = (kernel_ulong_t)&sense_native },
 */
static const struct pci_device_id sense_pcie_ids[] = {
	{ }
};
MODULE_DEVICE_TABLE(pci, sense_pcie_ids);

/*
 * Not published, and matched by driver_override alone: this id is that of
 * every ivshmem device, and this driver must not be loaded for all of them.
 */
static const struct pci_device_id sense_pcie_unpublished_ids[] = {
	{ PCI_DEVICE(SENSE_PCI_VENDOR_QUMRANET, SENSE_PCI_DEVICE_IVSHMEM),
	  .driver_data = (kernel_ulong_t)&sense_ivshmem },
	{ }
};

/* Bound by driver_override or new_id, a device has no driver data of the table's. */
static const struct sense_transport *sense_transport_of(struct pci_dev *pdev,
							const struct pci_device_id *id)
{
	if (!id->driver_data)
		id = pci_match_id(sense_pcie_unpublished_ids, pdev);
	return id ? (const void *)id->driver_data : &sense_native;
}

/* ---- interrupts ----------------------------------------------------------------------- */

static irqreturn_t sense_event_interrupt(int irq, void *data)
{
	struct sense_pcie *st = data;

	complete(&st->command_done);
	return st->num_outputs ? IRQ_WAKE_THREAD : IRQ_HANDLED;
}

static irqreturn_t sense_event_thread(int irq, void *data)
{
	sense_output_event(data);
	return IRQ_HANDLED;
}

static irqreturn_t sense_error_thread(int irq, void *data)
{
	struct sense_pcie *st = data;

	if (!sense_gone(st))
		sysfs_notify(&st->indio_dev->dev.kobj, NULL, "errors");
	return IRQ_HANDLED;
}

static int sense_request_interrupts(struct sense_pcie *st)
{
	struct pci_dev *pdev = st->pdev;
	int ret;

	ret = pci_alloc_irq_vectors(pdev, SENSE_CARD_VECTORS, SENSE_CARD_VECTORS, PCI_IRQ_MSIX);
	if (ret < 0)
		return dev_err_probe(st->dev, ret, "%d MSI-X vectors\n", SENSE_CARD_VECTORS);
	ret = devm_request_threaded_irq(st->dev, pci_irq_vector(pdev, SENSE_CARD_VECTOR_DATA),
					sense_ring_interrupt, sense_ring_thread, 0,
					"sense-pcie-data", st);
	if (ret)
		return dev_err_probe(st->dev, ret, "data interrupt\n");
	ret = devm_request_threaded_irq(st->dev, pci_irq_vector(pdev, SENSE_CARD_VECTOR_EVENT),
					sense_event_interrupt, sense_event_thread, 0,
					"sense-pcie-event", st);
	if (ret)
		return dev_err_probe(st->dev, ret, "event interrupt\n");
	ret = devm_request_threaded_irq(st->dev, pci_irq_vector(pdev, SENSE_CARD_VECTOR_ERROR),
					NULL, sense_error_thread, IRQF_ONESHOT,
					"sense-pcie-error", st);
	if (ret)
		return dev_err_probe(st->dev, ret, "error interrupt\n");
	return 0;
}

/* ---- binding -------------------------------------------------------------------------- */

static void sense_clear_master(void *data)
{
	pci_clear_master(data);
}

/* The IIO device is gone. Leave a card that is safe and does nothing. */
static void sense_shut_down(void *data)
{
	struct sense_pcie *st = data;

	sense_output_safe_all(st);
	sense_output_cancel(st);
	sense_ring_stop(st);
	cancel_delayed_work_sync(&st->poll);
}

static int sense_map(struct sense_pcie *st)
{
	const struct sense_transport *transport = st->transport;
	int bars = BIT(transport->window_bar) | BIT(transport->bell_bar);
	int ret;

	st->window_size = pci_resource_len(st->pdev, transport->window_bar);
	/* Too small to be a card: something else with the same PCI id. */
	if (st->window_size < SENSE_CARD_MIN_WINDOW)
		return -ENODEV;
	ret = pcim_iomap_regions(st->pdev, bars, "sense-pcie");
	if (ret)
		return dev_err_probe(st->dev, ret, "register window\n");
	st->window = pcim_iomap_table(st->pdev)[transport->window_bar];
	st->bells = pcim_iomap_table(st->pdev)[transport->bell_bar];
	return 0;
}

static int sense_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct device *dev = &pdev->dev;
	struct iio_dev *indio_dev;
	struct sense_pcie *st;
	int ret;

	indio_dev = devm_iio_device_alloc(dev, sizeof(*st));
	if (!indio_dev)
		return -ENOMEM;
	st = iio_priv(indio_dev);
	st->pdev = pdev;
	st->dev = dev;
	st->indio_dev = indio_dev;
	st->transport = sense_transport_of(pdev, id);
	st->flush_us = SENSE_FLUSH_DEFAULT_US;
	pci_set_drvdata(pdev, st);

	ret = pcim_enable_device(pdev);
	if (ret)
		return dev_err_probe(dev, ret, "enable\n");
	ret = sense_map(st);
	if (ret)
		return ret;
	ret = sense_table_read(st);
	if (ret)
		return ret;
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(le32_to_cpu(st->identity.dma_bits)));
	if (ret)
		return dev_err_probe(dev, ret, "no DMA with %u address bits\n",
				     le32_to_cpu(st->identity.dma_bits));

	sense_command_init(st);
	sense_output_init(st);
	sense_clock_init(st);
	/* A kernel before this one may have left it running: stop it before it gets the bus. */
	ret = sense_command_reset(st);
	if (ret)
		return dev_err_probe(dev, ret, "reset\n");
	ret = sense_ring_init(st);
	if (ret)
		return dev_err_probe(dev, ret, "DMA ring\n");
	pci_set_master(pdev);
	ret = devm_add_action_or_reset(dev, sense_clear_master, pdev);
	if (ret)
		return ret;
	ret = sense_request_interrupts(st);
	if (ret)
		return ret;
	ret = devm_add_action_or_reset(dev, sense_shut_down, st);
	if (ret)
		return ret;
	ret = sense_buffer_init(st);
	if (ret)
		return dev_err_probe(dev, ret, "buffers\n");
	ret = sense_iio_init(st);
	if (ret)
		return ret;
	ret = devm_iio_device_register(dev, indio_dev);
	if (ret)
		return dev_err_probe(dev, ret, "IIO device\n");
	sense_debugfs_init(st);

	dev_info(dev, "%s, serial %s, %u channels, %u outputs, ring of %u scans%s\n", st->label,
		 st->serial, st->num_channels, st->num_outputs, st->ring.entries,
		 st->capabilities & SENSE_CARD_CAP_SIMULATED ? ", simulated" : "");
	return 0;
}

/* No lease from now on, and the outputs safe before anything slower happens. */
static void sense_quiesce(struct sense_pcie *st)
{
	mutex_lock(&st->output_lock);
	st->removing = true;
	mutex_unlock(&st->output_lock);
	sense_output_safe_all(st);
}

static void sense_remove(struct pci_dev *pdev)
{
	sense_quiesce(pci_get_drvdata(pdev));
}

static void sense_shutdown(struct pci_dev *pdev)
{
	struct sense_pcie *st = pci_get_drvdata(pdev);

	sense_quiesce(st);
	if (!sense_gone(st))
		sense_command(st, SENSE_CARD_CMD_STOP, 0);
	pci_clear_master(pdev);
}

/* ---- sleep ---------------------------------------------------------------------------- */

static int sense_suspend(struct device *dev)
{
	struct sense_pcie *st = dev_get_drvdata(dev);
	int ret;

	/* A measurement under way is not cut in silence: end it first. */
	ret = iio_device_claim_direct_mode(st->indio_dev);
	if (ret)
		return ret;
	sense_quiesce(st);
	iio_device_release_direct_mode(st->indio_dev);
	return 0;
}

static int sense_resume(struct device *dev)
{
	struct sense_pcie *st = dev_get_drvdata(dev);
	int ret;

	ret = sense_table_recheck(st);
	if (ret) {
		dev_err(dev, "not the card that was here before the sleep: bind it again\n");
		return ret;
	}
	ret = sense_command_reset(st);
	if (ret)
		return ret;
	mutex_lock(&st->output_lock);
	st->removing = false;
	mutex_unlock(&st->output_lock);
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(sense_pm_ops, sense_suspend, sense_resume);

static struct pci_driver sense_pcie_driver = {
	.name = "sense_pcie",
	.id_table = sense_pcie_ids,
	.probe = sense_probe,
	.remove = sense_remove,
	.shutdown = sense_shutdown,
	.driver.pm = pm_sleep_ptr(&sense_pm_ops),
};
module_pci_driver(sense_pcie_driver);

MODULE_DESCRIPTION("PCIe acquisition cards with the Sense card interface");
MODULE_AUTHOR("The Sense authors");
MODULE_LICENSE("GPL");
