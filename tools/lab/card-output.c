// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * card-output.c - actuator outputs: range, slew limit, watchdog, safe value, read-back. The safe
 * value is taken at once; the slew limit holds for what the host asks for.
 */
#include "card-private.h"

#include <math.h>
#include <string.h>

#define MOVE_NS	5000000		/* a ramp is drawn in steps of this */

static struct sense_card_output *block(struct lab_card *card, unsigned int i)
{
	return (void *)((char *)card->ports.window + SENSE_CARD_OUTPUT +
			i * SENSE_CARD_OUTPUT_SIZE);
}

static void show(struct lab_card *card, unsigned int i)
{
	struct lab_output *output = &card->output[i];
	struct sense_card_output *out = block(card, i);
	struct sense_card_status *status = lab_card_status(card);
	int32_t read_back = output->stuck ? output->stuck_at : output->applied;

	out->applied = (uint32_t)output->applied;
	out->read_back = (uint32_t)read_back;
	out->expired = output->expired;
	__atomic_store_n(&out->state, output->state, __ATOMIC_RELEASE);
	if (read_back != output->applied)
		status->output_faults |= 1ULL << i;
	else
		status->output_faults &= ~(1ULL << i);
}

static void make_safe(struct lab_card *card, unsigned int i, uint32_t state)
{
	struct lab_output *output = &card->output[i];

	output->state = state;
	output->applied = (int32_t)lab_card_output_info[i].safe;
	output->target = output->applied;
	output->exact = output->applied;
	output->deadline = LAB_CARD_NEVER;
	output->watchdog_ms = 0;
}

static void see_expired(struct lab_card *card)
{
	card->expired_seen = false;
	for (unsigned int i = 0; i < LAB_OUTPUTS; i++)
		if (card->output[i].state == SENSE_CARD_OUT_EXPIRED)
			card->expired_seen = true;
}

void lab_output_reset(struct lab_card *card)
{
	for (unsigned int i = 0; i < LAB_OUTPUTS; i++) {
		struct sense_card_output *out = block(card, i);

		make_safe(card, i, SENSE_CARD_OUT_SAFE);
		card->output[i].expired = 0;
		card->output[i].feed = out->feed;
		card->output[i].arm = out->arm;
		/* The host's half goes too, or the next bell would arm an output that RESET made safe. */
		out->watchdog_ms = 0;
		out->target = (uint32_t)card->output[i].target;
		show(card, i);
	}
	see_expired(card);
}

void lab_output_expire(struct lab_card *card, struct lab_output *output)
{
	unsigned int i = (unsigned int)(output - card->output);

	if (output->state != SENSE_CARD_OUT_ARMED)
		return;
	output->expired++;
	make_safe(card, i, SENSE_CARD_OUT_EXPIRED);
	show(card, i);
	see_expired(card);
	lab_card_interrupt(card, SENSE_CARD_VECTOR_EVENT);
}

/* Move towards the target, no faster than the slew limit. */
static void move(struct lab_card *card, unsigned int i)
{
	struct lab_output *output = &card->output[i];
	double slew = lab_card_output_info[i].slew;
	double most = slew * (double)(card->now - output->moved) * 1e-9;

	output->moved = card->now;
	if (output->state != SENSE_CARD_OUT_ARMED)
		return;
	if (slew == 0 || fabs(output->target - output->exact) <= most)
		output->exact = output->target;
	else
		output->exact += output->target > output->exact ? most : -most;
	output->applied = (int32_t)lrint(output->exact);
}

/* The host is alive: a new target, and the watchdog from the start. */
static void feed(struct lab_card *card, unsigned int i, int32_t target)
{
	const struct sense_card_output_info *info = &lab_card_output_info[i];
	struct lab_output *output = &card->output[i];

	if (target < (int32_t)info->range_min)
		target = (int32_t)info->range_min;
	if (target > (int32_t)info->range_max)
		target = (int32_t)info->range_max;
	output->target = target;
	output->deadline = card->now + output->watchdog_ms * 1000000ULL;
}

void lab_output_bell(struct lab_card *card)
{
	for (unsigned int i = 0; i < LAB_OUTPUTS; i++) {
		const struct sense_card_output_info *info = &lab_card_output_info[i];
		struct lab_output *output = &card->output[i];
		struct sense_card_output asked;

		memcpy(&asked, block(card, i), sizeof(asked));
		if (output->state == SENSE_CARD_OUT_ARMED && output->deadline <= card->now)
			lab_output_expire(card, output);
		move(card, i);
		if (!asked.watchdog_ms) {
			make_safe(card, i, SENSE_CARD_OUT_SAFE);
		} else if (asked.arm != output->arm) {
			if (asked.watchdog_ms >= info->watchdog_min_ms &&
			    asked.watchdog_ms <= info->watchdog_max_ms) {
				output->state = SENSE_CARD_OUT_ARMED;
				output->watchdog_ms = asked.watchdog_ms;
				feed(card, i, (int32_t)asked.target);
			} else {
				lab_card_status(card)->errors_command++;
				lab_card_interrupt(card, SENSE_CARD_VECTOR_ERROR);
			}
		} else if (asked.feed != output->feed && output->state == SENSE_CARD_OUT_ARMED) {
			feed(card, i, (int32_t)asked.target);
		}
		output->arm = asked.arm;
		output->feed = asked.feed;
		show(card, i);
	}
	see_expired(card);
}

uint64_t lab_output_run(struct lab_card *card)
{
	uint64_t next = LAB_CARD_NEVER;

	for (unsigned int i = 0; i < LAB_OUTPUTS && !card->vanished; i++) {
		struct lab_output *output = &card->output[i];

		if (output->state != SENSE_CARD_OUT_ARMED)
			continue;
		if (output->deadline <= card->now) {
			lab_output_expire(card, output);
			continue;
		}
		move(card, i);
		show(card, i);
		if (output->deadline < next)
			next = output->deadline;
		if (output->applied != output->target && card->now + MOVE_NS < next)
			next = card->now + MOVE_NS;
	}
	return next;
}

double lab_output_current(const struct lab_card *card)
{
	const struct sense_card_output_info *info = &lab_card_output_info[LAB_OUT_PELTIER];
	const struct lab_output *output = &card->output[LAB_OUT_PELTIER];
	int32_t real = output->stuck ? output->stuck_at : output->applied;

	return real * (double)info->scale_num / (double)info->scale_den;
}
