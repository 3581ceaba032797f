/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * config.h - the YAML file that describes a pipeline. Documentation/configuration.md.
 */
#ifndef SENSE_CONFIG_H
#define SENSE_CONFIG_H

#include <sense/api.h>
#include <sense/calibrator.h>
#include <sense/stream.h>

SENSE_BEGIN_DECLS

/** Immutable once loaded. */
struct sense_config;

/**
 * sense_config_load() / sense_config_parse() - read and check a configuration.
 * @name: what to call it in errors. Owned; sense_config_free(). NULL with an error whose object is
 * "file:line" and whose sentence names the key.
 */
SENSE_API struct sense_config *sense_config_load(const char *path);
SENSE_API struct sense_config *sense_config_parse(const char *name, const char *text,
						  size_t length);
SENSE_API void sense_config_free(struct sense_config *config);

/** One finding of a check: where, which key, what is wrong, what to do. Borrowed strings. */
struct sense_config_finding {
	unsigned int line;
	const char *key;
	const char *sentence;
	const char *remedy;
};

/**
 * sense_config_check() - everything that is wrong with a file, not just the first thing.
 * Calls @function per finding. Returns the number of findings (0: good) or -errno when the file
 * cannot be read.
 */
SENSE_API int sense_config_check(const char *path,
				 void (*function)(void *context,
						  const struct sense_config_finding *finding),
				 void *context);

/**
 * Record bytes per day that this configuration will write. Where it leaves rate or channels to the
 * device, the device is asked; 0 when that is not there either, or when nothing is recorded.
 */
SENSE_API double sense_config_get_bytes_per_day(const struct sense_config *config);
/** Path of the record; "" for none. Borrowed. */
SENSE_API const char *sense_config_get_record_path(const struct sense_config *config);
/** Devices configured, in order, and the id each is named by ("any": the only one). Borrowed. */
SENSE_API unsigned int sense_config_get_device_count(const struct sense_config *config);
SENSE_API const char *sense_config_get_device_id(const struct sense_config *config,
						 unsigned int index);
/**
 * Put in force in @calibrator what the configuration says of a device, for who reads a stream without
 * a pipeline. @layout: the stream's, and the calibrator's; @only_present: leave out channels that it
 * does not have, rather than refuse. 0, or as sense_calibration_new(). Not while the calibrator is
 * in use.
 */
SENSE_API int sense_config_calibrate(const struct sense_config *config, unsigned int device,
				     struct sense_layout *layout, int only_present,
				     struct sense_calibrator *calibrator);
/** The text as loaded: what the record stores. Borrowed. */
SENSE_API const char *sense_config_get_text(const struct sense_config *config);

SENSE_END_DECLS

#endif
