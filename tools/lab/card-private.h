/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card-private.h - the inside of the card model, shared by its files: card.c (registers, commands),
 * card-clock.c (sampling, DMA, interrupts), card-output.c (actuators), card-table.c (identity and
 * tables), card-fault.c (what goes wrong on demand).
 */
#ifndef LAB_CARD_PRIVATE_H
#define LAB_CARD_PRIVATE_H

#include "account.h"
#include "card.h"
#include "sense-card.h"
#include "sensors.h"

#define LAB_CARD_NEVER		UINT64_MAX
#define LAB_CARD_NOISE		65536	/* precomputed normal deviates, a power of two */
#define LAB_CARD_FAULTS		64	/* waiting for their time */
#define LAB_PHYSICS_NS		20000000	/* how often the physics moves on */

/* Rates the clock can make, scans per second, as numerator and denominator. */
#define LAB_CARD_RATES		16
extern const struct sense_card_rate lab_card_rates[LAB_CARD_RATES];

enum lab_output_index { LAB_OUT_PELTIER, LAB_OUTPUTS };

struct lab_output {
	int32_t target, applied;
	uint32_t feed, arm, watchdog_ms;
	uint32_t state, expired;
	uint64_t deadline;		/* host ns when the watchdog expires */
	double exact;			/* counts, between the steps of the slew limit */
	uint64_t moved;			/* host ns up to which exact holds */
	bool stuck;			/* a fault: read-back stays where it was */
	int32_t stuck_at;
};

/* What a card that has gone mad writes: into a scan, or as its producer index. */
enum lab_garble {
	LAB_GARBLE_SEQUENCE_BACK, LAB_GARBLE_SEQUENCE_LEAP, LAB_GARBLE_COUNTER_BACK,
	LAB_GARBLE_COUNTER_LEAP, LAB_GARBLE_PRODUCER_BACK, LAB_GARBLE_PRODUCER_LEAP, LAB_GARBLES
};

struct lab_pending_fault {
	char text[96];
	double at;			/* s after the first START */
};

struct lab_card {
	struct lab_card_config config;
	struct lab_card_ports ports;
	struct lab_sensors sensors;
	struct lab_account account;
	char model[32], serial[32];

	/* clock: the counter counts host time, off by the oscillator's error */
	uint64_t origin;		/* host ns at power-on; the counter starts there */
	uint64_t now;			/* host ns of the call in progress */

	/* running session */
	struct sense_card_control control;	/* as taken by START */
	bool running;
	bool test_data;
	uint64_t started_first;		/* host ns of the first START, 0: none yet */
	uint64_t sequence;		/* of the next tick */
	uint64_t delivered;		/* since START: the producer index */
	uint64_t tick;			/* counter ns of the next tick */
	uint64_t tick_rest;		/* its fraction, in 1 / hz_num ns */
	uint64_t period, period_rest;
	uint64_t unsignalled;		/* ticks since the last data interrupt */
	uint64_t unsignalled_since;	/* host ns of the first of them */
	bool lost_before;		/* the next delivered scan carries the overrun flag */
	uint64_t scans_produced, scans_dropped;	/* since RESET, as in the status block */

	/* values */
	double counts[LAB_CHANNELS_FULL];	/* of the physics' last step */
	double sigma[LAB_CHANNELS_FULL];	/* counts */
	float noise[LAB_CARD_NOISE];
	uint64_t random[4];
	uint64_t physics_at;		/* host ns */
	bool expired_seen;		/* an output is in its expired state */

	struct lab_output output[LAB_OUTPUTS];

	/* faults */
	struct lab_pending_fault pending[LAB_CARD_FAULTS];
	unsigned int pending_count;
	uint64_t stall_until;		/* host ns: the sample clock stands still */
	uint64_t withhold_until;	/* host ns: ticks happen, delivery waits */
	uint64_t unlock_until;		/* host ns: the clock has lost lock */
	uint64_t drop_interrupts;	/* data interrupts still to swallow */
	uint64_t dma_errors;		/* DMA writes still to fail */
	uint64_t garbled[LAB_GARBLES];	/* scans, or index updates, still to spoil */
	uint64_t overruns;		/* ticks still to drop as if the ring were full */
	uint64_t broken[LAB_CHANNELS_FULL];	/* host ns until which a sensor is broken */
	uint64_t saturated[LAB_CHANNELS_FULL];
	uint64_t fault_mask;		/* of the sensors broken now; set with each physics step */
	uint64_t saturated_mask;
	uint32_t self_test;		/* bits that the next self-test will find */
	bool mute;			/* answers no command */
	bool vanished;			/* off the bus: the window reads all ones */
};

/* card.c */
struct sense_card_identity *lab_card_identity(struct lab_card *card);
struct sense_card_control *lab_card_control(struct lab_card *card);
struct sense_card_status *lab_card_status(struct lab_card *card);
void lab_card_interrupt(struct lab_card *card, unsigned int vector);
uint64_t lab_card_counter(const struct lab_card *card, uint64_t host);
uint64_t lab_card_host(const struct lab_card *card, uint64_t counter);
void lab_card_set_state(struct lab_card *card, enum sense_card_state state);
void lab_card_vanish(struct lab_card *card, bool vanished);

/* card-table.c */
void lab_card_build_window(struct lab_card *card);
/* Spoil identity or tables as KIND says. Returns 0 or -EINVAL. */
int lab_card_spoil(struct lab_card *card, const char *kind);
extern const char * const lab_card_spoils[];
extern const struct sense_card_output_info lab_card_output_info[LAB_OUTPUTS];

/* card-clock.c */
uint32_t lab_card_start(struct lab_card *card, const struct sense_card_control *control);
uint32_t lab_card_watermark(struct lab_card *card, const struct sense_card_control *control);
void lab_card_stop(struct lab_card *card);
uint64_t lab_card_clock_run(struct lab_card *card);
void lab_card_physics(struct lab_card *card);

/* card-output.c */
void lab_output_reset(struct lab_card *card);
void lab_output_bell(struct lab_card *card);
uint64_t lab_output_run(struct lab_card *card);
void lab_output_expire(struct lab_card *card, struct lab_output *output);
double lab_output_current(const struct lab_card *card);

/* card-fault.c */
uint64_t lab_fault_run(struct lab_card *card);

#endif
