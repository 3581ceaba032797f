// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/health.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/arena.h"

struct sense_health {
	struct arena arena;
	struct sense_health_point *points;
	unsigned int count;
	struct sense_health_verdict verdict;
};

/* Room for what the drift needs and a health visit does not tell. */
struct sample {
	struct sense_health_visit visit;
	double nominal;
	struct sense_drift_point drift;
};

void sense_health_setup_init(struct sense_health_setup *setup)
{
	*setup = (struct sense_health_setup){ .baseline = 8,
					      .centre = NAN,
					      .sigma = NAN,
					      .tolerance = NAN,
					      .k = 2,
					      .today = sense_day_today(),
					      .horizon = 3652.5 };
}

static int check(const struct sense_health_setup *s)
{
	if (isnan(s->centre) != isnan(s->sigma) || s->sigma <= 0 || isinf(s->centre) ||
	    isinf(s->sigma))
		return sense_fail(EINVAL, "control chart", "state centre and a sigma above 0",
				  "limits are stated in part, or with a sigma that is none");
	if (s->tolerance <= 0 || isinf(s->tolerance) || !(s->k > 0) || !(s->horizon > 0) ||
	    !isfinite(s->horizon) || s->horizon > 73050 || s->baseline < 2)
		return sense_fail(EINVAL, "health",
				  "tolerance, coverage factor and horizon (at most 200 years) are "
				  "above 0, the baseline 2 or more",
				  "what to judge by makes no sense");
	return 0;
}

/* A number that is the same for all entries with one reference. */
static unsigned int group_of(const struct sense_calibration_log *log, unsigned int index)
{
	const struct sense_log_entry *own = sense_calibration_log_get_entry(log, index);

	for (unsigned int i = 0; i < index; i++) {
		const struct sense_log_entry *e = sense_calibration_log_get_entry(log, i);

		if (strcmp(e->certificate_sha256, own->certificate_sha256) == 0 &&
		    strcmp(e->reference, own->reference) == 0 &&
		    strcmp(e->reference_serial, own->reference_serial) == 0)
			return i;
	}
	return index;
}

static int by_nominal(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	if (x->nominal != y->nominal)
		return x->nominal < y->nominal ? -1 : 1;
	return (x->visit.entry > y->visit.entry) - (x->visit.entry < y->visit.entry);
}

/* All points of all entries; *@count of them. NULL without memory or any. */
static struct sample *collect(const struct sense_calibration_log *log, int first_current,
			      unsigned int *count)
{
	unsigned int n = 0, entries = sense_calibration_log_get_count(log);
	struct sample *samples;

	for (unsigned int i = 0; i < entries; i++)
		n += sense_calibration_log_get_entry(log, i)->point_count;
	*count = 0;
	samples = calloc(n ? n : 1, sizeof(*samples));
	for (unsigned int i = 0; samples && i < entries; i++) {
		const struct sense_log_entry *e = sense_calibration_log_get_entry(log, i);
		unsigned int group = e->point_count ? group_of(log, i) : i;

		for (unsigned int j = 0; e->kind != SENSE_LOG_ADJUSTMENT && j < e->point_count;
		     j++) {
			const struct sense_log_point *p = &e->points[j];
			double own2 = p->u_reference * p->u_reference - p->u_common * p->u_common;
			struct sample *s = &samples[(*count)++];

			s->nominal = p->nominal;
			s->visit = (struct sense_health_visit){
				.day = e->day,
				.kind = e->kind,
				.entry = i,
				.error = p->indicated - p->reference,
				.u = hypot(p->u_reference, p->u_indicated),
				.current = (int)i >= first_current,
			};
			s->drift = (struct sense_drift_point){
				.day = e->day,
				.error = s->visit.error,
				.u = sqrt(fmax(own2, 0) + p->u_indicated * p->u_indicated),
				.u_common = p->u_common,
				.group = group,
			};
		}
	}
	return samples;
}

static void take_note(char note[160])
{
	snprintf(note, 160, "%s", sense_error_last()->sentence);
}

/* Judge the checks; signals go to the visits. */
static int judge_chart(const struct sense_health_setup *setup, struct sense_health_point *point,
		       struct sense_health_visit *visits, unsigned int count)
{
	double *values = calloc(count, sizeof(*values));
	uint32_t *signals = calloc(count, sizeof(*signals));
	unsigned int n = 0;

	if (!values || !signals) {
		free(values);
		free(signals);
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < count; i++)
		if (visits[i].current && visits[i].kind == SENSE_LOG_CHECK)
			values[n++] = visits[i].error;
	if (!isnan(setup->sigma)) {
		point->limits = (struct sense_control_limits){ setup->centre, setup->sigma, 0 };
		point->has_limits = true;
	} else {
		point->has_limits =
			!sense_control_limits_from(values, n, setup->baseline, &point->limits);
		if (!point->has_limits)
			take_note(point->limits_note);
	}
	if (point->has_limits) {
		point->signals = sense_control_chart(values, n, &point->limits, signals);
		n = 0;
		for (unsigned int i = 0; i < count; i++)
			if (visits[i].current && visits[i].kind == SENSE_LOG_CHECK)
				visits[i].signals = signals[n++];
	}
	free(values);
	free(signals);
	return 0;
}

static int judge_drift(const struct sense_health_setup *setup, struct sense_health_point *point,
		       const struct sample *samples, unsigned int count)
{
	struct sense_drift_point *points = calloc(count, sizeof(*points));
	unsigned int n = 0;

	if (!points)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++)
		if (samples[i].visit.current)
			points[n++] = samples[i].drift;
	point->has_drift = !sense_drift_fit(points, n, &point->drift);
	if (!point->has_drift)
		take_note(point->drift_note);
	if (point->has_drift && !isnan(setup->tolerance)) {
		sense_drift_forecast(&point->drift, setup->tolerance, setup->k, points[n - 1].day,
				     setup->horizon, &point->forecast);
		point->has_forecast = true;
	}
	free(points);
	return 0;
}

static int judge_point(struct sense_health *h, const struct sense_health_setup *setup,
		       const struct sample *samples, unsigned int count)
{
	struct sense_health_point *point = &h->points[h->count++];
	struct sense_health_visit *visits = arena_alloc(&h->arena, count * sizeof(*visits));
	const struct sense_health_visit *last = &samples[count - 1].visit;
	int result;

	if (!visits)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++)
		visits[i] = samples[i].visit;
	point->nominal = samples[0].nominal;
	point->visits = visits;
	point->visit_count = count;
	result = judge_chart(setup, point, visits, count);
	if (!result)
		result = judge_drift(setup, point, samples, count);
	point->exceeds = last->current && !isnan(setup->tolerance) &&
			 fabs(last->error) > setup->tolerance;
	return result;
}

static void give_verdict(struct sense_health *h, const struct sense_calibration_log *log,
			 const struct sense_health_setup *setup)
{
	struct sense_health_verdict *v = &h->verdict;
	double due = INFINITY;

	for (unsigned int i = 0; i < h->count; i++) {
		v->out_of_control |= h->points[i].signals != 0;
		v->exceeds |= h->points[i].exceeds;
		if (h->points[i].has_forecast)
			due = fmin(due, h->points[i].forecast.due);
	}
	if (isfinite(due)) {
		v->has_due = v->due_by_forecast = true;
		v->due_day = (int32_t)floor(due);
	}
	/* The last word in the log on how long the sensor may be relied on. */
	for (unsigned int i = sense_calibration_log_get_count(log); i-- > 0;) {
		const char *until = sense_calibration_log_get_entry(log, i)->valid_until;
		int32_t day;

		if (!*until || sense_day_parse(until, &day))
			continue;
		if (!v->has_due || day < v->due_day) {
			v->has_due = true;
			v->due_by_forecast = false;
			v->due_day = day;
		}
		break;
	}
	v->overdue = v->has_due && setup->today > v->due_day;
}

static int judge(struct sense_health *h, const struct sense_calibration_log *log,
		 const struct sense_health_setup *setup)
{
	unsigned int entries = sense_calibration_log_get_count(log), count;
	int first_current = 0, result = 0;
	struct sample *samples;

	h->verdict.adjusted_day = INT32_MIN;
	h->verdict.last_day = INT32_MIN;
	for (unsigned int i = 0; i < entries; i++) {
		const struct sense_log_entry *e = sense_calibration_log_get_entry(log, i);

		if (e->kind != SENSE_LOG_ADJUSTMENT) {
			h->verdict.last_day = e->day;
			continue;
		}
		h->verdict.adjusted_day = e->day;
		if (!setup->across_adjustments)
			first_current = (int)i + 1;
	}
	samples = collect(log, first_current, &count);
	h->points = arena_alloc(&h->arena, (size_t)(count + 1) * sizeof(*h->points));
	if (!samples || !h->points) {
		free(samples);
		return sense_fail(ENOMEM, "health", NULL, "no memory to judge a calibration log");
	}
	qsort(samples, count, sizeof(*samples), by_nominal);
	for (unsigned int i = 0, n; !result && i < count; i += n) {
		for (n = 1; i + n < count && samples[i + n].nominal == samples[i].nominal; n++)
			;
		result = judge_point(h, setup, samples + i, n);
	}
	free(samples);
	if (result)
		return sense_fail(ENOMEM, "health", NULL, "no memory to judge a calibration log");
	if (!count)
		return sense_fail(ENODATA, "", "add checks with 'sense calibrate --check'",
				  "the calibration log has no comparison in it");
	give_verdict(h, log, setup);
	return 0;
}

struct sense_health *sense_health_new(const struct sense_calibration_log *log,
				      const struct sense_health_setup *setup)
{
	struct sense_health *h;

	if (check(setup))
		return NULL;
	h = calloc(1, sizeof(*h));
	if (!h)
		return sense_fail_null(ENOMEM, "health", NULL, "no memory for a verdict");
	if (judge(h, log, setup)) {
		sense_health_free(h);
		return NULL;
	}
	return h;
}

void sense_health_free(struct sense_health *h)
{
	if (!h)
		return;
	arena_free(&h->arena);
	free(h);
}

unsigned int sense_health_get_point_count(const struct sense_health *h)
{
	return h->count;
}

const struct sense_health_point *sense_health_get_point(const struct sense_health *h,
							unsigned int index)
{
	return index < h->count ? &h->points[index] : NULL;
}

struct sense_health_verdict sense_health_get_verdict(const struct sense_health *h)
{
	return h->verdict;
}
