/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * safety.h - when a loop must let go. A plain state machine: facts in, a state and an event out.
 * A trip is latched: the output stays at its safe value until the cause has gone and a person
 * has acknowledged. No allocation, no clock of its own; one thread.
 */
#ifndef SENSE_SAFETY_H
#define SENSE_SAFETY_H

#include <sense/api.h>
#include <sense/event.h>

SENSE_BEGIN_DECLS

/** Causes, a mask. */
enum sense_safety_cause {
	SENSE_SAFETY_SENSOR_FAULT	= 1 << 0,	/**< the channel reports a fault, or no number */
	SENSE_SAFETY_STALE		= 1 << 1,	/**< the newest sample is too old */
	SENSE_SAFETY_DIVERGENCE		= 1 << 2,	/**< plant and model have parted */
	SENSE_SAFETY_CALIBRATION	= 1 << 3,	/**< the calibration has expired */
	SENSE_SAFETY_DEADLINES		= 1 << 4,	/**< too many deadlines missed in a row */
	SENSE_SAFETY_OVER_TEMPERATURE	= 1 << 5,	/**< outside the permitted temperatures */
	SENSE_SAFETY_ACTUATOR		= 1 << 6,	/**< the output could not be written */
};

struct sense_safety_limits {
	double stale_periods;		/**< age beyond which a sample is stale, in periods (3) */
	double divergence;		/**< mean square innovation by what noise explains (25) */
	unsigned int divergence_steps;	/**< and for so many steps on end (600: doors are no fault) */
	unsigned int missed_deadlines;	/**< so many on end (3) */
	double temperature_min, temperature_max;	/**< degC */
	double safe_output;		/**< A, applied while tripped (0) */
};

/** The defaults named above, and 0 to 60 degC. */
SENSE_API void sense_safety_limits_init(struct sense_safety_limits *limits);

/** What one period brought. */
struct sense_safety_facts {
	double temperature;		/**< degC; NaN: no number */
	double age_periods;		/**< of the newest sample */
	double innovation_ratio;	/**< as sense_controller_output has it */
	int sensor_fault;		/**< 1: the channel's fault bit */
	int calibration_expired;
	int deadline_missed;
	int output_failed;		/**< the last write of the output failed */
};

struct sense_safety {
	struct sense_safety_limits limits;
	uint32_t latched;		/**< causes since the last acknowledgement; 0: running */
	uint32_t present;		/**< causes at the last step */
	unsigned int missed, diverging;	/**< steps on end */
};

/** 0; -EINVAL for limits that no plant can keep. */
SENSE_API int sense_safety_init(struct sense_safety *safety,
				const struct sense_safety_limits *limits);

/**
 * sense_safety_step() - judge one period. Returns 1 when tripped (apply the safe output), else 0.
 * @event (may be NULL) is filled when a cause is new, and its type is SENSE_EVENT_NONE otherwise;
 * event->count is the mask of new causes.
 */
SENSE_API int sense_safety_step(struct sense_safety *safety,
				const struct sense_safety_facts *facts, struct sense_event *event);

/**
 * sense_safety_acknowledge() - a person says: seen. 0 and the loop may run again; -EBUSY while a
 * cause persists; -EINVAL without an author; -EALREADY when nothing is latched.
 */
SENSE_API int sense_safety_acknowledge(struct sense_safety *safety, const char *author,
				       struct sense_event *event);

/** Name of one cause ("sensor-fault", ...), static; "" for none. */
SENSE_API const char *sense_safety_cause_name(enum sense_safety_cause cause);

SENSE_END_DECLS

#endif
