/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sensor.h - the inside of a sensor: an equation among several, and what each can do.
 */
#ifndef SENSE_CALIBRATE_SENSOR_H
#define SENSE_CALIBRATE_SENSOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include <sense/sensor.h>
#include "calibrate/fit.h"
#include "calibrate/interval.h"

struct sense_sensor;

/* An equation x = F(y) or y = f(x), x the electrical input and y the value. */
struct sensor_equation {
	const char *kind;
	const char *input_unit;
	const char *unit;	/* NULL: the file says */
	bool needs_auxiliary;
	/*
	 * The table inverts x = F(y), F being what the standard gives (false), or
	 * approximates y = f(x) (true); enclose() bounds the slope of the one or the other.
	 */
	bool is_direct;
	double (*value)(const struct sense_sensor *sensor, double x, double auxiliary);
	double (*input)(const struct sense_sensor *sensor, double y, double auxiliary);
	/* dx/dy at a point; NaN outside. */
	double (*slope)(const struct sense_sensor *sensor, double y, double auxiliary);
	struct interval (*enclose)(const struct sense_sensor *sensor, struct interval x,
				   struct interval y);
	/* The digest's input: every coefficient, in hexadecimal floating point. */
	void (*describe)(const struct sense_sensor *sensor, FILE *text);
	/* 0 or -errno with the sentence; sets y_min, y_max and jump. */
	int (*check)(struct sense_sensor *sensor);
};

/* value = zero + gain * input, from min to max; in the value's unit. */
struct sensor_linear {
	double gain, zero;
	double min, max;
};

struct sense_sensor {
	atomic_uint references;
	const struct sensor_equation *equation;
	char name[256];
	char unit[32];
	char input_unit[32];	/* where the equation leaves it to the file */
	double y_min, y_max;	/* range of the equation */
	double jump;		/* greatest step of F where its pieces meet, in x, and where */
	unsigned int steps;
	double step[3];
	union {
		struct sense_rtd rtd;
		struct sense_sprt sprt;
		struct sense_thermocouple thermocouple;
		struct sense_thermistor thermistor;
		struct sense_current_loop loop;
		struct sense_bridge bridge;
		struct fit fit;
		struct sensor_linear linear;
	};
	struct sense_sensor_calibration calibration;
	char digest[65];
};

/* Complete a sensor whose equation and calibration are filled in: ranges, checks, digest. 0 or -errno. */
int sensor_complete(struct sense_sensor *sensor);

/* u of a value by certificate, input, auxiliary and equation, without drift; NaN unknown. */
double sensor_u(const struct sense_sensor *sensor, double y, double auxiliary);

/* Standard uncertainty by drift at a time. */
double sensor_drift_u(const struct sense_sensor *sensor, int64_t time_ns);

extern const struct sensor_equation sensor_rtd, sensor_sprt, sensor_thermocouple,
	sensor_thermistor, sensor_loop, sensor_bridge, sensor_table, sensor_linear;

/* By kind as in the name of a file, "rtd"; NULL for none. */
const struct sensor_equation *sensor_equation_find(const char *kind);

#endif
