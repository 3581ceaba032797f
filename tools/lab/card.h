/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card.h - the model of a card: the register window, the sample clock, DMA into the host's memory,
 * interrupts, outputs with their watchdog, and faults on demand. It knows no process, socket or
 * clock of its own: whoever owns it passes the time in and gets interrupts called back, so that the
 * virtual card (card-process.c) and a unit test drive the same code.
 *
 * What the host (a guest's kernel) writes is never trusted: every address and index is checked
 * against the memory given, and the control block is copied before it is checked.
 */
#ifndef LAB_CARD_H
#define LAB_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LAB_CARD_WINDOW	0x10000		/* bytes of register window */

struct lab_card_config {
	unsigned int index;		/* which card of the lab: part of serial and UUID */
	unsigned int channels;		/* LAB_CHANNELS_SMALL or LAB_CHANNELS_FULL */
	uint64_t seed;
	double time_compression;	/* physics seconds per second; 1 is real */
	double clock_ppm;		/* error of the card's oscillator */
	double start, ambient;		/* degC of the bath and around it, at power-on */
	const struct lab_bath_parameters *bath;	/* NULL: nominal */
};

struct lab_card_ports {
	void *window;			/* LAB_CARD_WINDOW bytes, shared with the host */
	void *memory;			/* the host's memory as the bus sees it, from address 0 */
	size_t memory_size;
	void (*interrupt)(void *context, unsigned int vector);
	void *context;
};

struct lab_card;

/* Power on at time now, ns. NULL when there is no memory. */
struct lab_card *lab_card_new(const struct lab_card_config *config,
			      const struct lab_card_ports *ports, uint64_t now);
void lab_card_free(struct lab_card *card);

/* The host has rung doorbell number bell; now is when we noticed, ns. */
void lab_card_bell(struct lab_card *card, unsigned int bell, uint64_t now);

/*
 * Do what is due by now, ns, of the clock that lab_card_new() was told; time never runs backward.
 * Returns when to call again at the latest. That is at or before now when a long backlog was cut
 * into portions, so that doorbells are heard in between.
 */
uint64_t lab_card_run(struct lab_card *card, uint64_t now);

/*
 * A fault or event: "NAME[@SECONDS][,ARGUMENT...]"; SECONDS count from the first START, none means
 * now. lab_card_fault_help() lists the names. Returns 0, or -EINVAL with a sentence in answer.
 */
int lab_card_fault(struct lab_card *card, const char *text, char *answer, size_t size);
void lab_card_fault_help(FILE *out);

/* The model's own account as one line of JSON. */
void lab_card_account(struct lab_card *card, FILE *out);

/* CRC-32 of IEEE 802.3, as zlib's crc32(). */
uint32_t lab_crc32(const void *data, size_t length);

#endif
