/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tabulate.h - the curves (curve.h) that stand for a sensor in the flow.
 */
#ifndef SENSE_CALIBRATE_TABULATE_H
#define SENSE_CALIBRATE_TABULATE_H

#include "calibrate/curve.h"
#include "calibrate/sensor.h"

/*
 * Input to value and u, for equations with an enclosure: rtd, sprt, tc (its cold junction's
 * voltage added to the input), ntc. NULL with an error.
 */
struct curve *tabulate_inverse(const struct sense_sensor *sensor);

/* Value to u alone, for the equations that + - x / evaluate exactly: the value lane is not used. */
struct curve *tabulate_u(const struct sense_sensor *sensor);

/* Temperature of the cold junction to voltage, as far as junctions are: -60 to 150 degC. */
struct curve *tabulate_cold_junction(const struct sense_sensor *sensor);

#endif
