/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * account.h - the card model's own account of every tick of its sample clock: delivered, or
 * dropped, where and why. Tests hold the driver's and the library's figures against it.
 */
#ifndef LAB_ACCOUNT_H
#define LAB_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum lab_drop_cause {
	LAB_DROP_RING,		/* the DMA ring was full */
	LAB_DROP_DMA,		/* a bus write failed (a fault knob) */
};

/* A run of sequence numbers that never reached the ring. */
struct lab_drop {
	uint64_t first, count;
	enum lab_drop_cause cause;
};

/* From one START to its STOP. */
struct lab_session {
	uint32_t rate_num, rate_den;
	uint32_t ring_entries, watermark, flush_us;
	bool test_data, running;
	uint64_t start_ns;		/* card counter */
	uint64_t ticks;			/* sequence numbers made: 0 .. ticks - 1 */
	uint64_t delivered;
	uint64_t interrupts, interrupts_suppressed;
	struct lab_drop *drops;
	size_t drop_count, drop_room;
};

struct lab_account {
	struct lab_session *sessions;
	size_t count, room;
	bool incomplete;	/* no memory for a range: the list is not exact, and says so */
};

/* The new session, or NULL when there is no memory. Valid until the next call. */
struct lab_session *lab_account_start(struct lab_account *account);
struct lab_session *lab_account_last(struct lab_account *account);
void lab_account_drop(struct lab_account *account, uint64_t sequence, enum lab_drop_cause cause);
uint64_t lab_session_dropped(const struct lab_session *session);
/* The sessions as one JSON array, without a newline. */
void lab_account_print(const struct lab_account *account, FILE *out);
void lab_account_free(struct lab_account *account);

#endif
