/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sprt.h - what the calibrate stage's table needs beyond <sense/sprt.h>.
 */
#ifndef SENSE_CALIBRATE_SPRT_H
#define SENSE_CALIBRATE_SPRT_H

#include <sense/sprt.h>
#include "calibrate/interval.h"

/* R(t) with dR/dt in *slope; NaN outside the subranges. */
double sprt_resistance(const struct sense_sprt *sprt, double t_degC, double *slope);

/* Enclosure of dR/dt where the temperature lies in @t and the resistance in @r. */
struct interval sprt_slope(const struct sense_sprt *sprt, struct interval t, struct interval r);

#endif
