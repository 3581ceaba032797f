/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sensor-file.h - sensors described in YAML (Documentation/sensors.md).
 */
#ifndef SENSE_CALIBRATE_SENSOR_FILE_H
#define SENSE_CALIBRATE_SENSOR_FILE_H

#include <sense/sensor.h>

/* @kind: "rtd", ...; @name: what the sensor shall be called. NULL with an error. */
struct sense_sensor *sensor_file_load(const char *kind, const char *path, const char *name);

/* "2027-03-31" and @days later, TAI ns. 0 or -EINVAL, without a word. */
int sensor_file_date(const char *text, int days, int64_t *ns);

/*
 * Take from a DCC: item, identifier, dates, digest; for a resistance thermometer whose R0 is NaN
 * the equation, and where the sensor has none, range and uncertainty. 0 or -errno with the error.
 */
int sensor_certificate_apply(struct sense_sensor *sensor, const char *path);

#endif
