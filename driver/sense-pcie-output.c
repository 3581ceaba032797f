// SPDX-License-Identifier: GPL-2.0-only
/*
 * Outputs under a lease.
 *
 * A process arms an output by writing its watchdog period, and is its only
 * owner until it releases it (period 0), or the watchdog expires. Each write of
 * a value feeds the watchdog, reading never does. Expiry, release and removal
 * give the safe value. The card's own watchdog does the work; a timer here,
 * somewhat later, catches a card whose watchdog fails.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sysfs.h>

#include "sense-pcie.h"

#define SENSE_SAFE_MS		100	/* for the card to confirm */

static const char * const sense_lease_names[] = {
	[SENSE_LEASE_RELEASED] = "released",
	[SENSE_LEASE_ARMED] = "armed",
	[SENSE_LEASE_EXPIRED] = "expired",
};

static void __iomem *sense_output_at(const struct sense_output *out, size_t field)
{
	return out->st->window + SENSE_CARD_OUTPUT + out->index * SENSE_CARD_OUTPUT_SIZE + field;
}

#define OUTPUT(out, field) \
	sense_output_at(out, offsetof(struct sense_card_output, field))

static int sense_output_wait(struct sense_output *out, u32 state, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms) + 1;

	while (readl(OUTPUT(out, state)) != state) {
		if (sense_gone(out->st))
			return -ENODEV;
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		usleep_range(100, 200);
	}
	return 0;
}

static void sense_output_notify(struct sense_output *out)
{
	struct iio_dev *indio_dev = out->st->indio_dev;
	char name[48];

	snprintf(name, sizeof(name), "out_%s%u_lease",
		 out->kind == SENSE_CARD_OUT_CURRENT ? "current" : "voltage", out->number);
	sysfs_notify(&indio_dev->dev.kobj, NULL, name);
}

/* The lease ends; the output is safe, or will be when the card has heard the bell. */
static void sense_output_end(struct sense_output *out, enum sense_lease lease)
{
	lockdep_assert_held(&out->st->output_lock);
	put_pid(out->owner);
	out->owner = NULL;
	out->lease = lease;
	out->target = out->safe;
	out->period_ms = 0;
	cancel_delayed_work(&out->backstop);
	sense_output_notify(out);
}

static int sense_output_disarm(struct sense_output *out, unsigned int ms)
{
	writel(out->safe, OUTPUT(out, target));
	writel(0, OUTPUT(out, watchdog_ms));
	out->st->transport->ring(out->st, SENSE_CARD_BELL_OUTPUT);
	return sense_output_wait(out, SENSE_CARD_OUT_SAFE, ms);
}

/* Take note of an expiry that the card has seen. */
static void sense_output_refresh(struct sense_output *out)
{
	if (out->lease != SENSE_LEASE_ARMED)
		return;
	/*
	 * By the count, because arming again may have hidden the state; by the state too,
	 * because a card that has been reset forgets its count.
	 */
	if (readl(OUTPUT(out, expired)) == out->expired &&
	    readl(OUTPUT(out, state)) == SENSE_CARD_OUT_ARMED)
		return;
	sense_output_end(out, SENSE_LEASE_EXPIRED);
	dev_warn_ratelimited(out->st->dev, "output %s: watchdog expired, safe value taken\n",
			     out->label);
}

static bool sense_output_owner_lives(const struct sense_output *out)
{
	bool lives;

	rcu_read_lock();
	lives = pid_task(out->owner, PIDTYPE_TGID);
	rcu_read_unlock();
	return lives;
}

/* Whether current owns the armed output. */
static int sense_output_check_owner(const struct sense_output *out)
{
	if (out->lease != SENSE_LEASE_ARMED)
		return -EPERM;
	return out->owner == task_tgid(current) ? 0 : -EBUSY;
}

static void sense_output_feed(struct sense_output *out)
{
	/* The card first: its watchdog is the one that counts. */
	unsigned long delay = msecs_to_jiffies(out->period_ms + out->period_ms / 4 + SENSE_SAFE_MS);

	writel(++out->feed, OUTPUT(out, feed));
	out->st->transport->ring(out->st, SENSE_CARD_BELL_OUTPUT);
	out->deadline = jiffies + delay;
	mod_delayed_work(system_wq, &out->backstop, delay);
}

static void sense_output_backstop(struct work_struct *work)
{
	struct sense_output *out = container_of(to_delayed_work(work), struct sense_output,
						backstop);
	struct sense_pcie *st = out->st;

	mutex_lock(&st->output_lock);
	sense_output_refresh(out);
	if (out->lease == SENSE_LEASE_ARMED && !time_before(jiffies, out->deadline)) {
		int ret = sense_output_disarm(out, SENSE_SAFE_MS);

		sense_count(st, SENSE_ERROR_BACKSTOP);
		sense_output_end(out, SENSE_LEASE_EXPIRED);
		dev_err(st->dev, "output %s: the card's watchdog did not expire, disarmed (%d)\n",
			out->label, ret);
	}
	mutex_unlock(&st->output_lock);
}

static int sense_output_arm(struct sense_output *out, u32 period_ms)
{
	struct sense_pcie *st = out->st;
	int ret;

	if (period_ms < out->watchdog_min_ms || period_ms > out->watchdog_max_ms)
		return -EINVAL;
	if (st->removing)
		return -ENODEV;
	if (out->lease == SENSE_LEASE_ARMED) {
		if (out->owner != task_tgid(current) && sense_output_owner_lives(out))
			return -EBUSY;
		if (out->owner != task_tgid(current)) {
			/* A dead owner's value is nobody's wish. */
			ret = sense_output_disarm(out, SENSE_SAFE_MS);
			sense_output_end(out, SENSE_LEASE_RELEASED);
			if (ret)
				return ret;
		}
	}
	if (out->lease != SENSE_LEASE_ARMED)
		out->target = out->safe;
	out->expired = readl(OUTPUT(out, expired));
	writel(out->target, OUTPUT(out, target));
	writel(period_ms, OUTPUT(out, watchdog_ms));
	writel(++out->arm, OUTPUT(out, arm));
	st->transport->ring(st, SENSE_CARD_BELL_OUTPUT);
	ret = sense_output_wait(out, SENSE_CARD_OUT_ARMED, st->command_timeout_ms);
	if (ret) {
		sense_count(st, SENSE_ERROR_TIMEOUT);
		sense_output_disarm(out, SENSE_SAFE_MS);
		sense_output_end(out, SENSE_LEASE_RELEASED);
		return ret;
	}
	if (out->lease != SENSE_LEASE_ARMED) {
		out->owner = get_pid(task_tgid(current));
		out->lease = SENSE_LEASE_ARMED;
		sense_output_notify(out);
	}
	out->period_ms = period_ms;
	sense_output_feed(out);
	return 0;
}

static int sense_output_release(struct sense_output *out)
{
	int ret;

	if (out->lease != SENSE_LEASE_ARMED)
		return 0;
	if (sense_output_check_owner(out) && sense_output_owner_lives(out))
		return -EBUSY;
	ret = sense_output_disarm(out, SENSE_SAFE_MS);
	sense_output_end(out, SENSE_LEASE_RELEASED);
	return ret;
}

/**
 * sense_output_write() - command a value, and feed the watchdog
 * @st: the card
 * @index: of the output
 * @value: in counts
 *
 * Context: process context of the owner.
 * Return: 0; -EPERM when the output is not armed; -EBUSY when somebody else
 * armed it; -EINVAL outside the range; -ENODEV.
 */
int sense_output_write(struct sense_pcie *st, unsigned int index, s32 value)
{
	struct sense_output *out = &st->outputs[index];
	int ret;

	mutex_lock(&st->output_lock);
	sense_output_refresh(out);
	if (st->removing || sense_gone(st))
		ret = -ENODEV;
	else
		ret = sense_output_check_owner(out);
	if (!ret && (value < out->range[0] || value > out->range[2]))
		ret = -EINVAL;
	if (!ret) {
		out->target = value;
		writel(value, OUTPUT(out, target));
		sense_output_feed(out);
	}
	mutex_unlock(&st->output_lock);
	return ret;
}

/**
 * sense_output_read() - the value last commanded; the safe one when not armed
 * @st: the card
 * @index: of the output
 * @value: in counts
 *
 * Return: 0.
 */
int sense_output_read(struct sense_pcie *st, unsigned int index, int *value)
{
	struct sense_output *out = &st->outputs[index];

	mutex_lock(&st->output_lock);
	sense_output_refresh(out);
	*value = out->target;
	mutex_unlock(&st->output_lock);
	return 0;
}

/**
 * sense_output_event() - the card says that something changed
 * @st: the card
 *
 * Context: sleeps.
 */
void sense_output_event(struct sense_pcie *st)
{
	unsigned int i;

	mutex_lock(&st->output_lock);
	for (i = 0; i < st->num_outputs && !sense_gone(st); i++)
		sense_output_refresh(&st->outputs[i]);
	mutex_unlock(&st->output_lock);
}

/**
 * sense_output_safe_all() - end all leases, all outputs safe
 * @st: the card
 *
 * Context: sleeps, for a tenth of a second per output at most.
 */
void sense_output_safe_all(struct sense_pcie *st)
{
	unsigned int i;
	int ret;

	mutex_lock(&st->output_lock);
	for (i = 0; i < st->num_outputs; i++) {
		struct sense_output *out = &st->outputs[i];

		ret = sense_gone(st) ? -ENODEV : sense_output_disarm(out, SENSE_SAFE_MS);
		if (ret && ret != -ENODEV)
			dev_err(st->dev, "output %s: not confirmed to be safe (%d)\n", out->label,
				ret);
		if (out->lease == SENSE_LEASE_ARMED)
			sense_output_end(out, SENSE_LEASE_RELEASED);
	}
	mutex_unlock(&st->output_lock);
}

/**
 * sense_output_cancel() - wait until no work of the outputs runs
 * @st: the card, all leases ended and no new one possible
 */
void sense_output_cancel(struct sense_pcie *st)
{
	unsigned int i;

	for (i = 0; i < st->num_outputs; i++)
		cancel_delayed_work_sync(&st->outputs[i].backstop);
}

/**
 * sense_output_init() - prepare the outputs
 * @st: the card, its tables read
 */
void sense_output_init(struct sense_pcie *st)
{
	unsigned int i;

	mutex_init(&st->output_lock);
	for (i = 0; i < st->num_outputs; i++) {
		struct sense_output *out = &st->outputs[i];

		INIT_DELAYED_WORK(&out->backstop, sense_output_backstop);
		out->target = out->safe;
		out->arm = readl(OUTPUT(out, arm));
		out->feed = readl(OUTPUT(out, feed));
	}
}

/* ---- attributes ------------------------------------------------------------------ */

static struct sense_output *sense_output_of(struct iio_dev *indio_dev,
					    const struct iio_chan_spec *chan)
{
	struct sense_pcie *st = iio_priv(indio_dev);

	return &st->outputs[chan->address];
}

static ssize_t sense_output_scale_show(struct iio_dev *indio_dev, uintptr_t private,
				       const struct iio_chan_spec *chan, char *buf)
{
	return sense_rational_emit(buf, &sense_output_of(indio_dev, chan)->scale);
}

static ssize_t sense_output_readback_show(struct iio_dev *indio_dev, uintptr_t private,
					  const struct iio_chan_spec *chan, char *buf)
{
	struct sense_output *out = sense_output_of(indio_dev, chan);

	if (sense_gone(out->st))
		return -ENODEV;
	return sysfs_emit(buf, "%d\n", (s32)readl(OUTPUT(out, read_back)));
}

static ssize_t sense_output_safe_show(struct iio_dev *indio_dev, uintptr_t private,
				      const struct iio_chan_spec *chan, char *buf)
{
	return sysfs_emit(buf, "%d\n", sense_output_of(indio_dev, chan)->safe);
}

static ssize_t sense_output_slew_show(struct iio_dev *indio_dev, uintptr_t private,
				      const struct iio_chan_spec *chan, char *buf)
{
	return sysfs_emit(buf, "%u\n", sense_output_of(indio_dev, chan)->slew);
}

static ssize_t sense_output_lease_show(struct iio_dev *indio_dev, uintptr_t private,
				       const struct iio_chan_spec *chan, char *buf)
{
	struct sense_output *out = sense_output_of(indio_dev, chan);
	ssize_t n;

	mutex_lock(&out->st->output_lock);
	sense_output_refresh(out);
	n = sysfs_emit(buf, "%s", sense_lease_names[out->lease]);
	if (out->lease == SENSE_LEASE_ARMED)
		n += sysfs_emit_at(buf, n, " %d", pid_vnr(out->owner));
	n += sysfs_emit_at(buf, n, "\n");
	mutex_unlock(&out->st->output_lock);
	return n;
}

static ssize_t sense_output_period_show(struct iio_dev *indio_dev, uintptr_t private,
					const struct iio_chan_spec *chan, char *buf)
{
	struct sense_output *out = sense_output_of(indio_dev, chan);
	u32 ms;

	mutex_lock(&out->st->output_lock);
	sense_output_refresh(out);
	ms = out->period_ms;
	mutex_unlock(&out->st->output_lock);
	return sysfs_emit(buf, "%u.%03u\n", ms / 1000, ms % 1000);
}

static ssize_t sense_output_period_store(struct iio_dev *indio_dev, uintptr_t private,
					 const struct iio_chan_spec *chan, const char *buf,
					 size_t len)
{
	struct sense_output *out = sense_output_of(indio_dev, chan);
	u64 ms;
	int ret;

	ret = sense_parse_seconds(buf, NSEC_PER_MSEC, &ms);
	if (ret)
		return ret;
	if (ms > U32_MAX)
		return -EINVAL;
	mutex_lock(&out->st->output_lock);
	sense_output_refresh(out);
	if (sense_gone(out->st))
		ret = -ENODEV;
	else
		ret = ms ? sense_output_arm(out, ms) : sense_output_release(out);
	mutex_unlock(&out->st->output_lock);
	return ret ?: len;
}

static ssize_t sense_output_period_available_show(struct iio_dev *indio_dev, uintptr_t private,
						  const struct iio_chan_spec *chan, char *buf)
{
	struct sense_output *out = sense_output_of(indio_dev, chan);

	return sysfs_emit(buf, "[%u.%03u 0.001 %u.%03u]\n", out->watchdog_min_ms / 1000,
			  out->watchdog_min_ms % 1000, out->watchdog_max_ms / 1000,
			  out->watchdog_max_ms % 1000);
}

const struct iio_chan_spec_ext_info sense_output_ext_info[] = {
	{ .name = "scale", .shared = IIO_SEPARATE, .read = sense_output_scale_show },
	{ .name = "readback_raw", .shared = IIO_SEPARATE, .read = sense_output_readback_show },
	{ .name = "safe_raw", .shared = IIO_SEPARATE, .read = sense_output_safe_show },
	{ .name = "slew_rate", .shared = IIO_SEPARATE, .read = sense_output_slew_show },
	{ .name = "lease", .shared = IIO_SEPARATE, .read = sense_output_lease_show },
	{ .name = "watchdog_period", .shared = IIO_SEPARATE, .read = sense_output_period_show,
	  .write = sense_output_period_store },
	{ .name = "watchdog_period_available", .shared = IIO_SEPARATE,
	  .read = sense_output_period_available_show },
	{ }
};
