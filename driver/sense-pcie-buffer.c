// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two IIO buffers, and which scans each of them did not get.
 *
 * iio_push_to_buffers() drops what a full buffer refuses without a trace, and
 * stops at the first refusal, so that a full record buffer would starve the
 * loop. Here a refusal is counted, its sequence number noted, and never
 * reported upwards.
 *
 * An IIO buffer is freed by its own release function when the last open file
 * is closed, which may be after this module has been unloaded. So the object is
 * one of kfifo_buf's; its access functions are ours while the driver is bound,
 * and its own before and after.
 */
#include <linux/iio/buffer.h>
#include <linux/iio/kfifo_buf.h>

#include "sense-compat.h"
#include "sense-pcie.h"

const char * const sense_cause_names[SENSE_CAUSES] = {
	[SENSE_CAUSE_CARD] = "card",
	[SENSE_CAUSE_KERNEL] = "kernel",
	[SENSE_CAUSE_CORRUPT] = "corrupt",
};

static struct sense_buffer *to_sense_buffer(struct iio_buffer *buffer)
{
	return container_of(buffer->access, struct sense_buffer, access);
}

/**
 * sense_buffer_lost() - note scans that a buffer does not get
 * @sb: the buffer
 * @first: sequence number of the first
 * @count: how many
 * @cause: why
 *
 * Context: drain_lock held.
 */
void sense_buffer_lost(struct sense_buffer *sb, u64 first, u64 count, enum sense_cause cause)
{
	struct sense_lost_range *range;

	sb->lost[cause] += count;
	if (sb->ranges > sb->released) {
		range = &sb->range[(sb->ranges - 1) % SENSE_LOST_RANGES];
		if (range->cause == cause && range->first + range->count == first) {
			range->count += count;
			return;
		}
	}
	if (sb->ranges - sb->released == SENSE_LOST_RANGES) {
		sb->released++;
		sb->dropped++;
	}
	range = &sb->range[sb->ranges++ % SENSE_LOST_RANGES];
	range->first = first;
	range->count = count;
	range->cause = cause;
}

/**
 * sense_buffers_lost() - note scans that no active buffer gets
 * @st: the card
 * @first: sequence number of the first
 * @count: how many
 * @cause: why
 *
 * Context: drain_lock held.
 */
void sense_buffers_lost(struct sense_pcie *st, u64 first, u64 count, enum sense_cause cause)
{
	unsigned int i;

	for (i = 0; i < SENSE_BUFFERS; i++)
		if (st->buffers[i].active)
			sense_buffer_lost(&st->buffers[i], first, count, cause);
}

static int sense_buffer_store(struct iio_buffer *buffer, const void *data)
{
	struct sense_buffer *sb = to_sense_buffer(buffer);

	if (likely(sense_fifo_put(&sb->fifo, data)))
		sb->stored++;
	else
		sense_buffer_lost(sb, sb->st->ring.pushed, 1, SENSE_CAUSE_KERNEL);
	return 0;
}

/* Called for a buffer that is being enabled, and only for that one. */
static int sense_buffer_request_update(struct iio_buffer *buffer)
{
	struct sense_buffer *sb = to_sense_buffer(buffer);
	int ret;

	ret = sense_fifo_resize(&sb->fifo, buffer->length, buffer->bytes_per_datum);
	if (ret) {
		dev_err(sb->st->dev, "no memory for a buffer of %u scans of %zu bytes\n",
			buffer->length, buffer->bytes_per_datum);
		return ret;
	}
	sb->fresh = true;
	sb->st->inserting = true;
	return 0;
}

static int sense_buffer_read(struct iio_buffer *buffer, size_t n, char __user *to)
{
	return sense_fifo_read(&to_sense_buffer(buffer)->fifo, n, to);
}

static size_t sense_buffer_data_available(struct iio_buffer *buffer)
{
	return sense_fifo_available(&to_sense_buffer(buffer)->fifo);
}

static int sense_buffer_set_bytes_per_datum(struct iio_buffer *buffer, size_t bytes)
{
	buffer->bytes_per_datum = bytes;
	return 0;
}

static int sense_buffer_set_length(struct iio_buffer *buffer, unsigned int length)
{
	buffer->length = max(length, 2U);
	return 0;
}

/* Called for every active buffer whenever the set of buffers changes. */
static int sense_buffer_enable(struct iio_buffer *buffer, struct iio_dev *indio_dev)
{
	struct sense_buffer *sb = to_sense_buffer(buffer);

	mutex_lock(&sb->st->drain_lock);
	if (sb->fresh || sb->end > sb->st->ring.expected) {
		sb->fresh = false;
		sb->first = sb->st->ring.expected;
		sb->stored = 0;
		sb->ranges = 0;
		sb->released = 0;
		sb->dropped = 0;
		memset(sb->lost, 0, sizeof(sb->lost));
	}
	sb->active = true;
	mutex_unlock(&sb->st->drain_lock);
	return 0;
}

static int sense_buffer_disable(struct iio_buffer *buffer, struct iio_dev *indio_dev)
{
	struct sense_buffer *sb = to_sense_buffer(buffer);

	mutex_lock(&sb->st->drain_lock);
	sb->active = false;
	sb->end = sb->st->ring.expected;
	mutex_unlock(&sb->st->drain_lock);
	return 0;
}

static void sense_buffer_release(void *data)
{
	struct sense_buffer *sb = data;

	WRITE_ONCE(sb->buffer->access, sb->inner);
	sense_fifo_free(&sb->fifo);
	iio_kfifo_free(sb->buffer);
}

/**
 * sense_buffer_init() - attach the record buffer and the loop buffer
 * @st: the card
 *
 * Return: 0 or a negative error code.
 */
int sense_buffer_init(struct sense_pcie *st)
{
	unsigned int i;
	int ret;

	sense_attr_init();
	for (i = 0; i < SENSE_BUFFERS; i++) {
		struct sense_buffer *sb = &st->buffers[i];

		sb->st = st;
		sense_fifo_init(&sb->fifo);
		sb->range = devm_kcalloc(st->dev, SENSE_LOST_RANGES, sizeof(*sb->range),
					 GFP_KERNEL);
		if (!sb->range)
			return -ENOMEM;
		sb->buffer = iio_kfifo_allocate();
		if (!sb->buffer)
			return -ENOMEM;
		sb->inner = sb->buffer->access;
		sb->access = (struct iio_buffer_access_funcs){
			.store_to = sense_buffer_store,
			.read = sense_buffer_read,
			.data_available = sense_buffer_data_available,
			.request_update = sense_buffer_request_update,
			.set_bytes_per_datum = sense_buffer_set_bytes_per_datum,
			.set_length = sense_buffer_set_length,
			.enable = sense_buffer_enable,
			.disable = sense_buffer_disable,
			.release = sb->inner->release,
			.modes = sb->inner->modes,
		};
		sb->buffer->access = &sb->access;
		sb->buffer->attrs =
			sense_buffer_attrs(sense_buffer_plain_attrs, sense_buffer_iio_attrs);
		ret = devm_add_action_or_reset(st->dev, sense_buffer_release, sb);
		if (ret)
			return ret;
		ret = iio_device_attach_buffer(st->indio_dev, sb->buffer);
		if (ret)
			return ret;
	}
	return 0;
}
