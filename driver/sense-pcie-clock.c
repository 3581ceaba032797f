// SPDX-License-Identifier: GPL-2.0-only
/*
 * The card's counter on the IIO clock.
 *
 * A latch command copies the counter; the host reads its clock before and
 * after. Of several, the one with the narrowest bracket counts, its middle
 * being the counter's time. Between two correlations time follows a straight
 * line; each correlation bends the line (it never breaks it), so that the times
 * of a stream rise however the estimate moves. Only a clock that was set makes
 * the line jump, and that is counted.
 *
 * Half of a residual is worked off until the next correlation. The drift comes
 * from a baseline of up to a minute, so that the width of a bracket counts for
 * little in it.
 */
#include <linux/ktime.h>
#include <linux/math64.h>

#include "sense-pcie.h"

#define SENSE_LATCH_FIRST	16	/* latches when a stream starts */
#define SENSE_LATCH_NEXT	8
#define SENSE_CLOCK_MS		1000	/* between correlations */
#define SENSE_CLOCK_EARLY_MS	250	/* the first one after the start */
#define SENSE_BASELINE_MIN_NS	(2LL * NSEC_PER_SEC)
#define SENSE_BASELINE_MAX_NS	(64LL * NSEC_PER_SEC)
#define SENSE_STEP_NS		NSEC_PER_MSEC	/* a residual that is no drift */
#define SENSE_DRIFT_MAX		((s64)BIT(22))	/* 2^-32: 977 ppm */
#define SENSE_LINE_MAX_NS	((s64)BIT_ULL(40))

/**
 * sense_clock_now() - read an IIO clock
 * @id: one of the clocks IIO offers
 *
 * The coarse clocks are their fine ones seen once a tick: correlating with
 * them would only add the tick.
 *
 * Return: ns.
 */
s64 sense_clock_now(clockid_t id)
{
	switch (id) {
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_COARSE:
		return ktime_get_ns();
	case CLOCK_MONOTONIC_RAW:
		return ktime_get_raw_ns();
	case CLOCK_BOOTTIME:
		return ktime_get_boottime_ns();
	case CLOCK_TAI:
		return ktime_get_clocktai_ns();
	default:
		return ktime_get_real_ns();
	}
}

/**
 * sense_clock_map() - the time of a counter value
 * @clock: the correlation
 * @counter: of the card
 *
 * Context: drain_lock held.
 * Return: ns on the IIO clock.
 */
s64 sense_clock_map(const struct sense_clock *clock, u64 counter)
{
	s64 since = counter - clock->counter0;
	s64 correction = 0;

	if (likely(since < SENSE_LINE_MAX_NS && since > -SENSE_LINE_MAX_NS))
		correction = (since * clock->slope) >> 32;
	return clock->time0 + since + correction;
}

/* The best of several latches: counter, its time, and the width of the bracket. */
static int sense_clock_latch(struct sense_pcie *st, unsigned int tries, u64 *counter, s64 *time,
			     s64 *bracket)
{
	s64 before, after;
	u64 latched;
	int ret;

	*bracket = S64_MAX;
	while (tries--) {
		ret = sense_command_latch(st, st->clock.id, &latched, &before, &after);
		if (ret)
			return ret;
		if (after < before || after - before >= *bracket)
			continue;
		*bracket = after - before;
		*counter = latched;
		*time = before + (after - before) / 2;
	}
	/* Nothing usable: the clock was set in each of them. */
	return *bracket == S64_MAX ? -EAGAIN : 0;
}

/* A rate in 2^-32: what a clock is off after an interval, in bounds. */
static s64 sense_clock_rate(s64 off, s64 interval)
{
	/* A tenth of a second in a hundred is out of bounds, and does not overflow. */
	off = clamp_t(s64, off, -(s64)NSEC_PER_SEC / 10, (s64)NSEC_PER_SEC / 10);
	return clamp(div64_s64(off * (1LL << 32), interval), -SENSE_DRIFT_MAX, SENSE_DRIFT_MAX);
}

/* Start line and baseline anew at a correlation. */
static void sense_clock_jump(struct sense_clock *clock, u64 counter, s64 time)
{
	clock->anchor[0] = (struct sense_instant){ counter, time };
	clock->anchor[1] = clock->anchor[0];
	clock->counter0 = counter;
	clock->time0 = time;
	clock->slope = clock->drift;
}

/* The drift since the older anchor; the anchors follow at half a baseline's distance. */
static void sense_clock_drift(struct sense_clock *clock, u64 counter, s64 time)
{
	const struct sense_instant *from = &clock->anchor[0];
	s64 elapsed = counter - from->counter;

	if (elapsed < SENSE_BASELINE_MIN_NS)
		return;
	clock->drift = sense_clock_rate(time - from->time - elapsed, elapsed);
	clock->drift_known = true;
	if (elapsed >= SENSE_BASELINE_MAX_NS)
		clock->anchor[0] = clock->anchor[1];
	else if (elapsed < SENSE_BASELINE_MAX_NS / 2 || clock->anchor[1].counter != from->counter)
		return;
	clock->anchor[1] = (struct sense_instant){ counter, time };
}

/* Bend the line at the newest scan, so that no time already given is contradicted. */
static void sense_clock_bend(struct sense_pcie *st, s64 residual)
{
	struct sense_clock *clock = &st->clock;
	const struct sense_ring *ring = &st->ring;
	s64 slope;

	if (ring->taken) {
		s64 time0 = sense_clock_map(clock, ring->counter);

		clock->counter0 = ring->counter;
		clock->time0 = time0;
	}
	slope = clock->drift + sense_clock_rate(residual, SENSE_CLOCK_MS * NSEC_PER_MSEC) / 2;
	clock->slope = clamp(slope, -SENSE_DRIFT_MAX, SENSE_DRIFT_MAX);
}

static void sense_clock_correlate(struct sense_pcie *st, u64 counter, s64 time, s64 bracket)
{
	struct sense_clock *clock = &st->clock;
	s64 residual;

	mutex_lock(&st->drain_lock);
	residual = time - sense_clock_map(clock, counter);
	if (residual > SENSE_STEP_NS || residual < -SENSE_STEP_NS) {
		sense_clock_jump(clock, counter, time);
		clock->steps++;
		/* Times may go back now, as the clock did. */
		st->ring.time = S64_MIN;
	} else {
		sense_clock_drift(clock, counter, time);
		sense_clock_bend(st, residual);
	}
	clock->residual = residual;
	clock->bracket = bracket;
	clock->latch_counter = counter;
	clock->latch_time = time;
	clock->latches++;
	mutex_unlock(&st->drain_lock);
}

static void sense_clock_work(struct work_struct *work)
{
	struct sense_pcie *st = container_of(to_delayed_work(work), struct sense_pcie, clock.work);
	s64 time, bracket;
	u64 counter;

	if (!sense_clock_latch(st, SENSE_LATCH_NEXT, &counter, &time, &bracket))
		sense_clock_correlate(st, counter, time, bracket);
	else if (sense_gone(st))
		return;
	queue_delayed_work(system_unbound_wq, &st->clock.work, msecs_to_jiffies(SENSE_CLOCK_MS));
}

/**
 * sense_clock_start() - correlate, and go on doing so while a stream runs
 * @st: the card, idle
 *
 * Context: mlock held, sleeps.
 * Return: 0 or a negative error code.
 */
int sense_clock_start(struct sense_pcie *st)
{
	struct sense_clock *clock = &st->clock;
	clockid_t id = iio_device_get_clock(st->indio_dev);
	s64 time, bracket;
	u64 counter;
	int ret;

	/* Against a clock with another rate the drift is another one. */
	if (id != clock->id)
		clock->drift_known = false;
	clock->id = id;
	if (!clock->drift_known)
		clock->drift = 0;
	ret = sense_clock_latch(st, SENSE_LATCH_FIRST, &counter, &time, &bracket);
	if (ret)
		return ret;
	mutex_lock(&st->drain_lock);
	sense_clock_jump(clock, counter, time);
	clock->residual = 0;
	clock->bracket = bracket;
	clock->latch_counter = counter;
	clock->latch_time = time;
	clock->latches++;
	clock->valid = true;
	mutex_unlock(&st->drain_lock);
	queue_delayed_work(system_unbound_wq, &clock->work,
			   msecs_to_jiffies(SENSE_CLOCK_EARLY_MS));
	return 0;
}

/**
 * sense_clock_stop() - no more correlations
 * @st: the card
 *
 * Context: sleeps; command_lock and drain_lock not held.
 */
void sense_clock_stop(struct sense_pcie *st)
{
	cancel_delayed_work_sync(&st->clock.work);
}

/**
 * sense_clock_uncertainty_ns() - how far a scan's time may be off
 * @st: the card
 *
 * Half the bracket, because the latch lies anywhere in it, and what the last
 * correlation found the line to be off.
 *
 * Return: ns, or -ENODATA before the first correlation.
 */
s64 sense_clock_uncertainty_ns(struct sense_pcie *st)
{
	const struct sense_clock *clock = &st->clock;
	s64 ns = -ENODATA;

	mutex_lock(&st->drain_lock);
	if (clock->valid)
		ns = DIV_ROUND_UP_ULL(clock->bracket, 2) + abs(clock->residual);
	mutex_unlock(&st->drain_lock);
	return ns;
}

/**
 * sense_clock_init() - prepare the clock
 * @st: the card
 */
void sense_clock_init(struct sense_pcie *st)
{
	INIT_DELAYED_WORK(&st->clock.work, sense_clock_work);
	st->clock.id = -1;
}
