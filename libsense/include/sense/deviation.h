/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * deviation.h - the figures of a chamber's deviation from its set point, one value per period:
 * as chamber standards name them (IEC 60068-3-5, DKD-R 5-7). Plain data, no allocation; one thread.
 */
#ifndef SENSE_DEVIATION_H
#define SENSE_DEVIATION_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Accumulates; zero-fill by sense_deviation_init(). Read the figures by the functions below. */
struct sense_deviation {
	double limit;		/**< K, the band that "within", settling and recovery mean */
	uint64_t n;
	uint64_t finite;
	uint64_t inside;
	double sum, squares;
	double max;		/**< K, greatest |deviation|; 0 before the first */
	double least, most;	/**< K; fluctuation is their difference */
	double first_time, time;	/**< s, of the first and last value */
	double outside_time;	/**< s, of the last value outside the band; NaN: none */
	double entered_time;	/**< s, of the first value after that one; NaN: outside to the end */
	double integral;	/**< K s, of |deviation| */
};

SENSE_API void sense_deviation_init(struct sense_deviation *deviation, double limit);

/**
 * sense_deviation_add() - @value K at @time s; times rise. A value that is not finite counts as
 * outside the band and enters no other figure. -EINVAL when time does not rise.
 */
SENSE_API int sense_deviation_add(struct sense_deviation *deviation, double time, double value);

/** K; NaN without values. */
SENSE_API double sense_deviation_get_rms(const struct sense_deviation *deviation);
SENSE_API double sense_deviation_get_mean(const struct sense_deviation *deviation);
SENSE_API double sense_deviation_get_fluctuation(const struct sense_deviation *deviation);
/** 0 to 1; NaN without values. */
SENSE_API double sense_deviation_get_within(const struct sense_deviation *deviation);
/**
 * s from @since (the set point's change, the door's closing) to the first value from which on
 * every one lies inside the band; 0 when none since then lay outside; NaN: not inside at the end.
 */
SENSE_API double sense_deviation_get_settling(const struct sense_deviation *deviation,
					      double since);

SENSE_END_DECLS

#endif
