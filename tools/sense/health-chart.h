/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * health-chart.h - a judged calibration log as an SVG picture.
 */
#ifndef SENSE_HEALTH_CHART_H
#define SENSE_HEALTH_CHART_H

#include <stdio.h>

#include <sense/health.h>

struct health_head {
	const char *item, *serial, *unit;
	double tolerance;	/* NaN for none */
	double k;
	int32_t today;
};

void health_chart(const struct sense_health *health, const struct health_head *head, FILE *file);

#endif
