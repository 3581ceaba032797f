/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * health.h - a calibration log judged: is the sensor in control, does it drift, when is it due.
 *
 * Every nominal point of the log is judged by itself, from the entries after the last adjustment:
 * what lies before it was another characteristic. The control chart is of the checks alone; the
 * drift is fitted through all comparisons.
 */
#ifndef SENSE_HEALTH_H
#define SENSE_HEALTH_H

#include <stdbool.h>

#include <sense/api.h>
#include <sense/calibration-log.h>
#include <sense/control-chart.h>
#include <sense/drift.h>

SENSE_BEGIN_DECLS

struct sense_health_setup {
	unsigned int baseline;	/**< checks that the limits come from, 2 or more */
	double centre, sigma;	/**< or limits stated, in the log's unit; NaN: from the checks */
	double tolerance;	/**< greatest error allowed, > 0; NaN: none */
	double k;		/**< coverage factor of intervals */
	int32_t today;		/**< days since 1970-01-01 */
	double horizon;		/**< days to look ahead from the last comparison */
	bool across_adjustments; /**< judge the whole log instead */
};

/** sense_health_setup_init() - baseline 8, k 2, today, ten years ahead, no tolerance. */
SENSE_API void sense_health_setup_init(struct sense_health_setup *setup);

/** One comparison at one nominal point. */
struct sense_health_visit {
	int32_t day;
	enum sense_log_kind kind;
	unsigned int entry;	/**< its index in the log */
	double error;		/**< indicated less reference */
	double u;		/**< standard uncertainty of it */
	bool current;		/**< after the last adjustment: judged */
	uint32_t signals;	/**< SENSE_CONTROL_*; of a check that is judged */
};

struct sense_health_point {
	double nominal;
	const struct sense_health_visit *visits;
	unsigned int visit_count;
	bool has_limits;
	struct sense_control_limits limits;
	char limits_note[160];	/**< why there are none */
	uint32_t signals;	/**< all of them */
	bool has_drift;
	struct sense_drift drift;
	char drift_note[160];
	bool has_forecast;	/**< with a drift and a tolerance */
	struct sense_drift_forecast forecast;
	bool exceeds;		/**< the last error is beyond the tolerance */
};

struct sense_health;

/**
 * sense_health_new() - judge @log, which may be freed afterwards. Owned; _free(). NULL: -EINVAL (a
 * setup that makes no sense), -ENODATA (a log without comparisons), -ENOMEM.
 */
SENSE_API struct sense_health *sense_health_new(const struct sense_calibration_log *log,
						const struct sense_health_setup *setup);
SENSE_API void sense_health_free(struct sense_health *health);

/** Nominal points, rising. Borrowed; NULL past the end. */
SENSE_API unsigned int sense_health_get_point_count(const struct sense_health *health);
SENSE_API const struct sense_health_point *sense_health_get_point(const struct sense_health *health,
								  unsigned int index);

struct sense_health_verdict {
	bool out_of_control;	/**< a rule signals at some point */
	bool exceeds;		/**< a last error is beyond the tolerance */
	bool overdue;		/**< today is past @due_day */
	bool has_due;
	int32_t due_day;	/**< last day to rely on it: by forecast, or by what the log says */
	bool due_by_forecast;
	int32_t last_day;	/**< of the last comparison */
	int32_t adjusted_day;	/**< of the last adjustment, INT32_MIN for none */
};
SENSE_API struct sense_health_verdict sense_health_get_verdict(const struct sense_health *health);

SENSE_END_DECLS

#endif
