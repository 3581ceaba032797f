/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chart.h - value over time as SVG: one panel per unit, time along the bottom.
 *
 * A series is kept as one envelope per column of pixels (least, greatest, sum), so
 * that a record of any length needs the same memory and no peak is lost to
 * decimation; a short one is drawn sample by sample.
 */
#ifndef SENSE_CHART_H
#define SENSE_CHART_H

#include <stdint.h>
#include <stdio.h>

struct chart;

struct chart_head {
	const char *title, *subtitle;
	int64_t from_ns, to_ns;		/* UTC, ns since 1970 */
	unsigned int width, panel_height; /* pixels */
	uint64_t samples;		/* about how many per series: tells which way to draw */
};

struct chart *chart_new(const struct chart_head *head);
void chart_free(struct chart *chart);

/* A series; those with one unit share a panel. Returns its index. */
unsigned int chart_add_series(struct chart *chart, const char *name, const char *unit);

/* One sample, in time order within its series; NaN is a faulty one. */
void chart_put(struct chart *chart, unsigned int series, int64_t time_ns, double value);
/* Nothing was sampled between two times, for @missing scans. */
void chart_gap(struct chart *chart, int64_t from_ns, int64_t to_ns, uint64_t missing);

void chart_print(const struct chart *chart, FILE *file);

#endif
