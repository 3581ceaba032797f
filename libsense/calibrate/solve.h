/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * solve.h - invert a rising or falling function by Newton's method, kept inside a bracket.
 */
#ifndef SENSE_CALIBRATE_SOLVE_H
#define SENSE_CALIBRATE_SOLVE_H

/* x of y, with its derivative in *slope. */
typedef double (*sense_function)(const void *self, double y, double *slope);

/*
 * The y in [lo, hi] at which @f gives @x, solved to rounding; @start is where to
 * begin. @f must be monotonic between lo and hi and @x between its values there
 * (an x beyond by no more than rounding gives the end itself); otherwise NaN.
 */
double sense_solve(sense_function f, const void *self, double x, double lo, double hi, double start);

#endif
