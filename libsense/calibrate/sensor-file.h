/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sensor-file.h - sensors described in YAML (Documentation/sensors.md).
 */
#ifndef SENSE_CALIBRATE_SENSOR_FILE_H
#define SENSE_CALIBRATE_SENSOR_FILE_H

#include <sense/sensor.h>

/* @kind: "rtd", ...; @name: what the sensor shall be called. NULL with an error. */
struct sense_sensor *sensor_file_load(const char *kind, const char *path, const char *name);

#endif
