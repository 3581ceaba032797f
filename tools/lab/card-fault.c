// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * card-fault.c - what can be made to go wrong, at once or at a time after the first START.
 */
#include "card-private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS	3

struct call {
	struct lab_card *card;
	int count;
	char text[ARGUMENTS][48];
	double number[ARGUMENTS];	/* NAN where the text is no number */
	char *answer;
	size_t size;
};

static uint64_t until(const struct call *call, int argument, double fallback)
{
	double seconds = call->count > argument ? call->number[argument] : fallback;

	if (!(seconds < 1e8))
		return LAB_CARD_NEVER;
	return call->card->now + (uint64_t)llrint(fmax(seconds, 0) * 1e9);
}

static uint64_t amount(const struct call *call, int argument, double fallback)
{
	double number = call->count > argument ? call->number[argument] : fallback;

	return number > 0 && number < 1e18 ? (uint64_t)number : 0;
}

static int sensor(const struct call *call, uint64_t *list)
{
	for (unsigned int i = 0; call->count && i < call->card->config.channels; i++) {
		if (strcmp(call->text[0], lab_channels[i].label) && call->number[0] != i)
			continue;
		list[i] = until(call, 1, INFINITY);
		lab_card_physics(call->card);
		return 0;
	}
	snprintf(call->answer, call->size, "there is no channel '%s' on this card", call->text[0]);
	return -EINVAL;
}

static int do_stall(struct call *call)
{
	call->card->stall_until = until(call, 0, 1);
	return 0;
}

static int do_burst(struct call *call)
{
	call->card->withhold_until = until(call, 0, 1);
	return 0;
}

static int do_overrun(struct call *call)
{
	call->card->overruns += amount(call, 0, 100);
	return 0;
}

static int do_drop_interrupt(struct call *call)
{
	call->card->drop_interrupts += amount(call, 0, 1);
	return 0;
}

static int do_dma_error(struct call *call)
{
	call->card->dma_errors += amount(call, 0, 1);
	return 0;
}

static int do_garble(struct call *call)
{
	static const char * const names[LAB_GARBLES] = {
		"sequence-back", "sequence-leap", "counter-back", "counter-leap",
		"producer-back", "producer-leap",
	};

	for (int i = 0; call->count && i < LAB_GARBLES; i++) {
		if (strcmp(call->text[0], names[i]))
			continue;
		call->card->garbled[i] += amount(call, 1, 1);
		return 0;
	}
	snprintf(call->answer, call->size, "nothing to garble is called '%s'", call->text[0]);
	return -EINVAL;
}

static int do_unlock(struct call *call)
{
	call->card->unlock_until = until(call, 0, 1);
	lab_card_status(call->card)->errors_clock++;
	lab_card_interrupt(call->card, SENSE_CARD_VECTOR_ERROR);
	return 0;
}

static int do_sensor(struct call *call)
{
	return sensor(call, call->card->broken);
}

static int do_saturate(struct call *call)
{
	return sensor(call, call->card->saturated);
}

static int do_door(struct call *call)
{
	double seconds = call->count && isfinite(call->number[0]) ? call->number[0] : 10;

	lab_bath_open_door(&call->card->sensors.bath, seconds);
	return 0;
}

static int do_ambient(struct call *call)
{
	double tau = call->count > 1 && isfinite(call->number[1]) ? call->number[1] : 60;

	if (!call->count || !isfinite(call->number[0])) {
		snprintf(call->answer, call->size, "ambient needs a step in kelvin");
		return -EINVAL;
	}
	lab_bath_step_ambient(&call->card->sensors.bath, call->number[0], tau);
	return 0;
}

static int do_people(struct call *call)
{
	if (!call->count || !(call->number[0] >= 0 && call->number[0] <= 100)) {
		snprintf(call->answer, call->size, "people needs a number from 0 to 100");
		return -EINVAL;
	}
	call->card->sensors.air.people = (int)call->number[0];
	return 0;
}

static int do_watchdog(struct call *call)
{
	lab_output_expire(call->card, &call->card->output[LAB_OUT_PELTIER]);
	return 0;
}

static int do_output_stuck(struct call *call)
{
	struct lab_output *output = &call->card->output[LAB_OUT_PELTIER];

	output->stuck = !(call->count && !strcmp(call->text[0], "off"));
	output->stuck_at = output->applied;
	return 0;
}

static int do_self_test(struct call *call)
{
	call->card->self_test = (uint32_t)amount(call, 0, 1);
	return 0;
}

static int do_fail(struct call *call)
{
	lab_card_stop(call->card);
	lab_card_set_state(call->card, SENSE_CARD_STATE_FAILED);
	lab_card_interrupt(call->card, SENSE_CARD_VECTOR_EVENT);
	lab_card_interrupt(call->card, SENSE_CARD_VECTOR_ERROR);
	return 0;
}

static int do_mute(struct call *call)
{
	call->card->mute = !(call->count && !strcmp(call->text[0], "off"));
	return 0;
}

static int do_vanish(struct call *call)
{
	lab_card_vanish(call->card, true);
	return 0;
}

static int do_return(struct call *call)
{
	lab_card_vanish(call->card, false);
	return 0;
}

static int do_table(struct call *call)
{
	if (call->count && !lab_card_spoil(call->card, call->text[0]))
		return 0;
	snprintf(call->answer, call->size, "there is no way to spoil a table called '%s'",
		 call->text[0]);
	return -EINVAL;
}

static const struct {
	const char *name, *arguments, *help;
	int (*act)(struct call *call);
} faults[] = {
	{ "stall", "SECONDS", "the sample clock stands still; no sequence number is lost", do_stall },
	{ "burst", "SECONDS", "delivery waits, then all comes at once; what the ring cannot hold is lost",
	  do_burst },
	{ "overrun", "COUNT", "the next COUNT scans are lost as if the ring were full", do_overrun },
	{ "drop-interrupt", "COUNT", "the next COUNT data interrupts are not raised",
	  do_drop_interrupt },
	{ "dma-error", "COUNT", "the next COUNT scans fail on the bus and are lost", do_dma_error },
	{ "garble", "KIND[,COUNT]", "COUNT scans or indices that cannot be; KIND: sequence-back "
	  "sequence-leap counter-back counter-leap producer-back producer-leap", do_garble },
	{ "unlock", "SECONDS", "the sample clock has lost lock", do_unlock },
	{ "sensor", "CHANNEL[,SECONDS]", "a sensor is broken: fault bit, reading at its stop",
	  do_sensor },
	{ "saturate", "CHANNEL[,SECONDS]", "an input is out of range", do_saturate },
	{ "door", "SECONDS", "the bath's door is open (physics seconds)", do_door },
	{ "ambient", "KELVIN[,TAU]", "the ambient temperature steps (TAU in physics seconds, 60)",
	  do_ambient },
	{ "people", "NUMBER", "so many people in the room", do_people },
	{ "watchdog", "", "the output's watchdog expires now", do_watchdog },
	{ "output-stuck", "[off]", "the output no longer follows", do_output_stuck },
	{ "self-test", "BITS", "what the next self-test finds", do_self_test },
	{ "fail", "", "the card fails and needs a reset", do_fail },
	{ "mute", "[off]", "the card answers no command", do_mute },
	{ "vanish", "", "the card is off the bus: every register reads ones", do_vanish },
	{ "return", "", "it is back, as after power-on", do_return },
	{ "table", "KIND", "identity or a table is spoilt; KIND:", do_table },
};

#define FAULTS	(sizeof(faults) / sizeof(faults[0]))

void lab_card_fault_help(FILE *out)
{
	int column = 0;

	for (size_t i = 0; i < FAULTS; i++)
		fprintf(out, "  %-15s %-20s %s\n", faults[i].name, faults[i].arguments,
			faults[i].help);
	for (int i = 0; lab_card_spoils[i]; i++) {
		if (!column)
			column = fprintf(out, "%38s", "");
		column += fprintf(out, "%s%s", lab_card_spoils[i], lab_card_spoils[i + 1] ? " " : "");
		if (column > 80 || !lab_card_spoils[i + 1]) {
			fputc('\n', out);
			column = 0;
		}
	}
}

static int act(struct lab_card *card, const char *text, bool dry, char *answer, size_t size)
{
	struct call call = { .card = card, .answer = answer, .size = size };
	size_t length = strcspn(text, "@,"), which;

	for (which = 0; which < FAULTS; which++)
		if (strlen(faults[which].name) == length &&
		    !strncmp(faults[which].name, text, length))
			break;
	if (which == FAULTS) {
		snprintf(answer, size, "there is no fault called '%.*s'", (int)length, text);
		return -EINVAL;
	}
	text = strchr(text, ',');
	while (text && call.count < ARGUMENTS) {
		char *end;

		text++;
		length = strcspn(text, ",");
		snprintf(call.text[call.count], sizeof(call.text[0]), "%.*s", (int)length, text);
		call.number[call.count] = strtod(call.text[call.count], &end);
		if (*end || end == call.text[call.count])
			call.number[call.count] = NAN;
		call.count++;
		text = strchr(text, ',');
	}
	return dry ? 0 : faults[which].act(&call);
}

int lab_card_fault(struct lab_card *card, const char *text, char *answer, size_t size)
{
	const char *when = strchr(text, '@');
	const char *comma = strchr(text, ',');
	struct lab_pending_fault *pending;
	char *end;
	int error;

	answer[0] = 0;
	if (!when || (comma && comma < when))
		return act(card, text, false, answer, size);
	error = act(card, text, true, answer, size);
	if (error)
		return error;
	if (card->pending_count == LAB_CARD_FAULTS || strlen(text) >= sizeof(pending->text)) {
		snprintf(answer, size, "too many faults wait for their time");
		return -EINVAL;
	}
	pending = &card->pending[card->pending_count];
	pending->at = strtod(when + 1, &end);
	if (end == when + 1 || (*end && *end != ',') || !(pending->at >= 0 && pending->at < 1e9)) {
		snprintf(answer, size, "'%s' has no time in seconds after '@'", text);
		return -EINVAL;
	}
	snprintf(pending->text, sizeof(pending->text), "%s", text);
	card->pending_count++;
	return 0;
}

/* Start what is due. Returns when the next is, ns. */
uint64_t lab_fault_run(struct lab_card *card)
{
	uint64_t next = LAB_CARD_NEVER;
	char answer[128];

	if (!card->started_first)
		return next;
	for (unsigned int i = 0; i < card->pending_count;) {
		uint64_t at = card->started_first + (uint64_t)llrint(card->pending[i].at * 1e9);

		if (at > card->now) {
			next = at < next ? at : next;
			i++;
			continue;
		}
		if (act(card, card->pending[i].text, false, answer, sizeof(answer)))
			fprintf(stderr, "sense-lab: %s: %s\n", card->pending[i].text, answer);
		card->pending[i] = card->pending[--card->pending_count];
	}
	return next;
}
