/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * current-loop.h - 4-20 mA transmitters (IEC 60381-1:1982): flow, level, whatever they send.
 *
 * Signals follow NAMUR NE 43:2003: 3.8 to 20.5 mA carry a value, what lies outside is a failure
 * or a broken wire and has none.
 */
#ifndef SENSE_CURRENT_LOOP_H
#define SENSE_CURRENT_LOOP_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** NAMUR NE 43: a current outside carries no value, A. */
#define SENSE_CURRENT_LOOP_MIN_A 3.8e-3
#define SENSE_CURRENT_LOOP_MAX_A 20.5e-3

/** Most points of a characteristic. */
#define SENSE_CURRENT_LOOP_POINTS 64

/**
 * The transmitter's characteristic: straight between its points, the first and last straights
 * going on to 3.8 and 20.5 mA. Two points, at 4 and 20 mA, make a linear one.
 */
struct sense_current_loop {
	unsigned int count;				/**< 2 to 64 */
	double current_A[SENSE_CURRENT_LOOP_POINTS];	/**< rising */
	double value[SENSE_CURRENT_LOOP_POINTS];	/**< all rising or all falling */
};

/** sense_current_loop_linear() - @value_4mA at 4 mA, @value_20mA at 20 mA. */
SENSE_API struct sense_current_loop sense_current_loop_linear(double value_4mA, double value_20mA);

/** sense_current_loop_check() - 0 or -EINVAL: points missing, out of order, not monotonic. */
SENSE_API int sense_current_loop_check(const struct sense_current_loop *loop);

/** Exact but for rounding; only + - x /. NaN outside 3.8 to 20.5 mA. Pure. */
SENSE_API double sense_current_loop_value(const struct sense_current_loop *loop, double current_A);
/** The inverse; NaN where the current would lie outside. Pure. */
SENSE_API double sense_current_loop_current_A(const struct sense_current_loop *loop, double value);

SENSE_END_DECLS

#endif
