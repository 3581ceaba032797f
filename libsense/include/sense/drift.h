/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * drift.h - how a sensor's error moves over months, and when it will reach a tolerance.
 *
 * Generalised least squares through error over time. Errors found with one reference share that
 * reference's own error: it moves the line as a whole and says nothing about the slope, so it
 * stands in the covariance (GUM, JCGM 100:2008, F.1.2.3) and not in the weights.
 * Where the errors scatter more than their uncertainties say, all variances are multiplied by
 * chi-square over degrees of freedom (R. T. Birge, Phys. Rev. 40 (1932) 207).
 */
#ifndef SENSE_DRIFT_H
#define SENSE_DRIFT_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** One error found on one day. */
struct sense_drift_point {
	double day;		/**< any count of days */
	double error;		/**< value less reference */
	double u;		/**< standard uncertainty, without the common part; > 0 */
	double u_common;	/**< part shared by all points of the same group; >= 0 */
	unsigned int group;	/**< which reference */
};

/** e(day) = offset + slope (day - epoch). */
struct sense_drift {
	double epoch;		/**< day the offset is for: the points' weighted middle */
	double offset;
	double u_offset;
	double slope;		/**< per day */
	double u_slope;
	double covariance;	/**< of offset and slope */
	double chi2;
	unsigned int degrees_of_freedom;
	double inflation;	/**< by which standard uncertainties were multiplied; 1 for none */
	double p;		/**< probability of so large a slope where there is none, two-sided */
};

/** Most points a line is fitted through. */
#define SENSE_DRIFT_POINTS_MAX 2000

/**
 * sense_drift_fit() - 0; -ENODATA (fewer than three points, or all on one day), -EINVAL (an
 * uncertainty that is none, too many points), -ENOMEM.
 */
SENSE_API int sense_drift_fit(const struct sense_drift_point *points, unsigned int count,
			      struct sense_drift *drift);

/** Error on a day and its standard uncertainty. Pure. */
SENSE_API double sense_drift_error(const struct sense_drift *drift, double day);
SENSE_API double sense_drift_u(const struct sense_drift *drift, double day);

/** When |e| reaches a tolerance. Days; INFINITY: not within the horizon. */
struct sense_drift_forecast {
	double due;		/**< |e| + k u reaches it: recalibrate before; also the interval's start */
	double expected;	/**< |e| itself does */
	double latest;		/**< |e| - k u does: the interval's end */
};

/**
 * sense_drift_forecast() - by the line, from a day on (that of the last point, say).
 * @tolerance: > 0; @k: coverage factor, > 0; @horizon: days to look ahead
 *
 * A day already past the tolerance is @from itself. The days at which the limits of confidence of a
 * line meet a value are the confidence interval of the day at which the line does (E. C. Fieller,
 * J. R. Stat. Soc. B 16 (1954) 175).
 */
SENSE_API void sense_drift_forecast(const struct sense_drift *drift, double tolerance, double k,
				    double from, double horizon,
				    struct sense_drift_forecast *forecast);

SENSE_END_DECLS

#endif
