// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/tabulate.h"

#include <math.h>

#include "calibrate/thermocouple.h"

/*
 * Aimed at: well below what any of these thermometers is used for. What is proven of a table,
 * usually less, is part of every u.
 */
#define TOLERANCE_DEGC 5e-7
#define TOLERANCE_THERMOCOUPLE_DEGC 2e-5
#define TOLERANCE_COLD_JUNCTION_V 1e-11

static double value(const void *self, double x)
{
	const struct sense_sensor *s = self;

	/* In the table a cold junction's voltage is part of the input. */
	if (s->equation == &sensor_thermocouple)
		return thermocouple_invert(&s->thermocouple, x);
	return s->equation->value(s, x, NAN);
}

static double forward(const void *self, double y)
{
	const struct sense_sensor *s = self;

	if (s->equation == &sensor_thermocouple)
		return sense_thermocouple_voltage_V(&s->thermocouple, y);
	return s->equation->input(s, y, NAN);
}

static struct interval enclose(const void *self, struct interval x, struct interval y)
{
	const struct sense_sensor *s = self;

	return s->equation->enclose(s, x, y);
}

/* The part of the cold junction or the load cell's temperature where it is greatest. */
static double greatest_u(const void *self, double y)
{
	const struct sense_sensor *s = self;
	double at[4] = { -40, 0, 25, 85 }, u = 0;

	if (!s->equation->needs_auxiliary)
		return sensor_u(s, y, NAN);
	if (s->equation == &sensor_bridge) {
		at[0] = at[1] = s->bridge.min_degC;
		at[2] = at[3] = s->bridge.max_degC;
	}
	for (int i = 0; i < 4; i++) {
		double part = sensor_u(s, y, fmax(at[i], s->equation == &sensor_thermocouple ?
						 sense_thermocouple_get_min_degC(&s->thermocouple) : at[i]));

		if (isnan(part))
			return NAN;
		u = fmax(u, part);
	}
	return u;
}

struct curve *tabulate_inverse(const struct sense_sensor *s)
{
	struct curve_source source = {
		.self = s,
		.y_min = s->y_min,
		.y_max = s->y_max,
		.value = value,
		.enclose = enclose,
		.jump = s->jump,
		.steps = s->steps,
		.tolerance = s->equation == &sensor_thermocouple ? TOLERANCE_THERMOCOUPLE_DEGC : TOLERANCE_DEGC,
		.u = greatest_u,
	};

	for (unsigned int i = 0; i < s->steps; i++)
		source.step[i] = s->step[i];
	if (s->equation->is_direct) {
		source.x_min = fmin(forward(s, s->y_min), forward(s, s->y_max));
		source.x_max = fmax(forward(s, s->y_min), forward(s, s->y_max));
	} else {
		source.forward = forward;
		source.x_min = forward(s, s->y_min);
		source.x_max = forward(s, s->y_max);
	}
	return curve_make(&source);
}

/* ---- u alone --------------------------------------------------------------------------------- */

static double identity(const void *self, double x)
{
	return x;
}

static struct interval one(const void *self, struct interval x, struct interval y)
{
	return (struct interval){ 1, 1 };
}

struct curve *tabulate_u(const struct sense_sensor *s)
{
	struct curve_source source = {
		.self = s,
		.x_min = s->y_min,
		.x_max = s->y_max,
		.value = identity,
		.enclose = one,
		.tolerance = 1e-9 * (s->y_max - s->y_min),
		.u = greatest_u,
	};

	return curve_make(&source);
}

/* ---- cold junction ----------------------------------------------------------------------------- */

static double junction_voltage(const void *self, double t)
{
	const struct sense_sensor *s = self;

	return sense_thermocouple_voltage_V(&s->thermocouple, t);
}

static struct interval junction_slope(const void *self, struct interval x, struct interval y)
{
	const struct sense_sensor *s = self;

	return thermocouple_slope(&s->thermocouple, x);
}

struct curve *tabulate_cold_junction(const struct sense_sensor *s)
{
	struct curve_source source = {
		.self = s,
		.x_min = fmax(-60, sense_thermocouple_get_min_degC(&s->thermocouple)),
		.x_max = 150,
		.value = junction_voltage,
		.enclose = junction_slope,
		.tolerance = TOLERANCE_COLD_JUNCTION_V,
	};

	return curve_make(&source);
}
