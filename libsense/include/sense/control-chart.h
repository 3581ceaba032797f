/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * control-chart.h - is a check standard still where it was? Individuals chart with run rules.
 *
 * Limits: mean and three standard deviations, the latter from the mean moving range of two over
 * d2 = 1.128 (ISO 7870-2:2013, 7.2 and table 2; NIST/SEMATECH e-Handbook 6.3.2.2); or stated.
 * Rules: Western Electric, Statistical Quality Control Handbook (1956), part B; the trend of six
 * is that of L. S. Nelson, J. Quality Technology 16 (1984) 237.
 */
#ifndef SENSE_CONTROL_CHART_H
#define SENSE_CONTROL_CHART_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** Bits; a rule is noted at the point that completes its pattern. */
enum sense_control_rule {
	SENSE_CONTROL_BEYOND_3 = 1 << 0,	/**< one point beyond 3 sigma */
	SENSE_CONTROL_2_OF_3 = 1 << 1,	/**< two of three in a row beyond 2 sigma, on one side */
	SENSE_CONTROL_4_OF_5 = 1 << 2,	/**< four of five in a row beyond 1 sigma, on one side */
	SENSE_CONTROL_8_ON_SIDE = 1 << 3,	/**< eight in a row on one side of the centre */
	SENSE_CONTROL_6_TREND = 1 << 4	/**< six in a row, each above (or below) the one before */
};

/** "beyond-3-sigma", ... for one bit; "" for another number. Static. */
SENSE_API const char *sense_control_rule_get_name(uint32_t rule);

struct sense_control_limits {
	double centre;
	double sigma;
	unsigned int baseline;	/**< first values they were taken from; 0: stated */
};

/**
 * sense_control_limits_from() - limits from the first @baseline (2 or more) of @count values.
 * 0; -ENODATA (fewer values than that, or all alike: no spread to judge by); -EINVAL.
 */
SENSE_API int sense_control_limits_from(const double *values, unsigned int count,
					unsigned int baseline,
					struct sense_control_limits *limits);

/**
 * sense_control_chart() - which rules signal, point by point.
 * @signals: @count masks of SENSE_CONTROL_*. Returns all of them ORed. Pure.
 */
SENSE_API uint32_t sense_control_chart(const double *values, unsigned int count,
				       const struct sense_control_limits *limits,
				       uint32_t *signals);

SENSE_END_DECLS

#endif
