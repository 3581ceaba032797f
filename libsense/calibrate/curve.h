/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * curve.h - a function as a table of cubics, made once and evaluated per sample
 * with + - x alone, so that replay gives the same bits on any machine.
 *
 * The range is cut into 256 equal parts and each of these, as far as needed, into
 * 2^n equal segments: fine where the function bends, coarse elsewhere, and the
 * segment of an x is found without a search. A segment carries two cubics side
 * by side, the value and its standard uncertainty, which one pair of machine
 * instructions evaluates together.
 *
 * The error against the equation is proven, not sampled: the residual at the
 * middle of each small part, plus an enclosure of its slope times half the
 * part's width, is a bound by the mean value theorem (curve_make()).
 */
#ifndef SENSE_CALIBRATE_CURVE_H
#define SENSE_CALIBRATE_CURVE_H

#include <stdbool.h>
#include <stdint.h>

#include "calibrate/interval.h"

#define CURVE_PARTS 256
#define CURVE_FINE_BITS 12			/* most halvings of a part */
#define CURVE_CELLS (CURVE_PARTS << CURVE_FINE_BITS)

typedef double curve_pair __attribute__((vector_size(16)));

struct curve_segment {
	curve_pair c[4];	/* value, u: powers of the distance from the segment's start, in cells */
};

struct curve_part {
	uint32_t first;		/* index of its first segment */
	uint32_t shift;		/* a segment is 2^shift cells */
};

struct curve {
	double x_min, x_max;
	double cells_per_x;
	double error;		/* greatest proven error of the value */
	double error_x;		/* where */
	unsigned int segments;
	struct curve_part part[CURVE_PARTS];
	struct curve_segment *segment;	/* the one after the last gives NaN */
	char digest[65];	/* SHA-256 of what an evaluation reads */
};

/* What is tabulated. */
struct curve_source {
	const void *self;
	double x_min, x_max;
	double y_min, y_max;	/* of an inverse */
	/* y at x; an inverse solves residual() = 0 */
	double (*value)(const void *self, double x);
	/* an inverse: F(y); NULL: value() is the function itself */
	double (*forward)(const void *self, double y);
	/* enclosure of dF/dy, or of dy/dx where there is no F */
	struct interval (*enclose)(const void *self, struct interval x, struct interval y);
	double jump;		/* greatest step of F where its pieces meet, */
	unsigned int steps;	/* and at which x */
	double step[3];
	double tolerance;	/* error of y aimed at */
	/* standard uncertainty at a value, or NULL */
	double (*u)(const void *self, double y);
};

/* Owned; curve_free(). NULL with an error (-ENOMEM; -EDOM where the function has no value). */
struct curve *curve_make(const struct curve_source *source);
void curve_free(struct curve *curve);

/* Value and u of one x; NaN, NaN outside. */
static inline curve_pair curve_at(const struct curve *curve, double x)
{
	double p = (x - curve->x_min) * curve->cells_per_x;
	bool inside = p >= 0 && p <= CURVE_CELLS;
	uint32_t cell = inside ? (uint32_t)(int32_t)p : 0, from;
	const struct curve_part *part;
	const struct curve_segment *s;
	curve_pair d, y;

	cell -= cell >> (CURVE_FINE_BITS + 8);	/* the range's very end belongs to the last cell */
	part = &curve->part[cell >> CURVE_FINE_BITS];
	from = (cell & ((1u << CURVE_FINE_BITS) - 1)) >> part->shift;
	s = &curve->segment[inside ? part->first + from : curve->segments];
	p -= (double)(int32_t)((cell & ~((1u << CURVE_FINE_BITS) - 1)) + (from << part->shift));
	d = (curve_pair){ p, p };
	y = s->c[3];
	y = y * d + s->c[2];
	y = y * d + s->c[1];
	return y * d + s->c[0];
}

/* A block of them. @value and @u may not overlap @x. */
void curve_apply(const struct curve *curve, const double *restrict x, double *restrict value,
		 double *restrict u, uint32_t count);

#endif
