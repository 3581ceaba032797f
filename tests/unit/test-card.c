// SPDX-License-Identifier: GPL-2.0-or-later
/* The card model, driven as a host would, with time and memory of the test's own: no QEMU. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "card.h"
#include "sense-card.h"
#include "sensors.h"

#define MEMORY		(1 << 20)
#define RING_AT		4096
#define INDEX_AT	64
#define MS		1000000ULL
#define BEGIN		(1000 * MS)

static uint64_t window[LAB_CARD_WINDOW / 8], memory[MEMORY / 8];
static unsigned int raised[SENSE_CARD_VECTORS];
static struct lab_card *card;
static uint64_t now;
static uint32_t command_sequence;

static struct sense_card_identity *const id = (void *)window;
static struct sense_card_control *const control = (void *)((char *)window + SENSE_CARD_CONTROL);
static struct sense_card_status *const status = (void *)((char *)window + SENSE_CARD_STATUS);
static struct sense_card_output *const output = (void *)((char *)window + SENSE_CARD_OUTPUT);
static struct sense_card_index *const indices = (void *)((char *)memory + INDEX_AT);

static void interrupt(void *context, unsigned int vector)
{
	CU_ASSERT_FATAL(vector < SENSE_CARD_VECTORS);
	raised[vector]++;
}

static void power_on_with(struct lab_card_config config)
{
	struct lab_card_ports ports = { window, memory, MEMORY, interrupt, NULL };

	lab_card_free(card);
	memset(memory, 0, sizeof(memory));
	memset(raised, 0, sizeof(raised));
	now = BEGIN;
	card = lab_card_new(&config, &ports, now);
	CU_ASSERT_PTR_NOT_NULL_FATAL(card);
}

static void power_on(unsigned int channels)
{
	power_on_with((struct lab_card_config){ .channels = channels, .seed = 3,
						.time_compression = 1, .start = 23,
						.ambient = 24 });
}

static uint32_t command(uint32_t what)
{
	control->command = what;
	control->command_sequence = ++command_sequence;
	lab_card_bell(card, SENSE_CARD_BELL_COMMAND, now);
	CU_ASSERT_EQUAL(status->command_done, command_sequence);
	return status->command_result;
}

static unsigned int rate_index(uint32_t hz)
{
	const struct sense_card_rate *rates = (void *)((char *)window + id->rates.offset);

	for (unsigned int i = 0; i < id->rates.count; i++)
		if (rates[i].hz_num == hz && rates[i].hz_den == 1)
			return i;
	CU_FAIL_FATAL("no such rate");
	return 0;
}

static uint32_t start(uint32_t hz, uint32_t entries, uint32_t watermark)
{
	control->ring_address = RING_AT;
	control->index_address = INDEX_AT;
	control->ring_entries = entries;
	control->ring_stride = sense_card_stride(id->channels.count);
	control->watermark = watermark;
	control->flush_us = 0;
	control->rate = rate_index(hz);
	control->consumer = 0;
	return command(SENSE_CARD_CMD_START);
}

/* Run for so many ns, called back as often as the card asks. */
static void run(uint64_t ns)
{
	uint64_t end = now + ns;

	for (;;) {
		uint64_t next = lab_card_run(card, now);

		if (next > end)
			break;
		now = next > now ? next : now;
	}
	now = end;
	lab_card_run(card, now);
}

static const struct sense_card_scan *scan(uint64_t number)
{
	return (void *)((char *)memory + RING_AT +
			(number & (control->ring_entries - 1)) * control->ring_stride);
}

static void fault(const char *text)
{
	char answer[256];

	CU_ASSERT_EQUAL(lab_card_fault(card, text, answer, sizeof(answer)), 0);
}

static void account(char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");

	lab_card_account(card, out);
	fclose(out);
}

static bool accounted(const char *what)
{
	static char text[65536];

	account(text, sizeof(text));
	return strstr(text, what);
}

static void crc_is_zlibs(void)
{
	CU_ASSERT_EQUAL(lab_crc32("123456789", 9), 0xcbf43926);
}

static void describes_itself(void)
{
	for (int full = 0; full < 2; full++) {
		const struct sense_card_channel *channels;

		power_on(full ? LAB_CHANNELS_FULL : LAB_CHANNELS_SMALL);
		CU_ASSERT_EQUAL(id->magic, SENSE_CARD_MAGIC);
		CU_ASSERT_EQUAL(id->crc, lab_crc32(id, sizeof(*id) - 4));
		CU_ASSERT_EQUAL(id->channels.crc, lab_crc32((char *)window + id->channels.offset,
				id->channels.count * id->channels.stride));
		CU_ASSERT_EQUAL(id->rates.crc, lab_crc32((char *)window + id->rates.offset,
				id->rates.count * id->rates.stride));
		CU_ASSERT_EQUAL(id->outputs.crc, lab_crc32((char *)window + id->outputs.offset,
				id->outputs.count * id->outputs.stride));
		CU_ASSERT_NOT_EQUAL(id->capabilities & SENSE_CARD_CAP_SIMULATED, 0);
		CU_ASSERT_EQUAL(id->channels.count, full ? 20 : 8);
		channels = (void *)((char *)window + id->channels.offset);
		for (unsigned int i = 0; i < id->channels.count; i++) {
			int64_t low = (int32_t)channels[i].range_min;
			int64_t high = (int32_t)channels[i].range_max;
			bool is_signed = channels[i].flags & SENSE_CARD_CHANNEL_SIGNED;
			unsigned int bits = channels[i].bits;

			CU_ASSERT(low < high && (int64_t)channels[i].scale_den > 0);
			CU_ASSERT(low >= (is_signed ? -(1LL << (bits - 1)) : 0));
			CU_ASSERT(high < (is_signed ? 1LL << (bits - 1) : 1LL << bits));
			for (unsigned int j = 0; j < i; j++)
				CU_ASSERT_NOT_EQUAL(strcmp((char *)channels[i].label,
							   (char *)channels[j].label), 0);
		}
	}
}

static void time_compression_shows(void)
{
	struct lab_card_config config = { .channels = 8, .seed = 3, .time_compression = 60,
					  .start = 23, .ambient = 24 };

	power_on_with(config);
	CU_ASSERT_PTR_NOT_NULL(strstr((char *)id->model, "time x60"));
	CU_ASSERT(accounted("\"time_compression\":60"));
	run(1000 * MS);
	CU_ASSERT(accounted("\"time\":60.0"));
}

/* Every sequence number, time and value, at each rate. */
static void streams_a_pattern(void)
{
	static const uint32_t hz[] = { 1, 10, 60, 1000, 50000, 1000000 };

	for (size_t r = 0; r < sizeof(hz) / sizeof(hz[0]); r++) {
		const uint64_t period = 1000000000ULL / hz[r];
		const struct sense_card_channel *channels;
		uint64_t begun, seen = 0;

		power_on(LAB_CHANNELS_FULL);
		channels = (void *)((char *)window + id->channels.offset);
		control->argument = 1;
		CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_TEST_DATA), SENSE_CARD_OK);
		begun = now;
		CU_ASSERT_EQUAL(start(hz[r], 1024, 16), SENSE_CARD_OK);
		CU_ASSERT_EQUAL(status->state, SENSE_CARD_STATE_RUNNING);
		while (seen < 5000) {
			run(period * 500 + 1);
			for (; seen < indices->producer; seen++) {
				const struct sense_card_scan *s = scan(seen);
				int wrong = s->sequence != seen ||
					    s->counter != begun + (seen + 1) * 1000000000ULL / hz[r] ||
					    s->flags != (SENSE_CARD_SCAN_TEST_DATA |
							 SENSE_CARD_SCAN_SIMULATED) ||
					    s->fault || s->saturation;

				for (unsigned int i = 0; i < 20; i++) {
					uint32_t v = sense_card_test_value(seen, i);
					uint32_t mask = (1U << channels[i].bits) - 1;

					/* Signed ones are extended: compare what fits. */
					wrong += (s->raw[i] & mask) != (v & mask);
					if (!(channels[i].flags & SENSE_CARD_CHANNEL_SIGNED))
						wrong += s->raw[i] > mask;
				}
				if (wrong)
					CU_FAIL_FATAL("a scan is wrong");
			}
			control->consumer = seen;
		}
		CU_ASSERT_EQUAL(status->scans_dropped, 0);
		CU_ASSERT_EQUAL(status->scans_produced, seen);
		CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_STOP), SENSE_CARD_OK);
		run(period * 100);
		CU_ASSERT_EQUAL(status->scans_produced, seen);
	}
}

static void interrupts_by_watermark_and_time(void)
{
	power_on(8);
	CU_ASSERT_EQUAL(start(1000, 64, 10), SENSE_CARD_OK);
	run(9 * MS);
	CU_ASSERT_EQUAL(raised[SENSE_CARD_VECTOR_DATA], 0);
	run(1 * MS);
	CU_ASSERT_EQUAL(raised[SENSE_CARD_VECTOR_DATA], 1);
	run(40 * MS);
	CU_ASSERT_EQUAL(raised[SENSE_CARD_VECTOR_DATA], 5);
	/* Three scans, then 2 ms after the first of them. */
	control->watermark = 100;
	control->flush_us = 2000;
	CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_WATERMARK), SENSE_CARD_OK);
	run(2 * MS);
	CU_ASSERT_EQUAL(raised[SENSE_CARD_VECTOR_DATA], 5);
	run(1 * MS);
	CU_ASSERT_EQUAL(raised[SENSE_CARD_VECTOR_DATA], 6);
	control->watermark = 0;
	CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_WATERMARK), SENSE_CARD_E_ARGUMENT);
	fault("drop-interrupt,2");
	run(6 * MS);
	CU_ASSERT_EQUAL(raised[SENSE_CARD_VECTOR_DATA], 6);
	CU_ASSERT(accounted("\"interrupts_suppressed\":2"));
	/* A host that has stopped reading is still told, or a lost edge would be for ever. */
	run(200 * MS);
	raised[SENSE_CARD_VECTOR_DATA] = 0;
	CU_ASSERT(status->scans_dropped > 0);
	run(20 * MS);
	CU_ASSERT(raised[SENSE_CARD_VECTOR_DATA] > 0);
}

static void accounts_for_a_full_ring(void)
{
	power_on(8);
	CU_ASSERT_EQUAL(start(1000, 64, 10), SENSE_CARD_OK);
	run(100 * MS);		/* scans 0..63 fit, 64..99 do not */
	CU_ASSERT_EQUAL(indices->producer, 64);
	CU_ASSERT_EQUAL(status->scans_produced, 100);
	CU_ASSERT_EQUAL(status->scans_dropped, 36);
	control->consumer = 64;
	run(10 * MS);		/* 100..109 */
	CU_ASSERT_EQUAL(scan(64)->sequence, 100);
	CU_ASSERT(scan(64)->flags & SENSE_CARD_SCAN_OVERRUN);
	CU_ASSERT_FALSE(scan(65)->flags & SENSE_CARD_SCAN_OVERRUN);
	CU_ASSERT(accounted("\"drops\":[[64,36,\"ring\"]]"));
	fault("overrun,5");
	run(10 * MS);
	CU_ASSERT(accounted("\"drops\":[[64,36,\"ring\"],[110,5,\"ring\"]]"));
	CU_ASSERT_EQUAL(scan(74)->sequence, 115);
	fault("dma-error,2");
	run(10 * MS);
	CU_ASSERT(accounted("[110,5,\"ring\"],[120,2,\"dma\"]]"));
	CU_ASSERT_EQUAL(status->errors_dma, 2);
	CU_ASSERT_EQUAL(status->scans_dropped, 41);
	/* Delivery late: the ring takes 64 less the 26 not yet consumed. */
	control->consumer = indices->producer;
	fault("burst,0.1");
	run(99 * MS);
	CU_ASSERT(accounted("\"ticks\":130"));
	run(1 * MS);
	CU_ASSERT(accounted("\"ticks\":230"));
	CU_ASSERT(accounted("[194,36,\"ring\"]]"));
}

static void stalls_without_a_gap(void)
{
	uint64_t last;

	power_on(8);
	start(1000, 1024, 1);
	fault("stall@0.0105,0.5");
	run(11 * MS);
	CU_ASSERT_EQUAL(indices->producer, 10);
	run(499 * MS);
	CU_ASSERT_EQUAL(indices->producer, 10);
	run(11 * MS);
	last = indices->producer;
	CU_ASSERT_EQUAL(last, 20);
	CU_ASSERT_EQUAL(scan(last - 1)->sequence, last - 1);
	CU_ASSERT_EQUAL(scan(10)->counter - scan(9)->counter, 501 * MS + MS / 2);
}

static void measures_the_bath(void)
{
	double sum = 0, square = 0, r;

	power_on(LAB_CHANNELS_FULL);
	start(1000, 4096, 1);
	run(2000 * MS);
	for (int i = 0; i < 2000; i++) {
		r = (int32_t)scan((uint64_t)i)->raw[0] / 25000.0;
		sum += r;
		square += r * r;
	}
	/* IEC 60751: 108.9599 ohm at 23 degC; the bath warms by millikelvins meanwhile. */
	CU_ASSERT_DOUBLE_EQUAL(sum / 2000, 108.9599, 0.004);
	CU_ASSERT_DOUBLE_EQUAL(sqrt(square / 2000 - sum / 2000 * sum / 2000), 1.4e-3, 0.4e-3);
	/* Each channel in a plausible place: unit by its own scale. */
	static const double low[] = { 108, 108, 23.5, 30, 0.2, 1.0e5, 4.2e-4, 2e-9, 1e-9, 2e-9,
				      3e-9, 1e-9, 9000, -5e-4, 28, 4e-3, 4e-3, 2e-4, -3, -0.1 };
	static const double high[] = { 110, 110, 24.5, 34, 0.7, 1.03e5, 2e-3, 1e-7, 1e-7, 1e-7,
				       1e-7, 1e-6, 12000, 5e-4, 32, 20e-3, 20e-3, 1e-3, 3, 0.1 };
	for (unsigned int i = 0; i < LAB_CHANNELS_FULL; i++) {
		const struct lab_channel *c = &lab_channels[i];
		double v = ((int32_t)scan(1999)->raw[i] +
			    (double)c->offset_num / (double)c->offset_den) *
			   (double)c->scale_num / (double)c->scale_den;

		if (!(v > low[i] && v < high[i])) {
			printf("%s reads %g ", c->label, v);
			CU_FAIL("out of place");
		}
	}
	CU_ASSERT(scan(1999)->flags & SENSE_CARD_SCAN_SIMULATED);
	CU_ASSERT_EQUAL(scan(1999)->saturation, 0);
}

static void shows_a_broken_sensor(void)
{
	power_on(8);
	start(1000, 1024, 1);
	fault("sensor@0.05,co2,0.1");
	fault("saturate@0.2,bath-rtd,0.1");
	run(400 * MS);
	CU_ASSERT_EQUAL(scan(20)->fault, 0);
	CU_ASSERT_EQUAL(scan(100)->fault, 1 << 6);
	CU_ASSERT_EQUAL(scan(100)->saturation, 1 << 6);
	CU_ASSERT_EQUAL((int32_t)scan(100)->raw[6], 50000);
	CU_ASSERT_EQUAL(scan(190)->fault, 0);
	CU_ASSERT_EQUAL(scan(250)->fault, 0);
	CU_ASSERT_EQUAL(scan(250)->saturation, 1);
	CU_ASSERT_EQUAL(scan(390)->saturation, 0);
	CU_ASSERT(status->errors_adc >= 90 && status->errors_adc <= 120);
}

static void arm(int32_t target, uint32_t ms)
{
	output->target = (uint32_t)target;
	output->watchdog_ms = ms;
	output->arm++;
	output->feed++;
	lab_card_bell(card, SENSE_CARD_BELL_OUTPUT, now);
}

static void drives_an_output(void)
{
	power_on(8);
	CU_ASSERT_EQUAL(output->state, SENSE_CARD_OUT_SAFE);
	/* Fed but never armed: nothing moves. */
	output->target = (uint32_t)-1000;
	output->feed++;
	lab_card_bell(card, SENSE_CARD_BELL_OUTPUT, now);
	run(100 * MS);
	CU_ASSERT_EQUAL(output->applied, 0);
	arm(-9000, 3000);
	CU_ASSERT_EQUAL(output->state, SENSE_CARD_OUT_ARMED);
	run(1000 * MS);
	CU_ASSERT_DOUBLE_EQUAL((int32_t)output->applied, -1000, 10);	/* 1 A/s */
	output->feed++;
	lab_card_bell(card, SENSE_CARD_BELL_OUTPUT, now);
	run(2900 * MS);
	CU_ASSERT_EQUAL(output->state, SENSE_CARD_OUT_ARMED);
	output->feed++;
	lab_card_bell(card, SENSE_CARD_BELL_OUTPUT, now);
	run(2900 * MS);
	CU_ASSERT_EQUAL((int32_t)output->applied, -5000);		/* the range */
	CU_ASSERT_EQUAL(output->read_back, output->applied);
	raised[SENSE_CARD_VECTOR_EVENT] = 0;
	run(200 * MS);							/* 3.1 s unfed */
	CU_ASSERT_EQUAL(output->state, SENSE_CARD_OUT_EXPIRED);
	CU_ASSERT_EQUAL(output->applied, 0);
	CU_ASSERT_EQUAL(output->expired, 1);
	CU_ASSERT_EQUAL(raised[SENSE_CARD_VECTOR_EVENT], 1);
	/* A late feed moves nothing; arming again does. */
	output->target = 500;
	output->feed++;
	lab_card_bell(card, SENSE_CARD_BELL_OUTPUT, now);
	run(1000 * MS);
	CU_ASSERT_EQUAL(output->state, SENSE_CARD_OUT_EXPIRED);
	CU_ASSERT_EQUAL(output->applied, 0);
	start(1000, 1024, 1);
	run(2 * MS);
	CU_ASSERT(scan(0)->flags & SENSE_CARD_SCAN_OUTPUT_SAFE);
	arm(500, 60000);
	run(1000 * MS);
	CU_ASSERT_EQUAL(output->applied, 500);
	CU_ASSERT_FALSE(scan(indices->producer - 1)->flags & SENSE_CARD_SCAN_OUTPUT_SAFE);
	fault("output-stuck");
	output->target = 900;
	output->feed++;
	lab_card_bell(card, SENSE_CARD_BELL_OUTPUT, now);
	run(1000 * MS);
	CU_ASSERT_EQUAL(output->applied, 900);
	CU_ASSERT_EQUAL(output->read_back, 500);
	CU_ASSERT_EQUAL(status->output_faults, 1);
	command(SENSE_CARD_CMD_RESET);
	CU_ASSERT_EQUAL(output->state, SENSE_CARD_OUT_SAFE);
	CU_ASSERT_EQUAL(output->applied, 0);
	CU_ASSERT_EQUAL(status->state, SENSE_CARD_STATE_IDLE);
	arm(500, 1);
	CU_ASSERT_EQUAL(output->state, SENSE_CARD_OUT_SAFE);
	CU_ASSERT_EQUAL(status->errors_command, 1);
}

/* The current reaches the bath: full cooling shows in the thermometer. */
static void closes_the_loop(void)
{
	double before, after;

	power_on(8);
	start(10, 4096, 1);
	arm(-5000, 60000);
	run(1000 * MS);
	before = (int32_t)scan(indices->producer - 1)->raw[0] / 25000.0;
	run(59000 * MS);
	after = (int32_t)scan(indices->producer - 1)->raw[0] / 25000.0;
	CU_ASSERT(after < before - 0.05);
}

/* What a hostile or broken host may write. */
static void refuses_nonsense(void)
{
	power_on(8);
	CU_ASSERT_EQUAL(command(99), SENSE_CARD_E_COMMAND);
	CU_ASSERT_EQUAL(start(1000, 63, 1), SENSE_CARD_E_ARGUMENT);
	CU_ASSERT_EQUAL(start(1000, 1, 1), SENSE_CARD_E_ARGUMENT);
	CU_ASSERT_EQUAL(start(1000, 1U << 31, 1), SENSE_CARD_E_ARGUMENT);
	CU_ASSERT_EQUAL(start(1000, 64, 0), SENSE_CARD_E_ARGUMENT);
	/* A ring of the largest size ends beyond this memory. */
	CU_ASSERT_EQUAL(start(1000, 16384, 1), SENSE_CARD_E_ARGUMENT);
	static const uint64_t addresses[] = { MEMORY - 8, MEMORY, UINT64_MAX - 7, 1ULL << 63, 3,
					      -(uint64_t)RING_AT };
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		start(1000, 63, 1);
		control->ring_entries = 64;
		control->ring_address = addresses[i];
		CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_START), SENSE_CARD_E_ARGUMENT);
		control->ring_address = RING_AT;
		control->index_address = addresses[i];
		CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_START), SENSE_CARD_E_ARGUMENT);
	}
	start(1000, 63, 1);
	control->ring_entries = 64;
	control->rate = 99;
	CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_START), SENSE_CARD_E_ARGUMENT);
	control->rate = 0;
	control->consumer = 7;
	CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_START), SENSE_CARD_E_ARGUMENT);
	CU_ASSERT_EQUAL(start(1000, 64, 1), SENSE_CARD_OK);
	CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_START), SENSE_CARD_E_STATE);
	CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_SELF_TEST), SENSE_CARD_E_STATE);
	/* Ring and addresses are taken at START: what is written later means nothing. */
	control->ring_address = UINT64_MAX - 7;
	control->ring_entries = 1U << 30;
	control->ring_stride = 0;
	control->consumer = UINT64_MAX;
	run(200 * MS);
	CU_ASSERT(indices->producer <= 64);
	/* Random bytes all over the window, bells ringing. */
	srand(unit_seed());
	for (int i = 0; i < 2000; i++) {
		((uint8_t *)window)[(unsigned int)rand() % 0x1000] = (uint8_t)rand();
		lab_card_bell(card, (unsigned int)rand() % 5, now);
		run(1 * MS);
	}
}

static void latches_its_counter(void)
{
	struct lab_card_config config = { .channels = 8, .seed = 3, .time_compression = 1,
					  .clock_ppm = 20, .start = 23, .ambient = 24 };
	uint64_t first;

	power_on_with(config);
	CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_LATCH), SENSE_CARD_OK);
	CU_ASSERT_EQUAL(status->latch_sequence, command_sequence);
	first = status->latch;
	CU_ASSERT_EQUAL(first, now);
	now += 3600 * 1000 * MS;
	command(SENSE_CARD_CMD_LATCH);
	CU_ASSERT_EQUAL(status->latch - first, 3600 * 1000 * MS + 72 * MS);
	start(1000, 4096, 1);
	first = status->scans_produced;
	run(1000 * MS);
	CU_ASSERT_EQUAL(status->scans_produced - first, 1000);	/* 1000.02 */
	run(49000 * MS);
	CU_ASSERT_EQUAL(status->scans_produced - first, 50001);
}

static void fails_and_recovers(void)
{
	power_on(8);
	start(1000, 1024, 1);
	fault("fail@0.1");
	run(200 * MS);
	CU_ASSERT_EQUAL(status->state, SENSE_CARD_STATE_FAILED);
	CU_ASSERT_EQUAL(start(1000, 1024, 1), SENSE_CARD_E_STATE);
	CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_RESET), SENSE_CARD_OK);
	CU_ASSERT_EQUAL(start(1000, 1024, 1), SENSE_CARD_OK);
	fault("vanish");
	CU_ASSERT_EQUAL(id->magic, UINT64_MAX);
	run(100 * MS);
	fault("return");
	CU_ASSERT_EQUAL(id->magic, SENSE_CARD_MAGIC);
	CU_ASSERT_EQUAL(id->crc, lab_crc32(id, sizeof(*id) - 4));
	CU_ASSERT_EQUAL(start(1000, 1024, 1), SENSE_CARD_OK);
	command(SENSE_CARD_CMD_STOP);
	fault("self-test,5");
	CU_ASSERT_EQUAL(command(SENSE_CARD_CMD_SELF_TEST), SENSE_CARD_OK);
	CU_ASSERT_EQUAL(status->self_test, 5);
}

static void explains_a_wrong_fault(void)
{
	char answer[256];

	power_on(8);
	CU_ASSERT_NOT_EQUAL(lab_card_fault(card, "stal,3", answer, sizeof(answer)), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(answer, "stal"));
	CU_ASSERT_NOT_EQUAL(lab_card_fault(card, "sensor,nose", answer, sizeof(answer)), 0);
	CU_ASSERT_NOT_EQUAL(lab_card_fault(card, "stall@x,3", answer, sizeof(answer)), 0);
	CU_ASSERT_NOT_EQUAL(lab_card_fault(card, "table,wobbly", answer, sizeof(answer)), 0);
	CU_ASSERT_EQUAL(lab_card_fault(card, "table,channels-crc", answer, sizeof(answer)), 0);
	CU_ASSERT_NOT_EQUAL(id->channels.crc, lab_crc32((char *)window + id->channels.offset,
			    id->channels.count * id->channels.stride));
	CU_ASSERT_EQUAL(id->crc, lab_crc32(id, sizeof(*id) - 4));
	lab_card_free(card);
	card = NULL;
}

UNIT_TESTS = { UNIT(crc_is_zlibs), UNIT(describes_itself), UNIT(time_compression_shows),
	       UNIT(streams_a_pattern), UNIT(interrupts_by_watermark_and_time),
	       UNIT(accounts_for_a_full_ring), UNIT(stalls_without_a_gap), UNIT(measures_the_bath),
	       UNIT(shows_a_broken_sensor), UNIT(drives_an_output), UNIT(closes_the_loop),
	       UNIT(refuses_nonsense), UNIT(latches_its_counter), UNIT(fails_and_recovers),
	       UNIT(explains_a_wrong_fault), UNIT_END };
UNIT_MAIN("card")
