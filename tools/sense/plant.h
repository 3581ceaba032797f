/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plant.h - what a simulated loop controls: a program that speaks lines, or the lab's bath.
 */
#ifndef SENSE_PLANT_H
#define SENSE_PLANT_H

#include <stdint.h>

struct plant;

struct plant_reading {
	double time;		/* s */
	double measured;	/* degC */
	double truth;		/* degC; NaN: not known */
	double ambient;		/* degC */
};

/* NULL, said. @command goes to the shell. */
struct plant *plant_run(const char *command);
/* The lab's bath, simulated, for @duration s in steps of @period from @start degC. */
struct plant *plant_bath(double start, double duration, double period, uint64_t seed);
/* 1 and a reading; 0 at the end; or -EXIT code, said. */
int plant_read(struct plant *plant, struct plant_reading *reading);
/* 0, or -EXIT code, said. */
int plant_write(struct plant *plant, double current);
/* The program's exit status (0 good) and free. */
int plant_close(struct plant *plant);

#endif
