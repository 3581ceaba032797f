// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <math.h>

#include <sense/deviation.h>

#include "base/error.h"

void sense_deviation_init(struct sense_deviation *d, double limit)
{
	*d = (struct sense_deviation){
		.limit = limit, .least = INFINITY, .most = -INFINITY, .first_time = NAN,
		.time = NAN, .outside_time = NAN, .entered_time = NAN,
	};
}

int sense_deviation_add(struct sense_deviation *d, double time, double value)
{
	double magnitude = fabs(value), step;

	if (!isfinite(time) || time <= d->time)
		return sense_fail(EINVAL, "deviation", "times in s, rising",
				  "time %g s does not follow %g s", time, d->time);
	step = d->n ? time - d->time : 0;
	if (!d->n)
		d->first_time = time;
	d->time = time;
	d->n++;
	if (magnitude <= d->limit) {
		d->inside++;
		if (isnan(d->entered_time))
			d->entered_time = time;
	} else {
		d->outside_time = time;
		d->entered_time = NAN;
	}
	if (!isfinite(value))
		return 0;
	d->finite++;
	d->sum += value;
	d->squares += value * value;
	d->integral += magnitude * step;
	d->max = fmax(d->max, magnitude);
	d->least = fmin(d->least, value);
	d->most = fmax(d->most, value);
	return 0;
}

double sense_deviation_get_rms(const struct sense_deviation *d)
{
	return d->finite ? sqrt(d->squares / d->finite) : NAN;
}

double sense_deviation_get_mean(const struct sense_deviation *d)
{
	return d->finite ? d->sum / d->finite : NAN;
}

double sense_deviation_get_fluctuation(const struct sense_deviation *d)
{
	return d->most >= d->least ? d->most - d->least : NAN;
}

double sense_deviation_get_within(const struct sense_deviation *d)
{
	return d->n ? (double)d->inside / d->n : NAN;
}

double sense_deviation_get_settling(const struct sense_deviation *d, double since)
{
	if (isnan(d->entered_time))
		return NAN;
	if (isnan(d->outside_time) || d->outside_time < since)
		return 0;
	return d->entered_time - since;
}
