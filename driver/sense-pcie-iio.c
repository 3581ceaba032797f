// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IIO device: channels from the card's table, then the elements of the
 * scan header, then the time; and what reading and writing them does.
 */
#include <linux/iio/buffer.h>
#include <linux/iio/iio.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "sense-pcie.h"

/*
 * At most this many data interrupts per second: a buffer with watermark 1 is
 * served scan by scan up to this rate and in small batches above it.
 */
#define SENSE_INTERRUPTS_PER_S	4000

static const char * const sense_element_labels[SENSE_ELEMENTS] = {
	[SENSE_ELEMENT_SEQUENCE] = "sequence",
	[SENSE_ELEMENT_COUNTER] = "counter",
	[SENSE_ELEMENT_FAULT] = "fault",
	[SENSE_ELEMENT_SATURATION] = "saturation",
	[SENSE_ELEMENT_FLAGS] = "scan_flags",
};

/* ---- values --------------------------------------------------------------------------- */

static int sense_read_input(struct sense_pcie *st, unsigned int index, int *val)
{
	const struct sense_channel *channel = &st->channels[index];
	u32 raw;
	int ret;

	/* While buffers run, what they get is the answer; else one scan is acquired. */
	ret = iio_device_claim_direct_mode(st->indio_dev);
	if (!ret) {
		ret = sense_ring_single(st);
		iio_device_release_direct_mode(st->indio_dev);
		if (ret)
			return ret;
	} else if (ret != -EBUSY) {
		return ret;
	}
	ret = sense_ring_newest(st, index, &raw);
	if (ret)
		return ret;
	if (channel->is_signed)
		*val = sign_extend32(raw, channel->bits - 1);
	else
		*val = raw & GENMASK(channel->bits - 1, 0);
	return IIO_VAL_INT;
}

static int sense_read_raw(struct iio_dev *indio_dev, struct iio_chan_spec const *chan, int *val,
			  int *val2, long mask)
{
	struct sense_pcie *st = iio_priv(indio_dev);
	int ret;

	switch (mask) {
	case IIO_CHAN_INFO_RAW:
		if (!chan->output)
			return sense_read_input(st, chan->address, val);
		ret = sense_output_read(st, chan->address, val);
		return ret ?: IIO_VAL_INT;
	case IIO_CHAN_INFO_SAMP_FREQ:
		*val = st->rates[READ_ONCE(st->rate)].num;
		*val2 = st->rates[READ_ONCE(st->rate)].den;
		return IIO_VAL_FRACTIONAL;
	default:
		return -EINVAL;
	}
}

static int sense_set_rate(struct sense_pcie *st, int hz, int nano)
{
	unsigned int i;
	int ret;

	if (hz < 0 || nano < 0)
		return -EINVAL;
	for (i = 0; i < st->num_rates; i++) {
		const struct sense_rate *rate = &st->rates[i];
		u32 rest = rate->num % rate->den;

		/* What the core prints for this rate, to the nanohertz. */
		if (rate->num / rate->den == hz &&
		    div_u64(mul_u32_u32(rest, NSEC_PER_SEC), rate->den) == nano)
			break;
	}
	if (i == st->num_rates)
		return -EINVAL;
	ret = iio_device_claim_direct_mode(st->indio_dev);
	if (ret)
		return ret;
	WRITE_ONCE(st->rate, i);
	iio_device_release_direct_mode(st->indio_dev);
	return 0;
}

static int sense_write_raw(struct iio_dev *indio_dev, struct iio_chan_spec const *chan, int val,
			   int val2, long mask)
{
	struct sense_pcie *st = iio_priv(indio_dev);

	switch (mask) {
	case IIO_CHAN_INFO_RAW:
		return chan->output ? sense_output_write(st, chan->address, val) : -EINVAL;
	case IIO_CHAN_INFO_SAMP_FREQ:
		return sense_set_rate(st, val, val2);
	default:
		return -EINVAL;
	}
}

static int sense_write_raw_get_fmt(struct iio_dev *indio_dev, struct iio_chan_spec const *chan,
				   long mask)
{
	return mask == IIO_CHAN_INFO_RAW ? IIO_VAL_INT : IIO_VAL_INT_PLUS_NANO;
}

static int sense_read_avail(struct iio_dev *indio_dev, struct iio_chan_spec const *chan,
			    const int **vals, int *type, int *length, long mask)
{
	struct sense_pcie *st = iio_priv(indio_dev);

	switch (mask) {
	case IIO_CHAN_INFO_RAW:
		*vals = chan->output ? st->outputs[chan->address].range :
				       st->channels[chan->address].range;
		*type = IIO_VAL_INT;
		*length = 3;
		return IIO_AVAIL_RANGE;
	case IIO_CHAN_INFO_SAMP_FREQ:
		*vals = st->rates_available;
		*type = IIO_VAL_FRACTIONAL;
		*length = 2 * st->num_rates;
		return IIO_AVAIL_LIST;
	default:
		return -EINVAL;
	}
}

static int sense_read_label(struct iio_dev *indio_dev, struct iio_chan_spec const *chan,
			    char *label)
{
	struct sense_pcie *st = iio_priv(indio_dev);

	if (chan->type == IIO_COUNT)
		return sysfs_emit(label, "%s\n", sense_element_labels[chan->channel]);
	return sysfs_emit(label, "%s\n", chan->output ? st->outputs[chan->address].label :
							st->channels[chan->address].label);
}

static const struct sense_channel *sense_channel_of(struct iio_dev *indio_dev,
						    const struct iio_chan_spec *chan)
{
	struct sense_pcie *st = iio_priv(indio_dev);

	return &st->channels[chan->address];
}

static ssize_t sense_scale_show(struct iio_dev *indio_dev, uintptr_t private,
				const struct iio_chan_spec *chan, char *buf)
{
	return sense_rational_emit(buf, &sense_channel_of(indio_dev, chan)->scale);
}

static ssize_t sense_offset_show(struct iio_dev *indio_dev, uintptr_t private,
				 const struct iio_chan_spec *chan, char *buf)
{
	return sense_rational_emit(buf, &sense_channel_of(indio_dev, chan)->offset);
}

static ssize_t sense_kind_show(struct iio_dev *indio_dev, uintptr_t private,
			       const struct iio_chan_spec *chan, char *buf)
{
	return sysfs_emit(buf, "%s\n", sense_channel_of(indio_dev, chan)->kind->name);
}

static ssize_t sense_group_show(struct iio_dev *indio_dev, uintptr_t private,
				const struct iio_chan_spec *chan, char *buf)
{
	return sysfs_emit(buf, "%u\n", sense_channel_of(indio_dev, chan)->group);
}

/*
 * Scale and offset stand here and not in the info mask because the core prints
 * nine decimals and these are exact.
 */
static const struct iio_chan_spec_ext_info sense_input_ext_info[] = {
	{ .name = "scale", .shared = IIO_SEPARATE, .read = sense_scale_show },
	{ .name = "offset", .shared = IIO_SEPARATE, .read = sense_offset_show },
	{ .name = "kind", .shared = IIO_SEPARATE, .read = sense_kind_show },
	{ .name = "group", .shared = IIO_SEPARATE, .read = sense_group_show },
	{ }
};

/* ---- stream --------------------------------------------------------------------------- */

static int sense_set_watermark(struct iio_dev *indio_dev, unsigned int val)
{
	struct sense_pcie *st = iio_priv(indio_dev);
	const struct sense_rate *rate = &st->rates[st->rate];
	u32 least = DIV_ROUND_UP_ULL(rate->num, mul_u32_u32(rate->den, SENSE_INTERRUPTS_PER_S));

	WRITE_ONCE(st->watermark, clamp(max(val, least), 1U, st->ring.entries / 2));
	return 0;
}

static int sense_preenable(struct iio_dev *indio_dev)
{
	struct sense_pcie *st = iio_priv(indio_dev);
	int ret;

	st->inserting = false;
	if (st->removing)
		return -ENODEV;
	ret = sense_ring_prepare(st);
	if (ret)
		sense_ring_stop(st);
	return ret;
}

static int sense_postenable(struct iio_dev *indio_dev)
{
	struct sense_pcie *st = iio_priv(indio_dev);

	if (!st->ring.running)
		return sense_ring_start(st);
	sense_ring_resume(st);
	return 0;
}

/*
 * The core takes all buffers down and up again to add or remove one. The card
 * goes on meanwhile: a record must not start over because a loop starts.
 */
static int sense_predisable(struct iio_dev *indio_dev)
{
	struct sense_pcie *st = iio_priv(indio_dev);
	unsigned int i, active = 0;

	for (i = 0; i < SENSE_BUFFERS; i++)
		active += st->buffers[i].active;
	if (!st->removing && (st->inserting || active > 1))
		sense_ring_pause(st);
	else
		sense_ring_stop(st);
	return 0;
}

static const struct iio_buffer_setup_ops sense_setup_ops = {
	.preenable = sense_preenable,
	.postenable = sense_postenable,
	.predisable = sense_predisable,
};

static const struct iio_info sense_info = {
	.attrs = &sense_device_group,
	.read_raw = sense_read_raw,
	.write_raw = sense_write_raw,
	.write_raw_get_fmt = sense_write_raw_get_fmt,
	.read_avail = sense_read_avail,
	.read_label = sense_read_label,
	.hwfifo_set_watermark = sense_set_watermark,
	.debugfs_reg_access = sense_debugfs_reg_access,
};

/* ---- channels ------------------------------------------------------------------------- */

static void sense_input_spec(const struct sense_channel *channel, unsigned int index, int number,
			     struct iio_chan_spec *spec)
{
	spec->type = channel->kind->type;
	spec->indexed = 1;
	spec->channel = number;
	if (channel->kind->modifier != IIO_NO_MOD) {
		spec->modified = 1;
		spec->channel2 = channel->kind->modifier;
	}
	spec->address = index;
	/* The bit of a channel in the masks of the scan is its index in the table. */
	spec->scan_index = index;
	spec->scan_type.sign = channel->is_signed ? 's' : 'u';
	spec->scan_type.realbits = channel->bits;
	spec->scan_type.storagebits = 32;
	spec->scan_type.endianness = IIO_LE;
	spec->info_mask_separate = BIT(IIO_CHAN_INFO_RAW);
	spec->info_mask_separate_available = BIT(IIO_CHAN_INFO_RAW);
	spec->info_mask_shared_by_all = BIT(IIO_CHAN_INFO_SAMP_FREQ);
	spec->info_mask_shared_by_all_available = BIT(IIO_CHAN_INFO_SAMP_FREQ);
	spec->ext_info = sense_input_ext_info;
}

static void sense_output_spec(const struct sense_output *out, struct iio_chan_spec *spec)
{
	spec->type = out->kind == SENSE_CARD_OUT_CURRENT ? IIO_CURRENT : IIO_VOLTAGE;
	spec->indexed = 1;
	spec->output = 1;
	spec->channel = out->number;
	spec->address = out->index;
	spec->scan_index = -1;
	spec->info_mask_separate = BIT(IIO_CHAN_INFO_RAW);
	spec->info_mask_separate_available = BIT(IIO_CHAN_INFO_RAW);
	spec->ext_info = sense_output_ext_info;
}

/**
 * sense_iio_init() - describe the card to the IIO core
 * @st: the card, its tables read
 *
 * Return: 0 or -ENOMEM.
 */
int sense_iio_init(struct sense_pcie *st)
{
	struct iio_dev *indio_dev = st->indio_dev;
	unsigned int numbers[2] = { };
	struct iio_chan_spec *specs, *spec;
	unsigned int i, j;

	specs = devm_kcalloc(st->dev, st->num_channels + SENSE_ELEMENTS + 1 + st->num_outputs,
			     sizeof(*specs), GFP_KERNEL);
	if (!specs)
		return -ENOMEM;
	spec = specs;
	for (i = 0; i < st->num_channels; i++) {
		const struct sense_channel *channel = &st->channels[i];
		int number = 0;

		if (!channel->kind)
			continue;
		for (j = 0; j < i; j++)
			number += st->channels[j].kind &&
				  st->channels[j].kind->type == channel->kind->type;
		sense_input_spec(channel, i, number, spec++);
	}
	for (i = 0; i < SENSE_ELEMENTS; i++, spec++) {
		spec->type = IIO_COUNT;
		spec->indexed = 1;
		spec->channel = i;
		spec->scan_index = st->num_channels + i;
		spec->scan_type.sign = 'u';
		spec->scan_type.realbits = 64;
		spec->scan_type.storagebits = 64;
		spec->scan_type.endianness = IIO_LE;
	}
	*spec++ = (struct iio_chan_spec)IIO_CHAN_SOFT_TIMESTAMP(st->num_channels + SENSE_ELEMENTS);
	for (i = 0; i < st->num_outputs; i++) {
		struct sense_output *out = &st->outputs[i];

		if (!out->kind)
			continue;
		out->number = numbers[out->kind == SENSE_CARD_OUT_VOLTAGE]++;
		sense_output_spec(out, spec++);
	}

	indio_dev->name = "sense-pcie";
	indio_dev->label = st->label;
	indio_dev->info = &sense_info;
	indio_dev->modes = INDIO_DIRECT_MODE | INDIO_BUFFER_SOFTWARE;
	indio_dev->setup_ops = &sense_setup_ops;
	indio_dev->channels = specs;
	indio_dev->num_channels = spec - specs;
	st->watermark = 1;
	return 0;
}
