// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMA ring and its way into the IIO buffers.
 *
 * The card writes scans, then the producer index; the data interrupt says that
 * the watermark has been passed. Draining goes up to the producer index,
 * because edges coalesce, and looks at every scan exactly once. Sequence
 * numbers decide what was lost; what cannot be believed is left out, counted,
 * and appears as a lost range.
 *
 * Three may drain, one at a time (drain_lock): the interrupt thread; the poll
 * work, which finds what a lost interrupt left lying and takes over when the
 * card is faster than the driver, so that readers get their share of the CPU;
 * and whoever stops or changes the stream.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/iio/buffer.h>
#include <linux/interrupt.h>
#include <linux/math64.h>

#include "sense-pcie.h"

#define SENSE_GUARD_WORDS	8
#define SENSE_GUARD		0x6b6b6b6b6b6b6b6bULL
#define SENSE_COMMIT_SCANS	256		/* scans between updates of the consumer index */
#define SENSE_SUSPECTS		16		/* scans that must agree before they are believed */
#define SENSE_JUMP_MAX		BIT_ULL(32)	/* scans: an hour at a million a second */
#define SENSE_COUNTER_LEAP_NS	BIT_ULL(40)	/* 18 minutes */
#define SENSE_POLL_MIN_US	5000
#define SENSE_POLL_MAX_US	250000

#define CONTROL(field)	(SENSE_CARD_CONTROL + offsetof(struct sense_card_control, field))
#define STATUS(field)	(SENSE_CARD_STATUS + offsetof(struct sense_card_status, field))

/**
 * sense_rate_period_ns() - time between two scans at the present rate
 * @st: the card
 *
 * Return: nanoseconds, at least one.
 */
u64 sense_rate_period_ns(struct sense_pcie *st)
{
	const struct sense_rate *rate = &st->rates[st->rate];

	return max_t(u64, div_u64(mul_u32_u32(rate->den, NSEC_PER_SEC), rate->num), 1);
}

static unsigned long sense_ring_poll_delay(struct sense_pcie *st)
{
	u64 us = div_u64(sense_rate_period_ns(st) * (st->ring.entries / 4), NSEC_PER_USEC);

	return usecs_to_jiffies(clamp_t(u64, us, SENSE_POLL_MIN_US, SENSE_POLL_MAX_US));
}

static const struct sense_card_scan *sense_ring_slot(const struct sense_ring *ring, u64 index)
{
	return ring->scans + (index & (ring->entries - 1)) * ring->stride;
}

static void sense_ring_commit(struct sense_pcie *st)
{
	struct sense_ring *ring = &st->ring;

	/* The slots are read before the card may write them again. */
	mb();
	writeq(ring->consumer, st->window + CONTROL(consumer));
	if (ring->consumer - ring->bell >= ring->entries / 4) {
		ring->bell = ring->consumer;
		st->transport->ring(st, SENSE_CARD_BELL_CONSUMER);
	}
}

/* How many scans wait; 0 when the producer index cannot be. */
static u32 sense_ring_waiting(struct sense_pcie *st)
{
	struct sense_ring *ring = &st->ring;
	u64 producer = le64_to_cpu(READ_ONCE(ring->index->producer));
	u64 fill = producer - ring->consumer;

	if (likely(fill <= ring->entries)) {
		ring->producer_bad = 0;
		ring->high_water = max(ring->high_water, fill);
		/* Scans are read after the index that covers them. */
		dma_rmb();
		return fill;
	}
	sense_count(st, SENSE_ERROR_PRODUCER);
	dev_err_ratelimited(st->dev, "producer index %llu with consumer %llu and %u entries\n",
			    producer, ring->consumer, ring->entries);
	/* One bad look may be a glitch; the second in a row is where the card is. */
	if (++ring->producer_bad >= 2) {
		ring->producer_bad = 0;
		ring->consumer = producer;
		ring->tainted = true;
		sense_ring_commit(st);
	}
	return 0;
}

/* A sequence number that is not the next one: a gap, or not to be believed. */
static bool sense_ring_jump(struct sense_pcie *st, u64 sequence)
{
	struct sense_ring *ring = &st->ring;
	u64 gap = sequence - ring->expected;

	if (gap >= SENSE_JUMP_MAX) {
		if (ring->suspect && sequence == ring->suspect_next)
			ring->suspect++;
		else
			ring->suspect = 1;
		ring->suspect_next = sequence + 1;
		sense_count(st, SENSE_ERROR_SEQUENCE);
		dev_err_ratelimited(st->dev, "scan %llu where %llu was due\n", sequence,
				    ring->expected);
		/*
		 * Never backwards: readers rely on rising numbers. Forwards, a
		 * run of scans that agree outweighs a limit that was a guess.
		 */
		if (ring->suspect < SENSE_SUSPECTS || (s64)gap < 0) {
			ring->tainted = true;
			return false;
		}
		ring->tainted = true;
	}
	sense_buffers_lost(st, ring->expected, gap,
			   ring->tainted ? SENSE_CAUSE_CORRUPT : SENSE_CAUSE_CARD);
	return true;
}

/* The time of a scan; false when its counter cannot be. */
static bool sense_ring_time(struct sense_pcie *st, u64 counter, s64 *time)
{
	struct sense_ring *ring = &st->ring;
	bool good = ring->taken == 0 ||
		    counter - ring->counter - 1 < SENSE_COUNTER_LEAP_NS;

	if (unlikely(!good)) {
		sense_count(st, SENSE_ERROR_COUNTER);
		dev_err_ratelimited(st->dev, "counter %llu after %llu\n", counter, ring->counter);
		if (++ring->counter_bad < SENSE_SUSPECTS) {
			*time = ring->time;
			return false;
		}
		ring->time = S64_MIN;
	}
	ring->counter_bad = 0;
	ring->counter = counter;
	ring->time = max(ring->time, sense_clock_map(&st->clock, counter));
	*time = ring->time;
	return true;
}

static void sense_ring_take(struct sense_pcie *st, const struct sense_card_scan *scan)
{
	struct sense_ring *ring = &st->ring;
	/* Read once: the card may still write here. */
	u64 sequence = le64_to_cpu(READ_ONCE(scan->sequence));
	u64 counter = le64_to_cpu(READ_ONCE(scan->counter));
	unsigned int i;
	s64 time;
	bool timed;

	if (unlikely(sequence != ring->expected) && !sense_ring_jump(st, sequence))
		return;
	ring->suspect = 0;
	ring->tainted = false;
	timed = sense_ring_time(st, counter, &time);
	for (i = 0; i < ring->copies; i++) {
		const struct sense_copy *copy = &ring->copy[i];

		memcpy(ring->scan + copy->to, (const u8 *)scan + copy->from, copy->length);
	}
	if (ring->to_sequence >= 0)
		*(__le64 *)(ring->scan + ring->to_sequence) = cpu_to_le64(sequence);
	if (unlikely(!timed) && ring->to_flags >= 0)
		*(__le64 *)(ring->scan + ring->to_flags) |=
			cpu_to_le64(SENSE_CARD_SCAN_CLOCK_UNLOCKED);
	ring->expected = sequence + 1;
	ring->pushed = sequence;
	ring->taken++;
	iio_push_to_buffers_with_timestamp(st->indio_dev, ring->scan, time);
}

/* Drain at most @budget scans. Returns how many were taken from the ring. */
static u32 sense_ring_drain(struct sense_pcie *st, u32 budget)
{
	struct sense_ring *ring = &st->ring;
	u32 n = min(sense_ring_waiting(st), budget);
	u32 left;

	lockdep_assert_held(&st->drain_lock);
	for (left = n; left; left--) {
		sense_ring_take(st, sense_ring_slot(ring, ring->consumer));
		if (!(++ring->consumer % SENSE_COMMIT_SCANS))
			sense_ring_commit(st);
	}
	if (n) {
		memcpy(ring->newest, sense_ring_slot(ring, ring->consumer - 1), ring->stride);
		ring->newest_at = ktime_get();
		ring->newest_valid = true;
		sense_ring_commit(st);
	}
	return n;
}

static void sense_ring_check_guard(struct sense_pcie *st)
{
	struct sense_ring *ring = &st->ring;
	unsigned int i;

	for (i = 0; i < SENSE_GUARD_WORDS; i++) {
		if (ring->guard[i] == cpu_to_le64(SENSE_GUARD))
			continue;
		sense_count(st, SENSE_ERROR_GUARD);
		dev_err_ratelimited(st->dev, "the card wrote beyond its ring\n");
		ring->guard[i] = cpu_to_le64(SENSE_GUARD);
	}
}

/**
 * sense_ring_fill() - scans waiting in the ring now
 * @st: the card
 *
 * Context: drain_lock held.
 * Return: scans; more than the entries when the producer index cannot be.
 */
u64 sense_ring_fill(struct sense_pcie *st)
{
	if (!st->ring.running)
		return 0;
	return le64_to_cpu(READ_ONCE(st->ring.index->producer)) - st->ring.consumer;
}

/**
 * sense_ring_interrupt() - data interrupt, hard half
 * @irq: its number
 * @data: the card
 *
 * Return: IRQ_WAKE_THREAD, or IRQ_HANDLED while the poll work drains.
 */
irqreturn_t sense_ring_interrupt(int irq, void *data)
{
	struct sense_pcie *st = data;

	atomic64_inc(&st->interrupts);
	return READ_ONCE(st->polled) ? IRQ_HANDLED : IRQ_WAKE_THREAD;
}

/**
 * sense_ring_thread() - data interrupt, threaded half
 * @irq: its number
 * @data: the card
 *
 * Return: IRQ_HANDLED.
 */
irqreturn_t sense_ring_thread(int irq, void *data)
{
	struct sense_pcie *st = data;
	struct sense_ring *ring = &st->ring;
	u32 total = 0, n;

	mutex_lock(&st->drain_lock);
	if (ring->pushing) {
		do {
			n = sense_ring_drain(st, ring->entries);
			total += n;
		} while (n > ring->entries / 16 && total < ring->entries);
		/*
		 * This thread is a real-time one. A whole ring at once means
		 * that the card is faster: go on at normal priority, or nobody
		 * would ever read what is pushed here.
		 */
		if (total >= ring->entries) {
			WRITE_ONCE(st->polled, true);
			mod_delayed_work(system_unbound_wq, &st->poll, 0);
		}
	}
	mutex_unlock(&st->drain_lock);
	return IRQ_HANDLED;
}

/* A card that has failed delivers nothing more: its readers wait, so say why. */
static void sense_ring_check_state(struct sense_pcie *st)
{
	if (st->ring.failed || readl(st->window + STATUS(state)) != SENSE_CARD_STATE_FAILED)
		return;
	st->ring.failed = true;
	sense_count(st, SENSE_ERROR_FAILED);
	dev_err(st->dev, "the card has failed: disable the buffers, it is reset then\n");
	sysfs_notify(&st->indio_dev->dev.kobj, NULL, "errors");
}

static void sense_ring_poll(struct work_struct *work)
{
	struct sense_pcie *st = container_of(to_delayed_work(work), struct sense_pcie, poll);
	struct sense_ring *ring = &st->ring;
	unsigned long delay = sense_ring_poll_delay(st);
	u32 n;

	mutex_lock(&st->drain_lock);
	if (!ring->pushing) {
		WRITE_ONCE(st->polled, false);
		mutex_unlock(&st->drain_lock);
		return;
	}
	n = sense_ring_drain(st, ring->entries / 4);
	sense_ring_check_guard(st);
	sense_ring_check_state(st);
	if (READ_ONCE(st->polled)) {
		if (n < ring->entries / 16)
			WRITE_ONCE(st->polled, false);
		/* Look again at once: an interrupt that came before may have been ignored. */
		delay = 0;
	} else if (n > 2 * st->watermark + ring->entries / 8) {
		sense_count(st, SENSE_ERROR_INTERRUPT);
	}
	mutex_unlock(&st->drain_lock);
	if (sense_gone(st))
		return;
	queue_delayed_work(system_unbound_wq, &st->poll, delay);
}

/* How scans of the card become scans of the active mask: as few copies as it takes. */
static int sense_ring_plan(struct sense_pcie *st)
{
	struct sense_ring *ring = &st->ring;
	const unsigned long *mask = st->indio_dev->active_scan_mask;
	unsigned int bits = st->num_channels + SENSE_ELEMENTS, bit, to = 0;
	struct sense_copy *last = NULL;

	ring->copies = 0;
	ring->to_sequence = -1;
	ring->to_flags = -1;
	for_each_set_bit(bit, mask, bits) {
		bool raw = bit < st->num_channels;
		unsigned int length = raw ? 4 : 8;
		unsigned int from = raw ? SENSE_CARD_SCAN_HEADER + bit * 4 :
					  (bit - st->num_channels) * 8;

		to = ALIGN(to, length);
		if (bit == st->num_channels + SENSE_ELEMENT_SEQUENCE)
			ring->to_sequence = to;
		if (bit == st->num_channels + SENSE_ELEMENT_FLAGS)
			ring->to_flags = to;
		if (last && last->from + last->length == from && last->to + last->length == to) {
			last->length += length;
		} else {
			last = &ring->copy[ring->copies++];
			*last = (struct sense_copy){ .from = from, .to = to, .length = length };
		}
		to += length;
	}
	/* The core has counted too. */
	if (WARN_ON(st->indio_dev->scan_bytes > sizeof(ring->scan) || to > sizeof(ring->scan)))
		return -EINVAL;
	memset(ring->scan, 0, sizeof(ring->scan));
	return 0;
}

static int sense_ring_begin(struct sense_pcie *st, u32 watermark)
{
	struct sense_ring *ring = &st->ring;
	unsigned int i;
	int ret;

	mutex_lock(&st->drain_lock);
	memset(ring->index, 0, sizeof(*ring->index));
	for (i = 0; i < SENSE_GUARD_WORDS; i++)
		ring->guard[i] = cpu_to_le64(SENSE_GUARD);
	ring->consumer = 0;
	ring->bell = 0;
	ring->expected = 0;
	ring->taken = 0;
	ring->high_water = 0;
	ring->producer_bad = 0;
	ring->suspect = 0;
	ring->counter_bad = 0;
	ring->tainted = false;
	ring->failed = false;
	ring->time = S64_MIN;
	ring->produced_before = readq(st->window + STATUS(scans_produced));
	ring->running = true;
	mutex_unlock(&st->drain_lock);
	ret = sense_command_start(st, watermark);
	if (!ret)
		return 0;
	mutex_lock(&st->drain_lock);
	ring->running = false;
	mutex_unlock(&st->drain_lock);
	return ret;
}

/* Stop the card. Afterwards it writes to host memory no more, whatever it answered. */
static int sense_ring_halt(struct sense_pcie *st)
{
	int ret = sense_command(st, SENSE_CARD_CMD_STOP, 0);

	st->ring.produced_after = readq(st->window + STATUS(scans_produced));
	if (ret && ret != -ENODEV) {
		/* It may still write: take the bus away from it, then have it start over. */
		pci_clear_master(st->pdev);
		sense_command(st, SENSE_CARD_CMD_RESET, 0);
		pci_set_master(st->pdev);
		/* A reset disarms. */
		sense_output_safe_all(st);
	}
	return ret;
}

/**
 * sense_ring_prepare() - get ready to push scans of the mask now active
 * @st: the card, running or not
 *
 * Context: mlock held, nothing is pushed.
 * Return: 0 or a negative error code.
 */
int sense_ring_prepare(struct sense_pcie *st)
{
	if (!st->ring.running)
		st->ring.expected = 0;
	return sense_ring_plan(st);
}

/**
 * sense_ring_start() - start the card and push what it delivers
 * @st: the card, prepared
 *
 * Context: mlock held.
 * Return: 0 or a negative error code; the card is idle after an error.
 */
int sense_ring_start(struct sense_pcie *st)
{
	int ret;

	ret = sense_clock_start(st);
	if (ret)
		return ret;
	ret = sense_ring_begin(st, st->watermark);
	if (ret) {
		sense_clock_stop(st);
		return ret;
	}
	mutex_lock(&st->drain_lock);
	st->ring.pushing = true;
	WRITE_ONCE(st->polled, false);
	mutex_unlock(&st->drain_lock);
	/* At once: interrupts that came before pushing was set have been ignored. */
	queue_delayed_work(system_unbound_wq, &st->poll, 0);
	return 0;
}

/**
 * sense_ring_pause() - stop pushing for a moment, the card goes on
 * @st: the card, running
 *
 * The set of buffers or the mask is about to change. What is there belongs to
 * the buffers as they are; what comes meanwhile waits in the ring.
 *
 * Context: mlock held.
 */
void sense_ring_pause(struct sense_pcie *st)
{
	mutex_lock(&st->drain_lock);
	sense_ring_drain(st, st->ring.entries);
	st->ring.pushing = false;
	mutex_unlock(&st->drain_lock);
}

/**
 * sense_ring_resume() - push again after sense_ring_pause()
 * @st: the card, prepared
 *
 * Context: mlock held.
 */
void sense_ring_resume(struct sense_pcie *st)
{
	int ret;

	mutex_lock(&st->drain_lock);
	st->ring.pushing = true;
	mutex_unlock(&st->drain_lock);
	ret = sense_command_watermark(st, st->watermark);
	if (ret)
		dev_warn(st->dev, "the watermark stays as it was: %d\n", ret);
	mod_delayed_work(system_unbound_wq, &st->poll, 0);
}

/* What the card made after the last scan in the ring, and dropped. */
static void sense_ring_tail(struct sense_pcie *st)
{
	struct sense_ring *ring = &st->ring;
	u64 produced = ring->produced_after - ring->produced_before;
	u64 gap = produced - ring->expected;

	if (!gap)
		return;
	if (gap >= SENSE_JUMP_MAX) {
		sense_count(st, SENSE_ERROR_PRODUCED);
		dev_err_ratelimited(st->dev, "the card says it made %llu scans, %llu came\n",
				    produced, ring->expected);
		return;
	}
	sense_buffers_lost(st, ring->expected, gap,
			   ring->tainted ? SENSE_CAUSE_CORRUPT : SENSE_CAUSE_CARD);
	ring->expected = produced;
}

/**
 * sense_ring_stop() - stop the card and push all that it has made
 * @st: the card; nothing happens when it is not running
 *
 * When this returns, every sequence number the sample clock made is in the
 * buffers or in their lost ranges.
 *
 * Context: mlock held, or nobody else left.
 */
void sense_ring_stop(struct sense_pcie *st)
{
	struct sense_ring *ring = &st->ring;
	int ret;

	if (!ring->running)
		return;
	sense_clock_stop(st);
	ret = sense_ring_halt(st);
	mutex_lock(&st->drain_lock);
	if (ring->pushing) {
		while (sense_ring_drain(st, ring->entries))
			;
		if (ret != -ENODEV)
			sense_ring_tail(st);
	}
	sense_ring_check_guard(st);
	ring->pushing = false;
	ring->running = false;
	mutex_unlock(&st->drain_lock);
	cancel_delayed_work_sync(&st->poll);
	WRITE_ONCE(st->polled, false);
}

static bool sense_ring_is_fresh(struct sense_pcie *st, u64 age_ns)
{
	return st->ring.newest_valid &&
	       ktime_to_ns(ktime_sub(ktime_get(), st->ring.newest_at)) <= age_ns;
}

/**
 * sense_ring_single() - acquire one scan while no buffer runs
 * @st: the card, idle
 *
 * A scan that is not older than one sample period is as good as a new one, so
 * that reading all channels one after another takes one scan and not many.
 *
 * Context: mlock held, sleeps for a sample period.
 * Return: 0 or a negative error code.
 */
int sense_ring_single(struct sense_pcie *st)
{
	struct sense_ring *ring = &st->ring;
	u64 period_ns = sense_rate_period_ns(st);
	u64 wait_ns = 2 * period_ns + mul_u32_u32(st->command_timeout_ms, NSEC_PER_MSEC);
	ktime_t end;
	int ret, stopped;

	if (sense_ring_is_fresh(st, period_ns))
		return 0;
	ret = sense_ring_begin(st, 1);
	if (ret)
		return ret;
	end = ktime_add_ns(ktime_get(), wait_ns);
	while (!READ_ONCE(ring->index->producer)) {
		if (sense_gone(st))
			ret = -ENODEV;
		else if (ktime_after(ktime_get(), end))
			ret = -ETIMEDOUT;
		else if (msleep_interruptible(1))
			ret = -ERESTARTSYS;
		if (ret)
			break;
	}
	stopped = sense_ring_halt(st);
	mutex_lock(&st->drain_lock);
	if (!ret) {
		dma_rmb();
		memcpy(ring->newest, sense_ring_slot(ring, 0), ring->stride);
		ring->newest_at = ktime_get();
		ring->newest_valid = true;
	}
	sense_ring_check_guard(st);
	ring->running = false;
	mutex_unlock(&st->drain_lock);
	return ret ?: stopped;
}

/**
 * sense_ring_newest() - one channel of the newest scan
 * @st: the card
 * @channel: index in the channel table
 * @raw: as the card wrote it
 *
 * Return: 0; -EIO when the scan says that the channel has no valid reading;
 * -EAGAIN before the first scan; -ETIMEDOUT when the card has stopped
 * delivering.
 */
int sense_ring_newest(struct sense_pcie *st, unsigned int channel, u32 *raw)
{
	const struct sense_card_scan *scan = (const void *)st->ring.newest;
	u64 age_ns = 2 * sense_rate_period_ns(st) + 2 * mul_u32_u32(st->flush_us, NSEC_PER_USEC) +
		     NSEC_PER_SEC;
	int ret = 0;

	mutex_lock(&st->drain_lock);
	if (!st->ring.newest_valid)
		ret = -EAGAIN;
	else if (!sense_ring_is_fresh(st, age_ns))
		ret = -ETIMEDOUT;
	else if (le64_to_cpu(scan->fault) & BIT_ULL(channel))
		ret = -EIO;
	*raw = le32_to_cpu(scan->raw[channel]);
	mutex_unlock(&st->drain_lock);
	return ret;
}

/**
 * sense_ring_init() - allocate the ring
 * @st: the card; its tables have been read
 *
 * As large as card and memory allow.
 *
 * Return: 0 or -ENOMEM.
 */
int sense_ring_init(struct sense_pcie *st)
{
	struct sense_ring *ring = &st->ring;
	size_t bytes, more = SENSE_GUARD_WORDS * sizeof(u64) + sizeof(*ring->index) + 64;

	mutex_init(&st->drain_lock);
	INIT_DELAYED_WORK(&st->poll, sense_ring_poll);
	ring->stride = sense_card_stride(st->num_channels);
	ring->entries = le32_to_cpu(st->identity.max_entries);
	/* Without an IOMMU or contiguous memory set aside, 4 MiB is what there is. */
	for (;;) {
		bytes = (size_t)ring->entries * ring->stride;
		ring->scans = dmam_alloc_coherent(st->dev, bytes + more, &ring->scans_dma,
						  GFP_KERNEL | __GFP_NOWARN);
		if (ring->scans)
			break;
		if (ring->entries <= 256)
			return -ENOMEM;
		ring->entries /= 2;
	}
	ring->guard = ring->scans + bytes;
	/* The index on a cache line of its own. */
	bytes = ALIGN(bytes + SENSE_GUARD_WORDS * sizeof(u64), 64);
	ring->index = ring->scans + bytes;
	ring->index_dma = ring->scans_dma + bytes;
	return 0;
}
