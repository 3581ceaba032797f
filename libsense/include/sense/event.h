/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * event.h - what happened besides samples: faults, gaps, clock steps,
 * configuration, operator actions, safety. One type everywhere: it travels
 * the pipeline's ring, is stored in the record and printed by the tools.
 *
 * The struct is plain data of fixed size so that the real-time side can make
 * one without allocating.
 */
#ifndef SENSE_EVENT_H
#define SENSE_EVENT_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

enum sense_event_type {
	SENSE_EVENT_NONE = 0,
	SENSE_EVENT_GAP,		/**< scans are missing: sequence, count and cause say which */
	SENSE_EVENT_FAULT,		/**< a channel went into fault */
	SENSE_EVENT_FAULT_CLEARED,
	SENSE_EVENT_SATURATION,		/**< a channel left its range */
	SENSE_EVENT_SATURATION_CLEARED,
	SENSE_EVENT_CLOCK_STEP,		/**< the clock was set; count is the step's magnitude, ns */
	SENSE_EVENT_CLOCK_UNSYNCHRONISED,
	SENSE_EVENT_CLOCK_SYNCHRONISED,
	SENSE_EVENT_DEVICE_ADDED,
	SENSE_EVENT_DEVICE_REMOVED,
	SENSE_EVENT_BUFFER_RECLAIMED,	/**< a dead process had left a kernel buffer enabled */
	SENSE_EVENT_STREAM_STARTED,
	SENSE_EVENT_STREAM_STOPPED,
	SENSE_EVENT_CONFIGURATION,	/**< configuration took effect; an epoch begins */
	SENSE_EVENT_COMMAND,		/**< a command was taken; author says by whom */
	SENSE_EVENT_OPERATOR,		/**< a person did or said something */
	SENSE_EVENT_SAFETY,		/**< outputs went to their safe value */
	SENSE_EVENT_STORAGE,		/**< disk low, full, failed */
	SENSE_EVENT_EVENTS_LOST,	/**< count events before this one found no room in a queue */
	SENSE_EVENT_TYPES
};

enum sense_severity {
	SENSE_SEVERITY_INFO = 0,
	SENSE_SEVERITY_NOTICE,
	SENSE_SEVERITY_WARNING,
	SENSE_SEVERITY_ERROR,
	SENSE_SEVERITY_CRITICAL
};

/** Why scans are missing. */
enum sense_gap_cause {
	SENSE_GAP_UNKNOWN = 0,
	SENSE_GAP_CARD,		/**< the card's ring was full */
	SENSE_GAP_KERNEL,	/**< the kernel buffer was full: the reader was too slow */
	SENSE_GAP_READER,	/**< the reader had no free frame, or the ring to the record was full */
	SENSE_GAP_CORRUPT,	/**< the card delivered what the driver could not accept */
	SENSE_GAP_TIME,		/**< judged by time: a device without sequence numbers */
	SENSE_GAP_STORAGE,	/**< the record could not take it: disk full or failed */
	SENSE_GAP_CAUSES
};

/** A run of missing scans. */
struct sense_gap {
	uint64_t first_sequence;
	uint64_t count;
	uint32_t cause;		/**< enum sense_gap_cause */
	uint32_t reserved;
};

struct sense_event {
	int64_t time_ns;	/**< TAI */
	uint64_t sequence;	/**< first scan it concerns, or SENSE_SEQUENCE_NONE */
	uint64_t count;		/**< by type: scans missing, channels' mask, ns stepped */
	uint32_t type;		/**< enum sense_event_type */
	uint32_t severity;	/**< enum sense_severity */
	uint32_t cause;		/**< enum sense_gap_cause, for SENSE_EVENT_GAP */
	uint32_t stream;	/**< which stream of a pipeline; 0 where there is one */
	char object[64];	/**< device id, channel, file, key; zero-terminated */
	char author[32];	/**< who did it; "" for the system itself */
	char message[192];	/**< one sentence, zero-terminated */
};

/** Names as stored and printed: "gap", "clock-step", ...; static strings, never NULL. */
SENSE_API const char *sense_event_type_name(enum sense_event_type type);
SENSE_API const char *sense_severity_name(enum sense_severity severity);
SENSE_API const char *sense_gap_cause_name(enum sense_gap_cause cause);

/** The inverses; NONE, INFO and UNKNOWN for a name they do not know. */
SENSE_API enum sense_event_type sense_event_type_from_name(const char *name);
SENSE_API enum sense_severity sense_severity_from_name(const char *name);
SENSE_API enum sense_gap_cause sense_gap_cause_from_name(const char *name);

/**
 * sense_event_init() - fill @event with the present TAI time and the words given.
 * Strings are cut to fit; @object may be NULL. Does not allocate and takes no lock.
 */
SENSE_API void sense_event_init(struct sense_event *event, enum sense_event_type type,
				enum sense_severity severity, const char *object,
				const char *format, ...) SENSE_PRINTF(5, 6);

SENSE_END_DECLS

#endif
