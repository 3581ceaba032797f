// SPDX-License-Identifier: GPL-2.0-or-later
#include "describe.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <sense/clock.h>

#include "say.h"

static const struct {
	uint32_t bit;
	const char *name;
} features[] = {
	{ SENSE_FEATURE_STREAM, "stream" },
	{ SENSE_FEATURE_SEQUENCE, "sequence" },
	{ SENSE_FEATURE_STATUS, "status" },
	{ SENSE_FEATURE_COUNTER, "counter" },
	{ SENSE_FEATURE_LOST_RANGES, "lost-ranges" },
	{ SENSE_FEATURE_LOOP_BUFFER, "loop-buffer" },
	{ SENSE_FEATURE_SIMULATED, "simulated" },
};
#define FEATURES (sizeof(features) / sizeof(features[0]))

const char *describe_features(uint32_t bits, char *text, size_t size)
{
	size_t at = 0;

	snprintf(text, size, "-");
	for (unsigned int i = 0; i < FEATURES; i++)
		if (bits & features[i].bit && at < size)
			at += (size_t)snprintf(text + at, size - at, "%s%s", at ? " " : "",
					       features[i].name);
	return text;
}

json_t *describe_real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *describe_u64(uint64_t value)
{
	return value <= INT64_MAX ? json_integer((json_int_t)value) : json_null();
}

json_t *describe_channel(const struct sense_channel_info *info)
{
	int64_t min, max;
	json_t *channel = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:o, s:o, s:i}", "name",
		sense_channel_info_get_name(info), "iio", sense_channel_info_get_iio_id(info), "kind",
		sense_kind_name(sense_channel_info_get_kind(info)), "unit",
		sense_channel_info_get_unit(info), "direction",
		sense_channel_info_get_direction(info) == SENSE_OUTPUT ? "output" : "input", "bits",
		(int)sense_channel_info_get_bits(info), "streamable",
		sense_channel_info_is_streamable(info), "scale",
		describe_real(sense_channel_info_get_scale(info)), "offset",
		describe_real(sense_channel_info_get_offset(info)), "group",
		(int)sense_channel_info_get_group(info));

	if (channel && sense_channel_info_get_range(info, &min, &max) == 0)
		json_object_set_new(channel, "range_raw", json_pack("[I, I]", (json_int_t)min,
								    (json_int_t)max));
	return channel;
}

json_t *describe_device(const struct sense_device_info *info)
{
	uint32_t bits = sense_device_info_get_features(info);
	unsigned int count;
	const double *rates = sense_device_info_get_rates_hz(info, &count);
	json_t *list = json_array(), *names = json_array(), *hz = json_array();

	for (unsigned int i = 0; i < FEATURES; i++)
		if (bits & features[i].bit)
			json_array_append_new(names, json_string(features[i].name));
	for (unsigned int i = 0; i < count; i++)
		json_array_append_new(hz, describe_real(rates[i]));
	for (unsigned int i = 0; i < sense_device_info_get_channel_count(info); i++)
		json_array_append_new(list,
				      describe_channel(sense_device_info_get_channel(info, i)));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:o, s:o, s:o}", "id",
			 sense_device_info_get_id(info), "name", sense_device_info_get_name(info),
			 "label", sense_device_info_get_label(info), "serial",
			 sense_device_info_get_serial(info), "driver",
			 sense_device_info_get_driver(info), "kernel_name",
			 sense_device_info_get_kernel_name(info), "node",
			 sense_device_info_get_node(info), "sysfs",
			 sense_device_info_get_sysfs_path(info), "buffers",
			 (int)sense_device_info_get_buffer_count(info), "simulated",
			 !!(bits & SENSE_FEATURE_SIMULATED), "features", names, "rates_hz", hz,
			 "channels", list);
}

json_t *describe_event(const struct sense_event *event, int32_t tai_offset_s)
{
	char utc[32];
	json_t *object = json_pack(
		"{s:s, s:I, s:s, s:s, s:s, s:o, s:o, s:s, s:s}", "time",
		sense_clock_format(event->time_ns, tai_offset_s, utc), "time_tai_ns",
		(json_int_t)event->time_ns, "severity",
		sense_severity_name((enum sense_severity)event->severity), "type",
		sense_event_type_name((enum sense_event_type)event->type), "object", event->object,
		"sequence", describe_u64(event->sequence), "count", describe_u64(event->count),
		"author", event->author, "message", event->message);

	if (object && event->type == SENSE_EVENT_GAP)
		json_object_set_new(object, "cause",
				    json_string(sense_gap_cause_name(
					    (enum sense_gap_cause)event->cause)));
	return object;
}

const char *describe_attribute(const struct sense_device_info *info, const char *name, char *text,
			       size_t size)
{
	char path[512];
	FILE *file;

	*text = 0;
	snprintf(path, sizeof(path), "%s/%s", sense_device_info_get_sysfs_path(info), name);
	file = fopen(path, "re");
	if (!file)
		return text;
	if (!fgets(text, (int)size, file))
		*text = 0;
	text[strcspn(text, "\n")] = 0;
	fclose(file);
	return text;
}

void describe_print_event(FILE *file, const struct sense_event *event, int32_t tai_offset_s)
{
	enum ink colour = event->severity >= SENSE_SEVERITY_ERROR   ? INK_BAD :
			  event->severity >= SENSE_SEVERITY_WARNING ? INK_WARN :
								      INK_PLAIN;
	char utc[32];

	sense_clock_format(event->time_ns, tai_offset_s, utc);
	if (say_is_terminal(file))
		fprintf(file, "%.23s  %s%-8s%s  %-20s  %s%s%s%s%s%s\n", utc, ink(file, colour),
			sense_severity_name((enum sense_severity)event->severity),
			ink(file, INK_PLAIN),
			sense_event_type_name((enum sense_event_type)event->type), event->object,
			*event->object ? ": " : "", event->message, *event->author ? " (by " : "",
			event->author, *event->author ? ")" : "");
	else
		fprintf(file, "%s\t%s\t%s\t%s\t%s\t%s\n", utc,
			sense_severity_name((enum sense_severity)event->severity),
			sense_event_type_name((enum sense_event_type)event->type),
			*event->object ? event->object : "-", *event->author ? event->author : "-",
			event->message);
}
