/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * sensor.h - one calibrated sensor: its equation, its range, its uncertainty and how
 * long its certificate holds. Immutable and reference-counted; any thread.
 *
 * Inputs are SI: ohm, V, A, V/V. Values are degC, kg, or what a transmitter's file says.
 * Documentation/sensors.md describes the files.
 */
#ifndef SENSE_SENSOR_H
#define SENSE_SENSOR_H

#include <sense/api.h>
#include <sense/bridge.h>
#include <sense/current-loop.h>
#include <sense/rtd.h>
#include <sense/sprt.h>
#include <sense/thermistor.h>
#include <sense/thermocouple.h>

SENSE_BEGIN_DECLS

struct sense_sensor;

/**
 * sense_sensor_open() - a sensor by its name:
 * pt100, pt500, pt1000 (IEC 60751), tc-B ... tc-T, or rtd:FILE, sprt:FILE, tc:FILE, ntc:FILE,
 * ma:FILE, bridge:FILE, table:FILE, linear:FILE.
 * Owned; sense_sensor_unref(). NULL with an error that names file, line and key.
 */
SENSE_API struct sense_sensor *sense_sensor_open(const char *name);

/** sense_sensor_parse() - a sensor file's text. @kind: "rtd", "sprt", ...; @name: for errors. */
SENSE_API struct sense_sensor *sense_sensor_parse(const char *kind, const char *name,
						  const char *text, size_t length);

/** From an equation alone: no certificate, no uncertainty. NULL when the equation is refused. */
SENSE_API struct sense_sensor *sense_sensor_new_rtd(const struct sense_rtd *rtd);
SENSE_API struct sense_sensor *sense_sensor_new_sprt(const struct sense_sprt *sprt);
SENSE_API struct sense_sensor *
sense_sensor_new_thermocouple(const struct sense_thermocouple *thermocouple);
SENSE_API struct sense_sensor *
sense_sensor_new_thermistor(const struct sense_thermistor *thermistor);

SENSE_API struct sense_sensor *sense_sensor_ref(struct sense_sensor *sensor);
SENSE_API void sense_sensor_unref(struct sense_sensor *sensor);

/** Most points at which a certificate can state an uncertainty of its own. */
#define SENSE_SENSOR_U_POINTS 32

/** What the certificate adds to an equation. Zero everywhere but where said: nothing. */
struct sense_sensor_calibration {
	char serial[64];	/**< of the sensor; "" unknown */
	char certificate[128];	/**< its identifier; "" for none */
	char certificate_sha256[65];	/**< of its file; "" where it was not read */
	int64_t valid_until_ns;	/**< TAI, end of the last valid day; INT64_MAX: no end */
	double range_min;	/**< calibrated range, in the value's unit; NaN: that of the equation */
	double range_max;
	double u;		/**< standard uncertainty of the value by the certificate; NaN unknown */
	unsigned int u_count;	/**< or one per point of the certificate: straight lines between, the */
	double u_at[SENSE_SENSOR_U_POINTS];	/**< outer ones on beyond; values rising. 0: u alone */
	double u_point[SENSE_SENSOR_U_POINTS];
	double u_relative;	/**< and of it, in proportion to the value; 0 for none */
	double u_input;		/**< standard uncertainty of the electrical reading, SI; NaN unknown */
	double u_auxiliary;	/**< of cold junction or bridge temperature, degC; 0 for none */
	double drift_per_year;	/**< standard uncertainty by drift, value's unit per year; 0 for none */
	int64_t calibrated_ns;	/**< TAI; from when drift counts; INT64_MIN unknown */
	int refuse_outside;	/**< 1: no value outside the calibrated range; 0: flag, and u grown */
};

/** sense_sensor_calibration_init() - nothing known: no certificate, no uncertainty. */
SENSE_API void sense_sensor_calibration_init(struct sense_sensor_calibration *calibration);

/** sense_sensor_with_calibration() - the same equation with another calibration. Owned. NULL, -EINVAL. */
SENSE_API struct sense_sensor *
sense_sensor_with_calibration(const struct sense_sensor *sensor,
			      const struct sense_sensor_calibration *calibration);

/** Borrowed from the sensor. */
SENSE_API const struct sense_sensor_calibration *
sense_sensor_get_calibration(const struct sense_sensor *sensor);

/** Name it was opened by; "rtd", "sprt", "tc", ... */
SENSE_API const char *sense_sensor_get_name(const struct sense_sensor *sensor);
SENSE_API const char *sense_sensor_get_kind(const struct sense_sensor *sensor);
/** Units as the library spells them (channel.h): "Ohm", "V", "A", "V/V"; "Cel", "kg", ... */
SENSE_API const char *sense_sensor_get_input_unit(const struct sense_sensor *sensor);
SENSE_API const char *sense_sensor_get_unit(const struct sense_sensor *sensor);
/** 1 when a second temperature belongs to a reading: cold junction, load cell. */
SENSE_API int sense_sensor_needs_auxiliary(const struct sense_sensor *sensor);
/** The second temperature where nobody says another, degC: 0 for a cold junction as in the printed
 * tables, the reference temperature of a load cell; NaN where there is none. */
SENSE_API double sense_sensor_get_reference_degC(const struct sense_sensor *sensor);
/** Range of the equation, in the value's unit. */
SENSE_API double sense_sensor_get_min(const struct sense_sensor *sensor);
SENSE_API double sense_sensor_get_max(const struct sense_sensor *sensor);

/** What is to be said about a reading; 0 is good. */
enum {
	SENSE_READING_IMPOSSIBLE = 1 << 0,	/**< outside the equation's range: no value */
	SENSE_READING_OUTSIDE = 1 << 1,		/**< outside the calibrated range */
	SENSE_READING_EXPIRED = 1 << 2,		/**< the calibration's validity has ended */
	SENSE_READING_UNCALIBRATED = 1 << 3	/**< no certificate and no uncertainty */
};

struct sense_reading {
	double value;		/**< NaN where there is none */
	double u;		/**< standard uncertainty; NaN where unknown */
	uint32_t flags;		/**< SENSE_READING_* */
};

/**
 * sense_sensor_read() - from input to value.
 * @auxiliary_degC: cold junction or load cell temperature; not looked at elsewhere
 * @time_ns: TAI, for validity and drift; INT64_MIN: neither is judged
 *
 * Outside the calibrated range, where that is allowed, u grows by what the value lies beyond it,
 * as a rectangular distribution: extrapolation / sqrt(3).
 */
SENSE_API struct sense_reading sense_sensor_read(const struct sense_sensor *sensor, double input,
						 double auxiliary_degC, int64_t time_ns);

/** sense_sensor_invert() - from value to input, u in the input's unit. */
SENSE_API struct sense_reading sense_sensor_invert(const struct sense_sensor *sensor, double value,
						   double auxiliary_degC, int64_t time_ns);

/**
 * sense_sensor_get_digest() - SHA-256 of everything that decides a value: equation, coefficients,
 * ranges, uncertainty, certificate. 64 hexadecimal digits. What is equal has equal digests.
 */
SENSE_API const char *sense_sensor_get_digest(const struct sense_sensor *sensor);

SENSE_END_DECLS

#endif
