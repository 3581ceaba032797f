/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * its90.h - the two reference functions of ITS-90 one by one, for sprt.c.
 */
#ifndef SENSE_CALIBRATE_ITS90_H
#define SENSE_CALIBRATE_ITS90_H

#include <stdbool.h>

#include <sense/sprt.h>
#include "calibrate/interval.h"

/* Both functions are defined at the triple point of water; the low one is used below it. */
#define ITS90_JOIN_DEGC 0.01

double its90_reference(double t_degC, bool is_low, double *slope);
double its90_inverse(double wr, bool is_low);

/* Enclosure of dWr/dt over a range of temperatures on one side of the join. */
struct interval its90_slope(struct interval t_degC, bool is_low);

#endif
