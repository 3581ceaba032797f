// SPDX-License-Identifier: GPL-2.0-or-later
#include "card-private.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct sense_card_identity *lab_card_identity(struct lab_card *card)
{
	return (void *)((char *)card->ports.window + SENSE_CARD_IDENTITY);
}

struct sense_card_control *lab_card_control(struct lab_card *card)
{
	return (void *)((char *)card->ports.window + SENSE_CARD_CONTROL);
}

struct sense_card_status *lab_card_status(struct lab_card *card)
{
	return (void *)((char *)card->ports.window + SENSE_CARD_STATUS);
}

uint32_t lab_crc32(const void *data, size_t length)
{
	const uint8_t *at = data;
	uint32_t crc = 0xffffffff;

	while (length--) {
		crc ^= *at++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

void lab_card_interrupt(struct lab_card *card, unsigned int vector)
{
	if (!card->vanished)
		card->ports.interrupt(card->ports.context, vector);
}

/* The oscillator's error is small: double carries its effect over years to the nanosecond. */
uint64_t lab_card_counter(const struct lab_card *card, uint64_t host)
{
	uint64_t since = host - card->origin;

	return host + (uint64_t)llrint((double)since * card->config.clock_ppm * 1e-6);
}

uint64_t lab_card_host(const struct lab_card *card, uint64_t counter)
{
	double error = card->config.clock_ppm * 1e-6;
	uint64_t since = counter - card->origin;

	return counter - (uint64_t)llrint((double)since * error / (1 + error));
}

void lab_card_set_state(struct lab_card *card, enum sense_card_state state)
{
	__atomic_store_n(&lab_card_status(card)->state, state, __ATOMIC_RELEASE);
}

void lab_card_vanish(struct lab_card *card, bool vanished)
{
	if (vanished == card->vanished)
		return;
	if (vanished) {
		lab_card_stop(card);
		lab_output_reset(card);
		card->vanished = true;
		memset(card->ports.window, 0xff, LAB_CARD_WINDOW);
	} else {
		card->vanished = false;
		lab_output_reset(card);
		lab_card_build_window(card);
	}
}

struct lab_card *lab_card_new(const struct lab_card_config *config,
			      const struct lab_card_ports *ports, uint64_t now)
{
	struct lab_card *card = calloc(1, sizeof(*card));

	if (!card)
		return NULL;
	card->config = *config;
	card->ports = *ports;
	card->origin = card->now = card->physics_at = now;
	snprintf(card->model, sizeof(card->model), config->time_compression == 1 ?
		 "Virtual %u" : "Virtual %u (time x%g)", config->channels,
		 config->time_compression);
	snprintf(card->serial, sizeof(card->serial), "SIM-%08" PRIX32 "-%u",
		 (uint32_t)(config->seed * 2654435761U), config->index);
	lab_random_seed(card->random, config->seed * 64 + config->index);
	for (int i = 0; i < LAB_CARD_NOISE; i++)
		card->noise[i] = (float)lab_random_normal(card->random);
	lab_sensors_init(&card->sensors, config->bath ? config->bath : &lab_bath_nominal,
			 config->start, config->ambient, config->seed * 64 + config->index);
	for (unsigned int i = 0; i < config->channels; i++)
		card->sigma[i] = lab_channels[i].noise * (double)lab_channels[i].scale_den /
				 (double)lab_channels[i].scale_num;
	lab_output_reset(card);
	lab_card_build_window(card);
	lab_card_physics(card);
	return card;
}

void lab_card_free(struct lab_card *card)
{
	if (!card)
		return;
	lab_account_free(&card->account);
	free(card);
}

static void reset(struct lab_card *card)
{
	struct sense_card_status *status = lab_card_status(card);

	lab_card_stop(card);
	lab_output_reset(card);
	card->test_data = false;
	card->scans_produced = card->scans_dropped = 0;
	status->scans_produced = status->scans_dropped = 0;
	status->errors_adc = status->errors_dma = 0;
	status->errors_command = status->errors_clock = 0;
	status->output_faults = 0;
	status->self_test = 0;
	lab_card_set_state(card, SENSE_CARD_STATE_IDLE);
}

static uint32_t execute(struct lab_card *card, const struct sense_card_control *control)
{
	struct sense_card_status *status = lab_card_status(card);

	switch (control->command) {
	case SENSE_CARD_CMD_NONE:
		return SENSE_CARD_OK;
	case SENSE_CARD_CMD_RESET:
		reset(card);
		return SENSE_CARD_OK;
	case SENSE_CARD_CMD_START:
		return lab_card_start(card, control);
	case SENSE_CARD_CMD_STOP:
		if (status->state == SENSE_CARD_STATE_FAILED)
			return SENSE_CARD_E_STATE;
		lab_card_stop(card);
		lab_card_set_state(card, SENSE_CARD_STATE_IDLE);
		return SENSE_CARD_OK;
	case SENSE_CARD_CMD_LATCH:
		status->latch = lab_card_counter(card, card->now);
		__atomic_store_n(&status->latch_sequence, control->command_sequence,
				 __ATOMIC_RELEASE);
		return SENSE_CARD_OK;
	case SENSE_CARD_CMD_SELF_TEST:
		if (card->running)
			return SENSE_CARD_E_STATE;
		status->self_test = card->self_test;
		return SENSE_CARD_OK;
	case SENSE_CARD_CMD_TEST_DATA:
		if (control->argument > 1)
			return SENSE_CARD_E_ARGUMENT;
		if (card->running)
			return SENSE_CARD_E_STATE;
		card->test_data = control->argument;
		return SENSE_CARD_OK;
	case SENSE_CARD_CMD_WATERMARK:
		return lab_card_watermark(card, control);
	default:
		return SENSE_CARD_E_COMMAND;
	}
}

static void command(struct lab_card *card)
{
	struct sense_card_status *status = lab_card_status(card);
	struct sense_card_control control;
	uint32_t result;

	/* Taken once: the host may go on writing while we look. */
	memcpy(&control, lab_card_control(card), sizeof(control));
	if (control.command_sequence == status->command_done || card->mute)
		return;
	result = execute(card, &control);
	if (result != SENSE_CARD_OK) {
		status->errors_command++;
		lab_card_interrupt(card, SENSE_CARD_VECTOR_ERROR);
	}
	status->command_result = result;
	__atomic_store_n(&status->command_done, control.command_sequence, __ATOMIC_RELEASE);
	lab_card_interrupt(card, SENSE_CARD_VECTOR_EVENT);
}

void lab_card_bell(struct lab_card *card, unsigned int bell, uint64_t now)
{
	if (card->vanished)
		return;
	card->now = now > card->now ? now : card->now;
	if (bell == SENSE_CARD_BELL_COMMAND)
		command(card);
	else if (bell == SENSE_CARD_BELL_OUTPUT)
		lab_output_bell(card);
	/* SENSE_CARD_BELL_CONSUMER: the index is read whenever room is needed */
}

uint64_t lab_card_run(struct lab_card *card, uint64_t now)
{
	uint64_t next, other;

	card->now = now > card->now ? now : card->now;
	next = lab_fault_run(card);
	while (card->physics_at + LAB_PHYSICS_NS <= card->now) {
		lab_sensors_run(&card->sensors, lab_output_current(card),
				LAB_PHYSICS_NS * 1e-9 * card->config.time_compression);
		card->physics_at += LAB_PHYSICS_NS;
		lab_card_physics(card);
	}
	if (card->physics_at + LAB_PHYSICS_NS < next)
		next = card->physics_at + LAB_PHYSICS_NS;
	other = lab_output_run(card);
	if (other < next)
		next = other;
	other = lab_card_clock_run(card);
	return other < next ? other : next;
}

void lab_card_account(struct lab_card *card, FILE *out)
{
	fprintf(out, "{\"simulated\":true,\"model\":\"%s\",\"serial\":\"%s\",\"channels\":%u"
		",\"seed\":%" PRIu64 ",\"time_compression\":%g,\"clock_ppm\":%g"
		",\"scans_produced\":%" PRIu64 ",\"scans_dropped\":%" PRIu64
		",\"exact\":%s,\"output\":{\"state\":%" PRIu32 ",\"applied\":%" PRId32
		",\"expired\":%" PRIu32 "}"
		",\"bath\":{\"air\":%.6f,\"wall\":%.6f,\"sink\":%.6f,\"ambient\":%.6f"
		",\"current\":%.6f,\"time\":%.3f},\"sessions\":",
		card->model, card->serial, card->config.channels, card->config.seed,
		card->config.time_compression, card->config.clock_ppm, card->scans_produced,
		card->scans_dropped, card->account.incomplete ? "false" : "true",
		card->output[0].state, card->output[0].applied, card->output[0].expired,
		card->sensors.bath.air, card->sensors.bath.wall, card->sensors.bath.sink,
		card->sensors.bath.ambient, card->sensors.bath.current, card->sensors.bath.time);
	lab_account_print(&card->account, out);
	fputs("}\n", out);
}
