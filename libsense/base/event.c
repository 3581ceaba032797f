// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/clock.h>
#include <sense/event.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const types[SENSE_EVENT_TYPES] = {
	[SENSE_EVENT_NONE] = "none",
	[SENSE_EVENT_GAP] = "gap",
	[SENSE_EVENT_FAULT] = "fault",
	[SENSE_EVENT_FAULT_CLEARED] = "fault-cleared",
	[SENSE_EVENT_SATURATION] = "saturation",
	[SENSE_EVENT_SATURATION_CLEARED] = "saturation-cleared",
	[SENSE_EVENT_CLOCK_STEP] = "clock-step",
	[SENSE_EVENT_CLOCK_UNSYNCHRONISED] = "clock-unsynchronised",
	[SENSE_EVENT_CLOCK_SYNCHRONISED] = "clock-synchronised",
	[SENSE_EVENT_DEVICE_ADDED] = "device-added",
	[SENSE_EVENT_DEVICE_REMOVED] = "device-removed",
	[SENSE_EVENT_BUFFER_RECLAIMED] = "buffer-reclaimed",
	[SENSE_EVENT_STREAM_STARTED] = "stream-started",
	[SENSE_EVENT_STREAM_STOPPED] = "stream-stopped",
	[SENSE_EVENT_CONFIGURATION] = "configuration",
	[SENSE_EVENT_COMMAND] = "command",
	[SENSE_EVENT_OPERATOR] = "operator",
	[SENSE_EVENT_SAFETY] = "safety",
	[SENSE_EVENT_STORAGE] = "storage",
	[SENSE_EVENT_EVENTS_LOST] = "events-lost",
};

static const char *const severities[] = { "info", "notice", "warning", "error", "critical" };

static const char *const causes[SENSE_GAP_CAUSES] = {
	[SENSE_GAP_UNKNOWN] = "unknown", [SENSE_GAP_CARD] = "card",
	[SENSE_GAP_KERNEL] = "kernel",	 [SENSE_GAP_READER] = "reader",
	[SENSE_GAP_CORRUPT] = "corrupt", [SENSE_GAP_TIME] = "time",
	[SENSE_GAP_STORAGE] = "storage",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *name_of(const char *const *table, size_t count, unsigned int value,
			   const char *otherwise)
{
	return value < count && table[value] ? table[value] : otherwise;
}

static unsigned int value_of(const char *const *table, size_t count, const char *name)
{
	for (unsigned int i = 0; name && i < count; i++)
		if (table[i] && !strcmp(table[i], name))
			return i;
	return 0;
}

const char *sense_event_type_name(enum sense_event_type type)
{
	return name_of(types, COUNT(types), type, "unknown");
}

const char *sense_severity_name(enum sense_severity severity)
{
	return name_of(severities, COUNT(severities), severity, "unknown");
}

const char *sense_gap_cause_name(enum sense_gap_cause cause)
{
	return name_of(causes, COUNT(causes), cause, "unknown");
}

enum sense_event_type sense_event_type_from_name(const char *name)
{
	return (enum sense_event_type)value_of(types, COUNT(types), name);
}

enum sense_severity sense_severity_from_name(const char *name)
{
	return (enum sense_severity)value_of(severities, COUNT(severities), name);
}

enum sense_gap_cause sense_gap_cause_from_name(const char *name)
{
	return (enum sense_gap_cause)value_of(causes, COUNT(causes), name);
}

void sense_event_init(struct sense_event *event, enum sense_event_type type,
		      enum sense_severity severity, const char *object, const char *format, ...)
{
	va_list args;

	memset(event, 0, sizeof(*event));
	event->time_ns = sense_clock_now_ns();
	event->sequence = SENSE_SEQUENCE_NONE;
	event->type = type;
	event->severity = severity;
	if (object)
		snprintf(event->object, sizeof(event->object), "%s", object);
	va_start(args, format);
	vsnprintf(event->message, sizeof(event->message), format, args);
	va_end(args);
}
