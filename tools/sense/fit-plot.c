// SPDX-License-Identifier: GPL-2.0-or-later
#include "fit-plot.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "chart.h"
#include "command.h"
#include "say.h"

#define COVERAGE_95 1.959963984540054

int fit_plot(const char *path, const char *what, const struct sense_series *series,
	     const double *value, const double *u)
{
	const int64_t *time_ns = sense_series_get_time_ns(series);
	const double *y = sense_series_get_outputs(series);
	unsigned int count = sense_series_get_count(series), first = 0, width, n[5];
	const char *name = sense_series_get_output_name(series, 0);
	char title[200];
	struct chart *chart;
	FILE *file;
	int code;

	while (first < count && isnan(value[first]))
		first++;
	if (first == count)
		return 0;
	width = sense_series_get_output_count(series);
	snprintf(title, sizeof(title), "%s and its %s", name, what);
	chart = chart_new(&(struct chart_head){
		.title = title,
		.subtitle = "measured, simulated; difference with the 95 % limits of its uncertainty",
		.from_ns = time_ns[first], .to_ns = time_ns[count - 1], .width = 960,
		.panel_height = 220, .samples = count - first });
	n[0] = chart_add_series(chart, name, "value");
	n[1] = chart_add_series(chart, "simulated", "value");
	n[2] = chart_add_series(chart, "measured - simulated", "difference");
	n[3] = chart_add_series(chart, "+1.96 u", "difference");
	n[4] = chart_add_series(chart, "-1.96 u", "difference");
	for (unsigned int k = first; k < count; k++) {
		if (isnan(value[k]))
			continue;
		chart_put(chart, n[0], time_ns[k], y[k * width]);
		chart_put(chart, n[1], time_ns[k], value[k]);
		chart_put(chart, n[2], time_ns[k], y[k * width] - value[k]);
		chart_put(chart, n[3], time_ns[k], COVERAGE_95 * u[k]);
		chart_put(chart, n[4], time_ns[k], -COVERAGE_95 * u[k]);
	}
	file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	if (!file) {
		chart_free(chart);
		return say_fail(EXIT_ENVIRONMENT, "look at its directory", "%s cannot be written: %s",
				path, strerror(errno));
	}
	chart_print(chart, file);
	chart_free(chart);
	code = say_done(file, path);
	if (file != stdout)
		fclose(file);
	return code;
}
