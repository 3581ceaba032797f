/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dimension.h - units as text, for checking equations: SI Brochure, 9th ed., and what labs write.
 *
 * "m3/h", "mV/V", "1/K", "degC", "kg m-3", "ug/m^3", "ohm", "%": factors separated by space, *, .
 * or the middle dot, / before what divides, exponents as in m2, m^2, s-1 or with raised digits.
 * degC and K are one unit here: a budget deals in differences, offsets are the equation's matter.
 */
#ifndef SENSE_CALIBRATE_DIMENSION_H
#define SENSE_CALIBRATE_DIMENSION_H

#include <stdbool.h>

#include "calibrate/expression.h"

#define SENSE_DIMENSIONS 7

struct sense_dimension {
	bool known;	/* else no check involves it */
	int power[SENSE_DIMENSIONS];	/* m kg s A K mol cd, in twelfths: roots of units */
	double scale;	/* in coherent SI units */
};

/* The unit of a text; not known for one that is empty or not understood. */
struct sense_dimension sense_dimension_parse(const char *text);

/* Same dimension. */
bool sense_dimension_alike(const struct sense_dimension *a, const struct sense_dimension *b);
/* Same dimension and scale, or one not known. */
bool sense_dimension_fits(const struct sense_dimension *a, const struct sense_dimension *b);

/*
 * Check sums, comparisons, angles and outputs of an equation. @inputs: one unit per input;
 * @names and @outputs: the nodes of named quantities and the texts of units declared for them.
 * A number in an equation may carry any unit, so what it multiplies is not checked further:
 * what is refused is surely wrong. 0, or -EINVAL with a sentence.
 */
int sense_dimension_check(const struct sense_expression *expression, const char *const *inputs,
		     unsigned int output_count, const int *nodes, const char *const *names,
		     const char *const *outputs, const char *where);

#endif
