/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rtd.h - what the calibrate stage needs of a platinum thermometer beyond <sense/rtd.h>.
 */
#ifndef SENSE_CALIBRATE_RTD_H
#define SENSE_CALIBRATE_RTD_H

#include <stdbool.h>

#include <sense/rtd.h>

/* IEC 60751:2022, 4.2: where the relationship is defined. */
#define SENSE_RTD_MIN_DEGC -200.0
#define SENSE_RTD_MAX_DEGC 850.0

/* dR/dt, ohm per degC. */
double sense_rtd_slope(const struct sense_rtd *rtd, double t_degC);

/* Whether R(t) rises all the way from -200 to 850 degC, so that an inverse exists. */
bool sense_rtd_is_monotonic(const struct sense_rtd *rtd);

#endif
