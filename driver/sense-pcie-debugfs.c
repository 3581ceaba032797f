// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a developer of a card or of this driver wants to see, in
 * debugfs/iio/iio:deviceN: rings, counters, clock, identity, self-test.
 */
#include <linux/debugfs.h>
#include <linux/iio/buffer.h>
#include <linux/math64.h>
#include <linux/seq_file.h>

#include "sense-pcie.h"

const char * const sense_error_names[SENSE_ERRORS] = {
	[SENSE_ERROR_PRODUCER] = "producer",
	[SENSE_ERROR_SEQUENCE] = "sequence",
	[SENSE_ERROR_COUNTER] = "counter",
	[SENSE_ERROR_GUARD] = "guard",
	[SENSE_ERROR_COMMAND] = "command",
	[SENSE_ERROR_TIMEOUT] = "timeout",
	[SENSE_ERROR_INTERRUPT] = "interrupt",
	[SENSE_ERROR_PRODUCED] = "produced",
	[SENSE_ERROR_FAILED] = "failed",
	[SENSE_ERROR_BACKSTOP] = "backstop",
};

#define STATUS(field)	(SENSE_CARD_STATUS + offsetof(struct sense_card_status, field))

static int ring_show(struct seq_file *s, void *unused)
{
	struct sense_pcie *st = s->private;
	const struct sense_ring *ring = &st->ring;

	mutex_lock(&st->drain_lock);
	seq_printf(s, "running %d\n", ring->running);
	seq_printf(s, "pushing %d\n", ring->pushing);
	seq_printf(s, "polled %d\n", READ_ONCE(st->polled));
	seq_printf(s, "entries %u\n", ring->entries);
	seq_printf(s, "stride %u\n", ring->stride);
	seq_printf(s, "producer %llu\n", le64_to_cpu(READ_ONCE(ring->index->producer)));
	seq_printf(s, "consumer %llu\n", ring->consumer);
	seq_printf(s, "fill %llu\n", sense_ring_fill(st));
	seq_printf(s, "high_water %llu\n", ring->high_water);
	seq_printf(s, "expected %llu\n", ring->expected);
	seq_printf(s, "taken %llu\n", ring->taken);
	seq_printf(s, "copies %u\n", ring->copies);
	mutex_unlock(&st->drain_lock);
	seq_printf(s, "interrupts %lld\n", atomic64_read(&st->interrupts));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ring);

static int buffers_show(struct seq_file *s, void *unused)
{
	struct sense_pcie *st = s->private;
	unsigned int i;

	seq_puts(s, "buffer active first end stored card kernel corrupt ranges\n");
	mutex_lock(&st->drain_lock);
	for (i = 0; i < SENSE_BUFFERS; i++) {
		const struct sense_buffer *sb = &st->buffers[i];

		seq_printf(s, "%u %d %llu %llu %llu %llu %llu %llu %llu\n", i, sb->active,
			   sb->first, sb->active ? st->ring.expected : sb->end, sb->stored,
			   sb->lost[SENSE_CAUSE_CARD], sb->lost[SENSE_CAUSE_KERNEL],
			   sb->lost[SENSE_CAUSE_CORRUPT], sb->ranges);
	}
	mutex_unlock(&st->drain_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(buffers);

static int errors_show(struct seq_file *s, void *unused)
{
	struct sense_pcie *st = s->private;
	unsigned int i;

	for (i = 0; i < SENSE_ERRORS; i++)
		seq_printf(s, "driver_%s %lld\n", sense_error_names[i],
			   atomic64_read(&st->errors[i]));
	if (sense_gone(st))
		return 0;
	seq_printf(s, "card_state %u\n", readl(st->window + STATUS(state)));
	seq_printf(s, "card_scans_produced %llu\n", readq(st->window + STATUS(scans_produced)));
	seq_printf(s, "card_scans_dropped %llu\n", readq(st->window + STATUS(scans_dropped)));
	seq_printf(s, "card_adc %llu\n", readq(st->window + STATUS(errors_adc)));
	seq_printf(s, "card_dma %llu\n", readq(st->window + STATUS(errors_dma)));
	seq_printf(s, "card_command %llu\n", readq(st->window + STATUS(errors_command)));
	seq_printf(s, "card_clock %llu\n", readq(st->window + STATUS(errors_clock)));
	seq_printf(s, "card_output_faults 0x%llx\n", readq(st->window + STATUS(output_faults)));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(errors);

/* A rate in 2^-32 as parts per billion. */
static s64 sense_ppb(s64 rate)
{
	return div_s64(rate * 1000000000LL, 1 << 30) / 4;
}

static int clock_show(struct seq_file *s, void *unused)
{
	struct sense_pcie *st = s->private;
	const struct sense_clock *clock = &st->clock;

	mutex_lock(&st->drain_lock);
	seq_printf(s, "clock %d\n", clock->id);
	seq_printf(s, "latches %llu\n", clock->latches);
	seq_printf(s, "latch_counter %llu\n", clock->latch_counter);
	seq_printf(s, "latch_time %lld\n", clock->latch_time);
	seq_printf(s, "offset_ns %lld\n", clock->latch_time - (s64)clock->latch_counter);
	seq_printf(s, "drift_ppb %lld\n", sense_ppb(clock->drift));
	seq_printf(s, "slope_ppb %lld\n", sense_ppb(clock->slope));
	seq_printf(s, "bracket_ns %lld\n", clock->bracket);
	seq_printf(s, "residual_ns %lld\n", clock->residual);
	seq_printf(s, "steps %llu\n", clock->steps);
	mutex_unlock(&st->drain_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(clock);

static int identity_show(struct seq_file *s, void *unused)
{
	struct sense_pcie *st = s->private;

	seq_printf(s, "transport %s\n", st->transport->name);
	seq_hex_dump(s, "", DUMP_PREFIX_OFFSET, 16, 1, &st->identity, sizeof(st->identity), true);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(identity);

/* Both are for an idle card only: -EBUSY while buffers run. */
static int sense_idle_command(struct sense_pcie *st, enum sense_card_command command, u64 argument)
{
	int ret = iio_device_claim_direct_mode(st->indio_dev);

	if (ret)
		return ret;
	ret = sense_command(st, command, argument);
	iio_device_release_direct_mode(st->indio_dev);
	return ret;
}

static int self_test_get(void *data, u64 *value)
{
	struct sense_pcie *st = data;

	*value = READ_ONCE(st->self_test);
	return READ_ONCE(st->self_test_result);
}

static int self_test_set(void *data, u64 value)
{
	struct sense_pcie *st = data;
	int ret;

	if (value != 1)
		return -EINVAL;
	if (!(st->capabilities & SENSE_CARD_CAP_SELF_TEST))
		return -EOPNOTSUPP;
	ret = sense_idle_command(st, SENSE_CARD_CMD_SELF_TEST, 0);
	if (!ret)
		WRITE_ONCE(st->self_test, readl(st->window + STATUS(self_test)));
	WRITE_ONCE(st->self_test_result, ret);
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(self_test_fops, self_test_get, self_test_set, "0x%08llx\n");

static int test_data_set(void *data, u64 value)
{
	struct sense_pcie *st = data;

	if (value > 1)
		return -EINVAL;
	if (!(st->capabilities & SENSE_CARD_CAP_TEST_DATA))
		return -EOPNOTSUPP;
	return sense_idle_command(st, SENSE_CARD_CMD_TEST_DATA, value);
}
DEFINE_DEBUGFS_ATTRIBUTE(test_data_fops, NULL, test_data_set, "%llu\n");

/**
 * sense_debugfs_reg_access() - read a register of the window
 * @indio_dev: the IIO device
 * @reg: byte offset, a multiple of 4
 * @writeval: not used: registers belong to the driver
 * @readval: where to put what was read, NULL for a write
 *
 * Return: 0, -EINVAL outside the window, -EPERM for a write.
 */
int sense_debugfs_reg_access(struct iio_dev *indio_dev, unsigned int reg, unsigned int writeval,
			     unsigned int *readval)
{
	struct sense_pcie *st = iio_priv(indio_dev);

	if (!readval)
		return -EPERM;
	if (reg % 4 || reg >= le32_to_cpu(st->identity.window))
		return -EINVAL;
	*readval = readl(st->window + reg);
	return 0;
}

/**
 * sense_debugfs_init() - make the files
 * @st: the card, its IIO device registered
 *
 * The IIO core removes them with its directory.
 */
void sense_debugfs_init(struct sense_pcie *st)
{
	struct dentry *dir = iio_get_debugfs_dentry(st->indio_dev);

	if (!dir)
		return;
	/* No self-test has run. */
	st->self_test_result = -ENODATA;
	debugfs_create_file("ring", 0444, dir, st, &ring_fops);
	debugfs_create_file("buffers", 0444, dir, st, &buffers_fops);
	debugfs_create_file("errors", 0444, dir, st, &errors_fops);
	debugfs_create_file("clock", 0444, dir, st, &clock_fops);
	debugfs_create_file("identity", 0444, dir, st, &identity_fops);
	debugfs_create_file_unsafe("self_test", 0644, dir, st, &self_test_fops);
	debugfs_create_file_unsafe("test_data", 0200, dir, st, &test_data_fops);
}
