/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fit-plot.h - measured and simulated values, their difference and its 95 % band, as SVG.
 */
#ifndef SENSE_FIT_PLOT_H
#define SENSE_FIT_PLOT_H

#include <sense/series.h>

/* @value, @u: one per row, NaN where there is none. 0, or EXIT_ENVIRONMENT said. */
int fit_plot(const char *path, const char *what, const struct sense_series *series,
	     const double *value, const double *u);

#endif
