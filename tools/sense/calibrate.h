/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calibrate.h - one run of `sense calibrate`: what was asked, what came out, what is kept.
 */
#ifndef SENSE_TOOL_CALIBRATE_H
#define SENSE_TOOL_CALIBRATE_H

#include <sense/calibration-log.h>
#include <sense/certificate.h>
#include <sense/comparison.h>
#include <sense/conformity.h>

struct calibrate {
	/* asked for; texts NULL or "" where not given */
	const char *sensor_name, *points_path, *certificate_path, *reference_serial, *reference,
		*pem;
	const char *item, *serial, *output, *log_path, *record_path;
	const char *author, *firm, *city, *country, *valid_until, *remark;
	enum sense_comparison_equation equation;
	enum sense_decision_rule rule;
	int degree; /* -1: not said */
	int check;
	double common_u, step, tolerance, k, at_degC;
	int32_t day;

	/* found */
	struct sense_sensor *sensor, *fresh; /* in force, and the new one as read back */
	struct sense_certificate *certificate;
	struct sense_calibration_log *log;
	struct sense_comparison *comparison;
	struct sense_comparison_point points[SENSE_COMPARISON_POINTS_MAX];
	unsigned int count;
	struct sense_conformity as_found[SENSE_COMPARISON_POINTS_MAX];
	struct sense_conformity as_left[SENSE_COMPARISON_POINTS_MAX];
	int conforming; /* as found, and as left where there is a fit */
	const char *head; /* digest the log ended with */
	char record_identifier[160], record_sha256[65], new_head[65];
};

/* D-SI for a unit as the library spells it; the unit itself where there is no other. */
const char *calibrate_dsi(const char *unit);

/* Each error against the tolerance. 0, or an exit code said. */
int calibrate_decide(struct calibrate *c);

/* Record, sensor file and log entries, as far as they are asked for. 0, or an exit code said. */
int calibrate_keep(struct calibrate *c);

int calibrate_print_json(const struct calibrate *c);
int calibrate_print_text(const struct calibrate *c);

#endif
