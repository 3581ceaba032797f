// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * card-clock.c - the card's sample clock: which scans are due, their values, the DMA ring, and the
 * data interrupt.
 */
#include "card-private.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define PORTION		2048	/* scans made before doorbells are looked at again */
#define SLICE_NS	200000	/* fast clocks are served this often, not for each tick */

const struct sense_card_rate lab_card_rates[LAB_CARD_RATES] = {
	{ 1, 1 }, { 5, 1 }, { 10, 1 }, { 50, 1 }, { 60, 1 }, { 100, 1 }, { 500, 1 }, { 1000, 1 },
	{ 5000, 1 }, { 10000, 1 }, { 20000, 1 }, { 50000, 1 }, { 100000, 1 }, { 200000, 1 },
	{ 500000, 1 }, { 1000000, 1 },
};

/* Whether length bytes at a bus address lie in the host's memory, aligned. */
static bool inside(const struct lab_card *card, uint64_t address, uint64_t length)
{
	return !(address & 7) && length <= card->ports.memory_size &&
	       address <= card->ports.memory_size - length;
}

static struct sense_card_index *index_block(struct lab_card *card)
{
	return (void *)((char *)card->ports.memory + card->control.index_address);
}

uint32_t lab_card_start(struct lab_card *card, const struct sense_card_control *control)
{
	const struct sense_card_rate *rate;
	struct lab_session *session;

	if (card->running || lab_card_status(card)->state != SENSE_CARD_STATE_IDLE)
		return SENSE_CARD_E_STATE;
	if (control->rate >= LAB_CARD_RATES || control->watermark < 1 || control->consumer ||
	    control->ring_entries < 2 || control->ring_entries > SENSE_CARD_MAX_ENTRIES ||
	    (control->ring_entries & (control->ring_entries - 1)) ||
	    control->ring_stride != sense_card_stride(card->config.channels) ||
	    !inside(card, control->ring_address,
		    (uint64_t)control->ring_entries * control->ring_stride) ||
	    !inside(card, control->index_address, sizeof(struct sense_card_index)))
		return SENSE_CARD_E_ARGUMENT;
	session = lab_account_start(&card->account);
	if (!session)
		return SENSE_CARD_E_HARDWARE;

	rate = &lab_card_rates[control->rate];
	card->control = *control;
	card->period = 1000000000ULL * rate->hz_den / rate->hz_num;
	card->period_rest = 1000000000ULL * rate->hz_den % rate->hz_num;
	card->sequence = card->delivered = card->unsignalled = 0;
	card->lost_before = false;
	card->tick = lab_card_counter(card, card->now) + card->period;
	card->tick_rest = card->period_rest;
	if (!card->started_first)
		card->started_first = card->now;
	*session = (struct lab_session){
		.rate_num = rate->hz_num, .rate_den = rate->hz_den,
		.ring_entries = control->ring_entries, .watermark = control->watermark,
		.flush_us = control->flush_us, .test_data = card->test_data, .running = true,
		.start_ns = card->tick,
	};
	__atomic_store_n(&index_block(card)->producer, 0, __ATOMIC_RELEASE);
	card->running = true;
	lab_card_set_state(card, SENSE_CARD_STATE_RUNNING);
	return SENSE_CARD_OK;
}

uint32_t lab_card_watermark(struct lab_card *card, const struct sense_card_control *control)
{
	if (control->watermark < 1)
		return SENSE_CARD_E_ARGUMENT;
	card->control.watermark = control->watermark;
	card->control.flush_us = control->flush_us;
	if (card->running) {
		lab_account_last(&card->account)->watermark = control->watermark;
		lab_account_last(&card->account)->flush_us = control->flush_us;
	}
	return SENSE_CARD_OK;
}

void lab_card_stop(struct lab_card *card)
{
	struct lab_session *session = lab_account_last(&card->account);

	if (!card->running)
		return;
	card->running = false;
	session->running = false;
}

/* The physics has moved: means, and which sensors are broken. */
void lab_card_physics(struct lab_card *card)
{
	card->fault_mask = card->saturated_mask = 0;
	for (unsigned int i = 0; i < card->config.channels; i++) {
		card->counts[i] = lab_sensors_counts(&card->sensors, i);
		if (card->broken[i] > card->now)
			card->fault_mask |= 1ULL << i;
		if (card->saturated[i] > card->now)
			card->saturated_mask |= 1ULL << i;
	}
}

static void fill_test(const struct lab_card *card, struct sense_card_scan *scan)
{
	for (unsigned int i = 0; i < card->config.channels; i++) {
		const struct lab_channel *channel = &lab_channels[i];
		unsigned int unused = 32U - channel->bits;
		uint32_t value = sense_card_test_value(card->sequence, i) << unused;

		if (channel->flags & SENSE_CARD_CHANNEL_SIGNED)
			scan->raw[i] = (uint32_t)((int32_t)value >> unused);
		else
			scan->raw[i] = value >> unused;
	}
}

static void fill(struct lab_card *card, struct sense_card_scan *scan)
{
	uint64_t random = lab_random_next(card->random);
	uint64_t saturation = 0;

	for (unsigned int i = 0; i < card->config.channels; i++) {
		const struct lab_channel *channel = &lab_channels[i];
		double value = card->counts[i] +
			       card->sigma[i] * card->noise[(random + i) & (LAB_CARD_NOISE - 1)];
		int32_t raw;

		if ((card->fault_mask | card->saturated_mask) >> i & 1)
			value = channel->max + 1.0;	/* an open input drifts to the stop */
		if (value < channel->min || value > channel->max)
			saturation |= 1ULL << i;
		value = fmin(fmax(value, channel->min), channel->max);
		raw = (int32_t)lrint(value);
		scan->raw[i] = (uint32_t)raw;
	}
	scan->fault = card->fault_mask;
	scan->saturation = saturation;
	if (card->fault_mask)
		lab_card_status(card)->errors_adc += (unsigned int)
			__builtin_popcountll(card->fault_mask);
}

static void drop(struct lab_card *card, enum lab_drop_cause cause)
{
	lab_account_drop(&card->account, card->sequence, cause);
	card->lost_before = true;
	if (cause == LAB_DROP_RING) {
		card->scans_dropped++;
	} else {
		lab_card_status(card)->errors_dma++;
		lab_card_interrupt(card, SENSE_CARD_VECTOR_ERROR);
	}
}

static bool garbled(struct lab_card *card, enum lab_garble what)
{
	return card->garbled[what] && card->garbled[what]--;
}

/* One tick of the clock. */
static void tick(struct lab_card *card)
{
	uint64_t consumer = __atomic_load_n(&lab_card_control(card)->consumer, __ATOMIC_ACQUIRE);
	struct sense_card_scan *scan;
	uint64_t flags;

	if (card->overruns) {
		card->overruns--;
		drop(card, LAB_DROP_RING);
	} else if (card->delivered - consumer >= card->control.ring_entries) {
		/* A consumer index ahead of ours lands here too: nothing is overwritten. */
		drop(card, LAB_DROP_RING);
	} else if (card->dma_errors) {
		card->dma_errors--;
		drop(card, LAB_DROP_DMA);
	} else {
		scan = (void *)((char *)card->ports.memory + card->control.ring_address +
				(card->delivered & (card->control.ring_entries - 1)) *
					card->control.ring_stride);
		flags = SENSE_CARD_SCAN_SIMULATED;
		if (card->lost_before)
			flags |= SENSE_CARD_SCAN_OVERRUN;
		if (card->test_data)
			flags |= SENSE_CARD_SCAN_TEST_DATA;
		if (card->expired_seen)
			flags |= SENSE_CARD_SCAN_OUTPUT_SAFE;
		if (card->unlock_until > card->now)
			flags |= SENSE_CARD_SCAN_CLOCK_UNLOCKED;
		scan->sequence = card->sequence;
		scan->counter = card->tick;
		if (garbled(card, LAB_GARBLE_SEQUENCE_BACK))
			scan->sequence /= 2;
		if (garbled(card, LAB_GARBLE_SEQUENCE_LEAP))
			scan->sequence += 1ULL << 40;
		if (garbled(card, LAB_GARBLE_COUNTER_BACK))
			scan->counter /= 2;
		if (garbled(card, LAB_GARBLE_COUNTER_LEAP))
			scan->counter += 1ULL << 50;
		scan->fault = scan->saturation = 0;
		scan->flags = flags;
		if (card->test_data)
			fill_test(card, scan);
		else
			fill(card, scan);
		card->lost_before = false;
		card->delivered++;
	}
	if (!card->unsignalled++)
		card->unsignalled_since = card->now;
	card->sequence++;
	card->scans_produced++;
	card->tick += card->period;
	card->tick_rest += card->period_rest;
	if (card->tick_rest >= lab_card_rates[card->control.rate].hz_num) {
		card->tick_rest -= lab_card_rates[card->control.rate].hz_num;
		card->tick++;
	}
}

static uint64_t producer(struct lab_card *card)
{
	if (garbled(card, LAB_GARBLE_PRODUCER_BACK))
		return card->delivered / 2;
	if (garbled(card, LAB_GARBLE_PRODUCER_LEAP))
		return card->delivered + 10ULL * card->control.ring_entries;
	return card->delivered;
}

/* Scans first, then the index, then the interrupt; the account agrees with what the host sees. */
static uint64_t publish(struct lab_card *card)
{
	struct sense_card_status *status = lab_card_status(card);
	struct lab_session *session = lab_account_last(&card->account);
	uint64_t flush = card->control.flush_us * 1000ULL;

	session->ticks = card->sequence;
	session->delivered = card->delivered;
	status->scans_produced = card->scans_produced;
	status->scans_dropped = card->scans_dropped;
	__atomic_store_n(&index_block(card)->producer, producer(card), __ATOMIC_RELEASE);

	if (!card->unsignalled)
		return LAB_CARD_NEVER;
	if (card->unsignalled >= card->control.watermark ||
	    (flush && card->unsignalled_since + flush <= card->now)) {
		card->unsignalled = 0;
		if (card->drop_interrupts) {
			card->drop_interrupts--;
			session->interrupts_suppressed++;
		} else {
			session->interrupts++;
			lab_card_interrupt(card, SENSE_CARD_VECTOR_DATA);
		}
		return LAB_CARD_NEVER;
	}
	return flush ? card->unsignalled_since + flush : LAB_CARD_NEVER;
}

uint64_t lab_card_clock_run(struct lab_card *card)
{
	uint64_t counter, next, flush;
	unsigned int made = 0;

	if (!card->running)
		return LAB_CARD_NEVER;
	if (card->stall_until) {
		if (card->stall_until > card->now)
			return card->stall_until;
		/* The clock stood still: its next tick comes as if nothing had been. */
		card->tick = lab_card_counter(card, card->now) + card->period;
		card->tick_rest = card->period_rest;
		card->stall_until = 0;
	}
	if (card->withhold_until) {
		if (card->withhold_until > card->now)
			return card->withhold_until;
		card->withhold_until = 0;
	}
	counter = lab_card_counter(card, card->now);
	while (card->tick <= counter && made < PORTION) {
		tick(card);
		made++;
	}
	flush = publish(card);
	if (card->tick <= counter)
		return card->now;
	next = lab_card_host(card, card->tick);
	if (card->period < SLICE_NS && next < card->now + SLICE_NS)
		next = card->now + SLICE_NS;
	return flush < next ? flush : next;
}
