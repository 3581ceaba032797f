// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of the device and of its buffers, beyond those the IIO core makes
 * from the channels. Documentation/ABI describes the ones that are not standard.
 */
#include <linux/iio/buffer.h>
#include <linux/iio/sysfs.h>
#include <linux/sysfs.h>

#include "sense-pcie.h"

/**
 * sense_parse_seconds() - a time in decimal seconds
 * @text: as written by the user
 * @unit_ns: ns per unit wanted
 * @units: the time
 *
 * Return: 0, or -EINVAL for what is no number, negative, or no whole unit.
 */
int sense_parse_seconds(const char *text, u32 unit_ns, u64 *units)
{
	int seconds, ns, ret;

	ret = iio_str_to_fixpoint(text, NSEC_PER_SEC / 10, &seconds, &ns);
	if (ret)
		return ret;
	if (seconds < 0 || ns < 0 || ns % unit_ns)
		return -EINVAL;
	*units = mul_u32_u32(seconds, NSEC_PER_SEC / unit_ns) + ns / unit_ns;
	return 0;
}

static struct sense_pcie *to_sense(struct device *dev)
{
	return iio_priv(dev_to_iio_dev(dev));
}

/* ---- device ------------------------------------------------------------------------ */

static ssize_t serialnumber_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_sense(dev)->serial);
}

static ssize_t vendor_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_sense(dev)->vendor);
}

static ssize_t model_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_sense(dev)->model);
}

static ssize_t uuid_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%pUb\n", to_sense(dev)->identity.uuid);
}

static ssize_t hardware_revision_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", le32_to_cpu(to_sense(dev)->identity.hardware_revision));
}

static ssize_t firmware_revision_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	u32 revision = le32_to_cpu(to_sense(dev)->identity.firmware_revision);

	return sysfs_emit(buf, "%u.%u.%u\n", revision >> 16, revision >> 8 & 0xff,
			  revision & 0xff);
}

static ssize_t interface_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct sense_card_identity *id = &to_sense(dev)->identity;

	return sysfs_emit(buf, "%u.%u\n", le16_to_cpu(id->major), le16_to_cpu(id->minor));
}

static ssize_t simulated_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n",
			  !!(to_sense(dev)->capabilities & SENSE_CARD_CAP_SIMULATED));
}

static ssize_t timestamp_uncertainty_show(struct device *dev, struct device_attribute *attr,
					  char *buf)
{
	s64 ns = sense_clock_uncertainty_ns(to_sense(dev));

	return ns < 0 ? ns : sysfs_emit(buf, "%lld\n", ns);
}

static ssize_t errors_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sense_pcie *st = to_sense(dev);
	const void __iomem *status = st->window + SENSE_CARD_STATUS;
	unsigned int i;
	u64 sum = 0;

	if (sense_gone(st))
		return -ENODEV;
	sum += readq(status + offsetof(struct sense_card_status, errors_adc));
	sum += readq(status + offsetof(struct sense_card_status, errors_dma));
	sum += readq(status + offsetof(struct sense_card_status, errors_clock));
	for (i = 0; i < SENSE_ERRORS; i++)
		sum += atomic64_read(&st->errors[i]);
	return sysfs_emit(buf, "%llu\n", sum);
}

static IIO_DEVICE_ATTR_RO(serialnumber, 0);
static IIO_DEVICE_ATTR_RO(vendor, 0);
static IIO_DEVICE_ATTR_RO(model, 0);
static IIO_DEVICE_ATTR_RO(uuid, 0);
static IIO_DEVICE_ATTR_RO(hardware_revision, 0);
static IIO_DEVICE_ATTR_RO(firmware_revision, 0);
static IIO_DEVICE_ATTR_RO(interface_version, 0);
static IIO_DEVICE_ATTR_RO(simulated, 0);
static IIO_DEVICE_ATTR_RO(timestamp_uncertainty, 0);
static IIO_DEVICE_ATTR_RO(errors, 0);

static struct attribute *sense_device_attrs[] = {
	&iio_dev_attr_serialnumber.dev_attr.attr,
	&iio_dev_attr_vendor.dev_attr.attr,
	&iio_dev_attr_model.dev_attr.attr,
	&iio_dev_attr_uuid.dev_attr.attr,
	&iio_dev_attr_hardware_revision.dev_attr.attr,
	&iio_dev_attr_firmware_revision.dev_attr.attr,
	&iio_dev_attr_interface_version.dev_attr.attr,
	&iio_dev_attr_simulated.dev_attr.attr,
	&iio_dev_attr_timestamp_uncertainty.dev_attr.attr,
	&iio_dev_attr_errors.dev_attr.attr,
	NULL
};

const struct attribute_group sense_device_group = {
	.attrs = sense_device_attrs,
};

/* ---- buffers ------------------------------------------------------------------------- */

/* The buffer an attribute stands in. */
static struct sense_buffer *to_sense_buffer(struct device *dev, struct device_attribute *attr)
{
	struct sense_pcie *st = to_sense(dev);
	struct iio_buffer *buffer = to_iio_dev_attr(attr)->buffer;

	return &st->buffers[buffer == st->buffers[0].buffer ? 0 : 1];
}

static ssize_t lost_emit(struct device *dev, struct device_attribute *attr, char *buf,
			 unsigned int causes)
{
	struct sense_buffer *sb = to_sense_buffer(dev, attr);
	u64 sum = 0;
	unsigned int i;

	mutex_lock(&sb->st->drain_lock);
	for (i = 0; i < SENSE_CAUSES; i++)
		if (causes & BIT(i))
			sum += sb->lost[i];
	mutex_unlock(&sb->st->drain_lock);
	return sysfs_emit(buf, "%llu\n", sum);
}

static ssize_t lost_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return lost_emit(dev, attr, buf, BIT(SENSE_CAUSES) - 1);
}

static ssize_t lost_card_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return lost_emit(dev, attr, buf, BIT(SENSE_CAUSE_CARD));
}

static ssize_t lost_kernel_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return lost_emit(dev, attr, buf, BIT(SENSE_CAUSE_KERNEL));
}

static ssize_t lost_corrupt_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return lost_emit(dev, attr, buf, BIT(SENSE_CAUSE_CORRUPT));
}

/* The longest line: "corrupt", two numbers of 20 digits, two spaces, a newline. */
#define LOST_RANGE_LINE		50

/* Oldest first, as many as fit a page; the reader releases them and reads on. */
static ssize_t lost_ranges_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sense_buffer *sb = to_sense_buffer(dev, attr);
	ssize_t n = 0;
	u64 i;

	mutex_lock(&sb->st->drain_lock);
	if (sb->dropped)
		n += sysfs_emit_at(buf, n, "dropped %llu\n", sb->dropped);
	for (i = sb->released; i < sb->ranges && n < PAGE_SIZE - LOST_RANGE_LINE; i++) {
		const struct sense_lost_range *range = &sb->range[i % SENSE_LOST_RANGES];

		n += sysfs_emit_at(buf, n, "%s %llu %llu\n", sense_cause_names[range->cause],
				   range->first, range->count);
	}
	mutex_unlock(&sb->st->drain_lock);
	return n;
}

/* A sequence number: the runs that lie wholly before it are released. */
static ssize_t lost_ranges_store(struct device *dev, struct device_attribute *attr,
				 const char *buf, size_t len)
{
	struct sense_buffer *sb = to_sense_buffer(dev, attr);
	u64 end;
	int ret;

	ret = kstrtou64(buf, 10, &end);
	if (ret)
		return ret;
	mutex_lock(&sb->st->drain_lock);
	for (; sb->released < sb->ranges; sb->released++) {
		const struct sense_lost_range *range =
			&sb->range[sb->released % SENSE_LOST_RANGES];

		if (range->first + range->count > end)
			break;
	}
	mutex_unlock(&sb->st->drain_lock);
	return len;
}

static ssize_t first_sequence_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sense_buffer *sb = to_sense_buffer(dev, attr);
	u64 first;

	mutex_lock(&sb->st->drain_lock);
	first = sb->first;
	mutex_unlock(&sb->st->drain_lock);
	return sysfs_emit(buf, "%llu\n", first);
}

static ssize_t last_sequence_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sense_buffer *sb = to_sense_buffer(dev, attr);
	u64 end;

	mutex_lock(&sb->st->drain_lock);
	end = sb->active ? sb->st->ring.expected : sb->end;
	mutex_unlock(&sb->st->drain_lock);
	return sysfs_emit(buf, "%lld\n", (s64)end - 1);
}

static ssize_t hwfifo_enabled_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(to_sense(dev)->ring.running));
}

static ssize_t hwfifo_watermark_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_sense(dev)->watermark));
}

static ssize_t hwfifo_watermark_min_show(struct device *dev, struct device_attribute *attr,
					 char *buf)
{
	return sysfs_emit(buf, "1\n");
}

static ssize_t hwfifo_watermark_max_show(struct device *dev, struct device_attribute *attr,
					 char *buf)
{
	return sysfs_emit(buf, "%u\n", to_sense(dev)->ring.entries / 2);
}

static ssize_t hwfifo_timeout_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	u32 us = READ_ONCE(to_sense(dev)->flush_us);

	return sysfs_emit(buf, "%lu.%06lu\n", us / USEC_PER_SEC, us % USEC_PER_SEC);
}

static ssize_t hwfifo_timeout_store(struct device *dev, struct device_attribute *attr,
				    const char *buf, size_t len)
{
	struct iio_dev *indio_dev = dev_to_iio_dev(dev);
	struct sense_pcie *st = iio_priv(indio_dev);
	u64 us;
	int ret;

	ret = sense_parse_seconds(buf, NSEC_PER_USEC, &us);
	if (ret)
		return ret;
	if (us > U32_MAX)
		return -EINVAL;
	ret = iio_device_claim_direct_mode(indio_dev);
	if (ret)
		return ret;
	WRITE_ONCE(st->flush_us, us);
	iio_device_release_direct_mode(indio_dev);
	return len;
}

static IIO_DEVICE_ATTR_RO(lost, 0);
static IIO_DEVICE_ATTR_RO(lost_card, 0);
static IIO_DEVICE_ATTR_RO(lost_kernel, 0);
static IIO_DEVICE_ATTR_RO(lost_corrupt, 0);
static IIO_DEVICE_ATTR_RW(lost_ranges, 0);
static IIO_DEVICE_ATTR_RO(first_sequence, 0);
static IIO_DEVICE_ATTR_RO(last_sequence, 0);
static IIO_DEVICE_ATTR_RO(hwfifo_enabled, 0);
static IIO_DEVICE_ATTR_RO(hwfifo_watermark, 0);
static IIO_DEVICE_ATTR_RO(hwfifo_watermark_min, 0);
static IIO_DEVICE_ATTR_RO(hwfifo_watermark_max, 0);
static IIO_DEVICE_ATTR_RW(hwfifo_timeout, 0);

const struct iio_dev_attr *sense_buffer_iio_attrs[] = {
	&iio_dev_attr_lost,
	&iio_dev_attr_lost_card,
	&iio_dev_attr_lost_kernel,
	&iio_dev_attr_lost_corrupt,
	&iio_dev_attr_lost_ranges,
	&iio_dev_attr_first_sequence,
	&iio_dev_attr_last_sequence,
	&iio_dev_attr_hwfifo_enabled,
	&iio_dev_attr_hwfifo_watermark,
	&iio_dev_attr_hwfifo_watermark_min,
	&iio_dev_attr_hwfifo_watermark_max,
	&iio_dev_attr_hwfifo_timeout,
	NULL
};

/* The same, for kernels whose buffers take plain attributes. */
const struct attribute *sense_buffer_plain_attrs[ARRAY_SIZE(sense_buffer_iio_attrs)];

/**
 * sense_attr_init() - make the second form of the buffers' attributes from the first
 */
void sense_attr_init(void)
{
	unsigned int i;

	for (i = 0; sense_buffer_iio_attrs[i]; i++)
		sense_buffer_plain_attrs[i] = &sense_buffer_iio_attrs[i]->dev_attr.attr;
}
