// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/observer.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "twin/filter.h"
#include "twin/model.h"

struct sense_observer {
	struct twin_system system;
	struct twin_filter filter;
	struct twin_interval *table;
	int64_t *interval_ns;
	unsigned int count;
	char digest[TWIN_DIGEST];
	struct twin_state state;
	double innovation[TWIN_MAX_OUTPUTS], variance[TWIN_MAX_OUTPUTS];
};

/* What a warm start needs; the digest says of which model. */
struct kept {
	char digest[TWIN_DIGEST];
	struct twin_state state;
};

void sense_observer_free(struct sense_observer *o)
{
	if (!o)
		return;
	free(o->table);
	free(o->interval_ns);
	free(o);
}

struct sense_observer *sense_observer_new(const struct sense_model *model, unsigned int count,
					  const int64_t *interval_ns)
{
	struct sense_observer *o;
	double least = INFINITY, nominal, fraction;
	int whole = 0;

	if (!count)
		return sense_fail_null(EINVAL, "observer", "give the period at least",
				       "an observer was asked for without an interval");
	o = calloc(1, sizeof(*o));
	if (o) {
		o->table = calloc(count, sizeof(*o->table));
		o->interval_ns = calloc(count, sizeof(*o->interval_ns));
	}
	if (!o || !o->table || !o->interval_ns) {
		sense_observer_free(o);
		return sense_fail_null(ENOMEM, "observer", NULL, "no memory for %u intervals", count);
	}
	o->system = model->system;
	o->count = count;
	memcpy(o->digest, model->digest, sizeof(o->digest));
	memcpy(o->interval_ns, interval_ns, count * sizeof(*interval_ns));
	for (unsigned int i = 0; i < count; i++)
		least = fmin(least, (double)interval_ns[i] * 1e-9);
	/* A delay of more than the shortest interval is counted in whole ones of the first. */
	nominal = (double)interval_ns[0] * 1e-9;
	if (o->system.delay_s > least)
		whole = (int)fmin(floor(o->system.delay_s / nominal), TWIN_MAX_DELAY + 1);
	fraction = o->system.delay_s - whole * nominal;
	if (whole > TWIN_MAX_DELAY) {
		sense_fail(EDOM, "observer", "take a longer period",
			   "the delay of %g s is more than %d intervals of %g s", o->system.delay_s,
			   TWIN_MAX_DELAY, nominal);
		sense_observer_free(o);
		return NULL;
	}
	for (unsigned int i = 0; i < count; i++) {
		double t = (double)interval_ns[i] * 1e-9;

		if (twin_interval_set(&o->system, t, fmin(fraction, t > 0 ? t : 0), &o->table[i])) {
			sense_observer_free(o);
			return NULL;
		}
	}
	o->filter = (struct twin_filter){ &o->system, o->table, whole };
	for (int i = 0; i < TWIN_MAX_OUTPUTS; i++)
		o->innovation[i] = o->variance[i] = NAN;
	return o;
}

void sense_observer_start(struct sense_observer *o, const double *outputs, const double *inputs)
{
	twin_filter_start(&o->filter, &o->state, outputs, inputs);
	sense_observer_correct(o, outputs);
}

static int find(const struct sense_observer *o, int64_t interval_ns)
{
	for (unsigned int i = 0; i < o->count; i++) {
		int64_t off = o->interval_ns[i] - interval_ns;

		if ((off < 0 ? -off : off) <= o->interval_ns[i] / 1000)
			return (int)i;
	}
	return -1;
}

int sense_observer_predict(struct sense_observer *o, int64_t interval_ns, const double *inputs)
{
	int index = find(o, interval_ns);

	if (index < 0)
		return -EDOM;
	twin_filter_predict(&o->filter, &o->state, index, inputs, 1);
	for (int i = 0; i < o->system.outputs; i++)
		o->innovation[i] = o->variance[i] = NAN;
	return 0;
}

void sense_observer_correct(struct sense_observer *o, const double *outputs)
{
	twin_filter_correct(&o->filter, &o->state, outputs, o->innovation, o->variance);
}

double sense_observer_get_value(const struct sense_observer *o, unsigned int output)
{
	return twin_filter_output(&o->filter, &o->state, (int)output);
}

double sense_observer_get_u(const struct sense_observer *o, unsigned int output)
{
	double v = twin_filter_variance(&o->filter, &o->state, (int)output);

	/* Rounding may leave a vanishing variance below 0. */
	return v > 0 ? sqrt(v) : 0;
}

double sense_observer_get_measured_u(const struct sense_observer *o, unsigned int output)
{
	double v = twin_filter_variance(&o->filter, &o->state, (int)output);

	return sqrt((v > 0 ? v : 0) + o->system.r[output]);
}

double sense_observer_get_innovation(const struct sense_observer *o, unsigned int output)
{
	return o->innovation[output];
}

double sense_observer_get_normalised_innovation(const struct sense_observer *o, unsigned int output)
{
	return o->innovation[output] / sqrt(o->variance[output]);
}

int sense_observer_forecast(const struct sense_observer *o, unsigned int steps, int64_t interval_ns,
			    const double *inputs, const double *held, double *values, double *u)
{
	struct twin_state ahead = o->state;
	int index = find(o, interval_ns), p = o->system.outputs;

	if (index < 0)
		return -EDOM;
	if (!inputs && !held && o->system.inputs)
		return -EINVAL;
	for (unsigned int k = 0; k < steps; k++) {
		twin_filter_predict(&o->filter, &ahead, index,
				    inputs ? &inputs[k * (unsigned int)o->system.inputs] : held,
				    u != NULL);
		for (int i = 0; i < p; i++) {
			values[k * (unsigned int)p + (unsigned int)i] =
				twin_filter_output(&o->filter, &ahead, i);
			if (u)
				u[k * (unsigned int)p + (unsigned int)i] =
					sqrt(fmax(twin_filter_variance(&o->filter, &ahead, i), 0) +
					     o->system.r[i]);
		}
	}
	return 0;
}

size_t sense_observer_get_state_size(const struct sense_observer *o __attribute__((unused)))
{
	return sizeof(struct kept);
}

void sense_observer_get_state(const struct sense_observer *o, void *state)
{
	struct kept *kept = state;

	memset(kept, 0, sizeof(*kept));
	memcpy(kept->digest, o->digest, sizeof(kept->digest));
	kept->state = o->state;
}

int sense_observer_set_state(struct sense_observer *o, const void *state, size_t size)
{
	const struct kept *kept = state;

	if (size != sizeof(*kept) || memcmp(kept->digest, o->digest, sizeof(kept->digest)))
		return sense_fail(EINVAL, "state", "start the observer anew",
				  "the state is not that of model %s", o->digest);
	o->state = kept->state;
	return 0;
}

const double *sense_observer_get_states(const struct sense_observer *o)
{
	return o->state.x;
}
