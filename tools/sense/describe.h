/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * describe.h - devices, channels, events and gaps as words and as JSON; the
 * same keys in every subcommand.
 */
#ifndef SENSE_DESCRIBE_H
#define SENSE_DESCRIBE_H

#include <jansson.h>
#include <sense/device.h>
#include <sense/event.h>

/* "sequence status counter ..."; "-" for none. */
const char *describe_features(uint32_t features, char *text, size_t size);

json_t *describe_device(const struct sense_device_info *info);
json_t *describe_channel(const struct sense_channel_info *info);
json_t *describe_event(const struct sense_event *event, int32_t tai_offset_s);

/* A device attribute of sysfs as text without newline; "" where there is none. */
const char *describe_attribute(const struct sense_device_info *info, const char *name, char *text,
			       size_t size);

/* NaN and infinity have no place in JSON: they become null. */
json_t *describe_real(double value);
/* 64-bit numbers above 2^63 - 1 do not fit a JSON integer: null (no sequence number). */
json_t *describe_u64(uint64_t value);

/* One event as a line: time, severity, type, object, what. */
void describe_print_event(FILE *file, const struct sense_event *event, int32_t tai_offset_s);

#endif
