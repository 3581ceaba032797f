// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a sensor takes from its Digital Calibration Certificate: whose it is, how
 * long it holds, and for a resistance thermometer the equation and the uncertainty.
 */
#include "calibrate/sensor-file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sense/certificate.h>
#include "base/error.h"
#include "calibrate/rtd.h"
#include "calibrate/sensor.h"

/* It must be this item's, and its identifier the one the file names. */
static int identify(struct sense_sensor *s, const struct sense_certificate *certificate)
{
	struct sense_sensor_calibration *c = &s->calibration;
	const char *identifier = sense_certificate_get_unique_identifier(certificate);
	int item = sense_certificate_find_item(certificate, NULL, *c->serial ? c->serial : NULL);

	if (item < 0)
		return item;
	if (!*c->serial)
		snprintf(c->serial, sizeof(c->serial), "%s",
			 sense_certificate_get_item(certificate, (unsigned int)item)->serial);
	if (*c->certificate && strcmp(c->certificate, identifier))
		return sense_fail(EINVAL, s->name, "name the file of that certificate, or correct the identifier",
				  "the certificate is '%s' and the sensor file names '%s'", identifier,
				  c->certificate);
	snprintf(c->certificate, sizeof(c->certificate), "%s", identifier);
	snprintf(c->certificate_sha256, sizeof(c->certificate_sha256), "%s",
		 sense_certificate_get_sha256(certificate));
	return 0;
}

/* The certificate's end holds, unless the file's own is earlier. */
static int dates(struct sense_sensor *s, const struct sense_certificate *certificate)
{
	struct sense_sensor_calibration *c = &s->calibration;
	const char *made = sense_certificate_get_end_date(certificate);
	const char *until = sense_certificate_get_valid_until(certificate);
	int64_t end;

	if (*made && c->calibrated_ns == INT64_MIN && sensor_file_date(made, 0, &c->calibrated_ns))
		return sense_fail(EINVAL, s->name, "write \"calibrated\" into the sensor file",
				  "the certificate's date '%s' cannot be read", made);
	if (!*until)
		return 0;
	if (sensor_file_date(until, 1, &end))
		return sense_fail(EINVAL, s->name, "write \"valid_until\" into the sensor file",
				  "the certificate's end '%s' cannot be read", until);
	if (end < c->valid_until_ns)
		c->valid_until_ns = end;
	return 0;
}

static int by_reference(const void *a, const void *b)
{
	const struct sense_calibration_point *x = a, *y = b;

	return (x->reference > y->reference) - (x->reference < y->reference);
}

/* Points said twice (a return to the first temperature, say) become one, with the larger u. */
static unsigned int merge(struct sense_calibration_point *points, unsigned int count)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < count; i++)
		if (n && points[i].reference - points[n - 1].reference < 0.05) {
			if (points[i].u > points[n - 1].u)
				points[n - 1].u = points[i].u;
		} else {
			points[n++] = points[i];
		}
	return n;
}

/* The uncertainty of each point, in degC, and the range the points span. */
static void take_points(struct sense_sensor *s, struct sense_calibration_point *points,
			unsigned int count)
{
	struct sense_sensor_calibration *c = &s->calibration;
	bool has_u = true;

	qsort(points, count, sizeof(*points), by_reference);
	if (isnan(c->range_min)) {
		c->range_min = fmax(points[0].reference, SENSE_RTD_MIN_DEGC);
		c->range_max = fmin(points[count - 1].reference, SENSE_RTD_MAX_DEGC);
	}
	count = merge(points, count);
	for (unsigned int i = 0; i < count; i++)
		has_u = has_u && isfinite(points[i].u);
	if (!has_u || !isnan(c->u) || c->u_count || count > SENSE_SENSOR_U_POINTS)
		return;
	for (unsigned int i = 0; i < count; i++) {
		double own = points[i].u / sense_rtd_slope(&s->rtd, points[i].reference);

		c->u_at[i] = points[i].reference;
		c->u_point[i] = isfinite(points[i].reference_u) ? hypot(own, points[i].reference_u) : own;
	}
	c->u_count = count;
}

static int fit(struct sense_sensor *s, const struct sense_calibration_point *points, int count)
{
	double t[64], r[64], u[64];
	bool has_u = true;

	if (count > 64)
		return sense_fail(EINVAL, s->name, "write the coefficients into the sensor file",
				  "the certificate has %d points and at most 64 are fitted", count);
	for (int i = 0; i < count; i++) {
		t[i] = points[i].reference;
		r[i] = points[i].measured;
		u[i] = points[i].u;
		has_u = has_u && u[i] > 0;
	}
	return sense_rtd_fit(&s->rtd, t, r, has_u ? u : NULL, (unsigned int)count);
}

static int thermometer(struct sense_sensor *s, const struct sense_certificate *certificate)
{
	struct sense_calibration_point *points = NULL;
	struct sense_rtd rtd;
	double min, max;
	int count, result = 0;

	count = sense_certificate_get_points(certificate, -1, "\\degreecelsius", "\\ohm", &points);
	if (isnan(s->rtd.r0_ohm)) {
		if (!sense_certificate_get_rtd(certificate, &rtd))
			s->rtd = rtd;
		else
			result = count > 0 ? fit(s, points, count) : -sense_error_last()->code;
	}
	if (!result && isnan(s->calibration.range_min) &&
	    !sense_certificate_get_range(certificate, "\\degreecelsius", &min, &max) && min < max) {
		s->calibration.range_min = fmax(min, SENSE_RTD_MIN_DEGC);
		s->calibration.range_max = fmin(max, SENSE_RTD_MAX_DEGC);
	}
	if (!result && count > 1)
		take_points(s, points, (unsigned int)count);
	if (count > 0)
		free(points);
	/* Without C the equation ends at 0 degC, whatever else is said. */
	if (!result && s->rtd.c == 0 && !isnan(s->calibration.range_min))
		s->calibration.range_min = fmax(s->calibration.range_min, 0);
	return result;
}

int sensor_certificate_apply(struct sense_sensor *sensor, const char *path)
{
	struct sense_certificate *certificate = sense_certificate_load(path);
	int result;

	if (!certificate)
		return -sense_error_last()->code;
	result = identify(sensor, certificate);
	if (!result)
		result = dates(sensor, certificate);
	if (!result && sensor->equation == &sensor_rtd)
		result = thermometer(sensor, certificate);
	sense_certificate_unref(certificate);
	return result;
}
