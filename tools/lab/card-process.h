/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card-process.h - the process around a card model: QEMU's ivshmem on one side, orders on the other. */
#ifndef LAB_CARD_PROCESS_H
#define LAB_CARD_PROCESS_H

#include "card.h"

struct lab_card_process {
	struct lab_card_config card;
	const char * const *faults;	/* from the command line; those without '@' hold from power-on */
	unsigned int fault_count;
	int qemu;			/* socket to QEMU's chardev */
	int control;			/* socket: a line in, a line out */
	int memory;			/* the guest's RAM */
	size_t memory_size;
	int log;			/* the account is written here at the end; -1: nowhere */
};

/*
 * Be the card until the control socket closes or SIGTERM comes; returns the exit status. On the
 * control socket: "fault TEXT" is answered by "ok" or "error SENTENCE", "account" by a line of JSON.
 */
int lab_card_process(const struct lab_card_process *process);

#endif
