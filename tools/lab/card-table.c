// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * card-table.c - what the card says about itself: identity, channels, outputs, rates; and how each
 * of them can be spoilt, so that a driver can be shown a card that is broken.
 */
#include "card-private.h"

#include <errno.h>
#include <string.h>

#define CHANNELS_AT	0x1000
#define OUTPUTS_AT	0x3000
#define RATES_AT	0x3800

const struct sense_card_output_info lab_card_output_info[LAB_OUTPUTS] = {
	[LAB_OUT_PELTIER] = {
		.kind = SENSE_CARD_OUT_CURRENT,
		.scale_num = 1, .scale_den = 1000,		/* mA */
		.range_min = (uint32_t)-5000, .range_max = 2000,
		.safe = 0, .slew = 1000,
		.watchdog_min_ms = 20, .watchdog_max_ms = 60000,
		.label = "peltier",
	},
};

static void *at(struct lab_card *card, uint32_t offset)
{
	return (char *)card->ports.window + offset;
}

static void seal(struct lab_card *card)
{
	struct sense_card_identity *id = lab_card_identity(card);

	id->crc = lab_crc32(id, offsetof(struct sense_card_identity, crc));
}

static void describe(struct lab_card *card, struct sense_card_table *table, uint32_t offset,
		     uint32_t count, uint32_t stride)
{
	*table = (struct sense_card_table){ offset, count, stride,
					    lab_crc32(at(card, offset), count * stride) };
}

void lab_card_build_window(struct lab_card *card)
{
	struct sense_card_identity *id = lab_card_identity(card);
	struct sense_card_channel *channels = at(card, CHANNELS_AT);
	uint64_t state[4], random[2];

	memset(card->ports.window, 0, LAB_CARD_WINDOW);
	for (unsigned int i = 0; i < card->config.channels; i++) {
		const struct lab_channel *from = &lab_channels[i];
		struct sense_card_channel *to = &channels[i];

		to->kind = from->kind;
		to->unit = from->unit;
		to->modifier = from->modifier;
		to->bits = from->bits;
		to->flags = from->flags;
		to->scale_num = (uint64_t)from->scale_num;
		to->scale_den = (uint64_t)from->scale_den;
		to->offset_num = (uint64_t)from->offset_num;
		to->offset_den = (uint64_t)from->offset_den;
		to->range_min = (uint32_t)from->min;
		to->range_max = (uint32_t)from->max;
		to->group = from->group;
		strncpy((char *)to->label, from->label, sizeof(to->label));
	}
	memcpy(at(card, OUTPUTS_AT), lab_card_output_info, sizeof(lab_card_output_info));
	memcpy(at(card, RATES_AT), lab_card_rates, sizeof(lab_card_rates));

	id->major = SENSE_CARD_MAJOR;
	id->minor = SENSE_CARD_MINOR;
	id->window = LAB_CARD_WINDOW;
	strncpy((char *)id->vendor, "Sense project (simulated)", sizeof(id->vendor));
	memcpy(id->model, card->model, sizeof(id->model));
	memcpy(id->serial, card->serial, sizeof(id->serial));
	/* RFC 9562 version 8: vendor's own, from seed and index, so a run can be repeated. */
	lab_random_seed(state, card->config.seed * 64 + card->config.index);
	random[0] = lab_random_next(state);
	random[1] = lab_random_next(state);
	memcpy(id->uuid, random, sizeof(id->uuid));
	id->uuid[6] = (id->uuid[6] & 0x0f) | 0x80;
	id->uuid[8] = (id->uuid[8] & 0x3f) | 0x80;
	id->hardware_revision = 1;
	id->firmware_revision = 1 << 16;
	id->capabilities = SENSE_CARD_CAP_LATCH | SENSE_CARD_CAP_OUTPUTS |
			   SENSE_CARD_CAP_SELF_TEST | SENSE_CARD_CAP_TEST_DATA |
			   SENSE_CARD_CAP_SIMULATED;
	describe(card, &id->channels, CHANNELS_AT, card->config.channels,
		 sizeof(struct sense_card_channel));
	describe(card, &id->outputs, OUTPUTS_AT, LAB_OUTPUTS,
		 sizeof(struct sense_card_output_info));
	describe(card, &id->rates, RATES_AT, LAB_CARD_RATES, sizeof(struct sense_card_rate));
	id->counter_hz = 1000000000;
	id->max_entries = SENSE_CARD_MAX_ENTRIES;
	id->dma_bits = 64;
	id->command_timeout_ms = 1000;
	id->magic = SENSE_CARD_MAGIC;
	seal(card);
	/* The guard covers the magic as well: it is in place before the magic shows. */
	id->magic = 0;
	__atomic_store_n(&id->magic, SENSE_CARD_MAGIC, __ATOMIC_RELEASE);
}

const char * const lab_card_spoils[] = {
	"magic", "major", "minor", "identity-crc", "serial-empty", "serial-space", "window-large",
	"no-channels", "channels-65", "channels-crc", "channels-outside", "channels-overflow",
	"channels-stride", "stride-long", "kind-unknown", "kind-all-unknown", "unit-mismatch",
	"modifier-unknown",
	"scale-zero", "scale-den-zero", "offset-den-zero", "bits-0", "bits-33", "range-reversed",
	"label-empty", "label-bad", "label-twice", "rates-none", "rates-zero", "rates-crc",
	"rates-17", "entries-odd", "entries-huge", "dma-bits", "outputs-9", "outputs-crc",
	"outputs-safe-outside", "outputs-watchdog-reversed", NULL,
};

/* Each spoils one thing and seals the rest, so that the check for that thing is the one that bites. */
int lab_card_spoil(struct lab_card *card, const char *kind)
{
	struct sense_card_identity *id = lab_card_identity(card);
	struct sense_card_channel *c = at(card, CHANNELS_AT);
	struct sense_card_output_info *o = at(card, OUTPUTS_AT);
	struct sense_card_rate *r = at(card, RATES_AT);
	int n = -1;

#define IS(name)	(!strcmp(kind, name))
	for (int i = 0; lab_card_spoils[i]; i++)
		if (IS(lab_card_spoils[i]))
			n = i;
	if (n < 0)
		return -EINVAL;

	if (IS("kind-unknown"))
		c[1].kind = 999;
	for (unsigned int i = 0; IS("kind-all-unknown") && i < card->config.channels; i++)
		c[i].kind = (uint16_t)(999 + i);
	if (IS("unit-mismatch"))
		c[0].unit = SENSE_CARD_UNIT_PASCAL;
	if (IS("modifier-unknown"))
		c[7].modifier = 77;
	if (IS("scale-zero"))
		c[2].scale_num = 0;
	if (IS("scale-den-zero"))
		c[2].scale_den = 0;
	if (IS("offset-den-zero"))
		c[4].offset_den = 0;
	if (IS("bits-0"))
		c[3].bits = 0;
	if (IS("bits-33"))
		c[3].bits = 33;
	if (IS("range-reversed")) {
		c[5].range_min = 100;
		c[5].range_max = 99;
	}
	if (IS("label-empty"))
		memset(c[6].label, 0, sizeof(c[6].label));
	if (IS("label-bad"))
		memcpy(c[6].label, "../co2 \n", 8);
	if (IS("label-twice"))
		memcpy(c[6].label, c[5].label, sizeof(c[6].label));
	if (IS("rates-zero"))
		r[3].hz_den = 0;
	if (IS("outputs-safe-outside"))
		o[0].safe = 3000;
	if (IS("outputs-watchdog-reversed"))
		o[0].watchdog_min_ms = 70000;

	describe(card, &id->channels, CHANNELS_AT, card->config.channels,
		 sizeof(struct sense_card_channel));
	describe(card, &id->outputs, OUTPUTS_AT, LAB_OUTPUTS,
		 sizeof(struct sense_card_output_info));
	describe(card, &id->rates, RATES_AT, LAB_CARD_RATES, sizeof(struct sense_card_rate));

	if (IS("magic"))
		id->magic ^= 1;
	if (IS("major"))
		id->major++;
	if (IS("minor"))
		id->minor++;
	if (IS("serial-empty"))
		memset(id->serial, 0, sizeof(id->serial));
	if (IS("serial-space"))
		memcpy(id->serial, "a b/c", 6);
	if (IS("window-large"))
		id->window = 0x10000000;
	if (IS("no-channels"))
		describe(card, &id->channels, CHANNELS_AT, 0, sizeof(*c));
	if (IS("channels-65"))
		describe(card, &id->channels, CHANNELS_AT, 65, sizeof(*c));
	if (IS("channels-crc"))
		c[0].scale_den++;
	if (IS("channels-outside"))
		id->channels.offset = LAB_CARD_WINDOW - 8;
	if (IS("channels-overflow"))
		id->channels.offset = 0xfffffff8;
	if (IS("channels-stride"))
		id->channels.stride = 80;
	if (IS("stride-long")) {
		/* What a later minor may do: longer entries. This one has to work. */
		struct sense_card_channel entry[SENSE_CARD_MAX_CHANNELS];

		memcpy(entry, c, sizeof(entry));
		memset(c, 0xa5, card->config.channels * 96U);
		for (unsigned int i = 0; i < card->config.channels; i++)
			memcpy((char *)c + i * 96, &entry[i], sizeof(entry[i]));
		describe(card, &id->channels, CHANNELS_AT, card->config.channels, 96);
		id->minor++;
	}
	if (IS("rates-none"))
		describe(card, &id->rates, RATES_AT, 0, sizeof(*r));
	if (IS("rates-crc"))
		r[0].hz_num = 3;
	if (IS("rates-17"))
		describe(card, &id->rates, RATES_AT, 17, sizeof(*r));
	if (IS("entries-odd"))
		id->max_entries = 1000;
	if (IS("entries-huge"))
		id->max_entries = 1U << 31;
	if (IS("dma-bits"))
		id->dma_bits = 0;
	if (IS("outputs-9"))
		describe(card, &id->outputs, OUTPUTS_AT, 9, sizeof(*o));
	if (IS("outputs-crc"))
		o[0].range_max = 9000;
	seal(card);
	if (IS("identity-crc"))
		id->crc ^= 1;
#undef IS
	return 0;
}
