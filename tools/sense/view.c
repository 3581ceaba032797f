// SPDX-License-Identifier: GPL-2.0-or-later
#include "view.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Sums of deviations from the part's first value, so that nothing cancels. */
struct part {
	uint64_t n, faults, saturated, outside, expired;
	double shift, sum, squares, min, max;
};

struct view {
	pthread_mutex_t lock; /* everything below, between the taker and the looker */
	struct sense_layout *layout;
	unsigned int channels, parts, now;
	struct part *part;	/* parts x channels */
	struct part *total;	/* channels */
	double *last, *last_u;
	const char **unit;
	uint32_t *frame_flags;	/* per part */
	uint64_t *scan_flags;
};

struct view *view_new(struct sense_layout *layout, unsigned int parts)
{
	unsigned int channels = sense_layout_get_channel_count(layout);
	struct view *view = calloc(1, sizeof(*view));

	if (!view)
		abort();
	pthread_mutex_init(&view->lock, NULL);
	view->layout = sense_layout_ref(layout);
	view->channels = channels;
	view->parts = parts;
	view->part = calloc((size_t)parts * channels + 1, sizeof(*view->part));
	view->total = calloc(channels + 1, sizeof(*view->total));
	view->last = calloc(channels + 1, sizeof(*view->last));
	view->last_u = calloc(channels + 1, sizeof(*view->last_u));
	view->unit = calloc(channels + 1, sizeof(*view->unit));
	view->frame_flags = calloc(parts, sizeof(*view->frame_flags));
	view->scan_flags = calloc(parts, sizeof(*view->scan_flags));
	if (!view->part || !view->total || !view->last || !view->last_u || !view->unit ||
	    !view->frame_flags || !view->scan_flags)
		abort();
	for (unsigned int c = 0; c < channels; c++) {
		view->last[c] = view->last_u[c] = NAN;
		view->unit[c] = sense_channel_info_get_unit(sense_layout_get_channel(layout, c));
	}
	return view;
}

void view_free(struct view *view)
{
	if (!view)
		return;
	pthread_mutex_destroy(&view->lock);
	sense_layout_unref(view->layout);
	free(view->part);
	free(view->total);
	free(view->last);
	free(view->last_u);
	free(view->unit);
	free(view->frame_flags);
	free(view->scan_flags);
	free(view);
}

static void put(struct part *part, double value)
{
	double d;

	if (part->n++ == 0) {
		part->shift = part->min = part->max = value;
		return;
	}
	d = value - part->shift;
	part->sum += d;
	part->squares += d * d;
	if (value < part->min)
		part->min = value;
	if (value > part->max)
		part->max = value;
}

static double mean_of(const struct part *part)
{
	return part->shift + part->sum / (double)part->n;
}

/* Sum of squared deviations from the part's own mean. */
static double spread_of(const struct part *part)
{
	double s = part->squares - part->sum * part->sum / (double)part->n;

	return s > 0 ? s : 0;
}

static void merge(struct part *into, const struct part *part)
{
	double d, mean, spread;
	uint64_t n = into->n + part->n;

	into->faults += part->faults;
	into->saturated += part->saturated;
	into->outside += part->outside;
	into->expired += part->expired;
	if (!part->n)
		return;
	if (!into->n) {
		struct part counted = *into;

		*into = *part;
		into->faults = counted.faults;
		into->saturated = counted.saturated;
		into->outside = counted.outside;
		into->expired = counted.expired;
		return;
	}
	/* Pairwise update (Chan, Golub and LeVeque, 1979). */
	d = mean_of(part) - mean_of(into);
	mean = mean_of(into) + d * (double)part->n / (double)n;
	spread = spread_of(into) + spread_of(part) +
		 d * d * (double)into->n * (double)part->n / (double)n;
	into->n = n;
	into->shift = mean;
	into->sum = 0;
	into->squares = spread;
	if (part->min < into->min)
		into->min = part->min;
	if (part->max > into->max)
		into->max = part->max;
}

static void take_channel(struct view *view, const struct sense_frame *frame, unsigned int c,
			 uint32_t slots)
{
	const struct sense_channel_info *info = sense_layout_get_channel(view->layout, c);
	const uint64_t *present = sense_frame_get_present(frame);
	const uint64_t *fault = sense_frame_get_fault(frame);
	const uint64_t *saturation = sense_frame_get_saturation(frame);
	const int32_t *raw = sense_frame_get_raw(frame, c);
	const double *value = sense_frame_get_value(frame, c);
	const double *u = sense_frame_get_value_u(frame, c);
	double scale = sense_channel_info_get_scale(info);
	double offset = sense_channel_info_get_offset(info);
	struct part *part = &view->part[view->now * view->channels + c];
	uint64_t bit = UINT64_C(1) << c;

	if (value)
		view->unit[c] = sense_frame_get_value_unit(frame, c);
	for (uint32_t i = 0; i < slots; i++) {
		double v;

		if (!(present[i / 64] >> (i % 64) & 1))
			continue;
		v = value ? value[i] : (raw[i] + offset) * scale;
		if (saturation[i] & bit)
			part->saturated++;
		if (value) {
			uint32_t quality = sense_frame_get_quality(frame, c, i);

			part->outside += !!(quality & SENSE_QUALITY_OUTSIDE);
			part->expired += !!(quality & SENSE_QUALITY_EXPIRED);
		}
		if (fault[i] & bit || isnan(v)) {
			part->faults++;
			view->last[c] = view->last_u[c] = NAN;
			continue;
		}
		put(part, v);
		view->last[c] = v;
		view->last_u[c] = u ? u[i] : NAN;
	}
}

uint64_t view_take(struct view *view, const struct sense_frame *frame, uint64_t limit)
{
	uint32_t count = sense_frame_get_count(frame), slots;
	const uint64_t *flags = sense_frame_get_scan_flags(frame);
	uint64_t taken = 0;

	pthread_mutex_lock(&view->lock);
	for (slots = 0; slots < count && taken < limit; slots++) {
		if (!sense_frame_is_present(frame, slots))
			continue;
		taken++;
		view->scan_flags[view->now] |= flags[slots];
	}
	view->frame_flags[view->now] |= sense_frame_get_flags(frame);
	for (unsigned int c = 0; c < view->channels; c++)
		take_channel(view, frame, c, slots);
	pthread_mutex_unlock(&view->lock);
	return taken;
}

void view_turn(struct view *view)
{
	pthread_mutex_lock(&view->lock);
	for (unsigned int c = 0; c < view->channels; c++)
		merge(&view->total[c], &view->part[view->now * view->channels + c]);
	view->now = (view->now + 1) % view->parts;
	memset(&view->part[view->now * view->channels], 0, view->channels * sizeof(*view->part));
	view->frame_flags[view->now] = 0;
	view->scan_flags[view->now] = 0;
	pthread_mutex_unlock(&view->lock);
}

static struct view_numbers numbers(const struct part *part)
{
	struct view_numbers numbers = { .n = part->n,
					.faults = part->faults,
					.saturated = part->saturated,
					.outside = part->outside,
					.expired = part->expired,
					.mean = NAN,
					.std = NAN,
					.min = NAN,
					.max = NAN };

	if (part->n) {
		numbers.mean = mean_of(part);
		numbers.min = part->min;
		numbers.max = part->max;
	}
	if (part->n > 1)
		numbers.std = sqrt(spread_of(part) / (double)(part->n - 1));
	return numbers;
}

struct view_numbers view_get_window(struct view *view, unsigned int channel)
{
	struct part sum = { .n = 0 };

	pthread_mutex_lock(&view->lock);
	for (unsigned int p = 0; p < view->parts; p++)
		merge(&sum, &view->part[p * view->channels + channel]);
	pthread_mutex_unlock(&view->lock);
	return numbers(&sum);
}

struct view_numbers view_get_total(struct view *view, unsigned int channel)
{
	struct part sum;

	pthread_mutex_lock(&view->lock);
	sum = view->total[channel];
	merge(&sum, &view->part[view->now * view->channels + channel]);
	pthread_mutex_unlock(&view->lock);
	return numbers(&sum);
}

struct sense_layout *view_get_layout(const struct view *view)
{
	return view->layout;
}

const char *view_get_unit(struct view *view, unsigned int channel)
{
	const char *unit;

	pthread_mutex_lock(&view->lock);
	unit = view->unit[channel];
	pthread_mutex_unlock(&view->lock);
	return unit;
}

double view_get_last(struct view *view, unsigned int channel)
{
	double last;

	pthread_mutex_lock(&view->lock);
	last = view->last[channel];
	pthread_mutex_unlock(&view->lock);
	return last;
}

double view_get_last_u(struct view *view, unsigned int channel)
{
	double u;

	pthread_mutex_lock(&view->lock);
	u = view->last_u[channel];
	pthread_mutex_unlock(&view->lock);
	return u;
}

uint32_t view_get_frame_flags(struct view *view)
{
	uint32_t flags = 0;

	pthread_mutex_lock(&view->lock);
	for (unsigned int p = 0; p < view->parts; p++)
		flags |= view->frame_flags[p];
	pthread_mutex_unlock(&view->lock);
	return flags;
}

uint64_t view_get_scan_flags(struct view *view)
{
	uint64_t flags = 0;

	pthread_mutex_lock(&view->lock);
	for (unsigned int p = 0; p < view->parts; p++)
		flags |= view->scan_flags[p];
	pthread_mutex_unlock(&view->lock);
	return flags;
}
