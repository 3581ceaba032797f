/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * thermistor.h - what the calibrate stage's table needs beyond <sense/thermistor.h>.
 */
#ifndef SENSE_CALIBRATE_THERMISTOR_H
#define SENSE_CALIBRATE_THERMISTOR_H

#include <sense/thermistor.h>
#include "calibrate/interval.h"

/* Enclosure of dt/dR where the resistance lies in @r_ohm and the temperature in @t_degC. */
struct interval thermistor_slope(const struct sense_thermistor *thermistor, struct interval r_ohm,
				 struct interval t_degC);

#endif
