// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A calibration log from anywhere. One that can be read must be fit to be judged; and each of its
 * lines by itself, for a chain is hard to guess.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sense/health.h>

#include "calibrate/calibration-log-model.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void judge(const struct sense_calibration_log *log)
{
	struct sense_health_setup setup;
	struct sense_health *health;

	sense_health_setup_init(&setup);
	setup.tolerance = 0.01;
	setup.baseline = 3;
	setup.today = 20777;
	health = sense_health_new(log, &setup);
	for (unsigned int i = 0; health && i < sense_health_get_point_count(health); i++) {
		const struct sense_health_point *p = sense_health_get_point(health, i);

		if (p->has_limits && !(p->limits.sigma > 0))
			__builtin_trap();
		for (unsigned int j = 0; j < p->visit_count; j++)
			if (p->visits[j].kind == SENSE_LOG_ADJUSTMENT)
				__builtin_trap();
	}
	sense_health_free(health);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct sense_calibration_log *log = sense_calibration_log_parse("fuzz", data, size);
	struct sense_calibration_log one = { .count = 1, .name = "fuzz", .digest = "" };
	struct sense_log_entry entry, again;
	struct arena second = { 0 };
	char *line = NULL;

	if (log)
		judge(log);
	sense_calibration_log_free(log);
	/* A line that reads must write, and what is written must read the same. */
	if (!log_line_read("fuzz", (const char *)data, size, &one.arena, &entry)) {
		if (log_line_write("fuzz", &entry, entry.previous, &line) ||
		    log_line_read("fuzz", line, strlen(line), &second, &again) ||
		    again.point_count != entry.point_count || again.day != entry.day ||
		    again.kind != entry.kind || strcmp(again.item, entry.item) ||
		    strcmp(again.remark, entry.remark))
			__builtin_trap();
		one.entries = &entry;
		judge(&one);
	}
	free(line);
	arena_free(&one.arena);
	arena_free(&second);
	return 0;
}
