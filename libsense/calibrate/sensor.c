// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/sensor.h"

#include <errno.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/sensor-file.h"

#define YEAR_NS 31556952e9	/* Gregorian mean */

void sense_sensor_calibration_init(struct sense_sensor_calibration *calibration)
{
	*calibration = (struct sense_sensor_calibration){
		.valid_until_ns = INT64_MAX,
		.range_min = NAN,
		.range_max = NAN,
		.u = NAN,
		.u_input = NAN,
		.calibrated_ns = INT64_MIN,
	};
}

struct sense_sensor *sense_sensor_ref(struct sense_sensor *sensor)
{
	atomic_fetch_add(&sensor->references, 1);
	return sensor;
}

void sense_sensor_unref(struct sense_sensor *sensor)
{
	if (sensor && atomic_fetch_sub(&sensor->references, 1) == 1)
		free(sensor);
}

/* ---- making one ------------------------------------------------------------------------------ */

static int check_calibration(struct sense_sensor *s)
{
	struct sense_sensor_calibration *c = &s->calibration;
	double slack = 1e-9 * fmax(fabs(s->y_min), fabs(s->y_max));

	if (isnan(c->range_min) || isnan(c->range_max)) {
		c->range_min = s->y_min;
		c->range_max = s->y_max;
	}
	if (!(c->range_min < c->range_max))
		return sense_fail(EINVAL, s->name, "give the lower limit first",
				  "the calibrated range %g to %g is empty", c->range_min, c->range_max);
	if (c->range_min < s->y_min - slack || c->range_max > s->y_max + slack)
		return sense_fail(EINVAL, s->name, "compare the range with the certificate",
				  "the calibrated range %g to %g reaches beyond the equation's, %g to %g",
				  c->range_min, c->range_max, s->y_min, s->y_max);
	if (c->u < 0 || c->u_relative < 0 || c->u_input < 0 || c->u_auxiliary < 0 || c->drift_per_year < 0 ||
	    isinf(c->u) || !isfinite(c->u_relative) || !isfinite(c->u_auxiliary) ||
	    !isfinite(c->drift_per_year) || isinf(c->u_input))
		return sense_fail(EINVAL, s->name, "give standard uncertainties as positive numbers",
				  "an uncertainty is negative or not finite");
	if (c->u_count > SENSE_SENSOR_U_POINTS)
		return sense_fail(EINVAL, s->name, "state the uncertainty at 32 points at most",
				  "the uncertainty is given at %u points", c->u_count);
	for (unsigned int i = 0; i < c->u_count; i++)
		if (!isfinite(c->u_at[i]) || !(c->u_point[i] >= 0 && isfinite(c->u_point[i])) ||
		    (i && !(c->u_at[i] > c->u_at[i - 1])))
			return sense_fail(EINVAL, s->name, "sort the points by value",
					  "the uncertainty of point %u is negative, or the point out of order",
					  i + 1);
	/* The file's own time of validity must not run backwards. */
	if (c->calibrated_ns != INT64_MIN && c->valid_until_ns < c->calibrated_ns)
		return sense_fail(EINVAL, s->name, "compare the dates with the certificate",
				  "the calibration ends before it was made");
	return 0;
}

static int digest(struct sense_sensor *s)
{
	const struct sense_sensor_calibration *c = &s->calibration;
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);
	int good;

	if (!file)
		return sense_fail(ENOMEM, s->name, "close other programs", "no memory for a digest");
	/* Version of this description, and of what the equations compute from it. */
	fprintf(file, "sense-sensor/1\n%s\n%s\n%s\n", s->equation->kind,
		sense_sensor_get_input_unit(s), s->unit);
	s->equation->describe(s, file);
	fprintf(file, "serial %s\ncertificate %s %s\nvalid %lld %lld\n", c->serial, c->certificate,
		c->certificate_sha256, (long long)c->calibrated_ns, (long long)c->valid_until_ns);
	fprintf(file, "range %a %a %d\nu %a %a %a %a %a\n", c->range_min, c->range_max,
		c->refuse_outside, isnan(c->u) ? -1 : c->u, c->u_relative,
		isnan(c->u_input) ? -1 : c->u_input, c->u_auxiliary, c->drift_per_year);
	for (unsigned int i = 0; i < c->u_count; i++)
		fprintf(file, "u at %a %a\n", c->u_at[i], c->u_point[i]);
	good = fclose(file) == 0 && EVP_Digest(text, length, hash, &size, EVP_sha256(), NULL) == 1;
	free(text);
	if (!good)
		return sense_fail(ENOMEM, s->name, "close other programs", "the digest cannot be computed");
	for (unsigned int i = 0; i < 32; i++)
		snprintf(s->digest + 2 * i, 3, "%02x", hash[i]);
	return 0;
}

int sensor_complete(struct sense_sensor *s)
{
	int result;

	atomic_init(&s->references, 1);
	if (s->equation->unit)
		snprintf(s->unit, sizeof(s->unit), "%s", s->equation->unit);
	result = s->equation->check(s);
	if (!result)
		result = check_calibration(s);
	if (!result)
		result = digest(s);
	return result;
}

static struct sense_sensor *start(const struct sensor_equation *equation, const char *name)
{
	struct sense_sensor *s = calloc(1, sizeof(*s));

	if (!s)
		return sense_fail_null(ENOMEM, name, "close other programs", "no memory for a sensor");
	s->equation = equation;
	snprintf(s->name, sizeof(s->name), "%s", name);
	sense_sensor_calibration_init(&s->calibration);
	return s;
}

static struct sense_sensor *finish(struct sense_sensor *s)
{
	if (s && sensor_complete(s)) {
		free(s);
		return NULL;
	}
	return s;
}

struct sense_sensor *sense_sensor_new_rtd(const struct sense_rtd *rtd)
{
	struct sense_sensor *s = start(&sensor_rtd, "rtd");

	if (s)
		s->rtd = *rtd;
	return finish(s);
}

struct sense_sensor *sense_sensor_new_sprt(const struct sense_sprt *sprt)
{
	struct sense_sensor *s = start(&sensor_sprt, "sprt");

	if (s)
		s->sprt = *sprt;
	return finish(s);
}

struct sense_sensor *sense_sensor_new_thermocouple(const struct sense_thermocouple *thermocouple)
{
	struct sense_sensor *s = start(&sensor_thermocouple, "tc");

	if (s)
		s->thermocouple = *thermocouple;
	return finish(s);
}

struct sense_sensor *sense_sensor_new_thermistor(const struct sense_thermistor *thermistor)
{
	struct sense_sensor *s = start(&sensor_thermistor, "ntc");

	if (s)
		s->thermistor = *thermistor;
	return finish(s);
}

struct sense_sensor *sense_sensor_open(const char *name)
{
	static const struct { const char *name; double r0; } platinum[] = {
		{ "pt100", 100 }, { "pt500", 500 }, { "pt1000", 1000 },
	};
	const char *colon = strchr(name, ':');
	struct sense_sensor *s;

	for (size_t i = 0; i < sizeof(platinum) / sizeof(platinum[0]); i++)
		if (!strcmp(name, platinum[i].name)) {
			s = start(&sensor_rtd, name);
			if (s)
				s->rtd = sense_rtd_iec60751(platinum[i].r0);
			return finish(s);
		}
	if (!strncmp(name, "tc-", 3) && name[3] && !name[4]) {
		s = start(&sensor_thermocouple, name);
		if (s)
			s->thermocouple.letter = name[3];
		return finish(s);
	}
	if (colon && colon[1]) {
		char kind[16];

		snprintf(kind, sizeof(kind), "%.*s", (int)(colon - name), name);
		if (sensor_equation_find(kind) && strlen(kind) == (size_t)(colon - name))
			return sensor_file_load(kind, colon + 1, name);
	}
	return sense_fail_null(EINVAL, name,
			       "choose pt100, pt500, pt1000, tc-B to tc-T, or rtd:FILE, sprt:FILE, tc:FILE, "
			       "ntc:FILE, ma:FILE, bridge:FILE, table:FILE, linear:FILE",
			       "there is no sensor called '%s'", name);
}

struct sense_sensor *
sense_sensor_with_calibration(const struct sense_sensor *sensor,
			      const struct sense_sensor_calibration *calibration)
{
	struct sense_sensor *s = start(sensor->equation, sensor->name);
	struct sense_sensor blank;

	if (!s)
		return NULL;
	blank = *s;
	memcpy(s, sensor, sizeof(*s));
	s->references = blank.references;
	s->calibration = *calibration;
	return finish(s);
}

/* ---- asking one ------------------------------------------------------------------------------- */

const struct sense_sensor_calibration *sense_sensor_get_calibration(const struct sense_sensor *sensor)
{
	return &sensor->calibration;
}

const char *sense_sensor_get_name(const struct sense_sensor *sensor)
{
	return sensor->name;
}

const char *sense_sensor_get_kind(const struct sense_sensor *sensor)
{
	return sensor->equation->kind;
}

const char *sense_sensor_get_input_unit(const struct sense_sensor *sensor)
{
	return sensor->equation->input_unit ? sensor->equation->input_unit : sensor->input_unit;
}

const char *sense_sensor_get_unit(const struct sense_sensor *sensor)
{
	return sensor->unit;
}

int sense_sensor_needs_auxiliary(const struct sense_sensor *sensor)
{
	return sensor->equation->needs_auxiliary;
}

double sense_sensor_get_reference_degC(const struct sense_sensor *sensor)
{
	if (sensor->equation == &sensor_bridge)
		return sensor->bridge.reference_degC;
	return sensor->equation->needs_auxiliary ? 0 : NAN;
}

double sense_sensor_get_min(const struct sense_sensor *sensor)
{
	return sensor->y_min;
}

double sense_sensor_get_max(const struct sense_sensor *sensor)
{
	return sensor->y_max;
}

const char *sense_sensor_get_digest(const struct sense_sensor *sensor)
{
	return sensor->digest;
}

/* ---- uncertainty -------------------------------------------------------------------------------- */

/* What the certificate says at a value. */
static double certificate_u(const struct sense_sensor *s, double y)
{
	const struct sense_sensor_calibration *c = &s->calibration;
	double u = c->u;
	unsigned int i = 0;

	if (c->u_count == 1) {
		u = c->u_point[0];
	} else if (c->u_count) {
		double at = fmin(fmax(y, c->u_at[0]), c->u_at[c->u_count - 1]);

		while (i + 2 < c->u_count && at > c->u_at[i + 1])
			i++;
		u = c->u_point[i] + (c->u_point[i + 1] - c->u_point[i]) *
				    ((at - c->u_at[i]) / (c->u_at[i + 1] - c->u_at[i]));
	} else if (isnan(u) && s->equation == &sensor_table) {
		u = fit_u(&s->fit, s->equation->input(s, y, NAN));
	}
	return hypot(u, c->u_relative * y);
}

/* dy by 1 degC of the cold junction or the load cell. */
static double auxiliary_sensitivity(const struct sense_sensor *s, double y, double auxiliary)
{
	if (s->equation == &sensor_thermocouple)
		return s->equation->slope(s, auxiliary, 0) / s->equation->slope(s, y, 0);
	if (s->equation == &sensor_bridge) {
		const struct sense_bridge *b = &s->bridge;
		double span = 1 + b->tc_sensitivity * (auxiliary - b->reference_degC);

		return -b->rated_kg * b->tc_zero / (b->sensitivity * span) - y * b->tc_sensitivity / span;
	}
	return 0;
}

double sensor_u(const struct sense_sensor *s, double y, double auxiliary)
{
	const struct sense_sensor_calibration *c = &s->calibration;
	double u = certificate_u(s, y), slope = s->equation->slope(s, y, auxiliary);

	if (!isnan(c->u_input))
		u = hypot(u, c->u_input / slope);
	if (s->equation->needs_auxiliary && c->u_auxiliary > 0)
		u = hypot(u, c->u_auxiliary * auxiliary_sensitivity(s, y, auxiliary));
	return u;
}

double sensor_drift_u(const struct sense_sensor *s, int64_t time_ns)
{
	const struct sense_sensor_calibration *c = &s->calibration;

	if (time_ns == INT64_MIN || c->calibrated_ns == INT64_MIN || time_ns <= c->calibrated_ns)
		return 0;
	return c->drift_per_year * ((double)(time_ns - c->calibrated_ns) / YEAR_NS);
}

/* Flags and u of a value that exists. */
static void judge(const struct sense_sensor *s, struct sense_reading *reading, double y,
		  double auxiliary, int64_t time_ns)
{
	const struct sense_sensor_calibration *c = &s->calibration;
	/* Limits are stated in decimals, values come out of arithmetic: rounding is no excess. */
	double slack = 1e-9 * fmax(fabs(c->range_min), fabs(c->range_max));
	double beyond = fmax(fmax(c->range_min - y, y - c->range_max), 0);

	reading->u = hypot(sensor_u(s, y, auxiliary), sensor_drift_u(s, time_ns));
	if (beyond > slack) {
		reading->flags |= SENSE_READING_OUTSIDE;
		reading->u = hypot(reading->u, beyond / sqrt(3));
		if (c->refuse_outside)
			reading->value = reading->u = NAN;
	}
	if (time_ns != INT64_MIN && time_ns > c->valid_until_ns)
		reading->flags |= SENSE_READING_EXPIRED;
	if (isnan(reading->u) && !(reading->flags & SENSE_READING_OUTSIDE))
		reading->flags |= SENSE_READING_UNCALIBRATED;
}

struct sense_reading sense_sensor_read(const struct sense_sensor *sensor, double input,
				       double auxiliary_degC, int64_t time_ns)
{
	struct sense_reading reading = { .u = NAN };

	reading.value = sensor->equation->value(sensor, input, auxiliary_degC);
	if (isnan(reading.value))
		reading.flags = SENSE_READING_IMPOSSIBLE;
	else
		judge(sensor, &reading, reading.value, auxiliary_degC, time_ns);
	return reading;
}

struct sense_reading sense_sensor_invert(const struct sense_sensor *sensor, double value,
					 double auxiliary_degC, int64_t time_ns)
{
	struct sense_reading reading = { .u = NAN };
	double slope;

	reading.value = sensor->equation->input(sensor, value, auxiliary_degC);
	if (isnan(reading.value)) {
		reading.flags = SENSE_READING_IMPOSSIBLE;
		return reading;
	}
	judge(sensor, &reading, value, auxiliary_degC, time_ns);
	slope = sensor->equation->slope(sensor, value, auxiliary_degC);
	reading.u *= fabs(slope);
	return reading;
}
